//! The port of the use-cases.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ids::{ChannelId, GuildId, MessageId, UserId};
use domain::permissions::Overwrite;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use wardesk_core::ports::{
    AttachmentSource, ChannelFacts, Discord, DiscordError, GuildFacts, GuildMember, NewChannel,
    NewMessage,
};

use super::Rest;
use super::calls::UNREADABLE;
use super::facts::{self, id, text};
use super::gate::Cargo;
use super::known::KnownGuild;
use super::route::Route;

impl Rest {
    async fn get(&self, route: Route) -> Result<Value, DiscordError> {
        self.0.gate.call(&route, Cargo::default()).await
    }

    async fn send(&self, route: Route, body: &Value) -> Result<Value, DiscordError> {
        self.0.gate.call(&route, Cargo { body: Some(body), ..Cargo::default() }).await
    }

    async fn load_guild(&self, guild: GuildId) -> Result<Arc<GuildFacts>, DiscordError> {
        // First the server alone: if the bot is not there, one call tells.
        let server = self.get(Route::guild(guild)).await?;
        let bot = self.bot().await?;
        let (channels, own) = tokio::try_join!(
            self.get(Route::guild_channels(guild)),
            self.get(Route::member(guild, bot)),
        )?;
        let channels: Vec<ChannelFacts> = channels
            .as_array()
            .map(|list| list.iter().filter_map(facts::channel).collect())
            .unwrap_or_default();
        self.0.gate.forbidden.note_homes(guild, channels.iter().map(|channel| channel.id));
        Ok(Arc::new(GuildFacts {
            id: guild,
            name: text(&server, "name").unwrap_or_default().to_owned(),
            icon: text(&server, "icon").map(str::to_owned),
            owner: id(&server, "owner_id").ok_or(UNREADABLE)?,
            roles: facts::list(&server, "roles", facts::role),
            channels,
            bot_roles: facts::role_ids(&own),
            bot,
        }))
    }
}

/// Discord's code for someone who is not on the server. Source: "JSON Error Codes".
const UNKNOWN_MEMBER: u32 = 10_007;
/// Discord's code for an account that is no more. Source: as above.
const UNKNOWN_USER: u32 = 10_013;
/// What is answered for somebody who was erased: Discord is not asked.
const ERASED: DiscordError = DiscordError::Gone { code: UNKNOWN_MEMBER };

fn message_json(message: &NewMessage) -> Value {
    let mut body = message.body.clone();
    if let (Some(nonce), Some(map)) = (&message.nonce, body.as_object_mut()) {
        map.insert("nonce".into(), json!(nonce));
        map.insert("enforce_nonce".into(), json!(true));
    }
    body
}

#[async_trait]
impl Discord for Rest {
    async fn guild(&self, guild: GuildId) -> Result<Arc<GuildFacts>, DiscordError> {
        let load = async { self.load_guild(guild).await.map(KnownGuild::new) };
        let known = self.known().guilds.try_get_with(guild, load).await;
        known.map(|k| k.facts()).map_err(|e| e.as_ref().clone())
    }

    async fn guild_fresh(&self, guild: GuildId) -> Result<Arc<GuildFacts>, DiscordError> {
        let facts = self.load_guild(guild).await?;
        self.known().guilds.insert(guild, KnownGuild::new(Arc::clone(&facts))).await;
        Ok(facts)
    }

    async fn bot(&self) -> Result<UserId, DiscordError> {
        // The inherent one, which the rest of this crate asks as well.
        Self::bot(self).await
    }

    async fn member(&self, guild: GuildId, user: UserId) -> Result<GuildMember, DiscordError> {
        if user.is_pseudonym() {
            return Err(ERASED);
        }
        let load = async {
            match self.get(Route::member(guild, user)).await {
                Ok(answer) => facts::member(&answer).map(Some).ok_or(UNREADABLE),
                Err(DiscordError::Gone { code: UNKNOWN_MEMBER }) => Ok(None),
                Err(error) => Err(error),
            }
        };
        let member = self.known().members.try_get_with((guild, user), load).await;
        let member = member.map_err(|e| e.as_ref().clone())?;
        member.ok_or(DiscordError::Gone { code: UNKNOWN_MEMBER })
    }

