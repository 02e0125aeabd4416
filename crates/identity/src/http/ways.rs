//! Pages of the cabinet on ways to sign in: apps for codes, passkeys, printed codes, phone, e-mail, what waits, history.

use askama::Template;
use axum::extract::Query;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use uuid::Uuid;
use web::ui::Choice;
use web::{AppState, Citizen, Meta, Page, Posted, WebError};

use super::html::code_error;
use super::one::{Input, One, held, locked, name, names};
use super::{Form, Visit};
use crate::domain::factor::Factor;
use crate::domain::locks::{Change, Verdict};
use crate::service::bind::{self, Binding, Bound};
use crate::service::factors::{self, Enrolled, NewTotp};
use crate::service::{Answer, history, locks, passkeys};

const WAYS: &str = "/cabinet/security/ways";

/// Paths without the language.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/cabinet/security/ways", get(ways))
        .route("/cabinet/security/ways/cancel", post(cancel))
        .route("/cabinet/security/ways/codes", post(codes))
        .route("/cabinet/security/ways/remove", post(remove))
        .route("/cabinet/security/ways/totp", get(totp).post(totp_post))
        .route("/cabinet/security/ways/printed", get(printed).post(printed_post))
        .route("/cabinet/security/ways/passkey", get(passkey).post(passkey_post))
        .route("/cabinet/security/ways/passkey/start", post(passkey_start))
        .route("/cabinet/security/phone", get(phone).post(phone_post))
        .route("/cabinet/security/email", get(email).post(email_post))
        .route("/cabinet/security/bind", get(bind_code).post(bind_code_post))
        .route("/cabinet/security/history", get(past))
}

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    done: String,
    #[serde(default)]
    before: String,
}

struct WayRow {
    id: Uuid,
    name: String,
    kind: String,
    since: String,
}

#[derive(Template)]
#[template(path = "identity/ways.html")]
struct WaysPage<'a> {
    page: &'a Page,
    form: &'a Form,
    done: Option<String>,
    /// Id, what, when.
    waiting: Vec<(Uuid, String, String)>,
    phone: String,
    email: String,
    code_by: Vec<Choice>,
    added: Vec<WayRow>,
    printed: usize,
}

async fn ways_page(who: &Citizen, form: &Form, done: &str, status: StatusCode) -> Result<Response, WebError> {
    let page = &who.page;
    let known = factors::ways(page.ctx(), who.subject).await?.ok_or_else(WebError::not_found)?;
    let waiting = locks::waiting(page.ctx(), who.subject).await?;
    let by = [Factor::Sms, Factor::Email, Factor::Totp].into_iter().filter(|factor| known.has.contains(factor));
    let body = WaysPage {
        page,
        form,
        done: match done {
            "changed" => Some(page.t("identity-locks-changed")),
            "waiting" => Some(page.t("identity-locks-waiting")),
            "cancelled" => Some(page.t("identity-locks-cancelled")),
            "codes" => Some(page.t("common-saved")),
            _ => None,
        },
        waiting: waiting
            .into_iter()
            .map(|one| (one.id, page.t(&format!("identity-lock-{}", one.change.name())), page.t.datetime(&one.due)))
            .collect(),
        phone: known.phone.clone().unwrap_or_else(|| "–".to_owned()),
        email: match &known.email {
            Some(email) if known.email_confirmed => email.clone(),
            Some(email) => page.t1("identity-email-unconfirmed", "email", email.clone()),
            None => "–".to_owned(),
        },
        code_by: by
            .map(|factor| Choice {
                value: factor.name().to_owned(),
                label: name(page, factor),
                hint: String::new(),
                checked: known.code_by == factor.name(),
            })
            .collect(),
        added: known
            .added
            .iter()
            .map(|way| WayRow {
                id: way.id,
                name: way.name.clone(),
                kind: name(page, way.factor),
                since: page.t.datetime(&way.used.unwrap_or(way.since)),
            })
            .collect(),
        printed: known.printed,
    };
    page.render(Meta::new(page.t("identity-ways-title")).cabinet("/cabinet/security").status(status), &body)
}

async fn ways(who: Citizen, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    ways_page(&who, &Form::default(), &asked.done, StatusCode::OK).await
}

