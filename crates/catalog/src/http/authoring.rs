//! The workplace of those who write, review and publish definitions.

use std::collections::{BTreeMap, HashMap};

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use contracts::Role;
use definition::{Definition, Diagnostic, VersionHash, Vocabulary};
use kernel::clock::Date;
use kernel::id::RevisionId;
use kernel::lang::{Lang, Text};
use web::error::Kind;
use web::ui::{Choice, Link};
use web::{
    AppState, CatalogueStaff, FieldProblem, Meta, Official, Page, Posted, Publisher, Reviewer, ServiceAuthor, T,
    WebError,
};

use super::diff;
use super::passport;
use crate::domain::class::Class;
use crate::domain::diff::Change;
use crate::domain::revision::{Stage, Standing, may_review};
use crate::service::authoring::{self, Checked, Editor, Error};
use crate::store::{Publication, Revision};

/// Where the workplace lies.
const HOME: &str = "/staff/catalogue";
/// Services on a page of the list.
const ON_A_PAGE: usize = 50;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/staff/catalogue", get(list))
        .route("/staff/catalogue/schema.json", get(schema))
        .route("/staff/catalogue/new", get(new_page).post(begin_new))
        .route("/staff/catalogue/services/{code}", get(service))
        .route("/staff/catalogue/services/{code}/begin", post(begin))
        .route("/staff/catalogue/services/{code}/standing", post(standing))
        .route("/staff/catalogue/services/{code}/roll-back", post(roll_back))
        .route("/staff/catalogue/services/{code}/cancel", post(cancel))
        .route("/staff/catalogue/revisions/{id}", get(revision).post(write))
        .route("/staff/catalogue/revisions/{id}/submit", post(submit))
        .route("/staff/catalogue/revisions/{id}/review", post(review))
        .route("/staff/catalogue/revisions/{id}/take-back", post(take_back))
        .route("/staff/catalogue/revisions/{id}/discard", post(discard))
        .route("/staff/catalogue/revisions/{id}/publish", post(publish))
        .route("/staff/catalogue/revisions/{id}/preview", get(preview))
}

fn editor(who: &Official) -> Editor {
    Editor {
        staff: who.staff,
        name: who.principal.display_name.clone(),
        unit: who.unit.clone(),
        roles: who.roles.clone(),
    }
}

/// A refusal as an error page. What belongs beside a field is shown there by the handlers themselves.
fn refuse(error: Error) -> WebError {
    let conflict = |code, key| WebError::conflict(code).message(key);
    let invalid = |code, key| WebError::new(Kind::Invalid, code).message(key);
    match error {
        Error::NotFound => WebError::not_found(),
        Error::Forbidden => WebError::forbidden(),
        Error::FourEyes => WebError::new(Kind::Forbidden, "CAT_FOUR_EYES").message("catalog-author-error-four-eyes"),
        Error::Stale(_) => conflict("CAT_STALE", "catalog-author-error-stale"),
        Error::NotNow => conflict("CAT_NOT_NOW", "catalog-author-error-not-now"),
        Error::Broken(_) => invalid("CAT_BROKEN", "catalog-author-error-broken"),
        Error::NoNote => invalid("CAT_NO_NOTE", "catalog-author-error-no-note"),
        Error::NoNotice => invalid("CAT_NO_NOTICE", "catalog-author-error-no-notice"),
        Error::TooLong => invalid("CAT_TOO_LONG", "catalog-author-error-too-long"),
        Error::Code => invalid("CAT_CODE", "catalog-author-error-code"),
        Error::Another => invalid("CAT_ANOTHER", "catalog-author-error-broken"),
        Error::Nothing => invalid("CAT_NOTHING", "catalog-author-error-nothing"),
        Error::Day => invalid("CAT_DAY", "catalog-author-error-day"),
        Error::Busy => WebError::busy(),
        Error::Store(error) => error.into(),
        Error::Port(error) => error.into(),
        error @ Error::Task(_) => WebError::internal(error),
    }
}

/// The words of a refusal that belongs beside a field.
fn beside(t: &T, error: &Error) -> Option<String> {
    let key = match error {
        Error::NoNote => "catalog-author-error-no-note",
        Error::NoNotice => "catalog-author-error-no-notice",
        Error::TooLong => "catalog-author-error-too-long",
        Error::Code => "catalog-author-error-code",
        Error::Nothing => "catalog-author-error-nothing",
        Error::Day => "catalog-author-error-day",
        Error::FourEyes => "catalog-author-error-four-eyes",
        Error::Broken(_) => "catalog-author-error-broken",
        _ => return None,
    };
    Some(t.t(key))
}

fn stage_words(t: &T, stage: Stage) -> String {
    t.t(match stage {
        Stage::Writing => "catalog-author-stage-writing",
        Stage::Review => "catalog-author-stage-review",
        Stage::Approved => "catalog-author-stage-approved",
        Stage::Published => "catalog-author-stage-published",
        Stage::Discarded => "catalog-author-stage-discarded",
    })
}

