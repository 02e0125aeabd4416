//! What staff do with definitions: write, review, publish now or on a date, suspend, roll back. Each step leaves an entry
//! in the audit trail of the catalogue (that of no person) with who and why, in the batch that makes it.

use std::sync::Arc;

use contracts::{Ctx, PortError, Role, UnitRef};
use definition::{Definition, Diagnostic, VersionHash, Vocabulary, compile_with};
use kernel::clock::{Date, Timestamp, at_tashkent};
use kernel::id::{RevisionId, StaffId};
use kernel::lang::Text;
use storage::audit::{self, AuditEntry};
use storage::{Batch, CommitError};

use crate::domain::class::{self, Class};
use crate::domain::diff::{self, Change};
use crate::domain::revision::{self, Stage, Standing, Step};
use crate::domain::skeleton::skeleton;
use crate::store::{self, Publication, Revision, Stands};

/// Longest text of a definition, in bytes: the largest of ours has a fifth of it, and a form holds no more.
pub const LONGEST: usize = 400_000;
/// Longest note or comment, in characters.
pub const LONGEST_NOTE: usize = 2000;
/// The agency that runs the platform, whose staff work on the services of all agencies, unless `catalog.agency` names another.
const PLATFORM: &str = "RTV";

/// A member of the staff who works on definitions.
#[derive(Clone, Debug)]
pub struct Editor {
    pub staff: StaffId,
    pub name: String,
    pub unit: UnitRef,
    pub roles: Vec<Role>,
}

impl Editor {
    fn holds(&self, role: Role) -> Result<(), Error> {
        if self.roles.contains(&role) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// Whether the services of an agency are theirs to work on: those of their own, or all for the platform's.
    ///
    /// Rule: CAT-REMIT.
    /// Source: our decision: an agency answers for the definitions of its services.
    pub fn answers_for(&self, ctx: &Ctx, owner: &str) -> bool {
        let platform = ctx.settings.get("catalog.agency").unwrap_or(PLATFORM);
        self.unit.agency() == owner || self.unit.agency() == platform
    }

    fn must_answer_for(&self, ctx: &Ctx, owner: &str) -> Result<(), Error> {
        if self.answers_for(ctx, owner) { Ok(()) } else { Err(Error::Forbidden) }
    }
}

/// Why a step did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("not found")]
    NotFound,
    #[error("not theirs to do")]
    Forbidden,
    /// They wrote it themselves.
    #[error("whoever wrote it does not review it")]
    FourEyes,
    /// Somebody else changed it since it was read: as it is now.
    #[error("the revision has changed")]
    Stale(Box<Revision>),
    /// Not possible at this stage.
    #[error("not possible now")]
    NotNow,
    /// It does not compile, or its golden cases do not hold.
    #[error("the definition is not sound")]
    Broken(Vec<Diagnostic>),
    /// The reason is missing.
    #[error("a reason is needed")]
    NoNote,
    /// A notice is missing in a language.
    #[error("the notice must be in every language")]
    NoNotice,
    #[error("too long")]
    TooLong,
    /// The code is that of another service, or is not a code.
    #[error("not a free code")]
    Code,
    /// The definition has another code than the service, or an owner that is not theirs.
    #[error("the definition is of another service")]
    Another,
    /// It says what is in force already.
    #[error("nothing is new")]
    Nothing,
    #[error("not a day to come")]
    Day,
    #[error("busy")]
    Busy,
    #[error("could not store")]
    Store(#[from] storage::Error),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error("compiling broke: {0}")]
    Task(String),
}

impl From<CommitError> for Error {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Guard(_) | CommitError::Unique(_) => Error::NotNow,
            CommitError::Busy => Error::Busy,
            CommitError::Store(error) => Error::Store(error),
        }
    }
}

