//! Every component on one page, for those who write pages and for the browser tests.
//!
//! The sample content is in Uzbek in every language of the page: it is an example, not a text of the portal.

use askama::Template;
use axum::response::Response;
use axum::{Router, routing::get};

use crate::ui::{Choice, Link};
use crate::{AppState, FieldProblem, Meta, Page, WebError};

#[derive(Template)]
#[template(path = "gallery.html")]
struct Gallery<'a> {
    page: &'a Page,
    errors: Vec<FieldProblem>,
    choices: Vec<Choice>,
    steps: [&'static str; 3],
    trail: Vec<Link>,
    tabs: Vec<Link>,
    icons: [&'static str; 36],
    tags: [(&'static str, &'static str); 7],
}

/// The icons that `ui::icon` draws, besides the document that stands for an unknown name.
const ICONS: [&str; 36] = [
    "search",
    "check",
    "clock",
    "calendar",
    "money",
    "alert",
    "info",
    "close",
    "arrow",
    "download",
    "upload",
    "link",
    "user",
    "users",
    "lock",
    "eye",
    "bell",
    "message",
    "phone",
    "globe",
    "star",
    "shield",
    "law",
    "building",
    "family",
    "child",
    "passport",
    "briefcase",
    "tax",
    "heart",
    "study",
    "health",
    "home",
    "car",
    "travel",
    "other",
];

/// `/gallery`
pub fn routes() -> Router<AppState> {
    Router::new().route("/gallery", get(show))
}

async fn show(page: Page) -> Result<Response, WebError> {
    let problem = |field: &str, message: &str| FieldProblem {
        field: field.to_owned(),
        code: "SAMPLE".to_owned(),
        message: message.to_owned(),
    };
    let mut choices = vec![
        Choice::new("self", "O‘zim uchun", "self"),
        Choice::new("child", "Farzandim uchun", "self"),
        Choice::new("other", "Boshqa shaxs uchun", "self"),
    ];
    choices[2].hint = "Ishonchnoma yoki qarindoshlik hujjati kerak bo‘ladi".to_owned();
    let mut tabs =
        vec![Link::new("#a", "Ko‘rib chiqilmoqda"), Link::new("#b", "Tugallangan"), Link::new("#c", "Barchasi")];
    tabs[0].current = true;
    let body = Gallery {
        errors: vec![
            problem("g-phone", "Telefon raqamini to‘liq kiriting"),
            problem("g-born", "Tug‘ilgan sana kelajakda bo‘lishi mumkin emas"),
        ],
        choices,
        steps: ["Ariza", "Tekshirish", "Topshirish"],
        trail: vec![Link::new("#", "FHDYO"), Link::new("#", "Tug‘ilganlik haqida ma’lumotnoma")],
        tabs,
        icons: ICONS,
        tags: [
            ("Qoralama", "neutral"),
            ("Yangi", "new"),
            ("Jarayonda", "progress"),
            ("Sizni kutmoqda", "waiting"),
            ("Muddati yaqin", "warning"),
            ("Tugallangan", "success"),
            ("Rad etilgan", "danger"),
        ],
        page: &page,
    };
    page.render(Meta { private: true, ..Meta::public(page.t("common-footer-gallery")) }, &body)
}
