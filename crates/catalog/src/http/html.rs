//! Pages of the catalogue. All but the search results are the same for every visitor, so `web` keeps them packed.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use definition::Definition;
use kernel::lang::Lang;
use serde::Serialize;
use web::error::Kind;
use web::ui::{Choice, Link};
use web::{AppState, Meta, Page, WebError};

use super::passport::{self, Passport};
use super::view::{self, Card, Tile};

/// Services on the home page's list of the most used.
const POPULAR: usize = 8;
/// Services that a search shows: who needs a second page of results needs other words.
const RESULTS: usize = 20;
/// Suggestions as one types.
const SUGGESTIONS: usize = 7;

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(home))
        .route("/groups", get(groups))
        .route("/groups/{group}", get(group))
        .route("/life", get(situations))
        .route("/life/{situation}", get(situation))
        .route("/services", get(services))
        .route("/services/{code}", get(service))
        .route("/search", get(search))
        .route("/search/suggest", get(suggest))
        .route("/sitemap.xml", get(sitemap))
        .route("/robots.txt", get(robots))
}

async fn offered(page: &Page) -> Result<Vec<Arc<Definition>>, WebError> {
    Ok(page.ctx().ports.catalog.all(page.ctx()).await?)
}

fn uses(definition: &Definition) -> u64 {
    definition.passport().statistics.as_ref().and_then(|statistics| statistics.uses).unwrap_or(0)
}

#[derive(Template)]
#[template(path = "catalog/home.html")]
struct Home<'a> {
    page: &'a Page,
    popular: Vec<Card>,
    groups: Vec<Tile>,
    life: Vec<Tile>,
    total: usize,
}

async fn home(page: Page) -> Result<Response, WebError> {
    let all = offered(&page).await?;
    let mut popular: Vec<&Arc<Definition>> = all.iter().collect();
    popular.sort_by_key(|definition| std::cmp::Reverse(uses(definition)));
    popular.truncate(POPULAR);
    let body = Home {
        page: &page,
        popular: view::cards(&page, popular),
        groups: view::groups(&page, &all),
        life: view::situations(&page, &all),
        total: all.len(),
    };
    let mut meta = Meta::public("").description(page.t("catalog-home-meta"));
    meta.no_search = true;
    page.render(meta, &body)
}

#[derive(Template)]
#[template(path = "catalog/tiles.html")]
struct Tiles<'a> {
    page: &'a Page,
    title: String,
    tiles: Vec<Tile>,
}

async fn groups(page: Page) -> Result<Response, WebError> {
    let title = page.t("catalog-groups-title");
    let tiles = view::groups(&page, &offered(&page).await?);
    page.render(Meta::public(title.clone()), &Tiles { page: &page, title, tiles })
}

async fn situations(page: Page) -> Result<Response, WebError> {
    let title = page.t("catalog-life-title");
    let tiles = view::situations(&page, &offered(&page).await?);
    page.render(Meta::public(title.clone()), &Tiles { page: &page, title, tiles })
}

#[derive(Template)]
#[template(path = "catalog/group.html")]
struct Group<'a> {
    page: &'a Page,
    trail: Vec<Link>,
    title: String,
    lead: Option<String>,
    cards: Vec<Card>,
    /// Services that belong here and that the portal does not have yet.
    later: usize,
    empty_title: String,
    empty_text: String,
    others_title: String,
    others: Vec<Tile>,
}

async fn group(page: Page, Path(code): Path<String>) -> Result<Response, WebError> {
    let data = page.ctx().refdata.clone();
    let group = data.groups.iter().find(|group| group.code == code).ok_or_else(WebError::not_found)?;
    let all = offered(&page).await?;
    let mut members: Vec<&Arc<Definition>> =
        all.iter().filter(|definition| definition.passport().group == code).collect();
    members.sort_by_key(|definition| std::cmp::Reverse(uses(definition)));
    let title = group.title.get(page.lang()).into_owned();
    let here = page.href(&format!("/groups/{code}"));
    let body = Group {
        page: &page,
        trail: vec![Link::new(page.href("/groups"), page.t("catalog-groups-title"))],
        lead: Some(group.summary.get(page.lang()).into_owned()),
        cards: view::cards(&page, members),
        later: 0,
        empty_title: page.t("catalog-group-empty-title"),
        empty_text: page.t("catalog-group-empty"),
        others_title: page.t("catalog-groups-title"),
        others: view::groups(&page, &all).into_iter().filter(|tile| tile.href != here).collect(),
        title: title.clone(),
    };
    let description = page.t1("catalog-group-meta", "title", &title);
    page.render(Meta::public(title).description(description), &body)
}

