//! SQL of identity and its rows, nothing else.

pub(crate) mod factors;

use contracts::identity::{Person, StaffMember};
use contracts::{Assurance, Channel, Role, UnitRef};
use kernel::clock::Timestamp;
use kernel::id::{AccountId, SessionId, StaffId, SubjectId};
use kernel::lang::Lang;
use kernel::person::{Passport, Phone, Pinfl, Soato};
use storage::{Batch, Db, Error, Migration, Row, Value, params, statement};
use uuid::Uuid;

use crate::domain::session::{Life, Owner};
use crate::domain::throttle::Count;

pub(crate) mod grants;
pub(crate) mod mandates;

/// Tables of identity.
pub const MIGRATIONS: &[Migration] = &[
    Migration { module: "identity", version: 1, name: "people", sql: include_str!("../migrations/0001_people.sql") },
    Migration { module: "identity", version: 3, name: "factors", sql: include_str!("../migrations/0003_factors.sql") },
    Migration {
        module: "identity",
        version: 4,
        name: "mandates",
        sql: include_str!("../migrations/0004_mandates.sql"),
    },
];

// ---------------------------------------------------------------- people

/// A person as stored: what others may know, and what only identity does.
#[derive(Clone, Debug)]
pub(crate) struct PersonRow {
    pub(crate) person: Person,
    pub(crate) account: AccountId,
    /// Passport of any country; `person.passport` has it only when it is one of ours.
    pub(crate) passport: Option<String>,
    pub(crate) phone_verified_at: Option<Timestamp>,
    /// `population` when the register told the name, `self` when the person did.
    pub(crate) source: String,
    pub(crate) source_at: Timestamp,
    pub(crate) password_hash: String,
    pub(crate) password_at: Timestamp,
    pub(crate) version: i64,
}

const PERSON_COLUMNS: usize = 20;

statement!(
    PERSON,
    "select subject_id, account_id, pinfl, passport, surname, name, patronymic, birth_date, citizenship, phone,
            phone_verified_at, email, lang, address, reliefs, source, source_at, password_hash, password_at, version
     from identity_people where subject_id = $1"
);
statement!(
    INSERT_PERSON,
    "insert into identity_people (subject_id, account_id, pinfl, passport, surname, name, patronymic, birth_date, sex,
            citizenship, phone, phone_verified_at, email, lang, address, reliefs, source, source_at, password_hash,
            password_at, version, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 1, $21)"
);
statement!(
    UPDATE_PROFILE,
    "update identity_people set lang = $2, version = version + 1 where subject_id = $1 and version = $3"
);
fn person_row(row: &Row) -> Result<PersonRow, Error> {
    debug_assert_eq!(row.len(), PERSON_COLUMNS);
    let passport = row.opt_text(3)?.map(str::to_owned);
    Ok(PersonRow {
        person: Person {
            subject: SubjectId::from_uuid(row.uuid(0)?),
            pinfl: row.opt_text(2)?.and_then(|text| Pinfl::parse(text).ok()),
            passport: passport.as_deref().and_then(|text| Passport::parse(text).ok()),
            surname: row.text(4)?.to_owned(),
            name: row.text(5)?.to_owned(),
            patronymic: row.opt_text(6)?.map(str::to_owned),
            birth_date: row.opt_date(7)?,
            citizenship: row.text(8)?.to_owned(),
            phone: row.opt_text(9)?.and_then(|text| Phone::parse(text).ok()),
            email: row.opt_text(11)?.map(str::to_owned),
            lang: Lang::parse(row.text(12)?).unwrap_or(Lang::Uz),
            address: row.opt_text(13)?.and_then(|text| Soato::parse(text).ok()),
            reliefs: row.json(14)?,
        },
        account: AccountId::from_uuid(row.uuid(1)?),
        passport,
        phone_verified_at: row.opt_timestamp(10)?,
        source: row.text(15)?.to_owned(),
        source_at: row.timestamp(16)?,
        password_hash: row.text(17)?.to_owned(),
        password_at: row.timestamp(18)?,
        version: row.i64(19)?,
    })
}

pub(crate) async fn person(db: &Db, subject: SubjectId) -> Result<Option<PersonRow>, Error> {
    db.query_opt(&PERSON, params![subject]).await?.as_ref().map(person_row).transpose()
}

