//! SQLite: one writer thread that commits waiting batches together, and connections that only read.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ToSql, ffi};
use tokio::sync::{Semaphore, mpsc, oneshot};

use crate::db::Options;
use crate::dialect::number_params;
use crate::migrate;
use crate::{Batch, CommitError, Error, Migration, Row, Statement, Value};

pub(crate) struct Sqlite {
    writes: Option<mpsc::Sender<Message>>,
    writer: Option<JoinHandle<()>>,
    readers: Arc<Readers>,
    /// Removed after everything above is closed.
    temporary: Option<PathBuf>,
}

struct Readers {
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
}

impl Readers {
    /// An idle connection; whoever holds a permit finds one, as there are as many permits as connections.
    fn take(&self) -> Result<Connection, Error> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop().ok_or_else(stopped)
    }

    fn put(&self, conn: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
    }
}

enum Message {
    Commit(Waiting),
    Run(Box<dyn FnOnce(&mut Connection) + Send>),
}

struct Waiting {
    batch: Batch,
    answer: oneshot::Sender<Result<(), CommitError>>,
}

/// Statements kept prepared on each connection: more than the program has.
const PREPARED: usize = 512;

impl Sqlite {
    pub(crate) fn open(path: &str, options: &Options) -> Result<Sqlite, Error> {
        let (path, temporary) = if path == ":memory:" {
            // A real file, because readers and the writer are separate connections; shared-cache memory has table
            // locks that files with a write-ahead log do not have.
            let token = kernel::rng::Rng::token(&kernel::rng::SystemRng, 12);
            let dir = std::env::temp_dir().join(format!("peshtoq-{}-{token}", std::process::id()));
            std::fs::create_dir(&dir).map_err(|e| Error::Open(e.to_string()))?;
            (dir.join("memory.db"), Some(dir))
        } else {
            (PathBuf::from(path), None)
        };
        make_private(&path).map_err(|e| Error::Open(e.to_string()))?;
        let connect = || -> rusqlite::Result<Connection> {
            let conn = Connection::open(&path)?;
            conn.set_prepared_statement_cache_capacity(PREPARED);
            conn.pragma_update(None, "journal_mode", "wal")?;
            // A temporary database need not survive a crash.
            conn.pragma_update(None, "synchronous", if temporary.is_some() { "off" } else { "full" })?;
            conn.pragma_update(None, "foreign_keys", "on")?;
            conn.pragma_update(None, "wal_autocheckpoint", 4000)?;
            conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
            // Another process (a backup, an operator's shell) may hold the file for a moment.
            conn.busy_timeout(std::time::Duration::from_secs(5))?;
            Ok(conn)
        };
        let conn = connect().map_err(|e| Error::Open(e.to_string()))?;
        let mut idle = Vec::new();
        for _ in 0..options.readers.max(1) {
            idle.push(open_reader(&path).map_err(|e| Error::Open(e.to_string()))?);
        }
        let free = Arc::new(Semaphore::new(idle.len()));
        let (writes, queue) = mpsc::channel(options.queue.max(1));
        let group = options.group.max(1);
        let writer = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write_loop(conn, queue, group))
            .map_err(|e| Error::Open(e.to_string()))?;
        Ok(Sqlite {
            writes: Some(writes),
            writer: Some(writer),
            readers: Arc::new(Readers { idle: Mutex::new(idle), free }),
            temporary,
        })
    }

    fn sender(&self) -> Result<&mpsc::Sender<Message>, Error> {
        self.writes.as_ref().ok_or_else(stopped)
    }

    pub(crate) async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        let (answer, wait) = oneshot::channel();
        let sender = self.sender()?;
        sender.try_send(Message::Commit(Waiting { batch, answer })).map_err(|e| match e {
            mpsc::error::TrySendError::Full(_) => CommitError::Busy,
            mpsc::error::TrySendError::Closed(_) => CommitError::Store(stopped()),
        })?;
        metrics::gauge!("peshtoq_storage_write_queue_depth")
            .set((sender.max_capacity().saturating_sub(sender.capacity())) as f64);
        wait.await.unwrap_or_else(|_| Err(CommitError::Store(stopped())))
    }

    pub(crate) async fn query(&self, statement: &'static Statement, params: Vec<Value>) -> Result<Vec<Row>, Error> {
        self.read(move |conn| read_rows(conn, statement, &params, usize::MAX)).await
    }

    /// The first row, read on the caller's own thread: a look-up by key takes some microseconds, handing it to another
    /// thread and back takes more. Lists go through [`Sqlite::query`], so that a long one holds up nobody.
    pub(crate) async fn query_first(
        &self,
        statement: &'static Statement,
        params: Vec<Value>,
    ) -> Result<Option<Row>, Error> {
        let permit = self.readers.free.acquire().await.map_err(|_| stopped())?;
        // No await from here on, so the connection comes back whatever becomes of the caller.
        let conn = self.readers.take()?;
        let result = read_rows(&conn, statement, &params, 1);
        self.readers.put(conn);
        drop(permit);
        Ok(result?.pop())
    }

    pub(crate) async fn prepare(&self, statement: &'static Statement) -> Result<(), Error> {
        self.read(move |conn| {
            conn.prepare(&statement.numbered().sqlite).map(|_| ()).map_err(|e| sql_error(statement, &e))
        })
        .await
    }

    pub(crate) async fn ready(&self) -> Result<(), Error> {
        self.run(|conn| conn.query_row("select 1", [], |_| Ok(())).map_err(|e| Error::Closed(e.to_string()))).await
    }

    pub(crate) async fn migrate(&self, migration: Migration) -> Result<(), Error> {
        self.run(move |conn| apply(conn, &migration)).await
    }

    pub(crate) async fn hold_writer(&self, until: std::sync::mpsc::Receiver<()>) {
        let (started, wait) = oneshot::channel();
        let message = Message::Run(Box::new(move |_| {
            let _ = started.send(());
            let _ = until.recv();
        }));
        if let Ok(sender) = self.sender() {
            let _ = sender.send(message).await;
            let _ = wait.await;
        }
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let permit = self.readers.free.clone().acquire_owned().await.map_err(|_| stopped())?;
        let readers = self.readers.clone();
        let done = tokio::task::spawn_blocking(move || {
            let conn = readers.take()?;
            let result = work(&conn);
            readers.put(conn);
            drop(permit);
            result
        });
        done.await.unwrap_or_else(|e| Err(Error::Closed(e.to_string())))
    }

    /// Runs something on the writer's connection, outside of a group.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, wait) = oneshot::channel();
        let message = Message::Run(Box::new(move |conn| {
            let _ = answer.send(work(conn));
        }));
        self.sender()?.send(message).await.map_err(|_| stopped())?;
        wait.await.unwrap_or_else(|_| Err(stopped()))
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        // The writer finishes what is queued and closes the file.
        self.writes = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
        if let Some(dir) = &self.temporary {
            self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
            let _ = std::fs::remove_dir_all(dir);
        }
    }
}

