//! Registers asked through the port, on both databases; a real one played by a small server of ours.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use contracts::registries::{Query, RegisterError, Registers};
use contracts::{Ctx, Ports, Settings, testing};
use kernel::id::SubjectId;
use kernel::lang::Lang;
use registries::demo;
use registries::{AUDIT_ACTION, Faults, MIGRATIONS, Port};

fn ctx(db: storage::Db, values: &[(&str, &str)]) -> (Ctx, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let blobs = storage::Blobs::open(dir.path(), [1; 32]).expect("a file store");
    let mut settings = Settings::test();
    settings.values = Arc::new(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
    let (ctx, _) = testing::ctx(db, blobs, Ports::nobody(), settings);
    (ctx, dir)
}

fn about(person: &demo::Person, register: &str, subject: Option<SubjectId>) -> Query {
    Query {
        register: register.to_owned(),
        subject,
        pinfl: person.pinfl,
        passport: Some(person.passport),
        params: BTreeMap::new(),
        purpose: "367".to_owned(),
    }
}

fn karimova() -> &'static demo::Person {
    demo::find("karimova").expect("karimova is among the demo people")
}

#[tokio::test]
async fn a_register_answers_about_a_person_and_the_person_sees_who_asked() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let (ctx, _dir) = ctx(db, &[]);
        demo::import(&ctx).await.expect("the demo records are stored");
        demo::import(&ctx).await.expect("importing again changes nothing");
        let subject = SubjectId::new(ctx.now(), &*ctx.rng);
        let gateway = Port::default();
        let answer = gateway.fetch(&ctx, &about(karimova(), "address", Some(subject))).await.expect("an address");
        assert_eq!(answer.data["district"], "1726266");
        assert_eq!(answer.as_of, ctx.now());
        assert!(!answer.source.get(Lang::Ru).is_empty());
        let seen = storage::audit::for_subject(&ctx.db, subject, None, 10).await.expect("the audit is read");
        assert_eq!(seen.len(), 1);
        let entry = &seen[0].entry;
        assert_eq!(
            (entry.action.as_str(), entry.reason.as_str(), entry.object.as_str()),
            (AUDIT_ACTION, "367", "address")
        );
    })
    .await;
}

#[tokio::test]
async fn a_register_that_knows_nothing_says_so_and_is_recorded_too() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let (ctx, _dir) = ctx(db, &[]);
        demo::import(&ctx).await.expect("the demo records are stored");
        let subject = SubjectId::new(ctx.now(), &*ctx.rng);
        let unknown = Port::default().fetch(&ctx, &about(karimova(), "dormitory", Some(subject))).await;
        assert!(matches!(unknown, Err(RegisterError::NotFound(name)) if name == "dormitory"));
        let seen = storage::audit::for_subject(&ctx.db, subject, None, 10).await.expect("the audit is read");
        assert_eq!(seen.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_foreigner_is_found_by_passport_and_a_thing_by_its_keys() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let (ctx, _dir) = ctx(test.db.clone(), &[]);
    demo::import(&ctx).await.expect("the demo records are stored");
    let gateway = Port::default();
    let foreigner = demo::find("akhmetova").expect("a foreigner is among the demo people");
    let answer = gateway.fetch(&ctx, &about(foreigner, "population", None)).await.expect("a record");
    assert_eq!(answer.data["citizenship"], "KZ");
    let mut extract = about(karimova(), "cadastre", None);
    extract.params.insert("extract_number".to_owned(), "2026-000127".to_owned());
    extract.params.insert("cadastre_number".to_owned(), "10:09:01:01:02:0027".to_owned());
    let answer = gateway.fetch(&ctx, &extract).await.expect("an extract");
    assert_eq!(answer.data["extract_valid"], true);
    extract.params.insert("extract_number".to_owned(), "0".to_owned());
    assert!(matches!(gateway.fetch(&ctx, &extract).await, Err(RegisterError::NotFound(_))));
}

#[tokio::test]
async fn an_injected_fault_makes_one_register_unavailable_until_it_is_lifted() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let (ctx, _dir) = ctx(test.db.clone(), &[("registries.down", "credit, tax")]);
    demo::import(&ctx).await.expect("the demo records are stored");
    let faults = Faults::default();
    let gateway = Port::with_faults(faults.clone());
    faults.set("address", true);
    let down = |answer: Result<_, RegisterError>| matches!(answer, Err(RegisterError::Unavailable(_)));
    assert!(down(gateway.fetch(&ctx, &about(karimova(), "address", None)).await));
    assert!(down(gateway.fetch(&ctx, &about(karimova(), "tax", None)).await));
    assert!(gateway.fetch(&ctx, &about(karimova(), "employment", None)).await.is_ok());
    faults.set("address", false);
    assert!(gateway.fetch(&ctx, &about(karimova(), "address", None)).await.is_ok());
}

/// Answers each connection with the next of these, and gives the requests back.
fn server(answers: Vec<(&'static str, &'static str)>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/v1/address", listener.local_addr().expect("an address"));
    let thread = std::thread::spawn(move || {
        let mut seen = Vec::new();
        for (status, body) in answers {
            let (mut stream, _) = listener.accept().expect("a connection");
            // Head and body may come in two parts.
            let mut request = String::new();
            while !request.trim_end().ends_with('}') {
                let mut buffer = [0; 4096];
                let read = stream.read(&mut buffer).expect("a request");
                assert!(read > 0, "the request broke off: {request}");
                request.push_str(&String::from_utf8_lossy(&buffer[..read]));
            }
            seen.push(request);
            let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("an answer");
        }
        seen
    });
    (url, thread)
}

#[tokio::test]
async fn a_real_register_is_asked_over_http_when_it_is_configured() {
    let (url, thread) = server(vec![
        ("200 OK", r#"{"as_of":"2026-11-01T00:00:00Z","data":{"district":"1726266"}}"#),
        ("404 Not Found", "{}"),
        ("500 Internal Server Error", "{}"),
        ("200 OK", "<html>"),
    ]);
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let (ctx, _dir) = ctx(test.db.clone(), &[("registries.address.url", &url), ("registries.timeout_ms", "2000")]);
    let gateway = Port::default();
    let query = about(karimova(), "address", None);
    let answer = gateway.fetch(&ctx, &query).await.expect("an answer");
    assert_eq!(answer.data["district"], "1726266");
    assert_eq!(answer.as_of.to_string(), "2026-11-01T00:00:00Z");
    assert!(matches!(gateway.fetch(&ctx, &query).await, Err(RegisterError::NotFound(_))));
    assert!(matches!(gateway.fetch(&ctx, &query).await, Err(RegisterError::Unavailable(_))));
    assert!(matches!(gateway.fetch(&ctx, &query).await, Err(RegisterError::Unavailable(_))));
    let seen = thread.join().expect("the server ends");
    let first = seen[0].lines().next().unwrap_or_default();
    assert_eq!(first, "POST /v1/address HTTP/1.1", "no personal number in the address");
    assert!(seen[0].contains(r#""pinfl": "41404910261017""#), "{}", seen[0]);
    // Nobody listens any more.
    assert!(matches!(gateway.fetch(&ctx, &query).await, Err(RegisterError::Unavailable(_))));
}
