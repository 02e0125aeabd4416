//! The real differences between the databases, each a named function.

/// Rewrites `$n` to `?n` and counts the parameters.
///
/// SQLite would read `$n` as a *name* and number it by first appearance, so `values ($2, $1)` would swap the
/// values. Text in quotes and comments is left alone.
pub fn number_params(sql: &str) -> (String, usize) {
    let bytes = sql.as_bytes();
    let mut out = String::with_capacity(sql.len());
    let mut highest = 0;
    let mut start = 0;
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            quote @ (b'\'' | b'"') => {
                i += 1;
                while i < bytes.len() && bytes[i] != quote {
                    i += 1;
                }
                i += 1;
            }
            b'-' if bytes.get(i + 1) == Some(&b'-') => {
                while i < bytes.len() && bytes[i] != b'\n' {
                    i += 1;
                }
            }
            b'$' if bytes.get(i + 1).is_some_and(u8::is_ascii_digit) => {
                out.push_str(&sql[start..i]);
                out.push('?');
                i += 1;
                start = i;
                let mut number = 0_usize;
                while let Some(digit) = bytes.get(i).filter(|b| b.is_ascii_digit()) {
                    number = number.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
                    i += 1;
                }
                highest = highest.max(number);
            }
            _ => i += 1,
        }
    }
    out.push_str(&sql[start..]);
    (out, highest)
}

#[cfg(test)]
mod tests {
    use super::number_params;

    #[test]
    fn parameters_keep_their_numbers_in_sqlite() {
        let (sql, params) = number_params("insert into t values ($2, $1, '$9', \"$8\") -- $7\n where a = $12");
        assert_eq!(sql, "insert into t values (?2, ?1, '$9', \"$8\") -- $7\n where a = ?12");
        assert_eq!(params, 12);
        assert_eq!(number_params("select 1"), ("select 1".to_owned(), 0));
    }
}
