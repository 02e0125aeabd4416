//! The bodies of the fuzzer on a stable compiler, a short time each.

mod hostile;
