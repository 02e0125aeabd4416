//! SQL of the ways to sign in, of the locks and of recovery.

use kernel::clock::Timestamp;
use kernel::id::{SessionId, SubjectId};
use storage::{Batch, Db, Error, Row, params, statement};
use uuid::Uuid;

use crate::domain::factor::{self, Proof};

// ---------------------------------------------------------------- proofs of sessions

statement!(
    SESSION_PROOFS,
    "select proofs from identity_sessions where owner_id = $1 and session_id = $2 and revoked_at is null"
);
statement!(
    SESSIONS_PROOFS,
    "select session_id, proofs from identity_sessions where owner_id = $1 and revoked_at is null"
);
statement!(SET_PROOFS, "update identity_sessions set proofs = $2 where token_hash = $1");

/// By what a session was proved; `None` when it was revoked or there is none.
pub(crate) async fn live_proofs(db: &Db, owner: Uuid, session: SessionId) -> Result<Option<Vec<Proof>>, Error> {
    let row = db.query_opt(&SESSION_PROOFS, params![owner, session]).await?;
    row.map(|row| Ok(factor::read(row.text(0)?))).transpose()
}

/// [`live_proofs`], nothing when there is no such session.
pub(crate) async fn session_proofs(db: &Db, owner: Uuid, session: SessionId) -> Result<Vec<Proof>, Error> {
    Ok(live_proofs(db, owner, session).await?.unwrap_or_default())
}

/// By what every session of a person that is not revoked was proved.
pub(crate) async fn sessions_proofs(db: &Db, owner: Uuid) -> Result<Vec<(Uuid, Vec<Proof>)>, Error> {
    let rows = db.query(&SESSIONS_PROOFS, params![owner]).await?;
    rows.iter().map(|row| Ok((row.uuid(0)?, factor::read(row.text(1)?)))).collect()
}

pub(crate) fn set_proofs(batch: &mut Batch, token_hash: &[u8], proofs: &[Proof]) {
    batch.step(&SET_PROOFS, params![token_hash, factor::write(proofs)]);
}

// ---------------------------------------------------------------- guards

/// How an account is guarded.
#[derive(Clone, Debug, Default)]
pub(crate) struct GuardRow {
    /// When the e-mail address was confirmed.
    pub(crate) email_at: Option<Timestamp>,
    /// Where codes go: `sms`, `email` or `totp`.
    pub(crate) code_by: String,
    /// Recovery at a counter needs a second pair of eyes.
    pub(crate) high_risk: bool,
    pub(crate) frozen_at: Option<Timestamp>,
    pub(crate) recovered_at: Option<Timestamp>,
    /// 0 when there is no row yet.
    pub(crate) version: i64,
}

statement!(
    GUARD,
    "select email_at, code_by, high_risk, frozen_at, recovered_at, version from identity_guards where subject_id = $1"
);
statement!(
    INSERT_GUARD,
    "insert into identity_guards (subject_id, email_at, code_by, high_risk, frozen_at, recovered_at, version)
     values ($1, $2, $3, $4, $5, $6, 1)"
);
statement!(
    UPDATE_GUARD,
    "update identity_guards set email_at = $2, code_by = $3, high_risk = $4, frozen_at = $5, recovered_at = $6,
            version = version + 1
     where subject_id = $1 and version = $7"
);

pub(crate) async fn guard(db: &Db, subject: SubjectId) -> Result<GuardRow, Error> {
    let Some(row) = db.query_opt(&GUARD, params![subject]).await? else {
        return Ok(GuardRow { code_by: "sms".to_owned(), ..GuardRow::default() });
    };
    Ok(GuardRow {
        email_at: row.opt_timestamp(0)?,
        code_by: row.text(1)?.to_owned(),
        high_risk: row.bool(2)?,
        frozen_at: row.opt_timestamp(3)?,
        recovered_at: row.opt_timestamp(4)?,
        version: row.i64(5)?,
    })
}

