//! The life of invoices, on both databases.

use contracts::applications::Outcome;
use contracts::payments::InvoiceState;
use kernel::money::Tiyin;
use payments::domain::payme::State;
use payments::{MIGRATIONS, service, store};
use serde_json::json;
use storage::testing::each_backend;

use crate::world::World;

#[tokio::test]
async fn an_event_delivered_twice_makes_one_invoice() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let due = world.due(1, 37_080);
        let first = world.issue(1, &due).await;
        let second = world.issue(1, &due).await;
        assert_eq!(first.id, second.id);
        assert_eq!(world.told().await, ["notifications.requested payment-due"]);
        assert_eq!(service::list(&world.ctx, world.subject, None, 10).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_invoice_is_paid_once_however_often_the_provider_calls() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let invoice = world.issue(1, &world.due(1, 37_080)).await;
        world.told().await;
        let check = json!({ "amount": invoice.amount.get(), "account": { "invoice": invoice.number } });
        assert_eq!(world.call("CheckPerformTransaction", check).await, Ok(json!({ "allow": true })));
        let created = world.create("a", &invoice).await.unwrap();
        assert_eq!(world.create("a", &invoice).await.unwrap(), created);
        assert_eq!(world.create("b", &invoice).await, Err(-31053));
        world.wait(1);
        let performed = world.perform("a").await.unwrap();
        world.wait(1);
        assert_eq!(world.perform("a").await.unwrap(), performed);
        assert_eq!(world.invoice(&invoice).await.state, InvoiceState::Paid);
        assert_eq!(world.told().await, ["notifications.requested payment-received", "payments.invoice_paid tolov"]);
        assert_eq!(world.create("b", &invoice).await, Err(-31051));
    })
    .await;
}

#[tokio::test]
async fn parallel_calls_do_not_both_get_the_invoice() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let invoice = world.issue(1, &world.due(1, 37_080)).await;
        let (a, b, c, d) = tokio::join!(
            world.create("a", &invoice),
            world.create("b", &invoice),
            world.create("a", &invoice),
            world.create("c", &invoice)
        );
        let created: Vec<_> = [&a, &b, &c, &d].iter().filter_map(|r| r.as_ref().ok().cloned()).collect();
        assert!(!created.is_empty() && created.iter().all(|one| *one == created[0]), "{a:?} {b:?} {c:?} {d:?}");
        let winner = if a.is_ok() {
            "a"
        } else if b.is_ok() {
            "b"
        } else {
            "c"
        };
        let (x, y) = tokio::join!(world.perform(winner), world.perform(winner));
        assert_eq!(x.unwrap()["state"], 2);
        assert_eq!(y.unwrap()["state"], 2);
        let paid = world.told().await.into_iter().filter(|line| line.starts_with("payments.invoice_paid")).count();
        assert_eq!(paid, 1);
    })
    .await;
}

#[tokio::test]
async fn an_unpaid_invoice_expires_unless_money_is_on_its_way() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let lost = world.issue(1, &world.due(1, 1_000)).await;
        let held = world.issue(2, &world.due(2, 2_000)).await;
        world.told().await;
        world.wait(70);
        world.create("a", &held).await.unwrap();
        world.wait(3);
        assert_eq!(world.create("b", &lost).await, Err(-31052), "its time is over before the task came by");
        assert_eq!(service::expire_overdue(&world.ctx).await.unwrap(), 1);
        assert_eq!(service::expire_overdue(&world.ctx).await.unwrap(), 0);
        assert_eq!(world.told().await, ["payments.invoice_expired tolov"]);
        assert_eq!(world.invoice(&lost).await.state, InvoiceState::Expired);
        assert_eq!(world.perform("a").await.unwrap()["state"], 2);
        assert_eq!(world.invoice(&held).await.state, InvoiceState::Paid);
    })
    .await;
}

#[tokio::test]
async fn a_fee_of_a_refused_application_pays_the_next_one_once() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let first = world.issue(1, &world.due(1, 1_000)).await;
        world.create("a", &first).await.unwrap();
        world.perform("a").await.unwrap();
        world.end(1, Outcome::Refused).await;
        world.told().await;
        world.wait(24 * 9);
        let second = world.issue(2, &world.due(2, 1_000)).await;
        assert_eq!((second.state, second.covered_by), (InvoiceState::Paid, Some(first.id)));
        assert_eq!(world.told().await, ["payments.invoice_paid tolov"]);
        let third = world.issue(3, &world.due(3, 1_000)).await;
        assert_eq!(third.state, InvoiceState::Open);
        assert_eq!(world.cancel("a").await, Err(-31007), "what was used again is not given back");
    })
    .await;
}

