//! Who may apply when and how, and the life cycle at full depth, on both databases.

use std::collections::BTreeMap;

use applications::domain::behalf::BehalfRefused;
use applications::domain::case::{AfterTerm, Event, Stage};
use applications::domain::flow::ActionError;
use applications::service::behalf::Whom;
use applications::service::drafts::{self, Entry};
use applications::service::submit::{self, Submission};
use applications::service::{Error, citizen, office, retention};
use applications::store;
use contracts::applications::{CaseDecided, Outcome, PaymentDue};
use contracts::{Assurance, Channel, Event as _, Role};
use definition::{BehalfKind, Denied};
use kernel::id::SubjectId;
use kernel::lang::Lang;
use kernel::money::Tiyin;
use serde_json::json;
use storage::testing::each_backend;

use crate::world::{World, post};
use crate::{birth_record, migrations};

fn entry(channel: Channel, known: Assurance, whom: Whom) -> Entry {
    Entry { channel, known, whom }
}

async fn history(world: &World, subject: SubjectId, case: kernel::id::CaseId) -> Vec<Event> {
    let (_, stored) = store::case(&world.ctx.db, subject, case).await.unwrap().unwrap();
    stored.into_iter().map(|row| row.recorded.event).collect()
}

/// Rule DEF-ADMIT.
#[tokio::test]
async fn a_service_is_begun_and_sent_only_by_somebody_known_well_enough() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let by = |channel, known| entry(channel, known, Whom::Oneself);
        let weak = drafts::begin(ctx, world.nodira, "9001", by(Channel::Web, Assurance::Password)).await;
        assert!(
            matches!(weak, Err(Error::Denied(Denied::Assurance { needed: definition::Assurance::Otp }))),
            "a password does not do"
        );
        let api = drafts::begin(ctx, world.nodira, "9001", by(Channel::Api, Assurance::Otp)).await;
        assert!(matches!(api, Err(Error::Denied(Denied::Assurance { needed: definition::Assurance::Face }))));
        let kiosk = drafts::begin(ctx, world.nodira, "9001", by(Channel::Kiosk, Assurance::Otp)).await;
        assert!(matches!(kiosk, Err(Error::Denied(Denied::Channel { .. }))));
        let face = drafts::begin(ctx, world.nodira, "9005", by(Channel::Web, Assurance::Otp)).await;
        assert!(matches!(face, Err(Error::Denied(Denied::Assurance { needed: definition::Assurance::Face }))));

        let draft = world.draft(world.nodira, "9001", &birth_record()).await;
        let submission = Submission { draft, confirmed: true, lang: Lang::Uz, key: None };
        let weak = submit::send(ctx, world.nodira, &submission, Assurance::Password).await;
        assert!(matches!(weak, Err(Error::Denied(Denied::Assurance { .. }))), "another session may send than began");
        submit::send(ctx, world.nodira, &submission, Assurance::Otp).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_campaign_takes_applications_in_its_window_and_lets_begun_ones_be_finished() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        // Today is 21 November; the window ends on the 25th, and two days are left to finish.
        let draft = world.draft(world.nodira, "9003", &birth_record()).await;
        let late = world.draft(world.alisher, "9003", &birth_record()).await;
        world.days(6);
        let begun = drafts::start(ctx, world.nodira, "9003", Channel::Web).await.unwrap();
        assert_eq!(begun.draft.id, draft, "what was begun in time is resumed");
        let send = |draft| Submission { draft, confirmed: true, lang: Lang::Uz, key: None };
        submit::submit(ctx, world.nodira, &send(draft)).await.unwrap();
        let new = drafts::start(ctx, world.nodira, "9003", Channel::Web).await;
        assert!(matches!(new, Err(Error::Denied(Denied::Over { .. }))), "nothing new is begun");
        world.days(1);
        let over = submit::submit(ctx, world.alisher, &send(late)).await;
        assert!(matches!(over, Err(Error::Denied(Denied::Over { .. }))));
        let open = drafts::get(ctx, world.alisher, late).await.unwrap();
        assert!(drafts::check(ctx, &open).denied.is_some(), "the page before sending says so");
    })
    .await;
}

