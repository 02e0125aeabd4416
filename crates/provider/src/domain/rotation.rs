//! When keys that sign are made, used and forgotten.

use kernel::clock::{Timestamp, from_micros, micros};

/// Seconds that a key signs: 30 days.
pub const SIGNS_S: i64 = 30 * 86_400;
/// Seconds that a key is published before it signs: a week, longer than clients keep the list.
pub const AHEAD_S: i64 = 7 * 86_400;
/// Seconds that a key stays published after the next one signs: longer than any token that it signed is looked at.
pub const AFTER_S: i64 = 2 * 86_400;

/// The moments of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub generation: i64,
    pub starts_at: Timestamp,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Make the key of this generation, to sign from then on.
    pub make: Option<Key>,
    /// Forget the keys of these generations.
    pub forget: Vec<i64>,
}

pub(crate) fn plus(at: Timestamp, seconds: i64) -> Timestamp {
    from_micros(micros(at).saturating_add(seconds.saturating_mul(1_000_000)))
}

/// The key that signs now: the newest that has begun.
pub fn signing(keys: &[Key], now: Timestamp) -> Option<Key> {
    keys.iter().filter(|key| key.starts_at <= now).max_by_key(|key| key.generation).copied()
}

/// The next key is published before it signs and the last one stays until its tokens have ended, so that no client ever meets
/// a token whose key it cannot find.
///
/// Rule: SSO-ROTATE.
/// Source: OpenID Connect Core 1.0 §10.1.1 (rotation of signing keys); NIST SP 800-57 Part 1 §5.3 (cryptoperiods; 30 days are our choice).
pub fn plan(keys: &[Key], now: Timestamp) -> Plan {
    let mut sorted = keys.to_vec();
    sorted.sort_by_key(|key| key.generation);
    let Some(newest) = sorted.last() else {
        return Plan { make: Some(Key { generation: 1, starts_at: now }), forget: Vec::new() };
    };
    let ends = plus(newest.starts_at, SIGNS_S);
    let make = (plus(now, AHEAD_S) >= ends).then(|| Key {
        generation: newest.generation + 1,
        // A platform that stood still must still publish before it signs.
        starts_at: ends.max(plus(now, AHEAD_S)),
    });
    let forget = sorted
        .windows(2)
        .filter(|pair| now >= plus(pair[1].starts_at, AFTER_S))
        .map(|pair| pair[0].generation)
        .collect();
    Plan { make, forget }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + day * 86_400).unwrap()
    }

    #[test]
    fn over_a_year_every_signing_key_was_published_a_week_before_and_stays_two_days() {
        let mut keys: Vec<Key> = Vec::new();
        let mut published: Vec<(i64, i64)> = Vec::new();
        let mut last = 0;
        for day in 0..365 {
            let plan = plan(&keys, at(day));
            if let Some(key) = plan.make {
                keys.push(key);
                published.push((key.generation, day));
            }
            for generation in plan.forget {
                assert_ne!(signing(&keys, at(day)).unwrap().generation, generation, "a signing key is never forgotten");
                assert!(
                    at(day) >= plus(keys.iter().find(|k| k.generation == generation + 1).unwrap().starts_at, AFTER_S)
                );
                keys.retain(|key| key.generation != generation);
            }
            let signs = signing(&keys, at(day)).unwrap().generation;
            if signs != last && signs > 1 {
                let (_, since) = published.iter().find(|(generation, _)| *generation == signs).unwrap();
                assert!(day - since >= 7, "published {} days ahead", day - since);
            }
            last = signs;
            assert!(keys.len() <= 3);
        }
        assert!(last >= 12);
    }

    #[test]
    fn after_a_long_pause_the_old_key_signs_until_the_next_has_been_published_long_enough() {
        let keys = [Key { generation: 1, starts_at: at(0) }];
        let plan = plan(&keys, at(100));
        assert_eq!(plan.make, Some(Key { generation: 2, starts_at: at(107) }));
        assert!(plan.forget.is_empty());
    }
}
