//! The case, as other contexts see it.

use async_trait::async_trait;
use kernel::clock::{Date, Timestamp};
use kernel::id::{CaseId, SubjectId};
use kernel::lang::{Lang, Text};
use kernel::money::Tiyin;
use serde::{Deserialize, Serialize};

use crate::{Channel, Ctx, Event, PortError};

/// What names a case in an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseRef {
    pub subject: SubjectId,
    pub case: CaseId,
    /// The number that people read out, with its check digit.
    pub number: String,
    /// Code of the service.
    pub service: String,
    /// Hash of the definition's version that the case is pinned to.
    pub version: String,
    /// Language of the applicant, for documents and notices.
    pub lang: Lang,
}

/// An application was received. What was acknowledged to the applicant is what this says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseSubmitted {
    #[serde(flatten)]
    pub case: CaseRef,
    pub channel: Channel,
    pub at: Timestamp,
    pub due: Option<Timestamp>,
    /// SOATO of the applicant's region, for statistics.
    pub region: Option<String>,
    /// In what capacity the person acted for somebody else (`child`, `ward`, `attorney`, `organisation`), for statistics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behalf: Option<String>,
}

impl Event for CaseSubmitted {
    const TOPIC: &'static str = "applications.submitted";
}

/// A case came to a state where money is due: `payments` makes the invoice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PaymentDue {
    #[serde(flatten)]
    pub case: CaseRef,
    /// State of the flow that waits for the money; one invoice for each entry into it.
    pub state: String,
    pub title: Text,
    pub lines: Vec<FeeLine>,
    pub total: Tiyin,
    /// When the unpaid invoice expires and the case with it.
    pub expires: Timestamp,
    /// For how many calendar days a paid fee stays valid after a refusal; 0 = not at all.
    pub valid_after_reject_days: u32,
    /// Ends of the case after which the payment is returned as a whole.
    #[serde(default)]
    pub refund: Vec<Outcome>,
}

impl Event for PaymentDue {
    const TOPIC: &'static str = "applications.payment_due";
}

/// One component of a fee, with how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeeLine {
    /// `duty`, `fee`, `emblem`, `service`, `fixed`.
    pub kind: String,
    pub title: Text,
    /// Before the channel rate and the relief.
    pub base: Tiyin,
    /// Decimal text, `0.9`.
    pub channel_rate: String,
    /// Code of the relief that was applied.
    pub relief: Option<String>,
    pub amount: Tiyin,
}

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Approved,
    Refused,
    Withdrawn,
    /// Never paid in time.
    Expired,
}

/// A row of a document: what it says, in the document's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRow {
    pub label: Text,
    pub value: String,
}

/// A document that the decision calls for, with everything that it needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentOrder {
    /// Name of the output in the definition; one document for each per decision.
    pub output: String,
    /// `certificate`, `licence`, `decision`, `receipt`.
    pub template: String,
    pub title: Text,
    /// Code of the issuing agency.
    pub agency: String,
    pub rows: Vec<DocumentRow>,
    /// Last day on which the document is valid.
    pub valid_until: Option<Date>,
    pub revocable: bool,
}

/// A case ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseDecided {
    #[serde(flatten)]
    pub case: CaseRef,
    pub outcome: Outcome,
    pub at: Timestamp,
    /// Full name of the applicant, for the document. Personal data: the outbox forgets it once delivered.
    pub applicant: String,
    pub documents: Vec<DocumentOrder>,
}

impl Event for CaseDecided {
    const TOPIC: &'static str = "applications.decided";
}

/// Documents that a case calls for on its way, before it ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DocumentsOrdered {
    #[serde(flatten)]
    pub case: CaseRef,
    pub at: Timestamp,
    /// Full name of the applicant, as in [`CaseDecided`].
    pub applicant: String,
    pub documents: Vec<DocumentOrder>,
}

impl Event for DocumentsOrdered {
    const TOPIC: &'static str = "applications.documents_ordered";
}

/// Counters of a service by status, in the words that my.gov.uz publishes (uz-data §1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceStats {
    pub new: u64,
    pub in_progress: u64,
    pub finished: u64,
    pub refused: u64,
    pub awaiting_payment: u64,
    pub cancelled: u64,
    /// Number of ratings with 1, 2, 3, 4, 5 stars.
    pub ratings: [u64; 5],
}

/// How a person's own case stands, for their checklists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CaseStanding {
    /// Not ended.
    Open,
    /// Decided in the person's favour.
    Given,
    Refused,
    /// Withdrawn, or never paid.
    Cancelled,
}

/// A case of a person, as the person sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonCase {
    pub case: CaseId,
    /// Code of the service.
    pub service: String,
    pub number: String,
    pub standing: CaseStanding,
}

/// What others may ask about cases.
#[async_trait]
pub trait Cases: Send + Sync {
    async fn stats(&self, ctx: &Ctx, service: &str) -> Result<ServiceStats, PortError>;
    /// Applications received in each month (`2026-11`, Tashkent time), oldest first; months without any are left out.
    async fn by_month(&self, _ctx: &Ctx, _service: &str) -> Result<Vec<(String, u64)>, PortError> {
        Ok(Vec::new())
    }
    /// The newest hundred cases of a person, newest first.
    async fn of_person(&self, _ctx: &Ctx, _subject: SubjectId) -> Result<Vec<PersonCase>, PortError> {
        Ok(Vec::new())
    }
    /// Whether an official of `unit` has this case before them; for documents and files.
    async fn visible_to(
        &self,
        ctx: &Ctx,
        subject: SubjectId,
        case: CaseId,
        unit: &crate::UnitRef,
    ) -> Result<bool, PortError>;
}
