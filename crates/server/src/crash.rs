//! The crash test: the server is killed with SIGKILL at random moments while people file applications; afterwards every
//! acknowledged application exists exactly once, no invoice and no notice is doubled, the hash chains hold.
//!
//! Everything is looked at from outside, through the API; only the chains are read in the database.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use kernel::rng::{Rng as _, SystemRng};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::app::Program;
use crate::harness::{Answer, Http, Member, Request, Site};

/// People who file applications at the same time.
const CLIENTS: usize = 16;
/// How long the work after the last kill may take.
const FINISH_TIME: Duration = Duration::from_secs(300);
/// So many seconds without a new notice: longer than the lease of a killed worker's lanes.
const QUIET: u32 = 25;
/// How long a client waits before it tries again while the server is away.
const AGAIN: Duration = Duration::from_millis(25);

/// What the clients and the killer share.
#[derive(Default)]
struct Run {
    stop: AtomicBool,
    acknowledged: AtomicU64,
}

/// Kills so many times and checks. Answers in words what went wrong.
///
/// # Errors
/// The first thing that was lost, doubled or broken.
pub async fn run(kills: u32, postgres: Option<&str>) -> Result<(), String> {
    let site = Site::new(postgres).await?;
    let program = site.program().await?;
    let members = site.people(&program, CLIENTS).await?;
    drop(program);

    let run = Arc::new(Run::default());
    let clients: Vec<_> =
        members.iter().cloned().map(|member| tokio::spawn(client(site.address, member, run.clone()))).collect();
    for kill in 1..=kills {
        let mut server = site.start().await?;
        let before = run.acknowledged.load(Ordering::Relaxed);
        // From the first acknowledgement on, so that every kill meets work.
        for _ in 0..400 {
            let busy = run.acknowledged.load(Ordering::Relaxed) > before;
            if busy || clients.iter().any(JoinHandle::is_finished) {
                break;
            }
            tokio::time::sleep(AGAIN).await;
        }
        tokio::time::sleep(Duration::from_millis(SystemRng.u64() % 800)).await;
        server.kill().await.map_err(|error| format!("the server cannot be killed: {error}"))?;
        let acknowledged = run.acknowledged.load(Ordering::Relaxed);
        println!("  kill {kill}: {} acknowledged since the last", acknowledged - before);
        if clients.iter().any(JoinHandle::is_finished) {
            break;
        }
    }
    run.stop.store(true, Ordering::Relaxed);
    let mut server = site.start().await?;
    let mut filed = Vec::new();
    for (client, member) in clients.into_iter().zip(&members) {
        let receipts = client.await.map_err(|error| error.to_string())??;
        filed.push((member, receipts));
    }
    settle(&site, &filed).await?;
    let (mut cases, mut notices) = (0, 0);
    let mut numbers = BTreeSet::new();
    for (member, receipts) in &filed {
        notices += check(&site, member, receipts).await?;
        cases += receipts.len();
        for number in receipts.values() {
            if !numbers.insert(number.clone()) {
                return Err(format!("the number {number} was given twice"));
            }
        }
    }
    server.kill().await.map_err(|error| error.to_string())?;
    if cases == 0 {
        return Err("nothing was acknowledged at all".to_owned());
    }
    let program = site.program().await?;
    let dead = storage::jobs::list_dead(&program.ctx.db, 10).await.map_err(|error| error.to_string())?;
    if let Some(job) = dead.first() {
        return Err(format!("a job is dead: {} {}", job.key, job.last_error));
    }
    for (member, receipts) in &filed {
        for case in receipts.keys() {
            chain(&program, member, case).await?;
        }
    }
    drop(program);
    site.remove().await;
    println!(
        "{kills} kills: {cases} applications acknowledged, each exists once, with one invoice; {notices} notices, \
         none doubled; all chains hold"
    );
    Ok(())
}

/// One person who files one application after another; answers case id → number of each that was acknowledged.
async fn client(address: SocketAddr, member: Member, run: Arc<Run>) -> Result<BTreeMap<String, String>, String> {
    let mut http = Http::new(address);
    let mut receipts = BTreeMap::new();
    while !run.stop.load(Ordering::Relaxed) {
        let opened = insist(&mut http, &member, "POST", "/api/v1/services/298/drafts", None, Value::Null).await?;
        let draft = text(&opened, "id")?;
        let answers = json!({ "answers": { "record": member.record, "purpose": "study", "consent": true } });
        insist(&mut http, &member, "PATCH", &format!("/api/v1/drafts/{draft}"), None, answers).await?;
        // Sent again with the same key until it is answered: however often, it is one application.
        let key = SystemRng.token(16);
        let path = format!("/api/v1/drafts/{draft}/submit");
        let receipt = insist(&mut http, &member, "POST", &path, Some(&key), json!({ "confirmed": true })).await?;
        receipts.insert(text(&receipt, "case")?, text(&receipt, "number")?);
        run.acknowledged.fetch_add(1, Ordering::Relaxed);
    }
    Ok(receipts)
}

