//! The process is killed with SIGKILL at random moments while it writes and delivers; nothing acknowledged is lost,
//! nothing happens twice.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use kernel::clock::{Clock, SystemClock};
use kernel::id::SubjectId;
use kernel::rng::{Rng, SystemRng};
use storage::jobs::WorkerOptions;
use storage::{Batch, CommitError, Db, Subscriber, Worker, idempotency, outbox, params, testing};
use uuid::Uuid;

use crate::{APPEND, EFFECT, EFFECTS, JOB_COUNT, LAST_SEQ, OUTBOX_COUNT, TABLES};

const URL: &str = "PESHTOQ_CRASH_URL";
const TOPIC: &str = "crash.submitted";
const WRITERS: u128 = 8;
const KILLS: u32 = 8;

storage::statement!(STREAM, "select seq, body from test_events where subject_id = $1 order by seq");

fn writer_subject(writer: u128) -> SubjectId {
    SubjectId::from_uuid(Uuid::from_u128(writer + 1))
}

/// Each entry of a stream names the one before it, as a hash chain does.
fn body(writer: u128, seq: i64) -> String {
    format!("{writer}: {} -> {seq}", seq - 1)
}

fn effect(db: &Db, name: &'static str) -> Subscriber {
    let db = db.clone();
    Subscriber::new(TOPIC, name, move |delivery| {
        let db = db.clone();
        async move {
            let mut batch = Batch::new(delivery.subject);
            batch.step(&EFFECT, params![delivery.subject, delivery.event_id, name]);
            match db.commit(batch).await {
                Ok(()) | Err(CommitError::Unique("EFFECT")) => Ok(()),
                Err(error) => Err(error.into()),
            }
        }
    })
}

fn worker(db: &Db) -> Worker {
    let subscribers = vec![effect(db, "invoice"), effect(db, "notice")];
    let quick = WorkerOptions {
        lease: Duration::from_millis(300),
        first_delay: Duration::from_millis(20),
        ..WorkerOptions::default()
    };
    Worker::new(db.clone(), Arc::new(SystemClock), Arc::new(SystemRng), subscribers, vec![]).with_options(quick)
}

/// Hands a line to the parent at once.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(line.as_bytes());
    let _ = out.flush();
}

/// Not a test: the process that is killed. It says `ack WRITER SEQ` after each acknowledged commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the crash test"]
async fn child() {
    let Ok(url) = std::env::var(URL) else { return };
    let db = Db::open(&url).await.unwrap();
    db.migrate(TABLES).await.unwrap();
    let working = worker(&db);
    tokio::spawn(async move { working.run(std::future::pending()).await });
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                let who = writer_subject(writer);
                let last = db.query_opt(&LAST_SEQ, params![who, Uuid::nil()]).await.unwrap().unwrap();
                for seq in last.i64(0).unwrap() + 1.. {
                    let now = SystemClock.now();
                    let mut batch = Batch::new(who);
                    batch.step(&APPEND, params![who, Uuid::nil(), seq, body(writer, seq)]);
                    outbox::put(&mut batch, now, &SystemRng, TOPIC, &seq);
                    idempotency::record(&mut batch, now, &format!("key {seq}"), "hash", "answer");
                    db.commit(batch).await.unwrap();
                    say(&format!("ack {writer} {seq}\n"));
                    // Leaves the worker some room, so that kills meet it at work and not only behind.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}

async fn count(db: &Db, statement: &'static storage::Statement) -> i64 {
    db.query_opt(statement, params![]).await.unwrap().unwrap().i64(0).unwrap()
}

/// Lets the child write for a while, kills it, and returns the last acknowledged entry of each writer.
fn run_and_kill(url: &str, acknowledged: &mut HashMap<u128, i64>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--ignored", "--nocapture", "--test-threads=1"])
        .env(URL, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Count the time from the first acknowledgement: starting takes longer than dying.
    let mut kill_at = None;
    for line in lines.map_while(Result::ok) {
        let mut words = line.split_whitespace();
        if words.next() != Some("ack") {
            continue;
        }
        let writer = words.next().and_then(|w| w.parse().ok()).unwrap();
        let seq = words.next().and_then(|w| w.parse().ok()).unwrap();
        acknowledged.insert(writer, seq);
        let at = *kill_at
            .get_or_insert_with(|| std::time::Instant::now() + Duration::from_millis(20 + SystemRng.u64() % 300));
        if std::time::Instant::now() >= at {
            // SIGKILL. What is still in the pipe was acknowledged too, so reading goes on to its end.
            let _ = child.kill();
        }
    }
    let _ = child.wait();
}

async fn survives(url: &str) {
    let mut acknowledged = HashMap::new();
    for _ in 0..KILLS {
        let url = url.to_owned();
        acknowledged = tokio::task::spawn_blocking(move || {
            run_and_kill(&url, &mut acknowledged);
            acknowledged
        })
        .await
        .unwrap();
    }
    assert_eq!(acknowledged.len() as u128, WRITERS);

    let db = Db::open(url).await.unwrap();
    let mut stored = 0;
    for writer in 0..WRITERS {
        let who = writer_subject(writer);
        let rows = db.query(&STREAM, params![who]).await.unwrap();
        for (i, row) in rows.iter().enumerate() {
            let seq = i as i64 + 1;
            assert_eq!((row.i64(0).unwrap(), row.text(1).unwrap()), (seq, body(writer, seq).as_str()));
            let key = idempotency::lookup(&db, who, &format!("key {seq}"), "hash").await.unwrap();
            assert_eq!(key, idempotency::Lookup::Replay("answer".to_owned()));
        }
        assert!(rows.len() as i64 >= acknowledged[&writer], "an acknowledged entry is lost");
        stored += rows.len() as i64;
    }

    // The lease of the killed worker ends, the work goes on.
    let started = std::time::Instant::now();
    let finisher = worker(&db);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let finishing = tokio::spawn(async move {
        finisher
            .run(async {
                let _ = stopped.await;
            })
            .await;
    });
    while count(&db, &OUTBOX_COUNT).await > 0 {
        assert!(started.elapsed() < Duration::from_secs(60), "the outbox does not become empty");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(stop);
    finishing.await.unwrap();
    assert_eq!(count(&db, &JOB_COUNT).await, 0);
    let effects = db.query(&EFFECTS, params![]).await.unwrap();
    let effects: Vec<_> = effects.iter().map(|r| (r.text(0).unwrap(), r.i64(1).unwrap())).collect();
    assert_eq!(effects, [("invoice", stored), ("notice", stored)]);
    let acknowledged: i64 = acknowledged.values().sum();
    println!("{stored} entries, {acknowledged} acknowledged, finished in {:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kills_of_the_process_once() {
    let dir = tempfile::tempdir().unwrap();
    survives(&format!("sqlite:{}/crash.db", dir.path().display())).await;
    if let Some(postgres) = testing::postgres(TABLES).await {
        survives(&postgres.url).await;
        postgres.remove().await;
    }
}
