//! A life situation as a guided checklist.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use definition::Definition;
use refdata::{LifeSituation, LifeStep, StepTime};
use web::ui::Link;
use web::{Citizen, Meta, Page, Posted, WebError};

use super::html::offered;
use super::view::{self, Card, Tile};
use crate::domain::life::{self, Mark, Standing};
use crate::service;

/// A step as it is shown.
struct StepView {
    id: String,
    /// Place in the list, from 1.
    n: usize,
    what: String,
    ask: String,
    when: String,
    /// Name and address of the service; empty when the step is done elsewhere.
    service: String,
    href: String,
    /// Agency and term, price.
    meta: String,
    /// The service is not on the portal yet.
    later: bool,
    /// State of the timeline: `done`, `now`, `next`, `stopped`.
    state: &'static str,
    tag: String,
    tag_kind: &'static str,
    /// What the person may say of it: `done`, `skip`, `clear`.
    marks: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "catalog/life.html")]
struct LifePage<'a> {
    page: &'a Page,
    trail: Vec<Link>,
    title: String,
    steps: Vec<StepView>,
    /// "2 of 4 done"; empty for a visitor.
    progress: String,
    done: u64,
    of: u64,
    action: String,
    /// Where a visitor signs in, coming back here.
    sign_in: String,
    others: Vec<Card>,
    situations: Vec<Tile>,
}

fn find(page: &Page, code: &str) -> Result<LifeSituation, WebError> {
    page.ctx().refdata.life_situation(code).cloned().ok_or_else(WebError::not_found)
}

/// `/life/{situation}`: for a visitor a plain list, nothing of which is kept; for a person what was done so far.
pub(crate) async fn situation(page: Page, Path(code): Path<String>) -> Result<Response, WebError> {
    let ctx = page.ctx();
    let situation = find(&page, &code)?;
    let all = offered(&page).await?;
    let subject = page.principal.as_ref().and_then(contracts::Principal::subject);
    let standings = match subject {
        None => None,
        Some(subject) => {
            let marks = service::life::marks(ctx, subject, &situation.code).await?;
            let cases = match ctx.ports.cases.of_person(ctx, subject).await {
                Ok(cases) => cases,
                Err(err) => {
                    // The list is worth having without what the cases say.
                    tracing::warn!(%err, "no cases for a checklist");
                    Vec::new()
                }
            };
            Some(life::standings(&situation.steps, &marks, &cases))
        }
    };
    let by_code: BTreeMap<&str, &Arc<Definition>> = all.iter().map(|one| (one.code().as_str(), one)).collect();
    let steps = situation
        .steps
        .iter()
        .enumerate()
        .map(|(n, step)| {
            let service = step.service.as_deref().and_then(|code| by_code.get(code)).copied();
            step_view(&page, n + 1, step, service, standings.as_ref().and_then(|all| all.get(n)))
        })
        .collect();
    let others = all.iter().filter(|one| {
        view::belongs(one, &situation) && !situation.services.iter().any(|code| code == one.code().as_str())
    });
    let here = page.href(&format!("/life/{code}"));
    let title = situation.title.get(page.lang()).into_owned();
    let (done, of) = standings.as_deref().map(life::progress).unwrap_or_default();
    let body = LifePage {
        page: &page,
        trail: vec![Link::new(page.href("/life"), page.t("catalog-life-title"))],
        steps,
        progress: if standings.is_some() {
            page.t2("catalog-life-progress", "done", done, "of", of)
        } else {
            String::new()
        },
        done: u64::try_from(done).unwrap_or(0),
        of: u64::try_from(of).unwrap_or(0).max(1),
        sign_in: page.href(&format!("/sign-in?next=%2Flife%2F{code}")),
        others: view::cards(&page, others),
        situations: view::situations(&page, &all).into_iter().filter(|tile| tile.href != here).collect(),
        action: here,
        title: title.clone(),
    };
    let description = page.t1("catalog-life-meta", "title", &title);
    page.render(Meta::public(title).description(description), &body)
}

fn step_view(
    page: &Page,
    n: usize,
    step: &LifeStep,
    service: Option<&Arc<Definition>>,
    standing: Option<&Standing>,
) -> StepView {
    let lang = page.lang();
    let (state, tag, tag_kind): (_, _, &'static str) = match standing {
        None => ("next", String::new(), ""),
        Some(Standing::Marked(Mark::Done)) => ("done", page.t("catalog-life-done"), "success"),
        Some(Standing::Given { number }) => ("done", page.t1("catalog-life-given", "number", number), "success"),
        Some(Standing::Underway { number }) => ("now", page.t1("catalog-life-underway", "number", number), "progress"),
        Some(Standing::Marked(Mark::Skip)) => ("stopped", page.t("catalog-life-skipped"), "neutral"),
        Some(Standing::Now) => ("now", page.t("catalog-life-now"), "new"),
        Some(Standing::Todo) => ("next", String::new(), ""),
        Some(Standing::Maybe) => ("next", page.t("catalog-life-maybe"), "neutral"),
    };
    let marks = match standing {
        None | Some(Standing::Given { .. } | Standing::Underway { .. }) => Vec::new(),
        Some(Standing::Marked(_)) => vec!["clear"],
        Some(Standing::Now | Standing::Todo | Standing::Maybe) => vec!["done", "skip"],
    };
    let card = service.map(|definition| view::card(page, definition));
    StepView {
        id: step.id.clone(),
        n,
        what: step.what.get(lang).into_owned(),
        ask: step.ask.as_ref().map_or_else(String::new, |ask| ask.get(lang).into_owned()),
        when: match step.by {
            StepTime::First => page.t("catalog-life-by-first"),
            StepTime::Next => page.t("catalog-life-by-next"),
            StepTime::Later => page.t("catalog-life-by-later"),
            StepTime::Needed => page.t("catalog-life-by-needed"),
        },
        later: step.service.is_some() && card.is_none(),
        meta: card.as_ref().map_or_else(String::new, |card| format!("{} · {}", card.meta, card.badge)),
        href: card.as_ref().map_or_else(String::new, |card| card.href.clone()),
        service: card.map_or_else(String::new, |card| card.title),
        state,
        tag,
        tag_kind,
        marks,
    }
}

/// Keeps what a person says of a step: done, does not concern me, or neither.
pub(crate) async fn mark(who: Citizen, Path(code): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let situation = find(page, &code)?;
    let step = posted.get("step");
    if !situation.steps.iter().any(|known| known.id == step) {
        return Err(WebError::not_found());
    }
    let mark = match posted.get("mark") {
        "clear" => None,
        text => Some(Mark::parse(text).ok_or_else(|| WebError::bad_request("CATALOG_MARK"))?),
    };
    service::life::put_mark(page.ctx(), who.subject, &situation.code, step, mark).await?;
    Ok(page.redirect(&format!("/life/{code}#step-{step}")))
}
