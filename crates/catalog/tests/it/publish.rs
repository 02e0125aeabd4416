use std::path::PathBuf;

use catalog::domain::class::Class;
use catalog::{CatalogService, MIGRATIONS, PublishError, Source};
use contracts::catalog::Catalog;
use contracts::{Ctx, Ports, Settings, testing};

/// A published catalogue over a database of its own.
pub(crate) struct World {
    pub(crate) catalog: CatalogService,
    pub(crate) ctx: Ctx,
    _dir: tempfile::TempDir,
}

pub(crate) async fn world(db: storage::Db) -> World {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let blobs = storage::Blobs::open(dir.path(), [1; 32]).expect("a file store");
    let (ctx, _) = testing::ctx(db, blobs, Ports::nobody(), Settings::test());
    World { catalog: CatalogService::new().expect("an empty catalogue"), ctx, _dir: dir }
}

pub(crate) async fn published() -> World {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = world(test.db.clone()).await;
    if let Err(err) = world.catalog.publish(&world.ctx, Source::Embedded).await {
        panic!("the definitions of the repository are refused: {err}");
    }
    world
}

fn services() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../services")
}

/// A copy of one definition in a folder of its own, changed by `edit`.
fn folder_with(code: &str, edit: impl Fn(String) -> String) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut found = false;
    for group in std::fs::read_dir(services()).expect("services/").flatten() {
        let file = group.path().join(format!("{code}.yaml"));
        if let Ok(text) = std::fs::read_to_string(&file) {
            std::fs::create_dir_all(dir.path().join("group")).expect("a folder");
            std::fs::write(dir.path().join("group").join(format!("{code}.yaml")), edit(text)).expect("a file");
            found = true;
        }
    }
    assert!(found, "{code} is not in services/");
    dir
}

#[tokio::test]
async fn publishing_twice_changes_nothing_and_a_version_is_found_by_its_hash() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let world = world(db).await;
        let first = world.catalog.publish(&world.ctx, Source::Embedded).await.expect("published");
        assert!(first.changed.len() >= 24, "{first:?}");
        assert!(first.changed.iter().all(|(_, class)| *class == Class::First));
        let again = world.catalog.publish(&world.ctx, Source::Folder(services())).await.expect("published");
        assert_eq!((again.changed.len(), again.unchanged), (0, first.changed.len()));
        let current = world.catalog.current(&world.ctx, "298").await.expect("read").expect("298 is offered");
        // Another instance, which has only the database.
        let other = CatalogService::new().expect("an empty catalogue");
        let version = other.version(&world.ctx, current.version()).await.expect("read").expect("the version is stored");
        assert_eq!(version.canonical_json(), current.canonical_json());
        assert_eq!(other.load(&world.ctx).await.expect("loaded"), first.changed.len());
        assert_eq!(other.all(&world.ctx).await.expect("read").len(), first.changed.len());
        assert!(other.current(&world.ctx, "no such code").await.expect("read").is_none());
    })
    .await;
}

#[tokio::test]
async fn a_change_of_words_is_cosmetic_and_the_old_version_stays() {
    let world = published().await;
    let before = world.catalog.current(&world.ctx, "298").await.expect("read").expect("298 is offered");
    let folder = folder_with("298", |text| text.replacen("fill_minutes: ", "fill_minutes: 1", 1));
    let done = world.catalog.publish(&world.ctx, Source::Folder(folder.path().to_owned())).await.expect("published");
    assert_eq!(done.changed, [("298".to_owned(), Class::Cosmetic)]);
    let after = world.catalog.current(&world.ctx, "298").await.expect("read").expect("298 is offered");
    assert_ne!(before.version(), after.version());
    let old = world.catalog.version(&world.ctx, before.version()).await.expect("read").expect("kept for ever");
    assert_eq!(old.canonical_json(), before.canonical_json());
    assert_eq!(world.catalog.history(&world.ctx, "298").await.expect("read").len(), 2);
    // The others stay in force though the folder does not hold them.
    assert!(world.catalog.current(&world.ctx, "496").await.expect("read").is_some());
}

#[tokio::test]
async fn a_suspended_service_cannot_be_applied_for_but_its_page_is_shown() {
    let world = published().await;
    let folder = folder_with("298", |text| text.replacen("status: published", "status: suspended", 1));
    world.catalog.publish(&world.ctx, Source::Folder(folder.path().to_owned())).await.expect("published");
    assert!(world.catalog.current(&world.ctx, "298").await.expect("read").is_none());
    assert!(world.catalog.shelf().shown("298", world.ctx.today()).is_some());
}

#[tokio::test]
async fn a_definition_with_an_unknown_key_is_refused_with_its_place() {
    let world = published().await;
    let folder = folder_with("298", |text| format!("{text}\nsurprise: 1\n"));
    let refused = world.catalog.publish(&world.ctx, Source::Folder(folder.path().to_owned())).await;
    let Err(PublishError::Definitions(problems)) = refused else { panic!("{refused:?}") };
    assert!(problems[0].file.ends_with("298.yaml"), "{problems:?}");
    assert!(world.catalog.current(&world.ctx, "298").await.expect("read").is_some());
}
