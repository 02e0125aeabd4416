//! The pages and the JSON of identity through the real router, as a browser with cookies sees them.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::middleware;
use identity::service;
use kernel::lang::Lang;
use tower::ServiceExt;
use web::lang::LangService;
use web::module::{App, AppState};

use super::{PASSPORT, PASSWORD, PHONE, PINFL, World};

/// A browser: keeps cookies and the page it last saw.
pub(crate) struct Browser {
    router: axum::Router,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
}

pub(crate) fn site(w: &World) -> axum::Router {
    let module = identity::module();
    let state = AppState::new(App {
        ctx: w.ctx.clone(),
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

impl Browser {
    pub(crate) fn new(router: &axum::Router) -> Self {
        Self {
            router: router.clone(),
            cookies: BTreeMap::new(),
            status: StatusCode::OK,
            location: String::new(),
            body: String::new(),
        }
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, cookies.join("; ")).body(Body::from(body)).unwrap();
        let response = LangService(self.router.clone()).oneshot(request).await.unwrap();
        for line in response.headers().get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax"), "{line}");
            let (name, rest) = line.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        self.status = response.status();
        let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        self.location = location.unwrap_or_default().to_owned();
        let bytes = axum::body::to_bytes(response.into_body(), 4 << 20).await.unwrap();
        self.body = String::from_utf8(bytes.to_vec()).unwrap();
    }

    pub(crate) async fn get(&mut self, path: &str) {
        self.send(Request::get(path), String::new()).await;
    }

    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) {
        let token = self.body.split("name=\"_csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let mut body = format!("_csrf={}", token.unwrap_or_default());
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", encode(value)));
        }
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body).await;
    }

    async fn json(&mut self, method: &str, path: &str, bearer: &str, body: &str) -> serde_json::Value {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        self.send(request, body.to_owned()).await;
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// Signs the person in with password and code.
    async fn sign_in(&mut self, w: &World) {
        self.get("/uz/sign-in").await;
        self.post("/uz/sign-in", &[("login", PINFL), ("password", PASSWORD)]).await;
        self.get("/uz/sign-in/code").await;
        let code = w.last_code().await;
        self.post("/uz/sign-in/code", &[("code", &code), ("remember", "true")]).await;
        assert_eq!(self.location, "/uz/cabinet", "{}", self.body);
    }

    /// One `h1`, every text there, nothing that the Content-Security-Policy forbids.
    pub(crate) fn is_sound(&self, path: &str) {
        for forbidden in [">identity-", ">common-", "style=", "onclick=", "{ $"] {
            assert!(!self.body.contains(forbidden), "{path}: {forbidden}");
        }
        assert_eq!(self.body.matches("<h1").count(), 1, "{path} has one h1");
    }
}

fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn world() -> World {
    World::new(storage::testing::sqlite(identity::MIGRATIONS).await.db)
}

#[tokio::test]
async fn every_page_is_sound_in_every_language() {
    let w = world().await;
    w.person().await;
    let router = site(&w);
    let mut citizen = Browser::new(&router);
    citizen.sign_in(&w).await;
    for lang in Lang::ALL {
        let code = lang.code();
        let mut visitor = Browser::new(&router);
        for path in ["register", "register/foreign", "sign-in", "sign-in?gone=1", "staff/sign-in"] {
            visitor.get(&format!("/{code}/{path}")).await;
            assert_eq!(visitor.status, StatusCode::OK, "{code} {path}");
            visitor.is_sound(path);
            let form = format!("/{code}/{}", path.split('?').next().unwrap_or(path));
            visitor.post(&form, &[]).await;
            assert_eq!(visitor.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
            assert!(visitor.body.contains("govuk-error-summary"), "{form}");
            visitor.is_sound(&form);
        }
        for path in ["cabinet", "cabinet/profile", "cabinet/security", "cabinet/access"] {
            citizen.get(&format!("/{code}/{path}")).await;
            assert_eq!(citizen.status, StatusCode::OK, "{code} {path}");
            citizen.is_sound(path);
        }
    }
}

#[tokio::test]
async fn a_person_registers_in_three_steps_and_comes_to_where_they_wanted() {
    let w = world().await;
    let router = site(&w);
    let mut browser = Browser::new(&router);
    browser.get("/uz/cabinet/security").await;
    assert_eq!(browser.location, "/uz/sign-in?next=%2Fcabinet%2Fsecurity");
    browser.get("/uz/register?next=/cabinet/security").await;
    browser
        .post(
            "/uz/register",
            &[("pinfl", "41404910261018"), ("passport", PASSPORT), ("phone", PHONE), ("next", "/cabinet/security")],
        )
        .await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.body.contains("value=\"41404910261018\""), "what was typed is kept");
    browser
        .post(
            "/uz/register",
            &[("pinfl", PINFL), ("passport", PASSPORT), ("phone", PHONE), ("next", "/cabinet/security")],
        )
        .await;
    assert_eq!(browser.location, "/uz/register/code?next=/cabinet/security");
    // The password cannot be set before the phone is proved.
    browser.get("/uz/register/password").await;
    assert_eq!(browser.location, "/uz/sign-in?gone=1");
    browser.get("/uz/register/code?next=/cabinet/security").await;
    browser.is_sound("code");
    let code = w.last_code().await;
    browser.post("/uz/register/code", &[("code", &code), ("next", "/cabinet/security")]).await;
    assert_eq!(browser.location, "/uz/register/password?next=/cabinet/security");
    browser.get("/uz/register/password?next=/cabinet/security").await;
    assert!(browser.body.contains("Karimova Dilnoza"));
    browser
        .post(
            "/uz/register/password",
            &[("password", "short"), ("email", "a@namuna.example"), ("next", "/cabinet/security")],
        )
        .await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(browser.body.contains("value=\"a@namuna.example\"") && !browser.body.contains("value=\"short\""));
    browser.post("/uz/register/password", &[("password", PASSWORD), ("next", "/cabinet/security")]).await;
    assert_eq!(browser.location, "/uz/cabinet/security");
    browser.get("/uz/cabinet/security").await;
    assert_eq!(browser.status, StatusCode::OK);
    browser.post("/uz/sign-out", &[]).await;
    assert!(!browser.cookies.contains_key("ps"));
    browser.get("/uz/cabinet").await;
    assert!(browser.location.starts_with("/uz/sign-in"), "{}", browser.location);
}

#[tokio::test]
async fn an_official_signs_in_at_a_door_of_their_own() {
    let w = world().await;
    w.person().await;
    let staff = service::NewStaff {
        login: "av-xodim".into(),
        name: "Salimova Nigora".into(),
        phone: "+998900000501".into(),
        unit: contracts::UnitRef::parse("AV.1726"),
        roles: vec![contracts::Role::Official],
        lang: Lang::Uz,
        password: PASSWORD.into(),
    };
    service::create_staff(&w.ctx, &staff).await.unwrap();
    let router = site(&w);
    let mut browser = Browser::new(&router);
    browser.get("/uz/staff/sign-in").await;
    browser.post("/uz/staff/sign-in", &[("login", PINFL), ("password", PASSWORD)]).await;
    assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "a citizen does not come in here");
    browser.post("/uz/staff/sign-in", &[("login", "av-xodim"), ("password", PASSWORD)]).await;
    assert_eq!(browser.location, "/uz/staff/sign-in/code");
    browser.get("/uz/staff/sign-in/code").await;
    browser.is_sound("staff code");
    let code = w.last_code().await;
    browser.post("/uz/staff/sign-in/code", &[("code", &code)]).await;
    assert_eq!(browser.location, "/uz/staff");
    // An official has no cabinet.
    browser.get("/uz/cabinet").await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
}

