//! The Payme Merchant API as a pure function: what is known + what is asked → what is answered and what changes.
//!
//! Source for the whole module: Payme Merchant API, vendor documentation (methods, states, errors, timeout).

use serde::Deserialize;
use serde_json::{Value, json};

/// A transaction that is not performed within twelve hours of its creation is cancelled.
pub const TIMEOUT_MS: i64 = 43_200_000;

/// The name of the account field that payers fill in: the number of the invoice.
pub const ACCOUNT_FIELD: &str = "invoice";

/// Reason of a cancellation by timeout.
pub const REASON_TIMEOUT: i64 = 4;

/// A call, understood.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    CheckPerform { amount: i64, account: String },
    Create { id: String, time: i64, amount: i64, account: String },
    Perform { id: String },
    Cancel { id: String, reason: i64 },
    Check { id: String },
    Statement { from: i64, to: i64 },
    SetFiscalData { id: String, kind: FiscalKind, data: Value },
}

/// Which receipt the tax data belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FiscalKind {
    Perform,
    Cancel,
}

/// A refusal in the protocol's terms.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub code: i64,
    /// Words for the payer: uz, ru, en.
    pub message: [&'static str; 3],
    pub data: Option<String>,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $uz:literal, $ru:literal, $en:literal;)*) => {
        impl Fault {$(
            $(#[$doc])*
            pub fn $name() -> Self {
                Self { code: $code, message: [$uz, $ru, $en], data: None }
            }
        )*}
    };
}
faults! {
    /// The request is not a POST.
    not_post = -32300, "So‘rov POST usulida yuborilishi kerak", "Запрос должен быть методом POST", "The request must be a POST";
    /// The body is not JSON.
    parse = -32700, "JSON o‘qilmadi", "Не удалось прочитать JSON", "The JSON could not be read";
    /// A field is missing or of the wrong type.
    fields = -32600, "So‘rov maydonlari to‘liq emas yoki noto‘g‘ri", "Поля запроса отсутствуют или неверны", "Fields of the request are missing or wrong";
    /// There is no such method; its name is in `data`.
    method = -32601, "Bunday usul yo‘q", "Метод не найден", "There is no such method";
    /// The caller did not prove to be the provider.
    rights = -32504, "Amalni bajarish uchun huquq yetarli emas", "Недостаточно прав для выполнения метода", "Not allowed to call this method";
    /// We failed; the provider tries again.
    system = -32400, "Tizimda xatolik, birozdan so‘ng qaytaring", "Системная ошибка, повторите позже", "Internal error, try again later";
    /// The amount is not the invoice's.
    amount = -31001, "Summa noto‘g‘ri", "Неверная сумма", "The amount is wrong";
    /// The transaction is not known.
    unknown_transaction = -31003, "Tranzaksiya topilmadi", "Транзакция не найдена", "The transaction was not found";
    /// What was paid for was given: the money stays.
    cannot_cancel = -31007, "Xizmat ko‘rsatilgan, to‘lovni qaytarib bo‘lmaydi", "Услуга оказана, отменить платёж нельзя", "The service was given, the payment cannot be cancelled";
    /// The transaction is not in a state in which this can be done.
    cannot_perform = -31008, "Amalni bajarib bo‘lmaydi", "Невозможно выполнить операцию", "The operation cannot be performed";
    /// No invoice has this number.
    no_invoice = -31050, "Bunday raqamli hisob-varaq topilmadi", "Счёт с таким номером не найден", "No invoice has this number";
    /// The invoice was paid already.
    paid = -31051, "Hisob-varaq to‘langan", "Счёт уже оплачен", "The invoice has been paid";
    /// The invoice is no longer open.
    closed = -31052, "Hisob-varaqning muddati o‘tgan yoki u bekor qilingan", "Срок счёта истёк или он отменён", "The invoice has expired or was cancelled";
    /// Another payment of the invoice is under way.
    busy = -31053, "Hisob-varaq bo‘yicha boshqa to‘lov amalga oshirilmoqda", "По счёту уже выполняется другой платёж", "Another payment of the invoice is under way";
}

impl Fault {
    fn with(mut self, data: &str) -> Self {
        self.data = Some(data.to_owned());
        self
    }

    /// The `error` of an answer.
    pub fn json(&self) -> Value {
        let [uz, ru, en] = self.message;
        json!({ "code": self.code, "message": { "uz": uz, "ru": ru, "en": en }, "data": self.data })
    }
}

