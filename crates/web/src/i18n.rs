//! Texts in five languages, by Fluent.
//!
//! Numbers that appear in a text are grouped by our own table (`kernel::format`), because Fluent prints them
//! the same in every language; dates and money are passed in as formatted text. Uzbek in Cyrillic is made from
//! the Latin texts when they are loaded: only the words are transliterated, never what is put into them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use fluent_bundle::bundle::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::{ast, parser, serializer};
use intl_memoizer::concurrent::IntlLangMemoizer;
use kernel::clock::{Date, Timestamp};
use kernel::lang::Lang;
use kernel::money::Tiyin;

type Bundle = FluentBundle<FluentResource, IntlLangMemoizer>;

/// Every text of the program, loaded once.
#[derive(Clone)]
pub struct Catalogue {
    bundles: Arc<BTreeMap<&'static str, Bundle>>,
}

/// Why texts cannot be loaded: a defect of a file in the repository.
#[derive(Debug, thiserror::Error)]
#[error("texts in {language}: {message}")]
pub struct LoadError {
    pub language: String,
    pub message: String,
}

impl Catalogue {
    /// Loads the files of all contexts, each as `(language code, text)`.
    ///
    /// # Errors
    /// When a file does not parse or a message is defined twice.
    pub fn load(files: &[&[(&str, &str)]]) -> Result<Self, LoadError> {
        let mut bundles = BTreeMap::new();
        for lang in Lang::ALL {
            // Plural rules of Uzbek serve both scripts and Karakalpak (CLDR has none of its own); the rules are equal.
            let plural = match lang {
                Lang::Ru => "ru",
                Lang::En => "en",
                Lang::Uz | Lang::UzCyrl | Lang::Kaa => "uz",
            };
            let fail = |message: String| LoadError { language: lang.code().to_owned(), message };
            let id = plural.parse().map_err(|_| fail("no such language id".to_owned()))?;
            let mut bundle = Bundle::new_concurrent(vec![id]);
            bundle.set_use_isolating(false);
            bundle.set_formatter(Some(match lang {
                Lang::Uz => |value, _| grouped(value, Lang::Uz),
                Lang::UzCyrl => |value, _| grouped(value, Lang::UzCyrl),
                Lang::Kaa => |value, _| grouped(value, Lang::Kaa),
                Lang::Ru => |value, _| grouped(value, Lang::Ru),
                Lang::En => |value, _| grouped(value, Lang::En),
            }));
            let wanted = if lang == Lang::UzCyrl { Lang::Uz.code() } else { lang.code() };
            for set in files {
                for (_, text) in set.iter().filter(|(code, _)| *code == wanted) {
                    let text: Cow<'_, str> =
                        if lang == Lang::UzCyrl { Cow::Owned(cyrillic(text)) } else { Cow::Borrowed(*text) };
                    let resource = FluentResource::try_new(text.into_owned())
                        .map_err(|(_, errors)| fail(format!("{errors:?}")))?;
                    bundle.add_resource(resource).map_err(|errors| fail(format!("{errors:?}")))?;
                }
            }
            bundles.insert(lang.code(), bundle);
        }
        Ok(Self { bundles: Arc::new(bundles) })
    }

    /// The texts of one language.
    pub fn lang(&self, lang: Lang) -> T {
        T { lang, catalogue: self.clone() }
    }
}

fn grouped(value: &FluentValue<'_>, lang: Lang) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(kernel::format::number(number.value as i64, lang)),
        _ => None,
    }
}

