//! Attacks that are known, each tried. Source: RFC 9700 §4; RFC 6819; RFC 8725; RFC 9449 §11; OpenID Connect Core 1.0 §16.

use axum::http::{Request, StatusCode, header};
use data_encoding::BASE64URL_NOPAD;
use identity::service::create_person;
use provider::domain::client::{Auth, Client};
use serde_json::{Value, json};

use super::world::*;

async fn start() -> (World, Client, String, Browser) {
    let w = world().await;
    let shop = shop();
    let secret = w.register(&shop).await;
    let browser = w.browser().await;
    (w, shop, secret, browser)
}

#[tokio::test]
async fn a_stolen_code_is_worth_nothing_without_the_verifier() {
    let (w, shop, secret, mut browser) = start().await;
    let code = browser.code(&shop, &[]).await;
    for (name, value) in [
        ("code_verifier", ""),
        ("code_verifier", "another-verifier-that-is-long-enough-for-the-standard"),
        ("code_verifier", "short"),
        // The challenge itself, as if the method were plain.
        ("code_verifier", &provider::domain::jose::challenge(VERIFIER)),
    ] {
        let told = w.program().redeem(&shop, &secret, &code, &[(name, value)]).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{value}: {}", told.body);
    }
}

#[tokio::test]
async fn a_code_injected_into_another_client_is_refused() {
    let (w, shop, _, mut browser) = start().await;
    let mut thief = super::world::shop();
    thief.id = "demo-thief".into();
    let secret = w.register(&thief).await;
    let code = browser.code(&shop, &[]).await;
    assert_eq!(w.program().redeem(&thief, &secret, &code, &[]).await.error(), "invalid_grant");
}

#[tokio::test]
async fn a_code_goes_with_the_address_that_it_was_sent_to() {
    let (w, shop, secret, mut browser) = start().await;
    let code = browser.code(&shop, &[]).await;
    for uri in ["", "https://shop.example/back/", "https://evil.example/back"] {
        let told = w.program().redeem(&shop, &secret, &code, &[("redirect_uri", uri)]).await;
        assert_eq!(told.error(), "invalid_grant", "{uri}");
    }
}

