//! Use cases: publish definitions, serve them, find them.
//!
//! [`authoring`] what staff do with revisions and publications · `sources` texts at the start of the program ·
//! [`simplification`] how simple services are, version by version · `life` marks in life situations · `missed` searches that found nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_trait::async_trait;
use contracts::{Ctx, PortError};
use definition::{Definition, Diagnostic, Spec, Status, VersionHash, Vocabulary};
use kernel::clock::Date;
use kernel::lang::{Lang, Text};
use refdata::RefData;
use storage::Batch;

use crate::domain::class::{self, Class};
use crate::domain::revision::Standing;
use crate::search::{Entry, Search, WordIndex};
use crate::store::{self, Publication, Stands};

pub mod authoring;
pub(crate) mod life;
mod missed;
pub mod simplification;
mod sources;

pub use missed::missed;
pub use sources::Sources;
use sources::{File, parallel};

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
    /// Files that say what they said when they were last published; they were not compiled where their text is the same.
    pub unchanged: usize,
    /// Files that are refused: the last good version of their service stays in force.
    pub refused: usize,
}

/// Everything in force, ready to be served: replaced as a whole by a publication.
struct Contents {
    /// In force and not, by code, in the order of numbers.
    services: Vec<Arc<Definition>>,
    /// Code → place in `services`.
    places: HashMap<String, usize>,
    standings: HashMap<String, Stands>,
    search: Arc<WordIndex>,
}

impl Contents {
    fn build(
        mut services: Vec<Arc<Definition>>,
        standings: HashMap<String, Stands>,
        refdata: &RefData,
    ) -> Result<Arc<Self>, PublishError> {
        services.sort_by_key(|definition| order(definition.code().as_str()));
        let entries: Vec<Entry> = services.iter().map(|definition| entry(definition, refdata)).collect();
        let search = Arc::new(WordIndex::build(&entries));
        let places = services.iter().enumerate().map(|(n, one)| (one.code().as_str().to_owned(), n)).collect();
        Ok(Arc::new(Self { services, places, standings, search }))
    }

    fn by_code(&self, code: &str) -> Option<&Arc<Definition>> {
        self.places.get(code).and_then(|place| self.services.get(*place))
    }

    fn standing(&self, code: &str) -> Standing {
        self.standings.get(code).map(|stands| stands.standing).unwrap_or_default()
    }

    fn offers(&self, definition: &Definition, today: Date) -> bool {
        self.standing(definition.code().as_str()) == Standing::Offered && is_offered(definition.spec(), today)
    }
}

/// Whether a service may be applied for on this day, as far as its definition says.
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
    /// Pinned version → the one whose words it has now; emptied by each publication.
    applied: RwLock<HashMap<String, Arc<Definition>>>,
    /// What is wrong with the files of the folder.
    problems: RwLock<Vec<Diagnostic>>,
    /// The state of the catalogue that `contents` shows (`catalog_generation`).
    generation: AtomicI64,
    sources: Sources,
    refdata: Arc<RefData>,
    /// Questions that found nothing and are not in the database yet.
    missed: Arc<Mutex<missed::MissedBuffer>>,
}

impl Shelf {
    /// A shelf that will publish the definitions of a folder (laid out as `services/`), or those that the program carries.
    /// Nothing is compiled yet, and nothing is served before [`Shelf::publish`].
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn load(folder: Option<&Path>, refdata: &Arc<RefData>) -> Result<Self, PublishError> {
        let sources = Sources::read(folder)?;
        if sources.problems.is_empty() {
            sources.vocabulary.put_in_force();
        }
        Self::of(sources, refdata)
    }

