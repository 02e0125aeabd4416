//! What every definition of a folder may lean on: `common.yaml`, `registers.yaml`, `people.yaml` beside the definitions.
//!
//! The program carries those of the repository. A folder of an installation may bring its own, so that a ministry adds a
//! register or a common field with no line of Rust; what a definition takes over is copied into it when it is compiled.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use kernel::lang::Text;
use serde::de::DeserializeOwned;

use crate::compile::{Common, Diagnostic, hash};
use crate::registers::RegisterInfo;
use crate::samples::People;

/// The vocabulary of a catalogue: immutable, shared by everything that is compiled with it.
#[derive(Debug)]
pub struct Vocabulary {
    pub(crate) common: Common,
    pub(crate) registers: BTreeMap<String, RegisterInfo>,
    pub(crate) people: People,
    fingerprint: String,
}

/// Hash of the sources of the compiler, made by `build.rs`: another program may give another version for the same text. It
/// changes more often than the outcome does; all that costs is that the catalogue is compiled once more at the next start.
const COMPILER: &str = env!("COMPILER_SOURCES");

const COMMON: &str = include_str!("../../../services/common.yaml");
const REGISTERS: &str = include_str!("../../../services/registers.yaml");
const PEOPLE: &str = include_str!("../../../services/people.yaml");

impl Vocabulary {
    /// Names of the files, as they lie beside the folders of the definitions.
    pub const FILES: [&'static str; 3] = ["common.yaml", "registers.yaml", "people.yaml"];

    /// The vocabulary that the program carries. That it reads is shown by a test; a defect in it means "nothing filled in",
    /// which the compiler then reports text by text.
    pub fn built_in() -> Arc<Self> {
        static ALL: OnceLock<Arc<Vocabulary>> = OnceLock::new();
        ALL.get_or_init(|| {
            let read = Self::read([None, None, None]);
            Arc::new(read.unwrap_or_else(|_| Self {
                common: Common::default(),
                registers: BTreeMap::new(),
                people: People::default(),
                fingerprint: String::new(),
            }))
        })
        .clone()
    }

    /// Makes it the one that [`register_info`] asks: what the installation's catalogue was last read with.
    pub fn put_in_force(self: &Arc<Self>) {
        *in_force().write().unwrap_or_else(PoisonError::into_inner) = self.clone();
    }

    /// Reads the three files, in the order of [`Vocabulary::FILES`]; one that is not given is that of the program.
    ///
    /// # Errors
    /// What cannot be read, with file and line.
    pub fn read(texts: [Option<&str>; 3]) -> Result<Self, Vec<Diagnostic>> {
        let [common, registers, people] = texts;
        let (common, registers, people) =
            (common.unwrap_or(COMMON), registers.unwrap_or(REGISTERS), people.unwrap_or(PEOPLE));
        let mut wrong = Vec::new();
        let [c, r, p] = Self::FILES;
        let read = (file(common, c, &mut wrong), file(registers, r, &mut wrong), file(people, p, &mut wrong));
        let (Some(read_common), Some(read_registers), Some(read_people)) = read else { return Err(wrong) };
        let fingerprint = hash(&[common, registers, people].map(|text| hash(text).as_str().to_owned()).concat());
        Ok(Self {
            common: read_common,
            registers: read_registers,
            people: read_people,
            fingerprint: fingerprint.as_str().to_owned(),
        })
    }

    /// The one that is in force now.
    pub fn current() -> Arc<Self> {
        in_force().read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes when one of the files does, 64 hexadecimal digits.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Names everything that the version depends on which is compiled of this text: text, vocabulary and compiler.
    pub fn fingerprint_of(&self, yaml: &str) -> String {
        let parts = [env!("CARGO_PKG_VERSION"), COMPILER, &self.fingerprint, hash(yaml).as_str()].join("/");
        hash(&parts).as_str().to_owned()
    }

    /// A register by its name.
    pub fn register(&self, name: &str) -> Option<&RegisterInfo> {
        self.registers.get(name)
    }

    /// Common fields that a form takes over by `use:`, with their labels.
    pub fn common_fields(&self) -> impl Iterator<Item = (&str, Option<&Text>)> {
        self.common.fields()
    }

    /// Names of the whole flows that a definition takes over by `use:`.
    pub fn common_flows(&self) -> impl Iterator<Item = &str> {
        self.common.flows()
    }

    /// Every register by name.
    pub fn registers(&self) -> &BTreeMap<String, RegisterInfo> {
        &self.registers
    }
}

fn in_force() -> &'static RwLock<Arc<Vocabulary>> {
    static NOW: OnceLock<RwLock<Arc<Vocabulary>>> = OnceLock::new();
    NOW.get_or_init(|| RwLock::new(Vocabulary::built_in()))
}

/// A register by its name, where no definition is at hand: for its title in lists. A version knows its own, by
/// [`crate::Definition::register`].
pub fn register_info(name: &str) -> Option<RegisterInfo> {
    Vocabulary::current().register(name).cloned()
}

fn file<T: DeserializeOwned>(text: &str, name: &str, wrong: &mut Vec<Diagnostic>) -> Option<T> {
    match serde_saphyr::from_str(text) {
        Ok(read) => Some(read),
        Err(error) => {
            let (line, col) = error.location().map_or((1, 1), |at| (at.line() as usize, at.column() as usize));
            let message = error.without_snippet().to_string();
            wrong.push(Diagnostic {
                file: name.to_owned(),
                line,
                col,
                message: message.split(" at line ").next().unwrap_or_default().to_owned(),
                hint: "the shape of the file is told in services/README.md".to_owned(),
            });
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vocabulary_of_the_program_reads() {
        let read = Vocabulary::read([None, None, None]);
        assert!(read.is_ok(), "{:?}", read.err());
        assert!(Vocabulary::built_in().register("population").is_some());
        assert_eq!(Vocabulary::built_in().fingerprint().len(), 64);
    }

    #[test]
    fn a_broken_file_is_refused_with_its_place() {
        let wrong = Vocabulary::read([None, Some("tax:\n  title: {uz: a}\n  keeper: X\n"), None]).unwrap_err();
        assert_eq!((wrong[0].file.as_str(), wrong.len()), ("registers.yaml", 1));
        assert!(wrong[0].line >= 1 && wrong[0].message.contains("keeper"), "{wrong:?}");
    }
}
