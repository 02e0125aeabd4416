//! What templates show of fields, answers and histories: plain values in the reader's language.

use contracts::{Ctx, UnitRef};
use definition::{
    AddressLevel, BrowserForm, Definition, Facts, Field, FieldType, FieldView, FileAnswer, Limits, Verified,
};
use kernel::clock::Timestamp;
use kernel::lang::Lang;
use web::i18n::T;
use web::ui::Choice;
use web::{FieldProblem, Page};

use crate::domain::case::{Actor, AfterTerm, Case, Event, Place, Stage, Stored};
use crate::service::files;
use crate::store::Source;

/// A field as a template shows it.
#[derive(Debug, Default)]
pub struct FieldHtml {
    pub id: String,
    /// `text`, `textarea`, `radios`, `select`, `checkboxes`, `checkbox`, `date`, `address`, `person`, `organisation`,
    /// `cascade`, `geo`, `file`, `note`, `locked`, `repeat`.
    pub kind: &'static str,
    pub label: String,
    pub help: String,
    pub value: String,
    pub error: String,
    pub optional: bool,
    /// Words on where the value comes from.
    pub source: String,
    /// JSON of the condition under which it is shown, as far as the page can decide it; empty = as it stands.
    pub show: String,
    /// The same for whether it must be answered.
    pub required: String,
    /// Shown for the answers as they are.
    pub visible: bool,
    pub maxlength: usize,
    pub inputmode: &'static str,
    pub input_type: &'static str,
    pub autocomplete: &'static str,
    pub width: &'static str,
    pub suffix: String,
    pub items: Vec<Choice>,
    pub checked: bool,
    pub day: String,
    pub month: String,
    pub year: String,
    pub parts: Vec<PartHtml>,
    pub files: Vec<FileHtml>,
    pub accept: String,
    pub multiple: bool,
    /// Of a cascade: a further list comes when the one above is chosen.
    pub more: bool,
    /// Of a repeat.
    pub rows: Vec<RowHtml>,
    /// Of a repeat: there is room for one row more.
    pub may_add: bool,
}

impl FieldHtml {
    /// Whether there are buttons inside it. Enter in a field presses the first button of a form: when that would be one of
    /// these, a form needs its own before them.
    pub fn has_buttons(&self) -> bool {
        self.kind == "repeat" || self.more || !self.files.is_empty()
    }
}

/// A row of a repeat.
#[derive(Debug, Default)]
pub struct RowHtml {
    /// Under which it is posted and linked to: `vehicles.0`.
    pub name: String,
    /// "Vehicles, 1".
    pub title: String,
    pub fields: Vec<FieldHtml>,
}

/// A part of an address or of a person.
#[derive(Debug, Default)]
pub struct PartHtml {
    pub name: String,
    pub label: String,
    pub value: String,
    pub error: String,
    pub optional: bool,
    /// Not empty for a list.
    pub items: Vec<Choice>,
    pub width: &'static str,
    pub inputmode: &'static str,
    pub hint: String,
}

/// A file that has been uploaded.
#[derive(Debug, Default, Clone)]
pub struct FileHtml {
    pub id: String,
    pub name: String,
    pub size: String,
    pub href: String,
}

/// The fields of a page, with those that are hidden and that the script may show.
pub fn page_fields(
    page: &Page,
    definition: &Definition,
    facts: &Facts,
    index: usize,
    sources: &std::collections::BTreeMap<String, Source>,
    problems: &[FieldProblem],
    browser: &BrowserForm,
) -> Vec<FieldHtml> {
    let Some(form) = definition.pages().get(index) else { return Vec::new() };
    let views = definition.visible_fields(index, facts);
    let tree = |of: &std::collections::BTreeMap<String, serde_json::Value>, field: &Field| {
        of.get(&field.id).map(ToString::to_string).unwrap_or_default()
    };
    form.fields
        .iter()
        .filter_map(|field| {
            let view = views.iter().find(|view| view.field.id == field.id);
            let show = tree(&browser.show, field);
            // What is hidden and stays so whatever is answered here is no part of the page.
            if view.is_none() && show.is_empty() {
                return None;
            }
            let form = Form { page, definition, facts, sources, problems };
            let html = field_html(&form, &field.id, None, field, view);
            Some(FieldHtml { show, required: tree(&browser.required, field), ..html })
        })
        .collect()
}

/// What every field of a page is drawn from.
struct Form<'a> {
    page: &'a Page,
    definition: &'a Definition,
    facts: &'a Facts,
    sources: &'a std::collections::BTreeMap<String, Source>,
    problems: &'a [FieldProblem],
}

