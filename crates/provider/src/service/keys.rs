//! Keys that sign: made, sealed, rotated, published.

use std::sync::{Arc, Mutex, PoisonError};

use contracts::Ctx;
use data_encoding::BASE64URL_NOPAD;
use kernel::clock::Timestamp;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use storage::{Batch, CommitError};

use super::{ProviderError, plus};
use crate::domain::jose::{self, Alg, PublicKey};
use crate::domain::rotation::{self, Key};
use crate::store::{self, KeyRow};

/// Seconds after which an instance looks at the keys again; far less than a key is published before it signs.
const LOOK_S: i64 = 60;

/// The first byte of a sealed key: AES-256-GCM, 12 bytes of nonce, ciphertext and tag; the key's id is authenticated with it.
const FORMAT: u8 = 1;

/// What an instance keeps between requests: the opened keys.
#[derive(Default)]
pub struct Memory {
    ring: Mutex<Option<Arc<Ring>>>,
}

/// The keys of an instance, opened.
pub struct Ring {
    keys: Vec<Opened>,
    read_at: Timestamp,
}

struct Opened {
    alg: Alg,
    rotation: Key,
    public: PublicKey,
    pair: Pair,
    /// The encoded header of ID tokens.
    id_header: String,
}

enum Pair {
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

fn sealing_key(ctx: &Ctx) -> Result<LessSafeKey, ProviderError> {
    let key = UnboundKey::new(&AES_256_GCM, &ctx.settings.key("provider.signing_keys"));
    Ok(LessSafeKey::new(key.map_err(|_| ProviderError::Key("sealing"))?))
}

fn seal(ctx: &Ctx, kid: &str, pkcs8: &[u8]) -> Result<Vec<u8>, ProviderError> {
    let mut nonce = [0_u8; NONCE_LEN];
    ctx.rng.fill(&mut nonce);
    let mut text = pkcs8.to_vec();
    sealing_key(ctx)?
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(kid.as_bytes()), &mut text)
        .map_err(|_| ProviderError::Key("sealing"))?;
    let mut sealed = Vec::with_capacity(1 + NONCE_LEN + text.len());
    sealed.push(FORMAT);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&text);
    Ok(sealed)
}

fn unseal(ctx: &Ctx, kid: &str, sealed: &[u8]) -> Result<Vec<u8>, ProviderError> {
    let wrong = || ProviderError::Key("it was sealed with another master key, or is damaged");
    let (format, rest) = sealed.split_first().ok_or_else(wrong)?;
    let (nonce, text) = rest.split_at_checked(NONCE_LEN).filter(|_| *format == FORMAT).ok_or_else(wrong)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
    let mut text = text.to_vec();
    let plain = sealing_key(ctx)?.open_in_place(nonce, Aad::from(kid.as_bytes()), &mut text).map_err(|_| wrong())?;
    Ok(plain.to_vec())
}