/// Rule SSO-CODE.
#[tokio::test]
async fn a_code_that_comes_twice_takes_everything_that_came_of_it_along() {
    let (w, shop, secret, mut browser) = start().await;
    let code = browser.code(&shop, &[("scope", "openid offline_access")]).await;
    let told = w.program().redeem(&shop, &secret, &code, &[]).await;
    let access = told.body["access_token"].as_str().unwrap();
    assert_eq!(w.program().userinfo(access).await.status, StatusCode::OK);
    assert_eq!(w.program().redeem(&shop, &secret, &code, &[]).await.error(), "invalid_grant");
    assert_eq!(w.program().userinfo(access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        w.program().renew(&shop, &secret, told.body["refresh_token"].as_str().unwrap()).await.error(),
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_replay_by_another_client_does_not_end_the_sign_in_of_the_first() {
    let (w, shop, secret, mut browser) = start().await;
    let mut other = super::world::shop();
    other.id = "demo-other".into();
    let other_secret = w.register(&other).await;
    let code = browser.code(&shop, &[]).await;
    let told = w.program().redeem(&shop, &secret, &code, &[]).await;
    w.program().redeem(&other, &other_secret, &code, &[]).await;
    assert_eq!(w.program().userinfo(told.body["access_token"].as_str().unwrap()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn many_at_once_with_one_code_get_one_answer() {
    let (w, shop, secret, mut browser) = start().await;
    let code = browser.code(&shop, &[]).await;
    let program = w.program();
    let all = (0..8).map(|_| program.redeem(&shop, &secret, &code, &[]));
    let mut right = 0;
    for told in futures(all).await {
        right += usize::from(told.status == StatusCode::OK);
    }
    assert!(right <= 1, "{right} got tokens");
}

async fn futures<T>(all: impl Iterator<Item = impl std::future::Future<Output = T>>) -> Vec<T> {
    let mut out = Vec::new();
    let mut waiting: Vec<_> = all.map(Box::pin).collect();
    std::future::poll_fn(|cx| {
        waiting.retain_mut(|one| match one.as_mut().poll(cx) {
            std::task::Poll::Ready(value) => {
                out.push(value);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    out
}

#[tokio::test]
async fn pkce_cannot_be_left_out_or_made_weak() {
    let (_w, shop, _, mut browser) = start().await;
    for change in [
        &[("code_challenge", ""), ("code_challenge_method", "")][..],
        &[("code_challenge_method", "plain")],
        &[("code_challenge_method", "")],
        &[("code_challenge_method", "s256")],
    ] {
        browser.authorize(&shop, change).await;
        assert_eq!(param(&browser.location, "error").as_deref(), Some("invalid_request"), "{change:?}");
        assert!(param(&browser.location, "code").is_none());
    }
}

#[tokio::test]
async fn every_answer_says_who_gives_it_so_that_providers_cannot_be_mixed_up() {
    let (_w, shop, _, mut browser) = start().await;
    let good = {
        browser.authorize(&shop, &[]).await;
        browser.agree().await;
        browser.leads_to()
    };
    browser.authorize(&shop, &[("scope", "email")]).await;
    for url in [good, browser.location.clone()] {
        assert_eq!(param(&url, "iss").as_deref(), Some(ISSUER), "{url}");
    }
}

#[tokio::test]
async fn the_provider_is_no_open_redirector() {
    let (_w, shop, _, mut browser) = start().await;
    for uri in [
        "https://evil.example/",
        "https://shop.example/back/../evil",
        "https://shop.example/back?x=https://evil.example",
        "https://shop.example@evil.example/back",
        "https://user:pass@shop.example/back",
        "https://shop.example/back#evil",
        "https://shop.example/back%0d%0aSet-Cookie:x=1",
        "https://shop.example\\.evil.example/back",
        "https://shop.example.evil.example/back",
        "https://SHOP.example/back",
        "http://shop.example/back",
        "//shop.example/back",
        "javascript:alert(1)",
        "data:text/html,evil",
        "https://shop.example/back/",
    ] {
        browser.get(&format!("/sso/authorize?{}", request(&shop, &[("redirect_uri", uri)]))).await;
        assert_eq!(browser.status, StatusCode::BAD_REQUEST, "{uri}");
        assert!(browser.location.is_empty() && !browser.body.contains("evil"), "{uri}: nothing is sent or shown");
    }
    // Also not with an unknown client, and not by logging out.
    let mut unknown = super::world::shop();
    unknown.id = "unknown".into();
    browser.get(&format!("/sso/authorize?{}", request(&unknown, &[]))).await;
    assert_eq!((browser.status, browser.location.as_str()), (StatusCode::BAD_REQUEST, ""));
    browser.get("/sso/logout?client_id=demo-shop&post_logout_redirect_uri=https%3A%2F%2Fevil.example%2F").await;
    browser.follow().await;
    let action = browser.action();
    browser.post(&action, &[]).await;
    assert!(browser.location.ends_with("/sso/signed-out"), "{} {}", browser.location, browser.body);
}

#[tokio::test]
async fn a_parameter_that_comes_twice_is_refused_everywhere() {
    let (w, shop, secret, mut browser) = start().await;
    for (name, value) in [("client_id", "x"), ("redirect_uri", BACK), ("state", "b"), ("scope", "openid")] {
        browser.get(&format!("/sso/authorize?{}&{name}={}", request(&shop, &[]), encode(value))).await;
        assert_eq!(browser.status, StatusCode::BAD_REQUEST, "{name}");
    }
    let auth = basic(&shop.id, &secret);
    let pairs = [("grant_type", "client_credentials"), ("grant_type", "authorization_code")];
    assert_eq!(w.program().post("/sso/token", &[("authorization", &auth)], &pairs).await.error(), "invalid_request");
}

#[tokio::test]
async fn a_token_of_another_client_opens_nothing() {
    let (w, shop, secret, mut browser) = start().await;
    let mut other = super::world::shop();
    other.id = "demo-other".into();
    let other_secret = w.register(&other).await;
    let tokens = w.tokens(&mut browser, &shop, &secret, &[("scope", "openid offline_access")]).await;
    let refresh = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(w.program().renew(&other, &other_secret, refresh).await.error(), "invalid_grant");
    // It was not used up by that, and nothing was revoked.
    assert_eq!(w.program().renew(&shop, &secret, refresh).await.status, StatusCode::OK);
    // A refresh token is no access token, an ID token neither.
    for wrong in [refresh, tokens["id_token"].as_str().unwrap(), "x", ""] {
        assert_eq!(w.program().userinfo(wrong).await.status, StatusCode::UNAUTHORIZED, "{wrong}");
    }
}

fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.", provider::domain::jose::signing_input(header, claims))
}

fn hmac_by(secret: &[u8], header: &Value, claims: &Value) -> String {
    let input = provider::domain::jose::signing_input(header, claims);
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
    format!("{input}.{}", BASE64URL_NOPAD.encode(ring::hmac::sign(&key, input.as_bytes()).as_ref()))
}

/// Rules SSO-JWS, SSO-ASSERTION.
#[tokio::test]
async fn an_assertion_with_a_forged_signature_or_for_somebody_else_is_refused() {
    let w = world().await;
    let (key, thief) = (Key::new(), Key::new());
    let mut client = shop();
    client.auth = Auth::PrivateKey;
    client.jwks = Some(json!({ "keys": [key.jwk()] }));
    w.register(&client).await;
    let now = w.ctx.now().as_second();
    let good = json!({ "iss": client.id, "sub": client.id, "aud": ISSUER, "exp": now + 60, "iat": now, "jti": "0" });
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims["jti"] = json!(name);
        claims[name] = value;
        claims
    };
    let es256 = json!({ "alg": "ES256" });
    let public = key.jwk();
    let raw = public.to_string();
    let mut embedded = es256.clone();
    embedded["jwk"] = thief.jwk();
    let cases = [
        ("alg none", unsigned(&json!({ "alg": "none" }), &good)),
        ("alg None", unsigned(&json!({ "alg": "None" }), &good)),
        ("HMAC with the public key as secret", hmac_by(raw.as_bytes(), &json!({ "alg": "HS256" }), &good)),
        (
            "HMAC with the x of the public key",
            hmac_by(public["x"].as_str().unwrap().as_bytes(), &json!({ "alg": "HS256" }), &good),
        ),
        ("signed by another key", thief.sign(&es256, &good)),
        ("signed by a key of its own header", thief.sign(&embedded, &good)),
        ("said to be EdDSA", key.sign(&json!({ "alg": "EdDSA" }), &good)),
        ("critical header", key.sign(&json!({ "alg": "ES256", "crit": ["exp"] }), &good)),
        ("for another audience", key.sign(&es256, &with("aud", json!("https://evil.example")))),
        ("over", key.sign(&es256, &with("exp", json!(now - 1)))),
        ("for ever", key.sign(&es256, &with("exp", json!(now + 86_400)))),
        ("no end", key.sign(&es256, &with("exp", Value::Null))),
        ("of the future", key.sign(&es256, &with("nbf", json!(now + 3600)))),
        ("another issuer", key.sign(&es256, &with("iss", json!("other")))),
        ("another subject", key.sign(&es256, &with("sub", json!("other")))),
        ("no id", key.sign(&es256, &with("jti", Value::Null))),
    ];
    let send = async |assertion: &str| {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ];
        w.program().post("/sso/token", &[], &pairs).await
    };
    for (name, assertion) in cases {
        let told = send(&assertion).await;
        assert_eq!((told.status, told.error()), (StatusCode::UNAUTHORIZED, "invalid_client"), "{name}");
    }
    assert_eq!(send(&key.sign(&es256, &good)).await.status, StatusCode::OK, "the right one");
}

/// Rules SSO-DPOP, SSO-JWK.
#[tokio::test]
async fn a_forged_proof_of_possession_is_refused() {
    let (w, shop, secret, _) = start().await;
    let (key, thief) = (Key::new(), Key::new());
    let now = w.ctx.now().as_second();
    let claims = |jti: &str| json!({ "htm": "POST", "htu": format!("{ISSUER}/sso/token"), "iat": now, "jti": jti });
    let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk() });
    let with = |name: &str, value: Value| {
        let mut claims = claims(name);
        claims[name] = value;
        claims
    };
    let mut private = key.jwk();
    private["d"] = private["x"].clone();
    let cases = [
        ("alg none", unsigned(&json!({ "typ": "dpop+jwt", "alg": "none", "jwk": key.jwk() }), &claims("a"))),
        (
            "HMAC",
            hmac_by(
                b"k",
                &json!({ "typ": "dpop+jwt", "alg": "HS256", "jwk": {"kty": "oct", "k": "aw"} }),
                &claims("b"),
            ),
        ),
        ("signed by another key", thief.sign(&header, &claims("c"))),
        ("another type", key.sign(&json!({ "typ": "JWT", "alg": "ES256", "jwk": key.jwk() }), &claims("d"))),
        (
            "a private key in the header",
            key.sign(&json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": private }), &claims("e")),
        ),
        ("another method", key.sign(&header, &with("htm", json!("GET")))),
        ("another address", key.sign(&header, &with("htu", json!("https://evil.example/sso/token")))),
        ("too old", key.sign(&header, &with("iat", json!(now - 3600)))),
        ("of the future", key.sign(&header, &with("iat", json!(now + 3600)))),
        ("no id", key.sign(&header, &with("jti", json!("")))),
    ];
    let auth = basic(&shop.id, &secret);
    let send = async |proof: &str| {
        let headers = [("authorization", auth.as_str()), ("dpop", proof)];
        w.program().post("/sso/token", &headers, &[("grant_type", "client_credentials")]).await
    };
    for (name, proof) in cases {
        assert_eq!(send(&proof).await.error(), "invalid_dpop_proof", "{name}");
    }
    let good = key.sign(&header, &claims("z"));
    assert_eq!(send(&good).await.body["token_type"], "DPoP");
    assert_eq!(send(&good).await.error(), "invalid_dpop_proof", "replayed");
}

#[tokio::test]
async fn a_code_bound_to_a_key_is_worth_nothing_with_another() {
    let (w, shop, secret, mut browser) = start().await;
    let (key, thief) = (Key::new(), Key::new());
    let jkt = provider::domain::jose::PublicKey::parse(&key.jwk()).unwrap().thumbprint();
    let code = browser.code(&shop, &[("dpop_jkt", &jkt)]).await;
    let auth = basic(&shop.id, &secret);
    let send = async |proof: Option<String>| {
        let mut headers = vec![("authorization", auth.as_str())];
        headers.extend(proof.as_deref().map(|proof| ("dpop", proof)));
        let pairs = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        w.program().post("/sso/token", &headers, &pairs).await
    };
    assert_eq!(send(None).await.error(), "invalid_grant");
    assert_eq!(send(Some(thief.proof(&w, "POST", "/sso/token", "1", None))).await.error(), "invalid_grant");
    assert_eq!(send(Some(key.proof(&w, "POST", "/sso/token", "2", None))).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_consent_cannot_be_given_by_a_form_of_another_site() {
    let (_w, shop, _, mut browser) = start().await;
    browser.authorize(&shop, &[]).await;
    let action = browser.action();
    let page = browser.body.clone();
    browser.body.clear();
    browser.post(&action, &[("answer", "yes")]).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN, "without the token");
    let token = page.split("name=\"_csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let request = Request::post(&action)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site");
    browser.send(request, format!("_csrf={token}&answer=yes")).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN, "from another site");
    browser.body = page;
    browser.post(&action, &[("answer", "yes")]).await;
    assert!(param(&browser.leads_to(), "code").is_some(), "the person's own form");
}

#[tokio::test]
async fn no_page_of_the_way_can_be_framed_or_carries_a_script_of_its_own() {
    let (_w, shop, _, mut browser) = start().await;
    let mut seen = Vec::new();
    browser.authorize(&shop, &[]).await;
    seen.push(("consent", browser.headers.clone(), browser.body.clone()));
    browser.agree().await;
    seen.push(("back", browser.headers.clone(), browser.body.clone()));
    browser.authorize(&shop, &[("response_mode", "form_post")]).await;
    seen.push(("form_post", browser.headers.clone(), browser.body.clone()));
    browser.get("/uz/sso/device").await;
    seen.push(("device", browser.headers.clone(), browser.body.clone()));
    browser.get("/sso/logout").await;
    browser.follow().await;
    seen.push(("sign out", browser.headers.clone(), browser.body.clone()));
    for (name, headers, body) in seen {
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{name}: {policy}");
        assert!(!policy.contains("unsafe") && policy.contains("script-src 'self'"), "{name}: {policy}");
        assert!(!body.contains("style=") && !body.contains("onload") && !body.contains("<script>"), "{name}");
        assert_eq!(headers["cache-control"], "no-store", "{name}");
    }
}

#[tokio::test]
async fn a_code_is_not_told_to_other_sites_by_the_page_that_leads_back() {
    let (_w, shop, _, mut browser) = start().await;
    browser.authorize(&shop, &[]).await;
    browser.agree().await;
    assert_eq!(browser.headers["referrer-policy"], "no-referrer");
}

#[tokio::test]
async fn a_request_of_one_person_is_not_answered_with_the_consent_of_another() {
    let (w, shop, _, mut browser) = start().await;
    let code = browser.code(&shop, &[]).await;
    assert!(!code.is_empty());
    // Another person has agreed to nothing yet.
    let other = create_person(&w.ctx, &foreign()).await.unwrap();
    let token = identity::service::open_for_person(&w.ctx, other, contracts::Channel::Web).await.unwrap().unwrap();
    browser.cookies.insert("ps".into(), token);
    browser.authorize(&shop, &[("prompt", "none")]).await;
    assert_eq!(param(&browser.location, "error").as_deref(), Some("consent_required"));
}

fn foreign() -> identity::service::NewPerson {
    let mut person = person(PINFL, "FR1234567", "+998900000003");
    person.pinfl = None;
    person.citizenship = "FR".into();
    person.email = None;
    person
}

/// Session fixation: the session that begins by signing in has a new token, and only a new one answers `prompt=login`.
#[tokio::test]
async fn a_planted_session_is_not_taken_over_at_sign_in() {
    let (w, shop, _, _) = start().await;
    let mut browser = Browser::new(&w.router);
    browser.cookies.insert("ps".into(), "planted-planted-planted-planted-planted-xyz".into());
    browser.authorize(&shop, &[]).await;
    browser.post("/uz/sign-in", &[("login", PINFL), ("password", PASSWORD)]).await;
    browser.follow().await;
    w.worker.drain().await.unwrap();
    let code = w.codes.lock().unwrap().last().unwrap().code.clone();
    browser.post("/uz/sign-in/code", &[("code", &code)]).await;
    assert!(!browser.cookies["ps"].starts_with("planted"), "a new token");
    w.wait(60);
    let before = browser.cookies["ps"].clone();
    browser.get(&format!("/sso/authorize?{}", request(&shop, &[("prompt", "login")]))).await;
    assert!(browser.location.ends_with("&again=1"), "{}", browser.location);
    let next = param(&browser.location, "next").unwrap();
    // Going on without signing in leads back to signing in.
    browser.get(&format!("/uz{next}")).await;
    assert!(browser.location.ends_with("&again=1"), "{}", browser.location);
    assert_eq!(browser.cookies["ps"], before);
}

#[tokio::test]
async fn a_client_that_is_switched_off_can_do_nothing_and_its_tokens_open_nothing() {
    let (w, shop, secret, mut browser) = start().await;
    let tokens = w.tokens(&mut browser, &shop, &secret, &[("scope", "openid offline_access")]).await;
    let waiting = browser.code(&shop, &[]).await;
    provider::service::clients::set_active(&w.ctx, &shop.id, false, &w.registrar()).await.unwrap();
    assert_eq!(w.program().userinfo(tokens["access_token"].as_str().unwrap()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        w.program().renew(&shop, &secret, tokens["refresh_token"].as_str().unwrap()).await.error(),
        "invalid_client"
    );
    assert_eq!(w.program().redeem(&shop, &secret, &waiting, &[]).await.error(), "invalid_client");
    browser.authorize(&shop, &[]).await;
    assert_eq!(browser.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn hostile_input_is_refused_and_nothing_breaks() {
    let (w, shop, secret, mut browser) = start().await;
    let long = "a".repeat(20_000);
    let auth = basic(&shop.id, &secret);
    for value in ["\u{0}", "\u{202e}", "'; drop table provider_tokens; --", long.as_str(), "{}", "🙂"] {
        for name in [
            "client_id",
            "scope",
            "state",
            "nonce",
            "claims",
            "prompt",
            "max_age",
            "id_token_hint",
            "request_uri",
            "acr_values",
        ] {
            browser.get(&format!("/sso/authorize?{}", request(&shop, &[(name, value)]))).await;
            assert!(browser.status.as_u16() < 500, "{name} {}", browser.status);
        }
        for path in ["/sso/token", "/sso/introspect", "/sso/revoke", "/sso/par", "/sso/device/code", "/sso/userinfo"] {
            let pairs = [("grant_type", value), ("token", value), ("code", value), ("client_assertion", value)];
            let told = w.program().post(path, &[("authorization", &auth)], &pairs).await;
            assert!(told.status.as_u16() < 500, "{path} {}", told.status);
        }
        browser.get(&format!("/uz/sso/continue/{}", encode(value))).await;
        assert!(browser.status.as_u16() < 500);
    }
    for header in ["Basic", "Basic !!!", "Basic OjpA", "Bearer", "Bearer  ", "DPoP x", "Digest x"] {
        let told =
            w.program().post("/sso/token", &[("authorization", header)], &[("grant_type", "client_credentials")]).await;
        assert_eq!(told.error(), "invalid_client", "{header}");
        assert!(
            w.program().get("/sso/userinfo", &[("authorization", header)]).await.status == StatusCode::UNAUTHORIZED,
            "{header}"
        );
    }
    let json = Request::post("/sso/token").header(header::CONTENT_TYPE, "application/json").body("{}".into()).unwrap();
    assert_eq!(w.program().send(json).await.error(), "invalid_request");
}
