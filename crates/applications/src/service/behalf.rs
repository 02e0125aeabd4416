//! For whom one applies: the choices that registers offer, and the one that was made.

use std::collections::BTreeMap;

use contracts::Ctx;
use contracts::identity::Person;
use contracts::mandates::{self, Deed, Grantor, Held, MandateRefused};
use contracts::registries::{Query, RegisterError};
use definition::{BehalfKind, Definition, Represented};
use kernel::id::DraftId;
use kernel::money::Tiyin;
use serde_json::Value;

use super::Error;
use super::drafts::keyed;
use crate::domain::behalf::{BehalfRefused, minors, organisations, power};

/// For whom somebody wants to apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    Oneself,
    /// One of [`choices`], by its token.
    Listed(String),
    /// One by the number of the person or organisation (the API).
    Numbered {
        kind: BehalfKind,
        number: String,
    },
    /// By a power of attorney with this number.
    Attorney {
        number: String,
    },
    /// Nothing was chosen.
    Unsaid,
}

/// Somebody for whom the person may apply.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Names the choice in a form; tells nothing.
    pub token: String,
    pub represented: Represented,
}

/// What a person may choose from.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    pub oneself: bool,
    pub listed: Vec<Choice>,
    /// A power of attorney may be named.
    pub attorney: bool,
    /// Registers that do not answer now: the list may lack somebody.
    pub away: Vec<String>,
}

/// Asks the registers for whom the person may apply for this service. Every question is recorded with the person.
///
/// # Errors
/// When the store fails; a register that is away makes the list shorter and is named.
pub async fn choices(ctx: &Ctx, definition: &Definition, person: &Person) -> Result<Choices, Error> {
    choices_of(ctx, definition, person, None).await
}

/// [`choices`], or those of one kind: only the register that knows of these is asked.
async fn choices_of(
    ctx: &Ctx,
    definition: &Definition,
    person: &Person,
    only: Option<BehalfKind>,
) -> Result<Choices, Error> {
    let mut out = Choices { oneself: definition.for_oneself(), ..Choices::default() };
    let mut asked: BTreeMap<&str, Option<Value>> = BTreeMap::new();
    for rule in definition.access().on_behalf.iter().filter(|rule| only.is_none_or(|kind| kind == rule.who)) {
        let register = match rule.who {
            BehalfKind::Child | BehalfKind::Ward => "population",
            BehalfKind::Organisation => "tax",
            BehalfKind::Attorney => {
                out.attorney = true;
                continue;
            }
        };
        if !asked.contains_key(register) {
            let record = match ask(ctx, definition, person, register, BTreeMap::new()).await {
                Ok(record) => Some(record),
                Err(RegisterError::NotFound(_)) => None,
                Err(RegisterError::Unavailable(_)) => {
                    out.away.push(register.to_owned());
                    None
                }
                Err(RegisterError::Storage(error)) => return Err(error.into()),
            };
            asked.insert(register, record);
        }
        let Some(Some(record)) = asked.get(register) else { continue };
        let found = match rule.who {
            BehalfKind::Organisation => organisations(rule, record),
            _ => minors(rule, record, ctx.today()),
        };
        out.listed.extend(
            found.into_iter().map(|represented| Choice { token: token(ctx, person, &represented), represented }),
        );
    }
    let offered = |kind| definition.access().on_behalf.iter().any(|rule| rule.who == kind);
    if offered(BehalfKind::Organisation) || offered(BehalfKind::Attorney) {
        let (service, group) = (definition.code().as_str(), definition.passport().group.as_str());
        for held in ctx.ports.mandates.held(ctx, person, service, group).await? {
            let represented = by_mandate(held);
            // Whoever is one of the organisation's own by the register needs no mandate of it.
            let known = out.listed.iter().any(|choice| {
                represented.kind == BehalfKind::Organisation
                    && choice.represented.kind == represented.kind
                    && choice.represented.key() == represented.key()
            });
            if offered(represented.kind) && !known {
                out.listed.push(Choice { token: token(ctx, person, &represented), represented });
            }
        }
    }
    Ok(out)
}

/// The one for whom a mandate lets its holder act.
pub(crate) fn by_mandate(held: Held) -> Represented {
    let empty = Represented {
        kind: BehalfKind::Organisation,
        pinfl: None,
        stir: None,
        surname: String::new(),
        name: String::new(),
        patronymic: String::new(),
        birth_date: None,
        ground: held.number,
        register: mandates::REGISTER.to_owned(),
    };
    match held.grantor {
        Grantor::Organisation { stir, name } => Represented { stir: Some(stir), surname: name, ..empty },
        Grantor::Person { pinfl, surname, name, patronymic, birth_date } => Represented {
            kind: BehalfKind::Attorney,
            pinfl: Some(pinfl),
            surname,
            name,
            patronymic,
            birth_date,
            ..empty
        },
    }
}

/// The number of a mandate in what was typed, when it has the look of one: `m 7k3f 9qab` is `M-7K3F9QAB`.
fn mandate_number(typed: &str) -> Option<String> {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let signs = plain.strip_prefix('M').filter(|signs| signs.len() == 8)?;
    Some(format!("M-{signs}"))
}

