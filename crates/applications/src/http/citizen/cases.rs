//! A case: receipt, timeline, correction, withdrawal, appeal, rating.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::payments::InvoiceState;
use definition::StateKind;
use kernel::id::{CaseId, FileId};
use serde::Deserialize;
use web::{Citizen, FieldProblem, Meta, Page, Posted, WebError};

use crate::domain::case::Stage;
use crate::domain::flow::ActionError;
use crate::domain::number;
use crate::http::view::{self, EntryHtml, FieldHtml, NowHtml, PageAnswers};
use crate::http::{file_problem, problems, refuse};
use crate::service::Error;
use crate::service::citizen::{self, CaseView};
use crate::service::files::{self, Download};

#[derive(Deserialize, Default)]
pub struct Asked {
    /// Just sent: show the receipt.
    #[serde(default)]
    new: String,
    /// Something was just done: which words to greet with.
    #[serde(default)]
    done: String,
}

/// An invoice of the case.
struct InvoiceHtml {
    /// Since when the money is to go back; empty = it is not.
    refund: String,
    number: String,
    amount: String,
    href: String,
    open: bool,
    expires: String,
    state: String,
}

/// A document of the case.
struct DocumentHtml {
    title: String,
    number: String,
    href: String,
    issued: String,
    revoked: bool,
}

#[derive(Template)]
#[template(path = "applications/case.html")]
struct CasePage<'a> {
    page: &'a Page,
    base: String,
    seq: i64,
    service: String,
    service_href: String,
    number: String,
    /// QR code of the case's address; only on the receipt.
    qr: String,
    receipt: bool,
    done: String,
    submitted: String,
    due: String,
    now: NowHtml,
    position: i64,
    entries: Vec<EntryHtml>,
    invoices: Vec<InvoiceHtml>,
    documents: Vec<DocumentHtml>,
    /// A document is being made.
    documents_coming: bool,
    invoice_coming: bool,
    answers: Vec<PageAnswers>,
    returned: String,
    refusal: String,
    may_correct: bool,
    /// Further actions that the flow offers to the applicant: id and label.
    choices: Vec<(String, String)>,
    may_withdraw: bool,
    may_appeal: bool,
    appeal_until: String,
    may_rate: bool,
    /// Id and text of what is asked beside the stars.
    questions: Vec<(String, String)>,
    rating: i64,
    /// For whom it is; empty = for oneself.
    behalf: String,
    /// When the data of people were erased; empty = they are here.
    erased: String,
}

fn parse(id: &str) -> Result<CaseId, WebError> {
    id.parse().map_err(|_| WebError::not_found())
}

/// The case page.
pub async fn show(who: Citizen, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let page = &who.page;
    let view = citizen::view(page.ctx(), who.subject, parse(&id)?).await.map_err(|e| refuse(&page.t, e))?;
    render(&who, &view, &asked, None).await
}