    async fn is_member(&self, guild: GuildId, user: UserId) -> Result<bool, DiscordError> {
        self.forget_member(guild, user).await;
        match self.member(guild, user).await {
            Ok(_) => Ok(true),
            Err(DiscordError::Gone { code: UNKNOWN_MEMBER | UNKNOWN_USER }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn search_members(
        &self,
        guild: GuildId,
        query: &str,
        limit: u8,
    ) -> Result<Vec<GuildMember>, DiscordError> {
        let key = (guild, query.to_lowercase(), limit.clamp(1, 100));
        let load = async {
            let query = [("query", query.to_owned()), ("limit", key.2.to_string())];
            let cargo = Cargo { query: &query, ..Cargo::default() };
            let found = self.0.gate.call(&Route::search_members(guild), cargo).await?;
            Ok::<_, DiscordError>(facts::members(&found))
        };
        let found = self.known().searches.try_get_with(key.clone(), load).await;
        found.map_err(|error: Arc<DiscordError>| error.as_ref().clone())
    }

    async fn create_channel(
        &self,
        guild: GuildId,
        channel: &NewChannel,
    ) -> Result<ChannelId, DiscordError> {
        let overwrites: Vec<Value> = channel.overwrites.iter().map(overwrite_with_id).collect();
        let mut body = json!({
            "name": channel.name,
            "type": 0,
            "topic": channel.topic,
            "permission_overwrites": overwrites,
        });
        if let Some(parent) = channel.parent {
            body["parent_id"] = json!(parent);
        }
        let cargo = Cargo { body: Some(&body), reason: Some(&channel.reason), ..Cargo::default() };
        let made = self.0.gate.call(&Route::create_channel(guild), cargo).await?;
        let made = facts::channel(&made).ok_or(UNREADABLE)?;
        let channel = made.id;
        self.note_channel(guild, made).await;
        Ok(channel)
    }

    async fn delete_channel(&self, channel: ChannelId, reason: &str) -> Result<(), DiscordError> {
        let cargo = Cargo { reason: Some(reason), ..Cargo::default() };
        self.0.gate.call(&Route::delete_channel(channel), cargo).await?;
        Ok(())
    }

    async fn set_overwrites(
        &self,
        guild: GuildId,
        channel: ChannelId,
        overwrites: &[Overwrite],
        reason: &str,
    ) -> Result<(), DiscordError> {
        let overwrites: Vec<Value> = overwrites.iter().map(overwrite_with_id).collect();
        let body = json!({ "permission_overwrites": overwrites });
        let cargo = Cargo { body: Some(&body), reason: Some(reason), ..Cargo::default() };
        let changed = self.0.gate.call(&Route::edit_channel(channel), cargo).await?;
        if let Some(changed) = facts::channel(&changed) {
            self.note_channel(guild, changed).await;
        }
        Ok(())
    }

    async fn put_overwrite(
        &self,
        channel: ChannelId,
        overwrite: &Overwrite,
    ) -> Result<(), DiscordError> {
        let (target, body) = facts::overwrite_json(overwrite);
        self.send(Route::overwrite(Method::PUT, channel, target), &body).await?;
        Ok(())
    }

    async fn delete_overwrite(&self, channel: ChannelId, user: UserId) -> Result<(), DiscordError> {
        if user.is_pseudonym() {
            return Err(ERASED);
        }
        self.get(Route::overwrite(Method::DELETE, channel, user.get())).await?;
        Ok(())
    }

    async fn create_message(
        &self,
        channel: ChannelId,
        message: &NewMessage,
    ) -> Result<Value, DiscordError> {
        let route = Route::create_message(channel, message.nonce.is_some());
        self.send(route, &message_json(message)).await
    }

    async fn edit_message(
        &self,
        channel: ChannelId,
        message: MessageId,
        edit: &NewMessage,
    ) -> Result<Value, DiscordError> {
        self.send(Route::message(Method::PATCH, channel, message), &edit.body).await
    }

    async fn delete_message(
        &self,
        channel: ChannelId,
        message: MessageId,
    ) -> Result<(), DiscordError> {
        self.get(Route::message(Method::DELETE, channel, message)).await?;
        Ok(())
    }

    async fn messages_after(
        &self,
        channel: ChannelId,
        after: Option<MessageId>,
    ) -> Result<Vec<Value>, DiscordError> {
        // From zero: "after" counts up from an id, while no parameter answers the newest page.
        let after = after.map_or_else(|| "0".to_owned(), |id| id.to_string());
        let query = [("after", after), ("limit", "100".to_owned())];
        let cargo = Cargo { query: &query, ..Cargo::default() };
        let Value::Array(mut page) = self.0.gate.call(&Route::messages(channel), cargo).await?
        else {
            return Err(UNREADABLE);
        };
        page.sort_by_key(|message| id::<MessageId>(message, "id"));
        Ok(page)
    }

    async fn dm_channel(&self, user: UserId) -> Result<ChannelId, DiscordError> {
        if user.is_pseudonym() {
            return Err(ERASED);
        }
        if let Some(channel) = self.known().direct.get(&user).await {
            return Ok(channel);
        }
        let answer = self.send(Route::dm_channel(), &json!({ "recipient_id": user })).await?;
        let channel = id(&answer, "id").ok_or(UNREADABLE)?;
        self.known().direct.insert(user, channel).await;
        Ok(channel)
    }

    async fn edit_interaction_response(
        &self,
        token: &SecretString,
        message: &NewMessage,
    ) -> Result<(), DiscordError> {
        let route = Route::interaction_response(self.application(), token, token_major(token));
        self.send(route, &message.body).await?;
        Ok(())
    }

    async fn attachment(&self, url: &str) -> Result<AttachmentSource, DiscordError> {
        self.0.attachments.open(url).await
    }
}

fn overwrite_with_id(overwrite: &Overwrite) -> Value {
    let (target, mut body) = facts::overwrite_json(overwrite);
    body["id"] = json!(target.to_string());
    body
}

/// Tells tokens apart without keeping them: each has a bucket of its own.
fn token_major(token: &SecretString) -> i64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    token.expose_secret().hash(&mut hasher);
    hasher.finish().cast_signed()
}
