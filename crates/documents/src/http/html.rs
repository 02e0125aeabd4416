//! Pages: own documents, the public check, the official's page of a document.

use askama::Template;
use async_trait::async_trait;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use contracts::Ctx;
use kernel::id::{DocumentId, SubjectId};
use serde::Deserialize;
use web::i18n::T;
use web::module::{Card, CardLine};
use web::{AppState, CabinetCard, Citizen, FieldProblem, Meta, Official, Page, Posted, PostedOpen, WebError};

use super::{file, file_id};
use crate::domain::number;
use crate::domain::verdict::{Verdict, verdict};
use crate::service::{self, Actor, Checked, Revocation};
use crate::store::{self, Document};

/// Paths without the language.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/cabinet/documents", get(list))
        .route("/cabinet/documents/{id}", get(one))
        .route("/documents/{file}", get(download))
        .route("/v/{number}/{code}", get(short_link))
        .route("/verify", get(verify))
        .route("/verify/file", get(verify).post(verify_file))
        .route("/verify/{number}", get(verify_number))
        .route("/staff/documents/{subject}/{id}", get(staff_document))
        .route("/staff/documents/{subject}/{id}/pdf", get(staff_download))
        .route("/staff/documents/{subject}/{id}/revoke", post(revoke))
}

/// Entries of a page of the list.
const PAGE: u32 = 20;

#[derive(Deserialize, Default)]
struct Before {
    #[serde(default)]
    before: String,
}

/// A document in the list.
struct Item {
    href: String,
    title: String,
    number: String,
    issued: String,
    until: String,
    state: String,
    kind: &'static str,
    reason: String,
    pdf: String,
    check: String,
    case_number: String,
    case_href: String,
}

#[derive(Template)]
#[template(path = "documents/list.html")]
struct List<'a> {
    page: &'a Page,
    items: Vec<Item>,
    next: String,
}

fn state_words(t: &T, verdict: Verdict) -> (String, &'static str) {
    match verdict {
        Verdict::Valid => (t.t("documents-state-valid"), "success"),
        Verdict::Altered => (t.t("documents-state-altered"), "danger"),
        Verdict::Revoked => (t.t("documents-state-revoked"), "danger"),
        Verdict::Expired => (t.t("documents-state-expired"), "warning"),
        Verdict::Unknown => (t.t("documents-state-unknown"), "danger"),
    }
}

fn item(page: &Page, document: &Document) -> Item {
    let t = &page.t;
    let now = verdict(None, document.revoked.is_some(), document.valid_until, page.ctx().today());
    let (state, kind) = state_words(t, now);
    Item {
        href: page.href(&format!("/cabinet/documents/{}", document.id)),
        title: document.title.get(page.lang()).into_owned(),
        number: number::shown(&document.number),
        issued: t.day(&document.issued_at),
        until: document.valid_until.map(|day| t.date(&day)).unwrap_or_default(),
        state,
        kind,
        reason: document.revoked.as_ref().map(|revoked| revoked.reason.clone()).unwrap_or_default(),
        pdf: page.href(&format!("/documents/{}.pdf", document.id)),
        check: page.href(&format!("/verify/{}?code={}", document.number, document.code)),
        case_number: number::case_shown(&document.case_number),
        case_href: page.href(&format!("/cases/{}", document.case)),
    }
}

async fn list(citizen: Citizen, Query(query): Query<Before>) -> Result<Response, WebError> {
    let before = query.before.parse::<DocumentId>().ok();
    let mut found = service::list(citizen.ctx(), citizen.subject, before, PAGE + 1).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let next = match found.last().filter(|_| more) {
        Some(last) => citizen.href(&format!("/cabinet/documents?before={}", last.id)),
        None => String::new(),
    };
    let items = found.iter().map(|document| item(&citizen.page, document)).collect();
    let meta = Meta::new(citizen.t("documents-list-title")).cabinet("/cabinet/documents");
    citizen.render(meta, &List { page: &citizen.page, items, next })
}

