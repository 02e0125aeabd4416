//! What the price of a service is before anybody's facts are known: a range.

use definition::{Audience, Channel, FeeRow};
use kernel::money::Tiyin;

/// Least and most that somebody pays through a channel, over all payers and cases; `None` = nobody pays anything.
///
/// Components without a payer are paid by everybody; of the cases of one component (a choice) one applies.
///
/// Rule: CAT-PRICE.
/// Source: uz-data §1, "Xizmat narxi": components with payer and channel.
pub fn range(rows: &[FeeRow], channel: Channel) -> Option<(Tiyin, Tiyin)> {
    let mut payers: Vec<Option<Audience>> = rows.iter().flat_map(|row| row.payer.iter().copied().map(Some)).collect();
    payers.sort();
    payers.dedup();
    if payers.is_empty() {
        payers.push(None);
    }
    let totals = payers.iter().map(|payer| {
        let applies = |row: &&FeeRow| row.payer.is_empty() || payer.is_some_and(|payer| row.payer.contains(&payer));
        total(rows.iter().filter(applies), channel)
    });
    let (least, most) = totals.reduce(|(least, most), (from, to)| (least.min(from), most.max(to)))?;
    (!most.is_zero()).then_some((least, most))
}

fn total<'a>(rows: impl Iterator<Item = &'a FeeRow>, channel: Channel) -> (Tiyin, Tiyin) {
    let (mut least, mut most) = (Tiyin::ZERO, Tiyin::ZERO);
    // Name of a component with cases → least and most of them.
    let mut cases: Vec<(&str, Tiyin, Tiyin)> = Vec::new();
    for row in rows {
        let amount = amount(row, channel);
        if row.variant.is_none() {
            least = least + amount;
            most = most + amount;
            continue;
        }
        match cases.iter_mut().find(|(name, ..)| *name == row.title.uz) {
            Some((_, from, to)) => {
                *from = (*from).min(amount);
                *to = (*to).max(amount);
            }
            None => cases.push((&row.title.uz, amount, amount)),
        }
    }
    for (_, from, to) in cases {
        least = least + from;
        most = most + to;
    }
    (least, most)
}

/// The amount of a row through a channel; that of the counter when the channel is not offered.
pub fn amount(row: &FeeRow, channel: Channel) -> Tiyin {
    let find =
        |wanted: Channel| row.by_channel.iter().find(|(channel, _)| *channel == wanted).map(|(_, amount)| *amount);
    find(channel).or_else(|| find(Channel::Dxm)).unwrap_or(Tiyin::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use definition::{DueAt, FeeKind};
    use kernel::lang::Text;

    fn row(title: &str, payer: &[Audience], variant: Option<&str>, som: i64) -> FeeRow {
        FeeRow {
            kind: FeeKind::Fee,
            title: Text::uz(title),
            payer: payer.to_vec(),
            variant: variant.map(Text::uz),
            share: None,
            by_channel: vec![(Channel::Web, Tiyin::from_som(som)), (Channel::Dxm, Tiyin::from_som(som * 2))],
            reliefs: Vec::new(),
            due: DueAt::Submit,
            refund: Vec::new(),
            computed: false,
        }
    }

    fn som(rows: &[FeeRow]) -> Option<(i64, i64)> {
        range(rows, Channel::Web).map(|(least, most)| (least.som(), most.som()))
    }

    #[test]
    fn components_of_one_payer_are_added() {
        assert_eq!(som(&[row("boj", &[], None, 10), row("gerb", &[], None, 5)]), Some((15, 15)));
    }

    #[test]
    fn payers_and_cases_make_a_range() {
        let rows = [
            row("yig‘im", &[Audience::Natural], None, 10),
            row("yig‘im", &[Audience::Legal], None, 75),
            row("loyiha", &[], Some("I"), 3),
            row("loyiha", &[], Some("II"), 7),
        ];
        assert_eq!(som(&rows), Some((13, 82)));
    }

    #[test]
    fn a_service_without_fees_has_no_price() {
        assert_eq!(som(&[]), None);
        assert_eq!(som(&[row("yig‘im", &[], None, 0)]), None);
    }

    #[test]
    fn a_channel_that_is_not_offered_costs_as_at_the_counter() {
        assert_eq!(amount(&row("boj", &[], None, 10), Channel::Kiosk), Tiyin::from_som(20));
    }
}
