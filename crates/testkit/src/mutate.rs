//! Bad input out of good: repeatable, seeded.

use kernel::rng::Rng;

/// Longest input, bytes: readers limit their input before; longer ones only take time.
pub const MAX_INPUT: usize = 16 * 1024;

/// What readers trip over: signs of our formats, ends of ranges, odd characters, broken UTF-8.
const WORDS: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r\n",
    b" ",
    b"'",
    b"\"",
    b"\\",
    b"-",
    b"+",
    b"&",
    b"=",
    b";",
    b":",
    b".",
    b"(",
    b")",
    b"[",
    b"]",
    b"{",
    b"}",
    b",",
    b"%",
    b"%00",
    b"%FF",
    b"%D0",
    b"0",
    b"-1",
    b"998",
    b"+998",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"9223372036854775808",
    b"1e400",
    b"0.0000000000000000000000000001",
    b"79228162514264337593543950335",
    b"9999-12-31",
    b"-009999-01-01",
    b"0000-00-00",
    b"2024-02-29",
    b"null",
    b"true",
    b"~",
    b"!!str",
    b"&a",
    b"*a",
    b"<<:",
    b"|",
    b"- ",
    "‘".as_bytes(),
    "’".as_bytes(),
    "ş".as_bytes(),
    "İ".as_bytes(),
    "ß".as_bytes(),
    "٣".as_bytes(),
    "𝟗".as_bytes(),
    "Ы".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{301}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{10ffff}".as_bytes(),
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xd0",
];

/// A number below `below`, which is not 0.
fn pick(rng: &dyn Rng, below: usize) -> usize {
    usize::try_from(rng.u64() % below.max(1) as u64).unwrap_or(0)
}

/// Input that owes nothing to a seed: bytes, printable characters, or words from the list above.
pub fn noise(rng: &dyn Rng) -> Vec<u8> {
    let length = pick(rng, 200);
    match pick(rng, 3) {
        0 => {
            let mut bytes = vec![0; length];
            rng.fill(&mut bytes);
            bytes
        }
        1 => (0..length).map(|_| b' ' + u8::try_from(pick(rng, 95)).unwrap_or(0)).collect(),
        _ => (0..length / 8).flat_map(|_| WORDS[pick(rng, WORDS.len())].to_vec()).collect(),
    }
}

/// A seed, changed in one to six places: bits flipped, bytes or pieces taken out, doubled, put elsewhere or exchanged for
/// a piece of another seed, words put in, the end cut off.
pub fn mutated(seeds: &[Vec<u8>], rng: &dyn Rng) -> Vec<u8> {
    if seeds.is_empty() {
        return noise(rng);
    }
    let mut out = seeds[pick(rng, seeds.len())].clone();
    for _ in 0..=pick(rng, 6) {
        let at = pick(rng, out.len() + 1);
        let end = (at + pick(rng, 24)).min(out.len());
        match pick(rng, 9) {
            0 if at < out.len() => out[at] ^= 1 << pick(rng, 8),
            1 => drop(out.drain(at..end)),
            2 => {
                let piece = out[at..end].to_vec();
                out.splice(at..at, piece);
            }
            3 | 4 => drop(out.splice(at..at, WORDS[pick(rng, WORDS.len())].iter().copied())),
            5 => drop(out.splice(at..end, WORDS[pick(rng, WORDS.len())].iter().copied())),
            6 => {
                let other = &seeds[pick(rng, seeds.len())];
                let from = pick(rng, other.len() + 1);
                let to = (from + pick(rng, 64)).min(other.len());
                out.splice(at..end, other[from..to].iter().copied());
            }
            7 => {
                // Very deep or very long: the same piece many times.
                let piece = out[at..end.min(at + 4)].to_vec();
                let times = pick(rng, 300);
                out.splice(at..at, piece.repeat(times));
            }
            _ if pick(rng, 4) == 0 => out.truncate(at),
            _ => {}
        }
    }
    out.truncate(MAX_INPUT);
    out
}
