//! `peshtoq bench identity`: authorization codes changed into tokens over HTTP, with durable grants, beside npm `oidc-provider`
//! with everything in memory (its best case), and beside bare ES256 signatures of the crypto library on one core.
//!
//! An exchange is one POST to the token endpoint: client secret, code, PKCE → access token and ID token. The codes are made
//! beforehand for both. The load comes from this process, on the same machine: what a server did in a second of its own
//! processor time is the figure that does not depend on that.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use futures_util::future::try_join_all;
use kernel::lang::Text;
use kernel::rng::{Rng as _, SystemRng};
use provider::domain::client::{Auth, Client, Grant, SubjectType};
use provider::domain::jose::{Alg, challenge};
use provider::service::{authorize, clients};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use storage::bench::cpu_time;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::harness::Site;

/// Where the peer's `server.mjs` lies, with its packages beside it; `cargo xtask bench identity` says.
const PEER: &str = "PESHTOQ_BENCH_PEER";
/// Connections that ask at the same time.
const CLIENTS: usize = 16;
/// Exchanges that warm up and are not measured.
const WARM: usize = 500;
/// Exchanges that are measured.
const MEASURED: usize = 5000;
/// Interleaved rounds; the median counts.
const ROUNDS: usize = 3;
/// How long bare signatures are made.
const SIGNING: Duration = Duration::from_secs(2);

const REDIRECT: &str = "https://bench.example/back";
const VERIFIER: &str = "a-verifier-of-the-bench-that-is-long-enough-0123456789";

/// What one server did.
struct Figure {
    /// Exchanges a second.
    rate: f64,
    /// Exchanges for each second of the server's processor time.
    by_core: f64,
}

/// Runs the bench.
///
/// # Errors
/// When a server does not start or an exchange is refused.
pub async fn run() -> Result<(), String> {
    let peer = std::env::var_os(PEER).map(PathBuf::from);
    let (mut ours, mut theirs, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(measure_ours().await?);
        if let Some(peer) = &peer {
            theirs.push(measure_peer(peer).await?);
        }
        bare.push(signatures()?);
    }
    let ours = median(ours);
    bare.sort_by(f64::total_cmp);
    let bare = bare[bare.len() / 2];
    println!(
        "an exchange = POST /sso/token: secret, code, PKCE → access token, ID token (ES256), grant durable on SQLite"
    );
    println!(
        "  ours: {:.0} exchanges/s at {CLIENTS} clients, {:.0} per CPU-second of the server",
        ours.rate, ours.by_core
    );
    if theirs.is_empty() {
        println!("SKIPPED oidc-provider: {PEER} does not name its server.mjs");
    } else {
        let theirs = median(theirs);
        println!(
            "  npm oidc-provider, all in memory, nothing durable: {:.0} exchanges/s, {:.0} per CPU-second · ratio {:.1} by rate, \
             {:.1} by CPU",
            theirs.rate,
            theirs.by_core,
            ours.rate / theirs.rate,
            ours.by_core / theirs.by_core,
        );
    }
    println!(
        "  bare ES256 signatures of ring on one core: {bare:.0}/s · an exchange, with one of them in it, per CPU-second: ratio {:.2}",
        ours.by_core / bare,
    );
    Ok(())
}

