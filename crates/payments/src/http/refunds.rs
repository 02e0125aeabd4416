//! What is to go back to payers: a list and a file for whoever cancels the payments at the provider.

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use contracts::applications::Outcome;
use kernel::clock::Timestamp;
use kernel::lang::Lang;
use web::csv::Csv;
use web::i18n::T;
use web::{AppState, Meta, Operator, Page, WebError};

use crate::domain::invoice::outcome_name;
use crate::domain::number;
use crate::service;
use crate::store::Refund;

const PATH: &str = "/staff/refunds";
/// Rows of the page; the file has more.
const SHOWN: u32 = 200;
/// Rows of the file: beyond it, the oldest are paid back first.
const LONGEST: u32 = 50_000;

/// Paths without the language.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route(PATH, get(list)).route("/staff/refunds.csv", get(file))
}

struct Row {
    number: String,
    case_number: String,
    service: String,
    title: String,
    amount: String,
    since: String,
    because: String,
    transaction: String,
}

#[derive(Template)]
#[template(path = "payments/refunds.html")]
struct Refunds<'a> {
    page: &'a Page,
    rows: Vec<Row>,
    count: String,
    sum: String,
    /// Not all are on the page.
    more: bool,
    file: String,
}

fn because(t: &T, outcome: Option<Outcome>) -> String {
    match outcome {
        Some(Outcome::Refused) => t.t("payments-refund-refused"),
        Some(Outcome::Withdrawn) => t.t("payments-refund-withdrawn"),
        Some(Outcome::Expired) => t.t("payments-refund-expired"),
        // No terms name it.
        Some(Outcome::Approved) | None => String::new(),
    }
}

async fn list(who: Operator) -> Result<Response, WebError> {
    let page = &who.page;
    let (count, sum, refunds) = service::refunds(page.ctx(), SHOWN).await?;
    let body = Refunds {
        page,
        count: page.t.number(count),
        sum: page.t.money(&sum),
        more: count > i64::from(SHOWN),
        file: page.href("/staff/refunds.csv"),
        rows: refunds
            .iter()
            .map(|refund| Row {
                number: number::shown(&refund.number),
                case_number: number::shown(&refund.case_number),
                service: refund.service.clone(),
                title: refund.title.get(page.lang()).into_owned(),
                amount: page.t.money(&refund.amount),
                since: page.t.datetime(&refund.since),
                because: because(&page.t, refund.because),
                transaction: refund.transaction.clone().unwrap_or_default(),
            })
            .collect(),
    };
    page.render(Meta::new(page.t("payments-refunds-title")).staff(PATH), &body)
}

/// Keys and values are the same in every language: the file is for programs, too. Who took it is recorded.
async fn file(who: Operator) -> Result<Response, WebError> {
    let page = &who.page;
    let (_, _, refunds) = service::refunds(page.ctx(), LONGEST).await?;
    let by = format!("{} ({})", page.display_name(), who.unit.as_str());
    service::record_export(page.ctx(), who.staff.uuid(), &by, refunds.len()).await?;
    let head =
        ["invoice", "application", "service", "title", "amount_som", "due_since", "because", "transaction", "paid_at"];
    let mut table = Csv::new(&head);
    for refund in &refunds {
        table.row(&cells(refund));
    }
    table.file("refunds")
}

fn cells(refund: &Refund) -> [String; 9] {
    let tiyin = refund.amount.get();
    let paid = refund.paid.and_then(|at| Timestamp::from_millisecond(at).ok());
    [
        refund.number.clone(),
        refund.case_number.clone(),
        refund.service.clone(),
        refund.title.get(Lang::Uz).into_owned(),
        format!("{}.{:02}", tiyin / 100, tiyin % 100),
        refund.since.to_string(),
        refund.because.map_or("", outcome_name).to_owned(),
        refund.transaction.clone().unwrap_or_default(),
        paid.map(|at| at.to_string()).unwrap_or_default(),
    ]
}
