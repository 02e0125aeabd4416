//! Evaluation: total and three-valued.

use std::cell::Cell;
use std::cmp::Ordering;

use kernel::Date;
use rust_decimal::Decimal;

use crate::parse::{Function, Kind, Node, Op};
use crate::{Env, MAX_STEPS, Value};

/// Names bound by `exists` and `all`, innermost first.
pub(crate) struct Bound<'a> {
    name: &'a str,
    value: &'a Value,
    outer: Option<&'a Bound<'a>>,
}

/// A working-day count beyond this is no term of any service.
const MAX_WORKDAYS: i64 = 10_000;

/// One evaluation: where the data come from and how many steps were made.
struct Run<'a> {
    env: &'a dyn Env,
    steps: Cell<u32>,
}

pub(crate) fn evaluate(node: &Node, env: &dyn Env) -> Value {
    let run = Run { env, steps: Cell::new(0) };
    let value = eval(node, &run, None);
    // Cut short in the middle, a part may look known that is not.
    if run.steps.get() > MAX_STEPS { Value::Unknown } else { value }
}

fn eval(node: &Node, run: &Run<'_>, bound: Option<&Bound<'_>>) -> Value {
    let steps = run.steps.get().saturating_add(1);
    run.steps.set(steps);
    if steps > MAX_STEPS {
        return Value::Unknown;
    }
    match &node.kind {
        Kind::Lit(value) => value.clone(),
        Kind::Name(name) => {
            let mut scope = bound;
            while let Some(inner) = scope {
                if inner.name == name {
                    return inner.value.clone();
                }
                scope = inner.outer;
            }
            run.env.get(name)
        }
        Kind::Get(inner, name) => match eval(inner, run, bound) {
            Value::Map(mut fields) => fields.remove(name).unwrap_or(Value::Unknown),
            _ => Value::Unknown,
        },
        Kind::Not(inner) => match eval(inner, run, bound) {
            Value::Bool(truth) => Value::Bool(!truth),
            _ => Value::Unknown,
        },
        Kind::Neg(inner) => match eval(inner, run, bound) {
            Value::Int(int) => int.checked_neg().map_or(Value::Unknown, Value::Int),
            Value::Dec(decimal) => Value::Dec(-decimal),
            _ => Value::Unknown,
        },
        Kind::Binary(Op::And, a, b) => match eval(a, run, bound).truth() {
            Some(false) => Value::Bool(false),
            left => match (left, eval(b, run, bound).truth()) {
                (_, Some(false)) => Value::Bool(false),
                (Some(true), Some(true)) => Value::Bool(true),
                _ => Value::Unknown,
            },
        },
        Kind::Binary(Op::Or, a, b) => match eval(a, run, bound).truth() {
            Some(true) => Value::Bool(true),
            left => match (left, eval(b, run, bound).truth()) {
                (_, Some(true)) => Value::Bool(true),
                (Some(false), Some(false)) => Value::Bool(false),
                _ => Value::Unknown,
            },
        },
        Kind::Binary(op, a, b) => binary(*op, eval(a, run, bound), eval(b, run, bound)),
        Kind::If(condition, yes, no) => match eval(condition, run, bound).truth() {
            Some(true) => eval(yes, run, bound),
            Some(false) => eval(no, run, bound),
            None => Value::Unknown,
        },
        Kind::Call(function, items) => call(*function, items, run, bound),
        Kind::Quantifier(some, list, variable, body) => {
            let Value::List(items) = eval(list, run, bound) else { return Value::Unknown };
            let mut unknown = false;
            for item in &items {
                if run.steps.get() > MAX_STEPS {
                    break;
                }
                let inner = Bound { name: variable, value: item, outer: bound };
                match eval(body, run, Some(&inner)).truth() {
                    Some(truth) if truth == *some => return Value::Bool(*some),
                    Some(_) => {}
                    None => unknown = true,
                }
            }
            if unknown { Value::Unknown } else { Value::Bool(!some) }
        }
        Kind::List(items) => Value::List(items.iter().map(|item| eval(item, run, bound)).collect()),
    }
}

fn binary(op: Op, a: Value, b: Value) -> Value {
    match op {
        Op::In => {
            let Value::List(items) = b else { return Value::Unknown };
            if a.is_unknown() {
                return Value::Unknown;
            }
            let mut unknown = false;
            for item in &items {
                match equal(&a, item) {
                    Some(true) => return Value::Bool(true),
                    Some(false) => {}
                    None => unknown = true,
                }
            }
            if unknown { Value::Unknown } else { Value::Bool(false) }
        }
        Op::Eq => equal(&a, &b).map_or(Value::Unknown, Value::Bool),
        Op::Ne => equal(&a, &b).map_or(Value::Unknown, |same| Value::Bool(!same)),
        Op::Lt => ordered(&a, &b, Ordering::is_lt),
        Op::Le => ordered(&a, &b, Ordering::is_le),
        Op::Gt => ordered(&a, &b, Ordering::is_gt),
        Op::Ge => ordered(&a, &b, Ordering::is_ge),
        Op::Add => match (a, b) {
            (Value::Str(a), Value::Str(b)) => Value::Str(a + &b),
            (a, b) => arithmetic(a, b, i64::checked_add, Decimal::checked_add),
        },
        Op::Sub => arithmetic(a, b, i64::checked_sub, Decimal::checked_sub),
        Op::Mul => arithmetic(a, b, i64::checked_mul, Decimal::checked_mul),
        // Handled by `eval`, which need not evaluate both sides.
        Op::And | Op::Or => Value::Unknown,
    }
}

