//! Ways to sign in, changes of the locks, recovery: use cases on both databases, and attacks on them.

use identity::domain::factor::Factor;
use identity::domain::locks::Verdict;
use identity::service::bind::{self, Binding, Bound};
use identity::service::factors::{self, Enrolled, Proved};
use identity::service::locks::{self, NotMe, Outcome};
use identity::service::recover::{self, Recovered, Step};
use identity::service::{history, passkeys, second};
use storage::testing::prepare_all;

use super::*;

const HOURS_72: i64 = 72 * 3600;

/// The code that an app shows now for the key on the page.
fn app_code(w: &World, key: &str) -> String {
    let bare: String = key.chars().filter(|c| !c.is_whitespace()).collect();
    let secret = data_encoding::BASE32_NOPAD.decode(bare.as_bytes()).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    totp.generate(w.ctx.now().as_second() as u64).to_string()
}

impl World {
    /// A session of the person with password and SMS, fresh.
    async fn session(&self, address: &str) -> Principal {
        let (session, _) = self.sign_in_and_remember(&from(address)).await;
        self.principal(&session).await.unwrap()
    }

    /// Enrols an app for codes and lets the change ripen; the key of the app.
    async fn with_totp(&self) -> String {
        let me = self.session("10.0.0.1").await;
        let new = factors::new_totp(&self.ctx, me.subject().unwrap(), "Dilnoza").unwrap();
        let code = app_code(self, &new.key);
        let done = factors::confirm_totp(&self.ctx, &me, &new.sealed, "Telefon", &code).await.unwrap();
        assert!(matches!(done, Enrolled::Locks(Outcome::After { .. })), "{done:?}");
        self.wait(HOURS_72);
        assert_eq!(locks::ripen(&self.ctx).await.unwrap(), 1);
        new.key
    }

    /// A session that has proved the password and the app lately: two proofs beside SMS.
    async fn strong_session(&self, key: &str) -> Principal {
        let me = self.session("10.0.0.1").await;
        self.wait(30);
        let code = app_code(self, key);
        let done = factors::step_up_by(&self.ctx, &me, Factor::Totp, &code, &from("10.0.0.1")).await.unwrap();
        let Proved::Done { session, .. } = done else { panic!("{done:?}") };
        self.principal(&session).await.unwrap()
    }

    /// Worlds are made with the same chance: a second one over the same database must not draw the same ids.
    fn apart(self, bytes: usize) -> Self {
        self.ctx.rng.token(bytes);
        self
    }

    async fn notice(&self, template: &str) -> NoticeRequested {
        self.worker.drain().await.unwrap();
        let notices = self.notices.lock().unwrap();
        notices.iter().rev().find(|notice| notice.template == template).expect(template).clone()
    }
}

fn token_of(notice: &NoticeRequested) -> String {
    notice.link.as_deref().unwrap().strip_prefix("/not-me/").unwrap().to_owned()
}

#[tokio::test]
async fn an_app_for_codes_is_enrolled_used_once_a_code_and_kept_sealed() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db.clone());
        w.person().await;
        let key = w.with_totp().await;
        let bare: String = key.chars().filter(|c| !c.is_whitespace()).collect();
        let secret = data_encoding::BASE32_NOPAD.decode(bare.as_bytes()).unwrap();
        for stored in kept(&db).await {
            assert!(!stored.contains(&bare) && !stored.contains(&data_encoding::BASE64_NOPAD.encode(&secret)));
        }
        // As the second step of a sign-in.
        let origin = from("10.0.0.7");
        let SignIn::Code { flow, .. } = service::sign_in(&w.ctx, PINFL, PASSWORD, &origin).await.unwrap() else {
            panic!()
        };
        let others = second::others(&w.ctx, &flow).await.unwrap().unwrap();
        assert!(others.contains(&Factor::Totp) && !others.contains(&Factor::Printed), "{others:?}");
        let code = app_code(&w, &key);
        let wrong = second::answer(&w.ctx, &flow, Factor::Totp, "000000", &origin, false).await.unwrap();
        assert_eq!(wrong, Proved::Wrong);
        let done = second::answer(&w.ctx, &flow, Factor::Totp, &code, &origin, false).await.unwrap();
        let Proved::Done { session, .. } = done else { panic!("{done:?}") };
        assert_eq!(w.principal(&session).await.unwrap().assurance, Assurance::Otp);
        // The same code again, in a sign-in of somebody who read it along.
        let SignIn::Code { flow, .. } = service::sign_in(&w.ctx, PINFL, PASSWORD, &from("10.0.0.8")).await.unwrap()
        else {
            panic!()
        };
        let replay = second::answer(&w.ctx, &flow, Factor::Totp, &code, &from("10.0.0.8"), false).await.unwrap();
        assert_eq!(replay, Proved::Wrong);
    })
    .await;
}

