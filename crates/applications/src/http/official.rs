//! Pages of the official: queue, case, decisions, the unit's load.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use contracts::Role;
use definition::{Need, StateKind};
use kernel::id::{FileId, StaffId, TaskId};
use kernel::lang::Text;
use serde::Deserialize;
use web::ui::{Choice, Link};
use web::{AppState, Head, Meta, Official, Page, Posted, WebError};

use crate::domain::case::Stage;
use crate::domain::deadline::{Deadline, Urgency};
use crate::domain::flow::ActionError;
use crate::domain::number;
use crate::http::citizen::send;
use crate::http::refuse;
use crate::http::view::{self, EntryHtml, PageAnswers};
use crate::service::office::{self, Access, CaseFile, Officer, QueueFilter, QueueItem};
use crate::service::{Error, files};

/// The routes of officials.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/staff", get(queue))
        .route("/staff/unit", get(unit))
        .route("/staff/cases/{number}", get(show))
        .route("/staff/cases/{number}/files/{file}", get(file))
        .route("/staff/cases/{number}/take", post(take))
        .route("/staff/cases/{number}/assign", post(assign))
        .route("/staff/cases/{number}/act", post(act))
        .route("/staff/cases/{number}/confirm", post(confirm))
        .route("/staff/cases/{number}/ask", post(ask))
        .route("/staff/cases/{number}/task", post(close_task))
        .route("/staff/cases/{number}/vote", post(vote))
        .route("/staff/cases/{number}/appeal", post(decide_appeal))
}

/// Rows of one screen of the queue.
const SHOWN: usize = 50;

#[derive(Deserialize, Default)]
pub struct QueueAsked {
    #[serde(default)]
    whose: String,
    #[serde(default)]
    service: String,
    #[serde(default)]
    urgency: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    number: String,
    #[serde(default)]
    page: usize,
}

struct Row {
    href: String,
    number: String,
    service: String,
    /// What is to be done: state of the case, title of the task.
    what: String,
    kind: String,
    officer: String,
    mine: bool,
    due: String,
    urgency: &'static str,
    urgency_text: String,
    tag: &'static str,
    submitted: String,
}

#[derive(Template)]
#[template(path = "applications/staff_queue.html")]
struct QueuePage<'a> {
    page: &'a Page,
    unit: String,
    rows: Vec<Row>,
    tabs: Vec<Link>,
    total: i64,
    late: i64,
    late_kind: &'static str,
    soon: i64,
    soon_kind: &'static str,
    free: i64,
    mine: i64,
    found: i64,
    services: Vec<Choice>,
    urgencies: Vec<Choice>,
    kinds: Vec<Choice>,
    number: String,
    whose: String,
    previous: String,
    next: String,
    filtered: bool,
    is_head: bool,
}

