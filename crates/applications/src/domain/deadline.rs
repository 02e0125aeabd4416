//! When the answer is due: the clock of a case, its pauses, and what counts as late.

use kernel::calendar::{Calendar, Term, Unit, due};
use kernel::clock::{Date, Timestamp, at_tashkent, tashkent_date};
use serde::{Deserialize, Serialize};

use super::case::AppealTerms;

/// The clock of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "clock", rename_all = "snake_case")]
pub enum Deadline {
    /// The regulation sets no term.
    None,
    /// The term is known and has not begun: a fee is still to be paid.
    NotStarted { term: Term },
    /// The agency's time runs until `due`.
    Running { due: Timestamp, unit: Unit },
    /// It is the applicant's turn; what was left is kept.
    Paused { left: Left, unit: Unit },
    /// The case is over. `due` is when the answer was due, if it had a term.
    Over { due: Option<Timestamp> },
}

/// What is left of a paused term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "left", content = "n", rename_all = "snake_case")]
pub enum Left {
    /// Of a term in minutes or hours.
    Seconds(i64),
    /// Of a term in working days, after the day of the pause.
    Workdays(u32),
    /// Of a term in calendar days or months, after the day of the pause.
    Days(u32),
    /// The term had passed before the pause: pausing does not make it good.
    Late(Timestamp),
}

/// How a case stands against its term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// The term has passed.
    Late,
    /// It passes by the end of the next working day.
    Soon,
    Fine,
    /// No term runs now.
    None,
}

impl Deadline {
    /// Starts the clock of a term; `None` = the regulation sets none.
    ///
    /// How a term is counted is rule APP-DUE (`kernel::calendar::due`).
    ///
    /// Rule: APP-CLOCK.
    /// Source: the term clause of the service's regulation; Law on electronic government (O‘RQ-395), terms of answers.
    pub fn start(received: Timestamp, term: Option<Term>, calendar: &Calendar) -> Self {
        match term {
            None => Deadline::None,
            Some(term) => Deadline::Running { due: due(received, term, calendar), unit: term.unit },
        }
    }

    /// Stops the clock while it is the applicant's turn.
    ///
    /// The day of the pause counts as used: the agency had it. A clock that does not run stays as it is.
    ///
    /// Rule: APP-PAUSE.
    /// Source: the regulations' clause that the time of correction by the applicant is not counted; our ADR on the deadline engine.
    pub fn pause(self, now: Timestamp, calendar: &Calendar) -> Self {
        let Deadline::Running { due, unit } = self else { return self };
        let left = if due < now {
            Left::Late(due)
        } else {
            match unit {
                Unit::Minute | Unit::Hour => Left::Seconds(due.as_second() - now.as_second()),
                Unit::Workday => Left::Workdays(calendar.workdays_between(tashkent_date(now), tashkent_date(due))),
                Unit::Day | Unit::Month => Left::Days(days_between(tashkent_date(now), tashkent_date(due))),
            }
        };
        Deadline::Paused { left, unit }
    }

    /// Lets the clock run on; a clock that waited for the first payment starts now.
    ///
    /// Rule: APP-RESUME.
    /// Source: as APP-PAUSE.
    pub fn resume(self, now: Timestamp, calendar: &Calendar) -> Self {
        match self {
            Deadline::NotStarted { term } => Deadline::start(now, Some(term), calendar),
            Deadline::Paused { left, unit } => {
                let due = match left {
                    Left::Late(due) => due,
                    Left::Seconds(n) => {
                        now.checked_add(jiff::SignedDuration::from_secs(n.max(0))).unwrap_or(Timestamp::MAX)
                    }
                    Left::Workdays(n) => due(now, Term { n, unit: Unit::Workday }, calendar),
                    Left::Days(n) => due(now, Term { n, unit: Unit::Day }, calendar),
                };
                Deadline::Running { due, unit }
            }
            other => other,
        }
    }

    /// Ends the clock with the case.
    pub fn end(self) -> Self {
        Deadline::Over {
            due: match self {
                Deadline::Running { due, .. } | Deadline::Paused { left: Left::Late(due), .. } => Some(due),
                Deadline::Over { due } => due,
                Deadline::None | Deadline::NotStarted { .. } | Deadline::Paused { .. } => None,
            },
        }
    }

    /// When the answer is due, while the clock runs.
    pub fn due(self) -> Option<Timestamp> {
        match self {
            Deadline::Running { due, .. } => Some(due),
            _ => None,
        }
    }
}