/// Rule DEF-ONLINE-ONLY.
#[tokio::test]
async fn the_counter_sends_whom_the_rule_binds_to_the_portal() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let dxm = || entry(Channel::Dxm, Assurance::Otp, Whom::Oneself);
        drafts::begin(ctx, world.alisher, "9003", dxm()).await.expect("the rule begins tomorrow");
        world.days(1);
        let refused = drafts::begin(ctx, world.nodira, "9003", dxm()).await;
        assert!(matches!(refused, Err(Error::Denied(Denied::OnlineOnly { .. }))));
        drafts::start(ctx, world.nodira, "9003", Channel::Web).await.expect("the portal is open");
    })
    .await;
}

/// Rules APP-LIMIT, DEF-LIMIT.
#[tokio::test]
async fn a_limit_by_key_counts_over_all_cabinets() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let first = world.file(world.nodira, "9003", &birth_record()).await;
        let send = |draft| Submission { draft, confirmed: true, lang: Lang::Uz, key: None };
        let same = world.draft(world.alisher, "9003", &birth_record()).await;
        let refused = submit::submit(ctx, world.alisher, &send(same)).await;
        assert!(matches!(refused, Err(Error::Limit { limit: 1 })), "the same entry, another person");
        let other = post(&[("record", "97"), ("purpose", "study"), ("phone", "+998901234567"), ("consent", "true")]);
        drafts::save_page(ctx, world.alisher, same, 1, &other).await.unwrap();
        submit::submit(ctx, world.alisher, &send(same)).await.expect("another entry");
        let view = citizen::view(ctx, world.nodira, first.case).await.unwrap();
        citizen::withdraw(ctx, world.nodira, first.case, view.loaded.case.seq).await.unwrap();
        world.file(world.nodira, "9003", &birth_record()).await;
    })
    .await;
}

/// Rules APP-SILENCE, DEF-SILENCE.
#[tokio::test]
async fn silence_approves_where_the_definition_says_so_with_a_document_and_a_reminder_before() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let receipt = world.file(world.nodira, "9001", &birth_record()).await;
        world.drain().await;
        world.pay(world.nodira, receipt.case).await;
        // Saturday the 21st, three working days: due by the end of Wednesday the 25th.
        world.days(3);
        world.drain().await;
        let so_far = history(&world, world.nodira, receipt.case).await;
        assert!(so_far.iter().any(|event| matches!(event, Event::Reminded { .. })), "{so_far:?}");
        assert!(!so_far.iter().any(|event| matches!(event, Event::TermPassed { .. })));
        world.days(2);
        world.drain().await;
        let case = world.case(world.nodira, receipt.case).await;
        assert!(matches!(case.stage, Stage::Approved { .. }), "{:?}", case.stage);
        let events = history(&world, world.nodira, receipt.case).await;
        assert!(events.iter().any(|e| matches!(e, Event::TermPassed { then: AfterTerm::Approve, .. })));
        let last = events.iter().rev().find_map(|event| match event {
            Event::Entered(entered) => Some(entered.clone()),
            _ => None,
        });
        let last = last.unwrap();
        assert!(last.silence && last.reason.as_deref() == Some("silence"));
        let decided: CaseDecided = world.last(CaseDecided::TOPIC);
        assert_eq!((decided.outcome, decided.documents.len()), (Outcome::Approved, 1));
        assert!(world.notices().contains(&"case-approved".to_owned()));
        let before = events.len();
        world.days(10);
        world.drain().await;
        assert_eq!(history(&world, world.nodira, receipt.case).await.len(), before, "it is over once");
    })
    .await;
}

#[tokio::test]
async fn silence_refuses_where_the_definition_says_so_and_that_is_appealed() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "9002", &birth_record()).await;
        world.drain().await;
        world.pay(world.nodira, receipt.case).await;
        // With a week of six days: Monday, Tuesday, Wednesday, as today is Saturday.
        world.days(5);
        world.drain().await;
        let view = citizen::view(ctx, world.nodira, receipt.case).await.unwrap();
        assert!(matches!(view.loaded.case.stage, Stage::Refused { .. }), "{:?}", view.loaded.case.stage);
        assert!(view.appeal_until.is_some(), "opened now: the term of appeal runs");
        citizen::appeal(ctx, world.nodira, receipt.case, view.loaded.case.seq, "Javob bo‘lmadi".to_owned())
            .await
            .unwrap();
        assert!(matches!(world.case(world.nodira, receipt.case).await.stage, Stage::Appeal { .. }));
        // Nobody's silence decides an appeal: it is told that it is late, no more.
        world.days(60);
        world.drain().await;
        assert!(matches!(world.case(world.nodira, receipt.case).await.stage, Stage::Appeal { .. }));
        let events = history(&world, world.nodira, receipt.case).await;
        assert!(events.iter().any(|e| matches!(e, Event::TermPassed { then: AfterTerm::Escalate, .. })));
    })
    .await;
}

