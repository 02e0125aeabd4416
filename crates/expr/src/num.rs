//! Exact decimal arithmetic: a result that a decimal cannot hold exactly is unknown, never rounded in silence.
//!
//! The browser's evaluator (`web/scripts/expr.js`) counts in the same way with the same limits; a test compares them.

use rust_decimal::Decimal;

/// Largest number of digits after the point that [`div`] and [`round`] give.
pub(crate) const MAX_PLACES: i64 = 12;

/// Mantissa and scale without zeros at the end.
fn parts(decimal: Decimal) -> (i128, u32) {
    let decimal = decimal.normalize();
    (decimal.mantissa(), decimal.scale())
}

fn make(mut mantissa: i128, mut scale: u32) -> Option<Decimal> {
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

fn scaled(mantissa: i128, by: u32) -> Option<i128> {
    mantissa.checked_mul(10i128.checked_pow(by)?)
}

pub(crate) fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    let scale = a_scale.max(b_scale);
    make(scaled(a, scale - a_scale)?.checked_add(scaled(b, scale - b_scale)?)?, scale)
}

pub(crate) fn sub(a: Decimal, b: Decimal) -> Option<Decimal> {
    add(a, -b)
}

pub(crate) fn mul(a: Decimal, b: Decimal) -> Option<Decimal> {
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    make(a.checked_mul(b)?, a_scale + b_scale)
}

/// `a / b` with so many digits after the point; a half goes away from zero. Nothing for a division by zero, and for
/// numbers beyond the range.
///
/// Rule: EXPR-DIV.
/// Source: our own; the same rounding as FEE-ROUND of the kernel, so that a share and its amount go the same way.
pub(crate) fn div(a: Decimal, b: Decimal, places: i64) -> Option<Decimal> {
    let places = u32::try_from(places).ok().filter(|places| i64::from(*places) <= MAX_PLACES)?;
    let ((a, a_scale), (b, b_scale)) = (parts(a), parts(b));
    if b == 0 {
        return None;
    }
    if a == 0 {
        return Some(Decimal::ZERO);
    }
    let (up, down) = (places + b_scale, a_scale);
    let a = scaled(a, up.saturating_sub(down))?;
    let b = scaled(b, down.saturating_sub(up))?;
    let (quotient, rest) = (a / b, (a % b).unsigned_abs());
    let half = rest >= b.unsigned_abs() - rest;
    let away = if (a < 0) == (b < 0) { 1 } else { -1 };
    make(if half { quotient.checked_add(away)? } else { quotient }, places)
}

/// Rounded to so many digits after the point, as [`div`] rounds.
pub(crate) fn round(a: Decimal, places: i64) -> Option<Decimal> {
    div(a, Decimal::ONE, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    /// Rule EXPR-DIV.
    #[test]
    fn a_half_goes_away_from_zero_and_a_division_by_zero_gives_nothing() {
        for (a, b, places, expected) in [
            ("1", "3", 2, "0.33"),
            ("2", "3", 2, "0.67"),
            ("-2", "3", 2, "-0.67"),
            ("1", "8", 2, "0.13"),
            ("-1", "8", 2, "-0.13"),
            ("1", "-8", 2, "-0.13"),
            ("5", "2", 0, "3"),
            ("412000", "0.9", 0, "457778"),
            ("0.00000000000000000001", "3", 12, "0"),
            ("0", "0.0000000000000000000000000001", 12, "0"),
            ("7", "7", 12, "1"),
        ] {
            assert_eq!(div(dec(a), dec(b), places), Some(dec(expected)), "{a} / {b}");
        }
        assert_eq!(div(Decimal::ONE, Decimal::ZERO, 2), None);
        assert_eq!(div(Decimal::ONE, Decimal::ONE, 13), None);
        assert_eq!(div(Decimal::ONE, Decimal::ONE, -1), None);
        assert_eq!(round(dec("2.345"), 2), Some(dec("2.35")));
        assert_eq!(round(dec("-0.5"), 0), Some(dec("-1")));
    }

    #[test]
    fn what_a_decimal_cannot_hold_exactly_is_unknown_and_not_rounded() {
        let small = dec("0.000000000000001");
        assert_eq!(mul(small, small), None);
        assert_eq!(mul(dec("0.5"), dec("0.5")), Some(dec("0.25")));
        assert_eq!(add(dec("79228162514264337593543950335"), Decimal::ONE), None);
        assert_eq!(add(dec("79228162514264337593543950335"), dec("0.1")), None);
        assert_eq!(sub(dec("0.3"), dec("0.1")), Some(dec("0.2")));
        assert_eq!(mul(dec("2.50"), dec("0.40")), Some(Decimal::ONE));
    }
}
