//! Rows of invoices and transactions. SQL and conversion, nothing else.

use contracts::applications::{FeeLine, Outcome};
use contracts::payments::InvoiceState;
use kernel::clock::Timestamp;
use kernel::id::{CaseId, EventId, InvoiceId, SubjectId};
use kernel::lang::Text;
use kernel::money::Tiyin;
use storage::{Batch, Db, Error, Row, params, statement};
use uuid::Uuid;

use crate::domain::invoice::{Credit, outcome_name, parse_outcome, parse_state, state_name};
use crate::domain::payme::{FiscalKind, State, Transaction};

/// An invoice as stored.
#[derive(Clone, Debug)]
pub struct Invoice {
    pub subject: SubjectId,
    pub id: InvoiceId,
    /// The event that asked for it: one invoice for each.
    pub event: EventId,
    pub number: String,
    pub case: CaseId,
    pub case_number: String,
    pub service: String,
    /// State of the flow that waits for the money.
    pub flow_state: String,
    pub title: Text,
    pub lines: Vec<FeeLine>,
    pub amount: Tiyin,
    pub state: InvoiceState,
    pub seq: i64,
    pub created_at: Timestamp,
    pub expires: Timestamp,
    pub paid_at: Option<Timestamp>,
    /// Days for which the fee stays valid after a refusal.
    pub credit_days: u32,
    /// Until when it may be used again; set by the refusal.
    pub credit_until: Option<Timestamp>,
    /// The invoice that it was used for.
    pub credit_used_by: Option<InvoiceId>,
    /// The earlier invoice whose fee covered this one.
    pub covered_by: Option<InvoiceId>,
    /// Whether the service that it pays for was given.
    pub settled: bool,
    /// Ends of the case after which the money goes back.
    pub refund_on: Vec<Outcome>,
    /// Since when the money is to go back.
    pub refund_due_at: Option<Timestamp>,
    /// Because of which end.
    pub refund_for: Option<Outcome>,
}

impl Invoice {
    /// Since when its money waits to go back.
    pub fn awaits_refund(&self) -> Option<Timestamp> {
        self.refund_due_at.filter(|_| self.state == InvoiceState::Paid)
    }
}

const COLUMNS_DOC: &str = "the order of `select`s below and of `invoice`";

