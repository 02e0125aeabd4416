//! What an action of the definition does to a case.
//!
//! The definition says where an action leads; this module says what has to be recorded: the clock paused or started, the
//! unit found, tasks and invoices named, automatic states passed through at once. Everything goes through
//! [`Ledger::push`], so the life cycle of [`super::case::step`] holds whatever a definition says.

use contracts::UnitRef;
use definition::{By, Channel, Definition, Facts, FileAnswer, Need, State, StateKind};
use kernel::calendar::{Calendar, Term, Unit, due};
use kernel::clock::{Timestamp, tashkent_date};
use kernel::id::{InvoiceId, StaffId, TaskId};
use kernel::money::Tiyin;
use kernel::rng::Rng;

use super::case::{
    Actor, AfterTerm, AppealTerms, Case, Entered, Event, FoldError, Place, Proposal, Recorded, Stage, Submitted, Task,
};
use super::deadline::{Deadline, may_appeal};

/// More states than this are never passed through at once: a definition that circles is stopped.
const MAX_HOPS: usize = 16;

/// Longest comment of an official, a question or an appeal, in characters: two dense pages.
pub const MAX_COMMENT: usize = 4000;

/// Everything the rules may look at.
#[derive(Clone, Copy)]
pub struct World<'a> {
    pub definition: &'a Definition,
    /// Answers of the case, the person and what the registers said.
    pub facts: &'a Facts,
    pub calendar: &'a Calendar,
    pub now: Timestamp,
    pub channel: Channel,
    /// The base calculation amount in force today.
    pub bhm: Tiyin,
    /// Names new tasks.
    pub rng: &'a dyn Rng,
}

/// What goes with an action.
#[derive(Clone, Debug, Default)]
pub struct Input {
    pub comment: String,
    /// Code of a refusal reason.
    pub reason: String,
    pub files: Vec<FileAnswer>,
}

/// Why an action is not taken.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// There is no such action out of the present state for this person.
    #[error("action {0} is not offered in state {1}")]
    NotOffered(String, String),
    #[error("a comment is needed")]
    NeedsComment,
    #[error("a reason of the list is needed")]
    NeedsReason,
    #[error("a file is needed")]
    NeedsFile,
    #[error("longer than {MAX_COMMENT} characters")]
    TooLong,
    /// Another agency has not answered yet.
    #[error("tasks are open")]
    TasksOpen,
    /// The time for an appeal is over, or a refusal cannot be appealed.
    #[error("cannot be appealed")]
    NoAppeal,
    /// The member has voted.
    #[error("voted before")]
    VotedBefore,
    /// The case has another official.
    #[error("the case has another official")]
    NotYours,
    /// Whoever proposed an action does not confirm it.
    #[error("a second person is needed")]
    SamePerson,
    /// What is to be paid cannot be worked out from what is known.
    #[error("the fee cannot be worked out")]
    FeeUnknown,
    /// The life cycle does not allow it.
    #[error("not possible now")]
    Step(#[from] FoldError),
    /// The definition names a state or action that it does not have.
    #[error("the definition has no {0}")]
    Definition(String),
}

/// A case with what is new about it, not yet stored.
#[derive(Clone, Debug)]
pub struct Ledger {
    pub case: Case,
    /// Events with their canonical text and hash, in order.
    pub new: Vec<NewEvent>,
}

/// An event to be stored.
#[derive(Debug, Clone)]
pub struct NewEvent {
    pub recorded: Recorded,
    pub body: String,
    pub hash: super::chain::Hash,
}

impl Ledger {
    /// Goes on with a stored case.
    pub fn resume(case: Case) -> Self {
        Self { case, new: Vec::new() }
    }

    /// The version of the case that is stored.
    pub fn stored_seq(&self) -> i64 {
        self.new.first().map_or(self.case.seq, |first| first.recorded.seq - 1)
    }

    /// Records one more event.
    ///
    /// # Errors
    /// When the life cycle does not allow it.
    pub fn push(&mut self, at: Timestamp, by: Actor, event: Event) -> Result<(), FoldError> {
        let recorded =
            Recorded { subject: self.case.subject, case: self.case.id, seq: self.case.seq + 1, at, by, event };
        let body = self.case.apply(&recorded)?;
        self.new.push(NewEvent { recorded, body, hash: self.case.head });
        Ok(())
    }
}

