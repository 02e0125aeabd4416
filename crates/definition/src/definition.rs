//! A compiled definition and the questions that others ask of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use expr::{Expr, Schema, Value};
use jiff::civil::Date;
use kernel::calendar::Term;
use kernel::lang::Lang;
use kernel::money::Tiyin;
use refdata::RefData;

use crate::access::Access;
use crate::browser::{self, BrowserForm};
use crate::compile::{self, Diagnostic};
use crate::model::*;
use crate::registers::RegisterInfo;
use crate::vocabulary::Vocabulary;
use crate::{document, fee, form, golden, route, samples, schema, scope};

/// A service definition, compiled: type-checked, complete in itself, immutable.
#[derive(Clone, Debug)]
pub struct Definition {
    pub(crate) spec: Spec,
    /// Compiled expressions by their source text.
    pub(crate) exprs: BTreeMap<String, Expr>,
    /// Types of the names in them.
    pub(crate) schema: Schema,
    pub(crate) canonical: String,
    pub(crate) version: VersionHash,
    pub(crate) tests: Vec<GoldenCase>,
    pub(crate) vocabulary: Arc<Vocabulary>,
}

/// Compiles the YAML text of a definition with the vocabulary that the program carries.
///
/// `file` is only named in diagnostics.
///
/// # Errors
///
/// Everything that is wrong with it, each with line, column and a hint. A text that is not YAML of
/// the known shape gives one diagnostic, as nothing more can be said about it.
pub fn compile(yaml: &str, file: &str, refdata: &RefData) -> Result<Definition, Vec<Diagnostic>> {
    compile::compile(yaml, file, refdata, &Vocabulary::built_in())
}

/// [`compile`] with another vocabulary, such as that of a folder.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_with(
    yaml: &str,
    file: &str,
    refdata: &RefData,
    vocabulary: &Arc<Vocabulary>,
) -> Result<Definition, Vec<Diagnostic>> {
    compile::compile(yaml, file, refdata, vocabulary)
}

/// Why a stored version cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("not the JSON of a definition")]
    Json(#[from] serde_json::Error),
    #[error("an expression does not compile: {0}")]
    Expression(String),
}

