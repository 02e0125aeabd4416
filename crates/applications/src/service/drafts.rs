//! Drafts: start, resume, prefill, save, check.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::identity::Person;
use contracts::registries::{Query, RegisterError};
use contracts::{Assurance, Channel, Ctx};
use definition::{
    AskAt, Attempt, Definition, Denied, Facts, FeeQuote, FieldError, FieldErrorCode, OnFail, RegisterUse, Registers,
    Represented, Whose,
};
use futures_util::future::{join, join_all};
use kernel::clock::{Timestamp, tashkent_date};
use kernel::id::{DraftId, SubjectId};
use kernel::money::Tiyin;
use ring::hmac;
use storage::Batch;

use super::behalf::{self, Whom};
use super::{Error, calendar, definition_of, facts, fee_channel, known_as, person};
use crate::domain::deadline::Deadline;
use crate::store::{self, Draft, Source};

/// A draft with what belongs to it.
pub struct OpenDraft {
    pub draft: Draft,
    pub definition: Arc<Definition>,
    pub person: Person,
    pub facts: Facts,
}

/// What the applicant sees before sending.
pub struct Check {
    /// What is wrong or missing; sending is possible when empty.
    pub errors: Vec<FieldError>,
    pub fee: FeeQuote,
    /// When the answer is due if sent now; `None` = at once, or after the fee is paid, or no term.
    pub due: Option<Timestamp>,
    /// The clock begins when the fee is paid.
    pub after_payment: bool,
    pub refused: Vec<definition::Refused>,
    /// What keeps the application from being sent now.
    pub denied: Option<Denied>,
    /// A fee that was paid for an application that was refused covers this one.
    pub covered: Option<contracts::payments::CreditView>,
}

/// How somebody comes to a service, and for whom.
#[derive(Clone, Debug)]
pub struct Entry {
    pub channel: Channel,
    /// How surely the person is known.
    pub known: Assurance,
    pub whom: Whom,
}

/// [`begin`] for oneself, known by a code: for the demo, benches and tests; no page calls it.
///
/// # Errors
/// As [`begin`].
pub async fn start(ctx: &Ctx, subject: SubjectId, service: &str, channel: Channel) -> Result<OpenDraft, Error> {
    begin(ctx, subject, service, Entry { channel, known: Assurance::Otp, whom: Whom::Oneself }).await
}

/// Whether a person so known may begin through this channel today, before anything is asked of them.
///
/// # Errors
/// [`Error::Denied`].
pub async fn may_begin(
    ctx: &Ctx,
    subject: SubjectId,
    definition: &Definition,
    channel: Channel,
    known: Assurance,
) -> Result<(), Error> {
    let person = person(ctx, subject).await?;
    let plain = facts(ctx, &person, BTreeMap::new(), Registers::default(), None);
    match definition.denied(&plain, fee_channel(channel), known_as(known), Attempt::Begin) {
        // A form that was opened in time may still be there: that is seen when it is resumed.
        None | Some(Denied::NotYet { .. } | Denied::Over { .. }) => Ok(()),
        Some(denied) => Err(Error::Denied(denied)),
    }
}

/// For whom the person may apply for a service.
///
/// # Errors
/// As [`behalf::choices`].
pub async fn choices(ctx: &Ctx, subject: SubjectId, definition: &Definition) -> Result<behalf::Choices, Error> {
    let person = person(ctx, subject).await?;
    behalf::choices(ctx, definition, &person).await
}

