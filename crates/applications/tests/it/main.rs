//! Whole cases on both databases: filed once, paid, decided, returned, refused, appealed, rated, counted.

mod acting;
mod cycle;
mod fixtures;
mod moment;
mod pages;
mod world;

use std::collections::BTreeMap;

use applications::domain::case::{Case, Stage};
use applications::domain::deadline::Urgency;
use applications::domain::flow::ActionError;
use applications::service::office::{self, QueueFilter};
use applications::service::submit::{Submission, submit};
use applications::service::{Error, citizen, drafts, files, projections, reuse};
use applications::store::{self, CaseFilter};
use contracts::applications::{CaseDecided, CaseSubmitted, Outcome, PaymentDue};
use contracts::{Channel, Event, Role};
use kernel::lang::Lang;
use kernel::money::Tiyin;
use storage::testing::each_backend;

use world::{World, post};

fn migrations() -> &'static [storage::Migration] {
    applications::MIGRATIONS
}

/// Answers of service 298 as a browser posts them.
fn birth_record() -> Vec<(String, String)> {
    post(&[("record", "512"), ("purpose", "study"), ("phone", "+998901234567"), ("consent", "true")])
}

#[tokio::test]
async fn an_application_is_filed_once_however_often_the_button_is_pressed() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let open = drafts::start(ctx, world.nodira, "298", Channel::Web).await.unwrap();
        let again = drafts::start(ctx, world.nodira, "298", Channel::Web).await.unwrap();
        assert_eq!(open.draft.id, again.draft.id, "the open draft is resumed");
        let (_, errors) = drafts::save_page(ctx, world.nodira, open.draft.id, 1, &birth_record()).await.unwrap();
        assert!(errors.is_empty(), "{errors:?}");
        let open = drafts::get(ctx, world.nodira, open.draft.id).await.unwrap();
        let check = drafts::check(ctx, &open);
        assert_eq!(check.fee.total, Tiyin::from_som(18_540));
        assert!(check.after_payment && check.errors.is_empty());
        let submission = Submission { draft: open.draft.id, confirmed: true, lang: Lang::Uz, key: None };
        let presses: Vec<_> = (0..8)
            .map(|_| {
                let (ctx, submission, subject) = (ctx.clone(), submission.clone(), world.nodira);
                tokio::spawn(async move { submit(&ctx, subject, &submission).await })
            })
            .collect();
        let mut receipts = Vec::new();
        for press in presses {
            receipts.push(press.await.unwrap().unwrap());
        }
        receipts.dedup();
        assert_eq!(receipts.len(), 1, "every press shows the same receipt");
        let cases = citizen::list(ctx, world.nodira, CaseFilter::All, None, 10).await.unwrap();
        assert_eq!(cases.len(), 1);
        world.drain().await;
        assert_eq!(world.told(CaseSubmitted::TOPIC).len(), 1);
        assert_eq!(world.told(PaymentDue::TOPIC).len(), 1);
        let due: PaymentDue = world.last(PaymentDue::TOPIC);
        assert_eq!((due.total, due.state.as_str()), (Tiyin::from_som(18_540), "payment"));
    })
    .await;
}

