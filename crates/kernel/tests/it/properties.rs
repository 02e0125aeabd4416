//! What must hold for any input.

use jiff::civil::{Date, date};
use kernel::calendar::{Calendar, Term, Unit, due};
use kernel::clock::{Timestamp, from_micros, micros, tashkent, tashkent_date};
use kernel::money::{Decimal, Rate, Share, Tiyin, round_to_som};
use kernel::person::{Email, Passport, Phone, Pinfl, PinflError, Sex, Soato, Stir};
use kernel::script::{fold, to_cyrillic};
use proptest::prelude::*;

/// A day from 1990 to 2089.
fn days() -> impl Strategy<Value = Date> {
    (0..36_500i64).prop_map(|n| date(1990, 1, 1).checked_add(jiff::Span::new().days(n)).unwrap())
}

/// A moment from 1990 to 2089.
fn moments() -> impl Strategy<Value = Timestamp> {
    (631_152_000i64..3_755_289_600).prop_map(|s| Timestamp::from_second(s).unwrap())
}

fn units() -> impl Strategy<Value = Unit> {
    prop_oneof![Just(Unit::Minute), Just(Unit::Hour), Just(Unit::Workday), Just(Unit::Day), Just(Unit::Month)]
}

/// Calendars with random days off and moved working days around 2026.
fn calendars() -> impl Strategy<Value = Calendar> {
    let near = || {
        prop::collection::vec(
            (0..1100i64).prop_map(|n| date(2025, 1, 1).checked_add(jiff::Span::new().days(n)).unwrap()),
            0..60,
        )
    };
    (near(), near()).prop_map(|(off, on)| Calendar::new(off, on, date(2025, 1, 1), date(2027, 12, 31)))
}

/// A moment from 2025 to 2027, where the calendars above have their days.
fn near_moments() -> impl Strategy<Value = Timestamp> {
    (1_735_671_600i64..1_830_279_600).prop_map(|s| Timestamp::from_second(s).unwrap())
}

