//! The form: start, pages, check, send.

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::Channel;
use definition::{Assurance, Definition, Denied};
use kernel::id::{DraftId, FileId};
use kernel::money::Tiyin;
use web::ui::Choice;
use web::{Citizen, FieldProblem, Meta, Page, Posted, WebError};

use crate::domain::behalf::BehalfRefused;
use crate::http::view::{self, FieldHtml, PageAnswers};
use crate::http::{file_problem, problems, refuse};
use crate::service::behalf::{Choices, Whom};
use crate::service::drafts::{self, Entry, OpenDraft};
use crate::service::submit::{self, Submission};
use crate::service::{Error, acting, files, reuse};

#[derive(Template)]
#[template(path = "applications/apply.html")]
struct ApplyPage<'a> {
    page: &'a Page,
    title: String,
    summary: String,
    base: String,
    service_href: String,
    screens: usize,
    minutes: i64,
    errors: Vec<FieldProblem>,
    /// For whom one may apply; empty = for oneself only, nothing is asked.
    whom: Vec<Choice>,
    whom_error: String,
    /// A power of attorney may be named.
    attorney: bool,
    number: String,
    number_error: String,
    /// Registers that do not answer, so that the list may lack somebody.
    away: Vec<String>,
}

/// The start of an application: for whom it is, where the service asks that, and one button.
pub async fn apply_page(who: Citizen, Path(code): Path<String>) -> Result<Response, WebError> {
    let page = &who.page;
    let ctx = page.ctx();
    let definition = match ctx.ports.catalog.current(ctx, &code).await? {
        Some(definition) => definition,
        None => return Err(refuse(&page.t, drafts::not_offered(ctx, &code).await)),
    };
    if let Err(error) = drafts::may_begin(ctx, who.subject, &definition, Channel::Web, who.principal.assurance).await {
        return turned_away(page, &code, error).await;
    }
    show_apply(&who, &definition, "", "", None).await
}

async fn show_apply(
    who: &Citizen,
    definition: &Definition,
    chosen: &str,
    number: &str,
    refused: Option<BehalfRefused>,
) -> Result<Response, WebError> {
    let page = &who.page;
    let ctx = page.ctx();
    let code = definition.code().as_str();
    let mut whom = Vec::new();
    let mut choices = Choices::default();
    let (mut chosen, mut number) = (chosen, number);
    if !definition.access().on_behalf.is_empty() {
        choices = drafts::choices(ctx, who.subject, definition).await.map_err(|error| refuse(&page.t, error))?;
        // The one for whom the session acts is chosen already, where the service allows it.
        if let (Some(acting), "", None) = (&page.acting, chosen, refused) {
            match acting::preselected(&choices, acting) {
                Some(choice) => chosen = &choice.token,
                None if acting.kind == ATTORNEY && choices.attorney => (chosen, number) = (ATTORNEY, &acting.key),
                None => {}
            }
        }
        if choices.oneself {
            whom.push(Choice::new(OWN, page.t("applications-for-self"), chosen));
        }
        for choice in &choices.listed {
            let mut item =
                Choice::new(choice.token.as_str(), view::behalf_words(&page.t, Some(&choice.represented)), chosen);
            if let Some(born) = &choice.represented.birth_date {
                item.hint = page.t1("applications-born", "date", page.t.date(born));
            }
            whom.push(item);
        }
        if choices.attorney {
            whom.push(Choice::new(ATTORNEY, page.t("applications-for-attorney-choice"), chosen));
        }
    }
    let message = refused.map_or_else(String::new, |refused| page.t(crate::http::behalf_key(refused)));
    let at_number = chosen == ATTORNEY && refused.is_some_and(|refused| refused != BehalfRefused::NotChosen);
    let (whom_error, number_error) =
        if at_number { (String::new(), message.clone()) } else { (message.clone(), String::new()) };
    let errors = refused
        .map(|_| FieldProblem {
            field: if at_number { "attorney_number" } else { "for" }.to_owned(),
            code: "behalf".to_owned(),
            message,
        })
        .into_iter()
        .collect();
    let away = choices
        .away
        .iter()
        .map(|name| {
            definition::register_info(name).map_or_else(|| name.clone(), |i| i.title.get(page.lang()).into_owned())
        })
        .collect();
    let title = definition.passport().title.get(page.lang()).into_owned();
    let body = ApplyPage {
        errors,
        whom,
        whom_error,
        attorney: choices.attorney,
        number: number.to_owned(),
        number_error,
        away,
        page,
        summary: definition.passport().summary.get(page.lang()).into_owned(),
        base: page.href(&format!("/apply/{code}")),
        service_href: page.href(&format!("/services/{code}")),
        screens: definition.pages().len() + 1,
        minutes: i64::from(definition.passport().fill_minutes),
        title: title.clone(),
    };
    let mut meta = Meta::new(title);
    meta.status = refused.map(|_| StatusCode::UNPROCESSABLE_ENTITY);
    page.render(meta, &body)
}

