//! Incoming webhooks of channels.

use serde_json::{Value, json};

use super::World;
use super::events::Scope;
use super::fields;
use super::model::{Author, Channel, Message, Upload, Webhook, channel_type};
use crate::error::{self, ApiError, FormErrors};
use crate::id::Id;
use crate::permissions as p;

/// Webhooks of a channel.
const MOST_WEBHOOKS: usize = 15;

impl World {
    /// Makes a webhook in a channel; needs Manage Webhooks there.
    pub fn create_webhook(
        &mut self,
        actor: Id,
        channel_id: Id,
        body: &Value,
    ) -> Result<Id, ApiError> {
        let channel = self.require_in_channel(channel_id, actor, p::MANAGE_WEBHOOKS)?;
        let guild_id = channel.guild_id.ok_or(error::DM_CHANNEL)?;
        if channel.is_thread() || channel.kind == channel_type::CATEGORY {
            return Err(error::WRONG_CHANNEL_TYPE.into());
        }
        let name = check_name(body, true)?.unwrap_or_default();
        let count = self.webhooks.values().filter(|hook| hook.channel_id == channel_id).count();
        if count >= MOST_WEBHOOKS {
            return Err(error::MAX_WEBHOOKS.into());
        }
        let id = self.new_id();
        let webhook = Webhook {
            id,
            guild_id,
            channel_id,
            name,
            avatar: None,
            token: self.new_secret(68),
            creator: actor,
            application_id: self.application_by_bot(actor).map(|application| application.id),
        };
        self.webhooks.insert(id, webhook);
        self.tell_webhooks(guild_id, channel_id);
        Ok(id)
    }

    fn tell_webhooks(&mut self, guild_id: Id, channel_id: Id) {
        let data = json!({"guild_id": guild_id, "channel_id": channel_id});
        self.emit("WEBHOOKS_UPDATE", Scope::Channel(channel_id), data);
    }

    /// A webhook by id: 10015 when there is none; with a token, 50027 when it is wrong.
    pub fn webhook(&self, id: Id, token: Option<&str>) -> Result<&Webhook, ApiError> {
        let webhook = self.webhooks.get(&id).ok_or(error::UNKNOWN_WEBHOOK)?;
        match token {
            Some(token) if token != webhook.token => Err(error::INVALID_WEBHOOK_TOKEN.into()),
            _ => Ok(webhook),
        }
    }

    /// The webhooks of a channel or, without one, of a server.
    pub fn webhooks_of(
        &self,
        guild_id: Id,
        channel_id: Option<Id>,
    ) -> impl Iterator<Item = &Webhook> {
        self.webhooks.values().filter(move |webhook| {
            webhook.guild_id == guild_id && channel_id.is_none_or(|id| webhook.channel_id == id)
        })
    }

    /// Changes a webhook's `name` and, for members, `channel_id`. `actor` is `None` for the webhook's token.
    pub fn edit_webhook(
        &mut self,
        actor: Option<Id>,
        id: Id,
        body: &Value,
    ) -> Result<(), ApiError> {
        let webhook = self.webhook(id, None)?;
        let (guild_id, from) = (webhook.guild_id, webhook.channel_id);
        let target = fields::id(body, "channel_id").filter(|_| actor.is_some());
        if let Some(actor) = actor {
            self.require_in_channel(from, actor, p::MANAGE_WEBHOOKS)?;
            if let Some(target) = target {
                self.require_in_channel(target, actor, p::MANAGE_WEBHOOKS)?;
            }
        }
        let name = check_name(body, false)?;
        if let Some(webhook) = self.webhooks.get_mut(&id) {
            if let Some(name) = name {
                webhook.name = name;
            }
            if let Some(target) = target {
                webhook.channel_id = target;
            }
        }
        self.tell_webhooks(guild_id, from);
        Ok(())
    }

    /// Deletes a webhook; `actor` is `None` for the webhook's token.
    pub fn delete_webhook(&mut self, actor: Option<Id>, id: Id) -> Result<(), ApiError> {
        let webhook = self.webhook(id, None)?;
        let (guild_id, channel_id) = (webhook.guild_id, webhook.channel_id);
        if let Some(actor) = actor {
            self.require_in_channel(channel_id, actor, p::MANAGE_WEBHOOKS)?;
        }
        self.webhooks.remove(&id);
        self.tell_webhooks(guild_id, channel_id);
        Ok(())
    }

    /// Posts as a webhook: a message body with `username` and `avatar_url` besides; `thread_id` posts into
    /// a thread of the webhook's channel. Returns channel and message.
    pub fn execute_webhook(
        &mut self,
        id: Id,
        thread_id: Option<Id>,
        body: &Value,
        uploads: Vec<Upload>,
    ) -> Result<(Id, Id), ApiError> {
        let webhook = self.webhook(id, None)?.clone();
        let channel_id = thread_id.unwrap_or(webhook.channel_id);
        let channel = self.channels.get(&channel_id).ok_or(error::UNKNOWN_CHANNEL)?;
        if thread_id.is_some() && channel.parent_id != Some(webhook.channel_id) {
            return Err(error::UNKNOWN_CHANNEL.into());
        }
        let draft = self.read_draft(channel_id, body, uploads, None)?;
        if draft.is_empty() {
            return Err(error::EMPTY_MESSAGE.into());
        }
        let mut form = FormErrors::default();
        let username = fields::text(body, "username").filter(|name| !name.is_empty());
        if let Some(name) = username {
            form.length("username", name, 1, 80);
        }
        form.check()?;
        let name = username.map_or(webhook.name, str::to_owned);
        let author = Author::Webhook { id, name, avatar: webhook.avatar };
        let mut message = self.compose(author, channel_id, draft);
        message.application_id = webhook.application_id;
        // Webhooks may mention everyone.
        self.ring(&mut message, body, true);
        let message_id = message.id;
        self.post(&message);
        Ok((channel_id, message_id))
    }

    /// A message that a webhook posted, in its channel or one of its threads.
    pub fn webhook_message(
        &self,
        id: Id,
        message_id: Id,
        thread_id: Option<Id>,
    ) -> Result<&Message, ApiError> {
        let channel_id = thread_id.unwrap_or(self.webhook(id, None)?.channel_id);
        self.message(channel_id, message_id)
            .filter(|message| matches!(message.author, Author::Webhook { id: by, .. } if by == id))
            .ok_or_else(|| error::UNKNOWN_MESSAGE.into())
    }

    /// Whether a channel may hold webhooks.
    pub fn takes_webhooks(channel: &Channel) -> bool {
        !channel.is_thread() && channel.kind != channel_type::CATEGORY && channel.guild_id.is_some()
    }
}

/// Names have 1 to 80 characters and hold neither "clyde" nor "discord".
fn check_name(body: &Value, required: bool) -> Result<Option<String>, ApiError> {
    let mut form = FormErrors::default();
    let name = fields::text(body, "name").map(str::trim);
    match name {
        Some(name) => {
            form.length("name", name, 1, 80);
            let lower = name.to_lowercase();
            if let Some(word) = ["clyde", "discord"].into_iter().find(|word| lower.contains(word)) {
                let message = format!("Username cannot contain \"{word}\"");
                form.add("name", "USERNAME_INVALID_CONTAINS", &message);
            }
        }
        None if required => form.required("name"),
        None => {}
    }
    form.check()?;
    Ok(name.map(str::to_owned))
}
