//! Sessions: what a bot that identified is told, and what it can be told again.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{close, intents};
use crate::id::Id;
use crate::world::World;
use crate::world::events::{Scope, WorldEvent};

/// Events kept for RESUME.
const BUFFERED: usize = 10_000;

/// What a session tells its socket.
#[derive(Debug, Clone)]
pub enum Outgoing {
    /// A payload.
    Text(Arc<str>),
    /// Close with a code.
    Close(u16),
    /// Cut the connection without a word.
    Drop,
}

/// A gateway session.
#[derive(Debug)]
pub struct Session {
    /// The secret that RESUME presents.
    pub id: String,
    /// Whose it is.
    pub application_id: Id,
    /// The bot's user.
    pub bot: Id,
    /// What it asked for.
    pub intents: u64,
    /// Shard and number of shards.
    pub shard: (u64, u64),
    /// The last sequence number.
    pub seq: u64,
    /// How often it was resumed.
    pub resumes: u32,
    buffer: VecDeque<(u64, Arc<str>)>,
    outlet: Option<mpsc::UnboundedSender<Outgoing>>,
    detached_at: Option<i64>,
}

impl Session {
    pub(crate) fn new(
        id: String,
        application_id: Id,
        bot: Id,
        wanted: u64,
        shard: (u64, u64),
        outlet: mpsc::UnboundedSender<Outgoing>,
    ) -> Self {
        Self {
            id,
            application_id,
            bot,
            intents: wanted,
            shard,
            seq: 0,
            resumes: 0,
            buffer: VecDeque::new(),
            outlet: Some(outlet),
            detached_at: None,
        }
    }

    /// Whether a socket is attached.
    pub fn is_connected(&self) -> bool {
        self.outlet.is_some()
    }

    /// Queues a dispatch under the next sequence number.
    pub fn push(&mut self, name: &str, data: &Value) {
        self.seq += 1;
        let text: Arc<str> =
            json!({"op": 0, "t": name, "s": self.seq, "d": data}).to_string().into();
        if self.buffer.len() == BUFFERED {
            self.buffer.pop_front();
        }
        self.buffer.push_back((self.seq, Arc::clone(&text)));
        self.send(Outgoing::Text(text));
    }

    pub(crate) fn send(&self, outgoing: Outgoing) {
        if let Some(outlet) = &self.outlet {
            // A socket that just went away will detach the session itself.
            let _ = outlet.send(outgoing);
        }
    }

    fn holds_shard(&self, guild_id: Option<Id>) -> bool {
        guild_id.map_or(0, |id| (id.0 >> 22) % self.shard.1) == self.shard.0
    }

    /// Sends again all that came after `seq` and attaches a new socket. `false` when the buffer does not
    /// reach back so far.
    pub(crate) fn resume(&mut self, seq: u64, outlet: mpsc::UnboundedSender<Outgoing>) -> bool {
        let oldest = self.buffer.front().map_or(self.seq + 1, |(seq, _)| *seq);
        if seq + 1 < oldest {
            return false;
        }
        self.outlet = Some(outlet);
        self.detached_at = None;
        self.resumes += 1;
        for (_, text) in self.buffer.iter().filter(|(known, _)| *known > seq) {
            self.send(Outgoing::Text(Arc::clone(text)));
        }
        self.push("RESUMED", &json!({"_trace": []}));
        true
    }
}

impl World {
    pub(crate) fn dispatch_to_sessions(&mut self, event: &WorldEvent) {
        if self.sessions.is_empty() {
            return;
        }
        let shard_key = match (event.name, event.guild_id) {
            ("GUILD_DELETE", None) => event.data["id"].as_str().and_then(|id| id.parse().ok()),
            (_, guild_id) => guild_id,
        };
        let needed = intents::needed(event.name, event.guild_id.is_some() || shard_key.is_some());
        let told: Vec<(String, bool)> = self
            .sessions
            .values()
            .filter(|session| session.holds_shard(shard_key))
            .filter(|session| {
                // A bot is told of its own member without any intent. Source: "Guild Member Update".
                let own = event.name == "GUILD_MEMBER_UPDATE"
                    && event.data["user"]["id"] == session.bot.to_string();
                needed == 0 || own || session.intents & needed != 0
            })
            .filter(|session| match event.scope {
                Scope::Application(id, _) => session.application_id == id,
                _ => self.is_told(event, session.bot),
            })
            .map(|session| {
                let hidden = event.author.is_some()
                    && event.guild_id.is_some()
                    && session.intents & intents::MESSAGE_CONTENT == 0;
                (session.id.clone(), hidden)
            })
            .collect();
        for (id, hidden) in told {
            let Some(session) = self.sessions.get_mut(&id) else { continue };
            if hidden {
                let mut data = event.data.clone();
                intents::blank_content(&mut data, &session.bot.to_string());
                session.push(event.name, &data);
            } else {
                session.push(event.name, &event.data);
            }
        }
    }