/// Rule IDN-STEP-UP.
#[tokio::test]
async fn a_service_that_asks_for_a_code_gets_one_and_the_person_comes_back_to_it() {
    let w = world().await;
    w.person().await;
    let router = site(&w);
    let mut browser = Browser::new(&router);
    browser.get("/uz/step-up").await;
    assert!(browser.location.starts_with("/uz/sign-in"), "only whoever is signed in: {}", browser.location);
    // The device is known now: the password alone signs in.
    browser.sign_in(&w).await;
    browser.get("/uz/cabinet").await;
    browser.post("/uz/sign-out", &[]).await;
    w.wait(120);
    browser.get("/uz/sign-in").await;
    browser.post("/uz/sign-in", &[("login", PINFL), ("password", PASSWORD)]).await;
    let weak = browser.cookies[web::page::SESSION_COOKIE].clone();
    assert_eq!(w.principal(&weak).await.unwrap().assurance, contracts::Assurance::Password);
    let back = "/apply/298";
    for lang in Lang::ALL {
        let path = format!("/{}/step-up", lang.code());
        browser.get(&path).await;
        assert_eq!(browser.status, StatusCode::OK, "{path}");
        browser.is_sound(&path);
    }
    browser.get(&format!("/uz/step-up?next={back}")).await;
    assert!(browser.body.contains(back));
    browser.get(&format!("/uz/step-up/sms?next={back}")).await;
    browser.is_sound("step-up/sms");
    browser.post("/uz/step-up/sms", &[("next", back)]).await;
    assert_eq!(browser.location, format!("/uz/sign-in/code?next={back}"));
    browser.get(&format!("/uz/sign-in/code?next={back}")).await;
    let code = w.last_code().await;
    browser.post("/uz/sign-in/code", &[("code", &code), ("next", back)]).await;
    assert_eq!(browser.location, "/uz/apply/298");
    let strong = browser.cookies[web::page::SESSION_COOKIE].clone();
    assert_eq!(w.principal(&strong).await.unwrap().assurance, contracts::Assurance::Otp);
    assert!(w.principal(&weak).await.is_none(), "the session that asked has ended");
    browser.get("/uz/step-up?next=https://evil.example").await;
    assert_eq!(browser.location, "/uz/cabinet", "known well enough, and never to another site");
}

