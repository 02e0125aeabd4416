//! What the report on recoveries tells: attempts, successes and the median time by method.

use std::collections::BTreeMap;

/// An attempt to get back in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What was proved: `face+printed`; `none` when nothing was.
    pub method: String,
    pub done: bool,
    /// How long it took; `None` while it is open or was given up.
    pub seconds: Option<i64>,
}

/// A line of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub method: String,
    pub attempts: u64,
    pub done: u64,
    /// Of those that were done; `None` when none was.
    pub median_s: Option<i64>,
}

impl Line {
    /// Share of the successes, in whole per cent, rounded down: 99.9 % is not all.
    pub fn percent(&self) -> u64 {
        (self.done * 100).checked_div(self.attempts).unwrap_or(0)
    }
}

/// Sums attempts up by method.
///
/// The median of an even count is the lower of the two in the middle: a time that somebody really needed.
///
/// Rule: IDN-RECOVERY-REPORT.
/// Source: R000-012 (attempts, share of successes, median time, by method).
pub fn lines(attempts: impl IntoIterator<Item = Attempt>) -> Vec<Line> {
    let mut by_method: BTreeMap<String, (u64, Vec<i64>)> = BTreeMap::new();
    for attempt in attempts {
        let (count, times) = by_method.entry(attempt.method).or_default();
        *count += 1;
        if let (true, Some(seconds)) = (attempt.done, attempt.seconds) {
            times.push(seconds);
        }
    }
    by_method
        .into_iter()
        .map(|(method, (attempts, mut times))| {
            times.sort_unstable();
            let median_s = times.get(times.len().saturating_sub(1) / 2).copied();
            Line { method, attempts, done: times.len() as u64, median_s }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(method: &str, seconds: Option<i64>) -> Attempt {
        Attempt { method: method.into(), done: seconds.is_some(), seconds }
    }

    #[test]
    fn each_method_has_its_share_and_its_median() {
        let told = lines([
            attempt("face", Some(60)),
            attempt("face", Some(600)),
            attempt("face", Some(90)),
            attempt("face", None),
            attempt("none", None),
        ]);
        assert_eq!(told[0], Line { method: "face".into(), attempts: 4, done: 3, median_s: Some(90) });
        assert_eq!(told[0].percent(), 75);
        assert_eq!(told[1], Line { method: "none".into(), attempts: 1, done: 0, median_s: None });
        assert_eq!(lines([attempt("a", Some(10)), attempt("a", Some(20))])[0].median_s, Some(10));
    }
}
