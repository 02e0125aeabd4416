//! Names of a person and of a session that a client gets.

use data_encoding::BASE64URL_NOPAD;
use kernel::id::{SessionId, SubjectId};
use ring::hmac;

use super::client::{Client, SubjectType};

/// The `sub` of a person for a client: a keyed hash, the same for all clients of a sector and different for each sector
/// (`pairwise`), or the same for everybody who may have it (`public`). Never an id of our own tables.
///
/// Rule: SSO-SUB.
/// Source: OpenID Connect Core 1.0 §8 and §8.1 (pairwise identifier: not reversible, deterministic by sector).
pub fn sub(key: &[u8; 32], client: &Client, subject: SubjectId) -> String {
    let sector = match client.subject_type {
        SubjectType::Public => "public",
        SubjectType::Pairwise => client.sector(),
    };
    keyed(key, &["sub", sector, &subject.to_string()])
}

/// The `sid` of a session for a client: its own for each client, so that two of them cannot find out that they serve the same person.
///
/// Rule: SSO-SID.
/// Source: OpenID Connect Back-Channel Logout 1.0 §2.1 (unique within the issuer); RFC 6973 §6.1 (no correlation beyond need).
pub fn sid(key: &[u8; 32], client: &Client, session: SessionId) -> String {
    keyed(key, &["sid", &client.id, &session.to_string()])
}

fn keyed(key: &[u8; 32], parts: &[&str]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut context = hmac::Context::with_key(&key);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    BASE64URL_NOPAD.encode(context.sign().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::client::tests::client;

    fn subject() -> SubjectId {
        "0192f0c1-7b1e-7c3d-9a55-3f1f0e6f2b11".parse().unwrap()
    }

    #[test]
    fn clients_of_two_sectors_get_two_names_and_those_of_one_get_one() {
        let (mut a, mut b) = (client(), client());
        a.subject_type = SubjectType::Pairwise;
        b.subject_type = SubjectType::Pairwise;
        b.id = "another".into();
        b.redirect_uris = vec!["https://other.example/back".into()];
        assert_ne!(sub(&[1; 32], &a, subject()), sub(&[1; 32], &b, subject()));
        b.sector_host = Some("shop.example".into());
        assert_eq!(sub(&[1; 32], &a, subject()), sub(&[1; 32], &b, subject()));
        assert_ne!(sub(&[1; 32], &a, subject()), sub(&[2; 32], &a, subject()), "the key decides");
        let session = SessionId::from_uuid(subject().uuid());
        assert_ne!(sid(&[1; 32], &a, session), sid(&[1; 32], &b, session), "also within a sector");
    }
}
