//! YAML → definition, with everything that is wrong said at once.
//!
//! Three steps: read the YAML into the raw shape (unknown keys refused) · fill in what is left to the common
//! vocabulary · check the whole. Only the first step stops at its first error, because nothing can be said about a file
//! whose shape is not known.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use kernel::calendar::Unit;
use kernel::lang::Text;
use kernel::person::Soato;
use refdata::RefData;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::access::Access;
use crate::definition::Definition;
use crate::form;
use crate::model::*;
use crate::scope;
use crate::vocabulary::Vocabulary;

mod cycle;

use cycle::{check_access, check_after, check_term};

/// Something that is wrong with a definition file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub col: usize,
    /// What is wrong. Of an expression two more lines: its own, and carets under the place; see [`Diagnostic::picture`].
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

impl Diagnostic {
    /// The message without the picture.
    pub fn headline(&self) -> &str {
        self.message.split('\n').next().unwrap_or_default()
    }

    /// The line of the expression and carets under the place, to be shown in letters of one width; empty when there is none.
    pub fn picture(&self) -> &str {
        self.message.split_once('\n').map_or("", |(_, picture)| picture)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.col, self.headline())?;
        for line in self.picture().lines() {
            write!(f, "\n    {line}")?;
        }
        if self.hint.is_empty() { Ok(()) } else { write!(f, "\n  hint: {}", self.hint) }
    }
}

/// At most three screens to submission.
///
/// Rule: DEF-PAGES.
/// Source: the requirement on the citizen's way (at most three screens to submission).
const MAX_PAGES: usize = 3;
/// Fields on a page; more is not a page that a person fills in.
const MAX_FIELDS: usize = 20;
/// Names that one repeat may post with all its rows: a quarter of what a form of ours may send at all.
const MAX_NAMES: usize = 500;
/// Lists of a cascade, from the top; more is a search, not a choice.
const MAX_LEVELS: usize = 5;
/// Languages in which every shown text must be given; Uzbek in Cyrillic is transliterated.
const LANGUAGES: [&str; 4] = ["uz", "ru", "en", "kaa"];
/// Names that expressions use for other things.
const RESERVED: [&str; 5] = ["person", "applicant", "registers", "today", "bhm"];

/// The YAML as written, before the vocabulary is filled in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    code: String,
    owner: String,
    status: Status,
    valid_from: Date,
    #[serde(default)]
    valid_to: Option<Date>,
    passport: ServicePassport,
    access: Access,
    #[serde(default)]
    registers: Vec<RegisterUse>,
    #[serde(default)]
    pages: Vec<RawPage>,
    #[serde(default)]
    fees: Vec<Fee>,
    #[serde(default)]
    payment: Option<PaymentRules>,
    route: Route,
    flow: RawFlow,
    #[serde(default)]
    term: TermRules,
    #[serde(default)]
    appeal: Option<Appeal>,
    #[serde(default)]
    outputs: Vec<Output>,
    #[serde(default)]
    notify: Vec<Notify>,
    #[serde(default)]
    retention: Option<Retention>,
    #[serde(default)]
    quality: Option<Quality>,
    #[serde(default)]
    migrations: Vec<Migration>,
    #[serde(default)]
    tests: Vec<GoldenCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPage {
    title: Text,
    #[serde(default)]
    show: Option<Cel>,
    fields: Vec<RawField>,
}

/// A flow as written: `use` takes over the states, actions and reasons of a common flow; what is given beside it with the
/// same id stands in its place, what has another id comes after it, and a list of reasons replaces the common one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawFlow {
    r#use: Option<String>,
    /// Name of the register that a common flow draws its answer from: put for `$register` in its expressions.
    register: Option<String>,
    states: Vec<State>,
    actions: Vec<Action>,
    reasons: Vec<Reason>,
}

/// A field as written: `use` takes over whatever is not given from the common vocabulary.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawField {
    r#use: Option<String>,
    id: Option<String>,
    r#type: Option<FieldType>,
    label: Option<Text>,
    help: Option<Text>,
    required: Option<Cel>,
    show: Option<Cel>,
    value: Option<Cel>,
    source: Option<FieldSource>,
    options: Option<Vec<FieldOption>>,
    options_from: Option<OptionsFrom>,
    check: Option<Vec<Check>>,
    limits: Option<Limits>,
    file: Option<FileRules>,
    privacy: Option<Privacy>,
    purpose: Option<Text>,
    level: Option<AddressLevel>,
    levels: Option<Vec<Text>>,
    fields: Option<Vec<RawField>>,
}

/// `services/common.yaml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Common {
    fields: BTreeMap<String, RawField>,
    /// Whole flows, taken over with `flow: {use: …}`.
    flows: BTreeMap<String, RawFlow>,
    /// By the id of a state, or by the name of its kind.
    states: BTreeMap<String, CommonState>,
    /// By the id of an action.
    actions: BTreeMap<String, Text>,
    /// By the name of a kind of fee.
    fees: BTreeMap<String, Text>,
    reasons: BTreeMap<String, CommonReason>,
}

