//! Pages and JSON of identity.

pub(crate) mod api;
pub(crate) mod foreign;
pub(crate) mod html;
pub(crate) mod mandates;
mod one;
mod prove;
mod recover;
pub(crate) mod staffing;
mod ways;

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use contracts::{Channel, Ctx};
use web::page::{SESSION_COOKIE, cookie, set_cookie};
use web::{AppState, FieldProblem, Posted, WebError};

use crate::service::{IdentityError, Origin};

/// All pages, paths without the language.
pub(crate) fn pages() -> axum::Router<AppState> {
    html::routes().merge(ways::routes()).merge(prove::routes()).merge(recover::routes())
}

/// Cookie of the unfinished registration or sign-in.
const FLOW_COOKIE: &str = "pf";
/// Cookie by which a device is known.
const DEVICE_COOKIE: &str = "pd";
/// Seconds that the flow's cookie lives: as long as the flow.
const FLOW_AGE: u64 = 30 * 60;
/// Seconds that the device's cookie lives: 90 days.
const DEVICE_AGE: u64 = 90 * 86_400;
/// Seconds that the session's cookie lives at most; the server ends the session earlier.
const SESSION_AGE: u64 = 30 * 86_400;

/// Names of the cookies that identity sets, for the page on cookies and for tests.
pub const WEB_COOKIES: [&str; 3] = [SESSION_COOKIE, FLOW_COOKIE, DEVICE_COOKIE];

impl From<IdentityError> for WebError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Busy => WebError::busy(),
            IdentityError::Stale => WebError::conflict("IDN_STALE"),
            other => WebError::internal(other),
        }
    }
}

/// What signing in needs to know of a request beside its form.
pub(crate) struct Visit {
    pub(crate) origin: Origin,
    /// Token of the flow under way.
    pub(crate) flow: Option<String>,
    state: AppState,
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Self::Rejection> {
        let token = |name| cookie(&parts.headers, name).filter(|value| (20..=100).contains(&value.len()));
        Ok(Self {
            origin: Origin {
                device: token(DEVICE_COOKIE),
                address: address(&state.ctx, parts),
                user_agent: user_agent(&parts.headers),
                channel: Channel::Web,
            },
            flow: token(FLOW_COOKIE),
            state: state.clone(),
        })
    }
}

impl Visit {
    /// Sets the cookies of somebody who has signed in, and ends the flow's.
    pub(crate) fn signed_in(&self, response: &mut Response, session: &str, device: Option<&str>) {
        let mut set = |name, value: &str, age| {
            response.headers_mut().append(header::SET_COOKIE, set_cookie(&self.state, name, value, Some(age)));
        };
        set(SESSION_COOKIE, session, SESSION_AGE);
        if let Some(device) = device {
            set(DEVICE_COOKIE, device, DEVICE_AGE);
        }
        set(FLOW_COOKIE, "", 0);
    }

    /// Ends the session's cookie; the device stays known.
    pub(crate) fn signed_out(&self, response: &mut Response) {
        response.headers_mut().append(header::SET_COOKIE, set_cookie(&self.state, SESSION_COOKIE, "", Some(0)));
        // What the browser kept of the cabinet (its history cache) goes too.
        response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    }

    /// Sets the flow's cookie.
    pub(crate) fn flow_begun(&self, response: &mut Response, flow: &str) {
        response.headers_mut().append(header::SET_COOKIE, set_cookie(&self.state, FLOW_COOKIE, flow, Some(FLOW_AGE)));
    }
}

/// The browser's description of itself, bounded.
fn user_agent(headers: &HeaderMap) -> String {
    let text = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or("");
    text.chars().take(300).collect()
}

/// The network address: of the connection, or what a proxy that the operator trusts says.
///
/// The setting `server.trusted_proxy` = `true` takes the *last* entry of `X-Forwarded-For`: the one that our own
/// proxy wrote. Entries before it are the sender's words.
fn address(ctx: &Ctx, parts: &Parts) -> String {
    let forwarded = (ctx.settings.get("server.trusted_proxy") == Some("true"))
        .then(|| parts.headers.get_all("x-forwarded-for").iter().next_back())
        .flatten()
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.rsplit(',').next())
        .and_then(|text| text.trim().parse::<IpAddr>().ok());
    let peer = || {
        parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|ConnectInfo(address)| address.ip())
            .or_else(|| parts.extensions.get::<SocketAddr>().map(SocketAddr::ip))
    };
    match forwarded.or_else(peer) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            // One customer has a whole /64.
            None => {
                let s = address.segments();
                format!("{:x}:{:x}:{:x}:{:x}::/64", s[0], s[1], s[2], s[3])
            }
        },
        None => "–".to_owned(),
    }
}

/// A form with what was typed and what is wrong with it.
#[derive(Default)]
pub(crate) struct Form {
    values: Vec<(String, String)>,
    pub(crate) errors: Vec<FieldProblem>,
}

impl Form {
    /// What was posted, without passwords: those are never sent back.
    pub(crate) fn of(posted: &Posted) -> Self {
        let values = posted
            .fields()
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "password" | "current" | "credential" | "sealed"))
            .map(|(name, value)| (name.clone(), value.chars().take(1000).collect()))
            .collect();
        Self { values, errors: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.values.retain(|(known, _)| known != name);
        self.values.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn error(&self, name: &str) -> &str {
        self.errors.iter().find(|problem| problem.field == name).map_or("", |problem| &problem.message)
    }

    pub(crate) fn wrong(&mut self, field: &str, code: &str, message: String) {
        self.errors.push(FieldProblem { field: field.to_owned(), code: code.to_owned(), message });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_never_sends_a_password_back() {
        let posted = Posted::from_fields(vec![
            ("login".into(), "a".into()),
            ("password".into(), "secret".into()),
            ("current".into(), "secret".into()),
        ]);
        let form = Form::of(&posted);
        assert_eq!(form.value("login"), "a");
        assert_eq!(form.value("password"), "");
        assert_eq!(form.value("current"), "");
    }
}
