//! Where each event goes: messages to the archive as they came, interactions to serenity, what concerns
//! servers to the use-cases.

use std::collections::HashSet;

use domain::ids::{ChannelId, GuildId, UserId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio::time::Instant;
use wardesk_core::ports::ChannelFacts;
use wardesk_core::transcripts::archive::{FrameKind, RawFrame};

use super::frame::Frame;
use super::slim;
use crate::rest::facts::{self, id};

/// What happened to a server, as far as it concerns us.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ServerEvent {
    /// A new session began, at that moment; the servers the bot is on.
    Ready { servers: HashSet<GuildId>, at: Instant },
    /// The bot is on this server: told after READY, after an outage, and when someone invites it.
    Here { guild: GuildId, name: String, icon: Option<String> },
    /// An outage at Discord.
    Out(GuildId),
    /// The bot was removed from this server, or the server is gone.
    Left(GuildId),
    /// The server or a role changed.
    Changed(GuildId),
    /// A channel was made or changed.
    Channel { guild: GuildId, channel: ChannelFacts },
    /// A channel is gone.
    ChannelDeleted { guild: GuildId, channel: ChannelId },
    /// A member's roles or name changed. Without the members' intent: only the bot itself.
    MemberChanged { guild: GuildId, user: UserId },
    /// Somebody left the server, or was shown out. With the members' intent only.
    MemberLeft { guild: GuildId, user: UserId },
    /// Somebody came to the server. With the members' intent only.
    MemberJoined { guild: GuildId, user: UserId },
}

/// The exits of a shard's events.
pub(super) struct Tap {
    pub(super) archive: mpsc::Sender<RawFrame>,
    pub(super) servers: mpsc::Sender<ServerEvent>,
    /// Events for serenity: `(name, content)`.
    pub(super) typed: mpsc::Sender<(&'static str, String)>,
}

impl Tap {
    /// Passes one event on. Waits only for room in the archive and in the queue of servers' events.
    pub(super) async fn pass(&self, name: &str, frame: &Frame<'_>) {
        let label = if let Some(kind) = message_kind(name) {
            if let Some(raw) = raw_frame(kind, frame) {
                // The archive's end is the end of the session, and of the process.
                let _ = self.archive.send(raw).await;
            }
            "message"
        } else if name == "INTERACTION_CREATE" {
            self.interaction(frame);
            "interaction"
        } else if let Some(event) = server_event(name, frame.data()) {
            // As above.
            let _ = self.servers.send(event).await;
            "server"
        } else {
            "other"
        };
        metrics::counter!("discord_gateway_events_total", "kind" => label).increment(1);
    }

