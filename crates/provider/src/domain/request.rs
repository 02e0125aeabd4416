//! An authorization request, read from its parameters.

use kernel::lang::Lang;
use serde::{Deserialize, Serialize};

use super::claims::{self, Wanted};
use super::client::{Client, Grant};
use super::error::{Code, Refusal};
use super::redirect;

/// Parameters of a request, as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Params(Vec<(String, String)>);

impl Params {
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value of a parameter; an empty one counts as absent. Source: RFC 6749 §3.1.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Whether a parameter comes twice. Source: RFC 6749 §3.1 (must not).
    pub fn repeated(&self) -> bool {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Without what proves who the client is.
    #[must_use]
    pub fn without_credentials(mut self) -> Self {
        self.0.retain(|(name, _)| {
            !matches!(name.as_str(), "client_secret" | "client_assertion" | "client_assertion_type")
        });
        self
    }
}

/// How the answer goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    Query,
    FormPost,
}

/// What a client wants the person to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    None,
    Login,
    Consent,
    SelectAccount,
}

/// Which language of the protocol is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    Oidc,
    OneId,
}

/// A request that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub dialect: Dialect,
    pub redirect_uri: String,
    pub mode: Mode,
    pub scope: Vec<String>,
    pub state: Option<String>,
    pub nonce: Option<String>,
    /// SHA-256 of the verifier; `None` only in the OneID dialect.
    pub challenge: Option<String>,
    pub prompt: Vec<Prompt>,
    /// Seconds.
    pub max_age: Option<i64>,
    pub acr_values: Vec<String>,
    pub wanted: Wanted,
    pub ui_locales: Vec<Lang>,
    pub id_token_hint: Option<String>,
    /// Thumbprint of the key to which the code is bound.
    pub dpop_jkt: Option<String>,
}

impl Request {
    /// Whether the client may renew its access while the person is away.
    pub fn offline(&self) -> bool {
        self.scope.iter().any(|scope| scope == "offline_access")
    }
}

/// Why a request is refused: on a page of ours when its way back cannot be trusted, else at the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    Here(Refusal),
    There { redirect_uri: String, mode: Mode, state: Option<String>, refusal: Refusal },
}

/// The way back of a request: must be one of those registered before anything is sent there.
///
/// Rule: SSO-BACK.
/// Source: RFC 6749 §4.1.2.1 (no redirect to an unchecked address); RFC 9700 §4.11 (open redirector).
pub fn way_back(params: &Params, client: &Client) -> Result<String, Refusal> {
    if params.repeated() {
        return Err(Refusal::new(Code::InvalidRequest, "a parameter comes twice"));
    }
    let Some(uri) = params.get("redirect_uri") else {
        return Err(Refusal::new(Code::InvalidRequest, "redirect_uri is missing"));
    };
    if !redirect::is_registered(&client.redirect_uris, uri, client.is_native()) {
        return Err(Refusal::new(Code::InvalidRequest, "redirect_uri is not one that was registered"));
    }
    Ok(uri.to_owned())
}

