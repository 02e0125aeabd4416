//! Mandates on both databases and through their pages: given, accepted, limited, suspended, revoked, run out.

use axum::http::StatusCode;
use contracts::mandates::{Acting, Deed, Grantor, MandateRefused, Mandates};
use contracts::{Channel, Principal};
use identity::domain::mandate::{Command, CommandRefused, Power, Scope, State, Terms};
use identity::service::mandates::{self, Giving, MandateError, NewMandate};
use identity::service::{self, IdentityError, NewPerson};
use kernel::id::{DraftId, SubjectId, Uuid};
use kernel::lang::Lang;
use kernel::money::Tiyin;
use kernel::person::Stir;
use storage::testing::each_backend;

use super::pages::{Browser, site};
use super::{PINFL, World, person};

const FIRM: &str = "300000005";
const EMPLOYEE: &str = "30211880261028";
const SECOND: &str = "40503620031121";

fn stir() -> Stir {
    Stir::parse(FIRM).unwrap()
}

fn named(pinfl: &str, surname: &str, phone: &str) -> NewPerson {
    NewPerson {
        pinfl: Some(pinfl.into()),
        passport: format!("AD{}", &pinfl[7..]),
        surname: surname.into(),
        phone: phone.into(),
        email: None,
        ..person()
    }
}

/// The director, an employee and a founder, all with cabinets.
async fn firm(w: &World) -> (SubjectId, SubjectId, SubjectId) {
    *w.register.seats.lock().unwrap() =
        vec![[PINFL, FIRM, "“Namuna” MChJ", "rahbar"], [SECOND, FIRM, "“Namuna” MChJ", "ta’sischi"]];
    let make = async |new: NewPerson| service::create_person(&w.ctx, &new).await.unwrap();
    let director = make(person()).await;
    let employee = make(named(EMPLOYEE, "Yo‘ldoshev", "+998900000002")).await;
    let founder = make(named(SECOND, "Rahimova", "+998900000004")).await;
    (director, employee, founder)
}

fn terms(w: &World) -> Terms {
    let today = w.ctx.today();
    Terms {
        powers: vec![Power::See, Power::Sign],
        scope: Scope { all: true, ..Scope::default() },
        max_amount: None,
        max_number: None,
        from: today,
        until: today.tomorrow().unwrap().tomorrow().unwrap(),
        four_eyes: false,
    }
}

fn new(w: &World, terms: Terms) -> NewMandate {
    NewMandate {
        id: mandates::form_id(&w.ctx),
        from: Giving::Organisation(stir()),
        holder: EMPLOYEE.into(),
        country: String::new(),
        // Another script and another apostrophe are the same surname.
        surname: "Йўлдошев".into(),
        name: "Jasur".into(),
        terms,
    }
}

async fn act(
    w: &World,
    who: SubjectId,
    (subject, id): (SubjectId, Uuid),
    command: Command,
) -> Result<(), MandateError> {
    let seen = mandates::seen(&w.ctx, who, subject, id).await?;
    mandates::act(&w.ctx, who, subject, id, seen.mandate.seq, &command).await
}

async fn held(w: &World, who: SubjectId) -> Vec<contracts::mandates::Held> {
    let person = w.ctx.ports.people.person(&w.ctx, who).await.unwrap().unwrap();
    identity::Port.held(&w.ctx, &person, "306", "other").await.unwrap()
}

async fn spend(w: &World, who: SubjectId, number: &str, n: u128, som: i64) -> Result<(), MandateRefused> {
    let person = w.ctx.ports.people.person(&w.ctx, who).await.unwrap().unwrap();
    let deed = Deed {
        draft: DraftId::from_uuid(Uuid::from_u128(n)),
        service: "306".into(),
        group: "other".into(),
        amount: Tiyin::from_som(som),
    };
    identity::Port.spend(&w.ctx, &person, number, &deed).await.unwrap()
}

async fn told(w: &World, template: &str) -> Vec<SubjectId> {
    w.worker.drain().await.unwrap();
    let notices = w.notices.lock().unwrap();
    notices.iter().filter(|notice| notice.template == template).map(|notice| notice.subject).collect()
}