async fn situation(page: Page, Path(code): Path<String>) -> Result<Response, WebError> {
    let data = page.ctx().refdata.clone();
    let situation =
        data.life_situations.iter().find(|situation| situation.code == code).ok_or_else(WebError::not_found)?;
    let all = offered(&page).await?;
    let members: Vec<&Arc<Definition>> = all.iter().filter(|definition| view::belongs(definition, situation)).collect();
    let later = situation
        .services
        .iter()
        .filter(|code| !all.iter().any(|definition| definition.code().as_str() == code.as_str()))
        .count();
    let title = situation.title.get(page.lang()).into_owned();
    let here = page.href(&format!("/life/{code}"));
    let body = Group {
        page: &page,
        trail: vec![Link::new(page.href("/life"), page.t("catalog-life-title"))],
        lead: Some(page.t("catalog-life-lead")),
        cards: view::cards(&page, members),
        later,
        empty_title: title.clone(),
        empty_text: page.t("catalog-life-empty"),
        others_title: page.t("catalog-life-title"),
        others: view::situations(&page, &all).into_iter().filter(|tile| tile.href != here).collect(),
        title: title.clone(),
    };
    let description = page.t1("catalog-life-meta", "title", &title);
    page.render(Meta::public(title).description(description), &body)
}

/// What the list of all services is narrowed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Filter {
    group: String,
    agency: String,
    free: bool,
    instant: bool,
}

impl Filter {
    fn read(query: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let found = query.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let ticked = |name: &str| !value(name).is_empty();
        Self { group: value("group"), agency: value("agency"), free: ticked("free"), instant: ticked("instant") }
    }

    fn any(&self) -> bool {
        *self != Self::default()
    }

    fn fits(&self, page: &Page, definition: &Definition) -> bool {
        let passport = definition.passport();
        (self.group.is_empty() || passport.group == self.group)
            && (self.agency.is_empty() || passport.agencies.iter().any(|part| part.code == self.agency))
            && (!self.free || view::price(page.ctx(), definition, page.ctx().today()).is_none())
            && (!self.instant || view::is_instant(definition))
    }
}

#[derive(Template)]
#[template(path = "catalog/services.html")]
struct Services<'a> {
    page: &'a Page,
    filter: Filter,
    groups: Vec<Choice>,
    agencies: Vec<Choice>,
    cards: Vec<Card>,
}

async fn services(page: Page, Query(query): Query<Vec<(String, String)>>) -> Result<Response, WebError> {
    let filter = Filter::read(&query);
    let data = page.ctx().refdata.clone();
    let all = offered(&page).await?;
    let lang = page.lang();
    let mut agencies: Vec<Choice> = data
        .agencies
        .iter()
        .filter(|agency| {
            all.iter().any(|definition| definition.passport().agencies.iter().any(|part| part.code == agency.code))
        })
        .map(|agency| Choice::new(&agency.code, agency.name.get(lang), &filter.agency))
        .collect();
    agencies.sort_by_key(|choice| choice.label.to_lowercase());
    let groups =
        data.groups.iter().map(|group| Choice::new(&group.code, group.title.get(lang), &filter.group)).collect();
    let cards = view::cards(&page, all.iter().filter(|definition| filter.fits(&page, definition)));
    let mut meta = Meta::public(page.t("catalog-services-title")).description(page.t("catalog-services-meta"));
    // One page for search engines and for the cache; narrowed ones are made on demand.
    if filter.any() || !query.is_empty() {
        meta.public = false;
        meta.private = true;
    }
    page.render(meta, &Services { page: &page, filter, groups, agencies, cards })
}

