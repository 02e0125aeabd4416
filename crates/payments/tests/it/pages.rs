//! The payer's pages in every language.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::middleware;
use contracts::applications::Outcome;
use kernel::lang::Lang;
use payments::MIGRATIONS;
use tower::ServiceExt;
use web::lang::LangService;
use web::module::{App, AppState};

use crate::world::World;

/// The router of this context over the world, and the state for cards.
pub fn site(world: &World) -> (axum::Router, AppState) {
    let module = payments::module();
    let i18n = web::i18n::Catalogue::load(&[web::LOCALES, module.locales]).expect("the texts are sound");
    let state = AppState::new(App {
        ctx: world.ctx.clone(),
        i18n,
        assets: web::assets::Assets::load(),
        cards: module.cards,
        cache: web::cache::PublicCache::default(),
        csrf_key: [2; 32],
        openapi: OnceLock::new(),
    });
    let (api, _) = module.api.split_for_parts();
    let router = module
        .html
        .merge(api)
        .layer(middleware::from_fn_with_state(state.clone(), web::error::layer))
        .with_state(state.clone());
    (router, state)
}

async fn get(router: &axum::Router, path: &str) -> (StatusCode, String) {
    get_as(router, "citizen", path).await
}

async fn get_as(router: &axum::Router, who: &str, path: &str) -> (StatusCode, String) {
    let request = Request::get(path)
        .header("cookie", format!("ps={who}"))
        .header("authorization", format!("Bearer {who}"))
        .body(Body::empty())
        .expect("a request");
    let response = LangService(router.clone()).oneshot(request).await.expect("never fails");
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), 4 << 20).await.expect("a body");
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn every_page_is_sound_in_every_language_and_state() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    let (router, state) = site(&world);
    let (_, empty) = get(&router, "/uz/cabinet/invoices").await;
    assert!(empty.contains("p-empty"));
    let open = world.issue(1, &world.due(1, 37_080)).await;
    let paid = world.issue(2, &world.due(2, 18_540)).await;
    world.create("a", &paid).await.expect("created");
    world.perform("a").await.expect("performed");
    let refused = world.issue(3, &world.due(3, 18_540)).await;
    world.create("b", &refused).await.expect("created");
    world.perform("b").await.expect("performed");
    world.end(3, Outcome::Refused).await;
    let closed = world.issue(4, &world.due(4, 99_000)).await;
    world.end(4, Outcome::Withdrawn).await;
    for lang in Lang::ALL {
        let mut paths = vec!["/cabinet/invoices".to_owned()];
        paths.extend([&open, &paid, &refused, &closed].map(|invoice| format!("/invoices/{}", invoice.id)));
        for path in paths {
            let path = format!("/{}{path}", lang.code());
            let (status, body) = get(&router, &path).await;
            assert_eq!(status, StatusCode::OK, "{path}: {body}");
            for forbidden in [">payments-", ">common-", "style=", "onclick=", "{ $"] {
                assert!(!body.contains(forbidden), "{path}: {forbidden}");
            }
            assert_eq!(body.matches("<h1").count(), 1, "{path} has one h1");
        }
        let card = state.cards[0].card(&world.ctx, &state.i18n.lang(lang), world.subject).await.expect("a card");
        assert!(card.expect("there are invoices").urgent);
    }
    let (_, page) = get(&router, &format!("/ru/invoices/{}", open.id)).await;
    let checkout = page.split("href=\"http://127.0.0.1:8081/").nth(1).and_then(|rest| rest.split('"').next());
    let order = data_encoding::BASE64
        .decode(checkout.expect("a link to the provider").replace("&#x3D;", "=").replace("&#61;", "=").as_bytes());
    let order = String::from_utf8(order.expect("base64")).expect("text");
    let expected =
        format!("m=demo;ac.invoice={};a=3708000;l=ru;c=http://127.0.0.1:8080/ru/invoices/{}", open.number, open.id);
    assert_eq!(order, expected);
}