#[tokio::test]
async fn a_late_case_is_told_once_to_the_applicant_where_nothing_else_is_said() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let receipt = world.file(world.nodira, "298", &birth_record()).await;
        world.drain().await;
        world.pay(world.nodira, receipt.case).await;
        world.days(6);
        world.drain().await;
        world.days(6);
        world.drain().await;
        let events = history(&world, world.nodira, receipt.case).await;
        let passed = events.iter().filter(|event| matches!(event, Event::TermPassed { .. })).count();
        assert_eq!(passed, 1);
        assert_eq!(world.notices().iter().filter(|name| *name == "case-late").count(), 1);
        assert!(matches!(world.case(world.nodira, receipt.case).await.stage, Stage::Work { .. }));
    })
    .await;
}

/// Rule DEF-CLOCK.
#[tokio::test]
async fn a_corrected_application_is_counted_anew_where_the_definition_says_so() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let mut dues = Vec::new();
        for service in ["9001", "298"] {
            let receipt = world.file(world.nodira, service, &birth_record()).await;
            world.drain().await;
            world.pay(world.nodira, receipt.case).await;
            let officer = world.officer("AV.1726266", &[Role::Official]);
            world.days(3);
            world.act(&officer, &receipt.number, "return").await;
            world.days(3);
            let view = citizen::view(ctx, world.nodira, receipt.case).await.unwrap();
            let seq = view.loaded.case.seq;
            let files = BTreeMap::new();
            citizen::correct(ctx, world.nodira, receipt.case, seq, &birth_record(), &files, String::new())
                .await
                .unwrap();
            let now = ctx.now();
            let due = world.case(world.nodira, receipt.case).await.deadline.due().unwrap();
            dues.push(
                ctx.refdata
                    .calendar
                    .workdays_between(kernel::clock::tashkent_date(now), kernel::clock::tashkent_date(due)),
            );
        }
        assert_eq!(dues[0], 3, "the whole term");
        assert!(dues[1] < 3, "what was left: {}", dues[1]);
    })
    .await;
}

/// Rule APP-FOUR-EYES.
#[tokio::test]
async fn what_one_official_proposes_another_confirms() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "9001", &birth_record()).await;
        world.drain().await;
        world.pay(world.nodira, receipt.case).await;
        let (one, other) =
            (world.officer("AV.1726266", &[Role::Official]), world.officer("AV.1726266", &[Role::Official]));
        world.minutes(1);
        let number = &receipt.number;
        world.act(&one, number, "approve").await;
        let case = world.case(world.nodira, receipt.case).await;
        assert!(matches!(case.stage, Stage::Work { proposal: Some(_), .. }), "proposed, not decided");
        let own = office::confirm(ctx, &one, number, case.seq, true, String::new()).await;
        assert!(matches!(own, Err(Error::Action(ActionError::SamePerson))));
        let elsewhere = world.officer("AV.1703", &[Role::Official]);
        assert!(matches!(
            office::confirm(ctx, &elsewhere, number, case.seq, true, String::new()).await,
            Err(Error::NotFound)
        ));
        let silent = office::confirm(ctx, &other, number, case.seq, false, String::new()).await;
        assert!(matches!(silent, Err(Error::Action(ActionError::NeedsComment))), "a no needs its reason");
        office::confirm(ctx, &other, number, case.seq, false, "Hujjat yetarli emas".to_owned()).await.unwrap();
        let case = world.case(world.nodira, receipt.case).await;
        assert!(matches!(case.stage, Stage::Work { proposal: None, .. }));
        office::act(ctx, &one, number, case.seq, "approve", String::new(), String::new(), Vec::new()).await.unwrap();
        let seq = world.case(world.nodira, receipt.case).await.seq;
        office::confirm(ctx, &other, number, seq, true, String::new()).await.unwrap();
        let case = world.case(world.nodira, receipt.case).await;
        assert!(matches!(case.stage, Stage::Approved { .. }));
        let events = history(&world, world.nodira, receipt.case).await;
        assert!(events.iter().any(|e| matches!(e, Event::Entered(entered) if entered.proposed_by.is_some())));
    })
    .await;
}

