use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kernel::clock::Clock;
use kernel::rng::SystemRng;
use storage::jobs::{self, WorkerOptions};
use storage::testing::each_backend;
use storage::{Batch, CommitError, Db, JobError, Periodic, Subscriber, Worker, outbox, params};
use tokio::sync::oneshot;

use crate::{EFFECT, EFFECTS, JOB_COUNT, OUTBOX_COUNT, TABLES, TestClock, subject};

const TOPIC: &str = "test.submitted";

async fn put_event(db: &Db, clock: &TestClock) -> kernel::id::EventId {
    let mut batch = Batch::new(subject());
    let id = outbox::put(&mut batch, clock.now(), &SystemRng, TOPIC, &serde_json::json!({"name": "Aziza"}));
    db.commit(batch).await.unwrap();
    id
}

fn worker(db: &Db, clock: &TestClock, subscribers: Vec<Subscriber>, periodic: Vec<Periodic>) -> Worker {
    Worker::new(db.clone(), Arc::new(clock.clone()), Arc::new(SystemRng), subscribers, periodic)
}

async fn count(db: &Db, statement: &'static storage::Statement) -> i64 {
    db.query_opt(statement, params![]).await.unwrap().unwrap().i64(0).unwrap()
}

/// Records its effect once for each event, then fails in every way at random-looking turns.
fn careless(db: &Db, name: &'static str, turn: Arc<AtomicUsize>) -> Subscriber {
    let db = db.clone();
    Subscriber::new(TOPIC, name, move |delivery| {
        let db = db.clone();
        let turn = turn.fetch_add(1, Ordering::SeqCst);
        async move {
            assert!(!turn.is_multiple_of(5), "a crash before the effect");
            let mut batch = Batch::new(delivery.subject);
            batch.step(&EFFECT, params![delivery.subject, delivery.event_id, name]);
            match db.commit(batch).await {
                Ok(()) | Err(CommitError::Unique("EFFECT")) => {}
                Err(error) => return Err(error.into()),
            }
            assert!(!turn.is_multiple_of(3), "a crash after the effect");
            if turn.is_multiple_of(7) { Err(JobError::Retry("a busy provider".to_owned())) } else { Ok(()) }
        }
    })
}

