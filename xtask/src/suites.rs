//! The two commands of a newcomer, and the bench.

use std::time::Instant;

use crate::setup::{self, Postgres, TEST_PROGRAMS};
use crate::sh::{Result, ci, command, exists, root, run, say};

/// Builds what is missing and serves the portal with demo data.
pub fn demo(args: &[String]) -> Result {
    setup::web()?;
    say("building the portal (the first time takes some minutes)");
    run(&mut command("cargo", &["build", "--package", "server", "--bin", "peshtoq"]))?;
    let mut all = vec!["demo"];
    all.extend(args.iter().map(String::as_str));
    let program = root().join("target/debug/peshtoq").to_string_lossy().into_owned();
    run(&mut command(&program, &all))
}

/// What one suite counted.
struct Count {
    name: &'static str,
    passed: usize,
    failed: usize,
    skipped: usize,
    seconds: u64,
}

/// Runs every suite, or one, and ends with one line of counts.
pub fn test(args: &[String]) -> Result {
    let only = args.iter().position(|arg| arg == "--only").and_then(|at| args.get(at + 1)).map(String::as_str);
    if let Some(name) = only
        && !["rust", "web", "stories", "clients", "crash"].contains(&name)
    {
        return Err(format!("--only {name}: allowed is rust, web, stories, clients, crash"));
    }
    let wanted = |name: &str| only.is_none_or(|only| only == name);
    setup::packages(TEST_PROGRAMS)?;
    setup::web()?;
    let postgres = match Postgres::start() {
        Ok(server) => Some(server),
        Err(problem) if ci() => return Err(problem),
        Err(problem) => {
            eprintln!("SKIPPED postgres: {problem}");
            None
        }
    };
    let url = postgres.as_ref().map(Postgres::url).unwrap_or_default();
    let mut counts = Vec::new();
    if wanted("rust") {
        counts.push(rust(&url)?);
    }
    if wanted("web") {
        setup::npm(&root().join("web"))?;
        say("scripts and colours of the pages");
        counts.push(node("web", &root().join("web"), &["--test", "--test-reporter=spec"])?);
    }
    if wanted("stories") || wanted("clients") || wanted("crash") {
        say("building the program");
        run(&mut command("cargo", &["build", "--package", "server", "--bin", "peshtoq"]))?;
    }
    if wanted("stories") {
        counts.push(stories()?);
    }
    if wanted("clients") {
        counts.push(clients()?);
    }
    if wanted("crash") {
        counts.push(crash(&url)?);
    }
    drop(postgres);
    println!();
    for count in &counts {
        println!(
            "{:<8} {} passed, {} failed, {} skipped ({} s)",
            count.name, count.passed, count.failed, count.skipped, count.seconds
        );
    }
    let sum = |of: fn(&Count) -> usize| counts.iter().map(of).sum::<usize>();
    let failed = sum(|c| c.failed);
    println!("{} passed, {failed} failed, {} skipped", sum(|c| c.passed), sum(|c| c.skipped));
    if failed > 0 {
        return Err("tests failed".to_owned());
    }
    if ci() && sum(|c| c.skipped) > 0 {
        return Err("a suite was skipped under CI".to_owned());
    }
    Ok(())
}

/// Unit, storage and whole-program tests.
fn rust(postgres: &str) -> Result<Count> {
    say("Rust tests on SQLite and PostgreSQL");
    let started = Instant::now();
    let nextest = exists("cargo-nextest");
    let mut tests = if nextest {
        command(
            "cargo",
            &[
                "nextest",
                "run",
                "--workspace",
                "--no-fail-fast",
                "--status-level",
                "fail",
                "--final-status-level",
                "fail",
            ],
        )
    } else {
        command("cargo", &["test", "--workspace", "--no-fail-fast"])
    };
    if !postgres.is_empty() {
        tests.env("PESHTOQ_TEST_POSTGRES", postgres);
    }
    let (ok, text) = tee(&mut tests)?;
    let (mut passed, mut failed) = (0, 0);
    for line in text.lines() {
        if nextest && line.contains(" tests run: ") {
            passed += number_before(line, " passed");
            failed += number_before(line, " failed") + number_before(line, " timed out");
        } else if !nextest && line.starts_with("test result: ") {
            passed += number_before(line, " passed");
            failed += number_before(line, " failed");
        }
    }
    if !ok && failed == 0 {
        return Err("the Rust tests could not be built or run".to_owned());
    }
    Ok(Count {
        name: "rust",
        passed,
        failed,
        skipped: usize::from(postgres.is_empty()),
        seconds: started.elapsed().as_secs(),
    })
}

/// Stories in a real browser.
fn stories() -> Result<Count> {
    let dir = root().join("e2e");
    setup::npm(&dir)?;
    say("stories in Chromium");
    node("stories", &dir, &["--test", "--test-concurrency=1", "--test-reporter=spec", "stories/"])
}