/// A field under the name with which it is posted; `repeat` is the repeat in whose row it stands.
fn field_html(
    form: &Form<'_>,
    name: &str,
    repeat: Option<&Field>,
    field: &Field,
    view: Option<&FieldView<'_>>,
) -> FieldHtml {
    let Form { page, definition, facts, sources, problems } = *form;
    let lang = page.lang();
    let problem =
        |name: &str| problems.iter().find(|p| p.field == name).map_or_else(String::new, |p| p.message.clone());
    let empty = serde_json::Value::Null;
    let stored = if repeat.is_none() { facts.answers.get(&field.id) } else { None };
    let value = view.and_then(|view| view.value.as_ref()).or(stored).unwrap_or(&empty);
    let text = as_text(value);
    let mut help = field.help.as_ref().map_or_else(String::new, |help| help.get(lang).into_owned());
    if let Some(purpose) = &field.purpose {
        let purpose = page.t1("applications-purpose", "text", purpose.get(lang));
        help = if help.is_empty() { purpose } else { format!("{help} {purpose}") };
    }
    let mut html = FieldHtml {
        id: name.to_owned(),
        label: field.label.get(lang).into_owned(),
        help,
        error: problem(name),
        optional: match view {
            Some(view) => !view.required,
            None => repeat.is_none() && definition.truth(&field.required, facts) == Some(false),
        },
        visible: view.is_some(),
        value: text.clone(),
        input_type: "text",
        ..FieldHtml::default()
    };
    if let Some(name) = view.and_then(|view| view.source) {
        html.source = source_words(page, name, sources);
    }
    if let Some(view) = view.filter(|view| view.verified == Some(Verified::Same)) {
        html.source = verified_words(page, view);
    }
    let options = |current: &dyn Fn(&str) -> bool| -> Vec<Choice> {
        // A hidden field has its options too, for when the script shows it.
        let all = view.map(|view| view.options.clone()).unwrap_or_else(|| definition.options(field, facts));
        all.into_iter()
            .map(|(code, label)| Choice {
                checked: current(&code),
                label: label.get(lang).into_owned(),
                value: code,
                hint: String::new(),
            })
            .collect()
    };
    if view.is_some_and(|view| view.locked) && field.kind != FieldType::Note {
        html.kind = "locked";
        let shown = view.and_then(|view| definition.view_text(view, facts, lang));
        html.value = shown.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| "—".to_owned());
        return html;
    }
    let Limits { max_length, .. } = field.limits;
    let max = |default: usize| max_length.map_or(default, |n| n as usize);
    match field.kind {
        FieldType::Text => {
            html.kind = "text";
            html.maxlength = max(500);
        }
        FieldType::Textarea => {
            html.kind = "textarea";
            html.maxlength = max(4000);
        }
        FieldType::Int => {
            html.kind = "text";
            html.inputmode = "numeric";
            html.width = "10";
        }
        FieldType::Decimal => {
            html.kind = "text";
            html.inputmode = "decimal";
            html.width = "10";
            if lang != Lang::En {
                html.value = html.value.replace('.', ",");
            }
        }
        FieldType::Account => {
            html.kind = "text";
            html.inputmode = "numeric";
            html.width = "20";
            html.maxlength = 40;
        }
        FieldType::Money => {
            html.kind = "text";
            html.inputmode = "numeric";
            html.width = "10";
            html.suffix = page.t("applications-som");
            // Stored in tiyin, typed in so‘m.
            if let Some(tiyin) = value.as_i64() {
                html.value = (tiyin / 100).to_string();
            }
        }
        FieldType::Pinfl => {
            html.kind = "text";
            html.inputmode = "numeric";
            html.width = "20";
            html.maxlength = 14;
        }
        FieldType::Stir => {
            html.kind = "text";
            html.inputmode = "numeric";
            html.width = "10";
            html.maxlength = 9;
        }
        FieldType::IdDoc | FieldType::Plate | FieldType::Cadastre => {
            html.kind = "text";
            html.width = "20";
            html.maxlength = 60;
        }
        FieldType::Phone => {
            html.kind = "text";
            html.input_type = "tel";
            html.inputmode = "tel";
            html.autocomplete = "tel";
            html.width = "20";
        }
        FieldType::Email => {
            html.kind = "text";
            html.input_type = "email";
            html.autocomplete = "email";
        }
        FieldType::Date => {
            html.kind = "date";
            (html.year, html.month, html.day) = date_parts(&text);
        }
        FieldType::Bool | FieldType::Consent => {
            html.kind = "checkbox";
            html.checked = value.as_bool().unwrap_or(false);
        }
        FieldType::Choice => {
            html.items = options(&|code| code == text);
            html.kind = if html.items.len() > 7 { "select" } else { "radios" };
        }
        FieldType::Multi => {
            let chosen: Vec<&str> =
                value.as_array().map(|list| list.iter().filter_map(|v| v.as_str()).collect()).unwrap_or_default();
            html.items = options(&|code| chosen.contains(&code));
            html.kind = "checkboxes";
        }
        FieldType::Address => {
            html.kind = "address";
            html.parts = address_parts(page, name, field.level, value, &problem);
        }
        FieldType::Cascade => {
            html.kind = "cascade";
            let lists = view.map(|view| view.lists.as_slice()).unwrap_or_default();
            html.parts = lists
                .iter()
                .zip(&field.levels)
                .enumerate()
                .map(|(n, (list, label))| {
                    let name = format!("{name}.{}", n + 1);
                    let chosen = value.get(n).and_then(|code| code.as_str()).unwrap_or("");
                    PartHtml {
                        label: label.get(lang).into_owned(),
                        error: problem(&name),
                        items: list.iter().map(|(code, label)| Choice::new(code, label.get(lang), chosen)).collect(),
                        name,
                        ..PartHtml::default()
                    }
                })
                .collect();
            html.more = html.parts.len() < field.levels.len();
        }
        FieldType::Geo => {
            html.kind = "geo";
            html.parts = ["lat", "lon", "code"]
                .iter()
                .map(|part| {
                    let name = format!("{name}.{part}");
                    let code = *part == "code";
                    PartHtml {
                        label: page.t(&format!("applications-geo-{part}")),
                        value: value.get(part).and_then(|v| v.as_str()).unwrap_or("").to_owned(),
                        error: problem(&name),
                        width: if code { "" } else { "10" },
                        inputmode: if code { "" } else { "decimal" },
                        hint: if code { page.t("applications-geo-hint") } else { String::new() },
                        optional: code,
                        name,
                        ..PartHtml::default()
                    }
                })
                .collect();
        }
        FieldType::Organisation => {
            html.kind = "organisation";
            html.parts = ["stir", "name"]
                .iter()
                .map(|part| {
                    let name = format!("{name}.{part}");
                    PartHtml {
                        label: page.t(&format!("applications-organisation-{part}")),
                        value: value.get(part).and_then(|v| v.as_str()).unwrap_or("").to_owned(),
                        error: problem(&name),
                        width: if *part == "stir" { "10" } else { "" },
                        inputmode: if *part == "stir" { "numeric" } else { "" },
                        name,
                        ..PartHtml::default()
                    }
                })
                .collect();
        }
        FieldType::Repeat => {
            html.kind = "repeat";
            // A repeat that is hidden has one blank row ready for when the script shows it.
            let rows: Vec<Option<&Vec<FieldView<'_>>>> = match view {
                Some(view) => view.rows.iter().map(Some).collect(),
                None => vec![None],
            };
            html.may_add = i64::try_from(rows.len()).is_ok_and(|rows| rows < field.limits.max.unwrap_or(10));
            html.rows = rows.iter().enumerate().map(|(n, row)| row_html(form, field, n, *row)).collect();
        }
        FieldType::Person => {
            html.kind = "person";
            html.parts = ["pinfl", "surname", "name", "patronymic"]
                .iter()
                .map(|part| {
                    let name = format!("{name}.{part}");
                    PartHtml {
                        label: page.t(&format!("applications-person-{part}")),
                        value: value.get(part).and_then(|v| v.as_str()).unwrap_or("").to_owned(),
                        error: problem(&name),
                        optional: *part == "patronymic",
                        width: if *part == "pinfl" { "20" } else { "" },
                        inputmode: if *part == "pinfl" { "numeric" } else { "" },
                        name,
                        ..PartHtml::default()
                    }
                })
                .collect();
        }
        FieldType::File => {
            html.kind = "file";
            html.files = files::answers(Some(value)).iter().map(|file| file_html(page, file, "/files")).collect();
            if let Some(rules) = &field.file {
                html.multiple = rules.count > 1;
                html.accept = rules
                    .types
                    .iter()
                    .map(|kind| if kind == "jpeg" { ".jpg,.jpeg".to_owned() } else { format!(".{kind}") })
                    .collect::<Vec<_>>()
                    .join(",");
                let limits = page.t2(
                    "applications-file-limits",
                    "types",
                    rules.types.join(", ").to_uppercase(),
                    "mb",
                    rules.max_mb.to_string(),
                );
                html.help = if html.help.is_empty() { limits } else { format!("{} {limits}", html.help) };
            }
        }
        FieldType::Note => html.kind = "note",
    }
    html
}

