//! A request for a page, and the page around its content.

use std::sync::atomic::{AtomicBool, Ordering};

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use contracts::mandates::Acting;
use contracts::{Ctx, Principal, Who};
use kernel::lang::Lang;

use crate::i18n::T;
use crate::lang::{AddressLang, preferred};
use crate::module::AppState;
use crate::prefs::Prefs;
use crate::{WebError, csrf};

/// Name of the session cookie.
pub const SESSION_COOKIE: &str = "ps";

/// A request in a language, by somebody or by a visitor. Everything that a template may ask for.
pub struct Page {
    pub state: AppState,
    pub t: T,
    /// Who is signed in.
    pub principal: Option<Principal>,
    pub prefs: Prefs,
    /// Path without the language, with the query: for the language menu and for returning after sign-in.
    pub path: String,
    /// Messages not yet read, for the header.
    pub unread: u64,
    /// For whom the person chose to act; `None` = for themselves.
    pub acting: Option<Acting>,
    csrf_secret: String,
    csrf_is_new: bool,
    csrf_used: AtomicBool,
}

/// What the layout needs to know about a page.
#[derive(Default)]
pub struct Meta {
    /// Of the page, without the portal's name.
    pub title: String,
    /// For search engines.
    pub description: String,
    /// Path of the active entry of the cabinet's navigation; `None` leaves it out.
    pub cabinet: Option<&'static str>,
    /// Path of the active entry of the staff navigation; `None` leaves it out.
    pub staff: Option<&'static str>,
    /// The same for everybody who is not signed in: may be cached and compressed ahead.
    pub public: bool,
    /// Keep out of search engines.
    pub private: bool,
    /// Its content may change soon: fetched anew every so many seconds by a script; without one a link does it, as a page
    /// that reloads by itself takes a reader's place away (WCAG 2.2, 2.2.1 and 3.2.5).
    pub refresh: Option<u32>,
    /// JSON-LD data block.
    pub json_ld: Option<String>,
    /// The layout without the search field (the page has one of its own).
    pub no_search: bool,
    pub status: Option<StatusCode>,
}

impl Meta {
    /// A page that only its reader should see.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), private: true, ..Self::default() }
    }

    /// A page that everybody may see.
    pub fn public(title: impl Into<String>) -> Self {
        Self { title: title.into(), public: true, ..Self::default() }
    }

    /// In the cabinet, with `path` active.
    #[must_use]
    pub fn cabinet(mut self, path: &'static str) -> Self {
        self.cabinet = Some(path);
        self
    }

    /// In the staff's part, with `path` active.
    #[must_use]
    pub fn staff(mut self, path: &'static str) -> Self {
        self.staff = Some(path);
        self
    }

    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    #[must_use]
    pub fn refresh(mut self, seconds: u32) -> Self {
        self.refresh = Some(seconds);
        self
    }

    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a> {
    page: &'a Page,
    meta: &'a Meta,
    /// The content of `<main>`, already escaped.
    body: &'a str,
}

impl Page {
    pub fn ctx(&self) -> &Ctx {
        &self.state.ctx
    }

    pub fn lang(&self) -> Lang {
        self.t.lang()
    }

    /// A text without variables.
    pub fn t(&self, key: &str) -> String {
        self.t.t(key)
    }

    /// A text with one variable.
    pub fn t1(&self, key: &str, name: &str, value: impl Into<crate::Arg>) -> String {
        self.t.t1(key, name, value)
    }

    /// A text with two variables.
    pub fn t2(&self, key: &str, n1: &str, v1: impl Into<crate::Arg>, n2: &str, v2: impl Into<crate::Arg>) -> String {
        self.t.t2(key, n1, v1, n2, v2)
    }

    /// A text with three variables.
    pub fn t3(
        &self,
        key: &str,
        n1: &str,
        v1: impl Into<crate::Arg>,
        n2: &str,
        v2: impl Into<crate::Arg>,
        n3: &str,
        v3: impl Into<crate::Arg>,
    ) -> String {
        self.t.t3(key, n1, v1, n2, v2, n3, v3)
    }

    /// The address of a page in the reader's language; `path` starts with a slash.
    pub fn href(&self, path: &str) -> String {
        let path = if path == "/" { "" } else { path };
        format!("/{}{path}", self.lang().code())
    }

    /// This page in another language.
    pub fn in_lang(&self, lang: &Lang) -> String {
        let path = if self.path == "/" { "" } else { &self.path };
        format!("/{}{path}", lang.code())
    }

    /// All languages, for the menu.
    pub fn langs(&self) -> [Lang; 5] {
        Lang::ALL
    }

    /// The address of a style, script, font or image.
    pub fn asset(&self, name: &str) -> String {
        self.state.assets.url(name)
    }

