//! Working days and terms.

use crate::clock::{Date, Timestamp, end_of_day, tashkent_date};
use jiff::civil::Weekday;
use jiff::{SignedDuration, ToSpan};
use std::collections::BTreeSet;

/// The unit in which a term is given in a service's regulation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// 60 seconds of plain elapsed time.
    Minute,
    /// 60 minutes of plain elapsed time.
    Hour,
    /// A working day ("ish kuni").
    Workday,
    /// A calendar day ("kun", "kalendar kun").
    Day,
    /// A calendar month ("oy").
    Month,
}

/// A term such as "3 working days".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// How many units.
    pub n: u32,
    /// Of what.
    pub unit: Unit,
}

impl Term {
    /// A term of `n` units.
    pub const fn new(n: u32, unit: Unit) -> Term {
        Term { n, unit }
    }

    /// A term of working days.
    pub const fn workdays(n: u32) -> Term {
        Term::new(n, Unit::Workday)
    }
}

/// Which days are worked: Monday to Friday, except days off, and besides the moved working days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    days_off: BTreeSet<Date>,
    working_days: BTreeSet<Date>,
    from: Date,
    to: Date,
    saturdays: bool,
}

impl Calendar {
    /// A calendar that is known from `from` to `to` inclusive.
    ///
    /// `days_off` are holidays and days off by decree; `working_days` are days of rest that are worked by decree
    /// (a working Saturday). A day in both is worked: the decree that moves a day is the later one.
    pub fn new(
        days_off: impl IntoIterator<Item = Date>,
        working_days: impl IntoIterator<Item = Date>,
        from: Date,
        to: Date,
    ) -> Calendar {
        Calendar {
            days_off: days_off.into_iter().collect(),
            working_days: working_days.into_iter().collect(),
            from,
            to,
            saturdays: false,
        }
    }

    /// The same decrees with a working week of six days.
    ///
    /// Rule: CAL-SIX-DAYS.
    /// Source: Labour Code of 2023 (six-day week where the work needs it, such as service centres).
    #[must_use]
    pub fn with_saturdays(&self) -> Calendar {
        Calendar { saturdays: true, ..self.clone() }
    }

    /// Whether the decrees of the date's year are in the data. Outside, only the working week is known.
    pub fn covers(&self, date: Date) -> bool {
        self.from <= date && date <= self.to
    }

    /// Whether the day is worked.
    ///
    /// Rule: CAL-WORKDAY.
    /// Source: Labour Code of 2023 (five-day week, holidays moved from days of rest); yearly decrees in `data/calendar.yaml`.
    pub fn is_workday(&self, date: Date) -> bool {
        if self.working_days.contains(&date) {
            return true;
        }
        let rests = match date.weekday() {
            Weekday::Sunday => true,
            Weekday::Saturday => !self.saturdays,
            _ => false,
        };
        !rests && !self.days_off.contains(&date)
    }

    /// The day itself when it is worked, else the next day that is.
    pub fn workday_on_or_after(&self, date: Date) -> Date {
        let mut day = date;
        while !self.is_workday(day) {
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        day
    }

    /// The `n`-th working day after the date, which itself is not counted. For 0: the day itself, or the next working day.
    pub fn add_workdays(&self, date: Date, n: u32) -> Date {
        let mut day = self.workday_on_or_after(date);
        // A Saturday's first working day after it is Monday: standing on Monday already counts as one.
        let mut left = if day > date { n.saturating_sub(1) } else { n };
        while left > 0 {
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
            if self.is_workday(day) {
                left -= 1;
            }
        }
        day
    }

    /// How many working days lie after `from` up to and including `to`; 0 when `to` is not later.
    pub fn workdays_between(&self, from: Date, to: Date) -> u32 {
        let mut days = 0;
        let mut day = from;
        while day < to {
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
            days += u32::from(self.is_workday(day));
        }
        days
    }
}

/// The moment at which a term ends.
///
/// Minutes and hours are plain elapsed time. Working days, days and months are counted in Tashkent from the day after
/// receipt and end with the last second of the last day. A month ends on the same day of the month, or on its last day
/// when there is none. A term of days or months that would end on a day of rest ends on the next working day.
///
/// Rule: APP-DUE.
/// Source: Civil Code, chapter 11 (calculation of terms: counted from the next day; an end on a non-working day moves to
/// the next working day); the service's regulation, clause on terms.
pub fn due(received: Timestamp, term: Term, calendar: &Calendar) -> Timestamp {
    let day = tashkent_date(received);
    match term.unit {
        Unit::Minute => elapsed(received, SignedDuration::from_secs(i64::from(term.n) * 60)),
        Unit::Hour => elapsed(received, SignedDuration::from_secs(i64::from(term.n) * 3600)),
        Unit::Workday => end_of_day(calendar.add_workdays(day, term.n)),
        Unit::Day => end_of_day(calendar.workday_on_or_after(add_days(day, term.n))),
        Unit::Month => end_of_day(calendar.workday_on_or_after(add_months(day, term.n))),
    }
}

fn elapsed(from: Timestamp, by: SignedDuration) -> Timestamp {
    from.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn add_days(day: Date, n: u32) -> Date {
    1.day().checked_mul(i64::from(n)).and_then(|span| day.checked_add(span)).unwrap_or(Date::MAX)
}

fn add_months(day: Date, n: u32) -> Date {
    1.month().checked_mul(i64::from(n)).and_then(|span| day.checked_add(span)).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_of_six_days_rests_on_sundays_and_holidays_only() {
        let day = |d| jiff::civil::date(2026, 11, d);
        // Saturday the 14th is a day off by decree.
        let five = Calendar::new([day(14)], [], day(1), day(30));
        let six = five.with_saturdays();
        assert!(!five.is_workday(day(21)) && six.is_workday(day(21)), "an ordinary Saturday");
        assert!(!six.is_workday(day(22)), "a Sunday");
        assert!(!six.is_workday(day(14)), "a day off by decree");
        assert_eq!(five.add_workdays(day(20), 1), day(23));
        assert_eq!(six.add_workdays(day(20), 1), day(21));
    }
}
