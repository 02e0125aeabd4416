//! Values as people read them: answers on the check page, rows of documents.

use jiff::civil::Date;
use kernel::calendar::Unit;
use kernel::format;
use kernel::lang::{Lang, Text};
use kernel::money::Tiyin;
use kernel::person::Soato;
use refdata::RefData;
use serde_json::Value as Json;

use crate::definition::Definition;
use crate::form;
use crate::model::*;
use crate::scope;

/// Draws a document from the facts.
///
/// A row whose value is unknown or empty is left out; a row with `item` gives one row for each object of its list.
pub(crate) fn draft(definition: &Definition, output: &Output, facts: &Facts, lang: Lang, today: Date) -> DocumentDraft {
    let mut rows = Vec::new();
    for row in &output.rows {
        if row.show.as_ref().is_some_and(|show| definition.truth(show, facts) != Some(true)) {
            continue;
        }
        let json = scope::to_json(&definition.eval(&row.value, facts));
        match (&row.item, json) {
            (Some(item), Json::Array(mut list)) => {
                if let Some(only) = &row.only {
                    let wanted = scope::to_json(&definition.eval(&only.equals, facts));
                    list.retain(|object| !wanted.is_null() && object.get(&only.key) == Some(&wanted));
                }
                if let Some((_, field)) = definition.field(&row.value.0).filter(|(_, f)| f.kind == FieldType::Repeat) {
                    list.iter_mut().for_each(|object| word(definition, field, object, facts, lang));
                }
                for (n, object) in list.iter().enumerate() {
                    let label = if list.len() > 1 { numbered(&row.label, n + 1) } else { row.label.clone() };
                    let text = fill(&item.get(lang), object, lang);
                    if !text.trim().is_empty() {
                        rows.push((label, text));
                    }
                }
            }
            (_, json) => {
                // A row that shows one answer of the form shows it as the form does.
                let text = match definition.field(&row.value.0) {
                    // Each row of a repeat is a row of the paper.
                    Some((_, field)) if field.kind == FieldType::Repeat => {
                        let filled = form::filled_rows(definition, field, facts);
                        for (n, views) in filled.iter().enumerate() {
                            let label = if filled.len() > 1 { numbered(&row.label, n + 1) } else { row.label.clone() };
                            rows.push((label, row_text(definition, views, facts, lang)));
                        }
                        None
                    }
                    Some((_, field)) if row.format == ValueFormat::Auto => {
                        answer_json_text(definition, field, &json, facts, lang)
                    }
                    _ => plain(&json, row.format, lang),
                };
                if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
                    rows.push((row.label.clone(), text));
                }
            }
        }
    }
    DocumentDraft {
        output: output.id.clone(),
        template: output.template,
        title: output.title.clone(),
        agency: output.agency.clone(),
        rows,
        valid_until: output.validity.and_then(|term| valid_until(today, term.n, term.unit)),
        revocable: output.revocable,
    }
}

/// The last day of validity. A term in hours, minutes or working days is not a validity; the compiler refuses it.
///
/// Rule: DEF-VALIDITY.
/// Source: Civil Code, chapter on terms (a term in months ends on the same day of the month).
fn valid_until(today: Date, n: u32, unit: Unit) -> Option<Date> {
    let n = i64::from(n);
    let span = match unit {
        Unit::Day => jiff::Span::new().try_days(n),
        Unit::Month => jiff::Span::new().try_months(n),
        _ => return None,
    };
    today.checked_add(span.ok()?).ok()
}

fn numbered(label: &Text, n: usize) -> Text {
    let mut json = serde_json::to_value(label).unwrap_or_default();
    if let Json::Object(map) = &mut json {
        for text in map.values_mut() {
            if let Json::String(text) = text {
                *text = format!("{text} {n}");
            }
        }
    }
    serde_json::from_value(json).unwrap_or_else(|_| label.clone())
}