/// Everything that is stored as text of the ways and of what waits.
async fn kept(db: &storage::Db) -> Vec<String> {
    storage::statement!(KEPT_FACTORS, "select secret from identity_factors");
    storage::statement!(KEPT_CHANGES, "select data from identity_changes");
    let mut out = Vec::new();
    for statement in [&KEPT_FACTORS, &KEPT_CHANGES] {
        for row in db.query(statement, Vec::new()).await.unwrap() {
            out.push(row.text(0).unwrap().to_owned());
        }
    }
    assert!(!out.is_empty());
    out
}

#[tokio::test]
async fn the_same_code_twice_at_the_same_moment_opens_one_session() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let key = w.with_totp().await;
        let me = w.session("10.0.0.1").await;
        w.wait(30);
        let code = app_code(&w, &key);
        let (a, b) = (from("10.0.0.1"), from("10.0.0.2"));
        let (one, two) = tokio::join!(
            factors::step_up_by(&w.ctx, &me, Factor::Totp, &code, &a),
            factors::step_up_by(&w.ctx, &me, Factor::Totp, &code, &b),
        );
        let done = [one, two].iter().filter(|one| matches!(one, Ok(Proved::Done { .. }))).count();
        assert_eq!(done, 1);
    })
    .await;
}

#[tokio::test]
async fn printed_codes_are_good_once_and_only_their_hashes_are_kept() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db.clone());
        w.person().await;
        let key = w.with_totp().await;
        let me = w.strong_session(&key).await;
        let (outcome, codes) = factors::new_printed(&w.ctx, &me).await.unwrap();
        assert_eq!((outcome, codes.len()), (Outcome::Done, 10));
        for stored in kept(&db).await {
            assert!(codes.iter().all(|code| !stored.contains(&code.replace('-', ""))));
        }
        let again =
            factors::step_up_by(&w.ctx, &me, Factor::Printed, &codes[0].to_lowercase(), &from("10.0.0.1")).await;
        let Proved::Done { session, .. } = again.unwrap() else { panic!() };
        let me = w.principal(&session).await.unwrap();
        let replay = factors::step_up_by(&w.ctx, &me, Factor::Printed, &codes[0], &from("10.0.0.1")).await.unwrap();
        assert_eq!(replay, Proved::Wrong);
        let subject = me.subject().unwrap();
        assert_eq!(factors::ways(&w.ctx, subject).await.unwrap().unwrap().printed, 9);
        // A new sheet makes the old one worthless.
        let (_, fresh) = factors::new_printed(&w.ctx, &me).await.unwrap();
        let old = factors::step_up_by(&w.ctx, &me, Factor::Printed, &codes[1], &from("10.0.0.1")).await.unwrap();
        assert_eq!(old, Proved::Wrong);
        let new = factors::step_up_by(&w.ctx, &me, Factor::Printed, &fresh[1], &from("10.0.0.1")).await.unwrap();
        assert!(matches!(new, Proved::Done { .. }));
    })
    .await;
}

