//! A stand-in for MyID: speaks the protocol of its Web SDK and plays the camera.
//!
//! It knows of the portal what the real one knows: the client's id and secret, and where people go afterwards. Who stands
//! before the camera is typed in; whether the face is a living one and the same is said by a script or by the page.
//! A record exists for every number that is typed: the stand-in has no register.
//!
//! Absent on purpose: any dependency on the portal's contexts or database; any look at a real face.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use kernel::rng::{Rng, SystemRng};
use serde::Deserialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;

/// The result code that means success; others are data.
const SUCCESS: i64 = 1;
/// No living face: a photo of a photo, a mask.
const NOT_LIVING: i64 = 3;
/// A living face, of somebody else.
const OTHER_FACE: i64 = 4;

/// What the camera "sees".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A living face, the same as in the document.
    Same,
    /// A living face of somebody else.
    Other,
    /// A photo held before the camera.
    Photo,
}

impl Verdict {
    fn code(self) -> i64 {
        match self {
            Verdict::Same => SUCCESS,
            Verdict::Other => OTHER_FACE,
            Verdict::Photo => NOT_LIVING,
        }
    }
}

impl FromStr for Verdict {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "same" => Ok(Verdict::Same),
            "other" => Ok(Verdict::Other),
            "photo" => Ok(Verdict::Photo),
            _ => Err("same, other or photo".to_owned()),
        }
    }
}

/// The one client that the stand-in has.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: String,
    pub secret: String,
    /// Where people go afterwards.
    pub back: String,
}

struct Session {
    retries: usize,
    attempts: Vec<(i64, Option<String>)>,
}

struct Inner {
    client: Client,
    script: Mutex<VecDeque<Verdict>>,
    sessions: Mutex<HashMap<String, Session>>,
    /// Access tokens of the client.
    tokens: Mutex<Vec<String>>,
    /// Codes that were given out, each good once, and whom they are of.
    codes: Mutex<HashMap<String, Seen>>,
    /// Tokens of people.
    people: Mutex<HashMap<String, Seen>>,
}

/// Who stood before the camera.
#[derive(Clone)]
struct Seen {
    pinfl: Option<String>,
    passport: Option<String>,
}

