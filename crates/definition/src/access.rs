//! Who may apply, when, how and for whom: the types of `access`, and the rules that admit or turn away.

use std::collections::BTreeMap;
use std::fmt;

use jiff::ToSpan;
use jiff::civil::Date;
use kernel::lang::Text;
use kernel::person::{Pinfl, Stir};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::definition::Definition;
use crate::model::{Assurance, Audience, Cel, Channel, Eligibility, Facts};

/// Who may apply, how, and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    pub channels: Vec<Channel>,
    /// How surely the person must be known, by channel.
    pub assurance: AssuranceRule,
    /// Why an electronic signature is still required, with the act; for the register of simplification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_because: Option<Text>,
    /// Refusals before a form is opened: the first whose `when` is true.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub eligibility: Vec<Eligibility>,
    /// Open cases at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// Whom the counter sends to the portal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub online_only: Vec<OnlineOnly>,
    /// Windows in which applications are taken; empty = always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub campaign: Vec<Window>,
    /// For whom else one may apply; empty = for oneself only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on_behalf: Vec<OnBehalf>,
}

/// The level of identification: one for every channel (`assurance: otp`), or one by channel
/// (`assurance: {default: otp, dxm: password}`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssuranceRule {
    pub default: Assurance,
    pub by_channel: BTreeMap<Channel, Assurance>,
}

impl AssuranceRule {
    /// The level that a channel needs.
    pub fn of(&self, channel: Channel) -> Assurance {
        self.by_channel.get(&channel).copied().unwrap_or(self.default)
    }
}

impl From<Assurance> for AssuranceRule {
    fn from(default: Assurance) -> Self {
        Self { default, by_channel: BTreeMap::new() }
    }
}

impl Serialize for AssuranceRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.by_channel.is_empty() {
            return self.default.serialize(serializer);
        }
        let mut map = serializer.serialize_map(Some(self.by_channel.len() + 1))?;
        map.serialize_entry("default", &self.default)?;
        for (channel, level) in &self.by_channel {
            map.serialize_entry(channel, level)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for AssuranceRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AssuranceShape;
        impl<'de> Visitor<'de> for AssuranceShape {
            type Value = AssuranceRule;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a level (open, password, otp, face, signature), or levels by channel with a `default`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Assurance::parse(text).map(AssuranceRule::from).ok_or_else(|| {
                    E::custom(format!("no level of identification `{text}`: open, password, otp, face or signature"))
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut default, mut by_channel) = (None, BTreeMap::new());
                while let Some(key) = map.next_key::<String>()? {
                    let level: Assurance = map.next_value()?;
                    if key == "default" {
                        default = Some(level);
                    } else if let Some(channel) = Channel::parse(&key) {
                        by_channel.insert(channel, level);
                    } else {
                        return Err(A::Error::custom(format!("no channel `{key}`")));
                    }
                }
                let default = default.ok_or_else(|| A::Error::missing_field("default"))?;
                Ok(AssuranceRule { default, by_channel })
            }
        }
        deserializer.deserialize_any(AssuranceShape)
    }
}

/// Open cases at a time: of a person (`limit: 1`), or with the same key whoever applies
/// (`limit: {open: 1, per: "plate"}`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    pub open: u32,
    /// Gives the key that is counted by; absent = for whom the application is.
    pub per: Option<Cel>,
}

impl From<u32> for Limit {
    fn from(open: u32) -> Self {
        Self { open, per: None }
    }
}

impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(per) = &self.per else { return serializer.serialize_u32(self.open) };
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("open", &self.open)?;
        map.serialize_entry("per", per)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LimitShape;
        impl<'de> Visitor<'de> for LimitShape {
            type Value = Limit;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of open cases, or {open: 1, per: \"<expression>\"}")
            }

            fn visit_u64<E: serde::de::Error>(self, n: u64) -> Result<Self::Value, E> {
                u32::try_from(n).map(Limit::from).map_err(|_| E::custom("too large a limit"))
            }

            fn visit_i64<E: serde::de::Error>(self, n: i64) -> Result<Self::Value, E> {
                u32::try_from(n).map(Limit::from).map_err(|_| E::custom("a limit is a number from 1"))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut open, mut per) = (None, None);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "open" => open = Some(map.next_value()?),
                        "per" => per = Some(map.next_value()?),
                        _ => return Err(A::Error::unknown_field(&key, &["open", "per"])),
                    }
                }
                Ok(Limit { open: open.ok_or_else(|| A::Error::missing_field("open"))?, per })
            }
        }
        deserializer.deserialize_any(LimitShape)
    }
}

/// Whom the counter does not serve any more, where and since when. What is not given holds for everybody, everywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnlineOnly {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audience: Vec<Audience>,
    /// Region or district, SOATO code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// First day, Tashkent date.
    pub from: Date,
    /// What the visitor is told beside the standard words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Text>,
}

/// A window in which applications are taken, both days included (Tashkent dates).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub from: Date,
    pub to: Date,
    /// What the window is called: "autumn draft of 2026".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Calendar days after the last one in which a form that was opened within the window may still be sent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub finish_days: u32,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Window {
    fn holds(&self, day: Date) -> bool {
        self.from <= day && day <= self.to
    }

    /// Last day on which a form that was opened within the window may be sent.
    pub fn last_day(&self) -> Date {
        1.day().checked_mul(i64::from(self.finish_days)).and_then(|span| self.to.checked_add(span)).unwrap_or(self.to)
    }
}

/// For whom one may apply beside oneself. As text the kind alone: `on_behalf: [child]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnBehalf {
    pub who: BehalfKind,
    /// Of `child` and `ward`: younger than so many years; absent = 18.
    pub under_age: Option<u32>,
    /// Of `organisation`: roles in the register of taxpayers that may act; empty = every role named there.
    pub roles: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OnBehalfMap {
    who: BehalfKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    under_age: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
}

impl Serialize for OnBehalf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.under_age.is_none() && self.roles.is_empty() {
            return self.who.serialize(serializer);
        }
        OnBehalfMap { who: self.who, under_age: self.under_age, roles: self.roles.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for OnBehalf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct BehalfShape;
        impl<'de> Visitor<'de> for BehalfShape {
            type Value = OnBehalf;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("child, ward, attorney, organisation, or {who: organisation, roles: […]}")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                BehalfKind::parse(text)
                    .map(|who| OnBehalf { who, under_age: None, roles: Vec::new() })
                    .ok_or_else(|| E::custom(format!("no `{text}`: child, ward, attorney or organisation")))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let map = OnBehalfMap::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(OnBehalf { who: map.who, under_age: map.under_age, roles: map.roles })
            }
        }
        deserializer.deserialize_any(BehalfShape)
    }
}

/// In what capacity one acts for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BehalfKind {
    /// A parent for a child of the population register.
    Child,
    /// A guardian for a ward of the population register.
    Ward,
    /// By a power of attorney of the notaries' register.
    Attorney,
    /// In a role of the register of taxpayers.
    Organisation,
}

impl BehalfKind {
    /// Every kind, in the order of display.
    pub const ALL: [BehalfKind; 4] = [Self::Child, Self::Ward, Self::Attorney, Self::Organisation];

    /// Stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Child => "child",
            Self::Ward => "ward",
            Self::Attorney => "attorney",
            Self::Organisation => "organisation",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }
}

/// Somebody for whom a person acts, as a register proved it when the application was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Represented {
    pub kind: BehalfKind,
    /// Of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinfl: Option<Pinfl>,
    /// Of an organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stir: Option<Stir>,
    /// Surname of a person, name of an organisation.
    pub surname: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub patronymic: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<Date>,
    /// What gives the right: the role in an organisation, the number of a power of attorney, of an order of guardianship.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ground: String,
    /// Name of the register that proved it.
    pub register: String,
}

