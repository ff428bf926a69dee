//! The privacy policy and the terms of this installation: versions, from when on they hold, who accepted which.
//!
//! A version that was shown is never altered; a change is a new version. A material one is announced before it takes
//! effect, and asked of those who accepted an earlier one (P42).

mod accept;
mod note;
mod read;
mod text;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use domain::locale::Locale;
use domain::time::Millis;
use serde::{Deserialize, Serialize};

pub(crate) use accept::DocumentCaches;
pub use accept::{accepted_at_sign_in, acknowledge, pending};
pub(crate) use note::announcement;
pub use note::note;
pub use text::{Block, Inline};

/// Days for which a page tells of a material change that has taken effect.
const NEWS_SECONDS: i64 = 30 * 24 * 3600;

/// Which document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// The privacy policy.
    Privacy,
    /// The terms of use.
    Terms,
}

impl DocumentKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Privacy, Self::Terms];

    /// The word in the database, in addresses and in names of folders.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Privacy => "privacy",
            Self::Terms => "terms",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The number of a version, such as 1.0: later ones are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DocumentVersion {
    major: u16,
    minor: u16,
}

impl fmt::Display for DocumentVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for DocumentVersion {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (major, minor) = text.split_once('.').ok_or(())?;
        let version =
            Self { major: major.parse().map_err(|_| ())?, minor: minor.parse().map_err(|_| ())? };
        // One way to write each: `01.0` and `+1.0` are none.
        if version.to_string() == text { Ok(version) } else { Err(()) }
    }
}

impl Serialize for DocumentVersion {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DocumentVersion {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|()| serde::de::Error::custom("not a version"))
    }
}

/// What a version says in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// What is new in it.
    pub summary: String,
    /// The text.
    pub body: Vec<Block>,
}

/// One version of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Which document.
    pub kind: DocumentKind,
    /// Its number.
    pub version: DocumentVersion,
    /// From when on it holds.
    pub effective: Millis,
    /// Whether people are told of it and asked.
    pub material: bool,
    english: Wording,
    german: Wording,
    /// SHA-256 of its texts.
    digest: [u8; 32],
}

impl Document {
    /// What it says in a language.
    pub const fn wording(&self, locale: Locale) -> &Wording {
        match locale {
            Locale::En => &self.english,
            Locale::De => &self.german,
        }
    }
}

/// All versions of all documents of an installation. Cheap to copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documents(Arc<[Document]>);

impl Default for Documents {
    /// Those that come with the program.
    fn default() -> Self {
        // A test reads them: there is nothing wrong with them.
        read::shipped().unwrap_or_else(|_| Self(Arc::from([])))
    }
}

impl Documents {
    fn new(mut all: Vec<Document>) -> Self {
        all.sort_by_key(|document| (document.kind, document.version));
        Self(all.into())
    }

    /// Those of these files, each named like `privacy/1.1.en.md`; of a document that no file is about, those that come
    /// with the program. Answers everything that is wrong with the files, each problem with the file's name.
    pub fn read(files: impl IntoIterator<Item = (String, String)>) -> Result<Self, Vec<String>> {
        let own = read::documents(files)?;
        let shipped = Self::default();
        let missing = shipped.all().filter(|shipped| own.versions(shipped.kind).next().is_none());
        Ok(Self::new(own.all().chain(missing).cloned().collect()))
    }

    /// Every version, by document, oldest first.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = &Document> {
        self.0.iter()
    }

    /// The versions of one document, oldest first.
    pub fn versions(&self, kind: DocumentKind) -> impl DoubleEndedIterator<Item = &Document> {
        self.0.iter().filter(move |document| document.kind == kind)
    }

    /// One version.
    pub fn get(&self, kind: DocumentKind, version: DocumentVersion) -> Option<&Document> {
        self.versions(kind).find(|document| document.version == version)
    }

    /// The version that holds now. Before the first one takes effect it is that one: there is no other.
    pub fn in_effect(&self, kind: DocumentKind, now: Millis) -> Option<&Document> {
        let held = self.versions(kind).rev().find(|document| document.effective <= now);
        held.or_else(|| self.versions(kind).next())
    }

    /// The versions that are still to take effect, the next one first.
    pub fn coming(&self, kind: DocumentKind, now: Millis) -> impl Iterator<Item = &Document> {
        let held = self.in_effect(kind, now).map(|document| document.version);
        self.versions(kind).filter(move |document| Some(document.version) > held)
    }

    /// Material changes: the first version of a document changes nothing.
    fn changes(&self) -> impl Iterator<Item = &Document> {
        self.all().filter(|document| {
            document.material
                && self.versions(document.kind).any(|other| other.version < document.version)
        })
    }

    /// Material changes that are coming, or that took effect in the last 30 days.
    pub fn news(&self, now: Millis) -> Vec<&Document> {
        let since = now.plus_seconds(-NEWS_SECONDS);
        self.changes().filter(|document| document.effective > since).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_written_in_one_way_and_ordered_by_number() {
        let version = |text: &str| text.parse::<DocumentVersion>();
        assert!(version("1.9").unwrap() < version("1.10").unwrap());
        for bad in ["", "1", "1.", "01.0", "+1.0", "1.0.0", "a.b", "-1.0", "1. 0", "70000.0"] {
            assert!(version(bad).is_err(), "{bad}");
        }
    }
}
