//! The case: a fold of events that are only ever added.
//!
//! An event says what happened and carries everything the fold needs, so that a case can be rebuilt without its
//! definition, the clock or the calendar. [`step`] is the whole life cycle on one screen; a test writes its
//! stage × event matrix into `tests/data/matrix.txt`, so that every change of the life cycle is seen as a diff.

use std::collections::BTreeMap;

use contracts::applications::{FeeLine, Outcome};
use contracts::{Channel, UnitRef};
use definition::{Answers, Registers, Represented, VersionHash};
use kernel::calendar::Term;
use kernel::clock::Timestamp;
use kernel::id::{CaseId, InvoiceId, StaffId, SubjectId, TaskId};
use kernel::lang::{Lang, Text};
use kernel::money::Tiyin;
use serde::{Deserialize, Serialize};

use super::chain::{self, Hash};
use super::deadline::Deadline;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Actor {
    Applicant,
    Official { staff: StaffId, name: String, unit: UnitRef },
    System,
}

/// An event with its place in the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    pub subject: SubjectId,
    pub case: CaseId,
    /// From 1, without gaps.
    pub seq: i64,
    pub at: Timestamp,
    pub by: Actor,
    pub event: Event,
}

/// What happened to a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The applicant sent the application; this is what was acknowledged.
    Submitted(Submitted),
    /// The case came into a state of the flow.
    Entered(Entered),
    /// An official took the case, or the head gave it to one; `None` = put back.
    Assigned { officer: Option<StaffId>, name: String },
    /// The invoice of the present payment state was paid.
    Paid { invoice: InvoiceId, amount: Tiyin },
    /// An official asked another agency; the case waits in its state.
    Asked { task: Task },
    /// A task was closed.
    TaskClosed { task: TaskId, positive: bool, comment: String },
    /// A member of the commission voted.
    Voted { staff: StaffId, name: String, in_favour: bool, comment: String },
    /// The case moved to a later version of the definition while it was with its applicant; answers were carried over.
    Upgraded { version: VersionHash, answers: Answers },
    /// The applicant answered a return.
    Corrected { answers: Answers, comment: String },
    /// The applicant opened the decision: terms of appeal run from here.
    DecisionRead,
    /// The applicant appealed a refusal.
    Appealed { text: String, unit: UnitRef, deadline: Deadline },
    /// The higher unit decided the appeal. `granted` sends the case back to be decided anew.
    AppealDecided { granted: bool, comment: String },
    /// The applicant rated the service after the end: 1 to 5, and answered the questions of the definition.
    Rated {
        stars: u8,
        comment: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        answers: BTreeMap<String, bool>,
    },
    /// An official proposed an action that another one must confirm.
    Proposed { proposal: Proposal },
    /// The other one did not: the proposal is gone, the case stays.
    ProposalDeclined { staff: StaffId, name: String, comment: String },
    /// Whoever's turn it is was reminded, so long before the end.
    Reminded { due: Timestamp, left: Term },
    /// The term has passed.
    TermPassed { due: Timestamp, then: AfterTerm },
    /// What the case knew of people was erased when its time was over. The texts that stand in place of the erased ones
    /// are named by their SHA-256, so that they too belong to the chain.
    Erased { bodies: Vec<ErasedBody> },
}

/// A text that stands in place of an erased one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedBody {
    pub seq: i64,
    /// SHA-256 of the text, lower-case hexadecimal.
    pub sha256: String,
}

/// What follows when the term has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterTerm {
    /// The head of the unit is told.
    Escalate,
    /// Silence approves.
    Approve,
    /// Silence refuses.
    Refuse,
}

/// An action that waits for a second person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Id of the action of the flow.
    pub action: String,
    pub staff: StaffId,
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// Code of the refusal reason; empty = none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<definition::FileAnswer>,
}

/// For whom somebody applied, and who it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Behalf {
    /// Full name of the person who acts; the cabinet is theirs.
    pub actor: String,
    pub represented: Represented,
}

/// What was acknowledged to the applicant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submitted {
    pub number: String,
    pub service: String,
    pub version: VersionHash,
    pub channel: Channel,
    pub lang: Lang,
    /// Full name, as the documents will have it.
    pub applicant: String,
    /// SOATO of the region, for statistics.
    pub region: Option<String>,
    pub answers: Answers,
    /// What the registers said when the application was sent: the evidence for the decision.
    pub registers: Registers,
    pub deadline: Deadline,
    /// Price shown before sending.
    pub total: Tiyin,
    /// For whom, when not for themselves: then `applicant` is that one's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behalf: Option<Behalf>,
}

