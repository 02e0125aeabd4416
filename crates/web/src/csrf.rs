//! Proof that a form was ours.
//!
//! Three locks, any of which suffices against today's browsers: session cookies are `SameSite=Lax`; a request that
//! says it comes from another site (`Sec-Fetch-Site`, `Origin`) is refused; a form carries a token that is the
//! HMAC-SHA-256 of a cookie which another site can neither read nor set. Source: OWASP CSRF cheat sheet, signed double submit.

use axum::http::HeaderMap;
use data_encoding::BASE64URL_NOPAD;
use ring::hmac;

/// Name of the hidden field.
pub const FIELD: &str = "_csrf";
/// Cookie of a visitor without a session.
pub const COOKIE: &str = "pc";

/// The token for a cookie value.
pub fn token(key: &[u8; 32], secret: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    BASE64URL_NOPAD.encode(hmac::sign(&key, secret.as_bytes()).as_ref())
}

/// Whether `given` is the token for the cookie value, in constant time.
pub fn verify(key: &[u8; 32], secret: &str, given: &str) -> bool {
    let Ok(given) = BASE64URL_NOPAD.decode(given.as_bytes()) else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::verify(&key, secret.as_bytes(), &given).is_ok()
}

/// Whether the browser says that the request was made by a page of ours, or says nothing.
pub fn same_site(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return matches!(site.as_bytes(), b"same-origin" | b"none");
    }
    match (headers.get("origin"), headers.get("host")) {
        (Some(origin), Some(host)) => {
            let origin = origin.to_str().unwrap_or("");
            let origin_host = origin.split_once("://").map_or("", |(_, rest)| rest);
            origin_host.as_bytes().eq_ignore_ascii_case(host.as_bytes())
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_fits_only_its_cookie_and_key() {
        let token_text = token(&[1; 32], "cookie");
        assert!(verify(&[1; 32], "cookie", &token_text));
        assert!(!verify(&[1; 32], "other", &token_text));
        assert!(!verify(&[2; 32], "cookie", &token_text));
        assert!(!verify(&[1; 32], "cookie", "ю"));
    }

    #[test]
    fn a_request_from_another_site_is_seen() {
        let with = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            same_site(&headers)
        };
        assert!(with(&[("sec-fetch-site", "same-origin")]));
        assert!(!with(&[("sec-fetch-site", "cross-site")]));
        assert!(!with(&[("sec-fetch-site", "same-site")]));
        assert!(with(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]));
        assert!(!with(&[("origin", "http://evil.example"), ("host", "127.0.0.1:8080")]));
        assert!(!with(&[("origin", "null"), ("host", "127.0.0.1:8080")]));
    }
}
