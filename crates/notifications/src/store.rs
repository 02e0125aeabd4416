//! SQL of notifications and its rows, nothing else.

use std::collections::BTreeMap;

use contracts::notifications::Arg;
use kernel::clock::Timestamp;
use kernel::id::{MessageId, SubjectId};
use storage::{Batch, Db, Error, Migration, Row, params, statement};
use uuid::Uuid;

use crate::channels::Letter;
use crate::domain::delivery::{Channel, State};

/// Tables of notifications.
pub const MIGRATIONS: &[Migration] = &[Migration {
    module: "notifications",
    version: 1,
    name: "messages",
    sql: include_str!("../migrations/0001_messages.sql"),
}];

// ---------------------------------------------------------------- inbox

/// A message as stored.
#[derive(Clone, Debug)]
pub(crate) struct MessageRow {
    pub(crate) id: MessageId,
    pub(crate) template: String,
    pub(crate) args: BTreeMap<String, Arg>,
    pub(crate) link: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) read_at: Option<Timestamp>,
}

statement!(
    INSERT_MESSAGE,
    "insert into notifications_messages (subject_id, message_id, template, args, link, created_at)
     values ($1, $2, $3, $4, $5, $6) on conflict (subject_id, message_id) do nothing"
);
statement!(
    MESSAGE,
    "select message_id, template, args, link, created_at, read_at from notifications_messages
     where subject_id = $1 and message_id = $2"
);
statement!(
    LATEST,
    "select message_id, template, args, link, created_at, read_at from notifications_messages
     where subject_id = $1 order by message_id desc limit $2"
);
statement!(
    BEFORE,
    "select message_id, template, args, link, created_at, read_at from notifications_messages
     where subject_id = $1 and message_id < $2 order by message_id desc limit $3"
);
statement!(UNREAD, "select count(*) from notifications_messages where subject_id = $1 and read_at is null");
statement!(
    MARK_READ,
    "update notifications_messages set read_at = $3 where subject_id = $1 and message_id = $2 and read_at is null"
);
statement!(MARK_ALL_READ, "update notifications_messages set read_at = $2 where subject_id = $1 and read_at is null");

fn message_row(row: &Row) -> Result<MessageRow, Error> {
    Ok(MessageRow {
        id: MessageId::from_uuid(row.uuid(0)?),
        template: row.text(1)?.to_owned(),
        args: row.json(2)?,
        link: row.opt_text(3)?.map(str::to_owned),
        created_at: row.timestamp(4)?,
        read_at: row.opt_timestamp(5)?,
    })
}

/// Adds a message once: the batch fails with `Guard("message")` when it is there.
pub(crate) fn insert_message(batch: &mut Batch, row: &MessageRow) -> Result<(), Error> {
    let args = serde_json::to_string(&row.args).map_err(|error| Error::Json(error.to_string()))?;
    let subject = batch.subject();
    let values = params![subject, row.id, row.template.as_str(), args, row.link.clone(), row.created_at];
    batch.expect(&INSERT_MESSAGE, values, 1, "message");
    Ok(())
}

pub(crate) async fn message(db: &Db, subject: SubjectId, id: MessageId) -> Result<Option<MessageRow>, Error> {
    db.query_opt(&MESSAGE, params![subject, id]).await?.as_ref().map(message_row).transpose()
}

