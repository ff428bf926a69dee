//! Who may read a transcript.

use std::time::Duration;

use domain::access::Capability;
use domain::ids::{TicketId, UserId};
use domain::panels::PanelSettings;
use storage::StorageError;
use storage::tickets::TicketRow;

use super::TranscriptError;
use crate::Wardesk;
use crate::accounts::Session;
use crate::guilds::{self, GuildError};

/// The proof that a person may read a transcript. Only [`authorize`] makes one.
#[derive(Debug, Clone)]
pub struct TranscriptAccess {
    pub(super) wardesk: Wardesk,
    pub(super) ticket: TicketRow,
    pub(super) panel: PanelSettings,
}

impl TranscriptAccess {
    /// The ticket.
    pub const fn ticket(&self) -> TicketId {
        self.ticket.id
    }
}

/// A refusal takes this long at least, so that its time does not tell whether there is such a ticket.
const REFUSAL: Duration = Duration::from_millis(300);

/// Lets the opener read, wherever they are now; and, as Discord has it at this moment, staff of the panel
/// and those who manage the server. For everyone else the ticket does not exist.
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
    access
}

/// Like [`authorize`], for someone who is known already.
pub(super) async fn authorize_person(
    w: &Wardesk,
    reader: UserId,
    ticket: TicketId,
) -> Result<TranscriptAccess, TranscriptError> {
    let db = w.store().read();
    let row = storage::tickets::get(db, ticket).await?.ok_or(TranscriptError::NotFound)?;
    let panel = storage::panels::get(db, row.guild, row.panel)
        .await?
        .ok_or(StorageError::Corrupt("tickets.panel_id"))?
        .settings;
    if reader != row.opener {
        let access = match guilds::of_person(w, reader, row.guild).await {
            Ok(access) => access,
            Err(GuildError::Storage(error)) => return Err(error.into()),
            Err(_) => return Err(TranscriptError::NotFound),
        };
        let may = access.capabilities().has(Capability::Transcripts);
        if !may || !access.works_on(&panel.support_roles) {
            return Err(TranscriptError::NotFound);
        }
    }
    Ok(TranscriptAccess { wardesk: w.clone(), ticket: row, panel })
}
