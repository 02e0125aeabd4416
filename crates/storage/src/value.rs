//! Values that go into and come out of statements.

use std::fmt;

use jiff::civil::Date;
use kernel::Timestamp;
use uuid::Uuid;

use crate::Error;

/// One parameter or one column.
///
/// `Debug` prints the kind and the length only: parameters hold personal data, and that stays out of logs.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// SQL null.
    Null,
    /// `bigint`: numbers, booleans (0/1), instants (microseconds), money (tiyin).
    Int(i64),
    /// `text`: words, JSON, ISO dates.
    Text(String),
    /// `bytea`.
    Blob(Vec<u8>),
    /// `uuid`.
    Uuid(Uuid),
}

/// Builds the parameters of a statement: `params![subject, now, "text", Some(5)]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::Value::from($value)),*] };
}

impl Value {
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Int(_) => "bigint",
            Value::Text(_) => "text",
            Value::Blob(_) => "bytea",
            Value::Uuid(_) => "uuid",
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("Null"),
            Value::Int(_) => f.write_str("Int"),
            Value::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Value::Blob(bytes) => write!(f, "Blob({} bytes)", bytes.len()),
            Value::Uuid(_) => f.write_str("Uuid"),
        }
    }
}

macro_rules! from_int {
    ($($t:ty),*) => { $(impl From<$t> for Value {
        fn from(value: $t) -> Self { Value::Int(i64::from(value)) }
    })* };
}
from_int!(i64, i32, u32, u16, u8, bool);

macro_rules! from_id {
    ($($t:ident),* $(,)?) => { $(
        impl From<kernel::id::$t> for Value {
            fn from(value: kernel::id::$t) -> Self { Value::Uuid(value.uuid()) }
        }
        impl From<&kernel::id::$t> for Value {
            fn from(value: &kernel::id::$t) -> Self { Value::Uuid(value.uuid()) }
        }
    )* };
}
from_id!(
    SubjectId, AccountId, SessionId, StaffId, CaseId, DraftId, EventId, TaskId, InvoiceId, DocumentId, MessageId,
    FileId, JobId, RevisionId,
);

