//! The ordinary ways, on both databases.

use axum::http::StatusCode;
use provider::domain::client::Auth;
use provider::domain::jose::Alg;
use serde_json::json;
use storage::testing::each_backend;

use super::world::*;

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each_backend(&migrations(), |db| async move {
        assert_eq!(storage::testing::prepare_all(&db).await, Vec::<String>::new());
    })
    .await;
}

/// Rules SSO-CODE, SSO-ID-TOKEN, SSO-USERINFO, SSO-CONSENT.
#[tokio::test]
async fn a_person_signs_in_at_a_shop_and_it_learns_what_they_agreed_to() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        let shop = shop();
        let secret = w.register(&shop).await;
        let mut browser = w.browser().await;
        browser.authorize(&shop, &[("scope", "openid profile email phone")]).await;
        assert!(browser.body.contains("Buyurtmani rasmiylashtirish uchun"), "{}", browser.body);
        // The person gives the name and not the phone.
        let action = browser.action();
        browser.post(&action, &[("claim", "name"), ("claim", "email"), ("answer", "yes")]).await;
        let back = browser.leads_to();
        assert!(back.starts_with(BACK), "{back}");
        assert_eq!(param(&back, "state").as_deref(), Some("st"));
        assert_eq!(param(&back, "iss").as_deref(), Some(ISSUER));
        let code = param(&back, "code").unwrap();
        let told = w.program().redeem(&shop, &secret, &code, &[]).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.body);
        assert_eq!(told.headers["cache-control"], "no-store");
        let id = claims(told.body["id_token"].as_str().unwrap());
        assert_eq!(
            (id["aud"].as_str(), id["nonce"].as_str(), id["iss"].as_str()),
            (Some("demo-shop"), Some("no"), Some(ISSUER))
        );
        assert_eq!(id["acr"], "urn:peshtoq:acr:otp");
        assert_eq!(id["amr"], json!(["pwd", "sms", "mfa"]));
        assert!(id["auth_time"].is_i64() && id["sid"].is_string() && id["at_hash"].is_string());
        for personal in ["name", "email", "phone_number", "pinfl"] {
            assert!(id.get(personal).is_none(), "an ID token says who by a name of its own and no more: {personal}");
        }
        let info = w.program().userinfo(told.body["access_token"].as_str().unwrap()).await;
        assert_eq!(info.body["sub"], id["sub"]);
        assert_eq!(info.body["name"], "Karimova Dilnoza Rustam qizi");
        assert_eq!(info.body["email"], "dilnoza@namuna.example");
        assert_eq!(info.body["email_verified"], false);
        for refused in ["phone_number", "phone_number_verified", "birthdate", "gender"] {
            assert!(info.body.get(refused).is_none(), "{refused} was not given");
        }
        // The same question is not asked twice, also for what was refused.
        browser.authorize(&shop, &[("scope", "openid profile email phone")]).await;
        assert!(param(&browser.location, "code").is_some(), "{} {}", browser.location, browser.body);
        // More is asked for.
        browser.authorize(&shop, &[("scope", "openid pinfl")]).await;
        assert_eq!(browser.status, StatusCode::OK);
        assert!(browser.action().contains("/sso/consent/"));
    })
    .await;
}

#[tokio::test]
async fn whoever_is_not_signed_in_signs_in_at_the_portal_and_comes_back_to_the_question() {
    let w = world().await;
    let shop = shop();
    w.register(&shop).await;
    let mut browser = Browser::new(&w.router);
    browser.get(&format!("/sso/authorize?{}", request(&shop, &[("ui_locales", "ru")]))).await;
    assert!(browser.location.starts_with("/ru/sign-in?next=%2Fsso%2Fcontinue%2F"), "{}", browser.location);
    let next = param(&browser.location, "next").unwrap();
    browser.follow().await;
    browser.post("/ru/sign-in", &[("login", PINFL), ("password", PASSWORD), ("next", &next)]).await;
    browser.follow().await;
    w.worker.drain().await.unwrap();
    let code = w.codes.lock().unwrap().last().unwrap().code.clone();
    browser.post("/ru/sign-in/code", &[("code", &code), ("next", &next)]).await;
    assert_eq!(browser.location, format!("/ru{next}"));
    browser.follow().await;
    assert!(browser.action().contains("/ru/sso/consent/"), "{}", browser.body);
    browser.agree().await;
    assert!(param(&browser.leads_to(), "code").is_some());
    let policy = browser.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{policy}");
}