impl Common {
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, Option<&Text>)> {
        self.fields.iter().map(|(name, field)| (name.as_str(), field.label.as_ref()))
    }

    pub(crate) fn flows(&self) -> impl Iterator<Item = &str> {
        self.flows.keys().map(String::as_str)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommonState {
    title: Text,
    note: Text,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommonReason {
    text: Text,
    article: Text,
}

/// Name of the common field that this one was taken from: same id, type and label.
pub(crate) fn meaning(field: &Field) -> Option<&str> {
    let vocabulary = Vocabulary::current();
    let preset = vocabulary.common.fields.get(&field.id)?;
    (preset.r#type == Some(field.kind) && preset.label.as_ref() == Some(&field.label)).then_some(field.id.as_str())
}

/// SHA-256 as lower-case hexadecimal digits.
pub(crate) fn hash(text: &str) -> VersionHash {
    let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    VersionHash(data_encoding::HEXLOWER.encode(digest.as_ref()))
}

pub(crate) fn compile(
    yaml: &str,
    file: &str,
    refdata: &RefData,
    vocabulary: &Arc<Vocabulary>,
) -> Result<Definition, Vec<Diagnostic>> {
    let mut report = Report { file, lines: yaml.lines().collect(), found: Vec::new(), vocabulary };
    if yaml.len() > MAX_FILE {
        let message = format!("the file is {} bytes long; at most {MAX_FILE} are read", yaml.len());
        report.say(&[], message, "the longest service takes a tenth of it; take out what is no definition");
        return Err(report.found);
    }
    let raw: Raw = match serde_saphyr::from_str_with_options(yaml, limits()) {
        Ok(raw) => raw,
        Err(error) => {
            let (line, col) = error.location().map_or((1, 1), |at| (at.line() as usize, at.column() as usize));
            // The message without the picture of the source, which the caller can draw from line and column.
            let message = error.without_snippet().to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            let message = message.split(", set DuplicateKeyPolicy").next().unwrap_or_default().to_owned();
            let hint =
                "the keys of a definition are listed in services/README.md and in crates/definition/src/model.rs";
            let hint = limit_hint(&error).unwrap_or(hint);
            let message = match hint {
                LIMIT_HINT if message.contains("Documents") => "the file has a second document".to_owned(),
                LIMIT_HINT if message.contains("Anchor") || message.contains("lias") => {
                    "aliases repeat more than a definition may hold".to_owned()
                }
                LIMIT_HINT if message.contains("recursion") || message.contains("Depth") => {
                    format!("nested more than {MAX_NESTING} deep")
                }
                LIMIT_HINT => "the file holds more than a definition may".to_owned(),
                _ => message,
            };
            report.found.push(Diagnostic { file: file.to_owned(), line, col, message, hint: hint.to_owned() });
            return Err(report.found);
        }
    };
    let (mut spec, tests) = assemble(raw, &mut report);
    fill_in(&mut spec, vocabulary);
    check(&spec, refdata, &mut report);
    let schema = scope::schema(&spec);
    let (exprs, errors) = scope::compile_all(&spec, &schema);
    cycle::check_conditions(&spec, &exprs, &mut report);
    for (source, error) in errors {
        report.say_expression(&source, &error);
    }
    check_cycles(&spec, &exprs, &mut report);
    if !report.found.is_empty() {
        report.found.sort_by_key(|d| (d.line, d.col));
        return Err(report.found);
    }
    match serde_json::to_string(&spec) {
        Ok(canonical) => Ok(Definition {
            version: hash(&canonical),
            spec,
            exprs,
            schema,
            canonical,
            tests,
            vocabulary: vocabulary.clone(),
        }),
        Err(error) => {
            report.say(&[], format!("cannot be written as JSON: {error}"), "");
            Err(report.found)
        }
    }
}

/// Longest file of a definition, bytes.
const MAX_FILE: usize = 256 * 1024;
/// Deepest nesting of lists and mappings; services need ten.
const MAX_NESTING: usize = 24;

/// What a file may cost before it is known to be a definition: no depth, no number of nodes and no alias of an alias of an
/// alias brings the reader down.
///
/// Rule: DEF-YAML.
/// Source: our own limits, some ten times what the largest service of the catalogue needs.
fn limits() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_NESTING,
            flow_nesting_limit: MAX_NESTING,
            max_documents: 1,
            max_nodes: 50_000,
            max_events: 150_000,
            max_aliases: 200,
            max_anchors: 50,
            max_recorded_anchor_events: 20_000,
            max_recorded_anchor_bytes: 1024 * 1024,
            max_total_scalar_bytes: 1024 * 1024,
            max_merge_keys: 50,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
            max_replay_stack_depth: 4,
            max_alias_expansions_per_anchor: 100,
        },
    }
}

/// What to do about a file that is over [`limits`]; nothing for another mistake.
fn limit_hint(error: &serde_saphyr::Error) -> Option<&'static str> {
    use serde_saphyr::Error;
    let mut inner = error;
    while let Error::AliasError { error, .. } | Error::WithSnippet { error, .. } = inner {
        inner = error;
    }
    match inner {
        Error::DuplicateMappingKey { .. } => Some("a key stands once in a mapping; join the two, or take one out"),
        Error::UnknownAnchor { .. } => Some("the part that `*name` repeats stands before it, as `&name`"),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => Some(LIMIT_HINT),
        // The reader of the signs has a limit of its own, which it tells in words only.
        other if other.to_string().contains("recursion limit") => Some(LIMIT_HINT),
        _ => None,
    }
}

const LIMIT_HINT: &str = "a definition is one document of some hundred lines: nest it less, write out what an alias repeats, or put it into services/common.yaml";

const EXPRESSION_HINT: &str = "names: ids of fields, row.<id> in a repeat, person.…, registers.<name>.… (services/registers.yaml), today(), bhm(); see services/README.md";

/// Collects diagnostics and finds their places.
struct Report<'a> {
    file: &'a str,
    lines: Vec<&'a str>,
    found: Vec<Diagnostic>,
    vocabulary: &'a Vocabulary,
}

impl Report<'_> {
    /// Adds a diagnostic at the place of the last needle that is found, each looked for after the one before.
    ///
    /// The place is found by searching the text, as the typed structures do not carry positions: an id or an expression
    /// stands in the file as it is written, and the needles before it narrow the search to its neighbourhood.
    fn say(&mut self, needles: &[&str], message: impl Into<String>, hint: impl Into<String>) {
        let (mut line, mut col) = (0, 1);
        let mut from = 0;
        for needle in needles.iter().filter(|needle| !needle.is_empty()) {
            let first = needle.lines().next().unwrap_or_default().trim();
            let find = |needle: &str| {
                self.lines.iter().enumerate().skip(from).find_map(|(n, text)| text.find(needle).map(|at| (n, at)))
            };
            // A field that takes its id from the vocabulary is written `use: <id>`.
            let hit = find(first).or_else(|| first.strip_prefix("id: ").and_then(|id| find(&format!("use: {id}"))));
            if let Some((n, at)) = hit {
                line = n;
                col = self.lines[n].get(..at).map_or(1, |before| before.chars().count() + 1);
                from = n;
            }
        }
        self.found.push(Diagnostic {
            file: self.file.to_owned(),
            line: line + 1,
            col,
            message: message.into(),
            hint: hint.into(),
        });
    }

    /// Adds what is wrong with an expression, with carets under the place.
    fn say_expression(&mut self, source: &str, error: &expr::ExprError) {
        self.say(&[source], format!("{}\n{}", error.msg, error.picture(source)), EXPRESSION_HINT);
        let Some(found) = self.found.last_mut() else { return };
        // Where the file has the expression as it is, the column is that of the place in it.
        let line = self.lines.get(found.line - 1).copied().unwrap_or_default();
        let here: String = line.chars().skip(found.col - 1).collect();
        let before = source.get(..error.span.0).unwrap_or_default();
        if !before.is_empty() && here.starts_with(before) {
            found.col += before.chars().count();
        }
    }
}

// --- assembling ---

