//! The real definitions, searched with the words of people.

mod publish;
mod search;