fn row_html(form: &Form<'_>, repeat: &Field, n: usize, row: Option<&Vec<FieldView<'_>>>) -> RowHtml {
    let name = format!("{}.{n}", repeat.id);
    let fields = repeat
        .fields
        .iter()
        .filter_map(|field| {
            let view = row.and_then(|row| row.iter().find(|view| view.field.id == field.id));
            // Conditions within a row are decided by the server alone, with each post.
            let blank = row.is_none() && field.show.is_none();
            if view.is_none() && !blank {
                return None;
            }
            let mut html = field_html(form, &format!("{name}.{}", field.id), Some(repeat), field, view);
            html.visible |= blank;
            Some(html)
        })
        .collect();
    RowHtml { title: row_title(form.page, repeat, n), name, fields }
}

/// "Vehicles, 2".
pub fn row_title(page: &Page, repeat: &Field, n: usize) -> String {
    let number = i64::try_from(n + 1).unwrap_or(i64::MAX);
    page.t2("applications-row", "label", repeat.label.get(page.lang()), "n", number)
}

/// What the register says of an answer that is compared with it, in words.
fn verified_words(page: &Page, view: &FieldView<'_>) -> String {
    let Some((verified, source)) = view.verified.zip(view.field.source.as_ref()) else { return String::new() };
    let register = match definition::register_info(&source.register) {
        Some(info) => info.title.get(page.lang()).into_owned(),
        None => page.t("applications-source-profile"),
    };
    let key = match verified {
        Verified::Same => "applications-verified-same",
        Verified::Differs => "applications-verified-differs",
        Verified::Silent => "applications-verified-silent",
    };
    page.t1(key, "source", register)
}

