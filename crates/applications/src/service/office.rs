//! What officials do: the queue, a case, decisions, tasks, votes, appeals, the unit's load.

use std::collections::BTreeMap;

use contracts::identity::StaffMember;
use contracts::{Ctx, Principal, Role, UnitRef, Who};
use definition::{Action, By, FileAnswer, Need, StateKind};
use kernel::calendar::{Term, Unit};
use kernel::clock::Timestamp;
use kernel::id::{CaseId, StaffId, SubjectId, TaskId};
use kernel::lang::Text;
use storage::Batch;
use storage::audit::{self, AuditEntry};

use super::{Error, Loaded, commit, load};
use crate::domain::case::{Actor, Event, Place, Stage, Stored};
use crate::domain::deadline::{Urgency, urgency};
use crate::domain::flow::{self, ActionError, Input, Ledger};
use crate::domain::number::CaseNumber;
use crate::store::{self, DoneRow, QueueRow};

/// Rows of a queue that one screen reads; a unit with more is told so.
pub const QUEUE_LIMIT: u32 = 500;

/// Working days that another agency has to answer a question.
const ASK_TERM: Term = Term { n: 2, unit: Unit::Workday };

/// An official who acts.
#[derive(Clone, Debug)]
pub struct Officer {
    pub staff: StaffId,
    pub name: String,
    pub unit: UnitRef,
    pub roles: Vec<Role>,
}

impl Officer {
    /// The official behind a request; `None` for a citizen.
    pub fn from_principal(principal: &Principal) -> Option<Self> {
        match &principal.who {
            Who::Official { staff, unit, roles } => Some(Self {
                staff: *staff,
                name: principal.display_name.clone(),
                unit: unit.clone(),
                roles: roles.clone(),
            }),
            Who::Citizen { .. } => None,
        }
    }

    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    fn actor(&self) -> Actor {
        Actor::Official { staff: self.staff, name: self.name.clone(), unit: self.unit.clone() }
    }

    /// Roles in the words of flows.
    fn acts_as(&self) -> Vec<By> {
        let mut by = Vec::new();
        if self.is(Role::Official) {
            by.push(By::Official);
        }
        if self.is(Role::Head) {
            by.push(By::Head);
        }
        if self.is(Role::Commission) {
            by.push(By::Commission);
        }
        by
    }
}

/// Which part of a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueFilter {
    /// `mine`, `free`, or empty for all.
    pub whose: String,
    pub service: String,
    /// `late`, `soon`, or empty.
    pub urgency: String,
    /// Kind of item: `case`, `task`, `vote`, `appeal`, `wait`, or empty.
    pub kind: String,
    /// Digits of a number.
    pub number: String,
}

/// A row of the queue as shown.
#[derive(Clone, Debug)]
pub struct QueueItem {
    pub row: QueueRow,
    pub urgency: Urgency,
    pub mine: bool,
}

/// The queue of an official.
pub struct Queue {
    pub items: Vec<QueueItem>,
    /// Before filtering.
    pub total: usize,
    pub late: usize,
    pub soon: usize,
    pub free: usize,
    pub mine: usize,
    /// Services that occur, for the filter.
    pub services: Vec<String>,
}

