//! The index: which word stands in which text of which service, and the ranking over it.

use std::collections::{HashMap, HashSet};

use super::{Entry, Hit, LONGEST_QUESTION, MOST_WORDS, Search, stem, typo, words};

/// Words that say nothing about which service is meant. Asked alone they are still looked up.
const STOP_WORDS: &str = include_str!("../../data/stop-words.txt");
/// Groups of words that mean the same.
const SYNONYMS: &str = include_str!("../../../../data/synonyms.txt");

/// What a word is worth in a title, a keyword, the name of an agency, a summary.
const TITLE: f32 = 1.0;
const KEYWORD: f32 = 0.95;
const SUMMARY: f32 = 0.45;
const AGENCY: f32 = 0.3;

/// From this nearness on a word of the index is taken for the word that was meant.
const SAME: f32 = 0.7;
/// Most words of the index that one beginning stands for, the shortest of them.
const MOST_CONTINUATIONS: usize = 48;
/// What a text in which all words of the question meet adds.
const TOGETHER: f32 = 0.5;
/// What texts in which words of the question stand add, however many: by the logarithm.
const MENTIONS: f32 = 0.25;
/// Hits far weaker than the best are noise.
const WEAKEST: f32 = 0.3;

/// A word of the index.
struct Term {
    word: String,
    /// Letters, as [`typo::letters`] of `loose`.
    letters: u64,
    /// The word as one writes it by ear.
    loose: String,
    /// Texts in which it stands, each once.
    texts: Vec<u32>,
}

/// A text of a service: one title, one keyword, …
struct Place {
    doc: u32,
    weight: f32,
    /// Words that are no stop words.
    words: f32,
}

/// An index in memory. Building it takes some milliseconds for a hundred services; it never changes.
pub struct WordIndex {
    terms: Vec<Term>,
    by_word: HashMap<String, u32>,
    /// Terms by every key of [`stem::keys`], with the letters that were cut off.
    by_key: HashMap<String, Vec<(u32, usize)>>,
    /// Terms in the order of their words, and of their loose spelling.
    in_order: Vec<u32>,
    in_loose_order: Vec<u32>,
    places: Vec<Place>,
    codes: Vec<String>,
    uses: Vec<u64>,
    stop: HashSet<String>,
    synonyms: Synonyms,
}

/// Groups of words that mean the same; in the index and in a question the name of its group stands beside each member.
struct Synonyms {
    /// Members by the keys of their first word.
    by_first: HashMap<String, Vec<Member>>,
}

#[derive(Clone)]
struct Member {
    group: usize,
    /// Keys of the words after the first.
    rest: Vec<HashSet<String>>,
}

/// A word of a text with its keys.
struct Keyed {
    word: String,
    keys: Vec<(String, usize)>,
}

fn keyed(text: &str) -> Vec<Keyed> {
    let list = text.split(|c: char| !(c.is_alphanumeric() || kernel::script::is_apostrophe(c)));
    list.flat_map(|part| words(part).into_iter().map(move |word| Keyed { keys: stem::keys(part), word })).collect()
}

impl Synonyms {
    fn read(text: &str) -> Self {
        let mut by_first: HashMap<String, Vec<Member>> = HashMap::new();
        for (group, line) in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).enumerate() {
            for member in line.split(',') {
                let mut all = keyed(member).into_iter().map(|word| close_keys(&word));
                let Some(first) = all.next() else { continue };
                let member = Member { group, rest: all.collect() };
                for key in first {
                    by_first.entry(key).or_default().push(member.clone());
                }
            }
        }
        Self { by_first }
    }

    /// Groups of which a member stands in these words: place of its first word, number of its words, group.
    fn find(&self, text: &[Keyed]) -> Vec<(usize, usize, usize)> {
        let mut found = Vec::new();
        for at in 0..text.len() {
            for key in close_keys(&text[at]) {
                for member in self.by_first.get(&key).into_iter().flatten() {
                    let after = &text[at + 1..];
                    let fits = member.rest.len() <= after.len()
                        && member
                            .rest
                            .iter()
                            .zip(after)
                            .all(|(keys, word)| word.keys.iter().any(|(key, _)| keys.contains(key)));
                    let one = (at, member.rest.len() + 1, member.group);
                    if fits && !found.contains(&one) {
                        found.push(one);
                    }
                }
            }
        }
        found
    }
}

