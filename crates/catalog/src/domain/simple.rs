//! How simple a service is for the person, and whether a new version made it simpler.

use std::collections::{BTreeMap, BTreeSet};

use definition::{Assurance, Channel, Definition, Fact, Field, FieldType};
use kernel::calendar::{Term, Unit};
use kernel::clock::Date;
use kernel::money::Tiyin;

use super::price;

/// Screens from the start to the submitted application that the "three steps" allow.
pub const MOST_SCREENS: u32 = 3;
/// Services that are to be simplified in a quarter.
///
/// Source: seed 000, item 18 (R000-036).
pub const GOAL_A_QUARTER: usize = 10;

/// What a person has to do and to bear for a service, as its definition says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measures {
    /// Screens from the start to the submitted application: the pages of the form and the check page.
    pub screens: u32,
    /// Fields that the person answers; conditional ones too.
    pub questions: u32,
    /// Fields that a register, the profile or a computation fills in.
    pub prefilled: u32,
    /// Documents to bring or to upload.
    pub documents: u32,
    pub assurance: Assurance,
    /// Answered by the system at once.
    pub instant: bool,
    /// `None` = at once, or not set, or not confirmed.
    pub term: Option<Term>,
    /// Most that is paid on the portal; `None` = not confirmed.
    pub fee: Option<Tiyin>,
}

/// A measure that is better when it is lower.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    Screens,
    Questions,
    Documents,
    Assurance,
    Term,
    Fee,
}

impl Measure {
    /// Every measure, in the order of display.
    pub const ALL: [Measure; 6] =
        [Measure::Screens, Measure::Questions, Measure::Documents, Measure::Assurance, Measure::Term, Measure::Fee];

    /// Stable name, for exports.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Screens => "screens",
            Measure::Questions => "questions",
            Measure::Documents => "documents",
            Measure::Assurance => "assurance",
            Measure::Term => "term",
            Measure::Fee => "fee",
        }
    }
}

/// Counts what a version asks of a person.
///
/// A document that the passport names is uploaded in a file field, so that the larger of the two numbers counts. The fee is
/// that of `bhm` and the rates of `today`, so that two versions are compared with the same money.
///
/// Rule: CAT-SIMPLE-MEASURE.
/// Source: R000-035, R000-036, R001-038: steps, fields, documents, term, counted by the system.
pub fn measures(definition: &Definition, bhm: Tiyin, today: Date) -> Measures {
    // A repeat is asked by the fields of its rows.
    let fields = || {
        let top = definition.pages().iter().flat_map(|page| &page.fields);
        top.flat_map(|field| std::iter::once(field).chain(&field.fields))
    };
    let answered = |field: &&Field| !matches!(field.kind, FieldType::Note | FieldType::Repeat);
    let filled = |field: &&Field| field.value.is_some() || field.source.is_some();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let prefilled = count(fields().filter(answered).filter(filled).count());
    let files = fields().filter(|field| field.kind == FieldType::File).count();
    let passport = definition.passport();
    let sum = price::range(&definition.fee_table(bhm, today), Channel::Web).map_or(Tiyin::ZERO, |(_, most)| most);
    Measures {
        screens: count(definition.pages().len() + 1),
        questions: count(fields().filter(answered).count()) - prefilled,
        prefilled,
        documents: count(files.max(passport.documents.len())),
        assurance: definition.access().assurance.of(Channel::Web),
        instant: definition.is_automatic(),
        term: definition.spec().term.total.filter(|_| !passport.is_unconfirmed(Fact::Term)),
        fee: (!passport.is_unconfirmed(Fact::Fee)).then_some(sum),
    }
}

impl Measures {
    /// The measure as a number that can be compared; `None` when it is not known.
    pub fn value(&self, measure: Measure) -> Option<i64> {
        match measure {
            Measure::Screens => Some(self.screens.into()),
            Measure::Questions => Some(self.questions.into()),
            Measure::Documents => Some(self.documents.into()),
            Measure::Assurance => Some(match self.assurance {
                Assurance::Open => 0,
                Assurance::Password => 1,
                Assurance::Otp => 2,
                Assurance::Face => 3,
                Assurance::Signature => 4,
            }),
            Measure::Term => self.term.map(minutes).or(self.instant.then_some(0)),
            Measure::Fee => self.fee.map(Tiyin::get),
        }
    }
}

/// A term in minutes: a working day as 7/5 of a day, a month as 30 days.
fn minutes(term: Term) -> i64 {
    let one = match term.unit {
        Unit::Minute => 1,
        Unit::Hour => 60,
        Unit::Day => 1_440,
        Unit::Workday => 2_016,
        Unit::Month => 43_200,
    };
    i64::from(term.n) * one
}