impl From<Uuid> for Value {
    fn from(value: Uuid) -> Self {
        Value::Uuid(value)
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::Text(value.to_owned())
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::Text(value)
    }
}
impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Value::Text(value.clone())
    }
}
impl From<std::borrow::Cow<'_, str>> for Value {
    fn from(value: std::borrow::Cow<'_, str>) -> Self {
        Value::Text(value.into_owned())
    }
}
impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Value::Blob(value)
    }
}
impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Value::Blob(value.to_vec())
    }
}
impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Value::Int(kernel::clock::micros(value))
    }
}
impl From<Date> for Value {
    fn from(value: Date) -> Self {
        Value::Text(value.to_string())
    }
}
impl From<kernel::money::Tiyin> for Value {
    fn from(value: kernel::money::Tiyin) -> Self {
        Value::Int(value.get())
    }
}
impl From<serde_json::Value> for Value {
    fn from(value: serde_json::Value) -> Self {
        Value::Text(value.to_string())
    }
}
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// One row of an answer. Columns are asked for by position, counted from 0.
///
/// A getter whose type does not fit the column returns [`Error::Column`]; nothing here panics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    values: Vec<Value>,
}

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Row { values }
    }

    /// The raw value of column `i`.
    ///
    /// # Errors
    /// When there is no such column.
    pub fn value(&self, i: usize) -> Result<&Value, Error> {
        self.values.get(i).ok_or(Error::Column { column: i, expected: "a column", found: "none" })
    }

    /// How many columns the row has.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether the row has no columns.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    fn mismatch<T>(&self, i: usize, expected: &'static str, found: &Value) -> Result<T, Error> {
        Err(Error::Column { column: i, expected, found: found.kind() })
    }

    fn required<T>(&self, i: usize, expected: &'static str, value: Option<T>) -> Result<T, Error> {
        value.ok_or(Error::Column { column: i, expected, found: "null" })
    }

    /// A `bigint` that is not null.
    ///
    /// # Errors
    /// [`Error::Column`] when it is null or of another type.
    pub fn i64(&self, i: usize) -> Result<i64, Error> {
        self.opt_i64(i).and_then(|v| self.required(i, "bigint", v))
    }

    /// A `bigint` or null.
    ///
    /// # Errors
    /// [`Error::Column`] when it is of another type.
    pub fn opt_i64(&self, i: usize) -> Result<Option<i64>, Error> {
        match self.value(i)? {
            Value::Null => Ok(None),
            Value::Int(n) => Ok(Some(*n)),
            other => self.mismatch(i, "bigint", other),
        }
    }

    /// A boolean stored as `bigint` 0/1.
    ///
    /// # Errors
    /// [`Error::Column`] when it is null or of another type.
    pub fn bool(&self, i: usize) -> Result<bool, Error> {
        self.i64(i).map(|n| n != 0)
    }

    /// A `text` that is not null.
    ///
    /// # Errors
    /// [`Error::Column`] when it is null or of another type.
    pub fn text(&self, i: usize) -> Result<&str, Error> {
        self.opt_text(i).and_then(|v| self.required(i, "text", v))
    }

    /// A `text` or null.
    ///
    /// # Errors
    /// [`Error::Column`] when it is of another type.
    pub fn opt_text(&self, i: usize) -> Result<Option<&str>, Error> {
        match self.value(i)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            other => self.mismatch(i, "text", other),
        }
    }

    /// A `uuid` that is not null.
    ///
    /// # Errors
    /// [`Error::Column`] when it is null or of another type.
    pub fn uuid(&self, i: usize) -> Result<Uuid, Error> {
        self.opt_uuid(i).and_then(|v| self.required(i, "uuid", v))
    }

    /// A `uuid` or null. SQLite keeps it as 16 bytes.
    ///
    /// # Errors
    /// [`Error::Column`] when it is of another type.
    pub fn opt_uuid(&self, i: usize) -> Result<Option<Uuid>, Error> {
        match self.value(i)? {
            Value::Null => Ok(None),
            Value::Uuid(id) => Ok(Some(*id)),
            Value::Blob(bytes) => match Uuid::from_slice(bytes) {
                Ok(id) => Ok(Some(id)),
                Err(_) => Err(Error::Column { column: i, expected: "uuid", found: "bytea" }),
            },
            other => self.mismatch(i, "uuid", other),
        }
    }

    /// A `bytea` that is not null.
    ///
    /// # Errors
    /// [`Error::Column`] when it is null or of another type.
    pub fn blob(&self, i: usize) -> Result<&[u8], Error> {
        self.opt_blob(i).and_then(|v| self.required(i, "bytea", v))
    }

    /// A `bytea` or null.
    ///
    /// # Errors
    /// [`Error::Column`] when it is of another type.
    pub fn opt_blob(&self, i: usize) -> Result<Option<&[u8]>, Error> {
        match self.value(i)? {
            Value::Null => Ok(None),
            Value::Blob(bytes) => Ok(Some(bytes)),
            other => self.mismatch(i, "bytea", other),
        }
    }

    /// An instant stored as `bigint` microseconds.
    ///
    /// # Errors
    /// [`Error::Column`] when it is null or of another type.
    pub fn timestamp(&self, i: usize) -> Result<Timestamp, Error> {
        self.i64(i).map(kernel::clock::from_micros)
    }

    /// An instant stored as `bigint` microseconds, or null.
    ///
    /// # Errors
    /// [`Error::Column`] when it is of another type.
    pub fn opt_timestamp(&self, i: usize) -> Result<Option<Timestamp>, Error> {
        Ok(self.opt_i64(i)?.map(kernel::clock::from_micros))
    }

    /// A civil date stored as ISO `text`.
    ///
    /// # Errors
    /// [`Error::Column`] when it is null, of another type or not a date.
    pub fn date(&self, i: usize) -> Result<Date, Error> {
        self.opt_date(i).and_then(|v| self.required(i, "date", v))
    }

    /// A civil date stored as ISO `text`, or null.
    ///
    /// # Errors
    /// [`Error::Column`] when it is of another type or not a date.
    pub fn opt_date(&self, i: usize) -> Result<Option<Date>, Error> {
        match self.opt_text(i)? {
            None => Ok(None),
            Some(text) => match text.parse() {
                Ok(date) => Ok(Some(date)),
                Err(_) => Err(Error::Column { column: i, expected: "date", found: "text" }),
            },
        }
    }

    /// JSON stored as `text`, read into a type.
    ///
    /// # Errors
    /// [`Error::Column`] when it is null or of another type, [`Error::Json`] when it does not fit `T`.
    pub fn json<T: serde::de::DeserializeOwned>(&self, i: usize) -> Result<T, Error> {
        serde_json::from_str(self.text(i)?).map_err(|e| Error::Json(e.to_string()))
    }
}