/// Sends a request until it is answered; a refusal is a defect here.
async fn insist(
    http: &mut Http,
    member: &Member,
    method: &str,
    path: &str,
    key: Option<&str>,
    body: Value,
) -> Result<Value, String> {
    let body = (!body.is_null()).then_some(body);
    loop {
        let request = Request { method, path, token: Some(&member.token), key, body: body.clone(), compressed: false };
        match http.send(&request).await {
            Ok(answer @ Answer { status: 200..=299, .. }) => return Ok(answer.json()),
            // Too busy: the answer says to come again.
            Ok(Answer { status: 503 | 429, .. }) | Err(_) => tokio::time::sleep(AGAIN).await,
            Ok(answer) => {
                let words = String::from_utf8_lossy(&answer.body).into_owned();
                return Err(format!("{method} {path} answered {}: {words}", answer.status));
            }
        }
    }
}

/// A text of a JSON object.
///
/// # Errors
/// When it is missing.
pub(crate) fn text(value: &Value, name: &str) -> Result<String, String> {
    value.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| format!("{name} is missing in {value}"))
}

/// Every item of a list, page by page.
async fn all(http: &mut Http, member: &Member, list: &str) -> Result<Vec<Value>, String> {
    let mut items = Vec::new();
    let mut path = format!("/api/v1/{list}");
    loop {
        let page = insist(http, member, "GET", &path, None, Value::Null).await?;
        items.extend(page.get("items").and_then(Value::as_array).cloned().unwrap_or_default());
        match page.get("next").and_then(Value::as_str) {
            Some(next) => path = format!("/api/v1/{list}?before={next}"),
            None => return Ok(items),
        }
    }
}

/// Waits until no more notices come, so that a late repetition is seen too.
async fn settle(site: &Site, filed: &[(&Member, BTreeMap<String, String>)]) -> Result<(), String> {
    let mut http = Http::new(site.address);
    let finish = tokio::time::Instant::now() + FINISH_TIME;
    let (mut before, mut quiet) = (0, 0);
    while quiet < QUIET {
        if tokio::time::Instant::now() > finish {
            return Err("the notices do not come to an end".to_owned());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut count = 0;
        for (member, _) in filed {
            count += all(&mut http, member, "messages").await?.len();
        }
        quiet = if count == before { quiet + 1 } else { 0 };
        before = count;
    }
    Ok(())
}

/// What one person finds: exactly the acknowledged cases, one invoice for each, no notice twice. Answers how many
/// notices.
async fn check(site: &Site, member: &Member, receipts: &BTreeMap<String, String>) -> Result<usize, String> {
    let mut http = Http::new(site.address);
    let mut found = BTreeMap::new();
    for case in all(&mut http, member, "cases").await? {
        if found.insert(text(&case, "id")?, text(&case, "number")?).is_some() {
            return Err(format!("a case is listed twice: {case}"));
        }
    }
    for (case, number) in receipts {
        match found.get(case) {
            Some(same) if same == number => {}
            Some(other) => return Err(format!("case {case} was acknowledged as {number} and is {other}")),
            None => return Err(format!("case {case} ({number}) was acknowledged and is lost")),
        }
    }
    if found.len() != receipts.len() {
        let (exist, said) = (found.len(), receipts.len());
        return Err(format!("{exist} cases exist, {said} were acknowledged: one was filed twice"));
    }
    let finish = tokio::time::Instant::now() + FINISH_TIME;
    loop {
        let mut invoiced = BTreeSet::new();
        for invoice in all(&mut http, member, "invoices").await? {
            if !invoiced.insert(text(&invoice, "case")?) {
                return Err(format!("a case has two invoices: {invoice}"));
            }
        }
        let mut said = BTreeSet::new();
        for message in all(&mut http, member, "messages").await? {
            // A notice names its case by the link and says one thing: the same twice is a repetition.
            let link = message.get("link").map(Value::to_string);
            if !said.insert((text(&message, "title")?, text(&message, "body")?, link)) {
                return Err(format!("a notice was doubled: {message}"));
            }
        }
        if invoiced.len() == receipts.len() && said.len() >= receipts.len() {
            return Ok(said.len());
        }
        if tokio::time::Instant::now() > finish {
            return Err(format!(
                "{} cases have {} invoices and {} notices, and no more come",
                receipts.len(),
                invoiced.len(),
                said.len()
            ));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The events of a case follow each other, each bound to the one before by its hash: loading it checks that.
async fn chain(program: &Program, member: &Member, case: &str) -> Result<(), String> {
    let id = case.parse().map_err(|_| format!("{case} is no id"))?;
    match applications::store::case(&program.ctx.db, member.subject, id).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(format!("case {case} has no events")),
        Err(error) => Err(format!("case {case}: {error}")),
    }
}