/// Adds a new person to the batch.
pub(crate) fn insert_person(batch: &mut Batch, row: &PersonRow, now: Timestamp) {
    let p = &row.person;
    let reliefs = serde_json::Value::from(p.reliefs.clone());
    let sex = p.pinfl.as_ref().map(|pinfl| format!("{:?}", pinfl.sex()).to_lowercase());
    batch.step(
        &INSERT_PERSON,
        params![
            p.subject,
            row.account,
            p.pinfl.as_ref().map(|pinfl| pinfl.as_str().to_owned()),
            row.passport.clone(),
            p.surname.as_str(),
            p.name.as_str(),
            p.patronymic.clone(),
            p.birth_date,
            sex,
            p.citizenship.as_str(),
            p.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            row.phone_verified_at,
            p.email.clone(),
            p.lang.code(),
            p.address.as_ref().map(|soato| soato.as_str().to_owned()),
            reliefs,
            row.source.as_str(),
            row.source_at,
            row.password_hash.as_str(),
            row.password_at,
            now,
        ],
    );
}

pub(crate) fn update_profile(batch: &mut Batch, subject: SubjectId, lang: Lang, version: i64) {
    batch.expect(&UPDATE_PROFILE, params![subject, lang.code(), version], 1, "person version");
}

// ---------------------------------------------------------------- claims

statement!(CLAIM_OWNER, "select owner_id from identity_claims where claim = $1");
statement!(INSERT_CLAIM, "insert into identity_claims (claim, kind, owner_id, claimed_at) values ($1, $2, $3, $4)");
statement!(
    INSERT_CLAIM_IF_FREE,
    "insert into identity_claims (claim, kind, owner_id, claimed_at) values ($1, $2, $3, $4)
     on conflict (claim) do nothing"
);

pub(crate) async fn claim_owner(db: &Db, claim: &str) -> Result<Option<Uuid>, Error> {
    db.query_opt(&CLAIM_OWNER, params![claim]).await?.map(|row| row.uuid(0)).transpose()
}

/// Claims something unique; the batch fails with `Unique("INSERT_CLAIM")` when another has it.
pub(crate) fn insert_claim(batch: &mut Batch, claim: &str, kind: &str, owner: Uuid, now: Timestamp) {
    batch.step(&INSERT_CLAIM, params![claim, kind, owner, now]);
}

/// Claims something convenient but not promised to be unique.
pub(crate) fn insert_claim_if_free(batch: &mut Batch, claim: &str, kind: &str, owner: Uuid, now: Timestamp) {
    batch.step(&INSERT_CLAIM_IF_FREE, params![claim, kind, owner, now]);
}

// ---------------------------------------------------------------- staff

/// A member of staff as stored.
#[derive(Clone, Debug)]
pub(crate) struct StaffRow {
    pub(crate) member: StaffMember,
    pub(crate) account: AccountId,
    pub(crate) login: String,
    pub(crate) phone: String,
    pub(crate) lang: Lang,
    pub(crate) active: bool,
    pub(crate) password_hash: String,
}

statement!(
    STAFF,
    "select staff_id, account_id, login, name, phone, unit, roles, lang, active, password_hash
     from identity_staff where staff_id = $1"
);
statement!(
    STAFF_OF_AGENCY,
    "select staff_id, account_id, login, name, phone, unit, roles, lang, active, password_hash
     from identity_staff where unit >= $1 and unit < $2 and active = 1 order by unit, name, staff_id"
);
statement!(
    INSERT_STAFF,
    "insert into identity_staff (staff_id, account_id, login, name, phone, unit, roles, lang, active, password_hash,
            password_at, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $10, $10)"
);

fn staff_row(row: &Row) -> Result<StaffRow, Error> {
    Ok(StaffRow {
        member: StaffMember {
            staff: StaffId::from_uuid(row.uuid(0)?),
            name: row.text(3)?.to_owned(),
            unit: UnitRef::parse(row.text(5)?),
            roles: row.text(6)?.split(' ').filter_map(Role::parse).collect(),
        },
        account: AccountId::from_uuid(row.uuid(1)?),
        login: row.text(2)?.to_owned(),
        phone: row.text(4)?.to_owned(),
        lang: Lang::parse(row.text(7)?).unwrap_or(Lang::Uz),
        active: row.bool(8)?,
        password_hash: row.text(9)?.to_owned(),
    })
}

pub(crate) async fn staff(db: &Db, staff: StaffId) -> Result<Option<StaffRow>, Error> {
    db.query_opt(&STAFF, params![staff]).await?.as_ref().map(staff_row).transpose()
}

