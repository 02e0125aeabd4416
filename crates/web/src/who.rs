//! Permission as an extractor: a handler that lacks it has no object to act on.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use contracts::{Principal, Role, UnitRef, Who};
use kernel::id::{StaffId, SubjectId};

use crate::page::PageRejection;
use crate::{AppState, Page, WebError};

/// A request by a signed-in person. Others are sent to sign in and come back.
pub struct Citizen {
    pub page: Page,
    pub subject: SubjectId,
    pub principal: Principal,
}

/// A request by an official with the role to work cases, to head the unit or to vote in a commission.
pub struct Official {
    pub page: Page,
    pub staff: StaffId,
    pub unit: UnitRef,
    pub roles: Vec<Role>,
    pub principal: Principal,
}

/// A request by the head of a unit.
pub struct Head(pub Official);

/// A request by an operator of the platform.
pub struct Operator(pub Official);

/// A request by somebody who works on definitions of services, or who runs the platform: who may look at them.
pub struct CatalogueStaff(pub Official);

/// A request by an author of definitions.
pub struct ServiceAuthor(pub Official);

/// A request by a reviewer of definitions.
pub struct Reviewer(pub Official);

/// A request by a publisher of definitions.
pub struct Publisher(pub Official);

impl Deref for Citizen {
    type Target = Page;
    fn deref(&self) -> &Page {
        &self.page
    }
}

impl Deref for Official {
    type Target = Page;
    fn deref(&self) -> &Page {
        &self.page
    }
}

impl Deref for Head {
    type Target = Official;
    fn deref(&self) -> &Official {
        &self.0
    }
}

impl Deref for Operator {
    type Target = Official;
    fn deref(&self) -> &Official {
        &self.0
    }
}

impl FromRequestParts<AppState> for Citizen {
    type Rejection = PageRejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageRejection> {
        let page = Page::from_request_parts(parts, state).await?;
        match page.principal.clone() {
            Some(principal) => match principal.who {
                Who::Citizen { subject } => Ok(Self { page, subject, principal }),
                Who::Official { .. } => Err(WebError::forbidden().into()),
            },
            None => Err(WebError::sign_in(&page, "/sign-in").into()),
        }
    }
}

impl FromRequestParts<AppState> for Official {
    type Rejection = PageRejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageRejection> {
        let page = Page::from_request_parts(parts, state).await?;
        match page.principal.clone() {
            Some(principal) => match principal.who.clone() {
                Who::Official { staff, unit, roles } => Ok(Self { page, staff, unit, roles, principal }),
                Who::Citizen { .. } => Err(WebError::forbidden().into()),
            },
            None => Err(WebError::sign_in(&page, "/staff/sign-in").into()),
        }
    }
}

impl FromRequestParts<AppState> for Head {
    type Rejection = PageRejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageRejection> {
        let official = Official::from_request_parts(parts, state).await?;
        if official.roles.contains(&Role::Head) { Ok(Self(official)) } else { Err(WebError::forbidden().into()) }
    }
}

impl FromRequestParts<AppState> for Operator {
    type Rejection = PageRejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageRejection> {
        let official = Official::from_request_parts(parts, state).await?;
        if official.roles.contains(&Role::Operator) { Ok(Self(official)) } else { Err(WebError::forbidden().into()) }
    }
}

/// Extractors of an official with one of some roles.
macro_rules! by_role {
    ($($name:ident: $($role:ident)|+;)*) => {$(
        impl Deref for $name {
            type Target = Official;
            fn deref(&self) -> &Official {
                &self.0
            }
        }

        impl FromRequestParts<AppState> for $name {
            type Rejection = PageRejection;

            async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, PageRejection> {
                let official = Official::from_request_parts(parts, state).await?;
                let holds = [$(Role::$role),+].iter().any(|role| official.roles.contains(role));
                if holds { Ok(Self(official)) } else { Err(WebError::forbidden().into()) }
            }
        }
    )*};
}
by_role! {
    CatalogueStaff: ServiceAuthor | Reviewer | Publisher | Operator;
    ServiceAuthor: ServiceAuthor;
    Reviewer: Reviewer;
    Publisher: Publisher;
}