/// A revision with everything that its text says.
pub struct Checked {
    pub revision: Revision,
    /// The version in force; `None` for a new service.
    pub before: Option<Arc<Definition>>,
    /// `None` while it does not compile.
    pub definition: Option<Arc<Definition>>,
    pub problems: Vec<Diagnostic>,
    /// Name of each golden case with what does not hold of it.
    pub golden: Vec<(String, Vec<String>)>,
    pub changes: Vec<Change>,
    pub class: Class,
}

impl Checked {
    /// Whether it may be sent to review.
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty() && self.golden.iter().all(|(_, failed)| failed.is_empty())
    }
}

/// Compiles a text with the vocabulary in force; it must be the definition of this service.
///
/// # Errors
/// Everything that is wrong with it.
pub(crate) async fn compiled(ctx: &Ctx, code: &str, yaml: String) -> Result<Definition, Vec<Diagnostic>> {
    let refdata = ctx.refdata.clone();
    let file = format!("{code}.yaml");
    let name = file.clone();
    let work = move || compile_with(&yaml, &name, &refdata, &Vocabulary::current());
    let problem = |message: String| vec![Diagnostic { file, line: 1, col: 1, message, hint: String::new() }];
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(err) => {
            tracing::error!(%err, "compiling a definition broke");
            Err(problem("compiling broke: this is a defect of the program".to_owned()))
        }
    }
}

/// The open revisions, without their texts.
///
/// # Errors
/// When the database fails.
pub async fn open_revisions(ctx: &Ctx) -> Result<Vec<Revision>, Error> {
    Ok(store::open_revisions(&ctx.db).await?)
}

/// The open revision of a service.
///
/// # Errors
/// When the database fails.
pub async fn open_revision(ctx: &Ctx, code: &str) -> Result<Option<Revision>, Error> {
    Ok(store::open_revision(&ctx.db, code).await?)
}

/// Publications that wait for their day.
///
/// # Errors
/// When the database fails.
pub async fn waiting(ctx: &Ctx) -> Result<Vec<Publication>, Error> {
    Ok(store::waiting(&ctx.db).await?)
}

/// The newest hundred publications of a service, newest first.
///
/// # Errors
/// When the database fails.
pub async fn history(ctx: &Ctx, code: &str) -> Result<Vec<Publication>, Error> {
    Ok(store::history(&ctx.db, code).await?)
}

/// How every service stands beside its version; those that are offered may be absent.
///
/// # Errors
/// When the database fails.
pub async fn standings(ctx: &Ctx) -> Result<Vec<(String, Stands)>, Error> {
    Ok(store::standings(&ctx.db).await?)
}

/// The text of which a version was made; versions of older programs are written out from their data.
///
/// # Errors
/// When the database fails.
pub async fn text_of(ctx: &Ctx, version: &Definition) -> Result<String, Error> {
    match store::text(&ctx.db, version.version().as_str()).await? {
        Some(text) => Ok(text),
        None => Ok(version.to_yaml()),
    }
}

async fn revision_of(ctx: &Ctx, id: RevisionId) -> Result<Revision, Error> {
    store::revision(&ctx.db, id).await?.ok_or(Error::NotFound)
}

/// A revision and what its text says now.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn check(ctx: &Ctx, id: RevisionId) -> Result<Checked, Error> {
    examine(ctx, revision_of(ctx, id).await?).await
}

