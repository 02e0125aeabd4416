//! The section of foreign citizens: what somebody without a personal number can do here, and how.

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use definition::Audience;
use web::{AppState, Meta, Page, WebError};

/// Paths without the language.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/foreign", get(section))
}

struct Service {
    href: String,
    title: String,
    summary: String,
}

#[derive(Template)]
#[template(path = "identity/foreign.html")]
struct ForeignPage<'a> {
    page: &'a Page,
    services: Vec<Service>,
    signed_in: bool,
}

async fn section(page: Page) -> Result<Response, WebError> {
    let ctx = page.ctx();
    let mut services = Vec::new();
    for service in ctx.ports.catalog.all(ctx).await? {
        let passport = service.passport();
        if passport.audience.contains(&Audience::Foreign) {
            services.push(Service {
                href: page.href(&format!("/services/{}", service.code().as_str())),
                title: passport.title.get(page.lang()).into_owned(),
                summary: passport.summary.get(page.lang()).into_owned(),
            });
        }
    }
    services.sort_by(|a, b| a.title.cmp(&b.title));
    let body = ForeignPage { page: &page, services, signed_in: page.is_citizen() };
    let meta = Meta::public(page.t("identity-foreign-title")).description(page.t("identity-foreign-lead"));
    page.render(meta, &body)
}
