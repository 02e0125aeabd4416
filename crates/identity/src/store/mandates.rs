//! SQL of mandates and of the choice for whom one acts.

use kernel::clock::{Date, Timestamp};
use kernel::id::{SessionId, SubjectId, Uuid};
use storage::{Batch, Db, Error, params, statement};

use crate::domain::mandate::{Mandate, Recorded};

statement!(
    MANDATE_EVENT_INSERT,
    "insert into identity_mandate_events (subject_id, mandate_id, seq, kind, at, actor, body)
     values ($1, $2, $3, $4, $5, $6, $7)"
);
statement!(
    MANDATE_EVENTS,
    "select body from identity_mandate_events where subject_id = $1 and mandate_id = $2 order by seq"
);
statement!(
    MANDATE_INSERT,
    "insert into identity_mandates (subject_id, mandate_id, number, open, until) values ($1, $2, $3, 1, $4)"
);
statement!(
    MANDATE_UPDATE,
    "update identity_mandates set open = $3, until = $4 where subject_id = $1 and mandate_id = $2"
);
statement!(
    MANDATES_OF,
    "select mandate_id from identity_mandates where subject_id = $1 order by open desc, mandate_id desc limit 200"
);
statement!(
    MANDATES_RUN_OUT,
    "select subject_id, mandate_id from identity_mandates where open = 1 and until < $1 order by until limit $2"
);
statement!(
    MANDATE_HELD_INSERT,
    "insert into identity_mandates_held (holder, mandate_id, subject_id, number) values ($1, $2, $3, $4)"
);
statement!(
    MANDATES_HELD,
    "select subject_id, mandate_id from identity_mandates_held where holder = $1 order by mandate_id desc limit 200"
);
statement!(
    MANDATE_HELD_BY_NUMBER,
    "select subject_id, mandate_id from identity_mandates_held where holder = $1 and number = $2 order by mandate_id limit 1"
);

fn key(row: &storage::Row) -> Result<(SubjectId, Uuid), Error> {
    Ok((SubjectId::from_uuid(row.uuid(0)?), row.uuid(1)?))
}

/// A mandate with all that happened to it.
pub(crate) async fn mandate(db: &Db, subject: SubjectId, id: Uuid) -> Result<Option<Mandate>, Error> {
    let rows = db.query(&MANDATE_EVENTS, params![subject, id]).await?;
    let events = rows.iter().map(|row| row.json::<Recorded>(0)).collect::<Result<Vec<_>, _>>()?;
    if events.is_empty() {
        return Ok(None);
    }
    Mandate::fold(id, events).map(Some).ok_or_else(|| Error::Json("a mandate that was never given".to_owned()))
}

/// Ids of what a subject gave, open ones first.
pub(crate) async fn mandates_of(db: &Db, subject: SubjectId) -> Result<Vec<Uuid>, Error> {
    db.query(&MANDATES_OF, params![subject]).await?.iter().map(|row| row.uuid(0)).collect()
}

/// What names a holder, newest first.
pub(crate) async fn mandates_held(db: &Db, holder: &str) -> Result<Vec<(SubjectId, Uuid)>, Error> {
    db.query(&MANDATES_HELD, params![holder]).await?.iter().map(key).collect()
}

/// The one with this number among those that name a holder.
pub(crate) async fn mandate_by_number(db: &Db, holder: &str, number: &str) -> Result<Option<(SubjectId, Uuid)>, Error> {
    db.query_opt(&MANDATE_HELD_BY_NUMBER, params![holder, number]).await?.as_ref().map(key).transpose()
}

/// Open ones whose last day is over.
pub(crate) async fn mandates_run_out(db: &Db, today: Date, limit: u32) -> Result<Vec<(SubjectId, Uuid)>, Error> {
    db.query(&MANDATES_RUN_OUT, params![today, limit]).await?.iter().map(key).collect()
}

/// Adds the first event of a mandate, its row and the way from its holder to it.
pub(crate) fn insert_mandate(batch: &mut Batch, mandate: &Mandate) -> Result<(), Error> {
    batch.step(&MANDATE_INSERT, params![mandate.subject, mandate.id, mandate.number.as_str(), mandate.terms.until]);
    batch.step(
        &MANDATE_HELD_INSERT,
        params![mandate.holder.as_str(), mandate.id, mandate.subject, mandate.number.as_str()],
    );
    insert_event(batch, mandate)
}

/// Adds the newest event of a mandate; the batch fails with `Unique` when somebody else was first.
pub(crate) fn save_mandate(batch: &mut Batch, mandate: &Mandate) -> Result<(), Error> {
    insert_event(batch, mandate)?;
    let open = mandate.ended.is_none();
    batch.step(&MANDATE_UPDATE, params![mandate.subject, mandate.id, open, mandate.terms.until]);
    Ok(())
}

fn insert_event(batch: &mut Batch, mandate: &Mandate) -> Result<(), Error> {
    let Some(newest) = mandate.events.last() else { return Ok(()) };
    let body = serde_json::to_string(newest).map_err(|error| Error::Json(error.to_string()))?;
    batch.step(
        &MANDATE_EVENT_INSERT,
        params![
            mandate.subject,
            mandate.id,
            newest.seq,
            newest.event.name(),
            newest.at,
            newest.actor.map(SubjectId::uuid),
            body
        ],
    );
    Ok(())
}

// ---------------------------------------------------------------- organisations

statement!(
    ORGANISATION_INSERT,
    "insert into identity_organisations (subject_id, stir, name, created_at) values ($1, $2, $3, $4)"
);

pub(crate) fn insert_organisation(batch: &mut Batch, subject: SubjectId, stir: &str, name: &str, now: Timestamp) {
    batch.step(&ORGANISATION_INSERT, params![subject, stir, name, now]);
}

// ---------------------------------------------------------------- for whom one acts

statement!(
    ACTING,
    "select a.kind, a.subject_key, a.name from identity_acting a
     join identity_sessions s on s.token_hash = a.token_hash
     where s.owner_id = $1 and s.session_id = $2 and s.revoked_at is null"
);
statement!(
    ACTING_PUT,
    "insert into identity_acting (token_hash, kind, subject_key, name, ends_at)
     select token_hash, $3, $4, $5, ends_at from identity_sessions
     where owner_id = $1 and session_id = $2 and revoked_at is null
     on conflict (token_hash) do update set kind = excluded.kind, subject_key = excluded.subject_key, name = excluded.name"
);
statement!(
    ACTING_CLEAR,
    "delete from identity_acting where token_hash in
       (select token_hash from identity_sessions where owner_id = $1 and session_id = $2)"
);
statement!(FORGET_ACTING, "delete from identity_acting where ends_at < $1");

/// Kind, key and name of the one for whom the session acts.
pub(crate) async fn acting(
    db: &Db,
    owner: Uuid,
    session: SessionId,
) -> Result<Option<(String, String, String)>, Error> {
    let Some(row) = db.query_opt(&ACTING, params![owner, session]).await? else { return Ok(None) };
    Ok(Some((row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.text(2)?.to_owned())))
}

pub(crate) fn put_acting(batch: &mut Batch, owner: Uuid, session: SessionId, kind: &str, key: &str, name: &str) {
    batch.expect(&ACTING_PUT, params![owner, session, kind, key, name], 1, "session");
}

pub(crate) fn clear_acting(batch: &mut Batch, owner: Uuid, session: SessionId) {
    batch.step(&ACTING_CLEAR, params![owner, session]);
}

pub(crate) fn forget_acting(batch: &mut Batch, long_ago: Timestamp) {
    batch.step(&FORGET_ACTING, params![long_ago]);
}
