//! Use cases: publish definitions, serve them, find them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use contracts::{Ctx, PortError};
use definition::{Definition, Diagnostic, Spec, Status, VersionHash};
use kernel::clock::Date;
use kernel::lang::{Lang, Text};
use refdata::RefData;
use storage::Batch;

use crate::domain::class::{self, Class};
use crate::domain::missed::{SHOWN_FROM, countable};
use crate::search::{Entry, Search, WordIndex};
use crate::store;

/// The definitions that the program carries: path under `services/` and text.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// Why a publication was refused. Nothing of it is stored then.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("cannot read {path}")]
    Read {
        path: String,
        #[source]
        source: std::io::Error,
    },
    /// Each with file, line and a hint.
    #[error("{} problem(s) in the definitions:\n{}", .0.len(), diagnostics(.0))]
    Definitions(Vec<Diagnostic>),
    /// Expectations of golden cases that do not hold.
    #[error("golden cases do not hold:\n{}", .0.join("\n"))]
    Golden(Vec<String>),
    #[error("two definitions have the code {code}: {first} and {second}")]
    SameCode { code: String, first: String, second: String },
    #[error("the definitions could not be stored")]
    Commit(#[from] storage::CommitError),
    #[error("the published definitions could not be read")]
    Storage(#[from] storage::Error),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error("compiling the definitions broke: {0}")]
    Task(String),
}

fn diagnostics(list: &[Diagnostic]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What a publication did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Services whose version in force changed, with the class of the change.
    pub changed: Vec<(String, Class)>,
    /// Services that were in force already.
    pub unchanged: usize,
}

/// Everything in force, ready to be served: replaced as a whole by a publication.
struct Contents {
    /// In force and not, by code, in the order of numbers.
    services: Vec<Arc<Definition>>,
    /// Code → place in `services`.
    places: HashMap<String, usize>,
    search: Arc<WordIndex>,
}

impl Contents {
    fn build(mut services: Vec<Arc<Definition>>, refdata: &RefData) -> Result<Arc<Self>, PublishError> {
        services.sort_by_key(|definition| order(definition.code().as_str()));
        let entries: Vec<Entry> = services.iter().map(|definition| entry(definition, refdata)).collect();
        let search = Arc::new(WordIndex::build(&entries));
        let places = services.iter().enumerate().map(|(n, one)| (one.code().as_str().to_owned(), n)).collect();
        Ok(Arc::new(Self { services, places, search }))
    }

    fn by_code(&self, code: &str) -> Option<&Arc<Definition>> {
        self.places.get(code).and_then(|place| self.services.get(*place))
    }
}

/// Whether a service may be applied for on this day.
///
/// Rule: CAT-OFFERED.
/// Source: our decision: `status` and the dates of validity of a definition.
pub fn is_offered(spec: &Spec, today: Date) -> bool {
    spec.status == Status::Published && spec.valid_from <= today && spec.valid_to.is_none_or(|last| today <= last)
}

/// The catalogue: what is in force, in memory, behind the port.
pub struct Shelf {
    contents: RwLock<Arc<Contents>>,
    /// Versions no longer in force that somebody asked for, by hash. Cases in flight are few versions; it is never emptied.
    older: RwLock<HashMap<String, Arc<Definition>>>,
    refdata: Arc<RefData>,
    /// Questions that found nothing and are not in the database yet.
    missed: Arc<Mutex<MissedBuffer>>,
}

/// Counts that wait to be written together, off the way of a request.
#[derive(Default)]
struct MissedBuffer {
    counts: HashMap<String, u64>,
    /// Whether a task is under way that will write them.
    writing: bool,
}

/// Different questions that wait at most; more within [`WRITE_MISSED`] is a robot.
const MOST_WAITING: usize = 500;
/// How long counts wait. So much is lost when the program is killed.
const WRITE_MISSED: Duration = Duration::from_secs(30);
/// Days for which counts are kept.
const KEEP_MISSED_DAYS: i32 = 180;

/// Writes the waiting counts; they count for the day of writing.
async fn write_missed(ctx: &Ctx, waiting: &Mutex<MissedBuffer>) -> Result<(), storage::CommitError> {
    let counts = {
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.writing = false;
        std::mem::take(&mut waiting.counts)
    };
    if counts.is_empty() {
        return Ok(());
    }
    let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
    counts.sort();
    let today = ctx.today();
    let mut batch = Batch::system();
    let oldest = today.saturating_sub(jiff::Span::new().days(KEEP_MISSED_DAYS));
    store::count_missed(&mut batch, today, &counts, oldest);
    ctx.db.commit(batch).await
}

/// Questions of these days that found nothing and were asked often enough to be shown, the most asked first, at most 1 000.
///
/// # Errors
/// When the database fails.
pub async fn missed(ctx: &Ctx, from: Date, to: Date) -> Result<Vec<store::Missed>, storage::Error> {
    store::missed(&ctx.db, from, to, SHOWN_FROM).await
}

impl Shelf {
    /// Compiles the definitions of a folder (laid out as `services/`), or those that the program carries, and serves them.
    ///
    /// Blocks for as long as compiling takes, some milliseconds a service: for the start of the program.
    ///
    /// # Errors
    /// See [`PublishError`].
    pub fn load(folder: Option<&Path>, refdata: &Arc<RefData>) -> Result<Self, PublishError> {
        let services = compile(folder, refdata)?.into_iter().map(Arc::new).collect();
        Self::of(services, refdata)
    }

    /// Serves what the database says is in force, without compiling anything.
    ///
    /// # Errors
    /// When the database fails or holds a version that cannot be read.
    pub async fn restore(ctx: &Ctx) -> Result<Self, PublishError> {
        let shelf = Self::of(Vec::new(), &ctx.refdata)?;
        shelf.serve_with_stored(ctx, BTreeMap::new()).await?;
        Ok(shelf)
    }

    fn of(services: Vec<Arc<Definition>>, refdata: &Arc<RefData>) -> Result<Self, PublishError> {
        let contents = RwLock::new(Contents::build(services, refdata)?);
        Ok(Self { contents, older: RwLock::default(), refdata: refdata.clone(), missed: Arc::default() })
    }

    fn contents(&self) -> Arc<Contents> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes at once the counts of questions that found nothing, which otherwise wait for half a minute.
    ///
    /// # Errors
    /// When the database fails; the counts are lost then.
    pub async fn write_missed(&self, ctx: &Ctx) -> Result<(), storage::CommitError> {
        write_missed(ctx, &self.missed).await
    }

    /// The search over everything in force at this moment.
    pub fn search(&self) -> Arc<dyn Search> {
        self.contents().search.clone()
    }

    /// Puts what was loaded in force, as far as it is new; then serves all that is in force.
    ///
    /// Publishing the same again changes nothing. All are stored, or none. Services that were not loaded stay in force:
    /// taking one out is a status, not a missing file.
    ///
    /// # Errors
    /// See [`PublishError`]; a definition whose golden cases fail is never published.
    pub async fn publish(&self, ctx: &Ctx) -> Result<Published, PublishError> {
        let known: BTreeMap<String, String> = store::current(&ctx.db).await?.into_iter().collect();
        let loaded = self.contents();
        let mut batch = Batch::system();
        let mut published = Published::default();
        let mut golden = Vec::new();
        for definition in &loaded.services {
            let code = definition.code().as_str().to_owned();
            let before = match known.get(&code) {
                Some(hash) if hash == definition.version().as_str() => {
                    published.unchanged += 1;
                    continue;
                }
                Some(hash) => match VersionHash::parse(hash) {
                    Some(hash) => self.read_version(ctx, &hash).await?,
                    None => None,
                },
                None => None,
            };
            // What is in force has passed its cases; they are run for what is new.
            golden.extend(definition.run_golden(&self.refdata).into_iter().map(|line| format!("{code}: {line}")));
            let class = class::class(before.as_deref().map(Definition::spec), definition.spec());
            store::publish(&mut batch, ctx, definition, class);
            published.changed.push((code, class));
        }
        if !golden.is_empty() {
            return Err(PublishError::Golden(golden));
        }
        ctx.db.commit(batch).await?;
        let services = loaded.services.iter().map(|one| (one.code().as_str().to_owned(), one.clone())).collect();
        self.serve_with_stored(ctx, services).await?;
        Ok(published)
    }

    /// Serves these, and of the services that are not among them what the database says is in force.
    async fn serve_with_stored(
        &self,
        ctx: &Ctx,
        mut services: BTreeMap<String, Arc<Definition>>,
    ) -> Result<(), PublishError> {
        let mut more = false;
        for (code, hash) in store::current(&ctx.db).await? {
            if !services.contains_key(&code)
                && let Some(hash) = VersionHash::parse(&hash)
                && let Some(definition) = self.read_version(ctx, &hash).await?
            {
                more = true;
                services.insert(code, definition);
            }
        }
        if more {
            let refdata = self.refdata.clone();
            let built =
                tokio::task::spawn_blocking(move || Contents::build(services.into_values().collect(), &refdata))
                    .await
                    .map_err(|err| PublishError::Task(err.to_string()))??;
            *self.contents.write().unwrap_or_else(PoisonError::into_inner) = built;
        }
        Ok(())
    }

    /// The newest hundred publications of a service, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history(&self, ctx: &Ctx, code: &str) -> Result<Vec<store::Publication>, storage::Error> {
        store::history(&ctx.db, code).await
    }

    async fn read_version(&self, ctx: &Ctx, hash: &VersionHash) -> Result<Option<Arc<Definition>>, PortError> {
        if let Some(found) = self.contents().services.iter().find(|definition| definition.version() == hash) {
            return Ok(Some(found.clone()));
        }
        if let Some(found) = self.older.read().unwrap_or_else(PoisonError::into_inner).get(hash.as_str()) {
            return Ok(Some(found.clone()));
        }
        let Some(json) = store::version_json(&ctx.db, hash).await? else { return Ok(None) };
        let definition =
            Definition::from_json(&json).map_err(|err| PortError::Broken(format!("version {hash}: {err}")))?;
        let definition = Arc::new(definition);
        let mut older = self.older.write().unwrap_or_else(PoisonError::into_inner);
        older.insert(hash.as_str().to_owned(), definition.clone());
        Ok(Some(definition))
    }
}

