//! How long a rule of a service takes, beside the crate `cel` in the same run: `cargo xtask bench expr`.

use std::collections::{BTreeMap, HashMap};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use expr::{Env, Schema, Type, Value};
use kernel::Date;
use kernel::calendar::Calendar;
use rust_decimal::Decimal;

/// Rules as definitions have them; the same text is CEL.
const RULES: [(&str, &str); 5] = [
    ("a choice", "basis == 'owner'"),
    ("one of several", "basis in ['relative', 'rent', 'dormitory']"),
    ("a typical condition", "basis == 'owner' && has(person.region) && person.children >= 3"),
    ("a list of a register", "organisations.exists(o, o.stir == stir)"),
    ("an amount", "price * 3 + 100 > limit ? true : urgent"),
];
/// Evaluations in a round, and rounds; the fastest counts.
const EACH: u32 = 20_000;
const ROUNDS: usize = 15;

struct Answers {
    names: BTreeMap<&'static str, Value>,
    calendar: Calendar,
}

impl Env for Answers {
    fn get(&self, name: &str) -> Value {
        self.names.get(name).cloned().unwrap_or(Value::Unknown)
    }
    fn at(&self, name: &str, path: &[&str]) -> Value {
        self.names.get(name).and_then(|value| value.at(path)).cloned().unwrap_or(Value::Unknown)
    }
    fn today(&self) -> Date {
        Date::constant(2026, 11, 21)
    }
    fn bhm(&self) -> Decimal {
        Decimal::from(412_000)
    }
    fn calendar(&self) -> &Calendar {
        &self.calendar
    }
}

/// Nanoseconds of one call.
fn fastest(mut run: impl FnMut()) -> f64 {
    let round = |run: &mut dyn FnMut()| {
        let started = Instant::now();
        (0..EACH).for_each(|_| run());
        started.elapsed().as_secs_f64() * 1e9 / f64::from(EACH)
    };
    (0..ROUNDS).map(|_| round(&mut run)).fold(f64::INFINITY, f64::min)
}

fn theirs(value: &Value) -> cel::Value {
    match value {
        Value::Bool(truth) => cel::Value::Bool(*truth),
        Value::Int(int) => cel::Value::Int(*int),
        Value::Str(text) => cel::Value::String(Arc::new(text.clone())),
        Value::List(items) => cel::Value::List(Arc::new(items.iter().map(theirs).collect())),
        Value::Map(fields) => {
            let fields: HashMap<String, cel::Value> = fields.iter().map(|(k, v)| (k.clone(), theirs(v))).collect();
            cel::Value::Map(fields.into())
        }
        Value::Unknown | Value::Dec(_) | Value::Date(_) => cel::Value::Null,
    }
}

fn main() {
    let text = |text: &str| Value::Str(text.to_owned());
    let map = |fields: &[(&str, Value)]| Value::Map(fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect());
    let types = |fields: &[(&str, Type)]| Type::Map(fields.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect());
    let organisation = |stir: &str| map(&[("stir", text(stir)), ("name", text("Namuna MChJ"))]);
    let known = [
        ("basis", Type::Str, text("owner")),
        ("stir", Type::Str, text("300000003")),
        ("urgent", Type::Bool, Value::Bool(false)),
        ("price", Type::Int, Value::Int(412_000)),
        ("limit", Type::Int, Value::Int(1_000_000)),
        (
            "person",
            types(&[("region", Type::Str), ("children", Type::Int)]),
            map(&[("region", text("1726266")), ("children", Value::Int(3))]),
        ),
        (
            "organisations",
            Type::List(Box::new(types(&[("stir", Type::Str), ("name", Type::Str)]))),
            Value::List(vec![organisation("300000001"), organisation("300000002"), organisation("300000003")]),
        ),
    ];
    let mut schema = Schema::new();
    let mut context = cel::Context::default();
    let mut names = BTreeMap::new();
    for (name, ty, value) in known {
        schema.insert(name, ty);
        context.add_variable_from_value(name, theirs(&value));
        names.insert(name, value);
    }
    let calendar = Calendar::new([], [], Date::constant(2026, 1, 1), Date::constant(2026, 12, 31));
    let answers = Answers { names, calendar };
    println!("{:<22} {:>10} {:>10} {:>8}", "rule", "expr, ns", "cel, ns", "ratio");
    let mut slow = false;
    for (name, source) in RULES {
        let (Ok(ours), Ok(program)) = (expr::compile(source, &schema), cel::Program::compile(source)) else {
            eprintln!("{source} does not compile");
            std::process::exit(1);
        };
        let ours = fastest(|| drop(black_box(black_box(&ours).eval(&answers))));
        let theirs = fastest(|| drop(black_box(black_box(&program).execute(&context))));
        println!("{name:<22} {ours:>10.0} {theirs:>10.0} {:>8.2}", ours / theirs);
        slow |= name.contains("typical") && ours >= 1000.0;
    }
    if slow {
        eprintln!("a typical rule takes a microsecond or more");
        std::process::exit(1);
    }
}
