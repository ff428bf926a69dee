//! The steps of an erasure.

use std::collections::BTreeSet;

use domain::ids::{GuildId, UserId};
use sqlx::AnyConnection;
use storage::counters::{self, Counter};
use storage::guilds::Presence;
use storage::privacy::erasures::{self as rows, ErasureRow, PartRow, PartState, Reason};
use storage::privacy::places::{Fate, PLACES};
use storage::privacy::{ledger, people, requests};
use storage::{KeyScope, StorageError};

use super::mark_on;
use super::turn::Turn;
#[cfg(feature = "failpoints")]
use crate::failpoints::erasing as at;
use crate::outbox::Alert;
use crate::privacy::requests::service;
use crate::tickets::Change;
use crate::{Wardesk, audit, licences, tickets, transcripts};

/// Erasures that are read at once.
const BATCH: i64 = 100;
/// How often the rows of a part are gone through at once while others still add to them.
const PASSES: u32 = 16;

/// Carries out what is asked for and possible now, unless another process is at it. What waits for a ticket or for the
/// end of a legal hold is looked at again the next time. Answers how many erasures are over.
pub async fn carry_out_all(w: &Wardesk) -> Result<u64, StorageError> {
    look(w, &mut false).await
}

/// As [`carry_out_all`]. `left` says whether the write-ahead logs may still hold what was taken away, by this look or
/// before: they are emptied then and no oftener, since an erasure may wait for months.
pub(super) async fn look(w: &Wardesk, left: &mut bool) -> Result<u64, StorageError> {
    let ended = in_turn(w, left).await;
    if *left {
        // Also where a step failed: what the others took away is to go.
        match is_forgotten(w).await {
            Ok(forgotten) => *left = !forgotten,
            Err(error) => return ended.and(Err(error)),
        }
    }
    ended
}

async fn in_turn(w: &Wardesk, left: &mut bool) -> Result<u64, StorageError> {
    if rows::page(w.store().read(), None, 1).await?.is_empty() {
        return Ok(0);
    }
    let Some(mut turn) = Turn::take(w).await? else { return Ok(0) };
    let result = all(&mut turn, left).await;
    turn.end().await?;
    result
}

async fn all(turn: &mut Turn<'_>, left: &mut bool) -> Result<u64, StorageError> {
    let (mut after, mut ended, mut failed) = (None, 0, None);
    loop {
        let some = rows::page(turn.w.store().read(), after, BATCH).await?;
        let Some(last) = some.last() else { break };
        after = Some(last.user);
        for row in some {
            // What a process that died had taken away may have left its objects: the first look removes them too.
            let mut taken = *left;
            let result = one(turn, &row, &mut taken).await;
            *left |= taken;
            match result {
                Ok(done) => ended += u64::from(done),
                // One that fails does not keep the others from their turn.
                Err(error) => failed = Some(error),
            }
        }
    }
    failed.map_or(Ok(ended), Err)
}

/// Carries one erasure out as far as it goes now; `true`: it is over. `taken` is set as soon as something is taken away,
/// also where a later step fails.
async fn one(
    turn: &mut Turn<'_>,
    row: &ErasureRow,
    taken: &mut bool,
) -> Result<bool, StorageError> {
    let (w, user, db) = (turn.w, row.user, turn.w.store().read());
    if !turn.keep().await? {
        return Ok(false);
    }
    // Once for each time that it is asked for; and where nothing was begun yet, by whichever version.
    let known = rows::parts(db, user).await?;
    let is_new = !row.listed || known.iter().any(|part| part.state == PartState::Open);
    if row.reason == Reason::Asked && is_new {
        note(w, row).await?;
    }
    if !row.listed {
        list(w, row).await?;
    }
    for part in rows::parts(db, user).await? {
        if part.state == PartState::Done {
            continue;
        }
        let done = match part.guild {
            None => {
                *taken = true;
                of_service(turn, row, part).await?
            }
            Some(guild) => of_server(turn, row, guild, part, taken).await?,
        };
        if !done && !turn.keep().await? {
            return Ok(false);
        }
    }
    let parts = rows::parts(db, user).await?;
    let waits = parts.iter().any(|part| part.state != PartState::Done);
    if waits && !*taken {
        return Ok(false);
    }
    let stuck = transcripts::keeping::remove_what_goes(w).await?;
    if waits {
        return Ok(false);
    }
    // Whose an object is, is not known any more: one of a server where they were may be theirs.
    if parts.iter().any(|part| stuck.contains(&part.guild)) {
        tracing::warn!("an erasure waits for a file that could not be removed");
        return Ok(false);
    }
    let mut tx = w.store().begin().await?;
    let over = rows::end(tx.conn(), user, w.now()).await?;
    fail::fail_point!(at::END_BEFORE_COMMIT, |_| Ok(false));
    tx.commit().await?;
    fail::fail_point!(at::END_AFTER_COMMIT, |_| Ok(false));
    if over {
        *taken = true;
        w.forget_restricted().await;
        tracing::info!("somebody was erased");
        metrics::counter!("wardesk_erasures_total").increment(1);
    }
    Ok(over)
}

