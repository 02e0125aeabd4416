//! Numbers that stand for a person, an organisation, a place or a way to reach someone: parsed once, then trusted.
//!
//! Personal numbers have no `Display` and a `Debug` that hides them, so that they stay out of logs.

use crate::clock::Date;
use crate::rng::Rng;
use std::fmt;

/// Sex as the registers record it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
}

impl Sex {
    /// The word that is stored: `male` or `female`.
    pub const fn code(self) -> &'static str {
        match self {
            Sex::Male => "male",
            Sex::Female => "female",
        }
    }
}

/// Implements reading from text and (de)serialisation as text for a type with `parse` and `as_str`.
macro_rules! text_value {
    ($name:ident, $error:ident) => {
        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Prints the type and the last two characters only.
macro_rules! hidden_debug {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = self.as_str();
                write!(f, concat!(stringify!($name), "(…{})"), text.get(text.len().saturating_sub(2)..).unwrap_or(""))
            }
        }
    };
}

/// ASCII digits kept in place; only this module fills the array.
fn digits_str(digits: &[u8]) -> &str {
    std::str::from_utf8(digits).unwrap_or("")
}

/// Text from a form without the blanks that people type or paste.
fn without_blanks(text: &str) -> impl Iterator<Item = char> + '_ {
    // Nobody's number is longer; a pasted megabyte is not scanned.
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200b}' && *c != '\u{feff}').take(64)
}

/// Personal identification number of a natural person (PINFL, JShShIR): 14 digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pinfl([u8; 14]);

/// Why a text is not a PINFL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinflError {
    /// Not 14 characters.
    #[error("a PINFL has 14 digits")]
    Length,
    /// Something else than digits.
    #[error("a PINFL has digits only")]
    NotDigits,
    /// The first digit is not 1–6.
    #[error("the first digit of a PINFL is 1 to 6")]
    Century,
    /// Digits 2–7 are not a day that exists.
    #[error("digits 2 to 7 of a PINFL are the date of birth")]
    BirthDate,
    /// The last digit does not fit the others: a typing error.
    #[error("the check digit of the PINFL is wrong")]
    CheckDigit,
}

/// Weights of the check digit, repeated over the first 13 digits.
const PINFL_WEIGHTS: [u32; 3] = [7, 3, 1];

impl Pinfl {
    /// Reads a PINFL; blanks between the digits are allowed.
    ///
    /// Digit 1: century and sex (1–2 the 1800s, 3–4 the 1900s, 5–6 the 2000s; odd is male); 2–7: birth as DDMMYY;
    /// 8–10: district; 11–13: serial; 14: check digit, the sum of the digits weighted 7, 3, 1, 7, … modulo 10.
    ///
    /// Rule: ID-PINFL.
    /// Source: three independent public implementations agree on the check digit; the meaning of digit 1 is
    /// general knowledge, unverified.
    pub fn parse(text: &str) -> Result<Self, PinflError> {
        let mut digits = [0u8; 14];
        let mut n = 0;
        for c in without_blanks(text) {
            if !c.is_ascii_digit() {
                return Err(PinflError::NotDigits);
            }
            *digits.get_mut(n).ok_or(PinflError::Length)? = c as u8;
            n += 1;
        }
        if n != digits.len() {
            return Err(PinflError::Length);
        }
        let pinfl = Self(digits);
        if !(1..=6).contains(&pinfl.digit(0)) {
            return Err(PinflError::Century);
        }
        if pinfl.birth().is_none() {
            return Err(PinflError::BirthDate);
        }
        if pinfl.digit(13) != check_digit(&digits) {
            return Err(PinflError::CheckDigit);
        }
        Ok(pinfl)
    }

