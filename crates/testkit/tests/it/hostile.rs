//! No input makes a reader panic, as far as some thousands of tries can tell; `fuzz/README.md` says how to try for longer.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kernel::rng::SeededRng;
use testkit::hostile::{TARGETS, definitions};
use testkit::mutate::{mutated, noise};

/// Inputs for each reader, besides its seeds, …
const INPUTS: usize = 4000;
/// … unless they take longer than this: all readers together stay within fifteen seconds.
const SLICE: Duration = Duration::from_millis(1000);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// How many inputs and how long. `PESHTOQ_FUZZ_SECONDS=60` tries other inputs for a minute each, without a nightly compiler.
fn bounds() -> (usize, Duration, u64) {
    match std::env::var("PESHTOQ_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()) {
        Some(seconds) => (usize::MAX, Duration::from_secs(seconds), seconds),
        None => (INPUTS, SLICE, 0),
    }
}

/// The files of a folder, read, in the order of their names.
fn read_all(dir: &Path) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths.into_iter().filter(|path| path.is_file()).map(|path| fs::read(path).unwrap()).collect()
}

/// The files of `fuzz/corpus/<name>`, and what is too long to be kept twice.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let mut seeds = read_all(&root().join("fuzz/corpus").join(name));
    match name {
        "definition_yaml" => seeds.extend(read_all(&root().join("services/fhdy"))),
        "definition_json" => seeds.extend(definitions().iter().map(|d| d.canonical_json().as_bytes().to_vec())),
        _ => {}
    }
    seeds
}

/// Feeds a reader; fails with the input, written so that it can be pasted, when it panics.
fn feed(name: &str) {
    let (_, body) = TARGETS.iter().find(|(known, _)| *known == name).expect("a reader of this name");
    let seeds = seeds(name);
    let try_one = |input: &[u8]| {
        if catch_unwind(AssertUnwindSafe(|| body(input))).is_err() {
            panic!("{name} fails for b\"{}\"", input.escape_ascii());
        }
    };
    seeds.iter().for_each(|seed| try_one(seed));
    let (inputs, slice, seed) = bounds();
    let rng = SeededRng::new(20_261_121 + seed);
    let started = Instant::now();
    let mut tried = 0;
    while tried < inputs && started.elapsed() < slice {
        let input = if tried % 8 == 0 { noise(&rng) } else { mutated(&seeds, &rng) };
        try_one(&input);
        tried += 1;
    }
    println!("{name}: {} seeds, {tried} inputs", seeds.len());
}

/// One test for each reader, so that they run side by side and are named when they fail.
macro_rules! readers {
    ($($test:ident: $name:ident;)*) => {
        $(
            #[test]
            fn $test() {
                feed(stringify!($name));
            }
        )*

        const TESTED: &[&str] = &[$(stringify!($name)),*];
    };
}

readers! {
    no_text_breaks_the_readers_of_persons_numbers: kernel_person;
    no_text_breaks_the_change_of_script: kernel_script;
    no_text_breaks_expressions: expr_source;
    no_yaml_breaks_the_compiler_of_definitions: definition_yaml;
    no_stored_version_breaks_a_definition: definition_json;
    no_posted_page_breaks_a_form: definition_page;
    no_json_breaks_the_answers: definition_answers;
    no_body_breaks_the_protocol_of_payments: payments_payme;
    no_input_breaks_the_check_of_documents: documents_verify;
    no_body_breaks_the_reader_of_forms: web_form;
    no_header_breaks_the_portal: web_headers;
    no_upload_breaks_the_look_at_files: applications_file;
    no_text_breaks_the_numbers_of_cases: applications_number;
    no_address_breaks_the_checkout: demo_bank_order;
}

#[test]
fn every_reader_is_tested_and_has_seeds_and_a_program_for_the_fuzzer() {
    let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, TESTED);
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    for name in names {
        assert!(!seeds(name).is_empty(), "fuzz/corpus/{name} has no seeds");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "fuzz/Cargo.toml does not name {name}");
        let program = fs::read_to_string(root().join(format!("fuzz/fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("hostile::{name}(")), "fuzz/fuzz_targets/{name}.rs does not call its body");
    }
}

#[test]
fn the_services_that_the_bodies_ask_all_compile() {
    assert_eq!(definitions().len(), 6);
}
