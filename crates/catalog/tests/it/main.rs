//! The real definitions, searched with the words of people.

mod class;
mod generated;
mod pages;
mod publish;
mod search;
mod simplification;