/// A file in a list; `base` is the address before its id.
pub fn file_html(page: &Page, file: &FileAnswer, base: &str) -> FileHtml {
    let kb = file.bytes.div_ceil(1024);
    FileHtml {
        id: file.file.clone(),
        name: file.name.clone(),
        size: format!("{}, {}", file.kind.to_uppercase(), page.t1("applications-file-kb", "kb", kb.to_string())),
        href: page.href(&format!("{base}/{}", file.file)),
    }
}

fn address_parts(
    page: &Page,
    id: &str,
    level: AddressLevel,
    value: &serde_json::Value,
    problem: &dyn Fn(&str) -> String,
) -> Vec<PartHtml> {
    let lang = page.lang();
    let get = |key: &str| value.get(key).and_then(|v| v.as_str()).unwrap_or("").to_owned();
    let district = get("district");
    let mut items = Vec::new();
    for region in &page.ctx().refdata.regions {
        for place in &region.districts {
            let code = place.soato.as_str();
            let label = format!("{} — {}", region.name.get(lang), place.name.get(lang));
            items.push(Choice::new(code, label, &district));
        }
    }
    let part = |part: &str, width: &'static str, optional: bool, items: Vec<Choice>| {
        let name = format!("{id}.{part}");
        PartHtml {
            label: page.t(&format!("applications-address-{part}")),
            value: get(part),
            error: problem(&name),
            optional,
            items,
            width,
            name,
            ..PartHtml::default()
        }
    };
    if level == AddressLevel::Region {
        let chosen = get("region");
        let regions = page.ctx().refdata.regions.iter();
        let items = regions.map(|r| Choice::new(r.soato.as_str(), r.name.get(lang), &chosen)).collect();
        return vec![part("region", "", false, items)];
    }
    let district = part("district", "", false, items);
    if level == AddressLevel::District {
        return vec![district];
    }
    vec![
        district,
        part("street", "", false, Vec::new()),
        part("house", "5", false, Vec::new()),
        part("flat", "5", true, Vec::new()),
    ]
}

fn source_words(page: &Page, name: &str, sources: &std::collections::BTreeMap<String, Source>) -> String {
    if name == "person" {
        return page.t("applications-source-person");
    }
    let lang = page.lang();
    match sources.get(name) {
        Some(source) => page.t2(
            "applications-source",
            "source",
            source.name.get(lang),
            "date",
            kernel::format::date_short(kernel::clock::tashkent_date(source.as_of)),
        ),
        None => {
            let title = definition::register_info(name)
                .map_or_else(|| name.to_owned(), |info| info.title.get(lang).into_owned());
            page.t1("applications-source-name", "source", title)
        }
    }
}

