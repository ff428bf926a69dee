//! Who may do what where.

use super::World;
use super::model::{Channel, Guild, Member, channel_type};
use crate::error::{self, ApiError};
use crate::id::Id;
use crate::permissions::{self as p, Permissions};

impl World {
    /// A member's server-wide permissions; the owner has all, a stranger none.
    pub fn guild_permissions(&self, guild_id: Id, user_id: Id) -> Permissions {
        self.guilds.get(&guild_id).map_or(0, |guild| member_base(guild, user_id))
    }

    /// A person's permissions in a channel, thread or direct message, every rule applied.
    pub fn channel_permissions(&self, channel_id: Id, user_id: Id) -> Permissions {
        let Some(channel) = self.channels.get(&channel_id) else { return 0 };
        let Some(guild_id) = channel.guild_id else {
            let part = channel.recipients.contains(&user_id);
            return if part { p::DIRECT_MESSAGE } else { 0 };
        };
        let Some(guild) = self.guilds.get(&guild_id) else { return 0 };
        let Some(member) = guild.members.get(&user_id) else { return 0 };
        if guild.owner_id == user_id {
            return p::ALL;
        }
        let base = member_base(guild, user_id);
        if base & p::ADMINISTRATOR != 0 {
            return p::ALL;
        }
        let Some(thread) = &channel.thread else {
            let bits = overwritten(base, guild, channel, member);
            let bits = p::implicit(bits, p::SEND_MESSAGES);
            return self.timeout(member, bits);
        };
        let parent = channel.parent_id.and_then(|id| self.channels.get(&id));
        let bits = parent.map_or(0, |parent| overwritten(base, guild, parent, member));
        if channel.kind == channel_type::PRIVATE_THREAD
            && bits & p::MANAGE_THREADS == 0
            && !thread.members.contains_key(&user_id)
        {
            return 0;
        }
        let bits = p::implicit(bits, p::SEND_MESSAGES_IN_THREADS);
        self.timeout(member, bits)
    }

    fn timeout(&self, member: &Member, bits: Permissions) -> Permissions {
        match member.timeout_until {
            Some(until) if until > self.now() => p::timed_out(bits),
            _ => bits,
        }
    }

    /// Whether a person sees a channel.
    pub fn can_view(&self, channel_id: Id, user_id: Id) -> bool {
        self.channel_permissions(channel_id, user_id) & p::VIEW_CHANNEL != 0
    }

    /// The channel if the person sees it: 10003 when there is none, 50001 when it is hidden.
    pub fn visible_channel(&self, channel_id: Id, user_id: Id) -> Result<&Channel, ApiError> {
        let channel = self.channels.get(&channel_id).ok_or(error::UNKNOWN_CHANNEL)?;
        if self.can_view(channel_id, user_id) {
            Ok(channel)
        } else {
            Err(error::MISSING_ACCESS.into())
        }
    }

    /// As [`World::visible_channel`], and 50013 unless the person has all of `needed` there.
    pub fn require_in_channel(
        &self,
        channel_id: Id,
        user_id: Id,
        needed: Permissions,
    ) -> Result<&Channel, ApiError> {
        let channel = self.visible_channel(channel_id, user_id)?;
        if self.channel_permissions(channel_id, user_id) & needed == needed {
            Ok(channel)
        } else {
            Err(error::MISSING_PERMISSIONS.into())
        }
    }

    /// The server if the person is in it: 10004 when there is none or they are not.
    pub fn known_guild(&self, guild_id: Id, user_id: Id) -> Result<&Guild, ApiError> {
        let guild = self.guilds.get(&guild_id).ok_or(error::UNKNOWN_GUILD)?;
        if guild.members.contains_key(&user_id) {
            Ok(guild)
        } else {
            Err(error::UNKNOWN_GUILD.into())
        }
    }

    /// As [`World::known_guild`], and 50013 unless the person has all of `needed` server-wide.
    pub fn require_in_guild(
        &self,
        guild_id: Id,
        user_id: Id,
        needed: Permissions,
    ) -> Result<&Guild, ApiError> {
        let guild = self.known_guild(guild_id, user_id)?;
        if self.guild_permissions(guild_id, user_id) & needed == needed {
            Ok(guild)
        } else {
            Err(error::MISSING_PERMISSIONS.into())
        }
    }
}

/// Server-wide bits of a member, timeouts left out.
pub(crate) fn member_base(guild: &Guild, user_id: Id) -> Permissions {
    let Some(member) = guild.members.get(&user_id) else { return 0 };
    if guild.owner_id == user_id {
        return p::ALL;
    }
    let everyone = guild.roles.get(&guild.id).map_or(0, |role| role.permissions);
    p::base(
        everyone,
        member.roles.iter().filter_map(|id| guild.roles.get(id)).map(|r| r.permissions),
    )
}

fn overwritten(
    base: Permissions,
    guild: &Guild,
    channel: &Channel,
    member: &Member,
) -> Permissions {
    let rule = |id: &Id| channel.overwrites.get(id).map(|overwrite| overwrite.rule);
    p::apply(base, rule(&guild.id), member.roles.iter().filter_map(rule), rule(&member.user_id))
}

/// The place of a member in the hierarchy: their highest role, `i64::MAX` for the owner.
pub(crate) fn rank(guild: &Guild, user_id: Id) -> i64 {
    if guild.owner_id == user_id {
        return i64::MAX;
    }
    guild.members.get(&user_id).map_or(-1, |member| {
        member
            .roles
            .iter()
            .filter_map(|id| guild.roles.get(id))
            .map(|r| r.position)
            .max()
            .unwrap_or(0)
    })
}
