//! How documents are shown, fetched and checked.

pub(crate) mod api;
pub(crate) mod html;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use web::WebError;

use crate::domain::number;
use crate::service::{CheckError, Error};
use crate::store::Document;

impl From<Error> for WebError {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(source) => source.into(),
            Error::Commit(source) => source.into(),
            other => WebError::internal(other),
        }
    }
}

impl From<CheckError> for WebError {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::TooMany(seconds) => WebError::too_many(seconds),
            CheckError::Failed(error) => error.into(),
        }
    }
}

/// The PDF as a download. Never kept by caches on the way: it is personal.
fn file(document: &Document, pdf: Vec<u8>) -> Response {
    let mut response = pdf.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let name = format!("attachment; filename=\"peshtoq-{}.pdf\"", number::shown(&document.number));
    // The name is made of digits and hyphens; were it not, the browser would choose one.
    if let Ok(value) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// `…/{id}.pdf` → the id.
fn file_id(name: &str) -> Result<kernel::id::DocumentId, WebError> {
    name.strip_suffix(".pdf").and_then(|id| id.parse().ok()).ok_or_else(WebError::not_found)
}
