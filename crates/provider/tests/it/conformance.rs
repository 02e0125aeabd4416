//! Conditions of the OpenID conformance suite for providers (profiles Basic, Config, Form Post, RP-initiated and back-channel
//! logout), ported: each has the suite's own name and is told by it when it fails. Conditions of flows that we do not have
//! (implicit, hybrid, request objects, dynamic registration) are left out; PKCE is always on.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use provider::domain::client::Client;
use provider::domain::jose;
use serde_json::{Value, json};

use super::world::*;

struct Suite {
    w: World,
    client: Client,
    secret: String,
    failed: Vec<String>,
    names: BTreeSet<String>,
}

impl Suite {
    async fn new() -> Self {
        let w = world().await;
        let client = shop();
        let secret = w.register(&client).await;
        Self { w, client, secret, failed: Vec::new(), names: BTreeSet::new() }
    }

    fn holds(&mut self, name: &str, holds: bool) {
        assert!(self.names.insert(name.to_owned()), "{name} is named twice");
        if !holds {
            self.failed.push(name.to_owned());
        }
    }

    fn done(self, least: usize) {
        assert!(self.failed.is_empty(), "conditions that do not hold: {:#?}", self.failed);
        assert!(self.names.len() >= least, "{} conditions", self.names.len());
    }
}

#[tokio::test]
async fn config_profile() {
    let mut s = Suite::new().await;
    let told = s.w.program().get("/.well-known/openid-configuration", &[]).await;
    let doc = told.body.clone();
    let has = |name: &str, value: &str| doc[name].as_array().is_some_and(|all| all.iter().any(|one| one == value));
    let under = |name: &str| doc[name].as_str().is_some_and(|url| url.starts_with(ISSUER) && !url.contains('#'));
    s.holds("EnsureDiscoveryEndpointResponseStatusCodeIs200", told.status == StatusCode::OK);
    s.holds(
        "EnsureDiscoveryEndpointResponseContentTypeIsJson",
        told.headers["content-type"].to_str().unwrap().starts_with("application/json"),
    );
    s.holds("CheckDiscEndpointDiscoveryUrl", doc["issuer"] == ISSUER);
    s.holds("CheckDiscEndpointIssuer", doc["issuer"].as_str().is_some_and(|issuer| !issuer.contains(['?', '#'])));
    s.holds("CheckDiscEndpointAuthorizationEndpoint", under("authorization_endpoint"));
    s.holds("CheckDiscEndpointTokenEndpoint", under("token_endpoint"));
    s.holds("CheckDiscEndpointUserinfoEndpoint", under("userinfo_endpoint"));
    s.holds("CheckJwksUri", under("jwks_uri"));
    s.holds("OIDCCCheckDiscEndpointResponseTypesSupported", doc["response_types_supported"] == json!(["code"]));
    s.holds(
        "OIDCCCheckDiscEndpointSubjectTypesSupported",
        has("subject_types_supported", "pairwise") && has("subject_types_supported", "public"),
    );
    s.holds(
        "OIDCCCheckDiscEndpointIdTokenSigningAlgValuesSupported",
        has("id_token_signing_alg_values_supported", "ES256"),
    );
    s.holds("CheckDiscEndpointIdTokenSigningAlgNone", !has("id_token_signing_alg_values_supported", "none"));
    s.holds("CheckDiscEndpointScopesSupportedContainsOpenId", has("scopes_supported", "openid"));
    s.holds("CheckDiscEndpointClaimsSupported", has("claims_supported", "sub") && has("claims_supported", "name"));
    s.holds(
        "CheckDiscEndpointGrantTypesSupportedContainsAuthorizationCode",
        has("grant_types_supported", "authorization_code"),
    );
    s.holds(
        "CheckDiscEndpointGrantTypesSupportedDoesNotContainImplicitOrPassword",
        !has("grant_types_supported", "implicit") && !has("grant_types_supported", "password"),
    );
    s.holds(
        "CheckDiscEndpointCodeChallengeMethodsSupportedIsS256",
        doc["code_challenge_methods_supported"] == json!(["S256"]),
    );
    s.holds("OIDCCCheckDiscEndpointClaimsParameterSupported", doc["claims_parameter_supported"] == true);
    s.holds("OIDCCCheckDiscEndpointRequestParameterSupported", doc["request_parameter_supported"] == false);
    s.holds("OIDCCCheckDiscEndpointRequestUriParameterSupported", doc["request_uri_parameter_supported"] == false);
    s.holds("CheckDiscEndpointResponseModesSupportedContainsFormPost", has("response_modes_supported", "form_post"));
    s.holds("CheckDiscEndpointAcrValuesSupported", has("acr_values_supported", "urn:peshtoq:acr:otp"));
    s.holds(
        "CheckDiscAuthorizationResponseIssParameterSupported",
        doc["authorization_response_iss_parameter_supported"] == true,
    );
    s.holds("CheckDiscEndSessionEndpoint", under("end_session_endpoint"));
    s.holds(
        "CheckDiscBackchannelLogoutSupported",
        doc["backchannel_logout_supported"] == true && doc["backchannel_logout_session_supported"] == true,
    );
    let same = s.w.program().get("/.well-known/oauth-authorization-server", &[]).await;
    s.holds("CheckOAuthServerMetadataIsTheSame", same.body == doc);
    let jwks = s.w.program().get("/sso/jwks", &[]).await;
    let keys = jwks.body["keys"].as_array().cloned().unwrap_or_default();
    s.holds(
        "CheckJwksEndpointReturnedJsonContentType",
        jwks.headers["content-type"].to_str().unwrap().contains("json"),
    );
    s.holds("ValidateServerJWKs", !keys.is_empty() && jose::key_set(&jwks.body).len() == keys.len());
    s.holds("CheckForKeyIdInServerJWKs", keys.iter().all(|key| key["kid"].is_string()));
    s.holds(
        "CheckDistinctKeyIdValueInServerJWKs",
        keys.iter().map(|key| key["kid"].to_string()).collect::<BTreeSet<_>>().len() == keys.len(),
    );
    s.holds(
        "EnsureServerJwksDoesNotContainPrivateOrSymmetricKeys",
        keys.iter().all(|key| key.get("d").is_none() && key.get("k").is_none()),
    );
    s.holds("EnsureServerJwksUseIsSig", keys.iter().all(|key| key["use"] == "sig"));
    s.holds(
        "CheckCORSHeadersPresent",
        told.headers["access-control-allow-origin"] == "*" && jwks.headers["access-control-allow-origin"] == "*",
    );
    s.done(33);
}