/// The choice of oneself in a form.
const OWN: &str = "self";
/// The choice of a power of attorney in a form.
const ATTORNEY: &str = "attorney";

/// Says why the person cannot begin, and where that is possible; somebody known too little is asked for a code and comes back.
async fn turned_away(page: &Page, code: &str, error: Error) -> Result<Response, WebError> {
    if let Error::Denied(Denied::Assurance { needed }) = &error
        && *needed != Assurance::Signature
    {
        return Ok(step_up(page, *needed, &format!("/apply/{code}")));
    }
    let reasons = match &error {
        Error::NotEligible(refused) => refused.iter().map(|r| r.message.get(page.lang()).into_owned()).collect(),
        Error::Limit { .. } => vec![page.t("applications-limit-text")],
        Error::Denied(denied) => crate::http::denied_words(&page.t, denied),
        _ => return Err(refuse(&page.t, error)),
    };
    let title = view::service_title(page, code).await;
    let limit = matches!(error, Error::Limit { .. });
    let service_href = page.href(&format!("/services/{code}"));
    let body = RefusedPage { page, title: title.clone(), reasons, service_href, limit };
    page.render(Meta::new(title).status(StatusCode::CONFLICT), &body)
}

/// To the page of identity that asks for a proof more, and back to a page of ours.
fn step_up(page: &Page, needed: Assurance, back: &str) -> Response {
    let level = if needed == Assurance::Face { "&level=face" } else { "" };
    page.redirect(&format!("/step-up?next={back}{level}"))
}

#[derive(Template)]
#[template(path = "applications/refused.html")]
struct RefusedPage<'a> {
    page: &'a Page,
    title: String,
    reasons: Vec<String>,
    service_href: String,
    /// As many cases as allowed are open.
    limit: bool,
}

/// Starts or resumes an application.
pub async fn apply(who: Citizen, Path(code): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let chosen = posted.get("for").to_owned();
    let number = posted.get("attorney_number").to_owned();
    let whom = match chosen.as_str() {
        "" => Whom::Unsaid,
        OWN => Whom::Oneself,
        ATTORNEY => Whom::Attorney { number: number.clone() },
        token => Whom::Listed(token.to_owned()),
    };
    let entry = Entry { channel: Channel::Web, known: who.principal.assurance, whom };
    match drafts::begin(page.ctx(), who.subject, &code, entry).await {
        Ok(open) => {
            let to = if open.definition.pages().is_empty() { "check".to_owned() } else { open.draft.page.to_string() };
            Ok(page.redirect(&format!("/drafts/{}/{to}", open.draft.id)))
        }
        // The button of the passport does not say for whom: that is asked first.
        Err(Error::Behalf(BehalfRefused::NotChosen)) if !posted.has("asked") => {
            Ok(page.redirect(&format!("/apply/{code}")))
        }
        Err(Error::Behalf(refused)) => {
            let ctx = page.ctx();
            let definition = ctx.ports.catalog.current(ctx, &code).await?.ok_or_else(WebError::not_found)?;
            show_apply(&who, &definition, &chosen, &number, Some(refused)).await
        }
        Err(error @ (Error::NotEligible(_) | Error::Limit { .. } | Error::Denied(_))) => {
            turned_away(page, &code, error).await
        }
        Err(error) => Err(refuse(&page.t, error)),
    }
}

#[derive(Template)]
#[template(path = "applications/draft.html")]
struct DraftPage<'a> {
    page: &'a Page,
    service: String,
    /// For whom it is; empty = for oneself.
    behalf: String,
    heading: String,
    base: String,
    number: usize,
    /// Which step the page is, those that are skipped not counted.
    step: usize,
    steps: Vec<String>,
    fields: Vec<FieldHtml>,
    errors: Vec<FieldProblem>,
    multipart: bool,
    /// There are buttons among the fields.
    buttons: bool,
    back: String,
    saved: String,
    /// How the script reads the answers that conditions hang on, as JSON; empty when it has nothing to decide.
    kinds: String,
    offers: Vec<OfferView>,
}

