//! Mandates and powers of attorney given in the portal: what they allow, how they live.
//!
//! A mandate is a fold of its events, which are only ever added. Whoever acts and for whom stands in each of them.

use std::collections::BTreeMap;

use contracts::mandates::MandateRefused;
use kernel::clock::{Date, Timestamp};
use kernel::id::{DraftId, SubjectId, Uuid};
use kernel::money::Tiyin;
use kernel::person::{Pinfl, Stir};
use serde::{Deserialize, Serialize};

/// The longest term of a mandate, years.
pub const MAX_YEARS: i16 = 3;

/// What a holder may do, a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    /// See what was applied for and how it stands.
    See,
    /// Fill in, sign and send applications.
    Sign,
    /// Send applications for which something is to be paid, and pay.
    Pay,
}

impl Power {
    /// Every power, in the order of display.
    pub const ALL: [Power; 3] = [Power::See, Power::Sign, Power::Pay];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Power::See => "see",
            Power::Sign => "sign",
            Power::Pay => "pay",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|power| power.name() == text)
    }
}

/// For which services.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Every service that may be asked for in somebody's name.
    pub all: bool,
    /// Codes of groups of the catalogue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Codes of services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
}

impl Scope {
    fn covers(&self, service: &str, group: &str) -> bool {
        self.all || self.groups.iter().any(|code| code == group) || self.services.iter().any(|code| code == service)
    }

    fn within(&self, wider: &Scope) -> bool {
        wider.all
            || (!self.all
                && self.groups.iter().all(|group| wider.groups.contains(group))
                && self.services.iter().all(|service| wider.services.contains(service)))
    }
}

/// What a mandate allows, within which limits, when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub powers: Vec<Power>,
    pub scope: Scope,
    /// Most that may be to pay for one application, tiyin; `None` = no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_amount: Option<Tiyin>,
    /// Most applications in all; `None` = no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_number: Option<u32>,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// In force only after a second person of the organisation has agreed.
    pub four_eyes: bool,
}

/// What is wrong with terms: the field and a stable code.
pub type Wrong = (&'static str, &'static str);

/// What is wrong with the terms of a new mandate; empty = nothing.
///
/// Rule: IDN-MANDATE-TERMS.
/// Source: Civil Code, chapter 10 (a power of attorney names what it allows; its term is at most three years); issue of the second release ("powers, limits, dates, four eyes").
pub fn check(terms: &Terms, today: Date) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if terms.powers.is_empty() {
        wrong.push(("powers", "powers-none"));
    } else if terms.powers.contains(&Power::Pay) && !terms.powers.contains(&Power::Sign) {
        wrong.push(("powers", "powers-pay-alone"));
    }
    if !terms.scope.all && terms.scope.groups.is_empty() && terms.scope.services.is_empty() {
        wrong.push(("scope", "scope-none"));
    }
    if terms.max_amount.is_some_and(|amount| amount <= Tiyin::ZERO) {
        wrong.push(("max_amount", "amount"));
    }
    if terms.max_number == Some(0) {
        wrong.push(("max_number", "number"));
    }
    if terms.until < terms.from {
        wrong.push(("until", "until-before"));
    } else if terms.until < today {
        wrong.push(("until", "until-past"));
    } else if last_day(terms.from) < terms.until {
        wrong.push(("until", "until-far"));
    }
    wrong
}

/// The last day that a mandate from this day may have.
fn last_day(from: Date) -> Date {
    let year = from.year().saturating_add(MAX_YEARS);
    // The 29th of February has no namesake three years on.
    Date::new(year, from.month(), from.day()).or_else(|_| Date::new(year, from.month(), 28)).unwrap_or(from)
}

/// Who gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Giver {
    Organisation {
        stir: Stir,
        name: String,
    },
    Person {
        pinfl: Pinfl,
        surname: String,
        name: String,
        #[serde(default)]
        patronymic: String,
        #[serde(default)]
        birth_date: Option<Date>,
    },
}

