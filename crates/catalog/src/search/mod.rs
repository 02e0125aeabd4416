//! Finding a service by the words that people type.
//!
//! Every word, of the index and of the question, passes through one folding
//! ([`kernel::script::fold`]): Latin and Cyrillic, any apostrophe and upper or lower case become one
//! spelling, so that `tug'ilganlik`, `tugʻilganlik` and `туғилганлик` are the same word. A question is
//! then matched exactly, by beginning, by stem (endings cut off: Uzbek and Karakalpak glue them on,
//! Russian inflects) and with one typo. What is exact always ranks above what is similar.

pub mod questions;

use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, BoostQuery, DisjunctionMaxQuery, FuzzyTermQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{Index, IndexReader, ReloadPolicy, Searcher, TantivyDocument, Term};

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
/// 200 characters changes no ranking but costs a query clause each.
pub const LONGEST_QUESTION: usize = 200;

/// Most words of a question that are looked at: each becomes some thirty clauses.
const MOST_WORDS: usize = 12;

/// Words that say nothing about which service is meant, folded. Asked alone they are still looked up.
const STOP_WORDS: &str = include_str!("../../data/stop-words.txt");

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

/// Splits a text into words as they were typed, only in lower case.
fn plain_words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '‘' | '’' | 'ʻ' | 'ʼ' | '`')))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A search index in memory, over tantivy.
pub struct TantivySearch {
    reader: IndexReader,
    fields: Fields,
    stop: std::collections::HashSet<String>,
    uses: std::collections::HashMap<String, u64>,
}

#[derive(Clone, Copy)]
struct Fields {
    code: Field,
    plain: Field,
    title: Field,
    keyword: Field,
    agency: Field,
    summary: Field,
}

impl TantivySearch {
    /// Builds the index of these services.
    ///
    /// # Errors
    /// When the engine cannot allocate its buffers or start its thread.
    pub fn build(entries: &[Entry]) -> Result<Self, tantivy::TantivyError> {
        let mut schema = Schema::builder();
        let code = schema.add_text_field("code", STRING | STORED);
        let plain = schema.add_text_field("plain", indexed_by("plain"));
        let title = schema.add_text_field("title", indexed_by("fold"));
        let keyword = schema.add_text_field("keyword", indexed_by("fold"));
        let agency = schema.add_text_field("agency", indexed_by("fold"));
        let summary = schema.add_text_field("summary", indexed_by("fold"));
        let fields = Fields { code, plain, title, keyword, agency, summary };
        let index = Index::create_in_ram(schema.build());
        index.tokenizers().register("fold", TextAnalyzer::from(Words { split: words }));
        index.tokenizers().register("plain", TextAnalyzer::from(Words { split: plain_words }));
        // One thread and the smallest buffer the engine accepts: some hundreds of services are a few hundred kilobytes.
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 15_000_000)?;
        for entry in entries {
            let mut doc = TantivyDocument::default();
            doc.add_text(code, &entry.code);
            for (field, texts) in [
                (title, &entry.titles),
                (keyword, &entry.keywords),
                (agency, &entry.agencies),
                (summary, &entry.summaries),
            ] {
                for text in texts {
                    doc.add_text(field, text);
                }
            }
            for text in entry.titles.iter().chain(&entry.keywords) {
                doc.add_text(plain, text);
            }
            writer.add_document(doc)?;
        }
        writer.commit()?;
        writer.wait_merging_threads()?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let stop = STOP_WORDS.lines().filter(|line| !line.starts_with('#')).flat_map(words).collect();
        let uses = entries.iter().map(|entry| (entry.code.clone(), entry.uses)).collect();
        Ok(Self { reader, fields, stop, uses })
    }

    /// Everything that one word of the question may match; the best of it counts.
    ///
    /// Typos are only thought of when nothing is spelled so or begins so: who types `zagr` does not mean `zags`.
    fn word_query(&self, word: &str, typed: &[String], known: bool) -> Box<dyn Query> {
        let f = self.fields;
        let length = word.chars().count();
        let mut ways: Vec<Box<dyn Query>> = Vec::new();
        for (field, weight) in [(f.title, 6.0), (f.keyword, 6.0), (f.agency, 1.6), (f.summary, 1.2)] {
            ways.push(boosted(exact(field, word), weight));
        }
        for word in typed {
            ways.push(boosted(exact(f.plain, word), 7.0));
        }
        if length >= 2 {
            for (field, weight) in [(f.title, 3.0), (f.keyword, 3.0), (f.agency, 0.9), (f.summary, 0.6)] {
                ways.push(boosted(starting(field, word, 0), weight));
            }
        }
        // Endings: the question's word is an indexed one with something glued on (`pasportimni`), or both have
        // different endings (`справку` – `справка`). Four letters are kept, so that short roots do not meet.
        for cut in 1..=6 {
            let Some(stem) = shortened(word, cut) else { break };
            let loss = 1.0 + cut as f32 * 0.25;
            for (field, weight) in [(f.title, 4.0), (f.keyword, 4.0), (f.summary, 0.8)] {
                ways.push(boosted(exact(field, &stem), weight / loss));
            }
            if cut <= 2 {
                for (field, weight) in [(f.title, 2.2), (f.keyword, 2.2), (f.summary, 0.4)] {
                    ways.push(boosted(starting(field, &stem, 0), weight / loss));
                }
            }
        }
        if length >= 4 && !known {
            for (field, weight) in [(f.title, 1.5), (f.keyword, 1.5), (f.agency, 0.5), (f.summary, 0.3)] {
                ways.push(boosted(similar(field, word), weight));
            }
        }
        if length >= 5 && !known {
            for (field, weight) in [(f.title, 1.0), (f.keyword, 1.0)] {
                ways.push(boosted(starting(field, word, 1), weight));
                if let Some(stem) = shortened(word, 2) {
                    ways.push(boosted(starting(field, &stem, 1), weight * 0.6));
                }
            }
        }
        Box::new(DisjunctionMaxQuery::with_tie_breaker(ways, 0.05))
    }

    /// Whether some indexed word is this one or begins with it.
    fn is_known(&self, searcher: &Searcher, word: &str) -> Result<bool, tantivy::TantivyError> {
        let f = self.fields;
        let fields = [f.title, f.keyword, f.agency, f.summary];
        let begins = fields.into_iter().map(|field| starting(field, word, 0)).collect();
        Ok(searcher.search(&DisjunctionMaxQuery::new(begins), &Count)? > 0)
    }

    fn search(&self, question: &str, limit: usize) -> Result<Vec<Hit>, tantivy::TantivyError> {
        let question: String = question.chars().take(LONGEST_QUESTION).collect();
        let mut asked: Vec<String> = Vec::new();
        let typed = plain_words(&question);
        for word in words(&question) {
            if !asked.contains(&word) {
                asked.push(word);
            }
        }
        if asked.iter().any(|word| !self.stop.contains(word)) {
            asked.retain(|word| !self.stop.contains(word));
        }
        asked.truncate(MOST_WORDS);
        if asked.is_empty() {
            return Ok(Vec::new());
        }
        let searcher = self.reader.searcher();
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::with_capacity(asked.len() + 1);
        for word in &asked {
            let same: Vec<String> = typed.iter().filter(|typed| words(typed).first() == Some(word)).cloned().collect();
            let known = self.is_known(&searcher, word)?;
            clauses.push((Occur::Should, self.word_query(word, &same, known)));
        }
        clauses.push((Occur::Should, boosted(exact(self.fields.code, question.trim()), 50.0)));
        let found = searcher
            .search(&BooleanQuery::new(clauses), &TopDocs::with_limit(limit.clamp(1, 1_000)).order_by_score())?;
        let mut hits = Vec::with_capacity(found.len());
        for (score, address) in found {
            let doc: TantivyDocument = searcher.doc(address)?;
            if let Some(code) = doc.get_first(self.fields.code).and_then(|value| value.as_str()) {
                hits.push(Hit { code: code.to_owned(), score });
            }
        }
        // What is far weaker than the best is noise of the typo matching.
        let best = hits.first().map_or(0.0, |hit| hit.score);
        hits.retain(|hit| hit.score >= best * 0.12);
        // Among equals the service that more people use comes first, then the code, so that the order is always the same.
        hits.sort_by(|a, b| {
            b.score
                .total_cmp(&a.score)
                .then_with(|| self.uses.get(&b.code).cmp(&self.uses.get(&a.code)))
                .then_with(|| a.code.cmp(&b.code))
        });
        Ok(hits)
    }
}

