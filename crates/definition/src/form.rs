//! Fields and answers: what is shown, what was posted, what is wrong with it.
//!
//! Reading and checking are two passes: reading turns posted text into typed JSON as far as it can, checking looks only
//! at JSON. So an answer that came through the API, from a register or from an old draft meets the same rules.

use std::collections::BTreeMap;

use expr::Value;
use jiff::civil::Date;
use kernel::lang::Text;
use kernel::person::{Email, Passport, Phone, Pinfl, Soato, Stir};
use refdata::RefData;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use crate::definition::Definition;
use crate::document;
use crate::model::*;
use crate::plus_code;
use crate::scope::{self, Row};

/// Default limit of a one-line text, characters (DEF-LENGTH): the longest official name of an organisation in the sample
/// has about 300.
pub const MAX_TEXT: u32 = 500;
/// Default limit of a long text, characters: about two printed pages.
pub const MAX_TEXTAREA: u32 = 4000;
/// What is kept of a text that is over its limit, so that the person can shorten it; the rest is cut off.
pub const MAX_ANSWER_CHARS: usize = 20_000;
/// So‘m that fit into tiyin without overflow, with room for sums.
const MAX_SOM: i64 = 1_000_000_000_000_000;
/// Options that can be ticked at once; more is not a form any more.
const MAX_TICKS: usize = 100;
/// Rows of a repeat unless the definition says otherwise.
pub(crate) const DEFAULT_ROWS: i64 = 10;
/// Rows that a definition may allow: what comes beyond is not read.
pub(crate) const MAX_ROWS: usize = 50;
/// Digits after the point of a decimal unless the definition says otherwise.
pub(crate) const DEFAULT_SCALE: u32 = 2;
/// Digits after the point that a definition may allow.
pub(crate) const MAX_SCALE: u32 = 9;

// --- where a question stands ---

/// Where a question stands: in the form, or in a row of a repeat.
#[derive(Clone, Copy)]
pub(crate) struct At<'d, 'f> {
    definition: &'d Definition,
    facts: &'f Facts,
    row: Option<Row<'f>>,
}

impl<'d, 'f> At<'d, 'f> {
    pub(crate) fn form(definition: &'d Definition, facts: &'f Facts) -> Self {
        Self { definition, facts, row: None }
    }

    pub(crate) fn in_row(self, repeat: &'f Field, answers: &'f Map<String, Json>) -> Self {
        Self { row: Some(Row { repeat: &repeat.id, answers }), ..self }
    }

    fn eval(self, cel: &Cel) -> Value {
        self.definition.eval_in(cel, self.facts, self.row)
    }

    fn holds(self, cel: &Cel) -> bool {
        self.eval(cel).truth() == Some(true)
    }

    fn answer(self, id: &str) -> Option<&'f Json> {
        match self.row {
            Some(row) => row.answers.get(id),
            None => self.facts.answers.get(id),
        }
    }
}

// --- what is shown ---

/// Options of a choice as they stand: of the definition, or drawn from a register.
pub(crate) fn options(at: At<'_, '_>, field: &Field) -> Vec<(String, Text)> {
    let Some(from) = &field.options_from else {
        return offered(at, field).map(|option| (option.code.clone(), option.label.clone())).collect();
    };
    let Json::Array(list) = scope::to_json(&at.eval(&from.list)) else { return Vec::new() };
    list.iter()
        .filter_map(|object| {
            let code = object.get(&from.code)?.as_str()?.to_owned();
            let label = document::fill(&from.label, object, kernel::lang::Lang::Uz);
            // A name in a register stays as it is written there, in every language and script.
            let label = Text { uz_cyrl: Some(label.clone()), ..Text::uz(label) };
            Some((code, label))
        })
        .collect()
}

/// Whether a field offers an option, without making the texts of all.
fn offers(at: At<'_, '_>, field: &Field, code: &str) -> bool {
    match &field.options_from {
        None => offered(at, field).any(|option| option.code == code),
        Some(from) => match at.eval(&from.list) {
            expr::Value::List(list) => list.iter().any(|object| match object {
                expr::Value::Map(map) => {
                    map.get(&from.code).is_some_and(|known| scope::to_json(known).as_str() == Some(code))
                }
                _ => false,
            }),
            _ => false,
        },
    }
}

/// The definition's own options whose conditions hold.
fn offered<'a>(at: At<'a, 'a>, field: &'a Field) -> impl Iterator<Item = &'a FieldOption> {
    field.options.iter().filter(move |option| option.show.as_ref().is_none_or(|show| at.holds(show)))
}

/// The options of a cascade under one of the list above; of its first list without one.
fn below(at: At<'_, '_>, field: &Field, parent: Option<&str>) -> Vec<(String, Text)> {
    offered(at, field)
        .filter(|option| option.parent.as_deref() == parent)
        .map(|option| (option.code.clone(), option.label.clone()))
        .collect()
}

/// The lists of a cascade that can be chosen from by now: the first, and one under each choice made.
fn lists(at: At<'_, '_>, field: &Field, answer: Option<&Json>) -> Vec<Vec<(String, Text)>> {
    let mut lists = vec![below(at, field, None)];
    for code in answer.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
        let known = lists.last().is_some_and(|list| list.iter().any(|(known, _)| known == code));
        if !known || lists.len() >= field.levels.len() {
            break;
        }
        lists.push(below(at, field, Some(code)));
    }
    lists
}

/// What the register or the profile says for a field.
fn known(field: &Field, facts: &Facts) -> Option<Json> {
    let source = field.source.as_ref()?;
    let record = match source.register.as_str() {
        "person" => scope::person_json(&facts.person),
        "applicant" => scope::applicant_json(facts),
        register => facts.registers.get(register)?.clone(),
    };
    if source.path == "." {
        return match field.kind {
            FieldType::Address => address_of(&record),
            FieldType::Person => parts_of(
                &record,
                &[("pinfl", "pinfl"), ("surname", "surname"), ("name", "name"), ("patronymic", "patronymic")],
            ),
            FieldType::Organisation => parts_of(&record, &[("stir", "stir"), ("name", "full_name"), ("name", "name")]),
            _ => None,
        };
    }
    let mut here = &record;
    for part in source.path.split('.') {
        here = here.get(part)?;
    }
    (!here.is_null()).then(|| here.clone())
}

/// What the register or the profile fills in. What is compared with the answer is not shown beforehand.
fn sourced(field: &Field, facts: &Facts) -> Option<Json> {
    field.source.as_ref().filter(|source| source.mode != SourceMode::Verify)?;
    known(field, facts)
}

