use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::middleware;
use catalog::{MIGRATIONS, Shelf};
use contracts::{Ports, Settings, testing};
use kernel::lang::Lang;
use tower::ServiceExt;
use web::lang::LangService;
use web::module::{App, AppState};

/// The pages of the catalogue with the layers that matter to them.
pub(crate) struct Site {
    router: axum::Router,
    pub(crate) ctx: contracts::Ctx,
    _dir: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Site {
    pub(crate) async fn open() -> Self {
        Self::with(|_| ()).await
    }

    /// With other contexts behind the ports; `edit` puts them in.
    pub(crate) async fn with(edit: impl FnOnce(&mut Ports)) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let blobs = storage::Blobs::open(dir.path(), [1; 32]).expect("a file store");
        let test = storage::testing::sqlite(MIGRATIONS).await;
        let refdata = refdata::RefData::shared();
        let shelf = match Shelf::load(None, &refdata) {
            Ok(shelf) => Arc::new(shelf),
            Err(err) => panic!("the definitions of the repository are refused: {err}"),
        };
        let mut ports = Ports { catalog: shelf.clone(), ..Ports::nobody() };
        edit(&mut ports);
        let (ctx, _) = testing::ctx(test.db.clone(), blobs, ports, Settings::test());
        shelf.publish(&ctx).await.expect("published");
        let kept = ctx.clone();
        let module = catalog::module();
        let i18n = web::i18n::Catalogue::load(&[web::LOCALES, module.locales]).expect("the texts are sound");
        let state = AppState::new(App {
            ctx,
            i18n,
            assets: web::assets::Assets::load(),
            cards: Vec::new(),
            cache: web::cache::PublicCache::default(),
            csrf_key: [2; 32],
            openapi: OnceLock::new(),
        });
        let (api, _) = module.api.split_for_parts();
        let router = module
            .html
            .merge(api)
            .layer(middleware::from_fn_with_state(state.clone(), web::error::layer))
            .layer(middleware::from_fn_with_state(state.clone(), web::cache::layer))
            .with_state(state);
        Self { router, ctx: kept, _dir: dir }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    /// Posts a form as whoever has the cookies.
    pub(crate) async fn post(&self, path: &str, cookie: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header("cookie", cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.send(request.expect("a request")).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = LangService(self.router.clone()).oneshot(request).await.expect("never fails");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 4 << 20).await.expect("a body");
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }
}

/// Addresses of the catalogue's own pages in a page.
fn links(body: &str, lang: Lang) -> BTreeSet<String> {
    let wanted = ["services/", "groups/", "life/", "simplification/"].map(|part| format!("/{}/{part}", lang.code()));
    body.split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|href| wanted.iter().any(|start| href.starts_with(start)))
        .filter(|href| !href.ends_with(".pdf") && !href.ends_with(".csv"))
        .map(str::to_owned)
        .collect()
}

pub(crate) fn is_sound(path: &str, answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    for forbidden in [">catalog-", ">common-", "style=", "onclick=", "javascript:", "{ $"] {
        assert!(!answer.body.contains(forbidden), "{path}: {forbidden} in {}", around(&answer.body, forbidden));
    }
    assert_eq!(answer.body.matches("<h1").count(), 1, "{path} has one h1");
    let mut ids = BTreeSet::new();
    for rest in answer.body.split(" id=\"").skip(1) {
        let id = rest.split('"').next().unwrap_or_default();
        assert!(ids.insert(id.to_owned()), "{path}: two elements have the id {id}");
    }
}

fn around<'a>(body: &'a str, needle: &str) -> &'a str {
    let at = body.find(needle).unwrap_or_default();
    let mut start = at.saturating_sub(60);
    while !body.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (at + 100).min(body.len());
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    &body[start..end]
}

#[tokio::test]
async fn every_page_is_sound_in_every_language_and_no_link_leads_nowhere() {
    let site = Site::open().await;
    for lang in Lang::ALL {
        let mut todo: Vec<String> = [
            "",
            "/services",
            "/groups",
            "/life",
            "/simplification",
            "/search?q=pasport",
            "/search?q=qqqqqqq",
            "/search",
        ]
        .iter()
        .map(|path| format!("/{}{path}", lang.code()))
        .collect();
        let mut seen: BTreeSet<String> = todo.iter().cloned().collect();
        let mut services = 0;
        while let Some(path) = todo.pop() {
            let answer = site.get(&path).await;
            is_sound(&path, &answer);
            services += usize::from(path.contains("/services/"));
            todo.extend(links(&answer.body, lang).into_iter().filter(|link| seen.insert(link.clone())));
        }
        assert!(services >= 24, "{}: {services} passports reached from the home page", lang.code());
    }
}

