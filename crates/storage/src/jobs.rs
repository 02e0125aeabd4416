//! What happens after a commit: an event is brought to every subscriber, with back-off; periodic tasks.
//!
//! Workers share 64 lanes (subjects by hash) through leases, so that any number of processes may run them on any
//! engine without row locks. Delivery is at least once: a handler makes its own effect unique by the event's id.
//!
//! A new event goes to its subscribers at once, straight from the outbox; when all have done their part it is deleted,
//! one statement in a commit that serves many. Only what does not end at once costs rows of its own, a job for each
//! subscriber: a failure that will be tried again, an event for later, one whose subscriber is slow. An event's payload
//! is removed when its last subscriber is done; a dead job keeps it until an operator retries or discards.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use kernel::Timestamp;
use kernel::clock::{Clock, from_micros, micros};
use kernel::id::{EventId, SubjectId};
use kernel::rng::Rng;
use tokio::task::JoinSet;
use tokio::time::Instant;
use uuid::Uuid;

use crate::outbox::{LANES, lane};
use crate::{Batch, CommitError, Db, Error, Row, params};

/// An event on its way to one subscriber.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The event; the key under which a handler makes its effect unique.
    pub event_id: EventId,
    /// Whose event it is.
    pub subject: SubjectId,
    /// Its topic.
    pub topic: String,
    /// JSON.
    pub payload: String,
    /// 1 for the first try.
    pub attempt: u32,
    /// When the event happened.
    pub created_at: Timestamp,
}

/// Why a handler did not finish.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JobError {
    /// Something outside failed: try again later.
    #[error("try again: {0}")]
    Retry(String),
    /// It can never succeed: put it aside as a dead letter at once.
    #[error("give up: {0}")]
    Discard(String),
}

impl From<Error> for JobError {
    fn from(error: Error) -> Self {
        JobError::Retry(error.to_string())
    }
}

impl From<CommitError> for JobError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Store(error) => JobError::Retry(error.to_string()),
            other => JobError::Retry(other.to_string()),
        }
    }
}

/// Handles one event; tolerates running twice.
pub type Handler = Arc<dyn Fn(Delivery) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// Runs a periodic task; gets the present moment.
pub type PeriodicHandler = Arc<dyn Fn(Timestamp) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// Who wants to know about a topic.
#[derive(Clone)]
pub struct Subscriber {
    /// The topic of the events.
    pub topic: &'static str,
    /// A stable name, unique in the program, such as `payments.create_invoice`.
    pub name: &'static str,
    /// What to do.
    pub handler: Handler,
}

impl Subscriber {
    /// A subscriber from an async function.
    pub fn new<F, Fut>(topic: &'static str, name: &'static str, handler: F) -> Self
    where
        F: Fn(Delivery) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        Subscriber { topic, name, handler: Arc::new(move |delivery| handler(delivery).boxed()) }
    }
}

/// Something done again and again by one of the workers.
#[derive(Clone)]
pub struct Periodic {
    /// A stable name, unique in the program.
    pub name: &'static str,
    /// The pause between the end of a run and the next.
    pub every: Duration,
    /// What to do.
    pub handler: PeriodicHandler,
}

impl Periodic {
    /// A periodic task from an async function.
    pub fn new<F, Fut>(name: &'static str, every: Duration, handler: F) -> Self
    where
        F: Fn(Timestamp) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), JobError>> + Send + 'static,
    {
        Periodic { name, every, handler: Arc::new(move |now| handler(now).boxed()) }
    }
}

/// Limits of a worker.
#[derive(Clone, Debug)]
pub struct WorkerOptions {
    /// Jobs running at once; one subscriber may take half of it.
    pub concurrency: usize,
    /// How often to look for work that no local commit announced.
    pub poll: Duration,
    /// How long a lane is held without renewal.
    pub lease: Duration,
    /// Tries before a job is a dead letter.
    pub attempts: u32,
    /// The pause after the first failure; doubled each time.
    pub first_delay: Duration,
    /// The longest pause.
    pub max_delay: Duration,
    /// How long a handler may take.
    pub timeout: Duration,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        WorkerOptions {
            concurrency: 16,
            poll: Duration::from_secs(1),
            lease: Duration::from_secs(20),
            attempts: 12,
            first_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(3600),
            timeout: Duration::from_secs(120),
        }
    }
}