/// What lies before the official's unit, by due date: the late and the soon come first.
///
/// Rule: APP-QUEUE.
/// Source: issue of the first release: "Works a queue by due date, with what is late or about to be in front".
///
/// # Errors
/// When the store fails.
pub async fn queue(ctx: &Ctx, officer: &Officer, filter: &QueueFilter) -> Result<Queue, Error> {
    let now = ctx.now();
    let digits: String = filter.number.chars().filter(char::is_ascii_digit).collect();
    let rows = store::queue(&ctx.db, &officer.unit, QUEUE_LIMIT).await?;
    let mut queue = Queue { items: Vec::new(), total: 0, late: 0, soon: 0, free: 0, mine: 0, services: Vec::new() };
    for row in rows {
        if row.kind == "vote" && !officer.is(Role::Commission) && !officer.is(Role::Head) {
            continue;
        }
        let item = QueueItem {
            urgency: urgency(row.due, now, &ctx.refdata.calendar),
            mine: row.officer == Some(officer.staff),
            row,
        };
        queue.total += 1;
        queue.late += usize::from(item.urgency == Urgency::Late);
        queue.soon += usize::from(item.urgency == Urgency::Soon);
        queue.mine += usize::from(item.mine);
        let free = item.row.officer.is_none() && matches!(item.row.kind.as_str(), "case" | "appeal");
        queue.free += usize::from(free);
        if !queue.services.contains(&item.row.service) {
            queue.services.push(item.row.service.clone());
        }
        let keep = match filter.whose.as_str() {
            "mine" => item.mine,
            "free" => free,
            _ => true,
        } && match filter.urgency.as_str() {
            "late" => item.urgency == Urgency::Late,
            "soon" => item.urgency == Urgency::Soon,
            _ => true,
        } && (filter.service.is_empty() || filter.service == item.row.service)
            && (filter.kind.is_empty() || filter.kind == item.row.kind)
            && (digits.is_empty() || item.row.number.contains(&digits));
        if keep {
            queue.items.push(item);
        }
    }
    queue.services.sort();
    Ok(queue)
}

/// A case as an official sees it.
pub struct CaseFile {
    pub loaded: Loaded,
    pub access: Access,
    /// Actions of the flow that this official can take now.
    pub actions: Vec<Action>,
    /// Open tasks of this official's unit.
    pub tasks: Vec<TaskId>,
    /// The official may vote now.
    pub may_vote: bool,
    /// The official may decide the appeal.
    pub may_decide_appeal: bool,
    /// The official may answer what another one proposed.
    pub may_confirm: bool,
    pub may_take: bool,
    pub may_assign: bool,
    pub may_ask: bool,
}

/// How much of a case an official sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// The unit that decides, or one above it: everything.
    Full,
    /// An agency with an open task: everything but what is special.
    Task,
}

/// What the official may see of a case.
///
/// Rule: APP-SEE.
/// Source: Law on personal data (O‘RQ-547): only what the task needs; issue of the first release, "Only what the role needs is visible".
pub fn access(officer: &Officer, stage: &Stage, history: &[Stored]) -> Option<Access> {
    visible_to_unit(&officer.unit, stage, history)
}

/// [`access`] for anybody of a unit.
pub fn visible_to_unit(reader: &UnitRef, stage: &Stage, history: &[Stored]) -> Option<Access> {
    let mut decided_by = history.iter().filter_map(|stored| match &stored.recorded.event {
        Event::Entered(entered) => match &entered.place {
            Place::Work { unit, .. }
            | Place::Queue { unit }
            | Place::Tasks { unit, .. }
            | Place::Commission { unit, .. } => Some(unit),
            _ => None,
        },
        Event::Appealed { unit, .. } => Some(unit),
        _ => None,
    });
    if decided_by.any(|unit| reader.covers(unit)) {
        return Some(Access::Full);
    }
    let open = stage.tasks().iter().any(|task| task.answer.is_none() && reader.covers(&task.unit));
    open.then_some(Access::Task)
}

/// Finds a case by its number and shows it to an official. Every look is recorded with its reason, once.
///
/// # Errors
/// [`Error::NotFound`] also when the case belongs to another unit: a number tells nothing.
pub async fn view(ctx: &Ctx, officer: &Officer, number: &str, reason: &str) -> Result<CaseFile, Error> {
    let file = open(ctx, officer, number).await?;
    let case = &file.loaded.case;
    let mut batch = Batch::new(case.subject);
    audit::record(
        &mut batch,
        &*ctx.rng,
        AuditEntry {
            at: ctx.now(),
            actor: officer.staff.uuid(),
            actor_name: format!("{}, {}", officer.name, officer.unit.as_str()),
            action: "case.view".to_owned(),
            reason: reason.to_owned(),
            object: case.submitted.number.clone(),
        },
    );
    ctx.db.commit(batch).await?;
    Ok(file)
}

