//! JSON Schema of the format of definitions itself, for editors: completion and red underlines while one writes.
//!
//! It is drawn from the types into which the compiler reads a file, by reading them from a source that notes what it is
//! asked for: a key that is added to a type is in the schema at once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value as Json, json};

use crate::access::BehalfKind;
use crate::compile::Raw;
use crate::model::{Assurance, Channel};

/// The format of a definition as JSON Schema.
///
/// Source: JSON Schema 2020-12.
pub fn format_schema() -> Json {
    static SCHEMA: OnceLock<Json> = OnceLock::new();
    SCHEMA.get_or_init(draw).clone()
}

/// The format as JSON text, and the SHA-256 of that text by which one knows whether it is still the same.
pub fn format_text() -> (&'static str, &'static str) {
    static TEXT: OnceLock<(String, String)> = OnceLock::new();
    let (text, hash) = TEXT.get_or_init(|| {
        let text = format_schema().to_string();
        let hash = crate::compile::hash(&text).0;
        (text, hash)
    });
    (text, hash)
}

/// The format for an editor of one installation: with names that no definition declares but any may use, under `x-known` (a
/// key that JSON Schema leaves to us): which kind → name → what it is called. And the SHA-256 of the text.
pub fn format_with_names(known: &BTreeMap<&str, BTreeMap<String, String>>) -> (String, String) {
    let mut schema = format_schema();
    schema["x-known"] = json!(known);
    let text = schema.to_string();
    let hash = crate::compile::hash(&text).0;
    (text, hash)
}

/// A text that is a date, a number of a version and any other text at once; and one that is a text and a decimal.
const TEXT: &str = "2026-01-01";
const ANY: &str = "0.5";
/// More variants than any enumeration of the format has.
const VARIANTS: usize = 64;

#[derive(Default)]
struct Notes {
    /// Name of a struct → its keys with their schemas.
    structs: BTreeMap<String, Vec<(String, Json)>>,
    /// Name of an enumeration → variants, with the schema of their content where they have one.
    enums: BTreeMap<String, BTreeMap<String, Option<Json>>>,
    /// Structs that are being read, from the outside in.
    within: Vec<String>,
    /// Which variant is taken in this round.
    round: usize,
    /// A key that is left out in this round: whether the file can be read without it.
    omit: Option<(String, String)>,
}

fn draw() -> Json {
    let notes = RefCell::new(Notes::default());
    let mut top = Json::Null;
    for round in 0..VARIANTS {
        notes.borrow_mut().round = round;
        // A round that does not read has still noted what it was asked for.
        let _ = Raw::deserialize(Reader { notes: &notes, out: &mut top });
        notes.borrow_mut().within.clear();
    }
    notes.borrow_mut().round = 0;
    let structs = notes.borrow().structs.clone();
    let described = descriptions(include_str!("model.rs"));
    let mut defs = Map::new();
    for (name, keys) in &structs {
        let mut required = Vec::new();
        for (key, _) in keys {
            notes.borrow_mut().omit = Some((name.clone(), key.clone()));
            let mut nowhere = Json::Null;
            if Raw::deserialize(Reader { notes: &notes, out: &mut nowhere }).is_err() {
                required.push(key.as_str());
            }
            notes.borrow_mut().within.clear();
        }
        let mut properties: Map<String, Json> = keys.iter().cloned().collect();
        for (key, property) in &mut properties {
            if let (Some(said), Some(property)) =
                (described.get(&(written(name), key.clone())), property.as_object_mut())
            {
                property.insert("description".to_owned(), json!(said));
            }
        }
        let mut schema = json!({"type": "object", "properties": properties, "additionalProperties": false});
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        defs.insert(name.clone(), schema);
    }
    for (name, variants) in &notes.borrow().enums {
        let plain: Vec<&String> =
            variants.iter().filter(|(_, content)| content.is_none()).map(|(variant, _)| variant).collect();
        let mut ways = Vec::new();
        if !plain.is_empty() {
            ways.push(json!({"type": "string", "enum": plain}));
        }
        for (variant, content) in variants {
            if let Some(content) = content {
                let properties = json!({variant: content});
                ways.push(json!({
                    "type": "object", "properties": properties, "required": [variant], "additionalProperties": false
                }));
            }
        }
        let schema = if ways.len() == 1 { ways.remove(0) } else { json!({"anyOf": ways}) };
        defs.insert(name.clone(), schema);
    }
    let languages = ["uz", "uz-Cyrl", "kaa", "ru", "en"].map(|lang| (lang.to_owned(), json!({"type": "string"})));
    let languages: Map<String, Json> = languages.into_iter().collect();
    defs.insert(
        "Text".to_owned(),
        json!({"anyOf": [
            {"type": "string"},
            {"type": "object", "properties": languages, "required": ["uz"], "additionalProperties": false},
        ]}),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Definition of a public service",
        "description": "One YAML file, services/<group>/<code>.yaml; what the keys mean: services/README.md.",
        "$ref": top["$ref"],
        "$defs": defs,
    })
}