fn assemble(raw: Raw, report: &mut Report<'_>) -> (Spec, Vec<GoldenCase>) {
    let pages = raw
        .pages
        .into_iter()
        .map(|page| FormPage {
            title: page.title,
            show: page.show,
            fields: page.fields.into_iter().filter_map(|field| assemble_field(field, report)).collect(),
        })
        .collect();
    let flow = assemble_flow(raw.flow, report);
    // The shapes of its registers make a version complete in itself.
    let shape = |used: &RegisterUse| Some((used.name.clone(), report.vocabulary.register(&used.name)?.clone()));
    let shapes = raw.registers.iter().filter_map(shape).collect();
    let spec = Spec {
        code: ServiceCode(raw.code),
        owner: raw.owner,
        status: raw.status,
        valid_from: raw.valid_from,
        valid_to: raw.valid_to,
        passport: raw.passport,
        access: raw.access,
        registers: raw.registers,
        shapes,
        pages,
        fees: raw.fees,
        payment: raw.payment,
        route: raw.route,
        flow,
        term: raw.term,
        appeal: raw.appeal,
        outputs: raw.outputs,
        notify: raw.notify,
        retention: raw.retention,
        quality: raw.quality,
        migrations: raw.migrations,
    };
    (spec, raw.tests)
}

fn assemble_flow(flow: RawFlow, report: &mut Report<'_>) -> Flow {
    let Some(name) = &flow.r#use else {
        return Flow { states: flow.states, actions: flow.actions, reasons: flow.reasons };
    };
    let place = format!("use: {name}");
    let vocabulary = report.vocabulary;
    let Some(preset) = vocabulary.common.flows.get(name) else {
        let known: Vec<&str> = vocabulary.common.flows.keys().map(String::as_str).collect();
        let hint = format!("services/common.yaml has {}", known.join(", "));
        report.say(&["flow:", &place], format!("no common flow `{name}`"), hint);
        return Flow { states: flow.states, actions: flow.actions, reasons: flow.reasons };
    };
    let mut states = preset.states.clone();
    for state in flow.states {
        match states.iter_mut().find(|known| known.id == state.id) {
            Some(known) => *known = state,
            None => states.push(state),
        }
    }
    let mut actions = preset.actions.clone();
    for action in flow.actions {
        match actions.iter_mut().find(|known| known.id == action.id) {
            Some(known) => *known = action,
            None => actions.push(action),
        }
    }
    let reasons = if flow.reasons.is_empty() { preset.reasons.clone() } else { flow.reasons };
    let mut asks = false;
    for rule in states.iter_mut().flat_map(|state| &mut state.auto) {
        if rule.when.0.contains("$register") {
            asks = true;
            if let Some(register) = &flow.register {
                rule.when.0 = rule.when.0.replace("$register", register);
            }
        }
    }
    if asks && flow.register.is_none() {
        let hint = "name the register from which the answer is drawn: `register: tax`";
        report.say(&["flow:", &place], format!("the common flow `{name}` needs `register`"), hint);
    }
    Flow { states, actions, reasons }
}

fn assemble_field(field: RawField, report: &mut Report<'_>) -> Option<Field> {
    let vocabulary = report.vocabulary;
    let preset = match &field.r#use {
        None => RawField::default(),
        Some(name) => match vocabulary.common.fields.get(name) {
            Some(preset) => preset.clone(),
            None => {
                let known: Vec<&str> = vocabulary.common.fields.keys().map(String::as_str).collect();
                report.say(
                    &[&format!("use: {name}")],
                    format!("no common field `{name}`"),
                    format!("services/common.yaml has {}", known.join(", ")),
                );
                return None;
            }
        },
    };
    let Some(id) = field.id.or(preset.id).or(field.r#use) else {
        report.say(&["fields:"], "a field without `id`", "give it a stable id, or `use:` a common field");
        return None;
    };
    let Some(kind) = field.r#type.or(preset.r#type) else {
        report.say(&[&format!("id: {id}")], format!("field `{id}` has no `type`"), "see FieldType in the model");
        return None;
    };
    let rows = field.fields.or(preset.fields).unwrap_or_default();
    // A note is read, not answered; its being required would make no sense.
    let required = if kind == FieldType::Note { "false" } else { "true" };
    Some(Field {
        id,
        kind,
        label: field.label.or(preset.label).unwrap_or_else(|| Text::uz("")),
        help: field.help.or(preset.help),
        required: field.required.or(preset.required).unwrap_or_else(|| Cel(required.to_owned())),
        show: field.show.or(preset.show),
        value: field.value.or(preset.value),
        source: field.source.or(preset.source),
        options: field.options.or(preset.options).unwrap_or_default(),
        options_from: field.options_from.or(preset.options_from),
        check: field.check.or(preset.check).unwrap_or_default(),
        limits: field.limits.or(preset.limits).unwrap_or_default(),
        file: field.file.or(preset.file),
        privacy: field.privacy.or(preset.privacy).unwrap_or_default(),
        purpose: field.purpose.or(preset.purpose),
        level: field.level.or(preset.level).unwrap_or_default(),
        levels: field.levels.or(preset.levels).unwrap_or_default(),
        fields: rows.into_iter().filter_map(|field| assemble_field(field, report)).collect(),
    })
}

/// Fills texts in that the file leaves to the vocabulary.
fn fill_in(spec: &mut Spec, vocabulary: &Vocabulary) {
    let common = &vocabulary.common;
    let blank = |text: &Text| text.get(kernel::lang::Lang::Uz).is_empty();
    for state in &mut spec.flow.states {
        let known = common.states.get(&state.id).or_else(|| common.states.get(state.kind.name()));
        if let Some(known) = known {
            if blank(&state.title) {
                state.title = known.title.clone();
            }
            if blank(&state.note) {
                state.note = known.note.clone();
            }
        }
    }
    for action in &mut spec.flow.actions {
        if blank(&action.label)
            && let Some(label) = common.actions.get(&action.id)
        {
            action.label = label.clone();
        }
    }
    for fee in &mut spec.fees {
        if blank(&fee.title)
            && let Some(title) = common.fees.get(fee.kind.name())
        {
            fee.title = title.clone();
        }
    }
    for reason in &mut spec.flow.reasons {
        if let Some(known) = common.reasons.get(&reason.code) {
            if blank(&reason.text) {
                reason.text = known.text.clone();
            }
            if blank(&reason.article) {
                reason.article = known.article.clone();
            }
        }
    }
}

// --- checking ---

fn check(spec: &Spec, refdata: &RefData, report: &mut Report<'_>) {
    check_texts(spec, report);
    check_references(spec, refdata, report);
    check_access(spec, refdata, report);
    check_pages(spec, report);
    check_fees(spec, report);
    check_flow(spec, report);
    for state in &spec.flow.states {
        check_by_load(state, refdata, report);
    }
    check_outputs(spec, report);
    check_term(spec, report);
    check_after(spec, report);
    check_migrations(spec, report);
}

/// Every shown text in every language.
fn check_texts(spec: &Spec, report: &mut Report<'_>) {
    let json = serde_json::to_value(spec).unwrap_or_default();
    walk_texts(&json, "", &mut |path, text| {
        let missing: Vec<&str> = LANGUAGES
            .into_iter()
            .filter(|lang| text.get(*lang).and_then(Json::as_str).unwrap_or("").trim().is_empty())
            .collect();
        if !missing.is_empty() {
            let known = text.values().filter_map(Json::as_str).find(|text| !text.is_empty()).unwrap_or_default();
            let place = if known.is_empty() { id_in(&json, path) } else { known.to_owned() };
            report.say(
                &[&place],
                format!("`{path}` has no text in {}", missing.join(", ")),
                "give uz, ru, en and kaa, or use a name of services/common.yaml",
            );
        }
    });
}