/// Files an application: the first event and the way to the first state where it stays.
///
/// The clock starts when the application is complete. While a fee is to be paid first, the term is known but has not begun.
///
/// Rule: APP-START.
/// Source: the regulations' clause that the term runs from the receipt of the application with the fee paid.
///
/// # Errors
/// When the definition leads nowhere.
pub fn submit(
    world: World<'_>,
    subject: kernel::id::SubjectId,
    id: kernel::id::CaseId,
    mut submitted: Submitted,
) -> Result<Ledger, ActionError> {
    submitted.deadline = match world.definition.term(world.facts) {
        Some(term) => Deadline::NotStarted { term },
        None => Deadline::None,
    };
    let first =
        Recorded { subject, case: id, seq: 1, at: world.now, by: Actor::Applicant, event: Event::Submitted(submitted) };
    let (case, body) = Case::begin(&first)?;
    let hash = case.head;
    let mut ledger = Ledger { case, new: vec![NewEvent { recorded: first, body, hash }] };
    let initial = world.definition.initial_state().id.clone();
    enter(&mut ledger, world, &initial, Way::default())?;
    Ok(ledger)
}

/// Takes an action of the definition.
///
/// Rule: APP-FLOW.
/// Source: the flow of the pinned definition; actions are checked again against the state that they were offered in.
///
/// # Errors
/// When it is not offered here to this role, or something that it needs is missing.
pub fn take(
    ledger: &mut Ledger,
    world: World<'_>,
    action: &str,
    roles: &[By],
    by: Actor,
    input: Input,
) -> Result<(), ActionError> {
    let not_offered = || ActionError::NotOffered(action.to_owned(), ledger.case.state.clone());
    if matches!(ledger.case.stage, Stage::Appeal { .. }) {
        return Err(not_offered());
    }
    let found = roles
        .iter()
        .flat_map(|role| world.definition.allowed_actions(&ledger.case.state, *role, world.facts))
        .find(|a| a.id == action)
        .ok_or_else(not_offered)?;
    for need in &found.needs {
        match need {
            Need::Comment if input.comment.trim().is_empty() => return Err(ActionError::NeedsComment),
            Need::Reason if world.definition.reason(&input.reason).is_none() => return Err(ActionError::NeedsReason),
            Need::File if input.files.is_empty() => return Err(ActionError::NeedsFile),
            // The compiler refuses a definition that needs a signature.
            Need::Comment | Need::Reason | Need::File | Need::SecondPerson | Need::Signature => {}
        }
    }
    check_length(&input.comment)?;
    let target = world.definition.state(&found.to).ok_or_else(|| ActionError::Definition(found.to.clone()))?;
    if target.kind == StateKind::Approved && ledger.case.stage.tasks().iter().any(|task| task.answer.is_none()) {
        return Err(ActionError::TasksOpen);
    }
    let to = found.to.clone();
    if found.needs.contains(&Need::SecondPerson)
        && let Actor::Official { staff, name, .. } = &by
    {
        let Input { comment, reason, files } = input;
        let proposal =
            Proposal { action: action.to_owned(), staff: *staff, name: name.clone(), comment, reason, files };
        ledger.push(world.now, by, Event::Proposed { proposal })?;
        return Ok(());
    }
    enter(ledger, world, &to, Way { action: Some(action.to_owned()), by, input, ..Way::default() })
}

