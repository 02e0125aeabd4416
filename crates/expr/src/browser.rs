//! The tree for the browser: what is known here is put in, what the page can answer is left.

use kernel::Date;
use serde_json::{Value as Json, json};

use crate::parse::{Function, Kind, Node, Op};
use crate::{Env, Expr, Value, eval};

/// What becomes of a name in the tree for the browser.
pub enum Seen<'a> {
    /// An answer on the page: it stays a name.
    Page,
    /// Known here, for anybody to see: put in as it is.
    Public,
    /// Known here, but not for the page: it decides here what it can, and is never put in. What hangs on both this and the
    /// page is left to the server.
    Private,
    /// Computed from other names, and only there while a condition holds.
    Computed(&'a Expr, Option<&'a Expr>),
    /// Neither known here nor to the page.
    Server,
}

/// Where the tree for the browser finds what is known.
pub trait Fold: Env {
    /// What becomes of a name.
    fn seen(&self, name: &str) -> Seen<'_>;
}

/// Nodes of a tree for the browser; a larger one is left to the server.
const MAX_NODES: usize = 400;
/// Computed values within computed values.
const MAX_COMPUTED: usize = 8;
/// Elements of a known list that are written out one by one.
const MAX_ITEMS: usize = 40;

/// The whole tree, nothing put in.
pub(crate) fn whole(node: &Node) -> Json {
    write(node, &mut Vec::new())
}

fn write(node: &Node, bound: &mut Vec<String>) -> Json {
    match &node.kind {
        Kind::Lit(value) => literal(value),
        Kind::Name(name) => json!([if bound.contains(name) { "var" } else { "name" }, name]),
        Kind::Get(inner, name) => json!(["get", write(inner, bound), name]),
        Kind::Not(inner) => json!(["!", write(inner, bound)]),
        Kind::Neg(inner) => json!(["neg", write(inner, bound)]),
        Kind::Binary(op, a, b) => json!([op.text(), write(a, bound), write(b, bound)]),
        Kind::If(a, b, c) => json!(["?", write(a, bound), write(b, bound), write(c, bound)]),
        Kind::Call(function, items) => called(*function, items.iter().map(|item| write(item, bound)).collect()),
        Kind::Quantifier(some, list, variable, body) => {
            let list = write(list, bound);
            bound.push(variable.clone());
            let body = write(body, bound);
            bound.pop();
            json!([if *some { "exists" } else { "all" }, list, variable, body])
        }
        Kind::List(items) => listed(items.iter().map(|item| write(item, bound)).collect()),
    }
}

fn called(function: Function, items: Vec<Json>) -> Json {
    let mut out = vec![json!("call"), json!(function.name())];
    out.extend(items);
    Json::Array(out)
}

fn listed(items: Vec<Json>) -> Json {
    let mut out = vec![json!("list")];
    out.extend(items);
    Json::Array(out)
}

/// Whole numbers up to here are numbers in JSON for every reader.
const SAFE: i64 = (1 << 53) - 1;

fn literal(value: &Value) -> Json {
    match value {
        Value::Unknown => json!(["lit", null]),
        Value::Bool(truth) => json!(["lit", truth]),
        Value::Int(int) if (-SAFE..=SAFE).contains(int) => json!(["lit", int]),
        Value::Int(int) => json!(["int", int.to_string()]),
        Value::Dec(decimal) => json!(["dec", decimal.normalize().to_string()]),
        Value::Str(text) => json!(["lit", text]),
        Value::Date(day) => json!(["date", day.to_string()]),
        Value::List(items) => listed(items.iter().map(literal).collect()),
        Value::Map(fields) => {
            let fields: serde_json::Map<String, Json> =
                fields.iter().map(|(key, value)| (key.clone(), literal(value))).collect();
            json!(["map", fields])
        }
    }
}

/// A part of the tree: decided here, or left to the browser.
enum Part {
    /// The value, and whether it may be seen.
    Known(Value, bool),
    Left(Json),
    Server,
}

impl Part {
    fn json(self) -> Json {
        match self {
            // A truth value and "unknown" tell no more than what is shown or hidden by them.
            Part::Known(value, public) if public || matches!(value, Value::Bool(_) | Value::Unknown) => literal(&value),
            Part::Known(..) | Part::Server => json!(["server"]),
            Part::Left(json) => json,
        }
    }

