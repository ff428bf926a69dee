//! Redaction: words are taken out of a transcript for good.
//!
//! What is to go is noted first, with who wants it; then the live archive and the chunks are written over,
//! in small transactions. A process that dies leaves the note, and the rest goes when another finds it. The words go
//! from every version, from forwards, from the form's answers, from the reason for closing and from what is found
//! by them. A mark stays at each message.

mod look;
mod rewrite;
mod work;

use domain::access::Capability;
use domain::ids::{MessageId, TicketId};
use domain::transcripts::patterns::Pattern;
use storage::tickets::TicketRow;
use storage::transcripts::holds;
use storage::transcripts::redactions::{self as rows, Kind, RedactionRow};
use storage::{KeyScope, StorageError};

use super::error::Refusal;
use super::{TranscriptAccess, TranscriptError, views};
use crate::Wardesk;
use crate::privacy::protections::Redacted;
pub use look::{Look, Passage, look};
pub use work::finish_all;
pub(crate) use work::finish_every;

/// What is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Everything that a message says.
    Message {
        /// Which.
        message: MessageId,
        /// Its files as well.
        files: bool,
    },
    /// Wherever it is said.
    Pattern(Pattern),
}

impl What {
    const fn kind(&self) -> Kind {
        match self {
            Self::Message { .. } => Kind::Message,
            Self::Pattern(Pattern::Cards) => Kind::Cards,
            Self::Pattern(Pattern::Emails) => Kind::Emails,
            Self::Pattern(Pattern::Ibans) => Kind::Ibans,
            Self::Pattern(Pattern::Text(_)) => Kind::Text,
        }
    }
}

/// The entry of the audit log. It says what was looked for only where that is no secret.
const fn action(kind: Kind) -> &'static str {
    match kind {
        Kind::Message => "transcript.message_redacted",
        Kind::Cards => "transcript.cards_redacted",
        Kind::Emails => "transcript.emails_redacted",
        Kind::Ibans => "transcript.ibans_redacted",
        Kind::Text => "transcript.words_redacted",
    }
}

/// Takes words out of a transcript. For those who manage the server; in the audit log without the words; nothing
/// brings them back. When this answers they are gone; when it fails after the first write, they go as soon as a
/// process comes to it.
///
/// Refused with [`Refusal::Held`] while there is a legal hold, and with [`TranscriptError::NotFound`] for a message
/// that the transcript does not have.
pub async fn redact(access: &TranscriptAccess, what: &What) -> Result<(), TranscriptError> {
    let by = access.require(Capability::Privacy)?.user();
    let (w, ticket) = (&access.wardesk, &access.ticket);
    if let What::Message { message, .. } = what {
        let known = super::load::these(w, ticket, &[*message].into()).await?;
        if known.is_empty() {
            return Err(TranscriptError::NotFound);
        }
    }
    let redaction = rows::next_number(w.store().read(), ticket.id).await?;
    let (message, files) = match what {
        What::Message { message, files } => (Some(*message), *files),
        What::Pattern(_) => (None, false),
    };
    let words = match what {
        What::Pattern(Pattern::Text(words)) => Some(seal_words(w, ticket, redaction, words).await?),
        _ => None,
    };
    let mut tx = w.store().begin().await?;
    let at = w.now();
    storage::tickets::lock(tx.conn(), ticket.id).await?.ok_or(TranscriptError::NotFound)?;
    if holds::active(&mut *tx.conn(), ticket.id).await?.is_some() {
        return Err(TranscriptError::Refused(Refusal::Held));
    }
    let row = RedactionRow {
        ticket: ticket.id,
        redaction,
        kind: what.kind(),
        message,
        files,
        words,
        by,
        at,
    };
    if !rows::begin(tx.conn(), &row).await? {
        return Err(TranscriptError::Refused(Refusal::Again));
    }
    if let Some(message) = message {
        rows::mark(tx.conn(), ticket.id, message, redaction, true).await?;
    }
    views::note(tx.conn(), at, by, action(row.kind), ticket).await?;
    tx.commit().await?;
    fail::fail_point!(crate::failpoints::keeping::REDACT_AFTER_NOTE);
    work::finish(w, &row).await?;
    Ok(())
}

/// Notes a redaction again that a restore of a backup undid, in the service's name; [`finish_every`] carries it out.
/// `false`: the ticket is not there, or it is noted.
pub(crate) async fn again(
    w: &Wardesk,
    ticket: TicketId,
    redacted: &Redacted,
) -> Result<bool, StorageError> {
    let db = w.store().read();
    let Some(ticket) = storage::tickets::get(db, ticket).await? else { return Ok(false) };
    if rows::is_noted(db, ticket.id, redacted.at).await? {
        return Ok(false);
    }
    let kind = Kind::parse(&redacted.pattern)?;
    let (by, redaction) = (w.own_user()?, rows::next_number(db, ticket.id).await?);
    let words = match &redacted.words {
        Some(words) => Some(seal_words(w, &ticket, redaction, words).await?),
        None => None,
    };
    let row = RedactionRow {
        ticket: ticket.id,
        redaction,
        kind,
        message: redacted.message,
        files: redacted.files,
        words,
        by,
        at: redacted.at,
    };
    let mut tx = w.store().begin().await?;
    let begun = rows::begin(tx.conn(), &row).await?;
    if let (true, Some(message)) = (begun, row.message) {
        rows::mark(tx.conn(), ticket.id, message, redaction, true).await?;
    }
    if begun {
        views::note(tx.conn(), w.now(), by, action(kind), &ticket).await?;
        tx.commit().await?;
    }
    Ok(begun)
}

/// The words of a redaction, as its row has them.
async fn seal_words(
    w: &Wardesk,
    ticket: &TicketRow,
    redaction: i64,
    words: &str,
) -> Result<Vec<u8>, StorageError> {
    let (scope, aad) = (KeyScope::server(ticket.guild), rows::words_aad(ticket.id, redaction));
    Ok(w.store().keys().seal(&scope, &aad, words.as_bytes()).await?.into_bytes())
}
