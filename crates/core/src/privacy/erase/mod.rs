//! Somebody is erased everywhere: their keys are destroyed, and with that their words in every backup; their rows go, or
//! name a pseudonym where others need them. Source: `promises.md` P34, P37, P60.
//!
//! What was asked for is a row, which a worker carries out in small steps. Each may be repeated, and stopped anywhere.

mod turn;
mod work;

use std::time::Duration;

use domain::ids::{GuildId, UserId};
use domain::privacy::{Outcome, Reason as Coded, RequestKind, Via};
use domain::time::Millis;
use storage::StorageError;
use storage::privacy::erasures::{self as rows, PartState};
use storage::privacy::people;
use tokio_util::sync::CancellationToken;

pub use storage::privacy::erasures::Reason;
pub use work::carry_out_all;

use super::{PrivacyError, Refusal, choose, requests};
use crate::Wardesk;
use crate::accounts::Session;

/// How often it is looked whether something that an erasure waited for is over.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// What a part of an erasure waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// Tickets that the person opened are being closed.
    Tickets,
    /// A legal hold lies on a ticket with something of theirs.
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
    /// That their licences end for good: asked of those who hold one (`promises.md` P35).
    pub licences: bool,
}

/// Has somebody erased, by themselves and from their own page. It is a request that is decided at once: done, or partly
/// where a legal hold lies on something.
pub async fn ask_self(
    w: &Wardesk,
    session: &Session,
    confirmed: Confirmed,
) -> Result<(), PrivacyError> {
    let user = session.user;
    if !confirmed.understood || (ends_licences(w, user).await? && !confirmed.licences) {
        return Err(Refusal::Acknowledge.into());
    }
    let request = requests::open(w, user, RequestKind::Erase, Via::Site).await?;
    let held = is_held(w, user).await?;
    let outcome = if held { Outcome::Partly(Coded::LegalHold) } else { Outcome::Done };
    // Answered before it begins: the erasure forgets whose the request was.
    requests::settle(w, request, outcome).await?;
    ask(w, user, Reason::Asked).await?;
    choose::leave(w, session).await
}

/// Whether a legal hold lies on something of somebody's, on any server.
pub async fn is_held(w: &Wardesk, user: UserId) -> Result<bool, StorageError> {
    let mut held = false;
    for guild in people::servers_of(w.store().read(), user).await? {
        held |= people::is_held(w.store().read(), user, guild).await?;
    }
    Ok(held)
}

/// Whether somebody holds licences, which end with them.
pub async fn ends_licences(w: &Wardesk, user: UserId) -> Result<bool, StorageError> {
    Ok(!storage::licences::of_contact(w.store().read(), user).await?.is_empty())
}

/// Notes that somebody is to be erased. It is begun at once by whichever process is free, and goes on until it is done.
/// Asking again while it waits has what came since erased as well; to be under age is the stronger reason.
pub async fn ask(w: &Wardesk, user: UserId, reason: Reason) -> Result<(), PrivacyError> {
    if user.is_pseudonym() {
        return Ok(());
    }
    let mut tx = w.store().begin().await?;
    rows::begin(tx.conn(), user, reason, false, w.now()).await?;
    fail::fail_point!(crate::failpoints::erasing::ASK_BEFORE_COMMIT, |_| Ok(()));
    tx.commit().await?;
    w.privacy_caches().erasures.notify_one();
    Ok(())
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

/// Whether something that somebody said or was called then was erased since: it does not come back when a channel is
/// read again.
pub(crate) async fn is_erased(
    w: &Wardesk,
    user: UserId,
    then: Millis,
) -> Result<bool, StorageError> {
    let mark = w.store().keys().discord_mark(user).await?;
    let at = storage::privacy::ledger::erased_at(w.store().read(), mark).await?;
    Ok(at.is_some_and(|at| then <= at))
}

/// Carries erasures out until `shutdown`. Several processes may run it on one database; one of them does the work.
pub async fn run(w: Wardesk, shutdown: CancellationToken) {
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            done = carry_out_all(&w) => if let Err(error) = done {
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
