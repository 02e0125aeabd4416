//! The number of an invoice: twelve digits, the last one a check digit, so that a slip of the finger pays nobody else's fee.

/// How many digits are random.
pub const RANDOM_DIGITS: usize = 11;

/// Completes eleven digits by their check digit.
///
/// Rule: PAY-NUMBER.
/// Source: Luhn algorithm, ISO/IEC 7812-1 annex B.
pub fn with_check(digits: &str) -> String {
    let check = (10 - sum(digits, 1) % 10) % 10;
    format!("{digits}{check}")
}

/// What a person or a provider typed, as a number: spaces and hyphens do not matter. `None` when it cannot be one.
pub fn parse(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let right = digits.len() == RANDOM_DIGITS + 1
        && digits.bytes().all(|b| b.is_ascii_digit())
        && sum(&digits, 0).is_multiple_of(10);
    right.then_some(digits)
}

/// A number of an invoice or of a case in groups of four, for people.
pub fn shown(number: &str) -> String {
    let mut out = String::with_capacity(number.len() + 2);
    for (i, c) in number.chars().enumerate() {
        if i > 0 && i % 4 == 0 {
            out.push('\u{a0}');
        }
        out.push(c);
    }
    out
}

/// The Luhn sum; `shift` is the place of the last digit given, counted from the right.
fn sum(digits: &str, shift: usize) -> u32 {
    digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let digit = u32::from(b.wrapping_sub(b'0'));
            if (i + shift) % 2 == 1 { if digit > 4 { digit * 2 - 9 } else { digit * 2 } } else { digit }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_one_wrong_digit_is_no_number() {
        let number = with_check("12345678901");
        assert_eq!(parse(&number), Some(number.clone()));
        assert_eq!(parse(&shown(&number)), Some(number.clone()));
        for place in 0..12 {
            let mut bytes = number.clone().into_bytes();
            bytes[place] = if bytes[place] == b'9' { b'0' } else { bytes[place] + 1 };
            assert_eq!(parse(std::str::from_utf8(&bytes).unwrap()), None);
        }
        assert_eq!(parse(""), None);
        assert_eq!(parse("12345678901x"), None);
        assert_eq!(parse("٣٣٣٣٣٣٣٣٣٣٣٣"), None);
    }
}
