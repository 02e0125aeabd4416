//! One suite for both databases, and what belongs to one of them.

mod blobs;
mod crash;
mod executors;
mod jobs;
mod values;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use kernel::Timestamp;
use kernel::clock::{Clock, from_micros};
use kernel::id::SubjectId;
use kernel::rng::{Rng, SystemRng};
use storage::{Batch, Migration};
use uuid::Uuid;

pub const TABLES: &[Migration] = &[Migration {
    module: "test",
    version: 1,
    name: "tables",
    sql: "create table test_items (
              subject_id uuid not null, id uuid not null, n bigint, t text, b bytea, u uuid,
              primary key (subject_id, id));
          create unique index test_items_t on test_items (subject_id, t);
          create table test_events (
              subject_id uuid not null, stream uuid not null, seq bigint not null, body text not null,
              primary key (subject_id, stream, seq));
          create table test_effects (
              subject_id uuid not null, event_id uuid not null, subscriber text not null,
              primary key (subject_id, event_id, subscriber));
          create table test_parents (id uuid not null primary key);
          create table test_children (
              id uuid not null primary key,
              parent uuid references test_parents (id) deferrable initially deferred);",
}];

storage::statement!(
    pub INSERT_ITEM,
    "insert into test_items (subject_id, id, n, t, b, u) values ($1, $2, $3, $4, $5, $6)"
);
storage::statement!(pub ITEMS, "select n, t, b, u from test_items where subject_id = $1 order by id");
storage::statement!(pub SET_ITEM, "update test_items set n = $3 where subject_id = $1 and id = $2");
storage::statement!(pub SET_ITEM_IF, "update test_items set n = $3 where subject_id = $1 and id = $2 and n = $4");
storage::statement!(pub COUNT_ITEMS, "select count(*), sum(n), max(n), exists (select 1 from test_items where n = $1) from test_items");
storage::statement!(
    pub APPEND,
    "insert into test_events (subject_id, stream, seq, body) values ($1, $2, $3, $4)"
);
storage::statement!(
    pub LAST_SEQ,
    "select coalesce(max(seq), 0) from test_events where subject_id = $1 and stream = $2"
);
storage::statement!(
    pub EFFECT,
    "insert into test_effects (subject_id, event_id, subscriber) values ($1, $2, $3)"
);
storage::statement!(pub EFFECTS, "select subscriber, count(*) from test_effects group by subscriber order by subscriber");
storage::statement!(pub ORPHAN, "insert into test_children (id, parent) values ($1, $2)");
storage::statement!(pub OUTBOX_COUNT, "select count(*) from storage_outbox");
storage::statement!(pub JOB_COUNT, "select count(*) from storage_jobs");

/// A clock that tests move.
#[derive(Clone)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn start() -> Self {
        // 2026-06-01T00:00:00Z
        TestClock(Arc::new(AtomicI64::new(1_780_272_000_000_000)))
    }

    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_micros() as i64, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        from_micros(self.0.load(Ordering::SeqCst))
    }
}

pub fn uuid() -> Uuid {
    let mut bytes = [0; 16];
    SystemRng.fill(&mut bytes);
    Uuid::from_bytes(bytes)
}

pub fn subject() -> SubjectId {
    SubjectId::from_uuid(uuid())
}

/// A batch that inserts one item with this number.
pub fn item(subject: SubjectId, n: i64) -> Batch {
    let mut batch = Batch::new(subject);
    batch.step(&INSERT_ITEM, storage::params![subject, uuid(), n, None::<String>, None::<Vec<u8>>, None::<Uuid>]);
    batch
}