/// Calls back for each text in the JSON: an object whose keys are languages.
fn walk_texts(json: &Json, path: &str, found: &mut dyn FnMut(&str, &serde_json::Map<String, Json>)) {
    match json {
        Json::Object(map) if map.contains_key("uz") => found(path, map),
        Json::Object(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk_texts(value, &path, found);
            }
        }
        Json::Array(list) => {
            for (n, value) in list.iter().enumerate() {
                walk_texts(value, &format!("{path}[{n}]"), found);
            }
        }
        _ => {}
    }
}

/// The id of the object that a path leads through, for finding its place.
fn id_in(json: &Json, path: &str) -> String {
    let mut here = json;
    let mut id = String::new();
    for part in path.split(['.', '[', ']']).filter(|part| !part.is_empty()) {
        here = match part.parse::<usize>() {
            Ok(n) => &here[n],
            Err(_) => &here[part],
        };
        if let Some(found) = here.get("id").or_else(|| here.get("code")).and_then(Json::as_str) {
            id = found.to_owned();
        }
    }
    id
}

/// Agencies, group, life situations, registers: whatever is defined elsewhere.
fn check_references(spec: &Spec, refdata: &RefData, report: &mut Report<'_>) {
    if spec.code.0.is_empty() || spec.code.0.len() > 12 || !spec.code.0.bytes().all(|b| b.is_ascii_alphanumeric()) {
        report.say(&["code:"], format!("`{}` is not a code of a service", spec.code), "1 to 12 letters and digits");
    }
    let states = spec.flow.states.iter();
    let agencies = std::iter::once(("owner: ", &spec.owner))
        .chain(spec.passport.agencies.iter().map(|part| ("code: ", &part.code)))
        .chain(std::iter::once(("agency: ", &spec.route.agency)))
        .chain(states.clone().filter_map(|state| state.agency.as_ref().map(|code| ("agency: ", code))))
        .chain(states.flat_map(|state| &state.tasks).map(|task| ("agency: ", &task.agency)))
        .chain(spec.outputs.iter().map(|output| ("agency: ", &output.agency)))
        .chain(spec.appeal.iter().map(|appeal| ("to: ", &appeal.to)));
    let mut said = BTreeSet::new();
    for (key, code) in agencies {
        if refdata.agency(code).is_none() && said.insert(code) {
            report.say(
                &[&format!("{key}{code}")],
                format!("no agency `{code}`"),
                "codes of agencies are in data/agencies.yaml",
            );
        }
    }
    let guide = spec.passport.guide.iter();
    for GuideLink { lang, url: address } in guide.flat_map(|guide| guide.infographic.iter().chain(&guide.video)) {
        if let Err(wrong) = lang.parse::<kernel::lang::Lang>() {
            report.say(&[&format!("lang: {lang}")], format!("no language `{lang}`"), wrong.to_string());
        }
        if !address.starts_with("https://") || address.contains(char::is_whitespace) {
            report.say(
                &[address],
                format!("`{address}` is no address of a page"),
                "an address that begins with https://",
            );
        }
    }
    if !refdata.groups.iter().any(|group| group.code == spec.passport.group) {
        let known: Vec<&str> = refdata.groups.iter().map(|group| group.code.as_str()).collect();
        report.say(
            &[&format!("group: {}", spec.passport.group)],
            format!("no group `{}`", spec.passport.group),
            format!("one of {}", known.join(", ")),
        );
    }
    let spheres =
        refdata.groups.iter().filter(|group| group.code == spec.passport.group).flat_map(|group| &group.spheres);
    let spheres: Vec<&str> = spheres.map(|sphere| sphere.code.as_str()).collect();
    match &spec.passport.sphere {
        Some(sphere) if !spheres.contains(&sphere.as_str()) => {
            report.say(
                &[&format!("sphere: {sphere}")],
                format!("group `{}` has no sphere `{sphere}`", spec.passport.group),
                format!("one of {}", spheres.join(", ")),
            );
        }
        None if !spheres.is_empty() => {
            report.say(
                &["group:"],
                format!("group `{}` needs a `sphere`", spec.passport.group),
                format!("one of {}", spheres.join(", ")),
            );
        }
        _ => {}
    }
    for code in &spec.passport.life_events {
        if !refdata.life_situations.iter().any(|situation| situation.code == *code) {
            let known: Vec<&str> = refdata.life_situations.iter().map(|situation| situation.code.as_str()).collect();
            report.say(
                &["life_events", code],
                format!("no life situation `{code}`"),
                format!("one of {}", known.join(", ")),
            );
        }
    }
    if let Some(rating) = spec.passport.statistics.as_ref().and_then(|statistics| statistics.rating.as_ref()) {
        let good = rating.parse::<rust_decimal::Decimal>().is_ok_and(|rating| rating >= 1.into() && rating <= 5.into());
        if !good {
            report.say(&["rating:"], format!("rating `{rating}` is not between 1 and 5"), "");
        }
    }
    let mut names = BTreeSet::new();
    for register in &spec.registers {
        let name = register.name.as_str();
        if !names.insert(name) {
            report.say(&["registers:", name], format!("register `{name}` is named twice"), "");
        }
        match report.vocabulary.register(name) {
            None => report.say(
                &["registers:", name],
                format!("no register `{name}`"),
                "registers are in services/registers.yaml",
            ),
            Some(info) => {
                for param in register.params.keys().filter(|param| !info.params.contains(param)) {
                    report.say(
                        &["registers:", name, param],
                        format!("register `{name}` is not asked by `{param}`"),
                        format!("its params: {}", info.params.join(", ")),
                    );
                }
            }
        }
    }
}

