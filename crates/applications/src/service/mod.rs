//! Use cases: load, ask the domain, write one batch.
//!
//! - [`drafts`]: start, prefill, save, check; - [`submit`]: an application is filed, exactly once;
//! - [`citizen`]: what an applicant does with a case; - [`office`]: what officials do;
//! - [`behalf`]: for whom one applies; - [`terms`]: reminders, terms that pass; - [`retention`]: what is erased when;
//! - [`files`]: evidence; - [`system`]: payments, waiting registers, expiries; - [`projections`]: queues and counters.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::applications::{
    CaseDecided, CaseRef, CaseSubmitted, DocumentOrder, DocumentRow, DocumentsOrdered, Outcome, PaymentDue,
};
use contracts::identity::Person;
use contracts::notifications::{Arg, NoticeRequested, Urgency};
use contracts::{Assurance, Channel, Ctx, Event as _, PortError, emit};
use definition::{Audience, Definition, Denied, Facts, FieldError, PersonFacts, RefundAfter, Refused, Represented};
use kernel::calendar::{Calendar, Term};
use kernel::clock::Timestamp;
use kernel::id::{CaseId, DraftId, SubjectId};
use kernel::lang::Text;
use kernel::person::Sex;
use serde::{Deserialize, Serialize};
use storage::{Batch, CommitError};

use crate::domain::case::{AfterTerm, Case, Event, Place, Stage, Stored};
use crate::domain::file::FileRefused;
use crate::domain::flow::{ActionError, Ledger, World};
use crate::domain::{deadline, limit, number, retention as kept};
use crate::store::{self, LoadError};

pub mod acting;
pub mod behalf;
pub mod citizen;
pub mod drafts;
pub mod files;
pub mod office;
pub mod projections;
pub mod retention;
pub mod reuse;
pub mod submit;
pub mod system;
pub mod terms;

