//! Rules of the catalogue: pure.

pub mod class;
pub mod diff;
pub mod life;
pub mod price;
pub mod revision;
pub mod simple;
pub mod skeleton;
