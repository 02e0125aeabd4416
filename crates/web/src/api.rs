//! JSON requests: who asks, in which language, with what body.

use std::ops::Deref;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use contracts::{Ctx, Principal, UnitRef, Who};
use kernel::id::{StaffId, SubjectId};
use serde::de::DeserializeOwned;

use crate::i18n::T;
use crate::lang::preferred;
use crate::posted::bounded;
use crate::{AppState, WebError};

/// The error of API handlers is the error of all handlers.
pub type ApiError = WebError;

/// The largest JSON body that any call of ours needs.
const JSON_LIMIT: usize = 1024 * 1024;

/// Anybody, with the language of `Accept-Language`.
pub struct ApiVisitor {
    pub state: AppState,
    pub t: T,
}

/// A citizen by `Authorization: Bearer <token>`.
pub struct ApiCitizen {
    pub state: AppState,
    pub t: T,
    pub subject: SubjectId,
    pub principal: Principal,
    /// The token itself, to end the session.
    pub token: String,
}

/// An official by `Authorization: Bearer <token>`.
pub struct ApiOfficial {
    pub state: AppState,
    pub t: T,
    pub staff: StaffId,
    pub unit: UnitRef,
    pub principal: Principal,
}

impl ApiVisitor {
    pub fn ctx(&self) -> &Ctx {
        &self.state.ctx
    }
}

impl ApiCitizen {
    pub fn ctx(&self) -> &Ctx {
        &self.state.ctx
    }
}

impl ApiOfficial {
    pub fn ctx(&self) -> &Ctx {
        &self.state.ctx
    }
}

impl FromRequestParts<AppState> for ApiVisitor {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, WebError> {
        Ok(Self { state: state.clone(), t: state.i18n.lang(preferred(&parts.headers)) })
    }
}

async fn bearer(parts: &Parts, state: &AppState) -> Result<(Principal, String), WebError> {
    let token = parts
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(WebError::unauthenticated)?;
    let principal =
        state.ctx.ports.sessions.principal(&state.ctx, token).await?.ok_or_else(WebError::unauthenticated)?;
    Ok((principal, token.to_owned()))
}

impl FromRequestParts<AppState> for ApiCitizen {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, WebError> {
        let (principal, token) = bearer(parts, state).await?;
        let subject = principal.subject().ok_or_else(WebError::forbidden)?;
        Ok(Self { state: state.clone(), t: state.i18n.lang(preferred(&parts.headers)), subject, principal, token })
    }
}

impl FromRequestParts<AppState> for ApiOfficial {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, WebError> {
        let (principal, _) = bearer(parts, state).await?;
        let Who::Official { staff, unit, .. } = principal.who.clone() else { return Err(WebError::forbidden()) };
        Ok(Self { state: state.clone(), t: state.i18n.lang(preferred(&parts.headers)), staff, unit, principal })
    }
}

/// A JSON body of at most 1 MiB; unknown fields are refused where the type says so.
pub struct ApiJson<T>(pub T);

impl<T> Deref for ApiJson<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest<AppState> for ApiJson<T> {
    type Rejection = Response;

    async fn from_request(request: Request, _state: &AppState) -> Result<Self, Response> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("application/json"));
        if !json {
            return Err(WebError::unsupported().into_response());
        }
        let body = bounded(request.into_body(), JSON_LIMIT).await.map_err(IntoResponse::into_response)?;
        serde_json::from_slice(&body).map(Self).map_err(|error| {
            // The parser's words name the place and the field, never a value of ours.
            let place = format!("{}:{}", error.line(), error.column());
            WebError::bad_request("JSON").message("common-error-json-text").arg("place", place).into_response()
        })
    }
}

/// The `Idempotency-Key` of a request: 8 to 100 printable characters.
pub struct IdempotencyKey(pub String);

impl FromRequestParts<AppState> for IdempotencyKey {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, WebError> {
        let key = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or("");
        if (8..=100).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) {
            Ok(Self(key.to_owned()))
        } else {
            Err(WebError::bad_request("IDEMPOTENCY_KEY").message("common-error-idempotency-text"))
        }
    }
}
