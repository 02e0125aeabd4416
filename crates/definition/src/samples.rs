//! The invented people of `services/people.yaml`, as the facts of a golden case.

use std::collections::BTreeMap;

use kernel::person::{Email, Passport, Phone, Pinfl, Soato};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::model::{Audience, Facts, PersonFacts, RegisterUse};
use crate::vocabulary::Vocabulary;

/// What golden cases look at of `people.yaml`; the demo reads the rest of the file.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct People {
    people: Vec<Row>,
}

#[derive(Debug, Deserialize)]
struct Row {
    id: String,
    phone: String,
    email: Option<String>,
    registers: BTreeMap<String, Json>,
}

/// Short names of the invented people that the program carries, in the order of the file.
pub fn sample_people() -> Vec<String> {
    Vocabulary::built_in().people.people.iter().map(|row| row.id.clone()).collect()
}

/// Who applies and what the registers named say of them; a register that has no record of the person says "not found".
///
/// # Errors
/// When there is no such person.
pub(crate) fn facts(people: &People, id: &str, registers: &[RegisterUse]) -> Result<Facts, String> {
    let all = &people.people;
    let row = all.iter().find(|row| row.id == id).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|row| row.id.as_str()).collect();
        format!("services/people.yaml has no `{id}`; it has {}", known.join(", "))
    })?;
    let population = row.registers.get("population").cloned().unwrap_or_default();
    let text = |key: &str| population.get(key).and_then(Json::as_str).map(str::to_owned);
    let home = row.registers.get("address").and_then(|address| address.get("district")).and_then(Json::as_str);
    let mut reliefs = Vec::new();
    if population.get("social_register").and_then(Json::as_bool) == Some(true) {
        reliefs.push("social_register".to_owned());
    }
    if matches!(population.get("disability_group").and_then(Json::as_i64), Some(1 | 2)) {
        reliefs.push("disability_1_2".to_owned());
    }
    let citizenship = text("citizenship");
    let mut facts = Facts {
        person: PersonFacts {
            pinfl: text("pinfl").and_then(|pinfl| Pinfl::parse(&pinfl).ok()),
            passport: text("passport").and_then(|passport| Passport::parse(&passport).ok()),
            surname: text("surname"),
            name: text("name"),
            patronymic: text("patronymic"),
            birth_date: text("birth_date").and_then(|date| date.parse().ok()),
            sex: text("sex"),
            region: home.and_then(|code| Soato::parse(code).ok()),
            phone: Phone::parse(&row.phone).ok(),
            email: row.email.as_deref().and_then(|email| Email::parse(email).ok()),
            audience: match citizenship.as_deref() {
                Some("UZ") | None => None,
                Some(_) => Some(Audience::Foreign),
            },
            citizenship,
            reliefs,
        },
        ..Facts::default()
    };
    for register in registers {
        match row.registers.get(&register.name) {
            Some(record) => facts.answered(&register.name, record.clone()),
            None => facts.not_found(&register.name),
        }
    }
    Ok(facts)
}
