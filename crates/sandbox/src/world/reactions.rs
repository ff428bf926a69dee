//! Reactions.

use serde_json::{Value, json};

use super::World;
use super::events::Scope;
use super::model::Reaction;
use super::render::reaction_emoji_json;
use crate::error::{self, ApiError};
use crate::id::Id;
use crate::permissions as p;

/// Different reactions on one message.
const MOST_REACTIONS: usize = 20;

/// An emoji as addresses name it: `name:id` for custom ones, the character itself otherwise.
fn parse_emoji(text: &str) -> Option<(String, Option<Id>)> {
    match text.rsplit_once(':') {
        Some((name, id)) => {
            Some((name.trim_start_matches("a:").to_owned(), Some(id.parse().ok()?)))
        }
        None if text.is_empty() || text.is_ascii() => None,
        None => Some((text.to_owned(), None)),
    }
}

fn same(reaction: &Reaction, name: &str, emoji_id: Option<Id>) -> bool {
    match emoji_id {
        Some(id) => reaction.emoji_id == Some(id),
        None => reaction.emoji_id.is_none() && reaction.name == name,
    }
}

impl World {
    /// Reacts to a message. `emoji` is a character or `name:id`. A new reaction needs Add Reactions.
    pub fn react(
        &mut self,
        actor: Id,
        channel_id: Id,
        message_id: Id,
        emoji: &str,
    ) -> Result<(), ApiError> {
        let (name, emoji_id) = parse_emoji(emoji).ok_or(error::UNKNOWN_EMOJI)?;
        if let Some(id) = emoji_id
            && !self.guilds.values().any(|guild| guild.emojis.contains_key(&id))
        {
            return Err(error::UNKNOWN_EMOJI.into());
        }
        let message = self.visible_message(actor, channel_id, message_id)?;
        let known = message.reactions.iter().find(|reaction| same(reaction, &name, emoji_id));
        if known.is_some_and(|reaction| reaction.users.contains(&actor)) {
            return Ok(());
        }
        if known.is_none() {
            let full = message.reactions.len() >= MOST_REACTIONS;
            self.require_in_channel(channel_id, actor, p::ADD_REACTIONS)?;
            if full {
                return Err(error::MAX_REACTIONS.into());
            }
        }
        let Some(message) = self
            .channels
            .get_mut(&channel_id)
            .and_then(|channel| channel.messages.get_mut(&message_id))
        else {
            return Err(error::UNKNOWN_MESSAGE.into());
        };
        let author = message.author.id();
        match message.reactions.iter_mut().find(|reaction| same(reaction, &name, emoji_id)) {
            Some(reaction) => reaction.users.push(actor),
            None => {
                message.reactions.push(Reaction {
                    name: name.clone(),
                    emoji_id,
                    users: vec![actor],
                });
            }
        }
        let mut data = self.reaction_event(actor, channel_id, message_id, &name, emoji_id);
        data["message_author_id"] = json!(author);
        data["burst"] = json!(false);
        data["type"] = json!(0);
        let guild_id = self.channel(channel_id).and_then(|channel| channel.guild_id);
        if let Some(member) = guild_id.and_then(|id| self.member(id, actor).ok()) {
            data["member"] = self.member_json(member);
        }
        self.emit("MESSAGE_REACTION_ADD", Scope::Channel(channel_id), data);
        Ok(())
    }

    fn reaction_event(
        &self,
        user_id: Id,
        channel_id: Id,
        message_id: Id,
        name: &str,
        emoji_id: Option<Id>,
    ) -> Value {
        let mut data = json!({"user_id": user_id, "channel_id": channel_id, "message_id": message_id,
            "emoji": reaction_emoji_json(name, emoji_id)});
        if let Some(guild_id) = self.channel(channel_id).and_then(|channel| channel.guild_id) {
            data["guild_id"] = json!(guild_id);
        }
        data
    }

    /// Takes someone's reaction back; that of another needs Manage Messages.
    pub fn unreact(
        &mut self,
        actor: Id,
        channel_id: Id,
        message_id: Id,
        emoji: &str,
        user_id: Id,
    ) -> Result<(), ApiError> {
        let (name, emoji_id) = parse_emoji(emoji).ok_or(error::UNKNOWN_EMOJI)?;
        self.visible_message(actor, channel_id, message_id)?;
        if actor != user_id {
            self.require_in_channel(channel_id, actor, p::MANAGE_MESSAGES)?;
        }
        let Some(message) = self
            .channels
            .get_mut(&channel_id)
            .and_then(|channel| channel.messages.get_mut(&message_id))
        else {
            return Err(error::UNKNOWN_MESSAGE.into());
        };
        let mut gone = false;
        for reaction in message.reactions.iter_mut().filter(|r| same(r, &name, emoji_id)) {
            let before = reaction.users.len();
            reaction.users.retain(|id| *id != user_id);
            gone |= reaction.users.len() < before;
        }
        message.reactions.retain(|reaction| !reaction.users.is_empty());
        if gone {
            let mut data = self.reaction_event(user_id, channel_id, message_id, &name, emoji_id);
            data["burst"] = json!(false);
            data["type"] = json!(0);
            self.emit("MESSAGE_REACTION_REMOVE", Scope::Channel(channel_id), data);
        }
        Ok(())
    }

    /// Removes all reactions, or all of one emoji. Needs Manage Messages.
    pub fn clear_reactions(
        &mut self,
        actor: Id,
        channel_id: Id,
        message_id: Id,
        emoji: Option<&str>,
    ) -> Result<(), ApiError> {
        let emoji = emoji.map(|text| parse_emoji(text).ok_or(error::UNKNOWN_EMOJI)).transpose()?;
        self.visible_message(actor, channel_id, message_id)?;
        self.require_in_channel(channel_id, actor, p::MANAGE_MESSAGES)?;
        if let Some(message) = self
            .channels
            .get_mut(&channel_id)
            .and_then(|channel| channel.messages.get_mut(&message_id))
        {
            match &emoji {
                Some((name, id)) => message.reactions.retain(|reaction| !same(reaction, name, *id)),
                None => message.reactions.clear(),
            }
        }
        let guild_id = self.channel(channel_id).and_then(|channel| channel.guild_id);
        let mut data =
            json!({"channel_id": channel_id, "message_id": message_id, "guild_id": guild_id});
        let name = if let Some((name, id)) = emoji {
            data["emoji"] = reaction_emoji_json(&name, id);
            "MESSAGE_REACTION_REMOVE_EMOJI"
        } else {
            "MESSAGE_REACTION_REMOVE_ALL"
        };
        self.emit(name, Scope::Channel(channel_id), data);
        Ok(())
    }

    /// Who gave a reaction, by id after `after`.
    pub fn reactors(
        &self,
        actor: Id,
        channel_id: Id,
        message_id: Id,
        emoji: &str,
        after: Id,
        limit: usize,
    ) -> Result<Vec<Value>, ApiError> {
        let (name, emoji_id) = parse_emoji(emoji).ok_or(error::UNKNOWN_EMOJI)?;
        let message = self.visible_message(actor, channel_id, message_id)?;
        let mut users: Vec<Id> = message
            .reactions
            .iter()
            .filter(|reaction| same(reaction, &name, emoji_id))
            .flat_map(|reaction| reaction.users.iter().copied())
            .filter(|id| *id > after)
            .collect();
        users.sort_unstable();
        Ok(users.into_iter().take(limit).map(|id| self.user_json(id)).collect())
    }
}
