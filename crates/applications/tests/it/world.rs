//! A world for whole cases: the real definitions, invented people, registers that can be away.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use applications::domain::case::Case;
use applications::service::office::Officer;
use applications::service::submit::{Submission, submit};
use applications::service::{
    CaseChanged, EvidenceErased, Receipt, TermWake, Wake, drafts, files, office, projections, retention, system, terms,
};
use applications::store;
use async_trait::async_trait;
use contracts::applications::{CaseDecided, CaseSubmitted, DocumentsOrdered, PaymentDue};
use contracts::catalog::Catalog;
use contracts::identity::{People, Person, Sessions};
use contracts::mandates::{Deed, Grantor, Held, MandateRefused, Mandates};
use contracts::notifications::NoticeRequested;
use contracts::payments::{CreditView, InvoiceExpired, InvoicePaid, InvoiceView, Invoices};
use contracts::registries::{Answer, Query, RegisterError, Registers};
use contracts::testing::ctx;
use contracts::{Assurance, Channel, Ctx, Event, PortError, Ports, Principal, Role, Settings, UnitRef, Who};
use definition::{Definition, VersionHash};
use jiff::SignedDuration;
use kernel::clock::{Date, ManualClock};
use kernel::id::{AccountId, CaseId, DraftId, InvoiceId, SessionId, StaffId, SubjectId};
use kernel::lang::{Lang, Text};
use kernel::money::Tiyin;
use kernel::person::{Passport, Phone, Pinfl, Sex, Soato, Stir};
use storage::{Batch, Subscriber, Worker};

/// Everything that is around the applications.
pub struct World {
    pub ctx: Ctx,
    pub clock: Arc<ManualClock>,
    worker: Worker,
    state: Arc<State>,
    told: Arc<Mutex<Vec<(String, String)>>>,
    pub nodira: SubjectId,
    pub alisher: SubjectId,
    dir: tempfile::TempDir,
}

#[derive(Default)]
struct State {
    /// Code → text; compiled when first asked for, because a test needs few of them.
    files: BTreeMap<String, String>,
    definitions: Mutex<BTreeMap<String, Arc<Definition>>>,
    people: Mutex<BTreeMap<SubjectId, Person>>,
    away: Mutex<Vec<String>>,
    /// What payments say of every case.
    invoices: Mutex<Vec<InvoiceView>>,
    /// Mandates that everybody holds, and what is said when an application is to be counted.
    mandates: Mutex<Vec<(Held, Result<(), MandateRefused>)>>,
    /// What registers say instead of the usual.
    say: Mutex<BTreeMap<String, serde_json::Value>>,
}

impl State {
    fn definition(&self, code: &str) -> Option<Arc<Definition>> {
        let text = self.files.get(code)?;
        let mut known = self.definitions.lock().unwrap();
        let definition = known.entry(code.to_owned()).or_insert_with(|| {
            let compiled = definition::compile(text, code, &refdata::RefData::shared());
            Arc::new(compiled.unwrap_or_else(|errors| panic!("{errors:?}")))
        });
        Some(definition.clone())
    }
}

struct Fake(Arc<State>);

#[async_trait]
impl Catalog for Fake {
    async fn current(&self, _: &Ctx, code: &str) -> Result<Option<Arc<Definition>>, PortError> {
        Ok(self.0.definition(code))
    }

    async fn version(&self, _: &Ctx, hash: &VersionHash) -> Result<Option<Arc<Definition>>, PortError> {
        Ok(self.0.definitions.lock().unwrap().values().find(|definition| definition.version() == hash).cloned())
    }

    async fn all(&self, _: &Ctx) -> Result<Vec<Arc<Definition>>, PortError> {
        Ok(self.0.files.keys().filter_map(|code| self.0.definition(code)).collect())
    }
}

#[async_trait]
impl People for Fake {
    async fn person(&self, _: &Ctx, subject: SubjectId) -> Result<Option<Person>, PortError> {
        Ok(self.0.people.lock().unwrap().get(&subject).cloned())
    }
}

