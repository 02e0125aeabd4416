//! What is generated for each service: mark-up, schema, leaflet, statistics; checklists; the register of simplification.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::http::{StatusCode, header};
use contracts::applications::{CaseStanding, Cases, PersonCase, ServiceStats};
use contracts::documents::{DocumentView, Documents, Leaflet};
use contracts::identity::Sessions;
use contracts::{Assurance, Channel, Ctx, PortError, Principal, UnitRef, Who};
use kernel::id::{AccountId, CaseId, SessionId, SubjectId};
use kernel::lang::Lang;
use serde_json::Value;
use uuid::Uuid;

use crate::pages::{Answer, Site, is_sound};

/// A person with the token `citizen`, whose cases and whose services' counters are given.
#[derive(Default)]
struct World {
    stats: ServiceStats,
    months: Vec<(String, u64)>,
    cases: Vec<PersonCase>,
    sheets: Mutex<Vec<Leaflet>>,
    made: AtomicUsize,
}

fn me() -> SubjectId {
    SubjectId::from_uuid(Uuid::from_u128(7))
}

#[async_trait]
impl Sessions for World {
    async fn principal(&self, _: &Ctx, token: &str) -> Result<Option<Principal>, PortError> {
        let subject = match token {
            "citizen-0123456789" => me(),
            "another-0123456789" => SubjectId::from_uuid(Uuid::from_u128(8)),
            _ => return Ok(None),
        };
        Ok(Some(Principal {
            account: AccountId::from_uuid(Uuid::nil()),
            session: SessionId::from_uuid(Uuid::nil()),
            who: Who::Citizen { subject },
            display_name: "Karimova Nodira".to_owned(),
            assurance: Assurance::Otp,
            channel: Channel::Web,
        }))
    }
}

#[async_trait]
impl Cases for World {
    async fn stats(&self, _: &Ctx, _: &str) -> Result<ServiceStats, PortError> {
        Ok(self.stats)
    }

    async fn by_month(&self, _: &Ctx, _: &str) -> Result<Vec<(String, u64)>, PortError> {
        Ok(self.months.clone())
    }

    async fn of_person(&self, _: &Ctx, subject: SubjectId) -> Result<Vec<PersonCase>, PortError> {
        Ok(if subject == me() { self.cases.clone() } else { Vec::new() })
    }

    async fn visible_to(&self, _: &Ctx, _: SubjectId, _: CaseId, _: &UnitRef) -> Result<bool, PortError> {
        Ok(false)
    }
}

#[async_trait]
impl Documents for World {
    async fn for_case(&self, _: &Ctx, _: SubjectId, _: CaseId) -> Result<Vec<DocumentView>, PortError> {
        Ok(Vec::new())
    }

    async fn holds(&self, _: &Ctx, _: &str) -> Result<bool, PortError> {
        Ok(false)
    }

    async fn leaflet(&self, _: &Ctx, leaflet: Leaflet) -> Result<Vec<u8>, PortError> {
        self.made.fetch_add(1, Ordering::Relaxed);
        self.sheets.lock().expect("not poisoned").push(leaflet);
        Ok(b"%PDF-1.7 a sheet".to_vec())
    }
}

async fn site(world: World) -> (Site, Arc<World>) {
    let world = Arc::new(world);
    let shared = world.clone();
    let site = Site::with(|ports| {
        ports.sessions = shared.clone();
        ports.cases = shared.clone();
        ports.documents = shared;
    })
    .await;
    (site, world)
}

fn case(service: &str, number: &str, standing: CaseStanding) -> PersonCase {
    let case = CaseId::from_uuid(Uuid::nil());
    PersonCase { case, service: service.to_owned(), number: number.to_owned(), standing }
}

async fn codes(site: &Site) -> Vec<String> {
    let all = site.ctx.ports.catalog.all(&site.ctx).await.expect("the catalogue");
    all.iter().map(|one| one.code().to_string()).collect()
}

fn mark_up(page: &Answer) -> Value {
    let data = page.body.split("<script type=\"application/ld+json\">").nth(1);
    let data = data.and_then(|rest| rest.split("</script>").next()).expect("a data block");
    serde_json::from_str(data).expect("JSON")
}

