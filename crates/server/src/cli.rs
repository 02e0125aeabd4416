//! The command line.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use contracts::Settings;
use kernel::clock::SystemClock;
use kernel::rng::{Rng as _, SystemRng};
use storage::{Blobs, Db};
use tokio::sync::watch;

use crate::app::{Parts, Program};
use crate::config::{Config, KEYS, allowed};
use crate::{demo, metrics, serve};

/// Peshtoq: the unified portal of public services.
#[derive(Parser)]
#[command(name = "peshtoq", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the portal with invented people and cases on embedded SQLite
    ///
    /// Starts the demo bank beside it, as a separate process that knows us only by the payment protocol.
    Demo {
        /// Address to listen on
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: String,
        /// Folder of the data; made and filled when empty. Without it: a temporary folder, removed at the end
        #[arg(long)]
        data: Option<PathBuf>,
        /// Database instead of SQLite in the folder: postgres://…
        #[arg(long)]
        database: Option<String>,
    },
    /// Serve the portal for real
    ///
    /// Configuration comes from the file and from the environment (DATABASE_URL, PESHTOQ_…); `peshtoq config` lists the keys.
    Serve {
        /// Configuration file (TOML)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Bring the tables of the database up to date and end
    Migrate {
        /// Configuration file (TOML)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// List every key of the configuration with what it allows; with a file, check it
    Config {
        /// Configuration file (TOML) to check
        #[arg(long, value_name = "FILE")]
        check: Option<PathBuf>,
    },
    /// Work with service definitions
    Services {
        #[command(subcommand)]
        command: Services,
    },
    /// Make a member of the staff (the first one of an agency); asks for the password on standard input
    Staff {
        /// Configuration file (TOML)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Name to sign in with
        #[arg(long)]
        login: String,
        /// Full name
        #[arg(long)]
        name: String,
        /// Telephone for the one-time codes
        #[arg(long)]
        phone: String,
        /// Unit, such as AV or AV.1726266
        #[arg(long)]
        unit: String,
        /// Roles: official, head, commission, operator, service_author, reviewer, publisher
        #[arg(long, value_delimiter = ',', required = true)]
        roles: Vec<String>,
    },
    /// Stand in for a payment provider: the demo bank
    DemoBank {
        #[arg(long, default_value = "127.0.0.1:8081")]
        listen: String,
        /// Address of the merchant's endpoint
        #[arg(long)]
        merchant: String,
        /// Merchant key
        #[arg(long, env = "PESHTOQ_DEMO_BANK_KEY", hide_env_values = true)]
        key: String,
    },
    /// Stand in for MyID: a page that plays the camera
    DemoMyid {
        #[arg(long, default_value = "127.0.0.1:8082")]
        listen: String,
        /// Where people go afterwards
        #[arg(long)]
        back: String,
        /// Secret of the client `demo`
        #[arg(long, env = "PESHTOQ_DEMO_MYID_SECRET", hide_env_values = true)]
        secret: String,
    },
    /// Measure: figures as ratios within one run
    Bench {
        /// submit, pages or catalogue
        name: String,
        /// A PostgreSQL server to measure on, besides SQLite
        #[arg(long)]
        postgres: Option<String>,
    },
    /// Kill the server at random moments under load and prove from outside that nothing acknowledged was lost
    CrashTest {
        /// How often to kill
        #[arg(long, default_value_t = 50)]
        kills: u32,
        /// A PostgreSQL server instead of SQLite
        #[arg(long)]
        postgres: Option<String>,
    },
}

#[derive(Subcommand)]
pub(crate) enum Services {
    /// Compile every definition of a folder and run its golden cases
    Check {
        /// Folder such as services/
        dir: PathBuf,
    },
    /// Say in words what differs between two definitions: files, or folders of them
    Diff {
        /// The earlier one
        before: PathBuf,
        /// The later one
        after: PathBuf,
        /// Language: uz, uz-Cyrl, kaa, ru, en
        #[arg(long, default_value = "en")]
        lang: String,
    },
    /// Write a commented skeleton of a new service that compiles
    New {
        /// Number of the service
        code: String,
        /// Code of the agency that answers for it
        #[arg(long, default_value = "RTV")]
        owner: String,
        /// File to write; without it: to standard output
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Write what is in force in a database into a folder laid out as services/, a YAML file and the canonical JSON of each
    Export {
        /// Configuration file (TOML)
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Folder to write to
        #[arg(long)]
        out: PathBuf,
    },
    /// Write the JSON Schema (2020-12) of the format of definitions to standard output, for editors
    Schema,
}

/// Runs the command of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot start: {error}")),
    };
    let done = runtime.block_on(run(cli.command));
    // Blocking work that hangs (a resolver, a full disk) must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => fail(&problem),
    }
}