    /// Builds a valid number: for demo people and tests. Nothing when the year of birth is not from 1800 to 2099
    /// or the district or serial has more than three digits.
    pub fn compose(birth: Date, sex: Sex, district: u16, serial: u16) -> Option<Self> {
        let century = match birth.year() {
            1800..=1899 => 1,
            1900..=1999 => 3,
            2000..=2099 => 5,
            _ => return None,
        } + u8::from(sex == Sex::Female);
        let body = format!(
            "{century}{:02}{:02}{:02}{district:03}{serial:03}0",
            birth.day(),
            birth.month(),
            birth.year() % 100
        );
        let mut digits: [u8; 14] = body.into_bytes().try_into().ok()?;
        digits[13] = b'0' + check_digit(&digits);
        Self::parse(digits_str(&digits)).ok()
    }

    /// The 14 digits.
    pub fn as_str(&self) -> &str {
        digits_str(&self.0)
    }

    /// The date of birth in the number.
    pub fn birth_date(&self) -> Date {
        // `parse` refuses a number without one.
        self.birth().unwrap_or(Date::ZERO)
    }

    /// The sex in the number.
    pub fn sex(&self) -> Sex {
        if self.digit(0) % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// For screens of others than the person: `•••• •••• •••• 12`.
    pub fn masked(&self) -> String {
        format!("•••• •••• •••• {}", self.as_str().get(12..).unwrap_or(""))
    }

    fn digit(&self, i: usize) -> u8 {
        self.0[i] - b'0'
    }

    fn birth(&self) -> Option<Date> {
        let two = |i: usize| i16::from(self.digit(i)) * 10 + i16::from(self.digit(i + 1));
        let century = 1800 + 100 * i16::from((self.digit(0) - 1) / 2);
        Date::new(century + two(5), i8::try_from(two(3)).ok()?, i8::try_from(two(1)).ok()?).ok()
    }
}

fn check_digit(digits: &[u8; 14]) -> u8 {
    let sum: u32 = digits.iter().zip(PINFL_WEIGHTS.iter().cycle()).take(13).map(|(d, w)| u32::from(d - b'0') * w).sum();
    (sum % 10) as u8
}

text_value!(Pinfl, PinflError);
hidden_debug!(Pinfl);

/// Taxpayer number (STIR, INN): 9 digits, no public check digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stir([u8; 9]);

/// Why a text is not a STIR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StirError {
    /// Not 9 characters.
    #[error("a STIR has 9 digits")]
    Length,
    /// Something else than digits.
    #[error("a STIR has digits only")]
    NotDigits,
}

impl Stir {
    /// Reads a STIR; blanks between the digits are allowed.
    ///
    /// Rule: ID-STIR.
    /// Source: no check digit is published, so only length and digits are checked.
    pub fn parse(text: &str) -> Result<Self, StirError> {
        let mut digits = [0u8; 9];
        let mut n = 0;
        for c in without_blanks(text) {
            if !c.is_ascii_digit() {
                return Err(StirError::NotDigits);
            }
            *digits.get_mut(n).ok_or(StirError::Length)? = c as u8;
            n += 1;
        }
        if n == digits.len() { Ok(Self(digits)) } else { Err(StirError::Length) }
    }

    /// The 9 digits.
    pub fn as_str(&self) -> &str {
        digits_str(&self.0)
    }
}

text_value!(Stir, StirError);
hidden_debug!(Stir);

/// Series and number of a passport or ID card: two Latin letters and seven digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Passport([u8; 9]);

/// Why a text is not the number of a passport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a passport has two Latin letters and seven digits")]
pub struct PassportError;

impl Passport {
    /// Reads the number; lower case, blanks, and Cyrillic letters that look like Latin ones are allowed.
    ///
    /// Rule: ID-PASSPORT.
    /// Source: the tests of the public crate `uz-types`.
    pub fn parse(text: &str) -> Result<Self, PassportError> {
        let mut number = [0u8; 9];
        let mut n = 0;
        for c in without_blanks(text) {
            let c = latin_lookalike(c).to_ascii_uppercase();
            let right = if n < 2 { c.is_ascii_uppercase() } else { c.is_ascii_digit() };
            if !right {
                return Err(PassportError);
            }
            *number.get_mut(n).ok_or(PassportError)? = c as u8;
            n += 1;
        }
        if n == number.len() { Ok(Self(number)) } else { Err(PassportError) }
    }