/// Active staff of an agency, all units.
pub(crate) async fn staff_of_agency(db: &Db, agency: &str) -> Result<Vec<StaffRow>, Error> {
    // `/` follows `.` in ASCII: "AV" ≤ unit < "AV/" takes "AV" and "AV.1726" and leaves "AVX"
    // to the caller's check by `UnitRef::covers`. Collations other than "C" may order differently,
    // hence the wide upper bound and that check.
    let rows = db.query(&STAFF_OF_AGENCY, params![agency, format!("{agency}\u{fffd}")]).await?;
    rows.iter().map(staff_row).collect()
}

pub(crate) fn insert_staff(batch: &mut Batch, row: &StaffRow, now: Timestamp) {
    let roles: Vec<&str> = row.member.roles.iter().map(|role| role.name()).collect();
    batch.step(
        &INSERT_STAFF,
        params![
            row.member.staff,
            row.account,
            row.login.as_str(),
            row.member.name.as_str(),
            row.phone.as_str(),
            row.member.unit.as_str(),
            roles.join(" "),
            row.lang.code(),
            row.password_hash.as_str(),
            now,
        ],
    );
}

// ---------------------------------------------------------------- sessions

/// A session as stored; without its token, which only the holder has.
#[derive(Clone, Debug)]
pub(crate) struct SessionRow {
    pub(crate) session: SessionId,
    pub(crate) owner: Uuid,
    pub(crate) kind: Owner,
    pub(crate) account: AccountId,
    pub(crate) display_name: String,
    pub(crate) assurance: Assurance,
    pub(crate) channel: Channel,
    /// Opened by a code alone: the password was not asked for.
    pub(crate) by_code: bool,
    pub(crate) device: String,
    pub(crate) place: String,
    pub(crate) created_at: Timestamp,
    pub(crate) life: Life,
}

statement!(
    SESSION,
    "select session_id, owner_id, owner_kind, account_id, display_name, assurance, channel, device, place,
            created_at, seen_at, expires_at, ends_at, by_code
     from identity_sessions where token_hash = $1 and revoked_at is null"
);
statement!(
    SESSIONS_OF,
    "select session_id, owner_id, owner_kind, account_id, display_name, assurance, channel, device, place,
            created_at, seen_at, expires_at, ends_at, by_code
     from identity_sessions where owner_id = $1 and revoked_at is null and expires_at > $2
     order by seen_at desc, session_id"
);
statement!(
    INSERT_SESSION,
    "insert into identity_sessions (token_hash, session_id, owner_id, owner_kind, account_id, display_name, assurance,
            channel, device, place, created_at, seen_at, expires_at, ends_at, by_code)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
);
statement!(
    TOUCH_SESSION,
    "update identity_sessions set seen_at = $2, expires_at = $3 where token_hash = $1 and revoked_at is null"
);
statement!(
    REVOKE_SESSION,
    "update identity_sessions set revoked_at = $3 where owner_id = $1 and session_id = $2 and revoked_at is null"
);
statement!(
    REVOKE_OTHERS,
    "update identity_sessions set revoked_at = $3 where owner_id = $1 and session_id <> $2 and revoked_at is null"
);
statement!(FORGET_SESSIONS, "delete from identity_sessions where ends_at < $1");

fn session_row(row: &Row) -> Result<SessionRow, Error> {
    Ok(SessionRow {
        session: SessionId::from_uuid(row.uuid(0)?),
        owner: row.uuid(1)?,
        kind: Owner::parse(row.text(2)?).ok_or_else(|| Error::Json("owner_kind".to_owned()))?,
        account: AccountId::from_uuid(row.uuid(3)?),
        display_name: row.text(4)?.to_owned(),
        assurance: parse_assurance(row.text(5)?),
        channel: if row.text(6)? == Channel::Api.name() { Channel::Api } else { Channel::Web },
        device: row.text(7)?.to_owned(),
        place: row.text(8)?.to_owned(),
        created_at: row.timestamp(9)?,
        life: Life { seen_at: row.timestamp(10)?, expires_at: row.timestamp(11)?, ends_at: row.timestamp(12)? },
        by_code: row.bool(13)?,
    })
}

fn assurance_name(assurance: Assurance) -> &'static str {
    match assurance {
        Assurance::Open => "open",
        Assurance::Password => "password",
        Assurance::Otp => "otp",
        Assurance::Face => "face",
        Assurance::Signature => "signature",
    }
}

fn parse_assurance(text: &str) -> Assurance {
    match text {
        "password" => Assurance::Password,
        "otp" => Assurance::Otp,
        "face" => Assurance::Face,
        "signature" => Assurance::Signature,
        // An unknown word proves nothing.
        _ => Assurance::Open,
    }
}

