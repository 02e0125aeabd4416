//! Where a person stands in a life situation.

use std::collections::BTreeMap;

use contracts::applications::{CaseStanding, PersonCase};
use refdata::{LifeStep, StepTime};

/// What a person has said of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Done, here or elsewhere.
    Done,
    /// Does not concern me.
    Skip,
}

impl Mark {
    /// Stable name, as stored and posted.
    pub fn name(self) -> &'static str {
        match self {
            Mark::Done => "done",
            Mark::Skip => "skip",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        [Mark::Done, Mark::Skip].into_iter().find(|mark| mark.name() == text)
    }
}

/// Where a step stands for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The person says so.
    Marked(Mark),
    /// A case of the person was decided in their favour.
    Given { number: String },
    /// A case is under way.
    Underway { number: String },
    /// The next thing to do.
    Now,
    /// Still to come.
    Todo,
    /// Matters only when its question is answered with yes.
    Maybe,
}

/// Where each step stands: what the person says goes before what the cases say; the first open step for everybody is the next.
///
/// `cases` are the person's own, newest first; a newer case of a service hides an older one, unless the older was given.
///
/// Rule: CAT-LIFE.
/// Source: our decision on guided checklists (life situations remember what the person has done).
pub fn standings(steps: &[LifeStep], marks: &BTreeMap<String, Mark>, cases: &[PersonCase]) -> Vec<Standing> {
    let mut next_found = false;
    let of_step = |step: &LifeStep| {
        if let Some(mark) = marks.get(&step.id) {
            return Some(Standing::Marked(*mark));
        }
        let service = step.service.as_deref()?;
        let mine = || cases.iter().filter(|case| case.service == service);
        let found = |standing| mine().find(|case| case.standing == standing).map(|case| case.number.clone());
        if let Some(number) = found(CaseStanding::Given) {
            return Some(Standing::Given { number });
        }
        found(CaseStanding::Open).map(|number| Standing::Underway { number })
    };
    steps
        .iter()
        .map(|step| match of_step(step) {
            Some(standing) => standing,
            None if step.ask.is_some() || step.by == StepTime::Needed => Standing::Maybe,
            None if next_found => Standing::Todo,
            None => {
                next_found = true;
                Standing::Now
            }
        })
        .collect()
}

/// Steps that are over, and steps that are neither over nor put aside: what "3 of 5 done" says.
pub fn progress(standings: &[Standing]) -> (usize, usize) {
    let done = |standing: &&Standing| matches!(standing, Standing::Marked(Mark::Done) | Standing::Given { .. });
    let aside = |standing: &&Standing| matches!(standing, Standing::Marked(Mark::Skip) | Standing::Maybe);
    let done = standings.iter().filter(done).count();
    (done, standings.len() - standings.iter().filter(aside).count())
}

#[cfg(test)]
mod tests {
    use kernel::id::CaseId;
    use kernel::lang::Text;

    use super::*;

    fn step(id: &str, service: Option<&str>, ask: bool) -> LifeStep {
        LifeStep {
            id: id.to_owned(),
            service: service.map(str::to_owned),
            what: Text::uz(id),
            ask: ask.then(|| Text::uz("?")),
            by: StepTime::Next,
        }
    }

    fn case(service: &str, number: &str, standing: CaseStanding) -> PersonCase {
        let case = CaseId::from_uuid(uuid::Uuid::nil());
        PersonCase { case, service: service.to_owned(), number: number.to_owned(), standing }
    }

    #[test]
    fn marks_go_before_cases_and_the_first_open_step_is_next() {
        let steps = [
            step("a", Some("1"), false),
            step("b", Some("2"), false),
            step("c", None, true),
            step("d", None, false),
            step("e", Some("1"), false),
            step("f", Some("3"), false),
        ];
        let marks = BTreeMap::from([("b".to_owned(), Mark::Skip)]);
        let cases = [
            case("1", "n3", CaseStanding::Refused),
            case("1", "n2", CaseStanding::Open),
            case("2", "n1", CaseStanding::Given),
        ];
        let standings = standings(&steps, &marks, &cases);
        assert_eq!(standings[0], Standing::Underway { number: "n2".to_owned() });
        assert_eq!(standings[1], Standing::Marked(Mark::Skip));
        assert_eq!(standings[2], Standing::Maybe);
        assert_eq!(standings[3], Standing::Now);
        assert_eq!(standings[5], Standing::Todo);
        assert_eq!(progress(&standings), (0, 4));
    }

    #[test]
    fn a_given_case_ends_a_step_even_when_a_newer_one_was_refused() {
        let cases = [case("1", "new", CaseStanding::Refused), case("1", "old", CaseStanding::Given)];
        let standings = standings(&[step("a", Some("1"), false)], &BTreeMap::new(), &cases);
        assert_eq!(standings, [Standing::Given { number: "old".to_owned() }]);
        assert_eq!(progress(&standings), (1, 1));
    }

    #[test]
    fn a_refused_case_leaves_the_step_open() {
        let cases = [case("1", "n", CaseStanding::Refused), case("1", "m", CaseStanding::Cancelled)];
        assert_eq!(standings(&[step("a", Some("1"), false)], &BTreeMap::new(), &cases), [Standing::Now]);
    }
}