/// What a revision's text says.
async fn examine(ctx: &Ctx, revision: Revision) -> Result<Checked, Error> {
    let before = ctx.ports.catalog.in_force(ctx, &revision.code).await?;
    let mut checked = Checked {
        before,
        definition: None,
        problems: Vec::new(),
        golden: Vec::new(),
        changes: Vec::new(),
        class: Class::First,
        revision,
    };
    let definition = match compiled(ctx, &checked.revision.code, checked.revision.yaml.clone()).await {
        Ok(definition) => Arc::new(definition),
        Err(problems) => {
            checked.problems = problems;
            return Ok(checked);
        }
    };
    let of_another = |key: &str, is: &str, must: &str| Diagnostic {
        file: format!("{}.yaml", checked.revision.code),
        line: line_of(&checked.revision.yaml, key),
        col: 1,
        message: format!("`{key}: {is}`: this is the revision of a service with `{key}: {must}`"),
        hint: "another service is begun anew; a service is given to another agency by the platform's staff".to_owned(),
    };
    let mut problems = Vec::new();
    if definition.code().as_str() != checked.revision.code {
        problems.push(of_another("code", definition.code().as_str(), &checked.revision.code));
    }
    if definition.spec().owner != checked.revision.owner {
        problems.push(of_another("owner", &definition.spec().owner, &checked.revision.owner));
    }
    let (running, refdata) = (definition.clone(), ctx.refdata.clone());
    checked.golden = tokio::task::spawn_blocking(move || running.golden_outcomes(&refdata))
        .await
        .map_err(|err| Error::Task(err.to_string()))?;
    let today = ctx.today();
    let rate = |channel: definition::Channel| ctx.refdata.channel_rate(channel.name(), today);
    if let Some(before) = &checked.before {
        checked.changes = diff::changes(before.spec(), definition.spec(), rate);
    }
    checked.class = class::class(checked.before.as_deref().map(Definition::spec), definition.spec());
    checked.problems = problems;
    checked.definition = Some(definition);
    Ok(checked)
}

fn line_of(yaml: &str, key: &str) -> usize {
    let begins = format!("{key}:");
    yaml.lines().position(|line| line.starts_with(&begins)).map_or(1, |n| n + 1)
}

/// Opens the revision of a service: the one that is open, or one that begins with the text in force.
///
/// # Errors
/// [`Error::Forbidden`], [`Error::NotFound`].
pub async fn begin(ctx: &Ctx, who: &Editor, code: &str) -> Result<Revision, Error> {
    who.holds(Role::ServiceAuthor)?;
    let current = ctx.ports.catalog.in_force(ctx, code).await?;
    if let Some(open) = store::open_revision(&ctx.db, code).await? {
        who.must_answer_for(ctx, &open.owner)?;
        return Ok(open);
    }
    let current = current.ok_or(Error::NotFound)?;
    let owner = current.spec().owner.clone();
    who.must_answer_for(ctx, &owner)?;
    let yaml = text_of(ctx, &current).await?;
    insert(ctx, who, code, &owner, yaml, current.version().as_str()).await
}

/// Begins a new service of an agency with a skeleton that compiles.
///
/// # Errors
/// [`Error::Code`] when the code is taken or is none; [`Error::Forbidden`].
pub async fn begin_new(ctx: &Ctx, who: &Editor, code: &str, owner: &str) -> Result<Revision, Error> {
    who.holds(Role::ServiceAuthor)?;
    if ctx.refdata.agency(owner).is_none() {
        return Err(Error::NotFound);
    }
    who.must_answer_for(ctx, owner)?;
    let good = (1..=12).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
    if !good || ctx.ports.catalog.in_force(ctx, code).await?.is_some() {
        return Err(Error::Code);
    }
    match store::open_revision(&ctx.db, code).await? {
        // The second press of the button.
        Some(open) if open.writers.first() == Some(&who.staff) && open.seq == 1 => Ok(open),
        Some(_) => Err(Error::Code),
        None => insert(ctx, who, code, owner, skeleton(code, owner, ctx.today()), "").await,
    }
}

async fn insert(ctx: &Ctx, who: &Editor, code: &str, owner: &str, yaml: String, base: &str) -> Result<Revision, Error> {
    let now = ctx.now();
    let revision = Revision {
        id: RevisionId::new(now, &*ctx.rng),
        code: code.to_owned(),
        owner: owner.to_owned(),
        stage: Stage::Writing,
        seq: 1,
        yaml,
        base: base.to_owned(),
        note: String::new(),
        author_name: who.name.clone(),
        writers: vec![who.staff],
        reviewer: None,
        reviewer_name: String::new(),
        comment: String::new(),
        created_at: now,
        updated_at: now,
    };
    let mut batch = Batch::system();
    store::insert_revision(&mut batch, &revision)?;
    record(ctx, &mut batch, who, "catalog.begin", "", code);
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(revision),
        // Somebody else began in the same moment: there is one revision of a service.
        Err(CommitError::Unique(_)) => store::open_revision(&ctx.db, code).await?.ok_or(Error::NotNow),
        Err(error) => Err(error.into()),
    }
}

