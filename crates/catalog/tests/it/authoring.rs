//! What staff do: write, review by another, publish now or on a date, suspend, roll back; with who and why.

use catalog::authoring::{self, Editor, Error};
use catalog::domain::class::Class;
use catalog::domain::revision::Stage;
use catalog::{MIGRATIONS, Revision};
use contracts::catalog::Catalog;
use contracts::{Role, UnitRef};
use jiff::SignedDuration;
use kernel::clock::Date;
use kernel::id::{StaffId, SubjectId};
use kernel::lang::Text;

use crate::publish::{World, folder_with, instance};

fn editor(world: &World, name: &str, unit: &str, roles: &[Role]) -> Editor {
    let staff = StaffId::new(world.ctx.now(), &*world.ctx.rng);
    Editor { staff, name: name.to_owned(), unit: UnitRef::parse(unit), roles: roles.to_vec() }
}

struct Staff {
    author: Editor,
    second: Editor,
    reviewer: Editor,
    publisher: Editor,
}

fn staff(world: &World) -> Staff {
    Staff {
        author: editor(world, "Muallif", "AV", &[Role::ServiceAuthor, Role::Reviewer]),
        second: editor(world, "Ikkinchi", "AV", &[Role::ServiceAuthor, Role::Reviewer]),
        reviewer: editor(world, "Tekshiruvchi", "AV", &[Role::Reviewer]),
        publisher: editor(world, "Nashr", "AV", &[Role::Publisher]),
    }
}

fn longer(text: &str) -> String {
    text.replacen("fill_minutes: ", "fill_minutes: 1", 1)
}

/// A revision that was written, reviewed and approved.
async fn approved(world: &World, staff: &Staff, code: &str, edit: impl Fn(&str) -> String) -> Revision {
    let ctx = &world.ctx;
    let one = authoring::begin(ctx, &staff.author, code).await.expect("begun");
    let one = authoring::write(ctx, &staff.author, one.id, one.seq, &edit(&one.yaml)).await.expect("written");
    let one = authoring::submit(ctx, &staff.author, one.id, one.seq, "Qonun o‘zgardi").await.expect("sent");
    authoring::review(ctx, &staff.reviewer, one.id, one.seq, true, "").await.expect("approved")
}