/// [`view`] without the record: for acting on a case that was just seen.
///
/// # Errors
/// As [`view`].
pub async fn open(ctx: &Ctx, officer: &Officer, number: &str) -> Result<CaseFile, Error> {
    let number = CaseNumber::parse(number).map_err(|_| Error::NotFound)?;
    let (subject, id) = store::route(&ctx.db, number.as_str()).await?.ok_or(Error::NotFound)?;
    let loaded = load(ctx, subject, id).await?;
    let access = access(officer, &loaded.case.stage, &loaded.history).ok_or(Error::NotFound)?;
    let stage = &loaded.case.stage;
    let has_it = stage.officer().is_some_and(|has| has.staff == officer.staff);
    let of_unit = stage.unit().is_some_and(|unit| officer.unit.covers(unit));
    let works = officer.is(Role::Official) || officer.is(Role::Head);
    let mut actions = Vec::new();
    if access == Access::Full && of_unit && !matches!(stage, Stage::Commission { .. } | Stage::Appeal { .. }) {
        for by in officer.acts_as() {
            // Votes are cast, not acted; a case is worked by whoever took it; what only the head may do needs no taking.
            let works_it = has_it || by == By::Head || !matches!(stage, Stage::Work { .. });
            if by == By::Commission || !works_it {
                continue;
            }
            for action in loaded.definition.allowed_actions(&loaded.case.state, by, &loaded.facts) {
                if !actions.contains(action) {
                    actions.push(action.clone());
                }
            }
        }
    }
    let tasks = stage
        .tasks()
        .iter()
        .filter(|task| task.answer.is_none() && officer.unit.covers(&task.unit) && works)
        .map(|task| task.id)
        .collect();
    let may_vote = match stage {
        Stage::Commission { votes, .. } => {
            of_unit && officer.is(Role::Commission) && votes.iter().all(|vote| vote.staff != officer.staff)
        }
        _ => false,
    };
    let may_confirm = match stage {
        Stage::Work { proposal: Some(proposal), .. } => {
            let by = loaded.definition.action(&proposal.action).map(|action| action.by);
            let role = officer.is(Role::Head) || (by == Some(By::Official) && officer.is(Role::Official));
            access == Access::Full && of_unit && role && proposal.staff != officer.staff
        }
        _ => false,
    };
    // One proposal at a time: what needs a second person is not offered while another waits for its answer.
    if matches!(stage, Stage::Work { proposal: Some(_), .. }) {
        actions.retain(|action| !action.needs.contains(&Need::SecondPerson));
    }
    let takes = matches!(stage, Stage::Work { .. } | Stage::Appeal { .. }) && of_unit;
    let free = stage.officer().is_none();
    let may_take =
        takes && free && (if matches!(stage, Stage::Appeal { .. }) { officer.is(Role::Head) } else { works });
    Ok(CaseFile {
        access,
        actions,
        tasks,
        may_vote,
        may_decide_appeal: matches!(stage, Stage::Appeal { .. }) && of_unit && officer.is(Role::Head),
        may_confirm,
        may_take,
        may_assign: takes && officer.is(Role::Head),
        may_ask: matches!(stage, Stage::Work { .. }) && has_it,
        loaded,
    })
}

/// The file and a ledger, when the screen of the official still shows the truth.
async fn seen(ctx: &Ctx, officer: &Officer, number: &str, seq: i64) -> Result<(CaseFile, Ledger), Error> {
    let file = open(ctx, officer, number).await?;
    if file.loaded.case.seq != seq {
        return Err(Error::Stale);
    }
    let ledger = Ledger::resume(file.loaded.case.clone());
    Ok((file, ledger))
}

/// Takes a free case.
///
/// # Errors
/// [`Error::Stale`] when somebody was first; [`Error::Forbidden`].
pub async fn take(ctx: &Ctx, officer: &Officer, number: &str, seq: i64) -> Result<(), Error> {
    let (file, mut ledger) = seen(ctx, officer, number, seq).await?;
    if !file.may_take {
        return Err(Error::Forbidden);
    }
    let event = Event::Assigned { officer: Some(officer.staff), name: officer.name.clone() };
    ledger.push(ctx.now(), officer.actor(), event).map_err(ActionError::from)?;
    commit(ctx, &ledger, &file.loaded).await
}

