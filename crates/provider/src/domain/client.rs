//! A registered client, and what a registration must look like.

use contracts::Assurance;
use kernel::lang::Text;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::claims::is_scope;
use super::jose::{Alg, PublicKey};
use super::redirect;

/// What the operator registered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Client {
    /// Stable, in requests: 3 to 64 of `a-z 0-9 - _ .`.
    pub id: String,
    /// Proper name, as people know it.
    pub name: String,
    /// The organisation that is responsible.
    pub owner: String,
    /// E-mail address of whoever looks after it; not shown to people.
    pub contact: String,
    /// What it needs the data for, in the words that the consent page shows.
    pub purpose: Text,
    /// `https://…`, where people find it and its rules on data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    pub redirect_uris: Vec<String>,
    #[serde(default)]
    pub post_logout_uris: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// The most it may ask for.
    pub scopes: Vec<String>,
    pub grants: Vec<Grant>,
    pub auth: Auth,
    /// Public keys of a client that signs ([`Auth::PrivateKey`]): a JSON Web Key Set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    pub subject_type: SubjectType,
    /// Host by which pairwise names are told apart; needed when there are several hosts of redirect addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sector_host: Option<String>,
    pub id_token_alg: Alg,
    /// Requests must be pushed.
    #[serde(default)]
    pub require_par: bool,
    /// Tokens are bound to a key of the client.
    #[serde(default)]
    pub require_dpop: bool,
    /// The lowest level of assurance with which people may come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<Assurance>,
    /// Days for which a consent holds.
    pub consent_days: u32,
    /// Speaks the OneID dialect, with answers of this shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oneid_profile: Option<OneIdProfile>,
    /// May ask about tokens of others: a server of resources.
    #[serde(default)]
    pub introspects: bool,
}

/// Ways to get a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Grant {
    #[serde(rename = "authorization_code")]
    Code,
    #[serde(rename = "refresh_token")]
    Refresh,
    #[serde(rename = "client_credentials")]
    Credentials,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    Device,
}

impl Grant {
    pub const ALL: [Grant; 4] = [Grant::Code, Grant::Refresh, Grant::Credentials, Grant::Device];

    /// As in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            Grant::Code => "authorization_code",
            Grant::Refresh => "refresh_token",
            Grant::Credentials => "client_credentials",
            Grant::Device => "urn:ietf:params:oauth:grant-type:device_code",
        }
    }

    /// Reads the protocol's name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|grant| grant.name() == text)
    }
}

/// How a client proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Auth {
    #[serde(rename = "client_secret_basic")]
    Basic,
    #[serde(rename = "client_secret_post")]
    Post,
    #[serde(rename = "private_key_jwt")]
    PrivateKey,
    /// A program that cannot keep a secret: PKCE alone.
    #[serde(rename = "none")]
    None,
}

impl Auth {
    pub const ALL: [Auth; 4] = [Auth::Basic, Auth::Post, Auth::PrivateKey, Auth::None];

    pub fn name(self) -> &'static str {
        match self {
            Auth::Basic => "client_secret_basic",
            Auth::Post => "client_secret_post",
            Auth::PrivateKey => "private_key_jwt",
            Auth::None => "none",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|auth| auth.name() == text)
    }

    /// Whether there is a secret to keep.
    pub fn has_secret(self) -> bool {
        matches!(self, Auth::Basic | Auth::Post)
    }
}

/// How people are named to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    Pairwise,
    Public,
}

/// Shape of the answers in the OneID dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OneIdProfile {
    Current,
    Extended,
    Minimal,
}

impl OneIdProfile {
    pub const ALL: [OneIdProfile; 3] = [OneIdProfile::Current, OneIdProfile::Extended, OneIdProfile::Minimal];

    pub fn name(self) -> &'static str {
        match self {
            OneIdProfile::Current => "current",
            OneIdProfile::Extended => "extended",
            OneIdProfile::Minimal => "minimal",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == text)
    }
}

impl Client {
    /// The host by which pairwise names are told apart. Source: OpenID Connect Core 1.0 §8.1.
    pub fn sector(&self) -> &str {
        if let Some(host) = &self.sector_host {
            return host;
        }
        self.redirect_uris.first().and_then(|uri| redirect::parse(uri)).map_or("", |address| address.host)
    }

    pub fn may(&self, grant: Grant) -> bool {
        self.grants.contains(&grant)
    }

    /// A program on the person's own machine.
    pub fn is_native(&self) -> bool {
        self.auth == Auth::None
    }

    /// The public keys of a client that signs.
    pub fn keys(&self) -> Vec<PublicKey> {
        self.jwks.as_ref().map(super::jose::key_set).unwrap_or_default()
    }
}

/// What is wrong with a registration: field and code of the words.
pub type Problem = (&'static str, &'static str);

