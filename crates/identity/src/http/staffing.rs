//! Pages of an agency's administrator: who has which role, giving, confirming, reviewing, withdrawing.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use contracts::Role;
use kernel::id::{StaffId, Uuid};
use serde::Deserialize;
use web::ui::Choice;
use web::{AppState, Meta, Official, Page, Posted, WebError};

use super::Form;
use crate::domain::grant::{self, GrantRefused};
use crate::service::IdentityError;
use crate::service::staffing::{self, Admin, GrantState, Held, Member, StaffingError};

/// Paths without the language.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/staff/people", get(list)).route("/staff/people/{id}", get(show).post(act))
}

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    done: String,
    #[serde(default)]
    show: String,
}

fn admin(who: &Official) -> Result<Admin, WebError> {
    if !who.roles.contains(&Role::StaffAdmin) {
        return Err(WebError::forbidden());
    }
    Ok(Admin {
        staff: who.staff,
        name: format!("{}, {}", who.principal.display_name, who.unit.as_str()),
        unit: who.unit.clone(),
        roles: who.roles.clone(),
    })
}

fn refuse(error: StaffingError) -> WebError {
    match error {
        StaffingError::NotFound => WebError::not_found(),
        StaffingError::Refused(GrantRefused::NoAdmin | GrantRefused::OtherUnit) => WebError::forbidden(),
        StaffingError::Refused(refused) => WebError::conflict("IDN_STAFF_ROLE").message(refused_key(refused)),
        StaffingError::Identity(error) => error.into(),
    }
}

fn refused_key(refused: GrantRefused) -> &'static str {
    match refused {
        GrantRefused::NoAdmin | GrantRefused::OtherUnit => "identity-staff-error-unit",
        GrantRefused::Oneself => "identity-staff-error-oneself",
        GrantRefused::Platform => "identity-staff-error-platform",
        GrantRefused::Together => "identity-staff-error-together",
        GrantRefused::HasIt => "identity-staff-error-has-it",
        GrantRefused::TooLong => "identity-staff-error-too-long",
        GrantRefused::SecondNeeded => "identity-staff-error-second",
    }
}

fn role_words(page: &Page, role: Role) -> String {
    page.t(&format!("identity-role-{}", role.name().replace('_', "-")))
}

struct RoleRow {
    role: &'static str,
    title: String,
    since: String,
    by: String,
    until: String,
    due: bool,
    ends_soon: bool,
}

fn role_row(page: &Page, held: &Held) -> RoleRow {
    let (since, by, until) = match &held.grant {
        Some(one) => {
            let given = if one.given_by.is_some() { one.given_name.clone() } else { page.t("identity-staff-by-setup") };
            let by = match one.confirmed_name.as_str() {
                "" => given,
                second => page.t2("identity-staff-by-two", "first", given, "second", second),
            };
            (page.t.day(&one.given_at), by, page.t.day(&one.expires_at))
        }
        None => {
            (page.t("identity-staff-since-setup"), page.t("identity-staff-by-setup"), page.t("identity-staff-no-end"))
        }
    };
    RoleRow {
        role: held.role.name(),
        title: role_words(page, held.role),
        since,
        by,
        until,
        due: held.due,
        ends_soon: held.ends_soon,
    }
}

struct MemberRow {
    href: String,
    name: String,
    login: String,
    unit: String,
    last_seen: String,
    roles: Vec<RoleRow>,
    waiting: Vec<String>,
    oneself: bool,
}

fn member_row(page: &Page, one: &Member) -> MemberRow {
    MemberRow {
        href: page.href(&format!("/staff/people/{}", one.member.staff)),
        name: one.member.name.clone(),
        login: one.login.clone(),
        unit: one.member.unit.as_str().to_owned(),
        last_seen: one.last_seen.map_or_else(|| page.t("identity-staff-never"), |at| page.t.datetime(&at)),
        roles: one.held.iter().map(|held| role_row(page, held)).collect(),
        waiting: one.waiting.iter().map(|grant| role_words(page, grant.role)).collect(),
        oneself: one.oneself,
    }
}

#[derive(Template)]
#[template(path = "identity/staff_people.html")]
struct ListPage<'a> {
    page: &'a Page,
    rows: Vec<MemberRow>,
    tabs: Vec<web::ui::Link>,
    due: usize,
    waiting: usize,
    soon: usize,
}

async fn list(who: Official, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let page = &who.page;
    let members = staffing::members(page.ctx(), &admin(&who)?).await.map_err(refuse)?;
    let count = |is: &dyn Fn(&Held) -> bool| members.iter().flat_map(|one| &one.held).filter(|held| is(held)).count();
    let show = match asked.show.as_str() {
        known @ ("due" | "waiting" | "soon") => known,
        _ => "all",
    };
    let wanted = |one: &&Member| match show {
        "due" => one.held.iter().any(|held| held.due),
        "waiting" => !one.waiting.is_empty(),
        "soon" => one.held.iter().any(|held| held.ends_soon),
        _ => true,
    };
    let tab = |name: &str| {
        let href = page.href(&format!("/staff/people?show={name}"));
        let mut link = web::ui::Link::new(href, page.t(&format!("identity-staff-tab-{name}")));
        link.current = show == name;
        link
    };
    let body = ListPage {
        page,
        rows: members.iter().filter(wanted).map(|one| member_row(page, one)).collect(),
        tabs: ["all", "due", "waiting", "soon"].map(tab).into(),
        due: count(&|held| held.due),
        waiting: members.iter().map(|one| one.waiting.len()).sum(),
        soon: count(&|held| held.ends_soon),
    };
    page.render(Meta::new(page.t("identity-staff-people-title")).staff("/staff/people"), &body)
}