/// Notes in both ledgers that somebody is erased, before anything is destroyed: a backup that is restored from now on is
/// erased again.
async fn note(w: &Wardesk, row: &ErasureRow) -> Result<(), StorageError> {
    let mark = w.store().keys().discord_mark(row.user).await?;
    w.store().keys().note_erased(mark, row.asked_at).await?;
    fail::fail_point!(at::NOTE_AFTER_KEYS, |_| Ok(()));
    let mut tx = w.store().begin().await?;
    ledger::note(tx.conn(), mark, row.asked_at).await?;
    tx.commit().await
}

/// Makes what was taken away go from the files of the databases too. Whoever reads at this moment holds the rest of the
/// write-ahead log; it goes with the next look, with the next sweep, or when the program starts again.
pub(crate) async fn forget(w: &Wardesk) -> Result<(), StorageError> {
    is_forgotten(w).await.map(|_| ())
}

/// As [`forget`]; `false`: somebody holds the rest.
async fn is_forgotten(w: &Wardesk) -> Result<bool, StorageError> {
    let keys = w.store().keys().forget_destroyed().await?;
    Ok(w.store().forget_overwritten().await? && keys)
}

/// Finds where the person is, each time that it is asked for: what they do afterwards is a new beginning.
async fn list(w: &Wardesk, row: &ErasureRow) -> Result<(), StorageError> {
    let user = row.user;
    let mut servers: BTreeSet<GuildId> = people::all_servers_of(w.store().read(), user).await?;
    let keys = w.store().keys().servers_of(user).await?;
    servers.extend(keys.into_iter().filter_map(|guild| GuildId::new(guild).ok()));
    // No server: what stands there is the service's own.
    servers.remove(&service(w)?);
    let mut tx = w.store().begin().await?;
    let parts = std::iter::once(None).chain(servers.into_iter().map(Some));
    for guild in parts {
        let pseudonym = UserId::pseudonym(w.random_bytes());
        rows::add_part(tx.conn(), user, guild, pseudonym).await?;
    }
    rows::all_listed(tx.conn(), user, row.asked_at).await?;
    fail::fail_point!(at::LIST_BEFORE_COMMIT, |_| Ok(()));
    tx.commit().await?;
    fail::fail_point!(at::LIST_AFTER_COMMIT, |_| Ok(()));
    Ok(())
}

async fn set(
    w: &Wardesk,
    user: UserId,
    part: PartRow,
    state: PartState,
) -> Result<(), StorageError> {
    if part.state == state {
        return Ok(());
    }
    let mut tx = w.store().begin().await?;
    rows::set_part(tx.conn(), user, part.guild, state).await?;
    tx.commit().await
}

/// What the service itself keeps; `true`: nothing of it is left.
async fn of_service(
    turn: &mut Turn<'_>,
    row: &ErasureRow,
    part: PartRow,
) -> Result<bool, StorageError> {
    let (w, user) = (turn.w, row.user);
    if part.state != PartState::Destroyed {
        licences::end_customer_of(w, user).await?;
        set(w, user, part, PartState::Destroyed).await?;
    }
    fail::fail_point!(at::BEFORE_DESTROY, |_| Ok(false));
    w.store().keys().destroy(&KeyScope::account(user)).await?;
    fail::fail_point!(at::AFTER_DESTROY, |_| Ok(false));
    let mut tx = w.store().begin().await?;
    match row.reason {
        Reason::Asked => requests::forget(tx.conn(), user, w.now()).await?,
        Reason::UnderAge => requests::remove_of(tx.conn(), user).await?,
    }
    people::drop_effects(tx.conn(), user, service(w)?).await?;
    tx.commit().await?;
    if !rows_of(turn, user, part).await? {
        return Ok(false);
    }
    let mut tx = w.store().begin().await?;
    // What was under way may have asked for something behind it.
    match row.reason {
        Reason::Asked => requests::forget(tx.conn(), user, w.now()).await?,
        Reason::UnderAge => requests::remove_of(tx.conn(), user).await?,
    }
    rows::set_part(tx.conn(), user, part.guild, PartState::Done).await?;
    tx.commit().await?;
    Ok(true)
}

/// The state of a part that cannot go on now; `None`: nothing holds it up.
async fn waits_for(
    conn: &mut AnyConnection,
    user: UserId,
    guild: GuildId,
) -> Result<Option<PartState>, StorageError> {
    if people::is_unfinished(&mut *conn, user, guild).await? {
        return Ok(Some(PartState::Tickets));
    }
    Ok(people::is_held(conn, user, guild).await?.then_some(PartState::Hold))
}

/// Whether those who answer for a server are told that words go from its transcripts, without a name
/// (`docs/PROMISES.md` P36). Of people under age nothing is left, this neither (P37); and where the bot is not any
/// more nobody is told.
async fn is_told(w: &Wardesk, reason: Reason, guild: GuildId) -> Result<bool, StorageError> {
    match reason {
        Reason::UnderAge => Ok(false),
        Reason::Asked => {
            let here = storage::guilds::installation(w.store().read(), w.application(), guild);
            Ok(here.await?.is_some_and(|here| here.presence != Presence::Left))
        }
    }
}

