//! A world with identity and the provider at home, a browser that keeps cookies, and a program that calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::middleware;
use contracts::notifications::CodeRequested;
use contracts::testing::ctx;
use contracts::{Channel, Ctx, Event, Ports, Role, Settings, UnitRef};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use identity::service::{NewPerson, NewStaff, create_person, create_staff, open_for_person, open_for_staff};
use jiff::SignedDuration;
use kernel::clock::ManualClock;
use kernel::id::{StaffId, SubjectId};
use kernel::lang::{Lang, Text};
use provider::domain::client::{Auth, Client, Grant, SubjectType};
use provider::domain::jose::{Alg, challenge};
use provider::service::clients::{self, Registrar, Saved};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use storage::{Migration, Subscriber, Worker};
use tower::ServiceExt;
use web::lang::LangService;
use web::module::{App, AppState};

pub const ISSUER: &str = "http://127.0.0.1:8080";
pub const BACK: &str = "https://shop.example/back";
pub const VERIFIER: &str = "a-verifier-that-is-long-enough-for-the-standard-0123";
pub const PINFL: &str = "41404910261017";
pub const PASSWORD: &str = "yashil choynak";

pub fn migrations() -> Vec<Migration> {
    identity::MIGRATIONS.iter().chain(provider::MIGRATIONS).copied().collect()
}

pub struct World {
    pub ctx: Ctx,
    pub clock: Arc<ManualClock>,
    pub subject: SubjectId,
    pub staff: StaffId,
    pub worker: Worker,
    pub codes: Arc<Mutex<Vec<CodeRequested>>>,
    pub router: axum::Router,
    _dir: tempfile::TempDir,
}

impl World {
    pub async fn new(db: storage::Db) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let blobs = storage::Blobs::open(dir.path(), [1; 32]).unwrap();
        let port = Arc::new(identity::Port);
        let ports = Ports { sessions: port.clone(), people: port.clone(), staff: port, ..Ports::nobody() };
        let (ctx, clock) = ctx(db.clone(), blobs, ports, Settings::test());
        let subject = create_person(&ctx, &person(PINFL, "AD0000001", "+998900000001")).await.unwrap();
        let staff = create_staff(&ctx, &operator()).await.unwrap();
        let codes: Arc<Mutex<Vec<CodeRequested>>> = Arc::default();
        let caught = codes.clone();
        let mut subscribers = vec![Subscriber::new(CodeRequested::TOPIC, "test.codes", move |delivery| {
            let codes = caught.clone();
            async move {
                codes.lock().unwrap().push(contracts::decode(&delivery)?);
                Ok(())
            }
        })];
        for subscriber in provider::module().subscribers {
            let (ctx, run) = (ctx.clone(), subscriber.run);
            subscribers.push(storage::Subscriber {
                topic: subscriber.topic,
                name: subscriber.name,
                handler: Arc::new(move |delivery| run(ctx.clone(), delivery)),
            });
        }
        let worker = Worker::new(db, clock.clone(), ctx.rng.clone(), subscribers, Vec::new());
        let router = site(&ctx);
        Self { ctx, clock, subject, staff, worker, codes, router, _dir: dir }
    }

    pub fn wait(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    pub fn registrar(&self) -> Registrar {
        Registrar { staff: self.staff, name: "Operator".into() }
    }

    /// Registers a client and gives its secret.
    pub async fn register(&self, client: &Client) -> String {
        match clients::register(&self.ctx, client, &self.registrar()).await.unwrap() {
            Saved::Done { secret } => secret.unwrap_or_default(),
            Saved::Wrong(problems) => panic!("{problems:?}"),
        }
    }

    /// A browser in which the person is signed in with password and code.
    pub async fn browser(&self) -> Browser {
        let mut browser = Browser::new(&self.router);
        let token = open_for_person(&self.ctx, self.subject, Channel::Web).await.unwrap().unwrap();
        browser.cookies.insert("ps".into(), token);
        browser
    }

    pub async fn operator(&self) -> Browser {
        let mut browser = Browser::new(&self.router);
        let token = open_for_staff(&self.ctx, self.staff, Channel::Web).await.unwrap().unwrap();
        browser.cookies.insert("ps".into(), token);
        browser
    }

    pub fn program(&self) -> Program {
        Program { router: self.router.clone() }
    }

    /// The whole way of an ordinary request, agreed to; the tokens' answer.
    pub async fn tokens(&self, browser: &mut Browser, client: &Client, secret: &str, change: &[(&str, &str)]) -> Value {
        let code = browser.code(client, change).await;
        let answer = self.program().redeem(client, secret, &code, &[]).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body
    }
}