/// Where a transaction stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Created,
    Performed,
    /// Cancelled before it was performed.
    Cancelled,
    /// Cancelled afterwards: the money went back.
    Refunded,
}

impl State {
    /// The number that the protocol uses.
    pub fn code(self) -> i64 {
        match self {
            State::Created => 1,
            State::Performed => 2,
            State::Cancelled => -1,
            State::Refunded => -2,
        }
    }

    /// Reads the number.
    pub fn parse(code: i64) -> Option<Self> {
        [State::Created, State::Performed, State::Cancelled, State::Refunded].into_iter().find(|s| s.code() == code)
    }
}

/// A transaction of the provider. Times are milliseconds since 1970, 0 = not yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Transaction {
    /// The provider's id.
    pub id: String,
    /// Ours.
    pub ours: String,
    /// Number of the invoice.
    pub number: String,
    /// Tiyin.
    pub amount: i64,
    /// When the provider made it.
    pub time: i64,
    pub create_time: i64,
    pub perform_time: i64,
    pub cancel_time: i64,
    pub state: State,
    pub reason: Option<i64>,
}

impl Transaction {
    /// Whether it still holds the invoice: created and not timed out.
    ///
    /// Rule: PAY-TIMEOUT.
    /// Source: Payme Merchant API, 43 200 000 ms from creation.
    pub fn live(&self, now: i64) -> bool {
        self.state == State::Created && now.saturating_sub(self.create_time) < TIMEOUT_MS
    }

    fn cancelled(&self, now: i64, reason: i64) -> Self {
        let state = if self.state == State::Performed { State::Refunded } else { State::Cancelled };
        Self { state, cancel_time: now, reason: Some(reason), ..self.clone() }
    }
}

/// What the protocol needs to know of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bill {
    /// Tiyin.
    pub amount: i64,
    pub standing: Standing,
    /// Whether what it paid for was given, or the fee was used for another application.
    pub used: bool,
}

/// Whether an invoice can be paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Payable,
    Paid,
    Closed,
}

/// What is known at the moment of a call.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Milliseconds since 1970.
    pub now: i64,
    /// The invoice of the account, or of the transaction.
    pub bill: Option<Bill>,
    /// The transaction with the id of the call.
    pub transaction: Option<Transaction>,
    /// Another transaction on the same invoice in the state created.
    pub other: Option<Transaction>,
    /// The id that a new transaction gets from us.
    pub new_id: String,
    /// What [`Call::Statement`] asks for, by time.
    pub statement: Vec<Transaction>,
}

/// What has to be written before the answer is given.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    Insert(Transaction),
    /// The transaction changed; the invoice with it when it was performed or refunded.
    Update(Transaction),
    Fiscal {
        id: String,
        kind: FiscalKind,
        data: Value,
    },
}

/// An answer and what it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub answer: Result<Value, Fault>,
    pub changes: Vec<Change>,
}

/// Reads the body of a request: its `id`, and the call or why it cannot be understood.
pub fn read(body: &[u8]) -> (Value, Result<Call, Fault>) {
    let Ok(value) = serde_json::from_slice::<Value>(body) else { return (Value::Null, Err(Fault::parse())) };
    let id = match value.get("id") {
        Some(id @ (Value::Number(_) | Value::String(_))) => id.clone(),
        _ => Value::Null,
    };
    (id, call(&value))
}

fn call(value: &Value) -> Result<Call, Fault> {
    let method = value.get("method").and_then(Value::as_str).ok_or_else(Fault::fields)?;
    let params = value.get("params").filter(|params| params.is_object()).ok_or_else(Fault::fields)?;
    Ok(match method {
        "CheckPerformTransaction" => {
            let p: CheckPerform = fields(params)?;
            Call::CheckPerform { amount: p.amount, account: account(&p.account)? }
        }
        "CreateTransaction" => {
            let p: Create = fields(params)?;
            Call::Create { id: transaction_id(p.id)?, time: p.time, amount: p.amount, account: account(&p.account)? }
        }
        "PerformTransaction" => Call::Perform { id: transaction_id(fields::<ById>(params)?.id)? },
        "CancelTransaction" => {
            let p: Cancel = fields(params)?;
            Call::Cancel { id: transaction_id(p.id)?, reason: p.reason }
        }
        "CheckTransaction" => Call::Check { id: transaction_id(fields::<ById>(params)?.id)? },
        "GetStatement" => {
            let p: Period = fields(params)?;
            Call::Statement { from: p.from, to: p.to }
        }
        "SetFiscalData" => {
            let p: Fiscal = fields(params)?;
            let kind = match p.kind.as_str() {
                "PERFORM" => FiscalKind::Perform,
                "CANCEL" => FiscalKind::Cancel,
                _ => return Err(Fault::fields().with("type")),
            };
            if !p.fiscal_data.is_object() {
                return Err(Fault::fields().with("fiscal_data"));
            }
            Call::SetFiscalData { id: transaction_id(p.id)?, kind, data: p.fiscal_data }
        }
        other => return Err(Fault::method().with(other)),
    })
}

