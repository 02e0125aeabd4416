//! The real definitions, searched with the words of people.

mod authoring;
mod class;
mod pages;
mod publish;
mod search;