async fn cancel(who: Citizen, posted: Posted) -> Result<Response, WebError> {
    let change = posted.get("change").parse().map_err(|_| WebError::not_found())?;
    locks::cancel(who.ctx(), who.subject, change).await?;
    Ok(who.redirect("/cabinet/security/ways?done=cancelled"))
}

async fn codes(who: Citizen, posted: Posted) -> Result<Response, WebError> {
    let by = Factor::parse(posted.get("by")).ok_or_else(WebError::not_found)?;
    if !bind::choose(who.ctx(), &who.principal, by).await? {
        return Err(WebError::not_found());
    }
    Ok(who.redirect("/cabinet/security/ways?done=codes"))
}

async fn remove(who: Citizen, posted: Posted) -> Result<Response, WebError> {
    let way = posted.get("way").parse().map_err(|_| WebError::not_found())?;
    let outcome = factors::remove(who.ctx(), &who.principal, way).await?.ok_or_else(WebError::not_found)?;
    Ok(locked(&who.page, outcome, WAYS))
}

/// To more proof, when what the session has proved is not enough for the change; `None` when it is.
async fn more_proof(who: &Citizen, change: Change, path: &str) -> Result<Option<Response>, WebError> {
    Ok(match factors::may_change(who.ctx(), &who.principal, change).await? {
        Verdict::AtOnce | Verdict::After => None,
        Verdict::Missing { .. } => Some(who.page.redirect(&format!("/step-up?why=locks&next={path}"))),
        Verdict::Frozen => Some(who.page.redirect("/recover")),
    })
}

// ---------------------------------------------------------------- app for codes

#[derive(Template)]
#[template(path = "identity/totp.html")]
struct TotpPage<'a> {
    page: &'a Page,
    form: &'a Form,
    qr: Option<String>,
    key: String,
    sealed: String,
}

fn totp_page(who: &Citizen, form: &Form, new: NewTotp, status: StatusCode) -> Result<Response, WebError> {
    let page = &who.page;
    let body = TotpPage { page, form, qr: web::qr::svg(&new.uri), key: new.key, sealed: new.sealed };
    page.render(Meta::new(page.t("identity-totp-title")).cabinet("/cabinet/security").status(status), &body)
}

async fn totp(who: Citizen) -> Result<Response, WebError> {
    if let Some(response) = more_proof(&who, Change::AddWay, "/cabinet/security/ways/totp").await? {
        return Ok(response);
    }
    let new = factors::new_totp(who.ctx(), who.subject, &who.principal.display_name)?;
    totp_page(&who, &Form::default(), new, StatusCode::OK)
}

async fn totp_post(who: Citizen, posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let mut form = Form::of(&posted);
    let sealed = posted.raw("sealed");
    let way = way_name(page, &posted, &mut form);
    if form.errors.is_empty() {
        match factors::confirm_totp(page.ctx(), &who.principal, sealed, &way, posted.get("code")).await? {
            Enrolled::Locks(outcome) => return Ok(locked(page, outcome, "/cabinet/security/ways/totp")),
            Enrolled::WrongCode => form.wrong("code", "code", page.t("identity-error-totp")),
            Enrolled::TooMany => form.wrong("", "many", page.t("identity-error-many")),
        }
    }
    let new = match factors::same_totp(page.ctx(), who.subject, &who.principal.display_name, sealed) {
        Ok(new) => new,
        // Not what we gave: a fresh key.
        Err(_) => factors::new_totp(page.ctx(), who.subject, &who.principal.display_name)?,
    };
    totp_page(&who, &form, new, StatusCode::UNPROCESSABLE_ENTITY)
}

fn way_name(page: &Page, posted: &Posted, form: &mut Form) -> String {
    let way: String = posted.get("name").chars().take(40).collect();
    if way.is_empty() {
        form.wrong("name", "name", page.t("identity-error-way-name"));
    }
    way
}

// ---------------------------------------------------------------- printed codes

#[derive(Template)]
#[template(path = "identity/printed.html")]
struct PrintedPage<'a> {
    page: &'a Page,
    codes: Vec<String>,
    due: Option<String>,
}

async fn printed(who: Citizen) -> Result<Response, WebError> {
    if let Some(response) = more_proof(&who, Change::AddWay, "/cabinet/security/ways/printed").await? {
        return Ok(response);
    }
    let form = Form::default();
    let mut one = One::new(&who.page, &form, "identity-printed-title")
        .text("identity-printed-text")
        .text("identity-printed-replaces")
        .back(WAYS);
    one.action = who.page.href("/cabinet/security/ways/printed");
    one.button = who.page.t("identity-printed-make");
    one.render(StatusCode::OK)
}

