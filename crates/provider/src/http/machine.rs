//! Endpoints that programs call, and the two at which a browser arrives. Paths without a language.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use data_encoding::BASE64;
use serde_json::{Value, json};
use web::lang::preferred;
use web::{AppState, WebError};

use super::{both, form, no_store, outcome, principal, query};
use crate::domain::acr::LEVELS;
use crate::domain::claims::{ASKED, PASSPORT, SCOPES};
use crate::domain::client::{Auth, Grant};
use crate::domain::error::{Code, Refusal};
use crate::domain::jose::Alg;
use crate::domain::redirect;
use crate::domain::request::{Dialect, Params};
use crate::service::token::{self, Redemption};
use crate::service::{Memory, ProviderError, authorize, clients, device, issuer, logout, userinfo};
use crate::store::ClientRow;

/// Where things are; under the issuer.
pub(crate) const TOKEN: &str = "/sso/token";
const USERINFO: &str = "/sso/userinfo";

type Held = Extension<Arc<Memory>>;

pub(crate) fn routes() -> Router<AppState> {
    let open = Router::new()
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/.well-known/oauth-authorization-server", get(discovery))
        .route("/sso/jwks", get(jwks))
        .route(TOKEN, post(token_post))
        .route(USERINFO, get(userinfo_get).post(userinfo_post))
        .route("/sso/introspect", post(introspect))
        .route("/sso/revoke", post(revoke))
        .route("/sso/par", post(par))
        .route("/sso/device/code", post(device_code))
        .layer(middleware::from_fn(from_anywhere));
    Router::new()
        .route("/sso/authorize", get(authorize_get).post(authorize_post))
        .route("/sso/logout", get(logout_get).post(logout_post))
        .merge(open)
}

/// Programs in browsers of other sites call these, without cookies.
async fn from_anywhere(request: Request, next: Next) -> Response {
    let preflight = request.method() == Method::OPTIONS;
    let mut response = if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    if preflight {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, content-type, dpop"),
        );
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    } else {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("www-authenticate"));
    }
    response
}

/// What the provider can do. Source: OpenID Connect Discovery 1.0 §3; RFC 8414 §2; RFC 9207 §3; RFC 9126 §5; RFC 9449 §5.1; RFC 8628 §4.
pub(crate) fn metadata(issuer: &str) -> Value {
    let at = |path: &str| format!("{issuer}{path}");
    let algs: Vec<&str> = Alg::ALL.into_iter().map(Alg::name).collect();
    let auth: Vec<&str> = Auth::ALL.into_iter().map(Auth::name).collect();
    let with_proof: Vec<&str> = Auth::ALL.into_iter().filter(|auth| *auth != Auth::None).map(Auth::name).collect();
    let own = ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"];
    let told = ["email_verified", "phone_number_verified", PASSPORT];
    let claims: Vec<&str> = own.into_iter().chain(ASKED).chain(told).collect();
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("/sso/authorize"),
        "token_endpoint": at(TOKEN),
        "userinfo_endpoint": at(USERINFO),
        "jwks_uri": at("/sso/jwks"),
        "end_session_endpoint": at("/sso/logout"),
        "introspection_endpoint": at("/sso/introspect"),
        "revocation_endpoint": at("/sso/revoke"),
        "pushed_authorization_request_endpoint": at("/sso/par"),
        "device_authorization_endpoint": at("/sso/device/code"),
        "service_documentation": at("/api"),
        "scopes_supported": SCOPES.iter().map(|(scope, _)| *scope).collect::<Vec<_>>(),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": Grant::ALL.into_iter().map(Grant::name).collect::<Vec<_>>(),
        "acr_values_supported": LEVELS.iter().map(|(_, name)| *name).collect::<Vec<_>>(),
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": algs,
        "token_endpoint_auth_methods_supported": auth,
        "token_endpoint_auth_signing_alg_values_supported": algs,
        "introspection_endpoint_auth_methods_supported": with_proof,
        "introspection_endpoint_auth_signing_alg_values_supported": algs,
        "revocation_endpoint_auth_methods_supported": auth,
        "revocation_endpoint_auth_signing_alg_values_supported": algs,
        "display_values_supported": ["page"],
        "claim_types_supported": ["normal"],
        "claims_supported": claims,
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "ui_locales_supported": ["uz", "uz-Cyrl", "kaa", "ru", "en"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "dpop_signing_alg_values_supported": algs,
    })
}

async fn discovery(State(state): State<AppState>) -> Response {
    let keep = [(header::CACHE_CONTROL, "public, max-age=3600")];
    (keep, Json(metadata(issuer(&state.ctx)))).into_response()
}

