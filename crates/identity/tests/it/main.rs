//! Identity on both databases: opening a cabinet, signing in, being held up, sessions.

mod factors;
mod mandates;
mod pages;
mod staffing;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use contracts::notifications::{CodeRequested, NoticeRequested};
use contracts::registries::{Answer, Query, RegisterError, Registers};
use contracts::testing::ctx;
use contracts::{Assurance, Channel, Ctx, Event, Ports, Principal, Role, Settings, UnitRef, Who};
use identity::domain::registration::{Typed, read};
use identity::service::locks::Outcome;
use identity::service::{
    self, Answer as CodeAnswer, Changed, Finished, NewPerson, NewStaff, Origin, Resent, SignIn, Started,
};
use jiff::SignedDuration;
use kernel::clock::ManualClock;
use kernel::id::SubjectId;
use kernel::lang::{Lang, Text};
use storage::testing::each_backend;
use storage::{Subscriber, Worker};

const PINFL: &str = "41404910261017";
const PASSPORT: &str = "AD0000001";
const PHONE: &str = "+998900000001";
const PASSWORD: &str = "yashil choynak";

/// Knows one person, and falls silent when told to.
struct Population {
    away: Mutex<bool>,
    /// Roles in organisations: PINFL, STIR, name, role.
    seats: Mutex<Vec<[&'static str; 4]>>,
}

#[async_trait]
impl Registers for Population {
    async fn fetch(&self, ctx: &Ctx, query: &Query) -> Result<Answer, RegisterError> {
        if *self.away.lock().unwrap() {
            return Err(RegisterError::Unavailable(query.register.clone()));
        }
        let data = match query.register.as_str() {
            "population" if query.pinfl.as_ref().is_some_and(|pinfl| pinfl.as_str() == PINFL) => serde_json::json!({
                "pinfl": PINFL, "surname": "Karimova", "name": "Dilnoza", "patronymic": "Rustam qizi",
                "birth_date": "1991-04-14", "sex": "f", "citizenship": "UZ", "passport": PASSPORT,
                "social_register": true, "children": [],
            }),
            "tax" => {
                let seats = self.seats.lock().unwrap();
                let own = seats.iter().filter(|seat| query.pinfl.as_ref().is_some_and(|p| p.as_str() == seat[0]));
                let rows: Vec<_> = own
                    .map(|[_, stir, name, role]| serde_json::json!({"stir": stir, "name": name, "role": role}))
                    .collect();
                serde_json::json!({ "organisations": rows })
            }
            "address" => serde_json::json!({"region": "1726", "district": "1726266"}),
            _ => return Err(RegisterError::NotFound(query.register.clone())),
        };
        Ok(Answer { source: Text::uz("Aholi reyestri"), as_of: ctx.now(), data })
    }
}

/// A world with identity at home, codes caught before they are sent, and a clock that can be moved.
struct World {
    ctx: Ctx,
    clock: Arc<ManualClock>,
    register: Arc<Population>,
    worker: Worker,
    codes: Arc<Mutex<Vec<CodeRequested>>>,
    notices: Arc<Mutex<Vec<NoticeRequested>>>,
    _dir: tempfile::TempDir,
}

impl World {
    fn new(db: storage::Db) -> Self {
        Self::with(db, &[])
    }

