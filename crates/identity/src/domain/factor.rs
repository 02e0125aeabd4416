//! By what somebody proved who they are, and how sure that makes us.

use contracts::Assurance;
use kernel::clock::{Timestamp, from_micros, micros};

/// A way to prove who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Factor {
    /// Something known.
    Password,
    /// A code over a network that others run.
    Sms,
    Email,
    /// A code that an app of the person's makes (RFC 6238).
    Totp,
    /// A code printed on paper, good once.
    Printed,
    /// A key in a device that asked for a finger, a face or a PIN (WebAuthn with user verification).
    Passkey,
    /// The face, compared with the state's picture of it by MyID.
    Face,
    /// Two people named beforehand who both confirmed.
    Trusted,
    /// An operator of a service centre who saw the document and the person.
    Centre,
    /// An electronic signature.
    Signature,
}

impl Factor {
    pub const ALL: [Factor; 10] = [
        Factor::Password,
        Factor::Sms,
        Factor::Email,
        Factor::Totp,
        Factor::Printed,
        Factor::Passkey,
        Factor::Face,
        Factor::Trusted,
        Factor::Centre,
        Factor::Signature,
    ];

    /// Stable name, as stored and as in addresses.
    pub fn name(self) -> &'static str {
        match self {
            Factor::Password => "password",
            Factor::Sms => "sms",
            Factor::Email => "email",
            Factor::Totp => "totp",
            Factor::Printed => "printed",
            Factor::Passkey => "passkey",
            Factor::Face => "face",
            Factor::Trusted => "trusted",
            Factor::Centre => "centre",
            Factor::Signature => "signature",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.name() == text)
    }

    /// Of which of the three kinds it is a proof: known, had, is.
    fn kinds(self) -> [bool; 3] {
        match self {
            Factor::Password => [true, false, false],
            Factor::Sms | Factor::Email | Factor::Totp | Factor::Printed => [false, true, false],
            Factor::Face => [false, false, true],
            // The device is had, and it asked for the finger or the PIN itself; two people, or an operator with the
            // document in hand, are more than one proof; a signature is a key behind a PIN.
            Factor::Passkey | Factor::Trusted | Factor::Centre | Factor::Signature => [true, true, false],
        }
    }
}

/// A factor and when it was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    pub factor: Factor,
    pub at: Timestamp,
}

impl Proof {
    pub fn new(factor: Factor, at: Timestamp) -> Self {
        Self { factor, at }
    }
}

/// How surely somebody is known who proved these factors.
///
/// One kind alone is `Password`, whatever it is; two kinds are `Otp`; a face beside something else is `Face`; a
/// signature is `Signature`. Two codes by two networks are one kind: both are had, neither is known.
///
/// Rule: IDN-LEVEL.
/// Source: NIST SP 800-63B §4 (AAL1 one factor, AAL2 two different ones; a biometric never alone); R000-033 (levels per service).
pub fn level(factors: impl IntoIterator<Item = Factor>) -> Assurance {
    let (mut kinds, mut face, mut signature) = ([false; 3], false, false);
    for factor in factors {
        for (all, one) in kinds.iter_mut().zip(factor.kinds()) {
            *all |= one;
        }
        face |= matches!(factor, Factor::Face | Factor::Centre);
        signature |= factor == Factor::Signature;
    }
    match kinds.iter().filter(|kind| **kind).count() {
        _ if signature => Assurance::Signature,
        0 => Assurance::Open,
        1 => Assurance::Password,
        _ if face => Assurance::Face,
        _ => Assurance::Otp,
    }
}

/// Which of the means that a person has lift them to the level that is asked for, with what is proved already.
///
/// Rule: IDN-STEP-UP-MEANS.
/// Source: R000-033; services ask by level, not by means.
pub fn reaching(wanted: Assurance, proved: &[Factor], has: &[Factor]) -> Vec<Factor> {
    has.iter()
        .copied()
        .filter(|factor| !proved.contains(factor))
        .filter(|factor| level(proved.iter().copied().chain([*factor])) >= wanted)
        .collect()
}

/// The values of the claim `amr` for these factors, without repetition, in the order of the factors.
///
/// Rule: IDN-AMR.
/// Source: RFC 8176 §2 (pwd, sms, otp, hwk, face, mfa); `email` and `kba` have no value there, so that an e-mail code is `otp`.
pub fn amr(factors: &[Factor]) -> Vec<&'static str> {
    let mut out: Vec<&'static str> = Vec::new();
    for factor in factors {
        let value = match factor {
            Factor::Password => "pwd",
            Factor::Sms => "sms",
            Factor::Email | Factor::Totp | Factor::Printed => "otp",
            Factor::Passkey => "hwk",
            Factor::Face => "face",
            Factor::Centre | Factor::Trusted => "user",
            Factor::Signature => "swk",
        };
        if !out.contains(&value) {
            out.push(value);
        }
    }
    if level(factors.iter().copied()) >= Assurance::Otp {
        out.push("mfa");
    }
    out
}

