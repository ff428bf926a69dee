//! Somebody asks for something.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{GuildId, RequestId, UserId};
use domain::privacy::{
    Clock, NAME_LIMIT, OPEN_LIMIT, RequestKind, RequestState, Role, Step, Via, WORDS_LIMIT,
    owner_until,
};
use domain::time::Millis;
use domain::validation::discord_len;
use sha2::{Digest as _, Sha256};
use storage::guilds::Presence;
use storage::privacy::requests::{self as rows, NewRequest as NewRow, RequestRow, StepRow};
use storage::{KeyScope, StorageError};

use super::objection;
use super::said::{self, Said};
use super::settle::done_by_person;
use super::{PrivacyError, Refusal, service};
use crate::Wardesk;
use crate::accounts::Session;
use crate::guilds;
use crate::outbox::Alert;
use crate::tickets::Change;

/// What a request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// What is asked for.
    pub kind: RequestKind,
    /// How it comes.
    pub via: Via,
    /// What was said.
    pub said: Said,
    /// What only this sending of the form has: sent twice with the same words, it is one request.
    pub once: String,
}

/// A request that was made, or had been made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its id.
    pub id: RequestId,
    /// Where on this site it shows how it stands; a secret where nobody was signed in.
    pub path: String,
    /// Whether what was said is kept in it. It is not where the same was asked before in other words: that request
    /// counts.
    pub kept: bool,
}

/// The secret in a request's address, found again by the same seed.
pub(super) async fn secret(w: &Wardesk, seed: &[&str]) -> Result<[u8; 32], StorageError> {
    let seed = serde_json::to_vec(seed).map_err(|_| StorageError::Corrupt("seed"))?;
    w.store().keys().mark(&KeyScope::SERVICE, "privacy_requests", &seed).await
}

