//! Rules of identity: pure, no clock, no database.

pub mod code;
pub mod factor;
pub mod grant;
pub mod locks;
pub mod login;
pub mod mandate;
pub mod password;
pub mod registration;
pub mod report;
pub mod return_path;
pub mod session;
#[cfg(test)]
mod takeover;
pub mod throttle;
pub mod totp;
