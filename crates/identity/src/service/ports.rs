//! What other contexts ask identity.

use async_trait::async_trait;
use contracts::identity::{People, Person, SessionFacts, Sessions, Staff, StaffMember};
use contracts::{Ctx, PortError, Principal, UnitRef};
use kernel::id::{SessionId, StaffId, SubjectId};

use super::sessions;
use crate::store;

/// The implementation of identity's ports; stateless.
#[derive(Clone, Copy, Debug, Default)]
pub struct Port;

#[async_trait]
impl Sessions for Port {
    async fn principal(&self, ctx: &Ctx, token: &str) -> Result<Option<Principal>, PortError> {
        Ok(sessions::principal(ctx, token).await?)
    }

    async fn facts(
        &self,
        ctx: &Ctx,
        subject: SubjectId,
        session: SessionId,
    ) -> Result<Option<SessionFacts>, PortError> {
        Ok(sessions::facts(ctx, subject, session).await?)
    }

    async fn end(&self, ctx: &Ctx, subject: SubjectId, session: SessionId) -> Result<(), PortError> {
        Ok(sessions::end(ctx, subject.uuid(), session).await?)
    }
}

#[async_trait]
impl People for Port {
    async fn person(&self, ctx: &Ctx, subject: SubjectId) -> Result<Option<Person>, PortError> {
        Ok(store::person(&ctx.db, subject).await?.map(|row| row.person))
    }
}

#[async_trait]
impl Staff for Port {
    async fn members(&self, ctx: &Ctx, unit: &UnitRef) -> Result<Vec<StaffMember>, PortError> {
        let rows = store::staff_of_agency(&ctx.db, unit.agency()).await?;
        Ok(rows.into_iter().map(|row| row.member).filter(|member| unit.covers(&member.unit)).collect())
    }

    async fn member(&self, ctx: &Ctx, staff: StaffId) -> Result<Option<StaffMember>, PortError> {
        Ok(store::staff(&ctx.db, staff).await?.map(|row| row.member))
    }
}
