//! The difference of two versions in words (CAT-DIFF), and what each change weighs (CAT-CLASS).

use catalog::domain::class::{Class, class};
use catalog::domain::diff::{Change, changes};
use definition::{Amount, Cel, Channel, Check, Definition, Eligibility, Spec};
use kernel::calendar::Term;
use kernel::lang::{Lang, Text};
use kernel::money::Rate;
use refdata::RefData;
use serde_json::Value;

use crate::publish::services;

fn service(name: &str) -> Spec {
    let yaml = std::fs::read_to_string(services().join(name)).expect("a definition");
    match definition::compile(&yaml, name, &RefData::shared()) {
        Ok(definition) => definition.spec().clone(),
        Err(wrong) => panic!("{wrong:?}"),
    }
}

fn rate(channel: Channel) -> Rate {
    RefData::shared().channel_rate(channel.name(), kernel::clock::Date::constant(2026, 11, 23))
}

fn words(lang: Lang, list: &[Change]) -> Vec<String> {
    let texts = web::i18n::Catalogue::load(&[web::LOCALES, catalog::module().locales]).expect("the texts are sound");
    let t = texts.lang(lang);
    list.iter().map(|change| catalog::words(&t, change).replace(['\u{a0}', '\u{202f}'], " ")).collect()
}

#[test]
fn a_change_is_said_in_words_in_every_language() {
    let before = service("fhdy/298.yaml");
    let mut after = before.clone();
    after.fees[0].amount = Amount::Bhm("0.04".parse().expect("a share"));
    after.term.total = Some(Term::workdays(2));
    after.pages[0].fields[0].required = Cel("false".to_owned());
    let removed = after.flow.reasons.pop().expect("a reason");
    after.passport.title = Text::new("Yangi", "Jańa", "Новое", "New");
    let list = changes(&before, &after, rate);
    let english = words(Lang::En, &list);
    let field = before.pages[0].fields[0].label.get(Lang::En);
    let expected = [
        format!("title: “{}” → “New”", before.passport.title.get(Lang::En)),
        format!("Fee “{}” · price on the portal: 0.045 BHM → 0.036 BHM", before.fees[0].title.get(Lang::En)),
        format!("Fee “{}” · price at the counter: 0.05 BHM → 0.04 BHM", before.fees[0].title.get(Lang::En)),
        format!("Reason of refusal “{}”: taken away", removed.text.get(Lang::En)),
        "total term: 3 working days → 2 working days".to_owned(),
        format!("Field “{field}” · required: yes → no"),
    ];
    for line in &expected {
        assert!(english.contains(line), "{line}\nis not in\n{}", english.join("\n"));
    }
    assert_eq!(english.len(), expected.len(), "{english:?}");
    let uzbek = words(Lang::Uz, &list).join("\n");
    assert!(uzbek.contains("portalda narxi: 0,045 BHM → 0,036 BHM"), "{uzbek}");
    let russian = words(Lang::Ru, &list).join("\n");
    assert!(russian.contains("общий срок: 3 рабочих дня → 2 рабочих дня"), "{russian}");
    for lang in Lang::ALL {
        for line in words(lang, &list) {
            assert!(!line.contains("catalog-") && !line.contains("{ $"), "{}: {line}", lang.code());
        }
    }
    assert!(changes(&before, &before, rate).is_empty());
}

/// Every place of a JSON value that holds no other.
fn leaves(value: &Value, path: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| leaves(value, &format!("{path}/{}", key.replace('/', "~1")), out))
        }
        Value::Array(list) => list.iter().enumerate().for_each(|(n, value)| leaves(value, &format!("{path}/{n}"), out)),
        _ => out.push(path.to_owned()),
    }
}

#[test]
fn no_difference_goes_unsaid_wherever_it_is() {
    let texts = web::i18n::Catalogue::load(&[web::LOCALES, catalog::module().locales]).expect("the texts are sound");
    let t = texts.lang(Lang::Uz);
    let mut tried = 0;
    for name in ["fhdy/298.yaml", "other/190.yaml", "education/285.yaml"] {
        let before = service(name);
        let json = serde_json::to_value(&before).expect("JSON");
        let mut places = Vec::new();
        leaves(&json, "", &mut places);
        for place in places {
            let mut changed = json.clone();
            match changed.pointer_mut(&place).expect("a place") {
                Value::String(text) => text.push('x'),
                Value::Bool(truth) => *truth = !*truth,
                Value::Number(number) => *number = (number.as_i64().unwrap_or(0) + 1).into(),
                _ => continue,
            }
            // A word of a closed list, a date: what would not be a definition.
            let Ok(after) = serde_json::from_value::<Spec>(changed) else { continue };
            let list = changes(&before, &after, rate);
            assert!(!list.is_empty(), "{name}: a change of {place} goes unsaid");
            for change in &list {
                let line = catalog::words(&t, change);
                assert!(!line.is_empty() && !line.contains("catalog-"), "{place}: {line}");
            }
            tried += 1;
        }
    }
    assert!(tried > 1000, "{tried} places");
}

