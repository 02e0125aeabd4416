//! Pages that people see: consent, the code of a device, signing out, what one agreed to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use kernel::clock::Timestamp;
use serde::Deserialize;
use web::page::{SESSION_COOKIE, set_cookie};
use web::ui::Choice;
use web::{AppState, Citizen, FieldProblem, Meta, Page, Posted, WebError};

use super::{go, leave, outcome, over};
use crate::domain::claims::{ASKED, PASSPORT};
use crate::domain::client::Client;
use crate::domain::consent::Consent;
use crate::domain::redirect;
use crate::service::authorize::{self, Outcome};
use crate::service::device::{self, Answered, Found};
use crate::service::{Memory, clients, consents, logout};

type Held = Extension<Arc<Memory>>;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/sso/continue/{handle}", get(resume))
        .route("/sso/consent/{handle}", get(consent).post(consent_post))
        .route("/sso/device", get(device_page).post(device_post))
        .route("/sso/device/answer", post(device_answer))
        .route("/sso/sign-out/{handle}", get(sign_out).post(sign_out_post))
        .route("/sso/signed-out", get(signed_out))
        .route("/sso/clients/{id}/logo.png", get(logo))
        .route("/cabinet/security/consents", get(list))
        .route("/cabinet/security/consents/take-back", post(take_back))
}

/// The words for a claim.
pub(super) fn claim_words(page: &Page, claim: &str) -> String {
    page.t(&format!("provider-claim-{}", claim.replace('_', "-")))
}

// ---------------------------------------------------------------- consent

/// What a person is asked to agree to.
struct Asked {
    needed: Vec<String>,
    choices: Vec<Choice>,
    offline: bool,
    until: String,
}

fn asked(
    page: &Page,
    asked: &BTreeMap<&'static str, bool>,
    before: Option<&Consent>,
    offline: bool,
    until: &Timestamp,
) -> Asked {
    // In the order in which people think of them, not in that of the letters of their names.
    let in_order = || {
        ASKED.into_iter().chain([PASSPORT]).filter_map(|claim| asked.get(claim).map(|essential| (claim, *essential)))
    };
    let needed = in_order().filter(|(_, essential)| *essential).map(|(claim, _)| claim_words(page, claim)).collect();
    let choices = in_order()
        .filter(|(_, essential)| !essential)
        .map(|(claim, _)| Choice {
            value: claim.to_owned(),
            label: claim_words(page, claim),
            hint: String::new(),
            checked: before.is_none_or(|before| !before.refused.contains(claim)),
        })
        .collect();
    Asked { needed, choices, offline, until: page.t.day(until) }
}

#[derive(Template)]
#[template(path = "provider/consent.html")]
struct ConsentPage<'a> {
    page: &'a Page,
    client: &'a Client,
    logo: Option<String>,
    purpose: String,
    asked: Asked,
    action: String,
    /// Code of a device, when one asks.
    user_code: &'a str,
    /// Host that the person goes back to.
    host: String,
    name: String,
    other: String,
}

async fn resume(page: Page, Extension(memory): Held, Path(handle): Path<String>) -> Result<Response, WebError> {
    let who = page.principal.as_ref().filter(|who| who.subject().is_some());
    let next = authorize::resume(page.ctx(), &memory, &handle, who).await?.ok_or_else(over)?;
    outcome(&page.state, page.lang(), true, next)
}

fn logo_of(client: &Client, has_logo: bool) -> Option<String> {
    has_logo.then(|| format!("/sso/clients/{}/logo.png", client.id))
}

async fn consent(citizen: Citizen, Path(handle): Path<String>) -> Result<Response, WebError> {
    let page = &citizen.page;
    let question = authorize::question(page.ctx(), &handle, &citizen.principal).await?.ok_or_else(over)?;
    let body = ConsentPage {
        page,
        logo: logo_of(&question.client, question.has_logo),
        purpose: question.client.purpose.get(page.lang()).into_owned(),
        asked: asked(page, &question.asked, question.before.as_ref(), question.offline, &question.until),
        action: page.href(&format!("/sso/consent/{handle}")),
        user_code: "",
        host: redirect::parse(&question.redirect_uri).map(|address| address.host.to_owned()).unwrap_or_default(),
        name: citizen.principal.display_name.clone(),
        other: page.href(&format!("/sign-in?next=%2Fsso%2Fcontinue%2F{handle}&again=1")),
        client: &question.client,
    };
    page.render(Meta::new(page.t1("provider-consent-title", "client", question.client.name.as_str())), &body)
}