async fn render(
    who: &Citizen,
    case_view: &CaseView,
    asked: &Asked,
    status: Option<StatusCode>,
) -> Result<Response, WebError> {
    let page = &who.page;
    let ctx = page.ctx();
    let CaseView { loaded, position, appeal_until } = case_view;
    let (case, definition) = (&loaded.case, &loaded.definition);
    let lang = page.lang();
    let invoices = ctx.ports.invoices.for_case(ctx, who.subject, case.id).await?;
    let documents = ctx.ports.documents.for_case(ctx, who.subject, case.id).await?;
    let in_payment = matches!(case.stage, Stage::Payment { paid: false, .. });
    let invoice_coming = in_payment && invoices.iter().all(|invoice| invoice.state != InvoiceState::Open);
    let expected = definition.outputs().iter().any(|output| output.when == case.state);
    let documents_coming = case.stage.is_final() && expected && documents.is_empty();
    let withdraw = citizen::action_to(loaded, |kind| kind == StateKind::Withdrawn).is_some();
    let choices = crate::service::citizen_actions(loaded)
        .into_iter()
        .filter(|action| {
            let kind = definition.state(&action.to).map(|state| state.kind);
            kind.is_some_and(|kind| kind != StateKind::Withdrawn && !citizen::works(kind))
        })
        .map(|action| (action.id.clone(), action.label.get(lang).into_owned()))
        .collect();
    let returned = match &case.stage {
        Stage::Returned { comment, .. } => comment.clone(),
        _ => String::new(),
    };
    let refusal = match &case.stage {
        Stage::Refused { reason, comment, .. } => {
            let known = reason.as_deref().and_then(|code| definition.reason(code));
            let silent = reason.as_deref() == Some(crate::domain::flow::SILENCE);
            let reason = known
                .map(|r| format!("{} ({})", r.text.get(lang), r.article.get(lang)))
                .or_else(|| silent.then(|| page.t("applications-reason-silence")));
            let comment = (!comment.is_empty()).then(|| comment.clone());
            reason.into_iter().chain(comment).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    };
    let may_appeal = matches!(&case.stage, Stage::Refused { read, appeal: Some(terms), .. }
        if crate::domain::deadline::may_appeal(*read, terms, ctx.now(), crate::service::calendar(ctx, definition)));
    let receipt = asked.new == "1";
    let qr = if receipt {
        let address = format!("{}{}", ctx.settings.public_url, page.href(&format!("/cases/{}", case.id)));
        web::qr::svg(&address).unwrap_or_default()
    } else {
        String::new()
    };
    let done = match asked.done.as_str() {
        "corrected" => page.t("applications-done-corrected"),
        "acted" => page.t("applications-done-staff"),
        "withdrawn" => page.t("applications-done-withdrawn"),
        "appealed" => page.t("applications-done-appealed"),
        "rated" => page.t("applications-done-rated"),
        "stale" => page.t("applications-error-stale"),
        _ => String::new(),
    };
    let service = definition.passport().title.get(lang).into_owned();
    let body = CasePage {
        page,
        base: page.href(&format!("/cases/{}", case.id)),
        seq: case.seq,
        service_href: page.href(&format!("/services/{}", case.submitted.service)),
        number: number::group(&case.submitted.number),
        qr,
        receipt,
        done,
        submitted: page.t.datetime(&case.submitted_at),
        due: case.due().map_or_else(String::new, |due| page.t.datetime(&due)),
        now: view::now(page, definition, case),
        position: position.unwrap_or(0),
        entries: view::history(page, definition, case, &loaded.history, false, "/files"),
        invoices: invoices
            .iter()
            .map(|invoice| InvoiceHtml {
                number: invoice.number.clone(),
                amount: page.t.money(&invoice.amount),
                href: page.href(&format!("/invoices/{}", invoice.invoice)),
                open: invoice.state == InvoiceState::Open,
                expires: page.t.datetime(&invoice.expires),
                refund: invoice.refund_due.map(|since| page.t.datetime(&since)).unwrap_or_default(),
                state: page.t(match invoice.state {
                    _ if invoice.refund_due.is_some() => "applications-invoice-refund-due",
                    InvoiceState::Open => "applications-invoice-open",
                    InvoiceState::Paid => "applications-invoice-paid",
                    InvoiceState::Expired => "applications-invoice-expired",
                    InvoiceState::Cancelled => "applications-invoice-cancelled",
                    InvoiceState::Refunded => "applications-invoice-refunded",
                }),
            })
            .collect(),
        documents: documents
            .iter()
            .map(|document| DocumentHtml {
                title: document.title.get(lang).into_owned(),
                number: document.number.clone(),
                href: page.href(&format!("/documents/{}.pdf", document.document)),
                issued: page.t.datetime(&document.issued_at),
                revoked: document.revoked,
            })
            .collect(),
        documents_coming,
        invoice_coming,
        answers: view::answers(page, definition, &loaded.facts, &BTreeMap::new(), "/files", true),
        may_correct: matches!(case.stage, Stage::Returned { .. })
            && citizen::action_to(loaded, citizen::works).is_some(),
        choices,
        returned,
        refusal,
        may_withdraw: withdraw && !case.stage.is_final(),
        may_appeal,
        appeal_until: appeal_until.map_or_else(String::new, |at| page.t.datetime(&at)),
        may_rate: case.rating.is_none() && matches!(case.stage, Stage::Approved { .. } | Stage::Refused { .. }),
        questions: definition
            .spec()
            .quality
            .iter()
            .flat_map(|quality| &quality.questions)
            .map(|question| (question.id.clone(), question.text.get(lang).into_owned()))
            .collect(),
        rating: i64::from(case.rating.unwrap_or(0)),
        behalf: view::behalf_words(&page.t, case.submitted.behalf.as_ref().map(|behalf| &behalf.represented)),
        erased: case.erased_at.as_ref().map_or_else(String::new, |at| page.t.datetime(at)),
        service: service.clone(),
    };
    let title = if receipt { page.t("applications-receipt-title") } else { service };
    let mut meta = Meta::new(title).cabinet("/cabinet/cases");
    meta.status = status;
    // The invoice and the document are made after the commit: look again in a moment.
    if documents_coming || invoice_coming {
        meta = meta.refresh(2);
    }
    page.render(meta, &body)
}

/// Answers a failed action: a stale screen gets the fresh case, anything else its error.
async fn answer(who: &Citizen, id: CaseId, result: Result<(), Error>, done: &str) -> Result<Response, WebError> {
    let page = &who.page;
    match result {
        Ok(()) => Ok(page.redirect(&format!("/cases/{id}?done={done}"))),
        Err(Error::Stale | Error::Action(ActionError::NotOffered(..))) => {
            let view = citizen::view(page.ctx(), who.subject, id).await.map_err(|e| refuse(&page.t, e))?;
            let asked = Asked { new: String::new(), done: "stale".to_owned() };
            render(who, &view, &asked, Some(StatusCode::CONFLICT)).await
        }
        Err(error) => Err(refuse(&page.t, error)),
    }
}

/// The version of the case that the form was made from.
fn seq(posted: &Posted) -> i64 {
    posted.get("seq").parse().unwrap_or(0)
}

#[derive(Template)]
#[template(path = "applications/withdraw.html")]
struct WithdrawPage<'a> {
    page: &'a Page,
    base: String,
    seq: i64,
    service: String,
    number: String,
}

