//! The real definitions, searched with the words of people.

mod pages;
mod publish;
mod search;
