//! The surroundings of a test.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use contracts::applications::{CaseDecided, CaseRef, FeeLine, Outcome, PaymentDue};
use contracts::identity::Sessions;
use contracts::notifications::NoticeRequested;
use contracts::payments::{InvoiceExpired, InvoicePaid, InvoiceRefunded};
use contracts::{Assurance, Channel, Ctx, Event, PortError, Ports, Principal, Role, Settings, UnitRef, Who, testing};
use jiff::SignedDuration;
use kernel::clock::ManualClock;
use kernel::id::{AccountId, CaseId, EventId, SessionId, StaffId, SubjectId};
use kernel::lang::{Lang, Text};
use kernel::money::Tiyin;
use payments::service;
use payments::store::Invoice;
use serde_json::{Value, json};
use storage::{Subscriber, Worker};
use uuid::Uuid;

pub const KEY: &str = "merchant-key";

/// Whoever has the token `citizen` is the subject of the world; `operator` and `official` are staff.
pub struct OneCitizen(pub SubjectId);

#[async_trait]
impl Sessions for OneCitizen {
    async fn principal(&self, _: &Ctx, token: &str) -> Result<Option<Principal>, PortError> {
        let who = |role| Who::Official {
            staff: StaffId::from_uuid(Uuid::from_u128(0x0F)),
            unit: UnitRef::new("RTV", ""),
            roles: vec![role],
        };
        let who = match token {
            "citizen" => Who::Citizen { subject: self.0 },
            "operator" => who(Role::Operator),
            "official" => who(Role::Official),
            _ => return Ok(None),
        };
        Ok(Some(Principal {
            account: AccountId::from_uuid(Uuid::nil()),
            session: SessionId::from_uuid(Uuid::nil()),
            who,
            display_name: "Karimova Dilnoza".to_owned(),
            assurance: Assurance::Otp,
            channel: Channel::Web,
        }))
    }
}

/// Payments alone, with the events that it sends caught as `topic state`.
pub struct World {
    pub ctx: Ctx,
    pub clock: Arc<ManualClock>,
    pub subject: SubjectId,
    pub told: Arc<Mutex<Vec<String>>>,
    worker: Worker,
    _dir: tempfile::TempDir,
}

impl World {
    pub fn new(db: storage::Db) -> Self {
        Self::at(db, "http://127.0.0.1:8080", "http://127.0.0.1:8081")
    }

    pub fn at(db: storage::Db, public_url: &str, checkout: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let blobs = storage::Blobs::open(dir.path(), [1; 32]).expect("a file store");
        let subject = SubjectId::from_uuid(Uuid::from_u128(0xA1));
        let values = BTreeMap::from([
            (service::KEY.to_owned(), KEY.to_owned()),
            (service::MERCHANT.to_owned(), "demo".to_owned()),
            (service::CHECKOUT.to_owned(), checkout.to_owned()),
        ]);
        let settings = Settings { values: Arc::new(values), public_url: public_url.to_owned(), ..Settings::test() };
        let ports = Ports { sessions: Arc::new(OneCitizen(subject)), ..Ports::nobody() };
        let (ctx, clock) = testing::ctx(db.clone(), blobs, ports, settings);
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let catch = |topic: &'static str, name: &'static str, field: &'static str| {
            let told = told.clone();
            Subscriber::new(topic, name, move |delivery| {
                let told = told.clone();
                async move {
                    let payload: Value = serde_json::from_str(&delivery.payload).expect("JSON");
                    let line = format!("{topic} {}", payload[field].as_str().unwrap_or(""));
                    told.lock().expect("not poisoned").push(line.trim().to_owned());
                    Ok(())
                }
            })
        };
        let subscribers = vec![
            catch(InvoicePaid::TOPIC, "test.paid", "state"),
            catch(InvoiceExpired::TOPIC, "test.expired", "state"),
            catch(InvoiceRefunded::TOPIC, "test.refunded", "none"),
            catch(NoticeRequested::TOPIC, "test.notice", "template"),
        ];
        let worker = Worker::new(db, clock.clone(), ctx.rng.clone(), subscribers, Vec::new());
        Self { ctx, clock, subject, told, worker, _dir: dir }
    }

    /// What was told since the last time, in the order of the alphabet.
    pub async fn told(&self) -> Vec<String> {
        self.worker.drain().await.expect("the worker runs");
        let mut told = std::mem::take(&mut *self.told.lock().expect("not poisoned"));
        told.sort();
        told
    }

    pub fn due(&self, case: u128, som: i64) -> PaymentDue {
        PaymentDue {
            case: self.case(case),
            state: "tolov".to_owned(),
            title: Text::new("Pasport olish", "Pasport alıw", "Получение паспорта", "Getting a passport"),
            lines: vec![FeeLine {
                kind: "duty".to_owned(),
                title: Text::uz("Davlat boji"),
                base: Tiyin::from_som(som),
                channel_rate: "0.9".to_owned(),
                relief: Some("social_register".to_owned()),
                amount: Tiyin::from_som(som),
            }],
            total: Tiyin::from_som(som),
            expires: self.ctx.now().checked_add(SignedDuration::from_hours(72)).expect("in range"),
            valid_after_reject_days: 10,
            refund: Vec::new(),
        }
    }

    pub fn case(&self, case: u128) -> CaseRef {
        CaseRef {
            subject: self.subject,
            case: CaseId::from_uuid(Uuid::from_u128(case)),
            number: format!("2026-{case:08}"),
            service: "418".to_owned(),
            version: "v".to_owned(),
            lang: Lang::Ru,
        }
    }

    pub async fn issue(&self, event: u128, due: &PaymentDue) -> Invoice {
        service::issue(&self.ctx, EventId::from_uuid(Uuid::from_u128(event)), due).await.expect("issued")
    }

    pub async fn end(&self, case: u128, outcome: Outcome) {
        let decided = CaseDecided {
            case: self.case(case),
            outcome,
            at: self.ctx.now(),
            applicant: "Karimova Dilnoza".to_owned(),
            documents: Vec::new(),
        };
        service::case_ended(&self.ctx, &decided).await.expect("ended");
    }

    /// The invoice as it is now.
    pub async fn invoice(&self, of: &Invoice) -> Invoice {
        service::invoice(&self.ctx, self.subject, of.id).await.expect("read").expect("there")
    }

    /// A call of the provider: its result, or the code of its error.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value, i64> {
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }).to_string();
        let login = format!("Basic {}", data_encoding::BASE64.encode(format!("Paycom:{KEY}").as_bytes()));
        let answer = service::payme_request(&self.ctx, Some(&login), body.as_bytes()).await;
        assert_eq!(answer["id"], 7);
        match answer.get("error") {
            Some(error) => Err(error["code"].as_i64().expect("a code")),
            None => Ok(answer["result"].clone()),
        }
    }

    pub async fn create(&self, id: &str, invoice: &Invoice) -> Result<Value, i64> {
        let time = service::millis(self.ctx.now());
        let account = json!({ "invoice": invoice.number });
        self.call(
            "CreateTransaction",
            json!({ "id": id, "time": time, "amount": invoice.amount.get(), "account": account }),
        )
        .await
    }

    pub async fn perform(&self, id: &str) -> Result<Value, i64> {
        self.call("PerformTransaction", json!({ "id": id })).await
    }

    pub async fn cancel(&self, id: &str) -> Result<Value, i64> {
        self.call("CancelTransaction", json!({ "id": id, "reason": 5 })).await
    }

    pub fn wait(&self, hours: i64) {
        self.clock.advance(SignedDuration::from_hours(hours));
    }
}
