//! Direct messages.

use super::World;
use super::channels::blank_channel;
use super::model::channel_type;
use crate::error::{self, ApiError};
use crate::id::Id;

impl World {
    /// The direct message channel of two people, made if there is none. 50033 for oneself or a stranger
    /// who does not exist.
    pub fn open_dm(&mut self, actor: Id, recipient: Id) -> Result<Id, ApiError> {
        if actor == recipient || !self.users.contains_key(&recipient) {
            return Err(error::INVALID_RECIPIENT.into());
        }
        let pair = (actor.min(recipient), actor.max(recipient));
        if let Some(id) = self.dms.get(&pair) {
            return Ok(*id);
        }
        let id = self.new_id();
        let mut channel = blank_channel(id, None, channel_type::DM, "");
        channel.recipients = vec![recipient, actor];
        self.channels.insert(id, channel);
        self.dms.insert(pair, id);
        Ok(id)
    }

    /// The direct messages of a person that hold at least one message, newest first.
    pub fn dms_of(&self, user_id: Id) -> Vec<Id> {
        let mut found: Vec<_> = self
            .dms
            .values()
            .filter_map(|id| self.channels.get(id))
            .filter(|channel| {
                channel.recipients.contains(&user_id) && channel.last_message_id.is_some()
            })
            .map(|channel| (channel.last_message_id, channel.id))
            .collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Whether a direct message from `sender` would arrive: they share a server (50278 otherwise) and the
    /// recipient has not closed direct messages (50007).
    pub(crate) fn check_dm(&self, channel_id: Id, sender: Id) -> Result<(), ApiError> {
        let channel = self.channels.get(&channel_id).ok_or(error::UNKNOWN_CHANNEL)?;
        let Some(recipient) = channel.recipients.iter().find(|id| **id != sender) else {
            return Ok(());
        };
        let user = self.users.get(recipient).ok_or(error::DM_REFUSED)?;
        let sender_is_bot = self.users.get(&sender).is_some_and(|user| user.bot);
        if user.bot && sender_is_bot || !user.bot && !user.dms_open {
            return Err(error::DM_REFUSED.into());
        }
        let shared = self.guilds.values().any(|guild| {
            guild.members.contains_key(&sender) && guild.members.contains_key(recipient)
        });
        if shared { Ok(()) } else { Err(error::NO_MUTUAL_GUILD.into()) }
    }
}
