//! Opening a cabinet: who you are → a code to the phone → a password.

use std::collections::BTreeMap;

use contracts::identity::{Person, PersonRegistered};
use contracts::notifications::{NoticeRequested, Urgency};
use contracts::registries::{Query, RegisterError};
use contracts::{Ctx, emit};
use kernel::clock::{Date, Timestamp};
use kernel::id::{AccountId, SubjectId};
use kernel::lang::Lang;
use kernel::person::{Passport, Phone, Pinfl, Soato};
use storage::{Batch, CommitError};

use super::flow::{self, Begun, Candidate, Data};
use super::sessions::{open, remember};
use super::sign_in::account;
use super::throttle::{Gate, enter};
use super::{IdentityError, Origin, claim, hashing};
use crate::domain::factor::{Factor, Proof};
use crate::domain::password::{self, Weak};
use crate::domain::registration::{Applicant, reliefs};
use crate::domain::throttle::Bucket;
use crate::store::{self, PersonRow};

/// What the first step led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// A code is on its way.
    Code { flow: String },
    /// The register knows no such person with this passport.
    NotInRegister,
    /// The register does not answer now.
    RegisterAway,
    /// Too many tries from here.
    Held { until: Timestamp },
}

/// What the last step led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finished {
    /// The cabinet is open and its owner is signed in.
    Done {
        session: String,
        device: String,
        subject: SubjectId,
    },
    Weak(Weak),
    /// This person or phone has a cabinet already.
    Taken,
    /// The flow is over: start again.
    Gone,
}

/// First step: asks the population register and sends a code.
///
/// Whether the person has a cabinet already is told only after the phone is proved, so that the form
/// is no list of who is registered.
///
/// # Errors
/// When the database fails.
pub async fn start(ctx: &Ctx, applicant: &Applicant, lang: Lang, origin: &Origin) -> Result<Started, IdentityError> {
    let counted = [Bucket::Address { address: format!("register|{}", origin.address) }];
    if let Gate::Held(until) = enter(ctx, &counted).await? {
        return Ok(Started::Held { until });
    }
    let subject = SubjectId::new(ctx.now(), &*ctx.rng);
    let candidate = match applicant {
        Applicant::Citizen { pinfl, passport, phone } => match from_register(ctx, pinfl, passport).await? {
            Ok(told) => Candidate {
                subject,
                pinfl: Some(pinfl.as_str().to_owned()),
                passport: passport.clone(),
                surname: told.surname,
                name: told.name,
                patronymic: told.patronymic.filter(|text| !text.is_empty()),
                birth_date: told.birth_date.or_else(|| Some(pinfl.birth_date())),
                citizenship: told.citizenship.unwrap_or_else(|| "UZ".to_owned()),
                phone: phone.as_str().to_owned(),
                lang,
                address: address(ctx, pinfl).await,
                reliefs: reliefs(told.social_register, told.disability_group),
                source: "population".to_owned(),
            },
            Err(refused) => return Ok(refused),
        },
        Applicant::Foreign { country, passport, surname, name, patronymic, birth_date, phone } => Candidate {
            subject,
            pinfl: None,
            passport: passport.clone(),
            surname: surname.clone(),
            name: name.clone(),
            patronymic: patronymic.clone(),
            birth_date: Some(*birth_date),
            citizenship: country.clone(),
            phone: phone.as_str().to_owned(),
            lang,
            address: None,
            reliefs: Vec::new(),
            source: "self".to_owned(),
        },
    };
    let phone = *applicant.phone();
    let data = Data::Register(Box::new(candidate));
    Ok(match flow::begin(ctx, &data, Some((&flow::Target::Phone(phone), lang)), None).await? {
        Begun::Flow(flow) => Started::Code { flow },
        Begun::Held(until) => Started::Held { until },
    })
}

/// What the population register tells of a person.
#[derive(serde::Deserialize)]
struct Told {
    surname: String,
    name: String,
    #[serde(default)]
    patronymic: Option<String>,
    #[serde(default)]
    birth_date: Option<Date>,
    #[serde(default)]
    citizenship: Option<String>,
    #[serde(default)]
    passport: Option<String>,
    /// In the unified register of social protection.
    #[serde(default)]
    social_register: bool,
    /// 1 to 3; absent: none.
    #[serde(default)]
    disability_group: Option<u8>,
}