#[tokio::test]
async fn whoever_says_no_is_sent_back_with_that_word_and_the_request_is_over() {
    let w = world().await;
    let shop = shop();
    w.register(&shop).await;
    let mut browser = w.browser().await;
    browser.authorize(&shop, &[]).await;
    let action = browser.action();
    let page = browser.body.clone();
    browser.post(&action, &[("answer", "no")]).await;
    assert_eq!(param(&browser.leads_to(), "error").as_deref(), Some("access_denied"));
    assert_eq!(param(&browser.leads_to(), "state").as_deref(), Some("st"));
    browser.body = page;
    browser.post(&action, &[("answer", "yes")]).await;
    assert_eq!(browser.status, StatusCode::GONE, "answered once");
}

/// Rule SSO-REFRESH.
#[tokio::test]
async fn access_is_renewed_while_the_person_is_away_and_each_refresh_token_works_once() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        let shop = shop();
        let secret = w.register(&shop).await;
        let mut browser = w.browser().await;
        let first = w.tokens(&mut browser, &shop, &secret, &[("scope", "openid profile offline_access")]).await;
        let refresh = first["refresh_token"].as_str().unwrap();
        w.wait(3600);
        let second = w.program().renew(&shop, &secret, refresh).await;
        assert_eq!(second.status, StatusCode::OK, "{}", second.body);
        let (old, new) =
            (claims(first["id_token"].as_str().unwrap()), claims(second.body["id_token"].as_str().unwrap()));
        assert_eq!((&old["sub"], &old["auth_time"]), (&new["sub"], &new["auth_time"]));
        assert!(new.get("nonce").is_none());
        let access = second.body["access_token"].as_str().unwrap();
        assert_eq!(w.program().userinfo(access).await.status, StatusCode::OK);
        // Without the scope there is none.
        let plain = w.tokens(&mut browser, &shop, &secret, &[]).await;
        assert!(plain.get("refresh_token").is_none());
        // It comes again: somebody has stolen it. Everything of the sign-in ends, also what the other one got.
        let again = w.program().renew(&shop, &secret, refresh).await;
        assert_eq!((again.status, again.error()), (StatusCode::BAD_REQUEST, "invalid_grant"));
        assert_eq!(w.program().userinfo(access).await.status, StatusCode::UNAUTHORIZED);
        let newest = second.body["refresh_token"].as_str().unwrap();
        assert_eq!(w.program().renew(&shop, &secret, newest).await.error(), "invalid_grant");
        browser.get("/uz/cabinet/access").await;
        assert!(browser.body.contains("ikki marta ishlatildi"), "the person sees it");
    })
    .await;
}

#[tokio::test]
async fn a_narrower_scope_may_be_asked_for_at_renewal_and_a_wider_one_may_not() {
    let w = world().await;
    let shop = shop();
    let secret = w.register(&shop).await;
    let mut browser = w.browser().await;
    let first = w.tokens(&mut browser, &shop, &secret, &[("scope", "openid email offline_access")]).await;
    let ask = async |refresh: &str, scope: &str| {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh), ("scope", scope)];
        w.program().post("/sso/token", &[("authorization", &basic(&shop.id, &secret))], &pairs).await
    };
    let refresh = first["refresh_token"].as_str().unwrap();
    assert_eq!(ask(refresh, "openid pinfl").await.error(), "invalid_scope");
    let narrow = ask(refresh, "openid").await;
    assert_eq!(narrow.body["scope"], "openid");
    let info = w.program().userinfo(narrow.body["access_token"].as_str().unwrap()).await;
    assert!(info.body.get("email").is_none(), "{}", info.body);
    let wide = ask(narrow.body["refresh_token"].as_str().unwrap(), "openid email").await;
    assert_eq!(wide.status, StatusCode::OK, "the refresh token keeps what was granted: {}", wide.body);
}

