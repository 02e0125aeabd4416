//! Searches that found nothing: counted, never personal, shown when repeated.

use catalog::MIGRATIONS;
use contracts::catalog::Catalog;
use kernel::clock::Date;

use crate::publish::instance;

#[tokio::test]
async fn what_found_nothing_is_counted_by_day_and_shown_from_the_third_time() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let world = instance(db, None);
        let today = world.ctx.today();
        for question in ["ot-arava ruxsati", "От-арава рухсати", "kema haydash"] {
            world.shelf.missed(&world.ctx, question);
        }
        world.shelf.write_missed(&world.ctx).await.expect("written");
        let read = async |from: Date, to: Date| catalog::missed(&world.ctx, from, to).await.expect("read");
        assert!(read(today, today).await.is_empty(), "twice is not often enough");
        for question in ["OT ARAVA RUXSATI!", "AD 123 45 67", "AD 123 45 67", "AD 123 45 67", "nodira@example.uz"] {
            world.shelf.missed(&world.ctx, question);
        }
        world.shelf.write_missed(&world.ctx).await.expect("written");
        let rows = read(today, today).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!((rows[0].question.as_str(), rows[0].asked, rows[0].last), ("ot arava ruhsati", 3, today));
        let yesterday = today.yesterday().expect("a day before");
        assert!(read(yesterday, yesterday).await.is_empty());
        // Nothing waits any more: writing again changes nothing.
        world.shelf.write_missed(&world.ctx).await.expect("written");
        assert_eq!(read(today, today).await, rows);
    })
    .await;
}
