//! Fields and answers: what is shown, what was posted, what is wrong with it.
//!
//! Reading and checking are two passes: reading turns posted text into typed JSON as far as it can, checking looks only
//! at JSON. So an answer that came through the API, from a register or from an old draft meets the same rules.

use std::collections::BTreeMap;

use jiff::civil::Date;
use kernel::lang::Text;
use kernel::person::{Email, Passport, Phone, Pinfl, Soato, Stir};
use refdata::RefData;
use serde_json::{Map, Value as Json, json};

use crate::definition::Definition;
use crate::document;
use crate::model::*;
use crate::scope;

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

// --- what is shown ---

/// Options of a choice as they stand: of the definition, or drawn from a register.
pub(crate) fn options(definition: &Definition, field: &Field, facts: &Facts) -> Vec<(String, Text)> {
    let Some(from) = &field.options_from else {
        return field.options.iter().map(|option| (option.code.clone(), option.label.clone())).collect();
    };
    let Json::Array(list) = scope::to_json(&definition.eval(&from.list, facts)) else { return Vec::new() };
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

/// What the register or the profile says for a field.
fn sourced(field: &Field, facts: &Facts) -> Option<Json> {
    let source = field.source.as_ref()?;
    let record = match source.register.as_str() {
        "person" => scope::person_json(&facts.person),
        "applicant" => scope::applicant_json(facts),
        register => facts.registers.get(register)?.clone(),
    };
    if field.kind == FieldType::Address && source.path == "." {
        return address_of(&record);
    }
    let mut here = &record;
    for part in source.path.split('.') {
        here = here.get(part)?;
    }
    (!here.is_null()).then(|| here.clone())
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
fn fixed(definition: &Definition, field: &Field, facts: &Facts) -> Option<Json> {
    if let Some(cel) = &field.value {
        return Some(scope::to_json(&definition.eval(cel, facts)));
    }
    let source = field.source.as_ref()?;
    (source.mode == SourceMode::FillLocked).then(|| sourced(field, facts)).flatten()
}

fn shown(definition: &Definition, field: &Field, facts: &Facts) -> bool {
    field.show.as_ref().is_none_or(|show| definition.truth(show, facts) == Some(true))
}

fn required(definition: &Definition, field: &Field, facts: &Facts) -> bool {
    field.kind != FieldType::Note && definition.truth(&field.required, facts) == Some(true)
}

pub(crate) fn prefill(definition: &Definition, facts: &Facts) -> Answers {
    let mut facts = facts.clone();
    for field in definition.spec.pages.iter().flat_map(|page| &page.fields) {
        let known = facts.answers.get(&field.id).is_some_and(|answer| !answer.is_null());
        if let Some(value) = fixed(definition, field, &facts) {
            put(&mut facts.answers, field, value);
        } else if !known && let Some(value) = sourced(field, &facts) {
            put(&mut facts.answers, field, value);
        }
    }
    facts.answers
}

fn put(answers: &mut Answers, field: &Field, value: Json) {
    if value.is_null() {
        answers.remove(&field.id);
    } else {
        answers.insert(field.id.clone(), value);
    }
}

pub(crate) fn visible_fields<'a>(definition: &'a Definition, page: usize, facts: &Facts) -> Vec<FieldView<'a>> {
    let Some(page) = definition.spec.pages.get(page) else { return Vec::new() };
    page.fields
        .iter()
        .filter(|field| shown(definition, field, facts))
        .map(|field| {
            let fixed = fixed(definition, field, facts);
            let from_source = sourced(field, facts);
            let answer = facts.answers.get(&field.id).filter(|answer| !answer.is_null()).cloned();
            let value = fixed.clone().or(answer).or_else(|| from_source.clone()).filter(|value| !value.is_null());
            let same = from_source.is_some() && from_source == value;
            FieldView {
                field,
                source: field.source.as_ref().filter(|_| same).map(|source| source.register.as_str()),
                value,
                locked: fixed.is_some(),
                required: required(definition, field, facts),
                options: options(definition, field, facts),
            }
        })
        .collect()
}

/// Answers of shown fields only, computed and locked ones filled in.
///
/// Hiding a field can hide another, so it is repeated until nothing changes; each round takes at least one answer
/// away, hence it ends.
pub(crate) fn settled(definition: &Definition, facts: &Facts) -> Answers {
    let mut facts = facts.clone();
    let fields: Vec<&Field> = definition.spec.pages.iter().flat_map(|page| &page.fields).collect();
    facts.answers.retain(|id, _| fields.iter().any(|field| field.id == *id));
    for _ in 0..=fields.len() {
        for field in &fields {
            if let Some(value) = fixed(definition, field, &facts) {
                put(&mut facts.answers, field, value);
            }
        }
        let hidden: Vec<&str> = fields
            .iter()
            .filter(|field| facts.answers.contains_key(&field.id) && !shown(definition, field, &facts))
            .map(|field| field.id.as_str())
            .collect();
        if hidden.is_empty() {
            break;
        }
        for id in hidden {
            facts.answers.remove(id);
        }
    }
    facts.answers
}

