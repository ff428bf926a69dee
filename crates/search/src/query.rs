//! What someone looks for.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::index::{Has, Posted};
use crate::terms::terms;

/// Bytes of a question, at most.
const LONGEST: usize = 400;
/// Terms of a question, at most.
const TERMS: usize = 24;
/// Characters from which on a word stands for all that begin with it.
const PREFIX: usize = 3;

/// Why a question cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryError {
    /// It has no word and no filter.
    Empty,
    /// It is too long, or has too many words.
    TooLong,
    /// What follows `before:` or `after:` is no date (YYYY-MM-DD).
    Date,
    /// What follows `has:` is neither `file` nor `link`.
    Has,
    /// What follows `from:` is no person: a mention or an id.
    From,
}

impl std::fmt::Display for QueryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "nothing is asked",
            Self::TooLong => "the question is too long",
            Self::Date => "not a date",
            Self::Has => "not a thing that messages have",
            Self::From => "not a person",
        })
    }
}

impl std::error::Error for QueryError {}

/// Terms that must follow each other in one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clause {
    /// The terms, folded; at least one.
    pub terms: Vec<String>,
    /// Whether the last one stands for all that begin with it.
    pub open: bool,
}

/// What a message must be besides its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter {
    /// Who wrote it.
    pub author: Option<u64>,
    /// What it has.
    pub has: Has,
    /// Not before this snowflake.
    pub from: Option<u64>,
    /// Before this snowflake.
    pub until: Option<u64>,
}

impl Filter {
    /// Whether a message is so.
    pub fn admits(&self, message: &Posted) -> bool {
        self.author.is_none_or(|author| author == message.author)
            && message.has.holds(self.has)
            && self.from.is_none_or(|from| message.id >= from)
            && self.until.is_none_or(|until| message.id < until)
    }
}

/// A question: words, phrases in quotation marks, and `from:`, `has:`, `before:`, `after:`.
///
/// A word of three letters or more stands for all that begin with it, but for words in quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    clauses: Vec<Clause>,
    filter: Filter,
}

/// The lowest snowflake of a day's first moment. Source: Discord's documentation of snowflakes (epoch
/// 2015-01-01, 22 bits below the milliseconds).
fn snowflake_at(date: Date, zone: &TimeZone) -> Option<u64> {
    const EPOCH_MS: i64 = 1_420_070_400_000;
    let ms = date.to_zoned(zone.clone()).ok()?.timestamp().as_millisecond();
    Some(u64::try_from(ms - EPOCH_MS).unwrap_or(0) << 22)
}

/// Pieces between white space, with quotation marks around those that had them.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    for (number, part) in text.split(['"', '“', '”', '„', '«', '»']).enumerate() {
        if number % 2 == 1 {
            pieces.push((part, true));
        } else {
            pieces.extend(part.split_whitespace().map(|word| (word, false)));
        }
    }
    pieces
}

impl Query {
    /// Reads a question. Days are those of `zone`.
    pub fn parse(text: &str, zone: &TimeZone) -> Result<Self, QueryError> {
        if text.len() > LONGEST {
            return Err(QueryError::TooLong);
        }
        let mut query = Self { clauses: Vec::new(), filter: Filter::default() };
        for (piece, quoted) in pieces(text) {
            let name = piece.split_once(':').filter(|_| !quoted);
            match name.map(|(name, value)| (name.to_lowercase(), value)) {
                Some((name, value)) if name == "from" => {
                    let id = value.trim_matches(['<', '@', '!', '>']);
                    query.filter.author = Some(id.parse().map_err(|_| QueryError::From)?);
                }
                Some((name, value)) if name == "has" => {
                    let one = match value.to_lowercase().as_str() {
                        "file" => Has::FILE,
                        "link" => Has::LINK,
                        _ => return Err(QueryError::Has),
                    };
                    query.filter.has = query.filter.has.and(one);
                }
                Some((name, value)) if name == "after" || name == "before" => {
                    let date: Date = value.parse().map_err(|_| QueryError::Date)?;
                    let at = Some(snowflake_at(date, zone).ok_or(QueryError::Date)?);
                    if name == "after" { query.filter.from = at } else { query.filter.until = at }
                }
                _ => query.words(piece, quoted),
            }
        }
        let count: usize = query.clauses.iter().map(|clause| clause.terms.len()).sum();
        if count > TERMS {
            return Err(QueryError::TooLong);
        }
        if query.clauses.is_empty() && query.filter == Filter::default() {
            return Err(QueryError::Empty);
        }
        Ok(query)
    }

