//! `cargo xtask bench search`: how good the search is on the questions of people, and how fast with a thousand services.

use std::time::{Duration, Instant};

use catalog::search::questions::{self, Question};
use catalog::search::{Entry, Search, WordIndex};
use kernel::script::to_cyrillic;

const TUNED: &str = include_str!("../tests/data/search.tsv");
const HELD: &str = include_str!("../tests/data/search-held.tsv");
/// Services of the catalogue that speed is measured with.
const SERVICES: usize = 1_000;
/// Rounds over all questions; the median of a question's rounds counts, as a busy neighbour is not the search.
const ROUNDS: usize = 9;

fn main() {
    let real = match catalog::search_entries() {
        Ok(real) => real,
        Err(err) => {
            eprintln!("the definitions are refused: {err}");
            std::process::exit(1);
        }
    };
    let (tuned, held) = (read(TUNED), read(HELD));
    let index = WordIndex::build(&real);
    println!("{} services", real.len());
    for (name, list) in [("worked on", &tuned), ("held out", &held)] {
        let scores = questions::ask(&index, list);
        println!("  {name}: {}", scores.all);
        for (key, score) in scores.by_lang.iter().chain(&scores.by_kind) {
            println!("    {key:<9} {score}");
        }
    }
    let all: Vec<Question> = tuned.into_iter().chain(held).collect();
    let latin: Vec<Question> = all.iter().filter(|question| question.lang == "uz").cloned().collect();
    let cyrillic: Vec<Question> =
        latin.iter().map(|one| Question { text: to_cyrillic(&one.text), ..one.clone() }).collect();
    let (a, b) = (questions::ask(&index, &latin).all, questions::ask(&index, &cyrillic).all);
    println!("  the same in Latin:    {a}\n  the same in Cyrillic: {b}");
    println!("  gap: {:.1} and {:.1} points", (a.at_1() - b.at_1()).abs() * 100.0, (a.at_5() - b.at_5()).abs() * 100.0);

    let many = multiplied(&real, SERVICES);
    let start = Instant::now();
    let index = WordIndex::build(&many);
    println!("{} services: index built in {:.0} ms", many.len(), start.elapsed().as_secs_f64() * 1e3);
    let mut rounds: Vec<Vec<Duration>> = vec![Vec::with_capacity(ROUNDS); all.len()];
    let mut raw = Vec::with_capacity(ROUNDS * all.len());
    for _ in 0..ROUNDS {
        for (question, times) in all.iter().zip(&mut rounds) {
            let start = Instant::now();
            std::hint::black_box(index.find(&question.text, usize::MAX));
            times.push(start.elapsed());
            raw.push(start.elapsed());
        }
    }
    let medians = rounds.iter_mut().map(|times| {
        times.sort();
        times[ROUNDS / 2]
    });
    percentiles("of a question (median of its rounds)", medians.collect());
    percentiles("of every single search", raw);
}

fn read(text: &str) -> Vec<Question> {
    questions::parse(text).unwrap_or_else(|problem| {
        eprintln!("{problem}");
        std::process::exit(1)
    })
}

fn percentiles(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e6;
    println!("  {what}: p50 {:.0} µs, p99 {:.0} µs, longest {:.0} µs", at(0.5), at(0.99), at(1.0));
}

/// As many services as asked for: the real ones, again and again with a part of their words made other words, so that the
/// vocabulary grows as that of other services would.
fn multiplied(real: &[Entry], wanted: usize) -> Vec<Entry> {
    let vary = |texts: &[String], copy: usize| -> Vec<String> {
        let one = |(at, word): (usize, &str)| match (copy, (at + copy) % 3) {
            (0, _) | (_, 1 | 2) => word.to_owned(),
            _ => word.chars().rev().chain(word.chars().take(copy % 4)).collect(),
        };
        texts.iter().map(|text| text.split(' ').enumerate().map(one).collect::<Vec<_>>().join(" ")).collect()
    };
    (0..wanted)
        .map(|number| {
            let (entry, copy) = (&real[number % real.len()], number / real.len());
            Entry {
                code: format!("{}-{copy}", entry.code),
                titles: vary(&entry.titles, copy),
                keywords: vary(&entry.keywords, copy),
                agencies: entry.agencies.clone(),
                summaries: vary(&entry.summaries, copy),
                uses: entry.uses,
            }
        })
        .collect()
}
