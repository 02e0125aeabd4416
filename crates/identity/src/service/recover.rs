//! Getting back in: proofs are gathered in a flow, the rule of the locks says whether they are enough.
//!
//! Whether there is such an account is not told: the same pages for everybody, and nothing that is typed is ever right for nobody.

use contracts::Ctx;
use kernel::clock::Timestamp;
use kernel::id::{SessionId, SubjectId};
use storage::{Batch, CommitError};

use super::flow::{self, Begun, Data};
use super::locks::{self, Outcome, Pending};
use super::sign_in::find;
use super::throttle::{Gate, enter, forgive};
use super::{IdentityError, Origin, face, factors, hashing, passkeys};
use crate::domain::factor::{self, Factor, Proof};
use crate::domain::locks::{Change, Standing, Verdict, judge};
use crate::domain::password::{self, Weak};
use crate::domain::throttle::{Attempt, Bucket, buckets};
use crate::store::factors as rows;
use crate::store::{self, FlowRow, PersonRow};

/// What a step of a recovery led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// One proof more.
    Proved,
    Wrong,
    Held {
        until: Timestamp,
    },
    /// Over: start again.
    Gone,
    /// The person's browser goes to this page of MyID.
    Leave {
        page: String,
    },
    /// MyID has nothing to say yet.
    Waiting,
    /// MyID does not answer.
    Away,
}

/// What a new password led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovered {
    Locks(Outcome),
    Weak(Weak),
    Gone,
}

/// How far a recovery is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub proved: Vec<Factor>,
    /// What a new password would lead to now.
    pub verdict: Verdict,
    /// MyID is connected.
    pub face: bool,
    /// A session of MyID is under way.
    pub face_begun: bool,
}

/// Begins a recovery; the flow's token.
///
/// # Errors
/// When the database fails.
pub async fn start(ctx: &Ctx, typed: &str, origin: &Origin) -> Result<Result<String, Timestamp>, IdentityError> {
    let (person, key) = find(ctx, typed).await?;
    let counted = [
        Bucket::Address { address: origin.address.clone() },
        Bucket::Pair { login: format!("recover|{key}"), address: origin.address.clone() },
    ];
    if let Gate::Held(until) = enter(ctx, &counted).await? {
        return Ok(Err(until));
    }
    let recovery = SessionId::new(ctx.now(), &*ctx.rng).uuid();
    let owner = person.map(|row| row.person.subject);
    let data = Data::Recover { owner: owner.map(|owner| owner.uuid()), recovery, proved: String::new(), face: None };
    // The same writes for nobody as for somebody.
    let mut batch = Batch::new(owner.unwrap_or(SubjectId::from_uuid(uuid::Uuid::nil())));
    let subject = batch.subject();
    rows::insert_recovery(&mut batch, subject, recovery, ctx.now());
    ctx.db.commit(batch).await?;
    match flow::begin(ctx, &data, None, None).await? {
        Begun::Flow(token) => Ok(Ok(token)),
        Begun::Held(until) => Ok(Err(until)),
    }
}

struct Under {
    hash: String,
    row: FlowRow,
    person: Option<PersonRow>,
    recovery: uuid::Uuid,
    proofs: Vec<Proof>,
    face: Option<String>,
}

async fn load(ctx: &Ctx, token: &str) -> Result<Option<Under>, IdentityError> {
    let Some((hash, row, data)) = flow::load(ctx, token).await? else { return Ok(None) };
    let Data::Recover { owner, recovery, proved, face } = data else { return Ok(None) };
    if row.done_at.is_some() {
        return Ok(None);
    }
    let person = match owner {
        Some(owner) => store::person(&ctx.db, SubjectId::from_uuid(owner)).await?,
        None => None,
    };
    Ok(Some(Under { hash, row, person, recovery, proofs: factor::read(&proved), face }))
}

impl Under {
    fn batch(&self) -> Batch {
        Batch::new(self.subject())
    }

