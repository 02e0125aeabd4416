//! What several pages show of services: cards and tiles.

use std::sync::Arc;

use contracts::Ctx;
use definition::{Audience, Channel, Definition, Fact, StateKind};
use kernel::clock::Date;
use kernel::money::Tiyin;
use refdata::LifeSituation;
use web::{Page, T};

use crate::domain::price;

/// A service in a list.
pub(crate) struct Card {
    pub(crate) title: String,
    pub(crate) href: String,
    pub(crate) text: String,
    /// Agency and term.
    pub(crate) meta: String,
    /// "Free", or the price.
    pub(crate) badge: String,
}

/// A group of services or a life situation.
pub(crate) struct Tile {
    pub(crate) title: String,
    pub(crate) href: String,
    pub(crate) icon: &'static str,
    pub(crate) text: String,
}

pub(crate) fn card(page: &Page, definition: &Definition) -> Card {
    let (ctx, lang, today) = (page.ctx(), page.lang(), page.ctx().today());
    let passport = definition.passport();
    let agency = ctx.refdata.agency(&definition.spec().owner);
    let agency = agency.map_or_else(|| definition.spec().owner.clone(), |agency| agency.name.get(lang).into_owned());
    Card {
        title: passport.title.get(lang).into_owned(),
        href: page.href(&format!("/services/{}", definition.code())),
        text: passport.summary.get(lang).into_owned(),
        meta: format!("{agency} · {}", term(&page.t, definition)),
        badge: price_words(&page.t, ctx, definition, today),
    }
}

pub(crate) fn cards<'a>(page: &Page, list: impl IntoIterator<Item = &'a Arc<Definition>>) -> Vec<Card> {
    list.into_iter().map(|definition| card(page, definition)).collect()
}

/// Least and most that is paid on the portal; `None` = free.
pub(crate) fn price(ctx: &Ctx, definition: &Definition, today: Date) -> Option<(Tiyin, Tiyin)> {
    price::range(&definition.fee_table(ctx.refdata.bhm(today), today), Channel::Web)
}

/// Whether it is known that nothing is paid: no fee, and no doubt about it.
pub(crate) fn is_free(ctx: &Ctx, definition: &Definition, today: Date) -> bool {
    !definition.passport().is_unconfirmed(Fact::Fee)
        && price(ctx, definition, today).is_none()
        && !is_computed(ctx, definition, today)
}

/// Whether a part of the fee follows from the answers, so that no sum can be named beforehand.
fn is_computed(ctx: &Ctx, definition: &Definition, today: Date) -> bool {
    definition.fee_table(ctx.refdata.bhm(today), today).iter().any(|row| row.computed)
}

/// The price in a word or two: "Free", "18 540 so‘m", "from 74 160 so‘m", "to be confirmed".
pub(crate) fn price_words(t: &T, ctx: &Ctx, definition: &Definition, today: Date) -> String {
    if definition.passport().is_unconfirmed(Fact::Fee) {
        return t.t("catalog-unconfirmed-fee");
    }
    if is_computed(ctx, definition, today) {
        return t.t("catalog-fee-computed");
    }
    match price(ctx, definition, today) {
        None => t.t("catalog-free"),
        Some((least, most)) if least == most => t.money(&least),
        Some((least, _)) => t.t1("catalog-fee-from", "amount", t.money(&least)),
    }
}

/// The term in words.
pub(crate) fn term(t: &T, definition: &Definition) -> String {
    if definition.passport().is_unconfirmed(Fact::Term) {
        return t.t("catalog-unconfirmed-term");
    }
    if let Some(total) = definition.spec().term.total {
        return kernel::format::term(total, t.lang());
    }
    let has = |kind: StateKind| definition.flow().states.iter().any(|state| state.kind == kind);
    match (definition.is_automatic(), has(StateKind::Queue)) {
        (true, true) => t.t("catalog-term-queue"),
        (true, false) => t.t("catalog-term-auto"),
        (false, _) => t.t("catalog-term-none"),
    }
}

/// Whether the answer comes while one waits: no official, no waiting list, nothing to be paid before it.
pub(crate) fn is_instant(definition: &Definition) -> bool {
    definition.is_automatic() && !definition.flow().states.iter().any(|state| state.kind == StateKind::Queue)
}

/// A kind of applicant in words.
pub(crate) fn audience(t: &T, audience: Audience) -> String {
    match audience {
        Audience::Natural => t.t("catalog-passport-audience-natural"),
        Audience::Legal => t.t("catalog-passport-audience-legal"),
        Audience::SoleTrader => t.t("catalog-passport-audience-sole-trader"),
        Audience::SelfEmployed => t.t("catalog-passport-audience-self-employed"),
        Audience::Foreign => t.t("catalog-passport-audience-foreign"),
    }
}

/// A way to apply in words.
pub(crate) fn channel(t: &T, channel: Channel) -> String {
    match channel {
        Channel::Web => t.t("catalog-passport-channel-web"),
        Channel::Mobile => t.t("catalog-passport-channel-mobile"),
        Channel::Dxm => t.t("catalog-passport-channel-dxm"),
        Channel::Kiosk => t.t("catalog-passport-channel-kiosk"),
        Channel::Api => t.t("catalog-passport-channel-api"),
        Channel::HomeVisit => t.t("catalog-passport-channel-home-visit"),
    }
}

/// Icon of a group or life situation by its code (names of `components.html`).
pub(crate) fn icon(code: &str) -> &'static str {
    match code {
        "fhdy" => "ring",
        "documents" => "passport",
        "taxes" => "tax",
        "business" => "business",
        "social" => "social",
        "education" => "education",
        "health" => "health",
        "property" => "property",
        "birth" => "child",
        "home" => "home",
        "car" => "car",
        "job" => "work",
        "study" => "study",
        "death" => "loss",
        "abroad" => "travel",
        "support" => "support",
        "pension" => "pension",
        _ => "grid",
    }
}

/// The groups, each with the number of services offered; empty ones too, so that the picture stays whole.
pub(crate) fn groups(page: &Page, offered: &[Arc<Definition>]) -> Vec<Tile> {
    let data = &page.ctx().refdata;
    data.groups
        .iter()
        .map(|group| {
            let count = offered.iter().filter(|definition| definition.passport().group == group.code).count();
            Tile {
                title: group.title.get(page.lang()).into_owned(),
                href: page.href(&format!("/groups/{}", group.code)),
                icon: icon(&group.code),
                text: count_words(page, count),
            }
        })
        .collect()
}

fn count_words(page: &Page, count: usize) -> String {
    if count == 0 { page.t("catalog-soon") } else { page.t1("catalog-count", "n", count) }
}

/// The life situations, each with the number of services offered.
pub(crate) fn situations(page: &Page, offered: &[Arc<Definition>]) -> Vec<Tile> {
    let data = &page.ctx().refdata;
    data.life_situations
        .iter()
        .map(|situation| {
            let count = offered.iter().filter(|definition| belongs(definition, situation)).count();
            Tile {
                title: situation.title.get(page.lang()).into_owned(),
                href: page.href(&format!("/life/{}", situation.code)),
                icon: icon(&situation.code),
                text: count_words(page, count),
            }
        })
        .collect()
}

/// A service belongs to a life situation when either says so.
pub(crate) fn belongs(definition: &Definition, situation: &LifeSituation) -> bool {
    definition.passport().life_events.contains(&situation.code)
        || situation.services.iter().any(|code| code == definition.code().as_str())
}
