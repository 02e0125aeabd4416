//! `peshtoq bench`: figures as ratios within one run, because figures of different machines or hours say nothing.
//!
//! `submit`: whole journeys (open the form, save, submit, look at the receipt) over HTTP against a server process of its
//! own, and durable submissions by the use case alone, each beside the ceiling, which is the same rows written by the bare
//! driver. `pages`: public pages of the catalogue
//! beside the framework answering the same bytes from memory. `catalogue`: start, memory and passports with a thousand services.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use applications::service::submit::Submission;
use applications::service::{drafts, submit};
use contracts::{Channel, Ctx};
use kernel::lang::Lang;
use kernel::rng::{Rng as _, SystemRng};
use serde_json::{Map, Value, json};
use storage::bench::{Figures, Round, Tap, ceiling, cpu_time, replay};
use storage::{Batch, Db};

use crate::harness::{Answer, Http, Member, Request, Site};

/// How many act at once.
const CLIENTS: [usize; 3] = [1, 16, 64];
/// The most of them.
const MOST: usize = 64;
/// How long each figure of a running server is measured.
const MEASURE: Duration = Duration::from_secs(6);
/// Before that, so that caches are warm.
const WARM_UP: Duration = Duration::from_secs(2);
/// Journeys whose batches are written again by the bare driver.
const TAPPED: usize = 15 * MOST;
/// Rounds in which every client's people submit once each.
const SUBMITTED: usize = 30;
/// Interleaved rounds; the median counts.
const ROUNDS: usize = 3;
/// With this in the environment the process is the plain server that pages are compared with.
const ECHO: &str = "BENCH_ECHO";

/// Runs a bench by name.
///
/// # Errors
/// When the name is unknown, or the program fails under the bench.
pub async fn run(name: &str, postgres: Option<&str>) -> Result<(), String> {
    match name {
        "submit" => {
            submissions(None).await?;
            match postgres {
                Some(server) => submissions(Some(server)).await,
                None => {
                    println!("SKIPPED postgres: no server was given");
                    Ok(())
                }
            }
        }
        "pages" => pages().await,
        "catalogue" => catalogue().await,
        "echo" => echo().await,
        "identity" => crate::bench_identity::run().await,
        other => Err(format!("bench {other}: allowed is submit, pages, catalogue, identity")),
    }
}

async fn submissions(postgres: Option<&str>) -> Result<(), String> {
    let engine = if postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    println!("{engine}: a journey = open the form, save the answers, submit, look at the receipt");
    let batches = tap(postgres).await?;
    let commits = batches.len() as f64 / TAPPED as f64;
    for clients in CLIENTS {
        // Keeping the batches costs time too, so they are kept in a run of their own.
        let rounds = durable_submissions(postgres, clients, true).await?.rounds;
        let Submissions { per_second: ours, cpu, .. } = durable_submissions(postgres, clients, false).await?;
        let written: usize = rounds.iter().skip(1).map(|round| round.timed.len()).sum();
        let each = written as f64 / (SUBMITTED * MOST) as f64;
        let mut bare = Vec::new();
        for _ in 0..ROUNDS {
            let site = Site::new(postgres).await?;
            let db = Db::open(&site.database).await.map_err(text)?;
            db.migrate(&crate::app::migrations()).await.map_err(text)?;
            drop(db);
            // The first round is not measured here either.
            let mut again = rounds.clone();
            let first = std::mem::take(&mut again[0]);
            again[1].before.splice(0..0, first.before.into_iter().chain(first.timed));
            bare.push(ceiling(&site.database, again, clients).await.map_err(text)?);
            site.remove().await;
        }
        let bare = median(bare).per_second() / each;
        println!(
            "  {clients:>2} clients: {ours:>6.0} submissions/s by the use case, {:.0} CPU-µs each in this process · the \
             same rows by the bare driver {bare:.0}/s · ratio {:.2}",
            cpu.as_secs_f64() * 1e6 / (SUBMITTED * MOST) as f64,
            ours / bare,
        );
    }

    let site = Site::new(postgres).await?;
    let program = site.program().await?;
    let members = site.people(&program, MOST).await?;
    drop(program);
    let mut server = site.start().await?;
    let pid = server.id().ok_or("the server has ended")?;
    for clients in CLIENTS {
        journeys(site.address, &members[..clients], WARM_UP).await?;
        let (cpu, written) = (cpu_time(Some(pid)), commits_of(site.address).await?);
        let (count, elapsed) = journeys(site.address, &members[..clients], MEASURE).await?;
        let cpu = cpu_time(Some(pid)).saturating_sub(cpu).as_secs_f64() * 1e3 / count.max(1) as f64;
        let written = (commits_of(site.address).await? - written) / count.max(1) as f64;
        let ours = count as f64 / elapsed.as_secs_f64();
        let (bare, through) = written_again(postgres, &batches, clients).await?;
        let (bare, through) = (bare.per_second() / commits, through.per_second() / commits);
        println!(
            "  {clients:>2} clients: {ours:>6.0} journeys/s, {cpu:.2} CPU-ms and {written:.1} commits each in the server · \
             the same rows: bare driver {bare:.0}/s, through storage {through:.0}/s (ratio {:.2}) · \
             journeys to the bare driver: {:.2}",
            through / bare,
            ours / bare,
        );
    }
    println!("  memory of the server after it: {} MB", resident(pid));
    server.kill().await.map_err(text)?;
    site.remove().await;
    Ok(())
}

