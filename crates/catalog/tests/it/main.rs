//! The real definitions, searched with the words of people.

mod authoring;
mod class;
mod diff;
mod generated;
mod missed;
mod pages;
mod publish;
mod search;
mod simplification;
mod staff;