/// Takes a step of a revision that was seen as of `seq`, changed by `change`.
async fn step(
    ctx: &Ctx,
    who: &Editor,
    revision: Revision,
    seq: i64,
    step: Step,
    why: &str,
    change: impl FnOnce(&mut Revision, &mut Batch) -> Result<(), Error>,
) -> Result<Revision, Error> {
    if revision.seq != seq {
        return Err(Error::Stale(Box::new(revision)));
    }
    let stage = revision::next(revision.stage, step).ok_or(Error::NotNow)?;
    let mut after = revision;
    after.stage = stage;
    let mut batch = Batch::system();
    change(&mut after, &mut batch)?;
    store::save_revision(&mut batch, ctx, &after)?;
    let action = match step {
        Step::Write => "catalog.write",
        Step::Submit => "catalog.submit",
        Step::Approve => "catalog.approve",
        Step::SendBack => "catalog.send_back",
        Step::TakeBack => "catalog.take_back",
        Step::Publish => "catalog.publish",
        Step::Discard => "catalog.discard",
    };
    record(ctx, &mut batch, who, action, why, &object(&after.code, Some(after.id)));
    match ctx.db.commit(batch).await {
        Ok(()) => {
            after.seq += 1;
            after.updated_at = ctx.now();
            Ok(after)
        }
        Err(CommitError::Guard(label)) if label == store::STALE => {
            Err(Error::Stale(Box::new(revision_of(ctx, after.id).await?)))
        }
        Err(error) => Err(error.into()),
    }
}

/// Saves the text of a revision, sound or not: nothing written is lost.
///
/// # Errors
/// [`Error::Stale`] when somebody else wrote since; [`Error::NotNow`] when it is not being written.
pub async fn write(ctx: &Ctx, who: &Editor, id: RevisionId, seq: i64, yaml: &str) -> Result<Revision, Error> {
    who.holds(Role::ServiceAuthor)?;
    let revision = revision_of(ctx, id).await?;
    who.must_answer_for(ctx, &revision.owner)?;
    if yaml.len() > LONGEST {
        return Err(Error::TooLong);
    }
    // A browser sends lines with CR LF; the text is kept with LF, as in files.
    let yaml = yaml.replace("\r\n", "\n");
    if revision.yaml == yaml && revision.stage == Stage::Writing {
        return Ok(revision);
    }
    step(ctx, who, revision, seq, Step::Write, "", |revision, _| {
        revision.yaml = yaml;
        revision.author_name = who.name.clone();
        if !revision.writers.contains(&who.staff) {
            revision.writers.push(who.staff);
        }
        Ok(())
    })
    .await
}

fn reason(text: &str) -> Result<String, Error> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Error::NoNote),
        1..=LONGEST_NOTE => Ok(text.to_owned()),
        _ => Err(Error::TooLong),
    }
}

/// Sends a sound revision to review, with the reason of the change.
///
/// # Errors
/// [`Error::Broken`] with what is not sound; as [`write`].
pub async fn submit(ctx: &Ctx, who: &Editor, id: RevisionId, seq: i64, note: &str) -> Result<Revision, Error> {
    who.holds(Role::ServiceAuthor)?;
    let note = reason(note)?;
    let checked = check(ctx, id).await?;
    who.must_answer_for(ctx, &checked.revision.owner)?;
    must_be_sound(&checked)?;
    if checked.before.is_some() && checked.changes.is_empty() {
        return Err(Error::Nothing);
    }
    step(ctx, who, checked.revision, seq, Step::Submit, &note, |revision, _| {
        revision.note.clone_from(&note);
        revision.comment = String::new();
        revision.reviewer = None;
        revision.reviewer_name = String::new();
        Ok(())
    })
    .await
}

