//! One handle over two executors.

use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use crate::batch::check_params;
use crate::bench::Tap;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::{Batch, CommitError, Error, Migration, Row, Statement, Value};

/// A database. Cheap to clone; the last clone closes it.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    executor: Executor,
    /// Counts commits with outbox rows, so that workers in this process wake at once.
    commits: watch::Sender<u64>,
    /// Set by benchmarks only.
    tap: OnceLock<Tap>,
}

enum Executor {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Which database answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// Embedded, one file.
    Sqlite,
    /// PostgreSQL or an engine that speaks its protocol.
    Postgres,
}

/// Sizes; the defaults suit a small server.
#[derive(Clone, Debug)]
pub struct Options {
    /// SQLite: connections that only read.
    pub readers: usize,
    /// SQLite: batches that may wait for the writer before `Busy`.
    pub queue: usize,
    /// SQLite: how many waiting batches share one commit at most.
    pub group: usize,
    /// PostgreSQL: connections.
    pub pool: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { readers: 4, queue: 1024, group: 256, pool: 16 }
    }
}

impl Db {
    /// Opens `sqlite:/path/file.db`, `sqlite::memory:` (a temporary file, removed at the end) or `postgres://…`.
    ///
    /// # Errors
    /// When the address is not understood or the database cannot be opened or reached.
    pub async fn open(url: &str) -> Result<Db, Error> {
        Db::open_with(url, Options::default()).await
    }

    /// [`Db::open`] with other sizes.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub async fn open_with(url: &str, options: Options) -> Result<Db, Error> {
        let executor = if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path).to_owned();
            let opened = tokio::task::spawn_blocking(move || Sqlite::open(&path, &options)).await;
            Executor::Sqlite(opened.map_err(|e| Error::Open(e.to_string()))??)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Executor::Postgres(Postgres::open(url, &options).await?)
        } else {
            // The address may hold a password: show the scheme only.
            let scheme = url.split(':').next().unwrap_or_default();
            return Err(Error::Url(scheme.to_owned()));
        };
        Ok(Db { inner: Arc::new(Inner { executor, commits: watch::Sender::new(0), tap: OnceLock::new() }) })
    }

    /// Which database answers.
    pub fn backend(&self) -> Backend {
        match &self.inner.executor {
            Executor::Sqlite(_) => Backend::Sqlite,
            Executor::Postgres(_) => Backend::Postgres,
        }
    }

    /// Applies what is missing: storage's own migrations first, then the given ones in their order.
    ///
    /// Several instances may do this at once. Each migration is one transaction.
    ///
    /// # Errors
    /// When a migration fails, or the text of an applied one has changed.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<(), Error> {
        for migration in crate::MIGRATIONS.iter().chain(migrations) {
            match &self.inner.executor {
                Executor::Sqlite(sqlite) => sqlite.migrate(*migration).await?,
                Executor::Postgres(postgres) => postgres.migrate(*migration).await?,
            }
        }
        Ok(())
    }

    /// Reads rows. A read that starts after an acknowledged commit sees it.
    ///
    /// # Errors
    /// When the statement fails or the database is gone.
    pub async fn query(&self, statement: &'static Statement, params: Vec<Value>) -> Result<Vec<Row>, Error> {
        check_params(statement, &params)?;
        match &self.inner.executor {
            Executor::Sqlite(sqlite) => sqlite.query(statement, params).await,
            Executor::Postgres(postgres) => postgres.query(statement, params).await,
        }
    }

    /// Reads the first row, if any. Say `limit 1` in the SQL where more may match.
    ///
    /// # Errors
    /// As [`Db::query`].
    pub async fn query_opt(&self, statement: &'static Statement, params: Vec<Value>) -> Result<Option<Row>, Error> {
        match &self.inner.executor {
            Executor::Sqlite(sqlite) => {
                check_params(statement, &params)?;
                sqlite.query_first(statement, params).await
            }
            Executor::Postgres(postgres) => {
                check_params(statement, &params)?;
                postgres.query_first(statement, params).await
            }
        }
    }

    /// Commits a batch durably. Once started it runs to its end, even when the caller goes away.
    ///
    /// # Errors
    /// See [`CommitError`]; nothing of the batch is stored then.
    pub async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        if batch.is_empty() {
            return Ok(());
        }
        batch.check()?;
        let wakes = batch.wakes;
        let tapped = self.inner.tap.get().map(|tap| (tap, batch.clone()));
        let result = match &self.inner.executor {
            Executor::Sqlite(sqlite) => sqlite.commit(batch).await,
            Executor::Postgres(postgres) => postgres.commit(batch).await,
        };
        let outcome = match &result {
            Ok(()) => "ok",
            Err(CommitError::Guard(_)) => "guard",
            Err(CommitError::Unique(_)) => "unique",
            Err(CommitError::Busy) => "busy",
            Err(CommitError::Store(_)) => "failed",
        };
        metrics::counter!("peshtoq_storage_commits_total", "outcome" => outcome).increment(1);
        if let Some((tap, batch)) = tapped
            && result.is_ok()
        {
            tap.add(batch);
        }
        if wakes && result.is_ok() {
            self.wake();
        }
        result
    }

    /// Whether the database answers and can write.
    ///
    /// # Errors
    /// When it does not; the message says why.
    pub async fn ready(&self) -> Result<(), Error> {
        match &self.inner.executor {
            Executor::Sqlite(sqlite) => sqlite.ready().await,
            Executor::Postgres(postgres) => postgres.ready().await,
        }
    }

    /// Prepares a statement without running it: for the test that prepares all of them.
    ///
    /// # Errors
    /// What the database says against the text.
    pub async fn prepare(&self, statement: &'static Statement) -> Result<(), Error> {
        match &self.inner.executor {
            Executor::Sqlite(sqlite) => sqlite.prepare(statement).await,
            Executor::Postgres(postgres) => postgres.prepare(statement).await,
        }
    }

    /// Keeps a copy of every batch committed from now on, for a benchmark that writes the same rows again.
    pub fn tap(&self) -> Tap {
        self.inner.tap.get_or_init(Tap::default).clone()
    }

    pub(crate) fn wake(&self) {
        self.inner.commits.send_modify(|n| *n = n.wrapping_add(1));
    }

    pub(crate) fn commits(&self) -> watch::Receiver<u64> {
        self.inner.commits.subscribe()
    }

    /// Holds the SQLite writer for a while, so that a test can fill its queue. Does nothing on PostgreSQL.
    #[doc(hidden)]
    pub async fn hold_writer(&self, until: std::sync::mpsc::Receiver<()>) {
        if let Executor::Sqlite(sqlite) = &self.inner.executor {
            sqlite.hold_writer(until).await;
        }
    }
}

impl std::fmt::Debug for Db {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Db({:?})", self.backend())
    }
}
