use catalog::MIGRATIONS;
use catalog::domain::simple::{Measure, Quarter};
use catalog::service::simplification::{Memory, quarters, steps};

use crate::publish::{World, folder_with, instance};

/// Another start of the program, `minutes` later, with one definition changed.
async fn publish(db: &storage::Db, minutes: i64, edit: impl Fn(String) -> String) -> World {
    let folder = folder_with("298", edit);
    let later = instance(db.clone(), Some(folder.path()));
    later.clock.advance(jiff::SignedDuration::from_mins(minutes));
    let done = later.shelf.publish(&later.ctx).await.expect("published");
    assert_eq!((done.changed.len(), done.refused), (1, 0), "{done:?}");
    later
}

/// R000-036, R001-038: before and after with the date; a version that lowers one thing and raises none counts.
#[tokio::test]
async fn versions_are_compared_and_the_quarter_counts_what_became_simpler() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let world = instance(db.clone(), None).start().await;
        let memory = Memory::default();
        assert!(steps(&world.ctx, &memory).await.expect("read").is_empty(), "one version each");
        let papers = |n: usize| {
            let one = r#"{uz: "Ariza", ru: "Заявление", en: "An application", kaa: "Arza"}"#;
            let list = vec![one; n].join(", ");
            move |text: String| {
                assert!(text.contains("\n  group: fhdy\n"), "the passport of 298");
                text.replacen("\n  group: fhdy\n", &format!("\n  group: fhdy\n  documents: [{list}]\n"), 1)
            }
        };
        // More to bring: told, and no simplification.
        publish(&db, 1, papers(2)).await;
        let found = steps(&world.ctx, &memory).await.expect("read");
        assert_eq!(found.len(), 1);
        assert!(!found[0].simpler);
        assert_eq!(quarters(&found, world.ctx.today())[0].services, 0);
        // Less to bring; then words alone, which are no change.
        publish(&db, 2, papers(1)).await;
        let same = papers(1);
        publish(&db, 3, |text| same(text).replacen("fill_minutes: ", "fill_minutes: 1", 1)).await;
        let found = steps(&world.ctx, &memory).await.expect("read");
        assert_eq!(found.len(), 2);
        let simpler: Vec<_> = found.iter().filter(|step| step.simpler).collect();
        assert_eq!(simpler.len(), 1);
        assert_eq!(simpler[0].changes, [Measure::Documents]);
        assert_eq!((simpler[0].before.measures.documents, simpler[0].after.measures.documents), (2, 1));
        assert_eq!(simpler[0].on, kernel::clock::Date::constant(2026, 11, 21));
        let counted = quarters(&found, world.ctx.today());
        assert_eq!((counted[0].quarter, counted[0].services), (Quarter { year: 2026, n: 4 }, 1));
        assert!(!counted[0].reached, "one is not ten");
    })
    .await;
}