/// The measures that are known in both versions and differ.
pub fn changes(before: &Measures, after: &Measures) -> Vec<Measure> {
    let differs = |measure: &Measure| match (before.value(*measure), after.value(*measure)) {
        (Some(was), Some(is)) => was != is,
        _ => false,
    };
    Measure::ALL.into_iter().filter(differs).collect()
}

/// Whether the version after made the service simpler: at least one measure is lower and none is higher.
///
/// Rule: CAT-SIMPLE.
/// Source: R000-036, R001-038: a simplified service has a shorter term, fewer documents or a better process.
pub fn is_simpler(before: &Measures, after: &Measures) -> bool {
    let changed = changes(before, after);
    !changed.is_empty() && changed.into_iter().all(|measure| after.value(measure) < before.value(measure))
}

/// Whether a person needs more screens than the "three steps" allow.
///
/// Rule: CAT-SIMPLE-STEPS.
/// Source: R000-035: steps of each service are counted by the system; a service over 3 is flagged.
pub fn is_over(measures: &Measures) -> bool {
    measures.screens > MOST_SCREENS
}

/// A quarter of a year, 1 to 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quarter {
    pub year: i16,
    pub n: i8,
}

impl Quarter {
    /// The quarter of a Tashkent date.
    pub fn of(date: Date) -> Self {
        Self { year: date.year(), n: (date.month() - 1) / 3 + 1 }
    }
}

/// Number of services simplified in each quarter: each counts once, however many of its versions made it simpler.
///
/// Rule: CAT-SIMPLE-QUARTER.
/// Source: R000-036: ten simplified services per quarter.
pub fn by_quarter<'a>(simplified: impl IntoIterator<Item = (&'a str, Date)>) -> BTreeMap<Quarter, usize> {
    let mut services: BTreeMap<Quarter, BTreeSet<&str>> = BTreeMap::new();
    for (code, date) in simplified {
        services.entry(Quarter::of(date)).or_default().insert(code);
    }
    services.into_iter().map(|(quarter, codes)| (quarter, codes.len())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Measures {
        Measures {
            screens: 3,
            questions: 8,
            prefilled: 4,
            documents: 2,
            assurance: Assurance::Otp,
            instant: false,
            term: Some(Term::new(5, Unit::Workday)),
            fee: Some(Tiyin::from_som(100)),
        }
    }

    #[test]
    fn one_lower_measure_makes_a_service_simpler_and_one_higher_spoils_it() {
        let before = plain();
        for after in [
            Measures { screens: 2, ..plain() },
            Measures { questions: 7, prefilled: 5, ..plain() },
            Measures { documents: 0, ..plain() },
            Measures { assurance: Assurance::Password, ..plain() },
            Measures { term: Some(Term::new(6, Unit::Day)), ..plain() },
            Measures { term: None, instant: true, ..plain() },
            Measures { fee: Some(Tiyin::ZERO), ..plain() },
        ] {
            assert!(is_simpler(&before, &after), "{after:?}");
            assert!(!is_simpler(&after, &before), "{after:?}");
            let dearer = Measures { fee: Some(Tiyin::from_som(101)), ..after.clone() };
            assert!(!is_simpler(&before, &dearer), "{dearer:?}");
        }
        assert!(!is_simpler(&before, &before), "nothing changed");
    }

    #[test]
    fn what_is_not_confirmed_is_not_compared() {
        let unknown = Measures { fee: None, term: None, ..plain() };
        assert_eq!(changes(&plain(), &unknown), []);
        assert!(!is_simpler(&unknown, &plain()));
        assert!(!is_simpler(&plain(), &Measures { prefilled: 9, ..plain() }), "prefilled fields alone ask no less");
    }

    #[test]
    fn terms_of_different_units_are_compared() {
        let order = [
            Term::new(59, Unit::Minute),
            Term::new(1, Unit::Hour),
            Term::new(1, Unit::Day),
            Term::new(1, Unit::Workday),
            Term::new(2, Unit::Day),
            Term::new(15, Unit::Workday),
            Term::new(1, Unit::Month),
        ];
        assert!(order.windows(2).all(|pair| minutes(pair[0]) < minutes(pair[1])));
    }

    #[test]
    fn a_service_counts_once_in_a_quarter() {
        let day = |month| Date::constant(2026, month, 30);
        let list = [("1", day(4)), ("1", day(6)), ("2", day(6)), ("1", day(7))];
        let counted = by_quarter(list);
        assert_eq!(counted.get(&Quarter { year: 2026, n: 2 }), Some(&2));
        assert_eq!(counted.get(&Quarter { year: 2026, n: 3 }), Some(&1));
        assert_eq!(Quarter::of(day(12)).n, 4);
        assert_eq!(Quarter::of(day(1)).n, 1);
    }

    #[test]
    fn more_than_three_screens_are_flagged() {
        assert!(!is_over(&plain()));
        assert!(is_over(&Measures { screens: 4, ..plain() }));
    }
}