#[derive(Deserialize)]
struct CheckPerform {
    amount: i64,
    account: Value,
}

#[derive(Deserialize)]
struct Create {
    id: String,
    time: i64,
    amount: i64,
    account: Value,
}

#[derive(Deserialize)]
struct ById {
    id: String,
}

#[derive(Deserialize)]
struct Cancel {
    id: String,
    reason: i64,
}

#[derive(Deserialize)]
struct Period {
    from: i64,
    to: i64,
}

#[derive(Deserialize)]
struct Fiscal {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    fiscal_data: Value,
}

fn fields<'a, T: Deserialize<'a>>(params: &'a Value) -> Result<T, Fault> {
    T::deserialize(params).map_err(|_| Fault::fields())
}

/// The vendor's ids are 24 hex digits; more is allowed for, not everything.
fn transaction_id(id: String) -> Result<String, Fault> {
    let fine = !id.is_empty() && id.len() <= 64 && id.bytes().all(|b| b.is_ascii_graphic());
    if fine { Ok(id) } else { Err(Fault::fields().with("id")) }
}

/// The account's field as text; payers' programs send numbers too.
fn account(value: &Value) -> Result<String, Fault> {
    match value.get(ACCOUNT_FIELD) {
        Some(Value::String(text)) if text.len() <= 64 => Ok(text.clone()),
        Some(Value::Number(number)) => Ok(number.to_string()),
        _ => Err(Fault::no_invoice().with(ACCOUNT_FIELD)),
    }
}

/// Decides a call.
///
/// Rule: PAY-PAYME.
/// Source: Payme Merchant API; each arm is one method of it.
pub fn decide(call: &Call, known: &Known) -> Decision {
    let Known { now, transaction, .. } = known;
    let now = *now;
    match call {
        Call::CheckPerform { amount, .. } => {
            Decision { answer: payable(known, *amount).map(|()| json!({ "allow": true })), changes: Vec::new() }
        }
        Call::Create { id, time, amount, account } => match transaction {
            // The same call again: the same answer, as long as nothing else happened to the transaction.
            Some(old) if old.live(now) => said(created(old)),
            Some(old) if old.state == State::Created => timed_out(old, now),
            Some(_) => refused(Fault::cannot_perform()),
            None => {
                if now.saturating_sub(*time) >= TIMEOUT_MS {
                    return refused(Fault::cannot_perform());
                }
                if let Err(fault) = payable(known, *amount) {
                    return refused(fault);
                }
                let new = Transaction {
                    id: id.clone(),
                    ours: known.new_id.clone(),
                    number: account.clone(),
                    amount: *amount,
                    time: *time,
                    create_time: now,
                    perform_time: 0,
                    cancel_time: 0,
                    state: State::Created,
                    reason: None,
                };
                // One that let the invoice go by timeout is closed in the same breath.
                let stale = known.other.as_ref().map(|other| Change::Update(other.cancelled(now, REASON_TIMEOUT)));
                let changes = stale.into_iter().chain([Change::Insert(new.clone())]).collect();
                Decision { answer: Ok(created(&new)), changes }
            }
        },
        Call::Perform { .. } => match transaction {
            None => refused(Fault::unknown_transaction()),
            Some(done) if done.state == State::Performed => said(performed(done)),
            Some(old) if old.live(now) => {
                if known.bill.is_none_or(|bill| bill.standing != Standing::Payable) {
                    return refused(Fault::cannot_perform());
                }
                let new = Transaction { state: State::Performed, perform_time: now, ..old.clone() };
                Decision { answer: Ok(performed(&new)), changes: vec![Change::Update(new)] }
            }
            Some(old) if old.state == State::Created => timed_out(old, now),
            Some(_) => refused(Fault::cannot_perform()),
        },
        Call::Cancel { reason, .. } => match transaction {
            None => refused(Fault::unknown_transaction()),
            Some(old) => match old.state {
                State::Cancelled | State::Refunded => said(cancelled(old)),
                State::Performed if known.bill.is_none_or(|bill| bill.used) => refused(Fault::cannot_cancel()),
                State::Created | State::Performed => {
                    let new = old.cancelled(now, *reason);
                    Decision { answer: Ok(cancelled(&new)), changes: vec![Change::Update(new)] }
                }
            },
        },
        Call::Check { .. } => match transaction {
            None => refused(Fault::unknown_transaction()),
            Some(t) => said(json!({
                "create_time": t.create_time, "perform_time": t.perform_time, "cancel_time": t.cancel_time,
                "transaction": t.ours, "state": t.state.code(), "reason": t.reason,
            })),
        },
        Call::Statement { from, to } => {
            let mut listed: Vec<&Transaction> =
                known.statement.iter().filter(|t| (*from..=*to).contains(&t.time)).collect();
            listed.sort_by_key(|t| t.time);
            let listed: Vec<Value> = listed.into_iter().map(in_statement).collect();
            said(json!({ "transactions": listed }))
        }
        Call::SetFiscalData { id, kind, data } => match transaction {
            None => refused(Fault::unknown_transaction()),
            Some(_) => Decision {
                answer: Ok(json!({ "success": true })),
                changes: vec![Change::Fiscal { id: id.clone(), kind: *kind, data: data.clone() }],
            },
        },
    }
}

