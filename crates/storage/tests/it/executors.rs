use std::time::Duration;

use kernel::clock::Clock;
use storage::idempotency::{self, Lookup};
use storage::testing::{self, each_backend};
use storage::{Backend, Batch, CommitError, Db, Error, Migration, Options, params};
use uuid::Uuid;

use crate::{
    APPEND, INSERT_ITEM, ITEMS, LAST_SEQ, ORPHAN, SET_ITEM, SET_ITEM_IF, TABLES, TestClock, item, subject, uuid,
};

#[tokio::test]
async fn every_registered_statement_prepares() {
    each_backend(TABLES, |db| async move {
        assert_eq!(testing::prepare_all(&db).await, Vec::<String>::new());
        assert!(storage::registered_statements().count() > 30);
    })
    .await;
}

#[tokio::test]
async fn a_guard_that_does_not_hold_stores_nothing() {
    each_backend(TABLES, |db| async move {
        let who = subject();
        let id = uuid();
        let mut batch = Batch::new(who);
        batch.step(&INSERT_ITEM, params![who, id, 1, "one", None::<Vec<u8>>, None::<Uuid>]);
        db.commit(batch).await.unwrap();

        let mut stale = item(who, 99);
        stale.expect(&SET_ITEM_IF, params![who, id, 3, 2], 1, "item version");
        stale.step(&SET_ITEM, params![who, id, 77]);
        assert!(matches!(db.commit(stale).await, Err(CommitError::Guard("item version"))));
        let rows = db.query(&ITEMS, params![who]).await.unwrap();
        assert_eq!((rows.len(), rows[0].i64(0).unwrap()), (1, 1));

        let mut fresh = Batch::new(who);
        fresh.expect(&SET_ITEM_IF, params![who, id, 2, 1], 1, "item version");
        db.commit(fresh).await.unwrap();
        assert_eq!(db.query(&ITEMS, params![who]).await.unwrap()[0].i64(0).unwrap(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_key_used_twice_is_unique_and_names_the_statement() {
    each_backend(TABLES, |db| async move {
        let who = subject();
        let append = |body: &str| {
            let mut batch = item(who, 1);
            batch.step(&APPEND, params![who, Uuid::nil(), 1, body]);
            batch
        };
        db.commit(append("first")).await.unwrap();
        assert!(matches!(db.commit(append("second")).await, Err(CommitError::Unique("APPEND"))));
        assert_eq!(db.query(&ITEMS, params![who]).await.unwrap().len(), 1);

        // A unique index within the subject counts too.
        let named = || {
            let mut batch = Batch::new(who);
            batch.step(&INSERT_ITEM, params![who, uuid(), 1, "name", None::<Vec<u8>>, None::<Uuid>]);
            batch
        };
        db.commit(named()).await.unwrap();
        assert!(matches!(db.commit(named()).await, Err(CommitError::Unique("INSERT_ITEM"))));
    })
    .await;
}

#[tokio::test]
async fn a_failed_batch_leaves_its_neighbours_in_the_group_alone() {
    each_backend(TABLES, |db| async move {
        let who = subject();
        let (release, until) = std::sync::mpsc::channel();
        db.hold_writer(until).await;
        let commits: Vec<_> = (0..30)
            .map(|n| {
                let db = db.clone();
                let mut batch = item(who, n);
                if n % 3 == 1 {
                    batch.step(&APPEND, params![who, Uuid::nil(), 1, "only one of these"]);
                }
                if n % 3 == 2 {
                    batch.expect(&SET_ITEM, params![who, uuid(), 1], 1, "missing");
                }
                tokio::spawn(async move { (n, db.commit(batch).await) })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(release);
        let mut stored = Vec::new();
        let mut unique = 0;
        for commit in commits {
            match commit.await.unwrap() {
                (n, Ok(())) => stored.push(n),
                (n, Err(CommitError::Unique("APPEND"))) => {
                    assert_eq!(n % 3, 1);
                    unique += 1;
                }
                (n, Err(CommitError::Guard("missing"))) => assert_eq!(n % 3, 2),
                (n, Err(other)) => panic!("{n}: {other:?}"),
            }
        }
        assert_eq!((stored.len(), unique), (11, 9));
        let mut found: Vec<i64> =
            db.query(&ITEMS, params![who]).await.unwrap().iter().map(|row| row.i64(0).unwrap()).collect();
        found.sort_unstable();
        stored.sort_unstable();
        assert_eq!(found, stored);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_writers_to_the_same_place_in_a_stream_exactly_one_wins() {
    each_backend(TABLES, |db| async move {
        let who = subject();
        let stream = uuid();
        for seq in 1..=20_i64 {
            let writers: Vec<_> = (0..8)
                .map(|writer| {
                    let db = db.clone();
                    let mut batch = Batch::new(who);
                    batch.step(&APPEND, params![who, stream, seq, format!("writer {writer}")]);
                    tokio::spawn(async move { db.commit(batch).await })
                })
                .collect();
            let mut winners = 0;
            for writer in writers {
                match writer.await.unwrap() {
                    Ok(()) => winners += 1,
                    Err(CommitError::Unique("APPEND")) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            assert_eq!(winners, 1);
            // A read after an acknowledged commit sees it.
            let last = db.query_opt(&LAST_SEQ, params![who, stream]).await.unwrap().unwrap();
            assert_eq!(last.i64(0).unwrap(), seq);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_reader_sees_an_acknowledged_commit() {
    each_backend(TABLES, |db| async move {
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move {
                    let who = subject();
                    for n in 1..=20 {
                        db.commit(item(who, n)).await.unwrap();
                        assert_eq!(db.query(&ITEMS, params![who]).await.unwrap().len() as i64, n);
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_that_lock_rows_crosswise_all_succeed() {
    each_backend(TABLES, |db| async move {
        let who = subject();
        let ids = [uuid(), uuid()];
        for id in ids {
            let mut batch = Batch::new(who);
            batch.step(&INSERT_ITEM, params![who, id, 0, None::<String>, None::<Vec<u8>>, None::<Uuid>]);
            db.commit(batch).await.unwrap();
        }
        let commits: Vec<_> = (0..12)
            .map(|n: i64| {
                let db = db.clone();
                let mut batch = Batch::new(who);
                let (first, second) = if n % 2 == 0 { (ids[0], ids[1]) } else { (ids[1], ids[0]) };
                batch.expect(&SET_ITEM, params![who, first, n], 1, "first");
                batch.expect(&SET_ITEM, params![who, second, n], 1, "second");
                tokio::spawn(async move { db.commit(batch).await })
            })
            .collect();
        for commit in commits {
            commit.await.unwrap().unwrap();
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_leaves_no_transaction_open() {
    each_backend(TABLES, |db| async move {
        let who = subject();
        for n in 0..40 {
            let db = db.clone();
            let task = tokio::spawn(async move { db.commit(item(who, n)).await });
            if n % 2 == 0 {
                tokio::task::yield_now().await;
            }
            task.abort();
            let _ = task.await;
        }
        // Every connection of the pool still commits for good.
        for n in 100..140 {
            let who = subject();
            db.commit(item(who, n)).await.unwrap();
            assert_eq!(db.query(&ITEMS, params![who]).await.unwrap().len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_repeated_request_gets_the_saved_answer() {
    each_backend(TABLES, |db| async move {
        let now = TestClock::start().now();
        let who = subject();
        assert_eq!(idempotency::lookup(&db, who, "key", "hash").await.unwrap(), Lookup::Fresh);
        let submit = || {
            let mut batch = item(who, 1);
            idempotency::record(&mut batch, now, "key", "hash", "{\"case\":1}");
            batch
        };
        db.commit(submit()).await.unwrap();
        let twice = db.commit(submit()).await.unwrap_err();
        assert!(twice.is_replay(), "{twice:?}");
        assert_eq!(db.query(&ITEMS, params![who]).await.unwrap().len(), 1);
        let saved = Lookup::Replay("{\"case\":1}".to_owned());
        assert_eq!(idempotency::lookup(&db, who, "key", "hash").await.unwrap(), saved);
        assert_eq!(idempotency::lookup(&db, who, "key", "other").await.unwrap(), Lookup::Mismatch);
        // Another person's key is another key.
        assert_eq!(idempotency::lookup(&db, subject(), "key", "hash").await.unwrap(), Lookup::Fresh);
        idempotency::purge(&db, now).await.unwrap();
        assert_eq!(idempotency::lookup(&db, who, "key", "hash").await.unwrap(), saved);
        let clock = TestClock::start();
        clock.advance(Duration::from_secs(1));
        idempotency::purge(&db, clock.now()).await.unwrap();
        assert_eq!(idempotency::lookup(&db, who, "key", "hash").await.unwrap(), Lookup::Fresh);
    })
    .await;
}

#[tokio::test]
async fn the_audit_trail_is_read_page_by_page_newest_first() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        let who = subject();
        for n in 0..5 {
            clock.advance(Duration::from_secs(1));
            let mut batch = Batch::new(who);
            storage::audit::record(
                &mut batch,
                &kernel::rng::SystemRng,
                storage::audit::AuditEntry {
                    at: clock.now(),
                    actor: uuid(),
                    actor_name: "B. Rahimova".to_owned(),
                    action: "case.view".to_owned(),
                    reason: "work".to_owned(),
                    object: format!("case {n}"),
                },
            );
            db.commit(batch).await.unwrap();
        }
        let page = storage::audit::for_subject(&db, who, None, 3).await.unwrap();
        let objects: Vec<_> = page.iter().map(|r| r.entry.object.as_str()).collect();
        assert_eq!(objects, ["case 4", "case 3", "case 2"]);
        let rest = storage::audit::for_subject(&db, who, page.last().map(|r| r.id), 3).await.unwrap();
        assert_eq!(rest.len(), 2);
        assert_eq!(rest[1].entry.object, "case 0");
        assert!(storage::audit::for_subject(&db, subject(), None, 3).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_full_queue_says_busy_and_loses_nothing_it_took() {
    let options = Options { queue: 4, ..Options::default() };
    let db = Db::open_with("sqlite::memory:", options).await.unwrap();
    db.migrate(TABLES).await.unwrap();
    assert_eq!(db.backend(), Backend::Sqlite);
    let who = subject();
    let (release, until) = std::sync::mpsc::channel();
    db.hold_writer(until).await;
    let commits: Vec<_> = (0..10)
        .map(|n| {
            let db = db.clone();
            tokio::spawn(async move { db.commit(item(who, n)).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(release);
    let (mut stored, mut busy) = (0, 0);
    for commit in commits {
        match commit.await.unwrap() {
            Ok(()) => stored += 1,
            Err(CommitError::Busy) => busy += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((stored, busy), (4, 6));
    assert_eq!(db.query(&ITEMS, params![who]).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_commit_that_fails_fails_every_waiter() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/t.db", dir.path().display());
    let db = Db::open(&url).await.unwrap();
    db.migrate(TABLES).await.unwrap();
    // A foreign key that is checked at the end makes COMMIT itself fail.
    let who = subject();
    let (release, until) = std::sync::mpsc::channel();
    db.hold_writer(until).await;
    let commits: Vec<_> = (0..4)
        .map(|n| {
            let db = db.clone();
            let mut batch = item(who, n);
            if n == 2 {
                batch.step(&ORPHAN, params![uuid(), uuid()]);
            }
            tokio::spawn(async move { db.commit(batch).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(release);
    for commit in commits {
        assert!(matches!(commit.await.unwrap(), Err(CommitError::Store(_))));
    }
    assert!(db.query(&ITEMS, params![who]).await.unwrap().is_empty());
    db.commit(item(who, 5)).await.unwrap();
    assert_eq!(db.query(&ITEMS, params![who]).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_database_file_is_found_again_when_opened_again() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/t.db", dir.path().display());
    let who = subject();
    for n in 1..=3 {
        let db = Db::open(&url).await.unwrap();
        db.migrate(TABLES).await.unwrap();
        db.ready().await.unwrap();
        db.commit(item(who, n)).await.unwrap();
        assert_eq!(db.query(&ITEMS, params![who]).await.unwrap().len() as i64, n);
    }
}

#[tokio::test]
async fn an_address_that_is_not_understood_is_refused_without_its_password() {
    let error = Db::open("mysql://root:secret@host/db").await.unwrap_err();
    assert!(matches!(&error, Error::Url(_)));
    assert!(!error.to_string().contains("secret"));
    let error = Db::open("postgres://root:secret@127.0.0.1:1/db").await.unwrap_err();
    assert!(matches!(&error, Error::Open(_)));
    assert!(!error.to_string().contains("secret"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_run_once_and_must_not_change() {
    each_backend(&[], |db| async move {
        let instances: Vec<_> = (0..4)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move { db.migrate(TABLES).await })
            })
            .collect();
        for instance in instances {
            instance.await.unwrap().unwrap();
        }
        let changed = Migration { sql: "create table test_other (id uuid primary key)", ..TABLES[0] };
        assert!(matches!(db.migrate(&[changed]).await, Err(Error::Migration { version: 1, .. })));
        let broken = Migration { version: 3, sql: "create table test_ok (id uuid primary key); nonsense", ..TABLES[0] };
        assert!(matches!(db.migrate(&[broken]).await, Err(Error::Migration { version: 3, .. })));
        // Nothing of the broken one is left.
        let mended = Migration { version: 3, sql: "create table test_ok (id uuid primary key)", ..TABLES[0] };
        db.migrate(&[mended]).await.unwrap();
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_file_and_its_log() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite:{}/t.db", dir.path().display())).await.unwrap();
    db.migrate(TABLES).await.unwrap();
    for file in ["t.db", "t.db-wal"] {
        let mode = std::fs::metadata(dir.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}
