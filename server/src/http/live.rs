//! Live pages: an event for each change of a ticket, by its number. The page fetches what changed.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use domain::access::Capability;
use domain::ids::{GuildId, TicketId, UserId};
use futures::{StreamExt as _, stream};
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;
use wardesk_core::LiveEvent;
use wardesk_core::guilds::{self, GuildAccess};
use wardesk_core::tickets;

use super::AppState;
use super::headers::UNBUFFERED;
use super::observe::Refusal;
use super::seats::{Full, Seat, Seats};
use super::session::Viewer;

/// How long one stream lasts. The browser asks again by itself, and is then checked again.
const LIFE: Duration = Duration::from_mins(5);

/// Streams at once of one person: so many tickets are open in their tabs.
const PER_PERSON: usize = 8;
/// Streams at once. Each change of a server makes all that belong to it look.
const STREAMS: usize = 2000;

/// The streams that are open.
pub(super) type Streams = Seats<UserId>;

/// None yet.
pub(super) fn streams() -> Streams {
    Seats::new(PER_PERSON, STREAMS)
}

/// One open stream.
struct Listener {
    _seat: Seat<UserId>,
    access: GuildAccess,
    ticket: TicketId,
    live: Receiver<LiveEvent>,
    seen: i64,
    ends: Instant,
}

/// What the page that listens has seen.
#[derive(Debug, Deserialize)]
pub struct Seen {
    /// The number of the last event that it shows.
    after: Option<i64>,
}

/// `GET /servers/{guild}/tickets/{ticket}/live?after=<event>`: `text/event-stream`. What happened after the
/// event that the page shows is told at once. `Last-Event-ID` goes on where a broken connection ended.
pub async fn ticket(
    State(state): State<AppState>,
    Extension(Viewer(session)): Extension<Viewer>,
    Path((guild, ticket)): Path<(String, String)>,
    Query(Seen { after }): Query<Seen>,
    headers: HeaderMap,
) -> Response {
    let ids = guild.parse::<GuildId>().ok().zip(ticket.parse::<TicketId>().ok());
    let (Some(session), Some((guild, ticket))) = (session, ids) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let seat = match state.streams.take(Some(session.user)) {
        Ok(seat) => seat,
        Err(full) => return too_many(full),
    };
    // Listening begins before the first look, so that nothing falls between them.
    let live = state.wardesk.live();
    let access = guilds::authorize(&state.wardesk, &session, guild, Capability::See).await;
    let Ok(access) = access else { return StatusCode::NOT_FOUND.into_response() };
    let Ok(detail) = tickets::get(&access, ticket).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let resumed = headers.get("last-event-id").and_then(|v| v.to_str().ok()?.parse::<i64>().ok());
    let seen = resumed.or(after).unwrap_or_else(|| detail.events.last().map_or(0, |e| e.seq));
    let listener =
        Listener { _seat: seat, access, ticket, live, seen, ends: Instant::now() + LIFE };
    let stopping = state.draining.cancelled_owned();
    let changes = stream::unfold(listener, |mut listener| async move {
        let seq = listener.next_change().await?;
        let event = Event::default().id(seq.to_string()).data(seq.to_string());
        Some((Ok::<_, Infallible>(event), listener))
    });
    let changes = changes.take_until(stopping);
    (UNBUFFERED, Sse::new(changes).keep_alive(KeepAlive::default())).into_response()
}

/// The page stays as it was loaded.
pub(super) fn too_many(full: Full) -> Response {
    let mut response = StatusCode::TOO_MANY_REQUESTS.into_response();
    response.extensions_mut().insert(Refusal(match full {
        Full::All => "live_streams",
        Full::Own => "own_live_streams",
    }));
    response
}

impl Listener {
    /// Waits for the next change of the ticket and answers its number; `None` at the end.
    async fn next_change(&mut self) -> Option<i64> {
        loop {
            let events = tickets::events_since(&self.access, self.ticket, self.seen).await.ok()?;
            if let Some(last) = events.last() {
                self.seen = last.seq;
                return Some(last.seq);
            }
            self.wait_for_guild().await?;
        }
    }

    /// Waits until something happened on the server; `None` when the stream's time is over.
    async fn wait_for_guild(&mut self) -> Option<()> {
        loop {
            match tokio::time::timeout_at(self.ends, self.live.recv()).await {
                Ok(Ok(event)) if event.guild == self.access.guild() => return Some(()),
                // Missed some: the database has them.
                Ok(Err(RecvError::Lagged(_))) => return Some(()),
                Ok(Ok(_)) => {}
                Ok(Err(RecvError::Closed)) | Err(_) => return None,
            }
        }
    }
}
