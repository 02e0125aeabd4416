//! Rules of documents: pure, no clock, no storage.

pub mod number;
pub mod record;
pub mod verdict;
