//! What a person agreed to, seen and taken back.

use contracts::Ctx;
use kernel::id::SubjectId;
use storage::Batch;

use super::authorize::note;
use super::{ProviderError, clients};
use crate::domain::client::Client;
use crate::store::{self, ConsentRow};

/// A consent with the client that it was given to; `None` when the client is not registered any more.
pub struct Given {
    pub client: Option<Client>,
    pub has_logo: bool,
    pub row: ConsentRow,
}

/// The consents of a person, last used first.
///
/// # Errors
/// When the database fails.
pub async fn list(ctx: &Ctx, subject: SubjectId) -> Result<Vec<Given>, ProviderError> {
    let mut out = Vec::new();
    for row in store::consents(&ctx.db, subject).await? {
        let client = clients::get(ctx, &row.client_id).await?.map(|(client, _)| client);
        let has_logo = client.as_ref().is_some_and(|client| client.has_logo && client.active);
        out.push(Given { client: client.map(|client| client.client), has_logo, row });
    }
    Ok(out)
}

/// Takes a consent back: the client's codes and tokens end at once, and the person is asked anew the next time.
///
/// Rule: SSO-TAKE-BACK.
/// Source: Law on personal data, O‘RQ-547 (consent is revocable at any time); RFC 7009 §2.1 (what hangs on it ends).
///
/// # Errors
/// When the database fails.
pub async fn take_back(ctx: &Ctx, subject: SubjectId, client_id: &str) -> Result<bool, ProviderError> {
    let Some(row) = store::consent(&ctx.db, subject, client_id).await? else { return Ok(false) };
    let now = ctx.now();
    let mut batch = Batch::new(subject);
    store::delete_consent(&mut batch, subject, &row.client_id);
    store::spoil_codes_of_client(&mut batch, subject, &row.client_id, now);
    for grant in store::grants_of_client(&ctx.db, subject, &row.client_id).await? {
        store::revoke_grant(&mut batch, subject, grant, now, "consent taken back");
    }
    if let Some((client, _)) = clients::get(ctx, client_id).await? {
        note(ctx, &mut batch, &client.client, "sso.take-back");
    }
    ctx.db.commit(batch).await?;
    Ok(true)
}
