//! Rules of notifications: which ways a notice takes, what becomes of a delivery, which words it has.

pub mod delivery;
pub mod words;
