//! Changing the locks of an account: who may, at once or after a while, and what a freeze leaves open.
//!
//! Whoever holds the phone number, or the password, or the mail-box of a person may be somebody else. So codes over
//! a network count for nothing here, one proof alone is never enough at once, and what is done on one proof waits
//! while a channel that was not used tells the owner, who can stop it.

use kernel::clock::Timestamp;

use super::factor::Factor;
use super::session::plus;

/// Something that decides who gets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Change {
    /// A new password by somebody who is signed in.
    Password,
    /// Another phone number.
    Phone,
    /// A first or another e-mail address.
    Email,
    /// A further way to sign in: an app for codes, a passkey, printed codes.
    AddWay,
    /// A way less.
    RemoveWay,
    /// Whom the person trusts with recovery.
    Trusted,
    /// A way back in: a new password for somebody who is outside; ends a freeze.
    Recover,
}

impl Change {
    pub const ALL: [Change; 7] = [
        Change::Password,
        Change::Phone,
        Change::Email,
        Change::AddWay,
        Change::RemoveWay,
        Change::Trusted,
        Change::Recover,
    ];

    /// Stable name, as stored.
    pub fn name(self) -> &'static str {
        match self {
            Change::Password => "password",
            Change::Phone => "phone",
            Change::Email => "email",
            Change::AddWay => "add-way",
            Change::RemoveWay => "remove-way",
            Change::Trusted => "trusted",
            Change::Recover => "recover",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.name() == text)
    }
}

/// How long a change waits, in hours.
pub const COOLING_H: i64 = 72;
/// How many trusted persons must confirm.
pub const TRUSTED_NEEDED: usize = 2;

/// How an account stands when a change is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Standing {
    /// Somebody pressed "this was not me".
    pub frozen: bool,
    /// A confirmed e-mail address is there, which hears of the change.
    pub mail_confirmed: bool,
    /// The account was recovered less than [`COOLING_H`] ago.
    pub just_recovered: bool,
}

/// What a wish to change the locks leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    AtOnce,
    /// After [`COOLING_H`], unless somebody says that it was not them.
    After,
    /// So much weight of proof is missing.
    Missing {
        weight: u32,
    },
    /// Only a recovery opens a frozen account.
    Frozen,
}

/// What a proof weighs when the locks are changed. Codes over networks weigh nothing: numbers are ported to others'
/// cards, boxes are read along.
fn weight(factor: Factor) -> u32 {
    match factor {
        Factor::Sms | Factor::Email => 0,
        Factor::Password | Factor::Totp | Factor::Printed | Factor::Passkey | Factor::Face | Factor::Signature => 1,
        Factor::Trusted | Factor::Centre => 2,
    }
}

fn weights(factors: &[Factor]) -> u32 {
    let mut known: Vec<Factor> = factors.to_vec();
    known.sort_unstable();
    known.dedup();
    known.into_iter().map(weight).sum()
}

/// Judges a change of the locks by what was proved for it, freshly.
///
/// Two different proofs beside codes by SMS and e-mail change the locks at once; one proof changes them after the
/// cooling period when a confirmed e-mail address hears of it; none never does. A new phone number, what trusted
/// persons open, and whatever follows a recovery too soon wait in any case. A frozen account is opened by two proofs only.
///
/// Rule: IDN-LOCKS.
/// Source: the project's rule after NIST SP 800-63B §5.1.3.3 (restricted use of the telephone network), §6.1.2 (binding of
/// a further authenticator at the level of the account), §6.1.2.3 (recovery); R000-009 (cooling period); 72 hours are our choice.
pub fn judge(change: Change, proved: &[Factor], standing: Standing) -> Verdict {
    if standing.frozen && change != Change::Recover {
        return Verdict::Frozen;
    }
    let all = weights(proved);
    if all >= 2 {
        let alone: Vec<Factor> = proved.iter().copied().filter(|factor| *factor != Factor::Trusted).collect();
        let slow = change == Change::Phone || standing.just_recovered || weights(&alone) < 2;
        return if slow { Verdict::After } else { Verdict::AtOnce };
    }
    if all == 1 && standing.mail_confirmed && !standing.frozen {
        return Verdict::After;
    }
    Verdict::Missing { weight: 2 - all }
}

/// Until when a change that is asked for now waits.
///
/// Rule: IDN-COOLING.
/// Source: R000-009 (change of the bound phone number: cooling period, notice to the old one); 72 hours are the project's rule.
pub fn due(asked: Timestamp) -> Timestamp {
    plus(asked, COOLING_H * 3600)
}

/// Whether an account counts as just recovered.
///
/// Rule: IDN-AFTER-RECOVERY.
/// Source: the project's rule: after a recovery the locks rest as long as a change of the phone number does.
pub fn just_recovered(recovered: Option<Timestamp>, now: Timestamp) -> bool {
    recovered.is_some_and(|at| now < due(at))
}

/// Whether those who confirmed are enough to count as [`Factor::Trusted`].
///
/// Rule: IDN-TRUSTED.
/// Source: the project's rule: two persons, so that one who is false or is cheated opens nothing.
pub fn trusted(confirmed: usize) -> bool {
    confirmed >= TRUSTED_NEEDED
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALM: Standing = Standing { frozen: false, mail_confirmed: false, just_recovered: false };

    #[test]
    fn codes_over_networks_change_no_locks() {
        let standing = Standing { mail_confirmed: true, ..CALM };
        for change in Change::ALL {
            assert_eq!(judge(change, &[Factor::Sms, Factor::Email], standing), Verdict::Missing { weight: 2 });
        }
    }

    #[test]
    fn two_proofs_change_the_locks_at_once_but_for_the_phone() {
        let proved = [Factor::Password, Factor::Face];
        assert_eq!(judge(Change::AddWay, &proved, CALM), Verdict::AtOnce);
        assert_eq!(judge(Change::Phone, &proved, CALM), Verdict::After);
        assert_eq!(judge(Change::AddWay, &proved, Standing { just_recovered: true, ..CALM }), Verdict::After);
        assert_eq!(judge(Change::Recover, &[Factor::Trusted], CALM), Verdict::After);
        assert_eq!(judge(Change::Recover, &[Factor::Centre], CALM), Verdict::AtOnce);
    }

    #[test]
    fn one_proof_waits_and_only_where_another_channel_hears_of_it() {
        let told = Standing { mail_confirmed: true, ..CALM };
        assert_eq!(judge(Change::Password, &[Factor::Password, Factor::Sms], told), Verdict::After);
        assert_eq!(
            judge(Change::Password, &[Factor::Password, Factor::Password], CALM),
            Verdict::Missing { weight: 1 }
        );
    }

    #[test]
    fn a_frozen_account_is_opened_by_a_recovery_with_two_proofs_only() {
        let frozen = Standing { frozen: true, mail_confirmed: true, just_recovered: false };
        assert_eq!(judge(Change::Password, &[Factor::Password, Factor::Face], frozen), Verdict::Frozen);
        assert_eq!(judge(Change::Recover, &[Factor::Face], frozen), Verdict::Missing { weight: 1 });
        assert_eq!(judge(Change::Recover, &[Factor::Face, Factor::Printed], frozen), Verdict::AtOnce);
    }

    #[test]
    fn one_trusted_person_is_not_enough() {
        assert!(!trusted(1));
        assert!(trusted(2));
    }
}
