//! Services as JSON.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use definition::{Definition, Fact};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::error::Problem;
use web::{ApiVisitor, AppState, WebError};

use super::{filter, view};
use crate::domain::facet::{Chosen, Counts};
use crate::service::order;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one)).routes(routes!(schema))
}

/// Most entries of a page.
const LARGEST_PAGE: usize = 100;
/// Entries of a page when nothing is said.
const PAGE: usize = 50;

/// How the list of services is narrowed and paged.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// Words to search for, in Uzbek (Latin or Cyrillic), Karakalpak, Russian or English, with endings, synonyms and typos;
    /// the answer is then ordered by how well they fit, and is not paged.
    q: Option<String>,
    /// Code of a group: `fhdy`, `documents`, `business`, …
    group: Option<String>,
    /// Code of an agency.
    agency: Option<String>,
    /// Who applies: `natural`, `legal`, `sole_trader`, `self_employed`, `foreign`.
    audience: Option<String>,
    /// How one applies: `web`, `mobile`, `dxm`, `kiosk`, `api`, `home_visit`.
    channel: Option<String>,
    /// `true`: only services without a fee.
    free: Option<bool>,
    /// `true`: only services that the system answers at once.
    instant: Option<bool>,
    /// Code of the last service of the page before.
    after: Option<String>,
    /// 1 to 100, 50 when absent.
    limit: Option<usize>,
}

/// A service in a list.
#[derive(Serialize, ToSchema)]
struct ServiceItem {
    /// Number of the service, as text.
    code: String,
    /// In the language of `Accept-Language`.
    title: String,
    summary: String,
    group: String,
    /// Codes; the owner first.
    agencies: Vec<String>,
    /// Known to cost nothing.
    free: bool,
    /// Blocks of the passport that the owner has still to confirm: `fee`, `term`, `documents`, `audience`, `legal`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unconfirmed: Vec<&'static str>,
    /// Answered by the system at once.
    instant: bool,
    /// Least and most that is paid on the portal, in tiyin; absent when free or not confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<PriceRange>,
    /// In words.
    term: String,
    /// SHA-256 of the version in force.
    version: String,
}

/// Money in tiyin (1 so‘m = 100 tiyin).
#[derive(Serialize, ToSchema)]
struct PriceRange {
    from: i64,
    to: i64,
}

/// A page of services.
#[derive(Serialize, ToSchema)]
struct ServiceList {
    items: Vec<ServiceItem>,
    /// What to give as `after` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Services that were found and fit the filters, on all pages.
    total: usize,
    facets: FacetCounts,
}

/// How many services each filter value would leave, the other filters and the search staying as they are. Values that
/// would leave none are absent.
#[derive(Serialize, ToSchema)]
struct FacetCounts {
    /// By code of the group.
    group: BTreeMap<String, usize>,
    /// By code of the agency.
    agency: BTreeMap<String, usize>,
    /// By kind of applicant.
    audience: BTreeMap<String, usize>,
    /// By way to apply.
    channel: BTreeMap<String, usize>,
    /// With `free=true`.
    free: usize,
    /// With `instant=true`.
    instant: usize,
}

impl From<Counts> for FacetCounts {
    fn from(counts: Counts) -> Self {
        let Counts { group, agency, audience, channel, free, instant } = counts;
        Self { group, agency, audience, channel, free, instant }
    }
}

fn item(visitor: &ApiVisitor, definition: &Definition) -> ServiceItem {
    let (ctx, t) = (visitor.ctx(), &visitor.t);
    let passport = definition.passport();
    let price = view::price(ctx, definition, ctx.today()).filter(|_| !passport.is_unconfirmed(Fact::Fee));
    ServiceItem {
        code: definition.code().to_string(),
        title: passport.title.get(t.lang()).into_owned(),
        summary: passport.summary.get(t.lang()).into_owned(),
        group: passport.group.clone(),
        agencies: passport.agencies.iter().map(|part| part.code.clone()).collect(),
        free: view::is_free(ctx, definition, ctx.today()),
        unconfirmed: passport.unconfirmed.iter().map(|fact| fact.name()).collect(),
        instant: view::is_instant(definition),
        price: price.map(|(from, to)| PriceRange { from: from.get(), to: to.get() }),
        term: view::term(t, definition),
        version: definition.version().as_str().to_owned(),
    }
}

/// Services in force, ordered by number, or by fitness when searched for.
#[utoipa::path(get, path = "/api/v1/services", tag = "catalog", params(ListQuery),
    responses((status = 200, body = ServiceList), (status = 400, body = Problem)))]
