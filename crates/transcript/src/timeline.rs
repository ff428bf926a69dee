//! Messages and the desk's own events in one order.

use crate::Snowflake;
use crate::model::{Emoji, Message};

/// One thing that happened in a ticket.
#[derive(Debug, Clone)]
pub enum TimelineItem {
    /// A message.
    Message(Box<Entry>),
    /// Something the desk did.
    Desk(DeskEvent),
}

/// A message with its history.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// The newest version.
    pub message: Message,
    /// Earlier versions, oldest first.
    pub earlier: Vec<Version>,
    /// Set when it was deleted.
    pub deleted: Option<Deletion>,
    /// Whether its words can no longer be read because they were erased; [`Entry::message`] holds its id alone then.
    pub erased: bool,
    /// Whether the author has restricted use of their data. The message is hidden then.
    pub restricted: bool,
    /// Set when something of it was redacted.
    pub redacted: Option<Redaction>,
    /// How the reactions to it changed, in order, as far as that was heard.
    pub reactions: Vec<ReactionChange>,
}

/// A reaction came or went.
#[derive(Debug, Clone, Default)]
pub struct ReactionChange {
    /// When, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Whose reaction; `None` where those of several people were removed at once.
    pub by: Option<Snowflake>,
    /// Which; `None` for all of them.
    pub emoji: Option<Emoji>,
    /// Whether it came.
    pub added: bool,
}

/// An earlier version of a message.
#[derive(Debug, Clone, Default)]
pub struct Version {
    /// When this version was written, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Its markdown.
    pub content: String,
}

/// A deletion. Whether the content is still shown is decided by whether the caller passes it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Deletion {
    /// When, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// By whom, where that is known.
    pub by: Option<Snowflake>,
}

/// A redaction: words that were taken out for good.
#[derive(Debug, Clone, Copy, Default)]
pub struct Redaction {
    /// When, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// By whom.
    pub by: Snowflake,
    /// Whether all that the message said went.
    pub whole: bool,
}

/// Something the desk did.
#[derive(Debug, Clone)]
pub struct DeskEvent {
    /// When, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Who did it; `None` for the desk itself.
    pub by: Option<Snowflake>,
    /// What.
    pub action: DeskAction,
}

/// What the desk did.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DeskAction {
    /// The ticket was opened.
    Opened {
        /// The panel's title.
        panel: String,
        /// The form.
        answers: Vec<Answer>,
    },
    /// Someone took it on.
    Claimed,
    /// Someone gave it back.
    Unclaimed,
    /// Someone was added.
    Added(Snowflake),
    /// Someone was removed.
    Removed(Snowflake),
    /// Staff said how urgent the ticket is.
    Priority(Urgency),
    /// The ticket was moved to another panel.
    Moved {
        /// The name of the panel it was of.
        from: String,
        /// The name of the panel it is of.
        to: String,
    },
    /// Discord refused a move, and the ticket is where it was.
    MovedBack {
        /// The name of the panel it was to be moved to.
        from: String,
        /// The name of the panel it is of again.
        to: String,
    },
    /// Someone came back to the server.
    Joined {
        /// Whether it is not known when: they were there when somebody looked.
        noticed: bool,
    },
    /// Someone left the server.
    Left {
        /// Whether it is not known when: they were not there when somebody looked.
        noticed: bool,
    },
    /// The ticket was closed.
    Closed {
        /// Why; empty for no reason given.
        reason: String,
    },
    /// The ticket was opened again.
    Reopened,
}

/// How urgent a ticket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Urgency {
    Low,
    Normal,
    High,
    Urgent,
}

/// A question of the form and its answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// The answer, plain text; empty for none.
    pub answer: String,
}

impl TimelineItem {
    /// A message without history, read from its raw object as [`Message::parse`] reads it.
    pub fn read(raw: &str) -> Self {
        let mut entry = Box::<Entry>::default();
        entry.message.read(raw);
        Self::Message(entry)
    }

    /// Wraps a message without history.
    pub fn message(message: Message) -> Self {
        // Each by itself: `..Entry::default()` would make a message for nothing, and messages are large.
        Self::Message(Box::new(Entry {
            message,
            earlier: Vec::new(),
            deleted: None,
            erased: false,
            restricted: false,
            redacted: None,
            reactions: Vec::new(),
        }))
    }

    /// When it happened, in milliseconds since 1970 UTC.
    pub fn at_ms(&self) -> i64 {
        match self {
            Self::Message(entry) => entry.message.sent_at_ms(),
            Self::Desk(event) => event.at_ms,
        }
    }
}

/// Puts messages and events into one order by time. Both must already be in order; of two at the same
/// millisecond the event comes first, since it caused the message about it.
pub fn merge(entries: Vec<Entry>, events: Vec<DeskEvent>) -> Vec<TimelineItem> {
    let mut all = Vec::with_capacity(entries.len() + events.len());
    let mut events = events.into_iter().peekable();
    for entry in entries {
        let at_ms = entry.message.sent_at_ms();
        while let Some(event) = events.next_if(|event| event.at_ms <= at_ms) {
            all.push(TimelineItem::Desk(event));
        }
        all.push(TimelineItem::Message(Box::new(entry)));
    }
    all.extend(events.map(TimelineItem::Desk));
    all
}
