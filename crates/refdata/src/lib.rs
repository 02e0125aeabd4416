//! Reference data that change by decree, not by release: agencies, places, calendar, fee parameters, groups, life situations.
//!
//! The YAML files of the repository's `data/` are embedded, parsed once and checked as a whole: codes are unique,
//! parents exist, days lie in their year. Every row or file says where it comes from. Pure: nothing is read at run time.

use jiff::civil::{Date, date};
use kernel::calendar::Calendar;
use kernel::lang::{Lang, Text};
use kernel::money::{Rate, Tiyin};
use kernel::person::Soato;
use serde::Deserialize;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock};

const AGENCIES: &str = include_str!("../../../data/agencies.yaml");
const REGIONS: &str = include_str!("../../../data/regions.yaml");
const CALENDAR: &str = include_str!("../../../data/calendar.yaml");
const FEES: &str = include_str!("../../../data/fees.yaml");
const GROUPS: &str = include_str!("../../../data/groups.yaml");
const LIFE: &str = include_str!("../../../data/life.yaml");

/// Why the reference data cannot be used: a defect of a file in `data/`, found by the tests before it can ship.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not YAML, an unknown key, or a value of a wrong type.
    #[error("data/{file}: {message}")]
    Syntax {
        /// Name of the file.
        file: &'static str,
        /// What is wrong, with line and column.
        message: String,
    },
    /// Well-formed but contradictory.
    #[error("data/{file}: {message}")]
    Meaning {
        /// Name of the file.
        file: &'static str,
        /// What is wrong.
        message: String,
    },
}

/// What kind of body gives a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgencyKind {
    /// A ministry.
    Ministry,
    /// A committee of state.
    Committee,
    /// An agency.
    Agency,
    /// A service within a ministry.
    Service,
    /// An inspection.
    Inspection,
    /// A centre, such as those of public services.
    Centre,
    /// A bureau.
    Bureau,
    /// A bank.
    Bank,
    /// A company.
    Company,
    /// An association.
    Association,
    /// Local authorities, one in each region and district.
    Local,
}

/// A body that gives services.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agency {
    /// Short stable code: `AV`.
    pub code: String,
    /// The official name.
    pub name: Text,
    /// What kind of body.
    pub kind: AgencyKind,
    /// Code of the body that it belongs to.
    #[serde(default)]
    pub parent: Option<String>,
}

/// A region, the capital, or Karakalpakstan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Four digits.
    pub soato: Soato,
    /// "Andijon viloyati".
    pub name: Text,
    /// Districts and cities of regional rank, in the order of their codes.
    pub districts: Vec<District>,
}

/// A district or a city of regional rank.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct District {
    /// Seven digits.
    pub soato: Soato,
    /// "Yunusobod tumani", "Buxoro shahri".
    pub name: Text,
}

/// A group of the catalogue: one of the eight, or "other".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// `fhdy` … `property`, `other`.
    pub code: String,
    /// What the person reads.
    pub title: Text,
    /// What is in it, in one line.
    pub summary: Text,
    /// Subdivisions; only of "other".
    #[serde(default)]
    pub spheres: Vec<Sphere>,
}

/// A subdivision of the group "other".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sphere {
    /// `transport`, `utilities`, …
    pub code: String,
    /// What the person reads.
    pub title: Text,
}

/// Something that happens in a life, and the steps that then help.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifeSituation {
    /// `birth`, `home`, …
    pub code: String,
    /// "Farzand tug‘ildi".
    pub title: Text,
    /// In the order in which they are best taken.
    pub steps: Vec<LifeStep>,
    /// Codes of the services of the steps, each once; not all of them need be in the catalogue.
    #[serde(skip)]
    pub services: Vec<String>,
}

/// A step of a life situation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LifeStep {
    /// Unique within the situation and stable: what a person has ticked off is kept under it.
    pub id: String,
    /// Code of the service that does it; `None` when it is done elsewhere.
    #[serde(default)]
    pub service: Option<String>,
    /// One sentence: what to do and where.
    pub what: Text,
    /// A question whose "yes" makes the step matter; `None` = it is for everybody.
    #[serde(default)]
    pub ask: Option<Text>,
    /// When to take it.
    pub by: StepTime,
}

