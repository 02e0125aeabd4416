//! How long a session lives.

use kernel::clock::{Timestamp, from_micros, micros};

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    Citizen,
    Staff,
}

impl Owner {
    /// Stable name, as stored.
    pub fn name(self) -> &'static str {
        match self {
            Owner::Citizen => "citizen",
            Owner::Staff => "staff",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "citizen" => Some(Owner::Citizen),
            "staff" => Some(Owner::Staff),
            _ => None,
        }
    }

    /// Seconds without a request after which the session ends.
    pub fn idle_s(self) -> i64 {
        match self {
            Owner::Citizen => 12 * 3600,
            Owner::Staff => 2 * 3600,
        }
    }

    /// Seconds after which it ends whatever happens.
    pub fn longest_s(self) -> i64 {
        match self {
            Owner::Citizen => 30 * 86_400,
            Owner::Staff => 12 * 3600,
        }
    }
}

/// How often a use of the session is written down, in seconds: a page of twenty requests is not twenty writes.
const TOUCH_EVERY_S: i64 = 5 * 60;

/// Two ends of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub ends_at: Timestamp,
}

/// Life of a session that begins now.
///
/// Rule: IDN-SESSION.
/// Source: NIST SP 800-63B §7.2 (re-authentication: 12 hours or 30 minutes to 30 days by assurance); our choice within it.
pub fn begin(owner: Owner, now: Timestamp) -> Life {
    let ends_at = plus(now, owner.longest_s());
    Life { seen_at: now, expires_at: plus(now, owner.idle_s()).min(ends_at), ends_at }
}

/// Whether the session is alive.
pub fn alive(life: &Life, now: Timestamp) -> bool {
    now < life.expires_at && now < life.ends_at
}

/// The life after a request now; `None` while the last use is too fresh to be written again.
pub fn touched(owner: Owner, life: &Life, now: Timestamp) -> Option<Life> {
    if now.as_second() - life.seen_at.as_second() < TOUCH_EVERY_S {
        return None;
    }
    Some(Life { seen_at: now, expires_at: plus(now, owner.idle_s()).min(life.ends_at), ends_at: life.ends_at })
}

pub(crate) fn plus(at: Timestamp, seconds: i64) -> Timestamp {
    from_micros(micros(at).saturating_add(seconds.saturating_mul(1_000_000)))
}

/// A device in few words, from the browser's own description: browser and system, nothing that identifies.
pub fn device_name(user_agent: &str) -> String {
    let browser = [
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("YaBrowser/", "Yandex"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]
    .into_iter()
    .find(|(mark, _)| user_agent.contains(mark))
    .map(|(_, name)| name);
    let system = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]
    .into_iter()
    .find(|(mark, _)| user_agent.contains(mark))
    .map(|(_, name)| name);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => "–".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn session_slides_while_it_is_used_and_ends_at_its_longest() {
        let life = begin(Owner::Staff, at(0));
        assert!(alive(&life, at(7199)));
        assert!(!alive(&life, at(7200)));
        assert_eq!(touched(Owner::Staff, &life, at(200)), None);
        let later = touched(Owner::Staff, &life, at(7000)).unwrap();
        assert!(alive(&later, at(14_000)));
        let last = touched(Owner::Staff, &later, at(43_000)).unwrap();
        assert_eq!(last.expires_at, at(43_200));
        assert!(!alive(&last, at(43_200)));
    }

    #[test]
    fn device_is_told_in_two_words() {
        let ua =
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36";
        assert_eq!(device_name(ua), "Chrome, Android");
        assert_eq!(device_name("curl/8"), "–");
    }
}
