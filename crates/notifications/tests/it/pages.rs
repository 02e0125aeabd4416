//! The inbox and the demo phone through the real router.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::middleware;
use contracts::identity::Sessions;
use contracts::notifications::Urgency;
use contracts::{Assurance, Channel, Ctx, CtxInner, PortError, Ports, Principal, Settings, Who};
use kernel::id::{AccountId, SessionId, SubjectId};
use kernel::lang::Lang;
use tower::ServiceExt;
use uuid::Uuid;
use web::lang::LangService;
use web::module::{App, AppState};

use super::World;

/// The token is the subject.
struct Tokens;

#[async_trait]
impl Sessions for Tokens {
    async fn principal(&self, _: &Ctx, token: &str) -> Result<Option<Principal>, PortError> {
        let Ok(subject) = token.parse::<SubjectId>() else { return Ok(None) };
        Ok(Some(Principal {
            account: AccountId::from_uuid(Uuid::nil()),
            session: SessionId::from_uuid(Uuid::nil()),
            who: Who::Citizen { subject },
            display_name: "Karimova Dilnoza".into(),
            assurance: Assurance::Otp,
            channel: Channel::Web,
        }))
    }
}

fn site(w: &World, demo: bool) -> axum::Router {
    let ctx = Ctx::new(CtxInner {
        db: w.ctx.db.clone(),
        blobs: w.ctx.blobs.clone(),
        clock: w.ctx.clock.clone(),
        rng: w.ctx.rng.clone(),
        refdata: w.ctx.refdata.clone(),
        ports: Ports { sessions: Arc::new(Tokens), ..w.ctx.ports.clone() },
        settings: Settings { demo, ..w.ctx.settings.clone() },
    });
    let module = notifications::module();
    let state = AppState::new(App {
        ctx,
        i18n: web::i18n::Catalogue::load(&[web::LOCALES, module.locales]).unwrap(),
        assets: web::assets::Assets::load(),
        cards: Vec::new(),
        cache: web::cache::PublicCache::default(),
        csrf_key: [2; 32],
        openapi: OnceLock::new(),
    });
    let (api, _) = module.api.split_for_parts();
    module.html.merge(api).layer(middleware::from_fn_with_state(state.clone(), web::error::layer)).with_state(state)
}

async fn get(router: &axum::Router, path: &str, subject: SubjectId) -> (StatusCode, String) {
    let request = Request::get(path)
        .header(header::COOKIE, format!("ps={subject}"))
        .header(header::AUTHORIZATION, format!("Bearer {subject}"))
        .body(Body::empty())
        .unwrap();
    let response = LangService(router.clone()).oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 4 << 20).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn world() -> World {
    World::new(storage::testing::sqlite(notifications::MIGRATIONS).await.db, &[])
}

#[tokio::test]
async fn every_page_is_sound_in_every_language_full_and_empty() {
    let w = world().await;
    let router = site(&w, true);
    let stranger = SubjectId::from_uuid(Uuid::from_u128(1));
    for template in notifications::domain::words::TEMPLATES {
        w.tell(&w.notice(template, Urgency::Important)).await;
    }
    for lang in Lang::ALL {
        let code = lang.code();
        let first = w.inbox(lang).await[0].id;
        for path in [
            format!("/{code}/cabinet/messages"),
            format!("/{code}/cabinet/messages/{first}"),
            format!("/{code}/demo/phone"),
        ] {
            let (status, body) = get(&router, &path, w.subject).await;
            assert_eq!(status, StatusCode::OK, "{path}");
            assert_eq!(body.matches("<h1").count(), 1, "{path}");
            for forbidden in [">notifications-", ">notice-", ">common-", "style=", "{ $"] {
                assert!(!body.contains(forbidden), "{path}: {forbidden}");
            }
        }
        let (status, body) = get(&router, &format!("/{code}/cabinet/messages"), stranger).await;
        assert!(status == StatusCode::OK && body.contains("p-empty"), "{code}: an empty inbox says so");
    }
}

#[tokio::test]
async fn anothers_message_is_not_found_on_pages_and_api() {
    let w = world().await;
    let router = site(&w, true);
    w.tell(&w.notice("welcome", Urgency::Normal)).await;
    let id = w.inbox(Lang::Uz).await[0].id;
    let stranger = SubjectId::from_uuid(Uuid::from_u128(1));
    for path in
        [format!("/uz/cabinet/messages/{id}"), format!("/api/v1/messages/{id}"), "/uz/cabinet/messages/x".to_owned()]
    {
        assert_eq!(get(&router, &path, stranger).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let (status, body) = get(&router, "/api/v1/messages", w.subject).await;
    let answer: serde_json::Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, answer["unread"].as_u64(), answer["items"][0]["unread"].as_bool()),
        (StatusCode::OK, Some(1), Some(true))
    );
}

#[tokio::test]
async fn there_is_no_demo_phone_where_people_are_real() {
    let w = world().await;
    assert_eq!(get(&site(&w, true), "/uz/demo/phone", w.subject).await.0, StatusCode::OK);
    assert_eq!(get(&site(&w, false), "/uz/demo/phone", w.subject).await.0, StatusCode::NOT_FOUND);
}
