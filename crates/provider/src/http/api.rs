//! Registration of clients as JSON, for the operator's programs.

use axum::Json;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::Role;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::error::Problem;
use web::{ApiJson, ApiOfficial, AppState, FieldProblem, WebError};

use crate::domain::client::{self, Client};
use crate::service::clients::{self, Registrar, Saved};
use crate::store::ClientRow;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_clients, register_client))
        .routes(routes!(show_client, change_client))
        .routes(routes!(new_client_secret))
        .routes(routes!(switch_client))
}

/// A registered client.
#[derive(Serialize, ToSchema)]
struct ClientAnswer {
    /// The registration, as it was sent.
    #[schema(value_type = Object)]
    client: Client,
    active: bool,
    /// Send it back with a change.
    version: i64,
    /// Told once, when it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

/// A change of a registration.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClientChange {
    #[schema(value_type = Object)]
    client: Client,
    version: i64,
}

/// On or off.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Switch {
    active: bool,
}

fn operator(official: &ApiOfficial) -> Result<Registrar, WebError> {
    if !official.principal.has_role(Role::Operator) {
        return Err(WebError::forbidden());
    }
    Registrar::of(&official.principal).ok_or_else(WebError::forbidden)
}

fn answer(row: ClientRow, client_secret: Option<String>, status: StatusCode) -> Response {
    let body = ClientAnswer { client: row.client, active: row.active, version: row.version, client_secret };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

async fn get(official: &ApiOfficial, id: &str) -> Result<ClientRow, WebError> {
    Ok(clients::get(official.ctx(), id).await?.ok_or_else(WebError::not_found)?.0)
}

fn wrong(official: &ApiOfficial, problems: Vec<client::Problem>) -> WebError {
    let worded = |(field, code): client::Problem| FieldProblem {
        field: field.to_owned(),
        code: code.to_owned(),
        message: official.t.t(&format!("provider-client-error-{code}")),
    };
    WebError::invalid(problems.into_iter().map(worded).collect())
}

/// All clients of the identity provider.
#[utoipa::path(get, path = "/api/v1/clients", tag = "clients", security(("bearer" = [])),
    responses((status = 200, body = Vec<ClientAnswer>), (status = 403, body = Problem)))]
async fn list_clients(official: ApiOfficial) -> Result<Response, WebError> {
    operator(&official)?;
    let rows = clients::list(official.ctx()).await?;
    let all: Vec<ClientAnswer> = rows
        .into_iter()
        .map(|row| ClientAnswer { client: row.client, active: row.active, version: row.version, client_secret: None })
        .collect();
    Ok(Json(all).into_response())
}

/// Registers a client. Its id makes the call idempotent: a second one is refused with `id-taken`.
#[utoipa::path(post, path = "/api/v1/clients", tag = "clients", security(("bearer" = [])), request_body = Object,
    responses((status = 201, body = ClientAnswer), (status = 422, body = Problem)))]
async fn register_client(official: ApiOfficial, client: ApiJson<Client>) -> Result<Response, WebError> {
    let by = operator(&official)?;
    match clients::register(official.ctx(), &client, &by).await? {
        Saved::Done { secret } => Ok(answer(get(&official, &client.id).await?, secret, StatusCode::CREATED)),
        Saved::Wrong(problems) => Err(wrong(&official, problems)),
    }
}

/// A client.
#[utoipa::path(get, path = "/api/v1/clients/{id}", tag = "clients", security(("bearer" = [])), params(("id" = String, Path)),
    responses((status = 200, body = ClientAnswer), (status = 404, body = Problem)))]
async fn show_client(official: ApiOfficial, Path(id): Path<String>) -> Result<Response, WebError> {
    operator(&official)?;
    Ok(answer(get(&official, &id).await?, None, StatusCode::OK))
}

/// Changes a registration that is still at the version that was read.
#[utoipa::path(put, path = "/api/v1/clients/{id}", tag = "clients", security(("bearer" = [])), params(("id" = String, Path)),
    request_body = ClientChange,
    responses((status = 200, body = ClientAnswer), (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)))]
async fn change_client(
    official: ApiOfficial,
    Path(id): Path<String>,
    change: ApiJson<ClientChange>,
) -> Result<Response, WebError> {
    let by = operator(&official)?;
    let ApiJson(ClientChange { client, version }) = change;
    if client.id != id {
        return Err(wrong(&official, vec![("id", "id")]));
    }
    match clients::change(official.ctx(), client, version, &by).await?.ok_or_else(WebError::not_found)? {
        Saved::Done { secret } => Ok(answer(get(&official, &id).await?, secret, StatusCode::OK)),
        Saved::Wrong(problems) => Err(wrong(&official, problems)),
    }
}

/// A new secret; the old one ends at once.
#[utoipa::path(post, path = "/api/v1/clients/{id}/secret", tag = "clients", security(("bearer" = [])), params(("id" = String, Path)),
    responses((status = 200, body = ClientAnswer), (status = 404, body = Problem)))]
async fn new_client_secret(official: ApiOfficial, Path(id): Path<String>) -> Result<Response, WebError> {
    let by = operator(&official)?;
    let secret = clients::new_secret_for(official.ctx(), &id, &by).await?.ok_or_else(WebError::not_found)?;
    Ok(answer(get(&official, &id).await?, Some(secret), StatusCode::OK))
}

/// Switches a client off or on.
#[utoipa::path(post, path = "/api/v1/clients/{id}/active", tag = "clients", security(("bearer" = [])), params(("id" = String, Path)),
    request_body = Switch, responses((status = 200, body = ClientAnswer), (status = 404, body = Problem)))]
async fn switch_client(
    official: ApiOfficial,
    Path(id): Path<String>,
    switch: ApiJson<Switch>,
) -> Result<Response, WebError> {
    let by = operator(&official)?;
    if !clients::set_active(official.ctx(), &id, switch.active, &by).await? {
        return Err(WebError::not_found());
    }
    Ok(answer(get(&official, &id).await?, None, StatusCode::OK))
}