#[tokio::test]
async fn a_mandate_opens_the_firm_to_the_employee_until_it_is_revoked() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let (director, employee, founder) = firm(&w).await;
        let asked = new(&w, terms(&w));
        assert!(
            matches!(mandates::give(&w.ctx, founder, &asked).await, Err(MandateError::Refused(CommandRefused::NotYours))),
            "a founder is no director"
        );
        let at = mandates::give(&w.ctx, director, &asked).await.unwrap();
        assert_eq!(mandates::give(&w.ctx, director, &asked).await.unwrap(), at, "a second press gives nothing twice");
        assert_eq!(told(&w, "mandate-offered").await, [employee]);
        assert!(held(&w, employee).await.is_empty(), "not accepted yet");

        let stranger = service::create_person(&w.ctx, &named("33001790351136", "Aliyev", "+998900000005")).await.unwrap();
        assert!(matches!(act(&w, stranger, at, Command::Accept).await, Err(MandateError::NotFound)));
        act(&w, employee, at, Command::Accept).await.unwrap();
        assert_eq!(told(&w, "mandate-changed").await, [director]);
        let open = held(&w, employee).await;
        assert_eq!(open.len(), 1);
        assert!(matches!(&open[0].grantor, Grantor::Organisation { stir, name } if stir.as_str() == FIRM && name == "“Namuna” MChJ"));
        let number = open[0].number.clone();
        assert_eq!(spend(&w, employee, &number, 1, 0).await, Ok(()));
        assert_eq!(spend(&w, employee, &number, 2, 5).await, Err(MandateRefused::NoPower), "nobody let them pay");
        assert_eq!(spend(&w, stranger, &number, 3, 0).await, Err(MandateRefused::None));
        let who = w.ctx.ports.people.person(&w.ctx, employee).await.unwrap().unwrap();
        assert_eq!(identity::Port.may_see(&w.ctx, &who, &stir()).await.unwrap().as_deref(), Some("“Namuna” MChJ"));

        act(&w, director, at, Command::Suspend).await.unwrap();
        assert!(held(&w, employee).await.is_empty());
        assert_eq!(spend(&w, employee, &number, 4, 0).await, Err(MandateRefused::Suspended));
        act(&w, director, at, Command::Resume).await.unwrap();
        assert_eq!(held(&w, employee).await.len(), 1);
        act(&w, director, at, Command::Revoke).await.unwrap();
        assert!(held(&w, employee).await.is_empty());
        assert_eq!(spend(&w, employee, &number, 1, 0).await, Err(MandateRefused::Ended), "also what was counted before");
        assert_eq!(identity::Port.may_see(&w.ctx, &who, &stir()).await.unwrap(), None);

        let seen = mandates::seen(&w.ctx, employee, at.0, at.1).await.unwrap();
        let events: Vec<_> = seen.mandate.events.iter().map(|e| (e.event.name(), e.actor, e.subject)).collect();
        assert_eq!(
            events,
            [
                ("given", Some(director), at.0),
                ("accepted", Some(employee), at.0),
                ("spent", Some(employee), at.0),
                ("suspended", Some(director), at.0),
                ("resumed", Some(director), at.0),
                ("revoked", Some(director), at.0),
            ],
            "every event names who acted and for whom"
        );
        let looked = storage::audit::for_subject(&w.ctx.db, director, None, 50).await.unwrap();
        assert!(looked.iter().all(|look| look.entry.reason != EMPLOYEE), "no number in what is recorded");
    })
    .await;
}

#[tokio::test]
async fn limits_count_each_application_once_and_only_narrow() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let (director, employee, _) = firm(&w).await;
        let limited = Terms {
            powers: Power::ALL.to_vec(),
            max_number: Some(2),
            max_amount: Some(Tiyin::from_som(100)),
            ..terms(&w)
        };
        let at = mandates::give(&w.ctx, director, &new(&w, limited.clone())).await.unwrap();
        act(&w, employee, at, Command::Accept).await.unwrap();
        let number = held(&w, employee).await[0].number.clone();
        assert_eq!(spend(&w, employee, &number, 1, 101).await, Err(MandateRefused::Amount));
        for _ in 0..3 {
            assert_eq!(spend(&w, employee, &number, 1, 100).await, Ok(()), "the same draft again");
        }
        // Two at the same moment: one place is left.
        let (a, b) = tokio::join!(spend(&w, employee, &number, 2, 0), spend(&w, employee, &number, 3, 0));
        assert_eq!([a, b].iter().filter(|answer| answer.is_ok()).count(), 1, "{a:?} {b:?}");
        assert!(held(&w, employee).await.is_empty(), "all are used");

        let wider = Terms { max_number: Some(3), ..limited.clone() };
        assert!(matches!(
            act(&w, director, at, Command::Limit(wider)).await,
            Err(MandateError::Refused(CommandRefused::Widens))
        ));
        let less = Terms { max_amount: Some(Tiyin::from_som(50)), ..limited };
        act(&w, director, at, Command::Limit(less)).await.unwrap();
        assert_eq!(spend(&w, employee, &number, 1, 100).await, Err(MandateRefused::Amount));
        let stale = mandates::act(&w.ctx, director, at.0, at.1, 1, &Command::Revoke).await;
        assert!(matches!(stale, Err(MandateError::Identity(IdentityError::Stale))), "seen before it was changed");
    })
    .await;
}

