//! The blocks of a service's passport, in the order in which my.gov.uz shows them (uz-data §1).

use contracts::Ctx;
use contracts::applications::ServiceStats;
use definition::{
    AgencyRole, Audience, Channel, Definition, DueAt, Fact, FeeKind, FeeRow, OnBreach, RefundAfter, StateKind, Status,
};
use kernel::clock::Date;
use kernel::lang::Lang;
use kernel::money::{Rate, Tiyin};
use web::T;

use super::view;
use crate::domain::price;

/// Everything that the page of a service shows, in words.
pub(crate) struct Passport {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) owner: String,
    pub(crate) free: bool,
    pub(crate) instant: bool,
    /// No sign-in is needed.
    pub(crate) instant_open: bool,
    pub(crate) suspended: bool,
    /// Words on when applications are taken, while none are; empty = they are.
    pub(crate) closed: String,
    /// How surely one must be known, for whom one may apply, windows, online only.
    pub(crate) access_notes: Vec<String>,
    /// What is erased when.
    pub(crate) retention: String,
    /// Public words on the suspension, where a publisher gave some.
    pub(crate) notice: String,
    /// Name and value of what matters at a glance, and what has been counted.
    pub(crate) facts: Vec<(String, String)>,
    /// The facts that change with a publication only.
    pub(crate) essentials: Vec<(String, String)>,
    pub(crate) fees: Vec<FeeLine>,
    /// On the portal and at the counter, when the components add up to one sum.
    pub(crate) fee_total: Option<(String, String)>,
    pub(crate) fee_notes: Vec<String>,
    pub(crate) reliefs: Vec<ReliefLine>,
    pub(crate) legal: Vec<Act>,
    pub(crate) term: String,
    pub(crate) term_notes: Vec<String>,
    pub(crate) documents: Vec<String>,
    pub(crate) registers: Vec<String>,
    pub(crate) audience: Vec<String>,
    pub(crate) conditions: Vec<String>,
    pub(crate) steps: Vec<StepLine>,
    pub(crate) step_notes: Vec<String>,
    /// Text and article.
    pub(crate) reasons: Vec<(String, String)>,
    pub(crate) appeal: String,
    pub(crate) kept: String,
    /// After which ends fees are returned, a sentence each.
    pub(crate) refunds: Vec<String>,
    /// Role and name.
    pub(crate) agencies: Vec<(String, String)>,
    pub(crate) contacts: Vec<ContactLine>,
    /// How to use it, sentence by sentence.
    pub(crate) guide: Vec<String>,
    /// Words and address of a picture and a film.
    pub(crate) guide_links: Vec<(String, String)>,
    pub(crate) published: String,
    /// Status and number; empty when there is nothing to count.
    pub(crate) stats: Vec<(String, String)>,
    /// Why there are no numbers.
    pub(crate) stats_note: String,
    pub(crate) ratings: Vec<Bar>,
    pub(crate) raters: u64,
    /// Mean of the ratings given here, `4.37`.
    pub(crate) own_rating: Option<String>,
    pub(crate) channels: Vec<(Channel, String)>,
    pub(crate) source_url: String,
    pub(crate) source_date: String,
    /// What the source does not say; written for reviewers, in English.
    pub(crate) assumed: String,
    /// First digits of the version's hash.
    pub(crate) version: String,
    pub(crate) unconfirmed: Unconfirmed,
}

/// Which blocks the owner of the service has still to confirm.
#[derive(Clone, Copy)]
pub(crate) struct Unconfirmed {
    pub(crate) fee: bool,
    pub(crate) term: bool,
    pub(crate) documents: bool,
    pub(crate) audience: bool,
    pub(crate) legal: bool,
}

impl Unconfirmed {
    fn of(definition: &Definition) -> Self {
        let is = |fact| definition.passport().is_unconfirmed(fact);
        Self {
            fee: is(Fact::Fee),
            term: is(Fact::Term),
            documents: is(Fact::Documents),
            audience: is(Fact::Audience),
            legal: is(Fact::Legal) || definition.passport().legal.is_empty(),
        }
    }
}

