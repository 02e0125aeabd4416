//! For whom a person acts in a session, and what was sent for an organisation.

use std::collections::BTreeMap;

use contracts::identity::Person;
use contracts::mandates::Acting;
use contracts::registries::{Query, RegisterError};
use contracts::{Ctx, PortError, Principal};
use definition::{BehalfKind, OnBehalf, Represented};
use kernel::id::{CaseId, SubjectId};
use kernel::person::Stir;
use serde_json::Value;

use super::behalf::{Choice, Choices, by_mandate, token};
use super::drafts::keyed;
use super::{Error, person};
use crate::domain::behalf::{BehalfRefused, minors, organisations, power_of};
use crate::store::represented::{self, RepresentedRow};

/// Purpose under which registers are asked; the person sees it among those who looked.
const PURPOSE: &str = "acting";

async fn ask(ctx: &Ctx, person: &Person, register: &str, number: Option<&str>) -> Result<Value, RegisterError> {
    let query = Query {
        register: register.to_owned(),
        subject: Some(person.subject),
        pinfl: person.pinfl,
        passport: person.passport,
        params: number.map(|number| ("number".to_owned(), number.to_owned())).into_iter().collect::<BTreeMap<_, _>>(),
        purpose: PURPOSE.to_owned(),
    };
    Ok(ctx.ports.registers.fetch(ctx, &query).await?.data)
}

/// Everybody for whom the person may act in some service: children, wards, organisations, those who gave a mandate.
///
/// # Errors
/// When the store fails; a register that is away makes the list shorter and is named.
pub async fn everybody(ctx: &Ctx, subject: SubjectId) -> Result<Choices, Error> {
    let person = person(ctx, subject).await?;
    let mut out = Choices { oneself: true, attorney: true, ..Choices::default() };
    let any = |who| OnBehalf { who, under_age: None, roles: Vec::new() };
    let mut found = Vec::new();
    for register in ["population", "tax"] {
        match ask(ctx, &person, register, None).await {
            Ok(record) if register == "tax" => found.extend(organisations(&any(BehalfKind::Organisation), &record)),
            Ok(record) => {
                found.extend(minors(&any(BehalfKind::Child), &record, ctx.today()));
                found.extend(minors(&any(BehalfKind::Ward), &record, ctx.today()));
            }
            Err(RegisterError::NotFound(_)) => {}
            Err(RegisterError::Unavailable(name)) => out.away.push(name),
            Err(RegisterError::Storage(error)) => return Err(error.into()),
        }
    }
    found.extend(ctx.ports.mandates.everybody(ctx, &person).await?.into_iter().map(by_mandate));
    for represented in found {
        let same = |choice: &Choice| {
            choice.represented.kind == represented.kind && choice.represented.key() == represented.key()
        };
        if !out.listed.iter().any(same) {
            out.listed.push(Choice { token: token(ctx, &person, &represented), represented });
        }
    }
    Ok(out)
}

/// What the person chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    Oneself,
    /// One of [`everybody`], by its token.
    Listed(String),
    /// The one who gave the power of attorney with this number of the notaries' register.
    Attorney(String),
}

/// Remembers for whom the person acts in this session. It gives no right: every form looks at the right anew.
///
/// # Errors
/// [`Error::Behalf`] when the person may not act for this one; [`Error::Register`] when the register that would say so is away.
pub async fn choose(ctx: &Ctx, subject: SubjectId, principal: &Principal, chosen: &Chosen) -> Result<(), Error> {
    let acting = match chosen {
        Chosen::Oneself => None,
        Chosen::Listed(token) => {
            let choices = everybody(ctx, subject).await?;
            match choices.listed.into_iter().find(|choice| choice.token == *token) {
                Some(choice) => Some(acting(subject, &choice.represented)),
                None => {
                    let away = choices.away.into_iter().next();
                    return Err(away.map_or(BehalfRefused::NotRepresented.into(), Error::Register));
                }
            }
        }
        Chosen::Attorney(number) => {
            let person = person(ctx, subject).await?;
            let number: String = number.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
            if number.is_empty() {
                return Err(BehalfRefused::NoPower.into());
            }
            let record = match ask(ctx, &person, "attorneys", Some(&number)).await {
                Ok(record) => record,
                Err(RegisterError::NotFound(_)) => return Err(BehalfRefused::NoPower.into()),
                Err(RegisterError::Unavailable(name)) => return Err(Error::Register(name)),
                Err(RegisterError::Storage(error)) => return Err(error.into()),
            };
            Some(acting(subject, &power_of(&record, &number, person.pinfl.as_ref(), ctx.today())?))
        }
    };
    Ok(ctx.ports.mandates.act_as(ctx, principal, acting.as_ref()).await?)
}

/// How a session remembers whom its person represents: a power of attorney by its own number, anybody else by theirs.
fn acting(person: SubjectId, one: &Represented) -> Acting {
    let notarial = one.kind == BehalfKind::Attorney && one.register == "attorneys";
    let key = if notarial { one.ground.clone() } else { one.key() };
    Acting { person, kind: one.kind.name().to_owned(), key, name: one.full_name() }
}

/// Which entry of a form is the one for whom the session acts.
pub fn preselected<'a>(choices: &'a Choices, acting: &Acting) -> Option<&'a Choice> {
    choices
        .listed
        .iter()
        .find(|choice| choice.represented.kind.name() == acting.kind && choice.represented.key() == acting.key)
}

/// Under which key cases sent for an organisation are found.
pub(crate) fn organisation_key(ctx: &Ctx, stir: &Stir) -> String {
    keyed(ctx, "organisation", stir.as_str())
}

/// Name of an organisation and a page of what was sent for it, for one who may see that.
///
/// # Errors
/// [`Error::NotFound`] when the person may not see it, as when there is no such organisation; [`Error::Register`].
pub async fn sent_for(
    ctx: &Ctx,
    subject: SubjectId,
    stir: &Stir,
    before: Option<CaseId>,
    limit: u32,
) -> Result<(String, Vec<RepresentedRow>), Error> {
    let person = person(ctx, subject).await?;
    let name = match ctx.ports.mandates.may_see(ctx, &person, stir).await {
        Ok(Some(name)) => name,
        Ok(None) => return Err(Error::NotFound),
        Err(PortError::Unavailable(name)) => return Err(Error::Register(name)),
        Err(error) => return Err(error.into()),
    };
    Ok((name, represented::page(&ctx.db, &organisation_key(ctx, stir), before, limit).await?))
}