fn parts_of(record: &Json, keys: &[(&str, &str)]) -> Option<Json> {
    let mut parts = Map::new();
    for (key, from) in keys {
        if let Some(Json::String(text)) = record.get(*from) {
            parts.entry(*key).or_insert_with(|| json!(text));
        }
    }
    (!parts.is_empty()).then_some(Json::Object(parts))
}

fn address_of(record: &Json) -> Option<Json> {
    let mut address = Map::new();
    for key in ["region", "district", "street", "house", "flat"] {
        if let Some(Json::String(text)) = record.get(key) {
            address.insert(key.to_owned(), json!(text));
        }
    }
    address.contains_key("district").then_some(Json::Object(address))
}

/// A value that the person does not give: computed, or locked to what the register says.
fn fixed(at: At<'_, '_>, field: &Field) -> Option<Json> {
    if let Some(cel) = &field.value {
        return Some(computed(field.kind, &at.eval(cel)));
    }
    let source = field.source.as_ref()?;
    (source.mode == SourceMode::FillLocked).then(|| sourced(field, at.facts)).flatten()
}

/// A computed value as an answer of this type: money and whole numbers are rounded half away from zero.
///
/// Rule: DEF-COMPUTED.
/// Source: our own; rounding as in the invoices of the state (half up).
fn computed(kind: FieldType, value: &Value) -> Json {
    match (kind, value) {
        (FieldType::Int | FieldType::Money, Value::Dec(decimal)) => {
            let whole = decimal.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
            i64::try_from(whole).map_or(Json::Null, |whole| json!(whole))
        }
        (FieldType::Decimal, Value::Int(whole)) => json!(whole.to_string()),
        (FieldType::Decimal, Value::Dec(decimal)) => json!(exact(*decimal)),
        (_, value) => scope::to_json(value),
    }
}

fn shown(at: At<'_, '_>, field: &Field) -> bool {
    field.show.as_ref().is_none_or(|show| at.holds(show))
}

fn required(at: At<'_, '_>, field: &Field) -> bool {
    field.kind != FieldType::Note && at.holds(&field.required)
}

fn asked(definition: &Definition, page: &FormPage, facts: &Facts) -> bool {
    page.show.as_ref().is_none_or(|show| At::form(definition, facts).holds(show))
}

pub(crate) fn asked_pages(definition: &Definition, facts: &Facts) -> Vec<usize> {
    let facts = refreshed(definition, facts);
    let pages = definition.spec.pages.iter().enumerate();
    pages.filter(|(_, page)| asked(definition, page, &facts)).map(|(index, _)| index).collect()
}

pub(crate) fn prefill(definition: &Definition, facts: &Facts) -> Answers {
    let mut facts = facts.clone();
    for field in definition.spec.pages.iter().flat_map(|page| &page.fields) {
        let given = facts.answers.get(&field.id).is_some_and(|answer| !answer.is_null());
        if let Some(value) = fixed(At::form(definition, &facts), field) {
            put(&mut facts.answers, &field.id, value);
        } else if !given && let Some(value) = sourced(field, &facts) {
            put(&mut facts.answers, &field.id, value);
        }
    }
    refreshed(definition, &facts).answers
}

/// Puts an answer in, or takes it out when it is null; says whether that changed anything.
fn put(answers: &mut Answers, id: &str, value: Json) -> bool {
    if value.is_null() {
        answers.remove(id).is_some()
    } else {
        let changed = answers.get(id) != Some(&value);
        answers.insert(id.to_owned(), value);
        changed
    }
}

/// The facts with every computed and locked value as the other answers make it.
fn refreshed(definition: &Definition, facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    refresh(definition, &mut facts, |_| false);
    facts
}

/// Computes what is computed, and takes away the answers of hidden fields on the pages that are to be pruned, until
/// nothing changes: a value may hang on one below it, and hiding a field can hide another.
///
/// The compiler refuses cycles, so each field settles after those that it hangs on; the bound on the rounds is there for
/// definitions that were compiled before that was checked.
///
/// Rule: DEF-CHAIN.
/// Source: our own (a computed value never depends on the order of the fields).
fn refresh(definition: &Definition, facts: &mut Facts, prune: impl Fn(usize) -> bool) {
    let pages = &definition.spec.pages;
    let fields: usize = pages.iter().flat_map(|page| &page.fields).map(|field| 1 + field.fields.len()).sum();
    for _ in 0..=2 * fields + 1 {
        let mut changed = false;
        for (index, page) in pages.iter().enumerate() {
            let asked = asked(definition, page, facts);
            for field in &page.fields {
                if !asked || !shown(At::form(definition, facts), field) {
                    if prune(index) || field.value.is_some() {
                        changed |= facts.answers.remove(&field.id).is_some();
                    }
                    continue;
                }
                if let Some(value) = fixed(At::form(definition, facts), field) {
                    changed |= put(&mut facts.answers, &field.id, value);
                }
                if field.kind == FieldType::Repeat {
                    changed |= refresh_rows(definition, facts, field, prune(index));
                }
            }
        }
        if !changed {
            break;
        }
    }
}

/// [`refresh`] of the rows of a repeat. A row that is not filled in yet gets no computed values: it stays blank.
fn refresh_rows(definition: &Definition, facts: &mut Facts, repeat: &Field, prune: bool) -> bool {
    let Some(Json::Array(rows)) = facts.answers.get(&repeat.id) else { return false };
    let mut rows = rows.clone();
    let mut changed = false;
    for row in rows.iter_mut().filter_map(Json::as_object_mut).filter(|row| !row.is_empty()) {
        for field in &repeat.fields {
            let at = At::form(definition, facts).in_row(repeat, row);
            if !shown(at, field) {
                if prune || field.value.is_some() {
                    changed |= row.remove(&field.id).is_some();
                }
            } else if let Some(value) = fixed(at, field) {
                if value.is_null() {
                    changed |= row.remove(&field.id).is_some();
                } else if row.get(&field.id) != Some(&value) {
                    row.insert(field.id.clone(), value);
                    changed = true;
                }
            }
        }
    }
    if changed {
        facts.answers.insert(repeat.id.clone(), Json::Array(rows));
    }
    changed
}

pub(crate) fn visible_fields<'d>(definition: &'d Definition, page: usize, facts: &Facts) -> Vec<FieldView<'d>> {
    let Some(page) = definition.spec.pages.get(page) else { return Vec::new() };
    let facts = refreshed(definition, facts);
    if !asked(definition, page, &facts) {
        return Vec::new();
    }
    let at = At::form(definition, &facts);
    page.fields.iter().filter(|field| shown(at, field)).map(|field| view(at, field)).collect()
}

