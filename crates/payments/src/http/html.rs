//! The payer's pages: the list of invoices, one invoice, the card on the cabinet's first page.

use askama::Template;
use async_trait::async_trait;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::get;
use contracts::Ctx;
use contracts::payments::InvoiceState;
use kernel::id::{InvoiceId, SubjectId};
use serde::Deserialize;
use web::i18n::T;
use web::module::{Card, CardLine};
use web::{AppState, CabinetCard, Citizen, Meta, Page, WebError};

use crate::domain::number;
use crate::service::{self, Error};
use crate::store::{self, Invoice};

impl From<Error> for WebError {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(source) => source.into(),
            Error::Commit(source) => source.into(),
            Error::Numbers => WebError::internal(error),
        }
    }
}

/// Paths without the language.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/cabinet/invoices", get(list)).route("/invoices/{id}", get(one))
}

/// Entries of a page of the list.
const PAGE: u32 = 20;

#[derive(Deserialize, Default)]
struct Before {
    #[serde(default)]
    before: String,
}

/// An invoice in the list.
struct Item {
    open: bool,
    href: String,
    title: String,
    number: String,
    amount: String,
    state: String,
    kind: &'static str,
    note: String,
}

#[derive(Template)]
#[template(path = "payments/list.html")]
struct List<'a> {
    page: &'a Page,
    items: Vec<Item>,
    next: String,
}

/// Words and colour of a state.
fn state_words(t: &T, state: InvoiceState) -> (String, &'static str) {
    match state {
        InvoiceState::Open => (t.t("payments-state-open"), "waiting"),
        InvoiceState::Paid => (t.t("payments-state-paid"), "success"),
        InvoiceState::Expired => (t.t("payments-state-expired"), "neutral"),
        InvoiceState::Cancelled => (t.t("payments-state-cancelled"), "neutral"),
        InvoiceState::Refunded => (t.t("payments-state-refunded"), "warning"),
    }
}

/// Words and colour of an invoice: its state, or that its money is to go back.
fn words_of(t: &T, invoice: &Invoice) -> (String, &'static str) {
    match invoice.awaits_refund() {
        Some(_) => (t.t("payments-state-refund-due"), "progress"),
        None => state_words(t, invoice.state),
    }
}

/// What the date beside an invoice says.
fn note(t: &T, invoice: &Invoice) -> String {
    match (invoice.state, invoice.paid_at) {
        (InvoiceState::Open, _) => t.t1("payments-until", "date", t.datetime(&invoice.expires)),
        (InvoiceState::Paid | InvoiceState::Refunded, Some(at)) => t.t1("payments-paid-at", "date", t.datetime(&at)),
        (InvoiceState::Paid | InvoiceState::Refunded | InvoiceState::Expired | InvoiceState::Cancelled, _) => {
            String::new()
        }
    }
}

async fn list(citizen: Citizen, Query(query): Query<Before>) -> Result<Response, WebError> {
    let before = query.before.parse::<InvoiceId>().ok();
    let mut found = service::list(citizen.ctx(), citizen.subject, before, PAGE + 1).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let next = match found.last().filter(|_| more) {
        Some(last) => citizen.href(&format!("/cabinet/invoices?before={}", last.id)),
        None => String::new(),
    };
    let items = found
        .iter()
        .map(|invoice| {
            let (state, kind) = words_of(&citizen.t, invoice);
            Item {
                open: invoice.state == InvoiceState::Open,
                href: citizen.href(&format!("/invoices/{}", invoice.id)),
                title: invoice.title.get(citizen.lang()).into_owned(),
                number: number::shown(&invoice.number),
                amount: citizen.t.money(&invoice.amount),
                state,
                kind,
                note: note(&citizen.t, invoice),
            }
        })
        .collect();
    let meta = Meta::new(citizen.t("payments-list-title")).cabinet("/cabinet/invoices");
    citizen.render(meta, &List { page: &citizen.page, items, next })
}

/// A component of the fee, in words.
struct Line {
    title: String,
    base: String,
    rate: String,
    relief: String,
    amount: String,
}

#[derive(Template)]
#[template(path = "payments/invoice.html")]
struct One<'a> {
    page: &'a Page,
    title: String,
    number: String,
    plain_number: String,
    amount: String,
    state: String,
    kind: &'static str,
    open: bool,
    paid: bool,
    over: bool,
    /// Where to pay; empty when no provider is configured.
    pay: String,
    expires: String,
    paid_at: String,
    covered: bool,
    /// Since when the money is to go back; empty = it is not.
    refund: String,
    credit: String,
    case_number: String,
    case_href: String,
    lines: Vec<Line>,
    created: String,
}

