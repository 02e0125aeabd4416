//! A distinct identifier type for each kind of thing, declared in one list.
//!
//! All are UUID version 7 (RFC 9562): they sort by the moment of creation, which keeps rows of one
//! subject in the order in which they were written.

use crate::clock::Timestamp;
use crate::rng::Rng;
pub use uuid::Uuid;

/// A new UUID version 7 for the given moment. Source: RFC 9562, section 5.7.
pub fn uuid_v7(now: Timestamp, rng: &dyn Rng) -> Uuid {
    let mut random = [0u8; 10];
    rng.fill(&mut random);
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// The text is not an identifier: it must be a UUID such as `0192f0c1-7b1e-7c3d-9a55-3f1f0e6f2b11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a {0}")]
pub struct IdError(pub &'static str);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new identifier (UUID version 7) for the given moment.
            pub fn new(now: Timestamp, rng: &dyn Rng) -> Self {
                Self(uuid_v7(now, rng))
            }

            /// Wraps a UUID that was read from storage.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for storage.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", self.0.hyphenated())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.hyphenated())
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                // Only the hyphenated form: one thing has one address.
                match Uuid::try_parse(text) {
                    Ok(uuid) if text.len() == 36 => Ok(Self(uuid)),
                    _ => Err(IdError(stringify!($name))),
                }
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }
    )*};
}

ids! {
    /// A person or an organisation: the owner of rows and the unit of distribution.
    SubjectId;
    /// The means of signing in of a subject.
    AccountId;
    /// A signed-in browser or device.
    SessionId;
    /// An official in a role of an agency's unit.
    StaffId;
    /// A submitted application and all that happens to it.
    CaseId;
    /// An application that is being filled in.
    DraftId;
    /// An event in the outbox.
    EventId;
    /// A piece of work given to a parallel agency.
    TaskId;
    /// A demand for payment.
    InvoiceId;
    /// An issued document.
    DocumentId;
    /// A notice to a person.
    MessageId;
    /// An uploaded file.
    FileId;
    /// A job of the worker.
    JobId;
    /// A definition that an author is changing.
    RevisionId;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::SeededRng;

    #[test]
    fn an_id_prints_and_parses_back() {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let id = CaseId::new(now, &SeededRng::new(7));
        assert_eq!(id.to_string().parse::<CaseId>(), Ok(id));
        assert_eq!(id.uuid().get_version_num(), 7);
        assert_eq!(format!("{id:?}"), format!("CaseId({id})"));
    }

    #[test]
    fn ids_sort_by_the_moment_of_creation() {
        let rng = SeededRng::new(1);
        let early = CaseId::new(Timestamp::from_second(1_790_000_000).unwrap(), &rng);
        let late = CaseId::new(Timestamp::from_second(1_790_000_001).unwrap(), &rng);
        assert!(early < late);
    }

    #[test]
    fn other_forms_of_a_uuid_are_refused() {
        for text in ["", "x", "0192f0c17b1e7c3d9a553f1f0e6f2b11", "{0192f0c1-7b1e-7c3d-9a55-3f1f0e6f2b11}"] {
            assert_eq!(text.parse::<CaseId>(), Err(IdError("CaseId")), "{text}");
        }
    }
}
