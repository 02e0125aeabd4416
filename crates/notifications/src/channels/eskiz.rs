//! Eskiz: a token by `POST /api/auth/login`, messages by `POST /api/message/sms/send`; 401 means that the token is over.
//!
//! Source: the vendor's public protocol, as in our notes on payment and SMS protocols.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use async_trait::async_trait;
use contracts::{Ctx, Settings};

use super::{Letter, SettingError, SmsSender, agent, blocking, required};
use crate::domain::delivery::Outcome;

/// Tokens by account: they live for weeks, and a sender is made anew for each delivery.
static TOKENS: LazyLock<Mutex<HashMap<String, String>>> = LazyLock::new(Mutex::default);

#[derive(Clone)]
pub(super) struct Eskiz {
    base: String,
    email: String,
    password: String,
    from: String,
}

impl Eskiz {
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let base = settings.get("notifications.sms.eskiz.url").unwrap_or("https://notify.eskiz.uz");
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            email: required(settings, "notifications.sms.eskiz.email")?,
            password: required(settings, "notifications.sms.eskiz.password")?,
            from: required(settings, "notifications.sms.originator")?,
        })
    }

    fn account(&self) -> String {
        format!("{} {}", self.base, self.email)
    }

    fn token(&self) -> Result<String, String> {
        let known = TOKENS.lock().unwrap_or_else(PoisonError::into_inner).get(&self.account()).cloned();
        if let Some(token) = known {
            return Ok(token);
        }
        let mut answer = agent()
            .post(format!("{}/api/auth/login", self.base))
            .send_form([("email", self.email.as_str()), ("password", self.password.as_str())])
            .map_err(|error| error.to_string())?;
        let status = answer.status().as_u16();
        let told: serde_json::Value = answer.body_mut().read_json().map_err(|error| error.to_string())?;
        let token = told
            .pointer("/data/token")
            .and_then(|token| token.as_str())
            .ok_or_else(|| format!("sign-in was answered with {status}"))?
            .to_owned();
        TOKENS.lock().unwrap_or_else(PoisonError::into_inner).insert(self.account(), token.clone());
        Ok(token)
    }

    fn send_now(&self, letter: &Letter) -> Outcome {
        // One more sign-in when the token is over; a second refusal is not about the token.
        for _ in 0..2 {
            let token = match self.token() {
                Ok(token) => token,
                Err(why) => return Outcome::Later { why },
            };
            let answer = agent()
                .post(format!("{}/api/message/sms/send", self.base))
                .header("authorization", format!("Bearer {token}"))
                .send_form([
                    ("mobile_phone", letter.to.as_str()),
                    ("message", letter.body.as_str()),
                    ("from", self.from.as_str()),
                ]);
            match answer {
                Err(error) => return Outcome::Later { why: error.to_string() },
                Ok(answer) if answer.status().as_u16() == 401 => {
                    TOKENS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.account());
                }
                Ok(mut answer) => {
                    let status = answer.status().as_u16();
                    let told: serde_json::Value = answer.body_mut().read_json().unwrap_or_default();
                    return judge(status, &told);
                }
            }
        }
        Outcome::Later { why: "401 after a new sign-in".to_owned() }
    }
}

#[async_trait]
impl SmsSender for Eskiz {
    async fn send(&self, _ctx: &Ctx, letter: &Letter) -> Outcome {
        let this = self.clone();
        let letter = letter.clone();
        blocking(move || this.send_now(&letter)).await
    }
}

fn judge(status: u16, told: &serde_json::Value) -> Outcome {
    let text =
        |key: &str| told.get(key).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).unwrap_or_default();
    if (200..300).contains(&status) && told.get("id").is_some() {
        return Outcome::Taken { provider_id: text("id") };
    }
    let why = format!("{status} {} {}", text("status"), text("message"));
    // 400 and 422 name the field that is wrong; only the number is the recipient's fault.
    let about_number = told.pointer("/message/mobile_phone").is_some() || text("message").contains("mobile_phone");
    if matches!(status, 400 | 422) && about_number { Outcome::Never { why } } else { Outcome::Later { why } }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn answers_are_judged_by_status_and_field() {
        let taken = judge(200, &json!({"id": "a-1", "message": "Waiting for SMS provider", "status": "waiting"}));
        assert_eq!(taken, Outcome::Taken { provider_id: "a-1".into() });
        assert!(matches!(judge(422, &json!({"message": {"mobile_phone": ["wrong"]}})), Outcome::Never { .. }));
        assert!(matches!(
            judge(400, &json!({"status": "error", "message": "not enough balance"})),
            Outcome::Later { .. }
        ));
        assert!(matches!(judge(500, &serde_json::Value::Null), Outcome::Later { .. }));
    }
}
