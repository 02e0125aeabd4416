//! For whom a person may act, by what the registers say.

use contracts::mandates::MandateRefused;
use definition::{BehalfKind, OnBehalf, Represented};
use kernel::clock::Date;
use kernel::person::{Pinfl, Stir};
use serde_json::Value;

/// Age from which a child or a ward acts for themselves, years.
const OF_AGE: u32 = 18;

/// Why a person cannot act for the one who was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BehalfRefused {
    /// Nobody was named, and the service is not for the person alone.
    #[error("nobody was chosen")]
    NotChosen,
    /// No register says that the person may act for this one.
    #[error("not represented")]
    NotRepresented,
    /// There is no such power of attorney, or it is somebody else's.
    #[error("no such power")]
    NoPower,
    /// The power of attorney was revoked.
    #[error("revoked")]
    Revoked,
    /// The power of attorney has not begun or has ended.
    #[error("not in force")]
    NotInForce,
    /// The power of attorney does not name this service.
    #[error("not for this service")]
    OtherService,
    /// A mandate or a power given in the portal does not carry it.
    #[error("mandate: {0:?}")]
    Mandate(MandateRefused),
}

/// The children or wards who are not of age, of the record of the population register.
///
/// Rule: APP-CHILDREN.
/// Source: Family Code (parents and guardians represent minors; of age at 18); record `population` of the registers.
pub fn minors(rule: &OnBehalf, record: &Value, today: Date) -> Vec<Represented> {
    let key = if rule.who == BehalfKind::Ward { "wards" } else { "children" };
    let rows = record.get(key).and_then(Value::as_array).into_iter().flatten();
    rows.filter_map(|row| {
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let pinfl = Pinfl::parse(&text("pinfl")).ok()?;
        let birth_date: Date = text("birth_date").parse().ok()?;
        let minor = age(birth_date, today) < i32::try_from(rule.under_age.unwrap_or(OF_AGE)).unwrap_or(i32::MAX);
        minor.then(|| Represented {
            kind: rule.who,
            pinfl: Some(pinfl),
            stir: None,
            surname: text("surname"),
            name: text("name"),
            patronymic: text("patronymic"),
            birth_date: Some(birth_date),
            ground: text("order"),
            register: "population".to_owned(),
        })
    })
    .collect()
}

/// Whole years on a day.
fn age(birth: Date, today: Date) -> i32 {
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    i32::from(today.year()) - i32::from(birth.year()) - i32::from(!had_birthday)
}

/// The organisations in which the person has a role that may act, of the record of the register of taxpayers.
///
/// Rule: APP-ORGANISATIONS.
/// Source: Civil Code (bodies of a legal person act for it); record `tax` of the registers, key `roles` of the definition.
pub fn organisations(rule: &OnBehalf, record: &Value) -> Vec<Represented> {
    let rows = record.get("organisations").and_then(Value::as_array).into_iter().flatten();
    rows.filter_map(|row| {
        let text = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (stir, role) = (Stir::parse(&text("stir")).ok()?, text("role"));
        let acts = rule.roles.is_empty() || rule.roles.iter().any(|wanted| plain(wanted) == plain(&role));
        acts.then(|| Represented {
            kind: BehalfKind::Organisation,
            pinfl: None,
            stir: Some(stir),
            surname: text("name"),
            name: String::new(),
            patronymic: String::new(),
            birth_date: None,
            ground: role,
            register: "tax".to_owned(),
        })
    })
    .collect()
}

/// A role without capitals and whichever apostrophe was typed.
fn plain(role: &str) -> String {
    role.trim().to_lowercase().chars().map(|c| if "‘’`ʼʻ".contains(c) { '\'' } else { c }).collect()
}

/// The one who gave a power of attorney, when it is in force for this person, whatever service it names.
///
/// # Errors
/// As [`power`].
pub fn power_of(
    record: &Value,
    number: &str,
    actor: Option<&Pinfl>,
    today: Date,
) -> Result<Represented, BehalfRefused> {
    let named = record.get("services").and_then(Value::as_array).and_then(|rows| rows.first());
    let service = named.and_then(|row| row.get("code")).and_then(Value::as_str).unwrap_or_default();
    power(record, number, actor, today, service)
}

