//! Whoever asked looks how it stands, and shows that the account is theirs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{RequestId, UserId};
use domain::privacy::{Outcome, Reason, RequestKind, RequestState, Role, Step};
use storage::privacy::people;
use storage::privacy::requests::{self as rows, RequestRow};

use super::ask::{destination, give, hash, note, same, tell_owner};
use super::said::{self, Said};
use super::settle::{begin, decide};
use super::{PrivacyError, Refusal, Request, Taken, objection};
use crate::accounts::Session;
use crate::privacy::erase::{self, Waiting};
use crate::{Wardesk, guilds};

/// A request as those see it who may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// The request.
    pub request: Request,
    /// The server whose content it is about, as it was written. Its name is for operators alone: who names an id would
    /// learn by it that the bot is there.
    pub server: Option<String>,
    /// What was said, while it is kept.
    pub said: Option<Said>,
    /// What was answered, while it is kept.
    pub answer: Option<String>,
    /// What was done, in order.
    pub steps: Vec<Taken>,
    /// Where it waits while it is under way, and for what: the server's name, and nothing of why.
    pub waits: Vec<(String, Waiting)>,
}

/// Reads what belongs to a request.
pub(super) async fn read(w: &Wardesk, request: RequestRow) -> Result<Followed, PrivacyError> {
    let (said, answer) = said::open(w, &request).await?;
    let steps = rows::steps(w.store().read(), request.id).await?;
    let server = said.as_ref().map(|said| said.server.clone());
    let server = server.filter(|server| !server.is_empty());
    let waits = waits(w, &request).await?;
    Ok(Followed { request, server, said, answer, steps, waits })
}

/// Where an erasure that is under way waits.
pub(super) async fn waits(
    w: &Wardesk,
    request: &RequestRow,
) -> Result<Vec<(String, Waiting)>, PrivacyError> {
    let Some(user) = request.user.filter(|_| request.state == RequestState::UnderWay) else {
        return Ok(Vec::new());
    };
    if request.kind != RequestKind::Erase {
        return Ok(Vec::new());
    }
    let mut waits = Vec::new();
    let erasure = erase::state_of(w, user).await?;
    for (guild, waiting) in erasure.map(|erasure| erasure.waiting).unwrap_or_default() {
        let here = guilds::installation(w, guild).await?;
        waits.push((here.map_or_else(|| guild.to_string(), |here| here.name), waiting));
    }
    Ok(waits)
}

async fn by_token(w: &Wardesk, token: &str) -> Result<RequestRow, PrivacyError> {
    // One secret, one spelling: 43 characters.
    let secret = URL_SAFE_NO_PAD.decode(token).ok().filter(|secret| secret.len() == 32);
    let secret = secret.ok_or(PrivacyError::NotFound)?;
    let row = rows::by_token(w.store().read(), &hash(&secret)).await?;
    row.ok_or(PrivacyError::NotFound)
}

/// The request whose secret the address holds.
pub async fn follow(w: &Wardesk, token: &str) -> Result<Followed, PrivacyError> {
    let row = by_token(w, token).await?;
    told(w, row).await
}

/// A request of the signed-in account.
pub async fn of_session(
    w: &Wardesk,
    session: &Session,
    id: RequestId,
) -> Result<Followed, PrivacyError> {
    let row = rows::get(w.store().read(), id).await?;
    let row = row.filter(|row| row.user == Some(session.user)).ok_or(PrivacyError::NotFound)?;
    told(w, row).await
}

/// What whoever asked is told of their request. That a server's owner has it says that the bot is there: of a server of
/// which nothing of theirs is kept it stays open to them, until it is answered.
async fn told(w: &Wardesk, row: RequestRow) -> Result<Followed, PrivacyError> {
    let (user, guild) = (row.user, row.guild);
    let mut one = read(w, row).await?;
    let Some(guild) = guild else { return Ok(one) };
    let known = match user {
        Some(user) => people::servers_of(w.store().read(), user).await?.contains(&guild),
        None => false,
    };
    if !known {
        if one.request.state == RequestState::WithOwner {
            one.request.state = RequestState::Open;
        }
        one.request.owner_until = None;
        one.steps.retain(|taken| !matches!(taken.step, Step::HandedOver | Step::CameBack));
    }
    Ok(one)
}

/// Shows that a request is the signed-in account's. It is about that account then, and no other; where another was
/// named, nothing is done. Answers the request to look at: where the same was asked before, that one. Source: P39.
pub async fn verify(
    w: &Wardesk,
    session: &Session,
    token: &str,
) -> Result<RequestId, PrivacyError> {
    let before = by_token(w, token).await?;
    let (id, user) = (before.id, session.user);
    check(&before, user)?;
    if before.user == Some(user) {
        return Ok(id);
    }
    let (words, _) = said::open(w, &before).await?;
    let named = words.as_ref().and_then(Said::account_named);
    let same = same(w, user, before.kind, before.guild).await?;
    let state = destination(w, before.kind, before.guild).await?;
    let sealed = match &words {
        Some(words) => {
            // Whoever has an account sees the answer with it: where a mail came from is not needed any more.
            let known = Said { contact: String::new(), ..words.clone() };
            Some(said::seal(w, Some(user), id, &known).await?)
        }
        None => None,
    };
    let (mut change, mut row) = begin(w, id).await?.ok_or(PrivacyError::NotFound)?;
    check(&row, user)?;
    if named.is_some_and(|named| named != user) {
        let steps = rows::steps(&mut *change.conn(), id).await?;
        // Noted once: who has the address may try as often as they like.
        if !steps.iter().any(|taken| taken.step == Step::Mismatched) {
            note(&mut change, id, Step::Mismatched, Role::Service).await?;
            change.commit().await?.tell();
        }
        return Err(Refusal::SomebodyElse.into());
    }
    row.user = Some(user);
    rows::put_said(change.conn(), id, sealed.as_ref()).await?;
    note(&mut change, id, Step::Verified, Role::Person).await?;
    if let Some(same) = same {
        let outcome = Outcome::Declined(Reason::Repeated);
        decide(&mut change, &mut row, outcome, Role::Service, None).await?;
        change.commit().await?.tell();
        return Ok(same.id);
    }
    give(&mut row, state, change.now());
    rows::save(change.conn(), &row).await?;
    objection::made(&mut change, &row).await?;
    if row.state == RequestState::WithOwner {
        tell_owner(&mut change, id).await?;
    }
    change.commit().await?.tell();
    objection::told(w, &row).await?;
    Ok(id)
}

/// Whether an account may still be shown to be the one that asks.
fn check(row: &RequestRow, user: UserId) -> Result<(), PrivacyError> {
    match row.user {
        Some(known) if known == user => Ok(()),
        Some(_) => Err(Refusal::SomebodyElse.into()),
        None if row.state.is_decided() => Err(Refusal::Decided.into()),
        None if row.state == RequestState::Unverified => Ok(()),
        None => Err(PrivacyError::NotFound),
    }
}
