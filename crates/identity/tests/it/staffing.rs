//! Roles of staff on both databases and through the pages: given, confirmed by a second administrator, reviewed, ended.

use axum::http::StatusCode;
use contracts::{Channel, Role, UnitRef};
use identity::domain::grant::GrantRefused;
use identity::service::staffing::{self, Admin, GrantState, StaffingError};
use identity::service::{self, IdentityError, NewStaff};
use kernel::id::{StaffId, Uuid};
use kernel::lang::Lang;
use storage::testing::each_backend;

use super::World;
use super::pages::{Browser, site};

async fn staff(w: &World, login: &str, unit: &str, roles: &[Role]) -> StaffId {
    let new = NewStaff {
        login: login.into(),
        name: format!("Xodim {login}"),
        phone: "+998900001122".into(),
        unit: UnitRef::parse(unit),
        roles: roles.to_vec(),
        lang: Lang::Uz,
        password: "yashil choynak".into(),
    };
    service::create_staff(&w.ctx, &new).await.unwrap()
}

async fn admin(w: &World, staff: StaffId) -> Admin {
    let member = w.ctx.ports.staff.member(&w.ctx, staff).await.unwrap().unwrap();
    Admin { staff, name: member.name, unit: member.unit, roles: member.roles }
}

async fn roles(w: &World, staff: StaffId) -> Vec<Role> {
    w.ctx.ports.staff.member(&w.ctx, staff).await.unwrap().unwrap().roles
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

#[tokio::test]
async fn an_administrator_gives_a_role_within_the_agency_and_takes_it_back_at_once() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let ctx = &w.ctx;
        let boss = staff(&w, "admin", "AV.1726", &[Role::StaffAdmin]).await;
        let clerk = staff(&w, "clerk", "AV.1726266", &[]).await;
        let far = staff(&w, "far", "AV.1727", &[]).await;
        let other = staff(&w, "other", "IIV", &[]).await;
        let a = admin(&w, boss).await;
        for _ in 0..2 {
            let state = staffing::give(ctx, &a, clerk, id(1), Role::Official, 30).await.unwrap();
            assert_eq!(state, GrantState::Active, "a second press gives nothing twice");
        }
        assert_eq!(roles(&w, clerk).await, [Role::Official]);
        for who in [far, other] {
            let refused = staffing::give(ctx, &a, who, id(2), Role::Official, 30).await;
            assert!(matches!(refused, Err(StaffingError::NotFound)), "another unit is not the administrator's");
            assert!(staffing::member(ctx, &a, who).await.is_err());
        }
        let own = staffing::give(ctx, &a, boss, id(3), Role::Official, 30).await;
        assert!(matches!(own, Err(StaffingError::Refused(GrantRefused::Oneself))));
        let plain = Admin { roles: vec![Role::Head], ..a.clone() };
        assert!(matches!(staffing::members(ctx, &plain).await, Err(StaffingError::Refused(GrantRefused::NoAdmin))));
        let list = staffing::members(ctx, &a).await.unwrap();
        assert_eq!(list.len(), 2, "the administrator and the clerk");

        let token = service::open_for_staff(ctx, clerk, Channel::Web).await.unwrap().unwrap();
        assert!(w.principal(&token).await.unwrap().has_role(Role::Official));
        staffing::withdraw(ctx, &a, clerk, Role::Official).await.unwrap();
        assert!(!w.principal(&token).await.unwrap().has_role(Role::Official), "the next request is without it");
        assert!(matches!(staffing::withdraw(ctx, &a, clerk, Role::Official).await, Err(StaffingError::NotFound)));
        let (_, history) = staffing::member(ctx, &a, clerk).await.unwrap();
        let done: Vec<_> = history.iter().map(|h| (h.entry.action.as_str(), h.entry.actor)).collect();
        assert_eq!(done, [("staff.role_withdrawn", boss.uuid()), ("staff.role_given", boss.uuid())]);
    })
    .await;
}

