//! Messages: sending, editing, deleting, paging.

use serde_json::{Value, json};

use super::World;
use super::events::Scope;
use super::fields;
use super::message_body::{Draft, Mentions, mentioning_text};
use super::model::{Author, Message, Reference, Upload, channel_type, message_flags as flags};
use crate::error::{self, ApiError, FormErrors};
use crate::id::Id;
use crate::permissions as p;

/// How long a nonce with `enforce_nonce` finds its message, in milliseconds ("the past few minutes").
pub const NONCE_LIFE_MS: i64 = 5 * 60 * 1_000;
/// Messages older than this cannot be deleted in bulk.
const BULK_AGE_MS: i64 = 14 * 24 * 60 * 60 * 1_000;

/// A page of messages to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The newest ones.
    Newest,
    /// Those before an id.
    Before(Id),
    /// Those after an id.
    After(Id),
    /// Those around an id.
    Around(Id),
}

impl World {
    /// A person or bot sends a message. The body is Discord's: `content`, `embeds`, `components`, `flags`,
    /// `message_reference`, `allowed_mentions`, `nonce`, `enforce_nonce`, `attachments`, `poll`.
    /// Returns the id of the message; with `enforce_nonce` that of the earlier one with the same nonce.
    pub fn send_message(
        &mut self,
        actor: Id,
        channel_id: Id,
        body: &Value,
        uploads: Vec<Upload>,
    ) -> Result<Id, ApiError> {
        self.check_may_send(actor, channel_id)?;
        let nonce = read_nonce(body)?;
        let enforced = fields::flag(body, "enforce_nonce").unwrap_or(false);
        if let Some(nonce) = nonce.as_ref().filter(|_| enforced)
            && let Some(existing) = self.message_of_nonce(channel_id, actor, nonce)
        {
            return Ok(existing);
        }
        let reference = self.read_reference(actor, channel_id, body)?;
        let forward = reference.is_some_and(|reference| reference.kind == 1);
        let mut draft = self.read_draft(channel_id, body, uploads, None)?;
        draft.stickers = sticker_items(body);
        if draft.is_empty() && !forward {
            return Err(error::EMPTY_MESSAGE.into());
        }
        draft.flags = Some(draft.flags.unwrap_or(0) & !flags::EPHEMERAL);
        let bits = self.channel_permissions(channel_id, actor);
        if !draft.files.is_empty() && bits & p::ATTACH_FILES == 0 {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        if bits & p::EMBED_LINKS == 0 {
            draft.embeds = None;
        }
        let mut message = self.compose(Author::User(actor), channel_id, draft);
        message.nonce.clone_from(&nonce);
        self.attach_reference(&mut message, reference);
        self.ring(&mut message, body, bits & p::MENTION_EVERYONE != 0);
        let id = message.id;
        if let Some(nonce) = nonce.map(|nonce| nonce_key(&nonce)) {
            let now = self.now();
            self.nonces.insert((channel_id, actor, nonce), (id, now));
        }
        self.post(&message);
        Ok(id)
    }

    pub(crate) fn expire_nonces(&mut self) {
        let now = self.now();
        self.nonces.retain(|_, (_, at)| *at + NONCE_LIFE_MS > now);
    }

    fn message_of_nonce(&self, channel_id: Id, actor: Id, nonce: &Value) -> Option<Id> {
        let (id, at) = self.nonces.get(&(channel_id, actor, nonce_key(nonce)))?;
        let fresh = *at + NONCE_LIFE_MS > self.now();
        (fresh && self.message(channel_id, *id).is_some()).then_some(*id)
    }

    /// Whether someone may write in a channel: 50001, 50013, 50007, 50008, 50083, 160005 otherwise.
    pub fn check_may_send(&self, actor: Id, channel_id: Id) -> Result<(), ApiError> {
        let channel = self.visible_channel(channel_id, actor)?;
        if !channel.is_text() {
            return Err(error::NON_TEXT_CHANNEL.into());
        }
        if channel.kind == channel_type::DM {
            return self.check_dm(channel_id, actor);
        }
        let Some(thread) = &channel.thread else {
            return self.require_in_channel(channel_id, actor, p::SEND_MESSAGES).map(drop);
        };
        self.require_in_channel(channel_id, actor, p::SEND_MESSAGES_IN_THREADS)?;
        let moderator = self.channel_permissions(channel_id, actor) & p::MANAGE_THREADS != 0;
        if thread.locked && !moderator {
            return Err(error::THREAD_LOCKED.into());
        }
        Ok(())
    }

    fn read_reference(
        &self,
        actor: Id,
        channel_id: Id,
        body: &Value,
    ) -> Result<Option<Reference>, ApiError> {
        let Some(given) = body.get("message_reference").filter(|given| given.is_object()) else {
            return Ok(None);
        };
        let kind = u8::try_from(fields::int(given, "type").unwrap_or(0)).unwrap_or(0);
        let from = fields::id(given, "channel_id").unwrap_or(channel_id);
        let message_id = fields::id(given, "message_id");
        let found = message_id
            .and_then(|id| self.message(from, id))
            .filter(|_| kind == 1 || from == channel_id);
        let found = found.filter(|message| message.ephemeral_for.is_none());
        let Some(message) = found else {
            if fields::flag(given, "fail_if_not_exists") == Some(false) {
                return Ok(None);
            }
            let (code, text) = ("REPLIES_UNKNOWN_MESSAGE", "Unknown message");
            return Err(ApiError::field("message_reference", code, text));
        };
        let readable = self.channel_permissions(from, actor) & p::READ_MESSAGE_HISTORY != 0;
        if !readable {
            return Err(error::REPLY_WITHOUT_HISTORY.into());
        }
        Ok(Some(Reference {
            kind,
            message_id: message.id,
            channel_id: from,
            guild_id: message.guild_id,
        }))
    }

    pub(crate) fn attach_reference(&self, message: &mut Message, reference: Option<Reference>) {
        let Some(reference) = reference else { return };
        message.reference = Some(reference);
        if reference.kind == 0 {
            message.kind = 19;
            return;
        }
        let Some(original) = self.message(reference.channel_id, reference.message_id) else {
            return;
        };
        let shown = self.message_json(original, None);
        let mut copy = json!({});
        for key in [
            "type",
            "content",
            "mentions",
            "mention_roles",
            "attachments",
            "embeds",
            "timestamp",
            "edited_timestamp",
            "flags",
            "components",
        ] {
            copy[key] = shown[key].clone();
        }
        message.snapshots = vec![json!({ "message": copy })];
    }

    /// A message of a draft, not posted yet.
    pub(crate) fn compose(&mut self, author: Author, channel_id: Id, draft: Draft) -> Message {
        let id = self.new_id();
        let poll = draft.poll.map(|poll| shown_poll(&poll, self.now()));
        Message {
            id,
            channel_id,
            guild_id: self.channels.get(&channel_id).and_then(|channel| channel.guild_id),
            author,
            kind: 0,
            content: draft.content.unwrap_or_default(),
            edited_at: None,
            tts: draft.tts,
            mention_everyone: false,
            mentions: Vec::new(),
            mention_roles: Vec::new(),
            attachments: draft.files,
            embeds: draft.embeds.unwrap_or_default(),
            components: draft.components.unwrap_or_default(),
            reactions: Vec::new(),
            pinned: false,
            flags: draft.flags.unwrap_or(0),
            nonce: None,
            reference: None,
            snapshots: Vec::new(),
            interaction_metadata: None,
            application_id: None,
            poll,
            sticker_items: draft.stickers,
            ephemeral_for: None,
            placed: None,
        }
    }

    /// Fills in who is rung.
    pub(crate) fn ring(&self, message: &mut Message, body: &Value, may_mention_all: bool) {
        let replied = message
            .reference
            .filter(|reference| reference.kind == 0)
            .and_then(|reference| self.message(reference.channel_id, reference.message_id))
            .map(|other| other.author.id())
            .filter(|id| self.users.contains_key(id));
        let text = mentioning_text(&message.content, &message.components);
        let allowed = body.get("allowed_mentions");
        let Mentions { users, roles, everyone } =
            self.mentions(message.guild_id, &text, allowed, may_mention_all, replied);
        message.mentions = users;
        message.mention_roles = roles;
        message.mention_everyone = everyone;
    }

    /// Puts a finished message into its channel and tells of it. Opens an archived thread again.
    pub(crate) fn post(&mut self, message: &Message) {
        let author = message.author.id();
        self.wake_thread(message.channel_id, author);
        if let Some(channel) = self.channels.get_mut(&message.channel_id) {
            if message.ephemeral_for.is_none() {
                channel.last_message_id = Some(message.id);
                if let Some(thread) = &mut channel.thread {
                    thread.total_message_sent += 1;
                }
            }
            channel.messages.insert(message.id, message.clone());
        }
        self.emit_message("MESSAGE_CREATE", message);
    }

    /// A message that Discord itself writes: 7 joined, 6 pinned, 18 thread made.
    pub(crate) fn system_message(&mut self, channel_id: Id, about: Id, kind: u8, to: Option<Id>) {
        let mut message = self.compose(Author::User(about), channel_id, Draft::default());
        message.kind = kind;
        message.reference = to.map(|message_id| Reference {
            kind: 0,
            message_id,
            channel_id,
            guild_id: message.guild_id,
        });
        self.post(&message);
    }

    /// The author edits a message; others with Manage Messages may change only `flags` (hide embeds).
    pub fn edit_message(
        &mut self,
        actor: Id,
        channel_id: Id,
        message_id: Id,
        body: &Value,
        uploads: Vec<Upload>,
    ) -> Result<Value, ApiError> {
        let message = self.visible_message(actor, channel_id, message_id)?.clone();
        if message.author != Author::User(actor) {
            let only_flags =
                body.as_object().is_some_and(|map| map.keys().all(|key| key == "flags"));
            let moderator =
                self.channel_permissions(channel_id, actor) & p::MANAGE_MESSAGES != 0 && only_flags;
            if !moderator {
                return Err(error::NOT_THE_AUTHOR.into());
            }
        }
        let archived = self.channel(channel_id).and_then(|channel| channel.thread.as_ref());
        if archived.is_some_and(|thread| thread.archived) {
            return Err(error::THREAD_ARCHIVED.into());
        }
        let all = self.channel_permissions(channel_id, actor) & p::MENTION_EVERYONE != 0;
        self.change_message(&message, body, uploads, all)?;
        let message = self.message(channel_id, message_id).ok_or(error::UNKNOWN_MESSAGE)?;
        Ok(self.message_json(message, Some(actor)))
    }

    /// Applies an edit whose right was checked before.
    pub(crate) fn change_message(
        &mut self,
        before: &Message,
        body: &Value,
        uploads: Vec<Upload>,
        may_mention_all: bool,
    ) -> Result<(), ApiError> {
        let draft = self.read_draft(before.channel_id, body, uploads, Some(before))?;
        let mut message = before.clone();
        let visible = draft.content.is_some()
            || draft.embeds.is_some()
            || draft.components.is_some()
            || draft.keep.is_some()
            || !draft.files.is_empty();
        let loading = before.flags & flags::LOADING != 0;
        if let Some(content) = draft.content {
            message.content = content;
        }
        if let Some(embeds) = draft.embeds {
            message.embeds = embeds;
        }
        if let Some(components) = draft.components {
            message.components = components;
        }
        if let Some(keep) = draft.keep {
            message.attachments.retain(|file| keep.iter().any(|(id, _)| *id == file.id));
            for (id, description) in keep {
                let file = message.attachments.iter_mut().find(|file| file.id == id);
                if let (Some(file), Some(description)) = (file, description) {
                    file.description = Some(description);
                }
            }
        }
        message.attachments.extend(draft.files);
        if let Some(bits) = draft.flags {
            const EDITABLE: u64 = flags::SUPPRESS_EMBEDS | flags::IS_COMPONENTS_V2;
            message.flags = (message.flags & !flags::SUPPRESS_EMBEDS) | (bits & EDITABLE);
        }
        if message.flags & flags::SUPPRESS_EMBEDS != 0 {
            message.embeds.clear();
        }
        message.flags &= !flags::LOADING;
        let empty = message.content.is_empty()
            && message.embeds.is_empty()
            && message.components.is_empty()
            && message.attachments.is_empty()
            && message.poll.is_none()
            && message.snapshots.is_empty();
        if empty && visible {
            return Err(error::EMPTY_MESSAGE.into());
        }
        if visible && !loading {
            message.edited_at = Some(self.now());
        }
        if visible {
            self.ring(&mut message, body, may_mention_all);
        }
        self.replace_message(&message);
        Ok(())
    }

    pub(crate) fn replace_message(&mut self, message: &Message) {
        if let Some(channel) = self.channels.get_mut(&message.channel_id) {
            channel.messages.insert(message.id, message.clone());
        }
        self.emit_message("MESSAGE_UPDATE", message);
    }

    /// A message that someone may read: 10008 also for others' ephemeral ones, 50013 without history.
    pub fn visible_message(
        &self,
        actor: Id,
        channel_id: Id,
        message_id: Id,
    ) -> Result<&Message, ApiError> {
        let channel = self.require_in_channel(channel_id, actor, p::READ_MESSAGE_HISTORY)?;
        channel
            .messages
            .get(&message_id)
            .filter(|message| message.ephemeral_for.is_none())
            .ok_or_else(|| error::UNKNOWN_MESSAGE.into())
    }

    /// Deletes a message: the author's own, or any with Manage Messages.
    pub fn delete_message(
        &mut self,
        actor: Id,
        channel_id: Id,
        message_id: Id,
    ) -> Result<(), ApiError> {
        let channel = self.visible_channel(channel_id, actor)?;
        let message = channel
            .messages
            .get(&message_id)
            .filter(|message| message.ephemeral_for.is_none())
            .ok_or(error::UNKNOWN_MESSAGE)?;
        if message.author.id() != actor {
            if channel.kind == channel_type::DM {
                return Err(error::DM_CHANNEL.into());
            }
            self.require_in_channel(channel_id, actor, p::MANAGE_MESSAGES)?;
        }
        self.remove_message(channel_id, message_id);
        Ok(())
    }

    pub(crate) fn remove_message(&mut self, channel_id: Id, message_id: Id) {
        let Some(channel) = self.channels.get_mut(&channel_id) else { return };
        let guild_id = channel.guild_id;
        let Some(message) = channel.messages.remove(&message_id) else { return };
        channel.pins.retain(|(id, _)| *id != message_id);
        let scope = message.ephemeral_for.map_or(Scope::Channel(channel_id), Scope::User);
        let mut data = json!({"id": message_id, "channel_id": channel_id});
        if let Some(guild_id) = guild_id {
            data["guild_id"] = json!(guild_id);
        }
        self.emit("MESSAGE_DELETE", scope, data);
    }

    /// Deletes 2 to 100 messages at once, none older than 14 days. Unknown ids are passed over.
    pub fn bulk_delete(&mut self, actor: Id, channel_id: Id, ids: &[Id]) -> Result<(), ApiError> {
        let channel = self.require_in_channel(channel_id, actor, p::MANAGE_MESSAGES)?;
        if channel.guild_id.is_none() {
            return Err(error::DM_CHANNEL.into());
        }
        if !(2..=100).contains(&ids.len()) {
            return Err(error::BULK_DELETE_COUNT.into());
        }
        let oldest = self.now() - BULK_AGE_MS;
        if ids.iter().any(|id| id.created_ms() < oldest) {
            return Err(error::TOO_OLD_TO_BULK_DELETE.into());
        }
        self.remove_messages(channel_id, ids);
        Ok(())
    }

    pub(crate) fn remove_messages(&mut self, channel_id: Id, ids: &[Id]) {
        let Some(channel) = self.channels.get_mut(&channel_id) else { return };
        let guild_id = channel.guild_id;
        let gone: Vec<Id> =
            ids.iter().copied().filter(|id| channel.messages.remove(id).is_some()).collect();
        channel.pins.retain(|(id, _)| !gone.contains(id));
        if !gone.is_empty() {
            let data = json!({"ids": gone, "channel_id": channel_id, "guild_id": guild_id});
            self.emit("MESSAGE_DELETE_BULK", Scope::Channel(channel_id), data);
        }
    }

    /// A page of messages, newest first, as `actor` sees them (own ephemeral ones included when
    /// `ephemeral`). Without Read Message History the page is empty, as in Discord.
    pub fn list_messages(
        &self,
        actor: Id,
        channel_id: Id,
        page: Page,
        limit: usize,
        ephemeral: bool,
    ) -> Result<Vec<&Message>, ApiError> {
        let channel = self.visible_channel(channel_id, actor)?;
        if !channel.is_text() {
            return Err(error::NON_TEXT_CHANNEL.into());
        }
        if self.channel_permissions(channel_id, actor) & p::READ_MESSAGE_HISTORY == 0 {
            return Ok(Vec::new());
        }
        let shown = |message: &&Message| match message.ephemeral_for {
            None => true,
            Some(person) => ephemeral && person == actor,
        };
        let before = |id: Id, limit: usize| {
            channel
                .messages
                .range(..id)
                .rev()
                .map(|(_, m)| m)
                .filter(shown)
                .take(limit)
                .collect::<Vec<_>>()
        };
        let after = |id: Id, limit: usize| {
            let from = Id(id.0.saturating_add(1));
            let mut page: Vec<_> =
                channel.messages.range(from..).map(|(_, m)| m).filter(shown).take(limit).collect();
            page.reverse();
            page
        };
        Ok(match page {
            Page::Newest => channel.messages.values().rev().filter(shown).take(limit).collect(),
            Page::Before(id) => before(id, limit),
            Page::After(id) => after(id, limit),
            Page::Around(id) => {
                let half = limit / 2;
                let mut page = after(id, half);
                page.extend(channel.messages.get(&id).filter(shown));
                page.extend(before(id, limit.saturating_sub(page.len()).min(half.max(1))));
                page
            }
        })
    }
}

/// `nonce`: an integer or a text of at most 25 characters.
fn read_nonce(body: &Value) -> Result<Option<Value>, ApiError> {
    let nonce = body.get("nonce").filter(|nonce| !nonce.is_null());
    if let Some(text) = nonce.and_then(Value::as_str) {
        let mut form = FormErrors::default();
        form.length("nonce", text, 0, 25);
        form.check()?;
    }
    Ok(nonce.cloned())
}

fn nonce_key(nonce: &Value) -> String {
    nonce.as_str().map_or_else(|| nonce.to_string(), str::to_owned)
}

fn sticker_items(body: &Value) -> Vec<Value> {
    let ids = fields::ids(body, "sticker_ids").unwrap_or_default();
    ids.iter()
        .map(|id| json!({"id": id, "name": format!("sticker-{id}"), "format_type": 1}))
        .collect()
}

/// A poll as answers show it: numbered answers, an expiry, empty results.
fn shown_poll(poll: &Value, now: i64) -> Value {
    let hours = fields::int(poll, "duration").unwrap_or(24);
    let answers: Vec<Value> = fields::list(poll, "answers")
        .iter()
        .zip(1..)
        .map(|(answer, id)| json!({"answer_id": id, "poll_media": answer["poll_media"]}))
        .collect();
    json!({
        "question": poll["question"], "answers": answers,
        "expiry": crate::id::timestamp(now + hours * 3_600_000),
        "allow_multiselect": fields::flag(poll, "allow_multiselect").unwrap_or(false),
        "layout_type": 1, "results": {"answer_counts": [], "is_finalized": false},
    })
}
