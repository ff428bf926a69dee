//! Message events are archived as they arrive.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use domain::ids::{AttachmentId, ChannelId, GuildId, MessageId, TicketId, UserId};
use domain::time::Millis;
use serde_json::Value;
use serde_json::value::RawValue;
use storage::tickets::TicketRow;
use storage::transcripts::archive::{self as rows, IfKnown, VersionRow};
use storage::transcripts::attachments::{FileKind, NewAttachment};
use storage::transcripts::removals;
use storage::{StorageError, Tx};

use super::deleted;
use super::normalise::{self, Normalised, Profile, id_of, is_whole};
use super::pictures;
use super::reactions::{self, How, Reactions, Told};
use super::seals::{self, FileDetails};
use crate::Wardesk;
use crate::privacy::{erase, restrict};
use crate::tickets;

/// The longest wait between two attempts at a batch.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// What a frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// `MESSAGE_CREATE`
    Create,
    /// `MESSAGE_UPDATE`
    Update,
    /// `MESSAGE_DELETE`
    Delete,
    /// `MESSAGE_DELETE_BULK`
    DeleteBulk,
    /// `MESSAGE_REACTION_ADD`
    ReactionAdd,
    /// `MESSAGE_REACTION_REMOVE`
    ReactionRemove,
    /// `MESSAGE_REACTION_REMOVE_ALL` or `MESSAGE_REACTION_REMOVE_EMOJI`
    ReactionsClear,
    /// `MESSAGE_POLL_VOTE_ADD`
    VoteAdd,
    /// `MESSAGE_POLL_VOTE_REMOVE`
    VoteRemove,
}

/// A message event of the gateway, as it came.
#[derive(Debug, Clone)]
pub struct RawFrame {
    /// What it says.
    pub kind: FrameKind,
    /// The server it happened on; `None` for direct messages.
    pub guild: Option<GuildId>,
    /// The channel it happened in.
    pub channel: ChannelId,
    /// The event's data, unparsed: fields that this program does not know are kept.
    pub json: Box<RawValue>,
}

/// A ticket whose messages are being archived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of {
    pub ticket: TicketId,
    pub guild: GuildId,
    pub opener: UserId,
}

impl Of {
    pub(super) const fn new(row: &TicketRow) -> Self {
        Self { ticket: row.id, guild: row.guild, opener: row.opener }
    }
}

/// Archives a batch of message events in one transaction. Events of channels that are no tickets are passed
/// over. Repeating an event changes nothing. While the database fails the batch is tried again, and the
/// gateway waits: an original that is edited meanwhile would be nowhere else. An event that cannot be sealed
/// or read is dropped alone and counted; the comparison with the channel brings its message back.
pub async fn frames(w: &Wardesk, frames: Vec<RawFrame>) {
    fail::fail_point!(crate::failpoints::parts::ARCHIVE, |_| ());
    let mut ours = Vec::new();
    for frame in frames {
        if let Some(ticket) = tickets::archived_in(w, frame.channel) {
            ours.push((ticket, frame));
        }
    }
    if ours.is_empty() {
        return;
    }
    if until_written(w, &ours).await.is_ok() {
        return;
    }
    for event in &ours {
        if let Err(error) = until_written(w, std::slice::from_ref(event)).await {
            tracing::error!(%error, "a message event cannot be archived");
            metrics::counter!("wardesk_archive_lost_events_total").increment(1);
            w.transcript_caches().coverage.missed(event.0, w.now());
        }
    }
}

