//! Pins.

use serde_json::{Value, json};

use super::World;
use super::events::Scope;
use super::model::Message;
use crate::error::{self, ApiError};
use crate::id::{Id, timestamp};
use crate::permissions as p;

/// Pins of a channel.
const MOST_PINS: usize = 250;

impl World {
    /// Pins a message: Pin Messages, or Manage Messages as before 2026. Pinning twice is nothing.
    pub fn pin(&mut self, actor: Id, channel_id: Id, message_id: Id) -> Result<(), ApiError> {
        let message = self.pinnable(actor, channel_id, message_id)?;
        if message.pinned {
            return Ok(());
        }
        let full = self.channel(channel_id).is_some_and(|channel| channel.pins.len() >= MOST_PINS);
        if full {
            return Err(error::MAX_PINS.into());
        }
        let now = self.now();
        if let Some(channel) = self.channels.get_mut(&channel_id) {
            channel.pins.insert(0, (message_id, now));
            channel.last_pin_timestamp = Some(now);
        }
        self.set_pinned(channel_id, message_id, true);
        self.system_message(channel_id, actor, 6, Some(message_id));
        Ok(())
    }

    /// Takes a pin away.
    pub fn unpin(&mut self, actor: Id, channel_id: Id, message_id: Id) -> Result<(), ApiError> {
        if !self.pinnable(actor, channel_id, message_id)?.pinned {
            return Ok(());
        }
        if let Some(channel) = self.channels.get_mut(&channel_id) {
            channel.pins.retain(|(id, _)| *id != message_id);
        }
        self.set_pinned(channel_id, message_id, false);
        Ok(())
    }

    fn pinnable(&self, actor: Id, channel_id: Id, message_id: Id) -> Result<&Message, ApiError> {
        self.visible_channel(channel_id, actor)?;
        let bits = self.channel_permissions(channel_id, actor);
        if bits & (p::PIN_MESSAGES | p::MANAGE_MESSAGES) == 0 {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        self.visible_message(actor, channel_id, message_id)
    }

    fn set_pinned(&mut self, channel_id: Id, message_id: Id, pinned: bool) {
        let Some(channel) = self.channels.get_mut(&channel_id) else { return };
        let (guild_id, at) = (channel.guild_id, channel.last_pin_timestamp);
        let Some(message) = channel.messages.get_mut(&message_id) else { return };
        message.pinned = pinned;
        let message = message.clone();
        self.emit_message("MESSAGE_UPDATE", &message);
        let data = json!({"channel_id": channel_id, "guild_id": guild_id,
            "last_pin_timestamp": at.map(timestamp)});
        self.emit("CHANNEL_PINS_UPDATE", Scope::Channel(channel_id), data);
    }

    /// Pinned messages, newest pin first, with the moment of pinning (milliseconds UTC). 50001 when hidden.
    pub fn pins(&self, actor: Id, channel_id: Id) -> Result<Vec<(i64, Value)>, ApiError> {
        let channel = self.require_in_channel(channel_id, actor, p::READ_MESSAGE_HISTORY)?;
        Ok(channel
            .pins
            .iter()
            .filter_map(|(id, at)| {
                Some((*at, self.message_json(channel.messages.get(id)?, Some(actor))))
            })
            .collect())
    }
}
