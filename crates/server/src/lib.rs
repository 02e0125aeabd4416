//! The program: list of modules, wiring of ports, configuration, command line; nothing else.
//!
//! Where things are: `app.rs` wiring · `cli.rs`, `services.rs` commands · `config.rs` the table of keys · `serve.rs` the listener ·
//! `demo.rs` invented people at work · `pages.rs` pages about the program · `metrics.rs` · `crash.rs`, `bench.rs`, `harness.rs` load from outside.

pub mod app;
pub mod bench;
pub mod bench_identity;
pub mod cli;
pub mod config;
pub mod crash;
pub mod demo;
pub mod harness;
pub mod metrics;
mod pages;
pub mod serve;
mod services;

/// The texts of the program's own pages (`server-…`).
pub const LOCALES: &[(&str, &str)] = web::locales!();