#[tokio::test]
async fn a_strangers_or_broken_id_is_not_found() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    let (router, _) = site(&world);
    for path in ["/uz/invoices/x", "/uz/invoices/00000000-0000-7000-8000-000000000000", "/api/v1/invoices/x"] {
        assert_eq!(get(&router, path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let (status, body) = get(&router, "/payments/payme").await;
    assert_eq!(status, StatusCode::OK, "the protocol answers 200 always");
    assert!(body.contains("-32300"));
}

#[tokio::test]
async fn own_invoices_come_as_json_page_by_page() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    let (router, _) = site(&world);
    for n in 1..=3 {
        world.issue(n, &world.due(n, 1_000)).await;
        world.wait(1);
    }
    let (_, body) = get(&router, "/api/v1/invoices?limit=2").await;
    let page: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(page["items"].as_array().expect("items").len(), 2);
    let next = page["next"].as_str().expect("a next page");
    let (_, body) = get(&router, &format!("/api/v1/invoices?limit=2&before={next}")).await;
    let page: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(page["items"].as_array().expect("items").len(), 1);
    assert!(page["next"].is_null());
    assert_eq!(page["items"][0]["amount"], 100_000);
}

/// Rule PAY-REFUND-DUE.
#[tokio::test]
async fn what_is_to_go_back_is_seen_by_the_payer_and_listed_for_the_operator_alone() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    let (router, _) = site(&world);
    let sound = |path: &str, status: StatusCode, body: &str| {
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        for forbidden in [">payments-", ">common-", "style=", "onclick=", "{ $"] {
            assert!(!body.contains(forbidden), "{path}: {forbidden}");
        }
        assert_eq!(body.matches("<h1").count(), 1, "{path} has one h1");
    };
    let (status, body) = get_as(&router, "operator", "/en/staff/refunds").await;
    sound("the empty list", status, &body);
    assert!(body.contains("p-empty"));
    let mut due = world.due(1, 37_080);
    due.refund = vec![Outcome::Refused, Outcome::Withdrawn];
    due.valid_after_reject_days = 0;
    let invoice = world.issue(1, &due).await;
    world.create("0123456789abcdef01234567", &invoice).await.expect("created");
    world.perform("0123456789abcdef01234567").await.expect("performed");
    world.end(1, Outcome::Withdrawn).await;
    for lang in Lang::ALL {
        let path = format!("/{}/invoices/{}", lang.code(), invoice.id);
        let (status, body) = get(&router, &path).await;
        sound(&path, status, &body);
        let path = format!("/{}/staff/refunds", lang.code());
        let (status, body) = get_as(&router, "operator", &path).await;
        sound(&path, status, &body);
        assert!(body.contains("0123456789abcdef01234567"), "the transaction that is to be cancelled: {body}");
    }
    let (_, body) = get(&router, &format!("/en/invoices/{}", invoice.id)).await;
    assert!(body.contains("Your payment is being returned") && !body.contains("Payment received"), "{body}");
    let (_, body) = get(&router, &format!("/api/v1/invoices/{}", invoice.id)).await;
    let answer: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert!(answer["refund_due_since"].is_string() && answer["state"] == "paid", "{answer}");
    for who in ["official", "citizen", "nobody"] {
        for path in ["/en/staff/refunds", "/en/staff/refunds.csv"] {
            assert_ne!(get_as(&router, who, path).await.0, StatusCode::OK, "{who}: {path}");
        }
    }
    let (status, file) = get_as(&router, "operator", "/uz/staff/refunds.csv").await;
    assert_eq!(status, StatusCode::OK);
    let lines: Vec<&str> = file.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "invoice,application,service,title,amount_som,due_since,because,transaction,paid_at");
    assert_eq!(lines.len(), 2);
    let cells: Vec<&str> = lines[1].split(',').collect();
    assert_eq!((cells[0], cells[2], cells[4], cells[6]), (invoice.number.as_str(), "418", "37080.00", "withdrawn"));
    assert!(!file.contains("Karimova"), "no name in the file");
    let nobody = kernel::id::SubjectId::from_uuid(uuid::Uuid::nil());
    let trail = storage::audit::for_subject(&world.ctx.db, nobody, None, 10).await.expect("read");
    assert_eq!(trail[0].entry.action, "payments.refunds_export");
    // The provider reports that the money has gone: nothing is due any more.
    world.cancel("0123456789abcdef01234567").await.expect("cancelled");
    let (_, body) = get_as(&router, "operator", "/en/staff/refunds").await;
    assert!(body.contains("p-empty"));
    let (_, body) = get(&router, &format!("/en/invoices/{}", invoice.id)).await;
    assert!(body.contains("Refunded") && !body.contains("is being returned"), "{body}");
}
