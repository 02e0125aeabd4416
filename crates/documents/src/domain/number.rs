//! The number and the code of a document.

use kernel::rng::Rng;

/// Digits of a number that are random; before them stand two of the year, after them the check digit.
const RANDOM_DIGITS: usize = 9;

/// A new number for a year: `26` + nine random digits + a check digit.
///
/// Rule: DOC-NUMBER.
/// Source: Luhn algorithm, ISO/IEC 7812-1 annex B; our ADR on documents.
pub fn new(year: i16, rng: &dyn Rng) -> String {
    let digits = format!("{:02}{}", year.rem_euclid(100), rng.digits(RANDOM_DIGITS));
    let check = (10 - luhn(&digits, 1) % 10) % 10;
    format!("{digits}{check}")
}

/// What was typed, read aloud or scanned, as a number; `None` when it cannot be one.
pub fn parse(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').take(40).collect();
    let right = digits.len() == RANDOM_DIGITS + 3
        && digits.bytes().all(|b| b.is_ascii_digit())
        && luhn(&digits, 0).is_multiple_of(10);
    right.then_some(digits)
}

/// For people: `2612-3456-7890`.
pub fn shown(number: &str) -> String {
    grouped(number, 4)
}

/// The number of a case in groups of four, as `applications` prints it.
pub fn case_shown(number: &str) -> String {
    grouped(number, 4).replace('-', "\u{a0}")
}

fn luhn(digits: &str, shift: usize) -> u32 {
    let digit = |(i, b): (usize, u8)| {
        let digit = u32::from(b.wrapping_sub(b'0'));
        if (i + shift) % 2 == 1 { if digit > 4 { digit * 2 - 9 } else { digit * 2 } } else { digit }
    };
    digits.bytes().rev().enumerate().map(digit).sum()
}

/// Crockford's base 32: no letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Letters of a code: 50 bits, so that a thousand guesses a second find one in 18 000 years on average.
const CODE_LETTERS: usize = 10;

/// A new code: whoever gives it has seen the paper.
///
/// Rule: DOC-CODE.
/// Source: our ADR on documents; alphabet by Crockford's base 32.
pub fn new_code(rng: &dyn Rng) -> String {
    let mut bytes = [0; CODE_LETTERS];
    rng.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// What was typed as a code: case, hyphens and the letters O, I, L do not matter. `None` when it cannot be one.
pub fn parse_code(text: &str) -> Option<String> {
    let code: Option<String> = text
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .take(40)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => Some('0'),
            'I' | 'L' => Some('1'),
            c if c.is_ascii() && ALPHABET.contains(&(c as u8)) => Some(c),
            _ => None,
        })
        .collect();
    code.filter(|code| code.len() == CODE_LETTERS)
}

/// For people: `K7QF2-M9D4X`.
pub fn code_shown(code: &str) -> String {
    grouped(code, 5)
}

fn grouped(text: &str, size: usize) -> String {
    let mut out = String::with_capacity(text.len() + 3);
    for (i, c) in text.chars().enumerate() {
        if i > 0 && i % size == 0 {
            out.push('-');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    #[test]
    fn a_number_is_read_back_however_it_is_written() {
        let number = new(2026, &SeededRng::new(7));
        assert!(number.starts_with("26") && number.len() == 12);
        assert_eq!(parse(&shown(&number)), Some(number.clone()));
        assert_eq!(parse(&format!(" {number} ")), Some(number.clone()));
        assert_eq!(parse(&number.replacen('2', "9", 1)), None);
        assert_eq!(parse("२६"), None);
    }

    #[test]
    fn a_code_is_read_back_with_the_usual_slips() {
        let code = new_code(&SeededRng::new(7));
        assert_eq!(parse_code(&code_shown(&code).to_lowercase()), Some(code));
        assert_eq!(parse_code("oooooIIIII"), Some("0000011111".to_owned()));
        assert_eq!(parse_code("OOOOO"), None);
        assert_eq!(parse_code("УУУУУУУУУУ"), None);
    }
}
