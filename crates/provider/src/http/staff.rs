//! Clients and their operator: list, register, change, new secret, switch off.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use contracts::Assurance;
use kernel::lang::{Lang, Text};
use serde::Deserialize;
use web::ui::Choice;
use web::{AppState, FieldProblem, Meta, Operator, Page, Posted, WebError};

use crate::domain::claims::SCOPES;
use crate::domain::client::{Auth, Client, Grant, OneIdProfile, Problem, SubjectType};
use crate::domain::jose::Alg;
use crate::service::clients::{self, Registrar, Saved};
use crate::service::{ProviderError, issuer};
use crate::store::ClientRow;

const PATH: &str = "/staff/clients";

pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/staff/clients", get(list))
        .route("/staff/clients/new", get(new).post(new_post))
        .route("/staff/clients/{id}", get(show).post(change))
        .route("/staff/clients/{id}/secret", post(secret))
        .route("/staff/clients/{id}/active", post(active))
        .route("/staff/clients/{id}/logo", post(logo))
}

#[derive(Deserialize, Default)]
struct Asked {
    #[serde(default)]
    done: String,
}

fn registrar(operator: &Operator) -> Result<Registrar, WebError> {
    Registrar::of(&operator.principal).ok_or_else(WebError::forbidden)
}

// ---------------------------------------------------------------- list

#[derive(Template)]
#[template(path = "provider/clients.html")]
struct ListPage<'a> {
    page: &'a Page,
    rows: Vec<ClientRow>,
}

async fn list(operator: Operator) -> Result<Response, WebError> {
    let page = &operator.page;
    let rows = clients::list(page.ctx()).await?;
    page.render(Meta::new(page.t("provider-clients-title")).staff(PATH), &ListPage { page, rows })
}

// ---------------------------------------------------------------- form

/// What stands in the form: typed text as it was typed.
#[derive(Default)]
struct Form {
    values: Vec<(String, String)>,
    errors: Vec<FieldProblem>,
}

impl Form {
    fn of(posted: &Posted) -> Self {
        let bounded = |(name, value): &(String, String)| (name.clone(), value.chars().take(8000).collect());
        Self { values: posted.fields().iter().map(bounded).collect(), errors: Vec::new() }
    }

    fn of_client(client: &Client, version: i64) -> Self {
        let mut values: Vec<(String, String)> = Vec::new();
        let mut put = |name: &str, value: &str| values.push((name.to_owned(), value.to_owned()));
        put("id", &client.id);
        put("version", &version.to_string());
        put("name", &client.name);
        put("owner", &client.owner);
        put("contact", &client.contact);
        for (field, lang) in PURPOSES {
            put(field, client.purpose.given(lang).unwrap_or_default());
        }
        put("site", client.site.as_deref().unwrap_or_default());
        put("redirect_uris", &client.redirect_uris.join("\n"));
        put("post_logout_uris", &client.post_logout_uris.join("\n"));
        put("backchannel_logout_uri", client.backchannel_logout_uri.as_deref().unwrap_or_default());
        client.scopes.iter().for_each(|scope| put("scopes", scope));
        client.grants.iter().for_each(|grant| put("grants", grant.name()));
        put("auth", client.auth.name());
        put("jwks", &client.jwks.as_ref().map(|jwks| jwks.to_string()).unwrap_or_default());
        put("subject_type", if client.subject_type == SubjectType::Public { "public" } else { "pairwise" });
        put("sector_host", client.sector_host.as_deref().unwrap_or_default());
        put("id_token_alg", client.id_token_alg.name());
        for (name, on) in [
            ("require_par", client.require_par),
            ("require_dpop", client.require_dpop),
            ("introspects", client.introspects),
        ] {
            if on {
                put(name, "true");
            }
        }
        put("least", client.least.map(level_name).unwrap_or_default());
        put("consent_days", &client.consent_days.to_string());
        put("oneid_profile", client.oneid_profile.map(OneIdProfile::name).unwrap_or_default());
        Self { values, errors: Vec::new() }
    }