/// Why a use case did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such draft, case, task or file for this person.
    #[error("not found")]
    NotFound,
    /// The service does not exist or is not offered.
    #[error("no such service")]
    NoService,
    /// The service is suspended for a while, with a public notice.
    #[error("the service is suspended")]
    Suspended(Text),
    /// The draft has become a case already.
    #[error("the draft was submitted")]
    Submitted(CaseId),
    /// Somebody else changed the case or the draft since it was read.
    #[error("the state is stale")]
    Stale,
    /// The person cannot use the service.
    #[error("not eligible")]
    NotEligible(Vec<Refused>),
    /// The service is not given so: not now, not through this channel, not to somebody known so little.
    #[error("denied: {}", .0.code())]
    Denied(Denied),
    /// The person cannot apply for the one who was named.
    #[error("not for this one: {0}")]
    Behalf(#[from] crate::domain::behalf::BehalfRefused),
    /// The right to act for the one for whom the form was begun has ended since.
    #[error("the right to act has ended: {0}")]
    BehalfEnded(crate::domain::behalf::BehalfRefused),
    /// The price cannot be worked out from the answers.
    #[error("the fee cannot be worked out")]
    FeeUnknown,
    /// As many cases of the service are open as one person may have.
    #[error("{limit} cases are open")]
    Limit { limit: u32 },
    /// Answers are wrong or missing.
    #[error("{} fields are wrong", .0.len())]
    Invalid(Vec<FieldError>),
    /// The applicant did not confirm.
    #[error("not confirmed")]
    Consent,
    /// A register does not answer and the service cannot go on without it.
    #[error("register {0} does not answer")]
    Register(String),
    /// A file is not taken.
    #[error("the file is not taken")]
    File(#[from] FileRefused),
    /// The action is not possible.
    #[error("the action is not possible")]
    Action(#[from] ActionError),
    /// The official may not do this.
    #[error("forbidden")]
    Forbidden,
    /// The idempotency key was used for another request.
    #[error("the key was used for another request")]
    KeyReused,
    /// Too many writes are waiting.
    #[error("busy")]
    Busy,
    #[error("could not load")]
    Load(#[from] LoadError),
    #[error("could not store")]
    Store(#[from] storage::Error),
    #[error("another context failed")]
    Port(#[from] PortError),
    #[error("file store failed")]
    Blob(#[from] storage::BlobError),
    /// A stored case or draft names a definition that is gone: a defect.
    #[error("definition {0} is missing")]
    Definition(String),
    /// The stored person is gone: a defect.
    #[error("person is missing")]
    Person,
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        match error {
            // The same content is being deleted because of another case: in a moment it can be stored anew.
            CommitError::Guard(store::claims::CONTENT_MOVED) => Error::Busy,
            CommitError::Guard(_) | CommitError::Unique(_) => Error::Stale,
            CommitError::Busy => Error::Busy,
            CommitError::Store(error) => Error::Store(error),
        }
    }
}

/// The case changed: its projections follow. Internal to the context.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseChanged {
    pub subject: SubjectId,
    pub case: CaseId,
    pub seq: i64,
}

impl contracts::Event for CaseChanged {
    const TOPIC: &'static str = "applications.changed";
}

/// Something is to be looked at later: a register that did not answer, the end of the applicant's time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wake {
    pub subject: SubjectId,
    pub case: CaseId,
    pub state: String,
    /// The version of the case when this was asked for: a case that has moved on is left alone.
    pub seq: i64,
    pub tries: u32,
}

impl contracts::Event for Wake {
    const TOPIC: &'static str = "applications.wake";
}

/// A term is to be looked at: `left` before `due`, or at its end. A case whose term has moved is left alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TermWake {
    pub subject: SubjectId,
    pub case: CaseId,
    pub due: Timestamp,
    /// `None` = the term is over.
    pub left: Option<Term>,
}

impl contracts::Event for TermWake {
    const TOPIC: &'static str = "applications.term";
}

/// The rows of files of a case are gone; their contents are to follow where nobody else refers to them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EvidenceErased {
    pub subject: SubjectId,
    /// Addresses of the contents.
    pub sha256: Vec<String>,
}

impl contracts::Event for EvidenceErased {
    const TOPIC: &'static str = "applications.evidence_erased";
}

/// A case with what belongs to it.
pub struct Loaded {
    pub case: Case,
    pub history: Vec<Stored>,
    pub definition: Arc<Definition>,
    pub person: Person,
    pub facts: Facts,
}

impl Loaded {
    /// What the rules look at.
    pub fn world<'a>(&'a self, ctx: &'a Ctx) -> World<'a> {
        world(ctx, &self.definition, &self.facts, self.case.submitted.channel)
    }
}

/// What the rules look at.
pub fn world<'a>(ctx: &'a Ctx, definition: &'a Definition, facts: &'a Facts, channel: Channel) -> World<'a> {
    World {
        definition,
        facts,
        calendar: calendar(ctx, definition),
        now: ctx.now(),
        channel: fee_channel(channel),
        bhm: ctx.refdata.bhm(ctx.today()),
        rng: &*ctx.rng,
    }
}

/// The calendar by which a service counts its terms.
pub fn calendar<'a>(ctx: &'a Ctx, definition: &Definition) -> &'a Calendar {
    if definition.works_saturdays() { &ctx.refdata.calendar_six } else { &ctx.refdata.calendar }
}

/// The level of identification in the words of definitions.
pub fn known_as(assurance: Assurance) -> definition::Assurance {
    match assurance {
        Assurance::Open => definition::Assurance::Open,
        Assurance::Password => definition::Assurance::Password,
        Assurance::Otp => definition::Assurance::Otp,
        Assurance::Face => definition::Assurance::Face,
        Assurance::Signature => definition::Assurance::Signature,
    }
}

/// The channel in the words of definitions.
pub fn fee_channel(channel: Channel) -> definition::Channel {
    definition::Channel::parse(channel.name()).unwrap_or(definition::Channel::Web)
}

/// Loads a case of a subject with its definition and facts.
///
/// # Errors
/// [`Error::NotFound`] when the subject has no such case.
pub async fn load(ctx: &Ctx, subject: SubjectId, id: CaseId) -> Result<Loaded, Error> {
    let (case, history) = store::case(&ctx.db, subject, id).await?.ok_or(Error::NotFound)?;
    let definition = definition_of(ctx, &case.version).await?;
    let person = person(ctx, subject).await?;
    let represented = case.submitted.behalf.as_ref().map(|behalf| &behalf.represented);
    let mut facts = facts(ctx, &person, case.answers.clone(), case.submitted.registers.clone(), represented);
    facts.loads = loads(ctx, &definition).await?;
    Ok(Loaded { case, history, definition, person, facts })
}

