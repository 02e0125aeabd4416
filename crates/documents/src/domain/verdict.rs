//! What a check of a document says.

use kernel::clock::Date;
use serde::Serialize;

/// The answer to "is this document good?".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Valid,
    /// The file says that it is this document, but it is not what was issued.
    Altered,
    /// The issuer took it back.
    Revoked,
    /// Its last day is over.
    Expired,
    /// We never issued such a document, or the code is not its code.
    Unknown,
}

/// Decides a check. `same_file` is `None` when only the number and the code were given.
///
/// An altered file is altered whatever became of the original; a revoked document stays revoked when its time is over.
/// The last day of validity is a day of validity, in Tashkent.
///
/// Rule: DOC-VERDICT.
/// Source: our ADR on documents; seed of the project on public verification.
pub fn verdict(same_file: Option<bool>, revoked: bool, valid_until: Option<Date>, today: Date) -> Verdict {
    if same_file == Some(false) {
        Verdict::Altered
    } else if revoked {
        Verdict::Revoked
    } else if valid_until.is_some_and(|last| last < today) {
        Verdict::Expired
    } else {
        Verdict::Valid
    }
}

/// Wrong codes for one document within [`GUESS_MINUTES`] after which nobody is answered about it for the rest of that time.
pub const GUESSES: i64 = 10;
/// See [`GUESSES`].
pub const GUESS_MINUTES: i64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_has_its_answer() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let today = day("2026-11-21");
        let rows = [
            (None, false, None, Verdict::Valid),
            (Some(true), false, Some("2026-11-21"), Verdict::Valid),
            (Some(true), false, Some("2026-11-20"), Verdict::Expired),
            (Some(true), true, Some("2026-11-20"), Verdict::Revoked),
            (Some(false), true, Some("2026-11-20"), Verdict::Altered),
            (Some(false), false, None, Verdict::Altered),
            (None, true, None, Verdict::Revoked),
        ];
        for (same, revoked, until, expected) in rows {
            assert_eq!(verdict(same, revoked, until.map(day), today), expected, "{same:?} {revoked} {until:?}");
        }
    }
}
