//! Checks the texts, and lists the definitions of `services/` so that the program carries them.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

fn main() {
    i18n_build::check();
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let services = root.join("../../services");
    println!("cargo::rerun-if-changed={}", services.display());
    let mut files = Vec::new();
    collect(&services, &services, &mut files);
    files.sort();
    let mut list = String::from("&[\n");
    for (name, path) in &files {
        let path = path.canonicalize().expect("a file that was just listed");
        writeln!(list, "    ({name:?}, include_str!({path:?})),").expect("a String takes everything");
    }
    list.push(']');
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::write(out.join("services.rs"), list).expect("OUT_DIR can be written");
}

/// Definitions are the YAML files in folders; those at the top (`common.yaml`, `registers.yaml`) are read by `definition`.
fn collect(root: &Path, dir: &Path, out: &mut Vec<(String, PathBuf)>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(root, &path, out);
        } else if dir != root && path.extension().is_some_and(|ext| ext == "yaml") {
            println!("cargo::rerun-if-changed={}", path.display());
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            out.push((name, path));
        }
    }
}
