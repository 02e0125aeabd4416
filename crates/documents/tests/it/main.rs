//! Documents on both databases: issuing once, checking, revoking, pages.

mod checks;
mod pages;
mod world;
