//! What a service costs: components, channel rate, relief, rounding.

use jiff::civil::Date;
use kernel::lang::Text;
use kernel::money::{Rate, Share, Tiyin};
use refdata::RefData;

use crate::definition::Definition;
use crate::model::*;

/// The price due first: the components of the first payment state on the way that has any.
pub(crate) fn quote_first(
    definition: &Definition,
    facts: &Facts,
    channel: Channel,
    bhm: Tiyin,
    date: Date,
) -> FeeQuote {
    let first = definition
        .spec
        .flow
        .states
        .iter()
        .filter(|state| state.kind == StateKind::Payment)
        .find(|state| components(definition, &state.id, facts).next().is_some());
    match first {
        Some(state) => quote_in(definition, &state.id, facts, channel, bhm, date),
        None => FeeQuote { lines: Vec::new(), total: Tiyin::ZERO, due: DueAt::Submit },
    }
}

/// The price due in a payment state.
pub(crate) fn quote_in(
    definition: &Definition,
    state: &str,
    facts: &Facts,
    channel: Channel,
    bhm: Tiyin,
    date: Date,
) -> FeeQuote {
    let lines: Vec<FeeLine> =
        components(definition, state, facts).map(|fee| line(fee, facts, channel, bhm, date)).collect();
    let total = lines.iter().map(|line| line.amount).sum();
    let due = lines.first().map_or_else(|| due_of(definition, state), |line| line.due.clone());
    FeeQuote { lines, total, due }
}

/// The components that apply in a payment state. A condition that is unknown counts as true: the dearer reading is
/// shown, so that nobody is asked for more later.
fn components<'a>(definition: &'a Definition, state: &'a str, facts: &'a Facts) -> impl Iterator<Item = &'a Fee> {
    let here = due_of(definition, state);
    definition.spec.fees.iter().filter(move |fee| {
        let due = fee.due == here || fee.due == DueAt::State(state.to_owned());
        due && fee.when.as_ref().is_none_or(|when| definition.truth(when, facts) != Some(false))
    })
}

/// `Submit` for the payment state where the flow begins, otherwise the state itself.
fn due_of(definition: &Definition, state: &str) -> DueAt {
    match definition.spec.flow.states.first() {
        Some(first) if first.id == state => DueAt::Submit,
        _ => DueAt::State(state.to_owned()),
    }
}

/// One component: base × channel rate × relief, rounded once, at its end, to whole so‘m (rule FEE-ROUND of the kernel).
///
/// A fixed amount in so‘m (postage) knows neither channel rate nor BHM.
///
/// Rule: DEF-FEE.
/// Source: passports of my.gov.uz ("0.045 of BHM by the portal, 0.05 at a centre"), VMQ 550 of 20.10.2023,
/// uz-data §2.
fn line(fee: &Fee, facts: &Facts, channel: Channel, bhm: Tiyin, date: Date) -> FeeLine {
    let relief = relief(fee, facts);
    let rate = rate(fee, channel, date);
    let left = relief.map_or(Rate::ONE, |relief| relief.rate);
    let (base, rate, amount) = match &fee.amount {
        Amount::Som(som) => {
            let base = Tiyin::from_som(*som);
            (base, Rate::ONE, Rate::apply(base, &[left]))
        }
        Amount::Bhm(share) => (share.of(bhm, &[]), rate, share.of(bhm, &[rate, left])),
        Amount::Table { field, bhm: table } => match chosen(field, table, facts) {
            Some(share) => (share.of(bhm, &[]), rate, share.of(bhm, &[rate, left])),
            None => (Tiyin::ZERO, rate, Tiyin::ZERO),
        },
    };
    FeeLine {
        id: fee.id.clone(),
        kind: fee.kind,
        title: fee.title.clone(),
        base,
        channel_rate: rate,
        relief: relief.cloned(),
        amount,
        due: fee.due.clone(),
    }
}

/// The share of the chosen option. Before anything is chosen, the dearest: nobody is to be surprised upwards.
fn chosen(field: &str, table: &std::collections::BTreeMap<String, Share>, facts: &Facts) -> Option<Share> {
    let answer = facts.answers.get(field).and_then(serde_json::Value::as_str);
    answer.and_then(|option| table.get(option).copied()).or_else(|| table.values().max().copied())
}

/// The component's own rate of the channel, or the platform's.
///
/// Rule: DEF-CHANNEL.
/// Source: uz-data §2 (online 0.9 of the counter's price, with exceptions for each component).
fn rate(fee: &Fee, channel: Channel, date: Date) -> Rate {
    match fee.channel_rate.get(&channel) {
        Some(rate) => *rate,
        None => RefData::shared().channel_rate(channel.name(), date),
    }
}

/// The best relief that the person has a right to; none when they act for a business.
///
/// Rule: DEF-RELIEF.
/// Source: UP-6269 of 24.07.2021 (half for the social register and disability groups I–II, not for
/// business purposes or for a legal person); VMQ 550 of 20.10.2023 (orphans are free).
fn relief<'a>(fee: &'a Fee, facts: &Facts) -> Option<&'a Relief> {
    let business =
        matches!(facts.person.audience, Some(Audience::Legal | Audience::SoleTrader | Audience::SelfEmployed));
    if business {
        return None;
    }
    fee.reliefs.iter().filter(|relief| facts.person.reliefs.contains(&relief.code)).min_by_key(|relief| relief.rate)
}

/// The price table of the passport: one row for each component, and for each option where the amount is by choice.
pub(crate) fn table(definition: &Definition, bhm: Tiyin, date: Date) -> Vec<FeeRow> {
    let mut channels = definition.spec.access.channels.clone();
    if !channels.contains(&Channel::Dxm) {
        channels.push(Channel::Dxm);
    }
    let mut rows = Vec::new();
    for fee in &definition.spec.fees {
        let row = |variant: Option<Text>, share: Option<Share>, fixed: i64| FeeRow {
            kind: fee.kind,
            title: fee.title.clone(),
            payer: fee.payer.clone(),
            variant,
            share,
            by_channel: channels
                .iter()
                .map(|channel| {
                    let amount = match share {
                        Some(share) => share.of(bhm, &[rate(fee, *channel, date)]),
                        None => Tiyin::from_som(fixed),
                    };
                    (*channel, amount)
                })
                .collect(),
            reliefs: fee.reliefs.clone(),
            due: fee.due.clone(),
        };
        match &fee.amount {
            Amount::Bhm(share) => rows.push(row(None, Some(*share), 0)),
            Amount::Som(som) => rows.push(row(None, None, *som)),
            Amount::Table { field, bhm: table } => {
                let options = definition.field(field).map(|(_, field)| field.options.as_slice()).unwrap_or_default();
                for option in options {
                    if let Some(share) = table.get(&option.code) {
                        rows.push(row(Some(option.label.clone()), Some(*share), 0));
                    }
                }
            }
        }
    }
    rows
}