/// What the register of addresses tells.
#[derive(serde::Deserialize)]
struct Address {
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    district: Option<String>,
}

/// The SOATO code of the place of registration. A register that is away leaves it open: a cabinet does not wait for it.
async fn address(ctx: &Ctx, pinfl: &Pinfl) -> Option<String> {
    let query = Query {
        register: "address".to_owned(),
        subject: None,
        pinfl: Some(*pinfl),
        passport: None,
        params: BTreeMap::new(),
        purpose: "registration".to_owned(),
    };
    let answer = ctx.ports.registers.fetch(ctx, &query).await.ok()?;
    let told: Address = serde_json::from_value(answer.data).ok()?;
    told.district.or(told.region)
}

async fn from_register(ctx: &Ctx, pinfl: &Pinfl, passport: &str) -> Result<Result<Told, Started>, IdentityError> {
    let query = Query {
        register: "population".to_owned(),
        subject: None,
        pinfl: Some(*pinfl),
        passport: Passport::parse(passport).ok(),
        params: BTreeMap::new(),
        purpose: "registration".to_owned(),
    };
    let answer = match ctx.ports.registers.fetch(ctx, &query).await {
        Ok(answer) => answer,
        Err(RegisterError::NotFound(_)) => return Ok(Err(Started::NotInRegister)),
        Err(RegisterError::Unavailable(_)) => return Ok(Err(Started::RegisterAway)),
        Err(RegisterError::Storage(error)) => return Err(error.into()),
    };
    let told: Told = match serde_json::from_value(answer.data) {
        Ok(told) => told,
        Err(error) => {
            tracing::error!(%error, "the answer of the population register is not understood");
            return Ok(Err(Started::RegisterAway));
        }
    };
    // The passport number is the proof that the form is filled in by who holds the document. Known without it is not enough.
    let fits = told.passport.as_deref().and_then(crate::domain::login::passport).is_some_and(|known| known == passport);
    Ok(if fits { Ok(told) } else { Err(Started::NotInRegister) })
}

/// The name of who is about to get a cabinet and whether they may go on to the password; `None` when the phone
/// is not proved or the flow is over. The flag says that there is a cabinet already.
///
/// # Errors
/// When the database fails.
pub async fn candidate_name(ctx: &Ctx, flow_token: &str) -> Result<Option<(String, bool)>, IdentityError> {
    let Some((_, row, data)) = flow::load(ctx, flow_token).await? else { return Ok(None) };
    let Data::Register(candidate) = data else { return Ok(None) };
    if row.proved_at.is_none() || row.done_at.is_some() {
        return Ok(None);
    }
    let mut taken = false;
    for (_, key) in claims(&candidate) {
        taken |= store::claim_owner(&ctx.db, &claim(ctx, &key)).await?.is_some();
    }
    Ok(Some((format!("{} {}", candidate.surname, candidate.name), taken)))
}

