//! Publications while forms are open and cases are in every state: nobody loses an answer, nobody falls under a stricter
//! rule half-way (CAT-CLASS, APP-UPGRADE, DEF-CARRY). The catalogue and the applications are the real ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

use applications::domain::case::{Case, Stage};
use applications::service::office::{self, Officer};
use applications::service::submit::{Submission, submit};
use applications::service::{CaseChanged, Receipt, citizen, drafts, load, projections, system};
use async_trait::async_trait;
use catalog::Shelf;
use contracts::catalog::Catalog;
use contracts::identity::{People, Person};
use contracts::payments::InvoicePaid;
use contracts::{Channel, Ctx, Event, PortError, Ports, Role, Settings, UnitRef};
use definition::VersionHash;
use kernel::clock::{Date, ManualClock};
use kernel::id::{CaseId, DraftId, InvoiceId, StaffId, SubjectId};
use kernel::lang::Lang;
use kernel::money::Tiyin;
use kernel::person::{Phone, Pinfl, Sex};
use storage::{Batch, Migration, Subscriber, Worker};

const SERVICE: &str = include_str!("../data/every-state.yaml");
const CODE: &str = "9100";

fn migrations() -> Vec<Migration> {
    [catalog::MIGRATIONS, applications::module().migrations].concat()
}

#[derive(Default)]
struct Known(Mutex<BTreeMap<SubjectId, Person>>);

#[async_trait]
impl People for Known {
    async fn person(&self, _: &Ctx, subject: SubjectId) -> Result<Option<Person>, PortError> {
        Ok(self.0.lock().unwrap().get(&subject).cloned())
    }
}

/// An instance with its catalogue, people and officials.
struct World {
    ctx: Ctx,
    clock: Arc<ManualClock>,
    shelf: Arc<Shelf>,
    people: Arc<Known>,
    worker: Worker,
    officer: Officer,
    _dir: tempfile::TempDir,
}

fn folder(yaml: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("test")).unwrap();
    std::fs::write(dir.path().join("test/9100.yaml"), yaml).unwrap();
    dir
}

type Run = fn(Ctx, storage::Delivery) -> std::pin::Pin<Box<dyn Future<Output = Result<(), storage::JobError>> + Send>>;

impl World {
    async fn start(db: storage::Db, yaml: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let blobs = storage::Blobs::open(dir.path(), [1; 32]).unwrap();
        let source = folder(yaml);
        let shelf = Arc::new(Shelf::load(Some(source.path()), &refdata::RefData::shared()).unwrap());
        let people = Arc::new(Known::default());
        let ports = Ports {
            catalog: shelf.clone(),
            people: people.clone(),
            cases: Arc::new(applications::CasesPort),
            ..Ports::nobody()
        };
        let (ctx, clock) = contracts::testing::ctx(db.clone(), blobs, ports, Settings::test());
        shelf.publish(&ctx).await.unwrap();
        assert!(shelf.problems().is_empty(), "{:?}", shelf.problems());
        let own = |topic, name, run: Run| {
            let ctx = ctx.clone();
            Subscriber::new(topic, name, move |delivery| run(ctx.clone(), delivery))
        };
        let worker = Worker::new(
            db,
            ctx.clock.clone(),
            ctx.rng.clone(),
            vec![
                own(CaseChanged::TOPIC, "applications.project", projections::project),
                own(InvoicePaid::TOPIC, "applications.invoice_paid", system::invoice_paid),
            ],
            Vec::new(),
        );
        let officer = Officer {
            staff: StaffId::new(ctx.now(), &*ctx.rng),
            name: "A. Aliyev".to_owned(),
            unit: UnitRef::parse("AV"),
            roles: vec![Role::Official, Role::Head, Role::Commission],
        };
        Self { ctx, clock, shelf, people, worker, officer, _dir: dir }
    }

