//! What happens to servers, told to the use-cases in the order it happened.

use std::collections::HashSet;
use std::time::Duration;

use domain::ids::GuildId;
use domain::time::Millis;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wardesk_core::Wardesk;
use wardesk_core::guilds::{self, GuildError};
use wardesk_core::tickets::{self, TicketError};

use super::gap::Gap;
use super::tap::ServerEvent;
use crate::interactions;
use crate::rest::Rest;

/// How often live tickets are compared with Discord while the gateway is connected.
const COMPARE_EVERY: Duration = Duration::from_mins(10);
/// Seconds that such a comparison looks back past the beginning of the last one.
const COMPARED_SECONDS: i64 = 2 * 60;
/// Seconds before a READY in which messages may have been missed although later ones were heard: room for
/// clocks that differ and for what came between the end of one session and the start of the next.
const UNCERTAIN_SECONDS: i64 = 60;

/// The wait after the first attempt at an event that the database did not take, and the longest one.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Attempts at one event, in a minute and a half. Without a database the lease, and so the session, ends long
/// before: what fails so often is the event's own fault, and the others do not wait for it for ever.
const ATTEMPTS: u32 = 8;

/// Why an event could not be carried out.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Guild(#[from] GuildError),
    #[error(transparent)]
    Ticket(#[from] TicketError),
}

impl Failure {
    /// Whether the database failed: the same may work a moment later.
    const fn is_database(&self) -> bool {
        match self {
            Self::Guild(GuildError::Storage(error)) | Self::Ticket(TicketError::Storage(error)) => {
                error.is_database()
            }
            _ => false,
        }
    }
}

/// What carries out the events of servers.
pub(super) struct Servers {
    pub(super) w: Wardesk,
    pub(super) rest: Rest,
    /// Whether the people of open tickets are looked for after each READY.
    pub(super) members: bool,
    /// What was missed and is not read back yet.
    pub(super) gap: Gap,
    /// From then on nothing is tried again.
    pub(super) stop: CancellationToken,
}

impl Servers {
    /// Carries the events out until the last sender is gone.
    pub(super) async fn run(self, mut events: mpsc::Receiver<ServerEvent>) {
        // What READY starts may take minutes; the next READY starts it anew.
        let mut catching_up: Option<JoinHandle<()>> = None;
        while let Some(event) = events.recv().await {
            let heard = self.heard_at(&event);
            if let Some(heard) = heard {
                self.gap.note(heard);
            }
            self.refresh(&event).await;
            self.until_noted(&event).await;
            let Some(heard) = heard else { continue };
            if let Some(before) = catching_up.take() {
                before.abort();
                // When it is gone, what it leaves is in the gap.
                let _ = before.await;
            }
            catching_up = Some(tokio::spawn(catch_up(
                self.w.clone(),
                self.rest.clone(),
                self.members,
                self.gap.clone(),
                heard,
            )));
        }
        if let Some(task) = catching_up {
            task.abort();
        }
    }

    /// Up to when everything was heard that came before a READY. The event may have waited.
    fn heard_at(&self, event: &ServerEvent) -> Option<Millis> {
        let ServerEvent::Ready { at, .. } = event else { return None };
        let waited = i64::try_from(at.elapsed().as_secs()).unwrap_or(i64::MAX);
        let back = UNCERTAIN_SECONDS.saturating_add(waited);
        Some(self.w.now().plus_seconds(-back))
    }

    /// Brings what is remembered of Discord up to date.
    async fn refresh(&self, event: &ServerEvent) {
        let rest = &self.rest;
        match event {
            ServerEvent::Ready { .. } | ServerEvent::Out(_) => {}
            ServerEvent::Here { guild, .. }
            | ServerEvent::Left(guild)
            | ServerEvent::Changed(guild) => rest.forget_guild(*guild).await,
            ServerEvent::Channel { guild, channel } => {
                rest.note_channel(*guild, channel.clone()).await;
            }
            ServerEvent::ChannelDeleted { guild, channel } => {
                rest.drop_channel(*guild, *channel).await;
            }
            ServerEvent::MemberChanged { guild, user } => {
                rest.forget_member(*guild, *user).await;
                // The bot's own roles are part of what is known about the server; everybody's would have it asked for
                // again and again.
                if rest.bot().await == Ok(*user) {
                    rest.forget_guild(*guild).await;
                }
            }
            ServerEvent::MemberLeft { guild, user } | ServerEvent::MemberJoined { guild, user } => {
                rest.forget_member(*guild, *user).await;
            }
        }
    }

