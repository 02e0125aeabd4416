//! JSON Schema of the answers of a version, for users of the API.

use serde_json::{Map, Value as Json, json};

use crate::definition::Definition;
use crate::form::{MAX_TEXT, MAX_TEXTAREA};
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
        let Some(mut schema) = answer(field) else { continue };
        if let Json::Object(map) = &mut schema {
            map.insert("title".to_owned(), json!(field.label.get(kernel::lang::Lang::En)));
            if field.value.is_some()
                || field.source.as_ref().is_some_and(|source| source.mode == SourceMode::FillLocked)
            {
                map.insert("readOnly".to_owned(), json!(true));
            } else if field.show.is_none() && field.required.0 == "true" && field.source.is_none() {
                required.push(field.id.as_str());
            }
        }
        properties.insert(field.id.clone(), schema);
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
        FieldType::Multi => json!({"type": "array", "items": codes(), "uniqueItems": true}),
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
