//! Answers once given: offered again in the next application of the same life situation.

use std::collections::BTreeSet;

use contracts::Ctx;
use definition::{Definition, Field, FieldType, Privacy};
use kernel::clock::Timestamp;
use kernel::id::{DraftId, SubjectId};
use kernel::lang::{Lang, Text};
use serde_json::{Map, Value};

use super::drafts::{self, OpenDraft};
use super::{Error, load};
use crate::store::{self, CaseFilter};

/// Applications that are looked through for answers, newest first.
const LOOKED_THROUGH: u32 = 20;
/// Of those, as many are opened.
const OPENED: usize = 5;

/// An answer that the person gave before, to a question of the same meaning.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// Field of the draft that would get it.
    pub field: String,
    pub label: Text,
    pub value: Value,
    /// As the person reads it.
    pub shown: String,
    /// Where it was given: service, number and time of the application.
    pub service: String,
    pub number: String,
    pub at: Timestamp,
}

/// Whether an answer to this field may be offered again: it has a common meaning, is the person's own, and is no consent, file,
/// remark or special data.
///
/// Rule: APP-REUSE.
/// Source: principle "once only" (what was given once is not asked again); consents are given anew each time.
pub fn is_reusable(definition: &Definition, field: &Field) -> bool {
    let kind = !matches!(field.kind, FieldType::Consent | FieldType::File | FieldType::Note | FieldType::Textarea);
    kind && field.privacy != Privacy::Special && field.value.is_none() && definition.meaning(field).is_some()
}

/// Services of the life situations to which a service belongs.
fn siblings(ctx: &Ctx, service: &str) -> BTreeSet<String> {
    let all = &ctx.refdata.life_situations;
    let mine = all.iter().filter(|situation| situation.services.iter().any(|code| code == service));
    mine.flat_map(|situation| situation.services.iter().cloned()).collect()
}

/// Answers that may be taken over into the empty fields of a page (from 1), newest first found.
///
/// # Errors
/// When the store fails.
pub async fn offers(ctx: &Ctx, open: &OpenDraft, page: usize, lang: Lang) -> Result<Vec<Offer>, Error> {
    let definition = &open.definition;
    let visible = definition.visible_fields(page.saturating_sub(1), &open.facts);
    let mut wanted: Vec<(&Field, &str)> = visible
        .iter()
        .filter(|view| !view.locked && view.value.as_ref().is_none_or(is_empty))
        .filter(|view| is_reusable(definition, view.field))
        .filter_map(|view| Some((view.field, definition.meaning(view.field)?)))
        .collect();
    let siblings = siblings(ctx, &open.draft.service);
    if wanted.is_empty() || siblings.is_empty() {
        return Ok(Vec::new());
    }
    let subject = open.draft.subject;
    let rows = store::cases(&ctx.db, subject, CaseFilter::All, None, LOOKED_THROUGH).await?;
    let mut offers = Vec::new();
    for row in rows.iter().filter(|row| siblings.contains(&row.service)).take(OPENED) {
        if wanted.is_empty() {
            break;
        }
        let before = load(ctx, subject, row.id).await?;
        wanted.retain(|(field, meaning)| {
            let given = before.definition.pages().iter().flat_map(|page| &page.fields).find_map(|old| {
                let same = is_reusable(&before.definition, old) && before.definition.meaning(old) == Some(*meaning);
                let value = before.case.answers.get(&old.id).filter(|value| same && !is_empty(value))?;
                Some((value.clone(), before.definition.answer_text(&old.id, &before.facts, lang)?))
            });
            let Some((value, shown)) = given else { return true };
            if !fits(open, &field.id, &value) {
                return true;
            }
            offers.push(Offer {
                field: field.id.clone(),
                label: field.label.clone(),
                value,
                shown,
                service: row.service.clone(),
                number: row.number.clone(),
                at: row.submitted_at,
            });
            false
        });
    }
    Ok(offers)
}

/// Takes the offered answers of a page over: the person pressed "use".
///
/// # Errors
/// As [`drafts::get`].
pub async fn take(ctx: &Ctx, subject: SubjectId, draft: DraftId, page: usize, lang: Lang) -> Result<(), Error> {
    let open = drafts::get(ctx, subject, draft).await?;
    let answers: Map<String, Value> =
        offers(ctx, &open, page, lang).await?.into_iter().map(|offer| (offer.field, offer.value)).collect();
    if answers.is_empty() {
        return Ok(());
    }
    drafts::save_json(ctx, subject, draft, &answers, Some(open.draft.seq)).await?;
    Ok(())
}

/// Whether the new form accepts the old answer: its options and limits may differ.
fn fits(open: &OpenDraft, field: &str, value: &Value) -> bool {
    let one = Map::from_iter([(field.to_owned(), value.clone())]);
    let (_, errors) = open.definition.accept_json(&one, &open.facts);
    errors.iter().all(|error| error.field != field)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}