/// Asks once more before withdrawing.
pub async fn withdraw_page(who: Citizen, Path(id): Path<String>) -> Result<Response, WebError> {
    let page = &who.page;
    let view = citizen::view(page.ctx(), who.subject, parse(&id)?).await.map_err(|e| refuse(&page.t, e))?;
    let loaded = &view.loaded;
    if citizen::action_to(loaded, |kind| kind == StateKind::Withdrawn).is_none() {
        return Ok(page.redirect(&format!("/cases/{id}")));
    }
    let body = WithdrawPage {
        page,
        seq: loaded.case.seq,
        service: loaded.definition.passport().title.get(page.lang()).into_owned(),
        number: number::group(&loaded.case.submitted.number),
        base: page.href(&format!("/cases/{id}")),
    };
    page.render(Meta::new(page.t("applications-withdraw-title")).cabinet("/cabinet/cases"), &body)
}

/// Withdraws.
pub async fn withdraw(who: Citizen, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let id = parse(&id)?;
    let result = citizen::withdraw(who.page.ctx(), who.subject, id, seq(&posted)).await;
    answer(&who, id, result, "withdrawn").await
}

/// Takes another action of the flow, such as accepting an offered place.
pub async fn act(who: Citizen, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let id = parse(&id)?;
    let comment = posted.get("comment").to_owned();
    let result = citizen::act(who.page.ctx(), who.subject, id, seq(&posted), posted.get("action"), comment).await;
    answer(&who, id, result, "acted").await
}

#[derive(Template)]
#[template(path = "applications/correct.html")]
struct CorrectPage<'a> {
    page: &'a Page,
    base: String,
    seq: i64,
    service: String,
    comment: String,
    answer: String,
    pages: Vec<(String, Vec<FieldHtml>)>,
    errors: Vec<FieldProblem>,
    multipart: bool,
    /// There are buttons among the fields.
    buttons: bool,
    /// How the script reads the answers that conditions hang on, as JSON.
    kinds: String,
}

