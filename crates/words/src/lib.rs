//! Every text that a person reads, in every language.
//!
//! `locales/<language>/<file>.toml` holds them; the build turns the key `title` of `tickets.toml` into
//! the method [`Words`]`::tickets_title`. A text with `{placeholders}` takes them as arguments in the
//! order in which English names them; a text with `one` and `other` takes a count first. A language
//! that lacks a key, or names other placeholders, fails the build.
//!
//! Nothing here does I/O. Islands are handed the few texts they need instead of this table, which
//! would otherwise travel to the browser whole.

use domain::locale::Locale;

/// The texts in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(Locale);

impl Words {
    /// The texts in `locale`.
    #[must_use]
    pub const fn new(locale: Locale) -> Self {
        Self(locale)
    }

    /// The language.
    #[must_use]
    pub const fn locale(self) -> Locale {
        self.0
    }
}

#[allow(
    clippy::doc_markdown,
    clippy::useless_format,
    clippy::too_many_arguments,
    clippy::match_same_arms,
    clippy::if_same_then_else,
    reason = "languages may agree on a text, which has as many arguments as placeholders, and its documentation quotes it"
)]
mod generated {
    use super::{Locale, Words};

    include!(concat!(env!("OUT_DIR"), "/words.rs"));
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Words = Words::new(Locale::En);
    const DE: Words = Words::new(Locale::De);

    #[test]
    fn a_plain_text_comes_in_the_chosen_language() {
        assert_eq!(EN.common_save(), "Save changes");
        assert_eq!(DE.common_save(), "Änderungen speichern");
    }

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(EN.errors_too_long(256, 258), "At most 256 characters; this has 258.");
        assert_eq!(DE.errors_too_long(256, 258), "Höchstens 256 Zeichen; hier sind es 258.");
    }

    #[test]
    fn a_count_chooses_the_form() {
        assert_eq!(EN.common_characters_over(1), "1 character too many");
        assert_eq!(EN.common_characters_over(2), "2 characters too many");
        assert_eq!(DE.common_characters_over(1), "1 Zeichen zu viel");
        assert_eq!(DE.common_characters_over(0), "0 Zeichen zu viel");
    }
}
