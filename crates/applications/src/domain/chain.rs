//! The hash chain over the events of a case: nobody can change the past unseen.

use std::cell::Cell;
use std::ops::Range;
use std::{fmt, io};

use ring::digest;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::Formatter;

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
/// Written once as it comes, then the entries of each object are put in order within the text: building the value first
/// took a fifth of the time of a submission.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn canonical(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let at = Cell::new(0);
    let mut text = Counted { out: Vec::with_capacity(1024), at: &at };
    let mut spans = Spans { at: &at, objects: Vec::new(), open: Vec::new() };
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut text, &mut spans))?;
    let (text, mut objects) = (text.out, spans.objects);
    // Keys are compared as they are read: with an escape in one, or one that comes twice, the plain way is taken.
    let plain = objects.iter().flat_map(|object| &object.entries).all(|entry| !text[entry.key()].contains(&b'\\'));
    let mut once = true;
    for object in &mut objects {
        object.entries.sort_by(|a, b| text[a.key()].cmp(&text[b.key()]));
        once &= object.entries.windows(2).all(|two| text[two[0].key()] != text[two[1].key()]);
    }
    if !plain || !once {
        return by_value(value);
    }
    let mut out = Vec::with_capacity(text.len());
    in_order(&text, &objects, 0..text.len(), &mut out);
    String::from_utf8(out).map_err(serde::ser::Error::custom)
}

/// Copies a part of the text with the entries of its objects in their order.
fn in_order(text: &[u8], objects: &[Object], part: Range<usize>, out: &mut Vec<u8>) {
    let mut done = part.start;
    let mut next = objects.partition_point(|object| object.span.start < part.start);
    while let Some(object) = objects.get(next).filter(|object| object.span.start < part.end) {
        out.extend_from_slice(&text[done..object.span.start]);
        out.push(b'{');
        for (n, entry) in object.entries.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            in_order(text, objects, entry.span.clone(), out);
        }
        out.push(b'}');
        done = object.span.end;
        next += objects[next..].partition_point(|inner| inner.span.start < done);
    }
    out.extend_from_slice(&text[done..part.end]);
}

/// Counts what is written, so that [`Spans`] knows where it is.
struct Counted<'a> {
    out: Vec<u8>,
    at: &'a Cell<usize>,
}

impl io::Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.extend_from_slice(bytes);
        self.at.set(self.out.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An object in the text, from brace to brace.
struct Object {
    span: Range<usize>,
    entries: Vec<Entry>,
}

/// An entry, from the quote before its key to the end of its value.
struct Entry {
    span: Range<usize>,
    key_end: usize,
}

impl Entry {
    /// The key without its quotes.
    fn key(&self) -> Range<usize> {
        self.span.start + 1..self.key_end - 1
    }
}

/// Remembers where objects and their entries are, in the order of their beginnings.
struct Spans<'a> {
    at: &'a Cell<usize>,
    objects: Vec<Object>,
    open: Vec<usize>,
}

impl Spans<'_> {
    fn entry(&mut self) -> Option<&mut Entry> {
        self.objects.get_mut(*self.open.last()?)?.entries.last_mut()
    }
}

impl Formatter for &mut Spans<'_> {
    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.open.push(self.objects.len());
        self.objects.push(Object { span: self.at.get()..0, entries: Vec::new() });
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"}")?;
        if let Some(object) = self.open.pop().and_then(|open| self.objects.get_mut(open)) {
            object.span.end = self.at.get();
        }
        Ok(())
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        let at = self.at.get();
        if let Some(object) = self.open.last().and_then(|open| self.objects.get_mut(*open)) {
            object.entries.push(Entry { span: at..at, key_end: at });
        }
        Ok(())
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let at = self.at.get();
        if let Some(entry) = self.entry() {
            entry.key_end = at;
        }
        Ok(())
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        let at = self.at.get();
        if let Some(entry) = self.entry() {
            entry.span.end = at;
        }
        Ok(())
    }
}

/// [`canonical`] the plain way.
fn by_value(value: &impl Serialize) -> Result<String, serde_json::Error> {
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
    use kernel::rng::{Rng as _, SeededRng};
    use serde_json::json;

    #[test]
    fn the_order_of_keys_does_not_change_the_text() {
        let one = canonical(&json!({"b": [{"z": 1, "a": 2}], "a": null})).unwrap();
        let two = canonical(&json!({"a": null, "b": [{"a": 2, "z": 1}]})).unwrap();
        assert_eq!(one, r#"{"a":null,"b":[{"a":2,"z":1}]}"#);
        assert_eq!(one, two);
    }

    #[test]
    fn both_ways_write_the_same_text() {
        let keys = ["a", "b", "aa", "ж", "o‘", "\"q\"", "\\", "", "A", " ", "\u{1}"];
        let rng = SeededRng::new(7);
        let below = |n: usize| usize::try_from(rng.u64() % n as u64).unwrap();
        fn made(below: &dyn Fn(usize) -> usize, keys: &[&str], depth: usize) -> Value {
            match below(if depth > 4 { 5 } else { 8 }) {
                0 => Value::Null,
                1 => json!(below(2) == 0),
                2 => json!(below(usize::MAX)),
                3 => json!(-1.5 * below(1000) as f64),
                4 => json!(format!("{{\"{}\":1,}}[]", keys[below(keys.len())])),
                5 => Value::Array((0..below(4)).map(|_| made(below, keys, depth + 1)).collect()),
                _ => (0..below(6))
                    .map(|_| (keys[below(keys.len())].to_owned(), made(below, keys, depth + 1)))
                    .collect::<serde_json::Map<_, _>>()
                    .into(),
            }
        }
        let mut nested = 0;
        for _ in 0..5_000 {
            let value = made(&below, &keys, 0);
            let text = canonical(&value).unwrap();
            assert_eq!(text, by_value(&value).unwrap());
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
            nested += usize::from(text.matches('{').count() > 3);
        }
        assert!(nested > 300, "{nested}");
    }

    #[test]
    fn a_key_that_comes_twice_is_kept_once() {
        #[derive(Serialize)]
        struct Twice {
            a: u8,
            #[serde(flatten)]
            more: Value,
        }
        let twice = Twice { a: 1, more: json!({"a": 2}) };
        assert_eq!(canonical(&twice).unwrap(), by_value(&twice).unwrap());
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
