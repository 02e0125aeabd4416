//! Statistics of a service by status, rating and month, as a page with charts, and as CSV.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use contracts::applications::ServiceStats;
use kernel::lang::Lang;
use web::csv::Csv;
use web::ui::Link;
use web::{Meta, Page, WebError};

use super::passport::decimal;

/// Width of a chart in its own units; it is scaled to the page.
const WIDTH: u64 = 320;
/// Height of a bar with its label.
const ROW: u64 = 34;
/// Months that a chart shows.
const MONTHS: usize = 24;

/// A bar of a chart, drawn by the server.
struct ChartBar {
    label: String,
    shown: String,
    /// Share of all, in per cent with one digit.
    share: String,
    label_y: u64,
    y: u64,
    width: u64,
}

/// A chart with the table that says the same.
struct Chart {
    id: &'static str,
    title: String,
    /// Head of the column of labels.
    what: String,
    height: u64,
    bars: Vec<ChartBar>,
}

/// Lays bars out: the largest fills the width, one that is not zero is never invisible.
fn chart(page: &Page, id: &'static str, title: String, what: String, rows: Vec<(String, u64)>) -> Chart {
    let most = rows.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    let sum: u64 = rows.iter().map(|(_, n)| *n).sum();
    let bars: Vec<ChartBar> = rows
        .into_iter()
        .zip(0_u64..)
        .map(|((label, n), place)| ChartBar {
            label,
            shown: page.t.number(i64::try_from(n).unwrap_or(i64::MAX)),
            share: share(n, sum, page.lang()),
            label_y: place * ROW + 13,
            y: place * ROW + 18,
            width: if n == 0 { 0 } else { (n.saturating_mul(WIDTH) / most).max(2) },
        })
        .collect();
    Chart { id, title, what, height: u64::try_from(bars.len()).unwrap_or(0) * ROW, bars }
}

/// Per cent of the whole with one digit, rounded half up, as the language writes it.
fn share(n: u64, sum: u64, lang: Lang) -> String {
    let tenths = (u128::from(n) * 1_000 + u128::from(sum) / 2).checked_div(u128::from(sum)).unwrap_or(0);
    let text = decimal(&format!("{}.{}", tenths / 10, tenths % 10), lang);
    if lang == Lang::En { format!("{text}%") } else { format!("{text}\u{a0}%") }
}

fn by_status(stats: &ServiceStats) -> [(&'static str, &'static str, u64); 6] {
    [
        ("new", "catalog-passport-stats-new", stats.new),
        ("in_progress", "catalog-passport-stats-progress", stats.in_progress),
        ("finished", "catalog-passport-stats-finished", stats.finished),
        ("refused", "catalog-passport-stats-refused", stats.refused),
        ("awaiting_payment", "catalog-passport-stats-payment", stats.awaiting_payment),
        ("cancelled", "catalog-passport-stats-cancelled", stats.cancelled),
    ]
}

#[derive(Template)]
#[template(path = "catalog/statistics.html")]
struct StatisticsPage<'a> {
    page: &'a Page,
    trail: Vec<Link>,
    title: String,
    published: String,
    charts: Vec<Chart>,
    csv: String,
    width: u64,
}

/// `/services/{code}/statistics`
pub(crate) async fn statistics(page: Page, Path(code): Path<String>) -> Result<Response, WebError> {
    let ctx = page.ctx();
    let definition = ctx.ports.catalog.shown(ctx, &code).await?.ok_or_else(WebError::not_found)?;
    let stats = ctx.ports.cases.stats(ctx, &code).await?;
    let months = ctx.ports.cases.by_month(ctx, &code).await?;
    let mut charts = Vec::new();
    let rows: Vec<(String, u64)> = by_status(&stats).into_iter().map(|(_, key, n)| (page.t(key), n)).collect();
    if rows.iter().any(|(_, n)| *n > 0) {
        let title = page.t("catalog-statistics-by-status");
        charts.push(chart(&page, "by-status", title, page.t("catalog-passport-status"), rows));
    }
    if stats.ratings.iter().any(|n| *n > 0) {
        let stars = [5_u8, 4, 3, 2, 1].into_iter().zip(stats.ratings.iter().rev());
        let rows = stars.map(|(n, count)| (page.t1("catalog-passport-ratings-star", "n", n), *count)).collect();
        let title = page.t("catalog-passport-ratings");
        charts.push(chart(&page, "by-rating", title, page.t("catalog-statistics-rating"), rows));
    }
    if !months.is_empty() {
        let rows = months.into_iter().rev().take(MONTHS).map(|(month, n)| (month_name(&page, &month), n)).collect();
        let title = page.t("catalog-statistics-by-month");
        charts.push(chart(&page, "by-month", title, page.t("catalog-statistics-month"), rows));
    }
    let passport = definition.passport();
    let service = passport.title.get(page.lang()).into_owned();
    let title = page.t1("catalog-statistics-title", "title", &service);
    let published = passport.statistics.as_ref().and_then(|published| published.uses);
    let body = StatisticsPage {
        page: &page,
        trail: vec![Link::new(page.href(&format!("/services/{code}")), service)],
        published: published.map_or_else(String::new, |n| page.t1("catalog-passport-stats-published", "n", n)),
        charts,
        csv: page.href(&format!("/services/{code}/statistics.csv")),
        width: WIDTH,
        title: title.clone(),
    };
    page.render(Meta::public(title), &body)
}

/// "2026-11" as people read it.
fn month_name(page: &Page, month: &str) -> String {
    let parts = month.split_once('-').and_then(|(year, n)| Some((year, n.parse::<i8>().ok()?)));
    match parts.map(|(year, n)| (year, kernel::format::month(n, page.lang()))) {
        Some((year, name)) if !name.is_empty() => format!("{year} · {name}"),
        _ => month.to_owned(),
    }
}

/// `/services/{code}/statistics.csv`: kind of the count, its key, the count. Keys are the same in every language.
pub(crate) async fn file(page: Page, Path(code): Path<String>) -> Result<Response, WebError> {
    let ctx = page.ctx();
    let definition = ctx.ports.catalog.shown(ctx, &code).await?.ok_or_else(WebError::not_found)?;
    let stats = ctx.ports.cases.stats(ctx, &code).await?;
    let mut table = Csv::new(&["kind", "key", "count"]);
    for (name, _, n) in by_status(&stats) {
        table.row(&["status", name, &n.to_string()]);
    }
    for (stars, n) in (1..).zip(stats.ratings) {
        table.row(&["rating".to_owned(), stars.to_string(), n.to_string()]);
    }
    for (month, n) in ctx.ports.cases.by_month(ctx, &code).await? {
        table.row(&["month", &month, &n.to_string()]);
    }
    table.file(&format!("statistics-{}", definition.code()))
}

#[cfg(test)]
mod tests {
    use kernel::lang::Lang;

    use super::share;

    #[test]
    fn shares_are_rounded_half_up_and_nothing_of_nothing_is_nothing() {
        assert_eq!(share(1, 3, Lang::Uz), "33,3\u{a0}%");
        assert_eq!(share(2, 3, Lang::En), "66.7%");
        assert_eq!(share(0, 0, Lang::Ru), "0,0\u{a0}%");
        assert_eq!(share(u64::MAX, u64::MAX, Lang::Kaa), "100,0\u{a0}%");
    }
}
