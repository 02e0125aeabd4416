//! The demo bank: plays the payment provider.
//!
//! It knows of the portal what a real provider knows: the address of the merchant's endpoint and its key. Everything else
//! goes over HTTP by the Payme Merchant API. Where things are: `lib.rs` pages and their order of calls · `merchant.rs` the
//! protocol, from the provider's side · `order.rs` what the checkout address says · `words.rs` texts.
//!
//! Absent on purpose: any dependency on the portal's contexts or database.

mod merchant;
mod order;
mod words;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use kernel::clock::{Clock, SystemClock, Timestamp};
use kernel::lang::Lang;
use kernel::money::Tiyin;
use kernel::rng::{Rng, SystemRng};
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::merchant::{Failure, Merchant};
use crate::order::Order;
use crate::words::{Words, words};

/// The card that is always charged.
pub const CARD_OK: &str = "ok";
/// The card that the bank declines.
pub const CARD_DECLINED: &str = "declined";

/// Reason of a cancellation: the card could not be debited.
const REASON_DEBIT: i64 = 2;
/// Reason of a cancellation: the money goes back.
const REASON_REFUND: i64 = 5;

#[derive(Clone)]
struct Bank(Arc<Inner>);

struct Inner {
    merchant: Merchant,
    payments: Mutex<Vec<Payment>>,
}

/// A payment as the bank keeps it, in memory.
#[derive(Clone)]
struct Payment {
    id: String,
    invoice: String,
    amount: Tiyin,
    at: Timestamp,
    state: i64,
}

/// Serves the bank on an address until the process ends.
///
/// `merchant_url` is the merchant's endpoint (`…/payments/payme`), `key` what the merchant expects from us.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(addr: SocketAddr, merchant_url: impl Into<String>, key: impl Into<String>) -> io::Result<()> {
    serve_on(TcpListener::bind(addr).await?, merchant_url, key).await
}

/// [`serve`] on a listener that exists already (tests take any free port).
///
/// # Errors
/// When the listener fails.
pub async fn serve_on(
    listener: TcpListener,
    merchant_url: impl Into<String>,
    key: impl Into<String>,
) -> io::Result<()> {
    axum::serve(listener, router(merchant_url, key)).await
}

/// Reads the address of a checkout: where the payer goes afterwards, if it is one. For `testkit` and the fuzzer.
#[doc(hidden)]
pub fn order_leads_back_to(address: &str) -> Option<String> {
    let order = Order::read(address)?;
    let _ = (order.check(), order.create("0", 0));
    Some(order.back().to_owned())
}

/// The pages of the bank.
pub fn router(merchant_url: impl Into<String>, key: impl Into<String>) -> Router {
    let bank = Bank(Arc::new(Inner {
        merchant: Merchant::new(merchant_url.into(), key.into()),
        payments: Mutex::new(Vec::new()),
    }));
    Router::new()
        .route("/", get(list))
        .route("/pay", post(pay))
        .route("/cancel", post(cancel))
        .route("/health", get(|| async { "ok" }))
        // Base64 may hold slashes, so the whole rest of the path is the order.
        .route("/{*order}", get(checkout))
        .with_state(bank)
}

impl Bank {
    fn payments(&self) -> MutexGuard<'_, Vec<Payment>> {
        self.0.payments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, payment: Payment) {
        let mut payments = self.payments();
        payments.retain(|known| known.id != payment.id);
        payments.push(payment);
    }

    /// Calls the merchant outside the threads that serve pages.
    async fn call(&self, method: &'static str, params: serde_json::Value) -> Result<serde_json::Value, Failure> {
        let merchant = self.0.merchant.clone();
        tokio::task::spawn_blocking(move || merchant.call(method, &params))
            .await
            .unwrap_or_else(|_| Err(Failure::Unreachable))
    }
}

#[derive(Deserialize, Default)]
struct LangQuery {
    #[serde(default)]
    lang: String,
}

#[derive(Template)]
#[template(path = "checkout.html")]
struct Checkout<'a> {
    w: &'a Words,
    order: &'a str,
    invoice: &'a str,
    amount: String,
    /// Identifies this payment: a second press of the button is the same payment.
    id: &'a str,
    problem: String,
    back: &'a str,
    /// The same page in the three languages.
    langs: Vec<(String, &'static str, bool)>,
    payable: bool,
}

fn language(asked: &str, order: Option<&Order>) -> Lang {
    match asked {
        "uz" => Lang::Uz,
        "ru" => Lang::Ru,
        "en" => Lang::En,
        _ => order.map_or(Lang::Uz, |order| order.lang),
    }
}

async fn checkout(State(bank): State<Bank>, Path(text): Path<String>, Query(query): Query<LangQuery>) -> Response {
    let Some(order) = Order::read(&text) else { return not_found(language(&query.lang, None)) };
    let lang = language(&query.lang, Some(&order));
    let problem = match bank.call("CheckPerformTransaction", order.check()).await {
        Ok(_) => None,
        Err(failure) => Some(failure.text(words(lang))),
    };
    let payable = problem.is_none();
    show(&text, &order, lang, &new_id(), problem.unwrap_or_default(), payable, StatusCode::OK)
}

