//! Randomness as an argument, so that tests are repeatable.

use std::cell::RefCell;
use std::sync::Mutex;

/// A source of random bytes.
pub trait Rng: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);

    /// A number, each equally likely.
    fn u64(&self) -> u64 {
        let mut bytes = [0u8; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    /// `bytes` random bytes as base64url without padding: session tokens, codes in addresses.
    fn token(&self, bytes: usize) -> String {
        let mut buffer = vec![0u8; bytes];
        self.fill(&mut buffer);
        data_encoding::BASE64URL_NOPAD.encode(&buffer)
    }

    /// `n` decimal digits, each equally likely: one-time codes.
    fn digits(&self, n: usize) -> String {
        let mut out = String::with_capacity(n);
        while out.len() < n {
            let mut byte = [0u8; 1];
            self.fill(&mut byte);
            // 250 is the largest multiple of ten in a byte: what lies above would favour low digits.
            if byte[0] < 250 {
                out.push(char::from(b'0' + byte[0] % 10));
            }
        }
        out
    }
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRng;

/// Bytes fetched from the operating system at once: its call costs more than the bytes.
const FETCHED: usize = 512;

thread_local! {
    /// What was fetched and how much of it is used up. Used bytes are wiped.
    static STOCK: RefCell<([u8; FETCHED], usize)> = const { RefCell::new(([0; FETCHED], FETCHED)) };
}

impl Rng for SystemRng {
    fn fill(&self, buffer: &mut [u8]) {
        if buffer.len() > FETCHED / 8 {
            fetch(buffer);
            return;
        }
        STOCK.with_borrow_mut(|(stock, used)| {
            if FETCHED - *used < buffer.len() {
                fetch(stock);
                *used = 0;
            }
            let taken = &mut stock[*used..*used + buffer.len()];
            buffer.copy_from_slice(taken);
            taken.fill(0);
            *used += buffer.len();
        });
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's randomness")]
fn fetch(buffer: &mut [u8]) {
    if let Err(error) = getrandom::fill(buffer) {
        // Going on with predictable tokens would be worse than stopping.
        panic!("the operating system gives no randomness: {error}");
    }
}

/// The same sequence for the same seed (SplitMix64): for tests and demo data, never for secrets.
#[derive(Debug)]
pub struct SeededRng(Mutex<u64>);

impl SeededRng {
    /// A generator for the seed.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Rng for SeededRng {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for chunk in buffer.chunks_mut(8) {
            *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = *state;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_sequence() {
        let (a, b) = (SeededRng::new(42), SeededRng::new(42));
        assert_eq!(a.token(32), b.token(32));
        assert_eq!(a.digits(6), b.digits(6));
        assert_ne!(a.u64(), SeededRng::new(43).u64());
    }

    #[test]
    fn tokens_and_digits_have_the_asked_length() {
        let rng = SystemRng;
        assert_eq!(rng.token(32).len(), 43);
        let code = rng.digits(6);
        assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
        assert_ne!(rng.token(32), rng.token(32));
    }

    #[test]
    fn no_bytes_are_given_twice_and_what_was_given_is_wiped() {
        let mut seen = std::collections::HashSet::new();
        // More than a few stocks, in pieces that do not divide one.
        for n in 0..1000 {
            let mut bytes = vec![0u8; 13 + n % 30];
            SystemRng.fill(&mut bytes);
            assert!(seen.insert(bytes[..13].to_vec()), "given twice");
        }
        STOCK.with_borrow(|(stock, used)| assert!(stock[..*used].iter().all(|byte| *byte == 0)));
        let mut large = vec![0u8; 4096];
        SystemRng.fill(&mut large);
        assert!(large.chunks(8).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    }
}