    fn words(&mut self, piece: &str, quoted: bool) {
        let terms: Vec<String> = terms(piece).map(|term| term.folded).collect();
        let characters: usize = terms.iter().map(|term| term.chars().count()).sum();
        if characters > 0 {
            self.clauses.push(Clause { terms, open: !quoted && characters >= PREFIX });
        }
    }

    /// The same question about what one person wrote.
    #[must_use]
    pub fn by(mut self, author: u64) -> Self {
        self.filter.author = Some(author);
        self
    }

    /// What messages must be besides their words.
    pub const fn filter(&self) -> Filter {
        self.filter
    }

    pub(crate) fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// Whether a message with these texts is meant: every word is in one of them, and words that belong
    /// together follow each other.
    pub fn matches<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        let texts: Vec<Vec<String>> =
            texts.into_iter().map(|text| terms(text).map(|term| term.folded).collect()).collect();
        self.clauses.iter().all(|clause| texts.iter().any(|words| clause.first_in(words).is_some()))
    }
}

impl Clause {
    /// Whether these words, as many as there are terms, are the terms.
    fn fits(&self, words: &[String]) -> bool {
        let last = self.terms.len() - 1;
        self.terms.iter().zip(words).enumerate().all(|(number, (term, word))| {
            word == term || (self.open && number == last && word.starts_with(term.as_str()))
        })
    }

    fn first_in(&self, words: &[String]) -> Option<usize> {
        words.windows(self.terms.len()).position(|window| self.fits(window))
    }

    /// Where the clause is found in the words, by the number of the first one.
    pub fn all_in<'a>(&'a self, words: &'a [String]) -> impl Iterator<Item = usize> + 'a {
        words
            .windows(self.terms.len())
            .enumerate()
            .filter(|(_, window)| self.fits(window))
            .map(|(number, _)| number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Query, QueryError> {
        Query::parse(text, &TimeZone::UTC)
    }

    #[test]
    fn words_and_phrases() {
        let query = parse("where is “my order” it's").unwrap();
        let clauses: Vec<(String, bool)> =
            query.clauses.iter().map(|c| (c.terms.join(" "), c.open)).collect();
        let wanted = [("where", true), ("is", false), ("my order", false), ("it s", true)];
        assert_eq!(clauses, wanted.map(|(text, open)| (text.to_owned(), open)));
    }

    #[test]
    fn filters_stand_beside_words() {
        let query =
            parse("invoice from:<@42> has:file has:LINK after:2026-01-02 before:2026-02-01")
                .unwrap();
        let filter = query.filter();
        assert_eq!(filter.author, Some(42));
        assert_eq!(filter.has, Has::FILE.and(Has::LINK));
        // 2026-01-02T00:00:00Z is 1,767,312,000,000 ms.
        assert_eq!(filter.from, Some((1_767_312_000_000 - 1_420_070_400_000) << 22));
        assert!(filter.until > filter.from);
        assert_eq!(query.clauses.len(), 1);
        // A day begins when it begins there.
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let there = Query::parse("after:2026-01-02", &berlin).unwrap().filter().from.unwrap();
        assert_eq!((filter.from.unwrap() - there) >> 22, 3_600_000);
    }

    #[test]
    fn what_cannot_be_asked_says_why() {
        assert_eq!(parse("  "), Err(QueryError::Empty));
        assert_eq!(parse("?! …"), Err(QueryError::Empty));
        assert_eq!(parse("before:yesterday"), Err(QueryError::Date));
        assert_eq!(parse("has:soul"), Err(QueryError::Has));
        assert_eq!(parse("from:somebody"), Err(QueryError::From));
        assert_eq!(parse(&"a ".repeat(30)), Err(QueryError::TooLong));
        assert_eq!(parse(&"x".repeat(500)), Err(QueryError::TooLong));
        // What is no name of a filter is a word.
        assert_eq!(parse("https://example.com").unwrap().clauses.len(), 1);
        assert_eq!(parse("\"has:file\"").unwrap().filter().has, Has::NOTHING);
    }

    #[test]
    fn order_counts_in_phrases_and_between_parts_of_words() {
        let matches =
            |query: &str, texts: &[&str]| parse(query).unwrap().matches(texts.iter().copied());
        assert!(matches("\"my order\"", &["Where is MY order?"]));
        assert!(!matches("\"my order\"", &["order my food"]));
        assert!(!matches("\"my order\"", &["this is my", "order of things"]));
        assert!(matches("my order", &["order my food"]));
        assert!(matches("東京", &["東京に行く"]));
        assert!(!matches("東京", &["京都と東"]));
        assert!(matches("example.co", &["see https://example.com/x"]));
        assert!(matches("one two", &["one", "two"]));
        assert!(!matches("one two", &["one"]));
    }
}