/// Last step: takes the password, opens the cabinet and signs its owner in.
///
/// Claims and person are one batch: on SQLite and PostgreSQL that is one transaction, so a half-made person
/// cannot exist and needs no cleaning. On a distributed engine the claims live on other nodes and the batch becomes a
/// two-phase commit; that is bearable for something that happens once in a life, and simpler than a claim that must
/// be taken back when its owner never came to be.
///
/// # Errors
/// When the database or the hashing fails.
pub async fn finish(
    ctx: &Ctx,
    flow_token: &str,
    password: &str,
    email: Option<&str>,
    origin: &Origin,
) -> Result<Finished, IdentityError> {
    let Some((hash, mut row, data)) = flow::load(ctx, flow_token).await? else { return Ok(Finished::Gone) };
    let Data::Register(candidate) = data else { return Ok(Finished::Gone) };
    if row.proved_at.is_none() || row.done_at.is_some() {
        return Ok(Finished::Gone);
    }
    let known = [
        candidate.pinfl.as_deref().unwrap_or_default(),
        candidate.phone.as_str(),
        candidate.passport.as_str(),
        candidate.surname.as_str(),
        candidate.name.as_str(),
    ];
    if let Err(weak) = password::check(password, &known) {
        return Ok(Finished::Weak(weak));
    }
    let now = ctx.now();
    let password_hash = hashing::hash(&*ctx.rng, password).await?;
    let person = person_row(ctx, &candidate, password_hash, email, now)?;
    let subject = candidate.subject;
    let mut batch = Batch::new(subject);
    add_person(ctx, &mut batch, &candidate, &person, now);
    row.done_at = Some(now);
    store::update_flow(&mut batch, &hash, &row);
    let session = open(
        ctx,
        &mut batch,
        &account(&person),
        &[Proof::new(Factor::Password, now), Proof::new(Factor::Sms, now)],
        origin,
    );
    let device = remember(ctx, &mut batch, subject.uuid(), origin);
    emit(ctx, &mut batch, &PersonRegistered { subject, lang: candidate.lang });
    emit(
        ctx,
        &mut batch,
        &NoticeRequested {
            subject,
            template: "welcome".to_owned(),
            args: BTreeMap::new(),
            link: Some("/cabinet".to_owned()),
            urgency: Urgency::Normal,
        },
    );
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(Finished::Done { session, device, subject }),
        Err(CommitError::Unique(_)) => Ok(Finished::Taken),
        // The button was pressed twice: the other request has made the cabinet.
        Err(CommitError::Guard(_)) => Ok(Finished::Gone),
        Err(error) => Err(error.into()),
    }
}

/// What must be unique: kind and key.
pub(crate) fn claims(candidate: &Candidate) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    match &candidate.pinfl {
        Some(pinfl) => {
            out.push(("pinfl", format!("pinfl|{pinfl}")));
            out.push(("passport", format!("passport|{}", candidate.passport)));
        }
        // Numbers of different states coincide, so a foreign passport is unique within its state only.
        None => out.push(("passport", format!("passport|{}|{}", candidate.citizenship, candidate.passport))),
    }
    if let Ok(phone) = Phone::parse(&candidate.phone) {
        out.push(("phone", format!("phone|{}", phone.as_str())));
    }
    out
}

/// Adds claims and person to the batch.
pub(crate) fn add_person(ctx: &Ctx, batch: &mut Batch, candidate: &Candidate, person: &PersonRow, now: Timestamp) {
    let owner = candidate.subject.uuid();
    for (kind, key) in claims(candidate) {
        store::insert_claim(batch, &claim(ctx, &key), kind, owner, now);
    }
    if candidate.pinfl.is_none() {
        // Signing in by the number alone works for the first who has it; others sign in by phone.
        let key = format!("passport|{}", candidate.passport);
        store::insert_claim_if_free(batch, &claim(ctx, &key), "passport-login", owner, now);
    }
    store::insert_person(batch, person, now);
}

pub(crate) fn person_row(
    ctx: &Ctx,
    candidate: &Candidate,
    password_hash: String,
    email: Option<&str>,
    now: Timestamp,
) -> Result<PersonRow, IdentityError> {
    let broken = |what: &str| IdentityError::Broken(format!("{what} of a candidate"));
    let pinfl = match &candidate.pinfl {
        Some(text) => Some(Pinfl::parse(text).map_err(|_| broken("pinfl"))?),
        None => None,
    };
    Ok(PersonRow {
        person: Person {
            subject: candidate.subject,
            pinfl,
            passport: Passport::parse(&candidate.passport).ok(),
            surname: candidate.surname.clone(),
            name: candidate.name.clone(),
            patronymic: candidate.patronymic.clone(),
            birth_date: candidate.birth_date,
            citizenship: candidate.citizenship.clone(),
            phone: Some(Phone::parse(&candidate.phone).map_err(|_| broken("phone"))?),
            email: email.filter(|text| !text.is_empty()).map(str::to_owned),
            lang: candidate.lang,
            address: candidate.address.as_deref().and_then(|text| Soato::parse(text).ok()),
            reliefs: candidate.reliefs.clone(),
        },
        account: AccountId::new(now, &*ctx.rng),
        passport: Some(candidate.passport.clone()),
        phone_verified_at: Some(now),
        source: candidate.source.clone(),
        source_at: now,
        password_hash,
        password_at: now,
        version: 1,
    })
}