/// Whoever has the token `citizen` is Nodira; `official` works cases in her district, `head` heads the agency.
#[async_trait]
impl Sessions for Fake {
    async fn principal(&self, _: &Ctx, token: &str) -> Result<Option<Principal>, PortError> {
        let official = |area: &str, role: Role| Who::Official {
            staff: StaffId::from_uuid(uuid::Uuid::from_u128(0x0F)),
            unit: UnitRef::new("AV", area),
            roles: vec![role],
        };
        let people = self.0.people.lock().unwrap();
        let who = match token {
            "citizen" => people.values().find(|p| p.name == "Nodira").map(|p| Who::Citizen { subject: p.subject }),
            "official" => Some(official("1726266", Role::Official)),
            "head" => Some(official("1726", Role::Head)),
            _ => None,
        };
        Ok(who.map(|who| Principal {
            account: AccountId::from_uuid(uuid::Uuid::nil()),
            session: SessionId::from_uuid(uuid::Uuid::nil()),
            who,
            display_name: "Karimova Nodira".to_owned(),
            assurance: Assurance::Otp,
            channel: Channel::Web,
        }))
    }
}

#[async_trait]
impl Invoices for Fake {
    async fn for_case(&self, _: &Ctx, _: SubjectId, _: CaseId) -> Result<Vec<InvoiceView>, PortError> {
        Ok(self.0.invoices.lock().unwrap().clone())
    }

    async fn credit(&self, _: &Ctx, _: SubjectId, _: &str, _: Tiyin) -> Result<Option<CreditView>, PortError> {
        Ok(None)
    }
}

#[async_trait]
impl Registers for Fake {
    async fn fetch(&self, ctx: &Ctx, query: &Query) -> Result<Answer, RegisterError> {
        if self.0.away.lock().unwrap().contains(&query.register) {
            return Err(RegisterError::Unavailable(query.register.clone()));
        }
        if let Some(data) = self.0.say.lock().unwrap().get(&query.register).cloned() {
            if data["found"] == false {
                return Err(RegisterError::NotFound(query.register.clone()));
            }
            return Ok(Answer { source: Text::uz("Namuna reyestri"), as_of: ctx.now(), data });
        }
        let person = query.subject.and_then(|subject| self.0.people.lock().unwrap().get(&subject).cloned());
        let Some(person) = person else { return Err(RegisterError::NotFound(query.register.clone())) };
        let birth = |record: &str, name: &str, date: &str| {
            serde_json::json!({
                "record": record, "record_date": "2023-04-10", "office": "Yunusobod tumani FHDY bo‘limi",
                "surname": "Karimov", "name": name, "patronymic": "Akmalovich", "birth_date": date,
                "birth_place": "Toshkent shahri", "father": "Karimov Akmal", "mother": "Karimova Nodira",
            })
        };
        let data = match query.register.as_str() {
            "population" => serde_json::json!({
                "pinfl": person.pinfl.map(|pinfl| pinfl.as_str().to_owned()), "surname": person.surname,
                "name": person.name, "birth_date": person.birth_date.map(|date| date.to_string()),
                "citizenship": "UZ", "passport": "AD1234567", "sex": "f",
            }),
            "civil_acts" => serde_json::json!({
                "births": [birth("512", "Sardor", "2023-04-01"), birth("97", "Nodira", "1990-05-17")],
                "name_changes": [],
            }),
            "travel_ban" => serde_json::json!({"banned": false, "bans": []}),
            _ => return Err(RegisterError::NotFound(query.register.clone())),
        };
        Ok(Answer { source: Text::uz("Namuna reyestri"), as_of: ctx.now(), data })
    }
}

/// Whoever asks holds what [`World::mandate`] says.
#[async_trait]
impl Mandates for Fake {
    async fn held(&self, _: &Ctx, _: &Person, _: &str, _: &str) -> Result<Vec<Held>, PortError> {
        Ok(self.0.mandates.lock().unwrap().iter().map(|(held, _)| held.clone()).collect())
    }

    async fn everybody(&self, ctx: &Ctx, person: &Person) -> Result<Vec<Held>, PortError> {
        self.held(ctx, person, "", "").await
    }

    async fn by_number(
        &self,
        _: &Ctx,
        _: &Person,
        number: &str,
        _: &str,
        _: &str,
    ) -> Result<Result<Held, MandateRefused>, PortError> {
        let held = self.0.mandates.lock().unwrap();
        Ok(held
            .iter()
            .find(|(held, _)| held.number == number)
            .map(|(held, _)| held.clone())
            .ok_or(MandateRefused::None))
    }

