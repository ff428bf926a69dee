//! Application commands.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::World;
use super::fields;
use crate::error::{self, ApiError, FormErrors};
use crate::id::Id;
use crate::permissions as p;

/// Chat input commands in one scope.
const MOST_COMMANDS: usize = 100;

impl World {
    fn scope(&self, application_id: Id, guild_id: Option<Id>) -> Option<&BTreeMap<Id, Value>> {
        let application = self.applications.get(&application_id)?;
        match guild_id {
            Some(guild_id) => application.guild_commands.get(&guild_id),
            None => Some(&application.commands),
        }
    }

    fn scope_mut(
        &mut self,
        application_id: Id,
        guild_id: Option<Id>,
    ) -> Option<&mut BTreeMap<Id, Value>> {
        let application = self.applications.get_mut(&application_id)?;
        Some(match guild_id {
            Some(guild_id) => application.guild_commands.entry(guild_id).or_default(),
            None => &mut application.commands,
        })
    }

    /// The commands of an application, global (`None`) or of one server.
    pub fn commands(&self, application_id: Id, guild_id: Option<Id>) -> Vec<Value> {
        self.scope(application_id, guild_id)
            .map(|list| list.values().cloned().collect())
            .unwrap_or_default()
    }

    /// One command; 10063 when there is none.
    pub fn command(
        &self,
        application_id: Id,
        guild_id: Option<Id>,
        id: Id,
    ) -> Result<Value, ApiError> {
        let found = self.scope(application_id, guild_id).and_then(|list| list.get(&id)).cloned();
        found.ok_or_else(|| error::UNKNOWN_COMMAND.into())
    }

    /// Makes a command, or replaces the one of the same name and type; the flag says which (`true`: made).
    pub fn put_command(
        &mut self,
        application_id: Id,
        guild_id: Option<Id>,
        body: &Value,
    ) -> Result<(Value, bool), ApiError> {
        check_command(body, "")?;
        let kind = fields::int(body, "type").unwrap_or(1);
        let name = fields::text(body, "name").unwrap_or("");
        let list = self.scope(application_id, guild_id);
        let known = list.and_then(|list| {
            list.iter()
                .find(|(_, known)| known["name"] == name && known["type"] == kind)
                .map(|(id, _)| *id)
        });
        if known.is_none() && list.is_some_and(|list| list.len() >= MOST_COMMANDS) {
            return Err(error::MAX_COMMANDS.into());
        }
        let id = known.unwrap_or_else(|| self.new_id());
        let command = self.shown_command(application_id, guild_id, id, body);
        if let Some(list) = self.scope_mut(application_id, guild_id) {
            list.insert(id, command.clone());
        }
        Ok((command, known.is_none()))
    }

    fn shown_command(
        &mut self,
        application_id: Id,
        guild_id: Option<Id>,
        id: Id,
        body: &Value,
    ) -> Value {
        let mut command = json!({
            "id": id, "application_id": application_id, "version": self.new_id(),
            "type": fields::int(body, "type").unwrap_or(1), "default_member_permissions": null,
            "dm_permission": true, "contexts": null, "integration_types": [0],
            "description": "", "nsfw": false, "name_localizations": null,
            "description_localizations": null,
        });
        if let Some(guild_id) = guild_id {
            command["guild_id"] = json!(guild_id);
        }
        for key in [
            "name",
            "description",
            "name_localizations",
            "description_localizations",
            "options",
            "dm_permission",
            "contexts",
            "integration_types",
            "nsfw",
        ] {
            if let Some(value) = body.get(key) {
                command[key] = value.clone();
            }
        }
        if let Some(bits) = fields::bits(body, "default_member_permissions") {
            command["default_member_permissions"] = json!(bits.to_string());
        }
        command
    }

    /// Replaces all commands of a scope. Commands of the same name and type keep their ids.
    pub fn put_commands(
        &mut self,
        application_id: Id,
        guild_id: Option<Id>,
        body: &Value,
    ) -> Result<Vec<Value>, ApiError> {
        let wanted = body.as_array().map_or(&[][..], Vec::as_slice);
        if wanted.len() > MOST_COMMANDS {
            return Err(error::MAX_COMMANDS.into());
        }
        for (index, command) in wanted.iter().enumerate() {
            check_command(command, &index.to_string())?;
        }
        let before: Vec<(Id, Value)> = self
            .scope(application_id, guild_id)
            .map(|list| list.iter().map(|(id, command)| (*id, command.clone())).collect())
            .unwrap_or_default();
        let mut list = BTreeMap::new();
        for body in wanted {
            let kind = fields::int(body, "type").unwrap_or(1);
            let known =
                before.iter().find(|(_, old)| old["name"] == body["name"] && old["type"] == kind);
            let id = known.map_or_else(|| self.new_id(), |(id, _)| *id);
            list.insert(id, self.shown_command(application_id, guild_id, id, body));
        }
        let shown = list.values().cloned().collect();
        if let Some(scope) = self.scope_mut(application_id, guild_id) {
            *scope = list;
        }
        Ok(shown)
    }