#[derive(Template)]
#[template(path = "catalog/passport.html")]
struct Service<'a> {
    page: &'a Page,
    p: Passport,
    trail: Vec<Link>,
    related: Vec<Card>,
    /// Where the form is started.
    apply: String,
    /// Where a visitor signs in first, coming back to start.
    sign_in: String,
}

async fn service(page: Page, Path(code): Path<String>) -> Result<Response, WebError> {
    let ctx = page.ctx().clone();
    let (today, lang) = (ctx.today(), page.lang());
    let unknown = || WebError::new(Kind::NotFound, "CATALOG_UNKNOWN_SERVICE").message("catalog-unknown-service");
    let definition = ctx.ports.catalog.shown(&ctx, &code).await?.ok_or_else(unknown)?;
    let definition = &*definition;
    let stats = match ctx.ports.cases.stats(&ctx, &code).await {
        Ok(stats) => Some(stats),
        Err(err) => {
            // The passport is worth more than its counters.
            tracing::warn!(%err, code, "no statistics");
            None
        }
    };
    let mut p = passport::passport(&ctx, &page.t, definition, stats.as_ref(), today);
    if let Some(notice) = ctx.ports.catalog.suspension(&ctx, &code).await? {
        p.suspended = true;
        p.notice = notice.get(lang).into_owned();
    }
    let group_code = &definition.passport().group;
    let mut trail = Vec::new();
    if let Some(group) = ctx.refdata.groups.iter().find(|group| group.code == *group_code) {
        trail.push(Link::new(page.href(&format!("/groups/{group_code}")), group.title.get(lang)));
    }
    let all = offered(&page).await?;
    let mut related: Vec<&Arc<Definition>> =
        all.iter().filter(|other| other.passport().group == *group_code && other.code() != definition.code()).collect();
    related.sort_by_key(|other| std::cmp::Reverse(uses(other)));
    related.truncate(5);
    let related = view::cards(&page, related);
    render_passport(&page, definition, p, trail, related)
}

/// The page of a passport; the preview of a revision is the same.
pub(crate) fn render_passport(
    page: &Page,
    definition: &Definition,
    p: Passport,
    trail: Vec<Link>,
    related: Vec<Card>,
) -> Result<Response, WebError> {
    let (ctx, code) = (page.ctx(), definition.code());
    let mut meta = Meta::public(p.title.clone()).description(p.summary.clone());
    meta.json_ld = Some(passport::json_ld(ctx, &p, definition, page.lang(), ctx.today()));
    let body = Service {
        page,
        trail,
        related,
        apply: page.href(&format!("/apply/{code}")),
        sign_in: page.href(&format!("/sign-in?next=%2Fapply%2F{code}")),
        p,
    };
    page.render(meta, &body)
}

/// A page that only staff see, and that may stand in a frame of ours.
pub(crate) fn as_preview(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(web::headers::FRAMED));
}

#[derive(Template)]
#[template(path = "catalog/results.html")]
struct Results<'a> {
    page: &'a Page,
    heading: String,
    question: String,
    cards: Vec<Card>,
    groups: Vec<Tile>,
}

/// The question of a query, without surrounding space; only its beginning when it is absurdly long.
fn question(query: &[(String, String)]) -> String {
    let found = query.iter().find(|(key, _)| key == "q").map_or("", |(_, value)| value.trim());
    found.chars().filter(|c| !c.is_control()).take(crate::search::LONGEST_QUESTION).collect()
}

async fn search(page: Page, Query(query): Query<Vec<(String, String)>>) -> Result<Response, WebError> {
    let question = question(&query);
    let found = page.ctx().ports.catalog.find(page.ctx(), &question, RESULTS).await?;
    let heading = if question.is_empty() {
        page.t("catalog-results-empty-title")
    } else if found.is_empty() {
        page.t1("catalog-results-none-title", "question", &question)
    } else {
        page.t1("catalog-results-for", "question", &question)
    };
    let cards = view::cards(&page, &found);
    let groups = if cards.is_empty() { view::groups(&page, &offered(&page).await?) } else { Vec::new() };
    // Not kept: there is no end of questions. Not for search engines either.
    let mut meta = Meta::new(if question.is_empty() { page.t("catalog-results-title") } else { heading.clone() });
    meta.no_search = true;
    page.render(meta, &Results { page: &page, heading, question, cards, groups })
}

