//! Invented people and what the registers say of them: for the demo and the tests.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use contracts::Ctx;
use kernel::clock::Date;
use kernel::lang::{Lang, Text};
use kernel::person::{Passport, Phone, Pinfl, Soato};
use serde::Deserialize;
use serde_json::Value;
use storage::Batch;

use crate::port::{hash_passport, hash_pinfl, item_key};
use crate::store::{self, Record};

const SOURCE: &str = include_str!("../../../services/people.yaml");

/// An invented person. Nothing here is true of anybody.
#[derive(Clone, Debug)]
pub struct Person {
    /// Short name for tests and for the list of the demo: `karimova`.
    pub id: String,
    /// `None` for a foreigner.
    pub pinfl: Option<Pinfl>,
    pub passport: Passport,
    pub surname: String,
    pub name: String,
    pub patronymic: String,
    pub birth_date: Date,
    /// `m` or `f`.
    pub sex: String,
    /// ISO 3166 alpha-2.
    pub citizenship: String,
    pub phone: Phone,
    pub email: Option<String>,
    /// The language that the person reads.
    pub lang: Lang,
    /// SOATO of the district of residence; `None` when not registered anywhere.
    pub district: Option<Soato>,
    /// What can be shown with this person.
    pub shows: Text,
    /// Register → its record.
    pub registers: BTreeMap<String, Value>,
}

impl Person {
    /// Surname, name, patronymic.
    pub fn full_name(&self) -> String {
        format!("{} {} {}", self.surname, self.name, self.patronymic)
    }
}

/// A record of a thing: cadastre and the like.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    pub register: String,
    /// The keys that it is asked with.
    pub params: BTreeMap<String, String>,
    pub data: Value,
}

/// Why the demo data cannot be used: a defect of the file in the repository, or of the database.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("services/people.yaml: {0}")]
    Yaml(String),
    #[error("services/people.yaml: {person}: {problem}")]
    Person { person: String, problem: String },
    #[error("the demo records could not be stored")]
    Commit(#[from] storage::CommitError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    people: Vec<Row>,
    #[serde(default)]
    things: Vec<Thing>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    lang: String,
    phone: String,
    email: Option<String>,
    shows: Text,
    registers: BTreeMap<String, Value>,
}

fn load() -> Result<(Vec<Person>, Vec<Thing>), DemoError> {
    let file: File = serde_saphyr::from_str(SOURCE).map_err(|err| DemoError::Yaml(err.to_string()))?;
    let people = file.people.into_iter().map(person).collect::<Result<Vec<_>, _>>()?;
    Ok((people, file.things))
}

fn person(row: Row) -> Result<Person, DemoError> {
    let fail = |problem: &str| DemoError::Person { person: row.id.clone(), problem: problem.to_owned() };
    let record = row.registers.get("population").ok_or_else(|| fail("no population record"))?;
    let text = |key: &str| record.get(key).and_then(Value::as_str).map(str::to_owned);
    let must = |key: &str| text(key).ok_or_else(|| fail(&format!("population.{key} is missing")));
    let pinfl = match text("pinfl") {
        Some(digits) => Some(Pinfl::parse(&digits).map_err(|err| fail(&format!("pinfl: {err}")))?),
        None => None,
    };
    let district = row.registers.get("address").and_then(|address| address.get("district")).and_then(Value::as_str);
    Ok(Person {
        pinfl,
        passport: Passport::parse(&must("passport")?).map_err(|err| fail(&format!("passport: {err}")))?,
        surname: must("surname")?,
        name: must("name")?,
        patronymic: text("patronymic").unwrap_or_default(),
        birth_date: must("birth_date")?.parse().map_err(|_| fail("birth_date"))?,
        sex: must("sex")?,
        citizenship: must("citizenship")?,
        phone: Phone::parse(&row.phone).map_err(|err| fail(&format!("phone: {err}")))?,
        email: row.email.clone(),
        lang: Lang::parse(&row.lang).ok_or_else(|| fail("lang"))?,
        district: match district {
            Some(code) => Some(Soato::parse(code).map_err(|err| fail(&format!("district: {err}")))?),
            None => None,
        },
        shows: row.shows.clone(),
        id: row.id.clone(),
        registers: row.registers,
    })
}

/// The invented people, in the order of the file. Empty when the file is broken, which a test refuses.
pub fn people() -> &'static [Person] {
    static PEOPLE: OnceLock<Vec<Person>> = OnceLock::new();
    PEOPLE.get_or_init(|| match load() {
        Ok((people, _)) => people,
        Err(err) => {
            tracing::error!(%err, "no demo people");
            Vec::new()
        }
    })
}

