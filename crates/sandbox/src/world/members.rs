//! Members: nicknames, roles, timeouts, lists and search.

use serde_json::{Value, json};

use super::World;
use super::access::rank;
use super::events::Scope;
use super::fields;
use super::model::Member;
use crate::error::{self, ApiError, FormErrors};
use crate::id::{Id, parse_timestamp};
use crate::permissions as p;

/// The longest timeout that Discord allows: 28 days, in milliseconds.
const LONGEST_TIMEOUT_MS: i64 = 28 * 24 * 60 * 60 * 1_000;

impl World {
    /// A member of a server; 10007 when the person is not in it.
    pub fn member(&self, guild_id: Id, user_id: Id) -> Result<&Member, ApiError> {
        let guild = self.guilds.get(&guild_id).ok_or(error::UNKNOWN_GUILD)?;
        guild.members.get(&user_id).ok_or_else(|| {
            let known = self.users.contains_key(&user_id);
            if known { error::UNKNOWN_MEMBER.into() } else { error::UNKNOWN_USER.into() }
        })
    }

    /// Changes a member: `nick`, `roles`, `communication_disabled_until`, `mute`, `deaf`.
    /// Each field needs its permission; roles and timeouts respect the hierarchy.
    pub fn edit_member(
        &mut self,
        actor: Id,
        guild_id: Id,
        user_id: Id,
        body: &Value,
    ) -> Result<Value, ApiError> {
        self.known_guild(guild_id, actor)?;
        self.member(guild_id, user_id)?;
        let held = self.guild_permissions(guild_id, actor);
        let needed = needed_permissions(body, actor == user_id);
        if held & needed != needed {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        let guild = self.guilds.get(&guild_id).ok_or(error::UNKNOWN_GUILD)?;
        if actor != user_id
            && rank(guild, user_id) >= rank(guild, actor)
            && fields_beyond_roles(body)
        {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        let mut form = FormErrors::default();
        if let Some(nick) = fields::text(body, "nick") {
            form.length("nick", nick, 0, 32);
        }
        let until = match fields::text(body, "communication_disabled_until") {
            Some(text) => {
                let until = parse_timestamp(text);
                if until.is_none_or(|until| until > self.now() + LONGEST_TIMEOUT_MS) {
                    form.add(
                        "communication_disabled_until",
                        "TIMESTAMP_TOO_FAR",
                        "Timeout must be within 28 days",
                    );
                }
                until
            }
            None => None,
        };
        form.check()?;
        if until.is_some() && self.guild_permissions(guild_id, user_id) & p::ADMINISTRATOR != 0 {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        if let Some(roles) = fields::ids(body, "roles") {
            self.replace_roles(actor, guild_id, user_id, &roles)?;
        }
        if let Some(member) =
            self.guilds.get_mut(&guild_id).and_then(|guild| guild.members.get_mut(&user_id))
        {
            if fields::has(body, "nick") {
                member.nick =
                    fields::text(body, "nick").filter(|n| !n.is_empty()).map(str::to_owned);
            }
            if fields::has(body, "communication_disabled_until") {
                member.timeout_until = until;
            }
            member.mute = fields::flag(body, "mute").unwrap_or(member.mute);
            member.deaf = fields::flag(body, "deaf").unwrap_or(member.deaf);
        }
        self.tell_member_update(guild_id, user_id);
        Ok(self.member_json(self.member(guild_id, user_id)?))
    }

    fn replace_roles(
        &mut self,
        actor: Id,
        guild_id: Id,
        user_id: Id,
        roles: &[Id],
    ) -> Result<(), ApiError> {
        let guild = self.guilds.get(&guild_id).ok_or(error::UNKNOWN_GUILD)?;
        let held =
            guild.members.get(&user_id).map(|member| member.roles.clone()).unwrap_or_default();
        let wanted: std::collections::BTreeSet<Id> =
            roles.iter().copied().filter(|id| *id != guild_id).collect();
        for changed in held.symmetric_difference(&wanted) {
            let role = guild.roles.get(changed).ok_or(error::UNKNOWN_ROLE)?;
            if role.managed || role.position >= rank(guild, actor) {
                return Err(error::MISSING_PERMISSIONS.into());
            }
        }
        if let Some(member) =
            self.guilds.get_mut(&guild_id).and_then(|guild| guild.members.get_mut(&user_id))
        {
            member.roles = wanted;
        }
        Ok(())
    }

    /// Gives a role (`give`) or takes it. Manage Roles, and the role below the actor's highest.
    pub fn set_member_role(
        &mut self,
        actor: Id,
        guild_id: Id,
        user_id: Id,
        role_id: Id,
        give: bool,
    ) -> Result<(), ApiError> {
        let guild = self.require_in_guild(guild_id, actor, p::MANAGE_ROLES)?;
        let role = guild.roles.get(&role_id).ok_or(error::UNKNOWN_ROLE)?;
        if !guild.members.contains_key(&user_id) {
            return Err(error::UNKNOWN_MEMBER.into());
        }
        if role_id == guild_id {
            return Err(error::INVALID_ROLE.into());
        }
        if role.managed || role.position >= rank(guild, actor) {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        let changed = self
            .guilds
            .get_mut(&guild_id)
            .and_then(|guild| guild.members.get_mut(&user_id))
            .is_some_and(|member| {
                if give { member.roles.insert(role_id) } else { member.roles.remove(&role_id) }
            });
        if changed {
            self.tell_member_update(guild_id, user_id);
        }
        Ok(())
    }

    pub(crate) fn tell_member_update(&mut self, guild_id: Id, user_id: Id) {
        let Ok(member) = self.member(guild_id, user_id) else { return };
        let mut data = self.member_json(member);
        data["guild_id"] = json!(guild_id);
        self.emit("GUILD_MEMBER_UPDATE", Scope::Guild(guild_id), data);
    }

    /// Members by id after `after`, at most `limit`.
    pub fn list_members(&self, guild_id: Id, after: Id, limit: usize) -> Vec<Value> {
        let Some(guild) = self.guilds.get(&guild_id) else { return Vec::new() };
        guild
            .members
            .range(Id(after.0.saturating_add(1))..)
            .take(limit)
            .map(|(_, member)| self.member_json(member))
            .collect()
    }

    /// Members whose username or nickname begins with `query`, ignoring case.
    pub fn search_members(&self, guild_id: Id, query: &str, limit: usize) -> Vec<Value> {
        let query = query.to_lowercase();
        let Some(guild) = self.guilds.get(&guild_id) else { return Vec::new() };
        let starts = |text: &str| text.to_lowercase().starts_with(&query);
        guild
            .members
            .values()
            .filter(|member| {
                let user = self.users.get(&member.user_id);
                member.nick.as_deref().is_some_and(starts)
                    || user.is_some_and(|user| {
                        starts(&user.username) || user.global_name.as_deref().is_some_and(starts)
                    })
            })
            .take(limit)
            .map(|member| self.member_json(member))
            .collect()
    }
}

fn needed_permissions(body: &Value, own: bool) -> p::Permissions {
    let mut needed = 0;
    if fields::has(body, "nick") {
        needed |= if own { p::CHANGE_NICKNAME } else { p::MANAGE_NICKNAMES };
    }
    if fields::has(body, "roles") {
        needed |= p::MANAGE_ROLES;
    }
    if fields::has(body, "communication_disabled_until") {
        needed |= p::MODERATE_MEMBERS;
    }
    if fields::has(body, "mute") {
        needed |= p::MUTE_MEMBERS;
    }
    if fields::has(body, "deaf") {
        needed |= p::DEAFEN_MEMBERS;
    }
    needed
}

fn fields_beyond_roles(body: &Value) -> bool {
    ["nick", "communication_disabled_until", "mute", "deaf"]
        .iter()
        .any(|key| fields::has(body, key))
}
