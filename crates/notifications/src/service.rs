//! Use cases of notifications: tell a person, send what is to be sent, read the inbox.

use std::sync::OnceLock;

use async_trait::async_trait;
use contracts::notifications::{CodeRequested, Inbox, NoticeRequested};
use contracts::{Ctx, Event, PortError, decode, emit};
use kernel::clock::Timestamp;
use kernel::id::{MessageId, SubjectId};
use kernel::lang::Lang;
use serde::{Deserialize, Serialize};
use storage::{Batch, CommitError, JobError};
use uuid::Uuid;
use web::i18n::{Catalogue, T};

use crate::channels::{Letter, Senders, SettingError};
use crate::domain::delivery::{Channel, Outcome, State, after, code_useful, ways};
use crate::domain::words::{self, Words};
use crate::store::{self, MessageRow};

/// The texts of this context in a language: jobs have no page to ask.
fn texts(lang: Lang) -> Result<T, JobError> {
    static CATALOGUE: OnceLock<Result<Catalogue, String>> = OnceLock::new();
    let loaded = CATALOGUE.get_or_init(|| Catalogue::load(&[crate::LOCALES]).map_err(|error| error.to_string()));
    match loaded {
        Ok(catalogue) => Ok(catalogue.lang(lang)),
        Err(error) => Err(JobError::Retry(error.clone())),
    }
}

/// An SMS of a notice waits to be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SmsWaits {
    pub(crate) message: MessageId,
}

impl Event for SmsWaits {
    const TOPIC: &'static str = "notifications.sms_waits";
}

/// An e-mail of a notice waits to be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EmailWaits {
    pub(crate) message: MessageId,
}

impl Event for EmailWaits {
    const TOPIC: &'static str = "notifications.email_waits";
}