/// The head gives a case to a member of the unit, or puts it back (`None`).
///
/// # Errors
/// As [`take`].
pub async fn assign(ctx: &Ctx, officer: &Officer, number: &str, seq: i64, to: Option<StaffId>) -> Result<(), Error> {
    let (file, mut ledger) = seen(ctx, officer, number, seq).await?;
    if !file.may_assign {
        return Err(Error::Forbidden);
    }
    let mut name = String::new();
    if let Some(to) = to {
        let member = ctx.ports.staff.member(ctx, to).await?.ok_or(Error::NotFound)?;
        let unit = file.loaded.case.stage.unit().ok_or(Error::Forbidden)?;
        // Within the head's unit, and somebody to whom the case belongs.
        if !officer.unit.covers(&member.unit) || !member.unit.covers(unit) {
            return Err(Error::Forbidden);
        }
        name = member.name;
    }
    let event = Event::Assigned { officer: to, name };
    ledger.push(ctx.now(), officer.actor(), event).map_err(ActionError::from)?;
    commit(ctx, &ledger, &file.loaded).await
}

/// Takes an action of the flow: approve, refuse, return, pass on.
///
/// # Errors
/// [`Error::Stale`]; [`Error::Action`] with what is missing; [`ActionError::NotYours`] when another has the case.
pub async fn act(
    ctx: &Ctx,
    officer: &Officer,
    number: &str,
    seq: i64,
    action: &str,
    comment: String,
    reason: String,
    files: Vec<FileAnswer>,
) -> Result<(), Error> {
    let (file, mut ledger) = seen(ctx, officer, number, seq).await?;
    if !file.actions.iter().any(|offered| offered.id == action) {
        let has_it = file.loaded.case.stage.officer().is_none_or(|has| has.staff == officer.staff);
        return Err(if has_it {
            ActionError::NotOffered(action.to_owned(), file.loaded.case.state.clone()).into()
        } else {
            ActionError::NotYours.into()
        });
    }
    // A citizen must be told why: a return without words helps nobody, whatever the definition says. (An offered place
    // is no return: nothing is wrong with the application.)
    let worked = matches!(file.loaded.case.stage, Stage::Work { .. });
    let target = file.loaded.definition.action(action).and_then(|action| file.loaded.definition.state(&action.to));
    if worked && target.is_some_and(|state| state.kind == StateKind::Returned) && comment.trim().is_empty() {
        return Err(ActionError::NeedsComment.into());
    }
    let input = Input { comment, reason, files };
    flow::take(&mut ledger, file.loaded.world(ctx), action, &officer.acts_as(), officer.actor(), input)?;
    commit(ctx, &ledger, &file.loaded).await
}

/// Answers what another official proposed: confirms it, or declines it with a comment.
///
/// # Errors
/// As [`act`]; [`ActionError::SamePerson`] for whoever proposed it.
pub async fn confirm(
    ctx: &Ctx,
    officer: &Officer,
    number: &str,
    seq: i64,
    confirmed: bool,
    comment: String,
) -> Result<(), Error> {
    let (file, mut ledger) = seen(ctx, officer, number, seq).await?;
    if !file.may_confirm {
        let mine = match &file.loaded.case.stage {
            Stage::Work { proposal: Some(proposal), .. } => proposal.staff == officer.staff,
            _ => false,
        };
        return Err(if mine { ActionError::SamePerson.into() } else { Error::Forbidden });
    }
    flow::confirm(&mut ledger, file.loaded.world(ctx), confirmed, comment, officer.actor())?;
    commit(ctx, &ledger, &file.loaded).await
}