    fn interaction(&self, frame: &Frame<'_>) {
        let slimmed = slim::interaction(frame.data());
        let passed = slimmed.map(|content| self.typed.try_send(("INTERACTION_CREATE", content)));
        if !matches!(passed, Some(Ok(()))) {
            // Its token lives three seconds, so keeping it for later would help nobody.
            tracing::warn!("an interaction could not be passed on");
            metrics::counter!("discord_interactions_dropped_total").increment(1);
        }
    }
}

fn message_kind(name: &str) -> Option<FrameKind> {
    Some(match name {
        "MESSAGE_CREATE" => FrameKind::Create,
        "MESSAGE_UPDATE" => FrameKind::Update,
        "MESSAGE_DELETE" => FrameKind::Delete,
        "MESSAGE_DELETE_BULK" => FrameKind::DeleteBulk,
        "MESSAGE_REACTION_ADD" => FrameKind::ReactionAdd,
        "MESSAGE_REACTION_REMOVE" => FrameKind::ReactionRemove,
        "MESSAGE_REACTION_REMOVE_ALL" | "MESSAGE_REACTION_REMOVE_EMOJI" => {
            FrameKind::ReactionsClear
        }
        "MESSAGE_POLL_VOTE_ADD" => FrameKind::VoteAdd,
        "MESSAGE_POLL_VOTE_REMOVE" => FrameKind::VoteRemove,
        _ => return None,
    })
}

fn raw_frame(kind: FrameKind, frame: &Frame<'_>) -> Option<RawFrame> {
    #[derive(Deserialize)]
    struct Place {
        channel_id: ChannelId,
        guild_id: Option<GuildId>,
    }
    let place: Place = read(frame.data())?;
    let json: Box<RawValue> = frame.d?.to_owned();
    Some(RawFrame { kind, guild: place.guild_id, channel: place.channel_id, json })
}

fn read<T: DeserializeOwned>(data: &str) -> Option<T> {
    serde_json::from_str(data).ok()
}

/// Reads what is needed and nothing else: an event that Discord adds a field to is not lost.
fn server_event(name: &str, data: &str) -> Option<ServerEvent> {
    #[derive(Deserialize)]
    struct Ready {
        guilds: Vec<OfGuild>,
    }
    #[derive(Deserialize)]
    struct OfGuild {
        id: GuildId,
        #[serde(default)]
        unavailable: bool,
    }
    #[derive(Deserialize)]
    struct Here {
        id: GuildId,
        #[serde(default)]
        unavailable: bool,
        name: Option<String>,
        icon: Option<String>,
    }
    #[derive(Deserialize)]
    struct InGuild {
        guild_id: GuildId,
    }
    #[derive(Deserialize)]
    struct OfMember {
        guild_id: GuildId,
        user: Account,
    }
    #[derive(Deserialize)]
    struct Account {
        id: UserId,
    }
    Some(match name {
        "READY" => {
            let ready: Ready = read(data)?;
            let servers = ready.guilds.into_iter().map(|g| g.id).collect();
            ServerEvent::Ready { servers, at: Instant::now() }
        }
        "GUILD_CREATE" => {
            let guild: Here = read(data)?;
            if guild.unavailable {
                return Some(ServerEvent::Out(guild.id));
            }
            ServerEvent::Here {
                guild: guild.id,
                name: guild.name.unwrap_or_default(),
                icon: guild.icon,
            }
        }
        "GUILD_DELETE" => {
            let guild: OfGuild = read(data)?;
            if guild.unavailable { ServerEvent::Out(guild.id) } else { ServerEvent::Left(guild.id) }
        }
        "GUILD_UPDATE" => ServerEvent::Changed(read::<OfGuild>(data)?.id),
        "GUILD_ROLE_CREATE" | "GUILD_ROLE_UPDATE" | "GUILD_ROLE_DELETE" => {
            ServerEvent::Changed(read::<InGuild>(data)?.guild_id)
        }
        "CHANNEL_CREATE" | "CHANNEL_UPDATE" => {
            let value: serde_json::Value = read(data)?;
            ServerEvent::Channel {
                guild: id(&value, "guild_id")?,
                channel: facts::channel(&value)?,
            }
        }
        "CHANNEL_DELETE" => {
            let value: serde_json::Value = read(data)?;
            ServerEvent::ChannelDeleted {
                guild: id(&value, "guild_id")?,
                channel: id(&value, "id")?,
            }
        }
        "GUILD_MEMBER_UPDATE" | "GUILD_MEMBER_ADD" | "GUILD_MEMBER_REMOVE" => {
            // Who it is, and nothing else of them.
            let OfMember { guild_id: guild, user: Account { id: user } } = read(data)?;
            match name {
                "GUILD_MEMBER_ADD" => ServerEvent::MemberJoined { guild, user },
                "GUILD_MEMBER_REMOVE" => ServerEvent::MemberLeft { guild, user },
                _ => ServerEvent::MemberChanged { guild, user },
            }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guild(id: i64) -> GuildId {
        GuildId::new(id).unwrap()
    }

    #[test]
    fn an_outage_is_no_removal() {
        let of = |data: &str| server_event("GUILD_DELETE", data).unwrap();
        assert_eq!(of(r#"{"id":"7","unavailable":true}"#), ServerEvent::Out(guild(7)));
        assert_eq!(of(r#"{"id":"7","unavailable":false}"#), ServerEvent::Left(guild(7)));
        assert_eq!(of(r#"{"id":"7"}"#), ServerEvent::Left(guild(7)));
    }

    #[test]
    fn of_members_the_account_alone_is_read() {
        let data =
            r#"{"guild_id":"7","user":{"id":"3","username":"mia"},"nick":["?"],"roles":"?"}"#;
        let (guild, user) = (guild(7), UserId::new(3).unwrap());
        for (name, event) in [
            ("GUILD_MEMBER_ADD", ServerEvent::MemberJoined { guild, user }),
            ("GUILD_MEMBER_REMOVE", ServerEvent::MemberLeft { guild, user }),
            ("GUILD_MEMBER_UPDATE", ServerEvent::MemberChanged { guild, user }),
        ] {
            assert_eq!(server_event(name, data), Some(event));
            assert_eq!(server_event(name, r#"{"guild_id":"7"}"#), None);
        }
    }

    #[test]
    fn fields_that_are_new_do_no_harm() {
        let data = r#"{"id":"7","name":"Desk","icon":null,"owner_id":"1","x":{"y":[1,{"z":2}]},"roles":"?"}"#;
        let here = ServerEvent::Here { guild: guild(7), name: "Desk".into(), icon: None };
        assert_eq!(server_event("GUILD_CREATE", data), Some(here));
        assert_eq!(server_event("GUILD_SOMETHING_NEW", "{}"), None);
        assert_eq!(server_event("GUILD_CREATE", "[]"), None);
    }

    #[tokio::test]
    async fn messages_reach_the_archive_in_order_and_unchanged() {
        let (archive, mut frames) = mpsc::channel(8);
        let (servers, _keep) = mpsc::channel(8);
        let (typed, mut to_serenity) = mpsc::channel(8);
        let tap = Tap { archive, servers, typed };
        let texts = [
            r#"{"op":0,"s":1,"t":"MESSAGE_CREATE","d":{"id":"1","channel_id":"5","guild_id":"7","components":[{"type":17}]}}"#,
            r#"{"op":0,"s":2,"t":"MESSAGE_UPDATE","d":{"id":"1","channel_id":"5","guild_id":"7","content":"é "}}"#,
            r#"{"op":0,"s":3,"t":"MESSAGE_DELETE_BULK","d":{"ids":["1"],"channel_id":"5","guild_id":"7"}}"#,
        ];
        for text in texts {
            let frame = Frame::read(text).unwrap();
            tap.pass(frame.t.as_deref().unwrap(), &frame).await;
        }
        for text in texts {
            let raw = frames.try_recv().unwrap();
            assert!(text.contains(raw.json.get()));
            assert_eq!(raw.channel.get(), 5);
        }
        assert!(to_serenity.try_recv().is_err(), "messages are none of serenity's business");
    }

    #[tokio::test]
    async fn events_of_servers_wait_for_room_and_none_is_lost() {
        let (archive, _keep) = mpsc::channel(1);
        let (servers, mut events) = mpsc::channel(1);
        let (typed, _interactions) = mpsc::channel(1);
        let tap = Tap { archive, servers, typed };
        let text = r#"{"op":0,"s":1,"t":"GUILD_UPDATE","d":{"id":"7"}}"#;
        let frame = Frame::read(text).unwrap();
        tap.pass("GUILD_UPDATE", &frame).await;
        let mut second = std::pin::pin!(tap.pass("GUILD_UPDATE", &frame));
        assert!(futures::poll!(second.as_mut()).is_pending(), "reading goes on without end");
        assert!(events.try_recv().is_ok());
        second.await;
        assert!(events.try_recv().is_ok());
    }
}
