//! PostgreSQL: prepared statements, the steps of a batch pipelined, retries where the engine asks for them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use bytes::{BufMut, BytesMut};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use tokio::sync::RwLock;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type};
use tokio_postgres::{Config, NoTls, Statement as Prepared};
use uuid::Uuid;

use crate::db::Options;
use crate::migrate;
use crate::{Batch, CommitError, Error, Migration, Row, Statement, Value};

pub(crate) struct Postgres {
    pool: Pool,
    look_ups: Arc<LookUps>,
}

/// Connections that many callers share for look-ups by key. Questions asked at the same moment leave in one packet and wake
/// one process of the database rather than one each. No transaction is ever open on them.
struct LookUps {
    shared: Vec<RwLock<Option<Arc<Object>>>>,
    next: AtomicUsize,
}

/// Few, so that questions meet; more than one, so that a slow answer does not hold up all.
const LOOK_UPS: usize = 2;

/// How often a batch is tried when the engine reports a serialization failure or a deadlock.
const ATTEMPTS: u32 = 6;
/// How long to wait for a free connection before `Busy`.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(5);

/// Nothing of ours runs that long: what does hangs, and must not hold locks or a connection for ever.
const LIMITS: &str = "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000";
/// A migration of a large table may take its time.
const NO_LIMITS: &str = "set local statement_timeout = 0; set local lock_timeout = 0";