fn as_text(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// `2026-11-21`, `21.11.2026` or what was typed, as year, month, day.
fn date_parts(text: &str) -> (String, String, String) {
    let iso: Vec<&str> = text.split('-').collect();
    if let [y, m, d] = iso[..] {
        return (y.to_owned(), m.to_owned(), d.to_owned());
    }
    let dotted: Vec<&str> = text.split('.').collect();
    if let [d, m, y] = dotted[..] {
        return (y.to_owned(), m.to_owned(), d.to_owned());
    }
    (String::new(), String::new(), text.to_owned())
}

/// Posted names as the definition reads them: the parts of a date come with dashes from the component.
pub fn posted_fields(definition: &Definition, posted: &[(String, String)]) -> Vec<(String, String)> {
    let is_date = |name: &str| definition.field_at(name).is_some_and(|(_, field)| field.kind == FieldType::Date);
    posted
        .iter()
        .map(|(name, value)| {
            let renamed = name.rsplit_once('-').and_then(|(id, part)| {
                (matches!(part, "day" | "month" | "year") && is_date(id)).then(|| format!("{id}.{part}"))
            });
            (renamed.unwrap_or_else(|| name.clone()), value.clone())
        })
        .collect()
}

/// Errors for the list above a form: of a field in a row, with the row before the message.
pub fn summary(page: &Page, definition: &Definition, errors: &[FieldProblem]) -> Vec<FieldProblem> {
    errors
        .iter()
        .map(|error| {
            let mut parts = error.field.split('.');
            let repeat = parts.next().and_then(|id| definition.field(id)).map(|(_, field)| field);
            let row = parts.next().and_then(|row| row.parse::<usize>().ok());
            match (repeat.filter(|field| field.kind == FieldType::Repeat), row, definition.field_at(&error.field)) {
                (Some(repeat), Some(n), Some((_, field))) => {
                    let place = format!("{}, {}", row_title(page, repeat, n), field.label.get(page.lang()));
                    FieldProblem { message: format!("{place}: {}", error.message), ..error.clone() }
                }
                _ => error.clone(),
            }
        })
        .collect()
}

/// Where to go back to after a button inside a form was pressed, as the part of the address after `#`; `None` when
/// the form was sent by its own button.
///
/// The buttons add a row (`_add`), take one away (`_remove`) or ask for the list under the one that was chosen (`_more`).
pub fn pressed(definition: &Definition, posted: &[(String, String)], facts: &Facts) -> Option<String> {
    let (name, value) = posted.iter().find(|(name, _)| matches!(name.as_str(), "_add" | "_remove" | "_more"))?;
    let id = value.split('.').next().and_then(|id| definition.field(id)).map(|(_, field)| field.id.as_str());
    Some(match id {
        Some(id) if name == "_add" => {
            let rows = facts.answers.get(id).and_then(|rows| rows.as_array()).map_or(0, Vec::len);
            format!("{id}.{}", rows.saturating_sub(1))
        }
        Some(id) if name == "_remove" => id.to_owned(),
        // Of a cascade that may stand in a row the whole name is kept.
        Some(_) if definition.field_at(value).is_some_and(|(_, field)| field.kind == FieldType::Cascade) => {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
            if value.chars().all(plain) { value.clone() } else { String::new() }
        }
        _ => String::new(),
    })
}

/// A row of a summary of answers.
pub struct AnswerHtml {
    pub label: String,
    pub value: String,
    pub files: Vec<FileHtml>,
    /// Words on the source, empty when the person answered.
    pub source: String,
    /// Of a repeat: the answers of each row.
    pub rows: Vec<Vec<AnswerHtml>>,
}

/// Answers of one page of the form.
pub struct PageAnswers {
    pub title: String,
    pub number: usize,
    pub rows: Vec<AnswerHtml>,
}

/// All answers, page by page. `special` says whether the reader may see what is special (health, violence).
pub fn answers(
    page: &Page,
    definition: &Definition,
    facts: &Facts,
    sources: &std::collections::BTreeMap<String, Source>,
    files_base: &str,
    special: bool,
) -> Vec<PageAnswers> {
    let lang = page.lang();
    let mut out = Vec::new();
    for index in definition.asked_pages(facts) {
        let Some(form) = definition.pages().get(index) else { continue };
        let views = definition.visible_fields(index, facts);
        let reader = Reader { page, definition, facts, sources, files_base, special };
        let rows = views.iter().filter_map(|view| answer(&reader, view)).collect();
        out.push(PageAnswers { title: form.title.get(lang).into_owned(), number: index + 1, rows });
    }
    out
}

/// Who reads answers, and where they come from.
struct Reader<'a> {
    page: &'a Page,
    definition: &'a Definition,
    facts: &'a Facts,
    sources: &'a std::collections::BTreeMap<String, Source>,
    files_base: &'a str,
    special: bool,
}

