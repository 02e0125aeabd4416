//! The form through the real router: every type of field, in every language, on both databases.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::middleware;
use contracts::Event;
use contracts::applications::CaseDecided;
use kernel::lang::Lang;
use serde_json::{Value, json};
use storage::testing::each_backend;
use tower::ServiceExt;
use web::lang::LangService;
use web::module::{App, AppState};

use crate::migrations;
use crate::world::World;

/// The pages of the context as the program serves them.
struct Portal {
    world: World,
    router: axum::Router,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn location(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

impl Portal {
    fn new(db: storage::Db) -> Self {
        let world = World::new(db);
        world.says("population", json!({"surname": "Karimova", "name": "Nodira", "birth_date": "1990-05-17"}));
        world.says("tax", json!({"stir": "305123456", "full_name": "“Namuna savdo” MChJ"}));
        let module = applications::module();
        let i18n = web::i18n::Catalogue::load(&[web::LOCALES, module.locales]).unwrap();
        let state = AppState::new(App {
            ctx: world.ctx.clone(),
            i18n,
            assets: web::assets::Assets::load(),
            cards: module.cards,
            cache: web::cache::PublicCache::default(),
            csrf_key: [2; 32],
            openapi: OnceLock::new(),
        });
        let (api, _) = module.api.split_for_parts();
        let layer = middleware::from_fn_with_state(state.clone(), web::error::layer);
        let router = module.html.merge(api).layer(layer).with_state(state);
        Self { world, router }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = LangService(self.router.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 8 << 20).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn get(&self, who: &str, path: &str) -> Answer {
        let request = Request::get(path).header("cookie", format!("ps={who}"));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A page that is there and sound.
    async fn page(&self, who: &str, path: &str) -> String {
        let answer = self.get(who, path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        is_sound(path, &answer.body);
        answer.body
    }

    /// Posts fields with the token of a page, as a browser without scripts does.
    async fn post(&self, page: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = token(&self.get("citizen", page).await.body);
        let mut body = format!("_csrf={token}");
        for (name, value) in fields {
            let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
            body.push_str(&format!("&{}={}", encode(name), encode(value)));
        }
        let request = Request::post(path)
            .header("cookie", "ps=citizen")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body));
        self.send(request.unwrap()).await
    }

    /// Posts a page of the form with a file.
    async fn upload(&self, page: &str, fields: &[(&str, &str)], field: &str) -> Answer {
        let token = token(&self.get("citizen", page).await.body);
        let mut body = String::new();
        for (name, value) in [("_csrf", token.as_str())].iter().chain(fields) {
            body.push_str(&format!("--X\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
        }
        body.push_str(&format!(
            "--X\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"hujjat.pdf\"\r\n\r\n%PDF-1.7\r\n--X--\r\n"
        ));
        let request = Request::post(page)
            .header("cookie", "ps=citizen")
            .header("content-type", "multipart/form-data; boundary=X")
            .body(Body::from(body));
        self.send(request.unwrap()).await
    }

    async fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", "Bearer citizen")
            .header("content-type", "application/json")
            .header("idempotency-key", "key-of-the-test-1")
            .body(Body::from(body.to_string()));
        self.send(request.unwrap()).await
    }

    /// Begins an application of the service of the tests; gives the address of its draft.
    async fn begin(&self, lang: Lang) -> String {
        let path = format!("/{}/apply/T1", lang.code());
        let answer = self.post(&path, &path, &[]).await;
        let (draft, page) = answer.location().rsplit_once('/').unwrap_or_else(|| panic!("{}", answer.body));
        assert_eq!(page, "1", "a new form begins at its first page");
        draft.to_owned()
    }
}

fn token(page: &str) -> String {
    let rest = page.split("name=\"_csrf\" value=\"").nth(1).unwrap_or_else(|| panic!("no token in {page}"));
    rest.split('"').next().unwrap().to_owned()
}

fn is_sound(path: &str, body: &str) {
    for forbidden in [">applications-", ">common-", "style=", "onclick=", "{ $", "{$"] {
        assert!(!body.contains(forbidden), "{path}: {forbidden}");
    }
    assert_eq!(body.matches("<h1").count(), 1, "{path} has one h1: {body}");
    // Every id is there once, and every error is beside a control that it describes.
    let ids = body.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut seen = std::collections::BTreeSet::new();
    let twice: Vec<&str> = ids.filter(|id| !seen.insert(*id)).collect();
    assert!(twice.is_empty(), "{path}: ids there twice: {twice:?}");
}

/// The first page, rightly filled in; in business unless said otherwise.
fn first(business: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("phone", "+998901234567"),
        ("birthday.day", "17"),
        ("birthday.month", "5"),
        ("birthday.year", "1990"),
        ("nick", "Nodi"),
        ("about", "Sog‘lom"),
        ("mail", "nodira@example.uz"),
        ("number", "41705900010016"),
        ("doc", "aa 1234567"),
        ("parent.pinfl", "41705900010016"),
        ("parent.surname", "Salimova"),
        ("parent.name", "Zulfiya"),
        ("has_business", business),
    ]
}

/// The page on the business with two plots.
const BUSINESS: [(&str, &str); 17] = [
    ("firm.stir", "305 123 456"),
    ("firm.name", "“Namuna savdo” MChJ"),
    ("account", "2020 8000 9001 2345 6001"),
    ("crop.1", "fruit"),
    ("crop.2", "grape"),
    ("plots.rows", "2"),
    ("plots.0.plot", "10:09:03:02:01:0123"),
    ("plots.0.area", "12,5"),
    ("plots.0.holding", "own"),
    ("plots.1.plot", "10:09:03:02:01:0124"),
    ("plots.1.area", "0.125"),
    ("plots.1.holding", "rent"),
    ("plots.1.rent", "5 000 000"),
    ("plots.1.since.day", "1"),
    ("plots.1.since.month", "2"),
    ("plots.1.since.year", "2020"),
    ("region.region", "1733"),
];

const LAST: [(&str, &str); 9] = [
    ("home.district", "1726266"),
    ("home.street", "Amir Temur"),
    ("home.house", "12"),
    ("birthplace.district", "1733401"),
    ("children", "2"),
    ("income", "10 000 000"),
    ("days", "mon"),
    ("days", "wed"),
    ("agree", "true"),
];

fn with<'a>(base: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = base.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more).copied().collect()
}

/// A form is asked, filled in with mistakes and without, sent, decided: every type of field is on every page that shows it.
///
/// Rules DEF-ROWS, DEF-CASCADE, DEF-GEO, DEF-PLUSCODE, DEF-DECIMAL, DEF-ACCOUNT, DEF-VERIFY, DEF-CHAIN, DEF-COMPUTED.
#[tokio::test]
async fn every_type_of_field_is_asked_checked_saved_and_shown_in_every_language() {
    each_backend(migrations(), |db| async move {
        let portal = Portal::new(db);
        for lang in Lang::ALL {
            fill_in_and_decide(&portal, lang).await;
        }
    })
    .await;
}

async fn fill_in_and_decide(portal: &Portal, lang: Lang) {
    let catalogue = web::i18n::Catalogue::load(&[web::LOCALES, applications::LOCALES]).unwrap();
    let t = catalogue.lang(lang);
    let escaped = |text: String| text.replace('\'', "&#39;").replace('"', "&#34;");
    let has = |page: &str, key: &str| {
        let text = escaped(t.t(key));
        assert!(page.contains(&text), "{}: {key} (“{text}”) is not in {page}", lang.code());
    };
    let draft = portal.begin(lang).await;
    let at = |page: &str| format!("{draft}/{page}");

    // Page 1: what is wrong is told beside its field, and what was typed stays.
    let page = portal.page("citizen", &at("1")).await;
    assert!(!page.contains("value=\"retired\""), "an option whose condition does not hold is not offered");
    let wrong =
        with(&first("yes"), &[("birthday.year", "1991"), ("nick", "N"), ("mail", "nodira"), ("parent.name", "")]);
    let answer = portal.post(&at("1"), &at("1"), &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    is_sound("page 1 with errors", &answer.body);
    has(&answer.body, "applications-field-differs");
    for id in ["birthday-error", "nick-error", "mail-error", "parent.name-error"] {
        assert!(answer.body.contains(&format!("id=\"{id}\"")), "{id} is missing: {}", answer.body);
    }
    assert!(answer.body.contains("value=\"nodira\"") && answer.body.contains("value=\"1991\""));
    let answer = portal.post(&at("1"), &at("1"), &first("yes")).await;
    assert_eq!(answer.location(), at("2"), "{}", answer.body);
    let page = portal.page("citizen", &at("1")).await;
    assert!(page.contains("id=\"birthday-source\""), "what the register confirms is said");

    // Page 2: the list under the one chosen comes with a press of a button.
    let page = portal.page("citizen", &at("2")).await;
    assert!(page.contains("name=\"crop.1\"") && !page.contains("name=\"crop.2\""));
    assert!(page.contains("name=\"plots.0.plot\"") && !page.contains("name=\"plots.1.plot\""));
    has(&page, "applications-cascade-show");
    let form = page.split("action=\"").find(|form| form.starts_with(&at("2"))).unwrap();
    let first = form.split("<button").nth(1).unwrap();
    assert!(
        first.starts_with(" class=\"govuk-visually-hidden\""),
        "Enter sends the form, whatever stands in it: {first}"
    );
    let answer = portal.post(&at("2"), &at("2"), &[("crop.1", "grain"), ("plots.rows", "1"), ("_more", "crop")]).await;
    assert_eq!(answer.location(), format!("{}#crop", at("2")));
    let page = portal.page("citizen", &at("2")).await;
    assert!(page.contains("name=\"crop.2\"") && page.contains("value=\"wheat\"") && !page.contains("value=\"grape\""));

    // A row is added, another taken away; what was typed in the others stays.
    let two = with(&BUSINESS, &[("_add", "plots")]);
    let answer = portal.post(&at("2"), &at("2"), &two).await;
    assert_eq!(answer.location(), format!("{}#plots.2", at("2")));
    let page = portal.page("citizen", &at("2")).await;
    assert!(page.contains("name=\"plots.rows\" value=\"3\"") && page.contains("id=\"plots.2\""));
    assert!(page.contains("value=\"12,5\"") || page.contains("value=\"12.5\""));
    let three = with(&BUSINESS, &[("plots.rows", "3"), ("plots.2.plot", "?"), ("_remove", "plots.0")]);
    let answer = portal.post(&at("2"), &at("2"), &three).await;
    assert_eq!(answer.location(), format!("{}#plots", at("2")));
    let page = portal.page("citizen", &at("2")).await;
    assert!(page.contains("name=\"plots.rows\" value=\"2\"") && !page.contains("10:09:03:02:01:0123"));
    assert!(page.contains("value=\"10:09:03:02:01:0124\"") && page.contains("value=\"?\""));

    // Each mistake is beside the right row, and the list above says which row it is.
    let wrong = with(
        &BUSINESS,
        &[
            ("plots.0.area", "0"),
            ("plots.1.area", "1,2345"),
            ("plots.1.rent", ""),
            ("account", "123"),
            ("crop.2", "wheat"),
            ("firm.stir", "1"),
            ("place.code", "Toshkent"),
        ],
    );
    let answer = portal.post(&at("2"), &at("2"), &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    is_sound("page 2 with errors", &answer.body);
    for id in ["plots.0.area", "plots.1.area", "plots.1.rent", "account", "crop.2", "firm.stir", "place.code"] {
        assert!(answer.body.contains(&format!("id=\"{id}-error\"")), "{id}: {}", answer.body);
        assert!(answer.body.contains(&format!("href=\"#{id}\"")), "{id} is not in the list above");
    }
    for id in ["plots.0.plot", "plots.0.rent", "plots.1.plot", "region.region"] {
        assert!(!answer.body.contains(&format!("id=\"{id}-error\"")), "{id} is right");
    }
    has(&answer.body, "applications-field-choose-next");
    has(&answer.body, "applications-field-bad-account");
    assert!(answer.body.contains(&escaped(t.t1("applications-field-too-precise", "max", "3"))));
    let label = portal.label("plots", lang);
    let row = t.t2("applications-row", "label", label.as_str(), "n", 2_i64);
    assert!(answer.body.contains(&format!("<a href=\"#plots.1.area\">{}", escaped(row))), "{}", answer.body);

    let right = with(&BUSINESS, &[("place.code", "8JHF866R+C6")]);
    let answer = portal.post(&at("2"), &at("2"), &right).await;
    assert_eq!(answer.location(), at("3"), "{}", answer.body);
    let answer = portal.upload(&at("3"), &LAST, "proof").await;
    assert_eq!(answer.location(), at("check"), "{}", answer.body);

    // The check page, the case page and the official's page show all of it.
    let shown = |page: &str, lang: Lang| {
        let comma = |text: &str| if lang == Lang::En { text.to_owned() } else { text.replace('.', ",") };
        for text in [
            "20208000900123456001",
            "STIR 305123456",
            "10:09:03:02:01:0123",
            &comma("12.5"),
            &comma("0.125"),
            &comma("12.625"),
            &comma("25.25"),
            "41.3110625, 69.2405625",
            "01.02.2020",
            "Nodi",
            "Salimova",
            "hujjat.pdf",
            "<ol class=\"p-rowlist\">",
        ] {
            assert!(page.contains(text), "{}: {text} is not in {page}", lang.code());
        }
        assert!(page.contains(&portal.option("crop", "grape", lang)), "{page}");
        let money = kernel::format::money(kernel::money::Tiyin::from_som(5_000_000), lang);
        assert!(page.contains(&money), "{money} is not in {page}");
    };
    let page = portal.page("citizen", &at("check")).await;
    shown(&page, lang);
    has(&page, "applications-submit");
    let answer = portal.post(&at("check"), &at("submit"), &[("confirmed", "true")]).await;
    let case = answer.location().split('?').next().unwrap().to_owned();
    assert!(case.contains("/cases/"), "{}", answer.body);
    let page = portal.page("citizen", &case).await;
    shown(&page, lang);
    let register = definition::register_info("tax").unwrap().title.get(lang).into_owned();
    assert!(page.contains(&escaped(t.t1("applications-verified-same", "source", register))), "{page}");

    portal.world.drain().await;
    let id = case.rsplit('/').next().unwrap().parse().unwrap();
    let number = portal.world.case(portal.world.nodira, id).await.submitted.number;
    let page = portal.page("official", &format!("/{}/staff/cases/{number}", lang.code())).await;
    shown(&page, lang);
    assert!(page.contains("Sog‘lom"), "whoever decides sees what is special");

    // The paper's rows are in the applicant's language.
    let officer = portal.world.officer("AV.1726266", &[contracts::Role::Official]);
    portal.world.act(&officer, &number, "approve").await;
    let decided: CaseDecided = portal.world.last(CaseDecided::TOPIC);
    let rows: Vec<&str> = decided.documents[0].rows.iter().map(|row| row.value.as_str()).collect();
    let own = portal.option("plots.0.holding", "own", lang);
    let short = match lang {
        Lang::Ru => format!("10:09:03:02:01:0123: 12,5 га, {own}"),
        Lang::En => format!("10:09:03:02:01:0123: 12.5 ha, {own}"),
        Lang::UzCyrl => format!("10:09:03:02:01:0123: 12,5 га, {own}"),
        Lang::Uz | Lang::Kaa => format!("10:09:03:02:01:0123: 12,5 ga, {own}"),
    };
    assert!(rows.contains(&short.as_str()), "{short} is not in {rows:?}");
    assert!(rows.iter().any(|row| row.contains(&own) && row.contains("; ")), "{rows:?}");
    assert!(rows.contains(&"41.3110625, 69.2405625"), "{rows:?}");
}

impl Portal {
    fn definition(&self) -> std::sync::Arc<definition::Definition> {
        self.world.definition("T1")
    }

    fn label(&self, path: &str, lang: Lang) -> String {
        self.definition().field_at(path).unwrap().1.label.get(lang).into_owned()
    }

    fn option(&self, path: &str, code: &str, lang: Lang) -> String {
        let definition = self.definition();
        let (_, field) = definition.field_at(path).unwrap();
        field.options.iter().find(|option| option.code == code).unwrap().label.get(lang).into_owned()
    }
}

/// Rule DEF-SKIP.
#[tokio::test]
async fn a_page_that_is_not_asked_is_neither_a_step_nor_checked() {
    each_backend(migrations(), |db| async move {
        let portal = Portal::new(db);
        let draft = portal.begin(Lang::En).await;
        let at = |page: &str| format!("{draft}/{page}");
        portal.post(&at("1"), &at("1"), &first("yes")).await;
        let steps = |page: &str| page.matches("<li class=\"p-steps__item").count();
        assert_eq!(steps(&portal.page("citizen", &at("1")).await), 4, "three pages and the check");
        portal.post(&at("2"), &at("2"), &[("account", "123")]).await;
        let answer = portal.post(&at("1"), &at("1"), &first("no")).await;
        assert_eq!(answer.location(), at("3"), "the page about the business is passed over");
        assert_eq!(portal.get("citizen", &at("2")).await.location(), at("3"));
        let page = portal.page("citizen", &at("3")).await;
        assert_eq!(steps(&page), 3);
        assert!(page.contains(&format!("href=\"{}\"", at("1"))), "the way back passes it over too");
        let answer = portal.upload(&at("3"), &LAST, "proof").await;
        assert_eq!(answer.location(), at("check"), "{}", answer.body);
        let page = portal.page("citizen", &at("check")).await;
        assert!(!page.contains("Business") && !page.contains(&format!("href=\"{}\"", at("2"))), "{page}");
        // Changed back, the answers are still there; sent, they are not.
        portal.post(&at("1"), &at("1"), &first("yes")).await;
        assert!(portal.page("citizen", &at("2")).await.contains("value=\"123\""));
        portal.post(&at("1"), &at("1"), &first("no")).await;
        let answer = portal.post(&at("check"), &at("submit"), &[("confirmed", "true")]).await;
        let id = answer.location().rsplit('/').next().unwrap().split('?').next().unwrap().parse();
        let case = portal.world.case(portal.world.nodira, id.unwrap_or_else(|_| panic!("{}", answer.body))).await;
        assert!(!case.answers.contains_key("account"));
    })
    .await;
}

#[tokio::test]
async fn rows_are_saved_as_one_types() {
    each_backend(migrations(), |db| async move {
        let portal = Portal::new(db);
        let draft = portal.begin(Lang::Uz).await;
        portal.post(&format!("{draft}/1"), &format!("{draft}/1"), &first("yes")).await;
        let page = format!("{draft}/2");
        let answer = portal.post(&page, &format!("{page}/autosave"), &BUSINESS).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
        let page = portal.page("citizen", &page).await;
        assert!(page.contains("value=\"10:09:03:02:01:0124\"") && page.contains("value=\"0,125\""), "{page}");
        assert!(page.contains("value=\"5000000\""), "the rent of a rented plot is shown");
    })
    .await;
}

#[tokio::test]
async fn a_returned_form_takes_rows_without_being_sent() {
    each_backend(migrations(), |db| async move {
        let portal = Portal::new(db);
        let world = &portal.world;
        let draft = portal.begin(Lang::Uz).await;
        let at = |page: &str| format!("{draft}/{page}");
        portal.post(&at("1"), &at("1"), &first("yes")).await;
        let business = with(&BUSINESS, &[("place.lat", "41,3"), ("place.lon", "69.24")]);
        portal.post(&at("2"), &at("2"), &business).await;
        portal.upload(&at("3"), &LAST, "proof").await;
        let answer = portal.post(&at("check"), &at("submit"), &[("confirmed", "true")]).await;
        let case = answer.location().split('?').next().unwrap().to_owned();
        world.drain().await;
        let id = case.rsplit('/').next().unwrap().parse().unwrap();
        let number = world.case(world.nodira, id).await.submitted.number;
        let officer = world.officer("AV.1726266", &[contracts::Role::Official]);
        world.act(&officer, &number, "return").await;
        let seq = world.case(world.nodira, id).await.seq.to_string();
        let correct = format!("{case}/correct");
        let page = portal.page("citizen", &correct).await;
        assert!(page.contains("name=\"plots.1.plot\"") && !page.contains("name=\"plots.2.plot\""));
        let all: Vec<(&str, &str)> =
            first("yes").into_iter().chain(business).chain(LAST).chain([("seq", seq.as_str())]).collect();
        let answer = portal.post(&correct, &correct, &with(&all, &[("_add", "plots"), ("nick", "Yangi")])).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(answer.body.contains("name=\"plots.2.plot\"") && answer.body.contains("value=\"Yangi\""));
        assert_eq!(world.case(world.nodira, id).await.seq.to_string(), seq, "nothing is sent yet");
        let more = [
            ("plots.rows", "3"),
            ("plots.2.plot", "10:09:03:02:01:0125"),
            ("plots.2.area", "2"),
            ("plots.2.holding", "own"),
        ];
        let answer = portal.post(&correct, &correct, &with(&all, &more)).await;
        assert_eq!(answer.location(), format!("{case}?done=corrected"), "{}", answer.body);
        let answers = world.case(world.nodira, id).await.answers;
        assert_eq!(answers["total_area"], "14.625", "what is computed follows");
        assert_eq!(answers["plots"][2]["area"], "2");
        assert_eq!(answers["plots"][2]["yearly"], 2_000_000);
    })
    .await;
}

#[tokio::test]
async fn the_api_takes_and_gives_the_same_types_with_the_same_errors() {
    each_backend(migrations(), |db| async move {
        let portal = Portal::new(db);
        let draft = portal.api("POST", "/api/v1/services/T1/drafts", Value::Null).await.json();
        let path = format!("/api/v1/drafts/{}", draft["id"].as_str().unwrap());
        let wrong = json!({"answers": {"has_business": "yes", "crop": ["fruit", "wheat"], "plots": [
            {"plot": "10:09:03:02:01:0123", "area": "0", "holding": "own", "colour": "red"}, {"plot": "?"}]}});
        let answer = portal.api("PATCH", &path, wrong).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let problem = answer.json();
        let found: Vec<(&str, &str)> = problem["errors"]
            .as_array()
            .unwrap_or_else(|| panic!("{problem}"))
            .iter()
            .map(|error| (error["field"].as_str().unwrap(), error["code"].as_str().unwrap()))
            .collect();
        for expected in [
            ("crop.2", "field-unknown-option"),
            ("plots.0.area", "field-check"),
            ("plots.0.colour", "field-unknown"),
            ("plots.1.plot", "field-bad-cadastre"),
        ] {
            assert!(found.contains(&expected), "{expected:?} is not in {found:?}");
        }
        let right = json!({"answers": {"has_business": "yes", "crop": ["grain", "wheat"], "account": "20208000900123456001",
            "firm": {"stir": "305123456", "name": "“Namuna savdo” MChJ"}, "place": {"lat": "41.30", "lon": 69.24},
            "plots": [{"plot": "10:09:03:02:01:0123", "area": 1.5, "holding": "own"}, {}], "region": {"region": "1726"}}});
        let answer = portal.api("PATCH", &path, right).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let body = answer.json();
        assert_eq!(body["answers"]["place"], json!({"lat": "41.3", "lon": "69.24"}));
        assert_eq!(body["answers"]["plots"][0]["area"], "1.5");
        assert_eq!(body["answers"]["plots"][0]["yearly"], 1_500_000, "computed values are given, never taken");
        assert_eq!(body["answers"]["total_twice"], "3");
        let missing: Vec<&str> =
            body["problems"].as_array().unwrap().iter().map(|problem| problem["field"].as_str().unwrap()).collect();
        assert!(missing.contains(&"home") && !missing.iter().any(|field| field.starts_with("plots")), "{missing:?}");
    })
    .await;
}

/// Rule DEF-VERIFY.
#[tokio::test]
async fn an_answer_that_the_register_does_not_confirm_is_marked_for_the_official() {
    each_backend(migrations(), |db| async move {
        let portal = Portal::new(db);
        portal.world.away("tax", true);
        let draft = portal.begin(Lang::En).await;
        let at = |page: &str| format!("{draft}/{page}");
        portal.post(&at("1"), &at("1"), &first("yes")).await;
        let business = with(&BUSINESS, &[("place.code", "41.3, 69.24")]);
        assert_eq!(
            portal.post(&at("2"), &at("2"), &business).await.location(),
            at("3"),
            "the silent register asks nothing"
        );
        portal.upload(&at("3"), &LAST, "proof").await;
        let answer = portal.post(&at("check"), &at("submit"), &[("confirmed", "true")]).await;
        let case = answer.location().split('?').next().unwrap().to_owned();
        assert!(portal.page("citizen", &case).await.contains("Not confirmed yet: Register of taxpayers"));
        // The register is back, and knows another name: the application is taken, the official is told.
        portal.world.away("tax", false);
        portal.world.says("tax", json!({"stir": "305123456", "full_name": "Boshqa nom"}));
        let draft = portal.begin(Lang::En).await;
        let at = |page: &str| format!("{draft}/{page}");
        portal.post(&at("1"), &at("1"), &first("yes")).await;
        assert_eq!(portal.post(&at("2"), &at("2"), &business).await.location(), at("3"));
        portal.upload(&at("3"), &LAST, "proof").await;
        let answer = portal.post(&at("check"), &at("submit"), &[("confirmed", "true")]).await;
        let case = answer.location().split('?').next().unwrap().to_owned();
        portal.world.drain().await;
        let id = case.rsplit('/').next().unwrap().parse().unwrap_or_else(|_| panic!("{}", answer.body));
        let number = portal.world.case(portal.world.nodira, id).await.submitted.number;
        let page = portal.page("official", &format!("/en/staff/cases/{number}")).await;
        assert!(page.contains("Not what the register says: Register of taxpayers"), "{page}");
    })
    .await;
}

/// Rule APP-BEHALF-SENT.
#[tokio::test]
async fn a_person_whose_right_to_act_has_ended_is_told_so_and_keeps_the_answers() {
    each_backend(migrations(), |db| async move {
        let portal = Portal::new(db);
        let children = json!({"children": [{"pinfl": "61906210261039", "surname": "Karimova", "name": "Amina", "birth_date": "2021-06-19"}]});
        for lang in Lang::ALL {
            portal.world.says("population", children.clone());
            let apply = format!("/{}/apply/9004", lang.code());
            let page = portal.page("citizen", &apply).await;
            let child = page.split("name=\"for\"").nth(2).unwrap().split("value=\"").nth(1).unwrap();
            let child = child.split('"').next().unwrap().to_owned();
            let answer = portal.post(&apply, &apply, &[("for", child.as_str()), ("asked", "1")]).await;
            let draft = answer.location().rsplit_once('/').unwrap_or_else(|| panic!("{}", answer.body)).0.to_owned();
            let at = |page: &str| format!("{draft}/{page}");
            let fields = [("record", "512"), ("purpose", "study"), ("phone", "+998901234567"), ("consent", "true")];
            portal.post(&at("1"), &at("1"), &fields).await;
            portal.world.says("population", json!({"children": []}));
            let answer = portal.post(&at("check"), &at("submit"), &[("confirmed", "true")]).await;
            assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
            is_sound("the right has ended", &answer.body);
            assert!(answer.body.contains("Amina") || answer.body.contains("Амина"), "{}", answer.body);
            assert!(answer.body.contains(&format!("href=\"{}\"", at("check"))));
            assert!(portal.page("citizen", &at("check")).await.contains("Sardor"), "the answers are there");
        }
        // A program is told by a code of its own.
        portal.world.says("population", children);
        let wish = json!({"behalf": {"kind": "child", "number": "61906210261039"}});
        let draft = portal.api("POST", "/api/v1/services/9004/drafts", wish).await.json();
        let path = format!("/api/v1/drafts/{}", draft["id"].as_str().unwrap());
        let answers = json!({"answers": {"record": "512", "purpose": "study", "phone": "+998901234567", "consent": true}});
        assert_eq!(portal.api("PATCH", &path, answers).await.status, StatusCode::OK);
        portal.world.says("population", json!({"children": []}));
        let answer = portal.api("POST", &format!("{path}/submit"), json!({"confirmed": true})).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (StatusCode::FORBIDDEN, Some("APP_BEHALF_ENDED")));
    })
    .await;
}

#[tokio::test]
async fn a_case_whose_fee_is_to_go_back_says_so_in_every_language() {
    each_backend(migrations(), |db| async move {
        let portal = Portal::new(db);
        let world = &portal.world;
        let receipt = world.file(world.nodira, "9007", &crate::birth_record()).await;
        let catalogue = web::i18n::Catalogue::load(&[web::LOCALES, applications::LOCALES]).unwrap();
        let path = |lang: Lang| format!("/{}/cases/{}", lang.code(), receipt.case);
        assert!(!portal.page("citizen", &path(Lang::En)).await.contains("being returned"));
        world.bill(contracts::payments::InvoiceView {
            invoice: kernel::id::InvoiceId::new(world.ctx.now(), &*world.ctx.rng),
            number: "123456789012".to_owned(),
            case: receipt.case,
            amount: kernel::money::Tiyin::from_som(18_540),
            state: contracts::payments::InvoiceState::Paid,
            expires: world.ctx.now(),
            refund_due: Some(world.ctx.now()),
        });
        for lang in Lang::ALL {
            let page = portal.page("citizen", &path(lang)).await;
            for key in ["applications-refund-due-title", "applications-invoice-refund-due"] {
                let words = catalogue.lang(lang).t(key);
                assert!(page.contains(&words), "{}: {words}: {page}", lang.code());
            }
        }
    })
    .await;
}