fn int(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn officer(who: &Official) -> Result<Officer, WebError> {
    Officer::from_principal(&who.principal).ok_or_else(WebError::forbidden)
}

fn works(officer: &Officer) -> Result<(), WebError> {
    // An operator runs the platform and sees no personal data.
    let works = officer.is(Role::Official) || officer.is(Role::Head) || officer.is(Role::Commission);
    if works { Ok(()) } else { Err(WebError::forbidden()) }
}

async fn row(page: &Page, item: &QueueItem, titles: &mut BTreeMap<String, String>) -> Row {
    let lang = page.lang();
    let ctx = page.ctx();
    let row = &item.row;
    if !titles.contains_key(&row.service) {
        let title = view::service_title(page, &row.service).await;
        titles.insert(row.service.clone(), title);
    }
    let what = if row.title.is_empty() {
        match ctx.ports.catalog.current(ctx, &row.service).await {
            Ok(Some(definition)) if row.kind != "appeal" => definition
                .state(&row.state)
                .map_or_else(|| row.state.clone(), |state| state.title.get(lang).into_owned()),
            _ => page.t(&format!("applications-kind-{}", kind_key(&row.kind))),
        }
    } else {
        serde_json::from_str::<Text>(&row.title).map_or_else(|_| String::new(), |title| title.get(lang).into_owned())
    };
    let (urgency, urgency_text, tag) = urgency_words(page, item.urgency);
    Row {
        href: page.href(&format!("/staff/cases/{}", row.number)),
        number: number::group(&row.number),
        service: titles.get(&row.service).cloned().unwrap_or_default(),
        what,
        kind: page.t(&format!("applications-kind-{}", kind_key(&row.kind))),
        officer: row.officer_name.clone(),
        mine: item.mine,
        due: row.due.map_or_else(|| "—".to_owned(), |due| page.t.datetime(&due)),
        urgency,
        urgency_text,
        tag,
        submitted: page.t.day(&row.submitted_at),
    }
}

fn urgency_words(page: &Page, urgency: Urgency) -> (&'static str, String, &'static str) {
    match urgency {
        Urgency::Late => ("late", page.t("applications-late"), "danger"),
        Urgency::Soon => ("soon", page.t("applications-soon"), "warning"),
        Urgency::Fine => ("fine", page.t("applications-fine"), "neutral"),
        Urgency::None => ("none", String::new(), "neutral"),
    }
}

fn kind_key(kind: &str) -> &'static str {
    match kind {
        "task" => "task",
        "vote" => "vote",
        "appeal" => "appeal",
        "wait" => "wait",
        _ => "case",
    }
}

/// `/staff`: what lies before the unit.
async fn queue(who: Official, Query(asked): Query<QueueAsked>) -> Result<Response, WebError> {
    let page = &who.page;
    let officer = officer(&who)?;
    let on_catalogue = [Role::ServiceAuthor, Role::Reviewer, Role::Publisher, Role::Operator];
    if works(&officer).is_err() && on_catalogue.into_iter().any(|role| officer.is(role)) {
        // Who has no cases has definitions to work on.
        return Ok(page.redirect("/staff/catalogue"));
    }
    if works(&officer).is_err() && officer.is(Role::StaffAdmin) {
        return Ok(page.redirect("/staff/people"));
    }
    works(&officer)?;
    let filter = QueueFilter {
        whose: asked.whose.clone(),
        service: asked.service.clone(),
        urgency: asked.urgency.clone(),
        kind: asked.kind.clone(),
        number: asked.number.clone(),
    };
    let queue = office::queue(page.ctx(), &officer, &filter).await.map_err(|e| refuse(&page.t, e))?;
    let mut titles = BTreeMap::new();
    let mut rows = Vec::new();
    let skip = asked.page.saturating_mul(SHOWN);
    for item in queue.items.iter().skip(skip).take(SHOWN) {
        rows.push(row(page, item, &mut titles).await);
    }
    let mut services = Vec::new();
    for code in &queue.services {
        services.push(Choice::new(code.as_str(), view::service_title(page, code).await, &asked.service));
    }
    let query = |whose: &str, number: usize| {
        let digits: String = asked.number.chars().filter(char::is_ascii_digit).collect();
        let known = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let part = |name: &str, value: &str| {
            if value.is_empty() || !known(value) { String::new() } else { format!("&{name}={value}") }
        };
        let rest = [
            part("service", &asked.service),
            part("urgency", &asked.urgency),
            part("kind", &asked.kind),
            part("number", &digits),
        ]
        .concat();
        let at = if number > 0 { format!("&page={number}") } else { String::new() };
        page.href(&format!("/staff?whose={whose}{rest}{at}"))
    };
    let tab = |whose: &str, key: &str, n: usize| {
        let text = format!("{} ({})", page.t(key), page.t.number(int(n)));
        let mut link = Link::new(query(whose, 0), text);
        link.current = asked.whose == whose || (whose == "all" && asked.whose.is_empty());
        link
    };
    let whose = if asked.whose.is_empty() { "all" } else { asked.whose.as_str() };
    let body = QueuePage {
        page,
        unit: view::unit_name(page.ctx(), page.lang(), &officer.unit),
        rows,
        tabs: vec![
            tab("all", "applications-queue-all", queue.total),
            tab("mine", "applications-queue-mine", queue.mine),
            tab("free", "applications-queue-free", queue.free),
        ],
        total: int(queue.total),
        late: int(queue.late),
        late_kind: if queue.late > 0 { "danger" } else { "" },
        soon: int(queue.soon),
        soon_kind: if queue.soon > 0 { "warning" } else { "" },
        free: int(queue.free),
        mine: int(queue.mine),
        found: int(queue.items.len()),
        services,
        urgencies: ["late", "soon"]
            .iter()
            .map(|name| Choice::new(*name, page.t(&format!("applications-{name}")), &asked.urgency))
            .collect(),
        kinds: ["case", "task", "vote", "appeal", "wait"]
            .iter()
            .map(|name| Choice::new(*name, page.t(&format!("applications-kind-{name}")), &asked.kind))
            .collect(),
        number: asked.number.clone(),
        whose: whose.to_owned(),
        previous: if asked.page > 0 { query(whose, asked.page - 1) } else { String::new() },
        next: if skip + SHOWN < queue.items.len() { query(whose, asked.page + 1) } else { String::new() },
        filtered: queue.items.len() != queue.total,
        is_head: officer.is(Role::Head),
    };
    page.render(Meta::new(page.t("applications-queue-title")).staff("/staff"), &body)
}

