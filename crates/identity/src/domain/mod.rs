//! Rules of identity: pure, no clock, no database.

pub mod code;
pub mod grant;
pub mod login;
pub mod mandate;
pub mod password;
pub mod registration;
pub mod return_path;
pub mod session;
pub mod throttle;
