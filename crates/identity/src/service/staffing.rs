//! Roles of staff: given by the agency's administrator, confirmed by a second one, reviewed, withdrawn, ended.

use contracts::identity::StaffMember;
use contracts::{Ctx, Role, UnitRef};
use kernel::clock::Timestamp;
use kernel::id::{StaffId, SubjectId, Uuid};
use storage::audit::{self, AuditEntry, Recorded};
use storage::{Batch, CommitError};

use super::IdentityError;
use crate::domain::grant::{self, GrantRefused, Pair};
use crate::store::{self, StaffRow};

pub use crate::store::grants::{GrantRow, GrantState};

/// Setting: days until a role has to be confirmed in a review again.
const REVIEW_SETTING: &str = "staff.review_days";

/// The administrator who asks.
#[derive(Clone, Debug)]
pub struct Admin {
    pub staff: StaffId,
    pub name: String,
    pub unit: UnitRef,
    pub roles: Vec<Role>,
}

/// Why something with a role was not done.
#[derive(Debug, thiserror::Error)]
pub enum StaffingError {
    #[error("no such member or role")]
    NotFound,
    #[error(transparent)]
    Refused(#[from] GrantRefused),
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl From<storage::Error> for StaffingError {
    fn from(error: storage::Error) -> Self {
        Self::Identity(error.into())
    }
}

impl From<CommitError> for StaffingError {
    fn from(error: CommitError) -> Self {
        Self::Identity(error.into())
    }
}

/// A role that a member has, with all that a review asks.
#[derive(Clone, Debug)]
pub struct Held {
    pub role: Role,
    /// `None` = set up from the command line, without an end.
    pub grant: Option<GrantRow>,
    /// It has to be confirmed or withdrawn.
    pub due: bool,
    pub ends_soon: bool,
}

/// A member of staff in the list of an administrator.
#[derive(Clone, Debug)]
pub struct Member {
    pub member: StaffMember,
    pub login: String,
    pub held: Vec<Held>,
    /// Roles that wait for a second administrator.
    pub waiting: Vec<GrantRow>,
    pub last_seen: Option<Timestamp>,
    /// It is the administrator who asks.
    pub oneself: bool,
}

fn pair<'a>(admin: &'a Admin, row: &'a StaffRow) -> Pair<'a> {
    Pair {
        admin_unit: &admin.unit,
        admin_roles: &admin.roles,
        member_unit: &row.member.unit,
        oneself: admin.staff == row.member.staff,
    }
}

fn review_days(ctx: &Ctx) -> i64 {
    ctx.settings.get(REVIEW_SETTING).and_then(|text| text.parse().ok()).unwrap_or(grant::REVIEW_DAYS)
}

async fn describe(ctx: &Ctx, admin: &Admin, row: StaffRow) -> Result<Member, storage::Error> {
    let (now, days) = (ctx.now(), review_days(ctx));
    let grants = store::grants::grants_of(&ctx.db, row.member.staff).await?;
    let held = row
        .member
        .roles
        .iter()
        .map(|role| {
            let active = grants.iter().find(|one| one.role == *role && one.state == GrantState::Active).cloned();
            let due = active.as_ref().is_none_or(|one| grant::review_due(one.reviewed_at, days) <= now);
            let ends_soon = active.as_ref().is_some_and(|one| grant::ends_soon(one.expires_at, now));
            Held { role: *role, grant: active, due, ends_soon }
        })
        .collect();
    Ok(Member {
        held,
        waiting: grants.into_iter().filter(|one| one.state == GrantState::Waits).collect(),
        last_seen: store::grants::last_seen(&ctx.db, row.member.staff).await?,
        oneself: admin.staff == row.member.staff,
        login: row.login,
        member: row.member,
    })
}

/// Everybody whom the administrator looks after, the administrator among them.
///
/// # Errors
/// [`GrantRefused::NoAdmin`]; when the database fails.
pub async fn members(ctx: &Ctx, admin: &Admin) -> Result<Vec<Member>, StaffingError> {
    if !admin.roles.contains(&Role::StaffAdmin) {
        return Err(GrantRefused::NoAdmin.into());
    }
    let mut out = Vec::new();
    for row in store::staff_of_agency(&ctx.db, admin.unit.agency()).await? {
        if admin.unit.covers(&row.member.unit) {
            out.push(describe(ctx, admin, row).await?);
        }
    }
    Ok(out)
}

async fn row_of(ctx: &Ctx, admin: &Admin, staff: StaffId) -> Result<StaffRow, StaffingError> {
    let row = store::staff(&ctx.db, staff).await?.filter(|row| row.active).ok_or(StaffingError::NotFound)?;
    match grant::administers(pair(admin, &row)) {
        Ok(()) | Err(GrantRefused::Oneself) => Ok(row),
        // Another agency's people are nobody to the asker.
        Err(GrantRefused::OtherUnit) => Err(StaffingError::NotFound),
        Err(refused) => Err(refused.into()),
    }
}

/// One member and what was done with their roles, newest first.
///
/// # Errors
/// [`StaffingError::NotFound`] also for members of other units.
pub async fn member(ctx: &Ctx, admin: &Admin, staff: StaffId) -> Result<(Member, Vec<Recorded>), StaffingError> {
    let row = row_of(ctx, admin, staff).await?;
    let history = audit::for_subject(&ctx.db, SubjectId::from_uuid(staff.uuid()), None, 100).await?;
    Ok((describe(ctx, admin, row).await?, history))
}

fn batch(ctx: &Ctx, actor: Uuid, name: &str, staff: StaffId, action: &str, role: Role) -> Batch {
    let mut batch = Batch::new(SubjectId::from_uuid(staff.uuid()));
    audit::record(
        &mut batch,
        &*ctx.rng,
        AuditEntry {
            at: ctx.now(),
            actor,
            actor_name: name.to_owned(),
            action: action.to_owned(),
            reason: role.name().to_owned(),
            object: staff.to_string(),
        },
    );
    batch
}

fn with(roles: &[Role], role: Role) -> Vec<Role> {
    let mut roles: Vec<Role> = roles.iter().copied().chain([role]).collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}

/// Gives a role for so many days. One that needs a second administrator waits for them. `id` comes with the form, so that a
/// second press gives nothing twice.
///
/// # Errors
/// [`StaffingError::Refused`] with the reason.
pub async fn give(
    ctx: &Ctx,
    admin: &Admin,
    staff: StaffId,
    id: Uuid,
    role: Role,
    days: i64,
) -> Result<GrantState, StaffingError> {
    let row = row_of(ctx, admin, staff).await?;
    let known = store::grants::grants_of(&ctx.db, staff).await?;
    if let Some(same) = known.iter().find(|one| one.grant == id && one.given_by == Some(admin.staff.uuid())) {
        return Ok(same.state);
    }
    grant::may_grant(pair(admin, &row), &row.member.roles, role, days)?;
    if known.iter().any(|one| one.role == role && one.state == GrantState::Waits) {
        return Err(GrantRefused::HasIt.into());
    }
    let now = ctx.now();
    let state = if grant::sensitive(role) { GrantState::Waits } else { GrantState::Active };
    let new = GrantRow {
        staff,
        grant: id,
        role,
        state,
        given_by: Some(admin.staff.uuid()),
        given_name: admin.name.clone(),
        given_at: now,
        confirmed_name: String::new(),
        expires_at: grant::expires(now, days),
        reviewed_at: now,
        seq: 1,
    };
    let action = if state == GrantState::Waits { "staff.role_asked" } else { "staff.role_given" };
    let mut batch = batch(ctx, admin.staff.uuid(), &admin.name, staff, action, role);
    store::grants::insert(&mut batch, &new);
    if state == GrantState::Active {
        store::grants::set_roles(&mut batch, staff, &row.member.roles, &with(&row.member.roles, role));
    }
    ctx.db.commit(batch).await?;
    Ok(state)
}

/// A second administrator confirms or refuses a role that waits.
///
/// # Errors
/// [`GrantRefused::SecondNeeded`] for the one who gave it, [`GrantRefused::Oneself`] for the one who is to have it.
pub async fn confirm(ctx: &Ctx, admin: &Admin, staff: StaffId, id: Uuid, agreed: bool) -> Result<(), StaffingError> {
    let row = row_of(ctx, admin, staff).await?;
    let known = store::grants::grants_of(&ctx.db, staff).await?;
    let mut found = known.into_iter().find(|one| one.grant == id).ok_or(StaffingError::NotFound)?;
    if found.state != GrantState::Waits {
        return Err(IdentityError::Stale.into());
    }
    if found.given_by == Some(admin.staff.uuid()) {
        return Err(GrantRefused::SecondNeeded.into());
    }
    if agreed {
        // What the member has may have changed since.
        grant::may_grant(pair(admin, &row), &row.member.roles, found.role, 1)?;
    } else {
        grant::administers(pair(admin, &row))?;
    }
    let action = if agreed { "staff.role_confirmed" } else { "staff.role_refused" };
    let mut batch = batch(ctx, admin.staff.uuid(), &admin.name, staff, action, found.role);
    found.state = if agreed { GrantState::Active } else { GrantState::Refused };
    found.confirmed_name.clone_from(&admin.name);
    found.reviewed_at = ctx.now();
    store::grants::update(&mut batch, &found);
    if agreed {
        store::grants::set_roles(&mut batch, staff, &row.member.roles, &with(&row.member.roles, found.role));
    }
    Ok(ctx.db.commit(batch).await?)
}

/// Takes a role away, at once: the next request of the member is without it.
///
/// # Errors
/// [`StaffingError::Refused`]; [`StaffingError::NotFound`] when the member does not have it.
pub async fn withdraw(ctx: &Ctx, admin: &Admin, staff: StaffId, role: Role) -> Result<(), StaffingError> {
    let row = row_of(ctx, admin, staff).await?;
    grant::administers(pair(admin, &row))?;
    if role == Role::Operator {
        return Err(GrantRefused::Platform.into());
    }
    if !row.member.roles.contains(&role) {
        return Err(StaffingError::NotFound);
    }
    end(ctx, admin.staff.uuid(), &admin.name, &row, role, GrantState::Withdrawn, "staff.role_withdrawn").await
}

async fn end(
    ctx: &Ctx,
    actor: Uuid,
    name: &str,
    row: &StaffRow,
    role: Role,
    state: GrantState,
    action: &str,
) -> Result<(), StaffingError> {
    let staff = row.member.staff;
    let mut batch = batch(ctx, actor, name, staff, action, role);
    for mut one in store::grants::grants_of(&ctx.db, staff).await? {
        if one.role == role && one.state == GrantState::Active {
            one.state = state;
            store::grants::update(&mut batch, &one);
        }
    }
    let left: Vec<Role> = row.member.roles.iter().copied().filter(|held| *held != role).collect();
    store::grants::set_roles(&mut batch, staff, &row.member.roles, &left);
    Ok(ctx.db.commit(batch).await?)
}

/// Confirms in a review that a member still needs a role. One from the command line gets an end with its first review.
///
/// # Errors
/// [`StaffingError::Refused`]; [`StaffingError::NotFound`] when the member does not have it.
pub async fn review(ctx: &Ctx, admin: &Admin, staff: StaffId, role: Role) -> Result<(), StaffingError> {
    let row = row_of(ctx, admin, staff).await?;
    grant::administers(pair(admin, &row))?;
    if !row.member.roles.contains(&role) {
        return Err(StaffingError::NotFound);
    }
    let now = ctx.now();
    let mut batch = batch(ctx, admin.staff.uuid(), &admin.name, staff, "staff.role_reviewed", role);
    let known = store::grants::grants_of(&ctx.db, staff).await?;
    match known.into_iter().find(|one| one.role == role && one.state == GrantState::Active) {
        Some(mut one) => {
            one.reviewed_at = now;
            store::grants::update(&mut batch, &one);
        }
        None => store::grants::insert(
            &mut batch,
            &GrantRow {
                staff,
                grant: kernel::id::uuid_v7(now, &*ctx.rng),
                role,
                state: GrantState::Active,
                given_by: None,
                given_name: String::new(),
                given_at: now,
                confirmed_name: admin.name.clone(),
                expires_at: grant::expires(now, grant::longest_days(role)),
                reviewed_at: now,
                seq: 1,
            },
        ),
    }
    Ok(ctx.db.commit(batch).await?)
}

/// Ends roles whose time is over.
///
/// # Errors
/// When the database fails.
pub async fn expire(ctx: &Ctx) -> Result<(), StaffingError> {
    for mut one in store::grants::run_out(&ctx.db, ctx.now(), 200).await? {
        let Some(row) = store::staff(&ctx.db, one.staff).await? else { continue };
        let done = if one.state == GrantState::Active && row.member.roles.contains(&one.role) {
            end(ctx, Uuid::nil(), "Peshtoq", &row, one.role, GrantState::Expired, "staff.role_expired").await
        } else {
            let mut batch = batch(ctx, Uuid::nil(), "Peshtoq", one.staff, "staff.role_expired", one.role);
            one.state = GrantState::Expired;
            store::grants::update(&mut batch, &one);
            ctx.db.commit(batch).await.map_err(StaffingError::from)
        };
        match done {
            // An administrator changed it in the same moment.
            Ok(()) | Err(StaffingError::Identity(IdentityError::Stale)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
