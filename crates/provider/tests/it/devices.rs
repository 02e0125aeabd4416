//! Devices without a browser.

use axum::http::StatusCode;
use provider::domain::client::{Auth, Client, Grant};
use serde_json::Value;
use storage::testing::each_backend;

use super::world::*;

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

fn television() -> Client {
    let mut client = shop();
    client.id = "demo-tv".into();
    client.auth = Auth::None;
    client.grants = vec![Grant::Device, Grant::Refresh];
    client.redirect_uris.clear();
    client.subject_type = provider::domain::client::SubjectType::Public;
    client
}

async fn begin(w: &World) -> Value {
    let told = w.program().post("/sso/device/code", &[], &[("client_id", "demo-tv"), ("scope", "openid email")]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    told.body
}

async fn poll(w: &World, begun: &Value) -> Told {
    let code = begun["device_code"].as_str().unwrap();
    w.program()
        .post("/sso/token", &[], &[("grant_type", DEVICE), ("client_id", "demo-tv"), ("device_code", code)])
        .await
}

/// Rules SSO-DEVICE, SSO-DEVICE-POLL.
#[tokio::test]
async fn a_person_types_the_code_of_a_television_and_it_gets_tokens_once() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        w.register(&television()).await;
        let begun = begin(&w).await;
        assert_eq!(begun["verification_uri"], format!("{ISSUER}/sso/device"));
        w.wait(6);
        assert_eq!(poll(&w, &begun).await.error(), "authorization_pending");
        assert_eq!(poll(&w, &begun).await.error(), "slow_down", "at once again");
        let mut browser = w.browser().await;
        browser.get("/uz/sso/device").await;
        let code = begun["user_code"].as_str().unwrap().to_lowercase();
        browser.post("/uz/sso/device", &[("user_code", &code)]).await;
        assert!(browser.body.contains("qo‘lingizdagi qurilma"), "{}", browser.body);
        browser.post("/uz/sso/device/answer", &[("user_code", &code), ("claim", "email"), ("answer", "yes")]).await;
        assert_eq!(browser.location, "/uz/sso/device?done=yes");
        w.wait(30);
        let told = poll(&w, &begun).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.body);
        let info = w.program().userinfo(told.body["access_token"].as_str().unwrap()).await;
        assert_eq!(info.body["email"], "dilnoza@namuna.example");
        assert_eq!(poll(&w, &begun).await.error(), "invalid_grant", "once");
        browser.get("/uz/sso/device").await;
        browser.post("/uz/sso/device", &[("user_code", &code)]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "the code is used");
    })
    .await;
}

#[tokio::test]
async fn a_refused_or_late_device_is_told_so() {
    let w = world().await;
    w.register(&television()).await;
    let begun = begin(&w).await;
    let mut browser = w.browser().await;
    let code = begun["user_code"].as_str().unwrap();
    browser.get("/uz/sso/device").await;
    browser.post("/uz/sso/device/answer", &[("user_code", code), ("answer", "no")]).await;
    assert_eq!(browser.location, "/uz/sso/device?done=no");
    assert_eq!(poll(&w, &begun).await.error(), "access_denied");
    let late = begin(&w).await;
    w.wait(1801);
    assert_eq!(poll(&w, &late).await.error(), "expired_token");
    let wrong =
        w.program().post("/sso/device/code", &[], &[("client_id", "demo-tv"), ("scope", "openid passport")]).await;
    assert_eq!(wrong.error(), "invalid_scope");
}

#[tokio::test]
async fn codes_cannot_be_guessed_by_trying_and_a_session_is_needed() {
    let w = world().await;
    w.register(&television()).await;
    let begun = begin(&w).await;
    let mut nobody = Browser::new(&w.router);
    nobody.get("/uz/sso/device").await;
    assert!(nobody.location.starts_with("/uz/sign-in"));
    let mut browser = w.browser().await;
    browser.get("/uz/sso/device").await;
    for _ in 0..10 {
        browser.post("/uz/sso/device", &[("user_code", "BBBB-BBBB")]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(browser.body.contains("value=\"BBBB-BBBB\""), "what was typed is kept");
    }
    browser.post("/uz/sso/device", &[("user_code", begun["user_code"].as_str().unwrap())]).await;
    assert_eq!(browser.status, StatusCode::TOO_MANY_REQUESTS, "also the right one");
    w.wait(700);
    browser.post("/uz/sso/device", &[("user_code", begun["user_code"].as_str().unwrap())]).await;
    assert_eq!(browser.status, StatusCode::OK);
}
