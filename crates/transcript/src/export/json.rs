//! JSON, page by page. The form is described by `docs/schema/transcript-1.json`; [`VERSION`] is raised when a field
//! goes or changes its meaning, not when one is added.

use serde::Serialize;
use serde_json::value::RawValue;

use super::Back;
use crate::{DeskAction, DeskEvent, ReactionChange, Redaction, Snowflake, Urgency};

/// The version of the form.
pub const VERSION: u32 = 1;

/// Someone of whom a transcript speaks.
#[derive(Debug, Clone, Serialize)]
pub struct Someone {
    /// The account.
    pub id: String,
    /// The name they were last seen under; `None` if it was erased or never known.
    pub name: Option<String>,
    /// Whether it is an app.
    pub bot: bool,
}

/// Something with a name.
#[derive(Debug, Clone, Serialize)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// Its name; empty if it is not known any more.
    pub name: String,
}

/// A role.
#[derive(Debug, Clone, Serialize)]
pub struct RoleFacts {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `#rrggbb`; `None` for no colour.
    pub colour: Option<String>,
    /// Its place; the highest comes first.
    pub position: i64,
}

/// The ticket.
#[derive(Debug, Clone, Serialize)]
pub struct Ticket {
    /// Its id.
    pub id: String,
    /// Its number on its server.
    pub number: i64,
    /// Where it stands: `opening`, `open`, `closing`, `closed`, `failed`.
    pub state: String,
    /// The server.
    pub server: Named,
    /// The name of the panel it was opened from.
    pub panel: String,
    /// Who opened it.
    pub opened_by: Someone,
    /// When (RFC 3339).
    pub opened_at: String,
    /// Who closed it.
    pub closed_by: Option<Someone>,
    /// When its transcript was stored (RFC 3339).
    pub closed_at: Option<String>,
}

/// Everything before the timeline.
#[derive(Debug, Clone, Serialize)]
pub struct Head {
    /// When the file was made (RFC 3339).
    pub exported_at: String,
    /// The ticket.
    pub ticket: Ticket,
    /// Everyone who wrote or is named.
    pub people: Vec<Someone>,
    /// Roles of the server.
    pub roles: Vec<RoleFacts>,
    /// Channels of the server.
    pub channels: Vec<Named>,
}

/// A version of a message.
#[derive(Debug)]
pub struct VersionText {
    /// When it was written, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// The message object, as JSON text.
    pub json: String,
}

/// What became of a file of a message.
#[derive(Debug, Clone, Serialize)]
pub struct FileState {
    /// The attachment's id.
    pub id: String,
    /// `stored`, `too_large`, `no_room`, `pending`, `missing`, `erased` or `damaged`.
    pub state: &'static str,
}

/// A message with everything that is kept of it.
#[derive(Debug)]
pub struct MessageItem {
    /// Its id.
    pub id: Snowflake,
    /// When it was sent, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Whether whoever wrote it had the use of what is kept of them restricted.
    pub restricted: bool,
    /// All versions that can still be read, oldest first.
    pub versions: Vec<VersionText>,
    /// When it was deleted, in milliseconds since 1970 UTC.
    pub deleted_ms: Option<i64>,
    /// That words of it were taken out.
    pub redacted: Option<Redaction>,
    /// What became of its files.
    pub files: Vec<FileState>,
    /// How the reactions to it changed, in order.
    pub reactions: Vec<ReactionChange>,
}

/// A moment as RFC 3339 in UTC, with milliseconds; `None` past the years that calendars reach.
pub fn moment(ms: i64) -> Option<String> {
    jiff::Timestamp::from_millisecond(ms).ok().map(|at| format!("{at:.3}"))
}

#[derive(Serialize)]
#[serde(untagged)]
enum Object {
    /// As it is kept.
    Whole(Box<RawValue>),
    /// Kept text that is no JSON.
    Broken { unreadable: String },
}

#[derive(Serialize)]
struct VersionOut {
    at: Option<String>,
    message: Object,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item<'a> {
    Message {
        id: Snowflake,
        at: Option<String>,
        /// Whether its words were erased.
        erased: bool,
        /// Whether the author has restricted use of their data. The message is hidden then. Left out where not.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        restricted: bool,
        deleted_at: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        redacted: Option<RedactionOut>,
        versions: Vec<VersionOut>,
        files: &'a [FileState],
        reactions: Vec<ReactionOut<'a>>,
    },
    Event {
        at: Option<String>,
        by: Option<Snowflake>,
        action: &'static str,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        noticed: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        target: Option<Snowflake>,
        #[serde(skip_serializing_if = "Option::is_none")]
        panel: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        answers: Option<Vec<AnswerOut<'a>>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        priority: Option<&'static str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        to: Option<&'a str>,
    },
}

#[derive(Serialize)]
struct RedactionOut {
    at: Option<String>,
    by: Snowflake,
    whole: bool,
}

#[derive(Serialize)]
struct ReactionOut<'a> {
    at: Option<String>,
    by: Option<Snowflake>,
    added: bool,
    emoji: Option<EmojiOut<'a>>,
}

