//! What the platform signs about a document, and the mark that a file carries.

use kernel::clock::{Date, Timestamp};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

/// The record of a document: what anybody may check against the signature. No personal data beyond the file's hash.
///
/// The signed text is its JSON with the fields in this order and no spaces; fields are only ever added at the end,
/// with a new `v`.
///
/// Rule: DOC-SIGN.
/// Source: RFC 8032 (Ed25519); Law on electronic digital signature, O‘RQ-793, as the aim; our ADR on documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub v: u32,
    pub number: String,
    /// SHA-256 of the PDF, 64 hex digits.
    pub sha256: String,
    /// Code of the issuing agency.
    pub agency: String,
    pub service: String,
    pub issued_at: Timestamp,
    pub valid_until: Option<Date>,
    /// Whether the data are invented.
    pub demo: bool,
}

impl Record {
    /// The text that is signed.
    ///
    /// # Errors
    /// Never for these fields; the type says so of every serializer.
    pub fn canonical(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }
}

/// The platform's key.
pub struct Signer(Ed25519KeyPair);

impl Signer {
    /// From a seed of 32 bytes, derived from the installation's root key.
    ///
    /// # Errors
    /// Never for 32 bytes; the library says so of every length.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, ring::error::KeyRejected> {
        Ed25519KeyPair::from_seed_unchecked(seed).map(Self)
    }

    /// 64 bytes.
    pub fn sign(&self, text: &str) -> Vec<u8> {
        self.0.sign(text.as_bytes()).as_ref().to_vec()
    }

    /// 32 bytes, published with every check.
    pub fn public_key(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }
}

/// Whether the platform signed this text.
pub fn signed(public_key: &[u8], text: &str, signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public_key).verify(text.as_bytes(), signature).is_ok()
}

/// Begins the keyword by which a file says which document it is.
const MARK: &str = "peshtoq:";

/// The keyword of a document's file.
pub fn mark(number: &str) -> String {
    format!("{MARK}{number}")
}

/// The number that a file carries. PDF keeps keywords as plain bytes, so no PDF is parsed: a file from outside cannot
/// harm. The first mark with a right check digit counts.
///
/// Rule: DOC-MARK.
/// Source: ISO 32000-1 §14.3 (metadata); our ADR on documents.
pub fn find_mark(file: &[u8]) -> Option<String> {
    let mark = MARK.as_bytes();
    let mut rest = file;
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark) {
        rest = &rest[at + mark.len()..];
        let digits: String = rest.iter().take(12).filter(|b| b.is_ascii_digit()).map(|b| char::from(*b)).collect();
        if let Some(number) = super::number::parse(&digits) {
            return Some(number);
        }
    }
    None
}

/// A name as the check page shows it: the surname and initials, enough to compare with the paper in hand.
pub fn short_name(full: &str) -> String {
    let mut words = full.split_whitespace();
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words.take(2) {
        // `Sh` and `Ch` are letters of Uzbek.
        let letters = if word.starts_with("Sh") || word.starts_with("Ch") { 2 } else { 1 };
        out.push(' ');
        out.extend(word.chars().take(letters));
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_record_is_recognised_and_a_changed_one_is_not() {
        let signer = Signer::from_seed(&[7; 32]).unwrap();
        let record = Record {
            v: 1,
            number: "261234567890".into(),
            sha256: "0".repeat(64),
            agency: "IIV".into(),
            service: "496".into(),
            issued_at: "2026-11-21T06:00:00Z".parse().unwrap(),
            valid_until: Some("2027-11-21".parse().unwrap()),
            demo: true,
        };
        let text = record.canonical().unwrap();
        let signature = signer.sign(&text);
        assert!(signed(signer.public_key(), &text, &signature));
        assert!(!signed(signer.public_key(), &text.replace("2027", "2037"), &signature));
        assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), record);
        assert!(text.starts_with(r#"{"v":1,"number":"261234567890","sha256":"#));
    }

    #[test]
    fn the_mark_is_found_anywhere_and_only_when_it_is_a_number() {
        let number = super::super::number::new(2026, &kernel::rng::SeededRng::new(1));
        let file = format!("%PDF-1.7 peshtoq:123 (peshtoq:{number}) trailer");
        assert_eq!(find_mark(file.as_bytes()), Some(number));
        assert_eq!(find_mark(b"peshtoq:"), None);
        assert_eq!(find_mark(&[0xFF; 100]), None);
    }

    #[test]
    fn a_name_is_shortened_to_its_initials() {
        assert_eq!(short_name("Karimova Dilnoza Rustam qizi"), "Karimova D. R.");
        assert_eq!(short_name("Aliyev Shuhrat Chori o‘g‘li"), "Aliyev Sh. Ch.");
        assert_eq!(short_name(""), "");
    }
}