/// The load of the units among which a service gives out work by load; nothing is read for the others.
pub(crate) async fn loads(ctx: &Ctx, definition: &Definition) -> Result<BTreeMap<String, u64>, Error> {
    let candidates = definition.load_candidates();
    let mut agencies: Vec<&str> = candidates.iter().map(|unit| unit.agency.as_str()).collect();
    agencies.dedup();
    Ok(store::load::of_agencies(&ctx.db, &agencies).await?)
}

pub(crate) async fn definition_of(ctx: &Ctx, version: &definition::VersionHash) -> Result<Arc<Definition>, Error> {
    let found = ctx.ports.catalog.applied(ctx, version).await?;
    found.ok_or_else(|| Error::Definition(version.as_str().to_owned()))
}

pub(crate) async fn person(ctx: &Ctx, subject: SubjectId) -> Result<Person, Error> {
    ctx.ports.people.person(ctx, subject).await?.ok_or(Error::Person)
}

/// Everything that the rules of a definition may look at, today.
pub fn facts(
    ctx: &Ctx,
    person: &Person,
    answers: definition::Answers,
    registers: definition::Registers,
    represented: Option<&Represented>,
) -> Facts {
    let today = ctx.today();
    let mut facts = Facts {
        answers,
        person: PersonFacts {
            pinfl: person.pinfl,
            passport: person.passport,
            surname: Some(person.surname.clone()),
            name: Some(person.name.clone()),
            patronymic: person.patronymic.clone(),
            birth_date: person.birth_date,
            sex: person.pinfl.map(|pinfl| match pinfl.sex() {
                Sex::Male => "m".to_owned(),
                Sex::Female => "f".to_owned(),
            }),
            region: person.address,
            citizenship: Some(person.citizenship.clone()),
            phone: person.phone,
            email: person.email.as_deref().and_then(|email| kernel::person::Email::parse(email).ok()),
            audience: Some(if person.citizenship == "UZ" { Audience::Natural } else { Audience::Foreign }),
            reliefs: person.reliefs.clone(),
        },
        registers,
        applicant: None,
        today,
        bhm: Some(ctx.refdata.bhm(today)),
        loads: BTreeMap::new(),
    };
    if let Some(represented) = represented {
        facts.represent(represented.clone());
    }
    facts
}

/// What names a case in events.
pub fn case_ref(case: &Case) -> CaseRef {
    CaseRef {
        subject: case.subject,
        case: case.id,
        number: case.submitted.number.clone(),
        service: case.submitted.service.clone(),
        version: case.version.as_str().to_owned(),
        lang: case.submitted.lang,
    }
}

