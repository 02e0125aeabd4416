//! The registers that definitions may ask, as `registers.yaml` describes them.

use std::collections::BTreeMap;

use kernel::lang::Text;
use serde::{Deserialize, Serialize};

/// A register: its name for people, who keeps it, the shape of its records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterInfo {
    /// Shown beside what the register filled in.
    pub title: Text,
    /// Code of the agency that keeps it.
    pub agency: String,
    /// Keys of a question beside the person's PINFL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<String>,
    pub(crate) fields: BTreeMap<String, Shape>,
}

/// Type of a key in a record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Plain(Plain),
    List(BTreeMap<String, Plain>),
}

/// A plain type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Plain {
    String,
    Int,
    Bool,
    Date,
    Money,
    Soato,
}

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct List {
            list: BTreeMap<String, Plain>,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Plain(Plain),
            List(List),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Plain(plain) => Shape::Plain(plain),
            Either::List(list) => Shape::List(list.list),
        })
    }
}

impl Serialize for Shape {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct List<'a> {
            list: &'a BTreeMap<String, Plain>,
        }
        match self {
            Shape::Plain(plain) => plain.serialize(serializer),
            Shape::List(list) => List { list }.serialize(serializer),
        }
    }
}
