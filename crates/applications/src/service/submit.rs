//! An application is filed: durably, exactly once, however often the button is pressed.

use contracts::{Assurance, Ctx};
use definition::{AskAt, Attempt, Definition, Facts, Represented, StateKind};
use futures_util::future::join3;
use kernel::clock::tashkent_date;
use kernel::id::{CaseId, DraftId, SubjectId};
use kernel::lang::Lang;
use storage::idempotency::{self, Lookup};
use storage::{Batch, CommitError};

use super::drafts::{OpenDraft, ask_registers, check_limit, limit_key};
use super::{Error, Receipt, behalf, drafts, fee_channel, known_as, loads, save, world};
use crate::domain::case::{Behalf, Submitted};
use crate::domain::deadline::Deadline;
use crate::domain::number::CaseNumber;
use crate::domain::{flow, limit};
use crate::store::{self, claims};

/// What comes with the press of the button.
#[derive(Clone, Debug)]
pub struct Submission {
    pub draft: DraftId,
    /// The applicant confirmed that the answers are true and may be processed.
    pub confirmed: bool,
    /// Language of notices and documents.
    pub lang: Lang,
    /// `Idempotency-Key` of an API client.
    pub key: Option<String>,
}

/// [`send`] by somebody known by a code: for the demo, benches and tests; no page calls it.
///
/// # Errors
/// As [`send`].
pub async fn submit(ctx: &Ctx, subject: SubjectId, submission: &Submission) -> Result<Receipt, Error> {
    send(ctx, subject, submission, Assurance::Otp).await
}

