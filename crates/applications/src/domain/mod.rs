//! The rules of the case: pure, with their tests beside them.
//!
//! - [`case`]: the case as a fold of its events, the life cycle (`APP-STEP`);
//! - [`chain`]: the hash chain over a case's events (`APP-CHAIN`);
//! - [`deadline`]: when the answer is due, pauses, what is late (`APP-CLOCK`, `APP-PAUSE`, `APP-SOON`);
//! - [`flow`]: what an action of the definition does to a case (`APP-FLOW`, `APP-START`);
//! - [`behalf`]: for whom a person may act (`APP-CHILDREN`, `APP-ORGANISATIONS`, `APP-ATTORNEY`);
//! - [`limit`]: places under a limit by key (`APP-LIMIT-PLACE`);
//! - [`retention`]: what is left of a case when its time is over (`APP-RETENTION`);
//! - [`number`]: the number that people read out (`APP-NUMBER`);
//! - [`file`]: what an uploaded file really is (`APP-FILE`).

pub mod behalf;
pub mod case;
pub mod chain;
pub mod deadline;
pub mod file;
pub mod flow;
pub mod limit;
pub mod number;
pub mod retention;
