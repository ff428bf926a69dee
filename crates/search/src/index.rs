//! Which word is in which message.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::bits::Bits;
use crate::query::{Clause, Query};
use crate::terms::terms;
use crate::varint;

/// The first byte of an encoded index: its form.
const FORM: u8 = 1;

/// What a message has besides words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Has(u8);

impl Has {
    /// Nothing.
    pub const NOTHING: Self = Self(0);
    /// A file.
    pub const FILE: Self = Self(1);
    /// A link.
    pub const LINK: Self = Self(2);

    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is there.
    pub const fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A message to be found later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its snowflake.
    pub id: u64,
    /// Who wrote it.
    pub author: u64,
    /// What it has besides words.
    pub has: Has,
    /// All that can be read in it, piece by piece.
    pub texts: Vec<String>,
}

/// A message of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// Where it was said: a number that means something to the caller.
    pub place: u32,
    /// Its snowflake.
    pub id: u64,
    /// Who wrote it.
    pub author: u64,
    /// What it has besides words.
    pub has: Has,
}

/// These bytes are no index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnIndex;

impl std::fmt::Display for NotAnIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not an index of messages")
    }
}

impl std::error::Error for NotAnIndex {}

/// Which word is in which message. The order of words is not kept, and neither is how often one occurs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index {
    messages: Vec<Posted>,
    /// The terms, sorted, one after the other.
    words: String,
    /// Where each term begins in `words`.
    starts: Vec<u32>,
    /// For each term the numbers of its messages, upwards, each as the distance from the one before.
    postings: Vec<u8>,
    /// Where each term's numbers begin in `postings`.
    posting_starts: Vec<u32>,
}

/// The numbers of one term, while an index is made.
#[derive(Default)]
struct Numbers {
    bytes: Vec<u8>,
    last: u32,
}

impl Numbers {
    /// Adds the next number; the last one again is no other.
    fn push(&mut self, number: u32) {
        if self.bytes.is_empty() || number > self.last {
            varint::write(&mut self.bytes, u64::from(number - self.last));
            self.last = number;
        }
    }
}

/// The numbers that an encoded list holds; those past `u32` end it.
fn numbers(mut bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    let mut last = 0_u32;
    std::iter::from_fn(move || {
        let distance = u32::try_from(varint::read(&mut bytes)?).ok()?;
        last = last.checked_add(distance)?;
        Some(last)
    })
}

fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Index {
    /// The index of messages that were said in one place.
    pub fn of(place: u32, mut documents: Vec<Document>) -> Self {
        documents.sort_by_key(|document| document.id);
        let mut found: BTreeMap<String, Numbers> = BTreeMap::new();
        let mut messages = Vec::with_capacity(documents.len());
        for (number, document) in (0..).zip(documents) {
            for text in &document.texts {
                for term in terms(text) {
                    found.entry(term.folded).or_default().push(number);
                }
            }
            let Document { id, author, has, .. } = document;
            messages.push(Posted { place, id, author, has });
        }
        Self::assemble(messages, found)
    }

    fn assemble(
        messages: Vec<Posted>,
        sorted: impl IntoIterator<Item = (String, Numbers)>,
    ) -> Self {
        let mut index = Self { messages, ..Self::default() };
        for (term, numbers) in sorted {
            index.starts.push(small(index.words.len()));
            index.words.push_str(&term);
            index.posting_starts.push(small(index.postings.len()));
            index.postings.extend_from_slice(&numbers.bytes);
        }
        index
    }

    /// One index of what many hold.
    pub fn merge<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut merger = Merger::default();
        for index in all {
            merger.add(index);
        }
        merger.finish()
    }

    /// Its messages; an answer of [`Index::find`] is their numbers.
    pub fn messages(&self) -> &[Posted] {
        &self.messages
    }

    /// Bytes of memory that it takes, about.
    pub fn size(&self) -> usize {
        self.messages.len() * size_of::<Posted>()
            + self.words.len()
            + self.postings.len()
            + (self.starts.len() + self.posting_starts.len()) * 4
    }

    fn term(&self, number: usize) -> &str {
        let range = range(&self.starts, self.words.len(), number);
        self.words.get(range).unwrap_or_default()
    }

    fn postings(&self, number: usize) -> &[u8] {
        let range = range(&self.posting_starts, self.postings.len(), number);
        self.postings.get(range).unwrap_or_default()
    }

    /// The first term for which `past` is true; those before it must all be false.
    fn first(&self, past: impl Fn(&str) -> bool) -> usize {
        let (mut low, mut high) = (0, self.starts.len());
        while low < high {
            let middle = low.midpoint(high);
            if past(self.term(middle)) { high = middle } else { low = middle + 1 }
        }
        low
    }

    /// The messages with this term, or with one that begins so.
    fn with(&self, term: &str, open: bool) -> Bits {
        let mut bits = Bits::none(self.messages.len());
        let begin = self.first(|other| other >= term);
        let fits = |other: &str| if open { other.starts_with(term) } else { other == term };
        for number in begin..self.starts.len() {
            if !fits(self.term(number)) {
                break;
            }
            for message in numbers(self.postings(number)) {
                bits.set(message);
            }
        }
        bits
    }

    /// The numbers of the messages that have all the words of a query, upwards, whatever their order.
    pub fn find(&self, query: &Query) -> Vec<u32> {
        let mut left = Bits::all(self.messages.len());
        for Clause { terms, open } in query.clauses() {
            for (number, term) in terms.iter().enumerate() {
                left.keep(&self.with(term, *open && number + 1 == terms.len()));
            }
        }
        let fits = |number: &u32| {
            self.messages.get(*number as usize).is_some_and(|m| query.filter().admits(m))
        };
        left.iter().filter(fits).collect()
    }

    /// The bytes to keep; places are left out.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![FORM];
        varint::write(&mut out, self.messages.len() as u64);
        let mut last = 0;
        for message in &self.messages {
            // Upwards within an index of one place; a merged one is not kept.
            varint::write(&mut out, message.id.wrapping_sub(last));
            varint::write(&mut out, message.author);
            out.push(message.has.0);
            last = message.id;
        }
        varint::write(&mut out, self.starts.len() as u64);
        let mut before = "";
        for number in 0..self.starts.len() {
            let term = self.term(number);
            let shared = term.bytes().zip(before.bytes()).take_while(|(a, b)| a == b).count();
            let rest = &term.as_bytes()[shared..];
            varint::write(&mut out, shared as u64);
            varint::write(&mut out, rest.len() as u64);
            out.extend_from_slice(rest);
            let postings = self.postings(number);
            varint::write(&mut out, postings.len() as u64);
            out.extend_from_slice(postings);
            before = term;
        }
        out
    }

    /// Reads what [`Index::encode`] made, as said in `place`.
    pub fn decode(bytes: &[u8], place: u32) -> Result<Self, NotAnIndex> {
        read(bytes, place).ok_or(NotAnIndex)
    }
}

fn range(starts: &[u32], end: usize, number: usize) -> Range<usize> {
    let at = |number: usize| starts.get(number).map_or(end, |start| *start as usize);
    at(number)..at(number + 1)
}