fn fail(problem: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "peshtoq: {problem}");
    ExitCode::FAILURE
}

async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Demo { listen, data, database } => demo_command(&listen, data, database).await,
        Command::Serve { config } => {
            let config = Config::load(config.as_deref()).map_err(text)?;
            init_log(config.get("log"), config.get("log_format") == "json");
            let settings = settings(&config)?;
            // A provider that is not fully described is refused now, not when the first notice waits.
            notifications::channels::Senders::from_settings(&settings).map_err(text)?;
            let program = build(&config, settings).await?;
            run_program(&program, &config).await
        }
        Command::Migrate { config } => {
            let config = Config::load(config.as_deref()).map_err(text)?;
            init_log(config.get("log"), false);
            let db = Db::open(config.get("database.url")).await.map_err(text)?;
            db.migrate(&crate::app::migrations()).await.map_err(text)?;
            println!("the tables are up to date");
            Ok(())
        }
        Command::Config { check } => {
            if let Some(file) = check {
                Config::load(Some(&file)).map_err(text)?;
                println!("{}: good", file.display());
                return Ok(());
            }
            for key in KEYS {
                let default = key.default.map(|value| format!(" (default {value})")).unwrap_or_default();
                println!("{}\n    {}\n    {}{default}", key.name, key.help, allowed(key.kind));
            }
            Ok(())
        }
        Command::Services { command } => crate::services::run(command).await,
        Command::Staff { config, login, name, phone, unit, roles } => {
            let config = Config::load(config.as_deref()).map_err(text)?;
            let settings = settings(&config)?;
            let program = build(&config, settings).await?;
            let roles = roles
                .iter()
                .map(|role| {
                    contracts::Role::parse(role).ok_or_else(|| format!("--roles {role}: allowed are {}", role_names()))
                })
                .collect::<Result<Vec<_>, _>>()?;
            let mut password = String::new();
            std::io::stdin().read_line(&mut password).map_err(text)?;
            let new = identity::service::NewStaff {
                login,
                name,
                phone,
                unit: contracts::UnitRef::parse(&unit),
                roles,
                lang: kernel::lang::Lang::Uz,
                password: password.trim_end_matches(['\r', '\n']).to_owned(),
            };
            identity::service::create_staff(&program.ctx, &new).await.map_err(text)?;
            println!("made");
            Ok(())
        }
        Command::DemoBank { listen, merchant, key } => {
            init_log("warn", false);
            let (listener, address) = serve::bind(&listen).await?;
            println!("demo bank on http://{address}");
            tokio::select! {
                served = demo_bank::serve_on(listener, merchant, key) => served.map_err(text),
                () = serve::asked_to_stop() => Ok(()),
            }
        }
        Command::DemoMyid { listen, back, secret } => {
            init_log("warn", false);
            let (listener, address) = serve::bind(&listen).await?;
            println!("demo MyID on http://{address}");
            let client = demo_myid::Client { id: "demo".to_owned(), secret, back };
            tokio::select! {
                served = demo_myid::serve_on(listener, client, Vec::new()) => served.map_err(text),
                () = serve::asked_to_stop() => Ok(()),
            }
        }
        Command::Bench { name, postgres } => crate::bench::run(&name, postgres.as_deref()).await,
        Command::CrashTest { kills, postgres } => crate::crash::run(kills, postgres.as_deref()).await,
    }
}