/// Every property of a value belongs to its type.
fn speaks(known: &BTreeMap<&str, BTreeSet<&str>>, value: &Value, place: &str) {
    match value {
        Value::Array(list) => list.iter().for_each(|one| speaks(known, one, place)),
        Value::Object(map) => {
            let kind = map["@type"].as_str().expect("a type");
            let terms = known.get(kind).unwrap_or_else(|| panic!("{place}: {kind} is not in the vocabulary"));
            for (key, value) in map.iter().filter(|(key, _)| !key.starts_with('@')) {
                assert!(terms.contains(key.as_str()), "{place}: {kind} has no property {key}");
                if value.is_object() || value.is_array() && value[0].is_object() {
                    speaks(known, value, place);
                }
            }
        }
        other => panic!("{place}: {other} is not a thing"),
    }
}

/// R000-035, DEF-UNCONFIRMED.
#[tokio::test]
async fn the_mark_up_of_every_service_uses_terms_of_schema_org_and_tells_the_price_only_when_it_is_confirmed() {
    let terms = include_str!("../data/schema-org.txt");
    let known: BTreeMap<&str, BTreeSet<&str>> = terms
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(": "))
        .map(|(kind, terms)| (kind, terms.split(' ').collect()))
        .collect();
    let (site, _) =
        site(World { stats: ServiceStats { ratings: [0, 0, 1, 0, 2], ..Default::default() }, ..World::default() })
            .await;
    let all = site.ctx.ports.catalog.all(&site.ctx).await.expect("the catalogue");
    for definition in &all {
        let path = format!("/en/services/{}", definition.code());
        let data = mark_up(&site.get(&path).await);
        assert_eq!(data["@context"], "https://schema.org");
        assert_eq!(data["@type"], "GovernmentService");
        assert_eq!(data["identifier"], definition.code().as_str());
        for key in
            ["name", "description", "url", "provider", "serviceType", "areaServed", "availableChannel", "serviceOutput"]
        {
            assert!(!data[key].is_null(), "{path}: {key}");
        }
        assert_eq!(data["aggregateRating"]["ratingCount"], 3, "{path}");
        speaks(&known, &data, &path);
        let unconfirmed = definition.passport().is_unconfirmed(definition::Fact::Fee);
        assert_eq!(data["offers"].is_null(), unconfirmed, "{path}: {}", data["offers"]);
    }
    let priced = mark_up(&site.get("/en/services/298").await);
    assert_eq!(priced["offers"]["price"], "18540.00");
    assert_eq!(priced["offers"]["priceCurrency"], "UZS");
}

#[tokio::test]
async fn what_is_not_confirmed_is_never_told_as_a_fact() {
    let (site, world) = site(World::default()).await;
    let words = [
        (Lang::Uz, "Narxi aniqlashtirilmoqda"),
        (Lang::UzCyrl, "Нархи аниқлаштирилмоқда"),
        (Lang::Kaa, "Bahası anıqlastırılmaqta"),
        (Lang::Ru, "Стоимость уточняется"),
        (Lang::En, "Price to be confirmed"),
    ];
    for (lang, price) in words {
        let page = site.get(&format!("/{}/services/stirolish", lang.code())).await;
        let free = match lang {
            Lang::Uz => "Xizmat bepul",
            Lang::UzCyrl => "Хизмат бепул",
            Lang::Kaa => "Xızmet biypul",
            Lang::Ru => "Услуга оказывается бесплатно",
            Lang::En => "free of charge",
        };
        assert!(page.body.contains(price), "{}: {price}", lang.code());
        assert!(!page.body.contains(free), "{}: {free}", lang.code());
        site.get(&format!("/{}/services/stirolish/leaflet.pdf", lang.code())).await;
        let sheet = world.sheets.lock().expect("not poisoned").pop().expect("a sheet");
        assert!(sheet.facts.iter().any(|(_, value)| value == price), "{:?}", sheet.facts);
    }
    let list: Value =
        serde_json::from_str(&site.get("/api/v1/services?limit=100&group=taxes").await.body).expect("JSON");
    let items = list["items"].as_array().expect("a list");
    let one = items.iter().find(|item| item["code"] == "stirolish").expect("it is there");
    assert_eq!(one["free"], false);
    assert!(one["price"].is_null());
    assert_eq!(one["unconfirmed"].as_array().map(Vec::len), Some(5));
    let free = site.get("/uz/services?free=on").await;
    assert!(!free.body.contains("/uz/services/stirolish"), "not among the free ones");
}

