//! Providers outside that identity calls; they read the status codes of their answers.

pub(crate) mod face;
