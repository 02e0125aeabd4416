use definition::{Answers, Facts, FieldErrorCode, PersonFacts};
use kernel::person::{Phone, Soato};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::service;

fn posted(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn facts() -> Facts {
    let mut facts = Facts {
        person: PersonFacts {
            phone: Phone::parse("+998901234567").ok(),
            region: Soato::parse("1726266").ok(),
            ..PersonFacts::default()
        },
        today: jiff::civil::date(2026, 11, 23),
        ..Facts::default()
    };
    facts.answered("population", json!({"surname": "Karimova", "name": "Nodira", "birth_date": "1990-05-17"}));
    facts
}

#[test]
fn the_page_decides_what_hangs_on_its_answers_and_learns_nothing_of_registers() {
    let address = service("documents/363.yaml");
    let mut facts = facts();
    facts.answered("cadastre", json!({"objects": [{"cadastre_number": "10:09:03:02:01:0001", "address": "A"}]}));
    let form = address.browser_form(&[0], &facts);
    assert_eq!(
        json!(form.show),
        json!({
            "own_object": ["==", ["name", "basis"], ["lit", "owner"]],
            "owner_pinfl": ["in", ["name", "basis"], ["list", ["lit", "relative"], ["lit", "rent"]]],
        })
    );
    assert_eq!(form.required["own_object"], form.show["own_object"]);
    assert_eq!(form.kinds_json(), r#"{"basis":"text"}"#);
    // From another page the answer is known, and decides there.
    facts.answers.insert("people".to_owned(), json!("with_children"));
    assert!(address.browser_form(&[0], &facts).show.len() == 2 && address.browser_form(&[], &facts).show.is_empty());
    // What hangs on registers and on the page is decided as far as it goes here: the list of organisations stays here.
    let tax = service("business/57.yaml");
    facts.answered("tax", json!({"found": true, "organisations": [{"stir": "300000009", "name": "Namuna"}]}));
    for page in 0..tax.pages().len() {
        let text = json!(tax.browser_form(&[page], &facts).show).to_string();
        assert!(!text.contains("300000009") && !text.contains("Namuna") && !text.contains("registers"), "{text}");
    }
}

/// Whatever is known of the person and of their registers, no tree of any service of the catalogue tells it to the page.
#[test]
fn no_page_of_the_catalogue_tells_what_is_only_known_here() {
    let mut seen = 0;
    for path in crate::files(&crate::services(), ".yaml").into_iter().filter(|p| p.parent() != Some(&crate::services()))
    {
        let name = path.strip_prefix(crate::services()).unwrap().display().to_string();
        let definition = service(&name);
        let mut facts = facts();
        for used in definition.registers() {
            facts.answered(
                &used.name,
                json!({"found": true, "secret": "SECRET", "organisations": [{"stir": "SECRET"}]}),
            );
        }
        for page in 0..definition.pages().len() {
            let form = definition.browser_form(&[page], &facts);
            let text = format!("{}{}", json!(form.show), json!(form.required));
            assert!(
                !["SECRET", "901234567", "1726266", "Karimova", "1990-05-17"].iter().any(|it| text.contains(it)),
                "{name}: {text}"
            );
            assert!(text.len() < 20_000, "{name}: {} bytes", text.len());
            seen += form.show.len();
        }
    }
    assert!(seen > 100, "{seen} conditions");
}

#[test]
fn a_page_is_read_into_typed_answers() {
    let stay = service("documents/187.yaml");
    let post = posted(&[
        ("stay_address.district", "1726294"),
        ("stay_address.street", "  Bunyodkor  "),
        ("stay_address.house", "7"),
        ("stay_from", "24.11.2026"),
        ("stay_to.day", "1"),
        ("stay_to.month", "2"),
        ("stay_to.year", "2027"),
        ("why", "study"),
        ("host_pinfl", "4170590 0010016"),
        ("phone", "90 123-45-67"),
        ("truth", "on"),
        ("csrf", "ignored"),
    ]);
    let (answers, errors) = stay.parse_page(0, &post, &facts());
    assert_eq!(errors, []);
    assert_eq!(
        answers["stay_address"],
        json!({"region": "1726", "district": "1726294", "street": "Bunyodkor", "house": "7"})
    );
    assert_eq!(answers["stay_from"], "2026-11-24");
    assert_eq!(answers["stay_to"], "2027-02-01");
    assert_eq!(answers["host_pinfl"], "41705900010016");
    assert_eq!(answers["phone"], "+998901234567");
    assert_eq!(answers["truth"], true);
    assert!(!answers.contains_key("csrf"));
}

/// Rules DEF-PARSE, DEF-CHECK.
#[test]
fn what_cannot_be_read_stays_beside_its_error() {
    let stay = service("documents/187.yaml");
    let post = posted(&[("stay_from", "32.13.2026"), ("stay_to", "31.02.2026"), ("phone", "qo‘ng‘iroq qiling")]);
    let (answers, errors) = stay.parse_page(0, &post, &facts());
    assert_eq!(answers["stay_from"], "32.13.2026");
    assert_eq!(answers["phone"], "qo‘ng‘iroq qiling");
    let code = |field: &str| errors.iter().find(|error| error.field == field).map(|error| error.code);
    assert_eq!(code("stay_from"), Some(FieldErrorCode::NotADate));
    assert_eq!(code("stay_to"), Some(FieldErrorCode::NotADate));
    assert_eq!(code("phone"), Some(FieldErrorCode::BadPhone));
    assert_eq!(code("truth"), Some(FieldErrorCode::ConsentRequired));
    assert_eq!(code("stay_address"), Some(FieldErrorCode::Required));
}

#[test]
fn an_answer_to_a_question_that_is_not_asked_is_forgotten() {
    let home = service("documents/363.yaml");
    let mut facts = facts();
    facts
        .answered("cadastre", json!({"objects": [{"cadastre_number": "10:09:03:02:01:0123", "address": "Yunusobod"}]}));
    let post = posted(&[
        ("new_address.district", "1726266"),
        ("new_address.street", "Amir Temur"),
        ("new_address.house", "12"),
        ("basis", "owner"),
        ("own_object", "10:09:03:02:01:0123"),
        ("owner_pinfl", "41705900010016"),
    ]);
    let (answers, errors) = home.parse_page(0, &post, &facts);
    assert_eq!(errors, []);
    assert_eq!(answers["own_object"], "10:09:03:02:01:0123");
    assert!(!answers.contains_key("owner_pinfl"), "an owner is not asked for the owner's number");
}

#[test]
fn a_locked_value_is_the_registers_whatever_is_posted() {
    let extract = service("social/496.yaml");
    let (answers, _) =
        extract.parse_page(0, &posted(&[("surname", "Boshqa"), ("purpose", "bank"), ("consent", "on")]), &facts());
    assert_eq!(answers["surname"], "Karimova");
    let facts = Facts { answers, ..facts() };
    let fields = extract.visible_fields(0, &facts);
    assert!(fields[0].locked && fields[0].source == Some("population"));
}

#[test]
fn files_are_never_taken_from_the_post() {
    let card = service("documents/378.yaml");
    let forged = r#"[{"file":"someone-else","name":"a.pdf","kind":"pdf","bytes":1}]"#;
    let (answers, errors) = card.parse_page(0, &posted(&[("why", "expired"), ("old_document", forged)]), &facts());
    assert!(!answers.contains_key("old_document"));
    assert!(errors.iter().any(|error| error.field == "old_document" && error.code == FieldErrorCode::Required));
}

/// Rule DEF-LENGTH.
#[test]
fn limits_name_the_limit() {
    let well = service("other/190.yaml");
    let facts = Facts { answers: Answers::from([("depth".to_owned(), json!(5000))]), ..facts() };
    let errors = well.validate_page(0, &facts);
    let depth = errors.iter().find(|error| error.field == "depth").unwrap();
    assert_eq!((depth.code, depth.args["max"].as_str()), (FieldErrorCode::TooLarge, "2000"));
    let order = service("social/1022.yaml");
    let long = "a".repeat(4001);
    let (answers, errors) = order.parse_page(0, &posted(&[("story", &long), ("abuser", "a\u{0}b")]), &facts);
    let code = |field: &str| errors.iter().find(|error| error.field == field).map(|error| error.code);
    assert_eq!(code("story"), Some(FieldErrorCode::TooLong));
    assert_eq!(code("abuser"), Some(FieldErrorCode::BadCharacters));
    assert_eq!(answers["story"].as_str().map(str::len), Some(4001), "what is too long is kept, to be shortened");
    // Ten megabytes are cut to what can be shown again.
    let (answers, _) = order.parse_page(0, &posted(&[("story", &"б".repeat(5_000_000))]), &facts);
    assert_eq!(answers["story"].as_str().map(|text| text.chars().count()), Some(definition::MAX_ANSWER_CHARS));
}

#[test]
fn the_api_is_told_of_unknown_fields_and_wrong_types() {
    let extract = service("fhdy/298.yaml");
    let Value::Object(given) =
        json!({"record": 512, "purpose": "study", "colour": "red", "consent": "yes", "phone": "901234567"})
    else {
        unreachable!()
    };
    let (answers, errors) = extract.accept_json(&given, &facts());
    let code = |field: &str| errors.iter().find(|error| error.field == field).map(|error| error.code);
    assert_eq!(code("record"), Some(FieldErrorCode::WrongType));
    assert_eq!(code("colour"), Some(FieldErrorCode::Unknown));
    assert_eq!(code("consent"), Some(FieldErrorCode::WrongType));
    assert_eq!(answers["phone"], "+998901234567");
}

#[test]
fn the_schema_of_the_answers_lists_every_field_that_a_caller_may_give() {
    let schema = service("documents/187.yaml").answers_schema();
    assert_eq!(schema["properties"]["why"]["enum"], json!(["work", "study", "treatment", "family", "other"]));
    assert_eq!(schema["required"], json!(["stay_address", "stay_from", "stay_to", "why", "host_pinfl", "truth"]));
    let schema = service("documents/378.yaml").answers_schema();
    assert_eq!(schema["properties"]["surname"]["readOnly"], true);
    assert!(schema["properties"].get("old_document").is_none(), "files are uploaded on their own");
}

#[test]
fn every_code_of_a_field_error_has_its_name() {
    let names: std::collections::BTreeSet<&str> = FieldErrorCode::ALL.iter().map(|code| code.code()).collect();
    assert_eq!(names.len(), FieldErrorCode::ALL.len());
}

/// Names of all fields of a definition and their parts, and noise.
fn name() -> impl Strategy<Value = String> {
    let known = [
        "stay_address.district",
        "stay_address.street",
        "stay_from",
        "stay_to",
        "stay_to.day",
        "stay_to.month",
        "stay_to.year",
        "why",
        "host_pinfl",
        "phone",
        "truth",
        "depth",
        "volume",
        "cost",
        "paid",
        "exam_date",
        "kind",
        "danger",
        "vehicles",
        "stir",
        "land.district",
        "new_address.district",
        "people",
        "children",
        "cadastre_number",
        "extract_number",
        "record",
        "account",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => ".{0,12}"]
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        "[0-9.:/, -]{0,24}",
        Just("1726266".to_owned()),
        Just("9223372036854775807".to_owned()),
        Just("-0001-01-01".to_owned()),
        Just("ў".repeat(300)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_post_makes_a_form_panic(post in prop::collection::vec((name(), value()), 0..20)) {
        for path in ["documents/187.yaml", "documents/363.yaml", "other/190.yaml", "other/875.yaml", "education/413.yaml", "social/1022.yaml", "property/506.yaml"] {
            let definition = cached(path);
            for page in 0..4 {
                let (answers, errors) = definition.parse_page(page, &post, &facts());
                // What was read is checked the same way again, and saying it twice changes nothing.
                let facts = Facts { answers: answers.clone(), ..facts() };
                prop_assert_eq!(definition.validate_page(page, &facts).len(), errors.len());
                let _ = (definition.validate_all(&facts), definition.settled_answers(&facts), definition.eligibility(&facts));
                for state in &definition.flow().states {
                    let _ = (definition.route(&state.id, &facts), definition.auto_rule(&state.id, &facts));
                    let _ = definition.documents_for(&state.id, &facts, kernel::lang::Lang::Ru, facts.today);
                }
                for id in answers.keys() {
                    let _ = definition.answer_text(id, &facts, kernel::lang::Lang::En);
                }
            }
        }
    }
}

/// Compiled once: a property runs many times.
fn cached(path: &str) -> std::sync::Arc<definition::Definition> {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex, OnceLock};
    static ALL: OnceLock<Mutex<BTreeMap<String, Arc<definition::Definition>>>> = OnceLock::new();
    let mut all = ALL.get_or_init(Mutex::default).lock().unwrap();
    all.entry(path.to_owned()).or_insert_with(|| Arc::new(service(path))).clone()
}

#[test]
fn a_field_taken_from_the_vocabulary_has_its_meaning_and_a_field_of_ones_own_has_none() {
    let definition = service("fhdy/298.yaml");
    let meaning = |id: &str| definition.field(id).and_then(|(_, field)| definition.meaning(field));
    assert_eq!(meaning("phone"), Some("phone"));
    assert_eq!(meaning("purpose"), Some("purpose"));
    assert_eq!(meaning("record"), None);
    // The same id with other words is another question.
    let mut other = definition.field("phone").expect("it asks for a phone").1.clone();
    other.label.uz = "Ish joyining telefoni".to_owned();
    assert_eq!(definition.meaning(&other), None);
}
