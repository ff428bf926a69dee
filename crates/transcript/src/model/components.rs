//! Message components: buttons, selects and the layout of version 2.
//!
//! Read by way of a JSON tree, so that a component that is not known keeps its raw content.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::tree::Tree;
use super::{Attachment, Emoji};
use crate::Snowflake;

/// Nesting past this is kept as unknown. Discord allows three levels.
const MAX_DEPTH: u8 = 8;

/// The components of a message.
#[derive(Debug, Clone, Default)]
pub struct Components(pub Vec<Component>);

impl<'de> Deserialize<'de> for Components {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Component::list(&Tree::deserialize(deserializer)?, 0)))
    }
}

/// A component. Source: Discord API reference, "Component Reference".
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Component {
    /// A row of buttons, or one select.
    ActionRow(Vec<Component>),
    /// A button.
    Button {
        /// Its look.
        style: ButtonStyle,
        /// Its words.
        label: String,
        /// Before the words.
        emoji: Option<Emoji>,
        /// Where a link button leads; may be empty.
        url: String,
        /// Whether it could be pressed.
        disabled: bool,
    },
    /// A select.
    Select {
        /// What can be chosen.
        kind: SelectKind,
        /// Words while nothing is chosen.
        placeholder: String,
        /// Choices of a text select.
        options: Vec<SelectOption>,
        /// What was chosen beforehand in the others: people, roles and channels by id, with the kind as Discord names
        /// it.
        defaults: Vec<(String, Snowflake)>,
        /// Whether it could not be opened.
        disabled: bool,
    },
    /// Choices of a form that stand one below the other.
    Choices {
        /// How they are marked.
        kind: ChoiceKind,
        /// The choices.
        options: Vec<SelectOption>,
    },
    /// A single mark of a form.
    Checkbox(bool),
    /// A field of a form that takes files: those that were given, by id.
    FileUpload(Vec<Snowflake>),
    /// A text field of a form.
    TextInput {
        /// Its label; newer forms have it around the field.
        label: String,
        /// What stands in it while it is empty.
        placeholder: String,
        /// Its text.
        value: String,
    },
    /// Texts with something beside them.
    Section {
        /// The texts.
        components: Vec<Component>,
        /// A button or a thumbnail.
        accessory: Option<Box<Component>>,
    },
    /// Markdown.
    TextDisplay(String),
    /// A small picture.
    Thumbnail(GalleryItem),
    /// Pictures.
    MediaGallery(Vec<GalleryItem>),
    /// A file.
    File {
        /// Where it is.
        file: Media,
        /// Its name.
        name: String,
        /// Bytes.
        size: Option<u64>,
        /// Whether it is hidden until asked for.
        spoiler: bool,
    },
    /// A space, perhaps with a line.
    Separator {
        /// Whether there is a line.
        divider: bool,
        /// Whether it is the large one.
        large: bool,
    },
    /// A box.
    Container {
        /// What is in it.
        components: Vec<Component>,
        /// 0xRRGGBB of the bar at the side.
        accent: Option<u32>,
        /// Whether it is hidden until asked for.
        spoiler: bool,
    },
    /// A form's label around a field.
    Label {
        /// The words.
        label: String,
        /// Smaller words.
        description: String,
        /// The field.
        component: Option<Box<Component>>,
    },
    /// Something that this program does not know.
    Unknown {
        /// Discord's number.
        kind: u64,
        /// Its JSON.
        raw: Value,
    },
}

/// How choices of a form are marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceKind {
    /// One of them.
    Radio,
    /// Any of them.
    Checkbox,
}

/// What a select chooses from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelectKind {
    /// Texts.
    Text,
    /// People.
    User,
    /// Roles.
    Role,
    /// People and roles.
    Mentionable,
    /// Channels.
    Channel,
}

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ButtonStyle {
    /// The one to press.
    Primary,
    /// Another.
    Secondary,
    /// Green.
    Success,
    /// Red.
    Danger,
    /// Leads to another site.
    Link,
    /// Leads to a purchase.
    Premium,
}

/// A choice of a text select.
#[derive(Debug, Clone)]
pub struct SelectOption {
    /// Its words.
    pub label: String,
    /// Smaller words.
    pub description: String,
    /// Before the words.
    pub emoji: Option<Emoji>,
    /// Whether it was chosen.
    pub chosen: bool,
}