#[tokio::test]
async fn a_revision_goes_from_author_to_reviewer_to_publisher_and_each_step_is_in_the_audit_trail() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let world = instance(db, None).start().await;
        let (ctx, staff) = (&world.ctx, staff(&world));
        let before = world.current("298").await.version().clone();
        let one = authoring::begin(ctx, &staff.author, "298").await.expect("begun");
        assert!(
            one.yaml.contains("# ") || one.yaml.contains("tests:"),
            "the author goes on from the text as it was written"
        );
        let again = authoring::begin(ctx, &staff.second, "298").await.expect("the same");
        assert_eq!(again.id, one.id, "one open revision of a service");
        let nothing = authoring::submit(ctx, &staff.author, one.id, one.seq, "x").await;
        assert!(matches!(nothing, Err(Error::Nothing)), "what changes nothing is not sent");
        let one = authoring::write(ctx, &staff.author, one.id, one.seq, &longer(&one.yaml)).await.expect("written");
        let unsaid = authoring::submit(ctx, &staff.author, one.id, one.seq, " ").await;
        assert!(matches!(unsaid, Err(Error::NoNote)), "a reason is needed");
        let one = authoring::submit(ctx, &staff.author, one.id, one.seq, "Qonun o‘zgardi").await.expect("sent");
        assert_eq!(one.stage, Stage::Review);
        let own = authoring::review(ctx, &staff.author, one.id, one.seq, true, "").await;
        assert!(matches!(own, Err(Error::FourEyes)), "nobody reviews what they wrote");
        let early = authoring::publish(ctx, &staff.publisher, one.id, one.seq, "x", None).await;
        assert!(matches!(early, Err(Error::NotNow)), "what nobody approved is not published");
        let role = authoring::review(ctx, &staff.publisher, one.id, one.seq, true, "").await;
        assert!(matches!(role, Err(Error::Forbidden)));
        let one =
            authoring::review(ctx, &staff.reviewer, one.id, one.seq, false, "Sarlavha?").await.expect("sent back");
        assert_eq!((one.stage, one.comment.as_str()), (Stage::Writing, "Sarlavha?"));
        let one = authoring::submit(ctx, &staff.author, one.id, one.seq, "Qonun o‘zgardi").await.expect("sent");
        let one = authoring::review(ctx, &staff.reviewer, one.id, one.seq, true, "").await.expect("approved");
        assert_eq!(*world.current("298").await.version(), before, "approved is not yet in force");
        let done =
            authoring::publish(ctx, &staff.publisher, one.id, one.seq, "1-dekabrdan", None).await.expect("published");
        assert_eq!(done.class, Class::Cosmetic.name());
        assert_eq!(world.current("298").await.version().as_str(), done.hash);
        let twice = authoring::publish(ctx, &staff.publisher, one.id, one.seq, "x", None).await;
        assert!(matches!(twice, Err(Error::Stale(_))), "a second press finds it published");
        let history = authoring::history(ctx, "298").await.expect("read");
        assert_eq!(history.len(), 2);
        let newest = history.iter().find(|one| one.hash == done.hash).expect("in the history");
        let names = [&newest.author, &newest.reviewer, &newest.publisher, &newest.note].map(String::as_str);
        assert_eq!(names, ["Muallif", "Tekshiruvchi", "Nashr", "1-dekabrdan"]);
        let nobody = SubjectId::from_uuid(kernel::id::Uuid::nil());
        let trail = storage::audit::for_subject(&ctx.db, nobody, None, 50).await.expect("read");
        // The clock of the test stands still: in the order of their names.
        let mut actions: Vec<&str> = trail.iter().map(|one| one.entry.action.as_str()).collect();
        actions.sort_unstable();
        let expected = ["approve", "begin", "publish", "send_back", "submit", "submit", "write"];
        assert_eq!(actions, expected.map(|action| format!("catalog.{action}")));
        let published = trail.iter().find(|one| one.entry.action == "catalog.publish").map(|one| &one.entry);
        let published = published.expect("recorded");
        assert_eq!((published.actor, published.reason.as_str()), (staff.publisher.staff.uuid(), "1-dekabrdan"));
        let about = format!("298/{}", newest.revision.expect("the revision that was published"));
        assert_eq!((published.object.as_str(), published.actor_name.as_str()), (about.as_str(), "Nashr (AV)"));
    })
    .await;
}

