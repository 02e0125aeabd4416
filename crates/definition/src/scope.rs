//! Names in expressions: their types when a definition is compiled, their values when it is asked.

use std::collections::BTreeMap;

use expr::{Env, Expr, ExprError, Schema, Type, Value};
use jiff::civil::Date;
use kernel::calendar::Calendar;
use refdata::RefData;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};

use crate::model::*;
use crate::registers::{Plain, RegisterInfo, Shape};
use crate::vocabulary::Vocabulary;

// --- types ---

/// The names that expressions of a definition may use.
pub(crate) fn schema(spec: &Spec) -> Schema {
    let mut schema = Schema::new();
    for field in spec.pages.iter().flat_map(|page| &page.fields) {
        if let Some(ty) = answer_type(field) {
            schema.insert(field.id.clone(), ty);
        }
    }
    schema.insert("person", person_type());
    schema.insert("applicant", applicant_type());
    let registers =
        spec.registers.iter().filter_map(|used| Some((used.name.clone(), shape_of(spec, &used.name)?))).collect();
    schema.insert("registers", Type::Map(registers));
    schema
}

/// The names that expressions in the rows of a repeat may use: those of the definition, and `row`.
fn row_schema(schema: &Schema, repeat: &Field) -> Schema {
    let mut schema = schema.clone();
    if let Some(Type::List(row)) = answer_type(repeat) {
        schema.insert("row", *row);
    }
    schema
}

pub(crate) fn answer_type(field: &Field) -> Option<Type> {
    let texts = |keys: &[&str]| Type::Map(keys.iter().map(|key| ((*key).to_owned(), Type::Str)).collect());
    Some(match field.kind {
        FieldType::Int | FieldType::Money => Type::Int,
        FieldType::Decimal => Type::Dec,
        FieldType::Cascade => Type::List(Box::new(Type::Str)),
        FieldType::Geo => Type::Map(["lat", "lon"].map(|key| (key.to_owned(), Type::Dec)).into()),
        FieldType::Organisation => texts(&["stir", "name"]),
        FieldType::Repeat => {
            let row = field.fields.iter().filter_map(|field| Some((field.id.clone(), answer_type(field)?))).collect();
            Type::List(Box::new(Type::Map(row)))
        }
        FieldType::Date => Type::Date,
        FieldType::Bool | FieldType::Consent => Type::Bool,
        FieldType::Multi => Type::List(Box::new(Type::Str)),
        FieldType::Address => texts(&["region", "district", "street", "house", "flat"]),
        FieldType::Person => texts(&["pinfl", "surname", "name", "patronymic"]),
        FieldType::File => {
            let mut file = BTreeMap::from([("bytes".to_owned(), Type::Int)]);
            file.extend(["file", "name", "kind"].map(|key| (key.to_owned(), Type::Str)));
            Type::List(Box::new(Type::Map(file)))
        }
        FieldType::Note => return None,
        FieldType::Text
        | FieldType::Textarea
        | FieldType::Choice
        | FieldType::Pinfl
        | FieldType::Stir
        | FieldType::IdDoc
        | FieldType::Phone
        | FieldType::Email
        | FieldType::Plate
        | FieldType::Cadastre
        | FieldType::Account => Type::Str,
    })
}

fn person_type() -> Type {
    let mut person = BTreeMap::from([
        ("birth_date".to_owned(), Type::Date),
        ("reliefs".to_owned(), Type::List(Box::new(Type::Str))),
    ]);
    let texts = [
        "pinfl",
        "passport",
        "surname",
        "name",
        "patronymic",
        "sex",
        "region",
        "citizenship",
        "phone",
        "email",
        "audience",
    ];
    person.extend(texts.map(|key| (key.to_owned(), Type::Str)));
    Type::Map(person)
}

/// For whom the application is: a person, or an organisation with `stir` and `full_name`.
fn applicant_type() -> Type {
    let mut applicant = match person_type() {
        Type::Map(person) => person,
        _ => BTreeMap::new(),
    };
    applicant.extend(["kind", "stir", "full_name"].map(|key| (key.to_owned(), Type::Str)));
    Type::Map(applicant)
}

