//! The project's chores: `cargo xtask demo`, `test`, `tidy`, `deny`, `rules`, `where WORD`, `bench NAME`, `web`.
//!
//! No dependency on purpose: this is the first thing that a newcomer compiles.

mod rules;
mod setup;
mod sh;
mod suites;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <task>

  demo [--listen ADDR] [--data DIR]   build what is missing and serve the portal with demo data
  test [--only SUITE]                 everything: unit and storage tests on SQLite and PostgreSQL, stories in Chromium, clients of
                                      the identity provider that others wrote, crash test
                                      suites: rust, web, stories, clients, crash
  tidy                                what compilers do not check: arrows, tables, SQL, generated documents
  tidy --write                        write the generated documents anew (docs/rules.md, the map in ARCHITECTURE.md)
  deny                                licences, bans, sources of the dependencies
  where <word>                        find a rule by id or word: file, line, tests, source
  bench submit | pages | catalogue | identity | expr
                                      figures, as ratios within one run (builds with optimisation)
  bench search                        how many questions of people the search answers, and how fast
  web                                 build styles and scripts
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let rest = args.get(1..).unwrap_or_default();
    let done = match args.first().map(String::as_str) {
        Some("demo") => suites::demo(rest),
        Some("test") => suites::test(rest),
        Some("tidy") => tidy::run(rest.iter().any(|arg| arg == "--write")),
        Some("deny") => setup::deny(),
        Some("where") => rules::search(&rest.join(" ")),
        Some("bench") => suites::bench(rest),
        Some("web") => setup::web(),
        _ => {
            print!("{HELP}");
            return if args.is_empty() || args[0] == "--help" || args[0] == "help" {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(2)
            };
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\nxtask: {problem}");
            ExitCode::FAILURE
        }
    }
}