#[tokio::test]
async fn two_authors_never_overwrite_each_other() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let world = instance(db, None).start().await;
        let (ctx, staff) = (&world.ctx, staff(&world));
        let one = authoring::begin(ctx, &staff.author, "298").await.expect("begun");
        let first = authoring::write(ctx, &staff.author, one.id, one.seq, "code: 1\n").await.expect("written");
        // The other still has the first text before them.
        let second = authoring::write(ctx, &staff.second, one.id, one.seq, "code: 2\n").await;
        let Err(Error::Stale(now)) = second else { panic!("the text of the first is overwritten") };
        assert_eq!((now.yaml.as_str(), now.seq), ("code: 1\n", first.seq));
        // At the same moment: one of them gets through.
        let both = futures_util::future::join(
            authoring::write(ctx, &staff.author, one.id, first.seq, "code: 3\n"),
            authoring::write(ctx, &staff.second, one.id, first.seq, "code: 4\n"),
        )
        .await;
        let (through, stale) = match both {
            (Ok(through), Err(Error::Stale(stale))) | (Err(Error::Stale(stale)), Ok(through)) => (through, stale),
            other => panic!("{other:?}"),
        };
        assert_eq!(through.yaml, stale.yaml);
        // Whoever wrote a part of it does not review it either.
        let last = authoring::write(ctx, &staff.second, one.id, through.seq, "code: 5\n").await.expect("written");
        assert_eq!(last.writers.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn what_does_not_compile_is_kept_and_told_but_not_sent() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = instance(test.db.clone(), None).start().await;
    let (ctx, staff) = (&world.ctx, staff(&world));
    let one = authoring::begin(ctx, &staff.author, "298").await.expect("begun");
    let broken = format!("{}surprise: 1\r\n", one.yaml);
    let one = authoring::write(ctx, &staff.author, one.id, one.seq, &broken).await.expect("kept");
    let checked = authoring::check(ctx, one.id).await.expect("read");
    assert!(checked.revision.yaml.ends_with("surprise: 1\n"), "line ends as in files");
    assert!(!checked.is_sound() && checked.problems[0].line > 1, "{:?}", checked.problems);
    let sent = authoring::submit(ctx, &staff.author, one.id, one.seq, "x").await;
    assert!(matches!(sent, Err(Error::Broken(problems)) if problems[0].message.contains("surprise")));
    // Another code, another owner, a golden case that does not hold.
    for (from, to, said) in [
        ("code: \"298\"", "code: \"299\"", "code"),
        ("owner: AV", "owner: IIV", "owner"),
        ("fee: 18540", "fee: 1", "golden case"),
    ] {
        let now = authoring::check(ctx, one.id).await.expect("read").revision;
        let text = now.yaml.replace("surprise: 1\n", "").replacen(from, to, 1);
        assert!(text.contains(to), "{to}");
        let written = authoring::write(ctx, &staff.author, one.id, now.seq, &text).await.expect("kept");
        let sent = authoring::submit(ctx, &staff.author, one.id, written.seq, "x").await;
        let Err(Error::Broken(problems)) = sent else { panic!("{said}: {sent:?}") };
        assert!(problems.iter().any(|one| one.message.contains(said)), "{problems:?}");
        let back = written.yaml.replacen(to, from, 1);
        authoring::write(ctx, &staff.author, one.id, written.seq, &back).await.expect("kept");
    }
}

#[tokio::test]
async fn a_publication_for_a_day_comes_in_force_on_that_day_once_and_can_be_cancelled_before() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let world = instance(db.clone(), None).start().await;
        let (ctx, staff) = (&world.ctx, staff(&world));
        let before = world.current("298").await.version().clone();
        let one = approved(&world, &staff, "298", longer).await;
        let today = Some(ctx.today());
        let past = authoring::publish(ctx, &staff.publisher, one.id, one.seq, "x", today).await;
        assert!(matches!(past, Err(Error::Day)));
        let day = Some(Date::constant(2026, 11, 23));
        let waits = authoring::publish(ctx, &staff.publisher, one.id, one.seq, "1-dekabr", day).await.expect("waits");
        assert_eq!((waits.state.as_str(), authoring::waiting(ctx).await.expect("read").len()), ("waiting", 1));
        // Half past eleven in the evening before.
        world.clock.advance(SignedDuration::from_mins(36 * 60 + 30));
        world.shelf.put_due_in_force(ctx).await.expect("looked");
        assert_eq!(*world.current("298").await.version(), before);
        world.clock.advance(SignedDuration::from_mins(30));
        let other = instance(db.clone(), None);
        other.clock.set(ctx.now());
        // Two instances look at the same time; each serves it afterwards.
        let looked = futures_util::future::join(world.shelf.put_due_in_force(ctx), async {
            other.shelf.publish(&other.ctx).await.map(|_| ()).map_err(|err| panic!("{err}"))
        });
        let (mine, theirs): (_, Result<(), ()>) = looked.await;
        assert!(mine.is_ok() && theirs.is_ok());
        world.shelf.refresh(ctx).await.expect("looked");
        other.shelf.refresh(&other.ctx).await.expect("looked");
        for instance in [&world, &other] {
            assert_eq!(instance.current("298").await.version().as_str(), waits.hash);
        }
        let late = authoring::cancel(ctx, &staff.publisher, &waits.id, "x").await;
        assert!(matches!(late, Err(Error::NotNow)), "what is in force is rolled back, not cancelled");
        // Another one is cancelled in time, and never comes.
        let one = approved(&world, &staff, "298", longer).await;
        let day = Some(Date::constant(2026, 12, 1));
        let waits = authoring::publish(ctx, &staff.publisher, one.id, one.seq, "x", day).await.expect("waits");
        authoring::cancel(ctx, &staff.publisher, &waits.id, "Bekor").await.expect("cancelled");
        // What was cancelled still leads to what was written, in the history and in the audit trail.
        let history = authoring::history(ctx, "298").await.expect("read");
        let cancelled = history.iter().find(|one| one.id == waits.id).expect("in the history");
        assert_eq!((cancelled.state.as_str(), cancelled.revision), ("cancelled", Some(one.id)));
        let nobody = SubjectId::from_uuid(kernel::id::Uuid::nil());
        let trail = storage::audit::for_subject(&ctx.db, nobody, None, 50).await.expect("read");
        let entry = trail.iter().find(|row| row.entry.action == "catalog.cancel").expect("recorded");
        assert_eq!(
            (entry.entry.object.as_str(), entry.entry.reason.as_str()),
            (format!("298/{}", one.id).as_str(), "Bekor")
        );
        world.clock.advance(SignedDuration::from_hours(24 * 30));
        world.shelf.put_due_in_force(ctx).await.expect("looked");
        assert_ne!(world.current("298").await.version().as_str(), waits.hash);
    })
    .await;
}