pub(crate) async fn messages(
    db: &Db,
    subject: SubjectId,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<MessageRow>, Error> {
    let rows = match before {
        None => db.query(&LATEST, params![subject, limit]).await?,
        Some(before) => db.query(&BEFORE, params![subject, before, limit]).await?,
    };
    rows.iter().map(message_row).collect()
}

pub(crate) async fn unread(db: &Db, subject: SubjectId) -> Result<u64, Error> {
    let row = db.query_opt(&UNREAD, params![subject]).await?;
    let count = row.map(|row| row.i64(0)).transpose()?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

pub(crate) fn mark_read(batch: &mut Batch, subject: SubjectId, id: MessageId, now: Timestamp) {
    batch.step(&MARK_READ, params![subject, id, now]);
}

pub(crate) fn mark_all_read(batch: &mut Batch, subject: SubjectId, now: Timestamp) {
    batch.step(&MARK_ALL_READ, params![subject, now]);
}

// ---------------------------------------------------------------- deliveries

/// A delivery as stored.
#[derive(Clone, Debug)]
pub(crate) struct DeliveryRow {
    pub(crate) letter: Letter,
    pub(crate) channel: Channel,
    pub(crate) state: State,
    pub(crate) attempts: i64,
    pub(crate) last_error: Option<String>,
}

statement!(
    INSERT_DELIVERY,
    "insert into notifications_deliveries (subject_id, message_id, channel, address, title, body, state, attempts,
            created_at)
     values ($1, $2, $3, $4, $5, $6, 'waiting', 0, $7) on conflict (subject_id, message_id, channel) do nothing"
);
statement!(
    DELIVERY,
    "select message_id, channel, address, title, body, state, attempts, last_error from notifications_deliveries
     where subject_id = $1 and message_id = $2 and channel = $3"
);
statement!(
    DELIVERIES_OF,
    "select message_id, channel, address, title, body, state, attempts, last_error from notifications_deliveries
     where subject_id = $1 and message_id = $2 order by channel"
);
statement!(
    TRIED,
    "update notifications_deliveries set state = $4, attempts = attempts + 1, last_error = $5, provider_id = $6,
            done_at = $7
     where subject_id = $1 and message_id = $2 and channel = $3 and state = 'waiting'"
);

fn delivery_row(row: &Row) -> Result<DeliveryRow, Error> {
    let broken = |what: &str| Error::Json(what.to_owned());
    Ok(DeliveryRow {
        letter: Letter {
            id: MessageId::from_uuid(row.uuid(0)?),
            to: row.text(2)?.to_owned(),
            title: row.text(3)?.to_owned(),
            body: row.text(4)?.to_owned(),
        },
        channel: Channel::parse(row.text(1)?).ok_or_else(|| broken("channel"))?,
        state: State::parse(row.text(5)?).ok_or_else(|| broken("state"))?,
        attempts: row.i64(6)?,
        last_error: row.opt_text(7)?.map(str::to_owned),
    })
}

pub(crate) fn insert_delivery(batch: &mut Batch, channel: Channel, letter: &Letter, now: Timestamp) {
    let subject = batch.subject();
    let (to, title, body) = (letter.to.as_str(), letter.title.as_str(), letter.body.as_str());
    batch.step(&INSERT_DELIVERY, params![subject, letter.id, channel.name(), to, title, body, now]);
}

pub(crate) async fn delivery(
    db: &Db,
    subject: SubjectId,
    id: MessageId,
    channel: Channel,
) -> Result<Option<DeliveryRow>, Error> {
    db.query_opt(&DELIVERY, params![subject, id, channel.name()]).await?.as_ref().map(delivery_row).transpose()
}

pub(crate) async fn deliveries(db: &Db, subject: SubjectId, id: MessageId) -> Result<Vec<DeliveryRow>, Error> {
    db.query(&DELIVERIES_OF, params![subject, id]).await?.iter().map(delivery_row).collect()
}

pub(crate) fn tried(
    batch: &mut Batch,
    subject: SubjectId,
    id: MessageId,
    channel: Channel,
    state: State,
    error: Option<&str>,
    provider_id: Option<&str>,
    now: Timestamp,
) {
    let done = (state != State::Waiting).then_some(now);
    batch.step(&TRIED, params![subject, id, channel.name(), state.name(), error, provider_id, done]);
}

// ---------------------------------------------------------------- demo phone

/// A line of the demo phone.
#[derive(Clone, Debug)]
pub(crate) struct PhoneRow {
    pub(crate) channel: Channel,
    pub(crate) address: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) at: Timestamp,
}

statement!(
    INSERT_PHONE,
    "insert into notifications_phone (message_id, channel, address, title, body, at) values ($1, $2, $3, $4, $5, $6)
     on conflict (message_id, channel) do nothing"
);
statement!(
    PHONE_ALL,
    "select channel, address, title, body, at from notifications_phone order by at desc, message_id desc limit $1"
);
statement!(
    PHONE_OF,
    "select channel, address, title, body, at from notifications_phone where address = $1
     order by at desc, message_id desc limit $2"
);
statement!(PHONE_FORGET, "delete from notifications_phone where at < $1");

pub(crate) fn insert_phone(batch: &mut Batch, channel: Channel, letter: &Letter, now: Timestamp) {
    let (to, title, body) = (letter.to.as_str(), letter.title.as_str(), letter.body.as_str());
    batch.step(&INSERT_PHONE, params![letter.id, channel.name(), to, title, body, now]);
}

pub(crate) async fn phone(db: &Db, address: Option<&str>, limit: u32) -> Result<Vec<PhoneRow>, Error> {
    let rows = match address {
        None => db.query(&PHONE_ALL, params![limit]).await?,
        Some(address) => db.query(&PHONE_OF, params![address, limit]).await?,
    };
    rows.iter()
        .map(|row| {
            Ok(PhoneRow {
                channel: Channel::parse(row.text(0)?).ok_or_else(|| Error::Json("channel".to_owned()))?,
                address: row.text(1)?.to_owned(),
                title: row.text(2)?.to_owned(),
                body: row.text(3)?.to_owned(),
                at: row.timestamp(4)?,
            })
        })
        .collect()
}

pub(crate) fn forget_phone(batch: &mut Batch, before: Timestamp) {
    batch.step(&PHONE_FORGET, params![before]);
}