/// Rules IDN-LOCKS, IDN-COOLING; R000-009.
#[tokio::test]
async fn a_new_phone_number_waits_is_told_on_every_channel_and_one_press_freezes_the_account() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let subject = w.person().await;
        let key = w.with_totp().await;
        let me = w.strong_session(&key).await;
        let Binding::Code { flow } = bind::start(&w.ctx, &me, "+998 90 000 00 77").await.unwrap() else { panic!() };
        let code = w.last_code().await;
        assert_eq!(w.codes.lock().unwrap().last().unwrap().phone, "998900000077");
        // The code that binds a number is no sign-in.
        let other_door = service::answer_code(&w.ctx, &flow, &code, &from("10.0.0.1"), true).await.unwrap();
        assert_eq!(other_door, CodeAnswer::Gone);
        let bound = bind::confirm(&w.ctx, &me, &flow, &code).await.unwrap();
        assert!(matches!(bound, Bound::Locks(Outcome::After { .. })), "even two proofs wait: {bound:?}");
        let told = w.notice("locks-asked").await;
        assert_eq!(told.urgency, contracts::notifications::Urgency::Important, "inbox, e-mail and SMS");
        let link = told.link.clone().unwrap();
        for personal in [PINFL, "0000077", "998", "dilnoza"] {
            assert!(!link.contains(personal), "{link}");
        }
        assert_eq!(locks::waiting(&w.ctx, subject).await.unwrap().len(), 1);
        let token = token_of(&told);
        assert!(locks::not_me_known(&w.ctx, &token).await.unwrap(), "looking changes nothing");
        assert!(w.principal_of(&me).await);
        assert_eq!(locks::not_me(&w.ctx, &token).await.unwrap(), NotMe::Frozen);
        assert!(!w.principal_of(&me).await, "all sessions have ended");
        w.wait(HOURS_72);
        assert_eq!(locks::ripen(&w.ctx).await.unwrap(), 0);
        let data = service::data(&w.ctx, subject).await.unwrap().unwrap();
        assert_eq!(data.person.phone.unwrap().as_str(), PHONE);
        // Frozen: the right password and a right code open nothing, by no door.
        let signed = service::sign_in(&w.ctx, PINFL, PASSWORD, &from("10.0.0.3")).await.unwrap();
        assert_eq!(signed, SignIn::Frozen);
        let SignIn::Code { flow, .. } = service::sign_in_by_code(&w.ctx, PINFL, &from("10.0.0.4")).await.unwrap()
        else {
            panic!()
        };
        let code = w.last_code().await;
        let answer = service::answer_code(&w.ctx, &flow, &code, &from("10.0.0.4"), false).await.unwrap();
        assert_eq!(answer, CodeAnswer::Frozen);
        // One proof does not open it; two do.
        let flow = recover::start(&w.ctx, PINFL, &from("10.0.0.5")).await.unwrap().unwrap();
        let origin = from("10.0.0.5");
        assert_eq!(recover::prove(&w.ctx, &flow, Factor::Password, PASSWORD, &origin).await.unwrap(), Step::Proved);
        let progress = recover::progress(&w.ctx, &flow).await.unwrap().unwrap();
        assert_eq!(progress.verdict, Verdict::Missing { weight: 1 });
        let early = recover::finish(&w.ctx, &flow, "ko‘k piyola").await.unwrap();
        assert_eq!(early, Recovered::Locks(Outcome::Missing));
        let code = app_code(&w, &key);
        assert_eq!(recover::prove(&w.ctx, &flow, Factor::Totp, &code, &origin).await.unwrap(), Step::Proved);
        assert!(matches!(recover::finish(&w.ctx, &flow, "12345678").await.unwrap(), Recovered::Weak(_)));
        let done = recover::finish(&w.ctx, &flow, "ko‘k piyola").await.unwrap();
        assert_eq!(done, Recovered::Locks(Outcome::Done));
        assert_eq!(recover::finish(&w.ctx, &flow, "ko‘k piyola").await.unwrap(), Recovered::Gone, "once");
        w.notice("account-recovered").await;
        let signed = service::sign_in(&w.ctx, PINFL, "ko‘k piyola", &from("10.0.0.5")).await.unwrap();
        assert!(matches!(signed, SignIn::Code { .. }), "{signed:?}");
        // The link was good once: it freezes nothing any more.
        assert_eq!(locks::not_me(&w.ctx, &token).await.unwrap(), NotMe::Unknown);
        assert_eq!(locks::not_me(&w.ctx, "made up").await.unwrap(), NotMe::Unknown);
    })
    .await;
}

impl World {
    /// Whether the session still lives.
    async fn principal_of(&self, who: &Principal) -> bool {
        !service::list(&self.ctx, who).await.unwrap().iter().all(|row| row.session != who.session)
    }
}

