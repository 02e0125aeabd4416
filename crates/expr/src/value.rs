//! Values, their types, and where an expression finds them.

use std::collections::BTreeMap;
use std::fmt;

use kernel::Date;
use kernel::calendar::Calendar;
use rust_decimal::Decimal;

/// What an expression yields. Missing data is [`Value::Unknown`], never an error.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Missing, or not computable.
    Unknown,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal number; money is one, in so‘m or in shares, as the definition says.
    Dec(Decimal),
    /// A text.
    Str(String),
    /// A calendar day.
    Date(Date),
    /// A list.
    List(Vec<Value>),
    /// A record.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// Whether there is no value.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Unknown)
    }

    /// `Some` when it is a known truth value.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The part at the end of a path of names; `None` when something on the way is missing.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self, |value, part| match value {
            Value::Map(fields) => fields.get(*part),
            _ => None,
        })
    }

    /// A JSON value as it stands: no dates, `null` is unknown.
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Value::Unknown,
            serde_json::Value::Bool(truth) => Value::Bool(*truth),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(int) => Value::Int(int),
                None => Decimal::from_str_exact(&number.to_string()).map_or(Value::Unknown, Value::Dec),
            },
            serde_json::Value::String(text) => Value::Str(text.clone()),
            serde_json::Value::Array(items) => Value::List(items.iter().map(Value::from_json).collect()),
            serde_json::Value::Object(map) => {
                Value::Map(map.iter().map(|(key, value)| (key.clone(), Value::from_json(value))).collect())
            }
        }
    }

    /// The same value read as `ty`: a text that is a date becomes one; what does not fit is unknown.
    pub fn read_as(self, ty: &Type) -> Value {
        match (ty, self) {
            (Type::Any, value) => value,
            (Type::Bool, value @ Value::Bool(_))
            | (Type::Int, value @ Value::Int(_))
            | (Type::Dec, value @ Value::Dec(_)) => value,
            (Type::Dec, Value::Int(int)) => Value::Dec(Decimal::from(int)),
            (Type::Dec, Value::Str(text)) => Decimal::from_str_exact(&text).map_or(Value::Unknown, Value::Dec),
            (Type::Str, value @ Value::Str(_)) | (Type::Date, value @ Value::Date(_)) => value,
            (Type::Date, Value::Str(text)) => text.parse().map_or(Value::Unknown, Value::Date),
            (Type::List(item), Value::List(items)) => {
                Value::List(items.into_iter().map(|value| value.read_as(item)).collect())
            }
            (Type::Map(fields), Value::Map(map)) => Value::Map(
                map.into_iter()
                    .map(|(key, value)| {
                        let value = match fields.get(&key) {
                            Some(ty) => value.read_as(ty),
                            None => value,
                        };
                        (key, value)
                    })
                    .collect(),
            ),
            _ => Value::Unknown,
        }
    }
}

/// What an expression may yield, known when a definition is compiled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// An exact decimal; a whole number will do.
    Dec,
    /// A text.
    Str,
    /// A calendar day.
    Date,
    /// A list of one type.
    List(Box<Type>),
    /// Fields by name; another name is an error.
    Map(BTreeMap<String, Type>),
    /// Not known: checked when it is evaluated, where what does not fit is unknown.
    Any,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Bool => f.write_str("a truth value"),
            Type::Int => f.write_str("a whole number"),
            Type::Dec => f.write_str("a decimal number"),
            Type::Str => f.write_str("a text"),
            Type::Date => f.write_str("a date"),
            Type::List(item) => write!(f, "a list of {item}"),
            Type::Map(_) => f.write_str("an object"),
            Type::Any => f.write_str("anything"),
        }
    }
}

/// The names that an expression may use, with their types.
#[derive(Clone, Debug, Default)]
pub struct Schema(pub BTreeMap<String, Type>);

impl Schema {
    /// No names at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a name.
    pub fn insert(&mut self, name: impl Into<String>, ty: Type) {
        self.0.insert(name.into(), ty);
    }
}

/// Where an expression finds data and the day.
pub trait Env {
    /// The value of a top-level name; [`Value::Unknown`] when there is none.
    fn get(&self, name: &str) -> Value;
    /// A part of a top-level name. Whoever holds large records gives only the part.
    fn at(&self, name: &str, path: &[&str]) -> Value {
        let whole = self.get(name);
        if path.is_empty() { whole } else { whole.at(path).cloned().unwrap_or(Value::Unknown) }
    }
    /// The civil day of the decision.
    fn today(&self) -> Date;
    /// The base amount (BHM) of that day, in so‘m.
    fn bhm(&self) -> Decimal;
    /// The working days.
    fn calendar(&self) -> &Calendar;
}
