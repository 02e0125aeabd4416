//! Own invoices as JSON, and the provider's endpoint.

use axum::Json;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use kernel::id::InvoiceId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::error::Problem;
use web::{ApiCitizen, AppState, WebError};

use crate::domain::invoice::state_name;
use crate::service;
use crate::store::Invoice;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).route("/payments/payme", any(super::payme::call))
}

/// Most entries of a page.
const LARGEST_PAGE: u32 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Id of the last invoice of the page before.
    before: Option<String>,
    /// 1 to 100, 50 when absent.
    limit: Option<u32>,
}

/// An invoice. Money in tiyin (1 so‘m = 100 tiyin), instants by RFC 3339.
#[derive(Serialize, ToSchema)]
struct InvoiceAnswer {
    id: String,
    /// Twelve digits with a check digit; what the payer types at the provider.
    number: String,
    case: String,
    case_number: String,
    service: String,
    /// In the language of `Accept-Language`.
    title: String,
    amount: i64,
    /// `open`, `paid`, `expired`, `cancelled`, `refunded`.
    state: String,
    expires: String,
    paid_at: Option<String>,
    /// Until when the fee may be used again after a refusal.
    credit_until: Option<String>,
    /// Since when the money is to go back to the payer; absent when it is not, and when it has gone (state `refunded`).
    refund_due_since: Option<String>,
    lines: Vec<LineAnswer>,
    /// Where to pay; absent when there is nothing to pay.
    pay_url: Option<String>,
}

/// A component of the fee.
#[derive(Serialize, ToSchema)]
struct LineAnswer {
    kind: String,
    title: String,
    base: i64,
    channel_rate: String,
    relief: Option<String>,
    amount: i64,
}

/// A page of invoices.
#[derive(Serialize, ToSchema)]
struct InvoicePage {
    items: Vec<InvoiceAnswer>,
    /// The `before` of the next page; absent on the last one.
    next: Option<String>,
}

fn answer(citizen: &ApiCitizen, invoice: &Invoice) -> InvoiceAnswer {
    let lang = citizen.t.lang();
    let open = invoice.state == contracts::payments::InvoiceState::Open;
    InvoiceAnswer {
        id: invoice.id.to_string(),
        number: invoice.number.clone(),
        case: invoice.case.to_string(),
        case_number: invoice.case_number.clone(),
        service: invoice.service.clone(),
        title: invoice.title.get(lang).into_owned(),
        amount: invoice.amount.get(),
        state: state_name(invoice.state).to_owned(),
        expires: invoice.expires.to_string(),
        paid_at: invoice.paid_at.map(|at| at.to_string()),
        credit_until: invoice.credit_until.map(|at| at.to_string()),
        refund_due_since: invoice.awaits_refund().map(|at| at.to_string()),
        lines: invoice
            .lines
            .iter()
            .map(|line| LineAnswer {
                kind: line.kind.clone(),
                title: line.title.get(lang).into_owned(),
                base: line.base.get(),
                channel_rate: line.channel_rate.clone(),
                relief: line.relief.clone(),
                amount: line.amount.get(),
            })
            .collect(),
        pay_url: open.then(|| service::checkout_url(citizen.ctx(), invoice, lang)).flatten(),
    }
}

/// Own invoices, the newest first.
#[utoipa::path(
    get, path = "/api/v1/invoices", tag = "payments", params(ListQuery),
    responses((status = 200, description = "A page", body = InvoicePage), (status = 401, description = "No live session", body = Problem))
)]
async fn list(citizen: ApiCitizen, Query(query): Query<ListQuery>) -> Result<Response, WebError> {
    let before = match query.before.as_deref() {
        None | Some("") => None,
        Some(text) => Some(text.parse::<InvoiceId>().map_err(|_| WebError::bad_request("BAD_ID"))?),
    };
    let limit = query.limit.unwrap_or(50).clamp(1, LARGEST_PAGE);
    let mut found = service::list(citizen.ctx(), citizen.subject, before, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = more.then(|| found.last().map(|last| last.id.to_string())).flatten();
    let items = found.iter().map(|invoice| answer(&citizen, invoice)).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(InvoicePage { items, next })).into_response())
}

/// An own invoice.
#[utoipa::path(
    get, path = "/api/v1/invoices/{id}", tag = "payments", params(("id" = String, Path, description = "Id of the invoice")),
    responses((status = 200, description = "The invoice", body = InvoiceAnswer), (status = 404, description = "No such invoice of yours", body = Problem))
)]
async fn one(citizen: ApiCitizen, Path(id): Path<String>) -> Result<Response, WebError> {
    let id = id.parse().map_err(|_| WebError::not_found())?;
    let found = service::invoice(citizen.ctx(), citizen.subject, id).await?.ok_or_else(WebError::not_found)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer(&citizen, &found))).into_response())
}
