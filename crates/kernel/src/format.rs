//! Numbers, money, dates and terms in words, by our own tables: CLDR has no Karakalpak months or numbers.
//!
//! Groups of digits and units are kept together by a no-break space (U+00A0), except in English, which groups by commas.

use crate::calendar::{Term, Unit};
use crate::clock::{Date, Timestamp, tashkent};
use crate::lang::Lang;
use crate::money::{TIYIN_PER_SOM, Tiyin};
use std::fmt::Write;

/// No-break space: between groups of digits and before a unit.
pub const NBSP: char = '\u{a0}';

/// A whole number with its digits in groups of three: `1 188 162`, in English `1,188,162`.
pub fn number(n: i64, lang: Lang) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    if n < 0 {
        out.push('−');
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(if lang == Lang::En { ',' } else { NBSP });
        }
        out.push(digit);
    }
    out
}

/// An amount in so‘m; tiyin are shown only when there are some: `18 540 so‘m`, `18 540,50 so‘m`.
pub fn money(amount: Tiyin, lang: Lang) -> String {
    let (som, tiyin) = (amount.get() / TIYIN_PER_SOM, (amount.get() % TIYIN_PER_SOM).unsigned_abs());
    let mut out = number(som, lang);
    if som == 0 && amount.get() < 0 {
        out.insert(0, '−');
    }
    if tiyin != 0 {
        out.push(if lang == Lang::En { '.' } else { ',' });
        // Writing to a String cannot fail.
        let _ = write!(out, "{tiyin:02}");
    }
    out.push(NBSP);
    out.push_str(match lang {
        Lang::Uz => "so‘m",
        Lang::UzCyrl => "сўм",
        Lang::Kaa => "sum",
        Lang::Ru => "сум",
        Lang::En => "soum",
    });
    out
}

/// Names of the months in the form that a date uses.
const MONTHS: [[&str; 12]; 5] = [
    ["yanvar", "fevral", "mart", "aprel", "may", "iyun", "iyul", "avgust", "sentabr", "oktabr", "noyabr", "dekabr"],
    [
        "январь",
        "февраль",
        "март",
        "апрель",
        "май",
        "июнь",
        "июль",
        "август",
        "сентябрь",
        "октябрь",
        "ноябрь",
        "декабрь",
    ],
    ["yanvar", "fevral", "mart", "aprel", "may", "iyun", "iyul", "avgust", "sentyabr", "oktyabr", "noyabr", "dekabr"],
    [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
];

/// Names of the days of the week from Monday, as a date in a list or a calendar uses them.
const WEEKDAYS: [[&str; 7]; 5] = [
    ["dushanba", "seshanba", "chorshanba", "payshanba", "juma", "shanba", "yakshanba"],
    ["душанба", "сешанба", "чоршанба", "пайшанба", "жума", "шанба", "якшанба"],
    ["dúyshembi", "siyshembi", "sárshembi", "piyshembi", "juma", "shembi", "ekshembi"],
    ["понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"],
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
];

/// The row of a language in the tables above.
const fn row(lang: Lang) -> usize {
    match lang {
        Lang::Uz => 0,
        Lang::UzCyrl => 1,
        Lang::Kaa => 2,
        Lang::Ru => 3,
        Lang::En => 4,
    }
}

/// The name of a month (1–12) as a date uses it; an empty text for another number.
pub fn month(month: i8, lang: Lang) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|i| MONTHS[row(lang)].get(i).copied()).unwrap_or("")
}

/// The name of the day of the week: `dushanba`.
pub fn weekday(date: Date, lang: Lang) -> &'static str {
    let i = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    WEEKDAYS[row(lang)].get(i).copied().unwrap_or("")
}

/// A date in words: `2026-yil 21-noyabr`, `21 ноября 2026 г.`, `21 November 2026`.
pub fn date(date: Date, lang: Lang) -> String {
    let (year, day, name) = (date.year(), date.day(), month(date.month(), lang));
    match lang {
        Lang::Uz => format!("{year}-yil {day}-{name}"),
        // Cyrillic Uzbek writes ordinal figures without a hyphen.
        Lang::UzCyrl => format!("{year}{NBSP}йил {day}{NBSP}{name}"),
        Lang::Kaa => format!("{year}-jıl {day}-{name}"),
        Lang::Ru => format!("{day}{NBSP}{name} {year}{NBSP}г."),
        Lang::En => format!("{day}{NBSP}{name} {year}"),
    }
}

/// A date in figures, the same in every language: `21.11.2026`.
pub fn date_short(date: Date) -> String {
    format!("{:02}.{:02}.{}", date.day(), date.month(), date.year())
}