/// Writes the new events of a case and tells everybody who must know.
pub(crate) fn save(ctx: &Ctx, batch: &mut Batch, ledger: &Ledger, definition: &Definition, facts: &Facts) {
    let now = ctx.now();
    let case = &ledger.case;
    let limit_key = match ledger.stored_seq() {
        0 => drafts::limit_key(ctx, definition, facts),
        _ => String::new(),
    };
    store::save_case(batch, ledger, now, &limit_key, kept::erase_after(definition, case.ended_at));
    if definition.access().limit.is_some() && ledger.stored_seq() > 0 {
        if case.ended_at.is_some() {
            store::claims::release(batch, case.subject, case.id);
        } else if ledger.new.iter().any(|event| matches!(event.recorded.event, Event::Appealed { .. })) {
            store::claims::reopen(batch, case.subject, case.id, limit::reopened_place(case.id));
        }
    }
    let last = ledger.new.len().saturating_sub(1);
    for (i, event) in ledger.new.iter().enumerate() {
        let stays = i == last;
        match &event.recorded.event {
            Event::Submitted(submitted) => {
                emit(
                    ctx,
                    batch,
                    &CaseSubmitted {
                        case: case_ref(case),
                        channel: submitted.channel,
                        at: event.recorded.at,
                        due: case.due(),
                        region: submitted.region.clone(),
                        behalf: submitted.behalf.as_ref().map(|b| b.represented.kind.name().to_owned()),
                    },
                );
                // An application that is answered at once gets one notice, the answer.
                if !case.stage.is_final() {
                    notify(ctx, batch, case, definition, "case-submitted", Urgency::Important, []);
                }
            }
            Event::Entered(entered) => {
                let title = definition.state(&entered.state).map(|state| state.title.clone());
                let ended = matches!(
                    entered.place,
                    Place::Approved | Place::Refused { .. } | Place::Withdrawn | Place::Expired
                );
                if !ended {
                    order_documents(ctx, batch, case, definition, facts, &entered.state, event.recorded.at);
                }
                match &entered.place {
                    Place::Payment { total, .. } if *total == kernel::money::Tiyin::ZERO => {}
                    Place::Payment { title, lines, total, expires, valid_after_reject_days } => {
                        emit(
                            ctx,
                            batch,
                            &PaymentDue {
                                case: case_ref(case),
                                state: entered.state.clone(),
                                title: title.clone(),
                                lines: lines.clone(),
                                total: *total,
                                expires: *expires,
                                valid_after_reject_days: *valid_after_reject_days,
                                refund: refund_after(definition, &entered.state),
                            },
                        );
                    }
                    Place::Approved | Place::Refused { .. } | Place::Withdrawn | Place::Expired => {
                        let outcome = match entered.place {
                            Place::Approved => Outcome::Approved,
                            Place::Refused { .. } => Outcome::Refused,
                            Place::Withdrawn => Outcome::Withdrawn,
                            _ => Outcome::Expired,
                        };
                        decided(ctx, batch, case, definition, facts, entered, outcome, event.recorded.at);
                    }
                    Place::Returned { answer_by } => {
                        // Without a comment nothing is wrong: the applicant has something to decide (an offered place).
                        let (template, arg) = match &entered.comment {
                            Some(comment) => ("case-returned", ("reason", Arg::Text(comment.clone()))),
                            None => ("case-progress", ("state", title.map_or_else(no_due, Arg::Localized))),
                        };
                        notify(ctx, batch, case, definition, template, Urgency::Important, [arg]);
                        if let Some(at) = answer_by {
                            wake_at(ctx, batch, case, *at, 0);
                        }
                    }
                    Place::Auto if stays => wake_at(ctx, batch, case, in_minutes(now, 1), 0),
                    Place::Work { .. } | Place::Tasks { .. } | Place::Commission { .. } | Place::Queue { .. }
                        if stays && ledger.stored_seq() > 0 =>
                    {
                        let state = title.map_or_else(|| Arg::Text(String::new()), Arg::Localized);
                        notify(ctx, batch, case, definition, "case-progress", Urgency::Normal, [("state", state)]);
                    }
                    _ => {}
                }
            }
            Event::AppealDecided { granted, comment } => {
                let template = "appeal-decided";
                let granted = if *granted { "true" } else { "false" };
                notify(
                    ctx,
                    batch,
                    case,
                    definition,
                    template,
                    Urgency::Important,
                    [("granted", Arg::Text(granted.to_owned())), ("comment", Arg::Text(comment.clone()))],
                );
            }
            Event::Reminded { due, .. } if matches!(case.stage, Stage::Returned { .. } | Stage::Payment { .. }) => {
                let due = Arg::Localized(Text::each(|lang| kernel::format::datetime(*due, lang)));
                notify(ctx, batch, case, definition, "case-reminder", Urgency::Important, [("due", due)]);
            }
            Event::TermPassed { then: AfterTerm::Escalate, .. } => {
                notify(ctx, batch, case, definition, "case-late", Urgency::Normal, []);
            }
            _ => {}
        }
    }
    let moved = |event: &Event| matches!(event, Event::Entered(_) | Event::Appealed { .. });
    if ledger.new.iter().any(|event| moved(&event.recorded.event)) {
        watch_terms(ctx, batch, case, definition);
    }
    emit(ctx, batch, &CaseChanged { subject: case.subject, case: case.id, seq: case.seq });
}