/// An answer as it is read; `None` when there is none, or when the reader may not see it.
fn answer(reader: &Reader<'_>, view: &FieldView<'_>) -> Option<AnswerHtml> {
    let Reader { page, definition, facts, sources, files_base, special } = *reader;
    let lang = page.lang();
    if view.field.kind == FieldType::Note || (view.field.privacy == definition::Privacy::Special && !special) {
        return None;
    }
    let value = view.value.as_ref()?;
    let mut html = AnswerHtml {
        label: view.field.label.get(lang).into_owned(),
        value: String::new(),
        files: Vec::new(),
        source: view.source.map_or_else(|| verified_words(page, view), |name| source_words(page, name, sources)),
        rows: Vec::new(),
    };
    match view.field.kind {
        FieldType::File => {
            html.files = files::answers(Some(value)).iter().map(|file| file_html(page, file, files_base)).collect();
            (!html.files.is_empty()).then_some(html)
        }
        FieldType::Repeat => {
            let row = |row: &Vec<FieldView<'_>>| -> Vec<AnswerHtml> {
                row.iter().filter_map(|view| answer(reader, view)).collect()
            };
            html.rows = view.rows.iter().map(row).filter(|row| !row.is_empty()).collect();
            (!html.rows.is_empty()).then_some(html)
        }
        _ => {
            html.value = definition.view_text(view, facts, lang).filter(|text| !text.trim().is_empty())?;
            Some(html)
        }
    }
}

/// For whom somebody acts, in words: "for a child: …"; empty = for themselves.
pub fn behalf_words(t: &T, represented: Option<&definition::Represented>) -> String {
    use definition::BehalfKind;
    let Some(one) = represented else { return String::new() };
    let name = one.full_name();
    match one.kind {
        BehalfKind::Child => t.t1("applications-for-child", "name", name),
        BehalfKind::Ward => t.t1("applications-for-ward", "name", name),
        BehalfKind::Attorney => t.t2("applications-for-attorney", "name", name, "number", one.ground.as_str()),
        BehalfKind::Organisation => t.t3(
            "applications-for-organisation",
            "name",
            name,
            "stir",
            one.stir.map_or_else(String::new, |stir| stir.as_str().to_owned()),
            "role",
            one.ground.as_str(),
        ),
    }
}

/// An entry of the history of a case.
#[derive(Debug)]
pub struct EntryHtml {
    pub title: String,
    pub when: String,
    pub who: String,
    pub text: String,
    /// `done`, `now`, `next`, `stopped`.
    pub state: &'static str,
    pub files: Vec<FileHtml>,
}

/// Name of a unit: the agency and, of a territorial unit, the place.
pub fn unit_name(ctx: &Ctx, lang: Lang, unit: &UnitRef) -> String {
    let agency = ctx
        .refdata
        .agency(unit.agency())
        .map_or_else(|| unit.agency().to_owned(), |agency| agency.name.get(lang).into_owned());
    match kernel::person::Soato::parse(unit.area()) {
        Ok(soato) => format!("{agency}, {}", ctx.refdata.place_name(&soato).get(lang)),
        Err(_) => agency,
    }
}

