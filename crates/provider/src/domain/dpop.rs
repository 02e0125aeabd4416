//! Proofs of possession: a token that only the holder of a key can use.

use data_encoding::BASE64URL_NOPAD;
use kernel::clock::Timestamp;
use ring::digest;

use super::error::{Code, Refusal};
use super::jose::{self, PublicKey};

/// How far the clocks of client and provider may differ, in seconds.
pub const LEEWAY_S: i64 = 60;
/// How long a proof is taken, in seconds.
pub const AGE_S: i64 = 300;

/// What a proof proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Thumbprint of the key.
    pub jkt: String,
    /// Its id: may come once.
    pub jti: String,
}

/// What a proof must be about.
pub struct About<'a> {
    pub method: &'a str,
    /// Address without query.
    pub uri: &'a str,
    /// The access token that comes with it.
    pub token: Option<&'a str>,
    pub now: Timestamp,
}

/// Judges a proof; whether its id came before is the caller's look into the store.
///
/// Rule: SSO-DPOP.
/// Source: RFC 9449 §4.2, §4.3 (typ, alg, jwk, htm, htu, iat, jti), §7.1 (ath), §11.1 (age).
pub fn judge(proof: &str, about: &About<'_>) -> Result<Proof, Refusal> {
    let refuse = |description| Refusal::new(Code::InvalidDpopProof, description);
    let parsed = jose::parse(proof).ok_or(refuse("the proof is not a signed object"))?;
    if parsed.header.get("typ").and_then(|typ| typ.as_str()) != Some("dpop+jwt") {
        return Err(refuse("typ must be dpop+jwt"));
    }
    let key = parsed
        .header
        .get("jwk")
        .and_then(PublicKey::parse)
        .ok_or(refuse("jwk must be a public P-256 or Ed25519 key"))?;
    if parsed.verified_by([&key]).is_none() {
        return Err(refuse("the signature does not fit"));
    }
    if parsed.text("htm") != Some(about.method) {
        return Err(refuse("htm is another method"));
    }
    let htu = parsed.text("htu").unwrap_or_default();
    if htu.split(['?', '#']).next() != Some(about.uri) {
        return Err(refuse("htu is another address"));
    }
    let age = about.now.as_second() - parsed.seconds("iat").unwrap_or_default();
    if !(-LEEWAY_S..=AGE_S).contains(&age) {
        return Err(refuse("iat is too old or lies ahead"));
    }
    let jti = parsed.text("jti").filter(|jti| (1..=200).contains(&jti.len())).ok_or(refuse("jti is missing"))?;
    if let Some(token) = about.token {
        let ath = BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        if parsed.text("ath") != Some(ath.as_str()) {
            return Err(refuse("ath is of another token"));
        }
    }
    Ok(Proof { jkt: key.thumbprint(), jti: jti.to_owned() })
}