/// Asks to be woken before and at the end of the term that runs now: the agency's, or the applicant's own.
fn watch_terms(ctx: &Ctx, batch: &mut Batch, case: &Case, definition: &Definition) {
    let now = ctx.now();
    let calendar = calendar(ctx, definition);
    let wake = |due: Timestamp, left: Option<Term>| TermWake { subject: case.subject, case: case.id, due, left };
    let Some((due, agency)) = terms::running(case) else { return };
    for before in &definition.spec().term.remind {
        let at = deadline::remind_at(due, *before, calendar);
        if at > now {
            storage::outbox::put_at(batch, now, at, &*ctx.rng, TermWake::TOPIC, &wake(due, Some(*before)));
        }
    }
    if agency {
        // A term holds through its last second.
        let after = due.checked_add(jiff::SignedDuration::from_secs(1)).unwrap_or(due);
        storage::outbox::put_at(batch, now, after, &*ctx.rng, TermWake::TOPIC, &wake(due, None));
    }
}

/// The ends after which what is paid in a state goes back, in the words of the contracts.
fn refund_after(definition: &Definition, state: &str) -> Vec<Outcome> {
    let outcome = |end| match end {
        RefundAfter::Refused => Outcome::Refused,
        RefundAfter::Withdrawn => Outcome::Withdrawn,
        RefundAfter::Expired => Outcome::Expired,
    };
    definition.refund_after(state).into_iter().map(outcome).collect()
}

/// Documents that a state on the way calls for.
fn order_documents(
    ctx: &Ctx,
    batch: &mut Batch,
    case: &Case,
    definition: &Definition,
    facts: &Facts,
    state: &str,
    at: Timestamp,
) {
    let documents = documents(ctx, case, definition, facts, state);
    if !documents.is_empty() {
        let applicant = case.submitted.applicant.clone();
        emit(ctx, batch, &DocumentsOrdered { case: case_ref(case), at, applicant, documents });
    }
}

fn documents(ctx: &Ctx, case: &Case, definition: &Definition, facts: &Facts, state: &str) -> Vec<DocumentOrder> {
    definition
        .documents_for(state, facts, case.submitted.lang, ctx.today())
        .into_iter()
        .map(|draft| DocumentOrder {
            output: draft.output,
            template: draft.template.name().to_owned(),
            title: draft.title,
            agency: draft.agency,
            rows: draft.rows.into_iter().map(|(label, value)| DocumentRow { label, value }).collect(),
            valid_until: draft.valid_until,
            revocable: draft.revocable,
        })
        .collect()
}

fn decided(
    ctx: &Ctx,
    batch: &mut Batch,
    case: &Case,
    definition: &Definition,
    facts: &Facts,
    entered: &crate::domain::case::Entered,
    outcome: Outcome,
    at: Timestamp,
) {
    let documents = documents(ctx, case, definition, facts, &entered.state);
    emit(
        ctx,
        batch,
        &CaseDecided { case: case_ref(case), outcome, at, applicant: case.submitted.applicant.clone(), documents },
    );
    let template = match outcome {
        Outcome::Approved => "case-approved",
        Outcome::Refused => "case-refused",
        Outcome::Withdrawn => "case-withdrawn",
        Outcome::Expired => "case-expired",
    };
    let reason = entered.reason.as_deref().and_then(|code| definition.reason(code));
    let reason = match reason {
        Some(reason) => Arg::Localized(reason.text.clone()),
        None if entered.silence => Arg::Localized(silence_words()),
        None => Arg::Text(entered.comment.clone().unwrap_or_default()),
    };
    let urgency = match outcome {
        Outcome::Approved | Outcome::Refused => Urgency::Important,
        Outcome::Withdrawn | Outcome::Expired => Urgency::Normal,
    };
    notify(ctx, batch, case, definition, template, urgency, [("reason", reason)]);
}