/// An answer given before: what it answers, what it says, where it was given.
struct OfferView {
    label: String,
    value: String,
    from: String,
}

async fn offers(page: &Page, open: &OpenDraft, number: usize) -> Result<Vec<OfferView>, WebError> {
    let mut views = Vec::new();
    for offer in reuse::offers(page.ctx(), open, number, page.lang()).await.map_err(|error| refuse(&page.t, error))? {
        let service = view::service_title(page, &offer.service).await;
        let day = page.t.day(&offer.at);
        views.push(OfferView {
            label: offer.label.get(page.lang()).into_owned(),
            from: page.t3("applications-reuse-from", "service", service, "number", offer.number, "date", day),
            value: offer.shown,
        });
    }
    Ok(views)
}

fn steps(page: &Page, definition: &Definition, asked: &[usize]) -> Vec<String> {
    let forms = asked.iter().filter_map(|index| definition.pages().get(*index));
    let mut steps: Vec<String> = forms.map(|form| form.title.get(page.lang()).into_owned()).collect();
    steps.push(page.t("applications-check-step"));
    steps
}

fn show(
    page: &Page,
    open: &OpenDraft,
    number: usize,
    errors: Vec<FieldProblem>,
    offers: Vec<OfferView>,
    status: Option<StatusCode>,
) -> Result<Response, WebError> {
    let definition: &Arc<Definition> = &open.definition;
    let form = definition.pages().get(number.wrapping_sub(1)).ok_or_else(WebError::not_found)?;
    let browser = definition.browser_form(&[number - 1], &open.facts);
    let fields = view::page_fields(page, definition, &open.facts, number - 1, &open.draft.sources, &errors, &browser);
    let asked = definition.asked_pages(&open.facts);
    let before = asked.iter().rev().find(|index| *index + 1 < number);
    let heading = form.title.get(page.lang()).into_owned();
    let service = definition.passport().title.get(page.lang()).into_owned();
    let body = DraftPage {
        page,
        multipart: fields.iter().any(|field| field.kind == "file"),
        buttons: fields.iter().any(FieldHtml::has_buttons),
        base: page.href(&format!("/drafts/{}", open.draft.id)),
        number,
        step: asked.iter().filter(|index| **index < number).count(),
        steps: steps(page, definition, &asked),
        fields,
        errors: view::summary(page, definition, &errors),
        back: match before {
            Some(index) => page.href(&format!("/drafts/{}/{}", open.draft.id, index + 1)),
            None => page.href(&format!("/services/{}", open.draft.service)),
        },
        saved: page.t.datetime(&open.draft.updated_at),
        kinds: browser.kinds_json(),
        offers,
        behalf: view::behalf_words(&page.t, open.draft.behalf.as_ref()),
        service: service.clone(),
        heading: heading.clone(),
    };
    let mut meta = Meta::new(format!("{heading} – {service}"));
    meta.status = status;
    page.render(meta, &body)
}

async fn open(page: &Page, who: &Citizen, id: &str) -> Result<OpenDraft, Response> {
    let id: DraftId = id.parse().map_err(|_| WebError::not_found().into_response())?;
    match drafts::get(page.ctx(), who.subject, id).await {
        Ok(open) => Ok(open),
        // The form was sent, perhaps from another tab: here is what became of it.
        Err(Error::Submitted(case)) => Err(page.redirect(&format!("/cases/{case}"))),
        Err(error) => Err(refuse(&page.t, error).into_response()),
    }
}

/// A page of the form.
pub async fn page(who: Citizen, Path((id, number)): Path<(String, usize)>) -> Result<Response, Response> {
    let page = &who.page;
    let open = open(page, &who, &id).await?;
    // A page that is not asked is passed over: the answer on which that hangs may have changed in another tab.
    if open.definition.pages().get(number.wrapping_sub(1)).is_some()
        && !open.definition.asked_pages(&open.facts).contains(&(number - 1))
        || open.definition.pages().is_empty()
    {
        return Ok(page.redirect(&format!("/drafts/{id}/{}", after(&open, number))));
    }
    let offers = offers(page, &open, number).await.map_err(IntoResponse::into_response)?;
    show(page, &open, number, Vec::new(), offers, None).map_err(IntoResponse::into_response)
}

