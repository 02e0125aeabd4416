//! The demo bank pays and refunds over HTTP, by the protocol and nothing else.

use contracts::applications::Outcome;
use contracts::payments::InvoiceState;
use kernel::lang::Lang;
use payments::{MIGRATIONS, service};
use tokio::net::TcpListener;

use crate::pages::site;
use crate::world::{KEY, World};

/// A form posted without following the redirect: status and `Location`.
fn post(url: String, fields: Vec<(&'static str, String)>) -> (u16, String) {
    let config = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
    let agent: ureq::Agent = config.into();
    let response = agent.post(&url).send_form(fields).expect("the bank answers");
    let location = response.headers().get("location").and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
    (response.status().as_u16(), location)
}

fn hidden(page: &str, name: &str) -> String {
    let rest = page.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("a hidden field");
    rest.split('"').next().unwrap_or_default().replace("&#61;", "=").replace("&#x3D;", "=")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_bank_pays_declines_and_refunds_by_the_protocol_alone() {
    let test = storage::testing::sqlite(MIGRATIONS).await;
    let portal = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let bank = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let portal_url = format!("http://{}", portal.local_addr().expect("an address"));
    let bank_url = format!("http://{}", bank.local_addr().expect("an address"));
    let world = World::at(test.db.clone(), &portal_url, &bank_url);
    let (router, _) = site(&world);
    tokio::spawn(async move { axum::serve(portal, router).await });
    tokio::spawn(demo_bank::serve_on(bank, format!("{portal_url}/payments/payme"), KEY));

    let invoice = world.issue(1, &world.due(1, 37_080)).await;
    let checkout = service::checkout_url(&world.ctx, &invoice, Lang::En).expect("configured");
    let page = tokio::task::spawn_blocking(move || {
        ureq::get(&checkout).call().expect("the checkout opens").body_mut().read_to_string().expect("text")
    })
    .await
    .expect("joined");
    assert!(page.contains("THIS IS A DEMO BANK") && page.contains(&invoice.number));

    let pay = |card: &str, id: String| {
        let fields = vec![("order", hidden(&page, "order")), ("id", id), ("card", card.to_owned())];
        let url = format!("{bank_url}/pay");
        tokio::task::spawn_blocking(move || post(url, fields))
    };
    let (status, _) = pay("declined", hidden(&page, "id")).await.expect("joined");
    assert_eq!(status, 422);
    assert_eq!(world.invoice(&invoice).await.state, InvoiceState::Open);

    let id = "0123456789abcdef01234567".to_owned();
    for _ in 0..2 {
        let (status, location) = pay("ok", id.clone()).await.expect("joined");
        assert_eq!((status, location), (303, format!("{portal_url}/en/invoices/{}", invoice.id)));
    }
    assert_eq!(world.invoice(&invoice).await.state, InvoiceState::Paid);

    let url = format!("{bank_url}/cancel");
    let (status, _) = tokio::task::spawn_blocking(move || post(url, vec![("id", id)])).await.expect("joined");
    assert_eq!(status, 303);
    assert_eq!(world.invoice(&invoice).await.state, InvoiceState::Refunded);

    // A fee whose application was refused waits until the bank gives it back.
    let mut due = world.due(2, 18_540);
    due.refund = vec![Outcome::Refused];
    due.valid_after_reject_days = 0;
    let invoice = world.issue(2, &due).await;
    let checkout = service::checkout_url(&world.ctx, &invoice, Lang::En).expect("configured");
    let order = checkout.rsplit_once(&format!("{bank_url}/")).expect("an order").1.to_owned();
    let id = "fedcba987654321001234567".to_owned();
    let fields = vec![("order", order), ("id", id.clone()), ("card", "ok".to_owned())];
    let url = format!("{bank_url}/pay");
    let (status, _) = tokio::task::spawn_blocking(move || post(url, fields)).await.expect("joined");
    assert_eq!(status, 303);
    world.end(2, Outcome::Refused).await;
    let (count, _, refunds) = service::refunds(&world.ctx, 10).await.expect("read");
    assert_eq!((count, refunds[0].transaction.as_deref()), (1, Some(id.as_str())));
    let url = format!("{bank_url}/cancel");
    let (status, _) = tokio::task::spawn_blocking(move || post(url, vec![("id", id)])).await.expect("joined");
    assert_eq!(status, 303);
    assert_eq!(world.invoice(&invoice).await.state, InvoiceState::Refunded);
    assert_eq!(service::refunds(&world.ctx, 10).await.expect("read").0, 0);
}
