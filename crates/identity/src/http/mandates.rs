//! Pages: who may act for a person or an organisation, giving, changing and stopping it.

use std::collections::BTreeSet;

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use definition::BehalfKind;
use kernel::clock::Date;
use kernel::id::{SubjectId, Uuid};
use kernel::money::Tiyin;
use kernel::person::Stir;
use serde::Deserialize;
use web::error::Kind;
use web::ui::Choice;
use web::{AppState, Citizen, Meta, Page, Posted, WebError};

use super::Form;
use crate::domain::mandate::{Command, CommandRefused, Event, Giver, Power, Scope, State, Terms};
use crate::domain::registration::COUNTRIES;
use crate::service::IdentityError;
use crate::service::mandates::{self, Giving, MandateError, NewMandate, Seat, Seen};

/// Paths without the language.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/cabinet/mandates", get(home))
        .route("/cabinet/mandates/{subject}/{id}", get(show).post(act))
        .route("/cabinet/mandates/{subject}/{id}/limit", get(limit).post(limit_post))
        .route("/cabinet/organisations/{stir}", get(organisation))
        .route("/cabinet/organisations/{stir}/give", get(give).post(give_post))
        .route("/cabinet/powers/give", get(give_own).post(give_own_post))
}

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    done: String,
}

fn refuse(page: &Page, error: MandateError) -> WebError {
    match error {
        MandateError::NotFound => WebError::not_found(),
        MandateError::Refused(CommandRefused::NotYours) => WebError::forbidden(),
        MandateError::Refused(CommandRefused::NotNow) => {
            WebError::conflict("IDN_MANDATE_NOT_NOW").message("identity-mandate-not-now")
        }
        MandateError::Refused(CommandRefused::Widens) => {
            WebError::conflict("IDN_MANDATE_WIDENS").message("identity-mandate-error-widens")
        }
        // A form that was changed by hand: pages show such errors beside their fields.
        MandateError::Wrong(_) => WebError::new(Kind::Invalid, "IDN_MANDATE").message("identity-mandate-error-form"),
        MandateError::Register(name) => {
            let title = register_title(page, &name);
            let mut busy = WebError::new(Kind::Busy, "IDN_REGISTER");
            busy.retry_after = Some(60);
            busy.message("identity-mandate-register-away").arg("register", title)
        }
        MandateError::Identity(error) => error.into(),
    }
}

fn register_title(page: &Page, name: &str) -> String {
    definition::register_info(name).map_or_else(|| name.to_owned(), |info| info.title.get(page.lang()).into_owned())
}

// ---------------------------------------------------------------- lists

struct Row {
    href: String,
    title: String,
    note: String,
    state: String,
    tag: &'static str,
    /// It is the reader's turn.
    yours: bool,
}

fn tag(state: State) -> &'static str {
    match state {
        State::AwaitsSecond | State::Offered => "waiting",
        State::InForce => "success",
        State::Suspended => "warning",
        State::Ended => "neutral",
    }
}

fn state_words(page: &Page, seen: &Seen) -> String {
    page.t(&format!("identity-mandate-state-{}", seen.state.name().replace('_', "-")))
}

fn powers_words(page: &Page, terms: &Terms) -> String {
    let words: Vec<String> =
        terms.powers.iter().map(|power| page.t(&format!("identity-mandate-power-{}", power.name()))).collect();
    words.join(", ")
}

fn row(page: &Page, seen: &Seen, title: String) -> Row {
    let until = page.t1("identity-mandate-until-day", "date", page.t.date(&seen.mandate.terms.until));
    let today = page.ctx().today();
    Row {
        href: page.href(&format!("/cabinet/mandates/{}/{}", seen.mandate.subject, seen.mandate.id)),
        title,
        note: format!("{} · {} · {until}", seen.mandate.number, powers_words(page, &seen.mandate.terms)),
        state: state_words(page, seen),
        tag: tag(seen.state),
        yours: seen.may(&Command::Accept, today) || seen.may(&Command::Agree, today),
    }
}

