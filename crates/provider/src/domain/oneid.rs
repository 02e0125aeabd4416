//! The OneID dialect: parameters and answers as existing integrations know them.
//!
//! Source of all of it: our notes on the protocol (docs/adr/0016), read from public client packages.

use std::collections::BTreeSet;

use contracts::Assurance;
use contracts::identity::Person;
use serde_json::{Map, Value, json};

use super::claims::{Place, Wanted};
use super::client::{Client, OneIdProfile};
use super::error::{Code, Refusal};
use super::request::{self, Dialect, Mode, Params, Refused, Request};

/// Steps of the dialect by `grant_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Token,
    Identify,
    LogOut,
}

impl Step {
    /// Reads `grant_type`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "one_authorization_code" => Some(Step::Token),
            "one_access_token_identify" => Some(Step::Identify),
            "one_log_out" => Some(Step::LogOut),
            _ => None,
        }
    }
}

/// Reads the first step. The scope is a name that the operator gives and says nothing; what is asked of the person are the
/// claims of the registration.
///
/// Rule: SSO-ONEID-REQUEST.
/// Source: the OneID dialect, authorize; OpenID Connect Core 1.0 §3.1.2.2 for what is common.
pub fn read(params: &Params, client: &Client) -> Result<Request, Refused> {
    let redirect_uri = request::way_back(params, client).map_err(Refused::Here)?;
    let state = params.get("state").filter(|state| state.len() <= 2000).map(str::to_owned);
    if params.get("response_type") != Some("one_code") {
        return Err(Refused::There {
            redirect_uri,
            mode: Mode::Query,
            state,
            refusal: Refusal::new(Code::UnsupportedResponseType, "response_type must be one_code"),
        });
    }
    Ok(Request {
        dialect: Dialect::OneId,
        redirect_uri,
        mode: Mode::Query,
        scope: client.scopes.iter().filter(|scope| *scope != "offline_access").cloned().collect(),
        state,
        nonce: None,
        challenge: None,
        prompt: Vec::new(),
        max_age: None,
        acr_values: Vec::new(),
        wanted: Wanted::default(),
        ui_locales: Vec::new(),
        id_token_hint: None,
        dpop_jkt: None,
    })
}

/// How the person signed in, in the words of the dialect.
///
/// Rule: SSO-ONEID-METHOD.
/// Source: the OneID dialect, `auth_method`; a face is told as the mobile program, which is where it is shown.
pub fn method(assurance: Assurance, by_code: bool) -> &'static str {
    match assurance {
        Assurance::Signature => "PKCSMETHOD",
        Assurance::Face => "MOBILEMETHOD",
        Assurance::Password | Assurance::Otp if by_code => "MOBILEMETHOD",
        Assurance::Open | Assurance::Password | Assurance::Otp => "LOGINPASSMETHOD",
    }
}

/// What an answer is about.
pub struct About<'a> {
    pub person: &'a Person,
    pub place: Option<&'a Place>,
    /// Name of the person for this client.
    pub sub: &'a str,
    /// Name of the session for this client.
    pub sid: &'a str,
    pub assurance: Assurance,
    pub by_code: bool,
    /// Claims that the registration allows and the person gave.
    pub granted: &'a BTreeSet<String>,
}

/// The answer to `one_access_token_identify`: every key of the profile is there, because strict clients break on a missing one
/// as on one that they do not know; what the person did not agree to or is not known is empty.
///
/// Rule: SSO-ONEID-PROFILE.
/// Source: the OneID dialect, user info (current, extended, minimal); its duty: a client gets only what registration and consent allow.
pub fn identify(profile: OneIdProfile, about: &About<'_>) -> Map<String, Value> {
    let person = about.person;
    let when = |claim: &str, value: Option<String>| -> Value {
        json!(value.filter(|_| about.granted.contains(claim)).unwrap_or_default())
    };
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    put("valid", json!("true"));
    if profile == OneIdProfile::Current {
        put("validation_method", json!([method(about.assurance, about.by_code)]));
    }
    put("pin", when("pinfl", person.pinfl.as_ref().map(|pinfl| pinfl.as_str().to_owned())));
    put("user_id", json!(about.sub));
    put("full_name", when("name", Some(person.full_name())));
    put("pport_no", when("passport_number", person.passport.as_ref().map(|passport| passport.as_str().to_owned())));
    put("birth_date", when("birthdate", person.birth_date.map(|date| date.to_string())));
    put("sur_name", when("family_name", Some(person.surname.clone())));
    put("first_name", when("given_name", Some(person.name.clone())));
    put("mid_name", when("middle_name", person.patronymic.clone()));
    put("user_type", json!("I"));
    put("sess_id", json!(about.sid));
    put("ret_cd", json!("0"));
    put("auth_method", json!(method(about.assurance, about.by_code)));
    if profile != OneIdProfile::Minimal {
        // Organisations come with representation; a person alone has none.
        put("legal_info", json!([]));
    }
    if profile == OneIdProfile::Extended {
        put("email", when("email", person.email.clone()));
        put(
            "mob_phone_no",
            when("phone_number", person.phone.as_ref().map(|phone| phone.as_str().trim_start_matches('+').to_owned())),
        );
        put("tin", json!(""));
        let sex = person.pinfl.as_ref().map(|pinfl| match pinfl.sex() {
            kernel::person::Sex::Male => "1",
            kernel::person::Sex::Female => "2",
        });
        put("gd", when("gender", sex.map(str::to_owned)));
        put("natn", json!(""));
        put("ctzn", when("name", Some(person.citizenship.clone())));
        put("birth_place", json!(""));
        put("birth_cntry", json!(""));
        let address = about.place.map(|place| match &place.district {
            Some(district) => format!("{}, {district}", place.region),
            None => place.region.clone(),
        });
        put("per_adr", when("address", address));
        put("tem_adr", json!(""));
        put("pport_issue_place", json!(""));
        put("pport_issue_date", json!(""));
        put("pport_expr_date", json!(""));
    }
    out
}

