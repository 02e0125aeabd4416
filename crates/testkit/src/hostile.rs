//! One body for each reader of text from outside: whatever the bytes, nothing panics, and what is promised of good
//! input holds. Each body is a target of the fuzzer (`fuzz/`) and is run by `tests/` with seeds and changed seeds.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use axum::http::{HeaderMap, HeaderValue, header};
use definition::{Answers, Audience, By, Channel, Definition, Facts, PersonFacts};
use expr::{Env, Fold, Schema, Seen, Type, Value};
use kernel::calendar::Calendar;
use kernel::clock::Date;
use kernel::lang::{Lang, Text};
use kernel::person::{Email, Passport, Phone, Pinfl, Soato, Stir};
use payments::domain::payme;
use refdata::RefData;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

/// A reader under test: its name, which is also that of its folder in `fuzz/corpus` and of its program, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// Every reader of text from outside.
pub const TARGETS: &[Target] = &[
    ("kernel_person", kernel_person),
    ("kernel_script", kernel_script),
    ("expr_source", expr_source),
    ("definition_yaml", definition_yaml),
    ("definition_json", definition_json),
    ("definition_page", definition_page),
    ("definition_answers", definition_answers),
    ("payments_payme", payments_payme),
    ("documents_verify", documents_verify),
    ("web_form", web_form),
    ("web_headers", web_headers),
    ("applications_file", applications_file),
    ("applications_number", applications_number),
    ("demo_bank_order", demo_bank_order),
];

/// The text of the bytes, when they are text: what is not UTF-8 is refused long before these readers.
fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// The day on which everything here happens.
fn today() -> Date {
    Date::constant(2026, 11, 21)
}

// --- kernel ---

/// Numbers of persons, papers, telephones, places; addresses of mail.
pub fn kernel_person(data: &[u8]) {
    let Some(text) = text(data) else { return };
    if let Ok(pinfl) = Pinfl::parse(text) {
        assert_eq!(Pinfl::parse(pinfl.as_str()), Ok(pinfl));
        assert!(!format!("{pinfl:?} {}", pinfl.masked()).contains(pinfl.as_str()));
        let _ = (pinfl.birth_date(), pinfl.sex());
    }
    if let Ok(stir) = Stir::parse(text) {
        assert_eq!(Stir::parse(stir.as_str()), Ok(stir));
    }
    if let Ok(passport) = Passport::parse(text) {
        assert_eq!(Passport::parse(passport.as_str()), Ok(passport));
        assert!(!passport.masked().contains(passport.as_str()));
    }
    if let Ok(phone) = Phone::parse(text) {
        assert_eq!(Phone::parse(&phone.spaced()), Ok(phone));
        assert!(!phone.masked().contains(phone.as_str()));
    }
    if let Ok(place) = Soato::parse(text) {
        assert!(place.is_within(&place.region()));
        assert!(place.district().is_none_or(|district| place.is_within(&district)));
    }
    if let Ok(email) = Email::parse(text) {
        assert_eq!(Email::parse(email.as_str()).map(|again| again.as_str().to_owned()), Ok(email.as_str().to_owned()));
        assert!(!email.as_str().contains(['\r', '\n', ' ']), "{:?}", email.as_str());
        let _ = email.masked();
    }
    let _ = (Lang::parse(text), kernel::money::Share::parse(text), kernel::money::Rate::parse(text));
    let _ = serde_json::from_str::<Text>(text);
}

/// Folding for search and the way from Latin to Cyrillic.
pub fn kernel_script(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let folded = kernel::script::fold(text);
    assert_eq!(kernel::script::fold(&folded), folded);
    // Neither blows up: a letter becomes at most two.
    assert!(folded.len() <= text.len() * 4 + 16);
    assert!(kernel::script::to_cyrillic(text).len() <= text.len() * 4 + 16);
}

// --- expr ---

struct Case {
    refdata: Arc<RefData>,
    values: BTreeMap<&'static str, Value>,
}

impl Env for Case {
    fn get(&self, name: &str) -> Value {
        self.values.get(name).cloned().unwrap_or(Value::Unknown)
    }
    fn today(&self) -> Date {
        today()
    }
    fn bhm(&self) -> Decimal {
        Decimal::from(412_000)
    }
    fn calendar(&self) -> &Calendar {
        &self.refdata.calendar
    }
}

