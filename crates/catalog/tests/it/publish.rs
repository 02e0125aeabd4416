use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalog::domain::class::Class;
use catalog::{MIGRATIONS, PublishError, Shelf, Sources};
use contracts::catalog::Catalog;
use contracts::{Ctx, Ports, Settings, testing};
use definition::Definition;
use kernel::clock::ManualClock;

/// A catalogue over a database of its own.
pub(crate) struct World {
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) ctx: Ctx,
    pub(crate) clock: Arc<ManualClock>,
    _dir: tempfile::TempDir,
}

/// An instance that reads its definitions from a folder, or from the program.
pub(crate) fn instance(db: storage::Db, folder: Option<&Path>) -> World {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let blobs = storage::Blobs::open(dir.path(), [1; 32]).expect("a file store");
    let refdata = refdata::RefData::shared();
    let shelf = match Shelf::load(folder, &refdata) {
        Ok(shelf) => Arc::new(shelf),
        Err(err) => panic!("the folder cannot be read: {err}"),
    };
    let ports = Ports { catalog: shelf.clone(), ..Ports::nobody() };
    let (ctx, clock) = testing::ctx(db, blobs, ports, Settings::test());
    World { shelf, ctx, clock, _dir: dir }
}

impl World {
    pub(crate) async fn start(self) -> Self {
        if let Err(err) = self.shelf.publish(&self.ctx).await {
            panic!("the catalogue does not start: {err}");
        }
        self
    }

    pub(crate) async fn current(&self, code: &str) -> Arc<Definition> {
        self.shelf.in_force(&self.ctx, code).await.expect("read").expect("in force")
    }
}

pub(crate) async fn published() -> World {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    instance(test.db.clone(), None).start().await
}

pub(crate) fn services() -> PathBuf {
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
        let world = instance(db.clone(), None);
        let first = world.shelf.publish(&world.ctx).await.expect("published");
        assert!(first.changed.len() >= 24 && first.refused == 0, "{first:?}");
        assert!(first.changed.iter().all(|(_, class)| *class == Class::First));
        let from_folder = instance(db.clone(), Some(&services()));
        let again = from_folder.shelf.publish(&from_folder.ctx).await.expect("published");
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
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = instance(test.db.clone(), None).start().await;
    let before = world.current("298").await;
    let folder = folder_with("298", |text| text.replacen("fill_minutes: ", "fill_minutes: 1", 1));
    let later = instance(test.db.clone(), Some(folder.path()));
    let done = later.shelf.publish(&later.ctx).await.expect("published");
    assert_eq!(done.changed, [("298".to_owned(), Class::Cosmetic)]);
    let after = later.current("298").await;
    assert_ne!(before.version(), after.version());
    let old = later.shelf.version(&later.ctx, before.version()).await.expect("read").expect("kept for ever");
    assert_eq!(old.canonical_json(), before.canonical_json());
    assert_eq!(later.shelf.history(&later.ctx, "298").await.expect("read").len(), 2);
    // The others stay in force though the folder does not hold them.
    assert!(later.shelf.current(&later.ctx, "496").await.expect("read").is_some());
    // The instance that did not publish it notices, and serves it.
    assert!(world.shelf.refresh(&world.ctx).await.expect("looked"));
    assert_eq!(world.current("298").await.version(), after.version());
    assert!(!world.shelf.refresh(&world.ctx).await.expect("looked"), "nothing new any more");
}

#[tokio::test]
async fn a_suspended_service_cannot_be_applied_for_but_its_page_is_shown() {
    let folder = folder_with("298", |text| text.replacen("status: published", "status: suspended", 1));
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = instance(test.db.clone(), Some(folder.path())).start().await;
    assert!(world.shelf.current(&world.ctx, "298").await.expect("read").is_none());
    assert!(world.shelf.shown(&world.ctx, "298").await.expect("read").is_some());
}

#[tokio::test]
async fn a_broken_file_never_takes_the_catalogue_down_and_the_last_good_version_serves() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let good = instance(db.clone(), None).start().await;
        let version = good.current("298").await.version().clone();
        // A typo, a golden case that does not hold any more, and a code that is taken.
        let folder = folder_with("298", |text| format!("{text}\nsurprise: 1\n"));
        std::fs::create_dir_all(folder.path().join("z")).expect("a folder");
        for (name, code) in [("a.yaml", "9001"), ("b.yaml", "9001")] {
            let text = catalog::skeleton(code, "AV", good.ctx.today());
            std::fs::write(folder.path().join("z").join(name), text).expect("a file");
        }
        let wrong = catalog::skeleton("9002", "AV", good.ctx.today()).replace("fee: 0", "fee: 7");
        std::fs::write(folder.path().join("z/c.yaml"), wrong).expect("a file");
        let world = instance(db.clone(), Some(folder.path()));
        let done = world.shelf.publish(&world.ctx).await.expect("it starts all the same");
        assert_eq!((done.refused, done.changed.len()), (3, 1), "{done:?}");
        let problems = world.shelf.problems();
        let told = |file: &str| problems.iter().find(|one| one.file.ends_with(file)).expect("told with its file");
        assert!(told("298.yaml").line > 1 && told("298.yaml").message.contains("surprise"), "{problems:?}");
        assert!(
            told("b.yaml").message.contains("9001") && told("c.yaml").message.contains("golden case"),
            "{problems:?}"
        );
        assert_eq!(*world.current("298").await.version(), version, "the last good version serves");
        assert!(world.shelf.current(&world.ctx, "9001").await.expect("read").is_some());
    })
    .await;
}