    /// Tells the use-cases of an event, again while the database fails: Discord tells it once, and the server of a
    /// lost invitation would stay unknown. Events that come meanwhile wait in the queue, and when that is full
    /// reading from Discord pauses.
    async fn until_noted(&self, event: &ServerEvent) {
        let mut wait = FIRST_WAIT;
        for attempt in 1..=ATTEMPTS {
            match note(&self.w, event).await {
                Ok(()) => return,
                Err(error)
                    if error.is_database() && attempt < ATTEMPTS && !self.stop.is_cancelled() =>
                {
                    let kind = kind(event);
                    tracing::warn!(%error, kind, "an event of a server is not noted yet");
                }
                Err(error) => {
                    let kind = kind(event);
                    tracing::error!(%error, kind, "an event of a server could not be noted");
                    return;
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = tokio::time::sleep(wait) => {}
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }
}

/// What an event is called in the log.
const fn kind(event: &ServerEvent) -> &'static str {
    match event {
        ServerEvent::Ready { .. } => "ready",
        ServerEvent::Here { .. } => "arrival",
        ServerEvent::Out(_) => "outage",
        ServerEvent::Left(_) => "departure",
        ServerEvent::Changed(_) => "change",
        ServerEvent::Channel { .. } => "channel",
        ServerEvent::ChannelDeleted { .. } => "channel deleted",
        ServerEvent::MemberChanged { .. } => "member changed",
        ServerEvent::MemberLeft { .. } => "member left",
        ServerEvent::MemberJoined { .. } => "member joined",
    }
}

/// Tells the use-cases of an event. Told again, it changes nothing.
async fn note(w: &Wardesk, event: &ServerEvent) -> Result<(), Failure> {
    match event {
        ServerEvent::Ready { servers, .. } => notice_departures(w, servers).await?,
        ServerEvent::Here { guild, name, icon } => {
            guilds::arrived(w, *guild, name, icon.as_deref()).await?;
        }
        ServerEvent::Out(guild) => guilds::unavailable(w, *guild).await?,
        ServerEvent::Left(guild) => guilds::left(w, *guild).await?,
        ServerEvent::ChannelDeleted { channel, .. } => {
            tickets::channel_deleted(w, *channel).await?;
        }
        ServerEvent::MemberLeft { guild, user } => tickets::member_left(w, *guild, *user).await?,
        ServerEvent::MemberJoined { guild, user } => {
            tickets::member_joined(w, *guild, *user).await?;
        }
        ServerEvent::Changed(_)
        | ServerEvent::Channel { .. }
        | ServerEvent::MemberChanged { .. } => {}
    }
    Ok(())
}

/// Servers that removed the bot while nobody listened. Those in an outage are in Discord's list too. It is done
/// before the next event: a server that invites the bot after READY is not in the list, and has not removed it.
async fn notice_departures(w: &Wardesk, servers: &HashSet<GuildId>) -> Result<(), GuildError> {
    for known in guilds::present(w).await? {
        if !servers.contains(&known.guild) {
            guilds::left(w, known.guild).await?;
        }
    }
    Ok(())
}

/// What follows a READY.
async fn catch_up(w: Wardesk, rest: Rest, members: bool, gap: Gap, heard: Millis) {
    interactions::commands::register(&rest).await;
    compare_since(&w, &gap, heard).await;
    if members && let Err(error) = tickets::look_for_members(&w).await {
        tracing::warn!(%error, "the people of tickets could not be looked for");
    }
}

/// Compares all live tickets with Discord, and reads back what was missed since `heard`, or since earlier where an
/// attempt before this one did not end well.
async fn compare_since(w: &Wardesk, gap: &Gap, heard: Millis) {
    let attempt = gap.attempt(heard);
    match tickets::compare_all(w, attempt.since()).await {
        Ok(true) => attempt.end(),
        Ok(false) => tracing::info!("not all tickets could be compared with Discord now"),
        Err(error) => tracing::warn!(%error, "tickets could not be compared with Discord"),
    }
}

/// Compares all live tickets with Discord now and then, until `stop`.
pub(super) async fn compare(w: Wardesk, gap: Gap, stop: CancellationToken) {
    let mut last = w.now();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(COMPARE_EVERY) => {}
        }
        // A comparison may take long: what came meanwhile is for the next one.
        let heard = last.plus_seconds(-COMPARED_SECONDS);
        last = w.now();
        tokio::select! {
            () = stop.cancelled() => return,
            () = compare_since(&w, &gap, heard) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::egress::Egress;
    use tokio::time::{Instant, timeout};
    use wardesk_core::ports::SystemRandom;
    use wardesk_core::testing::{Desk, desks};

    use super::*;
    use crate::rest::RestConfig;

    /// With a Discord that nobody reaches.
    fn servers(desk: &Desk) -> Servers {
        let api: url::Url = "http://127.0.0.1:9/".parse().unwrap();
        let rest = Rest::new(RestConfig {
            api: api.clone(),
            token: "nobody".to_owned().into(),
            application: desk.w.application(),
            cdns: vec![api],
            allow_loopback: true,
            random: Arc::new(SystemRandom),
            egress: Egress::new(["127.0.0.1".to_owned()]),
        });
        Servers {
            w: desk.w.clone(),
            rest: rest.unwrap(),
            members: false,
            gap: Gap::default(),
            stop: CancellationToken::new(),
        }
    }

    fn new_server() -> GuildId {
        GuildId::new(3000).unwrap()
    }

    fn here() -> ServerEvent {
        ServerEvent::Here { guild: new_server(), name: "New".into(), icon: None }
    }

    fn ready(servers: &[GuildId]) -> ServerEvent {
        ServerEvent::Ready { servers: servers.iter().copied().collect(), at: Instant::now() }
    }

    async fn carried_out(desk: &Desk, all: impl IntoIterator<Item = ServerEvent>) -> Vec<GuildId> {
        let (events, queue) = mpsc::channel(8);
        for event in all {
            events.send(event).await.unwrap();
        }
        drop(events);
        servers(desk).run(queue).await;
        guilds::present(&desk.w).await.unwrap().into_iter().map(|known| known.guild).collect()
    }

    #[tokio::test]
    async fn who_invites_the_bot_after_ready_has_not_removed_it() {
        for desk in desks().await {
            let engine = desk.store.engine;
            let both = [desk.guild, new_server()];
            let known = carried_out(&desk, [ready(&[desk.guild]), here()]).await;
            assert_eq!(known, both, "{engine}");
            // Removed and invited again around the READY.
            let known = carried_out(&desk, [ready(&[desk.guild]), here()]).await;
            assert_eq!(known, both, "{engine}");
            let known = carried_out(&desk, [ready(&[new_server()])]).await;
            assert_eq!(known, [new_server()], "{engine}");
        }
    }

    #[tokio::test]
    async fn an_event_waits_for_the_database() {
        for desk in desks().await {
            let servers = servers(&desk);
            let stop = servers.stop.clone();
            desk.w.store().read().close().await;
            let (events, queue) = mpsc::channel(8);
            events.send(here()).await.unwrap();
            drop(events);
            let mut running = tokio::spawn(servers.run(queue));
            let ended = timeout(Duration::from_millis(500), &mut running).await;
            assert!(ended.is_err(), "it was given up ({})", desk.store.engine);
            stop.cancel();
            timeout(Duration::from_secs(10), running).await.unwrap().unwrap();
        }
    }

    #[tokio::test]
    async fn a_ready_that_waited_goes_back_to_when_it_came() {
        for desk in desks().await {
            let servers = servers(&desk);
            let at = Instant::now().checked_sub(Duration::from_secs(100)).unwrap();
            let event = ServerEvent::Ready { servers: HashSet::new(), at };
            let heard = servers.heard_at(&event).unwrap();
            assert!((160_000..170_000).contains(&desk.w.now().since(heard)));
            assert_eq!(servers.heard_at(&here()), None);
        }
    }

    #[tokio::test]
    async fn what_could_not_be_compared_is_compared_the_next_time() {
        for desk in desks().await {
            let (now, gap) = (desk.w.now(), Gap::default());
            let panel = desk.panel().await;
            desk.open_ticket(panel, 7).await;
            desk.discord.outage(true);
            compare_since(&desk.w, &gap, now).await;
            desk.discord.outage(false);
            let later = now.plus_seconds(600);
            assert_eq!(gap.attempt(later).since(), now, "{}", desk.store.engine);
            compare_since(&desk.w, &gap, later).await;
            assert_eq!(gap.attempt(later).since(), later);
        }
    }
}
