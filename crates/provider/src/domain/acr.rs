//! Levels of assurance as a client sees them: the house's levels, named once.

use contracts::Assurance;

/// Name of each level, weakest first. Stable for ever.
pub const LEVELS: [(Assurance, &str); 4] = [
    (Assurance::Password, "urn:peshtoq:acr:password"),
    (Assurance::Otp, "urn:peshtoq:acr:otp"),
    (Assurance::Face, "urn:peshtoq:acr:face"),
    (Assurance::Signature, "urn:peshtoq:acr:signature"),
];

/// The `acr` of a level; a level below the password proves nothing and is told as `0`.
///
/// Rule: SSO-ACR.
/// Source: OpenID Connect Core 1.0 §2 (`acr`: "0" for what is not enough for anything of value); levels of `access.assurance` in service definitions.
pub fn name(assurance: Assurance) -> &'static str {
    LEVELS.iter().find(|(level, _)| *level == assurance).map_or("0", |(_, name)| name)
}

/// The level of an `acr` value; `None` for one of somebody else.
pub fn parse(text: &str) -> Option<Assurance> {
    LEVELS.iter().find(|(_, name)| *name == text).map(|(level, _)| *level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_one_name_and_comes_back() {
        for (level, text) in LEVELS {
            assert_eq!(name(level), text);
            assert_eq!(parse(text), Some(level));
        }
        assert_eq!(name(Assurance::Open), "0");
        assert_eq!(parse("0"), None);
    }
}
