//! The writing over. Every step is safe to repeat.

use std::time::Duration;

use domain::ids::{AttachmentId, MessageId, TicketId, UserId};
use domain::transcripts::patterns::Pattern;
use storage::counters::{self, Counter};
use storage::tickets::TicketRow;
use storage::transcripts::redactions::{self as rows, Kind, RedactionRow};
use storage::transcripts::{archive as live, attachments as files, chunks, removals};
use storage::{KeyScope, Sealed, StorageError};

use super::{What, rewrite};
use crate::Wardesk;
use crate::privacy::protections::{self, Redacted};
use crate::transcripts::seals::{self, PartMessage};
use crate::transcripts::{chunk, keeping};

/// Redactions that are taken up at once.
const AT_ONCE: i64 = 20;
/// Messages of the live archive that one transaction looks at.
const MESSAGES: i64 = 128;
/// Files that are looked at at once.
const FILES: i64 = 200;
/// How often the write-ahead log is emptied, if somebody reads what was before.
const FORGET_TRIES: u32 = 20;
const FORGET_AFTER: Duration = Duration::from_millis(50);

/// Finishes every redaction that a process left when it died, or that is still under way. One that fails keeps no other
/// from its turn; the last error is answered.
pub async fn finish_all(w: &Wardesk) -> Result<(), StorageError> {
    let mut failed = None;
    for row in rows::under_way(w.store().read(), AT_ONCE).await? {
        if let Err(error) = finish(w, &row).await {
            tracing::error!(ticket = %row.ticket, %error, "a redaction could not be finished");
            failed = Some(error);
        }
    }
    failed.map_or(Ok(()), Err)
}

/// The same until none is left, where nobody reads meanwhile: after a restore.
pub(crate) async fn finish_every(w: &Wardesk) -> Result<(), StorageError> {
    let mut before = None;
    loop {
        let left = rows::under_way(w.store().read(), AT_ONCE).await?;
        // What cannot be finished now is finished when the service runs.
        if left.is_empty() || before.as_ref() == Some(&left) {
            return Ok(());
        }
        for row in &left {
            finish(w, row).await?;
        }
        before = Some(left);
    }
}

/// Does all that is left of one.
pub(super) async fn finish(w: &Wardesk, row: &RedactionRow) -> Result<(), StorageError> {
    let Some(ticket) = storage::tickets::get(w.store().read(), row.ticket).await? else {
        return Ok(());
    };
    let Some(what) = what(w, &ticket, row).await? else {
        tracing::error!("the words of a redaction cannot be read: it is given up");
        return done(w, row).await;
    };
    let work = Work { w, ticket: &ticket, what: &what, redaction: row.redaction };
    // A message moves from the live archive into a chunk, never back: it is met in one or the other.
    work.live().await?;
    for number in chunks::numbers(w.store().read(), ticket.id).await? {
        work.chunk(number).await?;
        fail::fail_point!(crate::failpoints::keeping::REDACT_AFTER_CHUNK);
        tokio::task::yield_now().await;
    }
    // What was on its way when the message was marked has arrived by now.
    work.live().await?;
    work.files(row).await?;
    work.form().await?;
    w.transcript_caches().shelves.forget(ticket.guild).await;
    // An object that cannot be removed now goes with a sweep, and holds nothing up: its row is gone.
    keeping::remove_what_goes(w).await?;
    protections::redacted(w, &ticket, noted(row, &what)).await?;
    for _ in 0..FORGET_TRIES {
        if w.store().forget_overwritten().await? {
            return done(w, row).await;
        }
        tokio::time::sleep(FORGET_AFTER).await;
    }
    tracing::info!("somebody reads what was before a redaction; it is finished later");
    Ok(())
}

/// What the key store notes of a redaction.
fn noted(row: &RedactionRow, what: &What) -> Redacted {
    let words = match what {
        What::Pattern(Pattern::Text(words)) => Some(words.clone()),
        _ => None,
    };
    Redacted {
        at: row.at,
        message: row.message,
        files: row.files,
        pattern: row.kind.as_str().to_owned(),
        words,
    }
}

async fn done(w: &Wardesk, row: &RedactionRow) -> Result<(), StorageError> {
    let mut tx = w.store().begin().await?;
    rows::done(tx.conn(), row.ticket, row.redaction, w.now()).await?;
    tx.commit().await?;
    // The words that were looked for.
    w.store().forget_overwritten().await.map(|_| ())
}