/// Whether the invoice of the account takes a new payment of this amount.
fn payable(known: &Known, amount: i64) -> Result<(), Fault> {
    let bill = known.bill.ok_or_else(|| Fault::no_invoice().with(ACCOUNT_FIELD))?;
    match bill.standing {
        Standing::Payable => {}
        Standing::Paid => return Err(Fault::paid().with(ACCOUNT_FIELD)),
        Standing::Closed => return Err(Fault::closed().with(ACCOUNT_FIELD)),
    }
    if bill.amount != amount {
        return Err(Fault::amount());
    }
    if known.other.as_ref().is_some_and(|other| other.live(known.now)) {
        return Err(Fault::busy().with(ACCOUNT_FIELD));
    }
    Ok(())
}

fn said(answer: Value) -> Decision {
    Decision { answer: Ok(answer), changes: Vec::new() }
}

fn refused(fault: Fault) -> Decision {
    Decision { answer: Err(fault), changes: Vec::new() }
}

fn timed_out(old: &Transaction, now: i64) -> Decision {
    Decision { answer: Err(Fault::cannot_perform()), changes: vec![Change::Update(old.cancelled(now, REASON_TIMEOUT))] }
}

fn created(t: &Transaction) -> Value {
    json!({ "create_time": t.create_time, "transaction": t.ours, "state": t.state.code() })
}

fn performed(t: &Transaction) -> Value {
    json!({ "transaction": t.ours, "perform_time": t.perform_time, "state": t.state.code() })
}

fn cancelled(t: &Transaction) -> Value {
    json!({ "transaction": t.ours, "cancel_time": t.cancel_time, "state": t.state.code() })
}

