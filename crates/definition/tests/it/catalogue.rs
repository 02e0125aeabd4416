use std::collections::BTreeSet;

use definition::{Definition, StateKind, VersionHash, compile};
use kernel::lang::Lang;
use refdata::RefData;

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
        assert!(definition.golden_cases().len() >= 2, "{} has fewer than two golden cases", definition.code());
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
    assert_eq!(service("other/190.yaml").steps().iter().filter(|step| step.agency.as_deref() == Some("EKO")).count(), 1);
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
