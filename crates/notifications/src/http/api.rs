//! The inbox as JSON.

use axum::Json;
use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use kernel::id::MessageId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;
use web::error::Problem;
use web::{ApiCitizen, AppState, WebError};

use crate::service;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(messages)).routes(routes!(message))
}

/// Keyset pagination.
#[derive(Deserialize, IntoParams)]
struct Paging {
    /// `next` of the page before.
    #[serde(default)]
    before: Option<String>,
}

/// A message, in the language of `Accept-Language`.
#[derive(Serialize, ToSchema)]
struct MessageAnswer {
    id: String,
    title: String,
    body: String,
    /// Path within the portal, without the language.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// RFC 3339.
    at: String,
    unread: bool,
}

/// A page of messages, newest first.
#[derive(Serialize, ToSchema)]
struct Messages {
    items: Vec<MessageAnswer>,
    unread: u64,
    /// For `before`; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

fn answer(message: service::Message) -> MessageAnswer {
    MessageAnswer {
        id: message.id.to_string(),
        title: message.title,
        body: message.body,
        link: message.link,
        at: message.at.to_string(),
        unread: message.unread,
    }
}

const PAGE: u32 = 50;

/// The inbox.
#[utoipa::path(
    get, path = "/api/v1/messages", tag = "notifications", params(Paging),
    responses((status = 200, description = "Messages", body = Messages), (status = 401, description = "No live session", body = Problem))
)]
async fn messages(citizen: ApiCitizen, Query(paging): Query<Paging>) -> Result<Response, WebError> {
    let before = match paging.before.as_deref() {
        None | Some("") => None,
        Some(text) => Some(text.parse::<Uuid>().map_err(|_| WebError::bad_request("BEFORE"))?),
    };
    let mut found = service::list(citizen.ctx(), &citizen.t, citizen.subject, before, PAGE + 1).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let unread = crate::store::unread(&citizen.ctx().db, citizen.subject).await?;
    let body = Messages { items: found.into_iter().map(answer).collect(), unread, next };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// One message; reading it marks it read.
#[utoipa::path(
    get, path = "/api/v1/messages/{id}", tag = "notifications", params(("id" = String, Path, description = "Id of the message")),
    responses((status = 200, description = "The message", body = MessageAnswer), (status = 404, description = "No such message", body = Problem))
)]
async fn message(citizen: ApiCitizen, Path(id): Path<String>) -> Result<Response, WebError> {
    let id: MessageId = id.parse().map_err(|_| WebError::not_found())?;
    let found = service::open(citizen.ctx(), &citizen.t, citizen.subject, id).await?;
    let message = found.ok_or_else(WebError::not_found)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(answer(message))).into_response())
}
