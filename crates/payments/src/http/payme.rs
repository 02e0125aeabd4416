//! `POST /payments/payme`: the provider's calls. Whatever comes, the status is 200 and the body is JSON-RPC.

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Method, Request, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use web::AppState;

use crate::domain::payme::Fault;
use crate::service;

/// The longest call (fiscal data) is under 2 KB.
const BODY_LIMIT: usize = 64 * 1024;

pub(crate) async fn call(State(state): State<AppState>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let answer = if parts.method == Method::POST {
        let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        match to_bytes(body, BODY_LIMIT).await {
            Ok(body) => service::payme_request(&state.ctx, authorization, &body).await,
            Err(_) => service::reply(&Value::Null, Err(Fault::parse())),
        }
    } else {
        service::reply(&Value::Null, Err(Fault::not_post()))
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}
