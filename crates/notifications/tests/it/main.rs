//! Notifications on both databases: the inbox, SMS and e-mail with failing providers, one-time codes.

mod pages;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use contracts::identity::{People, Person};
use contracts::notifications::{Arg, CodeRequested, NoticeRequested, Urgency};
use contracts::testing::ctx;
use contracts::{Ctx, PortError, Ports, Settings, emit};
use jiff::SignedDuration;
use kernel::clock::ManualClock;
use kernel::id::{MessageId, SubjectId};
use kernel::lang::{Lang, Text};
use kernel::person::Phone;
use notifications::channels::failing::Failing;
use notifications::channels::{Letter, Senders};
use notifications::domain::delivery::{Channel, Outcome, State};
use notifications::domain::words::{CODE_PURPOSES, TEMPLATES};
use notifications::service;
use storage::testing::each_backend;
use storage::{Batch, JobError, Worker};
use web::i18n::Catalogue;

/// Everybody is the same person, in the language that the test sets.
struct Somebody {
    lang: Mutex<Lang>,
    nobody: Mutex<bool>,
}

#[async_trait]
impl People for Somebody {
    async fn person(&self, _: &Ctx, subject: SubjectId) -> Result<Option<Person>, PortError> {
        if *self.nobody.lock().unwrap() {
            return Ok(None);
        }
        Ok(Some(Person {
            subject,
            pinfl: None,
            passport: None,
            surname: "Karimova".into(),
            name: "Dilnoza".into(),
            patronymic: None,
            birth_date: None,
            citizenship: "UZ".into(),
            phone: Some(Phone::parse("+998900000001").unwrap()),
            email: Some("dilnoza@namuna.example".into()),
            lang: *self.lang.lock().unwrap(),
            address: None,
            reliefs: Vec::new(),
        }))
    }
}

struct World {
    ctx: Ctx,
    clock: Arc<ManualClock>,
    people: Arc<Somebody>,
    worker: Worker,
    subject: SubjectId,
    _dir: tempfile::TempDir,
}

impl World {
    fn new(db: storage::Db, settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let blobs = storage::Blobs::open(dir.path(), [1; 32]).unwrap();
        let people = Arc::new(Somebody { lang: Mutex::new(Lang::Uz), nobody: Mutex::new(false) });
        let ports = Ports { people: people.clone(), inbox: Arc::new(notifications::Port), ..Ports::nobody() };
        let values = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let settings = Settings { values: Arc::new(values), ..Settings::test() };
        let (ctx, clock) = ctx(db.clone(), blobs, ports, settings);
        let subscribers = notifications::module()
            .subscribers
            .into_iter()
            .map(|subscriber| {
                let ctx = ctx.clone();
                storage::Subscriber::new(subscriber.topic, subscriber.name, move |delivery| {
                    (subscriber.run)(ctx.clone(), delivery)
                })
            })
            .collect();
        let worker = Worker::new(db, clock.clone(), ctx.rng.clone(), subscribers, Vec::new());
        let subject = SubjectId::new(ctx.now(), &*ctx.rng);
        Self { ctx, clock, people, worker, subject, _dir: dir }
    }

    async fn tell(&self, notice: &NoticeRequested) {
        let mut batch = Batch::new(self.subject);
        emit(&self.ctx, &mut batch, notice);
        self.ctx.db.commit(batch).await.unwrap();
        self.worker.drain().await.unwrap();
    }

    fn notice(&self, template: &str, urgency: Urgency) -> NoticeRequested {
        NoticeRequested {
            subject: self.subject,
            template: template.into(),
            args: BTreeMap::from([
                ("number".into(), Arg::Text("298-7-0042".into())),
                ("service".into(), Arg::Localized(Text::new("Litsenziya", "Litsenziya", "Лицензия", "Licence"))),
            ]),
            link: Some("/cases/1".into()),
            urgency,
        }
    }

    async fn inbox(&self, lang: Lang) -> Vec<service::Message> {
        let t = Catalogue::load(&[notifications::LOCALES]).unwrap().lang(lang);
        service::list(&self.ctx, &t, self.subject, None, 10).await.unwrap()
    }

    async fn unread(&self) -> u64 {
        self.ctx.ports.inbox.unread(&self.ctx, self.subject).await.unwrap()
    }

    async fn phone(&self) -> Vec<(Channel, String)> {
        let lines = service::demo_phone(&self.ctx, None, 50).await.unwrap();
        lines.into_iter().map(|line| (line.channel, line.body)).collect()
    }

    /// The message that is there, with what became of its deliveries.
    async fn sent(&self) -> (MessageId, Vec<service::Sent>) {
        let id = self.inbox(Lang::Uz).await[0].id;
        (id, service::deliveries(&self.ctx, self.subject, id).await.unwrap())
    }
}

fn senders(sms: Failing, email: Failing) -> (Senders, Arc<Failing>, Arc<Failing>) {
    let (sms, email) = (Arc::new(sms), Arc::new(email));
    (Senders { sms: sms.clone(), email: email.clone() }, sms, email)
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each_backend(notifications::MIGRATIONS, |db| async move {
        assert_eq!(storage::testing::prepare_all(&db).await, Vec::<String>::new());
    })
    .await;
}

