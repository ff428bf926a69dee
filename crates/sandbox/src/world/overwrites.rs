//! Permission overwrites of channels.

use std::collections::BTreeMap;

use serde_json::Value;

use super::World;
use super::fields;
use super::model::Overwrite;
use crate::error::{self, ApiError, FormErrors};
use crate::id::Id;
use crate::permissions::{self as p, Rule};

impl World {
    /// The `permission_overwrites` of a body; `None` when the field is absent or null. An overwrite for a
    /// role or person that does not exist is refused.
    pub(crate) fn read_overwrites(
        &self,
        guild_id: Id,
        body: &Value,
    ) -> Result<Option<BTreeMap<Id, Overwrite>>, ApiError> {
        let Some(list) = body.get("permission_overwrites").and_then(Value::as_array) else {
            return Ok(None);
        };
        let mut form = FormErrors::default();
        let mut overwrites = BTreeMap::new();
        for (index, item) in list.iter().enumerate() {
            let path = format!("permission_overwrites.{index}");
            let Some(id) = fields::id(item, "id") else {
                form.required(&format!("{path}.id"));
                continue;
            };
            let kind = self.overwrite_kind(guild_id, id, fields::int(item, "type"));
            let Some(kind) = kind else {
                form.add(&path, "CHANNEL_OVERWRITE_TARGET_INVALID", "Invalid overwrite target");
                continue;
            };
            let rule = Rule {
                allow: fields::bits(item, "allow").unwrap_or(0) & p::ALL,
                deny: fields::bits(item, "deny").unwrap_or(0) & p::ALL,
            };
            overwrites.insert(id, Overwrite { id, kind, rule });
        }
        form.check()?;
        Ok(Some(overwrites))
    }

    fn overwrite_kind(&self, guild_id: Id, id: Id, given: Option<i64>) -> Option<u8> {
        let role = self.guilds.get(&guild_id)?.roles.contains_key(&id);
        let person = self.users.contains_key(&id);
        match given {
            Some(0) => role.then_some(0),
            Some(1) => person.then_some(1),
            Some(_) => None,
            None if role => Some(0),
            None => person.then_some(1),
        }
    }

    /// Overwrites may only touch bits that the actor has, and Manage Roles only as an administrator.
    /// On an existing channel, unchanged overwrites are not judged again.
    pub(crate) fn check_overwrites<'a>(
        &self,
        actor: Id,
        guild_id: Id,
        channel_id: Option<Id>,
        overwrites: impl Iterator<Item = &'a Overwrite>,
    ) -> Result<(), ApiError> {
        let guild_bits = self.guild_permissions(guild_id, actor);
        if guild_bits & p::ADMINISTRATOR != 0 {
            return Ok(());
        }
        let held =
            channel_id.map_or(guild_bits, |id| self.channel_permissions(id, actor) | guild_bits);
        let before = channel_id.and_then(|id| self.channels.get(&id));
        for overwrite in overwrites {
            let old = before.and_then(|c| c.overwrites.get(&overwrite.id)).map(|o| o.rule);
            let old = old.unwrap_or(Rule { allow: 0, deny: 0 });
            let touched = (old.allow ^ overwrite.rule.allow) | (old.deny ^ overwrite.rule.deny);
            if touched & !held != 0 || touched & p::MANAGE_ROLES != 0 {
                return Err(error::MISSING_PERMISSIONS.into());
            }
        }
        Ok(())
    }

    /// Sets one overwrite (`allow`, `deny`, `type`): needs Manage Roles in the channel.
    pub fn set_overwrite(
        &mut self,
        actor: Id,
        channel_id: Id,
        target: Id,
        body: &Value,
    ) -> Result<(), ApiError> {
        let channel = self.require_in_channel(channel_id, actor, p::MANAGE_ROLES)?;
        let guild_id = channel.guild_id.ok_or(error::DM_CHANNEL)?;
        if channel.is_thread() {
            return Err(error::WRONG_CHANNEL_TYPE.into());
        }
        let kind = self.overwrite_kind(guild_id, target, fields::int(body, "type"));
        let kind = kind.ok_or(error::UNKNOWN_OVERWRITE)?;
        let rule = Rule {
            allow: fields::bits(body, "allow").unwrap_or(0) & p::ALL,
            deny: fields::bits(body, "deny").unwrap_or(0) & p::ALL,
        };
        let overwrite = Overwrite { id: target, kind, rule };
        self.check_overwrites(actor, guild_id, Some(channel_id), [overwrite].iter())?;
        if let Some(channel) = self.channels.get_mut(&channel_id) {
            channel.overwrites.insert(target, overwrite);
        }
        self.tell_channel("CHANNEL_UPDATE", channel_id);
        Ok(())
    }

    /// Removes one overwrite; 10009 when there is none.
    pub fn delete_overwrite(
        &mut self,
        actor: Id,
        channel_id: Id,
        target: Id,
    ) -> Result<(), ApiError> {
        self.require_in_channel(channel_id, actor, p::MANAGE_ROLES)?;
        let gone = self
            .channels
            .get_mut(&channel_id)
            .is_some_and(|c| c.overwrites.remove(&target).is_some());
        if !gone {
            return Err(error::UNKNOWN_OVERWRITE.into());
        }
        self.tell_channel("CHANNEL_UPDATE", channel_id);
        Ok(())
    }
}