/// A Fluent file with its words in Cyrillic.
fn cyrillic(source: &str) -> String {
    let mut resource = match parser::parse(source.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    for entry in &mut resource.body {
        if let ast::Entry::Message(message) = entry
            && let Some(pattern) = &mut message.value
        {
            pattern_to_cyrillic(pattern);
        }
    }
    serializer::serialize(&resource)
}

fn pattern_to_cyrillic(pattern: &mut ast::Pattern<String>) {
    for element in &mut pattern.elements {
        match element {
            ast::PatternElement::TextElement { value } => *value = kernel::script::to_cyrillic(value),
            ast::PatternElement::Placeable { expression: ast::Expression::Select { variants, .. } } => {
                for variant in variants {
                    pattern_to_cyrillic(&mut variant.value);
                }
            }
            ast::PatternElement::Placeable { .. } => {}
        }
    }
}

/// The texts of one language. Cheap to clone.
#[derive(Clone)]
pub struct T {
    lang: Lang,
    catalogue: Catalogue,
}

impl T {
    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// A text without variables. An unknown key comes back as itself: the build checks literal keys,
    /// a test renders every page in strict mode.
    pub fn t(&self, key: &str) -> String {
        self.ta(key, &[])
    }

    /// A text with one variable.
    pub fn t1(&self, key: &str, name: &str, value: impl Into<Arg>) -> String {
        self.ta(key, &[(name, value.into())])
    }

    /// A text with two variables.
    pub fn t2(&self, key: &str, n1: &str, v1: impl Into<Arg>, n2: &str, v2: impl Into<Arg>) -> String {
        self.ta(key, &[(n1, v1.into()), (n2, v2.into())])
    }

    /// A text with three variables.
    pub fn t3(
        &self,
        key: &str,
        n1: &str,
        v1: impl Into<Arg>,
        n2: &str,
        v2: impl Into<Arg>,
        n3: &str,
        v3: impl Into<Arg>,
    ) -> String {
        self.ta(key, &[(n1, v1.into()), (n2, v2.into()), (n3, v3.into())])
    }

    /// Whether there is such a text.
    pub fn has(&self, key: &str) -> bool {
        self.catalogue.bundles.get(self.lang.code()).is_some_and(|bundle| bundle.has_message(key))
    }

    /// A text with any number of variables.
    pub fn ta(&self, key: &str, args: &[(&str, Arg)]) -> String {
        let Some(bundle) = self.catalogue.bundles.get(self.lang.code()) else { return key.to_owned() };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, lang = self.lang.code(), "text is missing");
            return key.to_owned();
        };
        let mut fluent = FluentArgs::with_capacity(args.len());
        for (name, value) in args {
            match value {
                Arg::Text(text) => fluent.set(*name, FluentValue::from(text.as_str())),
                Arg::Number(number) => fluent.set(*name, FluentValue::from(*number)),
            }
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&fluent), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(key, lang = self.lang.code(), count = errors.len(), "text could not be filled in");
        }
        text
    }

    pub fn date(&self, date: &Date) -> String {
        kernel::format::date(*date, self.lang)
    }

    pub fn datetime(&self, at: &Timestamp) -> String {
        kernel::format::datetime(*at, self.lang)
    }

    /// The civil day of an instant, in Tashkent.
    pub fn day(&self, at: &Timestamp) -> String {
        kernel::format::date(kernel::clock::tashkent_date(*at), self.lang)
    }

    pub fn money(&self, amount: &Tiyin) -> String {
        kernel::format::money(*amount, self.lang)
    }

    pub fn number(&self, number: impl Into<i64>) -> String {
        kernel::format::number(number.into(), self.lang)
    }
}

/// A variable of a text.
#[derive(Clone, Debug)]
pub enum Arg {
    Text(String),
    Number(i64),
}

macro_rules! arg_from {
    ($($from:ty => |$v:ident| $make:expr;)*) => {$(
        impl From<$from> for Arg {
            fn from($v: $from) -> Self {
                $make
            }
        }
    )*};
}
arg_from! {
    String => |v| Arg::Text(v);
    &String => |v| Arg::Text(v.clone());
    &&String => |v| Arg::Text((*v).clone());
    &str => |v| Arg::Text(v.to_owned());
    &&str => |v| Arg::Text((*v).to_owned());
    Cow<'_, str> => |v| Arg::Text(v.into_owned());
    &Cow<'_, str> => |v| Arg::Text(v.clone().into_owned());
    i64 => |v| Arg::Number(v);
    &i64 => |v| Arg::Number(*v);
    i32 => |v| Arg::Number(v.into());
    &i32 => |v| Arg::Number((*v).into());
    u32 => |v| Arg::Number(v.into());
    &u32 => |v| Arg::Number((*v).into());
    u8 => |v| Arg::Number(v.into());
    &u8 => |v| Arg::Number((*v).into());
    u64 => |v| Arg::Number(i64::try_from(v).unwrap_or(i64::MAX));
    &u64 => |v| Arg::Number(i64::try_from(*v).unwrap_or(i64::MAX));
    usize => |v| Arg::Number(i64::try_from(v).unwrap_or(i64::MAX));
    &usize => |v| Arg::Number(i64::try_from(*v).unwrap_or(i64::MAX));
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &[(&str, &str)] = &[
        ("uz", "a = Sizda { $n } ta ariza bor, { $who }\nb = Chiqish"),
        ("kaa", "a = Sizde { $n } arza bar, { $who }\nb = Shıǵıw"),
        (
            "ru",
            "a = { $n ->\n    [one] { $n } заявление\n    [few] { $n } заявления\n   *[many] { $n } заявлений\n }, { $who }\nb = Выход",
        ),
        ("en", "a = { $n ->\n    [one] one application\n   *[other] { $n } applications\n }, { $who }\nb = Sign out"),
    ];

    #[test]
    fn plurals_follow_the_language_and_numbers_are_grouped() {
        let catalogue = Catalogue::load(&[SAMPLE]).unwrap();
        let say = |lang, n: i64| catalogue.lang(lang).t2("a", "n", n, "who", "Aziz");
        assert_eq!(say(Lang::Ru, 2), "2 заявления, Aziz");
        assert_eq!(say(Lang::Ru, 11), "11 заявлений, Aziz");
        assert_eq!(say(Lang::En, 1), "one application, Aziz");
        assert_eq!(
            say(Lang::Uz, 12_345),
            format!("Sizda {} ta ariza bor, Aziz", kernel::format::number(12_345, Lang::Uz))
        );
    }

    #[test]
    fn cyrillic_uzbek_is_made_of_the_words_and_not_of_what_is_put_in() {
        let catalogue = Catalogue::load(&[SAMPLE]).unwrap();
        let t = catalogue.lang(Lang::UzCyrl);
        assert_eq!(t.t("b"), "Чиқиш");
        assert_eq!(t.t2("a", "n", 3, "who", "Aziz"), "Сизда 3 та ариза бор, Aziz");
    }
}