impl Represented {
    /// Surname, name, patronymic; the name of an organisation.
    pub fn full_name(&self) -> String {
        let parts = [&self.surname, &self.name, &self.patronymic];
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(" ")
    }

    /// What tells one from another: the number of the person or of the organisation.
    pub fn key(&self) -> String {
        match (&self.pinfl, &self.stir) {
            (Some(pinfl), _) => pinfl.as_str().to_owned(),
            (None, Some(stir)) => stir.as_str().to_owned(),
            (None, None) => format!("{}:{}", self.kind.name(), self.ground),
        }
    }

    /// As whom the person applies and pays.
    pub fn audience(&self) -> Audience {
        if self.kind == BehalfKind::Organisation { Audience::Legal } else { Audience::Natural }
    }
}

/// Why an application cannot be begun or sent now.
#[derive(Clone, Debug, PartialEq)]
pub enum Denied {
    /// Not through this channel.
    Channel { offered: Vec<Channel> },
    /// Not at the counter: this audience applies on the portal.
    OnlineOnly { from: Date, message: Option<Text> },
    /// Applications are taken from a later day on.
    NotYet { from: Date, to: Date },
    /// Applications are not taken any more.
    Over { to: Date },
    /// The person must be known more surely.
    Assurance { needed: Assurance },
    /// Nobody can apply for such a one here.
    OnBehalf,
}

impl Denied {
    /// Stable name, for programs and golden cases.
    pub fn code(&self) -> &'static str {
        match self {
            Denied::Channel { .. } => "channel",
            Denied::OnlineOnly { .. } => "online_only",
            Denied::NotYet { .. } => "not_yet",
            Denied::Over { .. } => "over",
            Denied::Assurance { .. } => "assurance",
            Denied::OnBehalf => "on_behalf",
        }
    }
}

/// What the person is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The form is to be opened.
    Begin,
    /// A form that was opened on this day is to be sent.
    Send { begun: Date },
}

impl Definition {
    /// What keeps the person from this step, if anything; the first of channel, online-only, window, identification.
    ///
    /// Rule: DEF-ADMIT.
    /// Source: R000-033 (identification set for each service), R000-040 and R000-041 (online only), R001-020; our format.
    pub fn denied(&self, facts: &Facts, channel: Channel, known: Assurance, attempt: Attempt) -> Option<Denied> {
        let access = self.access();
        if !access.channels.contains(&channel) {
            return Some(Denied::Channel { offered: access.channels.clone() });
        }
        if let Some(rule) = access.online_only.iter().find(|rule| binds(rule, facts, channel)) {
            return Some(Denied::OnlineOnly { from: rule.from, message: rule.message.clone() });
        }
        if let Some(denied) = outside(&access.campaign, facts.today, attempt) {
            return Some(denied);
        }
        if let Some(represented) = &facts.applicant
            && !access.on_behalf.iter().any(|rule| rule.who == represented.kind)
        {
            return Some(Denied::OnBehalf);
        }
        let needed = access.assurance.of(channel);
        (known < needed).then_some(Denied::Assurance { needed })
    }

    /// Whether a person may apply for themselves: yes, unless the service is for legal persons alone and representation
    /// is what it is used by.
    pub fn for_oneself(&self) -> bool {
        let audience = &self.passport().audience;
        self.access().on_behalf.is_empty()
            || audience.is_empty()
            || audience.iter().any(|audience| *audience != Audience::Legal)
    }

    /// The key by which open cases are counted; empty when it is not known yet or nothing is counted by it.
    ///
    /// Without `per` it is the one for whom the application is.
    ///
    /// Rule: DEF-LIMIT.
    /// Source: key `access.limit` of the definition: a second open application for the same thing.
    pub fn limit_key(&self, facts: &Facts) -> String {
        let Some(limit) = &self.access().limit else { return String::new() };
        match &limit.per {
            Some(per) => crate::scope::as_text(&self.eval(per, facts)).unwrap_or_default(),
            None => facts.applicant.as_ref().map_or_else(String::new, Represented::key),
        }
    }
}

