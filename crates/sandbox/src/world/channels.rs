//! Channels of servers.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::World;
use super::events::Scope;
use super::fields;
use super::model::{Channel, channel_type};
use crate::error::{self, ApiError, FormErrors};
use crate::id::Id;
use crate::permissions as p;

/// Channels of a server, categories included and threads left out.
pub const MOST_CHANNELS: usize = 500;
/// Channels in one category.
pub const MOST_IN_CATEGORY: usize = 50;

impl World {
    /// Makes a channel: `name`, `type`, `topic`, `parent_id`, `permission_overwrites`, `nsfw`,
    /// `rate_limit_per_user`, `position`. Needs Manage Channels; overwrites may only give or take what the
    /// actor has. Refuses a 51st channel in a category (50035) and a 501st in the server (30013).
    pub fn create_channel(
        &mut self,
        actor: Id,
        guild_id: Id,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let guild = self.require_in_guild(guild_id, actor, p::MANAGE_CHANNELS)?;
        let count = guild
            .channels
            .iter()
            .filter_map(|id| self.channels.get(id))
            .filter(|channel| !channel.is_thread())
            .count();
        if count >= MOST_CHANNELS {
            return Err(error::MAX_CHANNELS.into());
        }
        let kind = u8::try_from(fields::int(body, "type").unwrap_or(0)).unwrap_or(u8::MAX);
        let mut form = FormErrors::default();
        if !matches!(kind, 0 | 2 | 4 | 5 | 13 | 15) {
            form.add("type", "BASE_TYPE_CHOICES", "Value must be one of {0, 2, 4, 5, 13, 15}.");
        }
        match fields::text(body, "name") {
            Some(name) => form.length("name", name.trim(), 1, 100),
            None => form.required("name"),
        }
        self.check_channel_fields(guild_id, None, kind, body, &mut form);
        form.check()?;
        let overwrites = self.read_overwrites(guild_id, body)?;
        if let Some(overwrites) = &overwrites {
            self.check_overwrites(actor, guild_id, None, overwrites.values())?;
        }
        let parent_id = fields::id(body, "parent_id");
        // A channel made in a category without overwrites of its own takes the category's.
        let overwrites = overwrites.unwrap_or_else(|| {
            parent_id
                .and_then(|id| self.channels.get(&id))
                .map(|c| c.overwrites.clone())
                .unwrap_or_default()
        });
        let id = self.new_id();
        let position = fields::int(body, "position")
            .unwrap_or_else(|| i64::try_from(count).unwrap_or(i64::MAX));
        let mut channel = blank_channel(id, Some(guild_id), kind, "");
        channel.position = position;
        channel.parent_id = parent_id;
        channel.overwrites = overwrites;
        self.insert_channel(channel);
        self.apply_channel(id, body);
        let data = self.tell_channel("CHANNEL_CREATE", id);
        Ok(data)
    }

    /// Puts a channel into its server without check or event (fixed worlds).
    pub fn insert_channel(&mut self, channel: Channel) {
        if let Some(guild) = channel.guild_id.and_then(|id| self.guilds.get_mut(&id)) {
            guild.channels.insert(channel.id);
        }
        self.channels.insert(channel.id, channel);
    }

    fn check_channel_fields(
        &self,
        guild_id: Id,
        channel_id: Option<Id>,
        kind: u8,
        body: &Value,
        form: &mut FormErrors,
    ) {
        if let Some(topic) = fields::text(body, "topic") {
            form.length("topic", topic, 0, if kind == channel_type::FORUM { 4096 } else { 1024 });
        }
        if let Some(seconds) = fields::int(body, "rate_limit_per_user")
            && !(0..=21_600).contains(&seconds)
        {
            let message = "int value should be less than or equal to 21600.";
            form.add("rate_limit_per_user", "NUMBER_TYPE_MAX", message);
        }
        let Some(parent_id) = fields::id(body, "parent_id") else { return };
        let parent = self.channels.get(&parent_id).filter(|parent| {
            parent.kind == channel_type::CATEGORY && parent.guild_id == Some(guild_id)
        });
        if parent.is_none() || kind == channel_type::CATEGORY {
            form.add("parent_id", "CHANNEL_PARENT_INVALID", "Category does not exist");
            return;
        }
        let full = self
            .channels_of(guild_id)
            .filter(|channel| channel.parent_id == Some(parent_id) && !channel.is_thread())
            .filter(|channel| Some(channel.id) != channel_id)
            .count()
            >= MOST_IN_CATEGORY;
        if full {
            let message = "Maximum number of channels in category reached (50)";
            form.add("parent_id", "CHANNEL_PARENT_MAX_CHANNELS", message);
        }
    }