async fn printed_post(who: Citizen, _posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let (outcome, codes) = factors::new_printed(page.ctx(), &who.principal).await?;
    let due = match outcome {
        locks::Outcome::Done => None,
        locks::Outcome::After { due } => Some(page.t.datetime(&due)),
        other => return Ok(locked(page, other, "/cabinet/security/ways/printed")),
    };
    let body = PrintedPage { page, codes, due };
    page.render(Meta::new(page.t("identity-printed-title")).cabinet("/cabinet/security"), &body)
}

// ---------------------------------------------------------------- passkeys

#[derive(Template)]
#[template(path = "identity/passkey.html")]
struct PasskeyPage<'a> {
    page: &'a Page,
    form: &'a Form,
}

fn passkey_page(page: &Page, form: &Form, status: StatusCode) -> Result<Response, WebError> {
    let meta = Meta::new(page.t("identity-passkey-title")).cabinet("/cabinet/security").status(status);
    page.render(meta, &PasskeyPage { page, form })
}

async fn passkey(who: Citizen) -> Result<Response, WebError> {
    if let Some(response) = more_proof(&who, Change::AddWay, "/cabinet/security/ways/passkey").await? {
        return Ok(response);
    }
    passkey_page(&who.page, &Form::default(), StatusCode::OK)
}

async fn passkey_start(who: Citizen, _posted: Posted) -> Result<Response, WebError> {
    let ceremony = passkeys::start_new(who.ctx(), &who.principal).await?.ok_or_else(WebError::not_found)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ceremony)).into_response())
}

async fn passkey_post(who: Citizen, posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let mut form = Form::of(&posted);
    let way = way_name(page, &posted, &mut form);
    if form.errors.is_empty() {
        let (ceremony, credential) = (posted.get("ceremony"), posted.raw("credential"));
        match passkeys::finish_new(page.ctx(), &who.principal, ceremony, credential, &way).await? {
            Enrolled::Locks(outcome) => return Ok(locked(page, outcome, "/cabinet/security/ways/passkey")),
            Enrolled::WrongCode => form.wrong("", "passkey", page.t("identity-passkey-failed")),
            Enrolled::TooMany => form.wrong("", "many", page.t("identity-error-many")),
        }
    }
    passkey_page(page, &form, StatusCode::UNPROCESSABLE_ENTITY)
}

// ---------------------------------------------------------------- phone and e-mail

fn contact_page(page: &Page, form: &Form, mail: bool, status: StatusCode) -> Result<Response, WebError> {
    let (title, text, path) = if mail {
        ("identity-email-title", "identity-email-text", "/cabinet/security/email")
    } else {
        ("identity-phone-title", "identity-phone-text", "/cabinet/security/phone")
    };
    let mut one = One::new(page, form, title).text(text).back(WAYS);
    one.action = page.href(path);
    one.input = Some(Input {
        name: "to",
        label: page.t(if mail { "identity-email-new" } else { "identity-phone-new" }),
        hint: page.t(if mail { "identity-email-new-hint" } else { "identity-phone-new-hint" }),
        kind: if mail { "email" } else { "tel" },
        autocomplete: if mail { "email" } else { "tel" },
        inputmode: "",
        maxlength: 254,
    });
    one.button = page.t("identity-contact-send");
    one.render(status)
}

async fn phone(who: Citizen) -> Result<Response, WebError> {
    contact(who, Change::Phone).await
}

async fn email(who: Citizen) -> Result<Response, WebError> {
    contact(who, Change::Email).await
}

async fn contact(who: Citizen, change: Change) -> Result<Response, WebError> {
    let path = if change == Change::Email { "/cabinet/security/email" } else { "/cabinet/security/phone" };
    if let Some(response) = more_proof(&who, change, path).await? {
        return Ok(response);
    }
    contact_page(&who.page, &Form::default(), change == Change::Email, StatusCode::OK)
}

async fn phone_post(who: Citizen, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    contact_post(who, visit, posted, Change::Phone).await
}

async fn email_post(who: Citizen, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    contact_post(who, visit, posted, Change::Email).await
}