/// Clients of the identity provider that others wrote, unchanged: npm openid-client and oauth4webapi, PyPI fastapi-oneid.
fn clients() -> Result<Count> {
    let dir = root().join("e2e");
    setup::npm(&dir)?;
    if let Err(problem) = setup::python(&dir.join(".venv"), "fastapi-oneid==0.2.0") {
        if ci() {
            return Err(problem);
        }
        // The suite counts the test as skipped.
        eprintln!("SKIPPED fastapi-oneid: {problem}");
    }
    say("clients that others wrote");
    node("clients", &dir, &["--test", "--test-concurrency=1", "--test-reporter=spec", "clients/"])
}

/// Runs Node's own test runner in a folder and reads its closing lines.
fn node(name: &'static str, dir: &std::path::Path, args: &[&str]) -> Result<Count> {
    let started = Instant::now();
    let (ok, text) = tee(command("node", args).current_dir(dir))?;
    let find = |name: &str| {
        text.lines()
            .rev()
            .find_map(|line| {
                let plain = line.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
                plain.strip_prefix(name)?.trim().parse::<usize>().ok()
            })
            .unwrap_or(0)
    };
    let (passed, failed, skipped) = (find("pass "), find("fail "), find("skipped "));
    if !ok && failed == 0 {
        return Err(format!("the suite {name} could not be run"));
    }
    if passed == 0 && failed == 0 {
        return Err(format!("the suite {name} has no test"));
    }
    Ok(Count { name, passed, failed, skipped, seconds: started.elapsed().as_secs() })
}

/// Kills the server at random moments under load, on both databases, and counts what was acknowledged.
fn crash(postgres: &str) -> Result<Count> {
    let started = Instant::now();
    let program = root().join("target/debug/peshtoq").to_string_lossy().into_owned();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (name, url) in [("sqlite", ""), ("postgres", postgres)] {
        if name == "postgres" && postgres.is_empty() {
            skipped += 1;
            continue;
        }
        say(&format!("crash test on {name}: 50 kills"));
        let mut args = vec!["crash-test", "--kills", "50"];
        if !url.is_empty() {
            args.extend(["--postgres", url]);
        }
        match run(&mut command(&program, &args)) {
            Ok(()) => passed += 1,
            Err(problem) => {
                eprintln!("{problem}");
                failed += 1;
            }
        }
    }
    Ok(Count { name: "crash", passed, failed, skipped, seconds: started.elapsed().as_secs() })
}

/// Figures, printed as ratios.
pub fn bench(args: &[String]) -> Result {
    let name = args.first().map_or("submit", String::as_str);
    if name == "expr" {
        say("building with optimisation");
        return run(&mut command("cargo", &["bench", "--package", "expr", "--bench", "rules"]));
    }
    if name == "search" {
        say("building the catalogue with optimisation (takes some minutes the first time)");
        return run(&mut command("cargo", &["bench", "--package", "catalog", "--bench", "search"]));
    }
    if !["submit", "pages", "catalogue", "identity"].contains(&name) {
        return Err(format!("bench {name}: allowed is submit, pages, catalogue, identity, expr, search"));
    }
    setup::web()?;
    let peer = root().join("bench/oidc-provider");
    if name == "identity" {
        setup::npm(&peer)?;
    }
    say("building with optimisation (takes a quarter of an hour the first time)");
    run(&mut command("cargo", &["build", "--release", "--package", "server", "--bin", "peshtoq"]))?;
    let postgres = Postgres::start();
    let program = root().join("target/release/peshtoq").to_string_lossy().into_owned();
    let mut bench = command(&program, &["bench", name]);
    bench.args(&args[1.min(args.len())..]);
    bench.env("PESHTOQ_BENCH_PEER", peer.join("server.mjs"));
    match &postgres {
        Ok(server) => {
            bench.args(["--postgres", &server.url()]);
        }
        Err(problem) => eprintln!("SKIPPED postgres: {problem}"),
    }
    run(&mut bench)
}

/// Runs a program, shows what it prints and keeps it.
fn tee(program: &mut std::process::Command) -> Result<(bool, String)> {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    let shown = format!("{}", program.get_program().to_string_lossy());
    let mut child =
        program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|error| format!("{shown}: {error}"))?;
    let errors = child.stderr.take();
    let reader = std::thread::spawn(move || {
        let mut kept = String::new();
        for line in errors.into_iter().flat_map(|pipe| BufReader::new(pipe).lines().map_while(std::io::Result::ok)) {
            eprintln!("{line}");
            kept.push_str(&line);
            kept.push('\n');
        }
        kept
    });
    let mut text = String::new();
    for line in
        child.stdout.take().into_iter().flat_map(|pipe| BufReader::new(pipe).lines().map_while(std::io::Result::ok))
    {
        println!("{line}");
        text.push_str(&line);
        text.push('\n');
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    text.push_str(&reader.join().unwrap_or_default());
    Ok((status.success(), text))
}

/// `12` of `… 12 passed, …`.
fn number_before(line: &str, word: &str) -> usize {
    line.find(word).and_then(|at| line[..at].rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_the_runners_closing_lines() {
        let line = "     Summary [   9.5s] 312 tests run: 310 passed (2 slow), 2 failed, 0 skipped";
        assert_eq!(number_before(line, " passed"), 310);
        assert_eq!(number_before(line, " failed"), 2);
        assert_eq!(number_before("nothing", " failed"), 0);
    }
}
