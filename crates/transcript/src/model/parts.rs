//! The smaller objects inside a message.

use serde::Deserialize;

use super::SnapshotMessage;
use crate::{Snowflake, lax};

/// Who wrote a message.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Author {
    /// The account; a webhook's id for webhooks.
    pub id: Snowflake,
    /// The account's name, or the name a webhook chose.
    #[serde(deserialize_with = "lax::text")]
    pub username: String,
    /// The name shown where there is no nickname.
    #[serde(deserialize_with = "lax::text")]
    pub global_name: String,
    /// Whether an app wrote it.
    #[serde(deserialize_with = "lax::flag")]
    pub bot: bool,
    /// Whether Discord itself wrote it.
    #[serde(deserialize_with = "lax::flag")]
    pub system: bool,
}

/// A membership, as far as a message carries it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Member {
    /// The name in this server.
    #[serde(deserialize_with = "lax::text")]
    pub nick: String,
    /// Roles.
    #[serde(deserialize_with = "lax::ids")]
    pub roles: Vec<Snowflake>,
}

/// Someone a message names.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MentionedUser {
    /// The account.
    pub id: Snowflake,
    /// The account's name.
    #[serde(deserialize_with = "lax::text")]
    pub username: String,
    /// The shown name.
    #[serde(deserialize_with = "lax::text")]
    pub global_name: String,
    /// The membership.
    #[serde(deserialize_with = "lax::object")]
    pub member: Option<Member>,
}

/// A file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Attachment {
    /// Its id.
    pub id: Snowflake,
    /// Its name.
    #[serde(deserialize_with = "lax::text")]
    pub filename: String,
    /// Its name before Discord made it safe; may be empty.
    #[serde(deserialize_with = "lax::text")]
    pub title: String,
    /// Alternative text.
    #[serde(deserialize_with = "lax::text")]
    pub description: String,
    /// Media type as its sender gave it.
    #[serde(deserialize_with = "lax::text")]
    pub content_type: String,
    /// Bytes.
    #[serde(deserialize_with = "lax::count")]
    pub size: Option<u64>,
    /// Pixels.
    #[serde(deserialize_with = "lax::count")]
    pub width: Option<u64>,
    /// Pixels.
    #[serde(deserialize_with = "lax::count")]
    pub height: Option<u64>,
    /// Length of a voice message.
    #[serde(deserialize_with = "lax::count")]
    pub duration_secs: Option<u64>,
    /// Loudness over time, base64 of bytes.
    #[serde(deserialize_with = "lax::text")]
    pub waveform: String,
    /// Bits; 8 is "spoiler".
    #[serde(deserialize_with = "lax::count")]
    pub flags: Option<u64>,
    /// Who is in a clip.
    #[serde(deserialize_with = "lax::list")]
    pub clip_participants: Vec<MentionedUser>,
}

impl Attachment {
    /// The name to show.
    pub fn name(&self) -> &str {
        if self.title.is_empty() { &self.filename } else { &self.title }
    }

    /// Whether it is hidden until asked for.
    pub fn is_spoiler(&self) -> bool {
        self.filename.starts_with("SPOILER_")
            || self.flags.is_some_and(|flags| flags & (1 << 3) != 0)
    }
}

/// An emoji of a reaction, a button or a poll.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Emoji {
    /// Zero for a Unicode emoji.
    pub id: Snowflake,
    /// The emoji itself, or a custom one's name.
    #[serde(deserialize_with = "lax::text")]
    pub name: String,
    /// Whether it moves.
    #[serde(deserialize_with = "lax::flag")]
    pub animated: bool,
}

/// A reaction.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Reaction {
    /// How many people.
    #[serde(deserialize_with = "lax::count")]
    pub count: Option<u64>,
    /// How many of them in which way.
    #[serde(deserialize_with = "lax::object")]
    pub count_details: Option<BurstCount>,
    /// Colours of those that shine, `#rrggbb`.
    #[serde(deserialize_with = "lax::texts")]
    pub burst_colors: Vec<String>,
    /// With which emoji.
    #[serde(deserialize_with = "lax::object")]
    pub emoji: Option<Emoji>,
}

/// How many people reacted in which way.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct BurstCount {
    /// With one that shines.
    #[serde(deserialize_with = "lax::count")]
    pub burst: Option<u64>,
}

/// A sticker.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Sticker {
    /// Its id.
    pub id: Snowflake,
    /// Its name.
    #[serde(deserialize_with = "lax::text")]
    pub name: String,
    /// 1 PNG, 2 APNG, 3 Lottie, 4 GIF.
    #[serde(deserialize_with = "lax::count")]
    pub format_type: Option<u64>,
}

