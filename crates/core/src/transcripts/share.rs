//! Share links: a transcript for people who may not read it otherwise, for a time.
//!
//! A link that names people leads to whoever of them signs in; its address is its id, which is no secret. Any
//! other link is for whoever has it: its address holds 256 bits that are an HMAC of the link's id under the
//! server's data key. The database has a hash of them alone, and those who may share can be shown them again.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::Capability;
use domain::ids::{ShareId, TicketId, UserId};
use domain::time::Millis;
use domain::transcripts::sharing::{SHARES_LIMIT, ShareTime};
use sha2::{Digest as _, Sha256};
use storage::transcripts::shares::{self as rows, ShareRow};
use storage::{KeyScope, SealError, StorageError};

use super::authorize::{Standing, standing};
use super::error::Refusal;
use super::{TranscriptAccess, TranscriptError, views};
use crate::privacy::{names, protections};
use crate::{Wardesk, guilds};

/// Links that a page lists.
const LISTED: i64 = 100;
/// What the data key serves here.
const PURPOSE: &str = "share_links";

/// A link, as those see it who may share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The link.
    pub id: ShareId,
    /// Where it leads from, on this site; `None` once it leads nowhere.
    pub path: Option<String>,
    /// Who made it, and the name they were last seen under.
    pub by: (UserId, Option<String>),
    /// When.
    pub at: Millis,
    /// Whom it names; nobody for a link that is for whoever has it.
    pub people: Vec<(UserId, Option<String>)>,
    /// When it ends, or ended.
    pub expires_at: Millis,
    /// When it was revoked.
    pub revoked_at: Option<Millis>,
    /// How often it was opened.
    pub views: u64,
    /// When it was opened last.
    pub viewed_at: Option<Millis>,
}

/// What one may do with the links of a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum May {
    /// Everything, with all of them.
    All,
    /// With one's own alone.
    Own,
}

/// Staff of the panel and those who manage the server, if the server has links; the opener too if it lets them.
pub(super) async fn may(access: &TranscriptAccess) -> Result<May, TranscriptError> {
    let settings = guilds::settings_of(&access.wardesk, access.ticket.guild).await;
    let settings = settings.map_err(|_| TranscriptError::NotFound)?;
    if !settings.share_links {
        return Err(TranscriptError::NotFound);
    }
    let acting = access.require(Capability::Transcripts).ok();
    let staff = acting.and_then(|acting| standing(acting, &access.panel, false));
    match (staff, access.standing()) {
        (Some(Standing::Staff), _) => Ok(May::All),
        (_, Standing::Opener) if settings.opener_shares => Ok(May::Own),
        _ => Err(TranscriptError::NotFound),
    }
}

/// Whether a reader may share the transcript.
pub async fn may_share(access: &TranscriptAccess) -> bool {
    may(access).await.is_ok()
}

/// The secret of a link.
async fn secret(access: &TranscriptAccess, id: ShareId) -> Result<[u8; 32], StorageError> {
    let scope = KeyScope::server(access.ticket.guild);
    access.wardesk.store().keys().mark(&scope, PURPOSE, id.uuid().as_bytes()).await
}

/// What is kept of a secret.
pub(super) fn hash(secret: &[u8]) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// Makes a link with an id that the form brought along, so that sending it twice makes one. For those who may
/// share; in the audit log.
pub async fn create(
    access: &TranscriptAccess,
    id: ShareId,
    people: Option<&[UserId]>,
    time: ShareTime,
) -> Result<(), TranscriptError> {
    may(access).await?;
    let (w, ticket, by) = (&access.wardesk, &access.ticket, access.reader());
    let token_hash = match people {
        None => Some(hash(&secret(access, id).await?)),
        Some(_) => None,
    };
    let mut tx = w.store().begin().await?;
    let at = w.now();
    storage::tickets::lock(tx.conn(), ticket.id).await?.ok_or(TranscriptError::NotFound)?;
    if let Some(there) = rows::get(&mut *tx.conn(), id).await? {
        let same = there.ticket == ticket.id && there.by == by;
        return if same { Ok(()) } else { Err(TranscriptError::NotFound) };
    }
    if rows::count_live(&mut *tx.conn(), ticket.id, at).await? >= i64::from(SHARES_LIMIT) {
        return Err(TranscriptError::Refused(Refusal::TooMany));
    }
    let row = ShareRow {
        id,
        ticket: ticket.id,
        token_hash,
        by,
        at,
        expires_at: time.end(at),
        revoked: None,
        views: 0,
        viewed_at: None,
    };
    if !rows::insert(tx.conn(), &row, people.unwrap_or_default()).await? {
        return Err(TranscriptError::Refused(Refusal::Again));
    }
    let action = if people.is_some() { "transcript.shared_named" } else { "transcript.shared" };
    views::note(tx.conn(), at, by, action, ticket).await?;
    tx.commit().await?;
    Ok(())
}