impl Postgres {
    pub(crate) async fn open(url: &str, options: &Options) -> Result<Postgres, Error> {
        let mut config: Config = url.parse().map_err(|e: tokio_postgres::Error| Error::Open(describe(&e)))?;
        if config.get_options().is_none() {
            config.options(LIMITS);
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        if config.get_application_name().is_none() {
            config.application_name("peshtoq");
        }
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method: RecyclingMethod::Fast });
        let pool = Pool::builder(manager)
            .max_size(options.pool.max(1))
            .wait_timeout(Some(WAIT_FOR_CONNECTION))
            .create_timeout(Some(Duration::from_secs(10)))
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .build()
            .map_err(|e| Error::Open(e.to_string()))?;
        let shared = (0..LOOK_UPS.min(options.pool.saturating_sub(1))).map(|_| RwLock::default()).collect();
        let postgres = Postgres { pool, look_ups: Arc::new(LookUps { shared, next: AtomicUsize::new(0) }) };
        postgres.ready().await.map_err(|e| Error::Open(e.to_string()))?;
        Ok(postgres)
    }

    async fn connection(&self) -> Result<Object, Error> {
        self.pool.get().await.map_err(|e| match e {
            deadpool_postgres::PoolError::Timeout(deadpool_postgres::TimeoutType::Wait) => Error::Busy,
            deadpool_postgres::PoolError::Backend(e) => Error::Closed(describe(&e)),
            other => Error::Closed(other.to_string()),
        })
    }

    pub(crate) async fn query(&self, statement: &'static Statement, params: Vec<Value>) -> Result<Vec<Row>, Error> {
        let conn = self.connection().await?;
        rows(&conn, statement, &params).await
    }

    /// The first row, asked on a connection that others use at the same time. Lists go through [`Postgres::query`], so
    /// that a long one holds up nobody.
    pub(crate) async fn query_first(
        &self,
        statement: &'static Statement,
        params: Vec<Value>,
    ) -> Result<Option<Row>, Error> {
        let found = match self.shared(&params).await? {
            Some(conn) => rows(&conn, statement, &params).await?,
            None => self.query(statement, params).await?,
        };
        Ok(found.into_iter().next())
    }

    /// The connection for look-ups of what the first parameter names, so that the questions about one person meet on one
    /// connection; opened when there is none, and again when it is closed. `None` when the pool is too small for it.
    async fn shared(&self, params: &[Value]) -> Result<Option<Arc<Object>>, Error> {
        let count = self.look_ups.shared.len();
        if count == 0 {
            return Ok(None);
        }
        let which = match params.first() {
            Some(Value::Uuid(id)) => usize::from(id.as_bytes()[15]),
            _ => self.look_ups.next.fetch_add(1, Ordering::Relaxed),
        };
        let slot = &self.look_ups.shared[which % count];
        let usable = |conn: &Option<Arc<Object>>| conn.clone().filter(|conn| !conn.is_closed());
        if let Some(conn) = usable(&*slot.read().await) {
            return Ok(Some(conn));
        }
        let mut slot = slot.write().await;
        if let Some(conn) = usable(&slot) {
            return Ok(Some(conn));
        }
        // The closed one goes first: it counts against the pool.
        *slot = None;
        let conn = Arc::new(self.connection().await?);
        *slot = Some(conn.clone());
        Ok(Some(conn))
    }

    pub(crate) async fn prepare(&self, statement: &'static Statement) -> Result<(), Error> {
        let conn = self.connection().await?;
        let prepared = conn.prepare(statement.sql()).await.map_err(|e| sql_error(statement, &e))?;
        if let Some(guarded) = statement.guarded(1) {
            conn.prepare(guarded).await.map_err(|e| sql_error(statement, &e))?;
        }
        for (i, ty) in prepared.params().iter().enumerate() {
            if !<&Value as ToSql>::accepts(ty) {
                return Err(Error::Param {
                    statement: statement.name(),
                    number: i + 1,
                    problem: "PostgreSQL infers a type that storage does not send; use bigint, text, bytea, uuid",
                });
            }
        }
        Ok(())
    }

    pub(crate) async fn ready(&self) -> Result<(), Error> {
        let conn = self.connection().await?;
        conn.batch_execute("select 1").await.map_err(|e| Error::Closed(describe(&e)))
    }

    pub(crate) async fn migrate(&self, migration: Migration) -> Result<(), Error> {
        let mut conn = self.connection().await?;
        let fail = |e: tokio_postgres::Error| migration.error(describe(&e));
        let mut tries = 0;
        loop {
            // Two instances that start at once may both try to create the table; the loser sees it afterwards.
            match conn.batch_execute(migrate::CREATE).await {
                Ok(()) => break,
                Err(e) if tries < 5 && e.code().is_some() => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(e) => return Err(fail(e)),
            }
        }
        let version = i64::from(migration.version);
        for _ in 0..2 {
            let stored = conn
                .query_opt(migrate::FIND, &[&migration.module, &version])
                .await
                .map_err(fail)?
                .map(|row| row.try_get::<_, String>(0))
                .transpose()
                .map_err(fail)?;
            if migration.is_applied(stored.as_deref())? {
                return Ok(());
            }
            let tx = conn.transaction().await.map_err(fail)?;
            tx.batch_execute(NO_LIMITS).await.map_err(fail)?;
            // The row first: a second instance waits on its key here instead of running the same DDL.
            let row = tx
                .execute(migrate::INSERT, &[&migration.module, &version, &migration.name, &migration.checksum()])
                .await;
            match row {
                Ok(_) => {
                    tx.batch_execute(migration.sql).await.map_err(fail)?;
                    return tx.commit().await.map_err(fail);
                }
                Err(e) if e.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                    tx.rollback().await.map_err(fail)?;
                }
                Err(e) => return Err(fail(e)),
            }
        }
        Err(migration.error("another instance keeps applying it"))
    }

    pub(crate) async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        let pool = Postgres { pool: self.pool.clone(), look_ups: self.look_ups.clone() };
        // A task of its own: a caller that goes away must not leave a connection inside a transaction.
        match tokio::spawn(async move { pool.commit_with_retries(batch).await }).await {
            Ok(result) => result,
            Err(e) => Err(CommitError::Store(Error::Commit(e.to_string()))),
        }
    }

    async fn commit_with_retries(&self, batch: Batch) -> Result<(), CommitError> {
        let mut attempt = 0;
        loop {
            attempt += 1;
            let conn = self.connection().await?;
            match commit_once(&conn, &batch).await {
                Ok(()) => return Ok(()),
                Err(Failed { error, retry: true, .. }) if attempt < ATTEMPTS => {
                    metrics::counter!("peshtoq_storage_commit_retries_total").increment(1);
                    tracing::debug!(%error, attempt, "the engine asks to try again");
                    drop(conn);
                    let jitter = kernel::rng::Rng::u64(&kernel::rng::SystemRng) % (5 << attempt);
                    tokio::time::sleep(Duration::from_millis(1 + jitter)).await;
                }
                Err(Failed { error, broken, .. }) => {
                    if broken {
                        // The state of the connection is not known: it must not go back to the pool.
                        let _ = Object::take(conn);
                    }
                    return Err(error);
                }
            }
        }
    }
}