fn window(from: &str, to: &str) -> definition::Window {
    serde_json::from_value(serde_json::json!({"from": from, "to": to})).expect("a window")
}

#[test]
fn a_further_or_longer_window_is_compatible_and_a_shorter_one_is_not() {
    let mut before = service("fhdy/298.yaml");
    before.access.campaign = vec![window("2026-12-01", "2026-12-20")];
    let class = |change: fn(&mut Spec)| {
        let mut after = before.clone();
        change(&mut after);
        changes(&before, &after, rate).iter().map(|change| change.class).max().expect("a change")
    };
    assert_eq!(class(|s| s.access.campaign.push(window("2027-12-01", "2027-12-20"))), Class::Compatible);
    assert_eq!(class(|s| s.access.campaign[0].to = "2026-12-31".parse().expect("a day")), Class::Compatible);
    assert_eq!(class(|s| s.access.campaign[0].finish_days = 3), Class::Compatible);
    assert_eq!(class(|s| s.access.campaign.clear()), Class::Compatible);
    assert_eq!(class(|s| s.access.campaign[0].to = "2026-12-10".parse().expect("a day")), Class::Breaking);
}

/// One edit of the spec, with what it is to weigh.
type Edit = (&'static str, fn(&mut Spec), Class);

#[test]
fn what_becomes_stricter_is_breaking_and_what_becomes_looser_is_compatible() {
    use Class::{Breaking, Compatible, Cosmetic};
    let edits: &[Edit] = &[
        ("a word", |s| s.pages[0].fields[0].label = Text::uz("Boshqa"), Cosmetic),
        ("a help", |s| s.pages[0].fields[0].help = None, Cosmetic),
        ("a keyword", |s| s.passport.keywords.push("yangi".to_owned()), Cosmetic),
        ("a required document", |s| s.passport.documents.push(Text::uz("Pasport")), Cosmetic),
        ("a shorter term", |s| s.term.total = Some(Term::workdays(1)), Compatible),
        ("a longer term", |s| s.term.total = Some(Term::workdays(9)), Breaking),
        ("no term", |s| s.term.total = None, Breaking),
        ("a longer text", |s| s.pages[0].fields[2].limits.max_length = Some(9000), Compatible),
        ("a shorter text", |s| s.pages[0].fields[2].limits.max_length = Some(3), Breaking),
        ("a least length", |s| s.pages[0].fields[2].limits.min_length = Some(3), Breaking),
        (
            "a check",
            |s| {
                s.pages[0].fields[1]
                    .check
                    .push(Check { expr: Cel("purpose != 'bank'".to_owned()), message: Text::uz("Yo‘q") })
            },
            Breaking,
        ),
        (
            "a refusal",
            |s| {
                s.access.eligibility.push(Eligibility {
                    when: Cel("person.sex == 'm'".to_owned()),
                    code: "sex".to_owned(),
                    message: Text::uz("Yo‘q"),
                })
            },
            Breaking,
        ),
        ("a lower limit", |s| s.access.limit = Some(1.into()), Breaking),
        (
            "a limit for each entry",
            |s| s.access.limit = Some(definition::Limit { open: 9, per: Some(Cel("record".to_owned())) }),
            Breaking,
        ),
        ("a window", |s| s.access.campaign.push(window("2026-12-01", "2026-12-20")), Breaking),
        (
            "the counter closed",
            |s| {
                let rule = serde_json::json!({"region": "1726", "from": "2026-12-01"});
                s.access.online_only.push(serde_json::from_value(rule).expect("a rule"));
            },
            Breaking,
        ),
        (
            "for a child too",
            |s| s.access.on_behalf.push(serde_json::from_value("child".into()).expect("a kind")),
            Compatible,
        ),
        (
            "a code on the programs' channel only",
            |s| {
                let rule = serde_json::json!({"default": "password", "api": "otp"});
                s.access.assurance = serde_json::from_value(rule).expect("a rule");
            },
            Breaking,
        ),
        ("a channel less", |s| s.access.channels.truncate(1), Breaking),
        ("a higher assurance", |s| s.access.assurance = definition::Assurance::Signature.into(), Breaking),
        ("a lower assurance", |s| s.access.assurance = definition::Assurance::Open.into(), Compatible),
        ("a register less", |s| drop(s.registers.pop()), Compatible),
        ("a register asked later", |s| s.registers[0].at = definition::AskAt::Submit, Breaking),
        ("another route", |s| s.route.level = definition::Level::Centre, Breaking),
        ("an option less", |s| drop(s.pages[0].fields[1].options.pop()), Breaking),
        (
            "an option more",
            |s| {
                let mut one = s.pages[0].fields[1].options[0].clone();
                one.code = "more".to_owned();
                s.pages[0].fields[1].options.push(one);
            },
            Compatible,
        ),
        ("another order of fields", |s| s.pages[0].fields.swap(0, 1), Cosmetic),
        ("a field less", |s| drop(s.pages[0].fields.remove(1)), Breaking),
        ("another type", |s| s.pages[0].fields[1].kind = definition::FieldType::Text, Breaking),
        ("another price", |s| s.fees[0].amount = Amount::Som(1), Breaking),
        ("no price", |s| s.fees.clear(), Breaking),
        ("more days to pay", |s| s.payment.as_mut().expect("a payment").expires_days = 99, Compatible),
        ("fewer days to pay", |s| s.payment.as_mut().expect("a payment").expires_days = 1, Breaking),
        ("fewer days to appeal", |s| s.appeal.as_mut().expect("an appeal").days = 1, Breaking),
        ("more days to appeal", |s| s.appeal.as_mut().expect("an appeal").days = 99, Compatible),
        ("a reason less", |s| drop(s.flow.reasons.pop()), Breaking),
        ("a document less", |s| s.outputs.clear(), Breaking),
        ("a document that can be revoked", |s| s.outputs[0].revocable = true, Breaking),
        ("a document that ends", |s| s.outputs[0].validity = Some(Term::workdays(3)), Breaking),
        ("the first state", |s| s.flow.states.swap(0, 1), Breaking),
    ];
    let before = {
        let mut spec = service("fhdy/298.yaml");
        spec.access.limit = Some(3.into());
        spec
    };
    for (what, edit, expected) in edits {
        let mut after = before.clone();
        edit(&mut after);
        assert_eq!(class(Some(&before), &after), *expected, "{what}: {:#?}", changes(&before, &after, rate));
    }
    // The applicant's own time in a return: longer is kinder.
    for (days, expected) in [(60, Compatible), (3, Breaking)] {
        let mut after = before.clone();
        let returned = after.flow.states.iter_mut().find(|state| state.id == "returned").expect("a return");
        returned.term = Some(Term::new(days, kernel::calendar::Unit::Day));
        assert_eq!(class(Some(&before), &after), expected, "{days} days to answer");
    }
}

#[test]
fn a_version_of_an_older_program_without_shapes_differs_in_nothing_that_matters() {
    let after = service("fhdy/298.yaml");
    let mut before = after.clone();
    before.shapes.clear();
    assert_eq!(class(Some(&before), &after), Class::Cosmetic);
    let read = Definition::from_json(&serde_json::to_string(&before).expect("JSON")).expect("read back");
    assert_eq!(read.spec().registers, after.registers);
}

#[test]
fn the_return_of_a_fee_is_told_in_words_and_weighs_what_it_promises() {
    use definition::RefundAfter;
    let before = service("fhdy/298.yaml");
    let mut more = before.clone();
    more.fees[0].refund = vec![RefundAfter::Refused, RefundAfter::Withdrawn];
    let found = changes(&before, &more, rate);
    assert_eq!((found.len(), found[0].class), (1, Class::Compatible));
    let said = words(Lang::En, &found);
    assert!(said[0].contains("returned after") && said[0].contains("refusal, withdrawal"), "{said:?}");
    for lang in Lang::ALL {
        assert!(!words(lang, &found)[0].contains("“refund”"), "{}", lang.code());
    }
    let found = changes(&more, &before, rate);
    assert_eq!((found.len(), found[0].class), (1, Class::Breaking), "who paid under a promise keeps it");
}