/// Counts an application that is about to be sent against the limits of the mandate under which it was begun; what was begun
/// by another right passes.
///
/// # Errors
/// [`Error::Behalf`] with the reason why the mandate does not carry it.
pub(crate) async fn spend(
    ctx: &Ctx,
    definition: &Definition,
    person: &Person,
    represented: Option<&Represented>,
    draft: DraftId,
    amount: Tiyin,
) -> Result<(), Error> {
    let Some(one) = represented.filter(|one| one.register == mandates::REGISTER) else { return Ok(()) };
    let deed = Deed {
        draft,
        service: definition.code().as_str().to_owned(),
        group: definition.passport().group.clone(),
        amount,
    };
    let spent = ctx.ports.mandates.spend(ctx, person, &one.ground, &deed).await?;
    spent.map_err(|refused| BehalfRefused::Mandate(refused).into())
}

pub(crate) fn token(ctx: &Ctx, person: &Person, represented: &Represented) -> String {
    let text = format!("{}|{}|{}", person.subject, represented.kind.name(), represented.key());
    keyed(ctx, "choice", &text).chars().take(20).collect()
}

/// Finds the one who was chosen, as the registers know them now; `None` = the person themselves.
///
/// # Errors
/// [`Error::Behalf`] when the person may not act for this one; [`Error::Register`] when the register that would say so is away.
pub async fn resolve(
    ctx: &Ctx,
    definition: &Definition,
    person: &Person,
    whom: &Whom,
) -> Result<Option<Represented>, Error> {
    match whom {
        Whom::Oneself | Whom::Unsaid if definition.access().on_behalf.is_empty() => Ok(None),
        Whom::Oneself if definition.for_oneself() => Ok(None),
        Whom::Oneself | Whom::Unsaid => Err(BehalfRefused::NotChosen.into()),
        Whom::Listed(wanted) => {
            let choices = choices(ctx, definition, person).await?;
            pick(choices, |choice| choice.token == *wanted)
        }
        Whom::Numbered { kind, number } => {
            let choices = choices_of(ctx, definition, person, Some(*kind)).await?;
            pick(choices, |choice| choice.represented.kind == *kind && choice.represented.key() == *number)
        }
        Whom::Attorney { number } => {
            let number: String = number.chars().filter(|c| c.is_ascii_alphanumeric()).take(40).collect();
            let offered = definition.access().on_behalf.iter().any(|rule| rule.who == BehalfKind::Attorney);
            if !offered || number.is_empty() {
                return Err(BehalfRefused::NoPower.into());
            }
            let (service, group) = (definition.code().as_str(), definition.passport().group.as_str());
            if let Some(given) = mandate_number(&number) {
                match ctx.ports.mandates.by_number(ctx, person, &given, service, group).await? {
                    Ok(held) if matches!(held.grantor, Grantor::Person { .. }) => return Ok(Some(by_mandate(held))),
                    // A number of the notaries' register may look like one of ours.
                    Ok(_) | Err(MandateRefused::None) => {}
                    Err(refused) => return Err(BehalfRefused::Mandate(refused).into()),
                }
            }
            let params = BTreeMap::from([("number".to_owned(), number.clone())]);
            let record = match ask(ctx, definition, person, "attorneys", params).await {
                Ok(record) => record,
                Err(RegisterError::NotFound(_)) => return Err(BehalfRefused::NoPower.into()),
                Err(RegisterError::Unavailable(name)) => return Err(Error::Register(name)),
                Err(RegisterError::Storage(error)) => return Err(error.into()),
            };
            Ok(Some(power(&record, &number, person.pinfl.as_ref(), ctx.today(), service)?))
        }
    }
}

/// The one for whom a form was begun, as the registers know them when it is sent. A right that has ended in between (a child
/// came of age, a power was revoked, a director was replaced) gives none any more.
///
/// Rule: APP-BEHALF-SENT.
/// Source: Civil Code, articles on representation (a deed done without a right binds nobody); Family Code (of age at 18).
///
/// # Errors
/// [`Error::BehalfEnded`] with the reason; [`Error::Register`] when the register that would say so is away.
pub async fn still(
    ctx: &Ctx,
    definition: &Definition,
    person: &Person,
    begun: &Represented,
) -> Result<Represented, Error> {
    let whom = match begun.kind {
        BehalfKind::Attorney => Whom::Attorney { number: begun.ground.clone() },
        kind => Whom::Numbered { kind, number: begun.key() },
    };
    match resolve(ctx, definition, person, &whom).await {
        // A power under the same number that somebody else has given is another power.
        Ok(Some(now)) if now.kind == begun.kind && now.key() == begun.key() => Ok(now),
        Ok(_) => Err(Error::BehalfEnded(BehalfRefused::NotRepresented)),
        Err(Error::Behalf(refused)) => Err(Error::BehalfEnded(refused)),
        Err(error) => Err(error),
    }
}

fn pick(choices: Choices, is: impl Fn(&Choice) -> bool) -> Result<Option<Represented>, Error> {
    match choices.listed.into_iter().find(|choice| is(choice)) {
        Some(choice) => Ok(Some(choice.represented)),
        // Whoever is missing may be in the register that does not answer.
        None => match choices.away.into_iter().next() {
            Some(register) => Err(Error::Register(register)),
            None => Err(BehalfRefused::NotRepresented.into()),
        },
    }
}

async fn ask(
    ctx: &Ctx,
    definition: &Definition,
    person: &Person,
    register: &str,
    params: BTreeMap<String, String>,
) -> Result<Value, RegisterError> {
    let query = Query {
        register: register.to_owned(),
        subject: Some(person.subject),
        pinfl: person.pinfl,
        passport: person.passport,
        params,
        purpose: definition.code().as_str().to_owned(),
    };
    Ok(ctx.ports.registers.fetch(ctx, &query).await?.data)
}