/// What a row asks for; `None` if its words cannot be read any more.
async fn what(
    w: &Wardesk,
    ticket: &TicketRow,
    row: &RedactionRow,
) -> Result<Option<What>, StorageError> {
    Ok(Some(match (row.kind, row.message) {
        (Kind::Message, Some(message)) => What::Message { message, files: row.files },
        (Kind::Message, None) => return Ok(None),
        (Kind::Cards, _) => What::Pattern(Pattern::Cards),
        (Kind::Emails, _) => What::Pattern(Pattern::Emails),
        (Kind::Ibans, _) => What::Pattern(Pattern::Ibans),
        (Kind::Text, _) => {
            let sealed = Sealed::from_bytes(row.words.clone().unwrap_or_default());
            let scope = KeyScope::server(ticket.guild);
            let aad = rows::words_aad(ticket.id, row.redaction);
            let opened = w.store().keys().open_sealed(&scope, &aad, &sealed).await;
            let words = seals::unless_erased(opened.and_then(|plain| {
                String::from_utf8(plain.to_vec())
                    .map_err(|_| StorageError::Corrupt("redactions.words"))
            }))?;
            let Some(words) = words else { return Ok(None) };
            What::Pattern(Pattern::Text(words))
        }
    }))
}

/// What is left of a part, and the messages of which something went, with whether all of it did.
type Leftover = (Vec<PartMessage>, Vec<(MessageId, bool)>);

struct Work<'a> {
    w: &'a Wardesk,
    ticket: &'a TicketRow,
    what: &'a What,
    redaction: i64,
}