#[derive(Template)]
#[template(path = "documents/document.html")]
struct One<'a> {
    page: &'a Page,
    item: Item,
    agency: String,
    holder: String,
    code: String,
    /// The QR code that leads to the check, to be shown from the screen; safe mark-up.
    qr: String,
    sha256: String,
}

async fn one(citizen: Citizen, Path(id): Path<String>) -> Result<Response, WebError> {
    let id = id.parse().map_err(|_| WebError::not_found())?;
    let document = service::document(citizen.ctx(), citizen.subject, id).await?.ok_or_else(WebError::not_found)?;
    let page = &citizen.page;
    let public = &citizen.ctx().settings.public_url;
    let body = One {
        page,
        item: item(page, &document),
        agency: agency(page, &document),
        holder: document.holder.clone(),
        code: number::code_shown(&document.code),
        qr: web::qr::svg(&format!("{public}/v/{}/{}", document.number, document.code)).unwrap_or_default(),
        sha256: document.sha256.clone(),
    };
    page.render(Meta::new(document.title.get(page.lang())).cabinet("/cabinet/documents"), &body)
}

/// Name of the issuing agency.
fn agency(page: &Page, document: &Document) -> String {
    let known = page.ctx().refdata.agency(&document.agency);
    known.map_or_else(|| document.agency.clone(), |agency| agency.name.get(page.lang()).into_owned())
}

async fn download(citizen: Citizen, Path(name): Path<String>) -> Result<Response, WebError> {
    let id = file_id(&name)?;
    let document = service::document(citizen.ctx(), citizen.subject, id).await?.ok_or_else(WebError::not_found)?;
    let pdf = service::pdf(citizen.ctx(), &document).await?;
    Ok(file(&document, pdf))
}

/// What the QR code holds, as short as it can be: leads to the page of the check in the reader's language.
async fn short_link(page: Page, Path((number, code)): Path<(String, String)>) -> Response {
    match (number::parse(&number), number::parse_code(&code)) {
        (Some(number), Some(code)) => page.redirect(&format!("/verify/{number}?code={code}")),
        _ => page.redirect("/verify"),
    }
}

#[derive(Template)]
#[template(path = "documents/verify.html")]
struct Verify<'a> {
    page: &'a Page,
    number: String,
    code: String,
    errors: Vec<FieldProblem>,
    number_error: String,
    code_error: String,
    file_error: String,
}

impl<'a> Verify<'a> {
    fn new(page: &'a Page) -> Self {
        let empty = String::new;
        Self {
            page,
            number: empty(),
            code: empty(),
            errors: Vec::new(),
            number_error: empty(),
            code_error: empty(),
            file_error: empty(),
        }
    }

    fn wrong(&mut self, field: &str, message: String) {
        match field {
            "number" => self.number_error = message.clone(),
            "code" => self.code_error = message.clone(),
            _ => self.file_error = message.clone(),
        }
        self.errors.push(FieldProblem { field: field.to_owned(), code: field.to_owned(), message });
    }

    fn show(self) -> Result<Response, WebError> {
        let page = self.page;
        let meta = Meta::public(page.t("documents-verify-title")).description(page.t("documents-verify-lead"));
        let meta = if self.errors.is_empty() { meta } else { meta.status(StatusCode::UNPROCESSABLE_ENTITY) };
        page.render(meta, &self)
    }
}

#[derive(Deserialize, Default)]
struct CheckQuery {
    number: Option<String>,
    #[serde(default)]
    code: String,
}

/// The form; with a number in the query (the form without JavaScript sends it so) leads on to the result.
async fn verify(page: Page, Query(query): Query<CheckQuery>) -> Result<Response, WebError> {
    let mut form = Verify::new(&page);
    let Some(number) = query.number else { return form.show() };
    form.number = number.trim().to_owned();
    form.code = query.code.trim().to_owned();
    let (parsed, code) = (number::parse(&form.number), number::parse_code(&form.code));
    if let (Some(number), Some(code)) = (&parsed, &code) {
        return Ok(page.redirect(&format!("/verify/{number}?code={code}")));
    }
    if parsed.is_none() {
        form.wrong("number", page.t("documents-verify-number-error"));
    }
    if code.is_none() {
        form.wrong("code", page.t("documents-verify-code-error"));
    }
    form.show()
}