/// APP-REUSE: the child named for the kindergarten is offered when the child is enrolled at a clinic, and taken when asked.
#[tokio::test]
async fn an_answer_given_before_is_offered_with_its_source_and_taken_only_when_the_person_says_so() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let before = world.file_golden(world.nodira, "285").await;
        let open = drafts::start(ctx, world.nodira, "1205", Channel::Web).await.unwrap();
        assert_eq!(reuse::offers(ctx, &open, 1, Lang::Uz).await.unwrap(), [], "the field is not shown yet");
        let patient = serde_json::Map::from_iter([("patient".to_owned(), serde_json::json!("child"))]);
        let (open, _) = drafts::save_json(ctx, world.nodira, open.draft.id, &patient, None).await.unwrap();
        let offers = reuse::offers(ctx, &open, 1, Lang::Uz).await.unwrap();
        assert_eq!(offers.len(), 1, "{offers:?}");
        assert_eq!((offers[0].field.as_str(), offers[0].service.as_str()), ("child", "285"));
        assert_eq!(offers[0].number, before.number);
        assert!(offers[0].shown.contains("Sardor"), "{offers:?}");
        let draft = drafts::get(ctx, world.nodira, open.draft.id).await.unwrap().draft;
        assert!(draft.answers.get("child").is_none_or(serde_json::Value::is_null), "an offer changes nothing");
        reuse::take(ctx, world.nodira, open.draft.id, 1, Lang::Uz).await.unwrap();
        let open = drafts::get(ctx, world.nodira, open.draft.id).await.unwrap();
        assert_eq!(open.draft.answers["child"], offers[0].value);
        assert_eq!(open.draft.answers["patient"], "child", "what was answered stays");
        assert!(open.draft.answers.get("consent").is_none_or(|consent| *consent != true), "consent is given anew");
        assert_eq!(reuse::offers(ctx, &open, 1, Lang::Uz).await.unwrap(), [], "nothing is left to offer");
        let stranger = drafts::start(ctx, world.alisher, "1205", Channel::Web).await.unwrap();
        assert_eq!(reuse::offers(ctx, &stranger, 1, Lang::Uz).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn an_idempotency_key_gives_the_same_receipt_and_is_not_used_twice_for_different_things() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let draft = world.draft(world.nodira, "298", &birth_record()).await;
        let key = Some("key-12345678".to_owned());
        let mut submission = Submission { draft, confirmed: true, lang: Lang::Uz, key };
        let first = submit(ctx, world.nodira, &submission).await.unwrap();
        assert_eq!(submit(ctx, world.nodira, &submission).await.unwrap(), first);
        submission.draft = kernel::id::DraftId::new(ctx.now(), &*ctx.rng);
        assert!(matches!(submit(ctx, world.nodira, &submission).await, Err(Error::KeyReused)));
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_or_missing_is_saved_and_told_and_not_filed() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let open = drafts::start(ctx, world.nodira, "298", Channel::Web).await.unwrap();
        let wrong = post(&[("record", "9999"), ("purpose", "study"), ("phone", "12")]);
        let (saved, errors) = drafts::save_page(ctx, world.nodira, open.draft.id, 1, &wrong).await.unwrap();
        assert_eq!(errors.len(), 3, "{errors:?}");
        assert_eq!(saved.draft.answers.get("phone").and_then(|v| v.as_str()), Some("12"), "nothing typed is lost");
        let submission = Submission { draft: open.draft.id, confirmed: true, lang: Lang::Uz, key: None };
        assert!(matches!(submit(ctx, world.nodira, &submission).await, Err(Error::Invalid(_))));
        let unconfirmed = Submission { confirmed: false, ..submission };
        assert!(matches!(submit(ctx, world.nodira, &unconfirmed).await, Err(Error::Consent)));
        assert!(matches!(drafts::get(ctx, world.alisher, open.draft.id).await, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_birth_record_is_paid_taken_approved_and_rated() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "298", &birth_record()).await;
        world.pay(world.nodira, receipt.case).await;
        let officer = world.officer("AV.1726266", &[Role::Official]);
        let queue = office::queue(ctx, &officer, &QueueFilter::default()).await.unwrap();
        assert_eq!(queue.items.len(), 1);
        assert_eq!(queue.items[0].urgency, Urgency::Fine);
        let elsewhere = world.officer("AV.1703", &[Role::Official]);
        assert_eq!(office::queue(ctx, &elsewhere, &QueueFilter::default()).await.unwrap().total, 0);
        assert!(matches!(office::view(ctx, &elsewhere, &receipt.number, "case-work").await, Err(Error::NotFound)));

        let file = office::view(ctx, &officer, &receipt.number, "case-work").await.unwrap();
        assert!(file.may_take && file.actions.is_empty(), "a case is worked by whoever took it");
        let seen = storage::audit::for_subject(&ctx.db, world.nodira, None, 10).await.unwrap();
        assert_eq!(seen.len(), 1, "each look is recorded once");
        office::take(ctx, &officer, &receipt.number, file.loaded.case.seq).await.unwrap();
        let file = office::open(ctx, &officer, &receipt.number).await.unwrap();
        assert_eq!(file.actions.len(), 3);
        let seq = file.loaded.case.seq;
        office::act(ctx, &officer, &receipt.number, seq, "approve", String::new(), String::new(), Vec::new())
            .await
            .unwrap();
        world.drain().await;
        let decided: CaseDecided = world.last(CaseDecided::TOPIC);
        assert_eq!(decided.outcome, Outcome::Approved);
        assert_eq!(decided.documents.len(), 1);
        assert!(decided.documents[0].rows.iter().any(|row| row.value.contains("Sardor")), "{decided:?}");
        let view = citizen::view(ctx, world.nodira, receipt.case).await.unwrap();
        citizen::rate(ctx, world.nodira, receipt.case, view.loaded.case.seq, 5, String::new(), BTreeMap::new())
            .await
            .unwrap();
        world.drain().await;
        let stats = projections::stats(ctx, "298").await.unwrap();
        assert_eq!((stats.finished, stats.new, stats.awaiting_payment), (1, 0, 0));
        assert_eq!(stats.ratings, [0, 0, 0, 0, 1]);
        assert_eq!(projections::by_month(ctx, "298").await.unwrap(), [("2026-11".to_owned(), 1)]);
        let mine =
            contracts::applications::Cases::of_person(&applications::CasesPort, ctx, world.nodira).await.unwrap();
        assert_eq!(mine.len(), 1);
        assert_eq!((mine[0].service.as_str(), mine[0].standing), ("298", contracts::applications::CaseStanding::Given));
        let head = world.officer("AV.1726", &[Role::Head]);
        let load = office::unit_load(ctx, &head).await.unwrap();
        assert_eq!((load.open, load.ended, load.approved, load.ended_late), (0, 1, 1, 0));
        assert!(matches!(office::unit_load(ctx, &officer).await, Err(Error::Forbidden)));
    })
    .await;
}