/// Does journeys in this process and keeps every batch that they commit.
async fn tap(postgres: Option<&str>) -> Result<Vec<Batch>, String> {
    let site = Site::new(postgres).await?;
    let program = site.program().await?;
    let members = site.people(&program, MOST).await?;
    let tap = program.ctx.db.tap();
    let acting = members.iter().map(|member| {
        let ctx = &program.ctx;
        async move {
            for _ in 0..TAPPED / MOST {
                journey(ctx, member).await?;
            }
            Ok::<(), String>(())
        }
    });
    futures_util::future::try_join_all(acting).await?;
    let batches = tap.take();
    drop(program);
    site.remove().await;
    Ok(batches)
}

/// One journey by the use cases themselves, without HTTP.
async fn journey(ctx: &Ctx, member: &Member) -> Result<(), String> {
    let submission = prepared(ctx, member).await?;
    submit::submit(ctx, member.subject, &submission).await.map_err(text)?;
    Ok(())
}

/// A form that is filled in, ready to be sent.
async fn prepared(ctx: &Ctx, member: &Member) -> Result<Submission, String> {
    let opened = drafts::start(ctx, member.subject, "298", Channel::Api).await.map_err(text)?;
    let id = opened.draft.id;
    drafts::save_json(ctx, member.subject, id, &answers(member), None).await.map_err(text)?;
    Ok(Submission { draft: id, confirmed: true, lang: Lang::Uz, key: Some(SystemRng.token(16)) })
}

/// What [`durable_submissions`] tells.
struct Submissions {
    /// Durable submissions a second.
    per_second: f64,
    /// Processor time of this process while it did so.
    cpu: Duration,
    /// For each round what was committed before it (the forms), and what by it; empty when nothing is kept.
    rounds: Vec<Round>,
}

/// Submits forms that are filled in already. Rounds, because a person has one open form of a service at a time; the first
/// is not measured.
async fn durable_submissions(postgres: Option<&str>, clients: usize, keep: bool) -> Result<Submissions, String> {
    let site = Site::new(postgres).await?;
    let program = site.program().await?;
    let members = site.people(&program, MOST).await?;
    let tap = keep.then(|| program.ctx.db.tap());
    let kept = || tap.as_ref().map(Tap::take).unwrap_or_default();
    let (mut elapsed, mut cpu, mut rounds) = (Duration::ZERO, Duration::ZERO, Vec::new());
    for round in 0..=SUBMITTED {
        let mut ready: Vec<Vec<(Member, Submission)>> = (0..clients).map(|_| Vec::new()).collect();
        for (n, member) in members.iter().enumerate() {
            ready[n % clients].push((member.clone(), prepared(&program.ctx, member).await?));
        }
        let filled = kept();
        let (started, before) = (Instant::now(), cpu_time(None));
        let acting: Vec<_> = ready
            .into_iter()
            .map(|share| {
                let ctx = program.ctx.clone();
                tokio::spawn(async move {
                    for (member, submission) in share {
                        submit::submit(&ctx, member.subject, &submission).await.map_err(text)?;
                    }
                    Ok::<(), String>(())
                })
            })
            .collect();
        for one in acting {
            one.await.map_err(text)??;
        }
        // The first round fills caches and prepares statements.
        if round > 0 {
            elapsed += started.elapsed();
            cpu += cpu_time(None).saturating_sub(before);
        }
        rounds.push(Round { before: filled, timed: kept() });
    }
    drop(program);
    site.remove().await;
    Ok(Submissions { per_second: (SUBMITTED * MOST) as f64 / elapsed.as_secs_f64(), cpu, rounds })
}