fn must_be_sound(checked: &Checked) -> Result<(), Error> {
    if checked.is_sound() {
        return Ok(());
    }
    let mut problems = checked.problems.clone();
    for (name, failed) in &checked.golden {
        problems.extend(failed.iter().map(|line| Diagnostic {
            file: format!("{}.yaml", checked.revision.code),
            line: 1,
            col: 1,
            message: format!("golden case “{name}”: {line}"),
            hint: String::new(),
        }));
    }
    Err(Error::Broken(problems))
}

/// A reviewer approves, or sends back with a comment.
///
/// # Errors
/// [`Error::FourEyes`] when they wrote in it; [`Error::NoNote`] when it is sent back without a word.
pub async fn review(
    ctx: &Ctx,
    who: &Editor,
    id: RevisionId,
    seq: i64,
    approve: bool,
    comment: &str,
) -> Result<Revision, Error> {
    who.holds(Role::Reviewer)?;
    let checked = check(ctx, id).await?;
    who.must_answer_for(ctx, &checked.revision.owner)?;
    if !revision::may_review(&checked.revision.writers, who.staff) {
        return Err(Error::FourEyes);
    }
    let comment = match (approve, comment.trim()) {
        (true, "") => String::new(),
        (_, comment) => reason(comment)?,
    };
    if approve {
        // The vocabulary may have changed since it was sent.
        must_be_sound(&checked)?;
    }
    let wanted = if approve { Step::Approve } else { Step::SendBack };
    step(ctx, who, checked.revision, seq, wanted, &comment, |revision, _| {
        revision.reviewer = Some(who.staff);
        revision.reviewer_name = who.name.clone();
        revision.comment.clone_from(&comment);
        Ok(())
    })
    .await
}

/// The author takes a revision out of review, to write on.
///
/// # Errors
/// As [`write`].
pub async fn take_back(ctx: &Ctx, who: &Editor, id: RevisionId, seq: i64) -> Result<Revision, Error> {
    who.holds(Role::ServiceAuthor)?;
    let revision = revision_of(ctx, id).await?;
    who.must_answer_for(ctx, &revision.owner)?;
    step(ctx, who, revision, seq, Step::TakeBack, "", |revision, _| {
        revision.reviewer = None;
        revision.reviewer_name = String::new();
        Ok(())
    })
    .await
}

/// Throws a revision away.
///
/// # Errors
/// As [`write`].
pub async fn discard(ctx: &Ctx, who: &Editor, id: RevisionId, seq: i64) -> Result<Revision, Error> {
    who.holds(Role::ServiceAuthor)?;
    let revision = revision_of(ctx, id).await?;
    who.must_answer_for(ctx, &revision.owner)?;
    step(ctx, who, revision, seq, Step::Discard, "", |_, _| Ok(())).await
}

/// Publishes what was approved: now, or on a day to come.
///
/// # Errors
/// [`Error::Day`] when the day is not to come; [`Error::Broken`] when it is not sound any more.
pub async fn publish(
    ctx: &Ctx,
    who: &Editor,
    id: RevisionId,
    seq: i64,
    note: &str,
    on: Option<Date>,
) -> Result<Publication, Error> {
    who.holds(Role::Publisher)?;
    let note = reason(note)?;
    let checked = check(ctx, id).await?;
    who.must_answer_for(ctx, &checked.revision.owner)?;
    let now = ctx.now();
    let effective = match on {
        None => now,
        Some(day) if day <= ctx.today() => return Err(Error::Day),
        Some(day) => at_tashkent(day, 0, 0, 0),
    };
    must_be_sound(&checked)?;
    let definition = checked.definition.clone().ok_or(Error::NotNow)?;
    let class = checked.class;
    let publication = Publication {
        id: RevisionId::new(now, &*ctx.rng).to_string(),
        code: checked.revision.code.clone(),
        action: "publish".to_owned(),
        state: if on.is_some() { "waiting" } else { "done" }.to_owned(),
        hash: definition.version().as_str().to_owned(),
        class: class.name().to_owned(),
        note: note.clone(),
        notice: None,
        author: checked.revision.author_name.clone(),
        reviewer: checked.revision.reviewer_name.clone(),
        publisher: who.name.clone(),
        at: now,
        effective,
        revision: Some(checked.revision.id),
    };
    let standing = standing_of(ctx, &publication.code).await?;
    let added = publication.clone();
    step(ctx, who, checked.revision, seq, Step::Publish, &note, move |revision, batch| {
        store::put_version(batch, now, &definition, class, &revision.yaml);
        store::put_publication(batch, &added)?;
        if on.is_none() {
            store::put_in_force(batch, now, &added.code, &added.hash);
            stand(batch, &added.code, standing, "publish", None, now)?;
        }
        Ok(())
    })
    .await?;
    ctx.ports.catalog.refresh(ctx).await?;
    Ok(publication)
}