fn notify<const N: usize>(
    ctx: &Ctx,
    batch: &mut Batch,
    case: &Case,
    definition: &Definition,
    template: &str,
    urgency: Urgency,
    more: [(&str, Arg); N],
) {
    // A message may be read in another language than the one of the application.
    let due = |due: Timestamp| Arg::Localized(Text::each(|lang| kernel::format::datetime(due, lang)));
    let mut args = BTreeMap::from([
        ("number".to_owned(), Arg::Text(number::group(&case.submitted.number))),
        ("service".to_owned(), Arg::Localized(definition.passport().title.clone())),
        ("due".to_owned(), case.due().map_or_else(no_due, due)),
    ]);
    args.extend(more.map(|(name, value)| (name.to_owned(), value)));
    emit(
        ctx,
        batch,
        &NoticeRequested {
            subject: case.subject,
            template: template.to_owned(),
            args,
            link: Some(format!("/cases/{}", case.id)),
            urgency,
        },
    );
}

/// What is said of a decision that nobody took in time, where the definition has no words of its own.
fn silence_words() -> Text {
    Text::new(
        "Muddat o‘tdi, vakolatli organ javob bermadi",
        "Múddet ótti, wákillikli organ juwap bermedi",
        "Срок истёк, уполномоченный орган не ответил",
        "The term has passed and the agency gave no answer",
    )
}

/// Words for a due date that cannot be named yet.
fn no_due() -> Arg {
    Arg::Localized(Text::new("kabinetda ko‘rsatiladi", "kabinette kórsetiledi", "см. в кабинете", "see the cabinet"))
}

pub(crate) fn wake_at(ctx: &Ctx, batch: &mut Batch, case: &Case, at: Timestamp, tries: u32) {
    let wake = Wake { subject: case.subject, case: case.id, state: case.state.clone(), seq: case.seq, tries };
    storage::outbox::put_at(batch, ctx.now(), at, &*ctx.rng, Wake::TOPIC, &wake);
}

pub(crate) fn in_minutes(now: Timestamp, minutes: i64) -> Timestamp {
    now.checked_add(jiff::SignedDuration::from_mins(minutes)).unwrap_or(now)
}

/// Commits the new events of a case. A case that somebody else moved on is [`Error::Stale`].
pub(crate) async fn commit(ctx: &Ctx, ledger: &Ledger, loaded: &Loaded) -> Result<(), Error> {
    let mut batch = Batch::new(ledger.case.subject);
    let upgraded = upgraded(ctx, ledger, loaded).await?;
    save(ctx, &mut batch, upgraded.as_ref().unwrap_or(ledger), &loaded.definition, &loaded.facts);
    Ok(ctx.db.commit(batch).await?)
}

/// A case that was just returned to its applicant, moved to the later version that there is for it (APP-UPGRADE).
pub(crate) async fn upgraded(ctx: &Ctx, ledger: &Ledger, loaded: &Loaded) -> Result<Option<Ledger>, Error> {
    let returned = |event: &crate::domain::flow::NewEvent| matches!(&event.recorded.event, Event::Entered(entered) if matches!(entered.place, Place::Returned { .. }));
    if !matches!(ledger.case.stage, Stage::Returned { .. }) || !ledger.new.iter().any(returned) {
        return Ok(None);
    }
    let pinned = &ledger.case.version;
    let Some(later) = ctx.ports.catalog.upgrade(ctx, pinned).await? else { return Ok(None) };
    if !crate::domain::flow::can_upgrade(&ledger.case, &later) {
        return Ok(None);
    }
    let mut facts = loaded.facts.clone();
    facts.answers.clone_from(&ledger.case.answers);
    let answers = later.carry(&loaded.definition, pinned, &facts);
    let mut upgraded = ledger.clone();
    let event = Event::Upgraded { version: later.version().clone(), answers };
    upgraded.push(ctx.now(), crate::domain::case::Actor::System, event).map_err(ActionError::from)?;
    Ok(Some(upgraded))
}

/// Whether a stage is one in which the applicant may withdraw by an action of the flow.
pub fn citizen_actions(loaded: &Loaded) -> Vec<&definition::Action> {
    if matches!(loaded.case.stage, Stage::Appeal { .. }) {
        return Vec::new();
    }
    loaded.definition.allowed_actions(&loaded.case.state, definition::By::Citizen, &loaded.facts)
}

/// What was acknowledged to the applicant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    pub case: CaseId,
    pub number: String,
    /// The draft that became the case.
    pub draft: DraftId,
}