fn answers(member: &Member) -> Map<String, Value> {
    [("record", json!(member.record)), ("purpose", json!("study")), ("consent", json!(true))]
        .into_iter()
        .map(|(field, answer)| (field.to_owned(), answer))
        .collect()
}

/// Writes the batches into fresh databases: by the bare driver, and through storage.
async fn written_again(
    postgres: Option<&str>,
    batches: &[Batch],
    clients: usize,
) -> Result<(Figures, Figures), String> {
    let (mut bare, mut through) = (Vec::new(), Vec::new());
    let whole = Round { before: Vec::new(), timed: batches.to_vec() };
    for _ in 0..ROUNDS {
        for with_driver in [true, false] {
            let site = Site::new(postgres).await?;
            let db = Db::open(&site.database).await.map_err(text)?;
            db.migrate(&crate::app::migrations()).await.map_err(text)?;
            if with_driver {
                drop(db);
                bare.push(ceiling(&site.database, vec![whole.clone()], clients).await.map_err(text)?);
            } else {
                through.push(replay(&db, batches.to_vec(), clients).await.map_err(text)?);
                drop(db);
            }
            site.remove().await;
        }
    }
    Ok((median(bare), median(through)))
}

fn median(mut figures: Vec<Figures>) -> Figures {
    figures.sort_by(|a, b| a.per_second().total_cmp(&b.per_second()));
    figures[figures.len() / 2]
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Journeys of people who act at the same time, for a while; answers how many were finished.
async fn journeys(address: SocketAddr, members: &[Member], time: Duration) -> Result<(u64, Duration), String> {
    let stop = Arc::new(AtomicBool::new(false));
    let started = Instant::now();
    let acting: Vec<_> = members
        .iter()
        .cloned()
        .map(|member| {
            let stop = stop.clone();
            tokio::spawn(async move {
                let mut http = Http::new(address);
                let mut done = 0_u64;
                while !stop.load(Ordering::Relaxed) {
                    over_http(&mut http, &member).await?;
                    done += 1;
                }
                Ok::<u64, String>(done)
            })
        })
        .collect();
    tokio::time::sleep(time).await;
    stop.store(true, Ordering::Relaxed);
    let mut count = 0;
    for one in acting {
        count += one.await.map_err(text)??;
    }
    Ok((count, started.elapsed()))
}

async fn over_http(http: &mut Http, member: &Member) -> Result<(), String> {
    let opened = ask(http, member, "POST", "/api/v1/services/298/drafts", None).await?;
    let draft = crate::crash::text(&opened, "id")?;
    let body = json!({ "answers": answers(member) });
    ask(http, member, "PATCH", &format!("/api/v1/drafts/{draft}"), Some(body)).await?;
    let path = format!("/api/v1/drafts/{draft}/submit");
    let receipt = ask(http, member, "POST", &path, Some(json!({ "confirmed": true }))).await?;
    let case = crate::crash::text(&receipt, "case")?;
    ask(http, member, "GET", &format!("/api/v1/cases/{case}"), None).await?;
    Ok(())
}

async fn ask(http: &mut Http, member: &Member, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
    let key = SystemRng.token(16);
    let key = body.is_some().then_some(key.as_str());
    let request = Request { method, path, token: Some(&member.token), key, body, compressed: false };
    match http.send(&request).await {
        Ok(answer @ Answer { status: 200..=299, .. }) => Ok(answer.json()),
        Ok(answer) => {
            Err(format!("{method} {path} answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body)))
        }
        Err(error) => Err(format!("{method} {path}: {error}")),
    }
}

/// Commits of a server so far, with those of its worker, as `/metrics` tells.
async fn commits_of(address: SocketAddr) -> Result<f64, String> {
    let answer = Http::new(address).send(&Request::get("/metrics")).await.map_err(text)?;
    let shown = String::from_utf8_lossy(&answer.body).into_owned();
    let counts = shown.lines().filter(|line| line.starts_with("peshtoq_storage_commits_total"));
    Ok(counts.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
}

/// Resident memory of a process in megabytes, as `/proc` tells.
fn resident(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

async fn pages() -> Result<(), String> {
    let site = Site::new(None).await?;
    drop(site.program().await?);
    let mut server = site.start().await?;
    let pid = server.id().ok_or("the server has ended")?;
    println!("public pages at 16 clients, compressed, beside the framework answering the same bytes from memory");
    for path in ["/uz", "/uz/services", "/uz/services/298", "/ru/services/298"] {
        let request = Request { compressed: true, ..Request::get(path) };
        let page = Http::new(site.address).send(&request).await.map_err(|error| format!("{path}: {error}"))?;
        if page.status != 200 {
            return Err(format!("{path} answered {}", page.status));
        }
        let file = std::env::temp_dir().join(format!("peshtoq-echo-{}", SystemRng.token(9)));
        std::fs::write(&file, &page.body).map_err(text)?;
        let (mut plain, plain_address) = start_echo(&file).await?;
        let plain_pid = plain.id().ok_or("the plain server has ended")?;
        // Interleaved, so that a busy neighbour hits both.
        let (mut ours, mut theirs) = (Load::default(), Load::default());
        for _ in 0..ROUNDS {
            ours.add(&load(site.address, path, pid).await?);
            theirs.add(&load(plain_address, path, plain_pid).await?);
        }
        println!(
            "  {path:<18} {:>6} bytes {:<4}: {:>6.0}/s, {:>3.0} CPU-µs · framework {:>6.0}/s, {:>3.0} CPU-µs · \
             ratio {:.2} by rate, {:.2} by CPU",
            page.body.len(),
            page.encoding,
            ours.per_second(),
            ours.cpu_micros(),
            theirs.per_second(),
            theirs.cpu_micros(),
            ours.per_second() / theirs.per_second(),
            theirs.cpu_micros() / ours.cpu_micros(),
        );
        let _ = plain.kill().await;
        let _ = std::fs::remove_file(&file);
    }
    println!("  memory of the server after it: {} MB", resident(pid));
    server.kill().await.map_err(text)?;
    site.remove().await;
    Ok(())
}

/// Services in the generated catalogue.
const SERVICES: usize = 1000;
/// Passports that are asked for once, each for the first time.
const COLD: usize = 300;
/// Requests for one passport that is kept already.
const KEPT: usize = 5000;

/// A folder of generated definitions: those of the program again and again, each under a number of its own.
fn generated() -> Result<std::path::PathBuf, String> {
    let dir = std::env::temp_dir().join(format!("peshtoq-services-{}", SystemRng.token(9)));
    let sources = catalog::Sources::read(None).map_err(text)?;
    let originals: Vec<(&str, &str)> = sources.texts().collect();
    for n in 0..SERVICES {
        let (name, yaml) = originals[n % originals.len()];
        let code = format!("{}", 10_000 + n);
        let changed: Vec<String> = yaml
            .lines()
            .map(|line| if line.starts_with("code:") { format!("code: \"{code}\"") } else { line.to_owned() })
            .collect();
        let group = std::path::Path::new(name).parent().ok_or("a definition lies in a folder")?;
        std::fs::create_dir_all(dir.join(group)).map_err(text)?;
        std::fs::write(dir.join(group).join(format!("{code}.yaml")), changed.join("\n")).map_err(text)?;
    }
    Ok(dir)
}

/// Start, memory and passports with a thousand services.
async fn catalogue() -> Result<(), String> {
    let folder = generated()?;
    let site = Site::new(None).await?;
    site.serve_folder(&folder)?;
    println!("{SERVICES} generated definitions, SQLite");
    let start = async |what: &str| -> Result<tokio::process::Child, String> {
        let started = Instant::now();
        let server = site.start().await?;
        let pid = server.id().ok_or("the server has ended")?;
        println!(
            "  {what:<46} ready after {:>5.2} s, {:>5.2} CPU-s, {} MB",
            started.elapsed().as_secs_f64(),
            cpu_time(Some(pid)).as_secs_f64(),
            resident(pid)
        );
        Ok(server)
    };
    let mut server = start("first start, everything is compiled").await?;
    server.kill().await.map_err(text)?;
    let mut server = start("start, nothing has changed").await?;
    server.kill().await.map_err(text)?;
    let one = std::fs::read_dir(&folder)
        .map_err(text)?
        .flatten()
        .find_map(|group| std::fs::read_dir(group.path()).ok()?.flatten().next().map(|file| file.path()))
        .ok_or("the folder is empty")?;
    let changed = std::fs::read_to_string(&one).map_err(text)? + "\n# changed\n";
    std::fs::write(&one, changed).map_err(text)?;
    let mut server = start("start, one definition has changed").await?;
    let pid = server.id().ok_or("the server has ended")?;
    let mut http = Http::new(site.address);
    let ask = async |http: &mut Http, path: &str| -> Result<(), String> {
        let request = Request { compressed: true, ..Request::get(path) };
        let answer = http.send(&request).await.map_err(text)?;
        if answer.status == 200 { Ok(()) } else { Err(format!("{path} answered {}", answer.status)) }
    };
    // The first page of all draws in what every page needs.
    ask(&mut http, "/uz/services").await?;
    let before = cpu_time(Some(pid));
    for n in 0..COLD {
        ask(&mut http, &format!("/uz/services/{}", 10_000 + n)).await?;
    }
    let cold = cpu_time(Some(pid)).saturating_sub(before).as_secs_f64() * 1e3 / COLD as f64;
    let before = cpu_time(Some(pid));
    for _ in 0..KEPT {
        ask(&mut http, "/uz/services/10000").await?;
    }
    let kept = cpu_time(Some(pid)).saturating_sub(before).as_secs_f64() * 1e3 / KEPT as f64;
    println!("  a passport, rendered and packed: {cold:.2} CPU-ms · kept: {kept:.3} CPU-ms");
    println!("  memory of the server after it: {} MB", resident(pid));
    server.kill().await.map_err(text)?;
    let _ = std::fs::remove_dir_all(&folder);
    site.remove().await;
    Ok(())
}

/// Answers of a server in some time.
#[derive(Default)]
struct Load {
    count: u64,
    elapsed: Duration,
    cpu: Duration,
}

impl Load {
    fn add(&mut self, other: &Load) {
        self.count += other.count;
        self.elapsed += other.elapsed;
        self.cpu += other.cpu;
    }

    fn per_second(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    fn cpu_micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.count.max(1) as f64
    }
}

/// Asks for one page over 16 connections for a while.
async fn load(address: SocketAddr, path: &str, pid: u32) -> Result<Load, String> {
    let stop = Arc::new(AtomicBool::new(false));
    let (started, cpu) = (Instant::now(), cpu_time(Some(pid)));
    let asking: Vec<_> = (0..16)
        .map(|_| {
            let (stop, path) = (stop.clone(), path.to_owned());
            tokio::spawn(async move {
                let mut http = Http::new(address);
                let request = Request { compressed: true, ..Request::get(&path) };
                let mut done = 0_u64;
                while !stop.load(Ordering::Relaxed) {
                    let answer = http.send(&request).await.map_err(text)?;
                    if answer.status != 200 {
                        return Err(format!("{path} answered {}", answer.status));
                    }
                    done += 1;
                }
                Ok(done)
            })
        })
        .collect();
    tokio::time::sleep(WARM_UP).await;
    stop.store(true, Ordering::Relaxed);
    let mut count = 0;
    for one in asking {
        count += one.await.map_err(text)??;
    }
    Ok(Load { count, elapsed: started.elapsed(), cpu: cpu_time(Some(pid)).saturating_sub(cpu) })
}

async fn start_echo(file: &std::path::Path) -> Result<(tokio::process::Child, SocketAddr), String> {
    use tokio::io::AsyncBufReadExt as _;
    let program = std::env::current_exe().map_err(text)?;
    let mut child = tokio::process::Command::new(program)
        .args(["bench", "echo"])
        .env(ECHO, file)
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(text)?;
    let output = child.stdout.take().ok_or("the plain server says nothing")?;
    let mut line = String::new();
    tokio::io::BufReader::new(output).read_line(&mut line).await.map_err(text)?;
    let address = line.trim().parse().map_err(|_| format!("the plain server says {line:?}"))?;
    Ok((child, address))
}

/// The framework with one handler that answers bytes from memory, whatever the path.
async fn echo() -> Result<(), String> {
    let file = std::env::var_os(ECHO).ok_or("bench echo is started by bench pages")?;
    let body = axum::body::Bytes::from(std::fs::read(file).map_err(text)?);
    let answer = move || {
        let body = body.clone();
        async move { ([("content-type", "text/html; charset=utf-8"), ("content-encoding", "br")], body) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(text)?;
    println!("{}", listener.local_addr().map_err(text)?);
    axum::serve(listener, axum::Router::new().fallback(answer)).await.map_err(text)
}
