//! How far a new version is from the one before.

use definition::{Cel, Field, Spec, State};
use serde_json::Value;

/// Class of a publication: decides what happens to drafts and cases that are on the version before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The first version of the service.
    First,
    /// Only words differ: applied at once.
    Cosmetic,
    /// More is allowed, nothing is lost: applied when the case is next returned to the applicant.
    Compatible,
    /// Answers or states of the old version have no place in the new one: cases stay on theirs.
    Breaking,
}

impl Class {
    /// Stable name, as stored.
    pub fn name(self) -> &'static str {
        match self {
            Class::First => "first",
            Class::Cosmetic => "cosmetic",
            Class::Compatible => "compatible",
            Class::Breaking => "breaking",
        }
    }
}

/// Compares two versions of a service.
///
/// Rule: CAT-CLASS.
/// Source: our decision on versions of definitions: a case pins its version, a new one is classed by comparing the two.
pub fn class(before: Option<&Spec>, after: &Spec) -> Class {
    let Some(before) = before else { return Class::First };
    if wordless(before) == wordless(after) {
        return Class::Cosmetic;
    }
    let fields = |spec: &'_ Spec| -> Vec<Field> { spec.pages.iter().flat_map(|page| page.fields.clone()).collect() };
    let (old, new) = (fields(before), fields(after));
    let kept = old.iter().all(|was| new.iter().any(|is| is.id == was.id && fits(was, is)));
    let nothing_asked =
        new.iter().filter(|is| !old.iter().any(|was| was.id == is.id)).all(|is| is.required == Cel("false".to_owned()));
    let states = before.flow.states.iter().all(|was| after.flow.states.iter().any(|is| same_place(was, is)));
    let actions =
        before.flow.actions.iter().all(|was| after.flow.actions.iter().any(|is| is.id == was.id && is.to == was.to));
    if kept && nothing_asked && states && actions && before.fees == after.fees {
        Class::Compatible
    } else {
        Class::Breaking
    }
}

/// Whether an answer to the old field is an answer to the new one.
fn fits(was: &Field, is: &Field) -> bool {
    let loosened = is.required == was.required || is.required == Cel("false".to_owned());
    was.kind == is.kind && loosened && was.options.iter().all(|old| is.options.iter().any(|new| new.code == old.code))
}

fn same_place(was: &State, is: &State) -> bool {
    was.id == is.id && was.kind == is.kind
}

/// The definition without its words: every text (an object with `uz`) and everything only shown is taken out.
fn wordless(spec: &Spec) -> Value {
    let mut value = serde_json::to_value(spec).unwrap_or_default();
    if let Some(passport) = value.get_mut("passport").and_then(Value::as_object_mut) {
        passport.retain(|key, _| key == "group" || key == "audience");
    }
    strip(&mut value);
    value
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(map) if map.contains_key("uz") => *value = Value::Null,
        Value::Object(map) => map.values_mut().for_each(strip),
        Value::Array(list) => list.iter_mut().for_each(strip),
        _ => {}
    }
}
