//! The stand-in for MyID as a program of its own.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Parser;
use demo_myid::{Client, Verdict};

/// Plays MyID for demos and tests: the Web SDK's protocol on one side, a page with a "camera" on the other. No face is looked at.
#[derive(Parser)]
#[command(name = "demo-myid", version)]
struct Args {
    /// Address to listen on.
    #[arg(long, env = "DEMO_MYID_LISTEN", default_value = "127.0.0.1:8082")]
    listen: SocketAddr,
    /// Where people go afterwards.
    #[arg(long, env = "DEMO_MYID_RETURN", default_value = "http://127.0.0.1:8080/uz/face/done")]
    back: String,
    /// Secret of the client, whose id is `demo`.
    #[arg(long, env = "DEMO_MYID_SECRET", hide_env_values = true)]
    secret: String,
    /// Verdicts in their order, separated by commas: same, other, photo. Without it the page asks.
    #[arg(long, value_delimiter = ',')]
    script: Vec<Verdict>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let args = Args::parse();
    println!("demo MyID: http://{}", args.listen);
    let client = Client { id: "demo".to_owned(), secret: args.secret, back: args.back };
    let served = async {
        let listener = tokio::net::TcpListener::bind(args.listen).await?;
        demo_myid::serve_on(listener, client, args.script).await
    };
    match served.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("demo MyID: {}: {error}", args.listen);
            ExitCode::FAILURE
        }
    }
}