/// Whether a rule sends this visitor of this channel to the portal. The counter is where somebody else types: the service
/// centre and the visit at home; a kiosk is the portal.
///
/// An audience or a place that is not known is not bound: nobody is sent away on a guess.
///
/// Rule: DEF-ONLINE-ONLY.
/// Source: R000-040, R000-041, R001-020 (online only by audience, territory and date).
fn binds(rule: &OnlineOnly, facts: &Facts, channel: Channel) -> bool {
    if !matches!(channel, Channel::Dxm | Channel::HomeVisit) || facts.today < rule.from {
        return false;
    }
    let audience = facts.person.audience.unwrap_or(Audience::Natural);
    let who = rule.audience.is_empty() || rule.audience.contains(&audience);
    let place = rule.region.as_ref().is_none_or(|region| {
        facts.person.region.as_ref().is_some_and(|home| home.as_str().starts_with(region.as_str()))
    });
    who && place
}

/// Why the step is not taken on this day, if the windows say so.
///
/// A form that was opened within a window may be sent until its last day and `finish_days` more; one that was opened
/// within no window (before the windows were set) may be sent within any.
///
/// Rule: DEF-CAMPAIGN.
/// Source: admission and draft campaigns with dates by decree; our format.
fn outside(windows: &[Window], today: Date, attempt: Attempt) -> Option<Denied> {
    if windows.is_empty() || windows.iter().any(|window| window.holds(today)) {
        return None;
    }
    if let Attempt::Send { begun } = attempt
        && windows.iter().any(|window| window.holds(begun) && today <= window.last_day())
    {
        return None;
    }
    let next = windows.iter().filter(|window| window.from > today).min_by_key(|window| window.from);
    Some(match next {
        Some(window) => Denied::NotYet { from: window.from, to: window.to },
        None => Denied::Over { to: windows.iter().map(|window| window.to).max().unwrap_or(today) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_forms_are_read_and_written_as_they_were() {
        for json in [
            r#"{"channels":["web"],"assurance":"password","limit":1}"#,
            r#"{"channels":["web","dxm"],"assurance":{"default":"otp","dxm":"password"},"limit":{"open":2,"per":"plate"},"on_behalf":["child",{"who":"organisation","roles":["rahbar"]}]}"#,
        ] {
            let access: Access = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&access).unwrap(), json);
        }
        for wrong in [
            r#"{"channels":[],"assurance":"loud"}"#,
            r#"{"channels":[],"assurance":{"web":"otp"}}"#,
            r#"{"channels":[],"assurance":{"default":"otp","fax":"otp"}}"#,
            r#"{"channels":[],"assurance":"otp","limit":{"per":"x"}}"#,
            r#"{"channels":[],"assurance":"otp","limit":-1}"#,
            r#"{"channels":[],"assurance":"otp","on_behalf":["friend"]}"#,
        ] {
            assert!(serde_json::from_str::<Access>(wrong).is_err(), "{wrong}");
        }
    }

    fn window(from: &str, to: &str, finish_days: u32) -> Window {
        Window { from: from.parse().unwrap(), to: to.parse().unwrap(), title: None, finish_days }
    }

    /// Rows: today, day on which the form was opened (`-` = it is to be opened now), what comes out.
    #[test]
    fn a_form_that_was_opened_in_time_may_be_finished() {
        let windows = [window("2026-09-01", "2026-09-30", 3), window("2027-03-01", "2027-03-15", 0)];
        let table = include_str!("../tests/data/campaign.txt");
        let mut rows = 0;
        for line in table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let attempt = match cells[1] {
                "-" => Attempt::Begin,
                day => Attempt::Send { begun: day.parse().unwrap() },
            };
            let got = outside(&windows, cells[0].parse().unwrap(), attempt);
            assert_eq!(got.as_ref().map_or("admitted", Denied::code), cells[2], "{line}");
            rows += 1;
        }
        assert!(rows >= 10);
        assert_eq!(outside(&[], "2026-01-01".parse().unwrap(), Attempt::Begin), None);
    }
}