/// The one who gave a power of attorney, when it is in force for this person and this service.
///
/// Rule: APP-ATTORNEY.
/// Source: Civil Code, chapter 10 (power of attorney: term, revocation, scope); record `attorneys` of the registers.
///
/// # Errors
/// Why it does not hold. A power of somebody else looks like none.
pub fn power(
    record: &Value,
    number: &str,
    actor: Option<&Pinfl>,
    today: Date,
    service: &str,
) -> Result<Represented, BehalfRefused> {
    let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
    let mine = actor.is_some_and(|actor| actor.as_str() == text("attorney_pinfl"));
    let principal = Pinfl::parse(text("pinfl")).ok().filter(|_| mine).ok_or(BehalfRefused::NoPower)?;
    if record.get("revoked").and_then(Value::as_bool) == Some(true) {
        return Err(BehalfRefused::Revoked);
    }
    let issued = text("issued").parse::<Date>().map_err(|_| BehalfRefused::NotInForce)?;
    let expires = text("expires").parse::<Date>().map_err(|_| BehalfRefused::NotInForce)?;
    if today < issued || expires < today {
        return Err(BehalfRefused::NotInForce);
    }
    let scope = record.get("services").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let covers = |row: &Value| row.get("code").and_then(Value::as_str) == Some(service);
    if !scope.is_empty() && !scope.iter().any(covers) {
        return Err(BehalfRefused::OtherService);
    }
    Ok(Represented {
        kind: BehalfKind::Attorney,
        pinfl: Some(principal),
        stir: None,
        surname: text("surname").to_owned(),
        name: text("name").to_owned(),
        patronymic: text("patronymic").to_owned(),
        birth_date: text("birth_date").parse().ok(),
        ground: number.to_owned(),
        register: "attorneys".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn rule(who: BehalfKind) -> OnBehalf {
        OnBehalf { who, under_age: None, roles: Vec::new() }
    }

    #[test]
    fn a_child_is_represented_until_the_birthday() {
        let record = json!({"children": [{"pinfl": "61906210261039", "surname": "Karimova", "name": "Amina", "birth_date": "2021-06-19"}]});
        let of = |rule: &OnBehalf, today: &str| minors(rule, &record, day(today)).len();
        assert_eq!(of(&rule(BehalfKind::Child), "2039-06-18"), 1);
        assert_eq!(of(&rule(BehalfKind::Child), "2039-06-19"), 0);
        let young = OnBehalf { under_age: Some(7), ..rule(BehalfKind::Child) };
        assert_eq!((of(&young, "2028-06-18"), of(&young, "2028-06-19")), (1, 0));
        assert_eq!(of(&rule(BehalfKind::Ward), "2026-01-01"), 0, "a child is no ward");
    }

    #[test]
    fn only_the_roles_of_the_definition_act_for_an_organisation() {
        let record = json!({"organisations": [
            {"stir": "300000002", "name": "A", "role": "Ta’sischi"}, {"stir": "300000003", "name": "B", "role": "rahbar"}, {"stir": "x", "name": "C", "role": "rahbar"},
        ]});
        let names =
            |rule: &OnBehalf| organisations(rule, &record).into_iter().map(|one| one.surname).collect::<Vec<_>>();
        assert_eq!(names(&rule(BehalfKind::Organisation)), ["A", "B"]);
        let founders = OnBehalf { roles: vec!["ta‘sischi".to_owned()], ..rule(BehalfKind::Organisation) };
        assert_eq!(names(&founders), ["A"]);
    }

    #[test]
    fn a_power_of_attorney_holds_for_its_attorney_in_its_time_and_scope() {
        let actor = Pinfl::parse("41404910261017").unwrap();
        let other = Pinfl::parse("30211880261028").unwrap();
        let record = json!({"pinfl": "30211880261028", "surname": "Karimov", "name": "Jasur", "attorney_pinfl": "41404910261017",
            "issued": "2026-01-10", "expires": "2027-01-09", "revoked": false, "services": [{"code": "298"}]});
        let of = |record: &Value, actor: &Pinfl, today: &str, service: &str| {
            power(record, "7", Some(actor), day(today), service).map(|one| one.full_name())
        };
        assert_eq!(of(&record, &actor, "2026-11-21", "298").as_deref(), Ok("Karimov Jasur"));
        assert_eq!(of(&record, &other, "2026-11-21", "298"), Err(BehalfRefused::NoPower));
        assert_eq!(of(&record, &actor, "2026-01-09", "298"), Err(BehalfRefused::NotInForce));
        assert_eq!(of(&record, &actor, "2027-01-10", "298"), Err(BehalfRefused::NotInForce));
        assert_eq!(of(&record, &actor, "2026-11-21", "299"), Err(BehalfRefused::OtherService));
        let mut wide = record.clone();
        wide["services"] = json!([]);
        assert!(of(&wide, &actor, "2026-11-21", "299").is_ok());
        wide["revoked"] = json!(true);
        assert_eq!(of(&wide, &actor, "2026-11-21", "299"), Err(BehalfRefused::Revoked));
        assert_eq!(power(&json!({}), "7", None, day("2026-11-21"), "298"), Err(BehalfRefused::NoPower));
    }
}
