//! Use cases of documents: a decision becomes a paper, anybody checks it, an official takes it back.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use contracts::applications::{CaseDecided, CaseRef, DocumentOrder, DocumentsOrdered};
use contracts::documents::{DocumentIssued, DocumentRevoked};
use contracts::notifications::{Arg, NoticeRequested, Urgency};
use contracts::{Ctx, emit};
use kernel::clock::{Timestamp, tashkent_date};
use kernel::id::{CaseId, DocumentId, EventId, SubjectId};
use kernel::lang::Lang;
use storage::audit::AuditEntry;
use storage::{Batch, CommitError, Sha256Hex, audit};
use tokio::sync::Semaphore;
use uuid::Uuid;
use web::i18n::{Catalogue, T};

use crate::domain::number;
use crate::domain::record::{self, Record, Signer};
use crate::domain::verdict::{GUESS_MINUTES, GUESSES, Verdict, verdict};
use crate::render::{self, Labels, Layout, Made, Paper, Row};
use crate::store::{self, Document};

/// Papers typeset at once: each takes a core for some ten milliseconds, and pages must not wait for them.
static TYPESETTERS: Semaphore = Semaphore::const_new(2);

/// How many numbers are tried. With ten million documents a year one number in a hundred is taken: five tries fail once
/// in 10¹⁰, and the job tries again then.
const NUMBER_TRIES: u32 = 5;