fn role_names() -> String {
    contracts::Role::ALL.map(contracts::Role::name).join(", ")
}

pub(crate) fn text(error: impl std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// Logs to standard error. A second call in one process changes nothing.
fn init_log(level: &str, json: bool) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_new(format!("{level},hyper=warn,tokio_postgres=warn")).unwrap_or_default();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = if json { builder.json().try_init() } else { builder.try_init() };
}

pub(crate) fn settings(config: &Config) -> Result<Settings, String> {
    Ok(Settings {
        public_url: config.get("public_url").to_owned(),
        demo: false,
        master_key: master_key(&config.path("data.key_file"))?,
        values: config.values(),
    })
}

/// Reads the master key, or makes it at the first start.
fn master_key(file: &Path) -> Result<[u8; 32], String> {
    let shown = file.display();
    match std::fs::read_to_string(file) {
        Ok(hex) => {
            let hex = hex.trim();
            let mut key = [0; 32];
            let good = hex.len() == 64 && hex.is_ascii();
            for (at, byte) in key.iter_mut().enumerate() {
                let pair = hex.get(2 * at..2 * at + 2).filter(|_| good);
                *byte = pair
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                    .ok_or_else(|| format!("data.key_file = {shown}: allowed is a file with 64 hexadecimal digits"))?;
            }
            Ok(key)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let mut key = [0; 32];
            SystemRng.fill(&mut key);
            let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            if let Some(dir) = file.parent().filter(|dir| !dir.as_os_str().is_empty()) {
                std::fs::create_dir_all(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
            }
            write_private(file, &hex).map_err(|error| format!("data.key_file = {shown}: {error}"))?;
            Ok(key)
        }
        Err(error) => Err(format!("data.key_file = {shown}: {error}")),
    }
}

/// Writes a file that only its owner may read.
fn write_private(file: &Path, content: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut opened = options.open(file)?;
    opened.write_all(content.as_bytes())?;
    opened.sync_all()
}

pub(crate) async fn build(config: &Config, settings: Settings) -> Result<Program, String> {
    metrics::install();
    let url = config.get("database.url");
    let db = Db::open(url).await.map_err(text)?;
    let blobs = Blobs::open(config.path("data.dir"), settings.key("storage.blobs")).map_err(text)?;
    let parts = Parts {
        db,
        blobs,
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng),
        settings,
        requests: config.number("limits.requests"),
    };
    Program::build(parts).await.map_err(text)
}

async fn run_program(program: &Program, config: &Config) -> Result<(), String> {
    if !program.state.assets.is_built() {
        tracing::warn!("styles and scripts are not built in: run `cargo xtask web` and build again");
    }
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(async move {
        serve::asked_to_stop().await;
        let _ = stop.send(true);
    });
    let mut working = None;
    if config.has_role("worker") {
        let worker = program.worker();
        let mut stopped = stopped.clone();
        working = Some(tokio::spawn(async move {
            worker.run(async move { drop(stopped.wait_for(|stop| *stop).await) }).await;
        }));
    }
    if config.has_role("web") {
        let (listener, address) = serve::bind(config.get("listen")).await?;
        tracing::info!(%address, "serving");
        serve::serve(program, listener, config.number("limits.connections"), stopped.clone()).await.map_err(text)?;
    }
    if let Some(working) = working {
        let _ = working.await;
    }
    Ok(())
}

