//! Questions that found nothing: which of them may be counted.

/// Most words of a question that is counted. Longer ones are letters, and letters name people.
const MOST_WORDS: usize = 6;
/// Longest question that is counted, in characters.
const LONGEST: usize = 60;
/// Digits in a row (over spaces and dashes) from which a number may be somebody's: a phone without its code has seven.
const PERSONAL_DIGITS: usize = 7;

/// How often a question must have been asked before anybody sees it: what only one person asks may name a person.
pub const SHOWN_FROM: u64 = 3;

/// The question as it is counted, folded, one space between words; `None` when it may hold personal data or says nothing.
///
/// Dropped: an @ (e-mail), seven or more digits (phone, PINFL, passport, card), a word of letters and digits with five or more digits
/// (numbers of papers), more than six words, more than 60 characters, no word of three letters.
///
/// Rule: CAT-MISSED.
/// Source: our decision: Law No. O‘RQ-547 on personal data, no more than the purpose needs.
pub fn countable(question: &str) -> Option<String> {
    if question.contains('@') || question.chars().count() > LONGEST {
        return None;
    }
    let digits = question.chars().filter(char::is_ascii_digit).count();
    let words = crate::search::words(question);
    let long_number = |word: &String| word.chars().filter(|c| c.is_numeric()).count() >= 5;
    if digits >= PERSONAL_DIGITS || words.len() > MOST_WORDS || words.iter().any(long_number) {
        return None;
    }
    let says_something = words.iter().any(|word| word.chars().filter(|c| c.is_alphabetic()).count() >= 3);
    says_something.then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::countable;

    #[test]
    fn what_may_be_personal_is_never_counted() {
        for question in [
            "31705901234567",
            "AD1234567",
            "AD 123 45 67",
            "pasport AA1234567",
            "+998 90 123-45-67",
            "901234567",
            "nodira@example.uz",
            "Karimova Nodira Baxtiyorovna 1990 yil tug‘ilgan ayol mening onam",
            "hujjat 20451",
            "12",
            "a b",
            "🙂",
            "",
            &"uzun ".repeat(40),
        ] {
            assert_eq!(countable(question), None, "{question}");
        }
    }

    #[test]
    fn either_script_counts_as_one_question() {
        assert_eq!(countable("  Ot-arava  RUXSATNOMASI! ").as_deref(), Some("ot arava ruhsatnomasi"));
        assert_eq!(countable("от-арава рухсатномаси"), countable("ot-arava ruxsatnomasi"));
        assert_eq!(countable("forma 86").as_deref(), Some("forma 86"));
    }
}