struct Failed {
    error: CommitError,
    retry: bool,
    broken: bool,
}

/// Reads rows on a connection.
async fn rows(conn: &Object, statement: &'static Statement, params: &[Value]) -> Result<Vec<Row>, Error> {
    let fail = |e: tokio_postgres::Error| sql_error(statement, &e);
    let prepared = conn.prepare_cached(statement.sql()).await.map_err(fail)?;
    let rows = conn.query(&prepared, &borrow(params)).await.map_err(fail)?;
    rows.iter()
        .map(|row| {
            let values = (0..row.len()).map(|i| row.try_get::<_, Value>(i)).collect::<Result<_, _>>();
            values.map(Row::new).map_err(fail)
        })
        .collect()
}

/// One try: `BEGIN`, the steps and `COMMIT` go out together. A guard fails the transaction by itself (see
/// [`Statement::guarded`]), so `COMMIT` need not wait for counts; only where a guard cannot be written so, the counts are
/// read before `COMMIT` is sent.
///
/// The trap: `COMMIT` of a failed transaction reports success with the tag ROLLBACK, so the result of every step
/// is read.
async fn commit_once(conn: &Object, batch: &Batch) -> Result<(), Failed> {
    let mut prepared: Vec<(Prepared, bool)> = Vec::with_capacity(batch.steps.len());
    let mut counted = false;
    for step in &batch.steps {
        let guarded = step.expect.and_then(|expect| step.statement.guarded(expect.rows));
        counted |= step.expect.is_some() && guarded.is_none();
        let sql = guarded.unwrap_or(step.statement.sql());
        let ready = conn.prepare_cached(sql).await.map_err(|e| failed(step.statement, &e))?;
        prepared.push((ready, guarded.is_some()));
    }
    let mut requests: Vec<Request<'_>> = Vec::with_capacity(batch.steps.len() + 2);
    requests.push(Box::pin(async { conn.batch_execute("begin").await.map(|()| 0) }));
    for (step, (prepared, _)) in batch.steps.iter().zip(&prepared) {
        requests.push(Box::pin(async move { conn.execute(prepared, &borrow(&step.params)).await }));
    }
    if !counted {
        requests.push(Box::pin(async { conn.batch_execute("commit").await.map(|()| 0) }));
    }
    let mut results = in_order(requests).await.into_iter();
    let mut outcome = results.next().map_or(Ok(()), |begin| {
        begin.map(|_| ()).map_err(|e| Failed {
            error: CommitError::Store(Error::Commit(describe(&e))),
            retry: false,
            broken: true,
        })
    });
    for (step, (_, guarded)) in batch.steps.iter().zip(&prepared) {
        let Some(result) = results.next() else { break };
        if outcome.is_err() {
            // Later steps only repeat that the transaction has failed.
            continue;
        }
        let not_so_many = |label| Err(Failed { error: CommitError::Guard(label), retry: false, broken: false });
        outcome = match (result, step.expect) {
            (Err(e), Some(expect)) if *guarded && e.code() == Some(&SqlState::DIVISION_BY_ZERO) => {
                not_so_many(expect.label)
            }
            (Err(e), _) => Err(failed(step.statement, &e)),
            (Ok(rows), Some(expect)) if !guarded && rows != expect.rows => not_so_many(expect.label),
            (Ok(_), _) => Ok(()),
        };
    }
    let commit = match results.next() {
        Some(result) => result.map(|_| ()),
        None if outcome.is_ok() => conn.batch_execute("commit").await,
        None => conn.batch_execute("rollback").await,
    };
    outcome?;
    commit.map_err(|e| Failed {
        retry: wants_retry(&e),
        broken: e.code().is_none(),
        error: CommitError::Store(Error::Commit(describe(&e))),
    })
}

pub(crate) type Request<'a> = Pin<Box<dyn Future<Output = Result<u64, tokio_postgres::Error>> + Send + 'a>>;

