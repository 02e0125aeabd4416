//! Puts the contexts together: the list of modules, the wiring of the ports, the router, the worker.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use contracts::{Ctx, CtxInner, Ports, Settings};
use futures_util::FutureExt;
use kernel::clock::Clock;
use kernel::rng::Rng;
use storage::{Blobs, Db};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use web::cache::Front;
use web::lang::LangService;
use web::module::{App, AppState, Module};
use web::{Page, WebError};

use crate::metrics;

/// How often an instance looks whether another has published.
const LOOK: std::time::Duration = std::time::Duration::from_secs(2);

/// The contexts, in the order in which their tables are made.
pub fn modules() -> Vec<Module> {
    vec![
        registries::module(),
        catalog::module(),
        identity::module(),
        provider::module(),
        applications::module(),
        payments::module(),
        documents::module(),
        notifications::module(),
    ]
}

/// The tables of all contexts, in the order of the contexts.
pub fn migrations() -> Vec<storage::Migration> {
    modules().iter().flat_map(|module| module.migrations.iter().copied()).collect()
}

/// What the program needs from outside to be put together.
pub struct Parts {
    pub db: Db,
    pub blobs: Blobs,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub settings: Settings,
    /// Most requests worked on at once.
    pub requests: usize,
}

/// The program, ready to answer and to work.
pub struct Program {
    pub state: AppState,
    pub ctx: Ctx,
    router: Router,
    subscribers: Vec<web::module::Subscriber>,
    periodic: Vec<web::module::Periodic>,
}

/// Why the program cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("reference data: {0}")]
    RefData(String),
    #[error("the database")]
    Storage(#[from] storage::Error),
    #[error(transparent)]
    Texts(#[from] web::i18n::LoadError),
    #[error("service definitions: {0}")]
    Catalog(String),
}

impl Program {
    /// Migrates the database, publishes the catalogue and wires the contexts.
    ///
    /// # Errors
    /// When data of the program itself are wrong or the database cannot be prepared.
    pub async fn build(parts: Parts) -> Result<Self, BuildError> {
        let refdata = refdata::RefData::shared();
        let modules = modules();
        parts.db.migrate(&migrations()).await?;

        let services = parts.settings.get("services.dir").map(Path::new).map(Path::to_path_buf);
        let shelf = catalog::Shelf::load(services.as_deref(), &refdata)
            .map_err(|error| BuildError::Catalog(error.to_string()))?;
        let shelf = Arc::new(shelf);
        let people = Arc::new(identity::Port);
        let ports = Ports {
            sessions: people.clone(),
            people: people.clone(),
            mandates: people.clone(),
            staff: people,
            catalog: shelf.clone(),
            cases: Arc::new(applications::CasesPort),
            invoices: Arc::new(payments::Port),
            documents: Arc::new(documents::Port),
            inbox: Arc::new(notifications::Port),
            registers: Arc::new(registries::Port::new(&parts.settings)),
        };
        let ctx = Ctx::new(CtxInner {
            db: parts.db,
            blobs: parts.blobs,
            clock: parts.clock,
            rng: parts.rng,
            refdata,
            ports,
            settings: parts.settings,
        });
        shelf.publish(&ctx).await.map_err(|error| BuildError::Catalog(error.to_string()))?;

        let texts: Vec<&[(&str, &str)]> =
            [web::LOCALES, crate::LOCALES].into_iter().chain(modules.iter().map(|module| module.locales)).collect();
        let i18n = web::i18n::Catalogue::load(&texts)?;

        let mut html = Router::new();
        let mut api = OpenApiRouter::with_openapi(openapi());
        let mut subscribers = Vec::new();
        let mut periodic = Vec::new();
        let mut cards = Vec::new();
        for module in modules {
            html = html.merge(module.html);
            api = api.merge(module.api);
            subscribers.extend(module.subscribers);
            periodic.extend(module.periodic);
            cards.extend(module.cards);
        }
        let (api, document) = api.split_for_parts();
        let csrf_key = ctx.settings.key("web.csrf");
        let state = AppState::new(App {
            ctx: ctx.clone(),
            i18n,
            assets: web::assets::Assets::load(),
            cards,
            cache: web::cache::PublicCache::default(),
            csrf_key,
            openapi: OnceLock::new(),
        });
        let _ = state.openapi.set(document.to_pretty_json().unwrap_or_default());

        let limit = Arc::new(tokio::sync::Semaphore::new(parts.requests));
        let router = Router::new()
            .merge(html)
            .merge(api)
            .merge(web::prefs::routes())
            .merge(web::gallery::routes())
            .merge(crate::pages::routes())
            .route("/api/v1/openapi.json", get(document_json))
            .fallback(nothing_here)
            .method_not_allowed_fallback(async || {
                WebError::new(web::error::Kind::MethodNotAllowed, "METHOD_NOT_ALLOWED")
            })
            .layer(CatchPanicLayer::custom(panicked))
            .layer(middleware::from_fn_with_state(limit, overload))
            .layer(middleware::from_fn_with_state(state.clone(), web::error::layer))
            .layer(middleware::from_fn_with_state(state.clone(), web::cache::layer))
            // Below: nothing that shows a person's data, no language, no limit.
            .merge(web::assets::routes())
            .route("/health/live", get(async || "ok"))
            .route("/health/ready", get(ready))
            .route("/metrics", get(metrics::show))
            .layer(middleware::from_fn(web::headers::layer))
            .layer(middleware::from_fn(metrics::layer))
            .with_state(state.clone());
        Ok(Self { state, ctx, router, subscribers, periodic })
    }

    /// The whole program as a service of requests.
    pub fn service(&self) -> Front<LangService<Router>> {
        Front::new(LangService(self.router.clone()), self.state.clone())
    }

    /// Looks every two seconds whether another instance has published services, serves them, and forgets kept pages then.
    pub fn watch_catalogue(&self) -> tokio::task::JoinHandle<()> {
        let state = self.state.clone();
        tokio::spawn(async move {
            let mut every = tokio::time::interval(LOOK);
            every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                every.tick().await;
                match state.ctx.ports.catalog.refresh(&state.ctx).await {
                    Ok(true) => {
                        state.cache.clear();
                        tracing::info!("another instance has published: the catalogue was read again");
                    }
                    Ok(false) => {}
                    Err(error) => tracing::warn!(%error, "the catalogue could not be looked at"),
                }
            }
        })
    }

    /// The worker that delivers events and does what is periodic.
    pub fn worker(&self) -> storage::Worker {
        let subscribers = self
            .subscribers
            .iter()
            .map(|subscriber| {
                let (ctx, run) = (self.ctx.clone(), subscriber.run);
                storage::Subscriber {
                    topic: subscriber.topic,
                    name: subscriber.name,
                    handler: Arc::new(move |delivery| run(ctx.clone(), delivery)),
                }
            })
            .collect();
        let periodic = self
            .periodic
            .iter()
            .map(|task| {
                let (ctx, run) = (self.ctx.clone(), task.run);
                storage::Periodic {
                    name: task.name,
                    every: task.every,
                    handler: Arc::new(move |_| run(ctx.clone()).boxed()),
                }
            })
            .collect();
        storage::Worker::new(self.ctx.db.clone(), self.ctx.clock.clone(), self.ctx.rng.clone(), subscribers, periodic)
    }
}