#[tokio::test]
async fn a_new_phone_number_comes_into_force_after_the_cooling_period() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let subject = w.person().await;
        let key = w.with_totp().await;
        let me = w.strong_session(&key).await;
        let Binding::Code { flow } = bind::start(&w.ctx, &me, "+998900000077").await.unwrap() else { panic!() };
        let code = w.last_code().await;
        bind::confirm(&w.ctx, &me, &flow, &code).await.unwrap();
        w.wait(HOURS_72 - 60);
        assert_eq!(locks::ripen(&w.ctx).await.unwrap(), 0, "not a minute early");
        w.wait(60);
        assert_eq!(locks::ripen(&w.ctx).await.unwrap(), 1);
        let data = service::data(&w.ctx, subject).await.unwrap().unwrap();
        assert_eq!(data.person.phone.unwrap().as_str(), "+998900000077");
        // The new number signs in, the old one belongs to nobody.
        let by_new = service::sign_in(&w.ctx, "+998900000077", PASSWORD, &from("10.0.0.9")).await.unwrap();
        assert!(matches!(by_new, SignIn::Code { .. }), "{by_new:?}");
        let by_old = service::sign_in(&w.ctx, PHONE, PASSWORD, &from("10.0.0.10")).await.unwrap();
        assert_eq!(by_old, SignIn::Refused);
    })
    .await;
}

/// Rule IDN-FRESH, IDN-LOCKS: somebody who found a signed-in browser.
#[tokio::test]
async fn a_session_that_proved_long_ago_changes_no_locks() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let key = w.with_totp().await;
        let me = w.strong_session(&key).await;
        w.wait(31 * 60);
        let (outcome, _) = factors::new_printed(&w.ctx, &me).await.unwrap();
        assert_eq!(outcome, Outcome::Missing);
        let way = factors::ways(&w.ctx, me.subject().unwrap()).await.unwrap().unwrap().added[0].id;
        assert_eq!(factors::remove(&w.ctx, &me, way).await.unwrap(), Some(Outcome::Missing));
        // Another's way is not found.
        assert_eq!(factors::remove(&w.ctx, &me, uuid::Uuid::nil()).await.unwrap(), None);
    })
    .await;
}

/// Rule IDN-STEP-UP: what was known of the old token opens nothing.
#[tokio::test]
async fn a_session_that_is_lifted_has_a_new_token_and_the_old_one_ends() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let (old, _) = w.sign_in_and_remember(&from("10.0.0.1")).await;
        let me = w.principal(&old).await.unwrap();
        let wrong = factors::step_up_by(&w.ctx, &me, Factor::Password, "nope nope", &from("10.0.0.1")).await.unwrap();
        assert_eq!(wrong, Proved::Wrong);
        assert!(w.principal(&old).await.is_some());
        let done = factors::step_up_by(&w.ctx, &me, Factor::Password, PASSWORD, &from("10.0.0.1")).await.unwrap();
        let Proved::Done { session, .. } = done else { panic!("{done:?}") };
        assert_ne!(session, old);
        assert!(w.principal(&old).await.is_none());
        // Guesses in a found browser are held up.
        let me = w.principal(&session).await.unwrap();
        let mut held = false;
        for _ in 0..7 {
            let guess =
                factors::step_up_by(&w.ctx, &me, Factor::Password, "nope nope", &from("10.0.0.1")).await.unwrap();
            held |= matches!(guess, Proved::Held { .. });
        }
        assert!(held);
    })
    .await;
}

#[tokio::test]
async fn secrets_are_sealed_anew_under_a_new_key_without_a_stop() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let (old, new) = ("11".repeat(32), "22".repeat(32));
        let before = World::with(db.clone(), &[("identity.secrets.key", &old)]);
        before.person().await;
        let key = before.with_totp().await;
        let both = [("identity.secrets.key", new.as_str()), ("identity.secrets.old", old.as_str())];
        let during = World::with(db.clone(), &both).apart(5_001);
        during.clock.advance(SignedDuration::from_secs(HOURS_72 + 60));
        assert_eq!(factors::reseal(&during.ctx).await.unwrap(), 1);
        assert_eq!(factors::reseal(&during.ctx).await.unwrap(), 0);
        let after = World::with(db.clone(), &[("identity.secrets.key", &new)]).apart(9_003);
        after.clock.advance(SignedDuration::from_secs(HOURS_72 + 120));
        let me = after.session("10.0.0.1").await;
        let code = app_code(&after, &key);
        let done = factors::step_up_by(&after.ctx, &me, Factor::Totp, &code, &from("10.0.0.1")).await.unwrap();
        assert!(matches!(done, Proved::Done { .. }), "{done:?}");
        // The old key alone opens nothing, and says so instead of taking another.
        let lost = World::with(db, &[("identity.secrets.key", &old)]).apart(20_005);
        lost.clock.advance(SignedDuration::from_secs(HOURS_72 + 180));
        let me = lost.session("10.0.0.2").await;
        assert!(factors::step_up_by(&lost.ctx, &me, Factor::Totp, &code, &from("10.0.0.2")).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn codes_go_where_the_person_chose_and_an_unconfirmed_address_is_no_choice() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let me = w.session("10.0.0.1").await;
        assert!(bind::choose(&w.ctx, &me, Factor::Email).await.unwrap());
        assert!(!bind::choose(&w.ctx, &me, Factor::Totp).await.unwrap(), "there is no app yet");
        let SignIn::Code { flow, phone } = service::sign_in(&w.ctx, PINFL, PASSWORD, &from("10.0.0.2")).await.unwrap()
        else {
            panic!()
        };
        assert_eq!(phone.as_deref(), Some("d***@namuna.example"));
        let code = w.last_code().await;
        assert_eq!(w.codes.lock().unwrap().last().unwrap().phone, "dilnoza@namuna.example");
        let CodeAnswer::SignedIn { session, .. } =
            service::answer_code(&w.ctx, &flow, &code, &from("10.0.0.2"), false).await.unwrap()
        else {
            panic!()
        };
        assert_eq!(w.principal(&session).await.unwrap().assurance, Assurance::Otp);
        let told = history::sign_ins(&w.ctx, me.subject().unwrap(), None, 10).await.unwrap();
        assert_eq!(told[0].means, [Factor::Password, Factor::Email]);
        assert_eq!(told[1].means, [Factor::Password, Factor::Sms]);
        assert_eq!(told[0].place, "10.0.0.2");
    })
    .await;
}

