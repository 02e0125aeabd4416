//! Issuing and checking, on both databases.

use documents::domain::record;
use documents::domain::verdict::{GUESSES, Verdict};
use documents::service::{Actor, CheckError, Revocation};
use documents::{MIGRATIONS, service};
use jiff::SignedDuration;
use kernel::id::EventId;
use kernel::lang::Lang;
use storage::testing::each_backend;
use uuid::Uuid;

use crate::world::World;

fn official() -> Actor {
    Actor { id: Uuid::from_u128(0x0F), name: "Aliyev Shuhrat (IIV)".to_owned() }
}

#[tokio::test]
async fn a_decision_delivered_twice_makes_one_document() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        world.issue(1, Lang::Uz, "certificate", None).await;
        world.issue(1, Lang::Uz, "certificate", None).await;
        assert_eq!(service::list(&world.ctx, world.subject, None, 10).await.unwrap().len(), 1);
        assert_eq!(world.told().await, ["documents.issued", "notifications.requested document-issued"]);
        let decided = world.decided(2, Lang::Uz, "certificate", None);
        let event = EventId::from_uuid(Uuid::from_u128(2));
        let orders = service::Orders::from(decided.clone());
        let (a, b) =
            tokio::join!(service::issue(&world.ctx, event, &orders), service::issue(&world.ctx, event, &orders));
        a.unwrap();
        b.unwrap();
        assert_eq!(service::list(&world.ctx, world.subject, None, 10).await.unwrap().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn every_verdict_is_reached_by_number_and_by_file() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let document = world.issue(1, Lang::Uz, "certificate", Some("2026-11-22")).await;
        let by_code = async || service::check_code(&world.ctx, &document.number, &document.code).await.unwrap().verdict;
        let pdf = service::pdf(&world.ctx, &document).await.unwrap();
        let by_file = async |file: &[u8]| service::check_file(&world.ctx, file.to_vec()).await.unwrap();
        assert_eq!(by_code().await, Verdict::Valid);
        assert_eq!(by_file(&pdf).await.verdict, Verdict::Valid);

        let mut altered = pdf.clone();
        let last = altered.len() - 10;
        altered[last] ^= 1;
        let checked = by_file(&altered).await;
        assert_eq!((checked.verdict, checked.document.is_none()), (Verdict::Altered, true));
        assert_eq!(by_file(b"%PDF-1.7 something else").await.verdict, Verdict::Unknown);
        assert_eq!(by_file(&[]).await.verdict, Verdict::Unknown);

        world.clock.advance(SignedDuration::from_hours(48));
        assert_eq!(by_code().await, Verdict::Expired);
        assert_eq!(by_file(&pdf).await.verdict, Verdict::Expired);

        world.told().await;
        let done = service::revoke(&world.ctx, &document, &official(), "VMQ 1-band").await.unwrap();
        let again = service::revoke(&world.ctx, &document, &official(), "VMQ 1-band").await.unwrap();
        assert_eq!((done, again), (Revocation::Done, Revocation::Already));
        assert_eq!(world.told().await, ["documents.revoked", "notifications.requested document-revoked"]);
        assert_eq!(by_code().await, Verdict::Revoked);
        assert_eq!(by_file(&pdf).await.verdict, Verdict::Revoked);
        assert_eq!(by_file(&altered).await.verdict, Verdict::Altered);
        let seen = storage::audit::for_subject(&world.ctx.db, world.subject, None, 10).await.unwrap();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].entry.action, "document.revoke");
    })
    .await;
}

#[tokio::test]
async fn a_document_that_is_not_revocable_stays() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let receipt = world.issue(1, Lang::En, "receipt", None).await;
        let wish = service::revoke(&world.ctx, &receipt, &official(), "x").await.unwrap();
        assert_eq!(wish, Revocation::NotRevocable);
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_look_like_unknown_documents_and_are_counted() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let document = world.issue(1, Lang::Ru, "licence", None).await;
        for _ in 0..GUESSES {
            let checked = service::check_code(&world.ctx, &document.number, "0000000000").await.unwrap();
            assert!(checked.verdict == Verdict::Unknown && checked.document.is_none());
        }
        let held = service::check_code(&world.ctx, &document.number, &document.code).await;
        assert!(matches!(held, Err(CheckError::TooMany(1..=600))), "{held:?}");
        world.clock.advance(SignedDuration::from_mins(11));
        let checked = service::check_code(&world.ctx, &document.number, &document.code).await.unwrap();
        assert_eq!(checked.verdict, Verdict::Valid);
        service::forget_guesses(&world.ctx).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn the_record_is_signed_and_speaks_of_the_file() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let document = world.issue(1, Lang::Kaa, "decision", None).await;
        let key = service::public_key(&world.ctx).unwrap();
        assert!(record::signed(&key, &document.record, &document.signature));
        let said: record::Record = serde_json::from_str(&document.record).unwrap();
        let pdf = service::pdf(&world.ctx, &document).await.unwrap();
        assert_eq!(said.sha256, storage::Sha256Hex::of(&pdf).as_str());
        assert_eq!(record::find_mark(&pdf), Some(document.number.clone()));
        assert_eq!(document.holder, "Karimova D. R.");
    })
    .await;
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each_backend(MIGRATIONS, async |db| {
        let wrong = storage::testing::prepare_all(&db).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
    })
    .await;
}

/// Writes papers in every language for the eye: `PAPERS=dir cargo nextest run -p documents issued_papers_to_look_at`.
#[tokio::test]
async fn issued_papers_to_look_at() {
    let Some(dir) = std::env::var_os("PAPERS") else { return };
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = World::new(test.db.clone());
    let layouts = ["certificate", "licence", "decision", "receipt", "certificate"];
    for (n, (lang, layout)) in Lang::ALL.into_iter().zip(layouts).enumerate() {
        let document = world.issue(n as u128 + 1, lang, layout, Some("2027-11-21")).await;
        let pdf = service::pdf(&world.ctx, &document).await.unwrap();
        let path = std::path::Path::new(&dir).join(format!("issued-{}-{layout}.pdf", lang.code()));
        std::fs::write(path, pdf).unwrap();
    }
}