/// Rules SSO-INTROSPECT, SSO-REVOKE.
#[tokio::test]
async fn a_client_asks_about_its_tokens_ends_them_and_learns_nothing_of_others() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        let shop = shop();
        let secret = w.register(&shop).await;
        let mut other = super::world::shop();
        other.id = "demo-other".into();
        let other_secret = w.register(&other).await;
        let mut browser = w.browser().await;
        let tokens = w.tokens(&mut browser, &shop, &secret, &[("scope", "openid offline_access")]).await;
        let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
        let ask = async |id: &str, secret: &str, path: &str, token: &str| {
            w.program().post(path, &[("authorization", &basic(id, secret))], &[("token", token)]).await
        };
        let own = ask(&shop.id, &secret, "/sso/introspect", access).await;
        assert_eq!(own.body["active"], true);
        assert_eq!(own.body["sub"], claims(tokens["id_token"].as_str().unwrap())["sub"]);
        assert_eq!(ask(&other.id, &other_secret, "/sso/introspect", access).await.body, json!({"active": false}));
        assert_eq!(ask(&other.id, &other_secret, "/sso/revoke", refresh).await.status, StatusCode::OK);
        assert_eq!(w.program().userinfo(access).await.status, StatusCode::OK, "another cannot end it");
        assert_eq!(ask(&shop.id, &secret, "/sso/revoke", "unknown").await.status, StatusCode::OK);
        assert_eq!(ask(&shop.id, &secret, "/sso/revoke", refresh).await.status, StatusCode::OK);
        assert_eq!(w.program().userinfo(access).await.status, StatusCode::UNAUTHORIZED, "all of the sign-in ends");
        assert_eq!(w.program().renew(&shop, &secret, refresh).await.error(), "invalid_grant");
        assert_eq!(ask(&shop.id, &secret, "/sso/introspect", access).await.body, json!({"active": false}));
        assert_eq!(ask(&shop.id, "wrong", "/sso/introspect", access).await.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

#[tokio::test]
async fn a_client_gets_a_token_for_itself_which_is_about_nobody() {
    let w = world().await;
    let shop = shop();
    let secret = w.register(&shop).await;
    let auth = basic(&shop.id, &secret);
    let told =
        w.program().post("/sso/token", &[("authorization", &auth)], &[("grant_type", "client_credentials")]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    assert!(told.body.get("id_token").is_none() && told.body.get("refresh_token").is_none());
    let access = told.body["access_token"].as_str().unwrap();
    assert_eq!(w.program().userinfo(access).await.error(), "insufficient_scope");
    let about = w.program().post("/sso/introspect", &[("authorization", &auth)], &[("token", access)]).await;
    assert!(about.body["active"] == true && about.body.get("sub").is_none());
}

#[tokio::test]
async fn clients_prove_themselves_by_the_way_that_they_registered() {
    let w = world().await;
    let key = Key::new();
    let mut signing = shop();
    signing.id = "demo-signing".into();
    signing.auth = Auth::PrivateKey;
    signing.jwks = Some(json!({ "keys": [key.jwk()] }));
    w.register(&signing).await;
    let mut posting = shop();
    posting.id = "demo-posting".into();
    posting.auth = Auth::Post;
    let secret = w.register(&posting).await;
    let mut public = shop();
    public.id = "demo-public".into();
    public.auth = Auth::None;
    public.grants.retain(|grant| *grant != provider::domain::client::Grant::Credentials);
    w.register(&public).await;
    let mut browser = w.browser().await;

    let now = w.ctx.now().as_second();
    let assertion = key.sign(
        &json!({"alg": "ES256"}),
        &json!({"iss": signing.id, "sub": signing.id, "aud": ISSUER, "exp": now + 60, "iat": now, "jti": "1"}),
    );
    let code = browser.code(&signing, &[]).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", assertion.as_str()),
    ];
    assert_eq!(w.program().post("/sso/token", &[], &pairs).await.status, StatusCode::OK);
    assert_eq!(w.program().post("/sso/token", &[], &pairs).await.error(), "invalid_client", "an assertion works once");

    let code = browser.code(&posting, &[]).await;
    assert_eq!(
        w.program().redeem(&posting, &secret, &code, &[]).await.error(),
        "invalid_client",
        "registered for the form"
    );
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
        ("client_id", posting.id.as_str()),
        ("client_secret", secret.as_str()),
    ];
    assert_eq!(w.program().post("/sso/token", &[], &pairs).await.status, StatusCode::OK);

    let code = browser.code(&public, &[]).await;
    assert_eq!(w.program().redeem(&public, "", &code, &[]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn requests_are_pushed_and_taken_up_once_and_only_by_their_client() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        let mut shop = shop();
        shop.require_par = true;
        let secret = w.register(&shop).await;
        let mut browser = w.browser().await;
        browser.authorize(&shop, &[]).await;
        assert_eq!(browser.status, StatusCode::BAD_REQUEST, "this client must push");
        let body = request(&shop, &[]);
        let pairs: Vec<(String, String)> = web::posted::read_urlencoded(body.as_bytes()).unwrap();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let auth = basic(&shop.id, &secret);
        let pushed = w.program().post("/sso/par", &[("authorization", &auth)], &pairs).await;
        assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
        let uri = pushed.body["request_uri"].as_str().unwrap();
        let path = format!("/sso/authorize?client_id={}&request_uri={}", shop.id, encode(uri));
        browser.get(&path).await;
        browser.follow().await;
        browser.agree().await;
        let code = param(&browser.leads_to(), "code").unwrap();
        assert_eq!(w.program().redeem(&shop, &secret, &code, &[]).await.status, StatusCode::OK);
        browser.get(&path).await;
        assert_eq!(browser.status, StatusCode::BAD_REQUEST, "taken up once");
        let again = w.program().post("/sso/par", &[("authorization", &auth)], &pairs).await;
        let uri = again.body["request_uri"].as_str().unwrap().to_owned();
        let mut other = super::world::shop();
        other.id = "demo-other".into();
        w.register(&other).await;
        browser.get(&format!("/sso/authorize?client_id={}&request_uri={}", other.id, encode(&uri))).await;
        assert_eq!(browser.status, StatusCode::BAD_REQUEST, "of another client");
        w.wait(120);
        browser.get(&format!("/sso/authorize?client_id={}&request_uri={}", shop.id, encode(&uri))).await;
        assert_eq!(browser.status, StatusCode::BAD_REQUEST, "too late");
        let wrong = w.program().post("/sso/par", &[("authorization", &auth)], &[("response_type", "code")]).await;
        assert_eq!(wrong.error(), "invalid_request");
    })
    .await;
}