#[async_trait]
impl contracts::catalog::Catalog for Shelf {
    async fn current(&self, ctx: &Ctx, code: &str) -> Result<Option<Arc<Definition>>, PortError> {
        let contents = self.contents();
        Ok(contents.by_code(code).filter(|definition| is_offered(definition.spec(), ctx.today())).cloned())
    }

    async fn version(&self, ctx: &Ctx, hash: &VersionHash) -> Result<Option<Arc<Definition>>, PortError> {
        self.read_version(ctx, hash).await
    }

    async fn all(&self, ctx: &Ctx) -> Result<Vec<Arc<Definition>>, PortError> {
        let today = ctx.today();
        let contents = self.contents();
        Ok(contents.services.iter().filter(|definition| is_offered(definition.spec(), today)).cloned().collect())
    }

    async fn shown(&self, ctx: &Ctx, code: &str) -> Result<Option<Arc<Definition>>, PortError> {
        let contents = self.contents();
        let may_be_shown = |spec: &Spec| is_offered(spec, ctx.today()) || spec.status == Status::Suspended;
        Ok(contents.by_code(code).filter(|definition| may_be_shown(definition.spec())).cloned())
    }

    async fn find(&self, ctx: &Ctx, question: &str, limit: usize) -> Result<Vec<Arc<Definition>>, PortError> {
        let today = ctx.today();
        let contents = self.contents();
        // All hits are asked for, as those not offered fall out afterwards.
        let hits = contents.search.find(question, contents.services.len().max(1));
        Ok(hits
            .iter()
            .filter_map(|hit| contents.by_code(&hit.code))
            .filter(|definition| is_offered(definition.spec(), today))
            .take(limit)
            .cloned()
            .collect())
    }

