//! The JSON Schema of the format: whatever the compiler takes, it takes; what editors are to underline, it refuses.

use definition::format_schema;
use serde_json::{Value, json};

use crate::{files, services};

/// What does not fit the schema; enough of JSON Schema for what the schema uses.
fn wrong(root: &Value, schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("{name} leads nowhere"));
        return wrong(root, target, value, path, found);
    }
    if let Some(ways) = schema.get("anyOf").and_then(Value::as_array) {
        let fits = ways.iter().any(|way| {
            let mut found = Vec::new();
            wrong(root, way, value, path, &mut found);
            found.is_empty()
        });
        if !fits {
            found.push(format!("{path}: fits no way of {ways:?}"));
        }
        return;
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("type {other}"),
    };
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    if !kinds.iter().any(|kind| is(kind)) {
        found.push(format!("{path}: {value} is not {kinds:?}"));
        return;
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        found.push(format!("{path}: {value} is none of {allowed:?}"));
    }
    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(items) = schema.get("items") {
            wrong(root, items, item, &format!("{path}[{n}]"), found);
        }
    }
    let Some(map) = value.as_object() else { return };
    for key in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !map.contains_key(key) {
            found.push(format!("{path}: {key} is missing"));
        }
    }
    for (key, value) in map {
        let path = format!("{path}.{key}");
        match (schema.get("properties").and_then(|known| known.get(key)), schema.get("additionalProperties")) {
            (Some(known), _) => wrong(root, known, value, &path, found),
            (None, Some(Value::Bool(false))) => found.push(format!("{path}: no such key")),
            (None, Some(more)) => wrong(root, more, value, &path, found),
            (None, None) => {}
        }
    }
}

fn check(yaml: &str) -> Vec<String> {
    let schema = format_schema();
    let value: Value = serde_saphyr::from_str(yaml).unwrap();
    let mut found = Vec::new();
    wrong(&schema, &schema, &value, "", &mut found);
    found
}

#[test]
fn the_schema_of_the_format_takes_every_definition_of_the_catalogue() {
    for path in files(&services(), ".yaml").into_iter().filter(|path| path.parent() != Some(&services())) {
        let found = check(&std::fs::read_to_string(&path).unwrap());
        assert!(found.is_empty(), "{}:\n{}", path.display(), found.join("\n"));
    }
}

#[test]
fn the_schema_of_the_format_refuses_what_the_compiler_refuses() {
    let yaml = std::fs::read_to_string(services().join("fhdy/298.yaml")).unwrap();
    for (from, to, said) in [
        ("status: published", "status: publishd", "is none of"),
        ("owner: AV", "ovner: AV", ".ovner: no such key"),
        ("owner: AV", "ovner: AV", "owner is missing"),
        ("fill_minutes: ", "fill_minutes: x", ".passport.fill_minutes"),
        ("{bhm: 0.05}", "{bmh: 0.05}", ".fees[0].amount"),
    ] {
        let changed = yaml.replacen(from, to, 1);
        assert_ne!(changed, yaml, "{from}");
        let found = check(&changed).join("\n");
        assert!(found.contains(said), "{to}: {found}");
    }
}

#[test]
fn an_editor_is_told_what_a_key_may_be() {
    let schema = format_schema();
    assert_eq!(
        schema["$defs"]["Status"],
        json!({"type": "string", "enum": ["draft", "published", "retired", "suspended"]})
    );
    let required = schema["$defs"]["Raw"]["required"].as_array().unwrap();
    assert!(required.contains(&json!("code")) && !required.contains(&json!("appeal")), "{required:?}");
    let kinds = schema["$defs"]["FieldType"]["enum"].as_array().unwrap();
    assert!(kinds.contains(&json!("address")), "{kinds:?}");
    assert!(schema["$defs"]["RawField"]["properties"]["options"]["items"]["$ref"].is_string());
}

#[test]
fn an_editor_is_told_what_a_key_means() {
    let schema = format_schema();
    let property = |name: &str, key: &str| schema["$defs"][name]["properties"][key].clone();
    assert_eq!(property("RawField", "show")["format"], "expression");
    assert!(property("RawField", "show")["description"].as_str().unwrap().starts_with("Whether it is shown"));
    assert_eq!(property("Raw", "owner")["description"], "Code of the agency that answers for the definition.");
    assert_eq!(property("RawField", "type")["$ref"], "#/$defs/FieldType");
    let described = schema["$defs"].as_object().unwrap().values().filter_map(|def| def["properties"].as_object());
    let described = described.flat_map(|keys| keys.values()).filter(|key| key["description"].is_string()).count();
    assert!(described > 60, "only {described} keys are explained");
}

/// `tests/data/format.json` is what `web/scripts/complete.test.js` completes from. `UPDATE=1` in the environment writes it anew.
#[test]
fn the_schema_that_the_script_is_tested_with_is_this_one() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/format.json");
    let schema = serde_json::to_string_pretty(&format_schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == schema, "tests/data/format.json is not the format now; UPDATE=1 writes it");
}
