//! A search of all ways to take an account over: who holds one channel, or SMS and one more, tries everything in every order.
//!
//! The search calls the very rules of `locks`; a weaker rule handed in instead must be found out, or the search is worth nothing.

use std::collections::{HashMap, VecDeque};

use super::factor::Factor;
use super::locks::{self, Change, Standing, Verdict};

/// What an attacker may hold.
const CHANNELS: [Factor; 8] = [
    Factor::Sms,
    Factor::Password,
    Factor::Email,
    Factor::Totp,
    Factor::Printed,
    Factor::Passkey,
    Factor::Face,
    Factor::Trusted,
];

type Rule = fn(Change, &[Factor], Standing) -> Verdict;

/// Where the account and the attacker stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct State {
    /// Bits of [`CHANNELS`] that the account has.
    has: u8,
    /// Bits that the attacker can prove on this account.
    holds: u8,
    /// Whether the confirmed address is the attacker's own.
    mail_turned: bool,
    frozen: bool,
    just_recovered: bool,
    taken: bool,
}

fn bit(factor: Factor) -> u8 {
    CHANNELS.iter().position(|channel| *channel == factor).map_or(0, |n| 1 << n)
}

impl State {
    fn standing(self) -> Standing {
        Standing {
            frozen: self.frozen,
            mail_confirmed: self.has & bit(Factor::Email) != 0,
            just_recovered: self.just_recovered,
        }
    }

    /// Whether a notice reaches the owner where the attacker does not stand between.
    fn owner_hears(self) -> bool {
        let phone = self.holds & bit(Factor::Sms) == 0;
        let mail = self.has & bit(Factor::Email) != 0 && !self.mail_turned && self.holds & bit(Factor::Email) == 0;
        phone || mail
    }

    /// What is proved with these bits: one trusted person of two is no proof.
    fn proved(self, bits: u8) -> Vec<Factor> {
        let false_friends = 1;
        CHANNELS
            .into_iter()
            .filter(|factor| bits & bit(*factor) != 0)
            .filter(|factor| *factor != Factor::Trusted || locks::trusted(false_friends))
            .collect()
    }

    /// The state after a change by the attacker has come into force.
    fn changed(self, change: Change, way: Factor) -> State {
        match change {
            // Out: the owner's own password, number, ways or friends are gone.
            Change::Password | Change::Phone | Change::RemoveWay | Change::Trusted | Change::Recover => {
                State { taken: true, ..self }
            }
            Change::Email => State {
                has: self.has | bit(Factor::Email),
                holds: self.holds | bit(Factor::Email),
                mail_turned: true,
                ..self
            },
            // A way of the attacker's own beside the owner's: a step on the road.
            Change::AddWay => State { has: self.has | bit(way), holds: self.holds | bit(way), ..self },
        }
    }
}

/// All that can happen next, in words.
fn moves(state: State, rule: Rule) -> Vec<(String, State)> {
    let mut out = Vec::new();
    let usable = state.has & state.holds;
    // Every subset of what the attacker can prove, in one sign-in.
    let mut proved = usable;
    loop {
        let factors = state.proved(proved);
        for change in Change::ALL {
            for way in [Factor::Totp, Factor::Printed, Factor::Passkey] {
                if change != Change::AddWay && way != Factor::Totp {
                    continue;
                }
                let words = |how: &str| format!("{change:?} ({way:?}) by {factors:?}: {how}");
                match rule(change, &factors, state.standing()) {
                    Verdict::AtOnce => out.push((words("at once"), state.changed(change, way))),
                    // The owner who hears of it freezes the account; nobody else can stop it.
                    Verdict::After if state.owner_hears() => {
                        out.push((words("the owner freezes"), State { frozen: true, ..state }));
                    }
                    Verdict::After => out.push((words("nobody hears, it ripens"), state.changed(change, way))),
                    Verdict::Missing { .. } | Verdict::Frozen => {}
                }
            }
        }
        if proved == 0 {
            break;
        }
        proved = (proved - 1) & usable;
    }
    // The attacker may freeze it too; the owner comes back by a recovery; time passes.
    out.push(("frozen".to_owned(), State { frozen: true, ..state }));
    if state.frozen {
        out.push(("the owner recovers".to_owned(), State { frozen: false, just_recovered: true, ..state }));
    }
    out.push(("days pass".to_owned(), State { just_recovered: false, ..state }));
    out
}

