//! What a person types to open a cabinet, and what is wrong with it.

use kernel::clock::Date;
use kernel::person::{Phone, Pinfl};

use super::login::passport;

/// The form as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// `citizen` or `foreign`.
    pub kind: String,
    pub pinfl: String,
    pub passport: String,
    pub country: String,
    pub surname: String,
    pub name: String,
    pub patronymic: String,
    /// ISO, or day.month.year as people write it.
    pub birth_date: String,
    pub phone: String,
}

/// Who wants a cabinet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applicant {
    /// Has a PINFL: the population register tells the rest.
    Citizen { pinfl: Pinfl, passport: String, phone: Phone },
    /// A foreign citizen without a PINFL: tells the rest.
    Foreign {
        country: String,
        passport: String,
        surname: String,
        name: String,
        patronymic: Option<String>,
        birth_date: Date,
        phone: Phone,
    },
}

impl Applicant {
    pub fn phone(&self) -> &Phone {
        match self {
            Applicant::Citizen { phone, .. } | Applicant::Foreign { phone, .. } => phone,
        }
    }
}

/// What is wrong with which field: the code is the last part of the text's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    pub field: &'static str,
    pub code: &'static str,
}

/// Longest name: names have no alphabet and no rule, only room in a row.
const NAME_LONGEST: usize = 200;

/// Countries that a foreign citizen is asked for most; the others are typed as two letters.
///
/// Source: ISO 3166-1 alpha-2.
pub const COUNTRIES: &[&str] = &[
    "AF", "AE", "AM", "AZ", "BY", "CN", "DE", "GB", "GE", "IN", "JP", "KG", "KR", "KZ", "MY", "PK", "PL", "RU", "TJ",
    "TM", "TR", "UA", "US", "VN", "XX",
];

/// Reads the form; all problems at once, in the order of the fields.
///
/// Rule: IDN-REGISTER.
/// Source: requirements R003-005 (single identification) and R002-047 (foreign citizens without a PINFL).
pub fn read(typed: &Typed, today: Date) -> Result<Applicant, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut wrong = |field: &'static str, code: &'static str| problems.push(Problem { field, code });

    if typed.kind == "foreign" {
        let country = COUNTRIES.iter().find(|code| **code == typed.country);
        if country.is_none() {
            wrong("country", "country");
        }
        let number = passport(&typed.passport);
        if number.is_none() {
            wrong("passport", "passport");
        }
        let surname = name(&typed.surname);
        if surname.is_none() {
            wrong("surname", "surname");
        }
        let first = name(&typed.name);
        if first.is_none() {
            wrong("name", "name");
        }
        let patronymic = typed.patronymic.trim();
        if patronymic.chars().count() > NAME_LONGEST {
            wrong("patronymic", "long");
        }
        let birth = date(&typed.birth_date).filter(|date| *date <= today && date.year() >= today.year() - 130);
        if birth.is_none() {
            wrong("birth_date", "birth-date");
        }
        let phone = Phone::parse(&typed.phone).ok();
        if phone.is_none() {
            wrong("phone", "phone");
        }
        if let (Some(country), Some(passport), Some(surname), Some(name), Some(birth_date), Some(phone), true) =
            (country, number, surname, first, birth, phone, problems.is_empty())
        {
            return Ok(Applicant::Foreign {
                country: (*country).to_owned(),
                passport,
                surname,
                name,
                patronymic: (!patronymic.is_empty()).then(|| patronymic.to_owned()),
                birth_date,
                phone,
            });
        }
    } else {
        let bare: String = typed.pinfl.chars().filter(|c| !c.is_whitespace()).collect();
        let pinfl = Pinfl::parse(&bare).ok();
        if pinfl.is_none() {
            let fourteen = bare.len() == 14 && bare.bytes().all(|b| b.is_ascii_digit());
            wrong("pinfl", if fourteen { "pinfl-check" } else { "pinfl" });
        }
        let number = passport(&typed.passport);
        if number.is_none() {
            wrong("passport", "passport");
        }
        let phone = Phone::parse(&typed.phone).ok();
        if phone.is_none() {
            wrong("phone", "phone");
        }
        if let (Some(pinfl), Some(passport), Some(phone)) = (pinfl, number, phone) {
            return Ok(Applicant::Citizen { pinfl, passport, phone });
        }
    }
    Err(problems)
}

fn name(typed: &str) -> Option<String> {
    let typed = typed.trim();
    (!typed.is_empty() && typed.chars().count() <= NAME_LONGEST).then(|| typed.to_owned())
}

/// Codes of the fee reliefs that the population register proves.
///
/// Rule: IDN-RELIEF.
/// Source: uz-data §3 (reliefs of fees: social protection register, disability of groups I and II).
pub fn reliefs(social_register: bool, disability_group: Option<u8>) -> Vec<String> {
    let mut codes = Vec::new();
    if social_register {
        codes.push("social_register".to_owned());
    }
    if matches!(disability_group, Some(1 | 2)) {
        codes.push("disability_1_2".to_owned());
    }
    codes
}

/// A date as ISO or as day.month.year.
pub fn date(typed: &str) -> Option<Date> {
    let typed = typed.trim();
    if let Ok(date) = typed.parse::<Date>() {
        return Some(date);
    }
    let mut parts = typed.split(['.', '/', '-', ' ']);
    let day: i8 = parts.next()?.trim().parse().ok()?;
    let month: i8 = parts.next()?.trim().parse().ok()?;
    let year: i16 = parts.next()?.trim().parse().ok()?;
    if parts.next().is_some() {
        return None;
    }
    Date::new(year, month, day).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn today() -> Date {
        Date::constant(2026, 11, 21)
    }

    fn foreign() -> Typed {
        Typed {
            kind: "foreign".into(),
            country: "KZ".into(),
            passport: "N12345678".into(),
            surname: "O".into(),
            name: "李".into(),
            birth_date: "29.02.1992".into(),
            phone: "+998 90 123 45 67".into(),
            ..Typed::default()
        }
    }

    #[test]
    fn foreigner_with_a_one_letter_surname_is_welcome() {
        let Ok(Applicant::Foreign { surname, birth_date, .. }) = read(&foreign(), today()) else { panic!() };
        assert_eq!(surname, "O");
        assert_eq!(birth_date, Date::constant(1992, 2, 29));
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let typed = Typed { kind: "foreign".into(), birth_date: "30.02.1992".into(), ..Typed::default() };
        let fields: Vec<_> = read(&typed, today()).unwrap_err().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["country", "passport", "surname", "name", "birth_date", "phone"]);
        let fields: Vec<_> = read(&Typed::default(), today()).unwrap_err().into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["pinfl", "passport", "phone"]);
    }

    #[test]
    fn wrong_check_digit_has_words_of_its_own() {
        let typed = Typed { pinfl: "12345678901234".into(), ..Typed::default() };
        assert_eq!(read(&typed, today()).unwrap_err()[0], Problem { field: "pinfl", code: "pinfl-check" });
    }

    #[test]
    fn reliefs_are_what_the_register_proves() {
        assert!(reliefs(false, None).is_empty());
        assert!(reliefs(false, Some(3)).is_empty());
        assert_eq!(reliefs(true, Some(2)), ["social_register", "disability_1_2"]);
    }

    #[test]
    fn impossible_and_future_dates_are_refused() {
        for text in ["31.04.2000", "2000-13-01", "1.1", "tomorrow", "", "01.01.2027", "01.01.1800"] {
            let typed = Typed { birth_date: text.into(), ..foreign() };
            assert_eq!(read(&typed, today()).unwrap_err()[0].code, "birth-date", "{text}");
        }
    }
}