/// Words of the letters of Uzbek Latin, so that every rule meets every other. Two y before e stand in no word.
fn words() -> impl Strategy<Value = String> {
    let letters = vec![
        "a", "b", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "x",
        "y", "z", "o‘", "g‘", "sh", "ch", "ng", "ya", "yo", "yu", "ye", "yo‘", "ts", "s’h", "’", " ", "-", "tsiya",
        "litsenz", "A", "E", "Sh", "O‘", "Ya", "TS", "noyabr", "1", ".",
    ];
    prop::collection::vec(prop::sample::select(letters), 1..24)
        .prop_map(|parts| parts.concat())
        .prop_filter("yye is in no word", |word| !word.to_lowercase().contains("yye"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_composed_pinfl_parses_and_tells_what_it_was_made_of(
        birth in days(), female in any::<bool>(), district in 0u16..1000, serial in 0u16..1000,
    ) {
        let sex = if female { Sex::Female } else { Sex::Male };
        let pinfl = Pinfl::compose(birth, sex, district, serial).unwrap();
        prop_assert_eq!(Pinfl::parse(pinfl.as_str()), Ok(pinfl));
        prop_assert_eq!((pinfl.birth_date(), pinfl.sex()), (birth, sex));
    }

    #[test]
    fn one_wrong_digit_in_a_pinfl_is_always_noticed(birth in days(), at in 0usize..14, change in 1u8..10, serial in 0u16..1000) {
        let pinfl = Pinfl::compose(birth, Sex::Male, 261, serial).unwrap();
        let mut digits = pinfl.as_str().as_bytes().to_vec();
        digits[at] = b'0' + (digits[at] - b'0' + change) % 10;
        // 7, 3 and 1 have no factor in common with 10, so that every single change moves the sum.
        prop_assert!(Pinfl::parse(&String::from_utf8(digits).unwrap()).is_err());
    }

    #[test]
    fn fourteen_digits_are_a_pinfl_only_with_the_right_check_digit(body in "[1-6][0-2][1-9]0[1-9][0-9]{8}") {
        let right = (0..10).filter(|d| Pinfl::parse(&format!("{body}{d}")).is_ok()).count();
        let impossible = (0..10).filter(|d| Pinfl::parse(&format!("{body}{d}")) == Err(PinflError::BirthDate)).count();
        prop_assert!(right == 1 || impossible == 10, "{right} {impossible}");
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in any::<String>()) {
        let _ = (Pinfl::parse(&text), Stir::parse(&text), Passport::parse(&text), Phone::parse(&text));
        let _ = (Soato::parse(&text), Email::parse(&text), Share::parse(&text), text.parse::<kernel::id::CaseId>());
        to_cyrillic(&text);
        fold(&text);
    }

    #[test]
    fn what_is_printed_parses_back(phone in "[1-9][0-9]{8}", passport in "[A-Z]{2}[0-9]{7}", soato in "17[0-9]{5}") {
        let phone = Phone::parse(&phone).unwrap();
        prop_assert_eq!(Phone::parse(&phone.spaced()), Ok(phone));
        prop_assert_eq!(Phone::parse(phone.as_str()), Ok(phone));
        let passport = Passport::parse(&passport).unwrap();
        prop_assert_eq!(Passport::parse(passport.as_str()), Ok(passport));
        let soato = Soato::parse(&soato).unwrap();
        prop_assert_eq!(Soato::parse(soato.as_str()), Ok(soato));
        prop_assert!(soato.is_within(&soato.region()));
    }

    #[test]
    fn a_term_of_days_ends_on_a_working_day_not_before_receipt(
        received in near_moments(), n in 0u32..400, unit in units(), calendar in calendars(),
    ) {
        let end = due(received, Term::new(n, unit), &calendar);
        prop_assert!(end >= received);
        if matches!(unit, Unit::Workday | Unit::Day | Unit::Month) {
            prop_assert!(calendar.is_workday(tashkent_date(end)));
            prop_assert_eq!(tashkent(end).time(), jiff::civil::time(23, 59, 59, 0));
        }
    }

    #[test]
    fn who_applies_later_is_never_answered_earlier(
        first in near_moments(), later in 0i64..10_000_000, n in 0u32..400, unit in units(), calendar in calendars(),
    ) {
        let second = first.checked_add(jiff::SignedDuration::from_secs(later)).unwrap();
        let term = Term::new(n, unit);
        prop_assert!(due(first, term, &calendar) <= due(second, term, &calendar));
    }

    #[test]
    fn a_longer_term_never_ends_earlier(received in near_moments(), n in 0u32..400, more in 0u32..50, unit in units(), calendar in calendars()) {
        let end = |n| due(received, Term::new(n, unit), &calendar);
        prop_assert!(end(n) <= end(n + more));
    }

    #[test]
    fn working_days_are_counted_as_they_are_added(start in days(), n in 1u32..300, calendar in calendars()) {
        let end = calendar.add_workdays(start, n);
        prop_assert_eq!(calendar.workdays_between(start, end), n);
    }

    #[test]
    fn no_term_overflows(received in moments(), n in any::<u32>(), unit in prop_oneof![Just(Unit::Minute), Just(Unit::Hour), Just(Unit::Day), Just(Unit::Month)]) {
        due(received, Term::new(n, unit), &Calendar::new([], [], date(2025, 1, 1), date(2027, 12, 31)));
    }

    #[test]
    fn rounding_gives_whole_som_at_most_half_a_som_away(tiyin in -10_000_000_000_000i64..10_000_000_000_000, thousandths in 0i64..1000) {
        let exact = Decimal::from(tiyin) + Decimal::new(thousandths, 3);
        let rounded = round_to_som(exact);
        prop_assert_eq!(rounded.get() % 100, 0);
        prop_assert!((Decimal::from(rounded.get()) - exact).abs() <= Decimal::from(50));
    }

    #[test]
    fn a_fee_grows_with_its_share_and_shrinks_with_its_rate(a in 0i64..10_000, b in 0i64..10_000, rate in 0i64..=1000) {
        let bhm = Tiyin::from_som(412_000);
        let share = |n| Share::new(Decimal::new(n, 3)).unwrap();
        let rate = Rate::new(Decimal::new(rate, 3)).unwrap();
        let (low, high) = (a.min(b), a.max(b));
        prop_assert!(share(low).of(bhm, &[]) <= share(high).of(bhm, &[]));
        prop_assert!(share(a).of(bhm, &[rate]) <= share(a).of(bhm, &[]));
        prop_assert!(share(a).of(bhm, &[rate]) >= Tiyin::ZERO);
    }

    #[test]
    fn both_scripts_fold_alike(word in words()) {
        prop_assert_eq!(fold(&word), fold(&to_cyrillic(&word)), "{} → {}", word, to_cyrillic(&word));
    }

    #[test]
    fn folding_twice_changes_nothing_more(text in any::<String>()) {
        let once = fold(&text);
        prop_assert_eq!(fold(&once), once);
    }

    #[test]
    fn cyrillic_is_left_as_it_is(text in "[а-яА-ЯўқғҳЎҚҒҲ ,.!?0-9-]{0,40}") {
        prop_assert_eq!(to_cyrillic(&text), text);
    }

    #[test]
    fn an_instant_is_stored_to_the_microsecond(at in moments(), micro in 0i64..1_000_000) {
        let at = from_micros(micros(at) + micro);
        prop_assert_eq!(from_micros(micros(at)), at);
    }
}