#[derive(Clone)]
struct MyId(Arc<Inner>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves on a listener until the process ends.
///
/// # Errors
/// When the listener fails.
pub async fn serve_on(listener: TcpListener, client: Client, script: Vec<Verdict>) -> io::Result<()> {
    axum::serve(listener, router(client, script)).await
}

/// The API and the page.
pub fn router(client: Client, script: Vec<Verdict>) -> Router {
    let inner = Inner {
        client,
        script: Mutex::new(script.into()),
        sessions: Mutex::default(),
        tokens: Mutex::default(),
        codes: Mutex::default(),
        people: Mutex::default(),
    };
    Router::new()
        .route("/", get(page).post(look))
        .route("/health", get(|| async { "ok" }))
        .route("/api/v1/oauth2/access-token", post(token))
        .route("/api/v1/web/sessions", post(open))
        .route("/api/v1/web/sessions/{id}/result", post(result))
        .route("/api/v1/users/me", get(me))
        .with_state(MyId(Arc::new(inner)))
}

fn error(status: StatusCode, err: &str, detail: &str) -> Response {
    (status, Json(json!({"err": err, "detail": detail}))).into_response()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

#[derive(Deserialize)]
struct Asked {
    grant_type: String,
    client_id: String,
    client_secret: String,
    #[serde(default)]
    code: String,
}

async fn token(State(myid): State<MyId>, Form(asked): Form<Asked>) -> Response {
    let client = &myid.0.client;
    let same = asked.client_secret.as_bytes().ct_eq(client.secret.as_bytes());
    if asked.client_id != client.id || !bool::from(same) {
        return error(StatusCode::UNAUTHORIZED, "invalid_client", "client_id or client_secret is wrong");
    }
    let token = SystemRng.token(24);
    match asked.grant_type.as_str() {
        "client_credentials" => locked(&myid.0.tokens).push(token.clone()),
        "authorization_code" => {
            let Some(seen) = locked(&myid.0.codes).remove(&asked.code) else {
                return error(StatusCode::BAD_REQUEST, "invalid_grant", "the code is unknown or was used");
            };
            locked(&myid.0.people).insert(token.clone(), seen);
        }
        _ => return error(StatusCode::BAD_REQUEST, "unsupported_grant_type", ""),
    }
    Json(json!({"access_token": token, "expires_in": 3600, "token_type": "Bearer"})).into_response()
}

impl MyId {
    fn knows(&self, headers: &HeaderMap) -> bool {
        bearer(headers).is_some_and(|token| locked(&self.0.tokens).iter().any(|known| known == token))
    }
}

async fn open(State(myid): State<MyId>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    if !myid.knows(&headers) {
        return error(StatusCode::UNAUTHORIZED, "unauthorized", "");
    }
    let retries = body.get("max_retries").and_then(Value::as_u64).unwrap_or(1).clamp(1, 10);
    let id = SystemRng.token(18).replace(['-', '_'], "0");
    let session = Session { retries: usize::try_from(retries).unwrap_or(1), attempts: Vec::new() };
    locked(&myid.0.sessions).insert(id.clone(), session);
    Json(json!({"session_id": id})).into_response()
}

async fn result(State(myid): State<MyId>, headers: HeaderMap, Path(id): Path<String>) -> Response {
    if !myid.knows(&headers) {
        return error(StatusCode::UNAUTHORIZED, "unauthorized", "");
    }
    let sessions = locked(&myid.0.sessions);
    let Some(session) = sessions.get(&id) else { return error(StatusCode::NOT_FOUND, "not_found", "session") };
    let attempts: Vec<Value> =
        session.attempts.iter().map(|(code, auth)| json!({"result_code": code, "auth_code": auth})).collect();
    Json(json!({"attempts": attempts})).into_response()
}

async fn me(State(myid): State<MyId>, headers: HeaderMap) -> Response {
    let seen = bearer(&headers).and_then(|token| locked(&myid.0.people).get(token).cloned());
    let Some(seen) = seen else { return error(StatusCode::UNAUTHORIZED, "unauthorized", "") };
    let profile = json!({"common_data": {"pinfl": seen.pinfl}, "doc_data": {"pass_data": seen.passport}});
    Json(json!({"profile": profile})).into_response()
}

// ---------------------------------------------------------------- the page

struct Words {
    lang: &'static str,
    demo: &'static str,
    title: &'static str,
    who: &'static str,
    hint: &'static str,
    same: &'static str,
    other: &'static str,
    photo: &'static str,
    done: &'static str,
    failed: &'static str,
    over: &'static str,
    back: &'static str,
}

static WORDS: [Words; 3] = [
    Words {
        lang: "uz",
        demo: "BU NAMUNA MyID. Haqiqiy yuzga qaralmaydi.",
        title: "Kameraga qarang",
        who: "Kamera oldida kim turibdi",
        hint: "JSHSHIR yoki pasport raqami",
        same: "Tirik yuz, hujjatdagi surat bilan bir xil",
        other: "Tirik yuz, boshqa odam",
        photo: "Kameraga tutilgan surat",
        done: "Yuz tasdiqlandi",
        failed: "Yuz tasdiqlanmadi",
        over: "Bu seans tugagan",
        back: "Portalga qaytish",
    },
    Words {
        lang: "ru",
        demo: "ЭТО ДЕМОНСТРАЦИОННЫЙ MyID. Настоящие лица не проверяются.",
        title: "Посмотрите в камеру",
        who: "Кто стоит перед камерой",
        hint: "ПИНФЛ или номер паспорта",
        same: "Живое лицо, то же, что в документе",
        other: "Живое лицо другого человека",
        photo: "Фотография перед камерой",
        done: "Лицо подтверждено",
        failed: "Лицо не подтверждено",
        over: "Этот сеанс окончен",
        back: "Вернуться на портал",
    },
    Words {
        lang: "en",
        demo: "THIS IS A DEMO MyID. No real face is looked at.",
        title: "Look into the camera",
        who: "Who stands before the camera",
        hint: "PINFL or passport number",
        same: "A living face, the one in the document",
        other: "A living face, somebody else’s",
        photo: "A photo held before the camera",
        done: "The face is confirmed",
        failed: "The face is not confirmed",
        over: "This session is over",
        back: "Back to the portal",
    },
];

fn words(lang: &str) -> &'static Words {
    WORDS.iter().find(|words| words.lang == lang).unwrap_or(&WORDS[0])
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    w: &'a Words,
    session: &'a str,
    /// What came of it; empty: the camera waits.
    said: &'a str,
    back: String,
    scripted: bool,
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    session_id: String,
    #[serde(default)]
    lang: String,
}

fn show(page: &Page<'_>, status: StatusCode) -> Response {
    match page.render() {
        Ok(html) => (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl MyId {
    fn page<'a>(&self, w: &'a Words, session: &'a str, said: &'a str, status: StatusCode) -> Response {
        let scripted = !locked(&self.0.script).is_empty();
        show(&Page { w, session, said, back: self.0.client.back.clone(), scripted }, status)
    }
}

async fn page(State(myid): State<MyId>, Query(shown): Query<Shown>) -> Response {
    let w = words(&shown.lang);
    let open =
        locked(&myid.0.sessions).get(&shown.session_id).is_some_and(|session| session.attempts.len() < session.retries);
    if open {
        myid.page(w, &shown.session_id, "", StatusCode::OK)
    } else {
        myid.page(w, "", w.over, StatusCode::NOT_FOUND)
    }
}

#[derive(Deserialize)]
struct Looked {
    session_id: String,
    #[serde(default)]
    lang: String,
    #[serde(default)]
    who: String,
    #[serde(default)]
    verdict: String,
}

async fn look(State(myid): State<MyId>, Form(looked): Form<Looked>) -> Response {
    let w = words(&looked.lang);
    let verdict = locked(&myid.0.script).pop_front().or_else(|| looked.verdict.parse().ok()).unwrap_or(Verdict::Photo);
    let mut sessions = locked(&myid.0.sessions);
    let live = sessions.get_mut(&looked.session_id).filter(|session| {
        session.attempts.len() < session.retries && !session.attempts.iter().any(|(code, _)| *code == SUCCESS)
    });
    let Some(session) = live else { return myid.page(w, "", w.over, StatusCode::NOT_FOUND) };
    let code = (verdict == Verdict::Same).then(|| SystemRng.token(24));
    session.attempts.push((verdict.code(), code.clone()));
    drop(sessions);
    let Some(code) = code else { return myid.page(w, &looked.session_id, w.failed, StatusCode::OK) };
    let bare: String = looked.who.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_uppercase();
    let pinfl = bare.len() == 14 && bare.bytes().all(|byte| byte.is_ascii_digit());
    let seen = Seen { pinfl: pinfl.then(|| bare.clone()), passport: (!pinfl).then_some(bare) };
    locked(&myid.0.codes).insert(code, seen);
    myid.page(w, "", w.done, StatusCode::OK)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    async fn call(
        router: &Router,
        method: &str,
        path: &str,
        bearer: &str,
        kind: &str,
        body: &str,
    ) -> (StatusCode, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {bearer}"))
            .header("content-type", kind)
            .body(Body::from(body.to_owned()))
            .unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }

    const FORM: &str = "application/x-www-form-urlencoded";
    const CREDENTIALS: &str = "grant_type=client_credentials&client_id=demo&client_secret=s";

    #[tokio::test]
    async fn a_code_is_good_once_and_verdicts_come_in_the_order_of_the_script() {
        let client = Client { id: "demo".into(), secret: "s".into(), back: "http://portal.example/".into() };
        let router = router(client, vec![Verdict::Photo, Verdict::Same]);
        let refused =
            call(&router, "POST", "/api/v1/oauth2/access-token", "", FORM, &CREDENTIALS.replace("=s", "=x")).await;
        assert_eq!(refused.0, StatusCode::UNAUTHORIZED);
        assert_eq!(refused.1["err"], "invalid_client");
        let (_, token) = call(&router, "POST", "/api/v1/oauth2/access-token", "", FORM, CREDENTIALS).await;
        let token = token["access_token"].as_str().unwrap().to_owned();
        let open = r#"{"max_retries":3,"external_id":"x","ip_address":"10.0.0.1"}"#;
        let (status, _) = call(&router, "POST", "/api/v1/web/sessions", "nobody", "application/json", open).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        let (_, session) = call(&router, "POST", "/api/v1/web/sessions", &token, "application/json", open).await;
        let id = session["session_id"].as_str().unwrap().to_owned();
        let result = format!("/api/v1/web/sessions/{id}/result");
        let (_, none) = call(&router, "POST", &result, &token, FORM, "").await;
        assert_eq!(none["attempts"], json!([]));
        for _ in 0..2 {
            call(&router, "POST", "/", "", FORM, &format!("session_id={id}&who=41404910261017&verdict=same")).await;
        }
        let (_, told) = call(&router, "POST", &result, &token, FORM, "").await;
        assert_eq!(told["attempts"][0]["result_code"], NOT_LIVING);
        assert_eq!(told["attempts"][1]["result_code"], SUCCESS);
        let code = told["attempts"][1]["auth_code"].as_str().unwrap();
        let exchange =
            format!("grant_type=authorization_code&client_id=demo&client_secret=s&method=strong&code={code}");
        let (_, person) = call(&router, "POST", "/api/v1/oauth2/access-token", "", FORM, &exchange).await;
        let person = person["access_token"].as_str().unwrap();
        let (_, me) = call(&router, "GET", "/api/v1/users/me", person, FORM, "").await;
        assert_eq!(me["profile"]["common_data"]["pinfl"], "41404910261017");
        let (again, _) = call(&router, "POST", "/api/v1/oauth2/access-token", "", FORM, &exchange).await;
        assert_eq!(again, StatusCode::BAD_REQUEST);
    }
}
