//! Short ways for a person to act, for tests and the chat page.

use bytes::Bytes;
use serde_json::{Value, json};

use super::World;
use super::model::{Message, Upload, channel_type};
use crate::error::ApiError;
use crate::id::Id;

impl World {
    /// Sends plain text.
    pub fn say(&mut self, person: Id, channel_id: Id, text: &str) -> Result<Id, ApiError> {
        self.send_message(person, channel_id, &json!({"content": text}), Vec::new())
    }

    /// Sends a reply.
    pub fn reply(
        &mut self,
        person: Id,
        channel_id: Id,
        to: Id,
        text: &str,
    ) -> Result<Id, ApiError> {
        let body = json!({"content": text, "message_reference": {"message_id": to}});
        self.send_message(person, channel_id, &body, Vec::new())
    }

    /// Sends a text with one file.
    pub fn send_file(
        &mut self,
        person: Id,
        channel_id: Id,
        text: &str,
        filename: &str,
        data: impl Into<Bytes>,
    ) -> Result<Id, ApiError> {
        let upload = Upload {
            index: 0,
            filename: filename.to_owned(),
            content_type: None,
            data: data.into(),
        };
        self.send_message(person, channel_id, &json!({"content": text}), vec![upload])
    }

    /// The channels of a server that a person sees, as Discord sorts them: by position, then id.
    pub fn visible_channels(&self, person: Id, guild_id: Id) -> Vec<Value> {
        let mut channels: Vec<_> = self
            .channels_of(guild_id)
            .filter(|channel| self.can_view(channel.id, person))
            .collect();
        channels.sort_by_key(|channel| (channel.position, channel.id));
        channels.into_iter().map(|channel| self.channel_json(channel, Some(person))).collect()
    }

    /// The first channel of a server with this name.
    pub fn channel_by_name(&self, guild_id: Id, name: &str) -> Option<Id> {
        self.channels_of(guild_id).find(|channel| channel.name == name).map(|channel| channel.id)
    }

    /// The channels below a category, by id.
    pub fn channels_in(&self, category_id: Id) -> Vec<Id> {
        let Some(guild_id) = self.channel(category_id).and_then(|category| category.guild_id)
        else {
            return Vec::new();
        };
        self.channels_of(guild_id)
            .filter(|channel| {
                channel.parent_id == Some(category_id) && channel.kind != channel_type::CATEGORY
            })
            .map(|channel| channel.id)
            .collect()
    }

    /// Every message of a channel, oldest first, ephemeral ones left out: the truth that transcripts are
    /// compared with.
    pub fn messages(&self, channel_id: Id) -> Vec<&Message> {
        self.channel(channel_id)
            .map(|channel| {
                channel.messages.values().filter(|m| m.ephemeral_for.is_none()).collect()
            })
            .unwrap_or_default()
    }
}
