//! What is left of a case when its data have been kept long enough.

use definition::{Answers, Definition};
use kernel::clock::{Timestamp, end_of_day, tashkent_date};

use super::case::{Event, FoldError, Place, Proposal, Recorded, Stored, Submitted, Task, TaskAnswer};
use super::chain;

/// From when on the data of a case that ended are to be erased; `None` = the definition keeps them.
///
/// Rule: APP-RETENTION.
/// Source: Law on personal data (O‘RQ-547): data are kept no longer than their purpose needs; key `retention` of the definition.
pub fn erase_after(definition: &Definition, ended: Option<Timestamp>) -> Option<Timestamp> {
    let keep = definition.spec().retention.as_ref()?.after_close;
    Some(end_of_day(keep.after(tashkent_date(ended?))))
}

/// The texts that take the place of those that know something of people: number of the event and text.
///
/// Kept are the skeleton and everything that statistics and an audit need: what happened, when, by which official, through
/// which states, which amounts. Gone are names, answers, what registers said, comments, questions and files.
///
/// # Errors
/// When an event cannot be written.
pub fn erase(history: &[Stored]) -> Result<Vec<(i64, String)>, FoldError> {
    let mut out = Vec::new();
    for row in history {
        let recorded = Recorded { event: skeleton(&row.recorded.event), ..row.recorded.clone() };
        if recorded.event == row.recorded.event {
            continue;
        }
        let seq = recorded.seq;
        let body = chain::canonical(&recorded).map_err(|err| FoldError::Body { seq, message: err.to_string() })?;
        out.push((seq, body));
    }
    Ok(out)
}

fn skeleton(event: &Event) -> Event {
    let mut event = event.clone();
    match &mut event {
        Event::Submitted(submitted) => {
            let Submitted { applicant, answers, registers, behalf, .. } = submitted;
            applicant.clear();
            *answers = Answers::new();
            registers.clear();
            *behalf = None;
        }
        Event::Entered(entered) => {
            entered.comment = None;
            entered.files.clear();
            if let Place::Tasks { tasks, .. } = &mut entered.place {
                tasks.iter_mut().for_each(blank_task);
            }
        }
        Event::Upgraded { answers, .. } => *answers = Answers::new(),
        Event::Corrected { answers, comment } => {
            *answers = Answers::new();
            comment.clear();
        }
        Event::Asked { task } => blank_task(task),
        Event::Proposed { proposal: Proposal { comment, files, .. } } => {
            comment.clear();
            files.clear();
        }
        Event::TaskClosed { comment, .. }
        | Event::Voted { comment, .. }
        | Event::ProposalDeclined { comment, .. }
        | Event::AppealDecided { comment, .. }
        | Event::Rated { comment, .. }
        | Event::Appealed { text: comment, .. } => comment.clear(),
        Event::Assigned { .. }
        | Event::Paid { .. }
        | Event::DecisionRead
        | Event::Reminded { .. }
        | Event::TermPassed { .. }
        | Event::Erased { .. } => {}
    }
    event
}

fn blank_task(task: &mut Task) {
    task.question.clear();
    if let Some(TaskAnswer { comment, .. }) = &mut task.answer {
        comment.clear();
    }
}