impl Definition {
    /// Reads a version from its canonical JSON, as stored. Its golden cases are not part of it.
    ///
    /// # Errors
    ///
    /// When the text is not what [`Definition::canonical_json`] once gave.
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        let spec: Spec = serde_json::from_str(json)?;
        let schema = scope::schema(&spec);
        let (exprs, errors) = scope::compile_all(&spec, &schema);
        if let Some((source, error)) = errors.first() {
            return Err(ReadError::Expression(format!("`{source}`: {}", error.msg)));
        }
        Ok(Self {
            spec,
            exprs,
            schema,
            canonical: json.to_owned(),
            version: compile::hash(json),
            tests: Vec::new(),
            vocabulary: Vocabulary::built_in(),
        })
    }

    /// The canonical JSON: keys in the order of the types, no blanks. What the version is the hash of.
    pub fn canonical_json(&self) -> &str {
        &self.canonical
    }

    /// SHA-256 of the canonical JSON.
    pub fn version(&self) -> &VersionHash {
        &self.version
    }

    /// Everything that the definition says, as data.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Number of the service.
    pub fn code(&self) -> &ServiceCode {
        &self.spec.code
    }

    /// The public passport.
    pub fn passport(&self) -> &ServicePassport {
        &self.spec.passport
    }

    /// Who may apply, and how.
    pub fn access(&self) -> &Access {
        &self.spec.access
    }

    /// Registers asked, in order.
    pub fn registers(&self) -> &[RegisterUse] {
        &self.spec.registers
    }

    /// Name and keeper of a register that it asks, as they were when this was compiled.
    pub fn register(&self, name: &str) -> Option<&RegisterInfo> {
        self.spec.shapes.get(name)
    }

    /// The screens of the form; none for a service without questions.
    pub fn pages(&self) -> &[FormPage] {
        &self.spec.pages
    }

    /// The life cycle.
    pub fn flow(&self) -> &Flow {
        &self.spec.flow
    }

    /// Rules about the invoice; `None` for a free service.
    pub fn payment(&self) -> Option<&PaymentRules> {
        self.spec.payment.as_ref()
    }

    /// How a refusal is appealed.
    pub fn appeal(&self) -> Option<&Appeal> {
        self.spec.appeal.as_ref()
    }

    /// Documents that the service makes.
    pub fn outputs(&self) -> &[Output] {
        &self.spec.outputs
    }

    /// Whether the system alone answers: the case comes to its end without an official.
    pub fn is_automatic(&self) -> bool {
        let humans = [StateKind::Work, StateKind::Tasks, StateKind::Commission];
        !self.spec.flow.states.iter().any(|state| humans.contains(&state.kind))
    }

    // --- the form ---

    /// A field by its id, with the page on which it stands (0-based).
    pub fn field(&self, id: &str) -> Option<(usize, &Field)> {
        self.spec
            .pages
            .iter()
            .enumerate()
            .find_map(|(n, page)| page.fields.iter().find(|field| field.id == id).map(|field| (n, field)))
    }

    /// Name of the common field of which this one is: fields of one name mean the same in every service. `None` for a field
    /// of the service's own.
    ///
    /// Rule: DEF-MEANING.
    /// Source: our decision: fields taken by `use:` from `services/common.yaml` have the same meaning everywhere.
    pub fn meaning<'a>(&self, field: &'a Field) -> Option<&'a str> {
        compile::meaning(field)
    }

    /// A field by the name under which its answer is posted and its errors are told: an id, or `<repeat>.<row>.<id>`.
    pub fn field_at(&self, path: &str) -> Option<(usize, &Field)> {
        let mut parts = path.split('.');
        let (page, field) = self.field(parts.next()?)?;
        match (parts.next(), parts.next()) {
            (Some(row), Some(id)) if row.bytes().all(|b| b.is_ascii_digit()) => {
                field.fields.iter().find(|field| field.id == id).map(|field| (page, field))
            }
            _ => Some((page, field)),
        }
    }

    /// The pages (0-based) that are asked for these facts: the rest is skipped, and not counted as steps.
    ///
    /// Rule: DEF-SKIP.
    /// Source: our own (nobody is led through a page that asks nothing of them).
    pub fn asked_pages(&self, facts: &Facts) -> Vec<usize> {
        form::asked_pages(self, facts)
    }

    /// Answers that a register should confirm before the application is taken, and has not: the fields with
    /// `source.mode: verify` and `on_fail: stop` whose register is silent.
    pub fn unconfirmed(&self, facts: &Facts) -> Vec<FieldError> {
        form::unconfirmed(self, facts)
    }

    /// The value of a shown field as a person reads it, also of one in a row of a repeat.
    pub fn view_text(&self, view: &FieldView<'_>, facts: &Facts, lang: Lang) -> Option<String> {
        document::view_text(self, view, facts, lang)
    }

    /// First answers of a new draft: what registers and the person's profile know.
    pub fn prefill(&self, facts: &Facts) -> Answers {
        form::prefill(self, facts)
    }

    /// The fields of a page that are shown for these facts; empty when there is no such page.
    pub fn visible_fields(&self, page: usize, facts: &Facts) -> Vec<FieldView<'_>> {
        form::visible_fields(self, page, facts)
    }

    /// The options of a field as they stand, whether it is shown or not.
    pub fn options(&self, field: &Field, facts: &Facts) -> Vec<(String, kernel::lang::Text)> {
        form::options(form::At::form(self, facts), field)
    }

    /// What the browser needs to show and hide the fields of a form by itself, on which these pages stand. What is known
    /// here is put in, and of it only what the page shows; the server decides again when the form is sent.
    pub fn browser_form(&self, pages: &[usize], facts: &Facts) -> BrowserForm {
        browser::form(self, pages, facts)
    }

    /// Reads a posted page into the answers.
    ///
    /// Gives **all** answers: those of `facts` with this page's put in, answers of fields that are no longer shown
    /// taken out. What cannot be read stays as text beside its error, so that nothing typed is lost. Unknown names
    /// are ignored. Files are taken from `facts.answers`, never from the post.
    ///
    /// Rule: DEF-PARSE.
    /// Source: our own, the requirement that nothing saved is lost.
    pub fn parse_page(&self, page: usize, posted: &[(String, String)], facts: &Facts) -> (Answers, Vec<FieldError>) {
        form::parse_page(self, page, posted, facts)
    }

    /// Reads answers given as JSON (the API), all pages at once. Unknown fields and wrong types are errors.
    pub fn accept_json(
        &self,
        answers: &serde_json::Map<String, serde_json::Value>,
        facts: &Facts,
    ) -> (Answers, Vec<FieldError>) {
        form::accept_json(self, answers, facts)
    }

    /// JSON Schema (2020-12) of the answers that [`Definition::accept_json`] takes.
    pub fn answers_schema(&self) -> serde_json::Value {
        schema::answers(self)
    }

    /// Checks the answers of a page as they stand in `facts`.
    pub fn validate_page(&self, page: usize, facts: &Facts) -> Vec<FieldError> {
        form::validate_page(self, page, facts)
    }

    /// Checks all answers, as before submission.
    pub fn validate_all(&self, facts: &Facts) -> Vec<FieldError> {
        form::validate_all(self, facts)
    }

    /// Answers without those of fields that are not shown, and with computed and locked values: what a case keeps.
    pub fn settled_answers(&self, facts: &Facts) -> Answers {
        form::settled(self, facts)
    }

    /// An answer as a person reads it: the option's label, the date, the address, the money.
    pub fn answer_text(&self, field: &str, facts: &Facts, lang: Lang) -> Option<String> {
        document::answer_text(self, field, facts, lang)
    }

    /// Every reason for which the person cannot use the service; empty when they can. A rule that asks with `has()` what a
    /// register holds says nothing before that register has answered: silence is no proof that there is no record.
    ///
    /// Rule: DEF-ELIGIBLE.
    /// Source: the users' block of the service passport.
    pub fn eligibility(&self, facts: &Facts) -> Vec<Refused> {
        self.spec
            .access
            .eligibility
            .iter()
            .filter(|rule| self.truth(&rule.when, facts) == Some(true) && !self.waits_for_a_register(&rule.when, facts))
            .map(|rule| Refused { code: rule.code.clone(), message: rule.message.clone() })
            .collect()
    }

    fn waits_for_a_register(&self, cel: &Cel, facts: &Facts) -> bool {
        let silent = |path: &String| {
            let register = path.strip_prefix("registers.").and_then(|rest| rest.split('.').next());
            register.is_some_and(|register| !facts.registers.contains_key(register))
        };
        cel.0.contains("has(") && self.expression(cel).is_some_and(|expr| expr.paths().iter().any(silent))
    }

    /// Parameters of a question to a register; `None` while one of them is not known yet.
    pub fn register_params(&self, register: &RegisterUse, facts: &Facts) -> Option<BTreeMap<String, String>> {
        register
            .params
            .iter()
            .map(|(name, cel)| scope::as_text(&self.eval(cel, facts)).map(|text| (name.clone(), text)))
            .collect()
    }

    // --- money ---

    /// The price due first: at submission, or else in the first payment state on the way.
    ///
    /// `bhm` is the base calculation amount in force on `date`.
    pub fn fee_quote(&self, facts: &Facts, channel: Channel, bhm: Tiyin, date: Date) -> FeeQuote {
        fee::quote_first(self, facts, channel, bhm, date)
    }

    /// The price due in a payment state. A total of zero means: nothing to pay, go on at once.
    pub fn fee_due_in(&self, state: &str, facts: &Facts, channel: Channel, bhm: Tiyin, date: Date) -> FeeQuote {
        fee::quote_in(self, state, facts, channel, bhm, date)
    }

    /// Ends of the application after which what was paid in a payment state is returned.
    pub fn refund_after(&self, state: &str) -> Vec<RefundAfter> {
        crate::fee::refund_in(self, state)
    }

    /// The price table of the passport.
    pub fn fee_table(&self, bhm: Tiyin, date: Date) -> Vec<FeeRow> {
        fee::table(self, bhm, date)
    }

    // --- the flow ---

    /// Where a submitted case begins.
    pub fn initial_state(&self) -> &State {
        // The compiler refuses a flow without states, and `from_json` reads only what it wrote; a damaged store
        // must not bring a panic, hence the fallback.
        static NONE: std::sync::OnceLock<State> = std::sync::OnceLock::new();
        self.spec.flow.states.first().unwrap_or_else(|| NONE.get_or_init(State::withdrawn_fallback))
    }

    /// A state by its id.
    pub fn state(&self, id: &str) -> Option<&State> {
        self.spec.flow.states.iter().find(|state| state.id == id)
    }

    /// An action by its id.
    pub fn action(&self, id: &str) -> Option<&Action> {
        self.spec.flow.actions.iter().find(|action| action.id == id)
    }

    /// The actions out of a state, guards not looked at.
    pub fn actions(&self, from: &str) -> Vec<&Action> {
        self.spec.flow.actions.iter().filter(|action| action.from.iter().any(|id| id == from)).collect()
    }

    /// The actions out of a state that these facts allow to this actor.
    pub fn allowed_actions(&self, from: &str, by: By, facts: &Facts) -> Vec<&Action> {
        self.actions(from)
            .into_iter()
            .filter(|action| action.by == by)
            .filter(|action| action.guard.as_ref().is_none_or(|guard| self.truth(guard, facts) == Some(true)))
            .collect()
    }

    /// What the system does in this state for these facts; `None` = it waits.
    pub fn auto_rule(&self, state: &str, facts: &Facts) -> Option<&AutoRule> {
        self.state(state)?.auto.iter().find(|rule| self.truth(&rule.when, facts) == Some(true))
    }

    /// A refusal reason by its code.
    pub fn reason(&self, code: &str) -> Option<&Reason> {
        self.spec.flow.reasons.iter().find(|reason| reason.code == code)
    }

    /// The unit that works the case in this state (DEF-ROUTE).
    pub fn route(&self, state: &str, facts: &Facts) -> UnitRef {
        route::unit(self, state, facts)
    }

    /// The units among which states are given out by load (DEF-BY-LOAD): those whose load has to be known.
    pub fn load_candidates(&self) -> Vec<UnitRef> {
        let mut units: Vec<UnitRef> =
            self.spec.flow.states.iter().flat_map(|state| route::candidates(self, state)).collect();
        units.sort();
        units.dedup();
        units
    }

    /// The unit of a task of a `tasks` state.
    pub fn task_route(&self, task: &Task, facts: &Facts) -> UnitRef {
        route::task_unit(self, task, facts)
    }

    /// The total term; `None` = at once, or none set.
    pub fn term(&self, facts: &Facts) -> Option<Term> {
        let special = self.spec.term.special.iter().find(|special| self.truth(&special.when, facts) == Some(true));
        special.map(|special| special.total).or(self.spec.term.total)
    }

    /// Whether the clock stands still in this state.
    ///
    /// Rule: DEF-PAUSE.
    /// Source: the statuses "To‘lov jarayonida" and returned for correction are the applicant's time.
    pub fn pauses(&self, state: &str) -> bool {
        let kind = self.state(state).map(|state| state.kind);
        matches!(kind, Some(StateKind::Payment | StateKind::Returned))
            || self.spec.term.pause_in.iter().any(|id| id == state)
    }

    /// What the clock does when the case leaves this state by an action: whether the whole term begins anew.
    ///
    /// Rule: DEF-CLOCK.
    /// Source: key `clock` of a state in which the clock stands still; regulations differ on whether a corrected
    /// application is counted from its first or from its second receipt.
    pub fn resets(&self, state: &str) -> bool {
        self.pauses(state) && self.state(state).is_some_and(|state| state.clock == ClockRule::Reset)
    }

    /// Whether Saturdays are worked by the calendar of the terms.
    pub fn works_saturdays(&self) -> bool {
        self.spec.term.calendar == Week::SixDays
    }

    /// The state into which silence leads from this one when the term has passed; `None` = the head is told, no more.
    ///
    /// The target of the first action out of the state that ends it so; where the state has none, because a later one
    /// decides, the first such end of the flow. The applicant's turn is nobody's silence.
    ///
    /// Rule: DEF-SILENCE.
    /// Source: the Law on licensing (O‘RQ-701): an answer that is not given in time counts as consent; key `term.on_breach`.
    pub fn silence(&self, state: &str) -> Option<&State> {
        let end = match self.spec.term.on_breach {
            OnBreach::Escalate => return None,
            OnBreach::SilentOk => StateKind::Approved,
            OnBreach::SilentNo => StateKind::Refused,
        };
        let here = self.state(state)?;
        if here.kind.is_final() || self.pauses(state) {
            return None;
        }
        let direct = self.actions(state).into_iter().filter_map(|action| self.state(&action.to));
        let mut ends = direct.chain(&self.spec.flow.states).filter(|state| state.kind == end);
        ends.next()
    }

    /// "How does it work": the way of an application that goes well, generated from the flow.
    pub fn steps(&self) -> Vec<Step> {
        route::steps(self)
    }

    // --- documents ---

    /// The documents that entering this state makes.
    pub fn documents_for(&self, state: &str, facts: &Facts, lang: Lang, today: Date) -> Vec<DocumentDraft> {
        self.spec
            .outputs
            .iter()
            .filter(|output| output.when == state)
            .map(|output| document::draft(self, output, facts, lang, today))
            .collect()
    }

    // --- golden cases ---

    /// The golden cases of the YAML file; empty for a definition read with [`Definition::from_json`].
    pub fn golden_cases(&self) -> &[GoldenCase] {
        &self.tests
    }

    /// The facts of a golden case: who applies, what the registers say, what was answered.
    ///
    /// # Errors
    /// When the case names a person that `services/people.yaml` does not have, or a number that cannot be.
    pub fn golden_facts(&self, case: &GoldenCase) -> Result<Facts, String> {
        golden::facts(self, case)
    }

    /// The facts of an invented person of `services/people.yaml`: who it is and what the registers of this service say.
    ///
    /// # Errors
    /// When there is no such person.
    pub fn facts_of_sample(&self, person: &str) -> Result<Facts, String> {
        samples::facts(&self.vocabulary.people, person, &self.spec.registers)
    }

    /// Runs the golden cases: one message for every expectation that does not hold.
    pub fn run_golden(&self, refdata: &RefData) -> Vec<String> {
        self.tests.iter().flat_map(|case| golden::run(self, case, refdata)).collect()
    }

    /// Runs the golden cases: the name of each, with what does not hold of it.
    pub fn golden_outcomes(&self, refdata: &RefData) -> Vec<(String, Vec<String>)> {
        self.tests.iter().map(|case| (case.name.clone(), golden::run(self, case, refdata))).collect()
    }

    /// The definition as an author could have written it, without golden cases: for versions whose own text was not kept.
    pub fn to_yaml(&self) -> String {
        let written = Spec { shapes: BTreeMap::new(), ..self.spec.clone() };
        serde_saphyr::to_string(&written).unwrap_or_default()
    }

    /// Answers of an invented applicant that the form accepts, drawn from these facts: for demo data, tests and benches.
    /// Fields of files stay empty.
    pub fn sample_answers(&self, facts: &Facts) -> Answers {
        golden::sample(self, facts)
    }

    // --- expressions ---

    /// Value of an expression of this definition. A source text that is not one of its expressions is unknown.
    pub fn eval(&self, cel: &Cel, facts: &Facts) -> Value {
        self.eval_in(cel, facts, None)
    }

    /// [`Definition::eval`] of an expression that may stand in a row of a repeat.
    pub(crate) fn eval_in(&self, cel: &Cel, facts: &Facts, row: Option<scope::Row<'_>>) -> Value {
        let expr = match row {
            Some(row) => self.exprs.get(&scope::row_key(row.repeat, &cel.0)),
            None => self.exprs.get(&cel.0),
        };
        expr.map_or(Value::Unknown, |expr| scope::eval(expr, &self.schema, facts, row))
    }

    /// Truth of an expression; `None` = unknown.
    pub fn truth(&self, cel: &Cel, facts: &Facts) -> Option<bool> {
        match self.eval(cel, facts) {
            Value::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// The compiled expression, for the browser's copy of it.
    pub fn expression(&self, cel: &Cel) -> Option<&Expr> {
        self.exprs.get(&cel.0)
    }

    /// The compiled expression of a field in the rows of a repeat, by the repeat's id.
    pub fn row_expression(&self, repeat: &str, cel: &Cel) -> Option<&Expr> {
        self.exprs.get(&scope::row_key(repeat, &cel.0))
    }
}

/// Two definitions are equal when their versions are.
impl PartialEq for Definition {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

impl State {
    /// Stands in for the first state of a flow that has none.
    fn withdrawn_fallback() -> Self {
        Self {
            id: "withdrawn".to_owned(),
            kind: StateKind::Withdrawn,
            title: kernel::lang::Text::uz("—"),
            note: kernel::lang::Text::uz("—"),
            agency: None,
            level: None,
            by_load: Vec::new(),
            term: None,
            auto: Vec::new(),
            tasks: Vec::new(),
            on_positive: None,
            on_negative: None,
            commission: None,
            on_paid: None,
            on_expired: None,
            clock: ClockRule::Pause,
        }
    }
}
