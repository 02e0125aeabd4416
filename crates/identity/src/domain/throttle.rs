//! Slowing down guesses without letting the guesser lock the owner out.
//!
//! A counter per account alone would be a weapon: whoever knows a PINFL could keep its owner outside. So
//! failures are counted for a *pair*: the account and where the try came from. A device that once proved the
//! second factor has a counter of its own, which nobody else can reach; failures from elsewhere count for elsewhere.

use kernel::clock::Timestamp;

/// From where somebody tries to sign in to an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt<'a> {
    /// What was typed as the login, normalised; not necessarily an account that exists, so that
    /// unknown accounts slow down exactly as known ones.
    pub login: &'a str,
    /// The device, when its cookie is known *for this account*.
    pub known_device: Option<&'a str>,
    /// The network address.
    pub address: &'a str,
}

/// What failures are counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// One known device of one account.
    Device { login: String, device: String },
    /// One account from one address, by devices that are not known.
    Pair { login: String, address: String },
    /// One account, by all devices that are not known: guesses from many addresses at once.
    Strangers { login: String },
    /// One address, for all accounts: one guess at each of many accounts.
    Address { address: String },
    /// Codes sent to one number on behalf of devices that are not known.
    Sms { phone: String },
}

impl Bucket {
    /// Stable text of the bucket, which the store hashes with a key before it is written.
    pub fn text(&self) -> String {
        match self {
            Bucket::Device { login, device } => format!("device|{login}|{device}"),
            Bucket::Pair { login, address } => format!("pair|{login}|{address}"),
            Bucket::Strangers { login } => format!("strangers|{login}"),
            Bucket::Address { address } => format!("address|{address}"),
            Bucket::Sms { phone } => format!("sms|{}", phone.as_str()),
        }
    }

    /// How many failures are free, within which window, and how long the longest wait is.
    fn limit(&self) -> Limit {
        match self {
            // A person mistypes; the second wait is already longer than a nervous minute.
            Bucket::Device { .. } | Bucket::Pair { .. } => {
                Limit { free: 5, window_s: 3_600, first_wait_s: 60, longest_wait_s: 3_600 }
            }
            // 60 guesses an hour from everywhere: a password of a list of 10,000 would take a week, and a code is still needed.
            Bucket::Strangers { .. } => Limit { free: 60, window_s: 3_600, first_wait_s: 900, longest_wait_s: 3_600 },
            // A village, an office or a service centre shares one address.
            Bucket::Address { .. } => Limit { free: 100, window_s: 3_600, first_wait_s: 300, longest_wait_s: 3_600 },
            // An SMS costs money and peace.
            Bucket::Sms { .. } => Limit { free: 8, window_s: 3_600, first_wait_s: 900, longest_wait_s: 3_600 },
        }
    }
}

struct Limit {
    free: u32,
    window_s: i64,
    first_wait_s: i64,
    longest_wait_s: i64,
}

/// What is counted in a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub failures: u32,
    pub window_start: Timestamp,
    pub blocked_until: Timestamp,
}

impl Count {
    /// Nothing counted yet.
    pub fn fresh(now: Timestamp) -> Self {
        Self { failures: 0, window_start: now, blocked_until: now }
    }
}

/// The buckets that an attempt is counted in and held up by.
///
/// A known device is judged by its own counter only: no failure that comes from elsewhere can block it.
///
/// Rule: IDN-LOCKOUT.
/// Source: OWASP ASVS 5.0 §6.3 (brute force is slowed down, accounts cannot be locked maliciously); "device cookies" of the OWASP pages.
pub fn buckets(attempt: &Attempt<'_>) -> Vec<Bucket> {
    let login = attempt.login.to_owned();
    let address = attempt.address.to_owned();
    match attempt.known_device {
        Some(device) => vec![Bucket::Device { login, device: device.to_owned() }],
        None => vec![
            Bucket::Pair { login: login.clone(), address: address.clone() },
            Bucket::Strangers { login },
            Bucket::Address { address },
        ],
    }
}

/// Until when the bucket holds up; `None` when a try is allowed now.
pub fn held_until(count: &Count, now: Timestamp) -> Option<Timestamp> {
    (count.blocked_until > now).then_some(count.blocked_until)
}