#[derive(Template)]
#[template(path = "identity/mandates.html")]
struct HomePage<'a> {
    page: &'a Page,
    held: Vec<Row>,
    given: Vec<Row>,
    organisations: Vec<Seat>,
    /// Title of the register that does not answer, so that organisations are missing.
    away: String,
}

async fn home(citizen: Citizen) -> Result<Response, WebError> {
    let page = &citizen.page;
    let ctx = citizen.ctx();
    let held = mandates::held_by(ctx, citizen.subject).await.map_err(|error| refuse(page, error))?;
    let given = mandates::given_by(ctx, citizen.subject).await.map_err(|error| refuse(page, error))?;
    let person = ctx.ports.people.person(ctx, citizen.subject).await?.ok_or_else(WebError::not_found)?;
    let (organisations, away) = match mandates::seats(ctx, &person).await {
        Ok(seats) => (seats, String::new()),
        Err(MandateError::Register(name)) => (Vec::new(), register_title(page, &name)),
        Err(error) => return Err(refuse(page, error)),
    };
    let body = HomePage {
        page,
        held: held.iter().map(|seen| row(page, seen, seen.mandate.giver.name())).collect(),
        given: given.iter().map(|seen| row(page, seen, seen.mandate.holder_name.clone())).collect(),
        organisations,
        away,
    };
    page.render(Meta::new(page.t("identity-mandates-title")).cabinet("/cabinet/mandates"), &body)
}

#[derive(Template)]
#[template(path = "identity/organisation.html")]
struct OrganisationPage<'a> {
    page: &'a Page,
    seat: Seat,
    base: String,
    give: String,
    rows: Vec<Row>,
    ended: Vec<Row>,
}

fn stir_of(text: &str) -> Result<Stir, WebError> {
    Stir::parse(text).map_err(|_| WebError::not_found())
}

async fn organisation(citizen: Citizen, Path(stir): Path<String>) -> Result<Response, WebError> {
    let page = &citizen.page;
    let stir = stir_of(&stir)?;
    let found = mandates::of_organisation(citizen.ctx(), citizen.subject, &stir).await;
    let (seat, list) = found.map_err(|error| refuse(page, error))?;
    let (ended, open): (Vec<_>, Vec<_>) = list.iter().partition(|seen| seen.state == State::Ended);
    let rows = |list: Vec<&Seen>| list.into_iter().map(|s| row(page, s, s.mandate.holder_name.clone())).collect();
    let title = seat.name.clone();
    let base = page.href(&format!("/cabinet/organisations/{}", stir.as_str()));
    let body =
        OrganisationPage { page, seat, give: format!("{base}/give"), base, rows: rows(open), ended: rows(ended) };
    page.render(Meta::new(title).cabinet("/cabinet/mandates"), &body)
}

// ---------------------------------------------------------------- the form

#[derive(Template)]
#[template(path = "identity/mandate_form.html")]
struct FormPage<'a> {
    page: &'a Page,
    form: &'a Form,
    title: String,
    lead: String,
    back: String,
    action: String,
    /// What is asked only when a mandate is given, not when it is limited.
    giving: bool,
    /// A second person can be asked for.
    organisation: bool,
    powers: Vec<Choice>,
    scope: Vec<Choice>,
    areas: Vec<Choice>,
    countries: Vec<Choice>,
}

