//! The whole state as JSON, for tests that read it and for people who are curious.

use serde_json::{Map, Value, json};

use super::World;
use super::model::{Channel, Guild};
use crate::id::Id;

impl World {
    /// Users, applications, servers with members, roles, channels and messages, direct messages, webhooks
    /// and interactions. Secrets are left out.
    pub fn to_json(&self) -> Value {
        let guilds: Map<String, Value> = self
            .guilds
            .values()
            .map(|guild| (guild.id.to_string(), self.guild_state(guild)))
            .collect();
        let dms: Map<String, Value> = self
            .dms
            .values()
            .filter_map(|id| Some((id.to_string(), self.channel_state(self.channels.get(id)?))))
            .collect();
        let users: Map<String, Value> =
            self.users.keys().map(|id| (id.to_string(), self.user_json(*id))).collect();
        json!({
            "now": self.now(), "users": users, "guilds": guilds, "dms": dms,
            "applications": self.applications.values().map(|app| json!({
                "id": app.id, "name": app.name, "bot": app.bot, "redirect_uris": app.redirect_uris,
                "token_revoked": app.token_revoked, "identifies_left": app.identifies_left,
                "commands": app.commands.values().collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "webhooks": self.webhooks.values()
                .map(|webhook| self.webhook_json(webhook, false, false)).collect::<Vec<_>>(),
            "interactions": self.interactions.values().map(|interaction| json!({
                "id": interaction.id, "type": interaction.kind, "user_id": interaction.user_id,
                "channel_id": interaction.channel_id, "created_at": interaction.created_at,
                "answered_at": interaction.answered_at, "fate": interaction.fate.to_json(),
            })).collect::<Vec<_>>(),
            "sessions": self.sessions_json(),
        })
    }

    fn guild_state(&self, guild: &Guild) -> Value {
        let mut value = self.guild_json(guild, true);
        value["members"] = guild.members.values().map(|member| self.member_json(member)).collect();
        value["bans"] = json!(guild.bans);
        let channels: Map<String, Value> = self
            .channels_of(guild.id)
            .map(|channel| (channel.id.to_string(), self.channel_state(channel)))
            .collect();
        value["channels"] = Value::Object(channels);
        value
    }

    /// A channel with its messages, oldest first, ephemeral ones marked by `ephemeral_for`.
    pub fn channel_state(&self, channel: &Channel) -> Value {
        let mut value = self.channel_json(channel, None);
        value["messages"] = channel
            .messages
            .values()
            .map(|message| {
                let mut shown = self.message_json(message, None);
                if let Some(person) = message.ephemeral_for {
                    shown["ephemeral_for"] = json!(person);
                }
                shown
            })
            .collect();
        value["pins"] = json!(channel.pins.iter().map(|(id, _)| *id).collect::<Vec<Id>>());
        value
    }
}