/// What is kept on a server; `true`: nothing of it is left. `false`: it waits, or another process took over. `taken` is
/// set once it does not wait.
async fn of_server(
    turn: &mut Turn<'_>,
    row: &ErasureRow,
    guild: GuildId,
    part: PartRow,
    taken: &mut bool,
) -> Result<bool, StorageError> {
    let (w, user, db) = (turn.w, row.user, turn.w.store().read());
    if part.state != PartState::Destroyed {
        for ticket in people::to_close(db, user, guild).await? {
            tickets::erased::close(w, guild, ticket).await?;
        }
        for ticket in people::to_leave(db, user, guild).await? {
            tickets::erased::leave(w, guild, ticket, user).await?;
        }
        let mut conn = db.acquire().await?;
        let waits = waits_for(&mut conn, user, guild).await?;
        drop(conn);
        if let Some(state) = waits {
            set(w, user, part, state).await?;
            return Ok(false);
        }
        let mark = mark_on(w, guild, user).await?;
        let told = is_told(w, row.reason, guild).await?;
        let mut change = Change::begin(w, guild).await?;
        // A hold is noted in the log: whoever places one now waits, or was before and is seen.
        storage::audit::lock(change.conn(), guild).await?;
        if let Some(state) = waits_for(change.conn(), user, guild).await? {
            rows::set_part(change.conn(), user, Some(guild), state).await?;
            change.commit().await?.tell();
            return Ok(false);
        }
        *taken = true;
        people::keep_from_returning(change.conn(), user, guild, &mark, w.now()).await?;
        // Here it is still known whether they said something, and from here on it goes.
        if told && people::said_anything(change.conn(), user, guild).await? {
            change.alert(Alert::Erased).await?;
        }
        rows::set_part(change.conn(), user, Some(guild), PartState::Destroyed).await?;
        change.commit().await?.tell();
    }
    *taken = true;
    fail::fail_point!(at::BEFORE_DESTROY, |_| Ok(false));
    w.store().keys().destroy(&KeyScope::person(guild, user)).await?;
    fail::fail_point!(at::AFTER_DESTROY, |_| Ok(false));
    if !rows_of(turn, user, part).await? {
        return Ok(false);
    }
    // What was under way when the key went may have made one again.
    w.store().keys().destroy(&KeyScope::person(guild, user)).await?;
    let mut tx = w.store().begin().await?;
    let changed = storage::audit::pseudonymise(tx.conn(), guild, user, part.pseudonym).await?;
    if changed > 0 {
        let change =
            audit::Change { guild, at: w.now(), actor: None, action: "privacy.erased", target: "" };
        audit::record(tx.conn(), change, None::<&()>, None::<&()>).await?;
    }
    counters::next(tx.conn(), guild, Counter::Erasure).await?;
    rows::set_part(tx.conn(), user, Some(guild), PartState::Done).await?;
    fail::fail_point!(at::CHAIN_BEFORE_COMMIT, |_| Ok(false));
    tx.commit().await?;
    fail::fail_point!(at::CHAIN_AFTER_COMMIT, |_| Ok(false));
    w.transcript_caches().forget_person(user);
    transcripts::keeping::forget(w, guild).await;
    Ok(true)
}

/// Takes the rows of a part away until none is found; `false`: another process took over, or more come all the time.
async fn rows_of(turn: &mut Turn<'_>, user: UserId, part: PartRow) -> Result<bool, StorageError> {
    for _ in 0..PASSES {
        match pass(turn, user, part).await? {
            // What was under way may have written behind it.
            Some(true) => {}
            Some(false) => return Ok(true),
            None => return Ok(false),
        }
    }
    Ok(false)
}

/// Goes through the rows of a part once, in small transactions, and answers whether there were any; `None`: another
/// process took over.
async fn pass(
    turn: &mut Turn<'_>,
    user: UserId,
    part: PartRow,
) -> Result<Option<bool>, StorageError> {
    let (w, who) = (turn.w, (user, part.pseudonym));
    let mut changed = false;
    for place in PLACES.iter().filter(|place| !matches!(place.fate, Fate::Job | Fate::Customer)) {
        let mut after = None;
        loop {
            if !turn.keep().await? {
                return Ok(None);
            }
            let mut tx = w.store().begin().await?;
            let (conn, now) = (tx.conn(), w.now());
            let taken =
                people::take_some(conn, place, who, part.guild, now, after.as_ref()).await?;
            fail::fail_point!(at::ROWS_BEFORE_COMMIT, |_| Ok(None));
            tx.commit().await?;
            fail::fail_point!(at::ROWS_AFTER_COMMIT, |_| Ok(None));
            changed |= taken.changed;
            if !taken.more {
                break;
            }
            after = taken.after;
            // Others want the writer too.
            tokio::task::yield_now().await;
        }
    }
    Ok(Some(changed))
}