/// The case came into a state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entered {
    /// Id of the state in the flow.
    pub state: String,
    /// Id of the action that led here; `None` at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    pub place: Place,
    /// The clock from here on.
    pub deadline: Deadline,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Code of the refusal reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Attached by the official: files of the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<definition::FileAnswer>,
    /// Nobody decided in time: the definition decides.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silence: bool,
    /// Who proposed what the actor of the event confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed_by: Option<String>,
}

/// Kind of a state, with what the case knows from the moment it is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "place", rename_all = "snake_case")]
pub enum Place {
    Payment { title: Text, lines: Vec<FeeLine>, total: Tiyin, expires: Timestamp, valid_after_reject_days: u32 },
    Work { unit: UnitRef, due: Option<Timestamp> },
    Auto,
    Queue { unit: UnitRef },
    Tasks { unit: UnitRef, tasks: Vec<Task> },
    Commission { unit: UnitRef, members: u32, needed: u32, due: Option<Timestamp> },
    Returned { answer_by: Option<Timestamp> },
    Approved,
    Refused { appeal: Option<AppealTerms> },
    Withdrawn,
    Expired,
}

/// How a refusal may be appealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppealTerms {
    /// Calendar days from the moment the decision was opened.
    pub days: u32,
    pub unit: UnitRef,
    /// The last moment whether it was opened or not; `None` = only the opening counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outer: Option<Timestamp>,
}

/// A piece of work of one agency beside others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    pub id: TaskId,
    pub title: Text,
    pub unit: UnitRef,
    pub due: Option<Timestamp>,
    /// The question, when an official asked it; empty for tasks of the definition.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<TaskAnswer>,
}

/// How a task was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskAnswer {
    pub positive: bool,
    pub comment: String,
    pub at: Timestamp,
    pub by: String,
}

/// A vote of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    pub staff: StaffId,
    pub name: String,
    pub in_favour: bool,
    pub comment: String,
}

/// Who works a case now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    pub staff: StaffId,
    pub name: String,
}

/// Where the case is, with what each stage knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Between two states: only inside one batch.
    Moving,
    Payment {
        title: Text,
        lines: Vec<FeeLine>,
        total: Tiyin,
        expires: Timestamp,
        paid: bool,
    },
    Work {
        unit: UnitRef,
        officer: Option<Officer>,
        due: Option<Timestamp>,
        asked: Vec<Task>,
        proposal: Option<Proposal>,
    },
    Auto {
        since: Timestamp,
    },
    Queue {
        unit: UnitRef,
        since: Timestamp,
    },
    Tasks {
        unit: UnitRef,
        tasks: Vec<Task>,
    },
    Commission {
        unit: UnitRef,
        members: u32,
        needed: u32,
        due: Option<Timestamp>,
        votes: Vec<Vote>,
    },
    Returned {
        from: Returner,
        comment: String,
        answer_by: Option<Timestamp>,
    },
    Approved {
        at: Timestamp,
    },
    Refused {
        at: Timestamp,
        reason: Option<String>,
        comment: String,
        read: Option<Timestamp>,
        appeal: Option<AppealTerms>,
        from: String,
    },
    Appeal {
        unit: UnitRef,
        officer: Option<Officer>,
        text: String,
        refused: Box<Stage>,
    },
    Withdrawn {
        at: Timestamp,
    },
    Expired {
        at: Timestamp,
    },
}

/// Who returned the case: it comes back to the same official.
#[derive(Clone, Debug, PartialEq)]
pub struct Returner {
    pub state: String,
    pub officer: Option<Officer>,
}