    /// Series and number without a blank: `AB1234567`.
    pub fn as_str(&self) -> &str {
        digits_str(&self.0)
    }

    /// For screens of others than the person: `AB •••••67`.
    pub fn masked(&self) -> String {
        let text = self.as_str();
        format!("{} •••••{}", text.get(..2).unwrap_or(""), text.get(7..).unwrap_or(""))
    }
}

/// A Cyrillic capital or small letter that is printed like a Latin one, as that one.
fn latin_lookalike(c: char) -> char {
    match c {
        'А' | 'а' => 'A',
        'В' | 'в' => 'B',
        'С' | 'с' => 'C',
        'Е' | 'е' => 'E',
        'Н' | 'н' => 'H',
        'К' | 'к' => 'K',
        'М' | 'м' => 'M',
        'О' | 'о' => 'O',
        'Р' | 'р' => 'P',
        'Т' | 'т' => 'T',
        'Х' | 'х' => 'X',
        other => other,
    }
}

text_value!(Passport, PassportError);
hidden_debug!(Passport);

/// A telephone number of Uzbekistan in the form `+998XXXXXXXXX`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phone([u8; 13]);

/// Why a text is not a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a telephone number has nine digits after +998")]
pub struct PhoneError;

impl Phone {
    /// Reads a number as people write it: with or without `+998`, with blanks, hyphens and brackets.
    ///
    /// Rule: ID-PHONE.
    /// Source: national numbering plan: +998, two digits of the operator, seven digits.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let mut digits = String::with_capacity(12);
        for (i, c) in without_blanks(text).enumerate() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if i == 0 => {}
                '-' | '(' | ')' | '.' | '–' | '‑' => {}
                _ => return Err(PhoneError),
            }
        }
        let national = match (digits.len(), digits.strip_prefix("998")) {
            (12, Some(rest)) => rest,
            (9, _) => digits.as_str(),
            _ => return Err(PhoneError),
        };
        // No operator's code begins with a zero.
        if national.starts_with('0') {
            return Err(PhoneError);
        }
        let mut number = *b"+998000000000";
        number[4..].copy_from_slice(national.as_bytes());
        Ok(Self(number))
    }

    /// The number as it is dialled and stored: `+998901234567`.
    pub fn as_str(&self) -> &str {
        digits_str(&self.0)
    }

    /// For the person: `+998 90 123 45 67`.
    pub fn spaced(&self) -> String {
        let t = self.as_str();
        let part = |from: usize, to: usize| t.get(from..to).unwrap_or("");
        format!("{} {} {} {} {}", part(0, 4), part(4, 6), part(6, 9), part(9, 11), part(11, 13))
    }

    /// For screens that others may see: `+998 90 ••• •• 67`.
    pub fn masked(&self) -> String {
        let t = self.as_str();
        format!("+998 {} ••• •• {}", t.get(4..6).unwrap_or(""), t.get(11..13).unwrap_or(""))
    }
}

text_value!(Phone, PhoneError);
hidden_debug!(Phone);

/// A code of the SOATO classification of places: region (4 digits), district or city (7), town or village body (10).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Soato {
    digits: [u8; 10],
    len: u8,
}

/// Why a text is not a SOATO code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SOATO code has 4, 7 or 10 digits and begins with 17")]
pub struct SoatoError;

impl Soato {
    /// Reads a code. Whether such a place exists is known to `refdata`.
    ///
    /// Rule: ID-SOATO.
    /// Source: the SOATO classifier of administrative units, edition of 2022.
    pub fn parse(text: &str) -> Result<Self, SoatoError> {
        let bytes = text.trim().as_bytes();
        let mut digits = [0u8; 10];
        if !matches!(bytes.len(), 4 | 7 | 10) || !bytes.iter().all(u8::is_ascii_digit) || !bytes.starts_with(b"17") {
            return Err(SoatoError);
        }
        digits[..bytes.len()].copy_from_slice(bytes);
        Ok(Self { digits, len: bytes.len() as u8 })
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        digits_str(&self.digits[..usize::from(self.len)])
    }

