//! The expression language of service definitions: a small, total, typed subset of CEL's syntax.
//!
//! Literals (`1`, `0.5`, `"text"`, `'text'`, `true`, `false`, `null` = unknown, `[1, 2]`), names and paths (`person.age`), `! - * + - < <= > >= == != in && || ?:`,
//! `list.exists(x, …)`, `list.all(x, …)`, the functions `size has age today workdays_after in_region bhm sum` and the literal `date("2026-11-21")`.
//!
//! *Three-valued*: what is missing is unknown, and unknown spreads as `NULL` does in SQL (`false && unknown` is false).
//! *Total*: no input and no data makes evaluation fail, loop or overflow; a number out of range is unknown.
//! *Typed*: [`compile`] refuses an unknown name or a comparison of a date with a number, with a caret under the place.
//!
//! Pure: no clock, no I/O; the day and the calendar come from [`Env`].

mod check;
mod eval;
mod parse;
mod value;

use std::fmt;

pub use value::{Env, Schema, Type, Value};

/// Longest source text, in bytes: an expression that a lawyer proofreads is a line or two.
pub const MAX_SOURCE: usize = 4096;
/// Deepest nesting, so that neither parsing nor evaluation can exhaust the stack.
pub const MAX_DEPTH: usize = 64;

/// Highest tree, counted through chains such as `a + b + c` too: a chain is deep on its left side.
pub const MAX_HEIGHT: usize = 256;
/// Most steps of one evaluation: nested `exists` over long lists multiply. More gives [`Value::Unknown`].
pub const MAX_STEPS: u32 = 100_000;

/// Why a text is not an expression: where (byte range) and what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{msg}")]
pub struct ExprError {
    /// First byte of the place, and the byte after it.
    pub span: (usize, usize),
    /// What is wrong, for the author of the definition.
    pub msg: String,
}

impl ExprError {
    pub(crate) fn new(span: (usize, usize), msg: impl Into<String>) -> Self {
        Self { span, msg: msg.into() }
    }

    /// The source line with a caret under the place, for a terminal or an editor.
    pub fn render(&self, source: &str) -> String {
        let at = self.span.0.min(source.len());
        let start = source[..floor(source, at)].rfind('\n').map_or(0, |newline| newline + 1);
        let end = source[start..].find('\n').map_or(source.len(), |length| start + length);
        let column = source[start..floor(source, at)].chars().count();
        let last = floor(source, self.span.1.clamp(at, end));
        let width = source[floor(source, at)..last.max(floor(source, at))].chars().count().max(1);
        format!("{}\n{}{} {}", &source[start..end], " ".repeat(column), "^".repeat(width), self.msg)
    }
}

/// The nearest character boundary at or before `at`.
fn floor(source: &str, at: usize) -> usize {
    (0..=at.min(source.len())).rev().find(|i| source.is_char_boundary(*i)).unwrap_or(0)
}

/// A compiled expression. Its text is kept: it is what is stored, shown and compared.
#[derive(Clone, Debug)]
pub struct Expr {
    source: String,
    node: parse::Node,
    ty: Type,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

/// Parses and checks an expression.
///
/// # Errors
/// The first thing that is wrong with it.
///
/// ```
/// use expr::{Schema, Type, compile};
/// let mut schema = Schema::new();
/// schema.insert("children", Type::Int);
/// assert!(compile("children >= 3", &schema).is_ok());
/// assert!(compile("children >= 'three'", &schema).is_err());
/// ```
pub fn compile(source: &str, schema: &Schema) -> Result<Expr, ExprError> {
    let node = parse::parse(source)?;
    let ty = check::check(&node, schema)?;
    Ok(Expr { source: source.to_owned(), node, ty })
}

/// Parses without knowing the names: every name may be anything.
///
/// # Errors
/// When the text is no expression.
pub fn parse(source: &str) -> Result<Expr, ExprError> {
    let node = parse::parse(source)?;
    Ok(Expr { source: source.to_owned(), node, ty: Type::Any })
}

impl Expr {
    /// The text as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What it yields.
    pub fn ty(&self) -> &Type {
        &self.ty
    }

    /// The value; total, in at most [`MAX_STEPS`] steps.
    pub fn eval(&self, env: &dyn Env) -> Value {
        eval::evaluate(&self.node, env)
    }

    /// Top-level names that it reads, in order of first use.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        parse::names(&self.node, &mut Vec::new(), &mut names);
        names
    }

    /// Names with the paths that follow them, `row.amount`, in order of first use.
    pub fn paths(&self) -> Vec<String> {
        let mut out = Vec::new();
        parse::paths(&self.node, &mut Vec::new(), &mut out);
        out
    }

    /// The same tree as JSON, for the browser: `["lit", v]`, `["name", "a"]`, `["get", x, "field"]`, `["!", x]`, `["&&", a, b]`, …,
    /// `["?", cond, yes, no]`, `["call", "age", …]`, `["exists", list, "x", body]`, `["list", …]`.
    pub fn to_js_tree(&self) -> serde_json::Value {
        parse::to_json(&self.node)
    }

    /// The tree printed with all its brackets; parses to the same tree, unless the brackets bring it over [`MAX_DEPTH`]
    /// or [`MAX_SOURCE`].
    pub fn canonical(&self) -> String {
        parse::print(&self.node)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)
    }
}

impl serde::Serialize for Expr {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl<'de> serde::Deserialize<'de> for Expr {
    /// Reads the source text as [`parse`] does; whoever has the schema compiles it again.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        parse(&source).map_err(|error| serde::de::Error::custom(error.render(&source)))
    }
}

#[cfg(test)]
mod tests;