crate::statement!(
    LANE_INSERT,
    "insert into storage_lanes (lane, owner, until) values ($1, '', 0) on conflict (lane) do nothing"
);
crate::statement!(LANE_LIST, "select lane, owner, until from storage_lanes order by lane");
crate::statement!(LANE_RENEW, "update storage_lanes set until = $2 where owner = $1 and until > $3");
crate::statement!(
    LANE_CLAIM,
    "update storage_lanes set owner = $1, until = $2 where lane = $3 and (until <= $4 or owner = $1)"
);
crate::statement!(LANE_RELEASE, "update storage_lanes set owner = '', until = 0 where lane = $2 and owner = $1");
crate::statement!(LANE_RELEASE_ALL, "update storage_lanes set owner = '', until = 0 where owner = $1");
crate::statement!(
    WORKER_BEAT,
    "insert into storage_workers (owner, until) values ($1, $2)
     on conflict (owner) do update set until = excluded.until"
);
crate::statement!(WORKER_GONE, "delete from storage_workers where owner = $1 or until < $2");
crate::statement!(WORKER_COUNT, "select count(*) from storage_workers where until > $1");
crate::statement!(
    OUTBOX_NEW,
    "select o.subject_id, o.id, o.topic, o.run_at, o.payload, o.created_at
     from storage_outbox o join storage_lanes l on l.lane = o.lane
     where o.state = 0 and l.owner = $1 and l.until > $2 order by o.id limit $3"
);
crate::statement!(OUTBOX_MARK, "update storage_outbox set state = 1 where subject_id = $1 and id = $2 and state = 0");
crate::statement!(OUTBOX_DROP, "delete from storage_outbox where subject_id = $1 and id = $2");
crate::statement!(
    OUTBOX_DONE,
    "delete from storage_outbox where subject_id = $1 and id = $2 and state = 1 and not exists
     (select 1 from storage_jobs j where j.subject_id = $1 and j.event_id = $2)"
);
crate::statement!(
    OUTBOX_SWEEP,
    "delete from storage_outbox where state = 1 and not exists (select 1 from storage_jobs j
     where j.subject_id = storage_outbox.subject_id and j.event_id = storage_outbox.id)"
);
crate::statement!(OUTBOX_LAG, "select min(run_at), count(*) from storage_outbox where state = 0");
crate::statement!(
    JOB_INSERT,
    "insert into storage_jobs (subject_id, event_id, subscriber, lane, state, run_at, attempts)
     values ($1, $2, $3, $4, 0, $5, 0) on conflict (subject_id, event_id, subscriber) do nothing"
);
crate::statement!(
    JOB_OF_FAILED,
    "insert into storage_jobs (subject_id, event_id, subscriber, lane, state, run_at, attempts, last_error)
     select o.subject_id, o.id, cast($3 as text), o.lane, cast($4 as bigint), cast($5 as bigint), 1, cast($6 as text)
     from storage_outbox o where o.subject_id = $1 and o.id = $2
     on conflict (subject_id, event_id, subscriber) do nothing"
);
crate::statement!(
    JOB_DUE,
    "select j.subject_id, j.event_id, j.subscriber, j.attempts, o.topic, o.payload, o.created_at
     from storage_jobs j join storage_lanes l on l.lane = j.lane
     join storage_outbox o on o.subject_id = j.subject_id and o.id = j.event_id
     where j.state = 0 and j.run_at <= $2 and l.owner = $1 and l.until > $2
     order by j.run_at, j.event_id limit $3"
);
crate::statement!(
    JOB_DUE_OF,
    "select j.subject_id, j.event_id, j.subscriber, j.attempts, o.topic, o.payload, o.created_at
     from storage_jobs j join storage_lanes l on l.lane = j.lane
     join storage_outbox o on o.subject_id = j.subject_id and o.id = j.event_id
     where j.state = 0 and j.run_at <= $2 and l.owner = $1 and l.until > $2 and j.subscriber = $4
     order by j.run_at, j.event_id limit $3"
);
crate::statement!(JOB_DONE, "delete from storage_jobs where subject_id = $1 and event_id = $2 and subscriber = $3");
crate::statement!(
    JOB_FAILED,
    "update storage_jobs set state = $4, attempts = $5, run_at = $6, last_error = $7
     where subject_id = $1 and event_id = $2 and subscriber = $3 and state = 0"
);
crate::statement!(
    JOB_REVIVE,
    "update storage_jobs set state = 0, attempts = 0, run_at = $4
     where subject_id = $1 and event_id = $2 and subscriber = $3 and state = 2"
);
crate::statement!(
    JOB_DISCARD,
    "delete from storage_jobs where subject_id = $1 and event_id = $2 and subscriber = $3 and state = 2"
);
crate::statement!(
    JOB_DEAD,
    "select j.subject_id, j.event_id, j.subscriber, j.attempts, j.last_error, o.topic, o.created_at
     from storage_jobs j join storage_outbox o on o.subject_id = j.subject_id and o.id = j.event_id
     where j.state = 2 order by j.run_at, j.event_id limit $1"
);
crate::statement!(JOB_COUNTS, "select state, count(*) from storage_jobs group by state");
crate::statement!(
    PERIODIC_INSERT,
    "insert into storage_periodic (name, next_run, owner, until) values ($1, $2, '', 0)
     on conflict (name) do nothing"
);
crate::statement!(PERIODIC_DUE, "select name from storage_periodic where next_run <= $1 and until <= $1 order by name");
crate::statement!(
    PERIODIC_CLAIM,
    "update storage_periodic set owner = $2, until = $3 where name = $1 and next_run <= $4 and until <= $4"
);
crate::statement!(
    PERIODIC_DONE,
    "update storage_periodic set next_run = $3, until = 0, last_run = $4, last_error = $5
     where name = $1 and owner = $2"
);