/// Asks another agency.
///
/// # Errors
/// As [`act`]; [`Error::NotFound`] for an unknown agency.
pub async fn ask(
    ctx: &Ctx,
    officer: &Officer,
    number: &str,
    seq: i64,
    agency: &str,
    question: String,
) -> Result<TaskId, Error> {
    let (file, mut ledger) = seen(ctx, officer, number, seq).await?;
    if !file.may_ask {
        return Err(ActionError::NotYours.into());
    }
    let agency = ctx.refdata.agency(agency).ok_or(Error::NotFound)?;
    let area = file.loaded.case.stage.unit().map_or("", |unit| unit.area());
    let unit = UnitRef::new(&agency.code, area);
    let title = Text::new("So‘rov", "Soraw", "Запрос", "Request");
    let id = flow::ask(&mut ledger, file.loaded.world(ctx), unit, question, ASK_TERM, title, officer.actor())?;
    commit(ctx, &ledger, &file.loaded).await?;
    Ok(id)
}

/// Closes a task of the official's unit.
///
/// # Errors
/// As [`act`].
pub async fn close_task(
    ctx: &Ctx,
    officer: &Officer,
    number: &str,
    seq: i64,
    task: TaskId,
    positive: bool,
    comment: String,
) -> Result<(), Error> {
    let (file, mut ledger) = seen(ctx, officer, number, seq).await?;
    if !file.tasks.contains(&task) {
        return Err(Error::Forbidden);
    }
    flow::close_task(&mut ledger, file.loaded.world(ctx), task, positive, comment, officer.actor())?;
    commit(ctx, &ledger, &file.loaded).await
}

/// Votes in a commission.
///
/// # Errors
/// As [`act`].
pub async fn vote(
    ctx: &Ctx,
    officer: &Officer,
    number: &str,
    seq: i64,
    in_favour: bool,
    comment: String,
) -> Result<(), Error> {
    let (file, mut ledger) = seen(ctx, officer, number, seq).await?;
    if !file.may_vote {
        return Err(Error::Forbidden);
    }
    let world = file.loaded.world(ctx);
    flow::vote(&mut ledger, world, officer.staff, officer.name.clone(), in_favour, comment, officer.actor())?;
    commit(ctx, &ledger, &file.loaded).await
}

/// Decides an appeal.
///
/// # Errors
/// As [`act`].
pub async fn decide_appeal(
    ctx: &Ctx,
    officer: &Officer,
    number: &str,
    seq: i64,
    granted: bool,
    comment: String,
) -> Result<(), Error> {
    let (file, mut ledger) = seen(ctx, officer, number, seq).await?;
    if !file.may_decide_appeal {
        return Err(Error::Forbidden);
    }
    flow::decide_appeal(&mut ledger, file.loaded.world(ctx), granted, comment, officer.actor())?;
    commit(ctx, &ledger, &file.loaded).await
}

/// Members of the unit to whom the head can give the case.
///
/// # Errors
/// When the port fails.
pub async fn candidates(ctx: &Ctx, officer: &Officer, file: &CaseFile) -> Result<Vec<StaffMember>, Error> {
    let Some(unit) = file.loaded.case.stage.unit() else { return Ok(Vec::new()) };
    let members = ctx.ports.staff.members(ctx, &officer.unit).await?;
    let works = |member: &StaffMember| member.roles.iter().any(|r| matches!(r, Role::Official | Role::Head));
    Ok(members.into_iter().filter(|member| member.unit.covers(unit) && works(member)).collect())
}

/// The load of a unit.
pub struct UnitLoad {
    pub unit: UnitRef,
    pub open: usize,
    pub late: usize,
    pub soon: usize,
    pub free: usize,
    pub by_officer: Vec<OfficerLoad>,
    pub by_service: Vec<ServiceLoad>,
    /// Ended since `since`.
    pub ended: i64,
    pub ended_late: i64,
    pub approved: i64,
    pub refused: i64,
    pub since: Timestamp,
    /// Appeals that wait for the head.
    pub appeals: Vec<QueueItem>,
    /// The most urgent late items.
    pub late_items: Vec<QueueItem>,
}

/// What one official has.
#[derive(Clone, Debug, Default)]
pub struct OfficerLoad {
    pub name: String,
    pub open: usize,
    pub late: usize,
    pub ended: i64,
    pub ended_late: i64,
}

/// What a unit has of one service.
#[derive(Clone, Debug, Default)]
pub struct ServiceLoad {
    pub service: String,
    pub open: usize,
    pub late: usize,
    pub ended: i64,
    pub ended_late: i64,
}