struct Waiting {
    id: Uuid,
    title: String,
    asked: String,
    /// The reader may confirm it.
    may_confirm: bool,
}

struct Happened {
    title: String,
    when: String,
    who: String,
}

#[derive(Template)]
#[template(path = "identity/staff_member.html")]
struct MemberPage<'a> {
    page: &'a Page,
    form: &'a Form,
    one: MemberRow,
    done: String,
    id: Uuid,
    roles: Vec<Choice>,
    waiting: Vec<Waiting>,
    history: Vec<Happened>,
}

async fn member_page(
    who: &Official,
    staff: StaffId,
    form: &Form,
    done: String,
    status: StatusCode,
) -> Result<Response, WebError> {
    let page = &who.page;
    let admin = admin(who)?;
    let (one, history) = staffing::member(page.ctx(), &admin, staff).await.map_err(refuse)?;
    let title = one.member.name.clone();
    let free = |role: &Role| *role != Role::Operator && !one.member.roles.contains(role);
    let roles = Role::ALL
        .into_iter()
        .filter(free)
        .map(|role| {
            let mut choice = Choice::new(role.name(), role_words(page, role), form.value("role"));
            if grant::sensitive(role) {
                choice.hint = page.t("identity-staff-second-hint");
            }
            choice
        })
        .collect();
    let waiting = one
        .waiting
        .iter()
        .map(|grant| Waiting {
            id: grant.grant,
            title: role_words(page, grant.role),
            asked: page.t2(
                "identity-staff-asked",
                "name",
                grant.given_name.as_str(),
                "date",
                page.t.day(&grant.given_at),
            ),
            may_confirm: !one.oneself && grant.given_by != Some(admin.staff.uuid()),
        })
        .collect();
    let history = history
        .iter()
        .filter(|recorded| recorded.entry.action.starts_with("staff.role_"))
        .map(|recorded| {
            let entry = &recorded.entry;
            let role = Role::parse(&entry.reason).map_or_else(|| entry.reason.clone(), |role| role_words(page, role));
            let key = format!("identity-staff-did-{}", entry.action.trim_start_matches("staff.role_"));
            let title = if page.t.has(&key) { page.t1(&key, "role", role) } else { role };
            Happened { title, when: page.t.datetime(&entry.at), who: entry.actor_name.clone() }
        })
        .collect();
    let body = MemberPage {
        page,
        form,
        done,
        id: kernel::id::uuid_v7(page.ctx().now(), &*page.ctx().rng),
        roles,
        waiting,
        history,
        one: member_row(page, &one),
    };
    page.render(Meta::new(title).staff("/staff/people").status(status), &body)
}

fn staff_id(text: &str) -> Result<StaffId, WebError> {
    text.parse().map_err(|_| WebError::not_found())
}

async fn show(who: Official, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let done = match asked.done.as_str() {
        "waits" => who.page.t("identity-staff-done-waits"),
        "" => String::new(),
        _ => who.page.t("identity-staff-done"),
    };
    member_page(&who, staff_id(&id)?, &Form::default(), done, StatusCode::OK).await
}

async fn act(who: Official, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let admin = admin(&who)?;
    let staff = staff_id(&id)?;
    let ctx = page.ctx();
    let role = Role::parse(posted.get("role"));
    let grant: Option<Uuid> = posted.get("grant").parse().ok();
    let mut form = Form::of(&posted);
    let days = posted.get("days").trim().parse::<i64>().unwrap_or(0);
    let outcome = match (posted.get("do"), role, grant) {
        ("give", None, Some(_)) => {
            form.wrong("role", "role", page.t("identity-staff-error-role"));
            return member_page(&who, staff, &form, String::new(), StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        ("give", Some(role), Some(grant)) => staffing::give(ctx, &admin, staff, grant, role, days)
            .await
            .map(|state| if state == GrantState::Waits { "waits" } else { "given" }),
        ("confirm", _, Some(grant)) => staffing::confirm(ctx, &admin, staff, grant, true).await.map(|()| "confirmed"),
        ("refuse", _, Some(grant)) => staffing::confirm(ctx, &admin, staff, grant, false).await.map(|()| "refused"),
        ("review", Some(role), _) => staffing::review(ctx, &admin, staff, role).await.map(|()| "reviewed"),
        ("withdraw", Some(role), _) => staffing::withdraw(ctx, &admin, staff, role).await.map(|()| "withdrawn"),
        _ => return Err(WebError::not_found()),
    };
    match outcome {
        Ok(done) => Ok(page.redirect(&format!("/staff/people/{staff}?done={done}"))),
        // Pressed twice, or somebody else was first: here is how it stands.
        Err(StaffingError::Identity(IdentityError::Stale)) => Ok(page.redirect(&format!("/staff/people/{staff}"))),
        Err(StaffingError::Refused(refused)) if posted.get("do") == "give" => {
            let field = if refused == GrantRefused::TooLong { "days" } else { "role" };
            let message = match role {
                Some(role) if refused == GrantRefused::TooLong => {
                    page.t1("identity-staff-error-too-long-days", "days", page.t.number(grant::longest_days(role)))
                }
                _ => page.t(refused_key(refused)),
            };
            form.wrong(field, "refused", message);
            member_page(&who, staff, &form, String::new(), StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(refuse(error)),
    }
}