/// Events fanned out by one commit.
const FAN_OUT: i64 = 64;
/// A subscriber all of whose places have been taken for so long is slow: its events get jobs, and others go past them.
const SLOW: Duration = Duration::from_millis(100);
/// A burst of commits is gathered this long before the worker looks: unnoticeable, and it saves most of the reads.
const GATHER: Duration = Duration::from_millis(3);

/// Nobody repeats a request after a week: its saved answer is forgotten then.
const KEEP_ANSWERS: Duration = Duration::from_secs(7 * 24 * 3600);

const WAITING: i64 = 0;
const DEAD: i64 = 2;

/// Delivers events and runs periodic tasks, in one process.
pub struct Worker {
    core: Arc<Core>,
}

struct Core {
    db: Db,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    subscribers: Vec<Subscriber>,
    periodic: Vec<Periodic>,
    options: WorkerOptions,
    owner: String,
    beats: AtomicU32,
}

/// What a running task brings back.
enum Finished {
    /// A job with a row of its own.
    Job {
        key: JobKey,
        attempts: u32,
        result: Result<(), JobError>,
    },
    /// One subscriber's part of an event that is brought straight from the outbox.
    Part {
        key: JobKey,
        result: Result<(), JobError>,
    },
    /// All parts of such an event, with those that failed.
    Event {
        subject: SubjectId,
        event: EventId,
        failed: Vec<(String, JobError)>,
    },
    Periodic {
        name: &'static str,
        every: Duration,
        result: Result<(), JobError>,
    },
}

/// What is running or waits to be recorded.
#[derive(Default)]
struct Running {
    tasks: JoinSet<Finished>,
    /// Since when each runs.
    jobs: HashMap<JobKey, Instant>,
    /// Events brought straight from the outbox that are not recorded yet.
    direct: HashMap<(SubjectId, EventId), Direct>,
    periodic: HashSet<&'static str>,
    finished: Vec<Finished>,
    /// More jobs are due than may run at once.
    backlog: bool,
    /// New events wait in the outbox for a place.
    held: bool,
    /// There were jobs with rows when they were last looked for, or some have been made since.
    rows: bool,
}

/// An event on its way to subscribers without rows of their own.
struct Direct {
    /// Subscribers that still run.
    left: usize,
    failed: Vec<(String, JobError)>,
}

/// A new event as read from the outbox.
struct NewEvent {
    subject: SubjectId,
    event: EventId,
    run_at: Timestamp,
    delivery: Delivery,
}

struct Due {
    key: JobKey,
    attempts: u32,
    delivery: Delivery,
}

/// Whose turn it is: how many jobs each subscriber has, and which subjects it is busy with.
struct Turns {
    counts: HashMap<String, usize>,
    busy: HashSet<(SubjectId, String)>,
    /// When the last job of a subscriber began.
    newest: HashMap<String, Instant>,
}

impl Turns {
    fn of(running: &HashMap<JobKey, Instant>) -> Turns {
        let mut turns = Turns { counts: HashMap::new(), busy: HashSet::new(), newest: HashMap::new() };
        for (key, since) in running {
            turns.take(key, usize::MAX);
            let newest = turns.newest.entry(key.subscriber.clone()).or_insert(*since);
            *newest = (*newest).max(*since);
        }
        turns
    }

    fn of_subscriber(&self, name: &str) -> usize {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// Whether every place of the subscriber has been taken for a while.
    fn is_slow(&self, name: &str, each: usize) -> bool {
        self.of_subscriber(name) >= each && self.newest.get(name).is_some_and(|since| since.elapsed() > SLOW)
    }

    /// Whether [`Turns::take`] would say yes.
    fn is_free(&self, key: &JobKey, each: usize) -> bool {
        self.of_subscriber(&key.subscriber) < each && !self.busy.contains(&(key.subject, key.subscriber.clone()))
    }

    /// Whether the job may start: its subscriber has a place left, since one slow provider must not take every place,
    /// and is not busy with the same subject, since it sees the events of a subject one after another.
    fn take(&mut self, key: &JobKey, each: usize) -> bool {
        if self.of_subscriber(&key.subscriber) >= each || !self.busy.insert((key.subject, key.subscriber.clone())) {
            return false;
        }
        *self.counts.entry(key.subscriber.clone()).or_default() += 1;
        true
    }
}

impl Worker {
    /// A worker; it does nothing before [`Worker::run`] or [`Worker::drain`].
    pub fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        subscribers: Vec<Subscriber>,
        periodic: Vec<Periodic>,
    ) -> Worker {
        let owner = rng.token(12);
        let options = WorkerOptions::default();
        Worker {
            core: Arc::new(Core { db, clock, rng, subscribers, periodic, options, owner, beats: AtomicU32::new(0) }),
        }
    }

    /// Sets other limits; before the worker runs.
    #[must_use]
    pub fn with_options(mut self, options: WorkerOptions) -> Worker {
        if let Some(core) = Arc::get_mut(&mut self.core) {
            core.options = options;
        }
        self
    }

