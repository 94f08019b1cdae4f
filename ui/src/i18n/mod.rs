//! The languages of the screen, and how a text is chosen and filled.

mod ar;
mod en;
mod es;
mod fr;
mod pt;
#[macro_use]
mod texts;
mod register;
mod scan;
mod site;
mod work;

pub(crate) use texts::{Plural, ShipmentTexts, Texts};

/// A language that all texts exist in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    English,
    French,
    Spanish,
    Portuguese,
    Arabic,
}

impl Language {
    /// Every language, in the order to offer them.
    pub(crate) const ALL: [Self; 5] =
        [Self::English, Self::French, Self::Spanish, Self::Portuguese, Self::Arabic];

    /// The BCP 47 tag.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
            Self::Spanish => "es",
            Self::Portuguese => "pt",
            Self::Arabic => "ar",
        }
    }

    /// The tag for `Intl`: digits as loggers and printed reports show them, in every language.
    pub(crate) fn locale(self) -> &'static str {
        match self {
            Self::English => "en-GB-u-nu-latn",
            Self::French => "fr-u-nu-latn",
            Self::Spanish => "es-u-nu-latn",
            Self::Portuguese => "pt-PT-u-nu-latn",
            Self::Arabic => "ar-u-nu-latn",
        }
    }

    /// Its own name for itself.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::French => "Français",
            Self::Spanish => "Español",
            Self::Portuguese => "Português",
            Self::Arabic => "العربية",
        }
    }

    /// The value of the `dir` attribute.
    pub(crate) fn direction(self) -> &'static str {
        match self {
            Self::Arabic => "rtl",
            _ => "ltr",
        }
    }

    /// Its texts.
    pub(crate) fn texts(self) -> &'static Texts {
        match self {
            Self::English => &en::TEXTS,
            Self::French => &fr::TEXTS,
            Self::Spanish => &es::TEXTS,
            Self::Portuguese => &pt::TEXTS,
            Self::Arabic => &ar::TEXTS,
        }
    }

    /// The language of a tag such as `pt-BR`, if texts exist in it.
    pub(crate) fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?.to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.tag() == primary)
    }

    /// The first of the preferred tags that texts exist in, else English.
    pub(crate) fn preferred<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        tags.into_iter().find_map(Self::from_tag).unwrap_or_default()
    }
}

/// Puts values in the place of the names in braces; a name without a value stays.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => filled.push_str(value),
            None => filled.extend(["{", name, "}"]),
        }
        rest = behind;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&str> {
        let mut names: Vec<_> =
            text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|p| p.0)).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn every_language_fills_the_same_names_as_english() {
        let english = Language::English.texts().each();
        for language in Language::ALL {
            for ((name, text), (_, source)) in language.texts().each().iter().zip(&english) {
                assert_eq!(names(text), names(source), "{name} in {}", language.tag());
                assert!(!text.trim().is_empty(), "{name} in {} is empty", language.tag());
            }
        }
    }

    #[test]
    fn every_counted_noun_shows_its_count_or_spells_it_out() {
        for language in Language::ALL {
            let texts = language.texts();
            for plural in [&texts.loggers, &texts.readings, &texts.entries] {
                assert!(plural.other.contains("{count}"), "{}", language.tag());
                assert!(plural.few.contains("{count}") && plural.many.contains("{count}"));
            }
        }
    }

    #[test]
    fn no_text_promises_that_goods_are_safe_or_usable() {
        for (name, text) in Language::English.texts().each() {
            let text = text.to_lowercase();
            assert!(!text.contains("safe") && !text.contains("usable"), "{name}: {text}");
        }
    }

    #[test]
    fn a_regional_tag_finds_its_language_and_an_unknown_one_english() {
        assert_eq!(Language::preferred(["nb-NO", "pt-BR", "en"]), Language::Portuguese);
        assert_eq!(Language::preferred(["nb", "sv"]), Language::English);
    }

    #[test]
    fn a_value_with_braces_is_not_filled_again() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "2")]), "{b} and 2");
        assert_eq!(fill("open { and {unknown}", &[]), "open { and {unknown}");
    }
}