/// An action of the flow as a form.
struct ActionHtml {
    id: String,
    label: String,
    needs_comment: bool,
    needs_reason: bool,
    /// Another official confirms before it takes effect.
    second: bool,
    kind: &'static str,
}

struct TaskHtml {
    id: String,
    title: String,
    unit: String,
    question: String,
    due: String,
    answer: String,
    answered: bool,
    positive: bool,
    /// This official's unit may close it.
    mine: bool,
}

struct VoteHtml {
    name: String,
    in_favour: bool,
    comment: String,
}

#[derive(Template)]
#[template(path = "applications/staff_case.html")]
struct CasePage<'a> {
    page: &'a Page,
    number: String,
    base: String,
    seq: i64,
    service: String,
    applicant: String,
    applicant_rows: Vec<(String, String)>,
    state: String,
    status: String,
    tag: &'static str,
    due: String,
    clock: String,
    urgency_text: String,
    urgency_tag: &'static str,
    officer: String,
    unit: String,
    submitted: String,
    fee: String,
    paid: String,
    answers: Vec<PageAnswers>,
    registers: Vec<String>,
    entries: Vec<EntryHtml>,
    actions: Vec<ActionHtml>,
    reasons: Vec<Choice>,
    tasks: Vec<TaskHtml>,
    votes: Vec<VoteHtml>,
    needed: i64,
    members: i64,
    may_vote: bool,
    /// What another official proposed, in words; empty = nothing.
    proposal: String,
    proposal_text: String,
    may_confirm: bool,
    may_take: bool,
    may_ask: bool,
    may_assign: bool,
    may_decide_appeal: bool,
    appeal_text: String,
    staff: Vec<Choice>,
    agencies: Vec<Choice>,
    /// Words on what went wrong with the last action; empty = nothing.
    problem: String,
    problem_kind: &'static str,
    /// The screen was stale: this is the fresh case.
    stale: bool,
    done: bool,
    limited: bool,
}

#[derive(Deserialize, Default)]
struct CaseAsked {
    #[serde(default)]
    done: String,
}

/// `/staff/cases/{number}`: everything about a case. Each look is recorded.
async fn show(who: Official, Path(number): Path<String>, Query(asked): Query<CaseAsked>) -> Result<Response, WebError> {
    let page = &who.page;
    let officer = officer(&who)?;
    works(&officer)?;
    let file = office::view(page.ctx(), &officer, &number, "case-work").await.map_err(|e| refuse(&page.t, e))?;
    render(&who, &officer, &file, String::new(), None, asked.done == "1").await
}