/// The case as its events made it.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub subject: SubjectId,
    pub id: CaseId,
    /// Number of events; the version that a screen was made from.
    pub seq: i64,
    /// Hash of the last event.
    pub head: Hash,
    pub submitted: Submitted,
    pub submitted_at: Timestamp,
    /// To which it is pinned now.
    pub version: VersionHash,
    /// As corrected.
    pub answers: Answers,
    /// Id of the state of the flow.
    pub state: String,
    pub stage: Stage,
    pub deadline: Deadline,
    /// What was paid.
    pub paid: Tiyin,
    /// When the case ended, if it did.
    pub ended_at: Option<Timestamp>,
    pub rating: Option<u8>,
    /// The refusal that an appeal did not overturn cannot be appealed again.
    pub appealed: bool,
    /// When the data of people were erased.
    pub erased_at: Option<Timestamp>,
}

/// An event that the present stage does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event} is not allowed in stage {stage}")]
pub struct NotAllowed {
    pub stage: &'static str,
    pub event: &'static str,
}

/// Why stored events do not make a case.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    #[error("the case has no events")]
    Empty,
    #[error("event {seq} is out of order")]
    Order { seq: i64 },
    #[error("event {seq}: {source}")]
    Step { seq: i64, source: NotAllowed },
    #[error("event {seq}: the hash chain is broken")]
    Chain { seq: i64 },
    #[error("event {seq} cannot be read: {message}")]
    Body { seq: i64, message: String },
}

impl Event {
    /// Name for the matrix and for the column `kind`.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Submitted(_) => "submitted",
            Event::Entered(entered) => match &entered.place {
                Place::Payment { .. } => "entered_payment",
                Place::Work { .. } => "entered_work",
                Place::Auto => "entered_auto",
                Place::Queue { .. } => "entered_queue",
                Place::Tasks { .. } => "entered_tasks",
                Place::Commission { .. } => "entered_commission",
                Place::Returned { .. } => "entered_returned",
                Place::Approved => "entered_approved",
                Place::Refused { .. } => "entered_refused",
                Place::Withdrawn => "entered_withdrawn",
                Place::Expired => "entered_expired",
            },
            Event::Assigned { .. } => "assigned",
            Event::Paid { .. } => "paid",
            Event::Asked { .. } => "asked",
            Event::TaskClosed { .. } => "task_closed",
            Event::Voted { .. } => "voted",
            Event::Upgraded { .. } => "upgraded",
            Event::Corrected { .. } => "corrected",
            Event::DecisionRead => "decision_read",
            Event::Appealed { .. } => "appealed",
            Event::AppealDecided { .. } => "appeal_decided",
            Event::Rated { .. } => "rated",
            Event::Proposed { .. } => "proposed",
            Event::ProposalDeclined { .. } => "proposal_declined",
            Event::Reminded { .. } => "reminded",
            Event::TermPassed { .. } => "term_passed",
            Event::Erased { .. } => "erased",
        }
    }
}

impl Stage {
    /// Stable name, as stored.
    pub fn name(&self) -> &'static str {
        match self {
            Stage::Moving => "moving",
            Stage::Payment { .. } => "payment",
            Stage::Work { .. } => "work",
            Stage::Auto { .. } => "auto",
            Stage::Queue { .. } => "queue",
            Stage::Tasks { .. } => "tasks",
            Stage::Commission { .. } => "commission",
            Stage::Returned { .. } => "returned",
            Stage::Approved { .. } => "approved",
            Stage::Refused { .. } => "refused",
            Stage::Appeal { .. } => "appeal",
            Stage::Withdrawn { .. } => "withdrawn",
            Stage::Expired { .. } => "expired",
        }
    }

    /// Whether nothing more will be decided (an appeal may reopen a refusal).
    pub fn is_final(&self) -> bool {
        matches!(self, Stage::Approved { .. } | Stage::Refused { .. } | Stage::Withdrawn { .. } | Stage::Expired { .. })
    }

    /// How it ended, if it did.
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Stage::Approved { .. } => Some(Outcome::Approved),
            Stage::Refused { .. } => Some(Outcome::Refused),
            Stage::Withdrawn { .. } => Some(Outcome::Withdrawn),
            Stage::Expired { .. } => Some(Outcome::Expired),
            _ => None,
        }
    }

    /// The unit that has the case before it.
    pub fn unit(&self) -> Option<&UnitRef> {
        match self {
            Stage::Work { unit, .. }
            | Stage::Queue { unit, .. }
            | Stage::Tasks { unit, .. }
            | Stage::Commission { unit, .. }
            | Stage::Appeal { unit, .. } => Some(unit),
            _ => None,
        }
    }

    /// The official who has it.
    pub fn officer(&self) -> Option<&Officer> {
        match self {
            Stage::Work { officer, .. } | Stage::Appeal { officer, .. } => officer.as_ref(),
            Stage::Returned { from, .. } => from.officer.as_ref(),
            _ => None,
        }
    }

    /// The counter of my.gov.uz under which the case stands: `new`, `in_progress`, `finished`, `refused`,
    /// `awaiting_payment`, `cancelled`.
    ///
    /// Rule: APP-STATUS.
    /// Source: statuses of the public statistics of my.gov.uz services 415 and 1028.
    pub fn status(&self) -> &'static str {
        match self {
            Stage::Work { officer: None, .. } | Stage::Moving | Stage::Auto { .. } => "new",
            Stage::Work { .. }
            | Stage::Queue { .. }
            | Stage::Tasks { .. }
            | Stage::Commission { .. }
            | Stage::Returned { .. }
            | Stage::Appeal { .. } => "in_progress",
            Stage::Payment { .. } => "awaiting_payment",
            Stage::Approved { .. } => "finished",
            Stage::Refused { .. } => "refused",
            Stage::Withdrawn { .. } | Stage::Expired { .. } => "cancelled",
        }
    }

    /// Tasks that are open or closed at this stage.
    pub fn tasks(&self) -> &[Task] {
        match self {
            Stage::Tasks { tasks, .. } | Stage::Work { asked: tasks, .. } => tasks,
            _ => &[],
        }
    }
}

