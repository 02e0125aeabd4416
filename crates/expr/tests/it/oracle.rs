//! The same text and the same data in the crate `cel`, an implementation of CEL by others.
//!
//! Where the two mean different things, by design, the generator makes no expressions:
//!
//! - What is missing: an error there, unknown here. An error is taken as unknown; so a list with a missing element, which is an
//!   error as a whole there, is not written. `null`, a value of its own there, is not written either.
//! - Fractions are binary there and decimal here: only those that both hold exactly (0.5, 0.125).
//! - A whole number and a fraction are not added there: they are not mixed.
//! - Dates, `age`, `year`, `div`, `round`, `min`, `max`, `in_region`, `workdays_after`, `bhm` are not CEL's.
//! - `has` takes a path there, any expression here; and where the first name of the path is not given at all, that is an error there
//!   and "no" here: a record is always given, if need be an empty one.

use std::sync::Arc;

use expr::Value;

use crate::generate::{Data, Generator, data, schema};

/// Expressions compared.
const COUNT: usize = 10_000;

fn cel_value(value: &Value) -> cel::Value {
    match value {
        Value::Bool(truth) => cel::Value::Bool(*truth),
        Value::Int(int) => cel::Value::Int(*int),
        Value::Dec(decimal) => cel::Value::Float(decimal.to_string().parse().unwrap()),
        Value::Str(text) => cel::Value::String(Arc::new(text.clone())),
        Value::List(items) => cel::Value::List(Arc::new(items.iter().map(cel_value).collect())),
        Value::Map(fields) => {
            let fields: std::collections::HashMap<String, cel::Value> =
                fields.iter().map(|(name, value)| (name.clone(), cel_value(value))).collect();
            cel::Value::Map(fields.into())
        }
        Value::Unknown | Value::Date(_) => cel::Value::Null,
    }
}

fn context(data: &Data) -> cel::Context<'static, 'static> {
    let mut context = cel::Context::default();
    for (name, value) in &data.names {
        context.add_variable_from_value(name.clone(), cel_value(value));
    }
    context
}

fn same(ours: &Value, theirs: &cel::Value) -> bool {
    match (ours, theirs) {
        (Value::Bool(a), cel::Value::Bool(b)) => a == b,
        (Value::Int(a), cel::Value::Int(b)) => a == b,
        (Value::Dec(a), cel::Value::Float(b)) => a.to_string().parse::<f64>().is_ok_and(|a| a == *b),
        (Value::Str(a), cel::Value::String(b)) => a == b.as_ref(),
        _ => false,
    }
}

#[test]
fn ten_thousand_expressions_mean_what_they_mean_in_cel() {
    let (schema, data) = (schema(), data());
    let contexts: Vec<cel::Context<'_, '_>> = data.iter().map(context).collect();
    let mut generator = Generator::new(20_261_124, true);
    let (mut wrong, mut known, mut seen) = (Vec::new(), 0, std::collections::BTreeSet::new());
    while seen.len() < COUNT {
        let source = generator.any(1 + seen.len() % 4);
        if source.len() > 400 || !seen.insert(source.clone()) {
            continue;
        }
        let ours = expr::compile(&source, &schema).unwrap_or_else(|error| panic!("{}", error.render(&source)));
        let theirs = cel::Program::compile(&source).unwrap_or_else(|error| panic!("{source}: {error}"));
        for (n, (data, context)) in data.iter().zip(&contexts).enumerate() {
            let ours = ours.eval(data);
            known += usize::from(!ours.is_unknown());
            let agree = match theirs.execute(context) {
                Ok(value) => same(&ours, &value),
                Err(_) => ours.is_unknown(),
            };
            if !agree {
                wrong.push(format!("{source}  with data {n}: {ours:?}, there {:?}", theirs.execute(context)));
            }
        }
    }
    wrong.sort_by_key(String::len);
    assert!(wrong.is_empty(), "{} of {COUNT}:\n{}", wrong.len(), wrong[..wrong.len().min(25)].join("\n"));
    // The comparison would be hollow if most were unknown to both.
    assert!(known > COUNT * 2, "only {known} of {} values are known", COUNT * data.len());
}
