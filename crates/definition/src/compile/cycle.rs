//! Checks of who may apply when, and of the life cycle: what contradicts itself is refused before anybody meets it.

use std::collections::{BTreeMap, BTreeSet};

use expr::{Env, Expr, Value};
use jiff::civil::Date;
use kernel::calendar::{Calendar, Unit};
use refdata::RefData;
use rust_decimal::Decimal;

use super::Report;
use crate::access::BehalfKind;
use crate::model::*;

/// Questions beside the stars; more are not answered.
const MAX_QUESTIONS: usize = 5;
/// Reminders of a term.
const MAX_REMINDERS: usize = 5;

/// Channels, identification, limits, windows, representation.
pub(super) fn check_access(spec: &Spec, refdata: &RefData, report: &mut Report<'_>) {
    let access = &spec.access;
    let place: &[&str] = &["access:"];
    if access.channels.is_empty() {
        report.say(&["access:", "channels:"], "the service has no channel", "channels: [web, mobile, dxm, api]");
    }
    let mut seen = BTreeSet::new();
    for channel in access.channels.iter().filter(|channel| !seen.insert(**channel)) {
        report.say(&["access:", "channels:"], format!("channel `{}` is there twice", channel.name()), "");
    }
    for channel in access.assurance.by_channel.keys().filter(|channel| !access.channels.contains(channel)) {
        report.say(
            &["access:", "assurance:", channel.name()],
            format!("a level of identification for `{}`, which is no channel of the service", channel.name()),
            "add it to `channels`, or take the level out",
        );
    }
    if access.limit.as_ref().is_some_and(|limit| limit.open == 0) {
        report.say(&["access:", "limit:"], "a limit of no open case lets nobody apply", "limit: 1, or leave it out");
    }
    let portal = [Channel::Web, Channel::Mobile, Channel::Api, Channel::Kiosk];
    let counter = [Channel::Dxm, Channel::HomeVisit];
    for rule in &access.online_only {
        if !portal.iter().any(|channel| access.channels.contains(channel)) {
            report.say(
                &["access:", "online_only:"],
                "online only, but the service has no channel of the portal",
                "add `web` to `channels`",
            );
        }
        if !counter.iter().any(|channel| access.channels.contains(channel)) {
            report.say(
                &["access:", "online_only:"],
                "online only, but the service is not given at a counter anyway",
                "take `online_only` out, or add `dxm` to `channels`",
            );
        }
        if let Some(region) = &rule.region
            && !refdata.regions.iter().any(|known| region.as_str().starts_with(known.soato.as_str()))
        {
            report.say(
                &["access:", "online_only:", region.as_str()],
                format!("no region `{region}`"),
                "SOATO codes are in data/regions.yaml",
            );
        }
    }
    let mut windows: Vec<&crate::access::Window> = access.campaign.iter().collect();
    windows.sort_by_key(|window| window.from);
    for window in &windows {
        if window.to < window.from {
            report.say(
                &["access:", "campaign:", &window.from.to_string()],
                format!("the window from {} ends before it begins, on {}", window.from, window.to),
                "",
            );
        }
        if window.finish_days > 366 {
            report.say(&["access:", "campaign:", "finish_days"], "more than a year to finish a form", "");
        }
    }
    for pair in windows.windows(2) {
        if let [one, other] = pair
            && other.from <= one.to
        {
            report.say(
                &["access:", "campaign:", &other.from.to_string()],
                format!("the window from {} begins before the one from {} has ended", other.from, one.from),
                "make one window of them",
            );
        }
    }
    let mut kinds = BTreeSet::new();
    for rule in &access.on_behalf {
        let name = rule.who.name();
        if !kinds.insert(rule.who) {
            report.say(&["access:", "on_behalf:", name], format!("`{name}` is there twice"), "");
        }
        if !rule.roles.is_empty() && rule.who != BehalfKind::Organisation {
            report.say(
                &["access:", "on_behalf:", name],
                format!("`roles` of `{name}`: only an organisation has them"),
                "",
            );
        }
        if rule.under_age.is_some() && !matches!(rule.who, BehalfKind::Child | BehalfKind::Ward) {
            report.say(
                &["access:", "on_behalf:", name],
                format!("`under_age` of `{name}`: of child and ward only"),
                "",
            );
        }
        let legal = spec.passport.audience.is_empty() || spec.passport.audience.contains(&Audience::Legal);
        if rule.who == BehalfKind::Organisation && !legal {
            report.say(
                place,
                "one may apply for an organisation, but legal persons are not in `passport.audience`",
                "add `legal` to the audience",
            );
        }
    }
}