#[tokio::test]
async fn signing_in_never_leads_to_another_site() {
    let w = world().await;
    w.person().await;
    let router = site(&w);
    let mut browser = Browser::new(&router);
    browser.sign_in(&w).await;
    for next in ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil.example", "javascript:alert(1)"]
    {
        browser.cookies.remove("ps");
        browser.get("/uz/sign-in").await;
        browser.post("/uz/sign-in", &[("login", PINFL), ("password", PASSWORD), ("next", next)]).await;
        assert_eq!(browser.location, "/uz/cabinet", "{next}");
    }
}

#[tokio::test]
async fn a_form_of_another_site_is_refused() {
    let w = world().await;
    let subject = w.person().await;
    let router = site(&w);
    let mut browser = Browser::new(&router);
    browser.sign_in(&w).await;
    browser.body.clear();
    for path in [
        "/uz/sign-out",
        "/uz/cabinet/profile",
        "/uz/cabinet/security/revoke-others",
        "/uz/sign-in",
        "/uz/register",
        "/uz/cabinet/security/ways/printed",
        "/uz/cabinet/security/ways/remove",
        "/uz/cabinet/security/ways/cancel",
        "/uz/cabinet/security/phone",
        "/uz/cabinet/security/email",
        "/uz/step-up/password",
        "/uz/passkey/use",
        "/uz/recover",
        "/uz/recover/password",
        "/uz/face",
        "/uz/not-me/abc",
    ] {
        browser.post(path, &[("email", "thief@evil.example"), ("lang", "uz"), ("version", "1")]).await;
        assert_eq!(browser.status, StatusCode::FORBIDDEN, "{path}");
        browser.body.clear();
    }
    let request = Request::post("/uz/sign-out")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site");
    browser.send(request, String::new()).await;
    assert_eq!(browser.status, StatusCode::FORBIDDEN);
    let data = service::data(&w.ctx, subject).await.unwrap().unwrap();
    assert_eq!(data.person.email.as_deref(), Some("dilnoza@namuna.example"));
}