    /// Another instance publishes; this one notices.
    async fn publish(&self, yaml: &str) -> VersionHash {
        self.clock.advance(jiff::SignedDuration::from_secs(1));
        let source = folder(yaml);
        let other = Shelf::load(Some(source.path()), &self.ctx.refdata).unwrap();
        let done = other.publish(&self.ctx).await.unwrap();
        assert_eq!((done.changed.len(), done.refused), (1, 0), "{:?}", other.problems());
        assert!(self.shelf.refresh(&self.ctx).await.unwrap());
        self.shelf.in_force(&self.ctx, CODE).await.unwrap().unwrap().version().clone()
    }

    fn person(&self) -> SubjectId {
        let subject = SubjectId::new(self.ctx.now(), &*self.ctx.rng);
        let mut people = self.people.0.lock().unwrap();
        let birth = Date::constant(1990, 5, 17);
        let serial = u16::try_from(people.len() + 1).unwrap();
        let person = Person {
            subject,
            pinfl: Pinfl::compose(birth, Sex::Female, 1, serial),
            passport: None,
            surname: "Karimova".to_owned(),
            name: "Nodira".to_owned(),
            patronymic: None,
            birth_date: Some(birth),
            citizenship: "UZ".to_owned(),
            phone: Phone::parse("+998901234567").ok(),
            email: None,
            lang: Lang::Uz,
            address: None,
            reliefs: Vec::new(),
        };
        people.insert(subject, person);
        subject
    }

    async fn form(&self, who: SubjectId) -> DraftId {
        let open = drafts::start(&self.ctx, who, CODE, Channel::Web).await.unwrap();
        for page in [1, 2] {
            drafts::save_page(&self.ctx, who, open.draft.id, page, &answers()).await.unwrap();
        }
        open.draft.id
    }

    async fn send(&self, who: SubjectId, draft: DraftId) -> Receipt {
        let submission = Submission { draft, confirmed: true, lang: Lang::Uz, key: None };
        let receipt = submit(&self.ctx, who, &submission).await.unwrap();
        self.worker.drain().await.unwrap();
        receipt
    }

    async fn pay(&self, subject: SubjectId, case: CaseId) {
        let invoice = InvoiceId::new(self.ctx.now(), &*self.ctx.rng);
        let (state, amount, at) = ("payment".to_owned(), Tiyin::from_som(37_080), self.ctx.now());
        let mut batch = Batch::new(subject);
        contracts::emit(&self.ctx, &mut batch, &InvoicePaid { subject, case, invoice, state, amount, at });
        self.ctx.db.commit(batch).await.unwrap();
        self.worker.drain().await.unwrap();
    }

    async fn take(&self, number: &str) -> i64 {
        let case = office::open(&self.ctx, &self.officer, number).await.unwrap().loaded.case;
        if matches!(case.stage, Stage::Work { officer: None, .. }) {
            office::take(&self.ctx, &self.officer, number, case.seq).await.unwrap();
            return case.seq + 1;
        }
        case.seq
    }

    async fn act(&self, number: &str, action: &str) {
        let seq = self.take(number).await;
        let (why, reason) = ("Aniqlang".to_owned(), if action == "refuse" { "incomplete" } else { "" });
        office::act(&self.ctx, &self.officer, number, seq, action, why, reason.to_owned(), Vec::new()).await.unwrap();
        self.worker.drain().await.unwrap();
    }

    async fn case(&self, who: SubjectId, case: CaseId) -> Case {
        load(&self.ctx, who, case).await.unwrap().case
    }

    /// A case of a new person, moved by an official's action; `None` = it waits for money, `Some("")` = it is in work.
    async fn filed(&self, action: Option<&str>) -> (SubjectId, Receipt) {
        let who = self.person();
        let draft = self.form(who).await;
        let receipt = self.send(who, draft).await;
        if let Some(action) = action {
            self.pay(who, receipt.case).await;
            if !action.is_empty() {
                self.act(&receipt.number, action).await;
            }
        }
        (who, receipt)
    }

