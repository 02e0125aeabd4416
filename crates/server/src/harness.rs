//! A site of its own for the bench and the crash test: a database, a folder, the program in this process or in another.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use contracts::Channel;
use identity::service::{NewPerson, create_person, open_for_person};
use kernel::id::SubjectId;
use kernel::person::random_pinfl;
use kernel::rng::{Rng as _, SystemRng};
use serde_json::Value;
use storage::testing::{create_database, drop_database};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::app::Program;
use crate::config::Config;

/// How long a server may take to answer its first request.
const START_TIME: Duration = Duration::from_secs(90);

/// A database and a folder with their configuration; both are removed by [`Site::remove`].
pub struct Site {
    dir: PathBuf,
    /// Where its server listens.
    pub address: SocketAddr,
    /// Address of the database.
    pub database: String,
    config: Config,
    postgres: Option<(String, String)>,
}

/// A person with a live session.
#[derive(Clone)]
pub struct Member {
    pub subject: SubjectId,
    /// For `Authorization: Bearer …`.
    pub token: String,
    /// An entry of the civil acts that service 298 may be asked for.
    pub record: String,
}

impl Site {
    /// A fresh site on SQLite, or on a new database of a PostgreSQL server.
    ///
    /// # Errors
    /// When folder, port or database cannot be had.
    pub async fn new(postgres: Option<&str>) -> Result<Self, String> {
        let dir = std::env::temp_dir().join(format!("peshtoq-site-{}", SystemRng.token(9)));
        std::fs::create_dir_all(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
        let (database, postgres) = match postgres {
            None => (format!("sqlite:{}", dir.join("peshtoq.db").display()), None),
            Some(server) => {
                let (url, name) = create_database(server).await.map_err(|error| error.to_string())?;
                (url, Some((server.to_owned(), name)))
            }
        };
        // The port is free now and stays ours in practice: the system hands the next one to the next who asks.
        let address = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .map_err(|error| format!("no free port: {error}"))?;
        let values: BTreeMap<String, String> = [
            ("listen", address.to_string()),
            ("public_url", format!("http://{address}")),
            ("database.url", database.clone()),
            ("data.dir", dir.join("blobs").display().to_string()),
            ("data.key_file", dir.join("master.key").display().to_string()),
            ("log", "error".to_owned()),
            ("payments.payme.merchant", "demo".to_owned()),
            ("payments.payme.key", SystemRng.token(18)),
            ("payments.payme.checkout", "http://127.0.0.1:1/checkout".to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let lines: Vec<String> = values.iter().map(|(name, value)| format!("{name} = {value:?}")).collect();
        std::fs::write(dir.join("peshtoq.toml"), lines.join("\n")).map_err(|error| error.to_string())?;
        let config = Config::from_values(values).map_err(|error| error.to_string())?;
        Ok(Self { dir, address, database, config, postgres })
    }

    /// Serves the definitions of a folder instead of those of the program.
    ///
    /// # Errors
    /// When the configuration cannot be written.
    pub fn serve_folder(&self, folder: &std::path::Path) -> Result<(), String> {
        let file = self.dir.join("peshtoq.toml");
        let mut lines = std::fs::read_to_string(&file).map_err(text)?;
        lines.push_str(&format!("\nservices.dir = {:?}\n", folder.display().to_string()));
        std::fs::write(file, lines).map_err(text)
    }

    /// The program in this process, with its tables made.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub async fn program(&self) -> Result<Program, String> {
        let settings = crate::cli::settings(&self.config)?;
        crate::cli::build(&self.config, settings).await
    }

    /// Fills the registers and makes so many people who may ask for service 298, each signed in: the invented ones, then
    /// doubles of them.
    ///
    /// # Errors
    /// When the invented data are broken or the database fails.
    pub async fn people(&self, program: &Program, count: usize) -> Result<Vec<Member>, String> {
        let ctx = &program.ctx;
        registries::demo::import(ctx).await.map_err(text)?;
        let able: Vec<_> = registries::demo::people()
            .iter()
            .filter_map(|person| {
                let births = person.registers.get("civil_acts")?.get("births")?;
                let record = births.get(0)?.get("record")?.as_str()?.to_owned();
                let pinfl = person.pinfl?;
                Some((person, pinfl, record))
            })
            .collect();
        if able.is_empty() {
            return Err("no invented person may ask for service 298".to_owned());
        }
        let mut members = Vec::new();
        for at in 0..count {
            let (person, own, record) = &able[at % able.len()];
            let (pinfl, passport, phone) = if at < able.len() {
                (*own, person.passport.as_str().to_owned(), person.phone.as_str().to_owned())
            } else {
                let double =
                    random_pinfl(person.birth_date, own.sex(), &SystemRng).ok_or("a birth date has no PINFL")?;
                registries::demo::import_double(ctx, person, &double).await.map_err(text)?;
                (double, format!("ZZ{at:07}"), format!("+99891{at:07}"))
            };
            let new = NewPerson {
                pinfl: Some(pinfl.as_str().to_string()),
                passport,
                surname: person.surname.clone(),
                name: person.name.clone(),
                patronymic: Some(person.patronymic.clone()).filter(|text| !text.is_empty()),
                birth_date: Some(person.birth_date),
                citizenship: person.citizenship.clone(),
                phone,
                email: None,
                lang: person.lang,
                address: person.district.as_ref().map(|soato| soato.as_str().to_owned()),
                reliefs: Vec::new(),
                password: SystemRng.token(12),
            };
            let subject = create_person(ctx, &new).await.map_err(text)?;
            let token = open_for_person(ctx, subject, Channel::Api).await.map_err(text)?;
            let token = token.ok_or("a person who was just made cannot sign in")?;
            members.push(Member { subject, token, record: record.clone() });
        }
        Ok(members)
    }

    /// Starts the server as a process of its own and waits until it answers.
    ///
    /// # Errors
    /// When it ends or does not answer in time.
    pub async fn start(&self) -> Result<Child, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        for (name, _) in std::env::vars().filter(|(name, _)| name == "DATABASE_URL" || name.starts_with("PESHTOQ_")) {
            command.env_remove(name);
        }
        let mut child = command
            .args(["serve", "--config"])
            .arg(self.dir.join("peshtoq.toml"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("the server cannot start: {error}"))?;
        let ready = async {
            let mut http = Http::new(self.address);
            loop {
                if let Ok(Some(status)) = child.try_wait() {
                    return Err(format!("the server ended at its start: {status}"));
                }
                if matches!(http.send(&Request::get("/health/ready")).await, Ok(Answer { status: 200, .. })) {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(START_TIME, ready).await.map_err(|_| "the server does not become ready".to_owned())??;
        Ok(child)
    }

    /// Removes the folder and the database.
    pub async fn remove(self) {
        let _ = std::fs::remove_dir_all(&self.dir);
        if let Some((server, name)) = &self.postgres {
            let _ = drop_database(server, name).await;
        }
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A request to the JSON API.
pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub token: Option<&'a str>,
    /// `Idempotency-Key`
    pub key: Option<&'a str>,
    pub body: Option<Value>,
    /// Whether a compressed answer is welcome, as it is to every browser.
    pub compressed: bool,
}

impl<'a> Request<'a> {
    /// A `GET` without a session.
    pub fn get(path: &'a str) -> Self {
        Self { method: "GET", path, token: None, key: None, body: None, compressed: false }
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// `content-encoding`, empty when there is none.
    pub encoding: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// One connection to the server, made anew when it broke. Speaks as much HTTP/1.1 as our own server answers.
pub struct Http {
    address: SocketAddr,
    stream: Option<BufStream<TcpStream>>,
}

impl Http {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends one request and reads the whole answer.
    ///
    /// # Errors
    /// When the connection breaks: whether the request was acted on is then not known.
    pub async fn send(&mut self, request: &Request<'_>) -> io::Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                BufStream::new(stream)
            }
        };
        let body = request.body.as_ref().map(Value::to_string).unwrap_or_default();
        let mut head = format!("{} {} HTTP/1.1\r\nhost: {}\r\n", request.method, request.path, self.address);
        if let Some(token) = request.token {
            head.push_str(&format!("authorization: Bearer {token}\r\n"));
        }
        if let Some(key) = request.key {
            head.push_str(&format!("idempotency-key: {key}\r\n"));
        }
        if request.body.is_some() {
            head.push_str("content-type: application/json\r\n");
        }
        if request.compressed {
            head.push_str("accept-encoding: gzip, br\r\n");
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        stream.flush().await?;

        let (mut status, mut length, mut chunked, mut close) = (0, 0_usize, false, false);
        let mut encoding = String::new();
        let mut line = String::new();
        loop {
            line.clear();
            if stream.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let text = line.trim_end();
            if text.is_empty() {
                break;
            }
            if status == 0 {
                let word = text.split(' ').nth(1).and_then(|word| word.parse().ok());
                status = word.ok_or(io::ErrorKind::InvalidData)?;
                continue;
            }
            let (name, value) = text.split_once(':').unwrap_or((text, ""));
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().map_err(|_| io::ErrorKind::InvalidData)?,
                "transfer-encoding" => chunked = true,
                "content-encoding" => encoding = value.trim().to_owned(),
                "connection" => close = value.trim().eq_ignore_ascii_case("close"),
                _ => {}
            }
        }
        let mut body = Vec::new();
        if chunked {
            loop {
                line.clear();
                stream.read_line(&mut line).await?;
                let size = usize::from_str_radix(line.trim(), 16).map_err(|_| io::ErrorKind::InvalidData)?;
                let start = body.len();
                body.resize(start + size, 0);
                stream.read_exact(&mut body[start..]).await?;
                line.clear();
                stream.read_line(&mut line).await?;
                if size == 0 {
                    break;
                }
            }
        } else {
            body.resize(length, 0);
            stream.read_exact(&mut body).await?;
        }
        if !close {
            self.stream = Some(stream);
        }
        Ok(Answer { status, encoding, body })
    }
}
