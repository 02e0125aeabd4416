//! Codes that an app of the person's makes: which are right, and that each is right once.

use kernel::clock::Timestamp;
use totp_rs::{Builder, Secret, Totp};

/// Bytes of a secret: the length that RFC 4226 recommends for SHA-1.
pub const SECRET_BYTES: usize = 20;
/// Seconds that a code is shown.
pub const STEP_S: u64 = 30;
/// Most apps for codes that one person has.
pub const MOST: usize = 5;

fn totp(secret: &[u8]) -> Option<Totp> {
    // SHA-1, six digits, 30 seconds: what every app understands; one step of clock drift to either side.
    Builder::new().with_secret(Secret::from(secret.to_vec())).with_skew(1).with_step_duration(STEP_S).build().ok()
}

/// The time step of a right code that was not used before; `None` when the code is wrong or was used.
///
/// A step at or before `last_step` is refused, so that a code that somebody read along is of no use.
///
/// Rule: IDN-TOTP.
/// Source: RFC 6238 §5.2 (a code is accepted once; at most one step of delay); RFC 4226 §4.
pub fn accept(secret: &[u8], digits: &str, last_step: i64, now: Timestamp) -> Option<i64> {
    let seconds = u64::try_from(now.as_second()).ok()?;
    let step = i64::try_from(totp(secret)?.check(digits, seconds)?).ok()?;
    (step > last_step).then_some(step)
}

/// The address that a QR code carries to the app. `portal` and `account` are shown by the app.
///
/// Rule: IDN-TOTP-URI.
/// Source: the key URI format that authenticator apps share (otpauth://totp).
pub fn uri(secret: &[u8], portal: &str, account: &str) -> String {
    let (portal, account) = (escape(portal), escape(account));
    format!("otpauth://totp/{portal}:{account}?secret={}&issuer={portal}", key(secret))
}

/// The secret as people type it: base 32 without padding.
pub fn key(secret: &[u8]) -> String {
    data_encoding::BASE32_NOPAD.encode(secret)
}

/// [`key`] in groups of four.
pub fn spaced(secret: &[u8]) -> String {
    let key = key(secret);
    let groups: Vec<&str> = key.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(" ")
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_examples_of_the_standard_are_right() {
        // RFC 6238, appendix B, SHA-1; the last six of the eight digits.
        for (second, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            assert_eq!(accept(SECRET, code, 0, at(second)), Some(second / 30), "{second}");
        }
    }

    #[test]
    fn a_code_is_right_once() {
        let step = accept(SECRET, "287082", 0, at(59)).unwrap();
        assert_eq!(accept(SECRET, "287082", step, at(59)), None);
        assert_eq!(accept(SECRET, "287082", step, at(80)), None, "nor in its grace");
    }

    #[test]
    fn a_code_is_right_a_step_early_or_late_and_no_longer() {
        assert!(accept(SECRET, "287082", 0, at(89)).is_some());
        assert!(accept(SECRET, "287082", 0, at(90)).is_none());
        assert!(accept(SECRET, "287082", 0, at(29)).is_some());
        assert!(accept(SECRET, "28708", 0, at(59)).is_none());
    }

    #[test]
    fn the_address_for_the_app_says_who_and_where() {
        let uri = uri(SECRET, "Peshtoq", "Dilnoza K.");
        assert_eq!(uri, "otpauth://totp/Peshtoq:Dilnoza%20K.?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Peshtoq");
        assert!(spaced(SECRET).starts_with("GEZD GNBV "));
    }
}