/// When a step of a life situation is to be taken. Our own advice, not a term of law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepTime {
    /// At once.
    First,
    /// After the step before it.
    Next,
    /// When there is time.
    Later,
    /// Only when it is needed.
    Needed,
}

/// A day off or a moved working day.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    /// The day.
    pub date: Date,
    /// Why.
    pub name: Text,
    /// Not yet decreed or announced.
    #[serde(default)]
    pub estimated: bool,
}

/// The base amount (BHM) from a day on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseAmount {
    /// First day in force.
    pub from: Date,
    /// The amount.
    pub amount: Tiyin,
    /// Whether amount and day were both read in an act.
    pub verified: bool,
    /// Where it comes from.
    pub source: String,
}

/// The factor of a channel on the counter's price from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelRate {
    /// `web`, `mobile`, `api`, `kiosk`, `dxm`, `home_visit`.
    pub channel: String,
    /// First day in force.
    pub from: Date,
    /// The factor.
    pub rate: Rate,
    /// Where it comes from.
    pub source: String,
}

/// All reference data, parsed and checked.
#[derive(Debug, Clone)]
pub struct RefData {
    /// Working days from 2025 to 2027.
    pub calendar: Calendar,
    /// The same with Saturdays worked.
    pub calendar_six: Calendar,
    /// Bodies that give services.
    pub agencies: Vec<Agency>,
    /// The 14 regions with their districts.
    pub regions: Vec<Region>,
    /// The groups of the catalogue in the order of the home page.
    pub groups: Vec<Group>,
    /// Life situations in the order of the home page.
    pub life_situations: Vec<LifeSituation>,
    /// Days off with their names, by date.
    pub days_off: Vec<SpecialDay>,
    /// Days of rest that are worked, by date.
    pub working_days: Vec<SpecialDay>,
    /// The base amount through the years, by date.
    pub base_amounts: Vec<BaseAmount>,
    /// Rates of the channels, by date.
    pub channel_rates: Vec<ChannelRate>,
    agency_index: HashMap<String, usize>,
    /// Region and, for a district, its position in the region.
    place_index: HashMap<Soato, (usize, Option<usize>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgenciesFile {
    #[serde(rename = "source")]
    _source: String,
    agencies: Vec<Agency>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionsFile {
    #[serde(rename = "source")]
    _source: String,
    regions: Vec<Region>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarFile {
    from: Date,
    to: Date,
    years: Vec<YearRows>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearRows {
    year: i16,
    #[serde(rename = "source")]
    _source: String,
    days_off: Vec<SpecialDay>,
    working_days: Vec<SpecialDay>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FeesFile {
    base_amounts: Vec<BaseAmountRow>,
    channel_rates: Vec<ChannelRate>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BaseAmountRow {
    from: Date,
    som: i64,
    verified: bool,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupsFile {
    #[serde(rename = "source")]
    _source: String,
    groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LifeFile {
    #[serde(rename = "source")]
    _source: String,
    situations: Vec<LifeSituation>,
}

impl RefData {
    /// Parses and checks the embedded files.
    ///
    /// # Errors
    /// When a file is not what it should be; the tests of this crate keep such a file from being shipped.
    pub fn load() -> Result<RefData, Error> {
        let AgenciesFile { agencies, .. } = read("agencies.yaml", AGENCIES)?;
        let RegionsFile { regions, .. } = read("regions.yaml", REGIONS)?;
        let calendar: CalendarFile = read("calendar.yaml", CALENDAR)?;
        let fees: FeesFile = read("fees.yaml", FEES)?;
        let GroupsFile { groups, .. } = read("groups.yaml", GROUPS)?;
        let LifeFile { mut situations, .. } = read("life.yaml", LIFE)?;

        let agency_index = unique("agencies.yaml", agencies.iter().map(|agency| agency.code.clone()))?;
        for agency in &agencies {
            if let Some(parent) = agency.parent.as_ref().filter(|parent| !agency_index.contains_key(*parent)) {
                return meaning("agencies.yaml", format!("{}: the parent {parent} is not in the file", agency.code));
            }
        }
        let place_index = index_places(&regions)?;
        unique("groups.yaml", groups.iter().map(|group| group.code.clone()))?;
        unique("life.yaml", situations.iter().map(|situation| situation.code.clone()))?;
        for situation in &mut situations {
            unique("life.yaml", situation.steps.iter().map(|step| format!("{}/{}", situation.code, step.id)))?;
            for code in situation.steps.iter().filter_map(|step| step.service.clone()) {
                if !situation.services.contains(&code) {
                    situation.services.push(code);
                }
            }
        }
        let (days_off, working_days) = collect_days(&calendar)?;
        let base_amounts = base_amounts(fees.base_amounts)?;
        let mut channel_rates = fees.channel_rates;
        channel_rates.sort_by_key(|row| row.from);

        let calendar = Calendar::new(
            days_off.iter().map(|day| day.date),
            working_days.iter().map(|day| day.date),
            calendar.from,
            calendar.to,
        );
        Ok(RefData {
            calendar_six: calendar.with_saturdays(),
            calendar,
            agencies,
            regions,
            groups,
            life_situations: situations,
            days_off,
            working_days,
            base_amounts,
            channel_rates,
            agency_index,
            place_index,
        })
    }

    /// The reference data of the process, parsed at the first call.
    pub fn shared() -> Arc<RefData> {
        static SHARED: LazyLock<Arc<RefData>> = LazyLock::new(|| match RefData::load() {
            Ok(data) => Arc::new(data),
            // The files are part of the program and `the_embedded_files_are_sound` reads them: this is a broken build.
            Err(error) => panic!("the embedded reference data are broken: {error}"),
        });
        SHARED.clone()
    }

    /// The base amount (BHM) on a day: that of the last row from that day or before; for days before all rows, the first.
    ///
    /// Rule: FEE-BHM.
    /// Source: `data/fees.yaml`, each row with its own.
    pub fn bhm(&self, day: Date) -> Tiyin {
        let row = self.base_amounts.iter().rev().find(|row| row.from <= day).or_else(|| self.base_amounts.first());
        row.map_or(Tiyin::ZERO, |row| row.amount)
    }

    /// The factor of a channel on the counter's price on a day; an unknown channel pays the counter's price.
    ///
    /// Rule: FEE-CHANNEL.
    /// Source: `data/fees.yaml`, each row with its own.
    pub fn channel_rate(&self, channel: &str, day: Date) -> Rate {
        let row = self.channel_rates.iter().rev().find(|row| row.channel == channel && row.from <= day);
        row.map_or(Rate::ONE, |row| row.rate)
    }

    /// The agency of a code.
    pub fn agency(&self, code: &str) -> Option<&Agency> {
        self.agency_index.get(code).and_then(|i| self.agencies.get(*i))
    }

    /// The region in which a place lies.
    pub fn region(&self, place: &Soato) -> Option<&Region> {
        self.place_index.get(&place.region()).and_then(|(i, _)| self.regions.get(*i))
    }

    /// The district or city in which a place lies.
    pub fn district(&self, place: &Soato) -> Option<&District> {
        let (region, district) = self.place_index.get(&place.district()?)?;
        self.regions.get(*region)?.districts.get((*district)?)
    }

    /// The group of a code.
    pub fn group(&self, code: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.code == code)
    }

    /// The life situation of a code.
    pub fn life_situation(&self, code: &str) -> Option<&LifeSituation> {
        self.life_situations.iter().find(|situation| situation.code == code)
    }

    /// The name of a place from the large to the small: "Toshkent shahri, Yunusobod tumani". A code that is not in the
    /// data is shown as its digits, so that nobody loses an address to an older edition.
    pub fn place_name(&self, place: &Soato) -> Text {
        let Some(region) = self.region(place) else { return Text::uz(place.as_str()) };
        let Some(district) = self.district(place) else { return region.name.clone() };
        let mut name = Text::default();
        for lang in Lang::ALL {
            let given = region.name.given(lang).is_some() || district.name.given(lang).is_some();
            if given {
                name = name.with(lang, format!("{}, {}", region.name.get(lang), district.name.get(lang)));
            }
        }
        name
    }
}

fn read<T: for<'de> Deserialize<'de>>(file: &'static str, yaml: &str) -> Result<T, Error> {
    serde_saphyr::from_str(yaml).map_err(|error| Error::Syntax { file, message: error.to_string() })
}

fn meaning<T>(file: &'static str, message: String) -> Result<T, Error> {
    Err(Error::Meaning { file, message })
}

fn unique(file: &'static str, codes: impl Iterator<Item = String>) -> Result<HashMap<String, usize>, Error> {
    let mut index = HashMap::new();
    for (i, code) in codes.enumerate() {
        if let Some(first) = index.insert(code, i) {
            return meaning(file, format!("row {} repeats the code of row {}", i + 1, first + 1));
        }
    }
    Ok(index)
}

fn index_places(regions: &[Region]) -> Result<HashMap<Soato, (usize, Option<usize>)>, Error> {
    let mut index = HashMap::new();
    for (r, region) in regions.iter().enumerate() {
        if region.soato.district().is_some() || index.insert(region.soato, (r, None)).is_some() {
            return meaning("regions.yaml", format!("{} is not a region, or is there twice", region.soato));
        }
        for (d, district) in region.districts.iter().enumerate() {
            let fits = district.soato.district() == Some(district.soato) && district.soato.is_within(&region.soato);
            if !fits || index.insert(district.soato, (r, Some(d))).is_some() {
                return meaning(
                    "regions.yaml",
                    format!("{} is not a district of {}, or is there twice", district.soato, region.soato),
                );
            }
        }
    }
    Ok(index)
}

fn collect_days(file: &CalendarFile) -> Result<(Vec<SpecialDay>, Vec<SpecialDay>), Error> {
    let mut days_off = Vec::new();
    let mut working_days = Vec::new();
    let mut seen = HashSet::new();
    for rows in &file.years {
        for day in rows.days_off.iter().chain(&rows.working_days) {
            if day.date.year() != rows.year || !seen.insert(day.date) {
                return meaning("calendar.yaml", format!("{} is not of {}, or is there twice", day.date, rows.year));
            }
        }
        days_off.extend(rows.days_off.iter().cloned());
        working_days.extend(rows.working_days.iter().cloned());
    }
    for year in file.from.year()..=file.to.year() {
        if !file.years.iter().any(|rows| rows.year == year) {
            return meaning("calendar.yaml", format!("the year {year} is missing"));
        }
    }
    days_off.sort_by_key(|day| day.date);
    working_days.sort_by_key(|day| day.date);
    Ok((days_off, working_days))
}

fn base_amounts(rows: Vec<BaseAmountRow>) -> Result<Vec<BaseAmount>, Error> {
    let mut amounts: Vec<BaseAmount> = rows
        .into_iter()
        .map(|row| BaseAmount {
            from: row.from,
            amount: Tiyin::from_som(row.som),
            verified: row.verified,
            source: row.source,
        })
        .collect();
    amounts.sort_by_key(|row| row.from);
    match amounts.last() {
        Some(last) if last.from <= date(2025, 12, 31) && last.amount > Tiyin::ZERO => Ok(amounts),
        _ => meaning("fees.yaml", "there is no base amount for today’s fees".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> Arc<RefData> {
        RefData::shared()
    }

    #[test]
    fn the_embedded_files_are_sound() {
        if let Err(error) = RefData::load() {
            panic!("{error}");
        }
    }

    #[test]
    fn all_regions_and_districts_are_there() {
        let data = data();
        assert_eq!(data.regions.len(), 14);
        assert_eq!(data.regions.iter().map(|region| region.districts.len()).sum::<usize>(), 206);
    }

    #[test]
    fn a_place_is_named_from_the_large_to_the_small() {
        let name = |code: &str| data().place_name(&Soato::parse(code).unwrap());
        assert_eq!(name("1726266").get(Lang::Uz), "Toshkent shahri, Yunusobod tumani");
        assert_eq!(name("1726266501").get(Lang::UzCyrl), "Тошкент шаҳри, Юнусобод тумани");
        assert_eq!(name("1735").get(Lang::Kaa), "Qaraqalpaqstan Respublikası");
        assert_eq!(name("1799").get(Lang::Uz), "1799");
        assert_eq!(name("1726999").get(Lang::Ru), "город Ташкент");
    }

    #[test]
    fn the_base_amount_is_that_of_the_day() {
        let data = data();
        for (day, som) in [
            (date(2026, 11, 21), 412_000),
            (date(2025, 8, 1), 412_000),
            (date(2025, 7, 31), 375_000),
            (date(2022, 1, 1), 270_000),
            (date(2000, 1, 1), 270_000),
        ] {
            assert_eq!(data.bhm(day), Tiyin::from_som(som), "{day}");
        }
    }

    #[test]
    fn the_portal_costs_nine_tenths_of_the_counter() {
        let rate = |channel: &str| data().channel_rate(channel, date(2026, 11, 21)).to_string();
        assert_eq!((rate("web").as_str(), rate("dxm").as_str(), rate("pigeon").as_str()), ("0.9", "1", "1"));
    }

    #[test]
    fn holidays_moved_days_and_working_saturdays_are_in_the_calendar() {
        let data = data();
        let works = |y, m, d| data.calendar.is_workday(date(y, m, d));
        assert!(works(2026, 12, 12), "a working Saturday");
        assert!(!works(2026, 12, 31), "moved to 12 December");
        assert!(!works(2026, 9, 1) && !works(2026, 8, 31) && works(2026, 9, 2));
        assert!(!works(2025, 3, 10) && works(2025, 3, 11));
        assert!(!works(2026, 11, 21), "a Saturday");
        assert!(data.days_off.iter().any(|day| day.estimated) && data.calendar.covers(date(2027, 12, 31)));
    }

    #[test]
    fn every_text_has_uzbek_russian_english_and_karakalpak() {
        let data = data();
        let agencies = data.agencies.iter().map(|a| &a.name);
        let groups = data
            .groups
            .iter()
            .flat_map(|g| [&g.title, &g.summary].into_iter().chain(g.spheres.iter().map(|s| &s.title)));
        let life = data.life_situations.iter().flat_map(|s| {
            let steps = s.steps.iter().flat_map(|step| std::iter::once(&step.what).chain(&step.ask));
            std::iter::once(&s.title).chain(steps)
        });
        let days = data.days_off.iter().chain(&data.working_days).map(|d| &d.name);
        let regions =
            data.regions.iter().flat_map(|r| std::iter::once(&r.name).chain(r.districts.iter().map(|d| &d.name)));
        for text in agencies.chain(groups).chain(life).chain(days).chain(regions) {
            assert_eq!(text.missing(), [], "{text:?}");
        }
    }

    #[test]
    fn agencies_and_groups_are_found_by_code() {
        let data = data();
        assert_eq!(data.agency("KA").and_then(|a| a.parent.clone()), Some("IMV".to_owned()));
        assert_eq!(data.agency("XX"), None);
        assert_eq!(data.groups.len(), 9);
        assert!(data.group("other").is_some_and(|group| group.spheres.len() == 7));
        assert!(data.life_situation("birth").is_some_and(|s| s.services.contains(&"298".to_owned())));
    }

    #[test]
    fn a_life_situation_begins_with_a_step_to_take_at_once_and_has_one_for_everybody() {
        let data = data();
        assert_eq!(data.life_situations.len(), 10);
        for situation in &data.life_situations {
            assert!(situation.steps.len() >= 4, "{}", situation.code);
            assert!(situation.steps.iter().any(|step| step.by == StepTime::First), "{}", situation.code);
            assert!(situation.steps.iter().any(|step| step.ask.is_none()), "{}", situation.code);
            assert!(!situation.services.is_empty(), "{}", situation.code);
        }
    }

    #[test]
    fn uzbek_names_use_the_letters_of_the_alphabet() {
        let data = data();
        for text in data.regions.iter().flat_map(|r| r.districts.iter().map(|d| &d.name)) {
            let cyrillic = text.get(Lang::UzCyrl);
            assert!(!cyrillic.contains(|c: char| c.is_ascii_alphabetic()), "{} → {cyrillic}", text.uz);
            assert!(!text.uz.contains(['\'', 'ʻ', 'ʼ', '`']), "{}", text.uz);
        }
    }
}
