//! Use cases of payment: a demand becomes an invoice, the provider's calls move it, time and decisions end it.

use std::collections::BTreeMap;

use contracts::applications::{CaseDecided, Outcome, PaymentDue};
use contracts::notifications::{Arg, NoticeRequested, Urgency};
use contracts::payments::{InvoiceExpired, InvoiceIssued, InvoicePaid, InvoiceRefunded, InvoiceState};
use contracts::{Ctx, emit};
use kernel::clock::Timestamp;
use kernel::id::{CaseId, EventId, InvoiceId, SubjectId};
use kernel::lang::Lang;
use kernel::money::Tiyin;
use serde_json::{Value, json};
use storage::audit::{self, AuditEntry};
use storage::{Batch, CommitError};
use uuid::Uuid;

use crate::domain::invoice::{covering, credit_until, expires_now, refund_falls_due};
use crate::domain::number;
use crate::domain::payme::{self, Bill, Call, Change, Decision, Fault, Known, Standing, State};
use crate::store::{self, Invoice};

/// How many numbers are tried: one in ten thousand is taken when ten million invoices exist, so that five tries
/// fail once in 10²⁰.
const NUMBER_TRIES: u32 = 5;

/// How many times a call of the provider is decided anew when somebody else changed the invoice meanwhile.
const CALL_TRIES: u32 = 5;

/// Invoices that one run of [`expire_overdue`] ends.
const EXPIRE_AT_ONCE: u32 = 500;