fn ticked(posted: &Posted) -> Option<BTreeSet<String>> {
    (posted.get("answer") == "yes").then(|| posted.all("claim").map(str::to_owned).collect())
}

async fn consent_post(
    citizen: Citizen,
    Extension(memory): Held,
    Path(handle): Path<String>,
    posted: Posted,
) -> Result<Response, WebError> {
    let page = &citizen.page;
    let ticked = ticked(&posted);
    let next = authorize::consented(page.ctx(), &memory, &handle, &citizen.principal, ticked.as_ref()).await?;
    match next.ok_or_else(over)? {
        Outcome::Back(answer) => go(&page.state, page.lang(), &answer),
        other => outcome(&page.state, page.lang(), true, other),
    }
}

// ---------------------------------------------------------------- devices

#[derive(Deserialize, Default)]
struct AskedFor {
    #[serde(default)]
    user_code: String,
    #[serde(default)]
    done: String,
}

#[derive(Template)]
#[template(path = "provider/device.html")]
struct DevicePage<'a> {
    page: &'a Page,
    code: &'a str,
    errors: Vec<FieldProblem>,
    error: String,
    done: Option<String>,
}

fn show_device(
    page: &Page,
    code: &str,
    problem: Option<&str>,
    done: Option<String>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let error = problem.map(|key| page.t(key)).unwrap_or_default();
    let errors = problem
        .map(|key| FieldProblem { field: "user_code".to_owned(), code: key.to_owned(), message: error.clone() })
        .into_iter()
        .collect();
    let code: String = code.chars().take(20).collect();
    let body = DevicePage { page, code: &code, errors, error, done };
    page.render(Meta::new(page.t("provider-device-title")).status(status), &body)
}

async fn device_page(citizen: Citizen, Query(asked): Query<AskedFor>) -> Result<Response, WebError> {
    let page = &citizen.page;
    let done = match asked.done.as_str() {
        "yes" => Some(page.t("provider-device-done")),
        "no" => Some(page.t("provider-device-refused")),
        _ => None,
    };
    show_device(page, &asked.user_code, None, done, StatusCode::OK)
}

async fn device_post(citizen: Citizen, posted: Posted) -> Result<Response, WebError> {
    let page = &citizen.page;
    let typed = posted.get("user_code");
    let waiting = match device::find(page.ctx(), citizen.subject, typed).await? {
        Found::Device(waiting) => waiting,
        Found::Wrong => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show_device(page, typed, Some("provider-device-error-wrong"), None, status);
        }
        Found::Held => {
            return show_device(page, typed, Some("provider-device-error-held"), None, StatusCode::TOO_MANY_REQUESTS);
        }
    };
    let body = ConsentPage {
        page,
        logo: logo_of(&waiting.client, waiting.has_logo),
        purpose: waiting.client.purpose.get(page.lang()).into_owned(),
        asked: asked(page, &waiting.asked, waiting.before.as_ref(), waiting.offline, &waiting.until),
        action: page.href("/sso/device/answer"),
        user_code: typed,
        host: String::new(),
        name: citizen.principal.display_name.clone(),
        other: page.href("/sign-in?next=%2Fsso%2Fdevice&again=1"),
        client: &waiting.client,
    };
    page.render(Meta::new(page.t1("provider-consent-title", "client", waiting.client.name.as_str())), &body)
}

async fn device_answer(citizen: Citizen, posted: Posted) -> Result<Response, WebError> {
    let page = &citizen.page;
    let ticked = ticked(&posted);
    let typed = posted.get("user_code");
    match device::answer(page.ctx(), &citizen.principal, typed, ticked.as_ref()).await? {
        Answered::Done => {
            Ok(page.redirect(&format!("/sso/device?done={}", if ticked.is_some() { "yes" } else { "no" })))
        }
        Answered::StepUp => Ok(page.redirect("/step-up?next=%2Fsso%2Fdevice")),
        Answered::Gone => {
            show_device(page, typed, Some("provider-device-error-wrong"), None, StatusCode::UNPROCESSABLE_ENTITY)
        }
    }
}

// ---------------------------------------------------------------- signing out

#[derive(Template)]
#[template(path = "provider/sign_out.html")]
struct SignOutPage<'a> {
    page: &'a Page,
    client: Option<String>,
    action: String,
    stay: String,
}

#[derive(Template)]
#[template(path = "provider/signed_out.html")]
struct SignedOutPage<'a> {
    page: &'a Page,
}

/// Ends the session of the browser.
async fn end(page: &Page, mut response: Response) -> Result<Response, WebError> {
    if let Some(who) = &page.principal {
        logout::sign_out(page.ctx(), who).await?;
        response.headers_mut().append(header::SET_COOKIE, set_cookie(&page.state, SESSION_COOKIE, "", Some(0)));
        response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    }
    Ok(response)
}

