//! The demo bank as a program of its own.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;

/// Plays the payment provider for demos and tests: a checkout page on one side, the Payme Merchant API on the other.
/// No real money moves.
#[derive(Parser)]
#[command(name = "demo-bank", version)]
struct Args {
    /// Address to serve the payment page on.
    #[arg(long, env = "DEMO_BANK_LISTEN", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// Address of the merchant's endpoint.
    #[arg(long, env = "DEMO_BANK_MERCHANT", default_value = "http://127.0.0.1:8080/payments/payme")]
    merchant: String,
    /// Key that the merchant gave us.
    #[arg(long, env = "DEMO_BANK_KEY", hide_env_values = true)]
    key: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    println!("demo bank: http://{} → {}", args.listen, args.merchant);
    match demo_bank::serve(args.listen, args.merchant, args.key).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo bank: {}: {error}", args.listen);
            ExitCode::FAILURE
        }
    }
}
