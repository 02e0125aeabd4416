//! The same use cases as JSON.
//!
//! A draft and a case carry their version as `ETag`; a change names the version that it was made from in `If-Match`, and
//! a stale one is answered with 409. Sending an application takes an `Idempotency-Key`.

use axum::Json;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::{Channel, Role};
use definition::BehalfKind;
use kernel::id::{CaseId, DraftId};
use kernel::lang::Lang;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::api::IdempotencyKey;
use web::error::Problem;
use web::{ApiCitizen, ApiJson, ApiOfficial, AppState, WebError};

use super::refuse;
use crate::domain::case::{Case, Event, Stage};
use crate::domain::deadline::Urgency;
use crate::service::behalf::Whom;
use crate::service::drafts::{self, Entry, OpenDraft};
use crate::service::office::{self, CaseFile, Officer, QueueFilter};
use crate::service::submit::{self, Submission};
use crate::service::{Error, citizen, files};
use crate::store::CaseFilter;

/// Most entries of a page.
const LARGEST_PAGE: u32 = 100;
/// Entries of a page when nothing is said.
const PAGE: u32 = 20;

/// A byte more than the largest file, so that a file that is too large is told as such.
const UPLOAD_LIMIT: usize = 10 * 1024 * 1024 + 1;

/// The API of the context.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(start))
        .routes(routes!(draft, change, discard))
        .merge(OpenApiRouter::new().routes(routes!(upload)).layer(axum::extract::DefaultBodyLimit::max(UPLOAD_LIMIT)))
        .routes(routes!(remove_file))
        .routes(routes!(send))
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(act))
        .routes(routes!(staff_queue))
        .routes(routes!(staff_case))
        .routes(routes!(staff_act))
}

/// An application that is being filled in.
#[derive(Serialize, ToSchema)]
struct DraftBody {
    id: String,
    /// Number of the service.
    service: String,
    /// SHA-256 of the definition's version that the draft is pinned to.
    version: String,
    /// Field id → answer, as the definition's types say.
    #[schema(value_type = Object)]
    answers: serde_json::Value,
    /// What is wrong or missing before it can be sent.
    problems: Vec<web::FieldProblem>,
    /// Price in tiyin, for the API channel.
    total: i64,
    /// The price cannot be worked out from the answers yet; `total` is then not the price.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    total_unknown: bool,
    /// For whom it is, when not for oneself.
    #[serde(skip_serializing_if = "Option::is_none")]
    behalf: Option<BehalfBody>,
    /// When the answer would be due if sent now, RFC 3339; absent when there is no term or it begins with the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    updated_at: String,
}

/// Answers to be put into a draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DraftChange {
    /// Field id → answer. Fields that are not named stay as they are.
    #[schema(value_type = Object)]
    answers: serde_json::Map<String, serde_json::Value>,
}

/// What is said with the sending of an application.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SendBody {
    /// The applicant confirms that the answers are true and may be processed.
    confirmed: bool,
    /// Language of notices and documents: `uz`, `uz-Cyrl`, `kaa`, `ru`, `en`; the request's when absent.
    #[serde(default)]
    lang: Option<String>,
}

/// What was acknowledged.
#[derive(Serialize, ToSchema)]
struct ReceiptBody {
    case: String,
    /// Sixteen digits with a check digit.
    number: String,
}

/// A case in a list.
#[derive(Serialize, ToSchema)]
struct CaseItem {
    id: String,
    number: String,
    service: String,
    /// Id of the state in the service's flow.
    state: String,
    /// `payment`, `work`, `auto`, `queue`, `tasks`, `commission`, `returned`, `approved`, `refused`, `appeal`, `withdrawn`, `expired`.
    stage: String,
    /// Counter of the public statistics: `new`, `in_progress`, `finished`, `refused`, `awaiting_payment`, `cancelled`.
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    submitted_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
}