impl Giver {
    /// Name of the organisation or of the person.
    pub fn name(&self) -> String {
        match self {
            Giver::Organisation { name, .. } => name.clone(),
            Giver::Person { surname, name, patronymic, .. } => {
                [surname.as_str(), name, patronymic].into_iter().filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" ")
            }
        }
    }
}

/// What happened to a mandate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event {
    Given {
        number: String,
        giver: Giver,
        /// Keyed hash of the holder's personal number or passport.
        holder: String,
        /// As the giver wrote it.
        surname: String,
        name: String,
        terms: Terms,
    },
    /// A second person of the organisation agreed.
    Agreed,
    Accepted {
        holder: SubjectId,
    },
    Declined,
    /// Less is allowed from now on.
    Limited {
        terms: Terms,
    },
    Suspended,
    Resumed,
    Revoked,
    /// The holder gave it up.
    Renounced,
    Expired,
    /// An application was sent under it.
    Spent {
        draft: DraftId,
        service: String,
        amount: Tiyin,
    },
}

impl Event {
    /// Stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Given { .. } => "given",
            Event::Agreed => "agreed",
            Event::Accepted { .. } => "accepted",
            Event::Declined => "declined",
            Event::Limited { .. } => "limited",
            Event::Suspended => "suspended",
            Event::Resumed => "resumed",
            Event::Revoked => "revoked",
            Event::Renounced => "renounced",
            Event::Expired => "expired",
            Event::Spent { .. } => "spent",
        }
    }
}

/// An event with who did it and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    pub seq: i64,
    pub at: Timestamp,
    /// Who acted; `None` = the portal itself.
    pub actor: Option<SubjectId>,
    /// Name of who acted, as the parties read it.
    pub actor_name: String,
    /// For whom: the organisation or person that gives.
    pub subject: SubjectId,
    pub event: Event,
}

/// How a mandate ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Declined,
    Revoked,
    Renounced,
    Expired,
}

/// A mandate: the fold of its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    pub id: Uuid,
    pub subject: SubjectId,
    pub number: String,
    pub giver: Giver,
    /// Who gave it, as a person.
    pub given_by: Option<SubjectId>,
    pub holder: String,
    pub surname: String,
    pub name: String,
    /// Cabinet of the holder, once accepted.
    pub accepted: Option<SubjectId>,
    /// Name of the holder: as accepted, until then as given.
    pub holder_name: String,
    pub agreed: bool,
    pub terms: Terms,
    pub suspended: bool,
    pub ended: Option<End>,
    /// Drafts that were sent under it.
    pub spent: BTreeMap<DraftId, Tiyin>,
    pub seq: i64,
    pub events: Vec<Recorded>,
}

/// Where a mandate stands, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// A second person has to agree first.
    AwaitsSecond,
    /// The holder has not accepted yet.
    Offered,
    InForce,
    Suspended,
    Ended,
}

impl State {
    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            State::AwaitsSecond => "awaits_second",
            State::Offered => "offered",
            State::InForce => "in_force",
            State::Suspended => "suspended",
            State::Ended => "ended",
        }
    }
}

impl Mandate {
    /// The mandate that its events make; `None` when the first is not [`Event::Given`].
    pub fn fold(id: Uuid, events: Vec<Recorded>) -> Option<Self> {
        let first = events.first()?;
        let Event::Given { number, giver, holder, surname, name, terms } = &first.event else { return None };
        let mut mandate = Self {
            id,
            subject: first.subject,
            number: number.clone(),
            giver: giver.clone(),
            given_by: first.actor,
            holder: holder.clone(),
            surname: surname.clone(),
            name: name.clone(),
            accepted: None,
            holder_name: format!("{surname} {name}"),
            agreed: false,
            terms: terms.clone(),
            suspended: false,
            ended: None,
            spent: BTreeMap::new(),
            seq: 0,
            events: Vec::new(),
        };
        for recorded in events {
            mandate.take(recorded);
        }
        Some(mandate)
    }

