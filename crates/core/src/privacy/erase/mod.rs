//! Somebody is erased everywhere: their keys are destroyed, and with that their words in every backup; their rows go,
//! or name a pseudonym where others need them. Source: `docs/PROMISES.md` P34, P37, P60.
//!
//! What was asked for is a row, which a worker carries out in small steps. Each may be repeated, and stopped anywhere.

mod turn;
mod work;

use std::time::Duration;

use domain::ids::{GuildId, TicketId, UserId};
use domain::privacy::{RequestKind, Role, Via};
use domain::time::Millis;
use sqlx::AnyConnection;
use storage::privacy::erasures::{self as rows, PartState};
use storage::privacy::people;
use storage::{KeyScope, StorageError};
use tokio_util::sync::CancellationToken;

pub use storage::privacy::erasures::Reason;
pub use work::carry_out_all;
pub(crate) use work::forget;

use super::{PrivacyError, Refusal, choose, requests};
use crate::Wardesk;
use crate::accounts::Session;
use crate::tickets::Change;

/// How often it is looked whether something that an erasure waited for is over.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// What a part of an erasure waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Tickets that the person opened are being closed.
    Tickets,
    /// A legal hold lies on a ticket with something of theirs, or in which they did something.
    Hold,
}

/// An erasure that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// When it was asked for.
    pub asked_at: Millis,
    /// The servers where it waits, and for what. Everywhere else it is done or being done.
    pub waiting: Vec<(GuildId, Waiting)>,
}

/// What somebody confirmed who wants to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed {
    /// That they know that there is no way back.
    pub understood: bool,
    /// That their licences end for good: asked of those who hold one (`docs/PROMISES.md` P35).
    pub licences: bool,
}

/// Has somebody erased, by themselves and from their own page. It is a request, which is under way until the erasure is
/// over and answered by its end.
pub async fn ask_self(
    w: &Wardesk,
    session: &Session,
    confirmed: Confirmed,
) -> Result<(), PrivacyError> {
    let user = session.user;
    if !confirmed.understood || (ends_licences(w, user).await? && !confirmed.licences) {
        return Err(Refusal::Acknowledge.into());
    }
    requests::open(w, user, RequestKind::Erase, Via::Site).await?;
    let mut change = Change::begin(w, requests::service(w)?).await?;
    let now = change.now();
    begin(change.conn(), user, Reason::Asked, now).await?;
    // One that was written is under way as well: the erasure answers it, whatever its words are.
    requests::start(&mut change, user, RequestKind::Erase, Role::Person).await?;
    fail::fail_point!(crate::failpoints::erasing::ASK_BEFORE_COMMIT, |_| Ok(()));
    change.commit().await?.tell();
    wake(w);
    choose::leave(w, session).await
}

/// Whether somebody holds licences, which end with them.
pub async fn ends_licences(w: &Wardesk, user: UserId) -> Result<bool, StorageError> {
    Ok(!storage::licences::of_contact(w.store().read(), user).await?.is_empty())
}

/// Notes that somebody is to be erased. It is begun at once by whichever process is free, and goes on until it is done.
/// Asking again while it waits has what came since erased as well; to be under age is the stronger reason.
pub async fn ask(w: &Wardesk, user: UserId, reason: Reason) -> Result<(), PrivacyError> {
    let mut tx = w.store().begin().await?;
    begin(tx.conn(), user, reason, w.now()).await?;
    fail::fail_point!(crate::failpoints::erasing::ASK_BEFORE_COMMIT, |_| Ok(()));
    tx.commit().await?;
    wake(w);
    Ok(())
}

/// As [`ask`], in a transaction; [`wake`] follows its commit.
pub(super) async fn begin(
    conn: &mut AnyConnection,
    user: UserId,
    reason: Reason,
    now: Millis,
) -> Result<(), StorageError> {
    if user.is_pseudonym() {
        return Ok(());
    }
    rows::begin(conn, user, reason, false, now).await
}

/// Has what was asked for begun at once.
pub(super) fn wake(w: &Wardesk) {
    w.privacy_caches().erasures.notify_one();
}

/// How far the erasure of somebody is; `None`: none is under way.
pub async fn state_of(w: &Wardesk, user: UserId) -> Result<Option<Erasure>, StorageError> {
    let db = w.store().read();
    let Some(row) = rows::get(db, user).await? else { return Ok(None) };
    let parts = rows::parts(db, user).await?;
    let waiting = parts.into_iter().filter_map(|part| {
        let waiting = match part.state {
            PartState::Tickets => Waiting::Tickets,
            PartState::Hold => Waiting::Hold,
            PartState::Open | PartState::Destroyed | PartState::Done => return None,
        };
        Some((part.guild?, waiting))
    });
    Ok(Some(Erasure { asked_at: row.asked_at, waiting: waiting.collect() }))
}

/// Whether something that somebody said or was called in a ticket then was erased since: it does not come back when the
/// channel is read again.
pub(crate) async fn is_erased(
    w: &Wardesk,
    (guild, ticket): (GuildId, TicketId),
    user: UserId,
    then: Millis,
) -> Result<bool, StorageError> {
    let mark = w.store().keys().discord_mark(user).await?;
    let here = mark_on(w, guild, user).await?;
    let at = people::erased_at(w.store().read(), mark, ticket, &here).await?;
    Ok(at.is_some_and(|at| then <= at))
}

/// The mark by which open tickets of a server recognise a person who was erased. It is the same whatever the reason
/// was, so that it says nothing about somebody's age.
async fn mark_on(w: &Wardesk, guild: GuildId, user: UserId) -> Result<[u8; 32], StorageError> {
    let who = [guild.get().to_be_bytes(), user.get().to_be_bytes()].concat();
    w.store().keys().mark(&KeyScope::SERVICE, "ticket_erasures", &who).await
}

/// The channel of a ticket is gone: nothing is read again, and it forgets who was erased.
pub(crate) async fn channel_gone(w: &Wardesk, ticket: TicketId) -> Result<(), StorageError> {
    let mut tx = w.store().begin().await?;
    people::forget_marks(tx.conn(), ticket).await?;
    tx.commit().await
}

/// Carries erasures out until `shutdown`. Several processes may run it on one database; one of them does the work.
pub async fn run(w: Wardesk, shutdown: CancellationToken) {
    // The program may have died between the last step of an erasure and the emptying of the write-ahead log.
    let mut left = true;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            done = work::look(&w, &mut left) => if let Err(error) = done {
                tracing::error!(%error, "an erasure could not be carried out");
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = w.privacy_caches().erasures.notified() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