#[tokio::test]
async fn bad_input_is_answered_and_never_breaks() {
    let w = world().await;
    w.person().await;
    let router = site(&w);
    let mut browser = Browser::new(&router);
    let long = "ў".repeat(100_000);
    browser.get("/ru/sign-in").await;
    for (login, password) in [
        (long.as_str(), "x"),
        ("x", long.as_str()),
        ("' or 1=1 --", "x"),
        ("\u{202e}\u{0}", "x"),
        ("00000000000000", "x"),
    ] {
        browser.get("/ru/sign-in").await;
        browser.post("/ru/sign-in", &[("login", login), ("password", password)]).await;
        assert!(browser.status.is_client_error(), "{}", browser.status);
    }
    let huge = "a".repeat(2 << 20);
    browser.get("/ru/register").await;
    browser.post("/ru/register", &[("pinfl", &huge)]).await;
    assert_eq!(browser.status, StatusCode::PAYLOAD_TOO_LARGE);
    browser.cookies.insert("pf".into(), "x".repeat(50));
    browser.cookies.insert("ps".into(), "made-up".into());
    browser.get("/ru/sign-in/code").await;
    assert_eq!(browser.location, "/ru/sign-in?gone=1");
    for path in ["/ru/cabinet/access?before=x", "/ru/sign-in?next=%FF", "/ru/sign-in?next=a&next=b"] {
        browser.get(path).await;
        assert!(!browser.status.is_server_error(), "{path}: {}", browser.status);
    }
}

