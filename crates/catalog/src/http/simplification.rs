//! The register of simplification: what services ask of a person, what became simpler, and lists to work on.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use definition::Assurance;
use kernel::money::Tiyin;
use web::csv::Csv;
use web::ui::Link;
use web::{Meta, Page, T, WebError};

use crate::domain::simple::{self, GOAL_A_QUARTER, MOST_SCREENS, Measure, Measures};
use crate::service::simplification::{self, Measured, Memory, Step};

/// Changes that the page shows; the export has all.
const SHOWN: usize = 50;

/// A service in a list.
struct Row {
    title: String,
    href: String,
    agency: String,
    screens: u32,
    questions: u32,
    prefilled: u32,
    documents: u32,
    assurance: String,
    term: String,
    fee: String,
    because: String,
}

/// A publication that changed a measure.
struct StepRow {
    date: String,
    title: String,
    href: String,
    /// Name of the measure, before, after.
    changes: Vec<(String, String, String)>,
    simpler: bool,
}

/// A quarter with its counter.
struct QuarterRow {
    name: String,
    services: usize,
    reached: bool,
}

/// A group of services with the number of those that are offered.
struct GroupLink {
    title: String,
    href: String,
    count: usize,
}

#[derive(Template)]
#[template(path = "catalog/simplification.html")]
struct RegisterPage<'a> {
    page: &'a Page,
    total: usize,
    most: u32,
    goal: usize,
    quarters: Vec<QuarterRow>,
    steps: Vec<StepRow>,
    more: usize,
    over: Vec<Row>,
    signed: Vec<Row>,
    groups: Vec<GroupLink>,
    base: String,
}

/// `/simplification`
pub(crate) async fn register(page: Page, Extension(memory): Extension<Arc<Memory>>) -> Result<Response, WebError> {
    let ctx = page.ctx();
    let services = ctx.ports.catalog.all(ctx).await?;
    let measured: Vec<Measured> = services.iter().map(|one| simplification::measured(ctx, one)).collect();
    let steps = simplification::steps(ctx, &memory).await?;
    let quarters = simplification::quarters(&steps, ctx.today());
    let groups = ctx.refdata.groups.iter().map(|group| GroupLink {
        title: group.title.get(page.lang()).into_owned(),
        href: page.href(&format!("/simplification/{}", group.code)),
        count: services.iter().filter(|one| one.passport().group == group.code).count(),
    });
    let body = RegisterPage {
        page: &page,
        total: measured.len(),
        most: MOST_SCREENS,
        goal: GOAL_A_QUARTER,
        quarters: quarters
            .iter()
            .map(|counted| QuarterRow {
                name: page.t2(
                    "catalog-simple-quarter",
                    "year",
                    counted.quarter.year.to_string(),
                    "n",
                    counted.quarter.n.to_string(),
                ),
                services: counted.services,
                reached: counted.reached,
            })
            .collect(),
        more: steps.len().saturating_sub(SHOWN),
        steps: steps.iter().take(SHOWN).map(|step| step_row(&page, step)).collect(),
        over: measured.iter().filter(|one| simple::is_over(&one.measures)).map(|one| row(&page, one)).collect(),
        signed: measured.iter().filter(|one| is_signed(one)).map(|one| row(&page, one)).collect(),
        groups: groups.filter(|group| group.count > 0).collect(),
        base: page.href("/simplification"),
    };
    page.render(Meta::public(page.t("catalog-simple-title")).description(page.t("catalog-simple-lead")), &body)
}

fn is_signed(one: &Measured) -> bool {
    one.measures.assurance == Assurance::Signature
}

#[derive(Template)]
#[template(path = "catalog/simplification_group.html")]
struct GroupPage<'a> {
    page: &'a Page,
    trail: Vec<Link>,
    title: String,
    rows: Vec<Row>,
}

/// `/simplification/{name}`: a group of services, or one of the files.
pub(crate) async fn part(
    page: Page,
    Extension(memory): Extension<Arc<Memory>>,
    Path(name): Path<String>,
) -> Result<Response, WebError> {
    let ctx = page.ctx();
    if let Some(list) = name.strip_suffix(".csv") {
        return match list {
            "services" => services_file(&page, list, |_| true).await,
            "over-three-steps" => services_file(&page, list, |one| simple::is_over(&one.measures)).await,
            "signature" => services_file(&page, list, is_signed).await,
            "changes" => changes_file(&page, list, &memory).await,
            _ => Err(WebError::not_found()),
        };
    }
    let group = ctx.refdata.group(&name).ok_or_else(WebError::not_found)?;
    let all = ctx.ports.catalog.all(ctx).await?;
    let members = all.iter().filter(|one| one.passport().group == group.code);
    let group_title = group.title.get(page.lang()).into_owned();
    let body = GroupPage {
        page: &page,
        trail: vec![Link::new(page.href("/simplification"), page.t("catalog-simple-title"))],
        rows: members.map(|one| row(&page, &simplification::measured(ctx, one))).collect(),
        title: group_title.clone(),
    };
    let title = format!("{} — {group_title}", page.t("catalog-simple-title"));
    Ok(page.render(Meta::public(title), &body)?.into_response())
}