    /// A world with settings of its own.
    fn with(db: storage::Db, settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let blobs = storage::Blobs::open(dir.path(), [1; 32]).unwrap();
        let register = Arc::new(Population { away: Mutex::new(false), seats: Mutex::default() });
        let port = Arc::new(identity::Port);
        let ports = Ports {
            sessions: port.clone(),
            people: port.clone(),
            mandates: port.clone(),
            staff: port,
            registers: register.clone(),
            ..Ports::nobody()
        };
        let values = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let settings = Settings { values: Arc::new(values), ..Settings::test() };
        let (ctx, clock) = ctx(db.clone(), blobs, ports, settings);
        let codes: Arc<Mutex<Vec<CodeRequested>>> = Arc::default();
        let notices: Arc<Mutex<Vec<NoticeRequested>>> = Arc::default();
        let caught = (codes.clone(), notices.clone());
        let worker = Worker::new(
            db,
            clock.clone(),
            ctx.rng.clone(),
            vec![
                Subscriber::new(CodeRequested::TOPIC, "test.codes", move |delivery| {
                    let codes = caught.0.clone();
                    async move {
                        codes.lock().unwrap().push(contracts::decode(&delivery)?);
                        Ok(())
                    }
                }),
                Subscriber::new(NoticeRequested::TOPIC, "test.notices", move |delivery| {
                    let notices = caught.1.clone();
                    async move {
                        notices.lock().unwrap().push(contracts::decode(&delivery)?);
                        Ok(())
                    }
                }),
            ],
            Vec::new(),
        );
        Self { ctx, clock, register, worker, codes, notices, _dir: dir }
    }

    async fn last_code(&self) -> String {
        self.worker.drain().await.unwrap();
        self.codes.lock().unwrap().last().expect("a code was sent").code.clone()
    }

    async fn codes_sent(&self) -> usize {
        self.worker.drain().await.unwrap();
        self.codes.lock().unwrap().len()
    }