    async fn spend(
        &self,
        _: &Ctx,
        _: &Person,
        number: &str,
        deed: &Deed,
    ) -> Result<Result<(), MandateRefused>, PortError> {
        assert!(deed.amount > Tiyin::ZERO && !deed.group.is_empty(), "what is to be paid is told");
        let held = self.0.mandates.lock().unwrap();
        Ok(held.iter().find(|(held, _)| held.number == number).map_or(Err(MandateRefused::None), |(_, answer)| *answer))
    }

    async fn may_see(&self, _: &Ctx, _: &Person, stir: &Stir) -> Result<Option<String>, PortError> {
        let held = self.0.mandates.lock().unwrap();
        Ok(held.iter().find_map(|(held, _)| match &held.grantor {
            Grantor::Organisation { stir: of, name } if of == stir => Some(name.clone()),
            _ => None,
        }))
    }
}

fn definition_files() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../services");
    let mut out = BTreeMap::new();
    for group in std::fs::read_dir(root).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        for file in std::fs::read_dir(group.path()).unwrap().flatten() {
            let code = file.path().file_stem().unwrap().to_string_lossy().into_owned();
            out.insert(code, std::fs::read_to_string(file.path()).unwrap());
        }
    }
    // The service that exists only in tests, with every type of field.
    let text = include_str!("../../../definition/tests/data/good/every_type.yaml");
    out.insert("T1".to_owned(), text.to_owned());
    out.extend(crate::fixtures::all());
    out
}