fn words(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default().split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Reads an OpenID Connect request.
///
/// Rule: SSO-REQUEST.
/// Source: OpenID Connect Core 1.0 §3.1.2.1, §3.1.2.2; RFC 9700 §2.1 (PKCE with S256, no implicit); RFC 7636 §4.3, §4.4.1; OAuth 2.0 Form Post Response Mode.
pub fn read(params: &Params, client: &Client) -> Result<Request, Refused> {
    let redirect_uri = way_back(params, client).map_err(Refused::Here)?;
    let state = params.get("state").map(str::to_owned);
    let mode = match params.get("response_mode") {
        None | Some("query") => Ok(Mode::Query),
        Some("form_post") => Ok(Mode::FormPost),
        Some(_) => Err(Refusal::new(Code::InvalidRequest, "response_mode must be query or form_post")),
    };
    let back = |refusal| Refused::There {
        redirect_uri: redirect_uri.clone(),
        mode: *mode.as_ref().unwrap_or(&Mode::Query),
        state: state.clone(),
        refusal,
    };
    let refuse = |code, description| Err(back(Refusal::new(code, description)));
    let mode = mode.clone().map_err(&back)?;
    if state.as_ref().is_some_and(|state| state.len() > 2000) {
        return Err(Refused::There {
            redirect_uri,
            mode,
            state: None,
            refusal: Refusal::new(Code::InvalidRequest, "state is too long"),
        });
    }
    if params.get("request").is_some() {
        return refuse(Code::RequestNotSupported, "request objects are not supported");
    }
    if params.get("registration").is_some() {
        return refuse(Code::RegistrationNotSupported, "clients register with the operator");
    }
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => return refuse(Code::UnsupportedResponseType, "response_type must be code"),
        None => return refuse(Code::InvalidRequest, "response_type is missing"),
    }
    if !client.may(Grant::Code) {
        return refuse(Code::UnauthorizedClient, "the client may not use authorization codes");
    }
    let scope = words(params.get("scope"));
    if !scope.iter().any(|scope| scope == "openid") {
        return refuse(Code::InvalidScope, "scope must contain openid");
    }
    if scope.iter().any(|scope| claims::is_scope(scope) && !client.scopes.contains(scope)) {
        return refuse(Code::InvalidScope, "a scope that the client did not register");
    }
    // Scopes that we do not know are ignored (OpenID Connect Core §3.1.2.1); one named twice counts once.
    let mut known: Vec<String> = Vec::new();
    for one in scope {
        if claims::is_scope(&one) && !known.contains(&one) {
            known.push(one);
        }
    }
    let scope = known;
    match params.get("code_challenge_method") {
        Some("S256") => {}
        None if params.get("code_challenge").is_none() => {
            return refuse(Code::InvalidRequest, "code_challenge is missing: PKCE is required");
        }
        _ => return refuse(Code::InvalidRequest, "code_challenge_method must be S256"),
    }
    let challenge = params.get("code_challenge").unwrap_or_default();
    if challenge.len() != 43 || !challenge.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')) {
        return refuse(Code::InvalidRequest, "code_challenge is not a SHA-256 in base64url");
    }
    let mut prompt = Vec::new();
    for word in words(params.get("prompt")) {
        prompt.push(match word.as_str() {
            "none" => Prompt::None,
            "login" => Prompt::Login,
            "consent" => Prompt::Consent,
            "select_account" => Prompt::SelectAccount,
            _ => return refuse(Code::InvalidRequest, "prompt is not understood"),
        });
    }
    if prompt.contains(&Prompt::None) && prompt.len() > 1 {
        return refuse(Code::InvalidRequest, "prompt=none stands alone");
    }
    let max_age = match params.get("max_age").map(str::parse::<u32>) {
        None => None,
        Some(Ok(seconds)) => Some(i64::from(seconds)),
        Some(Err(_)) => return refuse(Code::InvalidRequest, "max_age must be a count of seconds"),
    };
    let wanted = match params.get("claims").map(claims::read) {
        None => Wanted::default(),
        Some(Some(wanted)) => wanted,
        Some(None) => return refuse(Code::InvalidRequest, "claims is not understood"),
    };
    if params.get("nonce").is_some_and(|nonce| nonce.len() > 500) {
        return refuse(Code::InvalidRequest, "nonce is too long");
    }
    if params.get("dpop_jkt").is_some_and(|jkt| jkt.len() != 43) {
        return refuse(Code::InvalidRequest, "dpop_jkt is not a thumbprint");
    }
    Ok(Request {
        dialect: Dialect::Oidc,
        mode,
        scope,
        nonce: params.get("nonce").map(str::to_owned),
        challenge: Some(challenge.to_owned()),
        prompt,
        max_age,
        acr_values: words(params.get("acr_values")),
        wanted,
        ui_locales: words(params.get("ui_locales")).iter().filter_map(|tag| locale(tag)).collect(),
        id_token_hint: params.get("id_token_hint").map(str::to_owned),
        dpop_jkt: params.get("dpop_jkt").map(str::to_owned),
        redirect_uri,
        state,
    })
}