fn stopped() -> Error {
    Error::Closed("the executor has stopped".to_owned())
}

/// Makes the file before SQLite does, readable by its owner only: it holds personal data. The log beside it gets the same
/// permissions from SQLite.
fn make_private(path: &std::path::Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e),
        _ => Ok(()),
    }
}

fn open_reader(path: &PathBuf) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.set_prepared_statement_cache_capacity(PREPARED);
    conn.pragma_update(None, "query_only", "on")?;
    conn.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(conn)
}

fn write_loop(mut conn: Connection, mut queue: mpsc::Receiver<Message>, group: usize) {
    let mut waiting = Vec::with_capacity(group);
    while let Some(message) = queue.blocking_recv() {
        let mut next = Some(message);
        while let Some(message) = next {
            match message {
                Message::Commit(one) => {
                    waiting.push(one);
                    next = if waiting.len() < group { queue.try_recv().ok() } else { None };
                }
                Message::Run(work) => {
                    // Keep the order: what came before is committed before.
                    commit_group(&mut conn, &mut waiting);
                    work(&mut conn);
                    next = None;
                }
            }
        }
        commit_group(&mut conn, &mut waiting);
    }
}

/// Commits the waiting batches with one COMMIT, so that one fsync serves all; answers only after it.
fn commit_group(conn: &mut Connection, waiting: &mut Vec<Waiting>) {
    if waiting.is_empty() {
        return;
    }
    metrics::histogram!("peshtoq_storage_group_size").record(waiting.len() as f64);
    let results = try_group(conn, waiting);
    match results {
        Ok(results) => {
            for (one, result) in waiting.drain(..).zip(results) {
                let _ = one.answer.send(result);
            }
        }
        Err(error) => {
            tracing::error!(%error, waiters = waiting.len(), "a group of batches could not be committed");
            if !conn.is_autocommit() {
                let _ = conn.execute_batch("rollback");
            }
            for one in waiting.drain(..) {
                let _ = one.answer.send(Err(CommitError::Store(error.clone())));
            }
        }
    }
}

