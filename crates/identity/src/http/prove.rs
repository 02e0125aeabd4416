//! Pages on which somebody proves one thing more: the second step of a sign-in, a higher level, a face, a passkey.

use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use contracts::Assurance;
use serde::Deserialize;
use web::{AppState, Citizen, Page, Posted, WebError};

use super::html::{carry, then};
use super::one::{Choices, One, choice, held, name};
use super::{Form, Visit};
use crate::domain::factor::{self, Factor};
use crate::service::factors::{self, Proved};
use crate::service::recover::{self, Step};
use crate::service::second::{self, Faced, Facing};
use crate::service::{self, SignIn, passkeys};

/// Paths without the language.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/passkey/use", post(passkey_start))
        .route("/sign-in/passkey", post(passkey_sign_in))
        .route("/sign-in/other", get(other))
        .route("/sign-in/other/{factor}", get(other_one).post(other_post))
        .route("/step-up", get(step_up))
        .route("/step-up/{factor}", get(step_up_one).post(step_up_post))
        .route("/face", get(face).post(face_post))
        .route("/face/done", get(face_done).post(face_done_post))
}

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    why: String,
}

impl Asked {
    /// `None`: not a level is wanted but proof for a change of the locks.
    fn wanted(&self) -> Option<Assurance> {
        match (self.why.as_str(), self.level.as_str()) {
            ("locks", _) => None,
            (_, "face") => Some(Assurance::Face),
            (_, "signature") => Some(Assurance::Signature),
            _ => Some(Assurance::Otp),
        }
    }

    fn query(&self) -> String {
        let mut out = carry(&self.next);
        for (name, value) in [("why", self.why.as_str()), ("level", self.level.as_str())] {
            if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_lowercase()) {
                out.push(if out.is_empty() { '?' } else { '&' });
                out.push_str(&format!("{name}={value}"));
            }
        }
        out
    }
}

async fn passkey_start(page: Page, _posted: Posted) -> Result<Response, WebError> {
    let ceremony = passkeys::start_use(page.ctx()).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ceremony)).into_response())
}

/// What a proof for a sign-in led to: the session's cookies and the page that was asked for, or an error in the form.
fn proved(
    page: &Page,
    visit: &Visit,
    form: &mut Form,
    outcome: Proved,
    next: &str,
    field: &str,
    wrong: &str,
) -> Result<Response, StatusCode> {
    match outcome {
        Proved::Done { session, device } => {
            let mut response = page.redirect(then(next, "/cabinet"));
            visit.signed_in(&mut response, &session, device.as_deref());
            Ok(response)
        }
        Proved::Frozen => Ok(page.redirect("/recover?frozen=1")),
        Proved::Gone => Ok(page.redirect("/sign-in?gone=1")),
        Proved::Wrong => {
            form.wrong(field, "wrong", page.t(wrong));
            Err(StatusCode::UNPROCESSABLE_ENTITY)
        }
        Proved::Held { until } => Err(held(page, form, field, until)),
    }
}

async fn passkey_sign_in(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let mut form = Form::of(&posted);
    let outcome =
        passkeys::sign_in(page.ctx(), posted.get("ceremony"), posted.raw("credential"), &visit.origin).await?;
    match proved(&page, &visit, &mut form, outcome, posted.get("next"), "", "identity-passkey-failed") {
        Ok(response) => Ok(response),
        Err(status) => {
            let mut one = One::new(&page, &form, "identity-passkey-title")
                .asks(Factor::Passkey, "/sign-in/passkey")
                .link("/sign-in", "identity-sign-in");
            one.hidden.push(("next", form.value("next").to_owned()));
            one.render(status)
        }
    }
}

// ---------------------------------------------------------------- the second step of a sign-in