/// The part of the address of the page after this one: the next that is asked, or the check.
fn after(open: &OpenDraft, number: usize) -> String {
    let next = open.definition.asked_pages(&open.facts).into_iter().find(|index| *index >= number);
    next.map_or_else(|| "check".to_owned(), |index| (index + 1).to_string())
}

/// Saves a page: its files first, then its answers; what is wrong is shown and saved all the same.
pub async fn save(
    who: Citizen,
    Path((id, number)): Path<(String, usize)>,
    posted: Posted,
) -> Result<Response, Response> {
    let page = &who.page;
    let ctx = page.ctx();
    let opened = open(page, &who, &id).await?;
    let draft = opened.draft.id;
    let refused = |error| refuse(&page.t, error).into_response();
    let mut wrong = Vec::new();
    for upload in &posted.files {
        let stored = files::upload(ctx, who.subject, draft, &upload.field, &upload.name, &upload.bytes).await;
        match stored {
            Ok(_) => {}
            Err(Error::File(error)) => wrong.push(file_problem(&page.t, &upload.field, &upload.name, &error)),
            Err(error) => return Err(refused(error)),
        }
    }
    let fields = view::posted_fields(&opened.definition, posted.fields());
    let number32 = u32::try_from(number).unwrap_or(1);
    let (saved, errors) = drafts::save_page(ctx, who.subject, draft, number32, &fields).await.map_err(refused)?;
    if posted.has("remove") {
        if let Ok(file) = posted.get("remove").parse::<FileId>() {
            files::remove(ctx, who.subject, draft, file).await.map_err(refused)?;
        }
        return Ok(page.redirect(&format!("/drafts/{draft}/{number}")));
    }
    if posted.has("reuse") {
        reuse::take(ctx, who.subject, draft, number, page.lang()).await.map_err(refused)?;
        return Ok(page.redirect(&format!("/drafts/{draft}/{number}")));
    }
    if let Some(place) = view::pressed(&saved.definition, &fields, &saved.facts) {
        return Ok(page.redirect(&format!("/drafts/{draft}/{number}#{place}")));
    }
    if posted.has("stay") {
        return Ok(page.redirect("/cabinet/cases"));
    }
    // A file that was just refused says more than "a file is needed".
    wrong.extend(problems(&page.t, &errors).into_iter().filter(|p| posted.files.iter().all(|f| f.field != p.field)));
    if !wrong.is_empty() {
        let status = Some(StatusCode::UNPROCESSABLE_ENTITY);
        return show(page, &saved, number, wrong, Vec::new(), status).map_err(IntoResponse::into_response);
    }
    Ok(page.redirect(&format!("/drafts/{draft}/{}", after(&saved, number))))
}

/// Saves as one types: nothing is shown, nothing is refused.
pub async fn autosave(
    who: Citizen,
    Path((id, number)): Path<(String, u32)>,
    posted: Posted,
) -> Result<Response, Response> {
    let page = &who.page;
    let opened = open(page, &who, &id).await?;
    let fields = view::posted_fields(&opened.definition, posted.fields());
    drafts::save_page(page.ctx(), who.subject, opened.draft.id, number, &fields)
        .await
        .map_err(|error| refuse(&page.t, error).into_response())?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A line of the fee.
struct FeeHtml {
    title: String,
    amount: String,
    note: String,
}

#[derive(Template)]
#[template(path = "applications/check.html")]
struct CheckPage<'a> {
    page: &'a Page,
    service: String,
    base: String,
    steps: Vec<String>,
    current: usize,
    answers: Vec<PageAnswers>,
    errors: Vec<FieldProblem>,
    /// Nothing is missing: it can be sent.
    complete: bool,
    fees: Vec<FeeHtml>,
    total: String,
    free: bool,
    /// The fee comes later, in a state of the flow.
    fee_later: bool,
    /// Words on a fee that was paid before and covers this one; empty = there is none.
    covered: String,
    /// For whom it is; empty = for oneself.
    behalf: String,
    due: String,
    back: String,
    consent_error: String,
}

