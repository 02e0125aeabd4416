//! Documents.
pub mod render;