/// Rule SSO-DPOP.
#[tokio::test]
async fn tokens_bound_to_a_key_work_with_its_proof_only() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        let mut shop = shop();
        shop.require_dpop = true;
        let secret = w.register(&shop).await;
        let (key, thief) = (Key::new(), Key::new());
        let mut browser = w.browser().await;
        let auth = basic(&shop.id, &secret);
        let redeem = async |code: &str, proof: Option<&str>| {
            let mut headers = vec![("authorization", auth.as_str())];
            headers.extend(proof.map(|proof| ("dpop", proof)));
            let pairs = [
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", BACK),
                ("code_verifier", VERIFIER),
            ];
            w.program().post("/sso/token", &headers, &pairs).await
        };
        let code = browser.code(&shop, &[("scope", "openid offline_access")]).await;
        assert_eq!(redeem(&code, None).await.error(), "invalid_dpop_proof");
        let told = redeem(&code, Some(&key.proof(&w, "POST", "/sso/token", "1", None))).await;
        assert_eq!((told.status, told.body["token_type"].as_str()), (StatusCode::OK, Some("DPoP")), "{}", told.body);
        let access = told.body["access_token"].as_str().unwrap();
        let get = async |scheme: &str, proof: Option<String>| {
            let given = format!("{scheme} {access}");
            let mut headers = vec![("authorization", given.as_str())];
            headers.extend(proof.as_deref().map(|proof| ("dpop", proof)));
            w.program().get("/sso/userinfo", &headers).await.status
        };
        let proof = |key: &Key, jti, token| Some(key.proof(&w, "GET", "/sso/userinfo", jti, token));
        assert_eq!(get("DPoP", proof(&key, "2", Some(access))).await, StatusCode::OK);
        assert_eq!(get("DPoP", proof(&key, "2", Some(access))).await, StatusCode::UNAUTHORIZED, "a proof works once");
        assert_eq!(get("DPoP", proof(&key, "3", None)).await, StatusCode::UNAUTHORIZED, "without the token's hash");
        assert_eq!(get("DPoP", proof(&key, "4", Some("other"))).await, StatusCode::UNAUTHORIZED, "of another token");
        assert_eq!(get("DPoP", proof(&thief, "5", Some(access))).await, StatusCode::UNAUTHORIZED, "of another key");
        assert_eq!(get("DPoP", None).await, StatusCode::UNAUTHORIZED);
        assert_eq!(get("Bearer", None).await, StatusCode::UNAUTHORIZED, "not as a bearer token");
        let refresh = told.body["refresh_token"].as_str().unwrap();
        let renew = async |proof: &str| {
            let pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
            w.program().post("/sso/token", &[("authorization", &auth), ("dpop", proof)], &pairs).await
        };
        assert_eq!(renew(&thief.proof(&w, "POST", "/sso/token", "6", None)).await.error(), "invalid_dpop_proof");
        assert_eq!(renew(&key.proof(&w, "POST", "/sso/token", "7", None)).await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test]