#[test]
fn a_check_of_a_folder_says_everything_that_is_wrong() {
    let folder = folder_with("298", |text| format!("{text}\nsurprise: 1\n"));
    let refused = Sources::read(Some(folder.path())).expect("read").check(&refdata::RefData::shared());
    let Err(PublishError::Definitions(problems)) = refused else { panic!("a definition with an unknown key is taken") };
    assert!(problems[0].file.ends_with("298.yaml"), "{problems:?}");
    let folder = folder_with("298", |text| text);
    std::fs::write(folder.path().join("registers.yaml"), "tax: 1\n").expect("a file");
    let refused = Sources::read(Some(folder.path())).expect("read").check(&refdata::RefData::shared());
    let Err(PublishError::Definitions(problems)) = refused else { panic!("a broken register file is taken") };
    assert_eq!(problems[0].file, "registers.yaml");
}

#[tokio::test]
async fn a_broken_vocabulary_leaves_everything_as_it_was() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let good = instance(test.db.clone(), None).start().await;
    let folder = folder_with("298", |text| text.replacen("fill_minutes: ", "fill_minutes: 1", 1));
    std::fs::write(folder.path().join("common.yaml"), "fields: [\n").expect("a file");
    let world = instance(test.db.clone(), Some(folder.path()));
    let done = world.shelf.publish(&world.ctx).await.expect("it starts all the same");
    assert!(done.changed.is_empty(), "{done:?}");
    assert_eq!(world.shelf.problems()[0].file, "common.yaml");
    assert_eq!(world.current("298").await.version(), good.current("298").await.version());
}

/// A ministry adds a register and a common field in its folder, and a service that uses them, with no line of Rust; the
/// version stays readable for a program that knows neither.
#[tokio::test]
async fn a_register_and_a_common_field_of_the_folder_need_no_rust_and_the_version_is_complete_in_itself() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir_all(folder.path().join("other")).expect("a folder");
    let read = |name: &str| std::fs::read_to_string(services().join(name)).expect("a file");
    let label = "{uz: Uyalar, ru: Улья, en: Hives, kaa: Uyalar}";
    let common = read("common.yaml").replacen(
        "fields:\n",
        &format!("fields:\n  hives:\n    type: int\n    label: {label}\n"),
        1,
    );
    std::fs::write(folder.path().join("common.yaml"), common).expect("a file");
    let register = "\nbees:\n  title: {uz: Asalarilar reyestri, ru: Реестр пчёл, en: Register of bees, kaa: Hárreler reestri}\n  agency: AV\n  fields: {hives: int}\n";
    std::fs::write(folder.path().join("registers.yaml"), read("registers.yaml") + register).expect("a file");
    let day = kernel::clock::Date::constant(2026, 11, 21);
    let text = catalog::skeleton("9001", "AV", day)
        .replacen("registers: []", "registers: [{name: bees, at: start}]", 1)
        .replacen(
            "      - use: phone\n",
            "      - use: hives\n        required: \"registers.bees.hives > 0\"\n      - use: phone\n",
            1,
        );
    std::fs::write(folder.path().join("other/9001.yaml"), text).expect("a file");
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = instance(test.db.clone(), Some(folder.path())).start().await;
    assert!(world.shelf.problems().is_empty(), "{:?}", world.shelf.problems());
    let version = world.current("9001").await;
    assert_eq!(version.field("hives").expect("taken over").1.label.uz, "Uyalar");
    assert_eq!(version.register("bees").expect("kept").title.uz, "Asalarilar reyestri");
    // What reads the JSON back knows only the vocabulary of the program.
    assert!(definition::Vocabulary::built_in().register("bees").is_none());
    let again = Definition::from_json(version.canonical_json()).expect("complete in itself");
    let mut facts = definition::Facts::default();
    facts.answered("bees", serde_json::json!({"hives": 3}));
    let required =
        again.visible_fields(0, &facts).iter().find(|view| view.field.id == "hives").map(|view| view.required);
    assert_eq!(required, Some(true));
    definition::Vocabulary::built_in().put_in_force();
}