#[tokio::test]
async fn two_officials_on_one_case_never_overwrite_each_other() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "298", &birth_record()).await;
        world.pay(world.nodira, receipt.case).await;
        let one = world.officer("AV.1726266", &[Role::Official]);
        let two = world.officer("AV.1726266", &[Role::Official]);
        let seq = office::open(ctx, &one, &receipt.number).await.unwrap().loaded.case.seq;
        let (a, b) =
            tokio::join!(office::take(ctx, &one, &receipt.number, seq), office::take(ctx, &two, &receipt.number, seq));
        assert!(a.is_ok() != b.is_ok(), "exactly one has the case: {a:?} {b:?}");
        let lost = if a.is_ok() { b } else { a };
        assert!(matches!(lost, Err(Error::Stale)));
        let loser = if world.officer_of(world.nodira, receipt.case).await == Some(one.staff) { &two } else { &one };
        let now = office::open(ctx, loser, &receipt.number).await.unwrap().loaded.case.seq;
        let act = office::act(ctx, loser, &receipt.number, now, "approve", String::new(), String::new(), Vec::new());
        assert!(matches!(act.await, Err(Error::Action(ActionError::NotYours))));
    })
    .await;
}

#[tokio::test]
async fn a_returned_case_stops_the_clock_and_comes_back_to_the_same_official() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "298", &birth_record()).await;
        world.pay(world.nodira, receipt.case).await;
        let officer = world.officer("AV.1726266", &[Role::Official]);
        let seq = world.take(&officer, &receipt.number).await;
        let silent =
            office::act(ctx, &officer, &receipt.number, seq, "return", " ".to_owned(), String::new(), Vec::new());
        assert!(matches!(silent.await, Err(Error::Action(ActionError::NeedsComment))));
        let why = "Yozuvni aniqlang".to_owned();
        office::act(ctx, &officer, &receipt.number, seq, "return", why, String::new(), Vec::new()).await.unwrap();
        let view = citizen::view(ctx, world.nodira, receipt.case).await.unwrap();
        let case = &view.loaded.case;
        assert!(matches!(case.stage, Stage::Returned { .. }));
        assert_eq!(case.due(), None, "the clock stands still");
        world.days(7);
        let none = std::collections::BTreeMap::new();
        let mut answers = birth_record();
        answers[0].1 = "97".to_owned();
        citizen::correct(ctx, world.nodira, receipt.case, case.seq, &answers, &none, String::new()).await.unwrap();
        let case = citizen::view(ctx, world.nodira, receipt.case).await.unwrap().loaded.case;
        assert_eq!(case.answers.get("record").and_then(|v| v.as_str()), Some("97"));
        assert_eq!(case.stage.officer().map(|o| o.staff), Some(officer.staff));
        assert!(case.due().is_some_and(|due| due > ctx.now()), "what was left is left");
        let stale = citizen::correct(ctx, world.nodira, receipt.case, seq, &answers, &none, String::new()).await;
        assert!(matches!(stale, Err(Error::Stale)));
    })
    .await;
}