/// A length that cannot be more than what is left: nothing is reserved for an invented one.
fn length(rest: &mut &[u8]) -> Option<usize> {
    usize::try_from(varint::read(rest)?).ok().filter(|length| *length <= rest.len())
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

fn read(bytes: &[u8], place: u32) -> Option<Index> {
    let rest = &mut bytes.strip_prefix(&[FORM])?;
    let mut index = Index::default();
    let mut id = 0_u64;
    for _ in 0..length(rest)? {
        id = id.wrapping_add(varint::read(rest)?);
        let author = varint::read(rest)?;
        let has = Has(take(rest, 1)?[0]);
        index.messages.push(Posted { place, id, author, has });
    }
    let mut term = Vec::new();
    let mut before = String::new();
    for _ in 0..length(rest)? {
        let shared = usize::try_from(varint::read(rest)?).ok()?;
        if shared > term.len() {
            return None;
        }
        term.truncate(shared);
        let more = length(rest)?;
        term.extend_from_slice(take(rest, more)?);
        let text = std::str::from_utf8(&term).ok()?;
        // Sorted, or nothing would be found in it.
        if text <= before.as_str() {
            return None;
        }
        index.starts.push(small(index.words.len()));
        index.words.push_str(text);
        text.clone_into(&mut before);
        let more = length(rest)?;
        index.posting_starts.push(small(index.postings.len()));
        index.postings.extend_from_slice(take(rest, more)?);
    }
    rest.is_empty().then_some(index)
}

/// Makes one index of many, one after the other.
#[derive(Default)]
struct Merger {
    messages: Vec<Posted>,
    found: HashMap<String, Numbers>,
}

impl Merger {
    fn add(&mut self, index: &Index) {
        let base = small(self.messages.len());
        self.messages.extend_from_slice(&index.messages);
        for number in 0..index.starts.len() {
            let term = index.term(number);
            let all = match self.found.get_mut(term) {
                Some(all) => all,
                None => self.found.entry(term.to_owned()).or_default(),
            };
            for message in numbers(index.postings(number)) {
                all.push(base.saturating_add(message));
            }
        }
    }

    fn finish(self) -> Index {
        let mut found: Vec<_> = self.found.into_iter().collect();
        found.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        Index::assemble(self.messages, found)
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn document(id: u64, text: &str) -> Document {
        Document { id, author: id % 3, has: Has::NOTHING, texts: vec![text.to_owned()] }
    }

    fn ask(index: &Index, text: &str) -> Vec<u64> {
        let query = Query::parse(text, &TimeZone::UTC).unwrap();
        index.find(&query).into_iter().map(|n| index.messages()[n as usize].id).collect()
    }

    #[test]
    fn words_are_found_by_word_and_beginning() {
        let index = Index::of(
            0,
            vec![
                document(10, "My refund is late"),
                document(11, "Refunds take a week"),
                document(12, "the fund of funds"),
            ],
        );
        assert_eq!(ask(&index, "refund"), [10, 11]);
        assert_eq!(ask(&index, "\"refund\""), [10]);
        assert_eq!(ask(&index, "REF late"), [10]);
        // Two letters are a word of two letters.
        assert_eq!(ask(&index, "re"), [0; 0]);
        assert_eq!(ask(&index, "is"), [10]);
        assert_eq!(ask(&index, "fund"), [12]);
        assert_eq!(ask(&index, "refund nothing"), [0; 0]);
    }

    #[test]
    fn what_is_no_index_is_refused() {
        let bytes = Index::of(0, vec![document(1, "some words here")]).encode();
        assert!(Index::decode(&bytes, 0).is_ok());
        for end in 0..bytes.len() {
            assert_eq!(Index::decode(&bytes[..end], 0), Err(NotAnIndex), "{end}");
        }
        assert_eq!(Index::decode(&[bytes.as_slice(), &[0]].concat(), 0), Err(NotAnIndex));
        assert_eq!(Index::decode(&[2, 0, 0], 0), Err(NotAnIndex));
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_tried(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut marked = vec![FORM];
            marked.extend_from_slice(&bytes);
            for bytes in [bytes, marked] {
                if let Ok(index) = Index::decode(&bytes, 0) {
                    index.find(&Query::parse("abc", &TimeZone::UTC).unwrap());
                    Index::merge([&index, &index]);
                }
            }
        }

        #[test]
        fn it_comes_back_as_it_was(texts in proptest::collection::vec("[a-dß é]{0,20}", 0..30)) {
            let documents = (1..).zip(&texts).map(|(id, text)| document(id, text)).collect();
            let index = Index::of(7, documents);
            prop_assert_eq!(Index::decode(&index.encode(), 7).unwrap(), index);
        }

        #[test]
        fn merged_or_one_by_one_the_answer_is_that_of_reading_all(
            texts in proptest::collection::vec("[ab]{1,4}( [ab]{1,4}){0,4}", 1..40),
            word in "[ab]{1,4}",
            cut in 1_usize..5,
        ) {
            let documents: Vec<_> = (1..).zip(&texts).map(|(id, text)| document(id, text)).collect();
            let parts: Vec<Index> =
                (0..).zip(documents.chunks(cut)).map(|(place, d)| Index::of(place, d.to_vec())).collect();
            let merged = Index::merge(&parts);
            let begins = |text: &str| {
                text.split(' ').any(|w| if word.len() > 2 { w.starts_with(&word) } else { w == word })
            };
            let wanted: Vec<u64> =
                documents.iter().filter(|d| begins(&d.texts[0])).map(|d| d.id).collect();
            prop_assert_eq!(&ask(&merged, &word), &wanted);
            let separately: Vec<u64> = parts.iter().flat_map(|part| ask(part, &word)).collect();
            prop_assert_eq!(separately, wanted);
            for (number, message) in merged.messages().iter().enumerate() {
                prop_assert_eq!(message.place as usize, number / cut);
            }
        }
    }
}
