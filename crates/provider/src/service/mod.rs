//! Use cases of the provider.
//!
//! Where things are: `keys.rs` keys that sign · `clients.rs` registration, and who a client is · `authorize.rs` from a request to a
//! code · `token.rs` from a code to tokens, renewal, introspection, revocation · `userinfo.rs` claims · `logout.rs` ends of sessions ·
//! `device.rs` devices without a browser · `consents.rs` what a person agreed to.

pub mod authorize;
pub mod clients;
pub mod consents;
pub mod device;
pub mod keys;
pub mod logout;
pub mod token;
pub mod userinfo;

use contracts::Ctx;
use kernel::clock::{Timestamp, from_micros, micros};
use ring::digest;

pub use keys::Memory;

use crate::domain::error::{Code, Refusal};

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The protocol's own answer.
    #[error("{0}")]
    Refused(Refusal),
    /// Too many writes wait: nothing was saved.
    #[error("too many writes are waiting")]
    Busy,
    /// Somebody changed the same thing at the same moment.
    #[error("changed by somebody else at the same moment")]
    Stale,
    #[error("storage failed")]
    Storage(#[source] storage::Error),
    #[error("another context failed")]
    Port(#[source] contracts::PortError),
    /// A key of ours cannot be used: a defect, or another master key.
    #[error("a signing key is broken: {0}")]
    Key(&'static str),
}

impl From<Refusal> for ProviderError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<storage::Error> for ProviderError {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Busy => Self::Busy,
            other => Self::Storage(other),
        }
    }
}

impl From<storage::CommitError> for ProviderError {
    fn from(error: storage::CommitError) -> Self {
        match error {
            storage::CommitError::Busy => Self::Busy,
            storage::CommitError::Guard(_) | storage::CommitError::Unique(_) => Self::Stale,
            storage::CommitError::Store(error) => Self::Storage(error),
        }
    }
}

impl From<contracts::PortError> for ProviderError {
    fn from(error: contracts::PortError) -> Self {
        Self::Port(error)
    }
}

pub(crate) fn refuse<T>(code: Code, description: &'static str) -> Result<T, ProviderError> {
    Err(Refusal::new(code, description).into())
}

pub(crate) fn plus(at: Timestamp, seconds: i64) -> Timestamp {
    from_micros(micros(at).saturating_add(seconds.saturating_mul(1_000_000)))
}

/// SHA-256 of something with 256 random bits: no key is needed, it cannot be guessed.
pub(crate) fn hash(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}

/// The issuer: the portal's address.
pub fn issuer(ctx: &Ctx) -> &str {
    &ctx.settings.public_url
}

/// Key of the names that clients get of people and sessions.
pub(crate) fn subject_key(ctx: &Ctx) -> [u8; 32] {
    ctx.settings.key("provider.subjects")
}