async fn contact_post(who: Citizen, visit: Visit, posted: Posted, change: Change) -> Result<Response, WebError> {
    let page = &who.page;
    let mail = change == Change::Email;
    let path = if mail { "/cabinet/security/email" } else { "/cabinet/security/phone" };
    if let Some(response) = more_proof(&who, change, path).await? {
        return Ok(response);
    }
    let mut form = Form::of(&posted);
    let typed = posted.get("to");
    let wrong = if mail { "identity-error-email" } else { "identity-error-phone" };
    let status = if typed.contains('@') != mail {
        form.wrong("to", "unreadable", page.t(wrong));
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        match bind::start(page.ctx(), &who.principal, typed).await? {
            Binding::Code { flow } => {
                let mut response = page.redirect("/cabinet/security/bind");
                visit.flow_begun(&mut response, &flow);
                return Ok(response);
            }
            Binding::Unreadable => {
                form.wrong("to", "unreadable", page.t(wrong));
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Binding::Taken => {
                form.wrong("to", "taken", page.t("identity-error-phone-taken"));
                StatusCode::CONFLICT
            }
            Binding::Held { until } => held(page, &mut form, "to", until),
        }
    };
    contact_page(page, &form, mail, status)
}

async fn bind_page(who: &Citizen, visit: &Visit, form: &Form, status: StatusCode) -> Result<Response, WebError> {
    let page = &who.page;
    let target = match &visit.flow {
        Some(flow) => bind::target(page.ctx(), &who.principal, flow).await?,
        None => None,
    };
    let Some(target) = target else { return Ok(page.redirect(WAYS)) };
    let mut one = One::new(page, form, "identity-code-title").back(WAYS);
    one.texts.push(page.t1("identity-code-sent", "phone", target));
    one.action = page.href("/cabinet/security/bind");
    one.input = Some(Input {
        name: "code",
        label: page.t("identity-code"),
        hint: page.t("identity-code-hint"),
        kind: "text",
        autocomplete: "one-time-code",
        inputmode: "numeric",
        maxlength: 10,
    });
    if page.demo() {
        one = one.link("/demo/phone", "identity-code-demo-link");
    }
    one.render(status)
}

async fn bind_code(who: Citizen, visit: Visit) -> Result<Response, WebError> {
    bind_page(&who, &visit, &Form::default(), StatusCode::OK).await
}

async fn bind_code_post(who: Citizen, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let Some(flow) = visit.flow.clone() else { return Ok(page.redirect(WAYS)) };
    let mut form = Form::of(&posted);
    match bind::confirm(page.ctx(), &who.principal, &flow, posted.get("code")).await? {
        Bound::Locks(outcome) => return Ok(locked(page, outcome, WAYS)),
        Bound::Code(Answer::Gone) => return Ok(page.redirect(WAYS)),
        Bound::Code(answer) => form.wrong("code", "code", code_error(page, &answer)),
    }
    bind_page(&who, &visit, &form, StatusCode::UNPROCESSABLE_ENTITY).await
}

// ---------------------------------------------------------------- history

struct PastRow {
    when: String,
    device: String,
    place: String,
    means: String,
}

#[derive(Template)]
#[template(path = "identity/history.html")]
struct HistoryPage<'a> {
    page: &'a Page,
    entries: Vec<PastRow>,
    previous: String,
    next: String,
}

/// Entries on a page.
const ENTRIES: usize = 50;

async fn past(who: Citizen, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let page = &who.page;
    let before = asked.before.parse::<Uuid>().ok();
    let found = history::sign_ins(page.ctx(), who.subject, before, ENTRIES as i64 + 1).await?;
    let more = found.len() > ENTRIES;
    let shown = &found[..found.len().min(ENTRIES)];
    let next = match shown.last() {
        Some(last) if more => page.href(&format!("/cabinet/security/history?before={}", last.id)),
        _ => String::new(),
    };
    let body = HistoryPage {
        page,
        entries: shown
            .iter()
            .map(|one| PastRow {
                when: page.t.datetime(&one.at),
                device: one.device.clone(),
                place: one.place.clone(),
                means: names(page, &one.means),
            })
            .collect(),
        previous: if before.is_some() { page.href("/cabinet/security/history") } else { String::new() },
        next,
    };
    page.render(Meta::new(page.t("identity-history-title")).cabinet("/cabinet/security"), &body)
}
