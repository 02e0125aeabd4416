//! Pages on which somebody gets back in, "this was not me", and the operator's report.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use kernel::clock::{from_micros, micros};
use serde::Deserialize;
use web::{AppState, Meta, Operator, Page, Posted, WebError};

use super::html::weak_words;
use super::one::{Choices, Input, One, choice, held, name};
use super::prove::leave;
use super::{Form, Visit};
use crate::domain::factor::Factor;
use crate::domain::locks::Verdict;
use crate::domain::report::Line;
use crate::service::history;
use crate::service::locks::{self, NotMe, Outcome};
use crate::service::recover::{self, Recovered, Step};

/// Paths without the language.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/recover", get(begin).post(begin_post))
        .route("/recover/ways", get(ways))
        .route("/recover/prove/{factor}", get(prove).post(prove_post))
        .route("/recover/face", post(face))
        .route("/recover/password", post(password))
        .route("/recover/done", get(done))
        .route("/not-me/{token}", get(not_me).post(not_me_post))
        .route("/staff/recoveries", get(report))
        .route("/staff/recoveries.csv", get(report_csv))
}

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    frozen: String,
    #[serde(default)]
    wrong: String,
    #[serde(default)]
    waiting: String,
    #[serde(default)]
    days: String,
}

fn begin_page(page: &Page, form: &Form, frozen: bool, status: StatusCode) -> Result<Response, WebError> {
    let mut one = One::new(page, form, "identity-recover-title").back("/sign-in");
    one = one.text(if frozen { "identity-recover-frozen" } else { "identity-recover-text" });
    one.action = page.href("/recover");
    one.input = Some(Input {
        name: "login",
        label: page.t("identity-login"),
        hint: page.t("identity-login-hint"),
        kind: "text",
        autocomplete: "username",
        inputmode: "",
        maxlength: 40,
    });
    one.render(status)
}

async fn begin(page: Page, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    begin_page(&page, &Form::default(), !asked.frozen.is_empty(), StatusCode::OK)
}

async fn begin_post(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let mut form = Form::of(&posted);
    let login = posted.get("login");
    if login.is_empty() {
        form.wrong("login", "login", page.t("identity-error-login-empty"));
        return begin_page(&page, &form, false, StatusCode::UNPROCESSABLE_ENTITY);
    }
    match recover::start(page.ctx(), login, &visit.origin).await? {
        Ok(flow) => {
            let mut response = page.redirect("/recover/ways");
            visit.flow_begun(&mut response, &flow);
            Ok(response)
        }
        Err(until) => {
            let status = held(&page, &mut form, "login", until);
            begin_page(&page, &form, false, status)
        }
    }
}

async fn ways_page(page: &Page, visit: &Visit, form: &Form, status: StatusCode) -> Result<Response, WebError> {
    let progress = match &visit.flow {
        Some(flow) => recover::progress(page.ctx(), flow).await?,
        None => None,
    };
    let Some(progress) = progress else { return Ok(page.redirect("/recover")) };
    // The same list for everybody: which of these ways there are is told to nobody who has proved nothing.
    let choices = [Factor::Face, Factor::Passkey, Factor::Printed, Factor::Totp, Factor::Password]
        .into_iter()
        .filter(|factor| *factor != Factor::Face || progress.face)
        .filter(|factor| !progress.proved.contains(factor))
        .map(|factor| choice(page, factor, &format!("/recover/prove/{}", factor.name())))
        .collect();
    let enough = matches!(progress.verdict, Verdict::AtOnce | Verdict::After);
    Choices {
        page,
        form,
        title: page.t("identity-recover-ways-title"),
        texts: vec![page.t(match progress.verdict {
            Verdict::AtOnce => "identity-recover-enough",
            Verdict::After => "identity-recover-later",
            Verdict::Missing { .. } | Verdict::Frozen => "identity-recover-ways-text",
        })],
        back: page.href("/recover"),
        proved: progress.proved.iter().map(|factor| name(page, *factor)).collect(),
        choices,
        password: enough,
        below: vec![page.t("identity-recover-centre")],
    }
    .render(status)
}

