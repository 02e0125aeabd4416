//! The OneID dialect, as old integrations speak it.

use axum::http::StatusCode;
use provider::domain::client::{Auth, Client, OneIdProfile};
use storage::testing::each_backend;

use super::world::*;

const PATH: &str = "/sso/oauth/Authorization.do";

fn old(profile: OneIdProfile) -> Client {
    let mut client = shop();
    client.id = format!("demo-{}", profile.name());
    client.auth = Auth::Post;
    client.grants.clear();
    client.scopes = ["openid", "profile", "pinfl", "passport", "phone"].map(str::to_owned).to_vec();
    client.oneid_profile = Some(profile);
    client
}

async fn code(browser: &mut Browser, client: &Client) -> String {
    let pairs = [
        ("response_type", "one_code"),
        ("client_id", client.id.as_str()),
        ("redirect_uri", BACK),
        ("scope", client.id.as_str()),
        ("state", "testState"),
    ];
    browser.get(&format!("{PATH}?{}", form(&pairs))).await;
    browser.follow().await;
    if browser.leads_to().is_empty() {
        browser.agree().await;
    }
    let back = browser.leads_to();
    assert_eq!(param(&back, "state").as_deref(), Some("testState"), "{back} {}", browser.body);
    assert!(param(&back, "iss").is_none(), "old clients get what they know and no more");
    param(&back, "code").unwrap()
}

/// Rules SSO-ONEID-REQUEST, SSO-ONEID-PROFILE.
#[tokio::test]
async fn an_old_integration_signs_a_person_in_in_each_profile_by_form_and_by_query() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        for (profile, by_query) in
            [(OneIdProfile::Current, false), (OneIdProfile::Extended, true), (OneIdProfile::Minimal, true)]
        {
            let client = old(profile);
            let secret = w.register(&client).await;
            let mut browser = w.browser().await;
            let code = code(&mut browser, &client).await;
            let send = async |pairs: &[(&str, &str)]| {
                let mut all = vec![("client_id", client.id.as_str()), ("client_secret", secret.as_str())];
                all.extend_from_slice(pairs);
                if by_query {
                    w.program().post(&format!("{PATH}?{}", form(&all)), &[], &[]).await
                } else {
                    w.program().post(PATH, &[], &all).await
                }
            };
            let told = send(&[("grant_type", "one_authorization_code"), ("redirect_uri", BACK), ("code", &code)]).await;
            assert_eq!(told.status, StatusCode::OK, "{}", told.body);
            assert_eq!(told.body["token_type"], "bearer");
            let keys: Vec<&String> = told.body.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["scope", "expires_in", "token_type", "refresh_token", "access_token"]);
            let access = told.body["access_token"].as_str().unwrap();
            let who =
                send(&[("grant_type", "one_access_token_identify"), ("access_token", access), ("scope", &client.id)])
                    .await;
            assert_eq!(who.body["ret_cd"], "0", "{}", who.body);
            assert_eq!(who.body["pin"], PINFL);
            assert_eq!(who.body["full_name"], "Karimova Dilnoza Rustam qizi");
            assert_eq!(who.body["pport_no"], "AD0000001");
            assert_eq!(who.body["auth_method"], "LOGINPASSMETHOD");
            assert_eq!(who.body.get("legal_info").is_some(), profile != OneIdProfile::Minimal);
            // By GET, as some frameworks do it.
            let pairs = [
                ("grant_type", "one_access_token_identify"),
                ("client_id", client.id.as_str()),
                ("client_secret", secret.as_str()),
                ("access_token", access),
            ];
            let by_get = w.program().get(&format!("{PATH}?{}", form(&pairs)), &[]).await;
            assert_eq!(by_get.body, who.body);
            let out = send(&[("grant_type", "one_log_out"), ("access_token", access), ("scope", &client.id)]).await;
            assert_eq!(out.body["ret_cd"], "0");
            let gone = send(&[("grant_type", "one_access_token_identify"), ("access_token", access)]).await;
            assert_eq!((gone.status, gone.error()), (StatusCode::UNAUTHORIZED, "invalid_token"));
            assert_ne!(gone.body["ret_cd"], "0");
            browser.get("/uz/cabinet").await;
            assert!(browser.location.starts_with("/uz/sign-in"), "the session has ended");
        }
    })
    .await;
}

