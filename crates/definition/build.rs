//! Names the compiler of definitions by its sources, so that a catalogue notices when the same text may give another version.

use std::path::PathBuf;

#[path = "build/sources.rs"]
mod sources;

/// The compiler itself, what it stands on, and the versions of the libraries that write the canonical text.
const ROOTS: [&str; 6] = ["src", "../expr/src", "../kernel/src", "../refdata/src", "../../data", "../../Cargo.lock"];

fn main() {
    let roots = ROOTS.map(|root| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(root));
    for root in &roots {
        println!("cargo::rerun-if-changed={}", root.display());
    }
    match sources::fingerprint(&roots) {
        Ok(hash) => println!("cargo::rustc-env=COMPILER_SOURCES={hash}"),
        Err(error) => println!("cargo::error=the sources of the compiler cannot be read: {error}"),
    }
}