/// A poll.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Poll {
    /// What is asked.
    #[serde(deserialize_with = "lax::object")]
    pub question: Option<PollMedia>,
    /// What can be answered.
    #[serde(deserialize_with = "lax::list")]
    pub answers: Vec<PollAnswer>,
    /// When it ends (ISO 8601).
    #[serde(deserialize_with = "lax::text")]
    pub expiry: String,
    /// Whether several answers may be chosen.
    #[serde(deserialize_with = "lax::flag")]
    pub allow_multiselect: bool,
    /// Votes.
    #[serde(deserialize_with = "lax::object")]
    pub results: Option<PollResults>,
}

/// Text with an emoji.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PollMedia {
    /// Plain text.
    #[serde(deserialize_with = "lax::text")]
    pub text: String,
    /// Before the text.
    #[serde(deserialize_with = "lax::object")]
    pub emoji: Option<Emoji>,
}

/// One possible answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PollAnswer {
    /// Its number within the poll.
    #[serde(deserialize_with = "lax::count")]
    pub answer_id: Option<u64>,
    /// Its text.
    #[serde(deserialize_with = "lax::object")]
    pub poll_media: Option<PollMedia>,
}

/// Votes of a poll.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PollResults {
    /// Whether counting has ended.
    #[serde(deserialize_with = "lax::flag")]
    pub is_finalized: bool,
    /// Votes by answer; answers without votes may be missing.
    #[serde(deserialize_with = "lax::list")]
    pub answer_counts: Vec<PollAnswerCount>,
}

/// Votes of one answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct PollAnswerCount {
    /// The answer's number.
    #[serde(deserialize_with = "lax::count")]
    pub id: Option<u64>,
    /// Votes.
    #[serde(deserialize_with = "lax::count")]
    pub count: Option<u64>,
}

/// What a message answers, forwards or follows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Reference {
    /// 0 an answer, 1 a forward.
    #[serde(rename = "type", deserialize_with = "lax::count")]
    pub kind: Option<u64>,
    /// The message, or zero.
    pub message_id: Snowflake,
    /// Its channel, or zero.
    pub channel_id: Snowflake,
    /// Its server, or zero.
    pub guild_id: Snowflake,
}

/// A forwarded message.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// What Discord keeps of it: no author.
    #[serde(deserialize_with = "lax::object")]
    pub message: Option<SnapshotMessage>,
}

/// The command or component a message came from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Interaction {
    /// 2 a command, 3 a component, 5 a form.
    #[serde(rename = "type", deserialize_with = "lax::count")]
    pub kind: Option<u64>,
    /// The command's name; may be empty.
    #[serde(deserialize_with = "lax::text")]
    pub name: String,
    /// Who used it.
    #[serde(deserialize_with = "lax::object")]
    pub user: Option<MentionedUser>,
}

/// A thread.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Thread {
    /// Its id.
    pub id: Snowflake,
    /// Its name.
    #[serde(deserialize_with = "lax::text")]
    pub name: String,
    /// Messages in it, as far as Discord counted.
    #[serde(deserialize_with = "lax::count")]
    pub message_count: Option<u64>,
}

/// A call.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Call {
    /// Who took part.
    #[serde(deserialize_with = "lax::ids")]
    pub participants: Vec<Snowflake>,
    /// When it ended (ISO 8601).
    #[serde(deserialize_with = "lax::text")]
    pub ended_timestamp: String,
}

/// A purchased role subscription.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct RoleSubscription {
    /// The tier's name.
    #[serde(deserialize_with = "lax::text")]
    pub tier_name: String,
    /// Months altogether.
    #[serde(deserialize_with = "lax::count")]
    pub total_months_subscribed: Option<u64>,
    /// Whether it was renewed rather than bought.
    #[serde(deserialize_with = "lax::flag")]
    pub is_renewal: bool,
}

/// A purchase.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Purchase {
    /// The server's product that was bought.
    #[serde(deserialize_with = "lax::object")]
    pub guild_product_purchase: Option<Product>,
}

/// A product of a server.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Product {
    /// Its name.
    #[serde(deserialize_with = "lax::text")]
    pub product_name: String,
}

/// An invitation to an activity.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Activity {
    /// 1 to join, 2 to watch, 3 to listen, 5 a request to join.
    #[serde(rename = "type", deserialize_with = "lax::count")]
    pub kind: Option<u64>,
}

/// An app, by name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Application {
    /// Its name.
    #[serde(deserialize_with = "lax::text")]
    pub name: String,
}

/// A look of the client.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Theme {
    /// Its colours, `rrggbb`.
    #[serde(deserialize_with = "lax::texts")]
    pub colors: Vec<String>,
}
