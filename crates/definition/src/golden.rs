//! Golden cases: given facts, what comes out.

use std::collections::BTreeMap;

use kernel::calendar;
use kernel::clock::{at_tashkent, tashkent_date};
use kernel::lang::Lang;
use kernel::person::{Phone, Pinfl, Soato, Stir};
use refdata::RefData;
use serde_json::{Value as Json, json};

use crate::access::{Attempt, Represented};
use crate::definition::Definition;
use crate::form;
use crate::model::*;
use crate::samples;

/// Runs one case; one message for every expectation that does not hold.
pub(crate) fn run(definition: &Definition, case: &GoldenCase, refdata: &RefData) -> Vec<String> {
    let mut failed = Vec::new();
    let mut say = |what: &str, expected: String, got: String| {
        if expected != got {
            failed.push(format!("{} “{}”: {what}: expected {expected}, got {got}", definition.code(), case.name));
        }
    };
    let bhm = refdata.bhm(case.today);
    let mut facts = match facts(definition, case) {
        Ok(facts) => Facts { bhm: Some(bhm), ..facts },
        Err(message) => return vec![format!("{} “{}”: {message}", definition.code(), case.name)],
    };
    let expect = &case.expect;
    if let Some(code) = &expect.refused {
        let refused = definition.eligibility(&facts);
        let got = refused.first().map_or("none", |refused| refused.code.as_str());
        say("refused", code.clone(), got.to_owned());
    }
    if let Some(code) = &expect.denied {
        let channel = case.channel.unwrap_or(Channel::Web);
        let known = case.assurance.unwrap_or(Assurance::Otp);
        let got = definition.denied(&facts, channel, known, Attempt::Begin);
        say("denied", code.clone(), got.map_or("none", |denied| denied.code()).to_owned());
    }
    facts.answers = definition.prefill(&facts);
    if let Some(visible) = &expect.visible {
        let got: Vec<&str> = (0..definition.pages().len())
            .flat_map(|page| definition.visible_fields(page, &facts))
            .map(|view| view.field.id.as_str())
            .collect();
        say("visible fields", visible.join(" "), got.join(" "));
    }
    facts.answers = definition.settled_answers(&facts);
    if let Some(errors) = &expect.errors {
        let mut got = BTreeMap::new();
        for error in definition.validate_all(&facts) {
            got.entry(error.field).or_insert_with(|| error.code.code().to_owned());
        }
        say("errors", format!("{errors:?}"), format!("{got:?}"));
    }
    let channel = case.channel.unwrap_or(Channel::Web);
    if let Some(fee) = expect.fee {
        let quote = match &expect.fee_at {
            Some(state) => definition.fee_due_in(state, &facts, channel, bhm, case.today),
            None => definition.fee_quote(&facts, channel, bhm, case.today),
        };
        say("fee", (fee * 100).to_string(), quote.total.get().to_string());
    }
    if let Some(route) = &expect.route {
        let worked = [StateKind::Work, StateKind::Commission, StateKind::Queue, StateKind::Tasks];
        let state = definition.flow().states.iter().find(|state| worked.contains(&state.kind));
        let state = state.unwrap_or_else(|| definition.initial_state());
        say("route", route.clone(), definition.route(&state.id, &facts).to_string());
    }
    let term = definition.term(&facts);
    if let Some(expected) = expect.term {
        say("term", format!("{expected:?}"), term.map_or("none".to_owned(), |term| format!("{term:?}")));
    }
    if let Some(due) = expect.due {
        // Ten in the morning: within the working day, so that no rule about the end of a day hides here.
        let received = at_tashkent(case.today, 10, 0, 0);
        let days = if definition.works_saturdays() { &refdata.calendar_six } else { &refdata.calendar };
        let got = term.map_or("none".to_owned(), |term| tashkent_date(calendar::due(received, term, days)).to_string());
        say("due", due.to_string(), got);
    }
    let rests_in = rests_in(definition, &facts);
    if let Some(state) = &expect.rests_in {
        say("rests in", state.clone(), rests_in.to_owned());
    }
    if let Some(state) = &expect.silence {
        let got = definition.silence(rests_in).map_or("none", |state| state.id.as_str());
        say("silence", state.clone(), got.to_owned());
    }
    if let Some(key) = &expect.limit_key {
        say("limit key", key.clone(), definition.limit_key(&facts));
    }
    if let Some(documents) = &expect.documents {
        let got: BTreeMap<String, usize> = definition
            .documents_for(rests_in, &facts, Lang::Uz, case.today)
            .into_iter()
            .map(|draft| (draft.output, draft.rows.len()))
            .collect();
        say("documents", format!("{documents:?}"), format!("{got:?}"));
    }
    failed
}

