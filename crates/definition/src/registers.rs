//! The registers that definitions may ask: `services/registers.yaml`, read once.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use kernel::lang::Text;
use serde::Deserialize;

/// A register: its name for people, who keeps it, the shape of its records.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterInfo {
    /// Shown beside what the register filled in.
    pub title: Text,
    /// Code of the agency that keeps it.
    pub agency: String,
    /// Keys of a question beside the person's PINFL.
    #[serde(default)]
    pub params: Vec<String>,
    pub(crate) fields: BTreeMap<String, Shape>,
}

/// Type of a key in a record.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    Plain(Plain),
    List(BTreeMap<String, Plain>),
}

/// A plain type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
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

/// All registers by name.
///
/// The file is part of the program; that it reads is shown by a test, and a defect in it means "no registers", not a panic.
pub fn registers() -> &'static BTreeMap<String, RegisterInfo> {
    static ALL: OnceLock<BTreeMap<String, RegisterInfo>> = OnceLock::new();
    ALL.get_or_init(|| serde_saphyr::from_str(REGISTERS).unwrap_or_default())
}

/// A register by its name.
pub fn register_info(name: &str) -> Option<&'static RegisterInfo> {
    registers().get(name)
}

const REGISTERS: &str = include_str!("../../../services/registers.yaml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registers_file_reads() {
        let read: Result<BTreeMap<String, RegisterInfo>, _> = serde_saphyr::from_str(REGISTERS);
        assert!(read.is_ok(), "{}", read.err().map(|e| e.render()).unwrap_or_default());
        assert!(register_info("population").is_some());
    }
}
