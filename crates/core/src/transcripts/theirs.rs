//! What one person said and sent, unsealed for themselves: their own copy of it.

use bytes::Bytes;
use domain::ids::{AttachmentId, MessageId, UserId};
use domain::time::Millis;
use futures::stream::BoxStream;
use serde_json::Value;
use storage::StorageError;
use storage::privacy::theirs as rows;
use storage::tickets::TicketRow;
use storage::transcripts::attachments::{self, AttachmentState};

use super::archive::Of;
use super::reactions::How;
use super::{chunk, seals};
use crate::Wardesk;

/// Rows that are read at once.
const ROWS: i64 = 200;

/// A message with its versions that can still be read: the time of each edit, or 0, and the JSON.
pub(crate) type OwnMessage = (MessageId, Vec<(i64, String)>);

/// How far a person's messages of a ticket were read.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At {
    /// In chunks, after that chunk and part.
    Chunks(i64, i64),
    /// In the live archive, after that message and version.
    Live(i64, i64),
    /// To the end.
    End,
}

impl At {
    /// The beginning.
    pub(crate) const START: Self = Self::Chunks(-1, -1);
}

/// The next messages of a person in a ticket, and where to go on.
pub(crate) async fn messages(
    w: &Wardesk,
    ticket: &TicketRow,
    user: UserId,
    at: At,
) -> Result<(Vec<OwnMessage>, At), StorageError> {
    let db = w.store().read();
    match at {
        At::End => Ok((Vec::new(), At::End)),
        At::Chunks(chunk, part) => {
            let Some((chunk, row)) = rows::part(db, ticket.id, user, (chunk, part)).await? else {
                return Ok((Vec::new(), At::Live(0, -1)));
            };
            let next = At::Chunks(chunk, row.part);
            let said = chunk::open_part(w, ticket, chunk, row).await?;
            Ok((said.unwrap_or_default(), next))
        }
        At::Live(message, version) => {
            let found = rows::live(db, ticket.id, user, (message, version), ROWS).await?;
            let Some(last) = found.last() else { return Ok((Vec::new(), At::End)) };
            let next = At::Live(last.message.get(), last.version);
            let mut said = Vec::with_capacity(found.len());
            for row in found {
                let (message, version) = (row.message, row.version);
                let keys = w.store().keys();
                let body = seals::open_version(keys, ticket.guild, ticket.id, row).await?;
                said.extend(body.map(|body| (message, vec![(version, body)])));
            }
            Ok((said, next))
        }
    }
}

/// A reaction of a person.
pub(crate) struct OwnReaction {
    pub message: MessageId,
    pub number: i64,
    pub at: Millis,
    /// Discord's emoji object.
    pub emoji: Option<Value>,
    /// Whether it came; else it was taken back.
    pub added: bool,
}

/// The next reactions of a person in a ticket after `after` (message and number).
pub(crate) async fn reactions(
    w: &Wardesk,
    ticket: &TicketRow,
    user: UserId,
    after: (i64, i64),
) -> Result<Vec<OwnReaction>, StorageError> {
    let mut found = Vec::new();
    for row in rows::reactions(w.store().read(), ticket.id, user, after, ROWS).await? {
        let (message, number, at) = (row.message, row.number, row.at);
        let change = seals::open_reaction(w.store().keys(), Of::new(ticket), row).await?;
        let (emoji, added) =
            change.map_or((None, false), |change| (change.emoji, change.how == How::Added));
        found.push(OwnReaction { message, number, at, emoji, added });
    }
    Ok(found)
}

/// A file of a person.
pub(crate) struct OwnFile {
    pub id: AttachmentId,
    pub message: MessageId,
    /// Its name, as they gave it; a word for what is no attachment, such as an avatar.
    pub name: String,
    /// Where its bytes are, if they are there.
    blob: Option<String>,
}

impl OwnFile {
    /// Whether its bytes are there.
    pub(crate) const fn is_stored(&self) -> bool {
        self.blob.is_some()
    }
}

/// The next files of a person in a ticket after `after`.
pub(crate) async fn files(
    w: &Wardesk,
    ticket: &TicketRow,
    user: UserId,
    after: Option<AttachmentId>,
) -> Result<Vec<OwnFile>, StorageError> {
    let db = w.store().read();
    let mut found = Vec::new();
    for id in rows::files(db, ticket.id, user, after, ROWS).await? {
        let Some(row) = attachments::get(db, ticket.id, id).await? else { continue };
        let scope = seals::scope(ticket.guild, Some(user));
        let stored = row.state == AttachmentState::Stored;
        let details =
            seals::open_details(w.store().keys(), scope, ticket.id, id, row.details).await?;
        found.push(OwnFile {
            id,
            message: row.message,
            name: details.map(|details| details.name).unwrap_or_default(),
            blob: row.blob.filter(|_| stored),
        });
    }
    Ok(found)
}

/// The bytes of a file; `None`: they are not there.
pub(crate) async fn bytes(
    w: &Wardesk,
    ticket: &TicketRow,
    user: UserId,
    file: &OwnFile,
) -> Result<Option<BoxStream<'static, Result<Bytes, StorageError>>>, StorageError> {
    let Some(blob) = &file.blob else { return Ok(None) };
    let scope = seals::scope(ticket.guild, Some(user));
    match w.store().blobs().get(&scope, blob).await {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_damage() => Ok(None),
        Err(StorageError::Sealed(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