async fn demo_command(listen: &str, data: Option<PathBuf>, database: Option<String>) -> Result<(), String> {
    init_log("warn", false);
    let temporary = data.is_none();
    let dir = data.unwrap_or_else(|| std::env::temp_dir().join(format!("peshtoq-demo-{}", std::process::id())));
    std::fs::create_dir_all(&dir).map_err(|error| format!("--data {}: {error}", dir.display()))?;
    let (listener, address) = serve::bind(listen).await?;
    let bank_listener = serve::bind(&format!("{}:0", address.ip())).await?;
    let bank = format!("http://{}", bank_listener.1);
    drop(bank_listener);
    let myid_listener = serve::bind(&format!("{}:0", address.ip())).await?;
    let myid = format!("http://{}", myid_listener.1);
    drop(myid_listener);
    let myid_secret = SystemRng.token(18);
    let url = format!("http://{address}");
    let database = database.unwrap_or_else(|| format!("sqlite:{}", dir.join("peshtoq.db").display()));
    let key_file = dir.join("master.key");
    let payme_key = SystemRng.token(18);
    let given: BTreeMap<String, String> = [
        ("listen", address.to_string()),
        ("public_url", url.clone()),
        ("database.url", database),
        ("data.dir", dir.join("blobs").display().to_string()),
        ("data.key_file", key_file.display().to_string()),
        ("notifications.sms.provider", "demo".to_owned()),
        ("notifications.email.provider", "demo".to_owned()),
        ("payments.payme.merchant", "demo".to_owned()),
        ("payments.payme.key", payme_key.clone()),
        ("payments.payme.checkout", bank.clone()),
        ("identity.myid.url", myid.clone()),
        ("identity.myid.client_id", "demo".to_owned()),
        ("identity.myid.client_secret", myid_secret.clone()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let config = Config::from_values(given).map_err(text)?;
    let mut settings = settings(&config)?;
    settings.demo = true;
    let program = build(&config, settings).await?;
    let applicants = demo::fill(&program).await?;

    let (stop, stopped) = watch::channel(false);
    let worker = program.worker();
    let mut worker_stopped = stopped.clone();
    let working = tokio::spawn(async move {
        worker.run(async move { drop(worker_stopped.wait_for(|stop| *stop).await) }).await;
    });
    let mut bank_process = start_bank(&bank, &url, &payme_key)?;
    let mut myid_process = start_myid(&myid, &url, &myid_secret)?;
    tokio::spawn(async move {
        serve::asked_to_stop().await;
        let _ = stop.send(true);
    });
    tokio::spawn(demo::pay_some(program.ctx.clone(), applicants, bank.clone()));
    demo::greet(&url, &bank);
    let served = serve::serve(&program, listener, config.number("limits.connections"), stopped).await.map_err(text);
    let _ = bank_process.kill().await;
    let _ = myid_process.kill().await;
    let _ = working.await;
    drop(program);
    if temporary {
        let _ = std::fs::remove_dir_all(&dir);
    }
    served
}

/// The stand-in for MyID as a process of its own: it shares nothing with us but the protocol and the secret.
fn start_myid(myid: &str, portal: &str, secret: &str) -> Result<tokio::process::Child, String> {
    let program = std::env::current_exe().map_err(text)?;
    tokio::process::Command::new(program)
        .args(["demo-myid", "--listen", myid.trim_start_matches("http://"), "--back"])
        .arg(format!("{portal}/face/done"))
        .env("PESHTOQ_DEMO_MYID_SECRET", secret)
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("the demo MyID cannot start: {error}"))
}

/// The demo bank as a process of its own: it shares nothing with us but the protocol and the key.
fn start_bank(bank: &str, merchant: &str, key: &str) -> Result<tokio::process::Child, String> {
    let program = std::env::current_exe().map_err(text)?;
    tokio::process::Command::new(program)
        .args(["demo-bank", "--listen", bank.trim_start_matches("http://"), "--merchant"])
        .arg(format!("{merchant}/payments/payme"))
        .env("PESHTOQ_DEMO_BANK_KEY", key)
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("the demo bank cannot start: {error}"))
}
