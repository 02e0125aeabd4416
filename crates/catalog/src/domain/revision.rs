//! The way of a revision from an author to what is in force, and who may go which part of it.

use kernel::id::StaffId;

/// Where a revision is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// An author writes.
    Writing,
    /// A reviewer reads.
    Review,
    /// Waits for a publisher.
    Approved,
    /// Published, now or for a day.
    Published,
    /// Thrown away.
    Discarded,
}

impl Stage {
    pub const ALL: [Stage; 5] = [Stage::Writing, Stage::Review, Stage::Approved, Stage::Published, Stage::Discarded];

    /// Stable name, as stored.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Writing => "writing",
            Stage::Review => "review",
            Stage::Approved => "approved",
            Stage::Published => "published",
            Stage::Discarded => "discarded",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == text)
    }
}

/// What somebody does with a revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    Write,
    Submit,
    Approve,
    SendBack,
    /// The author takes it out of review, or out of what was approved.
    TakeBack,
    Publish,
    Discard,
}

/// Where a step leads; `None` when it is not possible at this stage.
///
/// What was approved is what is published: writing on takes the approval away.
///
/// Rule: CAT-STEPS.
/// Source: our decision: author, reviewer, publisher, in this order.
pub fn next(stage: Stage, step: Step) -> Option<Stage> {
    match (stage, step) {
        (Stage::Writing, Step::Write) => Some(Stage::Writing),
        (Stage::Writing, Step::Submit) => Some(Stage::Review),
        (Stage::Review, Step::Approve) => Some(Stage::Approved),
        (Stage::Review | Stage::Approved, Step::SendBack | Step::TakeBack) => Some(Stage::Writing),
        (Stage::Approved, Step::Publish) => Some(Stage::Published),
        (Stage::Writing | Stage::Review | Stage::Approved, Step::Discard) => Some(Stage::Discarded),
        _ => None,
    }
}

/// Whether this person may review: nobody reviews what they wrote, in however small a part.
///
/// Rule: CAT-FOUR-EYES.
/// Source: our decision: a definition binds people; two officials answer for it.
pub fn may_review(writers: &[StaffId], reviewer: StaffId) -> bool {
    !writers.contains(&reviewer)
}

/// What stands beside the version in force of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Standing {
    #[default]
    Offered,
    /// For a while: its page is shown with a notice, nobody can start.
    Suspended,
    /// For good.
    Retired,
}

impl Standing {
    pub const ALL: [Standing; 3] = [Standing::Offered, Standing::Suspended, Standing::Retired];

    /// Stable name, as stored.
    pub fn name(self) -> &'static str {
        match self {
            Standing::Offered => "offered",
            Standing::Suspended => "suspended",
            Standing::Retired => "retired",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.name() == text)
    }

    /// The standing after a step of a publisher (`suspend`, `resume`, `retire`); `None` when it is not possible.
    ///
    /// Rule: CAT-STANDING.
    /// Source: our decision: a retired service comes back only by a new publication.
    pub fn after(self, action: &str) -> Option<Self> {
        match (self, action) {
            (Standing::Offered, "suspend") => Some(Standing::Suspended),
            (Standing::Suspended, "resume") => Some(Standing::Offered),
            (Standing::Offered | Standing::Suspended, "retire") => Some(Standing::Retired),
            (Standing::Retired, "publish" | "roll_back") => Some(Standing::Offered),
            (standing, "publish" | "roll_back") => Some(standing),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::clock::Timestamp;
    use kernel::rng::SeededRng;

    use super::*;

    #[test]
    fn only_what_was_approved_is_published() {
        let all =
            [Step::Write, Step::Submit, Step::Approve, Step::SendBack, Step::TakeBack, Step::Publish, Step::Discard];
        let possible: Vec<String> = Stage::ALL
            .into_iter()
            .flat_map(|stage| all.into_iter().filter_map(move |step| Some((stage, step, next(stage, step)?))))
            .map(|(stage, step, to)| format!("{stage:?} {step:?} {to:?}"))
            .collect();
        let expected = [
            "Writing Write Writing",
            "Writing Submit Review",
            "Writing Discard Discarded",
            "Review Approve Approved",
            "Review SendBack Writing",
            "Review TakeBack Writing",
            "Review Discard Discarded",
            "Approved SendBack Writing",
            "Approved TakeBack Writing",
            "Approved Publish Published",
            "Approved Discard Discarded",
        ];
        assert_eq!(possible, expected);
    }

    #[test]
    fn nobody_reviews_what_they_wrote() {
        let rng = SeededRng::new(1);
        let [a, b, c] = [1, 2, 3].map(|n| StaffId::new(Timestamp::from_second(n).unwrap(), &rng));
        assert!(!may_review(&[a, b], b));
        assert!(may_review(&[a, b], c));
    }

    #[test]
    fn a_retired_service_is_not_resumed() {
        assert_eq!(Standing::Suspended.after("resume"), Some(Standing::Offered));
        assert_eq!(Standing::Retired.after("resume"), None);
        assert_eq!(Standing::Retired.after("publish"), Some(Standing::Offered));
        assert_eq!(Standing::Suspended.after("publish"), Some(Standing::Suspended));
        assert_eq!(Standing::Offered.after("resume"), None);
    }
}
