//! Reading by a share link.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::{AttachmentId, GuildId, ShareId, UserId};
use domain::time::Millis;
use serde::Serialize;
use storage::StorageError;
use storage::transcripts::shares::{self as rows, ShareRow};

use super::attachments::StoredFile;
use super::authorize::{self, REFUSAL};
use super::{TranscriptAccess, TranscriptError, TranscriptPage, Wanted, share, views};
use crate::Wardesk;
use crate::audit::{self, Change};

/// Where a link leads from: what stands in its address.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A link for whoever has it: the secret.
    Secret([u8; 32]),
    /// A link that names people.
    Named(ShareId),
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Secret(_) => f.write_str("Secret(…)"),
            Self::Named(id) => f.debug_tuple("Named").field(id).finish(),
        }
    }
}

impl Address {
    /// Reads the part of an address after `/shared/`; `None` for what is none.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(id) = text.parse() {
            return Some(Self::Named(id));
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self::Secret(bytes.try_into().ok()?))
    }
}

/// The proof that somebody may read a transcript by a link, and nothing else: search, exports and lists ask for
/// another one. Only [`open`] makes it.
#[derive(Debug, Clone)]
pub struct SharedTranscript {
    access: TranscriptAccess,
    link: ShareRow,
    reader: Option<UserId>,
}

impl SharedTranscript {
    /// When the link ends.
    pub const fn expires_at(&self) -> Millis {
        self.link.expires_at
    }

    /// The server.
    pub const fn guild(&self) -> GuildId {
        self.access.ticket.guild
    }

    /// A window, as [`super::window`] gives it. The files on it are found at the link's own address.
    pub async fn window(&self, wanted: Wanted) -> Result<TranscriptPage, TranscriptError> {
        super::window(&self.access, wanted).await
    }

    /// A stored file.
    pub async fn attachment(&self, id: AttachmentId) -> Result<StoredFile, TranscriptError> {
        super::attachment(&self.access, id).await
    }

    /// Counts that the transcript was opened by the link. In the audit log at most once an hour for each reader who
    /// is known, and for all others together.
    pub async fn viewed(&self) -> Result<(), TranscriptError> {
        let (w, ticket, actor) = (&self.access.wardesk, &self.access.ticket, self.reader);
        let (guild, target) = (ticket.guild, ticket.id.to_string());
        let mut tx = w.store().begin().await?;
        let at = w.now();
        rows::viewed(tx.conn(), self.link.id, at).await?;
        let since = at.plus_seconds(-views::ONCE_IN_S);
        storage::audit::lock(tx.conn(), guild).await?;
        let conn = &mut *tx.conn();
        if !storage::audit::noted_since(conn, guild, actor, ACTION, &target, since).await? {
            let change = Change { guild, at, actor, action: ACTION, target: &target };
            let note = Note { number: ticket.number };
            audit::record(tx.conn(), change, None::<&()>, Some(&note)).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// The entry of the audit log.
const ACTION: &str = "transcript.share_viewed";

#[derive(Serialize)]
struct Note {
    number: i64,
}

/// Opens a link, for whoever is signed in or nobody. A link that is revoked, expired, unknown or turned off, and
/// one that names others, is not found; that takes as long for each.
pub async fn open(
    w: &Wardesk,
    address: &Address,
    reader: Option<UserId>,
) -> Result<SharedTranscript, TranscriptError> {
    let floor = tokio::time::sleep(REFUSAL);
    let opened = find(w, address, reader).await;
    if matches!(opened, Err(TranscriptError::NotFound)) {
        floor.await;
    }
    opened
}

async fn find(
    w: &Wardesk,
    address: &Address,
    reader: Option<UserId>,
) -> Result<SharedTranscript, TranscriptError> {
    let db = w.store().read();
    let (found, step) = match address {
        Address::Secret(secret) => {
            let found = rows::by_hash(db, &share::hash(secret)).await?;
            (found, URL_SAFE_NO_PAD.encode(secret))
        }
        Address::Named(id) => {
            // The address of a link for whoever has it is its secret alone.
            let found = rows::get(db, *id).await?.filter(|link| link.token_hash.is_none());
            (found, id.to_string())
        }
    };
    let link = found.ok_or(TranscriptError::NotFound)?;
    if link.revoked.is_some() || link.expires_at <= w.now() {
        return Err(TranscriptError::NotFound);
    }
    let reader = match address {
        Address::Secret(_) => None,
        Address::Named(id) => {
            let named = rows::people(db, *id).await?;
            Some(reader.filter(|reader| named.contains(reader)).ok_or(TranscriptError::NotFound)?)
        }
    };
    let ticket = storage::tickets::get(db, link.ticket).await?.ok_or(TranscriptError::NotFound)?;
    if !authorize::settings_of(w, ticket.guild).await?.share_links {
        return Err(TranscriptError::NotFound);
    }
    let panel = storage::panels::get(db, ticket.guild, ticket.panel)
        .await?
        .ok_or(StorageError::Corrupt("tickets.panel_id"))?
        .settings;
    // A link is worth what its maker is: who may not share any more, in another panel's ticket, without the role or the
    // server's leave, shares nothing.
    share::may(&authorize::authorize_person(w, link.by, ticket.id).await?).await?;
    let access = TranscriptAccess::shared(w, ticket, panel, link.by, &step);
    Ok(SharedTranscript { access, link, reader })
}
