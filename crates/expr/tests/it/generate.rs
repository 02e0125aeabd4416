//! Random expressions that type-check, and data for them: the same for the same seed, on every machine.

use std::collections::BTreeMap;

use expr::{Env, Schema, Type, Value};
use kernel::Date;
use kernel::calendar::Calendar;
use rust_decimal::Decimal;

/// Data under names; a name that is not there is unknown.
pub struct Data {
    pub names: BTreeMap<String, Value>,
    calendar: Calendar,
}

impl Env for Data {
    fn get(&self, name: &str) -> Value {
        self.names.get(name).cloned().unwrap_or(Value::Unknown)
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

fn text(text: &str) -> Value {
    Value::Str(text.to_owned())
}

fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Four people: one who has answered everything, one who has answered nothing, and two in between.
pub fn data() -> Vec<Data> {
    let row = |n: i64, who: &str| map([("n", Value::Int(n)), ("who", text(who))]);
    let plot = |n: i64, area: &str| map([("n", Value::Int(n)), ("area", Value::Dec(area.parse().unwrap()))]);
    let full = [
        ("yes", Value::Bool(true)),
        ("no", Value::Bool(false)),
        ("n", Value::Int(3)),
        ("m", Value::Int(-7)),
        ("huge", Value::Int(i64::MAX)),
        ("share", Value::Dec(Decimal::new(25, 2))),
        ("price", Value::Dec(Decimal::new(15, 1))),
        ("kind", text("lost")),
        ("code", text("1726266")),
        ("born", Value::Date(Date::constant(2008, 2, 29))),
        (
            "person",
            map([("age", Value::Int(17)), ("sex", text("f")), ("born", Value::Date(Date::constant(1961, 5, 3)))]),
        ),
        ("ages", Value::List(vec![Value::Int(3), Value::Int(17)])),
        ("tags", Value::List(vec![text("a"), text("lost")])),
        ("rows", Value::List(vec![row(1, "child"), row(20, "ward")])),
        ("plots", Value::List(vec![plot(7, "0.1"), plot(-9, "0.25"), plot(0, "12")])),
    ];
    let of = |keep: &dyn Fn(&str) -> bool, change: &[(&str, Value)]| {
        let mut names: BTreeMap<String, Value> = full
            .iter()
            .filter(|(name, _)| keep(name))
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        names.extend(change.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        Data { names, calendar: Calendar::new([], [], Date::constant(2026, 1, 1), Date::constant(2026, 12, 31)) }
    };
    vec![
        of(&|_| true, &[]),
        of(&|_| false, &[("person", map([]))]),
        of(
            &|name| !["n", "price", "kind", "born"].contains(&name),
            &[
                ("yes", Value::Bool(false)),
                ("ages", Value::List(Vec::new())),
                ("person", map([("sex", text(""))])),
                ("code", text("👪é𐐷ﬀ")),
                ("plots", Value::List(Vec::new())),
            ],
        ),
        of(
            &|name| !["no", "tags", "share"].contains(&name),
            &[
                ("n", Value::Int(1000)),
                ("m", Value::Int(i64::MIN)),
                ("price", Value::Dec("-79228162514264337593543950335".parse().unwrap())),
                ("rows", Value::List(vec![row(5, "lost"), map([("who", text("ward"))])])),
                ("kind", text("ﬀ")),
                // Sums that go beyond what can be held: of whole numbers, and of decimals.
                (
                    "plots",
                    Value::List(vec![
                        plot(i64::MAX, "79228162514264337593543950335"),
                        plot(1, "0.5"),
                        map([("n", Value::Int(-1)), ("area", Value::Int(2))]),
                    ]),
                ),
            ],
        ),
    ]
}

/// The names of [`data`].
pub fn schema() -> Schema {
    let mut schema = Schema::new();
    let map = |fields: &[(&str, Type)]| Type::Map(fields.iter().map(|(n, ty)| ((*n).to_owned(), ty.clone())).collect());
    let list = |ty: Type| Type::List(Box::new(ty));
    for (name, ty) in [
        ("yes", Type::Bool),
        ("no", Type::Bool),
        ("n", Type::Int),
        ("m", Type::Int),
        ("huge", Type::Int),
        ("share", Type::Dec),
        ("price", Type::Dec),
        ("kind", Type::Str),
        ("code", Type::Str),
        ("born", Type::Date),
        ("person", map(&[("age", Type::Int), ("sex", Type::Str), ("born", Type::Date)])),
        ("ages", list(Type::Int)),
        ("tags", list(Type::Str)),
        ("rows", list(map(&[("n", Type::Int), ("who", Type::Str)]))),
        ("plots", list(map(&[("n", Type::Int), ("area", Type::Dec)]))),
    ] {
        schema.insert(name, ty);
    }
    schema
}

/// Makes expressions; xorshift, so that a seed gives the same everywhere.
pub struct Generator {
    state: u64,
    /// Only what CEL has too, and means the same by: see `oracle.rs`.
    cel: bool,
    /// Variables of `exists` and `all` that are open: whole numbers, texts, rows.
    bound: Vec<(String, Bound)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Bound {
    Int,
    Text,
    Row,
}

impl Generator {
    pub fn new(seed: u64, cel: bool) -> Self {
        Self { state: seed | 1, cel, bound: Vec::new() }
    }

    fn next(&mut self, below: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % below
    }

    fn pick(&mut self, of: &[&str]) -> String {
        of[self.next(of.len())].to_owned()
    }

    fn variable(&mut self, wanted: Bound) -> Option<String> {
        let of: Vec<String> = self.bound.iter().filter(|(_, kind)| *kind == wanted).map(|(n, _)| n.clone()).collect();
        if of.is_empty() || self.next(3) == 0 { None } else { Some(of[self.next(of.len())].clone()) }
    }

    /// An expression of any type.
    pub fn any(&mut self, depth: usize) -> String {
        match self.next(8) {
            0 => self.int(depth),
            1 => self.dec(depth),
            2 => self.text(depth),
            3 if !self.cel => self.date(depth),
            _ => self.truth(depth),
        }
    }

    fn truth(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.pick(&["yes", "no", "true", "false"]);
        }
        let d = depth - 1;
        match self.next(if self.cel { 12 } else { 15 }) {
            0 | 1 => format!("({} && {})", self.truth(d), self.truth(d)),
            2 | 3 => format!("({} || {})", self.truth(d), self.truth(d)),
            4 => format!("!{}", self.truth(d)),
            5 => format!("({} ? {} : {})", self.truth(d), self.truth(d), self.truth(d)),
            6 => {
                let op = self.pick(&["==", "!=", "<", "<=", ">", ">="]);
                format!("({} {op} {})", self.int(d), self.int(d))
            }
            7 => {
                let op = self.pick(&["==", "!=", "<", "<=", ">", ">="]);
                format!("({} {op} {})", self.dec(d), self.dec(d))
            }
            8 => {
                let op = self.pick(&["==", "!=", "<", ">="]);
                format!("({} {op} {})", self.text(d), self.text(d))
            }
            9 => match self.next(4) {
                0 => format!("({} in ages)", self.int(d)),
                1 => format!("({} in tags)", self.text(d)),
                2 => format!("({} in [1, 3, 17])", self.int(d)),
                _ => format!("({} in ['a', \"lost\", ''])", self.text(d)),
            },
            10 => {
                let quantifier = self.pick(&["exists", "all"]);
                let name = format!("x{}", self.bound.len());
                let (list, kind) = match self.next(4) {
                    0 => ("ages", Bound::Int),
                    1 => ("tags", Bound::Text),
                    2 => ("[1, 2, 3]", Bound::Int),
                    _ => ("rows", Bound::Row),
                };
                self.bound.push((name.clone(), kind));
                let body = self.truth(d.min(2));
                self.bound.pop();
                format!("{list}.{quantifier}({name}, {body})")
            }
            11 => match self.variable(Bound::Row) {
                Some(row) => format!("has({row}.{})", self.pick(&["n", "who"])),
                None => format!("has(person.{})", self.pick(&["age", "sex"])),
            },
            12 => {
                let op = self.pick(&["==", "!=", "<", "<=", ">", ">="]);
                format!("({} {op} {})", self.date(d), self.date(d))
            }
            13 => format!("in_region({}, {})", self.text(d), self.text(d)),
            _ => format!("has({})", self.any(d)),
        }
    }

    fn int(&mut self, depth: usize) -> String {
        if depth == 0 {
            if let Some(name) = self.variable(Bound::Int) {
                return name;
            }
            if let Some(name) = self.variable(Bound::Row) {
                return format!("{name}.n");
            }
            return match self.next(4) {
                0 => self.next(40).to_string(),
                1 => self.pick(&["0", "1", "2", "18", "9223372036854775807", "huge", "m"]),
                _ => self.pick(&["n", "m", "person.age", "size(tags)", "size(ages)"]),
            };
        }
        let d = depth - 1;
        match self.next(if self.cel { 6 } else { 10 }) {
            0 | 1 => format!("({} {} {})", self.int(d), self.pick(&["+", "-", "*"]), self.int(d)),
            2 => format!("-({})", self.int(d)),
            3 => format!("({} ? {} : {})", self.truth(d), self.int(d), self.int(d)),
            6 => format!("age({})", self.date(d)),
            7 => format!("year({})", self.date(d)),
            8 => format!("{}({}, {})", self.pick(&["min", "max"]), self.int(d), self.int(d)),
            9 => format!("sum({}, {})", self.pick(&["rows", "plots"]), "\"n\""),
            _ => self.int(0),
        }
    }

    /// Decimals: for CEL, which has binary fractions, only such as those hold exactly.
    fn dec(&mut self, depth: usize) -> String {
        if depth == 0 {
            return match (self.next(3), self.cel) {
                (0, true) => self.pick(&["0.5", "0.25", "1.5", "2.0", "100.75"]),
                (_, true) => self.pick(&["share", "0.125"]),
                (0, false) => self.pick(&["0.1", "0.045", "0.0000000000000000000000000001", "412000.0", "3.3"]),
                (1, false) => self.pick(&["79228162514264337593543950.335", "0.3", "0.9"]),
                _ => self.pick(&["share", "price", "bhm()"]),
            };
        }
        let d = depth - 1;
        match self.next(if self.cel { 4 } else { 10 }) {
            0 | 1 => format!("({} {} {})", self.dec(d), self.pick(&["+", "-", "*"]), self.dec(d)),
            2 => format!("-({})", self.dec(d)),
            4 => format!("div({}, {}, {})", self.dec(d), self.dec(d), self.pick(&["0", "2", "2", "12", "n"])),
            5 => format!("round({}, {})", self.dec(d), self.pick(&["0", "1", "2", "13"])),
            6 => format!("({} * {})", self.int(d), self.dec(d)),
            7 => format!("{}({}, {})", self.pick(&["min", "max"]), self.dec(d), self.int(d)),
            8 => format!("max([{}, {}, 1.5])", self.dec(d), self.dec(d)),
            9 => "sum(plots, 'area')".to_owned(),
            _ => self.dec(0),
        }
    }

    fn text(&mut self, depth: usize) -> String {
        if depth == 0 {
            if let Some(name) = self.variable(Bound::Text) {
                return name;
            }
            if let Some(name) = self.variable(Bound::Row) {
                return format!("{name}.who");
            }
            return self.pick(&["kind", "code", "person.sex", "'lost'", "'a'", "\"\"", "'1726'", "'ward'"]);
        }
        let d = depth - 1;
        match self.next(4) {
            0 => format!("({} + {})", self.text(d), self.text(d)),
            1 => format!("({} ? {} : {})", self.truth(d), self.text(d), self.text(d)),
            _ => self.text(0),
        }
    }

    fn date(&mut self, depth: usize) -> String {
        if depth > 0 && self.next(3) == 0 {
            let d = depth - 1;
            return match self.next(2) {
                0 => format!("({} ? {} : {})", self.truth(d), self.date(d), self.date(d)),
                _ => format!("{}({}, {})", self.pick(&["min", "max"]), self.date(d), self.date(d)),
            };
        }
        self.pick(&["born", "person.born", "date('2026-11-21')", "date('2010-11-22')", "today()", "date('2027-01-01')"])
    }
}