#[tokio::test]
async fn a_recovery_by_one_proof_waits_and_its_owner_may_stop_it() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let key = w.with_totp().await;
        let thief = from("10.66.0.1");
        let flow = recover::start(&w.ctx, PINFL, &thief).await.unwrap().unwrap();
        w.wait(30);
        let code = app_code(&w, &key);
        assert_eq!(recover::prove(&w.ctx, &flow, Factor::Totp, &code, &thief).await.unwrap(), Step::Proved);
        let asked = recover::finish(&w.ctx, &flow, "o‘g‘rining paroli").await.unwrap();
        assert!(matches!(asked, Recovered::Locks(Outcome::After { .. })), "{asked:?}");
        let told = w.notice("locks-asked").await;
        assert_eq!(locks::not_me(&w.ctx, &token_of(&told)).await.unwrap(), NotMe::Frozen);
        w.wait(HOURS_72);
        assert_eq!(locks::ripen(&w.ctx).await.unwrap(), 0);
        // R000-012: the report counts it by method.
        let lines = history::report(&w.ctx, w.ctx.now() - SignedDuration::from_hours(100), w.ctx.now()).await.unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].method.as_str(), lines[0].attempts), ("totp", 1));
    })
    .await;
}

#[tokio::test]
async fn guesses_at_a_recovery_are_held_up_and_a_guesser_does_not_hold_up_the_owner() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        w.person().await;
        let key = w.with_totp().await;
        let thief = from("10.66.0.1");
        let flow = recover::start(&w.ctx, PINFL, &thief).await.unwrap().unwrap();
        let mut held = false;
        for n in 0..8 {
            let step = recover::prove(&w.ctx, &flow, Factor::Totp, &format!("00000{n}"), &thief).await.unwrap();
            held |= matches!(step, Step::Held { .. });
        }
        assert!(held);
        let owner = from("10.0.0.1");
        let flow = recover::start(&w.ctx, PINFL, &owner).await.unwrap().unwrap();
        w.wait(30);
        let code = app_code(&w, &key);
        assert_eq!(recover::prove(&w.ctx, &flow, Factor::Totp, &code, &owner).await.unwrap(), Step::Proved);
    })
    .await;
}

