//! What the page of a form needs to show and hide its fields by itself while they are answered.
//!
//! The trees have everything put in that is known here, and of it nothing but what the page shows anyway: a value of a register, of the
//! person or of another page decides here, or leaves the condition to the server ([`expr::Seen::Private`]).

use std::collections::BTreeMap;

use expr::{Env, Fold, Seen, Value};
use jiff::civil::Date;
use kernel::calendar::Calendar;
use refdata::RefData;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::definition::Definition;
use crate::model::*;
use crate::scope::Scope;

/// Conditions that the browser evaluates on one form, those that do not hang on its answers left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrowserForm {
    /// By the id of the field: when it is shown.
    pub show: BTreeMap<String, Json>,
    /// By the id of the field: when it must be answered.
    pub required: BTreeMap<String, Json>,
    /// How the answers that the conditions read are typed: name → `text`, `int`, `money`, `date`, `bool`, `multi`, …
    pub kinds: BTreeMap<String, &'static str>,
}

impl BrowserForm {
    /// The kinds as JSON, for the form's element; empty when the browser has nothing to decide.
    pub fn kinds_json(&self) -> String {
        if self.show.is_empty() && self.required.is_empty() { String::new() } else { json!(self.kinds).to_string() }
    }
}

/// How the browser reads an answer of this type from the page, as `form::read` does here; `None` where it cannot.
fn kind_of(field: &Field) -> Option<&'static str> {
    Some(match field.kind {
        FieldType::Int => "int",
        FieldType::Money => "money",
        FieldType::Date => "date",
        FieldType::Bool | FieldType::Consent => "bool",
        FieldType::Multi => "multi",
        FieldType::Address => "address",
        FieldType::Person => "person",
        FieldType::Text | FieldType::Textarea | FieldType::Email | FieldType::Choice => "text",
        FieldType::Pinfl | FieldType::Stir | FieldType::Cadastre => "squeezed",
        FieldType::Plate | FieldType::IdDoc => "upper",
        _ => return None,
    })
}

/// The names as a form on which these pages stand sees them.
struct OnPages<'a> {
    definition: &'a Definition,
    scope: Scope<'a>,
    pages: &'a [usize],
    /// Fields whose value is given and shown, not asked.
    locked: &'a [&'a str],
}

impl Env for OnPages<'_> {
    fn get(&self, name: &str) -> Value {
        self.scope.get(name)
    }
    fn at(&self, name: &str, path: &[&str]) -> Value {
        self.scope.at(name, path)
    }
    fn today(&self) -> Date {
        self.scope.today()
    }
    fn bhm(&self) -> Decimal {
        self.scope.bhm()
    }
    fn calendar(&self) -> &Calendar {
        self.scope.calendar()
    }
}

impl Fold for OnPages<'_> {
    fn seen(&self, name: &str) -> Seen<'_> {
        let Some((page, field)) = self.definition.field(name) else { return Seen::Private };
        let show = field.show.as_ref().map(|show| self.definition.expression(show));
        if let Some(value) = &field.value {
            return match (self.definition.expression(value), show) {
                (Some(value), None) => Seen::Computed(value, None),
                (Some(value), Some(Some(show))) => Seen::Computed(value, Some(show)),
                _ => Seen::Server,
            };
        }
        if !self.pages.contains(&page) {
            return Seen::Private;
        }
        let filled = field.source.as_ref().is_some_and(|source| source.mode == SourceMode::FillLocked);
        match show {
            // What the page shows in any case.
            None if self.locked.contains(&name) => Seen::Public,
            Some(_) if filled => Seen::Server,
            _ if kind_of(field).is_some() => Seen::Page,
            _ => Seen::Server,
        }
    }
}

/// The conditions of the fields on these pages, for the answers as they are.
pub(crate) fn form(definition: &Definition, pages: &[usize], facts: &Facts) -> BrowserForm {
    let refdata = RefData::shared();
    let views: Vec<_> = pages.iter().flat_map(|page| definition.visible_fields(*page, facts)).collect();
    let locked: Vec<&str> = views.iter().filter(|view| view.locked).map(|view| view.field.id.as_str()).collect();
    let scope = Scope::new(&definition.schema, facts, &refdata);
    let fold = OnPages { definition, scope, pages, locked: &locked };
    let mut form = BrowserForm::default();
    let fields = || pages.iter().filter_map(|page| definition.pages().get(*page)).flat_map(|page| &page.fields);
    for field in fields() {
        let tree = |cel: &Cel| {
            let tree = definition.expression(cel)?.to_browser(&fold);
            (!tree.is_null()).then_some(tree)
        };
        let places = [(field.show.as_ref(), true), (Some(&field.required), false)];
        for (cel, shows) in places.into_iter().filter_map(|(cel, shows)| Some((cel?, shows))) {
            if let Some(tree) = tree(cel) {
                names(&tree, &mut |name| {
                    if let Some(kind) = definition.field(name).and_then(|(_, field)| kind_of(field)) {
                        form.kinds.insert(name.to_owned(), kind);
                    }
                });
                let of = if shows { &mut form.show } else { &mut form.required };
                of.insert(field.id.clone(), tree);
            }
        }
    }
    form
}

/// Calls back for each `["name", …]` of a tree.
fn names(tree: &Json, found: &mut dyn FnMut(&str)) {
    let Json::Array(parts) = tree else { return };
    if let [Json::String(op), Json::String(name)] = parts.as_slice()
        && op == "name"
    {
        found(name);
    }
    for part in parts {
        names(part, found);
    }
}
