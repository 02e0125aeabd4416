//! What the bounded contexts say to each other, and nothing else.
//!
//! A context that needs an answer now asks a **port** (a trait in the module of the context that
//! implements it); a context that wants others to know puts an **event** into the outbox (a plain
//! struct with a `TOPIC`, in the module of the context that sends it). No context depends on another:
//! the binary wires the ports, the worker of `storage` delivers the events.
//!
//! Absent on purpose: behaviour, SQL, HTTP.

pub mod applications;
pub mod catalog;
mod ctx;
pub mod documents;
pub mod event;
pub mod identity;
pub mod mandates;
pub mod notifications;
pub mod payments;
pub mod principal;
pub mod registries;
#[doc(hidden)]
pub mod testing;

pub use ctx::{Ctx, CtxInner, Ports, Settings};
pub use event::{Event, decode, emit};
pub use principal::{Assurance, Channel, Principal, Role, UnitRef, Who};

/// What a port answers when it cannot: the cause, for the log; never shown to a person.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The other side (a register, a provider) does not answer now; trying again later may help.
    #[error("{0} is not available")]
    Unavailable(String),
    /// The database failed.
    #[error("storage failed")]
    Storage(#[from] storage::Error),
    /// What was stored cannot be understood: a defect of ours.
    #[error("stored data are broken: {0}")]
    Broken(String),
}
