//! Keys over time.

use provider::domain::jose;
use provider::service::{Memory, keys};
use storage::testing::each_backend;

use super::world::*;

/// Rule SSO-ROTATE.
#[tokio::test]
async fn keys_rotate_and_every_token_can_be_looked_at_with_a_list_that_is_a_day_old() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        let shop = shop();
        let secret = w.register(&shop).await;
        let mut browser = w.browser().await;
        let mut yesterday = w.program().get("/sso/jwks", &[]).await.body;
        let mut kids = std::collections::BTreeSet::new();
        for day in 0..70 {
            // Twice a day two instances look after the keys.
            keys::rotate(&w.ctx).await.unwrap();
            keys::rotate(&w.ctx).await.unwrap();
            if day % 3 == 0 {
                let mut fresh = w.browser().await;
                std::mem::swap(&mut fresh, &mut browser);
                let tokens = w.tokens(&mut browser, &shop, &secret, &[]).await;
                let token = tokens["id_token"].as_str().unwrap();
                let parsed = jose::parse(token).unwrap();
                assert!(parsed.verified_by(&jose::key_set(&yesterday)).is_some(), "day {day}: yesterday's list");
                kids.insert(parsed.header["kid"].as_str().unwrap().to_owned());
            }
            yesterday = w.program().get("/sso/jwks", &[]).await.body;
            assert!(yesterday["keys"].as_array().unwrap().iter().all(|key| key.get("d").is_none()));
            w.wait(86_400);
        }
        assert_eq!(kids.len(), 3, "{kids:?}");
        let listed = yesterday["keys"].as_array().unwrap().len();
        assert!(listed <= 6, "old ones are forgotten: {listed}");
    })
    .await;
}

#[tokio::test]
async fn private_keys_are_sealed_and_another_master_key_opens_none() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db.clone()).await;
        Memory::default().ring(&w.ctx).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let blobs = storage::Blobs::open(dir.path(), [1; 32]).unwrap();
        let mut settings = contracts::Settings::test();
        settings.master_key = [8; 32];
        let (other, _) = contracts::testing::ctx(db, blobs, contracts::Ports::nobody(), settings);
        let Err(error) = Memory::default().ring(&other).await else {
            panic!("it opened a key of another installation")
        };
        assert!(error.to_string().contains("another master key"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn two_instances_that_start_at_once_end_up_with_the_same_keys() {
    each_backend(&migrations(), |db| async move {
        let w = World::new(db).await;
        let (a, b) = (Memory::default(), Memory::default());
        let (first, second) = tokio::join!(a.ring(&w.ctx), b.ring(&w.ctx));
        assert_eq!(first.unwrap().jwks(), second.unwrap().jwks());
    })
    .await;
}
