//! One-time codes: a flow remembers what was proved so far, a code by SMS proves the phone.

use contracts::notifications::CodeRequested;
use contracts::{Ctx, emit};
use kernel::clock::Date;
use kernel::id::SubjectId;
use kernel::lang::Lang;
use kernel::person::Phone;
use serde::{Deserialize, Serialize};
use storage::{Batch, CommitError};
use uuid::Uuid;

use super::throttle::{Gate, enter};
use super::{IdentityError, mac, token_hex};
use crate::domain::code::{self, Sent, Verdict};
use crate::domain::session::plus;
use crate::domain::throttle::Bucket;
use crate::store::{self, FlowRow};

/// How long an unfinished registration or sign-in is kept, in seconds.
const FLOW_LIFETIME_S: i64 = 30 * 60;

/// What a flow is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub(crate) enum Data {
    /// A cabinet is being opened.
    Register(Box<Candidate>),
    /// A person signs in.
    Person {
        owner: Uuid,
        phone: String,
        lang: Lang,
        by_password: bool,
        /// The session that asks for more certainty: it ends when the new one begins.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<Uuid>,
    },
    /// A member of staff signs in.
    Staff { owner: Uuid, phone: String, lang: Lang },
    /// A ceremony with a passkey is under way.
    Passkey { state: String },
    /// A face is looked at by MyID for a person: to lift a session, or as the second step of a sign-in.
    Face {
        owner: Uuid,
        session: String,
        /// The session that ends when the face is right.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        replaces: Option<Uuid>,
        /// What was proved before, as written by [`crate::domain::factor::write`].
        proved: String,
        /// The page that was asked for.
        next: String,
    },
    /// Somebody wants to get back in.
    Recover {
        /// Nobody when there is no such account: looks the same, nothing is ever right.
        owner: Option<Uuid>,
        recovery: Uuid,
        proved: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        face: Option<String>,
    },
    /// A new phone number or e-mail address is proved by a code.
    Bind { owner: Uuid, to: String, lang: Lang },
    /// Somebody asked for a code for an account that does not exist: looks the same, is never right.
    Nobody,
}

/// Who is about to get a cabinet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Candidate {
    pub(crate) subject: SubjectId,
    pub(crate) pinfl: Option<String>,
    pub(crate) passport: String,
    pub(crate) surname: String,
    pub(crate) name: String,
    pub(crate) patronymic: Option<String>,
    pub(crate) birth_date: Option<Date>,
    pub(crate) citizenship: String,
    pub(crate) phone: String,
    pub(crate) lang: Lang,
    pub(crate) address: Option<String>,
    pub(crate) reliefs: Vec<String>,
    /// `population` or `self`.
    pub(crate) source: String,
}

/// What an answer to a code led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The phone is proved; the registration goes on.
    Proved,
    /// Signed in: tokens of the session and, when the device is to be remembered, of the device.
    SignedIn { session: String, device: Option<String>, staff: bool },
    /// Not six digits at all: no try is spent.
    Unreadable,
    /// Wrong; so many tries are left.
    Wrong { left: u32 },
    /// No tries left: start again.
    Exhausted,
    /// The code is too old: ask for another.
    Expired,
    /// There is no such flow any more: start again.
    Gone,
    /// Somebody pressed "this was not me": only a recovery helps.
    Frozen,
}

/// What a wish for another code led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resent {
    Sent,
    /// Too soon, or too often.
    Held {
        until: kernel::clock::Timestamp,
    },
    Gone,
}

/// What starting a flow led to.
pub(crate) enum Begun {
    Flow(String),
    Held(kernel::clock::Timestamp),
}

/// Where a code goes: a phone number, or an e-mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Phone(Phone),
    Email(String),
}

impl Target {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.contains('@') {
            return kernel::person::Email::parse(text).ok().map(|_| Self::Email(text.to_owned()));
        }
        Phone::parse(text).ok().map(Self::Phone)
    }

    /// As it may be shown to somebody who has proved something, not all.
    pub(crate) fn masked(&self) -> String {
        match self {
            Self::Phone(phone) => phone.masked(),
            Self::Email(email) => {
                let (name, host) = email.split_once('@').unwrap_or((email, ""));
                let first: String = name.chars().take(1).collect();
                format!("{first}***@{host}")
            }
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::Email(email) => email,
        }
    }
}