#[tokio::test]
async fn every_service_has_a_json_schema_of_its_answers() {
    let (site, _) = site(World::default()).await;
    for code in codes(&site).await {
        let answer = site.get(&format!("/api/v1/services/{code}/schema")).await;
        assert_eq!(answer.status, StatusCode::OK, "{code}");
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/schema+json");
        let schema: Value = serde_json::from_str(&answer.body).expect("JSON");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], format!("http://127.0.0.1:8080/api/v1/services/{code}/schema"));
        assert!(schema["properties"].is_object(), "{code}");
        let etag = answer.headers[header::ETAG].to_str().expect("text").to_owned();
        let again = site.get_with(&format!("/api/v1/services/{code}/schema"), &[("if-none-match", &etag)]).await;
        assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{code}");
    }
    assert_eq!(site.get("/api/v1/services/nothing/schema").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_service_has_a_leaflet_in_every_language_and_each_is_laid_out_once() {
    let (site, world) = site(World::default()).await;
    for code in codes(&site).await {
        let answer = site.get(&format!("/kaa/services/{code}/leaflet.pdf")).await;
        assert_eq!(answer.status, StatusCode::OK, "{code}: {}", answer.body);
    }
    let before = world.made.load(Ordering::Relaxed);
    for lang in Lang::ALL {
        let path = format!("/{}/services/298/leaflet.pdf", lang.code());
        let first = site.get(&path).await;
        assert_eq!(first.headers[header::CONTENT_TYPE], "application/pdf");
        site.get(&path).await;
        let etag = first.headers[header::ETAG].to_str().expect("text").to_owned();
        let known = site.get_with(&path, &[("if-none-match", &etag)]).await;
        assert_eq!((known.status, known.body.len()), (StatusCode::NOT_MODIFIED, 0));
    }
    assert_eq!(world.made.load(Ordering::Relaxed) - before, 4, "Karakalpak was there already");
    let sheet = world.sheets.lock().expect("not poisoned").last().expect("a sheet").clone();
    assert!(sheet.url.ends_with("/services/298") && sheet.sections.len() >= 4, "{sheet:?}");
    assert!(sheet.sections.iter().any(|section| section.numbered && section.lines.len() >= 2), "the steps");
    assert!(sheet.demo.is_some(), "a sheet with invented data says so");
    assert_eq!(site.get("/uz/services/nothing/leaflet.pdf").await.status, StatusCode::NOT_FOUND);
}

/// R001-032.
#[tokio::test]
async fn statistics_are_shown_by_status_rating_and_month_with_a_table_behind_each_chart() {
    let stats = ServiceStats {
        new: 62,
        in_progress: 7_060,
        finished: 1_052_832,
        refused: 283_729,
        awaiting_payment: 7_737,
        cancelled: 1_037_325,
        ratings: [3, 0, 1, 2, 10],
    };
    let months = vec![("2026-10".to_owned(), 5), ("2026-11".to_owned(), 7)];
    let (site, _) = site(World { stats, months, ..World::default() }).await;
    for lang in Lang::ALL {
        let path = format!("/{}/services/415/statistics", lang.code());
        let page = site.get(&path).await;
        is_sound(&path, &page);
        assert_eq!(page.body.matches("class=\"p-chart\"").count(), 3, "{path}");
        assert_eq!(page.body.matches("<caption").count(), 3, "{path}: a table behind each chart");
        let share = if lang == Lang::En { "44.1%" } else { "44,1\u{a0}%" };
        assert!(page.body.contains(share), "{path}: share of the finished");
    }
    let csv = site.get("/uz/services/415/statistics.csv").await;
    assert_eq!(csv.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    for line in ["status,finished,1052832", "rating,5,10", "month,2026-11,7"] {
        assert!(csv.body.lines().any(|found| found == line), "{line} in {}", csv.body);
    }
}

#[tokio::test]
async fn statistics_of_a_service_that_nobody_used_say_so() {
    let (site, _) = site(World::default()).await;
    let page = site.get("/uz/services/415/statistics").await;
    is_sound("statistics", &page);
    assert!(page.body.contains("Bu portalda hali ariza yo‘q.") && !page.body.contains("<svg class=\"p-chart\""));
    assert_eq!(site.get("/uz/services/nothing/statistics").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_visitor_sees_a_life_situation_as_a_list_and_nothing_is_kept() {
    let (site, _) = site(World::default()).await;
    let page = site.get("/uz/life/car").await;
    is_sound("/uz/life/car", &page);
    assert!(page.body.contains("Mashinani kreditga olyapsizmi?"), "the question of a conditional step");
    assert!(page.body.contains("/uz/sign-in?next=%2Flife%2Fcar"));
    assert!(!page.body.contains("name=\"mark\"") && !page.headers.contains_key(header::SET_COOKIE));
    assert!(page.headers[header::CACHE_CONTROL].as_bytes().starts_with(b"public"));
    let refused = site.post("/uz/life/car", "", "step=ban&mark=done").await;
    assert!(!refused.status.is_success());
}

#[tokio::test]
async fn a_person_sees_what_is_done_and_what_comes_next_and_marks_steps() {
    let cases =
        vec![case("363", "26-1111-2222-3", CaseStanding::Open), case("913", "26-3333-4444-5", CaseStanding::Given)];
    let (site, _) = site(World { cases, ..World::default() }).await;
    let cookie = "ps=citizen-0123456789";
    let me = async || site.get_with("/uz/life/birth", &[("cookie", cookie)]).await;
    let page = me().await;
    is_sound("/uz/life/birth", &page);
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    assert!(page.body.contains("26-3333-4444-5") && page.body.contains("26-1111-2222-3"));
    assert!(page.body.contains("3 qadamdan 1 tasi bajarildi"), "conditional steps do not count");
    let token = page.body.split("name=\"").find_map(|rest| {
        let (name, rest) = rest.split_once('"')?;
        let value = rest.strip_prefix(" value=\"")?.split('"').next()?;
        name.contains("csrf").then(|| format!("{name}={value}"))
    });
    let token = token.expect("a token");
    for _ in 0..2 {
        let marked = site.post("/uz/life/birth", cookie, &format!("{token}&step=clinic&mark=done")).await;
        assert_eq!(marked.status, StatusCode::SEE_OTHER, "{}", marked.body);
        assert_eq!(marked.headers[header::LOCATION], "/uz/life/birth#step-clinic");
    }
    site.post("/uz/life/birth", cookie, &format!("{token}&step=kindergarten&mark=skip")).await;
    let page = me().await;
    assert!(page.body.contains("3 qadamdan 2 tasi bajarildi"));
    assert!(page.body.contains("Menga tegishli emas"));
    let other = site.get_with("/uz/life/birth", &[("cookie", "ps=another-0123456789")]).await;
    assert!(other.body.contains("3 qadamdan 0 tasi bajarildi") && !other.body.contains("26-3333-4444-5"));
    site.post("/uz/life/birth", cookie, &format!("{token}&step=clinic&mark=clear")).await;
    assert!(me().await.body.contains("3 qadamdan 1 tasi bajarildi"));
    for (form, status) in [
        (format!("{token}&step=nothing&mark=done"), StatusCode::NOT_FOUND),
        (format!("{token}&step=clinic&mark=perhaps"), StatusCode::BAD_REQUEST),
        ("step=clinic&mark=done".to_owned(), StatusCode::FORBIDDEN),
    ] {
        assert_eq!(site.post("/uz/life/birth", cookie, &form).await.status, status, "{form}");
    }
}

/// R000-035, R000-033.
#[tokio::test]
async fn the_register_of_simplification_lists_every_service_and_exports_it() {
    let (site, _) = site(World::default()).await;
    let page = site.get("/uz/simplification").await;
    is_sound("/uz/simplification", &page);
    assert!(page.body.contains("2026-yil 4-chorak"), "the present quarter is there");
    assert!(page.body.contains("Birorta xizmat elektron imzo talab qilmaydi."));
    let csv = site.get("/uz/simplification/services.csv").await.body;
    let all = codes(&site).await;
    assert_eq!(csv.lines().count(), all.len() + 1);
    // One page of the form and the check page; three questions; three working days; 0.045 BHM of 412 000 so‘m.
    let line = csv.lines().find(|line| line.starts_with("298,")).expect("298 is there");
    assert!(line.ends_with(",AV,2,3,1,0,password,6048,1854000,"), "{line}");
    let over = site.get("/uz/simplification/over-three-steps.csv").await.body;
    let wide: BTreeSet<String> =
        over.lines().skip(1).map(|line| line.split(',').next().unwrap_or("").to_owned()).collect();
    for definition in site.ctx.ports.catalog.all(&site.ctx).await.expect("the catalogue") {
        assert_eq!(wide.contains(definition.code().as_str()), definition.pages().len() > 2, "{}", definition.code());
    }
    assert_eq!(site.get("/uz/simplification/changes.csv").await.body.lines().count(), 1, "only the head");
    assert_eq!(site.get("/uz/simplification/nothing.csv").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/uz/simplification/nothing").await.status, StatusCode::NOT_FOUND);
}
