//! SQL statements, registered once so that a test can prepare all of them on both databases.

use std::fmt;
use std::sync::OnceLock;

/// One SQL statement in the common subset with `$1…$n` parameters. Made by [`crate::statement!`].
pub struct Statement {
    name: &'static str,
    place: &'static str,
    sql: &'static str,
    numbered: OnceLock<Numbered>,
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
        Statement { name, place, sql, numbered: OnceLock::new() }
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
}

impl fmt::Debug for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Statement({} at {})", self.name, self.place)
    }
}