/// Groups and services that may be asked for in somebody's name.
async fn areas(page: &Page, kind: BehalfKind, chosen: &BTreeSet<String>) -> Result<Vec<Choice>, WebError> {
    let ctx = page.ctx();
    let (mut groups, mut services) = (BTreeSet::new(), Vec::new());
    for service in ctx.ports.catalog.all(ctx).await? {
        if service.access().on_behalf.iter().any(|rule| rule.who == kind) {
            groups.insert(service.passport().group.clone());
            services.push((
                format!("s:{}", service.code().as_str()),
                service.passport().title.get(page.lang()).into_owned(),
            ));
        }
    }
    let group_title = |code: &String| {
        let found = ctx.refdata.group(code);
        found.map_or_else(|| code.clone(), |group| group.title.get(page.lang()).into_owned())
    };
    let groups = groups
        .iter()
        .map(|code| (format!("g:{code}"), page.t1("identity-mandate-area-group", "name", group_title(code))));
    let item = |(value, label): (String, String)| Choice {
        checked: chosen.contains(&value),
        value,
        label,
        hint: String::new(),
    };
    Ok(groups.chain(services).map(item).collect())
}

struct Shape {
    title: String,
    lead: String,
    back: String,
    action: String,
    giving: bool,
    kind: BehalfKind,
}

async fn form_page(
    page: &Page,
    form: &Form,
    posted: Option<&Posted>,
    terms: Option<&Terms>,
    shape: Shape,
    status: StatusCode,
) -> Result<Response, WebError> {
    let ticked = |name: &str| -> BTreeSet<String> {
        posted.map(|posted| posted.all(name).map(str::to_owned).collect()).unwrap_or_default()
    };
    let (powers, scope, chosen) = match (posted, terms) {
        (Some(posted), _) => (ticked("powers"), posted.get("scope").to_owned(), ticked("areas")),
        (None, Some(terms)) => (
            terms.powers.iter().map(|power| power.name().to_owned()).collect(),
            if terms.scope.all { "all" } else { "some" }.to_owned(),
            terms
                .scope
                .groups
                .iter()
                .map(|code| format!("g:{code}"))
                .chain(terms.scope.services.iter().map(|code| format!("s:{code}")))
                .collect(),
        ),
        (None, None) => (BTreeSet::from(["see".to_owned(), "sign".to_owned()]), String::new(), BTreeSet::new()),
    };
    let powers = Power::ALL
        .into_iter()
        .map(|power| Choice {
            value: power.name().to_owned(),
            label: page.t(&format!("identity-mandate-power-{}", power.name())),
            hint: page.t(&format!("identity-mandate-power-{}-hint", power.name())),
            checked: powers.contains(power.name()),
        })
        .collect();
    let body = FormPage {
        page,
        form,
        title: shape.title.clone(),
        lead: shape.lead,
        back: shape.back,
        action: shape.action,
        giving: shape.giving,
        organisation: shape.kind == BehalfKind::Organisation,
        powers,
        scope: vec![
            Choice::new("all", page.t("identity-mandate-scope-all"), &scope),
            Choice::new("some", page.t("identity-mandate-scope-some"), &scope),
        ],
        areas: areas(page, shape.kind, &chosen).await?,
        countries: COUNTRIES
            .iter()
            .map(|code| {
                let label = page.t(&format!("identity-country-{}", code.to_ascii_lowercase()));
                Choice::new(*code, label, form.value("country"))
            })
            .collect(),
    };
    page.render(Meta::new(shape.title).cabinet("/cabinet/mandates").status(status), &body)
}

/// A whole number in a field that may be empty.
fn whole(text: &str) -> Result<Option<i64>, ()> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match plain.as_str() {
        "" => Ok(None),
        text if text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit()) => text.parse().map(Some).map_err(|_| ()),
        _ => Err(()),
    }
}

fn day(posted: &Posted, name: &str) -> Result<Option<Date>, ()> {
    let part = |suffix: &str| posted.get(&format!("{name}.{suffix}")).trim().to_owned();
    let (day, month, year) = (part("day"), part("month"), part("year"));
    if day.is_empty() && month.is_empty() && year.is_empty() {
        return Ok(None);
    }
    let date = (|| Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok())();
    date.map(Some).ok_or(())
}