/// A page of cases.
#[derive(Serialize, ToSchema)]
struct CaseList {
    items: Vec<CaseItem>,
    /// What to give as `before` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// A case with its history.
#[derive(Serialize, ToSchema)]
struct CaseBody {
    #[serde(flatten)]
    case: CaseItem,
    /// The version, also the `ETag`.
    seq: i64,
    /// SHA-256 over the whole history, hexadecimal.
    head: String,
    /// Title of the state in the language of the request.
    title: String,
    /// What happens now, in plain words.
    note: String,
    /// Place in the waiting list, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
    /// For whom it is, when not for oneself.
    #[serde(skip_serializing_if = "Option::is_none")]
    behalf: Option<BehalfBody>,
    /// Until when the refusal may be appealed; absent while no moment ends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    appeal_until: Option<String>,
    /// When the data of people were erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    erased_at: Option<String>,
    #[schema(value_type = Object)]
    answers: serde_json::Value,
    /// What may be done now: ids for `actions`.
    actions: Vec<String>,
    history: Vec<HistoryItem>,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
struct HistoryItem {
    seq: i64,
    at: String,
    /// Stable name of the event.
    event: String,
    /// State that was entered, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    /// Code of the reason; `silence` when nobody decided in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The moment that a reminder or a passed term is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
}

/// Something to be done with a case.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ActionBody {
    /// `withdraw`, `correct`, `appeal`, `rate`, or the id of an action of the flow.
    action: String,
    #[serde(default)]
    comment: String,
    /// Of `correct`: field id → answer.
    #[serde(default)]
    #[schema(value_type = Object)]
    answers: serde_json::Map<String, serde_json::Value>,
    /// Of `rate`: 1 to 5.
    #[serde(default)]
    stars: u8,
    /// Of `rate`: id of a question of the definition → yes or no.
    #[serde(default)]
    quality: std::collections::BTreeMap<String, bool>,
}

/// How the list of cases is narrowed and paged.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// `open` or `ended`; all when absent.
    show: Option<String>,
    /// Id of the last case of the page before.
    before: Option<String>,
    /// 1 to 100, 20 when absent.
    limit: Option<u32>,
}

fn etag(seq: i64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{seq}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"0\""))
}

fn tagged(status: StatusCode, seq: i64, body: impl Serialize) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::ETAG, etag(seq));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// The version named in `If-Match`; `None` when the header is absent.
fn if_match(headers: &HeaderMap) -> Result<Option<i64>, WebError> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or("").trim();
    let seq = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    seq.map(Some).ok_or_else(|| WebError::bad_request("IF_MATCH").message("applications-error-if-match"))
}

fn needed(headers: &HeaderMap) -> Result<i64, WebError> {
    if_match(headers)?.ok_or_else(|| WebError::bad_request("IF_MATCH").message("applications-error-if-match"))
}

fn draft_body(who: &ApiCitizen, open: &OpenDraft) -> DraftBody {
    let check = drafts::check(who.ctx(), open);
    DraftBody {
        id: open.draft.id.to_string(),
        service: open.draft.service.clone(),
        version: open.draft.version.as_str().to_owned(),
        answers: serde_json::to_value(&open.draft.answers).unwrap_or_default(),
        problems: super::problems(&who.t, &check.errors),
        total: check.fee.total.get(),
        total_unknown: check.fee.unknown,
        behalf: open.draft.behalf.as_ref().map(behalf_body),
        due: check.due.map(|due| due.to_string()),
        updated_at: open.draft.updated_at.to_string(),
    }
}

fn draft_id(text: &str) -> Result<DraftId, WebError> {
    text.parse().map_err(|_| WebError::not_found())
}

fn case_id(text: &str) -> Result<CaseId, WebError> {
    text.parse().map_err(|_| WebError::not_found())
}

/// For whom an application is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BehalfWish {
    /// `child`, `ward`, `attorney`, `organisation`.
    kind: String,
    /// PINFL of the person, STIR of the organisation, number of the power of attorney.
    number: String,
}

/// How an application is begun. The body may be left out: then it is for oneself.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartBody {
    #[serde(default)]
    behalf: Option<BehalfWish>,
}

/// For whom somebody applied.
#[derive(Serialize, ToSchema)]
struct BehalfBody {
    /// `child`, `ward`, `attorney`, `organisation`.
    kind: String,
    /// Full name of the person or the organisation.
    name: String,
    /// What gives the right: a role, the number of a power of attorney or of an order.
    #[serde(skip_serializing_if = "String::is_empty")]
    ground: String,
    /// Name of the register that proved it.
    register: String,
}

