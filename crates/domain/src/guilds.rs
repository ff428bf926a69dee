//! A server's settings.

use serde::{Deserialize, Serialize};

use crate::ids::{ChannelId, RoleId};
use crate::locale::Locale;
use crate::validation::{FieldError, Problem};

/// The most support roles a server may name.
pub const MAX_SUPPORT_ROLES: u32 = 25;

/// What an owner sets for the whole server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuildSettings {
    /// Roles whose members work on tickets. Sorted, without duplicates.
    pub support_roles: Vec<RoleId>,
    /// The category in which ticket channels are made; `None` makes them outside any.
    pub ticket_category: Option<ChannelId>,
    /// Where the summary and link of a closed ticket go; `None` posts none.
    pub transcript_channel: Option<ChannelId>,
    /// Where staff are told what happens and what went wrong; `None` posts none.
    pub log_channel: Option<ChannelId>,
    /// The language of the bot on this server.
    pub locale: Locale,
    /// An IANA time zone name, such as `Europe/Berlin`.
    pub time_zone: String,
}

impl Default for GuildSettings {
    fn default() -> Self {
        Self {
            support_roles: Vec::new(),
            ticket_category: None,
            transcript_channel: None,
            log_channel: None,
            locale: Locale::En,
            time_zone: "UTC".to_owned(),
        }
    }
}

impl GuildSettings {
    /// Checks what can be checked without Discord. Whether the time zone exists is the caller's to
    /// know: `zone_known` tells.
    pub fn validate(&self, zone_known: impl Fn(&str) -> bool) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let count = u32::try_from(self.support_roles.len()).unwrap_or(u32::MAX);
        if count > MAX_SUPPORT_ROLES {
            let limit = MAX_SUPPORT_ROLES;
            errors.push(FieldError::new("support_roles", Problem::TooMany { limit, count }));
        }
        if self.time_zone.len() > 64 || !zone_known(&self.time_zone) {
            errors.push(FieldError::new("time_zone", Problem::Malformed));
        }
        errors
    }
}