/// A second person answers what another one proposed: confirmed, the action takes effect with the words of the proposal.
///
/// Rule: APP-FOUR-EYES.
/// Source: the principle of two persons for decisions that are open to abuse; key `needs: [second_person]` of the definition.
///
/// # Errors
/// [`ActionError::SamePerson`] for whoever proposed it; when nothing is proposed, or the action is not possible any more.
pub fn confirm(
    ledger: &mut Ledger,
    world: World<'_>,
    confirmed: bool,
    comment: String,
    by: Actor,
) -> Result<(), ActionError> {
    check_length(&comment)?;
    let Stage::Work { proposal: Some(proposal), asked, .. } = &ledger.case.stage else {
        return Err(ActionError::NotOffered("confirm".to_owned(), ledger.case.state.clone()));
    };
    let Actor::Official { staff, name, .. } = &by else {
        return Err(ActionError::NotOffered("confirm".to_owned(), ledger.case.state.clone()));
    };
    if proposal.staff == *staff {
        return Err(ActionError::SamePerson);
    }
    if !confirmed {
        if comment.trim().is_empty() {
            return Err(ActionError::NeedsComment);
        }
        let event = Event::ProposalDeclined { staff: *staff, name: name.clone(), comment };
        ledger.push(world.now, by, event)?;
        return Ok(());
    }
    let proposal = proposal.clone();
    let gone = || ActionError::Definition(format!("action {}", proposal.action));
    let action = world.definition.action(&proposal.action).ok_or_else(gone)?;
    let target = world.definition.state(&action.to).ok_or_else(|| ActionError::Definition(action.to.clone()))?;
    if target.kind == StateKind::Approved && asked.iter().any(|task| task.answer.is_none()) {
        return Err(ActionError::TasksOpen);
    }
    let to = action.to.clone();
    let input = Input { comment: proposal.comment, reason: proposal.reason, files: proposal.files };
    let way = Way { action: Some(proposal.action), by, input, proposed_by: Some(proposal.name), ..Way::default() };
    enter(ledger, world, &to, way)
}

/// The term has passed: it is recorded, and where the definition says so, silence decides.
///
/// An appeal is decided by a person, whatever silence means before it.
///
/// Rule: APP-SILENCE.
/// Source: key `term.on_breach` of the definition (DEF-SILENCE).
///
/// # Errors
/// When the definition leads nowhere.
pub fn term_passed(ledger: &mut Ledger, world: World<'_>, due: Timestamp) -> Result<(), ActionError> {
    let silence = match ledger.case.stage {
        Stage::Appeal { .. } => None,
        _ => world.definition.silence(&ledger.case.state),
    };
    let then = match silence.map(|state| state.kind) {
        Some(StateKind::Approved) => AfterTerm::Approve,
        Some(_) => AfterTerm::Refuse,
        None => AfterTerm::Escalate,
    };
    ledger.push(world.now, Actor::System, Event::TermPassed { due, then })?;
    let Some(to) = silence.map(|state| state.id.clone()) else { return Ok(()) };
    let input = Input { reason: SILENCE.to_owned(), ..Input::default() };
    enter(ledger, world, &to, Way { input, silence: true, ..Way::default() })
}

/// Code of the reason when nobody decided in time.
pub const SILENCE: &str = "silence";

/// The applicant answers a return: new answers, then the action that sends the case back.
///
/// # Errors
/// As [`take`].
pub fn correct(ledger: &mut Ledger, world: World<'_>, action: &str, comment: String) -> Result<(), ActionError> {
    check_length(&comment)?;
    ledger.push(world.now, Actor::Applicant, Event::Corrected { answers: world.facts.answers.clone(), comment })?;
    take(ledger, world, action, &[By::Citizen], Actor::Applicant, Input::default())
}

/// Whether a case that was returned can go on under another version: both its state and the one that returned it are there.
///
/// Rule: APP-UPGRADE.
/// Source: our decision on versions: a compatible version, or a breaking one that says how answers are carried over, is
/// applied when the case is next returned to its applicant.
pub fn can_upgrade(case: &Case, later: &Definition) -> bool {
    let Stage::Returned { from, .. } = &case.stage else { return false };
    later.state(&case.state).is_some_and(|state| state.kind == StateKind::Returned)
        && later.state(&from.state).is_some()
        && later.actions(&case.state).iter().any(|action| action.by == By::Citizen)
}

/// The invoice of the present payment state was paid.
///
/// # Errors
/// When the case does not wait for money in this state: it was paid before, or the case has ended.
pub fn paid(
    ledger: &mut Ledger,
    world: World<'_>,
    state: &str,
    invoice: InvoiceId,
    amount: Tiyin,
) -> Result<(), ActionError> {
    if ledger.case.state != state {
        return Err(ActionError::NotOffered("paid".to_owned(), ledger.case.state.clone()));
    }
    ledger.push(world.now, Actor::System, Event::Paid { invoice, amount })?;
    let on_paid = here(ledger, world)?.on_paid.clone();
    follow(ledger, world, on_paid.as_deref(), "on_paid")
}

