//! Issued documents, as other contexts see them.

use async_trait::async_trait;
use kernel::clock::Timestamp;
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

/// Looks documents up.
#[async_trait]
pub trait Documents: Send + Sync {
    async fn for_case(&self, ctx: &Ctx, subject: SubjectId, case: CaseId) -> Result<Vec<DocumentView>, PortError>;
    /// Whether the content of an issued document has this SHA-256 (64 hexadecimal digits): then it must stay in the file store.
    async fn holds(&self, ctx: &Ctx, sha256: &str) -> Result<bool, PortError>;
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
