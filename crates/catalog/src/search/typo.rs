//! How many typos lie between two words.

/// Letters of a word as bits: words whose bits differ too much need not be compared.
pub(super) fn letters(word: &str) -> u64 {
    word.bytes().fold(0, |bits, byte| bits | 1 << (byte & 63))
}

/// Typos between two words, at most `most`: a letter missing, too many, wrong, or two neighbours exchanged. `None` when
/// there are more.
///
/// Rule: CAT-TYPO.
/// Source: F. J. Damerau, A technique for computer detection and correction of spelling errors (1964), as optimal string
/// alignment.
pub(super) fn distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    /// Longer words than this are not compared.
    const LONGEST: usize = 40;
    if a.len() > LONGEST || b.len() > LONGEST || a.len().abs_diff(b.len()) > most {
        return None;
    }
    let mut rows = [[0usize; LONGEST + 1]; 3];
    for (at, cell) in rows[1].iter_mut().enumerate() {
        *cell = at;
    }
    for i in 1..=a.len() {
        let (before, line, now) = ((i + 2) % 3, i % 3, (i + 1) % 3);
        rows[now][0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let same = a[i - 1] == b[j - 1];
            let mut cost = (rows[line][j] + 1).min(rows[now][j - 1] + 1).min(rows[line][j - 1] + usize::from(!same));
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(rows[before][j - 2] + 1);
            }
            rows[now][j] = cost;
            least = least.min(cost);
        }
        if least > most {
            return None;
        }
    }
    Some(rows[(a.len() + 1) % 3][b.len()]).filter(|typos| *typos <= most)
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn typos_are_counted_up_to_the_most() {
        for (a, b, typos) in [
            ("pasport", "pasport", Some(0)),
            ("pasprot", "pasport", Some(1)),
            ("pasprt", "pasport", Some(1)),
            ("passport", "pasport", Some(1)),
            ("zagranpasprt", "zagranpasport", Some(1)),
            ("fuqarolk", "fuqarolik", Some(1)),
            ("poliklnikga", "poliklinikaga", Some(2)),
            ("notarius", "navbat", None),
            ("", "ab", Some(2)),
            ("abc", "abcdef", None),
        ] {
            assert_eq!(distance(a.as_bytes(), b.as_bytes(), 2), typos, "{a} {b}");
            assert_eq!(distance(b.as_bytes(), a.as_bytes(), 2), typos, "{b} {a}");
        }
        assert_eq!(distance(&[b'a'; 100], &[b'a'; 100], 2), None);
    }
}
