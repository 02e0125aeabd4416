//! What must be on the machine: system packages, npm packages, cargo-deny, a PostgreSQL of our own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::sh::{Result, command, exists, output, root, run, say};

/// Programs that tests need, with the Debian package of each.
pub const TEST_PROGRAMS: &[(&str, &str)] = &[
    ("/usr/lib/postgresql", "postgresql"),
    ("/usr/bin/chromium", "chromium"),
    ("pdftotext", "poppler-utils"),
    ("zbarimg", "zbar-tools"),
];

/// Installs missing Debian packages when we may; else names the command.
pub fn packages(wanted: &[(&str, &str)]) -> Result {
    let missing: Vec<&str> =
        wanted.iter().filter(|(program, _)| !exists(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !is_root() || !exists("apt-get") {
        return Err(format!("missing system packages. Install them with:\n  sudo apt-get install -y {list}"));
    }
    say(&format!("installing system packages: {list}"));
    run(command("apt-get", &["update", "-q"]).stdout(Stdio::null()))?;
    let mut install = command("apt-get", &["install", "-y", "-q", "--no-install-recommends"]);
    run(install.args(&missing).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))
}

/// Whether this process may install packages and must give PostgreSQL another user.
pub fn is_root() -> bool {
    output(&mut command("id", &["-u"])).is_ok_and(|text| text.trim() == "0")
}

/// Builds styles and scripts when their sources are newer than what was built.
pub fn web() -> Result {
    let dir = root().join("web");
    let built = dir.join("dist/manifest.json");
    if let (Some(built), Some(source)) = (modified(&built), newest(&dir))
        && built >= source
    {
        return Ok(());
    }
    npm(&dir)?;
    say("building styles and scripts");
    run(command("npm", &["run", "--silent", "build"]).current_dir(&dir))
}

/// Installs the npm packages of a folder as its lock file says, when they are not there yet.
pub fn npm(dir: &Path) -> Result {
    if !exists("npm") {
        return Err(
            "npm is missing: install Node.js 20 or newer (Debian 12 packages an older one: take it from nodejs.org)"
                .to_owned(),
        );
    }
    let stamp = dir.join("node_modules/.package-lock.json");
    if modified(&stamp) >= modified(&dir.join("package-lock.json")) && stamp.exists() {
        return Ok(());
    }
    say(&format!("npm ci in {}", dir.strip_prefix(root()).unwrap_or(dir).display()));
    run(command("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(dir))
}

/// A Python environment of its own in a folder, with one package in it, when it is not there yet.
pub fn python(dir: &Path, package: &str) -> Result {
    let stamp = dir.join("package");
    if fs::read_to_string(&stamp).is_ok_and(|there| there == package) {
        return Ok(());
    }
    if !exists("python3") {
        return Err("python3 is missing: install it with its module venv".to_owned());
    }
    say(&format!("Python environment with {package}"));
    let folder = dir.to_string_lossy().into_owned();
    run(&mut command("python3", &["-m", "venv", "--clear", &folder]))?;
    let pip = dir.join("bin/pip").to_string_lossy().into_owned();
    run(&mut command(&pip, &["install", "--quiet", "--disable-pip-version-check", package]))?;
    fs::write(&stamp, package).map_err(|error| format!("{}: {error}", stamp.display()))
}

/// Licences, bans and sources of the dependencies; advisories where their database can be reached.
pub fn deny() -> Result {
    let program = deny_program()?;
    say("cargo-deny: licences, bans, sources");
    run(&mut command(&program, &["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]))
}

fn deny_program() -> Result<String> {
    let own = root().join("target/tools/bin/cargo-deny");
    if own.exists() {
        return Ok(own.to_string_lossy().into_owned());
    }
    if exists("cargo-deny") {
        return Ok("cargo-deny".to_owned());
    }
    let tools = root().join("target/tools");
    say("installing cargo-deny (some minutes, once)");
    let target = tools.to_string_lossy().into_owned();
    run(&mut command("cargo", &["install", "--quiet", "--locked", "--root", &target, "cargo-deny"]))?;
    Ok(own.to_string_lossy().into_owned())
}

/// A PostgreSQL server of our own, in a temporary folder, gone at the end.
pub struct Postgres {
    dir: PathBuf,
    bin: PathBuf,
    as_root: bool,
    port: u16,
}

impl Postgres {
    /// Starts the newest installed server.
    pub fn start() -> Result<Self> {
        let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .map_err(|_| "PostgreSQL is not installed (Debian: sudo apt-get install -y postgresql)".to_owned())?
            .flatten()
            .map(|entry| entry.path().join("bin"))
            .filter(|bin| bin.join("initdb").exists())
            .collect();
        versions.sort();
        let bin = versions.pop().ok_or("no PostgreSQL server under /usr/lib/postgresql")?;
        let dir = std::env::temp_dir().join(format!("peshtoq-postgres-{}", std::process::id()));
        fs::create_dir_all(&dir).map_err(|error| error.to_string())?;
        let as_root = is_root();
        let port = free_port()?;
        let server = Self { dir, bin, as_root, port };
        say("starting PostgreSQL in a temporary folder");
        if as_root {
            run(command("chown", &["-R", "postgres", &server.dir.to_string_lossy()]).stdout(Stdio::null()))?;
        }
        let data = server.dir.join("data").to_string_lossy().into_owned();
        let initdb = ["-D", data.as_str(), "-U", "peshtoq", "-A", "trust", "-E", "UTF8", "--no-locale"];
        run(server.program("initdb", &initdb).stdout(Stdio::null()))?;
        let options = format!(
            "-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={} -c max_connections=300",
            server.dir.display()
        );
        let log = server.dir.join("log").to_string_lossy().into_owned();
        run(server.program("pg_ctl", &["-D", &data, "-w", "-l", &log, "-o", &options, "start"]).stdout(Stdio::null()))?;
        Ok(server)
    }

    /// Address of its maintenance database, as a superuser.
    pub fn url(&self) -> String {
        format!("postgres://peshtoq@127.0.0.1:{}/postgres", self.port)
    }

    fn program(&self, name: &str, args: &[&str]) -> Command {
        let path = self.bin.join(name).to_string_lossy().into_owned();
        // PostgreSQL refuses to run as root.
        let mut made = if self.as_root {
            let mut all = vec!["-u", "postgres", "--", path.as_str()];
            all.extend(args);
            command("runuser", &all)
        } else {
            command(&path, args)
        };
        made.current_dir(&self.dir);
        made
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.dir.join("data").to_string_lossy().into_owned();
        let _ = run(self.program("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]).stdout(Stdio::null()));
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// A port that nobody listens on now.
pub fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    listener.local_addr().map(|addr| addr.port()).map_err(|error| error.to_string())
}

fn modified(path: &Path) -> Option<std::time::SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// Time of the newest source under `web/`.
fn newest(dir: &Path) -> Option<std::time::SystemTime> {
    let mut latest = None;
    for entry in fs::read_dir(dir).ok()?.flatten() {
        let name = entry.file_name();
        if name == "node_modules" || name == "dist" {
            continue;
        }
        let path = entry.path();
        let time = if path.is_dir() { newest(&path) } else { modified(&path) };
        latest = latest.max(time);
    }
    latest
}
