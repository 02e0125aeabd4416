//! Rules of the catalogue: pure.

pub mod class;
pub mod price;