/// How long a proof counts for a change of the locks, in seconds: half an hour, which nobody's slow typing outlasts.
pub const FRESH_S: i64 = 30 * 60;

/// The factors that were proved lately enough to change the locks.
///
/// Rule: IDN-FRESH.
/// Source: NIST SP 800-63B §6.1 (binding an authenticator needs a recent authentication); half an hour is the project's rule.
pub fn fresh(proofs: &[Proof], now: Timestamp) -> Vec<Factor> {
    proofs.iter().filter(|proof| now.as_second() - proof.at.as_second() < FRESH_S).map(|proof| proof.factor).collect()
}

/// `proofs` with one more, which takes the place of an older one of the same factor.
pub fn with(proofs: &[Proof], proof: Proof) -> Vec<Proof> {
    proofs.iter().copied().filter(|known| known.factor != proof.factor).chain([proof]).collect()
}

/// The proofs as they are stored with a session: `password@micros sms@micros`.
pub fn write(proofs: &[Proof]) -> String {
    let words: Vec<String> =
        proofs.iter().map(|proof| format!("{}@{}", proof.factor.name(), micros(proof.at))).collect();
    words.join(" ")
}

/// Reads what [`write()`] wrote; what cannot be read proves nothing.
pub fn read(text: &str) -> Vec<Proof> {
    text.split(' ')
        .filter_map(|word| {
            let (name, at) = word.split_once('@')?;
            Some(Proof { factor: Factor::parse(name)?, at: from_micros(at.parse().ok()?) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn one_factor_alone_is_never_more_than_a_password() {
        for factor in [Factor::Password, Factor::Sms, Factor::Email, Factor::Totp, Factor::Printed, Factor::Face] {
            assert_eq!(level([factor]), Assurance::Password, "{factor:?}");
        }
        assert_eq!(level([Factor::Sms, Factor::Email]), Assurance::Password, "two networks are one kind");
        assert_eq!(level([Factor::Totp, Factor::Sms]), Assurance::Password);
        assert_eq!(level([]), Assurance::Open);
    }

    #[test]
    fn two_kinds_reach_the_level_of_a_code_and_a_face_beside_them_its_own() {
        assert_eq!(level([Factor::Password, Factor::Sms]), Assurance::Otp);
        assert_eq!(level([Factor::Password, Factor::Printed]), Assurance::Otp);
        assert_eq!(level([Factor::Passkey]), Assurance::Otp);
        assert_eq!(level([Factor::Password, Factor::Face]), Assurance::Face);
        assert_eq!(level([Factor::Passkey, Factor::Face]), Assurance::Face);
        assert_eq!(level([Factor::Signature]), Assurance::Signature);
    }

    #[test]
    fn a_further_proof_never_lowers_the_level() {
        for mask in 0_u32..1 << Factor::ALL.len() {
            let some: Vec<Factor> =
                (0..Factor::ALL.len()).filter(|n| mask >> n & 1 == 1).map(|n| Factor::ALL[n]).collect();
            for factor in Factor::ALL {
                assert!(level(some.iter().copied().chain([factor])) >= level(some.iter().copied()));
            }
        }
    }

    #[test]
    fn step_up_offers_what_reaches_the_level_and_nothing_else() {
        let has = [Factor::Password, Factor::Sms, Factor::Totp, Factor::Face];
        assert_eq!(reaching(Assurance::Otp, &[Factor::Password], &has), [Factor::Sms, Factor::Totp, Factor::Face]);
        assert_eq!(reaching(Assurance::Otp, &[Factor::Sms], &has), [Factor::Password, Factor::Face]);
        assert_eq!(reaching(Assurance::Face, &[Factor::Password], &has), [Factor::Face]);
        assert_eq!(reaching(Assurance::Signature, &[Factor::Password], &has), []);
    }

    #[test]
    fn what_was_used_is_told_in_the_words_of_the_standard() {
        assert_eq!(amr(&[Factor::Password, Factor::Sms]), ["pwd", "sms", "mfa"]);
        assert_eq!(amr(&[Factor::Password]), ["pwd"]);
        assert_eq!(amr(&[Factor::Totp, Factor::Email]), ["otp"]);
        assert_eq!(amr(&[Factor::Passkey]), ["hwk", "mfa"]);
    }

    #[test]
    fn proofs_are_read_as_they_were_written_and_rubbish_proves_nothing() {
        let proofs = [Proof::new(Factor::Password, at(0)), Proof::new(Factor::Totp, at(5))];
        assert_eq!(read(&write(&proofs)), proofs);
        assert_eq!(read(""), []);
        assert_eq!(read("root@1 password@x face"), []);
    }

    #[test]
    fn an_old_proof_changes_no_locks() {
        let proofs = with(
            &[Proof::new(Factor::Password, at(0)), Proof::new(Factor::Sms, at(0))],
            Proof::new(Factor::Sms, at(900)),
        );
        assert_eq!(fresh(&proofs, at(1799)), [Factor::Password, Factor::Sms]);
        assert_eq!(fresh(&proofs, at(1800)), [Factor::Sms]);
    }
}
