//! Rules of the kernel against cases in files and against random input.

mod due;
mod properties;