    /// Works until `shutdown` is ready, then waits for what is running, records it and gives its lanes back.
    ///
    /// Wakes at once after a commit with events in this process, otherwise looks every second. A failing database is
    /// logged and tried again.
    pub async fn run(&self, shutdown: impl Future<Output = ()> + Send) {
        let core = &self.core;
        let mut shutdown = std::pin::pin!(shutdown);
        let mut commits = core.db.commits();
        let mut running = Running::default();
        let mut next_beat = Instant::now();
        let mut next_poll = Instant::now();
        let mut prepared = false;
        let (mut more, mut woken) = (true, false);
        loop {
            let polls = Instant::now() >= next_poll;
            // Without a commit there is no new event, or the next poll finds it.
            let events =
                std::mem::take(&mut woken) || more || polls || running.held || commits.has_changed().unwrap_or(true);
            commits.mark_unchanged();
            let round = async {
                if !prepared {
                    core.prepare().await?;
                    prepared = true;
                }
                if Instant::now() >= next_beat {
                    core.beat().await?;
                    core.measure().await?;
                    next_beat = Instant::now() + core.options.lease / 4;
                }
                core.round(&mut running, events, polls).await
            };
            more = match round.await {
                Ok(more) => more,
                Err(error) => {
                    tracing::error!(%error, "the worker could not reach its tables");
                    false
                }
            };
            if polls {
                next_poll = Instant::now() + core.options.poll;
            }
            if more {
                continue;
            }
            tokio::select! {
                () = &mut shutdown => break,
                Some(done) = running.tasks.join_next(), if !running.tasks.is_empty() => {
                    running.note(done);
                    // The other jobs of an event end about now too: record them together, unless more wait.
                    if !running.backlog && !running.tasks.is_empty() {
                        tokio::time::sleep(GATHER).await;
                    }
                    running.gather();
                }
                _ = commits.changed() => {
                    woken = true;
                    tokio::time::sleep(GATHER).await;
                }
                () = tokio::time::sleep_until(next_poll) => {}
            }
        }
        while let Some(done) = running.tasks.join_next().await {
            running.note(done);
        }
        if let Err(error) = core.record(&mut running).await {
            tracing::error!(%error, "the last results could not be recorded; those jobs will run again");
        }
        if let Err(error) = core.release().await {
            tracing::warn!(%error, "the lanes could not be given back; they are free when the lease ends");
        }
    }

    /// Runs everything that is due, and what that causes, one after another; returns how many deliveries and
    /// periodic runs there were. For tests and for `peshtoq` subcommands.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drain(&self) -> Result<usize, Error> {
        let core = &self.core;
        core.prepare().await?;
        let mut count = 0;
        loop {
            core.beat().await?;
            let fanned = core.fan_out().await?;
            let mut ran = 0;
            for due in core.due(None, FAN_OUT as usize).await? {
                let mut running = Running::default();
                running.finished.push(core.clone().deliver(due).await);
                core.record(&mut running).await?;
                ran += 1;
            }
            for periodic in core.claim_periodic(&HashSet::new()).await? {
                let mut running = Running::default();
                running.finished.push(core.clone().run_periodic(periodic).await);
                core.record(&mut running).await?;
                ran += 1;
            }
            count += ran;
            if fanned == 0 && ran == 0 {
                break;
            }
        }
        core.release().await?;
        Ok(count)
    }
}

impl Running {
    fn note(&mut self, done: Result<Finished, tokio::task::JoinError>) {
        // Panics are caught inside of the task; what is left is a runtime that shuts down.
        match done {
            Ok(Finished::Part { key, result }) => {
                self.jobs.remove(&key);
                let Some(direct) = self.direct.get_mut(&(key.subject, key.event)) else { return };
                direct.left = direct.left.saturating_sub(1);
                if let Err(error) = result {
                    direct.failed.push((key.subscriber, error));
                }
                if direct.left == 0 {
                    let failed = std::mem::take(&mut direct.failed);
                    // It stays in `direct` until it is recorded, so that it is not begun again.
                    self.finished.push(Finished::Event { subject: key.subject, event: key.event, failed });
                }
            }
            Ok(finished) => self.finished.push(finished),
            Err(_) => {}
        }
    }

    fn gather(&mut self) {
        while let Some(done) = self.tasks.try_join_next() {
            self.note(done);
        }
    }
}

impl Core {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    async fn prepare(&self) -> Result<(), Error> {
        let now = self.now();
        let mut batch = Batch::system();
        if self.db.query(&LANE_LIST, params![]).await?.len() < LANES as usize {
            for lane in 0..LANES {
                batch.step(&LANE_INSERT, params![lane]);
            }
        }
        for task in &self.periodic {
            batch.step(&PERIODIC_INSERT, params![task.name, now]);
        }
        Ok(self.db.commit(batch).await?)
    }