/// When and by whom, and in which state of the flow the case was.
#[derive(Clone, Copy, Debug)]
pub struct Moment<'a> {
    pub at: Timestamp,
    pub by: &'a Actor,
    pub state: &'a str,
}

/// What the case is after an event: the whole life cycle.
///
/// Rule: APP-STEP.
/// Source: our ADR on the life cycle of a case; the steps of the services' regulations (uz-data §1, "Bu qanday ishlaydi?").
///
/// # Errors
/// When the stage does not allow the event.
pub fn step(stage: Stage, event: &Event, moment: Moment<'_>) -> Result<Stage, NotAllowed> {
    let refused = NotAllowed { stage: stage.name(), event: event.name() };
    Ok(match (stage, event) {
        (stage, Event::Entered(entered)) if may_enter(&stage, entered) => enter(stage, entered, moment),

        (Stage::Payment { title, lines, total, expires, paid: false }, Event::Paid { .. }) => {
            Stage::Payment { title, lines, total, expires, paid: true }
        }

        (Stage::Work { unit, due, asked, proposal, .. }, Event::Assigned { officer, name }) => {
            Stage::Work { unit, officer: officer_of(*officer, name), due, asked, proposal }
        }
        (Stage::Appeal { unit, text, refused, .. }, Event::Assigned { officer, name }) => {
            Stage::Appeal { unit, officer: officer_of(*officer, name), text, refused }
        }

        (Stage::Work { unit, officer, due, mut asked, proposal }, Event::Asked { task }) => {
            asked.push(task.clone());
            Stage::Work { unit, officer, due, asked, proposal }
        }
        (Stage::Work { unit, officer, due, asked, proposal }, Event::TaskClosed { task, positive, comment }) => {
            let asked = close_task(asked, *task, *positive, comment, moment).ok_or(refused)?;
            Stage::Work { unit, officer, due, asked, proposal }
        }
        // One proposal at a time; whoever made it does not answer it.
        (Stage::Work { unit, officer, due, asked, proposal: None }, Event::Proposed { proposal }) => {
            Stage::Work { unit, officer, due, asked, proposal: Some(proposal.clone()) }
        }
        (
            Stage::Work { unit, officer, due, asked, proposal: Some(proposal) },
            Event::ProposalDeclined { staff, .. },
        ) if proposal.staff != *staff => Stage::Work { unit, officer, due, asked, proposal: None },
        (Stage::Tasks { unit, tasks }, Event::TaskClosed { task, positive, comment }) => {
            let tasks = close_task(tasks, *task, *positive, comment, moment).ok_or(refused)?;
            Stage::Tasks { unit, tasks }
        }

        // One vote for each member.
        (
            Stage::Commission { unit, members, needed, due, mut votes },
            Event::Voted { staff, name, in_favour, comment },
        ) if votes.iter().all(|vote| vote.staff != *staff) => {
            votes.push(Vote { staff: *staff, name: name.clone(), in_favour: *in_favour, comment: comment.clone() });
            Stage::Commission { unit, members, needed, due, votes }
        }

        (stage @ Stage::Returned { .. }, Event::Corrected { .. } | Event::Upgraded { .. }) => stage,

        (Stage::Refused { at, reason, comment, read: None, appeal, from }, Event::DecisionRead) => {
            Stage::Refused { at, reason, comment, read: Some(moment.at), appeal, from }
        }
        (stage @ Stage::Refused { appeal: Some(_), .. }, Event::Appealed { text, unit, .. }) => {
            Stage::Appeal { unit: unit.clone(), officer: None, text: text.clone(), refused: Box::new(stage) }
        }
        (Stage::Appeal { .. }, Event::AppealDecided { granted: true, .. }) => Stage::Moving,
        (Stage::Appeal { refused, .. }, Event::AppealDecided { granted: false, .. }) => match *refused {
            // A refusal that was upheld cannot be appealed again here.
            Stage::Refused { at, reason, comment, read, from, .. } => {
                Stage::Refused { at, reason, comment, read, appeal: None, from }
            }
            other => other,
        },

        (stage @ (Stage::Approved { .. } | Stage::Refused { .. }), Event::Rated { stars: 1..=5, .. }) => stage,

        // Time passes for whoever's turn it is; after the end nobody is reminded.
        (stage, Event::Reminded { .. } | Event::TermPassed { .. }) if !stage.is_final() => stage,
        (stage, Event::Erased { .. }) if stage.is_final() => stage,

        (
            Stage::Moving
            | Stage::Payment { .. }
            | Stage::Work { .. }
            | Stage::Auto { .. }
            | Stage::Queue { .. }
            | Stage::Tasks { .. }
            | Stage::Commission { .. }
            | Stage::Returned { .. }
            | Stage::Approved { .. }
            | Stage::Refused { .. }
            | Stage::Appeal { .. }
            | Stage::Withdrawn { .. }
            | Stage::Expired { .. },
            _,
        ) => return Err(refused),
    })
}

