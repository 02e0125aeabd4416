//! The filter beside a list of services: facets with counts, those chosen removable. A plain GET form.

use std::collections::BTreeMap;
use std::sync::Arc;

use contracts::Ctx;
use definition::{Audience, Channel, Definition};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use web::Page;
use web::ui::{Choice, Link};

use super::view;
use crate::domain::facet::{self, Chosen, Counts, Traits};

/// Who may apply, in the order of display.
pub(super) const AUDIENCES: [Audience; 5] =
    [Audience::Natural, Audience::Legal, Audience::SoleTrader, Audience::SelfEmployed, Audience::Foreign];

/// What a service has of each facet today. Where the passport names nobody, everybody may apply.
pub(super) fn traits(ctx: &Ctx, definition: &Definition) -> Traits {
    let passport = definition.passport();
    let audiences = if passport.audience.is_empty() { &AUDIENCES[..] } else { &passport.audience[..] };
    Traits {
        group: passport.group.clone(),
        agencies: passport.agencies.iter().map(|part| part.code.clone()).collect(),
        audiences: audiences.iter().map(|audience| audience.name().to_owned()).collect(),
        channels: definition.access().channels.iter().map(|channel| channel.name().to_owned()).collect(),
        free: view::is_free(ctx, definition, ctx.today()),
        instant: view::is_instant(definition),
    }
}

