//! Use cases: publish definitions, serve them, find them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use contracts::{Ctx, PortError};
use definition::{Definition, Diagnostic, Spec, Status, VersionHash};
use kernel::clock::Date;
use kernel::lang::{Lang, Text};
use refdata::RefData;
use storage::Batch;

use crate::domain::class::{self, Class};
use crate::search::{Entry, Search, TantivySearch};
use crate::store;

/// The definitions that the program carries: path under `services/` and text.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/services.rs"));

/// Where definitions come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Those that the program carries.
    Embedded,
    /// Folders of YAML files, as `services/` is laid out.
    Folder(PathBuf),
}

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
    #[error("the search index could not be built")]
    Search(#[source] tantivy::TantivyError),
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
pub struct Shelf {
    /// In force and not, by code, in the order of numbers.
    services: Vec<Arc<Definition>>,
    search: TantivySearch,
}

impl Shelf {
    /// Services offered on this day, in the order of their numbers.
    pub fn offered(&self, today: Date) -> impl Iterator<Item = &Arc<Definition>> {
        self.services.iter().filter(move |definition| is_offered(definition.spec(), today))
    }

    /// A service that may be looked at on this day; a suspended one too (its page says so).
    pub fn shown(&self, code: &str, today: Date) -> Option<&Arc<Definition>> {
        self.services
            .iter()
            .find(|definition| definition.code().as_str() == code)
            .filter(|definition| is_offered(definition.spec(), today) || definition.spec().status == Status::Suspended)
    }

    /// Services offered that answer a question, best first.
    pub fn find(&self, question: &str, limit: usize, today: Date) -> Vec<&Arc<Definition>> {
        let hits = self.search.find(question, self.services.len().max(1));
        hits.iter()
            .filter_map(|hit| self.offered(today).find(|definition| definition.code().as_str() == hit.code))
            .take(limit)
            .collect()
    }
}

/// Whether a service may be applied for on this day.
///
/// Rule: CAT-OFFERED.
/// Source: our decision: `status` and the dates of validity of a definition.
pub fn is_offered(spec: &Spec, today: Date) -> bool {
    spec.status == Status::Published && spec.valid_from <= today && spec.valid_to.is_none_or(|last| today <= last)
}

/// The catalogue: implements the port, and is what pages read.
#[derive(Clone)]
pub struct CatalogService {
    shelf: Arc<RwLock<Arc<Shelf>>>,
    /// Versions no longer in force that somebody asked for, by hash. Cases in flight are few versions; it is never emptied.
    older: Arc<RwLock<HashMap<String, Arc<Definition>>>>,
}

impl CatalogService {
    /// An empty catalogue; [`CatalogService::load`] or [`CatalogService::publish`] fills it.
    ///
    /// # Errors
    /// When the search index cannot be made.
    pub fn new() -> Result<Self, PublishError> {
        let search = TantivySearch::build(&[]).map_err(PublishError::Search)?;
        let shelf = Shelf { services: Vec::new(), search };
        Ok(Self { shelf: Arc::new(RwLock::new(Arc::new(shelf))), older: Arc::default() })
    }

    /// What is in force now.
    pub fn shelf(&self) -> Arc<Shelf> {
        self.shelf.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Compiles the definitions of a source and puts those that changed in force; then serves what is in force.
    ///
    /// Publishing the same again changes nothing. All are stored, or none.
    ///
    /// # Errors
    /// See [`PublishError`]; a definition whose golden cases fail is never published.
    pub async fn publish(&self, ctx: &Ctx, source: Source) -> Result<Published, PublishError> {
        let refdata = ctx.refdata.clone();
        let known: BTreeMap<String, String> = store::current(&ctx.db).await?.into_iter().collect();
        let in_force = known.clone();
        let compiled = tokio::task::spawn_blocking(move || compile(&source, &refdata, &in_force))
            .await
            .map_err(|err| PublishError::Task(err.to_string()))??;
        let mut batch = Batch::system();
        let mut published = Published::default();
        let mut services = BTreeMap::new();
        for definition in compiled {
            let code = definition.code().as_str().to_owned();
            let definition = Arc::new(definition);
            match known.get(&code) {
                Some(hash) if hash == definition.version().as_str() => published.unchanged += 1,
                Some(hash) => {
                    let before = match VersionHash::parse(hash) {
                        Some(hash) => self.read_version(ctx, &hash).await?,
                        None => None,
                    };
                    let class = class::class(before.as_deref().map(Definition::spec), definition.spec());
                    store::publish(&mut batch, ctx, &definition, class);
                    published.changed.push((code.clone(), class));
                }
                None => {
                    store::publish(&mut batch, ctx, &definition, Class::First);
                    published.changed.push((code.clone(), Class::First));
                }
            }
            services.insert(code, definition);
        }
        ctx.db.commit(batch).await?;
        // Services that are not in this source stay in force: taking one out is a status, not a missing file.
        for (code, hash) in known {
            if !services.contains_key(&code)
                && let Some(hash) = VersionHash::parse(&hash)
                && let Some(definition) = self.read_version(ctx, &hash).await?
            {
                services.insert(code, definition);
            }
        }
        self.serve(services.into_values().collect(), &ctx.refdata).await?;
        Ok(published)
    }

    /// Serves what the database says is in force, without compiling anything.
    ///
    /// # Errors
    /// When the database fails or holds a version that cannot be read.
    pub async fn load(&self, ctx: &Ctx) -> Result<usize, PublishError> {
        let mut services = Vec::new();
        for (_, hash) in store::current(&ctx.db).await? {
            if let Some(hash) = VersionHash::parse(&hash)
                && let Some(definition) = self.read_version(ctx, &hash).await?
            {
                services.push(definition);
            }
        }
        let count = services.len();
        self.serve(services, &ctx.refdata).await?;
        Ok(count)
    }

    /// The newest hundred publications of a service, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn history(&self, ctx: &Ctx, code: &str) -> Result<Vec<store::Publication>, storage::Error> {
        store::history(&ctx.db, code).await
    }

    async fn serve(&self, mut services: Vec<Arc<Definition>>, refdata: &Arc<RefData>) -> Result<(), PublishError> {
        services.sort_by_key(|definition| order(definition.code().as_str()));
        let entries: Vec<Entry> = services.iter().map(|definition| entry(definition, refdata)).collect();
        let search = tokio::task::spawn_blocking(move || TantivySearch::build(&entries))
            .await
            .map_err(|err| PublishError::Task(err.to_string()))?
            .map_err(PublishError::Search)?;
        let shelf = Arc::new(Shelf { services, search });
        *self.shelf.write().unwrap_or_else(PoisonError::into_inner) = shelf;
        Ok(())
    }

    async fn read_version(&self, ctx: &Ctx, hash: &VersionHash) -> Result<Option<Arc<Definition>>, PortError> {
        let shelf = self.shelf();
        if let Some(found) = shelf.services.iter().find(|definition| definition.version() == hash) {
            return Ok(Some(found.clone()));
        }
        if let Some(found) = self.older.read().unwrap_or_else(PoisonError::into_inner).get(hash.as_str()) {
            return Ok(Some(found.clone()));
        }
        let Some(json) = store::version_json(&ctx.db, hash).await? else { return Ok(None) };
        let definition = Definition::from_json(&json).map_err(|err| PortError::Broken(format!("version {hash}: {err}")))?;
        let definition = Arc::new(definition);
        let mut older = self.older.write().unwrap_or_else(PoisonError::into_inner);
        older.insert(hash.as_str().to_owned(), definition.clone());
        Ok(Some(definition))
    }
}

#[async_trait]
impl contracts::catalog::Catalog for CatalogService {
    async fn current(&self, ctx: &Ctx, code: &str) -> Result<Option<Arc<Definition>>, PortError> {
        let today = ctx.today();
        let shelf = self.shelf();
        Ok(shelf.offered(today).find(|definition| definition.code().as_str() == code).cloned())
    }

    async fn version(&self, ctx: &Ctx, hash: &VersionHash) -> Result<Option<Arc<Definition>>, PortError> {
        self.read_version(ctx, hash).await
    }

    async fn all(&self, ctx: &Ctx) -> Result<Vec<Arc<Definition>>, PortError> {
        let today = ctx.today();
        let shelf = self.shelf();
        Ok(shelf.offered(today).cloned().collect())
    }
}

/// Codes are numbers, so far; others come after them.
pub(crate) fn order(code: &str) -> (u64, String) {
    (code.parse().unwrap_or(u64::MAX), code.to_owned())
}

/// Compiles a source. Golden cases are run for what is not in force yet: what is has passed them.
fn compile(
    source: &Source,
    refdata: &RefData,
    in_force: &BTreeMap<String, String>,
) -> Result<Vec<Definition>, PublishError> {
    let read;
    let files: Vec<(&str, &str)> = match source {
        Source::Embedded => EMBEDDED.to_vec(),
        Source::Folder(folder) => {
            read = read_folder(folder)?;
            read.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
        }
    };
    let mut problems = Vec::new();
    let mut golden = Vec::new();
    let mut definitions: Vec<Definition> = Vec::new();
    let mut places: HashMap<String, &str> = HashMap::new();
    for (name, text) in files {
        match definition::compile(text, name, refdata) {
            Ok(definition) => {
                let code = definition.code().as_str().to_owned();
                if let Some(first) = places.insert(code.clone(), name) {
                    return Err(PublishError::SameCode { code, first: first.to_owned(), second: name.to_owned() });
                }
                if in_force.get(&code).map(String::as_str) != Some(definition.version().as_str()) {
                    golden.extend(definition.run_golden(refdata).into_iter().map(|line| format!("{name}: {line}")));
                }
                definitions.push(definition);
            }
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        return Err(PublishError::Definitions(problems));
    }
    if !golden.is_empty() {
        return Err(PublishError::Golden(golden));
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