// --- reading ---

pub(crate) fn parse_page(
    definition: &Definition,
    page_index: usize,
    posted: &[(String, String)],
    facts: &Facts,
) -> (Answers, Vec<FieldError>) {
    let Some(page) = definition.spec.pages.get(page_index) else { return (facts.answers.clone(), Vec::new()) };
    let mut facts = facts.clone();
    for field in &page.fields {
        if let Some(value) = fixed(definition, field, &facts) {
            put(&mut facts.answers, field, value);
        } else if !matches!(field.kind, FieldType::File | FieldType::Note) {
            put(&mut facts.answers, field, read(field, posted));
        }
    }
    // Only now is it known what is shown; an answer to a question that was not asked is forgotten.
    facts.answers = hide(definition, page, &facts);
    let errors = validate_page(definition, page_index, &facts);
    (facts.answers, errors)
}

/// Takes away the answers of the page's hidden fields, until nothing more is hidden by that.
fn hide(definition: &Definition, page: &FormPage, facts: &Facts) -> Answers {
    let mut facts = facts.clone();
    for _ in 0..=page.fields.len() {
        let before = facts.answers.len();
        for field in &page.fields {
            if facts.answers.contains_key(&field.id) && !shown(definition, field, &facts) {
                facts.answers.remove(&field.id);
            }
        }
        if facts.answers.len() == before {
            break;
        }
    }
    facts.answers
}

/// Reads one field; JSON null = nothing was given.
fn read(field: &Field, posted: &[(String, String)]) -> Json {
    let raw = |name: &str| posted.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let one = || raw(&field.id).map(|text| tidy(text, field.kind == FieldType::Textarea)).filter(|t| !t.is_empty());
    let part = |key: &str| {
        let name = format!("{}.{key}", field.id);
        raw(&name).map(|text| tidy(text, false)).filter(|text| !text.is_empty())
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
            json!(raw(&field.id).is_some_and(|text| matches!(text.trim(), "on" | "true" | "1" | "yes")))
        }
        FieldType::Multi => {
            let mut codes: Vec<String> = Vec::new();
            for (_, value) in posted.iter().filter(|(key, _)| *key == field.id).take(MAX_TICKS) {
                let code = tidy(value, false);
                if !code.is_empty() && !codes.contains(&code) {
                    codes.push(code);
                }
            }
            if codes.is_empty() { Json::Null } else { json!(codes) }
        }
        FieldType::Address => {
            let mut address = Map::new();
            if let Some(district) = part("district") {
                if let Some(region) = district.get(..4) {
                    address.insert("region".to_owned(), json!(region));
                }
                address.insert("district".to_owned(), json!(district));
            }
            for key in ["street", "house", "flat"] {
                if let Some(text) = part(key) {
                    address.insert(key.to_owned(), json!(text));
                }
            }
            if address.is_empty() { Json::Null } else { Json::Object(address) }
        }
        FieldType::Person => {
            let mut person = Map::new();
            for key in ["pinfl", "surname", "name", "patronymic"] {
                if let Some(text) = part(key) {
                    person.insert(key.to_owned(), json!(text));
                }
            }
            if person.is_empty() { Json::Null } else { Json::Object(person) }
        }
        FieldType::Phone => one().map_or(Json::Null, |text| match Phone::parse(&text) {
            Ok(phone) => json!(phone.as_str()),
            Err(_) => json!(text),
        }),
        FieldType::Plate => one().map_or(Json::Null, |text| json!(squeeze(&text).to_uppercase())),
        FieldType::IdDoc => one().map_or(Json::Null, |text| json!(squeeze(&text).to_uppercase())),
        FieldType::Pinfl | FieldType::Stir | FieldType::Cadastre => {
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
            Some((_, field)) => put(&mut facts.answers, field, normalise(field, value)),
            None => errors.push(error(id, FieldErrorCode::Unknown)),
        }
    }
    facts.answers = settled(definition, &facts);
    errors.extend(definition.validate_all(&facts));
    (facts.answers, errors)
}

