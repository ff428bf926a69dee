//! Files that are read without this program. Each is written piece by piece, so that a transcript of any length
//! passes through with one page of it in memory; nothing here reads or sends anything.
//!
//! HTML is what pages show ([`html`]). Plain text and Markdown ([`outline`]) are made of the same drawing, so
//! that a feature which is drawn is in all three. JSON ([`json`]) holds Discord's own objects.

pub mod html;
pub mod json;
mod markdown;
pub mod names;
pub mod outline;
mod plain;

/// What a transcript can be exported as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// One HTML file with its pictures inside.
    Html,
    /// A zip archive: an HTML file and a folder with its pictures and files.
    Zip,
    /// Discord's message objects and the desk's events. Described by `docs/schema/transcript-1.json`.
    Json,
    /// Plain text.
    Text,
    /// Markdown (`CommonMark`).
    Markdown,
}

impl Format {
    /// All of them, as a chooser lists them.
    pub const ALL: [Self; 5] = [Self::Html, Self::Zip, Self::Markdown, Self::Text, Self::Json];

    /// The word in forms and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Zip => "zip",
            Self::Json => "json",
            Self::Text => "text",
            Self::Markdown => "markdown",
        }
    }

    /// By its word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// How a file's name ends.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Zip => "zip",
            Self::Json => "json",
            Self::Text => "txt",
            Self::Markdown => "md",
        }
    }

    /// The media type of the file.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Zip => "application/zip",
            Self::Json => "application/json",
            Self::Text => "text/plain; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
        }
    }

    /// Whether pictures and files come along.
    pub const fn has_media(self) -> bool {
        matches!(self, Self::Html | Self::Zip)
    }
}

/// What stands above a transcript.
#[derive(Debug, Clone, Default)]
pub struct Front {
    /// The language of [`Self::title`] and all other words, as a BCP 47 tag.
    pub language: &'static str,
    /// The transcript's name.
    pub title: String,
    /// What is known of the ticket: name and value.
    pub facts: Vec<(String, String)>,
}

/// What stands below it. A file without it was cut off.
#[derive(Debug, Clone, Default)]
pub struct Back {
    /// How it ended, one line each: how many messages there are, what is missing and why.
    pub lines: Vec<String>,
}

/// A moment as transcripts show it, for the facts above one.
pub fn moment(labels: &crate::Labels, zone: &jiff::tz::TimeZone, ms: i64) -> String {
    crate::dates::show(ms, crate::TimeStyle::DateTime, ms, zone, &labels.dates)
}

#[cfg(test)]
mod tests {
    use super::Format;

    #[test]
    fn formats_have_words_of_their_own() {
        for format in Format::ALL {
            assert_eq!(Format::parse(format.as_str()), Some(format));
        }
        assert_eq!(Format::parse("exe"), None);
    }
}