    /// The mandate after one more event.
    pub fn take(&mut self, recorded: Recorded) {
        match &recorded.event {
            Event::Given { .. } => {}
            Event::Agreed => self.agreed = true,
            Event::Accepted { holder } => {
                self.accepted = Some(*holder);
                self.holder_name.clone_from(&recorded.actor_name);
            }
            Event::Declined => self.ended = Some(End::Declined),
            Event::Limited { terms } => self.terms = terms.clone(),
            Event::Suspended => self.suspended = true,
            Event::Resumed => self.suspended = false,
            Event::Revoked => self.ended = Some(End::Revoked),
            Event::Renounced => self.ended = Some(End::Renounced),
            Event::Expired => self.ended = Some(End::Expired),
            Event::Spent { draft, amount, .. } => {
                self.spent.insert(*draft, *amount);
            }
        }
        self.seq = recorded.seq;
        self.events.push(recorded);
    }

    /// Where it stands on a day.
    pub fn state(&self, today: Date) -> State {
        if self.ended.is_some() || self.terms.until < today {
            State::Ended
        } else if self.terms.four_eyes && !self.agreed {
            State::AwaitsSecond
        } else if self.accepted.is_none() {
            State::Offered
        } else if self.suspended {
            State::Suspended
        } else {
            State::InForce
        }
    }
}

/// Something that a holder wants to do.
#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// Look at what was applied for.
    See,
    /// Begin an application: what it will cost is not known yet.
    Begin { service: &'a str, group: &'a str },
    /// Send an application for which `amount` is to be paid.
    Send { draft: DraftId, service: &'a str, group: &'a str, amount: Tiyin },
}

/// Whether the mandate carries this act of its holder on this day.
///
/// A draft that was counted once is not counted again. An application with something to pay needs the power to pay.
///
/// Rule: IDN-MANDATE-ACT.
/// Source: Civil Code, chapter 10 (a representative acts within the power that was given); issue of the second release ("powers, limits, dates, four eyes").
///
/// # Errors
/// Why not.
pub fn may(mandate: &Mandate, act: Act<'_>, today: Date) -> Result<(), MandateRefused> {
    match mandate.state(today) {
        State::InForce => {}
        State::AwaitsSecond | State::Offered => return Err(MandateRefused::NotYet),
        State::Suspended => return Err(MandateRefused::Suspended),
        State::Ended => return Err(MandateRefused::Ended),
    }
    let terms = &mandate.terms;
    if today < terms.from {
        return Err(MandateRefused::NotBegun);
    }
    let has = |power| terms.powers.contains(&power);
    let (service, group, sent) = match act {
        Act::See => return if has(Power::See) { Ok(()) } else { Err(MandateRefused::NoPower) },
        Act::Begin { service, group } => (service, group, None),
        Act::Send { draft, service, group, amount } => (service, group, Some((draft, amount))),
    };
    if !terms.scope.covers(service, group) {
        return Err(MandateRefused::OtherService);
    }
    let pays = sent.is_some_and(|(_, amount)| amount > Tiyin::ZERO);
    if !has(Power::Sign) || (pays && !has(Power::Pay)) {
        return Err(MandateRefused::NoPower);
    }
    if let (Some(most), Some((_, amount))) = (terms.max_amount, sent)
        && most < amount
    {
        return Err(MandateRefused::Amount);
    }
    let counted = sent.is_some_and(|(draft, _)| mandate.spent.contains_key(&draft));
    let full = terms.max_number.is_some_and(|most| mandate.spent.len() >= most as usize);
    if full && !counted { Err(MandateRefused::Number) } else { Ok(()) }
}

/// In what capacity somebody stands before a mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Standing {
    /// Director of the organisation, or the person who gives.
    pub gives: bool,
    /// Of the organisation by the register, in whatever role.
    pub belongs: bool,
    /// The one whom it names, by number and surname.
    pub holds: bool,
    /// The person who gave it.
    pub gave: bool,
}