fn openapi() -> OpenApi {
    use utoipa::OpenApi as _;

    #[derive(utoipa::OpenApi)]
    #[openapi(
        info(
            title = "Peshtoq",
            description = "Public services: found, asked for, paid, decided, proved. Errors are problem details (RFC 9457) with stable codes.",
            license(name = "Apache-2.0", identifier = "Apache-2.0")
        ),
        components(schemas(web::error::Problem)),
        modifiers(&Bearer)
    )]
    struct Document;

    struct Bearer;
    impl utoipa::Modify for Bearer {
        fn modify(&self, openapi: &mut OpenApi) {
            use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
            let components = openapi.components.get_or_insert_with(Default::default);
            components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        }
    }
    Document::openapi()
}

async fn document_json(State(state): State<AppState>) -> Response {
    let json = state.openapi.get().cloned().unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json")], json).into_response()
}

/// An address that nothing answers to: pages without a language get one first.
async fn nothing_here(page: Page) -> WebError {
    drop(page);
    WebError::not_found()
}

async fn ready(State(state): State<AppState>) -> Response {
    match state.ctx.db.ready().await {
        Ok(()) => Json(serde_json::json!({ "ready": true })).into_response(),
        Err(_) => {
            (axum::http::StatusCode::SERVICE_UNAVAILABLE, Json(serde_json::json!({ "ready": false }))).into_response()
        }
    }
}

/// A panic is a defect of ours; the connection and the others live on. Its text may hold data: it is not repeated.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    #[derive(Debug, thiserror::Error)]
    #[error("a handler panicked")]
    struct Panicked;
    WebError::internal(Panicked).into_response()
}

/// Refuses at once what could not be answered in time, so that what is accepted is.
async fn overload(State(limit): State<Arc<tokio::sync::Semaphore>>, request: Request, next: Next) -> Response {
    match limit.try_acquire() {
        Ok(_permit) => next.run(request).await,
        Err(_) => {
            let mut response = WebError::busy().into_response();
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}