    /// Changes a command.
    pub fn edit_command(
        &mut self,
        application_id: Id,
        guild_id: Option<Id>,
        id: Id,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let mut command = self.command(application_id, guild_id, id)?;
        if let (Some(old), Some(new)) = (command.as_object_mut(), body.as_object()) {
            old.extend(new.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
        check_command(&command, "")?;
        let command = self.shown_command(application_id, guild_id, id, &command);
        if let Some(list) = self.scope_mut(application_id, guild_id) {
            list.insert(id, command.clone());
        }
        Ok(command)
    }

    /// Deletes a command.
    pub fn delete_command(
        &mut self,
        application_id: Id,
        guild_id: Option<Id>,
        id: Id,
    ) -> Result<(), ApiError> {
        self.command(application_id, guild_id, id)?;
        if let Some(list) = self.scope_mut(application_id, guild_id) {
            list.remove(&id);
        }
        Ok(())
    }

    /// The commands that a person may run in a channel, of every bot in its server (or, in a direct
    /// message, of the bot there), by name. `default_member_permissions` is honoured.
    pub fn commands_for(&self, person: Id, channel_id: Id) -> Vec<Value> {
        let Some(channel) = self.channels.get(&channel_id) else { return Vec::new() };
        let bits = self.channel_permissions(channel_id, person);
        let may = |command: &&Value| {
            let needed = fields::bits(command, "default_member_permissions");
            channel.guild_id.is_none() || needed.is_none_or(|needed| bits & needed == needed)
        };
        let mut found: Vec<Value> = self
            .applications
            .values()
            .filter(|application| match channel.guild_id {
                Some(id) => {
                    bits & p::USE_APPLICATION_COMMANDS != 0
                        && self
                            .guilds
                            .get(&id)
                            .is_some_and(|g| g.members.contains_key(&application.bot))
                }
                None => channel.recipients.contains(&application.bot),
            })
            .flat_map(|application| {
                let local = channel.guild_id.and_then(|id| application.guild_commands.get(&id));
                application.commands.values().chain(local.into_iter().flat_map(BTreeMap::values))
            })
            .filter(|command| {
                channel.guild_id.is_some() || fields::flag(command, "dm_permission") != Some(false)
            })
            .filter(may)
            .cloned()
            .collect();
        found.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
        found
    }
}

/// Names: 1 to 32 lower-case characters; descriptions: 1 to 100; at most 25 options on each level.
fn check_command(body: &Value, path: &str) -> Result<(), ApiError> {
    let mut form = FormErrors::default();
    check_entry(body, path, &mut form, fields::int(body, "type").unwrap_or(1) == 1);
    form.check()
}

fn check_entry(body: &Value, path: &str, form: &mut FormErrors, slash: bool) {
    let at = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    let name = fields::text(body, "name").unwrap_or("");
    form.length(&at("name"), name, 1, 32);
    let valid =
        name.chars().all(|c| (c.is_alphanumeric() && !c.is_uppercase()) || c == '-' || c == '_');
    if slash && !valid {
        let message = "Command name is invalid";
        form.add(&at("name"), "APPLICATION_COMMAND_INVALID_NAME", message);
    }
    if slash {
        form.length(&at("description"), fields::text(body, "description").unwrap_or(""), 1, 100);
    }
    let options = fields::list(body, "options");
    if options.len() > 25 {
        form.add(&at("options"), "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.");
    }
    let mut optional = false;
    for (index, option) in options.iter().enumerate() {
        let path = at(&format!("options.{index}"));
        check_entry(option, &path, form, true);
        let required = fields::flag(option, "required").unwrap_or(false);
        if required && optional {
            let message = "Required options must be placed before non-required options";
            form.add(&path, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message);
        }
        optional |= !required;
        if fields::list(option, "choices").len() > 25 {
            form.add(
                &format!("{path}.choices"),
                "BASE_TYPE_MAX_LENGTH",
                "Must be 25 or fewer in length.",
            );
        }
    }
}