#[tokio::test]
async fn a_sensitive_role_waits_for_a_second_administrator() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let ctx = &w.ctx;
        let first = staff(&w, "first", "AV", &[Role::StaffAdmin]).await;
        let second = staff(&w, "second", "AV", &[Role::StaffAdmin]).await;
        let clerk = staff(&w, "clerk", "AV", &[Role::Official]).await;
        let (a, b) = (admin(&w, first).await, admin(&w, second).await);
        assert_eq!(staffing::give(ctx, &a, clerk, id(1), Role::Head, 30).await.unwrap(), GrantState::Waits);
        assert_eq!(roles(&w, clerk).await, [Role::Official], "not yet");
        let twice = staffing::give(ctx, &b, clerk, id(2), Role::Head, 30).await;
        assert!(matches!(twice, Err(StaffingError::Refused(GrantRefused::HasIt))), "one waits already");
        let alone = staffing::confirm(ctx, &a, clerk, id(1), true).await;
        assert!(matches!(alone, Err(StaffingError::Refused(GrantRefused::SecondNeeded))));
        staffing::confirm(ctx, &b, clerk, id(1), true).await.unwrap();
        assert_eq!(roles(&w, clerk).await, [Role::Official, Role::Head]);
        let again = staffing::confirm(ctx, &b, clerk, id(1), true).await;
        assert!(matches!(again, Err(StaffingError::Identity(IdentityError::Stale))));

        staffing::give(ctx, &a, clerk, id(3), Role::Publisher, 30).await.unwrap();
        staffing::confirm(ctx, &b, clerk, id(3), false).await.unwrap();
        assert!(!roles(&w, clerk).await.contains(&Role::Publisher), "the second said no");
        // One administrator cannot make a second self.
        staffing::give(ctx, &a, clerk, id(4), Role::StaffAdmin, 30).await.unwrap();
        let own = admin(&w, clerk).await;
        assert!(staffing::confirm(ctx, &own, clerk, id(4), true).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn roles_end_by_themselves_and_are_due_for_review() {
    each_backend(identity::MIGRATIONS, |db| async move {
        let w = World::new(db);
        let ctx = &w.ctx;
        let boss = staff(&w, "admin", "AV", &[Role::StaffAdmin]).await;
        let clerk = staff(&w, "clerk", "AV", &[Role::Commission]).await;
        let a = admin(&w, boss).await;
        staffing::give(ctx, &a, clerk, id(1), Role::Official, 100).await.unwrap();
        let of = async |role: Role| {
            let (one, _) = staffing::member(ctx, &a, clerk).await.unwrap();
            one.held.into_iter().find(|held| held.role == role)
        };
        let official = of(Role::Official).await.unwrap();
        assert!(!official.due && !official.ends_soon && official.grant.unwrap().given_name == a.name);
        let from_setup = of(Role::Commission).await.unwrap();
        assert!(from_setup.due && from_setup.grant.is_none(), "nobody has ever looked at it");
        staffing::review(ctx, &a, clerk, Role::Commission).await.unwrap();
        let looked_at = of(Role::Commission).await.unwrap();
        assert!(!looked_at.due && looked_at.grant.is_some(), "from now on it has an end");
        w.wait(91 * 86_400);
        let official = of(Role::Official).await.unwrap();
        assert!(official.due && official.ends_soon);
        staffing::review(ctx, &a, clerk, Role::Official).await.unwrap();
        assert!(!of(Role::Official).await.unwrap().due);
        w.wait(10 * 86_400);
        for _ in 0..2 {
            staffing::expire(ctx).await.unwrap();
        }
        assert_eq!(roles(&w, clerk).await, [Role::Commission], "its time was over");
        let (_, history) = staffing::member(ctx, &a, clerk).await.unwrap();
        assert_eq!(history.iter().filter(|h| h.entry.action == "staff.role_expired").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_administrator_works_on_pages_in_every_language() {
    let w = World::new(storage::testing::sqlite(identity::MIGRATIONS).await.db);
    let first = staff(&w, "first", "AV", &[Role::StaffAdmin]).await;
    let second = staff(&w, "second", "AV", &[Role::StaffAdmin]).await;
    let clerk = staff(&w, "clerk", "AV", &[Role::Official]).await;
    let router = site(&w);
    let open = async |who: StaffId| {
        let mut browser = Browser::new(&router);
        let token = service::open_for_staff(&w.ctx, who, Channel::Web).await.unwrap().unwrap();
        browser.cookies.insert("ps".into(), token);
        browser
    };
    let (mut a, mut b, mut c) = (open(first).await, open(second).await, open(clerk).await);
    let page = format!("/staff/people/{clerk}");
    for lang in Lang::ALL {
        for path in [
            "/staff/people",
            "/staff/people?show=waiting",
            "/staff/people?show=due",
            &page,
            &format!("/staff/people/{first}"),
        ] {
            a.get(&format!("/{}{path}", lang.code())).await;
            assert_eq!(a.status, StatusCode::OK, "{path}: {}", a.body);
            a.is_sound(path);
        }
    }
    for path in ["/uz/staff/people".to_owned(), format!("/uz{page}")] {
        c.get(&path).await;
        assert_eq!(c.status, StatusCode::FORBIDDEN, "an official administers nobody");
    }
    let here = format!("/uz{page}");
    a.get(&here).await;
    let grant = a.body.split("name=\"grant\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    a.post(&here, &[("do", "give"), ("grant", &grant), ("role", "head"), ("days", "1000")]).await;
    assert_eq!(a.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(a.body.contains("value=\"1000\"") && a.body.contains("days-error"), "what was typed is kept");
    a.post(&here, &[("do", "give"), ("grant", &grant), ("days", "10")]).await;
    assert!(a.status == StatusCode::UNPROCESSABLE_ENTITY && a.body.contains("role-error"));
    a.post(&here, &[("do", "give"), ("grant", &grant), ("role", "head"), ("days", "100")]).await;
    assert!(a.location.ends_with("done=waits"), "{}", a.body);
    a.get(&here).await;
    assert!(!a.body.contains("value=\"confirm\""), "who gave it does not confirm it");
    b.get(&here).await;
    b.post(&here, &[("do", "confirm"), ("grant", &grant)]).await;
    assert!(b.location.ends_with("done=confirmed"), "{}", b.body);
    assert!(roles(&w, clerk).await.contains(&Role::Head));
    b.get(&here).await;
    b.post(&here, &[("do", "withdraw"), ("role", "head")]).await;
    assert!(!roles(&w, clerk).await.contains(&Role::Head));
    a.get("/uz/staff/people/made-up").await;
    assert_eq!(a.status, StatusCode::NOT_FOUND);
}
