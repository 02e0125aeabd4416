//! What an applicant does with a case.

use std::collections::BTreeMap;

use contracts::Ctx;
use definition::{By, StateKind};
use kernel::clock::Timestamp;
use kernel::id::{CaseId, SubjectId};

use super::{Error, Loaded, calendar, commit, load};
use crate::domain::case::{Actor, Event, Stage};
use crate::domain::deadline::appeal_until;
use crate::domain::flow::{self, ActionError, Input, Ledger};
use crate::store::{self, CaseFilter, CaseRow};

/// A case as its applicant sees it.
pub struct CaseView {
    pub loaded: Loaded,
    /// Place in the waiting list, from 1.
    pub position: Option<i64>,
    /// Last moment for an appeal; `None` when there is none.
    pub appeal_until: Option<Timestamp>,
}

/// Shows a case to its applicant. Opening a refusal starts the term of appeal; that is recorded once.
///
/// # Errors
/// [`Error::NotFound`] when the person has no such case.
pub async fn view(ctx: &Ctx, subject: SubjectId, id: CaseId) -> Result<CaseView, Error> {
    let mut loaded = load(ctx, subject, id).await?;
    if matches!(loaded.case.stage, Stage::Refused { read: None, .. }) {
        let mut ledger = Ledger::resume(loaded.case.clone());
        ledger.push(ctx.now(), Actor::Applicant, Event::DecisionRead).map_err(ActionError::from)?;
        match commit(ctx, &ledger, &loaded).await {
            // Another tab opened it in the same moment.
            Ok(()) | Err(Error::Stale) => loaded = load(ctx, subject, id).await?,
            Err(error) => return Err(error),
        }
    }
    let position = match &loaded.case.stage {
        Stage::Queue { unit, .. } => {
            let case = &loaded.case;
            let before =
                store::waiting_before(&ctx.db, &case.submitted.service, &case.state, unit, case.submitted_at).await?;
            Some(before + 1)
        }
        _ => None,
    };
    let appeal_until = match &loaded.case.stage {
        Stage::Refused { read, appeal: Some(terms), .. } => {
            appeal_until(*read, terms, calendar(ctx, &loaded.definition))
        }
        _ => None,
    };
    Ok(CaseView { loaded, position, appeal_until })
}

/// A page of the person's cases, newest first.
///
/// # Errors
/// When the store fails.
pub async fn list(
    ctx: &Ctx,
    subject: SubjectId,
    filter: CaseFilter,
    before: Option<CaseId>,
    limit: u32,
) -> Result<Vec<CaseRow>, Error> {
    Ok(store::cases(&ctx.db, subject, filter, before, limit).await?)
}

/// Loads a case that the person saw as of `seq`.
async fn seen(ctx: &Ctx, subject: SubjectId, id: CaseId, seq: i64) -> Result<(Loaded, Ledger), Error> {
    let loaded = load(ctx, subject, id).await?;
    if loaded.case.seq != seq {
        return Err(Error::Stale);
    }
    let ledger = Ledger::resume(loaded.case.clone());
    Ok((loaded, ledger))
}

/// Takes an action that the flow offers to the applicant (withdraw and the like).
///
/// # Errors
/// [`Error::Stale`] when the case has changed since it was seen; [`Error::Action`].
pub async fn act(
    ctx: &Ctx,
    subject: SubjectId,
    id: CaseId,
    seq: i64,
    action: &str,
    comment: String,
) -> Result<(), Error> {
    let (loaded, mut ledger) = seen(ctx, subject, id, seq).await?;
    let input = Input { comment, ..Input::default() };
    flow::take(&mut ledger, loaded.world(ctx), action, &[By::Citizen], Actor::Applicant, input)?;
    commit(ctx, &ledger, &loaded).await
}

/// Withdraws the case by whichever action of the flow does that.
///
/// # Errors
/// As [`act`].
pub async fn withdraw(ctx: &Ctx, subject: SubjectId, id: CaseId, seq: i64) -> Result<(), Error> {
    let (loaded, mut ledger) = seen(ctx, subject, id, seq).await?;
    let action = action_to(&loaded, |kind| kind == StateKind::Withdrawn)
        .ok_or_else(|| ActionError::NotOffered("withdraw".to_owned(), loaded.case.state.clone()))?;
    flow::take(&mut ledger, loaded.world(ctx), &action, &[By::Citizen], Actor::Applicant, Input::default())?;
    commit(ctx, &ledger, &loaded).await
}

