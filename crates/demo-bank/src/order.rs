//! What the checkout address says.

use kernel::lang::Lang;
use kernel::money::Tiyin;
use serde_json::{Value, json};

/// A demand for payment, from `base64("m=…;ac.<field>=…;a=…;l=…;c=…")`.
///
/// Source: Payme, payment page by GET.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    /// Name of the account's field.
    field: String,
    /// Value of the account's field.
    pub(crate) invoice: String,
    pub(crate) amount: Tiyin,
    pub(crate) lang: Lang,
    back: String,
}

impl Order {
    /// `None` when the text is not such an address.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let bytes = data_encoding::BASE64.decode(text.as_bytes()).ok()?;
        let plain = String::from_utf8(bytes).ok()?;
        let value = |key: &str| plain.split(';').find_map(|part| part.strip_prefix(key)?.strip_prefix('='));
        let account = plain.split(';').find_map(|part| part.strip_prefix("ac."))?;
        let (field, invoice) = account.split_once('=')?;
        // A header must be able to carry it: who has paid would else see an error instead of the way back.
        let web = |back: &&str| back.starts_with("http://") || back.starts_with("https://");
        let back = value("c").filter(web).filter(|back| back.bytes().all(|b| b.is_ascii_graphic())).unwrap_or("/");
        Some(Self {
            field: field.to_owned(),
            invoice: invoice.to_owned(),
            amount: Tiyin::new(value("a")?.parse().ok()?),
            lang: match value("l") {
                Some("ru") => Lang::Ru,
                Some("en") => Lang::En,
                _ => Lang::Uz,
            },
            back: back.to_owned(),
        })
    }

    /// Where the payer goes afterwards.
    pub(crate) fn back(&self) -> &str {
        &self.back
    }

    fn account(&self) -> Value {
        json!({ self.field.clone(): self.invoice })
    }

    pub(crate) fn check(&self) -> Value {
        json!({ "amount": self.amount.get(), "account": self.account() })
    }

    pub(crate) fn create(&self, id: &str, time: i64) -> Value {
        json!({ "id": id, "time": time, "amount": self.amount.get(), "account": self.account() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_checkout_is_read() {
        let text = data_encoding::BASE64
            .encode(b"m=demo;ac.invoice=123456789015;a=1854000;l=ru;c=http://127.0.0.1:8080/ru/invoices/1");
        let order = Order::read(&text).unwrap();
        assert_eq!((order.invoice.as_str(), order.amount.get(), order.lang), ("123456789015", 1_854_000, Lang::Ru));
        assert_eq!(order.back(), "http://127.0.0.1:8080/ru/invoices/1");
        assert_eq!(order.check()["account"]["invoice"], "123456789015");
        assert_eq!(Order::read("bm9uc2Vuc2U="), None);
        assert_eq!(Order::read("%%%"), None);
    }

    #[test]
    fn the_way_back_is_an_address_of_the_web() {
        for back in ["javascript:alert(1)", "http://a.uz/\u{f}", "http://a.uz/\r\nX: y", "http://a.uz/ы"] {
            let text = data_encoding::BASE64.encode(format!("m=demo;ac.invoice=1;a=1;c={back}").as_bytes());
            assert_eq!(Order::read(&text).unwrap().back(), "/", "{back:?}");
        }
    }
}
