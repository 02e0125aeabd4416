//! A delivery: one notice on one way to one address.

use contracts::notifications::Urgency;
use kernel::clock::Timestamp;

/// A way out of the portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    Sms,
    Email,
}

impl Channel {
    /// Stable name, as stored.
    pub fn name(self) -> &'static str {
        match self {
            Channel::Sms => "sms",
            Channel::Email => "email",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "sms" => Some(Channel::Sms),
            "email" => Some(Channel::Email),
            _ => None,
        }
    }
}

/// Which ways a notice takes beside the inbox, which it always takes.
///
/// Rule: NTC-WAYS.
/// Source: PF-113 of 20.04.2022 as in uz-data §7 (notices to the cabinet also go by SMS); our choice that only important ones do.
pub fn ways(urgency: Urgency, has_phone: bool, has_email: bool) -> Vec<Channel> {
    let mut ways = Vec::new();
    if urgency == Urgency::Important && has_phone {
        ways.push(Channel::Sms);
    }
    if has_email {
        ways.push(Channel::Email);
    }
    ways
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not yet tried, or to be tried again.
    Waiting,
    /// The provider took it.
    Sent,
    /// The provider will never take it (no such number or box).
    Refused,
}

impl State {
    /// Stable name, as stored.
    pub fn name(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Sent => "sent",
            State::Refused => "refused",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "waiting" => Some(State::Waiting),
            "sent" => Some(State::Sent),
            "refused" => Some(State::Refused),
            _ => None,
        }
    }
}

/// What a provider answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Taken; under which number the provider knows it.
    Taken { provider_id: String },
    /// Not now: out of reach, overloaded, out of money, our credentials are wrong. Trying again helps when that is put right.
    Later { why: String },
    /// Never: the address is wrong.
    Never { why: String },
}

/// State after a try. Whatever is not a plain refusal of the address is tried again: a failing provider delays, never loses.
///
/// Rule: NTC-RETRY.
/// Source: our rule: a failing provider delays a notice, never a case, and loses nothing.
pub fn after(outcome: &Outcome) -> State {
    match outcome {
        Outcome::Taken { .. } => State::Sent,
        Outcome::Later { .. } => State::Waiting,
        Outcome::Never { .. } => State::Refused,
    }
}

/// A one-time code is not worth sending once it cannot be used any more, in seconds since it was asked for.
const CODE_USEFUL_S: i64 = 5 * 60;

/// Whether a code that waited (the provider was away) is still good for something.
pub fn code_useful(asked_at: Timestamp, now: Timestamp) -> bool {
    now.as_second() - asked_at.as_second() < CODE_USEFUL_S
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_notice_costs_no_sms() {
        assert_eq!(ways(Urgency::Normal, true, true), [Channel::Email]);
        assert_eq!(ways(Urgency::Important, true, true), [Channel::Sms, Channel::Email]);
        assert_eq!(ways(Urgency::Important, false, false), []);
    }

    #[test]
    fn only_a_wrong_address_ends_a_delivery_without_success() {
        assert_eq!(after(&Outcome::Later { why: "503".into() }), State::Waiting);
        assert_eq!(after(&Outcome::Never { why: "no such number".into() }), State::Refused);
        assert_eq!(after(&Outcome::Taken { provider_id: "1".into() }), State::Sent);
    }

    #[test]
    fn stored_names_are_read_back() {
        for state in [State::Waiting, State::Sent, State::Refused] {
            assert_eq!(State::parse(state.name()), Some(state));
        }
        for channel in [Channel::Sms, Channel::Email] {
            assert_eq!(Channel::parse(channel.name()), Some(channel));
        }
    }
}