#[test]
fn every_template_and_code_has_words_in_every_language_without_a_hole() {
    let catalogue = Catalogue::load(&[notifications::LOCALES]).unwrap();
    for lang in Lang::ALL {
        let t = catalogue.lang(lang);
        for template in TEMPLATES.iter().chain(&["other", "a template that nobody knows"]) {
            let words = notifications::domain::words::notice(&t, template, &BTreeMap::new());
            for text in [&words.title, &words.body, &words.sms] {
                assert!(
                    !text.is_empty() && !text.contains('{') && !text.contains("notice-"),
                    "{lang} {template}: {text}"
                );
            }
            // Three parts of an SMS in Cyrillic letters are 201 characters.
            assert!(words.sms.chars().count() <= 201, "{lang} {template}: {}", words.sms);
        }
        for purpose in CODE_PURPOSES.iter().chain(&["other"]) {
            assert!(notifications::domain::words::code(&t, purpose, "123456").contains("123456"));
        }
    }
}

#[tokio::test]
async fn an_important_notice_comes_into_the_inbox_and_by_sms_and_email_in_the_persons_language() {
    each_backend(notifications::MIGRATIONS, |db| async move {
        let w = World::new(db, &[]);
        *w.people.lang.lock().unwrap() = Lang::Ru;
        w.tell(&w.notice("case-submitted", Urgency::Important)).await;
        assert_eq!(w.unread().await, 1);
        let phone = w.phone().await;
        assert_eq!(phone.len(), 2, "{phone:?}");
        assert!(
            phone.iter().any(|(way, text)| *way == Channel::Sms && text.contains("заявление 298-7-0042 принято")),
            "{phone:?}"
        );
        let mail = phone.iter().find(|(way, _)| *way == Channel::Email).unwrap();
        assert!(mail.1.contains("«Лицензия»") && mail.1.ends_with("http://127.0.0.1:8080/ru/cases/1"), "{}", mail.1);
        // The inbox speaks the reader's language, whichever it is now.
        assert!(w.inbox(Lang::En).await[0].body.contains("“Licence”"));
        assert!(w.inbox(Lang::UzCyrl).await[0].title.contains("Ариза"));
        let (_, sent) = w.sent().await;
        assert!(sent.iter().all(|sent| sent.state == State::Sent && sent.attempts == 1), "{sent:?}");
    })
    .await;
}

#[tokio::test]
async fn an_ordinary_notice_sends_no_sms() {
    each_backend(notifications::MIGRATIONS, |db| async move {
        let w = World::new(db, &[]);
        w.tell(&w.notice("case-progress", Urgency::Normal)).await;
        assert_eq!(w.phone().await.iter().map(|(way, _)| *way).collect::<Vec<_>>(), [Channel::Email]);
    })
    .await;
}

