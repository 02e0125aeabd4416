//! The list of a person's cases and drafts.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use kernel::id::CaseId;
use serde::Deserialize;
use web::ui::Link;
use web::{Citizen, Meta, Page, WebError};

use crate::domain::number;
use crate::http::{refuse, view};
use crate::service::citizen;
use crate::store::{self, CaseFilter};

/// Cases of one screen.
const PAGE: u32 = 20;

#[derive(Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    show: String,
    #[serde(default)]
    before: String,
}

struct Row {
    href: String,
    title: String,
    number: String,
    submitted: String,
    due: String,
    status: String,
    tag: &'static str,
    /// Name of the one for whom it is; empty = for oneself.
    behalf: String,
    /// It is the applicant's turn.
    yours: bool,
}

struct DraftRow {
    base: String,
    href: String,
    title: String,
    saved: String,
    behalf: String,
}

#[derive(Template)]
#[template(path = "applications/cases.html")]
struct CasesPage<'a> {
    page: &'a Page,
    tabs: Vec<Link>,
    rows: Vec<Row>,
    drafts: Vec<DraftRow>,
    next: String,
    filtered: bool,
}

/// `/cabinet/cases`.
pub async fn cases(who: Citizen, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let page = &who.page;
    let ctx = page.ctx();
    let filter = match asked.show.as_str() {
        "open" => CaseFilter::Open,
        "ended" => CaseFilter::Ended,
        _ => CaseFilter::All,
    };
    let before: Option<CaseId> = asked.before.parse().ok();
    let mut found = citizen::list(ctx, who.subject, filter, before, PAGE + 1).await.map_err(|e| refuse(&page.t, e))?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let show = if asked.show.is_empty() { "all" } else { asked.show.as_str() };
    let next = match found.last() {
        Some(last) if more => page.href(&format!("/cabinet/cases?show={show}&before={}", last.id)),
        _ => String::new(),
    };
    let mut rows = Vec::with_capacity(found.len());
    for case in &found {
        rows.push(Row {
            href: page.href(&format!("/cases/{}", case.id)),
            title: view::service_title(page, &case.service).await,
            number: number::group(&case.number),
            submitted: page.t.day(&case.submitted_at),
            due: case.due.map_or_else(String::new, |due| page.t.day(&due)),
            status: page.t(&match case.stage.as_str() {
                "returned" => "applications-status-returned".to_owned(),
                _ => format!("applications-status-{}", view::status_key(&case.status)),
            }),
            tag: view::tag_of(&case.status, &case.stage),
            behalf: case.behalf.clone(),
            yours: matches!(case.stage.as_str(), "returned" | "payment"),
        });
    }
    let mut drafts = Vec::new();
    if before.is_none() && filter != CaseFilter::Ended {
        for draft in store::open_drafts(&ctx.db, who.subject).await? {
            drafts.push(DraftRow {
                href: page.href(&format!("/drafts/{}/{}", draft.id, draft.page)),
                title: view::service_title(page, &draft.service).await,
                saved: page.t.datetime(&draft.updated_at),
                behalf: draft.behalf.as_ref().map_or_else(String::new, definition::Represented::full_name),
                base: page.href(&format!("/drafts/{}", draft.id)),
            });
        }
    }
    let tab = |name: &str, key: &str| {
        let mut link = Link::new(page.href(&format!("/cabinet/cases?show={name}")), page.t(key));
        link.current = show == name;
        link
    };
    let body = CasesPage {
        page,
        tabs: vec![
            tab("all", "applications-tab-all"),
            tab("open", "applications-tab-open"),
            tab("ended", "applications-tab-ended"),
        ],
        rows,
        drafts,
        next,
        filtered: filter != CaseFilter::All || before.is_some(),
    };
    page.render(Meta::new(page.t("applications-cases-title")).cabinet("/cabinet/cases"), &body)
}