fn site(ctx: &Ctx) -> axum::Router {
    let modules = [identity::module(), provider::module()];
    let texts: Vec<&[(&str, &str)]> =
        [web::LOCALES].into_iter().chain(modules.iter().map(|module| module.locales)).collect();
    let state = AppState::new(App {
        ctx: ctx.clone(),
        i18n: web::i18n::Catalogue::load(&texts).unwrap(),
        assets: web::assets::Assets::load(),
        cards: Vec::new(),
        cache: web::cache::PublicCache::default(),
        csrf_key: [2; 32],
        openapi: OnceLock::new(),
    });
    let mut router = axum::Router::new();
    for module in modules {
        let (api, _) = module.api.split_for_parts();
        router = router.merge(module.html).merge(api);
    }
    router
        .layer(middleware::from_fn_with_state(state.clone(), web::error::layer))
        .layer(middleware::from_fn(web::headers::layer))
        .with_state(state)
}

pub fn person(pinfl: &str, passport: &str, phone: &str) -> NewPerson {
    NewPerson {
        pinfl: Some(pinfl.into()),
        passport: passport.into(),
        surname: "Karimova".into(),
        name: "Dilnoza".into(),
        patronymic: Some("Rustam qizi".into()),
        birth_date: Some(kernel::clock::Date::constant(1991, 4, 14)),
        citizenship: "UZ".into(),
        phone: phone.into(),
        email: Some("dilnoza@namuna.example".into()),
        lang: Lang::Uz,
        address: Some("1726266".into()),
        reliefs: Vec::new(),
        password: PASSWORD.into(),
    }
}

fn operator() -> NewStaff {
    NewStaff {
        login: "operator".into(),
        name: "Hamroyev Doston".into(),
        phone: "+998900000501".into(),
        unit: UnitRef::parse("RTV"),
        roles: vec![Role::Operator],
        lang: Lang::Uz,
        password: PASSWORD.into(),
    }
}

/// An ordinary client: a shop with a secret.
pub fn shop() -> Client {
    Client {
        id: "demo-shop".into(),
        name: "Namuna do‘kon".into(),
        owner: "Namuna MChJ".into(),
        contact: "help@shop.example".into(),
        purpose: Text::uz("Buyurtmani rasmiylashtirish uchun"),
        site: Some("https://shop.example/".into()),
        redirect_uris: vec![BACK.into()],
        post_logout_uris: vec!["https://shop.example/bye".into()],
        backchannel_logout_uri: None,
        scopes: ["openid", "profile", "email", "phone", "address", "pinfl", "offline_access"]
            .map(str::to_owned)
            .to_vec(),
        grants: Grant::ALL.to_vec(),
        auth: Auth::Basic,
        jwks: None,
        subject_type: SubjectType::Pairwise,
        sector_host: None,
        id_token_alg: Alg::Es256,
        require_par: false,
        require_dpop: false,
        least: None,
        consent_days: 365,
        oneid_profile: None,
        introspects: false,
    }
}