    fn value(&self, name: &str) -> &str {
        self.values.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(known, _)| known == name)
    }

    fn error(&self, name: &str) -> &str {
        self.errors.iter().find(|problem| problem.field == name).map_or("", |problem| &problem.message)
    }

    fn lines(&self, name: &str) -> Vec<String> {
        self.value(name).lines().map(str::trim).filter(|line| !line.is_empty()).take(50).map(str::to_owned).collect()
    }

    /// The client that the form describes; what cannot be read at all is a problem of its field.
    fn client(&self) -> (Client, Vec<Problem>) {
        let mut wrong = Vec::new();
        let some = |name: &str| Some(self.value(name)).filter(|text| !text.is_empty()).map(str::to_owned);
        let purpose = PURPOSES
            .iter()
            .filter(|(field, _)| !self.value(field).is_empty())
            .fold(Text::default(), |text, (field, lang)| text.with(*lang, self.value(field)));
        let jwks = some("jwks").map(|text| serde_json::from_str(&text));
        let jwks = match jwks {
            None => None,
            Some(Ok(jwks)) => Some(jwks),
            Some(Err(_)) => {
                wrong.push(("jwks", "jwks"));
                None
            }
        };
        let client = Client {
            id: self.value("id").to_owned(),
            name: self.value("name").to_owned(),
            owner: self.value("owner").to_owned(),
            contact: self.value("contact").to_owned(),
            purpose,
            site: some("site"),
            redirect_uris: self.lines("redirect_uris"),
            post_logout_uris: self.lines("post_logout_uris"),
            backchannel_logout_uri: some("backchannel_logout_uri"),
            scopes: self.all("scopes").map(str::to_owned).collect(),
            grants: self.all("grants").filter_map(Grant::parse).collect(),
            auth: Auth::parse(self.value("auth")).unwrap_or(Auth::Basic),
            jwks,
            subject_type: if self.value("subject_type") == "public" {
                SubjectType::Public
            } else {
                SubjectType::Pairwise
            },
            sector_host: some("sector_host"),
            id_token_alg: Alg::parse(self.value("id_token_alg")).unwrap_or(Alg::Es256),
            require_par: self.has("require_par"),
            require_dpop: self.has("require_dpop"),
            least: LEVELS.into_iter().find(|level| level_name(*level) == self.value("least")),
            consent_days: self.value("consent_days").parse().unwrap_or(0),
            oneid_profile: OneIdProfile::parse(self.value("oneid_profile")),
            introspects: self.has("introspects"),
        };
        (client, wrong)
    }

    fn wrong(&mut self, page: &Page, problems: &[Problem]) {
        for (field, code) in problems {
            let message = page.t(&format!("provider-client-error-{code}"));
            self.errors.push(FieldProblem { field: (*field).to_owned(), code: (*code).to_owned(), message });
        }
    }
}

const PURPOSES: [(&str, Lang); 4] =
    [("purpose_uz", Lang::Uz), ("purpose_kaa", Lang::Kaa), ("purpose_ru", Lang::Ru), ("purpose_en", Lang::En)];

const LEVELS: [Assurance; 4] = [Assurance::Password, Assurance::Otp, Assurance::Face, Assurance::Signature];

fn level_name(level: Assurance) -> &'static str {
    match level {
        Assurance::Open => "open",
        Assurance::Password => "password",
        Assurance::Otp => "otp",
        Assurance::Face => "face",
        Assurance::Signature => "signature",
    }
}

/// What was done to a client, in words.
struct Entry {
    when: String,
    who: String,
    what: String,
    detail: String,
}

/// A registered client beside its form.
struct Known {
    row: ClientRow,
    entries: Vec<Entry>,
    logo: Option<String>,
}

#[derive(Template)]
#[template(path = "provider/client.html")]
struct ClientPage<'a> {
    page: &'a Page,
    form: &'a Form,
    known: Option<Known>,
    /// Shown this once.
    secret: Option<String>,
    done: Option<String>,
    issuer: &'a str,
    scopes: Vec<Choice>,
    grants: Vec<Choice>,
    auths: Vec<Choice>,
    subjects: Vec<Choice>,
    algs: Vec<Choice>,
    levels: Vec<Choice>,
    profiles: Vec<Choice>,
    action: String,
    title: String,
}

struct Shown<'a> {
    form: &'a Form,
    id: Option<&'a str>,
    secret: Option<String>,
    done: Option<String>,
    status: StatusCode,
}

