//! Cases for the evaluator of the pages, `web/scripts/expr.js`, whose test reads the same file.

use std::fmt::Write as _;

use expr::{Env, Fold, Seen, Value};
use serde_json::json;

use crate::generate::{Data, Generator, data, schema};

/// Cases in the file.
const COUNT: usize = 2_000;

/// Some names are on the page, the others known here.
struct Split<'a> {
    data: &'a Data,
    page: &'a dyn Fn(&str) -> bool,
}

impl Env for Split<'_> {
    fn get(&self, name: &str) -> Value {
        self.data.get(name)
    }
    fn today(&self) -> kernel::Date {
        self.data.today()
    }
    fn bhm(&self) -> rust_decimal::Decimal {
        self.data.bhm()
    }
    fn calendar(&self) -> &kernel::calendar::Calendar {
        self.data.calendar()
    }
}

impl Fold for Split<'_> {
    fn seen(&self, name: &str) -> Seen<'_> {
        if (self.page)(name) { Seen::Page } else { Seen::Public }
    }
}

/// A value as a tree, through a fold that puts it in.
fn literal(value: &Value) -> serde_json::Value {
    match value {
        Value::Unknown => json!(["lit", null]),
        Value::Bool(truth) => json!(["lit", truth]),
        Value::Int(int) => json!(["int", int.to_string()]),
        Value::Dec(decimal) => json!(["dec", decimal.normalize().to_string()]),
        Value::Str(text) => json!(["lit", text]),
        Value::Date(day) => json!(["date", day.to_string()]),
        Value::List(items) => {
            let mut out = vec![json!("list")];
            out.extend(items.iter().map(literal));
            json!(out)
        }
        Value::Map(fields) => {
            let fields: serde_json::Map<String, serde_json::Value> =
                fields.iter().map(|(name, value)| (name.clone(), literal(value))).collect();
            json!(["map", fields])
        }
    }
}

/// `tests/data/browser.jsonl`: the data of each person, then `[data, whole tree, folded tree or null, value]`. In the folded tree the
/// answers are left as names and the rest is put in. `UPDATE=1` in the environment writes it anew.
#[test]
fn the_cases_of_the_browsers_evaluator_are_those_of_this_one() {
    let (schema, data) = (schema(), data());
    let page = |name: &str| !["person", "ages", "huge"].contains(&name);
    let mut out = String::new();
    for one in &data {
        let names: serde_json::Map<String, serde_json::Value> =
            one.names.iter().map(|(name, value)| (name.clone(), literal(value))).collect();
        writeln!(out, "{}", json!(names)).unwrap();
    }
    let mut generator = Generator::new(7_012, false);
    let (mut cases, mut left, mut folds) = (0, 0, 0);
    while cases < COUNT {
        let source = generator.any(1 + cases % 4);
        let which = cases % data.len();
        let compiled = expr::compile(&source, &schema).unwrap_or_else(|error| panic!("{}", error.render(&source)));
        let tree = compiled.to_js_tree();
        if tree.to_string().len() > 300 {
            continue;
        }
        cases += 1;
        let value = compiled.eval(&data[which]);
        let folded = compiled.to_browser(&Split { data: &data[which], page: &page });
        folds += usize::from(folded.is_null());
        left += usize::from(!folded.is_null());
        writeln!(out, "{}", json!([which, tree, folded, literal(&value)])).unwrap();
    }
    assert!(left > COUNT / 3 && folds > COUNT / 20, "{left} left to the browser, {folds} decided here");
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/browser.jsonl");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &out).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == out, "tests/data/browser.jsonl is not what the language means now; UPDATE=1 writes it");
}

/// What is known only here is not in the tree, whatever hangs on it.
#[test]
fn private_values_decide_and_never_go_out() {
    struct Private<'a>(&'a Data);
    impl Env for Private<'_> {
        fn get(&self, name: &str) -> Value {
            self.0.get(name)
        }
        fn today(&self) -> kernel::Date {
            self.0.today()
        }
        fn bhm(&self) -> rust_decimal::Decimal {
            self.0.bhm()
        }
        fn calendar(&self) -> &kernel::calendar::Calendar {
            self.0.calendar()
        }
    }
    impl Fold for Private<'_> {
        fn seen(&self, name: &str) -> Seen<'_> {
            if ["kind", "n", "yes"].contains(&name) { Seen::Page } else { Seen::Private }
        }
    }
    let (schema, data) = (schema(), data());
    let fold = |source: &str| expr::compile(source, &schema).unwrap().to_browser(&Private(&data[0])).to_string();
    // Decided here, or left to the page alone.
    assert_eq!(fold("person.age >= 18 && kind == 'lost'"), "null");
    assert_eq!(fold("person.age < 18 && kind == 'lost'"), r#"["==",["name","kind"],["lit","lost"]]"#);
    assert_eq!(fold("rows.exists(r, r.who == 'child') && yes == true"), r#"["==",["name","yes"],["lit",true]]"#);
    assert_eq!(fold("age(born) > n"), "null");
    // Both: the server's.
    assert_eq!(fold("code == kind"), "null");
    assert_eq!(fold("rows.exists(r, r.who == kind)"), "null");
    assert_eq!(fold("kind in tags || yes"), r#"["||",["server"],["name","yes"]]"#);
    assert_eq!(fold("max(n, person.age) > 3"), "null");
    for seed in 1..400 {
        let source = Generator::new(seed * 7_919, false).any(4);
        let tree = fold(&source);
        for secret in
            ["1726266", "2008-02-29", "1961-05-03", "\"9223372036854775807\"", "[\"lit\",-7]", "\"ward\"", "\"child\""]
        {
            let written = source.contains(secret.trim_matches(|c: char| !c.is_ascii_alphanumeric()));
            assert!(written || !tree.contains(secret), "{source}: {tree}");
        }
    }
}
