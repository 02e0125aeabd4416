//! Rules of the catalogue: pure.

pub mod class;
pub mod diff;
pub mod price;
pub mod revision;
pub mod skeleton;