impl Fold for Case {
    fn seen(&self, name: &str) -> Seen<'_> {
        match name {
            "b" | "i" | "list" | "items" => Seen::Page,
            "d" | "m" => Seen::Public,
            "none" => Seen::Server,
            _ => Seen::Private,
        }
    }
}

/// Names of every type, with extreme values.
static CASE: LazyLock<(Schema, Case)> = LazyLock::new(|| {
    let item = || {
        Value::Map(BTreeMap::from([
            ("n".to_owned(), Value::Int(i64::MIN)),
            ("s".to_owned(), Value::Str("1726".into())),
        ]))
    };
    let item_type = || Type::Map(BTreeMap::from([("n".to_owned(), Type::Int), ("s".to_owned(), Type::Str)]));
    let values: Vec<(&'static str, Type, Value)> = vec![
        ("b", Type::Bool, Value::Bool(true)),
        ("i", Type::Int, Value::Int(i64::MAX)),
        ("d", Type::Dec, Value::Dec(Decimal::MAX)),
        ("s", Type::Str, Value::Str("ўзбек 1726".into())),
        ("day", Type::Date, Value::Date(Date::MAX)),
        ("first", Type::Date, Value::Date(Date::MIN)),
        ("list", Type::List(Box::new(Type::Int)), Value::List((0..20).map(Value::Int).collect())),
        ("items", Type::List(Box::new(item_type())), Value::List(vec![item(), Value::Unknown, item()])),
        ("m", item_type(), item()),
        ("any", Type::Any, Value::List(vec![Value::Unknown, item()])),
        ("none", Type::Any, Value::Unknown),
    ];
    let mut schema = Schema::new();
    let mut known = BTreeMap::new();
    for (name, ty, value) in values {
        schema.insert(name, ty);
        known.insert(name, value);
    }
    (schema, Case { refdata: RefData::shared(), values: known })
});

/// Expressions: read, checked, evaluated, printed and read again.
pub fn expr_source(data: &[u8]) {
    let Some(source) = text(data) else { return };
    let (schema, case) = &*CASE;
    let compiled = expr::compile(source, schema);
    let parsed = expr::parse(source);
    let parsed = match (parsed, &compiled) {
        (Ok(parsed), compiled) => {
            if let Err(error) = compiled {
                let _ = error.render(source);
            }
            parsed
        }
        (Err(error), compiled) => {
            assert!(compiled.is_err(), "{source:?} compiles and does not parse");
            let _ = error.render(source);
            return;
        }
    };
    // What was not type-checked must be total as well.
    let value = parsed.eval(case);
    let _ = (parsed.names(), parsed.to_js_tree());
    let folded = parsed.to_browser(case);
    // The text of a name that is private.
    assert!(source.contains("ўз") || !folded.to_string().contains("ўз"), "{source:?} tells {folded}");
    if let Ok(compiled) = &compiled {
        assert_eq!(compiled.eval(case), value, "{source:?}");
    }
    let canonical = parsed.canonical();
    match expr::parse(&canonical) {
        Ok(again) => {
            assert_eq!(again.canonical(), canonical, "{source:?}");
            assert_eq!(again.to_js_tree(), parsed.to_js_tree(), "{source:?} is printed as {canonical:?}");
        }
        // All its brackets can bring a tree at the limits over them.
        Err(error) => {
            let limit = ["nested more than", "bytes long"].iter().any(|limit| error.msg.contains(limit));
            assert!(limit, "{source:?} is printed as {canonical:?}: {}", error.msg);
        }
    }
}

// --- definition ---

/// Services whose forms have fields of every type between them.
static DEFINITIONS: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let refdata = RefData::shared();
    let files = [
        include_str!("../../../services/fhdy/298.yaml"),
        include_str!("../../../services/education/413.yaml"),
        include_str!("../../../services/business/308.yaml"),
        include_str!("../../../services/other/875.yaml"),
        include_str!("../../../services/property/506.yaml"),
        include_str!("../../../services/documents/187.yaml"),
    ];
    files.iter().filter_map(|yaml| definition::compile(yaml, "service.yaml", &refdata).ok()).collect()
});

