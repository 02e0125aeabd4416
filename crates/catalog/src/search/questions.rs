//! How good the search is: questions of people with the services that answer them, and the share answered.

use std::collections::BTreeMap;

use super::Search;

/// A question with its right services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub text: String,
    /// Codes of the services that answer it; any of them counts.
    pub right: Vec<String>,
    /// `uz`, `uz-Cyrl`, `ru`, `kaa`, `en`; `-` for none.
    pub lang: String,
    /// `name`, `plain`, `typo`, `prefix`, `translit`, `code`.
    pub kind: String,
}

/// Reads questions from a file with tabs: question, codes with commas, language, kind. Lines with `#` are remarks.
///
/// # Errors
/// The line that is not of this shape.
pub fn parse(text: &str) -> Result<Vec<Question>, String> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let [text, right, lang, kind] = line.split('\t').collect::<Vec<_>>()[..] else {
                return Err(format!("not four columns: {line}"));
            };
            Ok(Question {
                text: text.to_owned(),
                right: right.split(',').map(str::to_owned).collect(),
                lang: lang.to_owned(),
                kind: kind.to_owned(),
            })
        })
        .collect()
}

/// How many of some questions were answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    pub asked: usize,
    /// A right service came first.
    pub first: usize,
    /// A right service was among the first five.
    pub five: usize,
}

impl Score {
    /// recall@1: the share answered by the first hit, 0 to 1.
    pub fn at_1(&self) -> f64 {
        self.first as f64 / self.asked.max(1) as f64
    }

    /// recall@5: the share answered by one of the first five hits, 0 to 1.
    pub fn at_5(&self) -> f64 {
        self.five as f64 / self.asked.max(1) as f64
    }

    fn add(&mut self, place: Option<usize>) {
        self.asked += 1;
        self.first += usize::from(place == Some(0));
        self.five += usize::from(place.is_some_and(|place| place < 5));
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>4} questions, recall@1 {:.3}, recall@5 {:.3}", self.asked, self.at_1(), self.at_5())
    }
}

/// What asking all questions gave.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    pub all: Score,
    pub by_lang: BTreeMap<String, Score>,
    pub by_kind: BTreeMap<String, Score>,
    /// Questions of which no right service came first, with what did: for whoever works on the search.
    pub not_first: Vec<(Question, Vec<String>)>,
}

/// Asks every question.
pub fn ask(search: &dyn Search, questions: &[Question]) -> Scores {
    let mut scores = Scores::default();
    for question in questions {
        let found: Vec<String> = search.find(&question.text, 5).into_iter().map(|hit| hit.code).collect();
        let place = found.iter().position(|code| question.right.contains(code));
        scores.all.add(place);
        scores.by_lang.entry(question.lang.clone()).or_default().add(place);
        scores.by_kind.entry(question.kind.clone()).or_default().add(place);
        if place != Some(0) {
            scores.not_first.push((question.clone(), found));
        }
    }
    scores
}