async fn other(page: Page, visit: Visit, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let means = match &visit.flow {
        Some(flow) => second::others(page.ctx(), flow).await?,
        None => None,
    };
    let Some(means) = means else { return Ok(page.redirect("/sign-in?gone=1")) };
    let query = carry(&asked.next);
    let choices = means
        .into_iter()
        // Codes by SMS and e-mail have a page of their own, where one was sent to.
        .filter(|factor| !matches!(factor, Factor::Sms | Factor::Email))
        .map(|factor| match factor {
            Factor::Face => choice(&page, factor, &format!("/face{query}")),
            other => choice(&page, other, &format!("/sign-in/other/{}{query}", other.name())),
        })
        .collect();
    let form = Form::default();
    Choices {
        page: &page,
        form: &form,
        title: page.t("identity-other-title"),
        texts: vec![page.t("identity-other-text")],
        back: page.href(&format!("/sign-in/code{query}")),
        proved: Vec::new(),
        choices,
        password: false,
        below: vec![page.t("identity-other-none")],
    }
    .render(StatusCode::OK)
}

/// A factor of an address that is typed, or the passkey.
fn typed(name: &str) -> Result<Factor, WebError> {
    Factor::parse(name)
        .filter(|factor| matches!(factor, Factor::Password | Factor::Totp | Factor::Printed | Factor::Passkey))
        .ok_or_else(WebError::not_found)
}

fn other_page(page: &Page, form: &Form, factor: Factor, status: StatusCode) -> Result<Response, WebError> {
    let query = carry(form.value("next"));
    let action = match factor {
        Factor::Passkey => "/sign-in/passkey".to_owned(),
        other => format!("/sign-in/other/{}", other.name()),
    };
    let mut one = One::new(page, form, &format!("identity-factor-{}", factor.name()))
        .text(&format!("identity-factor-{}-hint", factor.name()))
        .back(&format!("/sign-in/other{query}"))
        .asks(factor, &action);
    one.hidden.push(("next", form.value("next").to_owned()));
    one.remember = factor != Factor::Passkey;
    one.render(status)
}

async fn other_one(page: Page, Path(name): Path<String>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    other_page(&page, &Form::default().with("next", asked.next), typed(&name)?, StatusCode::OK)
}

async fn other_post(page: Page, visit: Visit, Path(name): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let factor = typed(&name)?;
    let Some(flow) = visit.flow.clone() else { return Ok(page.redirect("/sign-in?gone=1")) };
    let mut form = Form::of(&posted);
    let outcome =
        second::answer(page.ctx(), &flow, factor, posted.get("code"), &visit.origin, posted.has("remember")).await?;
    match proved(&page, &visit, &mut form, outcome, posted.get("next"), "code", "identity-error-proof") {
        Ok(response) => Ok(response),
        Err(status) => other_page(&page, &form, factor, status),
    }
}

// ---------------------------------------------------------------- more certainty for somebody who is signed in

async fn step_up(who: Citizen, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let page = &who.page;
    let wanted = asked.wanted();
    if let Some(wanted) = wanted
        && who.principal.assurance >= wanted
    {
        return Ok(page.redirect(then(&asked.next, "/cabinet")));
    }
    let form = Form::default();
    choices(&who, &form, &asked, StatusCode::OK).await
}

async fn choices(who: &Citizen, form: &Form, asked: &Asked, status: StatusCode) -> Result<Response, WebError> {
    let page = &who.page;
    let wanted = asked.wanted();
    let means = factors::means(page.ctx(), &who.principal, wanted).await?;
    let query = asked.query();
    let choices: Vec<_> = means
        .iter()
        .map(|factor| match factor {
            Factor::Face => choice(page, *factor, &format!("/face{query}")),
            other => choice(page, *other, &format!("/step-up/{}{query}", other.name())),
        })
        .collect();
    let fresh = factor::fresh(&factors::proofs(page.ctx(), &who.principal).await?, page.ctx().now());
    let (title, text) = match wanted {
        None => ("identity-step-locks-title", "identity-step-locks-text"),
        Some(Assurance::Face) => ("identity-step-face-title", "identity-step-face-text"),
        Some(_) => ("identity-step-up-title", "identity-step-up-text"),
    };
    // When one more proof opens the page that was asked for, it says so by leading there.
    Choices {
        page,
        form,
        title: page.t(title),
        texts: vec![page.t(text)],
        back: page.href(then(&asked.next, "/cabinet")),
        proved: if wanted.is_none() { fresh.iter().map(|one| name(page, *one)).collect() } else { Vec::new() },
        below: if choices.is_empty() || wanted.is_none() { vec![page.t("identity-step-none")] } else { Vec::new() },
        choices,
        password: false,
    }
    .render(status)
}

