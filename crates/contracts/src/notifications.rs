//! Notices: what others ask to be told to a person.

use std::collections::BTreeMap;

use async_trait::async_trait;
use kernel::id::SubjectId;
use kernel::lang::{Lang, Text};
use serde::{Deserialize, Serialize};

use crate::{Ctx, Event, PortError};

/// An argument of a notice: plain text, or text in the person's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Arg {
    Text(String),
    Localized(Text),
}

/// Tell a person something. `notifications` knows the words (`notice-<template>-title`, `-body`, `-sms`)
/// in every language and the ways to the person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NoticeRequested {
    pub subject: SubjectId,
    /// Name of the template: `case-submitted`, `case-returned`, `case-approved`, `case-refused`, `case-withdrawn`,
    /// `case-expired`, `case-progress`, `payment-due`, `payment-received`, `payment-refund-due`, `payment-refunded`,
    /// `document-issued`, `document-revoked`, `appeal-decided`, `welcome`, `sign-in-new-device`, `password-changed`,
    /// `locks-asked`, `locks-changed`, `account-frozen`, `account-recovered`.
    pub template: String,
    pub args: BTreeMap<String, Arg>,
    /// Path within the portal without the language, such as `/cases/<id>`.
    pub link: Option<String>,
    pub urgency: Urgency,
}

/// Which ways a notice takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Inbox and e-mail.
    Normal,
    /// Inbox, e-mail and SMS.
    Important,
}

impl Event for NoticeRequested {
    const TOPIC: &'static str = "notifications.requested";
}

/// Send a one-time code by SMS or e-mail. Not kept in any inbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CodeRequested {
    /// Digits with the country code, `998…`, or an e-mail address.
    pub phone: String,
    pub code: String,
    pub lang: Lang,
    /// `register`, `sign-in`, `change-phone`, …: which words go with it.
    pub purpose: String,
}

impl Event for CodeRequested {
    const TOPIC: &'static str = "notifications.code_requested";
}

/// What the header asks.
#[async_trait]
pub trait Inbox: Send + Sync {
    async fn unread(&self, ctx: &Ctx, subject: SubjectId) -> Result<u64, PortError>;
}