statement!(
    INSERT,
    "insert into payments_invoices (subject_id, invoice_id, event_id, number, case_id, case_number, service, flow_state,
        title, lines, amount, state, seq, created_at, expires, changed_at, paid_at, credit_days, covered_by, settled, refund_on)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $13, $15, $16, $17, 0, $18)"
);
statement!(
    BY_ID,
    "select subject_id, invoice_id, event_id, number, case_id, case_number, service, flow_state, title, lines, amount, state,
        seq, created_at, expires, paid_at, credit_days, credit_until, credit_used_by, covered_by, settled, refund_on, refund_due_at, refund_for
     from payments_invoices where subject_id = $1 and invoice_id = $2"
);
statement!(
    BY_EVENT,
    "select subject_id, invoice_id, event_id, number, case_id, case_number, service, flow_state, title, lines, amount, state,
        seq, created_at, expires, paid_at, credit_days, credit_until, credit_used_by, covered_by, settled, refund_on, refund_due_at, refund_for
     from payments_invoices where subject_id = $1 and event_id = $2"
);
statement!(
    BY_CASE,
    "select subject_id, invoice_id, event_id, number, case_id, case_number, service, flow_state, title, lines, amount, state,
        seq, created_at, expires, paid_at, credit_days, credit_until, credit_used_by, covered_by, settled, refund_on, refund_due_at, refund_for
     from payments_invoices where subject_id = $1 and case_id = $2 order by invoice_id desc"
);
statement!(
    OF_SUBJECT,
    "select subject_id, invoice_id, event_id, number, case_id, case_number, service, flow_state, title, lines, amount, state,
        seq, created_at, expires, paid_at, credit_days, credit_until, credit_used_by, covered_by, settled, refund_on, refund_due_at, refund_for
     from payments_invoices where subject_id = $1 and invoice_id < $2 order by invoice_id desc limit $3"
);
statement!(
    OVERDUE,
    "select subject_id, invoice_id, event_id, number, case_id, case_number, service, flow_state, title, lines, amount, state,
        seq, created_at, expires, paid_at, credit_days, credit_until, credit_used_by, covered_by, settled, refund_on, refund_due_at, refund_for
     from payments_invoices where state = 'open' and expires <= $1 order by expires limit $2"
);
statement!(
    CREDITS,
    "select invoice_id, amount, credit_until from payments_invoices
     where subject_id = $1 and service = $2 and state = 'paid' and credit_used_by is null and credit_until >= $3
     order by credit_until"
);
statement!(
    MOVE,
    "update payments_invoices set state = $4, seq = seq + 1, changed_at = $5, paid_at = coalesce($6, paid_at)
     where subject_id = $1 and invoice_id = $2 and seq = $3"
);
statement!(
    GIVE_CREDIT,
    "update payments_invoices set credit_until = $4, seq = seq + 1, changed_at = $5
     where subject_id = $1 and invoice_id = $2 and seq = $3"
);
statement!(
    USE_CREDIT,
    "update payments_invoices set credit_used_by = $3, seq = seq + 1, changed_at = $4
     where subject_id = $1 and invoice_id = $2 and credit_used_by is null and state = 'paid'"
);
statement!(
    SETTLE,
    "update payments_invoices set settled = 1, refund_due_at = null, refund_for = '', seq = seq + 1, changed_at = $4
     where subject_id = $1 and invoice_id = $2 and seq = $3"
);
statement!(
    OWE,
    "update payments_invoices set refund_due_at = $4, refund_for = $5, seq = seq + 1, changed_at = $4
     where subject_id = $1 and invoice_id = $2 and seq = $3 and state = 'paid' and settled = 0 and refund_due_at is null"
);
statement!(
    REFUNDS,
    "select i.number, i.case_number, i.service, i.title, i.amount, i.refund_due_at, i.refund_for, t.payme_id, t.perform_time
     from payments_invoices i
     left join payments_transactions t on t.subject_id = i.subject_id and t.invoice_id = i.invoice_id and t.state = 2
     where i.state = 'paid' and i.refund_due_at is not null
     order by i.refund_due_at, i.number limit $1"
);
statement!(
    REFUNDS_SUM,
    "select count(*), cast(coalesce(sum(amount), 0) as bigint) from payments_invoices
     where state = 'paid' and refund_due_at is not null"
);
statement!(CLAIM, "insert into payments_routes (number, owner, invoice_id) values ($1, $2, $3)");
statement!(ROUTE, "select owner, invoice_id from payments_routes where number = $1");

statement!(
    TX_INSERT,
    "insert into payments_transactions (subject_id, transaction_id, invoice_id, payme_id, number, amount, payme_time,
        create_time, perform_time, cancel_time, state, reason)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
);
statement!(TX_CLAIM, "insert into payments_payme_routes (payme_id, owner, transaction_id) values ($1, $2, $3)");
statement!(TX_ROUTE, "select owner, transaction_id from payments_payme_routes where payme_id = $1");
statement!(
    TX_BY_ID,
    "select payme_id, transaction_id, number, amount, payme_time, create_time, perform_time, cancel_time, state, reason, invoice_id
     from payments_transactions where subject_id = $1 and transaction_id = $2"
);
statement!(
    TX_OF_INVOICE,
    "select payme_id, transaction_id, number, amount, payme_time, create_time, perform_time, cancel_time, state, reason, invoice_id
     from payments_transactions where subject_id = $1 and invoice_id = $2 order by transaction_id"
);
statement!(
    TX_BETWEEN,
    "select payme_id, transaction_id, number, amount, payme_time, create_time, perform_time, cancel_time, state, reason, invoice_id
     from payments_transactions where payme_time >= $1 and payme_time <= $2 order by payme_time limit $3"
);
statement!(
    TX_MOVE,
    "update payments_transactions set perform_time = $3, cancel_time = $4, state = $5, reason = $6
     where subject_id = $1 and transaction_id = $2"
);
statement!(TX_FISCAL, "update payments_transactions set fiscal = $3 where subject_id = $1 and transaction_id = $2");
statement!(TX_GET_FISCAL, "select fiscal from payments_transactions where subject_id = $1 and transaction_id = $2");

