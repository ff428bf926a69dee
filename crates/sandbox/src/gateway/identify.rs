//! IDENTIFY and RESUME.

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::session::{Outgoing, Session};
use super::{close, intents};
use crate::id::Id;
use crate::world::World;
use crate::world::fields;

/// Servers on one shard at most.
const MOST_GUILDS: usize = 2_500;

/// What comes of IDENTIFY or RESUME.
pub(super) enum Outcome {
    /// The socket belongs to this session now.
    Session(String),
    /// Close with a code.
    Close(u16),
    /// `INVALID_SESSION` with this `d`.
    Invalid(bool),
}

impl World {
    pub(super) fn identify(&mut self, data: &Value, outlet: &UnboundedSender<Outgoing>) -> Outcome {
        let Some(token) = fields::text(data, "token") else {
            return Outcome::Close(close::DECODE_ERROR);
        };
        let token = token.strip_prefix("Bot ").unwrap_or(token);
        let Some(application) = self.application_by_token(token) else {
            return Outcome::Close(close::AUTHENTICATION_FAILED);
        };
        let (id, bot, privileged) = (application.id, application.bot, application.privileged);
        let (left, concurrency) = (application.identifies_left, application.max_concurrency);
        let Some(wanted) = fields::uint(data, "intents") else {
            return Outcome::Close(close::INVALID_INTENTS);
        };
        if wanted & !intents::DEFINED != 0 {
            return Outcome::Close(close::INVALID_INTENTS);
        }
        if wanted & intents::refused(privileged) != 0 {
            return Outcome::Close(close::DISALLOWED_INTENTS);
        }
        let Some(shard) = read_shard(data) else { return Outcome::Close(close::INVALID_SHARD) };
        let guilds = self.guilds.values().filter(|guild| guild.members.contains_key(&bot));
        if guilds.filter(|guild| (guild.id.0 >> 22) % shard.1 == shard.0).count() > MOST_GUILDS {
            return Outcome::Close(close::SHARDING_REQUIRED);
        }
        if left == 0 {
            // Discord ends all sessions and resets the token.
            self.set_token_revoked(id, true);
            return Outcome::Close(close::AUTHENTICATION_FAILED);
        }
        let now = self.now();
        let slot = (id, shard.0 % u64::from(concurrency.max(1)));
        let spacing = self.gateway.identify_spacing_ms;
        let last = self.gateway.identified_at.insert(slot, now);
        if last.is_some_and(|at| at + spacing > now) {
            return Outcome::Invalid(false);
        }
        self.edit_application(id, |application| application.identifies_left = left - 1);
        let session_id = self.new_secret(32).to_lowercase();
        let session = Session::new(session_id.clone(), id, bot, wanted, shard, outlet.clone());
        self.sessions.insert(session_id.clone(), session);
        self.gateway.identifies += 1;
        self.greet(&session_id, id);
        Outcome::Session(session_id)
    }

    /// READY and the servers.
    fn greet(&mut self, session_id: &str, application_id: Id) {
        let guilds = self.session_guilds(session_id);
        let Some(session) = self.sessions.get(session_id) else { return };
        let (bot, shard) = (session.bot, session.shard);
        let flags = self
            .applications
            .get(&application_id)
            .map_or(Value::Null, |application| self.application_json(application)["flags"].clone());
        let ready = json!({
            "v": 10, "user": self.users.get(&bot).map(|user| self.own_user_json(user)),
            "guilds": guilds.iter().map(|id| json!({"id": id, "unavailable": true})).collect::<Vec<_>>(),
            "session_id": session_id, "resume_gateway_url": self.gateway_url(), "session_type": "normal",
            "shard": [shard.0, shard.1], "application": {"id": application_id, "flags": flags},
            "private_channels": [], "presences": [], "relationships": [], "guild_join_requests": [],
            "geo_ordered_rtc_regions": [], "user_settings": {}, "_trace": [],
        });
        if let Some(session) = self.sessions.get_mut(session_id) {
            session.push("READY", &ready);
        }
        for guild_id in guilds {
            self.send_guild_to_session(guild_id, session_id);
        }
    }