#[tokio::test]
async fn a_return_without_an_answer_lapses() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "298", &birth_record()).await;
        world.pay(world.nodira, receipt.case).await;
        let officer = world.officer("AV.1726266", &[Role::Official]);
        let seq = world.take(&officer, &receipt.number).await;
        let why = "Yozuvni aniqlang".to_owned();
        office::act(ctx, &officer, &receipt.number, seq, "return", why, String::new(), Vec::new()).await.unwrap();
        world.drain().await;
        world.days(29);
        world.drain().await;
        assert!(!world.case(world.nodira, receipt.case).await.stage.is_final());
        world.days(5);
        world.drain().await;
        assert_eq!(world.case(world.nodira, receipt.case).await.stage.outcome(), Some(Outcome::Expired));
    })
    .await;
}

#[tokio::test]
async fn a_refusal_is_appealed_to_the_unit_above_and_decided_anew() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "298", &birth_record()).await;
        world.pay(world.nodira, receipt.case).await;
        let officer = world.officer("AV.1726266", &[Role::Official]);
        let seq = world.take(&officer, &receipt.number).await;
        let refuse = |reason: &str| {
            let (ctx, officer, number) = (ctx.clone(), officer.clone(), receipt.number.clone());
            let (comment, reason) = ("Arxivda yo‘q".to_owned(), reason.to_owned());
            async move { office::act(&ctx, &officer, &number, seq, "refuse", comment, reason, Vec::new()).await }
        };
        assert!(matches!(refuse("invented").await, Err(Error::Action(ActionError::NeedsReason))));
        refuse("no_record").await.unwrap();
        let case = citizen::view(ctx, world.nodira, receipt.case).await.unwrap().loaded.case;
        assert!(matches!(case.stage, Stage::Refused { read: Some(_), .. }), "opening the refusal is recorded");
        let empty = citizen::appeal(ctx, world.nodira, receipt.case, case.seq, String::new()).await;
        assert!(matches!(empty, Err(Error::Action(ActionError::NeedsComment))));
        citizen::appeal(ctx, world.nodira, receipt.case, case.seq, "Yozuv bor".to_owned()).await.unwrap();
        world.drain().await;
        let head = world.officer("AV.1726", &[Role::Head]);
        let file = office::view(ctx, &head, &receipt.number, "appeal").await.unwrap();
        assert!(file.may_decide_appeal);
        assert!(!office::open(ctx, &officer, &receipt.number).await.unwrap().may_decide_appeal);
        let seq = file.loaded.case.seq;
        office::decide_appeal(ctx, &head, &receipt.number, seq, true, "Asosli".to_owned()).await.unwrap();
        let case = world.case(world.nodira, receipt.case).await;
        assert!(matches!(case.stage, Stage::Work { .. }), "{:?}", case.stage);
        assert!(case.due().is_some());
        let seq = world.take(&officer, &receipt.number).await;
        office::act(ctx, &officer, &receipt.number, seq, "approve", String::new(), String::new(), Vec::new())
            .await
            .unwrap();
        assert_eq!(world.case(world.nodira, receipt.case).await.stage.outcome(), Some(Outcome::Approved));
    })
    .await;
}