/// A component of the price.
pub(crate) struct FeeLine {
    pub(crate) title: String,
    pub(crate) variant: String,
    pub(crate) share: String,
    pub(crate) payer: String,
    pub(crate) web: String,
    pub(crate) dxm: String,
}

/// A relief with the price that is left.
pub(crate) struct ReliefLine {
    pub(crate) who: String,
    pub(crate) discount: String,
    pub(crate) price: String,
}

/// A legal act.
pub(crate) struct Act {
    pub(crate) name: String,
    pub(crate) detail: String,
    pub(crate) url: String,
}

/// A step of "how does it work".
pub(crate) struct StepLine {
    pub(crate) title: String,
    pub(crate) term: String,
    pub(crate) who: String,
}

/// Where to ask.
pub(crate) struct ContactLine {
    pub(crate) title: String,
    pub(crate) phone: String,
    /// The number for `tel:`.
    pub(crate) dial: String,
    pub(crate) url: String,
}

/// A bar of the distribution of ratings.
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) count: u64,
    pub(crate) shown: String,
}

/// Puts the passport of a service together.
///
/// `stats` is `None` when the counters cannot be read now: the rest of the page does not depend on them.
pub(crate) fn passport(
    ctx: &Ctx,
    t: &T,
    definition: &Definition,
    stats: Option<&ServiceStats>,
    today: Date,
) -> Passport {
    let lang = t.lang();
    let spec = definition.spec();
    let passport = definition.passport();
    let bhm = ctx.refdata.bhm(today);
    let rows = definition.fee_table(bhm, today);
    let statistics = passport.statistics.as_ref();
    let uses = statistics.and_then(|statistics| statistics.uses);
    let rating = statistics.and_then(|statistics| statistics.rating.clone());
    let instant = view::is_instant(definition);
    let term = view::term(t, definition);

    let minutes = kernel::calendar::Term { n: passport.fill_minutes, unit: kernel::calendar::Unit::Minute };
    let essentials = vec![
        (t.t("catalog-passport-price"), view::price_words(t, ctx, definition, today)),
        (t.t("catalog-passport-term"), term.clone()),
        (t.t("catalog-passport-result"), result(t, definition)),
        (
            t.t("catalog-passport-channels"),
            channels(t, definition).into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(", "),
        ),
        (t.t("catalog-fact-fill"), kernel::format::term(minutes, lang)),
    ];
    let mut facts = essentials.clone();
    if let Some(uses) = uses {
        facts.push((t.t("catalog-fact-uses"), t.number(i64::try_from(uses).unwrap_or(i64::MAX))));
    }
    if let Some(value) = stats.and_then(own_rating) {
        facts.push((t.t("catalog-fact-rating"), t.t1("catalog-rating", "value", decimal(&value, lang))));
    } else if let Some(value) = &rating {
        facts.push((t.t("catalog-fact-rating-published"), t.t1("catalog-rating", "value", decimal(value, lang))));
    }

    Passport {
        code: definition.code().to_string(),
        title: passport.title.get(lang).into_owned(),
        summary: passport.summary.get(lang).into_owned(),
        owner: agency(ctx, &spec.owner, lang),
        free: view::is_free(ctx, definition, today),
        instant,
        instant_open: spec.access.assurance.of(Channel::Web) == definition::Assurance::Open,
        closed: closed(t, definition, today),
        suspended: spec.status == Status::Suspended,
        notice: String::new(),
        facts,
        essentials,
        fees: rows.iter().map(|row| fee_line(t, row)).collect(),
        fee_total: fee_total(t, &rows),
        fee_notes: fee_notes(ctx, t, definition, &rows, bhm, today),
        reliefs: reliefs(t, &rows),
        legal: passport.legal.iter().map(|act| legal(t, act)).collect(),
        term,
        term_notes: term_notes(t, definition),
        documents: passport.documents.iter().map(|document| document.get(lang).into_owned()).collect(),
        registers: registers(definition, lang),
        audience: audience(t, &passport.audience),
        conditions: conditions(t, definition),
        access_notes: access_notes(ctx, t, definition),
        retention: retention(t, definition),
        steps: steps(ctx, t, definition),
        step_notes: step_notes(t, definition),
        reasons: definition
            .flow()
            .reasons
            .iter()
            .map(|reason| (reason.text.get(lang).into_owned(), reason.article.get(lang).into_owned()))
            .collect(),
        appeal: definition.appeal().map_or_else(String::new, |appeal| {
            let mut words = t.t1("catalog-passport-appeal", "n", appeal.days);
            if let Some(outer) = appeal.outer_days {
                words = format!("{words} {}", t.t1("catalog-passport-appeal-outer", "n", outer));
            }
            words
        }),
        kept: match definition.payment() {
            _ if rows.is_empty() => String::new(),
            Some(rules) if rules.valid_after_reject_days > 0 => {
                t.t1("catalog-passport-kept", "n", rules.valid_after_reject_days)
            }
            // What is returned after a refusal has nothing to carry over.
            Some(_) if rows.iter().any(|row| row.refund.contains(&RefundAfter::Refused)) => String::new(),
            Some(_) => t.t("catalog-passport-kept-none"),
            None => t.t("catalog-passport-kept-unknown"),
        },
        refunds: refunds(t, &rows),
        agencies: passport.agencies.iter().map(|part| (role(t, part.role), agency(ctx, &part.code, lang))).collect(),
        contacts: passport
            .contacts
            .iter()
            .map(|contact| {
                let phone = contact.phone.clone().unwrap_or_default();
                ContactLine {
                    title: contact.title.get(lang).into_owned(),
                    dial: phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect(),
                    phone,
                    url: contact.url.clone().unwrap_or_default(),
                }
            })
            .collect(),
        guide: passport.guide.iter().flat_map(|guide| &guide.text).map(|text| text.get(lang).into_owned()).collect(),
        guide_links: passport.guide.iter().flat_map(|guide| guide_links(t, guide)).collect(),
        published: match (uses, rating) {
            (Some(uses), Some(rating)) => {
                t.t2("catalog-passport-stats-published-rated", "n", uses, "value", decimal(&rating, lang))
            }
            (Some(uses), None) => t.t1("catalog-passport-stats-published", "n", uses),
            (None, _) => String::new(),
        },
        stats_note: match stats {
            None => t.t("catalog-passport-stats-unavailable"),
            Some(stats) if is_unused(stats) => t.t("catalog-passport-stats-none"),
            Some(_) => String::new(),
        },
        stats: stats.filter(|stats| !is_unused(stats)).map_or_else(Vec::new, |stats| status_lines(t, stats)),
        own_rating: stats.and_then(own_rating),
        channels: channels(t, definition),
        raters: stats.map_or(0, |stats| stats.ratings.iter().sum()),
        ratings: stats.map_or_else(Vec::new, |stats| bars(t, stats)),
        assumed: passport.source.assumed.clone().unwrap_or_default(),
        source_url: passport.source.url.clone(),
        source_date: t.date(&passport.source.as_read),
        version: definition.version().as_str().chars().take(12).collect(),
        unconfirmed: Unconfirmed::of(definition),
    }
}

