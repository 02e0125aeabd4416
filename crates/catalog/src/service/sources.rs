//! Where definitions come from when the program starts: itself, or a folder laid out as `services/`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use definition::{Definition, Diagnostic, Vocabulary, compile_with};
use refdata::RefData;

use super::PublishError;

/// The definitions that the program carries: path under `services/` and text.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// Texts of definitions with the vocabulary they lean on.
pub struct Sources {
    pub(super) vocabulary: Arc<Vocabulary>,
    pub(super) files: Vec<File>,
    /// The vocabulary cannot be read: nothing is compiled then.
    pub(super) problems: Vec<Diagnostic>,
}

/// The text of a definition.
#[derive(Clone)]
pub(super) struct File {
    /// Path in the folder.
    pub(super) name: String,
    pub(super) yaml: Cow<'static, str>,
}

impl Sources {
    /// Those of a folder, or those that the program carries. Nothing is compiled.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn read(folder: Option<&Path>) -> Result<Self, PublishError> {
        let Some(folder) = folder else {
            let files =
                EMBEDDED.iter().map(|(name, text)| File { name: (*name).to_owned(), yaml: Cow::Borrowed(text) });
            return Ok(Self { vocabulary: Vocabulary::built_in(), files: files.collect(), problems: Vec::new() });
        };
        let read = |name: &str| match std::fs::read_to_string(folder.join(name)) {
            Ok(text) => Ok(Some(text)),
            Err(err) if err.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(PublishError::Read { path: folder.join(name).display().to_string(), source }),
        };
        let [common, registers, people] = Vocabulary::FILES;
        let (common, registers, people) = (read(common)?, read(registers)?, read(people)?);
        let (vocabulary, problems) =
            match Vocabulary::read([common.as_deref(), registers.as_deref(), people.as_deref()]) {
                Ok(vocabulary) => (Arc::new(vocabulary), Vec::new()),
                Err(wrong) => (Vocabulary::built_in(), wrong),
            };
        let mut files = Vec::new();
        walk(folder, folder, &mut files)
            .map_err(|(path, source)| PublishError::Read { path: path.display().to_string(), source })?;
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Self { vocabulary, files, problems })
    }

    /// Path and text of every definition, as read.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|file| (file.name.as_str(), file.yaml.as_ref()))
    }

    /// Compiles everything and runs the golden cases, for a check before a commit: how many definitions there are.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn check(&self, refdata: &RefData) -> Result<Vec<Definition>, PublishError> {
        if !self.problems.is_empty() {
            return Err(PublishError::Definitions(self.problems.clone()));
        }
        let (mut wrong, mut golden, mut good) = (Vec::new(), Vec::new(), Vec::new());
        let mut names: HashMap<String, &str> = HashMap::new();
        let compiled = parallel(&self.files, |file| self.compile(file, refdata));
        for (file, outcome) in self.files.iter().zip(compiled) {
            match outcome {
                Ok((definition, failed)) => {
                    let code = definition.code().as_str().to_owned();
                    golden.extend(failed.into_iter().map(|line| format!("{code}: {line}")));
                    if let Some(first) = names.insert(code.clone(), &file.name) {
                        return Err(PublishError::SameCode {
                            code,
                            first: first.to_owned(),
                            second: file.name.clone(),
                        });
                    }
                    good.push(definition);
                }
                Err(found) => wrong.extend(found),
            }
        }
        if !wrong.is_empty() {
            return Err(PublishError::Definitions(wrong));
        }
        if golden.is_empty() { Ok(good) } else { Err(PublishError::Golden(golden)) }
    }

    /// A definition with the expectations of its golden cases that do not hold.
    pub(super) fn compile(&self, file: &File, refdata: &RefData) -> Result<(Definition, Vec<String>), Vec<Diagnostic>> {
        let definition = compile_with(&file.yaml, &file.name, refdata, &self.vocabulary)?;
        let failed = definition.run_golden(refdata);
        Ok((definition, failed))
    }
}

/// Does the same to each of a list, on every core, in order.
pub(super) fn parallel<T: Sync, R: Send>(list: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = list.len().div_ceil(cores).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let parts: Vec<_> =
            list.chunks(share).map(|part| scope.spawn(move || part.iter().map(work).collect::<Vec<R>>())).collect();
        // A part that panicked is a defect of the work, and goes on as one.
        parts
            .into_iter()
            .flat_map(|part| part.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

/// Every YAML file in the folders of a folder, by its path there.
fn walk(root: &Path, dir: &Path, out: &mut Vec<File>) -> Result<(), (PathBuf, std::io::Error)> {
    for entry in std::fs::read_dir(dir).map_err(|err| (dir.to_owned(), err))? {
        let path = entry.map_err(|err| (dir.to_owned(), err))?.path();
        if path.is_dir() {
            walk(root, &path, out)?;
        } else if dir != root && path.extension().is_some_and(|ext| ext == "yaml") {
            let yaml = std::fs::read_to_string(&path).map_err(|err| (path.clone(), err))?;
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            out.push(File { name, yaml: Cow::Owned(yaml) });
        }
    }
    Ok(())
}