fn step_up_page(
    page: &Page,
    form: &Form,
    factor: Factor,
    asked: &Asked,
    status: StatusCode,
) -> Result<Response, WebError> {
    let query = asked.query();
    let mut one = One::new(page, form, &format!("identity-factor-{}", factor.name()))
        .text(&format!("identity-factor-{}-hint", factor.name()))
        .back(&format!("/step-up{query}"))
        .asks(factor, &format!("/step-up/{}", factor.name()));
    if one.action.is_empty() && !one.passkey {
        one.action = page.href(&format!("/step-up/{}", factor.name()));
    }
    if matches!(factor, Factor::Sms | Factor::Email) {
        one.button = page.t("identity-step-up-send");
    }
    for (name, value) in [("next", &asked.next), ("why", &asked.why), ("level", &asked.level)] {
        one.hidden.push((name, value.clone()));
    }
    one.render(status)
}

fn step(name: &str) -> Result<Factor, WebError> {
    match Factor::parse(name) {
        Some(factor @ (Factor::Sms | Factor::Email)) => Ok(factor),
        _ => typed(name),
    }
}

async fn step_up_one(who: Citizen, Path(name): Path<String>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    step_up_page(&who.page, &Form::default(), step(&name)?, &asked, StatusCode::OK)
}

async fn step_up_post(
    who: Citizen,
    visit: Visit,
    Path(name): Path<String>,
    posted: Posted,
) -> Result<Response, WebError> {
    let page = &who.page;
    let factor = step(&name)?;
    let asked = Asked {
        next: posted.get("next").to_owned(),
        level: posted.get("level").to_owned(),
        why: posted.get("why").to_owned(),
    };
    let mut form = Form::of(&posted);
    let (field, outcome) = match factor {
        Factor::Sms | Factor::Email => {
            let status = match service::step_up(page.ctx(), &who.principal, factor, &visit.origin).await? {
                SignIn::Code { flow, .. } => {
                    let mut response = page.redirect(&format!("/sign-in/code{}", carry(&asked.next)));
                    visit.flow_begun(&mut response, &flow);
                    return Ok(response);
                }
                SignIn::Held { until } => held(page, &mut form, "", until),
                SignIn::Refused | SignIn::Done { .. } | SignIn::Other { .. } | SignIn::Frozen => {
                    form.wrong("", "no-phone", page.t("identity-step-up-no-phone"));
                    StatusCode::CONFLICT
                }
            };
            return step_up_page(page, &form, factor, &asked, status);
        }
        Factor::Passkey => {
            let (ceremony, credential) = (posted.get("ceremony"), posted.raw("credential"));
            ("", passkeys::step_up(page.ctx(), &who.principal, ceremony, credential, &visit.origin).await?)
        }
        _ => {
            let field = if factor == Factor::Password { "password" } else { "code" };
            let outcome =
                factors::step_up_by(page.ctx(), &who.principal, factor, posted.raw(field), &visit.origin).await?;
            (field, outcome)
        }
    };
    let wrong = if factor == Factor::Passkey { "identity-passkey-failed" } else { "identity-error-proof" };
    // Back to the choices when the locks may need one proof more; the page that was asked for decides.
    match proved(page, &visit, &mut form, outcome, &asked.next, field, wrong) {
        Ok(response) => Ok(response),
        Err(status) => step_up_page(page, &form, factor, &asked, status),
    }
}

