//! Tables as CSV (RFC 4180), in UTF-8 with the mark that spreadsheets look for.

use crate::WebError;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// A table: its head, then its rows.
pub struct Csv(String);

impl Csv {
    /// A table with this head.
    pub fn new(head: &[&str]) -> Self {
        let mut table = Self("\u{feff}".to_owned());
        table.row(head);
        table
    }

    /// Adds a row. A text that a spreadsheet would take for a formula is set off with an apostrophe.
    pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        for (n, cell) in cells.iter().enumerate() {
            if n > 0 {
                self.0.push(',');
            }
            let cell = cell.as_ref();
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            let set_off = if formula { "'" } else { "" };
            if cell.contains([',', '"', '\n', '\r']) {
                self.0.push_str(&format!("\"{set_off}{}\"", cell.replace('"', "\"\"")));
            } else {
                self.0.push_str(set_off);
                self.0.push_str(cell);
            }
        }
        self.0.push_str("\r\n");
    }

    /// As a file to keep. `name` is one of ours: letters, digits, hyphens.
    ///
    /// # Errors
    /// When the name is none of ours.
    pub fn file(self, name: &str) -> Result<Response, WebError> {
        let disposition =
            HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\"")).map_err(WebError::internal)?;
        let mut response = self.0.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        headers.insert(header::CONTENT_DISPOSITION, disposition);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_are_set_off() {
        let mut table = Csv::new(&["a", "b"]);
        table.row(&["x, \"y\"", "=1+1"]);
        table.row(&["two\nlines", ""]);
        assert_eq!(table.0, "\u{feff}a,b\r\n\"x, \"\"y\"\"\",'=1+1\r\n\"two\nlines\",\r\n");
    }
}
