//! Money in tiyin (1 so‘m = 100 tiyin), shares of the base amount, rates: exact decimals, one rounding.

use std::fmt;
use std::str::FromStr;

pub use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;
use serde::{Deserialize, Serialize};

/// Tiyin in one so‘m. Source: Law on the Central Bank, the monetary unit.
pub const TIYIN_PER_SOM: i64 = 100;

/// An amount of money in whole tiyin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tiyin(i64);

impl Tiyin {
    /// Nothing to pay.
    pub const ZERO: Tiyin = Tiyin(0);

    /// An amount in tiyin.
    pub const fn new(tiyin: i64) -> Self {
        Self(tiyin)
    }

    /// The number of tiyin.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whole so‘m; saturates far beyond any amount of this world.
    pub const fn from_som(som: i64) -> Self {
        Self(som.saturating_mul(TIYIN_PER_SOM))
    }

    /// Whole so‘m; a rest in tiyin is cut off.
    pub const fn som(self) -> i64 {
        self.0 / TIYIN_PER_SOM
    }

    /// The sum, or nothing when it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or nothing when it does not fit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// Whether there is nothing to pay.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl std::ops::Add for Tiyin {
    type Output = Self;

    /// Saturates rather than wraps.
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for Tiyin {
    /// Saturates rather than wraps.
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        Self(iter.fold(0, |sum, amount| sum.saturating_add(amount.0)))
    }
}

/// Digits after the point of a share or rate: the finest real share has three (0.018); nine keep the product of a base
/// amount and three factors within the 28 digits of a decimal, that is exact.
const MAX_SCALE: u32 = 9;

/// A text that is not a decimal number in range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number from 0 to 1000 with at most 9 digits after the point")]
pub struct DecimalError;

macro_rules! decimals {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "DecimalText", into = "String")]
        pub struct $name(Decimal);

        impl $name {
            /// Nothing of the amount.
            pub const ZERO: Self = Self(Decimal::ZERO);
            /// The whole amount.
            pub const ONE: Self = Self(Decimal::ONE);

            /// Reads a plain decimal such as `0.045`.
            ///
            /// # Errors
            /// When it is not one from 0 to 1000 with at most 9 digits after the point.
            pub fn parse(text: &str) -> Result<Self, DecimalError> {
                let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
                Decimal::from_str_exact(text).ok().filter(|_| plain).ok_or(DecimalError).and_then(Self::new)
            }

            /// Takes an exact decimal.
            ///
            /// # Errors
            /// When it is negative, above 1000, or has more than 9 digits after the point.
            pub fn new(value: Decimal) -> Result<Self, DecimalError> {
                let value = value.normalize();
                if value.is_sign_negative() && !value.is_zero() || value > Decimal::ONE_THOUSAND || value.scale() > MAX_SCALE {
                    return Err(DecimalError);
                }
                Ok(Self(value))
            }

            /// The exact decimal.
            pub fn decimal(self) -> Decimal {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = DecimalError;
            fn from_str(text: &str) -> Result<Self, DecimalError> {
                Self::parse(text.trim())
            }
        }

        impl TryFrom<DecimalText> for $name {
            type Error = DecimalError;
            fn try_from(text: DecimalText) -> Result<Self, DecimalError> {
                match text {
                    DecimalText::Text(text) => text.parse(),
                    DecimalText::Int(number) => Self::new(Decimal::from(number)),
                    // The shortest text of a float is what was written in the file.
                    DecimalText::Float(number) => number.to_string().parse(),
                }
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}

#[derive(Deserialize)]
#[serde(untagged)]
enum DecimalText {
    Int(i64),
    Float(f64),
    Text(String),
}

decimals! {
    /// A share of the base amount (BHM): 0.045 is 4.5 %.
    Share;
    /// A factor: the rate of a channel (0.9 on the web), what a relief leaves to pay (0.5, 0).
    Rate;
}

impl Share {
    /// The amount of a fee component before rounding is `bhm × share × rates`; rounded once, at the end, half up to whole so‘m.
    ///
    /// Rule: FEE-AMOUNT.
    /// Source: printed amounts of my.gov.uz such as 74 160 so‘m = 0.18 BHM and 7 416 so‘m = 0.018 BHM in the passports of
    /// services 309 and 363; the order of the factors is ours.
    pub fn of(self, bhm: Tiyin, rates: &[Rate]) -> Tiyin {
        product(bhm, std::iter::once(self.0).chain(rates.iter().map(|rate| rate.0)))
    }
}

impl Rate {
    /// A fixed amount times rates, rounded as [`Share::of`] does.
    pub fn apply(amount: Tiyin, rates: &[Rate]) -> Tiyin {
        product(amount, rates.iter().map(|rate| rate.0))
    }
}

/// Multiplies exactly and rounds once; an amount beyond any of this world stays at the end of the range.
fn product(amount: Tiyin, mut factors: impl Iterator<Item = Decimal>) -> Tiyin {
    let exact = factors.try_fold(Decimal::from(amount.get()), |product, factor| product.checked_mul(factor));
    round_to_som(exact.unwrap_or(Decimal::MAX))
}

/// Tiyin, half up to whole so‘m: the one rounding of money.
///
/// Rule: FEE-ROUND.
/// Source: all printed prices of services are whole so‘m; that halves go up is ours.
pub fn round_to_som(tiyin: Decimal) -> Tiyin {
    let som = (tiyin / Decimal::from(TIYIN_PER_SOM)).round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    Tiyin::from_som(i64::try_from(som).unwrap_or(if som.is_sign_negative() { i64::MIN } else { i64::MAX }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_amounts_of_the_portal_come_out() {
        let bhm = Tiyin::from_som(412_000);
        let share = |text: &str| text.parse::<Share>().unwrap();
        assert_eq!(share("0.18").of(bhm, &[]), Tiyin::from_som(74_160));
        assert_eq!(share("0.018").of(bhm, &[]), Tiyin::from_som(7_416));
        assert_eq!(share("7.2").of(bhm, &[]), Tiyin::from_som(2_966_400));
        assert_eq!(share("0.05").of(bhm, &["0.9".parse().unwrap()]), Tiyin::from_som(18_540));
    }

    #[test]
    fn halves_of_a_som_go_up_once_at_the_end() {
        assert_eq!(Rate::apply(Tiyin::new(101), &["0.5".parse().unwrap()]), Tiyin::from_som(1));
        assert_eq!(Rate::apply(Tiyin::new(99), &["0.5".parse().unwrap()]), Tiyin::ZERO);
        assert_eq!(Rate::apply(Tiyin::new(300), &["0.5".parse().unwrap(), "0.5".parse().unwrap()]), Tiyin::from_som(1));
    }

    #[test]
    fn what_is_not_a_share_is_refused() {
        for text in ["", "-1", "1e3", "1001", "abc", "0,5", "0.0123456789", "+1", "1_0", "."] {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }

    #[test]
    fn money_beyond_the_range_stays_at_its_end() {
        assert_eq!(round_to_som(Decimal::MAX), Tiyin::from_som(i64::MAX));
        assert_eq!(round_to_som(Decimal::MIN), Tiyin::from_som(i64::MIN));
        let thousand = Rate::parse("1000").unwrap();
        assert_eq!(Share::ONE.of(Tiyin::new(i64::MAX), &[thousand; 9]), Tiyin::from_som(i64::MAX));
        assert_eq!([Tiyin::new(i64::MAX), Tiyin::new(1)].into_iter().sum::<Tiyin>(), Tiyin::new(i64::MAX));
        assert_eq!(Tiyin::new(i64::MAX).checked_add(Tiyin::new(1)), None);
    }
}