    fn truth(&self) -> Option<Option<bool>> {
        match self {
            Part::Known(value, _) => Some(value.truth()),
            _ => None,
        }
    }
}

/// Empty where the browser has nothing to decide; see [`Expr::to_browser`].
pub(crate) fn folded(node: &Node, fold: &dyn Fold) -> Json {
    let mut folder = Folder { fold, bound: Vec::new(), nodes: 0, computed: 0 };
    match folder.part(node) {
        Part::Left(json) if folder.nodes <= MAX_NODES => json,
        _ => Json::Null,
    }
}

struct Folder<'a> {
    fold: &'a dyn Fold,
    /// Names bound by `exists` and `all`: to an element that is known here, or to one of the page's.
    bound: Vec<(String, Option<(Value, bool)>)>,
    nodes: usize,
    computed: usize,
}

impl Folder<'_> {
    fn part(&mut self, node: &Node) -> Part {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Part::Server;
        }
        match &node.kind {
            Kind::Lit(value) => Part::Known(value.clone(), true),
            Kind::Name(name) => self.name(name),
            Kind::Get(inner, name) => match self.part(inner) {
                Part::Known(value, public) => {
                    Part::Known(value.at(&[name.as_str()]).cloned().unwrap_or(Value::Unknown), public)
                }
                Part::Left(json) => Part::Left(json!(["get", json, name])),
                Part::Server => Part::Server,
            },
            Kind::Not(inner) => match self.part(inner) {
                Part::Known(value, public) => {
                    Part::Known(value.truth().map_or(Value::Unknown, |truth| Value::Bool(!truth)), public)
                }
                Part::Left(json) => Part::Left(json!(["!", json])),
                Part::Server => Part::Server,
            },
            Kind::Neg(inner) => match self.part(inner) {
                Part::Known(value, public) => Part::Known(eval::negated(value), public),
                Part::Left(json) => Part::Left(json!(["neg", json])),
                Part::Server => Part::Server,
            },
            Kind::Binary(op @ (Op::And | Op::Or), a, b) => {
                let a = self.part(a);
                // What is not needed may be anything.
                if a.truth() == Some(Some(*op == Op::Or)) {
                    return a;
                }
                let b = self.part(b);
                either(*op == Op::Or, a, b)
            }
            Kind::Binary(op, a, b) => match (self.part(a), self.part(b)) {
                (Part::Known(a, a_public), Part::Known(b, b_public)) => {
                    Part::Known(eval::binary(*op, a, b), a_public && b_public)
                }
                (Part::Known(Value::Unknown, public), _) | (_, Part::Known(Value::Unknown, public)) => {
                    Part::Known(Value::Unknown, public)
                }
                (a, b) => left(vec![json!(op.text())], vec![a, b]),
            },
            Kind::If(condition, yes, no) => match self.part(condition) {
                Part::Known(value, _) => match value.truth() {
                    Some(true) => self.part(yes),
                    Some(false) => self.part(no),
                    None => Part::Known(Value::Unknown, true),
                },
                Part::Server => Part::Server,
                Part::Left(json) => {
                    let (yes, no) = (self.part(yes).json(), self.part(no).json());
                    Part::Left(json!(["?", json, yes, no]))
                }
            },
            Kind::Call(function, items) => self.call(*function, items),
            Kind::Quantifier(some, list, variable, body) => match self.part(list) {
                Part::Server => Part::Server,
                Part::Left(list) => {
                    self.bound.push((variable.clone(), None));
                    let body = self.part(body).json();
                    self.bound.pop();
                    Part::Left(json!([if *some { "exists" } else { "all" }, list, variable, body]))
                }
                Part::Known(Value::List(items), public) if items.len() <= MAX_ITEMS => {
                    // `exists` is a row of "or", `all` one of "and".
                    let mut all = Part::Known(Value::Bool(!some), true);
                    for item in items {
                        self.bound.push((variable.clone(), Some((item, public))));
                        let each = self.part(body);
                        self.bound.pop();
                        all = either(*some, all, each);
                    }
                    all
                }
                Part::Known(Value::List(_), _) => Part::Server,
                Part::Known(..) => Part::Known(Value::Unknown, true),
            },
            Kind::List(items) => {
                let parts: Vec<Part> = items.iter().map(|item| self.part(item)).collect();
                match known(&parts) {
                    Some((values, public)) => Part::Known(Value::List(values), public),
                    None => left(vec![json!("list")], parts),
                }
            }
        }
    }

    fn name(&mut self, name: &str) -> Part {
        if let Some((_, value)) = self.bound.iter().rev().find(|(bound, _)| bound == name) {
            return match value {
                Some((value, public)) => Part::Known(value.clone(), *public),
                None => Part::Left(json!(["var", name])),
            };
        }
        let fold = self.fold;
        match fold.seen(name) {
            Seen::Page => Part::Left(json!(["name", name])),
            Seen::Public => Part::Known(fold.get(name), true),
            Seen::Private => Part::Known(fold.get(name), false),
            Seen::Server => Part::Server,
            Seen::Computed(value, show) => {
                if self.computed >= MAX_COMPUTED {
                    return Part::Server;
                }
                self.computed += 1;
                // The names bound here mean nothing in there.
                let bound = std::mem::take(&mut self.bound);
                let part = match show.map(|show| self.part(&show.node)) {
                    None => self.part(&value.node),
                    Some(Part::Known(Value::Bool(true), _)) => self.part(&value.node),
                    Some(Part::Known(..)) => Part::Known(Value::Unknown, true),
                    Some(Part::Server) => Part::Server,
                    Some(Part::Left(shown)) => {
                        let value = self.part(&value.node).json();
                        Part::Left(json!(["?", shown, value, ["lit", null]]))
                    }
                };
                self.bound = bound;
                self.computed -= 1;
                part
            }
        }
    }

    fn call(&mut self, function: Function, items: &[Node]) -> Part {
        let parts: Vec<Part> = items.iter().map(|item| self.part(item)).collect();
        if let Some((values, public)) = known(&parts) {
            return Part::Known(eval::apply(function, values, self.fold), public);
        }
        match function {
            // The working days are the server's.
            Function::WorkdaysAfter => Part::Server,
            // The day is the server's, not that of the telephone.
            Function::Age => {
                let today: Date = self.fold.today();
                let mut parts = parts;
                parts.push(Part::Known(Value::Date(today), true));
                left(vec![json!("call"), json!("age")], parts)
            }
            _ => left(vec![json!("call"), json!(function.name())], parts),
        }
    }
}