// ---------------------------------------------------------------- the face

fn face_page(page: &Page, form: &Form, status: StatusCode) -> Result<Response, WebError> {
    let mut one = One::new(page, form, "identity-face-title").text("identity-face-text").back("/cabinet");
    one.action = page.href("/face");
    one.hidden.push(("next", form.value("next").to_owned()));
    one.button = page.t("identity-face-go");
    one.render(status)
}

async fn face(page: Page, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    face_page(&page, &Form::default().with("next", asked.next), StatusCode::OK)
}

async fn face_post(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let mut form = Form::of(&posted);
    let next = then(posted.get("next"), "/cabinet");
    let begun =
        second::face_begin(page.ctx(), page.principal.as_ref(), visit.flow.as_deref(), next, &visit.origin).await?;
    let status = match begun {
        Facing::Leave { page: address, flow } => {
            let mut response = leave(&page, &address)?;
            visit.flow_begun(&mut response, &flow);
            return Ok(response);
        }
        Facing::Gone => return Ok(page.redirect("/sign-in?gone=1")),
        Facing::Held { until } => held(&page, &mut form, "", until),
        Facing::Away => {
            form.wrong("", "away", page.t("identity-face-away"));
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    face_page(&page, &form, status)
}

/// The way to the page of MyID, whose address is the operator's setting. A link and not a redirect: our
/// Content-Security-Policy lets no form lead to another site.
pub(crate) fn leave(page: &Page, address: &str) -> Result<Response, WebError> {
    let form = Form::default();
    let mut one = One::new(page, &form, "identity-face-title").text("identity-face-open-text");
    let join = if address.contains('?') { '&' } else { '?' };
    one.leave = format!("{address}{join}lang={}", page.lang().code());
    one.leave_text = page.t("identity-face-open");
    one.render(StatusCode::OK)
}

fn face_done_page(page: &Page, form: &Form, status: StatusCode) -> Result<Response, WebError> {
    let mut one = One::new(page, form, "identity-face-done-title").text("identity-face-done-text");
    one.action = page.href("/face/done");
    one.render(status)
}

/// MyID sends people back here. Nothing is taken from the address: what was seen is asked of MyID itself.
async fn face_done(page: Page) -> Result<Response, WebError> {
    face_done_page(&page, &Form::default(), StatusCode::OK)
}

async fn face_done_post(page: Page, visit: Visit, posted: Posted) -> Result<Response, WebError> {
    let mut form = Form::of(&posted);
    let Some(flow) = visit.flow.clone() else { return Ok(page.redirect("/sign-in?gone=1")) };
    if recover::progress(page.ctx(), &flow).await?.is_some() {
        match recover::face_check(page.ctx(), &flow).await? {
            Step::Proved => return Ok(page.redirect("/recover/ways")),
            Step::Waiting => form.wrong("", "waiting", page.t("identity-face-waiting")),
            Step::Away => form.wrong("", "away", page.t("identity-face-away")),
            Step::Wrong | Step::Gone | Step::Held { .. } | Step::Leave { .. } => {
                return Ok(page.redirect("/recover/ways?wrong=face"));
            }
        }
        return face_done_page(&page, &form, StatusCode::UNPROCESSABLE_ENTITY);
    }
    match second::face_check(page.ctx(), &flow, &visit.origin).await? {
        Faced::Proved(outcome, next) => {
            match proved(&page, &visit, &mut form, outcome, &next, "", "identity-face-wrong") {
                Ok(response) => Ok(response),
                Err(status) => face_page(&page, &form.with("next", next), status),
            }
        }
        Faced::Waiting => {
            form.wrong("", "waiting", page.t("identity-face-waiting"));
            face_done_page(&page, &form, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Faced::Away => {
            form.wrong("", "away", page.t("identity-face-away"));
            face_done_page(&page, &form, StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}
