//! The world's things in the shapes of Discord's API.

use serde_json::{Map, Value, json};

use super::World;
use super::model::{
    Application, Author, Channel, Guild, Member, Message, Reaction, Role, User, Webhook,
    channel_type,
};
use crate::id::{Id, timestamp};

impl World {
    /// A user object; a stranger's id gives "Deleted User", as Discord shows it.
    pub fn user_json(&self, id: Id) -> Value {
        self.users.get(&id).map_or_else(|| deleted_user(id), user_json)
    }

    /// The user object that `/users/@me` gives to the user's own token.
    pub fn own_user_json(&self, user: &User) -> Value {
        let mut value = user_json(user);
        value["mfa_enabled"] = Value::Bool(user.bot);
        value["locale"] = json!(user.locale);
        value["verified"] = Value::Bool(true);
        value["email"] = Value::Null;
        value
    }

    /// A member object with its user.
    pub fn member_json(&self, member: &Member) -> Value {
        let mut value = bare_member_json(member);
        value["user"] = self.user_json(member.user_id);
        value
    }

    /// The member object inside messages: without the user.
    pub(crate) fn partial_member_json(&self, guild_id: Id, user_id: Id) -> Option<Value> {
        self.guilds.get(&guild_id)?.members.get(&user_id).map(bare_member_json)
    }

    /// The member of an interaction: with the user and the permissions in the channel.
    pub(crate) fn interaction_member_json(
        &self,
        guild_id: Id,
        channel_id: Id,
        user_id: Id,
    ) -> Option<Value> {
        let member = self.guilds.get(&guild_id)?.members.get(&user_id)?;
        let mut value = self.member_json(member);
        value["permissions"] = json!(self.channel_permissions(channel_id, user_id).to_string());
        Some(value)
    }

    /// A server as `GET /guilds/{id}` shows it.
    pub fn guild_json(&self, guild: &Guild, with_counts: bool) -> Value {
        let mut value = json!({
            "id": guild.id, "name": guild.name, "icon": guild.icon, "description": guild.description,
            "home_header": null, "splash": null, "discovery_splash": null, "features": [],
            "banner": null, "owner_id": guild.owner_id, "application_id": null, "region": "deprecated",
            "afk_channel_id": null, "afk_timeout": 300, "system_channel_id": guild.system_channel_id,
            "system_channel_flags": 0, "widget_enabled": false, "widget_channel_id": null,
            "verification_level": guild.verification_level,
            "roles": guild.roles.values().map(role_json).collect::<Vec<_>>(),
            "default_message_notifications": 0, "mfa_level": 0, "explicit_content_filter": 0,
            "max_presences": null, "max_members": 500_000, "max_stage_video_channel_users": 50,
            "max_video_channel_users": 25, "vanity_url_code": null, "premium_tier": 0,
            "premium_subscription_count": 0, "preferred_locale": guild.preferred_locale,
            "rules_channel_id": null, "safety_alerts_channel_id": null,
            "public_updates_channel_id": null, "premium_progress_bar_enabled": false, "nsfw": false,
            "nsfw_level": 0, "emojis": guild.emojis.values().map(emoji_json).collect::<Vec<_>>(),
            "stickers": [], "incidents_data": guild.incidents,
        });
        if with_counts {
            value["approximate_member_count"] = json!(guild.members.len());
            value["approximate_presence_count"] = json!(guild.members.len());
        }
        value
    }