async fn list(
    visitor: ApiVisitor,
    query: Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<ServiceList>, WebError> {
    let Query(query) = query.map_err(|_| WebError::bad_request("QUERY"))?;
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(WebError::bad_request("QUERY"));
    }
    let ctx = visitor.ctx();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let chosen = Chosen {
        group: text(&query.group),
        agency: text(&query.agency),
        audience: text(&query.audience),
        channel: text(&query.channel),
        free: query.free.unwrap_or(false),
        instant: query.instant.unwrap_or(false),
    };
    let catalog = &ctx.ports.catalog;
    let services = match &query.q {
        Some(question) => {
            let found = catalog.find(ctx, question, usize::MAX).await?;
            if found.is_empty() {
                catalog.missed(ctx, question);
            }
            found
        }
        None => catalog.all(ctx).await?,
    };
    let (kept, counts) = filter::narrow(ctx, services, &chosen);
    let (total, facets) = (kept.len(), FacetCounts::from(counts));
    if query.q.is_some() {
        let items: Vec<ServiceItem> = kept.iter().take(limit).map(|definition| item(&visitor, definition)).collect();
        return Ok(Json(ServiceList { items, next: None, total, facets }));
    }
    let after = query.after.as_deref().map(order);
    let mut rest =
        kept.iter().filter(|definition| after.as_ref().is_none_or(|after| order(definition.code().as_str()) > *after));
    let items: Vec<ServiceItem> = rest.by_ref().take(limit).map(|definition| item(&visitor, definition)).collect();
    let more = rest.next().is_some();
    let next = items.last().filter(|_| more).map(|last| last.code.clone());
    Ok(Json(ServiceList { items, next, total, facets }))
}

/// The whole definition of a service in force: passport, form, fees, flow. Its version is the ETag.
#[utoipa::path(get, path = "/api/v1/services/{code}", tag = "catalog",
    params(("code" = String, Path, description = "Number of the service")),
    responses((status = 200, description = "The definition, as services/README.md describes it", body = Object),
        (status = 304, description = "You have this version"), (status = 404, body = Problem)))]
async fn one(visitor: ApiVisitor, Path(code): Path<String>, headers: HeaderMap) -> Result<Response, WebError> {
    let ctx = visitor.ctx();
    let definition = ctx.ports.catalog.shown(ctx, &code).await?.ok_or_else(WebError::not_found)?;
    versioned(&definition, &headers, "application/json", || definition.canonical_json().to_owned())
}

/// JSON Schema (2020-12) of the answers that an application for the service takes.
#[utoipa::path(get, path = "/api/v1/services/{code}/schema", tag = "catalog",
    params(("code" = String, Path, description = "Number of the service")),
    responses((status = 200, description = "The schema of the version in force", body = Object, content_type = "application/schema+json"),
        (status = 304, description = "You have this version"), (status = 404, body = Problem)))]
async fn schema(visitor: ApiVisitor, Path(code): Path<String>, headers: HeaderMap) -> Result<Response, WebError> {
    let ctx = visitor.ctx();
    let definition = ctx.ports.catalog.shown(ctx, &code).await?.ok_or_else(WebError::not_found)?;
    let id = format!("{}/api/v1/services/{code}/schema", ctx.settings.public_url);
    versioned(&definition, &headers, "application/schema+json", || {
        let mut schema = definition.answers_schema();
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("$id".to_owned(), serde_json::json!(id));
            schema.insert("x-version".to_owned(), serde_json::json!(definition.version().as_str()));
        }
        schema.to_string()
    })
}

/// What is made from a version and changes with it only: its hash is the ETag.
fn versioned(
    definition: &Definition,
    headers: &HeaderMap,
    kind: &'static str,
    body: impl FnOnce() -> String,
) -> Result<Response, WebError> {
    tagged(definition.version().as_str(), "no-cache", headers, kind, body)
}

/// An answer with its hash as the ETag; nothing but that for those who have it.
pub(crate) fn tagged(
    hash: &str,
    cache: &'static str,
    headers: &HeaderMap,
    kind: &'static str,
    body: impl FnOnce() -> String,
) -> Result<Response, WebError> {
    let etag = format!("\"{hash}\"");
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*");
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, kind)], body()).into_response()
    };
    let etag = HeaderValue::from_str(&etag).map_err(WebError::internal)?;
    response.headers_mut().insert(header::ETAG, etag);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    Ok(response)
}
