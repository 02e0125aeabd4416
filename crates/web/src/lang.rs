//! The language in the address: `/ru/cabinet` is routed as `/cabinet` in Russian.
//!
//! Contexts declare paths without a language; this layer takes the first segment off before routing. A page
//! asked for without a language is redirected to the reader's ([`crate::Page`] does that).

use std::task::{Context, Poll};

use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Uri, header};
use kernel::lang::Lang;

/// The language that the address carried.
#[derive(Clone, Copy, Debug)]
pub struct AddressLang(pub Lang);

/// The address as it came, with its language.
#[derive(Clone, Debug)]
pub struct AskedUri(pub Uri);

/// Wraps the whole router.
#[derive(Clone)]
pub struct LangService<S>(pub S);

impl<S: tower::Service<Request>> tower::Service<Request> for LangService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        if let Some((lang, rest)) = split(request.uri().path()) {
            let rest = match request.uri().query() {
                Some(query) => format!("{rest}?{query}"),
                None => rest.to_owned(),
            };
            if let Ok(target) = rest.parse::<PathAndQuery>() {
                let mut parts = request.uri().clone().into_parts();
                parts.path_and_query = Some(target);
                if let Ok(uri) = Uri::from_parts(parts) {
                    let asked = std::mem::replace(request.uri_mut(), uri);
                    request.extensions_mut().insert(AskedUri(asked));
                    request.extensions_mut().insert(AddressLang(lang));
                }
            }
        }
        self.0.call(request)
    }
}

/// `/ru/cabinet` → Russian, `/cabinet`; `/ru` → Russian, `/`.
fn split(path: &str) -> Option<(Lang, &str)> {
    let rest = path.strip_prefix('/')?;
    let (first, rest) = match rest.find('/') {
        Some(at) => (&rest[..at], &rest[at..]),
        None => (rest, "/"),
    };
    Some((Lang::parse(first)?, rest))
}

/// The reader's language: the cookie of an earlier choice, else `Accept-Language`, else Uzbek.
pub fn preferred(headers: &HeaderMap) -> Lang {
    if let Some(lang) = crate::page::cookie(headers, "lang").and_then(|code| Lang::parse(&code)) {
        return lang;
    }
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let mut wanted: Vec<(u32, Lang)> = accepted
        .split(',')
        .take(20)
        .filter_map(|part| {
            let mut pieces = part.trim().split(';');
            let tag = pieces.next()?.trim();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q="))
                .and_then(|q| q.parse::<f32>().ok())
                .map_or(1000, |q| (q.clamp(0.0, 1.0) * 1000.0) as u32);
            let lang = match tag.to_ascii_lowercase().as_str() {
                tag if tag.starts_with("uz-cyrl") => Lang::UzCyrl,
                tag if tag.starts_with("uz") => Lang::Uz,
                tag if tag.starts_with("kaa") => Lang::Kaa,
                tag if tag.starts_with("ru") => Lang::Ru,
                tag if tag.starts_with("en") => Lang::En,
                _ => return None,
            };
            Some((weight, lang))
        })
        .collect();
    wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    wanted.first().map_or(Lang::Uz, |(_, lang)| *lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_segment_is_the_language_when_it_is_one() {
        assert_eq!(split("/ru/cabinet"), Some((Lang::Ru, "/cabinet")));
        assert_eq!(split("/uz-Cyrl"), Some((Lang::UzCyrl, "/")));
        assert_eq!(split("/en/"), Some((Lang::En, "/")));
        assert_eq!(split("/api/v1/services"), None);
        assert_eq!(split("/"), None);
    }

    #[test]
    fn the_reader_gets_the_best_of_what_they_accept() {
        let ask = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
            preferred(&headers)
        };
        assert_eq!(ask("de, ru;q=0.8, en;q=0.9"), Lang::En);
        assert_eq!(ask("uz-Cyrl-UZ"), Lang::UzCyrl);
        assert_eq!(ask("fr"), Lang::Uz);
        assert_eq!(ask(";;;,q=,ru;q=nan"), Lang::Ru);
    }
}