    /// A server as the gateway's `GUILD_CREATE` shows it to a bot's user: channels, threads and members
    /// included. `all_members` is off when the bot has no `GUILD_MEMBERS` intent: then only its own member.
    pub fn gateway_guild_json(&self, guild: &Guild, viewer: Id, all_members: bool) -> Value {
        let mut value = self.guild_json(guild, false);
        let (threads, channels): (Vec<_>, Vec<_>) = guild
            .channels
            .iter()
            .filter_map(|id| self.channels.get(id))
            .partition(|channel| channel.is_thread());
        let shown: Vec<Value> = threads
            .into_iter()
            .filter(|thread| self.can_view(thread.id, viewer))
            .filter(|thread| thread.thread.as_ref().is_some_and(|part| !part.archived))
            .map(|thread| self.channel_json(thread, Some(viewer)))
            .collect();
        value["channels"] =
            channels.into_iter().map(|channel| self.channel_json(channel, Some(viewer))).collect();
        value["threads"] = Value::Array(shown);
        value["members"] = guild
            .members
            .values()
            .filter(|member| all_members || member.user_id == viewer)
            .map(|member| self.member_json(member))
            .collect();
        value["member_count"] = json!(guild.members.len());
        value["joined_at"] =
            json!(guild.members.get(&viewer).map(|member| timestamp(member.joined_at)));
        value["large"] = Value::Bool(guild.members.len() > 250);
        value["unavailable"] = Value::Bool(false);
        for empty in [
            "voice_states",
            "presences",
            "stage_instances",
            "guild_scheduled_events",
            "soundboard_sounds",
        ] {
            value[empty] = json!([]);
        }
        value
    }

    /// A channel, thread or direct message. For a direct message, `viewer` is left out of the recipients.
    pub fn channel_json(&self, channel: &Channel, viewer: Option<Id>) -> Value {
        if channel.kind == channel_type::DM {
            let recipients: Vec<Value> = channel
                .recipients
                .iter()
                .filter(|id| Some(**id) != viewer)
                .map(|id| self.user_json(*id))
                .collect();
            return json!({"id": channel.id, "type": 1, "last_message_id": channel.last_message_id,
                "flags": 0, "recipients": recipients});
        }
        let mut value = json!({
            "id": channel.id, "type": channel.kind, "flags": 0, "guild_id": channel.guild_id,
            "name": channel.name, "parent_id": channel.parent_id,
            "rate_limit_per_user": channel.rate_limit_per_user,
        });
        if channel.kind != channel_type::CATEGORY {
            value["last_message_id"] = json!(channel.last_message_id);
        }
        if let Some(at) = channel.last_pin_timestamp {
            value["last_pin_timestamp"] = json!(timestamp(at));
        }
        if let Some(thread) = &channel.thread {
            value["owner_id"] = json!(thread.owner_id);
            value["message_count"] =
                json!(channel.messages.values().filter(|m| m.kind != 21).count());
            value["member_count"] = json!(thread.members.len());
            value["total_message_sent"] = json!(thread.total_message_sent);
            let mut metadata = json!({
                "archived": thread.archived, "archive_timestamp": timestamp(thread.archive_timestamp),
                "auto_archive_duration": thread.auto_archive_duration, "locked": thread.locked,
                "create_timestamp": timestamp(thread.created_at),
            });
            if channel.kind == channel_type::PRIVATE_THREAD {
                metadata["invitable"] = json!(thread.invitable);
            }
            value["thread_metadata"] = metadata;
            if let Some((viewer, joined)) = viewer.and_then(|v| Some((v, *thread.members.get(&v)?)))
            {
                value["member"] = thread_member_json(channel.id, viewer, joined);
            }
            return value;
        }
        value["topic"] = json!(channel.topic);
        value["position"] = json!(channel.position);
        value["nsfw"] = json!(channel.nsfw);
        value["permission_overwrites"] = channel.overwrites.values().map(overwrite_json).collect();
        if matches!(channel.kind, channel_type::VOICE | channel_type::STAGE) {
            value["bitrate"] = json!(64_000);
            value["user_limit"] = json!(0);
            value["rtc_region"] = Value::Null;
        }
        if channel.kind == channel_type::FORUM {
            value["available_tags"] = json!([]);
            value["default_reaction_emoji"] = Value::Null;
            value["default_sort_order"] = Value::Null;
            value["default_forum_layout"] = json!(0);
        }
        value
    }

