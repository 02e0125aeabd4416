//! Own documents and public checks as JSON.

use axum::Json;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kernel::id::DocumentId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::error::Problem;
use web::{ApiCitizen, ApiVisitor, AppState, WebError};

use crate::domain::number;
use crate::domain::verdict::Verdict;
use crate::service;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(pdf)).routes(routes!(check))
}

/// Most entries of a page.
const LARGEST_PAGE: u32 = 100;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Id of the last document of the page before.
    before: Option<String>,
    /// 1 to 100, 50 when absent.
    limit: Option<u32>,
}

/// A document of yours. Instants by RFC 3339.
#[derive(Serialize, ToSchema)]
struct DocumentAnswer {
    id: String,
    number: String,
    /// Whoever has the number and the code can check the document.
    code: String,
    case: String,
    case_number: String,
    service: String,
    /// In the language of `Accept-Language`.
    title: String,
    agency: String,
    issued_at: String,
    /// The last day of validity.
    valid_until: Option<String>,
    revoked_at: Option<String>,
    /// SHA-256 of the PDF, hex.
    sha256: String,
    size: u64,
}

/// A page of documents.
#[derive(Serialize, ToSchema)]
struct DocumentPage {
    items: Vec<DocumentAnswer>,
    /// The `before` of the next page; absent on the last one.
    next: Option<String>,
}

/// Own documents, the newest first.
#[utoipa::path(
    get, path = "/api/v1/documents", tag = "documents", params(ListQuery),
    responses((status = 200, description = "A page", body = DocumentPage), (status = 401, description = "No live session", body = Problem))
)]
async fn list(citizen: ApiCitizen, Query(query): Query<ListQuery>) -> Result<Response, WebError> {
    let before = match query.before.as_deref() {
        None | Some("") => None,
        Some(text) => Some(text.parse::<DocumentId>().map_err(|_| WebError::bad_request("BAD_ID"))?),
    };
    let limit = query.limit.unwrap_or(50).clamp(1, LARGEST_PAGE);
    let mut found = service::list(citizen.ctx(), citizen.subject, before, limit + 1).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = more.then(|| found.last().map(|last| last.id.to_string())).flatten();
    let items = found
        .into_iter()
        .map(|document| DocumentAnswer {
            id: document.id.to_string(),
            number: number::shown(&document.number),
            code: number::code_shown(&document.code),
            case: document.case.to_string(),
            case_number: document.case_number,
            service: document.service,
            title: document.title.get(citizen.t.lang()).into_owned(),
            agency: document.agency,
            issued_at: document.issued_at.to_string(),
            valid_until: document.valid_until.map(|day| day.to_string()),
            revoked_at: document.revoked.map(|revoked| revoked.at.to_string()),
            sha256: document.sha256,
            size: document.size,
        })
        .collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(DocumentPage { items, next })).into_response())
}

/// The PDF of an own document.
#[utoipa::path(
    get, path = "/api/v1/documents/{id}/pdf", tag = "documents", params(("id" = String, Path, description = "Id of the document")),
    responses(
        (status = 200, description = "The PDF", content_type = "application/pdf", body = Vec<u8>),
        (status = 404, description = "No such document of yours", body = Problem)
    )
)]
async fn pdf(citizen: ApiCitizen, Path(id): Path<String>) -> Result<Response, WebError> {
    let id = id.parse().map_err(|_| WebError::not_found())?;
    let document = service::document(citizen.ctx(), citizen.subject, id).await?.ok_or_else(WebError::not_found)?;
    let pdf = service::pdf(citizen.ctx(), &document).await?;
    Ok(super::file(&document, pdf))
}

#[derive(Deserialize, IntoParams)]
struct CheckQuery {
    /// The code printed on the document.
    #[serde(default)]
    code: String,
}

/// What a check says. Nothing but `verdict` when it is `unknown`.
#[derive(Default, Serialize, ToSchema)]
struct CheckAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// In the language of `Accept-Language`.
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Surname and initials.
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    /// The signed text, with the SHA-256 of the PDF, the agency and the dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<String>,
    /// Ed25519 signature of `record`, base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<String>,
    /// The platform's public key, base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
}

/// Checks a document by number and code; no account needed.
#[utoipa::path(
    get, path = "/api/v1/verify/{number}", tag = "documents",
    params(("number" = String, Path, description = "Number of the document, with or without hyphens"), CheckQuery),
    responses(
        (status = 200, description = "The verdict", body = CheckAnswer),
        (status = 429, description = "Too many wrong codes for this number", body = Problem)
    )
)]
async fn check(
    visitor: ApiVisitor,
    Path(number): Path<String>,
    Query(query): Query<CheckQuery>,
) -> Result<Response, WebError> {
    let checked = service::check_code(visitor.ctx(), &number, &query.code).await?;
    let mut answer = CheckAnswer { verdict: Some(checked.verdict), ..CheckAnswer::default() };
    if let Some(document) = checked.document {
        answer.number = Some(number::shown(&document.number));
        answer.title = Some(document.title.get(visitor.t.lang()).into_owned());
        answer.holder = Some(document.holder);
        answer.revoked_at = document.revoked.map(|revoked| revoked.at.to_string());
        answer.record = Some(document.record);
        answer.signature = Some(data_encoding::BASE64.encode(&document.signature));
        answer.public_key = Some(data_encoding::BASE64.encode(&service::public_key(visitor.ctx())?));
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response())
}