    /// Renews the lease of its lanes and takes or gives back lanes, so that living workers share them fairly.
    async fn beat(&self) -> Result<(), Error> {
        let now = self.now();
        let until = later(now, self.options.lease);
        let owner = self.owner.as_str();
        let mut batch = Batch::system();
        batch.step(&WORKER_GONE, params!["", now]);
        batch.step(&WORKER_BEAT, params![owner, until]);
        batch.step(&LANE_RENEW, params![owner, until, now]);
        // Payloads whose jobs are done go with the last job; this is for what a lost lease left behind.
        if self.beats.fetch_add(1, Ordering::Relaxed).is_multiple_of(16) {
            batch.step(&OUTBOX_SWEEP, params![]);
            let old = from_micros(micros(now).saturating_sub(KEEP_ANSWERS.as_micros() as i64));
            batch.step(&crate::idempotency::IDEMPOTENCY_PURGE, params![old]);
        }
        self.db.commit(batch).await?;
        let workers = match self.db.query_opt(&WORKER_COUNT, params![now]).await? {
            Some(row) => row.i64(0)?.max(1),
            None => 1,
        };
        let share = (LANES + workers - 1) / workers;
        let mut mine = Vec::new();
        let mut free = Vec::new();
        for row in self.db.query(&LANE_LIST, params![]).await? {
            if row.text(1)? == owner && row.timestamp(2)? > now {
                mine.push(row.i64(0)?);
            } else if row.timestamp(2)? <= now {
                free.push(row.i64(0)?);
            }
        }
        let mut batch = Batch::system();
        let share = usize::try_from(share).unwrap_or(usize::MAX);
        for lane in mine.iter().skip(share) {
            batch.step(&LANE_RELEASE, params![owner, *lane]);
        }
        for lane in free.iter().take(share.saturating_sub(mine.len())) {
            batch.step(&LANE_CLAIM, params![owner, until, *lane, now]);
        }
        Ok(self.db.commit(batch).await?)
    }

    async fn release(&self) -> Result<(), Error> {
        let mut batch = Batch::system();
        batch.step(&LANE_RELEASE_ALL, params![self.owner.as_str()]);
        batch.step(&WORKER_GONE, params![self.owner.as_str(), self.now()]);
        Ok(self.db.commit(batch).await?)
    }

    async fn measure(&self) -> Result<(), Error> {
        let now = self.now();
        if let Some(row) = self.db.query_opt(&OUTBOX_LAG, params![]).await? {
            let oldest = row.opt_i64(0)?.unwrap_or_else(|| micros(now));
            metrics::gauge!("peshtoq_storage_outbox_lag_seconds").set((micros(now) - oldest).max(0) as f64 / 1e6);
            metrics::gauge!("peshtoq_storage_outbox_waiting").set(row.i64(1)? as f64);
        }
        let (mut waiting, mut dead) = (0, 0);
        for row in self.db.query(&JOB_COUNTS, params![]).await? {
            match row.i64(0)? {
                WAITING => waiting = row.i64(1)?,
                DEAD => dead = row.i64(1)?,
                _ => {}
            }
        }
        metrics::gauge!("peshtoq_storage_jobs", "state" => "waiting").set(waiting as f64);
        metrics::gauge!("peshtoq_storage_jobs", "state" => "dead").set(dead as f64);
        Ok(())
    }

    /// One turn: record what is finished, make jobs of new events, start what is due. Says whether to go on at once.
    async fn round(self: &Arc<Self>, running: &mut Running, events: bool, polls: bool) -> Result<bool, Error> {
        running.gather();
        self.record(running).await?;
        let more = events && self.bring(running).await?;
        // Mostly there is none; what another process made or what is due only now is found by the next poll.
        if running.rows || polls {
            self.start(running).await?;
        }
        if polls {
            for periodic in self.claim_periodic(&running.periodic).await? {
                running.periodic.insert(periodic.name);
                running.tasks.spawn(self.clone().run_periodic(periodic));
            }
        }
        Ok(more)
    }

    /// Brings new events straight to their subscribers while there is room; what has to wait longer than a moment gets
    /// jobs. Says whether there is more to read at once.
    async fn bring(self: &Arc<Self>, running: &mut Running) -> Result<bool, Error> {
        let most = self.options.concurrency;
        let each = most.div_ceil(2);
        let now = self.now();
        let page = FAN_OUT + i64::try_from(running.direct.len()).unwrap_or(0);
        let rows = self.new_events(page).await?;
        let full = rows.len() == usize::try_from(page).unwrap_or(usize::MAX);
        let mut turns = Turns::of(&running.jobs);
        let mut room = most.saturating_sub(running.jobs.len());
        let (mut later, mut waiting, mut started) = (Vec::new(), Vec::new(), 0_usize);
        for new in rows {
            if running.direct.contains_key(&(new.subject, new.event)) {
                continue;
            }
            let wanted: Vec<JobKey> = self
                .subscribers
                .iter()
                .filter(|subscriber| subscriber.topic == new.delivery.topic)
                .map(|subscriber| JobKey {
                    subject: new.subject,
                    event: new.event,
                    subscriber: subscriber.name.to_owned(),
                })
                .collect();
            let has_to_wait = new.run_at > now || wanted.len() > most;
            if wanted.is_empty() || has_to_wait || wanted.iter().any(|key| turns.is_slow(&key.subscriber, each)) {
                later.push(new);
            } else if wanted.len() <= room && wanted.iter().all(|key| turns.is_free(key, each)) {
                room -= wanted.len();
                started += 1;
                running.direct.insert((new.subject, new.event), Direct { left: wanted.len(), failed: Vec::new() });
                for key in wanted {
                    turns.take(&key, each);
                    running.jobs.insert(key.clone(), Instant::now());
                    let due = Due { key, attempts: 0, delivery: new.delivery.clone() };
                    let core = self.clone();
                    running.tasks.spawn(async move {
                        match core.deliver(due).await {
                            Finished::Job { key, result, .. } => Finished::Part { key, result },
                            other => other,
                        }
                    });
                }
            } else {
                // Later events of the subject wait for this one.
                turns.busy.extend(wanted.into_iter().map(|key| (key.subject, key.subscriber)));
                waiting.push(new);
            }
        }
        // A page on which nothing can begin though there is room hides what lies behind it.
        if full && started == 0 && room > 0 {
            later.append(&mut waiting);
        }
        running.held = !waiting.is_empty();
        let fanned = self.make_jobs(&later).await?;
        running.rows |= fanned > 0;
        Ok(full && room > 0 && started + fanned > 0)
    }