/// Every state must have a way to an end.
pub(super) fn check_ends(flow: &Flow, report: &mut Report<'_>) {
    let mut ends: BTreeSet<&str> =
        flow.states.iter().filter(|state| state.kind.is_final()).map(|state| state.id.as_str()).collect();
    if ends.is_empty() {
        report.say(&["flow:", "states:"], "the flow has no end", "add states of kind approved and refused");
        return;
    }
    loop {
        let before = ends.len();
        for action in &flow.actions {
            if ends.contains(action.to.as_str()) {
                ends.extend(action.from.iter().map(String::as_str));
            }
        }
        if ends.len() == before {
            break;
        }
    }
    // A state without any action out of it is told of elsewhere.
    let goes = |id: &str| flow.actions.iter().any(|action| action.from.iter().any(|from| from == id));
    for state in flow.states.iter().filter(|state| !ends.contains(state.id.as_str()) && goes(&state.id)) {
        report.say(
            &["states:", &format!("id: {}", state.id)],
            format!("from state `{}` no way leads to an end", state.id),
            "a case would go round for ever: add an action to a state where it is over",
        );
    }
}

/// What actions need must be possible.
pub(super) fn check_needs(flow: &Flow, report: &mut Report<'_>) {
    for action in &flow.actions {
        let place = format!("id: {}", action.id);
        let place: &[&str] = &["actions:", &place];
        if action.needs.contains(&Need::Signature) {
            report.say(
                place,
                format!("action `{}` needs an electronic signature, which the platform cannot take yet", action.id),
                "until it can: needs: [second_person], or a file with the signed paper: needs: [file]",
            );
        }
        if action.needs.contains(&Need::SecondPerson) {
            let worked = action
                .from
                .iter()
                .all(|from| flow.states.iter().any(|state| state.id == *from && state.kind == StateKind::Work));
            if !worked || !matches!(action.by, By::Official | By::Head) {
                report.say(
                    place,
                    format!("action `{}` needs a second person where no two officials work the case", action.id),
                    "`second_person` belongs to actions `by: official` or `by: head` out of states of kind work",
                );
            }
        }
    }
}

/// Terms, silence, reminders, the clock after a return.
pub(super) fn check_term(spec: &Spec, report: &mut Report<'_>) {
    let (flow, term) = (&spec.flow, &spec.term);
    let end = match term.on_breach {
        OnBreach::Escalate => None,
        OnBreach::SilentOk => Some((StateKind::Approved, "silent_ok", "approved")),
        OnBreach::SilentNo => Some((StateKind::Refused, "silent_no", "refused")),
    };
    if let Some((kind, name, wanted)) = end {
        let place: &[&str] = &["term:", "on_breach:"];
        if term.total.is_none() && term.special.is_empty() {
            report.say(place, format!("`{name}`, but no term can pass"), "give the service a `total`");
        }
        let of_kind = |id: &str| flow.states.iter().any(|state| state.id == id && state.kind == kind);
        let decided = flow.actions.iter().any(|action| action.by != By::Citizen && of_kind(&action.to));
        if !decided {
            report.say(
                place,
                format!("`{name}`, but no action of the flow leads to a state of kind {wanted}"),
                format!("silence ends as a decision does: add an action to a state of kind {wanted}"),
            );
        }
    }
    if term.remind.len() > MAX_REMINDERS {
        report.say(&["term:", "remind:"], format!("more than {MAX_REMINDERS} reminders"), "");
    }
    for before in &term.remind {
        if before.n == 0 {
            report.say(
                &["term:", "remind:"],
                "a reminder at the end of the term is none",
                "remind: [{n: 1, unit: workday}]",
            );
        }
        if term.total.is_some_and(|total| total.unit == before.unit && total.n <= before.n) {
            report.say(&["term:", "remind:"], "a reminder before the term has begun", "make it shorter than `total`");
        }
        if !matches!(before.unit, Unit::Hour | Unit::Day | Unit::Workday) {
            report.say(&["term:", "remind:"], "a reminder is so many hours, days or working days before the end", "");
        }
    }
    for state in flow.states.iter().filter(|state| state.clock != ClockRule::Pause) {
        let pauses =
            matches!(state.kind, StateKind::Returned | StateKind::Payment) || term.pause_in.contains(&state.id);
        if !pauses {
            report.say(
                &["states:", &format!("id: {}", state.id)],
                format!("state `{}`: `clock` where the clock does not stand still", state.id),
                "it belongs to states of kind returned and to those in `term.pause_in`",
            );
        }
    }
    if let Some(appeal) = &spec.appeal
        && appeal.outer_days.is_some_and(|outer| outer < appeal.days)
    {
        report.say(
            &["appeal:", "outer_days"],
            "the outer limit of the appeal ends before the term itself",
            "`outer_days` is counted from the decision, `days` from its opening: it must not be shorter",
        );
    }
}

