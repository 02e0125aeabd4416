//! Scopes and claims: what a client may ask, and what it gets.

use std::collections::{BTreeMap, BTreeSet};

use contracts::identity::Person;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A scope and the claims that it stands for. Source: OpenID Connect Core 1.0 §5.4; `pinfl` and `passport` are ours.
pub const SCOPES: [(&str, &[&str]); 8] = [
    ("openid", &[]),
    ("profile", &["name", "family_name", "given_name", "middle_name", "birthdate", "gender", "locale"]),
    ("email", &["email", "email_verified"]),
    ("phone", &["phone_number", "phone_number_verified"]),
    ("address", &["address"]),
    ("pinfl", &["pinfl"]),
    ("passport", &["passport_number"]),
    ("offline_access", &[]),
];

/// Claims that a person agrees to, in the order in which they are asked. A claim that only says something about another
/// (`email_verified`) goes with it.
pub const ASKED: [&str; 11] = [
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "birthdate",
    "gender",
    "locale",
    "email",
    "phone_number",
    "address",
    "pinfl",
];

/// Also asked, kept apart because of its weight.
pub const PASSPORT: &str = "passport_number";

/// Whether there is such a scope.
pub fn is_scope(name: &str) -> bool {
    SCOPES.iter().any(|(scope, _)| *scope == name)
}

/// The claim that a person is asked about when a client asks for this one; `None` for a claim that we do not have.
pub fn consented(claim: &str) -> Option<&'static str> {
    let asked = match claim {
        "email_verified" => "email",
        "phone_number_verified" => "phone_number",
        other => other,
    };
    ASKED.iter().chain([&PASSPORT]).find(|known| **known == asked).copied()
}

/// What a request asks for by the parameter `claims`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Claim → whether it is essential.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub userinfo: BTreeMap<String, bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub id_token: BTreeMap<String, bool>,
    /// Values of an essential `acr`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr: Vec<String>,
    /// `auth_time` is always told; asked for or not makes no difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub: Option<String>,
}

/// Reads the parameter `claims`; `None` when it is not such a text.
///
/// Rule: SSO-CLAIMS.
/// Source: OpenID Connect Core 1.0 §5.5 (members not understood are ignored; `essential`, `value`, `values`).
pub fn read(text: &str) -> Option<Wanted> {
    let Value::Object(root) = serde_json::from_str(text).ok()? else { return None };
    let mut wanted = Wanted::default();
    for (place, into) in [("userinfo", &mut wanted.userinfo), ("id_token", &mut wanted.id_token)] {
        let Some(part) = root.get(place) else { continue };
        let Value::Object(part) = part else { return None };
        for (name, how) in part {
            if !(how.is_null() || how.is_object()) {
                return None;
            }
            if consented(name).is_some() {
                into.insert(name.clone(), how["essential"].as_bool() == Some(true));
            }
        }
    }
    if let Some(acr) = root.get("id_token").and_then(|part| part.get("acr"))
        && acr["essential"].as_bool() == Some(true)
    {
        let values = acr["values"].as_array().cloned().unwrap_or_default();
        wanted.acr = values.iter().chain(acr.get("value")).filter_map(|v| v.as_str().map(str::to_owned)).collect();
    }
    wanted.sub = root.get("id_token").and_then(|part| part["sub"]["value"].as_str()).map(str::to_owned);
    Some(wanted)
}

/// The claims that a request asks a person about: those of its scopes and those it names, as far as the registration allows them.
/// `true`: essential.
///
/// Rule: SSO-ASKED.
/// Source: OpenID Connect Core 1.0 §5.4, §5.5; Law on personal data, O‘RQ-547 (only for a stated purpose, with consent).
pub fn asked(scope: &[String], wanted: &Wanted, allowed: &[String]) -> BTreeMap<&'static str, bool> {
    let allowed: BTreeSet<&str> =
        allowed.iter().flat_map(|scope| of_scope(scope)).filter_map(|claim| consented(claim)).collect();
    let mut out = BTreeMap::new();
    let by_scope = scope.iter().flat_map(|scope| of_scope(scope)).map(|claim| (*claim, false));
    let by_name = wanted.userinfo.iter().chain(&wanted.id_token).map(|(claim, essential)| (claim.as_str(), *essential));
    for (claim, essential) in by_scope.chain(by_name) {
        if let Some(claim) = consented(claim).filter(|claim| allowed.contains(claim)) {
            *out.entry(claim).or_insert(false) |= essential;
        }
    }
    out
}

/// The claims of a scope.
pub fn of_scope(scope: &str) -> &'static [&'static str] {
    SCOPES.iter().find(|(name, _)| *name == scope).map_or(&[], |(_, claims)| claims)
}