/// Puts a notice into the inbox and promises its SMS and e-mail, all in one commit; a repetition changes nothing.
pub(crate) async fn on_notice(ctx: Ctx, delivery: storage::Delivery) -> Result<(), JobError> {
    let notice: NoticeRequested = decode(&delivery)?;
    let person =
        ctx.ports.people.person(&ctx, notice.subject).await.map_err(|error| JobError::Retry(error.to_string()))?;
    let Some(person) = person else {
        return Err(JobError::Discard(format!("{} is nobody", notice.subject)));
    };
    let words = words::notice(&texts(person.lang)?, &notice.template, &notice.args);
    // The message is known by its event: the second delivery of the same event meets the first one's row.
    let id = MessageId::from_uuid(delivery.event_id.uuid());
    let mut batch = Batch::new(notice.subject);
    let row = MessageRow {
        id,
        template: notice.template.clone(),
        args: notice.args.clone(),
        link: notice.link.clone(),
        created_at: delivery.created_at,
        read_at: None,
    };
    store::insert_message(&mut batch, &row)?;
    let email = person.email.as_deref().filter(|email| !email.is_empty());
    for channel in ways(notice.urgency, person.phone.is_some(), email.is_some()) {
        let letter = match (channel, &person.phone, email) {
            (Channel::Sms, Some(phone), _) => Letter {
                id,
                to: phone.as_str().trim_start_matches('+').to_owned(),
                title: String::new(),
                body: words.sms.clone(),
            },
            (Channel::Email, _, Some(email)) => Letter {
                id,
                to: email.to_owned(),
                title: words.title.clone(),
                body: email_body(&ctx, person.lang, &words, notice.link.as_deref()),
            },
            _ => continue,
        };
        store::insert_delivery(&mut batch, channel, &letter, ctx.now());
        match channel {
            Channel::Sms => emit(&ctx, &mut batch, &SmsWaits { message: id }),
            Channel::Email => emit(&ctx, &mut batch, &EmailWaits { message: id }),
        };
    }
    match ctx.db.commit(batch).await {
        Ok(()) | Err(CommitError::Guard("message")) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn email_body(ctx: &Ctx, lang: Lang, words: &Words, link: Option<&str>) -> String {
    let mut body = words.body.clone();
    if let Some(link) = link {
        body.push_str(&format!("\n\n{}/{}{link}", ctx.settings.public_url, lang.code()));
    }
    body
}

/// Sends the SMS of a notice.
pub(crate) async fn on_sms(ctx: Ctx, delivery: storage::Delivery) -> Result<(), JobError> {
    let waits: SmsWaits = decode(&delivery)?;
    send(&ctx, &senders(&ctx)?, delivery.subject, waits.message, Channel::Sms).await
}

/// Sends the e-mail of a notice.
pub(crate) async fn on_email(ctx: Ctx, delivery: storage::Delivery) -> Result<(), JobError> {
    let waits: EmailWaits = decode(&delivery)?;
    send(&ctx, &senders(&ctx)?, delivery.subject, waits.message, Channel::Email).await
}

/// Sends a one-time code. Kept nowhere: a code that could not be sent in time is dropped.
pub(crate) async fn on_code(ctx: Ctx, delivery: storage::Delivery) -> Result<(), JobError> {
    let asked: CodeRequested = decode(&delivery)?;
    send_code(&ctx, &senders(&ctx)?, &asked, MessageId::from_uuid(delivery.event_id.uuid()), delivery.created_at).await
}

fn senders(ctx: &Ctx) -> Result<Senders, JobError> {
    // Settings are checked at start; should they be wrong all the same, letters wait until they are right.
    Senders::from_settings(&ctx.settings).map_err(|error: SettingError| JobError::Retry(error.to_string()))
}

/// Tries one delivery by the given senders and writes down what came of it.
///
/// # Errors
/// [`JobError::Retry`] when it is to be tried again.
pub async fn send(
    ctx: &Ctx,
    senders: &Senders,
    subject: SubjectId,
    message: MessageId,
    channel: Channel,
) -> Result<(), JobError> {
    let Some(row) = store::delivery(&ctx.db, subject, message, channel).await? else {
        return Err(JobError::Discard(format!("no {} of message {message}", channel.name())));
    };
    if row.state != State::Waiting {
        return Ok(());
    }
    let outcome = senders.send(ctx, channel, &row.letter).await;
    let state = after(&outcome);
    let (error, provider_id) = match &outcome {
        Outcome::Taken { provider_id } => (None, Some(provider_id.as_str())),
        Outcome::Later { why } | Outcome::Never { why } => (Some(why.as_str()), None),
    };
    let mut batch = Batch::new(subject);
    store::tried(&mut batch, subject, message, channel, state, error, provider_id, ctx.now());
    ctx.db.commit(batch).await?;
    match outcome {
        Outcome::Later { why } => Err(JobError::Retry(why)),
        Outcome::Never { why } => {
            tracing::info!(channel = channel.name(), why, "a letter was refused for good");
            Ok(())
        }
        Outcome::Taken { .. } => Ok(()),
    }
}

/// Sends a one-time code by the given senders.
///
/// # Errors
/// [`JobError::Retry`] while the code may still be of use.
pub async fn send_code(
    ctx: &Ctx,
    senders: &Senders,
    asked: &CodeRequested,
    id: MessageId,
    asked_at: Timestamp,
) -> Result<(), JobError> {
    if !code_useful(asked_at, ctx.now()) {
        tracing::warn!("a one-time code was dropped: it could not be sent in time");
        return Ok(());
    }
    let body = words::code(&texts(asked.lang)?, &asked.purpose, &asked.code);
    let mail = asked.phone.contains('@');
    // The title of a letter is read on a locked screen: the portal's name, not the code.
    let title = if mail { "Peshtoq".to_owned() } else { String::new() };
    let letter = Letter { id, to: asked.phone.clone(), title, body };
    match senders.send(ctx, if mail { Channel::Email } else { Channel::Sms }, &letter).await {
        Outcome::Taken { .. } => Ok(()),
        Outcome::Later { why } => Err(JobError::Retry(why)),
        Outcome::Never { why } => {
            tracing::info!(why, "a one-time code was refused for good");
            Ok(())
        }
    }
}

/// Forgets lines of the demo phone older than a day.
pub(crate) async fn forget_phone(ctx: Ctx) -> Result<(), JobError> {
    let day_ago = ctx.now().checked_sub(jiff::SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
    let mut batch = Batch::system();
    store::forget_phone(&mut batch, day_ago);
    Ok(ctx.db.commit(batch).await?)
}

// ---------------------------------------------------------------- the inbox

/// A message in words.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: MessageId,
    pub title: String,
    pub body: String,
    /// Path without the language.
    pub link: Option<String>,
    pub at: Timestamp,
    pub unread: bool,
}

fn message(t: &T, row: MessageRow) -> Message {
    let words = words::notice(t, &row.template, &row.args);
    Message {
        id: row.id,
        title: words.title,
        body: words.body,
        link: row.link,
        at: row.created_at,
        unread: row.read_at.is_none(),
    }
}

/// The newest messages of a person, or those before one; in the reader's language.
///
/// # Errors
/// When the database fails.
pub async fn list(
    ctx: &Ctx,
    t: &T,
    subject: SubjectId,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Message>, storage::Error> {
    let rows = store::messages(&ctx.db, subject, before, limit).await?;
    Ok(rows.into_iter().map(|row| message(t, row)).collect())
}

/// Opens a message of a person and marks it read; another's message is not found.
///
/// # Errors
/// When the database fails.
pub async fn open(ctx: &Ctx, t: &T, subject: SubjectId, id: MessageId) -> Result<Option<Message>, storage::Error> {
    let Some(row) = store::message(&ctx.db, subject, id).await? else { return Ok(None) };
    if row.read_at.is_none() {
        let mut batch = Batch::new(subject);
        store::mark_read(&mut batch, subject, id, ctx.now());
        ctx.db.commit(batch).await?;
    }
    Ok(Some(message(t, row)))
}

/// Marks all messages of a person read.
///
/// # Errors
/// When the database fails.
pub async fn read_all(ctx: &Ctx, subject: SubjectId) -> Result<(), storage::Error> {
    let mut batch = Batch::new(subject);
    store::mark_all_read(&mut batch, subject, ctx.now());
    Ok(ctx.db.commit(batch).await?)
}

/// Which ways a message took beside the inbox, and with what success; for the operator and for tests.
#[derive(Clone, Debug)]
pub struct Sent {
    pub channel: Channel,
    pub state: State,
    pub attempts: i64,
    pub last_error: Option<String>,
}

/// The deliveries of a message.
///
/// # Errors
/// When the database fails.
pub async fn deliveries(ctx: &Ctx, subject: SubjectId, id: MessageId) -> Result<Vec<Sent>, storage::Error> {
    let rows = store::deliveries(&ctx.db, subject, id).await?;
    Ok(rows
        .into_iter()
        .map(|row| Sent { channel: row.channel, state: row.state, attempts: row.attempts, last_error: row.last_error })
        .collect())
}

/// A line of the demo phone.
#[derive(Clone, Debug)]
pub struct PhoneLine {
    pub channel: Channel,
    pub to: String,
    pub title: String,
    pub body: String,
    pub at: Timestamp,
}

/// What the demo phone received last, for one address or for all.
///
/// # Errors
/// When the database fails.
pub async fn demo_phone(ctx: &Ctx, to: Option<&str>, limit: u32) -> Result<Vec<PhoneLine>, storage::Error> {
    let rows = store::phone(&ctx.db, to, limit).await?;
    Ok(rows
        .into_iter()
        .map(|row| PhoneLine { channel: row.channel, to: row.address, title: row.title, body: row.body, at: row.at })
        .collect())
}

/// The implementation of the port; stateless.
#[derive(Clone, Copy, Debug, Default)]
pub struct Port;

#[async_trait]
impl Inbox for Port {
    async fn unread(&self, ctx: &Ctx, subject: SubjectId) -> Result<u64, PortError> {
        Ok(store::unread(&ctx.db, subject).await?)
    }
}
