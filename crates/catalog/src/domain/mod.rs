//! Rules of the catalogue: pure.

pub mod class;
pub mod life;
pub mod price;
pub mod simple;
