//! Rules of the catalogue: pure.

pub mod class;
pub mod diff;
pub mod facet;
pub mod life;
pub mod missed;
pub mod price;
pub mod revision;
pub mod simple;
pub mod skeleton;
