//! Migrations: numbered texts of each context, applied once.

use ring::digest;

/// One migration. The text is plain DDL in the common subset and must not change once released.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// The context that owns the tables, such as `applications`.
    pub module: &'static str,
    /// Its number within the context, from 1.
    pub version: u32,
    /// A few words, as in the file name.
    pub name: &'static str,
    /// The text, usually by `include_str!`.
    pub sql: &'static str,
}

pub(crate) const CREATE: &str = "create table if not exists storage_migrations (
    module text not null, version bigint not null, name text not null, checksum text not null,
    primary key (module, version))";

pub(crate) const FIND: &str = "select checksum from storage_migrations where module = $1 and version = $2";

pub(crate) const INSERT: &str =
    "insert into storage_migrations (module, version, name, checksum) values ($1, $2, $3, $4)";

impl Migration {
    pub(crate) fn checksum(&self) -> String {
        data_encoding::HEXLOWER.encode(digest::digest(&digest::SHA256, self.sql.as_bytes()).as_ref())
    }

    pub(crate) fn error(&self, message: impl std::fmt::Display) -> crate::Error {
        crate::Error::Migration { module: self.module.to_owned(), version: self.version, message: message.to_string() }
    }

    /// Whether it is applied already, given the stored checksum.
    pub(crate) fn is_applied(&self, stored: Option<&str>) -> Result<bool, crate::Error> {
        match stored {
            None => Ok(false),
            Some(sum) if sum == self.checksum() => Ok(true),
            Some(_) => Err(self.error("its text was changed after it had been applied; add a new migration instead")),
        }
    }
}
