use kernel::id::{StaffId, TaskId};
use kernel::lang::Text;
use kernel::rng::SeededRng;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_240_800 + second).unwrap()
}

fn unit() -> UnitRef {
    UnitRef::parse("AV.1726266")
}

fn task() -> Task {
    Task {
        id: TaskId::new(at(0), &SeededRng::new(3)),
        title: Text::uz("Xulosa"),
        unit: unit(),
        due: None,
        question: String::new(),
        answer: None,
    }
}

fn staff() -> StaffId {
    StaffId::new(at(0), &SeededRng::new(4))
}

fn refused() -> Stage {
    Stage::Refused {
        at: at(0),
        reason: Some("no_record".to_owned()),
        comment: "yo‘q".to_owned(),
        read: None,
        appeal: Some(AppealTerms { days: 30, unit: UnitRef::parse("AV.1726"), outer: None }),
        from: "review".to_owned(),
    }
}

/// One of each stage, in the state where most is possible.
fn stages() -> Vec<Stage> {
    vec![
        Stage::Moving,
        Stage::Payment {
            title: Text::uz("x"),
            lines: Vec::new(),
            total: Tiyin::from_som(1),
            expires: at(9),
            paid: false,
        },
        Stage::Auto { since: at(0) },
        Stage::Work { unit: unit(), officer: None, due: None, asked: Vec::new(), proposal: None },
        Stage::Queue { unit: unit(), since: at(0) },
        Stage::Tasks { unit: unit(), tasks: vec![task()] },
        Stage::Commission { unit: unit(), members: 3, needed: 2, due: None, votes: Vec::new() },
        Stage::Returned {
            from: Returner { state: "review".to_owned(), officer: None },
            comment: String::new(),
            answer_by: None,
        },
        Stage::Approved { at: at(0) },
        refused(),
        Stage::Appeal { unit: unit(), officer: None, text: String::new(), refused: Box::new(refused()) },
        Stage::Withdrawn { at: at(0) },
        Stage::Expired { at: at(0) },
    ]
}

fn entered(place: Place) -> Event {
    Event::Entered(Entered {
        state: "next".to_owned(),
        action: None,
        place,
        deadline: Deadline::None,
        comment: None,
        reason: None,
        files: Vec::new(),
        silence: false,
        proposed_by: None,
    })
}

fn submitted() -> Submitted {
    Submitted {
        number: "2648210937551843".to_owned(),
        service: "298".to_owned(),
        version: VersionHash::parse(&"a".repeat(64)).unwrap(),
        channel: Channel::Web,
        lang: Lang::Uz,
        applicant: "Karimova Nodira".to_owned(),
        region: None,
        answers: Answers::new(),
        registers: definition::Registers::default(),
        deadline: Deadline::None,
        total: Tiyin::ZERO,
        behalf: None,
    }
}

fn proposal() -> Proposal {
    Proposal {
        action: "approve".to_owned(),
        staff: StaffId::new(at(0), &SeededRng::new(7)),
        name: "A. Aliyev".to_owned(),
        comment: String::new(),
        reason: String::new(),
        files: Vec::new(),
    }
}

