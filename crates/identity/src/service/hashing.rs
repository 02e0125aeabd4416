//! Argon2id: 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
//!
//! The memory of a hashing is borrowed from few buffers that live as long as the program. Measured: with a fresh
//! 19 MiB for each hashing the allocator kept up to three of them for every thread that had ever hashed, 500 MB in all.

use std::sync::{LazyLock, Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use data_encoding::BASE64_NOPAD;
use kernel::rng::Rng;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use super::IdentityError;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const SALT: usize = 16;
const OUTPUT: usize = 32;

/// How many hashings run at once: half of the cores, so that a rush of sign-ins leaves the other half to the pages.
/// Each takes some 20 ms of a core and one buffer.
static HASHERS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(at_once()));
static BUFFERS: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

fn at_once() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
}

/// A stored hash: the parameters are part of it, so that they can grow later.
struct Stored {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: Vec<u8>,
    output: Vec<u8>,
}

impl Stored {
    /// Reads `$argon2id$v=19$m=…,t=…,p=…$salt$output` (the PHC string format).
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
        let mut numbers = [0; 3];
        for (number, (name, text)) in
            numbers.iter_mut().zip(["m=", "t=", "p="].into_iter().zip(parts.next()?.split(',')))
        {
            *number = text.strip_prefix(name)?.parse().ok()?;
        }
        let salt = BASE64_NOPAD.decode(parts.next()?.as_bytes()).ok()?;
        let output = BASE64_NOPAD.decode(parts.next()?.as_bytes()).ok()?;
        if parts.next().is_some() || output.len() < 16 {
            return None;
        }
        let [memory_kib, passes, lanes] = numbers;
        Some(Self { memory_kib, passes, lanes, salt, output })
    }
}

impl std::fmt::Display for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (salt, output) = (BASE64_NOPAD.encode(&self.salt), BASE64_NOPAD.encode(&self.output));
        write!(f, "$argon2id$v=19$m={},t={},p={}${salt}${output}", self.memory_kib, self.passes, self.lanes)
    }
}

/// Hashes a password with a fresh salt.
pub(crate) async fn hash(rng: &dyn Rng, password: &str) -> Result<String, IdentityError> {
    let mut stored =
        Stored { memory_kib: MEMORY_KIB, passes: PASSES, lanes: 1, salt: vec![0; SALT], output: vec![0; OUTPUT] };
    rng.fill(&mut stored.salt);
    let password = password.to_owned();
    blocking(move || {
        stored.output = derive(&password, &stored)?;
        Ok(stored.to_string())
    })
    .await
}

/// Whether the password fits the hash. Without a hash the same work is done for nothing, so that an unknown account
/// takes as long as a known one, and the answer is no.
pub(crate) async fn verify(password: &str, hash: Option<&str>) -> Result<bool, IdentityError> {
    let known = hash.is_some();
    let stored = match hash {
        Some(text) => Stored::parse(text).ok_or_else(|| IdentityError::Hashing("not an Argon2id hash".to_owned()))?,
        None => {
            Stored { memory_kib: MEMORY_KIB, passes: PASSES, lanes: 1, salt: vec![0; SALT], output: vec![0; OUTPUT] }
        }
    };
    let password = password.to_owned();
    let fits = blocking(move || Ok(bool::from(derive(&password, &stored)?.ct_eq(&stored.output)))).await?;
    Ok(fits && known)
}

/// The output for a password with the parameters and salt of `stored`.
fn derive(password: &str, stored: &Stored) -> Result<Vec<u8>, IdentityError> {
    let failed = |error: argon2::Error| IdentityError::Hashing(error.to_string());
    let params =
        Params::new(stored.memory_kib, stored.passes, stored.lanes, Some(stored.output.len())).map_err(failed)?;
    let blocks = params.block_count();
    let mut buffer = BUFFERS.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
    buffer.resize(blocks.max(buffer.len()), Block::new());
    let mut output = vec![0; stored.output.len()];
    let done = Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into_with_memory(
        password.as_bytes(),
        &stored.salt,
        &mut output,
        &mut buffer[..blocks],
    );
    BUFFERS.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
    done.map_err(failed)?;
    Ok(output)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IdentityError> + Send + 'static,
) -> Result<T, IdentityError> {
    let failed = |error: &dyn std::error::Error| IdentityError::Hashing(error.to_string());
    let permit = HASHERS.acquire().await.map_err(|error| failed(&error))?;
    tokio::task::spawn_blocking(move || {
        // Held here, so that a request that is given up does not let one too many begin beside its own.
        let _permit = permit;
        work()
    })
    .await
    .map_err(|error| failed(&error))?
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordVerifier;
    use argon2::password_hash::phc::PasswordHash;
    use kernel::rng::SeededRng;

    use super::*;

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let hash = hash(&SeededRng::new(1), "yashil choynak").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("yashil choynak", Some(&hash)).await.unwrap());
        assert!(!verify("yashil piyola", Some(&hash)).await.unwrap());
        assert!(!verify("yashil choynak", None).await.unwrap());
        // The library's own reader agrees, and a used buffer changes nothing.
        let parsed = PasswordHash::new(&hash).unwrap();
        assert!(Argon2::default().verify_password(b"yashil choynak", &parsed).is_ok());
    }

    #[tokio::test]
    async fn a_broken_hash_is_an_error_and_not_a_refusal() {
        for broken in ["", "$argon2i$v=19$m=1,t=1,p=1$AA$AA", "$argon2id$v=19$m=x,t=2,p=1$AAAA$AAAA", "plain"] {
            assert!(verify("x", Some(broken)).await.is_err(), "{broken}");
        }
    }

    #[tokio::test]
    async fn many_at_once_use_few_buffers() {
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..12 {
            tasks.spawn(async move { hash(&SeededRng::new(n), "yashil choynak").await.unwrap() });
        }
        assert_eq!(tasks.join_all().await.len(), 12);
        assert!(BUFFERS.lock().unwrap().len() <= at_once());
    }
}