fn standing_words(t: &T, standing: Standing) -> String {
    t.t(match standing {
        Standing::Offered => "catalog-author-standing-offered",
        Standing::Suspended => "catalog-author-standing-suspended",
        Standing::Retired => "catalog-author-standing-retired",
    })
}

fn class_words(t: &T, name: &str) -> String {
    match Class::ALL.into_iter().find(|class| class.name() == name) {
        Some(Class::First) => t.t("catalog-author-class-first"),
        Some(Class::Cosmetic) => t.t("catalog-author-class-cosmetic"),
        Some(Class::Compatible) => t.t("catalog-author-class-compatible"),
        Some(Class::Breaking) => t.t("catalog-author-class-breaking"),
        None => String::new(),
    }
}

/// What a class means for people in flight.
fn class_meaning(t: &T, class: Class) -> String {
    t.t(match class {
        Class::First => "catalog-author-meaning-first",
        Class::Cosmetic => "catalog-author-meaning-cosmetic",
        Class::Compatible => "catalog-author-meaning-compatible",
        Class::Breaking => "catalog-author-meaning-breaking",
    })
}

fn action_words(t: &T, one: &Publication) -> String {
    t.t(match (one.action.as_str(), one.state.as_str()) {
        (_, "waiting") => "catalog-author-action-waiting",
        (_, "cancelled") => "catalog-author-action-cancelled",
        ("publish", _) => "catalog-author-action-publish",
        ("roll_back", _) => "catalog-author-action-roll-back",
        ("suspend", _) => "catalog-author-action-suspend",
        ("resume", _) => "catalog-author-action-resume",
        _ => "catalog-author-action-retire",
    })
}

/// First digits of a hash.
fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn title_of(definition: &Definition, lang: Lang) -> String {
    definition.passport().title.get(lang).into_owned()
}

// --- the list ---

/// A service in the list.
struct Row {
    code: String,
    title: String,
    href: String,
    owner: String,
    standing: String,
    standing_kind: &'static str,
    /// Stage of the open revision; empty for none.
    stage: String,
    revision: String,
    /// Day on which something comes in force.
    waits: String,
}

#[derive(Template)]
#[template(path = "catalog/author-list.html")]
struct ListPage<'a> {
    page: &'a Page,
    rows: Vec<Row>,
    problems: Vec<String>,
    query: String,
    owners: Vec<Choice>,
    states: Vec<Choice>,
    total: usize,
    previous: String,
    next: String,
    new: String,
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct Asked {
    q: String,
    owner: String,
    state: String,
    page: usize,
}