/// Opens the form of a service: resumes the person's open draft, or makes one filled in from the registers.
///
/// # Errors
/// [`Error::NoService`], [`Error::Denied`], [`Error::Behalf`], [`Error::NotEligible`], [`Error::Limit`], or
/// [`Error::Register`] when the service cannot go on without a register that does not answer.
pub async fn begin(ctx: &Ctx, subject: SubjectId, service: &str, entry: Entry) -> Result<OpenDraft, Error> {
    let Entry { channel, known: sure, whom } = entry;
    let definition = match ctx.ports.catalog.current(ctx, service).await? {
        Some(definition) => definition,
        None => return Err(not_offered(ctx, service).await),
    };
    let person = person(ctx, subject).await?;
    let sure = known_as(sure);
    // What needs no look at anybody's data comes first.
    let plain = facts(ctx, &person, BTreeMap::new(), Registers::default(), None);
    if let Some(denied @ (Denied::Channel { .. } | Denied::Assurance { .. })) =
        definition.denied(&plain, fee_channel(channel), sure, Attempt::Begin)
    {
        return Err(Error::Denied(denied));
    }
    let behalf = behalf::resolve(ctx, &definition, &person, &whom).await?;
    let behalf_key = behalf.as_ref().map_or_else(String::new, |one| keyed(ctx, "behalf", &one.key()));
    if let Some(draft) = store::open_draft(&ctx.db, subject, service, &behalf_key).await? {
        let resumed = open(ctx, draft).await?;
        let begun = Attempt::Send { begun: tashkent_date(resumed.draft.created_at) };
        return match resumed.definition.denied(&resumed.facts, fee_channel(channel), sure, begun) {
            Some(denied) => Err(Error::Denied(denied)),
            None => Ok(resumed),
        };
    }
    let mut known = facts(ctx, &person, BTreeMap::new(), Registers::default(), behalf.as_ref());
    if let Some(denied) = definition.denied(&known, fee_channel(channel), sure, Attempt::Begin) {
        return Err(Error::Denied(denied));
    }
    let refused = definition.eligibility(&known);
    if !refused.is_empty() {
        return Err(Error::NotEligible(refused));
    }
    check_limit(ctx, subject, &definition, &known).await?;
    let asked = ask_registers(ctx, &definition, &person, &mut known, AskAt::Start).await?;
    let refused = definition.eligibility(&known);
    if !refused.is_empty() {
        return Err(Error::NotEligible(refused));
    }
    known.answers = definition.prefill(&known);
    let now = ctx.now();
    let draft = Draft {
        subject,
        id: DraftId::new(now, &*ctx.rng),
        service: definition.code().as_str().to_owned(),
        version: definition.version().clone(),
        channel,
        answers: known.answers.clone(),
        registers: known.registers.clone(),
        sources: asked.sources,
        page: 1,
        seq: 1,
        created_at: now,
        updated_at: now,
        case: None,
        behalf,
        behalf_key,
    };
    let mut batch = Batch::new(subject);
    store::insert_draft(&mut batch, &draft)?;
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(OpenDraft { draft, definition, person, facts: known }),
        // Another tab was first: go on with its draft.
        Err(storage::CommitError::Unique(_)) => {
            let key = &draft.behalf_key;
            let draft = store::open_draft(&ctx.db, subject, service, key).await?.ok_or(Error::Stale)?;
            open(ctx, draft).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Why a service cannot be started: it is suspended, or there is none.
pub(crate) async fn not_offered(ctx: &Ctx, service: &str) -> Error {
    match ctx.ports.catalog.suspension(ctx, service).await {
        Ok(Some(notice)) => Error::Suspended(notice),
        Ok(None) => Error::NoService,
        Err(error) => error.into(),
    }
}

/// Opens a draft by its id.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::Submitted`] when it has become a case.
pub async fn get(ctx: &Ctx, subject: SubjectId, id: DraftId) -> Result<OpenDraft, Error> {
    let (draft, person) = join(store::draft(&ctx.db, subject, id), person(ctx, subject)).await;
    let draft = draft?.ok_or(Error::NotFound)?;
    if let Some(case) = draft.case {
        return Err(Error::Submitted(case));
    }
    open_for(ctx, draft, person?).await
}

async fn open(ctx: &Ctx, draft: Draft) -> Result<OpenDraft, Error> {
    let person = person(ctx, draft.subject).await?;
    open_for(ctx, draft, person).await
}

async fn open_for(ctx: &Ctx, draft: Draft, person: Person) -> Result<OpenDraft, Error> {
    let definition = definition_of(ctx, &draft.version).await?;
    let facts = facts(ctx, &person, draft.answers.clone(), draft.registers.clone(), draft.behalf.as_ref());
    Ok(OpenDraft { draft, definition, person, facts })
}

/// Saves a page as posted. What is wrong is saved too, beside its error: nothing typed is lost.
///
/// # Errors
/// As [`get`].
pub async fn save_page(
    ctx: &Ctx,
    subject: SubjectId,
    id: DraftId,
    page: u32,
    posted: &[(String, String)],
) -> Result<(OpenDraft, Vec<FieldError>), Error> {
    // Another tab or the autosave may save in between: the later post of a page wins for the fields of that page only.
    for _ in 0..4 {
        let mut open = get(ctx, subject, id).await?;
        let index = page.saturating_sub(1) as usize;
        let (answers, errors) = open.definition.parse_page(index, posted, &open.facts);
        if answers == open.draft.answers && open.draft.page == page {
            return Ok((open, errors));
        }
        open.draft.answers = answers.clone();
        open.facts.answers = answers;
        open.draft.page = page;
        match write(ctx, &open.draft).await {
            Ok(()) => return Ok((open, errors)),
            Err(Error::Stale) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::Stale)
}

/// Takes answers given as JSON (the API); those that are not named stay as they are. Gives what is still missing.
///
/// # Errors
/// [`Error::Invalid`] when an answer that was given is wrong; [`Error::Stale`] when `seq` is given and the draft has
/// another version; as [`get`].
pub async fn save_json(
    ctx: &Ctx,
    subject: SubjectId,
    id: DraftId,
    answers: &serde_json::Map<String, serde_json::Value>,
    seq: Option<i64>,
) -> Result<(OpenDraft, Vec<FieldError>), Error> {
    let mut open = get(ctx, subject, id).await?;
    if seq.is_some_and(|seq| seq != open.draft.seq) {
        return Err(Error::Stale);
    }
    let (accepted, errors) = open.definition.accept_json(answers, &open.facts);
    // What was given must be right; what is still missing may come later.
    let given = |error: &FieldError| error.field.split('.').next().is_some_and(|id| answers.contains_key(id));
    let (wrong, missing): (Vec<_>, Vec<_>) =
        errors.into_iter().partition(|error| given(error) && error.code != FieldErrorCode::Required);
    if !wrong.is_empty() {
        return Err(Error::Invalid(wrong));
    }
    let (answers, errors) = (accepted, missing);
    open.draft.answers = answers.clone();
    open.facts.answers = answers;
    write(ctx, &open.draft).await?;
    open.draft.seq += 1;
    Ok((open, errors))
}

async fn write(ctx: &Ctx, draft: &Draft) -> Result<(), Error> {
    let mut batch = Batch::new(draft.subject);
    store::save_draft(&mut batch, draft, ctx.now())?;
    Ok(ctx.db.commit(batch).await?)
}

/// Puts answers of files in or takes them out; used by [`super::files`].
pub(crate) async fn write_answers(ctx: &Ctx, batch: &mut Batch, draft: &Draft) -> Result<(), Error> {
    store::save_draft(batch, draft, ctx.now())?;
    Ok(())
}

/// Throws a draft away.
///
/// # Errors
/// When the store fails.
pub async fn discard(ctx: &Ctx, subject: SubjectId, id: DraftId) -> Result<(), Error> {
    let mut batch = Batch::new(subject);
    store::delete_draft(&mut batch, subject, id);
    Ok(ctx.db.commit(batch).await?)
}

/// [`check`] with what other contexts know: a fee paid before that covers this one.
///
/// # Errors
/// When a port fails.
pub async fn check_all(ctx: &Ctx, open: &OpenDraft) -> Result<Check, Error> {
    let mut check = check(ctx, open);
    if check.fee.total > Tiyin::ZERO && !check.fee.unknown {
        let service = &open.draft.service;
        check.covered = ctx.ports.invoices.credit(ctx, open.draft.subject, service, check.fee.total).await?;
    }
    Ok(check)
}

/// What the applicant sees before sending: what is missing, the fee, when the answer is due.
pub fn check(ctx: &Ctx, open: &OpenDraft) -> Check {
    let OpenDraft { draft, definition, facts, .. } = open;
    let today = ctx.today();
    let bhm = ctx.refdata.bhm(today);
    let fee = definition.fee_quote(facts, fee_channel(draft.channel), bhm, today);
    let initial = &definition.initial_state().id;
    let first = definition.fee_due_in(initial, facts, fee_channel(draft.channel), bhm, today);
    let after_payment = definition.pauses(initial) && first.total > kernel::money::Tiyin::ZERO;
    let due = if after_payment {
        None
    } else {
        Deadline::start(ctx.now(), definition.term(facts), calendar(ctx, definition)).due()
    };
    // Identification is looked at when the button is pressed; a page that is read needs none more.
    let begun = Attempt::Send { begun: tashkent_date(draft.created_at) };
    let denied = definition.denied(facts, fee_channel(draft.channel), definition::Assurance::Signature, begun);
    Check {
        errors: definition.validate_all(facts),
        fee,
        due,
        after_payment,
        refused: definition.eligibility(facts),
        denied,
        covered: None,
    }
}

/// What came of asking the registers.
pub(crate) struct Asked {
    pub(crate) sources: BTreeMap<String, Source>,
    /// Registers that did not answer and will be asked again.
    pub(crate) waiting: bool,
}

/// Asks the registers that are due at this moment and puts what they say into the facts.
pub(crate) async fn ask_registers(
    ctx: &Ctx,
    definition: &Definition,
    person: &Person,
    facts: &mut Facts,
    at: AskAt,
) -> Result<Asked, Error> {
    let mut asked = Asked { sources: BTreeMap::new(), waiting: false };
    let mut tried: Vec<&str> = Vec::new();
    loop {
        let mut ready = Vec::new();
        for register in definition.registers() {
            // At submission also those that could not be asked at the start, their keys being answers of the form.
            let now = register.at == at || (at == AskAt::Submit && register.at == AskAt::Start);
            if !now || tried.contains(&register.name.as_str()) || facts.registers.contains_key(&register.name) {
                continue;
            }
            // One whose keys come from another register's answer is asked in the next round.
            if let Some(params) = definition.register_params(register, facts) {
                ready.push((register, params));
            }
        }
        if ready.is_empty() {
            return Ok(asked);
        }
        // All at once: the person waits for the slowest only, and the records of the questions share a commit.
        let represented = facts.applicant.as_ref();
        let questions = ready.into_iter().map(|(register, params)| async move {
            (register, fetch(ctx, definition, person, represented, register, params).await)
        });
        for (register, answer) in join_all(questions).await {
            tried.push(&register.name);
            match answer {
                Ok(answer) => {
                    facts.answered(&register.name, answer.data);
                    asked.sources.insert(register.name.clone(), Source { name: answer.source, as_of: answer.as_of });
                }
                Err(RegisterError::Storage(error)) => return Err(error.into()),
                Err(RegisterError::NotFound(_)) => facts.not_found(&register.name),
                Err(RegisterError::Unavailable(_)) => match register.on_fail {
                    OnFail::Ask => {}
                    OnFail::Queue => asked.waiting = true,
                    OnFail::Stop => return Err(Error::Register(register.name.clone())),
                },
            }
        }
    }
}

async fn fetch(
    ctx: &Ctx,
    definition: &Definition,
    person: &Person,
    represented: Option<&Represented>,
    register: &RegisterUse,
    params: BTreeMap<String, String>,
) -> Result<contracts::registries::Answer, RegisterError> {
    // The question is recorded with the person who acts; it is about the other one where the definition says so.
    let (pinfl, passport) = match (register.of, represented) {
        (Whose::Applicant, Some(other)) => (other.pinfl, None),
        (Whose::Applicant, None) | (Whose::Person, _) => (person.pinfl, person.passport),
    };
    let query = Query {
        register: register.name.clone(),
        subject: Some(person.subject),
        pinfl,
        passport,
        params,
        purpose: definition.code().as_str().to_owned(),
    };
    ctx.ports.registers.fetch(ctx, &query).await
}

/// Refuses a further application while as many are open as there may be: for the same one, or with the same key.
///
/// A key that is not known yet (it hangs on the answers) is looked at when the application is sent.
///
/// Rule: APP-LIMIT.
/// Source: key `access.limit` of the definition (DEF-LIMIT); second open application for the same thing.
pub(crate) async fn check_limit(
    ctx: &Ctx,
    subject: SubjectId,
    definition: &Definition,
    facts: &Facts,
) -> Result<(), Error> {
    let Some(limit) = &definition.access().limit else { return Ok(()) };
    let key = limit_key(ctx, definition, facts);
    if key.is_empty() && limit.per.is_some() {
        return Ok(());
    }
    let open = store::open_cases(&ctx.db, subject, definition.code().as_str(), &key).await?;
    if open >= i64::from(limit.open) { Err(Error::Limit { limit: limit.open }) } else { Ok(()) }
}

/// The key of [`check_limit`] as it is stored: a keyed hash of service and key, as the key may be somebody's number.
pub(crate) fn limit_key(ctx: &Ctx, definition: &Definition, facts: &Facts) -> String {
    let key = definition.limit_key(facts);
    if key.is_empty() { key } else { keyed(ctx, "limit", &format!("{}|{key}", definition.code())) }
}

/// HMAC-SHA-256 under the installation's key, lower-case hexadecimal.
pub(crate) fn keyed(ctx: &Ctx, purpose: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &ctx.settings.key("applications.keys"));
    data_encoding::HEXLOWER.encode(hmac::sign(&key, format!("{purpose}|{text}").as_bytes()).as_ref())
}
