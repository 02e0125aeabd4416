//! The hash chain over the events of a case: nobody can change the past unseen.

use std::fmt;

use ring::digest;
use serde::Serialize;
use serde_json::Value;

/// SHA-256 of an event and of everything before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What the first event is chained to.
    pub const ZERO: Hash = Hash([0; 32]);

    /// Reads stored bytes; `None` when they are not 32.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes, as stored.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Lower-case hexadecimal.
    pub fn hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

/// Hash of the next link: SHA-256 of the previous hash followed by the canonical JSON of the event.
///
/// Rule: APP-CHAIN.
/// Source: our ADR on the append-only case ledger; SHA-256 is FIPS 180-4.
pub fn link(previous: Hash, body: &str) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&previous.0);
    context.update(body.as_bytes());
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    Hash(out)
}

/// SHA-256 of a text, lower-case hexadecimal.
pub fn digest(text: &str) -> String {
    data_encoding::HEXLOWER.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

/// The one text of a value: no spaces, keys of objects in byte order.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn canonical(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut value = serde_json::to_value(value)?;
    sort(&mut value);
    serde_json::to_string(&value)
}

fn sort(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.sort_keys();
            map.values_mut().for_each(sort);
        }
        Value::Array(items) => items.iter_mut().for_each(sort),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_order_of_keys_does_not_change_the_text() {
        let one = canonical(&json!({"b": [{"z": 1, "a": 2}], "a": null})).unwrap();
        let two = canonical(&json!({"a": null, "b": [{"a": 2, "z": 1}]})).unwrap();
        assert_eq!(one, r#"{"a":null,"b":[{"a":2,"z":1}]}"#);
        assert_eq!(one, two);
    }

    #[test]
    fn a_changed_past_changes_every_later_hash() {
        let first = link(Hash::ZERO, "1");
        let second = link(first, "2");
        assert_ne!(link(link(Hash::ZERO, "x"), "2"), second);
        assert_eq!(link(link(Hash::ZERO, "1"), "2"), second);
        assert_eq!(Hash::from_bytes(second.bytes()), Some(second));
    }
}