/// Takes back a publication that waits for its day.
///
/// # Errors
/// [`Error::NotNow`] when it came in force in the meantime.
pub async fn cancel(ctx: &Ctx, who: &Editor, publication: &str, note: &str) -> Result<Publication, Error> {
    who.holds(Role::Publisher)?;
    let note = reason(note)?;
    let mut one = store::publication_of(&ctx.db, publication).await?.ok_or(Error::NotFound)?;
    let version = VersionHash::parse(&one.hash).ok_or(Error::NotFound)?;
    let version = ctx.ports.catalog.version(ctx, &version).await?.ok_or(Error::NotFound)?;
    who.must_answer_for(ctx, &version.spec().owner)?;
    let mut batch = Batch::system();
    store::settle(&mut batch, &one.id, "cancelled", &one.class);
    record(ctx, &mut batch, who, "catalog.cancel", &note, &object(&one.code, one.revision));
    ctx.db.commit(batch).await?;
    one.state = "cancelled".to_owned();
    Ok(one)
}

/// Puts an earlier version in force again. It was reviewed when it was published.
///
/// # Errors
/// [`Error::NotFound`] when the service never had this version in force.
pub async fn roll_back(ctx: &Ctx, who: &Editor, code: &str, hash: &str, note: &str) -> Result<Publication, Error> {
    who.holds(Role::Publisher)?;
    let note = reason(note)?;
    let current = ctx.ports.catalog.in_force(ctx, code).await?.ok_or(Error::NotFound)?;
    who.must_answer_for(ctx, &current.spec().owner)?;
    let history = store::history(&ctx.db, code).await?;
    let was_in_force = history
        .iter()
        .any(|one| one.hash == hash && one.state == "done" && (one.action == "publish" || one.action == "roll_back"));
    if !was_in_force {
        return Err(Error::NotFound);
    }
    if current.version().as_str() == hash {
        return Err(Error::Nothing);
    }
    let version = VersionHash::parse(hash).ok_or(Error::NotFound)?;
    let version = ctx.ports.catalog.version(ctx, &version).await?.ok_or(Error::NotFound)?;
    let class = class::class(Some(current.spec()), version.spec());
    let publication = decided(ctx, who, code, "roll_back", hash, class.name(), &note, None);
    let mut batch = Batch::system();
    store::put_publication(&mut batch, &publication)?;
    store::put_in_force(&mut batch, ctx.now(), code, hash);
    stand(&mut batch, code, standing_of(ctx, code).await?, "roll_back", None, ctx.now())?;
    record(ctx, &mut batch, who, "catalog.roll_back", &note, code);
    ctx.db.commit(batch).await?;
    ctx.ports.catalog.refresh(ctx).await?;
    Ok(publication)
}