/// Fills `{key}` placeholders from an object; dates are written as dates, an absent key as a dash.
pub(crate) fn fill(template: &str, object: &Json, lang: Lang) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('}') else {
            rest = &rest[open..];
            break;
        };
        let key = &rest[open + 1..open + close];
        let (key, format) = match key.split_once(':') {
            Some((key, "money")) => (key, ValueFormat::Money),
            Some((key, "place")) => (key, ValueFormat::Place),
            _ => (key, ValueFormat::Auto),
        };
        let text = object.get(key).and_then(|json| match json {
            // A number inside words is a year, a number of an order: it is not grouped.
            Json::Number(n) if format == ValueFormat::Auto => Some(n.to_string()),
            json => plain(json, format, lang),
        });
        out.push_str(text.as_deref().unwrap_or("—"));
        rest = &rest[open + close + 1..];
    }
    out.push_str(rest);
    out
}

/// A value by its type.
fn plain(json: &Json, as_format: ValueFormat, lang: Lang) -> Option<String> {
    match (as_format, json) {
        (ValueFormat::Money, Json::Number(n)) => n.as_i64().map(|n| format::money(Tiyin::new(n), lang)),
        (ValueFormat::Place, Json::String(code)) => Some(place(code, lang)),
        (_, Json::String(text)) => Some(match text.parse::<Date>() {
            Ok(date) if text.len() == 10 => format::date_short(date),
            _ => text.clone(),
        }),
        (_, Json::Number(n)) => Some(n.as_i64().map_or_else(|| n.to_string(), |n| format::number(n, lang))),
        (_, Json::Bool(truth)) => Some(yes_no(*truth, lang).to_owned()),
        (_, Json::Array(list)) => {
            let parts: Vec<String> = list.iter().filter_map(|item| plain(item, as_format, lang)).collect();
            Some(parts.join(", "))
        }
        (_, Json::Object(_) | Json::Null) => None,
    }
}

fn yes_no(truth: bool, lang: Lang) -> &'static str {
    match (truth, lang) {
        (true, Lang::Uz) => "ha",
        (true, Lang::UzCyrl) => "ҳа",
        (true, Lang::Kaa) => "awa",
        (true, Lang::Ru) => "да",
        (true, Lang::En) => "yes",
        (false, Lang::Uz) => "yo‘q",
        (false, Lang::UzCyrl) => "йўқ",
        (false, Lang::Kaa) => "yaq",
        (false, Lang::Ru) => "нет",
        (false, Lang::En) => "no",
    }
}

/// Name of a place by its SOATO code; the code itself when it is not known.
pub(crate) fn place(code: &str, lang: Lang) -> String {
    match Soato::parse(code) {
        Ok(soato) => RefData::shared().place_name(&soato).get(lang).into_owned(),
        Err(_) => code.to_owned(),
    }
}

/// An answer as a person reads it.
pub(crate) fn answer_text(definition: &Definition, id: &str, facts: &Facts, lang: Lang) -> Option<String> {
    let (_, field) = definition.field(id)?;
    let json = facts.answers.get(id)?;
    if field.kind == FieldType::Repeat {
        let rows = form::filled_rows(definition, field, facts);
        let rows: Vec<String> = rows.iter().map(|views| row_text(definition, views, facts, lang)).collect();
        return Some(rows.join("\n"));
    }
    answer_json_text(definition, field, json, facts, lang)
}