/// A picture of a gallery, or a thumbnail.
#[derive(Debug, Clone)]
pub struct GalleryItem {
    /// Where it is.
    pub media: Media,
    /// Alternative text.
    pub description: String,
    /// Whether it is hidden until asked for.
    pub spoiler: bool,
}

/// An "unfurled media item".
#[derive(Debug, Clone, Default)]
pub struct Media {
    /// Where it was; `attachment://name` for attachments.
    pub url: String,
    /// The attachment it is, or zero.
    pub attachment_id: Snowflake,
    /// Media type.
    pub content_type: String,
    /// Pixels.
    pub width: Option<u64>,
    /// Pixels.
    pub height: Option<u64>,
}

impl Media {
    /// Whether this file of the message is what it shows: by the id, by the name that requests give, or by the address
    /// in Discord's answers, which has the file's id before its name.
    pub fn is(&self, file: &Attachment) -> bool {
        if let Some(name) = self.url.strip_prefix("attachment://") {
            return self.is_by_id(file.id) || (!name.is_empty() && name == file.filename);
        }
        self.is_by_id(file.id) || (file.id.is_known() && id_in_address(&self.url) == Some(file.id))
    }

    fn is_by_id(&self, id: Snowflake) -> bool {
        id.is_known() && id == self.attachment_id
    }
}

/// The attachment that an address of Discord's leads to. What comes after the path is a signature, which changes.
/// Source: Discord API reference, "Signed Attachment CDN URLs".
fn id_in_address(address: &str) -> Option<Snowflake> {
    let path = address.split(['?', '#']).next()?;
    let mut steps = path.rsplit('/').skip(1);
    let id = steps.next()?.parse().ok()?;
    let folder = steps.nth(1)?;
    matches!(folder, "attachments" | "ephemeral-attachments").then_some(id)
}

fn text(value: &Tree<'_>, key: &str) -> String {
    value.get(key).and_then(Tree::as_str).unwrap_or_default().to_owned()
}

fn flag(value: &Tree<'_>, key: &str) -> bool {
    value.get(key).and_then(Tree::as_bool).unwrap_or_default()
}

fn number(value: &Tree<'_>, key: &str) -> Option<u64> {
    value.get(key).and_then(Tree::as_u64)
}

fn emoji(value: &Tree<'_>) -> Option<Emoji> {
    Emoji::deserialize(value.get("emoji")?.to_value()).ok()
}

fn media(value: Option<&Tree<'_>>) -> Media {
    let Some(value) = value else { return Media::default() };
    Media {
        url: text(value, "url"),
        attachment_id: value
            .get("attachment_id")
            .and_then(|id| Snowflake::deserialize(id.to_value()).ok())
            .unwrap_or_default(),
        content_type: text(value, "content_type"),
        width: number(value, "width"),
        height: number(value, "height"),
    }
}

fn gallery_item(value: &Tree<'_>) -> GalleryItem {
    GalleryItem {
        media: media(value.get("media")),
        description: text(value, "description"),
        spoiler: flag(value, "spoiler"),
    }
}

fn ids(values: Option<&Tree<'_>>) -> Vec<Snowflake> {
    let all = values.and_then(Tree::as_list).unwrap_or_default();
    all.iter()
        .filter_map(|id| Snowflake::deserialize(id.to_value()).ok())
        .filter(|id| id.is_known())
        .collect()
}

/// What a select of people, roles or channels held beforehand, or was sent with.
fn defaults(value: &Tree<'_>) -> Vec<(String, Snowflake)> {
    let set = value.get("default_values").and_then(Tree::as_list).unwrap_or_default();
    let set = set.iter().map(|one| {
        let id = one
            .get("id")
            .and_then(|id| Snowflake::deserialize(id.to_value()).ok())
            .unwrap_or_default();
        (text(one, "type"), id)
    });
    let kind = match number(value, "type") {
        Some(6) => "role",
        Some(8) => "channel",
        Some(5 | 7) => "user",
        _ => return Vec::new(),
    };
    set.chain(ids(value.get("values")).into_iter().map(|id| (kind.to_owned(), id))).collect()
}

