//! People and staff made without a browser: for the demo, for tests, for an operator's first account.

use contracts::identity::StaffMember;
use contracts::{Ctx, Role, UnitRef};
use kernel::clock::Date;
use kernel::id::{AccountId, StaffId, SubjectId};
use kernel::lang::Lang;
use storage::{Batch, CommitError};

use super::flow::Candidate;
use super::register::{add_person, claims, person_row};
use super::sign_in::staff_key;
use super::{IdentityError, claim, hashing};
use crate::store::factors as rows;
use crate::store::{self, StaffRow};

/// A person to be made.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// 14 digits; `None` for a foreign citizen.
    pub pinfl: Option<String>,
    pub passport: String,
    pub surname: String,
    pub name: String,
    pub patronymic: Option<String>,
    pub birth_date: Option<Date>,
    /// ISO 3166-1 alpha-2.
    pub citizenship: String,
    /// `+998…`.
    pub phone: String,
    pub email: Option<String>,
    pub lang: Lang,
    /// SOATO digits.
    pub address: Option<String>,
    pub reliefs: Vec<String>,
    pub password: String,
}

/// A member of staff to be made.
#[derive(Clone, Debug)]
pub struct NewStaff {
    pub login: String,
    pub name: String,
    pub phone: String,
    pub unit: UnitRef,
    pub roles: Vec<Role>,
    pub lang: Lang,
    pub password: String,
}

/// Makes a person with a cabinet; answers the one who is there when the PINFL, passport or phone is taken.
///
/// # Errors
/// [`IdentityError::Broken`] when PINFL or phone is not one; when the database or the hashing fails.
pub async fn create_person(ctx: &Ctx, new: &NewPerson) -> Result<SubjectId, IdentityError> {
    let now = ctx.now();
    let candidate = Candidate {
        subject: SubjectId::new(now, &*ctx.rng),
        pinfl: new.pinfl.clone(),
        passport: new.passport.clone(),
        surname: new.surname.clone(),
        name: new.name.clone(),
        patronymic: new.patronymic.clone(),
        birth_date: new.birth_date,
        citizenship: new.citizenship.clone(),
        phone: new.phone.clone(),
        lang: new.lang,
        address: new.address.clone(),
        reliefs: new.reliefs.clone(),
        source: if new.pinfl.is_some() { "population" } else { "self" }.to_owned(),
    };
    for (_, key) in claims(&candidate) {
        if let Some(owner) = store::claim_owner(&ctx.db, &claim(ctx, &key)).await? {
            return Ok(SubjectId::from_uuid(owner));
        }
    }
    let hash = hashing::hash(&*ctx.rng, &new.password).await?;
    let person = person_row(ctx, &candidate, hash, new.email.as_deref(), now)?;
    let mut batch = Batch::new(candidate.subject);
    add_person(ctx, &mut batch, &candidate, &person, now);
    if new.email.is_some() {
        // Whoever makes a person without a browser vouches for the address.
        let mut guard = rows::guard(&ctx.db, candidate.subject).await?;
        guard.email_at = Some(now);
        rows::save_guard(&mut batch, candidate.subject, &guard);
    }
    ctx.db.commit(batch).await?;
    Ok(candidate.subject)
}

/// Makes a member of staff; answers the one who is there when the login is taken.
///
/// # Errors
/// When the database or the hashing fails.
pub async fn create_staff(ctx: &Ctx, new: &NewStaff) -> Result<StaffId, IdentityError> {
    let key = claim(ctx, &staff_key(&new.login));
    if let Some(owner) = store::claim_owner(&ctx.db, &key).await? {
        return Ok(StaffId::from_uuid(owner));
    }
    let now = ctx.now();
    let staff = StaffId::new(now, &*ctx.rng);
    let row = StaffRow {
        member: StaffMember { staff, name: new.name.clone(), unit: new.unit.clone(), roles: new.roles.clone() },
        account: AccountId::new(now, &*ctx.rng),
        login: new.login.clone(),
        phone: new.phone.clone(),
        lang: new.lang,
        active: true,
        password_hash: hashing::hash(&*ctx.rng, &new.password).await?,
    };
    let mut batch = Batch::new(SubjectId::from_uuid(staff.uuid()));
    store::insert_claim(&mut batch, &key, "staff", staff.uuid(), now);
    store::insert_staff(&mut batch, &row, now);
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(staff),
        Err(CommitError::Unique(_)) => match store::claim_owner(&ctx.db, &key).await? {
            Some(owner) => Ok(StaffId::from_uuid(owner)),
            None => Err(IdentityError::Stale),
        },
        Err(error) => Err(error.into()),
    }
}
