//! Registration by page and by API.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use storage::testing::each_backend;

use super::world::*;

async fn call(w: &World, token: &str, method: &str, path: &str, body: Value) -> Told {
    // Entries of the log are in the order of time.
    w.wait(1);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    w.program().send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// Rule SSO-CLIENT.
#[tokio::test]
async fn a_client_is_registered_changed_given_a_new_secret_and_switched_off_by_api() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        let operator = w.operator().await.cookies["ps"].clone();
        let doc = serde_json::to_value(shop()).unwrap();
        let made = call(&w, &operator, "POST", "/api/v1/clients", doc.clone()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let secret = made.body["client_secret"].as_str().unwrap().to_owned();
        assert_eq!(
            call(&w, &operator, "POST", "/api/v1/clients", doc.clone()).await.status,
            StatusCode::UNPROCESSABLE_ENTITY
        );
        let shown = call(&w, &operator, "GET", "/api/v1/clients/demo-shop", json!(null)).await;
        assert!(shown.body.get("client_secret").is_none(), "shown once");
        let mut changed = doc.clone();
        changed["redirect_uris"] = json!(["https://shop.example/other"]);
        let put = json!({ "client": changed, "version": 1 });
        assert_eq!(call(&w, &operator, "PUT", "/api/v1/clients/demo-shop", put.clone()).await.status, StatusCode::OK);
        assert_eq!(call(&w, &operator, "PUT", "/api/v1/clients/demo-shop", put).await.status, StatusCode::CONFLICT);
        let grant = [("grant_type", "client_credentials")];
        let ask = async |secret: &str| {
            w.program().post("/sso/token", &[("authorization", &basic("demo-shop", secret))], &grant).await.status
        };
        assert_eq!(ask(&secret).await, StatusCode::OK);
        let renewed = call(&w, &operator, "POST", "/api/v1/clients/demo-shop/secret", json!(null)).await;
        assert_eq!(ask(&secret).await, StatusCode::UNAUTHORIZED, "the old secret has ended");
        let secret = renewed.body["client_secret"].as_str().unwrap();
        assert_eq!(ask(secret).await, StatusCode::OK);
        call(&w, &operator, "POST", "/api/v1/clients/demo-shop/active", json!({ "active": false })).await;
        assert_eq!(ask(secret).await, StatusCode::UNAUTHORIZED);
        let listed = call(&w, &operator, "GET", "/api/v1/clients", json!(null)).await;
        assert_eq!(listed.body[0]["active"], false);
        let entries = provider::service::clients::get(&w.ctx, "demo-shop").await.unwrap().unwrap().1;
        let actions: Vec<&str> = entries.iter().rev().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["registered", "changed", "secret", "disabled"]);
        assert_eq!(entries[2].detail, "redirect_uris");
        // Nobody else may.
        let citizen = w.browser().await.cookies["ps"].clone();
        for token in [citizen.as_str(), "nobody"] {
            let told = call(&w, token, "GET", "/api/v1/clients", json!(null)).await;
            assert!(matches!(told.status, StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED));
        }
    })
    .await;
}

#[tokio::test]
async fn an_operator_registers_a_client_on_the_page_and_mistakes_stand_beside_their_fields() {
    let w = world().await;
    let mut operator = w.operator().await;
    operator.get("/uz/staff/clients").await;
    assert_eq!(operator.status, StatusCode::OK);
    operator.get("/uz/staff/clients/new").await;
    let good = [
        ("id", "demo-page"),
        ("name", "Namuna kutubxona"),
        ("owner", "Namuna kutubxonasi"),
        ("contact", "help@library.example"),
        ("purpose_uz", "Kitob berish uchun"),
        ("scopes", "openid"),
        ("scopes", "profile"),
        ("grants", "authorization_code"),
        ("auth", "client_secret_basic"),
        ("subject_type", "pairwise"),
        ("id_token_alg", "ES256"),
        ("consent_days", "365"),
    ];
    let mut bad = good.to_vec();
    bad.push(("redirect_uris", "http://library.example/back"));
    operator.post("/uz/staff/clients/new", &bad).await;
    assert_eq!(operator.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(operator.body.contains("govuk-error-summary") && operator.body.contains("http://library.example/back"));
    assert!(operator.body.contains("value=\"Namuna kutubxona\""), "what was typed is kept");
    let mut right = good.to_vec();
    right.push(("redirect_uris", "https://library.example/back"));
    operator.post("/uz/staff/clients/new", &right).await;
    assert_eq!(operator.status, StatusCode::OK, "{}", operator.body);
    let secret = operator.body.split("<p class=\"p-mono\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    assert_eq!(secret.len(), 43);
    operator.get("/uz/staff/clients/demo-page").await;
    assert!(!operator.body.contains(&secret), "shown once");
    operator.post("/uz/staff/clients/demo-page/active", &[("active", "off")]).await;
    assert_eq!(operator.location, "/uz/staff/clients/demo-page?done=disabled");
    let mut citizen = w.browser().await;
    citizen.get("/uz/staff/clients").await;
    assert_eq!(citizen.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_logo_is_a_small_png_and_nothing_else() {
    let w = world().await;
    let shop = shop();
    w.register(&shop).await;
    let by = w.registrar();
    let png = b"\x89PNG\r\n\x1a\nrest";
    let set =
        async |bytes: Option<&[u8]>| provider::service::clients::set_logo(&w.ctx, &shop.id, bytes, &by).await.unwrap();
    assert!(set(Some(png)).await);
    let mut browser = w.browser().await;
    browser.get("/sso/clients/demo-shop/logo.png").await;
    assert_eq!((browser.status, browser.headers["content-type"].to_str().unwrap()), (StatusCode::OK, "image/png"));
    assert!(!set(Some(b"<svg onload=alert(1)>")).await);
    assert!(!set(Some(&[png.to_vec(), vec![0; 70_000]].concat())).await);
    assert!(set(None).await);
    browser.get("/sso/clients/demo-shop/logo.png").await;
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
}