/// The choices of a query string; the first value of each name counts.
pub(super) fn read(query: &[(String, String)]) -> Chosen {
    let value = |name: &str| {
        let found = query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let ticked = |name: &str| !value(name).is_empty();
    Chosen {
        group: value("group"),
        agency: value("agency"),
        audience: value("audience"),
        channel: value("channel"),
        free: ticked("free"),
        instant: ticked("instant"),
    }
}

/// Keeps what fits, in its order, and counts what each choice would leave.
pub(super) fn narrow(ctx: &Ctx, services: Vec<Arc<Definition>>, chosen: &Chosen) -> (Vec<Arc<Definition>>, Counts) {
    let traits: Vec<Traits> = services.iter().map(|definition| traits(ctx, definition)).collect();
    let counts = facet::count(&traits, chosen);
    let kept =
        services.into_iter().zip(&traits).filter(|(_, traits)| chosen.fits(traits)).map(|(one, _)| one).collect();
    (kept, counts)
}

/// The form as the template shows it.
pub(super) struct FilterForm {
    /// Where the form leads.
    pub(super) action: String,
    /// The question of the search, kept; empty on the list of all.
    pub(super) question: String,
    pub(super) groups: Vec<Choice>,
    pub(super) agencies: Vec<Choice>,
    pub(super) audiences: Vec<Choice>,
    pub(super) channels: Vec<Choice>,
    pub(super) free: bool,
    pub(super) free_label: String,
    pub(super) instant: bool,
    pub(super) instant_label: String,
    /// What is chosen, each with the address of the same list without it.
    pub(super) chosen: Vec<Link>,
    /// The list without any choice.
    pub(super) clear: String,
}

/// Builds the form of `path` for these choices.
pub(super) fn form(page: &Page, path: &str, question: &str, chosen: &Chosen, counts: &Counts) -> FilterForm {
    let (data, lang) = (&page.ctx().refdata, page.lang());
    let labelled = |label: &str, count: usize| format!("{label} ({count})");
    // What would leave nothing is not offered, but what is chosen is always shown.
    let choices = |all: &mut dyn Iterator<Item = (String, String)>, counts: &BTreeMap<String, usize>, now: &str| {
        all.filter_map(|(code, label)| {
            let count = counts.get(&code).copied().unwrap_or(0);
            (count > 0 || code == now).then(|| Choice::new(&code, labelled(&label, count), now))
        })
        .collect::<Vec<Choice>>()
    };
    let groups: Vec<(String, String)> =
        data.groups.iter().map(|group| (group.code.clone(), group.title.get(lang).into_owned())).collect();
    let mut agencies: Vec<(String, String)> =
        data.agencies.iter().map(|agency| (agency.code.clone(), agency.name.get(lang).into_owned())).collect();
    agencies.sort_by_key(|(_, label)| label.to_lowercase());
    let audiences: Vec<(String, String)> =
        AUDIENCES.iter().map(|audience| (audience.name().to_owned(), view::audience(&page.t, *audience))).collect();
    let channels: Vec<(String, String)> =
        Channel::ALL.iter().map(|channel| (channel.name().to_owned(), view::channel(&page.t, *channel))).collect();

    let name_of = |list: &[(String, String)], code: &str| {
        list.iter().find(|(known, _)| known == code).map_or_else(|| code.to_owned(), |(_, label)| label.clone())
    };
    let free = page.t("catalog-filter-free");
    let instant = page.t("catalog-filter-instant");
    let mut removable = Vec::new();
    let mut remove = |without: Chosen, text: String| {
        removable.push(Link::new(page.href(&address(path, question, &without)), text));
    };
    let none = String::new;
    for (code, list, without) in [
        (&chosen.group, &groups, Chosen { group: none(), ..chosen.clone() }),
        (&chosen.agency, &agencies, Chosen { agency: none(), ..chosen.clone() }),
        (&chosen.audience, &audiences, Chosen { audience: none(), ..chosen.clone() }),
        (&chosen.channel, &channels, Chosen { channel: none(), ..chosen.clone() }),
    ] {
        if !code.is_empty() {
            remove(without, name_of(list, code));
        }
    }
    if chosen.free {
        remove(Chosen { free: false, ..chosen.clone() }, free.clone());
    }
    if chosen.instant {
        remove(Chosen { instant: false, ..chosen.clone() }, instant.clone());
    }
    FilterForm {
        action: page.href(path),
        question: question.to_owned(),
        groups: choices(&mut groups.into_iter(), &counts.group, &chosen.group),
        agencies: choices(&mut agencies.into_iter(), &counts.agency, &chosen.agency),
        audiences: choices(&mut audiences.into_iter(), &counts.audience, &chosen.audience),
        channels: choices(&mut channels.into_iter(), &counts.channel, &chosen.channel),
        free: chosen.free,
        free_label: labelled(&free, counts.free),
        instant: chosen.instant,
        instant_label: labelled(&instant, counts.instant),
        chosen: removable,
        clear: page.href(&address(path, question, &Chosen::default())),
    }
}

/// The path with a question and choices, as the form itself would make it.
pub(super) fn address(path: &str, question: &str, chosen: &Chosen) -> String {
    let mut parts = Vec::new();
    for (name, value) in [
        ("q", question),
        ("group", &chosen.group),
        ("agency", &chosen.agency),
        ("audience", &chosen.audience),
        ("channel", &chosen.channel),
        ("free", if chosen.free { "on" } else { "" }),
        ("instant", if chosen.instant { "on" } else { "" }),
    ] {
        if !value.is_empty() {
            parts.push(format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)));
        }
    }
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_filter_is_read_and_an_empty_one_is_none() {
        let chosen = read(&pairs(&[("group", "social"), ("free", "on"), ("free", "on"), ("x", "y")]));
        assert!(chosen.any() && chosen.free && !chosen.instant);
        assert!(!read(&pairs(&[("group", " "), ("agency", "")])).any());
    }

    #[test]
    fn an_address_holds_question_and_choices_and_nothing_else() {
        let chosen = Chosen { group: "fhdy".into(), free: true, ..Chosen::default() };
        assert_eq!(
            address("/search", "tug‘ilganlik & ?", &chosen),
            "/search?q=tug%E2%80%98ilganlik%20%26%20%3F&group=fhdy&free=on"
        );
        assert_eq!(address("/services", "", &Chosen::default()), "/services");
    }
}