/// Brings JSON texts into the form that posted texts get.
fn normalise(field: &Field, value: &Json) -> Json {
    match (field.kind, value) {
        (
            FieldType::Text
            | FieldType::Textarea
            | FieldType::Email
            | FieldType::Phone
            | FieldType::Plate
            | FieldType::IdDoc
            | FieldType::Pinfl
            | FieldType::Stir
            | FieldType::Cadastre
            | FieldType::Date
            | FieldType::Choice,
            Json::String(text),
        ) => read(field, &[(field.id.clone(), text.clone())]),
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
    let Some(page) = definition.spec.pages.get(page) else { return Vec::new() };
    page.fields
        .iter()
        .filter(|field| shown(definition, field, facts))
        .filter_map(|field| validate_field(definition, field, facts))
        .collect()
}

/// The first thing that is wrong with an answer: one message for each field, the one to mend first.
///
/// Rule: DEF-CHECK.
/// Source: our own (one clear message for each field).
fn validate_field(definition: &Definition, field: &Field, facts: &Facts) -> Option<FieldError> {
    let id = field.id.as_str();
    let answer = facts.answers.get(id).filter(|answer| !is_empty(answer));
    let required = required(definition, field, facts);
    // A locked value is the register's own: nobody could mend it here.
    let locked = fixed(definition, field, facts).is_some();
    let Some(answer) = answer else {
        return match field.kind {
            _ if !required || locked => None,
            FieldType::Consent => Some(error(id, FieldErrorCode::ConsentRequired)),
            _ => Some(error(id, FieldErrorCode::Required)),
        };
    };
    if field.kind == FieldType::Consent && required && answer == &json!(false) {
        return Some(error(id, FieldErrorCode::ConsentRequired));
    }
    if !locked && let Some(error) = validate_value(definition, field, answer, facts) {
        return Some(error);
    }
    field
        .check
        .iter()
        .find(|check| definition.truth(&check.expr, facts) == Some(false))
        .map(|check| FieldError { message: Some(check.message.clone()), ..error(id, FieldErrorCode::Check) })
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

fn validate_value(definition: &Definition, field: &Field, answer: &Json, facts: &Facts) -> Option<FieldError> {
    use FieldErrorCode as Code;
    let id = field.id.as_str();
    let fail = |code| Some(error(id, code));
    let text_or = |check: &dyn Fn(&str) -> Option<FieldError>| match answer {
        Json::String(text) => check(text),
        _ => Some(error(id, Code::WrongType)),
    };
    match field.kind {
        FieldType::Text | FieldType::Textarea => text_or(&|text| check_text(field, text)),
        FieldType::Int => match answer {
            Json::Number(n) => match n.as_i64() {
                Some(n) => check_range(field, n, 1),
                None => fail(Code::NotANumber),
            },
            Json::String(_) => fail(Code::NotANumber),
            _ => fail(Code::WrongType),
        },
        FieldType::Money => match answer {
            Json::Number(n) => match n.as_i64() {
                Some(n) if n < 0 => Some(error_with(id, Code::TooSmall, &[("min", "0".to_owned())])),
                Some(n) if n / 100 > MAX_SOM => Some(error_with(id, Code::TooLarge, &[("max", MAX_SOM.to_string())])),
                Some(n) => check_range(field, n, 100),
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
        FieldType::Choice => text_or(&|code| {
            let known = options(definition, field, facts).iter().any(|(known, _)| known == code);
            (!known).then(|| error(id, Code::UnknownOption))
        }),
        FieldType::Multi => {
            let Json::Array(codes) = answer else { return fail(Code::WrongType) };
            let options = options(definition, field, facts);
            if codes.len() > options.len() {
                return Some(error_with(id, Code::TooManyOptions, &[("max", options.len().to_string())]));
            }
            let known = |code: &Json| code.as_str().is_some_and(|code| options.iter().any(|(known, _)| known == code));
            if codes.iter().all(known) { None } else { fail(Code::UnknownOption) }
        }
        FieldType::Address => match answer {
            Json::Object(address) => check_address(id, address),
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
        FieldType::File => check_files(field, answer),
        FieldType::Note => None,
    }
}

/// Length and characters of a text.
///
/// Rule: DEF-LENGTH.
/// Source: our own limits, see [`MAX_TEXT`].
fn check_text(field: &Field, text: &str) -> Option<FieldError> {
    let id = field.id.as_str();
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

fn check_range(field: &Field, n: i64, unit: i64) -> Option<FieldError> {
    let id = field.id.as_str();
    let over = |limit: i64| limit.saturating_mul(unit);
    if let Some(min) = field.limits.min
        && n < over(min)
    {
        return Some(error_with(id, FieldErrorCode::TooSmall, &[("min", min.to_string())]));
    }
    if let Some(max) = field.limits.max
        && n > over(max)
    {
        return Some(error_with(id, FieldErrorCode::TooLarge, &[("max", max.to_string())]));
    }
    None
}

fn check_address(id: &str, address: &Map<String, Json>) -> Option<FieldError> {
    let bad = |part: &str| Some(error_with(id, FieldErrorCode::BadAddress, &[("part", part.to_owned())]));
    let known = ["region", "district", "street", "house", "flat"];
    if address.keys().any(|key| !known.contains(&key.as_str())) || address.values().any(|value| !value.is_string()) {
        return Some(error(id, FieldErrorCode::WrongType));
    }
    let text = |key: &str| address.get(key).and_then(Json::as_str).unwrap_or_default();
    if !is_district(text("district")) || !text("district").starts_with(text("region")) {
        return bad("district");
    }
    for (key, max, needed) in [("street", 200, true), ("house", 20, true), ("flat", 20, false)] {
        let value = text(key);
        if (needed && value.is_empty()) || value.chars().count() > max || !clean(value, false) {
            return bad(key);
        }
    }
    None
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
