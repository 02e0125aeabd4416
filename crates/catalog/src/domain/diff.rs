//! The difference of two versions: what was added, taken away and changed, and how much each weighs.
//!
//! Both versions are compared as data, key by key, so that nothing that was changed can go unsaid, whatever keys the format
//! gets later. Lists are compared by the id of their elements. What is not known to be harmless weighs as breaking.

use std::collections::BTreeMap;

use definition::{Amount, Channel, Fee, MAX_TEXT, MAX_TEXTAREA, Spec};
use kernel::lang::Text;
use kernel::money::Rate;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::class::Class;

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// In what, from the outside in: the field, its option. Empty = the service itself.
    pub things: Vec<Thing>,
    /// Which key of the thing; empty when the whole thing was added or taken away.
    pub aspect: String,
    pub kind: Kind,
    /// Null when it was not there.
    pub before: Value,
    /// Null when it is not there any more.
    pub after: Value,
    /// What it means for people in flight.
    pub class: Class,
}

/// Something that has an id: a field, a state, a fee.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// Name of the list in the definition: `fields`, `states`.
    pub list: String,
    pub id: String,
    /// What people call it, where it has a name.
    pub name: Option<Text>,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Added,
    Removed,
    Changed,
    /// The order, or the page of a field.
    Moved,
}

/// Compares two versions of a service; empty when they say the same.
///
/// `rate` is the platform's rate of a channel, for prices: "0.90 → 0.80 BHM online".
///
/// Rule: CAT-DIFF.
/// Source: the requirement that the difference of two versions is shown to the author in words.
pub fn changes(before: &Spec, after: &Spec, rate: impl Fn(Channel) -> Rate) -> Vec<Change> {
    let (old, new) = (flat(before), flat(after));
    let mut walk = Walk { keys: Vec::new(), things: Vec::new(), found: Vec::new(), before, after };
    walk.compare(&old, &new);
    let mut found = walk.found;
    prices(before, after, rate, &mut found);
    found
}

/// A version as data, with the fields of all pages in one list: answers are known by their fields, not by pages.
fn flat(spec: &Spec) -> Value {
    let mut value = serde_json::to_value(spec).unwrap_or_default();
    let mut fields = Vec::new();
    let mut titles = Vec::new();
    let pages = value.get_mut("pages").map(Value::take);
    for (n, mut page) in pages.as_ref().and_then(Value::as_array).cloned().unwrap_or_default().into_iter().enumerate() {
        for mut field in
            page.get_mut("fields").and_then(|list| list.as_array_mut().map(std::mem::take)).unwrap_or_default()
        {
            if let Some(map) = field.as_object_mut() {
                map.insert("page".to_owned(), json!(n + 1));
            }
            fields.push(field);
        }
        if let Some(map) = page.as_object_mut() {
            map.remove("fields");
            map.insert("id".to_owned(), json!((n + 1).to_string()));
        }
        titles.push(page);
    }
    if let Some(map) = value.as_object_mut() {
        map.insert("pages".to_owned(), Value::Array(titles));
        map.insert("fields".to_owned(), Value::Array(fields));
    }
    value
}

struct Walk<'a> {
    /// Names of keys from the root, ids of list elements left out.
    keys: Vec<String>,
    things: Vec<Thing>,
    found: Vec<Change>,
    before: &'a Spec,
    after: &'a Spec,
}

