//! The moment of time as an argument: rules never read the system's clock.

pub use jiff::Timestamp;
pub use jiff::civil::Date;

use std::sync::Mutex;

/// Seconds by which Tashkent is ahead of UTC. The country has had one zone, UTC+5 without summer
/// time, since 1992, so that no time-zone database is needed. Source: IANA tz, `asia`, Asia/Tashkent.
const TASHKENT_OFFSET_HOURS: i8 = 5;

/// Tells the time. The binary has one [`SystemClock`]; tests have a [`ManualClock`].
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Timestamp {
        // Stored instants have microseconds, so the program does not see finer ones either.
        from_micros(Timestamp::now().as_microsecond())
    }
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// A clock that shows the given moment.
    pub fn new(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock to a moment.
    pub fn set(&self, now: Timestamp) {
        *self.lock() = now;
    }

    /// Moves the clock forward (or back, for a negative duration), as far as time goes.
    pub fn advance(&self, by: jiff::SignedDuration) {
        let mut now = self.lock();
        *now = now.saturating_add(by).unwrap_or(*now);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Timestamp> {
        // A poisoned clock still shows a valid moment.
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.lock()
    }
}

/// Microseconds since 1970-01-01 UTC: the stored form of an instant.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant of a stored number of microseconds; numbers outside jiff's range become its ends.
pub fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(if micros < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The instant as local time of Tashkent (UTC+5).
pub fn tashkent(at: Timestamp) -> jiff::Zoned {
    at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(TASHKENT_OFFSET_HOURS)))
}

/// The calendar day in Tashkent at the instant.
pub fn tashkent_date(at: Timestamp) -> Date {
    tashkent(at).date()
}

/// The instant of a local time of Tashkent; times outside jiff's range become its ends.
pub fn at_tashkent(date: Date, hour: i8, minute: i8, second: i8) -> Timestamp {
    let local = date.to_datetime(jiff::civil::Time::new(hour, minute, second, 0).unwrap_or(jiff::civil::Time::MIN));
    jiff::tz::offset(TASHKENT_OFFSET_HOURS).to_timestamp(local).unwrap_or(if date.year() < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    })
}

/// The last second of the day in Tashkent: the moment at which a term of days ends.
pub fn end_of_day(date: Date) -> Timestamp {
    at_tashkent(date, 23, 59, 59)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_day_of_tashkent_begins_at_19_utc() {
        let before: Timestamp = "2026-11-21T18:59:59Z".parse().unwrap();
        let after: Timestamp = "2026-11-21T19:00:00Z".parse().unwrap();
        assert_eq!(tashkent_date(before), date(2026, 11, 21));
        assert_eq!(tashkent_date(after), date(2026, 11, 22));
    }

    #[test]
    fn microseconds_go_there_and_back() {
        let at: Timestamp = "2026-11-21T18:59:59.123456Z".parse().unwrap();
        assert_eq!(from_micros(micros(at)), at);
        assert_eq!(from_micros(i64::MAX), Timestamp::MAX);
        assert_eq!(from_micros(i64::MIN), Timestamp::MIN);
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::new("2026-11-21T10:00:00Z".parse().unwrap());
        clock.advance(jiff::SignedDuration::from_mins(5));
        assert_eq!(clock.now().to_string(), "2026-11-21T10:05:00Z");
        clock.set("2027-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(clock.now().to_string(), "2027-01-01T00:00:00Z");
    }

    #[test]
    fn the_day_ends_a_second_before_midnight_of_tashkent() {
        assert_eq!(end_of_day(date(2026, 11, 21)).to_string(), "2026-11-21T18:59:59Z");
    }
}
