//! After a restore: whoever was erased since the backup was made is erased again. Source: `docs/PROMISES.md` P28.

use std::collections::{BTreeSet, HashMap};

use domain::ids::UserId;
use domain::time::Millis;
use storage::privacy::erasures::{self as rows, Reason};
use storage::privacy::{ledger, people};
use storage::{DiscordMark, KeyScope, StorageError};

use super::erase;
use crate::{Wardesk, licences};

/// Seconds by which the time of a backup may lie after what it shows.
const UNCERTAIN_SECONDS: i64 = 60;

/// Erases everyone again whom the restored database has and who was erased after the backup was made: those in the
/// ledger (the key store and the database may each have a part of it); and those whose key is gone, since erasures of
/// people who are under age leave no line there. A key may be missing for another reason, so that whoever holds a
/// licence which is not over for good stays: such an erasure ends every licence before it destroys a key, in the key
/// store.
///
/// Answers how many people there were. Safe to repeat; to be called after [`licences::bury_again`], before anything is
/// served. What has to wait for a ticket or a legal hold goes on when the service runs.
pub async fn since(w: &Wardesk, backup_made_at: Millis) -> Result<u64, StorageError> {
    let known = unite(w).await?;
    let limit = backup_made_at.plus_seconds(-UNCERTAIN_SECONDS);
    let (db, keys) = (w.store().read(), w.store().keys());
    let mut again = BTreeSet::new();
    for user in people::everyone(db).await? {
        let mark = keys.discord_mark(user).await?;
        let Some(at) = known.get(&mark).filter(|at| **at >= limit) else { continue };
        let mut tx = w.store().begin().await?;
        rows::begin(tx.conn(), user, Reason::Asked, false, *at).await?;
        tx.commit().await?;
        again.insert(user);
    }
    let of_ledger = again.clone();
    for (guild, user) in people::sealed_people(db).await? {
        let scope = guild.map_or(KeyScope::account(user), |guild| KeyScope::person(guild, user));
        if of_ledger.contains(&user)
            || keys.exists(&scope).await?
            || licences::holds_any(w, user).await?
        {
            continue;
        }
        // Where somebody was erased, no key of theirs is left anywhere, and others' are. Keys that are missing in one
        // place alone, or with all of their server, went for another reason: what they sealed goes, and nothing else.
        let some_left = match guild {
            Some(guild) => keys.count_of_guild(guild).await? > 0,
            None => true,
        };
        let everywhere = some_left && keys.servers_of(user).await?.is_empty();
        let mut tx = w.store().begin().await?;
        rows::begin(tx.conn(), user, Reason::UnderAge, !everywhere, w.now()).await?;
        let pseudonym = UserId::pseudonym(w.random_bytes());
        rows::add_part(tx.conn(), user, guild, pseudonym).await?;
        tx.commit().await?;
        again.insert(user);
    }
    erase::carry_out_all(w).await?;
    Ok(again.len() as u64)
}

/// Makes both ledgers one: what a restore took from the one, the other has. Answers when each was erased last.
async fn unite(w: &Wardesk) -> Result<HashMap<DiscordMark, Millis>, StorageError> {
    let mut known: HashMap<DiscordMark, Millis> = HashMap::new();
    let of_keys = w.store().keys().erased().await?;
    let beside = ledger::all(w.store().read()).await?;
    for (mark, at) in of_keys.into_iter().chain(beside) {
        let last = known.entry(mark).or_insert(at);
        *last = (*last).max(at);
    }
    let mut tx = w.store().begin().await?;
    for (mark, at) in &known {
        ledger::note(tx.conn(), *mark, *at).await?;
    }
    tx.commit().await?;
    for (mark, at) in &known {
        w.store().keys().note_erased(*mark, *at).await?;
    }
    Ok(known)
}
