//! Pages: opening a cabinet, signing in, the cabinet's home, own data, sessions, who looked.

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use kernel::clock::Timestamp;
use kernel::lang::Lang;
use serde::Deserialize;
use web::i18n::T;
use web::module::Card;
use web::ui::{Choice, Link};
use web::{AppState, Citizen, Meta, Page, Posted, WebError};

use super::{Form, Visit};
use crate::domain::registration::{self, Applicant, COUNTRIES, Typed};
use crate::domain::return_path;
use crate::service::{self, Answer, Changed, Finished, OpenSession, OwnData, Resent, SignIn, Started};

/// Paths without the language.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/register", get(register).post(register_post))
        .route("/register/foreign", get(register_foreign).post(register_foreign_post))
        .route("/register/code", get(register_code).post(register_code_post))
        .route("/register/code/again", post(register_code_again))
        .route("/register/password", get(register_password).post(register_password_post))
        .route("/sign-in", get(sign_in).post(sign_in_post))
        .route("/sign-in/code", get(sign_in_code).post(sign_in_code_post))
        .route("/sign-in/code/again", post(sign_in_code_again))
        .route("/step-up", get(step_up).post(step_up_post))
        .route("/sign-out", post(sign_out))
        .route("/staff/sign-in", get(staff_sign_in).post(staff_sign_in_post))
        .route("/staff/sign-in/code", get(staff_code).post(staff_code_post))
        .route("/staff/sign-in/code/again", post(staff_code_again))
        .route("/cabinet", get(cabinet))
        .route("/cabinet/profile", get(profile).post(profile_post))
        .route("/cabinet/security", get(security))
        .route("/cabinet/security/revoke", post(revoke))
        .route("/cabinet/security/revoke-others", post(revoke_others))
        .route("/cabinet/security/password", post(change_password))
        .route("/cabinet/access", get(access))
}

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    gone: String,
    #[serde(default)]
    sent: String,
    #[serde(default)]
    done: String,
    #[serde(default)]
    before: String,
    /// A site that signs people in by us wants it done anew: the form is shown to whoever is signed in, too.
    #[serde(default)]
    again: String,
}

/// The page to go to afterwards: the one that was asked for when it is ours, else `fallback`.
fn then<'a>(next: &'a str, fallback: &'a str) -> &'a str {
    return_path::local(next).unwrap_or(fallback)
}

/// `?next=…` for a link, empty when there is none.
fn carry(next: &str) -> String {
    match return_path::local(next) {
        Some(next) => format!("?next={}", encode(next)),
        None => String::new(),
    }
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

/// Whole minutes until then, at least one.
fn minutes(page: &Page, until: Timestamp) -> i64 {
    ((until.as_second() - page.ctx().now().as_second()).max(0) / 60) + 1
}

fn held(page: &Page, form: &mut Form, field: &str, until: Timestamp) -> StatusCode {
    form.wrong(field, "held", page.t1("identity-error-held", "minutes", minutes(page, until)));
    StatusCode::TOO_MANY_REQUESTS
}

// ---------------------------------------------------------------- registration

#[derive(Template)]
#[template(path = "identity/register.html")]
struct RegisterPage<'a> {
    page: &'a Page,
    form: &'a Form,
    foreign: bool,
    steps: [String; 3],
    tabs: [Link; 2],
    countries: Vec<Choice>,
}

fn steps(page: &Page) -> [String; 3] {
    [page.t("identity-step-who"), page.t("identity-step-code"), page.t("identity-step-password")]
}

fn register_page(page: &Page, form: &Form, foreign: bool, status: StatusCode) -> Result<Response, WebError> {
    let next = carry(form.value("next"));
    let tab = |path: &str, key: &str, current| Link { href: page.href(path) + &next, text: page.t(key), current };
    let body = RegisterPage {
        page,
        form,
        foreign,
        steps: steps(page),
        tabs: [
            tab("/register", "identity-register-citizen", !foreign),
            tab("/register/foreign", "identity-register-foreign", foreign),
        ],
        countries: COUNTRIES
            .iter()
            .map(|code| Choice {
                value: (*code).to_owned(),
                label: page.t(&format!("identity-country-{}", code.to_ascii_lowercase())),
                hint: String::new(),
                checked: form.value("country") == *code,
            })
            .collect(),
    };
    page.render(Meta::new(page.t("identity-register-title")).status(status), &body)
}