    /// The channels and threads of a server, by id.
    pub fn channels_of(&self, guild_id: Id) -> impl Iterator<Item = &Channel> {
        self.guilds
            .get(&guild_id)
            .into_iter()
            .flat_map(|guild| guild.channels.iter())
            .filter_map(|id| self.channels.get(id))
    }

    /// Changes a channel or thread. Channels need Manage Channels (Manage Roles for overwrites); threads
    /// Manage Threads, or being their starter for `name`, `archived` and `auto_archive_duration`.
    pub fn edit_channel(
        &mut self,
        actor: Id,
        channel_id: Id,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let channel = self.visible_channel(channel_id, actor)?;
        if channel.is_thread() {
            return self.edit_thread(actor, channel_id, body);
        }
        let (Some(guild_id), kind) = (channel.guild_id, channel.kind) else {
            return Err(error::DM_CHANNEL.into());
        };
        self.require_in_channel(channel_id, actor, p::MANAGE_CHANNELS)?;
        let mut form = FormErrors::default();
        if let Some(name) = fields::text(body, "name") {
            form.length("name", name.trim(), 1, 100);
        }
        self.check_channel_fields(guild_id, Some(channel_id), kind, body, &mut form);
        form.check()?;
        if let Some(overwrites) = self.read_overwrites(guild_id, body)? {
            self.require_in_channel(channel_id, actor, p::MANAGE_ROLES)?;
            self.check_overwrites(actor, guild_id, Some(channel_id), overwrites.values())?;
            if let Some(channel) = self.channels.get_mut(&channel_id) {
                channel.overwrites = overwrites;
            }
        }
        self.apply_channel(channel_id, body);
        Ok(self.tell_channel("CHANNEL_UPDATE", channel_id))
    }

    fn apply_channel(&mut self, channel_id: Id, body: &Value) {
        let Some(channel) = self.channels.get_mut(&channel_id) else { return };
        if let Some(name) = fields::text(body, "name") {
            channel.name = clean_name(channel.kind, name);
        }
        if fields::has(body, "topic") {
            channel.topic =
                fields::text(body, "topic").filter(|topic| !topic.is_empty()).map(str::to_owned);
        }
        if fields::has(body, "parent_id") {
            channel.parent_id = fields::id(body, "parent_id");
        }
        if let Some(position) = fields::int(body, "position") {
            channel.position = position;
        }
        channel.nsfw = fields::flag(body, "nsfw").unwrap_or(channel.nsfw);
        if let Some(seconds) = fields::int(body, "rate_limit_per_user") {
            channel.rate_limit_per_user = u32::try_from(seconds).unwrap_or(0);
        }
    }

    /// Moves channels of a server: `[{"id", "position", "parent_id"}]`.
    pub fn move_channels(&mut self, actor: Id, guild_id: Id, body: &Value) -> Result<(), ApiError> {
        self.require_in_guild(guild_id, actor, p::MANAGE_CHANNELS)?;
        for item in body.as_array().into_iter().flatten() {
            let id = fields::id(item, "id").ok_or(error::UNKNOWN_CHANNEL)?;
            let channel = self.channels.get(&id).ok_or(error::UNKNOWN_CHANNEL)?;
            if channel.guild_id != Some(guild_id) {
                return Err(error::UNKNOWN_CHANNEL.into());
            }
            let mut form = FormErrors::default();
            self.check_channel_fields(guild_id, Some(id), channel.kind, item, &mut form);
            form.check()?;
            let mut change = json!({});
            for key in ["position", "parent_id"] {
                if let Some(value) = item.get(key) {
                    change[key] = value.clone();
                }
            }
            self.apply_channel(id, &change);
            self.tell_channel("CHANNEL_UPDATE", id);
        }
        Ok(())
    }