impl Walk<'_> {
    fn compare(&mut self, old: &Value, new: &Value) {
        if old == new {
            return;
        }
        match (old, new) {
            (Value::Object(a), Value::Object(b)) if !is_text(old) && !is_text(new) && !self.is_leaf() => {
                let keys: Vec<&String> = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))).collect();
                for key in keys {
                    self.keys.push(key.clone());
                    self.compare(a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                    self.keys.pop();
                }
            }
            (Value::Array(_) | Value::Null, Value::Array(_) | Value::Null) if lists_things(old, new) => {
                let (a, b) = (elements(old), elements(new));
                self.compare_things(a, b);
            }
            _ => self.say(old, new),
        }
    }

    /// Objects that are one value: the amount of a fee, a term.
    fn is_leaf(&self) -> bool {
        matches!(self.keys.last().map(String::as_str), Some("amount" | "term" | "total" | "validity" | "channel_rate"))
            && !matches!(self.keys.as_slice(), [only] if only == "term")
    }

    fn compare_things(&mut self, old: &[Value], new: &[Value]) {
        let list = self.keys.last().cloned().unwrap_or_default();
        let (a, b) = (by_key(old), by_key(new));
        for (key, was) in &a {
            let thing = Thing { list: list.clone(), id: key.clone(), name: name(was) };
            self.things.push(thing);
            match b.iter().find(|(other, _)| other == key) {
                Some((_, is)) => self.compare(was, is),
                None => self.say(was, &Value::Null),
            }
            self.things.pop();
        }
        for (key, is) in b.iter().filter(|(key, _)| !a.iter().any(|(other, _)| other == key)) {
            self.things.push(Thing { list: list.clone(), id: key.clone(), name: name(is) });
            self.say(&Value::Null, is);
            self.things.pop();
        }
        let order = |these: &[(String, &Value)], those: &[(String, &Value)]| -> Vec<String> {
            these.iter().map(|(key, _)| key.clone()).filter(|key| those.iter().any(|(other, _)| other == key)).collect()
        };
        let (was, is) = (order(&a, &b), order(&b, &a));
        if was != is {
            let class = self.weigh_order(&was, &is);
            self.found.push(Change {
                things: self.things.clone(),
                aspect: list,
                kind: Kind::Moved,
                before: json!(was),
                after: json!(is),
                class,
            });
        }
    }

    fn say(&mut self, old: &Value, new: &Value) {
        let whole = self.things.last().is_some_and(|thing| Some(&thing.list) == self.keys.last());
        let kind = match (old.is_null(), new.is_null()) {
            (true, _) => Kind::Added,
            (_, true) => Kind::Removed,
            _ if self.keys.last().is_some_and(|key| key == "page") => Kind::Moved,
            _ => Kind::Changed,
        };
        let aspect = if whole { String::new() } else { self.keys.last().cloned().unwrap_or_default() };
        let class = self.weigh(kind, old, new);
        self.found.push(Change {
            things: self.things.clone(),
            aspect,
            kind,
            before: old.clone(),
            after: new.clone(),
            class,
        });
    }

    fn weigh_order(&self, was: &[String], is: &[String]) -> Class {
        let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        match keys.as_slice() {
            // The first state is where a case begins; what waits in the others does not depend on their order.
            ["flow", "states"] if was.first() != is.first() => Class::Breaking,
            ["flow", "states", "auto"] | ["registers"] | ["term", "special"] => Class::Breaking,
            ["flow", ..] => Class::Compatible,
            _ => Class::Cosmetic,
        }
    }

    /// What a difference means for drafts and cases of the version before: compatible is only what allows more or what
    /// promises more. Part of rule CAT-CLASS.
    fn weigh(&self, kind: Kind, old: &Value, new: &Value) -> Class {
        use Class::{Breaking, Compatible, Cosmetic};
        let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        if (is_text(old) || old.is_null()) && (is_text(new) || new.is_null()) && !keys.is_empty() {
            return Cosmetic;
        }
        let looser = |yes: bool| if yes { Compatible } else { Breaking };
        let added = kind == Kind::Added;
        let removed = kind == Kind::Removed;
        let number = |value: &Value, absent: i64| value.as_i64().unwrap_or(absent);
        let more = |absent: i64| looser(number(new, absent) >= number(old, absent));
        let less = |absent: i64| looser(number(new, absent) <= number(old, absent));
        match keys.as_slice() {
            ["owner" | "status" | "valid_from" | "valid_to"] => Compatible,
            ["passport", "audience" | "group" | "sphere"] => Compatible,
            ["passport", ..] | ["migrations", ..] => Cosmetic,
            ["access", "channels"] => looser(nothing_lost(old, new)),
            ["access", "assurance", ..] => looser(assurance(new).1 <= assurance(old).0),
            ["access", "eligibility" | "online_only"] => looser(removed),
            ["access", "limit"] => {
                let open = |limit: &Value| limit.get("open").unwrap_or(limit).as_i64().unwrap_or(i64::MAX);
                // Counted otherwise, the same number lets others in.
                let same = old.is_null() || new.is_null() || old.get("per") == new.get("per");
                looser(same && open(new) >= open(old))
            }
            ["access", "limit", "open"] => more(i64::MAX),
            // A further window lets more in, but the first closes all other days.
            ["access", "campaign"] => looser(
                added && !self.before.access.campaign.is_empty() || removed && self.after.access.campaign.is_empty(),
            ),
            ["access", "campaign", "title"] => Cosmetic,
            ["access", "campaign", "finish_days"] => more(0),
            ["access", "campaign", "from"] => looser(day(new) <= day(old)),
            ["access", "campaign", "to"] => looser(day(new) >= day(old)),
            ["access", "on_behalf"] => looser(nothing_lost(old, new)),
            ["access", "signature_because"] => Cosmetic,
            ["registers"] => looser(removed),
            ["registers", "on_fail"] => looser(new == "ask" || old == "stop"),
            ["shapes"] => Cosmetic,
            ["shapes", _, "agency" | "title"] => Cosmetic,
            ["shapes", _] => Compatible,
            ["shapes", _, "fields", _] => looser(added),
            ["pages", ..] => Cosmetic,
            ["fields"] if removed => looser(old.get("type").is_some_and(|kind| kind == "note")),
            ["fields"] => looser(asks_nothing(new)),
            ["fields", "page" | "privacy"] => Compatible,
            ["fields", "required"] => looser(new == "false"),
            ["fields", "source"] => looser(!is_locked(new) || is_locked(old) && !removed),
            ["fields", "source", "mode"] => looser(new == "fill"),
            ["fields", "source", _] => Compatible,
            ["fields", "options"] => looser(added),
            ["fields", "options_from", "label"] => Cosmetic,
            ["fields", "check"] => looser(removed),
            ["fields", "limits", "max_length"] => more(self.default_length()),
            ["fields", "limits", "min_length"] => less(0),
            ["fields", "limits", "max"] => more(i64::MAX),
            ["fields", "limits", "min"] => less(i64::MIN),
            ["fields", "limits"] => self.weigh_limits(old, new),
            ["fields", "file", "types"] => looser(nothing_lost(old, new)),
            ["fields", "file", "max_mb" | "count"] => more(0),
            ["payment", "expires_days" | "valid_after_reject_days"] => more(0),
            // A fee that comes back after more ends is a better promise.
            ["fees", "refund"] => looser(nothing_lost(old, new)),
            // Which unit works it changes nothing for the applicant.
            ["flow", "states", "by_load"] => Compatible,
            ["flow", "states" | "actions" | "reasons"] => looser(added),
            ["flow", "states", "term"] => {
                let returned = self.things.last().is_some_and(|thing| {
                    let kind = definition::StateKind::Returned;
                    self.after.flow.states.iter().any(|state| state.id == thing.id && state.kind == kind)
                });
                // The term of an official is a promise to the applicant; that of a return is the applicant's own time.
                let (shorter, longer) = term_order(old, new);
                looser(if returned { longer } else { shorter })
            }
            ["flow", "actions", "from"] => looser(nothing_lost(old, new)),
            ["flow", "actions", "needs"] => looser(nothing_lost(new, old)),
            ["flow", "actions", "guard"] => looser(removed),
            ["term", "total"] => looser(term_order(old, new).0),
            ["term", "pause_in"] => looser(nothing_lost(new, old)),
            ["appeal"] => looser(added),
            ["appeal", "days" | "outer_days"] => more(0),
            ["appeal", "term"] => looser(term_order(old, new).0),
            ["outputs"] => looser(added),
            ["outputs", "validity"] => looser(term_order(old, new).1),
            ["notify", ..] | ["term", "remind", ..] => Compatible,
            ["quality", ..] => Cosmetic,
            _ => Breaking,
        }
    }

    /// Limits that were given where there were none, or taken away as a whole.
    fn weigh_limits(&self, old: &Value, new: &Value) -> Class {
        let limit = |value: &Value, key: &str, absent: i64| value.get(key).and_then(Value::as_i64).unwrap_or(absent);
        let length = self.default_length();
        let looser = limit(new, "max_length", length) >= limit(old, "max_length", length)
            && limit(new, "min_length", 0) <= limit(old, "min_length", 0)
            && limit(new, "max", i64::MAX) >= limit(old, "max", i64::MAX)
            && limit(new, "min", i64::MIN) <= limit(old, "min", i64::MIN);
        let known = |value: &Value| {
            let known = ["max_length", "min_length", "max", "min"];
            value.as_object().is_none_or(|map| map.keys().all(|key| known.contains(&key.as_str())))
        };
        if looser && known(old) && known(new) { Class::Compatible } else { Class::Breaking }
    }

    /// Longest text where a field says nothing (rule DEF-LENGTH).
    fn default_length(&self) -> i64 {
        let id = self.things.iter().find(|thing| thing.list == "fields").map(|thing| thing.id.as_str());
        let fields = self.before.pages.iter().flat_map(|page| &page.fields);
        let textarea = definition::FieldType::Textarea;
        let long = fields.into_iter().any(|field| Some(field.id.as_str()) == id && field.kind == textarea);
        i64::from(if long { MAX_TEXTAREA } else { MAX_TEXT })
    }
}