/// Counts a failure: after the free ones each further failure doubles the wait.
///
/// Rule: IDN-BACKOFF.
/// Source: NIST SP 800-63B §5.2.2 (rate limiting).
pub fn after_failure(bucket: &Bucket, count: Count, now: Timestamp) -> Count {
    let limit = bucket.limit();
    let age = now.as_second() - count.window_start.as_second();
    let (failures, window_start) =
        if age >= limit.window_s { (1, now) } else { (count.failures.saturating_add(1), count.window_start) };
    let wait_s = match failures.checked_sub(limit.free) {
        None => 0,
        Some(over) => limit.first_wait_s.saturating_mul(1_i64 << over.min(12)).min(limit.longest_wait_s),
    };
    let until = kernel::clock::from_micros(kernel::clock::micros(now).saturating_add(wait_s.saturating_mul(1_000_000)));
    Count { failures, window_start, blocked_until: until.max(count.blocked_until) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    /// Plays tries in order and answers whether each was let through to the password check.
    #[derive(Default)]
    struct Door(HashMap<Bucket, Count>);

    impl Door {
        fn try_in(&mut self, attempt: &Attempt<'_>, right: bool, now: Timestamp) -> bool {
            let keys = buckets(attempt);
            if keys.iter().any(|key| self.0.get(key).is_some_and(|count| held_until(count, now).is_some())) {
                return false;
            }
            if !right {
                for key in keys {
                    let count = self.0.get(&key).copied().unwrap_or(Count::fresh(now));
                    self.0.insert(key.clone(), after_failure(&key, count, now));
                }
            }
            true
        }
    }

    #[test]
    fn guessing_from_one_place_is_stopped_after_five_failures() {
        let mut door = Door::default();
        let attempt = Attempt { login: "a", known_device: None, address: "10.0.0.1" };
        for second in 0..5 {
            assert!(door.try_in(&attempt, false, at(second)));
        }
        assert!(!door.try_in(&attempt, true, at(5)), "even the right password waits");
        assert!(door.try_in(&attempt, true, at(65)));
    }

    #[test]
    fn waits_double_up_to_an_hour() {
        let bucket = Bucket::Pair { login: "a".into(), address: "b".into() };
        let mut count = Count::fresh(at(0));
        let mut waits = Vec::new();
        for _ in 0..12 {
            count = after_failure(&bucket, Count { blocked_until: at(0), ..count }, at(0));
            waits.push(count.blocked_until.as_second() - at(0).as_second());
        }
        assert_eq!(waits, [0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    }

    #[test]
    fn one_guess_at_each_of_many_accounts_is_stopped_too() {
        let mut door = Door::default();
        let mut let_in = 0;
        for n in 0..1000 {
            let login = n.to_string();
            if door.try_in(&Attempt { login: &login, known_device: None, address: "10.0.0.1" }, false, at(n)) {
                let_in += 1;
            }
        }
        assert!(let_in <= 110, "{let_in}");
    }

    proptest! {
        /// Whatever an attacker does, from however many addresses, with whichever cookies of his own,
        /// the owner's known device is let through.
        #[test]
        fn attackers_failures_never_block_the_owners_known_device(
            tries in proptest::collection::vec((0u8..40, 0u8..5, 0i64..4000), 0..400),
            owner_address in 0u8..40,
        ) {
            let mut door = Door::default();
            let mut now = 0;
            for (address, pause, owner_after) in tries {
                let address = format!("10.0.0.{address}");
                // The attacker's cookie, if any, is not known for this account: it is not even looked at.
                door.try_in(&Attempt { login: "owner", known_device: None, address: &address }, false, at(now));
                now += i64::from(pause);
                if owner_after % 7 == 0 {
                    let address = format!("10.0.0.{owner_address}");
                    let attempt = Attempt { login: "owner", known_device: Some("home"), address: &address };
                    prop_assert!(door.try_in(&attempt, true, at(now)));
                }
            }
            let attempt = Attempt { login: "owner", known_device: Some("home"), address: "10.0.0.1" };
            prop_assert!(door.try_in(&attempt, true, at(now)));
        }

        /// Nobody gets more than a trickle of guesses at one account, from everywhere together.
        #[test]
        fn strangers_together_get_few_guesses_an_hour(addresses in proptest::collection::vec(0u16..5000, 3000)) {
            let mut door = Door::default();
            let mut guesses = 0;
            for (second, address) in addresses.into_iter().enumerate() {
                let address = address.to_string();
                let attempt = Attempt { login: "owner", known_device: None, address: &address };
                if door.try_in(&attempt, false, at(second as i64)) {
                    guesses += 1;
                }
            }
            prop_assert!(guesses <= 64, "{guesses}");
        }
    }
}
