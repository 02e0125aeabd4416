//! Published service definitions, as other contexts see them.

use std::sync::Arc;

use async_trait::async_trait;
use definition::{Definition, Diagnostic, VersionHash};
use kernel::lang::Text;

use crate::{Ctx, PortError};

/// Serves definitions. Every answer is an immutable version, shared and cached by hash.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// The version in force of a service; `None` when the code is unknown or the service is not published.
    async fn current(&self, ctx: &Ctx, code: &str) -> Result<Option<Arc<Definition>>, PortError>;
    /// A version by its hash, also one that is no longer in force.
    async fn version(&self, ctx: &Ctx, hash: &VersionHash) -> Result<Option<Arc<Definition>>, PortError>;
    /// Every service in force, ordered by code.
    async fn all(&self, ctx: &Ctx) -> Result<Vec<Arc<Definition>>, PortError>;
    /// The version of a service that may be looked at: in force, or suspended for a while.
    async fn shown(&self, ctx: &Ctx, code: &str) -> Result<Option<Arc<Definition>>, PortError> {
        self.current(ctx, code).await
    }
    /// The version that a draft or case pinned to this one works with now: the same rules, with the words of the newest
    /// version that differs from it in words alone.
    async fn applied(&self, ctx: &Ctx, pinned: &VersionHash) -> Result<Option<Arc<Definition>>, PortError> {
        self.version(ctx, pinned).await
    }
    /// The version to which a case moves that is returned to its applicant; `None` = it stays on its own.
    async fn upgrade(&self, _ctx: &Ctx, _pinned: &VersionHash) -> Result<Option<Arc<Definition>>, PortError> {
        Ok(None)
    }
    /// Every service, offered or not, ordered by code.
    async fn every(&self, ctx: &Ctx) -> Result<Vec<Arc<Definition>>, PortError> {
        self.all(ctx).await
    }
    /// The version in force of a service, whether or not it is offered.
    async fn in_force(&self, ctx: &Ctx, code: &str) -> Result<Option<Arc<Definition>>, PortError> {
        self.current(ctx, code).await
    }
    /// Public words on why a service is suspended, when a publisher suspended it.
    async fn suspension(&self, _ctx: &Ctx, _code: &str) -> Result<Option<Text>, PortError> {
        Ok(None)
    }
    /// A definition that an author is changing, by the id of the revision, as far as it compiles: for staff alone.
    async fn revision(&self, _ctx: &Ctx, _id: &str) -> Result<Option<Arc<Definition>>, PortError> {
        Ok(None)
    }
    /// Looks whether another instance has published, and serves it; whether something changed.
    async fn refresh(&self, _ctx: &Ctx) -> Result<bool, PortError> {
        Ok(false)
    }
    /// Puts in force what waited for this moment.
    async fn put_due_in_force(&self, _ctx: &Ctx) -> Result<(), PortError> {
        Ok(())
    }
    /// What is wrong with the folder of definitions; the last good versions are served.
    fn problems(&self) -> Vec<Diagnostic> {
        Vec::new()
    }
    /// Services in force that answer a question in people's own words, best first, at most `limit`.
    async fn find(&self, _ctx: &Ctx, _question: &str, _limit: usize) -> Result<Vec<Arc<Definition>>, PortError> {
        Ok(Vec::new())
    }
}