#[tokio::test]
async fn a_passport_has_all_its_blocks() {
    let site = Site::open().await;
    let page = site.get("/uz/services/298").await.body;
    for block in ["price", "legal", "term", "documents", "audience", "steps", "kept", "agencies", "stats", "sources"] {
        assert!(page.contains(&format!("id=\"{block}\"")), "{block}");
    }
    // 0.045 BHM of 412 000 so‘m on the portal, 0.05 at the counter.
    assert!(page.contains("18\u{a0}540"), "the price on the portal");
    assert!(page.contains("20\u{a0}600"), "the price at the counter");
    assert!(page.contains("1\u{a0}188\u{a0}162"), "the published number of uses");
    assert!(page.contains("/sign-in?next=%2Fapply%2F298"), "the way to start");
    for link in ["/uz/services/298/leaflet.pdf", "/uz/services/298/statistics"] {
        assert!(page.contains(&format!("href=\"{link}\"")), "{link}");
    }
}

#[tokio::test]
async fn an_unknown_service_is_a_designed_404() {
    let site = Site::open().await;
    for path in ["/uz/services/999999", "/ru/groups/nothing", "/en/life/nothing"] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body.contains("<h1"), "{path}");
    }
}

#[tokio::test]
async fn the_list_is_narrowed_by_agency_price_and_speed() {
    let site = Site::open().await;
    let count = async |query: &str| links(&site.get(&format!("/uz/services{query}")).await.body, Lang::Uz).len();
    let all = count("").await;
    let free = count("?free=on").await;
    let instant = count("?free=on&instant=on").await;
    assert!(all >= 24 && free < all && instant < free && instant > 0, "{all} {free} {instant}");
    assert_eq!(count("?agency=MIB&instant=on").await, 1);
    let for_firms = count("?audience=legal").await;
    let on_kiosk = count("?channel=home_visit").await;
    assert!(for_firms > 0 && for_firms < all && on_kiosk < all, "{for_firms} {on_kiosk}");
    let nothing = site.get("/uz/services?agency=MIB&group=education").await;
    assert_eq!(nothing.status, StatusCode::OK);
    assert!(nothing.body.contains("p-empty"));
}

/// The number in brackets after a label in a page.
fn number_after(body: &str, label: &str) -> usize {
    let rest = body.split(&format!("{label} (")).nth(1).unwrap_or_default();
    rest.split(')').next().unwrap_or_default().parse().unwrap_or_else(|_| panic!("no number after {label}"))
}

#[tokio::test]
async fn a_number_beside_a_choice_is_the_number_of_services_on_the_next_page() {
    let site = Site::open().await;
    for (path, first) in [("/uz/services", '?'), ("/uz/search?q=ma%27lumotnoma", '&')] {
        let page = site.get(path).await.body;
        for (label, choice) in [("Shaxsiy hujjatlar", "group=documents"), ("Faqat bepul xizmatlar", "free=on")] {
            let promised = number_after(&page, label);
            let next = site.get(&format!("{path}{first}{choice}")).await.body;
            assert!(promised > 0 && next.contains(&format!(">{promised} ta xizmat")), "{path} {choice}: {promised}");
        }
    }
}