#[tokio::test]
async fn a_decision_that_nobody_opens_can_be_appealed_until_the_outer_limit() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "9001", &birth_record()).await;
        world.drain().await;
        world.pay(world.nodira, receipt.case).await;
        let officer = world.officer("AV.1726266", &[Role::Official]);
        let seq = world.take(&officer, &receipt.number).await;
        let (comment, reason) = ("Yozuv yo‘q".to_owned(), "no_record".to_owned());
        office::act(ctx, &officer, &receipt.number, seq, "refuse", comment, reason, Vec::new()).await.unwrap();
        world.days(39);
        let case = world.case(world.nodira, receipt.case).await;
        let Stage::Refused { read: None, appeal: Some(terms), .. } = &case.stage else { panic!("{:?}", case.stage) };
        let calendar = &ctx.refdata.calendar;
        assert!(applications::domain::deadline::may_appeal(None, terms, ctx.now(), calendar), "unread for 39 days");
        let view = citizen::view(ctx, world.nodira, receipt.case).await.unwrap();
        let again = citizen::view(ctx, world.nodira, receipt.case).await.unwrap();
        assert_eq!(view.loaded.case.seq, again.loaded.case.seq, "that it was opened is recorded once");
        // The fortieth day is in the holidays of the new year: the limit moves to the next working day.
        world.days(15);
        let seq = again.loaded.case.seq;
        let late = citizen::appeal(ctx, world.nodira, receipt.case, seq, "Norozi".to_owned()).await;
        assert!(matches!(late, Err(Error::Action(ActionError::NoAppeal))), "54 days after the decision");
    })
    .await;
}

fn children() -> serde_json::Value {
    json!({
        "pinfl": "41705900010016", "surname": "Karimova", "name": "Nodira", "citizenship": "UZ",
        "children": [
            {"pinfl": "61906210261039", "surname": "Karimova", "name": "Amina", "patronymic": "Jasur qizi", "birth_date": "2021-06-19", "sex": "f"},
            {"pinfl": "50802250261041", "surname": "Karimov", "name": "Temur", "patronymic": "Jasur o‘g‘li", "birth_date": "2025-02-08", "sex": "m"},
        ],
    })
}

#[tokio::test]
async fn a_parent_applies_for_each_child_and_for_herself() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        world.say("population", children());
        let definition = ctx.ports.catalog.current(ctx, "9004").await.unwrap().unwrap();
        let choices = drafts::choices(ctx, world.nodira, &definition).await.unwrap();
        assert!(choices.oneself && choices.attorney);
        assert_eq!(choices.listed.len(), 2);
        let unsaid = drafts::begin(ctx, world.nodira, "9004", entry(Channel::Web, Assurance::Otp, Whom::Unsaid)).await;
        assert!(matches!(unsaid, Err(Error::Behalf(BehalfRefused::NotChosen))));
        let mut drafts_made = Vec::new();
        for whom in [
            Whom::Oneself,
            Whom::Listed(choices.listed[0].token.clone()),
            Whom::Numbered { kind: BehalfKind::Child, number: "50802250261041".to_owned() },
        ] {
            let open =
                drafts::begin(ctx, world.nodira, "9004", entry(Channel::Web, Assurance::Otp, whom)).await.unwrap();
            drafts_made.push(open.draft.id);
        }
        drafts_made.dedup();
        assert_eq!(drafts_made.len(), 3, "one open form for each");
        let other = entry(
            Channel::Web,
            Assurance::Otp,
            Whom::Numbered { kind: BehalfKind::Child, number: "41705900010016".to_owned() },
        );
        let other = drafts::begin(ctx, world.nodira, "9004", other).await;
        assert!(matches!(other, Err(Error::Behalf(BehalfRefused::NotRepresented))));

        let draft = drafts_made[1];
        drafts::save_page(ctx, world.nodira, draft, 1, &birth_record()).await.unwrap();
        let submission = Submission { draft, confirmed: true, lang: Lang::Uz, key: None };
        let receipt = submit::submit(ctx, world.nodira, &submission).await.unwrap();
        let case = world.case(world.nodira, receipt.case).await;
        assert_eq!(case.submitted.applicant, "Karimova Amina Jasur qizi");
        let behalf = case.submitted.behalf.clone().unwrap();
        assert_eq!(
            (behalf.actor.as_str(), behalf.represented.kind),
            ("Karimova Nodira Baxtiyorovna", BehalfKind::Child)
        );
        let rows = citizen::list(ctx, world.nodira, store::CaseFilter::All, None, 10).await.unwrap();
        assert_eq!(rows[0].behalf, "Karimova Amina Jasur qizi");
        let again = entry(Channel::Web, Assurance::Otp, Whom::Listed(choices.listed[0].token.clone()));
        assert!(matches!(drafts::begin(ctx, world.nodira, "9004", again).await, Err(Error::Limit { limit: 1 })));
        // The other parent meets the same limit for the same child.
        let father = entry(
            Channel::Web,
            Assurance::Otp,
            Whom::Numbered { kind: BehalfKind::Child, number: "61906210261039".to_owned() },
        );
        assert!(matches!(drafts::begin(ctx, world.alisher, "9004", father).await, Err(Error::Limit { limit: 1 })));
    })
    .await;
}

