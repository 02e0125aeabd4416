//! By what a person signs in: PINFL, passport or phone number, typed as people type them.

use kernel::person::{Phone, Pinfl};

/// A login, normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    Pinfl(Pinfl),
    /// Series and number without spaces, upper case; of any country.
    Passport(String),
    Phone(Phone),
}

/// Longest passport number of any country, with room: ICAO documents have nine characters.
pub const PASSPORT_LONGEST: usize = 20;

impl Login {
    /// Understands what was typed: 14 digits are a PINFL, a number of ours is a phone, letters with digits are a passport.
    ///
    /// `None` when it can be none of them, a PINFL with a wrong check digit included.
    pub fn parse(typed: &str) -> Option<Self> {
        let bare: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let digits = bare.bytes().all(|b| b.is_ascii_digit());
        if digits && bare.len() == 14 {
            return Pinfl::parse(&bare).ok().map(Login::Pinfl);
        }
        if bare.starts_with('+') || (digits && matches!(bare.len(), 9 | 12)) {
            return Phone::parse(typed).ok().map(Login::Phone);
        }
        passport(&bare).map(Login::Passport)
    }

    /// Kind and value: what the claim table and the throttle hash.
    pub fn key(&self) -> String {
        match self {
            Login::Pinfl(pinfl) => format!("pinfl|{}", pinfl.as_str()),
            Login::Passport(number) => format!("passport|{number}"),
            Login::Phone(phone) => format!("phone|{}", phone.as_str()),
        }
    }
}

/// A passport number in its stored form: ASCII letters and digits, upper case. `None` when it cannot be one.
///
/// Cyrillic letters that look like Latin ones are taken for them: many keyboards stand in the wrong layout.
pub fn passport(typed: &str) -> Option<String> {
    let mut out = String::new();
    for c in typed.chars() {
        let c = match c {
            'А' | 'а' => 'A',
            'В' | 'в' => 'B',
            'С' | 'с' => 'C',
            'Е' | 'е' => 'E',
            'К' | 'к' => 'K',
            'М' | 'м' => 'M',
            'О' | 'о' => 'O',
            'Р' | 'р' => 'P',
            'Т' | 'т' => 'T',
            'Х' | 'х' => 'X',
            other => other,
        };
        match c {
            ' ' | '-' | '№' | '/' | '\u{a0}' => {}
            c if c.is_ascii_alphanumeric() => out.push(c.to_ascii_uppercase()),
            _ => return None,
        }
        if out.len() > PASSPORT_LONGEST {
            return None;
        }
    }
    let enough_digits = out.bytes().filter(u8::is_ascii_digit).count() >= 4;
    (out.len() >= 5 && enough_digits).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passport_is_understood_in_the_wrong_keyboard_layout() {
        assert_eq!(passport("аа 1234567").as_deref(), Some("AA1234567"));
        assert_eq!(passport("AA-1234567").as_deref(), Some("AA1234567"));
        assert_eq!(passport("жж1234567"), None);
        assert_eq!(passport("hello"), None);
    }

    #[test]
    fn what_was_typed_is_told_apart_by_its_form() {
        assert!(matches!(Login::parse("+998 90 123 45 67"), Some(Login::Phone(_))));
        assert!(matches!(Login::parse("90 123 45 67"), Some(Login::Phone(_))));
        assert!(matches!(Login::parse("AB 1234567"), Some(Login::Passport(_))));
        assert_eq!(Login::parse("12345678901234"), None, "wrong check digit");
        assert_eq!(Login::parse(""), None);
        assert_eq!(Login::parse("' or 1=1 --"), None);
    }
}