pub(crate) async fn session(db: &Db, token_hash: &[u8]) -> Result<Option<SessionRow>, Error> {
    db.query_opt(&SESSION, params![token_hash]).await?.as_ref().map(session_row).transpose()
}

pub(crate) async fn sessions_of(db: &Db, owner: Uuid, now: Timestamp) -> Result<Vec<SessionRow>, Error> {
    db.query(&SESSIONS_OF, params![owner, now]).await?.iter().map(session_row).collect()
}

pub(crate) fn insert_session(batch: &mut Batch, token_hash: &[u8], row: &SessionRow) {
    batch.step(
        &INSERT_SESSION,
        params![
            token_hash,
            row.session,
            row.owner,
            row.kind.name(),
            row.account,
            row.display_name.as_str(),
            assurance_name(row.assurance),
            row.channel.name(),
            row.device.as_str(),
            row.place.as_str(),
            row.created_at,
            row.life.seen_at,
            row.life.expires_at,
            row.life.ends_at,
            row.by_code,
        ],
    );
}

pub(crate) fn touch_session(batch: &mut Batch, token_hash: &[u8], life: &Life) {
    batch.step(&TOUCH_SESSION, params![token_hash, life.seen_at, life.expires_at]);
}

pub(crate) fn revoke_session(batch: &mut Batch, owner: Uuid, session: SessionId, now: Timestamp) {
    batch.step(&REVOKE_SESSION, params![owner, session, now]);
}

pub(crate) fn revoke_others(batch: &mut Batch, owner: Uuid, keep: SessionId, now: Timestamp) {
    batch.step(&REVOKE_OTHERS, params![owner, keep, now]);
}

// ---------------------------------------------------------------- devices

statement!(DEVICE, "select 1 from identity_devices where owner_id = $1 and device_hash = $2 and expires_at > $3");
statement!(
    REMEMBER_DEVICE,
    "insert into identity_devices (owner_id, device_hash, created_at, seen_at, expires_at) values ($1, $2, $3, $3, $4)
     on conflict (owner_id, device_hash) do update set seen_at = excluded.seen_at, expires_at = excluded.expires_at"
);
statement!(FORGET_DEVICES_OF, "delete from identity_devices where owner_id = $1 and device_hash <> $2");
statement!(FORGET_DEVICES, "delete from identity_devices where expires_at < $1");

pub(crate) async fn device_known(db: &Db, owner: Uuid, device: &str, now: Timestamp) -> Result<bool, Error> {
    Ok(db.query_opt(&DEVICE, params![owner, device, now]).await?.is_some())
}

pub(crate) fn remember_device(batch: &mut Batch, owner: Uuid, device: &str, now: Timestamp, until: Timestamp) {
    batch.step(&REMEMBER_DEVICE, params![owner, device, now, until]);
}

/// Forgets every device of the owner but one (`""` forgets all).
pub(crate) fn forget_devices(batch: &mut Batch, owner: Uuid, keep: &str) {
    batch.step(&FORGET_DEVICES_OF, params![owner, keep]);
}

// ---------------------------------------------------------------- flows

/// An unfinished registration or sign-in.
#[derive(Clone, Debug)]
pub(crate) struct FlowRow {
    pub(crate) kind: String,
    pub(crate) owner: Option<Uuid>,
    /// JSON; its type is the use case's.
    pub(crate) data: String,
    pub(crate) code_hash: Option<String>,
    pub(crate) code_expires_at: Timestamp,
    pub(crate) tries: u32,
    pub(crate) sends: u32,
    pub(crate) proved_at: Option<Timestamp>,
    pub(crate) done_at: Option<Timestamp>,
    pub(crate) version: i64,
    pub(crate) expires_at: Timestamp,
}

statement!(
    FLOW,
    "select kind, owner_id, data, code_hash, code_expires_at, tries, sends, proved_at, done_at, version, expires_at
     from identity_flows where flow_hash = $1 and expires_at > $2"
);
statement!(
    INSERT_FLOW,
    "insert into identity_flows (flow_hash, kind, owner_id, data, code_hash, code_expires_at, tries, sends, version,
            created_at, expires_at)
     values ($1, $2, $3, $4, $5, $6, 0, $7, 1, $8, $9)"
);
statement!(
    UPDATE_FLOW,
    "update identity_flows set code_hash = $3, code_expires_at = $4, tries = $5, sends = $6, proved_at = $7,
            done_at = $8, version = version + 1
     where flow_hash = $1 and version = $2"
);
statement!(FORGET_FLOWS, "delete from identity_flows where expires_at < $1");