/// How a case stands: late, soon, fine, or without a running term.
///
/// Rule: APP-SOON.
/// Source: issue of the first release: "what is late or about to be in front"; one working day leaves time to act.
pub fn urgency(due_at: Option<Timestamp>, now: Timestamp, calendar: &Calendar) -> Urgency {
    match due_at {
        None => Urgency::None,
        Some(at) if at < now => Urgency::Late,
        Some(at) if at <= soon_until(now, calendar) => Urgency::Soon,
        Some(_) => Urgency::Fine,
    }
}

/// The moment up to which a due date counts as soon: the end of the next working day.
pub fn soon_until(now: Timestamp, calendar: &Calendar) -> Timestamp {
    due(now, Term { n: 1, unit: Unit::Workday }, calendar)
}

/// Whether an appeal may still be filed: within `days` calendar days after the decision was opened. A decision that
/// nobody has opened can be appealed until the outer limit, and without one always.
///
/// Rule: APP-APPEAL.
/// Source: Law on appeals of natural and legal persons (O‘RQ-445); the term runs from the proof that the decision was read.
pub fn may_appeal(read: Option<Timestamp>, terms: &AppealTerms, now: Timestamp, calendar: &Calendar) -> bool {
    appeal_until(read, terms, calendar).is_none_or(|until| now <= until)
}

