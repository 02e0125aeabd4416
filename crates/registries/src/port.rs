//! The port: one question, answered by the table or by the real register, always recorded.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use contracts::registries::{Answer, Query, RegisterError, Registers};
use contracts::{Ctx, Settings};
use kernel::lang::Text;
use kernel::person::{Passport, Pinfl};
use ring::hmac;
use storage::Batch;
use storage::audit::{self, AuditEntry};

use crate::{http, store};

/// Code of the audit entry that each question leaves with the person.
pub const AUDIT_ACTION: &str = "register.fetch";

/// Registers that are to fail, for tests and for rehearsals of an outage.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Mutex<BTreeSet<String>>>);

impl Faults {
    /// From now on the register does not answer (`down`) or answers again.
    pub fn set(&self, register: &str, down: bool) {
        let mut set = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if down {
            set.insert(register.to_owned());
        } else {
            set.remove(register);
        }
    }

    /// Whether the register is to fail.
    pub fn is_down(&self, register: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(register)
    }
}

/// Asks registers.
#[derive(Clone, Debug, Default)]
pub struct Port {
    faults: Faults,
}

impl Port {
    /// The port of the program. Which registers are real ones is read from the settings with each question.
    pub fn new(_settings: &Settings) -> Self {
        Self::default()
    }

    /// A port whose faults can be injected through the given handle.
    pub fn with_faults(faults: Faults) -> Self {
        Self { faults }
    }

    async fn ask(&self, ctx: &Ctx, query: &Query) -> Result<Answer, RegisterError> {
        let register = &query.register;
        // `registries.down`: names separated by commas; an operator's way to take a sick register out.
        let configured_down = ctx
            .settings
            .get("registries.down")
            .is_some_and(|names| names.split(',').any(|name| name.trim() == register));
        if configured_down || self.faults.is_down(register) {
            return Err(RegisterError::Unavailable(register.clone()));
        }
        if let Some(remote) = http::Remote::from_settings(&ctx.settings, register) {
            let (data, as_of) = remote.fetch(query, ctx.now()).await?;
            return Ok(Answer { source: title(register), as_of, data });
        }
        let person = if query.params.is_empty() { person_hash(ctx, query) } else { Some(String::new()) };
        let Some(person) = person else { return Err(RegisterError::NotFound(register.clone())) };
        let found = store::find(&ctx.db, register, &person, &item_key(query.params.iter())).await?;
        let Some((text, as_of)) = found else { return Err(RegisterError::NotFound(register.clone())) };
        let data = serde_json::from_str(&text).map_err(|err| {
            tracing::error!(register, %err, "a stored record is not JSON");
            RegisterError::Unavailable(register.clone())
        })?;
        Ok(Answer { source: title(register), as_of, data })
    }
}

#[async_trait]
impl Registers for Port {
    async fn fetch(&self, ctx: &Ctx, query: &Query) -> Result<Answer, RegisterError> {
        let answer = self.ask(ctx, query).await;
        let outcome = match &answer {
            Ok(_) => "ok",
            Err(RegisterError::NotFound(_)) => "not_found",
            Err(_) => "failed",
        };
        tracing::debug!(register = query.register, purpose = query.purpose, outcome, "register asked");
        // The person sees each question, also one without an answer; one that never reached the register is none.
        if let (Some(subject), Ok(_) | Err(RegisterError::NotFound(_))) = (query.subject, &answer) {
            let mut batch = Batch::new(subject);
            audit::record(
                &mut batch,
                &*ctx.rng,
                AuditEntry {
                    at: ctx.now(),
                    actor: uuid::Uuid::nil(),
                    actor_name: definition::register_info(&query.register)
                        .map_or_else(|| query.register.clone(), |info| info.agency.clone()),
                    action: AUDIT_ACTION.to_owned(),
                    reason: query.purpose.clone(),
                    object: query.register.clone(),
                },
            );
            if let Err(err) = ctx.db.commit(batch).await {
                // Without the record there is no answer: what the person is not told of does not happen.
                tracing::error!(register = query.register, %err, "a register's answer could not be recorded");
                return Err(RegisterError::Unavailable(query.register.clone()));
            }
        }
        answer
    }
}

/// The title of a register, shown beside what it filled in; its name when nobody described it.
fn title(register: &str) -> Text {
    definition::register_info(register).map_or_else(|| Text::uz(register), |info| info.title.clone())
}

/// Under which hash the table knows the person; the PINFL counts before the passport.
fn person_hash(ctx: &Ctx, query: &Query) -> Option<String> {
    match (&query.pinfl, &query.passport) {
        (Some(pinfl), _) => Some(hash_pinfl(ctx, pinfl)),
        (None, Some(passport)) => Some(hash_passport(ctx, passport)),
        (None, None) => None,
    }
}

/// HMAC-SHA-256 of a PINFL under this installation's key, so that the table alone names nobody.
pub(crate) fn hash_pinfl(ctx: &Ctx, pinfl: &Pinfl) -> String {
    keyed(ctx, "pinfl", pinfl.as_str())
}

/// The same of a passport's series and number.
pub(crate) fn hash_passport(ctx: &Ctx, passport: &Passport) -> String {
    keyed(ctx, "passport", passport.as_str())
}

fn keyed(ctx: &Ctx, kind: &str, value: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &ctx.settings.key("registries.person"));
    let tag = hmac::sign(&key, format!("{kind}:{value}").as_bytes());
    data_encoding::HEXLOWER.encode(tag.as_ref())
}

/// Further keys of a question as one text, in the order of their names: `a=1;b=2`.
pub(crate) fn item_key<'a>(params: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let pairs: Vec<String> = params.map(|(name, value)| format!("{name}={}", value.trim())).collect();
    pairs.join(";")
}