/// Keys of a word, but for stems that lost so much that they may be another word.
fn close_keys(word: &Keyed) -> HashSet<String> {
    word.keys.iter().filter(|(key, cut)| *cut == 0 || key.len() >= 3).map(|(key, _)| key.clone()).collect()
}

/// The name of a group as a term; no word of a text can be it.
fn group_term(group: usize) -> String {
    format!("#{group}")
}

impl WordIndex {
    /// Builds the index of these services.
    pub fn build(entries: &[Entry]) -> Self {
        let stop = STOP_WORDS.lines().filter(|line| !line.starts_with('#')).flat_map(words).collect();
        let mut index = Self {
            terms: Vec::new(),
            by_word: HashMap::new(),
            by_key: HashMap::new(),
            in_order: Vec::new(),
            in_loose_order: Vec::new(),
            places: Vec::new(),
            codes: entries.iter().map(|entry| entry.code.clone()).collect(),
            uses: entries.iter().map(|entry| entry.uses).collect(),
            stop,
            synonyms: Synonyms::read(SYNONYMS),
        };
        for (doc, entry) in entries.iter().enumerate() {
            for (texts, weight) in [
                (&entry.titles, TITLE),
                (&entry.keywords, KEYWORD),
                (&entry.summaries, SUMMARY),
                (&entry.agencies, AGENCY),
            ] {
                for text in texts {
                    index.add(doc as u32, weight, text);
                }
            }
        }
        let real = (0..index.terms.len() as u32).filter(|term| !index.terms[*term as usize].word.starts_with('#'));
        index.in_order = real.collect();
        index.in_loose_order = index.in_order.clone();
        let terms = &index.terms;
        index.in_order.sort_by(|a, b| terms[*a as usize].word.cmp(&terms[*b as usize].word));
        index.in_loose_order.sort_by(|a, b| terms[*a as usize].loose.cmp(&terms[*b as usize].loose));
        index
    }

    fn add(&mut self, doc: u32, weight: f32, text: &str) {
        let text = keyed(text);
        let place = self.places.len() as u32;
        let telling = text.iter().filter(|word| !self.stop.contains(&word.word)).count();
        self.places.push(Place { doc, weight, words: telling.max(1) as f32 });
        for (_, _, group) in self.synonyms.find(&text) {
            self.post(place, &group_term(group), Vec::new());
        }
        for Keyed { word, keys } in text {
            self.post(place, &word, keys);
        }
    }

    fn post(&mut self, place: u32, word: &str, keys: Vec<(String, usize)>) {
        let term = match self.by_word.get(word) {
            Some(term) => *term,
            None => {
                let term = self.terms.len() as u32;
                let loose = kernel::script::loose(word);
                let letters = typo::letters(&loose);
                self.terms.push(Term { word: word.to_owned(), loose, letters, texts: Vec::new() });
                self.by_word.insert(word.to_owned(), term);
                term
            }
        };
        // The same folded word may come in both scripts, with other stems each.
        for (key, cut) in keys {
            let list = self.by_key.entry(key).or_default();
            if !list.iter().any(|(known, _)| *known == term) {
                list.push((term, cut));
            }
        }
        let texts = &mut self.terms[term as usize].texts;
        if texts.last() != Some(&place) {
            texts.push(place);
        }
    }

