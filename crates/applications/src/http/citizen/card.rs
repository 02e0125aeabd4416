//! The summary of cases on the cabinet's first page.

use async_trait::async_trait;
use contracts::Ctx;
use kernel::id::SubjectId;
use web::WebError;
use web::i18n::T;
use web::module::{CabinetCard, Card, CardLine};

use crate::http::view;
use crate::store::{self, CaseFilter};

/// Open cases and drafts.
pub struct CasesCard;

#[async_trait]
impl CabinetCard for CasesCard {
    async fn card(&self, ctx: &Ctx, t: &T, subject: SubjectId) -> Result<Option<Card>, WebError> {
        let open = store::cases(&ctx.db, subject, CaseFilter::Open, None, 50).await?;
        let drafts = store::open_drafts(&ctx.db, subject).await?;
        let yours = open.iter().filter(|case| matches!(case.stage.as_str(), "returned" | "payment")).count();
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let mut lines = Vec::new();
        // What waits for the person comes first.
        let mut sorted: Vec<_> = open.iter().collect();
        sorted.sort_by_key(|case| !matches!(case.stage.as_str(), "returned" | "payment"));
        for case in sorted.into_iter().take(3) {
            let status = match case.stage.as_str() {
                "returned" => "applications-status-returned".to_owned(),
                _ => format!("applications-status-{}", view::status_key(&case.status)),
            };
            lines.push(CardLine {
                text: view::title_of(ctx, t, &case.service).await,
                note: t.t(&status),
                href: format!("/cases/{}", case.id),
            });
        }
        for draft in drafts.iter().take(3_usize.saturating_sub(lines.len())) {
            lines.push(CardLine {
                text: view::title_of(ctx, t, &draft.service).await,
                note: t.t("applications-status-draft"),
                href: format!("/drafts/{}/{}", draft.id, draft.page),
            });
        }
        let summary = if open.is_empty() && drafts.is_empty() {
            t.t("applications-card-empty")
        } else {
            t.t2("applications-card-summary", "open", number(open.len()), "yours", number(yours))
        };
        Ok(Some(Card {
            title: t.t("applications-cases-title"),
            summary,
            lines,
            link: "/cabinet/cases",
            link_text: t.t("applications-card-link"),
            urgent: yours > 0,
        }))
    }
}
