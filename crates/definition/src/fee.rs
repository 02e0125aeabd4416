//! What a service costs: components, channel rate, relief, rounding.

use jiff::civil::Date;
use kernel::lang::Text;
use kernel::money::{Rate, Share, Tiyin};
use refdata::RefData;
use rust_decimal::Decimal;

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
        None => FeeQuote { lines: Vec::new(), total: Tiyin::ZERO, due: DueAt::Submit, unknown: false },
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
    let mut unknown = false;
    let lines: Vec<FeeLine> = components(definition, state, facts)
        .map(|fee| {
            let (line, known) = line(definition, fee, facts, channel, bhm, date);
            unknown |= !known;
            line
        })
        .collect();
    let total = lines.iter().map(|line| line.amount).sum();
    let due = lines.first().map_or_else(|| due_of(definition, state), |line| line.due.clone());
    FeeQuote { lines, total, due, unknown }
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

/// The ends of an application after which what was paid in a payment state is returned: the whole payment, as the provider
/// returns it. The compiler has seen to it that all components of a payment say the same.
///
/// Rule: DEF-REFUND.
/// Source: key `fees[].refund` of the definition; Payme Merchant API, CancelTransaction (a transaction is cancelled as a whole).
pub(crate) fn refund_in(definition: &Definition, state: &str) -> Vec<RefundAfter> {
    let here = due_of(definition, state);
    let due = |fee: &&Fee| fee.due == here || fee.due == DueAt::State(state.to_owned());
    let mut ends: Vec<RefundAfter> =
        definition.spec.fees.iter().find(due).map_or_else(Vec::new, |fee| fee.refund.clone());
    ends.sort_unstable();
    ends
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
/// A fixed amount in so‘m (postage) knows neither channel rate nor BHM. An expression gives the price of the counter in
/// so‘m; it is exact until the one rounding, and a negative one is nothing to pay. The second value says whether the
/// amount is known.
///
/// Rule: DEF-FEE.
/// Source: passports of my.gov.uz ("0.045 of BHM by the portal, 0.05 at a centre"), VMQ 550 of 20.10.2023,
/// uz-data §2.
fn line(
    definition: &Definition,
    fee: &Fee,
    facts: &Facts,
    channel: Channel,
    bhm: Tiyin,
    date: Date,
) -> (FeeLine, bool) {
    let relief = relief(fee, facts);
    let rate = rate(fee, channel, date);
    let left = relief.map_or(Rate::ONE, |relief| relief.rate);
    let of_share = |share: Option<Share>| match share {
        Some(share) => (share.of(bhm, &[]), rate, share.of(bhm, &[rate, left]), true),
        None => (Tiyin::ZERO, rate, Tiyin::ZERO, false),
    };
    let (base, rate, amount, known) = match &fee.amount {
        Amount::Som(som) => {
            let base = Tiyin::from_som(*som);
            (base, Rate::ONE, Rate::apply(base, &[left]), true)
        }
        Amount::Bhm(share) => of_share(Some(*share)),
        Amount::Table { field, bhm: table } => of_share(chosen(field, table, facts)),
        Amount::Bands { of, rows } => of_share(number(definition, of, facts).and_then(|n| band(rows, n))),
        Amount::Expr(cel) => {
            // The calculation is in the base amount of the day that the price is for.
            let facts = Facts { bhm: Some(bhm), ..facts.clone() };
            match number(definition, cel, &facts) {
                Some(som) => {
                    let exact = tiyin(som.max(Decimal::ZERO));
                    let reduced = exact.checked_mul(rate.decimal()).and_then(|sum| sum.checked_mul(left.decimal()));
                    let amount = kernel::money::round_to_som(reduced.unwrap_or(Decimal::MAX));
                    (kernel::money::round_to_som(exact), rate, amount, true)
                }
                None => of_share(None),
            }
        }
    };
    let line = FeeLine {
        id: fee.id.clone(),
        kind: fee.kind,
        title: fee.title.clone(),
        base,
        channel_rate: rate,
        relief: relief.cloned(),
        amount,
        due: fee.due.clone(),
    };
    (line, known)
}

fn number(definition: &Definition, cel: &Cel, facts: &Facts) -> Option<Decimal> {
    match definition.eval(cel, facts) {
        expr::Value::Int(n) => Some(Decimal::from(n)),
        expr::Value::Dec(n) => Some(n),
        _ => None,
    }
}

fn tiyin(som: Decimal) -> Decimal {
    som.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(Decimal::MAX)
}

/// The share of the first band that reaches up to the number.
///
/// Rule: DEF-BANDS.
/// Source: fees by engine power or area in the passports (uz-data §2); our format.
fn band(rows: &[Band], n: Decimal) -> Option<Share> {
    rows.iter().find(|row| row.up_to.is_none_or(|end| n <= Decimal::from(end))).map(|row| row.bhm)
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
            refund: fee.refund.clone(),
            computed: matches!(fee.amount, Amount::Expr(_)),
        };
        match &fee.amount {
            Amount::Bhm(share) => rows.push(row(None, Some(*share), 0)),
            Amount::Som(som) => rows.push(row(None, None, *som)),
            Amount::Expr(_) => rows.push(row(None, None, 0)),
            Amount::Bands { rows: bands, .. } => {
                let mut from = None;
                for band in bands {
                    rows.push(row(Some(band_words(from, band.up_to)), Some(band.bhm), 0));
                    from = band.up_to;
                }
            }
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

/// What a band is called in the table: its ends, in signs that need no language.
fn band_words(from: Option<i64>, up_to: Option<i64>) -> Text {
    Text::each(|lang| {
        let number = |n: i64| kernel::format::number(n, lang);
        match (from, up_to) {
            (Some(from), Some(end)) => format!("> {} – {}", number(from), number(end)),
            (None, Some(end)) => format!("≤ {}", number(end)),
            (Some(from), None) => format!("> {}", number(from)),
            (None, None) => "—".to_owned(),
        }
    })
}
