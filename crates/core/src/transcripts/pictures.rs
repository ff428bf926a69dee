//! The pictures that messages show beside what is attached to them: avatars, custom emoji, stickers, pictures
//! of embeds and components.
//!
//! The id is derived from the picture's source under its owner's data key, so erasing the owner makes it
//! unfindable. Emoji and stickers that everybody uses belong to the server.

use std::collections::{BTreeMap, HashMap};

use domain::ids::{AttachmentId, GuildId, MessageId, TicketId, UserId};
use serde_json::Value;
use storage::transcripts::attachments::{self, AttachmentState, FileKind};
use storage::{SealError, StorageError};
use transcript::{LocalPath, Snowflake};

use super::TranscriptAccess;
use super::load::Found;
use super::normalise::{id_of, is_by_webhook, subject_of};
use super::read::snowflake;
use super::seals;
use crate::Wardesk;

/// Pictures of one message, at most.
const PER_MESSAGE: usize = 100;
/// How deep a message is looked into.
const DEPTH: u8 = 12;
/// This bit is in the ids of pictures, and in no id that Discord gives before 2049.
const PICTURE: u64 = 1 << 62;

/// A picture that a message shows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Picture {
    /// What it is.
    pub kind: Kind,
    /// Where it is: the path at Discord's CDN, or the address in the message.
    pub key: String,
    /// Where to read it, if that is not at the key.
    pub from: Option<String>,
    /// Whose it is; `None` for the server's.
    pub subject: Option<UserId>,
}

/// What a picture is, and for whom or what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The avatar of this author.
    Avatar(u64),
    /// The emoji with this id.
    Emoji(u64),
    /// The sticker with this id.
    Sticker(u64),
    /// A picture at an address.
    Embed,
}

impl Kind {
    const fn of_file(self) -> FileKind {
        match self {
            Self::Avatar(_) => FileKind::Avatar,
            Self::Emoji(_) => FileKind::Emoji,
            Self::Sticker(_) => FileKind::Sticker,
            Self::Embed => FileKind::Embed,
        }
    }
}

impl Picture {
    /// What its copy is of.
    pub(super) const fn file_kind(&self) -> FileKind {
        self.kind.of_file()
    }

    /// Where it is read.
    pub(super) fn address(&self, w: &Wardesk) -> String {
        match (&self.from, self.kind) {
            (Some(from), _) => from.clone(),
            (None, Kind::Embed) => self.key.clone(),
            (None, Kind::Avatar(_)) => format!("{}/{}?size=128", w.cdn_url(), self.key),
            (None, Kind::Emoji(_)) => format!("{}/{}?size=96", w.cdn_url(), self.key),
            // Discord serves these beside attachments. Source: Discord API documentation, "Image Formatting".
            (None, Kind::Sticker(_)) if is_gif(&self.key) => {
                format!("{}/{}", w.media_url(), self.key)
            }
            (None, Kind::Sticker(_)) => format!("{}/{}", w.cdn_url(), self.key),
        }
    }

    fn place(&self, ticket: TicketId) -> Vec<u8> {
        format!("{ticket}:{}:{}", self.file_kind().as_str(), self.key).into_bytes()
    }

    /// The id of its copy. The data key of whose it is is made if there is none.
    pub(super) async fn id(
        &self,
        w: &Wardesk,
        guild: GuildId,
        ticket: TicketId,
    ) -> Result<Option<AttachmentId>, StorageError> {
        let scope = seals::scope(guild, self.subject);
        Ok(read_id(w.store().keys().mark(&scope, MARK, &self.place(ticket)).await?))
    }