#[tokio::test]
async fn a_second_person_of_the_firm_agrees_where_four_eyes_are_asked_for() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let (director, employee, founder) = firm(&w).await;
        let at = mandates::give(&w.ctx, director, &new(&w, Terms { four_eyes: true, ..terms(&w) })).await.unwrap();
        act(&w, employee, at, Command::Accept).await.unwrap();
        assert!(held(&w, employee).await.is_empty(), "one person is not enough");
        for who in [director, employee] {
            assert!(matches!(
                act(&w, who, at, Command::Agree).await,
                Err(MandateError::Refused(CommandRefused::NotYours))
            ));
        }
        w.register.away.lock().map(|mut away| *away = true).unwrap();
        let silent = mandates::act(&w.ctx, founder, at.0, at.1, 2, &Command::Agree).await;
        assert!(
            matches!(silent, Err(MandateError::Register(name)) if name == "tax"),
            "nobody guesses who a founder is"
        );
        w.register.away.lock().map(|mut away| *away = false).unwrap();
        act(&w, founder, at, Command::Agree).await.unwrap();
        assert_eq!(held(&w, employee).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_mandate_waits_for_somebody_without_a_cabinet_and_refuses_a_namesake_of_the_number() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let (director, employee, _) = firm(&w).await;
        let newcomer = NewMandate { holder: "33001790351136".into(), surname: "Aliyev".into(), ..new(&w, terms(&w)) };
        let at = mandates::give(&w.ctx, director, &newcomer).await.unwrap();
        assert!(told(&w, "mandate-offered").await.is_empty(), "there is nobody to tell yet");
        let later = service::create_person(&w.ctx, &named("33001790351136", "Aliyev", "+998900000005")).await.unwrap();
        assert_eq!(mandates::held_by(&w.ctx, later).await.unwrap()[0].state, State::Offered);
        act(&w, later, at, Command::Accept).await.unwrap();
        assert_eq!(held(&w, later).await.len(), 1);

        let mistyped = NewMandate { surname: "Karimov".into(), ..new(&w, terms(&w)) };
        let at = mandates::give(&w.ctx, director, &mistyped).await.unwrap();
        assert!(act(&w, employee, at, Command::Accept).await.is_err(), "another surname");
        act(&w, employee, at, Command::Decline).await.unwrap();

        for (change, field) in [
            (NewMandate { holder: PINFL.into(), ..new(&w, terms(&w)) }, "holder"),
            (NewMandate { holder: "123".into(), ..new(&w, terms(&w)) }, "holder"),
            (NewMandate { country: "QQ".into(), ..new(&w, terms(&w)) }, "country"),
            (NewMandate { surname: " ".into(), ..new(&w, terms(&w)) }, "surname"),
            (NewMandate { from: Giving::Oneself, ..new(&w, Terms { four_eyes: true, ..terms(&w) }) }, "four_eyes"),
        ] {
            let Err(MandateError::Wrong(wrong)) = mandates::give(&w.ctx, director, &change).await else {
                panic!("{field} is wrong")
            };
            assert_eq!(wrong.iter().map(|(field, _)| *field).collect::<Vec<_>>(), [field]);
        }
    })
    .await;
}

