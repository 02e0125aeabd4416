//! Plus codes (Open Location Code): a place as a short text that every map understands.

use rust_decimal::Decimal;

/// The signs of a code, each worth its place.
const SIGNS: &str = "23456789CFGHJMPQRVWX";
/// What a sign is worth at its place, in 1/8000 degree: 20°, 1°, 1/20°, 1/400°, 1/8000°.
const PLACES: [i64; 5] = [160_000, 8_000, 400, 20, 1];

/// Middle of the square that a full code names, as latitude and longitude; `None` when it is not one.
///
/// A code of more than ten signs names a part of the square of its first ten (14 by 14 metres); the middle of that
/// is taken. Short codes, which mean something only beside the name of a town, are not read.
///
/// Rule: DEF-PLUSCODE.
/// Source: Open Location Code specification 1.0 (Google, Apache-2.0).
pub(crate) fn decode(text: &str) -> Option<(Decimal, Decimal)> {
    let text = text.to_uppercase();
    let (area, rest) = text.split_once('+')?;
    if area.chars().count() != 8 || !(2..=7).contains(&rest.chars().count()) {
        return None;
    }
    let mut signs = Vec::with_capacity(15);
    for sign in area.chars().chain(rest.chars()) {
        signs.push(i64::try_from(SIGNS.find(sign)?).ok()?);
    }
    let (mut lat, mut lon) = (0, 0);
    for (pair, place) in signs.chunks_exact(2).zip(PLACES) {
        lat += pair[0] * place;
        lon += pair[1] * place;
    }
    if lat >= 180 * 8_000 || lon >= 360 * 8_000 {
        return None;
    }
    let degrees = |corner: i64, offset: i64| Decimal::new((2 * corner + 1) * 625, 7) - Decimal::from(offset);
    Some((degrees(lat, 90), degrees(lon, 180)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_code_names_the_middle_of_its_square() {
        let at = |text: &str| decode(text).map(|(lat, lon)| (lat.to_string(), lon.to_string()));
        let pair = |lat: &str, lon: &str| Some((lat.to_owned(), lon.to_owned()));
        // Of the specification's own examples.
        assert_eq!(at("8FVC9G8F+6X"), pair("47.3655625", "8.5249375"));
        assert_eq!(at("8fvc9g8f+6xq"), pair("47.3655625", "8.5249375"));
        assert_eq!(at("4VCPPQGP+Q9"), pair("-41.2730625", "174.7859375"));
        for wrong in
            ["", "+", "9G8F+6X", "8FVC9G8F", "8FVC9G8F+", "8FVC9G8F+6", "8FVC9G8A+6X", "XXVC9G8F+6X", "ўўўўўўўў+ўў"]
        {
            assert_eq!(at(wrong), None, "{wrong}");
        }
    }
}
