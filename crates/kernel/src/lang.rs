//! The five languages of the portal and a text in them.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A language and script of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Lang {
    /// Uzbek in the Latin script: the language in which everything exists.
    #[default]
    Uz,
    /// Uzbek in the Cyrillic script, transliterated by the program where no text is given.
    UzCyrl,
    /// Karakalpak in the Latin script.
    Kaa,
    /// Russian.
    Ru,
    /// English.
    En,
}

/// The text names no language of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a language is one of uz, uz-Cyrl, kaa, ru, en")]
pub struct LangError;

impl Lang {
    /// All languages in the order in which they are offered.
    pub const ALL: [Lang; 5] = [Lang::Uz, Lang::UzCyrl, Lang::Kaa, Lang::Ru, Lang::En];

    /// BCP 47 tag, also the first segment of every page's address.
    pub const fn code(self) -> &'static str {
        match self {
            Lang::Uz => "uz",
            Lang::UzCyrl => "uz-Cyrl",
            Lang::Kaa => "kaa",
            Lang::Ru => "ru",
            Lang::En => "en",
        }
    }

    /// Exactly one of the codes; anything else is not a language of ours.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code() == code)
    }

    /// The value of the `lang` attribute of HTML.
    pub const fn html_lang(self) -> &'static str {
        match self {
            Lang::Uz => "uz-Latn",
            Lang::UzCyrl => "uz-Cyrl",
            Lang::Kaa => "kaa-Latn",
            Lang::Ru => "ru",
            Lang::En => "en",
        }
    }

    /// The language's name in itself.
    pub const fn native_name(self) -> &'static str {
        match self {
            Lang::Uz => "O‘zbekcha",
            Lang::UzCyrl => "Ўзбекча",
            Lang::Kaa => "Qaraqalpaqsha",
            Lang::Ru => "Русский",
            Lang::En => "English",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::str::FromStr for Lang {
    type Err = LangError;

    fn from_str(code: &str) -> Result<Lang, LangError> {
        Lang::parse(code).ok_or(LangError)
    }
}

impl Serialize for Lang {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Lang {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = Cow::<'de, str>::deserialize(deserializer)?;
        Lang::parse(&code).ok_or_else(|| serde::de::Error::custom(LangError))
    }
}

/// A text in several languages. Uzbek in Latin is always there; Uzbek in Cyrillic is transliterated unless given;
/// the others fall back to Uzbek.
///
/// Written as a map with the codes of the languages as keys; a bare text is read as Uzbek.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Text {
    /// Uzbek in the Latin script.
    pub uz: String,
    /// Uzbek in the Cyrillic script, only where transliteration would be wrong.
    #[serde(rename = "uz-Cyrl", skip_serializing_if = "Option::is_none")]
    pub uz_cyrl: Option<String>,
    /// Karakalpak.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kaa: Option<String>,
    /// Russian.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ru: Option<String>,
    /// English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Text {
    /// A text in Uzbek only.
    pub fn uz(text: impl Into<String>) -> Self {
        Self { uz: text.into(), ..Self::default() }
    }

    /// A text in the four written languages.
    pub fn new(uz: impl Into<String>, kaa: impl Into<String>, ru: impl Into<String>, en: impl Into<String>) -> Self {
        Self { uz: uz.into(), uz_cyrl: None, kaa: Some(kaa.into()), ru: Some(ru.into()), en: Some(en.into()) }
    }

    /// A text that is made anew for each language: a date, an amount.
    pub fn each(make: impl Fn(Lang) -> String) -> Self {
        Self {
            uz: make(Lang::Uz),
            uz_cyrl: Some(make(Lang::UzCyrl)),
            kaa: Some(make(Lang::Kaa)),
            ru: Some(make(Lang::Ru)),
            en: Some(make(Lang::En)),
        }
    }

    /// The same text with one language set.
    #[must_use]
    pub fn with(mut self, lang: Lang, text: impl Into<String>) -> Self {
        let text = text.into();
        match lang {
            Lang::Uz => self.uz = text,
            Lang::UzCyrl => self.uz_cyrl = Some(text),
            Lang::Kaa => self.kaa = Some(text),
            Lang::Ru => self.ru = Some(text),
            Lang::En => self.en = Some(text),
        }
        self
    }

    /// What is written in the language itself, if anything.
    pub fn given(&self, lang: Lang) -> Option<&str> {
        match lang {
            Lang::Uz => Some(&self.uz),
            Lang::UzCyrl => self.uz_cyrl.as_deref(),
            Lang::Kaa => self.kaa.as_deref(),
            Lang::Ru => self.ru.as_deref(),
            Lang::En => self.en.as_deref(),
        }
    }

    /// The text for a reader.
    pub fn get(&self, lang: Lang) -> Cow<'_, str> {
        match (self.given(lang), lang) {
            (Some(text), _) => Cow::Borrowed(text),
            (None, Lang::UzCyrl) => Cow::Owned(crate::script::to_cyrillic(&self.uz)),
            (None, _) => Cow::Borrowed(&self.uz),
        }
    }

    /// The languages, besides Uzbek in Cyrillic, in which the text was not given.
    pub fn missing(&self) -> Vec<Lang> {
        let given = [
            (Lang::Uz, !self.uz.is_empty()),
            (Lang::Kaa, self.kaa.is_some()),
            (Lang::Ru, self.ru.is_some()),
            (Lang::En, self.en.is_some()),
        ];
        given.into_iter().filter(|(_, there)| !there).map(|(lang, _)| lang).collect()
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> serde::de::Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or a map with the keys uz (required), uz-Cyrl, kaa, ru, en")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text::uz(text))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        let mut text = Text::default();
        let mut seen = [false; Lang::ALL.len()];
        while let Some(lang) = map.next_key::<Lang>()? {
            if std::mem::replace(&mut seen[lang as usize], true) {
                return Err(serde::de::Error::custom(format_args!("the language {lang} is given twice")));
            }
            text = text.with(lang, map.next_value::<String>()?);
        }
        if seen[Lang::Uz as usize] { Ok(text) } else { Err(serde::de::Error::missing_field("uz")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_formatted_is_formatted_for_each_reader() {
        let day = Text::each(|lang| crate::format::date(crate::Date::constant(2026, 11, 21), lang));
        let plain = |lang| day.get(lang).replace('\u{a0}', " ");
        assert_eq!(plain(Lang::Ru), "21 ноября 2026 г.");
        assert_eq!(plain(Lang::Uz), "2026-yil 21-noyabr");
    }

    #[test]
    fn a_language_is_read_only_by_its_exact_code() {
        assert_eq!(Lang::parse("uz-Cyrl"), Some(Lang::UzCyrl));
        assert_eq!(Lang::parse("UZ"), None);
        assert_eq!(Lang::parse("services"), None);
    }

    #[test]
    fn a_missing_language_falls_back_and_cyrillic_is_made() {
        let text = Text { ru: Some("Справка".into()), ..Text::uz("Ma’lumotnoma") };
        assert_eq!(text.get(Lang::Ru), "Справка");
        assert_eq!(text.get(Lang::Kaa), "Ma’lumotnoma");
        assert_eq!(text.get(Lang::UzCyrl), "Маълумотнома");
        assert_eq!(text.missing(), [Lang::Kaa, Lang::En]);
    }

    #[test]
    fn a_text_goes_through_json_and_back() {
        let text = Text::new("Ariza", "Arza", "Заявление", "Application").with(Lang::UzCyrl, "Ариза");
        let json = serde_json::to_string(&text).unwrap();
        assert_eq!(json, r#"{"uz":"Ariza","uz-Cyrl":"Ариза","kaa":"Arza","ru":"Заявление","en":"Application"}"#);
        assert_eq!(serde_json::from_str::<Text>(&json).unwrap(), text);
        assert_eq!(serde_json::from_str::<Text>(r#""Ariza""#).unwrap(), Text::uz("Ariza"));
    }

    #[test]
    fn a_text_without_uzbek_or_with_an_unknown_language_is_refused() {
        for json in [r#"{"ru":"Заявление"}"#, r#"{"uz":"Ariza","fr":"Demande"}"#, r#"{"uz":"a","uz":"b"}"#, "3"]
        {
            assert!(serde_json::from_str::<Text>(json).is_err(), "{json}");
        }
    }
}
