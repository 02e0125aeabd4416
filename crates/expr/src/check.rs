//! Types, checked when a definition is compiled.

use crate::parse::{Function, Kind, Node, Op};
use crate::{ExprError, Schema, Type, Value};

pub(crate) fn check(node: &Node, schema: &Schema) -> Result<Type, ExprError> {
    Checker { schema, bound: Vec::new() }.node(node)
}

struct Checker<'a> {
    schema: &'a Schema,
    bound: Vec<(String, Type)>,
}

fn fits(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::Int, Type::Dec) | (Type::Dec, Type::Int) => true,
        (Type::List(a), Type::List(b)) => fits(a, b),
        (Type::Map(_), Type::Map(_)) => true,
        (a, b) => a == b,
    }
}

impl Checker<'_> {
    fn node(&mut self, node: &Node) -> Result<Type, ExprError> {
        match &node.kind {
            Kind::Lit(value) => Ok(match value {
                Value::Bool(_) => Type::Bool,
                Value::Int(_) => Type::Int,
                Value::Dec(_) => Type::Dec,
                Value::Str(_) => Type::Str,
                Value::Date(_) => Type::Date,
                _ => Type::Any,
            }),
            Kind::Name(name) => {
                if let Some((_, ty)) = self.bound.iter().rev().find(|(bound, _)| bound == name) {
                    return Ok(ty.clone());
                }
                self.schema.0.get(name).cloned().ok_or_else(|| {
                    let near = self.schema.0.keys().find(|known| similar(known, name));
                    let hint = near.map(|known| format!("; did you mean {known}?")).unwrap_or_default();
                    ExprError::new(node.span, format!("there is no {name}{hint}"))
                })
            }
            Kind::Get(inner, name) => match self.node(inner)? {
                Type::Any => Ok(Type::Any),
                Type::Map(fields) => fields.get(name).cloned().ok_or_else(|| {
                    let known: Vec<&str> = fields.keys().map(String::as_str).collect();
                    ExprError::new(node.span, format!("there is no {name} here; there are {}", known.join(", ")))
                }),
                other => Err(ExprError::new(node.span, format!("{other} has no parts"))),
            },
            Kind::Not(inner) => self.want(inner, &Type::Bool),
            Kind::Neg(inner) => self.number(inner),
            Kind::Binary(op, a, b) => self.binary(node, *op, a, b),
            Kind::If(condition, yes, no) => {
                self.want(condition, &Type::Bool)?;
                let (yes_type, no_type) = (self.node(yes)?, self.node(no)?);
                if !fits(&yes_type, &no_type) {
                    return Err(ExprError::new(no.span, format!("this is {no_type}, the other answer is {yes_type}")));
                }
                Ok(match (&yes_type, &no_type) {
                    (Type::Any, _) | (Type::Int, Type::Dec) => no_type,
                    _ => yes_type,
                })
            }
            Kind::Call(function, items) => self.call(*function, items),
            Kind::Quantifier(_, list, variable, body) => {
                let item = match self.node(list)? {
                    Type::List(item) => *item,
                    Type::Any => Type::Any,
                    other => return Err(ExprError::new(list.span, format!("this is {other}, not a list"))),
                };
                self.bound.push((variable.clone(), item));
                let checked = self.want(body, &Type::Bool);
                self.bound.pop();
                checked
            }
            Kind::List(items) => {
                let mut item = Type::Any;
                for each in items {
                    let ty = self.node(each)?;
                    if !fits(&ty, &item) {
                        return Err(ExprError::new(each.span, format!("this is {ty}, the others are {item}")));
                    }
                    if item == Type::Any {
                        item = ty;
                    }
                }
                Ok(Type::List(Box::new(item)))
            }
        }
    }

    fn want(&mut self, node: &Node, wanted: &Type) -> Result<Type, ExprError> {
        let given = self.node(node)?;
        if fits(&given, wanted) {
            Ok(wanted.clone())
        } else {
            Err(ExprError::new(node.span, format!("this is {given}, not {wanted}")))
        }
    }

    fn number(&mut self, node: &Node) -> Result<Type, ExprError> {
        let ty = self.node(node)?;
        numeric(ty, node)
    }

    fn binary(&mut self, node: &Node, op: Op, a: &Node, b: &Node) -> Result<Type, ExprError> {
        match op {
            Op::Or | Op::And => {
                self.want(a, &Type::Bool)?;
                self.want(b, &Type::Bool)
            }
            Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge => {
                let (left, right) = (self.node(a)?, self.node(b)?);
                if !fits(&left, &right) {
                    return Err(ExprError::new(node.span, format!("{left} cannot be compared with {right}")));
                }
                let ordered = [&left, &right]
                    .into_iter()
                    .all(|ty| matches!(ty, Type::Any | Type::Int | Type::Dec | Type::Str | Type::Date));
                if !ordered && !matches!(op, Op::Eq | Op::Ne) {
                    return Err(ExprError::new(node.span, format!("{left} has no order")));
                }
                Ok(Type::Bool)
            }
            Op::In => {
                let (item, list) = (self.node(a)?, self.node(b)?);
                match list {
                    Type::Any => Ok(Type::Bool),
                    Type::List(inner) if fits(&item, &inner) => Ok(Type::Bool),
                    Type::List(inner) => Err(ExprError::new(a.span, format!("this is {item}, the list has {inner}"))),
                    other => Err(ExprError::new(b.span, format!("this is {other}, not a list"))),
                }
            }
            Op::Add => {
                // Each side is looked at once: twice would double at every link of a chain.
                let (left, right) = (self.node(a)?, self.node(b)?);
                match (&left, &right) {
                    (Type::Str, Type::Str | Type::Any) | (Type::Any, Type::Str) => Ok(Type::Str),
                    (Type::Str, other) => Err(ExprError::new(b.span, format!("this is {other}, not {}", Type::Str))),
                    _ => sum(numeric(left, a)?, numeric(right, b)?),
                }
            }
            Op::Sub | Op::Mul => sum(self.number(a)?, self.number(b)?),
        }
    }

    fn call(&mut self, function: Function, items: &[Node]) -> Result<Type, ExprError> {
        match (function, items) {
            (Function::Size, [item]) => match self.node(item)? {
                Type::List(_) | Type::Str | Type::Map(_) | Type::Any => Ok(Type::Int),
                other => Err(ExprError::new(item.span, format!("{other} has no size"))),
            },
            (Function::Has, [item]) => self.node(item).map(|_| Type::Bool),
            (Function::Age, [item]) => self.want(item, &Type::Date).map(|_| Type::Int),
            (Function::WorkdaysAfter, [date, days]) => {
                self.want(days, &Type::Int)?;
                self.want(date, &Type::Date)
            }
            (Function::InRegion, [code, prefix]) => {
                self.want(code, &Type::Str)?;
                self.want(prefix, &Type::Str)?;
                Ok(Type::Bool)
            }
            (Function::Sum, [list, key]) => {
                let Kind::Lit(Value::Str(name)) = &key.kind else {
                    return Err(ExprError::new(
                        key.span,
                        "here the part to be summed is missing: sum(rows, \"amount\")",
                    ));
                };
                match self.node(list)? {
                    Type::Any => Ok(Type::Any),
                    Type::List(item) => match *item {
                        Type::Any => Ok(Type::Any),
                        Type::Map(mut fields) => match fields.remove(name) {
                            Some(ty) => numeric(ty, key),
                            None => {
                                let known: Vec<&str> = fields.keys().map(String::as_str).collect();
                                let msg = format!("there is no {name} here; there are {}", known.join(", "));
                                Err(ExprError::new(key.span, msg))
                            }
                        },
                        other => Err(ExprError::new(list.span, format!("this is a list of {other}, not of objects"))),
                    },
                    other => Err(ExprError::new(list.span, format!("this is {other}, not a list"))),
                }
            }
            (Function::Today, _) => Ok(Type::Date),
            (Function::Bhm, _) => Ok(Type::Dec),
            // The parser counts the values of a call.
            _ => Ok(Type::Any),
        }
    }
}

fn numeric(ty: Type, node: &Node) -> Result<Type, ExprError> {
    match ty {
        Type::Int | Type::Dec | Type::Any => Ok(ty),
        other => Err(ExprError::new(node.span, format!("this is {other}, not a number"))),
    }
}

/// The type of a sum or a product of two numbers.
fn sum(left: Type, right: Type) -> Result<Type, ExprError> {
    Ok(match (left, right) {
        (Type::Int, Type::Int) => Type::Int,
        (Type::Dec, _) | (_, Type::Dec) => Type::Dec,
        _ => Type::Any,
    })
}

/// One letter more, less or other.
fn similar(a: &str, b: &str) -> bool {
    let common = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    let tail = a.bytes().rev().zip(b.bytes().rev()).take_while(|(x, y)| x == y).count();
    a.len().abs_diff(b.len()) <= 1 && common + tail + 1 >= a.len().max(b.len()) && a.len() > 2
}