async fn an_id_token_is_signed_as_the_client_registered() {
    let w = world().await;
    let mut shop = shop();
    shop.id_token_alg = Alg::EdDsa;
    let secret = w.register(&shop).await;
    let mut browser = w.browser().await;
    let tokens = w.tokens(&mut browser, &shop, &secret, &[]).await;
    let token = tokens["id_token"].as_str().unwrap();
    let parsed = provider::domain::jose::parse(token).unwrap();
    assert_eq!(parsed.header["alg"], "EdDSA");
    let jwks = w.program().get("/sso/jwks", &[]).await.body;
    assert!(parsed.verified_by(&provider::domain::jose::key_set(&jwks)).is_some());
}

/// Rule SSO-TAKE-BACK.
#[tokio::test]
async fn a_person_takes_a_consent_back_and_everything_of_the_client_ends() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        let shop = shop();
        let secret = w.register(&shop).await;
        let mut browser = w.browser().await;
        let tokens = w.tokens(&mut browser, &shop, &secret, &[("scope", "openid email offline_access")]).await;
        let waiting = browser.code(&shop, &[]).await;
        browser.get("/uz/cabinet/security/consents").await;
        assert!(browser.body.contains("Namuna do‘kon") && browser.body.contains("Elektron pochta"), "{}", browser.body);
        browser.post("/uz/cabinet/security/consents/take-back", &[("client", "demo-shop")]).await;
        assert_eq!(browser.location, "/uz/cabinet/security/consents?done=taken-back");
        assert_eq!(
            w.program().userinfo(tokens["access_token"].as_str().unwrap()).await.status,
            StatusCode::UNAUTHORIZED
        );
        assert_eq!(
            w.program().renew(&shop, &secret, tokens["refresh_token"].as_str().unwrap()).await.error(),
            "invalid_grant"
        );
        assert_eq!(w.program().redeem(&shop, &secret, &waiting, &[]).await.error(), "invalid_grant");
        browser.authorize(&shop, &[("prompt", "none")]).await;
        assert_eq!(param(&browser.location, "error").as_deref(), Some("consent_required"));
    })
    .await;
}