fn agency(ctx: &Ctx, code: &str, lang: Lang) -> String {
    ctx.refdata.agency(code).map_or_else(|| code.to_owned(), |agency| agency.name.get(lang).into_owned())
}

fn role(t: &T, role: AgencyRole) -> String {
    match role {
        AgencyRole::Owner => t.t("catalog-passport-role-owner"),
        AgencyRole::Participant => t.t("catalog-passport-role-executor"),
        AgencyRole::Source => t.t("catalog-passport-role-source"),
    }
}

fn audience(t: &T, list: &[Audience]) -> Vec<String> {
    if list.is_empty() {
        return vec![t.t("catalog-passport-audience-all")];
    }
    list.iter().map(|audience| super::view::audience(t, *audience)).collect()
}

fn channels(t: &T, definition: &Definition) -> Vec<(Channel, String)> {
    definition.access().channels.iter().map(|channel| (*channel, super::view::channel(t, *channel))).collect()
}

/// The picture and the film of a guide in the reader's language, else the first there is.
fn guide_links(t: &T, guide: &definition::Guide) -> Vec<(String, String)> {
    let of = |links: &[definition::GuideLink]| {
        links.iter().find(|link| link.lang == t.lang().code()).or(links.first()).map(|link| link.url.clone())
    };
    let picture = of(&guide.infographic).map(|address| (t.t("catalog-guide-infographic"), address));
    let film = of(&guide.video).map(|address| (t.t("catalog-guide-video"), address));
    picture.into_iter().chain(film).collect()
}

