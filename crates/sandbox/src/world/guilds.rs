//! Servers: making, changing, ending, joining and leaving them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::World;
use super::events::Scope;
use super::fields;
use super::model::{Emoji, Guild, Member, Role};
use crate::error::{self, ApiError, FormErrors};
use crate::id::Id;
use crate::permissions::{self as p, Permissions};

impl World {
    /// Makes a server with an `@everyone` role and its owner as the only member.
    pub fn create_guild(&mut self, owner: Id, name: &str) -> Id {
        let id = self.new_id();
        self.insert_guild(id, owner, name);
        id
    }

    /// Makes a server under a given id (fixed worlds).
    pub fn insert_guild(&mut self, id: Id, owner: Id, name: &str) {
        let everyone = Role {
            id,
            name: "@everyone".into(),
            permissions: p::DEFAULT_EVERYONE,
            position: 0,
            color: 0,
            hoist: false,
            managed: false,
            mentionable: false,
            unicode_emoji: None,
            bot_id: None,
        };
        self.guilds.insert(
            id,
            Guild {
                id,
                name: name.to_owned(),
                icon: None,
                description: None,
                owner_id: owner,
                roles: BTreeMap::from([(id, everyone)]),
                members: BTreeMap::new(),
                bans: BTreeMap::new(),
                channels: BTreeSet::new(),
                emojis: BTreeMap::new(),
                unavailable: false,
                system_channel_id: None,
                preferred_locale: "en-US".into(),
                verification_level: 0,
                incidents: None,
            },
        );
        self.insert_member(id, owner);
    }

    pub(crate) fn insert_member(&mut self, guild_id: Id, user_id: Id) {
        let joined_at = self.now();
        if let Some(guild) = self.guilds.get_mut(&guild_id) {
            guild.members.insert(
                user_id,
                Member {
                    user_id,
                    nick: None,
                    roles: BTreeSet::new(),
                    joined_at,
                    timeout_until: None,
                    pending: false,
                    mute: false,
                    deaf: false,
                },
            );
        }
    }

    /// A person joins a server. 10004 without such a server, 40007 when banned; joining twice is nothing.
    pub fn join_guild(&mut self, user_id: Id, guild_id: Id) -> Result<(), ApiError> {
        let guild = self.guilds.get(&guild_id).ok_or(error::UNKNOWN_GUILD)?;
        if guild.bans.contains_key(&user_id) {
            return Err(error::USER_BANNED.into());
        }
        if guild.members.contains_key(&user_id) {
            return Ok(());
        }
        self.insert_member(guild_id, user_id);
        self.tell_member_add(guild_id, user_id);
        if let Some(channel) = self.guilds.get(&guild_id).and_then(|guild| guild.system_channel_id)
        {
            self.system_message(channel, user_id, 7, None);
        }
        Ok(())
    }

    pub(crate) fn tell_member_add(&mut self, guild_id: Id, user_id: Id) {
        let Some(member) = self.guilds.get(&guild_id).and_then(|guild| guild.members.get(&user_id))
        else {
            return;
        };
        let mut data = self.member_json(member);
        data["guild_id"] = json!(guild_id);
        self.emit("GUILD_MEMBER_ADD", Scope::Guild(guild_id), data);
    }

    /// A person (not the owner) or bot leaves a server.
    pub fn leave_guild(&mut self, user_id: Id, guild_id: Id) -> Result<(), ApiError> {
        let guild = self.known_guild(guild_id, user_id)?;
        if guild.owner_id == user_id {
            return Err(error::OWNER_ONLY.into());
        }
        self.remove_member(guild_id, user_id);
        Ok(())
    }

    /// Removes a member, tells the others, and tells a bot that it is out (`GUILD_DELETE`).
    pub(crate) fn remove_member(&mut self, guild_id: Id, user_id: Id) {
        let Some(guild) = self.guilds.get_mut(&guild_id) else { return };
        if guild.members.remove(&user_id).is_none() {
            return;
        }
        let managed: Vec<Id> = guild
            .roles
            .values()
            .filter(|role| role.bot_id == Some(user_id))
            .map(|role| role.id)
            .collect();
        let user = self.user_json(user_id);
        self.emit(
            "GUILD_MEMBER_REMOVE",
            Scope::Guild(guild_id),
            json!({"guild_id": guild_id, "user": user}),
        );
        for role_id in managed {
            self.drop_role(guild_id, role_id);
        }
        if self.users.get(&user_id).is_some_and(|user| user.bot) {
            self.emit("GUILD_DELETE", Scope::User(user_id), json!({"id": guild_id}));
        }
    }