fn try_group(conn: &mut Connection, waiting: &[Waiting]) -> Result<Vec<Result<(), CommitError>>, Error> {
    // Nearly always every batch of a group succeeds, and a savepoint for each costs a tenth of the whole. So the
    // group is tried without; when one fails, everything is undone and done again with savepoints.
    control(conn, "begin immediate")?;
    let failed = waiting.iter().find_map(|one| run_batch(conn, &one.batch).err());
    match failed {
        None => {
            control(conn, "commit")?;
            return Ok(waiting.iter().map(|_| Ok(())).collect());
        }
        Some(error) => {
            // A full disk or an I/O error has rolled back by itself.
            if !conn.is_autocommit() {
                control(conn, "rollback")?;
            }
            if waiting.len() == 1 {
                return Ok(vec![Err(error)]);
            }
        }
    }
    control(conn, "begin immediate")?;
    let mut results = Vec::with_capacity(waiting.len());
    for one in waiting {
        control(conn, "savepoint batch")?;
        let result = run_batch(conn, &one.batch);
        if result.is_err() {
            if conn.is_autocommit() {
                // The whole transaction is gone, the neighbours too.
                return Err(match result {
                    Err(CommitError::Store(error)) => error,
                    _ => Error::Commit("the transaction was rolled back".to_owned()),
                });
            }
            control(conn, "rollback to batch")?;
        }
        control(conn, "release batch")?;
        results.push(result);
    }
    control(conn, "commit")?;
    Ok(results)
}

fn control(conn: &Connection, sql: &'static str) -> Result<(), Error> {
    conn.prepare_cached(sql)
        .and_then(|mut statement| statement.execute([]))
        .map(|_| ())
        .map_err(|e| Error::Commit(e.to_string()))
}

fn run_batch(conn: &Connection, batch: &Batch) -> Result<(), CommitError> {
    for step in &batch.steps {
        let changed = execute(conn, step.statement, &step.params)?;
        if let Some(expect) = step.expect
            && changed != expect.rows
        {
            return Err(CommitError::Guard(expect.label));
        }
    }
    Ok(())
}

fn execute(conn: &Connection, statement: &'static Statement, params: &[Value]) -> Result<u64, CommitError> {
    let run = || -> rusqlite::Result<u64> {
        let mut prepared = conn.prepare_cached(&statement.numbered().sqlite)?;
        if prepared.column_count() > 0 {
            // `returning`: count the rows, the values are not wanted here.
            let mut rows = prepared.query(rusqlite::params_from_iter(params))?;
            let mut count = 0;
            while rows.next()?.is_some() {
                count += 1;
            }
            return Ok(count);
        }
        Ok(prepared.execute(rusqlite::params_from_iter(params))? as u64)
    };
    run().map_err(|error| match &error {
        rusqlite::Error::SqliteFailure(
            ffi::Error {
                extended_code:
                    ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_ROWID,
                ..
            },
            _,
        ) => CommitError::Unique(statement.name()),
        _ => CommitError::Store(sql_error(statement, &error)),
    })
}

fn read_rows(
    conn: &Connection,
    statement: &'static Statement,
    params: &[Value],
    most: usize,
) -> Result<Vec<Row>, Error> {
    let read = || -> rusqlite::Result<Vec<Row>> {
        let mut prepared = conn.prepare_cached(&statement.numbered().sqlite)?;
        let columns = prepared.column_count();
        let mut rows = prepared.query(rusqlite::params_from_iter(params))?;
        let mut out = Vec::new();
        while out.len() < most
            && let Some(row) = rows.next()?
        {
            let mut values = Vec::with_capacity(columns);
            for i in 0..columns {
                let value = match row.get_ref(i)? {
                    ValueRef::Null => Value::Null,
                    ValueRef::Integer(n) => Value::Int(n),
                    ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
                    // SQLite has no uuid type: `Row::uuid` takes 16 bytes too.
                    ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
                    ValueRef::Real(_) => {
                        return Err(rusqlite::Error::InvalidColumnType(i, String::new(), rusqlite::types::Type::Real));
                    }
                };
                values.push(value);
            }
            out.push(Row::new(values));
        }
        Ok(out)
    };
    read().map_err(|e| sql_error(statement, &e))
}

fn sql_error(statement: &Statement, error: &rusqlite::Error) -> Error {
    Error::Sql { statement: statement.name(), message: error.to_string() }
}

fn apply(conn: &mut Connection, migration: &Migration) -> Result<(), Error> {
    let fail = |e: rusqlite::Error| migration.error(e);
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(fail)?;
    tx.execute_batch(migrate::CREATE).map_err(fail)?;
    let version = i64::from(migration.version);
    let stored = {
        let mut find = tx.prepare(&number_params(migrate::FIND).0).map_err(fail)?;
        let mut rows = find.query((migration.module, version)).map_err(fail)?;
        match rows.next().map_err(fail)? {
            Some(row) => Some(row.get::<_, String>(0).map_err(fail)?),
            None => None,
        }
    };
    if migration.is_applied(stored.as_deref())? {
        return Ok(());
    }
    tx.execute_batch(migration.sql).map_err(fail)?;
    tx.execute(&number_params(migrate::INSERT).0, (migration.module, version, migration.name, migration.checksum()))
        .map_err(fail)?;
    tx.commit().map_err(fail)
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(n) => ValueRef::Integer(*n),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
            Value::Uuid(id) => ValueRef::Blob(id.as_bytes()),
        }))
    }
}
