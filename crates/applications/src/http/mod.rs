//! Pages and JSON: read the request, call one use case, choose the answer.

use contracts::mandates::MandateRefused;
use definition::{Assurance, Denied};
use web::error::Kind;
use web::i18n::T;
use web::{AppState, FieldProblem, WebError};

use crate::domain::behalf::BehalfRefused;
use crate::domain::flow::ActionError;
use crate::service::Error;

pub mod api;
pub mod citizen;
pub mod official;
mod preview;
pub mod view;

/// The pages of the context.
pub fn html() -> axum::Router<AppState> {
    citizen::router().merge(official::router()).merge(preview::router())
}

/// A failed use case in the words of the reader.
pub fn refuse(t: &T, error: Error) -> WebError {
    match error {
        Error::NotFound | Error::NoService => WebError::not_found(),
        Error::Suspended(notice) => WebError::conflict("APP_SUSPENDED")
            .message("applications-error-suspended")
            .arg("notice", notice.get(t.lang()).into_owned()),
        Error::Submitted(_) => WebError::conflict("APP_SUBMITTED").message("applications-error-submitted"),
        Error::Stale => WebError::conflict("APP_STALE").message("applications-error-stale"),
        Error::NotEligible(refused) => {
            let reasons: Vec<String> = refused.iter().map(|r| r.message.get(t.lang()).into_owned()).collect();
            WebError::new(Kind::Forbidden, "APP_NOT_ELIGIBLE")
                .message("applications-error-not-eligible")
                .arg("reason", reasons.join(" "))
        }
        Error::Denied(denied) => denied_error(t, &denied),
        Error::Behalf(refused) => WebError::new(Kind::Forbidden, "APP_BEHALF").message(behalf_key(refused)),
        Error::BehalfEnded(refused) => WebError::new(Kind::Forbidden, "APP_BEHALF_ENDED")
            .message("applications-error-behalf-ended")
            .arg("reason", t.t(ended_key(refused))),
        Error::FeeUnknown => WebError::new(Kind::Invalid, "APP_FEE_UNKNOWN").message("applications-error-fee-unknown"),
        Error::Limit { limit } => {
            WebError::conflict("APP_LIMIT").message("applications-error-limit").arg("limit", limit.to_string())
        }
        Error::Invalid(errors) => WebError::invalid(problems(t, &errors)),
        Error::Consent => WebError::invalid(vec![FieldProblem {
            field: "confirmed".to_owned(),
            code: "field-consent-required".to_owned(),
            message: t.t("applications-error-consent"),
        }]),
        Error::Register(name) => {
            let title = definition::register_info(&name)
                .map_or_else(|| name.clone(), |info| info.title.get(t.lang()).into_owned());
            let mut busy = WebError::new(Kind::Busy, "APP_REGISTER");
            busy.retry_after = Some(60);
            busy.message("applications-error-register").arg("register", title)
        }
        Error::File(error) => WebError::invalid(vec![file_problem(t, "file", "", &error)]),
        Error::Action(error) => refuse_action(error),
        Error::Forbidden => WebError::forbidden(),
        Error::KeyReused => WebError::conflict("IDEMPOTENCY_KEY_REUSED").message("applications-error-key-reused"),
        Error::Busy => WebError::busy(),
        Error::Port(error) => error.into(),
        Error::Store(error) => error.into(),
        error @ (Error::Load(_) | Error::Blob(_) | Error::Definition(_) | Error::Person) => WebError::internal(error),
    }
}