/// A text in several languages.
pub fn is_text(value: &Value) -> bool {
    let languages = ["uz", "uz-Cyrl", "kaa", "ru", "en"];
    value
        .as_object()
        .is_some_and(|map| map.contains_key("uz") && map.keys().all(|key| languages.contains(&key.as_str())))
}

fn elements(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Whether both are lists whose elements have names of their own, each once.
fn lists_things(old: &Value, new: &Value) -> bool {
    let sound = |list: &[Value]| {
        let keys: Vec<Option<String>> = list.iter().map(key).collect();
        keys.iter().all(Option::is_some) && keys.iter().enumerate().all(|(n, one)| !keys[..n].contains(one))
    };
    sound(elements(old)) && sound(elements(new))
}

fn by_key(list: &[Value]) -> Vec<(String, &Value)> {
    list.iter().filter_map(|value| Some((key(value)?, value))).collect()
}

/// What an element of a list is known by.
fn key(value: &Value) -> Option<String> {
    if let Some(uz) = value.get("uz").and_then(Value::as_str) {
        return Some(uz.to_owned());
    }
    let own = ["id", "code", "name", "when", "expr", "from"];
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let named = ["label", "act", "title"];
    let uz = |key: &str| value.get(key).and_then(|text| text.get("uz")).and_then(Value::as_str).map(str::to_owned);
    own.iter().find_map(|key| text(key)).or_else(|| named.iter().find_map(|key| uz(key)))
}

fn name(value: &Value) -> Option<Text> {
    let found = ["label", "title", "message", "text", "act"].iter().find_map(|key| value.get(key));
    let text = found.or_else(|| is_text(value).then_some(value))?;
    serde_json::from_value(text.clone()).ok().filter(|text: &Text| !text.uz.is_empty())
}

/// Whether every element of the first list is in the second.
fn nothing_lost(first: &Value, second: &Value) -> bool {
    elements(first).iter().all(|one| elements(second).contains(one))
}

/// Whether a new field leaves alone whoever has answered the others.
fn asks_nothing(field: &Value) -> bool {
    field.get("type").is_some_and(|kind| kind == "note")
        || field.get("required").is_some_and(|required| required == "false")
        || field.get("value").is_some_and(|value| !value.is_null())
}

fn is_locked(source: &Value) -> bool {
    source.get("mode").is_some_and(|mode| mode == "fill_locked")
}

/// The lowest and the highest level that a rule asks for on any channel. What says nothing may be any level.
fn assurance(value: &Value) -> (usize, usize) {
    let order = ["open", "password", "otp", "face", "signature"];
    let level = |value: &Value| order.iter().position(|name| value == name);
    let levels: Option<Vec<usize>> = match value {
        Value::Object(by_channel) => by_channel.values().map(level).collect(),
        one => level(one).map(|level| vec![level]),
    };
    let levels = levels.unwrap_or_else(|| vec![0, order.len()]);
    (levels.iter().min().copied().unwrap_or(0), levels.iter().max().copied().unwrap_or(order.len()))
}

/// A day as it is written, which sorts as days do.
fn day(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Whether the new term is not longer, and whether it is not shorter. No term is the longest; other units compare as neither.
fn term_order(old: &Value, new: &Value) -> (bool, bool) {
    let read = |term: &Value| Some((term.get("n")?.as_i64()?, term.get("unit")?.as_str()?.to_owned()));
    match (read(old), read(new)) {
        (Some((was, a)), Some((is, b))) if a == b => (is <= was, is >= was),
        (None, Some(_)) => (true, false),
        (Some(_), None) => (false, true),
        _ => (false, false),
    }
}

/// Says the price of a component as people pay it, in place of its amount and rates.
fn prices(before: &Spec, after: &Spec, rate: impl Fn(Channel) -> Rate, found: &mut Vec<Change>) {
    for fee in &after.fees {
        let Some(was) = before.fees.iter().find(|was| was.id == fee.id) else { continue };
        let is_price = |change: &Change| {
            matches!(change.things.as_slice(), [thing] if thing.list == "fees" && thing.id == fee.id)
                && (change.aspect == "amount" || change.aspect == "channel_rate")
        };
        let Some(at) = found.iter().position(is_price) else { continue };
        let things = found[at].things.clone();
        found.retain(|change| !is_price(change));
        let mut said = Vec::new();
        let channels: BTreeMap<&str, Channel> =
            BTreeMap::from([("price_counter", Channel::Dxm), ("price_online", Channel::Web)]);
        for (aspect, channel) in channels.into_iter().rev() {
            let (old, new) = (price(was, channel, &rate), price(fee, channel, &rate));
            if old != new {
                said.push((aspect.to_owned(), old, new));
            }
        }
        if said.is_empty() {
            // Written otherwise, or another channel alone.
            let value = |fee: &Fee| serde_json::to_value((&fee.amount, &fee.channel_rate)).unwrap_or_default();
            said.push(("amount".to_owned(), value(was), value(fee)));
        }
        let lines = said.into_iter().map(|(aspect, old, new)| Change {
            things: things.clone(),
            aspect,
            kind: Kind::Changed,
            before: old,
            after: new,
            class: Class::Breaking,
        });
        found.splice(at..at, lines);
    }
}

/// What a component costs through a channel: `{bhm: "0.045"}`, `{som: 30000}`, or by option.
fn price(fee: &Fee, channel: Channel, rate: &impl Fn(Channel) -> Rate) -> Value {
    let rate = fee.channel_rate.get(&channel).copied().unwrap_or_else(|| rate(channel));
    let share = |share: Decimal| (share * rate.decimal()).normalize().to_string();
    match &fee.amount {
        Amount::Bhm(one) => json!({"bhm": share(one.decimal())}),
        Amount::Som(som) => json!({"som": som}),
        Amount::Table { bhm, .. } => {
            let options: BTreeMap<&String, String> =
                bhm.iter().map(|(option, one)| (option, share(one.decimal()))).collect();
            json!({"options": options})
        }
        Amount::Bands { of, rows } => {
            let bands: Vec<Value> =
                rows.iter().map(|row| json!({"up_to": row.up_to, "bhm": share(row.bhm.decimal())})).collect();
            json!({"of": of.0, "bands": bands})
        }
        Amount::Expr(cel) => json!({"expr": cel.0, "rate": rate.to_string()}),
    }
}