    fn subject(&self) -> SubjectId {
        self.person.as_ref().map_or(SubjectId::from_uuid(uuid::Uuid::nil()), |row| row.person.subject)
    }

    fn save(&mut self, batch: &mut Batch) -> Result<(), IdentityError> {
        let data = Data::Recover {
            owner: self.person.as_ref().map(|row| row.person.subject.uuid()),
            recovery: self.recovery,
            proved: factor::write(&self.proofs),
            face: self.face.clone(),
        };
        self.row.data = serde_json::to_string(&data).map_err(|error| IdentityError::Broken(error.to_string()))?;
        rows::update_flow_data(batch, &self.hash, &self.row);
        Ok(())
    }

    fn proved(&self) -> Vec<Factor> {
        self.proofs.iter().map(|proof| proof.factor).collect()
    }

    /// Counted like a try to sign in: an account that is not there slows down as one that is.
    fn counted(&self, origin: &Origin) -> Vec<Bucket> {
        let login = self.person.as_ref().map_or_else(|| self.hash.clone(), |row| row.person.subject.to_string());
        buckets(&Attempt { login: &login, known_device: None, address: &origin.address })
    }
}

/// How far the recovery is; `None` when it is over.
///
/// # Errors
/// When the database fails.
pub async fn progress(ctx: &Ctx, token: &str) -> Result<Option<Progress>, IdentityError> {
    let Some(under) = load(ctx, token).await? else { return Ok(None) };
    let standing = match &under.person {
        Some(_) => locks::standing(ctx, under.subject()).await?,
        None => Standing::default(),
    };
    let proved = under.proved();
    Ok(Some(Progress {
        verdict: judge(Change::Recover, &proved, standing),
        face: face::offered(ctx),
        face_begun: under.face.is_some(),
        proved,
    }))
}

async fn settle(ctx: &Ctx, under: &mut Under, mut batch: Batch, factor: Factor) -> Result<Step, IdentityError> {
    under.proofs = factor::with(&under.proofs, Proof::new(factor, ctx.now()));
    let method: Vec<&str> = under.proofs.iter().map(|proof| proof.factor.name()).collect();
    rows::update_recovery(&mut batch, under.subject(), under.recovery, &method.join("+"), "begun", None);
    under.save(&mut batch)?;
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(Step::Proved),
        Err(CommitError::Guard(_)) => Ok(Step::Wrong),
        Err(error) => Err(error.into()),
    }
}

/// Judges something typed: the password, a code of the app, a printed code.
///
/// # Errors
/// When the database or the hashing fails.
pub async fn prove(
    ctx: &Ctx,
    token: &str,
    factor: Factor,
    typed: &str,
    origin: &Origin,
) -> Result<Step, IdentityError> {
    let Some(mut under) = load(ctx, token).await? else { return Ok(Step::Gone) };
    if under.proved().contains(&factor) {
        return Ok(Step::Proved);
    }
    let counted = under.counted(origin);
    if let Gate::Held(until) = enter(ctx, &counted).await? {
        return Ok(Step::Held { until });
    }
    let mut batch = under.batch();
    let right = match &under.person {
        Some(person) => factors::prove(ctx, &mut batch, person, factor, typed).await?,
        // The same work for nobody.
        None if factor == Factor::Password => hashing::verify(typed, None).await?,
        None => false,
    };
    if !right {
        return Ok(Step::Wrong);
    }
    forgive(ctx, &mut batch, &counted);
    settle(ctx, &mut under, batch, factor).await
}

/// Judges a passkey: it must be one of the account that is being recovered.
///
/// # Errors
/// When the database fails.
pub async fn prove_passkey(ctx: &Ctx, token: &str, ceremony: &str, credential: &str) -> Result<Step, IdentityError> {
    let Some(mut under) = load(ctx, token).await? else { return Ok(Step::Gone) };
    let Some((batch, person)) = passkeys::prove(ctx, ceremony, credential).await? else { return Ok(Step::Wrong) };
    if under.person.as_ref().map(|row| row.person.subject) != Some(person.person.subject) {
        return Ok(Step::Wrong);
    }
    settle(ctx, &mut under, batch, Factor::Passkey).await
}