/// The time of the present state is over: the invoice was not paid, the return was not answered.
///
/// # Errors
/// When the state has no such end or the case is not there.
pub fn lapse(ledger: &mut Ledger, world: World<'_>, state: &str) -> Result<(), ActionError> {
    if ledger.case.state != state {
        return Err(ActionError::NotOffered("lapse".to_owned(), ledger.case.state.clone()));
    }
    let on_expired = here(ledger, world)?.on_expired.clone();
    follow(ledger, world, on_expired.as_deref(), "on_expired")
}

/// Closes a task; when it was the last one, the case goes on.
///
/// # Errors
/// When there is no such open task.
pub fn close_task(
    ledger: &mut Ledger,
    world: World<'_>,
    task: TaskId,
    positive: bool,
    comment: String,
    by: Actor,
) -> Result<(), ActionError> {
    if comment.trim().is_empty() {
        return Err(ActionError::NeedsComment);
    }
    check_length(&comment)?;
    ledger.push(world.now, by, Event::TaskClosed { task, positive, comment })?;
    let next = match &ledger.case.stage {
        Stage::Tasks { tasks, .. } if tasks.iter().all(|task| task.answer.is_some()) => {
            let good = tasks.iter().all(|task| task.answer.as_ref().is_some_and(|answer| answer.positive));
            let state = here(ledger, world)?;
            let action = if good { state.on_positive.clone() } else { state.on_negative.clone() };
            let to = action.as_deref().and_then(|id| world.definition.action(id)).map(|action| action.to.as_str());
            let refuses = to.and_then(|to| world.definition.state(to)).is_some_and(|to| to.kind == StateKind::Refused);
            // A negative answer that refuses needs its grounds; one that only informs the next official does not.
            let (reason, comment) = if refuses {
                let words = tasks
                    .iter()
                    .filter_map(|task| task.answer.as_ref().filter(|answer| !answer.positive))
                    .map(|answer| answer.comment.as_str())
                    .collect::<Vec<_>>()
                    .join("\n");
                (world.definition.flow().reasons.first().map(|reason| reason.code.clone()), words)
            } else {
                (None, String::new())
            };
            Some((action, reason, comment))
        }
        _ => None,
    };
    match next {
        None => Ok(()),
        Some((action, reason, comment)) => follow_with(
            ledger,
            world,
            action.as_deref(),
            "on_positive",
            Input { reason: reason.unwrap_or_default(), comment, files: Vec::new() },
        ),
    }
}

/// Asks another agency while the case stays where it is.
///
/// # Errors
/// When nobody works the case now, or the question is empty.
pub fn ask(
    ledger: &mut Ledger,
    world: World<'_>,
    unit: UnitRef,
    question: String,
    term: Term,
    title: kernel::lang::Text,
    by: Actor,
) -> Result<TaskId, ActionError> {
    if question.trim().is_empty() {
        return Err(ActionError::NeedsComment);
    }
    check_length(&question)?;
    let id = TaskId::new(world.now, world.rng);
    let due = Some(due(world.now, term, world.calendar));
    let task = Task { id, title, unit, due, question, answer: None };
    ledger.push(world.now, by, Event::Asked { task })?;
    Ok(id)
}

