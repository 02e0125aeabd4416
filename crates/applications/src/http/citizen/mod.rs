//! Pages of the applicant.

use axum::Router;
use axum::routing::{get, post};
use web::AppState;

mod acting;
pub mod card;
mod cases;
pub use cases::send;
mod drafts;
mod list;

/// The routes of the applicant.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/apply/{code}", get(drafts::apply_page).post(drafts::apply))
        .route("/drafts/{id}/{page}", get(drafts::page).post(drafts::save))
        .route("/drafts/{id}/{page}/autosave", post(drafts::autosave))
        .route("/drafts/{id}/check", get(drafts::check))
        .route("/drafts/{id}/submit", post(drafts::submit))
        .route("/drafts/{id}/discard", post(drafts::discard))
        .route("/files/{id}", get(cases::file))
        .route("/cases/{id}", get(cases::show))
        .route("/cases/{id}/withdraw", get(cases::withdraw_page).post(cases::withdraw))
        .route("/cases/{id}/correct", get(cases::correct_page).post(cases::correct))
        .route("/cases/{id}/act", post(cases::act))
        .route("/cases/{id}/appeal", get(cases::appeal_page).post(cases::appeal))
        .route("/cases/{id}/rate", post(cases::rate))
        .route("/cabinet/cases", get(list::cases))
        .route("/cabinet/acting", get(acting::show).post(acting::choose))
        .route("/cabinet/organisations/{stir}/cases", get(acting::organisation))
}
