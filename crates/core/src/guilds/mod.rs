//! Servers: who may do what there, what their owners set, where the bot is.

mod access;
mod alerts;
mod bot;
mod caches;
mod choices;
mod installations;
mod known;
mod picker;
mod settings;
mod time_zones;

use domain::validation::FieldError;
use storage::StorageError;

use crate::ports::DiscordError;

pub(crate) use access::may_view;
pub(crate) use access::of_person;
pub use access::{ActingMember, GuildAccess, authorize, authorize_member};
pub use alerts::{StaffAlert, alerts};
pub(crate) use bot::{may_in_channel, may_on_server};
pub(crate) use caches::GuildCaches;
pub use choices::{ChannelChoice, Choices, RoleChoice, choices, missing_permissions};
pub use installations::{arrived, installation, left, present, unavailable};
pub(crate) use known::known;
pub(crate) use picker::managed;
pub use picker::{GuildCard, Picker, avatar_url, icon_url, is_image_hash, picker};
pub use settings::{Settings, save_settings, settings, settings_of};
pub use time_zones::time_zones;

/// Why something about a server did not work.
#[derive(Debug, thiserror::Error)]
pub enum GuildError {
    /// Not there, or not for this person.
    #[error("no such server for this person")]
    NotFound,
    /// The session's Discord token is no longer good: sign in again.
    #[error("signed out")]
    SignedOut,
    /// Fields were refused.
    #[error("invalid settings")]
    Invalid(Vec<FieldError>),
    /// Someone else saved meanwhile.
    #[error("changed meanwhile")]
    Conflict,
    /// Discord cannot be reached or refuses.
    #[error("Discord: {0}")]
    Discord(DiscordError),
    /// Storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<DiscordError> for GuildError {
    fn from(error: DiscordError) -> Self {
        match error {
            DiscordError::Gone { .. } | DiscordError::Forbidden { .. } => Self::NotFound,
            other => Self::Discord(other),
        }
    }
}
