//! What programs call and what people see.

pub(crate) mod api;
pub(crate) mod machine;
pub(crate) mod oneid;
pub(crate) mod pages;
pub(crate) mod staff;

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use contracts::Principal;
use kernel::lang::Lang;
use web::error::Kind;
use web::i18n::T;
use web::page::{SESSION_COOKIE, cookie};
use web::{AppState, WebError};

use crate::domain::redirect;
use crate::domain::request::{Mode, Params};
use crate::service::ProviderError;
use crate::service::authorize::{Answer, Outcome};

/// The longest form that a program sends: an assertion and a pushed request with claims.
const FORM_LIMIT: usize = 64 * 1024;

impl From<ProviderError> for WebError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Refused(refusal) => refused(&refusal),
            ProviderError::Busy => WebError::busy(),
            ProviderError::Stale => WebError::conflict("SSO_STALE"),
            ProviderError::Storage(error) => error.into(),
            ProviderError::Port(error) => error.into(),
            error @ ProviderError::Key(_) => WebError::internal(error),
        }
    }
}

/// A request of a client that cannot be answered at the client: the person reads that it is not their fault.
fn refused(refusal: &crate::domain::error::Refusal) -> WebError {
    let told = format!("{}: {}", refusal.code.name(), refusal.description);
    WebError::bad_request("SSO_REQUEST").message("provider-error-request").arg("reason", told)
}

/// The request is answered, or waited too long.
fn over() -> WebError {
    WebError::new(Kind::Gone, "SSO_OVER").message("provider-error-over")
}

/// The form of a request, or its query when there is no form.
async fn form(headers: &HeaderMap, body: Body) -> Option<Vec<(String, String)>> {
    let bytes = axum::body::to_bytes(body, FORM_LIMIT).await.ok()?;
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    kind.starts_with("application/x-www-form-urlencoded").then(|| web::posted::read_urlencoded(&bytes))?
}

fn query(text: Option<&str>) -> Option<Vec<(String, String)>> {
    web::posted::read_urlencoded(text.unwrap_or_default().as_bytes())
}

/// Whoever holds the session of the browser.
async fn principal(state: &AppState, headers: &HeaderMap) -> Result<Option<Principal>, WebError> {
    match cookie(headers, SESSION_COOKIE).filter(|token| !token.is_empty()) {
        Some(token) => Ok(state.ctx.ports.sessions.principal(&state.ctx, &token).await?),
        None => Ok(None),
    }
}

/// A page that leaves the portal: goes on by itself, by a link or by a button. A page of its own, because a browser
/// lets the redirect after a form lead only where the policy of the form's page allows.
#[derive(Template)]
#[template(path = "provider/go.html")]
struct GoPage<'a> {
    t: &'a T,
    lang: &'a str,
    style: String,
    script: String,
    /// Where to go; for a form, where to post.
    to: &'a str,
    fields: Option<&'a [(String, String)]>,
    host: &'a str,
}

/// Leaves the portal with an answer.
fn go(state: &AppState, lang: Lang, answer: &Answer) -> Result<Response, WebError> {
    let params: Vec<(&str, &str)> = answer.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let address = redirect::parse(&answer.redirect_uri);
    let origin = address.as_ref().map(redirect::Address::origin).unwrap_or_default();
    let to = match answer.mode {
        Mode::Query => redirect::with_params(&answer.redirect_uri, &params),
        Mode::FormPost => answer.redirect_uri.clone(),
    };
    leave(state, lang, &to, (answer.mode == Mode::FormPost).then_some(answer.params.as_slice()), &origin)
}

/// Leaves the portal for a checked address.
fn leave(
    state: &AppState,
    lang: Lang,
    to: &str,
    fields: Option<&[(String, String)]>,
    origin: &str,
) -> Result<Response, WebError> {
    let t = state.i18n.lang(lang);
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let page = GoPage {
        t: &t,
        lang: lang.html_lang(),
        style: state.assets.url("app.css"),
        script: state.assets.url("app.js"),
        to,
        fields,
        host,
    };
    let html = page.render().map_err(WebError::internal)?;
    let mut response = (StatusCode::OK, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    let headers = response.headers_mut();
    // `origin` passed `redirect::parse`: nothing in it can end the directive.
    let action = if fields.is_some() { origin } else { "'none'" };
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; form-action {action}; \
         base-uri 'none'; frame-ancestors 'none'"
    );
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).map_err(WebError::internal)?);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Sends a browser that came from the client back to it, or on to the page that has to be seen first.
fn outcome(state: &AppState, fallback: Lang, by_form: bool, outcome: Outcome) -> Result<Response, WebError> {
    let page = |lang: Option<Lang>, path: &str| {
        let lang = lang.unwrap_or(fallback).code();
        no_store(Redirect::to(&format!("/{lang}{path}")).into_response())
    };
    Ok(match outcome {
        Outcome::Here(refusal) => return Err(refused(&refusal)),
        Outcome::Back(answer) if by_form || answer.mode == Mode::FormPost => go(state, fallback, &answer)?,
        Outcome::Back(answer) => {
            let params: Vec<(&str, &str)> =
                answer.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            no_store(Redirect::to(&redirect::with_params(&answer.redirect_uri, &params)).into_response())
        }
        Outcome::SignIn { handle, again, lang } => {
            let again = if again { "&again=1" } else { "" };
            page(lang, &format!("/sign-in?next=%2Fsso%2Fcontinue%2F{handle}{again}"))
        }
        Outcome::StepUp { handle, lang } => page(lang, &format!("/step-up?next=%2Fsso%2Fcontinue%2F{handle}")),
        Outcome::Consent { handle, lang } => page(lang, &format!("/sso/consent/{handle}")),
    })
}

fn no_store(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn both(query: Vec<(String, String)>, form: Vec<(String, String)>) -> Params {
    let mut all = query;
    all.extend(form);
    Params::new(all)
}