async fn render(
    who: &Official,
    officer: &Officer,
    file: &CaseFile,
    problem: String,
    status: Option<StatusCode>,
    done: bool,
) -> Result<Response, WebError> {
    let page = &who.page;
    let ctx = page.ctx();
    let lang = page.lang();
    let loaded = &file.loaded;
    let (case, definition) = (&loaded.case, &loaded.definition);
    let now = view::now(page, definition, case);
    let digits = case.submitted.number.clone();
    let files_base = format!("/staff/cases/{digits}/files");
    let urgency = crate::domain::deadline::urgency(case.due(), page.ctx().now(), &ctx.refdata.calendar);
    let (_, urgency_text, urgency_tag) = urgency_words(page, urgency);
    let person = &loaded.person;
    let mut applicant_rows = Vec::new();
    // Somebody acts for the applicant: who, in what capacity, and what proves it. The rows below are of the one who acts.
    if let Some(behalf) = &case.submitted.behalf {
        let one = &behalf.represented;
        if file.access == Access::Full {
            if let Some(pinfl) = &one.pinfl {
                applicant_rows.push((page.t("applications-person-pinfl"), pinfl.as_str().to_owned()));
            }
            if let Some(date) = &one.birth_date {
                applicant_rows.push((page.t("applications-person-birth"), page.t.date(date)));
            }
        }
        applicant_rows.push((page.t("applications-behalf-kind"), view::behalf_words(&page.t, Some(one))));
        let register = definition::register_info(&one.register)
            .map_or_else(|| one.register.clone(), |info| info.title.get(lang).into_owned());
        applicant_rows.push((page.t("applications-behalf-proof"), register));
        applicant_rows.push((page.t("applications-behalf-actor"), behalf.actor.clone()));
    }
    if file.access == Access::Full && case.erased_at.is_none() {
        if let Some(pinfl) = &person.pinfl {
            applicant_rows.push((page.t("applications-person-pinfl"), pinfl.as_str().to_owned()));
        }
        if let Some(passport) = &person.passport {
            applicant_rows.push((page.t("applications-person-passport"), passport.as_str().to_owned()));
        }
        if let Some(date) = &person.birth_date {
            applicant_rows.push((page.t("applications-person-birth"), page.t.date(date)));
        }
        if let Some(address) = &person.address {
            applicant_rows
                .push((page.t("applications-person-place"), ctx.refdata.place_name(address).get(lang).into_owned()));
        }
        if let Some(phone) = &person.phone {
            applicant_rows.push((page.t("applications-person-phone"), phone.spaced()));
        }
    }
    let worked = matches!(case.stage, Stage::Work { .. });
    let mut actions: Vec<ActionHtml> = Vec::new();
    for action in &file.actions {
        let kind = definition.state(&action.to).map(|state| state.kind);
        actions.push(ActionHtml {
            id: action.id.clone(),
            label: action.label.get(lang).into_owned(),
            needs_comment: action.needs.contains(&Need::Comment) || (worked && kind == Some(StateKind::Returned)),
            needs_reason: action.needs.contains(&Need::Reason),
            second: action.needs.contains(&Need::SecondPerson),
            kind: match kind {
                Some(StateKind::Refused) => "warning",
                Some(StateKind::Returned) => "secondary",
                _ => "primary",
            },
        });
    }
    let reasons = definition
        .flow()
        .reasons
        .iter()
        .map(|reason| Choice {
            value: reason.code.clone(),
            label: reason.text.get(lang).into_owned(),
            hint: reason.article.get(lang).into_owned(),
            checked: false,
        })
        .collect();
    let tasks = case
        .stage
        .tasks()
        .iter()
        .map(|task| TaskHtml {
            id: task.id.to_string(),
            title: task.title.get(lang).into_owned(),
            unit: view::unit_name(ctx, lang, &task.unit),
            question: task.question.clone(),
            due: task.due.map_or_else(String::new, |due| page.t.datetime(&due)),
            answer: task.answer.as_ref().map_or_else(String::new, |answer| answer.comment.clone()),
            answered: task.answer.is_some(),
            positive: task.answer.as_ref().is_some_and(|answer| answer.positive),
            mine: file.tasks.contains(&task.id),
        })
        .collect();
    let (votes, needed, members) = match &case.stage {
        Stage::Commission { votes, needed, members, .. } => {
            // A member sees the others' votes only after their own: votes are cast independently.
            let shown = if file.may_vote { Vec::new() } else { votes.clone() };
            let votes = shown
                .into_iter()
                .map(|vote| VoteHtml { name: vote.name, in_favour: vote.in_favour, comment: vote.comment })
                .collect();
            (votes, i64::from(*needed), i64::from(*members))
        }
        _ => (Vec::new(), 0, 0),
    };
    let staff = if file.may_assign {
        let current = case.stage.officer().map_or_else(String::new, |officer| officer.staff.to_string());
        office::candidates(ctx, officer, file)
            .await
            .map_err(|e| refuse(&page.t, e))?
            .into_iter()
            .map(|member| Choice::new(member.staff.to_string(), member.name, &current))
            .collect()
    } else {
        Vec::new()
    };
    let agencies = if file.may_ask {
        ctx.refdata
            .agencies
            .iter()
            .filter(|agency| agency.code != officer.unit.agency())
            .map(|agency| Choice::new(agency.code.as_str(), agency.name.get(lang), ""))
            .collect()
    } else {
        Vec::new()
    };
    let registers = case
        .submitted
        .registers
        .keys()
        .map(|name| {
            definition::register_info(name).map_or_else(|| name.clone(), |info| info.title.get(lang).into_owned())
        })
        .collect();
    let clock = match case.deadline {
        Deadline::Paused { .. } => page.t("applications-clock-paused"),
        Deadline::NotStarted { .. } => page.t("applications-clock-waiting"),
        Deadline::None => page.t("applications-clock-none"),
        Deadline::Running { .. } | Deadline::Over { .. } => String::new(),
    };
    let (proposal, proposal_text) = match &case.stage {
        Stage::Work { proposal: Some(proposal), .. } => {
            let label = definition.action(&proposal.action).map(|action| action.label.get(lang).into_owned());
            let label = label.unwrap_or_default();
            let words = page.t2("applications-event-proposed", "name", proposal.name.as_str(), "action", label);
            let reason =
                definition.reason(&proposal.reason).map(|r| format!("{} ({})", r.text.get(lang), r.article.get(lang)));
            let comment = (!proposal.comment.is_empty()).then(|| proposal.comment.clone());
            (words, reason.into_iter().chain(comment).collect::<Vec<_>>().join(" "))
        }
        _ => (String::new(), String::new()),
    };
    let may_vote = file.may_vote;
    let body = CasePage {
        page,
        number: number::group(&digits),
        base: page.href(&format!("/staff/cases/{digits}")),
        seq: case.seq,
        service: definition.passport().title.get(lang).into_owned(),
        applicant: case.submitted.applicant.clone(),
        applicant_rows,
        state: now.title,
        status: now.status,
        tag: now.tag,
        due: case.due().map_or_else(String::new, |due| page.t.datetime(&due)),
        clock,
        urgency_text,
        urgency_tag,
        officer: case.stage.officer().map_or_else(String::new, |officer| officer.name.clone()),
        unit: case.stage.unit().map_or_else(String::new, |unit| view::unit_name(ctx, lang, unit)),
        submitted: page.t.datetime(&case.submitted_at),
        fee: page.t.money(&case.submitted.total),
        paid: page.t.money(&case.paid),
        answers: view::answers(
            page,
            definition,
            &loaded.facts,
            &BTreeMap::new(),
            &files_base,
            file.access == Access::Full,
        ),
        registers,
        entries: view::history(page, definition, case, &loaded.history, true, &files_base),
        actions,
        reasons,
        tasks,
        votes,
        needed,
        members,
        may_vote,
        proposal,
        proposal_text,
        may_confirm: file.may_confirm,
        may_take: file.may_take,
        may_ask: file.may_ask,
        may_assign: file.may_assign,
        may_decide_appeal: file.may_decide_appeal,
        appeal_text: match &case.stage {
            Stage::Appeal { text, .. } => text.clone(),
            _ => String::new(),
        },
        staff,
        agencies,
        problem,
        problem_kind: if status == Some(StatusCode::CONFLICT) { "warning" } else { "error" },
        stale: status == Some(StatusCode::CONFLICT),
        done,
        limited: file.access == Access::Task,
    };
    let mut meta = Meta::new(body.service.clone()).staff("/staff");
    meta.status = status;
    page.render(meta, &body)
}