async fn show_check(
    page: &Page,
    open: &OpenDraft,
    refused: &[definition::FieldError],
    extra: Vec<FieldProblem>,
    status: Option<StatusCode>,
) -> Result<Response, WebError> {
    let check = drafts::check_all(page.ctx(), open).await.map_err(|error| refuse(&page.t, error))?;
    let definition = &open.definition;
    let lang = page.lang();
    let complete = check.errors.is_empty() && check.refused.is_empty();
    // What only shows when the application is sent, such as what a register says of an answer.
    let found = refused.iter().filter(|error| check.errors.iter().all(|known| known.field != error.field));
    let found: Vec<definition::FieldError> = check.errors.iter().chain(found).cloned().collect();
    let mut errors = problems(&page.t, &found);
    for error in &mut errors {
        // The summary leads to the page where the field is.
        let id = error.field.split('.').next().unwrap_or("");
        let number = definition.field(id).map_or(1, |(number, _)| number + 1);
        error.message = format!("{}: {}", field_label(page, definition, &error.field), error.message);
        error.field = format!("page-{number}");
    }
    let complete = complete && check.denied.is_none() && !check.fee.unknown;
    for refused in &check.refused {
        errors.push(FieldProblem {
            field: String::new(),
            code: refused.code.clone(),
            message: refused.message.get(lang).into_owned(),
        });
    }
    let mut plain = |code: &str, message: String| {
        errors.push(FieldProblem { field: String::new(), code: code.to_owned(), message });
    };
    if let Some(denied) = &check.denied {
        plain(denied.code(), crate::http::denied_words(&page.t, denied).join(" "));
    }
    if check.fee.unknown {
        plain("fee", page.t("applications-error-fee-unknown"));
    }
    let consent_error = extra.iter().find(|p| p.field == "confirmed").map_or_else(String::new, |p| p.message.clone());
    errors.extend(extra);
    let fees = check
        .fee
        .lines
        .iter()
        .map(|line| {
            let mut note = Vec::new();
            if line.channel_rate.to_string() != "1" {
                // The decimal comma of every language here but English.
                let rate = line.channel_rate.to_string();
                let rate = if lang == kernel::lang::Lang::En { rate } else { rate.replace('.', ",") };
                note.push(page.t1("applications-fee-channel", "rate", rate));
            }
            if let Some(relief) = &line.relief {
                note.push(page.t(&format!("applications-relief-{}", relief.code.replace('_', "-"))));
            }
            FeeHtml {
                title: line.title.get(lang).into_owned(),
                amount: page.t.money(&line.amount),
                note: note.join("; "),
            }
        })
        .collect();
    let due = match (&check.due, check.after_payment) {
        (Some(due), _) => page.t.datetime(due),
        (None, true) => match definition.term(&open.facts) {
            Some(term) => page.t1("applications-due-after-payment", "term", term_text(page, term)),
            None => page.t("applications-due-after-payment-plain"),
        },
        (None, false) if definition.is_automatic() => page.t("applications-due-at-once"),
        (None, false) => page.t("applications-due-none"),
    };
    let asked = definition.asked_pages(&open.facts);
    let service = definition.passport().title.get(lang).into_owned();
    let body = CheckPage {
        page,
        base: page.href(&format!("/drafts/{}", open.draft.id)),
        current: asked.len() + 1,
        steps: steps(page, definition, &asked),
        answers: view::answers(page, definition, &open.facts, &open.draft.sources, "/files", true),
        errors,
        complete,
        fees,
        total: page.t.money(&check.fee.total),
        free: check.fee.total == Tiyin::ZERO && !check.fee.unknown,
        fee_later: !check.after_payment && check.fee.total > Tiyin::ZERO,
        covered: check.covered.as_ref().map_or_else(String::new, |credit| {
            let (amount, until) = (page.t.money(&credit.amount), page.t.datetime(&credit.until));
            page.t2("applications-fee-covered", "amount", amount, "date", until)
        }),
        behalf: view::behalf_words(&page.t, open.draft.behalf.as_ref()),
        due,
        back: match asked.last() {
            Some(index) => page.href(&format!("/drafts/{}/{}", open.draft.id, index + 1)),
            None => page.href(&format!("/services/{}", open.draft.service)),
        },
        consent_error,
        service: service.clone(),
    };
    let mut meta = Meta::new(format!("{} – {service}", page.t("applications-check-title")));
    meta.status = status;
    page.render(meta, &body)
}

/// The label of a field by its path; of one in a row with the row.
fn field_label(page: &Page, definition: &Definition, path: &str) -> String {
    let mut parts = path.split('.');
    let repeat = parts.next().and_then(|id| definition.field(id)).map(|(_, field)| field);
    let row = parts.next().and_then(|row| row.parse::<usize>().ok());
    let label = definition.field_at(path).map_or_else(String::new, |(_, f)| f.label.get(page.lang()).into_owned());
    match (repeat.filter(|field| !field.fields.is_empty()), row) {
        (Some(repeat), Some(n)) => format!("{}, {label}", view::row_title(page, repeat, n)),
        _ => label,
    }
}