    fn wait(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    async fn person(&self) -> SubjectId {
        service::create_person(&self.ctx, &person()).await.unwrap()
    }

    async fn principal(&self, token: &str) -> Option<Principal> {
        self.ctx.ports.sessions.principal(&self.ctx, token).await.unwrap()
    }

    /// Signs in with password and code on a new device and lets it be remembered.
    async fn sign_in_and_remember(&self, from: &Origin) -> (String, String) {
        let SignIn::Code { flow, .. } = service::sign_in(&self.ctx, PINFL, PASSWORD, from).await.unwrap() else {
            panic!("a new device is asked for a code")
        };
        let code = self.last_code().await;
        match service::answer_code(&self.ctx, &flow, &code, from, true).await.unwrap() {
            CodeAnswer::SignedIn { session, device: Some(device), staff: false } => (session, device),
            other => panic!("{other:?}"),
        }
    }
}

fn person() -> NewPerson {
    NewPerson {
        pinfl: Some(PINFL.into()),
        passport: PASSPORT.into(),
        surname: "Karimova".into(),
        name: "Dilnoza".into(),
        patronymic: Some("Rustam qizi".into()),
        birth_date: Some("1991-04-14".parse().unwrap()),
        citizenship: "UZ".into(),
        phone: PHONE.into(),
        email: Some("dilnoza@namuna.example".into()),
        lang: Lang::Uz,
        address: Some("1726266".into()),
        reliefs: Vec::new(),
        password: PASSWORD.into(),
    }
}

fn from(address: &str) -> Origin {
    Origin {
        device: None,
        address: address.into(),
        user_agent: "Mozilla/5.0 (Windows NT 10.0) Firefox/130.0".into(),
        channel: Channel::Web,
    }
}

fn on_device(address: &str, device: &str) -> Origin {
    Origin { device: Some(device.into()), ..from(address) }
}

fn typed() -> Typed {
    Typed {
        kind: "citizen".into(),
        pinfl: "4140491 0261017".into(),
        passport: "ad 0000001".into(),
        phone: "90 000 00 01".into(),
        ..Typed::default()
    }
}

async fn start(w: &World, typed: &Typed) -> Started {
    let applicant = read(typed, w.ctx.today()).unwrap();
    service::start(&w.ctx, &applicant, Lang::Uz, &from("10.0.0.1")).await.unwrap()
}

async fn proved_flow(w: &World, typed: &Typed) -> String {
    let Started::Code { flow } = start(w, typed).await else { panic!("no code was sent") };
    let code = w.last_code().await;
    let answer = service::answer_code(&w.ctx, &flow, &code, &from("10.0.0.1"), true).await.unwrap();
    assert_eq!(answer, CodeAnswer::Proved);
    flow
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each_backend(identity::MIGRATIONS, |db| async move {
        assert_eq!(storage::testing::prepare_all(&db).await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_citizen_opens_a_cabinet_and_the_register_tells_the_name() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let flow = proved_flow(&w, &typed()).await;
        let name = service::candidate_name(&w.ctx, &flow).await.unwrap();
        assert_eq!(name, Some(("Karimova Dilnoza".to_owned(), false)));
        let origin = from("10.0.0.1");
        let weak = service::finish(&w.ctx, &flow, "12345678", None, &origin).await.unwrap();
        assert!(matches!(weak, Finished::Weak(_)), "{weak:?}");
        let done = service::finish(&w.ctx, &flow, PASSWORD, None, &origin).await.unwrap();
        let Finished::Done { session, subject, .. } = done else { panic!("{done:?}") };
        let principal = w.principal(&session).await.unwrap();
        assert_eq!(principal.who, Who::Citizen { subject });
        assert_eq!(principal.display_name, "Karimova Dilnoza Rustam qizi");
        assert_eq!(principal.assurance, Assurance::Otp);
        let person = w.ctx.ports.people.person(&w.ctx, subject).await.unwrap().unwrap();
        assert_eq!(person.reliefs, ["social_register"]);
        assert_eq!(person.address.unwrap().as_str(), "1726266");
        // The button pressed twice makes no second cabinet.
        assert_eq!(service::finish(&w.ctx, &flow, PASSWORD, None, &origin).await.unwrap(), Finished::Gone);
        w.worker.drain().await.unwrap();
        assert_eq!(w.notices.lock().unwrap().iter().filter(|n| n.template == "welcome").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn second_cabinet_of_the_same_person_is_refused_and_only_after_the_phone_is_proved() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        // Another phone, so that the PINFL alone is what is taken.
        let flow = proved_flow(&w, &Typed { phone: "+998900000099".into(), ..typed() }).await;
        assert_eq!(service::candidate_name(&w.ctx, &flow).await.unwrap(), Some(("Karimova Dilnoza".to_owned(), true)));
        let finished = service::finish(&w.ctx, &flow, PASSWORD, None, &from("10.0.0.1")).await.unwrap();
        assert_eq!(finished, Finished::Taken);
    })
    .await;
}

#[tokio::test]
async fn a_passport_that_is_not_the_persons_finds_nobody_and_a_silent_register_says_so() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        assert_eq!(start(&w, &Typed { passport: "AD0000002".into(), ..typed() }).await, Started::NotInRegister);
        *w.register.away.lock().unwrap() = true;
        assert_eq!(start(&w, &typed()).await, Started::RegisterAway);
        assert_eq!(w.codes_sent().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_foreigner_opens_a_cabinet_by_passport_and_signs_in_by_it() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let typed = Typed {
            kind: "foreign".into(),
            country: "KZ".into(),
            passport: "N 12345678".into(),
            surname: "Serikov".into(),
            name: "Ayan".into(),
            birth_date: "1.2.1990".into(),
            phone: "+998901112233".into(),
            ..Typed::default()
        };
        let flow = proved_flow(&w, &typed).await;
        let done = service::finish(&w.ctx, &flow, PASSWORD, None, &from("10.0.0.1")).await.unwrap();
        assert!(matches!(done, Finished::Done { .. }), "{done:?}");
        let signed = service::sign_in(&w.ctx, "n12345678", PASSWORD, &from("10.0.0.2")).await.unwrap();
        assert!(matches!(signed, SignIn::Code { .. }), "{signed:?}");
    })
    .await;
}

#[tokio::test]
async fn nothing_readable_is_kept_of_pinfl_token_or_code() {
    storage::statement!(CLAIMS, "select claim from identity_claims");
    storage::statement!(TOKENS, "select token_hash from identity_sessions");
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db.clone());
        let subject = w.person().await;
        let token = service::open_for_person(&w.ctx, subject, Channel::Web).await.unwrap().unwrap();
        for row in db.query(&CLAIMS, vec![]).await.unwrap() {
            let claim = row.text(0).unwrap();
            assert_eq!(claim.len(), 64);
            assert!(!claim.contains("0261017"));
        }
        let rows = db.query(&TOKENS, vec![]).await.unwrap();
        assert_eq!(rows[0].blob(0).unwrap().len(), 32);
        assert_ne!(rows[0].blob(0).unwrap(), token.as_bytes());
    })
    .await;
}