/// Shows what came of an action: back to the case, the fresh case for a stale screen, or the case with what is missing.
async fn answer(
    who: &Official,
    officer: &Officer,
    number: &str,
    result: Result<(), Error>,
) -> Result<Response, WebError> {
    let page = &who.page;
    let (problem, status) = match result {
        Ok(()) => {
            // An agency that has answered may have no more business with the case.
            return match office::open(page.ctx(), officer, number).await {
                Ok(_) => Ok(page.redirect(&format!("/staff/cases/{number}?done=1"))),
                Err(Error::NotFound) => Ok(page.redirect("/staff")),
                Err(error) => Err(refuse(&page.t, error)),
            };
        }
        Err(Error::Stale) => (page.t("applications-error-stale-staff"), StatusCode::CONFLICT),
        Err(Error::Action(error)) => {
            let status = match error {
                ActionError::NeedsComment
                | ActionError::NeedsReason
                | ActionError::NeedsFile
                | ActionError::TooLong => StatusCode::UNPROCESSABLE_ENTITY,
                _ => StatusCode::CONFLICT,
            };
            let error = refuse(&page.t, Error::Action(error));
            if error.status() == StatusCode::INTERNAL_SERVER_ERROR {
                return Err(error);
            }
            (error.message.map_or_else(String::new, |key| page.t(key)), status)
        }
        Err(error) => return Err(refuse(&page.t, error)),
    };
    let file = office::open(page.ctx(), officer, number).await.map_err(|e| refuse(&page.t, e))?;
    render(who, officer, &file, problem, Some(status), false).await
}

