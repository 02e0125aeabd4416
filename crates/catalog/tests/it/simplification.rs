use catalog::domain::simple::{Measure, Quarter};
use catalog::service::simplification::{Memory, quarters, steps};
use catalog::{MIGRATIONS, Shelf};

use crate::publish::{folder_with, world};

async fn publish(world: &crate::publish::World, edit: impl Fn(String) -> String) {
    let folder = folder_with("298", edit);
    let shelf = Shelf::load(Some(folder.path()), &world.ctx.refdata).expect("loaded");
    shelf.publish(&world.ctx).await.expect("published");
    world.clock.advance(jiff::SignedDuration::from_secs(60));
}

/// R000-036, R001-038: before and after with the date; a version that lowers one thing and raises none counts.
#[tokio::test]
async fn versions_are_compared_and_the_quarter_counts_what_became_simpler() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let world = world(db).await;
        world.shelf.publish(&world.ctx).await.expect("published");
        let memory = Memory::default();
        assert!(steps(&world.ctx, &memory).await.expect("read").is_empty(), "one version each");
        world.clock.advance(jiff::SignedDuration::from_secs(60));
        let term = |days: u32| format!("total: {{n: {days}, unit: workday}}");
        let three = term(3);
        publish(&world, |text| {
            assert!(text.contains(&three), "the term of 298");
            text.replacen(&three, &term(2), 1)
        })
        .await;
        let found = steps(&world.ctx, &memory).await.expect("read");
        assert_eq!(found.len(), 1);
        assert!(found[0].simpler);
        assert_eq!(found[0].changes, [Measure::Term]);
        assert_eq!(found[0].on, kernel::clock::Date::constant(2026, 11, 21));
        let counted = quarters(&found, world.ctx.today());
        assert_eq!((counted[0].quarter, counted[0].services), (Quarter { year: 2026, n: 4 }, 1));
        assert!(!counted[0].reached, "one is not ten");
        // A slower version is told, and is not a simplification; words alone are no change.
        publish(&world, |text| text.replacen(&three, &term(9), 1)).await;
        publish(&world, |text| text.replacen(&three, &term(9), 1).replacen("fill_minutes: ", "fill_minutes: 1", 1))
            .await;
        let found = steps(&world.ctx, &memory).await.expect("read");
        assert_eq!(found.iter().map(|step| step.simpler).filter(|simpler| *simpler).count(), 1);
        assert_eq!(found.len(), 2);
        assert_eq!(quarters(&found, world.ctx.today())[0].services, 1);
    })
    .await;
}
