//! The face, by MyID: our side of its Web SDK protocol.
//!
//! We open a session at MyID, the person is led to its page, and afterwards we ask MyID what came of it: nothing that
//! the browser says counts. Settings: `identity.myid.url`, `.page` (as the browser reaches it), `.client_id`, `.client_secret`.

use std::time::Duration;

use contracts::Ctx;
use serde::Deserialize;
use ureq::Agent;

use crate::domain::login;
use crate::service::IdentityError;
use crate::store::PersonRow;

/// How often a face may be tried within one session of MyID.
const RETRIES: u32 = 3;
/// The result code that means success.
const SUCCESS: i64 = 1;
/// How often a call is repeated that MyID is too busy for.
const CALLS: u32 = 3;

/// A session at MyID.
#[derive(Clone, Debug)]
pub(crate) struct FaceSession {
    pub(crate) id: String,
    /// Where the person's browser goes.
    pub(crate) page: String,
}

/// What MyID says of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Nothing yet.
    Waiting,
    /// The face was not recognised, or was not a living one.
    Refused,
    /// Whose face it is, by the state's record.
    Person { pinfl: Option<String>, passport: Option<String> },
}

/// Whether the operator has connected MyID.
pub(crate) fn offered(ctx: &Ctx) -> bool {
    ctx.settings.get("identity.myid.url").is_some_and(|url| !url.is_empty())
}

#[derive(Clone)]
struct Client {
    base: String,
    page: String,
    id: String,
    secret: String,
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
struct Opened {
    session_id: String,
}

#[derive(Deserialize)]
struct Outcome {
    #[serde(default)]
    attempts: Vec<Tried>,
}

#[derive(Deserialize)]
struct Tried {
    result_code: i64,
    auth_code: Option<String>,
}

#[derive(Deserialize)]
struct Me {
    profile: Profile,
}

#[derive(Deserialize)]
struct Profile {
    #[serde(default)]
    common_data: Common,
    #[serde(default)]
    doc_data: Document,
}

#[derive(Deserialize, Default)]
struct Common {
    pinfl: Option<String>,
}

#[derive(Deserialize, Default)]
struct Document {
    pass_data: Option<String>,
}

impl Client {
    fn of(ctx: &Ctx) -> Option<Self> {
        let get = |name: &str| ctx.settings.get(name).unwrap_or_default().to_owned();
        let base = ctx.settings.get("identity.myid.url").filter(|url| !url.is_empty())?;
        let base = base.trim_end_matches('/').to_owned();
        let page = get("identity.myid.page");
        Some(Self {
            page: if page.is_empty() { format!("{base}/") } else { page },
            base,
            id: get("identity.myid.client_id"),
            secret: get("identity.myid.client_secret"),
        })
    }

    fn agent() -> Agent {
        Agent::config_builder().timeout_global(Some(Duration::from_secs(10))).build().into()
    }

    /// Repeats what failed by 429 or 5xx or by the network.
    fn call<T>(&self, one: impl Fn(&Agent) -> Result<T, ureq::Error>) -> Result<T, String> {
        let agent = Self::agent();
        let mut last = String::new();
        for _ in 0..CALLS {
            match one(&agent) {
                Ok(value) => return Ok(value),
                Err(ureq::Error::StatusCode(status)) if status != 429 && status < 500 => {
                    return Err(format!("answered with {status}"));
                }
                Err(error) => last = error.to_string(),
            }
        }
        Err(last)
    }

    fn token(&self) -> Result<String, String> {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", self.id.as_str()),
            ("client_secret", self.secret.as_str()),
        ];
        let token: Token = self.call(|agent| {
            agent.post(format!("{}/api/v1/oauth2/access-token", self.base)).send_form(form)?.body_mut().read_json()
        })?;
        Ok(token.access_token)
    }

    fn open(&self, external: &str, address: &str) -> Result<FaceSession, String> {
        let bearer = format!("Bearer {}", self.token()?);
        let body = serde_json::json!({"max_retries": RETRIES, "external_id": external, "ip_address": address});
        let opened: Opened = self.call(|agent| {
            let request = agent.post(format!("{}/api/v1/web/sessions", self.base)).header("authorization", &bearer);
            request.send_json(&body)?.body_mut().read_json()
        })?;
        let join = if self.page.contains('?') { '&' } else { '?' };
        let id: String = opened.session_id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        Ok(FaceSession { page: format!("{}{join}session_id={id}", self.page), id })
    }

    fn seen(&self, session: &str) -> Result<Seen, String> {
        let bearer = format!("Bearer {}", self.token()?);
        let outcome: Outcome = self.call(|agent| {
            let request = agent
                .post(format!("{}/api/v1/web/sessions/{session}/result", self.base))
                .header("authorization", &bearer);
            request.send_empty()?.body_mut().read_json()
        })?;
        let Some(last) = outcome.attempts.last() else { return Ok(Seen::Waiting) };
        let (SUCCESS, Some(code)) = (last.result_code, &last.auth_code) else { return Ok(Seen::Refused) };
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("client_id", self.id.as_str()),
            ("client_secret", self.secret.as_str()),
            ("method", "strong"),
            ("scope", "common_data,doc_data"),
        ];
        let token: Token = self.call(|agent| {
            agent.post(format!("{}/api/v1/oauth2/access-token", self.base)).send_form(form)?.body_mut().read_json()
        })?;
        let bearer = format!("Bearer {}", token.access_token);
        let me: Me = self.call(|agent| {
            let request = agent.get(format!("{}/api/v1/users/me", self.base)).header("authorization", &bearer);
            request.call()?.body_mut().read_json()
        })?;
        Ok(Seen::Person { pinfl: me.profile.common_data.pinfl, passport: me.profile.doc_data.pass_data })
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<Option<T>, IdentityError> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| IdentityError::Broken(error.to_string()))?;
    match done {
        Ok(value) => Ok(Some(value)),
        Err(why) => {
            // The text says which call failed and how; it holds no name and no number of a person.
            tracing::warn!(why, "MyID does not answer");
            Ok(None)
        }
    }
}

/// Opens a session; `None` when MyID is not connected or does not answer.
pub(crate) async fn open(ctx: &Ctx, external: &str, address: &str) -> Result<Option<FaceSession>, IdentityError> {
    let Some(client) = Client::of(ctx) else { return Ok(None) };
    let (external, address) = (external.to_owned(), address.to_owned());
    blocking(move || client.open(&external, &address)).await
}

/// Asks what came of a session; `None` when MyID does not answer.
pub(crate) async fn seen(ctx: &Ctx, session: &str) -> Result<Option<Seen>, IdentityError> {
    let Some(client) = Client::of(ctx) else { return Ok(None) };
    let session = session.to_owned();
    blocking(move || client.seen(&session)).await
}

/// Whether the face that was seen is this person's: by the PINFL; by the passport for a person without one.
pub(crate) fn is(seen: &Seen, person: &PersonRow) -> bool {
    let Seen::Person { pinfl, passport } = seen else { return false };
    match &person.person.pinfl {
        Some(own) => pinfl.as_deref() == Some(own.as_str()),
        None => match (&person.passport, passport.as_deref().and_then(login::passport)) {
            (Some(own), Some(told)) => *own == told,
            _ => false,
        },
    }
}
