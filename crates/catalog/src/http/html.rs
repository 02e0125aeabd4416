//! Pages of the catalogue. All but the search results are the same for every visitor, so `web` keeps them packed.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Json, Router};
use definition::Definition;
use kernel::lang::Lang;
use serde::Serialize;
use web::error::Kind;
use web::ui::Link;
use web::{AppState, Meta, Page, WebError};

use super::filter::{self, FilterForm};
use super::passport::{self, Passport};
use super::view::{self, Card, Tile};
use super::{leaflet, life, schema_org, simplification, statistics};
use crate::service::simplification::Memory;

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
        .route("/life/{situation}", get(life::situation).post(life::mark))
        .route("/services", get(services))
        .route("/services/{code}", get(service))
        .route(
            "/services/{code}/leaflet.pdf",
            get(leaflet::leaflet).layer(Extension(Arc::new(leaflet::Leaflets::default()))),
        )
        .route("/services/{code}/statistics", get(statistics::statistics))
        .route("/services/{code}/statistics.csv", get(statistics::file))
        .merge(simplification_routes())
        .route("/search", get(search))
        .route("/search/suggest", get(suggest))
        .route("/sitemap.xml", get(sitemap))
        .route("/robots.txt", get(robots))
}

fn simplification_routes() -> Router<AppState> {
    Router::new()
        .route("/simplification", get(simplification::register))
        .route("/simplification/{name}", get(simplification::part))
        .layer(Extension(Arc::new(Memory::default())))
}

pub(super) async fn offered(page: &Page) -> Result<Vec<Arc<Definition>>, WebError> {
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
        empty_title: page.t("catalog-group-empty-title"),
        empty_text: page.t("catalog-group-empty"),
        others_title: page.t("catalog-groups-title"),
        others: view::groups(&page, &all).into_iter().filter(|tile| tile.href != here).collect(),
        title: title.clone(),
    };
    let description = page.t1("catalog-group-meta", "title", &title);
    page.render(Meta::public(title).description(description), &body)
}

#[derive(Template)]
#[template(path = "catalog/services.html")]
struct Services<'a> {
    page: &'a Page,
    f: FilterForm,
    cards: Vec<Card>,
}

async fn services(page: Page, Query(query): Query<Vec<(String, String)>>) -> Result<Response, WebError> {
    let chosen = filter::read(&query);
    let (kept, counts) = filter::narrow(page.ctx(), offered(&page).await?, &chosen);
    let f = filter::form(&page, "/services", "", &chosen, &counts);
    let cards = view::cards(&page, &kept);
    let mut meta = Meta::public(page.t("catalog-services-title")).description(page.t("catalog-services-meta"));
    // One page for search engines and for the cache; narrowed ones are made on demand.
    if chosen.any() || !query.is_empty() {
        meta.public = false;
        meta.private = true;
    }
    page.render(meta, &Services { page: &page, f, cards })
}

#[derive(Template)]
#[template(path = "catalog/passport.html")]
struct Service<'a> {
    page: &'a Page,
    /// Not in force yet: only staff see it.
    preview: bool,
    p: Passport,
    trail: Vec<Link>,
    related: Vec<Card>,
    /// Where the form is started.
    apply: String,
    /// Where a visitor signs in first, coming back to start.
    sign_in: String,
    leaflet: &'a str,
    statistics: &'a str,
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
    render_passport(&page, definition, p, trail, related, false)
}

/// The page of a passport; the preview of a revision is the same.
pub(crate) fn render_passport(
    page: &Page,
    definition: &Definition,
    p: Passport,
    trail: Vec<Link>,
    related: Vec<Card>,
    preview: bool,
) -> Result<Response, WebError> {
    let (ctx, code) = (page.ctx(), definition.code());
    let mut meta = Meta::public(p.title.clone()).description(p.summary.clone());
    meta.json_ld = Some(schema_org::json_ld(ctx, &p, definition, page.lang(), ctx.today()));
    let body = Service {
        page,
        trail,
        related,
        apply: page.href(&format!("/apply/{code}")),
        sign_in: page.href(&format!("/sign-in?next=%2Fapply%2F{code}")),
        leaflet: &format!("/services/{code}/leaflet.pdf"),
        statistics: &format!("/services/{code}/statistics"),
        preview,
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
    /// Services found that fit the choices; not all of them are shown.
    total: usize,
    cards: Vec<Card>,
    /// Absent when nothing was found at all: then there is nothing to narrow.
    filter: Option<FilterForm>,
    groups: Vec<Tile>,
}

/// The question of a query, without surrounding space; only its beginning when it is absurdly long.
fn question(query: &[(String, String)]) -> String {
    let found = query.iter().find(|(key, _)| key == "q").map_or("", |(_, value)| value.trim());
    found.chars().filter(|c| !c.is_control()).take(crate::search::LONGEST_QUESTION).collect()
}

async fn search(page: Page, Query(query): Query<Vec<(String, String)>>) -> Result<Response, WebError> {
    let question = question(&query);
    let catalog = &page.ctx().ports.catalog;
    let found = catalog.find(page.ctx(), &question, usize::MAX).await?;
    let heading = if question.is_empty() {
        page.t("catalog-results-empty-title")
    } else if found.is_empty() {
        catalog.missed(page.ctx(), &question);
        page.t1("catalog-results-none-title", "question", &question)
    } else {
        page.t1("catalog-results-for", "question", &question)
    };
    // Not kept: there is no end of questions. Not for search engines either.
    let mut meta = Meta::new(if question.is_empty() { page.t("catalog-results-title") } else { heading.clone() });
    meta.no_search = true;
    let nothing = found.is_empty();
    let chosen = filter::read(&query);
    let (mut kept, counts) = filter::narrow(page.ctx(), found, &chosen);
    let total = kept.len();
    kept.truncate(RESULTS);
    let cards = view::cards(&page, &kept);
    let filter = (!nothing).then(|| filter::form(&page, "/search", &question, &chosen, &counts));
    let groups = if nothing { view::groups(&page, &offered(&page).await?) } else { Vec::new() };
    page.render(meta, &Results { page: &page, heading, question, total, cards, filter, groups })
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
    let mut paths: Vec<String> =
        ["", "/services", "/groups", "/life", "/simplification"].into_iter().map(str::to_owned).collect();
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
    fn a_question_is_cleaned_and_bounded() {
        assert_eq!(question(&pairs(&[("q", "  propiska\u{7} ")])), "propiska");
        assert_eq!(question(&pairs(&[("q", &"ў".repeat(10_000))])).chars().count(), crate::search::LONGEST_QUESTION);
        assert_eq!(question(&pairs(&[])), "");
    }
}