async fn verify_number(
    page: Page,
    Path(number): Path<String>,
    Query(query): Query<CheckQuery>,
) -> Result<Response, WebError> {
    if query.code.is_empty() {
        let mut form = Verify::new(&page);
        form.number = number::parse(&number).map(|number| number::shown(&number)).unwrap_or_default();
        return form.show();
    }
    let checked = service::check_code(page.ctx(), &number, &query.code).await?;
    result(&page, &checked)
}

async fn verify_file(page: Page, posted: PostedOpen) -> Result<Response, WebError> {
    let Some(upload) = posted.files.iter().find(|upload| !upload.bytes.is_empty()) else {
        let mut form = Verify::new(&page);
        form.wrong("file", page.t("documents-verify-file-error"));
        return form.show();
    };
    let checked = service::check_file(page.ctx(), upload.bytes.to_vec()).await?;
    result(&page, &checked)
}

#[derive(Template)]
#[template(path = "documents/result.html")]
struct Outcome<'a> {
    page: &'a Page,
    /// `valid`, `altered`, `revoked`, `expired`, `unknown`.
    name: &'static str,
    kind: &'static str,
    title: String,
    text: String,
    facts: Vec<(String, String)>,
    technical: Vec<(String, String)>,
}

fn result(page: &Page, checked: &Checked) -> Result<Response, WebError> {
    let t = &page.t;
    let (name, kind, title, text) = match checked.verdict {
        Verdict::Valid if checked.file => {
            ("valid", "success", t.t("documents-result-valid"), t.t("documents-result-valid-file-text"))
        }
        Verdict::Valid => ("valid", "success", t.t("documents-result-valid"), t.t("documents-result-valid-text")),
        Verdict::Altered => ("altered", "error", t.t("documents-result-altered"), t.t("documents-result-altered-text")),
        Verdict::Revoked => ("revoked", "error", t.t("documents-result-revoked"), t.t("documents-result-revoked-text")),
        Verdict::Expired => {
            ("expired", "warning", t.t("documents-result-expired"), t.t("documents-result-expired-text"))
        }
        Verdict::Unknown if checked.file => {
            ("unknown", "error", t.t("documents-result-unknown"), t.t("documents-result-unknown-file-text"))
        }
        Verdict::Unknown => ("unknown", "error", t.t("documents-result-unknown"), t.t("documents-result-unknown-text")),
    };
    let mut facts = Vec::new();
    let mut technical = Vec::new();
    if let Some(document) = &checked.document {
        facts.push((t.t("documents-fact-title"), document.title.get(page.lang()).into_owned()));
        facts.push((t.t("documents-fact-number"), number::shown(&document.number)));
        facts.push((t.t("documents-fact-agency"), agency(page, document)));
        facts.push((t.t("documents-fact-holder"), document.holder.clone()));
        facts.push((t.t("documents-fact-issued"), t.day(&document.issued_at)));
        let until = document.valid_until.map_or_else(|| t.t("documents-fact-no-end"), |day| t.date(&day));
        facts.push((t.t("documents-fact-until"), until));
        if let Some(revoked) = &document.revoked {
            facts.push((t.t("documents-fact-revoked"), t.day(&revoked.at)));
        }
        technical.push((t.t("documents-fact-sha256"), document.sha256.clone()));
        technical.push((t.t("documents-fact-signature"), data_encoding::BASE64.encode(&document.signature)));
        technical.push((t.t("documents-fact-record"), document.record.clone()));
        technical.push((t.t("documents-fact-key"), data_encoding::BASE64.encode(&service::public_key(page.ctx())?)));
    }
    let meta = Meta::new(title.clone());
    page.render(meta, &Outcome { page, name, kind, title, text, facts, technical })
}

#[derive(Template)]
#[template(path = "documents/staff.html")]
struct StaffDocument<'a> {
    page: &'a Page,
    item: Item,
    holder: String,
    pdf: String,
    action: String,
    revocable: bool,
    reason: String,
    error: String,
    errors: Vec<FieldProblem>,
    case_href: String,
}

