//! Who may read a transcript.

use std::time::Duration;

use domain::access::Capability;
use domain::guilds::GuildSettings;
use domain::ids::{AttachmentId, GuildId, PanelId, TicketId, UserId};
use domain::panels::PanelSettings;
use storage::StorageError;
use storage::tickets::{TicketRow, members};
use transcript::LocalPath;

use super::{TranscriptError, views};
use crate::Wardesk;
use crate::accounts::Session;
use crate::guilds::{self, GuildAccess, GuildError};

/// Servers on which it is looked whether a person may read tickets that they were added to.
const ADDED_ON: i64 = 50;
/// How long it may take to learn what else the opener of a ticket is on its server.
const OPENER_LOOK: Duration = Duration::from_secs(1);

/// Why someone may read a transcript.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They opened the ticket.
    Opener,
    /// They were added to it.
    Added,
    /// They work on tickets of its panel, or manage the server.
    Staff,
    /// They have a role that the server lets read.
    Reader,
    /// They have a share link: see [`super::shared`].
    Shared,
}

/// The proof that a person may read a transcript. Only [`authorize`] gives one out.
#[derive(Debug, Clone)]
pub struct TranscriptAccess {
    pub(super) wardesk: Wardesk,
    pub(super) ticket: TicketRow,
    pub(super) panel: PanelSettings,
    reader: UserId,
    standing: Standing,
    /// What they may do on the server, where that is known.
    acting: Option<GuildAccess>,
    /// Where the files of the transcript are for them, on this site; an id follows.
    files: String,
}

impl TranscriptAccess {
    /// What stands behind a share link that `by` made: [`super::shared::SharedTranscript`] keeps it to itself.
    /// `step` is what stands in the link's address.
    pub(super) fn shared(
        w: &Wardesk,
        ticket: TicketRow,
        panel: PanelSettings,
        by: UserId,
        step: &str,
    ) -> Self {
        let (wardesk, files) = (w.clone(), format!("/shared/{step}/files/"));
        Self { wardesk, ticket, panel, reader: by, standing: Standing::Shared, acting: None, files }
    }

    /// Where a file of the transcript is for this reader, on this site.
    pub(super) fn file(&self, id: AttachmentId) -> Option<LocalPath> {
        LocalPath::new(format!("{}{id}", self.files))
    }

    /// The ticket.
    pub const fn ticket(&self) -> TicketId {
        self.ticket.id
    }

    /// The server that it was opened on.
    pub const fn guild(&self) -> GuildId {
        self.ticket.guild
    }

    /// Who reads.
    pub const fn reader(&self) -> UserId {
        self.reader
    }

    /// Why they may read it.
    pub const fn standing(&self) -> Standing {
        self.standing
    }

    /// The proof of what they may do on the server, if `capability` is among it. Fails with
    /// [`TranscriptError::NotFound`] otherwise.
    pub fn require(&self, capability: Capability) -> Result<&GuildAccess, TranscriptError> {
        let acting = self.acting.as_ref().filter(|a| a.capabilities().has(capability));
        acting.ok_or(TranscriptError::NotFound)
    }
}

/// A refusal takes this long at least, so that its time does not tell whether there is such a ticket.
pub(super) const REFUSAL: Duration = Duration::from_millis(300);

/// Lets the opener read, wherever they are now; and, as Discord has it at this moment, staff of the panel,
/// those who manage the server, those who have a role that the server lets read, and people who were added to
/// the ticket while the server allows it. For everyone else the ticket does not exist. That staff and readers
/// looked is in the audit log before they see anything.
///
/// While Discord cannot say who someone is, they are someone else: an answer of another kind would tell a
/// stranger that there is a ticket.
pub async fn authorize(
    w: &Wardesk,
    session: &Session,
    ticket: TicketId,
) -> Result<TranscriptAccess, TranscriptError> {
    let floor = tokio::time::sleep(REFUSAL);
    let access = authorize_person(w, session.user, ticket).await;
    if matches!(access, Err(TranscriptError::NotFound)) {
        floor.await;
    }
    let access = access?;
    if let (Standing::Staff | Standing::Reader, Some(acting)) = (access.standing, &access.acting) {
        views::viewed(acting, &access.ticket).await?;
    }
    Ok(access)
}

