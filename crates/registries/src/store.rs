//! The table of the stand-in registers.

use kernel::clock::Timestamp;
use storage::{Batch, Db, params};

storage::statement!(
    FIND,
    "select data, as_of from registries_records where register = $1 and person_hash = $2 and item_key = $3"
);
storage::statement!(
    PUT,
    "insert into registries_records (register, person_hash, item_key, data, as_of) values ($1, $2, $3, $4, $5)
     on conflict (register, person_hash, item_key) do update set data = excluded.data, as_of = excluded.as_of"
);

/// One record of a register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) register: String,
    /// Hash of the person, empty for a thing.
    pub(crate) person_hash: String,
    /// `name=value` of the thing asked for, empty for the person's own record.
    pub(crate) item_key: String,
    /// JSON text.
    pub(crate) data: String,
    pub(crate) as_of: Timestamp,
}

/// The record, if the register has it: its JSON text and the moment that it describes.
pub(crate) async fn find(
    db: &Db,
    register: &str,
    person_hash: &str,
    item_key: &str,
) -> Result<Option<(String, Timestamp)>, storage::Error> {
    let row = db.query_opt(&FIND, params![register, person_hash, item_key]).await?;
    row.map(|row| Ok((row.text(0)?.to_owned(), row.timestamp(1)?))).transpose()
}

/// Adds the writing of a record to a batch; a second writing replaces the first.
pub(crate) fn put(batch: &mut Batch, record: Record) {
    batch.step(&PUT, params![record.register, record.person_hash, record.item_key, record.data, record.as_of]);
}
