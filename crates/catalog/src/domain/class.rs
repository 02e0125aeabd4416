//! How far a new version is from the one before.

use definition::Spec;
use kernel::money::Rate;

use super::diff;

/// Class of a publication: decides what happens to drafts and cases that are on the version before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Only words differ: applied at once.
    Cosmetic,
    /// More is allowed, nothing is lost: applied when the case is next returned to the applicant.
    Compatible,
    /// Answers or states of the old version have no place in the new one: cases stay on theirs, unless the new one says
    /// under `migrations` how answers are carried over.
    Breaking,
    /// The first version of the service.
    First,
}

impl Class {
    pub const ALL: [Class; 4] = [Class::Cosmetic, Class::Compatible, Class::Breaking, Class::First];

    /// Stable name, as stored.
    pub fn name(self) -> &'static str {
        match self {
            Class::First => "first",
            Class::Cosmetic => "cosmetic",
            Class::Compatible => "compatible",
            Class::Breaking => "breaking",
        }
    }
}

/// Compares two versions of a service: the class of its heaviest change.
///
/// Stricter checks, limits, files, eligibility; another register, route, price, document, or a longer term are breaking:
/// nobody is to fall under them half-way. What is not known to be harmless is breaking.
///
/// Rule: CAT-CLASS.
/// Source: our decision on versions of definitions: a case pins its version, a new one is classed by comparing the two.
pub fn class(before: Option<&Spec>, after: &Spec) -> Class {
    let Some(before) = before else { return Class::First };
    // Rates of the platform do not decide about a class.
    let changes = diff::changes(before, after, |_| Rate::ONE);
    changes.iter().map(|change| change.class).max().unwrap_or(Class::Cosmetic)
}
