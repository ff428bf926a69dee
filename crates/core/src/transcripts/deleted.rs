//! Messages that people deleted. That there was one stays in the transcript; what it said is shown only where the
//! server turned that on before the ticket was opened, so that everybody in it was told, and has it turned on still.
//! Elsewhere it goes, but for tickets under a legal hold: there it is kept and shown to nobody, and goes when the hold
//! is lifted.

use domain::ids::{MessageId, TicketId};
use domain::time::Millis;
use serde_json::{Map, Value};
use sqlx::AnyConnection;
use storage::StorageError;
use storage::counters::{self, Counter};
use storage::tickets::TicketRow;
use storage::transcripts::archive::{self, DeletionRow};
use storage::transcripts::{attachments, chunks, holds, reactions, removals};

use super::archive::{Batch, Of};
use super::chunk;
use crate::Wardesk;
use crate::guilds;

/// What is left of a message: who wrote it, when, and of what kind it was.
const LEFT: [&str; 10] = [
    "id",
    "type",
    "channel_id",
    "guild_id",
    "author",
    "member",
    "timestamp",
    "edited_timestamp",
    "webhook_id",
    "application_id",
];

/// Chunks that are read at once.
const CHUNKS: i64 = 16;

/// Whether those who read a ticket are shown what deleted messages said.
pub(super) async fn are_shown(w: &Wardesk, ticket: &TicketRow) -> Result<bool, StorageError> {
    Ok(ticket.keeps_deleted && guilds::known(w, ticket.guild).await?.settings.keep_deleted)
}

/// Whether the words of a ticket's deleted messages are kept: where they are shown, and while a legal hold lies on it.
/// Under a legal hold, the author cannot remove evidence by deleting it.
pub(super) async fn are_kept(w: &Wardesk, ticket: &TicketRow) -> Result<bool, StorageError> {
    Ok(are_shown(w, ticket).await? || is_held(w, ticket.id).await?)
}

async fn is_held(w: &Wardesk, ticket: TicketId) -> Result<bool, StorageError> {
    Ok(holds::active(w.store().read(), ticket).await?.is_some())
}

/// Whether a message was deleted and is kept for a legal hold alone, so that nobody is handed what it had.
pub(super) async fn is_withheld(
    w: &Wardesk,
    ticket: &TicketRow,
    message: MessageId,
) -> Result<bool, StorageError> {
    if are_shown(w, ticket).await? || !is_held(w, ticket.id).await? {
        return Ok(false);
    }
    let (db, number) = (w.store().read(), message.get());
    if !archive::deletions(db, ticket.id, number, number).await?.is_empty() {
        return Ok(true);
    }
    let chunks = chunks::around(db, ticket.id, message).await?;
    let mut entries = chunks.iter().flat_map(|chunk| &chunk.entries);
    Ok(entries.any(|entry| entry.0 == message && entry.2.is_some()))
}

/// What the live archive keeps of deleted messages for a hold alone, to be taken away in the transaction that lifts it,
/// with [`ask_again`]; `None`: it is shown, and stays.
pub(super) async fn for_the_hold(
    w: &Wardesk,
    ticket: &TicketRow,
) -> Result<Option<Batch>, StorageError> {
    if are_shown(w, ticket).await? {
        return Ok(None);
    }
    let mut batch = Batch::default();
    for gone in archive::deletions(w.store().read(), ticket.id, 0, i64::MAX).await? {
        batch.deleted(w, Of::new(ticket), gone.message, false).await?;
    }
    Ok(Some(batch))
}

/// Notes deletions anew that chunks know already, so that [`settle_late`] comes to them: at once, or with the next
/// tidying where the program dies before.
pub(super) async fn ask_again(
    conn: &mut AnyConnection,
    ticket: TicketId,
) -> Result<(), StorageError> {
    let mut after = None;
    loop {
        let rows = chunks::from_message(&mut *conn, ticket, 0, after, None, CHUNKS).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some((last.first, last.chunk));
        for chunks::Entry(message, _, deleted) in rows.iter().flat_map(|row| &row.entries) {
            if let Some(at) = deleted {
                archive::mark_deleted(conn, ticket, *message, *at).await?;
            }
        }
    }
}

