//! Embeds.

use serde::Deserialize;

use super::Components;
use crate::{Snowflake, lax};

/// An embed. Source: Discord API reference, "Embed Object".
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Embed {
    /// `rich`, `image`, `video`, `gifv`, `article`, `link`, `poll_result`, `auto_moderation_message`…
    #[serde(rename = "type", deserialize_with = "lax::text")]
    pub kind: String,
    /// Title; markdown of the inline kind.
    #[serde(deserialize_with = "lax::text")]
    pub title: String,
    /// Text; markdown.
    #[serde(deserialize_with = "lax::text")]
    pub description: String,
    /// Where the title leads.
    #[serde(deserialize_with = "lax::text")]
    pub url: String,
    /// ISO 8601.
    #[serde(deserialize_with = "lax::text")]
    pub timestamp: String,
    /// 0xRRGGBB of the bar at the side.
    #[serde(deserialize_with = "lax::count")]
    pub color: Option<u64>,
    /// Below everything.
    #[serde(deserialize_with = "lax::object")]
    pub footer: Option<EmbedFooter>,
    /// The large picture.
    #[serde(deserialize_with = "lax::object")]
    pub image: Option<EmbedMedia>,
    /// The small picture.
    #[serde(deserialize_with = "lax::object")]
    pub thumbnail: Option<EmbedMedia>,
    /// A film at another site.
    #[serde(deserialize_with = "lax::object")]
    pub video: Option<EmbedMedia>,
    /// The site it comes from.
    #[serde(deserialize_with = "lax::object")]
    pub provider: Option<EmbedProvider>,
    /// Above the title.
    #[serde(deserialize_with = "lax::object")]
    pub author: Option<EmbedAuthor>,
    /// Name and value pairs.
    #[serde(deserialize_with = "lax::list")]
    pub fields: Vec<EmbedField>,
    /// Containers, in embeds that are made of them.
    pub components: Components,
}

/// An embed's last line.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct EmbedFooter {
    /// Plain text.
    #[serde(deserialize_with = "lax::text")]
    pub text: String,
    /// A small picture.
    #[serde(deserialize_with = "lax::text")]
    pub icon_url: String,
}

/// A picture or film of an embed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct EmbedMedia {
    /// Where it is.
    #[serde(deserialize_with = "lax::text")]
    pub url: String,
    /// Pixels.
    #[serde(deserialize_with = "lax::count")]
    pub width: Option<u64>,
    /// Pixels.
    #[serde(deserialize_with = "lax::count")]
    pub height: Option<u64>,
    /// Alternative text.
    #[serde(deserialize_with = "lax::text")]
    pub description: String,
    /// Media type.
    #[serde(deserialize_with = "lax::text")]
    pub content_type: String,
    /// The attachment it is, or zero.
    pub attachment_id: Snowflake,
}

/// The site an embed comes from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct EmbedProvider {
    /// Plain text.
    #[serde(deserialize_with = "lax::text")]
    pub name: String,
    /// Where it leads.
    #[serde(deserialize_with = "lax::text")]
    pub url: String,
}

/// An embed's author.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct EmbedAuthor {
    /// Plain text.
    #[serde(deserialize_with = "lax::text")]
    pub name: String,
    /// Where it leads.
    #[serde(deserialize_with = "lax::text")]
    pub url: String,
    /// A small picture.
    #[serde(deserialize_with = "lax::text")]
    pub icon_url: String,
}

/// A name and a value.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct EmbedField {
    /// Markdown of the inline kind.
    #[serde(deserialize_with = "lax::text")]
    pub name: String,
    /// Markdown.
    #[serde(deserialize_with = "lax::text")]
    pub value: String,
    /// Whether it may stand beside others.
    #[serde(deserialize_with = "lax::flag")]
    pub inline: bool,
}