fn check_pages(spec: &Spec, report: &mut Report<'_>) {
    if spec.pages.len() > MAX_PAGES {
        report.say(
            &["pages:"],
            format!("{} pages; at most {MAX_PAGES} are allowed", spec.pages.len()),
            "ask less: take from registers what the state already knows (rule DEF-PAGES)",
        );
    }
    let mut ids = BTreeSet::new();
    for (n, page) in spec.pages.iter().enumerate() {
        if page.fields.is_empty() || page.fields.len() > MAX_FIELDS {
            report.say(
                &["pages:"],
                format!("page {} has {} fields; 1 to {MAX_FIELDS} are allowed", n + 1, page.fields.len()),
                "",
            );
        }
        for field in &page.fields {
            let place = format!("id: {}", field.id);
            let place: &[&str] = &["pages:", &place];
            check_id(&field.id, place, &mut ids, report);
            if field.id == "row" && spec.pages.iter().flat_map(|page| &page.fields).any(|f| f.kind == FieldType::Repeat)
            {
                report.say(place, "`row` cannot be the id of a field beside a repeat", "in a repeat it names the row");
            }
            check_field(spec, field, place, report);
            for inner in &field.fields {
                let inner_place = format!("id: {}", inner.id);
                let place = &[place[0], place[1], &inner_place];
                check_id(&inner.id, place, &mut ids, report);
                if inner.id == "row" {
                    report.say(place, "`row` cannot be the id of a field in a row", "there it names the row itself");
                }
                check_field(spec, inner, place, report);
                if matches!(inner.kind, FieldType::Repeat | FieldType::File) {
                    report.say(
                        place,
                        format!("field `{}` cannot stand in a row", inner.id),
                        "a repeat holds no files and no further repeat: put the field beside the repeat",
                    );
                }
                if inner.source.is_some() {
                    report.say(
                        place,
                        format!("field `{}` in a row has a `source`", inner.id),
                        "a register fills in fields of the form only; `options_from` may be used in a row",
                    );
                }
            }
        }
    }
}

fn check_id<'a>(id: &'a str, place: &[&str], ids: &mut BTreeSet<&'a str>, report: &mut Report<'_>) {
    let good = id.len() <= 40
        && id.starts_with(|c: char| c.is_ascii_lowercase())
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !good || RESERVED.contains(&id) {
        report.say(
            place,
            format!("`{id}` cannot be the id of a field"),
            "a–z, 0–9 and _, not one of the reserved names",
        );
    }
    if !ids.insert(id) {
        report.say(place, format!("field `{id}` is there twice"), "ids are unique in the whole form, rows included");
    }
}

/// Keys that belong to one type of field only.
fn check_keys(field: &Field, place: &[&str], report: &mut Report<'_>) {
    use FieldType as T;
    let id = field.id.as_str();
    let limits = &field.limits;
    let mut only = |given: bool, key: &str, types: &[T], hint: &str| {
        if given && !types.contains(&field.kind) {
            report.say(place, format!("field `{id}`: `{key}` means nothing for its type"), hint);
        }
    };
    let numbers = &[T::Int, T::Decimal, T::Money, T::Multi, T::Repeat];
    let lengths = limits.max_length.is_some() || limits.min_length.is_some();
    only(lengths, "max_length, min_length", &[T::Text, T::Textarea], "lengths belong to text and textarea");
    only(
        limits.min.is_some() || limits.max.is_some(),
        "min, max",
        numbers,
        "they belong to int, decimal, money, multi (ticks) and repeat (rows); of a date say it in a `check`",
    );
    only(limits.scale.is_some(), "scale", &[T::Decimal], "it belongs to decimal");
    only(!field.level.is_house(), "level", &[T::Address], "it belongs to address");
    only(!field.levels.is_empty(), "levels", &[T::Cascade], "it belongs to cascade");
    only(!field.fields.is_empty(), "fields", &[T::Repeat], "they belong to repeat");
    let parents = field.options.iter().any(|option| option.parent.is_some());
    only(parents, "parent", &[T::Cascade], "options under options belong to cascade");
    let contradict = |a: bool, report: &mut Report<'_>| {
        if a {
            report.say(place, format!("field `{id}`: nothing fits its limits"), "the smaller one is `min`");
        }
    };
    contradict(limits.min.zip(limits.max).is_some_and(|(min, max)| min > max), report);
    contradict(limits.min_length.zip(limits.max_length).is_some_and(|(min, max)| min > max), report);
    if limits.scale.is_some_and(|scale| scale > form::MAX_SCALE) {
        report.say(place, format!("field `{id}`: at most {} digits after the point", form::MAX_SCALE), "");
    }
}

/// A cascade has the lists that it names, and something to choose from under every option.
fn check_cascade(field: &Field, place: &[&str], report: &mut Report<'_>) {
    let id = field.id.as_str();
    let depth = field.levels.len();
    if !(2..=MAX_LEVELS).contains(&depth) {
        report.say(
            place,
            format!("field `{id}` of type cascade has {depth} `levels`; 2 to {MAX_LEVELS} are allowed"),
            "levels: [{uz: …}, {uz: …}], the labels of its lists from the top; one list is a choice",
        );
        return;
    }
    let parents: BTreeMap<&str, Option<&str>> =
        field.options.iter().map(|option| (option.code.as_str(), option.parent.as_deref())).collect();
    for option in &field.options {
        let code = option.code.as_str();
        let code_place = format!("code: {code}");
        let place: Vec<&str> = place.iter().copied().chain([code_place.as_str()]).collect();
        // The list in which it stands, from 1; parents in a circle lead nowhere, and end over the deepest list.
        let mut level = 1;
        let mut above = option.parent.as_deref();
        while let Some(parent) = above.filter(|_| level <= depth) {
            let Some(next) = parents.get(parent) else {
                report.say(
                    &place,
                    format!("field `{id}`: option `{code}` stands under `{parent}`, which is no option"),
                    "`parent` names the code of an option in the list above",
                );
                level = 0;
                break;
            };
            above = *next;
            level += 1;
        }
        let under = field.options.iter().any(|other| other.parent.as_deref() == Some(code));
        if level > depth {
            report.say(
                &place,
                format!("field `{id}`: option `{code}` stands deeper than its {depth} lists"),
                "add a label to `levels`, or put the option higher",
            );
        } else if level > 0 && level < depth && !under {
            report.say(
                &place,
                format!("field `{id}`: under option `{code}` there is nothing to choose in list {}", level + 1),
                "give it options with this `parent`, if only one that says \"other\"",
            );
        }
    }
}

/// A repeat has fields, and not more of them than a form can post.
fn check_repeat(field: &Field, place: &[&str], report: &mut Report<'_>) {
    let id = field.id.as_str();
    if field.fields.is_empty() || field.fields.len() > MAX_FIELDS {
        report.say(
            place,
            format!("field `{id}` has {} fields in a row; 1 to {MAX_FIELDS} are allowed", field.fields.len()),
            "fields: [{id: …, type: …, label: …}]",
        );
    }
    let most = field.limits.max.unwrap_or(form::DEFAULT_ROWS);
    if field.limits.min.is_some_and(|min| min < 1) || !(1..=form::MAX_ROWS as i64).contains(&most) {
        report.say(
            place,
            format!("field `{id}`: 1 to {} rows", form::MAX_ROWS),
            "limits: {min: 1, max: 10}; whether it may have none is a matter of `required`",
        );
        return;
    }
    let names: usize = field.fields.iter().map(form::posted_names).sum();
    let all = names.saturating_mul(usize::try_from(most).unwrap_or(usize::MAX));
    if all > MAX_NAMES {
        report.say(
            place,
            format!("field `{id}`: {most} rows of {names} parts are {all} answers; {MAX_NAMES} are allowed"),
            "fewer rows (`limits: {max: …}`) or fewer fields",
        );
    }
}