async fn client_page(operator: &Operator, shown: Shown<'_>) -> Result<Response, WebError> {
    let page = &operator.page;
    let form = shown.form;
    let known = match shown.id {
        Some(id) => {
            let (row, entries) = clients::get(page.ctx(), id).await?.ok_or_else(WebError::not_found)?;
            let entries = entries
                .into_iter()
                .map(|entry| Entry {
                    when: page.t.datetime(&entry.at),
                    who: entry.staff_name,
                    what: page.t(&format!("provider-client-action-{}", entry.action)),
                    detail: entry.detail,
                })
                .collect();
            let logo = row.has_logo.then(|| format!("/sso/clients/{id}/logo.png"));
            Some(Known { row, entries, logo })
        }
        None => None,
    };
    let many = |name: &str, value: &str, label: String| Choice {
        checked: form.all(name).any(|chosen| chosen == value),
        value: value.to_owned(),
        label,
        hint: String::new(),
    };
    let title = match &known {
        Some(known) => known.row.client.name.clone(),
        None => page.t("provider-client-new"),
    };
    let body = ClientPage {
        page,
        form,
        secret: shown.secret,
        done: shown.done,
        issuer: issuer(page.ctx()),
        scopes: SCOPES
            .iter()
            .map(|(scope, _)| many("scopes", scope, page.t(&format!("provider-scope-{}", scope.replace('_', "-")))))
            .collect(),
        grants: Grant::ALL
            .into_iter()
            .map(|grant| {
                let short = grant.name().rsplit(':').next().unwrap_or_default().replace('_', "-");
                many("grants", grant.name(), page.t(&format!("provider-grant-{short}")))
            })
            .collect(),
        auths: Auth::ALL
            .into_iter()
            .map(|auth| {
                Choice::new(
                    auth.name(),
                    page.t(&format!("provider-auth-{}", auth.name().replace('_', "-"))),
                    form.value("auth"),
                )
            })
            .collect(),
        subjects: ["pairwise", "public"]
            .into_iter()
            .map(|kind| Choice::new(kind, page.t(&format!("provider-subject-{kind}")), form.value("subject_type")))
            .collect(),
        algs: Alg::ALL.into_iter().map(|alg| Choice::new(alg.name(), alg.name(), form.value("id_token_alg"))).collect(),
        levels: LEVELS
            .into_iter()
            .map(|level| {
                Choice::new(
                    level_name(level),
                    page.t(&format!("provider-level-{}", level_name(level))),
                    form.value("least"),
                )
            })
            .collect(),
        profiles: OneIdProfile::ALL
            .into_iter()
            .map(|profile| Choice::new(profile.name(), profile.name(), form.value("oneid_profile")))
            .collect(),
        action: page.href(&match shown.id {
            Some(id) => format!("{PATH}/{id}"),
            None => format!("{PATH}/new"),
        }),
        known,
        title: title.clone(),
    };
    page.render(Meta::new(title).staff(PATH).status(shown.status), &body)
}

async fn new(operator: Operator) -> Result<Response, WebError> {
    let mut form = Form::default();
    for (name, value) in [
        ("scopes", "openid"),
        ("grants", "authorization_code"),
        ("auth", "client_secret_basic"),
        ("subject_type", "pairwise"),
        ("id_token_alg", "ES256"),
        ("consent_days", "365"),
    ] {
        form.values.push((name.to_owned(), value.to_owned()));
    }
    client_page(&operator, Shown { form: &form, id: None, secret: None, done: None, status: StatusCode::OK }).await
}

async fn new_post(operator: Operator, posted: Posted) -> Result<Response, WebError> {
    let page = &operator.page;
    let mut form = Form::of(&posted);
    let (client, mut problems) = form.client();
    let saved = if problems.is_empty() {
        clients::register(page.ctx(), &client, &registrar(&operator)?).await?
    } else {
        problems.extend(crate::domain::client::check(&client));
        Saved::Wrong(problems)
    };
    match saved {
        Saved::Done { secret } => {
            let form = Form::of_client(&client, 1);
            let done = Some(page.t("provider-client-registered"));
            client_page(&operator, Shown { form: &form, id: Some(&client.id), secret, done, status: StatusCode::OK })
                .await
        }
        Saved::Wrong(problems) => {
            form.wrong(page, &problems);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            client_page(&operator, Shown { form: &form, id: None, secret: None, done: None, status }).await
        }
    }
}