fn show(
    text: &str,
    order: &Order,
    lang: Lang,
    id: &str,
    problem: String,
    payable: bool,
    status: StatusCode,
) -> Response {
    let langs = [(Lang::Uz, "O‘zbekcha"), (Lang::Ru, "Русский"), (Lang::En, "English")]
        .map(|(one, name)| (format!("/{text}?lang={}", one.code()), name, one == lang));
    let page = Checkout {
        w: words(lang),
        order: text,
        invoice: &order.invoice,
        amount: kernel::format::money(order.amount, lang),
        id,
        problem,
        back: order.back(),
        langs: langs.to_vec(),
        payable,
    };
    html(status, &page)
}

#[derive(Deserialize)]
struct Pay {
    order: String,
    id: String,
    card: String,
    #[serde(default)]
    lang: String,
}

/// As the real provider: check, create, debit the card, perform; then the payer goes back to the merchant.
async fn pay(State(bank): State<Bank>, Form(form): Form<Pay>) -> Response {
    let Some(order) = Order::read(&form.order) else { return not_found(language(&form.lang, None)) };
    let lang = language(&form.lang, Some(&order));
    let id = if is_id(&form.id) { form.id } else { new_id() };
    match charge(&bank, &order, &id, &form.card).await {
        Ok(()) => Redirect::to(order.back()).into_response(),
        Err(failure) => {
            let again = matches!(failure, Failure::Declined | Failure::Unreachable);
            let text = failure.text(words(lang));
            show(&form.order, &order, lang, &new_id(), text, again, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

async fn charge(bank: &Bank, order: &Order, id: &str, card: &str) -> Result<(), Failure> {
    let now = SystemClock.now();
    let mut payment =
        Payment { id: id.to_owned(), invoice: order.invoice.clone(), amount: order.amount, at: now, state: 1 };
    let known = bank.payments().iter().find(|known| known.id == id).map(|known| known.state);
    match known {
        // The button was pressed twice, and the first press was enough.
        Some(2) => return Ok(()),
        Some(_) => {}
        None => drop(bank.call("CheckPerformTransaction", order.check()).await?),
    }
    bank.call("CreateTransaction", order.create(id, now.as_millisecond())).await?;
    bank.note(payment.clone());
    if card != CARD_OK {
        bank.call("CancelTransaction", serde_json::json!({ "id": id, "reason": REASON_DEBIT })).await?;
        payment.state = -1;
        bank.note(payment);
        return Err(Failure::Declined);
    }
    bank.call("PerformTransaction", serde_json::json!({ "id": id })).await?;
    payment.state = 2;
    bank.note(payment);
    Ok(())
}

/// A payment in the list.
struct Item {
    id: String,
    invoice: String,
    amount: String,
    at: String,
    state: &'static str,
    refundable: bool,
}

#[derive(Template)]
#[template(path = "list.html")]
struct List<'a> {
    w: &'a Words,
    items: Vec<Item>,
    problem: String,
    langs: Vec<(String, &'static str, bool)>,
}

async fn list(State(bank): State<Bank>, Query(query): Query<LangQuery>) -> Response {
    show_list(&bank, language(&query.lang, None), String::new())
}

fn show_list(bank: &Bank, lang: Lang, problem: String) -> Response {
    let w = words(lang);
    let items = bank
        .payments()
        .iter()
        .rev()
        .map(|payment| Item {
            id: payment.id.clone(),
            invoice: payment.invoice.clone(),
            amount: kernel::format::money(payment.amount, lang),
            at: kernel::format::datetime(payment.at, lang),
            state: match payment.state {
                2 => w.performed,
                -1 => w.cancelled,
                -2 => w.refunded,
                _ => w.created,
            },
            refundable: payment.state == 2,
        })
        .collect();
    let langs = [(Lang::Uz, "O‘zbekcha"), (Lang::Ru, "Русский"), (Lang::En, "English")]
        .map(|(one, name)| (format!("/?lang={}", one.code()), name, one == lang));
    html(StatusCode::OK, &List { w, items, problem, langs: langs.to_vec() })
}

#[derive(Deserialize)]
struct Cancel {
    id: String,
    #[serde(default)]
    lang: String,
}

/// Gives the money back, when the merchant lets us.
async fn cancel(State(bank): State<Bank>, Form(form): Form<Cancel>) -> Response {
    let lang = language(&form.lang, None);
    let found = bank.payments().iter().find(|payment| payment.id == form.id).cloned();
    let Some(mut payment) = found else { return not_found(lang) };
    let params = serde_json::json!({ "id": payment.id, "reason": REASON_REFUND });
    match bank.call("CancelTransaction", params).await {
        Ok(answer) => {
            payment.state = answer.get("state").and_then(serde_json::Value::as_i64).unwrap_or(-2);
            bank.note(payment);
            Redirect::to(&format!("/?lang={}", lang.code())).into_response()
        }
        Err(failure) => show_list(&bank, lang, failure.text(words(lang))),
    }
}

/// An id as the real provider's: 24 hex digits.
fn new_id() -> String {
    let mut bytes = [0; 12];
    SystemRng.fill(&mut bytes);
    data_encoding::HEXLOWER.encode(&bytes)
}

fn is_id(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    w: &'a Words,
    langs: Vec<(String, &'static str, bool)>,
}

fn not_found(lang: Lang) -> Response {
    html(StatusCode::NOT_FOUND, &Message { w: words(lang), langs: Vec::new() })
}

fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => {
            let mut response = (status, Html(text)).into_response();
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page of the demo bank could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