fn view<'d>(at: At<'d, '_>, field: &'d Field) -> FieldView<'d> {
    let fixed = fixed(at, field);
    let from_source = if at.row.is_none() { sourced(field, at.facts) } else { None };
    let answer = at.answer(&field.id).filter(|answer| !answer.is_null()).cloned();
    let value = fixed.clone().or(answer).or_else(|| from_source.clone()).filter(|value| !value.is_null());
    let same = from_source.is_some() && from_source == value;
    let required = required(at, field);
    let rows = match field.kind {
        FieldType::Repeat => rows(field, value.as_ref(), if required { least_rows(field) } else { 0 })
            .iter()
            .map(|row| {
                let at = at.in_row(field, row);
                field.fields.iter().filter(|field| shown(at, field)).map(|field| view(at, field)).collect()
            })
            .collect(),
        _ => Vec::new(),
    };
    FieldView {
        field,
        source: field.source.as_ref().filter(|_| same).map(|source| source.register.as_str()),
        locked: fixed.is_some(),
        required,
        options: if field.kind == FieldType::Cascade { Vec::new() } else { options(at, field) },
        lists: if field.kind == FieldType::Cascade { lists(at, field, value.as_ref()) } else { Vec::new() },
        verified: verified(at, field),
        rows,
        value,
    }
}

/// Rows that a repeat which is required must have.
fn least_rows(repeat: &Field) -> usize {
    usize::try_from(repeat.limits.min.unwrap_or(1)).unwrap_or(1).clamp(1, MAX_ROWS)
}

/// Rows that a repeat may have.
fn most_rows(repeat: &Field) -> usize {
    usize::try_from(repeat.limits.max.unwrap_or(DEFAULT_ROWS)).unwrap_or(1).clamp(1, MAX_ROWS)
}

/// Under how many names an answer is posted.
pub(crate) fn posted_names(field: &Field) -> usize {
    match field.kind {
        FieldType::Note => 0,
        FieldType::Date | FieldType::Geo => 3,
        FieldType::Organisation => 2,
        FieldType::Address | FieldType::Person => 4,
        FieldType::Cascade => field.levels.len(),
        FieldType::Multi => field.options.len().max(1),
        _ => 1,
    }
}

/// The rows of an answer, and blank ones up to `least`.
fn rows(repeat: &Field, answer: Option<&Json>, least: usize) -> Vec<Map<String, Json>> {
    let mut rows: Vec<Map<String, Json>> = answer
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .map(|row| row.as_object().cloned().unwrap_or_default())
        .take(MAX_ROWS)
        .collect();
    let least = least.min(most_rows(repeat));
    if rows.len() < least {
        rows.resize_with(least, Map::new);
    }
    rows
}

/// The filled-in rows of a repeat, each with the fields that are shown in it; for documents.
pub(crate) fn filled_rows<'d>(definition: &'d Definition, repeat: &'d Field, facts: &Facts) -> Vec<Vec<FieldView<'d>>> {
    let facts = refreshed(definition, facts);
    let at = At::form(definition, &facts);
    rows(repeat, facts.answers.get(&repeat.id), 0)
        .iter()
        .filter(|row| !row.is_empty())
        .map(|row| {
            let at = at.in_row(repeat, row);
            repeat.fields.iter().filter(|field| shown(at, field)).map(|field| view(at, field)).collect()
        })
        .collect()
}

/// Answers of shown fields only, computed and locked ones filled in, blank rows left out.
pub(crate) fn settled(definition: &Definition, facts: &Facts) -> Answers {
    let mut facts = facts.clone();
    let fields: Vec<&Field> = definition.spec.pages.iter().flat_map(|page| &page.fields).collect();
    facts.answers.retain(|id, _| fields.iter().any(|field| field.id == *id));
    // A row whose answers are all hidden is blank after that; each round takes at least one row away.
    loop {
        refresh(definition, &mut facts, |_| true);
        let mut dropped = false;
        for repeat in fields.iter().filter(|field| field.kind == FieldType::Repeat) {
            let Some(Json::Array(rows)) = facts.answers.get_mut(&repeat.id) else { continue };
            let before = rows.len();
            rows.retain(|row| !row.as_object().is_some_and(Map::is_empty));
            dropped |= rows.len() < before;
            if rows.is_empty() {
                facts.answers.remove(&repeat.id);
            }
        }
        if !dropped {
            return facts.answers;
        }
    }
}

// --- what registers confirm ---

/// What a register says of an answer that is compared with it; `None` when the field is not, or has no answer yet.
///
/// Texts are compared without regard to case, script and apostrophes; of answers with several parts, the parts that
/// the register has.
///
/// Rule: DEF-VERIFY.
/// Source: key `source.mode: verify` of the definition; once-only (what the state knows it need not believe).
fn verified(at: At<'_, '_>, field: &Field) -> Option<Verified> {
    let source = field.source.as_ref().filter(|source| source.mode == SourceMode::Verify && at.row.is_none())?;
    let answer = at.answer(&field.id).filter(|answer| !is_empty(answer))?;
    if source.register != "person" {
        match at.facts.registers.get(&source.register) {
            None => return Some(Verified::Silent),
            Some(record) if record.get("found") == Some(&json!(false)) => return Some(Verified::Differs),
            Some(_) => {}
        }
    }
    Some(match known(field, at.facts) {
        None => Verified::Silent,
        Some(known) if same(&known, answer) => Verified::Same,
        Some(_) => Verified::Differs,
    })
}

