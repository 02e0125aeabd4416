//! `peshtoq services`: work with definitions from a terminal and in CI.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use catalog::Sources;
use catalog::domain::class::{Class, class};
use catalog::domain::diff;
use definition::{Definition, Vocabulary};
use kernel::clock::{Clock as _, SystemClock, tashkent_date};
use kernel::lang::Lang;
use refdata::RefData;

use crate::cli::{Services, text};
use crate::config::Config;

/// Runs one of the commands.
///
/// # Errors
/// In words, for the terminal.
pub(crate) async fn run(command: Services) -> Result<(), String> {
    match command {
        Services::Check { dir } => {
            let good = Sources::read(Some(&dir)).map_err(text)?.check(&RefData::shared()).map_err(text)?;
            println!("{}: all {} definitions compile and their golden cases hold", dir.display(), good.len());
            Ok(())
        }
        Services::Diff { before, after, lang } => {
            let lang =
                Lang::parse(&lang).ok_or_else(|| format!("--lang {lang}: allowed are uz, uz-Cyrl, kaa, ru, en"))?;
            print!("{}", difference(&before, &after, lang)?);
            Ok(())
        }
        Services::New { code, owner, out } => {
            let refdata = RefData::shared();
            if refdata.agency(&owner).is_none() {
                return Err(format!("--owner {owner}: no such agency (data/agencies.yaml)"));
            }
            let skeleton = catalog::skeleton(&code, &owner, tashkent_date(SystemClock.now()));
            definition::compile(&skeleton, "the skeleton", &refdata)
                .map_err(|wrong| wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
            match out {
                None => print!("{skeleton}"),
                Some(file) if file.exists() => return Err(format!("{} exists", file.display())),
                Some(file) => {
                    if let Some(dir) = file.parent() {
                        std::fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
                    }
                    std::fs::write(&file, skeleton).map_err(|error| format!("{}: {error}", file.display()))?;
                    println!("{}: fill it in, then `peshtoq services check`", file.display());
                }
            }
            Ok(())
        }
        Services::Export { config, out } => export(config.as_deref(), &out).await,
        Services::Schema => {
            let schema = definition::format_schema();
            println!("{}", serde_json::to_string_pretty(&schema).map_err(text)?);
            Ok(())
        }
    }
}

/// The definitions of a folder, or the one of a file, by code. A file leans on the vocabulary beside its folder, if there
/// is one, else on that of the program.
fn read(path: &Path) -> Result<BTreeMap<String, Definition>, String> {
    let refdata = RefData::shared();
    let list = if path.is_dir() {
        Sources::read(Some(path)).map_err(text)?.check(&refdata).map_err(text)?
    } else {
        let yaml = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let above = path.parent().and_then(Path::parent);
        let shared = Vocabulary::FILES.map(|name| above.and_then(|dir| std::fs::read_to_string(dir.join(name)).ok()));
        let [common, registers, people] = &shared;
        let told =
            |wrong: Vec<definition::Diagnostic>| wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        let vocabulary =
            Vocabulary::read([common.as_deref(), registers.as_deref(), people.as_deref()]).map_err(told)?;
        let name = path.display().to_string();
        vec![definition::compile_with(&yaml, &name, &refdata, &Arc::new(vocabulary)).map_err(told)?]
    };
    Ok(list.into_iter().map(|one| (one.code().as_str().to_owned(), one)).collect())
}

/// What differs, service by service, in words.
fn difference(before: &Path, after: &Path, lang: Lang) -> Result<String, String> {
    let texts = web::i18n::Catalogue::load(&[web::LOCALES, catalog::module().locales]).map_err(text)?;
    let t = texts.lang(lang);
    let (mut old, new) = (read(before)?, read(after)?);
    let refdata = RefData::shared();
    let today = tashkent_date(SystemClock.now());
    let mut out = String::new();
    for (code, is) in &new {
        // Two files are compared with each other, whatever their codes.
        let was = old
            .remove(code)
            .or_else(|| if new.len() == 1 && old.len() == 1 { old.pop_first().map(|(_, one)| one) } else { None });
        let title = is.passport().title.get(lang);
        let Some(was) = was else {
            out.push_str(&format!("{code} {title}: {}\n", Class::First.name()));
            continue;
        };
        if was.version() == is.version() {
            continue;
        }
        out.push_str(&format!("{code} {title}: {}\n", class(Some(was.spec()), is.spec()).name()));
        for change in diff::changes(was.spec(), is.spec(), |channel| refdata.channel_rate(channel.name(), today)) {
            out.push_str(&format!("  [{}] {}\n", change.class.name(), catalog::words(&t, &change)));
        }
    }
    for (code, gone) in old {
        out.push_str(&format!("{code} {}: –\n", gone.passport().title.get(lang)));
    }
    Ok(out)
}

async fn export(config: Option<&Path>, out: &Path) -> Result<(), String> {
    let config = Config::load(config).map_err(text)?;
    let program = crate::cli::build(&config, crate::cli::settings(&config)?).await?;
    let ctx = &program.ctx;
    let every = ctx.ports.catalog.every(ctx).await.map_err(text)?;
    let write = |file: PathBuf, content: &str| {
        if let Some(dir) = file.parent() {
            std::fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
        }
        std::fs::write(&file, content).map_err(|error| format!("{}: {error}", file.display()))
    };
    for definition in &every {
        let yaml = catalog::authoring::text_of(ctx, definition).await.map_err(text)?;
        let dir = out.join(&definition.passport().group);
        write(dir.join(format!("{}.yaml", definition.code())), &yaml)?;
        write(out.join(format!("json/{}.json", definition.code())), definition.canonical_json())?;
    }
    println!("{}: {} definitions", out.display(), every.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with one definition, changed by `edit`.
    fn folder(edit: impl Fn(String) -> String) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let text = catalog::skeleton("9001", "AV", kernel::clock::Date::constant(2026, 11, 23));
        std::fs::create_dir_all(dir.path().join("other")).unwrap();
        std::fs::write(dir.path().join("other/9001.yaml"), edit(text)).unwrap();
        dir
    }

    #[test]
    fn the_difference_of_files_and_of_folders_is_said_in_words() {
        let (before, after) =
            (folder(|text| text), folder(|text| text.replacen("{n: 5, unit: workday}", "{n: 3, unit: workday}", 2)));
        let of_folders = difference(before.path(), after.path(), Lang::En).unwrap();
        let of_folders = of_folders.replace('\u{a0}', " ");
        assert!(of_folders.contains("9001 New service: compatible"), "{of_folders}");
        assert!(of_folders.contains("[compatible] total term: 5 working days → 3 working days"), "{of_folders}");
        let file = |dir: &tempfile::TempDir| dir.path().join("other/9001.yaml");
        assert_eq!(difference(&file(&before), &file(&after), Lang::En).unwrap().replace('\u{a0}', " "), of_folders);
        assert_eq!(difference(before.path(), before.path(), Lang::Uz).unwrap(), "");
    }

    #[tokio::test]
    async fn a_new_definition_compiles_and_no_file_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let out = Some(dir.path().join("other/9002.yaml"));
        let new = || run(Services::New { code: "9002".to_owned(), owner: "AV".to_owned(), out: out.clone() });
        new().await.unwrap();
        run(Services::Check { dir: dir.path().to_owned() }).await.unwrap();
        assert!(new().await.unwrap_err().contains("exists"));
    }
}