    /// A message; `viewer` decides `me` in reactions and who sees the nonce.
    pub fn message_json(&self, message: &Message, viewer: Option<Id>) -> Value {
        let mut value = self.bare_message_json(message, viewer);
        if let Some(reference) = message.reference {
            value["message_reference"] = json!({"type": reference.kind,
                "channel_id": reference.channel_id, "message_id": reference.message_id});
            if let Some(guild_id) = reference.guild_id {
                value["message_reference"]["guild_id"] = json!(guild_id);
            }
            if reference.kind == 0 && message.kind == 19 {
                value["referenced_message"] = self
                    .message(reference.channel_id, reference.message_id)
                    .map_or(Value::Null, |other| self.bare_message_json(other, viewer));
            }
        }
        if !message.reactions.is_empty() {
            value["reactions"] =
                message.reactions.iter().map(|reaction| reaction_json(reaction, viewer)).collect();
        }
        if let Some(fields) = &message.placed {
            super::placed::lay_over(&mut value, fields);
        }
        value
    }

    fn bare_message_json(&self, message: &Message, viewer: Option<Id>) -> Value {
        let shown = self.resolve_media(message);
        let mut value = json!({
            "id": message.id, "channel_id": message.channel_id, "type": message.kind,
            "content": message.content, "author": self.author_json(message),
            "mentions": message.mentions.iter().map(|id| self.user_json(*id)).collect::<Vec<_>>(),
            "mention_roles": message.mention_roles, "mention_everyone": message.mention_everyone,
            "attachments": shown.attachments, "embeds": shown.embeds, "components": shown.components,
            "timestamp": timestamp(message.id.created_ms()),
            "edited_timestamp": message.edited_at.map(timestamp), "flags": message.flags,
            "pinned": message.pinned, "tts": message.tts,
        });
        if let Author::Webhook { id, .. } = &message.author {
            value["webhook_id"] = json!(id);
        } else if let Some(application_id) = message.application_id {
            value["webhook_id"] = json!(application_id);
        }
        if let Some(application_id) = message.application_id {
            value["application_id"] = json!(application_id);
        }
        if let Some(nonce) = &message.nonce {
            value["nonce"] = nonce.clone();
        }
        if let Some(metadata) = &message.interaction_metadata {
            value["interaction_metadata"] = metadata.clone();
        }
        if let Some(poll) = &message.poll {
            value["poll"] = poll.clone();
        }
        if !message.snapshots.is_empty() {
            value["message_snapshots"] = json!(message.snapshots);
        }
        if !message.sticker_items.is_empty() {
            value["sticker_items"] = json!(message.sticker_items);
        }
        if message.flags & super::model::message_flags::HAS_THREAD != 0
            && let Some(thread) = self.channels.get(&message.id)
        {
            value["thread"] = self.channel_json(thread, viewer);
        }
        value
    }

    fn author_json(&self, message: &Message) -> Value {
        match &message.author {
            Author::User(id) => self.user_json(*id),
            Author::Webhook { id, name, avatar } => json!({
                "id": id, "username": name, "avatar": avatar, "discriminator": "0000",
                "public_flags": 0, "flags": 0, "bot": true, "global_name": null,
                "primary_guild": null,
            }),
        }
    }

    /// An application as its owner sees it.
    pub fn application_json(&self, application: &Application) -> Value {
        let guilds = self
            .guilds
            .values()
            .filter(|guild| guild.members.contains_key(&application.bot))
            .count();
        let flags = intent_flags(application);
        json!({
            "id": application.id, "name": application.name, "icon": null, "description": "",
            "type": null, "bot": self.user_json(application.bot), "bot_public": true,
            "bot_require_code_grant": false, "verify_key": "0".repeat(64), "flags": flags,
            "flags_new": flags.to_string(), "redirect_uris": application.redirect_uris,
            "interactions_endpoint_url": null, "role_connections_verification_url": null,
            "owner": self.user_json(application.owner), "approximate_guild_count": guilds,
            "approximate_user_install_count": 0, "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0, "team": null, "eligible_oauth2_scopes": [],
        })
    }

