//! What happens to servers, told to the use-cases in the order it happened.

use std::collections::HashSet;

use domain::ids::GuildId;
use tokio::sync::mpsc;
use wardesk_core::{Wardesk, guilds, tickets, transcripts};

use super::tap::ServerEvent;
use crate::interactions;
use crate::rest::Rest;

/// Carries the events out until the last sender is gone.
pub(super) async fn run(w: Wardesk, rest: Rest, mut events: mpsc::UnboundedReceiver<ServerEvent>) {
    // What READY starts may take minutes; the next READY starts it anew.
    let mut catching_up: Option<tokio::task::JoinHandle<()>> = None;
    while let Some(event) = events.recv().await {
        if let ServerEvent::Ready(servers) = event {
            rest.known().set_present(Some(servers.clone()));
            if let Some(before) = catching_up.take() {
                before.abort();
            }
            let (w, rest) = (w.clone(), rest.clone());
            catching_up = Some(tokio::spawn(async move {
                interactions::commands::register(&rest).await;
                notice_departures(&w, &servers).await;
                for guild in servers {
                    catch_up(&w, guild).await;
                }
            }));
        } else {
            carry_out(&w, &rest, event).await;
        }
    }
    rest.known().set_present(None);
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

/// Reads back what was missed since the last session: messages, and channels deleted meanwhile.
async fn catch_up(w: &Wardesk, guild: GuildId) {
    if let Err(error) = tickets::reconcile(w, guild).await {
        tracing::warn!(%error, "ticket channels could not be compared with Discord");
    }
    if let Err(error) = transcripts::catch_up(w, guild).await {
        tracing::warn!(%error, "missed messages could not be read back");
    }
}

async fn carry_out(w: &Wardesk, rest: &Rest, event: ServerEvent) {
    match event {
        ServerEvent::Ready(_) => {}
        ServerEvent::Here { guild, name, icon } => {
            rest.known().note_presence(guild, true);
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
            rest.known().note_presence(guild, false);
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
            // The bot's own roles are part of what is known about the server.
            rest.forget_guild(guild).await;
        }
    }
}
