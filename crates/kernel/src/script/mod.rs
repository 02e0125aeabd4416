//! Scripts: Uzbek from Latin to Cyrillic, and the folding of both for search.

mod cyrillic;
mod fold;

pub use cyrillic::to_cyrillic;
pub use fold::{fold, loose};

/// Every sign that is typed for the apostrophe of o‘, g‘ and the tutuq belgisi.
pub const fn is_apostrophe(c: char) -> bool {
    matches!(c, '‘' | '’' | 'ʻ' | 'ʼ' | '\'' | '`' | '´' | '′' | '‛')
}