/// From which stages a kind of state can be entered, whatever the definition says. Silence does not wait for those who
/// are silent.
fn may_enter(stage: &Stage, entered: &Entered) -> bool {
    let place = &entered.place;
    match stage {
        Stage::Work { .. } | Stage::Tasks { .. } if entered.silence => {
            matches!(place, Place::Approved | Place::Refused { .. })
        }
        Stage::Moving => true,
        // Over is over; an appeal that is granted goes through `Moving`.
        Stage::Approved { .. } | Stage::Refused { .. } | Stage::Withdrawn { .. } | Stage::Expired { .. } => false,
        // An appeal is decided by its own event.
        Stage::Appeal { .. } => false,
        Stage::Payment { paid, .. } => match place {
            Place::Withdrawn | Place::Expired => !paid,
            Place::Returned { .. } | Place::Refused { .. } => false,
            _ => *paid,
        },
        // An offered place is accepted by the applicant: that approves. Nobody can be refused while it is their turn.
        Stage::Returned { .. } => !matches!(place, Place::Returned { .. } | Place::Refused { .. }),
        Stage::Auto { .. } => !matches!(place, Place::Expired),
        // An agency that was asked must answer before the case is approved.
        Stage::Work { asked, .. } => match place {
            Place::Approved => asked.iter().all(|task| task.answer.is_some()),
            Place::Expired => false,
            _ => true,
        },
        // All must close.
        Stage::Tasks { tasks, .. } => match place {
            Place::Withdrawn => true,
            Place::Expired => false,
            _ => tasks.iter().all(|task| task.answer.is_some()),
        },
        Stage::Commission { .. } | Stage::Queue { .. } => !matches!(place, Place::Expired),
    }
}