/// The services that [`definition_page`] and [`definition_answers`] ask, by the first byte of their input.
pub fn definitions() -> &'static [Definition] {
    &DEFINITIONS
}

/// A resident of Tashkent for whom some registers have answered.
fn facts(answers: Answers) -> Facts {
    let mut facts = Facts {
        answers,
        person: PersonFacts {
            pinfl: Pinfl::parse("30101850010012").ok(),
            birth_date: Some(Date::constant(1985, 1, 1)),
            sex: Some("m".into()),
            region: Soato::parse("1726266").ok(),
            citizenship: Some("UZ".into()),
            audience: Some(Audience::Natural),
            ..PersonFacts::default()
        },
        today: today(),
        ..Facts::default()
    };
    facts.answered("tax", json!({"stir": "302123456", "debt": 0}));
    facts.answered(
        "vehicles",
        json!({"vehicles": [{"plate": "01A123BC", "make": "Chevrolet", "model": "Cobalt", "year": 2020}]}),
    );
    let child = json!({"record": "1", "surname": "Karimova", "name": "Lola", "patronymic": "Anvar qizi", "birth_date": "2020-02-29"});
    facts.answered("civil_acts", json!({"births": [child]}));
    facts.not_found("social");
    facts
}

/// Every question that a page, an official's desk or the system asks of a definition.
fn ask(definition: &Definition, facts: &Facts) {
    let bhm = RefData::shared().bhm(facts.today);
    for page in 0..=definition.pages().len() {
        let _ = (definition.visible_fields(page, facts), definition.validate_page(page, facts));
    }
    for field in definition.pages().iter().flat_map(|page| &page.fields) {
        for lang in Lang::ALL {
            let _ = definition.answer_text(&field.id, facts, lang);
        }
    }
    let settled = definition.settled_answers(facts);
    let again = definition.settled_answers(&Facts { answers: settled.clone(), ..facts.clone() });
    assert_eq!(again, settled, "settling twice changes something more");
    let _ = (definition.prefill(facts), definition.eligibility(facts), definition.term(facts), definition.steps());
    for register in definition.registers() {
        let _ = definition.register_params(register, facts);
    }
    for channel in Channel::ALL {
        let _ = definition.fee_quote(facts, channel, bhm, facts.today);
    }
    let _ = (definition.fee_table(bhm, facts.today), definition.initial_state(), definition.is_automatic());
    for state in &definition.flow().states {
        let _ =
            (definition.route(&state.id, facts), definition.auto_rule(&state.id, facts), definition.pauses(&state.id));
        let _ = definition.fee_due_in(&state.id, facts, Channel::Web, bhm, facts.today);
        let _ = definition.documents_for(&state.id, facts, Lang::UzCyrl, facts.today);
        for by in [By::Citizen, By::Official, By::Head, By::System, By::Commission] {
            let _ = definition.allowed_actions(&state.id, by, facts);
        }
    }
}

/// The YAML of a service, as an office hands it in.
pub fn definition_yaml(data: &[u8]) {
    let Some(yaml) = text(data) else { return };
    let refdata = RefData::shared();
    match definition::compile(yaml, "service.yaml", &refdata) {
        Ok(definition) => {
            let _ = definition.run_golden(&refdata);
            let facts = facts(Answers::new());
            let sample = definition.sample_answers(&facts);
            ask(&definition, &Facts { answers: sample, ..facts });
            match Definition::from_json(definition.canonical_json()) {
                Ok(again) => assert_eq!(again.version(), definition.version()),
                Err(error) => panic!("what was compiled cannot be read again: {error}"),
            }
        }
        Err(diagnostics) => {
            assert!(!diagnostics.is_empty(), "refused without a reason");
            for diagnostic in diagnostics {
                assert!(diagnostic.line > 0 && diagnostic.col > 0, "{diagnostic}");
            }
        }
    }
}

/// A stored version of a definition, damaged.
pub fn definition_json(data: &[u8]) {
    let Some(json) = text(data) else { return };
    if let Ok(definition) = Definition::from_json(json) {
        assert_eq!(definition.canonical_json(), json);
        ask(&definition, &facts(Answers::new()));
    }
}