fn result(t: &T, definition: &Definition) -> String {
    let result = &definition.passport().result;
    let mut title = result.title.get(t.lang()).into_owned();
    if !result.delivery.is_empty() {
        let ways: Vec<String> =
            result.delivery.iter().map(|way| t.t(&format!("catalog-delivery-{}", way.name()))).collect();
        title = format!("{title} ({})", ways.join(", "));
    }
    match definition.outputs().iter().find_map(|output| output.validity) {
        Some(term) => {
            let valid = t.t1("catalog-passport-result-valid", "term", kernel::format::term(term, t.lang()));
            format!("{title}. {valid}")
        }
        None => title,
    }
}

/// What is left of a component: BHM share of the counter in words, or nothing for a fixed amount.
fn fee_line(t: &T, row: &FeeRow) -> FeeLine {
    let title = row.title.get(t.lang());
    let kind = match row.kind {
        FeeKind::Duty => t.t("catalog-fee-duty"),
        FeeKind::Fee => t.t("catalog-fee-fee"),
        FeeKind::Emblem => t.t("catalog-fee-emblem"),
        FeeKind::Service => t.t("catalog-fee-service"),
        FeeKind::Fixed => t.t("catalog-fee-fixed"),
    };
    FeeLine {
        title: if title.is_empty() { kind } else { title.into_owned() },
        variant: row.variant.as_ref().map_or_else(String::new, |variant| variant.get(t.lang()).into_owned()),
        share: row.share.map_or_else(String::new, |share| {
            t.t1("catalog-passport-price-share", "share", decimal(&share.decimal().normalize().to_string(), t.lang()))
        }),
        payer: audience(t, &row.payer).join(", "),
        web: if row.computed { t.t("catalog-fee-computed") } else { t.money(&price::amount(row, Channel::Web)) },
        dxm: if row.computed { t.t("catalog-fee-computed") } else { t.money(&price::amount(row, Channel::Dxm)) },
    }
}

/// After which ends fees are returned: a sentence for those that are returned alike.
fn refunds(t: &T, rows: &[FeeRow]) -> Vec<String> {
    let mut alike: Vec<(Vec<RefundAfter>, Vec<String>)> = Vec::new();
    for row in rows.iter().filter(|row| !row.refund.is_empty()) {
        let mut ends = row.refund.clone();
        ends.sort_unstable();
        let title = fee_line(t, row).title;
        match alike.iter_mut().find(|(known, _)| *known == ends) {
            Some((_, titles)) if titles.contains(&title) => {}
            Some((_, titles)) => titles.push(title),
            None => alike.push((ends, vec![title])),
        }
    }
    let words = |end: &RefundAfter| match end {
        RefundAfter::Refused => t.t("catalog-passport-refund-refused"),
        RefundAfter::Withdrawn => t.t("catalog-passport-refund-withdrawn"),
        RefundAfter::Expired => t.t("catalog-passport-refund-expired"),
    };
    alike
        .into_iter()
        .map(|(ends, titles)| {
            let ends = ends.iter().map(words).collect::<Vec<_>>().join(", ");
            t.t2("catalog-passport-refund", "fees", titles.join(", "), "ends", ends)
        })
        .collect()
}

/// A decimal as the language writes it: with a comma, in English with a point.
pub(super) fn decimal(text: &str, lang: Lang) -> String {
    if lang == Lang::En { text.to_owned() } else { text.replace('.', ",") }
}