    /// Starts due jobs while there is room.
    async fn start(self: &Arc<Self>, running: &mut Running) -> Result<(), Error> {
        let most = self.options.concurrency;
        let each = most.div_ceil(2);
        let look = 4 * most;
        let mut room = most.saturating_sub(running.jobs.len());
        if room == 0 {
            running.backlog = true;
            return Ok(());
        }
        let mut turns = Turns::of(&running.jobs);
        let first = self.due(None, look).await?;
        running.rows = !first.is_empty();
        running.backlog = first.len() > room;
        // Seen so far is only what waits longest. When that is all of slow subscribers, look past it.
        let crowded = first.len() == look;
        for due in first {
            if room > 0 && turns.take(&due.key, each) {
                room -= 1;
                running.jobs.insert(due.key.clone(), Instant::now());
                running.tasks.spawn(self.clone().deliver(due));
            }
        }
        if crowded && room > 0 {
            for subscriber in &self.subscribers {
                if room == 0 || turns.of_subscriber(subscriber.name) >= each {
                    continue;
                }
                for due in self.due(Some(subscriber.name), look).await? {
                    if room > 0 && turns.take(&due.key, each) {
                        room -= 1;
                        running.jobs.insert(due.key.clone(), Instant::now());
                        running.tasks.spawn(self.clone().deliver(due));
                    }
                }
            }
        }
        Ok(())
    }

    async fn new_events(&self, limit: i64) -> Result<Vec<NewEvent>, Error> {
        let rows = self.db.query(&OUTBOX_NEW, params![self.owner.as_str(), self.now(), limit]).await?;
        rows.iter()
            .map(|row| {
                let subject = SubjectId::from_uuid(row.uuid(0)?);
                let event = EventId::from_uuid(row.uuid(1)?);
                let delivery = Delivery {
                    event_id: event,
                    subject,
                    topic: row.text(2)?.to_owned(),
                    payload: row.text(4)?.to_owned(),
                    attempt: 1,
                    created_at: row.timestamp(5)?,
                };
                Ok(NewEvent { subject, event, run_at: row.timestamp(3)?, delivery })
            })
            .collect()
    }

    /// Makes jobs of a page of new events.
    async fn fan_out(&self) -> Result<usize, Error> {
        let events = self.new_events(FAN_OUT).await?;
        self.make_jobs(&events).await
    }

