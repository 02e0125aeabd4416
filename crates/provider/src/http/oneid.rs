//! The OneID dialect: one address for everything.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use serde_json::{Value, json};
use web::{AppState, WebError};

use super::machine::{begin, fresh};
use super::{both, form, query};
use crate::domain::error::{Code, Refusal};
use crate::domain::oneid::{self, Step};
use crate::domain::request::{Dialect, Params};
use crate::service::token::{self, Redemption};
use crate::service::{Memory, ProviderError, clients, logout, userinfo};

type Held = Extension<Arc<Memory>>;

pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/sso/oauth/Authorization.do", get(browser).post(program))
}

/// A browser arrives; or an old framework sends what belongs into a form.
async fn browser(
    State(state): State<AppState>,
    Extension(memory): Held,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let params = Params::new(query(raw.as_deref()).ok_or_else(|| WebError::bad_request("SSO_QUERY"))?);
    if let Some(step) = params.get("grant_type").and_then(Step::parse) {
        // A code is changed into a token by POST only, as every client does it.
        if step != Step::Token {
            return Ok(answer(step_of(&state, &memory, step, &params).await));
        }
    }
    if params.get("grant_type").is_some() {
        return Ok(answer(Err(Refusal::new(Code::UnsupportedGrantType, "grant_type is not understood by GET").into())));
    }
    begin(&state, &memory, &headers, params, Dialect::OneId).await
}

/// A program: parameters in the form, or in the query with an empty form.
async fn program(
    State(state): State<AppState>,
    Extension(memory): Held,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (Some(query), Some(form)) = (query(raw.as_deref()), form(&headers, body).await) else {
        return answer(Err(Refusal::new(Code::InvalidRequest, "the parameters are not readable").into()));
    };
    let params = both(query, form);
    if params.repeated() {
        return answer(Err(Refusal::new(Code::InvalidRequest, "a parameter comes twice").into()));
    }
    match params.get("grant_type").and_then(Step::parse) {
        Some(step) => answer(step_of(&state, &memory, step, &params).await),
        None => answer(Err(Refusal::new(Code::UnsupportedGrantType, "grant_type is not understood").into())),
    }
}

async fn step_of(state: &AppState, memory: &Memory, step: Step, params: &Params) -> Result<Value, ProviderError> {
    let ctx = &state.ctx;
    let needed = |name: &'static str, description| {
        params.get(name).ok_or(ProviderError::Refused(Refusal::new(Code::InvalidRequest, description)))
    };
    let id = needed("client_id", "client_id is missing")?;
    let secret = needed("client_secret", "client_secret is missing")?;
    let client = clients::authenticate_oneid(ctx, id, secret).await?;
    if step == Step::Token {
        let given = Redemption {
            code: needed("code", "code is missing")?,
            redirect_uri: params.get("redirect_uri"),
            verifier: None,
            jkt: None,
            dialect: Dialect::OneId,
        };
        let issued = token::redeem(ctx, memory, &client, given).await?;
        return Ok(json!({
            "scope": params.get("scope").unwrap_or(&client.client.id),
            "expires_in": issued.expires_in,
            "token_type": "bearer",
            "refresh_token": issued.refresh,
            "access_token": issued.access,
        }));
    }
    let access = needed("access_token", "access_token is missing")?;
    let holder = token::holder(ctx, access).await?;
    let own = |holder: &token::Holder| {
        holder.token.client_id == client.client.id && holder.token.facts.dialect == Dialect::OneId
    };
    let Some(holder) = holder.filter(own) else {
        return Err(Refusal::new(Code::InvalidToken, "access_token is unknown, over or revoked").into());
    };
    match step {
        Step::Identify => userinfo::oneid(ctx, &holder).await,
        Step::LogOut | Step::Token => {
            logout::by_token(ctx, &holder).await?;
            Ok(json!({ "ret_cd": "0" }))
        }
    }
}

fn answer(answer: Result<Value, ProviderError>) -> Response {
    let refusal = match answer {
        Ok(value) => return fresh(&value),
        Err(ProviderError::Refused(refusal)) => refusal,
        Err(ProviderError::Busy | ProviderError::Stale) => {
            Refusal::new(Code::TemporarilyUnavailable, "too much work at the moment")
        }
        Err(error) => {
            tracing::error!(%error, "a program of the OneID dialect was not answered");
            Refusal::new(Code::ServerError, "something failed here")
        }
    };
    let mut response = fresh(&oneid::error(&refusal));
    *response.status_mut() = match refusal.code {
        Code::InvalidClient | Code::InvalidToken => StatusCode::UNAUTHORIZED,
        Code::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    response
}