/// Archives events, however long the database fails. An error is one that waiting does not mend.
async fn until_written(w: &Wardesk, events: &[(TicketId, RawFrame)]) -> Result<(), StorageError> {
    let mut wait = Duration::from_millis(100);
    loop {
        match archive(w, events).await {
            Ok(()) => {
                metrics::counter!("wardesk_archived_events_total").increment(events.len() as u64);
                return Ok(());
            }
            Err(error) if error.is_database() => {
                tracing::warn!(%error, events = events.len(), "message events are not archived yet");
                // What failed may be written all the same, and a vote that is counted twice is told by nobody but
                // the channel.
                for (ticket, _) in events {
                    w.transcript_caches().coverage.missed(*ticket, w.now());
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            Err(error) => return Err(error),
        }
    }
}

async fn archive(w: &Wardesk, frames: &[(TicketId, RawFrame)]) -> Result<(), StorageError> {
    let mut known: HashMap<TicketId, Option<(Of, bool)>> = HashMap::new();
    let mut batch = Batch::default();
    for (ticket, frame) in frames {
        let of = if let Some(of) = known.get(ticket) {
            *of
        } else {
            let row = storage::tickets::get(w.store().read(), *ticket).await?;
            let of = match row {
                Some(row) => Some((Of::new(&row), deleted::are_kept(w, &row).await?)),
                None => None,
            };
            known.insert(*ticket, of);
            of
        };
        let Some((of, keep)) = of else { continue };
        let Ok(value) = serde_json::from_str::<Value>(frame.json.get()) else { continue };
        match frame.kind {
            FrameKind::Create => {
                if let Some(message) = normalise::normalise(value, of.opener) {
                    batch.message(w, of, message, IfKnown::Keep).await?;
                }
            }
            FrameKind::Update => batch.update(w, of, value).await?,
            FrameKind::Delete => {
                if let Some(id) = id_of(&value, "id") {
                    batch.deleted(w, of, id, keep).await?;
                }
            }
            FrameKind::DeleteBulk => {
                let ids = value.get("ids").and_then(Value::as_array).into_iter().flatten();
                for id in ids.filter_map(|id| id.as_str()?.parse().ok()) {
                    batch.deleted(w, of, id, keep).await?;
                }
            }
            FrameKind::ReactionAdd => batch.reaction(w, of, How::Added, &value).await?,
            FrameKind::ReactionRemove => batch.reaction(w, of, How::Removed, &value).await?,
            FrameKind::ReactionsClear => batch.reaction(w, of, How::Cleared, &value).await?,
            FrameKind::VoteAdd => batch.vote(w, of, &value, 1).await?,
            FrameKind::VoteRemove => batch.vote(w, of, &value, -1).await?,
        }
    }
    let mut tx = w.store().begin().await?;
    let done = batch.write(&mut tx, w.now()).await?;
    tx.commit().await?;
    done.tell(w).await;
    Ok(())
}

/// Sealed rows to be written in one transaction.
#[derive(Default)]
pub(super) struct Batch {
    versions: Vec<(TicketId, VersionRow, IfKnown)>,
    newest: HashMap<(TicketId, MessageId), Value>,
    deletions: Vec<(TicketId, MessageId)>,
    husks: Vec<(Of, VersionRow)>,
    reactions: Reactions,
    files: Vec<(TicketId, NewAttachment)>,
    pictures: HashSet<(TicketId, AttachmentId)>,
    people: BTreeMap<(TicketId, UserId), (u64, Vec<u8>)>,
}

impl Batch {
    /// Seals a message with its files and the names in it. What somebody said before they were erased is passed over.
    pub async fn message(
        &mut self,
        w: &Wardesk,
        of: Of,
        message: Normalised,
        if_known: IfKnown,
    ) -> Result<(), StorageError> {
        let then = Millis(message.id.created_at_ms());
        if let Some(subject) = message.subject
            && erase::is_erased(w, (of.guild, of.ticket), subject, then).await?
        {
            // It was erased, or would have been.
            return Ok(());
        }
        let keys = w.store().keys();
        let restricted = restrict::all(w).await?;
        let (message, if_known) =
            if message.subject.is_some_and(|subject| restricted.is_on(of.guild, subject)) {
                // Its place alone, and what is kept already stays as it is.
                let husk = normalise::normalise(deleted::husk(&message.body), of.opener);
                let Some(husk) = husk else { return Ok(()) };
                (Normalised { people: Vec::new(), files: Vec::new(), ..husk }, IfKnown::Keep)
            } else {
                (message, if_known)
            };
        // What was seen with content is not replaced by what Discord withholds.
        let if_known = if message.blank { IfKnown::Keep } else { if_known };
        let row = seals::seal_message(keys, of.guild, of.ticket, &message).await?;
        self.versions.push((of.ticket, row, if_known));
        let scope = seals::scope(of.guild, message.subject);
        for file in &message.files {
            let details = FileDetails {
                name: file.name.clone(),
                url: Some(file.url.clone()),
                size: file.size,
            };
            let details = seals::seal_details(keys, scope, of.ticket, file.id, &details).await?;
            self.files.push((
                of.ticket,
                NewAttachment {
                    id: file.id,
                    kind: FileKind::Attachment,
                    message: message.id,
                    subject: message.subject,
                    details,
                    due: w.now(),
                },
            ));
        }
        self.pictures(w, of, &message).await?;
        for (user, profile) in &message.people {
            self.person(w, of, *user, profile, then).await?;
        }
        self.newest.insert((of.ticket, message.id), message.body);
        Ok(())
    }

    /// Seals how someone is named who was seen then, where that is news.
    async fn person(
        &mut self,
        w: &Wardesk,
        of: Of,
        user: UserId,
        profile: &Profile,
        then: Millis,
    ) -> Result<(), StorageError> {
        let mut hasher = DefaultHasher::new();
        profile.hash(&mut hasher);
        let hash = hasher.finish();
        let key = (of.ticket, user);
        if w.transcript_caches().profiles.get(&key).await != Some(hash) {
            if restrict::is_restricted(w, of.guild, user).await?
                || erase::is_erased(w, (of.guild, of.ticket), user, then).await?
            {
                return Ok(());
            }
            let keys = w.store().keys();
            let sealed = seals::seal_profile(keys, of.guild, of.ticket, user, profile).await?;
            self.people.insert(key, (hash, sealed));
        }
        Ok(())
    }

    /// A reaction came or went.
    async fn reaction(
        &mut self,
        w: &Wardesk,
        of: Of,
        how: How,
        event: &Value,
    ) -> Result<(), StorageError> {
        let Some(told) = Told::read(how, event) else { return Ok(()) };
        if let Some(by) = told.by()
            && restrict::is_restricted(w, of.guild, by).await?
        {
            return Ok(());
        }
        let Some(mut body) = self.of_event(w, of, event).await? else { return Ok(()) };
        if !self.reactions.take(w, of, told, &mut body).await? {
            return Ok(());
        }
        // Whoever reacts need not have written anything.
        if let Some(member) = event.get("member")
            && let Some((user, profile)) =
                normalise::profile(member.get("user").unwrap_or(&Value::Null), Some(member))
        {
            self.person(w, of, user, &profile, w.now()).await?;
        }
        self.again(w, of, body).await
    }

    /// A vote in a poll came or went.
    async fn vote(
        &mut self,
        w: &Wardesk,
        of: Of,
        event: &Value,
        by: i64,
    ) -> Result<(), StorageError> {
        if let Some(by) = id_of::<UserId>(event, "user_id")
            && restrict::is_restricted(w, of.guild, by).await?
        {
            return Ok(());
        }
        let Some(mut body) = self.of_event(w, of, event).await? else { return Ok(()) };
        if reactions::vote(&mut body, event, by) {
            self.again(w, of, body).await?;
        }
        Ok(())
    }

    /// The message that an event is about.
    async fn of_event(
        &self,
        w: &Wardesk,
        of: Of,
        event: &Value,
    ) -> Result<Option<Value>, StorageError> {
        let Some(id) = id_of::<MessageId>(event, "message_id") else { return Ok(None) };
        let body = self.newest(w, of, id).await?;
        if body.is_none() {
            // Never seen: the comparison with the channel brings it whole.
            w.transcript_caches().coverage.missed(of.ticket, w.now());
        }
        Ok(body)
    }

    /// The same version of a message, changed in what Discord does not call an edit.
    async fn again(&mut self, w: &Wardesk, of: Of, body: Value) -> Result<(), StorageError> {
        match normalise::normalise(body, of.opener) {
            Some(message) => self.message(w, of, message, IfKnown::Replace).await,
            None => Ok(()),
        }
    }

    /// Notes the pictures that a message shows, those alone that are new to the ticket.
    async fn pictures(
        &mut self,
        w: &Wardesk,
        of: Of,
        message: &Normalised,
    ) -> Result<(), StorageError> {
        for picture in pictures::of_message(&message.body, of.guild, message.subject) {
            if let Some(subject) = picture.subject
                && restrict::is_restricted(w, of.guild, subject).await?
            {
                continue;
            }
            let Some(id) = picture.id(w, of.guild, of.ticket).await? else { continue };
            let key = (of.ticket, id);
            if w.transcript_caches().pictures.contains_key(&key) || !self.pictures.insert(key) {
                continue;
            }
            let kind = picture.file_kind();
            let details = FileDetails {
                name: kind.as_str().to_owned(),
                url: Some(picture.address(w)),
                size: None,
            };
            let scope = seals::scope(of.guild, picture.subject);
            let keys = w.store().keys();
            let details = seals::seal_details(keys, scope, of.ticket, id, &details).await?;
            let (message, subject, due) = (message.id, picture.subject, w.now());
            self.files
                .push((of.ticket, NewAttachment { id, kind, message, subject, details, due }));
        }
        Ok(())
    }

    /// An edit, or a part of a message that Discord added later.
    async fn update(&mut self, w: &Wardesk, of: Of, value: Value) -> Result<(), StorageError> {
        let Some(id) = id_of::<MessageId>(&value, "id") else { return Ok(()) };
        let author = id_of::<UserId>(value.get("author").unwrap_or(&Value::Null), "id");
        if let Some(author) = author
            && erase::is_erased(w, (of.guild, of.ticket), author, Millis(id.created_at_ms()))
                .await?
        {
            return Ok(());
        }
        let known = self.newest(w, of, id).await?;
        let value = match known {
            Some(base) if is_whole(&value) => reactions::carry(value, &base),
            Some(base) => normalise::merge(base, value),
            None if is_whole(&value) => value,
            None => {
                // Never seen: the comparison with the channel brings it whole.
                w.transcript_caches().coverage.missed(of.ticket, w.now());
                return Ok(());
            }
        };
        let Some(message) = normalise::normalise(value, of.opener) else { return Ok(()) };
        self.message(w, of, message, IfKnown::Replace).await
    }

    async fn newest(
        &self,
        w: &Wardesk,
        of: Of,
        id: MessageId,
    ) -> Result<Option<Value>, StorageError> {
        if let Some(body) = self.newest.get(&(of.ticket, id)) {
            return Ok(Some(body.clone()));
        }
        match rows::newest(w.store().read(), of.ticket, id).await? {
            None => Ok(None),
            Some(row) => seals::open_body(w.store().keys(), of.guild, of.ticket, row).await,
        }
    }

    /// Notes that a message is not in the channel any more, and unless `keep` forgets what it said.
    pub async fn deleted(
        &mut self,
        w: &Wardesk,
        of: Of,
        message: MessageId,
        keep: bool,
    ) -> Result<(), StorageError> {
        self.deletions.push((of.ticket, message));
        if keep {
            return Ok(());
        }
        let Some(body) = self.newest(w, of, message).await? else { return Ok(()) };
        let Some(husk) = normalise::normalise(deleted::husk(&body), of.opener) else {
            return Ok(());
        };
        let row = seals::seal_message(w.store().keys(), of.guild, of.ticket, &husk).await?;
        self.husks.push((of, row));
        self.newest.insert((of.ticket, message), husk.body);
        Ok(())
    }

    /// Writes everything, in one order whoever writes: two that write the same rows wait for each other
    /// and do not lock each other out.
    pub async fn write(mut self, tx: &mut Tx, now: Millis) -> Result<Written, StorageError> {
        // Stable: versions of one message stay in the order of their arrival.
        self.versions.sort_by_key(|(ticket, row, _)| (*ticket, row.message));
        self.deletions.sort_unstable();
        self.husks.sort_by_key(|(of, row)| (of.ticket, row.message));
        self.files.sort_by_key(|(ticket, file)| (*ticket, file.id));
        self.reactions.fresh.sort_by_key(|(ticket, row)| (*ticket, row.message, row.number));
        let files = !self.files.is_empty();
        for (ticket, row, if_known) in self.versions {
            rows::write(tx.conn(), ticket, row, if_known).await?;
        }
        for (ticket, row) in self.reactions.fresh {
            storage::transcripts::reactions::insert(tx.conn(), ticket, row).await?;
        }
        for (ticket, message) in self.deletions {
            rows::mark_deleted(tx.conn(), ticket, message, now).await?;
        }
        for (of, row) in self.husks {
            let (ticket, message) = (of.ticket, row.message);
            rows::replace(tx.conn(), ticket, (message, row.version), row.body, true).await?;
            storage::transcripts::reactions::delete(tx.conn(), ticket, message).await?;
            let blobs =
                storage::transcripts::attachments::delete_of(tx.conn(), ticket, message).await?;
            for blob in blobs {
                removals::ask(tx.conn(), of.guild, &blob, now).await?;
            }
        }
        for (ticket, file) in self.files {
            storage::transcripts::attachments::insert(tx.conn(), ticket, file).await?;
        }
        let mut profiles = Vec::with_capacity(self.people.len());
        for ((ticket, user), (hash, sealed)) in self.people {
            storage::transcripts::people::write(tx.conn(), ticket, user, sealed).await?;
            profiles.push(((ticket, user), hash));
        }
        Ok(Written { files, profiles, pictures: self.pictures })
    }
}

/// What was written and is to be told after the commit.
#[must_use = "the copier of files has to be told"]
pub(super) struct Written {
    files: bool,
    profiles: Vec<((TicketId, UserId), u64)>,
    pictures: HashSet<(TicketId, AttachmentId)>,
}

impl Written {
    /// Wakes the copier of files, and remembers which names and pictures are written.
    pub async fn tell(self, w: &Wardesk) {
        for (key, hash) in self.profiles {
            w.transcript_caches().profiles.insert(key, hash).await;
        }
        for key in self.pictures {
            w.transcript_caches().pictures.insert(key, ()).await;
        }
        if self.files {
            w.transcript_caches().files.notify_one();
        }
    }
}
