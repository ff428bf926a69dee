//! Interactions without what serenity 0.12.5 can't read and nobody here needs.
//!
//! Its typed models fail on parts that Discord added later (components of version 2, for one), and
//! with the part the whole interaction would be lost.

use serde_json::{Map, Value, json};

/// The interaction with empty shells in place of the message it belongs to and of resolved people,
/// and with what older or smaller senders leave out. `None` for what is no JSON object.
pub(super) fn interaction(data: &str) -> Option<String> {
    let mut interaction: Map<String, Value> = serde_json::from_str(data).ok()?;
    interaction.remove("channel");
    interaction.remove("authorizing_integration_owners");
    interaction.remove("context");
    interaction.insert("entitlements".into(), json!([]));
    interaction.entry("attachment_size_limit").or_insert(json!(0));
    interaction.entry("locale").or_insert(json!(""));
    if let Some(data) = interaction.get_mut("data").and_then(Value::as_object_mut) {
        data.remove("resolved");
        data.get_mut("options").map(subcommands);
    }
    if let Some(message) = interaction.get_mut("message").filter(|m| m.is_object()) {
        *message = shell(message);
    }
    if let Some(member) = interaction.get_mut("member").and_then(Value::as_object_mut) {
        for field in [
            "avatar",
            "banner",
            "avatar_decoration_data",
            "premium_since",
            "joined_at",
            "communication_disabled_until",
            "unusual_dm_activity_until",
        ] {
            member.remove(field);
        }
        for (field, default) in
            [("deaf", json!(false)), ("mute", json!(false)), ("flags", json!(0))]
        {
            member.entry(field).or_insert(default);
        }
        member.get_mut("user").map(person);
    }
    interaction.get_mut("user").map(person);
    serde_json::to_string(&interaction).ok()
}

/// Gives each subcommand its list of options, which serenity insists on.
fn subcommands(options: &mut Value) {
    for option in options.as_array_mut().into_iter().flatten() {
        if matches!(option.get("type").and_then(Value::as_u64), Some(1 | 2))
            && let Some(option) = option.as_object_mut()
        {
            subcommands(option.entry("options").or_insert(json!([])));
        }
    }
}

/// Keeps what names a person.
fn person(user: &mut Value) {
    if let Some(user) = user.as_object_mut() {
        user.retain(|key, _| {
            matches!(
                key.as_str(),
                "id" | "username" | "discriminator" | "global_name" | "avatar" | "bot"
            )
        });
        user.entry("discriminator").or_insert(json!("0"));
        // serenity takes hashes of one form only.
        if !user.get("avatar").and_then(Value::as_str).is_some_and(is_image_hash) {
            user.insert("avatar".into(), Value::Null);
        }
    }
}

fn is_image_hash(text: &str) -> bool {
    let hex = text.strip_prefix("a_").unwrap_or(text);
    hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

fn shell(message: &Value) -> Value {
    json!({
        "id": message.get("id"),
        "channel_id": message.get("channel_id"),
        "author": { "id": message.pointer("/author/id"), "username": "", "discriminator": "0", "avatar": null },
        "content": "",
        "timestamp": "2015-01-01T00:00:00+00:00",
        "edited_timestamp": null,
        "tts": false,
        "mention_everyone": false,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": false,
        "type": 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serenity::all::Interaction;

    #[test]
    fn serenity_reads_a_press_on_a_message_it_does_not_know() {
        let pressed = json!({
            "id": "11", "application_id": "12", "type": 3, "token": "t", "version": 1, "guild_id": "7",
            "channel_id": "5", "channel": {"id": "5", "type": 99}, "locale": "de", "guild_locale": "en-US",
            "app_permissions": "0", "entitlements": [{"?": 1}], "context": 9,
            "member": {
                "user": {"id": "3", "username": "mia", "discriminator": "0", "avatar": "new-style", "clan": {"x": 1}},
                "roles": ["8"], "permissions": "2048", "flags": 0, "joined_at": "no time", "nick": null,
            },
            "data": {"component_type": 2, "custom_id": "wd:open:x", "id": 4},
            "message": {"id": "9", "channel_id": "5", "author": {"id": "12"}, "components": [{"type": 17, "components": []}]},
        });
        let slimmed = interaction(&pressed.to_string()).unwrap();
        let Interaction::Component(read) = serde_json::from_str(&slimmed).unwrap() else {
            panic!("no component")
        };
        assert_eq!(read.data.custom_id, "wd:open:x");
        assert_eq!(read.member.unwrap().user.name, "mia");
        assert_eq!(interaction("[]"), None);
    }

    #[test]
    fn serenity_reads_a_command_whose_subcommand_has_no_options() {
        let invoked = json!({
            "id": "11", "application_id": "12", "type": 2, "token": "t", "version": 1, "guild_id": "7",
            "channel_id": "5",
            "member": {"user": {"id": "3", "username": "mia"}, "roles": [], "permissions": "0"},
            "data": {"id": "1", "type": 1, "name": "ticket", "options": [{"name": "claim", "type": 1}]},
        });
        let slimmed = interaction(&invoked.to_string()).unwrap();
        let Interaction::Command(read) = serde_json::from_str(&slimmed).unwrap() else {
            panic!("no command")
        };
        assert_eq!(read.data.options[0].name, "claim");
    }
}