/// Looks through everything that can be reached; the steps to a takeover, when there is one.
fn takeover(start: State, rule: Rule) -> (usize, Option<Vec<String>>) {
    let mut from: HashMap<State, Option<(State, String)>> = HashMap::from([(start, None)]);
    let mut open = VecDeque::from([start]);
    while let Some(state) = open.pop_front() {
        if state.taken {
            let (mut steps, mut at) = (Vec::new(), state);
            while let Some(Some((before, words))) = from.get(&at) {
                steps.push(words.clone());
                at = *before;
            }
            steps.reverse();
            return (from.len(), Some(steps));
        }
        for (words, next) in moves(state, rule) {
            from.entry(next).or_insert_with(|| {
                open.push_back(next);
                Some((state, words))
            });
        }
    }
    (from.len(), None)
}

/// Every account (password and phone, with any of the other ways) and every attacker who holds one channel or SMS and one more.
fn starts() -> Vec<State> {
    let always = bit(Factor::Password) | bit(Factor::Sms) | bit(Factor::Face);
    let mut attackers = Vec::new();
    for one in CHANNELS {
        attackers.push(bit(one));
        attackers.push(bit(one) | bit(Factor::Sms));
    }
    attackers.sort_unstable();
    attackers.dedup();
    let mut out = Vec::new();
    for has in (0..=u8::MAX).filter(|has| has & always == always) {
        for holds in &attackers {
            for just_recovered in [false, true] {
                out.push(State { has, holds: *holds, mail_turned: false, frozen: false, just_recovered, taken: false });
            }
        }
    }
    out
}

#[test]
fn nobody_who_holds_one_channel_or_sms_and_one_more_takes_an_account_over() {
    let mut states = 0;
    for start in starts() {
        let (seen, steps) = takeover(start, locks::judge);
        states += seen;
        assert_eq!(steps, None, "{start:?}");
    }
    assert!(states > 3_000, "{states}");
}

#[test]
fn the_search_finds_the_hole_of_every_weaker_rule() {
    let weaker: [(&str, Rule); 5] = [
        ("a code by SMS replaces the password", |change, proved, standing| match change {
            Change::Recover if proved.contains(&Factor::Sms) => Verdict::AtOnce,
            other => locks::judge(other, proved, standing),
        }),
        ("a further way needs a sign-in only", |change, proved, standing| match change {
            Change::AddWay if proved.contains(&Factor::Password) => Verdict::AtOnce,
            other => locks::judge(other, proved, standing),
        }),
        ("an address is bound without proof", |change, proved, standing| match change {
            Change::Email if proved.contains(&Factor::Sms) => Verdict::AtOnce,
            other => locks::judge(other, proved, standing),
        }),
        ("one proof waits where nobody is told", |change, proved, standing| {
            locks::judge(change, proved, Standing { mail_confirmed: true, ..standing })
        }),
        ("one proof opens a frozen account", |change, proved, standing| match locks::judge(change, proved, standing) {
            Verdict::Missing { weight: 1 } if standing.frozen => Verdict::AtOnce,
            other => other,
        }),
    ];
    for (name, rule) in weaker {
        let found = starts().into_iter().find_map(|start| takeover(start, rule).1);
        assert!(found.is_some(), "not found: {name}");
    }
    // The way through a further factor takes more than one step: the search really goes on.
    let steps = starts().into_iter().find_map(|start| takeover(start, weaker[1].1).1).unwrap();
    assert!(steps.len() >= 2, "{steps:?}");
}

/// The rule is not safe by refusing everybody: each owner with a password and a face, or with one proof and an address, gets through.
#[test]
fn owners_still_change_their_locks_and_come_back() {
    let calm = Standing::default();
    for change in Change::ALL {
        assert!(matches!(
            locks::judge(change, &[Factor::Password, Factor::Face], calm),
            Verdict::AtOnce | Verdict::After
        ));
        let told = Standing { mail_confirmed: true, ..calm };
        assert_eq!(locks::judge(change, &[Factor::Face], told), Verdict::After);
    }
    for second in [Factor::Printed, Factor::Passkey, Factor::Totp] {
        assert_eq!(locks::judge(Change::Recover, &[Factor::Face, second], calm), Verdict::AtOnce);
    }
    let frozen = Standing { frozen: true, ..calm };
    assert_eq!(locks::judge(Change::Recover, &[Factor::Centre], frozen), Verdict::AtOnce);
}
