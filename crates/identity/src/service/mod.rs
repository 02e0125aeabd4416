//! Use cases of identity.
//!
//! Where things are: `register.rs` opening a cabinet · `sign_in.rs` signing in, people and staff · `flow.rs` one-time
//! codes · `sessions.rs` sessions and devices · `profile.rs` own data and password · `throttle.rs` slowing down guesses ·
//! `factors.rs` ways to sign in, `passkeys.rs` WebAuthn, `channels/face.rs` MyID, `second.rs` the second step, `bind.rs` phone and
//! e-mail, `locks.rs` changing them, `recover.rs` getting back in, `history.rs` sign-ins, `sealed.rs` secrets at rest ·
//! `hashing.rs` Argon2id · `seed.rs` people and staff made without a browser · `ports.rs` what other contexts ask.

pub mod bind;
pub(crate) mod channels;
pub mod factors;
pub(crate) mod flow;
pub(crate) mod hashing;
pub mod history;
pub mod locks;
pub mod mandates;
pub mod passkeys;
mod ports;
mod profile;
pub mod recover;
mod register;
pub(crate) mod sealed;
pub mod second;
mod seed;
mod sessions;
mod sign_in;
pub mod staffing;
mod throttle;

use contracts::{Channel, Ctx};
use data_encoding::HEXLOWER;
use ring::{digest, hmac};

pub(crate) use channels::face;
pub use flow::{Answer, Resent};
pub use ports::Port;
pub use profile::{Changed, OwnData, change_password, data, password_needs_more, update_profile};
pub use register::{Finished, Started, candidate_name, finish, start};
pub use seed::{NewPerson, NewStaff, create_person, create_staff};
pub use sessions::{OpenSession, forget_ended, list, open_for_person, open_for_staff, revoke, revoke_others, sign_out};
pub use sign_in::{SignIn, answer_code, flow_phone, resend_code, sign_in, sign_in_by_code, staff_sign_in, step_up};

/// From where a request comes, as far as signing in cares.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Token of the device cookie, when the browser has one.
    pub device: Option<String>,
    /// Network address: IPv4, or the /64 of IPv6 (one customer).
    pub address: String,
    /// The browser's description of itself.
    pub user_agent: String,
    pub channel: Channel,
}

/// Why a use case failed: not a refusal, those are part of its answer.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Too many writes wait: nothing was saved.
    #[error("too many writes are waiting")]
    Busy,
    /// Somebody changed the same thing at the same moment.
    #[error("changed by somebody else at the same moment")]
    Stale,
    #[error("storage failed")]
    Storage(#[source] storage::Error),
    /// The hashing of a password failed: no memory, or a broken hash is stored.
    #[error("a password could not be hashed: {0}")]
    Hashing(String),
    /// What was stored cannot be understood: a defect of ours.
    #[error("stored data are broken: {0}")]
    Broken(String),
}

impl From<storage::Error> for IdentityError {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Busy => Self::Busy,
            other => Self::Storage(other),
        }
    }
}

impl From<storage::CommitError> for IdentityError {
    fn from(error: storage::CommitError) -> Self {
        match error {
            storage::CommitError::Busy => Self::Busy,
            storage::CommitError::Guard(_) | storage::CommitError::Unique(_) => Self::Stale,
            storage::CommitError::Store(error) => Self::Storage(error),
        }
    }
}

impl From<IdentityError> for contracts::PortError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Storage(error) => Self::Storage(error),
            IdentityError::Busy => Self::Unavailable("database".to_owned()),
            other => Self::Broken(other.to_string()),
        }
    }
}

/// The key of the claim table for something unique: HMAC-SHA-256, so that the table alone tells nothing.
/// A plain hash would not do: there are few enough PINFLs and phone numbers to try them all.
pub(crate) fn claim(ctx: &Ctx, key: &str) -> String {
    mac(&ctx.settings.key("identity.claims"), key)
}

pub(crate) fn mac(key: &[u8; 32], text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    HEXLOWER.encode(hmac::sign(&key, text.as_bytes()).as_ref())
}

/// SHA-256 of a token with 256 random bits: no key is needed, it cannot be guessed.
pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec()
}

pub(crate) fn token_hex(token: &str) -> String {
    HEXLOWER.encode(&token_hash(token))
}