impl SelectOption {
    /// The choices; those count as made that were so beforehand or in the form as it was sent.
    fn list(value: &Tree<'_>) -> Vec<Self> {
        let sent = |one: &Tree<'_>| {
            let given = one.get("value").filter(|given| given.as_str().is_some());
            given.is_some()
                && (value.get("value") == given
                    || value
                        .get("values")
                        .and_then(Tree::as_list)
                        .is_some_and(|all| all.iter().any(|v| Some(v) == given)))
        };
        value.get("options").and_then(Tree::as_list).map_or_else(Vec::new, |options| {
            options
                .iter()
                .map(|option| Self {
                    label: text(option, "label"),
                    description: text(option, "description"),
                    emoji: emoji(option),
                    chosen: flag(option, "default") || sent(option),
                })
                .collect()
        })
    }
}

impl Component {
    fn list(value: &Tree<'_>, depth: u8) -> Vec<Self> {
        value
            .as_list()
            .map_or_else(Vec::new, |all| all.iter().map(|one| Self::read(one, depth)).collect())
    }

    fn inner(value: &Tree<'_>, depth: u8) -> Vec<Self> {
        value.get("components").map_or_else(Vec::new, |inner| Self::list(inner, depth + 1))
    }

    fn one(value: &Tree<'_>, key: &str, depth: u8) -> Option<Box<Self>> {
        value.get(key).map(|inner| Box::new(Self::read(inner, depth + 1)))
    }

    /// Reads one component.
    fn read(value: &Tree<'_>, depth: u8) -> Self {
        let kind = number(value, "type").unwrap_or(u64::MAX);
        let select = |kind| Self::Select {
            kind,
            placeholder: text(value, "placeholder"),
            options: SelectOption::list(value),
            defaults: defaults(value),
            disabled: flag(value, "disabled"),
        };
        if depth >= MAX_DEPTH {
            return Self::Unknown { kind, raw: value.to_value() };
        }
        match kind {
            1 => Self::ActionRow(Self::inner(value, depth)),
            2 => Self::Button {
                style: match number(value, "style") {
                    Some(1) => ButtonStyle::Primary,
                    Some(3) => ButtonStyle::Success,
                    Some(4) => ButtonStyle::Danger,
                    Some(5) => ButtonStyle::Link,
                    Some(6) => ButtonStyle::Premium,
                    _ => ButtonStyle::Secondary,
                },
                label: text(value, "label"),
                emoji: emoji(value),
                url: text(value, "url"),
                disabled: flag(value, "disabled"),
            },
            3 => select(SelectKind::Text),
            5 => select(SelectKind::User),
            6 => select(SelectKind::Role),
            7 => select(SelectKind::Mentionable),
            8 => select(SelectKind::Channel),
            4 => Self::TextInput {
                label: text(value, "label"),
                placeholder: text(value, "placeholder"),
                value: text(value, "value"),
            },
            9 => Self::Section {
                components: Self::inner(value, depth),
                accessory: Self::one(value, "accessory", depth),
            },
            10 => Self::TextDisplay(text(value, "content")),
            11 => Self::Thumbnail(gallery_item(value)),
            12 => Self::MediaGallery(
                value
                    .get("items")
                    .and_then(Tree::as_list)
                    .map_or_else(Vec::new, |items| items.iter().map(gallery_item).collect()),
            ),
            13 => Self::File {
                file: media(value.get("file")),
                name: text(value, "name"),
                size: number(value, "size"),
                spoiler: flag(value, "spoiler"),
            },
            14 => Self::Separator {
                divider: value.get("divider").and_then(Tree::as_bool).unwrap_or(true),
                large: number(value, "spacing") == Some(2),
            },
            17 => Self::Container {
                components: Self::inner(value, depth),
                accent: number(value, "accent_color").and_then(|c| u32::try_from(c).ok()),
                spoiler: flag(value, "spoiler"),
            },
            18 => Self::Label {
                label: text(value, "label"),
                description: text(value, "description"),
                component: Self::one(value, "component", depth),
            },
            19 => Self::FileUpload(ids(value.get("values"))),
            21 => Self::Choices { kind: ChoiceKind::Radio, options: SelectOption::list(value) },
            22 => Self::Choices { kind: ChoiceKind::Checkbox, options: SelectOption::list(value) },
            23 => Self::Checkbox(flag(value, "value") || flag(value, "default")),
            _ => Self::Unknown { kind, raw: value.to_value() },
        }
    }
}
