//! What is accepted as a password.

/// Shortest password, in characters.
pub const SHORTEST: usize = 8;
/// Longest password, in characters; generous for phrases, and it bounds the work of hashing.
pub const LONGEST: usize = 128;

/// Passwords that everybody tries first: world lists and local ones, lower-case, one a line, eight characters and more.
const COMMON: &str = include_str!("common_passwords.txt");

/// Why a password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    #[error("shorter than {SHORTEST} characters")]
    Short,
    #[error("longer than {LONGEST} characters")]
    Long,
    #[error("one of the passwords that are tried first")]
    Common,
    #[error("says what others know about the person")]
    Personal,
}

/// Accepts or refuses a new password.
///
/// Length and a list of common passwords, and nothing else: rules of composition make people write `Parol123!`.
/// `known` is what others may know of the person (PINFL, phone, passport, name).
///
/// Rule: IDN-PASSWORD.
/// Source: NIST SP 800-63B §5.1.1.2 (at least 8 characters, a list of common values, no composition rules).
pub fn check(password: &str, known: &[&str]) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Weak::Short);
    }
    if length > LONGEST {
        return Err(Weak::Long);
    }
    let folded = password.to_lowercase();
    if COMMON.lines().any(|line| line == folded) || monotonous(&folded) {
        return Err(Weak::Common);
    }
    let bare: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    let personal = known.iter().any(|word| {
        let word: String = word.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        word.chars().count() >= 5 && bare == word
    });
    if personal { Err(Weak::Personal) } else { Ok(()) }
}

/// `aaaaaaaa`, `12345678`, `abcdefgh`, `87654321`: every step between neighbours is the same.
fn monotonous(text: &str) -> bool {
    let steps: Vec<i64> = text
        .chars()
        .zip(text.chars().skip(1))
        .map(|(a, b)| i64::from(u32::from(b)) - i64::from(u32::from(a)))
        .collect();
    steps.first().is_some_and(|first| first.abs() <= 1 && steps.iter().all(|step| step == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_counts_characters_and_not_bytes() {
        assert_eq!(check("парол12", &[]), Err(Weak::Short));
        assert_eq!(check("тўққиз қуш", &[]), Ok(()));
        assert_eq!(check(&"ў".repeat(129), &[]), Err(Weak::Long));
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for common in
            ["password", "Password1", "12345678", "qwertyuiop", "aaaaaaaaaa", "87654321", "toshkent", "Uzbekistan1"]
        {
            assert_eq!(check(common, &[]), Err(Weak::Common), "{common}");
        }
    }

    #[test]
    fn own_number_is_not_a_password() {
        assert_eq!(check("+998 90 123-45-67", &["998901234567"]), Err(Weak::Personal));
        assert_eq!(check("Abdullayeva", &["Abdullayeva", "Malika"]), Err(Weak::Personal));
        assert_eq!(check("Abdullayeva va anor", &["Abdullayeva"]), Ok(()));
    }

    #[test]
    fn no_rule_of_composition_is_imposed() {
        assert_eq!(check("yashil choynak", &[]), Ok(()));
    }

    #[test]
    fn list_of_common_passwords_is_in_the_form_that_is_compared() {
        for line in COMMON.lines() {
            assert_eq!(line, line.trim().to_lowercase());
            assert!(line.chars().count() >= SHORTEST, "{line} can never be typed");
        }
    }
}
