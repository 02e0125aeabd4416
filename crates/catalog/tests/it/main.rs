//! The real definitions, searched with the words of people.

mod class;
mod missed;
mod pages;
mod publish;
mod search;