/// Why a use case did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("storage failed")]
    Store(#[from] storage::Error),
    #[error("the changes could not be committed")]
    Commit(#[from] CommitError),
    #[error("the file store failed")]
    Blob(#[from] storage::BlobError),
    #[error("the paper could not be made")]
    Render(#[from] render::RenderError),
    #[error("the record could not be signed: {0}")]
    Sign(String),
    #[error("the texts could not be loaded")]
    Texts(#[from] web::i18n::LoadError),
    #[error("no free number for a document was found")]
    Numbers,
    #[error("the work was stopped")]
    Stopped,
}

impl From<Error> for storage::JobError {
    fn from(error: Error) -> Self {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        storage::JobError::Retry(text)
    }
}

/// Documents that a case calls for, at its end or on its way.
#[derive(Clone, Debug)]
pub struct Orders {
    pub case: CaseRef,
    /// Full name, as the documents have it.
    pub applicant: String,
    pub documents: Vec<DocumentOrder>,
}

impl From<CaseDecided> for Orders {
    fn from(CaseDecided { case, applicant, documents, .. }: CaseDecided) -> Self {
        Self { case, applicant, documents }
    }
}

impl From<DocumentsOrdered> for Orders {
    fn from(DocumentsOrdered { case, applicant, documents, .. }: DocumentsOrdered) -> Self {
        Self { case, applicant, documents }
    }
}

/// Makes every document that a decision calls for, each once.
///
/// # Errors
/// When the store fails or a template is broken: trying again makes only what is missing.
pub async fn issue(ctx: &Ctx, event: EventId, decided: &Orders) -> Result<(), Error> {
    for order in &decided.documents {
        if !store::made(&ctx.db, decided.case.subject, event, &order.output).await? {
            issue_one(ctx, event, decided, order).await?;
        }
    }
    Ok(())
}

async fn issue_one(ctx: &Ctx, event: EventId, decided: &Orders, order: &DocumentOrder) -> Result<(), Error> {
    let (case, now) = (&decided.case, ctx.now());
    let id = DocumentId::new(now, &*ctx.rng);
    let number = take_number(ctx, case.subject, id).await?;
    let code = number::new_code(&*ctx.rng);
    let paper = paper(ctx, decided, order, &number, &code, now)?;
    let pdf = typeset(paper).await?;
    let sha256 = ctx.blobs.put(&pdf).await?;
    let record = Record {
        v: 1,
        number: number.clone(),
        sha256: sha256.as_str().to_owned(),
        agency: order.agency.clone(),
        service: case.service.clone(),
        issued_at: now,
        valid_until: order.valid_until,
        demo: ctx.settings.demo,
    };
    let record = record.canonical().map_err(|err| Error::Sign(err.to_string()))?;
    let signature = signer(ctx)?.sign(&record);
    let document = Document {
        subject: case.subject,
        id,
        event,
        output: order.output.clone(),
        number: number.clone(),
        code,
        case: case.case,
        case_number: case.number.clone(),
        service: case.service.clone(),
        title: order.title.clone(),
        agency: order.agency.clone(),
        holder: record::short_name(&decided.applicant),
        lang: case.lang,
        sha256: sha256.as_str().to_owned(),
        size: pdf.len() as u64,
        valid_until: order.valid_until,
        revocable: order.revocable,
        issued_at: now,
        revoked: None,
        record,
        signature,
    };
    let mut batch = Batch::new(case.subject);
    store::insert(&mut batch, &document)?;
    let issued = DocumentIssued {
        subject: case.subject,
        case: case.case,
        document: id,
        number,
        title: order.title.clone(),
        at: now,
    };
    emit(ctx, &mut batch, &issued);
    notify(ctx, &mut batch, &document, "document-issued", "");
    match ctx.db.commit(batch).await {
        // The same decision in two hands: the other one made it. Its file is the one that counts.
        Ok(()) | Err(CommitError::Unique(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Claims a number before the document is made: the claim lives where the number leads, not where the person's rows are.
async fn take_number(ctx: &Ctx, subject: SubjectId, id: DocumentId) -> Result<String, Error> {
    for _ in 0..NUMBER_TRIES {
        let number = number::new(ctx.today().year(), &*ctx.rng);
        let mut batch = Batch::new(subject);
        store::claim(&mut batch, &number, id);
        match ctx.db.commit(batch).await {
            Ok(()) => return Ok(number),
            Err(CommitError::Unique(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Numbers)
}

async fn typeset(paper: Paper) -> Result<Vec<u8>, Error> {
    let permit = TYPESETTERS.acquire().await.map_err(|_| Error::Stopped)?;
    let pdf = tokio::task::spawn_blocking(move || render::render(&paper)).await.map_err(|_| Error::Stopped)?;
    drop(permit);
    Ok(pdf?)
}

/// Lays a leaflet out.
///
/// # Errors
/// [`Error::Stopped`] when the program ends meanwhile, or when typesetting fails.
pub async fn leaflet(leaflet: contracts::documents::Leaflet) -> Result<Vec<u8>, Error> {
    let permit = TYPESETTERS.acquire().await.map_err(|_| Error::Stopped)?;
    let pdf = tokio::task::spawn_blocking(move || render::leaflet(&leaflet)).await.map_err(|_| Error::Stopped)?;
    drop(permit);
    Ok(pdf?)
}

fn signer(ctx: &Ctx) -> Result<Signer, Error> {
    Signer::from_seed(&ctx.settings.key("documents.sign")).map_err(|err| Error::Sign(err.to_string()))
}

/// The platform's public key, 32 bytes of Ed25519.
///
/// # Errors
/// Never for a derived key.
pub fn public_key(ctx: &Ctx) -> Result<Vec<u8>, Error> {
    Ok(signer(ctx)?.public_key().to_vec())
}

/// Words of papers. Jobs have no page to ask, so this context keeps its own texts at hand.
fn words(lang: Lang) -> Result<T, Error> {
    static TEXTS: OnceLock<Catalogue> = OnceLock::new();
    if let Some(texts) = TEXTS.get() {
        return Ok(texts.lang(lang));
    }
    let loaded = Catalogue::load(&[crate::LOCALES])?;
    Ok(TEXTS.get_or_init(|| loaded).lang(lang))
}

/// Everything that the paper says, in the applicant's language.
fn paper(
    ctx: &Ctx,
    decided: &Orders,
    order: &DocumentOrder,
    number: &str,
    code: &str,
    now: Timestamp,
) -> Result<Paper, Error> {
    let lang = decided.case.lang;
    let t = words(lang)?;
    let layout = Layout::parse(&order.template);
    let agency =
        ctx.refdata.agency(&order.agency).map_or_else(|| order.agency.clone(), |a| a.name.get(lang).into_owned());
    let date = tashkent_date(now);
    let row = |label: String, value: String| Row { label, value };
    let mut rows = Vec::with_capacity(order.rows.len() + 3);
    let named = order.rows.iter().any(|r| r.value == decided.applicant) || layout == Layout::Licence;
    if !named {
        rows.push(row(t.t("documents-paper-holder"), decided.applicant.clone()));
    }
    rows.extend(order.rows.iter().map(|r| row(r.label.get(lang).into_owned(), r.value.clone())));
    rows.push(row(t.t("documents-paper-case"), number::case_shown(&decided.case.number)));
    let validity = order.valid_until.map(|until| t.t1("documents-paper-until", "date", t.date(&until)));
    if let (Some(validity), true) = (&validity, layout != Layout::Licence) {
        rows.push(row(t.t("documents-paper-validity"), validity.clone()));
    }
    let title = order.title.get(lang).into_owned();
    Ok(Paper {
        layout,
        lang: match lang {
            Lang::Uz | Lang::UzCyrl => "uz",
            Lang::Kaa => "kaa",
            Lang::Ru => "ru",
            Lang::En => "en",
        },
        description: format!("{title} · {agency} · {}", number::shown(number)),
        title,
        agency,
        number: number::shown(number),
        code: number::code_shown(code),
        date: t.date(&date),
        made: Made { year: date.year(), month: date.month(), day: date.day() },
        holder: Some(decided.applicant.clone()),
        rows,
        body: Vec::new(),
        validity,
        demo: ctx.settings.demo.then(|| t.t("documents-paper-demo")),
        watermark: t.t("documents-paper-watermark"),
        keywords: vec![record::mark(number)],
        labels: Labels {
            republic: t.t("documents-paper-republic"),
            number: t.t("documents-paper-number"),
            date: t.t("documents-paper-date"),
            code: t.t("documents-paper-code"),
            validity: t.t("documents-paper-validity"),
            check: t.t("documents-paper-check"),
            how: t.t1("documents-paper-how", "address", format!("{}/{}/verify", ctx.settings.public_url, lang.code())),
            signed: t.t("documents-paper-signed"),
            qr_alt: t.t("documents-paper-qr"),
        },
        verify_url: format!("{}/v/{number}/{code}", ctx.settings.public_url),
    })
}

fn notify(ctx: &Ctx, batch: &mut Batch, document: &Document, template: &str, reason: &str) {
    let args = BTreeMap::from([
        ("number".to_owned(), Arg::Text(number::shown(&document.number))),
        ("case".to_owned(), Arg::Text(number::case_shown(&document.case_number))),
        ("document".to_owned(), Arg::Localized(document.title.clone())),
        ("service".to_owned(), Arg::Localized(document.title.clone())),
        ("reason".to_owned(), Arg::Text(reason.to_owned())),
    ]);
    let notice = NoticeRequested {
        subject: document.subject,
        template: template.to_owned(),
        args,
        link: Some("/cabinet/documents".to_owned()),
        urgency: Urgency::Normal,
    };
    emit(ctx, batch, &notice);
}

/// A person's documents, the newest first; those before `before` when given.
///
/// # Errors
/// When the store fails.
pub async fn list(
    ctx: &Ctx,
    subject: SubjectId,
    before: Option<DocumentId>,
    limit: u32,
) -> Result<Vec<Document>, Error> {
    Ok(store::of_subject(&ctx.db, subject, before, limit).await?)
}

/// Documents of a case.
///
/// # Errors
/// When the store fails.
pub async fn of_case(ctx: &Ctx, subject: SubjectId, case: CaseId) -> Result<Vec<Document>, Error> {
    Ok(store::by_case(&ctx.db, subject, case).await?)
}

/// A person's document; `None` when there is none with this id of this person.
///
/// # Errors
/// When the store fails.
pub async fn document(ctx: &Ctx, subject: SubjectId, id: DocumentId) -> Result<Option<Document>, Error> {
    Ok(store::by_id(&ctx.db, subject, id).await?)
}

/// The PDF, byte for byte as it was issued.
///
/// # Errors
/// When the file store fails or the file was damaged.
pub async fn pdf(ctx: &Ctx, document: &Document) -> Result<Vec<u8>, Error> {
    let address: Sha256Hex = document.sha256.parse()?;
    Ok(ctx.blobs.get(&address).await?)
}

/// An official who looks or acts.
#[derive(Clone, Debug)]
pub struct Actor {
    pub id: Uuid,
    pub name: String,
}

/// Records that an official looked at a document.
///
/// # Errors
/// When the store fails: the look is then refused.
pub async fn note_look(ctx: &Ctx, document: &Document, actor: &Actor, action: &str) -> Result<(), Error> {
    let mut batch = Batch::new(document.subject);
    record_act(ctx, &mut batch, document, actor, action, "case");
    ctx.db.commit(batch).await?;
    Ok(())
}

fn record_act(ctx: &Ctx, batch: &mut Batch, document: &Document, actor: &Actor, action: &str, reason: &str) {
    let entry = AuditEntry {
        at: ctx.now(),
        actor: actor.id,
        actor_name: actor.name.clone(),
        action: action.to_owned(),
        reason: reason.to_owned(),
        object: number::shown(&document.number),
    };
    audit::record(batch, &*ctx.rng, entry);
}

/// What became of a wish to revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    Done,
    /// It had no force any more.
    Already,
    /// The definition says that such documents are not taken back.
    NotRevocable,
}

/// Takes the force of a document, with the reason that its owner reads.
///
/// Rule: DOC-REVOKE.
/// Source: the service's definition (`outputs[].revocable`).
///
/// # Errors
/// When the store fails.
pub async fn revoke(ctx: &Ctx, document: &Document, actor: &Actor, reason: &str) -> Result<Revocation, Error> {
    if !document.revocable {
        return Ok(Revocation::NotRevocable);
    }
    let now = ctx.now();
    let mut batch = Batch::new(document.subject);
    store::revoke(&mut batch, document, reason, now);
    let event = DocumentRevoked {
        subject: document.subject,
        case: document.case,
        document: document.id,
        number: document.number.clone(),
        at: now,
    };
    emit(ctx, &mut batch, &event);
    notify(ctx, &mut batch, document, "document-revoked", reason);
    record_act(ctx, &mut batch, document, actor, "document.revoke", reason);
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(Revocation::Done),
        Err(CommitError::Guard(_)) => Ok(Revocation::Already),
        Err(error) => Err(error.into()),
    }
}

/// The outcome of a check.
#[derive(Debug)]
pub struct Checked {
    pub verdict: Verdict,
    /// What may be shown: absent for an unknown document and for an altered file, which proves no knowledge of the paper.
    pub document: Option<Document>,
    /// Whether a file was compared, not just its number.
    pub file: bool,
}

impl Checked {
    fn unknown(file: bool) -> Self {
        Self { verdict: Verdict::Unknown, document: None, file }
    }
}

/// Why a check was not made.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Too many wrong codes for this number: again after so many seconds.
    #[error("too many wrong codes")]
    TooMany(u32),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<storage::Error> for CheckError {
    fn from(error: storage::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Checks a document by what is printed on it. A wrong code is answered as an unknown document, so that numbers cannot be
/// collected; after some wrong codes nobody is answered about that number for some minutes.
///
/// Rule: DOC-GUESS.
/// Source: OWASP ASVS 2.2 (anti-automation); our ADR on documents.
///
/// # Errors
/// [`CheckError::TooMany`], or when the store fails.
pub async fn check_code(ctx: &Ctx, number: &str, code: &str) -> Result<Checked, CheckError> {
    use subtle::ConstantTimeEq;
    let (Some(number), Some(code)) = (number::parse(number), number::parse_code(code)) else {
        return Ok(Checked::unknown(false));
    };
    let Some(document) = by_number(ctx, &number).await? else { return Ok(Checked::unknown(false)) };
    let now = ctx.now();
    let since = minutes_before(now, GUESS_MINUTES);
    if let Some((first, wrong)) = store::guesses(&ctx.db, &number, since).await?
        && wrong >= GUESSES
    {
        let left = GUESS_MINUTES * 60 - now.duration_since(first).as_secs();
        return Err(CheckError::TooMany(u32::try_from(left.max(1)).unwrap_or(1)));
    }
    if !bool::from(document.code.as_bytes().ct_eq(code.as_bytes())) {
        let mut batch = Batch::system();
        store::count_guess(&mut batch, &number, now, since);
        ctx.db.commit(batch).await.map_err(Error::from)?;
        return Ok(Checked::unknown(false));
    }
    Ok(judged(ctx, document, None))
}

/// Checks a file: is it byte for byte what was issued under the number that it carries?
///
/// # Errors
/// When the store fails.
pub async fn check_file(ctx: &Ctx, file: Vec<u8>) -> Result<Checked, CheckError> {
    let read = move || (record::find_mark(&file), Sha256Hex::of(&file));
    let (number, sha256) = tokio::task::spawn_blocking(read).await.map_err(|_| Error::Stopped)?;
    let Some(number) = number else { return Ok(Checked::unknown(true)) };
    let Some(document) = by_number(ctx, &number).await? else { return Ok(Checked::unknown(true)) };
    let same = document.sha256 == sha256.as_str();
    Ok(judged(ctx, document, Some(same)))
}

fn judged(ctx: &Ctx, document: Document, same_file: Option<bool>) -> Checked {
    let verdict = verdict(same_file, document.revoked.is_some(), document.valid_until, ctx.today());
    let shown = same_file != Some(false);
    Checked { verdict, document: shown.then_some(document), file: same_file.is_some() }
}

async fn by_number(ctx: &Ctx, number: &str) -> Result<Option<Document>, storage::Error> {
    match store::route(&ctx.db, number).await? {
        Some((subject, id)) => store::by_id(&ctx.db, subject, id).await,
        None => Ok(None),
    }
}

/// Forgets wrong codes that count no more.
///
/// # Errors
/// When the store fails.
pub async fn forget_guesses(ctx: &Ctx) -> Result<(), Error> {
    let mut batch = Batch::system();
    store::forget_guesses(&mut batch, minutes_before(ctx.now(), GUESS_MINUTES));
    Ok(ctx.db.commit(batch).await?)
}

fn minutes_before(now: Timestamp, minutes: i64) -> Timestamp {
    now.checked_sub(jiff::SignedDuration::from_mins(minutes)).unwrap_or(now)
}