/// Answers a return for correction: the fields of all pages as posted, and the fields whose files have changed.
///
/// # Errors
/// [`Error::Invalid`] with the fields that are wrong; as [`act`].
pub async fn correct(
    ctx: &Ctx,
    subject: SubjectId,
    id: CaseId,
    seq: i64,
    posted: &[(String, String)],
    files: &std::collections::BTreeMap<String, Vec<definition::FileAnswer>>,
    comment: String,
) -> Result<(), Error> {
    let (mut loaded, mut ledger) = seen(ctx, subject, id, seq).await?;
    for (field, answers) in files {
        super::files::put_answer(&mut loaded.facts.answers, field, answers);
    }
    if !matches!(loaded.case.stage, Stage::Returned { .. }) {
        return Err(ActionError::NotOffered("correct".to_owned(), loaded.case.state.clone()).into());
    }
    let before = loaded.facts.clone();
    for page in 0..loaded.definition.pages().len() {
        let (answers, _) = loaded.definition.parse_page(page, posted, &loaded.facts);
        loaded.facts.answers = answers;
    }
    forget_other_questions(&before, &mut loaded);
    let errors = loaded.definition.validate_all(&loaded.facts);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let action = action_to(&loaded, works)
        .ok_or_else(|| ActionError::NotOffered("correct".to_owned(), loaded.case.state.clone()))?;
    loaded.facts.answers = loaded.definition.settled_answers(&loaded.facts);
    flow::correct(&mut ledger, loaded.world(ctx), &action, comment)?;
    commit(ctx, &ledger, &loaded).await
}

/// Takes away what registers said to a question that is another one now: the number by which one was asked has been
/// corrected, so its record says nothing about the new one.
fn forget_other_questions(before: &definition::Facts, loaded: &mut Loaded) {
    let Loaded { definition, facts, .. } = loaded;
    for register in definition.registers() {
        if definition.register_params(register, before) != definition.register_params(register, facts) {
            facts.registers.remove(&register.name);
        }
    }
}

/// Answers a return with JSON (the API).
///
/// # Errors
/// As [`correct`].
pub async fn correct_json(
    ctx: &Ctx,
    subject: SubjectId,
    id: CaseId,
    seq: i64,
    answers: &serde_json::Map<String, serde_json::Value>,
    comment: String,
) -> Result<(), Error> {
    let (mut loaded, mut ledger) = seen(ctx, subject, id, seq).await?;
    let before = loaded.facts.clone();
    let (answers, errors) = loaded.definition.accept_json(answers, &loaded.facts);
    let strange: Vec<_> =
        errors.into_iter().filter(|error| error.code == definition::FieldErrorCode::Unknown).collect();
    if !strange.is_empty() {
        return Err(Error::Invalid(strange));
    }
    loaded.facts.answers = answers;
    forget_other_questions(&before, &mut loaded);
    let errors = loaded.definition.validate_all(&loaded.facts);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    let action = action_to(&loaded, works)
        .ok_or_else(|| ActionError::NotOffered("correct".to_owned(), loaded.case.state.clone()))?;
    loaded.facts.answers = loaded.definition.settled_answers(&loaded.facts);
    flow::correct(&mut ledger, loaded.world(ctx), &action, comment)?;
    commit(ctx, &ledger, &loaded).await
}

/// States in which somebody works the case: an action to one of them sends a correction.
pub fn works(kind: StateKind) -> bool {
    matches!(kind, StateKind::Work | StateKind::Tasks | StateKind::Commission | StateKind::Auto)
}

/// The first action of the applicant out of the present state that leads to a state of a kind.
pub fn action_to(loaded: &Loaded, wanted: impl Fn(StateKind) -> bool) -> Option<String> {
    super::citizen_actions(loaded)
        .into_iter()
        .find(|action| loaded.definition.state(&action.to).is_some_and(|state| wanted(state.kind)))
        .map(|action| action.id.clone())
}

/// Appeals a refusal.
///
/// # Errors
/// As [`act`]; [`ActionError::NoAppeal`] when the time for it is over.
pub async fn appeal(ctx: &Ctx, subject: SubjectId, id: CaseId, seq: i64, text: String) -> Result<(), Error> {
    let (loaded, mut ledger) = seen(ctx, subject, id, seq).await?;
    flow::appeal(&mut ledger, loaded.world(ctx), text)?;
    commit(ctx, &ledger, &loaded).await
}

/// Rates the service, 1 to 5, once, after the end.
///
/// Rule: APP-RATE.
/// Source: issue of the first release, "rates when it is finished"; the stars of the published passports (uz-data §1).
///
/// # Errors
/// As [`act`].
pub async fn rate(
    ctx: &Ctx,
    subject: SubjectId,
    id: CaseId,
    seq: i64,
    stars: u8,
    comment: String,
    mut answers: BTreeMap<String, bool>,
) -> Result<(), Error> {
    let (loaded, mut ledger) = seen(ctx, subject, id, seq).await?;
    if comment.chars().count() > flow::MAX_COMMENT {
        return Err(ActionError::TooLong.into());
    }
    // Only what the definition asks is kept.
    let asked = loaded.definition.spec().quality.as_ref().map_or(&[][..], |quality| &quality.questions);
    answers.retain(|id, _| asked.iter().any(|question| question.id == *id));
    let event = Event::Rated { stars, comment, answers };
    ledger.push(ctx.now(), Actor::Applicant, event).map_err(ActionError::from)?;
    commit(ctx, &ledger, &loaded).await
}
