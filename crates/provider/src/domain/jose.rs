//! JSON Web Signatures and keys, as far as the provider needs them: compact form, ES256 and EdDSA, nothing else.
//!
//! Absent on purpose: `none`, HMAC, RSA, encryption, `jku`, `x5u`, `crit`.

use data_encoding::BASE64URL_NOPAD;
use ring::digest;
use ring::signature::{ECDSA_P256_SHA256_FIXED, ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Algorithms of signatures. Source: RFC 7518 §3.4; RFC 8037 §3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Alg {
    #[serde(rename = "ES256")]
    Es256,
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl Alg {
    pub const ALL: [Alg; 2] = [Alg::Es256, Alg::EdDsa];

    /// As in headers.
    pub fn name(self) -> &'static str {
        match self {
            Alg::Es256 => "ES256",
            Alg::EdDsa => "EdDSA",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.name() == text)
    }
}

/// A public key of one algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    pub alg: Alg,
    pub kid: Option<String>,
    /// Uncompressed point, or 32 bytes of Ed25519.
    bytes: Vec<u8>,
}

impl PublicKey {
    /// From the raw bytes that the signing library gives.
    pub fn from_raw(alg: Alg, bytes: &[u8]) -> Self {
        Self { alg, kid: None, bytes: bytes.to_vec() }
    }

    /// Reads a JSON Web Key; `None` for another kind of key, for one with a private part and for one meant for something else.
    ///
    /// Rule: SSO-JWK.
    /// Source: RFC 7517 §4; RFC 7518 §6.2; RFC 8037 §2.
    pub fn parse(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk[name].as_str();
        if jwk.get("d").is_some() || jwk.get("k").is_some() || text("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        let part = |name: &str| BASE64URL_NOPAD.decode(text(name)?.as_bytes()).ok().filter(|bytes| bytes.len() == 32);
        let (alg, bytes) = match (text("kty")?, text("crv")?) {
            ("EC", "P-256") => {
                let mut point = vec![4];
                point.extend(part("x")?);
                point.extend(part("y")?);
                (Alg::Es256, point)
            }
            ("OKP", "Ed25519") => (Alg::EdDsa, part("x")?),
            _ => return None,
        };
        if text("alg").is_some_and(|named| named != alg.name() && !(alg == Alg::EdDsa && named == "Ed25519")) {
            return None;
        }
        Some(Self { alg, kid: text("kid").map(str::to_owned), bytes })
    }

    /// The key as a JSON Web Key, without its use.
    pub fn jwk(&self) -> Value {
        let part = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
        match self.alg {
            Alg::Es256 => {
                let (x, y) = self.bytes.get(1..).map(|point| point.split_at(point.len() / 2)).unwrap_or_default();
                json!({ "kty": "EC", "crv": "P-256", "x": part(x), "y": part(y) })
            }
            Alg::EdDsa => json!({ "kty": "OKP", "crv": "Ed25519", "x": part(&self.bytes) }),
        }
    }

    /// The thumbprint of the key. Source: RFC 7638 §3 (members in lexicographic order, no white space).
    pub fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let text = match self.alg {
            Alg::Es256 => format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, jwk["x"], jwk["y"]),
            Alg::EdDsa => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":{}}}"#, jwk["x"]),
        };
        BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self.alg {
            Alg::Es256 => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &self.bytes).verify(message, signature).is_ok()
            }
            Alg::EdDsa => UnparsedPublicKey::new(&ED25519, &self.bytes).verify(message, signature).is_ok(),
        }
    }
}

/// The keys of a set that we can use.
pub fn key_set(jwks: &Value) -> Vec<PublicKey> {
    jwks["keys"].as_array().into_iter().flatten().take(20).filter_map(PublicKey::parse).collect()
}

/// A signed object taken apart; nothing of it is believed yet.
#[derive(Clone, Debug)]
pub struct Unverified<'a> {
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

