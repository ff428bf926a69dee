//! Reading the body of a message request: limits, mentions, attachments.

use serde_json::Value;

use super::World;
use super::components;
use super::embeds;
use super::fields;
use super::model::{Attachment, Message, Upload, message_flags as flags};
use crate::error::{self, ApiError, FormErrors};
use crate::id::Id;

/// Characters of a message's text.
const MOST_CONTENT: usize = 2_000;
/// Files of a message.
const MOST_FILES: usize = 10;
/// Bytes of one file in a server without boosts.
const MOST_FILE_BYTES: usize = 10 * 1024 * 1024;
/// Flags that a sender may set.
const SENDABLE: u64 = flags::SUPPRESS_EMBEDS
    | flags::EPHEMERAL
    | flags::SUPPRESS_NOTIFICATIONS
    | flags::IS_COMPONENTS_V2;

/// What a body asks for; `None` where it says nothing.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub content: Option<String>,
    pub embeds: Option<Vec<Value>>,
    pub components: Option<Vec<Value>>,
    pub flags: Option<u64>,
    pub files: Vec<Attachment>,
    /// Attachments that stay, with a new description if one was given.
    pub keep: Option<Vec<(Id, Option<String>)>>,
    pub poll: Option<Value>,
    pub stickers: Vec<Value>,
    pub tts: bool,
}

impl Draft {
    /// Whether a message made of this alone would be empty.
    pub fn is_empty(&self) -> bool {
        self.content.as_deref().unwrap_or("").is_empty()
            && self.embeds.as_ref().is_none_or(Vec::is_empty)
            && self.components.as_ref().is_none_or(Vec::is_empty)
            && self.files.is_empty()
            && self.poll.is_none()
            && self.stickers.is_empty()
    }
}

/// Who was rung.
#[derive(Debug, Default)]
pub(crate) struct Mentions {
    pub users: Vec<Id>,
    pub roles: Vec<Id>,
    pub everyone: bool,
}

