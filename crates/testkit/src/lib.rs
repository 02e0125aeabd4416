//! What tests of several crates share; no program of ours uses it.
//!
//! Where things are: `hostile` a body for each reader of text from outside, fed by `tests/` on every run and by the
//! fuzzer in `fuzz/` for as long as one likes · `mutate` makes bad input out of good.

pub mod hostile;
pub mod mutate;