async fn jwks(State(state): State<AppState>, Extension(memory): Held) -> Result<Response, WebError> {
    let keys = memory.ring(&state.ctx).await?.jwks();
    // Far shorter than a key is published before it signs.
    Ok((
        [(header::CACHE_CONTROL, "public, max-age=3600"), (header::CONTENT_TYPE, "application/jwk-set+json")],
        keys.to_string(),
    )
        .into_response())
}

// ---------------------------------------------------------------- browsers arrive

async fn authorize_get(
    State(state): State<AppState>,
    Extension(memory): Held,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let params = query(raw.as_deref()).ok_or_else(|| WebError::bad_request("SSO_QUERY"))?;
    begin(&state, &memory, &headers, Params::new(params), Dialect::Oidc).await
}

async fn authorize_post(
    State(state): State<AppState>,
    Extension(memory): Held,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, WebError> {
    let params = form(&headers, body).await.ok_or_else(|| WebError::bad_request("SSO_FORM"))?;
    begin(&state, &memory, &headers, Params::new(params), Dialect::Oidc).await
}

pub(super) async fn begin(
    state: &AppState,
    memory: &Memory,
    headers: &HeaderMap,
    params: Params,
    dialect: Dialect,
) -> Result<Response, WebError> {
    let who = principal(state, headers).await?;
    let next = authorize::start(&state.ctx, memory, params, dialect, who.as_ref()).await?;
    outcome(state, preferred(headers), false, next)
}

async fn logout_get(
    State(state): State<AppState>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let params = query(raw.as_deref()).ok_or_else(|| WebError::bad_request("SSO_QUERY"))?;
    end(&state, &headers, Params::new(params)).await
}

async fn logout_post(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Result<Response, WebError> {
    let params = form(&headers, body).await.ok_or_else(|| WebError::bad_request("SSO_FORM"))?;
    end(&state, &headers, Params::new(params)).await
}

/// A browser that posts from another site brings no cookies: it is sent on to a page where it does.
async fn end(state: &AppState, headers: &HeaderMap, params: Params) -> Result<Response, WebError> {
    let lang = params
        .get("ui_locales")
        .and_then(|tags| tags.split(' ').find_map(crate::domain::request::locale))
        .unwrap_or_else(|| preferred(headers));
    let handle = logout::keep(&state.ctx, params).await?;
    Ok(no_store(Redirect::to(&format!("/{}/sso/sign-out/{handle}", lang.code())).into_response()))
}

// ---------------------------------------------------------------- programs

/// An answer that nobody keeps. Source: RFC 6749 §5.1.
pub(super) fn fresh(value: &Value) -> Response {
    let mut response = Json(value).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// A refusal of the protocol, or a failure of ours without its cause.
pub(super) fn failed(error: ProviderError, by_header: Option<&'static str>) -> Response {
    let refusal = match error {
        ProviderError::Refused(refusal) => refusal,
        ProviderError::Busy => Refusal::new(Code::TemporarilyUnavailable, "too much work at the moment"),
        ProviderError::Stale => Refusal::new(Code::InvalidGrant, "changed at the same moment"),
        other => {
            tracing::error!(error = %other, "a program was not answered");
            Refusal::new(Code::ServerError, "something failed here")
        }
    };
    let status = match refusal.code {
        Code::InvalidClient | Code::InvalidToken => StatusCode::UNAUTHORIZED,
        Code::InvalidDpopProof if by_header == Some("DPoP") => StatusCode::UNAUTHORIZED,
        Code::InsufficientScope => StatusCode::FORBIDDEN,
        Code::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    let mut response = fresh(&json!({ "error": refusal.code.name(), "error_description": refusal.description }));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
    }
    if let Some(scheme) = by_header.filter(|_| matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)) {
        let mut told = format!("{scheme} realm=\"sso\"");
        if scheme != "Basic" {
            told.push_str(&format!(", error=\"{}\"", refusal.code.name()));
        }
        if scheme == "DPoP" {
            told.push_str(", algs=\"ES256 EdDSA\"");
        }
        if let Ok(value) = HeaderValue::from_str(&told) {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
    }
    response
}

/// `Authorization: Basic`, decoded as forms are. Source: RFC 6749 §2.3.1.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let plain = String::from_utf8(BASE64.decode(encoded.trim().as_bytes()).ok()?).ok()?;
    let (id, secret) = plain.split_once(':')?;
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
    };
    Some((decode(id)?, decode(secret)?))
}

/// A call of a client that has proved who it is.
struct Call {
    client: ClientRow,
    params: Params,
}

async fn call(state: &AppState, headers: &HeaderMap, body: Body, path: &str) -> Result<Call, Response> {
    let by_header = headers.contains_key(header::AUTHORIZATION).then_some("Basic");
    let fail = |error: ProviderError| failed(error, by_header);
    let wrong = |code, description| fail(Refusal::new(code, description).into());
    let Some(pairs) = form(headers, body).await else {
        return Err(wrong(Code::InvalidRequest, "the body must be application/x-www-form-urlencoded"));
    };
    let params = Params::new(pairs);
    if params.repeated() {
        return Err(wrong(Code::InvalidRequest, "a parameter comes twice"));
    }
    let basic = basic(headers);
    if by_header.is_some() && basic.is_none() {
        return Err(wrong(Code::InvalidClient, "the Authorization header is not understood"));
    }
    let given = clients::credentials(basic, &params).map_err(fail)?;
    let client = clients::authenticate(&state.ctx, &given, path).await.map_err(fail)?;
    Ok(Call { client, params })
}

/// The thumbprint of the key of a DPoP proof, when one came.
async fn proof(
    state: &AppState,
    headers: &HeaderMap,
    method: &str,
    path: &str,
) -> Result<Option<String>, ProviderError> {
    let mut proofs = headers.get_all("dpop").iter();
    let Some(first) = proofs.next() else { return Ok(None) };
    let text = first.to_str().ok().filter(|_| proofs.next().is_none());
    let text = text.ok_or(Refusal::new(Code::InvalidDpopProof, "one proof, in ASCII"))?;
    token::prove(&state.ctx, text, method, path, None).await.map(Some)
}

async fn token_post(
    State(state): State<AppState>,
    Extension(memory): Held,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let by_header = headers.contains_key(header::AUTHORIZATION).then_some("Basic");
    let call = match call(&state, &headers, body, TOKEN).await {
        Ok(call) => call,
        Err(response) => return response,
    };
    match issue(&state, &memory, &headers, &call).await {
        Ok(issued) => fresh(&issued.json()),
        Err(error) => failed(error, by_header),
    }
}

async fn issue(
    state: &AppState,
    memory: &Memory,
    headers: &HeaderMap,
    Call { client, params }: &Call,
) -> Result<token::Issued, ProviderError> {
    let ctx = &state.ctx;
    let refuse = |code, description| Err(Refusal::new(code, description).into());
    let Some(named) = params.get("grant_type") else {
        return refuse(Code::InvalidRequest, "grant_type is missing");
    };
    let Some(grant) = Grant::parse(named) else {
        return refuse(Code::UnsupportedGrantType, "grant_type is not understood");
    };
    if !client.client.may(grant) {
        return refuse(Code::UnauthorizedClient, "the client may not use this grant");
    }
    let needed = |name: &'static str, description| {
        params.get(name).ok_or(ProviderError::Refused(Refusal::new(Code::InvalidRequest, description)))
    };
    match grant {
        Grant::Code => {
            let code = needed("code", "code is missing")?;
            let verifier = needed("code_verifier", "code_verifier is missing")?;
            let given = Redemption {
                code,
                redirect_uri: params.get("redirect_uri"),
                verifier: Some(verifier),
                jkt: proof(state, headers, "POST", TOKEN).await?,
                dialect: Dialect::Oidc,
            };
            token::redeem(ctx, memory, client, given).await
        }
        Grant::Refresh => {
            let refresh = needed("refresh_token", "refresh_token is missing")?;
            let jkt = proof(state, headers, "POST", TOKEN).await?;
            token::renew(ctx, memory, client, refresh, params.get("scope"), jkt).await
        }
        Grant::Credentials => {
            let jkt = proof(state, headers, "POST", TOKEN).await?;
            token::for_client(ctx, client, params.get("scope"), jkt).await
        }
        Grant::Device => {
            let device_code = needed("device_code", "device_code is missing")?;
            let jkt = proof(state, headers, "POST", TOKEN).await?;
            device::poll(ctx, memory, client, device_code, jkt).await
        }
    }
}

