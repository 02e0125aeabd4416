//! Fails the build of a context when its texts are incomplete.
//!
//! Called from `build.rs`: `fn main() { i18n_build::check() }`. Checked are the files
//! `locales/{uz,kaa,ru,en}.ftl` (Uzbek in Cyrillic is transliterated when the program loads them):
//!
//! - each parses;
//! - all define the same messages with the same variables;
//! - every literal key that the templates and the source ask for (`.t("…")`, `.t1("…", …)` and so on)
//!   is defined here or, when it starts with `common-`, by `web`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast;

const LANGUAGES: [&str; 4] = ["uz", "kaa", "ru", "en"];

type Keys = BTreeMap<String, BTreeSet<String>>;

/// Checks the crate whose build script runs.
///
/// # Panics
/// With the list of what is wrong: that is how a build script fails.
pub fn check() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let problems = problems(&root);
    for dir in ["locales", "templates", "src"] {
        println!("cargo::rerun-if-changed={}", root.join(dir).display());
    }
    if !problems.is_empty() {
        panic!("\n{}\n", problems.join("\n"));
    }
}

/// Everything that is wrong with the texts of the crate at `root`; empty when all is well.
pub fn problems(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let locales = root.join("locales");
    if !locales.is_dir() {
        return problems;
    }
    let per_language: Vec<(&str, Keys)> =
        LANGUAGES.iter().map(|lang| (*lang, read(&locales.join(format!("{lang}.ftl")), &mut problems))).collect();
    let (first_lang, first) = &per_language[0];
    for (lang, keys) in &per_language[1..] {
        for (key, variables) in first {
            match keys.get(key) {
                None => problems.push(format!("locales/{lang}.ftl: {key} is missing (it is in {first_lang}.ftl)")),
                Some(other) if other != variables => problems
                    .push(format!("locales/{lang}.ftl: {key} uses {other:?}, {first_lang}.ftl uses {variables:?}")),
                Some(_) => {}
            }
        }
        for key in keys.keys().filter(|key| !first.contains_key(*key)) {
            problems.push(format!("locales/{first_lang}.ftl: {key} is missing (it is in {lang}.ftl)"));
        }
    }
    let common = root.parent().map(|crates| crates.join("web/locales/uz.ftl"));
    let mut known: BTreeSet<String> = first.keys().cloned().collect();
    if let Some(common) = common.filter(|path| path.is_file()) {
        known.extend(read(&common, &mut problems).into_keys());
    }
    for dir in ["templates", "src"] {
        for file in files(&root.join(dir)) {
            let Ok(mut text) = fs::read_to_string(&file) else { continue };
            forget_remarks(&mut text);
            for key in asked(&text) {
                if !known.contains(&key) {
                    let shown = file.strip_prefix(root).unwrap_or(&file);
                    problems.push(format!("{}: asks for {key}, which no locale defines", shown.display()));
                }
            }
        }
    }
    problems
}

fn read(path: &Path, problems: &mut Vec<String>) -> Keys {
    let mut keys = Keys::new();
    let Ok(text) = fs::read_to_string(path) else {
        problems.push(format!("{}: missing or not UTF-8", path.display()));
        return keys;
    };
    let resource = match fluent_syntax::parser::parse(text.as_str()) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            for error in errors {
                let line = text[..error.pos.start.min(text.len())].lines().count().max(1);
                problems.push(format!("{}:{line}: {}", path.display(), error.kind));
            }
            resource
        }
    };
    for entry in &resource.body {
        if let ast::Entry::Message(message) = entry {
            let mut variables = BTreeSet::new();
            if let Some(pattern) = &message.value {
                collect(pattern, &mut variables);
            }
            if keys.insert(message.id.name.to_owned(), variables).is_some() {
                problems.push(format!("{}: {} is defined twice", path.display(), message.id.name));
            }
        }
    }
    keys
}

fn collect(pattern: &ast::Pattern<&str>, out: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            expression_variables(expression, out);
        }
    }
}

fn expression_variables(expression: &ast::Expression<&str>, out: &mut BTreeSet<String>) {
    match expression {
        ast::Expression::Inline(inline) => inline_variables(inline, out),
        ast::Expression::Select { selector, variants } => {
            inline_variables(selector, out);
            for variant in variants {
                collect(&variant.value, out);
            }
        }
    }
}

fn inline_variables(inline: &ast::InlineExpression<&str>, out: &mut BTreeSet<String>) {
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            out.insert(id.name.to_owned());
        }
        ast::InlineExpression::Placeable { expression } => expression_variables(expression, out),
        _ => {}
    }
}

/// Takes out what readers never see: remarks of templates, and the tests at the end of a source file.
fn forget_remarks(text: &mut String) {
    if let Some(tests) = text.find("#[cfg(test)]") {
        text.truncate(tests);
    }
    while let Some(start) = text.find("{#") {
        let end = text[start..].find("#}").map_or(text.len(), |length| start + length + 2);
        text.replace_range(start..end, "");
    }
}

/// The literal keys in calls of the translation methods.
fn asked(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for call in [".t(\"", ".t1(\"", ".t2(\"", ".t3(\"", ".t4(\"", ".ta(\""] {
        for (at, _) in text.match_indices(call) {
            let rest = &text[at + call.len()..];
            if let Some(end) = rest.find('"') {
                let key = &rest[..end];
                if !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
                    keys.insert(key.to_owned());
                }
            }
        }
    }
    keys
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else { return out };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            out.extend(files(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs" || ext == "html" || ext == "txt") {
            out.push(path);
        }
    }
    out.sort();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(files: &[(&str, &str)]) -> (std::path::PathBuf, Vec<String>) {
        let root = std::env::temp_dir().join(format!("i18n-build-{}-{}", std::process::id(), files.len()));
        let _ = fs::remove_dir_all(&root);
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let found = problems(&root);
        let _ = fs::remove_dir_all(&root);
        (root, found)
    }

    #[test]
    fn a_key_missing_in_one_language_is_a_problem() {
        let (_, found) = sample(&[
            ("locales/uz.ftl", "a = A\nb = B { $n }\n"),
            ("locales/ru.ftl", "a = А\nb = Б { $n }\n"),
            ("locales/en.ftl", "a = A\nb = B\n"),
            ("locales/kaa.ftl", "a = A\n"),
        ]);
        assert!(found.iter().any(|p| p.contains("kaa.ftl: b is missing")), "{found:?}");
        assert!(found.iter().any(|p| p.contains("en.ftl: b uses")), "{found:?}");
        assert_eq!(found.len(), 2, "{found:?}");
    }

    #[test]
    fn a_key_that_a_template_asks_for_must_exist() {
        let all = "a = A\n";
        let (_, found) = sample(&[
            ("locales/uz.ftl", all),
            ("locales/ru.ftl", all),
            ("locales/en.ftl", all),
            ("locales/kaa.ftl", all),
            ("templates/x.html", r#"{{ page.t("a") }}{{ page.t1("gone", "n", 1) }}"#),
        ]);
        assert_eq!(found, ["templates/x.html: asks for gone, which no locale defines"]);
    }
}
