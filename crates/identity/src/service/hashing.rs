//! Argon2id: 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::rng::Rng;
use tokio::sync::Semaphore;

use super::IdentityError;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Each hashing takes 19 MiB and some 20 ms of a core: more at once would only wait for each other and eat memory.
static HASHERS: Semaphore = Semaphore::const_new(2);

/// A well-formed hash that belongs to no password: unknown accounts take as long as known ones.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn argon2() -> Result<Argon2<'static>, IdentityError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| IdentityError::Hashing(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Hashes a password with a fresh salt; the text holds the parameters, so that they can grow later.
pub(crate) async fn hash(rng: &dyn Rng, password: &str) -> Result<String, IdentityError> {
    let mut salt = [0; 16];
    rng.fill(&mut salt);
    let password = password.to_owned();
    blocking(move || {
        let hash: PasswordHash = argon2()?
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(|error| IdentityError::Hashing(error.to_string()))?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether the password fits the hash; without a hash it takes as long and says no.
pub(crate) async fn verify(password: &str, hash: Option<&str>) -> Result<bool, IdentityError> {
    let known = hash.is_some();
    let hash = hash.unwrap_or(NOBODY).to_owned();
    let password = password.to_owned();
    let fits = blocking(move || {
        let hash = PasswordHash::new(&hash).map_err(|error| IdentityError::Hashing(error.to_string()))?;
        Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await?;
    Ok(fits && known)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IdentityError> + Send + 'static,
) -> Result<T, IdentityError> {
    let _permit = HASHERS.acquire().await.map_err(|error| IdentityError::Hashing(error.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| IdentityError::Hashing(error.to_string()))?
}

#[cfg(test)]
mod tests {
    use kernel::rng::SeededRng;

    use super::*;

    #[tokio::test]
    async fn a_hash_fits_its_password_only() {
        let hash = hash(&SeededRng::new(1), "yashil choynak").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("yashil choynak", Some(&hash)).await.unwrap());
        assert!(!verify("yashil piyola", Some(&hash)).await.unwrap());
        assert!(!verify("yashil choynak", None).await.unwrap());
    }
}