/// Fields as a browser posts them.
pub fn post(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl World {
    pub fn new(db: storage::Db) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let blobs = storage::Blobs::open(dir.path(), [1; 32]).unwrap();
        let state = Arc::new(State { files: definition_files(), ..State::default() });
        let fake = Arc::new(Fake(state.clone()));
        let ports = Ports {
            catalog: fake.clone(),
            people: fake.clone(),
            sessions: fake.clone(),
            invoices: fake.clone(),
            mandates: fake.clone(),
            registers: fake,
            cases: Arc::new(applications::CasesPort),
            ..Ports::nobody()
        };
        let (ctx, clock) = ctx(db.clone(), blobs, ports, Settings::test());
        let person = |name: &str, year: i16, serial: u16| {
            let subject = SubjectId::new(ctx.now(), &*ctx.rng);
            let birth = Date::constant(year, 5, 17);
            let person = Person {
                subject,
                pinfl: Pinfl::compose(birth, Sex::Female, 1, serial),
                passport: Passport::parse("AD1234567").ok(),
                surname: "Karimova".to_owned(),
                name: name.to_owned(),
                patronymic: Some("Baxtiyorovna".to_owned()),
                birth_date: Some(birth),
                citizenship: "UZ".to_owned(),
                phone: Phone::parse("+998901234567").ok(),
                email: None,
                lang: Lang::Uz,
                address: Soato::parse("1726266").ok(),
                reliefs: Vec::new(),
            };
            state.people.lock().unwrap().insert(subject, person);
            subject
        };
        let nodira = person("Nodira", 1990, 1);
        let alisher = person("Alisher", 2004, 2);
        let told: Arc<Mutex<Vec<(String, String)>>> = Arc::default();
        let ear = |topic: &'static str, name: &'static str| {
            let told = told.clone();
            Subscriber::new(topic, name, move |delivery| {
                let told = told.clone();
                async move {
                    told.lock().unwrap().push((delivery.topic, delivery.payload));
                    Ok(())
                }
            })
        };
        let own = |topic, name, run: Run| {
            let ctx = ctx.clone();
            Subscriber::new(topic, name, move |delivery| run(ctx.clone(), delivery))
        };
        let worker = Worker::new(
            db,
            clock.clone(),
            ctx.rng.clone(),
            vec![
                own(CaseChanged::TOPIC, "applications.project", projections::project),
                own(InvoicePaid::TOPIC, "applications.invoice_paid", system::invoice_paid),
                own(InvoiceExpired::TOPIC, "applications.invoice_expired", system::invoice_expired),
                own(Wake::TOPIC, "applications.wake", system::woken),
                own(TermWake::TOPIC, "applications.term", terms::woken),
                own(EvidenceErased::TOPIC, "applications.delete_evidence", retention::delete_evidence),
                ear(NoticeRequested::TOPIC, "test.notice"),
                ear(DocumentsOrdered::TOPIC, "test.ordered"),
                ear(CaseSubmitted::TOPIC, "test.submitted"),
                ear(PaymentDue::TOPIC, "test.payment"),
                ear(CaseDecided::TOPIC, "test.decided"),
            ],
            Vec::new(),
        );
        Self { ctx, clock, worker, state, told, nodira, alisher, dir }
    }

    /// The folder of the store of files.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What payments say of every case from now on.
    pub fn bill(&self, invoice: InvoiceView) {
        self.state.invoices.lock().unwrap().push(invoice);
    }

    /// Lets everything that is due happen.
    pub async fn drain(&self) {
        self.worker.drain().await.unwrap();
    }

    pub fn days(&self, days: i64) {
        self.clock.advance(SignedDuration::from_hours(24 * days));
    }

    /// What a register says instead of the usual, of everybody.
    pub fn say(&self, register: &str, record: serde_json::Value) {
        self.state.say.lock().unwrap().insert(register.to_owned(), record);
    }

    /// Templates of the notices to people so far.
    pub fn notices(&self) -> Vec<String> {
        let notices = self.told(NoticeRequested::TOPIC);
        notices.iter().map(|text| serde_json::from_str::<NoticeRequested>(text).unwrap().template).collect()
    }

    pub fn minutes(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }

    pub fn definition(&self, code: &str) -> Arc<Definition> {
        self.state.definition(code).unwrap()
    }

    /// The only mandate that anybody holds from now on; `None` = nobody holds one.
    pub fn mandate(&self, held: Option<(Held, Result<(), MandateRefused>)>) {
        *self.state.mandates.lock().unwrap() = held.into_iter().collect();
    }

    /// What a register says from now on, instead of the usual.
    pub fn says(&self, register: &str, record: serde_json::Value) {
        self.state.say.lock().unwrap().insert(register.to_owned(), record);
    }

    pub fn away(&self, register: &str, away: bool) {
        let mut list = self.state.away.lock().unwrap();
        list.retain(|name| name != register);
        if away {
            list.push(register.to_owned());
        }
    }

    /// Payloads of a topic that others were told.
    pub fn told(&self, topic: &str) -> Vec<String> {
        let told = self.told.lock().unwrap();
        told.iter().filter(|(t, _)| t == topic).map(|(_, payload)| payload.clone()).collect()
    }

    pub fn last<E: Event>(&self, topic: &str) -> E {
        serde_json::from_str(self.told(topic).last().expect("such an event")).unwrap()
    }

    pub fn officer(&self, unit: &str, roles: &[Role]) -> Officer {
        Officer {
            staff: StaffId::new(self.ctx.now(), &*self.ctx.rng),
            name: "A. Aliyev".to_owned(),
            unit: UnitRef::parse(unit),
            roles: roles.to_vec(),
        }
    }

    pub async fn draft(&self, subject: SubjectId, service: &str, answers: &[(String, String)]) -> DraftId {
        let open = drafts::start(&self.ctx, subject, service, Channel::Web).await.unwrap();
        for page in 1..=open.definition.pages().len() {
            let page = u32::try_from(page).unwrap();
            let (_, errors) = drafts::save_page(&self.ctx, subject, open.draft.id, page, answers).await.unwrap();
            assert!(errors.is_empty(), "{errors:?}");
        }
        open.draft.id
    }

    pub async fn file(&self, subject: SubjectId, service: &str, answers: &[(String, String)]) -> Receipt {
        let draft = self.draft(subject, service, answers).await;
        let submission = Submission { draft, confirmed: true, lang: Lang::Uz, key: None };
        submit(&self.ctx, subject, &submission).await.unwrap()
    }

    /// Files an application with the answers and registers of the definition's first golden case.
    pub async fn file_golden(&self, subject: SubjectId, service: &str) -> Receipt {
        let definition = self.state.definition(service).unwrap();
        let golden = definition.golden_cases()[0].clone();
        let facts = definition.golden_facts(&golden).unwrap();
        *self.state.say.lock().unwrap() = (*facts.registers).clone();
        let offered = &definition.access().channels;
        let channel = if offered.contains(&definition::Channel::Web) { Channel::Web } else { Channel::Dxm };
        let open = drafts::start(&self.ctx, subject, service, channel).await.unwrap();
        let mut answers: serde_json::Map<_, _> = golden.answers.clone().into_iter().collect();
        if open.definition.field("phone").is_some() {
            answers.insert("phone".to_owned(), serde_json::json!("+998901234567"));
        }
        if open.definition.field("email").is_some() {
            answers.entry("email").or_insert_with(|| serde_json::json!("namuna@example.uz"));
        }
        let is_file =
            |id: &str| open.definition.field(id).is_some_and(|(_, field)| field.kind == definition::FieldType::File);
        let evidence: Vec<(String, usize)> = answers
            .iter()
            .filter(|(id, _)| is_file(id))
            .map(|(id, files)| (id.clone(), files.as_array().map_or(1, Vec::len)))
            .collect();
        answers.retain(|id, _| !is_file(id));
        drafts::save_json(&self.ctx, subject, open.draft.id, &answers, None).await.unwrap();
        for (field, count) in evidence {
            for n in 0..count {
                let name = format!("hujjat{n}.pdf");
                files::upload(&self.ctx, subject, open.draft.id, &field, &name, b"%PDF-1.7").await.unwrap();
            }
        }
        let submission = Submission { draft: open.draft.id, confirmed: true, lang: Lang::Uz, key: None };
        let receipt = submit(&self.ctx, subject, &submission).await.unwrap();
        self.drain().await;
        receipt
    }

    /// A new person as the first golden case of a service describes one.
    pub fn person_of(&self, service: &str) -> SubjectId {
        let definition = self.state.definition(service).unwrap();
        let facts = definition.golden_facts(&definition.golden_cases()[0]).unwrap().person;
        let mut people = self.state.people.lock().unwrap();
        let mut person = people[&self.nodira].clone();
        person.subject = SubjectId::new(self.ctx.now(), &*self.ctx.rng);
        person.birth_date = facts.birth_date.or(person.birth_date);
        person.citizenship = facts.citizenship.unwrap_or(person.citizenship);
        person.reliefs = facts.reliefs;
        person.address = facts.region.or(person.address);
        person.pinfl = facts.pinfl.or(person.pinfl);
        let subject = person.subject;
        people.insert(subject, person);
        subject
    }

    /// The official takes the case and acts.
    pub async fn act(&self, officer: &Officer, number: &str, action: &str) {
        let seq = self.take(officer, number).await;
        let (comment, reason) = ("Asosli".to_owned(), String::new());
        office::act(&self.ctx, officer, number, seq, action, comment, reason, Vec::new()).await.unwrap();
        self.drain().await;
    }

    pub async fn case(&self, subject: SubjectId, case: CaseId) -> Case {
        store::case(&self.ctx.db, subject, case).await.unwrap().expect("the case is stored").0
    }

    pub async fn officer_of(&self, subject: SubjectId, case: CaseId) -> Option<StaffId> {
        self.case(subject, case).await.stage.officer().map(|officer| officer.staff)
    }

    /// What payments would tell after the bank.
    pub async fn pay(&self, subject: SubjectId, case: CaseId) {
        self.pay_in(subject, case, "payment").await;
    }

    pub async fn pay_in(&self, subject: SubjectId, case: CaseId, state: &str) {
        let invoice = InvoiceId::new(self.ctx.now(), &*self.ctx.rng);
        let paid = InvoicePaid {
            subject,
            case,
            invoice,
            state: state.to_owned(),
            amount: Tiyin::from_som(18_540),
            at: self.ctx.now(),
        };
        let mut batch = Batch::new(subject);
        contracts::emit(&self.ctx, &mut batch, &paid);
        self.ctx.db.commit(batch).await.unwrap();
        self.drain().await;
    }

    pub async fn expire(&self, subject: SubjectId, case: CaseId) {
        let invoice = InvoiceId::new(self.ctx.now(), &*self.ctx.rng);
        let expired = InvoiceExpired { subject, case, invoice, state: "payment".to_owned(), at: self.ctx.now() };
        let mut batch = Batch::new(subject);
        contracts::emit(&self.ctx, &mut batch, &expired);
        self.ctx.db.commit(batch).await.unwrap();
        self.drain().await;
    }

    /// The official takes the case; gives the version after that.
    pub async fn take(&self, officer: &Officer, number: &str) -> i64 {
        self.drain().await;
        let seq = office::open(&self.ctx, officer, number).await.unwrap().loaded.case.seq;
        office::take(&self.ctx, officer, number, seq).await.unwrap();
        seq + 1
    }
}

type Run = fn(Ctx, storage::Delivery) -> futures_util::future::BoxFuture<'static, Result<(), storage::JobError>>;
