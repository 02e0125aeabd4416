//! The real definitions, searched with the words of people.

mod authoring;
mod class;
mod diff;
mod pages;
mod publish;
mod search;
