//! E-mail by SMTP over TLS.

use async_trait::async_trait;
use contracts::{Ctx, Settings};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::{EmailSender, Letter, SettingError, required};
use crate::domain::delivery::Outcome;

pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// `notifications.email.smtp.host`, `…port` (465: TLS from the start; any other: STARTTLS), `…user`, `…password`,
    /// `notifications.email.from` (`Peshtoq <no-reply@portal.example>`).
    pub(super) fn from_settings(settings: &Settings) -> Result<Self, SettingError> {
        let host = required(settings, "notifications.email.smtp.host")?;
        let wrong = |key: &str, problem: String| SettingError { key: key.to_owned(), problem };
        let port_key = "notifications.email.smtp.port";
        let port: u16 = match settings.get(port_key) {
            None => 465,
            Some(text) => {
                text.parse().map_err(|_| wrong(port_key, format!("{text:?} is not a port; allowed: 1–65535")))?
            }
        };
        let builder = if port == 465 {
            AsyncSmtpTransport::<Tokio1Executor>::relay(&host)
        } else {
            AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&host)
        };
        let mut builder =
            builder.map_err(|error| wrong("notifications.email.smtp.host", error.to_string()))?.port(port);
        if let Some(user) = settings.get("notifications.email.smtp.user") {
            let password = required(settings, "notifications.email.smtp.password")?;
            builder = builder.credentials(Credentials::new(user.to_owned(), password));
        }
        let from_key = "notifications.email.from";
        let from = required(settings, from_key)?;
        let from = from.parse().map_err(|_| wrong(from_key, format!("{from:?} is not an address")))?;
        Ok(Self { transport: builder.build(), from })
    }
}

#[async_trait]
impl EmailSender for Smtp {
    async fn send(&self, _ctx: &Ctx, letter: &Letter) -> Outcome {
        let to: Mailbox = match letter.to.parse() {
            Ok(to) => to,
            Err(_) => return Outcome::Never { why: "not an address".to_owned() },
        };
        // The same id over all tries: mail programs show a repetition once.
        let domain = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(letter.title.clone())
            .message_id(Some(format!("<{}@{domain}>", letter.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body.clone());
        let message = match message {
            Ok(message) => message,
            Err(error) => return Outcome::Never { why: error.to_string() },
        };
        match self.transport.send(message).await {
            Ok(_) => Outcome::Taken { provider_id: letter.id.to_string() },
            Err(error) => {
                // 550–559 are about the box; other permanent answers (535 credentials, 552 size of ours) are about us.
                let code = error.status().map(u16::from);
                let why = error.to_string();
                if matches!(code, Some(550 | 551 | 553)) { Outcome::Never { why } } else { Outcome::Later { why } }
            }
        }
    }
}
