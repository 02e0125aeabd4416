//! Words without their endings: Uzbek and Karakalpak by a stripper of our own, Russian and English by Snowball.
//!
//! Endings are stripped one after another and every step is kept, because no dictionary says where the word itself
//! begins: `nafaqa` (an allowance) looks as if it ended in the case `-qa`. Two words are the same when the lists of
//! their steps meet.

use std::sync::LazyLock;

use frostem::{Algorithm, Stemmer};
use kernel::script::{fold, loose};

/// Endings of one slot, longest first. A word has at most one of each slot, the slots in this order from its end.
struct Slot {
    endings: &'static [&'static str],
    /// Letters that must stay.
    least: usize,
}

/// Folded endings: ı is i, ń is n, ǵ is g. Uzbek first, then what only Karakalpak has.
const SLOTS: &[Slot] = &[
    // Particles and endings of verbs: a question (-mi), an intention (-moqchiman), what was done (-dim, -gan).
    Slot {
        endings: &[
            "moqchiman",
            "moqchimiz",
            "maqshiman",
            "mekshimen",
            "moqchi",
            "maqshi",
            "mekshi",
            "yapman",
            "yapti",
            "ganman",
            "dingiz",
            "ayman",
            "eymen",
            "aman",
            "emen",
            "dik",
            "dim",
            "tim",
            "moq",
            "maq",
            "mek",
            "mi",
            "ma",
        ],
        least: 4,
    },
    // Cases.
    Slot {
        endings: &[
            "gacha", "gasha", "geshe", "ning", "dagi", "degi", "tagi", "tegi", "nin", "din", "tin", "dan", "den",
            "tan", "ten", "nan", "nen", "ni", "di", "ti", "ga", "ge", "qa", "ka", "ke", "da", "de", "ta", "te",
        ],
        least: 2,
    },
    // Whose.
    Slot {
        endings: &[
            "imizdi", "ingiz", "iniz", "imiz", "ngiz", "miz", "lari", "leri", "ing", "im", "in", "si", "i", "ng", "m",
        ],
        least: 2,
    },
    // Many.
    Slot { endings: &["lar", "ler"], least: 2 },
    // Doing, done: the noun and the participle of a verb.
    Slot { endings: &["uvchi", "iwshi", "gan", "gen", "ish", "ib", "ip", "iw", "uw"], least: 3 },
];

/// Uzbek or Karakalpak word (folded) without its endings.
///
/// ```text
/// guvohnomasini → guvohnoma · pasportimni → pasport · tuwilganligi → tuwilganlik
/// ```
///
/// Rule: CAT-STEM.
/// Source: grammars of Uzbek and Karakalpak (order of the endings: plural, possessive, case, particle); the list of the
/// endings is our own choice of those that people use in questions.
pub fn turkic(word: &str) -> String {
    steps(word).pop().unwrap_or_default()
}

/// Every step of the stripping, the word itself first.
fn steps(word: &str) -> Vec<String> {
    let mut list = vec![hardened(word)];
    let mut rest = word;
    for slot in SLOTS {
        let ending = slot.endings.iter().find(|ending| {
            rest.strip_suffix(**ending).is_some_and(|stem| {
                stem.len() >= slot.least && stem.contains(is_vowel) && (ending.len() > 2 || may_end(stem, ending))
            })
        });
        if let Some(stem) = ending.and_then(|ending| rest.strip_suffix(*ending)) {
            rest = stem;
            list.push(hardened(stem));
        }
    }
    list
}

/// Whether a short ending may follow: -m, -ng and -si only after a vowel, -i and -im only after a consonant.
fn may_end(stem: &str, ending: &str) -> bool {
    let vowel = stem.ends_with(is_vowel);
    match ending {
        "m" | "ng" | "si" => vowel,
        "i" | "im" | "in" => !vowel,
        _ => true,
    }
}

/// Before an ending k and q become g (`soliq`, `solig‘i`; `guwalıq`, `guwalıǵı`): the last letter is taken for k.
fn hardened(word: &str) -> String {
    match word.strip_suffix(['g', 'q']) {
        Some(stem) if stem.len() >= 3 && stem.ends_with(is_vowel) => format!("{stem}k"),
        _ => word.to_owned(),
    }
}

