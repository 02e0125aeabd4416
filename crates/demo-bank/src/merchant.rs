//! The Payme Merchant API from the provider's side.

use std::time::Duration;

use serde_json::{Value, json};

use crate::words::Words;

/// The merchant as the bank reaches it.
#[derive(Clone)]
pub(crate) struct Merchant {
    url: String,
    authorization: String,
    agent: ureq::Agent,
}

/// Why a payment did not go through.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The merchant refused: code and its words in uz, ru, en.
    Refused { code: i64, message: [String; 3] },
    /// No answer, or not one of the protocol.
    Unreachable,
    /// The demo card has no money.
    Declined,
}

impl Failure {
    /// For the payer.
    pub(crate) fn text(&self, words: &Words) -> String {
        match self {
            Failure::Refused { code, message } => format!("{} ({code})", message[words.index]),
            Failure::Unreachable => words.unreachable.to_owned(),
            Failure::Declined => words.declined.to_owned(),
        }
    }
}

impl Merchant {
    pub(crate) fn new(url: String, key: String) -> Self {
        let authorization = format!("Basic {}", data_encoding::BASE64.encode(format!("Paycom:{key}").as_bytes()));
        let config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(15))).build();
        Self { url, authorization, agent: config.into() }
    }

    /// One call. Blocks; a network failure is tried once more, because calls are idempotent.
    pub(crate) fn call(&self, method: &str, params: &Value) -> Result<Value, Failure> {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = self.post(&body).or_else(|_| self.post(&body)).map_err(|error| {
            tracing::warn!(%error, method, "the merchant does not answer");
            Failure::Unreachable
        })?;
        if let Some(error) = answer.get("error").filter(|error| !error.is_null()) {
            let code = error.get("code").and_then(Value::as_i64).unwrap_or(0);
            let said = error.get("message");
            let word = |lang: &str| match said {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.get(lang).and_then(Value::as_str).unwrap_or("?").to_owned(),
                None => "?".to_owned(),
            };
            return Err(Failure::Refused { code, message: [word("uz"), word("ru"), word("en")] });
        }
        answer.get("result").cloned().ok_or(Failure::Unreachable)
    }

    fn post(&self, body: &Value) -> Result<Value, ureq::Error> {
        let mut response = self.agent.post(&self.url).header("authorization", &self.authorization).send_json(body)?;
        response.body_mut().read_json::<Value>()
    }
}
