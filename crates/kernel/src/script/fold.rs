use super::is_apostrophe;

/// Text as the search compares it: lower case, one spelling for both scripts and any apostrophe.
///
/// Cyrillic becomes Latin letter by letter (initial е, and е after a vowel, ъ or ь, is ye); then o‘ ó ө → o,
/// g‘ ǵ → g, ts → s, x → h, ń ң → n, ı → i, accents and apostrophes are dropped. So `fold(latin)` equals
/// `fold(to_cyrillic(latin))`. Characters that are not letters stay.
pub fn fold(text: &str) -> String {
    let mut latin = String::with_capacity(text.len() + 8);
    let mut before: Option<char> = None;
    for c in text.chars().flat_map(char::to_lowercase) {
        // Combining marks: ó written as o and an accent is the same letter.
        if ('\u{300}'..='\u{36f}').contains(&c) {
            continue;
        }
        push_latin(&mut latin, c, before);
        // A word goes on over its apostrophe: м’ёр, бъе.
        before = Some(c);
    }
    // ts is one sound in both scripts (ц), whether or not the word is in the exceptions.
    let mut folded = String::with_capacity(latin.len());
    for c in latin.chars() {
        while c == 's' && folded.ends_with('t') {
            folded.pop();
        }
        folded.push(c);
    }
    // The one word pair whose Latin spelling lost a letter that Cyrillic and Karakalpak keep.
    for (long, short) in [("sentyabr", "sentabr"), ("oktyabr", "oktabr")] {
        if folded.contains(long) {
            folded = folded.replace(long, short);
        }
    }
    folded
}

/// A folded word as one who spells by ear may write it: what people mix up becomes one letter.
///
/// k is q (қ is not on every keyboard), u is o (у stands for ў), w is v, ye is e, iya is ia, a doubled letter is
/// single. Coarser than [`fold`]: words that differ only here are alike, not the same.
pub fn loose(folded: &str) -> String {
    let mut out = String::with_capacity(folded.len());
    for c in folded.chars() {
        let c = match c {
            'q' => 'k',
            'u' => 'o',
            'w' => 'v',
            other => other,
        };
        if (c == 'e' && out.ends_with('y')) || (c == 'a' && out.ends_with("iy")) {
            out.pop();
        }
        if c.is_alphabetic() && out.ends_with(c) {
            continue;
        }
        out.push(c);
    }
    out
}

/// Adds the folded Latin form of one small letter; `before` is the letter in front of it.
fn push_latin(out: &mut String, c: char, before: Option<char>) {
    let text = match c {
        'a'..='w' | 'y' | 'z' => return out.push(c),
        'x' | 'х' | 'ҳ' | 'һ' => "h",
        'а' | 'á' | 'ä' | 'ә' => "a",
        'б' => "b",
        'в' => "v",
        'г' | 'ғ' | 'ǵ' | 'ğ' => "g",
        'д' => "d",
        'е' if before.is_none_or(|b| !b.is_alphabetic() || opens_ye(b)) => "ye",
        'е' | 'э' | 'é' => "e",
        'ё' => "yo",
        // батальон, бульон: the soft sign stands for the y of batalyon.
        'о' if before == Some('ь') => "yo",
        'ж' => "j",
        'з' => "z",
        'и' | 'ы' | 'ı' | 'í' => "i",
        'й' => "y",
        'к' => "k",
        'қ' => "q",
        'л' => "l",
        'м' => "m",
        'н' | 'ң' | 'ń' => "n",
        'о' | 'ў' | 'ө' | 'ó' | 'ö' => "o",
        'п' => "p",
        'р' => "r",
        'с' => "s",
        'т' => "t",
        'у' | 'ү' | 'ú' | 'ü' => "u",
        'ф' => "f",
        'ц' => "s",
        'ч' | 'ç' => "ch",
        'ш' | 'щ' | 'ş' => "sh",
        'ъ' | 'ь' => "",
        'ю' => "yu",
        'я' => "ya",
        c if is_apostrophe(c) => "",
        other => return out.push(other),
    };
    out.push_str(text);
}

/// Whether е after this letter is read as ye.
fn opens_ye(c: char) -> bool {
    matches!(c, 'а' | 'е' | 'ё' | 'и' | 'о' | 'у' | 'ў' | 'э' | 'ю' | 'я' | 'ы' | 'ъ' | 'ь' | 'ә' | 'ө' | 'ү')
}

#[cfg(test)]
mod tests {
    use super::{fold, loose};

    #[test]
    fn both_scripts_and_any_apostrophe_fold_alike() {
        for spellings in [
            ["Tug‘ilganlik", "tug'ilganlik", "Туғилганлик", "tugʻilganlik"],
            ["yo‘qolgan", "yo`qolgan", "йўқолган", "YOʻQOLGAN"],
            ["litsenziya", "lisenziya", "лицензия", "ЛИЦЕНЗИЯ"],
            ["ma’lumot", "malumot", "маълумот", "ma'lumot"],
            ["xizmat", "hizmat", "хизмат", "ХИЗМАТ"],
            ["obyekt", "Obyekt", "объект", "ОБЪЕКТ"],
            ["yer", "Yer", "ер", "ЕР"],
            ["sentabr", "sentyabr", "сентябрь", "сентабр"],
        ] {
            let first = fold(spellings[0]);
            for spelling in spellings {
                assert_eq!(fold(spelling), first, "{spelling}");
            }
        }
    }

    #[test]
    fn karakalpak_letters_fold_to_plain_ones() {
        assert_eq!(
            fold("Qaraqalpaqstan jılı kúni ǵárezsizlik, nókis, áwele"),
            "qaraqalpaqstan jili kuni garezsizlik, nokis, awele"
        );
        assert_eq!(fold("o\u{301}"), "o");
    }

    #[test]
    fn spelling_by_ear_meets_the_right_one() {
        for (heard, right) in [
            ("йуколган", "yo‘qolgan"),
            ("komunal", "kommunal"),
            ("istoria", "история"),
            ("reestr", "reyestr"),
            ("kredit", "kreditt"),
            ("guwohnoma", "guvohnoma"),
        ] {
            assert_eq!(loose(&fold(heard)), loose(&fold(right)), "{heard}");
        }
        // Numbers are not spelled by ear.
        assert_eq!(loose("1100"), "1100");
        assert_ne!(loose(&fold("soliq")), loose(&fold("sog‘liq")));
    }
}
