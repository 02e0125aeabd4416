//! The ceiling of the benchmarks: the same rows written by the bare driver.
//!
//! A benchmark taps the batches of its real submissions ([`Db::tap`]), then writes the very same batches once more
//! into a fresh database: with the bare driver ([`ceiling`]), and through storage ([`replay`]). The three figures of one
//! run are compared as ratios; figures of different machines or hours are not.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio_postgres::NoTls;

use crate::{Batch, Db, Error};

/// Batches as they were committed.
#[derive(Clone, Default)]
pub struct Tap(Arc<Mutex<Vec<Batch>>>);

impl Tap {
    pub(crate) fn add(&self, batch: Batch) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(batch);
    }

    /// Takes what was committed since the last call, in the order of the commits.
    pub fn take(&self) -> Vec<Batch> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What one measurement counted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// Batches committed durably.
    pub commits: u64,
    /// Wall-clock time.
    pub elapsed: Duration,
    /// Processor time of this process, user and system. The server process of PostgreSQL is not in it.
    pub cpu: Duration,
}

impl Figures {
    /// Durable batches per second.
    pub fn per_second(&self) -> f64 {
        self.commits as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    fn add(&mut self, more: Figures) {
        self.commits += more.commits;
        self.elapsed += more.elapsed;
        self.cpu += more.cpu;
    }

    /// Processor microseconds of this process per batch.
    pub fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / (self.commits as f64).max(1.0)
    }
}

/// Processor time used by a process so far, user and system; zero where `/proc` does not tell. `None` is this process.
pub fn cpu_time(pid: Option<u32>) -> Duration {
    let path = pid.map_or_else(|| "/proc/self/stat".to_owned(), |pid| format!("/proc/{pid}/stat"));
    let stat = std::fs::read_to_string(path).unwrap_or_default();
    // The name in parentheses may hold spaces. Linux counts in hundredths of a second here, on every machine.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|t| t.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

struct Stopwatch(Instant, Duration);

impl Stopwatch {
    fn start() -> Self {
        Stopwatch(Instant::now(), cpu_time(None))
    }

    fn stop(self, commits: usize) -> Figures {
        Figures { commits: commits as u64, elapsed: self.0.elapsed(), cpu: cpu_time(None).saturating_sub(self.1) }
    }
}

/// Writes batches through storage with so many callers at once. A subject's batches stay in their order.
///
/// # Errors
/// When a batch cannot be committed.
pub async fn replay(db: &Db, batches: Vec<Batch>, clients: usize) -> Result<Figures, Error> {
    let count = batches.len();
    let shares = shares(batches, clients);
    let watch = Stopwatch::start();
    let callers: Vec<_> = shares
        .into_iter()
        .map(|share| {
            let db = db.clone();
            tokio::spawn(async move {
                for batch in share {
                    db.commit(batch).await?;
                }
                Ok::<(), Error>(())
            })
        })
        .collect();
    for caller in callers {
        caller.await.map_err(|e| Error::Closed(e.to_string()))??;
    }
    Ok(watch.stop(count))
}

/// Batches that are measured, and what must be there before them.
#[derive(Clone, Default)]
pub struct Round {
    /// Written first, outside of the measured time.
    pub before: Vec<Batch>,
    /// What is measured.
    pub timed: Vec<Batch>,
}

/// Writes batches with the bare driver, round by round on the same connections: on SQLite one connection and one COMMIT for
/// so many batches, on PostgreSQL so many connections, each sending `BEGIN`, the steps and `COMMIT` in one go. Guards are
/// executed but not looked at. Statements are prepared outside of the measured time.
///
/// The database must be migrated and nobody else may be writing.
///
/// # Errors
/// When a statement fails.
pub async fn ceiling(url: &str, rounds: Vec<Round>, clients: usize) -> Result<Figures, Error> {
    match url.strip_prefix("sqlite:") {
        Some(path) => {
            let path = path.strip_prefix("//").unwrap_or(path).to_owned();
            tokio::task::spawn_blocking(move || bare_sqlite(&path, &rounds, clients))
                .await
                .map_err(|e| Error::Closed(e.to_string()))?
                .map_err(|e| Error::Commit(e.to_string()))
        }
        None => bare_postgres(url, rounds, clients).await.map_err(|e| Error::Commit(format!("{e:?}"))),
    }
}

fn bare_sqlite(path: &str, rounds: &[Round], group: usize) -> rusqlite::Result<Figures> {
    let conn = rusqlite::Connection::open(path)?;
    conn.set_prepared_statement_cache_capacity(512);
    conn.pragma_update(None, "journal_mode", "wal")?;
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "foreign_keys", "on")?;
    conn.pragma_update(None, "wal_autocheckpoint", 4000)?;
    let write = |batches: &[Batch]| {
        conn.prepare_cached("begin immediate")?.execute([])?;
        for step in batches.iter().flat_map(|batch| &batch.steps) {
            let mut statement = conn.prepare_cached(&step.statement.numbered().sqlite)?;
            statement.execute(rusqlite::params_from_iter(&step.params))?;
        }
        conn.prepare_cached("commit")?.execute([])
    };
    let mut sum = Figures::default();
    for round in rounds {
        write(&round.before)?;
        for step in round.timed.iter().flat_map(|batch| &batch.steps) {
            conn.prepare_cached(&step.statement.numbered().sqlite)?;
        }
        let watch = Stopwatch::start();
        for group in round.timed.chunks(group.max(1)) {
            write(group)?;
        }
        sum.add(watch.stop(round.timed.len()));
    }
    Ok(sum)
}

