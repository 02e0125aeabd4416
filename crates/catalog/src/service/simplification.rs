//! How simple the services are, and what publications made simpler.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use contracts::{Ctx, PortError};
use definition::{Definition, VersionHash};
use kernel::clock::{Date, tashkent_date};
use kernel::lang::Text;
use kernel::money::Tiyin;

use crate::domain::simple::{self, GOAL_A_QUARTER, Measure, Measures, Quarter};
use crate::store;

/// Versions whose measures are remembered. A measured version is some hundred bytes.
const REMEMBERED: usize = 20_000;

/// A version with what it asks of a person.
#[derive(Debug)]
pub struct Measured {
    pub code: String,
    pub title: Text,
    pub owner: String,
    pub measures: Measures,
    /// Why a signature is required, as the definition says; `None` when it does not.
    pub because: Option<Text>,
}

/// A publication that changed a measure.
#[derive(Debug)]
pub struct Step {
    /// Day of the publication in Tashkent.
    pub on: Date,
    pub before: Arc<Measured>,
    pub after: Arc<Measured>,
    pub changes: Vec<Measure>,
    /// At least one measure is lower and none is higher.
    pub simpler: bool,
}

/// How many services became simpler in a quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub quarter: Quarter,
    pub services: usize,
    /// As many as are wanted, or more.
    pub reached: bool,
}

/// Remembers what was measured: a version never changes, and reading it back costs a millisecond.
#[derive(Default)]
pub struct Memory(Mutex<HashMap<(String, Tiyin, Date), Arc<Measured>>>);

/// Measures a definition with the money of `today`.
pub fn measured(ctx: &Ctx, definition: &Definition) -> Measured {
    let today = ctx.today();
    Measured {
        code: definition.code().to_string(),
        title: definition.passport().title.clone(),
        owner: definition.spec().owner.clone(),
        measures: simple::measures(definition, ctx.refdata.bhm(today), today),
        because: definition.access().signature_because.clone(),
    }
}

/// The services in force with their measures, in the order of the catalogue.
///
/// # Errors
/// When the catalogue does not answer.
pub async fn current(ctx: &Ctx) -> Result<Vec<Measured>, PortError> {
    let all = ctx.ports.catalog.all(ctx).await?;
    Ok(all.iter().map(|definition| measured(ctx, definition)).collect())
}

/// Every publication that changed a measure of a service, newest first.
///
/// A stored version that cannot be read any more is left out with a warning: the rest of the register does not depend on it.
///
/// # Errors
/// When the database fails.
pub async fn steps(ctx: &Ctx, memory: &Memory) -> Result<Vec<Step>, PortError> {
    let mut steps = Vec::new();
    let mut before: Option<Arc<Measured>> = None;
    for (code, hash, at) in store::changed(&ctx.db).await? {
        let Some(after) = memory.version(ctx, &hash).await? else { continue };
        if let Some(before) = before.take().filter(|before| before.code == code) {
            let changes = simple::changes(&before.measures, &after.measures);
            if !changes.is_empty() {
                steps.push(Step {
                    on: tashkent_date(at),
                    simpler: simple::is_simpler(&before.measures, &after.measures),
                    changes,
                    before,
                    after: after.clone(),
                });
            }
        }
        before = Some(after);
    }
    steps.sort_by_key(|step| std::cmp::Reverse(step.on));
    Ok(steps)
}

/// The counter of the quarters, newest first; the quarter of `today` is always there.
pub fn quarters(steps: &[Step], today: Date) -> Vec<Counted> {
    let simplified = steps.iter().filter(|step| step.simpler).map(|step| (step.after.code.as_str(), step.on));
    let mut counted: BTreeMap<Quarter, usize> = simple::by_quarter(simplified);
    counted.entry(Quarter::of(today)).or_default();
    let row = |(quarter, services)| Counted { quarter, services, reached: services >= GOAL_A_QUARTER };
    counted.into_iter().rev().map(row).collect()
}

impl Memory {
    async fn version(&self, ctx: &Ctx, hash: &str) -> Result<Option<Arc<Measured>>, PortError> {
        let today = ctx.today();
        let key = (hash.to_owned(), ctx.refdata.bhm(today), today);
        if let Some(found) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Some(found.clone()));
        }
        let Some(parsed) = VersionHash::parse(hash) else { return Ok(None) };
        let Some(json) = store::version_json(&ctx.db, &parsed).await? else { return Ok(None) };
        let definition = match Definition::from_json(&json) {
            Ok(definition) => definition,
            Err(err) => {
                tracing::warn!(%err, hash, "a stored version cannot be measured");
                return Ok(None);
            }
        };
        let found = Arc::new(measured(ctx, &definition));
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(key, found.clone());
        Ok(Some(found))
    }
}