/// An entry of the list under the search field.
#[derive(Serialize)]
struct Suggestion {
    title: String,
    url: String,
    /// Price and term.
    note: String,
}

async fn suggest(page: Page, Query(query): Query<Vec<(String, String)>>) -> Result<Response, WebError> {
    let today = page.ctx().today();
    let found = page.ctx().ports.catalog.find(page.ctx(), &question(&query), SUGGESTIONS).await?;
    let list: Vec<Suggestion> = found
        .iter()
        .map(|definition| Suggestion {
            title: definition.passport().title.get(page.lang()).into_owned(),
            url: page.href(&format!("/services/{}", definition.code())),
            note: format!(
                "{} · {}",
                view::price_words(&page.t, page.ctx(), definition, today),
                view::term(&page.t, definition)
            ),
        })
        .collect();
    let mut response = Json(list).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=60"));
    Ok(response)
}

async fn sitemap(State(state): State<AppState>) -> Result<Response, WebError> {
    let ctx = &state.ctx;
    let mut paths = vec![String::new(), "/services".to_owned(), "/groups".to_owned(), "/life".to_owned()];
    paths.extend(ctx.refdata.groups.iter().map(|group| format!("/groups/{}", group.code)));
    paths.extend(ctx.refdata.life_situations.iter().map(|situation| format!("/life/{}", situation.code)));
    paths.extend(ctx.ports.catalog.all(ctx).await?.iter().map(|definition| format!("/services/{}", definition.code())));
    let mut xml = String::from(concat!(
        r#"<?xml version="1.0" encoding="UTF-8"?>"#,
        r#"<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">"#
    ));
    let base = &ctx.settings.public_url;
    for path in &paths {
        for lang in Lang::ALL {
            xml.push_str(&format!("<url><loc>{base}/{}{path}</loc>", lang.code()));
            for other in Lang::ALL {
                let (code, tag) = (other.code(), other.html_lang());
                xml.push_str(&format!(r#"<xhtml:link rel="alternate" hreflang="{tag}" href="{base}/{code}{path}"/>"#));
            }
            xml.push_str("</url>");
        }
    }
    xml.push_str("</urlset>\n");
    let kept = [(header::CONTENT_TYPE, "application/xml"), (header::CACHE_CONTROL, "public, max-age=3600")];
    Ok((kept, xml).into_response())
}

async fn robots(State(state): State<AppState>) -> Response {
    let languages = Lang::ALL.map(Lang::code);
    let mut text = String::from("User-agent: *\n");
    for lang in languages {
        for path in ["cabinet", "staff", "search", "apply", "drafts", "cases", "sign-in", "register"] {
            text.push_str(&format!("Disallow: /{lang}/{path}\n"));
        }
    }
    text.push_str(&format!("Disallow: /api/\nSitemap: {}/sitemap.xml\n", state.ctx.settings.public_url));
    let kept = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "public, max-age=3600")];
    (kept, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_filter_is_read_and_an_empty_one_is_none() {
        let filter = Filter::read(&pairs(&[("group", "social"), ("free", "on"), ("free", "on"), ("x", "y")]));
        assert!(filter.any() && filter.free && !filter.instant);
        assert!(!Filter::read(&pairs(&[("group", " "), ("agency", "")])).any());
    }

    #[test]
    fn a_question_is_cleaned_and_bounded() {
        assert_eq!(question(&pairs(&[("q", "  propiska\u{7} ")])), "propiska");
        assert_eq!(question(&pairs(&[("q", &"ў".repeat(10_000))])).chars().count(), crate::search::LONGEST_QUESTION);
        assert_eq!(question(&pairs(&[])), "");
    }
}
