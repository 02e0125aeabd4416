//! The workplace of authors, reviewers and publishers through the real router, in every language.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::middleware;
use catalog::{MIGRATIONS, Shelf};
use contracts::identity::Sessions;
use contracts::{Assurance, Channel, Ctx, PortError, Ports, Principal, Role, Settings, UnitRef, Who, testing};
use kernel::id::{AccountId, SessionId, StaffId, Uuid};
use kernel::lang::Lang;
use tower::ServiceExt;
use web::lang::LangService;
use web::module::{App, AppState};

use crate::pages::{Answer, is_sound};

/// Officials by the token of their session.
struct Signed;

const STAFF: [(&str, &str, &[Role]); 5] = [
    ("author-token-000000", "AV", &[Role::ServiceAuthor]),
    ("second-token-000000", "AV", &[Role::ServiceAuthor, Role::Reviewer]),
    ("reviewer-token-0000", "AV", &[Role::Reviewer]),
    ("publisher-token-000", "RTV", &[Role::Publisher]),
    ("official-token-0000", "AV", &[Role::Official]),
];
const AUTHOR: usize = 0;
const SECOND: usize = 1;
const REVIEWER: usize = 2;
const PUBLISHER: usize = 3;
const OFFICIAL: usize = 4;

#[async_trait]
impl Sessions for Signed {
    async fn principal(&self, _: &Ctx, token: &str) -> Result<Option<Principal>, PortError> {
        let Some(n) = STAFF.iter().position(|(known, ..)| *known == token) else { return Ok(None) };
        let (name, unit, roles) = STAFF[n];
        let id = Uuid::from_u128(n as u128 + 1);
        Ok(Some(Principal {
            account: AccountId::from_uuid(id),
            session: SessionId::from_uuid(id),
            who: Who::Official { staff: StaffId::from_uuid(id), unit: UnitRef::parse(unit), roles: roles.to_vec() },
            display_name: name.split('-').next().unwrap_or_default().to_owned(),
            assurance: Assurance::Otp,
            channel: Channel::Web,
        }))
    }
}

struct Site {
    router: axum::Router,
    _dir: tempfile::TempDir,
}

impl Site {
    async fn open() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let blobs = storage::Blobs::open(dir.path(), [1; 32]).expect("a file store");
        let test = storage::testing::sqlite(MIGRATIONS).await;
        let shelf = match Shelf::load(None, &refdata::RefData::shared()) {
            Ok(shelf) => Arc::new(shelf),
            Err(err) => panic!("{err}"),
        };
        let ports = Ports { catalog: shelf.clone(), sessions: Arc::new(Signed), ..Ports::nobody() };
        let (ctx, _) = testing::ctx(test.db.clone(), blobs, ports, Settings::test());
        shelf.publish(&ctx).await.expect("published");
        let module = catalog::module();
        let state = AppState::new(App {
            ctx,
            i18n: web::i18n::Catalogue::load(&[web::LOCALES, module.locales]).expect("the texts are sound"),
            assets: web::assets::Assets::load(),
            cards: Vec::new(),
            cache: web::cache::PublicCache::default(),
            csrf_key: [2; 32],
            openapi: OnceLock::new(),
        });
        let router = module
            .html
            .layer(middleware::from_fn_with_state(state.clone(), web::error::layer))
            .layer(middleware::from_fn_with_state(state.clone(), web::cache::layer))
            .layer(middleware::from_fn(web::headers::layer))
            .with_state(state);
        Self { router, _dir: dir }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = LangService(self.router.clone()).oneshot(request).await.expect("never fails");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 8 << 20).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    async fn get(&self, who: usize, path: &str) -> Answer {
        let cookie = format!("{}={}", web::page::SESSION_COOKIE, STAFF[who].0);
        self.send(Request::get(path).header(header::COOKIE, cookie).body(Body::empty()).expect("a request")).await
    }

    /// Posts a form of a page of the same person; gives where it leads, or the page.
    async fn post(&self, who: usize, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = web::csrf::token(&[2; 32], STAFF[who].0);
        let mut body = format!("{}={}", web::csrf::FIELD, web::encode(&token));
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", web::encode(value)));
        }
        let request = Request::post(path)
            .header(header::COOKIE, format!("{}={}", web::page::SESSION_COOKIE, STAFF[who].0))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }
}