fn behalf_body(represented: &definition::Represented) -> BehalfBody {
    BehalfBody {
        kind: represented.kind.name().to_owned(),
        name: represented.full_name(),
        ground: represented.ground.clone(),
        register: represented.register.clone(),
    }
}

fn whom(body: &[u8]) -> Result<Whom, WebError> {
    if body.is_empty() {
        return Ok(Whom::Oneself);
    }
    let body: Option<StartBody> = serde_json::from_slice(body).map_err(|_| WebError::bad_request("BODY"))?;
    let Some(BehalfWish { kind, number }) = body.and_then(|body| body.behalf) else { return Ok(Whom::Oneself) };
    match BehalfKind::parse(&kind) {
        Some(BehalfKind::Attorney) => Ok(Whom::Attorney { number }),
        Some(kind) => Ok(Whom::Numbered { kind, number }),
        None => Err(WebError::bad_request("BODY")),
    }
}

/// Starts an application, or resumes the open draft of the service.
#[utoipa::path(post, path = "/api/v1/services/{code}/drafts", tag = "applications",
    params(("code" = String, Path, description = "Number of the service")),
    request_body = Option<StartBody>,
    responses((status = 201, body = DraftBody), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn start(
    who: ApiCitizen,
    Path(code): Path<String>,
    body: Result<axum::body::Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, WebError> {
    let whom = whom(&body.map_err(|_| WebError::too_large())?)?;
    let entry = Entry { channel: Channel::Api, known: who.principal.assurance, whom };
    let open = drafts::begin(who.ctx(), who.subject, &code, entry).await.map_err(|e| refuse(&who.t, e))?;
    let mut response = tagged(StatusCode::CREATED, open.draft.seq, draft_body(&who, &open));
    if let Ok(location) = HeaderValue::from_str(&format!("/api/v1/drafts/{}", open.draft.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// A draft with what is still missing, the price and the due date.
#[utoipa::path(get, path = "/api/v1/drafts/{id}", tag = "applications", params(("id" = String, Path)),
    responses((status = 200, body = DraftBody), (status = 404, body = Problem), (status = 409, body = Problem)))]
async fn draft(who: ApiCitizen, Path(id): Path<String>) -> Result<Response, WebError> {
    let open = drafts::get(who.ctx(), who.subject, draft_id(&id)?).await.map_err(|e| refuse(&who.t, e))?;
    Ok(tagged(StatusCode::OK, open.draft.seq, draft_body(&who, &open)))
}

/// Puts answers into a draft. With `If-Match`, only into the version named.
#[utoipa::path(patch, path = "/api/v1/drafts/{id}", tag = "applications", params(("id" = String, Path)),
    request_body = DraftChange,
    responses((status = 200, body = DraftBody), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn change(
    who: ApiCitizen,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: ApiJson<DraftChange>,
) -> Result<Response, WebError> {
    let (seq, id) = (if_match(&headers)?, draft_id(&id)?);
    let (open, _) =
        drafts::save_json(who.ctx(), who.subject, id, &body.answers, seq).await.map_err(|e| refuse(&who.t, e))?;
    Ok(tagged(StatusCode::OK, open.draft.seq, draft_body(&who, &open)))
}

/// Throws a draft away.
#[utoipa::path(delete, path = "/api/v1/drafts/{id}", tag = "applications", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn discard(who: ApiCitizen, Path(id): Path<String>) -> Result<StatusCode, WebError> {
    drafts::discard(who.ctx(), who.subject, draft_id(&id)?).await.map_err(|e| refuse(&who.t, e))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which field a file is for, and its name.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct UploadQuery {
    /// Id of a field of type `file`.
    field: String,
    /// Name for people; what the file is, its content says.
    name: String,
}

/// A file that was taken.
#[derive(Serialize, ToSchema)]
struct FileBody {
    id: String,
    name: String,
    /// `pdf`, `jpeg` or `png`, by the content.
    kind: String,
    bytes: u64,
}

/// Uploads a file for a field of a draft: the body is the file itself, at most 10 MiB.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/files", tag = "applications", params(("id" = String, Path), UploadQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = FileBody), (status = 404, body = Problem), (status = 413, body = Problem), (status = 422, body = Problem)))]
async fn upload(
    who: ApiCitizen,
    Path(id): Path<String>,
    query: Result<Query<UploadQuery>, axum::extract::rejection::QueryRejection>,
    bytes: Result<axum::body::Bytes, axum::extract::rejection::BytesRejection>,
) -> Result<Response, WebError> {
    let Query(query) = query.map_err(|_| WebError::bad_request("QUERY"))?;
    let bytes = bytes.map_err(|_| WebError::too_large())?;
    let stored = files::upload(who.ctx(), who.subject, draft_id(&id)?, &query.field, &query.name, &bytes)
        .await
        .map_err(|error| match error {
            Error::File(error) => {
                WebError::invalid(vec![super::file_problem(&who.t, &query.field, &query.name, &error)])
            }
            error => refuse(&who.t, error),
        })?;
    let body = FileBody { id: stored.file, name: stored.name, kind: stored.kind, bytes: stored.bytes };
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

/// Takes a file out of a draft.
#[utoipa::path(delete, path = "/api/v1/drafts/{id}/files/{file}", tag = "applications",
    params(("id" = String, Path), ("file" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
async fn remove_file(who: ApiCitizen, Path((id, file)): Path<(String, String)>) -> Result<StatusCode, WebError> {
    let file = file.parse().map_err(|_| WebError::not_found())?;
    files::remove(who.ctx(), who.subject, draft_id(&id)?, file).await.map_err(|e| refuse(&who.t, e))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sends an application, exactly once. Repeated with the same key, it answers with the same receipt.
#[utoipa::path(post, path = "/api/v1/drafts/{id}/submit", tag = "applications",
    params(("id" = String, Path), ("Idempotency-Key" = String, Header, description = "8 to 100 printable characters, new for each application")),
    request_body = SendBody,
    responses((status = 201, body = ReceiptBody), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem), (status = 503, body = Problem)))]
async fn send(
    who: ApiCitizen,
    Path(id): Path<String>,
    key: IdempotencyKey,
    body: ApiJson<SendBody>,
) -> Result<Response, WebError> {
    let lang = match &body.lang {
        None => who.t.lang(),
        Some(code) => {
            Lang::parse(code).ok_or_else(|| WebError::bad_request("LANG").message("applications-error-lang"))?
        }
    };
    let submission = Submission { draft: draft_id(&id)?, confirmed: body.confirmed, lang, key: Some(key.0) };
    let receipt = submit::send(who.ctx(), who.subject, &submission, who.principal.assurance)
        .await
        .map_err(|e| refuse(&who.t, e))?;
    let location = format!("/api/v1/cases/{}", receipt.case);
    let body = ReceiptBody { case: receipt.case.to_string(), number: receipt.number };
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// One's own cases, newest first.
#[utoipa::path(get, path = "/api/v1/cases", tag = "applications", params(ListQuery),
    responses((status = 200, body = CaseList), (status = 400, body = Problem), (status = 401, body = Problem)))]
async fn list(
    who: ApiCitizen,
    query: Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<CaseList>, WebError> {
    let wrong = || WebError::bad_request("QUERY");
    let Query(query) = query.map_err(|_| wrong())?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(wrong());
    }
    let filter = match query.show.as_deref() {
        None | Some("all") => CaseFilter::All,
        Some("open") => CaseFilter::Open,
        Some("ended") => CaseFilter::Ended,
        Some(_) => return Err(wrong()),
    };
    let before = query.before.map(|id| id.parse::<CaseId>()).transpose().map_err(|_| wrong())?;
    let mut rows =
        citizen::list(who.ctx(), who.subject, filter, before, limit + 1).await.map_err(|e| refuse(&who.t, e))?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let items = rows
        .into_iter()
        .map(|row| CaseItem {
            id: row.id.to_string(),
            number: row.number,
            service: row.service,
            state: row.state,
            stage: row.stage,
            status: row.status,
            due: row.due.map(|due| due.to_string()),
            submitted_at: row.submitted_at.to_string(),
            ended_at: row.ended_at.map(|at| at.to_string()),
        })
        .collect();
    Ok(Json(CaseList { items, next }))
}

fn case_item(case: &Case) -> CaseItem {
    CaseItem {
        id: case.id.to_string(),
        number: case.submitted.number.clone(),
        service: case.submitted.service.clone(),
        state: case.state.clone(),
        stage: case.stage.name().to_owned(),
        status: case.stage.status().to_owned(),
        due: case.due().map(|due| due.to_string()),
        submitted_at: case.submitted_at.to_string(),
        ended_at: case.ended_at.map(|at| at.to_string()),
    }
}

fn history(stored: &[crate::domain::case::Stored]) -> Vec<HistoryItem> {
    stored
        .iter()
        .map(|row| {
            let (mut state, mut comment, mut reason, mut moment) = (None, None, None, None);
            match &row.recorded.event {
                Event::Entered(entered) => {
                    state = Some(entered.state.clone());
                    comment.clone_from(&entered.comment);
                    reason.clone_from(&entered.reason);
                }
                Event::AppealDecided { comment: words, .. } => comment = Some(words.clone()),
                Event::Reminded { due, .. } | Event::TermPassed { due, .. } => moment = Some(due.to_string()),
                _ => {}
            }
            HistoryItem {
                seq: row.recorded.seq,
                at: row.recorded.at.to_string(),
                event: row.recorded.event.name().to_owned(),
                state,
                comment,
                reason,
                due: moment,
            }
        })
        .collect()
}

fn case_body(who: &ApiCitizen, found: &citizen::CaseView) -> CaseBody {
    let loaded = &found.loaded;
    let (case, definition) = (&loaded.case, &loaded.definition);
    let lang = who.t.lang();
    let state = definition.state(&case.state);
    let mut actions: Vec<String> = Vec::new();
    for action in crate::service::citizen_actions(loaded) {
        let kind = definition.state(&action.to).map(|state| state.kind);
        actions.push(match kind {
            Some(definition::StateKind::Withdrawn) => "withdraw".to_owned(),
            Some(kind) if citizen::works(kind) => "correct".to_owned(),
            _ => action.id.clone(),
        });
    }
    if matches!(case.stage, Stage::Refused { appeal: Some(_), .. }) {
        actions.push("appeal".to_owned());
    }
    if case.rating.is_none() && matches!(case.stage, Stage::Approved { .. } | Stage::Refused { .. }) {
        actions.push("rate".to_owned());
    }
    CaseBody {
        case: case_item(case),
        seq: case.seq,
        head: case.head.hex(),
        title: state.map_or_else(String::new, |state| state.title.get(lang).into_owned()),
        note: state.map_or_else(String::new, |state| state.note.get(lang).into_owned()),
        position: found.position,
        behalf: case.submitted.behalf.as_ref().map(|behalf| behalf_body(&behalf.represented)),
        appeal_until: found.appeal_until.map(|at| at.to_string()),
        erased_at: case.erased_at.map(|at| at.to_string()),
        answers: serde_json::to_value(&case.answers).unwrap_or_default(),
        actions,
        history: history(&loaded.history),
    }
}

/// A case of one's own. Reading a refusal starts the term of appeal.
#[utoipa::path(get, path = "/api/v1/cases/{id}", tag = "applications", params(("id" = String, Path)),
    responses((status = 200, body = CaseBody), (status = 304), (status = 404, body = Problem)))]
async fn one(who: ApiCitizen, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, WebError> {
    let found = citizen::view(who.ctx(), who.subject, case_id(&id)?).await.map_err(|e| refuse(&who.t, e))?;
    let tag = etag(found.loaded.case.seq);
    if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(tagged(StatusCode::OK, found.loaded.case.seq, case_body(&who, &found)))
}

/// Does something with a case in the version that `If-Match` names.
#[utoipa::path(post, path = "/api/v1/cases/{id}/actions", tag = "applications",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "Version of the case, as in `ETag`")),
    request_body = ActionBody,
    responses((status = 200, body = CaseBody), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn act(
    who: ApiCitizen,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: ApiJson<ActionBody>,
) -> Result<Response, WebError> {
    let (id, seq) = (case_id(&id)?, needed(&headers)?);
    let ctx = who.ctx();
    let ApiJson(ActionBody { action, comment, answers, stars, quality }) = body;
    let result = match action.as_str() {
        "withdraw" => citizen::withdraw(ctx, who.subject, id, seq).await,
        "correct" => citizen::correct_json(ctx, who.subject, id, seq, &answers, comment).await,
        "appeal" => citizen::appeal(ctx, who.subject, id, seq, comment).await,
        "rate" => citizen::rate(ctx, who.subject, id, seq, stars, comment, quality).await,
        other => citizen::act(ctx, who.subject, id, seq, other, comment).await,
    };
    result.map_err(|e| refuse(&who.t, e))?;
    let found = citizen::view(ctx, who.subject, id).await.map_err(|e| refuse(&who.t, e))?;
    Ok(tagged(StatusCode::OK, found.loaded.case.seq, case_body(&who, &found)))
}

/// Something that lies before the official's unit.
#[derive(Serialize, ToSchema)]
struct QueueEntry {
    /// Number of the case, also its address.
    number: String,
    /// `case`, `task`, `vote`, `appeal`, `wait`.
    kind: String,
    service: String,
    state: String,
    unit: String,
    officer: String,
    mine: bool,
    /// `late`, `soon`, `fine`, `none`.
    urgency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    submitted_at: String,
}

/// The queue of a unit, by due date.
#[derive(Serialize, ToSchema)]
struct QueueBody {
    items: Vec<QueueEntry>,
    total: usize,
    late: usize,
    soon: usize,
}

/// A case as an official sees it.
#[derive(Serialize, ToSchema)]
struct StaffCaseBody {
    #[serde(flatten)]
    case: CaseItem,
    seq: i64,
    applicant: String,
    /// In what capacity somebody else acts for the applicant, and who.
    #[serde(skip_serializing_if = "Option::is_none")]
    behalf: Option<BehalfBody>,
    /// The one who acts; empty = the applicant.
    #[serde(skip_serializing_if = "String::is_empty")]
    actor: String,
    #[schema(value_type = Object)]
    answers: serde_json::Value,
    officer: String,
    /// `take`, `vote`, `confirm`, or ids of actions of the flow.
    actions: Vec<String>,
    /// Ids of open tasks of the official's unit.
    tasks: Vec<String>,
    history: Vec<HistoryItem>,
}

/// What an official does.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StaffActionBody {
    /// `take`, `vote`, `close_task`, `decide_appeal`, `confirm` (what another official proposed), or the id of an action
    /// of the flow.
    action: String,
    #[serde(default)]
    comment: String,
    /// Code of a refusal reason.
    #[serde(default)]
    reason: String,
    /// Of `close_task`.
    #[serde(default)]
    task: String,
    /// Of `vote`, `close_task`, `decide_appeal` and `confirm`.
    #[serde(default)]
    positive: bool,
}

fn officer(who: &ApiOfficial) -> Result<Officer, WebError> {
    let officer = Officer::from_principal(&who.principal).ok_or_else(WebError::forbidden)?;
    let works = [Role::Official, Role::Head, Role::Commission].into_iter().any(|role| officer.is(role));
    if works { Ok(officer) } else { Err(WebError::forbidden()) }
}

/// What lies before the official's unit, by due date.
#[utoipa::path(get, path = "/api/v1/staff/queue", tag = "staff",
    responses((status = 200, body = QueueBody), (status = 401, body = Problem), (status = 403, body = Problem)))]
async fn staff_queue(who: ApiOfficial) -> Result<Json<QueueBody>, WebError> {
    let officer = officer(&who)?;
    let queue = office::queue(who.ctx(), &officer, &QueueFilter::default()).await.map_err(|e| refuse(&who.t, e))?;
    let items = queue
        .items
        .into_iter()
        .map(|item| QueueEntry {
            number: item.row.number,
            kind: item.row.kind,
            service: item.row.service,
            state: item.row.state,
            unit: item.row.unit.as_str().to_owned(),
            officer: item.row.officer_name,
            mine: item.mine,
            urgency: match item.urgency {
                Urgency::Late => "late",
                Urgency::Soon => "soon",
                Urgency::Fine => "fine",
                Urgency::None => "none",
            }
            .to_owned(),
            due: item.row.due.map(|due| due.to_string()),
            submitted_at: item.row.submitted_at.to_string(),
        })
        .collect();
    Ok(Json(QueueBody { items, total: queue.total, late: queue.late, soon: queue.soon }))
}

fn staff_body(file: &CaseFile) -> StaffCaseBody {
    let case = &file.loaded.case;
    let mut actions: Vec<String> = file.actions.iter().map(|action| action.id.clone()).collect();
    for (may, name) in [
        (file.may_take, "take"),
        (file.may_vote, "vote"),
        (file.may_decide_appeal, "decide_appeal"),
        (!file.tasks.is_empty(), "close_task"),
        (file.may_confirm, "confirm"),
    ] {
        if may {
            actions.push(name.to_owned());
        }
    }
    let mut answers = case.answers.clone();
    if file.access != office::Access::Full {
        answers.retain(|id, _| {
            let field = file.loaded.definition.field(id);
            field.is_some_and(|(_, field)| field.privacy != definition::Privacy::Special)
        });
    }
    StaffCaseBody {
        case: case_item(case),
        seq: case.seq,
        applicant: case.submitted.applicant.clone(),
        behalf: case.submitted.behalf.as_ref().map(|behalf| behalf_body(&behalf.represented)),
        actor: case.submitted.behalf.as_ref().map_or_else(String::new, |behalf| behalf.actor.clone()),
        answers: serde_json::to_value(answers).unwrap_or_default(),
        officer: case.stage.officer().map_or_else(String::new, |officer| officer.name.clone()),
        actions,
        tasks: file.tasks.iter().map(ToString::to_string).collect(),
        history: history(&file.loaded.history),
    }
}

/// A case by its number. The look is recorded and shown to the applicant.
#[utoipa::path(get, path = "/api/v1/staff/cases/{number}", tag = "staff", params(("number" = String, Path)),
    responses((status = 200, body = StaffCaseBody), (status = 404, body = Problem)))]