#[tokio::test]
async fn the_time_for_an_appeal_ends() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "298", &birth_record()).await;
        world.pay(world.nodira, receipt.case).await;
        let officer = world.officer("AV.1726266", &[Role::Official]);
        let seq = world.take(&officer, &receipt.number).await;
        let (comment, reason) = ("Arxivda yo‘q".to_owned(), "no_record".to_owned());
        office::act(ctx, &officer, &receipt.number, seq, "refuse", comment, reason, Vec::new()).await.unwrap();
        let view = citizen::view(ctx, world.nodira, receipt.case).await.unwrap();
        assert!(view.appeal_until.is_some());
        world.days(40);
        let seq = view.loaded.case.seq;
        let late = citizen::appeal(ctx, world.nodira, receipt.case, seq, "Yozuv bor".to_owned()).await;
        assert!(matches!(late, Err(Error::Action(ActionError::NoAppeal))));
    })
    .await;
}

#[tokio::test]
async fn an_automatic_service_answers_at_once() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let receipt = world.file(world.nodira, "412", &[]).await;
        let case = world.case(world.nodira, receipt.case).await;
        assert_eq!(case.stage.outcome(), Some(Outcome::Approved));
        world.drain().await;
        let decided: CaseDecided = world.last(CaseDecided::TOPIC);
        assert_eq!(decided.documents.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_automatic_service_waits_for_a_register_that_is_away() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        world.away("travel_ban", true);
        let receipt = world.file(world.nodira, "412", &[]).await;
        world.drain().await;
        assert!(matches!(world.case(world.nodira, receipt.case).await.stage, Stage::Auto { .. }));
        world.minutes(2);
        world.drain().await;
        assert!(matches!(world.case(world.nodira, receipt.case).await.stage, Stage::Auto { .. }));
        world.away("travel_ban", false);
        world.minutes(10);
        world.drain().await;
        let case = world.case(world.nodira, receipt.case).await;
        assert_eq!(case.stage.outcome(), Some(Outcome::Approved));
        assert!(case.submitted.registers.contains_key("population"));
    })
    .await;
}

#[tokio::test]
async fn an_unpaid_case_expires_and_a_withdrawn_one_is_not_paid_any_more() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let unpaid = world.file(world.nodira, "298", &birth_record()).await;
        world.expire(world.nodira, unpaid.case).await;
        assert_eq!(world.case(world.nodira, unpaid.case).await.stage.outcome(), Some(Outcome::Expired));
        let withdrawn = world.file(world.alisher, "298", &birth_record()).await;
        let seq = world.case(world.alisher, withdrawn.case).await.seq;
        citizen::withdraw(ctx, world.alisher, withdrawn.case, seq).await.unwrap();
        world.pay(world.alisher, withdrawn.case).await;
        assert_eq!(world.case(world.alisher, withdrawn.case).await.stage.outcome(), Some(Outcome::Withdrawn));
        let stats = projections::stats(ctx, "298").await.unwrap();
        assert_eq!((stats.cancelled, stats.awaiting_payment), (2, 0));
    })
    .await;
}

#[tokio::test]
async fn a_payment_told_twice_is_taken_once() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let receipt = world.file(world.nodira, "298", &birth_record()).await;
        world.pay(world.nodira, receipt.case).await;
        let before = world.case(world.nodira, receipt.case).await;
        world.pay(world.nodira, receipt.case).await;
        assert_eq!(world.case(world.nodira, receipt.case).await.seq, before.seq);
    })
    .await;
}

