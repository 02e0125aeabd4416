//! The same use cases as JSON.

use utoipa_axum::router::OpenApiRouter;
use web::AppState;

/// The API of the context.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
}