/// The last moment for an appeal; `None` while the decision is unread and nothing else ends it.
pub fn appeal_until(read: Option<Timestamp>, terms: &AppealTerms, calendar: &Calendar) -> Option<Timestamp> {
    let opened = read.map(|read| due(read, Term { n: terms.days, unit: Unit::Day }, calendar));
    match (opened, terms.outer) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// When to remind of a due moment: at nine in the morning of the day so many days or working days before it; hours are
/// plain elapsed time.
///
/// Rule: APP-REMIND.
/// Source: key `term.remind` of the definition; the hour is ours.
pub fn remind_at(due_at: Timestamp, before: Term, calendar: &Calendar) -> Timestamp {
    let mut day = tashkent_date(due_at);
    let mut left = before.n;
    match before.unit {
        Unit::Minute | Unit::Hour => {
            let seconds = i64::from(before.n) * if before.unit == Unit::Hour { 3600 } else { 60 };
            return due_at.checked_sub(jiff::SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN);
        }
        Unit::Workday => {
            while left > 0 {
                let Ok(before) = day.yesterday() else { break };
                day = before;
                left -= u32::from(calendar.is_workday(day));
            }
        }
        Unit::Day => day = back(day, jiff::Span::new().try_days(i64::from(left))),
        Unit::Month => day = back(day, jiff::Span::new().try_months(i64::from(left))),
    }
    at_tashkent(day, 9, 0, 0)
}

fn back(day: Date, span: Result<jiff::Span, jiff::Error>) -> Date {
    span.ok().and_then(|span| day.checked_sub(span).ok()).unwrap_or(Date::MIN)
}

/// Calendar days after `from` up to and with `to`.
fn days_between(from: Date, to: Date) -> u32 {
    u32::try_from(from.until((jiff::Unit::Day, to)).map_or(0, |span| span.get_days())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::UnitRef;
    use kernel::clock::end_of_day;

    fn calendar() -> Calendar {
        refdata::RefData::shared().calendar.clone()
    }

    fn day(month: i8, day: i8) -> Date {
        Date::constant(2026, month, day)
    }

    fn at(month: i8, d: i8, hour: i8) -> Timestamp {
        at_tashkent(day(month, d), hour, 0, 0)
    }

    fn workdays(n: u32) -> Option<Term> {
        Some(Term { n, unit: Unit::Workday })
    }

    #[test]
    fn what_was_left_at_the_pause_is_left_after_it() {
        let calendar = calendar();
        // Monday 23 November, 5 working days: due on Monday the 30th.
        let clock = Deadline::start(at(11, 23, 10), workdays(5), &calendar);
        assert_eq!(clock.due(), Some(end_of_day(day(11, 30))));
        // Returned on Wednesday: Thursday, Friday and Monday are left.
        let paused = clock.pause(at(11, 25, 15), &calendar);
        assert_eq!(paused, Deadline::Paused { left: Left::Workdays(3), unit: Unit::Workday });
        assert_eq!(paused.due(), None);
        // Corrected a week later, on Wednesday: Thursday, Friday, Monday.
        let resumed = paused.resume(at(12, 2, 9), &calendar);
        assert_eq!(resumed.due(), Some(end_of_day(day(12, 7))));
    }

    #[test]
    fn pausing_twice_or_resuming_a_running_clock_changes_nothing() {
        let calendar = calendar();
        let clock = Deadline::start(at(11, 23, 10), workdays(5), &calendar);
        assert_eq!(clock.resume(at(11, 24, 10), &calendar), clock);
        let paused = clock.pause(at(11, 24, 10), &calendar);
        assert_eq!(paused.pause(at(11, 27, 10), &calendar), paused);
    }

    #[test]
    fn returning_a_late_case_does_not_make_it_punctual() {
        let calendar = calendar();
        let clock = Deadline::start(at(11, 23, 10), workdays(1), &calendar);
        let due = clock.due().unwrap();
        let now = at(11, 26, 10);
        let again = clock.pause(now, &calendar).resume(at(12, 10, 10), &calendar);
        assert_eq!(again.due(), Some(due));
        assert_eq!(urgency(again.due(), at(12, 10, 10), &calendar), Urgency::Late);
    }

    #[test]
    fn hours_are_kept_to_the_second() {
        let calendar = calendar();
        let clock = Deadline::start(at(11, 23, 10), Some(Term { n: 24, unit: Unit::Hour }), &calendar);
        let paused = clock.pause(at(11, 23, 16), &calendar);
        assert_eq!(paused, Deadline::Paused { left: Left::Seconds(18 * 3600), unit: Unit::Hour });
        assert_eq!(paused.resume(at(11, 30, 8), &calendar).due(), Some(at(12, 1, 2)));
    }

    #[test]
    fn the_clock_waits_for_the_first_payment() {
        let calendar = calendar();
        let clock = Deadline::NotStarted { term: Term { n: 3, unit: Unit::Workday } };
        let waiting = clock.pause(at(11, 23, 10), &calendar);
        assert_eq!(waiting, clock);
        assert_eq!(waiting.resume(at(11, 24, 10), &calendar).due(), Some(end_of_day(day(11, 27))));
    }

    #[test]
    fn soon_is_until_the_end_of_the_next_working_day() {
        let calendar = calendar();
        // Friday 20 November: the next working day is Monday.
        let now = at(11, 20, 12);
        let of = |due| urgency(Some(due), now, &calendar);
        assert_eq!(of(at(11, 20, 11)), Urgency::Late);
        assert_eq!(of(end_of_day(day(11, 20))), Urgency::Soon);
        assert_eq!(of(end_of_day(day(11, 23))), Urgency::Soon);
        assert_eq!(of(end_of_day(day(11, 24))), Urgency::Fine);
        assert_eq!(urgency(None, now, &calendar), Urgency::None);
    }

    #[test]
    fn the_time_for_an_appeal_runs_from_the_reading() {
        let calendar = calendar();
        let mut terms = AppealTerms { days: 30, unit: UnitRef::parse("AV"), outer: None };
        assert!(may_appeal(None, &terms, at(12, 31, 10), &calendar), "an unread decision can be appealed");
        let read = Some(at(11, 2, 10));
        assert!(may_appeal(read, &terms, at(12, 2, 23), &calendar));
        assert!(!may_appeal(read, &terms, at(12, 3, 1), &calendar));
        // The outer limit ends both an unread one and a long term.
        terms.outer = Some(at(11, 20, 18));
        assert!(may_appeal(None, &terms, at(11, 20, 17), &calendar));
        assert!(!may_appeal(None, &terms, at(11, 20, 19), &calendar));
        assert!(!may_appeal(read, &terms, at(11, 20, 19), &calendar));
    }

    #[test]
    fn one_is_reminded_in_the_morning_of_a_day_before() {
        let calendar = calendar();
        // Due by the end of Monday, 30 November.
        let due = end_of_day(day(11, 30));
        let remind = |n, unit| remind_at(due, Term { n, unit }, &calendar);
        assert_eq!(remind(1, Unit::Workday), at(11, 27, 9), "the Friday before");
        assert_eq!(remind(1, Unit::Day), at(11, 29, 9));
        assert_eq!(remind(3, Unit::Hour).as_second(), due.as_second() - 3 * 3600);
    }

    #[test]
    fn a_term_paused_at_once_loses_nothing_but_the_day() {
        let calendar = calendar();
        for n in 1..40 {
            for d in 1..28 {
                let received = at(10, d, 9);
                let clock = Deadline::start(received, workdays(n), &calendar);
                let same_day = clock.pause(at(10, d, 17), &calendar).resume(at(10, d, 18), &calendar);
                assert_eq!(same_day.due(), clock.due(), "{n} working days from 2026-10-{d}");
            }
        }
    }
}