#[tokio::test]
async fn every_event_has_one_effect_per_subscriber_though_handlers_crash() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        for _ in 0..20 {
            put_event(&db, &clock).await;
        }
        let turn = Arc::new(AtomicUsize::new(1));
        let subscribers = vec![careless(&db, "a", turn.clone()), careless(&db, "b", turn)];
        let worker = worker(&db, &clock, subscribers, vec![]);
        for _ in 0..40 {
            worker.drain().await.unwrap();
            clock.advance(Duration::from_secs(7200));
        }
        let effects = db.query(&EFFECTS, params![]).await.unwrap();
        let effects: Vec<_> = effects.iter().map(|r| (r.text(0).unwrap().to_owned(), r.i64(1).unwrap())).collect();
        assert_eq!(effects, [("a".to_owned(), 20), ("b".to_owned(), 20)]);
        // Personal data does not outlive the work.
        assert_eq!((count(&db, &OUTBOX_COUNT).await, count(&db, &JOB_COUNT).await), (0, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_brought_straight_has_one_effect_per_subscriber_though_handlers_crash() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        for _ in 0..100 {
            put_event(&db, &clock).await;
        }
        let turn = Arc::new(AtomicUsize::new(1));
        let subscribers = vec![careless(&db, "a", turn.clone()), careless(&db, "b", turn)];
        // The clock of the test leaps over every pause; the lease is longer than all leaps.
        let lease = Duration::from_secs(30 * 24 * 3600);
        let quick = WorkerOptions { poll: Duration::from_millis(20), lease, ..WorkerOptions::default() };
        let w = worker(&db, &clock, subscribers, vec![]).with_options(quick);
        let running = tokio::spawn(async move { w.run(std::future::pending()).await });
        let patience = tokio::time::Instant::now() + Duration::from_secs(60);
        while count(&db, &OUTBOX_COUNT).await > 0 && tokio::time::Instant::now() < patience {
            clock.advance(Duration::from_secs(600));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        running.abort();
        let effects = db.query(&EFFECTS, params![]).await.unwrap();
        let effects: Vec<_> = effects.iter().map(|r| (r.text(0).unwrap().to_owned(), r.i64(1).unwrap())).collect();
        assert_eq!(effects, [("a".to_owned(), 100), ("b".to_owned(), 100)]);
        assert_eq!((count(&db, &OUTBOX_COUNT).await, count(&db, &JOB_COUNT).await), (0, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_subscriber_that_fails_gets_a_job_and_is_tried_again() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        let (told, mut log) = tokio::sync::mpsc::unbounded_channel();
        let listen = |name: &'static str, fails: bool| {
            let (db, told) = (db.clone(), told.clone());
            Subscriber::new(TOPIC, name, move |delivery| {
                let (db, told) = (db.clone(), told.clone());
                async move {
                    let rows = count(&db, &JOB_COUNT).await;
                    let _ = told.send((name, delivery.attempt, rows));
                    if fails && delivery.attempt < 2 { Err(JobError::Retry("busy".to_owned())) } else { Ok(()) }
                }
            })
        };
        let subscribers = vec![listen("well", false), listen("badly", true)];
        let quick = WorkerOptions { poll: Duration::from_millis(20), ..WorkerOptions::default() };
        let w = worker(&db, &clock, subscribers, vec![]).with_options(quick);
        let running = tokio::spawn(async move { w.run(std::future::pending()).await });
        put_event(&db, &clock).await;
        let mut heard = vec![log.recv().await.unwrap(), log.recv().await.unwrap()];
        heard.sort_unstable();
        assert_eq!(heard, [("badly", 1, 0), ("well", 1, 0)]);
        while count(&db, &JOB_COUNT).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        clock.advance(Duration::from_secs(3));
        assert_eq!(log.recv().await.unwrap(), ("badly", 2, 1));
        while count(&db, &OUTBOX_COUNT).await > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(count(&db, &JOB_COUNT).await, 0);
        running.abort();
    })
    .await;
}

#[tokio::test]
async fn an_event_without_subscribers_is_forgotten() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        put_event(&db, &clock).await;
        assert_eq!(worker(&db, &clock, vec![], vec![]).drain().await.unwrap(), 0);
        assert_eq!(count(&db, &OUTBOX_COUNT).await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_event_of_a_batch_that_failed_is_never_delivered() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        let mut batch = Batch::new(subject());
        outbox::put(&mut batch, clock.now(), &SystemRng, TOPIC, &1);
        let who = batch.subject();
        batch.expect(&crate::SET_ITEM, params![who, crate::uuid(), 1], 1, "missing");
        assert!(db.commit(batch).await.is_err());
        let seen = Subscriber::new(TOPIC, "a", |_| async { Ok(()) });
        assert_eq!(worker(&db, &clock, vec![seen], vec![]).drain().await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_event_put_for_later_waits_for_its_time() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        let mut batch = Batch::new(subject());
        let later = TestClock::start();
        later.advance(Duration::from_secs(3600));
        outbox::put_at(&mut batch, clock.now(), later.now(), &SystemRng, TOPIC, &1);
        db.commit(batch).await.unwrap();
        let worker = worker(&db, &clock, vec![Subscriber::new(TOPIC, "a", |_| async { Ok(()) })], vec![]);
        assert_eq!(worker.drain().await.unwrap(), 0);
        clock.advance(Duration::from_secs(3600));
        assert_eq!(worker.drain().await.unwrap(), 1);
    })
    .await;
}

#[tokio::test]
async fn the_events_of_a_subject_come_in_their_order() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        let who = subject();
        for n in 0..10 {
            clock.advance(Duration::from_millis(5));
            let mut batch = Batch::new(who);
            outbox::put(&mut batch, clock.now(), &SystemRng, TOPIC, &n);
            db.commit(batch).await.unwrap();
        }
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        let subscriber = Subscriber::new(TOPIC, "a", move |delivery| {
            log.lock().unwrap().push(delivery.payload);
            async { Ok(()) }
        });
        worker(&db, &clock, vec![subscriber], vec![]).drain().await.unwrap();
        assert_eq!(*seen.lock().unwrap(), (0..10).map(|n| n.to_string()).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test]
