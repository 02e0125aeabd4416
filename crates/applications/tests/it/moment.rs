//! What changes while a form is open, and what several do in the same moment; on both databases.

use std::path::PathBuf;

use applications::domain::behalf::BehalfRefused;
use applications::service::behalf::Whom;
use applications::service::drafts::{self, Entry};
use applications::service::submit::{Submission, submit};
use applications::service::{Error, citizen, files, office, retention};
use applications::store::{self, claims};
use contracts::applications::{Outcome, PaymentDue};
use contracts::{Assurance, Channel, Event as _};
use definition::BehalfKind;
use kernel::id::{DraftId, FileId, SubjectId};
use kernel::lang::Lang;
use serde_json::json;
use storage::Sha256Hex;
use storage::testing::each_backend;

use crate::world::{World, post};
use crate::{birth_record, migrations};

fn sending(draft: DraftId) -> Submission {
    Submission { draft, confirmed: true, lang: Lang::Uz, key: None }
}

async fn begun(world: &World, subject: SubjectId, whom: Whom) -> DraftId {
    let entry = Entry { channel: Channel::Web, known: Assurance::Otp, whom };
    let open = drafts::begin(&world.ctx, subject, "9004", entry).await.unwrap();
    drafts::save_page(&world.ctx, subject, open.draft.id, 1, &birth_record()).await.unwrap();
    open.draft.id
}

/// Rule APP-BEHALF-SENT.
#[tokio::test]
async fn a_right_that_ended_while_the_form_was_open_sends_nothing_and_loses_nothing() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let me = world.nodira;
        let send = |draft| async move { submit(ctx, me, &sending(draft)).await };
        let ended = |result: Result<_, Error>| match result {
            Err(Error::BehalfEnded(refused)) => refused,
            other => panic!("{other:?}"),
        };

        // A child that comes of age (here: of the age of the definition, 16) between opening and sending.
        let child = |birth: &str| json!({"children": [{"pinfl": "61906210261039", "surname": "Karimova", "name": "Amina", "birth_date": birth}]});
        world.say("population", child("2010-11-24"));
        let numbered = |kind, number: &str| Whom::Numbered { kind, number: number.to_owned() };
        let draft = begun(&world, me, numbered(BehalfKind::Child, "61906210261039")).await;
        world.days(10);
        assert_eq!(ended(send(draft).await), BehalfRefused::NotRepresented);
        let kept = drafts::get(ctx, me, draft).await.unwrap();
        assert_eq!(kept.draft.answers["record"], "512", "the answers are kept");
        world.away("population", true);
        assert!(matches!(send(draft).await, Err(Error::Register(name)) if name == "population"), "nothing is guessed");
        world.away("population", false);
        // Where the register is corrected, the same form is sent, with the name as it is written now.
        world.say("population", json!({"children": [{"pinfl": "61906210261039", "surname": "Salimova", "name": "Amina", "birth_date": "2020-01-01"}]}));
        let receipt = send(draft).await.unwrap();
        assert_eq!(world.case(me, receipt.case).await.submitted.applicant, "Salimova Amina");

        // A director who is none any more.
        let firm = |role: &str| json!({"organisations": [{"stir": "300000009", "name": "“Namuna” MChJ", "role": role}]});
        world.say("tax", firm("rahbar"));
        let draft = begun(&world, me, numbered(BehalfKind::Organisation, "300000009")).await;
        world.say("tax", firm("ta’sischi"));
        assert_eq!(ended(send(draft).await), BehalfRefused::NotRepresented);

        // A power of attorney: revoked, ended, given by another under the same number.
        let pinfl = drafts::get(ctx, me, draft).await.unwrap().person.pinfl.unwrap();
        let power = |principal: &str, revoked: bool| json!({"pinfl": principal, "surname": "Karimov", "name": "Jasur",
            "attorney_pinfl": pinfl.as_str(), "issued": "2026-01-10", "expires": "2027-01-09", "revoked": revoked, "services": []});
        world.say("attorneys", power("30211880261028", false));
        let draft = begun(&world, me, Whom::Attorney { number: "AB77".to_owned() }).await;
        world.say("attorneys", power("30211880261028", true));
        assert_eq!(ended(send(draft).await), BehalfRefused::Revoked);
        world.say("attorneys", power("41404910261017", false));
        assert_eq!(ended(send(draft).await), BehalfRefused::NotRepresented, "another one's power");
        world.say("attorneys", power("30211880261028", false));
        world.days(60);
        assert_eq!(ended(send(draft).await), BehalfRefused::NotInForce);
        assert_eq!(drafts::get(ctx, me, draft).await.unwrap().draft.answers["record"], "512");
    })
    .await;
}