async fn list(who: CatalogueStaff, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let page = &who.page;
    let (ctx, t, lang) = (page.ctx(), &page.t, page.lang());
    let every = ctx.ports.catalog.every(ctx).await?;
    let standings: HashMap<String, Standing> =
        authoring::standings(ctx).await.map_err(refuse)?.into_iter().map(|(code, one)| (code, one.standing)).collect();
    let revisions = authoring::open_revisions(ctx).await.map_err(refuse)?;
    let waiting = authoring::waiting(ctx).await.map_err(refuse)?;
    let agency = |code: &str| {
        ctx.refdata.agency(code).map_or_else(|| code.to_owned(), |agency| agency.name.get(lang).into_owned())
    };
    let question: String = asked.q.trim().to_lowercase().chars().take(100).collect();
    let row = |code: &str, title: String, owner: &str| {
        let standing = standings.get(code).copied().unwrap_or_default();
        let open = revisions.iter().find(|one| one.code == code);
        Row {
            href: page.href(&format!("{HOME}/services/{code}")),
            owner: owner.to_owned(),
            standing_kind: match standing {
                Standing::Offered => "success",
                Standing::Suspended => "warning",
                Standing::Retired => "neutral",
            },
            standing: standing_words(t, standing),
            stage: open.map(|one| stage_words(t, one.stage)).unwrap_or_default(),
            revision: open.map(|one| page.href(&format!("{HOME}/revisions/{}", one.id))).unwrap_or_default(),
            waits: waiting.iter().find(|one| one.code == code).map(|one| t.day(&one.effective)).unwrap_or_default(),
            code: code.to_owned(),
            title,
        }
    };
    let mut rows: Vec<Row> =
        every.iter().map(|one| row(one.code().as_str(), title_of(one, lang), &one.spec().owner)).collect();
    // New services have nothing in force yet.
    for one in &revisions {
        if !rows.iter().any(|row| row.code == one.code) {
            let mut new = row(&one.code, t.t("catalog-author-new-service"), &one.owner);
            new.href.clone_from(&new.revision);
            new.standing = t.t("catalog-author-standing-none");
            new.standing_kind = "neutral";
            rows.push(new);
        }
    }
    rows.sort_by_key(|row| crate::service::order(&row.code));
    let mut owners: Vec<Choice> = Vec::new();
    for row in &rows {
        if !owners.iter().any(|choice| choice.value == row.owner) {
            owners.push(Choice::new(&row.owner, agency(&row.owner), &asked.owner));
        }
    }
    owners.sort_by_key(|choice| choice.label.to_lowercase());
    rows.retain(|row| {
        let fits = question.is_empty()
            || row.code == question
            || row.title.to_lowercase().contains(&question)
            || kernel::script::fold(&row.title).contains(&kernel::script::fold(&question));
        let standing = standings.get(&row.code).copied().unwrap_or_default();
        let stage = revisions.iter().find(|one| one.code == row.code).map(|one| one.stage.name());
        let state = asked.state.is_empty()
            || standing.name() == asked.state
            || stage == Some(asked.state.as_str())
            || asked.state == "waiting" && !row.waits.is_empty();
        fits && state && (asked.owner.is_empty() || row.owner == asked.owner)
    });
    let total = rows.len();
    let at = asked.page.min(total / ON_A_PAGE);
    let to = |n: usize| {
        let pairs = [("q", asked.q.as_str()), ("owner", &asked.owner), ("state", &asked.state)];
        let query: Vec<String> = pairs
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", web::encode(value)))
            .chain([format!("page={n}")])
            .collect();
        page.href(&format!("{HOME}?{}", query.join("&")))
    };
    let previous = if at > 0 { to(at - 1) } else { String::new() };
    let next = if (at + 1) * ON_A_PAGE < total { to(at + 1) } else { String::new() };
    let mut shown: Vec<Row> = rows.into_iter().skip(at * ON_A_PAGE).take(ON_A_PAGE).collect();
    for row in &mut shown {
        row.owner = agency(&row.owner);
    }
    let states = [
        ("writing", t.t("catalog-author-stage-writing")),
        ("review", t.t("catalog-author-stage-review")),
        ("approved", t.t("catalog-author-stage-approved")),
        ("waiting", t.t("catalog-author-action-waiting")),
        ("offered", t.t("catalog-author-standing-offered")),
        ("suspended", t.t("catalog-author-standing-suspended")),
        ("retired", t.t("catalog-author-standing-retired")),
    ];
    let body = ListPage {
        page,
        rows: shown,
        problems: ctx.ports.catalog.problems().iter().map(diff::problem).collect(),
        query: asked.q.clone(),
        owners,
        states: states.into_iter().map(|(value, label)| Choice::new(value, label, &asked.state)).collect(),
        total,
        previous,
        next,
        new: if who.roles.contains(&Role::ServiceAuthor) { page.href(&format!("{HOME}/new")) } else { String::new() },
    };
    page.render(Meta::new(page.t("catalog-author-title")).staff(HOME), &body)
}

// --- a new service ---

#[derive(Template)]
#[template(path = "catalog/author-new.html")]
struct NewPage<'a> {
    page: &'a Page,
    errors: Vec<FieldProblem>,
    code: String,
    code_error: String,
    owners: Vec<Choice>,
    back: String,
}

