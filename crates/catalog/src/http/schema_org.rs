//! The mark-up of a service for search engines. Source: schema.org/GovernmentService.

use contracts::Ctx;
use definition::{Channel, Definition, Fact};
use kernel::calendar::Unit;
use kernel::clock::Date;
use kernel::lang::Lang;
use kernel::money::Tiyin;
use serde_json::{Map, Value, json};

use super::passport::Passport;
use super::view;

/// The data block of a passport. What is not known or not confirmed is left out, never guessed.
///
/// `<` is written as `\u003c`, so that no text can end the block.
pub(crate) fn json_ld(ctx: &Ctx, p: &Passport, definition: &Definition, lang: Lang, today: Date) -> String {
    let base = &ctx.settings.public_url;
    let url = format!("{base}/{}/services/{}", lang.code(), p.code);
    let passport = definition.passport();
    let mut data = Map::new();
    let mut put = |key: &str, value: Value| {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_str() == Some("");
        if !empty {
            data.insert(key.to_owned(), value);
        }
    };
    put("@context", json!("https://schema.org"));
    put("@type", json!("GovernmentService"));
    put("@id", json!(format!("{base}/uz/services/{}", p.code)));
    put("name", json!(p.title));
    put("description", json!(p.summary));
    put("identifier", json!(p.code));
    put("url", json!(url));
    put("serviceType", json!(ctx.refdata.group(&passport.group).map(|group| group.title.get(lang).into_owned())));
    put("provider", organization(&p.owner));
    let operators = p.agencies.iter().map(|(_, name)| name).filter(|name| **name != p.owner);
    put("serviceOperator", operators.map(|name| organization(name)).collect());
    put("areaServed", json!({"@type": "Country", "name": "Uzbekistan", "identifier": "UZ"}));
    if !p.unconfirmed.audience {
        put("audience", p.audience.iter().map(|who| json!({"@type": "Audience", "audienceType": who})).collect());
    }
    put("availableChannel", channels(p, definition, &url));
    put("serviceOutput", json!({"@type": "Thing", "name": passport.result.title.get(lang)}));
    if !p.unconfirmed.fee {
        put("offers", offer(view::price(ctx, definition, today)));
    }
    // The act that rules the service, the nearest thing to terms that it has.
    put("termsOfService", json!(p.legal.iter().find(|act| !act.url.is_empty()).map(|act| &act.url)));
    if let Some(mean) = &p.own_rating {
        put(
            "aggregateRating",
            json!({"@type": "AggregateRating", "ratingValue": mean, "ratingCount": p.raters, "bestRating": 5, "worstRating": 1}),
        );
    }
    Value::Object(data).to_string().replace('<', "\\u003c")
}

fn organization(name: &str) -> Value {
    json!({"@type": "GovernmentOrganization", "name": name})
}

/// Ways on which the service is asked for; the portal's own first, with its address.
fn channels(p: &Passport, definition: &Definition, url: &str) -> Value {
    let phone = p.contacts.iter().find(|contact| !contact.dial.is_empty()).map(|contact| &contact.dial);
    let channels = p.channels.iter().map(|(channel, name)| {
        let mut one = Map::from_iter([("@type".to_owned(), json!("ServiceChannel")), ("name".to_owned(), json!(name))]);
        if *channel == Channel::Web {
            one.insert("serviceUrl".to_owned(), json!(url));
            one.insert("availableLanguage".to_owned(), json!(Lang::ALL.map(Lang::html_lang)));
            if let Some(time) = processing_time(definition) {
                one.insert("processingTime".to_owned(), json!(time));
            }
        }
        if let Some(phone) = phone {
            one.insert("servicePhone".to_owned(), json!({"@type": "ContactPoint", "telephone": phone}));
        }
        Value::Object(one)
    });
    channels.collect()
}

/// The term as an ISO 8601 duration; working days have none.
fn processing_time(definition: &Definition) -> Option<String> {
    let term = definition.spec().term.total.filter(|_| !definition.passport().is_unconfirmed(Fact::Term))?;
    match term.unit {
        Unit::Minute => Some(format!("PT{}M", term.n)),
        Unit::Hour => Some(format!("PT{}H", term.n)),
        Unit::Day => Some(format!("P{}D", term.n)),
        Unit::Month => Some(format!("P{}M", term.n)),
        Unit::Workday => None,
    }
}

/// The price on the portal.
fn offer(price: Option<(Tiyin, Tiyin)>) -> Value {
    let som = |amount: Tiyin| format!("{}.{:02}", amount.get() / 100, amount.get() % 100);
    match price {
        None => json!({"@type": "Offer", "price": "0", "priceCurrency": "UZS"}),
        Some((least, most)) if least == most => {
            json!({"@type": "Offer", "price": som(least), "priceCurrency": "UZS"})
        }
        Some((least, most)) => {
            json!({"@type": "AggregateOffer", "lowPrice": som(least), "highPrice": som(most), "priceCurrency": "UZS"})
        }
    }
}
