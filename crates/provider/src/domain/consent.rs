//! What a person agreed to, and whether it covers what is asked now.

use std::collections::{BTreeMap, BTreeSet};

use kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// A remembered consent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Claims that the client may have.
    pub granted: BTreeSet<String>,
    /// Claims that it asked for and the person did not give: not asked again.
    #[serde(default)]
    pub refused: BTreeSet<String>,
    /// The client may renew its access while the person is away.
    #[serde(default)]
    pub offline: bool,
}

/// Whether a remembered consent answers what is asked, so that the person need not be.
///
/// Rule: SSO-CONSENT.
/// Source: OpenID Connect Core 1.0 §3.1.2.4; §11 (`offline_access` needs consent); Law on personal data, O‘RQ-547, art. 21 (revocable).
pub fn covers(
    consent: Option<&Consent>,
    until: Option<Timestamp>,
    asked: &BTreeMap<&'static str, bool>,
    offline: bool,
    now: Timestamp,
) -> bool {
    let (Some(consent), Some(until)) = (consent, until) else { return false };
    now < until
        && (!offline || consent.offline)
        && asked.iter().all(|(claim, essential)| {
            consent.granted.contains(*claim) || (!essential && consent.refused.contains(*claim))
        })
}

/// The consent after an answer on the page: what was ticked is granted, what was asked and not ticked is refused, what was
/// not asked now stays as it was. What is essential cannot be left out: whoever does not want to give it says no to all.
///
/// Rule: SSO-CONSENT-ANSWER.
/// Source: Law on personal data, O‘RQ-547 (consent for each purpose, free); OpenID Connect Core 1.0 §5.5.1 (essential).
pub fn answered(
    before: Option<&Consent>,
    asked: &BTreeMap<&'static str, bool>,
    ticked: &BTreeSet<String>,
    offline: bool,
) -> Consent {
    let mut consent = before.cloned().unwrap_or_default();
    for (claim, essential) in asked {
        let given = *essential || ticked.contains(*claim);
        let (to, from) = if given {
            (&mut consent.granted, &mut consent.refused)
        } else {
            (&mut consent.refused, &mut consent.granted)
        };
        from.remove(*claim);
        to.insert((*claim).to_owned());
    }
    consent.offline |= offline;
    consent
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_person_is_asked_again_for_more_for_longer_and_after_the_term() {
        let asked = BTreeMap::from([("name", false), ("email", false)]);
        let consent = answered(None, &asked, &set(&["name"]), false);
        assert_eq!((consent.granted.clone(), consent.refused.clone()), (set(&["name"]), set(&["email"])));
        let covers = |asked: &BTreeMap<&'static str, bool>, offline, now| {
            covers(Some(&consent), Some(at(100)), asked, offline, now)
        };
        assert!(covers(&asked, false, at(0)));
        assert!(!covers(&asked, true, at(0)), "access while away is asked for by itself");
        assert!(!covers(&asked, false, at(100)));
        assert!(!covers(&BTreeMap::from([("pinfl", false)]), false, at(0)));
        assert!(!covers(&BTreeMap::from([("email", true)]), false, at(0)), "refused before, needed now");
    }

    #[test]
    fn what_is_essential_is_part_of_yes() {
        let asked = BTreeMap::from([("pinfl", true)]);
        assert_eq!(answered(None, &asked, &BTreeSet::new(), false).granted, set(&["pinfl"]));
    }
}
