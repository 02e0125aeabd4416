//! `peshtoq bench`: see [`run`].

/// Runs a bench by name.
pub async fn run(name: &str, postgres: Option<&str>) -> Result<(), String> {
    let _ = postgres;
    Err(format!("bench {name}: allowed is submit, pages"))
}