    /// Deletes a channel (Manage Channels) or thread (Manage Threads); a direct message is only closed.
    /// Answers the channel as it was. Channels of a deleted category stay, without a parent.
    pub fn delete_channel(&mut self, actor: Id, channel_id: Id) -> Result<Value, ApiError> {
        let channel = self.visible_channel(channel_id, actor)?;
        let Some(guild_id) = channel.guild_id else {
            return Ok(self.channel_json(channel, Some(actor)));
        };
        let thread = channel.is_thread();
        let needed = if thread { p::MANAGE_THREADS } else { p::MANAGE_CHANNELS };
        self.require_in_channel(channel_id, actor, needed)?;
        let channel = self.channels.get(&channel_id).ok_or(error::UNKNOWN_CHANNEL)?;
        let data = self.channel_json(channel, None);
        let children: Vec<Id> = self
            .channels_of(guild_id)
            .filter(|child| child.parent_id == Some(channel_id))
            .map(|child| child.id)
            .collect();
        if thread {
            let told = json!({"id": channel_id, "guild_id": guild_id,
                "parent_id": channel.parent_id, "type": channel.kind});
            self.emit("THREAD_DELETE", Scope::Channel(channel_id), told);
        } else {
            self.emit("CHANNEL_DELETE", Scope::Guild(guild_id), data.clone());
        }
        self.forget_channel(guild_id, channel_id);
        for child in children {
            if self.channels.get(&child).is_some_and(Channel::is_thread) {
                self.forget_channel(guild_id, child);
            } else {
                if let Some(child) = self.channels.get_mut(&child) {
                    child.parent_id = None;
                }
                self.tell_channel("CHANNEL_UPDATE", child);
            }
        }
        Ok(data)
    }

    fn forget_channel(&mut self, guild_id: Id, channel_id: Id) {
        self.channels.remove(&channel_id);
        self.webhooks.retain(|_, webhook| webhook.channel_id != channel_id);
        if let Some(guild) = self.guilds.get_mut(&guild_id) {
            guild.channels.remove(&channel_id);
        }
    }

    pub(crate) fn tell_channel(&mut self, name: &'static str, channel_id: Id) -> Value {
        let Some(channel) = self.channels.get(&channel_id) else { return Value::Null };
        let data = self.channel_json(channel, None);
        let scope = match channel.guild_id {
            Some(guild_id) if !channel.is_thread() => Scope::Guild(guild_id),
            _ => Scope::Channel(channel_id),
        };
        self.emit(name, scope, data.clone());
        data
    }

    /// Shows that someone types (`TYPING_START`). Needs Send Messages.
    pub fn type_in(&mut self, actor: Id, channel_id: Id) -> Result<(), ApiError> {
        let channel = self.visible_channel(channel_id, actor)?;
        let guild_id = channel.guild_id;
        let needed =
            if channel.is_thread() { p::SEND_MESSAGES_IN_THREADS } else { p::SEND_MESSAGES };
        self.require_in_channel(channel_id, actor, needed)?;
        let mut data =
            json!({"channel_id": channel_id, "user_id": actor, "timestamp": self.now() / 1_000});
        if let Some(guild_id) = guild_id {
            data["guild_id"] = json!(guild_id);
            if let Ok(member) = self.member(guild_id, actor) {
                data["member"] = self.member_json(member);
            }
        }
        self.emit("TYPING_START", Scope::Channel(channel_id), data);
        Ok(())
    }
}

/// A channel with nothing set.
pub fn blank_channel(id: Id, guild_id: Option<Id>, kind: u8, name: &str) -> Channel {
    Channel {
        id,
        kind,
        guild_id,
        parent_id: None,
        name: name.to_owned(),
        topic: None,
        position: 0,
        overwrites: BTreeMap::new(),
        nsfw: false,
        rate_limit_per_user: 0,
        last_message_id: None,
        last_pin_timestamp: None,
        recipients: Vec::new(),
        thread: None,
        messages: BTreeMap::new(),
        pins: Vec::new(),
    }
}

/// Names of text channels become lower case with dashes for spaces, as Discord writes them.
fn clean_name(kind: u8, name: &str) -> String {
    if matches!(kind, channel_type::TEXT | channel_type::NEWS | channel_type::FORUM) {
        name.trim().to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
    } else {
        name.trim().to_owned()
    }
}
