//! Configuration: one table of keys, read from a TOML file and the environment, refused in words when wrong.
//!
//! The environment wins over the file: `PESHTOQ_PAYMENTS__PAYME__KEY` is `payments.payme.key`. `DATABASE_URL` is `database.url`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use figment::value::Value;

/// What a value must look like.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Text,
    /// A file or folder.
    Path,
    /// `host:port`.
    Address,
    /// `http://…` or `https://…`, without a slash at the end.
    Url,
    /// `sqlite:PATH` or `postgres://…`.
    Database,
    /// A whole number within bounds.
    Number(i64, i64),
    /// One of the words.
    OneOf(&'static [&'static str]),
    /// Several of the words, separated by commas.
    SomeOf(&'static [&'static str]),
    /// Not shown in messages.
    Secret,
}

/// A key of the configuration.
#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    /// `None`: need not be given; `Some`: taken when it is not.
    pub default: Option<&'static str>,
    pub help: &'static str,
}

macro_rules! key {
    ($name:literal, $kind:expr, $default:expr, $help:literal) => {
        Key { name: $name, kind: $kind, default: $default, help: $help }
    };
}

/// Every key that exists.
pub const KEYS: &[Key] = &[
    key!("listen", Kind::Address, Some("127.0.0.1:8080"), "Address to listen on"),
    key!("public_url", Kind::Url, Some("http://127.0.0.1:8080"), "Address under which people reach the portal"),
    key!(
        "database.url",
        Kind::Database,
        Some("sqlite:peshtoq.db"),
        "SQLite file or PostgreSQL server; also DATABASE_URL"
    ),
    key!("data.dir", Kind::Path, Some("data"), "Folder of attachments and documents, encrypted"),
    key!(
        "data.key_file",
        Kind::Path,
        Some("master.key"),
        "File with the master key (64 hexadecimal digits); made at the first start"
    ),
    key!("roles", Kind::SomeOf(&["web", "worker"]), Some("web,worker"), "What this instance does"),
    key!("log", Kind::OneOf(&["error", "warn", "info", "debug"]), Some("info"), "How much is logged"),
    key!("log_format", Kind::OneOf(&["text", "json"]), Some("text"), "How it is logged"),
    key!(
        "limits.connections",
        Kind::Number(16, 1_000_000),
        Some("20000"),
        "Open connections; more wait in the kernel's queue"
    ),
    key!(
        "limits.requests",
        Kind::Number(4, 100_000),
        Some("512"),
        "Requests worked on at once; more are answered 503 with Retry-After"
    ),
    key!(
        "services.dir",
        Kind::Path,
        None,
        "Folder of service definitions instead of the built-in ones; common.yaml, registers.yaml and people.yaml in it replace those of the program"
    ),
    key!(
        "catalog.agency",
        Kind::Text,
        Some("RTV"),
        "Code of the agency whose staff work on the definitions of every agency"
    ),
    key!(
        "server.trusted_proxy",
        Kind::OneOf(&["true", "false"]),
        Some("false"),
        "Whether a proxy of ours stands before us: its X-Forwarded-For then tells the client's address"
    ),
    key!("identity.myid.url", Kind::Url, None, "Base address of MyID; without it nobody is asked for a face"),
    key!("identity.myid.page", Kind::Url, None, "Page of MyID as browsers reach it; the base address when not given"),
    key!("identity.myid.client_id", Kind::Text, None, "Our id at MyID"),
    key!("identity.myid.client_secret", Kind::Secret, None, "Our secret at MyID"),
    key!(
        "identity.passkeys.origin",
        Kind::Url,
        None,
        "Address to which passkeys belong; the public address when not given. Changing its host makes every passkey worthless"
    ),
    key!(
        "identity.secrets.key",
        Kind::Secret,
        None,
        "Key that seals secrets of sign-in (64 hexadecimal digits); derived from the master key when not given"
    ),
    key!(
        "identity.secrets.old",
        Kind::Secret,
        None,
        "Earlier keys of identity.secrets.key, separated by commas: they open and do not seal"
    ),
    key!(
        "notifications.sms.provider",
        Kind::OneOf(&["demo", "playmobile", "eskiz"]),
        Some("demo"),
        "Who sends SMS; demo: shown on the demo phone page"
    ),
    key!("notifications.sms.originator", Kind::Text, None, "Sender name or number"),
    key!("notifications.sms.eskiz.url", Kind::Url, None, "Base address of Eskiz"),
    key!("notifications.sms.eskiz.email", Kind::Text, None, "Login at Eskiz"),
    key!("notifications.sms.eskiz.password", Kind::Secret, None, "Password at Eskiz"),
    key!("notifications.sms.playmobile.url", Kind::Url, None, "Base address of Playmobile"),
    key!("notifications.sms.playmobile.login", Kind::Text, None, "Login at Playmobile"),
    key!("notifications.sms.playmobile.password", Kind::Secret, None, "Password at Playmobile"),
    key!(
        "notifications.email.provider",
        Kind::OneOf(&["demo", "smtp"]),
        Some("demo"),
        "How e-mail is sent; demo: shown on the demo phone page"
    ),
    key!("notifications.email.from", Kind::Text, None, "Sender address"),
    key!("notifications.email.smtp.host", Kind::Text, None, "SMTP server"),
    key!("notifications.email.smtp.port", Kind::Number(1, 65535), None, "Its port"),
    key!("notifications.email.smtp.user", Kind::Text, None, "Login at the SMTP server"),
    key!("notifications.email.smtp.password", Kind::Secret, None, "Password at the SMTP server"),
    key!(
        "notifications.down",
        Kind::SomeOf(&["sms", "email"]),
        None,
        "Ways that are out of order: what goes there waits"
    ),
    key!("registries.down", Kind::Text, None, "Registers that are out of order, separated by commas"),
    key!("registries.timeout_ms", Kind::Number(100, 60_000), None, "How long a register may take, milliseconds"),
    key!(
        "registries.*.url",
        Kind::Url,
        None,
        "Address of a real register instead of the built-in table; * is its name"
    ),
    key!("registries.*.token", Kind::Secret, None, "Bearer token for that register"),
    key!("payments.payme.merchant", Kind::Text, None, "Merchant id at Payme"),
    key!("payments.payme.key", Kind::Secret, None, "Merchant key with which Payme signs in to us"),
    key!("payments.payme.checkout", Kind::Url, None, "Address of the checkout page"),
];

