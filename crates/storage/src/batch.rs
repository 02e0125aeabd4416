//! The unit of writing.

use kernel::id::SubjectId;
use uuid::Uuid;

use crate::{Error, Statement, Value};

/// Everything one use case writes, committed together or not at all.
///
/// A batch belongs to one subject (a person or an organisation): that keeps distributed engines open. Other
/// subjects are reached by events through [`crate::outbox`].
#[derive(Clone, Debug)]
pub struct Batch {
    subject: SubjectId,
    pub(crate) steps: Vec<Step>,
    pub(crate) wakes: bool,
}

/// One statement of a batch. A port that must be atomic with its caller returns steps.
#[derive(Clone, Debug)]
pub struct Step {
    pub(crate) statement: &'static Statement,
    pub(crate) params: Vec<Value>,
    pub(crate) expect: Option<Expect>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Expect {
    pub(crate) rows: u64,
    pub(crate) label: &'static str,
}

impl Step {
    /// A statement to execute.
    pub fn new(statement: &'static Statement, params: Vec<Value>) -> Self {
        Step { statement, params, expect: None }
    }

    /// A statement that must touch exactly `rows` rows, else the batch fails with `CommitError::Guard(label)`.
    pub fn guard(statement: &'static Statement, params: Vec<Value>, rows: u64, label: &'static str) -> Self {
        Step { statement, params, expect: Some(Expect { rows, label }) }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check_params(self.statement, &self.params)
    }
}

/// Refuses what one of the databases would refuse, so that both behave alike.
pub(crate) fn check_params(statement: &Statement, params: &[Value]) -> Result<(), Error> {
    let expected = statement.numbered().params;
    if params.len() != expected {
        return Err(Error::Param {
            statement: statement.name(),
            number: params.len().min(expected) + 1,
            problem: "the count of parameters differs from the statement's",
        });
    }
    for (i, value) in params.iter().enumerate() {
        if let Value::Text(text) = value
            && text.as_bytes().contains(&0)
        {
            return Err(Error::Param {
                statement: statement.name(),
                number: i + 1,
                problem: "a text with a NUL character",
            });
        }
    }
    Ok(())
}

impl Batch {
    /// An empty batch of a subject.
    pub fn new(subject: SubjectId) -> Self {
        Batch { subject, steps: Vec::with_capacity(8), wakes: false }
    }

    /// An empty batch of no person: catalogue, leases, clean-up.
    pub fn system() -> Self {
        Batch::new(SubjectId::from_uuid(Uuid::nil()))
    }

    /// Whose batch it is.
    pub fn subject(&self) -> SubjectId {
        self.subject
    }

    /// Adds a statement; any number of rows may be touched.
    pub fn step(&mut self, statement: &'static Statement, params: Vec<Value>) -> &mut Self {
        self.steps.push(Step::new(statement, params));
        self
    }

    /// Adds a guard: the statement must touch exactly `rows` rows, else nothing is stored and the commit fails with
    /// `CommitError::Guard(label)`.
    pub fn expect(
        &mut self,
        statement: &'static Statement,
        params: Vec<Value>,
        rows: u64,
        label: &'static str,
    ) -> &mut Self {
        self.steps.push(Step::guard(statement, params, rows, label));
        self
    }

    /// Adds steps made elsewhere (by a port that must be atomic with this batch).
    pub fn extend(&mut self, steps: impl IntoIterator<Item = Step>) -> &mut Self {
        self.steps.extend(steps);
        self
    }

    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        self.steps.iter().try_for_each(Step::check)
    }
}
