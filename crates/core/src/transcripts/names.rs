//! Names of server, roles and channels: the present ones while a ticket lives, those of its end after.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use storage::tickets::TicketRow;
use storage::transcripts::progress;
use storage::{KeyScope, Sealed, StorageError};

use super::seals;
use crate::Wardesk;
use crate::ports::GuildFacts;

/// Names of a server. Keys are snowflakes.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct ServerNames {
    pub guild: String,
    /// Name and colour (`0xRRGGBB`, 0 for none).
    pub roles: BTreeMap<i64, (String, u32)>,
    pub channels: BTreeMap<i64, String>,
    /// Places of roles: of several, the highest gives its colour. Transcripts of before it was kept have none.
    #[serde(default)]
    pub positions: BTreeMap<i64, i64>,
}

impl From<&GuildFacts> for ServerNames {
    fn from(facts: &GuildFacts) -> Self {
        Self {
            guild: facts.name.clone(),
            roles: facts.roles.iter().map(|r| (r.id.get(), (r.name.clone(), r.colour))).collect(),
            channels: facts.channels.iter().map(|c| (c.id.get(), c.name.clone())).collect(),
            positions: facts.roles.iter().map(|r| (r.id.get(), r.position)).collect(),
        }
    }
}

/// The names as they are now, sealed for the transcript. `None` when the bot is not on the server any more.
pub(super) async fn seal_context(
    w: &Wardesk,
    ticket: &TicketRow,
) -> Result<Option<Vec<u8>>, super::TranscriptError> {
    let facts = match w.discord().guild(ticket.guild).await {
        Ok(facts) => facts,
        Err(error) if error.is_temporary() => return Err(error.into()),
        Err(_) => return Ok(None),
    };
    let plain = serde_json::to_vec(&ServerNames::from(&*facts))
        .map_err(|_| StorageError::Corrupt("transcripts.context"))?;
    let aad = progress::context_aad(ticket.id);
    let keys = w.store().keys();
    Ok(Some(keys.seal(&KeyScope::server(ticket.guild), &aad, &plain).await?.into_bytes()))
}

/// The names that a transcript was stored with, else the present ones, else none.
pub(super) async fn of_ticket(
    w: &Wardesk,
    ticket: &TicketRow,
) -> Result<ServerNames, StorageError> {
    let stored = progress::get(w.store().read(), ticket.id).await?.and_then(|p| p.context);
    if let Some(sealed) = stored {
        let scope = KeyScope::server(ticket.guild);
        let aad = progress::context_aad(ticket.id);
        let opened = w.store().keys().open_sealed(&scope, &aad, &Sealed::from_bytes(sealed)).await;
        let names = seals::unless_erased(opened.and_then(|plain| {
            serde_json::from_slice(&plain).map_err(|_| StorageError::Corrupt("transcripts.context"))
        }))?;
        return Ok(names.unwrap_or_default());
    }
    let present = w.discord().guild(ticket.guild).await;
    Ok(present.as_deref().map(ServerNames::from).unwrap_or_default())
}
