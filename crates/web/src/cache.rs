//! Public pages, rendered once and packed ahead.
//!
//! A page that is the same for everybody who is not signed in (`Cache-Control: public`, set by [`crate::Page::render`])
//! is kept in the coding in which it was asked for. A request with a session, or with preferences of its own, never meets the cache.
//! Entries live for [`LIFE`]; a publication of services empties it at once ([`PublicCache::clear`]).

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::future::{Either, Ready, ready};
use http_body_util::BodyExt;
use kernel::clock::Timestamp;
use ring::digest;

use crate::AppState;
use crate::lang::AskedUri;
use crate::page::{SESSION_COOKIE, cookie};

/// How long statistics on a public page may be old.
const LIFE: Duration = Duration::from_secs(30);
/// 300 services × 5 languages and the lists of groups.
const ENTRIES: usize = 2048;
/// A page larger than this is not kept.
const PAGE_LIMIT: usize = 1024 * 1024;

/// How an answer is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Plain,
    Gzip,
    Brotli,
}

impl Coding {
    /// The best of those that a client takes.
    fn best(headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
        let has = |name: &str| accepted.split(',').any(|part| part.trim().split(';').next() == Some(name));
        match () {
            () if has("br") => Coding::Brotli,
            () if has("gzip") => Coding::Gzip,
            () => Coding::Plain,
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Coding::Plain => None,
            Coding::Gzip => Some("gzip"),
            Coding::Brotli => Some("br"),
        }
    }

    /// Writing into memory does not fail; if it did, the page would be sent plain.
    fn pack(self, bytes: &[u8]) -> Option<Bytes> {
        match self {
            Coding::Plain => None,
            Coding::Gzip => gzip(bytes),
            Coding::Brotli => brotli(bytes),
        }
    }
}

struct Entry {
    until: Timestamp,
    etag: HeaderValue,
    /// With the coding, where there is one.
    headers: HeaderMap,
    body: Bytes,
}

/// The kept pages, by coding and path.
#[derive(Clone, Default)]
pub struct PublicCache(Arc<RwLock<[HashMap<String, Arc<Entry>>; 3]>>);

impl PublicCache {
    /// Forgets everything: what the pages show has changed.
    pub fn clear(&self) {
        if let Ok(mut entries) = self.0.write() {
            entries.iter_mut().for_each(HashMap::clear);
        }
    }

    fn get(&self, coding: Coding, key: &str, now: Timestamp) -> Option<Arc<Entry>> {
        let entries = self.0.read().ok()?;
        entries[coding as usize].get(key).filter(|entry| entry.until > now).cloned()
    }

    fn put(&self, coding: Coding, key: String, entry: Arc<Entry>, now: Timestamp) {
        if let Ok(mut entries) = self.0.write() {
            let entries = &mut entries[coding as usize];
            if entries.len() >= ENTRIES {
                entries.retain(|_, entry| entry.until > now);
                if entries.len() >= ENTRIES {
                    entries.clear();
                }
            }
            entries.insert(key, entry);
        }
    }
}

/// Stands before everything else and answers what the cache knows: neither routing nor any layer is needed for that.
#[derive(Clone)]
pub struct Front<S> {
    inner: S,
    state: AppState,
}

impl<S> Front<S> {
    pub fn new(inner: S, state: AppState) -> Self {
        Self { inner, state }
    }
}

impl<S: tower::Service<Request, Response = Response>> tower::Service<Request> for Front<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = Either<Ready<Result<Response, S::Error>>, S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if common(&request)
            && let Some(entry) =
                self.state.cache.get(Coding::best(request.headers()), key(request.uri()), self.state.ctx.now())
        {
            metrics::counter!("peshtoq_http_cached_total").increment(1);
            return Either::Left(ready(Ok(answer(&entry, request.headers().get(header::IF_NONE_MATCH)))));
        }
        Either::Right(self.inner.call(request))
    }
}

/// Whether the answer may be the same for others: nobody is signed in, no preferences, no question of one's own in the
/// address (those would let a stranger fill the memory).
fn common(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::GET
        && request.uri().query().is_none()
        && (!headers.contains_key(header::COOKIE)
            || cookie(headers, SESSION_COOKIE).is_none_or(|value| value.is_empty())
                && cookie(headers, "prefs").is_none())
}