#[tokio::test]
async fn another_agency_is_asked_and_only_its_answer_lets_the_case_be_approved() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "298", &birth_record()).await;
        world.pay(world.nodira, receipt.case).await;
        let officer = world.officer("AV.1726266", &[Role::Official]);
        let seq = world.take(&officer, &receipt.number).await;
        let task =
            office::ask(ctx, &officer, &receipt.number, seq, "IIV", "Manzil to‘g‘rimi?".to_owned()).await.unwrap();
        let early =
            office::act(ctx, &officer, &receipt.number, seq + 1, "approve", String::new(), String::new(), Vec::new());
        assert!(matches!(early.await, Err(Error::Action(ActionError::TasksOpen))));
        world.drain().await;
        let other = world.officer("IIV.1726", &[Role::Official]);
        let queue = office::queue(ctx, &other, &QueueFilter::default()).await.unwrap();
        assert_eq!(queue.items.len(), 1);
        assert_eq!(queue.items[0].row.kind, "task");
        office::close_task(ctx, &other, &receipt.number, seq + 1, task, true, "To‘g‘ri".to_owned()).await.unwrap();
        world.drain().await;
        assert!(
            matches!(office::open(ctx, &other, &receipt.number).await, Err(Error::NotFound)),
            "its business is done"
        );
        office::act(ctx, &officer, &receipt.number, seq + 2, "approve", String::new(), String::new(), Vec::new())
            .await
            .unwrap();
    })
    .await;
}

#[tokio::test]
async fn evidence_is_sniffed_limited_and_read_only_by_those_concerned() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let open = drafts::start(ctx, world.alisher, "413", Channel::Web).await.unwrap();
        let field = open
            .definition
            .pages()
            .iter()
            .flat_map(|page| &page.fields)
            .find(|field| field.kind == definition::FieldType::File)
            .map(|field| field.id.clone())
            .expect("service 413 asks for files");
        let draft = open.draft.id;
        let zip = files::upload(ctx, world.alisher, draft, &field, "chek.pdf", b"PK\x03\x04 zip").await;
        assert!(matches!(zip, Err(Error::File(_))));
        let pdf = b"%PDF-1.7\n%%EOF";
        let stored = files::upload(ctx, world.alisher, draft, &field, "../chek.pdf", pdf).await.unwrap();
        assert_eq!(stored.name, "chek.pdf");
        let id = stored.file.parse().unwrap();
        assert_eq!(files::own(ctx, world.alisher, id).await.unwrap().bytes, pdf);
        assert!(matches!(files::own(ctx, world.nodira, id).await, Err(Error::NotFound)));
        files::remove(ctx, world.alisher, draft, id).await.unwrap();
        let open = drafts::get(ctx, world.alisher, draft).await.unwrap();
        assert!(!open.draft.answers.contains_key(&field));
        assert!(matches!(files::own(ctx, world.alisher, id).await, Err(Error::NotFound)));
    })
    .await;
}

#[tokio::test]
async fn a_case_is_found_by_its_number_and_its_chain_holds() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "298", &birth_record()).await;
        world.drain().await;
        let found = store::route(&ctx.db, &receipt.number).await.unwrap();
        assert_eq!(found, Some((world.nodira, receipt.case)));
        let (case, stored) = store::case(&ctx.db, world.nodira, receipt.case).await.unwrap().unwrap();
        assert_eq!(Case::fold(&stored).unwrap(), case);
        assert!(store::case(&ctx.db, world.alisher, receipt.case).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_commission_decides_by_the_majority_of_its_members() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file_golden(world.alisher, "413").await;
        let number = receipt.number.as_str();
        world.act(&world.officer("YIA", &[Role::Official]), number, "pass_on").await;
        let members: Vec<_> = (0..3).map(|_| world.officer("YIA", &[Role::Official, Role::Commission])).collect();
        let outsider = world.officer("YIA", &[Role::Official]);
        let seq = world.case(world.alisher, receipt.case).await.seq;
        let refused = office::vote(ctx, &outsider, number, seq, true, String::new()).await;
        assert!(matches!(refused, Err(Error::Forbidden)));
        office::vote(ctx, &members[0], number, seq, true, String::new()).await.unwrap();
        let twice = office::vote(ctx, &members[0], number, seq + 1, true, String::new()).await;
        assert!(matches!(twice, Err(Error::Forbidden)));
        let silent = office::vote(ctx, &members[1], number, seq + 1, false, String::new()).await;
        assert!(matches!(silent, Err(Error::Action(ActionError::NeedsComment))));
        office::vote(ctx, &members[1], number, seq + 1, false, "Chek mos emas".to_owned()).await.unwrap();
        assert!(matches!(world.case(world.alisher, receipt.case).await.stage, Stage::Commission { .. }));
        office::vote(ctx, &members[2], number, seq + 2, true, String::new()).await.unwrap();
        let case = world.case(world.alisher, receipt.case).await;
        assert_eq!(case.state, "payout");
        assert!(case.due().is_some());
        world.act(&world.officer("YIA", &[Role::Official]), number, "pay_out").await;
        assert_eq!(world.case(world.alisher, receipt.case).await.stage.outcome(), Some(Outcome::Approved));
    })
    .await;
}