async fn one(citizen: Citizen, Path(id): Path<String>) -> Result<Response, WebError> {
    let id = id.parse::<InvoiceId>().map_err(|_| WebError::not_found())?;
    let invoice = service::invoice(citizen.ctx(), citizen.subject, id).await?.ok_or_else(WebError::not_found)?;
    let (page, t) = (&citizen.page, &citizen.t);
    let (state, kind) = words_of(t, &invoice);
    // The periodic task marks it within a minute; the page does not offer what the provider would refuse.
    let late = invoice.expires <= citizen.ctx().now();
    let open = invoice.state == InvoiceState::Open && !late;
    let credit = invoice.credit_until.filter(|until| invoice.credit_used_by.is_none() && *until > citizen.ctx().now());
    let lines = invoice.lines.iter().map(|line| line_words(t, line)).collect();
    let body = One {
        page,
        title: invoice.title.get(page.lang()).into_owned(),
        number: number::shown(&invoice.number),
        plain_number: invoice.number.clone(),
        amount: t.money(&invoice.amount),
        state,
        kind,
        open,
        paid: invoice.state == InvoiceState::Paid && invoice.refund_due_at.is_none(),
        over: matches!(invoice.state, InvoiceState::Expired | InvoiceState::Cancelled)
            || (invoice.state == InvoiceState::Open && late),
        pay: service::checkout_url(citizen.ctx(), &invoice, page.lang()).unwrap_or_default(),
        expires: t.datetime(&invoice.expires),
        paid_at: invoice.paid_at.map(|at| t.datetime(&at)).unwrap_or_default(),
        covered: invoice.covered_by.is_some(),
        refund: invoice.awaits_refund().map(|since| t.datetime(&since)).unwrap_or_default(),
        credit: credit.map(|until| t.datetime(&until)).unwrap_or_default(),
        case_number: number::shown(&invoice.case_number),
        case_href: page.href(&format!("/cases/{}", invoice.case)),
        lines,
        created: t.datetime(&invoice.created_at),
    };
    let title = t.t1("payments-invoice-title", "number", number::shown(&invoice.number));
    citizen.render(Meta::new(title).cabinet("/cabinet/invoices"), &body)
}

fn line_words(t: &T, line: &contracts::applications::FeeLine) -> Line {
    let relief = match line.relief.as_deref() {
        None | Some("") => String::new(),
        Some("social_register") => t.t("payments-relief-social-register"),
        Some("disability_1_2") => t.t("payments-relief-disability"),
        Some("orphan") => t.t("payments-relief-orphan"),
        Some(other) => other.to_owned(),
    };
    Line {
        title: line.title.get(t.lang()).into_owned(),
        base: t.money(&line.base),
        rate: match line.channel_rate.as_str() {
            "1" | "1.0" => String::new(),
            rate if t.lang() == kernel::lang::Lang::En => rate.to_owned(),
            // Everywhere else here the comma parts decimals.
            rate => rate.replace('.', ","),
        },
        relief,
        amount: t.money(&line.amount),
    }
}

/// "To pay" on the cabinet's first page.
pub(crate) struct InvoicesCard;

#[async_trait]
impl CabinetCard for InvoicesCard {
    async fn card(&self, ctx: &Ctx, t: &T, subject: SubjectId) -> Result<Option<Card>, WebError> {
        let found = store::of_subject(&ctx.db, subject, None, PAGE).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let open: Vec<&Invoice> = found.iter().filter(|invoice| invoice.state == InvoiceState::Open).collect();
        let summary =
            if open.is_empty() { t.t("payments-card-none") } else { t.t1("payments-card-open", "n", open.len()) };
        let shown: Vec<&Invoice> =
            if open.is_empty() { found.iter().take(3).collect() } else { open.iter().take(3).copied().collect() };
        let lines = shown
            .into_iter()
            .map(|invoice| CardLine {
                text: format!("{} · {}", invoice.title.get(t.lang()), t.money(&invoice.amount)),
                note: match invoice.state {
                    InvoiceState::Open => note(t, invoice),
                    state => state_words(t, state).0,
                },
                href: format!("/invoices/{}", invoice.id),
            })
            .collect();
        Ok(Some(Card {
            title: t.t("payments-list-title"),
            summary,
            lines,
            link: "/cabinet/invoices",
            link_text: t.t("payments-card-all"),
            urgent: !open.is_empty(),
        }))
    }
}
