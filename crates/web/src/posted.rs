//! What a form sent: checked for its origin, bounded in size, decoded strictly.

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;

use crate::page::{SESSION_COOKIE, cookie};
use crate::{AppState, WebError, csrf};

/// A form without files: 1 MiB holds three pages of the longest answers many times over.
const FORM_LIMIT: usize = 1024 * 1024;
/// A form with files: the largest file that definitions may ask for (10 MiB) and room for the fields.
const UPLOAD_LIMIT: usize = 12 * 1024 * 1024;
/// More fields than any form of ours has.
const FIELDS_LIMIT: usize = 2000;

/// A form of ours, with a valid token.
#[derive(Debug, Default)]
pub struct Posted {
    fields: Vec<(String, String)>,
    pub files: Vec<Upload>,
}

/// A form that may be sent without a token (it changes nothing that is worth forging), but not from another site.
pub struct PostedOpen(Posted);

/// A file that came with a form. `name` and `claimed_type` are the sender's words: never trusted.
#[derive(Clone, Debug)]
pub struct Upload {
    pub field: String,
    pub name: String,
    pub claimed_type: String,
    pub bytes: Bytes,
}

impl Posted {
    /// The first value of a field, without surrounding white space; empty when absent.
    pub fn get(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }

    /// The first value exactly as sent (passwords).
    pub fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All values of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|(key, _)| key == name)
    }

    /// Every field in the order sent, without the token.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// For tests of handlers' helpers.
    pub fn from_fields(fields: Vec<(String, String)>) -> Self {
        Self { fields, files: Vec::new() }
    }
}

impl std::ops::Deref for PostedOpen {
    type Target = Posted;
    fn deref(&self) -> &Posted {
        &self.0
    }
}

impl FromRequest<AppState> for Posted {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let headers = request.headers().clone();
        let mut posted = read(request, state).await.map_err(IntoResponse::into_response)?;
        let given = posted.get(csrf::FIELD).to_owned();
        // Signed-in pages sign the session, others the visitor's cookie; a page may have been opened before signing in.
        let known = [SESSION_COOKIE, csrf::COOKIE]
            .into_iter()
            .filter_map(|name| cookie(&headers, name))
            .any(|secret| csrf::verify(&state.csrf_key, &secret, &given));
        if !known {
            return Err(WebError::new(crate::error::Kind::Forbidden, "CSRF")
                .message("common-error-csrf-text")
                .into_response());
        }
        posted.fields.retain(|(name, _)| name != csrf::FIELD);
        Ok(posted)
    }
}

impl FromRequest<AppState> for PostedOpen {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        read(request, state).await.map(Self).map_err(IntoResponse::into_response)
    }
}

async fn read(request: Request, state: &AppState) -> Result<Posted, WebError> {
    if !csrf::same_site(request.headers()) {
        return Err(WebError::new(crate::error::Kind::Forbidden, "CROSS_SITE").message("common-error-csrf-text"));
    }
    let content_type =
        request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    if content_type.starts_with("multipart/form-data") {
        multipart(request, state).await
    } else if content_type.starts_with("application/x-www-form-urlencoded") || content_type.is_empty() {
        let body = bounded(request.into_body(), FORM_LIMIT).await?;
        Ok(Posted { fields: urlencoded(&body)?, files: Vec::new() })
    } else {
        Err(WebError::unsupported())
    }
}

/// Past the limit a body is read on and thrown away up to this size, so that a sender who is still sending hears the answer.
const DRAIN_LIMIT: usize = 64 * 1024 * 1024;

/// Reads a body up to a limit.
pub(crate) async fn bounded(mut body: axum::body::Body, limit: usize) -> Result<Bytes, WebError> {
    let mut kept = Vec::new();
    let mut total = 0_usize;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(WebError::bad_request("BODY_BROKEN")) };
        let Some(data) = frame.data_ref() else { continue };
        total += data.len();
        if total > DRAIN_LIMIT {
            return Err(WebError::too_large());
        }
        if total <= limit {
            kept.extend_from_slice(data);
        } else {
            kept = Vec::new();
        }
    }
    if total > limit { Err(WebError::too_large()) } else { Ok(Bytes::from(kept)) }
}

fn urlencoded(body: &[u8]) -> Result<Vec<(String, String)>, WebError> {
    let mut fields = Vec::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if fields.len() >= FIELDS_LIMIT {
            return Err(WebError::too_large());
        }
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let name = decode(halves.next().unwrap_or_default())?;
        let value = decode(halves.next().unwrap_or_default())?;
        fields.push((name, value));
    }
    Ok(fields)
}

/// The fields of an urlencoded body, as [`Posted`] gets them; `None` when it is refused. For `testkit` and the fuzzer.
#[doc(hidden)]
pub fn read_urlencoded(body: &[u8]) -> Option<Vec<(String, String)>> {
    urlencoded(body).ok()
}

/// Percent-decodes; broken UTF-8 and NUL bytes are refused, never replaced.
fn decode(bytes: &[u8]) -> Result<String, WebError> {
    let spaced: Vec<u8> = bytes.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let plain: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
    text(plain)
}

fn text(bytes: Vec<u8>) -> Result<String, WebError> {
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(WebError::bad_request("BAD_ENCODING").message("common-error-encoding-text")),
    }
}

async fn multipart(request: Request, state: &AppState) -> Result<Posted, WebError> {
    let (parts, body) = request.into_parts();
    let body = bounded(body, UPLOAD_LIMIT).await?;
    let request = Request::from_parts(parts, axum::body::Body::from(body));
    let mut form = Multipart::from_request(request, state).await.map_err(|_| WebError::bad_request("BODY_BROKEN"))?;
    let mut posted = Posted::default();
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => return Ok(posted),
            Err(_) => return Err(WebError::bad_request("BODY_BROKEN")),
        };
        if posted.fields.len() + posted.files.len() >= FIELDS_LIMIT {
            return Err(WebError::too_large());
        }
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let claimed_type = field.content_type().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|_| WebError::bad_request("BODY_BROKEN"))?;
        match file_name {
            Some(file_name) if !file_name.is_empty() || !bytes.is_empty() => {
                posted.files.push(Upload { field: name, name: file_name, claimed_type, bytes });
            }
            Some(_) => {}
            None if bytes.len() > FORM_LIMIT => return Err(WebError::too_large()),
            None => posted.fields.push((name, text(bytes.to_vec())?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_encoding_is_refused_and_not_repaired() {
        assert_eq!(urlencoded(b"a=%D0%BF&b=1+2&c").unwrap().len(), 3);
        assert_eq!(urlencoded(b"a=%FF").unwrap_err().code, "BAD_ENCODING");
        assert_eq!(urlencoded(b"a=%00").unwrap_err().code, "BAD_ENCODING");
        let many = "a=1&".repeat(FIELDS_LIMIT + 1);
        assert_eq!(urlencoded(many.as_bytes()).unwrap_err().code, "TOO_LARGE");
    }
}