/// Files the application of a draft. Pressed twice, it answers twice with the same receipt. `known` is how surely the person
/// is known who presses.
///
/// # Errors
/// [`Error::Denied`], [`Error::BehalfEnded`], [`Error::FeeUnknown`], [`Error::Invalid`], [`Error::NotEligible`], [`Error::Limit`], [`Error::Consent`], [`Error::Register`],
/// [`Error::KeyReused`]; nothing is filed then.
pub async fn send(ctx: &Ctx, subject: SubjectId, submission: &Submission, known: Assurance) -> Result<Receipt, Error> {
    let hash = submission.draft.to_string();
    let key = submission.key.as_deref().map(|key| format!("applications.submit:{key}"));
    let now = ctx.now();
    let today = tashkent_date(now);
    // None of these hangs on another: the person waits for the slowest only.
    let asked = async {
        match &key {
            Some(key) => idempotency::lookup(&ctx.db, subject, key, &hash).await,
            None => Ok(Lookup::Fresh),
        }
    };
    let (asked, open, number) =
        join3(asked, drafts::get(ctx, subject, submission.draft), draw_number(ctx, today.year())).await;
    match asked? {
        Lookup::Fresh => {}
        Lookup::Replay(answer) => {
            return serde_json::from_str(&answer).map_err(|err| storage::Error::Json(err.to_string()).into());
        }
        Lookup::Mismatch => return Err(Error::KeyReused),
    }
    let open = match open {
        Ok(open) => open,
        Err(Error::Submitted(case)) => return receipt(ctx, subject, case, submission.draft).await,
        Err(error) => return Err(error),
    };
    if !submission.confirmed {
        return Err(Error::Consent);
    }
    let OpenDraft { draft, definition, person, mut facts } = open;
    let begun = Attempt::Send { begun: tashkent_date(draft.created_at) };
    if let Some(denied) = definition.denied(&facts, fee_channel(draft.channel), known_as(known), begun) {
        return Err(Error::Denied(denied));
    }
    let represented = match &draft.behalf {
        Some(begun) => Some(behalf::still(ctx, &definition, &person, begun).await?),
        None => None,
    };
    // Name and ground are those of today.
    if let Some(represented) = &represented {
        facts.applicant = Some(represented.clone());
    }
    ask_registers(ctx, &definition, &person, &mut facts, AskAt::Submit).await?;
    let refused = definition.eligibility(&facts);
    if !refused.is_empty() {
        return Err(Error::NotEligible(refused));
    }
    let mut errors = definition.validate_all(&facts);
    errors.extend(definition.unconfirmed(&facts));
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    facts.answers = definition.settled_answers(&facts);
    let quote = definition.fee_quote(&facts, fee_channel(draft.channel), ctx.refdata.bhm(today), today);
    // Also of fees that are due later: a case must not come to a state whose price nobody knows.
    let unknown = |state: &definition::State| {
        let channel = fee_channel(draft.channel);
        definition.fee_due_in(&state.id, &facts, channel, ctx.refdata.bhm(today), today).unknown
    };
    if definition.flow().states.iter().any(|state| state.kind == StateKind::Payment && unknown(state)) {
        return Err(Error::FeeUnknown);
    }
    facts.loads = loads(ctx, &definition).await?;
    behalf::spend(ctx, &definition, &person, represented.as_ref(), draft.id, quote.total).await?;
    let id = CaseId::new(now, &*ctx.rng);
    let number = number?;
    let submitted = Submitted {
        number: number.as_str().to_owned(),
        service: definition.code().as_str().to_owned(),
        version: definition.version().clone(),
        channel: draft.channel,
        lang: submission.lang,
        applicant: represented.as_ref().map_or_else(|| person.full_name(), Represented::full_name),
        region: person.address.as_ref().map(|soato| soato.region().as_str().to_owned()),
        answers: facts.answers.clone(),
        registers: facts.registers.clone(),
        deadline: Deadline::None,
        total: quote.total,
        behalf: represented.map(|represented| Behalf { actor: person.full_name(), represented }),
    };
    let ledger = flow::submit(world(ctx, &definition, &facts, draft.channel), subject, id, submitted)?;
    let receipt_now = Receipt { case: id, number: number.as_str().to_owned(), draft: draft.id };
    // Each turn somebody else took the place that was free; a limit is never far from full, so that this ends soon.
    for _ in 0..TURNS {
        let place = match check_limit(ctx, subject, &definition, &facts).await {
            Ok(()) => free_place(ctx, &definition, &facts).await,
            Err(error) => Err(error),
        };
        let place = match place {
            Ok(place) => place,
            // What fills the limit may be this very application, sent by the other press of the button.
            Err(full @ Error::Limit { .. }) => {
                return match store::draft(&ctx.db, subject, submission.draft).await?.and_then(|draft| draft.case) {
                    Some(case) => receipt(ctx, subject, case, submission.draft).await,
                    None => Err(full),
                };
            }
            Err(error) => return Err(error),
        };
        let mut batch = Batch::new(subject);
        store::submit_draft(&mut batch, &draft, id, now);
        save(ctx, &mut batch, &ledger, &definition, &facts);
        if let Some(place) = place
            && ledger.case.ended_at.is_none()
        {
            place.claim(&mut batch, subject, id);
        }
        if let Some(key) = &key {
            let answer = serde_json::to_string(&receipt_now).map_err(|err| storage::Error::Json(err.to_string()))?;
            idempotency::record(&mut batch, now, key, &hash, &answer);
        }
        match ctx.db.commit(batch).await {
            Ok(()) => return Ok(receipt_now),
            Err(CommitError::Guard(claims::PLACE_TAKEN)) => {}
            // The other press of the button was first: its receipt is the receipt.
            Err(CommitError::Guard(_) | CommitError::Unique(_)) => {
                return match store::draft(&ctx.db, subject, submission.draft).await?.and_then(|draft| draft.case) {
                    Some(case) => receipt(ctx, subject, case, submission.draft).await,
                    None => Err(Error::Stale),
                };
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Busy)
}

/// How often a place is looked for before the person is asked to press again.
const TURNS: usize = 8;

/// A place under a limit by key, and those of ended cases that nobody gave up.
struct FreePlace {
    limit_key: String,
    place: i64,
    left: Vec<claims::Place>,
}

impl FreePlace {
    fn claim(&self, batch: &mut Batch, subject: SubjectId, case: CaseId) {
        for left in &self.left {
            claims::release(batch, left.subject, left.case);
        }
        claims::claim(batch, &self.limit_key, self.place, subject, case);
    }
}

/// The place that a further application takes; `None` = nothing is counted by a key.
async fn free_place(ctx: &Ctx, definition: &Definition, facts: &Facts) -> Result<Option<FreePlace>, Error> {
    let Some(limit) = &definition.access().limit else { return Ok(None) };
    let limit_key = limit_key(ctx, definition, facts);
    if limit_key.is_empty() {
        return Ok(None);
    }
    let mut places = claims::places(&ctx.db, &limit_key).await?;
    let mut left = Vec::new();
    if places.len() >= limit.open as usize {
        // A program of the version before, running beside this one, ends cases and leaves their places.
        for place in std::mem::take(&mut places) {
            let open = claims::is_open(&ctx.db, &place).await?;
            if open { &mut places } else { &mut left }.push(place);
        }
    }
    let taken: Vec<i64> = places.iter().map(|place| place.place).collect();
    match limit::free_place(&taken, limit.open) {
        Some(place) => Ok(Some(FreePlace { limit_key, place, left })),
        None => Err(Error::Limit { limit: limit.open }),
    }
}

/// The receipt of a filed application.
async fn receipt(ctx: &Ctx, subject: SubjectId, case: CaseId, draft: DraftId) -> Result<Receipt, Error> {
    let (found, _) = store::case(&ctx.db, subject, case).await?.ok_or(Error::NotFound)?;
    Ok(Receipt { case, number: found.submitted.number, draft })
}

/// Draws a number that no case has. Routes are written after the commit, so two cases of the same second could in
/// theory draw the same of 10¹³: the route then keeps the first and the other is found in its owner's list.
async fn draw_number(ctx: &Ctx, year: i16) -> Result<CaseNumber, Error> {
    for _ in 0..8 {
        let number = CaseNumber::draw(year, &*ctx.rng);
        if store::route(&ctx.db, number.as_str()).await?.is_none() {
            return Ok(number);
        }
    }
    Err(Error::Busy)
}