fn show_correct(
    page: &Page,
    view: &CaseView,
    errors: Vec<FieldProblem>,
    answer: &str,
    status: Option<StatusCode>,
) -> Result<Response, WebError> {
    let loaded = &view.loaded;
    let definition = &loaded.definition;
    let Stage::Returned { comment, .. } = &loaded.case.stage else {
        return Ok(page.redirect(&format!("/cases/{}", loaded.case.id)));
    };
    let sources = BTreeMap::new();
    let all: Vec<usize> = definition.asked_pages(&loaded.facts);
    let browser = definition.browser_form(&all, &loaded.facts);
    let pages: Vec<(String, Vec<FieldHtml>)> = definition
        .asked_pages(&loaded.facts)
        .into_iter()
        .filter_map(|index| {
            let fields = view::page_fields(page, definition, &loaded.facts, index, &sources, &errors, &browser);
            Some((definition.pages().get(index)?.title.get(page.lang()).into_owned(), fields))
        })
        .collect();
    let body = CorrectPage {
        page,
        base: page.href(&format!("/cases/{}", loaded.case.id)),
        seq: loaded.case.seq,
        service: definition.passport().title.get(page.lang()).into_owned(),
        comment: comment.clone(),
        answer: answer.to_owned(),
        buttons: pages.iter().flat_map(|(_, fields)| fields).any(FieldHtml::has_buttons),
        kinds: browser.kinds_json(),
        multipart: pages.iter().any(|(_, fields)| fields.iter().any(|field| field.kind == "file")),
        pages,
        errors: view::summary(page, definition, &errors),
    };
    let mut meta = Meta::new(page.t("applications-correct-title")).cabinet("/cabinet/cases");
    meta.status = status;
    page.render(meta, &body)
}

/// The answers of a returned case, to be put right.
pub async fn correct_page(who: Citizen, Path(id): Path<String>) -> Result<Response, WebError> {
    let page = &who.page;
    let view = citizen::view(page.ctx(), who.subject, parse(&id)?).await.map_err(|e| refuse(&page.t, e))?;
    show_correct(page, &view, Vec::new(), "", None)
}

/// Sends the corrected case back.
pub async fn correct(who: Citizen, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let ctx = page.ctx();
    let id = parse(&id)?;
    let mut view = citizen::view(ctx, who.subject, id).await.map_err(|e| refuse(&page.t, e))?;
    let comment = posted.get("_comment").to_owned();
    let fields = view::posted_fields(&view.loaded.definition, posted.fields());
    let pressed = view::pressed(&view.loaded.definition, &fields, &view.loaded.facts).is_some();
    let mut wrong = Vec::new();
    let mut added = BTreeMap::<String, Vec<definition::FileAnswer>>::new();
    for upload in &posted.files {
        let have = added
            .entry(upload.field.clone())
            .or_insert_with(|| files::answers(view.loaded.facts.answers.get(&upload.field)));
        // New evidence replaces the old when the field has room for no more.
        let count =
            view.loaded.definition.field(&upload.field).and_then(|(_, f)| f.file.as_ref()).map_or(1, |f| f.count);
        if have.len() >= count as usize {
            have.clear();
        }
        let stored =
            files::upload_to_case(ctx, who.subject, id, &upload.field, &upload.name, &upload.bytes, have.len()).await;
        match stored {
            Ok(answer) => have.push(answer),
            Err(Error::File(error)) => wrong.push(file_problem(&page.t, &upload.field, &upload.name, &error)),
            Err(error) => return answer(&who, id, Err(error), "corrected").await,
        }
    }
    if !wrong.is_empty() {
        keep_typed(&mut view, &fields);
        return show_correct(page, &view, wrong, &comment, Some(StatusCode::UNPROCESSABLE_ENTITY));
    }
    if pressed {
        // A row more or less: nothing is sent yet.
        keep_typed(&mut view, &fields);
        return show_correct(page, &view, Vec::new(), &comment, None);
    }
    let result = citizen::correct(ctx, who.subject, id, seq(&posted), &fields, &added, comment.clone()).await;
    match result {
        Err(Error::Invalid(errors)) => {
            keep_typed(&mut view, &fields);
            let wrong = problems(&page.t, &errors);
            show_correct(page, &view, wrong, &comment, Some(StatusCode::UNPROCESSABLE_ENTITY))
        }
        other => answer(&who, id, other, "corrected").await,
    }
}

/// What was typed stays on the screen.
fn keep_typed(view: &mut CaseView, fields: &[(String, String)]) {
    for index in 0..view.loaded.definition.pages().len() {
        let (answers, _) = view.loaded.definition.parse_page(index, fields, &view.loaded.facts);
        view.loaded.facts.answers = answers;
    }
}

