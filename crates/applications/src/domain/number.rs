//! The number of a case: what people read out over the telephone.

use std::fmt;

use kernel::rng::Rng;
use serde::{Deserialize, Serialize};

/// Sixteen digits: two of the year, thirteen drawn at random, one check digit.
///
/// Digits, because they are the same in every script and language that is spoken at the counter. The number opens
/// nothing by itself: whoever asks for a case must also be its applicant or its official.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseNumber(String);

/// Why a text is not a case number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Not sixteen digits.
    #[error("a case number has sixteen digits")]
    Length,
    /// The check digit does not fit: a digit is wrong or two are swapped.
    #[error("the check digit does not fit")]
    Check,
}

impl CaseNumber {
    /// Draws a number for a case of the year.
    ///
    /// Rule: APP-NUMBER.
    /// Source: our ADR on case numbers; check digit by ISO 7064, MOD 11,10.
    pub fn draw(year: i16, rng: &dyn Rng) -> Self {
        let mut digits = format!("{:02}{}", year.rem_euclid(100), rng.digits(13));
        let check = check_digit(&digits);
        digits.push(check);
        Self(digits)
    }

    /// Reads a number as people type it: spaces and dashes are allowed anywhere.
    ///
    /// # Errors
    /// When it has not sixteen digits or the check digit does not fit.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        let mut digits = String::with_capacity(16);
        for c in text.chars() {
            match c {
                '0'..='9' => digits.push(c),
                ' ' | '-' | '\u{a0}' | '\u{2011}' | '\u{2013}' => {}
                _ => return Err(NumberError::Length),
            }
            if digits.len() > 16 {
                return Err(NumberError::Length);
            }
        }
        let body = digits.get(..15).ok_or(NumberError::Length)?;
        let check = digits.get(15..).and_then(|c| c.chars().next()).ok_or(NumberError::Length)?;
        if check_digit(body) == check { Ok(Self(digits)) } else { Err(NumberError::Check) }
    }

    /// The sixteen digits without spaces, as stored and in addresses.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// In groups of four, as printed: `2648 2109 3755 1843`.
    pub fn grouped(&self) -> String {
        group(&self.0)
    }
}

/// A stored number in groups of four.
pub fn group(digits: &str) -> String {
    let mut out = String::with_capacity(20);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && i % 4 == 0 {
            out.push('\u{a0}');
        }
        out.push(c);
    }
    out
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// ISO 7064 MOD 11,10: finds every single wrong digit and nearly every swap of neighbours.
fn check_digit(digits: &str) -> char {
    let mut product = 10;
    for d in digits.bytes().filter(u8::is_ascii_digit) {
        let sum = (u32::from(d - b'0') + product) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    let check = (11 - product) % 10;
    char::from_digit(check, 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::rng::SeededRng;

    #[test]
    fn a_drawn_number_reads_back_in_any_grouping() {
        let rng = SeededRng::new(7);
        for _ in 0..200 {
            let number = CaseNumber::draw(2026, &rng);
            assert_eq!(number.as_str().len(), 16);
            assert!(number.as_str().starts_with("26"));
            assert_eq!(CaseNumber::parse(number.as_str()), Ok(number.clone()));
            assert_eq!(CaseNumber::parse(&number.grouped()), Ok(number.clone()));
            assert_eq!(CaseNumber::parse(&number.grouped().replace('\u{a0}', "-")), Ok(number));
        }
    }

    #[test]
    fn every_single_wrong_digit_is_found() {
        let rng = SeededRng::new(8);
        let number = CaseNumber::draw(2026, &rng);
        for i in 0..16 {
            for d in b'0'..=b'9' {
                let mut bytes = number.as_str().as_bytes().to_vec();
                if bytes[i] == d {
                    continue;
                }
                bytes[i] = d;
                let text = String::from_utf8(bytes).unwrap();
                assert_eq!(CaseNumber::parse(&text), Err(NumberError::Check), "{text}");
            }
        }
    }

    #[test]
    fn what_is_not_sixteen_digits_is_refused() {
        for text in ["", "26", "26482109375518430", "26AB210937551843", "２６４８２１０９３７５５１８４３"]
        {
            assert_eq!(CaseNumber::parse(text), Err(NumberError::Length), "{text}");
        }
    }
}
