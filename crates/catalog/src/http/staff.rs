//! For whoever looks after services: what people searched for and did not find.

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use contracts::Role;
use kernel::clock::Date;
use web::{AppState, Meta, Official, Page, WebError};

use crate::domain::missed::SHOWN_FROM;
use crate::service;

/// Days that are shown when none are chosen.
const DAYS: i32 = 30;

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/staff/searches", get(searches)).route("/staff/searches.csv", get(csv))
}

struct Row {
    question: String,
    asked: u64,
    last: String,
}

#[derive(Template)]
#[template(path = "catalog/missed.html")]
struct MissedPage<'a> {
    page: &'a Page,
    /// How often a question must have been asked to be shown.
    least: u64,
    /// As typed, so that a mistake can be seen.
    from: String,
    to: String,
    error: String,
    rows: Vec<Row>,
    csv: String,
}

fn may_see(official: &Official) -> Result<(), WebError> {
    let allowed = official.roles.contains(&Role::Operator) || official.roles.contains(&Role::Head);
    if allowed { Ok(()) } else { Err(WebError::forbidden()) }
}

/// The days of a query, as typed and as dates; `None` when they are no dates or run backwards.
fn days(query: &[(String, String)], today: Date) -> (String, String, Option<(Date, Date)>) {
    let typed = |name: &str, default: Date| {
        let found = query.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        let found = found.filter(|value| !value.is_empty()).map(|value| value.chars().take(20).collect());
        found.unwrap_or_else(|| default.to_string())
    };
    let from = typed("from", today.saturating_sub(jiff::Span::new().days(DAYS - 1)));
    let to = typed("to", today);
    let dates = match (from.parse::<Date>(), to.parse::<Date>()) {
        (Ok(from), Ok(to)) if from <= to => Some((from, to)),
        _ => None,
    };
    (from, to, dates)
}

async fn searches(official: Official, Query(query): Query<Vec<(String, String)>>) -> Result<Response, WebError> {
    may_see(&official)?;
    let page: &Page = &official;
    let (from, to, dates) = days(&query, page.ctx().today());
    let (error, rows) = match dates {
        Some((from, to)) => (String::new(), service::missed(page.ctx(), from, to).await.map_err(WebError::internal)?),
        None => (page.t("catalog-missed-days-wrong"), Vec::new()),
    };
    let rows =
        rows.into_iter().map(|row| Row { question: row.question, asked: row.asked, last: page.t.date(&row.last) });
    let csv =
        dates.map_or_else(String::new, |(from, to)| page.href(&format!("/staff/searches.csv?from={from}&to={to}")));
    let body = MissedPage { page, least: SHOWN_FROM, from, to, error, rows: rows.collect(), csv };
    page.render(Meta::new(page.t("catalog-missed-title")).staff("/staff/searches"), &body)
}

/// The same as a table for a spreadsheet (RFC 4180). Questions are folded to letters, digits and spaces, so that no cell is a formula.
async fn csv(official: Official, Query(query): Query<Vec<(String, String)>>) -> Result<Response, WebError> {
    may_see(&official)?;
    let ctx = official.ctx();
    let (_, _, dates) = days(&query, ctx.today());
    let (from, to) = dates.ok_or_else(|| WebError::bad_request("DAYS"))?;
    let mut text = String::from("question,asked,last\r\n");
    for row in service::missed(ctx, from, to).await.map_err(WebError::internal)? {
        text.push_str(&format!("{},{},{}\r\n", row.question, row.asked, row.last));
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"searches-without-result.csv\""),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_that_run_backwards_or_are_none_are_refused() {
        let today = jiff::civil::date(2026, 11, 24);
        let pair = |from: &str, to: &str| vec![("from".to_owned(), from.to_owned()), ("to".to_owned(), to.to_owned())];
        assert_eq!(days(&[], today).2, Some((jiff::civil::date(2026, 10, 26), today)));
        assert!(days(&pair("2026-11-01", "2026-11-24"), today).2.is_some());
        for (from, to) in [("2026-11-24", "2026-11-01"), ("x", "2026-11-01"), ("2026-02-30", "2026-11-01")] {
            assert_eq!(days(&pair(from, to), today), (from.to_owned(), to.to_owned(), None));
        }
    }
}
