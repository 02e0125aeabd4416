//! What an uploaded file really is, and whether it is taken.

use serde::{Deserialize, Serialize};

/// Files larger than this are never stored, whatever a definition says. 10 MB: the limit that the portal promises.
pub const MAX_BYTES: u64 = 10 * 1024 * 1024;

/// Kinds of evidence that are taken. Nothing that is unpacked or executed is among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    Pdf,
    Jpeg,
    Png,
}

impl FileKind {
    /// Stable name, as in definitions.
    pub fn name(self) -> &'static str {
        match self {
            FileKind::Pdf => "pdf",
            FileKind::Jpeg => "jpeg",
            FileKind::Png => "png",
        }
    }

    /// Reads the stable name.
    pub fn parse(name: &str) -> Option<Self> {
        [FileKind::Pdf, FileKind::Jpeg, FileKind::Png].into_iter().find(|kind| kind.name() == name)
    }

    /// Media type for the answer to a download.
    pub fn mime(self) -> &'static str {
        match self {
            FileKind::Pdf => "application/pdf",
            FileKind::Jpeg => "image/jpeg",
            FileKind::Png => "image/png",
        }
    }
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    /// The content is of no kind that is taken here, whatever its name says.
    #[error("the content is not one of {allowed:?}")]
    Kind { allowed: Vec<String> },
    /// Larger than allowed.
    #[error("larger than {max_mb} MB")]
    Size { max_mb: u32 },
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// The field has as many files as it may have.
    #[error("no more than {max} files")]
    Count { max: u32 },
}

/// The kind by its first and last bytes; the name and the claimed type are not looked at, and nothing is unpacked.
///
/// Rule: APP-FILE.
/// Source: ISO 32000-2 (PDF header), ITU-T T.81 (JPEG SOI), W3C PNG signature; our ADR on uploads.
pub fn sniff(bytes: &[u8]) -> Option<FileKind> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some(FileKind::Png);
    }
    if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
        return Some(FileKind::Jpeg);
    }
    if bytes.starts_with(b"%PDF-") {
        return Some(FileKind::Pdf);
    }
    None
}

/// Whether a file is taken by a field that allows `types`, `max_mb` and `count` files and has `present` already.
///
/// Rule: APP-FILE.
/// Source: our ADR on uploads.
///
/// # Errors
/// With the first reason not to take it.
pub fn accept(
    bytes: &[u8],
    types: &[String],
    max_mb: u32,
    count: u32,
    present: usize,
) -> Result<FileKind, FileRefused> {
    if bytes.is_empty() {
        return Err(FileRefused::Empty);
    }
    let limit = MAX_BYTES.min(u64::from(max_mb) * 1024 * 1024);
    if bytes.len() as u64 > limit {
        return Err(FileRefused::Size { max_mb: max_mb.min(10) });
    }
    if present >= count as usize {
        return Err(FileRefused::Count { max: count });
    }
    match sniff(bytes) {
        Some(kind) if types.iter().any(|t| t == kind.name()) => Ok(kind),
        _ => Err(FileRefused::Kind { allowed: types.to_vec() }),
    }
}

/// The last part of a name as a browser sends it, without control characters, at most 120 characters.
pub fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let mut out: String = last.chars().filter(|c| !c.is_control() && !"\"<>|:*?".contains(*c)).take(120).collect();
    if out.trim_matches(['.', ' ']).is_empty() {
        out = "file".to_owned();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn a_jpeg_named_pdf_is_what_its_bytes_say() {
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 16];
        assert_eq!(sniff(&jpeg), Some(FileKind::Jpeg));
        assert_eq!(accept(&jpeg, &types(&["pdf"]), 5, 1, 0), Err(FileRefused::Kind { allowed: types(&["pdf"]) }));
        assert_eq!(accept(&jpeg, &types(&["pdf", "jpeg"]), 5, 1, 0), Ok(FileKind::Jpeg));
    }

    #[test]
    fn an_archive_or_a_program_is_never_taken() {
        for bytes in [&b"PK\x03\x04"[..], b"MZ", b"\x1f\x8b", b"<svg", b"%!PS"] {
            assert!(accept(bytes, &types(&["pdf", "jpeg", "png"]), 10, 1, 0).is_err());
        }
    }

    #[test]
    fn size_and_count_are_limited() {
        let mut pdf = b"%PDF-1.7\n".to_vec();
        pdf.resize(1024 * 1024 + 1, 0);
        assert_eq!(accept(&pdf, &types(&["pdf"]), 1, 1, 0), Err(FileRefused::Size { max_mb: 1 }));
        assert_eq!(accept(&pdf, &types(&["pdf"]), 2, 1, 1), Err(FileRefused::Count { max: 1 }));
        assert_eq!(accept(b"", &types(&["pdf"]), 2, 1, 0), Err(FileRefused::Empty));
    }

    #[test]
    fn a_name_with_a_path_keeps_only_its_last_part() {
        assert_eq!(clean_name("..\\..\\etc/passwd\u{0}.pdf"), "passwd.pdf");
        assert_eq!(clean_name("../"), "file");
    }
}