async fn introspect(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Response {
    let call = match call(&state, &headers, body, "/sso/introspect").await {
        Ok(call) => call,
        Err(response) => return response,
    };
    if call.client.client.auth == Auth::None {
        return failed(Refusal::new(Code::InvalidClient, "only a client with a proof may ask").into(), None);
    }
    let Some(token) = call.params.get("token") else {
        return failed(Refusal::new(Code::InvalidRequest, "token is missing").into(), None);
    };
    match token::introspect(&state.ctx, &call.client, token).await {
        Ok(answer) => fresh(&answer),
        Err(error) => failed(error, None),
    }
}

async fn revoke(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Response {
    let call = match call(&state, &headers, body, "/sso/revoke").await {
        Ok(call) => call,
        Err(response) => return response,
    };
    let Some(token) = call.params.get("token") else {
        return failed(Refusal::new(Code::InvalidRequest, "token is missing").into(), None);
    };
    match token::revoke(&state.ctx, &call.client, token).await {
        Ok(()) => no_store(StatusCode::OK.into_response()),
        Err(error) => failed(error, None),
    }
}

async fn par(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Response {
    let call = match call(&state, &headers, body, "/sso/par").await {
        Ok(call) => call,
        Err(response) => return response,
    };
    let pushed = async {
        let mut pairs = call.params.pairs().to_vec();
        if call.params.get("client_id").is_none() {
            pairs.push(("client_id".to_owned(), call.client.client.id.clone()));
        }
        // A proof here binds the code to its key. Source: RFC 9449 §10.1.
        if let Some(jkt) = proof(&state, &headers, "POST", "/sso/par").await? {
            if call.params.get("dpop_jkt").is_some_and(|given| given != jkt) {
                return Err(Refusal::new(Code::InvalidDpopProof, "dpop_jkt is of another key").into());
            }
            pairs.retain(|(name, _)| name != "dpop_jkt");
            pairs.push(("dpop_jkt".to_owned(), jkt));
        }
        authorize::push(&state.ctx, &call.client, Params::new(pairs)).await
    };
    match pushed.await {
        Ok((uri, seconds)) => {
            let mut response = fresh(&json!({ "request_uri": uri, "expires_in": seconds }));
            *response.status_mut() = StatusCode::CREATED;
            response
        }
        Err(error) => failed(error, None),
    }
}

async fn device_code(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Response {
    let call = match call(&state, &headers, body, "/sso/device/code").await {
        Ok(call) => call,
        Err(response) => return response,
    };
    match device::begin(&state.ctx, &call.client, call.params.get("scope")).await {
        Ok(begun) => {
            let page = format!("{}/sso/device", issuer(&state.ctx));
            fresh(&json!({
                "device_code": begun.device_code,
                "user_code": begun.user_code,
                "verification_uri": page,
                "verification_uri_complete": redirect::with_params(&page, &[("user_code", &begun.user_code)]),
                "expires_in": device::WAITS_S,
                "interval": device::POLL_S,
            }))
        }
        Err(error) => failed(error, None),
    }
}

async fn userinfo_get(State(state): State<AppState>, headers: HeaderMap) -> Response {
    claims(&state, &headers, "GET", Vec::new()).await
}

async fn userinfo_post(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Response {
    // A body of another kind is not looked at: the token may be in the header.
    let pairs = form(&headers, body).await.unwrap_or_default();
    claims(&state, &headers, "POST", pairs).await
}

/// Source: RFC 6750 §2.1, §2.2 (one way to send the token), §3.1; RFC 9449 §7.1, §7.2.
async fn claims(state: &AppState, headers: &HeaderMap, method: &str, pairs: Vec<(String, String)>) -> Response {
    let given =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|text| text.split_once(' '));
    let params = both(Vec::new(), pairs);
    let (scheme, access) = match (given, params.get("access_token")) {
        (Some((scheme, token)), None) if scheme.eq_ignore_ascii_case("bearer") => ("Bearer", token.trim()),
        (Some((scheme, token)), None) if scheme.eq_ignore_ascii_case("dpop") => ("DPoP", token.trim()),
        (None, Some(token)) => ("Bearer", token),
        (Some(_), Some(_)) => {
            return failed(Refusal::new(Code::InvalidRequest, "the token came twice").into(), Some("Bearer"));
        }
        // No credentials at all: no error code is told. Source: RFC 6750 §3.1.
        _ => {
            let told = [(header::WWW_AUTHENTICATE, "Bearer realm=\"sso\""), (header::CACHE_CONTROL, "no-store")];
            return (StatusCode::UNAUTHORIZED, told).into_response();
        }
    };
    let answer = async {
        let invalid =
            || ProviderError::Refused(Refusal::new(Code::InvalidToken, "the token is unknown, over or revoked"));
        let holder = token::holder(&state.ctx, access).await?.ok_or_else(invalid)?;
        match (&holder.token.facts.jkt, scheme) {
            (None, "Bearer") => {}
            (Some(known), "DPoP") => {
                let mut proofs = headers.get_all("dpop").iter();
                let text = proofs.next().and_then(|value| value.to_str().ok()).filter(|_| proofs.next().is_none());
                let text = text.ok_or(Refusal::new(Code::InvalidDpopProof, "one proof is needed"))?;
                let jkt = token::prove(&state.ctx, text, method, USERINFO, Some(access)).await?;
                if jkt != *known {
                    return Err(invalid());
                }
            }
            _ => return Err(invalid()),
        }
        userinfo::userinfo(&state.ctx, &holder).await
    };
    match answer.await {
        Ok(claims) => fresh(&claims),
        Err(error) => failed(error, Some(scheme)),
    }
}