/// Reads the terms; what cannot be read is told at its field and something harmless stands in its place.
fn read_terms(page: &Page, posted: &Posted, form: &mut Form, old: Option<&Terms>) -> Terms {
    let mut wrong = |field: &str, code: &str| {
        let message = page.t(&format!("identity-mandate-error-{code}"));
        form.wrong(field, code, message);
    };
    let amount = whole(posted.get("max_amount")).unwrap_or_else(|()| {
        wrong("max_amount", "amount");
        None
    });
    let number = whole(posted.get("max_number")).and_then(|n| n.map(u32::try_from).transpose().map_err(|_| ()));
    let number = number.unwrap_or_else(|()| {
        wrong("max_number", "number");
        None
    });
    let today = page.ctx().today();
    let from = day(posted, "from").unwrap_or_else(|()| {
        wrong("from", "date");
        None
    });
    let from = old.map_or(from.unwrap_or(today), |old| old.from);
    let until = match day(posted, "until") {
        Ok(Some(date)) => date,
        Ok(None) | Err(()) => {
            wrong("until", "date");
            from.max(today)
        }
    };
    let (mut groups, mut services) = (Vec::new(), Vec::new());
    for area in posted.all("areas").take(500) {
        match area.split_once(':') {
            Some(("g", code)) => groups.push(code.chars().take(40).collect()),
            Some(("s", code)) => services.push(code.chars().take(40).collect()),
            _ => {}
        }
    }
    let all = posted.get("scope") == "all";
    let scope = if all { Scope { all, ..Scope::default() } } else { Scope { all, groups, services } };
    Terms {
        powers: posted.all("powers").filter_map(Power::parse).collect::<BTreeSet<_>>().into_iter().collect(),
        scope,
        max_amount: amount.map(Tiyin::from_som),
        max_number: number,
        from,
        until,
        four_eyes: old.map_or(posted.has("four_eyes"), |old| old.four_eyes),
    }
}

/// Puts the messages of what is wrong beside the fields.
fn explain(page: &Page, form: &mut Form, wrong: Vec<(&'static str, &'static str)>) {
    for (field, code) in wrong {
        if !field.is_empty() && !form.error(field).is_empty() {
            continue;
        }
        let own = format!("identity-mandate-error-{code}");
        let message = if page.t.has(&own) { page.t(&own) } else { page.t(&format!("identity-error-{code}")) };
        form.wrong(field, code, message);
    }
}

fn giving(page: &Page, from: &Giving, name: &str) -> Shape {
    match from {
        Giving::Organisation(stir) => Shape {
            title: page.t("identity-mandate-give-title"),
            lead: page.t1("identity-mandate-give-lead", "name", name),
            back: page.href(&format!("/cabinet/organisations/{}", stir.as_str())),
            action: page.href(&format!("/cabinet/organisations/{}/give", stir.as_str())),
            giving: true,
            kind: BehalfKind::Organisation,
        },
        Giving::Oneself => Shape {
            title: page.t("identity-power-give-title"),
            lead: page.t("identity-power-give-lead"),
            back: page.href("/cabinet/mandates"),
            action: page.href("/cabinet/powers/give"),
            giving: true,
            kind: BehalfKind::Attorney,
        },
    }
}

/// The organisation, when the person is its director.
async fn directs(citizen: &Citizen, stir: &str) -> Result<Seat, WebError> {
    let stir = stir_of(stir)?;
    let found = mandates::of_organisation(citizen.ctx(), citizen.subject, &stir).await;
    let (seat, _) = found.map_err(|error| refuse(&citizen.page, error))?;
    if seat.director { Ok(seat) } else { Err(WebError::forbidden()) }
}

async fn give(citizen: Citizen, Path(stir): Path<String>) -> Result<Response, WebError> {
    let seat = directs(&citizen, &stir).await?;
    blank(&citizen, &Giving::Organisation(seat.stir), &seat.name).await
}

async fn give_own(citizen: Citizen) -> Result<Response, WebError> {
    blank(&citizen, &Giving::Oneself, "").await
}