fn in_statement(t: &Transaction) -> Value {
    json!({
        "id": t.id, "time": t.time, "amount": t.amount, "account": { ACCOUNT_FIELD: t.number },
        "create_time": t.create_time, "perform_time": t.perform_time, "cancel_time": t.cancel_time,
        "transaction": t.ours, "state": t.state.code(), "reason": t.reason, "receivers": null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000_000;

    /// A world of one invoice, played through the pure function as the service plays it through the store.
    struct World {
        now: i64,
        bill: Bill,
        transactions: Vec<Transaction>,
    }

    impl World {
        fn new() -> Self {
            let bill = Bill { amount: 1_854_000, standing: Standing::Payable, used: false };
            Self { now: NOW, bill, transactions: Vec::new() }
        }

        fn ask(&mut self, call: Call) -> Result<Value, Fault> {
            let id = match &call {
                Call::Create { id, .. }
                | Call::Perform { id }
                | Call::Cancel { id, .. }
                | Call::Check { id }
                | Call::SetFiscalData { id, .. } => id.clone(),
                Call::CheckPerform { .. } | Call::Statement { .. } => String::new(),
            };
            let known = Known {
                now: self.now,
                bill: Some(self.bill),
                transaction: self.transactions.iter().find(|t| t.id == id).cloned(),
                other: self.transactions.iter().find(|t| t.id != id && t.state == State::Created).cloned(),
                new_id: format!("ours-{}", self.transactions.len()),
                statement: self.transactions.clone(),
            };
            let decision = decide(&call, &known);
            for change in decision.changes {
                match change {
                    Change::Insert(new) => self.transactions.push(new),
                    Change::Update(new) => {
                        match new.state {
                            State::Performed => self.bill.standing = Standing::Paid,
                            State::Refunded => self.bill.standing = Standing::Closed,
                            State::Created | State::Cancelled => {}
                        }
                        let old = self.transactions.iter_mut().find(|t| t.id == new.id).expect("known");
                        *old = new;
                    }
                    Change::Fiscal { .. } => {}
                }
            }
            decision.answer
        }
    }

    fn create(id: &str) -> Call {
        Call::Create { id: id.into(), time: NOW, amount: 1_854_000, account: "123".into() }
    }

    fn code(answer: Result<Value, Fault>) -> i64 {
        answer.map_or_else(|fault| fault.code, |value| value["state"].as_i64().unwrap_or(0))
    }

    #[test]
    fn sequences_of_calls_are_answered_as_the_vendor_says() {
        use Call::{Cancel, Check, CheckPerform, Perform};
        let a = || "a".to_owned();
        let wait = |world: &mut World, ms: i64| world.now += ms;
        // each row: calls in order → state or error code of each
        let rows: Vec<(&str, Vec<(i64, Call)>, Vec<i64>)> = vec![
            ("paid", vec![(0, create("a")), (5, Perform { id: a() }), (9, Check { id: a() })], vec![1, 2, 2]),
            ("create twice", vec![(0, create("a")), (7, create("a"))], vec![1, 1]),
            (
                "perform twice",
                vec![(0, create("a")), (0, Perform { id: a() }), (9, Perform { id: a() })],
                vec![1, 2, 2],
            ),
            ("second payer waits", vec![(0, create("a")), (0, create("b"))], vec![1, -31053]),
            (
                "second payer after a cancel",
                vec![(0, create("a")), (0, Cancel { id: a(), reason: 1 }), (0, create("b"))],
                vec![1, -1, 1],
            ),
            (
                "second payer after the payment",
                vec![(0, create("a")), (0, Perform { id: a() }), (0, create("b"))],
                vec![1, 2, -31051],
            ),
            (
                "second payer after the timeout",
                vec![(0, create("a")), (TIMEOUT_MS - 1, create("b")), (0, Check { id: a() })],
                vec![1, -31053, 1],
            ),
            (
                "perform too late",
                vec![(0, create("a")), (TIMEOUT_MS, Perform { id: a() }), (0, Check { id: a() })],
                vec![1, -31008, -1],
            ),
            (
                "create again too late",
                vec![(0, create("a")), (TIMEOUT_MS, create("a")), (0, Check { id: a() })],
                vec![1, -31008, -1],
            ),
            (
                "cancel before",
                vec![
                    (0, create("a")),
                    (0, Cancel { id: a(), reason: 3 }),
                    (3, Cancel { id: a(), reason: 3 }),
                    (0, Perform { id: a() }),
                ],
                vec![1, -1, -1, -31008],
            ),
            (
                "refund",
                vec![
                    (0, create("a")),
                    (0, Perform { id: a() }),
                    (0, Cancel { id: a(), reason: 5 }),
                    (8, Cancel { id: a(), reason: 5 }),
                    (0, create("a")),
                ],
                vec![1, 2, -2, -2, -31008],
            ),
            (
                "unknown",
                vec![(0, Perform { id: a() }), (0, Cancel { id: a(), reason: 1 }), (0, Check { id: a() })],
                vec![-31003, -31003, -31003],
            ),
            ("wrong amount", vec![(0, CheckPerform { amount: 1, account: "123".into() })], vec![-31001]),
        ];
        for (name, calls, expected) in rows {
            let mut world = World::new();
            let got: Vec<i64> = calls
                .into_iter()
                .map(|(ms, call)| {
                    wait(&mut world, ms);
                    code(world.ask(call))
                })
                .collect();
            assert_eq!(got, expected, "{name}");
        }
    }

    #[test]
    fn a_new_payer_closes_a_transaction_that_timed_out() {
        let mut world = World::new();
        assert_eq!(code(world.ask(create("a"))), 1);
        world.now += TIMEOUT_MS;
        let late = Call::Create { id: "b".into(), time: world.now, amount: 1_854_000, account: "123".into() };
        assert_eq!(code(world.ask(late)), 1);
        let a = &world.transactions[0];
        assert_eq!((a.state, a.reason), (State::Cancelled, Some(REASON_TIMEOUT)));
    }

    #[test]
    fn what_was_used_is_not_refunded() {
        let mut world = World::new();
        world.ask(create("a")).unwrap();
        world.ask(Call::Perform { id: "a".into() }).unwrap();
        world.bill.used = true;
        assert_eq!(code(world.ask(Call::Cancel { id: "a".into(), reason: 5 })), -31007);
    }

    #[test]
    fn a_transaction_is_not_performed_on_an_invoice_that_closed_meanwhile() {
        let mut world = World::new();
        world.ask(create("a")).unwrap();
        world.bill.standing = Standing::Closed;
        assert_eq!(code(world.ask(Call::Perform { id: "a".into() })), -31008);
    }

    #[test]
    fn the_statement_lists_by_the_providers_time_both_ends_included() {
        let mut world = World::new();
        for (id, time) in [("c", NOW + 3), ("a", NOW + 1), ("b", NOW + 2)] {
            let call = Call::Create { id: id.into(), time, amount: 1_854_000, account: "123".into() };
            world.ask(call).unwrap();
            world.ask(Call::Cancel { id: id.into(), reason: 1 }).unwrap();
        }
        let answer = world.ask(Call::Statement { from: NOW + 1, to: NOW + 2 }).unwrap();
        let ids: Vec<&str> =
            answer["transactions"].as_array().unwrap().iter().map(|t| t["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["a", "b"]);
        assert_eq!(answer["transactions"][0]["account"]["invoice"], "123");
    }

    #[test]
    fn bodies_are_read_or_refused_with_the_vendors_codes() {
        let code = |body: &str| read(body.as_bytes()).1.map_or_else(|fault| fault.code, |_| 0);
        assert_eq!(code("{"), -32700);
        assert_eq!(code("[]"), -32600);
        assert_eq!(code(r#"{"method":"CheckTransaction"}"#), -32600);
        assert_eq!(code(r#"{"method":"CheckTransaction","params":{}}"#), -32600);
        assert_eq!(code(r#"{"method":"CheckTransaction","params":{"id":7}}"#), -32600);
        assert_eq!(code(r#"{"method":"ChangePassword","params":{}}"#), -32601);
        assert_eq!(code(r#"{"method":"CheckPerformTransaction","params":{"amount":1,"account":{}}}"#), -31050);
        assert_eq!(code(r#"{"id":1,"method":"CheckTransaction","params":{"id":"a"}}"#), 0);
        let (_, fault) = read(br#"{"method":"ChangePassword","params":{}}"#);
        assert_eq!(fault.unwrap_err().data.as_deref(), Some("ChangePassword"));
    }

    proptest::proptest! {
        /// Whatever the provider calls in whatever order: an invoice is paid at most once, times never go back,
        /// and a repeated call gets the answer that the first one got.
        #[test]
        fn no_sequence_pays_an_invoice_twice(steps in proptest::collection::vec((0u8..6, 0u8..3, 0i64..TIMEOUT_MS), 1..40)) {
            let mut world = World::new();
            let mut performed_ever = std::collections::BTreeSet::new();
            for (what, who, wait) in steps {
                world.now += wait / 4;
                let id = ["a", "b", "c"][usize::from(who)].to_owned();
                let call = match what {
                    0 | 1 => Call::Create { id: id.clone(), time: world.now, amount: 1_854_000, account: "123".into() },
                    2 | 3 => Call::Perform { id: id.clone() },
                    4 => Call::Cancel { id: id.clone(), reason: 1 },
                    _ => Call::Check { id: id.clone() },
                };
                let first = world.ask(call.clone());
                let state = world.transactions.clone();
                let second = world.ask(call);
                if first.is_ok() {
                    proptest::prop_assert_eq!(first, second);
                }
                proptest::prop_assert_eq!(&state, &world.transactions);
                for t in &world.transactions {
                    if t.perform_time > 0 {
                        performed_ever.insert(t.id.clone());
                        proptest::prop_assert!(t.perform_time >= t.create_time);
                    }
                }
                proptest::prop_assert!(performed_ever.len() <= 1);
                proptest::prop_assert!(world.transactions.iter().filter(|t| t.live(world.now)).count() <= 1);
            }
        }

        #[test]
        fn no_body_makes_the_reader_fail(body in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = read(&body);
        }
    }
}