impl Pair {
    fn open(alg: Alg, pkcs8: &[u8]) -> Result<Self, ProviderError> {
        let wrong = |_| ProviderError::Key("not a key of its algorithm");
        match alg {
            Alg::Es256 => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new());
                pair.map(Pair::Es256).map_err(wrong)
            }
            Alg::EdDsa => Ed25519KeyPair::from_pkcs8(pkcs8).map(Pair::EdDsa).map_err(wrong),
        }
    }

    fn public(&self) -> PublicKey {
        match self {
            Pair::Es256(pair) => PublicKey::from_raw(Alg::Es256, pair.public_key().as_ref()),
            Pair::EdDsa(pair) => PublicKey::from_raw(Alg::EdDsa, pair.public_key().as_ref()),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ProviderError> {
        match self {
            Pair::Es256(pair) => {
                let signature = pair.sign(&SystemRandom::new(), message);
                Ok(signature.map_err(|_| ProviderError::Key("signing failed"))?.as_ref().to_vec())
            }
            Pair::EdDsa(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        }
    }
}

/// A new key, sealed.
fn make(ctx: &Ctx, alg: Alg, key: Key) -> Result<KeyRow, ProviderError> {
    let random = SystemRandom::new();
    let made = match alg {
        Alg::Es256 => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random),
        Alg::EdDsa => Ed25519KeyPair::generate_pkcs8(&random),
    };
    let pkcs8 = made.map_err(|_| ProviderError::Key("no randomness for a new key"))?;
    let public = Pair::open(alg, pkcs8.as_ref())?.public();
    let kid = public.thumbprint();
    Ok(KeyRow {
        alg: alg.name().to_owned(),
        generation: key.generation,
        sealed: seal(ctx, &kid, pkcs8.as_ref())?,
        public_jwk: public.jwk(),
        kid,
        starts_at: key.starts_at,
    })
}

/// Makes the keys that are due and forgets those that are over. Several instances may do this at once.
///
/// # Errors
/// When the database fails or there is no randomness.
pub async fn rotate(ctx: &Ctx) -> Result<(), ProviderError> {
    for alg in Alg::ALL {
        let rows = store::keys(&ctx.db).await?;
        let keys: Vec<Key> = rows
            .iter()
            .filter(|row| row.alg == alg.name())
            .map(|row| Key { generation: row.generation, starts_at: row.starts_at })
            .collect();
        let plan = rotation::plan(&keys, ctx.now());
        let mut batch = Batch::system();
        if let Some(key) = plan.make {
            store::insert_key(&mut batch, &make(ctx, alg, key)?, ctx.now());
        }
        for generation in plan.forget {
            store::forget_key(&mut batch, alg.name(), generation);
        }
        if batch.is_empty() {
            continue;
        }
        match ctx.db.commit(batch).await {
            // Another instance has made it.
            Ok(()) | Err(CommitError::Unique(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn load(ctx: &Ctx) -> Result<Ring, ProviderError> {
    let mut rows = store::keys(&ctx.db).await?;
    if Alg::ALL.iter().any(|alg| !rows.iter().any(|row| row.alg == alg.name())) {
        rotate(ctx).await?;
        rows = store::keys(&ctx.db).await?;
    }
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(alg) = Alg::parse(&row.alg) else { continue };
        let pair = Pair::open(alg, &unseal(ctx, &row.kid, &row.sealed)?)?;
        let mut public = pair.public();
        let header = json!({ "alg": alg.name(), "kid": row.kid, "typ": "JWT" });
        public.kid = Some(row.kid);
        keys.push(Opened {
            alg,
            rotation: Key { generation: row.generation, starts_at: row.starts_at },
            public,
            pair,
            id_header: BASE64URL_NOPAD.encode(header.to_string().as_bytes()),
        });
    }
    Ok(Ring { keys, read_at: ctx.now() })
}

impl Memory {
    /// The keys, read again every minute.
    ///
    /// # Errors
    /// When the database fails, or a key cannot be opened.
    pub async fn ring(&self, ctx: &Ctx) -> Result<Arc<Ring>, ProviderError> {
        let known = self.ring.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(ring) = known.filter(|ring| ctx.now() < plus(ring.read_at, LOOK_S)) {
            return Ok(ring);
        }
        let ring = Arc::new(load(ctx).await?);
        *self.ring.lock().unwrap_or_else(PoisonError::into_inner) = Some(ring.clone());
        Ok(ring)
    }
}

impl Ring {
    fn signing(&self, alg: Alg, now: Timestamp) -> Result<&Opened, ProviderError> {
        let keys: Vec<Key> = self.keys.iter().filter(|key| key.alg == alg).map(|key| key.rotation).collect();
        let chosen = rotation::signing(&keys, now).ok_or(ProviderError::Key("no key has begun"))?;
        self.keys.iter().find(|key| key.alg == alg && key.rotation == chosen).ok_or(ProviderError::Key("lost"))
    }

    /// Signs claims as an ID token.
    ///
    /// # Errors
    /// When there is no key of the algorithm.
    pub fn sign(&self, alg: Alg, claims: &Value, now: Timestamp) -> Result<String, ProviderError> {
        let key = self.signing(alg, now)?;
        let mut token = String::with_capacity(800);
        token.push_str(&key.id_header);
        token.push('.');
        BASE64URL_NOPAD.encode_append(claims.to_string().as_bytes(), &mut token);
        let signature = key.pair.sign(token.as_bytes())?;
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        Ok(token)
    }

    /// Signs claims with a type of its own in the header.
    ///
    /// # Errors
    /// When there is no key of the algorithm.
    pub fn sign_typed(&self, alg: Alg, typ: &str, claims: &Value, now: Timestamp) -> Result<String, ProviderError> {
        let key = self.signing(alg, now)?;
        let header = json!({ "alg": alg.name(), "kid": key.public.kid, "typ": typ });
        let input = jose::signing_input(&header, claims);
        let signature = key.pair.sign(input.as_bytes())?;
        Ok(format!("{input}.{}", BASE64URL_NOPAD.encode(&signature)))
    }

    /// The public keys that tokens of ours may be signed by.
    pub fn public(&self) -> impl Iterator<Item = &PublicKey> {
        self.keys.iter().map(|key| &key.public)
    }

    /// The JSON Web Key Set: what is used, what comes next, and what was used last.
    pub fn jwks(&self) -> Value {
        let keys: Vec<Value> = self
            .keys
            .iter()
            .map(|key| {
                let mut jwk = key.public.jwk();
                jwk["kid"] = json!(key.public.kid);
                jwk["use"] = json!("sig");
                jwk["alg"] = json!(key.alg.name());
                jwk
            })
            .collect();
        json!({ "keys": keys })
    }
}