/// Whether two values are the same; `None` when that cannot be known.
fn equal(a: &Value, b: &Value) -> Option<bool> {
    match (a, b) {
        (Value::Unknown, _) | (_, Value::Unknown) => None,
        (Value::Int(a), Value::Dec(b)) => Some(Decimal::from(*a) == *b),
        (Value::Dec(a), Value::Int(b)) => Some(*a == Decimal::from(*b)),
        (Value::List(a), Value::List(b)) => {
            if a.len() != b.len() {
                return Some(false);
            }
            let pairs: Vec<Option<bool>> = a.iter().zip(b).map(|(a, b)| equal(a, b)).collect();
            if pairs.contains(&Some(false)) {
                Some(false)
            } else if pairs.contains(&None) {
                None
            } else {
                Some(true)
            }
        }
        (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) => Some(a == b),
        _ => None,
    }
}

fn ordered(a: &Value, b: &Value, test: fn(Ordering) -> bool) -> Value {
    let ordering = match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Dec(b)) => Some(Decimal::from(*a).cmp(b)),
        (Value::Dec(a), Value::Int(b)) => Some(a.cmp(&Decimal::from(*b))),
        (Value::Dec(a), Value::Dec(b)) => Some(a.cmp(b)),
        (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        _ => None,
    };
    ordering.map_or(Value::Unknown, |ordering| Value::Bool(test(ordering)))
}

fn arithmetic(
    a: Value,
    b: Value,
    ints: fn(i64, i64) -> Option<i64>,
    decimals: fn(Decimal, Decimal) -> Option<Decimal>,
) -> Value {
    let result = match (a, b) {
        (Value::Int(a), Value::Int(b)) => ints(a, b).map(Value::Int),
        (Value::Int(a), Value::Dec(b)) => decimals(Decimal::from(a), b).map(Value::Dec),
        (Value::Dec(a), Value::Int(b)) => decimals(a, Decimal::from(b)).map(Value::Dec),
        (Value::Dec(a), Value::Dec(b)) => decimals(a, b).map(Value::Dec),
        _ => None,
    };
    result.unwrap_or(Value::Unknown)
}

fn call(function: Function, items: &[Node], run: &Run<'_>, bound: Option<&Bound<'_>>) -> Value {
    let argument = |at: usize| items.get(at).map_or(Value::Unknown, |item| eval(item, run, bound));
    match function {
        Function::Size => match argument(0) {
            Value::List(items) => Value::Int(items.len() as i64),
            Value::Str(text) => Value::Int(text.chars().count() as i64),
            Value::Map(fields) => Value::Int(fields.len() as i64),
            _ => Value::Unknown,
        },
        Function::Has => Value::Bool(!argument(0).is_unknown()),
        Function::Age => match argument(0) {
            Value::Date(birth) => full_years(birth, run.env.today()).map_or(Value::Unknown, Value::Int),
            _ => Value::Unknown,
        },
        Function::Today => Value::Date(run.env.today()),
        Function::WorkdaysAfter => match (argument(0), argument(1)) {
            (Value::Date(date), Value::Int(days @ 0..=MAX_WORKDAYS)) => {
                Value::Date(run.env.calendar().add_workdays(date, days as u32))
            }
            _ => Value::Unknown,
        },
        Function::InRegion => match (argument(0), argument(1)) {
            (Value::Str(code), Value::Str(prefix)) => Value::Bool(code.starts_with(&prefix)),
            _ => Value::Unknown,
        },
        Function::Bhm => Value::Dec(run.env.bhm()),
        Function::Sum => match (argument(0), argument(1)) {
            // One part that is missing makes the sum unknown, as with `+`.
            (Value::List(items), Value::Str(key)) => items.into_iter().fold(Value::Int(0), |sum, item| {
                let part = match item {
                    Value::Map(mut fields) => fields.remove(&key).unwrap_or(Value::Unknown),
                    _ => Value::Unknown,
                };
                arithmetic(sum, part, i64::checked_add, Decimal::checked_add)
            }),
            _ => Value::Unknown,
        },
    }
}

/// Full years from birth to the day; nothing for a birth still to come. Who was born on 29 February is a year older on
/// 1 March of a common year.
///
/// Rule: EXPR-AGE.
/// Source: our reading; the laws that set ages do not say what a leap day does.
fn full_years(birth: Date, today: Date) -> Option<i64> {
    if birth > today {
        return None;
    }
    let had_birthday = (today.month(), today.day()) >= (birth.month(), birth.day());
    Some(i64::from(today.year()) - i64::from(birth.year()) - i64::from(!had_birthday))
}
