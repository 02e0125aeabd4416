//! How far a version is from the one before (CAT-CLASS) and when a service is offered (CAT-OFFERED).

use catalog::domain::class::{Class, class};
use catalog::{Shelf, is_offered};
use contracts::catalog::Catalog;
use definition::{Cel, Spec, Status};
use kernel::clock::Date;
use kernel::lang::Text;

use crate::publish::published;

async fn spec(code: &str) -> Spec {
    let world = published().await;
    let shelf: &Shelf = &world.shelf;
    let definition = shelf.current(&world.ctx, code).await.expect("read").expect("offered");
    definition.spec().clone()
}

#[tokio::test]
async fn words_are_cosmetic() {
    let before = spec("298").await;
    let mut after = before.clone();
    after.passport.title = Text::uz("Boshqa nom");
    after.passport.keywords.clear();
    after.pages[0].fields[0].label = Text::uz("Boshqa savol");
    assert_eq!(class(Some(&before), &after), Class::Cosmetic);
    assert_eq!(class(None, &after), Class::First);
}

#[tokio::test]
async fn what_only_allows_more_is_compatible() {
    let before = spec("298").await;
    let mut after = before.clone();
    let mut field = after.pages[0].fields[0].clone();
    field.id = "one_more".to_owned();
    field.required = Cel("false".to_owned());
    after.pages[0].fields.push(field);
    assert_eq!(class(Some(&before), &after), Class::Compatible);
    let mut limited = before.clone();
    limited.access.limit = Some(1.into());
    after.access.limit = Some(9.into());
    assert_eq!(class(Some(&limited), &after), Class::Compatible);
}

#[tokio::test]
async fn what_loses_an_answer_or_a_state_or_changes_the_price_is_breaking() {
    let before = spec("298").await;
    let mut lost_field = before.clone();
    lost_field.pages[0].fields.remove(0);
    let mut new_question = before.clone();
    let mut field = before.pages[0].fields[0].clone();
    field.id = "one_more".to_owned();
    field.required = Cel("true".to_owned());
    new_question.pages[0].fields.push(field);
    let mut lost_state = before.clone();
    lost_state.flow.states.pop();
    let mut other_price = before.clone();
    other_price.fees.clear();
    for after in [lost_field, new_question, lost_state, other_price] {
        assert_eq!(class(Some(&before), &after), Class::Breaking);
    }
}

#[tokio::test]
async fn a_service_is_offered_while_it_is_published_and_valid() {
    let day = |text: &str| text.parse::<Date>().expect("a date");
    let mut spec = spec("298").await;
    spec.valid_from = day("2026-01-01");
    spec.valid_to = Some(day("2026-12-31"));
    assert!(is_offered(&spec, day("2026-01-01")) && is_offered(&spec, day("2026-12-31")));
    assert!(!is_offered(&spec, day("2025-12-31")) && !is_offered(&spec, day("2027-01-01")));
    spec.status = Status::Suspended;
    assert!(!is_offered(&spec, day("2026-06-01")));
}