/// A refusal as the dialect's clients read it. No official list of `ret_cd` is public: ours starts with the success that is known
/// and counts the codes of RFC 6749.
///
/// Rule: SSO-ONEID-ERROR.
/// Source: the OneID dialect, errors (RFC 6749 JSON plus `ret_cd` ≠ "0").
pub fn error(refusal: &Refusal) -> Value {
    let number = match refusal.code {
        Code::InvalidRequest => "1",
        Code::InvalidClient => "2",
        Code::InvalidGrant => "3",
        Code::UnauthorizedClient => "4",
        Code::UnsupportedGrantType => "5",
        Code::InvalidScope => "6",
        Code::InvalidToken => "7",
        Code::AccessDenied => "8",
        _ => "99",
    };
    json!({ "error": refusal.code.name(), "error_description": refusal.description, "ret_cd": number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::lang::Lang;
    use kernel::person::{Passport, Phone, Pinfl};

    fn person() -> Person {
        Person {
            subject: "0192f0c1-7b1e-7c3d-9a55-3f1f0e6f2b11".parse().unwrap(),
            pinfl: Pinfl::parse("41404910261017").ok(),
            passport: Passport::parse("AD0000001").ok(),
            surname: "Karimova".into(),
            name: "Dilnoza".into(),
            patronymic: Some("Rustam qizi".into()),
            birth_date: Some(kernel::clock::Date::constant(1991, 4, 14)),
            citizenship: "UZ".into(),
            phone: Phone::parse("+998900000001").ok(),
            email: Some("dilnoza@namuna.example".into()),
            lang: Lang::Uz,
            address: None,
            reliefs: Vec::new(),
        }
    }

    fn answer(profile: OneIdProfile, granted: &[&str]) -> Map<String, Value> {
        let granted = granted.iter().map(|claim| (*claim).to_owned()).collect();
        let person = person();
        identify(
            profile,
            &About {
                person: &person,
                place: None,
                sub: "s",
                sid: "i",
                assurance: Assurance::Otp,
                by_code: false,
                granted: &granted,
            },
        )
    }

    const CURRENT: [&str; 15] = [
        "valid",
        "validation_method",
        "pin",
        "user_id",
        "full_name",
        "pport_no",
        "birth_date",
        "sur_name",
        "first_name",
        "mid_name",
        "user_type",
        "sess_id",
        "ret_cd",
        "auth_method",
        "legal_info",
    ];
    const EXTENDED: [&str; 13] = [
        "email",
        "mob_phone_no",
        "tin",
        "gd",
        "natn",
        "ctzn",
        "birth_place",
        "birth_cntry",
        "per_adr",
        "tem_adr",
        "pport_issue_place",
        "pport_issue_date",
        "pport_expr_date",
    ];

    #[test]
    fn each_profile_has_exactly_its_keys() {
        let keys = |profile| answer(profile, &[]).keys().cloned().collect::<BTreeSet<_>>();
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        assert_eq!(keys(OneIdProfile::Current), set(&CURRENT));
        let minimal: Vec<&str> =
            CURRENT.into_iter().filter(|key| !["validation_method", "legal_info"].contains(key)).collect();
        assert_eq!(keys(OneIdProfile::Minimal), set(&minimal));
        let extended: Vec<&str> =
            CURRENT.into_iter().filter(|key| *key != "validation_method").chain(EXTENDED).collect();
        assert_eq!(keys(OneIdProfile::Extended), set(&extended));
    }

    #[test]
    fn what_the_person_did_not_give_is_empty() {
        let shown = answer(OneIdProfile::Extended, &["name"]);
        assert_eq!(shown["full_name"], "Karimova Dilnoza Rustam qizi");
        let text = serde_json::to_string(&shown).unwrap();
        for secret in ["41404910261017", "AD0000001", "1991", "namuna.example", "998900000001"] {
            assert!(!text.contains(secret), "{secret}");
        }
        let all = answer(OneIdProfile::Current, &["pinfl", "passport_number", "birthdate"]);
        assert_eq!((all["pin"].as_str(), all["pport_no"].as_str()), (Some("41404910261017"), Some("AD0000001")));
        assert_eq!(all["ret_cd"], "0");
    }
}