#[tokio::test]
async fn people_give_powers_to_people_and_a_foreign_citizen_receives_one() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let (director, ..) = firm(&w).await;
        let foreign = NewPerson {
            pinfl: None,
            passport: "N0000077".into(),
            surname: "Miller".into(),
            citizenship: "DE".into(),
            phone: "+998900000077".into(),
            ..person()
        };
        let guest = service::create_person(&w.ctx, &foreign).await.unwrap();
        let power = NewMandate {
            from: Giving::Oneself,
            holder: "n 0000077".into(),
            country: "DE".into(),
            surname: "MILLER".into(),
            ..new(&w, terms(&w))
        };
        let at = mandates::give(&w.ctx, director, &power).await.unwrap();
        assert_eq!(at.0, director, "it is the person's own");
        act(&w, guest, at, Command::Accept).await.unwrap();
        let open = held(&w, guest).await;
        assert!(matches!(&open[0].grantor, Grantor::Person { pinfl, surname, .. } if pinfl.as_str() == PINFL && surname == "Karimova"));
        act(&w, guest, at, Command::Renounce).await.unwrap();
        assert!(held(&w, guest).await.is_empty());
        let back = NewMandate { holder: PINFL.into(), country: String::new(), surname: "Karimova".into(), ..power };
        let refused = mandates::give(&w.ctx, guest, &NewMandate { id: mandates::form_id(&w.ctx), ..back }).await;
        assert!(matches!(refused, Err(MandateError::Wrong(_))), "who has no PINFL cannot be represented by number");
    })
    .await;
}

#[tokio::test]
async fn a_mandate_runs_out_and_both_sides_are_told_once() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let (director, employee, _) = firm(&w).await;
        let at = mandates::give(&w.ctx, director, &new(&w, terms(&w))).await.unwrap();
        act(&w, employee, at, Command::Accept).await.unwrap();
        mandates::expire(&w.ctx).await.unwrap();
        assert_eq!(held(&w, employee).await.len(), 1, "its last day is not over");
        w.wait(3 * 86_400);
        assert!(held(&w, employee).await.is_empty(), "over before the job has run");
        for _ in 0..2 {
            mandates::expire(&w.ctx).await.unwrap();
        }
        let seen = mandates::seen(&w.ctx, employee, at.0, at.1).await.unwrap();
        assert_eq!(seen.mandate.events.iter().filter(|e| e.event.name() == "expired").count(), 1);
        assert_eq!(told(&w, "mandate-changed").await, [director, employee, director]);
    })
    .await;
}

#[tokio::test]
async fn a_session_remembers_for_whom_one_acts_and_forgets_it_with_the_session() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let subject = w.person().await;
        let principal = async || -> Principal {
            let token = service::open_for_person(&w.ctx, subject, Channel::Web).await.unwrap().unwrap();
            w.principal(&token).await.unwrap()
        };
        let (one, other) = (principal().await, principal().await);
        let port = identity::Port;
        let acting = Acting { person: subject, kind: "organisation".into(), key: FIRM.into(), name: "F".into() };
        assert_eq!(port.acting(&w.ctx, &one).await.unwrap(), None);
        for _ in 0..2 {
            port.act_as(&w.ctx, &one, Some(&acting)).await.unwrap();
            assert_eq!(port.acting(&w.ctx, &one).await.unwrap().as_ref(), Some(&acting));
        }
        assert_eq!(port.acting(&w.ctx, &other).await.unwrap(), None, "another session is another choice");
        port.act_as(&w.ctx, &one, None).await.unwrap();
        assert_eq!(port.acting(&w.ctx, &one).await.unwrap(), None);
        port.act_as(&w.ctx, &other, Some(&acting)).await.unwrap();
        service::sign_out(&w.ctx, &other).await.unwrap();
        assert_eq!(port.acting(&w.ctx, &other).await.unwrap(), None);
    })
    .await;
}

/// A browser in which the person is signed in.
async fn signed_in(w: &World, router: &axum::Router, subject: SubjectId) -> Browser {
    let mut browser = Browser::new(router);
    let token = service::open_for_person(&w.ctx, subject, Channel::Web).await.unwrap().unwrap();
    browser.cookies.insert("ps".into(), token);
    browser
}

