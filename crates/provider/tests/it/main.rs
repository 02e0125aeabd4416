//! The provider on both databases, through its real routers, with identity beside it: as browsers and programs see it.

mod attacks;
mod clients;
mod conformance;
mod devices;
mod dialect;
mod flow;
mod keys;
mod logout;
mod pages;
mod world;
