//! Claims about a person, for whoever holds their access token.

use std::collections::BTreeSet;

use contracts::Ctx;
use contracts::identity::Person;
use kernel::id::SubjectId;
use serde_json::{Map, Value, json};

use super::token::Holder;
use super::{ProviderError, refuse, subject_key};
use crate::domain::claims::{self, Place};
use crate::domain::error::Code;
use crate::domain::{oneid, subject};

async fn person(ctx: &Ctx, subject: SubjectId) -> Result<Person, ProviderError> {
    match ctx.ports.people.person(ctx, subject).await? {
        Some(person) => Ok(person),
        None => refuse(Code::InvalidToken, "the person has no account any more"),
    }
}

fn place(ctx: &Ctx, person: &Person) -> Option<Place> {
    let soato = person.address.as_ref()?;
    let name = |soato| ctx.refdata.place_name(soato).get(person.lang).into_owned();
    Some(Place { region: name(&soato.region()), district: soato.district().as_ref().map(name) })
}

/// Values of claims about a person.
pub(crate) async fn values(
    ctx: &Ctx,
    subject: SubjectId,
    names: &[String],
) -> Result<Map<String, Value>, ProviderError> {
    let person = person(ctx, subject).await?;
    Ok(claims::values(&person, place(ctx, &person).as_ref(), names))
}

/// The answer of userinfo: `sub` and what was granted.
///
/// Rule: SSO-USERINFO.
/// Source: OpenID Connect Core 1.0 §5.3.2 (`sub` always; what is not known is left out).
///
/// # Errors
/// `insufficient_scope` when the token is not of a person's sign-in; when the database fails.
pub async fn userinfo(ctx: &Ctx, holder: &Holder) -> Result<Value, ProviderError> {
    let token = &holder.token;
    if !token.facts.scope.iter().any(|scope| scope == "openid") {
        return refuse(Code::InsufficientScope, "the token has no scope openid");
    }
    let sub = subject::sub(&subject_key(ctx), &holder.client.client, token.subject);
    let mut out = values(ctx, token.subject, &token.facts.delivery.userinfo).await?;
    out.insert("sub".to_owned(), json!(sub));
    Ok(Value::Object(out))
}

/// The answer of the OneID dialect.
///
/// # Errors
/// When the client is not of the dialect; when the database fails.
pub async fn oneid(ctx: &Ctx, holder: &Holder) -> Result<Value, ProviderError> {
    let (token, client) = (&holder.token, &holder.client.client);
    let Some(profile) = client.oneid_profile else {
        return refuse(Code::UnauthorizedClient, "the client is not registered for this dialect");
    };
    let person = person(ctx, token.subject).await?;
    let place = place(ctx, &person);
    let key = subject_key(ctx);
    let granted: BTreeSet<String> = token.facts.delivery.userinfo.iter().cloned().collect();
    let sid = token.facts.session.map(|session| subject::sid(&key, client, session)).unwrap_or_default();
    Ok(Value::Object(oneid::identify(
        profile,
        &oneid::About {
            person: &person,
            place: place.as_ref(),
            sub: &subject::sub(&key, client, token.subject),
            sid: &sid,
            assurance: token.facts.assurance,
            by_code: token.facts.by_code,
            granted: &granted,
        },
    )))
}