#[tokio::test]
async fn a_service_is_suspended_with_a_notice_in_every_language_resumed_and_retired() {
    storage::testing::each_backend(MIGRATIONS, |db| async move {
        let world = instance(db.clone(), None).start().await;
        let (ctx, staff) = (&world.ctx, staff(&world));
        let stand = async |action: &str, notice: Option<Text>| {
            authoring::change_standing(ctx, &staff.publisher, "298", action, "Reyestr yangilanmoqda", notice).await
        };
        assert!(matches!(stand("suspend", Some(Text::uz("Ertaga"))).await, Err(Error::NoNotice)));
        assert!(matches!(stand("resume", None).await, Err(Error::NotNow)));
        let notice = Text::new("Ertaga ochiladi", "Erteń ashıladı", "Откроется завтра", "Opens tomorrow");
        stand("suspend", Some(notice.clone())).await.expect("suspended");
        assert!(matches!(stand("suspend", Some(notice.clone())).await, Err(Error::NotNow)), "a second press");
        let other = instance(db.clone(), None).start().await;
        for instance in [&world, &other] {
            let (shelf, ctx) = (&instance.shelf, &instance.ctx);
            assert!(shelf.current(ctx, "298").await.expect("read").is_none(), "nobody can start");
            assert!(shelf.shown(ctx, "298").await.expect("read").is_some(), "its page is shown");
            assert_eq!(shelf.suspension(ctx, "298").await.expect("read"), Some(notice.clone()));
            assert!(shelf.all(ctx).await.expect("read").iter().all(|one| one.code().as_str() != "298"));
        }
        stand("resume", None).await.expect("resumed");
        assert!(world.shelf.current(ctx, "298").await.expect("read").is_some());
        assert_eq!(world.shelf.suspension(ctx, "298").await.expect("read"), None);
        stand("retire", None).await.expect("retired");
        assert!(world.shelf.shown(ctx, "298").await.expect("read").is_none());
        assert!(matches!(stand("resume", None).await, Err(Error::NotNow)), "retired is for good");
        // Cases in flight still find their version.
        let version = world.current("298").await.version().clone();
        assert!(world.shelf.applied(ctx, &version).await.expect("read").is_some());
    })
    .await;
}

