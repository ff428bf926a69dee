//! A server's settings.

use serde::{Deserialize, Serialize};

use crate::ids::{ChannelId, RoleId};
use crate::locale::Locale;
use crate::transcripts::Retention;
use crate::validation::{FieldError, Problem};

/// The most support roles a server may name.
pub const MAX_SUPPORT_ROLES: u32 = 25;
/// The most roles that may read transcripts, besides the support roles.
pub const MAX_READER_ROLES: u32 = 25;

/// What an owner sets for the whole server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a box to tick, and none follows from another"
)]
pub struct GuildSettings {
    /// Roles whose members work on tickets. Sorted, without duplicates.
    pub support_roles: Vec<RoleId>,
    /// The category in which ticket channels are made; `None` makes them outside any.
    pub ticket_category: Option<ChannelId>,
    /// Where the summary and link of a closed ticket go; `None` posts none.
    pub transcript_channel: Option<ChannelId>,
    /// Where staff are told what happens and what went wrong; `None` takes the channel for closed tickets.
    pub log_channel: Option<ChannelId>,
    /// The language of the bot on this server.
    pub locale: Locale,
    /// An IANA time zone name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// Roles whose members may read every transcript without working on tickets. Sorted, without duplicates.
    #[serde(default)]
    pub reader_roles: Vec<RoleId>,
    /// Whether people who were added to a ticket may read its transcript, while they are on the server.
    #[serde(default = "yes")]
    pub members_read: bool,
    /// Whether what people said in a ticket and then deleted stays in its transcript. It does in tickets that are
    /// opened while this is on, in which people are told, and for as long as it stays on.
    #[serde(default)]
    pub keep_deleted: bool,
    /// How long transcripts are kept.
    #[serde(default)]
    pub retention: Retention,
    /// Whether staff may share transcripts by links. While it is off, links lead nowhere.
    #[serde(default)]
    pub share_links: bool,
    /// Whether whoever opened a ticket may share its transcript too.
    #[serde(default)]
    pub opener_shares: bool,
}

/// What settings that were saved before the field was there say.
const fn yes() -> bool {
    true
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
            reader_roles: Vec::new(),
            members_read: true,
            keep_deleted: false,
            retention: Retention::ForEver,
            share_links: false,
            opener_shares: false,
        }
    }
}

impl GuildSettings {
    /// Checks what can be checked without Discord. Whether the time zone exists is the caller's to
    /// know: `zone_known` tells.
    pub fn validate(&self, zone_known: impl Fn(&str) -> bool) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (field, roles, limit) in [
            ("support_roles", &self.support_roles, MAX_SUPPORT_ROLES),
            ("reader_roles", &self.reader_roles, MAX_READER_ROLES),
        ] {
            let count = u32::try_from(roles.len()).unwrap_or(u32::MAX);
            if count > limit {
                errors.push(FieldError::new(field, Problem::TooMany { limit, count }));
            }
        }
        if self.time_zone.len() > 64 || !zone_known(&self.time_zone) {
            errors.push(FieldError::new("time_zone", Problem::Malformed));
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_before_a_field_was_there_can_be_read() {
        let old = r#"{"support_roles":["5"],"ticket_category":null,"transcript_channel":null,
                      "log_channel":null,"locale":"en","time_zone":"UTC"}"#;
        let read: GuildSettings = serde_json::from_str(old).unwrap();
        let roles = vec![RoleId::new(5).unwrap()];
        assert_eq!(read, GuildSettings { support_roles: roles, ..GuildSettings::default() });
    }

    #[test]
    fn each_list_of_roles_has_its_limit() {
        let roles: Vec<RoleId> = (1..=26).map(|id| RoleId::new(id).unwrap()).collect();
        let many = GuildSettings {
            support_roles: roles.clone(),
            reader_roles: roles,
            ..GuildSettings::default()
        };
        let fields: Vec<String> = many.validate(|_| true).into_iter().map(|e| e.field).collect();
        assert_eq!(fields, ["support_roles", "reader_roles"]);
    }
}
