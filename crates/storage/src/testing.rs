//! Runs one suite on both databases. For tests of every context.

use std::future::Future;

use kernel::rng::{Rng, SystemRng};
use tokio_postgres::NoTls;

use crate::{Db, Error, Migration};

/// The address of a PostgreSQL server (`postgres://…`, a role that may create databases); `cargo xtask test`
/// starts one and sets it.
pub const POSTGRES: &str = "PESHTOQ_TEST_POSTGRES";

/// A fresh database for one test.
pub struct TestDb {
    /// The database, migrated.
    pub db: Db,
    /// Its address, for a test that opens it again.
    pub url: String,
    /// The server to drop it from; `None` on SQLite.
    server: Option<(String, String)>,
}

/// Runs `test` on a fresh, migrated SQLite and, when `PESHTOQ_TEST_POSTGRES` is set, on a fresh PostgreSQL database.
///
/// Without it the test says so; in CI that is a failure.
///
/// # Panics
/// When a database cannot be made: this is for tests.
pub async fn each_backend<F, Fut>(migrations: &[Migration], test: F)
where
    F: Fn(Db) -> Fut,
    Fut: Future<Output = ()>,
{
    let sqlite = sqlite(migrations).await;
    test(sqlite.db.clone()).await;
    if let Some(postgres) = postgres(migrations).await {
        test(postgres.db.clone()).await;
        postgres.remove().await;
    }
}

/// A fresh, migrated SQLite database in a temporary file.
///
/// # Panics
/// When it cannot be made.
pub async fn sqlite(migrations: &[Migration]) -> TestDb {
    let url = "sqlite::memory:".to_owned();
    let db = must(Db::open(&url).await);
    must(db.migrate(migrations).await);
    TestDb { db, url, server: None }
}

/// A fresh, migrated PostgreSQL database, or `None` when there is no server.
///
/// # Panics
/// When it cannot be made, or in CI when there is no server.
pub async fn postgres(migrations: &[Migration]) -> Option<TestDb> {
    let Ok(server) = std::env::var(POSTGRES) else {
        println!("SKIPPED postgres: {POSTGRES} is not set");
        assert!(std::env::var_os("CI").is_none(), "{POSTGRES} must be set in CI");
        return None;
    };
    let (url, name) = must(create_database(&server).await);
    let db = must(Db::open(&url).await);
    must(db.migrate(migrations).await);
    Some(TestDb { db, url, server: Some((server, name)) })
}

impl TestDb {
    /// Drops a PostgreSQL database; the server itself is temporary, so a failed test may leave its own behind.
    pub async fn remove(self) {
        let TestDb { db, server, .. } = self;
        drop(db);
        if let Some((server, name)) = server {
            must(drop_database(&server, &name).await);
        }
    }
}

/// Prepares every statement linked into the program; returns what the database says against each.
pub async fn prepare_all(db: &Db) -> Vec<String> {
    let mut wrong = Vec::new();
    for statement in crate::registered_statements() {
        if let Err(error) = db.prepare(statement).await {
            wrong.push(format!("{} ({}): {error}", statement.name(), statement.place()));
        }
    }
    wrong
}

/// Replaces the database name in `postgres://user@host:port/name?options`.
fn with_database(server: &str, name: &str) -> String {
    let (base, options) = match server.split_once('?') {
        Some((base, options)) => (base, format!("?{options}")),
        None => (server, String::new()),
    };
    let start = base.find("://").map_or(0, |i| i + 3);
    let end = base[start..].find('/').map_or(base.len(), |i| start + i);
    format!("{}/{name}{options}", &base[..end])
}

/// Makes an empty database on a PostgreSQL server and answers its address and name.
///
/// # Errors
/// When the server refuses.
pub async fn create_database(server: &str) -> Result<(String, String), Error> {
    let name = format!("test_{}", data_encoding::HEXLOWER.encode(&SystemRng.u64().to_be_bytes()));
    // The C locale orders text by bytes, as SQLite does.
    admin(server, &format!("create database {name} template template0 encoding 'UTF8' locale 'C'")).await?;
    Ok((with_database(server, &name), name))
}

/// Drops a database made by [`create_database`], also when somebody still uses it.
///
/// # Errors
/// When the server refuses.
pub async fn drop_database(server: &str, name: &str) -> Result<(), Error> {
    admin(server, &format!("drop database if exists {name} with (force)")).await
}

async fn admin(server: &str, sql: &str) -> Result<(), Error> {
    let fail = |e: tokio_postgres::Error| Error::Open(format!("{e:?}"));
    let (client, connection) = tokio_postgres::connect(server, NoTls).await.map_err(fail)?;
    let driver = tokio::spawn(connection);
    let done = client.batch_execute(sql).await.map_err(fail);
    drop(client);
    let _ = driver.await;
    done
}

fn must<T>(result: Result<T, Error>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{error}"),
    }
}