/// Type of a register's record, by the shape that the version keeps; versions of older programs kept none.
fn shape_of(spec: &Spec, name: &str) -> Option<Type> {
    match spec.shapes.get(name) {
        Some(info) => Some(register_type(info)),
        None => Vocabulary::built_in().register(name).map(register_type),
    }
}

fn register_type(info: &RegisterInfo) -> Type {
    let plain = |plain: &Plain| match plain {
        Plain::String | Plain::Soato => Type::Str,
        Plain::Int | Plain::Money => Type::Int,
        Plain::Bool => Type::Bool,
        Plain::Date => Type::Date,
    };
    let mut fields = BTreeMap::from([("found".to_owned(), Type::Bool)]);
    for (key, shape) in &info.fields {
        let ty = match shape {
            Shape::Plain(one) => plain(one),
            Shape::List(object) => {
                let object = object.iter().map(|(key, one)| (key.clone(), plain(one))).collect();
                Type::List(Box::new(Type::Map(object)))
            }
        };
        fields.insert(key.clone(), ty);
    }
    Type::Map(fields)
}

/// Whether a source's path is in the register's record, or in the person's profile.
pub(crate) fn path_exists(spec: &Spec, source: &FieldSource, kind: FieldType) -> bool {
    let mut ty = match source.register.as_str() {
        "person" => Some(person_type()),
        "applicant" => Some(applicant_type()),
        name => shape_of(spec, name),
    };
    if source.path == "." {
        // The record as a whole answers a question of several parts.
        let has = |keys: &[&str]| matches!(&ty, Some(Type::Map(map)) if keys.iter().all(|key| map.contains_key(*key)));
        return match kind {
            FieldType::Address => has(&["district"]),
            FieldType::Person => has(&["pinfl", "surname", "name"]),
            FieldType::Organisation => has(&["stir", "full_name"]) || has(&["stir", "name"]),
            _ => false,
        };
    }
    for part in source.path.split('.') {
        ty = match ty {
            Some(Type::Map(mut fields)) => fields.remove(part),
            _ => return false,
        };
    }
    ty.is_some_and(|ty| !matches!(ty, Type::Map(_) | Type::List(_)))
}

/// Compiles every expression once; errors with the source text.
pub(crate) fn compile_all(spec: &Spec, schema: &Schema) -> (BTreeMap<String, Expr>, Vec<(String, ExprError)>) {
    let mut compiled = BTreeMap::new();
    let mut errors: Vec<(String, ExprError)> = Vec::new();
    let repeats = spec.pages.iter().flat_map(|page| &page.fields).filter(|field| field.kind == FieldType::Repeat);
    let rows: BTreeMap<&str, Schema> = repeats.map(|field| (field.id.as_str(), row_schema(schema, field))).collect();
    for (cel, wanted, repeat) in expressions(spec) {
        let source = &cel.0;
        let key = repeat.map_or_else(|| source.clone(), |repeat| row_key(repeat, source));
        let schema = repeat.and_then(|repeat| rows.get(repeat)).unwrap_or(schema);
        let expr = match compiled.get(&key) {
            Some(expr) => Ok::<Expr, ExprError>(Expr::clone(expr)),
            None => expr::compile(source, schema),
        };
        match expr {
            Ok(expr) => {
                if !wanted.takes(expr.ty()) {
                    let message = format!("this is {}, but {} is needed", expr.ty(), wanted.name());
                    errors.push((source.clone(), ExprError { span: (0, source.len()), msg: message }));
                }
                compiled.insert(key, expr);
            }
            Err(error) => errors.push((source.clone(), error)),
        }
    }
    (compiled, errors)
}

/// Under which key an expression in the rows of a repeat is kept: its names mean other things elsewhere.
pub(crate) fn row_key(repeat: &str, source: &str) -> String {
    format!("{repeat}[]: {source}")
}

/// What an expression is used as.
#[derive(Clone)]
enum Wanted {
    Truth,
    Text,
    Number,
    Objects,
    Anything,
    /// An answer of this type; of numbers either kind.
    Answer(Type),
}

