//! The one error of the web: what happened, in a kind that decides the status, with a stable code.
//!
//! Contexts return it from handlers; turning it into an answer has no side effects. [`layer`] logs it once and shows
//! it as a page in the reader's language, or as a problem (RFC 9457) on the API.
//!
//! Which status: 401 (or the sign-in page) when nobody is signed in; 403 when somebody is and may not; 404 when the thing
//! does not exist *or belongs to somebody else*, so that ids tell nothing; 409 when the screen is stale; 422 when fields are wrong.

use std::error::Error;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kernel::lang::Lang;
use serde::Serialize;

use crate::i18n::{Arg, T};
use crate::lang::{AddressLang, preferred};
use crate::{AppState, Meta, Page};

/// What kind of refusal or failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    BadRequest,
    SignIn,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    Conflict,
    Gone,
    TooLarge,
    Unsupported,
    Invalid,
    TooMany,
    Busy,
    Timeout,
    Internal,
}

impl Kind {
    fn status(self) -> StatusCode {
        match self {
            Kind::BadRequest => StatusCode::BAD_REQUEST,
            Kind::SignIn => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Gone => StatusCode::GONE,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Kind::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Kind::Timeout => StatusCode::REQUEST_TIMEOUT,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// A field that was not accepted, with the words in the reader's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    pub field: String,
    pub code: String,
    pub message: String,
}

/// A refusal or failure on its way to the reader.
#[derive(Clone, Debug)]
pub struct WebError {
    pub kind: Kind,
    /// Stable, for API users and for the search through the source: `APP_STALE`.
    pub code: &'static str,
    /// Key of the words; the default goes with the kind.
    pub message: Option<&'static str>,
    pub args: Vec<(&'static str, String)>,
    pub fields: Vec<FieldProblem>,
    /// Where to sign in.
    pub location: Option<String>,
    /// Seconds after which trying again makes sense.
    pub retry_after: Option<u32>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl WebError {
    pub fn new(kind: Kind, code: &'static str) -> Self {
        Self {
            kind,
            code,
            message: None,
            args: Vec::new(),
            fields: Vec::new(),
            location: None,
            retry_after: None,
            source: None,
        }
    }

    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "NOT_FOUND")
    }

    pub fn forbidden() -> Self {
        Self::new(Kind::Forbidden, "FORBIDDEN")
    }

    /// Sends the reader to sign in at `path` and back to this page.
    pub fn sign_in(page: &Page, path: &str) -> Self {
        let next = percent_encoding::utf8_percent_encode(&page.path, percent_encoding::NON_ALPHANUMERIC).to_string();
        let mut error = Self::new(Kind::SignIn, "SIGN_IN");
        error.location = Some(format!("{}?next={next}", page.href(path)));
        error
    }

    /// No credentials, or wrong ones, on the API.
    pub fn unauthenticated() -> Self {
        Self::new(Kind::SignIn, "UNAUTHENTICATED")
    }

    pub fn bad_request(code: &'static str) -> Self {
        Self::new(Kind::BadRequest, code)
    }

    /// The request was made on a state that is gone.
    pub fn conflict(code: &'static str) -> Self {
        Self::new(Kind::Conflict, code)
    }

    /// Fields were not accepted.
    pub fn invalid(fields: Vec<FieldProblem>) -> Self {
        let mut error = Self::new(Kind::Invalid, "INVALID");
        error.fields = fields;
        error
    }

    pub fn too_large() -> Self {
        Self::new(Kind::TooLarge, "TOO_LARGE")
    }

    pub fn unsupported() -> Self {
        Self::new(Kind::Unsupported, "UNSUPPORTED_MEDIA")
    }

    /// Too many attempts; again after `seconds`.
    pub fn too_many(seconds: u32) -> Self {
        let mut error = Self::new(Kind::TooMany, "TOO_MANY_REQUESTS");
        error.retry_after = Some(seconds);
        error
    }

    /// Too much work at the moment; what was sent was not accepted.
    pub fn busy() -> Self {
        let mut error = Self::new(Kind::Busy, "BUSY");
        error.retry_after = Some(2);
        error
    }

    /// A failure of ours; the cause goes to the log and nowhere else.
    pub fn internal(source: impl Error + Send + Sync + 'static) -> Self {
        let mut error = Self::new(Kind::Internal, "INTERNAL");
        error.source = Some(Arc::new(source));
        error
    }

    /// Words of a context instead of those of the kind.
    #[must_use]
    pub fn message(mut self, key: &'static str) -> Self {
        self.message = Some(key);
        self
    }

    #[must_use]
    pub fn arg(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.args.push((name, value.into()));
        self
    }

    pub fn status(&self) -> StatusCode {
        self.kind.status()
    }

    fn words(&self, t: &T) -> (String, String) {
        let args: Vec<(&str, Arg)> = self.args.iter().map(|(name, value)| (*name, Arg::Text(value.clone()))).collect();
        let name = match self.kind {
            Kind::BadRequest => "bad-request",
            Kind::SignIn => "sign-in",
            Kind::Forbidden => "forbidden",
            Kind::NotFound => "not-found",
            Kind::MethodNotAllowed => "method",
            Kind::Conflict => "conflict",
            Kind::Gone => "gone",
            Kind::TooLarge => "too-large",
            Kind::Unsupported => "unsupported",
            Kind::Invalid => "invalid",
            Kind::TooMany => "too-many",
            Kind::Busy => "busy",
            Kind::Timeout => "timeout",
            Kind::Internal => "internal",
        };
        let title = t.t(&format!("common-error-{name}-title"));
        let text = match self.message {
            Some(key) => t.ta(key, &args),
            None => t.t(&format!("common-error-{name}-text")),
        };
        (title, text)
    }
}

impl std::fmt::Display for WebError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.code, self.kind.status())
    }
}

