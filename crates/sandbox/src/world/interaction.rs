//! Interactions as records: who pressed what, and what became of it.

use serde_json::Value;

use crate::id::Id;

/// Milliseconds that a bot has for its first answer.
pub const FIRST_ANSWER_MS: i64 = 3_000;
/// Milliseconds for which an interaction's token is good.
pub const TOKEN_LIFE_MS: i64 = 15 * 60 * 1_000;

/// Discord's interaction types.
pub mod interaction_type {
    /// A slash, user or message command.
    pub const COMMAND: u8 = 2;
    /// A button or select.
    pub const COMPONENT: u8 = 3;
    /// Typing in an option with completion.
    pub const AUTOCOMPLETE: u8 = 4;
    /// A filled modal.
    pub const MODAL_SUBMIT: u8 = 5;
}

/// What has become of an interaction, as its person sees it.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// Nothing yet; the bot has until 3 s after the press.
    Waiting,
    /// "The bot is thinking…" (type 5), not answered yet.
    Deferred {
        /// The loading message.
        message_id: Id,
        /// Only the person sees it.
        ephemeral: bool,
    },
    /// A button was acknowledged with nothing to see (type 6).
    Acknowledged,
    /// A message answered (type 4, or the edit of a deferred answer).
    Answered {
        /// The answer.
        message_id: Id,
        /// Only the person sees it.
        ephemeral: bool,
    },
    /// The message with the component was changed (type 7).
    Updated {
        /// The changed message.
        message_id: Id,
    },
    /// A modal opened (type 9): its `custom_id`, `title`, `components`.
    Modal(Value),
    /// Completion choices (type 8).
    Choices(Value),
    /// "The application did not respond": 3 s passed.
    Failed,
}

impl Fate {
    /// Whether the person still waits for a first answer.
    pub fn is_waiting(&self) -> bool {
        matches!(self, Self::Waiting)
    }

    /// The fate as JSON: `{"state": "answered", …}`.
    pub fn to_json(&self) -> Value {
        use serde_json::json;
        match self {
            Self::Waiting => json!({"state": "waiting"}),
            Self::Deferred { message_id, ephemeral } => {
                json!({"state": "deferred", "message_id": message_id, "ephemeral": ephemeral})
            }
            Self::Acknowledged => json!({"state": "acknowledged"}),
            Self::Answered { message_id, ephemeral } => {
                json!({"state": "answered", "message_id": message_id, "ephemeral": ephemeral})
            }
            Self::Updated { message_id } => json!({"state": "updated", "message_id": message_id}),
            Self::Modal(modal) => json!({"state": "modal", "modal": modal}),
            Self::Choices(choices) => json!({"state": "choices", "choices": choices}),
            Self::Failed => json!({"state": "failed"}),
        }
    }
}

/// An interaction.
#[derive(Debug, Clone)]
pub struct Interaction {
    /// Snowflake.
    pub id: Id,
    /// The secret of its answers.
    pub token: String,
    /// One of [`interaction_type`].
    pub kind: u8,
    /// The application that is asked.
    pub application_id: Id,
    /// The person.
    pub user_id: Id,
    /// Where.
    pub channel_id: Id,
    /// Server.
    pub guild_id: Option<Id>,
    /// The message whose component was pressed (also for modals opened from one).
    pub message_id: Option<Id>,
    /// When the person acted.
    pub created_at: i64,
    /// When the bot first answered.
    pub answered_at: Option<i64>,
    /// What became of it.
    pub fate: Fate,
    /// The `@original` message, once there is one.
    pub original: Option<Id>,
    /// Follow-ups and the original: messages that the token may edit.
    pub messages: Vec<Id>,
    /// The modal that this interaction opened, waiting to be filled.
    pub modal: Option<Value>,
    /// `interaction_metadata` for messages that answer.
    pub metadata: Value,
    /// What is pressed or run: the `data` object.
    pub data: Value,
}
