//! Ways out of the portal: the traits, their real providers and the demo.
//!
//! Chosen by settings: `notifications.sms.provider` = `playmobile` · `eskiz` · `demo`, `notifications.email.provider` =
//! `smtp` · `demo`. Without a setting it is `demo`, which writes to a table that `/demo/phone` shows.

mod demo;
mod eskiz;
pub mod failing;
mod playmobile;
mod smtp;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use contracts::{Ctx, Settings};
use kernel::id::MessageId;

use crate::domain::delivery::{Channel, Outcome};

/// What is handed to a provider. `id` stays the same over all tries, so that a provider can recognise a repetition.
#[derive(Clone, Debug)]
pub struct Letter {
    pub id: MessageId,
    /// `998…` for SMS, an address for e-mail.
    pub to: String,
    /// Subject line; not used for SMS.
    pub title: String,
    pub body: String,
}

/// Sends SMS.
#[async_trait]
pub trait SmsSender: Send + Sync {
    async fn send(&self, ctx: &Ctx, letter: &Letter) -> Outcome;
}

/// Sends e-mail.
#[async_trait]
pub trait EmailSender: Send + Sync {
    async fn send(&self, ctx: &Ctx, letter: &Letter) -> Outcome;
}

/// A setting that is missing or has a value that is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting {key}: {problem}")]
pub struct SettingError {
    pub key: String,
    pub problem: String,
}

/// Both senders.
#[derive(Clone)]
pub struct Senders {
    pub sms: Arc<dyn SmsSender>,
    pub email: Arc<dyn EmailSender>,
}

impl Senders {
    /// The senders that the settings ask for. Called at start too, so that a wrong setting is refused then.
    ///
    /// # Errors
    /// When a provider is not known or lacks a setting.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        // `notifications.down`: ways out of service, separated by commas; for rehearsals of an outage.
        let down = |way: &str| {
            settings.get("notifications.down").is_some_and(|names| names.split(',').any(|name| name.trim() == way))
        };
        let sms: Arc<dyn SmsSender> = match settings.get("notifications.sms.provider").unwrap_or("demo") {
            _ if down("sms") => Arc::new(failing::Failing::always("sms is down")),
            "demo" => Arc::new(demo::Demo),
            "playmobile" => Arc::new(playmobile::Playmobile::from_settings(settings)?),
            "eskiz" => Arc::new(eskiz::Eskiz::from_settings(settings)?),
            other => return Err(unknown("notifications.sms.provider", other, "demo, playmobile, eskiz")),
        };
        let email: Arc<dyn EmailSender> = match settings.get("notifications.email.provider").unwrap_or("demo") {
            _ if down("email") => Arc::new(failing::Failing::always("email is down")),
            "demo" => Arc::new(demo::Demo),
            "smtp" => Arc::new(smtp::Smtp::from_settings(settings)?),
            other => return Err(unknown("notifications.email.provider", other, "demo, smtp")),
        };
        Ok(Self { sms, email })
    }

    /// Sends a letter on a way.
    pub async fn send(&self, ctx: &Ctx, channel: Channel, letter: &Letter) -> Outcome {
        match channel {
            Channel::Sms => self.sms.send(ctx, letter).await,
            Channel::Email => self.email.send(ctx, letter).await,
        }
    }
}

fn unknown(key: &str, value: &str, allowed: &str) -> SettingError {
    SettingError { key: key.to_owned(), problem: format!("{value:?} is not known; allowed: {allowed}") }
}

fn required(settings: &Settings, key: &str) -> Result<String, SettingError> {
    match settings.get(key).filter(|value| !value.is_empty()) {
        Some(value) => Ok(value.to_owned()),
        None => Err(SettingError { key: key.to_owned(), problem: "is missing".to_owned() }),
    }
}

/// An HTTP client with a limit on time; statuses are looked at, not thrown.
fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(15)))
        .http_status_as_error(false)
        .build()
        .into()
}

/// Runs a blocking call of a provider off the event loop.
async fn blocking(call: impl FnOnce() -> Outcome + Send + 'static) -> Outcome {
    match tokio::task::spawn_blocking(call).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Later { why: error.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let values: BTreeMap<String, String> =
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Settings {
            public_url: "http://127.0.0.1:8080".into(),
            demo: true,
            master_key: [0; 32],
            values: Arc::new(values),
        }
    }

    #[test]
    fn unknown_provider_is_refused_with_what_is_allowed() {
        let error = Senders::from_settings(&settings(&[("notifications.sms.provider", "pigeon")])).err().unwrap();
        assert_eq!(
            error.to_string(),
            "setting notifications.sms.provider: \"pigeon\" is not known; allowed: demo, playmobile, eskiz"
        );
    }

    #[test]
    fn provider_without_its_settings_is_refused_by_name() {
        let error = Senders::from_settings(&settings(&[("notifications.sms.provider", "eskiz")])).err().unwrap();
        assert_eq!(error.to_string(), "setting notifications.sms.eskiz.email: is missing");
    }

    #[test]
    fn without_settings_everything_goes_to_the_demo_phone() {
        assert!(Senders::from_settings(&settings(&[])).is_ok());
    }
}