/// A member votes; when the result is certain, the case goes on.
///
/// Rule: APP-VOTE.
/// Source: regulations of subsidy commissions (services 413, 875): a decision by the majority that the definition names.
///
/// # Errors
/// When there is no vote now or the member has voted.
pub fn vote(
    ledger: &mut Ledger,
    world: World<'_>,
    staff: StaffId,
    name: String,
    in_favour: bool,
    comment: String,
    by: Actor,
) -> Result<(), ActionError> {
    check_length(&comment)?;
    if !in_favour && comment.trim().is_empty() {
        return Err(ActionError::NeedsComment);
    }
    if let Stage::Commission { votes, .. } = &ledger.case.stage
        && votes.iter().any(|vote| vote.staff == staff)
    {
        return Err(ActionError::VotedBefore);
    }
    ledger.push(world.now, by, Event::Voted { staff, name, in_favour, comment })?;
    let Stage::Commission { members, needed, votes, .. } = &ledger.case.stage else { return Ok(()) };
    let Some(commission) = here(ledger, world)?.commission.clone() else { return Ok(()) };
    let against = votes.iter().filter(|vote| !vote.in_favour);
    let reasons: Vec<&str> = against.clone().map(|vote| vote.comment.as_str()).filter(|c| !c.is_empty()).collect();
    let comment = reasons.join("\n");
    let against = against.count();
    let in_favour = votes.len() - against;
    if in_favour >= *needed as usize {
        follow(ledger, world, Some(&commission.on_for), "on_for")
    } else if against > members.saturating_sub(*needed) as usize {
        let reason = world.definition.flow().reasons.first().map(|reason| reason.code.clone()).unwrap_or_default();
        follow_with(
            ledger,
            world,
            Some(&commission.on_against),
            "on_against",
            Input { comment, reason, files: Vec::new() },
        )
    } else {
        Ok(())
    }
}

/// Lets the system act where it can now (a register answered at last). Says whether the case moved.
///
/// # Errors
/// When the definition leads nowhere.
pub fn automatic(ledger: &mut Ledger, world: World<'_>) -> Result<bool, ActionError> {
    if !matches!(ledger.case.stage, Stage::Auto { .. } | Stage::Queue { .. }) {
        return Ok(false);
    }
    let Some(rule) = world.definition.auto_rule(&ledger.case.state, world.facts).cloned() else { return Ok(false) };
    let input = Input { reason: rule.reason.unwrap_or_default(), ..Input::default() };
    follow_with(ledger, world, Some(&rule.action), "auto", input)?;
    Ok(true)
}

/// Appeals a refusal.
///
/// # Errors
/// When the refusal cannot be appealed, or not any more.
pub fn appeal(ledger: &mut Ledger, world: World<'_>, text: String) -> Result<(), ActionError> {
    if text.trim().is_empty() {
        return Err(ActionError::NeedsComment);
    }
    check_length(&text)?;
    let Stage::Refused { read, appeal: Some(terms), .. } = &ledger.case.stage else {
        return Err(ActionError::NoAppeal);
    };
    if !may_appeal(*read, terms, world.now, world.calendar) {
        return Err(ActionError::NoAppeal);
    }
    let unit = terms.unit.clone();
    let term = world.definition.appeal().map(|appeal| appeal.term);
    let deadline = Deadline::start(world.now, term, world.calendar);
    ledger.push(world.now, Actor::Applicant, Event::Appealed { text, unit, deadline })?;
    Ok(())
}

/// Decides an appeal. One that is granted sends the case back to be decided anew, with a fresh term; where a person never
/// decided it, it is approved.
///
/// Rule: APP-APPEAL-GRANTED.
/// Source: Law on appeals (O‘RQ-445): the body that upholds a complaint restores the right that was violated.
///
/// # Errors
/// When there is no appeal, or no comment.
pub fn decide_appeal(
    ledger: &mut Ledger,
    world: World<'_>,
    granted: bool,
    comment: String,
    by: Actor,
) -> Result<(), ActionError> {
    if comment.trim().is_empty() {
        return Err(ActionError::NeedsComment);
    }
    check_length(&comment)?;
    let from = match &ledger.case.stage {
        Stage::Appeal { refused, .. } => match &**refused {
            Stage::Refused { from, .. } => from.clone(),
            _ => String::new(),
        },
        _ => return Err(ActionError::NoAppeal),
    };
    ledger.push(world.now, by, Event::AppealDecided { granted, comment })?;
    if !granted {
        return Ok(());
    }
    let humans = [StateKind::Work, StateKind::Commission, StateKind::Tasks];
    let again = world.definition.state(&from).filter(|state| humans.contains(&state.kind));
    let states = &world.definition.flow().states;
    let target = again
        .or_else(|| states.iter().find(|state| state.kind == StateKind::Work))
        .or_else(|| states.iter().find(|state| state.kind == StateKind::Approved))
        .ok_or_else(|| ActionError::Definition("state to return to".to_owned()))?;
    let to = target.id.clone();
    enter(ledger, world, &to, Way { restart: true, ..Way::default() })
}