fn broken(what: &str) -> Error {
    Error::Json(format!("payments: {what}; {COLUMNS_DOC}"))
}

fn invoice(row: &Row) -> Result<Invoice, Error> {
    Ok(Invoice {
        subject: SubjectId::from_uuid(row.uuid(0)?),
        id: InvoiceId::from_uuid(row.uuid(1)?),
        event: EventId::from_uuid(row.uuid(2)?),
        number: row.text(3)?.to_owned(),
        case: CaseId::from_uuid(row.uuid(4)?),
        case_number: row.text(5)?.to_owned(),
        service: row.text(6)?.to_owned(),
        flow_state: row.text(7)?.to_owned(),
        title: row.json(8)?,
        lines: row.json(9)?,
        amount: Tiyin::new(row.i64(10)?),
        state: parse_state(row.text(11)?).ok_or_else(|| broken("state of an invoice"))?,
        seq: row.i64(12)?,
        created_at: row.timestamp(13)?,
        expires: row.timestamp(14)?,
        paid_at: row.opt_timestamp(15)?,
        credit_days: u32::try_from(row.i64(16)?).unwrap_or(0),
        credit_until: row.opt_timestamp(17)?,
        credit_used_by: row.opt_uuid(18)?.map(InvoiceId::from_uuid),
        covered_by: row.opt_uuid(19)?.map(InvoiceId::from_uuid),
        settled: row.i64(20)? != 0,
        refund_on: row.text(21)?.split(',').filter_map(parse_outcome).collect(),
        refund_due_at: row.opt_timestamp(22)?,
        refund_for: parse_outcome(row.text(23)?),
    })
}

/// A new invoice, open or (covered by a credit) paid.
pub fn insert(batch: &mut Batch, new: &Invoice) -> Result<(), Error> {
    let json = |value: serde_json::Result<String>| value.map_err(|err| Error::Json(err.to_string()));
    let title = json(serde_json::to_string(&new.title))?;
    let lines = json(serde_json::to_string(&new.lines))?;
    batch.step(
        &INSERT,
        params![
            new.subject,
            new.id,
            new.event,
            new.number.as_str(),
            new.case,
            new.case_number.as_str(),
            new.service.as_str(),
            new.flow_state.as_str(),
            title,
            lines,
            new.amount,
            state_name(new.state),
            new.created_at,
            new.expires,
            new.paid_at,
            i64::from(new.credit_days),
            new.covered_by,
            new.refund_on.iter().map(|end| outcome_name(*end)).collect::<Vec<_>>().join(",")
        ],
    );
    Ok(())
}

pub async fn by_id(db: &Db, subject: SubjectId, id: InvoiceId) -> Result<Option<Invoice>, Error> {
    db.query_opt(&BY_ID, params![subject, id]).await?.as_ref().map(invoice).transpose()
}

pub async fn by_event(db: &Db, subject: SubjectId, event: EventId) -> Result<Option<Invoice>, Error> {
    db.query_opt(&BY_EVENT, params![subject, event]).await?.as_ref().map(invoice).transpose()
}

pub async fn by_case(db: &Db, subject: SubjectId, case: CaseId) -> Result<Vec<Invoice>, Error> {
    db.query(&BY_CASE, params![subject, case]).await?.iter().map(invoice).collect()
}

/// The newest first, those before `before` when given.
pub async fn of_subject(
    db: &Db,
    subject: SubjectId,
    before: Option<InvoiceId>,
    limit: u32,
) -> Result<Vec<Invoice>, Error> {
    let before = before.unwrap_or(InvoiceId::from_uuid(Uuid::max()));
    db.query(&OF_SUBJECT, params![subject, before, i64::from(limit)]).await?.iter().map(invoice).collect()
}

pub async fn overdue(db: &Db, now: Timestamp, limit: u32) -> Result<Vec<Invoice>, Error> {
    db.query(&OVERDUE, params![now, i64::from(limit)]).await?.iter().map(invoice).collect()
}

