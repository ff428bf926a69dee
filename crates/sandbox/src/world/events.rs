//! What happens, told to gateway sessions and to the chat page.

use std::sync::Arc;

use serde_json::Value;

use super::World;
use super::model::Message;
use crate::id::Id;

/// Who is told of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every member of the server.
    Guild(Id),
    /// Members who see the channel.
    Channel(Id),
    /// One person or bot.
    User(Id),
    /// One application, on the shard of this server (`None`: shard 0).
    Application(Id, Option<Id>),
}

/// One event as it happened, before intents cut it.
#[derive(Debug, Clone)]
pub struct WorldEvent {
    /// Gateway event name, for example `MESSAGE_CREATE`.
    pub name: &'static str,
    /// Who is told.
    pub scope: Scope,
    /// The server, when there is one.
    pub guild_id: Option<Id>,
    /// For message events, the author; `None` otherwise.
    pub author: Option<Id>,
    /// The `d` of the dispatch.
    pub data: Value,
}

impl World {
    /// Tells an event to all whom it concerns.
    pub(crate) fn emit(&mut self, name: &'static str, scope: Scope, data: Value) {
        let guild_id = match scope {
            Scope::Guild(id) => Some(id),
            Scope::Channel(id) => self.channels.get(&id).and_then(|channel| channel.guild_id),
            Scope::Application(_, guild) => guild,
            Scope::User(_) => None,
        };
        self.tell(WorldEvent { name, scope, guild_id, author: None, data });
    }

    /// Tells of a message created or changed. Ephemeral ones reach only their person.
    pub(crate) fn emit_message(&mut self, name: &'static str, message: &Message) {
        let mut data = self.message_json(message, None);
        if let Some(guild_id) = message.guild_id {
            data["guild_id"] = Value::String(guild_id.to_string());
            let author = message.author.id();
            if let Some(member) = self.partial_member_json(guild_id, author) {
                data["member"] = member;
            }
            if let Some(Value::Array(mentions)) = data.get_mut("mentions") {
                for (mention, user_id) in mentions.iter_mut().zip(&message.mentions) {
                    if let Some(member) = self.partial_member_json(guild_id, *user_id) {
                        mention["member"] = member;
                    }
                }
            }
        }
        let scope = match message.ephemeral_for {
            Some(person) => Scope::User(person),
            None => Scope::Channel(message.channel_id),
        };
        self.tell(WorldEvent {
            name,
            scope,
            guild_id: message.guild_id,
            author: Some(message.author.id()),
            data,
        });
    }

    fn tell(&mut self, event: WorldEvent) {
        self.dispatch_to_sessions(&event);
        self.publish(Arc::new(event));
    }

    /// Whether an event is told to a person (chat page) or a bot's user.
    pub fn is_told(&self, event: &WorldEvent, user_id: Id) -> bool {
        match event.scope {
            Scope::Guild(guild_id) => {
                self.guilds.get(&guild_id).is_some_and(|guild| guild.members.contains_key(&user_id))
            }
            Scope::Channel(channel_id) => self.can_view(channel_id, user_id),
            Scope::User(id) => id == user_id,
            Scope::Application(id, _) => {
                self.applications.get(&id).is_some_and(|application| application.bot == user_id)
            }
        }
    }

    /// Sends a recorded or made-up dispatch again to an application's sessions, as a test wants it
    /// ("the same event twice", "an unknown event"). Returns how many sessions got it.
    pub fn replay(&mut self, application_id: Id, name: &str, data: &Value) -> usize {
        let ids: Vec<String> = self
            .sessions
            .values()
            .filter(|session| session.application_id == application_id)
            .map(|session| session.id.clone())
            .collect();
        for id in &ids {
            if let Some(session) = self.sessions.get_mut(id) {
                session.push(name, data);
            }
        }
        ids.len()
    }

    /// Recent dispatches, oldest first.
    pub fn recent_events(&self) -> impl Iterator<Item = &Arc<WorldEvent>> {
        self.history.iter()
    }
}
