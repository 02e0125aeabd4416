//! The form of a revision, as people would see it: for the staff who work on definitions. Nothing is stored.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use definition::{Definition, Facts};
use web::{AppState, CatalogueStaff, Meta, Page, Posted, WebError};

use super::{problems, view};

pub(super) fn router() -> axum::Router<AppState> {
    axum::Router::new().route("/staff/catalogue/revisions/{id}/form/{number}", get(show).post(check))
}

#[derive(Template)]
#[template(path = "applications/draft-preview.html")]
struct PreviewPage<'a> {
    page: &'a Page,
    service: String,
    heading: String,
    base: String,
    number: usize,
    steps: Vec<String>,
    fields: Vec<view::FieldHtml>,
    errors: Vec<web::FieldProblem>,
    back: String,
    next: String,
    accepted: bool,
}

async fn definition(who: &CatalogueStaff, id: &str) -> Result<std::sync::Arc<Definition>, WebError> {
    let ctx = who.page.ctx();
    ctx.ports.catalog.revision(ctx, id).await?.ok_or_else(WebError::not_found)
}

/// What is known of the person who looks: nothing but the day.
fn facts(page: &Page) -> Facts {
    let today = page.ctx().today();
    Facts { today, bhm: Some(page.ctx().refdata.bhm(today)), ..Facts::default() }
}

fn render(
    page: &Page,
    definition: &Definition,
    id: &str,
    number: usize,
    facts: &Facts,
    errors: Vec<web::FieldProblem>,
    posted: bool,
) -> Result<Response, WebError> {
    let form = definition.pages().get(number.wrapping_sub(1)).ok_or_else(WebError::not_found)?;
    let lang = page.lang();
    let mut steps: Vec<String> = definition.pages().iter().map(|form| form.title.get(lang).into_owned()).collect();
    steps.push(page.t("applications-check-step"));
    let path = format!("/staff/catalogue/revisions/{id}");
    let heading = form.title.get(lang).into_owned();
    let service = definition.passport().title.get(lang).into_owned();
    let body = PreviewPage {
        page,
        fields: view::page_fields(page, definition, facts, number - 1, &BTreeMap::new(), &errors),
        base: page.href(&format!("{path}/form/{number}")),
        number,
        steps,
        accepted: posted && errors.is_empty(),
        back: if number > 1 { page.href(&format!("{path}/form/{}", number - 1)) } else { page.href(&path) },
        next: if number < definition.pages().len() {
            page.href(&format!("{path}/form/{}", number + 1))
        } else {
            String::new()
        },
        service: service.clone(),
        heading: heading.clone(),
        errors,
    };
    let mut meta = Meta::new(format!("{heading} – {service}"));
    if posted && !body.accepted {
        meta = meta.status(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let mut response = page.render(meta, &body)?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(web::headers::FRAMED));
    Ok(response)
}

async fn show(who: CatalogueStaff, Path((id, number)): Path<(String, usize)>) -> Result<Response, WebError> {
    let definition = definition(&who, &id).await?;
    let mut facts = facts(&who.page);
    facts.answers = definition.prefill(&facts);
    render(&who.page, &definition, &id, number, &facts, Vec::new(), false)
}

/// Checks a page as the applicant's would be checked.
async fn check(
    who: CatalogueStaff,
    Path((id, number)): Path<(String, usize)>,
    posted: Posted,
) -> Result<Response, WebError> {
    let definition = definition(&who, &id).await?;
    let mut facts = facts(&who.page);
    let fields = view::posted_fields(&definition, posted.fields());
    let (answers, wrong) = definition.parse_page(number.saturating_sub(1), &fields, &facts);
    facts.answers = answers;
    let errors = problems(&who.page.t, &wrong);
    render(&who.page, &definition, &id, number, &facts, errors, true)
}