    /// Adds an application's bot to a server with a managed role of these permissions, as the invite page
    /// does. The actor needs Manage Server. Adding it twice only changes the role.
    pub fn add_bot(
        &mut self,
        actor: Id,
        guild_id: Id,
        application_id: Id,
        permissions: Permissions,
    ) -> Result<(), ApiError> {
        self.require_in_guild(guild_id, actor, p::MANAGE_GUILD)?;
        let application =
            self.applications.get(&application_id).ok_or(error::UNKNOWN_APPLICATION)?;
        let (bot, name) = (application.bot, application.name.clone());
        let known =
            self.guilds.get(&guild_id).is_some_and(|guild| guild.members.contains_key(&bot));
        if let Some(role) = self
            .guilds
            .get_mut(&guild_id)
            .and_then(|guild| guild.roles.values_mut().find(|role| role.bot_id == Some(bot)))
        {
            role.permissions = permissions;
            let role_id = role.id;
            self.tell_role("GUILD_ROLE_UPDATE", guild_id, role_id);
            return Ok(());
        }
        if !known {
            self.insert_member(guild_id, bot);
        }
        if permissions != 0 {
            let role_id = self.new_id();
            self.insert_role(guild_id, role_id, &name, permissions, Some(bot));
            if let Some(member) =
                self.guilds.get_mut(&guild_id).and_then(|guild| guild.members.get_mut(&bot))
            {
                member.roles.insert(role_id);
            }
            self.tell_role("GUILD_ROLE_CREATE", guild_id, role_id);
        }
        if !known {
            self.announce_guild(guild_id, bot);
            self.tell_member_add(guild_id, bot);
        }
        Ok(())
    }

    /// Removes an application's bot from a server. The actor needs Kick Members.
    pub fn remove_bot(
        &mut self,
        actor: Id,
        guild_id: Id,
        application_id: Id,
    ) -> Result<(), ApiError> {
        let bot = self.applications.get(&application_id).ok_or(error::UNKNOWN_APPLICATION)?.bot;
        self.kick(actor, guild_id, bot)
    }