pub(crate) async fn flow(db: &Db, flow_hash: &str, now: Timestamp) -> Result<Option<FlowRow>, Error> {
    let Some(row) = db.query_opt(&FLOW, params![flow_hash, now]).await? else { return Ok(None) };
    Ok(Some(FlowRow {
        kind: row.text(0)?.to_owned(),
        owner: row.opt_uuid(1)?,
        data: row.text(2)?.to_owned(),
        code_hash: row.opt_text(3)?.map(str::to_owned),
        code_expires_at: row.timestamp(4)?,
        tries: count(row.i64(5)?),
        sends: count(row.i64(6)?),
        proved_at: row.opt_timestamp(7)?,
        done_at: row.opt_timestamp(8)?,
        version: row.i64(9)?,
        expires_at: row.timestamp(10)?,
    }))
}

pub(crate) fn insert_flow(batch: &mut Batch, flow_hash: &str, flow: &FlowRow, now: Timestamp) {
    batch.step(
        &INSERT_FLOW,
        params![
            flow_hash,
            flow.kind.as_str(),
            flow.owner,
            flow.data.as_str(),
            flow.code_hash.clone(),
            flow.code_expires_at,
            flow.sends,
            now,
            flow.expires_at,
        ],
    );
}

/// Saves the flow when nobody else has since it was read: two parallel answers cannot both be "the fifth".
pub(crate) fn update_flow(batch: &mut Batch, flow_hash: &str, flow: &FlowRow) {
    batch.expect(
        &UPDATE_FLOW,
        params![
            flow_hash,
            flow.version,
            flow.code_hash.clone(),
            flow.code_expires_at,
            flow.tries,
            flow.sends,
            flow.proved_at,
            flow.done_at,
        ],
        1,
        "flow version",
    );
}

fn count(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

// ---------------------------------------------------------------- throttle

statement!(BUCKET, "select failures, window_start, blocked_until from identity_throttle where bucket = $1");
statement!(
    INSERT_BUCKET,
    "insert into identity_throttle (bucket, failures, window_start, blocked_until) values ($1, $2, $3, $4)
     on conflict (bucket) do nothing"
);
statement!(
    UPDATE_BUCKET,
    "update identity_throttle set failures = $2, window_start = $3, blocked_until = $4
     where bucket = $1 and failures = $5 and window_start = $6 and blocked_until = $7"
);
statement!(DELETE_BUCKET, "delete from identity_throttle where bucket = $1");
statement!(FORGIVE_BUCKET, "update identity_throttle set failures = failures - 1 where bucket = $1 and failures > 0");
statement!(FORGET_BUCKETS, "delete from identity_throttle where window_start < $1 and blocked_until < $1");

pub(crate) async fn bucket(db: &Db, bucket: &str) -> Result<Option<Count>, Error> {
    let Some(row) = db.query_opt(&BUCKET, params![bucket]).await? else { return Ok(None) };
    Ok(Some(Count { failures: count(row.i64(0)?), window_start: row.timestamp(1)?, blocked_until: row.timestamp(2)? }))
}

/// Writes a count when it is still as it was read; the batch fails with `Guard("throttle")` otherwise.
pub(crate) fn save_bucket(batch: &mut Batch, bucket: &str, old: Option<Count>, new: Count) {
    let values = params![bucket, new.failures, new.window_start, new.blocked_until];
    match old {
        None => batch.expect(&INSERT_BUCKET, values, 1, "throttle"),
        Some(old) => {
            let mut values = values;
            values.extend([Value::from(old.failures), old.window_start.into(), old.blocked_until.into()]);
            batch.expect(&UPDATE_BUCKET, values, 1, "throttle")
        }
    };
}

pub(crate) fn clear_bucket(batch: &mut Batch, bucket: &str) {
    batch.step(&DELETE_BUCKET, params![bucket]);
}

pub(crate) fn forgive_bucket(batch: &mut Batch, bucket: &str) {
    batch.step(&FORGIVE_BUCKET, params![bucket]);
}

/// Forgets what has ended: flows, sessions, devices, counters. Not in one batch with anything else.
pub(crate) fn forget(batch: &mut Batch, now: Timestamp, long_ago: Timestamp) {
    batch.step(&FORGET_FLOWS, params![now]);
    batch.step(&FORGET_SESSIONS, params![long_ago]);
    batch.step(&FORGET_DEVICES, params![now]);
    batch.step(&FORGET_BUCKETS, params![long_ago]);
}