async fn register(page: Page, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    if page.is_citizen() {
        return Ok(page.redirect("/cabinet"));
    }
    register_page(&page, &Form::default().with("next", asked.next), false, StatusCode::OK)
}

async fn register_foreign(page: Page, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    register_page(&page, &Form::default().with("next", asked.next), true, StatusCode::OK)
}

async fn register_post(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    start(page, visit, posted, false).await
}

async fn register_foreign_post(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    start(page, visit, posted, true).await
}

fn typed(posted: &Posted, foreign: bool) -> Typed {
    let text = |name| posted.get(name).to_owned();
    let parts = [posted.get("birth_date.day"), posted.get("birth_date.month"), posted.get("birth_date.year")];
    Typed {
        kind: if foreign { "foreign" } else { "citizen" }.to_owned(),
        pinfl: text("pinfl"),
        passport: text("passport"),
        country: text("country"),
        surname: text("surname"),
        name: text("name"),
        patronymic: text("patronymic"),
        birth_date: parts.join("."),
        phone: text("phone"),
    }
}

async fn start(page: Page, visit: Visit, posted: Posted, foreign: bool) -> Result<Response, WebError> {
    let mut form = Form::of(&posted);
    let applicant: Applicant = match registration::read(&typed(&posted, foreign), page.ctx().today()) {
        Ok(applicant) => applicant,
        Err(problems) => {
            for problem in problems {
                let message = page.t(&format!("identity-error-{}", problem.code));
                form.wrong(problem.field, problem.code, message);
            }
            return register_page(&page, &form, foreign, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    let status = match service::start(page.ctx(), &applicant, page.lang(), &visit.origin).await? {
        Started::Code { flow } => {
            let mut response = page.redirect(&format!("/register/code{}", carry(posted.get("next"))));
            visit.flow_begun(&mut response, &flow);
            return Ok(response);
        }
        Started::NotInRegister => {
            form.wrong("passport", "not-in-register", page.t("identity-error-not-in-register"));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Started::RegisterAway => {
            form.wrong("", "register-away", page.t("identity-error-register-away"));
            StatusCode::SERVICE_UNAVAILABLE
        }
        Started::Held { until } => held(&page, &mut form, "", until),
    };
    register_page(&page, &form, foreign, status)
}

// ---------------------------------------------------------------- codes

#[derive(Template)]
#[template(path = "identity/code.html")]
struct CodePage<'a> {
    page: &'a Page,
    form: &'a Form,
    steps: [String; 3],
    registering: bool,
    /// Masked.
    phone: Option<String>,
    action: String,
    /// Where to start again.
    start: String,
    ask_remember: bool,
    resent: bool,
}

/// Which sign-in the code belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Register,
    Citizen,
    Staff,
}

impl Way {
    fn start(self) -> &'static str {
        match self {
            Way::Register => "/register",
            Way::Citizen => "/sign-in",
            Way::Staff => "/staff/sign-in",
        }
    }

    fn code(self) -> String {
        format!("{}/code", self.start())
    }
}

async fn code_page(
    page: &Page,
    visit: &Visit,
    form: &Form,
    way: Way,
    resent: bool,
    status: StatusCode,
) -> Result<Response, WebError> {
    let phone = match &visit.flow {
        Some(flow) => service::flow_phone(page.ctx(), flow).await?,
        None => None,
    };
    let Some(phone) = phone else { return Ok(gone(page, way)) };
    let body = CodePage {
        page,
        form,
        steps: steps(page),
        registering: way == Way::Register,
        phone,
        action: page.href(&way.code()),
        start: page.href(way.start()),
        ask_remember: way == Way::Citizen,
        resent,
    };
    page.render(Meta::new(page.t("identity-code-title")).status(status), &body)
}

/// The flow is over: back to its beginning, with a word on why.
fn gone(page: &Page, way: Way) -> Response {
    page.redirect(&format!("{}?gone=1", if way == Way::Register { "/sign-in" } else { way.start() }))
}

async fn register_code(page: Page, visit: Visit, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    show_code(page, visit, asked, Way::Register).await
}

async fn sign_in_code(page: Page, visit: Visit, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    show_code(page, visit, asked, Way::Citizen).await
}

async fn staff_code(page: Page, visit: Visit, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    show_code(page, visit, asked, Way::Staff).await
}

async fn show_code(page: Page, visit: Visit, asked: Asked, way: Way) -> Result<Response, WebError> {
    let form = Form::default().with("next", asked.next);
    code_page(&page, &visit, &form, way, !asked.sent.is_empty(), StatusCode::OK).await
}

async fn register_code_post(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    judge_code(page, visit, posted, Way::Register).await
}

async fn sign_in_code_post(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    judge_code(page, visit, posted, Way::Citizen).await
}

async fn staff_code_post(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    judge_code(page, visit, posted, Way::Staff).await
}

async fn judge_code(page: Page, visit: Visit, posted: Posted, way: Way) -> Result<Response, WebError> {
    let Some(flow) = visit.flow.clone() else { return Ok(gone(&page, way)) };
    let mut form = Form::of(&posted);
    let remember = posted.has("remember");
    let message = match service::answer_code(page.ctx(), &flow, posted.get("code"), &visit.origin, remember).await? {
        Answer::Proved => return Ok(page.redirect(&format!("/register/password{}", carry(posted.get("next"))))),
        Answer::SignedIn { session, device, staff } => {
            let home = if staff { "/staff" } else { "/cabinet" };
            let mut response = page.redirect(then(posted.get("next"), home));
            visit.signed_in(&mut response, &session, device.as_deref());
            return Ok(response);
        }
        Answer::Gone => return Ok(gone(&page, way)),
        Answer::Unreadable => page.t("identity-error-code"),
        Answer::Wrong { left } => page.t1("identity-error-code-wrong", "left", left),
        Answer::Exhausted => page.t("identity-error-code-exhausted"),
        Answer::Expired => page.t("identity-error-code-expired"),
    };
    form.wrong("code", "code", message);
    code_page(&page, &visit, &form, way, false, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn register_code_again(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    again(page, visit, posted, Way::Register).await
}

async fn sign_in_code_again(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    again(page, visit, posted, Way::Citizen).await
}

#[derive(Template)]
#[template(path = "identity/step_up.html")]
struct StepUpPage<'a> {
    page: &'a Page,
    form: &'a Form,
    back: String,
}

fn step_up_page(page: &Page, form: &Form, status: StatusCode) -> Result<Response, WebError> {
    let back = page.href(then(form.value("next"), "/cabinet"));
    page.render(Meta::new(page.t("identity-step-up-title")).status(status), &StepUpPage { page, form, back })
}

/// A service asks for more certainty than a password gives: a code by SMS, then back to it.
async fn step_up(who: Citizen, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    if who.principal.assurance >= contracts::Assurance::Otp {
        return Ok(who.page.redirect(then(&asked.next, "/cabinet")));
    }
    step_up_page(&who.page, &Form::default().with("next", asked.next), StatusCode::OK)
}

async fn step_up_post(who: Citizen, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let page = &who.page;
    let mut form = Form::of(&posted);
    match service::step_up(page.ctx(), &who.principal, &visit.origin).await? {
        SignIn::Code { flow, .. } => {
            let mut response = page.redirect(&format!("/sign-in/code{}", carry(posted.get("next"))));
            visit.flow_begun(&mut response, &flow);
            Ok(response)
        }
        SignIn::Held { until } => {
            let status = held(page, &mut form, "", until);
            step_up_page(page, &form, status)
        }
        SignIn::Refused | SignIn::Done { .. } => {
            form.wrong("", "no-phone", page.t("identity-step-up-no-phone"));
            step_up_page(page, &form, StatusCode::CONFLICT)
        }
    }
}

async fn staff_code_again(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    again(page, visit, posted, Way::Staff).await
}

async fn again(page: Page, visit: Visit, posted: Posted, way: Way) -> Result<Response, WebError> {
    let Some(flow) = visit.flow.clone() else { return Ok(gone(&page, way)) };
    match service::resend_code(page.ctx(), &flow, &visit.origin).await? {
        Resent::Sent => {
            let next = carry(posted.get("next"));
            let join = if next.is_empty() { "?" } else { "&" };
            Ok(page.redirect(&format!("{}{next}{join}sent=1", way.code())))
        }
        Resent::Gone => Ok(gone(&page, way)),
        Resent::Held { until } => {
            let mut form = Form::of(&posted);
            let status = held(&page, &mut form, "code", until);
            code_page(&page, &visit, &form, way, false, status).await
        }
    }
}

// ---------------------------------------------------------------- password of a new cabinet

#[derive(Template)]
#[template(path = "identity/password.html")]
struct PasswordPage<'a> {
    page: &'a Page,
    form: &'a Form,
    steps: [String; 3],
    name: String,
    taken: bool,
}

async fn password_page(page: &Page, visit: &Visit, form: &Form, status: StatusCode) -> Result<Response, WebError> {
    let candidate = match &visit.flow {
        Some(flow) => service::candidate_name(page.ctx(), flow).await?,
        None => None,
    };
    let Some((name, taken)) = candidate else { return Ok(gone(page, Way::Register)) };
    let title = page.t(if taken { "identity-taken-title" } else { "identity-password-title" });
    let body = PasswordPage { page, form, steps: steps(page), name, taken };
    page.render(Meta::new(title).status(if taken { StatusCode::CONFLICT } else { status }), &body)
}

async fn register_password(page: Page, visit: Visit, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    password_page(&page, &visit, &Form::default().with("next", asked.next), StatusCode::OK).await
}

async fn register_password_post(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let Some(flow) = visit.flow.clone() else { return Ok(gone(&page, Way::Register)) };
    let mut form = Form::of(&posted);
    let email = posted.get("email");
    if !email.is_empty() && kernel::person::Email::parse(email).is_err() {
        form.wrong("email", "email", page.t("identity-error-email"));
        return password_page(&page, &visit, &form, StatusCode::UNPROCESSABLE_ENTITY).await;
    }
    let finished = service::finish(page.ctx(), &flow, posted.raw("password"), Some(email), &visit.origin).await?;
    match finished {
        Finished::Done { session, device, .. } => {
            let mut response = page.redirect(then(posted.get("next"), "/cabinet?done=welcome"));
            visit.signed_in(&mut response, &session, Some(&device));
            Ok(response)
        }
        Finished::Weak(weak) => {
            form.wrong("password", "weak", weak_words(&page, weak));
            password_page(&page, &visit, &form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Finished::Taken => password_page(&page, &visit, &form, StatusCode::CONFLICT).await,
        Finished::Gone => Ok(gone(&page, Way::Register)),
    }
}

fn weak_words(page: &Page, weak: crate::domain::password::Weak) -> String {
    use crate::domain::password::Weak;
    match weak {
        Weak::Short => page.t("identity-error-password-short"),
        Weak::Long => page.t("identity-error-password-long"),
        Weak::Common => page.t("identity-error-password-common"),
        Weak::Personal => page.t("identity-error-password-personal"),
    }
}

// ---------------------------------------------------------------- sign-in

#[derive(Template)]
#[template(path = "identity/sign_in.html")]
struct SignInPage<'a> {
    page: &'a Page,
    form: &'a Form,
    gone: bool,
}

#[derive(Template)]
#[template(path = "identity/staff_sign_in.html")]
struct StaffSignInPage<'a> {
    page: &'a Page,
    form: &'a Form,
    gone: bool,
}

fn sign_in_page(page: &Page, form: &Form, gone: bool, status: StatusCode) -> Result<Response, WebError> {
    page.render(Meta::new(page.t("identity-sign-in-title")).status(status), &SignInPage { page, form, gone })
}

fn staff_page(page: &Page, form: &Form, gone: bool, status: StatusCode) -> Result<Response, WebError> {
    page.render(Meta::new(page.t("identity-staff-title")).status(status), &StaffSignInPage { page, form, gone })
}

async fn sign_in(page: Page, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    if page.is_citizen() && asked.again.is_empty() {
        return Ok(page.redirect(then(&asked.next, "/cabinet")));
    }
    let gone = !asked.gone.is_empty();
    sign_in_page(&page, &Form::default().with("next", asked.next), gone, StatusCode::OK)
}

async fn sign_in_post(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let mut form = Form::of(&posted);
    let login = posted.get("login");
    let by_code = posted.get("way") == "code";
    if login.is_empty() {
        form.wrong("login", "login", page.t("identity-error-login-empty"));
    }
    if !by_code && posted.raw("password").is_empty() {
        form.wrong("password", "password", page.t("identity-error-password-empty"));
    }
    if !form.errors.is_empty() {
        return sign_in_page(&page, &form, false, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let outcome = if by_code {
        service::sign_in_by_code(page.ctx(), login, &visit.origin).await?
    } else {
        service::sign_in(page.ctx(), login, posted.raw("password"), &visit.origin).await?
    };
    let next = posted.get("next");
    let status = match outcome {
        SignIn::Done { session, device } => {
            let mut response = page.redirect(then(next, "/cabinet"));
            visit.signed_in(&mut response, &session, device.as_deref());
            return Ok(response);
        }
        SignIn::Code { flow, .. } => {
            let mut response = page.redirect(&format!("/sign-in/code{}", carry(next)));
            visit.flow_begun(&mut response, &flow);
            return Ok(response);
        }
        SignIn::Refused => {
            form.wrong("login", "refused", page.t("identity-error-refused"));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        SignIn::Held { until } => held(&page, &mut form, "login", until),
    };
    sign_in_page(&page, &form, false, status)
}

async fn staff_sign_in(page: Page, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    if page.is_official() {
        return Ok(page.redirect(then(&asked.next, "/staff")));
    }
    let gone = !asked.gone.is_empty();
    staff_page(&page, &Form::default().with("next", asked.next), gone, StatusCode::OK)
}

async fn staff_sign_in_post(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let mut form = Form::of(&posted);
    if posted.get("login").is_empty() {
        form.wrong("login", "login", page.t("identity-error-login-empty"));
    }
    if posted.raw("password").is_empty() {
        form.wrong("password", "password", page.t("identity-error-password-empty"));
    }
    if !form.errors.is_empty() {
        return staff_page(&page, &form, false, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let outcome =
        service::staff_sign_in(page.ctx(), posted.get("login"), posted.raw("password"), &visit.origin).await?;
    let status = match outcome {
        SignIn::Done { session, device } => {
            let mut response = page.redirect(then(posted.get("next"), "/staff"));
            visit.signed_in(&mut response, &session, device.as_deref());
            return Ok(response);
        }
        SignIn::Code { flow, .. } => {
            let mut response = page.redirect(&format!("/staff/sign-in/code{}", carry(posted.get("next"))));
            visit.flow_begun(&mut response, &flow);
            return Ok(response);
        }
        SignIn::Refused => {
            form.wrong("login", "refused", page.t("identity-error-refused"));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        SignIn::Held { until } => held(&page, &mut form, "login", until),
    };
    staff_page(&page, &form, false, status)
}

async fn sign_out(page: Page, visit: Visit, _posted: Posted) -> Result<Response, WebError> {
    if let Some(principal) = &page.principal {
        service::sign_out(page.ctx(), principal).await?;
    }
    let mut response = page.redirect("/");
    visit.signed_out(&mut response);
    Ok(response)
}

// ---------------------------------------------------------------- cabinet

#[derive(Template)]
#[template(path = "identity/cabinet.html")]
struct CabinetPage<'a> {
    page: &'a Page,
    welcome: bool,
    name: String,
    full_name: String,
    pinfl: Option<String>,
    phone: String,
    cards: Vec<Card>,
}

async fn own(citizen: &Citizen) -> Result<OwnData, WebError> {
    service::data(citizen.ctx(), citizen.subject).await?.ok_or_else(WebError::not_found)
}

async fn cabinet(citizen: Citizen, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let data = own(&citizen).await?;
    let mut cards = Vec::new();
    for source in &citizen.state.cards {
        match source.card(citizen.ctx(), &citizen.page.t, citizen.subject).await {
            Ok(Some(card)) => cards.push(card),
            Ok(None) => {}
            // One context that fails must not take the cabinet with it.
            Err(error) => tracing::error!(%error, "a card of the cabinet failed"),
        }
    }
    cards.sort_by_key(|card| !card.urgent);
    let body = CabinetPage {
        page: &citizen.page,
        welcome: asked.done == "welcome",
        name: data.person.name.clone(),
        full_name: data.person.full_name(),
        pinfl: data.person.pinfl.as_ref().map(|pinfl| pinfl.masked()),
        phone: data.person.phone.as_ref().map(|phone| phone.masked()).unwrap_or_default(),
        cards,
    };
    citizen.render(Meta::new(citizen.page.t("common-cabinet-home")).cabinet("/cabinet"), &body)
}

#[derive(Template)]
#[template(path = "identity/profile.html")]
struct ProfilePage<'a> {
    page: &'a Page,
    form: &'a Form,
    saved: bool,
    source: String,
    rows: Vec<(String, String)>,
    langs: Vec<Choice>,
}

fn profile_page(
    citizen: &Citizen,
    data: &OwnData,
    form: &Form,
    saved: bool,
    status: StatusCode,
) -> Result<Response, WebError> {
    let page = &citizen.page;
    let person = &data.person;
    let mut rows =
        vec![(page.t("identity-surname"), person.surname.clone()), (page.t("identity-name"), person.name.clone())];
    if let Some(patronymic) = &person.patronymic {
        rows.push((page.t("identity-patronymic"), patronymic.clone()));
    }
    if let Some(date) = &person.birth_date {
        rows.push((page.t("identity-birth-date"), page.t.date(date)));
    }
    if let Some(pinfl) = &person.pinfl {
        rows.push((page.t("identity-pinfl-short"), pinfl.as_str().to_owned()));
    }
    if let Some(passport) = &data.passport {
        rows.push((page.t("identity-passport"), passport.clone()));
    }
    let country = format!("identity-country-{}", person.citizenship.to_ascii_lowercase());
    let country = if page.t.has(&country) { page.t(&country) } else { person.citizenship.clone() };
    rows.push((page.t("identity-citizenship"), country));
    if let Some(soato) = &person.address {
        rows.push((page.t("identity-address"), citizen.ctx().refdata.place_name(soato).get(page.lang()).into_owned()));
    }
    if let Some(phone) = &person.phone {
        rows.push((page.t("identity-phone-short"), phone.spaced()));
    }
    for relief in &person.reliefs {
        let key = format!("identity-relief-{}", relief.replace('_', "-"));
        let words = if page.t.has(&key) { page.t(&key) } else { relief.clone() };
        rows.push((page.t("identity-relief"), words));
    }
    let as_of = page.t.day(&data.as_of);
    let source = if data.from_register {
        page.t1("identity-source-population", "date", as_of)
    } else {
        page.t1("identity-source-self", "date", as_of)
    };
    let chosen = match form.value("lang") {
        "" => person.lang.code(),
        other => other,
    };
    let langs = Lang::ALL
        .into_iter()
        .map(|lang| Choice {
            value: lang.code().to_owned(),
            label: lang.native_name().to_owned(),
            hint: String::new(),
            checked: lang.code() == chosen,
        })
        .collect();
    let body = ProfilePage { page, form, saved, source, rows, langs };
    page.render(Meta::new(page.t("identity-own-data")).cabinet("/cabinet/profile").status(status), &body)
}

async fn profile(citizen: Citizen, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let data = own(&citizen).await?;
    let form = Form::default()
        .with("email", data.person.email.clone().unwrap_or_default())
        .with("version", data.version.to_string());
    profile_page(&citizen, &data, &form, asked.done == "saved", StatusCode::OK)
}

async fn profile_post(citizen: Citizen, posted: Posted) -> Result<Response, WebError> {
    let page = &citizen.page;
    let mut form = Form::of(&posted);
    let email = posted.get("email");
    if !email.is_empty() && kernel::person::Email::parse(email).is_err() {
        form.wrong("email", "email", page.t("identity-error-email"));
    }
    let lang = Lang::parse(posted.get("lang"));
    if lang.is_none() {
        form.wrong("lang", "lang", page.t("identity-error-lang"));
    }
    let (Some(lang), true) = (lang, form.errors.is_empty()) else {
        let data = own(&citizen).await?;
        return profile_page(&citizen, &data, &form, false, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let version = posted.get("version").parse().unwrap_or(0);
    let email = (!email.is_empty()).then_some(email);
    match service::update_profile(page.ctx(), citizen.subject, email, lang, version).await {
        Ok(()) => Ok(page.redirect("/cabinet/profile?done=saved")),
        Err(service::IdentityError::Stale) => {
            // Somebody (another tab) saved in between: what was typed stays, the next press saves it.
            let data = own(&citizen).await?;
            let mut form = form.with("version", data.version.to_string());
            form.wrong("", "stale", page.t("identity-error-stale"));
            profile_page(&citizen, &data, &form, false, StatusCode::CONFLICT)
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "identity/security.html")]
struct SecurityPage<'a> {
    page: &'a Page,
    form: &'a Form,
    done: Option<String>,
    sessions: Vec<OpenSession>,
    many: bool,
    password_at: Timestamp,
    /// The current password is not asked for.
    forgotten: bool,
}

async fn security_page(
    citizen: &Citizen,
    form: &Form,
    done: Option<String>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let data = own(citizen).await?;
    let sessions = service::list(citizen.ctx(), &citizen.principal).await?;
    let page = &citizen.page;
    let forgotten = service::needs_no_password(citizen.ctx(), &citizen.principal).await?;
    let many = sessions.len() > 1;
    let body = SecurityPage { page, form, done, sessions, many, password_at: data.password_at, forgotten };
    page.render(Meta::new(page.t("identity-security-title")).cabinet("/cabinet/security").status(status), &body)
}

async fn security(citizen: Citizen, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let done = match asked.done.as_str() {
        "revoked" => Some(citizen.page.t("identity-session-revoked")),
        "others" => Some(citizen.page.t("identity-session-others-revoked")),
        "password" => Some(citizen.page.t("identity-password-changed")),
        _ => None,
    };
    security_page(&citizen, &Form::default(), done, StatusCode::OK).await
}

async fn revoke(citizen: Citizen, posted: Posted) -> Result<Response, WebError> {
    let session = posted.get("session").parse().map_err(|_| WebError::not_found())?;
    service::revoke(citizen.ctx(), &citizen.principal, session).await?;
    Ok(citizen.redirect("/cabinet/security?done=revoked"))
}

async fn revoke_others(citizen: Citizen, visit: Visit, _posted: Posted) -> Result<Response, WebError> {
    service::revoke_others(citizen.ctx(), &citizen.principal, &visit.origin).await?;
    Ok(citizen.redirect("/cabinet/security?done=others"))
}

async fn change_password(citizen: Citizen, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let page = &citizen.page;
    let mut form = Form::default();
    let (current, new) = (posted.raw("current"), posted.raw("password"));
    let status = match service::change_password(page.ctx(), &citizen.principal, current, new, &visit.origin).await? {
        Changed::Done => return Ok(page.redirect("/cabinet/security?done=password")),
        Changed::Wrong => {
            form.wrong("current", "wrong", page.t("identity-error-current-password"));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Changed::Weak(weak) => {
            form.wrong("password", "weak", weak_words(page, weak));
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Changed::Held { until } => held(page, &mut form, "current", until),
    };
    security_page(&citizen, &form, None, status).await
}

// ---------------------------------------------------------------- who looked

struct Look {
    when: String,
    who: String,
    what: String,
    object: String,
    why: String,
}

#[derive(Template)]
#[template(path = "identity/access.html")]
struct AccessPage<'a> {
    page: &'a Page,
    entries: Vec<Look>,
    previous: String,
    next: String,
}

/// Entries on a page.
const LOOKS: usize = 50;

async fn access(citizen: Citizen, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let page = &citizen.page;
    let before = asked.before.parse::<uuid::Uuid>().ok();
    let found = storage::audit::for_subject(&page.ctx().db, citizen.subject, before, LOOKS as u32 + 1).await?;
    let more = found.len() > LOOKS;
    let shown = &found[..found.len().min(LOOKS)];
    let next = match shown.last() {
        Some(last) if more => page.href(&format!("/cabinet/access?before={}", last.id)),
        _ => String::new(),
    };
    let mut entries = Vec::with_capacity(shown.len());
    for recorded in shown {
        let entry = &recorded.entry;
        entries.push(Look {
            when: page.t.datetime(&entry.at),
            who: actor(page, &entry.actor_name),
            what: words(&page.t, "identity-action", &entry.action),
            // What was asked of a register is told by the register's title; anything else by its number.
            object: definition::register_info(&entry.object)
                .map_or_else(|| entry.object.clone(), |register| register.title.get(page.lang()).into_owned()),
            why: reason(page, &entry.reason).await,
        });
    }
    let previous = if before.is_some() { page.href("/cabinet/access") } else { String::new() };
    let body = AccessPage { page, entries, previous, next };
    page.render(Meta::new(page.t("identity-access-title")).cabinet("/cabinet/access"), &body)
}

/// Who looked: the agency by its name instead of its code, alone or after the official's name.
fn actor(page: &Page, name: &str) -> String {
    let (person, unit) = name.rsplit_once(", ").map_or(("", name), |(person, unit)| (person, unit));
    let unit = contracts::UnitRef::parse(unit);
    let Some(agency) = page.ctx().refdata.agency(unit.agency()) else { return name.to_owned() };
    let mut words: Vec<String> = Vec::with_capacity(3);
    if !person.is_empty() {
        words.push(person.to_owned());
    }
    words.push(agency.name.get(page.lang()).into_owned());
    if let Ok(area) = kernel::person::Soato::parse(unit.area()) {
        words.push(page.ctx().refdata.place_name(&area).get(page.lang()).into_owned());
    }
    words.join(", ")
}

/// Why they looked: a service by its name, other reasons in words.
async fn reason(page: &Page, code: &str) -> String {
    if !code.is_empty()
        && code.bytes().all(|b| b.is_ascii_digit())
        && let Ok(Some(service)) = page.ctx().ports.catalog.current(page.ctx(), code).await
    {
        return service.passport().title.get(page.lang()).into_owned();
    }
    words(&page.t, "identity-reason", code)
}

/// The words for a stable code, or the code itself when it was words all along.
fn words(t: &T, prefix: &str, code: &str) -> String {
    let key = format!("{prefix}-{}", code.replace(['.', '_'], "-"));
    let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if plain && t.has(&key) { t.t(&key) } else { code.to_owned() }
}