#[tokio::test]
async fn a_place_in_the_list_is_shown_offered_and_accepted() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let first = world.file_golden(world.nodira, "285").await;
        world.minutes(1);
        let second = world.file_golden(world.alisher, "285").await;
        let position = |view: &citizen::CaseView| view.position;
        assert_eq!(position(&citizen::view(ctx, world.nodira, first.case).await.unwrap()), Some(1));
        assert_eq!(position(&citizen::view(ctx, world.alisher, second.case).await.unwrap()), Some(2));
        let officer = world.officer("MMTV", &[Role::Official]);
        let file = office::view(ctx, &officer, &first.number, "case-work").await.unwrap();
        let seq = file.loaded.case.seq;
        office::act(ctx, &officer, &first.number, seq, "offer_place", String::new(), String::new(), Vec::new())
            .await
            .unwrap();
        world.drain().await;
        assert_eq!(position(&citizen::view(ctx, world.alisher, second.case).await.unwrap()), Some(1));
        citizen::act(ctx, world.nodira, first.case, seq + 1, "accept", String::new()).await.unwrap();
        assert_eq!(world.case(world.nodira, first.case).await.stage.outcome(), Some(Outcome::Approved));
    })
    .await;
}

#[tokio::test]
async fn two_agencies_answer_at_the_same_time_each_within_its_term() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file_golden(world.nodira, "190").await;
        world.pay(world.nodira, receipt.case).await;
        let number = receipt.number.as_str();
        let case = world.case(world.nodira, receipt.case).await;
        let Stage::Tasks { tasks, .. } = &case.stage else { panic!("{:?}", case.stage) };
        assert_eq!(tasks.len(), 2);
        assert!(case.due() < case.deadline.due(), "a task is due before the whole");
        let answers = [(&tasks[0], "TKG", true), (&tasks[1], "EKO", false)];
        for (seq, (task, agency, positive)) in (case.seq..).zip(answers) {
            let officer = world.officer(agency, &[Role::Official]);
            let file = office::open(ctx, &officer, number).await.unwrap();
            assert!(file.tasks.contains(&task.id));
            office::close_task(ctx, &officer, number, seq, task.id, positive, "Xulosa".to_owned()).await.unwrap();
        }
        let case = world.case(world.nodira, receipt.case).await;
        assert_eq!(case.state, "issue");
        world.act(&world.officer("TKG", &[Role::Official]), number, "approve").await;
        assert_eq!(world.case(world.nodira, receipt.case).await.stage.outcome(), Some(Outcome::Approved));
    })
    .await;
}

#[tokio::test]
async fn a_case_passes_from_agency_to_agency_with_a_term_each() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let receipt = world.file_golden(world.nodira, "306").await;
        world.pay(world.nodira, receipt.case).await;
        let number = receipt.number.as_str();
        for (agency, action, next) in [
            ("HET", "removed", "laboratory"),
            ("TJTS", "checked", "acceptance"),
            ("HET", "accepted", "installation"),
            ("HET", "approve", "approved"),
        ] {
            let before = world.case(world.nodira, receipt.case).await;
            assert!(before.due() < before.deadline.due(), "the stage is due before the whole");
            world.act(&world.officer(agency, &[Role::Official]), number, action).await;
            assert_eq!(world.case(world.nodira, receipt.case).await.state, next);
        }
    })
    .await;
}