#[tokio::test]
async fn too_many_tries_are_told_with_the_time_to_wait() {
    let w = world().await;
    w.person().await;
    let router = site(&w);
    let mut browser = Browser::new(&router);
    browser.get("/en/sign-in").await;
    for _ in 0..5 {
        browser.post("/en/sign-in", &[("login", PINFL), ("password", "a guess of mine")]).await;
        assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    browser.post("/en/sign-in", &[("login", PINFL), ("password", PASSWORD)]).await;
    assert_eq!(browser.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(browser.body.contains("Try again in 1 minute") || browser.body.contains("Try again in 2 minutes"));
    assert!(browser.body.contains(&format!("value=\"{PINFL}\"")), "what was typed is kept");
}

#[tokio::test]
async fn a_program_signs_in_reads_own_data_and_ends_the_session() {
    let w = world().await;
    w.person().await;
    let router = site(&w);
    let mut client = Browser::new(&router);
    let wrong =
        client.json("POST", "/api/v1/sessions", "", r#"{"login":"41404910261017","password":"nope nope"}"#).await;
    assert_eq!((client.status, &wrong["code"]), (StatusCode::UNAUTHORIZED, &"IDN_REFUSED".into()));
    client.json("POST", "/api/v1/sessions", "", r#"{"login":"1","password":"2","admin":true}"#).await;
    assert_eq!(client.status, StatusCode::BAD_REQUEST, "unknown fields are refused");
    let login = serde_json::json!({"login": PINFL, "password": PASSWORD}).to_string();
    let asked = client.json("POST", "/api/v1/sessions", "", &login).await;
    assert_eq!(client.status, StatusCode::ACCEPTED);
    let code = w.last_code().await;
    let answer = serde_json::json!({"flow": asked["flow"], "code": code, "remember": true}).to_string();
    let session = client.json("POST", "/api/v1/sessions/code", "", &answer).await;
    assert_eq!(client.status, StatusCode::CREATED);
    let token = session["token"].as_str().unwrap();
    let me = client.json("GET", "/api/v1/me", token, "").await;
    assert_eq!((me["surname"].as_str(), me["pinfl"].as_str()), (Some("Karimova"), Some(PINFL)));
    let login = serde_json::json!({"login": PINFL, "password": PASSWORD, "device": session["device"]}).to_string();
    client.json("POST", "/api/v1/sessions", "", &login).await;
    assert_eq!(client.status, StatusCode::CREATED, "a remembered device needs no code");
    client.json("DELETE", "/api/v1/sessions", token, "").await;
    assert_eq!(client.status, StatusCode::NO_CONTENT);
    client.json("GET", "/api/v1/me", token, "").await;
    assert_eq!(client.status, StatusCode::UNAUTHORIZED);
}

/// Every page of the ways to sign in, in every language, for somebody who has proved two things.
#[tokio::test]
async fn pages_of_the_ways_to_sign_in_are_sound_in_every_language() {
    let w = world().await;
    w.person().await;
    let router = site(&w);
    let mut browser = Browser::new(&router);
    browser.sign_in(&w).await;
    for lang in Lang::ALL {
        let code = lang.code();
        for path in [
            "cabinet/security",
            "cabinet/security/ways",
            "cabinet/security/ways?done=waiting",
            "cabinet/security/ways/totp",
            "cabinet/security/ways/printed",
            "cabinet/security/ways/passkey",
            "cabinet/security/phone",
            "cabinet/security/email",
            "cabinet/security/history",
            "step-up?why=locks",
            "step-up?level=face",
            "step-up/password?why=locks",
            "step-up/passkey",
            "face",
            "face/done",
        ] {
            browser.get(&format!("/{code}/{path}")).await;
            assert_eq!(browser.status, StatusCode::OK, "{code} {path} {}", browser.location);
            browser.is_sound(path);
        }
        // An empty form comes back with an error beside its field.
        for path in ["cabinet/security/ways/totp", "cabinet/security/phone", "cabinet/security/email"] {
            browser.get(&format!("/{code}/{path}")).await;
            browser.post(&format!("/{code}/{path}"), &[]).await;
            assert_eq!(browser.status, StatusCode::UNPROCESSABLE_ENTITY, "{code} {path}");
            browser.is_sound(path);
            assert!(browser.body.contains("govuk-error-message"), "{code} {path}");
        }
        let mut visitor = Browser::new(&router);
        for path in ["recover", "recover?frozen=1", "recover/done", "recover/done?waiting=1", "sign-in"] {
            visitor.get(&format!("/{code}/{path}")).await;
            assert_eq!(visitor.status, StatusCode::OK, "{code} {path}");
            visitor.is_sound(path);
        }
        visitor.get(&format!("/{code}/not-me/abc")).await;
        assert_eq!(visitor.status, StatusCode::NOT_FOUND);
        visitor.is_sound("not-me");
    }
}

/// The same pages and the same words for somebody and for nobody.
#[tokio::test]
async fn a_recovery_does_not_tell_whether_there_is_an_account() {
    let w = world().await;
    w.person().await;
    let router = site(&w);
    let mut seen: Vec<Vec<(StatusCode, String, String)>> = Vec::new();
    for login in [PINFL, "+998911111111"] {
        let mut browser = Browser::new(&router);
        let mut told = Vec::new();
        browser.get("/en/recover").await;
        browser.post("/en/recover", &[("login", login)]).await;
        told.push((browser.status, browser.location.clone(), String::new()));
        browser.get("/en/recover/ways").await;
        browser.is_sound("recover/ways");
        for (factor, field) in [("printed", "code"), ("totp", "code"), ("password", "password")] {
            browser.get(&format!("/en/recover/prove/{factor}")).await;
            browser.is_sound(factor);
            browser.post(&format!("/en/recover/prove/{factor}"), &[(field, "123456")]).await;
            let body = browser.body.split("<h1").nth(1).unwrap_or_default().split("</main>").next().unwrap_or_default();
            let body = body.split("_csrf").next().unwrap_or_default().to_owned();
            told.push((browser.status, browser.location.clone(), body));
        }
        browser.get("/en/recover/ways").await;
        browser.post("/en/recover/password", &[("password", "yangi parol 1")]).await;
        told.push((browser.status, browser.location.clone(), String::new()));
        seen.push(told);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0][1].0, StatusCode::UNPROCESSABLE_ENTITY);
}
