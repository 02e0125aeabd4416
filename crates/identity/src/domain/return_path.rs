//! Where to go after signing in: only ever a page of this portal.

/// The path to return to, when it is one of ours; `None` for everything that a browser could read as another site.
///
/// Refused: anything that does not start with one slash, `//host`, `/\host`, control characters and
/// white space (browsers drop some of them and then see `//host`), and overlong text.
///
/// Rule: IDN-NEXT.
/// Source: OWASP Unvalidated Redirects and Forwards Cheat Sheet; WHATWG URL, "relative slash state".
pub fn local(next: &str) -> Option<&str> {
    let mut bytes = next.bytes();
    if bytes.next() != Some(b'/') || next.len() > 512 {
        return None;
    }
    if matches!(bytes.next(), Some(b'/' | b'\\')) {
        return None;
    }
    if next.bytes().any(|b| b <= b' ' || b == 0x7f || b == b'\\' || b >= 0x80) {
        return None;
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_pages_are_kept() {
        for path in ["/", "/uz/cabinet", "/ru/drafts/0190/1?x=1&y=2#z"] {
            assert_eq!(local(path), Some(path));
        }
    }

    #[test]
    fn other_sites_are_refused_however_they_are_dressed() {
        for path in [
            "",
            "uz",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/uz\r\nSet-Cookie: a=b",
            "javascript:alert(1)",
            " /uz",
            "/uz\\..",
            "/ўз",
        ] {
            assert_eq!(local(path), None, "{path:?}");
        }
        assert_eq!(local(&format!("/{}", "a".repeat(600))), None);
    }
}