/// Fees of refused applications for a service that may be used again.
pub async fn credits(
    db: &Db,
    subject: SubjectId,
    service: &str,
    now: Timestamp,
) -> Result<Vec<Credit<InvoiceId>>, Error> {
    let rows = db.query(&CREDITS, params![subject, service, now]).await?;
    rows.iter()
        .map(|row| {
            Ok(Credit {
                invoice: InvoiceId::from_uuid(row.uuid(0)?),
                amount: Tiyin::new(row.i64(1)?),
                until: row.timestamp(2)?,
            })
        })
        .collect()
}

/// Moves an invoice to a state, unless somebody else changed it meanwhile (guard `invoice`).
pub fn set_state(batch: &mut Batch, of: &Invoice, state: InvoiceState, now: Timestamp) {
    let paid_at = (state == InvoiceState::Paid && of.state != state).then_some(now);
    batch.expect(&MOVE, params![of.subject, of.id, of.seq, state_name(state), now, paid_at], 1, "invoice");
}

pub fn give_credit(batch: &mut Batch, of: &Invoice, until: Timestamp, now: Timestamp) {
    batch.expect(&GIVE_CREDIT, params![of.subject, of.id, of.seq, until, now], 1, "invoice");
}

pub fn use_credit(batch: &mut Batch, of: InvoiceId, by: InvoiceId, now: Timestamp) {
    let subject = batch.subject();
    batch.expect(&USE_CREDIT, params![subject, of, by, now], 1, "credit");
}

pub fn settle(batch: &mut Batch, of: &Invoice, now: Timestamp) {
    batch.expect(&SETTLE, params![of.subject, of.id, of.seq, now], 1, "invoice");
}

/// Notes that the money of a paid invoice is to go back, once (guard `invoice`).
pub fn owe(batch: &mut Batch, of: &Invoice, because: Outcome, now: Timestamp) {
    batch.expect(&OWE, params![of.subject, of.id, of.seq, now, outcome_name(because)], 1, "invoice");
}

/// Money that is to go back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Number of the invoice.
    pub number: String,
    pub case_number: String,
    pub service: String,
    pub title: Text,
    pub amount: Tiyin,
    pub since: Timestamp,
    /// Because of which end of the case.
    pub because: Option<Outcome>,
    /// The provider's transaction that is to be cancelled.
    pub transaction: Option<String>,
    /// When it was paid, milliseconds since 1970.
    pub paid: Option<i64>,
}

/// What is to go back, the oldest first.
pub async fn refunds(db: &Db, limit: u32) -> Result<Vec<Refund>, Error> {
    let rows = db.query(&REFUNDS, params![i64::from(limit)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Refund {
                number: row.text(0)?.to_owned(),
                case_number: row.text(1)?.to_owned(),
                service: row.text(2)?.to_owned(),
                title: row.json(3)?,
                amount: Tiyin::new(row.i64(4)?),
                since: row.timestamp(5)?,
                because: parse_outcome(row.text(6)?),
                transaction: row.opt_text(7)?.map(str::to_owned),
                paid: row.opt_i64(8)?,
            })
        })
        .collect()
}

/// How many invoices wait to go back, and their sum.
pub async fn refunds_sum(db: &Db) -> Result<(i64, Tiyin), Error> {
    let row = db.query_opt(&REFUNDS_SUM, params![]).await?;
    row.map_or(Ok((0, Tiyin::ZERO)), |row| Ok((row.i64(0)?, Tiyin::new(row.i64(1)?))))
}

/// Takes a number for an invoice; a number that is taken fails the commit as not unique.
pub fn claim(batch: &mut Batch, number: &str, invoice: InvoiceId) {
    let subject = batch.subject();
    batch.step(&CLAIM, params![number, subject, invoice]);
}

pub async fn route(db: &Db, number: &str) -> Result<Option<(SubjectId, InvoiceId)>, Error> {
    let row = db.query_opt(&ROUTE, params![number]).await?;
    row.map(|row| Ok((SubjectId::from_uuid(row.uuid(0)?), InvoiceId::from_uuid(row.uuid(1)?)))).transpose()
}

/// A transaction with the invoice that it is on.
pub type OnInvoice = (Transaction, InvoiceId);

