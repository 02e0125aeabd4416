//! The text with which a new service begins.

use kernel::clock::Date;

const TEXT: &str = include_str!("../../data/skeleton.yaml");

/// A commented definition of a service of an agency that compiles as it stands.
pub fn skeleton(code: &str, owner: &str, today: Date) -> String {
    TEXT.replace("{code}", code).replace("{owner}", owner).replace("{today}", &today.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_skeleton_compiles_and_its_golden_cases_hold() {
        let refdata = refdata::RefData::shared();
        for owner in ["AV", "RTV"] {
            let text = skeleton("9001", owner, Date::constant(2026, 11, 23));
            let definition =
                definition::compile(&text, "9001.yaml", &refdata).unwrap_or_else(|wrong| panic!("{wrong:?}"));
            assert_eq!(definition.run_golden(&refdata), Vec::<String>::new());
            assert_eq!((definition.code().as_str(), definition.spec().owner.as_str()), ("9001", owner));
        }
    }
}