    /// The id that its copy has, unless it was erased.
    async fn known_id(
        &self,
        w: &Wardesk,
        guild: GuildId,
        ticket: TicketId,
    ) -> Result<Option<AttachmentId>, StorageError> {
        let scope = seals::scope(guild, self.subject);
        match w.store().keys().known_mark(&scope, MARK, &self.place(ticket)).await {
            Ok(mark) => Ok(read_id(mark)),
            Err(StorageError::Sealed(SealError::Destroyed)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

const MARK: &str = "pictures";

fn read_id(mark: [u8; 32]) -> Option<AttachmentId> {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&mark[..8]);
    let id = (u64::from_be_bytes(bytes) >> 2) | PICTURE;
    AttachmentId::new(i64::try_from(id).ok()?).ok()
}

/// The pictures that a message shows, from its object as the archive keeps it. `subject` is whose words it is.
pub(super) fn of_message(body: &Value, guild: GuildId, subject: Option<UserId>) -> Vec<Picture> {
    let mut found = Finder { subject, pictures: BTreeMap::new() };
    if let Some(avatar) = avatar(body, guild) {
        found.add(avatar);
    }
    found.look(body, "", 0);
    found.pictures.into_values().collect()
}

fn avatar(body: &Value, guild: GuildId) -> Option<Picture> {
    let author = body.get("author")?;
    let id: UserId = id_of(author, "id")?;
    let hash = |object: Option<&Value>| {
        let hash = object?.get("avatar")?.as_str()?;
        let known = hash.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        (known && !hash.is_empty() && hash.len() <= 64).then(|| hash.to_owned())
    };
    let key = match (hash(body.get("member")), hash(Some(author))) {
        (Some(own), _) => format!("guilds/{guild}/users/{id}/avatars/{own}.png"),
        (None, Some(hash)) => format!("avatars/{id}/{hash}.png"),
        (None, None) => return None,
    };
    let kind = Kind::Avatar(u64::try_from(id.get()).ok()?);
    Some(Picture { kind, key, from: None, subject: Some(id) })
}

struct Finder {
    subject: Option<UserId>,
    /// By what it shows: each is copied once.
    pictures: BTreeMap<(Kind, String), Picture>,
}

impl Finder {
    fn add(&mut self, picture: Picture) {
        if self.pictures.len() < PER_MESSAGE {
            self.pictures.entry((picture.kind, picture.key.clone())).or_insert(picture);
        }
    }

    fn look(&mut self, value: &Value, key: &str, depth: u8) {
        if depth > DEPTH {
            return;
        }
        match value {
            Value::String(text) => self.emoji_in(text),
            Value::Array(list) => {
                for item in list {
                    if key == "sticker_items" {
                        self.sticker(item);
                    }
                    self.look(item, key, depth + 1);
                }
            }
            Value::Object(map) => {
                if key == "emoji" {
                    self.emoji_object(value);
                }
                // The picture of a film is beside it; the film itself is on another site.
                if key != "video" {
                    self.linked(value, "url", "proxy_url");
                }
                self.linked(value, "icon_url", "proxy_icon_url");
                for (key, item) in map {
                    self.look(item, key, depth + 1);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// A picture of another site, which Discord's proxy hands out.
    fn linked(&mut self, object: &Value, url: &str, proxy: &str) {
        let text = |key| object.get(key).and_then(Value::as_str).filter(|t| t.len() <= 2048);
        if let (Some(key), Some(from)) = (text(url), text(proxy)) {
            self.add(Picture {
                kind: Kind::Embed,
                key: key.to_owned(),
                from: Some(from.to_owned()),
                subject: self.subject,
            });
        }
    }

    fn sticker(&mut self, item: &Value) {
        let Some(id) = number(item.get("id")) else { return };
        // 1 PNG, 2 APNG, 3 Lottie, 4 GIF. Source: Discord API documentation, "Sticker Format Types".
        let end = match item.get("format_type").and_then(Value::as_u64) {
            Some(3) => "json",
            Some(4) => "gif",
            _ => "png",
        };
        let key = format!("stickers/{id}.{end}");
        self.add(Picture { kind: Kind::Sticker(id), key, from: None, subject: None });
    }

    fn emoji_object(&mut self, emoji: &Value) {
        if let Some(id) = number(emoji.get("id")) {
            let animated = emoji.get("animated").and_then(Value::as_bool).unwrap_or(false);
            self.emoji(id, animated);
        }
    }

    fn emoji(&mut self, id: u64, animated: bool) {
        let key = format!("emojis/{id}.{}", if animated { "gif" } else { "png" });
        self.add(Picture { kind: Kind::Emoji(id), key, from: None, subject: None });
    }

    /// `<:name:id>` and `<a:name:id>`. Source: Discord API documentation, "Message Formatting".
    fn emoji_in(&mut self, text: &str) {
        for part in text.split('<').skip(1) {
            let (animated, rest) = match part.strip_prefix("a:") {
                Some(rest) => (true, rest),
                None => match part.strip_prefix(':') {
                    Some(rest) => (false, rest),
                    None => continue,
                },
            };
            let Some((inside, _)) = rest.split_once('>') else { continue };
            let Some((name, id)) = inside.split_once(':') else { continue };
            let named = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if named
                && !name.is_empty()
                && let Some(id) = read_number(id)
            {
                self.emoji(id, animated);
            }
        }
    }
}

fn number(value: Option<&Value>) -> Option<u64> {
    read_number(value?.as_str()?)
}

fn read_number(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    if digits && text.len() <= 20 { text.parse().ok().filter(|id| *id > 0) } else { None }
}

/// Where the copies of a page's pictures are.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// By author: the avatar of their newest message.
    pub avatars: HashMap<Snowflake, LocalPath>,
    /// By message of a webhook or an app's answer: the avatar that it was said under.
    pub spoken_under: HashMap<Snowflake, LocalPath>,
    /// By emoji.
    pub emojis: HashMap<Snowflake, LocalPath>,
    /// By sticker.
    pub stickers: HashMap<Snowflake, LocalPath>,
    /// By address.
    pub media: HashMap<String, LocalPath>,
}

/// Looks up which pictures of these messages are there.
pub(super) async fn shown(
    access: &TranscriptAccess,
    messages: &BTreeMap<MessageId, Found>,
) -> Result<Shown, StorageError> {
    let (w, ticket) = (&access.wardesk, &access.ticket);
    let (guild, opener, ticket) = (ticket.guild, ticket.opener, ticket.id);
    let mut wanted: BTreeMap<AttachmentId, Picture> = BTreeMap::new();
    let mut spoken: BTreeMap<AttachmentId, Vec<MessageId>> = BTreeMap::new();
    for (message, found) in messages {
        let Some((_, newest)) = found.versions.last_key_value() else { continue };
        let Ok(body) = serde_json::from_str::<Value>(newest) else { continue };
        for picture in of_message(&body, guild, subject_of(&body, opener)) {
            if let Some(id) = picture.known_id(w, guild, ticket).await? {
                if matches!(picture.kind, Kind::Avatar(_)) && is_by_webhook(&body) {
                    spoken.entry(id).or_default().push(*message);
                }
                wanted.insert(id, picture);
            }
        }
    }
    let ids: Vec<AttachmentId> = wanted.keys().copied().collect();
    let mut shown = Shown::default();
    for (id, state) in attachments::states_of(w.store().read(), ticket, &ids).await? {
        let path = access.file(id);
        let (AttachmentState::Stored, Some(path), Some(picture)) =
            (state, path, wanted.remove(&id))
        else {
            continue;
        };
        match picture.kind {
            Kind::Avatar(author) => {
                for message in spoken.remove(&id).unwrap_or_default() {
                    shown.spoken_under.insert(snowflake(message.get()), path.clone());
                }
                shown.avatars.insert(Snowflake::new(author), path);
            }
            Kind::Emoji(emoji) => {
                shown.emojis.insert(Snowflake::new(emoji), path);
            }
            Kind::Sticker(sticker) => {
                shown.stickers.insert(Snowflake::new(sticker), path);
            }
            Kind::Embed => {
                shown.media.insert(picture.key, path);
            }
        }
    }
    Ok(shown)
}

/// Whether the name of a file of Discord's says GIF; it is of our own making.
fn is_gif(key: &str) -> bool {
    key.rsplit_once('.').is_some_and(|(_, extension)| extension == "gif")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys(body: &Value) -> Vec<String> {
        let guild = GuildId::new(1000).unwrap();
        of_message(body, guild, UserId::new(7).ok()).into_iter().map(|p| p.key).collect()
    }

    #[test]
    fn every_picture_of_a_message_is_found() {
        let picture = |name: &str| json!({ "url": format!("https://site/{name}"), "proxy_url": format!("https://proxy/{name}") });
        let body = json!({
            "author": { "id": "7", "avatar": "a_1f" },
            "content": "<:wave:11> <a:dance:12> <:wave:11> <@5> <:no name:13> <:x:14",
            "sticker_items": [{ "id": "21", "name": "s", "format_type": 1 },
                              { "id": "22", "name": "s", "format_type": 3 },
                              { "id": "23", "name": "s", "format_type": 4 }],
            "reactions": [{ "emoji": { "id": "15", "name": "r" } }, { "emoji": { "id": null, "name": "👍" } }],
            "embeds": [{ "image": picture("image"), "thumbnail": picture("thumb"), "video": picture("film"),
                         "author": { "icon_url": "https://site/icon", "proxy_icon_url": "https://proxy/icon" },
                         "description": "look <:inside:16>", "url": "https://site/" }],
            "components": [{ "type": 17, "components": [{ "type": 12, "items": [{ "media": picture("gallery") }] }] }],
            "attachments": [{ "id": "31", "filename": "a.png" }],
        });
        let mut found = keys(&body);
        found.sort();
        let expected = [
            "avatars/7/a_1f.png",
            "emojis/11.png",
            "emojis/12.gif",
            "emojis/15.png",
            "emojis/16.png",
            "https://site/gallery",
            "https://site/icon",
            "https://site/image",
            "https://site/thumb",
            "stickers/21.png",
            "stickers/22.json",
            "stickers/23.gif",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn an_avatar_of_the_server_goes_first_and_nothing_leads_elsewhere() {
        let own = json!({ "author": { "id": "7", "avatar": "aa" }, "member": { "avatar": "bb" } });
        assert_eq!(keys(&own), ["guilds/1000/users/7/avatars/bb.png"]);
        for bad in ["../../x", "a?b", "", "é"] {
            assert!(keys(&json!({ "author": { "id": "7", "avatar": bad } })).is_empty(), "{bad}");
        }
        assert!(keys(&json!({ "author": { "id": "7", "avatar": null } })).is_empty());
    }

    #[test]
    fn one_message_shows_no_more_than_a_hundred_and_no_depth_is_too_deep() {
        let many: Vec<String> = (1..500).map(|n| format!("<:e:{n}>")).collect();
        assert_eq!(keys(&json!({ "content": many.concat() })).len(), PER_MESSAGE);
        let mut deep = json!({ "content": "<:e:1>" });
        for _ in 0..100 {
            deep = json!({ "x": deep });
        }
        assert!(keys(&deep).is_empty());
    }
}
