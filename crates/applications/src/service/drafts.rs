//! Drafts: start, resume, prefill, save, check.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::identity::Person;
use contracts::registries::{Query, RegisterError};
use contracts::{Channel, Ctx};
use definition::{AskAt, Definition, Facts, FeeQuote, FieldError, FieldErrorCode, OnFail, RegisterUse};
use futures_util::future::join_all;
use kernel::clock::Timestamp;
use kernel::id::{DraftId, SubjectId};
use storage::Batch;

use super::{Error, definition_of, facts, fee_channel, person};
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
}

/// Opens the form of a service: resumes the person's open draft, or makes one filled in from the registers.
///
/// # Errors
/// [`Error::NoService`], [`Error::NotEligible`], [`Error::Limit`], or [`Error::Register`] when the service cannot go on
/// without a register that does not answer.
pub async fn start(ctx: &Ctx, subject: SubjectId, service: &str, channel: Channel) -> Result<OpenDraft, Error> {
    if let Some(draft) = store::open_draft(&ctx.db, subject, service).await? {
        return open(ctx, draft).await;
    }
    let definition = ctx.ports.catalog.current(ctx, service).await?.ok_or(Error::NoService)?;
    let person = person(ctx, subject).await?;
    let mut known = facts(ctx, &person, BTreeMap::new(), BTreeMap::new());
    let refused = definition.eligibility(&known);
    if !refused.is_empty() {
        return Err(Error::NotEligible(refused));
    }
    check_limit(ctx, subject, &definition).await?;
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
    };
    let mut batch = Batch::new(subject);
    store::insert_draft(&mut batch, &draft)?;
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(OpenDraft { draft, definition, person, facts: known }),
        // Another tab was first: go on with its draft.
        Err(storage::CommitError::Unique(_)) => {
            let draft = store::open_draft(&ctx.db, subject, service).await?.ok_or(Error::Stale)?;
            open(ctx, draft).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Opens a draft by its id.
///
/// # Errors
/// [`Error::NotFound`], or [`Error::Submitted`] when it has become a case.
pub async fn get(ctx: &Ctx, subject: SubjectId, id: DraftId) -> Result<OpenDraft, Error> {
    let draft = store::draft(&ctx.db, subject, id).await?.ok_or(Error::NotFound)?;
    if let Some(case) = draft.case {
        return Err(Error::Submitted(case));
    }
    open(ctx, draft).await
}

async fn open(ctx: &Ctx, draft: Draft) -> Result<OpenDraft, Error> {
    let definition = definition_of(ctx, &draft.version).await?;
    let person = person(ctx, draft.subject).await?;
    let facts = facts(ctx, &person, draft.answers.clone(), draft.registers.clone());
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
    let (wrong, missing): (Vec<_>, Vec<_>) = errors
        .into_iter()
        .partition(|error| answers.contains_key(&error.field) && error.code != FieldErrorCode::Required);
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
        Deadline::start(ctx.now(), definition.term(facts), &ctx.refdata.calendar).due()
    };
    Check { errors: definition.validate_all(facts), fee, due, after_payment, refused: definition.eligibility(facts) }
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
        let questions = ready.into_iter().map(|(register, params)| async move {
            (register, fetch(ctx, definition, person, register, params).await)
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
    register: &RegisterUse,
    params: BTreeMap<String, String>,
) -> Result<contracts::registries::Answer, RegisterError> {
    let query = Query {
        register: register.name.clone(),
        subject: Some(person.subject),
        pinfl: person.pinfl,
        passport: person.passport,
        params,
        purpose: definition.code().as_str().to_owned(),
    };
    ctx.ports.registers.fetch(ctx, &query).await
}

/// Refuses a further application while as many are open as one person may have.
///
/// Rule: APP-LIMIT.
/// Source: key `access.limit` of the definition; second open application of the same person for the same thing.
pub(crate) async fn check_limit(ctx: &Ctx, subject: SubjectId, definition: &Definition) -> Result<(), Error> {
    let Some(limit) = definition.access().limit else { return Ok(()) };
    let open = store::open_cases(&ctx.db, subject, definition.code().as_str()).await?;
    if open >= i64::from(limit) { Err(Error::Limit { limit }) } else { Ok(()) }
}