/// The sum, when all components are paid by the same people in every case at the same moment.
fn fee_total(t: &T, rows: &[FeeRow]) -> Option<(String, String)> {
    let first = rows.first().filter(|_| rows.len() > 1 && rows.iter().all(|row| !row.computed))?;
    let alike = rows.iter().all(|row| row.variant.is_none() && row.payer == first.payer && row.due == first.due);
    let sum = |channel| t.money(&rows.iter().map(|row| price::amount(row, channel)).sum::<Tiyin>());
    alike.then(|| (sum(Channel::Web), sum(Channel::Dxm)))
}

fn fee_notes(ctx: &Ctx, t: &T, definition: &Definition, rows: &[FeeRow], bhm: Tiyin, today: Date) -> Vec<String> {
    let mut notes = Vec::new();
    if rows.is_empty() {
        return notes;
    }
    if rows.iter().any(|row| row.share.is_some()) {
        let rate = ctx.refdata.channel_rate(Channel::Web.name(), today);
        notes.push(t.t3(
            "catalog-passport-price-bhm",
            "amount",
            t.money(&bhm),
            "date",
            t.date(&today),
            "rate",
            decimal(&rate.decimal().normalize().to_string(), t.lang()),
        ));
    }
    let mut told: Vec<&DueAt> = Vec::new();
    for moment in rows.iter().map(|row| &row.due) {
        if told.contains(&moment) {
            continue;
        }
        told.push(moment);
        let at_start = |id: &str| definition.initial_state().id == id;
        match moment {
            DueAt::State(id) if !at_start(id) => {
                let state =
                    definition.state(id).map_or_else(|| id.clone(), |state| state.title.get(t.lang()).into_owned());
                notes.push(t.t1("catalog-passport-price-due-later", "state", state));
            }
            DueAt::Submit | DueAt::State(_) => notes.push(t.t("catalog-passport-price-due-submit")),
        }
    }
    if let Some(rules) = definition.payment() {
        let term = kernel::calendar::Term { n: rules.expires_days, unit: kernel::calendar::Unit::Day };
        let term = kernel::format::term(term, t.lang());
        notes.push(t.t1("catalog-passport-price-expires", "term", term));
    }
    notes
}

/// Each relief with what is left to pay on the portal.
fn reliefs(t: &T, rows: &[FeeRow]) -> Vec<ReliefLine> {
    let mut codes: Vec<(&str, Rate)> = Vec::new();
    for relief in rows.iter().flat_map(|row| &row.reliefs) {
        let rate = relief.rate;
        if !codes.iter().any(|(code, _)| *code == relief.code) {
            codes.push((&relief.code, rate));
        }
    }
    codes
        .into_iter()
        .map(|(code, rate)| {
            let reduced: Vec<FeeRow> = with_relief(rows, code);
            let price = match price::range(&reduced, Channel::Web) {
                None => t.t("catalog-free"),
                Some((least, most)) if least == most => t.money(&least),
                Some((least, _)) => t.t1("catalog-fee-from", "amount", t.money(&least)),
            };
            let percent = (kernel::money::Decimal::ONE - rate.decimal()) * kernel::money::Decimal::ONE_HUNDRED;
            ReliefLine { who: relief_name(t, code), discount: format!("{}\u{a0}%", percent.normalize()), price }
        })
        .collect()
}

/// The rows as they are for people with the relief; those of payers who never have it are left out.
fn with_relief(rows: &[FeeRow], code: &str) -> Vec<FeeRow> {
    let has = |row: &FeeRow| row.reliefs.iter().any(|relief| relief.code == code);
    let payers: Vec<Audience> = rows.iter().filter(|row| has(row)).flat_map(|row| row.payer.clone()).collect();
    rows.iter()
        .filter(|row| has(row) || row.payer.is_empty() || row.payer.iter().any(|payer| payers.contains(payer)))
        .map(|row| {
            let mut row = row.clone();
            row.payer.retain(|payer| payers.contains(payer));
            if let Some(relief) = row.reliefs.iter().find(|relief| relief.code == code) {
                let rate = relief.rate;
                for (_, amount) in &mut row.by_channel {
                    *amount = Rate::apply(*amount, &[rate]);
                }
            }
            row
        })
        .collect()
}

