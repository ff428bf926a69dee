//! Discord's markdown as a typed tree.
//!
//! The rules are those of Discord's client, in its order of precedence. The parser takes linear time: nesting ends
//! at [`MAX_DEPTH`], and searches for closing marks draw on a budget proportional to the input; past either, marks
//! stay text. It never fails, and no visible character is lost except the marks themselves.

mod block;
mod emoji;
mod inline;
mod marks;
mod plain;
mod quick;
mod steps;
#[cfg(test)]
mod tests;
mod tokens;

pub use block::parse;
pub(crate) use emoji::{is_jumbo, is_jumbo_text};
pub use inline::parse_inline;
pub(crate) use plain::{excerpt, token_text};
pub(crate) use quick::only_paragraph;

use crate::{SafeUrl, Snowflake, TimeStyle};

/// The deepest nesting, of blocks and of inline marks each.
pub const MAX_DEPTH: u8 = 16;

/// A block of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Lines; line breaks are in the text.
    Paragraph(Vec<Inline>),
    /// `#`, `##`, `###`
    Heading {
        /// 1 to 3.
        level: u8,
        /// Its text.
        content: Vec<Inline>,
    },
    /// `-#`
    Subtext(Vec<Inline>),
    /// `>` and `>>>`
    Quote(Vec<Block>),
    /// Three backticks.
    Code {
        /// The language; may be empty.
        language: String,
        /// The code.
        text: String,
    },
    /// `-`, `*`, `1.`
    List {
        /// The first number of a numbered list.
        start: Option<u64>,
        /// Its items.
        items: Vec<Vec<Block>>,
    },
}

/// A run of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// As it is.
    Text(String),
    /// `**`
    Bold(Vec<Inline>),
    /// `*` or `_`
    Italic(Vec<Inline>),
    /// `__`
    Underline(Vec<Inline>),
    /// `~~`
    Strike(Vec<Inline>),
    /// `||`
    Spoiler(Vec<Inline>),
    /// Backticks.
    Code(String),
    /// Three backticks within a run, for example within a spoiler.
    CodeBlock {
        /// The language; may be empty.
        language: String,
        /// The code.
        text: String,
    },
    /// `[text](address)`
    Link {
        /// Where it leads.
        url: SafeUrl,
        /// What is shown on hovering; may be empty.
        title: String,
        /// What is shown.
        content: Vec<Inline>,
    },
    /// An address as such.
    Url(SafeUrl),
    /// Something Discord resolves: shown by name.
    Token {
        /// What.
        token: Token,
        /// As it was written.
        source: String,
    },
}

/// Something Discord resolves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// `<@id>`
    User(Snowflake),
    /// `<@&id>`
    Role(Snowflake),
    /// `<#id>`
    Channel(Snowflake),
    /// `@everyone`
    Everyone,
    /// `@here`
    Here,
    /// `</name:id>`
    Command(String),
    /// `<id:customize>`
    Navigation(Navigation),
    /// `<:name:id>`, `<a:name:id>`
    Emoji {
        /// Its id.
        id: Snowflake,
        /// Its name.
        name: String,
        /// Whether it moves.
        animated: bool,
    },
    /// `<t:seconds:style>`
    Time {
        /// Milliseconds since 1970 UTC.
        ms: i64,
        /// How it is shown.
        style: TimeStyle,
    },
}

/// A place of the server's own navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Navigation {
    /// Channels & Roles.
    Customize,
    /// Browse channels.
    Browse,
    /// Server guide.
    Guide,
    /// Linked roles.
    LinkedRoles,
}