/// The history of a case in plain words. `staff` shows also what concerns only officials.
pub fn history(
    page: &Page,
    definition: &Definition,
    case: &Case,
    stored: &[Stored],
    staff: bool,
    files_base: &str,
) -> Vec<EntryHtml> {
    let lang = page.lang();
    let ctx = page.ctx();
    let mut out: Vec<EntryHtml> = Vec::new();
    let mut present = None;
    let task_title = |id: kernel::id::TaskId| {
        stored.iter().find_map(|row| match &row.recorded.event {
            Event::Entered(entered) => match &entered.place {
                Place::Tasks { tasks, .. } => tasks.iter().find(|task| task.id == id).cloned(),
                _ => None,
            },
            Event::Asked { task } if task.id == id => Some(task.clone()),
            _ => None,
        })
    };
    for row in stored {
        let recorded = &row.recorded;
        let by = match &recorded.by {
            Actor::Applicant => page.t("applications-by-applicant"),
            Actor::System => page.t("applications-by-system"),
            Actor::Official { name, unit, .. } => {
                if staff {
                    format!("{name}, {}", unit_name(ctx, lang, unit))
                } else {
                    unit_name(ctx, lang, unit)
                }
            }
        };
        let mut entry = EntryHtml {
            title: String::new(),
            when: page.t.datetime(&recorded.at),
            who: by,
            text: String::new(),
            state: "done",
            files: Vec::new(),
        };
        match &recorded.event {
            Event::Submitted(_) => entry.title = page.t("applications-event-submitted"),
            Event::Entered(entered) => {
                let state = definition.state(&entered.state);
                entry.title = state.map_or_else(|| entered.state.clone(), |state| state.title.get(lang).into_owned());
                let reason = entered.reason.as_deref().and_then(|code| definition.reason(code));
                let mut words = Vec::new();
                if let Some(reason) = reason {
                    words.push(format!("{} ({})", reason.text.get(lang), reason.article.get(lang)));
                } else if entered.silence {
                    words.push(page.t("applications-reason-silence"));
                }
                words.extend(entered.comment.clone());
                if let Some(name) = &entered.proposed_by {
                    words.push(if staff {
                        page.t1("applications-event-proposed-by", "name", name)
                    } else {
                        page.t("applications-event-two-persons")
                    });
                }
                entry.text = words.join("\n");
                entry.files = entered.files.iter().map(|file| file_html(page, file, files_base)).collect();
                if matches!(entered.place, Place::Refused { .. } | Place::Withdrawn | Place::Expired) {
                    entry.state = "stopped";
                }
            }
            Event::Assigned { officer, name } => {
                if !staff && officer.is_none() {
                    continue;
                }
                entry.title = if officer.is_some() {
                    page.t1("applications-event-assigned", "name", name)
                } else {
                    page.t("applications-event-unassigned")
                };
                if !staff {
                    entry.who = String::new();
                }
            }
            Event::Paid { amount, .. } => {
                entry.title = page.t1("applications-event-paid", "amount", page.t.money(amount));
                entry.who = String::new();
            }
            Event::Asked { task } => {
                entry.title = page.t1("applications-event-asked", "unit", unit_name(ctx, lang, &task.unit));
                if staff {
                    entry.text.clone_from(&task.question);
                }
            }
            Event::TaskClosed { task, positive, comment } => {
                let title = task_title(*task).map_or_else(String::new, |task| task.title.get(lang).into_owned());
                entry.title = page.t1(
                    if *positive { "applications-event-task-yes" } else { "applications-event-task-no" },
                    "title",
                    title,
                );
                if staff {
                    entry.text.clone_from(comment);
                }
            }
            Event::Voted { in_favour, comment, name, .. } => {
                if !staff {
                    continue;
                }
                entry.title = page.t1(
                    if *in_favour { "applications-event-vote-yes" } else { "applications-event-vote-no" },
                    "name",
                    name,
                );
                entry.text.clone_from(comment);
            }
            Event::Upgraded { .. } => {
                entry.title = page.t("applications-event-upgraded");
                entry.who = String::new();
            }
            Event::Corrected { comment, .. } => {
                entry.title = page.t("applications-event-corrected");
                entry.text.clone_from(comment);
            }
            Event::DecisionRead => entry.title = page.t("applications-event-read"),
            Event::Appealed { text, .. } => {
                entry.title = page.t("applications-event-appealed");
                entry.text.clone_from(text);
            }
            Event::AppealDecided { granted, comment } => {
                entry.title = page.t(if *granted {
                    "applications-event-appeal-granted"
                } else {
                    "applications-event-appeal-rejected"
                });
                entry.text.clone_from(comment);
                entry.state = if *granted { "done" } else { "stopped" };
            }
            Event::Rated { stars, comment, answers } => {
                entry.title = page.t1("applications-event-rated", "stars", i64::from(*stars));
                let mut words: Vec<String> = Vec::new();
                for question in definition.spec().quality.iter().flat_map(|quality| &quality.questions) {
                    if let Some(yes) = answers.get(&question.id) {
                        let answer = page.t(if *yes { "applications-yes" } else { "applications-no" });
                        words.push(format!("{} – {answer}", question.text.get(lang)));
                    }
                }
                words.extend((!comment.is_empty()).then(|| comment.clone()));
                entry.text = words.join("\n");
            }
            Event::Proposed { proposal } => {
                if !staff {
                    continue;
                }
                let label = definition.action(&proposal.action).map(|action| action.label.get(lang).into_owned());
                entry.title = page.t2(
                    "applications-event-proposed",
                    "name",
                    proposal.name.as_str(),
                    "action",
                    label.unwrap_or_default(),
                );
                entry.text.clone_from(&proposal.comment);
            }
            Event::ProposalDeclined { name, comment, .. } => {
                if !staff {
                    continue;
                }
                entry.title = page.t1("applications-event-proposal-declined", "name", name);
                entry.text.clone_from(comment);
            }
            Event::Reminded { due, .. } => {
                entry.title = page.t1("applications-event-reminded", "date", page.t.datetime(due));
            }
            Event::TermPassed { then, .. } => {
                entry.title = page.t(match then {
                    AfterTerm::Escalate => "applications-event-term-escalate",
                    AfterTerm::Approve => "applications-event-term-approve",
                    AfterTerm::Refuse => "applications-event-term-refuse",
                });
            }
            Event::Erased { .. } => entry.title = page.t("applications-event-erased"),
        }
        if matches!(recorded.event, Event::Entered(_) | Event::Appealed { .. }) {
            present = Some(out.len());
        }
        out.push(entry);
    }
    // The entry of the state where the case stands is the present one; what follows it (assignment, tasks) is news of it.
    if !case.stage.is_final() {
        if let Some(entry) = present.and_then(|at| out.get_mut(at)) {
            entry.state = "now";
        }
        out.push(EntryHtml {
            title: page.t("applications-event-result"),
            when: case
                .due()
                .map_or_else(String::new, |due| page.t1("applications-by-date", "date", page.t.datetime(&due))),
            who: String::new(),
            text: String::new(),
            state: "next",
            files: Vec::new(),
        });
    }
    out
}

