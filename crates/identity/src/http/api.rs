//! Signing in and own data as JSON.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::Channel;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::error::{Kind, Problem};
use web::{ApiCitizen, ApiJson, ApiVisitor, AppState, FieldProblem, WebError};

use super::Visit;
use crate::service::{self, Answer, Origin, SignIn};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(create_session, end_session)).routes(routes!(answer_code)).routes(routes!(me))
}

/// Signing in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignInRequest {
    /// PINFL, passport or phone number.
    login: String,
    /// Absent: a code by SMS is asked for instead.
    #[serde(default)]
    password: Option<String>,
    /// Token of a device that was remembered; with it no code is asked for.
    #[serde(default)]
    device: Option<String>,
}

/// Signed in.
#[derive(Serialize, ToSchema)]
struct SessionAnswer {
    /// For `Authorization: Bearer …`.
    token: String,
    /// Keep it and send it at the next sign-in.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
}

/// A code was sent by SMS.
#[derive(Serialize, ToSchema)]
struct CodeNeeded {
    /// Send it back with the code.
    flow: String,
    /// Masked; absent when nothing was proved yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
}

/// The code that came by SMS.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CodeRequest {
    flow: String,
    /// Six digits.
    code: String,
    /// Whether to remember the device.
    #[serde(default)]
    remember: bool,
}

/// The person who is signed in.
#[derive(Serialize, ToSchema)]
struct Me {
    subject: String,
    surname: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    patronymic: Option<String>,
    /// ISO date.
    #[serde(skip_serializing_if = "Option::is_none")]
    birth_date: Option<String>,
    /// 14 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pinfl: Option<String>,
    /// ISO 3166-1 alpha-2.
    citizenship: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Of notices and documents: `uz`, `uz-Cyrl`, `kaa`, `ru`, `en`.
    lang: String,
    /// SOATO code of the place of registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
}

fn origin(visit: Visit, device: Option<String>) -> Origin {
    Origin { channel: Channel::Api, device: device.filter(|token| (20..=100).contains(&token.len())), ..visit.origin }
}

/// Signs in: 201 with a token, or 202 when a code was sent by SMS.
#[utoipa::path(
    post, path = "/api/v1/sessions", tag = "identity", request_body = SignInRequest,
    responses(
        (status = 201, description = "Signed in", body = SessionAnswer),
        (status = 202, description = "A code was sent", body = CodeNeeded),
        (status = 401, description = "Login or password is wrong", body = Problem),
        (status = 429, description = "Too many tries", body = Problem),
    )
)]
async fn create_session(
    visitor: ApiVisitor,
    visit: Visit,
    ApiJson(request): ApiJson<SignInRequest>,
) -> Result<Response, WebError> {
    let ctx = visitor.ctx();
    let origin = origin(visit, request.device);
    let outcome = match &request.password {
        Some(password) => service::sign_in(ctx, &request.login, password, &origin).await?,
        None => service::sign_in_by_code(ctx, &request.login, &origin).await?,
    };
    match outcome {
        SignIn::Done { session, device } => Ok(signed_in(session, device)),
        SignIn::Code { flow, phone } => {
            Ok((StatusCode::ACCEPTED, no_store(), Json(CodeNeeded { flow, phone })).into_response())
        }
        // An app without pages sends no other second step yet; a frozen account is opened in the browser.
        SignIn::Other { flow } => {
            Ok((StatusCode::ACCEPTED, no_store(), Json(CodeNeeded { flow, phone: None })).into_response())
        }
        SignIn::Frozen => Err(WebError::new(Kind::SignIn, "IDN_FROZEN").message("identity-frozen-title")),
        SignIn::Refused => Err(WebError::new(Kind::SignIn, "IDN_REFUSED").message("identity-error-refused")),
        SignIn::Held { until } => {
            let seconds = (until.as_second() - ctx.now().as_second()).clamp(1, 86_400);
            Err(WebError::too_many(u32::try_from(seconds).unwrap_or(1)))
        }
    }
}

/// Answers with the code that came by SMS.
#[utoipa::path(
    post, path = "/api/v1/sessions/code", tag = "identity", request_body = CodeRequest,
    responses(
        (status = 201, description = "Signed in", body = SessionAnswer),
        (status = 410, description = "The sign-in is over: start again", body = Problem),
        (status = 422, description = "The code is wrong or too old", body = Problem),
    )
)]
async fn answer_code(
    visitor: ApiVisitor,
    visit: Visit,
    ApiJson(request): ApiJson<CodeRequest>,
) -> Result<Response, WebError> {
    let origin = origin(visit, None);
    let wrong = |message: String| {
        WebError::invalid(vec![FieldProblem { field: "code".to_owned(), code: "code".to_owned(), message }])
    };
    let t = &visitor.t;
    match service::answer_code(visitor.ctx(), &request.flow, &request.code, &origin, request.remember).await? {
        Answer::SignedIn { session, device, .. } => Ok(signed_in(session, device)),
        // A registration goes on in the browser only.
        Answer::Proved | Answer::Gone => Err(WebError::new(Kind::Gone, "IDN_FLOW_GONE")),
        Answer::Frozen => Err(WebError::new(Kind::SignIn, "IDN_FROZEN").message("identity-frozen-title")),
        Answer::Unreadable => Err(wrong(t.t("identity-error-code"))),
        Answer::Wrong { left } => Err(wrong(t.t1("identity-error-code-wrong", "left", left))),
        Answer::Exhausted => Err(wrong(t.t("identity-error-code-exhausted"))),
        Answer::Expired => Err(wrong(t.t("identity-error-code-expired"))),
    }
}

/// Ends the session whose token is sent.
#[utoipa::path(
    delete, path = "/api/v1/sessions", tag = "identity",
    responses((status = 204, description = "Ended"), (status = 401, description = "No live session", body = Problem))
)]
async fn end_session(citizen: ApiCitizen) -> Result<Response, WebError> {
    service::sign_out(citizen.ctx(), &citizen.principal).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Own data.
#[utoipa::path(
    get, path = "/api/v1/me", tag = "identity",
    responses((status = 200, description = "The person", body = Me), (status = 401, description = "No live session", body = Problem))
)]
async fn me(citizen: ApiCitizen) -> Result<Response, WebError> {
    let data = service::data(citizen.ctx(), citizen.subject).await?.ok_or_else(WebError::not_found)?;
    let p = data.person;
    let me = Me {
        subject: p.subject.to_string(),
        surname: p.surname,
        name: p.name,
        patronymic: p.patronymic,
        birth_date: p.birth_date.map(|date| date.to_string()),
        pinfl: p.pinfl.map(|pinfl| pinfl.as_str().to_owned()),
        citizenship: p.citizenship,
        phone: p.phone.map(|phone| phone.as_str().to_owned()),
        email: p.email,
        lang: p.lang.code().to_owned(),
        address: p.address.map(|soato| soato.as_str().to_owned()),
    };
    Ok((no_store(), Json(me)).into_response())
}

fn signed_in(token: String, device: Option<String>) -> Response {
    (StatusCode::CREATED, no_store(), Json(SessionAnswer { token, device })).into_response()
}

fn no_store() -> [(header::HeaderName, &'static str); 1] {
    [(header::CACHE_CONTROL, "no-store")]
}
