//! Every page in every language.

use axum::http::StatusCode;
use kernel::lang::Lang;
use provider::domain::claims::{ASKED, PASSPORT};

use super::world::*;

fn is_sound(browser: &Browser, path: &str) {
    for forbidden in [">provider-", ">common-", "style=", "onclick=", "{ $"] {
        assert!(!browser.body.contains(forbidden), "{path}: {forbidden}");
    }
    assert_eq!(browser.body.matches("<h1").count(), 1, "{path} has one h1");
}

#[tokio::test]
async fn every_page_is_sound_in_every_language() {
    let w = world().await;
    let mut shop = shop();
    shop.scopes.push("passport".into());
    let secret = w.register(&shop).await;
    for lang in Lang::ALL {
        let code = lang.code();
        let mut browser = w.browser().await;
        let change = [
            ("ui_locales", code),
            ("scope", "openid profile email phone address pinfl passport offline_access"),
            ("prompt", "consent"),
            ("claims", r#"{"userinfo":{"pinfl":{"essential":true}}}"#),
        ];
        browser.authorize(&shop, &change).await;
        assert!(browser.action().starts_with(&format!("/{code}/sso/consent/")), "{} {}", browser.status, browser.body);
        is_sound(&browser, "consent");
        for claim in ASKED.into_iter().chain([PASSPORT]).filter(|claim| *claim != "pinfl") {
            assert!(browser.body.contains(&format!("value=\"{claim}\"")), "{code} {claim}");
        }
        browser.agree().await;
        is_sound(&browser, "go");
        browser.authorize(&shop, &[("ui_locales", code), ("response_mode", "form_post")]).await;
        assert!(browser.body.contains("name=\"code\""), "{}", browser.body);
        for path in ["sso/device", "cabinet/security/consents", "sso/signed-out", "cabinet/security", "cabinet/access"]
        {
            browser.get(&format!("/{code}/{path}")).await;
            assert_eq!(browser.status, StatusCode::OK, "{code} {path}");
            is_sound(&browser, path);
            assert!(!browser.body.contains("sso."), "{path} shows no bare code");
        }
        browser.get(&format!("/sso/logout?ui_locales={code}&client_id=demo-shop")).await;
        browser.follow().await;
        assert!(browser.action().starts_with(&format!("/{code}/sso/sign-out/")), "{}", browser.body);
        is_sound(&browser, "sign out");
        browser.get(&format!("/{code}/sso/continue/nothing")).await;
        assert_eq!(browser.status, StatusCode::GONE);
        is_sound(&browser, "over");
        let mut operator = w.operator().await;
        for path in ["staff/clients", "staff/clients/new", "staff/clients/demo-shop"] {
            operator.get(&format!("/{code}/{path}")).await;
            assert_eq!(operator.status, StatusCode::OK, "{code} {path}");
            is_sound(&operator, path);
        }
        operator.post(&format!("/{code}/staff/clients/new"), &[]).await;
        assert_eq!(operator.status, StatusCode::UNPROCESSABLE_ENTITY);
        is_sound(&operator, "staff/clients/new with mistakes");
    }
    drop(secret);
}