fn refuse_action(error: ActionError) -> WebError {
    let conflict = |code, key| WebError::conflict(code).message(key);
    let invalid = |code, key| WebError::new(Kind::Invalid, code).message(key);
    match error {
        ActionError::NotOffered(..) => conflict("APP_NOT_OFFERED", "applications-error-not-offered"),
        ActionError::NeedsComment => invalid("APP_NEEDS_COMMENT", "applications-error-needs-comment"),
        ActionError::NeedsReason => invalid("APP_NEEDS_REASON", "applications-error-needs-reason"),
        ActionError::NeedsFile => invalid("APP_NEEDS_FILE", "applications-error-needs-file"),
        ActionError::TooLong => invalid("APP_TOO_LONG", "applications-error-too-long"),
        ActionError::TasksOpen => conflict("APP_TASKS_OPEN", "applications-error-tasks-open"),
        ActionError::NoAppeal => conflict("APP_NO_APPEAL", "applications-error-no-appeal"),
        ActionError::VotedBefore => conflict("APP_VOTED", "applications-error-voted"),
        ActionError::SamePerson => conflict("APP_SAME_PERSON", "applications-error-same-person"),
        ActionError::FeeUnknown => conflict("APP_FEE_UNKNOWN", "applications-error-fee-unknown"),
        ActionError::NotYours => conflict("APP_NOT_YOURS", "applications-error-not-yours"),
        ActionError::Step(crate::domain::case::FoldError::Step { .. }) => {
            conflict("APP_NOT_OFFERED", "applications-error-not-offered")
        }
        error @ (ActionError::Step(_) | ActionError::Definition(_)) => WebError::internal(error),
    }
}

/// Why the service is not given so, for programs: a code of its own for each reason.
fn denied_error(t: &T, denied: &Denied) -> WebError {
    let code = match denied {
        Denied::Channel { .. } => "APP_CHANNEL",
        Denied::OnlineOnly { .. } => "APP_ONLINE_ONLY",
        Denied::NotYet { .. } => "APP_NOT_YET",
        Denied::Over { .. } => "APP_OVER",
        Denied::Assurance { .. } => "APP_ASSURANCE",
        Denied::OnBehalf => "APP_BEHALF",
    };
    WebError::new(Kind::Forbidden, code)
        .message("applications-error-denied")
        .arg("reason", denied_words(t, denied).join(" "))
}

/// Why the service is not given so, and what to do: a sentence each.
pub fn denied_words(t: &T, denied: &Denied) -> Vec<String> {
    match denied {
        Denied::Channel { offered } => {
            let names: Vec<String> = offered.iter().map(|channel| t.t(channel_key(*channel))).collect();
            vec![t.t1("applications-denied-channel", "channels", names.join(", "))]
        }
        Denied::OnlineOnly { from, message } => {
            let mut words = vec![t.t1("applications-denied-online-only", "date", t.date(from))];
            words.extend(message.as_ref().map(|message| message.get(t.lang()).into_owned()));
            words.push(t.t("applications-denied-online-only-help"));
            words
        }
        Denied::NotYet { from, to } => {
            vec![t.t2("applications-denied-not-yet", "from", t.date(from), "to", t.date(to))]
        }
        Denied::Over { to } => vec![t.t1("applications-denied-over", "date", t.date(to))],
        Denied::Assurance { needed } => match needed {
            Assurance::Face => vec![t.t("applications-denied-face"), t.t("applications-denied-centre")],
            Assurance::Signature => vec![t.t("applications-denied-signature"), t.t("applications-denied-centre")],
            Assurance::Open | Assurance::Password | Assurance::Otp => vec![t.t("applications-denied-otp")],
        },
        Denied::OnBehalf => vec![t.t("applications-denied-on-behalf")],
    }
}

fn channel_key(channel: definition::Channel) -> &'static str {
    use definition::Channel;
    match channel {
        Channel::Web => "applications-channel-web",
        Channel::Mobile => "applications-channel-mobile",
        Channel::Dxm => "applications-channel-dxm",
        Channel::Kiosk => "applications-channel-kiosk",
        Channel::Api => "applications-channel-api",
        Channel::HomeVisit => "applications-channel-home-visit",
    }
}