/// Opens a session of MyID for the recovery.
///
/// # Errors
/// When the database fails.
pub async fn face_begin(ctx: &Ctx, token: &str, origin: &Origin) -> Result<Step, IdentityError> {
    let Some(mut under) = load(ctx, token).await? else { return Ok(Step::Gone) };
    let counted = under.counted(origin);
    if let Gate::Held(until) = enter(ctx, &counted).await? {
        return Ok(Step::Held { until });
    }
    let Some(session) = face::open(ctx, &under.recovery.to_string(), &origin.address).await? else {
        return Ok(Step::Away);
    };
    under.face = Some(session.id.clone());
    let mut batch = under.batch();
    under.save(&mut batch)?;
    ctx.db.commit(batch).await?;
    Ok(Step::Leave { page: session.page })
}

/// Asks MyID what it saw.
///
/// # Errors
/// When the database fails.
pub async fn face_check(ctx: &Ctx, token: &str) -> Result<Step, IdentityError> {
    let Some(mut under) = load(ctx, token).await? else { return Ok(Step::Gone) };
    let Some(session) = under.face.take() else { return Ok(Step::Gone) };
    let Some(seen) = face::seen(ctx, &session).await? else { return Ok(Step::Away) };
    if seen == face::Seen::Waiting {
        return Ok(Step::Waiting);
    }
    if !under.person.as_ref().is_some_and(|person| face::is(&seen, person)) {
        let mut batch = under.batch();
        under.save(&mut batch)?;
        ctx.db.commit(batch).await?;
        return Ok(Step::Wrong);
    }
    let batch = under.batch();
    settle(ctx, &mut under, batch, Factor::Face).await
}

/// Sets a new password by what was proved: at once, after the cooling period, or not.
///
/// # Errors
/// When the database or the hashing fails.
pub async fn finish(ctx: &Ctx, token: &str, new: &str) -> Result<Recovered, IdentityError> {
    let Some(mut under) = load(ctx, token).await? else { return Ok(Recovered::Gone) };
    let Some(person) = under.person.clone() else { return Ok(Recovered::Locks(Outcome::Missing)) };
    let proved = under.proved();
    if let Verdict::Missing { .. } | Verdict::Frozen =
        judge(Change::Recover, &proved, locks::standing(ctx, under.subject()).await?)
    {
        return Ok(Recovered::Locks(Outcome::Missing));
    }
    let pinfl = person.person.pinfl.as_ref().map(|pinfl| pinfl.as_str().to_owned()).unwrap_or_default();
    let phone = person.person.phone.as_ref().map(|phone| phone.as_str().to_owned()).unwrap_or_default();
    let known = [pinfl.as_str(), phone.as_str(), person.person.surname.as_str(), person.person.name.as_str()];
    if let Err(weak) = password::check(new, &known) {
        return Ok(Recovered::Weak(weak));
    }
    let hash = hashing::hash(&*ctx.rng, new).await?;
    let mut batch = under.batch();
    under.row.done_at = Some(ctx.now());
    under.save(&mut batch)?;
    let method: Vec<&str> = proved.iter().map(|factor| factor.name()).collect();
    rows::update_recovery(&mut batch, under.subject(), under.recovery, &method.join("+"), "done", Some(ctx.now()));
    match locks::request(ctx, batch, &proved, Pending::Recover { hash }, None).await {
        Ok(outcome) => Ok(Recovered::Locks(outcome)),
        // The button was pressed twice: the other press has done it.
        Err(IdentityError::Stale) => Ok(Recovered::Gone),
        Err(error) => Err(error),
    }
}