/// Rules DEF-BEHALF, APP-ATTORNEY.
#[tokio::test]
async fn an_organisation_pays_as_one_and_a_power_of_attorney_is_checked() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        world.say(
            "tax",
            json!({"organisations": [{"stir": "300000009", "name": "“Namuna” MChJ", "role": "rahbar"}, {"stir": "300000002", "name": "B", "role": "ta’sischi"}]}),
        );
        let stir = |number: &str| Whom::Numbered { kind: BehalfKind::Organisation, number: number.to_owned() };
        let begin = |whom| drafts::begin(ctx, world.nodira, "9004", entry(Channel::Web, Assurance::Otp, whom));
        assert!(matches!(begin(stir("300000002")).await, Err(Error::Behalf(BehalfRefused::NotRepresented))), "another role");
        let open = begin(stir("300000009")).await.unwrap();
        let (open, _) = drafts::save_page(ctx, world.nodira, open.draft.id, 1, &birth_record()).await.unwrap();
        let check = drafts::check(ctx, &open);
        // Half of 412 000 at the counter, 0.9 of it on the portal.
        assert_eq!(check.fee.total, Tiyin::from_som(185_400));

        let pinfl = open.person.pinfl.unwrap();
        let power = |revoked| json!({"pinfl": "30211880261028", "surname": "Karimov", "name": "Jasur", "attorney_pinfl": pinfl.as_str(), "issued": "2026-01-10", "expires": "2027-01-09", "revoked": revoked, "services": []});
        let number = Whom::Attorney { number: "AB-7 7".to_owned() };
        assert!(matches!(begin(number.clone()).await, Err(Error::Behalf(BehalfRefused::NoPower))));
        world.say("attorneys", power(true));
        assert!(matches!(begin(number.clone()).await, Err(Error::Behalf(BehalfRefused::Revoked))));
        world.say("attorneys", power(false));
        let open = begin(number.clone()).await.unwrap();
        let one = open.draft.behalf.unwrap();
        assert_eq!((one.full_name().as_str(), one.ground.as_str()), ("Karimov Jasur", "AB77"));
        world.away("attorneys", true);
        assert!(matches!(begin(number).await, Err(Error::Register(name)) if name == "attorneys"));
    })
    .await;
}

#[tokio::test]
async fn nothing_is_sent_while_its_price_is_not_known() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let draft = world.draft(world.nodira, "9006", &birth_record()).await;
        let open = drafts::get(ctx, world.nodira, draft).await.unwrap();
        assert!(drafts::check(ctx, &open).fee.unknown);
        let submission = Submission { draft, confirmed: true, lang: Lang::Uz, key: None };
        assert!(matches!(submit::submit(ctx, world.nodira, &submission).await, Err(Error::FeeUnknown)));
        let mut answers = birth_record();
        answers.push(("rooms".to_owned(), "3".to_owned()));
        drafts::save_page(ctx, world.nodira, draft, 1, &answers).await.unwrap();
        submit::submit(ctx, world.nodira, &submission).await.unwrap();
        world.drain().await;
        let due: PaymentDue = world.last(PaymentDue::TOPIC);
        assert_eq!(due.total, Tiyin::from_som(111_240), "0.3 of BHM, 0.9 on the portal");
    })
    .await;
}

