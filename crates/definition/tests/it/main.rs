//! The catalogue compiles and its golden cases hold; bad definitions say what is wrong and where.

mod bad;
mod catalogue;
mod fees;
mod format;
mod forms;
#[path = "../../build/sources.rs"]
mod sources;
mod types;

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

#[test]
fn the_name_of_the_compiler_changes_with_any_of_its_sources_and_with_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let roots = [dir.path().join("a"), dir.path().join("one.lock")];
    std::fs::create_dir_all(dir.path().join("a/deep")).unwrap();
    write("a/compile.rs", "fn a() {}");
    write("a/deep/cycle.rs", "fn b() {}");
    write("one.lock", "1");
    let first = sources::fingerprint(&roots).unwrap();
    assert_eq!((first.len(), sources::fingerprint(&roots).unwrap()), (16, first.clone()));
    let mut seen = vec![first.clone()];
    let mut differs = |what: &str| {
        let now = sources::fingerprint(&roots).unwrap();
        assert!(!seen.contains(&now), "{what}");
        seen.push(now);
    };
    write("a/deep/cycle.rs", "fn b() { }");
    differs("a file deep within");
    write("one.lock", "2");
    differs("a file given by itself");
    write("a/compile.rs", "fn a() {}fn b() { }");
    write("a/deep/cycle.rs", "");
    differs("the same letters in other files");
    std::fs::rename(dir.path().join("a/deep/cycle.rs"), dir.path().join("a/deep/round.rs")).unwrap();
    differs("a new name");
    // Elsewhere on another machine it is the same compiler.
    let other = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(other.path().join("a/deep")).unwrap();
    for (name, text) in [("a/compile.rs", "fn a() {}"), ("a/deep/cycle.rs", "fn b() {}"), ("one.lock", "1")] {
        std::fs::write(other.path().join(name), text).unwrap();
    }
    let there = sources::fingerprint(&[other.path().join("a"), other.path().join("one.lock")]).unwrap();
    assert_eq!(there, first);
    assert!(sources::fingerprint(&[dir.path().join("nothing")]).is_err());
}
