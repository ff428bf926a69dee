//! Threads.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::World;
use super::channels::blank_channel;
use super::events::Scope;
use super::fields;
use super::model::{Channel, Thread, channel_type, message_flags};
use super::render::{thread_member_json, with};
use crate::error::{self, ApiError, FormErrors};
use crate::id::{Id, timestamp};
use crate::permissions as p;

impl World {
    /// Starts a thread: from a message (whose id it takes) or free. `name`, `auto_archive_duration`, `type`,
    /// `invitable`, `rate_limit_per_user`.
    pub fn create_thread(
        &mut self,
        actor: Id,
        channel_id: Id,
        message_id: Option<Id>,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let parent = self.visible_channel(channel_id, actor)?;
        let guild_id = parent.guild_id.ok_or(error::DM_CHANNEL)?;
        if !matches!(parent.kind, channel_type::TEXT | channel_type::NEWS | channel_type::FORUM) {
            return Err(error::WRONG_CHANNEL_TYPE.into());
        }
        let kind = match (parent.kind, message_id, fields::int(body, "type")) {
            (channel_type::NEWS, ..) => channel_type::NEWS_THREAD,
            (_, None, None | Some(12)) if parent.kind == channel_type::TEXT => {
                channel_type::PRIVATE_THREAD
            }
            _ => channel_type::PUBLIC_THREAD,
        };
        let needed = if kind == channel_type::PRIVATE_THREAD {
            p::CREATE_PRIVATE_THREADS
        } else {
            p::CREATE_PUBLIC_THREADS
        };
        self.require_in_channel(channel_id, actor, needed)?;
        let mut form = FormErrors::default();
        form.length("name", fields::text(body, "name").unwrap_or("").trim(), 1, 100);
        let archive_after = fields::int(body, "auto_archive_duration").unwrap_or(4_320);
        if !matches!(archive_after, 60 | 1_440 | 4_320 | 10_080) {
            let message = "Value must be one of {60, 1440, 4320, 10080}.";
            form.add("auto_archive_duration", "BASE_TYPE_CHOICES", message);
        }
        form.check()?;
        if let Some(message_id) = message_id {
            let message = self.visible_message(actor, channel_id, message_id)?;
            if message.flags & message_flags::HAS_THREAD != 0 {
                return Err(error::THREAD_EXISTS.into());
            }
        }
        let id = message_id.unwrap_or_else(|| self.new_id());
        let now = self.now();
        let name = fields::text(body, "name").unwrap_or("").trim();
        let mut thread = blank_channel(id, Some(guild_id), kind, name);
        thread.parent_id = Some(channel_id);
        thread.rate_limit_per_user = fields::uint(body, "rate_limit_per_user")
            .and_then(|s| u32::try_from(s).ok())
            .unwrap_or(0);
        thread.thread = Some(Thread {
            owner_id: actor,
            archived: false,
            archive_timestamp: now,
            auto_archive_duration: u32::try_from(archive_after).unwrap_or(4_320),
            locked: false,
            invitable: fields::flag(body, "invitable").unwrap_or(true),
            created_at: now,
            members: BTreeMap::from([(actor, now)]),
            total_message_sent: 0,
        });
        self.insert_channel(thread);
        let data = self.tell_thread("THREAD_CREATE", id, json!({"newly_created": true}));
        if let Some(message_id) = message_id {
            self.mark_thread(channel_id, message_id);
        } else if kind != channel_type::PRIVATE_THREAD {
            self.system_message(channel_id, actor, 18, None);
        }
        Ok(with(data, json!({"member": thread_member_json(id, actor, now)})))
    }

    fn mark_thread(&mut self, channel_id: Id, message_id: Id) {
        let message = self
            .channels
            .get_mut(&channel_id)
            .and_then(|channel| channel.messages.get_mut(&message_id));
        if let Some(message) = message {
            message.flags |= message_flags::HAS_THREAD;
            let message = message.clone();
            self.emit_message("MESSAGE_UPDATE", &message);
        }
    }