/// The definition that the first byte chooses, and the rest.
fn chosen(data: &[u8]) -> Option<(&'static Definition, u8, &[u8])> {
    let (first, rest) = data.split_first()?;
    let definitions = definitions();
    let definition = definitions.get(usize::from(*first) % definitions.len().max(1))?;
    Some((definition, *first, rest))
}

/// A posted page of a form: the first byte chooses the service and the page, then come the fields as a browser sends them.
pub fn definition_page(data: &[u8]) {
    let Some((definition, first, rest)) = chosen(data) else { return };
    let Some(posted) = web::posted::read_urlencoded(rest) else { return };
    let facts = facts(Answers::new());
    let first_page = usize::from(first) / definitions().len().max(1) % (definition.pages().len() + 1);
    let mut answers = Answers::new();
    for page in [first_page, 0, 1, 2] {
        answers = definition.parse_page(page, &posted, &Facts { answers, ..facts.clone() }).0;
    }
    ask(definition, &Facts { answers, ..facts });
}

/// Answers as JSON: the first byte chooses the service.
pub fn definition_answers(data: &[u8]) {
    let Some((definition, _, rest)) = chosen(data) else { return };
    let Ok(Json::Object(given)) = serde_json::from_slice::<Json>(rest) else { return };
    let known = facts(Answers::new());
    let (answers, _) = definition.accept_json(&given, &known);
    ask(definition, &Facts { answers, ..known.clone() });
    // As an old draft of the store, past every check.
    ask(definition, &Facts { answers: given.into_iter().collect(), ..known });
}

// --- payments ---

/// Bodies that the provider sends, one a line, played against one invoice: it is paid at most once at a time.
pub fn payments_payme(data: &[u8]) {
    use payme::{Bill, Call, Change, Known, Standing, State, Transaction};
    let mut now = 1_795_000_000_000_i64;
    let mut bill = Bill { amount: 1_854_000, standing: Standing::Payable, used: false };
    let mut transactions: Vec<Transaction> = Vec::new();
    for (turn, body) in data.split(|byte| *byte == b'\n').take(64).enumerate() {
        // The length of a body stands for the time that passes.
        now = now.saturating_add(body.len() as i64 * 60_000);
        let (_, call) = payme::read(body);
        let call = match call {
            Ok(call) => call,
            Err(fault) => {
                let _ = fault.json();
                continue;
            }
        };
        let (id, account) = match &call {
            Call::CheckPerform { account, .. } => (String::new(), Some(account.clone())),
            Call::Create { id, account, .. } => (id.clone(), Some(account.clone())),
            Call::Perform { id } | Call::Cancel { id, .. } | Call::Check { id } | Call::SetFiscalData { id, .. } => {
                (id.clone(), None)
            }
            Call::Statement { .. } => (String::new(), None),
        };
        let number = account.as_deref().and_then(payments::domain::number::parse);
        if let Some(number) = &number {
            assert_eq!(
                payments::domain::number::parse(&payments::domain::number::shown(number)).as_ref(),
                Some(number)
            );
        }
        let known = Known {
            now,
            bill: (account.is_none() || number.is_some()).then_some(bill),
            transaction: transactions.iter().find(|t| t.id == id).cloned(),
            other: transactions.iter().find(|t| t.id != id && t.state == State::Created).cloned(),
            new_id: format!("ours-{turn}"),
            statement: transactions.clone(),
        };
        let decision = payme::decide(&call, &known);
        for change in decision.changes {
            match change {
                Change::Insert(new) => {
                    assert_eq!(new.amount, bill.amount, "an amount that is not the invoice's");
                    assert!(transactions.iter().all(|t| t.id != new.id), "a transaction twice");
                    transactions.push(new);
                }
                Change::Update(new) => {
                    match new.state {
                        State::Performed => bill.standing = Standing::Paid,
                        State::Refunded => bill.standing = Standing::Closed,
                        State::Created | State::Cancelled => {}
                    }
                    let Some(old) = transactions.iter_mut().find(|t| t.id == new.id) else {
                        panic!("a change of a transaction that is not there");
                    };
                    *old = new;
                }
                Change::Fiscal { .. } => {}
            }
        }
        if let Err(fault) = decision.answer {
            let _ = fault.json();
        }
        assert!(transactions.iter().filter(|t| t.state == State::Performed).count() <= 1, "paid twice");
    }
}

