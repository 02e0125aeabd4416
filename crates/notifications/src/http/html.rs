//! The inbox, a message, and the demo phone.

use askama::Template;
use async_trait::async_trait;
use axum::Router;
use axum::extract::{Path, Query};
use axum::response::Response;
use axum::routing::{get, post};
use contracts::Ctx;
use kernel::id::{MessageId, SubjectId};
use serde::Deserialize;
use uuid::Uuid;
use web::i18n::T;
use web::module::{Card, CardLine};
use web::{AppState, CabinetCard, Citizen, Meta, Page, Posted, WebError};

use crate::domain::delivery::Channel;
use crate::service::{self, Message};

/// Paths without the language.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/cabinet/messages", get(messages))
        .route("/cabinet/messages/read", post(read_all))
        .route("/cabinet/messages/{id}", get(message))
        .route("/demo/phone", get(demo_phone))
}

/// Messages on a page.
const PAGE: u32 = 30;

#[derive(Deserialize)]
struct Before {
    #[serde(default)]
    before: String,
}

#[derive(Template)]
#[template(path = "notifications/messages.html")]
struct MessagesPage<'a> {
    page: &'a Page,
    messages: Vec<Message>,
    unread: u64,
    has_unread: bool,
    previous: String,
    next: String,
}

async fn messages(citizen: Citizen, Query(query): Query<Before>) -> Result<Response, WebError> {
    let page = &citizen.page;
    let before = query.before.parse::<Uuid>().ok();
    let mut found = service::list(page.ctx(), &page.t, citizen.subject, before, PAGE + 1).await?;
    let more = found.len() > PAGE as usize;
    found.truncate(PAGE as usize);
    let next = match found.last() {
        Some(last) if more => page.href(&format!("/cabinet/messages?before={}", last.id)),
        _ => String::new(),
    };
    let previous = if before.is_some() { page.href("/cabinet/messages") } else { String::new() };
    let body = MessagesPage { page, messages: found, unread: page.unread, has_unread: page.unread > 0, previous, next };
    page.render(Meta::new(page.t("notifications-title")).cabinet("/cabinet/messages"), &body)
}

async fn read_all(citizen: Citizen, _posted: Posted) -> Result<Response, WebError> {
    service::read_all(citizen.ctx(), citizen.subject).await?;
    Ok(citizen.redirect("/cabinet/messages"))
}

#[derive(Template)]
#[template(path = "notifications/message.html")]
struct MessagePage<'a> {
    page: &'a Page,
    message: Message,
}

async fn message(mut citizen: Citizen, Path(id): Path<String>) -> Result<Response, WebError> {
    let id: MessageId = id.parse().map_err(|_| WebError::not_found())?;
    let found = service::open(citizen.ctx(), &citizen.page.t, citizen.subject, id).await?;
    let message = found.ok_or_else(WebError::not_found)?;
    if message.unread {
        // The header of this very page counts it no more.
        citizen.page.unread = citizen.page.unread.saturating_sub(1);
    }
    let page = &citizen.page;
    let meta = Meta::new(message.title.clone()).cabinet("/cabinet/messages");
    page.render(meta, &MessagePage { page, message })
}

// ---------------------------------------------------------------- demo phone

#[derive(Deserialize)]
struct To {
    #[serde(default)]
    to: String,
}

struct Line {
    sms: bool,
    to: String,
    /// Address of this page for this person alone.
    only: String,
    title: String,
    body: String,
    at: String,
}

#[derive(Template)]
#[template(path = "notifications/phone.html")]
struct PhonePage<'a> {
    page: &'a Page,
    lines: Vec<Line>,
    to: String,
}

/// Seconds after which the demo phone looks again by itself.
const REFRESH_S: u32 = 5;

async fn demo_phone(page: Page, Query(query): Query<To>) -> Result<Response, WebError> {
    // The phone shows other people's codes: there is none where people are real.
    if !page.demo() {
        return Err(WebError::not_found());
    }
    let to = query.to.trim().trim_start_matches('+').to_owned();
    let found = service::demo_phone(page.ctx(), (!to.is_empty()).then_some(to.as_str()), 50).await?;
    let lines = found
        .into_iter()
        .map(|line| Line {
            sms: line.channel == Channel::Sms,
            only: page.href(&format!("/demo/phone?to={}", line.to.replace('@', "%40").replace('+', "%2B"))),
            to: if line.channel == Channel::Sms { format!("+{}", line.to) } else { line.to },
            title: line.title,
            body: line.body,
            at: page.t.datetime(&line.at),
        })
        .collect();
    let body = PhonePage { page: &page, lines, to };
    page.render(Meta::new(page.t("notifications-phone-title")).refresh(REFRESH_S), &body)
}

// ---------------------------------------------------------------- card

/// Unread messages on the cabinet's first page.
pub(crate) struct MessagesCard;

#[async_trait]
impl CabinetCard for MessagesCard {
    async fn card(&self, ctx: &Ctx, t: &T, subject: SubjectId) -> Result<Option<Card>, WebError> {
        let unread = crate::store::unread(&ctx.db, subject).await?;
        let latest = service::list(ctx, t, subject, None, 3).await?;
        if latest.is_empty() {
            return Ok(None);
        }
        let summary = if unread == 0 {
            t.t("notifications-card-none")
        } else {
            t.t1("notifications-card-unread", "count", unread)
        };
        let lines = latest
            .into_iter()
            .map(|message| CardLine {
                text: message.title,
                note: t.datetime(&message.at),
                href: format!("/cabinet/messages/{}", message.id),
            })
            .collect();
        Ok(Some(Card {
            title: t.t("notifications-title"),
            summary,
            lines,
            link: "/cabinet/messages",
            link_text: t.t("notifications-card-all"),
            urgent: false,
        }))
    }
}
