//! Bans.

use serde_json::{Value, json};

use super::World;
use super::access::rank;
use super::events::Scope;
use crate::error::{self, ApiError};
use crate::id::Id;
use crate::permissions as p;

impl World {
    /// Bans a person: Ban Members, and a higher place than theirs. Their messages of the last
    /// `delete_seconds` (at most 7 days) disappear.
    pub fn ban(
        &mut self,
        actor: Id,
        guild_id: Id,
        user_id: Id,
        delete_seconds: i64,
        reason: Option<String>,
    ) -> Result<(), ApiError> {
        let guild = self.require_in_guild(guild_id, actor, p::BAN_MEMBERS)?;
        if guild.members.contains_key(&user_id) && rank(guild, user_id) >= rank(guild, actor) {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        if !self.users.contains_key(&user_id) {
            return Err(error::UNKNOWN_USER.into());
        }
        self.remove_member(guild_id, user_id);
        if let Some(guild) = self.guilds.get_mut(&guild_id) {
            guild.bans.insert(user_id, reason);
        }
        let user = self.user_json(user_id);
        self.emit(
            "GUILD_BAN_ADD",
            Scope::Guild(guild_id),
            json!({"guild_id": guild_id, "user": user}),
        );
        self.purge_messages(guild_id, user_id, delete_seconds.clamp(0, 604_800));
        Ok(())
    }

    fn purge_messages(&mut self, guild_id: Id, user_id: Id, seconds: i64) {
        if seconds == 0 {
            return;
        }
        let since = Id::at_ms(self.now() - seconds * 1_000);
        let channels: Vec<Id> = self
            .guilds
            .get(&guild_id)
            .map(|guild| guild.channels.iter().copied().collect())
            .unwrap_or_default();
        for channel_id in channels {
            let Some(channel) = self.channels.get_mut(&channel_id) else { continue };
            let gone: Vec<Id> = channel
                .messages
                .range(since..)
                .filter(|(_, message)| message.author.id() == user_id)
                .map(|(id, _)| *id)
                .collect();
            self.remove_messages(channel_id, &gone);
        }
    }

    /// Lifts a ban; 10026 when there is none.
    pub fn unban(&mut self, actor: Id, guild_id: Id, user_id: Id) -> Result<(), ApiError> {
        self.require_in_guild(guild_id, actor, p::BAN_MEMBERS)?;
        let gone =
            self.guilds.get_mut(&guild_id).is_some_and(|g| g.bans.remove(&user_id).is_some());
        if !gone {
            return Err(error::UNKNOWN_BAN.into());
        }
        let user = self.user_json(user_id);
        self.emit(
            "GUILD_BAN_REMOVE",
            Scope::Guild(guild_id),
            json!({"guild_id": guild_id, "user": user}),
        );
        Ok(())
    }

    /// A ban as JSON; 10026 when there is none.
    pub fn ban_json(&self, guild_id: Id, user_id: Id) -> Result<Value, ApiError> {
        let guild = self.guilds.get(&guild_id).ok_or(error::UNKNOWN_GUILD)?;
        let reason = guild.bans.get(&user_id).ok_or(error::UNKNOWN_BAN)?;
        Ok(json!({"user": self.user_json(user_id), "reason": reason}))
    }
}