#[tokio::test]
async fn a_credit_ends_after_its_days() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let first = world.issue(1, &world.due(1, 1_000)).await;
        world.create("a", &first).await.unwrap();
        world.perform("a").await.unwrap();
        world.end(1, Outcome::Refused).await;
        world.wait(24 * 11);
        assert_eq!(world.issue(2, &world.due(2, 1_000)).await.state, InvoiceState::Open);
    })
    .await;
}

#[tokio::test]
async fn money_goes_back_until_the_service_is_given() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let kept = world.issue(1, &world.due(1, 1_000)).await;
        let returned = world.issue(2, &world.due(2, 1_000)).await;
        for (id, invoice) in [("a", &kept), ("b", &returned)] {
            world.create(id, invoice).await.unwrap();
            world.perform(id).await.unwrap();
        }
        world.end(1, Outcome::Approved).await;
        world.end(1, Outcome::Approved).await;
        world.told().await;
        assert_eq!(world.cancel("a").await, Err(-31007));
        assert_eq!(world.cancel("b").await.unwrap()["state"], -2);
        assert_eq!(world.invoice(&returned).await.state, InvoiceState::Refunded);
        assert_eq!(world.told().await, ["notifications.requested payment-refunded", "payments.invoice_refunded"]);
        let tax = json!({ "id": "b", "type": "CANCEL", "fiscal_data": { "receipt_id": 1, "qr_code_url": "https://ofd.example/1" } });
        assert_eq!(world.call("SetFiscalData", tax).await, Ok(json!({ "success": true })));
        let now = service::millis(world.ctx.now());
        let statement = world.call("GetStatement", json!({ "from": now - 1, "to": now + 1 })).await.unwrap();
        let states: Vec<_> = statement["transactions"].as_array().unwrap().iter().map(|t| t["state"].clone()).collect();
        assert_eq!(states, [json!(2), json!(-2)]);
    })
    .await;
}

/// Sums of what was paid, what went back, and what the invoices say that there is.
async fn money(world: &World) -> (i64, i64, i64) {
    let mut sums = (0, 0, 0);
    for invoice in service::list(&world.ctx, world.subject, None, 100).await.unwrap() {
        let transactions = store::transactions_of(&world.ctx.db, world.subject, invoice.id).await.unwrap();
        sums.0 += transactions.iter().filter(|t| t.perform_time > 0).map(|t| t.amount).sum::<i64>();
        sums.1 += transactions.iter().filter(|t| t.state == State::Refunded).map(|t| t.amount).sum::<i64>();
        if invoice.state == InvoiceState::Paid && invoice.covered_by.is_none() {
            sums.2 += invoice.amount.get();
        }
    }
    sums
}

/// Rule PAY-REFUND-DUE.
#[tokio::test]
async fn a_fee_falls_due_to_go_back_once_and_is_done_when_the_provider_says_so() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let mut due = world.due(1, 1_000);
        due.refund = vec![Outcome::Refused, Outcome::Withdrawn];
        due.valid_after_reject_days = 0;
        let invoice = world.issue(1, &due).await;
        world.create("a", &invoice).await.unwrap();
        world.perform("a").await.unwrap();
        world.told().await;
        // The same end comes twice, as jobs may.
        world.end(1, Outcome::Refused).await;
        world.end(1, Outcome::Refused).await;
        assert_eq!(world.told().await, ["notifications.requested payment-refund-due"], "told once");
        let now = world.invoice(&invoice).await;
        assert_eq!((now.state, now.refund_for), (InvoiceState::Paid, Some(Outcome::Refused)));
        let (count, sum, refunds) = service::refunds(&world.ctx, 10).await.unwrap();
        assert_eq!((count, sum, refunds.len()), (1, Tiyin::from_som(1_000), 1));
        assert_eq!((refunds[0].transaction.as_deref(), refunds[0].because), (Some("a"), Some(Outcome::Refused)));
        assert_eq!(money(&world).await, (100_000, 0, 100_000));
        // The provider may report it more than once, too.
        let first = world.cancel("a").await.unwrap();
        assert_eq!(world.cancel("a").await.unwrap(), first);
        assert_eq!(world.told().await, ["notifications.requested payment-refunded", "payments.invoice_refunded"]);
        assert_eq!(service::refunds(&world.ctx, 10).await.unwrap().0, 0);
        assert_eq!(money(&world).await, (100_000, 100_000, 0));
        // Whatever comes late changes nothing.
        world.end(1, Outcome::Withdrawn).await;
        assert_eq!(service::refunds(&world.ctx, 10).await.unwrap().0, 0);
        assert!(world.told().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_given_after_all_is_not_paid_back() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let mut due = world.due(1, 1_000);
        due.refund = vec![Outcome::Refused];
        due.valid_after_reject_days = 0;
        let invoice = world.issue(1, &due).await;
        world.create("a", &invoice).await.unwrap();
        world.perform("a").await.unwrap();
        world.end(1, Outcome::Refused).await;
        assert!(world.invoice(&invoice).await.refund_due_at.is_some());
        // The appeal was granted, and the service given before the money went back.
        world.end(1, Outcome::Approved).await;
        assert_eq!(world.invoice(&invoice).await.refund_due_at, None);
        assert_eq!(world.cancel("a").await, Err(-31007));
        assert_eq!(service::refunds(&world.ctx, 10).await.unwrap().0, 0);
        // What nobody paid, and what no terms name, is not paid back either.
        let unpaid = world.issue(2, &due_for(&world, 2, &[Outcome::Withdrawn])).await;
        world.end(2, Outcome::Withdrawn).await;
        assert_eq!(world.invoice(&unpaid).await.state, InvoiceState::Cancelled);
        let other = world.issue(3, &due_for(&world, 3, &[Outcome::Refused])).await;
        world.create("c", &other).await.unwrap();
        world.perform("c").await.unwrap();
        world.end(3, Outcome::Withdrawn).await;
        assert_eq!(world.invoice(&other).await.refund_due_at, None);
        assert_eq!(service::refunds(&world.ctx, 10).await.unwrap().0, 0);
    })
    .await;
}