fn relief_name(t: &T, code: &str) -> String {
    match code {
        "social_register" => t.t("catalog-relief-social-register"),
        "disability_1_2" => t.t("catalog-relief-disability-1-2"),
        "orphan" => t.t("catalog-relief-orphan"),
        other => other.to_owned(),
    }
}

fn legal(t: &T, act: &definition::LegalBasis) -> Act {
    let mut detail = Vec::new();
    if let Some(date) = &act.date {
        detail.push(t.date(date));
    }
    if let Some(number) = &act.number {
        detail.push(t.t1("catalog-passport-legal-number", "number", number));
    }
    if let Some(article) = &act.article {
        detail.push(t.t1("catalog-passport-legal-article", "article", article));
    }
    // Only addresses of the web become links.
    let url = act.url.clone().filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    Act { name: act.act.get(t.lang()).into_owned(), detail: detail.join(", "), url: url.unwrap_or_default() }
}

fn term_notes(t: &T, definition: &Definition) -> Vec<String> {
    let rules = &definition.spec().term;
    let mut notes: Vec<String> = rules.note.iter().map(|note| note.get(t.lang()).into_owned()).collect();
    if definition.passport().is_unconfirmed(Fact::Term) {
        return notes;
    }
    for special in &rules.special {
        let term = kernel::format::term(special.total, t.lang());
        notes.push(format!("{term}: {}", special.note.get(t.lang())));
    }
    if definition.flow().states.iter().any(|state| state.kind == StateKind::Returned) {
        notes.push(t.t("catalog-passport-term-pause"));
    }
    if rules.total.is_some() && !definition.is_automatic() {
        match rules.on_breach {
            OnBreach::Escalate => notes.push(t.t("catalog-passport-term-breach-escalate")),
            OnBreach::SilentOk => notes.push(t.t("catalog-passport-term-silent-ok")),
            OnBreach::SilentNo => notes.push(t.t("catalog-passport-term-silent-no")),
        }
    }
    if definition.flow().states.iter().any(|state| state.clock == definition::ClockRule::Reset) {
        notes.push(t.t("catalog-passport-term-reset"));
    }
    if definition.works_saturdays() {
        notes.push(t.t("catalog-passport-term-six-days"));
    }
    notes
}

fn registers(definition: &Definition, lang: Lang) -> Vec<String> {
    definition
        .registers()
        .iter()
        .map(|register| match definition.register(&register.name) {
            Some(info) => info.title.get(lang).into_owned(),
            None => definition::register_info(&register.name)
                .map_or_else(|| register.name.clone(), |info| info.title.get(lang).into_owned()),
        })
        .collect()
}

fn conditions(t: &T, definition: &Definition) -> Vec<String> {
    let access = definition.access();
    let mut lines: Vec<String> =
        access.eligibility.iter().map(|rule| rule.message.get(t.lang()).into_owned()).collect();
    if let Some(limit) = &access.limit {
        let key = if limit.per.is_some() { "catalog-passport-limit-per" } else { "catalog-passport-limit" };
        lines.push(t.t1(key, "n", limit.open));
    }
    lines
}

/// Until when nothing can be sent, if the windows say so today.
fn closed(t: &T, definition: &Definition, today: Date) -> String {
    let windows = &definition.access().campaign;
    if windows.is_empty() || windows.iter().any(|window| window.from <= today && today <= window.to) {
        return String::new();
    }
    match windows.iter().filter(|window| window.from > today).min_by_key(|window| window.from) {
        Some(next) => t.t2("catalog-passport-not-yet", "from", t.date(&next.from), "to", t.date(&next.to)),
        None => match windows.iter().map(|window| window.to).max() {
            Some(last) => t.t1("catalog-passport-over", "date", t.date(&last)),
            None => String::new(),
        },
    }
}