    /// A webhook; the token is shown to those who may manage it.
    pub fn webhook_json(&self, webhook: &Webhook, with_token: bool, with_user: bool) -> Value {
        let mut value = json!({
            "id": webhook.id, "type": 1, "guild_id": webhook.guild_id,
            "channel_id": webhook.channel_id, "name": webhook.name, "avatar": webhook.avatar,
            "application_id": webhook.application_id,
        });
        if with_token {
            value["token"] = json!(webhook.token);
            value["url"] =
                json!(format!("{}/api/webhooks/{}/{}", self.base_url, webhook.id, webhook.token));
        }
        if with_user {
            value["user"] = self.user_json(webhook.creator);
        }
        value
    }
}

/// The application flags that say which privileged intents are on ("limited" variants, for small bots).
fn intent_flags(application: &Application) -> u64 {
    let bit = |on: bool, bit: u32| u64::from(on) << bit;
    bit(application.privileged.presences, 13)
        | bit(application.privileged.members, 15)
        | bit(application.privileged.message_content, 19)
}

fn deleted_user(id: Id) -> Value {
    json!({"id": id, "username": "Deleted User", "avatar": null, "discriminator": "0000",
        "public_flags": 0, "flags": 0, "global_name": null, "primary_guild": null})
}

fn user_json(user: &User) -> Value {
    let mut value = json!({
        "id": user.id, "username": user.username, "avatar": user.avatar, "discriminator": "0",
        "public_flags": 0, "flags": 0, "banner": null, "accent_color": null,
        "global_name": user.global_name, "avatar_decoration_data": null, "collectibles": null,
        "primary_guild": null,
    });
    if user.bot {
        value["bot"] = Value::Bool(true);
    }
    value
}

fn bare_member_json(member: &Member) -> Value {
    json!({
        "avatar": null, "banner": null, "communication_disabled_until": member.timeout_until.map(timestamp),
        "flags": 0, "joined_at": timestamp(member.joined_at), "nick": member.nick,
        "pending": member.pending, "premium_since": null, "roles": member.roles,
        "mute": member.mute, "deaf": member.deaf,
    })
}

/// A role object.
pub fn role_json(role: &Role) -> Value {
    let mut value = json!({
        "id": role.id, "name": role.name, "permissions": role.permissions.to_string(),
        "position": role.position, "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": null, "tertiary_color": null},
        "hoist": role.hoist, "managed": role.managed, "mentionable": role.mentionable,
        "icon": null, "unicode_emoji": role.unicode_emoji, "flags": 0,
    });
    if let Some(bot_id) = role.bot_id {
        value["tags"] = json!({"bot_id": bot_id});
    }
    value
}

pub(crate) fn emoji_json(emoji: &super::model::Emoji) -> Value {
    json!({"id": emoji.id, "name": emoji.name, "roles": [], "require_colons": true,
        "managed": false, "animated": emoji.animated, "available": true})
}

fn overwrite_json(overwrite: &super::model::Overwrite) -> Value {
    json!({"id": overwrite.id, "type": overwrite.kind, "allow": overwrite.rule.allow.to_string(),
        "deny": overwrite.rule.deny.to_string()})
}

pub(crate) fn thread_member_json(thread_id: Id, user_id: Id, joined: i64) -> Value {
    json!({"id": thread_id, "user_id": user_id, "join_timestamp": timestamp(joined), "flags": 0})
}

pub(crate) fn reaction_emoji_json(name: &str, emoji_id: Option<Id>) -> Value {
    json!({"id": emoji_id, "name": name})
}

fn reaction_json(reaction: &Reaction, viewer: Option<Id>) -> Value {
    let count = reaction.users.len();
    json!({
        "emoji": reaction_emoji_json(&reaction.name, reaction.emoji_id), "count": count,
        "count_details": {"burst": 0, "normal": count}, "burst_colors": [], "me_burst": false,
        "me": viewer.is_some_and(|viewer| reaction.users.contains(&viewer)),
    })
}

/// Merges `more` into an object.
pub(crate) fn with(mut value: Value, more: Value) -> Value {
    if let (Value::Object(map), Value::Object(extra)) = (&mut value, more) {
        let extra: Map<String, Value> = extra;
        map.extend(extra);
    }
    value
}