/// Checks a registration.
///
/// Rule: SSO-CLIENT.
/// Source: OpenID Connect Dynamic Client Registration 1.0 §2; RFC 9700 §2 (exact addresses, no weak modes); RFC 8252 §8.4.
pub fn check(client: &Client) -> Vec<Problem> {
    let mut wrong = Vec::new();
    let id = client.id.as_bytes();
    if !(3..=64).contains(&id.len())
        || !id.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'))
    {
        wrong.push(("id", "id"));
    }
    let worded = |text: &str, most: usize| {
        !text.trim().is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
    };
    if !worded(&client.name, 80) {
        wrong.push(("name", "name"));
    }
    if !worded(&client.owner, 160) {
        wrong.push(("owner", "owner"));
    }
    if kernel::person::Email::parse(&client.contact).is_err() {
        wrong.push(("contact", "contact"));
    }
    if !client.purpose.given(kernel::lang::Lang::Uz).is_some_and(|text| worded(text, 300)) {
        wrong.push(("purpose_uz", "purpose"));
    }
    let https = |uri: &String| redirect::parse(uri).is_some_and(|address| address.scheme == "https");
    if client.site.as_ref().is_some_and(|site| !https(site)) {
        wrong.push(("site", "site"));
    }
    let by_browser = client.may(Grant::Code) || client.oneid_profile.is_some();
    if by_browser && client.redirect_uris.is_empty() {
        wrong.push(("redirect_uris", "redirect-none"));
    }
    let own_params = |uri: &String| {
        uri.split_once('?').is_some_and(|(_, query)| {
            query.split('&').any(|pair| matches!(pair.split('=').next(), Some("code" | "state" | "iss" | "error")))
        })
    };
    if client.redirect_uris.len() > 20
        || client.redirect_uris.iter().any(|uri| redirect::parse(uri).is_none() || own_params(uri))
    {
        wrong.push(("redirect_uris", "redirect"));
    }
    if client.post_logout_uris.len() > 20 || client.post_logout_uris.iter().any(|uri| redirect::parse(uri).is_none()) {
        wrong.push(("post_logout_uris", "redirect"));
    }
    if client.backchannel_logout_uri.as_ref().is_some_and(|uri| redirect::parse(uri).is_none()) {
        wrong.push(("backchannel_logout_uri", "redirect"));
    }
    if client.scopes.iter().any(|scope| !is_scope(scope)) {
        wrong.push(("scopes", "scopes"));
    }
    if client.grants.is_empty() && client.oneid_profile.is_none() {
        wrong.push(("grants", "grants"));
    }
    if client.may(Grant::Credentials) && client.auth == Auth::None {
        wrong.push(("grants", "grants-secret"));
    }
    if client.oneid_profile.is_some() && !client.auth.has_secret() {
        wrong.push(("auth", "oneid-secret"));
    }
    if client.auth == Auth::PrivateKey && client.keys().is_empty() {
        wrong.push(("jwks", "jwks"));
    }
    if client.auth != Auth::PrivateKey && client.jwks.is_some() {
        wrong.push(("jwks", "jwks-unused"));
    }
    let hosts: std::collections::BTreeSet<&str> =
        client.redirect_uris.iter().filter_map(|uri| redirect::parse(uri)).map(|address| address.host).collect();
    let sector_known = client.sector_host.as_ref().is_none_or(|host| hosts.contains(host.as_str()));
    if client.subject_type == SubjectType::Pairwise
        && (hosts.len() > 1 && client.sector_host.is_none() || !sector_known)
    {
        wrong.push(("sector_host", "sector"));
    }
    if !(1..=1095).contains(&client.consent_days) {
        wrong.push(("consent_days", "consent-days"));
    }
    wrong
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn client() -> Client {
        Client {
            id: "demo-shop".into(),
            name: "Namuna do‘kon".into(),
            owner: "Namuna MChJ".into(),
            contact: "help@shop.example".into(),
            purpose: Text::uz("Buyurtmani rasmiylashtirish uchun"),
            site: None,
            redirect_uris: vec!["https://shop.example/back".into()],
            post_logout_uris: Vec::new(),
            backchannel_logout_uri: None,
            scopes: ["openid", "profile", "email"].map(str::to_owned).to_vec(),
            grants: vec![Grant::Code],
            auth: Auth::Basic,
            jwks: None,
            subject_type: SubjectType::Pairwise,
            sector_host: None,
            id_token_alg: Alg::Es256,
            require_par: false,
            require_dpop: false,
            least: None,
            consent_days: 365,
            oneid_profile: None,
            introspects: false,
        }
    }

    #[test]
    fn an_ordinary_registration_is_accepted() {
        assert_eq!(check(&client()), []);
    }

    #[test]
    fn each_mistake_is_told_beside_its_field() {
        let cases: &[(fn(&mut Client), Problem)] = &[
            (|c| c.id = "A!".into(), ("id", "id")),
            (|c| c.name = " ".into(), ("name", "name")),
            (|c| c.contact = "nobody".into(), ("contact", "contact")),
            (|c| c.site = Some("http://shop.example/".into()), ("site", "site")),
            (|c| c.redirect_uris.clear(), ("redirect_uris", "redirect-none")),
            (|c| c.redirect_uris = vec!["https://shop.example/*".into()], ("redirect_uris", "redirect")),
            (|c| c.redirect_uris = vec!["https://shop.example/?code=x".into()], ("redirect_uris", "redirect")),
            (|c| c.scopes.push("everything".into()), ("scopes", "scopes")),
            (|c| c.grants.clear(), ("grants", "grants")),
            (
                |c| {
                    c.auth = Auth::None;
                    c.grants.push(Grant::Credentials)
                },
                ("grants", "grants-secret"),
            ),
            (
                |c| {
                    c.auth = Auth::None;
                    c.oneid_profile = Some(OneIdProfile::Current)
                },
                ("auth", "oneid-secret"),
            ),
            (|c| c.auth = Auth::PrivateKey, ("jwks", "jwks")),
            (|c| c.redirect_uris.push("https://two.example/back".into()), ("sector_host", "sector")),
            (|c| c.sector_host = Some("evil.example".into()), ("sector_host", "sector")),
            (|c| c.consent_days = 0, ("consent_days", "consent-days")),
        ];
        for (spoil, problem) in cases {
            let mut client = client();
            spoil(&mut client);
            assert!(check(&client).contains(problem), "{problem:?}: {:?}", check(&client));
        }
    }
}
