//! The leaflet of a service: one sheet for the wall of a centre or for the hand, with the QR code of the service's page.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Extension;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use contracts::documents::{Leaflet, LeafletSection};
use definition::Definition;
use kernel::lang::Lang;
use web::{Page, WebError};

use super::passport::{self, Passport};

/// Leaflets that are kept; one is some ten kilobytes.
const KEPT: usize = 256;

/// Leaflets laid out already. What one shows changes with the version, the language and the day (price, date).
#[derive(Default)]
pub(crate) struct Leaflets {
    kept: RwLock<HashMap<String, Bytes>>,
    /// One is laid out at a time: whoever asks for many at once waits, and takes no more than one core.
    making: tokio::sync::Mutex<()>,
}

impl Leaflets {
    fn get(&self, key: &str) -> Option<Bytes> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn put(&self, key: String, pdf: Bytes) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, pdf);
    }
}

/// `/services/{code}/leaflet.pdf`
pub(crate) async fn leaflet(
    page: Page,
    Extension(leaflets): Extension<Arc<Leaflets>>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let ctx = page.ctx();
    let today = ctx.today();
    let definition = ctx.ports.catalog.shown(ctx, &code).await?.ok_or_else(WebError::not_found)?;
    let version: String = definition.version().as_str().chars().take(16).collect();
    let key = format!("{version}-{}-{today}", page.lang().code());
    let etag = HeaderValue::from_str(&format!("\"{key}\"")).map_err(WebError::internal)?;
    if headers.get(header::IF_NONE_MATCH) == Some(&etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response());
    }
    let pdf = match leaflets.get(&key) {
        Some(pdf) => pdf,
        None => {
            let _making = leaflets.making.lock().await;
            match leaflets.get(&key) {
                Some(pdf) => pdf,
                None => {
                    let p = passport::passport(ctx, &page.t, &definition, None, today);
                    let pdf = Bytes::from(ctx.ports.documents.leaflet(ctx, sheet(&page, &definition, p)).await?);
                    leaflets.put(key, pdf.clone());
                    pdf
                }
            }
        }
    };
    let mut response = pdf.into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    out.insert(header::ETAG, etag);
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let name = format!("inline; filename=\"{}-{}.pdf\"", definition.code(), page.lang().code());
    out.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(WebError::internal)?);
    Ok(response)
}

/// What the leaflet says, from the passport.
fn sheet(page: &Page, definition: &Definition, p: Passport) -> Leaflet {
    let ctx = page.ctx();
    let t = |key: &str| page.t(key);
    let mut sections = Vec::new();
    let mut add = |title: String, lines: Vec<String>, numbered: bool| {
        if !lines.is_empty() {
            sections.push(LeafletSection { title, lines, numbered });
        }
    };
    let fees = p.fees.iter().map(|row| {
        let what = [&row.title, &row.variant, &row.payer].into_iter().filter(|text| !text.is_empty());
        let what = what.map(String::as_str).collect::<Vec<_>>().join(", ");
        let (web, dxm) = (t("catalog-passport-price-web"), t("catalog-passport-price-dxm"));
        format!("{what}: {web} — {}, {dxm} — {}", row.web, row.dxm)
    });
    add(t("catalog-passport-price"), fees.collect(), false);
    let mut documents = p.documents.clone();
    if p.unconfirmed.documents {
        documents.push(t("catalog-unconfirmed-documents"));
    } else if documents.is_empty() {
        documents.push(t("catalog-passport-documents-none"));
    }
    add(t("catalog-passport-documents"), documents, false);
    let mut audience = vec![p.audience.join(", ")];
    if p.unconfirmed.audience {
        audience = vec![t("catalog-unconfirmed-audience")];
    }
    audience.extend(p.conditions.iter().cloned());
    add(t("catalog-passport-audience"), audience, false);
    let steps = p.steps.iter().map(|step| {
        let beside = [&step.who, &step.term].into_iter().filter(|text| !text.is_empty()).map(String::as_str);
        let beside = beside.collect::<Vec<_>>().join(", ");
        if beside.is_empty() { step.title.clone() } else { format!("{} ({beside})", step.title) }
    });
    add(t("catalog-passport-steps"), steps.collect(), true);
    if !p.appeal.is_empty() {
        add(t("catalog-passport-reasons"), vec![p.appeal.clone()], false);
    }
    let mut acts: Vec<String> = p
        .legal
        .iter()
        .map(|act| if act.detail.is_empty() { act.name.clone() } else { format!("{} ({})", act.name, act.detail) })
        .collect();
    if p.unconfirmed.legal {
        acts.push(t("catalog-unconfirmed-legal"));
    }
    add(t("catalog-passport-legal"), acts, false);
    add(t("catalog-passport-guide"), p.guide.clone(), true);
    let contacts = p.contacts.iter().map(|contact| {
        let parts = [&contact.title, &contact.phone, &contact.url].into_iter().filter(|text| !text.is_empty());
        parts.map(String::as_str).collect::<Vec<_>>().join(" · ")
    });
    add(t("catalog-passport-contacts"), contacts.collect(), false);
    let lang = page.lang();
    let today = ctx.today();
    Leaflet {
        // Typst speaks ISO 639; both scripts of Uzbek are `uz`.
        lang: match lang {
            Lang::Uz | Lang::UzCyrl => "uz",
            Lang::Kaa => "kaa",
            Lang::Ru => "ru",
            Lang::En => "en",
        },
        portal: t("common-portal"),
        url: format!("{}/{}/services/{}", ctx.settings.public_url, lang.code(), definition.code()),
        how: t("catalog-leaflet-how"),
        qr_alt: page.t1("catalog-leaflet-qr", "title", &p.title),
        foot: page.t3("catalog-leaflet-foot", "code", &p.code, "version", &p.version, "date", page.t.date(&today)),
        date: today,
        demo: ctx.settings.demo.then(|| t("catalog-leaflet-demo")),
        facts: p.essentials,
        agency: p.owner,
        summary: p.summary,
        title: p.title,
        sections,
    }
}