#[tokio::test]
async fn a_new_device_is_asked_for_a_code_and_a_known_one_is_not() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let (session, device) = w.sign_in_and_remember(&from("10.0.0.1")).await;
        assert!(w.principal(&session).await.is_some());
        w.worker.drain().await.unwrap();
        assert!(w.notices.lock().unwrap().iter().any(|notice| notice.template == "sign-in-new-device"));
        for login in [PINFL, "ad0000001", "+998 90 000 00 01"] {
            let again = service::sign_in(&w.ctx, login, PASSWORD, &on_device("10.9.9.9", &device)).await.unwrap();
            assert!(matches!(again, SignIn::Done { .. }), "{login}: {again:?}");
        }
        // A device token that somebody made up is a new device.
        let made_up = service::sign_in(&w.ctx, PINFL, PASSWORD, &on_device("10.9.9.9", &"x".repeat(43))).await.unwrap();
        assert!(matches!(made_up, SignIn::Code { .. }));
        // After ninety days it is asked again.
        w.wait(91 * 86_400);
        let later = service::sign_in(&w.ctx, PINFL, PASSWORD, &on_device("10.9.9.9", &device)).await.unwrap();
        assert!(matches!(later, SignIn::Code { .. }), "{later:?}");
    })
    .await;
}

#[tokio::test]
async fn unknown_account_and_wrong_password_are_answered_alike() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let wrong = service::sign_in(&w.ctx, PINFL, "not the password", &from("10.0.0.1")).await.unwrap();
        let unknown = service::sign_in(&w.ctx, "+998911111111", "not the password", &from("10.0.0.2")).await.unwrap();
        assert_eq!((wrong, unknown), (SignIn::Refused, SignIn::Refused));
        let known = service::sign_in_by_code(&w.ctx, PINFL, &from("10.0.0.3")).await.unwrap();
        let nobody = service::sign_in_by_code(&w.ctx, "+998911111111", &from("10.0.0.4")).await.unwrap();
        assert!(matches!(known, SignIn::Code { phone: None, .. }), "{known:?}");
        let SignIn::Code { flow, phone: None } = nobody else { panic!("{nobody:?}") };
        assert_eq!(w.codes_sent().await, 1, "nobody is sent nothing");
        assert_eq!(service::flow_phone(&w.ctx, &flow).await.unwrap(), Some(None));
        let answer = service::answer_code(&w.ctx, &flow, "000000", &from("10.0.0.4"), true).await.unwrap();
        assert_eq!(answer, CodeAnswer::Wrong { left: 4 });
    })
    .await;
}

#[tokio::test]
async fn attackers_failures_never_block_the_owners_known_device() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let (_, device) = w.sign_in_and_remember(&from("10.0.0.1")).await;
        let mut held = 0;
        // Guesses from one address, then from many, one of them the owner's own.
        for n in 0..80 {
            let address = if n < 10 { "10.6.6.6".to_owned() } else { format!("10.0.0.{n}") };
            match service::sign_in(&w.ctx, PINFL, "a guess of mine", &from(&address)).await.unwrap() {
                SignIn::Held { .. } => held += 1,
                SignIn::Refused => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(held > 5, "guessing is held up: {held}");
        let owner = service::sign_in(&w.ctx, PINFL, PASSWORD, &on_device("10.0.0.1", &device)).await.unwrap();
        assert!(matches!(owner, SignIn::Done { .. }), "{owner:?}");
    })
    .await;
}

