//! Documents on both databases: issuing once, checking, revoking, pages.

mod checks;
mod forms;
mod pages;
mod world;