    fn tell_thread(&mut self, name: &'static str, thread_id: Id, more: Value) -> Value {
        let Some(channel) = self.channels.get(&thread_id) else { return Value::Null };
        let data = self.channel_json(channel, None);
        self.emit(name, Scope::Channel(thread_id), with(data.clone(), more));
        data
    }

    pub(crate) fn edit_thread(
        &mut self,
        actor: Id,
        thread_id: Id,
        body: &Value,
    ) -> Result<Value, ApiError> {
        let channel = self.visible_channel(thread_id, actor)?;
        let thread = channel.thread.as_ref().ok_or(error::WRONG_CHANNEL_TYPE)?;
        let moderator = self.channel_permissions(thread_id, actor) & p::MANAGE_THREADS != 0;
        let opens = fields::flag(body, "archived") == Some(false) && !thread.locked;
        if !moderator && thread.owner_id != actor && !opens {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        if !moderator && (fields::has(body, "locked") || fields::has(body, "rate_limit_per_user")) {
            return Err(error::MISSING_PERMISSIONS.into());
        }
        if thread.archived && !fields::has(body, "archived") {
            return Err(error::THREAD_ARCHIVED.into());
        }
        let mut form = FormErrors::default();
        if let Some(name) = fields::text(body, "name") {
            form.length("name", name.trim(), 1, 100);
        }
        form.check()?;
        let now = self.now();
        if let Some(channel) = self.channels.get_mut(&thread_id) {
            if let Some(name) = fields::text(body, "name") {
                name.trim().clone_into(&mut channel.name);
            }
            if let Some(seconds) = fields::uint(body, "rate_limit_per_user") {
                channel.rate_limit_per_user = u32::try_from(seconds).unwrap_or(0);
            }
            if let Some(thread) = &mut channel.thread {
                if let Some(archived) = fields::flag(body, "archived")
                    && std::mem::replace(&mut thread.archived, archived) != archived
                {
                    thread.archive_timestamp = now;
                }
                thread.locked = fields::flag(body, "locked").unwrap_or(thread.locked);
                thread.invitable = fields::flag(body, "invitable").unwrap_or(thread.invitable);
                if let Some(minutes) = fields::uint(body, "auto_archive_duration") {
                    thread.auto_archive_duration = u32::try_from(minutes).unwrap_or(4_320);
                }
            }
        }
        Ok(self.tell_thread("THREAD_UPDATE", thread_id, json!({})))
    }

    /// Adds a person to a thread, or oneself.
    pub fn join_thread(&mut self, actor: Id, thread_id: Id, user_id: Id) -> Result<(), ApiError> {
        let channel = self.visible_channel(thread_id, actor)?;
        let thread = channel.thread.as_ref().ok_or(error::WRONG_CHANNEL_TYPE)?;
        if thread.archived {
            return Err(error::THREAD_ARCHIVED.into());
        }
        let guild_id = channel.guild_id.ok_or(error::UNKNOWN_CHANNEL)?;
        if actor != user_id {
            self.require_in_channel(thread_id, actor, p::SEND_MESSAGES_IN_THREADS)?;
        }
        self.member(guild_id, user_id)?;
        let now = self.now();
        let thread = self.channels.get_mut(&thread_id).and_then(|channel| channel.thread.as_mut());
        let added = thread.is_some_and(|thread| thread.members.insert(user_id, now).is_none());
        if added {
            let added = vec![thread_member_json(thread_id, user_id, now)];
            self.tell_thread_members(guild_id, thread_id, json!({"added_members": added}));
            // A bot that is added learns of the thread itself.
            let data =
                self.channel(thread_id).map(|channel| self.channel_json(channel, Some(user_id)));
            if let Some(data) = data.filter(|_| actor != user_id) {
                self.emit("THREAD_CREATE", Scope::User(user_id), data);
            }
        }
        Ok(())
    }

    /// Removes a person from a thread (Manage Threads), or leaves it.
    pub fn leave_thread(&mut self, actor: Id, thread_id: Id, user_id: Id) -> Result<(), ApiError> {
        let channel = self.visible_channel(thread_id, actor)?;
        if !channel.is_thread() {
            return Err(error::WRONG_CHANNEL_TYPE.into());
        }
        let guild_id = channel.guild_id.ok_or(error::UNKNOWN_CHANNEL)?;
        if actor != user_id {
            self.require_in_channel(thread_id, actor, p::MANAGE_THREADS)?;
        }
        let thread = self.channels.get_mut(&thread_id).and_then(|channel| channel.thread.as_mut());
        if thread.is_none_or(|thread| thread.members.remove(&user_id).is_none()) {
            return Err(error::UNKNOWN_MEMBER.into());
        }
        self.tell_thread_members(guild_id, thread_id, json!({"removed_member_ids": [user_id]}));
        Ok(())
    }

    fn tell_thread_members(&mut self, guild_id: Id, thread_id: Id, more: Value) {
        let count = self
            .channel(thread_id)
            .and_then(|channel| channel.thread.as_ref())
            .map_or(0, |thread| thread.members.len());
        let data =
            with(json!({"id": thread_id, "guild_id": guild_id, "member_count": count}), more);
        self.emit("THREAD_MEMBERS_UPDATE", Scope::Channel(thread_id), data);
    }

    /// Who is in a thread.
    pub fn thread_members(&self, actor: Id, thread_id: Id) -> Result<Vec<Value>, ApiError> {
        let channel = self.visible_channel(thread_id, actor)?;
        let thread = channel.thread.as_ref().ok_or(error::WRONG_CHANNEL_TYPE)?;
        Ok(thread.members.iter().map(|(id, at)| thread_member_json(thread_id, *id, *at)).collect())
    }

    /// Threads that `actor` sees and that `wanted` picks, newest first, in Discord's list form.
    pub fn threads_json(
        &self,
        actor: Id,
        guild_id: Id,
        wanted: impl Fn(&Channel) -> bool,
    ) -> Value {
        let mut threads: Vec<&Channel> = self
            .channels_of(guild_id)
            .filter(|channel| channel.is_thread() && wanted(channel))
            .filter(|channel| self.can_view(channel.id, actor))
            .collect();
        threads.sort_by_key(|thread| std::cmp::Reverse(thread.id));
        let members: Vec<Value> = threads
            .iter()
            .filter_map(|channel| {
                let joined = channel.thread.as_ref()?.members.get(&actor)?;
                Some(thread_member_json(channel.id, actor, *joined))
            })
            .collect();
        let shown: Vec<Value> =
            threads.iter().map(|channel| self.channel_json(channel, Some(actor))).collect();
        json!({"threads": shown, "members": members, "has_more": false})
    }

    /// A message in an archived thread opens it and adds its author.
    pub(crate) fn wake_thread(&mut self, channel_id: Id, author: Id) {
        let now = self.now();
        let known = self.users.contains_key(&author);
        let Some(thread) =
            self.channels.get_mut(&channel_id).and_then(|channel| channel.thread.as_mut())
        else {
            return;
        };
        if known {
            thread.members.entry(author).or_insert(now);
        }
        if thread.archived {
            thread.archived = false;
            thread.archive_timestamp = now;
            self.tell_thread("THREAD_UPDATE", channel_id, json!({}));
        }
    }

    /// Archives threads that were quiet for their duration.
    pub(crate) fn expire_threads(&mut self) {
        let now = self.now();
        let quiet: Vec<Id> = self
            .channels
            .values()
            .filter(|channel| {
                channel.thread.as_ref().is_some_and(|thread| {
                    let spoke = channel.last_message_id.map_or(0, Id::created_ms);
                    let last = spoke.max(thread.archive_timestamp);
                    !thread.archived
                        && last + i64::from(thread.auto_archive_duration) * 60_000 <= now
                })
            })
            .map(|channel| channel.id)
            .collect();
        for id in quiet {
            if let Some(thread) =
                self.channels.get_mut(&id).and_then(|channel| channel.thread.as_mut())
            {
                thread.archived = true;
                thread.archive_timestamp = now;
            }
            self.tell_thread("THREAD_UPDATE", id, json!({}));
        }
    }

    /// When a thread was archived, as text; for paging archived threads.
    pub(crate) fn archived_at(channel: &Channel) -> Option<String> {
        channel.thread.as_ref().map(|thread| timestamp(thread.archive_timestamp))
    }
}