/// A refused configuration: each problem with its key, its value and what is allowed.
#[derive(Debug, thiserror::Error)]
#[error("the configuration is wrong:\n{}", .0.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub Vec<String>);

/// A checked configuration.
#[derive(Clone, Debug)]
pub struct Config {
    values: Arc<BTreeMap<String, String>>,
}

impl Config {
    /// Reads the file (when given) and the environment.
    ///
    /// # Errors
    /// Every unknown key, every value that is not allowed, an unreadable file.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let mut figment = Figment::new();
        if let Some(file) = file {
            if !file.is_file() {
                return Err(ConfigError(vec![format!("--config {}: there is no such file", file.display())]));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        let figment = figment
            .merge(Env::raw().only(&["DATABASE_URL"]).map(|_| "database.url".into()))
            .merge(Env::prefixed("PESHTOQ_").ignore(&["TEST_POSTGRES"]).split("__"));
        let value: Value =
            figment.extract().map_err(|error| ConfigError(error.into_iter().map(|e| e.to_string()).collect()))?;
        let mut given = BTreeMap::new();
        flatten("", &value, &mut given);
        Self::from_values(given)
    }

    /// Checks values by their dotted names and fills in the defaults.
    ///
    /// # Errors
    /// Every unknown key and every value that is not allowed.
    pub fn from_values(given: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        for (name, value) in &given {
            match find(name) {
                None => problems.push(format!("{name}: there is no such key{}", nearest(name))),
                Some(key) => {
                    if let Err(allowed) = check(key.kind, value) {
                        let shown = if matches!(key.kind, Kind::Secret) { "(secret)" } else { value };
                        problems.push(format!("{name} = {shown:?}: allowed is {allowed}"));
                    }
                }
            }
        }
        let needs: [(&str, &str, &[&str]); 3] = [
            (
                "notifications.sms.provider",
                "eskiz",
                &["notifications.sms.eskiz.email", "notifications.sms.eskiz.password", "notifications.sms.originator"],
            ),
            (
                "notifications.sms.provider",
                "playmobile",
                &[
                    "notifications.sms.playmobile.url",
                    "notifications.sms.playmobile.login",
                    "notifications.sms.playmobile.password",
                    "notifications.sms.originator",
                ],
            ),
            ("notifications.email.provider", "smtp", &["notifications.email.smtp.host", "notifications.email.from"]),
        ];
        for (key, value, needed) in needs {
            if given.get(key).is_some_and(|given| given == value) {
                for name in needed.iter().filter(|name| given.get(**name).is_none_or(String::is_empty)) {
                    problems.push(format!("{name}: needed by {key} = {value:?}"));
                }
            }
        }
        if !problems.is_empty() {
            return Err(ConfigError(problems));
        }
        let mut values = given;
        for key in KEYS {
            if let Some(default) = key.default {
                values.entry(key.name.to_owned()).or_insert_with(|| default.to_owned());
            }
        }
        Ok(Self { values: Arc::new(values) })
    }

    /// A value that has a default or was given; empty otherwise.
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(self.get(name))
    }

    pub fn number(&self, name: &str) -> usize {
        self.get(name).parse().unwrap_or_default()
    }

    pub fn has_role(&self, role: &str) -> bool {
        self.get("roles").split(',').any(|given| given.trim() == role)
    }

    pub fn values(&self) -> Arc<BTreeMap<String, String>> {
        self.values.clone()
    }
}