    pub(super) fn send_guild_to_session(&mut self, guild_id: Id, session_id: &str) {
        let (Some(guild), Some(session)) =
            (self.guilds.get(&guild_id), self.sessions.get(session_id))
        else {
            return;
        };
        if session.intents & intents::GUILDS == 0 {
            return;
        }
        let all_members = session.intents & intents::GUILD_MEMBERS != 0;
        let data = if guild.unavailable {
            json!({"id": guild_id, "unavailable": true})
        } else {
            self.gateway_guild_json(guild, session.bot, all_members)
        };
        if let Some(session) = self.sessions.get_mut(session_id) {
            session.push("GUILD_CREATE", &data);
        }
    }

    /// The gateway's address.
    pub fn gateway_url(&self) -> String {
        format!("{}/gateway", self.base_url.replacen("http", "ws", 1))
    }

    pub(super) fn resume(&mut self, data: &Value, outlet: &UnboundedSender<Outgoing>) -> Outcome {
        let token = fields::text(data, "token").unwrap_or("");
        let token = token.strip_prefix("Bot ").unwrap_or(token);
        let Some(application) = self.application_by_token(token) else {
            return Outcome::Close(close::AUTHENTICATION_FAILED);
        };
        let application_id = application.id;
        let session_id = fields::text(data, "session_id").unwrap_or("").to_owned();
        let Some(seq) = fields::uint(data, "seq") else {
            return Outcome::Close(close::DECODE_ERROR);
        };
        let Some(session) = self.sessions.get_mut(&session_id) else {
            return Outcome::Invalid(false);
        };
        if session.application_id != application_id {
            return Outcome::Invalid(false);
        }
        if seq > session.seq {
            self.sessions.remove(&session_id);
            return Outcome::Close(close::INVALID_SEQ);
        }
        // A socket that is still attached is replaced.
        session.send(Outgoing::Drop);
        if session.resume(seq, outlet.clone()) {
            Outcome::Session(session_id)
        } else {
            self.sessions.remove(&session_id);
            Outcome::Invalid(false)
        }
    }

    /// Answers `REQUEST_GUILD_MEMBERS` (8) with chunks of 1000.
    pub(super) fn send_members(&mut self, session_id: &str, data: &Value) {
        const CHUNK: usize = 1_000;
        let Some(guild_id) = fields::id(data, "guild_id") else { return };
        let limit =
            fields::uint(data, "limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0);
        let limit = if limit == 0 { usize::MAX } else { limit };
        let members: Vec<Value> = match fields::ids(data, "user_ids")
            .or_else(|| fields::id(data, "user_ids").map(|id| vec![id]))
        {
            Some(ids) => ids
                .iter()
                .filter_map(|id| self.member(guild_id, *id).ok())
                .map(|member| self.member_json(member))
                .collect(),
            None => self.search_members(guild_id, fields::text(data, "query").unwrap_or(""), limit),
        };
        let chunks = members.len().div_ceil(CHUNK).max(1);
        let nonce = data.get("nonce").cloned();
        for index in 0..chunks {
            let part: Vec<&Value> = members.iter().skip(index * CHUNK).take(CHUNK).collect();
            let mut chunk = json!({"guild_id": guild_id, "members": part, "chunk_index": index,
                "chunk_count": chunks, "not_found": []});
            if let Some(nonce) = &nonce {
                chunk["nonce"] = nonce.clone();
            }
            if let Some(session) = self.sessions.get_mut(session_id) {
                session.push("GUILD_MEMBERS_CHUNK", &chunk);
            }
        }
    }
}

/// `[id, count]`, by default `[0, 1]`; `None` when it cannot be.
fn read_shard(data: &Value) -> Option<(u64, u64)> {
    let Some(shard) = data.get("shard").filter(|shard| !shard.is_null()) else {
        return Some((0, 1));
    };
    let (id, count) = (shard.get(0)?.as_u64()?, shard.get(1)?.as_u64()?);
    (id < count).then_some((id, count))
}
