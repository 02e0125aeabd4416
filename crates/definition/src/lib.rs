//! A service definition as a value.

mod model;

pub use model::*;
