use catalog::MIGRATIONS;
use catalog::domain::simple::{Measure, Quarter};
use catalog::service::simplification::{Memory, quarters, steps};

use crate::publish::{World, folder_with, instance};

/// Another start of the program, `minutes` later, with one definition changed.
async fn publish(db: &storage::Db, minutes: i64, edit: impl Fn(String) -> String) -> World {
    let folder = folder_with("298", edit);
    let later = instance(db.clone(), Some(folder.path()));
    later.clock.advance(jiff::SignedDuration::from_mins(minutes));
    later.shelf.publish(&later.ctx).await.expect("published");
    later
}

/// R000-036, R001-038: before and after with the date; a version that lowers one thing and raises none counts.
#[tokio::test]
async fn versions_are_compared_and_the_quarter_counts_what_became_simpler() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let world = instance(db.clone(), None).start().await;
        let memory = Memory::default();
        assert!(steps(&world.ctx, &memory).await.expect("read").is_empty(), "one version each");
        let term = |days: u32| format!("total: {{n: {days}, unit: workday}}");
        let three = term(3);
        let edit = |days: u32| {
            let (three, other) = (three.clone(), term(days));
            move |text: String| {
                assert!(text.contains(&three), "the term of 298");
                text.replacen(&three, &other, 1)
            }
        };
        publish(&db, 1, edit(2)).await;
        let found = steps(&world.ctx, &memory).await.expect("read");
        assert_eq!(found.len(), 1);
        assert!(found[0].simpler);
        assert_eq!(found[0].changes, [Measure::Term]);
        assert_eq!(found[0].on, kernel::clock::Date::constant(2026, 11, 21));
        let counted = quarters(&found, world.ctx.today());
        assert_eq!((counted[0].quarter, counted[0].services), (Quarter { year: 2026, n: 4 }, 1));
        assert!(!counted[0].reached, "one is not ten");
        // A slower version is told, and is not a simplification; words alone are no change.
        publish(&db, 2, edit(9)).await;
        let slower = edit(9);
        publish(&db, 3, |text| slower(text).replacen("fill_minutes: ", "fill_minutes: 1", 1)).await;
        let found = steps(&world.ctx, &memory).await.expect("read");
        assert_eq!(found.iter().filter(|step| step.simpler).count(), 1);
        assert_eq!(found.len(), 2);
        assert_eq!(quarters(&found, world.ctx.today())[0].services, 1);
    })
    .await;
}
