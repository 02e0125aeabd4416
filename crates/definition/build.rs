//! Names the compiler of definitions by its sources, so that a catalogue notices when the same text may give another version.

use std::path::PathBuf;

#[path = "build/sources.rs"]
mod sources;

/// The compiler itself, what it stands on, and the versions of the libraries that write the canonical text.
const ROOTS: [&str; 6] = ["src", "../expr/src", "../kernel/src", "../refdata/src", "../../data", "../../Cargo.lock"];

fn main() {
    // Asked when it runs: the program may have been built from another checkout with the same folder of outcomes.
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let roots = ROOTS.map(|root| here.join(root));
    for root in &roots {
        println!("cargo::rerun-if-changed={}", root.display());
    }
    match sources::fingerprint(&roots) {
        Ok(hash) => println!("cargo::rustc-env=COMPILER_SOURCES={hash}"),
        Err(error) => println!("cargo::error=the sources of the compiler cannot be read: {error}"),
    }
}
