//! To which unit a case goes, and the way it goes.

use kernel::person::Soato;

use crate::definition::Definition;
use crate::model::*;
use crate::scope;

/// The unit that works a state: the state's own agency and level, or those of the route.
///
/// The area comes from the route's expression, or from where the person lives, cut to the level. When it is not known,
/// the case goes to the central office, which can pass it on: a case without a unit would be lost.
///
/// Rule: DEF-ROUTE.
/// Source: agencies are built centre → region → district (uz-data §4).
pub(crate) fn unit(definition: &Definition, state: &str, facts: &Facts) -> UnitRef {
    let route = &definition.spec.route;
    let state = definition.state(state);
    let agency = state.and_then(|state| state.agency.clone()).unwrap_or_else(|| route.agency.clone());
    if let Some(least) = state.and_then(|state| least_loaded(&agency, &state.by_load, facts)) {
        return least;
    }
    let level = state.and_then(|state| state.level).unwrap_or(route.level);
    UnitRef { agency, area: area(definition, level, facts) }
}

/// Of several units that may all work a state the one with the least before it; of those that have as little, the first in
/// the order of the definition. `None` = the state is not given out by load.
///
/// Rule: DEF-BY-LOAD.
/// Source: key `by_load` of a state; work that does not hang on a place goes to whoever can do it soonest.
fn least_loaded(agency: &str, areas: &[String], facts: &Facts) -> Option<UnitRef> {
    let units = areas.iter().filter_map(|area| Soato::parse(area).ok());
    let units = units.map(|area| UnitRef { agency: agency.to_owned(), area: Some(area) });
    units.min_by_key(|unit| facts.loads.get(&unit.to_string()).copied().unwrap_or(0))
}

/// The units among which a state is given out by load; empty where it is not.
pub(crate) fn candidates(definition: &Definition, state: &State) -> Vec<UnitRef> {
    let agency = state.agency.as_ref().unwrap_or(&definition.spec.route.agency);
    let areas = state.by_load.iter().filter_map(|area| Soato::parse(area).ok());
    areas.map(|area| UnitRef { agency: agency.clone(), area: Some(area) }).collect()
}

/// The unit of a task beside others.
pub(crate) fn task_unit(definition: &Definition, task: &Task, facts: &Facts) -> UnitRef {
    let level = task.level.unwrap_or(definition.spec.route.level);
    UnitRef { agency: task.agency.clone(), area: area(definition, level, facts) }
}

fn area(definition: &Definition, level: Level, facts: &Facts) -> Option<Soato> {
    let digits = match level {
        Level::Centre => return None,
        Level::Region => 4,
        Level::District => 7,
    };
    let place = match &definition.spec.route.by {
        Some(by) => scope::as_text(&definition.eval(by, facts)),
        None => facts.person.region.as_ref().map(|soato| soato.as_str().to_owned()),
    }?;
    // A region is all that is known of some people: their case goes to the region's unit.
    let end = place.len().min(digits);
    Soato::parse(place.get(..end)?).ok()
}

/// The way of an application that goes well.
///
/// From each state it follows the first action that does not end badly and does not go back.
pub(crate) fn steps(definition: &Definition) -> Vec<Step> {
    let flow = &definition.spec.flow;
    let mut steps = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut here = flow.states.first();
    while let Some(state) = here {
        if seen.contains(&state.id.as_str()) {
            break;
        }
        seen.push(&state.id);
        if state.kind == StateKind::Tasks {
            steps.extend(state.tasks.iter().map(|task| Step {
                title: task.title.clone(),
                agency: Some(task.agency.clone()),
                term: Some(task.term),
            }));
        } else {
            let worked = matches!(state.kind, StateKind::Work | StateKind::Commission | StateKind::Queue);
            let agency = state.agency.clone().or_else(|| worked.then(|| definition.spec.route.agency.clone()));
            let term = state.term.or_else(|| {
                let alone = flow.states.iter().filter(|s| s.kind == StateKind::Work).count() == 1;
                (state.kind == StateKind::Work && alone).then_some(definition.spec.term.total).flatten()
            });
            steps.push(Step { title: state.title.clone(), agency, term });
        }
        here = flow
            .actions
            .iter()
            .filter(|action| action.from.contains(&state.id) && action.by != By::Citizen)
            .filter_map(|action| definition.state(&action.to))
            .find(|to| {
                !matches!(to.kind, StateKind::Refused | StateKind::Withdrawn | StateKind::Expired | StateKind::Returned)
                    && !seen.contains(&to.id.as_str())
            });
    }
    steps
}
