//! What counts as a word, and which words count as the same.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

/// Characters of a term, at most: the rest of a longer word is passed over, in messages and questions alike.
pub const MAX_TERM: usize = 48;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Its folded form.
    pub folded: String,
    /// Where it stands in the text, in bytes.
    pub at: Range<usize>,
}

/// Whether a character is one of the accents that are written over or under a letter of Latin, Greek or
/// Cyrillic script. Marks of other scripts are vowels and stay.
const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The form under which a word is found: without case, accents, and differences of mere appearance.
fn fold(word: &str) -> String {
    if word.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return word.bytes().take(MAX_TERM).map(|b| char::from(b.to_ascii_lowercase())).collect();
    }
    let plain = word.chars().flat_map(char::to_lowercase).nfkd().filter(|c| !is_accent(*c));
    let mut folded = String::with_capacity(word.len());
    for c in plain.nfc().take(MAX_TERM) {
        match c {
            // Lower case of itself, and yet the same word as with two letters.
            'ß' => folded.push_str("ss"),
            'ς' => folded.push('σ'),
            c => folded.push(c),
        }
    }
    folded
}

/// The words of a text, in order. Unicode's word boundaries, and whatever is no letter or digit separates
/// as well: an address is found by each of its parts.
pub fn terms(text: &str) -> impl Iterator<Item = Term> + '_ {
    text.unicode_word_indices().flat_map(|(start, word)| {
        parts(word).map(move |part| {
            let at = start + part.start..start + part.end;
            Term { folded: fold(&word[part]), at }
        })
    })
}

/// The stretches of letters, digits and their marks.
fn parts(word: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut rest = word.char_indices().peekable();
    std::iter::from_fn(move || {
        let (start, _) = rest.find(|(_, c)| c.is_alphanumeric())?;
        while rest.next_if(|(_, c)| c.is_alphanumeric() || is_mark(*c)).is_some() {}
        let end = rest.peek().map_or(word.len(), |(at, _)| *at);
        Some(start..end)
    })
}

/// Marks that belong to the letter before them.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> Vec<String> {
        terms(text).map(|term| term.folded).collect()
    }

    #[test]
    fn words_of_many_scripts() {
        assert_eq!(folded("Hello, WORLD! 42 times."), ["hello", "world", "42", "times"]);
        assert_eq!(folded("Größe Straße ÉCOLE naïve"), ["grosse", "strasse", "ecole", "naive"]);
        assert_eq!(folded("Ёлка и ещё"), ["елка", "и", "еще"]);
        assert_eq!(folded("ΟΔΥΣΣΕΥΣ Ὀδυσσεύς"), ["οδυσσευσ", "οδυσσευσ"]);
        assert_eq!(folded("東京タワー"), ["東", "京", "タワー"]);
        assert_eq!(folded("हिन्दी में"), ["हिन्दी", "में"]);
        assert_eq!(folded("서울에서"), ["서울에서"]);
        assert_eq!(folded("ｆｕｌｌ ﬁne"), ["full", "fine"]);
    }

    #[test]
    fn addresses_and_names_are_found_by_their_parts() {
        assert_eq!(folded("don't"), ["don", "t"]);
        assert_eq!(
            folded("https://shop.example.com/my_order?id=7"),
            ["https", "shop", "example", "com", "my", "order", "id", "7"]
        );
        assert_eq!(folded("<@1234> <:party:99>"), ["1234", "party", "99"]);
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "Die „Größe“ zählt";
        let words: Vec<&str> = terms(text).map(|term| &text[term.at]).collect();
        assert_eq!(words, ["Die", "Größe", "zählt"]);
        let decomposed = "e\u{301}te\u{301} ici";
        let words: Vec<&str> = terms(decomposed).map(|term| &decomposed[term.at]).collect();
        assert_eq!(words, ["e\u{301}te\u{301}", "ici"]);
        assert_eq!(folded(decomposed), ["ete", "ici"]);
    }

    #[test]
    fn a_word_without_end_is_cut() {
        assert_eq!(folded(&"x".repeat(10_000)), ["x".repeat(MAX_TERM)]);
        assert_eq!(folded(&"ж".repeat(10_000)), ["ж".repeat(MAX_TERM)]);
    }
}