/// Saves the guard when nobody else has since it was read.
pub(crate) fn save_guard(batch: &mut Batch, subject: SubjectId, guard: &GuardRow) {
    let mut values =
        params![subject, guard.email_at, guard.code_by.as_str(), guard.high_risk, guard.frozen_at, guard.recovered_at];
    if guard.version == 0 {
        batch.step(&INSERT_GUARD, values);
    } else {
        values.push(guard.version.into());
        batch.expect(&UPDATE_GUARD, values, 1, "guard version");
    }
}

// ---------------------------------------------------------------- ways to sign in

/// A way to sign in that the person added.
#[derive(Clone, Debug)]
pub(crate) struct FactorRow {
    pub(crate) factor: Uuid,
    /// `totp`, `passkey`, `printed`.
    pub(crate) kind: String,
    pub(crate) name: String,
    /// Sealed secret or passkey; hash of a printed code.
    pub(crate) secret: String,
    pub(crate) used_step: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) used_at: Option<Timestamp>,
    pub(crate) version: i64,
}

statement!(
    FACTORS,
    "select factor_id, kind, name, secret, used_step, created_at, used_at, version from identity_factors
     where subject_id = $1 and removed_at is null order by created_at, factor_id"
);
statement!(
    INSERT_FACTOR,
    "insert into identity_factors (subject_id, factor_id, kind, name, secret, used_step, created_at, version)
     values ($1, $2, $3, $4, $5, $6, $7, 1)"
);
statement!(
    USE_FACTOR,
    "update identity_factors set used_step = $3, used_at = $4, secret = $5, version = version + 1
     where subject_id = $1 and factor_id = $2 and version = $6 and removed_at is null"
);
statement!(
    REMOVE_FACTOR,
    "update identity_factors set removed_at = $3, secret = '', version = version + 1
     where subject_id = $1 and factor_id = $2 and removed_at is null"
);
statement!(
    REMOVE_FACTORS_OF_KIND,
    "update identity_factors set removed_at = $3, secret = '', version = version + 1
     where subject_id = $1 and kind = $2 and removed_at is null"
);
statement!(
    SEALED_OTHERWISE,
    "select subject_id, factor_id, secret, version from identity_factors
     where kind <> 'printed' and removed_at is null and secret not like $1 limit 200"
);
statement!(
    RESEAL,
    "update identity_factors set secret = $3, version = version + 1
     where subject_id = $1 and factor_id = $2 and version = $4"
);

fn factor_row(row: &Row) -> Result<FactorRow, Error> {
    Ok(FactorRow {
        factor: row.uuid(0)?,
        kind: row.text(1)?.to_owned(),
        name: row.text(2)?.to_owned(),
        secret: row.text(3)?.to_owned(),
        used_step: row.i64(4)?,
        created_at: row.timestamp(5)?,
        used_at: row.opt_timestamp(6)?,
        version: row.i64(7)?,
    })
}

pub(crate) async fn factors(db: &Db, subject: SubjectId) -> Result<Vec<FactorRow>, Error> {
    db.query(&FACTORS, params![subject]).await?.iter().map(factor_row).collect()
}

pub(crate) fn insert_factor(batch: &mut Batch, subject: SubjectId, row: &FactorRow) {
    batch.step(
        &INSERT_FACTOR,
        params![
            subject,
            row.factor,
            row.kind.as_str(),
            row.name.as_str(),
            row.secret.as_str(),
            row.used_step,
            row.created_at
        ],
    );
}

/// Notes a use; the batch fails when the same factor was used in between, so that no code is good twice.
pub(crate) fn use_factor(
    batch: &mut Batch,
    subject: SubjectId,
    row: &FactorRow,
    step: i64,
    secret: &str,
    now: Timestamp,
) {
    batch.expect(&USE_FACTOR, params![subject, row.factor, step, now, secret, row.version], 1, "factor version");
}

pub(crate) fn remove_factor(batch: &mut Batch, subject: SubjectId, factor: Uuid, now: Timestamp) {
    batch.step(&REMOVE_FACTOR, params![subject, factor, now]);
}

pub(crate) fn remove_factors(batch: &mut Batch, subject: SubjectId, kind: &str, now: Timestamp) {
    batch.step(&REMOVE_FACTORS_OF_KIND, params![subject, kind, now]);
}