#[derive(Serialize)]
struct EmojiOut<'a> {
    id: Option<Snowflake>,
    name: &'a str,
}

/// The word of the format for how urgent a ticket is.
const fn word(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Low => "low",
        Urgency::Normal => "normal",
        Urgency::High => "high",
        Urgency::Urgent => "urgent",
    }
}

impl<'a> ReactionOut<'a> {
    fn new(change: &'a ReactionChange) -> Self {
        let emoji = change.emoji.as_ref().map(|emoji| EmojiOut {
            id: Some(emoji.id).filter(|id| id.is_known()),
            name: &emoji.name,
        });
        Self { at: moment(change.at_ms), by: change.by, added: change.added, emoji }
    }
}

#[derive(Serialize)]
struct AnswerOut<'a> {
    question: &'a str,
    answer: &'a str,
}

/// A document that is written item by item.
#[derive(Debug, Default)]
pub struct JsonFile {
    items: u64,
    messages: u64,
}

impl JsonFile {
    /// Everything before the first item.
    pub fn open(&self, head: &Head) -> Result<String, serde_json::Error> {
        let head = serde_json::to_string(head)?;
        let inside = head.strip_prefix('{').unwrap_or(&head);
        let inside = inside.strip_suffix('}').unwrap_or(inside);
        Ok(format!(
            "{{\"format\":\"wardesk-transcript\",\"version\":{VERSION},{inside},\"timeline\":["
        ))
    }

    /// A message.
    pub fn message(
        &mut self,
        out: &mut String,
        item: MessageItem,
    ) -> Result<(), serde_json::Error> {
        self.messages += 1;
        let version = |version: VersionText| {
            let message = RawValue::from_string(version.json.clone())
                .map_or(Object::Broken { unreadable: version.json }, Object::Whole);
            VersionOut { at: moment(version.at_ms), message }
        };
        let erased = item.versions.is_empty() && !item.restricted;
        self.push(
            out,
            &Item::Message {
                id: item.id,
                at: moment(item.at_ms),
                erased,
                restricted: item.restricted,
                deleted_at: item.deleted_ms.and_then(moment),
                redacted: item.redacted.map(|redaction| RedactionOut {
                    at: moment(redaction.at_ms),
                    by: redaction.by,
                    whole: redaction.whole,
                }),
                versions: item.versions.into_iter().map(version).collect(),
                files: &item.files,
                reactions: item.reactions.iter().map(ReactionOut::new).collect(),
            },
        )
    }

    /// Something that the desk did.
    pub fn event(&mut self, out: &mut String, event: &DeskEvent) -> Result<(), serde_json::Error> {
        let (mut target, mut panel, mut answers, mut reason) = (None, None, None, None);
        let (mut priority, mut from, mut to) = (None, None, None);
        let mut noticed = false;
        let action = match &event.action {
            DeskAction::Opened { panel: title, answers: given } => {
                panel = Some(title.as_str());
                answers = Some(
                    given
                        .iter()
                        .map(|a| AnswerOut { question: &a.question, answer: &a.answer })
                        .collect(),
                );
                "opened"
            }
            DeskAction::Claimed => "claimed",
            DeskAction::Unclaimed => "unclaimed",
            DeskAction::Added(who) => {
                target = Some(*who);
                "added"
            }
            DeskAction::Removed(who) => {
                target = Some(*who);
                "removed"
            }
            DeskAction::Joined { noticed: late } => {
                noticed = *late;
                "joined"
            }
            DeskAction::Left { noticed: late } => {
                noticed = *late;
                "left"
            }
            DeskAction::Priority(urgency) => {
                priority = Some(word(*urgency));
                "priority"
            }
            DeskAction::Moved { from: old, to: new } => {
                (from, to) = (Some(old.as_str()), Some(new.as_str()));
                "moved"
            }
            DeskAction::MovedBack { from: old, to: new } => {
                (from, to) = (Some(old.as_str()), Some(new.as_str()));
                "moved_back"
            }
            DeskAction::Closed { reason: given } => {
                reason = Some(given.as_str());
                "closed"
            }
            DeskAction::Reopened => "reopened",
        };
        let at = moment(event.at_ms);
        let by = event.by;
        let item = Item::Event {
            at,
            by,
            action,
            noticed,
            target,
            panel,
            answers,
            reason,
            priority,
            from,
            to,
        };
        self.push(out, &item)
    }

    /// Everything after the last item.
    pub fn close(&self, back: &Back) -> Result<String, serde_json::Error> {
        let notes = serde_json::to_string(&back.lines)?;
        Ok(format!(
            "],\"end\":{{\"messages\":{},\"items\":{},\"notes\":{notes}}}}}\n",
            self.messages, self.items
        ))
    }

    fn push(&mut self, out: &mut String, item: &Item<'_>) -> Result<(), serde_json::Error> {
        // One item a line: a program that reads lines can begin before the end has come.
        out.push_str(if self.items == 0 { "\n" } else { ",\n" });
        self.items += 1;
        out.push_str(&serde_json::to_string(item)?);
        Ok(())
    }
}
