//! Issued documents, as other contexts see them.

use async_trait::async_trait;
use kernel::clock::{Date, Timestamp};
use kernel::id::{CaseId, DocumentId, SubjectId};
use kernel::lang::Text;
use serde::{Deserialize, Serialize};

use crate::{Ctx, Event, PortError};

/// A document in a list.
#[derive(Clone, Debug)]
pub struct DocumentView {
    pub document: DocumentId,
    pub number: String,
    pub case: CaseId,
    pub title: Text,
    pub issued_at: Timestamp,
    pub revoked: bool,
}

/// A printable sheet that tells of a service: everything in the reader's language already.
#[derive(Clone, Debug, Serialize)]
pub struct Leaflet {
    /// Language of the text by ISO 639, for readers aloud.
    pub lang: &'static str,
    /// Name of the portal, at the head of the sheet.
    pub portal: String,
    pub title: String,
    pub summary: String,
    /// Who answers for the service.
    pub agency: String,
    /// What matters at a glance: name and value.
    pub facts: Vec<(String, String)>,
    pub sections: Vec<LeafletSection>,
    /// Where the service is asked for; also what the QR code holds.
    pub url: String,
    /// Beside the QR code: what to do with it.
    pub how: String,
    /// What the QR image is, for readers aloud.
    pub qr_alt: String,
    /// Number of the service, version and date, at the foot.
    pub foot: String,
    /// Date of the facts, for the file's metadata.
    pub date: Date,
    /// What a sheet with invented data says; `None` in production.
    pub demo: Option<String>,
}

/// A block of a leaflet.
#[derive(Clone, Debug, Serialize)]
pub struct LeafletSection {
    pub title: String,
    pub lines: Vec<String>,
    /// Steps, in their order.
    pub numbered: bool,
}

/// Looks documents up, and lays sheets out for others.
#[async_trait]
pub trait Documents: Send + Sync {
    async fn for_case(&self, ctx: &Ctx, subject: SubjectId, case: CaseId) -> Result<Vec<DocumentView>, PortError>;
    /// Whether the content of an issued document has this SHA-256 (64 hexadecimal digits): then it must stay in the file store.
    async fn holds(&self, ctx: &Ctx, sha256: &str) -> Result<bool, PortError>;

    /// A leaflet as PDF (PDF/A-2a and PDF/UA-1, A4). Takes some ten milliseconds of a core: the caller keeps the result.
    async fn leaflet(&self, _ctx: &Ctx, _leaflet: Leaflet) -> Result<Vec<u8>, PortError> {
        Err(PortError::Unavailable("typesetting".to_owned()))
    }
}

/// A document was made and can be fetched and verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentIssued {
    pub subject: SubjectId,
    pub case: CaseId,
    pub document: DocumentId,
    pub number: String,
    pub title: Text,
    pub at: Timestamp,
}

impl Event for DocumentIssued {
    const TOPIC: &'static str = "documents.issued";
}

/// A document lost its force.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentRevoked {
    pub subject: SubjectId,
    pub case: CaseId,
    pub document: DocumentId,
    pub number: String,
    pub at: Timestamp,
}

impl Event for DocumentRevoked {
    const TOPIC: &'static str = "documents.revoked";
}