/// Like [`authorize`], for someone who is known already, and without a note of it.
pub(super) async fn authorize_person(
    w: &Wardesk,
    reader: UserId,
    ticket: TicketId,
) -> Result<TranscriptAccess, TranscriptError> {
    let db = w.store().read();
    let ticket = storage::tickets::get(db, ticket).await?.ok_or(TranscriptError::NotFound)?;
    let panel = storage::panels::get(db, ticket.guild, ticket.panel)
        .await?
        .ok_or(StorageError::Corrupt("tickets.panel_id"))?
        .settings;
    let (standing, acting) = if reader == ticket.opener {
        // They may read whatever Discord says; what else they may do there is asked for, and not waited for.
        let asked = guilds::of_person(w, reader, ticket.guild);
        let acting = tokio::time::timeout(OPENER_LOOK, asked).await.ok().and_then(Result::ok);
        (Standing::Opener, acting)
    } else {
        let acting = match guilds::of_person(w, reader, ticket.guild).await {
            Ok(acting) => acting,
            Err(GuildError::Storage(error)) => return Err(error.into()),
            Err(_) => return Err(TranscriptError::NotFound),
        };
        let settings = settings_of(w, ticket.guild).await?;
        let added = members_may(&settings) && members::is_member(db, ticket.id, reader).await?;
        let standing = standing(&acting, &panel, added).ok_or(TranscriptError::NotFound)?;
        (standing, Some(acting))
    };
    let files = format!("/transcripts/{}/files/", ticket.id);
    Ok(TranscriptAccess { wardesk: w.clone(), ticket, panel, reader, standing, acting, files })
}

/// What someone who did not open it is to a ticket's transcript; `None` for nobody. `added`: they were added to
/// the ticket and [`members_may`] read.
pub(super) fn standing(
    acting: &GuildAccess,
    panel: &PanelSettings,
    added: bool,
) -> Option<Standing> {
    if !acting.reads(&panel.support_roles) {
        return added.then_some(Standing::Added);
    }
    let works = acting.capabilities().has(Capability::See) && acting.works_on(&panel.support_roles);
    Some(if works { Standing::Staff } else { Standing::Reader })
}

/// Whether people who were added to tickets of a server may read them.
const fn members_may(settings: &GuildSettings) -> bool {
    settings.members_read
}

pub(super) async fn settings_of(
    w: &Wardesk,
    guild: GuildId,
) -> Result<GuildSettings, StorageError> {
    match guilds::settings_of(w, guild).await {
        Ok(settings) => Ok(settings),
        Err(GuildError::Storage(error)) => Err(error),
        Err(_) => Err(StorageError::Corrupt("guild_settings")),
    }
}

/// The panels whose transcripts someone may read; `None` is every panel. The rule is that of [`authorize`].
pub(super) async fn readable_panels(
    access: &GuildAccess,
) -> Result<Option<Vec<PanelId>>, TranscriptError> {
    access.require(Capability::Transcripts).map_err(|_| TranscriptError::NotFound)?;
    let w = access.wardesk();
    let panels = w.ticket_caches().panels(w, access.guild()).await?;
    let readable = panels.iter().filter(|panel| standing(access, &panel.settings, false).is_some());
    let readable: Vec<PanelId> = readable.map(|panel| panel.id).collect();
    Ok((readable.len() < panels.len()).then_some(readable))
}

/// Servers on which someone may read the tickets that they were added to: the server allows it, and they are
/// there. The rule is that of [`authorize`].
pub(crate) async fn added_on(w: &Wardesk, user: UserId) -> Result<Vec<GuildId>, StorageError> {
    let mut allowed = Vec::new();
    for guild in members::guilds_of(w.store().read(), user, ADDED_ON).await? {
        if !members_may(&settings_of(w, guild).await?) {
            continue;
        }
        match guilds::of_person(w, user, guild).await {
            Ok(_) => allowed.push(guild),
            Err(GuildError::Storage(error)) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(allowed)
}
