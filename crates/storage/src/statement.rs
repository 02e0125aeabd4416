//! SQL statements, registered once so that a test can prepare all of them on both databases.

use std::fmt;
use std::sync::OnceLock;

/// One SQL statement in the common subset with `$1…$n` parameters. Made by [`crate::statement!`].
pub struct Statement {
    name: &'static str,
    place: &'static str,
    sql: &'static str,
    numbered: OnceLock<Numbered>,
    guarded: OnceLock<Option<Guarded>>,
}

/// The text for PostgreSQL that fails by itself when another count of rows is touched.
struct Guarded {
    rows: u64,
    sql: String,
}

/// The text for SQLite and the count of parameters.
pub(crate) struct Numbered {
    pub(crate) sqlite: String,
    pub(crate) params: usize,
}

/// Registers a statement: `storage::statement!(INSERT_CASE, "insert into … values ($1, $2)");` gives
/// `static INSERT_CASE: Statement`. Put `pub` or `pub(crate)` before the name to widen it.
#[macro_export]
macro_rules! statement {
    ($(#[$meta:meta])* $vis:vis $name:ident, $sql:expr $(,)?) => {
        $(#[$meta])*
        $vis static $name: $crate::Statement =
            $crate::Statement::new(stringify!($name), concat!(module_path!(), ":", line!()), $sql);
        $crate::inventory::submit! { $crate::Registered(&$name) }
    };
}

/// An entry of the list of statements; only [`crate::statement!`] makes it.
#[doc(hidden)]
pub struct Registered(pub &'static Statement);

inventory::collect!(Registered);

/// Every statement linked into this program, in no particular order.
pub fn registered_statements() -> impl Iterator<Item = &'static Statement> {
    inventory::iter::<Registered>.into_iter().map(|entry| entry.0)
}

impl Statement {
    #[doc(hidden)]
    pub const fn new(name: &'static str, place: &'static str, sql: &'static str) -> Self {
        Statement { name, place, sql, numbered: OnceLock::new(), guarded: OnceLock::new() }
    }

    /// Its name as written in [`crate::statement!`].
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The module and line where it is written.
    pub fn place(&self) -> &'static str {
        self.place
    }

    /// The text with `$n`.
    pub fn sql(&self) -> &'static str {
        self.sql
    }

    /// Rewritten once, at the first use.
    pub(crate) fn numbered(&self) -> &Numbered {
        self.numbered.get_or_init(|| {
            let (sqlite, params) = crate::dialect::number_params(self.sql);
            Numbered { sqlite, params }
        })
    }

    /// The text that divides by zero when it touches any other count of rows than `rows`, so that a guard needs no answer
    /// before `COMMIT`. `None` for a statement that is no plain change or gives rows back, and for a second count of the
    /// same statement.
    pub(crate) fn guarded(&self, rows: u64) -> Option<&str> {
        let guarded = self.guarded.get_or_init(|| {
            let text = self.sql.trim_start().to_ascii_lowercase();
            let plain = ["insert ", "update ", "delete "].iter().any(|verb| text.starts_with(verb));
            let gives_rows = text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "returning");
            (plain && !gives_rows && !text.contains('/')).then(|| Guarded {
                rows,
                sql: format!(
                    "with changed as ({} returning 1) select 1 / (case when count(*) = {rows} then 1 else 0 end) from changed",
                    self.sql
                ),
            })
        });
        guarded.as_ref().filter(|guarded| guarded.rows == rows).map(|guarded| guarded.sql.as_str())
    }
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Statement({} at {})", self.name, self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::Statement;

    #[test]
    fn a_guard_fails_by_itself_where_it_can_be_written_so() {
        static CHANGE: Statement = Statement::new("CHANGE", "here", "update t set a = $1 where id = $2");
        let sql = CHANGE.guarded(1).unwrap();
        assert!(sql.starts_with("with changed as (update t set a = $1 where id = $2 returning 1)"), "{sql}");
        // The text is kept for the first count only.
        assert_eq!(CHANGE.guarded(2), None);
        for sql in [
            "select 1",
            "update t set a = 1 returning a",
            "update t set a = a / 2",
            "with x as (select 1) delete from t",
        ] {
            let other = Box::leak(Box::new(Statement::new("OTHER", "here", sql)));
            assert_eq!(other.guarded(1), None, "{sql}");
        }
    }
}