    /// A case in every stage that a case can rest in.
    async fn cases(&self) -> Vec<(SubjectId, Receipt)> {
        let mut cases = Vec::new();
        let actions = ["", "to_tasks", "to_commission", "to_queue", "return", "approve", "refuse"];
        for action in std::iter::once(None).chain(actions.into_iter().map(Some)) {
            cases.push(self.filed(action).await);
        }
        let (who, receipt) = self.filed(Some("")).await;
        let seq = self.case(who, receipt.case).await.seq;
        citizen::withdraw(&self.ctx, who, receipt.case, seq).await.unwrap();
        cases.push((who, receipt));
        let (who, receipt) = self.filed(Some("refuse")).await;
        let seq = citizen::view(&self.ctx, who, receipt.case).await.unwrap().loaded.case.seq;
        citizen::appeal(&self.ctx, who, receipt.case, seq, "Norozi".to_owned()).await.unwrap();
        cases.push((who, receipt));
        self.worker.drain().await.unwrap();
        let mut stages = BTreeSet::new();
        for (who, receipt) in &cases {
            stages.insert(self.case(*who, receipt.case).await.stage.name());
        }
        let all = [
            "appeal",
            "approved",
            "commission",
            "payment",
            "queue",
            "refused",
            "returned",
            "tasks",
            "withdrawn",
            "work",
        ];
        assert_eq!(stages, BTreeSet::from(all), "cases stand in every stage");
        cases
    }
}

fn answers() -> Vec<(String, String)> {
    let fields =
        [("purpose", "work"), ("details", "Kerak"), ("copies", "2"), ("phone", "+998901234567"), ("consent", "on")];
    fields.map(|(field, value)| (field.to_owned(), value.to_owned())).to_vec()
}

fn said(answers: &definition::Answers, field: &str) -> serde_json::Value {
    answers.get(field).cloned().unwrap_or_default()
}

const WORDS: &str = "title: {uz: \"Sinov xizmati\"";
const COPIES: &str = "limits: {min: 1, max: 9}";

/// Another title.
fn cosmetic(yaml: &str) -> String {
    yaml.replacen(WORDS, "title: {uz: \"Yangi nom\"", 1)
}

/// More copies are allowed.
fn compatible(yaml: &str) -> String {
    yaml.replacen(COPIES, "limits: {min: 1, max: 99}", 1)
}

