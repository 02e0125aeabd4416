//! What can go wrong, typed.

/// A failure of the store itself. Cloneable, because one failed commit fails every batch that waited for it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The database address is not understood.
    #[error("database address {0:?} is not understood: use sqlite:/path/file.db, sqlite::memory: or postgres://…")]
    Url(String),
    /// The database could not be opened or reached.
    #[error("could not open the database: {0}")]
    Open(String),
    /// The executor has stopped, or the connection was lost.
    #[error("the database connection is closed: {0}")]
    Closed(String),
    /// A statement failed.
    #[error("statement {statement} failed: {message}")]
    Sql {
        /// The name of the statement.
        statement: &'static str,
        /// What the database said; without parameter values.
        message: String,
    },
    /// The commit itself failed: nothing of the batch is stored.
    #[error("commit failed: {0}")]
    Commit(String),
    /// A parameter cannot be stored (a NUL character in a text) or the count of parameters differs.
    #[error("statement {statement}: parameter ${number}: {problem}")]
    Param {
        /// The name of the statement.
        statement: &'static str,
        /// The number of the parameter, from 1.
        number: usize,
        /// What is wrong.
        problem: &'static str,
    },
    /// A column has another type than asked for.
    #[error("column {column}: expected {expected}, found {found}")]
    Column {
        /// Position from 0.
        column: usize,
        /// What was asked for.
        expected: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// JSON could not be written or read.
    #[error("JSON: {0}")]
    Json(String),
    /// A migration failed or was changed after it had been applied.
    #[error("migration {module} {version}: {message}")]
    Migration {
        /// The context that owns it.
        module: String,
        /// Its number.
        version: u32,
        /// What is wrong.
        message: String,
    },
    /// Too many writes are waiting; see [`CommitError::Busy`].
    #[error("too many writes are waiting")]
    Busy,
}

/// Why a batch was not committed. In every case nothing of it is stored, except that after
/// [`CommitError::Store`] with a lost connection the outcome is unknown: an idempotency key settles it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommitError {
    /// A guard did not find the expected number of rows: somebody else was first. Carries the guard's label.
    #[error("guard {0} did not hold")]
    Guard(&'static str),
    /// A primary key or unique index refused a row. Carries the name of the statement.
    #[error("{0}: the key exists already")]
    Unique(&'static str),
    /// The queue of writes is full: answer 503 with Retry-After.
    #[error("too many writes are waiting")]
    Busy,
    /// The store failed.
    #[error("could not store")]
    Store(#[source] Error),
}

impl CommitError {
    /// Whether the batch lost against the same request sent twice: read the saved answer with
    /// [`crate::idempotency::lookup`].
    pub fn is_replay(&self) -> bool {
        matches!(self, CommitError::Unique(name) if *name == crate::idempotency::LABEL)
    }
}

impl From<Error> for CommitError {
    fn from(error: Error) -> Self {
        match error {
            Error::Busy => CommitError::Busy,
            other => CommitError::Store(other),
        }
    }
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Guard(label) => Error::Commit(format!("guard {label} did not hold")),
            CommitError::Unique(name) => Error::Commit(format!("{name}: the key exists already")),
            CommitError::Busy => Error::Busy,
            CommitError::Store(error) => error,
        }
    }
}