fn render_new(who: &ServiceAuthor, code: &str, owner: &str, error: String) -> Result<Response, WebError> {
    let page = &who.page;
    let (ctx, lang) = (page.ctx(), page.lang());
    let writer = editor(who);
    let chosen = if owner.is_empty() { who.unit.agency() } else { owner };
    let mut owners: Vec<Choice> = ctx
        .refdata
        .agencies
        .iter()
        .filter(|agency| writer.answers_for(ctx, &agency.code))
        .map(|agency| Choice::new(&agency.code, agency.name.get(lang), chosen))
        .collect();
    owners.sort_by_key(|choice| choice.label.to_lowercase());
    let errors = problem_list("code", &error);
    let mut meta = Meta::new(page.t("catalog-author-new-title")).staff(HOME);
    if !errors.is_empty() {
        meta = meta.status(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let body = NewPage { page, errors, code: code.to_owned(), code_error: error, owners, back: page.href(HOME) };
    page.render(meta, &body)
}

fn problem_list(field: &str, message: &str) -> Vec<FieldProblem> {
    if message.is_empty() {
        return Vec::new();
    }
    vec![FieldProblem { field: field.to_owned(), code: "invalid".to_owned(), message: message.to_owned() }]
}

async fn new_page(who: ServiceAuthor) -> Result<Response, WebError> {
    render_new(&who, "", "", String::new())
}

async fn begin_new(who: ServiceAuthor, posted: Posted) -> Result<Response, WebError> {
    let (code, owner) = (posted.get("code"), posted.get("owner"));
    match authoring::begin_new(who.ctx(), &editor(&who), code, owner).await {
        Ok(begun) => Ok(who.redirect(&format!("{HOME}/revisions/{}", begun.id))),
        Err(error) => match beside(&who.t, &error) {
            Some(words) => render_new(&who, code, owner, words),
            None => Err(refuse(error)),
        },
    }
}

// --- a service ---

/// A publication in the history.
struct Step {
    title: String,
    when: String,
    /// Who did it, and who wrote and reviewed.
    who: String,
    note: String,
    class: String,
    version: String,
    /// Version that can be put in force again; empty otherwise.
    hash: String,
    /// Waits and can be cancelled.
    cancel: String,
    effective: String,
    /// The page of the revision that it is of; empty where there is none.
    revision: String,
    state: &'static str,
    /// In words, what it changed against the version before; only where both are known.
    changes: Vec<String>,
}

#[derive(Template)]
#[template(path = "catalog/author-service.html")]
struct ServicePage<'a> {
    page: &'a Page,
    trail: Vec<Link>,
    errors: Vec<FieldProblem>,
    title: String,
    code: String,
    owner: String,
    version: String,
    since: String,
    standing: String,
    standing_kind: &'static str,
    notice: String,
    public: String,
    base: String,
    /// The open revision.
    revision: String,
    stage: String,
    may_write: bool,
    may_suspend: bool,
    may_resume: bool,
    may_retire: bool,
    history: Vec<Step>,
    posted: Kept,
    may_publish: bool,
    may_cancel: bool,
    may_roll_back: bool,
}

/// What was typed and not accepted.
#[derive(Default)]
struct Kept {
    action: String,
    note: String,
    uz: String,
    kaa: String,
    ru: String,
    en: String,
    error: String,
}

impl Kept {
    fn error_of(&self, action: &str) -> &str {
        if self.action == action { &self.error } else { "" }
    }

    fn note_of(&self, action: &str) -> &str {
        if self.action == action { &self.note } else { "" }
    }
}

fn kept(posted: &Posted, action: &str, error: String) -> Kept {
    let text = |name: &str| posted.get(name).to_owned();
    Kept {
        note: text(&format!("{}_note", action.replace('-', "_"))),
        uz: text("notice_uz"),
        kaa: text("notice_kaa"),
        ru: text("notice_ru"),
        en: text("notice_en"),
        action: action.to_owned(),
        error,
    }
}

async fn service(who: CatalogueStaff, Path(code): Path<String>) -> Result<Response, WebError> {
    render_service(&who, &code, Kept::default()).await
}

async fn render_service(who: &Official, code: &str, posted: Kept) -> Result<Response, WebError> {
    let page = &who.page;
    let (ctx, t, lang) = (page.ctx(), &page.t, page.lang());
    let definition = ctx.ports.catalog.in_force(ctx, code).await?.ok_or_else(WebError::not_found)?;
    let standings = authoring::standings(ctx).await.map_err(refuse)?;
    let stands = standings.into_iter().find(|(of, _)| of == code).map(|(_, stands)| stands);
    let standing = stands.as_ref().map(|stands| stands.standing).unwrap_or_default();
    let owner = definition.spec().owner.clone();
    let open = authoring::open_revision(ctx, code).await.map_err(refuse)?;
    let mine = editor(who).answers_for(ctx, &owner);
    let may_publish = mine && who.roles.contains(&Role::Publisher);
    let publications = authoring::history(ctx, code).await.map_err(refuse)?;
    let in_force = definition.version().as_str();
    let mut history = Vec::new();
    for (n, one) in publications.iter().enumerate() {
        let puts_in_force = one.action == "publish" || one.action == "roll_back";
        let done = one.state == "done";
        let people: Vec<String> = [
            ("catalog-author-publisher", &one.publisher),
            ("catalog-author-author", &one.author),
            ("catalog-author-comment-of", &one.reviewer),
        ]
        .into_iter()
        .filter(|(_, name)| !name.is_empty())
        .map(|(key, name)| t.t1(key, "name", name.as_str()))
        .collect();
        let who = if people.is_empty() { t.t("catalog-author-by-folder") } else { people.join(" · ") };
        let mut changes = Vec::new();
        if n < 10 && puts_in_force && one.class != Class::First.name() {
            let before = publications[n + 1..]
                .iter()
                .find(|before| before.state == "done" && (before.action == "publish" || before.action == "roll_back"));
            changes = difference(page, before.map(|before| before.hash.as_str()), &one.hash).await?;
        }
        history.push(Step {
            title: action_words(t, one),
            when: t.datetime(&one.at),
            who,
            note: one.note.clone(),
            class: class_words(t, &one.class),
            version: short(&one.hash),
            hash: if done && puts_in_force && one.hash != in_force && may_publish {
                one.hash.clone()
            } else {
                String::new()
            },
            cancel: if one.state == "waiting" && may_publish { one.id.clone() } else { String::new() },
            effective: if one.effective == one.at { String::new() } else { t.datetime(&one.effective) },
            revision: one.revision.map(|id| page.href(&format!("{HOME}/revisions/{id}"))).unwrap_or_default(),
            state: match one.state.as_str() {
                "waiting" => "next",
                "cancelled" => "stopped",
                _ => "done",
            },
            changes,
        });
    }
    let error = posted.error.clone();
    let field = format!("{}_note", posted.action.replace('-', "_"));
    let errors = problem_list(&field, &error);
    let mut meta = Meta::new(title_of(&definition, lang)).staff(HOME);
    if !errors.is_empty() {
        meta = meta.status(StatusCode::UNPROCESSABLE_ENTITY);
    }
    let body = ServicePage {
        page,
        trail: vec![Link::new(page.href(HOME), page.t("catalog-author-title"))],
        errors,
        title: title_of(&definition, lang),
        code: code.to_owned(),
        owner: ctx.refdata.agency(&owner).map_or(owner, |agency| agency.name.get(lang).into_owned()),
        version: short(in_force),
        since: publications
            .iter()
            .find(|one| one.hash == in_force && one.state == "done")
            .map(|one| t.datetime(&one.effective))
            .unwrap_or_default(),
        standing: standing_words(t, standing),
        standing_kind: match standing {
            Standing::Offered => "success",
            Standing::Suspended => "warning",
            Standing::Retired => "neutral",
        },
        notice: stands
            .filter(|stands| stands.standing == Standing::Suspended)
            .and_then(|stands| stands.notice)
            .map(|notice| notice.get(lang).into_owned())
            .unwrap_or_default(),
        public: page.href(&format!("/services/{code}")),
        base: page.href(&format!("{HOME}/services/{code}")),
        stage: open.as_ref().map(|open| stage_words(t, open.stage)).unwrap_or_default(),
        revision: open.map(|open| page.href(&format!("{HOME}/revisions/{}", open.id))).unwrap_or_default(),
        may_write: mine && who.roles.contains(&Role::ServiceAuthor),
        may_suspend: may_publish && standing.after("suspend").is_some(),
        may_resume: may_publish && standing.after("resume").is_some(),
        may_retire: may_publish && standing.after("retire").is_some(),
        may_cancel: history.iter().any(|step| !step.cancel.is_empty()),
        may_roll_back: history.iter().any(|step| !step.hash.is_empty()),
        history,
        posted,
        may_publish,
    };
    page.render(meta, &body)
}

/// What changed between two stored versions, in words.
async fn difference(page: &Page, before: Option<&str>, after: &str) -> Result<Vec<String>, WebError> {
    let ctx = page.ctx();
    let (Some(before), Some(after)) = (before.and_then(VersionHash::parse), VersionHash::parse(after)) else {
        return Ok(Vec::new());
    };
    let before = ctx.ports.catalog.version(ctx, &before).await?;
    let after = ctx.ports.catalog.version(ctx, &after).await?;
    let (Some(before), Some(after)) = (before, after) else { return Ok(Vec::new()) };
    let today = ctx.today();
    let rate = |channel: definition::Channel| ctx.refdata.channel_rate(channel.name(), today);
    let changes = crate::domain::diff::changes(before.spec(), after.spec(), rate);
    Ok(changes.iter().map(|change| diff::words(&page.t, change)).collect())
}

async fn begin(who: ServiceAuthor, Path(code): Path<String>, _posted: Posted) -> Result<Response, WebError> {
    let begun = authoring::begin(who.ctx(), &editor(&who), &code).await.map_err(refuse)?;
    Ok(who.redirect(&format!("{HOME}/revisions/{}", begun.id)))
}

/// Public pages show the change at once on this instance; others notice within seconds.
fn changed(page: &Page) {
    page.state.cache.clear();
}

async fn standing(who: Publisher, Path(code): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let action = posted.get("action").to_owned();
    let note = posted.get(&format!("{action}_note"));
    let text = |name: &str| posted.get(name).to_owned();
    let notice = Text::new(text("notice_uz"), text("notice_kaa"), text("notice_ru"), text("notice_en"));
    let done = authoring::change_standing(who.ctx(), &editor(&who), &code, &action, note, Some(notice)).await;
    after(&who, &code, &posted, &action, done.map(|_| ())).await
}

async fn roll_back(who: Publisher, Path(code): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let note = posted.get("roll_back_note");
    let done = authoring::roll_back(who.ctx(), &editor(&who), &code, posted.get("hash"), note).await;
    after(&who, &code, &posted, "roll-back", done.map(|_| ())).await
}

async fn cancel(who: Publisher, Path(code): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let note = posted.get("cancel_note");
    let done = authoring::cancel(who.ctx(), &editor(&who), posted.get("publication"), note).await;
    after(&who, &code, &posted, "cancel", done.map(|_| ())).await
}

/// Back to the page of the service, or that page with what was typed and the mistake beside it.
async fn after(
    who: &Official,
    code: &str,
    posted: &Posted,
    action: &str,
    done: Result<(), Error>,
) -> Result<Response, WebError> {
    match done {
        Ok(()) => {
            changed(&who.page);
            Ok(who.redirect(&format!("{HOME}/services/{code}")))
        }
        Err(error) => match beside(&who.t, &error) {
            Some(words) => render_service(who, code, kept(posted, action, words)).await,
            None => Err(refuse(error)),
        },
    }
}

// --- a revision ---

/// The format of definitions, from which the editor completes, with the names of this installation. Its hash is in the
/// address that pages give: kept for good.
async fn schema(who: CatalogueStaff, headers: HeaderMap) -> Result<Response, WebError> {
    let (text, hash) = definition::format_with_names(&known(&who.page));
    let cache = "private, max-age=31536000, immutable";
    super::api::tagged(&hash, cache, &headers, "application/schema+json", || text)
}

/// Names that a definition may use without declaring them, with what they are called in the reader's language.
fn known(page: &Page) -> BTreeMap<&'static str, BTreeMap<String, String>> {
    let (lang, vocabulary) = (page.lang(), Vocabulary::current());
    let fields = vocabulary
        .common_fields()
        .map(|(name, label)| (name.to_owned(), label.map_or_else(String::new, |label| label.get(lang).into_owned())));
    let registers = vocabulary.registers().iter().map(|(name, info)| (name.clone(), info.title.get(lang).into_owned()));
    let agencies = page.ctx().refdata.agencies.iter();
    BTreeMap::from([
        ("fields", fields.collect()),
        ("flows", vocabulary.common_flows().map(|name| (name.to_owned(), String::new())).collect()),
        ("registers", registers.collect()),
        ("agencies", agencies.map(|agency| (agency.code.clone(), agency.name.get(lang).into_owned())).collect()),
    ])
}