async fn a_job_that_keeps_failing_becomes_a_dead_letter_for_the_operator() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        put_event(&db, &clock).await;
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = tries.clone();
        let failing = Subscriber::new(TOPIC, "sms", move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            async { Err(JobError::Retry("no answer".to_owned())) }
        });
        let other = Subscriber::new(TOPIC, "inbox", |_| async { Ok(()) });
        let options = WorkerOptions { attempts: 3, ..WorkerOptions::default() };
        let w = worker(&db, &clock, vec![failing, other], vec![]).with_options(options);
        w.drain().await.unwrap();
        assert_eq!(tries.load(Ordering::SeqCst), 1);
        // Not before its pause is over.
        w.drain().await.unwrap();
        assert_eq!(tries.load(Ordering::SeqCst), 1);
        assert!(jobs::list_dead(&db, 10).await.unwrap().is_empty());
        for _ in 0..5 {
            clock.advance(Duration::from_secs(10));
            w.drain().await.unwrap();
        }
        assert_eq!(tries.load(Ordering::SeqCst), 3);
        let dead = jobs::list_dead(&db, 10).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!((dead[0].key.subscriber.as_str(), dead[0].attempts), ("sms", 3));
        assert_eq!(dead[0].last_error, "try again: no answer");
        let key: jobs::JobKey = dead[0].key.to_string().parse().unwrap();
        assert_eq!(key, dead[0].key);
        assert_eq!(count(&db, &OUTBOX_COUNT).await, 1);

        jobs::retry(&db, clock.now(), &key).await.unwrap();
        w.drain().await.unwrap();
        assert_eq!(tries.load(Ordering::SeqCst), 4);
        assert!(matches!(jobs::discard(&db, &key).await, Err(CommitError::Guard("dead job"))));
        for _ in 0..3 {
            clock.advance(Duration::from_secs(10));
            w.drain().await.unwrap();
        }
        jobs::discard(&db, &key).await.unwrap();
        assert!(matches!(jobs::retry(&db, clock.now(), &key).await, Err(CommitError::Guard("dead job"))));
        assert_eq!((count(&db, &OUTBOX_COUNT).await, count(&db, &JOB_COUNT).await), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_gives_up_is_put_aside_at_once() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        put_event(&db, &clock).await;
        let hopeless = Subscriber::new(TOPIC, "a", |_| async { Err(JobError::Discard("broken payload".to_owned())) });
        worker(&db, &clock, vec![hopeless], vec![]).drain().await.unwrap();
        assert_eq!(jobs::list_dead(&db, 10).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn lanes_are_taken_over_when_the_lease_of_a_lost_worker_ends() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        let stuck = Subscriber::new(TOPIC, "a", |_| std::future::pending());
        let lost = worker(&db, &clock, vec![stuck], vec![]);
        put_event(&db, &clock).await;
        // It takes the lanes, makes the job, starts it and is killed.
        let _ = tokio::time::timeout(Duration::from_millis(500), lost.drain()).await;
        drop(lost);
        assert_eq!(count(&db, &JOB_COUNT).await, 1);
        let next = worker(&db, &clock, vec![Subscriber::new(TOPIC, "a", |_| async { Ok(()) })], vec![]);
        assert_eq!(next.drain().await.unwrap(), 0);
        clock.advance(Duration::from_secs(21));
        assert_eq!(next.drain().await.unwrap(), 1);
        assert_eq!(count(&db, &OUTBOX_COUNT).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_periodic_task_is_run_by_one_of_two_workers() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        let runs = Arc::new(AtomicUsize::new(0));
        let task = || {
            let runs = runs.clone();
            Periodic::new("test.sweep", Duration::from_secs(60), move |_| {
                runs.fetch_add(1, Ordering::SeqCst);
                async {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Ok(())
                }
            })
        };
        let (one, two) = (worker(&db, &clock, vec![], vec![task()]), worker(&db, &clock, vec![], vec![task()]));
        let (a, b) = tokio::join!(one.drain(), two.drain());
        assert_eq!(a.unwrap() + b.unwrap(), 1);
        let (a, b) = tokio::join!(one.drain(), two.drain());
        assert_eq!(a.unwrap() + b.unwrap(), 0);
        clock.advance(Duration::from_secs(61));
        let (a, b) = tokio::join!(one.drain(), two.drain());
        assert_eq!(a.unwrap() + b.unwrap(), 1);
        assert_eq!(runs.load(Ordering::SeqCst), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_worker_wakes_after_a_commit_and_stops_when_told() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        let (seen, mut deliveries) = tokio::sync::mpsc::unbounded_channel();
        let subscriber = Subscriber::new(TOPIC, "a", move |delivery| {
            let _ = seen.send(delivery.event_id);
            async { Ok(()) }
        });
        let slow_poll = WorkerOptions { poll: Duration::from_secs(60), ..WorkerOptions::default() };
        let w = worker(&db, &clock, vec![subscriber], vec![]).with_options(slow_poll);
        let (stop, stopped) = oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            w.run(async {
                let _ = stopped.await;
            })
            .await
        });
        for _ in 0..5 {
            let event = put_event(&db, &clock).await;
            // Far less than the poll of a minute.
            let delivered = tokio::time::timeout(Duration::from_secs(10), deliveries.recv()).await;
            assert_eq!(delivered.unwrap(), Some(event));
        }
        drop(stop);
        tokio::time::timeout(Duration::from_secs(10), running).await.unwrap().unwrap();
        assert_eq!((count(&db, &OUTBOX_COUNT).await, count(&db, &JOB_COUNT).await), (0, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_running_workers_share_the_lanes_and_deliver_everything_once() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let mut running = Vec::new();
        let (stop, _) = tokio::sync::broadcast::channel::<()>(1);
        for i in 0..2 {
            let counts = counts.clone();
            let subscriber = Subscriber::new(TOPIC, "a", move |_| {
                counts[i].fetch_add(1, Ordering::SeqCst);
                async { Ok(()) }
            });
            let quick = WorkerOptions {
                lease: Duration::from_millis(400),
                poll: Duration::from_millis(50),
                ..WorkerOptions::default()
            };
            let w = worker(&db, &clock, vec![subscriber], vec![]).with_options(quick);
            let mut stopped = stop.subscribe();
            running.push(tokio::spawn(async move {
                w.run(async move {
                    let _ = stopped.recv().await;
                })
                .await
            }));
        }
        tokio::time::sleep(Duration::from_millis(600)).await;
        for _ in 0..100 {
            put_event(&db, &clock).await;
        }
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while count(&db, &OUTBOX_COUNT).await > 0 && tokio::time::Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let _ = stop.send(());
        for task in running {
            task.await.unwrap();
        }
        let (a, b) = (counts[0].load(Ordering::SeqCst), counts[1].load(Ordering::SeqCst));
        assert_eq!(a + b, 100);
        assert!(a > 0 && b > 0, "{a} + {b}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hanging_provider_delays_nobody_else() {
    each_backend(TABLES, |db| async move {
        let clock = TestClock::start();
        let (seen, mut deliveries) = tokio::sync::mpsc::unbounded_channel();
        let hangs = Subscriber::new("test.sms", "sms", |_| std::future::pending());
        let inbox = Subscriber::new(TOPIC, "inbox", move |delivery| {
            let _ = seen.send(delivery.event_id);
            async { Ok(()) }
        });
        for _ in 0..100 {
            let mut batch = Batch::new(subject());
            outbox::put(&mut batch, clock.now(), &SystemRng, "test.sms", &1);
            db.commit(batch).await.unwrap();
        }
        let w = worker(&db, &clock, vec![hangs, inbox], vec![]);
        let running = tokio::spawn(async move { w.run(std::future::pending()).await });
        tokio::time::sleep(Duration::from_millis(200)).await;
        clock.advance(Duration::from_secs(1));
        let event = put_event(&db, &clock).await;
        let delivered = tokio::time::timeout(Duration::from_secs(10), deliveries.recv()).await;
        assert_eq!(delivered.unwrap(), Some(event));
        running.abort();
    })
    .await;
}