fn same(known: &Json, answer: &Json) -> bool {
    let text = |json: &Json| match json {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    match (known, answer) {
        (Json::Object(known), Json::Object(answer)) => {
            let both: Vec<_> = known.iter().filter_map(|(key, value)| Some((value, answer.get(key)?))).collect();
            !both.is_empty() && both.iter().all(|(known, answer)| same(known, answer))
        }
        (known, answer) => {
            let fold = |json: &Json| kernel::script::fold(&text(json));
            fold(known) == fold(answer)
        }
    }
}

pub(crate) fn unconfirmed(definition: &Definition, facts: &Facts) -> Vec<FieldError> {
    let facts = refreshed(definition, facts);
    let at = At::form(definition, &facts);
    let pages = definition.spec.pages.iter().filter(|page| asked(definition, page, &facts));
    pages
        .flat_map(|page| &page.fields)
        .filter(|field| shown(at, field))
        .filter(|field| field.source.as_ref().is_some_and(|source| source.on_fail == OnFail::Stop))
        .filter(|field| verified(at, field) == Some(Verified::Silent))
        .map(|field| error(&field.id, FieldErrorCode::NotChecked))
        .collect()
}

// --- reading ---

/// What was posted, by name.
struct Post<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Post<'a> {
    fn new(posted: &'a [(String, String)]) -> Self {
        let mut names: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in posted {
            names.entry(name).or_default().push(value);
        }
        Self(names)
    }

    fn all(&self, name: &str) -> &[&'a str] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    fn first(&self, name: &str) -> Option<&'a str> {
        self.all(name).first().copied()
    }
}

pub(crate) fn parse_page(
    definition: &Definition,
    page_index: usize,
    posted: &[(String, String)],
    facts: &Facts,
) -> (Answers, Vec<FieldError>) {
    let Some(page) = definition.spec.pages.get(page_index) else { return (facts.answers.clone(), Vec::new()) };
    if !asked(definition, page, &refreshed(definition, facts)) {
        return (facts.answers.clone(), Vec::new());
    }
    let post = Post::new(posted);
    let mut facts = facts.clone();
    for field in &page.fields {
        let given = !matches!(field.kind, FieldType::File | FieldType::Note);
        if given && fixed(At::form(definition, &facts), field).is_none() {
            put(&mut facts.answers, &field.id, read(field, &field.id, &post));
        }
    }
    // Only now is it known what is shown; an answer to a question that was not asked is forgotten.
    refresh(definition, &mut facts, |page| page == page_index);
    let errors = validate_page(definition, page_index, &facts);
    (facts.answers, errors)
}

/// The rows of a repeat, and what its buttons do with them.
fn read_rows(repeat: &Field, name: &str, post: &Post<'_>) -> Json {
    let prefix = format!("{name}.");
    let posted = post.0.range(prefix.as_str()..).map_while(|(key, _)| key.strip_prefix(prefix.as_str()));
    let highest = posted.filter_map(|rest| rest.split('.').next()?.parse::<usize>().ok()).map(|n| n.saturating_add(1));
    let said = post.first(&format!("{name}.rows")).and_then(|text| text.trim().parse::<usize>().ok());
    let count = said.or_else(|| highest.max()).unwrap_or(0).min(MAX_ROWS);
    let mut rows: Vec<Json> = (0..count)
        .map(|n| {
            let mut row = Map::new();
            for field in repeat.fields.iter().filter(|field| field.value.is_none()) {
                let value = read(field, &format!("{name}.{n}.{}", field.id), post);
                if !value.is_null() {
                    row.insert(field.id.clone(), value);
                }
            }
            Json::Object(if is_blank(&row) { Map::new() } else { row })
        })
        .collect();
    let removed = post.first("_remove").and_then(|which| which.strip_prefix(prefix.as_str())?.parse::<usize>().ok());
    if let Some(n) = removed.filter(|n| *n < rows.len()) {
        rows.remove(n);
    }
    if post.first("_add") == Some(name) && rows.len() < most_rows(repeat) {
        rows.push(json!({}));
    }
    let mut left = 2 * MAX_ANSWER_CHARS;
    rows.iter_mut().for_each(|row| cut(row, &mut left));
    if rows.is_empty() { Json::Null } else { Json::Array(rows) }
}

/// Whether nothing has been filled in: a tick that is not set says nothing by itself.
fn is_blank(row: &Map<String, Json>) -> bool {
    row.values().all(|value| is_empty(value) || *value == json!(false))
}

/// Cuts texts so that no more than `left` characters remain in all.
fn cut(json: &mut Json, left: &mut usize) {
    match json {
        Json::String(text) => {
            if let Some((at, _)) = text.char_indices().nth(*left) {
                text.truncate(at);
            }
            *left = left.saturating_sub(text.chars().count());
        }
        Json::Array(items) => items.iter_mut().for_each(|item| cut(item, left)),
        Json::Object(map) => map.values_mut().for_each(|value| cut(value, left)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Characters of all texts in an answer.
fn characters(json: &Json) -> usize {
    match json {
        Json::String(text) => text.chars().count(),
        Json::Array(items) => items.iter().map(characters).sum(),
        Json::Object(map) => map.values().map(characters).sum(),
        Json::Null | Json::Bool(_) | Json::Number(_) => 0,
    }
}

/// Reads one field under the name with which it was posted; JSON null = nothing was given.
fn read(field: &Field, name: &str, post: &Post<'_>) -> Json {
    let raw = |name: &str| post.first(name);
    let one = || raw(name).map(|text| tidy(text, field.kind == FieldType::Textarea)).filter(|t| !t.is_empty());
    let part = |key: &str| {
        let name = format!("{name}.{key}");
        raw(&name).map(|text| tidy(text, false)).filter(|text| !text.is_empty())
    };
    let parts = |keys: &[&str]| {
        let given: Map<String, Json> =
            keys.iter().filter_map(|key| Some(((*key).to_owned(), json!(part(key)?)))).collect();
        if given.is_empty() { Json::Null } else { Json::Object(given) }
    };
    match field.kind {
        FieldType::Int => match one() {
            Some(text) => digits(&text).map_or(Json::String(text), |n| json!(n)),
            None => Json::Null,
        },
        FieldType::Money => match one() {
            Some(text) => match som(&text) {
                Some(tiyin) => json!(tiyin),
                None => Json::String(text),
            },
            None => Json::Null,
        },
        FieldType::Date => {
            let parts = || Some(format!("{}.{}.{}", part("day")?, part("month")?, part("year")?));
            match one().or_else(parts) {
                Some(text) => match date(&text) {
                    Some(date) => json!(date.to_string()),
                    None => Json::String(text),
                },
                None => Json::Null,
            }
        }
        FieldType::Bool | FieldType::Consent => {
            json!(raw(name).is_some_and(|text| matches!(text.trim(), "on" | "true" | "1" | "yes")))
        }
        FieldType::Multi => {
            let mut codes: Vec<String> = Vec::new();
            for value in post.all(name).iter().take(MAX_TICKS) {
                let code = tidy(value, false);
                if !code.is_empty() && !codes.contains(&code) {
                    codes.push(code);
                }
            }
            if codes.is_empty() { Json::Null } else { json!(codes) }
        }
        FieldType::Decimal => match one() {
            Some(text) => json!(decimal(&text).map_or(text, exact)),
            None => Json::Null,
        },
        FieldType::Cascade => {
            let mut codes: Vec<String> = Vec::new();
            for level in 1..=field.levels.len() {
                let Some(code) = part(&level.to_string()) else { break };
                // What was chosen under another option above is not carried over.
                let option = field.options.iter().find(|option| option.code == code);
                if option.is_some_and(|option| option.parent.as_ref() != codes.last()) {
                    break;
                }
                codes.push(code);
            }
            if codes.is_empty() { Json::Null } else { json!(codes) }
        }
        FieldType::Geo => match part("code").map(|text| (point(&text), text)) {
            Some((Some(point), _)) => point,
            Some((None, text)) => {
                let mut point = parts(&["lat", "lon"]).as_object().cloned().unwrap_or_default();
                point.insert("code".to_owned(), json!(text));
                Json::Object(point)
            }
            None => degrees(parts(&["lat", "lon"])),
        },
        FieldType::Organisation => {
            let mut organisation = parts(&["stir", "name"]);
            if let Some(Json::String(stir)) = organisation.get_mut("stir") {
                *stir = squeeze(stir);
            }
            organisation
        }
        FieldType::Repeat => read_rows(field, name, post),
        FieldType::Address if field.level == AddressLevel::Region => parts(&["region"]),
        FieldType::Address => {
            let mut address = Map::new();
            if let Some(district) = part("district") {
                if let Some(region) = district.get(..4) {
                    address.insert("region".to_owned(), json!(region));
                }
                address.insert("district".to_owned(), json!(district));
            }
            for key in ["street", "house", "flat"].iter().filter(|_| field.level == AddressLevel::House) {
                if let Some(text) = part(key) {
                    address.insert((*key).to_owned(), json!(text));
                }
            }
            if address.is_empty() { Json::Null } else { Json::Object(address) }
        }
        FieldType::Person => parts(&["pinfl", "surname", "name", "patronymic"]),
        FieldType::Phone => one().map_or(Json::Null, |text| match Phone::parse(&text) {
            Ok(phone) => json!(phone.as_str()),
            Err(_) => json!(text),
        }),
        FieldType::Plate => one().map_or(Json::Null, |text| json!(squeeze(&text).to_uppercase())),
        FieldType::IdDoc => one().map_or(Json::Null, |text| json!(squeeze(&text).to_uppercase())),
        FieldType::Pinfl | FieldType::Stir | FieldType::Cadastre | FieldType::Account => {
            one().map_or(Json::Null, |text| json!(squeeze(&text)))
        }
        FieldType::Text | FieldType::Textarea | FieldType::Email | FieldType::Choice => {
            one().map_or(Json::Null, |text| json!(text))
        }
        FieldType::File | FieldType::Note => Json::Null,
    }
}

/// Trims, unifies line ends, and cuts what no limit could allow.
fn tidy(text: &str, lines: bool) -> String {
    let text: String = text.trim().chars().take(MAX_ANSWER_CHARS).collect();
    if lines { text.replace("\r\n", "\n") } else { text }
}

fn squeeze(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A whole number; blanks between groups of digits are allowed, as people copy them.
fn digits(text: &str) -> Option<i64> {
    squeeze(text).parse().ok()
}

/// An exact decimal as people write it, with a comma or a point and blanks between groups of digits.
fn decimal(text: &str) -> Option<Decimal> {
    let text = squeeze(text).replace(',', ".").replace('−', "-");
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let fits = whole.len() <= 15 && fraction.is_none_or(|rest| rest.len() <= 12 && all_digits(rest));
    if fits && all_digits(whole) { Decimal::from_str_exact(&text).ok() } else { None }
}

/// A decimal as it is stored: without needless zeros.
fn exact(decimal: Decimal) -> String {
    if decimal.is_zero() { "0".to_owned() } else { decimal.normalize().to_string() }
}

/// A point from what people copy out of a map: a full plus code, or latitude and longitude in one.
fn point(text: &str) -> Option<Json> {
    let (lat, lon) = plus_code::decode(&squeeze(text)).or_else(|| {
        let mut parts = text.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
        let (lat, lon) = (decimal(parts.next()?)?, decimal(parts.next()?)?);
        parts.next().is_none().then_some((lat, lon))
    })?;
    Some(json!({"lat": exact(lat.round_dp(7)), "lon": exact(lon.round_dp(7))}))
}

/// Degrees in their exact form; a centimetre is the seventh digit. What is no number stays as it was typed.
fn degrees(mut point: Json) -> Json {
    for degrees in point.as_object_mut().into_iter().flat_map(|point| point.values_mut()) {
        let text = match &*degrees {
            Json::String(text) => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => continue,
        };
        *degrees = json!(decimal(&text).map_or(text, |number| exact(number.round_dp(7))));
    }
    point
}

/// So‘m with an optional fraction of two digits, as tiyin.
fn som(text: &str) -> Option<i64> {
    let text = squeeze(text).replace(',', ".");
    let (whole, tiyin) = match text.split_once('.') {
        Some((whole, fraction)) if fraction.len() <= 2 && fraction.bytes().all(|b| b.is_ascii_digit()) => {
            (whole, format!("{fraction:0<2}").parse::<i64>().ok()?)
        }
        Some(_) => return None,
        None => (text.as_str(), 0),
    };
    if whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    (whole <= MAX_SOM).then(|| whole * 100 + tiyin)
}

/// A date as browsers send it or as people write it: `2026-11-21`, `21.11.2026`, `21/11/2026`.
fn date(text: &str) -> Option<Date> {
    if !text.is_ascii() || text.len() > 10 {
        return None;
    }
    if let Ok(date) = text.parse::<Date>() {
        // The parser also reads years with a sign and compact forms; people of the form were born after 1800.
        return (text.len() == 10 && date.year() >= 1800).then_some(date);
    }
    let mut parts = text.split(['.', '/', '-']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    (date.year() >= 1800).then_some(date)
}

pub(crate) fn accept_json(
    definition: &Definition,
    given: &Map<String, Json>,
    facts: &Facts,
) -> (Answers, Vec<FieldError>) {
    let mut facts = facts.clone();
    let mut errors = Vec::new();
    for (id, value) in given {
        match definition.field(id) {
            Some((_, field)) if field.kind == FieldType::Note => errors.push(error(id, FieldErrorCode::Unknown)),
            // Files are put in by whoever stored them.
            Some((_, field)) if field.kind == FieldType::File => {}
            Some((_, field)) => {
                put(&mut facts.answers, id, normalise(field, value));
            }
            None => errors.push(error(id, FieldErrorCode::Unknown)),
        }
    }
    let known = |id: &String| definition.field(id).is_some();
    facts.answers.retain(|id, _| known(id));
    refresh(definition, &mut facts, |_| true);
    errors.extend(definition.validate_all(&facts));
    (facts.answers, errors)
}

/// Brings JSON texts into the form that posted texts get.
fn normalise(field: &Field, value: &Json) -> Json {
    match (field.kind, value) {
        (
            FieldType::Text
            | FieldType::Textarea
            | FieldType::Decimal
            | FieldType::Email
            | FieldType::Phone
            | FieldType::Plate
            | FieldType::IdDoc
            | FieldType::Pinfl
            | FieldType::Stir
            | FieldType::Cadastre
            | FieldType::Account
            | FieldType::Date
            | FieldType::Choice,
            Json::String(text),
        ) => read(field, "it", &Post(BTreeMap::from([("it", vec![text.as_str()])]))),
        (FieldType::Decimal, Json::Number(number)) => {
            let text = number.to_string();
            json!(decimal(&text).map_or(text, exact))
        }
        (FieldType::Geo, Json::Object(_)) => degrees(value.clone()),
        (FieldType::Repeat, Json::Array(rows)) => {
            let row = |row: &Json| {
                let Json::Object(row) = row else { return row.clone() };
                let answer = |(id, value): (&String, &Json)| {
                    let field = field.fields.iter().find(|field| field.id == *id);
                    (id.clone(), field.map_or_else(|| value.clone(), |field| normalise(field, value)))
                };
                let row: Map<String, Json> = row.iter().map(answer).filter(|(_, value)| !value.is_null()).collect();
                Json::Object(if is_blank(&row) { Map::new() } else { row })
            };
            // One more than may be there is kept, so that it can be told.
            Json::Array(rows.iter().take(MAX_ROWS + 1).map(row).collect())
        }
        _ => value.clone(),
    }
}

// --- checking ---

fn error(field: &str, code: FieldErrorCode) -> FieldError {
    FieldError { field: field.to_owned(), code, args: BTreeMap::new(), message: None }
}

fn error_with(field: &str, code: FieldErrorCode, args: &[(&'static str, String)]) -> FieldError {
    FieldError { args: args.iter().cloned().collect(), ..error(field, code) }
}

pub(crate) fn validate_page(definition: &Definition, page: usize, facts: &Facts) -> Vec<FieldError> {
    let page = definition.spec.pages.get(page);
    page.map_or_else(Vec::new, |page| validate(definition, std::slice::from_ref(page), facts))
}

pub(crate) fn validate_all(definition: &Definition, facts: &Facts) -> Vec<FieldError> {
    validate(definition, &definition.spec.pages, facts)
}

fn validate(definition: &Definition, pages: &[FormPage], facts: &Facts) -> Vec<FieldError> {
    let facts = refreshed(definition, facts);
    let mut errors = Vec::new();
    for page in pages.iter().filter(|page| asked(definition, page, &facts)) {
        let at = At::form(definition, &facts);
        for field in page.fields.iter().filter(|field| shown(at, field)) {
            validate_field(at, field, &field.id, &mut errors);
        }
    }
    errors
}

/// The first thing that is wrong with an answer: one message for each field, the one to mend first; of a repeat, one for
/// each field of each row.
///
/// Rule: DEF-CHECK.
/// Source: our own (one clear message for each field).
fn validate_field(at: At<'_, '_>, field: &Field, path: &str, errors: &mut Vec<FieldError>) {
    let answer = at.answer(&field.id).filter(|answer| !is_empty(answer));
    let required = required(at, field);
    // A locked value is the register's own: nobody could mend it here.
    let locked = fixed(at, field).is_some();
    let Some(answer) = answer else {
        if required && !locked {
            let consent = field.kind == FieldType::Consent;
            errors.push(error(path, if consent { FieldErrorCode::ConsentRequired } else { FieldErrorCode::Required }));
        }
        return;
    };
    if field.kind == FieldType::Consent && required && answer == &json!(false) {
        errors.push(error(path, FieldErrorCode::ConsentRequired));
        return;
    }
    let before = errors.len();
    if field.kind == FieldType::Repeat {
        validate_rows(at, field, path, answer, errors);
    } else if !locked {
        errors.extend(validate_value(at, field, path, answer));
    }
    let refuses = field.source.as_ref().is_some_and(|source| source.on_fail != OnFail::Queue);
    if errors.len() == before && refuses && verified(at, field) == Some(Verified::Differs) {
        errors.push(error(path, FieldErrorCode::Differs));
    }
    if errors.len() == before {
        let failed = field.check.iter().find(|check| at.eval(&check.expr).truth() == Some(false));
        errors.extend(
            failed
                .map(|check| FieldError { message: Some(check.message.clone()), ..error(path, FieldErrorCode::Check) }),
        );
    }
}

/// The rows of a repeat: how many, how long, and each row that is filled in.
///
/// A blank row is no row: it may stand there, is not checked, and is not sent.
///
/// Rule: DEF-ROWS.
/// Source: our own limits, see [`MAX_ANSWER_CHARS`].
fn validate_rows(at: At<'_, '_>, repeat: &Field, path: &str, answer: &Json, errors: &mut Vec<FieldError>) {
    use FieldErrorCode as Code;
    let Json::Array(rows) = answer else { return errors.push(error(path, Code::WrongType)) };
    let filled = rows.iter().filter(|row| !row.as_object().is_some_and(Map::is_empty)).count();
    let most = most_rows(repeat);
    if rows.len() > most {
        return errors.push(error_with(path, Code::TooManyRows, &[("max", most.to_string())]));
    }
    let length = characters(answer);
    if length > MAX_ANSWER_CHARS {
        let args = [("max", MAX_ANSWER_CHARS.to_string()), ("actual", length.to_string())];
        return errors.push(error_with(path, Code::TooLong, &args));
    }
    let least = least_rows(repeat);
    if filled == 0 && required(at, repeat) {
        errors.push(error(path, Code::Required));
    } else if filled > 0 && filled < least {
        errors.push(error_with(path, Code::TooFewRows, &[("min", least.to_string())]));
    }
    for (n, row) in rows.iter().enumerate() {
        let Json::Object(row) = row else {
            errors.push(error(&format!("{path}.{n}"), Code::WrongType));
            continue;
        };
        if row.is_empty() {
            continue;
        }
        for id in row.keys().filter(|id| !repeat.fields.iter().any(|field| field.id == **id)) {
            errors.push(error(&format!("{path}.{n}.{id}"), Code::Unknown));
        }
        let at = at.in_row(repeat, row);
        for field in repeat.fields.iter().filter(|field| shown(at, field)) {
            validate_field(at, field, &format!("{path}.{n}.{}", field.id), errors);
        }
    }
}

fn is_empty(answer: &Json) -> bool {
    match answer {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(list) => list.is_empty(),
        Json::Object(map) => map.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

fn validate_value(at: At<'_, '_>, field: &Field, id: &str, answer: &Json) -> Option<FieldError> {
    use FieldErrorCode as Code;
    let fail = |code| Some(error(id, code));
    let text_or = |check: &dyn Fn(&str) -> Option<FieldError>| match answer {
        Json::String(text) => check(text),
        _ => Some(error(id, Code::WrongType)),
    };
    match field.kind {
        FieldType::Text | FieldType::Textarea => text_or(&|text| check_text(field, id, text)),
        FieldType::Int => match answer {
            Json::Number(n) => match n.as_i64() {
                Some(n) => check_range(field, id, Decimal::from(n)),
                None => fail(Code::NotANumber),
            },
            Json::String(_) => fail(Code::NotANumber),
            _ => fail(Code::WrongType),
        },
        FieldType::Money => match answer {
            Json::Number(n) => match n.as_i64() {
                Some(n) if n < 0 => Some(error_with(id, Code::TooSmall, &[("min", "0".to_owned())])),
                Some(n) if n / 100 > MAX_SOM => Some(error_with(id, Code::TooLarge, &[("max", MAX_SOM.to_string())])),
                Some(n) => check_range(field, id, Decimal::new(n, 2)),
                None => fail(Code::NotANumber),
            },
            Json::String(_) => fail(Code::NotANumber),
            _ => fail(Code::WrongType),
        },
        FieldType::Date => text_or(&|text| date(text).is_none().then(|| error(id, Code::NotADate))),
        FieldType::Bool | FieldType::Consent => {
            if answer.is_boolean() {
                None
            } else {
                fail(Code::WrongType)
            }
        }
        FieldType::Choice => text_or(&|code| (!offers(at, field, code)).then(|| error(id, Code::UnknownOption))),
        FieldType::Multi => {
            let Json::Array(codes) = answer else { return fail(Code::WrongType) };
            let options = options(at, field);
            let limit = |limit: Option<i64>| limit.and_then(|limit| usize::try_from(limit).ok());
            let most = limit(field.limits.max).unwrap_or(options.len()).min(options.len());
            if codes.len() > most {
                return Some(error_with(id, Code::TooManyOptions, &[("max", most.to_string())]));
            }
            if let Some(least) = limit(field.limits.min).filter(|least| codes.len() < *least) {
                return Some(error_with(id, Code::TooFewOptions, &[("min", least.to_string())]));
            }
            let known = |code: &Json| code.as_str().is_some_and(|code| options.iter().any(|(known, _)| known == code));
            if codes.iter().all(known) { None } else { fail(Code::UnknownOption) }
        }
        FieldType::Address => match answer {
            Json::Object(address) => check_address(id, address, field.level),
            _ => fail(Code::WrongType),
        },
        FieldType::Person => match answer {
            Json::Object(person) => check_person(id, person),
            _ => fail(Code::WrongType),
        },
        FieldType::Pinfl => text_or(&|text| Pinfl::parse(text).is_err().then(|| error(id, Code::BadPinfl))),
        FieldType::Stir => text_or(&|text| Stir::parse(text).is_err().then(|| error(id, Code::BadStir))),
        FieldType::IdDoc => text_or(&|text| Passport::parse(text).is_err().then(|| error(id, Code::BadIdDoc))),
        FieldType::Phone => text_or(&|text| Phone::parse(text).is_err().then(|| error(id, Code::BadPhone))),
        FieldType::Email => text_or(&|text| Email::parse(text).is_err().then(|| error(id, Code::BadEmail))),
        FieldType::Plate => text_or(&|text| (!is_plate(text)).then(|| error(id, Code::BadPlate))),
        FieldType::Cadastre => text_or(&|text| (!is_cadastre(text)).then(|| error(id, Code::BadCadastre))),
        FieldType::Account => text_or(&|text| (!is_account(text)).then(|| error(id, Code::BadAccount))),
        FieldType::Decimal => match answer {
            Json::String(text) => check_decimal(field, id, text),
            _ => fail(Code::WrongType),
        },
        FieldType::Cascade => match answer {
            Json::Array(codes) => check_cascade(at, field, id, codes),
            _ => fail(Code::WrongType),
        },
        FieldType::Geo => match answer {
            Json::Object(point) => check_geo(id, point),
            _ => fail(Code::WrongType),
        },
        FieldType::Organisation => match answer {
            Json::Object(organisation) => check_organisation(id, organisation),
            _ => fail(Code::WrongType),
        },
        FieldType::File => check_files(field, answer),
        FieldType::Repeat | FieldType::Note => None,
    }
}

/// Length and characters of a text.
///
/// Rule: DEF-LENGTH.
/// Source: our own limits, see [`MAX_TEXT`].
fn check_text(field: &Field, id: &str, text: &str) -> Option<FieldError> {
    let lines = field.kind == FieldType::Textarea;
    let length = text.chars().count();
    let max = field.limits.max_length.unwrap_or(if lines { MAX_TEXTAREA } else { MAX_TEXT });
    if length > max as usize {
        let args = [("max", max.to_string()), ("actual", length.to_string())];
        return Some(error_with(id, FieldErrorCode::TooLong, &args));
    }
    if let Some(min) = field.limits.min_length
        && length < min as usize
    {
        return Some(error_with(id, FieldErrorCode::TooShort, &[("min", min.to_string())]));
    }
    (!clean(text, lines)).then(|| error(id, FieldErrorCode::BadCharacters))
}

/// No control characters, which no keyboard types and which break printed documents.
fn clean(text: &str, lines: bool) -> bool {
    text.chars().all(|c| !c.is_control() || (lines && matches!(c, '\n' | '\t')))
}

fn check_range(field: &Field, id: &str, n: Decimal) -> Option<FieldError> {
    if let Some(min) = field.limits.min
        && n < Decimal::from(min)
    {
        return Some(error_with(id, FieldErrorCode::TooSmall, &[("min", min.to_string())]));
    }
    if let Some(max) = field.limits.max
        && n > Decimal::from(max)
    {
        return Some(error_with(id, FieldErrorCode::TooLarge, &[("max", max.to_string())]));
    }
    None
}

/// An exact number with no more digits after the point than the field takes.
///
/// Rule: DEF-DECIMAL.
/// Source: our own (what is typed is never rounded silently).
fn check_decimal(field: &Field, id: &str, text: &str) -> Option<FieldError> {
    let Some(number) = decimal(text) else { return Some(error(id, FieldErrorCode::NotADecimal)) };
    let scale = field.limits.scale.unwrap_or(DEFAULT_SCALE).min(MAX_SCALE);
    if number.normalize().scale() > scale {
        return Some(error_with(id, FieldErrorCode::TooPrecise, &[("max", scale.to_string())]));
    }
    check_range(field, id, number)
}

/// Every code stands under the one before it, and the last has nothing under it.
///
/// Rule: DEF-CASCADE.
/// Source: our own.
fn check_cascade(at: At<'_, '_>, field: &Field, id: &str, codes: &[Json]) -> Option<FieldError> {
    let list = |code, n: usize| Some(error_with(id, code, &[("part", n.to_string())]));
    let mut parent = None;
    for (n, code) in codes.iter().enumerate() {
        let Json::String(code) = code else { return Some(error(id, FieldErrorCode::WrongType)) };
        let known = n < field.levels.len() && below(at, field, parent).iter().any(|(known, _)| known == code);
        if !known {
            return list(FieldErrorCode::UnknownOption, (n + 1).min(field.levels.len()));
        }
        parent = Some(code.as_str());
    }
    if codes.len() < field.levels.len() && !below(at, field, parent).is_empty() {
        return list(FieldErrorCode::ChooseNext, codes.len() + 1);
    }
    None
}

/// A point on Earth in degrees of WGS 84.
///
/// Rule: DEF-GEO.
/// Source: RFC 7946, section 4 (WGS 84, latitude and longitude in decimal degrees).
fn check_geo(id: &str, point: &Map<String, Json>) -> Option<FieldError> {
    let bad = |part: &str| Some(error_with(id, FieldErrorCode::BadGeo, &[("part", part.to_owned())]));
    if point.keys().any(|key| !["lat", "lon", "code"].contains(&key.as_str())) || !point.values().all(Json::is_string) {
        return Some(error(id, FieldErrorCode::WrongType));
    }
    if point.contains_key("code") {
        return bad("code");
    }
    for (key, limit) in [("lat", 90), ("lon", 180)] {
        let degrees = point.get(key).and_then(Json::as_str).and_then(decimal);
        if degrees.is_none_or(|degrees| degrees.abs() > Decimal::from(limit)) {
            return bad(key);
        }
    }
    None
}

fn check_organisation(id: &str, organisation: &Map<String, Json>) -> Option<FieldError> {
    let bad = |part: &str| Some(error_with(id, FieldErrorCode::BadOrganisation, &[("part", part.to_owned())]));
    if organisation.iter().any(|(key, value)| !["stir", "name"].contains(&key.as_str()) || !value.is_string()) {
        return Some(error(id, FieldErrorCode::WrongType));
    }
    let text = |key: &str| organisation.get(key).and_then(Json::as_str).unwrap_or_default();
    if Stir::parse(text("stir")).is_err() {
        return bad("stir");
    }
    let name = text("name");
    if name.is_empty() || name.chars().count() > MAX_TEXT as usize || !clean(name, false) { bad("name") } else { None }
}

fn check_address(id: &str, address: &Map<String, Json>, level: AddressLevel) -> Option<FieldError> {
    let bad = |part: &str| Some(error_with(id, FieldErrorCode::BadAddress, &[("part", part.to_owned())]));
    let known: &[&str] = match level {
        AddressLevel::Region => &["region"],
        AddressLevel::District => &["region", "district"],
        AddressLevel::House => &["region", "district", "street", "house", "flat"],
    };
    if address.keys().any(|key| !known.contains(&key.as_str())) || address.values().any(|value| !value.is_string()) {
        return Some(error(id, FieldErrorCode::WrongType));
    }
    let text = |key: &str| address.get(key).and_then(Json::as_str).unwrap_or_default();
    if level == AddressLevel::Region {
        return if is_region(text("region")) { None } else { bad("region") };
    }
    if !is_district(text("district")) || !text("district").starts_with(text("region")) {
        return bad("district");
    }
    if level == AddressLevel::District {
        return None;
    }
    for (key, max, needed) in [("street", 200, true), ("house", 20, true), ("flat", 20, false)] {
        let value = text(key);
        if (needed && value.is_empty()) || value.chars().count() > max || !clean(value, false) {
            return bad(key);
        }
    }
    None
}

/// Whether the code is a region of the reference data.
fn is_region(code: &str) -> bool {
    Soato::parse(code).is_ok_and(|soato| RefData::shared().regions.iter().any(|region| region.soato == soato))
}

/// Whether the code is a district or a city of the reference data.
fn is_district(code: &str) -> bool {
    let Ok(soato) = Soato::parse(code) else { return false };
    let refdata = RefData::shared();
    code.len() == 7
        && refdata.regions.iter().flat_map(|region| &region.districts).any(|district| district.soato == soato)
}

fn check_person(id: &str, person: &Map<String, Json>) -> Option<FieldError> {
    let bad = |part: &str| Some(error_with(id, FieldErrorCode::BadPerson, &[("part", part.to_owned())]));
    let known = ["pinfl", "surname", "name", "patronymic"];
    if person.keys().any(|key| !known.contains(&key.as_str())) || person.values().any(|value| !value.is_string()) {
        return Some(error(id, FieldErrorCode::WrongType));
    }
    let text = |key: &str| person.get(key).and_then(Json::as_str).unwrap_or_default();
    if Pinfl::parse(text("pinfl")).is_err() {
        return bad("pinfl");
    }
    // Names get no rule beyond being there and fitting: people are called as they are called.
    for (key, needed) in [("surname", true), ("name", true), ("patronymic", false)] {
        let value = text(key);
        if (needed && value.is_empty()) || value.chars().count() > 200 || !clean(value, false) {
            return bad(key);
        }
    }
    None
}

/// Letters and digits, 5 to 10 of them. The formats of plates are not in our sources (uz-data §7), so it is not narrower.
fn is_plate(text: &str) -> bool {
    (5..=10).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_digit())
}

/// Twenty digits: balance account, currency, key, client and number in order.
///
/// Rule: DEF-ACCOUNT.
/// Source: common knowledge of the plan of accounts of Uzbek banks; the key digit needs the bank's code and is not checked.
fn is_account(text: &str) -> bool {
    text.len() == 20 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Groups of digits with colons, `10:09:03:02:01:0123`; later groups name parts. The format is not verified (uz-data §7).
fn is_cadastre(text: &str) -> bool {
    let groups: Vec<&str> = text.split(':').collect();
    (6..=9).contains(&groups.len())
        && groups.iter().all(|group| (1..=4).contains(&group.len()) && group.bytes().all(|b| b.is_ascii_digit()))
        && groups.iter().take(5).all(|group| group.len() == 2)
}

fn check_files(field: &Field, answer: &Json) -> Option<FieldError> {
    use FieldErrorCode as Code;
    let id = field.id.as_str();
    let Json::Array(files) = answer else { return Some(error(id, Code::WrongType)) };
    let Some(rules) = &field.file else { return Some(error(id, Code::Unknown)) };
    if files.len() > rules.count as usize {
        return Some(error_with(id, Code::TooManyFiles, &[("max", rules.count.to_string())]));
    }
    for file in files {
        let Ok(file) = serde_json::from_value::<FileAnswer>(file.clone()) else {
            return Some(error(id, Code::WrongType));
        };
        if file.bytes > u64::from(rules.max_mb) * 1024 * 1024 {
            let args = [("max_mb", rules.max_mb.to_string()), ("name", file.name)];
            return Some(error_with(id, Code::FileTooLarge, &args));
        }
        if !rules.types.contains(&file.kind) {
            return Some(error_with(id, Code::FileType, &[("types", rules.types.join(", ")), ("name", file.name)]));
        }
    }
    None
}
