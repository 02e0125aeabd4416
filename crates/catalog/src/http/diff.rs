//! The difference of two versions in words.

use definition::Diagnostic;
use kernel::calendar::Term;
use kernel::lang::Text;
use kernel::money::Tiyin;
use serde_json::Value;
use web::{Arg, T};

use crate::domain::diff::{Change, Kind, Thing, is_text};

/// One difference in a sentence: “Fee “State duty” · price on the portal: 0.9 → 0.8 BHM”.
pub fn words(t: &T, change: &Change) -> String {
    let mut what: Vec<String> = change.things.iter().map(|one| thing(t, one)).collect();
    if !change.aspect.is_empty() {
        what.push(aspect(t, &change.aspect));
    }
    let what = what.join(" · ");
    let whole = change.aspect.is_empty();
    let arg = |value: String| Arg::Text(value);
    match change.kind {
        Kind::Added if whole => t.t1("catalog-diff-added", "what", what),
        Kind::Removed if whole => t.t1("catalog-diff-removed", "what", what),
        Kind::Moved if change.aspect != "page" => t.t1("catalog-diff-moved", "what", what),
        Kind::Added => t.t2("catalog-diff-set", "what", what, "to", value(t, &change.after)),
        Kind::Removed => t.t2("catalog-diff-unset", "what", what, "from", value(t, &change.before)),
        Kind::Changed | Kind::Moved => t.ta(
            "catalog-diff-changed",
            &[("what", arg(what)), ("from", arg(value(t, &change.before))), ("to", arg(value(t, &change.after)))],
        ),
    }
}

/// A mistake in a line: place, message, hint.
pub(crate) fn problem(one: &Diagnostic) -> String {
    let hint = if one.hint.is_empty() { String::new() } else { format!(" ({})", one.hint) };
    format!("{}:{}: {}{hint}", one.file, one.line, one.message)
}

fn thing(t: &T, one: &Thing) -> String {
    let name = one.name.as_ref().map_or_else(|| one.id.clone(), |name| name.get(t.lang()).into_owned());
    let key = format!("catalog-diff-thing-{}", one.list.replace('_', "-"));
    if t.has(&key) {
        return t.t1(&key, "name", name);
    }
    t.t2("catalog-diff-thing", "list", one.list.as_str(), "name", name)
}

fn aspect(t: &T, key: &str) -> String {
    let known = format!("catalog-diff-aspect-{}", key.replace('_', "-"));
    if t.has(&known) { t.t(&known) } else { format!("“{key}”") }
}

/// A value as people read it; what is nothing but data stays as it is written in the definition.
fn value(t: &T, value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::Bool(true) => t.t("catalog-diff-yes"),
        Value::Bool(false) => t.t("catalog-diff-no"),
        Value::Number(number) => number.as_i64().map_or_else(|| number.to_string(), |n| t.number(n)),
        Value::String(text) => match text.as_str() {
            "true" => t.t("catalog-diff-yes"),
            "false" => t.t("catalog-diff-no"),
            plain => word(t, plain),
        },
        Value::Array(list) if list.is_empty() => "—".to_owned(),
        Value::Array(list) => list.iter().map(|one| self::value(t, one)).collect::<Vec<_>>().join(", "),
        Value::Object(map) => {
            if is_text(value)
                && let Ok(text) = serde_json::from_value::<Text>(value.clone())
            {
                return format!("“{}”", text.get(t.lang()));
            }
            if let Ok(term) = serde_json::from_value::<Term>(value.clone()) {
                return kernel::format::term(term, t.lang());
            }
            match (map.len(), map.get("bhm"), map.get("som"), map.get("options")) {
                (1, Some(Value::String(share)), _, _) => bhm(t, share),
                (1, _, Some(Value::Number(som)), _) => t.money(&Tiyin::from_som(som.as_i64().unwrap_or_default())),
                (1, _, _, Some(Value::Object(options))) => {
                    let one = |(code, share): (&String, &Value)| {
                        format!("{code} – {}", bhm(t, share.as_str().unwrap_or_default()))
                    };
                    options.iter().map(one).collect::<Vec<_>>().join(", ")
                }
                _ => value.to_string(),
            }
        }
    }
}

fn bhm(t: &T, share: &str) -> String {
    let point = if t.lang() == kernel::lang::Lang::En { share.to_owned() } else { share.replace('.', ",") };
    t.t1("catalog-diff-bhm", "share", point)
}

/// A word of the format, where people have one for it.
fn word(t: &T, text: &str) -> String {
    let key = format!("catalog-diff-word-{}", text.replace('_', "-"));
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if plain && t.has(&key) { t.t(&key) } else { text.to_owned() }
}