async fn blank(citizen: &Citizen, from: &Giving, name: &str) -> Result<Response, WebError> {
    let page = &citizen.page;
    let form = Form::default().with("id", mandates::form_id(citizen.ctx()).to_string());
    form_page(page, &form, None, None, giving(page, from, name), StatusCode::OK).await
}

async fn give_post(citizen: Citizen, Path(stir): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let seat = directs(&citizen, &stir).await?;
    give_it(&citizen, Giving::Organisation(seat.stir), &seat.name, &posted).await
}

async fn give_own_post(citizen: Citizen, posted: Posted) -> Result<Response, WebError> {
    give_it(&citizen, Giving::Oneself, "", &posted).await
}

async fn give_it(citizen: &Citizen, from: Giving, name: &str, posted: &Posted) -> Result<Response, WebError> {
    let page = &citizen.page;
    let mut form = Form::of(posted);
    let id: Uuid = posted.get("id").parse().map_err(|_| WebError::not_found())?;
    let new = NewMandate {
        id,
        from: from.clone(),
        holder: posted.get("holder").to_owned(),
        country: posted.get("country").to_owned(),
        surname: posted.get("surname").to_owned(),
        name: posted.get("name").to_owned(),
        terms: read_terms(page, posted, &mut form, None),
    };
    if form.errors.is_empty() {
        match mandates::give(citizen.ctx(), citizen.subject, &new).await {
            Ok((subject, id)) => return Ok(page.redirect(&format!("/cabinet/mandates/{subject}/{id}?done=given"))),
            Err(MandateError::Wrong(wrong)) => explain(page, &mut form, wrong),
            Err(error) => return Err(refuse(page, error)),
        }
    } else {
        // All mistakes at once, not one after another.
        explain(page, &mut form, mandates::wrong(citizen.ctx(), &new));
    }
    let shape = giving(page, &from, name);
    form_page(page, &form, Some(posted), None, shape, StatusCode::UNPROCESSABLE_ENTITY).await
}

// ---------------------------------------------------------------- one mandate

struct Happened {
    title: String,
    when: String,
    who: String,
}

struct Offer {
    name: &'static str,
    label: String,
    kind: &'static str,
}

#[derive(Template)]
#[template(path = "identity/mandate.html")]
struct MandatePage<'a> {
    page: &'a Page,
    seen: &'a Seen,
    done: String,
    state: String,
    tag: &'static str,
    back: String,
    rows: Vec<(String, String)>,
    areas: Vec<String>,
    offers: Vec<Offer>,
    /// Where it can be limited; empty = not by the reader, not now.
    limit: String,
    history: Vec<Happened>,
}

fn ids(subject: &str, id: &str) -> Result<(SubjectId, Uuid), WebError> {
    match (subject.parse(), Uuid::try_parse(id)) {
        (Ok(subject), Ok(id)) => Ok((subject, id)),
        _ => Err(WebError::not_found()),
    }
}

fn offers(page: &Page, seen: &Seen) -> Vec<Offer> {
    let kinds = [
        (Command::Accept, "primary"),
        (Command::Decline, "secondary"),
        (Command::Agree, "primary"),
        (Command::Resume, "primary"),
        (Command::Suspend, "secondary"),
        (Command::Revoke, "warning"),
        (Command::Renounce, "warning"),
    ];
    let today = page.ctx().today();
    kinds
        .into_iter()
        .filter(|(command, _)| seen.may(command, today))
        .map(|(command, kind)| Offer {
            name: command.name(),
            label: page.t(&format!("identity-mandate-do-{}", command.name())),
            kind,
        })
        .collect()
}

