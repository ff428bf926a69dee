//! Uploaded files: names, sizes, signed addresses.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::World;
use super::model::{Attachment, Message, Upload};
use crate::cdn::sign;
use crate::id::Id;

/// The parts of a message that hold addresses, resolved and signed now.
pub(crate) struct Shown {
    pub attachments: Vec<Value>,
    pub embeds: Vec<Value>,
    pub components: Vec<Value>,
}

impl World {
    /// A new attachment from an upload.
    pub(crate) fn new_attachment(
        &mut self,
        channel_id: Id,
        upload: Upload,
        ephemeral: bool,
    ) -> Attachment {
        let filename = clean_filename(&upload.filename);
        let title = (filename != upload.filename).then(|| stem(&upload.filename).to_owned());
        let guessed = content_type(&filename).map(str::to_owned);
        let content_type =
            guessed.or(upload.content_type).filter(|kind| kind != "application/octet-stream");
        Attachment {
            id: self.new_id(),
            channel_id,
            title,
            description: None,
            content_type,
            dimensions: dimensions(&upload.data),
            data: upload.data,
            filename,
            ephemeral,
        }
    }

    /// The address of an attachment, signed to expire after a day of the sandbox's clock.
    pub fn attachment_url(&self, attachment: &Attachment) -> String {
        let path = format!(
            "{}attachments/{}/{}/{}",
            if attachment.ephemeral { "ephemeral-" } else { "" },
            attachment.channel_id,
            attachment.id,
            attachment.filename
        );
        let query = sign::query(&self.cdn_key, &path, self.now());
        format!("{}/cdn/{path}?{query}", self.base_url)
    }

    /// An attachment by channel and id, for the CDN.
    pub(crate) fn attachment(&self, channel_id: Id, id: Id) -> Option<&Attachment> {
        self.channels
            .get(&channel_id)?
            .messages
            .values()
            .flat_map(|message| &message.attachments)
            .find(|attachment| attachment.id == id)
    }

    fn attachment_json(&self, attachment: &Attachment) -> Value {
        let url = self.attachment_url(attachment);
        let mut value = json!({
            "id": attachment.id, "filename": attachment.filename, "size": attachment.data.len(),
            "url": url, "proxy_url": url,
        });
        if let Some((width, height)) = attachment.dimensions {
            value["width"] = json!(width);
            value["height"] = json!(height);
        }
        if let Some(kind) = &attachment.content_type {
            value["content_type"] = json!(kind);
        }
        if let Some(text) = &attachment.description {
            value["description"] = json!(text);
        }
        if let Some(title) = &attachment.title {
            value["title"] = json!(title);
        }
        if attachment.ephemeral {
            value["ephemeral"] = json!(true);
        }
        value
    }

    /// Replaces `attachment://name` by the signed address. Files shown inside an embed or component do not
    /// appear among the attachments any more, as in Discord.
    pub(crate) fn resolve_media(&self, message: &Message) -> Shown {
        let mut used = HashSet::new();
        let mut embeds = message.embeds.clone();
        let mut components = message.components.clone();
        if !message.attachments.is_empty() {
            for value in embeds.iter_mut().chain(&mut components) {
                self.resolve(value, &message.attachments, &mut used);
            }
        }
        let version2 = message.flags & super::model::message_flags::IS_COMPONENTS_V2 != 0;
        let attachments = message
            .attachments
            .iter()
            .filter(|attachment| version2 || !used.contains(&attachment.id))
            .map(|attachment| self.attachment_json(attachment))
            .collect();
        Shown { attachments, embeds, components }
    }

    fn resolve(&self, value: &mut Value, files: &[Attachment], used: &mut HashSet<Id>) {
        match value {
            Value::Array(list) => list.iter_mut().for_each(|item| self.resolve(item, files, used)),
            Value::Object(map) => {
                let mut found = None;
                for (key, item) in map.iter_mut() {
                    let name = item.as_str().and_then(|text| text.strip_prefix("attachment://"));
                    let Some(name) = name.filter(|_| key.ends_with("url")) else {
                        self.resolve(item, files, used);
                        continue;
                    };
                    let name = clean_filename(name);
                    if let Some(file) = files.iter().find(|file| file.filename == name) {
                        used.insert(file.id);
                        *item = Value::String(self.attachment_url(file));
                        found = Some(file);
                    }
                }
                let Some(file) = found else { return };
                if map.contains_key("width")
                    && let Some((width, height)) = file.dimensions
                {
                    map.insert("width".into(), json!(width));
                    map.insert("height".into(), json!(height));
                }
                if map.contains_key("id") {
                    map.insert("attachment_id".into(), json!(file.id));
                    map.insert("content_type".into(), json!(file.content_type));
                }
            }
            _ => {}
        }
    }
}

fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Keeps letters, digits, dots, dashes and underscores; anything else becomes an underscore.
pub(crate) fn clean_filename(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let clean: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' })
        .collect();
    let clean = clean.trim_start_matches('.').to_owned();
    if clean.is_empty() { "unknown".into() } else { clean }
}

/// The MIME type that Discord derives from a file's name.
pub(crate) fn content_type(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match extension.as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/x-wav",
        "txt" | "log" => "text/plain; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "html" | "htm" => "text/html; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        "json" => "application/json; charset=utf-8",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        _ => return None,
    })
}

/// Width and height of a PNG, GIF or JPEG, read from its header.
pub(crate) fn dimensions(data: &[u8]) -> Option<(u32, u32)> {
    let be = |at: usize| Some(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?));
    let le16 =
        |at: usize| Some(u32::from(u16::from_le_bytes(data.get(at..at + 2)?.try_into().ok()?)));
    let be16 =
        |at: usize| Some(u32::from(u16::from_be_bytes(data.get(at..at + 2)?.try_into().ok()?)));
    if data.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((be(16)?, be(20)?));
    }
    if data.starts_with(b"GIF8") {
        return Some((le16(6)?, le16(8)?));
    }
    if !data.starts_with(&[0xFF, 0xD8]) {
        return None;
    }
    let mut at = 2;
    while *data.get(at)? == 0xFF {
        let marker = *data.get(at + 1)?;
        if matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC) {
            return Some((be16(at + 7)?, be16(at + 5)?));
        }
        at += 2 + usize::try_from(be16(at + 2)?).ok()?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_as_discord_cleans_them() {
        assert_eq!(clean_filename("../../my file (1).png"), "my_file__1_.png");
        assert_eq!(clean_filename(""), "unknown");
    }
}