    fn missed(&self, ctx: &Ctx, question: &str) {
        let Some(question) = countable(question) else { return };
        let mut waiting = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.counts.len() < MOST_WAITING || waiting.counts.contains_key(&question) {
            *waiting.counts.entry(question).or_default() += 1;
        }
        if !waiting.writing {
            waiting.writing = true;
            let (ctx, waiting) = (ctx.clone(), self.missed.clone());
            tokio::spawn(async move {
                tokio::time::sleep(WRITE_MISSED).await;
                if let Err(err) = write_missed(&ctx, &waiting).await {
                    tracing::warn!(%err, "missed searches were not counted");
                }
            });
        }
    }
}

/// Codes are numbers, so far; others come after them.
pub(crate) fn order(code: &str) -> (u64, String) {
    (code.parse().unwrap_or(u64::MAX), code.to_owned())
}

/// Compiles every definition of a folder, or those that the program carries.
fn compile(folder: Option<&Path>, refdata: &RefData) -> Result<Vec<Definition>, PublishError> {
    let read;
    let files: Vec<(&str, &str)> = match folder {
        None => EMBEDDED.to_vec(),
        Some(folder) => {
            read = read_folder(folder)?;
            read.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
        }
    };
    let mut problems = Vec::new();
    let mut definitions: Vec<Definition> = Vec::new();
    let mut places: HashMap<String, &str> = HashMap::new();
    for (name, text) in files {
        match definition::compile(text, name, refdata) {
            Ok(definition) => {
                let code = definition.code().as_str().to_owned();
                if let Some(first) = places.insert(code.clone(), name) {
                    return Err(PublishError::SameCode { code, first: first.to_owned(), second: name.to_owned() });
                }
                definitions.push(definition);
            }
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        return Err(PublishError::Definitions(problems));
    }
    Ok(definitions)
}

/// Every YAML file in the folders of a folder, by its path there.
fn read_folder(folder: &Path) -> Result<Vec<(String, String)>, PublishError> {
    fn walk(root: &Path, dir: &Path, out: &mut Vec<(String, String)>) -> Result<(), (PathBuf, std::io::Error)> {
        for entry in std::fs::read_dir(dir).map_err(|err| (dir.to_owned(), err))? {
            let path = entry.map_err(|err| (dir.to_owned(), err))?.path();
            if path.is_dir() {
                walk(root, &path, out)?;
            } else if dir != root && path.extension().is_some_and(|ext| ext == "yaml") {
                let text = std::fs::read_to_string(&path).map_err(|err| (path.clone(), err))?;
                out.push((path.strip_prefix(root).unwrap_or(&path).display().to_string(), text));
            }
        }
        Ok(())
    }
    let mut files = Vec::new();
    walk(folder, folder, &mut files)
        .map_err(|(path, source)| PublishError::Read { path: path.display().to_string(), source })?;
    files.sort();
    Ok(files)
}

/// What the search knows of the services that the program carries: for measuring it.
///
/// # Errors
/// See [`PublishError`].
pub fn search_entries() -> Result<Vec<Entry>, PublishError> {
    let refdata = RefData::shared();
    Ok(compile(None, &refdata)?.iter().map(|definition| entry(definition, &refdata)).collect())
}

/// What the search knows of a service.
fn entry(definition: &Definition, refdata: &RefData) -> Entry {
    let passport = definition.passport();
    let mut entry = Entry {
        code: definition.code().as_str().to_owned(),
        titles: given(&passport.title),
        keywords: passport.keywords.clone(),
        uses: passport.statistics.as_ref().and_then(|statistics| statistics.uses).unwrap_or(0),
        ..Entry::default()
    };
    entry.summaries.extend(given(&passport.summary));
    entry.summaries.extend(given(&passport.result.title));
    for part in &passport.agencies {
        entry.agencies.push(part.code.clone());
        if let Some(agency) = refdata.agency(&part.code) {
            entry.agencies.extend(given(&agency.name));
        }
    }
    for situation in refdata.life_situations.iter().filter(|situation| passport.life_events.contains(&situation.code)) {
        entry.summaries.extend(given(&situation.title));
    }
    for group in refdata.groups.iter().filter(|group| group.code == passport.group) {
        entry.summaries.extend(given(&group.title));
    }
    entry
}

/// A text in each language in which it is written; Uzbek in Cyrillic too, for exact spelling.
fn given(text: &Text) -> Vec<String> {
    Lang::ALL
        .into_iter()
        .filter(|lang| *lang == Lang::UzCyrl || text.given(*lang).is_some())
        .map(|lang| text.get(lang).into_owned())
        .collect()
}