/// A term in words: "3 ish kuni".
pub fn term_text(page: &Page, term: kernel::calendar::Term) -> String {
    use kernel::calendar::Unit;
    let key = match term.unit {
        Unit::Minute => "applications-term-minutes",
        Unit::Hour => "applications-term-hours",
        Unit::Workday => "applications-term-workdays",
        Unit::Day => "applications-term-days",
        Unit::Month => "applications-term-months",
    };
    page.t1(key, "n", i64::from(term.n))
}

/// What is going to be sent, the fee and the due date.
pub async fn check(who: Citizen, Path(id): Path<String>) -> Result<Response, Response> {
    let page = &who.page;
    let open = open(page, &who, &id).await?;
    show_check(page, &open, &[], Vec::new(), None).await.map_err(IntoResponse::into_response)
}

/// Sends the application. Pressed twice, it shows the same receipt.
pub async fn submit(who: Citizen, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let page = &who.page;
    let draft: DraftId = id.parse().map_err(|_| WebError::not_found().into_response())?;
    let submission = Submission { draft, confirmed: posted.has("confirmed"), lang: page.lang(), key: None };
    match submit::send(page.ctx(), who.subject, &submission, who.principal.assurance).await {
        Ok(receipt) => Ok(Redirect::to(&page.href(&format!("/cases/{}?new=1", receipt.case))).into_response()),
        Err(Error::Denied(Denied::Assurance { needed })) if needed != Assurance::Signature => {
            Ok(step_up(page, needed, &format!("/drafts/{draft}/check")))
        }
        Err(
            error @ (Error::Consent | Error::Invalid(_) | Error::NotEligible(_) | Error::Denied(_) | Error::FeeUnknown),
        ) => {
            let open = open(page, &who, &id).await?;
            let extra = match &error {
                Error::Consent => refuse(&page.t, Error::Consent).fields,
                _ => Vec::new(),
            };
            let refused = match &error {
                Error::Invalid(errors) => errors.as_slice(),
                _ => &[],
            };
            let extra = match &error {
                // What is said of identification is not among what the page looks at by itself.
                Error::Denied(denied @ Denied::Assurance { .. }) => vec![FieldProblem {
                    field: String::new(),
                    code: denied.code().to_owned(),
                    message: crate::http::denied_words(&page.t, denied).join(" "),
                }],
                _ => extra,
            };
            let status = Some(StatusCode::UNPROCESSABLE_ENTITY);
            show_check(page, &open, refused, extra, status).await.map_err(IntoResponse::into_response)
        }
        // A limit of the mandate is known only when everything is filled in.
        Err(Error::BehalfEnded(refused) | Error::Behalf(refused)) => {
            let open = open(page, &who, &id).await?;
            show_ended(page, &open, refused).map_err(IntoResponse::into_response)
        }
        Err(error) => Err(refuse(&page.t, error).into_response()),
    }
}

#[derive(Template)]
#[template(path = "applications/behalf_ended.html")]
struct EndedPage<'a> {
    page: &'a Page,
    service: String,
    /// Kind and name of the one for whom the form was begun.
    behalf: String,
    reason: String,
    /// The form, with all answers.
    check_href: String,
    /// The start of an application: for oneself, or for another.
    apply_href: String,
}

/// The right to act has ended while the form was filled in: nothing is sent, nothing is lost.
fn show_ended(page: &Page, open: &OpenDraft, refused: BehalfRefused) -> Result<Response, WebError> {
    let title = page.t("applications-behalf-ended-title");
    let body = EndedPage {
        page,
        service: open.definition.passport().title.get(page.lang()).into_owned(),
        behalf: view::behalf_words(&page.t, open.draft.behalf.as_ref()),
        reason: page.t(crate::http::ended_key(refused)),
        check_href: page.href(&format!("/drafts/{}/check", open.draft.id)),
        apply_href: page.href(&format!("/apply/{}", open.draft.service)),
    };
    page.render(Meta::new(title).status(StatusCode::CONFLICT), &body)
}

/// Throws a draft away.
pub async fn discard(who: Citizen, Path(id): Path<String>, _posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let draft: DraftId = id.parse().map_err(|_| WebError::not_found())?;
    drafts::discard(page.ctx(), who.subject, draft).await.map_err(|error| refuse(&page.t, error))?;
    Ok(page.redirect("/cabinet/cases"))
}