/// A mistake, with the lines around it.
struct Wrong {
    line: usize,
    message: String,
    hint: String,
    /// Number and text of the lines around the place.
    lines: Vec<(usize, String, bool)>,
}

/// Lines before and after a mistake that are shown with it.
const AROUND: usize = 2;

fn wrong(one: &Diagnostic, yaml: &str) -> Wrong {
    let first = one.line.saturating_sub(AROUND).max(1);
    let lines = yaml
        .lines()
        .enumerate()
        .map(|(n, text)| (n + 1, text))
        .skip(first - 1)
        .take(one.line + AROUND + 1 - first)
        .map(|(n, text)| (n, text.chars().take(200).collect(), n == one.line))
        .collect();
    Wrong { line: one.line, message: one.message.clone(), hint: one.hint.clone(), lines }
}

/// A change in words, with its class.
struct Difference {
    words: String,
    class: String,
    kind: &'static str,
}

fn differences(t: &T, changes: &[Change]) -> Vec<Difference> {
    let mut heaviest: Vec<&Change> = changes.iter().collect();
    heaviest.sort_by_key(|change| std::cmp::Reverse(change.class));
    heaviest
        .into_iter()
        .map(|change| Difference {
            words: diff::words(t, change),
            class: class_words(t, change.class.name()),
            kind: class_kind(change.class),
        })
        .collect()
}

