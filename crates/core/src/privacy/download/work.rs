//! Downloads are made.

use std::convert::Infallible;
use std::time::Duration;

use domain::ids::{GuildId, TicketId, UserId};
use domain::locale::Locale;
use domain::privacy::RequestKind;
use domain::time::Millis;
use futures::channel::mpsc;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use storage::privacy::downloads::{self as rows, DownloadRow, Failure};
use storage::privacy::{people, restricted, theirs as own};
use storage::tickets::TicketRow;
use storage::{KeyScope, StorageError};
use tokio_util::sync::CancellationToken;
use transcript::export::json::moment;

use super::archive::Archive;
use super::{json as data, page};
use crate::Wardesk;
use crate::guilds::{self, GuildError};
use crate::outbox::Effect;
use crate::privacy::names;
use crate::privacy::requests::{self, service};
use crate::tickets::Change;
use crate::transcripts::theirs::{self, OwnFile};

/// How often it is looked whether one is to be made.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Seconds for which the process that makes one holds it, unless it holds it longer.
const HELD_SECONDS: i64 = 300;
/// How often it does.
const HOLD_EVERY: Duration = Duration::from_mins(1);
/// How often one is begun before it is given up.
const ATTEMPTS: i64 = 5;
/// Seconds after the first attempt that failed.
const FIRST_WAIT_SECONDS: i64 = 60;
/// Bytes of one download, at most: as much as all servers of a person together may hold of them.
const LIMIT: u64 = 1 << 40;
/// Tickets that are read at once.
const TICKETS: i64 = 50;

/// What is the same in every file of a download.
pub(super) struct Person {
    pub user: UserId,
    pub made_at: Millis,
    pub locale: Locale,
    pub account: Value,
    pub sessions: Vec<Value>,
    pub restricted: Option<Millis>,
    pub held: Vec<Value>,
    pub names: Vec<Value>,
}