/// What happens now, whose turn it is and by when, in plain words.
pub struct NowHtml {
    pub title: String,
    pub note: String,
    pub turn: String,
    pub by: String,
    /// Kind of the tag of the state.
    pub tag: &'static str,
    pub status: String,
}

/// The present state of a case in plain words.
///
/// Rule: APP-NOW.
/// Source: issue of the first release: "a timeline that says in plain words what happens now, whose turn it is and by when".
pub fn now(page: &Page, definition: &Definition, case: &Case) -> NowHtml {
    let lang = page.lang();
    let ctx = page.ctx();
    let state = definition.state(&case.state);
    let mut now = NowHtml {
        title: state.map_or_else(String::new, |state| state.title.get(lang).into_owned()),
        note: state.map_or_else(String::new, |state| state.note.get(lang).into_owned()),
        turn: String::new(),
        by: String::new(),
        tag: tag_of(case.stage.status(), case.stage.name()),
        status: page.t(&format!("applications-status-{}", status_key(case.stage.status()))),
    };
    let by = |at: &Timestamp| page.t.datetime(at);
    match &case.stage {
        Stage::Payment { expires, paid, .. } => {
            if !paid {
                now.turn = page.t("applications-turn-you");
                now.by = by(expires);
            }
        }
        Stage::Returned { answer_by, .. } => {
            now.turn = page.t("applications-turn-you");
            now.by = answer_by.as_ref().map_or_else(String::new, by);
        }
        Stage::Work { unit, .. } | Stage::Commission { unit, .. } | Stage::Queue { unit, .. } => {
            now.turn = unit_name(ctx, lang, unit);
            now.by = case.due().as_ref().map_or_else(String::new, by);
        }
        Stage::Appeal { unit, .. } => {
            now.title = page.t("applications-appeal-now");
            now.note = page.t("applications-appeal-now-note");
            now.turn = unit_name(ctx, lang, unit);
            now.by = case.due().as_ref().map_or_else(String::new, by);
        }
        Stage::Tasks { tasks, .. } => {
            let mut units: Vec<String> = tasks
                .iter()
                .filter(|task| task.answer.is_none())
                .map(|task| unit_name(ctx, lang, &task.unit))
                .collect();
            units.dedup();
            now.turn = units.join("; ");
            now.by = case.deadline.due().as_ref().map_or_else(String::new, by);
        }
        Stage::Auto { .. } => now.turn = page.t("applications-by-system"),
        Stage::Moving
        | Stage::Approved { .. }
        | Stage::Refused { .. }
        | Stage::Withdrawn { .. }
        | Stage::Expired { .. } => {}
    }
    now
}

/// Kind of a tag by counter and stage.
pub fn tag_of(status: &str, stage: &str) -> &'static str {
    match (status, stage) {
        (_, "returned" | "payment") => "waiting",
        ("finished", _) => "success",
        ("refused", _) => "danger",
        ("cancelled", _) => "neutral",
        ("new", _) => "new",
        _ => "progress",
    }
}

/// Counters as parts of text keys.
pub fn status_key(status: &str) -> &'static str {
    match status {
        "in_progress" => "in-progress",
        "finished" => "finished",
        "refused" => "refused",
        "awaiting_payment" => "awaiting-payment",
        "cancelled" => "cancelled",
        _ => "new",
    }
}

/// The language's name of a service by its code; the code when it is not published any more.
pub async fn service_title(page: &Page, code: &str) -> String {
    title_of(page.ctx(), &page.t, code).await
}

/// [`service_title`] outside a page.
pub async fn title_of(ctx: &Ctx, t: &T, code: &str) -> String {
    match ctx.ports.catalog.current(ctx, code).await {
        Ok(Some(definition)) => definition.passport().title.get(t.lang()).into_owned(),
        _ => code.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::date_parts;

    #[test]
    fn a_date_is_shown_in_parts_however_it_was_written() {
        let parts = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(date_parts("2026-11-21"), parts("2026", "11", "21"));
        assert_eq!(date_parts("21.11.2026"), parts("2026", "11", "21"));
        assert_eq!(date_parts("kecha"), parts("", "", "kecha"));
    }
}
