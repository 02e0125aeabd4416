//! A real register over HTTP.
//!
//! `registries.<name>.url` is asked with POST and a JSON object: `pinfl`, `passport`, the further keys, `purpose`. A personal
//! number in an address would stand in every log on the way. `registries.<name>.token` is sent as a bearer token when it is
//! set, `registries.timeout_ms` (default 3000) bounds the whole call.
//!
//! The answer is `{"as_of": "2026-11-21T09:00:00Z", "data": {…}}`, or the bare object; 404 means that nothing is known.

use std::sync::OnceLock;
use std::time::Duration;

use contracts::Settings;
use contracts::registries::{Query, RegisterError};
use kernel::clock::Timestamp;
use serde_json::Value;

/// A record larger than this is not one: 1 MiB holds tens of thousands of rows of a list.
const LARGEST_ANSWER: u64 = 1024 * 1024;
/// How long a person waits at most for one register.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);

/// A register that is configured to be asked over HTTP.
#[derive(Clone)]
pub struct Remote {
    url: String,
    token: Option<String>,
    timeout: Duration,
}

impl Remote {
    /// The remote of a register; `None` when none is configured.
    pub fn from_settings(settings: &Settings, register: &str) -> Option<Self> {
        let url = settings.get(&format!("registries.{register}.url"))?.to_owned();
        let timeout = settings
            .get("registries.timeout_ms")
            .and_then(|text| text.parse().ok())
            .map_or(DEFAULT_TIMEOUT, Duration::from_millis);
        let token = settings.get(&format!("registries.{register}.token")).map(str::to_owned);
        Some(Self { url, token, timeout })
    }

    /// Asks; gives the record and the moment that it describes (`now` when the register does not say).
    ///
    /// # Errors
    /// [`RegisterError::NotFound`] on 404; [`RegisterError::Unavailable`] on everything else that is not an object, in time.
    pub async fn fetch(&self, query: &Query, now: Timestamp) -> Result<(Value, Timestamp), RegisterError> {
        let remote = self.clone();
        let asked = query.clone();
        let name = query.register.clone();
        let answer = tokio::task::spawn_blocking(move || remote.call(&asked)).await;
        let body = match answer {
            Ok(Ok(body)) => body,
            Ok(Err(ureq::Error::StatusCode(404))) => return Err(RegisterError::NotFound(name)),
            Ok(Err(err)) => {
                tracing::warn!(register = name, %err, "register does not answer");
                return Err(RegisterError::Unavailable(name));
            }
            Err(err) => {
                tracing::error!(register = name, %err, "asking a register broke");
                return Err(RegisterError::Unavailable(name));
            }
        };
        read(&body, now).ok_or_else(|| {
            tracing::warn!(register = name, "register's answer is not an object");
            RegisterError::Unavailable(name)
        })
    }

    fn call(&self, query: &Query) -> Result<String, ureq::Error> {
        static AGENT: OnceLock<ureq::Agent> = OnceLock::new();
        let agent = AGENT.get_or_init(|| ureq::Agent::config_builder().max_redirects(0).build().into());
        let mut request = agent.post(&self.url).config().timeout_global(Some(self.timeout)).build();
        if let Some(token) = &self.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let mut question = serde_json::Map::new();
        let keys = query.params.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let person = [
            ("pinfl", query.pinfl.as_ref().map(|pinfl| pinfl.as_str())),
            ("passport", query.passport.as_ref().map(|passport| passport.as_str())),
            ("purpose", Some(query.purpose.as_str())),
        ];
        for (name, value) in keys.chain(person.into_iter().filter_map(|(name, value)| Some((name, value?)))) {
            question.insert(name.to_owned(), Value::from(value));
        }
        let mut response = request.send_json(Value::Object(question))?;
        response.body_mut().with_config().limit(LARGEST_ANSWER).read_to_string()
    }
}

/// Reads an answer: enveloped with its date, or bare.
fn read(body: &str, now: Timestamp) -> Option<(Value, Timestamp)> {
    let answer: Value = serde_json::from_str(body).ok()?;
    let object = answer.as_object()?;
    match (object.get("data"), object.get("as_of").and_then(Value::as_str)) {
        (Some(data @ Value::Object(_)), as_of) => {
            let as_of = as_of.and_then(|text| text.parse().ok()).unwrap_or(now);
            Some((data.clone(), as_of))
        }
        _ => Some((answer, now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_with_and_without_its_envelope() {
        let now: Timestamp = "2026-11-21T06:00:00Z".parse().expect("a moment");
        let (data, as_of) =
            read(r#"{"as_of":"2026-11-01T00:00:00Z","data":{"stir":"500000001"}}"#, now).expect("an answer");
        assert_eq!(data["stir"], "500000001");
        assert_eq!(as_of.to_string(), "2026-11-01T00:00:00Z");
        let (data, as_of) = read(r#"{"stir":"500000001"}"#, now).expect("an answer");
        assert_eq!((data["stir"].as_str(), as_of), (Some("500000001"), now));
        for nonsense in ["", "[]", "12", "{", "null"] {
            assert!(read(nonsense, now).is_none(), "{nonsense}");
        }
    }
}