/// Why a use case did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("storage failed")]
    Store(#[from] storage::Error),
    #[error("the changes could not be committed")]
    Commit(#[from] CommitError),
    #[error("no free number for an invoice was found")]
    Numbers,
}

impl From<Error> for storage::JobError {
    fn from(error: Error) -> Self {
        storage::JobError::Retry(match &error {
            Error::Store(source) => format!("{error}: {source}"),
            Error::Commit(source) => format!("{error}: {source}"),
            Error::Numbers => error.to_string(),
        })
    }
}

/// Makes the invoice of a demand, once for each event. A fee of a refused application for the same service that is
/// still valid pays it at once (PAY-CREDIT).
///
/// # Errors
/// When the store fails, or somebody used the credit at the same moment: try again.
pub async fn issue(ctx: &Ctx, event: EventId, due: &PaymentDue) -> Result<Invoice, Error> {
    let subject = due.case.subject;
    if let Some(known) = store::by_event(&ctx.db, subject, event).await? {
        return Ok(known);
    }
    let now = ctx.now();
    let id = InvoiceId::new(now, &*ctx.rng);
    let number = take_number(ctx, subject, id).await?;
    let credits = store::credits(&ctx.db, subject, &due.case.service, now).await?;
    let credit = covering(due.total, &credits, now);
    let paid = credit.is_some() || due.total <= Tiyin::ZERO;
    let invoice = Invoice {
        subject,
        id,
        event,
        number,
        case: due.case.case,
        case_number: due.case.number.clone(),
        service: due.case.service.clone(),
        flow_state: due.state.clone(),
        title: due.title.clone(),
        lines: due.lines.clone(),
        amount: due.total,
        state: if paid { InvoiceState::Paid } else { InvoiceState::Open },
        seq: 1,
        created_at: now,
        expires: due.expires,
        paid_at: paid.then_some(now),
        credit_days: due.valid_after_reject_days,
        credit_until: None,
        credit_used_by: None,
        covered_by: credit.as_ref().map(|credit| credit.invoice),
        settled: false,
        refund_on: due.refund.clone(),
        refund_due_at: None,
        refund_for: None,
    };
    let mut batch = Batch::new(subject);
    store::insert(&mut batch, &invoice)?;
    if let Some(credit) = &credit {
        store::use_credit(&mut batch, credit.invoice, id, now);
    }
    if paid {
        emit(ctx, &mut batch, &paid_event(&invoice, now));
    } else {
        emit(
            ctx,
            &mut batch,
            &InvoiceIssued {
                subject,
                case: invoice.case,
                invoice: id,
                number: invoice.number.clone(),
                amount: invoice.amount,
                expires: invoice.expires,
            },
        );
        let lang = language(ctx, subject, due.case.lang).await;
        notify(ctx, &mut batch, &invoice, lang, "payment-due", Urgency::Important);
    }
    match ctx.db.commit(batch).await {
        Ok(()) => Ok(invoice),
        // The same event in two hands: the other one made it.
        Err(CommitError::Unique(_)) => match store::by_event(&ctx.db, subject, event).await? {
            Some(known) => Ok(known),
            None => Err(Error::Numbers),
        },
        Err(error) => Err(error.into()),
    }
}

/// Claims a number before the invoice is made: the claim lives where the number leads, not where the person's rows are.
async fn take_number(ctx: &Ctx, subject: SubjectId, invoice: InvoiceId) -> Result<String, Error> {
    for _ in 0..NUMBER_TRIES {
        let number = number::with_check(&ctx.rng.digits(number::RANDOM_DIGITS));
        let mut batch = Batch::new(subject);
        store::claim(&mut batch, &number, invoice);
        match ctx.db.commit(batch).await {
            Ok(()) => return Ok(number),
            Err(CommitError::Unique(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Numbers)
}

fn paid_event(invoice: &Invoice, at: Timestamp) -> InvoicePaid {
    InvoicePaid {
        subject: invoice.subject,
        case: invoice.case,
        invoice: invoice.id,
        state: invoice.flow_state.clone(),
        amount: invoice.amount,
        at,
    }
}

/// Tells the applicant. `lang` is used for what is formatted; the words are chosen by `notifications`.
fn notify(ctx: &Ctx, batch: &mut Batch, invoice: &Invoice, lang: Lang, template: &str, urgency: Urgency) {
    let text = |text: String| Arg::Text(text);
    let args = BTreeMap::from([
        ("number".to_owned(), text(number::shown(&invoice.number))),
        ("case".to_owned(), text(number::shown(&invoice.case_number))),
        ("service".to_owned(), Arg::Localized(invoice.title.clone())),
        ("amount".to_owned(), text(kernel::format::money(invoice.amount, lang))),
        ("due".to_owned(), text(kernel::format::datetime(invoice.expires, lang))),
    ]);
    let link = Some(format!("/invoices/{}", invoice.id));
    emit(ctx, batch, &NoticeRequested { subject: invoice.subject, template: template.to_owned(), args, link, urgency });
}

/// The language in which a person wants to be told; `otherwise` when it is not known.
async fn language(ctx: &Ctx, subject: SubjectId, otherwise: Lang) -> Lang {
    match ctx.ports.people.person(ctx, subject).await {
        Ok(Some(person)) => person.lang,
        _ => otherwise,
    }
}

/// What the end of a case means for its invoices: an open one is cancelled; a paid one is settled when the service was
/// given, becomes a credit for some days when it was refused, and is to go back where the definition says so (PAY-REFUND-DUE).
///
/// # Errors
/// When the store fails or an invoice changed at the same moment: try again; what was done stays done.
pub async fn case_ended(ctx: &Ctx, event: &CaseDecided) -> Result<(), Error> {
    let now = ctx.now();
    for invoice in store::by_case(&ctx.db, event.case.subject, event.case.case).await? {
        let mut batch = Batch::new(invoice.subject);
        match (invoice.state, event.outcome) {
            (InvoiceState::Open, _) => store::set_state(&mut batch, &invoice, InvoiceState::Cancelled, now),
            // Also one that was to go back: the appeal was granted, and the service given after all.
            (InvoiceState::Paid, Outcome::Approved) if !invoice.settled => store::settle(&mut batch, &invoice, now),
            (state, outcome)
                if refund_falls_due(
                    state,
                    &invoice.refund_on,
                    outcome,
                    invoice.settled,
                    invoice.credit_used_by.is_some(),
                    invoice.refund_due_at.is_some(),
                ) =>
            {
                // Where an earlier fee was counted, its money is the one that there is.
                let paid = paid_by(ctx, &invoice).await?;
                if paid.refund_due_at.is_some() || paid.state != InvoiceState::Paid || paid.settled {
                    continue;
                }
                store::owe(&mut batch, &paid, outcome, now);
                let lang = language(ctx, invoice.subject, event.case.lang).await;
                notify(ctx, &mut batch, &paid, lang, "payment-refund-due", Urgency::Important);
            }
            (InvoiceState::Paid, Outcome::Refused) if invoice.credit_until.is_none() => {
                match credit_until(event.at, invoice.credit_days) {
                    Some(until) => store::give_credit(&mut batch, &invoice, until, now),
                    None => continue,
                }
            }
            (
                InvoiceState::Paid | InvoiceState::Expired | InvoiceState::Cancelled | InvoiceState::Refunded,
                Outcome::Approved | Outcome::Refused | Outcome::Withdrawn | Outcome::Expired,
            ) => continue,
        }
        ctx.db.commit(batch).await?;
    }
    Ok(())
}

/// The invoice whose money paid this one: itself, or the first of the chain of fees that were counted again.
async fn paid_by(ctx: &Ctx, invoice: &Invoice) -> Result<Invoice, Error> {
    let mut found = invoice.clone();
    while let Some(earlier) = found.covered_by {
        match store::by_id(&ctx.db, found.subject, earlier).await? {
            Some(earlier) => found = earlier,
            None => break,
        }
    }
    Ok(found)
}

/// The invoices for which the money of this one was counted again, in their order.
async fn counted_for(ctx: &Ctx, invoice: &Invoice) -> Result<Vec<Invoice>, Error> {
    let mut all = Vec::new();
    let mut next = invoice.credit_used_by;
    while let Some(id) = next {
        let Some(later) = store::by_id(&ctx.db, invoice.subject, id).await? else { break };
        next = later.credit_used_by;
        all.push(later);
    }
    Ok(all)
}

/// What is to go back: how many and how much, and the oldest of them.
///
/// # Errors
/// When the store fails.
pub async fn refunds(ctx: &Ctx, limit: u32) -> Result<(i64, Tiyin, Vec<store::Refund>), Error> {
    let (count, sum) = store::refunds_sum(&ctx.db).await?;
    Ok((count, sum, store::refunds(&ctx.db, limit).await?))
}

/// Records that an official took the list of refunds along as a file.
///
/// # Errors
/// When the store fails.
pub async fn record_export(ctx: &Ctx, actor: Uuid, name: &str, rows: usize) -> Result<(), Error> {
    let mut batch = Batch::system();
    let entry = AuditEntry {
        at: ctx.now(),
        actor,
        actor_name: name.to_owned(),
        action: "payments.refunds_export".to_owned(),
        reason: String::new(),
        object: rows.to_string(),
    };
    audit::record(&mut batch, &*ctx.rng, entry);
    Ok(ctx.db.commit(batch).await?)
}

/// Ends the invoices whose time is over; returns how many. One that changed at the same moment is left for the next run.
///
/// # Errors
/// When the store fails.
pub async fn expire_overdue(ctx: &Ctx) -> Result<usize, Error> {
    let now = ctx.now();
    let mut count = 0;
    for invoice in store::overdue(&ctx.db, now, EXPIRE_AT_ONCE).await? {
        let transactions = store::transactions_of(&ctx.db, invoice.subject, invoice.id).await?;
        let on_its_way = transactions.iter().any(|t| t.live(millis(now)));
        if !expires_now(invoice.state, invoice.expires, on_its_way, now) {
            continue;
        }
        let mut batch = Batch::new(invoice.subject);
        store::set_state(&mut batch, &invoice, InvoiceState::Expired, now);
        emit(
            ctx,
            &mut batch,
            &InvoiceExpired {
                subject: invoice.subject,
                case: invoice.case,
                invoice: invoice.id,
                state: invoice.flow_state.clone(),
                at: now,
            },
        );
        match ctx.db.commit(batch).await {
            Ok(()) => count += 1,
            Err(CommitError::Guard(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(count)
}

/// An invoice of a person, with its transactions.
///
/// # Errors
/// When the store fails.
pub async fn invoice(ctx: &Ctx, subject: SubjectId, id: InvoiceId) -> Result<Option<Invoice>, Error> {
    Ok(store::by_id(&ctx.db, subject, id).await?)
}

/// A person's invoices, the newest first; those before `before` when given.
///
/// # Errors
/// When the store fails.
pub async fn list(ctx: &Ctx, subject: SubjectId, before: Option<InvoiceId>, limit: u32) -> Result<Vec<Invoice>, Error> {
    Ok(store::of_subject(&ctx.db, subject, before, limit).await?)
}

/// Invoices of a case, the newest first.
///
/// # Errors
/// When the store fails.
pub async fn of_case(ctx: &Ctx, subject: SubjectId, case: CaseId) -> Result<Vec<Invoice>, Error> {
    Ok(store::by_case(&ctx.db, subject, case).await?)
}

/// Where the payer pays: the provider's checkout with what is paid as base64; `None` when no provider is configured
/// (`payments.payme.checkout`, `payments.payme.merchant`).
///
/// Source: Payme, payment page by GET: `base64("m=…;ac.<field>=…;a=…;l=…;c=…")`.
pub fn checkout_url(ctx: &Ctx, invoice: &Invoice, lang: Lang) -> Option<String> {
    let checkout = ctx.settings.get(CHECKOUT)?.trim_end_matches('/');
    let merchant = ctx.settings.get(MERCHANT)?;
    let provider_lang = match lang {
        Lang::Uz | Lang::UzCyrl | Lang::Kaa => "uz",
        Lang::Ru => "ru",
        Lang::En => "en",
    };
    let back = format!("{}/{}/invoices/{}", ctx.settings.public_url, lang.code(), invoice.id);
    let params = format!(
        "m={merchant};ac.{}={};a={};l={provider_lang};c={back}",
        payme::ACCOUNT_FIELD,
        invoice.number,
        invoice.amount.get()
    );
    Some(format!("{checkout}/{}", data_encoding::BASE64.encode(params.as_bytes())))
}

/// Setting: address of the provider's payment page, `https://checkout.paycom.uz`.
pub const CHECKOUT: &str = "payments.payme.checkout";
/// Setting: our id at the provider.
pub const MERCHANT: &str = "payments.payme.merchant";
/// Setting: the key by which the provider proves itself (HTTP Basic, login `Paycom`).
pub const KEY: &str = "payments.payme.key";

/// Answers a request of the provider: the body of the HTTP answer, whose status is always 200.
///
/// `authorization` is the value of that header. A call is safe to repeat: nothing is written twice.
pub async fn payme_request(ctx: &Ctx, authorization: Option<&str>, body: &[u8]) -> Value {
    let (id, call) = payme::read(body);
    let answer = match call {
        Err(fault) if fault.code == Fault::parse().code => Err(fault),
        _ if !authorized(ctx, authorization) => Err(Fault::rights()),
        Err(fault) => Err(fault),
        Ok(call) => payme_call(ctx, &call).await.unwrap_or_else(|error| {
            tracing::error!(%error, "a call of the payment provider failed");
            Err(Fault::system())
        }),
    };
    reply(&id, answer)
}

/// The answer of the protocol, a result or an error.
pub fn reply(id: &Value, answer: Result<Value, Fault>) -> Value {
    match answer {
        Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
        Err(fault) => json!({ "jsonrpc": "2.0", "id": id, "error": fault.json() }),
    }
}

/// Whether the header is that of the provider. Compared in constant time; without a configured key nobody is.
///
/// Rule: PAY-AUTH.
/// Source: Payme Merchant API, HTTP Basic with the login `Paycom`; RFC 7617.
fn authorized(ctx: &Ctx, header: Option<&str>) -> bool {
    use subtle::ConstantTimeEq;
    let Some(key) = ctx.settings.get(KEY).filter(|key| !key.is_empty()) else { return false };
    let Some((scheme, given)) = header.and_then(|header| header.split_once(' ')) else { return false };
    let Ok(given) = data_encoding::BASE64.decode(given.trim().as_bytes()) else { return false };
    scheme.eq_ignore_ascii_case("basic") && bool::from(given.ct_eq(format!("Paycom:{key}").as_bytes()))
}

async fn payme_call(ctx: &Ctx, call: &Call) -> Result<Result<Value, Fault>, Error> {
    let mut tries = 0;
    loop {
        tries += 1;
        match decide_once(ctx, call).await {
            // Somebody else was first (a double call, the expiry, a decision): look again and decide anew.
            Err(Error::Commit(CommitError::Guard(_) | CommitError::Unique(_))) if tries < CALL_TRIES => {}
            other => return other,
        }
    }
}

async fn decide_once(ctx: &Ctx, call: &Call) -> Result<Result<Value, Fault>, Error> {
    let at = ctx.now();
    let mut known = Known { now: millis(at), ..Known::default() };
    let mut invoice = None;
    if let Call::Perform { id }
    | Call::Cancel { id, .. }
    | Call::Check { id }
    | Call::SetFiscalData { id, .. }
    | Call::Create { id, .. } = call
        && let Some((subject, (_, of))) = store::transaction_by_payme_id(&ctx.db, id).await?
    {
        invoice = store::by_id(&ctx.db, subject, of).await?;
        // Read after the invoice: both change in one batch, so a parallel call that paid the invoice is seen here as done,
        // never as a paid invoice with a transaction that has not been performed.
        known.transaction = store::transaction_by_payme_id(&ctx.db, id).await?.map(|(_, (transaction, _))| transaction);
    }
    if let Call::CheckPerform { account, .. } | Call::Create { account, .. } = call
        && known.transaction.is_none()
        && let Some(number) = number::parse(account)
        && let Some((subject, id)) = store::route(&ctx.db, &number).await?
    {
        invoice = store::by_id(&ctx.db, subject, id).await?;
    }
    if let Call::Statement { from, to } = call {
        known.statement = store::statement_between(&ctx.db, *from, *to).await?;
    }
    if let Some(invoice) = &invoice {
        let standing = match invoice.state {
            // Its time is over although the periodic task has not come by yet; money already held may still arrive.
            InvoiceState::Open if invoice.expires <= at && known.transaction.is_none() => Standing::Closed,
            InvoiceState::Open => Standing::Payable,
            InvoiceState::Paid => Standing::Paid,
            InvoiceState::Expired | InvoiceState::Cancelled | InvoiceState::Refunded => Standing::Closed,
        };
        // Of a fee that was counted for an application which then ended without a service, the money goes back.
        let used = invoice.settled || (invoice.credit_used_by.is_some() && invoice.refund_due_at.is_none());
        known.bill = Some(Bill { amount: invoice.amount.get(), standing, used });
        let mine = known.transaction.as_ref().map(|t| t.id.clone());
        let others = store::transactions_of(&ctx.db, invoice.subject, invoice.id).await?;
        known.other = others.into_iter().find(|t| t.state == State::Created && mine.as_ref() != Some(&t.id));
        known.new_id = kernel::id::uuid_v7(at, &*ctx.rng).hyphenated().to_string();
    }
    let Decision { answer, changes } = payme::decide(call, &known);
    if let (Some(invoice), false) = (&invoice, changes.is_empty()) {
        write(ctx, invoice, &known, &changes, at).await?;
    }
    Ok(answer)
}

async fn write(ctx: &Ctx, invoice: &Invoice, known: &Known, changes: &[Change], at: Timestamp) -> Result<(), Error> {
    let mut batch = Batch::new(invoice.subject);
    let mut state = invoice.state;
    for change in changes {
        match change {
            Change::Insert(new) => store::insert_transaction(&mut batch, invoice.id, new)?,
            Change::Update(new) => {
                store::update_transaction(&mut batch, new)?;
                match new.state {
                    State::Performed => state = InvoiceState::Paid,
                    State::Refunded => state = InvoiceState::Refunded,
                    State::Created | State::Cancelled => {}
                }
            }
            Change::Fiscal { kind, data, .. } => {
                if let Some(transaction) = &known.transaction {
                    let before = store::fiscal(&ctx.db, invoice.subject, transaction).await?;
                    store::set_fiscal(&mut batch, transaction, before, *kind, data)?;
                }
            }
        }
    }
    // Also when the state stays: the guard on `seq` is what keeps two calls from both succeeding.
    store::set_state(&mut batch, invoice, state, at);
    if state == InvoiceState::Paid && invoice.state != state {
        emit(ctx, &mut batch, &paid_event(invoice, at));
        let lang = language(ctx, invoice.subject, Lang::Uz).await;
        notify(ctx, &mut batch, invoice, lang, "payment-received", Urgency::Normal);
    }
    if state == InvoiceState::Refunded && invoice.state != state {
        for later in counted_for(ctx, invoice).await? {
            store::set_state(&mut batch, &later, InvoiceState::Refunded, at);
        }
        let event = InvoiceRefunded {
            subject: invoice.subject,
            case: invoice.case,
            invoice: invoice.id,
            amount: invoice.amount,
            at,
        };
        emit(ctx, &mut batch, &event);
        let lang = language(ctx, invoice.subject, Lang::Uz).await;
        notify(ctx, &mut batch, invoice, lang, "payment-refunded", Urgency::Important);
    }
    ctx.db.commit(batch).await?;
    Ok(())
}

/// An instant in the protocol's milliseconds.
pub fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}