impl Wanted {
    fn takes(&self, ty: &Type) -> bool {
        match self {
            Wanted::Answer(wanted) => {
                let number = |ty: &Type| matches!(ty, Type::Int | Type::Dec);
                *ty == Type::Any || *wanted == Type::Any || ty == wanted || (number(ty) && number(wanted)) || {
                    matches!((ty, wanted), (Type::Map(_), Type::Map(_)) | (Type::List(_), Type::List(_)))
                }
            }
            Wanted::Anything => true,
            Wanted::Truth => matches!(ty, Type::Bool | Type::Any),
            Wanted::Text => matches!(ty, Type::Str | Type::Any),
            Wanted::Number => matches!(ty, Type::Int | Type::Dec | Type::Any),
            Wanted::Objects => match ty {
                Type::List(item) => matches!(**item, Type::Map(_) | Type::Any),
                other => *other == Type::Any,
            },
        }
    }

    fn name(&self) -> String {
        match self {
            Wanted::Truth => "a truth value".to_owned(),
            Wanted::Text => "a text".to_owned(),
            Wanted::Number => "a number".to_owned(),
            Wanted::Objects => "a list of objects".to_owned(),
            Wanted::Anything => "anything".to_owned(),
            Wanted::Answer(ty) => ty.to_string(),
        }
    }
}

/// Every expression of a definition with what it is used as, and the repeat in whose rows it stands.
fn expressions(spec: &Spec) -> Vec<(&Cel, Wanted, Option<&str>)> {
    use Wanted::{Anything, Number, Objects, Text, Truth};
    let mut all: Vec<(&Cel, Wanted, Option<&str>)> = Vec::new();
    let mut add = |cel, wanted| all.push((cel, wanted, None));
    for rule in &spec.access.eligibility {
        add(&rule.when, Truth);
    }
    spec.access.limit.iter().filter_map(|limit| limit.per.as_ref()).for_each(|cel| add(cel, Anything));
    for register in &spec.registers {
        register.params.values().for_each(|cel| add(cel, Anything));
    }
    for page in &spec.pages {
        page.show.iter().for_each(|cel| add(cel, Truth));
    }
    for fee in &spec.fees {
        fee.when.iter().for_each(|cel| add(cel, Truth));
        match &fee.amount {
            Amount::Expr(cel) | Amount::Bands { of: cel, .. } => add(cel, Number),
            Amount::Bhm(_) | Amount::Som(_) | Amount::Table { .. } => {}
        }
    }
    spec.route.by.iter().for_each(|cel| add(cel, Text));
    for state in &spec.flow.states {
        state.auto.iter().for_each(|rule| add(&rule.when, Truth));
    }
    for action in &spec.flow.actions {
        action.guard.iter().for_each(|cel| add(cel, Truth));
    }
    for special in &spec.term.special {
        add(&special.when, Truth);
    }
    for row in spec.outputs.iter().flat_map(|output| &output.rows) {
        add(&row.value, if row.item.is_some() { Objects } else { Anything });
        row.show.iter().for_each(|cel| add(cel, Truth));
        row.only.iter().for_each(|only| add(&only.equals, Text));
    }
    for field in spec.pages.iter().flat_map(|page| &page.fields) {
        field_expressions(field, None, &mut all);
        for inner in &field.fields {
            field_expressions(inner, Some(field.id.as_str()), &mut all);
        }
    }
    all.extend(spec.migrations.iter().flat_map(|migration| migration.set.values()).map(|cel| (cel, Anything, None)));
    all
}

fn field_expressions<'a>(field: &'a Field, repeat: Option<&'a str>, all: &mut Vec<(&'a Cel, Wanted, Option<&'a str>)>) {
    let mut add = |cel, wanted| all.push((cel, wanted, repeat));
    add(&field.required, Wanted::Truth);
    field.show.iter().for_each(|cel| add(cel, Wanted::Truth));
    let answer = answer_type(field).map_or(Wanted::Anything, Wanted::Answer);
    field.value.iter().for_each(|cel| add(cel, answer.clone()));
    field.options.iter().filter_map(|option| option.show.as_ref()).for_each(|cel| add(cel, Wanted::Truth));
    field.options_from.iter().for_each(|from| add(&from.list, Wanted::Objects));
    field.check.iter().for_each(|check| add(&check.expr, Wanted::Truth));
}

