//! Pages in every language, and who may see what.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use documents::domain::number;
use documents::{MIGRATIONS, service};
use kernel::lang::Lang;

use crate::world::{Answer, World};

fn is_sound(path: &str, answer: &Answer) {
    let body = answer.text();
    for forbidden in [">documents-", ">common-", "style=", "onclick=", "{ $"] {
        assert!(!body.contains(forbidden), "{path}: {forbidden}");
    }
    assert_eq!(body.matches("<h1").count(), 1, "{path} has one h1: {body}");
}

#[tokio::test]
async fn every_page_is_sound_in_every_language() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    assert!(world.get("citizen", "/uz/cabinet/documents").await.text().contains("p-empty"));
    let document = world.issue(1, Lang::Uz, "certificate", Some("2027-11-21")).await;
    let past = world.issue(2, Lang::Uz, "certificate", Some("2026-11-20")).await;
    for lang in Lang::ALL {
        let at = |path: String| format!("/{}{path}", lang.code());
        let pages = [
            ("citizen", at("/cabinet/documents".into()), StatusCode::OK),
            ("citizen", at(format!("/cabinet/documents/{}", document.id)), StatusCode::OK),
            ("", at("/verify".into()), StatusCode::OK),
            ("", at("/verify?number=1&code=2".into()), StatusCode::UNPROCESSABLE_ENTITY),
            ("", at(format!("/verify/{}", document.number)), StatusCode::OK),
            ("", at(format!("/verify/{}?code={}", document.number, document.code)), StatusCode::OK),
            ("", at(format!("/verify/{}?code={}", past.number, past.code)), StatusCode::OK),
            ("", at(format!("/verify/{}?code=0000000000", document.number)), StatusCode::OK),
            ("official", at(format!("/staff/documents/{}/{}", world.subject, document.id)), StatusCode::OK),
        ];
        for (who, path, status) in pages {
            let answer = world.get(who, &path).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text());
            is_sound(&path, &answer);
        }
        let card = world.state.cards[0].card(&world.ctx, &world.state.i18n.lang(lang), world.subject).await;
        assert_eq!(card.expect("a card").expect("there are documents").lines.len(), 2);
    }
}

#[tokio::test]
async fn the_qr_code_leads_to_the_verdict() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    let document = world.issue(1, Lang::Uz, "certificate", None).await;
    let first = world.get("", &format!("/v/{}/{}", document.number, document.code)).await;
    assert_eq!(first.status, StatusCode::TEMPORARY_REDIRECT);
    let second = world.get("", first.location()).await;
    assert_eq!(second.location(), format!("/uz/verify/{}?code={}", document.number, document.code));
    let page = world.get("", second.location()).await.text();
    assert!(page.contains("data-verdict=\"valid\"") && page.contains("Karimova D. R."));
    assert!(!page.contains("Dilnoza") && !page.contains("Sudlanmagan"), "no more than the check needs");
    let typed = format!(
        "/en/verify?number={}&code={}",
        number::shown(&document.number),
        number::code_shown(&document.code).to_lowercase()
    );
    assert_eq!(
        world.get("", &typed).await.location(),
        format!("/en/verify/{}?code={}", document.number, document.code)
    );
}

#[tokio::test]
async fn a_dropped_file_gets_its_verdict() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    let document = world.issue(1, Lang::Uz, "certificate", None).await;
    let pdf = service::pdf(&world.ctx, &document).await.expect("the file");
    assert!(world.upload(&pdf).await.text().contains("data-verdict=\"valid\""));
    let mut altered = pdf.clone();
    altered.extend_from_slice(b" ");
    let page = world.upload(&altered).await.text();
    assert!(page.contains("data-verdict=\"altered\"") && !page.contains("Karimova"));
    assert!(world.upload(b"hello").await.text().contains("data-verdict=\"unknown\""));
    assert_eq!(world.upload(b"").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.upload(&vec![0; 13 << 20]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn only_the_owner_and_the_officials_of_the_case_get_the_file() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    let document = world.issue(1, Lang::Uz, "certificate", None).await;
    let own = format!("/uz/documents/{}.pdf", document.id);
    let answer = world.get("citizen", &own).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/pdf");
    assert!(answer.bytes.starts_with(b"%PDF-"));
    assert_eq!(world.get("", &own).await.status, StatusCode::SEE_OTHER, "a visitor signs in first");
    assert_eq!(world.get("official", &own).await.status, StatusCode::FORBIDDEN);
    assert_eq!(world.get("citizen", "/uz/documents/x.pdf").await.status, StatusCode::NOT_FOUND);
    let staffs = format!("/uz/staff/documents/{}/{}/pdf", world.subject, document.id);
    assert_eq!(world.get("stranger", &staffs).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("citizen", &staffs).await.status, StatusCode::FORBIDDEN);
    assert!(world.get("official", &staffs).await.bytes.starts_with(b"%PDF-"));
    let seen = storage::audit::for_subject(&world.ctx.db, world.subject, None, 10).await.expect("read");
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].entry.action, "document.download");
    let api = format!("/api/v1/documents/{}/pdf", document.id);
    assert!(world.get("citizen", &api).await.bytes.starts_with(b"%PDF-"));
    assert_eq!(world.get("", &api).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_official_revokes_with_a_reason() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    let document = world.issue(1, Lang::Uz, "certificate", None).await;
    let base = format!("/uz/staff/documents/{}/{}", world.subject, document.id);
    let page = world.get("official", &base).await.text();
    let token = page.split("name=\"_csrf\" value=\"").nth(1).or_else(|| page.split("name=\"csrf\" value=\"").nth(1));
    let token = token.and_then(|rest| rest.split('"').next()).expect("a token").to_owned();
    let field = if page.contains("name=\"_csrf\"") { "_csrf" } else { "csrf" };
    let post = async |reason: &str| {
        let request = Request::post(format!("{base}/revoke"))
            .header("cookie", "ps=official")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("{field}={token}&reason={reason}")))
            .expect("a request");
        world.send(request).await
    };
    assert_eq!(post("").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post("VMQ+1-band").await.location(), base);
    let list = world.get("citizen", "/uz/cabinet/documents").await.text();
    assert!(list.contains("VMQ 1-band"));
}

#[tokio::test]
async fn the_api_lists_and_checks() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    let document = world.issue(1, Lang::Uz, "certificate", None).await;
    world.clock.advance(jiff::SignedDuration::from_hours(1));
    world.issue(2, Lang::Uz, "certificate", None).await;
    let json = |answer: Answer| serde_json::from_slice::<serde_json::Value>(&answer.bytes).expect("JSON");
    let page = json(world.get("citizen", "/api/v1/documents?limit=1").await);
    assert_eq!(page["items"].as_array().expect("items").len(), 1);
    let next = page["next"].as_str().expect("a next page");
    let page = json(world.get("citizen", &format!("/api/v1/documents?limit=1&before={next}")).await);
    assert_eq!(page["items"][0]["number"], number::shown(&document.number));
    let checked = json(world.get("", &format!("/api/v1/verify/{}?code={}", document.number, document.code)).await);
    assert_eq!((&checked["verdict"], &checked["holder"]), (&"valid".into(), &"Karimova D. R.".into()));
    let wrong = json(world.get("", &format!("/api/v1/verify/{}?code=x", document.number)).await);
    assert_eq!(wrong, serde_json::json!({ "verdict": "unknown" }));
}