pub fn encode(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

pub fn form(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}

/// Parameters of an ordinary request, with some changed; an empty value leaves one out.
pub fn request(client: &Client, change: &[(&str, &str)]) -> String {
    let challenge = challenge(VERIFIER);
    let mut pairs: Vec<(&str, &str)> = vec![
        ("client_id", &client.id),
        ("redirect_uri", client.redirect_uris.first().map_or("", String::as_str)),
        ("response_type", "code"),
        ("scope", "openid profile email"),
        ("state", "st"),
        ("nonce", "no"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in change {
        pairs.retain(|(known, _)| known != name);
        if !value.is_empty() {
            pairs.push((name, value));
        }
    }
    form(&pairs)
}

/// A browser: keeps cookies and the page it last saw.
pub struct Browser {
    pub router: axum::Router,
    pub cookies: BTreeMap<String, String>,
    pub status: StatusCode,
    pub location: String,
    pub headers: axum::http::HeaderMap,
    pub body: String,
}

impl Browser {
    pub fn new(router: &axum::Router) -> Self {
        Self {
            router: router.clone(),
            cookies: BTreeMap::new(),
            status: StatusCode::OK,
            location: String::new(),
            headers: Default::default(),
            body: String::new(),
        }
    }

    pub async fn send(&mut self, request: axum::http::request::Builder, body: String) {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header(header::COOKIE, cookies.join("; ")).body(Body::from(body)).unwrap();
        let response = LangService(self.router.clone()).oneshot(request).await.unwrap();
        for line in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        self.status = response.status();
        self.headers = response.headers().clone();
        let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        self.location = location.unwrap_or_default().to_owned();
        let bytes = axum::body::to_bytes(response.into_body(), 4 << 20).await.unwrap();
        self.body = String::from_utf8_lossy(&bytes).into_owned();
    }

    pub async fn get(&mut self, path: &str) {
        self.send(Request::get(path), String::new()).await;
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) {
        let token = self.body.split("name=\"_csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let mut body = format!("_csrf={}", token.unwrap_or_default());
        for (name, value) in fields {
            body.push_str(&format!("&{}={}", encode(name), encode(value)));
        }
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, body).await;
    }

    /// Follows redirects within the portal; stops at a page or at an address elsewhere.
    pub async fn follow(&mut self) {
        for _ in 0..10 {
            if !self.location.starts_with('/') {
                return;
            }
            let path = self.location.clone();
            self.get(&path).await;
        }
        panic!("too many redirects");
    }

    /// Where the answer leads: by redirect, or from the page that leaves the portal.
    pub fn leads_to(&self) -> String {
        if !self.location.is_empty() {
            return self.location.clone();
        }
        let url = self.body.split("content=\"0;url=").nth(1).and_then(|rest| rest.split('"').next());
        url.unwrap_or_default().replace("&#38;", "&").replace("&amp;", "&")
    }

    /// Begins a request and goes on to the page of consent (or to the answer, when none is needed).
    pub async fn authorize(&mut self, client: &Client, change: &[(&str, &str)]) {
        self.get(&format!("/sso/authorize?{}", request(client, change))).await;
        self.follow().await;
    }

    /// Where the form of the page leads.
    pub fn action(&self) -> String {
        let main = self.body.split("<main").nth(1).unwrap_or_default();
        let action = main.split("action=\"").nth(1).and_then(|rest| rest.split('"').next());
        action.unwrap_or_default().to_owned()
    }

    /// Agrees to everything that the page asks.
    pub async fn agree(&mut self) {
        let action = self.action();
        let mut fields: Vec<(String, String)> = self
            .body
            .match_indices("name=\"claim\"")
            .map(|(at, _)| {
                let tag = &self.body[at..self.body[at..].find('>').map_or(self.body.len(), |end| at + end)];
                ("claim".to_owned(), tag.split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned())
            })
            .collect();
        fields.push(("answer".into(), "yes".into()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&action, &fields).await;
    }

    /// A code of an ordinary request, agreed to when that is asked.
    pub async fn code(&mut self, client: &Client, change: &[(&str, &str)]) -> String {
        self.authorize(client, change).await;
        if self.leads_to().is_empty() {
            assert_eq!(self.status, StatusCode::OK, "{}", self.body);
            self.agree().await;
        }
        param(&self.leads_to(), "code").unwrap_or_else(|| panic!("no code in {}: {}", self.leads_to(), self.body))
    }
}

/// A parameter of an address, decoded.
pub fn param(url: &str, name: &str) -> Option<String> {
    let query = url.split_once('?')?.1;
    let pairs = web::posted::read_urlencoded(query.as_bytes())?;
    pairs.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// An answer to a program.
#[derive(Debug)]
pub struct Told {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: Value,
}

impl Told {
    pub fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }
}

/// A program of a client.
pub struct Program {
    router: axum::Router,
}

pub fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64.encode(format!("{id}:{secret}").as_bytes()))
}

impl Program {
    pub async fn send(&self, request: Request<Body>) -> Told {
        let response = LangService(self.router.clone()).oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 4 << 20).await.unwrap();
        Told { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], pairs: &[(&str, &str)]) -> Told {
        let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(form(pairs))).unwrap()).await
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Told {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub async fn redeem(&self, client: &Client, secret: &str, code: &str, change: &[(&str, &str)]) -> Told {
        let uri = client.redirect_uris.first().map_or("", String::as_str);
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", uri),
            ("code_verifier", VERIFIER),
        ];
        for (name, value) in change {
            pairs.retain(|(known, _)| known != name);
            if !value.is_empty() {
                pairs.push((name, value));
            }
        }
        if client.auth == Auth::None {
            pairs.push(("client_id", &client.id));
            return self.post("/sso/token", &[], &pairs).await;
        }
        self.post("/sso/token", &[("authorization", &basic(&client.id, secret))], &pairs).await
    }

    pub async fn renew(&self, client: &Client, secret: &str, refresh: &str) -> Told {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        self.post("/sso/token", &[("authorization", &basic(&client.id, secret))], &pairs).await
    }

    pub async fn userinfo(&self, access: &str) -> Told {
        self.get("/sso/userinfo", &[("authorization", &format!("Bearer {access}"))]).await
    }
}

/// The claims of a token, not verified.
pub fn claims(token: &str) -> Value {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap()).unwrap()
}

/// A key of a client.
pub struct Key(EcdsaKeyPair);

impl Key {
    pub fn new() -> Self {
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap())
    }

    pub fn jwk(&self) -> Value {
        provider::domain::jose::PublicKey::from_raw(Alg::Es256, self.0.public_key().as_ref()).jwk()
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let input = provider::domain::jose::signing_input(header, claims);
        let signature = self.0.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        format!("{input}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }

    /// A DPoP proof.
    pub fn proof(&self, w: &World, method: &str, path: &str, jti: &str, token: Option<&str>) -> String {
        let mut claims = json!({
            "htm": method, "htu": format!("{ISSUER}{path}"), "iat": w.ctx.now().as_second(), "jti": jti,
        });
        if let Some(token) = token {
            claims["ath"] = json!(challenge(token));
        }
        self.sign(&json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() }), &claims)
    }
}

/// A world on SQLite alone, for what the database cannot change.
pub async fn world() -> World {
    let db = storage::testing::sqlite(&migrations()).await.db;
    World::new(db).await
}