    /// Makes one job of each event and subscriber. The guard on the event's state makes it once.
    async fn make_jobs(&self, events: &[NewEvent]) -> Result<usize, Error> {
        if events.is_empty() {
            return Ok(0);
        }
        let mut batch = Batch::system();
        for new in events {
            let (subject, event) = (new.subject, new.event);
            let mut wanted = false;
            for subscriber in self.subscribers.iter().filter(|s| s.topic == new.delivery.topic) {
                wanted = true;
                batch.step(&JOB_INSERT, params![subject, event, subscriber.name, lane(subject), new.run_at]);
            }
            if wanted {
                batch.expect(&OUTBOX_MARK, params![subject, event], 1, "fan-out");
            } else {
                batch.step(&OUTBOX_DROP, params![subject, event]);
            }
        }
        match self.db.commit(batch).await {
            Ok(()) => Ok(events.len()),
            // The lease went to another worker meanwhile.
            Err(CommitError::Guard(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    async fn due(&self, subscriber: Option<&str>, limit: usize) -> Result<Vec<Due>, Error> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let (owner, now) = (self.owner.as_str(), self.now());
        let rows = match subscriber {
            None => self.db.query(&JOB_DUE, params![owner, now, limit]).await?,
            Some(name) => self.db.query(&JOB_DUE_OF, params![owner, now, limit, name]).await?,
        };
        rows.iter()
            .map(|row| {
                let subject = SubjectId::from_uuid(row.uuid(0)?);
                let event = EventId::from_uuid(row.uuid(1)?);
                let attempts = u32::try_from(row.i64(3)?).unwrap_or(u32::MAX - 1);
                Ok(Due {
                    key: JobKey { subject, event, subscriber: row.text(2)?.to_owned() },
                    attempts,
                    delivery: Delivery {
                        event_id: event,
                        subject,
                        topic: row.text(4)?.to_owned(),
                        payload: row.text(5)?.to_owned(),
                        attempt: attempts + 1,
                        created_at: row.timestamp(6)?,
                    },
                })
            })
            .collect()
    }

    async fn deliver(self: Arc<Self>, due: Due) -> Finished {
        let Due { key, attempts, delivery } = due;
        let result = match self.subscribers.iter().find(|s| s.name == key.subscriber && s.topic == delivery.topic) {
            Some(subscriber) => {
                let handler = subscriber.handler.clone();
                self.guarded(async move { handler(delivery).await }).await
            }
            // A newer instance may know it; an operator can discard it when nobody does.
            None => Err(JobError::Retry("no subscriber of this name here".to_owned())),
        };
        Finished::Job { key, attempts, result }
    }

    async fn run_periodic(self: Arc<Self>, task: Periodic) -> Finished {
        let handler = task.handler.clone();
        let now = self.now();
        let result = self.guarded(async move { handler(now).await }).await;
        Finished::Periodic { name: task.name, every: task.every, result }
    }

    /// A handler that panics or hangs has failed; the worker lives on.
    async fn guarded(&self, work: impl Future<Output = Result<(), JobError>>) -> Result<(), JobError> {
        match tokio::time::timeout(self.options.timeout, AssertUnwindSafe(work).catch_unwind()).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(JobError::Retry("the handler panicked".to_owned())),
            Err(_) => Err(JobError::Retry("the handler took too long".to_owned())),
        }
    }

    async fn claim_periodic(&self, running: &HashSet<&'static str>) -> Result<Vec<Periodic>, Error> {
        if self.periodic.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.now();
        let due = self.db.query(&PERIODIC_DUE, params![now]).await?;
        let mut claimed = Vec::new();
        for task in self.periodic.iter().filter(|task| !running.contains(task.name)) {
            let is_due = due.iter().any(|row| row.text(0).is_ok_and(|name| name == task.name));
            if !is_due {
                continue;
            }
            // Longer than a handler may take, so that nobody else starts it meanwhile.
            let until = later(now, self.options.timeout + self.options.lease);
            let mut batch = Batch::system();
            batch.expect(&PERIODIC_CLAIM, params![task.name, self.owner.as_str(), until, now], 1, "periodic");
            match self.db.commit(batch).await {
                Ok(()) => claimed.push(task.clone()),
                Err(CommitError::Guard(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(claimed)
    }

    /// Records what is finished in one commit; kept for the next turn when that fails.
    async fn record(&self, running: &mut Running) -> Result<(), Error> {
        if running.finished.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let mut batch = Batch::system();
        for finished in &running.finished {
            match finished {
                Finished::Job { key, attempts, result } => self.record_job(&mut batch, now, key, *attempts, result),
                Finished::Event { subject, event, failed } => {
                    self.record_event(&mut batch, now, *subject, *event, failed);
                }
                // Gathered into its event.
                Finished::Part { .. } => {}
                Finished::Periodic { name, every, result } => {
                    let (pause, error) = match result {
                        Ok(()) => (*every, None),
                        Err(error) => {
                            tracing::warn!(task = name, %error, "a periodic task failed");
                            ((*every).min(Duration::from_secs(60)), Some(error.to_string()))
                        }
                    };
                    let next = later(now, pause);
                    batch.step(&PERIODIC_DONE, params![*name, self.owner.as_str(), next, now, error]);
                }
            }
        }
        self.db.commit(batch).await?;
        let count = |outcome: &'static str| {
            metrics::counter!("peshtoq_storage_jobs_total", "outcome" => outcome).increment(1);
        };
        for finished in running.finished.drain(..) {
            match finished {
                Finished::Job { key, result, .. } => {
                    count(outcome(&result));
                    running.jobs.remove(&key);
                }
                Finished::Event { subject, event, failed } => {
                    running.direct.remove(&(subject, event));
                    match failed.is_empty() {
                        true => count("done"),
                        false => failed.into_iter().for_each(|(_, error)| count(outcome(&Err(error)))),
                    }
                }
                Finished::Part { .. } => {}
                Finished::Periodic { name, .. } => {
                    running.periodic.remove(name);
                }
            }
        }
        Ok(())
    }

    /// An event that went straight to its subscribers: gone when all did their part, else a job for each that failed.
    fn record_event(
        &self,
        batch: &mut Batch,
        now: Timestamp,
        subject: SubjectId,
        event: EventId,
        failed: &[(String, JobError)],
    ) {
        if failed.is_empty() {
            batch.step(&OUTBOX_DROP, params![subject, event]);
            return;
        }
        for (subscriber, error) in failed {
            let (state, run_at) = self.after_failure(now, 1, error);
            tracing::warn!(%subscriber, event = %event, attempts = 1, dead = state == DEAD, %error, "a job failed");
            let error = error.to_string().replace('\0', " ");
            batch.step(&JOB_OF_FAILED, params![subject, event, subscriber, state, run_at, error]);
        }
        batch.step(&OUTBOX_MARK, params![subject, event]);
    }

    /// State and next moment of a job that failed for the so-manieth time.
    fn after_failure(&self, now: Timestamp, attempts: u32, error: &JobError) -> (i64, Timestamp) {
        let give_up = matches!(error, JobError::Discard(_)) || attempts >= self.options.attempts;
        (if give_up { DEAD } else { WAITING }, later(now, self.pause(attempts)))
    }

    fn record_job(
        &self,
        batch: &mut Batch,
        now: Timestamp,
        key: &JobKey,
        attempts: u32,
        result: &Result<(), JobError>,
    ) {
        let JobKey { subject, event, subscriber } = key;
        let error = match result {
            Ok(()) => {
                batch.step(&JOB_DONE, params![*subject, *event, subscriber]);
                batch.step(&OUTBOX_DONE, params![*subject, *event]);
                return;
            }
            Err(error) => error,
        };
        let attempts = attempts.saturating_add(1);
        let (state, run_at) = self.after_failure(now, attempts, error);
        tracing::warn!(%subscriber, event = %event, attempts, dead = state == DEAD, %error, "a job failed");
        let error = error.to_string().replace('\0', " ");
        batch.step(&JOB_FAILED, params![*subject, *event, subscriber, state, attempts, run_at, error]);
    }

    /// Doubles with each failure up to the cap; a fifth is chance, so that failures do not march in step.
    fn pause(&self, attempts: u32) -> Duration {
        let doubled = self.options.first_delay.saturating_mul(1 << attempts.saturating_sub(1).min(20));
        let pause = doubled.min(self.options.max_delay);
        let fifth = u64::try_from(pause.as_micros() / 5).unwrap_or(u64::MAX).max(1);
        pause + Duration::from_micros(self.rng.u64() % fifth)
    }
}

fn outcome(result: &Result<(), JobError>) -> &'static str {
    match result {
        Ok(()) => "done",
        Err(JobError::Retry(_)) => "failed",
        Err(JobError::Discard(_)) => "given up",
    }
}

fn later(now: Timestamp, pause: Duration) -> Timestamp {
    let pause = i64::try_from(pause.as_micros()).unwrap_or(i64::MAX / 4);
    from_micros(micros(now).saturating_add(pause))
}

/// The key of a job. Its text form `subject/event/subscriber` is what operators copy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JobKey {
    /// Whose event.
    pub subject: SubjectId,
    /// Which event.
    pub event: EventId,
    /// Who handles it.
    pub subscriber: String,
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.subject, self.event, self.subscriber)
    }
}

/// The text is not `subject/event/subscriber`.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a job is written subject/event/subscriber")]
pub struct JobKeyError;

impl FromStr for JobKey {
    type Err = JobKeyError;