fn led_to(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.headers[header::LOCATION].to_str().expect("an address").to_owned()
}

/// The text in the page's text area, and the version of the revision.
fn text_of(page: &str) -> (String, String) {
    let area = page.split("name=\"yaml\"").nth(1).expect("a text area");
    let text = area.split_once(">\n").expect("its text").1.split("</textarea>").next().expect("its end");
    let plain = text
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&");
    let seq = page.split("name=\"seq\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a version");
    (plain, seq.to_owned())
}

#[tokio::test]
async fn a_change_goes_from_the_text_to_the_public_page_in_the_browser() {
    let site = Site::open().await;
    let to = led_to(&site.post(AUTHOR, "/uz/staff/catalogue/services/298/begin", &[]).await);
    let page = site.get(AUTHOR, &to).await;
    is_sound(&to, &page);
    let (yaml, seq) = text_of(&page.body);
    assert!(yaml.starts_with("code:"), "{}", &yaml[..80]);
    // A mistake is kept, and told with its line.
    let broken = format!("{yaml}\nsurprise: 1\n");
    let saved = led_to(&site.post(AUTHOR, &to, &[("seq", &seq), ("yaml", &broken)]).await);
    let page = site.get(AUTHOR, &saved).await;
    is_sound(&saved, &page);
    assert!(page.body.contains("surprise") && page.body.contains("-qator"), "the mistake is told with its line");
    let (kept, seq) = text_of(&page.body);
    assert_eq!(kept.trim_end(), broken.trim_end());
    // Good again, with another term.
    let good = yaml
        .replacen("total: {n: 3, unit: workday}", "total: {n: 2, unit: workday}", 1)
        .replace("term: {n: 3, unit: workday}, due: 2026-11-26, ", "")
        .replace(", due: 2026-12-14", "");
    site.post(AUTHOR, &to, &[("seq", &seq), ("yaml", &good)]).await;
    let page = site.get(AUTHOR, &to).await;
    is_sound(&to, &page);
    let said = page.body.replace('\u{a0}', " ");
    assert!(said.contains("umumiy muddat: 3 ish kuni → 2 ish kuni"), "the difference in words: {said}");
    let (_, seq) = text_of(&page.body);
    assert!(page.body.contains(&format!("{to}/submit")), "it is sound: {}", page.body);
    let without = site.post(AUTHOR, &format!("{to}/submit"), &[("seq", &seq), ("note", "")]).await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(without.body.contains("Sababini yozing."), "beside the field");
    led_to(&site.post(AUTHOR, &format!("{to}/submit"), &[("seq", &seq), ("note", "Qonun")]).await);
    for lang in Lang::ALL {
        for who in [AUTHOR, SECOND, REVIEWER, PUBLISHER] {
            let path = to.replacen("/uz/", &format!("/{}/", lang.code()), 1);
            is_sound(&path, &site.get(who, &path).await);
        }
    }
    let seq = (seq.parse::<i64>().expect("a number") + 1).to_string();
    let back =
        site.post(REVIEWER, &format!("{to}/review"), &[("seq", &seq), ("decision", "back"), ("comment", "")]).await;
    assert_eq!(back.status, StatusCode::UNPROCESSABLE_ENTITY, "sent back without a word");
    led_to(
        &site.post(REVIEWER, &format!("{to}/review"), &[("seq", &seq), ("decision", "approve"), ("comment", "")]).await,
    );
    let seq = (seq.parse::<i64>().expect("a number") + 1).to_string();
    let fields = [("seq", seq.as_str()), ("publish_note", "Qonun"), ("when", "day"), ("day", "2020-01-01")];
    let past = site.post(PUBLISHER, &format!("{to}/publish"), &fields).await;
    assert_eq!(past.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(past.body.contains("2020-01-01") && past.body.contains("Qonun"), "what was typed is there");
    let fields = [("seq", seq.as_str()), ("publish_note", "Qonun"), ("when", "now"), ("day", "")];
    let service = led_to(&site.post(PUBLISHER, &format!("{to}/publish"), &fields).await);
    let public = site.get(AUTHOR, "/uz/services/298").await.body.replace('\u{a0}', " ");
    assert!(public.contains("2 ish kuni"), "the public page has the new term");
    for lang in Lang::ALL {
        let path = service.replacen("/uz/", &format!("/{}/", lang.code()), 1);
        is_sound(&path, &site.get(PUBLISHER, &path).await);
    }
    // Suspended with a notice, which the public page shows.
    let standing = format!("{service}/standing");
    let fields = [("action", "suspend"), ("suspend_note", "Reyestr"), ("notice_uz", "Ertaga ochiladi")];
    let missing = site.post(PUBLISHER, &standing, &fields).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(missing.body.contains("Ertaga ochiladi"), "what was typed is there");
    let more = [("notice_kaa", "Erteń"), ("notice_ru", "Завтра"), ("notice_en", "Tomorrow")];
    led_to(&site.post(PUBLISHER, &standing, &[&fields[..], &more[..]].concat()).await);
    assert!(site.get(AUTHOR, "/uz/services/298").await.body.contains("Ertaga ochiladi"));
    assert!(site.get(AUTHOR, "/uz-Cyrl/services/298").await.body.contains("Эртага очилади"));
}

#[tokio::test]
async fn two_authors_see_both_texts_and_a_page_for_another_role_is_refused() {
    let site = Site::open().await;
    let to = led_to(&site.post(AUTHOR, "/ru/staff/catalogue/services/298/begin", &[]).await);
    let (yaml, seq) = text_of(&site.get(AUTHOR, &to).await.body);
    site.post(SECOND, &to, &[("seq", &seq), ("yaml", &format!("{yaml}# второй\n"))]).await;
    let conflict = site.post(AUTHOR, &to, &[("seq", &seq), ("yaml", &format!("{yaml}# первый\n"))]).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT);
    assert!(conflict.body.contains("# первый") && conflict.body.contains("# второй"), "both texts are there");
    assert!(conflict.body.contains("second"), "whose text it is");
    for path in ["/uz/staff/catalogue", "/uz/staff/catalogue/services/298", "/uz/staff/catalogue/new"] {
        assert_eq!(site.get(OFFICIAL, path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let begun = site.post(REVIEWER, "/uz/staff/catalogue/services/298/begin", &[]).await;
    assert_eq!(begun.status, StatusCode::FORBIDDEN, "a reviewer does not write");
    assert_eq!(site.get(OFFICIAL, &format!("{to}/preview")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn lists_new_services_and_previews_are_sound_in_every_language() {
    let site = Site::open().await;
    let to = led_to(&site.post(AUTHOR, "/uz/staff/catalogue/new", &[("code", "9001"), ("owner", "AV")]).await);
    let taken = site.post(AUTHOR, "/uz/staff/catalogue/new", &[("code", "298"), ("owner", "AV")]).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.body.contains("value=\"298\"") && taken.body.contains("Bu raqam band"), "{}", taken.body);
    for lang in Lang::ALL {
        let path = |path: &str| format!("/{}{path}", lang.code());
        for path in [
            path("/staff/catalogue"),
            path("/staff/catalogue?q=pasport&state=offered"),
            path("/staff/catalogue?state=writing"),
            path("/staff/catalogue?q=qqqqqq"),
            path("/staff/catalogue/new"),
            path("/staff/catalogue/services/298"),
            to.replacen("/uz/", &format!("/{}/", lang.code()), 1),
            format!("{}/preview", to.replacen("/uz/", &format!("/{}/", lang.code()), 1)),
        ] {
            let answer = site.get(AUTHOR, &path).await;
            is_sound(&path, &answer);
            let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().expect("a policy");
            assert_eq!(policy.contains("frame-ancestors 'self'"), path.ends_with("/preview"), "{path}: {policy}");
        }
    }
    assert!(site.get(AUTHOR, "/uz/staff/catalogue?state=writing").await.body.contains("9001"));
}

#[tokio::test]
async fn the_editor_is_given_the_format_to_complete_from_and_keeps_it() {
    let site = Site::open().await;
    let to = led_to(&site.post(AUTHOR, "/kaa/staff/catalogue/services/298/begin", &[]).await);
    let page = site.get(AUTHOR, &to).await.body;
    let address = page.split("data-schema=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an address");
    let format = site.get(AUTHOR, address).await;
    assert_eq!(format.status, StatusCode::OK, "{address}");
    assert_eq!(format.headers[header::CONTENT_TYPE], "application/schema+json");
    assert_eq!(format.headers[header::CACHE_CONTROL], "private, max-age=31536000, immutable");
    // The format as it is, with the names of the installation in the reader's language.
    let mut given: serde_json::Value = serde_json::from_str(&format.body).expect("JSON");
    let known = given.as_object_mut().expect("a schema").remove("x-known").expect("names");
    assert_eq!(given, definition::format_schema());
    assert_eq!(known["fields"]["phone"], "Telefon nomeri");
    assert!(known["flows"]["official_fee"].is_string() && known["registers"]["population"].is_string(), "{known}");
    assert_eq!(known["agencies"].as_object().expect("agencies").len(), refdata::RefData::shared().agencies.len());
    let cookie = format!("{}={}", web::page::SESSION_COOKIE, STAFF[AUTHOR].0);
    let again = Request::get(address).header(header::COOKIE, cookie);
    let again = again.header(header::IF_NONE_MATCH, &format.headers[header::ETAG]);
    let again = site.send(again.body(Body::empty()).expect("a request")).await;
    assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(site.get(OFFICIAL, address).await.status, StatusCode::FORBIDDEN);
    let read = site.get(REVIEWER, &to).await.body;
    assert!(!read.contains("data-complete"), "who only reads needs no completion");
}

/// Rule CAT-FOUR-EYES: the message that somebody sees who is author and reviewer in one person.
#[tokio::test]
async fn an_author_who_is_also_a_reviewer_is_told_that_another_must_review_it() {
    let site = Site::open().await;
    let catalogue = web::i18n::Catalogue::load(&[web::LOCALES, catalog::module().locales]).expect("the texts");
    let to = led_to(&site.post(SECOND, "/uz/staff/catalogue/services/298/begin", &[]).await);
    let (yaml, seq) = text_of(&site.get(SECOND, &to).await.body);
    let changed = yaml
        .replacen("total: {n: 3, unit: workday}", "total: {n: 2, unit: workday}", 1)
        .replace("term: {n: 3, unit: workday}, due: 2026-11-26, ", "")
        .replace(", due: 2026-12-14", "");
    site.post(SECOND, &to, &[("seq", &seq), ("yaml", &changed)]).await;
    let (_, seq) = text_of(&site.get(SECOND, &to).await.body);
    led_to(&site.post(SECOND, &format!("{to}/submit"), &[("seq", &seq), ("note", "Qonun")]).await);
    let seq = (seq.parse::<i64>().expect("a number") + 1).to_string();
    let approve = [("seq", seq.as_str()), ("decision", "approve"), ("comment", "Yaxshi")];
    for lang in Lang::ALL {
        let path = to.replacen("/uz/", &format!("/{}/", lang.code()), 1);
        let words = catalogue.lang(lang).t("catalog-author-error-four-eyes").replace('\'', "&#39;");
        let page = site.get(SECOND, &path).await;
        is_sound(&path, &page);
        assert!(
            page.body.contains(&words),
            "{}: the page says it before anything is pressed: {}",
            lang.code(),
            page.body
        );
        assert!(!page.body.contains(&format!("{path}/review")), "there is nothing to press");
        // Pressed all the same (an older screen, a tool), it is refused with the same words.
        let refused = site.post(SECOND, &format!("{path}/review"), &approve).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.body.matches("<h1").count(), 1);
        assert!(refused.body.contains(&words), "{}: {}", lang.code(), refused.body);
    }
    // Another reviewer may, and nothing had changed before.
    assert!(site.get(REVIEWER, &to).await.body.contains(&format!("{to}/review")));
    led_to(&site.post(REVIEWER, &format!("{to}/review"), &approve).await);
}