struct Way {
    action: Option<String>,
    by: Actor,
    input: Input,
    /// Begin the whole term anew.
    restart: bool,
    /// Nobody decided in time.
    silence: bool,
    /// Who proposed it, when another confirmed.
    proposed_by: Option<String>,
}

impl Default for Way {
    fn default() -> Self {
        Self {
            action: None,
            by: Actor::System,
            input: Input::default(),
            restart: false,
            silence: false,
            proposed_by: None,
        }
    }
}

fn check_length(text: &str) -> Result<(), ActionError> {
    if text.chars().count() > MAX_COMMENT { Err(ActionError::TooLong) } else { Ok(()) }
}

fn here<'a>(ledger: &Ledger, world: World<'a>) -> Result<&'a State, ActionError> {
    world.definition.state(&ledger.case.state).ok_or_else(|| ActionError::Definition(ledger.case.state.clone()))
}

fn follow(ledger: &mut Ledger, world: World<'_>, action: Option<&str>, what: &str) -> Result<(), ActionError> {
    follow_with(ledger, world, action, what, Input::default())
}

fn follow_with(
    ledger: &mut Ledger,
    world: World<'_>,
    action: Option<&str>,
    what: &str,
    input: Input,
) -> Result<(), ActionError> {
    let action = action
        .and_then(|id| world.definition.action(id))
        .ok_or_else(|| ActionError::Definition(format!("{what} in state {}", ledger.case.state)))?;
    let (id, to) = (action.id.clone(), action.to.clone());
    enter(ledger, world, &to, Way { action: Some(id), input, ..Way::default() })
}

/// Enters a state and passes through whatever needs no person.
fn enter(ledger: &mut Ledger, world: World<'_>, to: &str, way: Way) -> Result<(), ActionError> {
    let definition = world.definition;
    let mut to = to.to_owned();
    let Way { mut action, mut by, mut input, mut restart, silence, mut proposed_by } = way;
    restart |= definition.resets(&ledger.case.state);
    for _ in 0..MAX_HOPS {
        let state = definition.state(&to).ok_or_else(|| ActionError::Definition(to.clone()))?;
        let mut next: Option<(String, String, String)> = None;
        let mut record = true;
        let place = place(ledger, world, state)?;
        match (&place, state.kind) {
            // Nothing to pay: the state is passed without a trace, unless it makes a document.
            (Place::Payment { total, .. }, _) if *total == Tiyin::ZERO => {
                record = definition.outputs().iter().any(|output| output.when == to);
                let on_paid = state.on_paid.as_deref().and_then(|id| definition.action(id));
                let on_paid = on_paid.ok_or_else(|| ActionError::Definition(format!("on_paid in state {to}")))?;
                next = Some((on_paid.id.clone(), on_paid.to.clone(), String::new()));
            }
            (_, StateKind::Auto | StateKind::Queue) => {
                if let Some(rule) = definition.auto_rule(&to, world.facts) {
                    let taken = definition
                        .action(&rule.action)
                        .ok_or_else(|| ActionError::Definition(format!("action {}", rule.action)))?;
                    next = Some((taken.id.clone(), taken.to.clone(), rule.reason.clone().unwrap_or_default()));
                }
            }
            _ => {}
        }
        if record {
            let base = if restart && !state.kind.is_final() {
                Deadline::start(world.now, definition.term(world.facts), world.calendar)
            } else {
                ledger.case.deadline
            };
            restart = false;
            let deadline = if state.kind.is_final() {
                base.end()
            } else if definition.pauses(&to) {
                base.pause(world.now, world.calendar)
            } else {
                base.resume(world.now, world.calendar)
            };
            let some = |text: String| (!text.trim().is_empty()).then(|| text.trim().to_owned());
            let entered = Entered {
                state: to.clone(),
                action: action.clone(),
                place,
                deadline,
                comment: some(std::mem::take(&mut input.comment)),
                reason: some(std::mem::take(&mut input.reason)),
                files: std::mem::take(&mut input.files),
                silence,
                proposed_by: proposed_by.take(),
            };
            ledger.push(world.now, by.clone(), Event::Entered(entered))?;
        }
        let Some((taken, target, reason)) = next else { return Ok(()) };
        if !reason.is_empty() {
            input.reason = reason;
        }
        if record {
            by = Actor::System;
        }
        action = Some(taken);
        to = target;
    }
    Err(ActionError::Definition(format!("end of the circle through {to}")))
}