/// Where the case rests when every invoice is paid and the system has done all that it can.
fn rests_in<'a>(definition: &'a Definition, facts: &Facts) -> &'a str {
    let mut here = definition.initial_state();
    for _ in 0..definition.flow().states.len() {
        let action = match here.kind {
            StateKind::Payment => here.on_paid.as_deref(),
            _ => definition.auto_rule(&here.id, facts).map(|rule| rule.action.as_str()),
        };
        match action.and_then(|id| definition.action(id)).and_then(|action| definition.state(&action.to)) {
            Some(next) => here = next,
            None => break,
        }
    }
    &here.id
}

/// Answers of an invented applicant that the form accepts: what registers know, the first golden case, and for the rest
/// whatever fits. Files cannot be invented: their fields stay empty.
///
/// Fixing one field may show another, so it goes round until nothing is wrong or nothing more can be done.
pub(crate) fn sample(definition: &Definition, facts: &Facts) -> Answers {
    let mut facts = facts.clone();
    facts.answers = definition.prefill(&facts);
    for (id, answer) in definition.tests.iter().take(1).flat_map(|case| &case.answers) {
        let file = definition.field(id).is_some_and(|(_, field)| field.kind == FieldType::File);
        if !file {
            facts.answers.entry(id.clone()).or_insert_with(|| answer.clone());
        }
    }
    let rounds: usize = definition.pages().iter().map(|page| page.fields.len()).sum();
    for _ in 0..=rounds {
        let errors = definition.validate_all(&facts);
        let mut changed = false;
        for error in errors {
            // Of a repeat the whole answer is invented anew, whatever of it is wrong.
            let id = error.field.split('.').next().unwrap_or_default();
            let Some((_, field)) = definition.field(id) else { continue };
            if let Some(answer) = invent(form::At::form(definition, &facts), field, &facts)
                && facts.answers.insert(field.id.clone(), answer.clone()) != Some(answer)
            {
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    definition.settled_answers(&facts)
}

/// An answer that fits the type and the limits of a field.
fn invent(at: form::At<'_, '_>, field: &Field, facts: &Facts) -> Option<Json> {
    let present = facts.answers.get(&field.id);
    let text = |least: u32| {
        let least = least.max(field.limits.min_length.unwrap_or(0)) as usize;
        "Namuna ".chars().cycle().take(least.max(6)).collect::<String>().trim_end().to_owned() + "."
    };
    Some(match field.kind {
        // The next option after the one that is wrong, so that a check can be met.
        FieldType::Choice => {
            let options = form::options(at, field);
            let at = options.iter().position(|(code, _)| present.and_then(Json::as_str) == Some(code));
            json!(options.get(at.map_or(0, |at| (at + 1) % options.len()))?.0)
        }
        FieldType::Multi if field.limits.min.is_some_and(|min| min > 1) => {
            let least = usize::try_from(field.limits.min?).ok()?;
            json!(form::options(at, field).into_iter().take(least).map(|(code, _)| code).collect::<Vec<_>>())
        }
        FieldType::Cascade => {
            let mut codes: Vec<&str> = Vec::new();
            while let Some(option) = field.options.iter().find(|o| o.parent.as_deref() == codes.last().copied()) {
                codes.push(&option.code);
                if codes.len() >= field.levels.len() {
                    break;
                }
            }
            json!(codes)
        }
        FieldType::Decimal => json!(field.limits.min.unwrap_or(1).to_string()),
        FieldType::Geo => json!({"lat": "41.311081", "lon": "69.240562"}),
        FieldType::Organisation => json!({"stir": "305123456", "name": "“Namuna” MChJ"}),
        FieldType::Account => json!("20208000900123456001"),
        FieldType::Repeat => {
            let mut row = serde_json::Map::new();
            for inner in field.fields.iter().filter(|inner| inner.value.is_none()) {
                let before = row.clone();
                if let Some(answer) = invent(at.in_row(field, &before), inner, facts) {
                    row.insert(inner.id.clone(), answer);
                }
            }
            let least = usize::try_from(field.limits.min.unwrap_or(1)).unwrap_or(1).clamp(1, form::MAX_ROWS);
            json!(vec![row; least])
        }
        FieldType::Multi => json!([form::options(at, field).first()?.0]),
        FieldType::Text => json!(text(0)),
        FieldType::Textarea => json!(text(30)),
        FieldType::Int => json!(field.limits.min.unwrap_or(1)),
        FieldType::Money => json!(field.limits.min.unwrap_or(100_000).saturating_mul(100)),
        FieldType::Date => json!(facts.today.to_string()),
        FieldType::Bool | FieldType::Consent => json!(true),
        FieldType::Address => {
            let home = facts.person.region.as_ref().map(|soato| soato.as_str().to_owned());
            let district = home.filter(|code| code.len() == 7).unwrap_or_else(|| "1726266".to_owned());
            let region = &district[..4];
            match field.level {
                AddressLevel::Region => json!({"region": region}),
                AddressLevel::District => json!({"region": region, "district": district}),
                AddressLevel::House => {
                    json!({"region": region, "district": district, "street": "Namuna ko‘chasi", "house": "1"})
                }
            }
        }
        FieldType::Person => {
            json!({"pinfl": "41705900010016", "surname": "Namunayeva", "name": "Namuna", "patronymic": "Namunayevna"})
        }
        FieldType::Pinfl => {
            json!(facts.person.pinfl.as_ref().map_or_else(|| "41705900010016".to_owned(), |p| p.as_str().to_owned()))
        }
        FieldType::Stir => json!("305123456"),
        FieldType::IdDoc => json!("AA1234567"),
        FieldType::Phone => json!("+998901234567"),
        FieldType::Email => json!("namuna@example.uz"),
        FieldType::Plate => json!("01A123BC"),
        FieldType::Cadastre => json!("10:09:03:02:01:0123"),
        FieldType::File | FieldType::Note => return None,
    })
}

pub(crate) fn facts(definition: &Definition, case: &GoldenCase) -> Result<Facts, String> {
    fn read<T, E: std::fmt::Display>(
        text: Option<&String>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, String> {
        text.map(|text| parse(text).map_err(|error| format!("`{text}`: {error}"))).transpose()
    }
    let mut facts = match &case.who {
        Some(id) => samples::facts(&definition.vocabulary.people, id, &definition.spec.registers)?,
        None => Facts::default(),
    };
    let person = &case.person;
    let known = facts.person;
    facts.person = PersonFacts {
        pinfl: read(person.pinfl.as_ref(), Pinfl::parse)?.or(known.pinfl),
        region: read(person.region.as_ref(), Soato::parse)?.or(known.region),
        phone: read(person.phone.as_ref(), Phone::parse)?.or(known.phone),
        surname: person.surname.clone().or(known.surname),
        name: person.name.clone().or(known.name),
        birth_date: person.birth_date.or(known.birth_date),
        sex: person.sex.clone().or(known.sex),
        citizenship: person.citizenship.clone().or(known.citizenship),
        audience: person.audience.or(known.audience),
        reliefs: if person.reliefs.is_empty() { known.reliefs } else { person.reliefs.clone() },
        ..known
    };
    if let Some(behalf) = &case.behalf {
        let represented = Represented {
            kind: behalf.kind,
            pinfl: read(behalf.pinfl.as_ref(), Pinfl::parse)?,
            stir: read(behalf.stir.as_ref(), Stir::parse)?,
            surname: behalf.surname.clone(),
            name: behalf.name.clone(),
            patronymic: String::new(),
            birth_date: behalf.birth_date,
            ground: String::new(),
            register: String::new(),
        };
        facts.represent(represented);
    }
    facts.registers.extend(case.registers.clone());
    facts.answers = case.answers.clone();
    facts.today = case.today;
    Ok(facts)
}