/// No value is computed from itself, and nothing is shown because of itself, by whatever way round.
///
/// Rule: DEF-CYCLE.
/// Source: the issue on definitions (cycles in computed values are refused).
fn check_cycles(spec: &Spec, exprs: &BTreeMap<String, expr::Expr>, report: &mut Report<'_>) {
    let mut edges: BTreeMap<String, Vec<(String, &str)>> = BTreeMap::new();
    let top: BTreeSet<&str> = spec.pages.iter().flat_map(|page| &page.fields).map(|field| field.id.as_str()).collect();
    let read = |repeat: Option<&str>, cel: &Cel| -> Vec<String> {
        let key = repeat.map_or_else(|| cel.0.clone(), |repeat| scope::row_key(repeat, &cel.0));
        let paths = exprs.get(&key).map(expr::Expr::paths).unwrap_or_default();
        let node = |path: &String| {
            let mut parts = path.split('.');
            match (parts.next()?, repeat) {
                ("row", Some(repeat)) => Some(format!("{repeat}.{}", parts.next()?)),
                (root, _) => top.contains(root).then(|| root.to_owned()),
            }
        };
        paths.iter().filter_map(node).collect()
    };
    for page in &spec.pages {
        for field in &page.fields {
            let from = edges.entry(field.id.clone()).or_default();
            for cel in field.value.iter().chain(&field.show).chain(&page.show) {
                from.extend(read(None, cel).into_iter().map(|to| (to, cel.0.as_str())));
            }
            for inner in &field.fields {
                let node = format!("{}.{}", field.id, inner.id);
                edges.entry(field.id.clone()).or_default().push((node.clone(), ""));
                let from = edges.entry(node).or_default();
                for cel in inner.value.iter().chain(&inner.show) {
                    from.extend(read(Some(&field.id), cel).into_iter().map(|to| (to, cel.0.as_str())));
                }
            }
        }
    }
    // Each field is left once; a way that meets a field it has come through is a circle.
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in edges.keys() {
        let mut way: Vec<(&str, usize)> = vec![(start, 0)];
        while let Some((node, next)) = way.last().copied() {
            let Some((to, source)) = edges.get(node).and_then(|to| to.get(next)).filter(|_| !done.contains(node))
            else {
                done.insert(node);
                way.pop();
                continue;
            };
            if let Some(last) = way.last_mut() {
                last.1 += 1;
            }
            if let Some(at) = way.iter().position(|(before, _)| before == to) {
                let names: Vec<&str> = way[at..].iter().map(|(name, _)| *name).chain([to.as_str()]).collect();
                let source = if source.is_empty() { names[0] } else { source };
                report.say(
                    &["pages:", source],
                    format!("field `{}` hangs on itself: {}", names[0], names.join(" → ")),
                    "`value` and `show` may read only what does not hang on their own field",
                );
                return;
            }
            if !done.contains(to.as_str()) {
                way.push((to, 0));
            }
        }
    }
}

fn check_field(spec: &Spec, field: &Field, place: &[&str], report: &mut Report<'_>) {
    let id = field.id.as_str();
    check_keys(field, place, report);
    match field.kind {
        FieldType::Cascade => check_cascade(field, place, report),
        FieldType::Repeat => check_repeat(field, place, report),
        _ => {}
    }
    let chooses = matches!(field.kind, FieldType::Choice | FieldType::Multi | FieldType::Cascade);
    let has_options = !field.options.is_empty() || field.options_from.is_some();
    if chooses != has_options {
        let message = if chooses { "has no options" } else { "has options, but is not a choice" };
        report.say(place, format!("field `{id}` {message}"), "`options` or `options_from` belong to choice and multi");
    }
    if field.kind == FieldType::Cascade && field.options_from.is_some() {
        report.say(
            place,
            format!("field `{id}`: a cascade has `options` of its own"),
            "options: [{code: …, parent: …}]",
        );
    }
    let mut codes = BTreeSet::new();
    for option in &field.options {
        if !codes.insert(&option.code) {
            report.say(
                place,
                format!("field `{id}` has the option `{}` twice", option.code),
                "codes are unique in the field, in all lists of a cascade too",
            );
        }
    }
    if (field.kind == FieldType::File) != field.file.is_some() {
        report.say(
            place,
            format!("field `{id}`: `file` rules belong to the type file, and it needs them"),
            "file: {types: [pdf], max_mb: 5, count: 1}",
        );
    }
    if let Some(rules) = &field.file {
        for kind in rules.types.iter().filter(|kind| !["pdf", "jpeg", "png"].contains(&kind.as_str())) {
            report.say(place, format!("field `{id}`: unknown type of file `{kind}`"), "pdf, jpeg or png");
        }
        if rules.max_mb == 0 || rules.max_mb > 20 || rules.count == 0 || rules.count > 10 {
            report.say(place, format!("field `{id}`: 1 to 10 files of 1 to 20 MB"), "");
        }
    }
    if let Some(source) = &field.source {
        if field.value.is_some() {
            report.say(
                place,
                format!("field `{id}` is computed and has a `source` too"),
                "one of `value` and `source`",
            );
        }
        if !["person", "applicant"].contains(&source.register.as_str())
            && !spec.registers.iter().any(|used| used.name == source.register)
        {
            report.say(
                place,
                format!("field `{id}` is filled from `{}`, which the service does not ask", source.register),
                "name the register under `registers:`",
            );
        } else if !scope::path_exists(spec, source, field.kind) {
            report.say(
                place,
                format!("field `{id}`: `{}` has no `{}`", source.register, source.path),
                "records are described in services/registers.yaml",
            );
        }
    }
}