fn due_for(world: &World, case: u128, refund: &[Outcome]) -> contracts::applications::PaymentDue {
    contracts::applications::PaymentDue {
        refund: refund.to_vec(),
        valid_after_reject_days: 0,
        ..world.due(case, 1_000)
    }
}

/// The fee of a refused application was counted for the next; that one is withdrawn: the money is that of the first invoice.
#[tokio::test]
async fn a_fee_that_was_counted_again_goes_back_to_whence_it_came_and_the_sums_agree() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let mut due = world.due(1, 1_000);
        due.refund = vec![Outcome::Withdrawn];
        let first = world.issue(1, &due).await;
        world.create("a", &first).await.unwrap();
        world.perform("a").await.unwrap();
        world.end(1, Outcome::Refused).await;
        let second = world.issue(2, &contracts::applications::PaymentDue { case: world.case(2), ..due.clone() }).await;
        assert_eq!(second.covered_by, Some(first.id));
        assert_eq!(world.cancel("a").await, Err(-31007), "it is used");
        world.told().await;
        world.end(2, Outcome::Withdrawn).await;
        world.end(2, Outcome::Withdrawn).await;
        assert_eq!(world.told().await, ["notifications.requested payment-refund-due"]);
        let (count, sum, refunds) = service::refunds(&world.ctx, 10).await.unwrap();
        assert_eq!((count, sum, refunds[0].number.clone()), (1, Tiyin::from_som(1_000), first.number.clone()));
        assert_eq!(world.cancel("a").await.unwrap()["state"], -2);
        for invoice in [&first, &second] {
            assert_eq!(world.invoice(invoice).await.state, InvoiceState::Refunded);
        }
        assert_eq!(world.told().await, ["notifications.requested payment-refunded", "payments.invoice_refunded"]);
        assert_eq!(money(&world).await, (100_000, 100_000, 0));
    })
    .await;
}

#[tokio::test]
async fn a_case_that_ends_unpaid_closes_its_invoice() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let invoice = world.issue(1, &world.due(1, 1_000)).await;
        world.create("a", &invoice).await.unwrap();
        world.end(1, Outcome::Withdrawn).await;
        assert_eq!(world.invoice(&invoice).await.state, InvoiceState::Cancelled);
        assert_eq!(world.perform("a").await, Err(-31008));
        assert_eq!(world.create("b", &invoice).await, Err(-31052));
    })
    .await;
}

/// PAY-AUTH.
#[tokio::test]
async fn nobody_but_the_provider_is_answered() {
    each_backend(MIGRATIONS, async |db| {
        let world = World::new(db);
        let body = json!({ "id": 1, "method": "CheckTransaction", "params": { "id": "a" } }).to_string();
        let wrong = format!("Basic {}", data_encoding::BASE64.encode(b"Paycom:guess"));
        for header in [None, Some(""), Some("Basic"), Some("Basic !!"), Some("Bearer x"), Some(wrong.as_str())] {
            let answer = service::payme_request(&world.ctx, header, body.as_bytes()).await;
            assert_eq!(answer["error"]["code"], -32504, "{header:?}");
            assert!(answer["error"]["message"]["uz"].is_string());
        }
        assert_eq!(world.call("CheckTransaction", json!({ "id": "a" })).await, Err(-31003));
        let account = json!({ "amount": 1, "account": { "invoice": "123456789015" } });
        assert_eq!(world.call("CheckPerformTransaction", account).await, Err(-31050));
    })
    .await;
}

#[tokio::test]
async fn every_statement_is_understood_by_both_databases() {
    each_backend(MIGRATIONS, async |db| {
        let wrong = storage::testing::prepare_all(&db).await;
        assert!(wrong.is_empty(), "{wrong:#?}");
    })
    .await;
}