    fn from_str(text: &str) -> Result<Self, JobKeyError> {
        let mut parts = text.splitn(3, '/');
        let mut next = || parts.next().ok_or(JobKeyError);
        let subject = Uuid::parse_str(next()?).map_err(|_| JobKeyError)?;
        let event = Uuid::parse_str(next()?).map_err(|_| JobKeyError)?;
        let subscriber = next()?.to_owned();
        Ok(JobKey { subject: SubjectId::from_uuid(subject), event: EventId::from_uuid(event), subscriber })
    }
}

/// A dead letter as an operator sees it; the payload is not shown.
#[derive(Clone, Debug)]
pub struct DeadJob {
    /// Its key.
    pub key: JobKey,
    /// The topic of the event.
    pub topic: String,
    /// How often it was tried.
    pub attempts: i64,
    /// What the last try said.
    pub last_error: String,
    /// When the event happened.
    pub created_at: Timestamp,
}

/// The dead letters, the oldest first.
///
/// # Errors
/// When the store fails.
pub async fn list_dead(db: &Db, limit: u32) -> Result<Vec<DeadJob>, Error> {
    let read = |row: &Row| {
        Ok(DeadJob {
            key: JobKey {
                subject: SubjectId::from_uuid(row.uuid(0)?),
                event: EventId::from_uuid(row.uuid(1)?),
                subscriber: row.text(2)?.to_owned(),
            },
            attempts: row.i64(3)?,
            last_error: row.opt_text(4)?.unwrap_or_default().to_owned(),
            topic: row.text(5)?.to_owned(),
            created_at: row.timestamp(6)?,
        })
    };
    db.query(&JOB_DEAD, params![limit]).await?.iter().map(read).collect()
}

/// Gives a dead letter a fresh set of tries from now on.
///
/// # Errors
/// `CommitError::Guard("dead job")` when there is no such dead letter.
pub async fn retry(db: &Db, now: Timestamp, key: &JobKey) -> Result<(), CommitError> {
    let mut batch = Batch::new(key.subject);
    batch.expect(&JOB_REVIVE, params![key.subject, key.event, &key.subscriber, now], 1, "dead job");
    batch.wakes = true;
    db.commit(batch).await
}

/// Removes a dead letter for ever, and the payload of its event when nobody else needs it.
///
/// # Errors
/// `CommitError::Guard("dead job")` when there is no such dead letter.
pub async fn discard(db: &Db, key: &JobKey) -> Result<(), CommitError> {
    let mut batch = Batch::new(key.subject);
    batch.expect(&JOB_DISCARD, params![key.subject, key.event, &key.subscriber], 1, "dead job");
    batch.step(&OUTBOX_DONE, params![key.subject, key.event]);
    db.commit(batch).await
}