#[tokio::test]
async fn a_fee_after_the_check_stops_the_clock_until_it_is_paid() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let receipt = world.file_golden(world.nodira, "308").await;
        let number = receipt.number.as_str();
        let started = world.case(world.nodira, receipt.case).await;
        assert!(started.due().is_some(), "the check comes first, its clock runs");
        let officer = world.officer("TV", &[Role::Official]);
        world.act(&officer, number, "pass_on").await;
        let due: PaymentDue = world.last(PaymentDue::TOPIC);
        assert_eq!((due.total, due.valid_after_reject_days), (Tiyin::from_som(370_800), 10));
        let waiting = world.case(world.nodira, receipt.case).await;
        assert!(matches!(waiting.stage, Stage::Payment { .. }));
        assert_eq!(waiting.due(), None);
        world.days(6);
        world.pay(world.nodira, receipt.case).await;
        let resumed = world.case(world.nodira, receipt.case).await;
        assert!(resumed.due().is_some_and(|due| due > world.ctx.now()));
        world.act(&officer, number, "approve").await;
        assert_eq!(world.case(world.nodira, receipt.case).await.stage.outcome(), Some(Outcome::Approved));
    })
    .await;
}

#[tokio::test]
async fn every_service_can_be_filed_and_comes_to_rest_where_its_definition_says() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        for definition in world.ctx.ports.catalog.all(&world.ctx).await.unwrap() {
            let code = definition.code().as_str().to_owned();
            if fixtures::is_one(&code) {
                continue;
            }
            let golden = &definition.golden_cases()[0];
            let who = world.person_of(&code);
            let receipt = world.file_golden(who, &code).await;
            let case = world.case(who, receipt.case).await;
            // Golden cases pay on the way; here the case waits at its first payment.
            let first = &definition.initial_state().id;
            let rests = golden.expect.rests_in.as_deref().unwrap_or(first);
            assert!(case.state == rests || case.state == *first, "{code}: {} is not {rests}", case.state);
        }
    })
    .await;
}

/// Rule APP-LIMIT.
#[tokio::test]
async fn a_second_open_application_is_refused_until_the_first_has_ended() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file_golden(world.nodira, "378").await;
        let second = drafts::start(ctx, world.nodira, "378", Channel::Web).await;
        assert!(matches!(second, Err(Error::Limit { limit: 1 })), "check_limit");
        assert!(drafts::start(ctx, world.alisher, "378", Channel::Web).await.is_ok(), "others are not concerned");
        let seq = world.case(world.nodira, receipt.case).await.seq;
        citizen::withdraw(ctx, world.nodira, receipt.case, seq).await.unwrap();
        world.drain().await;
        assert!(drafts::start(ctx, world.nodira, "378", Channel::Web).await.is_ok());
    })
    .await;
}

/// Rule APP-QUEUE-ROWS.
#[tokio::test]
async fn a_case_lies_before_its_unit_from_the_payment_to_the_decision() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let receipt = world.file(world.nodira, "298", &birth_record()).await;
        let rows = |case: &Case| projections::queue_rows(case);
        assert!(rows(&world.case(world.nodira, receipt.case).await).is_empty(), "the applicant's turn");
        world.pay(world.nodira, receipt.case).await;
        let waiting = rows(&world.case(world.nodira, receipt.case).await);
        assert_eq!(waiting.len(), 1);
        assert_eq!((waiting[0].kind.as_str(), waiting[0].unit.as_str()), ("case", "AV.1726266"));
        assert!(waiting[0].officer.is_none() && waiting[0].due.is_some());
        let officer = world.officer("AV.1726266", &[Role::Official]);
        world.act(&officer, &receipt.number, "approve").await;
        assert!(rows(&world.case(world.nodira, receipt.case).await).is_empty());
    })
    .await;
}