/// One of each event.
fn events() -> Vec<Event> {
    let rng = SeededRng::new(5);
    vec![
        Event::Submitted(submitted()),
        entered(Place::Payment {
            title: Text::uz("x"),
            lines: Vec::new(),
            total: Tiyin::from_som(1),
            expires: at(9),
            valid_after_reject_days: 0,
        }),
        entered(Place::Auto),
        entered(Place::Work { unit: unit(), due: None }),
        entered(Place::Queue { unit: unit() }),
        entered(Place::Tasks { unit: unit(), tasks: vec![task()] }),
        entered(Place::Commission { unit: unit(), members: 3, needed: 2, due: None }),
        entered(Place::Returned { answer_by: None }),
        entered(Place::Approved),
        entered(Place::Refused { appeal: None }),
        entered(Place::Withdrawn),
        entered(Place::Expired),
        Event::Assigned { officer: Some(staff()), name: "A. Aliyev".to_owned() },
        Event::Paid { invoice: InvoiceId::new(at(0), &rng), amount: Tiyin::from_som(1) },
        Event::Asked { task: task() },
        Event::TaskClosed { task: task().id, positive: true, comment: "ha".to_owned() },
        Event::Voted { staff: staff(), name: "A. Aliyev".to_owned(), in_favour: true, comment: String::new() },
        Event::Upgraded { version: submitted().version, answers: Answers::new() },
        Event::Corrected { answers: Answers::new(), comment: String::new() },
        Event::DecisionRead,
        Event::Appealed { text: "norozi".to_owned(), unit: unit(), deadline: Deadline::None },
        Event::AppealDecided { granted: true, comment: "ha".to_owned() },
        Event::Rated { stars: 5, comment: String::new(), answers: BTreeMap::new() },
        Event::Proposed { proposal: proposal() },
        Event::ProposalDeclined { staff: staff(), name: "B. Valiyev".to_owned(), comment: "yo‘q".to_owned() },
        Event::Reminded { due: at(9), left: Term::workdays(1) },
        Event::TermPassed { due: at(9), then: AfterTerm::Escalate },
        Event::Erased { bodies: Vec::new() },
    ]
}

fn moment() -> Moment<'static> {
    Moment { at: at(10), by: &Actor::System, state: "review" }
}

