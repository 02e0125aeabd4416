//! Ends of sessions: by the client, by the person, told to the others.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use provider::domain::jose;
use storage::testing::each_backend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::world::*;

/// A client's server that takes logout tokens; the first call fails.
async fn listener(fail: usize) -> (String, Arc<Mutex<Vec<String>>>) {
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    let got: Arc<Mutex<Vec<String>>> = Arc::default();
    let keep = got.clone();
    tokio::spawn(async move {
        let mut calls = 0;
        while let Ok((mut stream, _)) = server.accept().await {
            let mut text = Vec::new();
            let mut part = [0_u8; 4096];
            loop {
                let n = stream.read(&mut part).await.unwrap_or(0);
                text.extend_from_slice(&part[..n]);
                let seen = String::from_utf8_lossy(&text).into_owned();
                let length = seen
                    .to_lowercase()
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|rest| rest.split('\r').next()?.parse::<usize>().ok());
                let body = seen.split_once("\r\n\r\n").map(|(_, body)| body.len());
                if n == 0 || (body.is_some() && body >= length) {
                    break;
                }
            }
            calls += 1;
            let status = if calls <= fail { "503 Service Unavailable" } else { "200 OK" };
            if calls > fail {
                let seen = String::from_utf8_lossy(&text).into_owned();
                let token = seen.split("logout_token=").nth(1).unwrap_or_default().trim().to_owned();
                keep.lock().unwrap().push(token);
            }
            let _ = stream
                .write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").as_bytes())
                .await;
        }
    });
    (format!("http://{address}/bye"), got)
}

/// Rules SSO-LOGOUT, SSO-BACKCHANNEL, SSO-LOGOUT-TOKEN.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_signs_out_at_one_site_is_signed_out_at_the_others_also_when_one_does_not_answer_at_first() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        let (uri, got) = listener(1).await;
        let shop = shop();
        let secret = w.register(&shop).await;
        let mut other = super::world::shop();
        other.id = "demo-other".into();
        other.backchannel_logout_uri = Some(uri);
        let other_secret = w.register(&other).await;
        let mut browser = w.browser().await;
        let mine = w.tokens(&mut browser, &shop, &secret, &[]).await;
        let theirs = w.tokens(&mut browser, &other, &other_secret, &[]).await;
        let kept = w.tokens(&mut browser, &shop, &secret, &[("scope", "openid offline_access")]).await;
        let hint = mine["id_token"].as_str().unwrap();
        browser
            .get(&format!(
                "/sso/logout?id_token_hint={hint}&post_logout_redirect_uri={}&state=s1",
                encode("https://shop.example/bye")
            ))
            .await;
        browser.follow().await;
        assert_eq!(browser.leads_to(), "https://shop.example/bye?state=s1", "{}", browser.body);
        assert!(!browser.cookies.contains_key("ps"));
        w.worker.drain().await.unwrap();
        assert!(got.lock().unwrap().is_empty(), "it did not answer at first");
        w.wait(60);
        w.worker.drain().await.unwrap();
        let tokens = got.lock().unwrap().clone();
        assert_eq!(tokens.len(), 1);
        let parsed = jose::parse(&tokens[0]).unwrap();
        let jwks = w.program().get("/sso/jwks", &[]).await.body;
        assert!(parsed.verified_by(&jose::key_set(&jwks)).is_some());
        assert_eq!(parsed.header["typ"], "logout+jwt");
        let id = claims(theirs["id_token"].as_str().unwrap());
        assert_eq!(
            (&parsed.claims["sub"], &parsed.claims["sid"], &parsed.claims["aud"]),
            (&id["sub"], &id["sid"], &id["aud"])
        );
        assert!(parsed.claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
        assert!(!parsed.claims.contains_key("nonce"));
        // Access of the session ends; what was agreed to while away stays.
        for access in [&mine, &theirs] {
            let status = w.program().userinfo(access["access_token"].as_str().unwrap()).await.status;
            assert_eq!(status, StatusCode::UNAUTHORIZED);
        }
        assert_eq!(
            w.program().renew(&shop, &secret, kept["refresh_token"].as_str().unwrap()).await.status,
            StatusCode::OK
        );
    })
    .await;
}

#[tokio::test]
async fn without_a_hint_of_this_session_the_person_is_asked_first() {
    let w = world().await;
    let shop = shop();
    let secret = w.register(&shop).await;
    let mut browser = w.browser().await;
    let tokens = w.tokens(&mut browser, &shop, &secret, &[]).await;
    let hint = tokens["id_token"].as_str().unwrap();
    // The hint of another browser does not sign this one out.
    let mut other = w.browser().await;
    for path in [
        "/sso/logout".to_owned(),
        "/sso/logout?client_id=demo-shop".to_owned(),
        format!("/sso/logout?id_token_hint={hint}"),
        format!("/sso/logout?id_token_hint={hint}x"),
    ] {
        other.get(&path).await;
        other.follow().await;
        assert_eq!(other.status, StatusCode::OK);
        assert!(other.action().contains("/sso/sign-out/"), "{path}: {}", other.body);
        assert!(other.cookies.contains_key("ps"), "{path}");
    }
    let action = other.action();
    other.post(&action, &[]).await;
    assert!(!other.cookies.contains_key("ps"));
    assert!(other.location.ends_with("/sso/signed-out"));
    other.follow().await;
    assert_eq!(other.status, StatusCode::OK);
    // Whoever is not signed in is sent back at once.
    other
        .get(&format!(
            "/sso/logout?client_id=demo-shop&post_logout_redirect_uri={}",
            encode("https://shop.example/bye")
        ))
        .await;
    other.follow().await;
    assert_eq!(other.leads_to(), "https://shop.example/bye");
}

#[tokio::test]
async fn a_client_that_names_itself_with_the_token_of_another_is_not_believed() {
    let w = world().await;
    let shop = shop();
    let secret = w.register(&shop).await;
    let mut other = super::world::shop();
    other.id = "demo-other".into();
    other.post_logout_uris = vec!["https://shop.example/other".into()];
    w.register(&other).await;
    let mut browser = w.browser().await;
    let tokens = w.tokens(&mut browser, &shop, &secret, &[]).await;
    let hint = tokens["id_token"].as_str().unwrap();
    let uri = encode("https://shop.example/other");
    browser.get(&format!("/sso/logout?client_id=demo-other&id_token_hint={hint}&post_logout_redirect_uri={uri}")).await;
    browser.follow().await;
    let action = browser.action();
    browser.post(&action, &[]).await;
    assert!(browser.location.ends_with("/sso/signed-out"), "{}", browser.location);
}

#[tokio::test]
async fn signing_out_on_the_page_of_sessions_ends_access_too() {
    let w = world().await;
    let shop = shop();
    let secret = w.register(&shop).await;
    let mut browser = w.browser().await;
    let tokens = w.tokens(&mut browser, &shop, &secret, &[]).await;
    let mut elsewhere = w.browser().await;
    elsewhere.get("/uz/cabinet/security").await;
    elsewhere.post("/uz/cabinet/security/revoke-others", &[]).await;
    w.worker.drain().await.unwrap();
    assert_eq!(w.program().userinfo(tokens["access_token"].as_str().unwrap()).await.status, StatusCode::UNAUTHORIZED);
}
