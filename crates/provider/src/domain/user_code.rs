//! The code that a person types for a device without a browser.

use kernel::rng::Rng;

/// Letters that are not taken for each other or for a digit, and no vowels, so that no word comes out.
const ALPHABET: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// How many letters: 20^8 are 25 thousand million codes.
const LENGTH: usize = 8;

/// A new code, eight letters.
///
/// Rule: SSO-USER-CODE.
/// Source: RFC 8628 §6.1 (20 letters without vowels, eight of them: 34.5 bits), §5.1 (bounded by tries).
pub fn new(rng: &dyn Rng) -> String {
    let mut out = String::with_capacity(LENGTH);
    while out.len() < LENGTH {
        let mut byte = [0_u8; 1];
        rng.fill(&mut byte);
        // 240 is the largest multiple of twenty in a byte: what lies above would favour the first letters.
        if byte[0] < 240 {
            out.push(char::from(ALPHABET[usize::from(byte[0] % 20)]));
        }
    }
    out
}

/// As it is shown: two groups of four.
pub fn shown(code: &str) -> String {
    match code.split_at_checked(4) {
        Some((first, second)) => format!("{first}-{second}"),
        None => code.to_owned(),
    }
}

/// What a person typed, in any case and with any separators; `None` when it cannot be a code.
pub fn read(typed: &str) -> Option<String> {
    let code: String = typed
        .chars()
        .filter(|c| !matches!(c, '-' | ' ' | '.' | '–'))
        .map(|c| c.to_ascii_uppercase())
        .take(LENGTH + 1)
        .collect();
    (code.len() == LENGTH && code.bytes().all(|b| ALPHABET.contains(&b))).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::rng::SeededRng;

    #[test]
    fn a_code_has_eight_plain_letters_and_is_read_however_it_is_typed() {
        let rng = SeededRng::new(5);
        for _ in 0..200 {
            let code = new(&rng);
            assert!(!code.contains(['A', 'E', 'I', 'O', 'U', 'Y', '0', '1', '8']), "{code}");
            assert_eq!(read(&shown(&code).to_lowercase()), Some(code.clone()));
            assert_eq!(read(&format!("  {code} ")), Some(code));
        }
        for wrong in ["", "BCDF", "BCDFGHJA", "BCDFGHJKL", "ВСДФ", "12345678"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