/// Hours and minutes in Tashkent: `14:05`.
pub fn time(at: Timestamp) -> String {
    let local = tashkent(at);
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// Date in words and time of Tashkent: `2026-yil 21-noyabr, 14:05`.
pub fn datetime(at: Timestamp, lang: Lang) -> String {
    format!("{}, {}", date(tashkent(at).date(), lang), time(at))
}

/// Which of the three forms a Russian noun takes after a number: 1 день, 2 дня, 5 дней.
///
/// Source: CLDR, plural rules of Russian for whole numbers (one, few, many).
pub const fn russian_form(n: u32) -> usize {
    match (n % 10, n % 100) {
        (1, rest) if rest != 11 => 0,
        (2..=4, rest) if rest < 12 || rest > 14 => 1,
        _ => 2,
    }
}

/// A term in words: `3 ish kuni`, `3 рабочих дня`, `3 working days`.
pub fn term(term: Term, lang: Lang) -> String {
    let n = term.n;
    let unit = match (lang, term.unit) {
        (Lang::Uz, Unit::Minute) => "daqiqa",
        (Lang::Uz, Unit::Hour) => "soat",
        (Lang::Uz, Unit::Workday) => "ish kuni",
        (Lang::Uz, Unit::Day) => "kun",
        (Lang::Uz, Unit::Month) => "oy",
        (Lang::UzCyrl, Unit::Minute) => "дақиқа",
        (Lang::UzCyrl, Unit::Hour) => "соат",
        (Lang::UzCyrl, Unit::Workday) => "иш куни",
        (Lang::UzCyrl, Unit::Day) => "кун",
        (Lang::UzCyrl, Unit::Month) => "ой",
        (Lang::Kaa, Unit::Minute) => "minut",
        (Lang::Kaa, Unit::Hour) => "saat",
        (Lang::Kaa, Unit::Workday) => "jumıs kúni",
        (Lang::Kaa, Unit::Day) => "kún",
        (Lang::Kaa, Unit::Month) => "ay",
        (Lang::Ru, Unit::Minute) => ["минута", "минуты", "минут"][russian_form(n)],
        (Lang::Ru, Unit::Hour) => ["час", "часа", "часов"][russian_form(n)],
        (Lang::Ru, Unit::Workday) => ["рабочий день", "рабочих дня", "рабочих дней"][russian_form(n)],
        (Lang::Ru, Unit::Day) => ["день", "дня", "дней"][russian_form(n)],
        (Lang::Ru, Unit::Month) => ["месяц", "месяца", "месяцев"][russian_form(n)],
        (Lang::En, unit) => {
            let (one, many) = match unit {
                Unit::Minute => ("minute", "minutes"),
                Unit::Hour => ("hour", "hours"),
                Unit::Workday => ("working day", "working days"),
                Unit::Day => ("day", "days"),
                Unit::Month => ("month", "months"),
            };
            if n == 1 { one } else { many }
        }
    };
    format!("{}{NBSP}{unit}", number(i64::from(n), lang))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date as day;

    /// No-break spaces made visible as ordinary ones.
    fn plain(text: String) -> String {
        text.replace(NBSP, " ")
    }

    #[test]
    fn money_is_grouped_and_named_in_every_language() {
        let fee = Tiyin::from_som(18_540);
        let all = Lang::ALL.map(|lang| plain(money(fee, lang)));
        assert_eq!(all, ["18 540 so‘m", "18 540 сўм", "18 540 sum", "18 540 сум", "18,540 soum"]);
        assert_eq!(plain(money(Tiyin::new(1_854_050), Lang::Uz)), "18 540,50 so‘m");
        assert_eq!(plain(money(Tiyin::new(-5), Lang::En)), "−0.05 soum");
        assert_eq!(plain(money(Tiyin::ZERO, Lang::Uz)), "0 so‘m");
    }

    #[test]
    fn numbers_are_grouped_by_threes() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1 000"), (-1_188_162, "−1 188 162")] {
            assert_eq!(plain(number(n, Lang::Uz)), text);
        }
        assert_eq!(number(i64::MIN, Lang::En), "−9,223,372,036,854,775,808");
    }

    #[test]
    fn dates_are_written_by_the_rules_of_each_language() {
        let all = Lang::ALL.map(|lang| plain(date(day(2026, 11, 21), lang)));
        assert_eq!(
            all,
            ["2026-yil 21-noyabr", "2026 йил 21 ноябрь", "2026-jıl 21-noyabr", "21 ноября 2026 г.", "21 November 2026"]
        );
        assert_eq!(date_short(day(2026, 1, 2)), "02.01.2026");
        assert_eq!(weekday(day(2026, 11, 21), Lang::Uz), "shanba");
        assert_eq!(plain(datetime("2026-11-21T09:05:00Z".parse().unwrap(), Lang::Uz)), "2026-yil 21-noyabr, 14:05");
    }

    #[test]
    fn terms_agree_with_their_number() {
        for (n, text) in [(1, "1 рабочий день"), (3, "3 рабочих дня"), (11, "11 рабочих дней"), (21, "21 рабочий день")]
        {
            assert_eq!(plain(term(Term::workdays(n), Lang::Ru)), text);
        }
        assert_eq!(plain(term(Term::workdays(3), Lang::Uz)), "3 ish kuni");
        assert_eq!(plain(term(Term::new(1, Unit::Month), Lang::En)), "1 month");
    }
}