/// How one applies beside the ordinary: identification, for whom, windows, online only.
fn access_notes(ctx: &Ctx, t: &T, definition: &Definition) -> Vec<String> {
    use definition::{Assurance, BehalfKind};
    let access = definition.access();
    let mut notes = Vec::new();
    match access.assurance.of(Channel::Web) {
        Assurance::Open | Assurance::Password => {}
        Assurance::Otp => notes.push(t.t("catalog-passport-assurance-otp")),
        Assurance::Face => notes.push(t.t("catalog-passport-assurance-face")),
        Assurance::Signature => notes.push(t.t("catalog-passport-assurance-signature")),
    }
    for rule in &access.on_behalf {
        let age = rule.under_age.unwrap_or(18);
        notes.push(match rule.who {
            BehalfKind::Child => t.t1("catalog-passport-for-child", "n", age),
            BehalfKind::Ward => t.t1("catalog-passport-for-ward", "n", age),
            BehalfKind::Attorney => t.t("catalog-passport-for-attorney"),
            BehalfKind::Organisation if rule.roles.is_empty() => t.t("catalog-passport-for-organisation"),
            BehalfKind::Organisation => t.t1("catalog-passport-for-organisation-roles", "roles", rule.roles.join(", ")),
        });
    }
    for window in &access.campaign {
        let (from, to) = (t.date(&window.from), t.date(&window.to));
        let mut words = t.t2("catalog-passport-window", "from", from, "to", to);
        if let Some(title) = &window.title {
            words = format!("{}: {words}", title.get(t.lang()));
        }
        if window.finish_days > 0 {
            words = format!("{words} {}", t.t1("catalog-passport-window-finish", "n", window.finish_days));
        }
        notes.push(words);
    }
    for rule in &access.online_only {
        let who = if rule.audience.is_empty() { String::new() } else { audience(t, &rule.audience).join(", ") };
        let place = rule.region.as_deref().map(|region| match kernel::person::Soato::parse(region) {
            Ok(soato) => ctx.refdata.place_name(&soato).get(t.lang()).into_owned(),
            Err(_) => region.to_owned(),
        });
        let whom: Vec<String> = [Some(who).filter(|who| !who.is_empty()), place].into_iter().flatten().collect();
        let date = t.date(&rule.from);
        notes.push(if whom.is_empty() {
            t.t1("catalog-passport-online-only", "date", date)
        } else {
            t.t2("catalog-passport-online-only-for", "date", date, "whom", whom.join(", "))
        });
    }
    notes
}

/// How long the data of a closed case are kept.
fn retention(t: &T, definition: &Definition) -> String {
    let Some(rules) = &definition.spec().retention else { return String::new() };
    let key = match rules.after_close.unit {
        definition::SpanUnit::Day => "catalog-passport-retention-days",
        definition::SpanUnit::Month => "catalog-passport-retention-months",
        definition::SpanUnit::Year => "catalog-passport-retention-years",
    };
    t.t1(key, "n", rules.after_close.n)
}

/// First the applicant, then the flow as it goes when all is well.
fn steps(ctx: &Ctx, t: &T, definition: &Definition) -> Vec<StepLine> {
    let first = StepLine {
        title: if definition.pages().is_empty() {
            t.t("catalog-passport-step-submit-auto")
        } else {
            t.t("catalog-passport-step-submit")
        },
        term: t.t1("catalog-fill", "n", definition.passport().fill_minutes),
        who: t.t("catalog-passport-step-you"),
    };
    let rest = definition.steps().into_iter().map(|step| StepLine {
        title: step.title.get(t.lang()).into_owned(),
        term: step.term.map_or_else(String::new, |term| {
            t.t1("catalog-passport-step-term", "term", kernel::format::term(term, t.lang()))
        }),
        who: match &step.agency {
            Some(code) => agency(ctx, code, t.lang()),
            None => turn(t, definition, &step.title),
        },
    });
    std::iter::once(first).chain(rest).collect()
}

/// Whose turn it is in a step without an agency, found by the title of its state.
fn turn(t: &T, definition: &Definition, title: &kernel::lang::Text) -> String {
    let state = definition.flow().states.iter().find(|state| state.title == *title);
    match state.map(|state| state.kind) {
        Some(StateKind::Payment | StateKind::Returned) => t.t("catalog-passport-step-you"),
        Some(StateKind::Auto) => t.t("catalog-passport-step-system"),
        _ => String::new(),
    }
}

