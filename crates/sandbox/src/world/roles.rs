//! Roles.

use serde_json::{Value, json};

use super::World;
use super::access::rank;
use super::events::Scope;
use super::fields;
use super::model::Role;
use super::render::role_json;
use crate::error::{self, ApiError, FormErrors};
use crate::id::Id;
use crate::permissions::{self as p, Permissions};

/// Roles of a server, `@everyone` included.
const MOST_ROLES: usize = 250;

impl World {
    /// Makes a role below the bot's own (position 1); needs Manage Roles. Permissions that the actor lacks
    /// are refused (50013).
    pub fn create_role(
        &mut self,
        actor: Id,
        guild_id: Id,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let guild = self.require_in_guild(guild_id, actor, p::MANAGE_ROLES)?;
        if guild.roles.len() >= MOST_ROLES {
            return Err(error::MAX_ROLES.into());
        }
        let everyone = guild.roles.get(&guild_id).map_or(0, |role| role.permissions);
        self.check_role(actor, guild_id, body)?;
        let id = self.new_id();
        let name = fields::text(body, "name").unwrap_or("new role").to_owned();
        let permissions = fields::bits(body, "permissions").unwrap_or(everyone);
        self.insert_role(guild_id, id, &name, permissions, None);
        self.apply_role(guild_id, id, body);
        Ok(self.tell_role("GUILD_ROLE_CREATE", guild_id, id))
    }

    /// Puts a role into a server under a given id, right above `@everyone`, moving the others up.
    /// No check, no event.
    pub fn insert_role(
        &mut self,
        guild_id: Id,
        id: Id,
        name: &str,
        permissions: Permissions,
        bot_id: Option<Id>,
    ) {
        let Some(guild) = self.guilds.get_mut(&guild_id) else { return };
        for role in guild.roles.values_mut().filter(|role| role.position >= 1) {
            role.position += 1;
        }
        let role = Role {
            id,
            name: name.to_owned(),
            permissions,
            position: 1,
            color: 0,
            hoist: false,
            managed: bot_id.is_some(),
            mentionable: false,
            unicode_emoji: None,
            bot_id,
        };
        guild.roles.insert(id, role);
    }

    /// Sets a role's place in the hierarchy without check or event (fixed worlds).
    pub fn place_role(&mut self, guild_id: Id, role_id: Id, position: i64) {
        if let Some(role) = self.guilds.get_mut(&guild_id).and_then(|g| g.roles.get_mut(&role_id)) {
            role.position = position;
        }
    }