/// Rules APP-LIMIT, APP-LIMIT-PLACE: without the claim of a place, both of some pair pass.
#[tokio::test]
async fn of_two_cabinets_that_send_for_the_same_thing_in_one_moment_one_is_taken() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        for round in 0..12 {
            let record = (700 + round).to_string();
            let answers =
                post(&[("record", record.as_str()), ("purpose", "study"), ("phone", "+998901234567"), ("consent", "true")]);
            world.say("civil_acts", json!({"births": [{
                "record": record, "record_date": "2023-04-10", "office": "Yunusobod tumani FHDY bo‘limi", "surname": "Karimov",
                "name": "Sardor", "patronymic": "Akmalovich", "birth_date": "2023-04-01", "birth_place": "Toshkent shahri",
                "father": "Karimov Akmal", "mother": "Karimova Nodira"}], "name_changes": []}));
            let mut presses = Vec::new();
            for subject in [world.nodira, world.alisher] {
                let draft = world.draft(subject, "9003", &answers).await;
                let ctx = ctx.clone();
                presses.push(tokio::spawn(async move { (subject, submit(&ctx, subject, &sending(draft)).await) }));
            }
            let mut filed = Vec::new();
            for press in presses {
                match press.await.unwrap() {
                    (subject, Ok(receipt)) => filed.push((subject, receipt)),
                    (subject, Err(Error::Limit { limit: 1 })) => {
                        let open = drafts::start(ctx, subject, "9003", Channel::Web).await.unwrap();
                        drafts::discard(ctx, subject, open.draft.id).await.unwrap();
                    }
                    (_, Err(error)) => panic!("{error}"),
                }
            }
            assert_eq!(filed.len(), 1, "round {round}");
            // The place is given up with the end of the case, and anybody may take it then.
            let (subject, receipt) = filed.remove(0);
            let seq = citizen::view(ctx, subject, receipt.case).await.unwrap().loaded.case.seq;
            citizen::withdraw(ctx, subject, receipt.case, seq).await.unwrap();
            let other = if subject == world.nodira { world.alisher } else { world.nodira };
            let receipt = world.file(other, "9003", &answers).await;
            let seq = citizen::view(ctx, other, receipt.case).await.unwrap().loaded.case.seq;
            citizen::withdraw(ctx, other, receipt.case, seq).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_press_of_the_button_beside_another_gets_its_receipt_also_when_a_limit_is_full_by_it() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let draft = world.draft(world.nodira, "9003", &birth_record()).await;
        let presses: Vec<_> = (0..8)
            .map(|_| {
                let (ctx, subject) = (world.ctx.clone(), world.nodira);
                tokio::spawn(async move { submit(&ctx, subject, &sending(draft)).await })
            })
            .collect();
        let mut receipts = Vec::new();
        for press in presses {
            receipts.push(press.await.unwrap().unwrap());
        }
        receipts.dedup();
        assert_eq!(receipts.len(), 1);
    })
    .await;
}

/// A program of the version before ends cases beside this one and leaves their places.
#[tokio::test]
async fn a_place_that_an_ended_case_left_behind_is_taken_over() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let first = world.file(world.nodira, "9003", &birth_record()).await;
        let same = world.draft(world.alisher, "9003", &birth_record()).await;
        assert!(matches!(submit(ctx, world.alisher, &sending(same)).await, Err(Error::Limit { limit: 1 })));
        let seq = citizen::view(ctx, world.nodira, first.case).await.unwrap().loaded.case.seq;
        citizen::withdraw(ctx, world.nodira, first.case, seq).await.unwrap();
        let open = drafts::get(ctx, world.alisher, same).await.unwrap();
        let key = limit_key(&world, &open);
        let mut batch = storage::Batch::new(world.nodira);
        claims::claim(&mut batch, &key, 0, world.nodira, first.case);
        ctx.db.commit(batch).await.unwrap();
        let receipt = submit(ctx, world.alisher, &sending(same)).await.unwrap();
        let places = claims::places(&ctx.db, &key).await.unwrap();
        assert_eq!(places.iter().map(|place| place.case).collect::<Vec<_>>(), [receipt.case]);
    })
    .await;
}

