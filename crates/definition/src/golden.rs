//! Golden cases: given facts, what comes out.

use std::collections::BTreeMap;

use kernel::calendar;
use kernel::clock::{at_tashkent, tashkent_date};
use kernel::lang::Lang;
use kernel::person::{Phone, Pinfl, Soato};
use refdata::RefData;

use crate::definition::Definition;
use crate::model::*;

/// Runs one case; one message for every expectation that does not hold.
pub(crate) fn run(definition: &Definition, case: &GoldenCase, refdata: &RefData) -> Vec<String> {
    let mut failed = Vec::new();
    let mut say = |what: &str, expected: String, got: String| {
        if expected != got {
            failed.push(format!("{} “{}”: {what}: expected {expected}, got {got}", definition.code(), case.name));
        }
    };
    let bhm = refdata.bhm(case.today);
    let mut facts = match facts(case) {
        Ok(facts) => Facts { bhm: Some(bhm), ..facts },
        Err(message) => return vec![format!("{} “{}”: {message}", definition.code(), case.name)],
    };
    let expect = &case.expect;
    if let Some(code) = &expect.refused {
        let refused = definition.eligibility(&facts);
        let got = refused.first().map_or("none", |refused| refused.code.as_str());
        say("refused", code.clone(), got.to_owned());
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
        let got = term.map_or("none".to_owned(), |term| {
            tashkent_date(calendar::due(received, term, &refdata.calendar)).to_string()
        });
        say("due", due.to_string(), got);
    }
    let rests_in = rests_in(definition, &facts);
    if let Some(state) = &expect.rests_in {
        say("rests in", state.clone(), rests_in.to_owned());
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

fn facts(case: &GoldenCase) -> Result<Facts, String> {
    fn read<T, E: std::fmt::Display>(
        text: Option<&String>,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, String> {
        text.map(|text| parse(text).map_err(|error| format!("`{text}`: {error}"))).transpose()
    }
    let person = &case.person;
    Ok(Facts {
        answers: case.answers.clone(),
        person: PersonFacts {
            pinfl: read(person.pinfl.as_ref(), Pinfl::parse)?,
            region: read(person.region.as_ref(), Soato::parse)?,
            phone: read(person.phone.as_ref(), Phone::parse)?,
            surname: person.surname.clone(),
            name: person.name.clone(),
            birth_date: person.birth_date,
            sex: person.sex.clone(),
            citizenship: person.citizenship.clone(),
            audience: person.audience,
            reliefs: person.reliefs.clone(),
            ..PersonFacts::default()
        },
        registers: case.registers.clone(),
        today: case.today,
        bhm: None,
    })
}
