//! The life of an invoice.

use contracts::applications::Outcome;
use contracts::payments::InvoiceState;
use kernel::clock::{Timestamp, end_of_day, tashkent_date};
use kernel::money::Tiyin;

/// The stable name of a state, as stored.
pub fn state_name(state: InvoiceState) -> &'static str {
    match state {
        InvoiceState::Open => "open",
        InvoiceState::Paid => "paid",
        InvoiceState::Expired => "expired",
        InvoiceState::Cancelled => "cancelled",
        InvoiceState::Refunded => "refunded",
    }
}

/// Reads the stable name.
pub fn parse_state(text: &str) -> Option<InvoiceState> {
    [InvoiceState::Open, InvoiceState::Paid, InvoiceState::Expired, InvoiceState::Cancelled, InvoiceState::Refunded]
        .into_iter()
        .find(|state| state_name(*state) == text)
}

/// The stable name of an end, as stored.
pub fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Approved => "approved",
        Outcome::Refused => "refused",
        Outcome::Withdrawn => "withdrawn",
        Outcome::Expired => "expired",
    }
}

/// Reads the stable name.
pub fn parse_outcome(text: &str) -> Option<Outcome> {
    [Outcome::Approved, Outcome::Refused, Outcome::Withdrawn, Outcome::Expired]
        .into_iter()
        .find(|outcome| outcome_name(*outcome) == text)
}

/// Whether the end of its case makes a paid invoice one whose money is to go back: the terms under which it was paid say so,
/// nothing was given for it, it was not counted for another application, and it is not due already.
///
/// Rule: PAY-REFUND-DUE.
/// Source: key `fees[].refund` of the definition, as it was when the money was asked for; our ADR on payments.
pub fn refund_falls_due(
    state: InvoiceState,
    refund_on: &[Outcome],
    outcome: Outcome,
    settled: bool,
    counted_elsewhere: bool,
    due_already: bool,
) -> bool {
    state == InvoiceState::Paid && refund_on.contains(&outcome) && !settled && !counted_elsewhere && !due_already
}

/// Until when a fee that was paid counts for a new application after a refusal: the end, in Tashkent, of the last
/// of `days` calendar days after the decision; `None` when the service gives no such time.
///
/// Rule: PAY-CREDIT-TERM.
/// Source: regulations of services such as 865 and 308: the duty is not charged again within 5–10 days after a refusal.
pub fn credit_until(decided: Timestamp, days: u32) -> Option<Timestamp> {
    if days == 0 {
        return None;
    }
    let last = tashkent_date(decided).checked_add(jiff::Span::new().days(i64::from(days))).ok()?;
    Some(end_of_day(last))
}

/// A fee paid for an application that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit<Id> {
    pub invoice: Id,
    pub amount: Tiyin,
    pub until: Timestamp,
}

/// Which of the person's credits for the same service pays a new demand in full: the one that ends first.
/// A smaller fee is not added up and a larger one is not paid back in part: each covers one application or none.
///
/// Rule: PAY-CREDIT.
/// Source: the same regulations as PAY-CREDIT-TERM; reading of them by our ADR on payments.
pub fn covering<Id: Clone>(demand: Tiyin, credits: &[Credit<Id>], now: Timestamp) -> Option<Credit<Id>> {
    credits.iter().filter(|c| c.until >= now && c.amount >= demand).min_by_key(|c| c.until).cloned()
}

/// Whether an unpaid invoice ends now: its time is over and no provider holds a payment on it
/// (money that is on its way is waited for, at most the twelve hours of the protocol).
///
/// Rule: PAY-EXPIRE.
/// Source: the service's definition (`expires_unpaid`); Payme Merchant API, transaction timeout.
pub fn expires_now(state: InvoiceState, expires: Timestamp, payment_on_its_way: bool, now: Timestamp) -> bool {
    state == InvoiceState::Open && expires <= now && !payment_on_its_way
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_fee_stays_valid_to_the_end_of_the_last_day() {
        let decided = at("2026-11-20T20:30:00Z"); // 21 November, 01:30 in Tashkent
        assert_eq!(credit_until(decided, 0), None);
        assert_eq!(credit_until(decided, 10).map(tashkent_date), Some("2026-12-01".parse().unwrap()));
    }

    #[test]
    fn a_credit_covers_what_it_covers_in_full_and_in_time() {
        let now = at("2026-11-21T06:00:00Z");
        let credits = [
            Credit { invoice: 1, amount: Tiyin::from_som(100), until: at("2026-11-25T00:00:00Z") },
            Credit { invoice: 2, amount: Tiyin::from_som(100), until: at("2026-11-23T00:00:00Z") },
            Credit { invoice: 3, amount: Tiyin::from_som(100), until: at("2026-11-20T00:00:00Z") },
            Credit { invoice: 4, amount: Tiyin::from_som(50), until: at("2026-11-22T00:00:00Z") },
        ];
        assert_eq!(covering(Tiyin::from_som(80), &credits, now).map(|c| c.invoice), Some(2));
        assert_eq!(covering(Tiyin::from_som(50), &credits, now).map(|c| c.invoice), Some(4));
        assert_eq!(covering(Tiyin::from_som(101), &credits, now), None);
    }

    #[test]
    fn money_falls_due_once_and_only_for_what_was_not_given() {
        let on = [Outcome::Refused, Outcome::Withdrawn];
        let due = |state, outcome, settled, elsewhere, already| {
            refund_falls_due(state, &on, outcome, settled, elsewhere, already)
        };
        assert!(due(InvoiceState::Paid, Outcome::Refused, false, false, false));
        assert!(due(InvoiceState::Paid, Outcome::Withdrawn, false, false, false));
        assert!(!due(InvoiceState::Paid, Outcome::Expired, false, false, false), "the terms do not say so");
        assert!(!due(InvoiceState::Paid, Outcome::Approved, false, false, false));
        assert!(!due(InvoiceState::Open, Outcome::Refused, false, false, false), "nobody has paid");
        assert!(!due(InvoiceState::Refunded, Outcome::Refused, false, false, false), "it has gone back");
        assert!(!due(InvoiceState::Paid, Outcome::Refused, true, false, false), "it was given");
        assert!(!due(InvoiceState::Paid, Outcome::Refused, false, true, false), "it was counted for another");
        assert!(!due(InvoiceState::Paid, Outcome::Refused, false, false, true), "once");
        for outcome in [Outcome::Approved, Outcome::Refused, Outcome::Withdrawn, Outcome::Expired] {
            assert_eq!(parse_outcome(outcome_name(outcome)), Some(outcome));
        }
        assert_eq!(parse_outcome(""), None);
    }

    #[test]
    fn an_invoice_with_money_on_its_way_waits() {
        let now = at("2026-11-21T06:00:00Z");
        assert!(expires_now(InvoiceState::Open, now, false, now));
        assert!(!expires_now(InvoiceState::Open, now, true, now));
        assert!(!expires_now(InvoiceState::Paid, now, false, now));
        assert!(!expires_now(InvoiceState::Open, at("2026-11-21T06:00:01Z"), false, now));
    }
}
