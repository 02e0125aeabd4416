//! JSON Schema of the answers of a version, for users of the API.

use serde_json::{Map, Value as Json, json};

use crate::definition::Definition;
use crate::form::{DEFAULT_ROWS, DEFAULT_SCALE, MAX_TEXT, MAX_TEXTAREA};
use crate::model::*;

/// The answers of a definition as JSON Schema.
///
/// It says what one answer may be; what depends on other answers (shown, required, checks) is only on the server, so only
/// fields that are always shown and always required are required here.
///
/// Source: JSON Schema 2020-12.
pub(crate) fn answers(definition: &Definition) -> Json {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for field in definition.spec.pages.iter().flat_map(|page| &page.fields) {
        // What stands on a page that may be skipped need not be given.
        let always = definition.spec.pages.iter().any(|page| page.show.is_none() && page.fields.contains(field));
        property(field, always, &mut properties, &mut required);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("Answers of service {}", definition.code()),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn property<'a>(field: &'a Field, always: bool, properties: &mut Map<String, Json>, required: &mut Vec<&'a str>) {
    let Some(mut schema) = answer(field) else { return };
    if let Json::Object(map) = &mut schema {
        map.insert("title".to_owned(), json!(field.label.get(kernel::lang::Lang::En)));
        let filled = field.source.as_ref().is_some_and(|source| source.mode != SourceMode::Verify);
        if field.value.is_some() || field.source.as_ref().is_some_and(|source| source.mode == SourceMode::FillLocked) {
            map.insert("readOnly".to_owned(), json!(true));
        } else if always && field.show.is_none() && field.required.0 == "true" && !filled {
            required.push(field.id.as_str());
        }
    }
    properties.insert(field.id.clone(), schema);
}

fn answer(field: &Field) -> Option<Json> {
    let limits = &field.limits;
    let text = |max: u32| {
        let mut schema = json!({"type": "string", "maxLength": limits.max_length.unwrap_or(max)});
        if let (Json::Object(map), Some(min)) = (&mut schema, limits.min_length) {
            map.insert("minLength".to_owned(), json!(min));
        }
        schema
    };
    let number = |unit: i64| {
        let mut schema = Map::from_iter([("type".to_owned(), json!("integer"))]);
        if let Some(min) = limits.min {
            schema.insert("minimum".to_owned(), json!(min.saturating_mul(unit)));
        }
        if let Some(max) = limits.max {
            schema.insert("maximum".to_owned(), json!(max.saturating_mul(unit)));
        }
        Json::Object(schema)
    };
    let codes = || {
        // Options that a register gives are not known before it is asked.
        let codes: Vec<&str> = field.options.iter().map(|option| option.code.as_str()).collect();
        if codes.is_empty() { json!({"type": "string"}) } else { json!({"type": "string", "enum": codes}) }
    };
    let pattern = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let object = |required: &[&str], all: &[&str]| {
        let properties: Map<String, Json> =
            all.iter().map(|key| ((*key).to_owned(), json!({"type": "string"}))).collect();
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    };
    Some(match field.kind {
        FieldType::Text => text(MAX_TEXT),
        FieldType::Textarea => text(MAX_TEXTAREA),
        FieldType::Int => number(1),
        FieldType::Money => number(100),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::Bool => json!({"type": "boolean"}),
        FieldType::Consent => json!({"const": true}),
        FieldType::Choice => codes(),
        FieldType::Multi => {
            let mut schema = json!({"type": "array", "items": codes(), "uniqueItems": true});
            for (key, limit) in [("minItems", limits.min), ("maxItems", limits.max)] {
                if let (Json::Object(map), Some(limit)) = (&mut schema, limit) {
                    map.insert(key.to_owned(), json!(limit));
                }
            }
            schema
        }
        FieldType::Decimal => {
            let scale = limits.scale.unwrap_or(DEFAULT_SCALE);
            let sign = if limits.min.is_some_and(|min| min >= 0) { "" } else { "-?" };
            let fraction = if scale == 0 { String::new() } else { format!(r"(\.[0-9]{{1,{scale}}})?") };
            pattern(&format!("^{sign}[0-9]{{1,15}}{fraction}$"))
        }
        FieldType::Cascade => {
            let depth = field.levels.len();
            json!({"type": "array", "items": codes(), "minItems": depth, "maxItems": depth})
        }
        FieldType::Geo => {
            let degrees = pattern(r"^-?[0-9]{1,3}(\.[0-9]{1,12})?$");
            json!({"type": "object", "properties": {"lat": degrees, "lon": degrees},
                "required": ["lat", "lon"], "additionalProperties": false})
        }
        FieldType::Organisation => {
            json!({"type": "object", "properties": {"stir": pattern("^[0-9]{9}$"), "name": text(MAX_TEXT)},
                "required": ["stir", "name"], "additionalProperties": false})
        }
        FieldType::Account => pattern("^[0-9]{20}$"),
        FieldType::Repeat => {
            let (mut properties, mut required) = (Map::new(), Vec::new());
            for field in &field.fields {
                property(field, true, &mut properties, &mut required);
            }
            json!({"type": "array", "minItems": limits.min.unwrap_or(1), "maxItems": limits.max.unwrap_or(DEFAULT_ROWS),
                "items": {"type": "object", "properties": properties, "required": required,
                    "additionalProperties": false}})
        }
        FieldType::Address if field.level == AddressLevel::Region => object(&["region"], &["region"]),
        FieldType::Address if field.level == AddressLevel::District => object(&["district"], &["region", "district"]),
        FieldType::Address => {
            object(&["district", "street", "house"], &["region", "district", "street", "house", "flat"])
        }
        FieldType::Person => object(&["pinfl", "surname", "name"], &["pinfl", "surname", "name", "patronymic"]),
        FieldType::Pinfl => pattern("^[1-6][0-9]{13}$"),
        FieldType::Stir => pattern("^[0-9]{9}$"),
        FieldType::IdDoc => pattern("^[A-Z]{2}[0-9]{7}$"),
        FieldType::Phone => pattern("^\\+998[0-9]{9}$"),
        FieldType::Email => json!({"type": "string", "format": "email"}),
        FieldType::Plate => pattern("^[A-Z0-9]{5,10}$"),
        FieldType::Cadastre => pattern("^[0-9:]+$"),
        // Files are uploaded on their own and never named by the caller.
        FieldType::File | FieldType::Note => return None,
    })
}