fn step_notes(t: &T, definition: &Definition) -> Vec<String> {
    let has = |kind: StateKind| definition.flow().states.iter().any(|state| state.kind == kind);
    let mut notes = Vec::new();
    if has(StateKind::Tasks) {
        notes.push(t.t("catalog-passport-step-parallel"));
    }
    if has(StateKind::Commission) {
        notes.push(t.t("catalog-passport-step-votes"));
    }
    if has(StateKind::Returned) {
        notes.push(t.t("catalog-passport-step-returned"));
    }
    if definition.flow().actions.iter().any(|action| action.needs.contains(&definition::Need::SecondPerson)) {
        notes.push(t.t("catalog-passport-step-second"));
    }
    notes
}

fn status_lines(t: &T, stats: &ServiceStats) -> Vec<(String, String)> {
    [
        (t.t("catalog-passport-stats-new"), stats.new),
        (t.t("catalog-passport-stats-progress"), stats.in_progress),
        (t.t("catalog-passport-stats-finished"), stats.finished),
        (t.t("catalog-passport-stats-refused"), stats.refused),
        (t.t("catalog-passport-stats-payment"), stats.awaiting_payment),
        (t.t("catalog-passport-stats-cancelled"), stats.cancelled),
    ]
    .into_iter()
    .map(|(label, count)| (label, t.number(i64::try_from(count).unwrap_or(i64::MAX))))
    .collect()
}

/// Mean of the ratings given here, with two digits; `None` when there are none.
fn own_rating(stats: &ServiceStats) -> Option<String> {
    let count: u64 = stats.ratings.iter().sum();
    let stars: u64 = stats.ratings.iter().zip(1..).map(|(count, stars)| count * stars).sum();
    // Hundredths, half up, in whole numbers.
    let hundredths = (stars * 100 + count / 2).checked_div(count)?;
    Some(format!("{}.{:02}", hundredths / 100, hundredths % 100))
}

/// Whether nobody has applied yet.
fn is_unused(stats: &ServiceStats) -> bool {
    *stats == ServiceStats { ratings: stats.ratings, ..ServiceStats::default() }
}

/// Five stars first; empty when nobody has rated.
fn bars(t: &T, stats: &ServiceStats) -> Vec<Bar> {
    if own_rating(stats).is_none() {
        return Vec::new();
    }
    stats
        .ratings
        .iter()
        .zip([1_u8, 2, 3, 4, 5])
        .rev()
        .map(|(count, stars)| Bar {
            label: t.t1("catalog-passport-ratings-star", "n", stars),
            count: *count,
            shown: t.number(i64::try_from(*count).unwrap_or(i64::MAX)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_ratings_is_rounded_to_hundredths() {
        let stats = |ratings| ServiceStats { ratings, ..ServiceStats::default() };
        assert_eq!(own_rating(&stats([0; 5])), None);
        assert_eq!(own_rating(&stats([0, 0, 0, 0, 3])).as_deref(), Some("5.00"));
        assert_eq!(own_rating(&stats([1, 0, 0, 0, 2])).as_deref(), Some("3.67"));
    }

    #[test]
    fn a_relief_of_one_payer_leaves_the_others_out() {
        let row = |payer, som, reliefs| FeeRow {
            kind: FeeKind::Fee,
            title: kernel::lang::Text::uz("yig‘im"),
            payer: vec![payer],
            variant: None,
            share: None,
            by_channel: vec![(Channel::Web, Tiyin::from_som(som))],
            reliefs,
            due: DueAt::Submit,
            refund: Vec::new(),
            computed: false,
        };
        let rate = |text| Rate::parse(text).expect("a rate");
        let half = definition::Relief { code: "orphan".to_owned(), rate: rate("0") };
        let rows = [row(Audience::Natural, 100, vec![half]), row(Audience::Legal, 700, Vec::new())];
        assert_eq!(price::range(&with_relief(&rows, "orphan"), Channel::Web), None);
    }

    #[test]
    fn decimals_are_written_as_the_language_does() {
        assert_eq!(decimal("0.045", Lang::Uz), "0,045");
        assert_eq!(decimal("0.045", Lang::En), "0.045");
    }
}
