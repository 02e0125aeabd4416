//! Finding a service by the words that people type.
//!
//! Every word, of the index and of the question, passes through one folding
//! ([`kernel::script::fold`]): Latin and Cyrillic, any apostrophe and upper or lower case become one
//! spelling, so that `tug'ilganlik`, `tugʻilganlik` and `туғилганлик` are the same word. A word of the question is then
//! looked for as it is, by its stem ([`stem`]), as the beginning of a word, with typos, and by what means the same
//! (`data/synonyms.txt`). What is nearer counts more, and so does a service in whose title or keyword all words meet.
//!
//! Where things are: `index.rs` the index and the ranking · `stem.rs` endings (rule CAT-STEM) · `typo.rs` distance of words
//! (CAT-TYPO) · `questions.rs` how good it is.

mod index;
pub mod questions;
pub mod stem;
mod typo;

pub use index::WordIndex;

/// What is known of a service when it is put into the index.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// Code of the service; a question that is the code itself finds it first.
    pub code: String,
    /// Titles, short and long, in all languages.
    pub titles: Vec<String>,
    /// Words that people really type: synonyms, colloquial names, names of the life situations.
    pub keywords: Vec<String>,
    /// Names of the agencies, in all languages.
    pub agencies: Vec<String>,
    /// Summaries, in all languages.
    pub summaries: Vec<String>,
    /// How often the service was used; decides between equals.
    pub uses: u64,
}

/// One service that answers the question.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    pub code: String,
    /// Relative measure, comparable only within one question.
    pub score: f32,
}

/// Finds services. A trait, so that the engine can be exchanged without touching pages.
pub trait Search: Send + Sync {
    /// The best services for the question, best first, at most `limit`. An empty or senseless question finds nothing.
    fn find(&self, question: &str, limit: usize) -> Vec<Hit>;
}

/// Longest question that is looked at, in characters. People paste whole letters; what stands after
/// 200 characters changes no ranking but costs time.
pub const LONGEST_QUESTION: usize = 200;

/// Most words of a question that are looked at.
const MOST_WORDS: usize = 12;

/// Splits a text into folded words.
///
/// Rule: CAT-FOLD.
/// Source: our decision, table of equal letters in `kernel::script::fold`.
pub fn words(text: &str) -> Vec<String> {
    kernel::script::fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> WordIndex {
        let entry = |code: &str, titles: &[&str], keywords: &[&str], uses: u64| Entry {
            code: code.into(),
            titles: titles.iter().map(|t| (*t).to_owned()).collect(),
            keywords: keywords.iter().map(|t| (*t).to_owned()).collect(),
            uses,
            ..Entry::default()
        };
        WordIndex::build(&[
            entry(
                "298",
                &["Tug‘ilganlik haqida ma’lumotnoma", "Справка о рождении", "Birth record extract"],
                &["metrika"],
                10,
            ),
            entry(
                "418",
                &["Xorijga chiqish pasportini rasmiylashtirish", "Оформление загранпаспорта"],
                &["zagran"],
                20,
            ),
            entry("363", &["Yashash joyi bo‘yicha ro‘yxatdan o‘tkazish"], &["propiska"], 5),
        ])
    }

    fn first(question: &str) -> String {
        sample().find(question, 3).first().map(|hit| hit.code.clone()).unwrap_or_default()
    }

    #[test]
    fn any_apostrophe_and_either_script_find_the_same_service() {
        for question in ["tug'ilganlik", "tug‘ilganlik", "tugʻilganlik", "tug`ilganlik", "туғилганлик", "TUG’ILGANLIK"]
        {
            assert_eq!(first(question), "298", "{question}");
        }
    }

    #[test]
    fn one_typo_a_beginning_and_an_ending_still_find() {
        for (question, code) in [
            ("tugilganik", "298"),
            ("propisca", "363"),
            ("zagr", "418"),
            ("pasportimni", "418"),
            ("справку о рождении", "298"),
        ] {
            assert_eq!(first(question), code, "{question}");
        }
    }

    #[test]
    fn words_of_both_scripts_are_the_same() {
        assert_eq!(words("Tug‘ilganlik haqida, ma’lumotnoma!"), words("ТУҒИЛГАНЛИК ҳақида МАЪЛУМОТНОМА"));
        assert_eq!(words(" -- ").len(), 0);
    }

    #[test]
    fn a_code_finds_its_service_first() {
        assert_eq!(first("363"), "363");
    }

    #[test]
    fn senseless_questions_find_nothing_and_never_fail() {
        let search = sample();
        for question in ["", "   ", "!!!", "'", "\u{0}", "\u{fffd}\u{fffd}", "qqqqqqqqqqqq", "🙂🙂🙂"] {
            assert!(search.find(question, 5).is_empty(), "{question:?}");
        }
        search.find(&"a b c d e f ".repeat(100_000), 5);
        search.find(&"ў".repeat(1_000_000), 5);
    }
}
