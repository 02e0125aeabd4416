//! `peshtoq crash-test`.

/// Runs it.
pub async fn run(kills: u32, postgres: Option<&str>) -> Result<(), String> {
    let _ = (kills, postgres);
    Err("not built yet".to_owned())
}