/// Secrets that were sealed with another key than the one whose name is given: whose, which, the secret, its version.
pub(crate) async fn sealed_otherwise(db: &Db, key: &str) -> Result<Vec<(SubjectId, Uuid, String, i64)>, Error> {
    let rows = db.query(&SEALED_OTHERWISE, params![format!("{key}.%")]).await?;
    rows.iter()
        .map(|row| Ok((SubjectId::from_uuid(row.uuid(0)?), row.uuid(1)?, row.text(2)?.to_owned(), row.i64(3)?)))
        .collect()
}

pub(crate) fn reseal(batch: &mut Batch, subject: SubjectId, factor: Uuid, secret: &str, version: i64) {
    batch.step(&RESEAL, params![subject, factor, secret, version]);
}

// ---------------------------------------------------------------- changes of the locks

/// A change that waits.
#[derive(Clone, Debug)]
pub(crate) struct ChangeRow {
    pub(crate) subject: SubjectId,
    pub(crate) change: Uuid,
    pub(crate) kind: String,
    /// Sealed.
    pub(crate) data: String,
    pub(crate) proved: String,
    pub(crate) state: String,
    pub(crate) asked_at: Timestamp,
    pub(crate) due_at: Timestamp,
}

statement!(
    OPEN_CHANGES,
    "select subject_id, change_id, kind, data, proved, state, asked_at, due_at from identity_changes
     where subject_id = $1 and state = 'open' order by change_id"
);
statement!(
    DUE_CHANGES,
    "select subject_id, change_id, kind, data, proved, state, asked_at, due_at from identity_changes
     where state = 'open' and due_at <= $1 order by due_at limit 100"
);
statement!(
    INSERT_CHANGE,
    "insert into identity_changes (subject_id, change_id, kind, data, proved, state, asked_at, due_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)"
);
statement!(
    END_CHANGE,
    "update identity_changes set state = $3, ended_at = $4, data = ''
     where subject_id = $1 and change_id = $2 and state = 'open'"
);
statement!(
    END_CHANGES_OF_KIND,
    "update identity_changes set state = $3, ended_at = $4, data = ''
     where subject_id = $1 and kind = $2 and state = 'open'"
);
statement!(
    END_CHANGES,
    "update identity_changes set state = $2, ended_at = $3, data = '' where subject_id = $1 and state = 'open'"
);

fn change_row(row: &Row) -> Result<ChangeRow, Error> {
    Ok(ChangeRow {
        subject: SubjectId::from_uuid(row.uuid(0)?),
        change: row.uuid(1)?,
        kind: row.text(2)?.to_owned(),
        data: row.text(3)?.to_owned(),
        proved: row.text(4)?.to_owned(),
        state: row.text(5)?.to_owned(),
        asked_at: row.timestamp(6)?,
        due_at: row.timestamp(7)?,
    })
}

pub(crate) async fn open_changes(db: &Db, subject: SubjectId) -> Result<Vec<ChangeRow>, Error> {
    db.query(&OPEN_CHANGES, params![subject]).await?.iter().map(change_row).collect()
}

pub(crate) async fn due_changes(db: &Db, now: Timestamp) -> Result<Vec<ChangeRow>, Error> {
    db.query(&DUE_CHANGES, params![now]).await?.iter().map(change_row).collect()
}

pub(crate) fn insert_change(batch: &mut Batch, row: &ChangeRow) {
    batch.step(
        &INSERT_CHANGE,
        params![
            row.subject,
            row.change,
            row.kind.as_str(),
            row.data.as_str(),
            row.proved.as_str(),
            row.state.as_str(),
            row.asked_at,
            row.due_at
        ],
    );
}

/// Ends one open change; the batch fails when it was ended in between.
pub(crate) fn end_change(batch: &mut Batch, subject: SubjectId, change: Uuid, state: &str, now: Timestamp) {
    batch.expect(&END_CHANGE, params![subject, change, state, now], 1, "change open");
}

