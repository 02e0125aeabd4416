//! The words of a notice in a language.

use std::collections::BTreeMap;

use contracts::notifications::Arg;
use web::i18n::T;

/// Every template that others may ask for.
pub const TEMPLATES: &[&str] = &[
    "case-submitted",
    "case-returned",
    "case-approved",
    "case-refused",
    "case-withdrawn",
    "case-expired",
    "case-progress",
    "case-reminder",
    "case-late",
    "payment-due",
    "payment-received",
    "payment-refund-due",
    "payment-refunded",
    "document-issued",
    "document-revoked",
    "appeal-decided",
    "welcome",
    "sign-in-new-device",
    "password-changed",
    "locks-asked",
    "locks-changed",
    "account-frozen",
    "account-recovered",
    "mandate-offered",
    "mandate-changed",
];

/// Purposes of one-time codes that have words of their own.
pub const CODE_PURPOSES: &[&str] = &["register", "sign-in", "change-phone", "change-email"];

/// Every variable that a template may use. What a sender leaves out is shown as a dash, never as a hole.
const VARIABLES: &[&str] = &[
    "number", "case", "service", "due", "reason", "amount", "document", "device", "place", "at", "state", "granted",
    "comment", "url", "giver", "holder", "what",
];

/// A notice in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub title: String,
    pub body: String,
    pub sms: String,
}

/// The words of a notice.
pub fn notice(t: &T, template: &str, args: &BTreeMap<String, Arg>) -> Words {
    let known = TEMPLATES.contains(&template);
    if !known {
        tracing::error!(template, "a notice without words");
    }
    // A person who is told that something happened can look; one who is told nothing cannot.
    let template = if known { template } else { "other" };
    let mut values: Vec<(&str, web::Arg)> = Vec::with_capacity(VARIABLES.len());
    for name in VARIABLES {
        let value = match args.get(*name) {
            Some(Arg::Text(text)) => text.clone(),
            Some(Arg::Localized(text)) => text.get(t.lang()).into_owned(),
            None => String::new(),
        };
        let value = if value.is_empty() { "–".to_owned() } else { value };
        values.push((*name, web::Arg::Text(value)));
    }
    let say = |part: &str| t.ta(&format!("notice-{template}-{part}"), &values);
    Words { title: say("title"), body: say("body"), sms: say("sms") }
}

/// The words of a one-time code. The portal's name comes first and the warning last, as phones cut the end.
pub fn code(t: &T, purpose: &str, code: &str) -> String {
    let purpose = if CODE_PURPOSES.contains(&purpose) { purpose } else { "sign-in" };
    t.t1(&format!("notice-code-{purpose}"), "code", code)
}