#[tokio::test]
async fn basic_profile() {
    let mut s = Suite::new().await;
    let (client, secret) = (s.client.clone(), s.secret.clone());
    let mut browser = s.w.browser().await;
    let now = s.w.ctx.now().as_second();

    // oidcc-server
    let code = browser.code(&client, &[]).await;
    let back = browser.leads_to();
    s.holds("CheckStateInAuthorizationResponse", param(&back, "state").as_deref() == Some("st"));
    s.holds("ValidateIssInAuthorizationResponse", param(&back, "iss").as_deref() == Some(ISSUER));
    s.holds("EnsureMinimumAuthorizationCodeLength", code.len() >= 43);
    let told = s.w.program().redeem(&client, &secret, &code, &[]).await;
    s.holds("CheckIfTokenEndpointResponseError", told.status == StatusCode::OK);
    s.holds(
        "CheckTokenEndpointCacheHeaders",
        told.headers["cache-control"] == "no-store" && told.headers["pragma"] == "no-cache",
    );
    s.holds("CheckForAccessTokenValue", told.body["access_token"].is_string());
    s.holds(
        "ExtractExpiresInFromTokenEndpointResponse",
        told.body["expires_in"].as_i64().is_some_and(|seconds| seconds > 0),
    );
    s.holds("CheckTokenTypeIsBearer", told.body["token_type"] == "Bearer");
    let access = told.body["access_token"].as_str().unwrap_or_default().to_owned();
    let token = told.body["id_token"].as_str().unwrap_or_default().to_owned();
    let id = claims(&token);
    let parsed = jose::parse(&token).unwrap();
    let jwks = s.w.program().get("/sso/jwks", &[]).await.body;
    s.holds("ExtractIdTokenFromTokenResponse", !token.is_empty());
    s.holds("ValidateIdTokenIss", id["iss"] == ISSUER);
    s.holds("ValidateIdTokenAud", id["aud"] == "demo-shop");
    s.holds("ValidateIdTokenExp", id["exp"].as_i64().is_some_and(|exp| exp > now && exp < now + 3600));
    s.holds("ValidateIdTokenIat", id["iat"].as_i64().is_some_and(|iat| (iat - now).abs() <= 60));
    s.holds("ValidateIdTokenNonce", id["nonce"] == "no");
    s.holds(
        "ValidateIdTokenSub",
        id["sub"].as_str().is_some_and(|sub| (1..=255).contains(&sub.len()) && sub.is_ascii()),
    );
    s.holds("ValidateIdTokenACRClaimAgainstServer", id["acr"] == "urn:peshtoq:acr:otp");
    s.holds("CheckForSubjectInIdToken", id["sub"].is_string());
    s.holds("ValidateIdTokenSignature", parsed.verified_by(&jose::key_set(&jwks)).is_some());
    s.holds("EnsureIdTokenContainsKid", parsed.header["kid"].is_string());
    s.holds(
        "ValidateIdTokenSignatureUsingKid",
        jwks["keys"].as_array().unwrap().iter().any(|key| key["kid"] == parsed.header["kid"]),
    );
    s.holds("ValidateAtHash", id["at_hash"] == jose::half_hash(jose::Alg::Es256, &access));
    s.holds(
        "EnsureIdTokenDoesNotContainUnrequestedPersonalClaims",
        ["name", "email", "phone_number"].iter().all(|claim| id.get(*claim).is_none()),
    );

    // oidcc-userinfo-get, -post-header, -post-body, -rs-bearer
    let get = s.w.program().userinfo(&access).await;
    s.holds("oidcc-userinfo-get", get.status == StatusCode::OK && get.body["sub"] == id["sub"]);
    let bearer = format!("Bearer {access}");
    let header = s.w.program().post("/sso/userinfo", &[("authorization", &bearer)], &[]).await;
    s.holds("oidcc-userinfo-post-header", header.body == get.body);
    let body = s.w.program().post("/sso/userinfo", &[], &[("access_token", &access)]).await;
    s.holds("oidcc-userinfo-post-body", body.body == get.body);
    s.holds("EnsureUserInfoContainsSub", get.body["sub"].is_string());
    s.holds("VerifyScopesReturnedInUserInfoClaims", get.body["name"].is_string() && get.body["email"].is_string());
    let none = s.w.program().get("/sso/userinfo", &[]).await;
    s.holds(
        "CallProtectedResourceWithoutToken",
        none.status == StatusCode::UNAUTHORIZED
            && none.headers["www-authenticate"].to_str().unwrap().starts_with("Bearer"),
    );
    let wrong = s.w.program().userinfo(&"x".repeat(43)).await;
    s.holds(
        "CallProtectedResourceWithInvalidToken",
        wrong.status == StatusCode::UNAUTHORIZED
            && wrong.headers["www-authenticate"].to_str().unwrap().contains("invalid_token"),
    );

    // oidcc-scope-*
    for (scope, claim) in [("profile", "name"), ("email", "email"), ("phone", "phone_number"), ("address", "address")] {
        let asked = format!("openid {scope}");
        let tokens = s.w.tokens(&mut browser, &client, &secret, &[("scope", &asked)]).await;
        let info = s.w.program().userinfo(tokens["access_token"].as_str().unwrap()).await.body;
        let only = [("profile", "name"), ("email", "email"), ("phone", "phone_number"), ("address", "address")]
            .iter()
            .all(|(other, claim)| *other == scope || info.get(*claim).is_none());
        s.holds(&format!("oidcc-scope-{scope}"), info.get(claim).is_some_and(|value| !value.is_null()) && only);
    }
    let tokens = s.w.tokens(&mut browser, &client, &secret, &[("scope", "openid profile email phone address")]).await;
    let info = s.w.program().userinfo(tokens["access_token"].as_str().unwrap()).await.body;
    s.holds(
        "oidcc-scope-all",
        ["name", "email", "phone_number", "address"].iter().all(|claim| info.get(*claim).is_some()),
    );

    // oidcc-prompt-*
    browser.authorize(&client, &[("prompt", "none")]).await;
    s.holds("oidcc-prompt-none-logged-in", param(&browser.location, "code").is_some());
    let mut nobody = Browser::new(&s.w.router);
    nobody.authorize(&client, &[("prompt", "none")]).await;
    let error = param(&nobody.location, "error");
    s.holds(
        "oidcc-prompt-none-not-logged-in",
        error.as_deref() == Some("login_required") && param(&nobody.location, "state").as_deref() == Some("st"),
    );
    s.w.wait(10);
    browser.get(&format!("/sso/authorize?{}", request(&client, &[("prompt", "login")]))).await;
    s.holds("oidcc-prompt-login", browser.location.contains("/sign-in?") && browser.location.contains("again=1"));

    // oidcc-max-age-1, -10000
    browser.get(&format!("/sso/authorize?{}", request(&client, &[("max_age", "1")]))).await;
    s.holds("oidcc-max-age-1", browser.location.contains("/sign-in?") && browser.location.contains("again=1"));
    let first = s.w.tokens(&mut browser, &client, &secret, &[("max_age", "10000")]).await;
    let second = s.w.tokens(&mut browser, &client, &secret, &[("max_age", "10000")]).await;
    let time = |tokens: &Value| claims(tokens["id_token"].as_str().unwrap())["auth_time"].clone();
    s.holds("oidcc-max-age-10000", time(&first).is_i64() && time(&first) == time(&second));
    browser.authorize(&client, &[("max_age", "0"), ("prompt", "none")]).await;
    s.holds("max-age-0-prompt-none", param(&browser.location, "error").as_deref() == Some("login_required"));

    // oidcc-id-token-hint
    browser.authorize(&client, &[("prompt", "none"), ("id_token_hint", &token)]).await;
    let code = param(&browser.location, "code").unwrap_or_default();
    let hinted = s.w.program().redeem(&client, &secret, &code, &[]).await;
    s.holds("oidcc-id-token-hint", claims(hinted.body["id_token"].as_str().unwrap())["sub"] == id["sub"]);
    browser.authorize(&client, &[("prompt", "none"), ("id_token_hint", "forged.token.x")]).await;
    s.holds("id-token-hint-forged", param(&browser.location, "error").as_deref() == Some("invalid_request"));
    browser
        .authorize(&client, &[("prompt", "none"), ("claims", r#"{"id_token":{"sub":{"value":"somebody-else"}}}"#)])
        .await;
    s.holds("claims-sub-value-of-another", param(&browser.location, "error").as_deref() == Some("login_required"));

    // oidcc-login-hint, -ui-locales, -claims-locales, -display-*, -acr-values: must not break
    for (name, value) in [
        ("login_hint", "dilnoza@namuna.example"),
        ("ui_locales", "se"),
        ("claims_locales", "se"),
        ("display", "page"),
        ("display", "popup"),
        ("acr_values", "1 2"),
        ("extra", "foobar"),
    ] {
        browser.authorize(&client, &[("prompt", "none"), (name, value)]).await;
        let condition = format!("oidcc-{}-{value}", name.replace('_', "-"));
        s.holds(&condition, param(&browser.location, "code").is_some());
    }
    let mut hinted = Browser::new(&s.w.router);
    hinted.authorize(&client, &[("login_hint", "dilnoza@namuna.example")]).await;
    let mut unknown = Browser::new(&s.w.router);
    unknown.authorize(&client, &[("login_hint", "nobody@namuna.example")]).await;
    s.holds(
        "login-hint-does-not-tell-who-has-an-account",
        hinted.status == unknown.status && !hinted.body.contains("dilnoza@"),
    );

    // oidcc-claims-essential, oidcc-claims-*
    let asked = r#"{"userinfo":{"name":{"essential":true}},"id_token":{"email":null}}"#;
    let tokens = s.w.tokens(&mut browser, &client, &secret, &[("scope", "openid"), ("claims", asked)]).await;
    let info = s.w.program().userinfo(tokens["access_token"].as_str().unwrap()).await.body;
    s.holds("oidcc-claims-essential", info["name"].is_string());
    s.holds("oidcc-claims-id-token", claims(tokens["id_token"].as_str().unwrap())["email"].is_string());

    // oidcc-response-type-missing, wrong ones
    browser.authorize(&client, &[("response_type", "")]).await;
    s.holds("oidcc-response-type-missing", param(&browser.location, "error").as_deref() == Some("invalid_request"));
    for wrong in ["token", "id_token", "code token", "none"] {
        browser.authorize(&client, &[("response_type", wrong)]).await;
        s.holds(
            &format!("response-type-{wrong}-refused"),
            param(&browser.location, "error").as_deref() == Some("unsupported_response_type"),
        );
    }

    // oidcc-ensure-registered-redirect-uri, -redirect-uri-query-*
    browser.authorize(&client, &[("redirect_uri", "https://shop.example/other")]).await;
    s.holds(
        "oidcc-ensure-registered-redirect-uri",
        browser.status == StatusCode::BAD_REQUEST && browser.location.is_empty(),
    );
    browser.authorize(&client, &[("redirect_uri", "https://shop.example/back?foo=bar")]).await;
    s.holds("oidcc-redirect-uri-query-added", browser.status == StatusCode::BAD_REQUEST && browser.location.is_empty());
    let mut with_query = shop();
    with_query.id = "demo-query".into();
    with_query.redirect_uris = vec!["https://shop.example/back?foo=bar".into()];
    s.w.register(&with_query).await;
    browser.code(&with_query, &[]).await;
    s.holds("oidcc-redirect-uri-query-OK", browser.leads_to().starts_with("https://shop.example/back?foo=bar&code="));
    browser.authorize(&with_query, &[("redirect_uri", "https://shop.example/back?foo=baz")]).await;
    s.holds("oidcc-redirect-uri-query-mismatch", browser.status == StatusCode::BAD_REQUEST);

    // oidcc-ensure-request-without-nonce-succeeds-for-code-flow, with-acr-values, with-valid-pkce
    let tokens = s.w.tokens(&mut browser, &client, &secret, &[("nonce", "")]).await;
    s.holds(
        "oidcc-ensure-request-without-nonce-succeeds-for-code-flow",
        claims(tokens["id_token"].as_str().unwrap()).get("nonce").is_none(),
    );
    let tokens = s.w.tokens(&mut browser, &client, &secret, &[("acr_values", "urn:peshtoq:acr:otp")]).await;
    s.holds(
        "oidcc-ensure-request-with-acr-values-succeeds",
        claims(tokens["id_token"].as_str().unwrap())["acr"] == "urn:peshtoq:acr:otp",
    );
    s.holds("oidcc-ensure-request-with-valid-pkce-succeeds", tokens["access_token"].is_string());
    browser.authorize(&client, &[("request", "e30.e30.")]).await;
    s.holds(
        "oidcc-request-parameter-unsupported",
        param(&browser.location, "error").as_deref() == Some("request_not_supported"),
    );
    browser.authorize(&client, &[("request_uri", "https://shop.example/r")]).await;
    s.holds("oidcc-request-uri-unsupported-and-never-fetched", browser.status == StatusCode::BAD_REQUEST);

    // oidcc-ensure-post-request-succeeds
    let post = axum::http::Request::post("/sso/authorize").header("content-type", "application/x-www-form-urlencoded");
    browser.send(post, request(&client, &[])).await;
    s.holds("oidcc-ensure-post-request-succeeds", param(&browser.location, "code").is_some());

    // oidcc-codereuse, -30seconds
    let code = browser.code(&client, &[]).await;
    let used = s.w.program().redeem(&client, &secret, &code, &[]).await;
    let again = s.w.program().redeem(&client, &secret, &code, &[]).await;
    s.holds("oidcc-codereuse", again.error() == "invalid_grant");
    s.w.wait(30);
    let later = s.w.program().redeem(&client, &secret, &code, &[]).await;
    let access = used.body["access_token"].as_str().unwrap();
    s.holds(
        "oidcc-codereuse-30seconds",
        later.error() == "invalid_grant" && s.w.program().userinfo(access).await.status == StatusCode::UNAUTHORIZED,
    );
    let code = browser.code(&client, &[]).await;
    s.w.wait(61);
    s.holds(
        "AuthorizationCodeExpires",
        s.w.program().redeem(&client, &secret, &code, &[]).await.error() == "invalid_grant",
    );

    // oidcc-server-client-secret-post, wrong credentials
    let mut posting = shop();
    posting.id = "demo-posting".into();
    posting.auth = provider::domain::client::Auth::Post;
    let posted_secret = s.w.register(&posting).await;
    let code = browser.code(&posting, &[]).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", BACK),
        ("code_verifier", VERIFIER),
        ("client_id", "demo-posting"),
        ("client_secret", posted_secret.as_str()),
    ];
    s.holds(
        "oidcc-server-client-secret-post",
        s.w.program().post("/sso/token", &[], &pairs).await.status == StatusCode::OK,
    );
    let refused = s.w.program().redeem(&client, "wrong", "x", &[]).await;
    s.holds("CheckErrorFromTokenEndpointResponseErrorInvalidClient", refused.error() == "invalid_client");
    s.holds(
        "CheckTokenEndpointHttpStatus401",
        refused.status == StatusCode::UNAUTHORIZED && refused.headers.contains_key("www-authenticate"),
    );
    let missing =
        s.w.program().post("/sso/token", &[("authorization", &basic(&client.id, &secret))], &[("code", "x")]).await;
    s.holds("CheckErrorFromTokenEndpointResponseErrorInvalidRequest", missing.error() == "invalid_request");
    let password = [("grant_type", "password"), ("username", "u"), ("password", "p")];
    let told = s.w.program().post("/sso/token", &[("authorization", &basic(&client.id, &secret))], &password).await;
    s.holds("PasswordGrantIsUnsupported", told.error() == "unsupported_grant_type");

    // oidcc-refresh-token
    let tokens =
        s.w.tokens(&mut browser, &client, &secret, &[("scope", "openid offline_access"), ("prompt", "consent")]).await;
    let renewed = s.w.program().renew(&client, &secret, tokens["refresh_token"].as_str().unwrap_or_default()).await;
    let (old, new) = (claims(tokens["id_token"].as_str().unwrap()), claims(renewed.body["id_token"].as_str().unwrap()));
    s.holds("oidcc-refresh-token", renewed.status == StatusCode::OK);
    s.holds("CompareIdTokenClaims", ["iss", "sub", "aud", "auth_time"].iter().all(|claim| old[*claim] == new[*claim]));
    s.holds("EnsureAccessTokensAreDifferent", tokens["access_token"] != renewed.body["access_token"]);
    s.holds("EnsureRefreshTokenRotates", tokens["refresh_token"] != renewed.body["refresh_token"]);
    let mut other = shop();
    other.id = "demo-second".into();
    let other_secret = s.w.register(&other).await;
    let stolen = s.w.program().renew(&other, &other_secret, renewed.body["refresh_token"].as_str().unwrap()).await;
    s.holds("oidcc-refresh-token-rp-key-rotation-client-bound", stolen.error() == "invalid_grant");
    s.done(75);
}

#[tokio::test]
async fn form_post_profile() {
    let mut s = Suite::new().await;
    let (client, secret) = (s.client.clone(), s.secret.clone());
    let mut browser = s.w.browser().await;
    browser.authorize(&client, &[("response_mode", "form_post")]).await;
    browser.agree().await;
    let field = |body: &str, name: &str| -> Option<String> {
        Some(body.split(&format!("name=\"{name}\" value=\"")).nth(1)?.split('"').next()?.to_owned())
    };
    let body = browser.body.clone();
    s.holds(
        "oidcc-formpost-response-is-html-200",
        browser.status == StatusCode::OK && body.contains("<form method=\"post\""),
    );
    s.holds("RejectNonFormPostResponse", browser.location.is_empty() && !body.contains("http-equiv=\"refresh\""));
    s.holds("FormPostActionIsTheRedirectUri", body.contains(&format!("action=\"{BACK}\"")));
    s.holds("FormPostCarriesState", field(&body, "state").as_deref() == Some("st"));
    s.holds("FormPostCarriesIss", field(&body, "iss").is_some());
    s.holds("FormPostHasAButtonWithoutScript", body.contains("<button type=\"submit\""));
    s.holds("FormPostIsSentByAStaticScript", body.contains("data-go") && !body.contains("onload"));
    let policy = browser.headers["content-security-policy"].to_str().unwrap().to_owned();
    s.holds("FormPostPolicyAllowsTheClientOnly", policy.contains("form-action https://shop.example;"));
    s.holds("FormPostIsNotCached", browser.headers["cache-control"] == "no-store");
    let code = field(&body, "code").unwrap_or_default();
    let told = s.w.program().redeem(&client, &secret, &code, &[]).await;
    s.holds("oidcc-formpost-server", told.status == StatusCode::OK);
    browser.authorize(&client, &[("response_mode", "form_post")]).await;
    s.holds("oidcc-formpost-without-interaction", field(&browser.body, "code").is_some());
    browser.authorize(&client, &[("response_mode", "form_post"), ("scope", "email")]).await;
    s.holds("oidcc-formpost-error", field(&browser.body, "error").as_deref() == Some("invalid_scope"));
    browser.authorize(&client, &[("response_mode", "form_post"), ("state", "\"><script>alert(1)</script>")]).await;
    s.holds("FormPostEscapesState", !browser.body.contains("<script>alert") && field(&browser.body, "code").is_some());
    browser.authorize(&client, &[("response_mode", "fragment")]).await;
    s.holds("UnknownResponseModeIsRefused", param(&browser.location, "error").as_deref() == Some("invalid_request"));
    s.done(14);
}

#[tokio::test]
async fn rp_initiated_logout_profile() {
    let mut s = Suite::new().await;
    let (client, secret) = (s.client.clone(), s.secret.clone());
    let bye = encode("https://shop.example/bye");
    let mut browser = s.w.browser().await;
    let tokens = s.w.tokens(&mut browser, &client, &secret, &[]).await;
    let hint = tokens["id_token"].as_str().unwrap().to_owned();
    browser.get(&format!("/sso/logout?id_token_hint={hint}&post_logout_redirect_uri={bye}&state=abc")).await;
    browser.follow().await;
    s.holds("oidcc-rp-initiated-logout", browser.leads_to() == "https://shop.example/bye?state=abc");
    browser.authorize(&client, &[("prompt", "none")]).await;
    s.holds(
        "oidcc-rp-initiated-logout-ends-the-session",
        param(&browser.location, "error").as_deref() == Some("login_required"),
    );
    let cases = [
        (
            "oidcc-rp-initiated-logout-no-state",
            format!("id_token_hint={hint}&post_logout_redirect_uri={bye}"),
            "https://shop.example/bye",
        ),
        (
            "oidcc-rp-initiated-logout-client-id-only",
            format!("client_id=demo-shop&post_logout_redirect_uri={bye}"),
            "https://shop.example/bye",
        ),
        ("oidcc-rp-initiated-logout-no-params", String::new(), ""),
        ("oidcc-rp-initiated-logout-only-state", "state=x".to_owned(), ""),
        ("oidcc-rp-initiated-logout-no-post-logout-redirect-uri", format!("id_token_hint={hint}&state=x"), ""),
        (
            "oidcc-rp-initiated-logout-bad-post-logout-redirect-uri",
            format!("id_token_hint={hint}&post_logout_redirect_uri={bye}x"),
            "",
        ),
        (
            "oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri",
            format!("id_token_hint={hint}&post_logout_redirect_uri={bye}%3Fa%3Db"),
            "",
        ),
        ("oidcc-rp-initiated-logout-no-id-token-hint", format!("post_logout_redirect_uri={bye}"), ""),
        (
            "oidcc-rp-initiated-logout-bad-id-token-hint",
            format!("id_token_hint=x.y.z&post_logout_redirect_uri={bye}"),
            "",
        ),
        (
            "oidcc-rp-initiated-logout-modified-id-token-hint",
            format!("id_token_hint={hint}AA&post_logout_redirect_uri={bye}"),
            "",
        ),
    ];
    for (name, query, to) in cases {
        let mut browser = s.w.browser().await;
        browser.get(&format!("/sso/logout?{query}")).await;
        browser.follow().await;
        let asked = browser.action();
        let is_asked = asked.contains("/sso/sign-out/");
        if is_asked {
            browser.post(&asked, &[]).await;
        }
        let to_client = if browser.location.is_empty() { browser.leads_to() } else { String::new() };
        let signed_out = !browser.cookies.contains_key("ps");
        s.holds(name, is_asked && signed_out && to_client == to);
    }
    let mut browser = s.w.browser().await;
    let post = axum::http::Request::post("/sso/logout").header("content-type", "application/x-www-form-urlencoded");
    browser.send(post, format!("client_id=demo-shop&post_logout_redirect_uri={bye}")).await;
    browser.follow().await;
    s.holds("oidcc-rp-initiated-logout-by-post", browser.action().contains("/sso/sign-out/"));
    s.done(13);
}