/// A message without what it said. Doing it again changes nothing.
pub(super) fn husk(message: &Value) -> Value {
    let fields = message.as_object().into_iter().flatten();
    let left = fields.filter(|(key, _)| LEFT.contains(&key.as_str()));
    Value::Object(left.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>())
}

/// The same for JSON text. What cannot be read says nothing that could be left.
pub(super) fn husk_text(json: &str) -> String {
    let message = serde_json::from_str(json).unwrap_or(Value::Null);
    husk(&message).to_string()
}

/// Takes what messages said out of chunks that were made before the messages were deleted, and has the chunks say that
/// they were.
pub(super) async fn settle_late(w: &Wardesk, ticket: &TicketRow) -> Result<(), StorageError> {
    let late = archive::late_deletions(w.store().read(), ticket.id).await?;
    if late.is_empty() {
        return Ok(());
    }
    let keep = are_kept(w, ticket).await?;
    let now = w.now();
    for deletion in late {
        settle(w, ticket, &deletion, keep, now).await?;
    }
    w.transcript_caches().shelves.forget(ticket.guild).await;
    // Somebody who reads what was before holds the rest of the write-ahead log; it is emptied with the next deletion.
    w.store().forget_overwritten().await.map(|_| ())
}

async fn settle(
    w: &Wardesk,
    ticket: &TicketRow,
    deletion: &DeletionRow,
    keep: bool,
    now: Millis,
) -> Result<(), StorageError> {
    let (guild, id, keys) = (ticket.guild, ticket.id, w.store().keys());
    let mut tx = w.store().begin().await?;
    storage::tickets::lock(tx.conn(), id).await?;
    for mut row in chunks::around(&mut *tx.conn(), id, deletion.message).await? {
        let entry = row.entries.iter_mut().find(|entry| entry.0 == deletion.message);
        let Some(entry) = entry else { continue };
        entry.2.get_or_insert(deletion.at);
        let place = entry.1;
        chunks::replace_entries(tx.conn(), id, row.chunk, &row.entries).await?;
        if keep {
            continue;
        }
        let parts = chunks::parts(&mut *tx.conn(), id, row.chunk).await?;
        // Of somebody who was erased there is no part.
        let Some(part) = parts.into_iter().find(|part| part.part == place) else { continue };
        let subject = part.subject;
        let Some(mut said) = chunk::open_part(w, ticket, row.chunk, part).await? else { continue };
        for (_, versions) in said.iter_mut().filter(|(message, _)| *message == deletion.message) {
            let newest = versions.pop();
            versions.clear();
            versions.extend(newest.map(|(version, body)| (version, husk_text(&body))));
        }
        chunk::write_over(tx.conn(), keys, guild, (id, row.chunk, place), subject, &said).await?;
        counters::next(tx.conn(), guild, Counter::Erasure).await?;
    }
    if !keep {
        reactions::delete(tx.conn(), id, deletion.message).await?;
        for blob in attachments::delete_of(tx.conn(), id, deletion.message).await? {
            removals::ask(tx.conn(), guild, &blob, now).await?;
        }
    }
    archive::forget_deletion(tx.conn(), id, deletion.message).await?;
    tx.commit().await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_that_was_said_is_left() {
        let message = json!({
            "id": "1", "type": 0, "timestamp": "t", "edited_timestamp": null, "author": { "id": "7" },
            "content": "said", "attachments": [{ "filename": "said" }], "embeds": [{ "title": "said" }],
            "components": ["said"], "poll": { "question": "said" }, "sticker_items": ["said"],
            "message_snapshots": ["said"], "reactions": ["said"], "mentions": ["said"], "new_of_discord": "said",
        });
        let left = husk(&message);
        assert!(!left.to_string().contains("said"), "{left}");
        assert_eq!((&left["id"], &left["author"]["id"]), (&json!("1"), &json!("7")));
        assert_eq!(husk(&left), left);
        assert_eq!(husk_text("no json"), "{}");
    }
}