async fn staff_case(who: ApiOfficial, Path(number): Path<String>) -> Result<Response, WebError> {
    let officer = officer(&who)?;
    let file = office::view(who.ctx(), &officer, &number, "case-work").await.map_err(|e| refuse(&who.t, e))?;
    Ok(tagged(StatusCode::OK, file.loaded.case.seq, staff_body(&file)))
}

/// Acts on a case in the version that `If-Match` names.
#[utoipa::path(post, path = "/api/v1/staff/cases/{number}/actions", tag = "staff",
    params(("number" = String, Path), ("If-Match" = String, Header, description = "Version of the case, as in `ETag`")),
    request_body = StaffActionBody,
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn staff_act(
    who: ApiOfficial,
    Path(number): Path<String>,
    headers: HeaderMap,
    body: ApiJson<StaffActionBody>,
) -> Result<StatusCode, WebError> {
    let officer = officer(&who)?;
    let seq = needed(&headers)?;
    let ctx = who.ctx();
    let ApiJson(StaffActionBody { action, comment, reason, task, positive }) = body;
    let result: Result<(), Error> = match action.as_str() {
        "take" => office::take(ctx, &officer, &number, seq).await,
        "vote" => office::vote(ctx, &officer, &number, seq, positive, comment).await,
        "decide_appeal" => office::decide_appeal(ctx, &officer, &number, seq, positive, comment).await,
        "confirm" => office::confirm(ctx, &officer, &number, seq, positive, comment).await,
        "close_task" => {
            let task = task.parse().map_err(|_| WebError::not_found())?;
            office::close_task(ctx, &officer, &number, seq, task, positive, comment).await
        }
        other => office::act(ctx, &officer, &number, seq, other, comment, reason, Vec::new()).await,
    };
    result.map_err(|e| refuse(&who.t, e))?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_if_match_is_read_strictly() {
        let with = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_MATCH, text.parse().unwrap());
            if_match(&headers)
        };
        assert_eq!(with("\"7\"").unwrap(), Some(7));
        assert!(with("7").is_err());
        assert!(with("W/\"7\"").is_err());
        assert_eq!(if_match(&HeaderMap::new()).unwrap(), None);
        assert!(needed(&HeaderMap::new()).is_err());
    }
}
