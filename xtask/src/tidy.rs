//! What compilers do not check: the arrows between crates, who owns which table, the SQL that both databases and
//! distributed engines understand, the rooms of a context, rules with source and test, generated documents in step.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::rules;
use crate::sh::{Result, root};

/// Which of our crates a crate may use. A context never uses another.
const PURE: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("refdata", &["kernel"]),
    ("expr", &["kernel"]),
    ("definition", &["kernel", "refdata", "expr"]),
    ("i18n-build", &[]),
    ("storage", &["kernel"]),
    ("contracts", &["kernel", "refdata", "definition", "storage"]),
    ("web", &["kernel", "refdata", "storage", "contracts", "i18n-build"]),
    ("demo-bank", &["kernel"]),
];

/// The bounded contexts.
const CONTEXTS: &[&str] =
    &["catalog", "applications", "identity", "payments", "documents", "notifications", "registries", "provider"];

/// What a context may use besides.
const UNDER_CONTEXTS: &[&str] =
    &["kernel", "refdata", "expr", "definition", "storage", "contracts", "web", "i18n-build"];

/// Words of SQL that one of the engines lacks or that would bind us to one.
const FORBIDDEN_SQL: &[&str] = &[
    "for update",
    "skip locked",
    "listen ",
    "notify ",
    "pg_advisory",
    " serial",
    "identity",
    "nextval",
    "trigger",
    "now()",
    "current_timestamp",
    "ilike",
    "autoincrement",
    " any(",
];

/// Checks everything; with `write`, brings the generated documents up to date first.
pub fn run(write: bool) -> Result {
    let mut problems = Vec::new();
    documents(write, &mut problems)?;
    arrows(&mut problems)?;
    rooms(&mut problems)?;
    sql(&mut problems)?;
    problems.extend(rules::problems()?);
    if problems.is_empty() {
        println!("tidy: all is well");
        return Ok(());
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    Err(format!("tidy: {} problem(s)", problems.len()))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn files(dir: &Path, endings: &[&str], out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, endings, out);
        } else if path.extension().is_some_and(|ext| endings.iter().any(|ending| ext == *ending)) {
            out.push(path);
        }
    }
    out.sort();
}

fn crates() -> Result<Vec<String>> {
    let mut names: Vec<String> = fs::read_dir(root().join("crates"))
        .map_err(|error| error.to_string())?
        .flatten()
        .filter(|entry| entry.path().join("Cargo.toml").exists())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}

/// Our crates that a crate uses when it is built (not by its tests).
fn uses(name: &str, all: &BTreeSet<String>) -> Result<Vec<String>> {
    let manifest = read(&root().join("crates").join(name).join("Cargo.toml"))?;
    let mut section = "";
    let mut used = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            section = line;
        } else if section == "[dependencies]"
            && let Some(dependency) = line.split(['.', ' ', '=']).next().filter(|word| all.contains(*word))
        {
            used.push(dependency.to_owned());
        }
    }
    Ok(used)
}

fn arrows(problems: &mut Vec<String>) -> Result {
    let all: BTreeSet<String> = crates()?.into_iter().collect();
    for name in &all {
        let allowed: Vec<&str> = if let Some((_, allowed)) = PURE.iter().find(|(pure, _)| pure == name) {
            allowed.to_vec()
        } else if CONTEXTS.contains(&name.as_str()) {
            UNDER_CONTEXTS.to_vec()
        } else if name == "server" || name == "testkit" {
            continue;
        } else {
            problems.push(format!("crates/{name}: unknown to tidy: say in xtask/src/tidy.rs what it may use"));
            continue;
        };
        for used in uses(name, &all)? {
            if !allowed.contains(&used.as_str()) {
                problems.push(format!("crates/{name}/Cargo.toml: uses {used}; it may use {}", allowed.join(", ")));
            }
        }
    }
    Ok(())
}

/// `domain` has no async, SQL or HTTP; only `http` knows status codes.
fn rooms(problems: &mut Vec<String>) -> Result {
    for context in CONTEXTS {
        let src = root().join("crates").join(context).join("src");
        let mut sources = Vec::new();
        files(&src, &["rs"], &mut sources);
        for file in sources {
            let shown = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
            let text = read(&file)?;
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let has = |word: &str| text.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(word));
            if shown.contains("/domain/") {
                for word in ["async fn", "axum::", "storage::", "Ctx", "statement!"] {
                    if has(word) {
                        problems.push(format!("{shown}: {word} in domain: rules are pure"));
                    }
                }
            } else if !shown.contains("/http") && has("StatusCode") && !shown.contains("/channels/") {
                problems.push(format!("{shown}: a status code outside http"));
            }
        }
    }
    Ok(())
}