/// Takes a compact JWS apart.
pub fn parse(token: &str) -> Option<Unverified<'_>> {
    if token.len() > 16_384 {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    if claims.contains('.') {
        return None;
    }
    let object = |part: &str| -> Option<Map<String, Value>> {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).ok()?).ok()
    };
    Some(Unverified {
        header: object(header)?,
        claims: object(claims)?,
        signed,
        signature: BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?,
    })
}

impl Unverified<'_> {
    /// Whether one of the keys signed it. The key decides the algorithm; what the header says must agree.
    ///
    /// Rule: SSO-JWS.
    /// Source: RFC 8725 §3.1, §3.2 (no `none`, no confusion of algorithms), §3.12 (`crit` that is not understood is refused).
    pub fn verified_by<'k>(&self, keys: impl IntoIterator<Item = &'k PublicKey>) -> Option<&'k PublicKey> {
        if self.header.contains_key("crit") || self.header.contains_key("b64") {
            return None;
        }
        let alg = Alg::parse(self.header.get("alg")?.as_str()?)?;
        let kid = self.header.get("kid").and_then(Value::as_str);
        keys.into_iter()
            .filter(|key| key.alg == alg)
            .filter(|key| kid.is_none() || key.kid.is_none() || key.kid.as_deref() == kid)
            .find(|key| key.verify(self.signed.as_bytes(), &self.signature))
    }

    pub fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    /// A moment in seconds.
    pub fn seconds(&self, claim: &str) -> Option<i64> {
        let value = self.claims.get(claim)?;
        value.as_i64().or_else(|| value.as_f64().filter(|n| n.is_finite()).map(|n| n as i64))
    }

    /// Whether `aud` names one of these.
    pub fn is_for(&self, audiences: &[&str]) -> bool {
        match self.claims.get("aud") {
            Some(Value::String(one)) => audiences.contains(&one.as_str()),
            Some(Value::Array(many)) => many.iter().any(|one| one.as_str().is_some_and(|one| audiences.contains(&one))),
            _ => false,
        }
    }
}

/// Header and claims as they are signed.
pub fn signing_input(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    format!("{}.{}", part(header), part(claims))
}

/// The left half of a hash of a token: `at_hash`.
///
/// Rule: SSO-AT-HASH.
/// Source: OpenID Connect Core 1.0 §3.1.3.6 (hash of the algorithm of the signature; SHA-512 for Ed25519).
pub fn half_hash(alg: Alg, token: &str) -> String {
    let hash = match alg {
        Alg::Es256 => digest::digest(&digest::SHA256, token.as_bytes()),
        Alg::EdDsa => digest::digest(&digest::SHA512, token.as_bytes()),
    };
    let bytes = hash.as_ref();
    BASE64URL_NOPAD.encode(&bytes[..bytes.len() / 2])
}

/// The challenge of a verifier. Source: RFC 7636 §4.2 (S256).
pub fn challenge(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_standards_example() {
        // RFC 7636, appendix B.
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn the_thumbprint_is_that_of_the_standards_example() {
        // RFC 8037, appendix A.3.
        let key = PublicKey::parse(&json!({
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        }))
        .unwrap();
        assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn a_signature_is_that_of_the_standards_example_and_nothing_else_passes() {
        // RFC 8037, appendix A.4.
        let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let key = PublicKey::parse(&json!({
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
        }))
        .unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        assert!(key.verify(signed.as_bytes(), &BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap()));
        assert!(!key.verify(b"other", &BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap()));
        assert!(parse(token).is_none(), "the payload is not an object");
    }

    #[test]
    fn keys_with_a_private_part_or_of_another_kind_are_not_taken() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        for jwk in [
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "d": x}),
            json!({"kty": "oct", "k": x}),
            json!({"kty": "RSA", "n": x, "e": "AQAB"}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "use": "enc"}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "alg": "ES256"}),
            json!({"kty": "OKP", "crv": "X25519", "x": x}),
            json!({"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
            json!(null),
        ] {
            assert_eq!(PublicKey::parse(&jwk), None, "{jwk}");
        }
    }
}