#[tokio::test]
async fn a_director_gives_changes_and_stops_a_mandate_on_pages() {
    let db = storage::testing::sqlite(identity::MIGRATIONS).await.db;
    let w = World::new(db);
    let (director, employee, founder) = firm(&w).await;
    let router = site(&w);
    let mut boss = signed_in(&w, &router, director).await;
    let form = format!("/cabinet/organisations/{FIRM}/give");
    boss.get(&format!("/uz{form}")).await;
    let id = boss.body.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let bad = [
        ("id", id.as_str()),
        ("holder", "123"),
        ("surname", "Йўлдошев"),
        ("max_amount", "ko‘p"),
        ("until.day", "31"),
        ("until.month", "2"),
        ("until.year", "2027"),
    ];
    boss.post(&format!("/uz{form}"), &bad).await;
    assert_eq!(boss.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(boss.body.contains("value=\"Йўлдошев\"") && boss.body.contains("value=\"ko‘p\""), "what was typed is kept");
    for field in ["holder", "max_amount", "until", "powers", "scope"] {
        assert!(boss.body.contains(&format!("{field}-error")), "all mistakes at once: {field}");
    }
    let good = [
        ("id", id.as_str()),
        ("holder", EMPLOYEE),
        ("surname", "Yo‘ldoshev"),
        ("name", "Jasur"),
        ("powers", "see"),
        ("powers", "sign"),
        ("scope", "all"),
        ("max_number", "5"),
        ("until.day", "1"),
        ("until.month", "12"),
        ("until.year", "2026"),
    ];
    boss.post(&format!("/uz{form}"), &good).await;
    assert_eq!(boss.status, StatusCode::SEE_OTHER, "{}", boss.body);
    let page = boss.location.split('?').next().unwrap().to_owned();
    boss.get(&page).await;
    boss.post(&page, &[("do", "revoke"), ("seq", "1"), ("_csrf", "")]).await;
    boss.get(&page).await;

    // Another one, to live.
    boss.get(&format!("/uz{form}")).await;
    let id = boss.body.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut again = good;
    again[0] = ("id", id.as_str());
    boss.post(&format!("/uz{form}"), &again).await;
    let page = boss.location.split('?').next().unwrap().to_owned();
    let bare = page.strip_prefix("/uz").unwrap().to_owned();
    let mut staff = signed_in(&w, &router, employee).await;
    let mut other = signed_in(&w, &router, founder).await;
    for lang in Lang::ALL {
        let code = lang.code();
        for (who, path) in [
            (0, "/cabinet/mandates".to_owned()),
            (0, format!("/cabinet/organisations/{FIRM}")),
            (0, form.clone()),
            (0, "/cabinet/powers/give".to_owned()),
            (0, bare.clone()),
            (0, format!("{bare}/limit")),
            (1, "/cabinet/mandates".to_owned()),
            (1, bare.clone()),
            (2, format!("/cabinet/organisations/{FIRM}")),
            (2, "/foreign".to_owned()),
        ] {
            let browser = match who {
                0 => &mut boss,
                1 => &mut staff,
                _ => &mut other,
            };
            browser.get(&format!("/{code}{path}")).await;
            assert_eq!(browser.status, StatusCode::OK, "{code}{path}: {}", browser.body);
            browser.is_sound(&path);
        }
    }
    staff.get(&page).await;
    staff.post(&page, &[("do", "accept"), ("seq", "1")]).await;
    assert!(staff.location.ends_with("done=accept"), "{} {}", staff.status, staff.location);
    boss.get(&format!("{page}/limit")).await;
    let narrower = [
        ("seq", "2"),
        ("powers", "see"),
        ("scope", "all"),
        ("max_number", "9"),
        ("until.day", "1"),
        ("until.month", "12"),
        ("until.year", "2026"),
    ];
    boss.post(&format!("{page}/limit"), &narrower).await;
    assert_eq!(boss.status, StatusCode::UNPROCESSABLE_ENTITY, "more applications than before");
    let mut less = narrower;
    less[3] = ("max_number", "3");
    boss.post(&format!("{page}/limit"), &less).await;
    assert!(boss.location.ends_with("done=limit"), "{}", boss.body);
    // The second press of an old page changes nothing.
    boss.get(&page).await;
    boss.post(&page, &[("do", "suspend"), ("seq", "2")]).await;
    assert_eq!(boss.location, page);
    boss.get(&page).await;
    boss.post(&page, &[("do", "suspend"), ("seq", "3")]).await;
    assert!(boss.location.ends_with("done=suspend"));

    let mut stranger = {
        let who = service::create_person(&w.ctx, &named("33001790351136", "Aliyev", "+998900000005")).await.unwrap();
        signed_in(&w, &router, who).await
    };
    for path in
        [page.clone(), format!("{page}/limit"), format!("/uz/cabinet/organisations/{FIRM}"), format!("/uz{form}")]
    {
        stranger.get(&path).await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND, "{path}");
    }
    other.get(&format!("/uz{form}")).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN, "a founder gives no mandates");
    *w.register.away.lock().unwrap() = true;
    boss.get("/ru/cabinet/mandates").await;
    assert_eq!(boss.status, StatusCode::OK, "the rest is shown without the register");
    boss.get(&format!("/ru/cabinet/organisations/{FIRM}")).await;
    assert_eq!(boss.status, StatusCode::SERVICE_UNAVAILABLE);
}