fn transaction(row: &Row) -> Result<OnInvoice, Error> {
    let transaction = Transaction {
        id: row.text(0)?.to_owned(),
        ours: row.uuid(1)?.hyphenated().to_string(),
        number: row.text(2)?.to_owned(),
        amount: row.i64(3)?,
        time: row.i64(4)?,
        create_time: row.i64(5)?,
        perform_time: row.i64(6)?,
        cancel_time: row.i64(7)?,
        state: State::parse(row.i64(8)?).ok_or_else(|| broken("state of a transaction"))?,
        reason: row.opt_i64(9)?,
    };
    Ok((transaction, InvoiceId::from_uuid(row.uuid(10)?)))
}

pub async fn transaction_by_payme_id(db: &Db, id: &str) -> Result<Option<(SubjectId, OnInvoice)>, Error> {
    let Some(row) = db.query_opt(&TX_ROUTE, params![id]).await? else { return Ok(None) };
    let subject = SubjectId::from_uuid(row.uuid(0)?);
    let found = db.query_opt(&TX_BY_ID, params![subject, row.uuid(1)?]).await?;
    found.map(|row| Ok((subject, transaction(&row)?))).transpose()
}

pub async fn transactions_of(db: &Db, subject: SubjectId, invoice: InvoiceId) -> Result<Vec<Transaction>, Error> {
    let rows = db.query(&TX_OF_INVOICE, params![subject, invoice]).await?;
    rows.iter().map(|row| Ok(transaction(row)?.0)).collect()
}

/// Transactions of everybody by the provider's time, both ends included.
pub async fn statement_between(db: &Db, from: i64, to: i64) -> Result<Vec<Transaction>, Error> {
    let rows = db.query(&TX_BETWEEN, params![from, to, STATEMENT_LIMIT]).await?;
    rows.iter().map(|row| Ok(transaction(row)?.0)).collect()
}

/// A day of the target load (200 submissions/s, one in ten paid) is 1.7 million; the provider asks for hours. Memory
/// stays within some 100 MB even when it asks for a year.
const STATEMENT_LIMIT: i64 = 200_000;

fn ours(t: &Transaction) -> Result<Uuid, Error> {
    t.ours.parse().map_err(|_| broken("id of a transaction"))
}

pub fn insert_transaction(batch: &mut Batch, invoice: InvoiceId, t: &Transaction) -> Result<(), Error> {
    let (subject, id) = (batch.subject(), ours(t)?);
    batch.step(&TX_CLAIM, params![t.id.as_str(), subject, id]);
    batch.step(
        &TX_INSERT,
        params![
            subject,
            id,
            invoice,
            t.id.as_str(),
            t.number.as_str(),
            t.amount,
            t.time,
            t.create_time,
            t.perform_time,
            t.cancel_time,
            t.state.code(),
            t.reason
        ],
    );
    Ok(())
}

pub fn update_transaction(batch: &mut Batch, t: &Transaction) -> Result<(), Error> {
    let (subject, id) = (batch.subject(), ours(t)?);
    batch.expect(
        &TX_MOVE,
        params![subject, id, t.perform_time, t.cancel_time, t.state.code(), t.reason],
        1,
        "transaction",
    );
    Ok(())
}

/// Tax data of a transaction, both receipts in one object.
pub async fn fiscal(db: &Db, subject: SubjectId, t: &Transaction) -> Result<serde_json::Value, Error> {
    let row = db.query_opt(&TX_GET_FISCAL, params![subject, ours(t)?]).await?;
    let text = row.as_ref().map(|row| row.opt_text(0)).transpose()?.flatten();
    Ok(text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| serde_json::json!({})))
}

pub fn set_fiscal(
    batch: &mut Batch,
    t: &Transaction,
    mut known: serde_json::Value,
    kind: FiscalKind,
    data: &serde_json::Value,
) -> Result<(), Error> {
    let key = match kind {
        FiscalKind::Perform => "perform",
        FiscalKind::Cancel => "cancel",
    };
    known[key] = data.clone();
    let subject = batch.subject();
    batch.expect(&TX_FISCAL, params![subject, ours(t)?, known.to_string()], 1, "transaction");
    Ok(())
}