fn is_vowel(c: char) -> bool {
    matches!(c, 'a' | 'e' | 'i' | 'o' | 'u')
}

/// What a word is compared by, with the number of letters that were cut off: the loose spelling of the word itself and of its
/// stems in every language that its letters allow. The word comes first.
pub fn keys(word: &str) -> Vec<(String, usize)> {
    static RUSSIAN: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::new(Algorithm::Russian));
    static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::new(Algorithm::English));
    let lower = word.to_lowercase();
    let folded = fold(&lower);
    let mut stems = steps(&folded);
    if lower.chars().any(|c| ('а'..='я').contains(&c) || c == 'ё') {
        stems.push(fold(&RUSSIAN.stem(&lower.replace('ё', "е"))));
    } else if lower.is_ascii() {
        stems.push(ENGLISH.stem(&lower).into_owned());
    }
    let mut keys: Vec<(String, usize)> = Vec::with_capacity(stems.len());
    for stem in stems {
        let cut = folded.len().saturating_sub(stem.len());
        let key = loose(&stem);
        if !key.is_empty() && !keys.iter().any(|(known, _)| *known == key) {
            keys.push((key, cut));
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_of_uzbek_and_karakalpak_fall_off() {
        for (word, stem) in [
            ("guvohnomasini", "guvohnoma"),
            ("guvohnomamni", "guvohnoma"),
            ("guvohnomalarimizdan", "guvohnoma"),
            ("pasportimni", "pasport"),
            ("pasportlar", "pasport"),
            ("tug‘ilganligi", "tugilganlik"),
            ("tuwılǵanlıǵı", "tuwilganlik"),
            ("tuwılǵanlıq", "tuwilganlik"),
            ("solig‘ini", "solik"),
            ("soliqlar", "solik"),
            ("uyga", "uy"),
            ("bog‘chaga", "bogcha"),
            ("baqshaǵa", "baksha"),
            ("guwalıǵın", "guwalik"),
            ("daftarchamdagi", "daftarcha"),
            ("dáptershesinen", "daptershe"),
            ("almashtirmoqchiman", "almashtir"),
            ("almashtirish", "almashtir"),
            ("almastırıw", "almastir"),
            ("reyestridan", "reyestr"),
            ("kóshirmesi", "koshirme"),
            ("туғилганлигини", "tugilganlik"),
            ("паспортимни", "pasport"),
            ("propiska", "propis"),
            ("test", "test"),
            ("inn", "inn"),
        ] {
            let got = loose(&turkic(&fold(word)));
            assert_eq!(got, loose(stem), "{word}");
        }
    }

    /// Whether the search takes two words for forms of one.
    fn same(a: &str, b: &str) -> bool {
        let (a, b) = (keys(a), keys(b));
        a.iter().any(|(key, _)| b.iter().any(|(other, _)| key == other))
    }

    #[test]
    fn forms_of_one_word_meet_in_every_language() {
        for (a, b) in [
            ("nafaqa", "nafaqasini"),
            ("propiska", "propiskani"),
            ("tug‘ilganlik", "туғилганлигини"),
            ("справка", "справку"),
            ("свидетельства", "свидетельство"),
            ("ребёнка", "ребенку"),
            ("certificates", "certificate"),
            ("kommunal", "komunal"),
            ("йўқолган", "йуколган"),
            ("xizmat", "hizmat"),
            ("miynet", "miynetti"),
        ] {
            assert!(same(a, b), "{a} and {b}: {:?} {:?}", keys(a), keys(b));
        }
    }

    #[test]
    fn different_words_stay_apart() {
        for (a, b) in
            [("soliq", "sog‘liq"), ("bola", "bolalik"), ("pasport", "passajir"), ("yer", "yig‘in"), ("nikoh", "nikel")]
        {
            assert!(!same(a, b), "{a} and {b}: {:?} {:?}", keys(a), keys(b));
        }
    }
}