async fn area_names(page: &Page, terms: &Terms) -> Result<Vec<String>, WebError> {
    if terms.scope.all {
        return Ok(vec![page.t("identity-mandate-scope-all")]);
    }
    let ctx = page.ctx();
    let mut names = Vec::new();
    for code in &terms.scope.groups {
        let title = ctx.refdata.group(code).map_or_else(|| code.clone(), |g| g.title.get(page.lang()).into_owned());
        names.push(page.t1("identity-mandate-area-group", "name", title));
    }
    for code in &terms.scope.services {
        let found = ctx.ports.catalog.in_force(ctx, code).await?;
        names.push(found.map_or_else(|| code.clone(), |s| s.passport().title.get(page.lang()).into_owned()));
    }
    Ok(names)
}

async fn show(
    citizen: Citizen,
    Path((subject, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let page = &citizen.page;
    let (subject, id) = ids(&subject, &id)?;
    let seen = mandates::seen(citizen.ctx(), citizen.subject, subject, id).await.map_err(|e| refuse(page, e))?;
    let mandate = &seen.mandate;
    let terms = &mandate.terms;
    let none = || page.t("identity-mandate-no-limit");
    let mut rows = vec![
        (page.t("identity-mandate-number"), mandate.number.clone()),
        (page.t("identity-mandate-giver"), mandate.giver.name()),
        (page.t("identity-mandate-holder"), mandate.holder_name.clone()),
        (page.t("identity-mandate-powers"), powers_words(page, terms)),
        (page.t("identity-mandate-max-amount"), terms.max_amount.map_or_else(none, |most| page.t.money(&most))),
        (
            page.t("identity-mandate-max-number"),
            terms.max_number.map_or_else(none, |most| {
                page.t2(
                    "identity-mandate-spent",
                    "spent",
                    page.t.number(mandate.spent.len() as i64),
                    "most",
                    page.t.number(most),
                )
            }),
        ),
        (page.t("identity-mandate-days"), format!("{} – {}", page.t.date(&terms.from), page.t.date(&terms.until))),
    ];
    if terms.four_eyes {
        let key = if mandate.agreed { "identity-mandate-second-agreed" } else { "identity-mandate-second-waits" };
        rows.push((page.t("identity-mandate-second"), page.t(key)));
    }
    let mut history = Vec::with_capacity(mandate.events.len());
    for recorded in mandate.events.iter().rev() {
        let title = match &recorded.event {
            Event::Spent { service, .. } => {
                let ctx = page.ctx();
                let found = ctx.ports.catalog.in_force(ctx, service).await?;
                let name = found.map_or_else(|| service.clone(), |s| s.passport().title.get(page.lang()).into_owned());
                page.t1("identity-mandate-event-spent", "service", name)
            }
            event => page.t(&format!("identity-mandate-event-{}", event.name())),
        };
        history.push(Happened { title, when: page.t.datetime(&recorded.at), who: recorded.actor_name.clone() });
    }
    let back = match (&mandate.giver, seen.standing.belongs) {
        (Giver::Organisation { stir, .. }, true) => format!("/cabinet/organisations/{}", stir.as_str()),
        _ => "/cabinet/mandates".to_owned(),
    };
    let narrower = seen.standing.gives && seen.state != State::Ended;
    let done = match asked.done.as_str() {
        "given" => page.t("identity-mandate-done-given"),
        "" => String::new(),
        _ => page.t("identity-mandate-done"),
    };
    let body = MandatePage {
        page,
        done,
        state: state_words(page, &seen),
        tag: tag(seen.state),
        back: page.href(&back),
        rows,
        areas: area_names(page, terms).await?,
        offers: offers(page, &seen),
        limit: if narrower { page.href(&format!("/cabinet/mandates/{subject}/{id}/limit")) } else { String::new() },
        history,
        seen: &seen,
    };
    page.render(Meta::new(page.t("identity-mandate-title")).cabinet("/cabinet/mandates"), &body)
}

async fn act(
    citizen: Citizen,
    Path((subject, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, WebError> {
    let page = &citizen.page;
    let (subject, id) = ids(&subject, &id)?;
    let command = Command::parse(posted.get("do")).ok_or_else(WebError::not_found)?;
    let seq = posted.get("seq").parse().unwrap_or(0);
    let here = format!("/cabinet/mandates/{subject}/{id}?done={}", command.name());
    match mandates::act(page.ctx(), citizen.subject, subject, id, seq, &command).await {
        Ok(()) => Ok(page.redirect(&here)),
        // The second press of the button, or another tab: here is how it stands.
        Err(MandateError::Identity(IdentityError::Stale)) => {
            Ok(page.redirect(&format!("/cabinet/mandates/{subject}/{id}")))
        }
        Err(error) => Err(refuse(page, error)),
    }
}

fn limiting(page: &Page, seen: &Seen) -> Shape {
    let here = format!("/cabinet/mandates/{}/{}", seen.mandate.subject, seen.mandate.id);
    let kind = match seen.mandate.giver {
        Giver::Organisation { .. } => BehalfKind::Organisation,
        Giver::Person { .. } => BehalfKind::Attorney,
    };
    Shape {
        title: page.t("identity-mandate-limit-title"),
        lead: page.t1("identity-mandate-limit-lead", "name", seen.mandate.holder_name.clone()),
        back: page.href(&here),
        action: page.href(&format!("{here}/limit")),
        giving: false,
        kind,
    }
}

/// A mandate that the reader may limit.
async fn limitable(citizen: &Citizen, subject: &str, id: &str) -> Result<Seen, WebError> {
    let (subject, id) = ids(subject, id)?;
    let seen = mandates::seen(citizen.ctx(), citizen.subject, subject, id).await;
    let seen = seen.map_err(|error| refuse(&citizen.page, error))?;
    if !seen.standing.gives {
        return Err(WebError::forbidden());
    }
    Ok(seen)
}

async fn limit(citizen: Citizen, Path((subject, id)): Path<(String, String)>) -> Result<Response, WebError> {
    let page = &citizen.page;
    let seen = limitable(&citizen, &subject, &id).await?;
    let terms = &seen.mandate.terms;
    let number = |n: Option<i64>| n.map_or_else(String::new, |n| n.to_string());
    let form = Form::default()
        .with("seq", seen.mandate.seq.to_string())
        .with("max_amount", number(terms.max_amount.map(Tiyin::som)))
        .with("max_number", number(terms.max_number.map(i64::from)))
        .with("until.day", terms.until.day().to_string())
        .with("until.month", terms.until.month().to_string())
        .with("until.year", terms.until.year().to_string());
    form_page(page, &form, None, Some(terms), limiting(page, &seen), StatusCode::OK).await
}

async fn limit_post(
    citizen: Citizen,
    Path((subject, id)): Path<(String, String)>,
    posted: Posted,
) -> Result<Response, WebError> {
    let page = &citizen.page;
    let seen = limitable(&citizen, &subject, &id).await?;
    let mut form = Form::of(&posted);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let terms = read_terms(page, &posted, &mut form, Some(&seen.mandate.terms));
    if form.errors.is_empty() {
        let seq = posted.get("seq").parse().unwrap_or(0);
        let (subject, id) = (seen.mandate.subject, seen.mandate.id);
        match mandates::act(page.ctx(), citizen.subject, subject, id, seq, &Command::Limit(terms)).await {
            Ok(()) => return Ok(page.redirect(&format!("/cabinet/mandates/{subject}/{id}?done=limit"))),
            Err(MandateError::Wrong(wrong)) => explain(page, &mut form, wrong),
            Err(MandateError::Refused(CommandRefused::Widens)) => {
                form.wrong("", "widens", page.t("identity-mandate-error-widens"));
            }
            Err(MandateError::Identity(IdentityError::Stale)) => {
                status = StatusCode::CONFLICT;
                form = form.with("seq", seen.mandate.seq.to_string());
                form.wrong("", "stale", page.t("identity-error-stale"));
            }
            Err(error) => return Err(refuse(page, error)),
        }
    }
    form_page(page, &form, Some(&posted), None, limiting(page, &seen), status).await
}