/// Revokes a link: it leads nowhere from now on. For those who may share; whoever may share as the opener
/// revokes what they made. Revoking twice changes nothing.
pub async fn revoke(access: &TranscriptAccess, id: ShareId) -> Result<(), TranscriptError> {
    let may = may(access).await?;
    let (w, ticket, by) = (&access.wardesk, &access.ticket, access.reader());
    let mut tx = w.store().begin().await?;
    let link = rows::get(&mut *tx.conn(), id).await?.filter(|link| link.ticket == ticket.id);
    if !link.is_some_and(|link| may == May::All || link.by == by) {
        return Err(TranscriptError::NotFound);
    }
    let at = w.now();
    if rows::revoke(tx.conn(), id, by, at).await? {
        views::note(tx.conn(), at, by, "transcript.share_revoked", ticket).await?;
        protections::unshared(w, ticket, id, at).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Revokes a link again that a restore of a backup brought back, in the service's name. `false`: it is not there, or leads
/// nowhere.
pub(crate) async fn revoke_again(
    w: &Wardesk,
    ticket: TicketId,
    id: ShareId,
    at: Millis,
) -> Result<bool, StorageError> {
    let Some(ticket) = storage::tickets::get(w.store().read(), ticket).await? else {
        return Ok(false);
    };
    let by = w.own_user()?;
    let mut tx = w.store().begin().await?;
    let revoked = rows::revoke(tx.conn(), id, by, at).await?;
    if revoked {
        views::note(tx.conn(), w.now(), by, "transcript.share_revoked", &ticket).await?;
        tx.commit().await?;
    }
    Ok(revoked)
}

/// The newest links of a transcript: all of them for staff, the opener's own for the opener.
pub async fn list(access: &TranscriptAccess) -> Result<Vec<Share>, TranscriptError> {
    let may = may(access).await?;
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let db = w.store().read();
    let mut shares = Vec::new();
    for row in rows::of_ticket(db, ticket.id, LISTED).await? {
        if may == May::Own && row.by != access.reader() {
            continue;
        }
        let mut people = Vec::new();
        for person in rows::people(db, row.id).await? {
            people.push((person, name(access, person).await?));
        }
        let leads = row.revoked.is_none() && row.expires_at > w.now();
        let path = if leads { path(access, &row).await? } else { None };
        shares.push(Share {
            id: row.id,
            path,
            by: (row.by, name(access, row.by).await?),
            at: row.at,
            people,
            expires_at: row.expires_at,
            revoked_at: row.revoked.map(|(_, at)| at),
            views: u64::try_from(row.views).unwrap_or(0),
            viewed_at: row.viewed_at,
        });
    }
    Ok(shares)
}

/// The name somebody was last seen under; `None`: never, or they are restricted.
async fn name(access: &TranscriptAccess, user: UserId) -> Result<Option<String>, StorageError> {
    let names = names::of(&access.wardesk, access.ticket.guild, user).await?;
    Ok(names.map(|names| names.display_name))
}

/// The address of a link; `None` if its secret went with the server's key.
async fn path(access: &TranscriptAccess, row: &ShareRow) -> Result<Option<String>, StorageError> {
    let Some(kept) = &row.token_hash else { return Ok(Some(format!("/shared/{}", row.id))) };
    let secret = match secret(access, row.id).await {
        Ok(secret) => secret,
        Err(StorageError::Sealed(SealError::Destroyed)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let same = hash(&secret) == *kept;
    Ok(same.then(|| format!("/shared/{}", URL_SAFE_NO_PAD.encode(secret))))
}