// --- documents ---

/// What the page of the check takes: a number, a code, a file.
pub fn documents_verify(data: &[u8]) {
    use documents::domain::{number, record};
    if let Some(found) = record::find_mark(data) {
        assert_eq!(number::parse(&found).as_ref(), Some(&found));
    }
    let Some(text) = text(data) else { return };
    if let Some(found) = number::parse(text) {
        assert_eq!(number::parse(&number::shown(&found)), Some(found.clone()));
        assert_eq!(record::find_mark(record::mark(&found).as_bytes()), Some(found));
    }
    if let Some(code) = number::parse_code(text) {
        assert_eq!(number::parse_code(&number::code_shown(&code)), Some(code));
    }
    let _ = record::short_name(text);
}

// --- web ---

/// The fields of a posted form.
pub fn web_form(data: &[u8]) {
    let Some(fields) = web::posted::read_urlencoded(data) else { return };
    assert!(fields.iter().all(|(name, value)| !name.contains('\0') && !value.contains('\0')));
    // Decoding never makes anything longer.
    assert!(fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() <= data.len());
    let posted = web::Posted::from_fields(fields);
    for (name, _) in posted.fields() {
        let _ = (posted.get(name), posted.raw(name), posted.all(name).count());
    }
}

/// Headers by which the portal guesses the language, finds the session and knows where a form came from.
pub fn web_headers(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let mut headers = HeaderMap::new();
    for name in [header::ACCEPT_LANGUAGE, header::COOKIE, header::ORIGIN, header::HOST, header::REFERER] {
        headers.insert(name, value.clone());
    }
    headers.insert("sec-fetch-site", value);
    let _ = (web::lang::preferred(&headers), web::csrf::same_site(&headers), web::prefs::Prefs::from_headers(&headers));
    for name in [web::page::SESSION_COOKIE, web::csrf::COOKIE] {
        let _ = web::page::cookie(&headers, name).map(|secret| web::csrf::verify(&[7; 32], &secret, &secret));
    }
}

// --- applications ---

/// An uploaded file: its bytes, and its name, for which the same bytes stand.
pub fn applications_file(data: &[u8]) {
    use applications::domain::file;
    let all = ["pdf", "jpeg", "png"].map(str::to_owned);
    if let Ok(kind) = file::accept(data, &all, 10, 1, 0) {
        assert_eq!(file::sniff(data), Some(kind));
        assert_eq!(file::FileKind::parse(kind.name()), Some(kind));
        assert!(file::accept(data, &[], 10, 1, 0).is_err());
    }
    let name = file::clean_name(&String::from_utf8_lossy(data));
    assert!(!name.is_empty() && name.chars().count() <= 120);
    assert!(!name.contains(['/', '\\', '"', '\0', '\r', '\n']), "{name:?}");
    assert_eq!(file::clean_name(&name), name);
}

/// The number of a case, as people type it.
pub fn applications_number(data: &[u8]) {
    use applications::domain::number;
    let Some(text) = text(data) else { return };
    let _ = number::group(text);
    if let Ok(number) = number::CaseNumber::parse(text) {
        assert_eq!(number.as_str().len(), 16);
        assert_eq!(number::CaseNumber::parse(&number.grouped()), Ok(number));
    }
}

// --- demo bank ---

/// The address of the checkout; the bytes stand for the address and for what is in it.
pub fn demo_bank_order(data: &[u8]) {
    let encoded = data_encoding::BASE64.encode(data);
    for address in text(data).into_iter().chain([encoded.as_str()]) {
        if let Some(back) = demo_bank::order_leads_back_to(address) {
            assert!(back == "/" || back.starts_with("http://") || back.starts_with("https://"));
            // Who has paid must get back.
            assert!(HeaderValue::from_str(&back).is_ok(), "{back:?} cannot be the address of a redirect");
        }
    }
}
