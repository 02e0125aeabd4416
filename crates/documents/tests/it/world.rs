//! The surroundings of a test.

use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use axum::middleware;
use contracts::applications::{CaseDecided, CaseRef, Cases, DocumentOrder, DocumentRow, Outcome, ServiceStats};
use contracts::documents::{DocumentIssued, DocumentRevoked};
use contracts::identity::Sessions;
use contracts::notifications::NoticeRequested;
use contracts::{Assurance, Channel, Ctx, Event, PortError, Ports, Principal, Role, Settings, UnitRef, Who, testing};
use documents::service;
use documents::store::Document;
use kernel::clock::{Date, ManualClock};
use kernel::id::{AccountId, CaseId, EventId, SessionId, StaffId, SubjectId};
use kernel::lang::{Lang, Text};
use serde_json::Value;
use storage::{Subscriber, Worker};
use tower::ServiceExt;
use uuid::Uuid;
use web::lang::LangService;
use web::module::{App, AppState};

/// Whoever has the token `citizen` is the subject of the world; `official` is an official of its agency, `stranger` of another.
struct People(SubjectId);

#[async_trait]
impl Sessions for People {
    async fn principal(&self, _: &Ctx, token: &str) -> Result<Option<Principal>, PortError> {
        let official = |agency: &str| Who::Official {
            staff: StaffId::from_uuid(Uuid::from_u128(0x0F)),
            unit: UnitRef::new(agency, "1726"),
            roles: vec![Role::Official],
        };
        let (who, name) = match token {
            "citizen" => (Who::Citizen { subject: self.0 }, "Karimova Dilnoza"),
            "official" => (official("IIV"), "Aliyev Shuhrat"),
            "stranger" => (official("AV"), "Begona Xodim"),
            _ => return Ok(None),
        };
        Ok(Some(Principal {
            account: AccountId::from_uuid(Uuid::nil()),
            session: SessionId::from_uuid(Uuid::nil()),
            who,
            display_name: name.to_owned(),
            assurance: Assurance::Otp,
            channel: Channel::Web,
        }))
    }
}

#[async_trait]
impl Cases for People {
    async fn stats(&self, _: &Ctx, _: &str) -> Result<ServiceStats, PortError> {
        Ok(ServiceStats::default())
    }

    async fn visible_to(&self, _: &Ctx, _: SubjectId, _: CaseId, unit: &UnitRef) -> Result<bool, PortError> {
        Ok(unit.agency() == "IIV")
    }
}

/// Documents alone, with the topics of the events that it sends caught.
pub struct World {
    pub ctx: Ctx,
    pub clock: Arc<ManualClock>,
    pub subject: SubjectId,
    pub router: axum::Router,
    pub state: AppState,
    told: Arc<Mutex<Vec<String>>>,
    worker: Worker,
    _dir: tempfile::TempDir,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn location(&self) -> &str {
        self.headers.get("location").and_then(|value| value.to_str().ok()).unwrap_or("")
    }
}

impl World {
    pub fn new(db: storage::Db) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let blobs = storage::Blobs::open(dir.path(), [1; 32]).expect("a file store");
        let subject = SubjectId::from_uuid(Uuid::from_u128(0xA1));
        let people = Arc::new(People(subject));
        let ports = Ports { sessions: people.clone(), cases: people, ..Ports::nobody() };
        let (ctx, clock) = testing::ctx(db.clone(), blobs, ports, Settings::test());
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let catch = |topic: &'static str, name: &'static str| {
            let told = told.clone();
            Subscriber::new(topic, name, move |delivery| {
                let told = told.clone();
                async move {
                    let payload: Value = serde_json::from_str(&delivery.payload).expect("JSON");
                    let line = format!("{topic} {}", payload["template"].as_str().unwrap_or(""));
                    told.lock().expect("not poisoned").push(line.trim().to_owned());
                    Ok(())
                }
            })
        };
        let subscribers = vec![
            catch(DocumentIssued::TOPIC, "test.issued"),
            catch(DocumentRevoked::TOPIC, "test.revoked"),
            catch(NoticeRequested::TOPIC, "test.notice"),
        ];
        let worker = Worker::new(db, clock.clone(), ctx.rng.clone(), subscribers, Vec::new());
        let module = documents::module();
        let i18n = web::i18n::Catalogue::load(&[web::LOCALES, module.locales]).expect("the texts are sound");
        let state = AppState::new(App {
            ctx: ctx.clone(),
            i18n,
            assets: web::assets::Assets::load(),
            cards: module.cards,
            cache: web::cache::PublicCache::default(),
            csrf_key: [2; 32],
            openapi: OnceLock::new(),
        });
        let (api, _) = module.api.split_for_parts();
        let router = module
            .html
            .merge(api)
            .layer(middleware::from_fn_with_state(state.clone(), web::error::layer))
            .with_state(state.clone());
        Self { ctx, clock, subject, router, state, told, worker, _dir: dir }
    }

    /// What was told since the last time, in the order of the alphabet.
    pub async fn told(&self) -> Vec<String> {
        self.worker.drain().await.expect("the worker runs");
        let mut told = std::mem::take(&mut *self.told.lock().expect("not poisoned"));
        told.sort();
        told
    }

    pub fn decided(&self, case: u128, lang: Lang, template: &str, valid_until: Option<&str>) -> CaseDecided {
        let title = Text::new(
            "Sudlanganlik to‘g‘risida ma’lumotnoma",
            "Sudlanǵanlıq haqqında maǵlıwmatnama",
            "Справка о судимости",
            "Certificate of criminal record",
        );
        CaseDecided {
            case: CaseRef {
                subject: self.subject,
                case: CaseId::from_uuid(Uuid::from_u128(case)),
                number: format!("2026-{case:08}"),
                service: "496".to_owned(),
                version: "v".to_owned(),
                lang,
            },
            outcome: Outcome::Approved,
            at: self.ctx.now(),
            applicant: "Karimova Dilnoza Rustam qizi".to_owned(),
            documents: vec![DocumentOrder {
                output: "main".to_owned(),
                template: template.to_owned(),
                title,
                agency: "IIV".to_owned(),
                rows: vec![DocumentRow {
                    label: Text::new("Natija", "Nátiyje", "Результат", "Result"),
                    value: "Sudlanmagan".to_owned(),
                }],
                valid_until: valid_until.map(|day| day.parse::<Date>().expect("a date")),
                revocable: template != "receipt",
            }],
        }
    }

    /// Issues and gives back the document.
    pub async fn issue(&self, case: u128, lang: Lang, template: &str, valid_until: Option<&str>) -> Document {
        let decided = self.decided(case, lang, template, valid_until);
        let event = EventId::from_uuid(Uuid::from_u128(case));
        service::issue(&self.ctx, event, &decided.clone().into()).await.expect("issued");
        service::of_case(&self.ctx, self.subject, decided.case.case).await.expect("read").remove(0)
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = LangService(self.router.clone()).oneshot(request).await.expect("never fails");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 4 << 20).await.expect("a body").to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub async fn get(&self, who: &str, path: &str) -> Answer {
        let request = Request::get(path)
            .header("cookie", format!("ps={who}"))
            .header("authorization", format!("Bearer {who}"))
            .body(Body::empty())
            .expect("a request");
        self.send(request).await
    }

    /// The check page's answer to a file.
    pub async fn upload(&self, file: &[u8]) -> Answer {
        let mut body = b"--X\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\ncontent-type: application/pdf\r\n\r\n".to_vec();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--X--\r\n");
        let request = Request::post("/en/verify/file")
            .header("content-type", "multipart/form-data; boundary=X")
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }
}