impl Work<'_> {
    const fn id(&self) -> TicketId {
        self.ticket.id
    }

    /// The live archive, some messages at a time.
    async fn live(&self) -> Result<(), StorageError> {
        let mut from = 0;
        loop {
            let sizes = live::sizes(self.w.store().read(), self.id(), from, MESSAGES).await?;
            let (Some((first, _)), Some((last, _))) = (sizes.first(), sizes.last()) else {
                return Ok(());
            };
            self.live_between(*first, *last).await?;
            from = last.get() + 1;
        }
    }

    async fn live_between(&self, first: MessageId, last: MessageId) -> Result<(), StorageError> {
        let keys = self.w.store().keys();
        let (guild, id) = (self.ticket.guild, self.id());
        let mut tx = self.w.store().begin().await?;
        storage::tickets::lock(tx.conn(), id).await?;
        let versions = live::versions(&mut *tx.conn(), id, first.get(), last.get()).await?;
        let mut changed = false;
        for (index, row) in versions.iter().enumerate() {
            let (message, version, subject) = (row.message, row.version, row.subject);
            let Some(body) = seals::open_version(keys, guild, id, row.clone()).await? else {
                continue;
            };
            let Some(left) = rewrite::version(self.what, message, &body) else { continue };
            let newest = versions.get(index + 1).is_none_or(|next| next.message != message);
            if left.whole && !newest {
                // It goes with the newest one.
                continue;
            }
            if left.body == body {
                continue;
            }
            let aad = live::body_aad(id, message, version);
            let scope = seals::scope(guild, subject);
            let sealed = keys.seal(&scope, &aad, left.body.as_bytes()).await?.into_bytes();
            live::replace(tx.conn(), id, (message, version), sealed, left.whole).await?;
            rows::mark(tx.conn(), id, message, self.redaction, left.whole).await?;
            changed = true;
        }
        if changed {
            counters::next(tx.conn(), guild, Counter::Erasure).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// One chunk. Whether there is something to do is looked up before anyone has to wait.
    async fn chunk(&self, number: i64) -> Result<(), StorageError> {
        let mut any = false;
        for part in chunks::parts(self.w.store().read(), self.id(), number).await? {
            let said = chunk::open_part(self.w, self.ticket, number, part).await?;
            any |= said.is_some_and(|said| self.left(&said).is_some());
        }
        if !any {
            return Ok(());
        }
        let (guild, id, keys) = (self.ticket.guild, self.id(), self.w.store().keys());
        let mut tx = self.w.store().begin().await?;
        // Another redaction of this ticket writes over what this one wrote, not over what it read.
        storage::tickets::lock(tx.conn(), id).await?;
        for part in chunks::parts(&mut *tx.conn(), id, number).await? {
            let (place, subject) = (part.part, part.subject);
            let Some(said) = chunk::open_part(self.w, self.ticket, number, part).await? else {
                continue;
            };
            let Some((left, messages)) = self.left(&said) else { continue };
            let place = (id, number, place);
            chunk::write_over(tx.conn(), keys, guild, place, subject, &left).await?;
            for (message, whole) in messages {
                rows::mark(tx.conn(), id, message, self.redaction, whole).await?;
            }
        }
        counters::next(tx.conn(), guild, Counter::Erasure).await?;
        fail::fail_point!(crate::failpoints::keeping::REDACT_BEFORE_COMMIT);
        tx.commit().await
    }

    /// What is left of a part, and the messages of which something went; `None` if nothing goes.
    fn left(&self, said: &[PartMessage]) -> Option<Leftover> {
        let mut messages = Vec::new();
        let mut all = Vec::with_capacity(said.len());
        for (id, versions) in said {
            let mut kept = Vec::with_capacity(versions.len());
            let mut touched = None;
            for (version, body) in versions {
                match rewrite::version(self.what, *id, body) {
                    Some(left) => {
                        if left.whole {
                            kept.clear();
                        }
                        if left.body != *body || (left.whole && versions.len() > 1) {
                            touched = Some(left.whole);
                        }
                        kept.push((*version, left.body));
                    }
                    None => kept.push((*version, body.clone())),
                }
            }
            messages.extend(touched.map(|whole| (*id, whole)));
            all.push((*id, kept));
        }
        (!messages.is_empty()).then_some((all, messages))
    }

    /// Files of the message and of what repeated it, or the names of all files.
    async fn files(&self, row: &RedactionRow) -> Result<(), StorageError> {
        let What::Pattern(pattern) = self.what else {
            let mut tx = self.w.store().begin().await?;
            let now = self.w.now();
            for blob in rows::take_files(tx.conn(), row, row.files).await? {
                removals::ask(tx.conn(), self.ticket.guild, &blob, now).await?;
            }
            return tx.commit().await;
        };
        let (w, id, mut after) = (self.w, self.id(), 0);
        loop {
            let some = files::details(w.store().read(), id, after, FILES).await?;
            let Some((last, ..)) = some.last() else { return Ok(()) };
            after = last.get();
            for (file, subject, details) in some {
                self.name(pattern, file, subject, details).await?;
            }
        }
    }

    /// The name of a file, and the address that ends in it.
    async fn name(
        &self,
        pattern: &Pattern,
        file: AttachmentId,
        subject: Option<UserId>,
        before: Vec<u8>,
    ) -> Result<(), StorageError> {
        let (keys, id) = (self.w.store().keys(), self.id());
        let scope = seals::scope(self.ticket.guild, subject);
        let opened = seals::open_details(keys, scope, id, file, before.clone()).await?;
        let Some(mut details) = opened else { return Ok(()) };
        let name = pattern.redact(&details.name);
        let address = details.url.as_deref().is_some_and(|url| !pattern.find(url).is_empty());
        if name.is_none() && !address {
            return Ok(());
        }
        details.name = name.unwrap_or(details.name);
        details.url = details.url.filter(|_| !address);
        let sealed = seals::seal_details(keys, scope, id, file, &details).await?;
        let mut tx = self.w.store().begin().await?;
        let replaced = files::replace_details(tx.conn(), id, file, &before, sealed).await?;
        tx.commit().await?;
        if !replaced {
            // A copy ended meanwhile, or the file is gone. What ends later leaves what is written now.
            let now = files::get(self.w.store().read(), id, file).await?;
            if let Some(row) = now.filter(|row| row.details != before) {
                return Box::pin(self.name(pattern, file, subject, row.details)).await;
            }
        }
        Ok(())
    }

    /// The form's answers and the reason for closing.
    async fn form(&self) -> Result<(), StorageError> {
        let What::Pattern(pattern) = self.what else { return Ok(()) };
        let (guild, id, keys) = (self.ticket.guild, self.id(), self.w.store().keys());
        let mut tx = self.w.store().begin().await?;
        let Some(row) = storage::tickets::lock(tx.conn(), id).await? else { return Ok(()) };
        // Also of somebody who is restricted: it would be there again when that ends.
        let mut answers = crate::tickets::detail_answers_of_own(self.w, &row).await?;
        let mut changed = false;
        for given in &mut answers {
            if let Some(left) = pattern.redact(&given.answer) {
                given.answer = left;
                changed = true;
            }
        }
        if changed {
            let plain = serde_json::to_vec(&answers)
                .map_err(|_| StorageError::Corrupt("tickets.answers"))?;
            let scope = KeyScope::person(guild, row.opener);
            let aad = storage::tickets::answers_aad(id);
            let sealed = keys.seal(&scope, &aad, &plain).await?.into_bytes();
            storage::tickets::save_answers(tx.conn(), id, sealed).await?;
        }
        let reason = crate::tickets::detail_reason_of_own(self.w, &row).await?;
        let left = reason.and_then(|reason| pattern.redact(&reason));
        if let (Some(left), Some(writer)) = (left, row.life.closed_by) {
            let scope = KeyScope::person(guild, writer);
            let aad = storage::tickets::reason_aad(id);
            let sealed = keys.seal(&scope, &aad, left.as_bytes()).await?.into_bytes();
            storage::tickets::save_reason(tx.conn(), id, Some(sealed)).await?;
        }
        tx.commit().await
    }
}
