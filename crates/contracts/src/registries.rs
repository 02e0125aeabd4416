//! State registers: what the state already knows, asked once and told to the person.

use std::collections::BTreeMap;

use async_trait::async_trait;
use kernel::clock::Timestamp;
use kernel::id::SubjectId;
use kernel::lang::Text;
use kernel::person::{Passport, Pinfl};

use crate::Ctx;

/// A question to a register about one person.
#[derive(Clone, Debug)]
pub struct Query {
    /// Name of the register: `population`, `address`, `employment`, …
    pub register: String,
    /// The person; `None` before an account exists.
    pub subject: Option<SubjectId>,
    pub pinfl: Option<Pinfl>,
    pub passport: Option<Passport>,
    /// Further keys (`cadastre_number`, `plate`, `stir`), as the definition maps them.
    pub params: BTreeMap<String, String>,
    /// Why it is asked: code of the service or `registration`; recorded for the person.
    pub purpose: String,
}

/// What a register said.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Name of the source, shown beside what it filled in.
    pub source: Text,
    pub as_of: Timestamp,
    /// An object; its shape is documented in `services/README.md`.
    pub data: serde_json::Value,
}

/// Why a register said nothing.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// It knows nothing of this person.
    #[error("no record in register {0}")]
    NotFound(String),
    /// It does not answer now.
    #[error("register {0} does not answer")]
    Unavailable(String),
    #[error("storage failed")]
    Storage(#[from] storage::Error),
}

/// Asks the registers. Every answer is recorded where the person sees it.
#[async_trait]
pub trait Registers: Send + Sync {
    async fn fetch(&self, ctx: &Ctx, query: &Query) -> Result<Answer, RegisterError>;
}