/// The document, for an official who has its case; everybody else gets 404.
async fn staffs(official: &Official, subject: &str, id: &str) -> Result<Document, WebError> {
    let (Ok(subject), Ok(id)) = (subject.parse::<SubjectId>(), id.parse::<DocumentId>()) else {
        return Err(WebError::not_found());
    };
    let ctx = official.ctx();
    let document = service::document(ctx, subject, id).await?.ok_or_else(WebError::not_found)?;
    let theirs = ctx.ports.cases.visible_to(ctx, subject, document.case, &official.unit).await?;
    if theirs { Ok(document) } else { Err(WebError::not_found()) }
}

fn actor(official: &Official) -> Actor {
    Actor {
        id: official.staff.uuid(),
        name: format!("{} ({})", official.principal.display_name, official.unit.as_str()),
    }
}

async fn staff_document(official: Official, Path((subject, id)): Path<(String, String)>) -> Result<Response, WebError> {
    let document = staffs(&official, &subject, &id).await?;
    service::note_look(official.ctx(), &document, &actor(&official), "document.view").await?;
    show_staff(&official, &document, String::new(), String::new())
}

fn show_staff(official: &Official, document: &Document, reason: String, error: String) -> Result<Response, WebError> {
    let page = &official.page;
    let base = page.href(&format!("/staff/documents/{}/{}", document.subject, document.id));
    let errors = if error.is_empty() {
        Vec::new()
    } else {
        vec![FieldProblem { field: "reason".to_owned(), code: "required".to_owned(), message: error.clone() }]
    };
    let meta = Meta::new(document.title.get(page.lang())).staff("/staff");
    let meta = if errors.is_empty() { meta } else { meta.status(StatusCode::UNPROCESSABLE_ENTITY) };
    let body = StaffDocument {
        page,
        item: item(page, document),
        holder: document.holder.clone(),
        pdf: format!("{base}/pdf"),
        action: format!("{base}/revoke"),
        revocable: document.revocable && document.revoked.is_none(),
        reason,
        error,
        errors,
        case_href: page.href(&format!("/staff/cases/{}", document.case)),
    };
    page.render(meta, &body)
}

async fn staff_download(official: Official, Path((subject, id)): Path<(String, String)>) -> Result<Response, WebError> {
    let document = staffs(&official, &subject, &id).await?;
    service::note_look(official.ctx(), &document, &actor(&official), "document.download").await?;
    let pdf = service::pdf(official.ctx(), &document).await?;
    Ok(file(&document, pdf))
}

async fn revoke(
    official: Official,
    Path((subject, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, WebError> {
    let document = staffs(&official, &subject, &id).await?;
    let reason: String = posted.get("reason").chars().take(1000).collect();
    if reason.is_empty() {
        let error = official.t("documents-revoke-reason-error");
        return show_staff(&official, &document, reason, error);
    }
    match service::revoke(official.ctx(), &document, &actor(&official), &reason).await? {
        Revocation::Done | Revocation::Already => {
            Ok(official.redirect(&format!("/staff/documents/{}/{}", document.subject, document.id)))
        }
        Revocation::NotRevocable => Err(WebError::conflict("DOC_NOT_REVOCABLE").message("documents-not-revocable")),
    }
}

/// The newest documents on the cabinet's first page.
pub(crate) struct DocumentsCard;

#[async_trait]
impl CabinetCard for DocumentsCard {
    async fn card(&self, ctx: &Ctx, t: &T, subject: SubjectId) -> Result<Option<Card>, WebError> {
        let found = store::of_subject(&ctx.db, subject, None, 3).await?;
        if found.is_empty() {
            return Ok(None);
        }
        let lines = found
            .iter()
            .map(|document| CardLine {
                text: document.title.get(t.lang()).into_owned(),
                note: t.day(&document.issued_at),
                href: format!("/cabinet/documents/{}", document.id),
            })
            .collect();
        Ok(Some(Card {
            title: t.t("documents-list-title"),
            summary: t.t("documents-card-summary"),
            lines,
            link: "/cabinet/documents",
            link_text: t.t("documents-card-all"),
            urgent: false,
        }))
    }
}