impl World {
    /// Reads and checks a body. `before` is the message that is edited.
    pub(crate) fn read_draft(
        &mut self,
        channel_id: Id,
        body: &Value,
        uploads: Vec<Upload>,
        before: Option<&Message>,
    ) -> Result<Draft, ApiError> {
        let mut form = FormErrors::default();
        let mut draft = Draft {
            flags: fields::uint(body, "flags").map(|bits| bits & SENDABLE),
            tts: fields::flag(body, "tts").unwrap_or(false),
            poll: body.get("poll").filter(|poll| poll.is_object()).cloned(),
            ..Draft::default()
        };
        let had = before.map_or(0, |message| message.flags) & flags::IS_COMPONENTS_V2 != 0;
        let version2 = had || draft.flags.unwrap_or(0) & flags::IS_COMPONENTS_V2 != 0;
        if let Some(content) = body.get("content") {
            let content = content.as_str().unwrap_or("").trim();
            form.length("content", content, 0, MOST_CONTENT);
            draft.content = Some(content.to_owned());
        }
        if fields::has(body, "embeds") {
            draft.embeds = Some(embeds::read(fields::list(body, "embeds"), &mut form));
        }
        if fields::has(body, "components") {
            let list = fields::list(body, "components");
            draft.components = Some(components::read(list, version2, &mut form));
        }
        if version2 {
            let code = "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2";
            for key in ["content", "embeds", "sticker_ids", "poll"] {
                let used = body.get(key).is_some_and(|value| {
                    !value.is_null()
                        && value != ""
                        && value.as_array().is_none_or(|list| !list.is_empty())
                });
                if used {
                    let message = format!(
                        "The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                    );
                    form.add(key, code, &message);
                }
            }
        }
        self.read_files(channel_id, body, uploads, before, &mut draft, &mut form)?;
        form.check()?;
        Ok(draft)
    }

    fn read_files(
        &mut self,
        channel_id: Id,
        body: &Value,
        uploads: Vec<Upload>,
        before: Option<&Message>,
        draft: &mut Draft,
        form: &mut FormErrors,
    ) -> Result<(), ApiError> {
        if uploads.len() > MOST_FILES {
            form.add("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.");
        }
        if uploads.iter().any(|upload| upload.data.len() > MOST_FILE_BYTES) {
            return Err(error::ENTITY_TOO_LARGE.into());
        }
        let ephemeral = draft.flags.unwrap_or(0) & flags::EPHEMERAL != 0
            || before.is_some_and(|message| message.ephemeral_for.is_some());
        let listed = body.get("attachments").and_then(Value::as_array);
        for mut upload in uploads {
            let index = Id(upload.index);
            let entry = listed
                .and_then(|list| list.iter().find(|item| fields::id(item, "id") == Some(index)));
            if let Some(name) = entry.and_then(|entry| fields::text(entry, "filename")) {
                name.clone_into(&mut upload.filename);
            }
            let description =
                entry.and_then(|entry| fields::text(entry, "description")).map(str::to_owned);
            let mut file = self.new_attachment(channel_id, upload, ephemeral);
            file.description = description;
            draft.files.push(file);
        }
        if let (Some(list), Some(before)) = (listed, before) {
            let kept = list
                .iter()
                .filter_map(|item| {
                    let id = fields::id(item, "id")?;
                    let known = before.attachments.iter().any(|file| file.id == id);
                    known.then(|| (id, fields::text(item, "description").map(str::to_owned)))
                })
                .collect();
            draft.keep = Some(kept);
        }
        Ok(())
    }

    /// Who is rung by a text: `allowed_mentions` and the author's right to mention everyone decide.
    pub(crate) fn mentions(
        &self,
        guild_id: Option<Id>,
        text: &str,
        allowed: Option<&Value>,
        may_mention_all: bool,
        replied: Option<Id>,
    ) -> Mentions {
        let allowed = allowed.filter(|value| value.is_object());
        let parses = |kind: &str| match allowed {
            None => true,
            Some(rules) => fields::list(rules, "parse").iter().any(|value| value == kind),
        };
        let named = |key: &str, id: Id| {
            allowed.and_then(|rules| fields::ids(rules, key)).is_some_and(|ids| ids.contains(&id))
        };
        let mut found = Mentions::default();
        for id in tagged(text, "<@").into_iter().chain(tagged(text, "<@!")) {
            let rung = parses("users") || named("users", id);
            if rung && self.users.contains_key(&id) && !found.users.contains(&id) {
                found.users.push(id);
            }
        }
        let roles = guild_id.and_then(|id| self.guilds.get(&id)).map(|guild| &guild.roles);
        for id in tagged(text, "<@&") {
            let role = roles.and_then(|roles| roles.get(&id));
            let open = role.is_some_and(|role| role.mentionable) || may_mention_all;
            if (parses("roles") || named("roles", id))
                && open
                && role.is_some()
                && !found.roles.contains(&id)
            {
                found.roles.push(id);
            }
        }
        let everyone = text.contains("@everyone") || text.contains("@here");
        found.everyone = everyone && may_mention_all && parses("everyone");
        let ring_replied =
            allowed.is_none_or(|rules| fields::flag(rules, "replied_user").unwrap_or(false));
        if let Some(author) = replied
            && ring_replied
            && !found.users.contains(&author)
        {
            found.users.push(author);
        }
        found
    }
}

/// The ids in `<@1>`-like tags that begin with `open`.
fn tagged(text: &str, open: &str) -> Vec<Id> {
    text.split(open).skip(1).filter_map(|rest| rest.split_once('>')?.0.parse().ok()).collect()
}

/// All text that may mention: the content, and text displays of version 2 messages.
pub(crate) fn mentioning_text(content: &str, components: &[Value]) -> String {
    let mut text = content.to_owned();
    collect(components, &mut text);
    text
}

fn collect(components: &[Value], text: &mut String) {
    for component in components {
        if fields::int(component, "type") == Some(components::component_type::TEXT_DISPLAY) {
            text.push('\n');
            text.push_str(fields::text(component, "content").unwrap_or(""));
        }
        collect(fields::list(component, "components"), text);
    }
}