/// Rules APP-RETENTION, APP-ERASED.
#[tokio::test]
async fn data_of_a_closed_case_are_erased_in_time_and_its_history_still_verifies() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let receipt = world.file(world.nodira, "9001", &birth_record()).await;
        world.drain().await;
        world.pay(world.nodira, receipt.case).await;
        world.days(5);
        world.drain().await;
        let view = citizen::view(ctx, world.nodira, receipt.case).await.unwrap();
        let answers = BTreeMap::from([("clear".to_owned(), true), ("other".to_owned(), false)]);
        let (seq, comment) = (view.loaded.case.seq, "Karimovaga rahmat".to_owned());
        citizen::rate(ctx, world.nodira, receipt.case, seq, 5, comment, answers).await.unwrap();
        let events = history(&world, world.nodira, receipt.case).await;
        let kept = events.iter().any(|e| matches!(e, Event::Rated { answers, .. } if answers.len() == 1));
        assert!(kept, "only what the definition asks is kept");
        let head = world.case(world.nodira, receipt.case).await.head;
        assert_eq!(retention::erase_due(ctx).await.unwrap(), 0, "its time is not over");
        world.days(380);
        assert_eq!(retention::erase_due(ctx).await.unwrap(), 1);
        assert_eq!(retention::erase_due(ctx).await.unwrap(), 0, "once");
        let (case, stored) = store::case(&ctx.db, world.nodira, receipt.case).await.unwrap().unwrap();
        assert!(case.answers.is_empty() && case.submitted.applicant.is_empty() && case.erased_at.is_some());
        let everything: String = stored.iter().map(|row| row.body.as_str()).collect();
        for gone in ["Karimova", "Sardor", "+998901234567", "512"] {
            assert!(!everything.contains(gone), "{gone} is still there");
        }
        assert!(stored.iter().any(|row| row.hash == head), "the chain is the one that it was");
        assert_eq!(case.rating, Some(5), "statistics keep what they counted");
        let rows = citizen::list(ctx, world.nodira, store::CaseFilter::All, None, 10).await.unwrap();
        assert!(rows[0].erased_at.is_some());
        citizen::view(ctx, world.nodira, receipt.case).await.expect("the page still opens");
    })
    .await;
}

#[tokio::test]
async fn a_document_may_be_made_on_the_way() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let receipt = world.file_golden(world.nodira, "1197").await;
        let unit = world.case(world.nodira, receipt.case).await.stage.unit().cloned().unwrap();
        let officer = world.officer(unit.as_str(), &[Role::Official]);
        world.act(&officer, &receipt.number, "pass_on").await;
        world.pay_in(world.nodira, receipt.case, "permit_payment").await;
        let topic = contracts::applications::DocumentsOrdered::TOPIC;
        assert!(world.told(topic).is_empty());
        world.act(&officer, &receipt.number, "permit_given").await;
        let ordered: contracts::applications::DocumentsOrdered = world.last(topic);
        assert_eq!(ordered.documents.len(), 1, "the permit, before the brief is paid");
        assert_eq!(ordered.documents[0].output, "permit");
    })
    .await;
}

#[tokio::test]
async fn evidence_of_an_erased_case_is_gone_unless_somebody_else_has_it() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let mine = ctx.blobs.put(b"%PDF-1.7 mine").await.unwrap();
        let shared = ctx.blobs.put(b"%PDF-1.7 shared").await.unwrap();
        let receipt = world.file(world.nodira, "9001", &birth_record()).await;
        world.drain().await;
        world.pay(world.nodira, receipt.case).await;
        let row = |sha256: &storage::Sha256Hex, case| store::FileRow {
            id: kernel::id::FileId::new(ctx.now(), &*ctx.rng),
            draft: None,
            case: Some(case),
            field: "x".to_owned(),
            name: "hujjat.pdf".to_owned(),
            kind: "pdf".to_owned(),
            bytes: 13,
            sha256: sha256.clone(),
            created_at: ctx.now(),
        };
        let mut batch = storage::Batch::new(world.nodira);
        store::insert_file(&mut batch, &row(&mine, receipt.case), None);
        store::insert_file(&mut batch, &row(&shared, receipt.case), None);
        ctx.db.commit(batch).await.unwrap();
        let other = kernel::id::CaseId::new(ctx.now(), &*ctx.rng);
        let mut batch = storage::Batch::new(world.alisher);
        store::insert_file(&mut batch, &row(&shared, other), None);
        ctx.db.commit(batch).await.unwrap();
        world.days(5);
        world.drain().await;
        world.days(380);
        assert_eq!(retention::erase_due(ctx).await.unwrap(), 1);
        world.drain().await;
        assert!(ctx.blobs.get(&mine).await.is_err());
        assert!(ctx.blobs.get(&shared).await.is_ok());
    })
    .await;
}