/// A connection with the statements that it knows.
struct Bare {
    client: tokio_postgres::Client,
    prepared: std::collections::HashMap<String, tokio_postgres::Statement>,
}

impl Bare {
    async fn prepare(&mut self, batches: &[Batch]) -> Result<(), tokio_postgres::Error> {
        for step in batches.iter().flat_map(|batch| &batch.steps) {
            let sql = step.statement.sql();
            if !self.prepared.contains_key(sql) {
                self.prepared.insert(sql.to_owned(), self.client.prepare(sql).await?);
            }
        }
        Ok(())
    }

    async fn write(&self, batches: &[Batch]) -> Result<(), tokio_postgres::Error> {
        let client = &self.client;
        for batch in batches {
            let mut requests: Vec<crate::postgres::Request<'_>> = Vec::new();
            requests.push(Box::pin(async move { client.batch_execute("begin").await.map(|()| 0) }));
            for step in &batch.steps {
                let statement = &self.prepared[step.statement.sql()];
                requests.push(Box::pin(async move {
                    client.execute(statement, &crate::postgres::borrow(&step.params)).await
                }));
            }
            requests.push(Box::pin(async move { client.batch_execute("commit").await.map(|()| 0) }));
            for result in crate::postgres::in_order(requests).await {
                result?;
            }
        }
        Ok(())
    }
}

async fn bare_postgres(url: &str, rounds: Vec<Round>, clients: usize) -> Result<Figures, tokio_postgres::Error> {
    let mut sum = Figures::default();
    let mut ready = Vec::new();
    for _ in 0..clients.max(1) {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        ready.push(Bare { client, prepared: Default::default() });
    }
    for Round { before, timed } in rounds {
        let count = timed.len();
        ready[0].prepare(&before).await?;
        ready[0].write(&before).await?;
        let shares = shares(timed, clients);
        for (bare, share) in ready.iter_mut().zip(&shares) {
            bare.prepare(share).await?;
        }
        let watch = Stopwatch::start();
        let callers: Vec<_> = std::mem::take(&mut ready)
            .into_iter()
            .zip(shares)
            .map(|(bare, share)| tokio::spawn(async move { bare.write(&share).await.map(|()| bare) }))
            .collect();
        for caller in callers {
            // A panic of a task is a defect of the bench itself: what is missing shows as fewer connections.
            if let Ok(result) = caller.await {
                ready.push(result?);
            }
        }
        sum.add(watch.stop(count));
    }
    Ok(sum)
}

/// Deals the batches out by subject, so that what belongs to one person stays in its order.
fn shares(batches: Vec<Batch>, clients: usize) -> Vec<Vec<Batch>> {
    let clients = clients.max(1);
    let mut shares: Vec<Vec<Batch>> = (0..clients).map(|_| Vec::new()).collect();
    let mut of_subject = std::collections::HashMap::new();
    for batch in batches {
        let next = of_subject.len() % clients;
        let share = *of_subject.entry(batch.subject()).or_insert(next);
        shares[share].push(batch);
    }
    shares
}
