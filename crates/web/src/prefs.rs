//! How a reader wants pages to look: theme, text size, contrast. Kept in a cookie of theirs, nowhere else.

use askama::Template;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use axum::{Router, routing::get};

use crate::page::{cookie, set_cookie};
use crate::{AppState, Meta, Page, PostedOpen, WebError};

/// Name of the cookie.
const COOKIE: &str = "prefs";

/// Theme: `auto`, `light`, `dark`, `contrast`; text: `normal`, `large`, `largest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefs {
    pub theme: &'static str,
    pub text: &'static str,
}

const THEMES: [&str; 4] = ["auto", "light", "dark", "contrast"];
const TEXTS: [&str; 3] = ["normal", "large", "largest"];

impl Prefs {
    /// From the cookie `theme.text`; anything unknown is the default.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let value = cookie(headers, COOKIE).unwrap_or_default();
        let (theme, text) = value.split_once('.').unwrap_or(("", ""));
        Self::from_parts(theme, text)
    }

    fn from_parts(theme: &str, text: &str) -> Self {
        Self {
            theme: THEMES.into_iter().find(|known| *known == theme).unwrap_or("auto"),
            text: TEXTS.into_iter().find(|known| *known == text).unwrap_or("normal"),
        }
    }
}

#[derive(Template)]
#[template(path = "prefs.html")]
struct PrefsPage<'a> {
    page: &'a Page,
    themes: [&'static str; 4],
    texts: [&'static str; 3],
    saved: bool,
    next: String,
}

/// The preferences page.
pub fn routes() -> Router<AppState> {
    Router::new().route("/preferences", get(show).post(save))
}

#[derive(serde::Deserialize)]
struct Saved {
    #[serde(default)]
    saved: Option<String>,
}

async fn show(page: Page, axum::extract::Query(query): axum::extract::Query<Saved>) -> Result<Response, WebError> {
    let body =
        PrefsPage { page: &page, themes: THEMES, texts: TEXTS, saved: query.saved.is_some(), next: String::new() };
    page.render(Meta::new(page.t("common-prefs-title")), &body)
}

async fn save(page: Page, posted: PostedOpen) -> Result<Response, WebError> {
    let prefs = Prefs::from_parts(posted.get("theme"), posted.get("text"));
    let mut response = page.redirect("/preferences?saved=1");
    let value = format!("{}.{}", prefs.theme, prefs.text);
    let year = 365 * 24 * 3600;
    response.headers_mut().append(header::SET_COOKIE, set_cookie(&page.state, COOKIE, &value, Some(year)));
    Ok(response)
}