/// Tables start with their context's name, hot tables are keyed by subject, and statements stay within the common subset.
fn sql(problems: &mut Vec<String>) -> Result {
    let owners: Vec<&str> = CONTEXTS.iter().copied().chain(["storage"]).collect();
    let mut tables: BTreeMap<String, String> = BTreeMap::new();
    for owner in &owners {
        let mut migrations = Vec::new();
        files(&root().join("crates").join(owner).join("migrations"), &["sql"], &mut migrations);
        for file in migrations {
            let shown = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
            let text = read(&file)?;
            let plain: String = text
                .lines()
                .map(|line| line.split("--").next().unwrap_or(""))
                .collect::<Vec<_>>()
                .join("\n")
                .to_lowercase();
            forbidden(&plain, &shown, problems);
            for statement in plain.split(';') {
                let Some(at) = statement.find("create table") else { continue };
                let rest = statement[at + "create table".len()..]
                    .trim_start()
                    .trim_start_matches("if not exists")
                    .trim_start();
                let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                if !name.starts_with(&format!("{owner}_")) {
                    problems.push(format!("{shown}: table {name} does not start with {owner}_"));
                }
                if let Some(subject) = rest.find("subject_id ") {
                    let key =
                        rest.find("primary key").map(|at| rest[at..].trim_start_matches("primary key").trim_start());
                    let first = rest[subject..].lines().next().is_some_and(|line| line.contains("primary key"));
                    let keyed = first
                        || key.is_some_and(|key| key.trim_start_matches('(').trim_start().starts_with("subject_id"));
                    // A table with another key says why in a comment that starts so.
                    if !keyed && !text.contains(&format!("keyed otherwise: {name}")) {
                        problems.push(format!(
                            "{shown}: table {name} has subject_id but its primary key does not start with it; \
                             if that is meant, say so: `-- keyed otherwise: {name}: why`"
                        ));
                    }
                }
                tables.insert(name, (*owner).to_owned());
            }
        }
    }
    for owner in &owners {
        let mut sources = Vec::new();
        files(&root().join("crates").join(owner).join("src"), &["rs"], &mut sources);
        for file in sources {
            let shown = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
            let text = read(&file)?;
            let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_lowercase();
            for statement in text.split("statement!").skip(1) {
                let end = statement
                    .find("\");")
                    .map_or(statement.len(), |at| at + 1)
                    .min(statement.find("\"\n);").map_or(usize::MAX, |at| at + 1));
                let statement = &statement[..end.min(statement.len())];
                let Some(sql) = statement.find('"').map(|at| &statement[at..]) else { continue };
                forbidden(sql, &shown, problems);
                for word in sql.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
                    if let Some(of) = tables.get(word).filter(|of| of != owner) {
                        problems.push(format!("{shown}: reads or writes {word}, which belongs to {of}"));
                    }
                }
            }
        }
    }
    Ok(())
}

fn forbidden(sql: &str, shown: &str, problems: &mut Vec<String>) {
    for word in FORBIDDEN_SQL {
        if sql.contains(word) && !(*word == "identity" && sql.contains("identity_")) {
            problems.push(format!("{shown}: SQL uses `{}`: not in the common subset", word.trim()));
        }
    }
}

const MAP_START: &str = "<!-- map: generated by `cargo xtask tidy --write` -->";
const MAP_END: &str = "<!-- end of map -->";

fn documents(write: bool, problems: &mut Vec<String>) -> Result {
    let rules_file = root().join("docs/rules.md");
    let architecture_file = root().join("ARCHITECTURE.md");
    let wanted_rules = rules::document()?;
    let architecture = read(&architecture_file)?;
    let (Some(start), Some(end)) = (architecture.find(MAP_START), architecture.find(MAP_END)) else {
        problems.push(format!("ARCHITECTURE.md: the marks {MAP_START} and {MAP_END} are missing"));
        return Ok(());
    };
    let wanted = format!("{}{MAP_START}\n{}{}", &architecture[..start], map()?, &architecture[end..]);
    if write {
        fs::write(&rules_file, &wanted_rules).map_err(|error| error.to_string())?;
        fs::write(&architecture_file, &wanted).map_err(|error| error.to_string())?;
        return Ok(());
    }
    if read(&rules_file).unwrap_or_default() != wanted_rules {
        problems.push("docs/rules.md is not fresh: cargo xtask tidy --write".to_owned());
    }
    if architecture != wanted {
        problems.push("the map in ARCHITECTURE.md is not fresh: cargo xtask tidy --write".to_owned());
    }
    Ok(())
}

/// Crate, what it is, what it uses.
fn map() -> Result<String> {
    let all: BTreeSet<String> = crates()?.into_iter().collect();
    let mut text = String::from("\n| crate | what it is | uses |\n|---|---|---|\n");
    for name in &all {
        let lib = read(&root().join("crates").join(name).join("src/lib.rs"))?;
        let what: Vec<&str> = lib
            .lines()
            .map_while(|line| line.strip_prefix("//!"))
            .map(str::trim)
            .take_while(|line| !line.is_empty())
            .collect();
        let _ = writeln!(text, "| `{name}` | {} | {} |", what.join(" "), uses(name, &all)?.join(", "));
    }
    text.push('\n');
    Ok(text)
}