/// The load of the head's unit: open and late by officer and by service, and what was ended in the last 30 days.
///
/// # Errors
/// [`Error::Forbidden`] for anybody but a head.
pub async fn unit_load(ctx: &Ctx, officer: &Officer) -> Result<UnitLoad, Error> {
    if !officer.is(Role::Head) {
        return Err(Error::Forbidden);
    }
    let now = ctx.now();
    let since = now.checked_sub(jiff::SignedDuration::from_hours(30 * 24)).unwrap_or(now);
    let rows = store::queue(&ctx.db, &officer.unit, QUEUE_LIMIT * 10).await?;
    let mut load = UnitLoad {
        unit: officer.unit.clone(),
        open: 0,
        late: 0,
        soon: 0,
        free: 0,
        by_officer: Vec::new(),
        by_service: Vec::new(),
        ended: 0,
        ended_late: 0,
        approved: 0,
        refused: 0,
        since,
        appeals: Vec::new(),
        late_items: Vec::new(),
    };
    let mut officers: BTreeMap<String, OfficerLoad> = BTreeMap::new();
    for member in ctx.ports.staff.members(ctx, &officer.unit).await? {
        if member.roles.contains(&Role::Official) {
            officers.insert(member.name.clone(), OfficerLoad { name: member.name, ..OfficerLoad::default() });
        }
    }
    let mut services: BTreeMap<String, ServiceLoad> = BTreeMap::new();
    for row in rows {
        let urgency = urgency(row.due, now, &ctx.refdata.calendar);
        let late = urgency == Urgency::Late;
        load.open += 1;
        load.late += usize::from(late);
        load.soon += usize::from(urgency == Urgency::Soon);
        let service = services
            .entry(row.service.clone())
            .or_insert_with(|| ServiceLoad { service: row.service.clone(), ..ServiceLoad::default() });
        service.open += 1;
        service.late += usize::from(late);
        if row.officer.is_some() {
            let name = row.officer_name.clone();
            let entry = officers.entry(name.clone()).or_insert_with(|| OfficerLoad { name, ..OfficerLoad::default() });
            entry.open += 1;
            entry.late += usize::from(late);
        } else if row.kind == "case" {
            load.free += 1;
        }
        let item = QueueItem { urgency, mine: row.officer == Some(officer.staff), row };
        if late && load.late_items.len() < 20 {
            load.late_items.push(item.clone());
        }
        if item.row.kind == "appeal" {
            load.appeals.push(item);
        }
    }
    for DoneRow { service, officer, outcome, late, n } in store::done(&ctx.db, &load.unit, since).await? {
        let late_n = if late { n } else { 0 };
        load.ended += n;
        load.ended_late += late_n;
        match outcome.as_str() {
            "approved" => load.approved += n,
            "refused" => load.refused += n,
            _ => {}
        }
        let entry =
            services.entry(service.clone()).or_insert_with(|| ServiceLoad { service, ..ServiceLoad::default() });
        entry.ended += n;
        entry.ended_late += late_n;
        if !officer.is_empty() {
            let entry = officers
                .entry(officer.clone())
                .or_insert_with(|| OfficerLoad { name: officer, ..OfficerLoad::default() });
            entry.ended += n;
            entry.ended_late += late_n;
        }
    }
    load.by_officer = officers.into_values().collect();
    load.by_officer.sort_by(|a, b| b.late.cmp(&a.late).then(b.open.cmp(&a.open)).then(a.name.cmp(&b.name)));
    load.by_service = services.into_values().collect();
    load.by_service.sort_by(|a, b| b.late.cmp(&a.late).then(b.open.cmp(&a.open)));
    Ok(load)
}

/// The subject and id behind a number, when the official may see the case: for files.
///
/// # Errors
/// As [`view`].
pub async fn find(ctx: &Ctx, officer: &Officer, number: &str) -> Result<(SubjectId, CaseId), Error> {
    let file = open(ctx, officer, number).await?;
    Ok((file.loaded.case.subject, file.loaded.case.id))
}
