use std::collections::BTreeSet;

use definition::{Definition, Facts, StateKind, VersionHash, compile, sample_people};
use jiff::civil::date;
use kernel::lang::Lang;
use kernel::person::Soato;
use refdata::RefData;
use serde_json::json;

use crate::{files, service, services};

/// Every definition file of the catalogue: those in the folders; `common` and `registers` lie above them.
fn all() -> Vec<Definition> {
    let refdata = RefData::shared();
    let mut wrong = Vec::new();
    let mut definitions = Vec::new();
    for path in files(&services(), ".yaml").into_iter().filter(|path| path.parent() != Some(&services())) {
        let name = path.strip_prefix(services()).unwrap().display().to_string();
        match compile(&std::fs::read_to_string(&path).unwrap(), &name, &refdata) {
            Ok(definition) => definitions.push(definition),
            Err(found) => wrong.extend(found.iter().map(ToString::to_string)),
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    definitions
}

#[test]
fn every_service_compiles_and_its_golden_cases_hold() {
    let refdata = RefData::shared();
    let definitions = all();
    let failed: Vec<String> = definitions.iter().flat_map(|definition| definition.run_golden(&refdata)).collect();
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
    for definition in &definitions {
        assert!(definition.golden_cases().len() >= 3, "{} has fewer than three golden cases", definition.code());
    }
}

#[test]
fn the_catalogue_has_the_promised_services_and_every_kind_of_state() {
    let definitions = all();
    let codes: BTreeSet<&str> = definitions.iter().map(|definition| definition.code().as_str()).collect();
    let promised = [
        "496", "367", "372", "411", "67", "855", "412", "506", "655", "285", "870", "498", "298", "865", "297", "363",
        "187", "378", "418", "308", "1197", "306", "190", "413", "875", "1022",
    ];
    for code in promised {
        assert!(codes.contains(code), "{code} is missing");
    }
    let kinds: BTreeSet<StateKind> =
        definitions.iter().flat_map(|definition| &definition.flow().states).map(|state| state.kind).collect();
    assert_eq!(kinds.len(), 11, "a kind of state is not used: {kinds:?}");
}

#[test]
fn a_version_read_back_from_its_json_is_the_same() {
    for definition in all() {
        let again = Definition::from_json(definition.canonical_json()).unwrap();
        assert_eq!(again.version(), definition.version());
        assert_eq!(again.spec(), definition.spec());
        assert_eq!(serde_json::to_string(again.spec()).unwrap(), definition.canonical_json());
        assert_eq!(VersionHash::parse(definition.version().as_str()).as_ref(), Some(definition.version()));
    }
}

#[test]
fn a_changed_text_is_another_version_and_a_changed_golden_case_is_not() {
    let yaml = std::fs::read_to_string(services().join("fhdy/298.yaml")).unwrap();
    let version = |yaml: &str| compile(yaml, "298", &RefData::shared()).unwrap().version().clone();
    assert_ne!(version(&yaml), version(&yaml.replace("Birth record extract", "Extract of the birth record")));
    assert_eq!(version(&yaml), version(&yaml.replace("fee: 18540", "fee: 1")));
}

#[test]
fn steps_of_how_it_works_follow_the_flow() {
    let meter = service("other/306.yaml");
    let steps: Vec<(String, Option<String>)> =
        meter.steps().into_iter().map(|step| (step.title.get(Lang::En).into_owned(), step.agency)).collect();
    let expected = [
        ("Waiting for payment", None),
        ("The meter is being taken down", Some("HET")),
        ("Checked in the laboratory", Some("TJTS")),
        ("The finding is being accepted", Some("HET")),
        ("The meter is being put back", Some("HET")),
        ("The service is given", None),
    ];
    let expected: Vec<(String, Option<String>)> =
        expected.into_iter().map(|(title, agency)| (title.to_owned(), agency.map(str::to_owned))).collect();
    assert_eq!(steps, expected);
    // Tasks of parallel agencies are steps of their own.
    assert_eq!(
        service("other/190.yaml").steps().iter().filter(|step| step.agency.as_deref() == Some("EKO")).count(),
        1
    );
}

#[test]
fn keywords_hold_what_people_really_type() {
    let typed = [
        ("documents/363.yaml", "propiska"),
        ("documents/418.yaml", "zagranpasport"),
        ("fhdy/298.yaml", "metrka"),
        ("social/496.yaml", "mehnat daftarcha"),
        ("education/285.yaml", "садик"),
    ];
    for (path, word) in typed {
        assert!(service(path).passport().keywords.iter().any(|keyword| keyword == word), "{path}: {word}");
    }
}

/// Rule DEF-ROUTE.
#[test]
fn a_case_goes_to_the_unit_of_its_place_and_level() {
    let unit = |path: &str, state: &str, region: Option<&str>| {
        let mut facts = Facts::default();
        facts.person.region = region.and_then(|code| Soato::parse(code).ok());
        service(path).route(state, &facts).to_string()
    };
    assert_eq!(unit("fhdy/298.yaml", "review", Some("1726266")), "AV.1726266");
    assert_eq!(unit("fhdy/298.yaml", "review", Some("1726")), "AV.1726", "only the region is known");
    assert_eq!(unit("fhdy/298.yaml", "review", None), "AV", "a case without a place goes to the centre");
    assert_eq!(unit("business/308.yaml", "review", Some("1726266")), "TV.1726", "the level is the region");
    assert_eq!(unit("education/413.yaml", "payout", Some("1726266")), "YIA", "the state is worked in the centre");
    let meter = service("other/306.yaml");
    let mut facts = Facts::default();
    facts.answers.insert("meter_address".to_owned(), json!({"region": "1703", "district": "1703401"}));
    assert_eq!(meter.route("removal", &facts).to_string(), "HET.1703401");
    assert_eq!(meter.route("laboratory", &facts).to_string(), "TJTS.1703", "another agency, another level");
}

/// Rule DEF-PAUSE.
#[test]
fn the_clock_stands_still_while_it_is_the_applicants_turn() {
    let licence = service("business/308.yaml");
    assert!(licence.pauses("payment") && licence.pauses("returned"));
    assert!(!licence.pauses("review") && !licence.pauses("issue") && !licence.pauses("no such state"));
}

/// Rule DEF-ELIGIBLE.
#[test]
fn what_is_not_known_refuses_nobody() {
    let exam = service("education/413.yaml");
    let mut facts = Facts { today: date(2026, 11, 23), ..Facts::default() };
    assert!(exam.eligibility(&facts).is_empty(), "the date of birth is not known: the official decides");
    facts.person.birth_date = Some(date(1980, 1, 1));
    assert_eq!(exam.eligibility(&facts)[0].code, "too_old");
}

/// Rule DEF-VALIDITY.
#[test]
fn a_document_is_valid_for_its_days_and_names_its_rows_in_every_language() {
    let order = service("social/1022.yaml");
    let mut facts = Facts { today: date(2026, 11, 23), ..Facts::default() };
    facts.answered("population", json!({"surname": "Karimova", "name": "Nodira", "birth_date": "1990-05-17"}));
    let drafts = order.documents_for("approved", &facts, Lang::Ru, facts.today);
    assert_eq!(drafts[0].valid_until, Some(date(2026, 12, 23)));
    assert!(drafts[0].revocable);
    let rows: Vec<(String, String)> =
        drafts[0].rows.iter().map(|(label, value)| (label.get(Lang::Ru).into_owned(), value.clone())).collect();
    assert_eq!(
        rows,
        [("Фамилия", "Karimova"), ("Имя", "Nodira"), ("Дата рождения", "17.05.1990")]
            .map(|(l, v)| (l.to_owned(), v.to_owned()))
    );
}

#[test]
fn answers_are_told_as_people_read_them() {
    let home = service("documents/363.yaml");
    let mut facts = Facts::default();
    facts.answers.insert(
        "new_address".to_owned(),
        json!({"region": "1726", "district": "1726266", "street": "Amir Temur", "house": "12", "flat": "34"}),
    );
    facts.answers.insert("basis".to_owned(), json!("owner"));
    facts.answers.insert("truth".to_owned(), json!(true));
    let text = |field: &str, lang: Lang| home.answer_text(field, &facts, lang).unwrap();
    assert!(text("new_address", Lang::Uz).ends_with("Amir Temur, 12-34"), "{}", text("new_address", Lang::Uz));
    assert_eq!(text("basis", Lang::En), "My own home");
    assert_eq!(text("truth", Lang::Kaa), "awa");
    let exam = service("education/413.yaml");
    facts.answers.insert("paid".to_owned(), json!(310_000_000));
    facts.answers.insert("exam_date".to_owned(), json!("2026-10-03"));
    assert!(exam.answer_text("paid", &facts, Lang::Ru).unwrap().replace('\u{a0}', " ").starts_with("3 100 000"));
    assert_eq!(exam.answer_text("exam_date", &facts, Lang::Ru).unwrap(), "03.10.2026");
}

#[test]
fn an_invented_applicant_can_fill_in_every_form_but_its_files() {
    assert!(sample_people().len() > 10);
    let mut nobody = Vec::new();
    for definition in all() {
        let mut told = Vec::new();
        let filled = sample_people().into_iter().any(|person| {
            let mut facts = definition.facts_of_sample(&person).unwrap();
            facts.today = date(2026, 11, 23);
            // Registers that are asked by a thing answer as in the first golden case.
            for asked in definition.registers().iter().filter(|asked| !asked.params.is_empty()) {
                if let Some(record) = definition.golden_cases()[0].registers.get(&asked.name) {
                    facts.registers.insert(asked.name.clone(), record.clone());
                }
            }
            let refused = definition.eligibility(&facts);
            facts.answers = definition.sample_answers(&facts);
            let errors: Vec<_> = definition
                .validate_all(&facts)
                .into_iter()
                .filter(|error| definition.field(&error.field).is_some_and(|(_, field)| field.file.is_none()))
                .map(|error| format!("{person}: {} {}", error.field, error.code.code()))
                .collect();
            let fits = refused.is_empty() && errors.is_empty();
            told.extend(errors);
            fits
        });
        if !filled {
            nobody.push(format!("{}: {told:?}", definition.code()));
        }
    }
    assert!(nobody.is_empty(), "nobody can fill in\n{}", nobody.join("\n"));
}