fn enter(stage: Stage, entered: &Entered, moment: Moment<'_>) -> Stage {
    let at = moment.at;
    match &entered.place {
        Place::Payment { title, lines, total, expires, .. } => Stage::Payment {
            title: title.clone(),
            lines: lines.clone(),
            total: *total,
            expires: *expires,
            // Nothing to pay is paid.
            paid: *total == Tiyin::ZERO,
        },
        Place::Work { unit, due } => {
            // A corrected case comes back to the official who returned it.
            let officer = match stage {
                Stage::Returned { from, .. } if from.state == entered.state => from.officer,
                _ => None,
            };
            Stage::Work { unit: unit.clone(), officer, due: *due, asked: Vec::new(), proposal: None }
        }
        Place::Auto => Stage::Auto { since: at },
        Place::Queue { unit } => Stage::Queue { unit: unit.clone(), since: at },
        Place::Tasks { unit, tasks } => Stage::Tasks { unit: unit.clone(), tasks: tasks.clone() },
        Place::Commission { unit, members, needed, due } => {
            Stage::Commission { unit: unit.clone(), members: *members, needed: *needed, due: *due, votes: Vec::new() }
        }
        Place::Returned { answer_by } => Stage::Returned {
            from: Returner { state: moment.state.to_owned(), officer: stage.officer().cloned() },
            comment: entered.comment.clone().unwrap_or_default(),
            answer_by: *answer_by,
        },
        Place::Approved => Stage::Approved { at },
        Place::Refused { appeal } => Stage::Refused {
            at,
            reason: entered.reason.clone(),
            comment: entered.comment.clone().unwrap_or_default(),
            read: None,
            appeal: appeal.clone(),
            from: moment.state.to_owned(),
        },
        Place::Withdrawn => Stage::Withdrawn { at },
        Place::Expired => Stage::Expired { at },
    }
}

fn officer_of(staff: Option<StaffId>, name: &str) -> Option<Officer> {
    staff.map(|staff| Officer { staff, name: name.to_owned() })
}

fn close_task(
    mut tasks: Vec<Task>,
    id: TaskId,
    positive: bool,
    comment: &str,
    moment: Moment<'_>,
) -> Option<Vec<Task>> {
    let task = tasks.iter_mut().find(|task| task.id == id && task.answer.is_none())?;
    let by = match moment.by {
        Actor::Official { name, .. } => name.clone(),
        Actor::Applicant | Actor::System => String::new(),
    };
    task.answer = Some(TaskAnswer { positive, comment: comment.to_owned(), at: moment.at, by });
    Some(tasks)
}

impl Case {
    /// Begins a case with its first event.
    ///
    /// # Errors
    /// When the first event does not submit, or cannot be written.
    pub fn begin(first: &Recorded) -> Result<(Case, String), FoldError> {
        let Event::Submitted(submitted) = &first.event else {
            return Err(FoldError::Step {
                seq: first.seq,
                source: NotAllowed { stage: "none", event: first.event.name() },
            });
        };
        let body = body(first)?;
        let case = Case {
            subject: first.subject,
            id: first.case,
            seq: first.seq,
            head: chain::link(Hash::ZERO, &body),
            submitted: submitted.clone(),
            submitted_at: first.at,
            version: submitted.version.clone(),
            answers: submitted.answers.clone(),
            state: String::new(),
            stage: Stage::Moving,
            deadline: submitted.deadline,
            paid: Tiyin::ZERO,
            ended_at: None,
            rating: None,
            appealed: false,
            erased_at: None,
        };
        Ok((case, body))
    }

    /// Applies the next event; gives its canonical text, as stored and hashed.
    ///
    /// # Errors
    /// When the order or the life cycle does not allow it. The case is then as before.
    pub fn apply(&mut self, next: &Recorded) -> Result<String, FoldError> {
        if next.seq != self.seq + 1 {
            return Err(FoldError::Order { seq: next.seq });
        }
        let moment = Moment { at: next.at, by: &next.by, state: &self.state };
        let stage = step(self.stage.clone(), &next.event, moment)
            .map_err(|source| FoldError::Step { seq: next.seq, source })?;
        if matches!(next.event, Event::Rated { .. }) && self.rating.is_some() {
            let source = NotAllowed { stage: self.stage.name(), event: next.event.name() };
            return Err(FoldError::Step { seq: next.seq, source });
        }
        let body = body(next)?;
        self.stage = stage;
        match &next.event {
            Event::Entered(entered) => {
                self.state.clone_from(&entered.state);
                self.deadline = entered.deadline;
                self.ended_at = self.stage.is_final().then_some(next.at);
            }
            Event::Paid { amount, .. } => self.paid = self.paid.checked_add(*amount).unwrap_or(self.paid),
            Event::Upgraded { version, answers } => {
                self.version.clone_from(version);
                self.answers.clone_from(answers);
            }
            Event::Corrected { answers, .. } => self.answers.clone_from(answers),
            Event::Appealed { deadline, .. } => {
                self.deadline = *deadline;
                self.appealed = true;
                self.ended_at = None;
            }
            Event::AppealDecided { granted: false, .. } => {
                self.deadline = self.deadline.end();
                self.ended_at = Some(next.at);
            }
            Event::Rated { stars, .. } => self.rating = Some(*stars),
            Event::Erased { .. } => self.erased_at = Some(next.at),
            Event::Submitted(_)
            | Event::Proposed { .. }
            | Event::ProposalDeclined { .. }
            | Event::Reminded { .. }
            | Event::TermPassed { .. }
            | Event::Assigned { .. }
            | Event::Asked { .. }
            | Event::TaskClosed { .. }
            | Event::Voted { .. }
            | Event::DecisionRead
            | Event::AppealDecided { granted: true, .. } => {}
        }
        self.seq = next.seq;
        self.head = chain::link(self.head, &body);
        Ok(body)
    }

