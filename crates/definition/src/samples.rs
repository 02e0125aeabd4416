//! The invented people of `services/people.yaml`, as the facts of a golden case.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use kernel::person::{Email, Passport, Phone, Pinfl, Soato};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::model::{Audience, Facts, PersonFacts, RegisterUse};

const SOURCE: &str = include_str!("../../../services/people.yaml");

/// What golden cases look at; the demo reads the rest of the file.
#[derive(Deserialize)]
struct File {
    people: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    phone: String,
    email: Option<String>,
    registers: BTreeMap<String, Json>,
}

fn people() -> &'static Result<Vec<Row>, String> {
    static ALL: OnceLock<Result<Vec<Row>, String>> = OnceLock::new();
    ALL.get_or_init(|| match serde_saphyr::from_str::<File>(SOURCE) {
        Ok(file) => Ok(file.people),
        Err(error) => Err(format!("services/people.yaml: {error}")),
    })
}

/// Short names of the invented people, in the order of the file; empty when the file is broken, which a test refuses.
pub fn sample_people() -> Vec<&'static str> {
    people().as_ref().map(|all| all.iter().map(|row| row.id.as_str()).collect()).unwrap_or_default()
}

/// Who applies and what the registers named say of them; a register that has no record of the person says "not found".
///
/// # Errors
/// When there is no such person, or the file is broken.
pub(crate) fn facts(id: &str, registers: &[RegisterUse]) -> Result<Facts, String> {
    let all = people().as_ref().map_err(String::clone)?;
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
