//! Facets: what a list of services is narrowed by, and how many services each choice leaves.

use std::collections::BTreeMap;

/// What one service has of each facet; codes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    pub group: String,
    pub agencies: Vec<String>,
    pub audiences: Vec<String>,
    pub channels: Vec<String>,
    pub free: bool,
    pub instant: bool,
}

/// What the list is narrowed to; an empty text is no choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    pub group: String,
    pub agency: String,
    pub audience: String,
    pub channel: String,
    pub free: bool,
    pub instant: bool,
}

impl Chosen {
    /// Whether anything is chosen.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }

    /// Whether a service has all that is chosen.
    pub fn fits(&self, traits: &Traits) -> bool {
        let has = |list: &[String], wanted: &String| wanted.is_empty() || list.contains(wanted);
        (self.group.is_empty() || traits.group == self.group)
            && has(&traits.agencies, &self.agency)
            && has(&traits.audiences, &self.audience)
            && has(&traits.channels, &self.channel)
            && (!self.free || traits.free)
            && (!self.instant || traits.instant)
    }
}

/// How many services each choice leaves, by code; codes that leave none are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub group: BTreeMap<String, usize>,
    pub agency: BTreeMap<String, usize>,
    pub audience: BTreeMap<String, usize>,
    pub channel: BTreeMap<String, usize>,
    pub free: usize,
    pub instant: usize,
}

/// Counts what choosing each value would leave: the other choices hold, the one of the same facet does not, because it
/// would be replaced.
///
/// Rule: CAT-FACET.
/// Source: our decision: the number beside a choice is the number of services on the next page.
pub fn count<'a>(services: impl IntoIterator<Item = &'a Traits>, chosen: &Chosen) -> Counts {
    let none = String::new;
    let any_group = Chosen { group: none(), ..chosen.clone() };
    let any_agency = Chosen { agency: none(), ..chosen.clone() };
    let any_audience = Chosen { audience: none(), ..chosen.clone() };
    let any_channel = Chosen { channel: none(), ..chosen.clone() };
    let free = Chosen { free: true, ..chosen.clone() };
    let instant = Chosen { instant: true, ..chosen.clone() };
    let mut counts = Counts::default();
    for service in services {
        if any_group.fits(service) {
            *counts.group.entry(service.group.clone()).or_default() += 1;
        }
        for (others, codes, into) in [
            (&any_agency, &service.agencies, &mut counts.agency),
            (&any_audience, &service.audiences, &mut counts.audience),
            (&any_channel, &service.channels, &mut counts.channel),
        ] {
            if others.fits(service) {
                for code in codes {
                    *into.entry(code.clone()).or_default() += 1;
                }
            }
        }
        counts.free += usize::from(free.fits(service));
        counts.instant += usize::from(instant.fits(service));
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(group: &str, agencies: &[&str], free: bool, instant: bool) -> Traits {
        Traits {
            group: group.into(),
            agencies: agencies.iter().map(|code| (*code).to_owned()).collect(),
            audiences: vec!["natural".into()],
            channels: vec!["web".into()],
            free,
            instant,
        }
    }

    #[test]
    fn a_number_beside_a_choice_is_what_choosing_it_leaves() {
        let all = [
            service("fhdy", &["AV"], false, true),
            service("fhdy", &["AV", "SSV"], true, true),
            service("health", &["SSV"], true, false),
        ];
        let picks = [
            Chosen::default(),
            Chosen { group: "fhdy".into(), ..Chosen::default() },
            Chosen { agency: "SSV".into(), free: true, ..Chosen::default() },
            Chosen { instant: true, ..Chosen::default() },
        ];
        let left = |chosen: &Chosen| all.iter().filter(|service| chosen.fits(service)).count();
        for chosen in picks {
            let counts = count(&all, &chosen);
            for group in ["fhdy", "health", "none"] {
                let then = Chosen { group: group.into(), ..chosen.clone() };
                assert_eq!(counts.group.get(group).copied().unwrap_or(0), left(&then), "{chosen:?} {group}");
            }
            for agency in ["AV", "SSV"] {
                let then = Chosen { agency: agency.into(), ..chosen.clone() };
                assert_eq!(counts.agency.get(agency).copied().unwrap_or(0), left(&then), "{chosen:?} {agency}");
            }
            assert_eq!(counts.free, left(&Chosen { free: true, ..chosen.clone() }));
            assert_eq!(counts.instant, left(&Chosen { instant: true, ..chosen.clone() }));
        }
        assert_eq!(count(&all, &Chosen::default()).agency["SSV"], 2);
    }
}