async fn ways(page: Page, visit: Visit, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let mut form = Form::default();
    if asked.wrong == "face" {
        form.wrong("", "wrong", page.t("identity-face-wrong"));
    }
    ways_page(&page, &visit, &form, StatusCode::OK).await
}

fn asked_for(name: &str) -> Result<Factor, WebError> {
    Factor::parse(name)
        .filter(|factor| {
            matches!(factor, Factor::Face | Factor::Passkey | Factor::Printed | Factor::Totp | Factor::Password)
        })
        .ok_or_else(WebError::not_found)
}

fn prove_page(page: &Page, form: &Form, factor: Factor, status: StatusCode) -> Result<Response, WebError> {
    let mut one = One::new(page, form, &format!("identity-factor-{}", factor.name()))
        .text(&format!("identity-factor-{}-hint", factor.name()))
        .back("/recover/ways")
        .asks(factor, &format!("/recover/prove/{}", factor.name()));
    if factor == Factor::Face {
        one.action = page.href("/recover/face");
        one.button = page.t("identity-face-go");
    }
    one.render(status)
}

async fn prove(page: Page, visit: Visit, Path(factor): Path<String>) -> Result<Response, WebError> {
    let factor = asked_for(&factor)?;
    if visit.flow.is_none() {
        return Ok(page.redirect("/recover"));
    }
    prove_page(&page, &Form::default(), factor, StatusCode::OK)
}

async fn prove_post(
    page: Page,
    visit: Visit,
    Path(factor): Path<String>,
    posted: Posted,
) -> Result<Response, WebError> {
    let factor = asked_for(&factor)?;
    let Some(flow) = visit.flow.clone() else { return Ok(page.redirect("/recover")) };
    let mut form = Form::of(&posted);
    let (field, step) = match factor {
        Factor::Passkey => {
            let (ceremony, credential) = (posted.get("ceremony"), posted.raw("credential"));
            ("", recover::prove_passkey(page.ctx(), &flow, ceremony, credential).await?)
        }
        _ => {
            let field = if factor == Factor::Password { "password" } else { "code" };
            (field, recover::prove(page.ctx(), &flow, factor, posted.raw(field), &visit.origin).await?)
        }
    };
    stepped(&page, &mut form, step, factor, field)
}