    /// Terms whose word (or loose spelling) begins so.
    fn beginning<'a>(
        &'a self,
        order: &'a [u32],
        of: fn(&Term) -> &str,
        start: &str,
    ) -> impl Iterator<Item = u32> + use<'a> {
        let from = order.partition_point(|term| of(&self.terms[*term as usize]) < start);
        let start = start.to_owned();
        order[from..].iter().copied().take_while(move |term| of(&self.terms[*term as usize]).starts_with(&start))
    }

    /// Terms that a word of the question may mean, with their nearness, 0 to 1.
    ///
    /// Typos are only thought of when nothing is spelled so or begins so: who types `zagr` does not mean `zags`.
    fn candidates(&self, word: &Keyed, groups: &[usize]) -> Vec<(u32, f32)> {
        let mut near: HashMap<u32, f32> = HashMap::new();
        let mut put = |term: u32, nearness: f32| {
            let known = near.entry(term).or_insert(0.0);
            *known = known.max(nearness);
        };
        let mut known = false;
        if let Some(term) = self.by_word.get(&word.word) {
            put(*term, 1.0);
            known = true;
        }
        for (key, cut) in &word.keys {
            for (term, other_cut) in self.by_key.get(key).into_iter().flatten() {
                put(*term, (0.94 - 0.015 * (cut + other_cut) as f32).max(SAME));
                known = true;
            }
        }
        for group in groups {
            if let Some(term) = self.by_word.get(&group_term(*group)) {
                put(*term, 0.85);
                known = true;
            }
        }
        let length = word.word.chars().count();
        let loose = kernel::script::loose(&word.word);
        if length >= 2 {
            let mut longer: Vec<u32> = self.beginning(&self.in_order, |term| &term.word, &word.word).collect();
            if longer.is_empty() && loose.len() >= 3 {
                longer = self.beginning(&self.in_loose_order, |term| &term.loose, &loose).collect();
            }
            longer.sort_by_key(|term| self.terms[*term as usize].word.len());
            longer.truncate(MOST_CONTINUATIONS);
            let worth = if known { 0.6 } else { 1.0 };
            known |= !longer.is_empty();
            for term in longer {
                let share = word.word.len() as f32 / self.terms[term as usize].word.len() as f32;
                put(term, worth * (0.45 + 0.35 * share));
            }
        }
        if !known && loose.len() >= 4 {
            self.misspelled(word, &loose, &mut put);
        }
        near.into_iter().collect()
    }

    /// Terms near a word that nothing is spelled like: with typos, or with another ending.
    fn misspelled(&self, word: &Keyed, loose: &str, put: &mut impl FnMut(u32, f32)) {
        // Two typos are forgiven in a long word whose first letter is right.
        let most = if loose.len() >= 8 { 2 } else { 1 };
        let mut spellings: Vec<&str> = vec![loose];
        spellings.extend(word.keys.iter().map(|(key, _)| key.as_str()).filter(|key| key.len() >= 5 && *key != loose));
        for (at, spelling) in spellings.iter().enumerate() {
            let letters = typo::letters(spelling);
            let bytes = spelling.as_bytes();
            for (number, term) in self.terms.iter().enumerate() {
                let differing = (letters & !term.letters).count_ones().max((term.letters & !letters).count_ones());
                if differing as usize > most {
                    continue;
                }
                if let Some(typos) = typo::distance(bytes, term.loose.as_bytes(), most)
                    && (typos < 2 || term.loose.as_bytes().first() == bytes.first())
                {
                    put(number as u32, if typos < 2 { 0.68 } else { 0.5 } - 0.05 * at.min(2) as f32);
                }
            }
        }
        // The beginning of a word with a typo in it, as one types.
        if loose.len() >= 5 {
            for (number, term) in self.terms.iter().enumerate() {
                let begin = term.loose.as_bytes();
                if begin.len() > loose.len() && begin.first() == loose.as_bytes().first() {
                    let near = typo::distance(loose.as_bytes(), &begin[..loose.len()], 1);
                    if near.is_some() {
                        put(number as u32, 0.5);
                    }
                }
            }
        }
        // Another ending, none that we know: the longest beginning in common.
        for cut in 1..=5 {
            let Some(start) = loose.get(..loose.len().saturating_sub(cut)).filter(|start| start.len() >= 4) else {
                break;
            };
            let mut found = false;
            for term in self.beginning(&self.in_loose_order, |term| &term.loose, start) {
                let rest = self.terms[term as usize].loose.len() - start.len();
                if rest <= cut + 2 {
                    put(term, 0.35 + 0.3 * start.len() as f32 / (loose.len() + rest) as f32);
                    found = true;
                }
            }
            if found {
                break;
            }
        }
    }

    fn search(&self, question: &str, limit: usize) -> Vec<Hit> {
        let question: String = question.chars().take(LONGEST_QUESTION).collect();
        let mut asked = keyed(&question);
        let groups = self.synonyms.find(&asked);
        let mut groups_of: Vec<Vec<usize>> = vec![Vec::new(); asked.len()];
        for (at, count, group) in groups {
            for list in &mut groups_of[at..at + count] {
                list.push(group);
            }
        }
        let telling = asked.iter().any(|word| !self.stop.contains(&word.word));
        let mut seen = HashSet::new();
        let mut asked: Vec<(Keyed, Vec<usize>)> = asked
            .drain(..)
            .zip(groups_of)
            .filter(|(word, _)| !telling || !self.stop.contains(&word.word))
            .filter(|(word, _)| seen.insert(word.word.clone()))
            .collect();
        asked.truncate(MOST_WORDS);

        let docs = self.codes.len();
        let mut spread = vec![0f32; docs];
        let mut covered = vec![0f32; docs];
        let mut together: Vec<(f32, u16)> = vec![(0.0, 0); self.places.len()];
        let mut mentions = vec![0f32; docs];
        let mut all = 0f32;
        let mut best_text = vec![0f32; self.places.len()];
        let mut best_doc = vec![(0f32, 0f32); docs];
        for (word, groups) in &asked {
            let candidates = self.candidates(word, groups);
            if candidates.is_empty() {
                continue;
            }
            best_doc.fill((0.0, 0.0));
            let mut touched: Vec<u32> = Vec::new();
            for (term, nearness) in &candidates {
                for text in &self.terms[*term as usize].texts {
                    let best = &mut best_text[*text as usize];
                    if *best == 0.0 {
                        touched.push(*text);
                    }
                    *best = best.max(*nearness);
                }
            }
            for text in &touched {
                let place = &self.places[*text as usize];
                let near = best_text[*text as usize];
                let doc = &mut best_doc[place.doc as usize];
                doc.0 = doc.0.max(near * place.weight);
                doc.1 = doc.1.max(near);
            }
            // How telling the word is: services in which something as near as the nearest stands.
            let nearest = candidates.iter().map(|(_, nearness)| *nearness).fold(0.0, f32::max);
            let holders = best_doc.iter().filter(|(_, near)| *near >= nearest * 0.8).count();
            let worth = (1.0 + docs as f32 / (holders as f32 + 0.5)).ln();
            all += worth;
            for (doc, (weighted, near)) in best_doc.iter().enumerate() {
                spread[doc] += weighted * worth;
                covered[doc] += near * worth;
            }
            for text in touched {
                let near = std::mem::take(&mut best_text[text as usize]);
                let sum = &mut together[text as usize];
                sum.0 += near * worth;
                sum.1 += 1;
                mentions[self.places[text as usize].doc as usize] += near * worth;
            }
        }
        let mut score: Vec<f32> = spread
            .iter()
            .zip(&covered)
            .map(|(spread, covered)| spread * (0.4 + 0.6 * covered / all.max(1e-6)))
            .collect();
        let mut best = vec![0f32; docs];
        for (place, (sum, count)) in self.places.iter().zip(&together) {
            if *count > 0 {
                let share = f32::from(*count).min(place.words) / place.words;
                let doc = &mut best[place.doc as usize];
                *doc = doc.max(place.weight * sum * share);
            }
        }
        for (doc, score) in score.iter_mut().enumerate() {
            *score = (*score + TOGETHER * best[doc] + MENTIONS * (1.0 + mentions[doc]).ln())
                * (1.0 + 0.015 * (1.0 + self.uses[doc] as f32).ln());
        }
        let typed = question.trim().to_lowercase();
        if let Some(doc) = self.codes.iter().position(|code| *code == typed) {
            score[doc] += 1_000.0;
        }
        let top = score.iter().copied().fold(0.0, f32::max);
        let mut hits: Vec<usize> = (0..docs).filter(|doc| score[*doc] > 0.0 && score[*doc] >= top * WEAKEST).collect();
        // Among equals the service that more people use comes first, then the code, so that the order is always the same.
        hits.sort_by(|a, b| {
            let uses = self.uses[*b].cmp(&self.uses[*a]);
            score[*b].total_cmp(&score[*a]).then(uses).then_with(|| self.codes[*a].cmp(&self.codes[*b]))
        });
        hits.truncate(limit);
        hits.into_iter().map(|doc| Hit { code: self.codes[doc].clone(), score: score[doc] }).collect()
    }
}

impl Search for WordIndex {
    fn find(&self, question: &str, limit: usize) -> Vec<Hit> {
        self.search(question, limit)
    }
}
