//! The waist over SQLite and PostgreSQL: one SQL text, and a transaction as data.
//!
//! A use case reads what it needs with [`Db::query`], asks the domain, and writes one [`Batch`] with
//! [`Db::commit`]: guards, state, events, outbox rows, the idempotency answer and the audit entry together, or
//! nothing. No transaction is ever held across a call to something else.
//!
//! Where things are:
//! - [`Value`], [`Row`], [`params!`]: what goes in and out of a statement;
//! - [`Statement`], [`statement!`]: SQL registered once, prepared on both databases by a test;
//! - [`Batch`], [`CommitError`]: the unit of writing;
//! - [`outbox`], [`jobs`], [`Worker`]: what happens after the commit, at least once, with back-off and dead letters;
//! - [`idempotency`]: the saved answer for a repeated request; [`audit`]: who looked at a person's data;
//! - [`Blobs`]: files addressed by SHA-256, encrypted at rest.
//!
//! Absences: no transaction object, no trait per table, no trigger, no clock of its own, no `now()` in SQL, no
//! locks beyond row leases. Only this crate knows which database it is.
//!
//! Column types in DDL are `uuid`, `text`, `bigint` and `bytea` only; JSON is `text`, booleans are `bigint` 0/1,
//! instants are `bigint` microseconds since 1970, dates are ISO `text`.

pub mod audit;
mod batch;
pub mod bench;
mod blobs;
mod db;
pub mod dialect;
mod error;
pub mod idempotency;
pub mod jobs;
mod migrate;
pub mod outbox;
mod postgres;
mod sqlite;
mod statement;
#[doc(hidden)]
pub mod testing;
mod value;

pub use batch::{Batch, Step};
pub use blobs::{BlobError, Blobs, Sha256Hex};
pub use db::{Backend, Db, Options};
pub use error::{CommitError, Error};
pub use jobs::{Delivery, Handler, JobError, Periodic, PeriodicHandler, Subscriber, Worker};
pub use migrate::Migration;
pub use statement::{Statement, registered_statements};
pub use value::{Row, Value};

#[doc(hidden)]
pub use inventory;
#[doc(hidden)]
pub use statement::Registered;

/// The tables of storage itself; [`Db::migrate`] applies them before everybody else's.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "storage",
    version: 1,
    name: "outbox_jobs_idempotency_audit",
    sql: include_str!("../migrations/0001_outbox_jobs_idempotency_audit.sql"),
}];

/// Tells the exporter of metrics what the figures of this crate mean.
pub fn describe_metrics() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("peshtoq_storage_commits_total", "Batches by outcome: ok, guard, unique, busy, failed.");
    describe_counter!(
        "peshtoq_storage_commit_retries_total",
        "Tries repeated after a serialization failure or a deadlock (PostgreSQL)."
    );
    describe_histogram!("peshtoq_storage_group_size", "Batches that shared one commit (SQLite).");
    describe_gauge!("peshtoq_storage_write_queue_depth", "Batches waiting for the writer (SQLite).");
    describe_gauge!(
        "peshtoq_storage_outbox_lag_seconds",
        Unit::Seconds,
        "Age of the oldest event that no worker has taken up; raise an alarm above a minute."
    );
    describe_gauge!("peshtoq_storage_outbox_waiting", "Events that no worker has taken up.");
    describe_gauge!("peshtoq_storage_jobs", "Jobs by state: waiting, dead; raise an alarm on dead ones.");
    describe_counter!("peshtoq_storage_jobs_total", "Tries of jobs by outcome: done, failed, given up.");
}