/// Drives requests so that they are sent in their order without waiting for each other's answers: a request is
/// sent when it is first polled, and all are polled front to back.
pub(crate) async fn in_order(mut requests: Vec<Request<'_>>) -> Vec<Result<u64, tokio_postgres::Error>> {
    let mut results: Vec<Option<Result<u64, tokio_postgres::Error>>> = requests.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        let mut pending = false;
        for (request, result) in requests.iter_mut().zip(&mut results) {
            if result.is_none() {
                match request.as_mut().poll(cx) {
                    Poll::Ready(value) => *result = Some(value),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    results.into_iter().flatten().collect()
}

fn wants_retry(e: &tokio_postgres::Error) -> bool {
    matches!(e.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED))
}

fn failed(statement: &Statement, e: &tokio_postgres::Error) -> Failed {
    let error = if e.code() == Some(&SqlState::UNIQUE_VIOLATION) {
        CommitError::Unique(statement.name())
    } else {
        CommitError::Store(sql_error(statement, e))
    };
    // An error with a code came from the server, which will answer the rest; one without may have stopped
    // anywhere.
    Failed { error, retry: wants_retry(e), broken: e.code().is_none() }
}

fn sql_error(statement: &Statement, e: &tokio_postgres::Error) -> Error {
    if e.is_closed() {
        return Error::Closed(describe(e));
    }
    Error::Sql { statement: statement.name(), message: describe(e) }
}

/// The message of the server without its detail line, which quotes values.
fn describe(e: &tokio_postgres::Error) -> String {
    match e.as_db_error() {
        Some(db) => format!("{} ({})", db.message(), db.code().code()),
        None => match std::error::Error::source(e) {
            Some(source) => format!("{e}: {source}"),
            None => e.to_string(),
        },
    }
}

pub(crate) fn borrow(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

type BoxError = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match (self, ty) {
            (Value::Null, _) => return Ok(IsNull::Yes),
            (Value::Int(n), &Type::INT8) => out.put_i64(*n),
            (Value::Int(n), &Type::INT4) => out.put_i32(i32::try_from(*n)?),
            (Value::Int(n), &Type::INT2) => out.put_i16(i16::try_from(*n)?),
            (Value::Text(text), &Type::TEXT | &Type::VARCHAR | &Type::UNKNOWN) => out.put_slice(text.as_bytes()),
            (Value::Blob(bytes), &Type::BYTEA) => out.put_slice(bytes),
            (Value::Uuid(id), &Type::UUID) => out.put_slice(id.as_bytes()),
            (value, ty) => {
                return Err(format!("a {} was given where {ty} is wanted", value.kind()).into());
            }
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(
            *ty,
            Type::INT8
                | Type::INT4
                | Type::INT2
                | Type::TEXT
                | Type::VARCHAR
                | Type::UNKNOWN
                | Type::BYTEA
                | Type::UUID
        )
    }

    tokio_postgres::types::to_sql_checked!();
}

impl<'a> FromSql<'a> for Value {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, BoxError> {
        Ok(match *ty {
            Type::INT8 => Value::Int(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => Value::Int(i64::from(i32::from_be_bytes(raw.try_into()?))),
            Type::INT2 => Value::Int(i64::from(i16::from_be_bytes(raw.try_into()?))),
            Type::BOOL => Value::Int(i64::from(raw.first().is_some_and(|b| *b != 0))),
            Type::NUMERIC => Value::Int(whole_number(raw)?),
            Type::BYTEA => Value::Blob(raw.to_vec()),
            Type::UUID => Value::Uuid(Uuid::from_slice(raw)?),
            _ => Value::Text(std::str::from_utf8(raw)?.to_owned()),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Self, BoxError> {
        Ok(Value::Null)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::BOOL | Type::NUMERIC | Type::NAME | Type::BPCHAR) || <Value as ToSql>::accepts(ty)
    }
}

/// Reads a whole `numeric`, which is what `sum(bigint)` gives.
fn whole_number(raw: &[u8]) -> Result<i64, BoxError> {
    let word = |i: usize| -> Result<i64, BoxError> {
        let bytes = raw.get(2 * i..2 * i + 2).ok_or("a numeric is cut short")?;
        Ok(i64::from(i16::from_be_bytes(bytes.try_into()?)))
    };
    let (digits, weight, negative) = (word(0)?, word(1)?, word(2)? == 0x4000);
    let mut value = 0_i64;
    for position in 0..=weight.max(-1) {
        let digit = if position < digits { word(4 + usize::try_from(position)?)? } else { 0 };
        value =
            value.checked_mul(10_000).and_then(|v| v.checked_add(digit)).ok_or("a numeric does not fit into bigint")?;
    }
    if digits > weight + 1 {
        return Err("a numeric is not whole".into());
    }
    Ok(if negative { -value } else { value })
}
