//! The message whose button opens tickets.

use domain::ids::PanelId;
use domain::panels::{ButtonEmoji, PanelSettings};
use serde_json::{Map, Value, json};

use super::only;
use crate::tickets::custom_id::CustomId;

/// A panel's message.
pub fn panel(id: PanelId, settings: &PanelSettings) -> Value {
    let mut embed = Map::new();
    embed.insert("title".into(), settings.title.as_str().into());
    if !settings.text.trim().is_empty() {
        embed.insert("description".into(), settings.text.as_str().into());
    }
    embed.insert("color".into(), settings.colour.into());
    let mut button = Map::new();
    button.insert("type".into(), 2.into());
    button.insert("style".into(), 1.into());
    button.insert("label".into(), settings.button_label.as_str().into());
    button.insert("custom_id".into(), CustomId::Open(id).to_string().into());
    if let Some(emoji) = ButtonEmoji::parse(&settings.button_emoji) {
        let emoji = match emoji {
            ButtonEmoji::Unicode(name) => json!({ "name": name }),
            ButtonEmoji::Custom { name, id, animated } => {
                json!({ "id": id, "name": name, "animated": animated })
            }
        };
        button.insert("emoji".into(), emoji);
    }
    json!({
        "embeds": [embed],
        "components": [{ "type": 1, "components": [button] }],
        "allowed_mentions": only(&[]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panel_has_title_text_and_button() {
        let settings = PanelSettings {
            name: "Support".into(),
            channel: None,
            title: "Need help?".into(),
            text: String::new(),
            colour: 0x12_34_56,
            button_label: "Open".into(),
            button_emoji: "<a:party:12345>".into(),
            welcome: String::new(),
            questions: vec![],
            support_roles: vec![],
        };
        let id: PanelId = "0193b3c4-5d6e-7f80-9123-456789abcdef".parse().unwrap();
        assert_eq!(
            panel(id, &settings),
            json!({
                "embeds": [{ "title": "Need help?", "color": 0x12_34_56 }],
                "components": [{ "type": 1, "components": [{
                    "type": 2, "style": 1, "label": "Open", "custom_id": format!("wd:open:{id}"),
                    "emoji": { "id": "12345", "name": "party", "animated": true },
                }] }],
                "allowed_mentions": { "parse": [], "users": [] },
            })
        );
    }
}