#[tokio::test]
async fn a_search_is_narrowed_keeps_its_question_and_every_choice_can_be_removed() {
    let site = Site::open().await;
    for lang in Lang::ALL {
        let path = format!("/{}/search?q=pasport&group=documents&instant=on&channel=web", lang.code());
        let page = site.get(&path).await;
        is_sound(&path, &page);
        assert!(page.body.contains(r#"<input type="hidden" name="q" value="pasport">"#), "{path}");
        for without in [
            "q=pasport&channel=web&instant=on\"",
            "q=pasport&group=documents&instant=on\"",
            "q=pasport&group=documents&channel=web\"",
            "/search?q=pasport\"",
        ] {
            assert!(
                page.body.contains(without)
                    || page.body.contains(&without.replace('&', "&#38;"))
                    || page.body.contains(&without.replace('&', "&amp;")),
                "{path}: no link {without}"
            );
        }
        let nothing = site.get(&format!("/{}/search?q=pasport&agency=XX", lang.code())).await;
        is_sound("a choice that is none", &nothing);
        assert!(nothing.body.contains("p-empty"), "{}", lang.code());
    }
}

#[tokio::test]
async fn the_api_filters_and_counts_as_the_pages_do() {
    let site = Site::open().await;
    let get = async |query: &str| -> serde_json::Value {
        serde_json::from_str(&site.get(&format!("/api/v1/services{query}")).await.body).expect("JSON")
    };
    for base in ["?limit=100", "?limit=100&q=passport"] {
        let all = get(base).await;
        assert!(all["total"].as_u64() > Some(0), "{base}");
        for (filter, count) in [
            ("group=documents", &all["facets"]["group"]["documents"]),
            ("audience=natural", &all["facets"]["audience"]["natural"]),
            ("channel=web", &all["facets"]["channel"]["web"]),
            ("free=true", &all["facets"]["free"]),
            ("instant=true", &all["facets"]["instant"]),
        ] {
            let narrowed = get(&format!("{base}&{filter}")).await;
            assert_eq!(narrowed["total"].as_u64(), Some(count.as_u64().unwrap_or(0)), "{base}&{filter}");
        }
    }
}

#[tokio::test]
async fn the_page_of_missed_searches_is_for_staff_only() {
    let site = Site::open().await;
    for path in ["/uz/staff/searches", "/uz/staff/searches.csv"] {
        let answer = site.get(path).await;
        assert!(
            answer.status.is_redirection() || answer.status == StatusCode::UNAUTHORIZED,
            "{path}: {}",
            answer.status
        );
    }
}

#[tokio::test]
async fn public_pages_are_kept_and_answered_with_not_modified() {
    let site = Site::open().await;
    let first = site.get("/uz/services/496").await;
    let etag = first.headers[header::ETAG].to_str().expect("text").to_owned();
    assert!(first.headers[header::CACHE_CONTROL].as_bytes().starts_with(b"public"));
    let again = site.get_with("/uz/services/496", &[("if-none-match", &etag)]).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let packed = site.get_with("/uz/services/496", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(packed.headers[header::CONTENT_ENCODING], "br");
}

#[tokio::test]
async fn suggestions_come_as_json_and_bad_questions_do_no_harm() {
    let site = Site::open().await;
    let list: serde_json::Value =
        serde_json::from_str(&site.get("/ru/search/suggest?q=загран").await.body).expect("JSON");
    assert_eq!(list[0]["url"], "/ru/services/418");
    let list: serde_json::Value =
        serde_json::from_str(&site.get("/uz/search/suggest?q=metri").await.body).expect("JSON");
    assert!(!list.as_array().expect("a list").is_empty());
    for query in ["", "?q=", "?q=%00", "?q=%FF%FE", "?q=a&q=b", "?x[]=1", "?q=%3Cscript%3Ealert(1)%3C/script%3E"] {
        for path in ["search", "search/suggest", "services"] {
            let answer = site.get(&format!("/uz/{path}{query}")).await;
            assert!(answer.status.is_success() || answer.status.is_client_error(), "{path}{query}: {}", answer.status);
            assert!(!answer.body.contains("<script>alert"), "{path}{query}");
        }
    }
    let long = "a".repeat(7_000);
    assert_eq!(site.get(&format!("/uz/search?q={long}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_api_pages_by_key_and_answers_with_the_version_as_etag() {
    let site = Site::open().await;
    let mut codes = Vec::new();
    let mut path = "/api/v1/services?limit=10".to_owned();
    loop {
        let page: serde_json::Value = serde_json::from_str(&site.get(&path).await.body).expect("JSON");
        codes.extend(page["items"].as_array().expect("a list").iter().map(|item| item["code"].to_string()));
        match page["next"].as_str() {
            Some(next) => path = format!("/api/v1/services?limit=10&after={next}"),
            None => break,
        }
    }
    let distinct: BTreeSet<&String> = codes.iter().collect();
    assert!(codes.len() >= 24 && distinct.len() == codes.len(), "{codes:?}");
    let found: serde_json::Value =
        serde_json::from_str(&site.get("/api/v1/services?q=propiska").await.body).expect("JSON");
    assert_eq!(found["items"][0]["code"], "363");
    let one = site.get("/api/v1/services/298").await;
    let etag = one.headers[header::ETAG].to_str().expect("text").to_owned();
    assert_eq!(etag.len(), 66);
    let again = site.get_with("/api/v1/services/298", &[("if-none-match", &etag)]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    for bad in ["?limit=0", "?limit=1000", "?limit=x", "?surprise=1"] {
        let answer = site.get(&format!("/api/v1/services{bad}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{bad}");
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json", "{bad}");
    }
    assert_eq!(site.get("/api/v1/services/nothing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_sitemap_names_every_service_in_every_language() {
    let site = Site::open().await;
    let map = site.get("/sitemap.xml").await;
    assert_eq!(map.status, StatusCode::OK);
    for lang in Lang::ALL {
        assert!(map.body.contains(&format!("<loc>http://127.0.0.1:8080/{}/services/298</loc>", lang.code())));
    }
    assert!(site.get("/robots.txt").await.body.contains("Sitemap: http://127.0.0.1:8080/sitemap.xml"));
}