/// Words on why one cannot act for the one who was named.
pub fn behalf_key(refused: BehalfRefused) -> &'static str {
    match refused {
        BehalfRefused::NotChosen => "applications-behalf-not-chosen",
        BehalfRefused::NotRepresented => "applications-behalf-not-represented",
        BehalfRefused::NoPower => "applications-behalf-no-power",
        BehalfRefused::Revoked => "applications-behalf-revoked",
        BehalfRefused::NotInForce => "applications-behalf-not-in-force",
        BehalfRefused::OtherService => "applications-behalf-other-service",
        BehalfRefused::Mandate(refused) => match refused {
            MandateRefused::None => "applications-behalf-no-power",
            MandateRefused::NotYet => "applications-mandate-not-yet",
            MandateRefused::Suspended => "applications-mandate-suspended",
            MandateRefused::Ended => "applications-mandate-ended",
            MandateRefused::NotBegun => "applications-behalf-not-in-force",
            MandateRefused::OtherService => "applications-mandate-other-service",
            MandateRefused::NoPower => "applications-mandate-no-power",
            MandateRefused::Amount => "applications-mandate-amount",
            MandateRefused::Number => "applications-mandate-number",
        },
    }
}

/// Words on why a right to act for somebody has ended between the opening of the form and its sending.
pub fn ended_key(refused: BehalfRefused) -> &'static str {
    match refused {
        // There is no list on that page to choose from, and no number to check.
        BehalfRefused::NotChosen | BehalfRefused::NotRepresented => "applications-behalf-ended-represented",
        BehalfRefused::NoPower => "applications-behalf-ended-power",
        BehalfRefused::Revoked
        | BehalfRefused::NotInForce
        | BehalfRefused::OtherService
        | BehalfRefused::Mandate(_) => behalf_key(refused),
    }
}

/// Errors of fields in the reader's language; each names the control that the summary leads to.
pub fn problems(t: &T, errors: &[definition::FieldError]) -> Vec<FieldProblem> {
    errors
        .iter()
        .map(|error| FieldProblem {
            field: match error.args.get("part") {
                Some(part) => format!("{}.{part}", error.field),
                None => error.field.clone(),
            },
            code: error.code.code().to_owned(),
            message: field_message(t, error),
        })
        .collect()
}

fn field_message(t: &T, error: &definition::FieldError) -> String {
    if let Some(message) = &error.message {
        return message.get(t.lang()).into_owned();
    }
    let args: Vec<(&str, web::Arg)> =
        error.args.iter().map(|(name, value)| (*name, web::Arg::from(value.as_str()))).collect();
    t.ta(&format!("applications-{}", error.code.code()), &args)
}

/// Why a file was not taken, at its field.
pub fn file_problem(t: &T, field: &str, name: &str, error: &crate::domain::file::FileRefused) -> FieldProblem {
    use crate::domain::file::FileRefused;
    let (code, message) = match error {
        FileRefused::Kind { allowed } => {
            ("field-file-type", t.t2("applications-field-file-type", "types", allowed.join(", "), "name", name))
        }
        FileRefused::Size { max_mb } => (
            "field-file-too-large",
            t.t2("applications-field-file-too-large", "max_mb", max_mb.to_string(), "name", name),
        ),
        FileRefused::Empty => ("field-file-empty", t.t1("applications-field-file-empty", "name", name)),
        FileRefused::Count { max } => {
            ("field-too-many-files", t.t1("applications-field-too-many-files", "max", max.to_string()))
        }
    };
    FieldProblem { field: field.to_owned(), code: code.to_owned(), message }
}

#[cfg(test)]
mod tests {
    use definition::FieldErrorCode;
    use kernel::lang::Lang;
    use web::i18n::Catalogue;

    #[test]
    fn every_field_error_has_its_words_in_every_language() {
        let catalogue = Catalogue::load(&[web::LOCALES, crate::LOCALES]).unwrap();
        for lang in Lang::ALL {
            let t = catalogue.lang(lang);
            for code in FieldErrorCode::ALL {
                assert!(t.has(&format!("applications-{}", code.code())), "{} in {}", code.code(), lang.code());
            }
            for status in ["new", "in_progress", "finished", "refused", "awaiting_payment", "cancelled"] {
                assert!(t.has(&format!("applications-status-{}", super::view::status_key(status))));
            }
        }
    }
}
