//! One hash over everything that decides what the compiler makes of a text. Used by `build.rs`, and by a test.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Hashes names and contents of files and of all files in folders, whatever order they are listed in: 16 hexadecimal digits.
///
/// Not cryptographic: it names a build of our own program, nobody gains by a second text with the same one.
///
/// # Errors
/// When one of them cannot be read.
pub fn fingerprint(roots: &[PathBuf]) -> io::Result<String> {
    let mut hasher = DefaultHasher::new();
    for root in roots {
        let mut files = Vec::new();
        collect(root, &mut files)?;
        files.sort();
        for file in files {
            // The path within the root: where the sources lie on a machine does not count.
            let name = file.strip_prefix(root).unwrap_or(&file).to_string_lossy().into_owned();
            let content = fs::read(&file)?;
            hasher.write_usize(name.len());
            hasher.write(name.as_bytes());
            hasher.write_usize(content.len());
            hasher.write(&content);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else {
        files.push(path.to_owned());
    }
    Ok(())
}
