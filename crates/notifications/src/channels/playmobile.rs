//! Playmobile: `POST /broker-api/send` with Basic authentication; a repeated `message-id` is not sent twice.
//!
//! Source: the vendor's public protocol, as in our notes on payment and SMS protocols.

use async_trait::async_trait;
use contracts::{Ctx, Settings};
use data_encoding::BASE64;
use serde_json::json;

use super::{Letter, SettingError, SmsSender, agent, blocking, required};
use crate::domain::delivery::Outcome;

pub(super) struct Playmobile {
    url: String,
    authorization: String,
    originator: String,
}

impl Playmobile {
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let login = required(settings, "notifications.sms.playmobile.login")?;
        let password = required(settings, "notifications.sms.playmobile.password")?;
        Ok(Self {
            url: required(settings, "notifications.sms.playmobile.url")?.trim_end_matches('/').to_owned(),
            authorization: format!("Basic {}", BASE64.encode(format!("{login}:{password}").as_bytes())),
            originator: required(settings, "notifications.sms.originator")?,
        })
    }
}

#[async_trait]
impl SmsSender for Playmobile {
    async fn send(&self, _ctx: &Ctx, letter: &Letter) -> Outcome {
        let url = format!("{}/broker-api/send", self.url);
        let authorization = self.authorization.clone();
        let body = message(&self.originator, letter);
        let id = letter.id.to_string();
        blocking(move || {
            let answer = agent().post(&url).header("authorization", &authorization).send_json(body);
            match answer {
                Ok(mut answer) => {
                    let status = answer.status().as_u16();
                    let text = answer.body_mut().read_to_string().unwrap_or_default();
                    judge(status, &text, id)
                }
                Err(error) => Outcome::Later { why: error.to_string() },
            }
        })
        .await
    }
}

fn message(originator: &str, letter: &Letter) -> serde_json::Value {
    json!({"messages": [{
        "message-id": letter.id.to_string(),
        "recipient": letter.to,
        "sms": {"originator": originator, "content": {"text": letter.body}},
    }]})
}

/// Codes by which the provider says that the number is wrong; every other refusal is about us or about now.
const WRONG_RECIPIENT: [i64; 2] = [202, 205];

fn judge(status: u16, body: &str, id: String) -> Outcome {
    if (200..300).contains(&status) {
        return Outcome::Taken { provider_id: id };
    }
    let told: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let code = told.get("error-code").and_then(|code| code.as_i64().or_else(|| code.as_str()?.parse().ok()));
    let text = told.get("error-description").and_then(|text| text.as_str()).unwrap_or("");
    let why = format!("{status} {} {text}", code.unwrap_or_default());
    match code {
        Some(code) if status == 400 && WRONG_RECIPIENT.contains(&code) => Outcome::Never { why },
        _ => Outcome::Later { why },
    }
}

#[cfg(test)]
mod tests {
    use kernel::id::MessageId;

    use super::*;

    #[test]
    fn message_has_the_documented_shape() {
        let id: MessageId = "01900000-0000-7000-8000-000000000001".parse().unwrap();
        let letter = Letter { id, to: "998901234567".into(), title: String::new(), body: "Salom".into() };
        assert_eq!(
            message("PESHTOQ", &letter).to_string(),
            r#"{"messages":[{"message-id":"01900000-0000-7000-8000-000000000001","recipient":"998901234567","sms":{"originator":"PESHTOQ","content":{"text":"Salom"}}}]}"#
        );
    }

    #[test]
    fn wrong_number_is_final_and_everything_else_is_tried_again() {
        let id = String::new;
        assert!(matches!(judge(200, "Request is received", id()), Outcome::Taken { .. }));
        assert!(matches!(
            judge(400, r#"{"error-code":"205","error-description":"Invalid recipient"}"#, id()),
            Outcome::Never { .. }
        ));
        assert!(matches!(judge(400, r#"{"error-code":102}"#, id()), Outcome::Later { .. }));
        assert!(matches!(judge(401, "", id()), Outcome::Later { .. }));
        assert!(matches!(judge(503, "<html>", id()), Outcome::Later { .. }));
    }
}
