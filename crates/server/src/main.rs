//! `peshtoq`: see `peshtoq --help`.

use std::process::ExitCode;

/// A third of the time of a submission went into the allocator of the C library (`docs/benchmarks.md`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    server::cli::main()
}