#[derive(Template)]
#[template(path = "applications/appeal.html")]
struct AppealPage<'a> {
    page: &'a Page,
    base: String,
    seq: i64,
    service: String,
    refusal: String,
    unit: String,
    until: String,
    text: String,
    error: String,
    errors: Vec<FieldProblem>,
}

fn show_appeal(
    page: &Page,
    view: &CaseView,
    text: &str,
    error: String,
    status: Option<StatusCode>,
) -> Result<Response, WebError> {
    let loaded = &view.loaded;
    let Stage::Refused { reason, comment, appeal: Some(terms), .. } = &loaded.case.stage else {
        return Ok(page.redirect(&format!("/cases/{}", loaded.case.id)));
    };
    let lang = page.lang();
    let reason = reason.as_deref().and_then(|code| loaded.definition.reason(code));
    let reason = reason.map_or_else(String::new, |reason| reason.text.get(lang).into_owned());
    let errors = if error.is_empty() {
        Vec::new()
    } else {
        vec![FieldProblem { field: "text".to_owned(), code: "field-required".to_owned(), message: error.clone() }]
    };
    let body = AppealPage {
        page,
        base: page.href(&format!("/cases/{}", loaded.case.id)),
        seq: loaded.case.seq,
        service: loaded.definition.passport().title.get(lang).into_owned(),
        refusal: format!("{reason} {comment}").trim().to_owned(),
        unit: view::unit_name(page.ctx(), lang, &terms.unit),
        until: view.appeal_until.map_or_else(String::new, |at| page.t.datetime(&at)),
        text: text.to_owned(),
        error,
        errors,
    };
    let mut meta = Meta::new(page.t("applications-appeal-title")).cabinet("/cabinet/cases");
    meta.status = status;
    page.render(meta, &body)
}

/// The form of an appeal.
pub async fn appeal_page(who: Citizen, Path(id): Path<String>) -> Result<Response, WebError> {
    let page = &who.page;
    let view = citizen::view(page.ctx(), who.subject, parse(&id)?).await.map_err(|e| refuse(&page.t, e))?;
    show_appeal(page, &view, "", String::new(), None)
}

/// Sends an appeal.
pub async fn appeal(who: Citizen, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let id = parse(&id)?;
    let text = posted.get("text").to_owned();
    let result = citizen::appeal(page.ctx(), who.subject, id, seq(&posted), text.clone()).await;
    match result {
        Err(Error::Action(error @ (ActionError::NeedsComment | ActionError::TooLong))) => {
            let view = citizen::view(page.ctx(), who.subject, id).await.map_err(|e| refuse(&page.t, e))?;
            let key = match error {
                ActionError::NeedsComment => "applications-error-needs-comment",
                _ => "applications-error-too-long",
            };
            show_appeal(page, &view, &text, page.t(key), Some(StatusCode::UNPROCESSABLE_ENTITY))
        }
        other => answer(&who, id, other, "appealed").await,
    }
}

/// Rates the service.
pub async fn rate(who: Citizen, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let id = parse(&id)?;
    let stars = posted.get("stars").parse().unwrap_or(0);
    let comment = posted.get("comment").to_owned();
    let answers = posted
        .fields()
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("question.")?.to_owned(), value == "yes")))
        .collect();
    let result = citizen::rate(who.page.ctx(), who.subject, id, seq(&posted), stars, comment, answers).await;
    let result = match result {
        // No star was chosen, or it was rated before: the case page shows what holds.
        Err(Error::Action(ActionError::Step(_))) => return Ok(who.page.redirect(&format!("/cases/{id}"))),
        other => other,
    };
    answer(&who, id, result, "rated").await
}

/// A file of one's own.
pub async fn file(who: Citizen, Path(id): Path<String>) -> Result<Response, WebError> {
    let page = &who.page;
    let file: FileId = id.parse().map_err(|_| WebError::not_found())?;
    let download = files::own(page.ctx(), who.subject, file).await.map_err(|e| refuse(&page.t, e))?;
    Ok(send(download))
}

/// Answers with a file. It is always saved, never shown inside our pages, and never guessed at.
pub fn send(download: Download) -> Response {
    let name: String =
        download.name.chars().map(|c| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' }).collect();
    let mut response = download.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(download.kind.mime()));
    let disposition = format!("attachment; filename=\"{name}\"");
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
