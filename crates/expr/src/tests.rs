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
    let person = [
        ("birth".to_owned(), Value::Date(Date::constant(2008, 11, 22))),
        ("soato".to_owned(), Value::Str("1726266".into())),
    ];
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
fn a_sum_adds_one_part_of_every_row() {
    struct Rows(Vec<Value>);
    impl Env for Rows {
        fn get(&self, _: &str) -> Value {
            Value::List(self.0.clone())
        }
        fn today(&self) -> Date {
            case().today()
        }
        fn bhm(&self) -> Decimal {
            case().bhm()
        }
        fn calendar(&self) -> &Calendar {
            unreachable!("a sum asks no calendar")
        }
    }
    let mut schema = Schema::new();
    let row = [("area".to_owned(), Type::Dec), ("name".to_owned(), Type::Str)];
    schema.insert("rows", Type::List(Box::new(Type::Map(row.into_iter().collect()))));
    let sum = compile("sum(rows, \"area\")", &schema).unwrap();
    let row = |area: Value| Value::Map([("area".to_owned(), area)].into_iter().collect());
    let areas = vec![row(Value::Dec(Decimal::new(15, 1))), row(Value::Int(2))];
    assert_eq!(sum.eval(&Rows(areas.clone())), Value::Dec(Decimal::new(35, 1)));
    assert_eq!(sum.eval(&Rows(Vec::new())), Value::Int(0));
    assert_eq!(sum.eval(&Rows([areas, vec![row(Value::Unknown)]].concat())), Value::Unknown);
    for (wrong, why) in [
        ("sum(rows, 'name')", "this is a text, not a number"),
        ("sum(rows, 'size')", "there is no size here; there are area, name"),
        ("sum(rows, rows)", "here the part to be summed is missing"),
        ("sum('rows', 'area')", "this is a text, not a list"),
    ] {
        let said = compile(wrong, &schema).unwrap_err().msg;
        assert!(said.starts_with(why), "{wrong}: {said}");
    }
    let mixed = compile("rows.all(r, r.area > 0) && row.a.b == 1 ? n : sum(rows, 'area')", &schema);
    assert!(mixed.is_err(), "row and n are not known here");
    let mixed = parse("rows.all(r, r.area > 0) && row.a.b == 1 ? n : sum(rows, 'area')").unwrap();
    assert_eq!(mixed.paths(), ["rows", "row.a.b", "n"]);
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
    assert_eq!(
        wrong("person.birth > 3"),
        "person.birth > 3\n^^^^^^^^^^^^^^^^ a date cannot be compared with a whole number"
    );
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
fn hostile_text_costs_neither_stack_nor_time() {
    // Twice the work at each link would take longer than the universe.
    assert!(compile(&vec!["1"; 60].join(" + "), &schema()).is_ok());
    assert!(compile(&vec!["'a'"; 60].join(" + "), &schema()).is_ok());
    // Each bracket begins a chain of its own: the tree is deep although no single limit is passed.
    let mut deep = "1".to_owned();
    for _ in 0..50 {
        deep = format!("({deep}{})", "+1".repeat(38));
    }
    assert!(compile(&deep, &schema()).is_err_and(|error| error.msg.contains("one upon the other")));
    // Seven lists within each other are ten million steps; four are ten thousand.
    let nested = |levels: usize| {
        let list = "[1,2,3,4,5,6,7,8,9,10]";
        let open: String = (0..levels).map(|i| format!("{list}.all(x{i}, ")).collect();
        format!("{open}true{}", ")".repeat(levels))
    };
    check(&nested(4), Value::Bool(true));
    check(&nested(7), Value::Unknown);
    check(&format!("{} || true", nested(7)), Value::Unknown);
}

#[test]
fn days_are_written_as_date() {
    check("today() >= date('2026-11-21') && person.birth < date(\"2008-11-23\")", Value::Bool(true));
    for wrong in [
        "date('2026-02-30')",
        "date('2026-11-21T00')",
        "date(n)",
        "date(2026)",
        "date('2026-11-21'",
        "today() > '2026-11-21'",
    ] {
        assert!(compile(wrong, &schema()).is_err(), "{wrong}");
    }
    let expr = compile("date('2026-11-21')", &schema()).unwrap();
    assert_eq!(expr.to_js_tree().to_string(), r#"["lit","2026-11-21"]"#);
}

#[test]
fn an_expression_is_stored_as_its_text() {
    let expr = compile("n  > 2", &schema()).unwrap();
    let json = serde_json::to_string(&expr).unwrap();
    assert_eq!(json, r#""n  > 2""#);
    assert_eq!(serde_json::from_str::<Expr>(&json).unwrap(), expr);
    assert!(serde_json::from_str::<Expr>("\"n >\"").is_err());
}

#[test]
fn a_value_of_unknown_type_goes_with_every_operator() {
    let mut schema = schema();
    schema.insert("anything", Type::Any);
    for source in [
        "anything + 'a'",
        "'a' + anything",
        "anything + 1",
        "anything * 0.5 > 1",
        "anything.part.part == 3",
        "!anything",
    ] {
        if let Err(error) = compile(source, &schema) {
            panic!("{}", error.render(source));
        }
    }
    assert!(compile("'a' + 1", &schema).is_err() && compile("1 + 'a'", &schema).is_err());
}

/// Rule EXPR-AGE.
#[test]
fn the_age_of_who_is_not_yet_born_is_unknown() {
    check("age(date('2026-11-22'))", Value::Unknown);
    check("age(date('2026-11-21'))", Value::Int(0));
    check("age(date('2025-11-22'))", Value::Int(0));
    check("age(date('2025-11-21'))", Value::Int(1));
}

#[test]
fn the_browser_gets_the_same_tree() {
    let expr = compile("kind == 'lost' && !yes", &schema()).unwrap();
    assert_eq!(expr.to_js_tree().to_string(), r#"["&&",["==",["name","kind"],["lit","lost"]],["!",["name","yes"]]]"#);
    assert_eq!(expr.names(), ["kind", "yes"]);
}

fn node() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("yes".to_owned()),
        Just("n".to_owned()),
        Just("missing".to_owned()),
        Just("person.birth".to_owned()),
        Just("date('2008-11-22')".to_owned()),
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

/// What expressions are made of, so that random rows of it often get far into the parser.
const WORDS: [&str; 34] = [
    "yes",
    "gone",
    "n",
    "share",
    "kind",
    "person",
    "ages",
    ".",
    "birth",
    "exists",
    "all",
    "(",
    ")",
    "[",
    "]",
    ",",
    "x",
    "1",
    "0.5",
    "'lost'",
    "true",
    "null",
    "in",
    "!",
    "-",
    "+",
    "*",
    "==",
    "<",
    "&&",
    "||",
    "?",
    ":",
    "size(ages)",
];

#[test]
fn a_sign_before_a_bracket_stays_outside_the_path_after_it() {
    for source in ["(-a).b", "(!a).b", "(-a).exists(x, x)", "(!(-a)).all(x, x > 1).b"] {
        let first = parse(source).unwrap();
        let again = parse(&first.canonical()).unwrap();
        assert_eq!(again.to_js_tree(), first.to_js_tree(), "{source} is printed as {}", first.canonical());
    }
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
    fn no_row_of_words_makes_it_panic(words in prop::collection::vec(prop::sample::select(WORDS.to_vec()), 0..40)) {
        let text = words.join(" ");
        match compile(&text, &schema()) {
            Ok(expr) => {
                let value = expr.eval(&case());
                let again = parse(&expr.canonical()).unwrap();
                prop_assert_eq!(again.eval(&case()), value);
            }
            Err(error) => prop_assert!(error.span.0 <= error.span.1 && error.span.1 <= text.len(), "{:?} {}", error, text),
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
