//! Rules of payment: pure, no clock, no storage.

pub mod invoice;
pub mod number;
pub mod payme;
