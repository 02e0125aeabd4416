//! Addresses of clients: which may be registered, which one of a request is meant.

/// Parts of an address that passed [`parse`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    pub scheme: &'a str,
    pub host: &'a str,
    pub port: Option<u16>,
    /// From the slash on, with the query.
    pub rest: &'a str,
}

impl Address<'_> {
    /// Whether it leads to the same machine only. Source: RFC 8252 §7.3, §8.3.
    pub fn is_loopback(&self) -> bool {
        matches!(self.host, "127.0.0.1" | "[::1]" | "localhost")
    }

    /// Scheme, host and port, as a Content-Security-Policy takes them.
    pub fn origin(&self) -> String {
        match self.port {
            Some(port) => format!("{}://{}:{port}", self.scheme, self.host),
            None => format!("{}://{}", self.scheme, self.host),
        }
    }
}

/// Reads an address that a client may have: `https://…` anywhere or `http://` to the same machine; no user, no fragment, no
/// wildcard, no dot segments, nothing that browsers repair or that another reader could take for another address.
///
/// Rule: SSO-REDIRECT-FORM.
/// Source: RFC 6749 §3.1.2 (absolute, no fragment); RFC 9700 §2.1, §4.1 (exact matching, known tricks); RFC 8252 §7.3 (loopback).
pub fn parse(text: &str) -> Option<Address<'_>> {
    if text.len() > 1000
        || !text.bytes().all(|b| b.is_ascii_graphic())
        || text.contains(['\\', '#', '*', '"', '<', '>', '`', '{', '}', '|', '^', '\'', ';'])
    {
        return None;
    }
    let (scheme, after) = text.split_once("://")?;
    let at = after.find(['/', '?'])?;
    let (authority, rest) = after.split_at(at);
    if !rest.starts_with('/') || authority.contains(['@', '%']) {
        return None;
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !authority.ends_with(']') => {
            let plain = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
            (host, Some(port.parse().ok().filter(|_| plain)?))
        }
        _ => (authority, None),
    };
    let named = !host.is_empty()
        && !host.starts_with(['.', '-'])
        && !host.ends_with('.')
        && !host.contains("..")
        && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-'));
    if !named && host != "[::1]" {
        return None;
    }
    let path = rest.split('?').next().unwrap_or_default();
    let lower = path.to_ascii_lowercase();
    let dots = path.split('/').any(|part| part == "." || part == "..");
    if dots || ["%2e", "%2f", "%5c", "%00", "%0a", "%0d"].iter().any(|bad| lower.contains(bad)) || path.contains("//") {
        return None;
    }
    let address = Address { scheme, host, port, rest };
    match scheme {
        "https" => Some(address),
        "http" if address.is_loopback() => Some(address),
        _ => None,
    }
}

/// Whether the address of a request is one that was registered: the same text. A native program may choose its port on the
/// same machine when the request is made.
///
/// Rule: SSO-REDIRECT-MATCH.
/// Source: RFC 9700 §2.1 (exact string matching); OpenID Connect Core §3.1.2.1; RFC 8252 §7.3 (any port on loopback for native programs).
pub fn is_registered(registered: &[String], asked: &str, native: bool) -> bool {
    if registered.iter().any(|known| known == asked) {
        return true;
    }
    let Some(asked) = parse(asked).filter(|asked| native && asked.scheme == "http" && asked.host != "localhost") else {
        return false;
    };
    registered.iter().filter_map(|known| parse(known)).any(|known| {
        known.scheme == asked.scheme && known.is_loopback() && known.host == asked.host && known.rest == asked.rest
    })
}

/// Adds parameters to an address, keeping its own.
pub fn with_params(address: &str, params: &[(&str, &str)]) -> String {
    let mut out = address.to_owned();
    for (name, value) in params {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(&encode(name));
        out.push('=');
        out.push_str(&encode(value));
    }
    out
}

/// Percent-encodes everything that is not unreserved (RFC 3986 §2.3).
pub fn encode(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const SET: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, SET).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_read() {
        for text in [
            "https://shop.example/back",
            "https://shop.example:8443/back?x=1",
            "http://127.0.0.1:9000/cb",
            "http://[::1]:9000/cb",
            "http://localhost/cb",
            "https://xn--e1afmkfd.example/",
        ] {
            assert!(parse(text).is_some(), "{text}");
        }
        assert_eq!(parse("https://shop.example:8443/a?b").unwrap().origin(), "https://shop.example:8443");
    }

    #[test]
    fn tricks_with_addresses_are_refused() {
        for text in [
            "http://shop.example/back",
            "https://shop.example",
            "https://user@shop.example/back",
            "https://shop.example@evil.example/back",
            "https://shop.example/back#fragment",
            "https://shop.example/../evil",
            "https://shop.example/a/%2e%2e/evil",
            "https://shop.example/a%2Fb",
            "https://shop.example//evil.example",
            "https://*.shop.example/back",
            "https://shop.example\\@evil.example/",
            "https://shop.example\t/back",
            "https://SHOP.example/back",
            "https://shop.example./back",
            "https://shop.example:/back",
            "https://shop.example:080/back",
            "https://shop.example:99999/back",
            "https:///back",
            "javascript://shop.example/%0aalert(1)",
            "data:text/html,x",
            "custom:/back",
            "https://shop.example/бек",
            "https://shop.example/a;script-src",
            "http://127.0.0.1.evil.example/cb",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_the_registered_text_matches() {
        let known = vec!["https://shop.example/back".to_owned(), "http://127.0.0.1/cb".to_owned()];
        assert!(is_registered(&known, "https://shop.example/back", false));
        for asked in [
            "https://shop.example/back/",
            "https://shop.example/back?x=1",
            "https://shop.example/BACK",
            "https://shop.example:443/back",
            "https://evil.example/back",
            "https://shop.example/back/../x",
            "http://127.0.0.1:5000/cb",
        ] {
            assert!(!is_registered(&known, asked, false), "{asked}");
        }
        assert!(is_registered(&known, "http://127.0.0.1:5000/cb", true), "a native program chooses its port");
        assert!(!is_registered(&known, "http://127.0.0.1:5000/other", true));
        assert!(!is_registered(&known, "http://localhost:5000/cb", true));
        assert!(!is_registered(&known, "https://shop.example:5000/back", true));
    }

    #[test]
    fn parameters_are_added_and_cannot_break_out() {
        assert_eq!(
            with_params("https://a.example/b", &[("state", "x&y=z #")]),
            "https://a.example/b?state=x%26y%3Dz%20%23"
        );
        assert_eq!(with_params("https://a.example/b?k=1", &[("a", "b")]), "https://a.example/b?k=1&a=b");
    }
}