    fn check_role(&self, actor: Id, guild_id: Id, body: &Value) -> Result<(), ApiError> {
        let mut form = FormErrors::default();
        if let Some(name) = fields::text(body, "name") {
            form.length("name", name, 0, 100);
        }
        if let Some(color) = fields::int(body, "color")
            && !(0..=0xFF_FFFF).contains(&color)
        {
            form.add(
                "color",
                "NUMBER_TYPE_MAX",
                "int value should be less than or equal to 16777215.",
            );
        }
        form.check()?;
        let held = self.guild_permissions(guild_id, actor);
        let wanted = fields::bits(body, "permissions").unwrap_or(0);
        if wanted & p::ALL & !held != 0 {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        Ok(())
    }

    fn apply_role(&mut self, guild_id: Id, role_id: Id, body: &Value) {
        let Some(role) = self.guilds.get_mut(&guild_id).and_then(|g| g.roles.get_mut(&role_id))
        else {
            return;
        };
        if let Some(name) = fields::text(body, "name") {
            name.clone_into(&mut role.name);
        }
        let color = fields::int(body, "color")
            .or_else(|| body.get("colors").and_then(|colors| fields::int(colors, "primary_color")));
        if let Some(color) = color.and_then(|color| u32::try_from(color).ok()) {
            role.color = color;
        }
        if let Some(permissions) = fields::bits(body, "permissions") {
            role.permissions = permissions;
        }
        role.hoist = fields::flag(body, "hoist").unwrap_or(role.hoist);
        role.mentionable = fields::flag(body, "mentionable").unwrap_or(role.mentionable);
        if fields::has(body, "unicode_emoji") {
            role.unicode_emoji = fields::text(body, "unicode_emoji").map(str::to_owned);
        }
    }

    fn role_below(&self, actor: Id, guild_id: Id, role_id: Id) -> Result<(), ApiError> {
        let guild = self.require_in_guild(guild_id, actor, p::MANAGE_ROLES)?;
        let role = guild.roles.get(&role_id).ok_or(error::UNKNOWN_ROLE)?;
        if role.position >= rank(guild, actor) {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        Ok(())
    }

    /// Changes a role below the actor's highest.
    pub fn edit_role(
        &mut self,
        actor: Id,
        guild_id: Id,
        role_id: Id,
        body: &Value,
    ) -> Result<Value, ApiError> {
        self.role_below(actor, guild_id, role_id)?;
        self.check_role(actor, guild_id, body)?;
        self.apply_role(guild_id, role_id, body);
        Ok(self.tell_role("GUILD_ROLE_UPDATE", guild_id, role_id))
    }

    /// Moves roles: `[{"id", "position"}]`. Answers all roles.
    pub fn move_roles(
        &mut self,
        actor: Id,
        guild_id: Id,
        body: &Value,
    ) -> Result<Vec<Value>, ApiError> {
        let guild = self.require_in_guild(guild_id, actor, p::MANAGE_ROLES)?;
        let highest = rank(guild, actor);
        let moves: Vec<(Id, i64)> = body
            .as_array()
            .map(|list| {
                list.iter()
                    .filter_map(|item| {
                        Some((fields::id(item, "id")?, fields::int(item, "position")?))
                    })
                    .collect()
            })
            .unwrap_or_default();
        for (id, position) in &moves {
            let role = guild.roles.get(id).ok_or(error::UNKNOWN_ROLE)?;
            if role.position >= highest || *position >= highest || *id == guild_id {
                return Err(error::MISSING_PERMISSIONS.into());
            }
        }
        for (id, position) in moves {
            self.place_role(guild_id, id, position);
            self.tell_role("GUILD_ROLE_UPDATE", guild_id, id);
        }
        let guild = self.guilds.get(&guild_id).ok_or(error::UNKNOWN_GUILD)?;
        Ok(guild.roles.values().map(role_json).collect())
    }

    /// Deletes a role below the actor's highest; managed ones and `@everyone` stay.
    pub fn delete_role(&mut self, actor: Id, guild_id: Id, role_id: Id) -> Result<(), ApiError> {
        self.role_below(actor, guild_id, role_id)?;
        let managed = self
            .guilds
            .get(&guild_id)
            .and_then(|guild| guild.roles.get(&role_id))
            .is_some_and(|role| role.managed);
        if managed || role_id == guild_id {
            return Err(error::INVALID_ROLE.into());
        }
        self.drop_role(guild_id, role_id);
        Ok(())
    }

    pub(crate) fn drop_role(&mut self, guild_id: Id, role_id: Id) {
        let Some(guild) = self.guilds.get_mut(&guild_id) else { return };
        guild.roles.remove(&role_id);
        for member in guild.members.values_mut() {
            member.roles.remove(&role_id);
        }
        let channels: Vec<Id> = guild.channels.iter().copied().collect();
        for id in channels {
            if let Some(channel) = self.channels.get_mut(&id) {
                channel.overwrites.remove(&role_id);
            }
        }
        let data = json!({"guild_id": guild_id, "role_id": role_id});
        self.emit("GUILD_ROLE_DELETE", Scope::Guild(guild_id), data);
    }

    pub(crate) fn tell_role(&mut self, name: &'static str, guild_id: Id, role_id: Id) -> Value {
        let Some(role) = self.guilds.get(&guild_id).and_then(|guild| guild.roles.get(&role_id))
        else {
            return Value::Null;
        };
        let role = role_json(role);
        self.emit(name, Scope::Guild(guild_id), json!({"guild_id": guild_id, "role": role}));
        role
    }
}