/// Starts a flow and sends its code. `known_device` has a counter of SMS of its own.
pub(crate) async fn begin(
    ctx: &Ctx,
    data: &Data,
    to: Option<(&Target, Lang)>,
    known_device: Option<&str>,
) -> Result<Begun, IdentityError> {
    if let Some((phone, _)) = to
        && let Gate::Held(until) = enter(ctx, &[sms_bucket(phone, known_device)]).await?
    {
        return Ok(Begun::Held(until));
    }
    let now = ctx.now();
    let token = ctx.rng.token(32);
    let hash = token_hex(&token);
    let subject = subject_of(data);
    let mut batch = Batch::new(subject);
    let digits = ctx.rng.digits(code::DIGITS);
    let flow = FlowRow {
        kind: purpose(data).to_owned(),
        owner: owner_of(data),
        data: serde_json::to_string(data).map_err(|error| IdentityError::Broken(error.to_string()))?,
        code_hash: to.map(|_| code_hash(ctx, &hash, &digits)),
        code_expires_at: plus(now, code::LIFETIME_S),
        tries: 0,
        sends: 1,
        proved_at: None,
        done_at: None,
        version: 1,
        expires_at: plus(now, FLOW_LIFETIME_S),
    };
    store::insert_flow(&mut batch, &hash, &flow, now);
    if let Some((phone, lang)) = to {
        emit(ctx, &mut batch, &request(data, phone, lang, digits));
    }
    ctx.db.commit(batch).await?;
    Ok(Begun::Flow(token))
}

/// Sends another code of the same flow; the old one stops being right.
pub(crate) async fn resend(ctx: &Ctx, token: &str, known_device: Option<&str>) -> Result<Resent, IdentityError> {
    let Some((hash, mut flow, data)) = load(ctx, token).await? else { return Ok(Resent::Gone) };
    let now = ctx.now();
    if flow.done_at.is_some() || flow.proved_at.is_some() {
        return Ok(Resent::Gone);
    }
    let sent_at = plus(flow.code_expires_at, -code::LIFETIME_S);
    if flow.sends >= code::MAX_SENDS {
        return Ok(Resent::Held { until: flow.expires_at });
    }
    if now < plus(sent_at, code::RESEND_AFTER_S) {
        return Ok(Resent::Held { until: plus(sent_at, code::RESEND_AFTER_S) });
    }
    let to = recipient(&data);
    if let Some((phone, _)) = &to
        && let Gate::Held(until) = enter(ctx, &[sms_bucket(phone, known_device)]).await?
    {
        return Ok(Resent::Held { until });
    }
    let digits = ctx.rng.digits(code::DIGITS);
    flow.code_hash = to.as_ref().map(|_| code_hash(ctx, &hash, &digits));
    flow.code_expires_at = plus(now, code::LIFETIME_S);
    flow.sends += 1;
    // The tries go on counting: another SMS is not another five guesses.
    let mut batch = Batch::new(subject_of(&data));
    store::update_flow(&mut batch, &hash, &flow);
    if let Some((phone, lang)) = to {
        emit(ctx, &mut batch, &request(&data, &phone, lang, digits));
    }
    ctx.db.commit(batch).await?;
    Ok(Resent::Sent)
}

/// A code that was judged right; the flow's end is still to be saved with what it leads to.
pub(crate) struct Right {
    pub(crate) hash: String,
    pub(crate) flow: FlowRow,
    pub(crate) data: Data,
}