/// What somebody wants to do with a mandate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    Agree,
    Accept,
    Decline,
    Limit(Terms),
    Suspend,
    Resume,
    Revoke,
    Renounce,
}

impl Command {
    /// Stable name, as in forms.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Agree => "agree",
            Command::Accept => "accept",
            Command::Decline => "decline",
            Command::Limit(_) => "limit",
            Command::Suspend => "suspend",
            Command::Resume => "resume",
            Command::Revoke => "revoke",
            Command::Renounce => "renounce",
        }
    }

    /// Reads the name of one that needs nothing more.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Command::Agree,
            Command::Accept,
            Command::Decline,
            Command::Suspend,
            Command::Resume,
            Command::Revoke,
            Command::Renounce,
        ]
        .into_iter()
        .find(|command| command.name() == text)
    }
}

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum CommandRefused {
    /// Not this person's to do.
    #[error("not yours to do")]
    NotYours,
    /// It does not fit where the mandate stands.
    #[error("not now")]
    NotNow,
    /// More would be allowed than before: that is a new mandate, to be accepted anew.
    #[error("would widen")]
    Widens,
}

/// Whether one in this standing may do this now.
///
/// The giver limits, suspends, resumes and revokes; the holder accepts, declines and gives up; a second person of the
/// organisation, neither giver nor holder, agrees. What has ended stays ended. Limits only ever narrow.
///
/// Rule: IDN-MANDATE-LIFE.
/// Source: Civil Code, chapter 10 (revocation by the giver, renunciation by the holder, end of the term); issue of the second release ("given, accepted, limited, suspended and revoked").
///
/// # Errors
/// Why not.
pub fn decide(mandate: &Mandate, command: &Command, who: Standing, today: Date) -> Result<(), CommandRefused> {
    let state = mandate.state(today);
    let mine = match command {
        Command::Agree => who.belongs && !who.gave && !who.holds,
        Command::Accept | Command::Decline | Command::Renounce => who.holds,
        Command::Limit(_) | Command::Suspend | Command::Resume | Command::Revoke => who.gives,
    };
    if !mine {
        return Err(CommandRefused::NotYours);
    }
    let now = match command {
        Command::Agree => state == State::AwaitsSecond,
        Command::Accept | Command::Decline => {
            mandate.accepted.is_none() && matches!(state, State::Offered | State::AwaitsSecond)
        }
        Command::Suspend => state == State::InForce,
        Command::Resume => state == State::Suspended,
        Command::Renounce => mandate.accepted.is_some() && state != State::Ended,
        Command::Revoke => state != State::Ended,
        Command::Limit(terms) => {
            if state != State::Ended && !narrower(terms, &mandate.terms) {
                return Err(CommandRefused::Widens);
            }
            state != State::Ended
        }
    };
    if now { Ok(()) } else { Err(CommandRefused::NotNow) }
}

/// Whether the new terms allow nothing that the old did not.
///
/// Rule: IDN-MANDATE-NARROW.
/// Source: Civil Code, chapter 10 (the holder agreed to what was given; more needs a new power).
pub fn narrower(new: &Terms, old: &Terms) -> bool {
    let within = |new: Option<i64>, old: Option<i64>| match (new, old) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(new), Some(old)) => new <= old,
    };
    new.powers.iter().all(|power| old.powers.contains(power))
        && new.scope.within(&old.scope)
        && within(new.max_amount.map(Tiyin::get), old.max_amount.map(Tiyin::get))
        && within(new.max_number.map(i64::from), old.max_number.map(i64::from))
        && old.from <= new.from
        && new.until <= old.until
        && new.four_eyes == old.four_eyes
}