/// Rule APP-LIMIT-REOPENED: an appeal counts again, and is never refused because somebody applied anew in between.
#[tokio::test]
async fn an_appeal_counts_against_the_limit_again_and_is_not_held_up_by_it() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let first = world.file(world.nodira, "9003", &birth_record()).await;
        world.pay(world.nodira, first.case).await;
        let officer = world.officer("AV.1726266", &[contracts::Role::Official]);
        let seq = world.take(&officer, &first.number).await;
        let (comment, reason) = ("Arxivda yo‘q".to_owned(), "no_record".to_owned());
        office::act(ctx, &officer, &first.number, seq, "refuse", comment, reason, Vec::new()).await.unwrap();
        // Refused: another cabinet takes the place, then the refusal is appealed against.
        let second = world.file(world.alisher, "9003", &birth_record()).await;
        let seq = citizen::view(ctx, world.nodira, first.case).await.unwrap().loaded.case.seq;
        citizen::appeal(ctx, world.nodira, first.case, seq, "Yozuv bor".to_owned()).await.unwrap();
        let open = drafts::get(ctx, world.alisher, second.draft).await;
        assert!(matches!(open, Err(Error::Submitted(case)) if case == second.case));
        let key = first_key(&world).await;
        let places = claims::places(&ctx.db, &key).await.unwrap();
        assert_eq!(places.len(), 2, "both are open");
        assert!([first.case, second.case].iter().all(|case| places.iter().any(|place| place.case == *case)));
        // The second is withdrawn; while the appeal runs, nobody else may apply for the same.
        let seq = citizen::view(ctx, world.alisher, second.case).await.unwrap().loaded.case.seq;
        citizen::withdraw(ctx, world.alisher, second.case, seq).await.unwrap();
        let same = world.draft(world.alisher, "9003", &birth_record()).await;
        assert!(matches!(submit(ctx, world.alisher, &sending(same)).await, Err(Error::Limit { limit: 1 })));
    })
    .await;
}

/// The key of the entry that all tests apply for.
async fn first_key(world: &World) -> String {
    let draft = world.draft(world.alisher, "9003", &birth_record()).await;
    let open = drafts::get(&world.ctx, world.alisher, draft).await.unwrap();
    drafts::discard(&world.ctx, world.alisher, draft).await.unwrap();
    limit_key(world, &open)
}

/// The key as the program stores it.
fn limit_key(world: &World, open: &drafts::OpenDraft) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &world.ctx.settings.key("applications.keys"));
    let text = format!("limit|{}|{}", open.definition.code(), open.definition.limit_key(&open.facts));
    data_encoding::HEXLOWER.encode(ring::hmac::sign(&key, text.as_bytes()).as_ref())
}

/// Files a case of a service whose data are kept for a year, with these contents as evidence, and lets it end.
async fn ended_with(world: &World, contents: &[&Sha256Hex]) {
    let receipt = world.file(world.nodira, "9001", &birth_record()).await;
    world.drain().await;
    world.pay(world.nodira, receipt.case).await;
    let mut batch = storage::Batch::new(world.nodira);
    for sha256 in contents {
        store::insert_file(&mut batch, &row(world, sha256, Some(receipt.case)), None);
    }
    world.ctx.db.commit(batch).await.unwrap();
    world.days(5);
    world.drain().await;
}

fn row(world: &World, sha256: &Sha256Hex, case: Option<kernel::id::CaseId>) -> store::FileRow {
    store::FileRow {
        id: FileId::new(world.ctx.now(), &*world.ctx.rng),
        draft: None,
        case,
        field: "x".to_owned(),
        name: "hujjat.pdf".to_owned(),
        kind: "pdf".to_owned(),
        bytes: 13,
        sha256: sha256.clone(),
        created_at: world.ctx.now(),
    }
}

