use std::collections::BTreeMap;

use kernel::Date;
use kernel::calendar::Calendar;
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

struct Case {
    names: BTreeMap<String, Value>,
    calendar: Calendar,
}

impl Env for Case {
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

fn case() -> Case {
    let person = [("birth".to_owned(), Value::Date(Date::constant(2008, 11, 22))), ("soato".to_owned(), Value::Str("1726266".into()))];
    let names = [
        ("yes".to_owned(), Value::Bool(true)),
        ("n".to_owned(), Value::Int(3)),
        ("share".to_owned(), Value::Dec(Decimal::new(45, 3))),
        ("kind".to_owned(), Value::Str("lost".into())),
        ("person".to_owned(), Value::Map(person.into_iter().collect())),
        ("ages".to_owned(), Value::List(vec![Value::Int(3), Value::Int(17)])),
    ];
    let days = [Date::constant(2026, 12, 8)];
    Case {
        names: names.into_iter().collect(),
        calendar: Calendar::new(days, [], Date::constant(2026, 1, 1), Date::constant(2026, 12, 31)),
    }
}

fn schema() -> Schema {
    let mut schema = Schema::new();
    let person = [("birth".to_owned(), Type::Date), ("soato".to_owned(), Type::Str)];
    for (name, ty) in [
        ("yes", Type::Bool),
        ("n", Type::Int),
        ("gone", Type::Bool),
        ("missing", Type::Int),
        ("share", Type::Dec),
        ("kind", Type::Str),
        ("person", Type::Map(person.into_iter().collect())),
        ("ages", Type::List(Box::new(Type::Int))),
    ] {
        schema.insert(name, ty);
    }
    schema
}

fn check(source: &str, expected: Value) {
    let compiled = compile(source, &schema()).unwrap_or_else(|error| panic!("{}", error.render(source)));
    assert_eq!(compiled.eval(&case()), expected, "{source}");
}

#[test]
fn operators_bind_as_in_cel() {
    check("1 + 2 * 3 == 7 && !false", Value::Bool(true));
    check("2 - 1 - 1", Value::Int(0));
    check("yes ? 1 : yes ? 2 : 3", Value::Int(1));
    check("-n < 0 || gone", Value::Bool(true));
    check("kind in ['worn', 'lost']", Value::Bool(true));
    check("'a' + \"b\" == 'ab'", Value::Bool(true));
    check("share * 2 == 0.09", Value::Bool(true));
}

#[test]
fn what_is_missing_is_unknown_and_spreads_as_in_sql() {
    check("gone && false", Value::Bool(false));
    check("gone || true", Value::Bool(true));
    check("gone && true", Value::Unknown);
    check("missing > 3", Value::Unknown);
    check("missing == missing", Value::Unknown);
    check("has(missing) ? 1 : 2", Value::Int(2));
    check("gone ? 1 : 2", Value::Unknown);
    check("3 in [missing, 3]", Value::Bool(true));
    check("4 in [missing, 3]", Value::Unknown);
}

#[test]
fn functions_of_the_field_work() {
    check("age(person.birth)", Value::Int(17));
    check("age(person.birth) < 18", Value::Bool(true));
    check("in_region(person.soato, '1726')", Value::Bool(true));
    check("workdays_after(today(), 1)", Value::Date(Date::constant(2026, 11, 23)));
    check("bhm() * 0.045", Value::Dec(Decimal::new(18_540_000, 3)));
    check("ages.exists(a, a < 7) && !ages.all(a, a < 7)", Value::Bool(true));
    check("size(ages) + size(kind)", Value::Int(6));
}

#[test]
fn numbers_out_of_range_are_unknown_and_never_wrap() {
    check("9223372036854775807 + 1", Value::Unknown);
    check("9223372036854775807 * 2", Value::Unknown);
    check("workdays_after(today(), 999999999)", Value::Unknown);
}

#[test]
fn a_wrong_expression_is_refused_with_a_caret_under_the_place() {
    let wrong = |source: &str| match compile(source, &schema()) {
        Ok(_) => panic!("{source} compiled"),
        Err(error) => error.render(source),
    };
    assert_eq!(wrong("yes && kin == 'a'"), "yes && kin == 'a'\n       ^^^ there is no kin; did you mean kind?");
    assert_eq!(wrong("person.birth > 3"), "person.birth > 3\n^^^^^^^^^^^^^^^^ a date cannot be compared with a whole number");
    assert_eq!(wrong("n = 3"), "n = 3\n  ^ compare with ==");
    assert!(wrong("'ў").contains("the closing quote is missing"));
    assert!(wrong("n / 2").contains("there is no division"));
    assert!(wrong("age(n)").contains("this is a whole number, not a date"));
    assert!(wrong("n ? 1 : 2").contains("not a truth value"));
    assert!(wrong("(1").contains("here ) is missing"));
    assert!(wrong(&"(".repeat(5000)).contains("bytes long"));
    assert!(wrong(&"(".repeat(500)).contains("deep"));
    assert!(wrong(&"!".repeat(500)).contains("deep"));
    assert!(wrong(&vec!["1"; 500].join("+")).contains("in a row"));
}

#[test]
fn the_browser_gets_the_same_tree() {
    let expr = compile("kind == 'lost' && !yes", &schema()).unwrap();
    assert_eq!(
        expr.to_js_tree().to_string(),
        r#"["&&",["==",["name","kind"],["lit","lost"]],["!",["name","yes"]]]"#
    );
    assert_eq!(expr.names(), ["kind", "yes"]);
}

fn node() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("yes".to_owned()),
        Just("n".to_owned()),
        Just("missing".to_owned()),
        Just("person.birth".to_owned()),
        Just("0.5".to_owned()),
        Just("'a\\'b'".to_owned()),
        (0i64..1000).prop_map(|n| n.to_string()),
    ];
    leaf.prop_recursive(6, 64, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone(), prop::sample::select(vec!["+", "-", "*", "<", "==", "&&", "||", "in"]))
                .prop_map(|(a, b, op)| format!("({a} {op} {b})")),
            inner.clone().prop_map(|a| format!("!{a}")),
            inner.clone().prop_map(|a| format!("size([{a}, {a}])")),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| format!("{a} ? {b} : {c}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        if let Err(error) = compile(&text, &schema()) {
            let _ = error.render(&text);
        }
    }

    #[test]
    fn no_text_of_our_signs_makes_it_panic(text in "[a-z0-9.()\\[\\]'\"!&|<>=+*?:, -]{0,80}") {
        if let Ok(expr) = parse(&text) {
            let _ = expr.eval(&case());
        }
    }

    #[test]
    fn what_is_printed_parses_to_the_same(source in node()) {
        let first = parse(&source).unwrap();
        let again = parse(&first.canonical()).unwrap();
        prop_assert_eq!(first.canonical(), again.canonical());
        prop_assert_eq!(first.eval(&case()), again.eval(&case()));
    }
}
