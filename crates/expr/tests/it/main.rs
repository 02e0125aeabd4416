//! What the language means, compared with two other readers of it: the crate `cel` and the script of the pages.

mod browser;
mod generate;
mod oracle;