fn seq(posted: &Posted) -> i64 {
    posted.get("seq").parse().unwrap_or(0)
}

async fn take(who: Official, Path(number): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let officer = officer(&who)?;
    let result = office::take(who.page.ctx(), &officer, &number, seq(&posted)).await;
    answer(&who, &officer, &number, result).await
}

async fn assign(who: Official, Path(number): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let officer = officer(&who)?;
    let to: Option<StaffId> = posted.get("staff").parse().ok();
    let result = office::assign(who.page.ctx(), &officer, &number, seq(&posted), to).await;
    answer(&who, &officer, &number, result).await
}

async fn act(who: Official, Path(number): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let officer = officer(&who)?;
    let result = office::act(
        who.page.ctx(),
        &officer,
        &number,
        seq(&posted),
        posted.get("action"),
        posted.get("comment").to_owned(),
        posted.get("reason").to_owned(),
        Vec::new(),
    )
    .await;
    answer(&who, &officer, &number, result).await
}

async fn confirm(who: Official, Path(number): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let officer = officer(&who)?;
    let confirmed = posted.get("answer") == "yes";
    let comment = posted.get("comment").to_owned();
    let result = office::confirm(who.page.ctx(), &officer, &number, seq(&posted), confirmed, comment).await;
    answer(&who, &officer, &number, result).await
}

async fn ask(who: Official, Path(number): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let officer = officer(&who)?;
    let question = posted.get("question").to_owned();
    let result = office::ask(who.page.ctx(), &officer, &number, seq(&posted), posted.get("agency"), question).await;
    answer(&who, &officer, &number, result.map(drop)).await
}

async fn close_task(who: Official, Path(number): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let officer = officer(&who)?;
    let task: TaskId = posted.get("task").parse().map_err(|_| WebError::not_found())?;
    let positive = posted.get("answer") == "yes";
    let comment = posted.get("comment").to_owned();
    let result = office::close_task(who.page.ctx(), &officer, &number, seq(&posted), task, positive, comment).await;
    answer(&who, &officer, &number, result).await
}