fn place(ledger: &Ledger, world: World<'_>, state: &State) -> Result<Place, ActionError> {
    let definition = world.definition;
    let unit = || UnitRef::parse(&definition.route(&state.id, world.facts).to_string());
    let own_due = || state.term.map(|term| due(world.now, term, world.calendar));
    Ok(match state.kind {
        StateKind::Payment => {
            let today = tashkent_date(world.now);
            let quote = definition.fee_due_in(&state.id, world.facts, world.channel, world.bhm, today);
            if quote.unknown {
                return Err(ActionError::FeeUnknown);
            }
            let (days, valid) =
                definition.payment().map_or((10, 0), |rules| (rules.expires_days, rules.valid_after_reject_days));
            Place::Payment {
                title: definition.passport().title.clone(),
                lines: quote.lines.iter().map(fee_line).collect(),
                total: quote.total,
                expires: due(world.now, Term { n: days, unit: Unit::Day }, world.calendar),
                valid_after_reject_days: valid,
            }
        }
        StateKind::Work => Place::Work { unit: unit(), due: own_due() },
        StateKind::Auto => Place::Auto,
        StateKind::Queue => Place::Queue { unit: unit() },
        StateKind::Tasks => Place::Tasks {
            unit: unit(),
            tasks: state
                .tasks
                .iter()
                .map(|task| Task {
                    id: TaskId::new(world.now, world.rng),
                    title: task.title.clone(),
                    unit: UnitRef::parse(&definition.task_route(task, world.facts).to_string()),
                    due: Some(due(world.now, task.term, world.calendar)),
                    question: String::new(),
                    answer: None,
                })
                .collect(),
        },
        StateKind::Commission => {
            let (members, needed) = state.commission.as_ref().map_or((1, 1), |c| (c.members, c.needed));
            Place::Commission { unit: unit(), members, needed, due: own_due() }
        }
        StateKind::Returned => Place::Returned { answer_by: own_due() },
        StateKind::Approved => Place::Approved,
        StateKind::Refused => Place::Refused {
            appeal: definition.appeal().filter(|_| !ledger.case.appealed).map(|appeal| AppealTerms {
                days: appeal.days,
                unit: higher_unit(&appeal.to, &unit()),
                outer: appeal.outer_days.map(|days| due(world.now, Term { n: days, unit: Unit::Day }, world.calendar)),
            }),
        },
        StateKind::Withdrawn => Place::Withdrawn,
        StateKind::Expired => Place::Expired,
    })
}

/// The unit above: of a district the region, of a region the centre; in another agency its centre.
///
/// Rule: APP-HIGHER.
/// Source: Law on appeals (O‘RQ-445): a complaint is decided by the body above the one complained of.
fn higher_unit(agency: &str, unit: &UnitRef) -> UnitRef {
    let area = unit.area();
    let above = if agency == unit.agency() && area.len() > 4 { area.get(..4).unwrap_or("") } else { "" };
    UnitRef::new(agency, above)
}

/// A component of a quote as events carry it.
pub fn fee_line(line: &definition::FeeLine) -> contracts::applications::FeeLine {
    contracts::applications::FeeLine {
        kind: line.kind.name().to_owned(),
        title: line.title.clone(),
        base: line.base,
        channel_rate: line.channel_rate.to_string(),
        relief: line.relief.as_ref().map(|relief| relief.code.clone()),
        amount: line.amount,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_appeal_goes_one_level_up_in_the_same_agency() {
        let up = |agency: &str, unit: &str| higher_unit(agency, &UnitRef::parse(unit)).as_str().to_owned();
        assert_eq!(up("AV", "AV.1726266"), "AV.1726");
        assert_eq!(up("AV", "AV.1726"), "AV");
        assert_eq!(up("AV", "AV"), "AV");
        assert_eq!(up("IIV", "AV.1726266"), "IIV");
    }
}
