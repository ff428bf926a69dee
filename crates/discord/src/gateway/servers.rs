//! What happens to servers, told to the use-cases in the order it happened.

use std::collections::HashSet;
use std::time::Duration;

use domain::ids::GuildId;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use wardesk_core::{Wardesk, guilds, tickets};

use super::tap::ServerEvent;
use crate::interactions;
use crate::rest::Rest;

/// How often live tickets are compared with Discord while the gateway is connected.
const COMPARE_EVERY: Duration = Duration::from_mins(10);
/// Seconds that such a comparison looks back: the time since the last one, and some more.
const COMPARED_SECONDS: i64 = 12 * 60;
/// Seconds before a READY in which messages may have been missed although later ones were heard: room for
/// clocks that differ and for what came between the end of one session and the start of the next.
const UNCERTAIN_SECONDS: i64 = 60;

/// Carries the events out until the last sender is gone. After each READY the people of open tickets are looked for
/// when `members` says so.
pub(super) async fn run(
    w: Wardesk,
    rest: Rest,
    members: bool,
    mut events: mpsc::Receiver<ServerEvent>,
) {
    // What READY starts may take minutes; the next READY starts it anew.
    let mut catching_up: Option<tokio::task::JoinHandle<()>> = None;
    while let Some(event) = events.recv().await {
        if let ServerEvent::Ready(servers) = event {
            if let Some(before) = catching_up.take() {
                before.abort();
            }
            let (w, rest) = (w.clone(), rest.clone());
            let heard = w.now().plus_seconds(-UNCERTAIN_SECONDS);
            catching_up = Some(tokio::spawn(async move {
                interactions::commands::register(&rest).await;
                notice_departures(&w, &servers).await;
                if let Err(error) = tickets::compare_all(&w, heard).await {
                    tracing::warn!(%error, "tickets could not be compared with Discord");
                }
                if members && let Err(error) = tickets::look_for_members(&w).await {
                    tracing::warn!(%error, "the people of tickets could not be looked for");
                }
            }));
        } else {
            carry_out(&w, &rest, event).await;
        }
    }
    if let Some(task) = catching_up {
        task.abort();
    }
}

/// Servers that removed the bot while nobody listened. Those in an outage are in Discord's list too.
async fn notice_departures(w: &Wardesk, servers: &HashSet<GuildId>) {
    let known = match guilds::present(w).await {
        Ok(known) => known,
        Err(error) => return tracing::warn!(%error, "the known servers cannot be read"),
    };
    for gone in known.iter().filter(|k| !servers.contains(&k.guild)) {
        if let Err(error) = guilds::left(w, gone.guild).await {
            tracing::error!(%error, "a server's departure could not be noted");
        }
    }
}

/// Compares all live tickets with Discord now and then, until `stop`.
pub(super) async fn compare(w: Wardesk, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(COMPARE_EVERY) => {}
        }
        let heard = w.now().plus_seconds(-COMPARED_SECONDS);
        tokio::select! {
            () = stop.cancelled() => return,
            compared = tickets::compare_all(&w, heard) => if let Err(error) = compared {
                tracing::warn!(%error, "tickets could not be compared with Discord");
            }
        }
    }
}

async fn carry_out(w: &Wardesk, rest: &Rest, event: ServerEvent) {
    match event {
        ServerEvent::Ready(_) => {}
        ServerEvent::Here { guild, name, icon } => {
            rest.forget_guild(guild).await;
            if let Err(error) = guilds::arrived(w, guild, &name, icon.as_deref()).await {
                tracing::error!(%error, "a server's arrival could not be noted");
            }
        }
        ServerEvent::Out(guild) => {
            if let Err(error) = guilds::unavailable(w, guild).await {
                tracing::error!(%error, "a server's outage could not be noted");
            }
        }
        ServerEvent::Left(guild) => {
            rest.forget_guild(guild).await;
            if let Err(error) = guilds::left(w, guild).await {
                tracing::error!(%error, "a server's departure could not be noted");
            }
        }
        ServerEvent::Changed(guild) => rest.forget_guild(guild).await,
        ServerEvent::Channel { guild, channel } => rest.note_channel(guild, channel).await,
        ServerEvent::ChannelDeleted { guild, channel } => {
            rest.drop_channel(guild, channel).await;
            if let Err(error) = tickets::channel_deleted(w, channel).await {
                tracing::error!(%error, "a deleted channel could not be noted");
            }
        }
        ServerEvent::MemberChanged { guild, user } => {
            rest.forget_member(guild, user).await;
            // The bot's own roles are part of what is known about the server; everybody's would have it asked for
            // again and again.
            if rest.bot().await == Ok(user) {
                rest.forget_guild(guild).await;
            }
        }
        ServerEvent::MemberLeft { guild, user } => {
            rest.forget_member(guild, user).await;
            if let Err(error) = tickets::member_left(w, guild, user).await {
                tracing::error!(%error, "that somebody left a server could not be noted");
            }
        }
        ServerEvent::MemberJoined { guild, user } => {
            rest.forget_member(guild, user).await;
            if let Err(error) = tickets::member_joined(w, guild, user).await {
                tracing::error!(%error, "that somebody came to a server could not be noted");
            }
        }
    }
}