/// The type in `model.rs` whose comments tell what the keys of a type of the file mean.
fn written(name: &str) -> String {
    match name {
        "Raw" => "Spec",
        "RawPage" => "FormPage",
        other => other.strip_prefix("Raw").unwrap_or(other),
    }
    .to_owned()
}

/// What the comments of the types say of their keys: (struct, key) → text. They are the one place where the keys are
/// explained, and types alone do not hand out their comments, so the source is read.
fn descriptions(source: &str) -> BTreeMap<(String, String), String> {
    let (mut found, mut within) = (BTreeMap::new(), String::new());
    let (mut said, mut renamed) = (Vec::new(), None);
    for line in source.lines() {
        let text = line.trim();
        if let Some(name) = line.strip_prefix("pub struct ") {
            within = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_owned();
        } else if let Some(comment) = text.strip_prefix("///") {
            said.push(comment.trim().replace("[`", "`").replace("`]", "`"));
            continue;
        } else if text.starts_with("#[") {
            renamed = text.split("rename = \"").nth(1).and_then(|rest| rest.split('"').next()).or(renamed);
            continue;
        } else if let Some((key, _)) = text.strip_prefix("pub ").and_then(|field| field.split_once(':'))
            && !said.is_empty()
        {
            found.insert((within.clone(), renamed.unwrap_or(key).to_owned()), said.join(" "));
        }
        said.clear();
        renamed = None;
    }
    found
}

/// Gives a type whatever it asks for, and notes it.
struct Reader<'a> {
    notes: &'a RefCell<Notes>,
    out: &'a mut Json,
}

/// Nothing of what was asked for could be noted: the round is given up.
type Fault = serde::de::value::Error;

impl Reader<'_> {
    /// A struct inside itself is not followed a second time.
    fn deep(&self) -> bool {
        let within = &self.notes.borrow().within;
        within.last().is_some_and(|last| within.iter().filter(|name| *name == last).count() > 1)
    }
}