async fn show(operator: Operator, Path(id): Path<String>, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    let page = &operator.page;
    let (row, _) = clients::get(page.ctx(), &id).await?.ok_or_else(WebError::not_found)?;
    let form = Form::of_client(&row.client, row.version);
    let done = match asked.done.as_str() {
        "changed" => Some(page.t("provider-client-changed")),
        "enabled" => Some(page.t("provider-client-enabled")),
        "disabled" => Some(page.t("provider-client-disabled")),
        "logo" => Some(page.t("provider-client-logo-set")),
        _ => None,
    };
    client_page(&operator, Shown { form: &form, id: Some(&id), secret: None, done, status: StatusCode::OK }).await
}

async fn change(operator: Operator, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let page = &operator.page;
    let mut form = Form::of(&posted);
    form.values.retain(|(name, _)| name != "id");
    form.values.push(("id".to_owned(), id.clone()));
    let (client, mut problems) = form.client();
    let version = form.value("version").parse().unwrap_or(0);
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    let saved = if problems.is_empty() {
        match clients::change(page.ctx(), client, version, &registrar(&operator)?).await {
            Ok(saved) => saved.ok_or_else(WebError::not_found)?,
            Err(ProviderError::Stale) => {
                // Somebody saved in between: what was typed stays, the next press saves it.
                let (row, _) = clients::get(page.ctx(), &id).await?.ok_or_else(WebError::not_found)?;
                form.values.retain(|(name, _)| name != "version");
                form.values.push(("version".to_owned(), row.version.to_string()));
                status = StatusCode::CONFLICT;
                Saved::Wrong(vec![("name", "stale")])
            }
            Err(error) => return Err(error.into()),
        }
    } else {
        problems.extend(crate::domain::client::check(&client));
        Saved::Wrong(problems)
    };
    match saved {
        Saved::Done { secret: None } => Ok(page.redirect(&format!("{PATH}/{id}?done=changed"))),
        Saved::Done { secret } => {
            let (row, _) = clients::get(page.ctx(), &id).await?.ok_or_else(WebError::not_found)?;
            let form = Form::of_client(&row.client, row.version);
            let done = Some(page.t("provider-client-changed"));
            client_page(&operator, Shown { form: &form, id: Some(&id), secret, done, status: StatusCode::OK }).await
        }
        Saved::Wrong(problems) => {
            form.wrong(page, &problems);
            client_page(&operator, Shown { form: &form, id: Some(&id), secret: None, done: None, status }).await
        }
    }
}

async fn secret(operator: Operator, Path(id): Path<String>, _posted: Posted) -> Result<Response, WebError> {
    let page = &operator.page;
    let secret = clients::new_secret_for(page.ctx(), &id, &registrar(&operator)?).await?;
    let secret = secret.ok_or_else(WebError::not_found)?;
    let (row, _) = clients::get(page.ctx(), &id).await?.ok_or_else(WebError::not_found)?;
    let form = Form::of_client(&row.client, row.version);
    let done = Some(page.t("provider-client-secret-new"));
    client_page(&operator, Shown { form: &form, id: Some(&id), secret: Some(secret), done, status: StatusCode::OK })
        .await
}

async fn active(operator: Operator, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let page = &operator.page;
    let on = posted.get("active") == "on";
    if !clients::set_active(page.ctx(), &id, on, &registrar(&operator)?).await? {
        return Err(WebError::not_found());
    }
    Ok(page.redirect(&format!("{PATH}/{id}?done={}", if on { "enabled" } else { "disabled" })))
}

async fn logo(operator: Operator, Path(id): Path<String>, posted: Posted) -> Result<Response, WebError> {
    let page = &operator.page;
    let (row, _) = clients::get(page.ctx(), &id).await?.ok_or_else(WebError::not_found)?;
    let png = posted.files.iter().find(|file| file.field == "logo").map(|file| &*file.bytes);
    if clients::set_logo(page.ctx(), &id, png, &registrar(&operator)?).await? {
        return Ok(page.redirect(&format!("{PATH}/{id}?done=logo")));
    }
    let mut form = Form::of_client(&row.client, row.version);
    form.wrong(page, &[("logo", "logo")]);
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    client_page(&operator, Shown { form: &form, id: Some(&id), secret: None, done: None, status }).await
}