/// Whether a role of the register of taxpayers is the one that acts for the organisation by its charter.
///
/// Rule: IDN-DIRECTOR.
/// Source: Civil Code (the head acts for a legal person without a power of attorney); record `tax` of the registers.
pub fn is_director(role: &str) -> bool {
    const HEADS: [&str; 4] = ["rahbar", "direktor", "rukovoditel", "raxbar"];
    let role = kernel::script::fold(role);
    HEADS.iter().any(|head| kernel::script::fold(head) == role)
}

/// Whether the surname that the giver wrote is that of the person whom the number names: a mistyped number then opens
/// nothing to a stranger.
///
/// Rule: IDN-MANDATE-NAME.
/// Source: ours; spelling in either script and with any apostrophe counts as the same (kernel::script::fold).
pub fn same_surname(written: &str, known: &str) -> bool {
    let plain = |text: &str| kernel::script::fold(text.trim());
    !written.trim().is_empty() && plain(written) == plain(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn list(text: &str) -> Vec<String> {
        text.split(',').filter(|t| !t.is_empty() && *t != "-").map(str::to_owned).collect()
    }

    fn draft(n: u128) -> DraftId {
        DraftId::from_uuid(Uuid::from_u128(n))
    }

    fn subject(n: u128) -> SubjectId {
        SubjectId::from_uuid(Uuid::from_u128(n))
    }

    /// `powers scope max_amount max_number from until eyes`
    fn terms(cells: &[&str]) -> Terms {
        let scope = match cells[1] {
            "all" => Scope { all: true, ..Scope::default() },
            some => {
                let (groups, services): (Vec<_>, Vec<_>) = list(some).into_iter().partition(|c| c.starts_with('g'));
                Scope { all: false, groups, services }
            }
        };
        Terms {
            powers: list(cells[0]).iter().map(|p| Power::parse(p).unwrap()).collect(),
            scope,
            max_amount: cells[2].parse().ok().map(Tiyin::from_som),
            max_number: cells[3].parse().ok(),
            from: day(cells[4]),
            until: day(cells[5]),
            four_eyes: cells[6] == "yes",
        }
    }

    fn mandate(terms: Terms, history: &str) -> Mandate {
        let given = Event::Given {
            number: "M-1".into(),
            giver: Giver::Organisation { stir: Stir::parse("300000005").unwrap(), name: "F".into() },
            holder: "h".into(),
            surname: "S".into(),
            name: "N".into(),
            terms,
        };
        let events = std::iter::once(given).chain(list(history).into_iter().map(|word| match word.as_str() {
            "agreed" => Event::Agreed,
            "accepted" => Event::Accepted { holder: subject(2) },
            "declined" => Event::Declined,
            "suspended" => Event::Suspended,
            "resumed" => Event::Resumed,
            "revoked" => Event::Revoked,
            "renounced" => Event::Renounced,
            "expired" => Event::Expired,
            spent => {
                let n = spent.strip_prefix("spent").unwrap().parse().unwrap();
                Event::Spent { draft: draft(n), service: "306".into(), amount: Tiyin::ZERO }
            }
        }));
        let recorded = events.enumerate().map(|(seq, event)| Recorded {
            seq: seq as i64 + 1,
            at: Timestamp::UNIX_EPOCH,
            actor: Some(subject(1)),
            actor_name: "A".into(),
            subject: subject(9),
            event,
        });
        Mandate::fold(Uuid::nil(), recorded.collect()).unwrap()
    }

    fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
        text.lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(|line| line.split('|').map(str::trim).collect())
    }

    #[test]
    fn a_mandate_carries_exactly_the_acts_that_the_table_says() {
        let mut seen = 0;
        for row in rows(include_str!("../../tests/data/mandates.txt")) {
            let mandate = mandate(terms(&row[..7]), row[7]);
            let act: Vec<&str> = row[8].split(' ').collect();
            let act = match act[0] {
                "see" => Act::See,
                "begin" => Act::Begin { service: act[1], group: act[2] },
                "send" => Act::Send {
                    draft: draft(act[4].parse().unwrap()),
                    service: act[1],
                    group: act[2],
                    amount: Tiyin::from_som(act[3].parse().unwrap()),
                },
                other => panic!("{other}"),
            };
            let said = match may(&mandate, act, day(row[9])) {
                Ok(()) => "yes".to_owned(),
                Err(why) => format!("{why:?}"),
            };
            assert_eq!(said, row[10], "{row:?}");
            seen += 1;
        }
        assert!(seen >= 30, "the table was read: {seen}");
    }

    #[test]
    fn a_mandate_lives_as_the_table_says() {
        let mut seen = 0;
        for row in rows(include_str!("../../tests/data/mandate-life.txt")) {
            let eyes = if row[0] == "two" { "yes" } else { "no" };
            let old = terms(&["see,sign,pay", "gother", "100000", "5", "2026-01-01", "2026-12-31", eyes]);
            let mandate = mandate(old.clone(), row[1]);
            let has = |word| row[2].split(',').any(|w| w == word);
            let who = Standing { gives: has("gives"), belongs: has("belongs"), holds: has("holds"), gave: has("gave") };
            let command = match row[3].strip_prefix("limit ") {
                Some(change) => {
                    let mut new = old;
                    match change {
                        "powers" => new.powers = vec![Power::See],
                        "amount" => new.max_amount = Some(Tiyin::from_som(50_000)),
                        "no-amount" => new.max_amount = None,
                        "more-number" => new.max_number = Some(6),
                        "all" => new.scope.all = true,
                        "longer" => new.until = day("2027-01-01"),
                        "shorter" => new.until = day("2026-11-30"),
                        other => panic!("{other}"),
                    }
                    Command::Limit(new)
                }
                None => Command::parse(row[3]).unwrap(),
            };
            let said = match decide(&mandate, &command, who, day(row[4])) {
                Ok(()) => "yes".to_owned(),
                Err(why) => format!("{why:?}"),
            };
            assert_eq!(said, row[5], "{row:?}");
            seen += 1;
        }
        assert!(seen >= 25, "the table was read: {seen}");
    }

    #[test]
    fn terms_are_checked_before_a_mandate_is_given() {
        let today = day("2026-11-21");
        let good = ["see,sign", "all", "-", "-", "2026-11-21", "2027-11-20", "no"];
        let wrong = |change: &dyn Fn(&mut [&str; 7])| {
            let mut cells = good;
            change(&mut cells);
            check(&terms(&cells), today).into_iter().map(|(_, code)| code).collect::<Vec<_>>()
        };
        assert!(wrong(&|_| {}).is_empty());
        assert_eq!(wrong(&|c| c[0] = ""), ["powers-none"]);
        assert_eq!(wrong(&|c| c[0] = "pay"), ["powers-pay-alone"]);
        assert_eq!(wrong(&|c| c[1] = "-"), ["scope-none"]);
        assert_eq!(wrong(&|c| c[2] = "0"), ["amount"]);
        assert_eq!(wrong(&|c| c[3] = "0"), ["number"]);
        assert_eq!(wrong(&|c| c[5] = "2026-11-20"), ["until-before"]);
        assert_eq!(wrong(&|c| (c[4], c[5]) = ("2026-11-01", "2026-11-20")), ["until-past"]);
        assert!(wrong(&|c| c[5] = "2029-11-21").is_empty());
        assert_eq!(wrong(&|c| c[5] = "2029-11-22"), ["until-far"]);
    }

    #[test]
    fn a_director_is_known_by_the_role_and_a_holder_by_the_surname() {
        for role in ["rahbar", "Rahbar", "Direktor", "раҳбар", "Руководитель"] {
            assert!(is_director(role), "{role}");
        }
        for role in ["ta’sischi", "hisobchi", ""] {
            assert!(!is_director(role), "{role}");
        }
        assert!(same_surname("Каримова", "Karimova") && same_surname(" yo`ldosheva", "Yo‘ldosheva"));
        assert!(!same_surname("Karimov", "Karimova") && !same_surname("", ""));
    }
}