/// Puts a folder in the place of a file, so that the store can neither read nor delete it.
fn jam(world: &World, sha256: &Sha256Hex) -> (PathBuf, Vec<u8>) {
    let hex = sha256.as_str();
    let path = world.dir().join(&hex[..2]).join(&hex[2..4]).join(hex);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    (path, bytes)
}

/// Rule APP-RETENTION.
#[tokio::test]
async fn contents_that_the_store_of_files_could_not_delete_are_deleted_when_it_is_back() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let mine = ctx.blobs.put(b"%PDF-1.7 mine").await.unwrap();
        ended_with(&world, &[&mine]).await;
        let (path, bytes) = jam(&world, &mine);
        world.days(380);
        assert_eq!(retention::erase_due(ctx).await.unwrap(), 1);
        world.drain().await;
        assert!(path.is_dir(), "the store failed");
        let (_, job) = claims::content(&ctx.db, &mine).await.unwrap().unwrap();
        assert!(!job.is_empty(), "the deletion is under way");
        // Meanwhile nobody may refer to what is going away.
        let mut batch = storage::Batch::new(world.alisher);
        store::insert_file(&mut batch, &row(&world, &mine, None), None);
        let refused = ctx.db.commit(batch).await;
        assert!(matches!(refused, Err(storage::CommitError::Guard(claims::CONTENT_MOVED))), "{refused:?}");
        std::fs::remove_dir(&path).unwrap();
        std::fs::write(&path, bytes).unwrap();
        world.minutes(10);
        world.drain().await;
        assert!(ctx.blobs.get(&mine).await.is_err(), "the next try deleted it");
        assert_eq!(claims::content(&ctx.db, &mine).await.unwrap(), None);
        assert_eq!(retention::erase_due(ctx).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_content_that_somebody_takes_up_before_it_is_deleted_stays() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let ctx = &world.ctx;
        let shared = ctx.blobs.put(b"%PDF-1.7").await.unwrap();
        ended_with(&world, &[&shared]).await;
        world.days(380);
        assert_eq!(retention::erase_due(ctx).await.unwrap(), 1);
        // The rows are gone, the job has not run yet: the same content comes as evidence of somebody else.
        let open = drafts::start(ctx, world.alisher, "T1", Channel::Web).await.unwrap();
        files::upload(ctx, world.alisher, open.draft.id, "proof", "nusxa.pdf", b"%PDF-1.7").await.unwrap();
        world.drain().await;
        assert!(ctx.blobs.get(&shared).await.is_ok());
    })
    .await;
}

/// Rule DEF-REFUND.
#[tokio::test]
async fn payments_are_told_after_which_ends_a_fee_goes_back() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        for (service, expected) in [("9007", vec![Outcome::Refused, Outcome::Withdrawn]), ("9001", Vec::new())] {
            world.file(world.nodira, service, &birth_record()).await;
            world.drain().await;
            let due: PaymentDue = world.last(PaymentDue::TOPIC);
            assert_eq!(due.refund, expected, "{service}");
        }
    })
    .await;
}

/// Rule DEF-BY-LOAD.
#[tokio::test]
async fn a_case_that_any_of_several_units_may_work_goes_to_the_one_with_the_least_before_it() {
    each_backend(migrations(), |db| async move {
        let world = World::new(db);
        let mut filed = Vec::new();
        for expected in ["AV.1733", "AV.1726266", "AV.1703", "AV.1733"] {
            let receipt = world.file(world.nodira, "9008", &birth_record()).await;
            world.drain().await;
            world.pay(world.nodira, receipt.case).await;
            let unit = world.case(world.nodira, receipt.case).await.stage.unit().cloned().unwrap();
            assert_eq!(unit.as_str(), expected);
            filed.push(receipt);
        }
        // The second unit has done its work: the next case is its.
        let officer = world.officer("AV.1726266", &[contracts::Role::Official]);
        world.act(&officer, &filed[1].number, "approve").await;
        let receipt = world.file(world.nodira, "9008", &birth_record()).await;
        world.drain().await;
        world.pay(world.nodira, receipt.case).await;
        let unit = world.case(world.nodira, receipt.case).await.stage.unit().cloned().unwrap();
        assert_eq!(unit.as_str(), "AV.1726266");
    })
    .await;
}