/// Makes downloads until `shutdown`. Several processes may run it on one database; each is made by one.
pub async fn run(w: Wardesk, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            made = make_all(&w) => if let Err(error) = made {
                tracing::error!(%error, "a download could not be made");
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = w.privacy_caches().downloads.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Makes what is asked for. An attempt that fails is made again after a minute, then after longer, a few times; then
/// the page says why it failed. A process that dies at one leaves it to another after some minutes.
pub async fn make_all(w: &Wardesk) -> Result<(), StorageError> {
    loop {
        let now = w.now();
        let mut tx = w.store().begin().await?;
        let claimed = rows::claim(tx.conn(), now, now.plus_seconds(HELD_SECONDS)).await?;
        tx.commit().await?;
        let Some(row) = claimed else { return Ok(()) };
        if row.attempts > ATTEMPTS {
            give_up(w, &row, Failure::Interrupted).await?;
            continue;
        }
        if let Err((failure, error)) = Box::pin(make(w, &row)).await {
            tracing::warn!(%error, attempt = row.attempts, "a download could not be made");
            if row.attempts == ATTEMPTS {
                give_up(w, &row, failure).await?;
            } else {
                let due = w.now().plus_seconds(wait(row.attempts));
                let mut tx = w.store().begin().await?;
                rows::again(tx.conn(), &row, failure, due).await?;
                tx.commit().await?;
            }
        }
    }
}

/// Seconds after an attempt that failed: a minute after the first, and four times as long after each further one.
const fn wait(attempt: i64) -> i64 {
    FIRST_WAIT_SECONDS << (2 * (attempt - 1))
}

/// Gives a download up: the page says why, and the request goes to the operators.
async fn give_up(w: &Wardesk, row: &DownloadRow, failure: Failure) -> Result<(), StorageError> {
    let mut change = Change::begin(w, service(w)?).await?;
    if rows::failed(change.conn(), row, failure).await? {
        requests::failed(&mut change, row.user, RequestKind::Access).await?;
        metrics::counter!("wardesk_person_downloads_failed_total").increment(1);
    }
    change.commit().await?.tell();
    Ok(())
}

/// Removes what is past its time.
pub async fn remove_expired(w: &Wardesk) -> Result<usize, StorageError> {
    let mut tx = w.store().begin().await?;
    let removed = rows::remove_expired(tx.conn(), w.now()).await?;
    tx.commit().await?;
    Ok(removed)
}

async fn make(w: &Wardesk, row: &DownloadRow) -> Result<(), (Failure, StorageError)> {
    let (to, from) = mpsc::channel(4);
    let scope = KeyScope::account(row.user);
    let nonce = hex::encode(w.random_bytes::<12>());
    let stored = w.store().blobs().put(&scope, from, LIMIT);
    let mut broken = to.clone();
    let write = async {
        let written = Box::pin(write(w, Archive::new(to), row.user, &nonce)).await;
        if written.is_err() {
            // What ended early is not stored.
            let _ = broken.send(Err(StorageError::Source)).await;
        }
        drop(broken);
        written
    };
    let work = Box::pin(async { futures::join!(write, stored) });
    let (written, stored) = tokio::select! {
        done = work => done,
        never = hold(w, row) => match never {},
    };
    let blob = match (written, stored) {
        (Ok(()), Ok(blob)) => blob,
        // Whoever writes hears of it only by there being nobody who reads.
        (Ok(()) | Err(StorageError::Source), Err(error)) => {
            return Err((Failure::Unwritable, error));
        }
        (Err(error), _) => return Err((Failure::Unreadable, error)),
    };
    let length = i64::try_from(blob.length).unwrap_or(i64::MAX);
    ready(w, row, &blob.address, length).await.map_err(|error| (Failure::Unwritable, error))
}

/// Notes that a download is there, tells the person, and answers their request.
async fn ready(
    w: &Wardesk,
    row: &DownloadRow,
    address: &str,
    length: i64,
) -> Result<(), StorageError> {
    let mut change = Change::begin(w, service(w)?).await?;
    if rows::ready(change.conn(), row, address, length).await? {
        requests::finish(&mut change, row.user, RequestKind::Access).await?;
        change.effect(&Effect::DmDownload { user: row.user })?;
    } else {
        rows::discard(change.conn(), address, w.now()).await?;
    }
    change.commit().await?.tell();
    metrics::counter!("wardesk_person_downloads_total").increment(1);
    Ok(())
}

/// Holds a download for as long as this process makes it.
async fn hold(w: &Wardesk, row: &DownloadRow) -> Infallible {
    loop {
        tokio::time::sleep(HOLD_EVERY).await;
        let held = async {
            let mut tx = w.store().begin().await?;
            rows::hold(tx.conn(), row, w.now().plus_seconds(HELD_SECONDS)).await?;
            tx.commit().await
        };
        if let Err(error) = held.await {
            tracing::warn!(%error, "a download under way could not be held");
        }
    }
}

async fn write(
    w: &Wardesk,
    mut to: Archive,
    user: UserId,
    nonce: &str,
) -> Result<(), StorageError> {
    let person = person(w, user).await?;
    to.begin("data.json", false)?;
    data::write(w, &mut to, &person).await?;
    to.begin("index.html", false)?;
    page::write(w, &mut to, &person, nonce).await?;
    let mut after = None;
    loop {
        let some = tickets_after(w, user, after).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.id);
        for ticket in &some {
            media(w, &mut to, ticket, user).await?;
        }
    }
    Box::pin(to.end()).await
}

async fn media(
    w: &Wardesk,
    to: &mut Archive,
    ticket: &TicketRow,
    user: UserId,
) -> Result<(), StorageError> {
    let mut after = None;
    loop {
        let some = theirs::files(w, ticket, user, after).await?;
        let Some(last) = some.last() else { return Ok(()) };
        after = Some(last.id);
        for file in &some {
            let Some(mut bytes) = theirs::bytes(w, ticket, user, file).await? else { continue };
            to.begin(&media_path(ticket.id, file), true)?;
            while let Some(part) = bytes.next().await {
                // A damaged file is as long as its good part.
                let Ok(part) = part else { break };
                to.write(&part).await?;
            }
        }
    }
}

/// Where a file is in the archive: its own name has no say in it but for its end.
pub(super) fn media_path(ticket: TicketId, file: &OwnFile) -> String {
    let end = file.name.rsplit_once('.').map_or("", |(_, end)| end);
    let plain = !end.is_empty() && end.len() <= 8 && end.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain {
        format!("media/{ticket}/{}.{end}", file.id)
    } else {
        format!("media/{ticket}/{}", file.id)
    }
}

/// The name of a server that the bot is on, or was.
pub(super) async fn server_name(
    w: &Wardesk,
    guild: GuildId,
) -> Result<Option<String>, StorageError> {
    match guilds::installation(w, guild).await {
        Ok(found) => Ok(found.map(|here| here.name)),
        Err(GuildError::Storage(error)) => Err(error),
        Err(_) => Ok(None),
    }
}

/// The tickets after that one in which something is the person's.
pub(super) async fn tickets_after(
    w: &Wardesk,
    user: UserId,
    after: Option<TicketId>,
) -> Result<Vec<TicketRow>, StorageError> {
    let mut found = Vec::new();
    for id in own::tickets(w.store().read(), user, after, TICKETS).await? {
        found.extend(storage::tickets::get(w.store().read(), id).await?);
    }
    Ok(found)
}

/// Reads what is not part of a ticket.
async fn person(w: &Wardesk, user: UserId) -> Result<Person, StorageError> {
    let db = w.store().read();
    let choices = storage::accounts::choices(db, user).await?;
    let locale = choices.locale.as_deref().map(Locale::from_tag).unwrap_or_default();
    let at = |ms: Millis| moment(ms.0);
    let sessions = storage::accounts::sessions_of(db, user).await?;
    let sessions = sessions.into_iter().map(|session| {
        json!({
            "browser": session.browser,
            "created_at": at(session.created_at),
            "last_seen_at": at(session.last_seen_at),
            "expires_at": at(session.expires_at),
        })
    });
    let held = people::totals(db, user).await?;
    let held = held.into_iter().map(|total| {
        json!({
            "what": total.held.as_str(),
            "server": total.guild,
            "rows": total.rows,
            "since": total.since.and_then(at),
        })
    });
    let mut called = Vec::new();
    for guild in people::servers_of(db, user).await? {
        if let Some(known) = names::of_own(w, guild, user).await? {
            called.push(json!({
                "server": guild,
                "display_name": known.display_name,
                "username": known.username,
            }));
        }
    }
    Ok(Person {
        user,
        made_at: w.now(),
        locale: locale.unwrap_or_default(),
        account: json!({ "locale": choices.locale, "theme": choices.theme }),
        sessions: sessions.collect(),
        restricted: restricted::since(db, user).await?,
        held: held.collect(),
        names: called,
    })
}