/// Suspends with a public notice, resumes, or retires a service.
///
/// # Errors
/// [`Error::NoNotice`] when a suspension has none; [`Error::NotNow`] when the service does not stand so.
pub async fn change_standing(
    ctx: &Ctx,
    who: &Editor,
    code: &str,
    action: &str,
    note: &str,
    notice: Option<Text>,
) -> Result<Publication, Error> {
    who.holds(Role::Publisher)?;
    let note = reason(note)?;
    let current = ctx.ports.catalog.in_force(ctx, code).await?.ok_or(Error::NotFound)?;
    who.must_answer_for(ctx, &current.spec().owner)?;
    if !matches!(action, "suspend" | "resume" | "retire") {
        return Err(Error::NotNow);
    }
    let notice = notice.filter(|_| action == "suspend");
    if action == "suspend" {
        let given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        let complete = notice
            .as_ref()
            .is_some_and(|text| !text.uz.trim().is_empty() && given(&text.kaa) && given(&text.ru) && given(&text.en));
        if !complete {
            return Err(Error::NoNotice);
        }
        let longest =
            |text: &Text| kernel::lang::Lang::ALL.into_iter().map(|lang| text.get(lang).chars().count()).max();
        if notice.as_ref().and_then(longest).is_some_and(|longest| longest > LONGEST_NOTE) {
            return Err(Error::TooLong);
        }
    }
    let standing = standing_of(ctx, code).await?;
    if standing.after(action).is_none() {
        return Err(Error::NotNow);
    }
    let hash = current.version().as_str();
    let publication = decided(ctx, who, code, action, hash, "", &note, notice.clone());
    let mut batch = Batch::system();
    store::put_publication(&mut batch, &publication)?;
    stand(&mut batch, code, standing, action, notice, ctx.now())?;
    record(ctx, &mut batch, who, &format!("catalog.{action}"), &note, code);
    ctx.db.commit(batch).await?;
    ctx.ports.catalog.refresh(ctx).await?;
    Ok(publication)
}

#[expect(clippy::too_many_arguments, reason = "a row of the table")]
fn decided(
    ctx: &Ctx,
    who: &Editor,
    code: &str,
    action: &str,
    hash: &str,
    class: &str,
    note: &str,
    notice: Option<Text>,
) -> Publication {
    Publication {
        note: note.to_owned(),
        notice,
        publisher: who.name.clone(),
        ..super::publication(ctx, code, action, hash, class)
    }
}

async fn standing_of(ctx: &Ctx, code: &str) -> Result<Standing, storage::Error> {
    let all = store::standings(&ctx.db).await?;
    Ok(all.into_iter().find(|(of, _)| of == code).map(|(_, stands)| stands.standing).unwrap_or_default())
}

/// Adds the standing after an action, where it changes.
fn stand(
    batch: &mut Batch,
    code: &str,
    standing: Standing,
    action: &str,
    notice: Option<Text>,
    now: Timestamp,
) -> Result<(), storage::Error> {
    match standing.after(action) {
        Some(after) if after != standing => {
            store::put_standing(batch, code, &Stands { standing: after, notice, since: now })
        }
        _ => Ok(()),
    }
}

/// What a publication that comes in force by itself does to the standing.
pub(super) async fn stand_after(ctx: &Ctx, batch: &mut Batch, code: &str, action: &str) -> Result<(), storage::Error> {
    stand(batch, code, standing_of(ctx, code).await?, action, None, ctx.now())
}

/// What the audit trail says that a step was about: the service, and the revision where it is of one.
fn object(code: &str, revision: Option<RevisionId>) -> String {
    revision.map_or_else(|| code.to_owned(), |revision| format!("{code}/{revision}"))
}

fn record(ctx: &Ctx, batch: &mut Batch, who: &Editor, action: &str, why: &str, code: &str) {
    audit::record(
        batch,
        &*ctx.rng,
        AuditEntry {
            at: ctx.now(),
            actor: who.staff.uuid(),
            actor_name: format!("{} ({})", who.name, who.unit.as_str()),
            action: action.to_owned(),
            reason: why.to_owned(),
            object: code.to_owned(),
        },
    );
}
