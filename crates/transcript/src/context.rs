//! What a renderer must know besides the messages: names, colours, local copies, words, zone.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::Snowflake;
use crate::colour::Colour;
use crate::labels::Labels;
use crate::url::LocalPath;

/// Someone, as seen in this server.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// The name to show: nickname, else global name, else account name.
    pub name: String,
    /// The account's name.
    pub username: String,
    /// A local copy of the avatar.
    pub avatar: Option<LocalPath>,
    /// Colour of the highest coloured role.
    pub colour: Option<Colour>,
    /// Whether it is an app.
    pub bot: bool,
}

/// A role.
#[derive(Debug, Clone, Default)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub colour: Option<Colour>,
    /// Its place; people have the colour of the highest of their roles that has one.
    pub position: i64,
}

/// A channel or thread.
#[derive(Debug, Clone, Default)]
pub struct Channel {
    /// Its name.
    pub name: String,
}

/// What a browser makes of a copy: its sender's word is not enough for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// A picture.
    Picture,
    /// A film or a sound: either kind of player plays both.
    Recording,
    /// Nothing that it shows in a page.
    Nothing,
}

impl Shows {
    /// Of the media type that the copy is handed out as.
    pub fn of(media_type: &str) -> Self {
        match media_type.split_once('/') {
            Some(("image", _)) => Self::Picture,
            Some(("audio" | "video", _)) => Self::Recording,
            _ => Self::Nothing,
        }
    }
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileCopy {
    /// It is here, and what it shows.
    Stored(LocalPath, Shows),
    /// It is past the limit and was not copied.
    TooLarge,
    /// It was not copied: the server's plan had no room for it.
    NoRoom,
    /// It is still being copied.
    Pending,
    /// It could not be copied.
    Missing,
    /// It was erased since.
    Erased,
    /// The copy does not match its checksum.
    Damaged,
}

/// A message that is quoted by an answer and may be outside the rendered piece.
#[derive(Debug, Clone, Default)]
pub struct Quote {
    /// Who wrote it.
    pub author: Snowflake,
    /// The author's name where the person is not in [`Context::people`].
    pub author_name: String,
    /// Its content, as Discord markdown; shown shortened and as plain text.
    pub content: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Whether the transcript holds it, so that a link can lead to it.
    pub reachable: bool,
}

/// What a renderer must know besides the messages.
#[derive(Debug, Clone)]
pub struct Context {
    /// People by account.
    pub people: HashMap<Snowflake, Person>,
    /// Roles by id.
    pub roles: HashMap<Snowflake, Role>,
    /// Channels and threads by id.
    pub channels: HashMap<Snowflake, Channel>,
    /// Attachments by id. One that is not here counts as missing.
    pub files: HashMap<Snowflake, FileCopy>,
    /// Local copies of custom emoji by id. One that is not here is shown by its name.
    pub emojis: HashMap<Snowflake, LocalPath>,
    /// Local copies of stickers by id.
    pub stickers: HashMap<Snowflake, LocalPath>,
    /// Local copies of avatars by message, where the author may not be in `people`: webhooks, of which one speaks under
    /// many avatars, and apps that answer commands.
    pub avatars: HashMap<Snowflake, LocalPath>,
    /// Local copies of pictures of embeds and components, by the address in the message. One that is not here is
    /// shown as a link.
    pub media: HashMap<String, LocalPath>,
    /// Quoted messages outside the rendered piece.
    pub quotes: HashMap<Snowflake, Quote>,
    /// What stands before the id in a link to a message, for example `?around=`. Empty links within the page only.
    pub message_link: String,
    /// What stands before the id in a link to a message's redaction. Empty: no such links.
    pub redact_link: String,
    /// Whether the page has a player for animations that no `img` shows.
    pub plays_animations: bool,
    /// Whether Discord withheld content (the bot lost `MESSAGE_CONTENT`): blank messages say so.
    pub content_unavailable: bool,
    /// All words.
    pub labels: Labels,
    /// The reader's zone.
    pub zone: TimeZone,
    /// Milliseconds since 1970 UTC: what relative times count from.
    pub now_ms: i64,
}

impl Context {
    /// One that knows no names yet, in UTC.
    pub fn new(labels: Labels, now_ms: i64) -> Self {
        Self {
            people: HashMap::new(),
            roles: HashMap::new(),
            channels: HashMap::new(),
            files: HashMap::new(),
            emojis: HashMap::new(),
            stickers: HashMap::new(),
            avatars: HashMap::new(),
            media: HashMap::new(),
            quotes: HashMap::new(),
            message_link: String::new(),
            redact_link: String::new(),
            plays_animations: false,
            content_unavailable: false,
            labels,
            zone: TimeZone::UTC,
            now_ms,
        }
    }

    /// The colour of someone with these roles.
    pub fn colour_of(&self, roles: &[Snowflake]) -> Option<Colour> {
        let coloured = roles.iter().filter_map(|id| Some((id, self.roles.get(id)?)));
        let coloured = coloured.filter_map(|(id, role)| Some((role.position, id, role.colour?)));
        coloured
            .max_by_key(|(position, id, _)| (*position, std::cmp::Reverse(**id)))
            .map(|(.., c)| c)
    }

    /// Someone's name, or the word for someone unknown.
    pub fn name_of(&self, person: Snowflake) -> &str {
        self.people.get(&person).map_or(&self.labels.message.unknown_user, |known| &known.name)
    }
}