    /// The region (or Tashkent city, or Karakalpakstan) in which the place lies.
    pub fn region(&self) -> Soato {
        self.cut(4)
    }

    /// The district or city in which the place lies, unless it is a whole region.
    pub fn district(&self) -> Option<Soato> {
        (self.len >= 7).then(|| self.cut(7))
    }

    /// Whether the code begins with the given digits: `1726266` lies in `1726`.
    pub fn starts_with(&self, prefix: &str) -> bool {
        self.as_str().starts_with(prefix)
    }

    /// Whether the place is the other one or lies in it.
    pub fn is_within(&self, area: &Soato) -> bool {
        self.starts_with(area.as_str())
    }

    fn cut(&self, len: u8) -> Soato {
        let mut digits = self.digits;
        digits[usize::from(len)..].fill(0);
        Soato { digits, len }
    }
}

impl fmt::Display for Soato {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Soato {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Soato({})", self.as_str())
    }
}

text_value!(Soato, SoatoError);

/// An address of electronic mail.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

/// Why a text is not an address of electronic mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address of electronic mail")]
pub struct EmailError;

impl Email {
    /// Reads an address. A light check that refuses what could not be sent or could hide a second header; whether the
    /// box exists is learnt by writing to it. The domain is put into lower case.
    ///
    /// Rule: ID-EMAIL.
    /// Source: RFC 5321, section 4.5.3.1 (64 octets before the sign, 254 in all).
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        let atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~-.".contains(c);
        let local_ok = (1..=64).contains(&local.len())
            && local.chars().all(atom)
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        let label_ok = |label: &str| {
            (1..=63).contains(&label.len())
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() > 254 || !local_ok || !domain.contains('.') || !domain.split('.').all(label_ok) {
            return Err(EmailError);
        }
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For screens that others may see: `a•••@example.uz`.
    pub fn masked(&self) -> String {
        match (self.0.chars().next(), self.0.rsplit_once('@')) {
            (Some(first), Some((_, domain))) => format!("{first}•••@{domain}"),
            _ => String::new(),
        }
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Email({})", self.masked())
    }
}

text_value!(Email, EmailError);

/// A random valid PINFL of a person of the given birth date and sex: for demo data and tests.
pub fn random_pinfl(birth: Date, sex: Sex, rng: &dyn Rng) -> Option<Pinfl> {
    let number = |below: u64| u16::try_from(rng.u64() % below).unwrap_or(0);
    Pinfl::compose(birth, sex, number(1000), number(1000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_pinfl_tells_birth_and_sex() {
        let pinfl = Pinfl::compose(date(1990, 2, 28), Sex::Female, 1, 23).unwrap();
        assert!(pinfl.as_str().starts_with("4280290001023"), "{}", pinfl.as_str());
        assert_eq!((pinfl.birth_date(), pinfl.sex()), (date(1990, 2, 28), Sex::Female));
        let pinfl = Pinfl::compose(date(2007, 12, 31), Sex::Male, 999, 999).unwrap();
        assert_eq!((pinfl.birth_date(), pinfl.sex()), (date(2007, 12, 31), Sex::Male));
    }

    #[test]
    fn the_check_digit_is_the_sum_weighted_7_3_1() {
        // 3·7+0·3+1·1 + 0·7+1·3+8·1 + 5·7+0·3+0·1 + 1·7+0·3+0·1 + 1·7 = 82 → 2
        assert_eq!(Pinfl::parse("30101850010012").map(|p| p.birth_date()), Ok(date(1985, 1, 1)));
        assert_eq!(Pinfl::parse("30101850010013"), Err(PinflError::CheckDigit));
    }

    #[test]
    fn a_wrong_pinfl_says_what_is_wrong() {
        for (text, error) in [
            ("", PinflError::Length),
            ("3010185001001", PinflError::Length),
            ("301018500100123", PinflError::Length),
            ("3010185001001x", PinflError::NotDigits),
            ("٣0101850010012", PinflError::NotDigits),
            ("00101850010012", PinflError::Century),
            ("70101850010012", PinflError::Century),
            ("33002850010012", PinflError::BirthDate),
            ("30113850010012", PinflError::BirthDate),
        ] {
            assert_eq!(Pinfl::parse(text), Err(error), "{text}");
        }
        assert_eq!(Pinfl::parse(&"1".repeat(10_000_000)), Err(PinflError::Length));
    }

    #[test]
    fn personal_numbers_stay_out_of_logs() {
        let pinfl = Pinfl::parse("3010 1850 0100 12").unwrap();
        assert_eq!(format!("{pinfl:?}"), "Pinfl(…12)");
        assert_eq!(pinfl.masked(), "•••• •••• •••• 12");
        assert_eq!(format!("{:?}", Phone::parse("901234567").unwrap()), "Phone(…67)");
        assert_eq!(format!("{:?}", Passport::parse("AB1234567").unwrap()), "Passport(…67)");
        assert_eq!(format!("{:?}", Email::parse("anvar@example.uz").unwrap()), "Email(a•••@example.uz)");
    }

    #[test]
    fn a_phone_is_read_as_people_write_it() {
        for text in ["+998901234567", "998 90 123-45-67", "90 123 45 67", "(90) 123-45-67", "\u{a0}+998(90)1234567"] {
            assert_eq!(Phone::parse(text).map(|p| p.spaced()), Ok("+998 90 123 45 67".to_owned()), "{text}");
        }
        for text in ["", "+7 901 234 56 78", "12345678", "+9989012345678", "90123456a", "0901234567", "012345678"] {
            assert_eq!(Phone::parse(text), Err(PhoneError), "{text}");
        }
        assert_eq!(Phone::parse("901234567").unwrap().masked(), "+998 90 ••• •• 67");
    }

    #[test]
    fn a_passport_is_read_in_lower_case_and_with_cyrillic_lookalikes() {
        for text in ["AB1234567", "ab 1234567", "АВ1234567"] {
            assert_eq!(Passport::parse(text).map(|p| p.as_str().to_owned()), Ok("AB1234567".to_owned()), "{text}");
        }
        for text in ["A1234567", "AB123456", "AB12345678", "ЯБ1234567", "1234567AB"] {
            assert_eq!(Passport::parse(text), Err(PassportError), "{text}");
        }
        assert_eq!(Passport::parse("AB1234567").unwrap().masked(), "AB •••••67");
    }

    #[test]
    fn a_district_lies_in_its_region() {
        let place = Soato::parse("1726266501").unwrap();
        assert_eq!(place.region().as_str(), "1726");
        assert_eq!(place.district().map(|d| d.to_string()), Some("1726266".to_owned()));
        assert!(place.starts_with("1726") && place.is_within(&Soato::parse("1726266").unwrap()));
        assert_eq!(place.region().district(), None);
        assert_eq!(place.region(), Soato::parse("1726").unwrap());
        for text in ["", "17", "17262", "2726", "1726x66", "17262665011"] {
            assert_eq!(Soato::parse(text), Err(SoatoError), "{text}");
        }
    }

    #[test]
    fn an_address_of_mail_cannot_hide_a_header() {
        assert_eq!(
            Email::parse(" Anvar.K@Example.UZ ").map(|e| e.as_str().to_owned()),
            Ok("Anvar.K@example.uz".to_owned())
        );
        for text in [
            "",
            "a",
            "a@",
            "@b.uz",
            "a@b",
            "a b@c.uz",
            "a@b.uz\r\nBcc: c@d.uz",
            "a@-b.uz",
            "a..b@c.uz",
            "a@b..uz",
            "ы@b.uz",
        ] {
            assert_eq!(Email::parse(text), Err(EmailError), "{text}");
        }
    }

    #[test]
    fn a_stir_has_nine_digits() {
        assert_eq!(Stir::parse("302 123 456").map(|s| s.as_str().to_owned()), Ok("302123456".to_owned()));
        assert_eq!(Stir::parse("30212345"), Err(StirError::Length));
        assert_eq!(Stir::parse("30212345x"), Err(StirError::NotDigits));
    }
}
