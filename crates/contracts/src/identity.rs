//! People, staff and sessions, as other contexts see them.

use async_trait::async_trait;
use kernel::clock::{Date, Timestamp};
use kernel::id::{SessionId, StaffId, SubjectId};
use kernel::lang::Lang;
use kernel::person::{Passport, Phone, Pinfl, Soato};
use serde::{Deserialize, Serialize};

use crate::{Assurance, Ctx, PortError, Principal, Role, UnitRef};

/// Answers who is behind a session token.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// The principal of a live session; `None` when the token is unknown, expired or revoked.
    async fn principal(&self, ctx: &Ctx, token: &str) -> Result<Option<Principal>, PortError>;

    /// How and when a person's live session began; `None` when it has ended.
    async fn facts(
        &self,
        _ctx: &Ctx,
        _subject: SubjectId,
        _session: SessionId,
    ) -> Result<Option<SessionFacts>, PortError> {
        Ok(None)
    }

    /// Ends a person's session; one that has ended already is no error.
    async fn end(&self, _ctx: &Ctx, _subject: SubjectId, _session: SessionId) -> Result<(), PortError> {
        Ok(())
    }
}

/// How and when a live session began: what the identity provider tells of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    pub session: SessionId,
    /// When the person proved who they are.
    pub begun: Timestamp,
    pub assurance: Assurance,
    /// The password was not asked for (a code alone).
    pub by_code: bool,
    /// By what the person proved who they are: `amr` values (RFC 8176).
    pub amr: Vec<String>,
}

/// Sessions of a person were ended before their time: by signing out, on the page of sessions, by a new password.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionsEnded {
    pub subject: SubjectId,
    /// The one that ended; `None`: all but `except`.
    pub session: Option<SessionId>,
    pub except: Option<SessionId>,
}

impl crate::Event for SessionsEnded {
    const TOPIC: &'static str = "identity.sessions_ended";
}

/// What the portal knows about a person.
#[derive(Clone, Debug)]
pub struct Person {
    pub subject: SubjectId,
    /// `None` for a foreign citizen.
    pub pinfl: Option<Pinfl>,
    pub passport: Option<Passport>,
    pub surname: String,
    pub name: String,
    pub patronymic: Option<String>,
    pub birth_date: Option<Date>,
    /// ISO 3166-1 alpha-2.
    pub citizenship: String,
    pub phone: Option<Phone>,
    pub email: Option<String>,
    /// In which language notices and documents are made.
    pub lang: Lang,
    /// Place of permanent registration, when a register told it.
    pub address: Option<Soato>,
    /// Codes of fee reliefs that a register proved (`social_register`, `disability_1_2`, `orphan`).
    pub reliefs: Vec<String>,
}

impl Person {
    /// Surname, name, patronymic.
    pub fn full_name(&self) -> String {
        let mut out = format!("{} {}", self.surname, self.name);
        if let Some(p) = &self.patronymic {
            out.push(' ');
            out.push_str(p);
        }
        out
    }
}

/// Looks people up by their id.
#[async_trait]
pub trait People: Send + Sync {
    async fn person(&self, ctx: &Ctx, subject: SubjectId) -> Result<Option<Person>, PortError>;
}

/// A member of staff, for lists and assignment.
#[derive(Clone, Debug)]
pub struct StaffMember {
    pub staff: StaffId,
    pub name: String,
    pub unit: UnitRef,
    pub roles: Vec<Role>,
}

/// Looks officials up.
#[async_trait]
pub trait Staff: Send + Sync {
    /// Everybody whose unit is `unit` or below it.
    async fn members(&self, ctx: &Ctx, unit: &UnitRef) -> Result<Vec<StaffMember>, PortError>;
    async fn member(&self, ctx: &Ctx, staff: StaffId) -> Result<Option<StaffMember>, PortError>;
}

/// A person opened a cabinet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PersonRegistered {
    pub subject: SubjectId,
    pub lang: Lang,
}

impl crate::Event for PersonRegistered {
    const TOPIC: &'static str = "identity.person_registered";
}