#[tokio::test]
async fn an_earlier_version_is_put_in_force_again() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = instance(test.db.clone(), None).start().await;
    let (ctx, staff) = (&world.ctx, staff(&world));
    let first = world.current("298").await.version().clone();
    let one = approved(&world, &staff, "298", longer).await;
    let second = authoring::publish(ctx, &staff.publisher, one.id, one.seq, "x", None).await.expect("published");
    let unknown = authoring::roll_back(ctx, &staff.publisher, "298", &"0".repeat(64), "x").await;
    assert!(matches!(unknown, Err(Error::NotFound)));
    let same = authoring::roll_back(ctx, &staff.publisher, "298", &second.hash, "x").await;
    assert!(matches!(same, Err(Error::Nothing)));
    world.clock.advance(SignedDuration::from_mins(1));
    authoring::roll_back(ctx, &staff.publisher, "298", first.as_str(), "Xato bor edi").await.expect("rolled back");
    assert_eq!(*world.current("298").await.version(), first);
    let newest = &authoring::history(ctx, "298").await.expect("read")[0];
    assert_eq!((newest.action.as_str(), newest.note.as_str()), ("roll_back", "Xato bor edi"));
}

#[tokio::test]
async fn a_restart_does_not_undo_what_staff_published_but_a_changed_file_is_published() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let folder = folder_with("298", |text| text);
    let world = instance(test.db.clone(), Some(folder.path())).start().await;
    let staff = staff(&world);
    let one = approved(&world, &staff, "298", longer).await;
    let published =
        authoring::publish(&world.ctx, &staff.publisher, one.id, one.seq, "x", None).await.expect("published");
    let again = instance(test.db.clone(), Some(folder.path()));
    let done = again.shelf.publish(&again.ctx).await.expect("started");
    assert_eq!((done.changed.len(), done.unchanged), (0, 1));
    assert_eq!(again.current("298").await.version().as_str(), published.hash);
    let newer = folder_with("298", |text| text.replacen("fill_minutes: ", "fill_minutes: 2", 1));
    let later = instance(test.db.clone(), Some(newer.path()));
    let done = later.shelf.publish(&later.ctx).await.expect("started");
    assert_eq!(done.changed.len(), 1, "who changes the file means it");
    assert_ne!(later.current("298").await.version().as_str(), published.hash);
}

/// Rule CAT-REMIT.
#[tokio::test]
async fn an_author_works_on_the_services_of_the_own_agency_and_the_platforms_on_all() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let world = instance(test.db.clone(), None).start().await;
    let ctx = &world.ctx;
    let stranger = editor(&world, "Begona", "IIV", &[Role::ServiceAuthor, Role::Publisher]);
    let platform = editor(&world, "Platforma", "RTV", &[Role::ServiceAuthor, Role::Publisher]);
    assert!(matches!(authoring::begin(ctx, &stranger, "298").await, Err(Error::Forbidden)));
    let retired = authoring::change_standing(ctx, &stranger, "298", "retire", "x", None).await;
    assert!(matches!(retired, Err(Error::Forbidden)));
    assert!(matches!(authoring::begin_new(ctx, &stranger, "9001", "AV").await, Err(Error::Forbidden)));
    assert!(matches!(authoring::begin_new(ctx, &stranger, "298", "IIV").await, Err(Error::Code)));
    let new = authoring::begin_new(ctx, &stranger, "9001", "IIV").await.expect("begun");
    let twice = authoring::begin_new(ctx, &stranger, "9001", "IIV").await.expect("the same");
    assert_eq!(new.id, twice.id, "a second press of the button");
    assert!(authoring::check(ctx, new.id).await.expect("read").is_sound(), "the skeleton compiles");
    assert!(authoring::begin(ctx, &platform, "298").await.is_ok());
    assert!(matches!(authoring::begin(ctx, &platform, "77777").await, Err(Error::NotFound)));
}