fn row(page: &Page, one: &Measured) -> Row {
    let (t, measures) = (&page.t, &one.measures);
    let agency = page.ctx().refdata.agency(&one.owner);
    Row {
        title: one.title.get(page.lang()).into_owned(),
        href: page.href(&format!("/services/{}", one.code)),
        agency: agency.map_or_else(|| one.owner.clone(), |agency| agency.name.get(page.lang()).into_owned()),
        screens: measures.screens,
        questions: measures.questions,
        prefilled: measures.prefilled,
        documents: measures.documents,
        assurance: shown(t, measures, Measure::Assurance),
        term: shown(t, measures, Measure::Term),
        fee: shown(t, measures, Measure::Fee),
        because: match &one.because {
            Some(because) => because.get(page.lang()).into_owned(),
            None => page.t("catalog-simple-because-unknown"),
        },
    }
}

fn step_row(page: &Page, step: &Step) -> StepRow {
    let t = &page.t;
    let change = |measure: &Measure| {
        (measure_name(t, *measure), shown(t, &step.before.measures, *measure), shown(t, &step.after.measures, *measure))
    };
    StepRow {
        date: t.date(&step.on),
        title: step.after.title.get(page.lang()).into_owned(),
        href: page.href(&format!("/services/{}", step.after.code)),
        changes: step.changes.iter().map(change).collect(),
        simpler: step.simpler,
    }
}

fn measure_name(t: &T, measure: Measure) -> String {
    match measure {
        Measure::Screens => t.t("catalog-simple-screens"),
        Measure::Questions => t.t("catalog-simple-questions"),
        Measure::Documents => t.t("catalog-simple-documents"),
        Measure::Assurance => t.t("catalog-simple-assurance"),
        Measure::Term => t.t("catalog-simple-term"),
        Measure::Fee => t.t("catalog-simple-fee"),
    }
}

/// A measure in words.
fn shown(t: &T, measures: &Measures, measure: Measure) -> String {
    match measure {
        Measure::Screens => measures.screens.to_string(),
        Measure::Questions => measures.questions.to_string(),
        Measure::Documents => measures.documents.to_string(),
        Measure::Assurance => match measures.assurance {
            Assurance::Open => t.t("catalog-simple-assurance-open"),
            Assurance::Password => t.t("catalog-simple-assurance-password"),
            Assurance::Otp => t.t("catalog-simple-assurance-otp"),
            Assurance::Face => t.t("catalog-simple-assurance-face"),
            Assurance::Signature => t.t("catalog-simple-assurance-signature"),
        },
        Measure::Term => match (measures.term, measures.instant) {
            (Some(term), _) => kernel::format::term(term, t.lang()),
            (None, true) => t.t("catalog-term-auto"),
            (None, false) => t.t("catalog-simple-unknown"),
        },
        Measure::Fee => match measures.fee {
            None => t.t("catalog-simple-unknown"),
            Some(Tiyin::ZERO) => t.t("catalog-free"),
            Some(fee) => t.money(&fee),
        },
    }
}

/// A measure for a program: a number as text, the name of an assurance, nothing when unknown.
fn plain(measures: &Measures, measure: Measure) -> String {
    match measure {
        Measure::Assurance => match measures.assurance {
            Assurance::Open => "open",
            Assurance::Password => "password",
            Assurance::Otp => "otp",
            Assurance::Face => "face",
            Assurance::Signature => "signature",
        }
        .to_owned(),
        _ => measures.value(measure).map_or_else(String::new, |n| n.to_string()),
    }
}

async fn services_file(page: &Page, name: &str, wanted: impl Fn(&Measured) -> bool) -> Result<Response, WebError> {
    let mut table = Csv::new(&[
        "code",
        "title",
        "agency",
        "screens",
        "questions",
        "prefilled",
        "documents",
        "assurance",
        "term_minutes",
        "fee_tiyin",
        "signature_because",
    ]);
    for one in simplification::current(page.ctx()).await?.iter().filter(|one| wanted(one)) {
        let measures = &one.measures;
        let because = one.because.as_ref().map_or_else(String::new, |because| because.get(page.lang()).into_owned());
        table.row(&[
            one.code.clone(),
            one.title.get(page.lang()).into_owned(),
            one.owner.clone(),
            plain(measures, Measure::Screens),
            plain(measures, Measure::Questions),
            measures.prefilled.to_string(),
            plain(measures, Measure::Documents),
            plain(measures, Measure::Assurance),
            plain(measures, Measure::Term),
            plain(measures, Measure::Fee),
            because,
        ]);
    }
    table.file(name)
}

async fn changes_file(page: &Page, name: &str, memory: &Memory) -> Result<Response, WebError> {
    let mut table = Csv::new(&["date", "code", "title", "measure", "before", "after", "simpler"]);
    for step in simplification::steps(page.ctx(), memory).await? {
        for measure in &step.changes {
            table.row(&[
                step.on.to_string(),
                step.after.code.clone(),
                step.after.title.get(page.lang()).into_owned(),
                measure.name().to_owned(),
                plain(&step.before.measures, *measure),
                plain(&step.after.measures, *measure),
                step.simpler.to_string(),
            ]);
        }
    }
    table.file(name)
}