/// What is kept of a secret.
pub(super) fn hash(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// The address that holds a secret.
pub(super) fn secret_path(secret: &[u8]) -> String {
    format!("/privacy/requests/{}", URL_SAFE_NO_PAD.encode(secret))
}

/// The address of a signed-in person's request.
pub(super) fn own_path(id: RequestId) -> String {
    format!("/account/requests/{id}")
}

pub(super) fn check(said: &mut Said) -> Result<(), Refusal> {
    said.words = said.words.trim().to_owned();
    if said.words.is_empty() || discord_len(&said.words) > WORDS_LIMIT {
        return Err(Refusal::Words);
    }
    for name in [&mut said.server, &mut said.account, &mut said.contact] {
        *name = name.trim().to_owned();
        if discord_len(name) > NAME_LIMIT {
            return Err(Refusal::Words);
        }
    }
    Ok(())
}

/// The account that a request is from, as far as a sign-in shows it. A request about an account comes from its owner
/// or from nobody: others may only report that somebody is too young, and that counts as from nobody. Who is reported
/// is in [`Said::account_named`].
fn asker(
    kind: RequestKind,
    session: Option<&Session>,
    said: &Said,
) -> Result<Option<UserId>, Refusal> {
    let Some(session) = session else { return Ok(None) };
    let own = said.account.is_empty() || said.account == session.user.to_string();
    match kind {
        _ if own => Ok(Some(session.user)),
        RequestKind::UnderAge => Ok(None),
        kind if kind.concerns_account() => Err(Refusal::SomebodyElse),
        _ => Ok(Some(session.user)),
    }
}

/// Makes a request. Whoever is signed in is verified by it.
pub async fn ask(
    w: &Wardesk,
    session: Option<&Session>,
    mut new: NewRequest,
) -> Result<Asked, PrivacyError> {
    check(&mut new.said)?;
    let user = asker(new.kind, session, &new.said)?;
    let guild = match said::server_in(&new.said.server) {
        Some(guild) => guilds::installation(w, guild).await?.map(|_| guild),
        None => None,
    };
    if let Some(user) = user {
        if let Some(same) = same(w, user, new.kind, guild).await? {
            let kept = keeps(w, &same, &new.said).await?;
            return Ok(Asked { id: same.id, path: own_path(same.id), kept });
        }
        if rows::open_of(w.store().read(), user).await? >= OPEN_LIMIT {
            return Err(Refusal::TooMany.into());
        }
    }
    let by = user.map(|user| user.to_string()).unwrap_or_default();
    let said = &new.said;
    let seed = [&new.once, new.kind.as_str(), &by, &said.words, &said.server, &said.account];
    let secret = secret(w, &seed).await?;
    let path = |id| user.map_or_else(|| secret_path(&secret), |_| own_path(id));
    let put = put(w, user, guild, new.kind, new.via, Some(&new.said), hash(&secret)).await?;
    Ok(Asked { id: put.id, path: path(put.id), kept: put.kept })
}

/// Whether a request says already what is said now.
async fn keeps(w: &Wardesk, row: &RequestRow, new: &Said) -> Result<bool, StorageError> {
    let (said, _) = said::open(w, row).await?;
    Ok(said.is_some_and(|said| said.words == new.words && said.server == new.server))
}

/// Notes that an account exercises a right by itself, on the page of its own data. Answers the request that is settled
/// by doing it: a new one, or one without words that was left undecided. `None`: somebody wrote words about the same,
/// which are to be answered. That request says that it was done, and stays undecided.
pub async fn open(
    w: &Wardesk,
    user: UserId,
    kind: RequestKind,
    via: Via,
) -> Result<Option<RequestId>, PrivacyError> {
    let id = if let Some(same) = same(w, user, kind, None).await? {
        same.id
    } else {
        let secret: [u8; 32] = w.random_bytes();
        put(w, Some(user), None, kind, via, None, hash(&secret)).await?.id
    };
    if rows::words(w.store().read(), id).await?.said.is_none() {
        return Ok(Some(id));
    }
    done_by_person(w, id).await?;
    Ok(None)
}

pub(super) async fn same(
    w: &Wardesk,
    user: UserId,
    kind: RequestKind,
    guild: Option<GuildId>,
) -> Result<Option<RequestRow>, StorageError> {
    if !kind.is_single() {
        return Ok(None);
    }
    rows::same(w.store().read(), user, kind, guild).await
}

/// Who has to answer a request of somebody who is known, or need not be: the owner of a server that the bot is on about
/// its content, the operators else.
pub(super) async fn destination(
    w: &Wardesk,
    kind: RequestKind,
    guild: Option<GuildId>,
) -> Result<RequestState, PrivacyError> {
    let Some(guild) = guild.filter(|_| kind.is_owners()) else { return Ok(RequestState::Open) };
    let here = guilds::installation(w, guild).await?;
    let present = here.is_some_and(|here| here.presence != Presence::Left);
    Ok(if present { RequestState::WithOwner } else { RequestState::Open })
}

/// Has a request answered by `to`: by the operators, where the owner of a server has no time left.
pub(super) fn give(row: &mut RequestRow, to: RequestState, now: Millis) {
    let owners = to == RequestState::WithOwner;
    let until = owner_until(now, row.due).filter(|_| owners);
    row.state = if owners && until.is_none() { RequestState::Open } else { to };
    row.owner_until = until.or(row.owner_until);
}

/// A request that was added, or was there before.
pub(super) struct Put {
    /// Its id.
    pub(super) id: RequestId,
    /// Whether it has the words that came with it.
    pub(super) kept: bool,
}

/// Adds a request, with whom it is given to. One with the same secret is the same one.
pub(super) async fn put(
    w: &Wardesk,
    user: Option<UserId>,
    guild: Option<GuildId>,
    kind: RequestKind,
    via: Via,
    words: Option<&Said>,
    token_hash: [u8; 32],
) -> Result<Put, PrivacyError> {
    if let Some(there) = rows::by_token(w.store().read(), &token_hash).await? {
        return Ok(Put { id: there.id, kept: true });
    }
    let unknown = user.is_none() && (kind.concerns_account() || via == Via::Email);
    let state =
        if unknown { RequestState::Unverified } else { destination(w, kind, guild).await? };
    let id = RequestId::new(w.new_uuid());
    let said = match words {
        Some(words) => Some(said::seal(w, user, id, words).await?),
        None => None,
    };
    let mut change = Change::begin(w, guild.map_or_else(|| service(w), Ok)?).await?;
    let made = change.now();
    let mut row = RequestRow {
        id,
        kind,
        via,
        state,
        user,
        guild,
        made,
        due: Clock { made, extended: None }.due(),
        delay: None,
        owner_until: None,
        decided: None,
        reason: None,
        alerted_day: 0,
    };
    give(&mut row, state, made);
    let state = row.state;
    let new = NewRow { row, token_hash, said };
    if !rows::insert(change.conn(), &new).await? {
        // At the same moment the same was asked once more.
        let by_token = rows::by_token(&mut *change.conn(), &token_hash).await?;
        let there = match (by_token, user) {
            (Some(there), _) => Some(Put { id: there.id, kept: true }),
            (None, Some(user)) => {
                let there = rows::same(&mut *change.conn(), user, kind, guild).await?;
                there.map(|there| Put { id: there.id, kept: false })
            }
            (None, None) => None,
        };
        return there.ok_or(PrivacyError::NotFound);
    }
    note(&mut change, id, Step::Received, Role::Person).await?;
    objection::made(&mut change, &new.row).await?;
    if state == RequestState::WithOwner {
        tell_owner(&mut change, id).await?;
    }
    fail::fail_point!(crate::failpoints::requests::BEFORE_COMMIT);
    let committed = change.commit().await?;
    fail::fail_point!(crate::failpoints::requests::AFTER_COMMIT);
    committed.tell();
    objection::told(w, &new.row).await?;
    Ok(Put { id, kept: true })
}

/// Notes a step.
pub(in crate::privacy) async fn note(
    change: &mut Change<'_>,
    id: RequestId,
    step: Step,
    role: Role,
) -> Result<(), StorageError> {
    let at: Millis = change.now();
    rows::note(change.conn(), id, &StepRow { at, step, role }).await
}

/// Tells those who answer for the server of the change: on its first page, and in its log channel once. Source: P36.
pub(super) async fn tell_owner(change: &mut Change<'_>, id: RequestId) -> Result<(), StorageError> {
    note(change, id, Step::HandedOver, Role::Service).await?;
    change.alert(Alert::PrivacyRequest { request: id }).await
}