// --- values ---

/// Facts as an expression sees them.
pub(crate) struct Scope<'a> {
    pub(crate) facts: &'a Facts,
    schema: &'a Schema,
    refdata: &'a RefData,
    row: Option<Row<'a>>,
}

/// The row of a repeat in which an expression stands.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    /// Id of the repeat.
    pub repeat: &'a str,
    pub answers: &'a Map<String, Json>,
}

impl Env for Scope<'_> {
    fn get(&self, name: &str) -> Value {
        if let ("row", Some(row)) = (name, self.row) {
            let Some(Type::List(ty)) = self.schema.0.get(row.repeat) else { return Value::Unknown };
            return Value::from_json(&Json::Object(row.answers.clone())).read_as(ty);
        }
        let Some(ty) = self.schema.0.get(name) else { return Value::Unknown };
        match name {
            "person" => Value::from_json(&person_json(&self.facts.person)).read_as(ty),
            "applicant" => Value::from_json(&applicant_json(self.facts)).read_as(ty),
            "registers" => {
                let Type::Map(types) = ty else { return Value::Unknown };
                let known = types.iter().filter_map(|(register, ty)| {
                    let record = self.facts.registers.get(register)?;
                    Some((register.clone(), Value::from_json(record).read_as(ty)))
                });
                Value::Map(known.collect())
            }
            field => match self.facts.answers.get(field) {
                // A row that has been added and not filled in yet is no row, and no row is no answer.
                Some(Json::Array(rows)) if matches!(ty, Type::List(row) if matches!(**row, Type::Map(_))) => {
                    let filled = |row: &&Json| !matches!(row, Json::Object(map) if map.is_empty());
                    let filled: Vec<Json> = rows.iter().filter(filled).cloned().collect();
                    if filled.is_empty() { Value::Unknown } else { Value::from_json(&Json::Array(filled)).read_as(ty) }
                }
                answer => answer.map_or(Value::Unknown, |json| Value::from_json(json).read_as(ty)),
            },
        }
    }

    fn at(&self, name: &str, path: &[&str]) -> Value {
        let read = |ty: &Type, json: Option<&Json>, path: &[&str]| {
            let found = path.iter().try_fold((ty, json?), |(ty, json), part| match ty {
                Type::Map(fields) => Some((fields.get(*part)?, json.get(part)?)),
                _ => None,
            });
            found.map(|(ty, json)| Value::from_json(json).read_as(ty))
        };
        if let ("row", Some(_)) = (name, self.row) {
            return self.get(name).at(path).cloned().unwrap_or(Value::Unknown);
        }
        // Nothing but the part is copied out of the records.
        let value = match (name, path, self.schema.0.get(name)) {
            ("registers", [register, rest @ ..], Some(Type::Map(types))) => {
                types.get(*register).and_then(|ty| read(ty, self.facts.registers.get(*register), rest))
            }
            ("person", ["birth_date"], Some(_)) => self.facts.person.birth_date.map(Value::Date),
            ("registers" | "person" | "applicant", _, _) | (_, [], _) => {
                let whole = self.get(name);
                return if path.is_empty() { whole } else { whole.at(path).cloned().unwrap_or(Value::Unknown) };
            }
            (field, path, Some(ty)) => read(ty, self.facts.answers.get(field), path),
            _ => None,
        };
        value.unwrap_or(Value::Unknown)
    }

    fn today(&self) -> Date {
        self.facts.today
    }

    fn bhm(&self) -> Decimal {
        let bhm = self.facts.bhm.unwrap_or_else(|| self.refdata.bhm(self.facts.today));
        Decimal::new(bhm.get(), 2)
    }

    fn calendar(&self) -> &Calendar {
        &self.refdata.calendar
    }
}

