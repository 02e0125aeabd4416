//! The bodies of the fuzzer on a stable compiler, a short time each; publications while people are in flight.

mod hostile;
mod versions;