    /// The cabinet's navigation.
    pub fn cabinet_nav(&self) -> &'static [crate::NavItem] {
        crate::module::CABINET_NAV
    }

    pub fn is_citizen(&self) -> bool {
        matches!(&self.principal, Some(Principal { who: Who::Citizen { .. }, .. }))
    }

    pub fn is_official(&self) -> bool {
        matches!(&self.principal, Some(Principal { who: Who::Official { .. }, .. }))
    }

    /// Whether the official holds the role, by its stable name.
    pub fn has_role(&self, name: &str) -> bool {
        contracts::Role::parse(name).is_some_and(|role| self.principal.as_ref().is_some_and(|p| p.has_role(role)))
    }

    /// Name of who is signed in, else empty.
    pub fn display_name(&self) -> &str {
        self.principal.as_ref().map_or("", |p| p.display_name.as_str())
    }

    pub fn demo(&self) -> bool {
        self.state.ctx.settings.demo
    }

    /// The hidden field that every form with `method="post"` carries; safe mark-up.
    pub fn csrf_field(&self) -> String {
        format!(r#"<input type="hidden" name="{}" value="{}">"#, csrf::FIELD, self.csrf_token())
    }

    /// The token alone, for a script.
    pub fn csrf_token(&self) -> String {
        self.csrf_used.store(true, Ordering::Relaxed);
        csrf::token(&self.state.csrf_key, &self.csrf_secret)
    }

    /// Renders a template as the content of a page.
    ///
    /// # Errors
    /// When the template fails: a defect of ours, answered with 500.
    pub fn render(&self, meta: Meta, body: &impl Template) -> Result<Response, WebError> {
        let body = body.render().map_err(WebError::internal)?;
        let html = Layout { page: self, meta: &meta, body: &body }.render().map_err(WebError::internal)?;
        let mut response =
            (meta.status.unwrap_or(StatusCode::OK), [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html)
                .into_response();
        let headers = response.headers_mut();
        let secret_shown = self.csrf_used.load(Ordering::Relaxed);
        if secret_shown && self.csrf_is_new {
            let cookie = set_cookie(&self.state, csrf::COOKIE, &self.csrf_secret, None);
            headers.append(header::SET_COOKIE, cookie);
        }
        if meta.public && self.principal.is_none() && !secret_shown && meta.status.is_none() {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=0, must-revalidate"));
            headers.insert(header::VARY, HeaderValue::from_static("cookie"));
        } else {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        Ok(response)
    }

    /// `303 See Other` to a path of ours in the reader's language.
    pub fn redirect(&self, path: &str) -> Response {
        Redirect::to(&self.href(path)).into_response()
    }

    /// A path that came from outside, when it is one of ours; else `fallback`. Never leads to another site.
    pub fn local_path<'a>(&self, given: &'a str, fallback: &'a str) -> &'a str {
        let safe = given.starts_with('/')
            && !given.starts_with("//")
            && !given.contains('\\')
            && !given.bytes().any(|b| b.is_ascii_control() || b == b' ')
            && given.len() <= 500;
        if safe { given } else { fallback }
    }

    /// Puts a page together from a request's head.
    pub(crate) async fn build(parts: &Parts, state: &AppState, lang: Lang) -> Result<Self, WebError> {
        let headers = &parts.headers;
        let session = cookie(headers, SESSION_COOKIE);
        let mut principal = None;
        let mut unread = 0;
        let mut acting = None;
        if let Some(token) = session.as_deref().filter(|token| !token.is_empty()) {
            principal = state.ctx.ports.sessions.principal(&state.ctx, token).await?;
            if let Some(who) = &principal
                && let Some(subject) = who.subject()
            {
                unread = state.ctx.ports.inbox.unread(&state.ctx, subject).await?;
                acting = state.ctx.ports.mandates.acting(&state.ctx, who).await?;
            }
        }
        let (csrf_secret, csrf_is_new) = match (&principal, session, cookie(headers, csrf::COOKIE)) {
            (Some(_), Some(session), _) => (session, false),
            (_, _, Some(secret)) if secret.len() >= 16 => (secret, false),
            _ => (state.ctx.rng.token(18), true),
        };
        let path = parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
        Ok(Self {
            t: state.i18n.lang(lang),
            state: state.clone(),
            principal,
            prefs: Prefs::from_headers(headers),
            path,
            unread,
            acting,
            csrf_secret,
            csrf_is_new,
            csrf_used: AtomicBool::new(false),
        })
    }
}

/// Why a [`Page`] could not be made.
pub enum PageRejection {
    /// The address had no language: go to the one with it.
    ToLanguage(String),
    Error(WebError),
}

impl IntoResponse for PageRejection {
    fn into_response(self) -> Response {
        match self {
            PageRejection::ToLanguage(path) => (
                StatusCode::TEMPORARY_REDIRECT,
                [(header::LOCATION, path), (header::CACHE_CONTROL, "no-store".to_owned())],
            )
                .into_response(),
            PageRejection::Error(error) => error.into_response(),
        }
    }
}

impl From<WebError> for PageRejection {
    fn from(error: WebError) -> Self {
        Self::Error(error)
    }
}

impl FromRequestParts<AppState> for Page {
    type Rejection = PageRejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageRejection> {
        let Some(AddressLang(lang)) = parts.extensions.get::<AddressLang>().copied() else {
            if parts.method == Method::GET || parts.method == Method::HEAD {
                let path = parts.uri.path_and_query().map_or("/", |p| p.as_str());
                let path = if path == "/" { "" } else { path };
                return Err(PageRejection::ToLanguage(format!("/{}{path}", preferred(&parts.headers).code())));
            }
            return Err(WebError::not_found().into());
        };
        Ok(Page::build(parts, state, lang).await?)
    }
}

/// The value of a cookie of the request.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).find_map(|line| {
        line.split(';').find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then(|| value.to_owned())
        })
    })
}

/// A `Set-Cookie` value: `HttpOnly`, `SameSite=Lax`, `Secure` when the portal is served over TLS. `max_age` in seconds;
/// `None` = until the browser closes; `Some(0)` deletes.
pub fn set_cookie(state: &AppState, name: &str, value: &str, max_age: Option<u64>) -> HeaderValue {
    let secure = if state.ctx.settings.public_url.starts_with("https:") { "; Secure" } else { "" };
    let age = max_age.map(|age| format!("; Max-Age={age}")).unwrap_or_default();
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    // Only our own tokens get here; a value with a forbidden byte would be a defect and is dropped.
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("invalid="))
}
