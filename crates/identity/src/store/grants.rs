//! SQL of the roles that administrators give.

use contracts::Role;
use kernel::clock::Timestamp;
use kernel::id::{StaffId, Uuid};
use storage::{Batch, Db, Error, Row, params, statement};

/// How a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantState {
    /// For a second administrator to confirm.
    Waits,
    Active,
    /// The second administrator said no.
    Refused,
    Withdrawn,
    Expired,
}

impl GrantState {
    const ALL: [GrantState; 5] =
        [GrantState::Waits, GrantState::Active, GrantState::Refused, GrantState::Withdrawn, GrantState::Expired];

    /// Stable name, as stored.
    pub fn name(self) -> &'static str {
        match self {
            GrantState::Waits => "waits",
            GrantState::Active => "active",
            GrantState::Refused => "refused",
            GrantState::Withdrawn => "withdrawn",
            GrantState::Expired => "expired",
        }
    }
}

/// A role that was given to a member of staff.
#[derive(Clone, Debug)]
pub struct GrantRow {
    pub staff: StaffId,
    pub grant: Uuid,
    pub role: Role,
    pub state: GrantState,
    /// `None` = set up from the command line.
    pub given_by: Option<Uuid>,
    pub given_name: String,
    pub given_at: Timestamp,
    /// The second administrator, where one was needed.
    pub confirmed_name: String,
    pub expires_at: Timestamp,
    /// When it was given or last confirmed in a review.
    pub reviewed_at: Timestamp,
    pub seq: i64,
}

statement!(
    GRANT_INSERT,
    "insert into identity_grants (staff_id, grant_id, role, state, given_by, given_name, given_at, confirmed_name,
            expires_at, reviewed_at, seq)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)"
);
statement!(
    GRANT_UPDATE,
    "update identity_grants set state = $4, confirmed_name = $5, reviewed_at = $6, seq = seq + 1
     where staff_id = $1 and grant_id = $2 and seq = $3"
);
statement!(
    GRANTS_OF,
    "select staff_id, grant_id, role, state, given_by, given_name, given_at, confirmed_name, expires_at, reviewed_at, seq
     from identity_grants where staff_id = $1 order by grant_id desc"
);
statement!(
    GRANTS_RUN_OUT,
    "select staff_id, grant_id, role, state, given_by, given_name, given_at, confirmed_name, expires_at, reviewed_at, seq
     from identity_grants where state in ('active', 'waits') and expires_at <= $1 order by expires_at limit $2"
);
statement!(STAFF_ROLES, "update identity_staff set roles = $3 where staff_id = $1 and roles = $2");
statement!(
    STAFF_SEEN,
    "insert into identity_staff_seen (staff_id, seen_at) values ($1, $2)
     on conflict (staff_id) do update set seen_at = excluded.seen_at"
);
statement!(STAFF_LAST_SEEN, "select seen_at from identity_staff_seen where staff_id = $1");

fn row(row: &Row) -> Result<GrantRow, Error> {
    let broken = |what: &str| Error::Json(what.to_owned());
    Ok(GrantRow {
        staff: StaffId::from_uuid(row.uuid(0)?),
        grant: row.uuid(1)?,
        role: Role::parse(row.text(2)?).ok_or_else(|| broken("role"))?,
        state: {
            let name = row.text(3)?;
            GrantState::ALL.into_iter().find(|state| state.name() == name).ok_or_else(|| broken("state of a grant"))?
        },
        given_by: row.opt_uuid(4)?,
        given_name: row.text(5)?.to_owned(),
        given_at: row.timestamp(6)?,
        confirmed_name: row.text(7)?.to_owned(),
        expires_at: row.timestamp(8)?,
        reviewed_at: row.timestamp(9)?,
        seq: row.i64(10)?,
    })
}

/// Everything that was ever given to a member, newest first.
pub(crate) async fn grants_of(db: &Db, staff: StaffId) -> Result<Vec<GrantRow>, Error> {
    db.query(&GRANTS_OF, params![staff]).await?.iter().map(row).collect()
}

/// Grants whose time is over.
pub(crate) async fn run_out(db: &Db, now: Timestamp, limit: u32) -> Result<Vec<GrantRow>, Error> {
    db.query(&GRANTS_RUN_OUT, params![now, limit]).await?.iter().map(row).collect()
}

pub(crate) fn insert(batch: &mut Batch, grant: &GrantRow) {
    batch.step(
        &GRANT_INSERT,
        params![
            grant.staff,
            grant.grant,
            grant.role.name(),
            grant.state.name(),
            grant.given_by,
            grant.given_name.as_str(),
            grant.given_at,
            grant.confirmed_name.as_str(),
            grant.expires_at,
            grant.reviewed_at
        ],
    );
}

/// Saves a grant that nobody else has changed since it was read.
pub(crate) fn update(batch: &mut Batch, grant: &GrantRow) {
    batch.expect(
        &GRANT_UPDATE,
        params![
            grant.staff,
            grant.grant,
            grant.seq,
            grant.state.name(),
            grant.confirmed_name.as_str(),
            grant.reviewed_at
        ],
        1,
        "grant",
    );
}

/// Changes the roles that count, when they are still as they were read.
pub(crate) fn set_roles(batch: &mut Batch, staff: StaffId, old: &[Role], new: &[Role]) {
    let text = |roles: &[Role]| roles.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ");
    batch.expect(&STAFF_ROLES, params![staff, text(old), text(new)], 1, "roles");
}

pub(crate) fn seen(batch: &mut Batch, staff: Uuid, now: Timestamp) {
    batch.step(&STAFF_SEEN, params![staff, now]);
}

/// When the member last used the portal; `None` = never since this is written down.
pub(crate) async fn last_seen(db: &Db, staff: StaffId) -> Result<Option<Timestamp>, Error> {
    db.query_opt(&STAFF_LAST_SEEN, params![staff]).await?.map(|row| row.timestamp(0)).transpose()
}