    /// Removes a member against their will: Kick Members, and a higher place than theirs.
    pub fn kick(&mut self, actor: Id, guild_id: Id, user_id: Id) -> Result<(), ApiError> {
        let guild = self.require_in_guild(guild_id, actor, p::KICK_MEMBERS)?;
        if !guild.members.contains_key(&user_id) {
            return Err(error::UNKNOWN_MEMBER.into());
        }
        if super::access::rank(guild, user_id) >= super::access::rank(guild, actor) {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        self.remove_member(guild_id, user_id);
        Ok(())
    }

    /// Sends `GUILD_CREATE` for one server to a bot's sessions.
    pub(crate) fn announce_guild(&mut self, guild_id: Id, bot: Id) {
        self.send_guild_create(guild_id, bot);
    }

    /// Changes a server (`name`, `icon`, `description`, `system_channel_id`, `preferred_locale`,
    /// `verification_level`, `owner_id`); needs Manage Server, and being the owner to hand it over.
    pub fn edit_guild(&mut self, actor: Id, guild_id: Id, body: &Value) -> Result<Value, ApiError> {
        let guild = self.require_in_guild(guild_id, actor, p::MANAGE_GUILD)?;
        let mut form = FormErrors::default();
        if let Some(name) = fields::text(body, "name") {
            form.length("name", name, 2, 100);
        }
        if fields::has(body, "owner_id") && guild.owner_id != actor {
            return Err(error::OWNER_ONLY.into());
        }
        if let Some(channel) = fields::id(body, "system_channel_id")
            && !guild.channels.contains(&channel)
        {
            form.add("system_channel_id", "CHANNEL_DOES_NOT_EXIST", "Channel does not exist");
        }
        form.check()?;
        let now = self.now();
        let guild = self.guilds.get_mut(&guild_id).ok_or(error::UNKNOWN_GUILD)?;
        if let Some(name) = fields::text(body, "name") {
            name.clone_into(&mut guild.name);
        }
        if fields::has(body, "description") {
            guild.description = fields::text(body, "description").map(str::to_owned);
        }
        if fields::has(body, "icon") {
            guild.icon = fields::text(body, "icon").map(|_| format!("{now:032x}"));
        }
        if fields::has(body, "system_channel_id") {
            guild.system_channel_id = fields::id(body, "system_channel_id");
        }
        if let Some(locale) = fields::text(body, "preferred_locale") {
            locale.clone_into(&mut guild.preferred_locale);
        }
        if let Some(level) = fields::int(body, "verification_level") {
            guild.verification_level = u8::try_from(level.clamp(0, 4)).unwrap_or(0);
        }
        if let Some(owner) = fields::id(body, "owner_id") {
            guild.owner_id = owner;
        }
        Ok(self.tell_guild_update(guild_id))
    }

    fn tell_guild_update(&mut self, guild_id: Id) -> Value {
        let Some(guild) = self.guilds.get(&guild_id) else { return Value::Null };
        let data = self.guild_json(guild, false);
        self.emit("GUILD_UPDATE", Scope::Guild(guild_id), data.clone());
        data
    }

    /// Sets what Discord shows about a raid ("security actions").
    pub(crate) fn set_incidents(&mut self, guild_id: Id, incidents: Value) {
        if let Some(guild) = self.guilds.get_mut(&guild_id) {
            guild.incidents = Some(incidents);
            self.tell_guild_update(guild_id);
        }
    }

    /// Sets a server's icon hash; the CDN draws a picture for any hash.
    pub fn set_guild_icon(&mut self, guild_id: Id, hash: Option<String>) {
        if let Some(guild) = self.guilds.get_mut(&guild_id) {
            guild.icon = hash;
            self.tell_guild_update(guild_id);
        }
    }

    /// Adds a custom emoji to a server and returns its id.
    pub fn add_emoji(&mut self, guild_id: Id, name: &str) -> Result<Id, ApiError> {
        let id = self.new_id();
        let guild = self.guilds.get_mut(&guild_id).ok_or(error::UNKNOWN_GUILD)?;
        guild.emojis.insert(id, Emoji { id, name: name.to_owned(), animated: false });
        let emojis: Vec<Value> = guild.emojis.values().map(super::render::emoji_json).collect();
        self.emit(
            "GUILD_EMOJIS_UPDATE",
            Scope::Guild(guild_id),
            json!({"guild_id": guild_id, "emojis": emojis}),
        );
        Ok(id)
    }

    /// Deletes a server for good. Only the owner may.
    pub fn delete_guild(&mut self, actor: Id, guild_id: Id) -> Result<(), ApiError> {
        if self.known_guild(guild_id, actor)?.owner_id != actor {
            return Err(error::OWNER_ONLY.into());
        }
        self.emit("GUILD_DELETE", Scope::Guild(guild_id), json!({"id": guild_id}));
        if let Some(guild) = self.guilds.remove(&guild_id) {
            for channel in guild.channels {
                self.channels.remove(&channel);
            }
        }
        self.webhooks.retain(|_, webhook| webhook.guild_id != guild_id);
        Ok(())
    }

    /// Plays an outage of a server (`GUILD_DELETE` with `unavailable`) or its end (`GUILD_CREATE`).
    pub fn set_guild_unavailable(
        &mut self,
        guild_id: Id,
        unavailable: bool,
    ) -> Result<(), ApiError> {
        let guild = self.guilds.get_mut(&guild_id).ok_or(error::UNKNOWN_GUILD)?;
        if std::mem::replace(&mut guild.unavailable, unavailable) == unavailable {
            return Ok(());
        }
        if unavailable {
            let data = json!({"id": guild_id, "unavailable": true});
            self.emit("GUILD_DELETE", Scope::Guild(guild_id), data);
        } else {
            let bots: Vec<Id> =
                self.applications.values().map(|application| application.bot).collect();
            for bot in bots {
                self.announce_guild(guild_id, bot);
            }
        }
        Ok(())
    }
}
