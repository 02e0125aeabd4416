//! The cases of `tests/data/due`: one file each, times of Tashkent, with the real calendar of `data/calendar.yaml`.

use jiff::civil::{Date, DateTime};
use kernel::calendar::{Term, Unit, due};
use kernel::clock::{Timestamp, at_tashkent, end_of_day};
use std::fs;
use std::path::Path;

/// The value of a key: what is between the colon and a comment.
fn value<'a>(text: &'a str, key: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let line = line.unwrap_or_else(|| panic!("no {key}: in\n{text}"));
    line.split('#').next().unwrap().trim()
}

fn moment(text: &str) -> Timestamp {
    let at: DateTime = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    at_tashkent(at.date(), at.hour(), at.minute(), at.second())
}

fn term(text: &str) -> Term {
    let (n, unit) = text.split_once(' ').unwrap();
    let unit = match unit.trim_end_matches('s') {
        "minute" => Unit::Minute,
        "hour" => Unit::Hour,
        "working day" => Unit::Workday,
        "day" => Unit::Day,
        "month" => Unit::Month,
        other => panic!("no unit: {other}"),
    };
    Term::new(n.parse().unwrap(), unit)
}

#[test]
fn every_case_in_the_files_is_due_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/due");
    let data = refdata::RefData::shared();
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let written = value(&text, "due");
        // A bare date means the end of that day.
        let expected = if written.len() == 10 { end_of_day(written.parse::<Date>().unwrap()) } else { moment(written) };
        let found = due(moment(value(&text, "received")), term(value(&text, "term")), &data.calendar);
        if found != expected {
            wrong.push(format!("{}: due {written}, found {}", path.display(), kernel::clock::tashkent(found)));
        }
        count += 1;
    }
    assert!(count >= 20, "only {count} cases were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
