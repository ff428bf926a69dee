//! The words of transcripts. They come from files of their own, since they travel with an export.

use std::sync::LazyLock;

use domain::locale::Locale;
use transcript::Labels;

static ENGLISH: LazyLock<Result<Labels, serde_json::Error>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../locales/en/transcript.json")));
static GERMAN: LazyLock<Result<Labels, serde_json::Error>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../locales/de/transcript.json")));

/// The words of transcripts in a language. Fails when a file of this program is wrong, which a test sees first.
pub fn labels(locale: Locale) -> Result<Labels, &'static serde_json::Error> {
    let found = match locale {
        Locale::En => &*ENGLISH,
        Locale::De => &*GERMAN,
    };
    found.as_ref().cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_transcripts_is_missing() {
        for locale in Locale::ALL {
            assert!(labels(locale).is_ok(), "{locale:?}");
        }
    }
}
