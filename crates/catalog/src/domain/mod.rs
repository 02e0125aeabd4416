//! Rules of the catalogue: pure.

pub mod class;
pub mod price;
pub mod facet;
pub mod missed;