impl Error for WebError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}

impl From<storage::Error> for WebError {
    fn from(error: storage::Error) -> Self {
        Self::internal(error)
    }
}

impl From<contracts::PortError> for WebError {
    fn from(error: contracts::PortError) -> Self {
        match error {
            contracts::PortError::Unavailable(_) => {
                let mut busy = Self::busy();
                busy.source = Some(Arc::new(error));
                busy
            }
            other => Self::internal(other),
        }
    }
}

impl From<storage::CommitError> for WebError {
    fn from(error: storage::CommitError) -> Self {
        match error {
            storage::CommitError::Busy => Self::busy(),
            storage::CommitError::Guard(_) | storage::CommitError::Unique(_) => Self::conflict("CONFLICT"),
            other => Self::internal(other),
        }
    }
}

impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let mut response = self.kind.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: &'a Page,
    title: &'a str,
    text: &'a str,
    error: &'a WebError,
    /// Quoted by the reader to the help desk, found in the log.
    reference: &'a str,
}

/// A problem (RFC 9457).
#[derive(Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Address of the kind of problem, relative to the API.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// Stable code.
    pub code: String,
    /// Appears in the log beside the cause.
    pub reference: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

/// Shows every [`WebError`] that a handler or a layer below answered with, and logs it.
pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let api = is_api(parts.uri.path());
    let asked = {
        // A copy of the head, to build the page of an error with the reader's language and session.
        let mut copy = axum::http::Request::builder().method(parts.method.clone()).uri(parts.uri.clone()).body(()).ok();
        if let Some(copy) = &mut copy {
            *copy.headers_mut() = parts.headers.clone();
            if let Some(lang) = parts.extensions.get::<AddressLang>() {
                copy.extensions_mut().insert(*lang);
            }
        }
        copy.map(|copy| copy.into_parts().0)
    };
    let response = next.run(Request::from_parts(parts, body)).await;
    let error = match response.extensions().get::<WebError>() {
        Some(error) => error.clone(),
        None => match bare(&response) {
            Some(error) => error,
            None => return response,
        },
    };
    let reference = state.ctx.rng.token(6);
    if error.kind == Kind::Internal {
        let cause = error.source.as_ref().map(|source| chain(&**source)).unwrap_or_default();
        tracing::error!(reference, code = error.code, cause, "request failed");
        metrics::counter!("peshtoq_http_failures_total").increment(1);
    } else {
        tracing::debug!(reference, code = error.code, "request refused");
    }
    let Some(asked) = asked else { return error.kind.status().into_response() };
    let lang = asked.extensions.get::<AddressLang>().map_or_else(|| preferred(&asked.headers), |a| a.0);
    let mut shown = if api {
        problem(&state, lang, &error, &reference)
    } else if let (Kind::SignIn, Some(location)) = (error.kind, &error.location) {
        axum::response::Redirect::to(location).into_response()
    } else {
        page(&state, lang, &asked, &error, &reference).await
    };
    if let Some(seconds) = error.retry_after {
        shown.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        shown.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    if error.kind == Kind::MethodNotAllowed
        && let Some(allow) = response.headers().get(header::ALLOW)
    {
        shown.headers_mut().insert(header::ALLOW, allow.clone());
    }
    shown
}