fn key(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |path| path.as_str())
}

/// Keeps public pages for [`Front`].
pub async fn layer(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let Some(AskedUri(asked_uri)) = request.extensions().get::<AskedUri>().cloned().filter(|_| common(&request)) else {
        return next.run(request).await;
    };
    let coding = Coding::best(request.headers());
    let asked = request.headers().get(header::IF_NONE_MATCH).cloned();
    let now = state.ctx.now();
    let response = next.run(request).await;
    let public = response.status() == StatusCode::OK
        && response.headers().get(header::CACHE_CONTROL).is_some_and(|v| v.as_bytes().starts_with(b"public"))
        && !response.headers().contains_key(header::SET_COOKIE);
    if !public {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(collected) = body.collect().await else {
        return Response::new(Body::empty());
    };
    let plain = collected.to_bytes();
    if plain.len() > PAGE_LIMIT {
        return Response::from_parts(parts, Body::from(plain));
    }
    let mut kept = HeaderMap::new();
    for name in [header::CONTENT_TYPE, header::CACHE_CONTROL] {
        if let Some(value) = parts.headers.get(&name) {
            kept.insert(name, value.clone());
        }
    }
    kept.insert(header::VARY, HeaderValue::from_static("cookie, accept-encoding"));
    crate::headers::apply(&mut kept);
    let hash = digest::digest(&digest::SHA256, &plain);
    let until = now.checked_add(jiff::SignedDuration::try_from(LIFE).unwrap_or_default()).unwrap_or(now);
    let for_packing = plain.clone();
    // Packing takes about a millisecond: not on the thread that serves others.
    let packed = tokio::task::spawn_blocking(move || coding.pack(&for_packing)).await.ok().flatten();
    let name = coding.name().filter(|_| packed.is_some());
    if let Some(name) = name {
        kept.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    // What is sent differs by coding, and so does its tag (RFC 9110, section 8.8.3.3).
    let hash = data_encoding::BASE64URL_NOPAD.encode(&hash.as_ref()[..12]);
    let etag = name.map_or_else(|| format!("\"{hash}\""), |name| format!("\"{hash}-{name}\""));
    let entry = Arc::new(Entry {
        until,
        etag: HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"\"")),
        headers: kept,
        body: packed.unwrap_or(plain),
    });
    state.cache.put(coding, key(&asked_uri).to_owned(), entry.clone(), now);
    answer(&entry, asked.as_ref())
}

/// What is kept, or that it is what the client has.
fn answer(entry: &Entry, known: Option<&HeaderValue>) -> Response {
    let same = known == Some(&entry.etag);
    let mut response = Response::new(if same { Body::empty() } else { Body::from(entry.body.clone()) });
    if same {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.reserve(entry.headers.len() + 1);
    for (name, value) in &entry.headers {
        // Nothing is encoded in an answer without a body.
        if !(same && name == header::CONTENT_ENCODING) {
            headers.insert(name.clone(), value.clone());
        }
    }
    headers.insert(header::ETAG, entry.etag.clone());
    response
}

fn gzip(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).and_then(|()| encoder.finish()).map(Bytes::from).ok()
}

fn brotli(bytes: &[u8]) -> Option<Bytes> {
    let mut out = Vec::new();
    // Of a passport of 20 KB, quality 9 saves 0.4 % and takes six times as long; such a page fits into the window of 256 KB.
    let params = brotli::enc::BrotliEncoderParams { quality: 5, lgwin: 18, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).ok()?;
    Some(Bytes::from(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_forms_unpack_to_the_page() {
        let page = "peshtaq ".repeat(500);
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut &brotli(page.as_bytes()).unwrap()[..], &mut plain).unwrap();
        assert_eq!(plain, page.as_bytes());
        let mut text = String::new();
        std::io::Read::read_to_string(
            &mut flate2::read::GzDecoder::new(&gzip(page.as_bytes()).unwrap()[..]),
            &mut text,
        )
        .unwrap();
        assert_eq!(text, page);
    }
}