/// Which claims of the granted go where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token: Vec<String>,
}

/// Splits what was granted: an ID token carries only what the client asked there by name, everything else comes by userinfo.
///
/// Rule: SSO-DELIVERY.
/// Source: OpenID Connect Core 1.0 §5.4 (claims of scopes come from userinfo when an access token is issued); data minimisation.
pub fn delivery(wanted: &Wanted, scope: &[String], granted: &BTreeSet<String>) -> Delivery {
    let granted = |claim: &str| consented(claim).is_some_and(|asked| granted.contains(asked));
    let mut userinfo: BTreeSet<&str> = scope.iter().flat_map(|scope| of_scope(scope)).copied().collect();
    userinfo.extend(wanted.userinfo.keys().map(String::as_str));
    Delivery {
        userinfo: userinfo.into_iter().filter(|claim| granted(claim)).map(str::to_owned).collect(),
        id_token: wanted.id_token.keys().filter(|claim| granted(claim)).cloned().collect(),
    }
}

/// A place by its name in the person's language, for `address`.
pub struct Place {
    pub region: String,
    pub district: Option<String>,
}

/// The values of claims about a person; what is not known is left out.
pub fn values(person: &Person, place: Option<&Place>, claims: &[String]) -> Map<String, Value> {
    let mut out = Map::new();
    for claim in claims {
        let value = match claim.as_str() {
            "name" => json!(person.full_name()),
            "family_name" => json!(person.surname),
            "given_name" => json!(person.name),
            "middle_name" => json!(person.patronymic),
            "birthdate" => json!(person.birth_date.map(|date| date.to_string())),
            "gender" => json!(person.pinfl.as_ref().map(|pinfl| match pinfl.sex() {
                kernel::person::Sex::Female => "female",
                kernel::person::Sex::Male => "male",
            })),
            "locale" => json!(person.lang.code()),
            "email" => json!(person.email),
            // Nobody proved the address: it was typed.
            "email_verified" => {
                if person.email.is_some() {
                    json!(false)
                } else {
                    Value::Null
                }
            }
            "phone_number" => {
                json!(person.phone.as_ref().map(|phone| format!("+{}", phone.as_str().trim_start_matches('+'))))
            }
            "phone_number_verified" => {
                if person.phone.is_some() {
                    json!(true)
                } else {
                    Value::Null
                }
            }
            "address" => match place {
                Some(place) => {
                    let mut address = json!({ "country": "UZ", "region": place.region });
                    if let Some(district) = &place.district {
                        address["locality"] = json!(district);
                    }
                    address
                }
                None => Value::Null,
            },
            "pinfl" => json!(person.pinfl.as_ref().map(|pinfl| pinfl.as_str())),
            PASSPORT => json!(person.passport.as_ref().map(|passport| passport.as_str())),
            _ => Value::Null,
        };
        if !value.is_null() {
            out.insert(claim.clone(), value);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_claim_that_the_registration_does_not_allow_is_not_even_asked_about() {
        let wanted = read(r#"{"userinfo":{"pinfl":{"essential":true},"email":null,"x":null}}"#).unwrap();
        let asked = asked(&list(&["openid", "phone"]), &wanted, &list(&["openid", "email"]));
        assert_eq!(asked.into_iter().collect::<Vec<_>>(), [("email", false)]);
    }

    #[test]
    fn an_id_token_carries_only_what_was_asked_there_by_name_and_granted() {
        let wanted = read(r#"{"id_token":{"email":null,"pinfl":null}}"#).unwrap();
        let granted = ["name", "email"].into_iter().map(str::to_owned).collect();
        let delivery = delivery(&wanted, &list(&["openid", "profile", "email"]), &granted);
        assert_eq!(delivery.id_token, ["email"]);
        assert_eq!(delivery.userinfo, ["email", "email_verified", "name"]);
    }

    #[test]
    fn the_parameter_claims_is_read_strictly_and_what_is_unknown_is_left() {
        let wanted =
            read(r#"{"id_token":{"acr":{"essential":true,"values":["a","b"]},"sub":{"value":"s"},"auth_time":{"essential":true}}}"#)
                .unwrap();
        assert_eq!(wanted.acr, ["a", "b"]);
        assert_eq!(wanted.sub.as_deref(), Some("s"));
        for wrong in ["", "[]", "{", r#"{"userinfo":[]}"#, r#"{"userinfo":{"email":"yes"}}"#] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_claim_of_a_scope_can_be_consented_to() {
        for (scope, claims) in SCOPES {
            for claim in claims {
                assert!(consented(claim).is_some(), "{scope} {claim}");
            }
        }
    }
}
