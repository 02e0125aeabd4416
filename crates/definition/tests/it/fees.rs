use definition::{Audience, Channel, Facts, PersonFacts, RefundAfter};
use kernel::money::Tiyin;

use crate::service;

/// `tests/data/fees.txt`: a row is service · channel · audience · reliefs · answers · state · so‘m, separated by `|`.
/// Rules DEF-FEE, DEF-CHANNEL, DEF-RELIEF.
#[test]
fn fees_are_as_in_the_table() {
    let table = include_str!("../data/fees.txt");
    let bhm = Tiyin::from_som(412_000);
    let date = jiff::civil::date(2026, 11, 23);
    let mut wrong = Vec::new();
    for row in table.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [path, channel, audience, reliefs, answers, state, expected] = cells[..] else { panic!("{row}") };
        let definition = service(path);
        let facts = Facts {
            person: PersonFacts {
                audience: (!audience.is_empty()).then(|| serde_json::from_value::<Audience>(audience.into()).unwrap()),
                reliefs: reliefs.split_whitespace().map(str::to_owned).collect(),
                ..PersonFacts::default()
            },
            answers: answers
                .split_whitespace()
                .filter_map(|pair| pair.split_once('='))
                .map(|(id, value)| (id.to_owned(), value.into()))
                .collect(),
            today: date,
            ..Facts::default()
        };
        let channel = Channel::parse(channel).unwrap();
        let quote = match state {
            "" => definition.fee_quote(&facts, channel, bhm, date),
            state => definition.fee_due_in(state, &facts, channel, bhm, date),
        };
        let got = quote.lines.iter().map(|line| (line.amount.get() / 100).to_string()).collect::<Vec<_>>().join(" + ");
        if got != expected {
            wrong.push(format!("{row}\n    got {got}"));
        }
        assert_eq!(quote.total, quote.lines.iter().map(|line| line.amount).sum());
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_price_table_of_the_passport_shows_every_channel_and_option() {
    let bhm = Tiyin::from_som(412_000);
    let date = jiff::civil::date(2026, 11, 23);
    let rows = service("fhdy/298.yaml").fee_table(bhm, date);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].by_channel.contains(&(Channel::Web, Tiyin::from_som(18_540))));
    assert!(rows[0].by_channel.contains(&(Channel::Dxm, Tiyin::from_som(20_600))));
    let licence = service("business/308.yaml").fee_table(bhm, date);
    assert_eq!(licence.len(), 3, "one row for each kind of holder");
    assert!(service("social/496.yaml").fee_table(bhm, date).is_empty());
}

/// Rule DEF-REFUND.
#[test]
fn what_is_paid_in_a_state_goes_back_after_the_ends_that_its_fees_name() {
    let yaml = std::fs::read_to_string(crate::services().join("fhdy/298.yaml")).unwrap();
    let yaml = yaml.replacen("due: submit, reliefs", "due: submit, refund: [withdrawn, refused], reliefs", 1);
    let definition = definition::compile(&yaml, "298.yaml", &refdata::RefData::shared()).unwrap();
    assert_eq!(definition.refund_after("payment"), [RefundAfter::Refused, RefundAfter::Withdrawn]);
    assert!(definition.refund_after("review").is_empty(), "nothing is paid there");
    assert!(service("fhdy/298.yaml").refund_after("payment").is_empty(), "where nothing is said, a fee stays paid");
    let rows = definition.fee_table(Tiyin::from_som(412_000), jiff::civil::date(2026, 11, 23));
    assert_eq!(rows[0].refund, [RefundAfter::Withdrawn, RefundAfter::Refused]);
}
