//! Refusals of the protocol, by their registered codes.

use std::fmt;

/// A registered error code. Source: RFC 6749 §4.1.2.1, §5.2; OpenID Connect Core §3.1.2.6; RFC 8628 §3.5; RFC 9449 §12.2; RFC 6750 §3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    InvalidScope,
    InvalidToken,
    InsufficientScope,
    UnauthorizedClient,
    UnsupportedGrantType,
    UnsupportedResponseType,
    AccessDenied,
    LoginRequired,
    ConsentRequired,
    InteractionRequired,
    AccountSelectionRequired,
    UnmetAuthenticationRequirements,
    RequestNotSupported,
    RequestUriNotSupported,
    InvalidRequestUri,
    RegistrationNotSupported,
    AuthorizationPending,
    SlowDown,
    ExpiredToken,
    InvalidDpopProof,
    UseDpopNonce,
    TemporarilyUnavailable,
    ServerError,
}

impl Code {
    /// As in the protocol.
    pub fn name(self) -> &'static str {
        match self {
            Code::InvalidRequest => "invalid_request",
            Code::InvalidClient => "invalid_client",
            Code::InvalidGrant => "invalid_grant",
            Code::InvalidScope => "invalid_scope",
            Code::InvalidToken => "invalid_token",
            Code::InsufficientScope => "insufficient_scope",
            Code::UnauthorizedClient => "unauthorized_client",
            Code::UnsupportedGrantType => "unsupported_grant_type",
            Code::UnsupportedResponseType => "unsupported_response_type",
            Code::AccessDenied => "access_denied",
            Code::LoginRequired => "login_required",
            Code::ConsentRequired => "consent_required",
            Code::InteractionRequired => "interaction_required",
            Code::AccountSelectionRequired => "account_selection_required",
            Code::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Code::RequestNotSupported => "request_not_supported",
            Code::RequestUriNotSupported => "request_uri_not_supported",
            Code::InvalidRequestUri => "invalid_request_uri",
            Code::RegistrationNotSupported => "registration_not_supported",
            Code::AuthorizationPending => "authorization_pending",
            Code::SlowDown => "slow_down",
            Code::ExpiredToken => "expired_token",
            Code::InvalidDpopProof => "invalid_dpop_proof",
            Code::UseDpopNonce => "use_dpop_nonce",
            Code::TemporarilyUnavailable => "temporarily_unavailable",
            Code::ServerError => "server_error",
        }
    }
}

/// A refusal with a sentence for the developer of the client: never with data of a person or a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    pub description: &'static str,
}

impl Refusal {
    pub const fn new(code: Code, description: &'static str) -> Self {
        Self { code, description }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.description)
    }
}