/// Where the person goes once they are signed out.
fn after(page: &Page, back: Option<&str>) -> Result<Response, WebError> {
    match back {
        Some(back) => {
            let origin = redirect::parse(back.split('?').next().unwrap_or(back)).map(|address| address.origin());
            leave(&page.state, page.lang(), back, None, &origin.unwrap_or_default())
        }
        None => Ok(page.redirect("/sso/signed-out")),
    }
}

async fn sign_out(page: Page, Extension(memory): Held, Path(handle): Path<String>) -> Result<Response, WebError> {
    let params = logout::kept(page.ctx(), &handle).await?.ok_or_else(over)?;
    let asked = logout::read(page.ctx(), &memory, &params, page.principal.as_ref()).await?;
    if page.principal.is_none() || asked.same_session {
        return end(&page, after(&page, asked.back.as_deref())?).await;
    }
    let body = SignOutPage {
        page: &page,
        client: asked.client_name,
        action: page.href(&format!("/sso/sign-out/{handle}")),
        stay: page.href("/cabinet"),
    };
    page.render(Meta::new(page.t("provider-sign-out-title")), &body)
}

async fn sign_out_post(
    page: Page,
    Extension(memory): Held,
    Path(handle): Path<String>,
    _posted: Posted,
) -> Result<Response, WebError> {
    let params = logout::kept(page.ctx(), &handle).await?.ok_or_else(over)?;
    let asked = logout::read(page.ctx(), &memory, &params, page.principal.as_ref()).await?;
    end(&page, after(&page, asked.back.as_deref())?).await
}

async fn signed_out(page: Page) -> Result<Response, WebError> {
    page.render(Meta::new(page.t("provider-signed-out-title")), &SignedOutPage { page: &page })
}

// ---------------------------------------------------------------- consents

/// A consent, in words.
struct Entry {
    id: String,
    name: String,
    owner: String,
    site: Option<String>,
    logo: Option<String>,
    purpose: String,
    claims: Vec<String>,
    offline: bool,
    given: String,
    used: String,
    until: String,
    over: bool,
}

#[derive(Template)]
#[template(path = "provider/consents.html")]
struct ConsentsPage<'a> {
    page: &'a Page,
    entries: Vec<Entry>,
    done: bool,
    back: String,
}

async fn list(citizen: Citizen, Query(asked): Query<AskedFor>) -> Result<Response, WebError> {
    let page = &citizen.page;
    let now = page.ctx().now();
    let entries = consents::list(page.ctx(), citizen.subject)
        .await?
        .into_iter()
        .map(|given| {
            let client = given.client.as_ref();
            Entry {
                name: client.map_or_else(|| given.row.client_id.clone(), |client| client.name.clone()),
                owner: client.map(|client| client.owner.clone()).unwrap_or_default(),
                site: client.and_then(|client| client.site.clone()),
                logo: client.and_then(|client| logo_of(client, given.has_logo)),
                purpose: client.map(|client| client.purpose.get(page.lang()).into_owned()).unwrap_or_default(),
                claims: ASKED
                    .into_iter()
                    .chain([PASSPORT])
                    .filter(|claim| given.row.consent.granted.contains(*claim))
                    .map(|claim| claim_words(page, claim))
                    .collect(),
                offline: given.row.consent.offline,
                given: page.t.datetime(&given.row.granted_at),
                used: page.t.datetime(&given.row.used_at),
                until: page.t.day(&given.row.expires_at),
                over: given.row.expires_at <= now,
                id: given.row.client_id,
            }
        })
        .collect();
    let body = ConsentsPage { page, entries, done: asked.done == "taken-back", back: page.href("/cabinet/security") };
    page.render(Meta::new(page.t("provider-consents-title")).cabinet("/cabinet/security"), &body)
}

async fn take_back(citizen: Citizen, posted: Posted) -> Result<Response, WebError> {
    let page = &citizen.page;
    // A second press finds nothing to take back, which is what it wanted.
    consents::take_back(page.ctx(), citizen.subject, posted.get("client")).await?;
    Ok(page.redirect("/cabinet/security/consents?done=taken-back"))
}

async fn logo(State(state): State<AppState>, Path(id): Path<String>) -> Result<Response, WebError> {
    let png = clients::logo(&state.ctx, &id).await?.ok_or_else(WebError::not_found)?;
    let headers = [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "public, max-age=3600")];
    Ok((headers, png).into_response())
}