macro_rules! plain {
    ($($method:ident $visit:ident $value:expr, $schema:tt;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            *self.out = json!($schema);
            visitor.$visit($value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Fault;

    plain! {
        deserialize_bool visit_bool true, {"type": "boolean"};
        deserialize_i8 visit_i8 1, {"type": "integer"};
        deserialize_i16 visit_i16 1, {"type": "integer"};
        deserialize_i32 visit_i32 1, {"type": "integer"};
        deserialize_i64 visit_i64 1, {"type": "integer"};
        deserialize_u8 visit_u8 1, {"type": "integer", "minimum": 0};
        deserialize_u16 visit_u16 1, {"type": "integer", "minimum": 0};
        deserialize_u32 visit_u32 1, {"type": "integer", "minimum": 0};
        deserialize_u64 visit_u64 1, {"type": "integer", "minimum": 0};
        deserialize_f32 visit_f32 0.5, {"type": "number"};
        deserialize_f64 visit_f64 0.5, {"type": "number"};
        deserialize_str visit_str TEXT, {"type": "string"};
        deserialize_string visit_str TEXT, {"type": "string"};
        deserialize_identifier visit_str TEXT, {"type": "string"};
    }

    forward_to_deserialize_any! { i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct ignored_any }

    /// Types that take several forms: texts, decimals, values of any kind.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let name = std::any::type_name::<V>();
        // Short forms of `access` beside their long ones.
        if name.contains("AssuranceShape") {
            let level = json!({"type": "string", "enum": Assurance::ALL.map(Assurance::name)});
            let mut levels = Map::from_iter(Channel::ALL.map(|channel| (channel.name().to_owned(), level.clone())));
            levels.insert("default".to_owned(), level.clone());
            *self.out = json!({"anyOf": [
                level,
                {"type": "object", "properties": levels, "required": ["default"], "additionalProperties": false},
            ]});
            return visitor.visit_str(Assurance::Open.name());
        }
        if name.contains("LimitShape") {
            let number = json!({"type": "integer", "minimum": 1});
            let keys = json!({"open": number, "per": {"type": "string"}});
            *self.out = json!({"anyOf": [
                number,
                {"type": "object", "properties": keys, "required": ["open"], "additionalProperties": false},
            ]});
            return visitor.visit_u64(1);
        }
        if name.contains("BehalfShape") {
            let who = json!({"type": "string", "enum": BehalfKind::ALL.map(BehalfKind::name)});
            let keys = json!({
                "who": who, "under_age": {"type": "integer", "minimum": 1},
                "roles": {"type": "array", "items": {"type": "string"}},
            });
            *self.out = json!({"anyOf": [
                who,
                {"type": "object", "properties": keys, "required": ["who"], "additionalProperties": false},
            ]});
            return visitor.visit_str(BehalfKind::Child.name());
        }
        *self.out = if name.contains("TextVisitor") {
            json!({"$ref": "#/$defs/Text"})
        } else if name.contains("Content") {
            json!({"type": ["number", "string"]})
        } else {
            json!({})
        };
        visitor.visit_str(ANY)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        if self.deep() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        let Reader { notes, out } = self;
        let read = visitor.visit_newtype_struct(Reader { notes, out: &mut *out });
        // An expression is more than a text: an editor knows which names it may offer there.
        if name == "Cel" {
            *out = json!({"type": "string", "format": "expression"});
        }
        read
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let mut item = Json::Null;
        let one = !self.deep();
        let read =
            visitor.visit_seq(Once { reader: Some(Reader { notes: self.notes, out: &mut item }).filter(|_| one) });
        *self.out = if item.is_null() { json!({"type": "array"}) } else { json!({"type": "array", "items": item}) };
        read
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let mut value = Json::Null;
        let read = visitor.visit_map(Entry { notes: self.notes, value: &mut value, given: self.deep() });
        *self.out = if value.is_null() {
            json!({"type": "object"})
        } else {
            json!({"type": "object", "additionalProperties": value})
        };
        read
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        *self.out = json!({"$ref": format!("#/$defs/{name}")});
        self.notes.borrow_mut().within.push(name.to_owned());
        let mut noted = Vec::new();
        let omit = self.notes.borrow().omit.clone().filter(|(of, _)| of == name).map(|(_, key)| key);
        let left: Vec<&'static str> = fields.iter().copied().filter(|key| omit.as_deref() != Some(*key)).collect();
        let read = visitor.visit_map(Keys { notes: self.notes, left, key: None, noted: &mut noted });
        let mut notes = self.notes.borrow_mut();
        notes.within.pop();
        if notes.omit.is_none() {
            let known = notes.structs.entry(name.to_owned()).or_default();
            for (key, schema) in noted {
                match known.iter_mut().find(|(other, _)| *other == key) {
                    Some((_, old)) if old.is_null() || *old == json!({"type": "array"}) => *old = schema,
                    Some(_) => {}
                    None => known.push((key, schema)),
                }
            }
        }
        read
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        *self.out = json!({"$ref": format!("#/$defs/{name}")});
        let round = self.notes.borrow().round;
        let variant =
            variants.get(round % variants.len().max(1)).copied().ok_or_else(|| Fault::custom("no variant"))?;
        let mut content = None;
        let read = visitor.visit_enum(Variant { notes: self.notes, variant, content: &mut content });
        let mut notes = self.notes.borrow_mut();
        let known = notes.enums.entry(name.to_owned()).or_default();
        for one in variants {
            known.entry((*one).to_owned()).or_insert(None);
        }
        if content.is_some() {
            known.insert(variant.to_owned(), content);
        }
        read
    }
}

/// A list of one element.
struct Once<'a> {
    reader: Option<Reader<'a>>,
}

impl<'de> SeqAccess<'de> for Once<'_> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        self.reader.take().map(|reader| seed.deserialize(reader)).transpose()
    }
}

/// A map of one entry.
struct Entry<'a> {
    notes: &'a RefCell<Notes>,
    value: &'a mut Json,
    given: bool,
}

impl<'de> MapAccess<'de> for Entry<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        if std::mem::replace(&mut self.given, true) {
            return Ok(None);
        }
        let mut nowhere = Json::Null;
        seed.deserialize(Reader { notes: self.notes, out: &mut nowhere }).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        seed.deserialize(Reader { notes: self.notes, out: self.value })
    }
}

/// The keys of a struct, each once.
struct Keys<'a> {
    notes: &'a RefCell<Notes>,
    left: Vec<&'static str>,
    key: Option<&'static str>,
    noted: &'a mut Vec<(String, Json)>,
}

impl<'de> MapAccess<'de> for Keys<'_> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        if self.left.is_empty() {
            return Ok(None);
        }
        let key = self.left.remove(0);
        self.key = Some(key);
        seed.deserialize(StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let mut schema = Json::Null;
        let read = seed.deserialize(Reader { notes: self.notes, out: &mut schema });
        self.noted.push((self.key.take().unwrap_or_default().to_owned(), schema));
        read
    }
}

/// The variant of this round.
struct Variant<'a> {
    notes: &'a RefCell<Notes>,
    variant: &'static str,
    content: &'a mut Option<Json>,
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Fault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let which = seed.deserialize(StrDeserializer::new(self.variant))?;
        Ok((which, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Fault;

    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(Reader { notes: self.notes, out: self.content.insert(Json::Null) })
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Fault> {
        Err(Fault::custom("the format has no tuples"))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        let mut noted = Vec::new();
        let read = visitor.visit_map(Keys { notes: self.notes, left: fields.to_vec(), key: None, noted: &mut noted });
        let required: Vec<&str> = fields.to_vec();
        let properties: Map<String, Json> = noted.into_iter().collect();
        *self.content = Some(json!({
            "type": "object", "properties": properties, "required": required, "additionalProperties": false
        }));
        read
    }
}
