//! One-time codes by SMS: how long they live and how often they may be tried.

use kernel::clock::Timestamp;

/// Number of digits of a code.
pub const DIGITS: usize = 6;
/// How long a code is good for, in seconds: five minutes.
pub const LIFETIME_S: i64 = 5 * 60;
/// How many wrong answers a code survives. With six digits, five tries guess right once in 200,000.
pub const MAX_TRIES: u32 = 5;
/// How often a code may be sent within one flow.
pub const MAX_SENDS: u32 = 4;
/// How long one waits before the code is sent again, in seconds.
pub const RESEND_AFTER_S: i64 = 60;

/// What is known of a code that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When it stops being good.
    pub expires_at: Timestamp,
    /// Wrong answers so far.
    pub tries: u32,
}

/// What an answer leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The right code in time.
    Accepted,
    /// A wrong code; so many tries are left.
    Wrong { left: u32 },
    /// Too many wrong answers: even the right code is refused now.
    Exhausted,
    /// The five minutes are over.
    Expired,
}

/// Judges an answer to a one-time code.
///
/// Time and tries are looked at before the digits, so that a late or sixth answer tells nothing about them.
///
/// Rule: IDN-CODE.
/// Source: NIST SP 800-63B §5.1.3.2 (out-of-band secrets: at most 10 minutes, limited tries).
pub fn judge(sent: Sent, matches: bool, now: Timestamp) -> Verdict {
    if sent.tries >= MAX_TRIES {
        return Verdict::Exhausted;
    }
    if now >= sent.expires_at {
        return Verdict::Expired;
    }
    if matches {
        return Verdict::Accepted;
    }
    match MAX_TRIES - sent.tries - 1 {
        0 => Verdict::Exhausted,
        left => Verdict::Wrong { left },
    }
}

/// The digits of what was typed, when they can be a code: spaces and dashes are forgiven.
pub fn parse(typed: &str) -> Option<String> {
    let mut digits = String::with_capacity(DIGITS);
    for c in typed.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '\u{a0}' | '\u{2009}' => {}
            _ => return None,
        }
        if digits.len() > DIGITS {
            return None;
        }
    }
    (digits.len() == DIGITS).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn sent(tries: u32) -> Sent {
        Sent { expires_at: at(LIFETIME_S), tries }
    }

    #[test]
    fn right_code_in_time_is_accepted() {
        assert_eq!(judge(sent(0), true, at(0)), Verdict::Accepted);
        assert_eq!(judge(sent(4), true, at(299)), Verdict::Accepted);
    }

    #[test]
    fn fifth_wrong_answer_ends_the_code() {
        assert_eq!(judge(sent(0), false, at(0)), Verdict::Wrong { left: 4 });
        assert_eq!(judge(sent(3), false, at(0)), Verdict::Wrong { left: 1 });
        assert_eq!(judge(sent(4), false, at(0)), Verdict::Exhausted);
    }

    #[test]
    fn right_code_after_five_wrong_ones_is_refused() {
        assert_eq!(judge(sent(5), true, at(0)), Verdict::Exhausted);
    }

    #[test]
    fn code_is_refused_when_its_five_minutes_are_over() {
        assert_eq!(judge(sent(0), true, at(300)), Verdict::Expired);
    }

    #[test]
    fn spaces_in_a_typed_code_are_forgiven_and_letters_are_not() {
        assert_eq!(parse(" 123 456 ").as_deref(), Some("123456"));
        assert_eq!(parse("123-456").as_deref(), Some("123456"));
        assert_eq!(parse("12345"), None);
        assert_eq!(parse("1234567"), None);
        assert_eq!(parse("12345a"), None);
        assert_eq!(parse("١٢٣٤٥٦"), None);
    }
}