fn flatten(prefix: &str, value: &Value, out: &mut BTreeMap<String, String>) {
    let text = match value {
        Value::Dict(_, dict) => {
            for (name, value) in dict {
                let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&name, value, out);
            }
            return;
        }
        Value::Array(_, items) => items.iter().filter_map(plain).collect::<Vec<_>>().join(","),
        other => plain(other).unwrap_or_default(),
    };
    out.insert(prefix.to_owned(), text);
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.clone()),
        Value::Char(_, c) => Some(c.to_string()),
        Value::Bool(_, b) => Some(b.to_string()),
        Value::Num(_, number) => number
            .to_i128()
            .map(|n| n.to_string())
            .or_else(|| number.to_u128().map(|n| n.to_string()))
            .or_else(|| number.to_f64().map(|n| n.to_string())),
        _ => None,
    }
}

/// `Err` says what is allowed.
fn check(kind: Kind, value: &str) -> Result<(), String> {
    let ok = match kind {
        Kind::Text | Kind::Secret | Kind::Path => !value.is_empty(),
        Kind::Address => value.parse::<SocketAddr>().is_ok(),
        Kind::Url => {
            (value.starts_with("http://") || value.starts_with("https://"))
                && !value.ends_with('/')
                && value.len() > "https://".len()
        }
        Kind::Database => {
            value.strip_prefix("sqlite:").is_some_and(|path| !path.is_empty())
                || value.starts_with("postgres://")
                || value.starts_with("postgresql://")
        }
        Kind::Number(low, high) => value.parse::<i64>().is_ok_and(|n| (low..=high).contains(&n)),
        Kind::OneOf(words) => words.contains(&value),
        Kind::SomeOf(words) => value.split(',').all(|part| words.contains(&part.trim())),
    };
    if ok { Ok(()) } else { Err(allowed(kind)) }
}

/// What values a kind allows, in words.
pub fn allowed(kind: Kind) -> String {
    match kind {
        Kind::Text | Kind::Secret => "a text that is not empty".to_owned(),
        Kind::Path => "a path".to_owned(),
        Kind::Address => "an address and port such as 127.0.0.1:8080".to_owned(),
        Kind::Url => "an http:// or https:// address without a slash at the end".to_owned(),
        Kind::Database => "sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME".to_owned(),
        Kind::Number(low, high) => format!("a whole number from {low} to {high}"),
        Kind::OneOf(words) => format!("one of {}", words.join(", ")),
        Kind::SomeOf(words) => format!("any of {}, separated by commas", words.join(", ")),
    }
}

/// A key by its name; `*` in the table stands for one part of it.
fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| {
        key.name == name
            || key.name.split_once('*').is_some_and(|(before, after)| {
                name.strip_prefix(before)
                    .and_then(|rest| rest.strip_suffix(after))
                    .is_some_and(|part| !part.is_empty() && !part.contains('.'))
            })
    })
}

/// The key that was probably meant.
fn nearest(name: &str) -> String {
    let last = name.rsplit('.').next().unwrap_or(name);
    KEYS.iter()
        .find(|key| key.name.ends_with(last) || key.name.replace(['.', '_'], "") == name.replace(['.', '_', '-'], ""))
        .map_or_else(|| "; `peshtoq config` lists all".to_owned(), |key| format!("; did you mean {}?", key.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(pairs: &[(&str, &str)]) -> Result<Config, String> {
        let given = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::from_values(given).map_err(|error| error.to_string())
    }

    #[test]
    fn a_wrong_value_is_refused_with_key_value_and_what_is_allowed() {
        let error = load(&[("listen", "everywhere"), ("notifications.sms.provider", "pigeon")]).unwrap_err();
        assert!(error.contains(r#"listen = "everywhere": allowed is an address and port"#), "{error}");
        assert!(error.contains(r#"notifications.sms.provider = "pigeon": allowed is one of demo"#), "{error}");
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_one_that_was_meant() {
        let error = load(&[("database_url", "sqlite:x")]).unwrap_err();
        assert!(error.contains("did you mean database.url?"), "{error}");
    }

    #[test]
    fn a_secret_never_appears_in_a_message() {
        let error = load(&[("payments.payme.key", "")]).unwrap_err();
        assert!(error.contains("(secret)"), "{error}");
    }

    #[test]
    fn a_provider_without_its_address_is_refused() {
        let error = load(&[("notifications.sms.provider", "eskiz")]).unwrap_err();
        assert!(error.contains("notifications.sms.eskiz.email: needed by"), "{error}");
    }

    #[test]
    fn a_register_by_any_name_has_an_address() {
        assert!(load(&[("registries.population.url", "https://register.example")]).is_ok());
        assert!(load(&[("registries.population.url", "register")]).is_err());
        assert!(load(&[("registries.a.b.url", "https://register.example")]).is_err());
    }

    #[test]
    fn defaults_make_a_laptop_work() {
        let config = load(&[]).unwrap();
        assert!(config.has_role("web") && config.has_role("worker"));
        assert_eq!(config.get("database.url"), "sqlite:peshtoq.db");
    }
}
