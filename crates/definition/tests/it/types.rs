//! Every type of field through every layer of a definition, by a service that exists only in tests.

use std::sync::OnceLock;

use definition::{Definition, FieldType, compile};
use refdata::RefData;

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
