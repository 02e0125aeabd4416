//! The rules of law in the code: each has an id, a sentence, a source and a test; `docs/rules.md` lists them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::sh::{Result, root};

/// A rule as its docstring tells it.
pub struct Rule {
    pub id: String,
    pub sentence: String,
    pub source: String,
    /// Name of the function or type.
    pub item: String,
    pub file: String,
    pub line: usize,
    /// Test files or functions that name the item or the id.
    pub tests: Vec<String>,
}

/// Every rule of the workspace, by id.
pub fn all() -> Result<Vec<Rule>> {
    let root = root();
    let mut files = Vec::new();
    rust_files(&root.join("crates"), &mut files);
    files.sort();
    let mut rules = Vec::new();
    let mut tests: Vec<(String, String)> = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let shown = file.strip_prefix(&root).unwrap_or(file).to_string_lossy().into_owned();
        let in_tests = shown.contains("/tests/") || shown.ends_with("/tests.rs");
        let split = if in_tests { 0 } else { text.find("#[cfg(test)]").unwrap_or(text.len()) };
        tests.push((shown.clone(), text[split..].to_owned()));
        collect(&text[..split], &shown, &mut rules);
    }
    for rule in &mut rules {
        let found: BTreeSet<String> = tests
            .iter()
            .filter(|(_, text)| mentions(text, &rule.item) || text.contains(&rule.id))
            .map(|(file, _)| file.clone())
            .collect();
        rule.tests = found.into_iter().collect();
    }
    rules.sort_by(|a, b| (&a.id, &a.file, a.line).cmp(&(&b.id, &b.file, b.line)));
    Ok(rules)
}

/// Whether `word` stands alone in the text.
fn mentions(text: &str, word: &str) -> bool {
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + word.len()..].chars().next();
            let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
            !part(before) && !part(after)
        })
}

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            out.push(path);
        }
    }
}

fn collect(text: &str, file: &str, out: &mut Vec<Rule>) {
    let mut doc: Vec<&str> = Vec::new();
    let mut start = 0;
    for (index, line) in text.lines().enumerate() {
        let plain = line.trim();
        if let Some(said) = plain.strip_prefix("///") {
            if doc.is_empty() {
                start = index + 1;
            }
            doc.push(said.trim());
            continue;
        }
        if plain.starts_with("#[") || (plain.starts_with('"') || plain.starts_with(')')) && !doc.is_empty() {
            continue;
        }
        if !doc.is_empty() {
            for id in doc.iter().filter_map(|line| line.strip_prefix("Rule: ")).flat_map(ids) {
                out.push(Rule {
                    id,
                    sentence: sentence(&doc),
                    source: source(&doc),
                    item: item(plain),
                    file: file.to_owned(),
                    line: start,
                    tests: Vec::new(),
                });
            }
            doc.clear();
        }
    }
}

/// `APP-DUE` of `APP-DUE. Counts …`.
fn ids(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-'))
        .filter(|word| {
            word.contains('-') && word.len() > 4 && word.chars().next().is_some_and(|c| c.is_ascii_uppercase())
        })
        .take(1)
        .map(str::to_owned)
        .collect()
}

fn sentence(doc: &[&str]) -> String {
    let mut text = String::new();
    for line in doc {
        if line.is_empty() || line.starts_with("Rule:") {
            break;
        }
        text.push_str(line);
        text.push(' ');
    }
    text.trim().to_owned()
}

fn source(doc: &[&str]) -> String {
    let mut text = String::new();
    for line in doc.iter().skip_while(|line| !line.starts_with("Source:")) {
        if line.is_empty() || (line.starts_with('#') && !text.is_empty()) {
            break;
        }
        text.push_str(line.trim_start_matches("Source:").trim());
        text.push(' ');
    }
    text.trim().to_owned()
}

/// The name of a declared item.
fn item(line: &str) -> String {
    let words: Vec<&str> =
        line.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    words
        .windows(2)
        .find(|pair| ["fn", "struct", "enum", "const", "static", "trait"].contains(&pair[0]))
        .map_or_else(String::new, |pair| {
            if pair[1] == "fn" { words.last().copied().unwrap_or("") } else { pair[1] }.to_owned()
        })
}

/// The text of `docs/rules.md`.
pub fn document() -> Result<String> {
    let mut text = String::from(
        "# Rules\n\nGenerated by `cargo xtask tidy --write`; search it with `cargo xtask where <word>` (words of the glossary in any language work).\n\n\
         | id | rule | where | tests | source |\n|---|---|---|---|---|\n",
    );
    for rule in all()? {
        let cell = |text: &str| text.replace('|', "\\|");
        let tests =
            rule.tests.iter().map(|t| format!("`{}`", t.trim_start_matches("crates/"))).collect::<Vec<_>>().join(", ");
        let _ = writeln!(
            text,
            "| {} | {} | `{}:{}` | {} | {} |",
            rule.id,
            cell(&rule.sentence),
            rule.file,
            rule.line,
            tests,
            cell(&rule.source)
        );
    }
    Ok(text)
}

/// What is wrong with the rules.
pub fn problems() -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for rule in all()? {
        let place = format!("{}:{}: rule {}", rule.file, rule.line, rule.id);
        if rule.source.is_empty() {
            problems.push(format!("{place} has no source"));
        }
        if rule.tests.is_empty() {
            problems.push(format!("{place} ({}) has no test", rule.item));
        }
    }
    Ok(problems)
}

/// Prints the rules that answer to a word, in English or by a row of the glossary.
pub fn search(word: &str) -> Result {
    let word = word.trim().to_lowercase();
    if word.is_empty() {
        return Err("where <word>: say an id or a word, such as APP-DUE or muddat".to_owned());
    }
    let mut words = vec![word.clone()];
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).unwrap_or_default();
    for row in glossary.lines().filter(|line| line.starts_with('|') && line.to_lowercase().contains(&word)) {
        if let Some(term) = row.split('|').nth(1) {
            words.extend(
                term.to_lowercase().split([',', '(']).map(|part| part.trim_matches([' ', '`', ')']).to_owned()),
            );
        }
    }
    words.retain(|word| word.len() > 2);
    words.dedup();
    let mut found = 0;
    for rule in all()? {
        let text = format!("{} {} {} {}", rule.id, rule.sentence, rule.source, rule.item).to_lowercase();
        if words.iter().any(|word| text.contains(word)) {
            found += 1;
            println!("{}  {}\n    {}:{} ({})", rule.id, rule.sentence, rule.file, rule.line, rule.item);
            println!("    tests: {}\n    source: {}", rule.tests.join(", "), rule.source);
        }
    }
    if found == 0 { Err(format!("no rule answers to {word:?}")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_read_from_its_docstring() {
        let text = "/// When the answer is due.\n///\n/// Counts.\n///\n/// Rule: APP-DUE.\n/// Source: the regulation.\n#[must_use]\npub const fn due_on() {}\n";
        let mut rules = Vec::new();
        collect(text, "x.rs", &mut rules);
        assert_eq!(rules.len(), 1);
        assert_eq!((rules[0].id.as_str(), rules[0].item.as_str()), ("APP-DUE", "due_on"));
        assert_eq!(rules[0].sentence, "When the answer is due.");
        assert_eq!(rules[0].source, "the regulation.");
        assert!(mentions("due_on(x)", "due_on") && !mentions("overdue_on", "due_on"));
    }
}