/// A row of a repeat on one line: "Davlat raqami: 01A123BC; Turi: avtobus".
fn row_text(definition: &Definition, views: &[FieldView<'_>], facts: &Facts, lang: Lang) -> String {
    let parts = views.iter().filter_map(|view| {
        let text = view_text(definition, view, facts, lang).filter(|text| !text.trim().is_empty())?;
        Some(format!("{}: {text}", view.field.label.get(lang)))
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// The value of a shown field as a person reads it; also in a row of a repeat, where options may come from the row.
pub(crate) fn view_text(definition: &Definition, view: &FieldView<'_>, facts: &Facts, lang: Lang) -> Option<String> {
    let value = view.value.as_ref()?;
    if view.field.kind == FieldType::Repeat {
        return answer_text(definition, &view.field.id, facts, lang);
    }
    json_text(view.field, value, &view.options, lang)
}

/// Puts the words of a row's answers in place of their codes, for the placeholders of a document's row.
fn word(definition: &Definition, repeat: &Field, object: &mut Json, facts: &Facts, lang: Lang) {
    let Json::Object(row) = object else { return };
    let filled = row.clone();
    let at = form::At::form(definition, facts).in_row(repeat, &filled);
    for field in &repeat.fields {
        let Some(json) = filled.get(&field.id) else { continue };
        if let Some(text) = json_text(field, json, &form::options(at, field), lang) {
            row.insert(field.id.clone(), Json::String(text));
        }
    }
}

fn answer_json_text(definition: &Definition, field: &Field, json: &Json, facts: &Facts, lang: Lang) -> Option<String> {
    let from_register = match &field.options_from {
        Some(_) => form::options(form::At::form(definition, facts), field),
        None => Vec::new(),
    };
    json_text(field, json, &from_register, lang)
}

/// A decimal with the comma that every language here but English has.
fn decimal(text: &str, lang: Lang) -> String {
    if lang == Lang::En { text.to_owned() } else { text.replace('.', ",") }
}

fn json_text(field: &Field, json: &Json, from_register: &[(String, Text)], lang: Lang) -> Option<String> {
    // The label of an option that is not offered any more is still its label.
    let label_of = |code: &str| {
        let own = field.options.iter().find(|option| option.code == code).map(|option| &option.label);
        let drawn = || from_register.iter().find(|(c, _)| c == code).map(|(_, label)| label);
        own.or_else(drawn).map_or_else(|| code.to_owned(), |label| label.get(lang).into_owned())
    };
    let labels = |codes: &[Json]| codes.iter().filter_map(Json::as_str).map(label_of).collect::<Vec<_>>();
    match (field.kind, json) {
        (FieldType::Choice, Json::String(code)) => Some(label_of(code)),
        (FieldType::Multi, Json::Array(codes)) => Some(labels(codes).join(", ")),
        (FieldType::Cascade, Json::Array(codes)) => Some(labels(codes).join(" › ")),
        (FieldType::Decimal, Json::String(text)) => Some(decimal(text, lang)),
        // The standard form of a point, which every map understands when it is pasted, has no decimal comma.
        (FieldType::Geo, Json::Object(point)) => {
            let part = |key: &str| point.get(key).and_then(Json::as_str);
            match (part("lat"), part("lon")) {
                (Some(lat), Some(lon)) => Some(format!("{lat}, {lon}")),
                _ => part("code").map(str::to_owned),
            }
        }
        (FieldType::Organisation, Json::Object(organisation)) => {
            let part = |key: &str| organisation.get(key).and_then(Json::as_str);
            let stir = part("stir").map(|stir| format!("STIR {stir}"));
            Some(part("name").map(str::to_owned).into_iter().chain(stir).collect::<Vec<_>>().join(", "))
        }
        (FieldType::Repeat, Json::Array(rows)) => Some(rows.len().to_string()),
        (FieldType::Money, json) => plain(json, ValueFormat::Money, lang),
        (FieldType::Address, Json::Object(address)) => {
            let part = |key: &str| address.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
            let mut parts = Vec::new();
            if let Some(district) = part("district").or_else(|| part("region")) {
                // The name of a district begins with that of its region.
                parts.push(place(district, lang));
            }
            parts.extend(part("street").map(str::to_owned));
            let house = match (part("house"), part("flat")) {
                (Some(house), Some(flat)) => Some(format!("{house}-{flat}")),
                (house, _) => house.map(str::to_owned),
            };
            parts.extend(house);
            Some(parts.join(", "))
        }
        (FieldType::Person, Json::Object(person)) => {
            let parts: Vec<&str> =
                ["surname", "name", "patronymic"].iter().filter_map(|key| person.get(*key)?.as_str()).collect();
            Some(parts.join(" "))
        }
        (FieldType::File, Json::Array(files)) => {
            let names: Vec<&str> = files.iter().filter_map(|file| file.get("name")?.as_str()).collect();
            Some(names.join(", "))
        }
        // Text that happens to look like a date stays as it was typed.
        (
            FieldType::Text | FieldType::Textarea | FieldType::Cadastre | FieldType::Plate | FieldType::Account,
            Json::String(text),
        ) => Some(text.clone()),
        (FieldType::Int, Json::Number(n)) => Some(n.to_string()),
        (_, json) => plain(json, ValueFormat::Auto, lang),
    }
}