impl Search for TantivySearch {
    fn find(&self, question: &str, limit: usize) -> Vec<Hit> {
        self.search(question, limit).unwrap_or_else(|err| {
            // A search that fails shows an empty result with the ways onward; the page must not fall.
            tracing::error!(%err, "search failed");
            Vec::new()
        })
    }
}

fn indexed_by(tokenizer: &str) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(IndexRecordOption::WithFreqs)
            // Long lists of synonyms are not a reason to rank lower.
            .set_fieldnorms(false),
    )
}

/// The word without its last `cut` letters, when at least four stay.
fn shortened(word: &str, cut: usize) -> Option<String> {
    let length = word.chars().count();
    (length >= cut + 4).then(|| word.chars().take(length - cut).collect())
}

fn boosted(query: Box<dyn Query>, weight: f32) -> Box<dyn Query> {
    Box::new(BoostQuery::new(query, weight))
}

fn exact(field: Field, word: &str) -> Box<dyn Query> {
    Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::WithFreqs))
}

fn starting(field: Field, word: &str, typos: u8) -> Box<dyn Query> {
    Box::new(FuzzyTermQuery::new_prefix(Term::from_field_text(field, word), typos, true))
}

fn similar(field: Field, word: &str) -> Box<dyn Query> {
    Box::new(FuzzyTermQuery::new(Term::from_field_text(field, word), 1, true))
}

/// A tokenizer that takes its words from a function.
#[derive(Clone)]
struct Words {
    split: fn(&str) -> Vec<String>,
}

/// The words of one text, one after another.
struct WordStream {
    words: std::vec::IntoIter<String>,
    token: Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream {
        WordStream { words: (self.split)(text).into_iter(), token: Token::default() }
    }
}

impl TokenStream for WordStream {
    fn advance(&mut self) -> bool {
        match self.words.next() {
            Some(word) => {
                self.token.position = self.token.position.wrapping_add(1);
                self.token.text = word;
                true
            }
            None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> TantivySearch {
        let entry = |code: &str, titles: &[&str], keywords: &[&str], uses: u64| Entry {
            code: code.into(),
            titles: titles.iter().map(|t| (*t).to_owned()).collect(),
            keywords: keywords.iter().map(|t| (*t).to_owned()).collect(),
            uses,
            ..Entry::default()
        };
        TantivySearch::build(&[
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
        .expect("the index is built")
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
