//! The languages the product speaks.

use serde::{Deserialize, Serialize};

/// A language of pages and bot. A server, an account and a browser can each choose one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English, the fallback.
    #[default]
    En,
    /// German.
    De,
}

impl Locale {
    /// All of them, in the order a chooser shows them.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The tag of BCP 47, as in `lang` attributes and in the database.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language's own name for itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// Reads a tag such as `de`, `de-AT` or Discord's `en-GB`; `None` for a language we do not speak.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|l| l.tag().eq_ignore_ascii_case(primary))
    }

    /// Chooses by an `Accept-Language` header: highest quality first, then its order (RFC 9110, 12.5.4).
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for part in header.split(',').take(32) {
            let mut pieces = part.split(';');
            let Some(locale) = pieces.next().map(str::trim).and_then(Self::from_tag) else {
                continue;
            };
            let quality = pieces
                .find_map(|p| p.trim().strip_prefix("q="))
                .map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
            if quality > 0.0 && best.is_none_or(|(_, q)| quality > q) {
                best = Some((locale, quality));
            }
        }
        best.map(|(locale, _)| locale)
    }
}

#[cfg(test)]
mod tests {
    use super::Locale;

    #[test]
    fn the_browser_chooses_by_quality() {
        let choose = Locale::from_accept_language;
        assert_eq!(choose("de-AT,de;q=0.9,en;q=0.8"), Some(Locale::De));
        assert_eq!(choose("fr, en;q=0.4, de;q=0.7"), Some(Locale::De));
        assert_eq!(choose("en;q=0, fr"), None);
        assert_eq!(choose(""), None);
    }
}