#[tokio::test]
async fn parallel_guesses_are_all_counted() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..24 {
            let ctx = w.ctx.clone();
            tasks.spawn(
                async move { service::sign_in(&ctx, PINFL, "a guess of mine", &from("10.6.6.6")).await.unwrap() },
            );
        }
        let answers = tasks.join_all().await;
        let judged = answers.iter().filter(|answer| matches!(answer, SignIn::Refused)).count();
        assert!(judged <= 5, "{judged} guesses were judged");
    })
    .await;
}

#[tokio::test]
async fn a_code_survives_five_wrong_answers_and_no_parallel_ones_more() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let SignIn::Code { flow, .. } = service::sign_in(&w.ctx, PINFL, PASSWORD, &from("10.0.0.1")).await.unwrap()
        else {
            panic!()
        };
        let right = w.last_code().await;
        let wrong = if right == "123456" { "654321" } else { "123456" };
        let unreadable = service::answer_code(&w.ctx, &flow, "abc", &from("10.0.0.1"), true).await.unwrap();
        assert_eq!(unreadable, CodeAnswer::Unreadable, "and costs no try");
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let (ctx, flow) = (w.ctx.clone(), flow.clone());
            let wrong = wrong.to_owned();
            tasks.spawn(
                async move { service::answer_code(&ctx, &flow, &wrong, &from("10.0.0.1"), true).await.unwrap() },
            );
        }
        let answers = tasks.join_all().await;
        let judged = answers.iter().filter(|answer| matches!(answer, CodeAnswer::Wrong { .. })).count();
        assert_eq!(judged, 4, "{answers:?}");
        let late = service::answer_code(&w.ctx, &flow, &right, &from("10.0.0.1"), true).await.unwrap();
        assert_eq!(late, CodeAnswer::Exhausted);
    })
    .await;
}

#[tokio::test]
async fn a_code_is_good_for_five_minutes_and_once() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let origin = from("10.0.0.1");
        let SignIn::Code { flow, .. } = service::sign_in(&w.ctx, PINFL, PASSWORD, &origin).await.unwrap() else {
            panic!()
        };
        let code = w.last_code().await;
        assert!(matches!(service::resend_code(&w.ctx, &flow, &origin).await.unwrap(), Resent::Held { .. }), "too soon");
        w.wait(301);
        let late = service::answer_code(&w.ctx, &flow, &code, &origin, false).await.unwrap();
        assert_eq!(late, CodeAnswer::Expired);
        assert_eq!(service::resend_code(&w.ctx, &flow, &origin).await.unwrap(), Resent::Sent);
        let fresh = w.last_code().await;
        let answer = service::answer_code(&w.ctx, &flow, &fresh, &origin, false).await.unwrap();
        assert!(matches!(answer, CodeAnswer::SignedIn { device: None, .. }), "{answer:?}");
        let again = service::answer_code(&w.ctx, &flow, &fresh, &origin, false).await.unwrap();
        assert_eq!(again, CodeAnswer::Gone);
    })
    .await;
}