    /// Sends `GUILD_CREATE` of one server to the bot's sessions that hold its shard.
    pub(crate) fn send_guild_create(&mut self, guild_id: Id, bot: Id) {
        let Some(guild) = self.guilds.get(&guild_id) else { return };
        if !guild.members.contains_key(&bot) {
            return;
        }
        let sessions: Vec<String> = self
            .sessions
            .values()
            .filter(|session| session.bot == bot && session.holds_shard(Some(guild_id)))
            .map(|session| session.id.clone())
            .collect();
        for id in sessions {
            self.send_guild_to_session(guild_id, &id);
        }
    }

    /// The servers of a session's shard, by id.
    pub(crate) fn session_guilds(&self, session_id: &str) -> Vec<Id> {
        let Some(session) = self.sessions.get(session_id) else { return Vec::new() };
        self.guilds
            .values()
            .filter(|guild| guild.members.contains_key(&session.bot))
            .filter(|guild| session.holds_shard(Some(guild.id)))
            .map(|guild| guild.id)
            .collect()
    }

    /// Detaches a session from this socket; it waits for RESUME, or ends when `resumable` is off. A session
    /// that another socket took over in between is left alone.
    pub(crate) fn detach_from(
        &mut self,
        session_id: &str,
        outlet: &mpsc::UnboundedSender<Outgoing>,
        resumable: bool,
    ) {
        let now = self.now();
        let Some(session) = self.sessions.get_mut(session_id) else { return };
        if !session.outlet.as_ref().is_some_and(|own| own.same_channel(outlet)) {
            return;
        }
        if resumable {
            session.outlet = None;
            session.detached_at = Some(now);
        } else {
            self.sessions.remove(session_id);
        }
    }

    pub(crate) fn expire_sessions(&mut self) {
        let now = self.now();
        let life = self.gateway.session_life_ms;
        self.sessions.retain(|_, session| session.detached_at.is_none_or(|at| at + life > now));
    }

    /// Closes an application's sessions that `wanted` picks with a code. Returns how many.
    pub fn close_sessions(
        &mut self,
        application_id: Id,
        code: u16,
        wanted: impl Fn(&Session) -> bool,
    ) -> usize {
        self.tell_sessions(
            application_id,
            &Outgoing::Close(code),
            !close::is_resumable(code),
            wanted,
        )
    }

    /// Cuts the sockets of an application's sessions without a close frame. Returns how many.
    pub fn cut_sessions(&mut self, application_id: Id) -> usize {
        self.tell_sessions(application_id, &Outgoing::Drop, false, |_| true)
    }

    /// Sends RECONNECT (7) to an application's sessions. Returns how many.
    pub fn ask_reconnect(&mut self, application_id: Id) -> usize {
        let payload: Arc<str> =
            json!({"op": 7, "d": null, "s": null, "t": null}).to_string().into();
        self.tell_sessions(application_id, &Outgoing::Text(payload), false, |_| true)
    }

    /// Sends `INVALID_SESSION` (9) to an application's sessions; unless `resumable` they end. Returns how many.
    pub fn invalidate_sessions(&mut self, application_id: Id, resumable: bool) -> usize {
        let payload: Arc<str> =
            json!({"op": 9, "d": resumable, "s": null, "t": null}).to_string().into();
        self.tell_sessions(application_id, &Outgoing::Text(payload), !resumable, |_| true)
    }

    fn tell_sessions(
        &mut self,
        application_id: Id,
        outgoing: &Outgoing,
        end: bool,
        wanted: impl Fn(&Session) -> bool,
    ) -> usize {
        let ids: Vec<String> = self
            .sessions
            .values()
            .filter(|session| session.application_id == application_id && wanted(session))
            .map(|session| session.id.clone())
            .collect();
        for id in &ids {
            if let Some(session) = self.sessions.get(id) {
                session.send(outgoing.clone());
            }
            if end {
                self.sessions.remove(id);
            }
        }
        ids.len()
    }

    /// The sessions of an application, attached or waiting for RESUME.
    pub fn sessions_of(&self, application_id: Id) -> impl Iterator<Item = &Session> {
        self.sessions.values().filter(move |session| session.application_id == application_id)
    }

    pub(crate) fn sessions_json(&self) -> Value {
        self.sessions
            .values()
            .map(|session| {
                json!({
                    "application_id": session.application_id, "intents": session.intents,
                    "shard": [session.shard.0, session.shard.1], "seq": session.seq,
                    "connected": session.is_connected(), "resumes": session.resumes,
                })
            })
            .collect()
    }
}