/// The values, when all are known, and whether all may be seen.
fn known(parts: &[Part]) -> Option<(Vec<Value>, bool)> {
    let mut values = Vec::with_capacity(parts.len());
    let mut seen = true;
    for part in parts {
        let Part::Known(value, public) = part else { return None };
        values.push(value.clone());
        seen &= public;
    }
    Some((values, seen))
}

/// An operation that needs all its parts; one that only the server knows makes the whole its own.
fn left(mut head: Vec<Json>, parts: Vec<Part>) -> Part {
    for part in parts {
        match part.json() {
            json if json == json!(["server"]) => return Part::Server,
            json => head.push(json),
        }
    }
    Part::Left(Json::Array(head))
}

/// `or` of two parts, or `and`.
fn either(or: bool, a: Part, b: Part) -> Part {
    for part in [&a, &b] {
        if part.truth() == Some(Some(or)) {
            return Part::Known(Value::Bool(or), true);
        }
    }
    match (a.truth(), b.truth()) {
        (Some(Some(_)), Some(Some(_))) => Part::Known(Value::Bool(!or), true),
        (Some(_), Some(_)) => Part::Known(Value::Unknown, true),
        // The neutral one falls away, where the other is sure to be a truth value.
        (Some(Some(_)), None) if is_truth(&b) => b,
        (None, Some(Some(_))) if is_truth(&a) => a,
        _ if matches!((&a, &b), (Part::Server, Part::Server)) => Part::Server,
        (a_truth, b_truth) => {
            let json = |part: Part, truth: Option<Option<bool>>| match truth {
                // Anything but a truth value counts as unknown.
                Some(truth) => json!(["lit", truth]),
                None => part.json(),
            };
            Part::Left(json!([if or { "||" } else { "&&" }, json(a, a_truth), json(b, b_truth)]))
        }
    }
}

fn is_truth(part: &Part) -> bool {
    let Part::Left(Json::Array(parts)) = part else { return matches!(part, Part::Server) };
    let op = parts.first().and_then(Json::as_str).unwrap_or_default();
    let has = op == "call" && parts.get(1).is_some_and(|name| name == "has");
    has || ["&&", "||", "!", "==", "!=", "<", "<=", ">", ">=", "in", "exists", "all"].contains(&op)
}