#[tokio::test]
async fn sessions_are_listed_ended_one_by_one_and_all_others_at_once() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let subject = w.person().await;
        let mut tokens = Vec::new();
        for _ in 0..4 {
            tokens.push(service::open_for_person(&w.ctx, subject, Channel::Web).await.unwrap().unwrap());
        }
        let me = w.principal(&tokens[0]).await.unwrap();
        let listed = service::list(&w.ctx, &me).await.unwrap();
        assert_eq!((listed.len(), listed.iter().filter(|session| session.current).count()), (4, 1));
        let second = w.principal(&tokens[1]).await.unwrap();
        service::revoke(&w.ctx, &me, second.session).await.unwrap();
        assert!(w.principal(&tokens[1]).await.is_none());
        assert!(w.principal(&tokens[2]).await.is_some());
        service::revoke_others(&w.ctx, &me, &from("10.0.0.1")).await.unwrap();
        assert!(w.principal(&tokens[2]).await.is_none() && w.principal(&tokens[3]).await.is_none());
        assert!(w.principal(&tokens[0]).await.is_some());
        // A stranger's session cannot be ended.
        let other = service::create_person(
            &w.ctx,
            &NewPerson {
                pinfl: None,
                passport: "N7654321".into(),
                citizenship: "KZ".into(),
                phone: "+998900000077".into(),
                ..person()
            },
        )
        .await
        .unwrap();
        let stranger = service::open_for_person(&w.ctx, other, Channel::Web).await.unwrap().unwrap();
        let stranger = w.principal(&stranger).await.unwrap();
        service::revoke(&w.ctx, &stranger, me.session).await.unwrap();
        assert!(w.principal(&tokens[0]).await.is_some());
        service::sign_out(&w.ctx, &me).await.unwrap();
        assert!(w.principal(&tokens[0]).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_session_slides_while_it_is_used_and_is_forgotten_after_its_end() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let subject = w.person().await;
        let token = service::open_for_person(&w.ctx, subject, Channel::Web).await.unwrap().unwrap();
        for _ in 0..5 {
            w.wait(11 * 3600);
            assert!(w.principal(&token).await.is_some());
        }
        w.wait(13 * 3600);
        assert!(w.principal(&token).await.is_none());
        w.wait(60 * 86_400);
        service::forget_ended(&w.ctx).await.unwrap();
        assert!(w.principal("not a token").await.is_none());
        assert!(w.principal(&"x".repeat(100_000)).await.is_none());
    })
    .await;
}

#[tokio::test]
async fn a_changed_password_ends_other_sessions_and_forgets_other_devices() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let (other, other_device) = w.sign_in_and_remember(&from("10.0.0.2")).await;
        let (mine, device) = w.sign_in_and_remember(&from("10.0.0.1")).await;
        let me = w.principal(&mine).await.unwrap();
        let origin = on_device("10.0.0.1", &device);
        let change = async |current: &str, new: &str| {
            service::change_password(&w.ctx, &me, current, new, &origin).await.unwrap()
        };
        assert_eq!(change("wrong one", "ko‘k piyola").await, Changed::Wrong);
        assert!(matches!(change(PASSWORD, "qwertyuiop").await, Changed::Weak(_)));
        // The password and a code by SMS are one proof: the confirmed address hears of it, and it waits.
        let Changed::Locks(Outcome::After { .. }) = change(PASSWORD, "ko‘k piyola").await else { panic!() };
        assert!(w.principal(&other).await.is_some());
        w.wait(72 * 3600);
        assert_eq!(service::locks::ripen(&w.ctx).await.unwrap(), 1);
        assert_eq!(service::locks::ripen(&w.ctx).await.unwrap(), 0, "once");
        assert!(w.principal(&other).await.is_none());
        let old = service::sign_in(&w.ctx, PINFL, PASSWORD, &origin).await.unwrap();
        assert_eq!(old, SignIn::Refused);
        let stolen =
            service::sign_in(&w.ctx, PINFL, "ko‘k piyola", &on_device("10.0.0.2", &other_device)).await.unwrap();
        assert!(matches!(stolen, SignIn::Code { .. }), "{stolen:?}");
    })
    .await;
}

/// Rules IDN-LEVEL, IDN-LOCKS: whoever has the phone number alone gets in weakly and changes nothing.
#[tokio::test]
async fn a_code_by_sms_alone_is_one_factor_and_sets_no_password() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let origin = from("10.0.0.1");
        let SignIn::Code { flow, .. } = service::sign_in_by_code(&w.ctx, PINFL, &origin).await.unwrap() else {
            panic!()
        };
        let code = w.last_code().await;
        let CodeAnswer::SignedIn { session, .. } =
            service::answer_code(&w.ctx, &flow, &code, &origin, false).await.unwrap()
        else {
            panic!()
        };
        let me = w.principal(&session).await.unwrap();
        assert_eq!(me.assurance, Assurance::Password);
        let set = service::change_password(&w.ctx, &me, "", "ko‘k piyola", &origin).await.unwrap();
        assert_eq!(set, Changed::Wrong);
        let (outcome, codes) = service::factors::new_printed(&w.ctx, &me).await.unwrap();
        assert_eq!((outcome, codes.len()), (Outcome::Missing, 0));
    })
    .await;
}