fn is_api(path: &str) -> bool {
    path.starts_with("/api/") || path.starts_with("/payments/")
}

/// Refusals of the framework itself carry no [`WebError`]: give them one by their status.
fn bare(response: &Response) -> Option<WebError> {
    let kind = match response.status() {
        StatusCode::BAD_REQUEST => Kind::BadRequest,
        StatusCode::NOT_FOUND => Kind::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Kind::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => Kind::Timeout,
        StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::Unsupported,
        StatusCode::UNPROCESSABLE_ENTITY => Kind::Invalid,
        StatusCode::SERVICE_UNAVAILABLE => Kind::Busy,
        StatusCode::INTERNAL_SERVER_ERROR => Kind::Internal,
        _ => return None,
    };
    // An answer with a body in one of our own types was meant as it is.
    let ours = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| {
        let value = value.as_bytes();
        value.starts_with(b"text/html") || value.starts_with(b"application/")
    });
    if ours {
        return None;
    }
    let code = match kind {
        Kind::NotFound => "NOT_FOUND",
        Kind::MethodNotAllowed => "METHOD_NOT_ALLOWED",
        Kind::Timeout => "TIMEOUT",
        Kind::TooLarge => "TOO_LARGE",
        Kind::Unsupported => "UNSUPPORTED_MEDIA",
        Kind::Invalid => "INVALID",
        Kind::Busy => "BUSY",
        Kind::Internal => "INTERNAL",
        _ => "BAD_REQUEST",
    };
    Some(WebError::new(kind, code))
}

fn problem(state: &AppState, lang: Lang, error: &WebError, reference: &str) -> Response {
    let (title, detail) = error.words(&state.i18n.lang(lang));
    let status = error.kind.status();
    let problem = Problem {
        kind: format!("/problems/{}", error.code.to_ascii_lowercase().replace('_', "-")),
        title,
        status: status.as_u16(),
        detail,
        code: error.code.to_owned(),
        reference: reference.to_owned(),
        errors: error.fields.clone(),
    };
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let headers = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body).into_response()
}

async fn page(
    state: &AppState,
    lang: Lang,
    asked: &axum::http::request::Parts,
    error: &WebError,
    reference: &str,
) -> Response {
    let status = error.kind.status();
    // When even the session cannot be read (the database is away), the page is shown as to a visitor.
    let built = match Page::build(asked, state, lang).await {
        Ok(page) => Ok(page),
        Err(_) => {
            let mut plain = asked.clone();
            plain.headers.remove(header::COOKIE);
            Page::build(&plain, state, lang).await
        }
    };
    let Ok(page) = built else { return status.into_response() };
    let (title, text) = error.words(&page.t);
    let body = ErrorPage { page: &page, title: &title, text: &text, error, reference };
    page.render(Meta::new(title.clone()).status(status), &body).unwrap_or_else(|_| status.into_response())
}

/// The causes of an error in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