/// Fewer copies, another price, `details` is called `reason`, and a new question must be answered.
fn breaking(yaml: &str) -> String {
    let question = "      - id: urgent\n        type: bool\n        label: {uz: a, ru: a, en: a, kaa: a}\n";
    yaml.replacen(COPIES, "limits: {min: 1, max: 5}", 1)
        .replacen("amount: {bhm: 0.1}", "amount: {bhm: 0.2}", 1)
        .replacen("      - id: details", &format!("{question}      - id: reason"), 1)
        .split("\ntests:")
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[tokio::test]
async fn an_open_form_loses_no_answer_whatever_is_published() {
    storage::testing::each_backend(&migrations(), |db| async move {
        let world = World::start(db, SERVICE).await;
        let who = world.person();
        let draft = world.form(who).await;
        let before = drafts::get(&world.ctx, who, draft).await.unwrap();
        // Half an answer, that is wrong, too.
        let typed = [("copies".to_owned(), "ko‘p".to_owned()), ("details".to_owned(), "Kerak".to_owned())];
        let (_, wrong) = drafts::save_page(&world.ctx, who, draft, 1, &typed).await.unwrap();
        assert!(!wrong.is_empty());
        let typed = drafts::get(&world.ctx, who, draft).await.unwrap().draft.answers;
        let mut yaml = SERVICE.to_owned();
        for (change, applies) in [(cosmetic as fn(&str) -> String, true), (compatible, true), (breaking, true)] {
            yaml = change(&yaml);
            world.publish(&yaml).await;
            let now = drafts::get(&world.ctx, who, draft).await.unwrap();
            assert_eq!(now.draft.answers, typed, "every answer is there, also what is wrong");
            assert_eq!(now.draft.version, before.draft.version, "the form stays on its version");
            let title = now.definition.passport().title.uz.as_str();
            assert_eq!(
                title == "Yangi nom",
                applies,
                "words are those of the last version that differs in words alone"
            );
            assert!(now.definition.field("urgent").is_none() && now.definition.field("details").is_some());
        }
        for page in [1, 2] {
            let (_, errors) = drafts::save_page(&world.ctx, who, draft, page, &answers()).await.unwrap();
            assert!(errors.is_empty(), "{errors:?}");
        }
        let receipt = world.send(who, draft).await;
        let case = world.case(who, receipt.case).await;
        assert_eq!((said(&case.answers, "details"), said(&case.answers, "copies")), ("Kerak".into(), 2.into()));
        assert_eq!(case.submitted.total, Tiyin::from_som(37_080), "the price is the one that the form showed");
        // Who begins now gets the new form.
        let next = drafts::start(&world.ctx, world.person(), CODE, Channel::Web).await.unwrap();
        assert!(next.definition.field("urgent").is_some());
    })
    .await;
}

#[tokio::test]
async fn a_case_in_any_stage_goes_on_by_the_rules_it_began_with() {
    storage::testing::each_backend(&migrations(), |db| async move {
        let world = World::start(db, SERVICE).await;
        let cases = world.cases().await;
        let first = world.case(cases[0].0, cases[0].1.case).await.version;
        let mut before = Vec::new();
        for (who, receipt) in &cases {
            before.push(world.case(*who, receipt.case).await);
        }
        world.publish(&cosmetic(SERVICE)).await;
        world.publish(&breaking(&cosmetic(SERVICE))).await;
        for ((who, receipt), was) in cases.iter().zip(&before) {
            let now = load(&world.ctx, *who, receipt.case).await.unwrap();
            assert_eq!(now.case, *was, "a publication touches no case");
            assert_eq!(now.definition.passport().title.uz, "Yangi nom", "new words at once: {}", was.stage.name());
            assert!(now.definition.field("urgent").is_none(), "{}", was.stage.name());
        }
        // Each goes on where it stands.
        for ((who, receipt), was) in cases.iter().zip(before) {
            match was.stage.name() {
                "payment" => world.pay(*who, receipt.case).await,
                "work" => world.act(&receipt.number, "approve").await,
                "returned" => {
                    let fields = answers();
                    citizen::correct(&world.ctx, *who, receipt.case, was.seq, &fields, &BTreeMap::new(), String::new())
                        .await
                        .unwrap();
                }
                "tasks" | "commission" | "queue" => {
                    citizen::withdraw(&world.ctx, *who, receipt.case, was.seq).await.unwrap();
                }
                "appeal" => {
                    let head = &world.officer;
                    office::take(&world.ctx, head, &receipt.number, was.seq).await.unwrap();
                    let seq = was.seq + 1;
                    office::decide_appeal(&world.ctx, head, &receipt.number, seq, true, "Asosli".to_owned())
                        .await
                        .unwrap();
                }
                // A withdrawn case has come to its end: it is only looked at.
                "withdrawn" => continue,
                "approved" | "refused" => {
                    citizen::rate(&world.ctx, *who, receipt.case, was.seq, 5, String::new(), BTreeMap::new())
                        .await
                        .unwrap();
                }
                other => panic!("{other}"),
            }
            let now = world.case(*who, receipt.case).await;
            assert!(now.seq > was.seq && now.version == first, "{}: still on its version", was.stage.name());
        }
    })
    .await;
}

#[tokio::test]
async fn a_compatible_version_is_applied_when_the_case_is_next_returned() {
    storage::testing::each_backend(&migrations(), |db| async move {
        let world = World::start(db, SERVICE).await;
        let (who, receipt) = world.filed(Some("")).await;
        let (other, waiting) = world.filed(Some("return")).await;
        let later = world.publish(&compatible(SERVICE)).await;
        let unreturned = world.case(who, receipt.case).await;
        assert_ne!(unreturned.version, later, "not before it is returned");
        world.act(&receipt.number, "return").await;
        let returned = load(&world.ctx, who, receipt.case).await.unwrap();
        assert_eq!(returned.case.version, later);
        assert_eq!(returned.case.answers, unreturned.answers, "no answer is lost");
        let mut fields = answers();
        fields[2].1 = "50".to_owned();
        let seq = returned.case.seq;
        citizen::correct(&world.ctx, who, receipt.case, seq, &fields, &BTreeMap::new(), String::new()).await.unwrap();
        world.worker.drain().await.unwrap();
        assert_eq!(said(&world.case(who, receipt.case).await.answers, "copies"), 50);
        world.act(&receipt.number, "approve").await;
        // What was returned before the publication is answered on the form that the applicant has open.
        let seq = world.case(other, waiting.case).await.seq;
        let sent =
            citizen::correct(&world.ctx, other, waiting.case, seq, &fields, &BTreeMap::new(), String::new()).await;
        assert!(matches!(sent, Err(applications::service::Error::Invalid(_))), "50 copies are too many there");
    })
    .await;
}

#[tokio::test]
async fn a_breaking_version_is_applied_only_with_a_migration_and_carries_the_answers_over() {
    storage::testing::each_backend(&migrations(), |db| async move {
        let world = World::start(db, SERVICE).await;
        let (who, pinned) = world.filed(Some("")).await;
        let (moved, goes_on) = world.filed(Some("")).await;
        let first = world.publish(&breaking(SERVICE)).await;
        world.act(&pinned.number, "return").await;
        let stays = load(&world.ctx, who, pinned.case).await.unwrap();
        assert_ne!(stays.case.version, first, "without a migration it stays");
        assert!(stays.definition.field("details").is_some());
        let entry = "\nmigrations:\n  - from: any\n    rename: {details: reason}\n    set: {urgent: \"copies > 1\"}\n";
        let later = world.publish(&format!("{}{entry}", breaking(SERVICE))).await;
        world.act(&goes_on.number, "return").await;
        let upgraded = load(&world.ctx, moved, goes_on.case).await.unwrap();
        assert_eq!(upgraded.case.version, later);
        let answers = &upgraded.case.answers;
        assert_eq!(said(answers, "reason"), "Kerak");
        assert_eq!((said(answers, "urgent"), said(answers, "copies")), (true.into(), 2.into()));
        assert!(!answers.contains_key("details"));
        assert_eq!(said(&upgraded.case.submitted.answers, "details"), "Kerak", "what was sent stays in the history");
        // The chain of the case holds, and it can be sent again and decided.
        let fields = [
            ("purpose", "work"),
            ("reason", "Kerak"),
            ("urgent", "on"),
            ("copies", "2"),
            ("phone", "+998901234567"),
            ("consent", "on"),
        ];
        let fields = fields.map(|(field, value)| (field.to_owned(), value.to_owned()));
        let seq = upgraded.case.seq;
        citizen::correct(&world.ctx, moved, goes_on.case, seq, &fields, &BTreeMap::new(), String::new()).await.unwrap();
        world.worker.drain().await.unwrap();
        world.act(&goes_on.number, "approve").await;
        assert_eq!(world.case(moved, goes_on.case).await.stage.name(), "approved");
    })
    .await;
}

#[test]
fn the_test_service_is_sound() {
    let refdata = refdata::RefData::shared();
    for yaml in [SERVICE.to_owned(), cosmetic(SERVICE), compatible(SERVICE), breaking(SERVICE)] {
        let compiled = definition::compile(&yaml, "9100.yaml", &refdata).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        assert_eq!(compiled.run_golden(&refdata), Vec::<String>::new());
        assert_ne!(yaml.len(), 0);
    }
    assert!(cosmetic(SERVICE) != SERVICE && compatible(SERVICE) != SERVICE && breaking(SERVICE) != SERVICE);
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/every-state.yaml").exists());
}
