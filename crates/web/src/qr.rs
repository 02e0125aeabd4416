//! QR codes as SVG mark-up.

use fast_qr::convert::{Builder, Shape, svg::SvgBuilder};
use fast_qr::{ECL, QRBuilder};

/// An SVG image of a QR code of `text` (error correction M), or `None` when the text is too long for one.
/// The mark-up has no style attributes, so that it may stand in a page under our Content-Security-Policy.
pub fn svg(text: &str) -> Option<String> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    Some(SvgBuilder::default().shape(Shape::Square).margin(2).to_str(&code))
}
