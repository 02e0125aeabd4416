use definition::compile;
use refdata::RefData;

use crate::{files, services};

/// `tests/data/bad/<name>.yaml` gives the diagnostics in `<name>.txt`. With `UPDATE=1` in the environment the texts are
/// written anew, for review by diff.
///
/// The first line of a case is a comment: what is wrong. A file that begins with `# patch <service>` holds lines
/// `- old` and `+ new` (`\n` = a new line), applied to that service of the catalogue, so that a case is only what it is about.
/// Rule DEF-PAGES is among the cases, and rules DEF-YAML and DEF-CYCLE.
#[test]
fn bad_definitions_say_what_is_wrong_and_where() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/bad");
    let mut wrong = Vec::new();
    for path in files(&dir, ".yaml") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let yaml = patched(&std::fs::read_to_string(&path).unwrap(), &name);
        let got = match compile(&yaml, &format!("{name}.yaml"), &RefData::shared()) {
            Ok(_) => "it compiles\n".to_owned(),
            Err(found) => found.iter().map(|diagnostic| format!("{diagnostic}\n")).collect(),
        };
        let expected_path = path.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected_path, &got).unwrap();
        }
        let expected = std::fs::read_to_string(&expected_path).unwrap_or_default();
        if got != expected {
            wrong.push(format!("{name}: expected\n{expected}got\n{got}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn patched(text: &str, name: &str) -> String {
    let Some(service) = text.lines().next().and_then(|line| line.strip_prefix("# patch ")) else {
        return text.to_owned();
    };
    let mut yaml = std::fs::read_to_string(services().join(service.trim())).unwrap();
    let mut old: Option<String> = None;
    for line in text.lines().skip(1) {
        if let Some(line) = line.strip_prefix("- ") {
            old = Some(line.to_owned());
        } else if let (Some(new), Some(before)) = (line.strip_prefix("+ "), old.as_ref()) {
            assert!(yaml.contains(before.as_str()), "{name}: `{before}` is not in {service}");
            yaml = yaml.replacen(before.as_str(), &new.replace("\\n", "\n"), 1);
        }
    }
    yaml
}

#[test]
fn hostile_yaml_is_a_diagnostic_and_never_a_panic() {
    let deep = "[".repeat(100_000);
    let bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c]\n";
    for yaml in ["", "\u{0}", "code: [", "- 1", "null", "code: \"298\"\ncode: \"299\"", &deep, bomb] {
        assert!(compile(yaml, "hostile.yaml", &RefData::shared()).is_err());
    }
}
