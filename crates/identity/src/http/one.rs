//! Pages with one thing on each: a question, a few ways to choose from.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use kernel::clock::Timestamp;
use web::ui::Link;
use web::{Meta, Page, WebError};

use super::Form;
use crate::domain::factor::Factor;
use crate::service::locks::Outcome;

/// The one field of a page.
pub(crate) struct Input {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) kind: &'static str,
    pub(crate) autocomplete: &'static str,
    pub(crate) inputmode: &'static str,
    pub(crate) maxlength: usize,
}

/// A page with one question.
#[derive(Template)]
#[template(path = "identity/one.html")]
pub(crate) struct One<'a> {
    pub(crate) page: &'a Page,
    pub(crate) form: &'a Form,
    pub(crate) title: String,
    pub(crate) texts: Vec<String>,
    pub(crate) notice: Option<String>,
    pub(crate) back: String,
    /// Where the form goes; empty: there is no form.
    pub(crate) action: String,
    pub(crate) hidden: Vec<(&'static str, String)>,
    pub(crate) input: Option<Input>,
    pub(crate) remember: bool,
    pub(crate) button: String,
    pub(crate) button_kind: &'static str,
    /// A link that looks like a button, to another site.
    pub(crate) leave: String,
    pub(crate) leave_text: String,
    /// Whether a passkey is asked for, and where it goes.
    pub(crate) passkey: bool,
    pub(crate) action_passkey: String,
    pub(crate) links: Vec<Link>,
}

impl<'a> One<'a> {
    pub(crate) fn new(page: &'a Page, form: &'a Form, title: &str) -> Self {
        Self {
            page,
            form,
            title: page.t(title),
            texts: Vec::new(),
            notice: None,
            back: String::new(),
            action: String::new(),
            hidden: Vec::new(),
            input: None,
            remember: false,
            button: page.t("common-continue"),
            button_kind: "primary",
            leave: String::new(),
            leave_text: String::new(),
            passkey: false,
            action_passkey: String::new(),
            links: Vec::new(),
        }
    }

    pub(crate) fn render(self, status: StatusCode) -> Result<Response, WebError> {
        self.page.render(Meta::new(self.title.clone()).status(status), &self)
    }

    pub(crate) fn text(mut self, key: &str) -> Self {
        self.texts.push(self.page.t(key));
        self
    }

    pub(crate) fn back(mut self, path: &str) -> Self {
        self.back = self.page.href(path);
        self
    }

    pub(crate) fn link(mut self, path: &str, key: &str) -> Self {
        self.links.push(Link { href: self.page.href(path), text: self.page.t(key), current: false });
        self
    }

    /// A question for the given factor, or for the passkey of the device.
    pub(crate) fn asks(mut self, factor: Factor, action: &str) -> Self {
        let action = self.page.href(action);
        if factor == Factor::Passkey {
            self.passkey = true;
            self.action_passkey = action;
            return self;
        }
        self.action = action;
        self.input = input(self.page, factor);
        self
    }
}

fn input(page: &Page, factor: Factor) -> Option<Input> {
    let code = |label: String, hint: String, inputmode| Input {
        name: "code",
        label,
        hint,
        kind: "text",
        autocomplete: "one-time-code",
        inputmode,
        maxlength: 20,
    };
    match factor {
        Factor::Password => Some(Input {
            name: "password",
            label: page.t("identity-password"),
            hint: String::new(),
            kind: "password",
            autocomplete: "current-password",
            inputmode: "",
            maxlength: 200,
        }),
        Factor::Totp => Some(code(page.t("identity-code"), page.t("identity-totp-code-hint"), "numeric")),
        Factor::Printed => Some(code(page.t("identity-printed-code"), page.t("identity-printed-code-hint"), "")),
        _ => None,
    }
}

/// A page with ways to choose from.
#[derive(Template)]
#[template(path = "identity/choices.html")]
pub(crate) struct Choices<'a> {
    pub(crate) page: &'a Page,
    pub(crate) form: &'a Form,
    pub(crate) title: String,
    pub(crate) texts: Vec<String>,
    pub(crate) back: String,
    /// What has been proved, in words.
    pub(crate) proved: Vec<String>,
    /// Address, name, hint.
    pub(crate) choices: Vec<(String, String, String)>,
    /// Whether a new password may be set.
    pub(crate) password: bool,
    pub(crate) below: Vec<String>,
}

impl Choices<'_> {
    pub(crate) fn render(self, status: StatusCode) -> Result<Response, WebError> {
        self.page.render(Meta::new(self.title.clone()).status(status), &self)
    }
}

/// The name of a factor for people.
pub(crate) fn name(page: &Page, factor: Factor) -> String {
    page.t(&format!("identity-factor-{}", factor.name()))
}

/// One way in a list of choices.
pub(crate) fn choice(page: &Page, factor: Factor, path: &str) -> (String, String, String) {
    (page.href(path), name(page, factor), page.t(&format!("identity-factor-{}-hint", factor.name())))
}

/// The names of factors in a row.
pub(crate) fn names(page: &Page, factors: &[Factor]) -> String {
    if factors.is_empty() {
        return "–".to_owned();
    }
    let names: Vec<String> = factors.iter().map(|factor| name(page, *factor)).collect();
    names.join(", ")
}

/// Where a wish to change the locks leads: to its page with a word on it, to more proof, or to the way back in.
pub(crate) fn locked(page: &Page, outcome: Outcome, asked_on: &str) -> Response {
    match outcome {
        Outcome::Done => page.redirect("/cabinet/security/ways?done=changed"),
        Outcome::After { .. } => page.redirect("/cabinet/security/ways?done=waiting"),
        Outcome::Missing => page.redirect(&format!("/step-up?why=locks&next={asked_on}")),
        Outcome::Frozen => page.redirect("/recover"),
    }
}

/// Whole minutes until then, at least one.
pub(crate) fn minutes(page: &Page, until: Timestamp) -> i64 {
    ((until.as_second() - page.ctx().now().as_second()).max(0) / 60) + 1
}

pub(crate) fn held(page: &Page, form: &mut Form, field: &str, until: Timestamp) -> StatusCode {
    form.wrong(field, "held", page.t1("identity-error-held", "minutes", minutes(page, until)));
    StatusCode::TOO_MANY_REQUESTS
}
