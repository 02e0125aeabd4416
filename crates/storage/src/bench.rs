//! The ceiling of the benchmarks: the same rows written by the bare drivers.
