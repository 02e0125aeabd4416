use std::path::PathBuf;

use catalog::domain::class::Class;
use catalog::{MIGRATIONS, PublishError, Shelf};
use contracts::catalog::Catalog;
use contracts::{Ctx, Ports, Settings, testing};

/// A published catalogue over a database of its own.
pub(crate) struct World {
    pub(crate) shelf: Shelf,
    pub(crate) ctx: Ctx,
    pub(crate) clock: std::sync::Arc<kernel::clock::ManualClock>,
    _dir: tempfile::TempDir,
}

pub(crate) async fn world(db: storage::Db) -> World {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let blobs = storage::Blobs::open(dir.path(), [1; 32]).expect("a file store");
    let (ctx, clock) = testing::ctx(db, blobs, Ports::nobody(), Settings::test());
    match Shelf::load(None, &ctx.refdata) {
        Ok(shelf) => World { shelf, ctx, clock, _dir: dir },
        Err(err) => panic!("the definitions of the repository are refused: {err}"),
    }
}

pub(crate) async fn published() -> World {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = world(test.db.clone()).await;
    if let Err(err) = world.shelf.publish(&world.ctx).await {
        panic!("the definitions of the repository are not published: {err}");
    }
    world
}

fn services() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../services")
}

/// A copy of one definition in a folder of its own, changed by `edit`.
pub(crate) fn folder_with(code: &str, edit: impl Fn(String) -> String) -> tempfile::TempDir {
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
        let first = world.shelf.publish(&world.ctx).await.expect("published");
        assert!(first.changed.len() >= 24, "{first:?}");
        assert!(first.changed.iter().all(|(_, class)| *class == Class::First));
        let from_folder = Shelf::load(Some(&services()), &world.ctx.refdata).expect("the same from the folder");
        let again = from_folder.publish(&world.ctx).await.expect("published");
        assert_eq!((again.changed.len(), again.unchanged), (0, first.changed.len()));
        let current = world.shelf.current(&world.ctx, "298").await.expect("read").expect("298 is offered");
        // Another instance, which has only the database.
        let other = Shelf::restore(&world.ctx).await.expect("restored");
        let version = other.version(&world.ctx, current.version()).await.expect("read").expect("the version is stored");
        assert_eq!(version.canonical_json(), current.canonical_json());
        assert_eq!(other.all(&world.ctx).await.expect("read").len(), first.changed.len());
        assert!(other.current(&world.ctx, "no such code").await.expect("read").is_none());
    })
    .await;
}

#[tokio::test]
async fn a_change_of_words_is_cosmetic_and_the_old_version_stays() {
    let world = published().await;
    let before = world.shelf.current(&world.ctx, "298").await.expect("read").expect("298 is offered");
    let folder = folder_with("298", |text| text.replacen("fill_minutes: ", "fill_minutes: 1", 1));
    let shelf = Shelf::load(Some(folder.path()), &world.ctx.refdata).expect("loaded");
    let done = shelf.publish(&world.ctx).await.expect("published");
    assert_eq!(done.changed, [("298".to_owned(), Class::Cosmetic)]);
    let after = shelf.current(&world.ctx, "298").await.expect("read").expect("298 is offered");
    assert_ne!(before.version(), after.version());
    let old = shelf.version(&world.ctx, before.version()).await.expect("read").expect("kept for ever");
    assert_eq!(old.canonical_json(), before.canonical_json());
    assert_eq!(shelf.history(&world.ctx, "298").await.expect("read").len(), 2);
    // The others stay in force though the folder does not hold them.
    assert!(shelf.current(&world.ctx, "496").await.expect("read").is_some());
}

#[tokio::test]
async fn a_suspended_service_cannot_be_applied_for_but_its_page_is_shown() {
    let world = published().await;
    let folder = folder_with("298", |text| text.replacen("status: published", "status: suspended", 1));
    let shelf = Shelf::load(Some(folder.path()), &world.ctx.refdata).expect("loaded");
    shelf.publish(&world.ctx).await.expect("published");
    assert!(shelf.current(&world.ctx, "298").await.expect("read").is_none());
    assert!(shelf.shown(&world.ctx, "298").await.expect("read").is_some());
}

#[tokio::test]
async fn a_definition_with_an_unknown_key_is_refused_with_its_place() {
    let world = published().await;
    let folder = folder_with("298", |text| format!("{text}\nsurprise: 1\n"));
    let refused = Shelf::load(Some(folder.path()), &world.ctx.refdata);
    let Err(PublishError::Definitions(problems)) = refused else { panic!("a definition with an unknown key is taken") };
    assert!(problems[0].file.ends_with("298.yaml"), "{problems:?}");
}