    /// Folds stored events, checking order, life cycle and the hash chain.
    ///
    /// Rule: APP-FOLD.
    /// Source: our ADR on the append-only case ledger.
    ///
    /// # Errors
    /// With the first event that does not fit.
    pub fn fold(stored: &[Stored]) -> Result<Case, FoldError> {
        let mut case: Option<Case> = None;
        let mut head = Hash::ZERO;
        for row in stored {
            let seq = row.recorded.seq;
            if chain::link(head, &row.body) != row.hash && !erased(stored, row) {
                return Err(FoldError::Chain { seq });
            }
            head = row.hash;
            match &mut case {
                None => case = Some(Case::begin(&row.recorded)?.0),
                Some(case) => {
                    case.apply(&row.recorded)?;
                }
            }
            // What is hashed is the stored text, also when a later program would write it differently.
            if let Some(case) = &mut case {
                case.head = head;
            }
        }
        case.ok_or(FoldError::Empty)
    }

    /// When the case is due now: the term of the state where it has one, else the whole term.
    pub fn due(&self) -> Option<Timestamp> {
        let state = match &self.stage {
            Stage::Work { due, .. } | Stage::Commission { due, .. } => *due,
            Stage::Tasks { tasks, .. } => {
                tasks.iter().filter(|task| task.answer.is_none()).filter_map(|task| task.due).min()
            }
            _ => None,
        };
        match (state, self.deadline.due()) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        }
    }
}

/// A stored event with its text and hash.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub recorded: Recorded,
    /// The canonical text that was hashed.
    pub body: String,
    pub hash: Hash,
}

impl Stored {
    /// Reads the stored text.
    ///
    /// # Errors
    /// When the text is not an event, or the hash has not 32 bytes.
    pub fn read(seq: i64, body: &str, hash: &[u8]) -> Result<Self, FoldError> {
        let recorded: Recorded =
            serde_json::from_str(body).map_err(|err| FoldError::Body { seq, message: err.to_string() })?;
        if recorded.seq != seq {
            return Err(FoldError::Order { seq });
        }
        let hash = Hash::from_bytes(hash).ok_or(FoldError::Chain { seq })?;
        Ok(Self { recorded, body: body.to_owned(), hash })
    }
}

/// Whether a text that does not match its hash stands in place of one that a later event of the case erased.
///
/// Rule: APP-ERASED.
/// Source: our ADR on the retention of cases; Law on personal data (O‘RQ-547), destruction after the purpose is reached.
fn erased(stored: &[Stored], row: &Stored) -> bool {
    let later = stored.iter().filter(|other| other.recorded.seq > row.recorded.seq);
    let mut named = later.filter_map(|other| match &other.recorded.event {
        Event::Erased { bodies } => bodies.iter().find(|body| body.seq == row.recorded.seq),
        _ => None,
    });
    named.any(|body| body.sha256 == chain::digest(&row.body))
}

fn body(recorded: &Recorded) -> Result<String, FoldError> {
    chain::canonical(recorded).map_err(|err| FoldError::Body { seq: recorded.seq, message: err.to_string() })
}

#[cfg(test)]
mod tests;