    /// Serves what the database says is in force, without compiling anything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn restore(ctx: &Ctx) -> Result<Self, PublishError> {
        let none = Sources { vocabulary: Vocabulary::current(), files: Vec::new(), problems: Vec::new() };
        let shelf = Self::of(none, &ctx.refdata)?;
        shelf.reload(ctx, HashMap::new()).await?;
        Ok(shelf)
    }

    fn of(sources: Sources, refdata: &Arc<RefData>) -> Result<Self, PublishError> {
        Ok(Self {
            contents: RwLock::new(Contents::build(Vec::new(), HashMap::new(), refdata)?),
            older: RwLock::default(),
            applied: RwLock::default(),
            problems: RwLock::default(),
            generation: AtomicI64::new(-1),
            sources,
            refdata: refdata.clone(),
            missed: Arc::default(),
        })
    }

    fn contents(&self) -> Arc<Contents> {
        self.contents.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes at once the counts of questions that found nothing, which otherwise wait for half a minute.
    ///
    /// # Errors
    /// When the database fails; the counts are lost then.
    pub async fn write_missed(&self, ctx: &Ctx) -> Result<(), storage::CommitError> {
        missed::write_missed(ctx, &self.missed).await
    }

    /// The search over everything in force at this moment.
    pub fn search(&self) -> Arc<dyn Search> {
        self.contents().search.clone()
    }

    /// Puts in force what is new in the folder, and serves all that is in force.
    ///
    /// A file whose text is that of its last publication is not compiled again, and does not undo what staff published since.
    /// A file that does not compile, or whose golden cases fail, is refused: the last good version of the service stays in
    /// force, and the reason is logged and shown to the operator ([`contracts::catalog::Catalog::problems`]). Services that
    /// are not in the folder stay in force: taking one out is a standing, not a missing file.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn publish(&self, ctx: &Ctx) -> Result<Published, PublishError> {
        let mut problems = self.sources.problems.clone();
        let mut published = Published::default();
        let mut ready = HashMap::new();
        if problems.is_empty() {
            self.publish_files(ctx, &mut published, &mut problems, &mut ready).await?;
        }
        for problem in &problems {
            tracing::error!(
                file = problem.file,
                line = problem.line,
                message = problem.message,
                hint = problem.hint,
                "a definition is refused; the last good version stays in force"
            );
        }
        *self.problems.write().unwrap_or_else(PoisonError::into_inner) = problems;
        self.put_due_in_force(ctx).await?;
        self.reload(ctx, ready).await?;
        Ok(published)
    }

    async fn publish_files(
        &self,
        ctx: &Ctx,
        published: &mut Published,
        problems: &mut Vec<Diagnostic>,
        ready: &mut HashMap<String, Arc<Definition>>,
    ) -> Result<(), PublishError> {
        let known: BTreeMap<String, String> = store::current(&ctx.db).await?.into_iter().collect();
        let seen = store::sources(&ctx.db).await?;
        let vocabulary = self.sources.vocabulary.clone();
        let fingerprint = |file: &File| vocabulary.fingerprint_of(&file.yaml);
        let (mut files, mut prints) = (Vec::new(), Vec::new());
        let mut names: HashMap<String, String> = HashMap::new();
        for file in &self.sources.files {
            let print = fingerprint(file);
            match seen.iter().find(|source| source.file == file.name && source.fingerprint == print) {
                Some(source) => {
                    names.insert(source.code.clone(), file.name.clone());
                    published.unchanged += 1;
                }
                None => {
                    files.push(file.clone());
                    prints.push(print);
                }
            }
        }
        let (refdata, with) =
            (self.refdata.clone(), Sources { vocabulary, files: files.clone(), problems: Vec::new() });
        let compiled = tokio::task::spawn_blocking(move || parallel(&with.files, |file| with.compile(file, &refdata)))
            .await
            .map_err(|err| PublishError::Task(err.to_string()))?;
        let mut batch = Batch::system();
        for ((file, print), outcome) in files.into_iter().zip(prints).zip(compiled) {
            let refuse =
                |message: String| Diagnostic { file: file.name.clone(), line: 1, col: 1, message, hint: String::new() };
            let definition = match outcome {
                Ok((definition, failed)) if failed.is_empty() => Arc::new(definition),
                Ok((_, failed)) => {
                    published.refused += 1;
                    problems.extend(failed.into_iter().map(|line| refuse(format!("golden case: {line}"))));
                    continue;
                }
                Err(found) => {
                    published.refused += 1;
                    problems.extend(found);
                    continue;
                }
            };
            let code = definition.code().as_str().to_owned();
            if let Some(first) = names.insert(code.clone(), file.name.clone()) {
                published.refused += 1;
                problems.push(refuse(format!("{first} has the code {code}, too")));
                continue;
            }
            let hash = definition.version().as_str().to_owned();
            let source =
                store::Source { code: code.clone(), file: file.name.clone(), fingerprint: print, hash: hash.clone() };
            store::put_source(&mut batch, &source);
            let same_as_before = seen.iter().any(|source| source.code == code && source.hash == hash);
            if same_as_before && known.contains_key(&code) || known.get(&code) == Some(&hash) {
                // Written otherwise, but saying the same: what is in force stays, also when staff published it since.
                published.unchanged += 1;
                store::put_version(&mut batch, ctx.now(), &definition, Class::Cosmetic, &file.yaml);
            } else {
                let before = match known.get(&code).and_then(|hash| VersionHash::parse(hash)) {
                    Some(hash) => self.read_version(ctx, &hash).await.unwrap_or_else(|err| {
                        tracing::warn!(code, %err, "the version before cannot be read; the change is taken for breaking");
                        None
                    }),
                    None => None,
                };
                let class = match (&before, known.contains_key(&code)) {
                    (None, true) => Class::Breaking,
                    (before, _) => class::class(before.as_deref().map(Definition::spec), definition.spec()),
                };
                store::put_version(&mut batch, ctx.now(), &definition, class, &file.yaml);
                store::put_in_force(&mut batch, ctx.now(), &code, &hash);
                let publication = publication(ctx, &code, "publish", &hash, class.name());
                store::put_publication(&mut batch, &publication)?;
                published.changed.push((code, class));
            }
            ready.insert(hash, definition);
            if batch.len() > 500 {
                ctx.db.commit(std::mem::replace(&mut batch, Batch::system())).await?;
            }
        }
        ctx.db.commit(batch).await?;
        Ok(())
    }

    /// Serves what the database says is in force; what is in memory already, or in `ready`, is not read again.
    async fn reload(&self, ctx: &Ctx, ready: HashMap<String, Arc<Definition>>) -> Result<(), PublishError> {
        // Read first: a change in between is noticed at the next look.
        let generation = store::generation(&ctx.db).await?;
        let current = store::current(&ctx.db).await?;
        let standings: HashMap<String, Stands> = store::standings(&ctx.db).await?.into_iter().collect();
        let mut known = ready;
        for definition in &self.contents().services {
            known.entry(definition.version().as_str().to_owned()).or_insert_with(|| definition.clone());
        }
        let missing: HashSet<&str> =
            current.iter().map(|(_, hash)| hash.as_str()).filter(|hash| !known.contains_key(*hash)).collect();
        let mut texts = Vec::new();
        if missing.len() > 50 {
            let mut after = String::new();
            loop {
                let page = store::current_json(&ctx.db, &after).await?;
                let Some((last, _)) = page.last() else { break };
                after = last.clone();
                texts.extend(page.into_iter().map(|(_, json)| json));
            }
        } else {
            for hash in missing.iter().filter_map(|hash| VersionHash::parse(hash)) {
                texts.extend(store::version_json(&ctx.db, &hash).await?);
            }
        }
        let refdata = self.refdata.clone();
        let built = tokio::task::spawn_blocking(move || {
            for (n, read) in parallel(&texts, |json| Definition::from_json(json)).into_iter().enumerate() {
                match read {
                    Ok(definition) => {
                        drop(known.insert(definition.version().as_str().to_owned(), Arc::new(definition)))
                    }
                    // One version that this program cannot read does not take the others down.
                    Err(err) => tracing::error!(%err, text = n, "a version in force cannot be read"),
                }
            }
            drop(texts);
            let services = current.iter().filter_map(|(_, hash)| known.get(hash).cloned()).collect();
            Contents::build(services, standings, &refdata)
        });
        let built = built.await.map_err(|err| PublishError::Task(err.to_string()))??;
        *self.contents.write().unwrap_or_else(PoisonError::into_inner) = built;
        self.applied.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.generation.store(generation, Ordering::Release);
        Ok(())
    }

    /// Puts in force what waited for this moment. Several instances may do this at once: each publication is settled once.
    ///
    /// # Errors
    /// When the database fails.
    async fn put_due_in_force(&self, ctx: &Ctx) -> Result<(), PublishError> {
        for one in store::due(&ctx.db, ctx.now()).await? {
            let before = store::current_of(&ctx.db, &one.code).await?;
            let class = match before.as_deref().and_then(VersionHash::parse) {
                None => Class::First,
                Some(before) => self.class_between(ctx, &before, &one.hash).await?,
            };
            let mut batch = Batch::system();
            store::settle(&mut batch, &one.id, "done", class.name());
            store::put_in_force(&mut batch, ctx.now(), &one.code, &one.hash);
            authoring::stand_after(ctx, &mut batch, &one.code, &one.action).await?;
            match ctx.db.commit(batch).await {
                Ok(()) => tracing::info!(code = one.code, hash = one.hash, "a publication came in force"),
                // Another instance was first, or it was cancelled.
                Err(storage::CommitError::Guard(_)) => {}
                Err(err) => return Err(err.into()),
            }
        }
        Ok(())
    }

    async fn class_between(&self, ctx: &Ctx, before: &VersionHash, after: &str) -> Result<Class, PublishError> {
        let Some(after) = VersionHash::parse(after) else { return Ok(Class::Breaking) };
        let (before, after) = (self.read_version(ctx, before).await?, self.read_version(ctx, &after).await?);
        Ok(match (before, after) {
            (Some(before), Some(after)) => class::class(Some(before.spec()), after.spec()),
            _ => Class::Breaking,
        })
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

    /// The newest version after a pinned one that the rule accepts: that in force, or the last before it that fits.
    async fn newest_after(
        &self,
        ctx: &Ctx,
        pinned: &Definition,
        accepts: impl Fn(&Definition) -> bool,
    ) -> Result<Option<Arc<Definition>>, PortError> {
        let code = pinned.code().as_str();
        match self.contents().by_code(code) {
            None => return Ok(None),
            Some(current) if current.version() == pinned.version() => return Ok(None),
            Some(current) if accepts(current) => return Ok(Some(current.clone())),
            Some(_) => {}
        }
        for one in store::history(&ctx.db, code).await? {
            if one.hash == pinned.version().as_str() {
                break;
            }
            let puts_in_force = one.state == "done" && (one.action == "publish" || one.action == "roll_back");
            if puts_in_force
                && let Some(hash) = VersionHash::parse(&one.hash)
                && let Some(version) = self.read_version(ctx, &hash).await?
                && accepts(&version)
            {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }
}

/// Puts in force what waited for this moment: the periodic task.
pub(crate) fn due(ctx: Ctx) -> futures_util::future::BoxFuture<'static, Result<(), storage::JobError>> {
    Box::pin(async move {
        let done = ctx.ports.catalog.put_due_in_force(&ctx).await;
        done.map_err(|err| storage::JobError::Retry(err.to_string()))
    })
}

/// A publication of this moment by nobody: of the folder of definitions.
fn publication(ctx: &Ctx, code: &str, action: &str, hash: &str, class: &str) -> Publication {
    Publication {
        id: kernel::id::RevisionId::new(ctx.now(), &*ctx.rng).to_string(),
        code: code.to_owned(),
        action: action.to_owned(),
        state: "done".to_owned(),
        hash: hash.to_owned(),
        class: class.to_owned(),
        note: String::new(),
        notice: None,
        author: String::new(),
        reviewer: String::new(),
        publisher: String::new(),
        at: ctx.now(),
        effective: ctx.now(),
        revision: None,
    }
}

#[async_trait]
impl contracts::catalog::Catalog for Shelf {
    async fn current(&self, ctx: &Ctx, code: &str) -> Result<Option<Arc<Definition>>, PortError> {
        let contents = self.contents();
        Ok(contents.by_code(code).filter(|definition| contents.offers(definition, ctx.today())).cloned())
    }

    async fn version(&self, ctx: &Ctx, hash: &VersionHash) -> Result<Option<Arc<Definition>>, PortError> {
        self.read_version(ctx, hash).await
    }

    async fn applied(&self, ctx: &Ctx, pinned: &VersionHash) -> Result<Option<Arc<Definition>>, PortError> {
        if let Some(found) = self.applied.read().unwrap_or_else(PoisonError::into_inner).get(pinned.as_str()) {
            return Ok(Some(found.clone()));
        }
        let Some(version) = self.read_version(ctx, pinned).await? else { return Ok(None) };
        let cosmetic = |later: &Definition| class::class(Some(version.spec()), later.spec()) == Class::Cosmetic;
        let applied = self.newest_after(ctx, &version, cosmetic).await?.unwrap_or_else(|| version.clone());
        let mut kept = self.applied.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(pinned.as_str().to_owned(), applied.clone());
        Ok(Some(applied))
    }

    async fn upgrade(&self, ctx: &Ctx, pinned: &VersionHash) -> Result<Option<Arc<Definition>>, PortError> {
        let Some(version) = self.read_version(ctx, pinned).await? else { return Ok(None) };
        let takes = |later: &Definition| match class::class(Some(version.spec()), later.spec()) {
            Class::Compatible => true,
            Class::Breaking => later.migration_from(pinned).is_some(),
            Class::Cosmetic | Class::First => false,
        };
        self.newest_after(ctx, &version, takes).await
    }

    async fn all(&self, ctx: &Ctx) -> Result<Vec<Arc<Definition>>, PortError> {
        let today = ctx.today();
        let contents = self.contents();
        Ok(contents.services.iter().filter(|definition| contents.offers(definition, today)).cloned().collect())
    }

    async fn every(&self, _ctx: &Ctx) -> Result<Vec<Arc<Definition>>, PortError> {
        Ok(self.contents().services.clone())
    }

    async fn in_force(&self, _ctx: &Ctx, code: &str) -> Result<Option<Arc<Definition>>, PortError> {
        Ok(self.contents().by_code(code).cloned())
    }

    async fn shown(&self, ctx: &Ctx, code: &str) -> Result<Option<Arc<Definition>>, PortError> {
        let contents = self.contents();
        let may_be_shown = |definition: &Definition| {
            contents.standing(code) != Standing::Retired
                && (is_offered(definition.spec(), ctx.today())
                    || definition.spec().status == Status::Suspended
                    || contents.standing(code) == Standing::Suspended)
        };
        Ok(contents.by_code(code).filter(|definition| may_be_shown(definition)).cloned())
    }

    async fn suspension(&self, _ctx: &Ctx, code: &str) -> Result<Option<Text>, PortError> {
        let contents = self.contents();
        let stands = contents.standings.get(code).filter(|stands| stands.standing == Standing::Suspended);
        Ok(stands.and_then(|stands| stands.notice.clone()))
    }

    async fn revision(&self, ctx: &Ctx, id: &str) -> Result<Option<Arc<Definition>>, PortError> {
        let Ok(id) = id.parse() else { return Ok(None) };
        let Some(revision) = store::revision(&ctx.db, id).await? else { return Ok(None) };
        let checked = authoring::compiled(ctx, &revision.code, revision.yaml).await;
        Ok(checked.ok().map(Arc::new))
    }

    async fn find(&self, ctx: &Ctx, question: &str, limit: usize) -> Result<Vec<Arc<Definition>>, PortError> {
        let today = ctx.today();
        let contents = self.contents();
        // All hits are asked for, as those not offered fall out afterwards.
        let hits = contents.search.find(question, contents.services.len().max(1));
        Ok(hits
            .iter()
            .filter_map(|hit| contents.by_code(&hit.code))
            .filter(|definition| contents.offers(definition, today))
            .take(limit)
            .cloned()
            .collect())
    }

    fn missed(&self, ctx: &Ctx, question: &str) {
        missed::note(ctx, &self.missed, question);
    }

    async fn refresh(&self, ctx: &Ctx) -> Result<bool, PortError> {
        let seen = store::generation(&ctx.db).await?;
        if seen == self.generation.load(Ordering::Acquire) {
            return Ok(false);
        }
        self.reload(ctx, HashMap::new()).await.map_err(|err| PortError::Broken(err.to_string()))?;
        Ok(true)
    }

    async fn put_due_in_force(&self, ctx: &Ctx) -> Result<(), PortError> {
        Shelf::put_due_in_force(self, ctx).await.map_err(|err| PortError::Broken(err.to_string()))?;
        self.refresh(ctx).await.map(|_| ())
    }

    fn problems(&self) -> Vec<Diagnostic> {
        self.problems.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Codes are numbers, so far; others come after them.
pub(crate) fn order(code: &str) -> (u64, String) {
    (code.parse().unwrap_or(u64::MAX), code.to_owned())
}

/// What the search knows of the services that the program carries: for measuring it.
///
/// # Errors
/// See [`PublishError`].
pub fn search_entries() -> Result<Vec<Entry>, PublishError> {
    let refdata = RefData::shared();
    let sources = Sources::read(None)?;
    let compile = |file: &File| match sources.compile(file, &refdata) {
        Ok((definition, _)) => Ok(entry(&definition, &refdata)),
        Err(problems) => Err(PublishError::Definitions(problems)),
    };
    sources.files.iter().map(compile).collect()
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