fn stepped(page: &Page, form: &mut Form, step: Step, factor: Factor, field: &str) -> Result<Response, WebError> {
    let status = match step {
        Step::Proved => return Ok(page.redirect("/recover/ways")),
        Step::Gone => return Ok(page.redirect("/recover")),
        Step::Leave { page: address } => return leave(page, &address),
        Step::Held { until } => held(page, form, field, until),
        Step::Away => {
            form.wrong("", "away", page.t("identity-face-away"));
            StatusCode::SERVICE_UNAVAILABLE
        }
        Step::Wrong | Step::Waiting => {
            form.wrong(field, "wrong", page.t("identity-error-proof"));
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    prove_page(page, form, factor, status)
}

async fn face(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let Some(flow) = visit.flow.clone() else { return Ok(page.redirect("/recover")) };
    let mut form = Form::of(&posted);
    let step = recover::face_begin(page.ctx(), &flow, &visit.origin).await?;
    stepped(&page, &mut form, step, Factor::Face, "")
}

async fn password(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let Some(flow) = visit.flow.clone() else { return Ok(page.redirect("/recover")) };
    let mut form = Form::of(&posted);
    match recover::finish(page.ctx(), &flow, posted.raw("password")).await? {
        Recovered::Locks(Outcome::Done) => Ok(page.redirect("/recover/done")),
        Recovered::Locks(Outcome::After { .. }) => Ok(page.redirect("/recover/done?waiting=1")),
        Recovered::Locks(Outcome::Missing | Outcome::Frozen) => Ok(page.redirect("/recover/ways")),
        Recovered::Gone => Ok(page.redirect("/recover")),
        Recovered::Weak(weak) => {
            form.wrong("password", "weak", weak_words(&page, weak));
            ways_page(&page, &visit, &form, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn done(page: Page, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let form = Form::default();
    let one = if asked.waiting.is_empty() {
        One::new(&page, &form, "identity-recover-done-title").text("identity-recover-done-text")
    } else {
        One::new(&page, &form, "identity-recover-waiting-title").text("identity-recover-waiting-text")
    };
    one.link("/sign-in", "identity-sign-in").render(StatusCode::OK)
}

// ---------------------------------------------------------------- "this was not me"

/// A page with a button: programs that open the links of letters to look at them freeze nobody.
async fn not_me(page: Page, Path(token): Path<String>) -> Result<Response, WebError> {
    let form = Form::default();
    if token.len() > 100 || !locks::not_me_known(page.ctx(), &token).await? {
        let one = One::new(&page, &form, "identity-not-me-gone-title").text("identity-not-me-gone-text");
        return one.link("/recover", "identity-recover-title").render(StatusCode::NOT_FOUND);
    }
    let mut one = One::new(&page, &form, "identity-not-me-title").text("identity-not-me-text");
    one.action = page.href(&format!("/not-me/{token}"));
    one.button = page.t("identity-not-me-press");
    one.button_kind = "warning";
    one.render(StatusCode::OK)
}

async fn not_me_post(page: Page, Path(token): Path<String>, _posted: Posted) -> Result<Response, WebError> {
    let form = Form::default();
    if token.len() > 100 || locks::not_me(page.ctx(), &token).await? == NotMe::Unknown {
        let one = One::new(&page, &form, "identity-not-me-gone-title").text("identity-not-me-gone-text");
        return one.link("/recover", "identity-recover-title").render(StatusCode::NOT_FOUND);
    }
    One::new(&page, &form, "identity-frozen-title")
        .text("identity-frozen-text")
        .link("/recover", "identity-recover-title")
        .render(StatusCode::OK)
}

// ---------------------------------------------------------------- the report

/// Days that the report shows when none are asked for.
const DAYS: i64 = 30;

struct ReportRow {
    method: String,
    attempts: u64,
    done: String,
    median: String,
}

#[derive(Template)]
#[template(path = "identity/report.html")]
struct ReportPage<'a> {
    page: &'a Page,
    days: String,
    rows: Vec<ReportRow>,
    csv: String,
}

fn days(typed: &str) -> i64 {
    typed.trim().parse().ok().filter(|days| (1..=366).contains(days)).unwrap_or(DAYS)
}

async fn lines(page: &Page, days: i64) -> Result<Vec<Line>, WebError> {
    let now = page.ctx().now();
    let from = from_micros(micros(now).saturating_sub(days * 86_400 * 1_000_000));
    let until = from_micros(micros(now).saturating_add(1));
    Ok(history::report(page.ctx(), from, until).await?)
}

fn method(page: &Page, method: &str) -> String {
    let names: Vec<String> = method.split('+').filter_map(Factor::parse).map(|factor| name(page, factor)).collect();
    if names.is_empty() { page.t("identity-report-none") } else { names.join(" + ") }
}

async fn report(operator: Operator, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let page: &Page = &operator.0;
    let days = days(&asked.days);
    let rows = lines(page, days)
        .await?
        .into_iter()
        .map(|line| ReportRow {
            method: method(page, &line.method),
            attempts: line.attempts,
            done: format!("{} ({} %)", line.done, line.percent()),
            median: line.median_s.map_or_else(
                || "–".to_owned(),
                |seconds| page.t1("identity-report-minutes", "minutes", (seconds + 59) / 60),
            ),
        })
        .collect();
    let csv = page.href(&format!("/staff/recoveries.csv?days={days}"));
    let body = ReportPage { page, days: days.to_string(), rows, csv };
    page.render(Meta::new(page.t("identity-report-title")).staff("/staff/recoveries"), &body)
}

/// The same as a table for a spreadsheet (RFC 4180); methods are our own words, so that no cell is a formula.
async fn report_csv(operator: Operator, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let page: &Page = &operator.0;
    let mut text = String::from("method,attempts,done,median_seconds\r\n");
    for line in lines(page, days(&asked.days)).await? {
        let median = line.median_s.map(|seconds| seconds.to_string()).unwrap_or_default();
        text.push_str(&format!("{},{},{},{median}\r\n", line.method, line.attempts, line.done));
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"recoveries.csv\""));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