impl<'a> Scope<'a> {
    pub(crate) fn new(schema: &'a Schema, facts: &'a Facts, refdata: &'a RefData) -> Self {
        Self { facts, schema, refdata, row: None }
    }
}

pub(crate) fn eval(expr: &Expr, schema: &Schema, facts: &Facts, row: Option<Row<'_>>) -> Value {
    expr.eval(&Scope { facts, schema, refdata: &RefData::shared(), row })
}

/// The person's own facts as JSON, for paths and expressions. A person who does not say otherwise acts for themselves.
pub(crate) fn person_json(person: &PersonFacts) -> Json {
    let mut map = Map::new();
    let mut put = |key: &str, text: Option<String>| {
        if let Some(text) = text {
            map.insert(key.to_owned(), Json::String(text));
        }
    };
    put("pinfl", person.pinfl.as_ref().map(|pinfl| pinfl.as_str().to_owned()));
    put("passport", person.passport.as_ref().map(|passport| passport.as_str().to_owned()));
    put("surname", person.surname.clone());
    put("name", person.name.clone());
    put("patronymic", person.patronymic.clone());
    put("birth_date", person.birth_date.map(|date| date.to_string()));
    put("sex", person.sex.clone());
    put("region", person.region.as_ref().map(|soato| soato.as_str().to_owned()));
    put("citizenship", person.citizenship.clone());
    put("phone", person.phone.as_ref().map(|phone| phone.as_str().to_owned()));
    put("email", person.email.as_ref().map(|email| email.as_str().to_owned()));
    put("audience", Some(person.audience.unwrap_or(Audience::Natural).name().to_owned()));
    map.insert("reliefs".to_owned(), json!(person.reliefs));
    Json::Object(map)
}

/// The one for whom the application is, as JSON: the person, unless they act for somebody else.
///
/// Of somebody else only what the register of the representation told is known; the rest is unknown, not that of the person.
pub(crate) fn applicant_json(facts: &Facts) -> Json {
    let Some(represented) = &facts.applicant else {
        let mut json = person_json(&facts.person);
        if let Json::Object(map) = &mut json {
            let names = [&facts.person.surname, &facts.person.name, &facts.person.patronymic];
            let full: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
            map.insert("kind".to_owned(), json!("self"));
            map.insert("full_name".to_owned(), json!(full.join(" ")));
        }
        return json;
    };
    let mut map = Map::new();
    let mut put = |key: &str, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            map.insert(key.to_owned(), Json::String(text));
        }
    };
    put("kind", Some(represented.kind.name().to_owned()));
    put("pinfl", represented.pinfl.map(|pinfl| pinfl.as_str().to_owned()));
    put("stir", represented.stir.map(|stir| stir.as_str().to_owned()));
    put("full_name", Some(represented.full_name()));
    put("surname", Some(represented.surname.clone()));
    put("name", Some(represented.name.clone()));
    put("patronymic", Some(represented.patronymic.clone()));
    put("birth_date", represented.birth_date.map(|date| date.to_string()));
    put("audience", Some(represented.audience().name().to_owned()));
    if let Some(pinfl) = &represented.pinfl {
        let sex = if pinfl.sex() == kernel::person::Sex::Male { "m" } else { "f" };
        put("sex", Some(sex.to_owned()));
    }
    Json::Object(map)
}

/// A value as JSON; unknown is null, a decimal is text.
pub(crate) fn to_json(value: &Value) -> Json {
    match value {
        Value::Unknown => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(n) => json!(n),
        Value::Dec(decimal) => json!(decimal.normalize().to_string()),
        Value::Str(text) => json!(text),
        Value::Date(date) => json!(date.to_string()),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Map(map) => Json::Object(map.iter().map(|(key, value)| (key.clone(), to_json(value))).collect()),
    }
}

/// A plain value as text; `None` for unknown, lists and objects.
pub(crate) fn as_text(value: &Value) -> Option<String> {
    match to_json(value) {
        Json::String(text) => Some(text),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}
