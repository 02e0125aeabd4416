//! Invoices, as other contexts see them.

use async_trait::async_trait;
use kernel::clock::Timestamp;
use kernel::id::{CaseId, InvoiceId, SubjectId};
use kernel::money::Tiyin;
use serde::{Deserialize, Serialize};

use crate::{Ctx, Event, PortError};

/// State of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    Open,
    Paid,
    /// Not paid in time.
    Expired,
    /// The case ended before it was paid.
    Cancelled,
    Refunded,
}

/// An invoice in a list.
#[derive(Clone, Debug)]
pub struct InvoiceView {
    pub invoice: InvoiceId,
    pub number: String,
    pub case: CaseId,
    pub amount: Tiyin,
    pub state: InvoiceState,
    pub expires: Timestamp,
    /// Since when the money is to go back; `None` = it is not, or it has gone.
    pub refund_due: Option<Timestamp>,
}

/// Looks invoices up.
#[async_trait]
pub trait Invoices: Send + Sync {
    async fn for_case(&self, ctx: &Ctx, subject: SubjectId, case: CaseId) -> Result<Vec<InvoiceView>, PortError>;
    /// A fee paid for a refused application of the service that would pay `total` now; `None` when there is none.
    async fn credit(
        &self,
        ctx: &Ctx,
        subject: SubjectId,
        service: &str,
        total: Tiyin,
    ) -> Result<Option<CreditView>, PortError>;
}

/// A paid fee that stays valid after a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditView {
    pub amount: Tiyin,
    pub until: Timestamp,
}

/// An invoice was made; the applicant can pay.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InvoiceIssued {
    pub subject: SubjectId,
    pub case: CaseId,
    pub invoice: InvoiceId,
    pub number: String,
    pub amount: Tiyin,
    pub expires: Timestamp,
}

impl Event for InvoiceIssued {
    const TOPIC: &'static str = "payments.invoice_issued";
}

/// An invoice was paid (or covered by a fee that stayed valid after a refusal).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InvoicePaid {
    pub subject: SubjectId,
    pub case: CaseId,
    pub invoice: InvoiceId,
    /// State of the flow that waited for it.
    pub state: String,
    pub amount: Tiyin,
    pub at: Timestamp,
}

impl Event for InvoicePaid {
    const TOPIC: &'static str = "payments.invoice_paid";
}

/// An invoice was not paid in time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InvoiceExpired {
    pub subject: SubjectId,
    pub case: CaseId,
    pub invoice: InvoiceId,
    pub state: String,
    pub at: Timestamp,
}

impl Event for InvoiceExpired {
    const TOPIC: &'static str = "payments.invoice_expired";
}

/// Money went back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InvoiceRefunded {
    pub subject: SubjectId,
    pub case: CaseId,
    pub invoice: InvoiceId,
    pub amount: Tiyin,
    pub at: Timestamp,
}

impl Event for InvoiceRefunded {
    const TOPIC: &'static str = "payments.invoice_refunded";
}