fn class_kind(class: Class) -> &'static str {
    match class {
        Class::First => "new",
        Class::Cosmetic => "success",
        Class::Compatible => "progress",
        Class::Breaking => "warning",
    }
}

/// What stands in the forms below the text, as typed.
#[derive(Default)]
struct Typed {
    field: &'static str,
    error: String,
    note: String,
    comment: String,
    publish_note: String,
    day: String,
}

impl Typed {
    fn error_of(&self, field: &str) -> &str {
        if self.field == field { &self.error } else { "" }
    }
}

#[derive(Template)]
#[template(path = "catalog/author-revision.html")]
struct RevisionPage<'a> {
    page: &'a Page,
    trail: Vec<Link>,
    errors: Vec<FieldProblem>,
    one: &'a Revision,
    title: String,
    base: String,
    stage: String,
    saved: String,
    writing: bool,
    may_write: bool,
    may_review: bool,
    /// A reviewer who wrote in it.
    own: bool,
    may_publish: bool,
    may_take_back: bool,
    may_discard: bool,
    wrong: Vec<Wrong>,
    sound: bool,
    golden: Vec<(String, Vec<String>)>,
    golden_failed: usize,
    /// Screens to submission and how many are allowed.
    screens: usize,
    fields: usize,
    class: String,
    class_kind: &'static str,
    meaning: String,
    changes: Vec<Difference>,
    is_new: bool,
    compiles: bool,
    form: Vec<Link>,
    passports: Vec<(String, Link)>,
    tomorrow: String,
    typed: Typed,
    rows: usize,
    /// Where the format of definitions is.
    schema: String,
}

