//! `peshtoq`: see `peshtoq --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    server::cli::main()
}