fn check_fees(spec: &Spec, report: &mut Report<'_>) {
    let first_is_payment = spec.flow.states.first().is_some_and(|state| state.kind == StateKind::Payment);
    let mut ids = BTreeSet::new();
    for fee in &spec.fees {
        let place = format!("id: {}", fee.id);
        let place: &[&str] = &["fees:", &place];
        if !ids.insert(&fee.id) {
            report.say(place, format!("fee `{}` is there twice", fee.id), "");
        }
        match &fee.due {
            DueAt::Submit if !first_is_payment => report.say(
                place,
                format!("fee `{}` is due at submission, but the flow does not begin with a payment", fee.id),
                "make the first state one of kind payment, or name the payment state under `due`",
            ),
            DueAt::State(id) if !spec.flow.states.iter().any(|s| s.id == *id && s.kind == StateKind::Payment) => {
                report.say(place, format!("fee `{}` is due in `{id}`, which is no payment state", fee.id), "")
            }
            _ => {}
        }
        if let Amount::Bands { rows, .. } = &fee.amount {
            cycle::check_bands(fee, rows, place, report);
        }
        if let Amount::Table { field, bhm } = &fee.amount {
            let choice =
                spec.pages.iter().flat_map(|page| &page.fields).find(|f| f.id == *field && f.kind == FieldType::Choice);
            match choice {
                None => report.say(place, format!("fee `{}`: `{field}` is no choice of the form", fee.id), ""),
                Some(choice) => {
                    let options: BTreeSet<&String> = choice.options.iter().map(|option| &option.code).collect();
                    let named: BTreeSet<&String> = bhm.keys().collect();
                    for code in options.symmetric_difference(&named) {
                        report.say(
                            place,
                            format!("fee `{}`: option `{code}` of `{field}` is only in one of form and table", fee.id),
                            "the table names every option, and no other",
                        );
                    }
                }
            }
        }
    }
    check_refunds(spec, report);
    let pays = spec.flow.states.iter().any(|state| state.kind == StateKind::Payment);
    if pays && spec.payment.is_none() {
        report.say(&["flow:"], "the flow waits for money, but `payment:` is missing", "payment: {expires_days: 10}");
    }
    if pays && spec.fees.is_empty() {
        report.say(&["kind: payment"], "the flow waits for money, but there are no `fees:`", "");
    }
}

/// A payment goes back as a whole, and a fee that goes back does not also stay valid. Part of rule DEF-REFUND.
fn check_refunds(spec: &Spec, report: &mut Report<'_>) {
    let first = spec.flow.states.first().map(|state| state.id.as_str());
    let due = |fee: &Fee| match &fee.due {
        DueAt::Submit => first.unwrap_or_default().to_owned(),
        DueAt::State(id) => id.clone(),
    };
    let ends = |fee: &Fee| fee.refund.iter().copied().collect::<BTreeSet<_>>();
    let stays = spec.payment.as_ref().map_or(0, |rules| rules.valid_after_reject_days);
    for (n, fee) in spec.fees.iter().enumerate() {
        let place = format!("id: {}", fee.id);
        let place: &[&str] = &["fees:", &place];
        if ends(fee).len() < fee.refund.len() {
            report.say(place, format!("fee `{}`: an end is there twice under `refund`", fee.id), "name each once");
        }
        let together = spec.fees[..n].iter().find(|other| due(other) == due(fee) && ends(other) != ends(fee));
        if let Some(other) = together {
            report.say(
                place,
                format!("fees `{}` and `{}` are due together, but are not returned together", other.id, fee.id),
                "the provider returns a payment as a whole: give both the same `refund`, or let them be due in different states",
            );
        }
        if stays > 0 && fee.refund.contains(&RefundAfter::Refused) {
            report.say(
                place,
                format!("fee `{}` is returned after a refusal, and stays valid after it for {stays} days", fee.id),
                "leave `refused` out of `refund`, or set `payment.valid_after_reject_days: 0`",
            );
        }
    }
}

fn check_flow(spec: &Spec, report: &mut Report<'_>) {
    let flow = &spec.flow;
    let state = |id: &str| flow.states.iter().find(|state| state.id == id);
    if flow.states.is_empty() {
        report.say(&["flow:"], "the flow has no states", "");
        return;
    }
    let mut ids = BTreeSet::new();
    for s in &flow.states {
        if !ids.insert(&s.id) {
            report.say(&["states:", &format!("id: {}", s.id)], format!("state `{}` is there twice", s.id), "");
        }
    }
    let mut ids = BTreeSet::new();
    for action in &flow.actions {
        let place = format!("id: {}", action.id);
        let place: &[&str] = &["actions:", &place];
        if !ids.insert(&action.id) {
            report.say(
                place,
                format!("action `{}` is there twice", action.id),
                "one action may have several states under `from`",
            );
        }
        for from in &action.from {
            match state(from) {
                None => report.say(
                    place,
                    format!("action `{}` begins in `{from}`, which is no state", action.id),
                    known_states(flow),
                ),
                Some(s) if s.kind.is_final() => {
                    report.say(place, format!("action `{}` begins in `{from}`, where the case is over", action.id), "")
                }
                Some(_) => {}
            }
        }
        if state(&action.to).is_none() {
            report.say(
                place,
                format!("action `{}` leads to `{}`, which is no state", action.id, action.to),
                known_states(flow),
            );
        }
        let refuses = state(&action.to).is_some_and(|s| s.kind == StateKind::Refused);
        if refuses && matches!(action.by, By::Official | By::Head) && !action.needs.contains(&Need::Reason) {
            report.say(place, format!("action `{}` refuses without a reason", action.id), "needs: [reason]");
        }
        if action.needs.contains(&Need::Reason) && flow.reasons.is_empty() {
            report.say(place, format!("action `{}` needs a reason, but `reasons:` is empty", action.id), "");
        }
    }
    check_reachable(flow, report);
    cycle::check_ends(flow, report);
    cycle::check_needs(flow, report);
    for s in &flow.states {
        check_state(spec, s, report);
    }
    for id in &spec.term.pause_in {
        if state(id).is_none() {
            report.say(&["pause_in", id], format!("the clock pauses in `{id}`, which is no state"), known_states(flow));
        }
    }
}

fn known_states(flow: &Flow) -> String {
    let ids: Vec<&str> = flow.states.iter().map(|state| state.id.as_str()).collect();
    format!("states: {}", ids.join(", "))
}

fn check_reachable(flow: &Flow, report: &mut Report<'_>) {
    let mut reached: BTreeSet<&str> = flow.states.first().map(|state| state.id.as_str()).into_iter().collect();
    loop {
        let before = reached.len();
        for action in &flow.actions {
            if action.from.iter().any(|from| reached.contains(from.as_str())) {
                reached.insert(&action.to);
            }
        }
        if reached.len() == before {
            break;
        }
    }
    for state in flow.states.iter().filter(|state| !reached.contains(state.id.as_str())) {
        report.say(
            &["states:", &format!("id: {}", state.id)],
            format!("no action leads to state `{}`", state.id),
            "a case begins in the first state; remove the state or add an action",
        );
    }
}