#[tokio::test]
async fn the_same_event_delivered_twice_is_one_message_and_one_sms() {
    each_backend(notifications::MIGRATIONS, |db| async move {
        let w = World::new(db, &[]);
        let run = notifications::module().subscribers[0].run;
        let notice = w.notice("case-approved", Urgency::Important);
        let delivery = storage::Delivery {
            event_id: kernel::id::EventId::new(w.ctx.now(), &*w.ctx.rng),
            subject: w.subject,
            topic: "notifications.requested".into(),
            payload: serde_json::to_string(&notice).unwrap(),
            attempt: 1,
            created_at: w.ctx.now(),
        };
        run(w.ctx.clone(), delivery.clone()).await.unwrap();
        run(w.ctx.clone(), storage::Delivery { attempt: 2, ..delivery }).await.unwrap();
        w.worker.drain().await.unwrap();
        assert_eq!(w.inbox(Lang::Uz).await.len(), 1);
        assert_eq!(w.phone().await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn a_provider_that_is_away_delays_its_own_way_only_and_loses_nothing() {
    each_backend(notifications::MIGRATIONS, |db| async move {
        let w = World::new(db.clone(), &[("notifications.down", "sms")]);
        w.tell(&w.notice("case-refused", Urgency::Important)).await;
        let (_, sent) = w.sent().await;
        let state = |way| sent.iter().find(|sent| sent.channel == way).unwrap();
        assert_eq!(state(Channel::Email).state, State::Sent);
        assert_eq!(state(Channel::Sms).state, State::Waiting);
        assert_eq!(state(Channel::Sms).last_error.as_deref(), Some("sms is down"));
        assert_eq!(w.unread().await, 1, "the inbox does not wait for a provider");
        // The provider comes back: the same job, now with a provider that answers.
        let back = World::new(db, &[]);
        back.clock.set(w.ctx.now().checked_add(SignedDuration::from_hours(2)).unwrap());
        back.worker.drain().await.unwrap();
        let (_, sent) = w.sent().await;
        let sms = sent.iter().find(|sent| sent.channel == Channel::Sms).unwrap();
        assert_eq!((sms.state, sms.attempts), (State::Sent, 2));
    })
    .await;
}

#[tokio::test]
async fn a_refused_address_ends_the_delivery_and_a_sent_letter_is_not_sent_again() {
    each_backend(notifications::MIGRATIONS, |db| async move {
        let w = World::new(db, &[("notifications.down", "sms,email")]);
        w.tell(&w.notice("case-approved", Urgency::Important)).await;
        let (id, _) = w.sent().await;
        let never = Failing::script(vec![Outcome::Never { why: "no such number".into() }]);
        let (senders, sms, email) = senders(never, Failing::first(1));
        service::send(&w.ctx, &senders, w.subject, id, Channel::Sms).await.unwrap();
        let first = service::send(&w.ctx, &senders, w.subject, id, Channel::Email).await;
        assert!(matches!(first, Err(JobError::Retry(_))));
        for _ in 0..3 {
            service::send(&w.ctx, &senders, w.subject, id, Channel::Email).await.unwrap();
            service::send(&w.ctx, &senders, w.subject, id, Channel::Sms).await.unwrap();
        }
        assert_eq!((sms.asked().len(), email.asked().len()), (1, 2));
        let ids: Vec<MessageId> = email.asked().into_iter().map(|letter: Letter| letter.id).collect();
        assert_eq!(ids, [id, id], "the provider can recognise a repetition");
        let (_, sent) = w.sent().await;
        assert_eq!(sent.iter().map(|sent| sent.state).collect::<Vec<_>>(), [State::Sent, State::Refused]);
    })
    .await;
}

#[tokio::test]
async fn a_code_goes_by_sms_at_once_and_stays_out_of_the_inbox() {
    each_backend(notifications::MIGRATIONS, |db| async move {
        let w = World::new(db, &[]);
        let code = CodeRequested {
            phone: "998900000001".into(),
            code: "048213".into(),
            lang: Lang::Kaa,
            purpose: "sign-in".into(),
        };
        let mut batch = Batch::new(w.subject);
        emit(&w.ctx, &mut batch, &code);
        w.ctx.db.commit(batch).await.unwrap();
        w.worker.drain().await.unwrap();
        let lines = service::demo_phone(&w.ctx, Some("998900000001"), 5).await.unwrap();
        assert_eq!(lines.len(), 1);
        assert!(lines[0].body.contains("048213") && lines[0].body.contains("kiriw kodı"), "{}", lines[0].body);
        assert_eq!(w.unread().await, 0);
        assert!(service::demo_phone(&w.ctx, Some("998900000002"), 5).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_code_that_could_not_be_sent_in_time_is_dropped() {
    each_backend(notifications::MIGRATIONS, |db| async move {
        let w = World::new(db, &[]);
        let code = CodeRequested {
            phone: "998900000001".into(),
            code: "048213".into(),
            lang: Lang::Uz,
            purpose: "register".into(),
        };
        let id = MessageId::new(w.ctx.now(), &*w.ctx.rng);
        let asked_at = w.ctx.now();
        let (senders, sms, _) = senders(Failing::always("away"), Failing::always("away"));
        let first = service::send_code(&w.ctx, &senders, &code, id, asked_at).await;
        assert!(matches!(first, Err(JobError::Retry(_))));
        w.clock.advance(SignedDuration::from_secs(301));
        service::send_code(&w.ctx, &senders, &code, id, asked_at).await.unwrap();
        assert_eq!(sms.asked().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_message_is_read_by_opening_it_and_by_its_owner_only() {
    each_backend(notifications::MIGRATIONS, |db| async move {
        let w = World::new(db, &[]);
        let t = Catalogue::load(&[notifications::LOCALES]).unwrap().lang(Lang::Uz);
        for template in ["welcome", "case-approved", "document-issued"] {
            w.tell(&w.notice(template, Urgency::Normal)).await;
            w.clock.advance(SignedDuration::from_secs(60));
        }
        assert_eq!(w.unread().await, 3);
        let newest = w.inbox(Lang::Uz).await[0].id;
        let stranger = SubjectId::new(w.ctx.now(), &*w.ctx.rng);
        assert!(service::open(&w.ctx, &t, stranger, newest).await.unwrap().is_none());
        assert_eq!(w.unread().await, 3);
        let opened = service::open(&w.ctx, &t, w.subject, newest).await.unwrap().unwrap();
        assert!(opened.unread, "it was unread until now");
        assert_eq!(w.unread().await, 2);
        let older = service::list(&w.ctx, &t, w.subject, Some(newest.uuid()), 10).await.unwrap();
        assert_eq!(older.len(), 2);
        service::read_all(&w.ctx, w.subject).await.unwrap();
        assert_eq!(w.unread().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_notice_to_nobody_is_put_aside() {
    each_backend(notifications::MIGRATIONS, |db| async move {
        let w = World::new(db.clone(), &[]);
        *w.people.nobody.lock().unwrap() = true;
        w.tell(&w.notice("welcome", Urgency::Normal)).await;
        assert_eq!(storage::jobs::list_dead(&db, 10).await.unwrap().len(), 1);
    })
    .await;
}
