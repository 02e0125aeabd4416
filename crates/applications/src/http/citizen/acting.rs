//! Pages: for whom one acts; what was sent for an organisation.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use kernel::id::CaseId;
use kernel::person::Stir;
use serde::Deserialize;
use web::ui::Choice;
use web::{Citizen, FieldProblem, Meta, Page, Posted, WebError};

use crate::domain::behalf::BehalfRefused;
use crate::domain::number;
use crate::http::{behalf_key, refuse, view};
use crate::service::Error;
use crate::service::acting::{self, Chosen};

/// The choice of oneself.
const OWN: &str = "self";
/// The choice of a power of attorney by its number.
const ATTORNEY: &str = "attorney";
/// Cases of one screen.
const PAGE: u32 = 20;

#[derive(Template)]
#[template(path = "applications/acting.html")]
struct ActingPage<'a> {
    page: &'a Page,
    whom: Vec<Choice>,
    number: String,
    errors: Vec<FieldProblem>,
    whom_error: String,
    number_error: String,
    away: Vec<String>,
}

/// `/cabinet/acting`.
pub async fn show(who: Citizen) -> Result<Response, WebError> {
    form(&who, "", "", None).await
}

async fn form(who: &Citizen, chosen: &str, number: &str, refused: Option<BehalfRefused>) -> Result<Response, WebError> {
    let page = &who.page;
    let choices = acting::everybody(page.ctx(), who.subject).await.map_err(|error| refuse(&page.t, error))?;
    let now = match (&page.acting, chosen) {
        (_, chosen) if !chosen.is_empty() => chosen.to_owned(),
        (None, _) => OWN.to_owned(),
        (Some(acting), _) => acting::preselected(&choices, acting).map_or(ATTORNEY, |choice| &choice.token).to_owned(),
    };
    let mut whom = vec![Choice::new(OWN, page.t("applications-acting-self"), &now)];
    for choice in &choices.listed {
        let words = view::behalf_words(&page.t, Some(&choice.represented));
        whom.push(Choice::new(choice.token.as_str(), words, &now));
    }
    whom.push(Choice::new(ATTORNEY, page.t("applications-for-attorney-choice"), &now));
    let message = refused.map_or_else(String::new, |refused| page.t(behalf_key(refused)));
    let at_number = chosen == ATTORNEY;
    let errors = refused
        .map(|_| FieldProblem {
            field: if at_number { "attorney_number" } else { "for" }.to_owned(),
            code: "behalf".to_owned(),
            message: message.clone(),
        })
        .into_iter()
        .collect();
    let (whom_error, number_error) = if at_number { (String::new(), message) } else { (message, String::new()) };
    let title = |name: &String| {
        definition::register_info(name).map_or_else(|| name.clone(), |info| info.title.get(page.lang()).into_owned())
    };
    let number = match &page.acting {
        Some(acting) if number.is_empty() && now == ATTORNEY => acting.key.clone(),
        _ => number.to_owned(),
    };
    let away = choices.away.iter().map(title).collect();
    let body = ActingPage { page, whom, number, errors, whom_error, number_error, away };
    let mut meta = Meta::new(page.t("applications-acting-title")).cabinet("/cabinet/mandates");
    meta.status = refused.map(|_| StatusCode::UNPROCESSABLE_ENTITY);
    page.render(meta, &body)
}

/// Remembers the choice, or goes back to oneself.
pub async fn choose(who: Citizen, posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let (whom, number) = (posted.get("for").to_owned(), posted.get("attorney_number").to_owned());
    let chosen = match whom.as_str() {
        OWN => Chosen::Oneself,
        ATTORNEY => Chosen::Attorney(number.clone()),
        token => Chosen::Listed(token.to_owned()),
    };
    match acting::choose(page.ctx(), who.subject, &who.principal, &chosen).await {
        Ok(()) => Ok(page.redirect("/cabinet")),
        Err(Error::Behalf(refused)) => form(&who, &whom, &number, Some(refused)).await,
        Err(error) => Err(refuse(&page.t, error)),
    }
}

#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    before: String,
}

struct Row {
    /// The case itself, when it is in the reader's own cabinet; else empty.
    href: String,
    title: String,
    number: String,
    submitted: String,
    actor: String,
    status: String,
    tag: &'static str,
}

#[derive(Template)]
#[template(path = "applications/organisation_cases.html")]
struct OrganisationCases<'a> {
    page: &'a Page,
    name: String,
    rows: Vec<Row>,
    next: String,
}

/// `/cabinet/organisations/{stir}/cases`: what was sent for an organisation, for whoever may see it.
pub async fn organisation(
    who: Citizen,
    Path(stir): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let page = &who.page;
    let stir = Stir::parse(&stir).map_err(|_| WebError::not_found())?;
    let before: Option<CaseId> = asked.before.parse().ok();
    let (name, mut found) = acting::sent_for(page.ctx(), who.subject, &stir, before, PAGE + 1)
        .await
        .map_err(|error| refuse(&page.t, error))?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let base = format!("/cabinet/organisations/{}", stir.as_str());
    let next = match found.last() {
        Some(last) if more => page.href(&format!("{base}/cases?before={}", last.case)),
        _ => String::new(),
    };
    let mut rows = Vec::with_capacity(found.len());
    for case in found {
        let own = case.subject == who.subject;
        rows.push(Row {
            href: if own { page.href(&format!("/cases/{}", case.case)) } else { String::new() },
            title: view::service_title(page, &case.service).await,
            number: number::group(&case.number),
            submitted: page.t.day(&case.submitted_at),
            status: page.t(&match case.stage.as_str() {
                "returned" => "applications-status-returned".to_owned(),
                _ => format!("applications-status-{}", view::status_key(&case.status)),
            }),
            tag: view::tag_of(&case.status, &case.stage),
            actor: case.actor,
        });
    }
    let body = OrganisationCases { page, rows, next, name: name.clone() };
    page.render(Meta::new(name).cabinet("/cabinet/mandates"), &body)
}
