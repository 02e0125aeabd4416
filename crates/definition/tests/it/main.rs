//! The catalogue compiles and its golden cases hold; bad definitions say what is wrong and where.

mod bad;
mod catalogue;
mod fees;
mod format;
mod forms;

use std::path::{Path, PathBuf};

use definition::{Definition, compile};
use refdata::RefData;

/// The `services` folder of the repository.
fn services() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services")
}

/// All files below a folder that end so, sorted.
fn files(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Compiles a service of the catalogue by its path below `services`.
fn service(path: &str) -> Definition {
    let yaml = std::fs::read_to_string(services().join(path)).unwrap();
    compile(&yaml, path, &RefData::shared())
        .unwrap_or_else(|found| panic!("{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}