/// What holds after the end: retention, questions.
pub(super) fn check_after(spec: &Spec, report: &mut Report<'_>) {
    if spec.retention.as_ref().is_some_and(|retention| retention.after_close.n == 0) {
        report.say(
            &["retention:"],
            "data that are kept for no time at all",
            "retention: {after_close: {n: 5, unit: year}}",
        );
    }
    if let Some(quality) = &spec.quality {
        if quality.questions.is_empty() || quality.questions.len() > MAX_QUESTIONS {
            report.say(&["quality:"], format!("1 to {MAX_QUESTIONS} questions are asked"), "");
        }
        let mut ids = BTreeSet::new();
        for question in &quality.questions {
            let good = !question.id.is_empty()
                && question.id.len() <= 40
                && question.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            let place = format!("id: {}", question.id);
            if !good || !ids.insert(&question.id) {
                report.say(
                    &["quality:", &place],
                    format!("`{}` cannot be the id of a question, or is there twice", question.id),
                    "a–z, 0–9 and _",
                );
            }
        }
    }
}

/// A fee table by numbers must have a price for every number.
pub(super) fn check_bands(fee: &Fee, rows: &[Band], place: &[&str], report: &mut Report<'_>) {
    let ends: Vec<Option<i64>> = rows.iter().map(|row| row.up_to).collect();
    match ends.split_last() {
        None => report.say(
            place,
            format!("fee `{}`: the table has no rows", fee.id),
            "rows: [{up_to: 10, bhm: 1}, {bhm: 2}]",
        ),
        Some((Some(end), _)) => report.say(
            place,
            format!("fee `{}`: above {end} there is no price", fee.id),
            "leave `up_to` out of the last row",
        ),
        Some((None, rest)) => {
            let known: Vec<i64> = rest.iter().flatten().copied().collect();
            if known.len() != rest.len() || known.windows(2).any(|pair| pair[0] >= pair[1]) {
                report.say(
                    place,
                    format!("fee `{}`: the ends of the rows do not rise", fee.id),
                    "each row reaches further than the one before, and only the last has no `up_to`",
                );
            }
        }
    }
}

/// Conditions that are decided before anything is known: a rule that never takes effect, or keeps a later one from it.
pub(super) fn check_conditions(spec: &Spec, exprs: &BTreeMap<String, Expr>, report: &mut Report<'_>) {
    // The same on days and with base amounts that lie far apart: it does not hang on the calendar either.
    let fixed = |cel: &Cel| {
        // Whether something is there at all is not known before somebody comes.
        let expr = exprs.get(&cel.0).filter(|_| !cel.0.contains("has("))?;
        match (expr.eval(&Nothing { late: false }), expr.eval(&Nothing { late: true })) {
            (Value::Bool(one), Value::Bool(other)) if one == other => Some(one),
            _ => None,
        }
    };
    for state in &spec.flow.states {
        let place = format!("id: {}", state.id);
        let mut sure: Option<&str> = None;
        let mut seen = BTreeSet::new();
        for rule in &state.auto {
            let place: &[&str] = &["states:", &place, &rule.when.0];
            if let Some(before) = sure {
                report.say(
                    place,
                    format!(
                        "state `{}`: `{}` is never looked at, because `{before}` always holds",
                        state.id, rule.when.0
                    ),
                    "put the rule that always holds last",
                );
            } else if fixed(&rule.when) == Some(false) {
                report.say(place, format!("state `{}`: `{}` never holds", state.id, rule.when.0), "take the rule out");
            } else if !seen.insert(&rule.when) {
                report.say(
                    place,
                    format!("state `{}`: `{}` is there twice", state.id, rule.when.0),
                    "the first is taken",
                );
            }
            if fixed(&rule.when) == Some(true) {
                sure = sure.or(Some(&rule.when.0));
            }
        }
    }
    for action in &spec.flow.actions {
        if let Some(guard) = &action.guard
            && fixed(guard) == Some(false)
        {
            report.say(
                &["actions:", &format!("id: {}", action.id)],
                format!("action `{}` is never offered: `{}` never holds", action.id, guard.0),
                "take the action or its guard out",
            );
        }
    }
    for rule in &spec.access.eligibility {
        if fixed(&rule.when) == Some(true) {
            report.say(
                &["eligibility:", &rule.when.0],
                format!("`{}` always holds: nobody can use the service", rule.when.0),
                "`when` is true for those who are refused",
            );
        }
    }
}

/// Surroundings in which nothing is known.
struct Nothing {
    late: bool,
}

impl Env for Nothing {
    fn get(&self, _: &str) -> Value {
        Value::Unknown
    }

    fn today(&self) -> Date {
        jiff::civil::date(if self.late { 2900 } else { 1900 }, 1, 1)
    }

    fn bhm(&self) -> Decimal {
        if self.late { Decimal::from(1_000_000_000) } else { Decimal::ONE }
    }

    fn calendar(&self) -> &Calendar {
        static EMPTY: std::sync::OnceLock<Calendar> = std::sync::OnceLock::new();
        EMPTY.get_or_init(|| Calendar::new([], [], Date::default(), Date::default()))
    }
}