/// Judges a typed code. A wrong one is counted before this answers; a right one is left to the caller to save.
pub(crate) async fn judge(ctx: &Ctx, token: &str, typed: &str) -> Result<Result<Right, Answer>, IdentityError> {
    let Some(digits) = code::parse(typed) else { return Ok(Err(Answer::Unreadable)) };
    for _ in 0..8 {
        let Some((hash, mut flow, data)) = load(ctx, token).await? else { return Ok(Err(Answer::Gone)) };
        if flow.done_at.is_some() || flow.proved_at.is_some() {
            return Ok(Err(Answer::Gone));
        }
        let given = code_hash(ctx, &hash, &digits);
        let matches = flow
            .code_hash
            .as_ref()
            .is_some_and(|stored| bool::from(subtle::ConstantTimeEq::ct_eq(stored.as_bytes(), given.as_bytes())));
        let sent = Sent { expires_at: flow.code_expires_at, tries: flow.tries };
        let answer = match code::judge(sent, matches, ctx.now()) {
            Verdict::Accepted => return Ok(Ok(Right { hash, flow, data })),
            Verdict::Expired => return Ok(Err(Answer::Expired)),
            Verdict::Exhausted if flow.tries >= code::MAX_TRIES => return Ok(Err(Answer::Exhausted)),
            Verdict::Exhausted => Answer::Exhausted,
            Verdict::Wrong { left } => Answer::Wrong { left },
        };
        flow.tries += 1;
        let mut batch = Batch::new(subject_of(&data));
        store::update_flow(&mut batch, &hash, &flow);
        match ctx.db.commit(batch).await {
            Ok(()) => return Ok(Err(answer)),
            // Another answer was counted in between: look again.
            Err(CommitError::Guard(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Err(Answer::Exhausted))
}

/// A live flow by its token.
pub(crate) async fn load(ctx: &Ctx, token: &str) -> Result<Option<(String, FlowRow, Data)>, IdentityError> {
    let hash = token_hex(token);
    let Some(flow) = store::flow(&ctx.db, &hash, ctx.now()).await? else { return Ok(None) };
    let data = serde_json::from_str(&flow.data).map_err(|error| IdentityError::Broken(error.to_string()))?;
    Ok(Some((hash, flow, data)))
}

/// To which phone the flow's codes go.
pub(crate) fn recipient(data: &Data) -> Option<(Target, Lang)> {
    let (phone, lang) = match data {
        Data::Register(candidate) => (&candidate.phone, candidate.lang),
        Data::Person { phone, lang, .. } | Data::Staff { phone, lang, .. } => (phone, *lang),
        Data::Bind { to, lang, .. } => (to, *lang),
        Data::Passkey { .. } | Data::Face { .. } | Data::Recover { .. } | Data::Nobody => return None,
    };
    Some((Target::parse(phone)?, lang))
}

fn owner_of(data: &Data) -> Option<Uuid> {
    match data {
        Data::Register(candidate) => Some(candidate.subject.uuid()),
        Data::Person { owner, .. } | Data::Staff { owner, .. } => Some(*owner),
        Data::Face { owner, .. } | Data::Bind { owner, .. } => Some(*owner),
        Data::Recover { owner, .. } => *owner,
        Data::Passkey { .. } | Data::Nobody => None,
    }
}

pub(crate) fn subject_of(data: &Data) -> SubjectId {
    SubjectId::from_uuid(owner_of(data).unwrap_or(Uuid::nil()))
}

fn purpose(data: &Data) -> &'static str {
    match data {
        Data::Register(_) => "register",
        Data::Bind { to, .. } if to.contains('@') => "change-email",
        Data::Bind { .. } => "change-phone",
        Data::Person { .. }
        | Data::Staff { .. }
        | Data::Passkey { .. }
        | Data::Face { .. }
        | Data::Recover { .. }
        | Data::Nobody => "sign-in",
    }
}

fn request(data: &Data, to: &Target, lang: Lang, code: String) -> CodeRequested {
    CodeRequested { phone: to.text().trim_start_matches('+').to_owned(), code, lang, purpose: purpose(data).to_owned() }
}

/// Keyed, because a million codes are tried in a second against a plain hash.
fn code_hash(ctx: &Ctx, flow_hash: &str, digits: &str) -> String {
    mac(&ctx.settings.key("identity.codes"), &format!("{flow_hash}|{digits}"))
}

fn sms_bucket(to: &Target, known_device: Option<&str>) -> Bucket {
    match known_device {
        Some(device) => Bucket::Device { login: format!("sms|{}", to.text()), device: device.to_owned() },
        None => Bucket::Sms { phone: to.text().to_owned() },
    }
}
