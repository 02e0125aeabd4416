//! Pages about the program itself: the demo's people, the reference of the API.

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use web::{AppState, Meta, Page, WebError};

use crate::demo;

pub fn routes() -> Router<AppState> {
    Router::new().route("/demo", get(people)).route("/developers", get(reference))
}

struct Row {
    name: String,
    login: String,
    note: String,
    roles: String,
}

#[derive(Template)]
#[template(path = "demo.html")]
struct DemoPage<'a> {
    page: &'a Page,
    password: &'static str,
    citizens: Vec<Row>,
    staff: Vec<Row>,
}

async fn people(page: Page) -> Result<Response, WebError> {
    let lang = page.lang();
    let mut citizens = Vec::new();
    let mut staff = Vec::new();
    if page.demo() {
        citizens = registries::demo::people()
            .iter()
            .map(|person| Row {
                name: person.full_name(),
                login: person
                    .pinfl
                    .map_or_else(|| person.passport.as_str().to_owned(), |pinfl| pinfl.as_str().to_owned()),
                note: if person.id == demo::NEWCOMER {
                    page.t1("server-demo-newcomer", "passport", person.passport.as_str())
                } else {
                    person.shows.get(lang).into_owned()
                },
                roles: String::new(),
            })
            .collect();
        staff = demo::staff()
            .into_iter()
            .map(|member| Row {
                note: unit_name(&page, &member.unit),
                roles: member
                    .roles
                    .iter()
                    .map(|role| page.t(&format!("server-demo-role-{}", role.name())))
                    .collect::<Vec<_>>()
                    .join(", "),
                name: member.name,
                login: member.login,
            })
            .collect();
    }
    let body = DemoPage { page: &page, password: demo::PASSWORD, citizens, staff };
    page.render(Meta::new(page.t("server-demo-title")), &body)
}

/// "Ministry of Justice, Yunusobod district".
fn unit_name(page: &Page, unit: &contracts::UnitRef) -> String {
    let lang = page.lang();
    let refdata = &page.ctx().refdata;
    let agency =
        refdata.agency(unit.agency()).map_or_else(|| unit.agency().to_owned(), |a| a.name.get(lang).into_owned());
    match kernel::person::Soato::parse(unit.area()) {
        Ok(area) => format!("{agency}, {}", refdata.place_name(&area).get(lang)),
        Err(_) => agency,
    }
}

struct Operation {
    method: String,
    path: String,
    summary: String,
    answers: String,
}

#[derive(Template)]
#[template(path = "developers.html")]
struct Developers<'a> {
    page: &'a Page,
    operations: Vec<Operation>,
}

async fn reference(page: Page) -> Result<Response, WebError> {
    let document: serde_json::Value =
        page.state.openapi.get().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            if !operation.is_object() {
                continue;
            }
            let said = operation["summary"].as_str().or_else(|| operation["description"].as_str()).unwrap_or_default();
            let answers: Vec<&str> = operation["responses"]
                .as_object()
                .map(|all| all.keys().map(String::as_str).collect())
                .unwrap_or_default();
            operations.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                summary: said.to_owned(),
                answers: answers.join(", "),
            });
        }
    }
    operations.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
    let body = Developers { page: &page, operations };
    page.render(Meta::public(page.t("server-api-title")), &body)
}
