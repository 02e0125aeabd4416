//! Published service definitions, as other contexts see them.

use std::sync::Arc;

use async_trait::async_trait;
use definition::{Definition, VersionHash};

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
    /// Services in force that answer a question in people's own words, best first, at most `limit`.
    async fn find(&self, _ctx: &Ctx, _question: &str, _limit: usize) -> Result<Vec<Arc<Definition>>, PortError> {
        Ok(Vec::new())
    }
    /// Counts a question of a person that found nothing, for the authors. Returns at once; what may be personal is dropped.
    fn missed(&self, _ctx: &Ctx, _question: &str) {}
}