pub(crate) fn end_changes_of_kind(batch: &mut Batch, subject: SubjectId, kind: &str, state: &str, now: Timestamp) {
    batch.step(&END_CHANGES_OF_KIND, params![subject, kind, state, now]);
}

pub(crate) fn end_changes(batch: &mut Batch, subject: SubjectId, state: &str, now: Timestamp) {
    batch.step(&END_CHANGES, params![subject, state, now]);
}

// ---------------------------------------------------------------- "this was not me"

statement!(
    INSERT_UNDO,
    "insert into identity_undo (token_hash, subject_id, change_id, expires_at) values ($1, $2, $3, $4)"
);
statement!(UNDO, "select subject_id, change_id, used_at from identity_undo where token_hash = $1 and expires_at > $2");
statement!(USE_UNDO, "update identity_undo set used_at = $2 where token_hash = $1 and used_at is null");
statement!(FORGET_UNDO, "delete from identity_undo where expires_at < $1");

/// What a link belongs to and when it was used.
pub(crate) struct UndoRow {
    pub(crate) subject: SubjectId,
    pub(crate) used_at: Option<Timestamp>,
}

pub(crate) fn insert_undo(batch: &mut Batch, token_hash: &str, subject: SubjectId, change: Uuid, until: Timestamp) {
    batch.step(&INSERT_UNDO, params![token_hash, subject, change, until]);
}

pub(crate) async fn undo(db: &Db, token_hash: &str, now: Timestamp) -> Result<Option<UndoRow>, Error> {
    let Some(row) = db.query_opt(&UNDO, params![token_hash, now]).await? else { return Ok(None) };
    Ok(Some(UndoRow { subject: SubjectId::from_uuid(row.uuid(0)?), used_at: row.opt_timestamp(2)? }))
}

/// Uses the link up; the batch fails when it was used in between.
pub(crate) fn use_undo(batch: &mut Batch, token_hash: &str, now: Timestamp) {
    batch.expect(&USE_UNDO, params![token_hash, now], 1, "undo");
}

// ---------------------------------------------------------------- people

statement!(
    UPDATE_PHONE,
    "update identity_people set phone = $2, phone_verified_at = $3, version = version + 1 where subject_id = $1"
);
statement!(UPDATE_EMAIL, "update identity_people set email = $2, version = version + 1 where subject_id = $1");
statement!(
    SET_PASSWORD,
    "update identity_people set password_hash = $2, password_at = $3, version = version + 1 where subject_id = $1"
);
statement!(DELETE_CLAIM, "delete from identity_claims where claim = $1 and owner_id = $2");
statement!(REVOKE_ALL, "update identity_sessions set revoked_at = $2 where owner_id = $1 and revoked_at is null");

pub(crate) fn update_phone(batch: &mut Batch, subject: SubjectId, phone: &str, now: Timestamp) {
    batch.step(&UPDATE_PHONE, params![subject, phone, now]);
}

pub(crate) fn update_email(batch: &mut Batch, subject: SubjectId, email: &str) {
    batch.step(&UPDATE_EMAIL, params![subject, email]);
}

pub(crate) fn set_password(batch: &mut Batch, subject: SubjectId, hash: &str, now: Timestamp) {
    batch.step(&SET_PASSWORD, params![subject, hash, now]);
}

pub(crate) fn delete_claim(batch: &mut Batch, claim: &str, owner: Uuid) {
    batch.step(&DELETE_CLAIM, params![claim, owner]);
}

pub(crate) fn revoke_all(batch: &mut Batch, owner: Uuid, now: Timestamp) {
    batch.step(&REVOKE_ALL, params![owner, now]);
}

// ---------------------------------------------------------------- flows whose data grow

statement!(
    UPDATE_FLOW_DATA,
    "update identity_flows set data = $3, tries = $4, done_at = $5, version = version + 1
     where flow_hash = $1 and version = $2"
);

/// Saves the data of a flow when nobody else has since it was read.
pub(crate) fn update_flow_data(batch: &mut Batch, flow_hash: &str, flow: &super::FlowRow) {
    batch.expect(
        &UPDATE_FLOW_DATA,
        params![flow_hash, flow.version, flow.data.as_str(), flow.tries, flow.done_at],
        1,
        "flow version",
    );
}