#[test]
fn the_life_cycle_is_the_one_in_the_matrix() {
    let mut out = format!("{:<20}", "event \\ stage");
    for stage in stages() {
        out.push_str(&format!("{:<12}", stage.name()));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    for event in events() {
        out.push_str(&format!("{:<20}", event.name()));
        for stage in stages() {
            let to = step(stage, &event, moment()).map_or("·", |next| next.name());
            out.push_str(&format!("{to:<12}"));
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/matrix.txt");
    let known = std::fs::read_to_string(path).unwrap_or_default();
    if known != out {
        std::fs::write(path, &out).unwrap();
        panic!("the life cycle has changed: look at the difference in tests/data/matrix.txt and commit it\n{out}");
    }
}

#[test]
fn nothing_happens_after_the_end_but_reading_rating_appeal_and_erasure() {
    for stage in stages().into_iter().filter(Stage::is_final) {
        for event in events() {
            let allowed = step(stage.clone(), &event, moment()).is_ok();
            let after = matches!(
                event,
                Event::DecisionRead | Event::Rated { .. } | Event::Appealed { .. } | Event::Erased { .. }
            );
            assert!(!allowed || after, "{} after {}", event.name(), stage.name());
        }
    }
}

#[test]
fn a_case_is_not_approved_while_an_asked_agency_is_silent() {
    let asked = Stage::Work { unit: unit(), officer: None, due: None, asked: vec![task()], proposal: None };
    assert!(step(asked.clone(), &entered(Place::Approved), moment()).is_err());
    let close = Event::TaskClosed { task: task().id, positive: false, comment: "yo‘q".to_owned() };
    let answered = step(asked, &close, moment()).unwrap();
    assert!(step(answered.clone(), &entered(Place::Approved), moment()).is_ok());
    assert!(step(answered, &close, moment()).is_err(), "a task is closed once");
}

#[test]
fn a_member_votes_once() {
    let stage = Stage::Commission { unit: unit(), members: 3, needed: 2, due: None, votes: Vec::new() };
    let vote = |in_favour| Event::Voted { staff: staff(), name: String::new(), in_favour, comment: String::new() };
    let voted = step(stage, &vote(true), moment()).unwrap();
    assert!(step(voted, &vote(false), moment()).is_err());
}

#[test]
fn a_corrected_case_comes_back_to_the_official_who_returned_it() {
    let officer = Some(Officer { staff: staff(), name: "A. Aliyev".to_owned() });
    let work = Stage::Work { unit: unit(), officer: officer.clone(), due: None, asked: Vec::new(), proposal: None };
    let returned = step(work, &entered(Place::Returned { answer_by: None }), moment()).unwrap();
    let Event::Entered(mut back) = entered(Place::Work { unit: unit(), due: None }) else { unreachable!() };
    back.state = "review".to_owned();
    let again = step(returned.clone(), &Event::Entered(back), moment()).unwrap();
    assert_eq!(again.officer().cloned(), officer);
    let elsewhere = step(returned, &entered(Place::Work { unit: unit(), due: None }), moment()).unwrap();
    assert_eq!(elsewhere.officer(), None);
}

#[test]
fn an_upheld_refusal_cannot_be_appealed_again() {
    let appeal = Event::Appealed { text: "norozi".to_owned(), unit: unit(), deadline: Deadline::None };
    let appealed = step(refused(), &appeal, moment()).unwrap();
    let rejected = Event::AppealDecided { granted: false, comment: "yo‘q".to_owned() };
    let again = step(appealed, &rejected, moment()).unwrap();
    assert_eq!(again.outcome(), Some(Outcome::Refused));
    assert!(step(again, &appeal, moment()).is_err());
}

fn begun() -> (Case, Stored) {
    let rng = SeededRng::new(6);
    let first = Recorded {
        subject: SubjectId::new(at(0), &rng),
        case: CaseId::new(at(0), &rng),
        seq: 1,
        at: at(0),
        by: Actor::Applicant,
        event: Event::Submitted(submitted()),
    };
    let (case, body) = Case::begin(&first).unwrap();
    let hash = case.head;
    (case, Stored { recorded: first, body, hash })
}

fn next(case: &Case, event: Event) -> Recorded {
    Recorded { subject: case.subject, case: case.id, seq: case.seq + 1, at: at(case.seq), by: Actor::System, event }
}

#[test]
fn a_case_is_what_its_stored_events_fold_to() {
    let (mut case, first) = begun();
    let mut stored = vec![first];
    for event in [entered(Place::Work { unit: unit(), due: None }), entered(Place::Approved)] {
        let recorded = next(&case, event);
        let body = case.apply(&recorded).unwrap();
        let read = Stored::read(recorded.seq, &body, case.head.bytes()).unwrap();
        assert_eq!(read.recorded, recorded, "what is written reads back the same");
        stored.push(read);
    }
    assert_eq!(Case::fold(&stored).unwrap(), case);
    assert_eq!(case.stage.status(), "finished");
    assert!(case.ended_at.is_some());
}

#[test]
fn a_changed_past_is_found() {
    let (mut case, first) = begun();
    let recorded = next(&case, entered(Place::Approved));
    let body = case.apply(&recorded).unwrap();
    let second = Stored { recorded, body, hash: case.head };
    let mut forged = first.clone();
    forged.body = forged.body.replace("Nodira", "Nodirs");
    assert!(matches!(Case::fold(&[forged, second.clone()]), Err(FoldError::Chain { seq: 1 })));
    assert!(matches!(Case::fold(&[second]), Err(FoldError::Chain { .. })));
    assert!(matches!(Case::fold(&[]), Err(FoldError::Empty)));
}

#[test]
fn events_without_their_turn_are_refused() {
    let (mut case, _) = begun();
    let mut late = next(&case, entered(Place::Approved));
    late.seq += 1;
    assert!(matches!(case.apply(&late), Err(FoldError::Order { .. })));
}

#[test]
fn a_service_is_rated_once() {
    let (mut case, _) = begun();
    let approved = next(&case, entered(Place::Approved));
    case.apply(&approved).unwrap();
    let rate =
        |case: &Case, stars| next(case, Event::Rated { stars, comment: String::new(), answers: BTreeMap::new() });
    assert!(case.clone().apply(&rate(&case, 0)).is_err());
    assert!(case.clone().apply(&rate(&case, 6)).is_err());
    let five = rate(&case, 5);
    case.apply(&five).unwrap();
    let again = rate(&case, 1);
    assert!(case.apply(&again).is_err());
    assert_eq!(case.rating, Some(5));
}

#[test]
fn a_proposal_is_answered_by_somebody_else() {
    let mine = proposal();
    let free = Stage::Work { unit: unit(), officer: None, due: None, asked: Vec::new(), proposal: None };
    let proposed = step(free, &Event::Proposed { proposal: mine.clone() }, moment()).unwrap();
    assert!(step(proposed.clone(), &Event::Proposed { proposal: mine.clone() }, moment()).is_err(), "one at a time");
    let decline = |staff| Event::ProposalDeclined { staff, name: String::new(), comment: "yo‘q".to_owned() };
    assert!(step(proposed.clone(), &decline(mine.staff), moment()).is_err(), "not by whoever proposed it");
    let declined = step(proposed, &decline(staff()), moment()).unwrap();
    assert!(matches!(declined, Stage::Work { proposal: None, .. }));
}

#[test]
fn silence_does_not_wait_for_those_who_are_silent_and_ends_the_case_only() {
    let tasks = Stage::Tasks { unit: unit(), tasks: vec![task()] };
    let silent = |place| match entered(place) {
        Event::Entered(entered) => Event::Entered(Entered { silence: true, ..entered }),
        other => other,
    };
    assert!(step(tasks.clone(), &entered(Place::Approved), moment()).is_err());
    assert!(step(tasks.clone(), &silent(Place::Approved), moment()).is_ok());
    assert!(step(tasks, &silent(Place::Auto), moment()).is_err());
}

#[test]
fn nothing_to_pay_is_paid() {
    let free = Place::Payment {
        title: Text::uz("x"),
        lines: Vec::new(),
        total: Tiyin::ZERO,
        expires: at(9),
        valid_after_reject_days: 0,
    };
    let stage = step(Stage::Moving, &entered(free), moment()).unwrap();
    assert!(step(stage, &entered(Place::Work { unit: unit(), due: None }), moment()).is_ok());
}

#[test]
fn an_erased_case_still_folds_and_a_forged_one_does_not() {
    let (mut case, first) = begun();
    let mut stored = vec![first];
    for event in [entered(Place::Work { unit: unit(), due: None }), entered(Place::Approved)] {
        let recorded = next(&case, event);
        let body = case.apply(&recorded).unwrap();
        stored.push(Stored { recorded, body, hash: case.head });
    }
    let erased = crate::domain::retention::erase(&stored).unwrap();
    assert_eq!(erased.len(), 1, "only the application knows anything of people here");
    let bodies = erased.iter().map(|(seq, body)| ErasedBody { seq: *seq, sha256: chain::digest(body) }).collect();
    let recorded = next(&case, Event::Erased { bodies });
    let body = case.apply(&recorded).unwrap();
    let last = Stored::read(recorded.seq, &body, case.head.bytes()).unwrap();
    assert_eq!(last.recorded, recorded);
    let blank = |stored: &[Stored]| -> Vec<Stored> {
        let mut rows = stored.to_vec();
        for (seq, body) in &erased {
            let row = rows.iter_mut().find(|row| row.recorded.seq == *seq).unwrap();
            *row = Stored::read(*seq, body, row.hash.bytes()).unwrap();
        }
        rows
    };
    let mut rows = blank(&stored);
    assert!(matches!(Case::fold(&rows), Err(FoldError::Chain { seq: 1 })), "nothing is erased without its record");
    rows.push(last.clone());
    let folded = Case::fold(&rows).unwrap();
    assert_eq!(folded.submitted.applicant, "");
    assert_eq!((folded.seq, folded.head, folded.stage), (case.seq, case.head, case.stage));
    assert_eq!(folded.erased_at, Some(last.recorded.at));
    rows[0].body = rows[0].body.replace("\"298\"", "\"299\"");
    assert!(matches!(Case::fold(&rows), Err(FoldError::Chain { seq: 1 })), "what stands in its place is chained too");
}
