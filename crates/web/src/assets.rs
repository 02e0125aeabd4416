//! Styles, scripts, fonts and images: built by the npm package `web/`, embedded, served under the hash of their content.

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

use crate::{AppState, WebError};

#[derive(RustEmbed)]
#[folder = "../../web/dist/"]
#[allow_missing = true]
struct Dist;

/// Addresses of the embedded files.
#[derive(Clone)]
pub struct Assets {
    names: BTreeMap<String, String>,
}

impl Assets {
    /// Reads the manifest that the build of `web/` left.
    pub fn load() -> Self {
        let names =
            Dist::get("manifest.json").and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default();
        Self { names }
    }

    /// Whether the styles were built; without them the program tells how to build them.
    pub fn is_built(&self) -> bool {
        self.names.contains_key("app.css")
    }

    /// The address of a file by its plain name.
    pub fn url(&self, name: &str) -> String {
        format!("/assets/{}", self.names.get(name).map_or(name, String::as_str))
    }
}

/// `/assets/…`
pub fn routes() -> Router<AppState> {
    Router::new().route("/assets/{*path}", get(serve)).route("/favicon.ico", get(favicon))
}

async fn favicon(State(state): State<AppState>) -> Response {
    axum::response::Redirect::permanent(&state.assets.url("favicon.svg")).into_response()
}

async fn serve(State(_): State<AppState>, Path(path): Path<String>, headers: HeaderMap) -> Response {
    let kind = match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("webmanifest") => "application/manifest+json",
        _ => return WebError::not_found().into_response(),
    };
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    let packed = [("br", "br"), ("gzip", "gz")].into_iter().find_map(|(name, ending)| {
        let asked = accepted.split(',').any(|part| part.trim().split(';').next() == Some(name));
        asked.then(|| Dist::get(&format!("{path}.{ending}")).map(|file| (name, file))).flatten()
    });
    let (encoding, file) = match packed {
        Some((name, file)) => (Some(name), file),
        None => match Dist::get(&path) {
            Some(file) => (None, file),
            None => return WebError::not_found().into_response(),
        },
    };
    let mut response = (
        StatusCode::OK,
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (header::VARY, "accept-encoding"),
        ],
        match file.data {
            std::borrow::Cow::Borrowed(bytes) => axum::body::Bytes::from_static(bytes),
            std::borrow::Cow::Owned(bytes) => bytes.into(),
        },
    )
        .into_response();
    if let Some(name) = encoding {
        response.headers_mut().insert(header::CONTENT_ENCODING, axum::http::HeaderValue::from_static(name));
    }
    response
}
