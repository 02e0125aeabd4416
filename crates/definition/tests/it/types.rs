//! Every type of field through every layer of a definition, by a service that exists only in tests.

use std::sync::OnceLock;

use definition::{Answers, Definition, Facts, FieldType, PersonFacts, compile};
use kernel::lang::Lang;
use proptest::prelude::*;
use refdata::RefData;
use serde_json::{Value, json};

/// The service of the tests with every type of field.
fn every_type() -> &'static Definition {
    static ONE: OnceLock<Definition> = OnceLock::new();
    ONE.get_or_init(|| {
        let yaml = include_str!("../data/good/every_type.yaml");
        compile(yaml, "every_type.yaml", &RefData::shared())
            .unwrap_or_else(|found| panic!("{}", found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
    })
}

#[test]
fn the_service_of_the_tests_has_every_type_and_its_golden_cases_hold() {
    let definition = every_type();
    let fields = definition.pages().iter().flat_map(|page| &page.fields);
    let used: Vec<FieldType> =
        fields.flat_map(|field| [field].into_iter().chain(&field.fields)).map(|f| f.kind).collect();
    for kind in FieldType::ALL {
        assert!(used.contains(&kind), "{kind:?} is in no field");
    }
    assert_eq!(definition.run_golden(&RefData::shared()), Vec::<String>::new());
}

fn facts() -> Facts {
    let mut facts = Facts {
        person: PersonFacts { birth_date: Some(jiff::civil::date(1950, 5, 17)), ..PersonFacts::default() },
        today: jiff::civil::date(2026, 11, 23),
        ..Facts::default()
    };
    facts.answered("population", json!({"surname": "Karimova", "birth_date": "1950-05-17"}));
    facts.answered("tax", json!({"stir": "305123456", "full_name": "Namuna"}));
    facts
}

fn posted(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn in_business() -> Facts {
    Facts { answers: Answers::from([("has_business".to_owned(), json!("yes"))]), ..facts() }
}

/// Rule DEF-DECIMAL.
#[test]
fn decimals_are_exact_and_read_as_people_write_them() {
    let area = |text: &str| {
        let post = posted(&[("plots.rows", "1"), ("plots.0.plot", "10:09:03:02:01:0123"), ("plots.0.area", text)]);
        let (answers, errors) = every_type().parse_page(1, &post, &in_business());
        let error = errors.iter().find(|error| error.field == "plots.0.area").map(|error| error.code.code());
        (answers["plots"][0]["area"].as_str().unwrap().to_owned(), error)
    };
    let right = |text: &str| (text.to_owned(), None);
    assert_eq!(area("12,50"), right("12.5"));
    assert_eq!(area("0.1"), right("0.1"));
    assert_eq!(area(" 1 0,125 "), right("10.125"));
    assert_eq!(area("1,2345"), ("1.2345".to_owned(), Some("field-too-precise")));
    assert_eq!(area("1.234,5"), ("1.234,5".to_owned(), Some("field-not-a-decimal")));
    assert_eq!(area("1e3"), ("1e3".to_owned(), Some("field-not-a-decimal")));
    assert_eq!(area("−1"), ("-1".to_owned(), Some("field-too-small")));
    assert_eq!(area("100,001"), ("100.001".to_owned(), Some("field-too-large")));
    assert_eq!(area("0"), ("0".to_owned(), Some("field-check")));
    assert_eq!(area(&"9".repeat(40)), ("9".repeat(40), Some("field-not-a-decimal")));
}

/// Rules DEF-CHAIN, DEF-COMPUTED.
#[test]
fn computed_values_follow_each_other_in_any_order() {
    let plots = json!([{"area": "0.1", "holding": "own"}, {}, {"area": "0.2", "holding": "own"}]);
    let mut facts = in_business();
    facts.answers.insert("plots".to_owned(), plots);
    let settled = every_type().settled_answers(&facts);
    assert_eq!(settled["total_area"], "0.3", "exact, and a blank row counts for nothing");
    assert_eq!(settled["total_twice"], "0.6", "though it stands before the value on which it hangs");
    assert_eq!(settled["plots"].as_array().map(Vec::len), Some(2), "a blank row is not kept");
    assert_eq!(settled["plots"][1]["yearly"], 200_000);
    facts.answers.insert("has_business".to_owned(), json!("no"));
    assert!(!every_type().settled_answers(&facts).contains_key("total_area"), "nor what stands on a page not asked");
}

/// Rule DEF-ROWS.
#[test]
fn a_repeat_has_its_limits_in_rows_and_in_characters() {
    let code = |plots: Value| {
        let mut facts = in_business();
        facts.answers.insert("plots".to_owned(), plots);
        let errors = every_type().validate_page(1, &facts);
        errors.into_iter().find(|error| error.field.starts_with("plots")).map(|error| (error.field, error.code.code()))
    };
    let row = json!({"plot": "10:09:03:02:01:0123", "area": "1", "holding": "own"});
    let told = |field: &str, code| Some((field.to_owned(), code));
    assert_eq!(code(json!([row])), None);
    assert_eq!(code(json!([])), told("plots", "field-required"));
    assert_eq!(code(json!([{}, {}])), told("plots", "field-required"));
    assert_eq!(code(json!([row, {}, row, row])), None, "a blank row among others is not checked");
    assert_eq!(code(json!([row, row, row, row, row])), told("plots", "field-too-many-rows"));
    assert_eq!(code(json!([{"plot": "ў".repeat(20_001)}])), told("plots", "field-too-long"));
    assert_eq!(code(json!("three")), told("plots", "field-wrong-type"));
    assert_eq!(code(json!(["three"])), told("plots.0", "field-wrong-type"));
    // Posted, more rows than may be are not read, and texts are cut to what can be shown again.
    let (answers, _) =
        every_type().parse_page(1, &posted(&[("plots.rows", "9999999"), ("plots.99.plot", "x")]), &in_business());
    assert_eq!(answers["plots"].as_array().map(Vec::len), Some(50));
    let long = "ў".repeat(20_000);
    let rows: Vec<(String, String)> = (0..4).map(|n| (format!("plots.{n}.plot"), long.clone())).collect();
    let (answers, errors) = every_type().parse_page(1, &rows, &in_business());
    let kept: usize = answers["plots"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["plot"].as_str())
        .map(|t| t.chars().count())
        .sum();
    assert_eq!(kept, 2 * definition::MAX_ANSWER_CHARS);
    assert!(errors.iter().any(|error| error.field == "plots" && error.code.code() == "field-too-long"));
}

#[test]
fn the_buttons_of_a_repeat_add_and_take_away_the_right_row() {
    let three = [("plots.rows", "3"), ("plots.0.plot", "a"), ("plots.1.plot", "b"), ("plots.2.plot", "c")];
    let rows = |button: &[(&str, &str)]| {
        let post = posted(&[&three[..], button].concat());
        let (answers, _) = every_type().parse_page(1, &post, &in_business());
        let rows = answers["plots"].as_array().unwrap().clone();
        rows.iter().map(|row| row["plot"].as_str().unwrap_or("").to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(rows(&[]), "a b c");
    assert_eq!(rows(&[("_add", "plots")]), "a b c ");
    assert_eq!(rows(&[("_remove", "plots.1")]), "a c");
    assert_eq!(rows(&[("_remove", "plots.0"), ("_add", "plots")]), "b c ");
    for other in ["plots.3", "plots.-1", "plots.x", "plot.0", "plots", "", "plots.0.plot"] {
        assert_eq!(rows(&[("_remove", other)]), "a b c", "{other}");
    }
    let full = posted(&[("plots.rows", "4"), ("_add", "plots")]);
    let (answers, _) = every_type().parse_page(1, &full, &in_business());
    assert_eq!(answers["plots"].as_array().map(Vec::len), Some(4), "there is no room for a fifth");
}

/// Rules DEF-CASCADE, DEF-GEO.
#[test]
fn choices_under_choices_and_points_are_read_as_far_as_they_go() {
    let read = |pairs: &[(&str, &str)]| every_type().parse_page(1, &posted(pairs), &in_business());
    let crop = |pairs: &[(&str, &str)]| {
        let (answers, errors) = read(pairs);
        let error = errors.into_iter().find(|error| error.field == "crop").unwrap_or_else(|| panic!("{pairs:?}"));
        (answers.get("crop").cloned().unwrap_or_default(), error.code.code(), error.args.get("part").cloned())
    };
    assert_eq!(crop(&[]), (Value::Null, "field-required", None));
    assert_eq!(crop(&[("crop.1", "fruit")]), (json!(["fruit"]), "field-choose-next", Some("2".to_owned())));
    let stale = [("crop.1", "fruit"), ("crop.2", "wheat")];
    assert_eq!(
        crop(&stale),
        (json!(["fruit"]), "field-choose-next", Some("2".to_owned())),
        "another list was chosen from"
    );
    assert_eq!(crop(&[("crop.1", "?")]), (json!(["?"]), "field-unknown-option", Some("1".to_owned())));
    let point = |pairs: &[(&str, &str)]| {
        let (answers, errors) = read(pairs);
        let error = errors.into_iter().find(|error| error.field == "place");
        (answers["place"].clone(), error.map(|error| error.args["part"].clone()))
    };
    assert_eq!(
        point(&[("place.lat", "41,311081"), ("place.lon", "69.24")]).0,
        json!({"lat": "41.311081", "lon": "69.24"})
    );
    assert_eq!(point(&[("place.code", "8jhf866r+c6")]), (json!({"lat": "41.3110625", "lon": "69.2405625"}), None));
    assert_eq!(
        point(&[("place.code", "41.311081, 69.240562")]),
        (json!({"lat": "41.311081", "lon": "69.240562"}), None)
    );
    assert_eq!(point(&[("place.lat", "91"), ("place.lon", "69")]).1, Some("lat".to_owned()));
    assert_eq!(point(&[("place.lat", "41")]).1, Some("lon".to_owned()));
    assert_eq!(point(&[("place.code", "uy yonida")]), (json!({"code": "uy yonida"}), Some("code".to_owned())));
}

#[test]
fn an_option_is_offered_only_when_its_condition_holds() {
    let offered = |born: i16| {
        let mut facts = facts();
        facts.person.birth_date = Some(jiff::civil::date(born, 5, 17));
        let views = every_type().visible_fields(0, &facts);
        let view = views.iter().find(|view| view.field.id == "has_business").unwrap();
        let codes: Vec<String> = view.options.iter().map(|(code, _)| code.clone()).collect();
        facts.answers.insert("has_business".to_owned(), json!("retired"));
        let refused = every_type().validate_page(0, &facts).iter().any(|error| error.field == "has_business");
        (codes.len(), refused)
    };
    assert_eq!(offered(1950), (3, false));
    assert_eq!(offered(1990), (2, true), "what is not offered is not taken");
}

/// Rule DEF-VERIFY.
#[test]
fn what_a_register_must_confirm_is_refused_while_it_is_silent() {
    let yaml = include_str!("../data/good/every_type.yaml")
        .replace("mode: verify, on_fail: queue", "mode: verify, on_fail: stop");
    let strict = compile(&yaml, "strict.yaml", &RefData::shared()).unwrap();
    let mut facts = in_business();
    facts.answers.insert("firm".to_owned(), json!({"stir": "305123456", "name": "NAMUNA"}));
    let refused = |facts: &Facts| {
        let differs =
            strict.validate_page(1, facts).iter().any(|e| e.field == "firm" && e.code.code() == "field-differs");
        (differs, strict.unconfirmed(facts).len())
    };
    assert_eq!(refused(&facts), (false, 0), "confirmed, whatever the case of its letters");
    facts.registers.remove("tax");
    assert_eq!(refused(&facts), (false, 1));
    assert_eq!(every_type().unconfirmed(&facts).len(), 0, "with on_fail queue the official sees it");
    facts.not_found("tax");
    assert_eq!(refused(&facts), (true, 0));
    facts.answered("tax", json!({"stir": "999999999", "full_name": "Namuna"}));
    assert_eq!(refused(&facts), (true, 0));
}

#[test]
fn the_schema_describes_every_type() {
    let schema = every_type().answers_schema();
    let of = |id: &str| schema["properties"][id].clone();
    for field in every_type().pages().iter().flat_map(|page| &page.fields) {
        let uploaded = matches!(field.kind, FieldType::File | FieldType::Note);
        assert_eq!(of(&field.id).is_null(), uploaded, "{}", field.id);
    }
    assert_eq!(of("plots")["maxItems"], 4);
    assert_eq!(of("plots")["items"]["required"], json!(["plot", "area", "holding"]));
    assert_eq!(of("plots")["items"]["properties"]["yearly"]["readOnly"], true);
    assert_eq!(of("plots")["items"]["properties"]["area"]["pattern"], r"^[0-9]{1,15}(\.[0-9]{1,3})?$");
    assert_eq!(of("account")["pattern"], "^[0-9]{20}$");
    assert_eq!(of("crop")["maxItems"], 2);
    assert_eq!(of("region")["required"], json!(["region"]));
    assert_eq!(of("days")["minItems"], 2);
    let required = schema["required"].as_array().unwrap();
    assert!(
        required.contains(&json!("home")) && !required.contains(&json!("firm")),
        "a page may be skipped: {required:?}"
    );
}

#[test]
fn invented_answers_are_accepted() {
    let mut facts = facts();
    facts.answers.insert("proof".to_owned(), json!([{"file": "f", "name": "a.pdf", "kind": "pdf", "bytes": 1}]));
    let answers = every_type().sample_answers(&facts);
    let errors = every_type().validate_all(&Facts { answers, ..facts });
    assert!(errors.iter().all(|error| error.field == "proof" || error.field == "birthday"), "{errors:?}");
}

/// Names of every field, part and row of the service, and noise.
fn name() -> impl Strategy<Value = String> {
    let mut names: Vec<String> = vec!["_add".into(), "_remove".into(), "_more".into(), "plots.rows".into()];
    for field in every_type().pages().iter().flat_map(|page| &page.fields) {
        for part in [
            "",
            ".1",
            ".2",
            ".lat",
            ".lon",
            ".code",
            ".stir",
            ".name",
            ".pinfl",
            ".surname",
            ".region",
            ".district",
            ".street",
            ".house",
            ".day",
            ".month",
            ".year",
        ] {
            names.push(format!("{}{part}", field.id));
        }
        for inner in &field.fields {
            for row in ["0", "1", "7", "99999999999999999999"] {
                names.push(format!("{}.{row}.{}", field.id, inner.id));
            }
        }
    }
    prop_oneof![6 => prop::sample::select(names), 1 => ".{0,12}"]
}

fn value() -> impl Strategy<Value = String> {
    let known = [
        "yes",
        "fruit",
        "apple",
        "own",
        "rent",
        "plots",
        "plots.0",
        "crop",
        "3",
        "12,5",
        "1726266",
        "1733",
        "8JHF866R+C6",
        "41.3, 69.2",
        "305123456",
        "on",
        "mon",
    ];
    prop_oneof![
        3 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => ".{0,40}",
        1 => "[0-9.:/,+ -]{0,24}",
        1 => Just("ў".repeat(300)),
    ]
}

/// Any JSON, as a caller of the API may send.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        value().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(
                prop::sample::select(vec![
                    "plot", "area", "holding", "lat", "lon", "code", "stir", "name", "region", "x"
                ])
                .prop_map(str::to_owned),
                inner,
                0..4
            )
            .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Asks everything that pages, papers and rules ask of answers.
fn ask(facts: &Facts) {
    let definition = every_type();
    let _ = (definition.validate_all(facts), definition.unconfirmed(facts), definition.eligibility(facts));
    for page in 0..3 {
        for view in definition.visible_fields(page, facts) {
            let _ = definition.view_text(&view, facts, Lang::Ru);
            for inner in view.rows.iter().flatten() {
                let _ = definition.view_text(inner, facts, Lang::En);
            }
        }
    }
    let _ = definition.documents_for("approved", facts, Lang::Uz, facts.today);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_post_makes_a_form_panic_and_what_is_saved_is_read_back(
        business in any::<bool>(),
        post in prop::collection::vec((name(), value()), 0..30),
    ) {
        let definition = every_type();
        let start = if business { in_business() } else { facts() };
        for page in 0..4 {
            let (answers, errors) = definition.parse_page(page, &post, &start);
            let facts = Facts { answers: answers.clone(), ..start.clone() };
            ask(&facts);
            prop_assert_eq!(definition.validate_page(page, &facts), errors);
            // Stored and read back it is the same, and settling twice is settling once.
            let stored: Answers = serde_json::from_str(&serde_json::to_string(&answers).unwrap()).unwrap();
            prop_assert_eq!(&stored, &answers);
            let settled = definition.settled_answers(&facts);
            let again = definition.settled_answers(&Facts { answers: settled.clone(), ..start.clone() });
            prop_assert_eq!(settled, again);
        }
    }

    #[test]
    fn no_json_makes_a_form_panic_and_what_is_accepted_is_accepted_again(
        given in prop::collection::btree_map(
            prop::sample::select(vec!["plots", "crop", "place", "firm", "account", "region", "home", "days", "income", "birthday", "total_area", "has_business"]),
            any_json(),
            0..6
        ),
    ) {
        let definition = every_type();
        let given = given.into_iter().map(|(id, value)| (id.to_owned(), value)).collect();
        let (answers, errors) = definition.accept_json(&given, &in_business());
        let facts = Facts { answers: answers.clone(), ..in_business() };
        ask(&facts);
        let given = answers.clone().into_iter().collect();
        let (again, second) = definition.accept_json(&given, &facts);
        prop_assert_eq!(answers, again);
        let known = |error: &&definition::FieldError| error.code.code() != "field-unknown";
        prop_assert_eq!(second.iter().filter(known).count(), errors.iter().filter(known).count());
    }
}

/// Rule DEF-BY-LOAD.
#[test]
fn of_units_that_may_all_do_it_the_least_loaded_one_works_a_state() {
    let yaml = std::fs::read_to_string(crate::services().join("fhdy/298.yaml")).unwrap();
    let given = "{id: review, kind: work, by_load: [\"1733\", \"1726266\", \"1703\"]}";
    let yaml = yaml.replacen("{id: review, kind: work}", given, 1);
    let definition = definition::compile(&yaml, "298.yaml", &refdata::RefData::shared()).unwrap();
    let route = |loads: &[(&str, u64)]| {
        let loads = loads.iter().map(|(unit, n)| ((*unit).to_owned(), *n)).collect();
        definition.route("review", &definition::Facts { loads, ..definition::Facts::default() }).to_string()
    };
    assert_eq!(route(&[]), "AV.1733", "nobody has anything: the first of the list");
    assert_eq!(
        route(&[("AV.1733", 2), ("AV.1726266", 1), ("AV.1703", 1)]),
        "AV.1726266",
        "as little: the first of them"
    );
    assert_eq!(route(&[("AV.1733", 2), ("AV.1726266", 3)]), "AV.1703", "who is not named has nothing");
    assert_eq!(route(&[("AV.1733", 7), ("AV.1726266", 6), ("AV.1703", 5), ("AV", 0), ("IIV.1733", 0)]), "AV.1703");
    let candidates: Vec<String> = definition.load_candidates().iter().map(ToString::to_string).collect();
    assert_eq!(candidates, ["AV.1703", "AV.1726266", "AV.1733"]);
    // Other states go where they went.
    assert_eq!(definition.route("returned", &definition::Facts::default()).to_string(), "AV");
}