/// A language of ours for a language tag. Source: RFC 5646.
pub fn locale(tag: &str) -> Option<Lang> {
    let lower = tag.to_ascii_lowercase();
    let is = |code: &str| lower == code || lower.strip_prefix(code).is_some_and(|rest| rest.starts_with('-'));
    if is("uz-cyrl") {
        return Some(Lang::UzCyrl);
    }
    [("uz", Lang::Uz), ("kaa", Lang::Kaa), ("ru", Lang::Ru), ("en", Lang::En)]
        .into_iter()
        .find(|(code, _)| is(code))
        .map(|(_, lang)| lang)
}

/// Whether a verifier has the form that the standard gives it. Source: RFC 7636 §4.1.
pub fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::client::tests::client;

    pub(crate) fn request(change: impl Fn(&mut Request)) -> Request {
        let mut request = read(&params(&[]), &client()).unwrap();
        change(&mut request);
        request
    }

    fn params(change: &[(&str, &str)]) -> Params {
        let mut pairs: Vec<(String, String)> = [
            ("client_id", "demo-shop"),
            ("redirect_uri", "https://shop.example/back"),
            ("response_type", "code"),
            ("scope", "openid profile"),
            ("state", "xyz"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        for (name, value) in change {
            pairs.retain(|(known, _)| known != name);
            pairs.push(((*name).to_owned(), (*value).to_owned()));
        }
        Params::new(pairs)
    }

    #[test]
    fn an_ordinary_request_is_understood() {
        let read = read(
            &params(&[("scope", "openid profile profile unknown"), ("ui_locales", "fr ru-RU uz-Cyrl")]),
            &client(),
        )
        .unwrap();
        assert_eq!(read.scope, ["openid", "profile"]);
        assert_eq!(read.ui_locales, [Lang::Ru, Lang::UzCyrl]);
    }

    #[test]
    fn what_is_refused_is_told_at_the_client() {
        for (change, code) in [
            (&[("response_type", "token")][..], "unsupported_response_type"),
            (&[("response_type", "code id_token")], "unsupported_response_type"),
            (&[("response_type", "")], "invalid_request"),
            (&[("scope", "profile")], "invalid_scope"),
            (&[("scope", "openid pinfl")], "invalid_scope"),
            (&[("code_challenge", ""), ("code_challenge_method", "")], "invalid_request"),
            (&[("code_challenge_method", "plain")], "invalid_request"),
            (&[("code_challenge_method", "")], "invalid_request"),
            (&[("code_challenge", "short")], "invalid_request"),
            (&[("prompt", "none login")], "invalid_request"),
            (&[("prompt", "create")], "invalid_request"),
            (&[("max_age", "-1")], "invalid_request"),
            (&[("response_mode", "fragment")], "invalid_request"),
            (&[("request", "x.y.z")], "request_not_supported"),
            (&[("registration", "{}")], "registration_not_supported"),
            (&[("claims", "[]")], "invalid_request"),
        ] {
            match read(&params(change), &client()) {
                Err(Refused::There { refusal, state, .. }) => {
                    assert_eq!(refusal.code.name(), code, "{change:?}");
                    assert_eq!(state.as_deref(), Some("xyz"));
                }
                other => panic!("{change:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn without_a_registered_way_back_nothing_is_sent_anywhere() {
        for change in [
            &[("redirect_uri", "https://evil.example/back")][..],
            &[("redirect_uri", "")],
            &[("redirect_uri", "https://shop.example/back#x")],
            &[("redirect_uri", "https://shop.example@evil.example/back")],
        ] {
            assert!(matches!(read(&params(change), &client()), Err(Refused::Here(_))), "{change:?}");
        }
        let mut twice = params(&[]).pairs().to_vec();
        twice.push(("state".into(), "other".into()));
        assert!(matches!(read(&Params::new(twice), &client()), Err(Refused::Here(_))));
    }
}