/// A state that is given out by load: among real places, of which there are two at least. Part of rule DEF-BY-LOAD.
fn check_by_load(state: &State, refdata: &RefData, report: &mut Report<'_>) {
    let place = format!("id: {}", state.id);
    let place: &[&str] = &["states:", &place];
    if state.by_load.is_empty() {
        return;
    }
    let worked = matches!(state.kind, StateKind::Work | StateKind::Commission | StateKind::Queue | StateKind::Tasks);
    if !worked {
        let message = format!("state `{}` is given out `by_load`, but no unit works it", state.id);
        report.say(place, message, "`by_load` belongs to states of kind work, tasks, commission or queue");
    }
    if state.level.is_some() {
        let message = format!("state `{}` has both `level` and `by_load`", state.id);
        report.say(place, message, "leave out `level`: the areas of `by_load` say which units they are");
    }
    if state.by_load.len() < 2 {
        let message = format!("state `{}` is given out `by_load` among one area only", state.id);
        report.say(place, message, "name two areas at least, or give the state to the unit of the place by `level`");
    }
    for (n, area) in state.by_load.iter().enumerate() {
        if Soato::parse(area).ok().and_then(|area| refdata.region(&area)).is_none() {
            let message = format!("state `{}`: `{area}` under `by_load` is no region or district", state.id);
            report.say(place, message, "a SOATO code of data/regions.yaml: 4 digits of a region, 7 of a district");
        }
        if state.by_load[..n].contains(area) {
            report.say(
                place,
                format!("state `{}`: `{area}` is there twice under `by_load`", state.id),
                "name each once",
            );
        }
    }
}

fn check_state(spec: &Spec, state: &State, report: &mut Report<'_>) {
    let flow = &spec.flow;
    let id = state.id.as_str();
    let place = format!("id: {id}");
    let place: &[&str] = &["states:", &place];
    let out: Vec<&Action> = flow.actions.iter().filter(|action| action.from.iter().any(|from| from == id)).collect();
    if !state.kind.is_final() && out.is_empty() {
        report.say(place, format!("no action leads out of state `{id}`"), "a case must be able to end");
    }
    let system = |what: &str, action: Option<&String>, needed: bool, report: &mut Report<'_>| match action {
        Some(action) if !out.iter().any(|a| a.id == *action && matches!(a.by, By::System | By::Commission)) => {
            report.say(
                place,
                format!("state `{id}`: `{what}` names `{action}`, which is no action of the system out of it"),
                "add an action with `by: system` and this state under `from`",
            );
        }
        Some(_) => {}
        None if needed => report.say(place, format!("state `{id}` of kind {} needs `{what}`", state.kind.name()), ""),
        None => {}
    };
    let payment = state.kind == StateKind::Payment;
    system("on_paid", state.on_paid.as_ref(), payment, report);
    system("on_expired", state.on_expired.as_ref(), payment, report);
    let tasks = state.kind == StateKind::Tasks;
    system("on_positive", state.on_positive.as_ref(), tasks, report);
    system("on_negative", state.on_negative.as_ref(), tasks, report);
    for rule in &state.auto {
        system("auto", Some(&rule.action), true, report);
        let refuses = flow.actions.iter().any(|action| {
            action.id == rule.action && flow.states.iter().any(|to| to.id == action.to && to.kind == StateKind::Refused)
        });
        let known = |code: &String| flow.reasons.iter().any(|reason| reason.code == *code);
        match &rule.reason {
            Some(code) if !known(code) => report.say(place, format!("state `{id}`: no refusal reason `{code}`"), ""),
            None if refuses => {
                report.say(place, format!("state `{id}`: `{}` refuses without a reason", rule.action), "reason: <code>")
            }
            _ => {}
        }
    }
    match &state.commission {
        Some(commission) => {
            system("commission.on_for", Some(&commission.on_for), true, report);
            system("commission.on_against", Some(&commission.on_against), true, report);
            if commission.needed == 0 || commission.needed > commission.members {
                report.say(
                    place,
                    format!("state `{id}`: {} votes of {} cannot decide", commission.needed, commission.members),
                    "",
                );
            }
        }
        None if state.kind == StateKind::Commission => {
            report.say(
                place,
                format!("state `{id}` of kind commission needs `commission`"),
                "commission: {members: 3, needed: 2, on_for: …, on_against: …}",
            );
        }
        None => {}
    }
    match state.kind {
        StateKind::Auto if state.auto.is_empty() => {
            report.say(place, format!("state `{id}` of kind auto needs `auto`"), "auto: [{when: …, action: …}]");
        }
        StateKind::Tasks if state.tasks.is_empty() => {
            report.say(place, format!("state `{id}` of kind tasks needs `tasks`"), "");
        }
        StateKind::Work | StateKind::Commission if state.term.is_none() && spec.term.total.is_none() => {
            report.say(
                place,
                format!("nobody says by when state `{id}` ends"),
                "give the state a `term`, or the service a total one",
            );
        }
        StateKind::Returned if !out.iter().any(|action| action.by == By::Citizen) => {
            report.say(
                place,
                format!("state `{id}` waits for the applicant, who can do nothing in it"),
                "add an action with `by: citizen`",
            );
        }
        _ => {}
    }
}

fn check_outputs(spec: &Spec, report: &mut Report<'_>) {
    let mut ids = BTreeSet::new();
    for output in &spec.outputs {
        let place = format!("id: {}", output.id);
        let place: &[&str] = &["outputs:", &place];
        if !ids.insert(&output.id) {
            report.say(place, format!("output `{}` is there twice", output.id), "");
        }
        if !spec.flow.states.iter().any(|state| state.id == output.when) {
            report.say(
                place,
                format!("output `{}` is made in `{}`, which is no state", output.id, output.when),
                known_states(&spec.flow),
            );
        }
        if output.validity.is_some_and(|term| !matches!(term.unit, Unit::Day | Unit::Month)) {
            report.say(place, format!("output `{}`: a validity is in days or months", output.id), "");
        }
    }
    for notify in &spec.notify {
        if !spec.flow.states.iter().any(|state| state.id == notify.when) {
            report.say(
                &["notify:", &notify.when],
                format!("a notice is sent in `{}`, which is no state", notify.when),
                known_states(&spec.flow),
            );
        }
    }
}

/// Migrations name versions, and fields that are here.
fn check_migrations(spec: &Spec, report: &mut Report<'_>) {
    let here = |id: &str| spec.pages.iter().flat_map(|page| &page.fields).any(|field| field.id == id);
    for migration in &spec.migrations {
        let from = migration.from.as_str();
        let place: &[&str] = &["migrations:", from];
        if from != Migration::ANY && VersionHash::parse(from).is_none() {
            report.say(place, format!("`{from}` is not a version"), "64 hexadecimal digits, or `any`");
        }
        for id in migration.rename.values().chain(migration.set.keys()).filter(|id| !here(id)) {
            report.say(
                &["migrations:", id],
                format!("no field `{id}`"),
                "`rename` leads to a field of this version; `set` fills one",
            );
        }
        for id in migration.rename.keys().chain(&migration.drop).filter(|id| here(id)) {
            report.say(
                &["migrations:", id],
                format!("field `{id}` is still here"),
                "`rename` and `drop` name fields that this version does not have any more",
            );
        }
    }
    let twice = spec
        .migrations
        .iter()
        .enumerate()
        .find(|(n, one)| spec.migrations[..*n].iter().any(|other| other.from == one.from));
    if let Some((_, one)) = twice {
        report.say(&["migrations:", &one.from], format!("`from: {}` is given twice", one.from), "put them together");
    }
}
