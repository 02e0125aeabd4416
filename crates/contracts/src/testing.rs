//! Surroundings for the tests of one context: a [`Ctx`] in which nobody else is at home.

use std::sync::Arc;

use async_trait::async_trait;
use definition::{Definition, VersionHash};
use kernel::clock::{ManualClock, Timestamp};
use kernel::id::{CaseId, StaffId, SubjectId};
use kernel::money::Tiyin;
use kernel::rng::SeededRng;

use crate::applications::{Cases, ServiceStats};
use crate::catalog::Catalog;
use crate::documents::{DocumentView, Documents};
use crate::identity::{People, Person, Sessions, Staff, StaffMember};
use crate::notifications::Inbox;
use crate::payments::{CreditView, InvoiceView, Invoices};
use crate::registries::{Answer, Query, RegisterError, Registers};
use crate::{Ctx, CtxInner, PortError, Ports, Principal, Settings, UnitRef};

/// Stands for every context: knows nothing, answers at once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Ports {
    /// Ports behind which nobody is; a test puts in those that it needs.
    pub fn nobody() -> Self {
        let nobody = Arc::new(Nobody);
        Self {
            sessions: nobody.clone(),
            people: nobody.clone(),
            staff: nobody.clone(),
            mandates: nobody.clone(),
            catalog: nobody.clone(),
            cases: nobody.clone(),
            invoices: nobody.clone(),
            documents: nobody.clone(),
            inbox: nobody.clone(),
            registers: nobody,
        }
    }
}

impl Settings {
    /// Settings of a test: demo data, a fixed key, nothing else configured.
    pub fn test() -> Self {
        Self { public_url: "http://127.0.0.1:8080".to_owned(), demo: true, master_key: [7; 32], values: Arc::default() }
    }
}

/// A context over a database and a file store, at 11:00 in Tashkent on Saturday, 21 November 2026, with fixed chance. The clock is given back to be moved.
///
/// # Panics
/// When the reference data of the repository are broken: this is for tests.
pub fn ctx(db: storage::Db, blobs: storage::Blobs, ports: Ports, settings: Settings) -> (Ctx, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(START));
    let ctx = Ctx::new(CtxInner {
        db,
        blobs,
        clock: clock.clone(),
        rng: Arc::new(SeededRng::new(1)),
        refdata: refdata::RefData::shared(),
        ports,
        settings,
    });
    (ctx, clock)
}

/// 2026-11-21T06:00:00Z.
const START: Timestamp = Timestamp::constant(1_795_240_800, 0);

#[async_trait]
impl Sessions for Nobody {
    async fn principal(&self, _: &Ctx, _: &str) -> Result<Option<Principal>, PortError> {
        Ok(None)
    }
}

#[async_trait]
impl People for Nobody {
    async fn person(&self, _: &Ctx, _: SubjectId) -> Result<Option<Person>, PortError> {
        Ok(None)
    }
}

#[async_trait]
impl Staff for Nobody {
    async fn members(&self, _: &Ctx, _: &UnitRef) -> Result<Vec<StaffMember>, PortError> {
        Ok(Vec::new())
    }

    async fn member(&self, _: &Ctx, _: StaffId) -> Result<Option<StaffMember>, PortError> {
        Ok(None)
    }
}

#[async_trait]
impl crate::mandates::Mandates for Nobody {}

#[async_trait]
impl Catalog for Nobody {
    async fn current(&self, _: &Ctx, _: &str) -> Result<Option<Arc<Definition>>, PortError> {
        Ok(None)
    }

    async fn version(&self, _: &Ctx, _: &VersionHash) -> Result<Option<Arc<Definition>>, PortError> {
        Ok(None)
    }

    async fn all(&self, _: &Ctx) -> Result<Vec<Arc<Definition>>, PortError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Cases for Nobody {
    async fn stats(&self, _: &Ctx, _: &str) -> Result<ServiceStats, PortError> {
        Ok(ServiceStats::default())
    }

    async fn visible_to(&self, _: &Ctx, _: SubjectId, _: CaseId, _: &UnitRef) -> Result<bool, PortError> {
        Ok(false)
    }
}

#[async_trait]
impl Invoices for Nobody {
    async fn credit(&self, _: &Ctx, _: SubjectId, _: &str, _: Tiyin) -> Result<Option<CreditView>, PortError> {
        Ok(None)
    }

    async fn for_case(&self, _: &Ctx, _: SubjectId, _: CaseId) -> Result<Vec<InvoiceView>, PortError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Documents for Nobody {
    async fn holds(&self, _: &Ctx, _: &str) -> Result<bool, PortError> {
        Ok(false)
    }

    async fn for_case(&self, _: &Ctx, _: SubjectId, _: CaseId) -> Result<Vec<DocumentView>, PortError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Inbox for Nobody {
    async fn unread(&self, _: &Ctx, _: SubjectId) -> Result<u64, PortError> {
        Ok(0)
    }
}

#[async_trait]
impl Registers for Nobody {
    async fn fetch(&self, _: &Ctx, query: &Query) -> Result<Answer, RegisterError> {
        Err(RegisterError::NotFound(query.register.clone()))
    }
}