// ---------------------------------------------------------------- history

/// A sign-in that was.
#[derive(Clone, Debug)]
pub(crate) struct SignInRow {
    pub(crate) entry: Uuid,
    pub(crate) at: Timestamp,
    pub(crate) device: String,
    pub(crate) place: String,
    /// As [`factor::write`] writes them.
    pub(crate) means: String,
}

statement!(
    INSERT_SIGN_IN,
    "insert into identity_sign_ins (subject_id, entry_id, at, device, place, means) values ($1, $2, $3, $4, $5, $6)"
);
statement!(
    SIGN_INS,
    "select entry_id, at, device, place, means from identity_sign_ins
     where subject_id = $1 and entry_id < $2 order by entry_id desc limit $3"
);
statement!(FORGET_SIGN_INS, "delete from identity_sign_ins where at < $1");

pub(crate) fn insert_sign_in(batch: &mut Batch, subject: SubjectId, row: &SignInRow) {
    batch.step(
        &INSERT_SIGN_IN,
        params![subject, row.entry, row.at, row.device.as_str(), row.place.as_str(), row.means.as_str()],
    );
}

pub(crate) async fn sign_ins(
    db: &Db,
    subject: SubjectId,
    before: Option<Uuid>,
    most: i64,
) -> Result<Vec<SignInRow>, Error> {
    let before = before.unwrap_or(Uuid::max());
    db.query(&SIGN_INS, params![subject, before, most])
        .await?
        .iter()
        .map(|row| {
            Ok(SignInRow {
                entry: row.uuid(0)?,
                at: row.timestamp(1)?,
                device: row.text(2)?.to_owned(),
                place: row.text(3)?.to_owned(),
                means: row.text(4)?.to_owned(),
            })
        })
        .collect()
}

/// Forgets links that are over and sign-ins of long ago.
pub(crate) fn forget(batch: &mut Batch, now: Timestamp, long_ago: Timestamp) {
    batch.step(&FORGET_UNDO, params![now]);
    batch.step(&FORGET_SIGN_INS, params![long_ago]);
}

// ---------------------------------------------------------------- recoveries

/// An attempt to get back in.
#[derive(Clone, Debug)]
pub(crate) struct RecoveryRow {
    pub(crate) method: String,
    pub(crate) state: String,
    pub(crate) begun_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
}

statement!(
    INSERT_RECOVERY,
    "insert into identity_recoveries (subject_id, recovery_id, method, state, begun_at) values ($1, $2, $3, 'begun', $4)"
);
statement!(
    UPDATE_RECOVERY,
    "update identity_recoveries set method = $3, state = $4, ended_at = $5 where subject_id = $1 and recovery_id = $2"
);
statement!(
    RECOVERIES,
    "select method, state, begun_at, ended_at from identity_recoveries
     where begun_at >= $1 and begun_at < $2 order by begun_at limit 100000"
);

pub(crate) fn insert_recovery(batch: &mut Batch, subject: SubjectId, recovery: Uuid, now: Timestamp) {
    batch.step(&INSERT_RECOVERY, params![subject, recovery, "none", now]);
}

pub(crate) fn update_recovery(
    batch: &mut Batch,
    subject: SubjectId,
    recovery: Uuid,
    method: &str,
    state: &str,
    ended: Option<Timestamp>,
) {
    batch.step(&UPDATE_RECOVERY, params![subject, recovery, method, state, ended]);
}

pub(crate) async fn recoveries(db: &Db, from: Timestamp, until: Timestamp) -> Result<Vec<RecoveryRow>, Error> {
    db.query(&RECOVERIES, params![from, until])
        .await?
        .iter()
        .map(|row| {
            Ok(RecoveryRow {
                method: row.text(0)?.to_owned(),
                state: row.text(1)?.to_owned(),
                begun_at: row.timestamp(2)?,
                ended_at: row.opt_timestamp(3)?,
            })
        })
        .collect()
}