#[tokio::test]
async fn staff_sign_in_with_password_and_code_every_time_and_act_in_their_unit() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let staff = |login: &str, unit: &str, roles: Vec<Role>| NewStaff {
            login: login.into(),
            name: format!("Xodim {login}"),
            phone: "+998900000501".into(),
            unit: UnitRef::parse(unit),
            roles,
            lang: Lang::Ru,
            password: PASSWORD.into(),
        };
        let head = service::create_staff(&w.ctx, &staff("boshliq", "AV.1726", vec![Role::Official, Role::Head]))
            .await
            .unwrap();
        service::create_staff(&w.ctx, &staff("xodim", "AV.1726266", vec![Role::Official])).await.unwrap();
        service::create_staff(&w.ctx, &staff("uzoq", "AV.1703", vec![Role::Official])).await.unwrap();
        service::create_staff(&w.ctx, &staff("boshqa", "AVX", vec![Role::Official])).await.unwrap();
        let again = service::create_staff(&w.ctx, &staff("Boshliq ", "AV", vec![Role::Operator])).await.unwrap();
        assert_eq!(again, head, "a login is taken once");

        let mut origin = from("10.0.0.1");
        let refused = service::staff_sign_in(&w.ctx, "boshliq", "wrong one", &origin).await.unwrap();
        assert_eq!(refused, SignIn::Refused);
        let mut session = String::new();
        for _ in 0..2 {
            let SignIn::Code { flow, .. } = service::staff_sign_in(&w.ctx, "BOSHLIQ", PASSWORD, &origin).await.unwrap()
            else {
                panic!("a code is asked for every time")
            };
            let code = w.last_code().await;
            let answer = service::answer_code(&w.ctx, &flow, &code, &origin, true).await.unwrap();
            let CodeAnswer::SignedIn { session: token, device, staff: true } = answer else { panic!("{answer:?}") };
            origin.device = device;
            session = token;
        }
        let principal = w.principal(&session).await.unwrap();
        assert!(principal.has_role(Role::Head) && !principal.has_role(Role::Operator));
        assert_eq!(principal.subject(), None);
        let port = &w.ctx.ports.staff;
        let names = async |unit: &str| -> Vec<String> {
            port.members(&w.ctx, &UnitRef::parse(unit))
                .await
                .unwrap()
                .into_iter()
                .map(|m| m.unit.as_str().to_owned())
                .collect()
        };
        assert_eq!(names("AV.1726").await, ["AV.1726", "AV.1726266"]);
        assert_eq!(names("AV").await.len(), 3);
        assert_eq!(port.member(&w.ctx, head).await.unwrap().unwrap().name, "Xodim boshliq");
        // Staff have no cabinet: a person's login does not open this door.
        w.person().await;
        let citizen = service::staff_sign_in(&w.ctx, PINFL, PASSWORD, &from("10.0.0.9")).await.unwrap();
        assert_eq!(citizen, SignIn::Refused);
    })
    .await;
}

#[tokio::test]
async fn own_data_are_changed_only_on_their_current_version() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let subject = w.person().await;
        let seen = service::data(&w.ctx, subject).await.unwrap().unwrap();
        service::update_profile(&w.ctx, subject, Lang::Kaa, seen.version).await.unwrap();
        let stale = service::update_profile(&w.ctx, subject, Lang::Uz, seen.version).await;
        assert!(matches!(stale, Err(service::IdentityError::Stale)), "{stale:?}");
        let now = service::data(&w.ctx, subject).await.unwrap().unwrap();
        assert_eq!(now.person.lang, Lang::Kaa);
        assert_eq!(now.person.email.as_deref(), Some("dilnoza@namuna.example"), "an address is bound, not typed in");
    })
    .await;
}