async fn vote(who: Official, Path(number): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let officer = officer(&who)?;
    let in_favour = posted.get("vote") == "yes";
    let comment = posted.get("comment").to_owned();
    let result = office::vote(who.page.ctx(), &officer, &number, seq(&posted), in_favour, comment).await;
    answer(&who, &officer, &number, result).await
}

async fn decide_appeal(who: Official, Path(number): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let officer = officer(&who)?;
    let granted = posted.get("decision") == "granted";
    let comment = posted.get("comment").to_owned();
    let result = office::decide_appeal(who.page.ctx(), &officer, &number, seq(&posted), granted, comment).await;
    answer(&who, &officer, &number, result).await
}

/// A file of a case.
async fn file(who: Official, Path((number, file)): Path<(String, String)>) -> Result<Response, WebError> {
    let page = &who.page;
    let officer = officer(&who)?;
    works(&officer)?;
    let file: FileId = file.parse().map_err(|_| WebError::not_found())?;
    let download = files::of_case(page.ctx(), &officer, &number, file).await.map_err(|e| refuse(&page.t, e))?;
    Ok(send(download))
}

struct OfficerRow {
    name: String,
    open: i64,
    late: i64,
    ended: i64,
    late_share: String,
}

#[derive(Template)]
#[template(path = "applications/staff_unit.html")]
struct UnitPage<'a> {
    page: &'a Page,
    unit: String,
    open: i64,
    late: i64,
    late_kind: &'static str,
    soon: i64,
    soon_kind: &'static str,
    free: i64,
    ended: i64,
    approved: i64,
    refused: i64,
    late_share: String,
    officers: Vec<OfficerRow>,
    services: Vec<OfficerRow>,
    late_rows: Vec<Row>,
    appeals: Vec<Row>,
}

fn share(part: i64, whole: i64) -> String {
    if whole == 0 { "—".to_owned() } else { format!("{} %", (part * 100 + whole / 2) / whole) }
}

/// `/staff/unit`: load and lateness, for the head.
async fn unit(who: Head) -> Result<Response, WebError> {
    let page = &who.page;
    let officer = officer(&who)?;
    let load = office::unit_load(page.ctx(), &officer).await.map_err(|e| refuse(&page.t, e))?;
    let mut titles = BTreeMap::new();
    let mut late_rows = Vec::new();
    for item in &load.late_items {
        late_rows.push(row(page, item, &mut titles).await);
    }
    let mut appeals = Vec::new();
    for item in &load.appeals {
        appeals.push(row(page, item, &mut titles).await);
    }
    let mut services = Vec::new();
    for entry in &load.by_service {
        services.push(OfficerRow {
            name: view::service_title(page, &entry.service).await,
            open: int(entry.open),
            late: int(entry.late),
            ended: entry.ended,
            late_share: share(entry.ended_late, entry.ended),
        });
    }
    let body = UnitPage {
        page,
        unit: view::unit_name(page.ctx(), page.lang(), &load.unit),
        open: int(load.open),
        late: int(load.late),
        late_kind: if load.late > 0 { "danger" } else { "" },
        soon: int(load.soon),
        soon_kind: if load.soon > 0 { "warning" } else { "" },
        free: int(load.free),
        ended: load.ended,
        approved: load.approved,
        refused: load.refused,
        late_share: share(load.ended_late, load.ended),
        officers: load
            .by_officer
            .iter()
            .map(|entry| OfficerRow {
                name: entry.name.clone(),
                open: int(entry.open),
                late: int(entry.late),
                ended: entry.ended,
                late_share: share(entry.ended_late, entry.ended),
            })
            .collect(),
        services,
        late_rows,
        appeals,
    };
    page.render(Meta::new(page.t("applications-unit-title")).staff("/staff/unit"), &body)
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_rounded_to_whole_percents() {
        assert_eq!(share(1, 3), "33 %");
        assert_eq!(share(2, 3), "67 %");
        assert_eq!(share(0, 0), "—");
    }
}