async fn render_revision(
    who: &Official,
    checked: &Checked,
    typed: Typed,
    status: Option<StatusCode>,
) -> Result<Response, WebError> {
    let page = &who.page;
    let (ctx, t, lang) = (page.ctx(), &page.t, page.lang());
    let one = &checked.revision;
    let mine = editor(who).answers_for(ctx, &one.owner);
    let holds = |role: Role| mine && who.roles.contains(&role);
    let title = match (&checked.definition, &checked.before) {
        (Some(definition), _) | (None, Some(definition)) => title_of(definition, lang),
        (None, None) => t.t("catalog-author-new-service"),
    };
    let path = format!("{HOME}/revisions/{}", one.id);
    let base = page.href(&path);
    let screens = checked.definition.as_ref().map_or(0, |definition| definition.pages().len());
    let in_review = one.stage == Stage::Review;
    let writing = one.stage == Stage::Writing;
    let may_write = holds(Role::ServiceAuthor) && writing;
    let passports = Lang::ALL
        .into_iter()
        .map(|lang| {
            let href = format!("/{}{path}", lang.code());
            let form = if screens > 0 { format!("{href}/form/1") } else { String::new() };
            (form, Link::new(format!("{href}/preview"), lang.native_name()))
        })
        .collect();
    let body = RevisionPage {
        page,
        trail: vec![
            Link::new(page.href(HOME), page.t("catalog-author-title")),
            Link::new(page.href(&format!("{HOME}/services/{}", one.code)), one.code.clone()),
        ]
        .into_iter()
        .take(if checked.before.is_some() { 2 } else { 1 })
        .collect(),
        errors: problem_list(typed.field, &typed.error),
        title: title.clone(),
        stage: stage_words(t, one.stage),
        saved: t.datetime(&one.updated_at),
        writing,
        may_write,
        may_review: holds(Role::Reviewer) && in_review && may_review(&one.writers, who.staff),
        own: holds(Role::Reviewer) && in_review && !may_review(&one.writers, who.staff),
        may_publish: holds(Role::Publisher) && one.stage == Stage::Approved,
        may_take_back: holds(Role::ServiceAuthor) && matches!(one.stage, Stage::Review | Stage::Approved),
        may_discard: holds(Role::ServiceAuthor)
            && matches!(one.stage, Stage::Writing | Stage::Review | Stage::Approved),
        wrong: checked.problems.iter().map(|problem| wrong(problem, &one.yaml)).collect(),
        sound: checked.is_sound(),
        golden_failed: checked.golden.iter().filter(|(_, failed)| !failed.is_empty()).count(),
        golden: checked.golden.clone(),
        screens,
        fields: checked.definition.as_ref().map_or(0, |d| d.pages().iter().map(|page| page.fields.len()).sum()),
        class: class_words(t, checked.class.name()),
        class_kind: class_kind(checked.class),
        meaning: class_meaning(t, checked.class),
        changes: differences(t, &checked.changes),
        is_new: checked.before.is_none(),
        compiles: checked.definition.is_some(),
        form: (1..=screens).map(|n| Link::new(format!("{base}/form/{n}"), n.to_string())).collect(),
        passports,
        tomorrow: ctx.today().tomorrow().unwrap_or_else(|_| ctx.today()).to_string(),
        typed,
        rows: one.yaml.lines().count().clamp(20, 40),
        schema: page.href(&format!("{HOME}/schema.json?v={}", short(&definition::format_with_names(&known(page)).1))),
        base,
        one,
    };
    let mut meta = Meta::new(title).staff(HOME);
    meta.status = status;
    let mut response = page.render(meta, &body)?;
    // The previews stand in frames, to be seen as on a telephone.
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(web::headers::WITH_FRAMES));
    Ok(response)
}

fn id_of(id: &str) -> Result<RevisionId, WebError> {
    id.parse().map_err(|_| WebError::not_found())
}

async fn revision(who: CatalogueStaff, Path(id): Path<String>) -> Result<Response, WebError> {
    let checked = authoring::check(who.ctx(), id_of(&id)?).await.map_err(refuse)?;
    render_revision(&who, &checked, Typed::default(), None).await
}

#[derive(Template)]
#[template(path = "catalog/author-conflict.html")]
struct ConflictPage<'a> {
    page: &'a Page,
    one: &'a Revision,
    base: String,
    mine: String,
    when: String,
    rows: usize,
}

fn seq(posted: &Posted) -> i64 {
    posted.get("seq").parse().unwrap_or(0)
}