fn median(mut figures: Vec<Figure>) -> Figure {
    figures.sort_by(|a, b| a.rate.total_cmp(&b.rate));
    let middle = figures.len() / 2;
    figures.swap_remove(middle)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn client() -> Client {
    Client {
        id: "bench".to_owned(),
        name: "Bench".to_owned(),
        owner: "Bench".to_owned(),
        contact: "bench@bench.example".to_owned(),
        purpose: Text::uz("O‘lchash uchun"),
        site: None,
        redirect_uris: vec![REDIRECT.to_owned()],
        post_logout_uris: Vec::new(),
        backchannel_logout_uri: None,
        scopes: vec!["openid".to_owned()],
        grants: vec![Grant::Code],
        auth: Auth::Basic,
        jwks: None,
        subject_type: SubjectType::Pairwise,
        sector_host: None,
        id_token_alg: Alg::Es256,
        require_par: false,
        require_dpop: false,
        least: None,
        consent_days: 365,
        oneid_profile: None,
        introspects: false,
    }
}

async fn measure_ours() -> Result<Figure, String> {
    let site = Site::new(None).await?;
    let program = site.program().await?;
    let member = site.people(&program, 1).await?.pop().ok_or("nobody was made")?;
    let secret = SystemRng.token(32);
    clients::seed(&program.ctx, &client(), Some(&secret)).await.map_err(text)?;
    let principal = program.ctx.ports.sessions.principal(&program.ctx, &member.token).await.map_err(text)?;
    let session = principal.ok_or("the person is not signed in")?.session;
    let challenge = challenge(VERIFIER);
    let mut codes = Vec::with_capacity(WARM + MEASURED);
    while codes.len() < WARM + MEASURED {
        // Side by side, so that they share commits.
        let some = (0..250).map(|_| {
            authorize::code_for_measuring(&program.ctx, "bench", member.subject, session, REDIRECT, &challenge)
        });
        codes.extend(try_join_all(some).await.map_err(text)?);
    }
    drop(program);
    let mut server = site.start().await?;
    let pid = server.id().ok_or("the server has ended")?;
    let figure = exchanges(site.address, pid, "/sso/token", &secret, codes).await;
    server.kill().await.map_err(text)?;
    site.remove().await;
    figure
}

async fn measure_peer(script: &PathBuf) -> Result<Figure, String> {
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(text)?.port();
    let secret = SystemRng.token(32);
    let mut server: Child = Command::new("node")
        .arg(script)
        .args([&port.to_string(), &(WARM + MEASURED).to_string(), &challenge(VERIFIER), REDIRECT, &secret])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("node cannot start: {error}"))?;
    let mut lines = BufReader::new(server.stdout.take().ok_or("no output of node")?).lines();
    let mut codes = Vec::with_capacity(WARM + MEASURED);
    loop {
        match lines.next_line().await.map_err(text)? {
            Some(line) if line == "ready" => break,
            Some(line) => codes.push(line),
            None => return Err("oidc-provider ended at its start".to_owned()),
        }
    }
    let pid = server.id().ok_or("oidc-provider has ended")?;
    let figure = exchanges(SocketAddr::from(([127, 0, 0, 1], port)), pid, "/token", &secret, codes).await;
    server.kill().await.map_err(text)?;
    figure
}

/// Changes all codes into tokens; the first ones warm up.
async fn exchanges(
    address: SocketAddr,
    pid: u32,
    path: &str,
    secret: &str,
    codes: Vec<String>,
) -> Result<Figure, String> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-www-form-urlencoded\r\nauthorization: Basic {}\r\n",
        BASE64.encode(format!("bench:{secret}").as_bytes()),
    );
    let redirect = provider::domain::redirect::encode(REDIRECT);
    let requests: Vec<String> = codes
        .iter()
        .map(|code| {
            let body =
                format!("grant_type=authorization_code&code={code}&redirect_uri={redirect}&code_verifier={VERIFIER}");
            format!("{head}content-length: {}\r\n\r\n{body}", body.len())
        })
        .collect();
    let requests = Arc::new(requests);
    share(address, &requests, 0, WARM).await?;
    let (started, before) = (Instant::now(), cpu_time(Some(pid)));
    share(address, &requests, WARM, requests.len()).await?;
    let (elapsed, spent) = (started.elapsed(), cpu_time(Some(pid)).saturating_sub(before));
    let done = (requests.len() - WARM) as f64;
    Ok(Figure { rate: done / elapsed.as_secs_f64(), by_core: done / spent.as_secs_f64().max(0.01) })
}

async fn share(address: SocketAddr, requests: &Arc<Vec<String>>, from: usize, to: usize) -> Result<(), String> {
    let next = Arc::new(AtomicUsize::new(from));
    let asking: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (next, requests) = (next.clone(), requests.clone());
            tokio::spawn(async move {
                let stream = TcpStream::connect(address).await.map_err(text)?;
                stream.set_nodelay(true).map_err(text)?;
                let mut stream = BufReader::new(stream);
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= to {
                        return Ok::<(), String>(());
                    }
                    exchange(&mut stream, &requests[at]).await?;
                }
            })
        })
        .collect();
    for one in asking {
        one.await.map_err(text)??;
    }
    Ok(())
}

async fn exchange(stream: &mut BufReader<TcpStream>, request: &str) -> Result<(), String> {
    stream.get_mut().write_all(request.as_bytes()).await.map_err(text)?;
    let (mut length, mut line, mut status) = (0, String::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await.map_err(text)? == 0 {
            return Err("the server closed the connection".to_owned());
        }
        if status.is_empty() {
            status = line.trim().to_owned();
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().map_err(text)?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.map_err(text)?;
    let right = status.contains(" 200 ") && body.windows(11).any(|part| part == b"\"id_token\":");
    if right { Ok(()) } else { Err(format!("{status}: {}", String::from_utf8_lossy(&body))) }
}

/// Signatures a second on one core, of claims as long as those of an ID token.
fn signatures() -> Result<f64, String> {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map_err(text)?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).map_err(text)?;
    let message = [b'a'; 560];
    let (started, mut made) = (Instant::now(), 0_u64);
    while started.elapsed() < SIGNING {
        for _ in 0..100 {
            std::hint::black_box(pair.sign(&random, std::hint::black_box(&message)).map_err(text)?);
        }
        made += 100;
    }
    Ok(made as f64 / started.elapsed().as_secs_f64())
}
