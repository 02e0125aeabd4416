//! Secrets at rest: AES-256-GCM with a key of the installation that can be exchanged while it runs.
//!
//! `identity.secrets.key` is the key in use, 64 hexadecimal digits (a file or the environment, as every setting);
//! `identity.secrets.old` are earlier ones, separated by commas, which open but do not close. Without them the key is
//! derived from the master key. A text begins with the name of its key, so that what still lies under an old
//! one is found and closed anew (`identity.reseal`).

use contracts::{Ctx, Settings};
use data_encoding::{BASE64_NOPAD, HEXLOWER_PERMISSIVE};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest;

use super::IdentityError;

struct Key {
    name: String,
    bytes: [u8; 32],
}

impl Key {
    fn new(bytes: [u8; 32]) -> Self {
        let hash = digest::digest(&digest::SHA256, &bytes);
        let name = hash.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Self { name, bytes }
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok()?;
        Some(Self::new(bytes.try_into().ok()?))
    }
}

/// The key in use and those that only open. A key that cannot be read is an error: nothing is closed with another one quietly.
fn keys(settings: &Settings) -> Result<(Key, Vec<Key>), IdentityError> {
    let broken = || IdentityError::Broken("identity.secrets: a key has 64 hexadecimal digits".to_owned());
    let derived = Key::new(settings.key("identity.secrets"));
    let mut old = Vec::new();
    for text in
        settings.get("identity.secrets.old").unwrap_or_default().split(',').filter(|text| !text.trim().is_empty())
    {
        old.push(Key::read(text).ok_or_else(broken)?);
    }
    match settings.get("identity.secrets.key") {
        Some(text) => {
            old.push(derived);
            Ok((Key::read(text).ok_or_else(broken)?, old))
        }
        None => Ok((derived, old)),
    }
}

fn cipher(key: &Key) -> Result<LessSafeKey, IdentityError> {
    let key = UnboundKey::new(&AES_256_GCM, &key.bytes).map_err(|_| IdentityError::Broken("key".to_owned()))?;
    Ok(LessSafeKey::new(key))
}

/// Closes a secret; `about` says whose it is, and it opens under the same words only.
pub(crate) fn seal(ctx: &Ctx, about: &str, secret: &[u8]) -> Result<String, IdentityError> {
    let (key, _) = keys(&ctx.settings)?;
    let mut nonce = [0; NONCE_LEN];
    ctx.rng.fill(&mut nonce);
    let mut sealed = secret.to_vec();
    cipher(&key)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about.as_bytes()), &mut sealed)
        .map_err(|_| IdentityError::Broken("sealing".to_owned()))?;
    Ok(format!("{}.{}.{}", key.name, BASE64_NOPAD.encode(&nonce), BASE64_NOPAD.encode(&sealed)))
}

/// Opens what [`seal`] closed.
pub(crate) fn open(ctx: &Ctx, about: &str, text: &str) -> Result<Vec<u8>, IdentityError> {
    let broken = || IdentityError::Broken("a sealed secret does not open".to_owned());
    let (key, old) = keys(&ctx.settings)?;
    let mut parts = text.split('.');
    let (Some(name), Some(nonce), Some(sealed), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(broken());
    };
    let key = std::iter::once(&key).chain(&old).find(|key| key.name == name).ok_or_else(broken)?;
    let nonce: [u8; NONCE_LEN] =
        BASE64_NOPAD.decode(nonce.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(broken)?;
    let mut sealed = BASE64_NOPAD.decode(sealed.as_bytes()).map_err(|_| broken())?;
    let opened = cipher(key)?
        .open_in_place(Nonce::assume_unique_for_key(nonce), Aad::from(about.as_bytes()), &mut sealed)
        .map_err(|_| broken())?;
    Ok(opened.to_vec())
}

/// The name of the key in use: what sealed texts of today begin with.
pub(crate) fn key_in_use(ctx: &Ctx) -> Result<String, IdentityError> {
    Ok(keys(&ctx.settings)?.0.name)
}