async fn write(who: ServiceAuthor, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let (id, page) = (id_of(&id)?, &who.page);
    let yaml = posted.raw("yaml");
    match authoring::write(who.ctx(), &editor(&who), id, seq(&posted), yaml).await {
        // What was written is looked at again after a redirect: reloading does not write again.
        Ok(_) => Ok(who.redirect(&format!("{HOME}/revisions/{id}"))),
        Err(Error::Stale(now)) if now.stage == Stage::Writing => {
            let body = ConflictPage {
                page,
                base: page.href(&format!("{HOME}/revisions/{id}")),
                mine: yaml.to_owned(),
                when: page.t.datetime(&now.updated_at),
                rows: yaml.lines().count().clamp(20, 40),
                one: &now,
            };
            let meta = Meta::new(page.t("catalog-author-conflict-title")).staff(HOME).status(StatusCode::CONFLICT);
            page.render(meta, &body)
        }
        // Nothing typed is lost: the text comes back with the reason.
        Err(error @ (Error::TooLong | Error::Stale(_) | Error::NotNow)) => {
            let mut checked = authoring::check(who.ctx(), id).await.map_err(refuse)?;
            let words = beside(&who.t, &error).unwrap_or_else(|| who.t.t("catalog-author-error-not-now"));
            checked.revision.yaml = yaml.to_owned();
            let typed = Typed { field: "yaml", error: words, ..Typed::default() };
            render_revision(&who, &checked, typed, Some(StatusCode::CONFLICT)).await
        }
        Err(error) => Err(refuse(error)),
    }
}

/// Back to the revision, or its page with what was typed and the mistake beside it.
async fn stepped(
    who: &Official,
    id: RevisionId,
    typed: Typed,
    done: Result<Revision, Error>,
) -> Result<Response, WebError> {
    match done {
        Ok(_) => Ok(who.redirect(&format!("{HOME}/revisions/{id}"))),
        Err(error) => again(who, id, typed, error).await,
    }
}

async fn again(who: &Official, id: RevisionId, mut typed: Typed, error: Error) -> Result<Response, WebError> {
    match beside(&who.t, &error) {
        Some(words) => {
            typed.error = words;
            let checked = authoring::check(who.ctx(), id).await.map_err(refuse)?;
            render_revision(who, &checked, typed, Some(StatusCode::UNPROCESSABLE_ENTITY)).await
        }
        None => Err(refuse(error)),
    }
}

async fn submit(who: ServiceAuthor, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let note = posted.get("note");
    let done = authoring::submit(who.ctx(), &editor(&who), id, seq(&posted), note).await;
    stepped(&who, id, Typed { field: "note", note: note.to_owned(), ..Typed::default() }, done).await
}

async fn review(who: Reviewer, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let (approve, comment) = (posted.get("decision") == "approve", posted.get("comment"));
    let done = authoring::review(who.ctx(), &editor(&who), id, seq(&posted), approve, comment).await;
    stepped(&who, id, Typed { field: "comment", comment: comment.to_owned(), ..Typed::default() }, done).await
}

async fn take_back(who: ServiceAuthor, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let done = authoring::take_back(who.ctx(), &editor(&who), id, seq(&posted)).await;
    stepped(&who, id, Typed::default(), done).await
}

async fn discard(who: ServiceAuthor, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    authoring::discard(who.ctx(), &editor(&who), id, seq(&posted)).await.map_err(refuse)?;
    Ok(who.redirect(HOME))
}

async fn publish(who: Publisher, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let id = id_of(&id)?;
    let (note, day) = (posted.get("publish_note"), posted.get("day"));
    let typed = |field| Typed { field, publish_note: note.to_owned(), day: day.to_owned(), ..Typed::default() };
    let on = match (posted.get("when"), day.parse::<Date>()) {
        ("day", Ok(day)) => Some(day),
        ("day", Err(_)) => return again(&who, id, typed("day"), Error::Day).await,
        _ => None,
    };
    match authoring::publish(who.ctx(), &editor(&who), id, seq(&posted), note, on).await {
        Ok(done) => {
            changed(&who.page);
            Ok(who.redirect(&format!("{HOME}/services/{}", done.code)))
        }
        Err(error) => {
            let field = if matches!(error, Error::Day) { "day" } else { "publish_note" };
            again(&who, id, typed(field), error).await
        }
    }
}

/// The passport as it would be, by the code that shows those in force.
async fn preview(who: CatalogueStaff, Path(id): Path<String>) -> Result<Response, WebError> {
    let (page, ctx) = (&who.page, who.ctx());
    let definition = ctx.ports.catalog.revision(ctx, &id).await?.ok_or_else(WebError::not_found)?;
    let shown = passport::passport(ctx, &page.t, &definition, None, ctx.today());
    let mut response = super::html::render_passport(page, &definition, shown, Vec::new(), Vec::new(), true)?;
    super::html::as_preview(&mut response);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_shown_with_the_lines_around_it() {
        let yaml = (1..=9).map(|n| format!("line {n}\n")).collect::<String>();
        let at = |line| Diagnostic { file: String::new(), line, col: 1, message: String::new(), hint: String::new() };
        let lines = |line| wrong(&at(line), &yaml).lines.iter().map(|(n, _, here)| (*n, *here)).collect::<Vec<_>>();
        assert_eq!(lines(1), [(1, true), (2, false), (3, false)]);
        assert_eq!(lines(5), [(3, false), (4, false), (5, true), (6, false), (7, false)]);
        assert_eq!(lines(9), [(7, false), (8, false), (9, true)]);
    }
}