#[tokio::test]
async fn a_person_keeps_the_pinfl_back_and_the_old_system_gets_an_empty_field() {
    let w = world().await;
    let client = old(OneIdProfile::Current);
    let secret = w.register(&client).await;
    let mut browser = w.browser().await;
    let pairs =
        [("response_type", "one_code"), ("client_id", client.id.as_str()), ("redirect_uri", BACK), ("state", "s")];
    browser.get(&format!("{PATH}?{}", form(&pairs))).await;
    browser.follow().await;
    let action = browser.action();
    browser.post(&action, &[("claim", "name"), ("answer", "yes")]).await;
    let code = param(&browser.leads_to(), "code").unwrap();
    let common = [("client_id", client.id.as_str()), ("client_secret", secret.as_str())];
    let mut token = common.to_vec();
    // Some old programs leave the address out.
    token.extend([("grant_type", "one_authorization_code"), ("code", code.as_str())]);
    let told = w.program().post(PATH, &[], &token).await;
    let mut who = common.to_vec();
    who.extend([
        ("grant_type", "one_access_token_identify"),
        ("access_token", told.body["access_token"].as_str().unwrap()),
    ]);
    let told = w.program().post(PATH, &[], &who).await;
    assert_eq!(
        (told.body["pin"].as_str(), told.body["full_name"].as_str()),
        (Some(""), Some("Karimova Dilnoza Rustam qizi"))
    );
}

/// Rule SSO-ONEID-ERROR.
#[tokio::test]
async fn what_is_wrong_is_told_with_a_code_that_is_not_zero() {
    let w = world().await;
    let client = old(OneIdProfile::Current);
    let secret = w.register(&client).await;
    let modern = shop();
    let modern_secret = w.register(&modern).await;
    let mut browser = w.browser().await;
    let code = code(&mut browser, &client).await;
    let token = |id: &'static str, secret: &str, change: &[(&'static str, &str)]| {
        let mut pairs = vec![
            ("grant_type".to_owned(), "one_authorization_code".to_owned()),
            ("client_id".to_owned(), id.to_owned()),
            ("client_secret".to_owned(), secret.to_owned()),
            ("redirect_uri".to_owned(), BACK.to_owned()),
            ("code".to_owned(), code.clone()),
        ];
        for (name, value) in change {
            pairs.retain(|(known, _)| known != name);
            pairs.push(((*name).to_owned(), (*value).to_owned()));
        }
        pairs
    };
    for (pairs, error) in [
        (token("demo-current", "wrong", &[]), "invalid_client"),
        (token("demo-shop", &modern_secret, &[]), "invalid_client"),
        (token("demo-current", &secret, &[("code", "wrong")]), "invalid_grant"),
        (token("demo-current", &secret, &[("redirect_uri", "https://evil.example/")]), "invalid_grant"),
        (token("demo-current", &secret, &[("code", "")]), "invalid_request"),
        (token("demo-current", &secret, &[("grant_type", "authorization_code")]), "unsupported_grant_type"),
    ] {
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let told = w.program().post(PATH, &[], &pairs).await;
        assert_eq!(told.error(), error, "{}", told.body);
        assert!(told.body["ret_cd"].as_str().is_some_and(|code| code != "0"));
    }
    // A code of the dialect is none of OpenID Connect, and a client of the other kind cannot come in here.
    assert_ne!(w.program().redeem(&modern, &modern_secret, &code, &[]).await.status, StatusCode::OK);
    let pairs = [("response_type", "one_code"), ("client_id", "demo-shop"), ("redirect_uri", BACK)];
    browser.get(&format!("{PATH}?{}", form(&pairs))).await;
    assert_eq!(browser.status, StatusCode::BAD_REQUEST);
}
