//! The words that every other crate shares: typed ids, money in tiyin, dates and the working-day
//! calendar, languages and scripts, personal numbers, the clock and the source of randomness.
//!
//! Pure: no files, no network, no database. The only two doors to the outside are
//! [`clock::SystemClock`] and [`rng::SystemRng`]; every rule takes the moment and the randomness as arguments.
//!
//! Where things are: [`calendar::due`] (rule APP-DUE) · [`money::round_to_som`] (rule FEE-ROUND) ·
//! [`person::Pinfl`] (rule ID-PINFL) · [`script::to_cyrillic`] · [`script::fold`] · [`format`].

pub mod calendar;
pub mod clock;
pub mod format;
pub mod id;
pub mod lang;
pub mod money;
pub mod person;
pub mod rng;
pub mod script;

pub use clock::{Clock, Date, Timestamp};