#[tokio::test]
async fn a_passkey_that_is_made_up_opens_nothing_and_a_ceremony_is_its_owners() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db.clone());
        w.person().await;
        let me = w.session("10.0.0.1").await;
        let ceremony = passkeys::start_new(&w.ctx, &me).await.unwrap().unwrap();
        assert_eq!(ceremony.options["publicKey"]["rp"]["id"], "localhost");
        assert_eq!(ceremony.options["publicKey"]["authenticatorSelection"]["userVerification"], "required");
        for rubbish in ["", "{}", "null", "[1]", &"x".repeat(5000)] {
            let made = passkeys::finish_new(&w.ctx, &me, &ceremony.ceremony, rubbish, "x").await.unwrap();
            assert_eq!(made, Enrolled::WrongCode);
            let used = passkeys::start_use(&w.ctx).await.unwrap();
            let signed = passkeys::sign_in(&w.ctx, &used.ceremony, rubbish, &from("10.0.0.2")).await.unwrap();
            assert_eq!(signed, Proved::Wrong);
        }
        // The token of a ceremony is no sign-in by a code and no recovery.
        let used = passkeys::start_use(&w.ctx).await.unwrap();
        let answer = service::answer_code(&w.ctx, &used.ceremony, "123456", &from("10.0.0.2"), true).await.unwrap();
        assert_eq!(answer, CodeAnswer::Gone);
        assert_eq!(recover::progress(&w.ctx, &used.ceremony).await.unwrap(), None);
        assert_eq!(prepare_all(&db).await, Vec::<String>::new());
    })
    .await;
}

/// R000-010: our client of MyID against a server of the same protocol, over HTTP.
#[tokio::test(flavor = "multi_thread")]
async fn a_face_lifts_a_session_and_a_face_of_somebody_else_or_a_photo_does_not() {
    use demo_myid::Verdict::{Other, Photo, Same};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = demo_myid::Client { id: "demo".into(), secret: "s3cret".into(), back: "/".into() };
    // One verdict for each look, in the order below, on both databases.
    let looks = [Photo, Same, Same, Other, Same];
    let script = looks.iter().chain(&looks).copied().collect();
    tokio::spawn(demo_myid::serve_on(listener, client, script));
    let settings = [
        ("identity.myid.url", address.as_str()),
        ("identity.myid.client_id", "demo"),
        ("identity.myid.client_secret", "s3cret"),
    ];
    each_backend(identity::MIGRATIONS, |db| {
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        async move {
            let settings: Vec<(&str, &str)> =
                settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let w = World::with(db, &settings);
            w.person().await;
            let origin = from("10.0.0.1");
            let look = async |page: &str, who: &str| {
                let (address, id) = page.split_once("/?session_id=").unwrap();
                let (address, body) = (address.to_owned(), format!("session_id={id}&who={who}&verdict=same"));
                tokio::task::spawn_blocking(move || {
                    ureq::post(format!("{address}/"))
                        .header("content-type", "application/x-www-form-urlencoded")
                        .send(body)
                        .unwrap();
                })
                .await
                .unwrap();
            };
            let mut me = w.session("10.0.0.1").await;
            // A photo; a living face of a person with another number; the right one.
            for (who, right) in [(PINFL, false), ("30211880261028", false), (PINFL, true)] {
                let facing = second::face_begin(&w.ctx, Some(&me), None, "/cabinet", &origin).await.unwrap();
                let second::Facing::Leave { page, flow } = facing else { panic!("{facing:?}") };
                assert_eq!(
                    second::face_check(&w.ctx, &flow, &origin).await.unwrap(),
                    second::Faced::Waiting,
                    "nothing was seen yet"
                );
                look(&page, who).await;
                let faced = second::face_check(&w.ctx, &flow, &origin).await.unwrap();
                let second::Faced::Proved(outcome, next) = faced else { panic!("{faced:?}") };
                assert_eq!(next, "/cabinet");
                match outcome {
                    Proved::Done { session, .. } if right => {
                        me = w.principal(&session).await.unwrap();
                        assert_eq!(me.assurance, Assurance::Face);
                    }
                    other => assert!(!right && other == Proved::Wrong, "{who}: {other:?}"),
                }
                let again = second::face_check(&w.ctx, &flow, &origin).await.unwrap();
                assert_eq!(
                    again,
                    second::Faced::Proved(Proved::Gone, "/cabinet".into()),
                    "a session of MyID is good once"
                );
            }
            // A recovery: somebody else's face is nothing, the owner's is one proof; with the app's it would be two.
            let flow = recover::start(&w.ctx, PINFL, &origin).await.unwrap().unwrap();
            for right in [false, true] {
                let step = recover::face_begin(&w.ctx, &flow, &origin).await.unwrap();
                let Step::Leave { page } = step else { panic!("{step:?}") };
                look(&page, PINFL).await;
                let step = recover::face_check(&w.ctx, &flow).await.unwrap();
                assert_eq!(step, if right { Step::Proved } else { Step::Wrong });
            }
            assert_eq!(recover::progress(&w.ctx, &flow).await.unwrap().unwrap().verdict, Verdict::After);
        }
    })
    .await;
}