/// One of them, by the short name.
pub fn find(id: &str) -> Option<&'static Person> {
    people().iter().find(|person| person.id == id)
}

/// Writes what the registers say of the invented people into the table. May be repeated.
///
/// # Errors
/// When the file is broken or the database does not take the records.
pub async fn import(ctx: &Ctx) -> Result<usize, DemoError> {
    let (people, things) = load()?;
    let as_of = ctx.now();
    let mut batch = Batch::system();
    let mut count = 0;
    for person in people {
        let person_hash = match &person.pinfl {
            Some(pinfl) => hash_pinfl(ctx, pinfl),
            None => hash_passport(ctx, &person.passport),
        };
        for (register, data) in person.registers {
            count += 1;
            let person_hash = person_hash.clone();
            store::put(
                &mut batch,
                Record { register, person_hash, item_key: String::new(), data: data.to_string(), as_of },
            );
        }
    }
    for thing in things {
        count += 1;
        let item_key = item_key(thing.params.iter());
        store::put(
            &mut batch,
            Record {
                register: thing.register,
                person_hash: String::new(),
                item_key,
                data: thing.data.to_string(),
                as_of,
            },
        );
    }
    ctx.db.commit(batch).await?;
    Ok(count)
}

/// Writes what the registers say of an invented person once more, for somebody else with another PINFL: benches need
/// more people than anybody wants to invent.
///
/// # Errors
/// When the database does not take the records.
pub async fn import_double(ctx: &Ctx, person: &Person, pinfl: &Pinfl) -> Result<(), DemoError> {
    let person_hash = hash_pinfl(ctx, pinfl);
    let mut batch = Batch::system();
    for (register, data) in &person.registers {
        let mut data = data.clone();
        if let Some(own) = data.get_mut("pinfl") {
            *own = Value::String(pinfl.as_str().to_string());
        }
        let record = Record {
            register: register.clone(),
            person_hash: person_hash.clone(),
            item_key: String::new(),
            data: data.to_string(),
            as_of: ctx.now(),
        };
        store::put(&mut batch, record);
    }
    Ok(ctx.db.commit(batch).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_people_are_readable_and_many_enough() {
        let (people, things) = load().expect("services/people.yaml is in order");
        assert!(people.len() >= 12, "{}", people.len());
        assert!(!things.is_empty());
        let regions: std::collections::BTreeSet<_> = people
            .iter()
            .filter_map(|person| person.district.as_ref())
            .map(|code| code.region().as_str().to_owned())
            .collect();
        assert!(regions.len() >= 10, "{regions:?}");
    }

    #[test]
    fn what_the_registers_say_agrees_with_the_pinfl() {
        for person in people() {
            let Some(pinfl) = &person.pinfl else { continue };
            assert_eq!(pinfl.birth_date(), person.birth_date, "{}", person.id);
            for child in person.registers["population"]["children"].as_array().into_iter().flatten() {
                let digits = child["pinfl"].as_str().unwrap_or_default();
                assert!(Pinfl::parse(digits).is_ok(), "{}: child {digits}", person.id);
            }
        }
    }

    #[test]
    fn every_record_has_only_the_keys_that_the_registers_promise() {
        let promised: Value = serde_saphyr::from_str(include_str!("../../../services/registers.yaml")).expect("YAML");
        let (people, things) = load().expect("services/people.yaml is in order");
        let records = people
            .iter()
            .flat_map(|person| {
                person.registers.iter().map(|(name, data)| (person.id.clone(), name.clone(), data.clone()))
            })
            .chain(things.iter().map(|thing| ("thing".to_owned(), thing.register.clone(), thing.data.clone())));
        for (who, register, data) in records {
            let fields = &promised[&register]["fields"];
            assert!(fields.is_object(), "{who}: no register {register}");
            fits(&format!("{who}.{register}"), &data, fields);
        }
    }

    fn fits(at: &str, data: &Value, fields: &Value) {
        for (key, value) in data.as_object().expect("a record is an object") {
            let at = format!("{at}.{key}");
            let wanted = &fields[key];
            match (wanted.as_str(), value) {
                (Some("string" | "soato"), Value::String(_)) | (Some("bool"), Value::Bool(_)) => {}
                (Some("int" | "money"), Value::Number(number)) => assert!(number.is_i64(), "{at}"),
                (Some("date"), Value::String(text)) => assert!(text.parse::<Date>().is_ok(), "{at}: {text}"),
                (None, Value::Array(rows)) if wanted["list"].is_object() => {
                    for row in rows {
                        fits(&at, row, &wanted["list"]);
                    }
                }
                _ => panic!("{at}: {value} is not {wanted}"),
            }
        }
    }
}
