//! Intents: which events a session asked for, and what `MESSAGE_CONTENT` hides.

use serde_json::{Value, json};

use crate::world::model::Privileged;

/// Servers, roles, channels, threads.
pub const GUILDS: u64 = 1;
/// Members coming, going, changing. Privileged.
pub const GUILD_MEMBERS: u64 = 1 << 1;
/// Bans and the audit log.
pub const GUILD_MODERATION: u64 = 1 << 2;
/// Emojis and stickers.
pub const GUILD_EXPRESSIONS: u64 = 1 << 3;
/// Webhooks.
pub const GUILD_WEBHOOKS: u64 = 1 << 5;
/// Presences. Privileged.
pub const GUILD_PRESENCES: u64 = 1 << 8;
/// Messages of servers.
pub const GUILD_MESSAGES: u64 = 1 << 9;
/// Reactions in servers.
pub const GUILD_MESSAGE_REACTIONS: u64 = 1 << 10;
/// Typing in servers.
pub const GUILD_MESSAGE_TYPING: u64 = 1 << 11;
/// Direct messages.
pub const DIRECT_MESSAGES: u64 = 1 << 12;
/// Reactions in direct messages.
pub const DIRECT_MESSAGE_REACTIONS: u64 = 1 << 13;
/// Typing in direct messages.
pub const DIRECT_MESSAGE_TYPING: u64 = 1 << 14;
/// What messages say. Privileged.
pub const MESSAGE_CONTENT: u64 = 1 << 15;
/// Every bit that is defined.
pub const DEFINED: u64 = 0x1_FFFF | 1 << 20 | 1 << 21 | 1 << 24 | 1 << 25;

/// The privileged intents that an application may not use.
pub fn refused(privileged: Privileged) -> u64 {
    let bit = |allowed: bool, bit: u64| if allowed { 0 } else { bit };
    bit(privileged.members, GUILD_MEMBERS)
        | bit(privileged.presences, GUILD_PRESENCES)
        | bit(privileged.message_content, MESSAGE_CONTENT)
}

/// The intents of which one is needed for an event; 0 when it always comes.
pub fn needed(event: &str, in_guild: bool) -> u64 {
    let by_place = |guild: u64, direct: u64| if in_guild { guild } else { direct };
    match event {
        "GUILD_MEMBER_ADD" | "GUILD_MEMBER_UPDATE" | "GUILD_MEMBER_REMOVE" => GUILD_MEMBERS,
        "THREAD_MEMBERS_UPDATE" => GUILDS | GUILD_MEMBERS,
        "GUILD_BAN_ADD" | "GUILD_BAN_REMOVE" => GUILD_MODERATION,
        "GUILD_EMOJIS_UPDATE" => GUILD_EXPRESSIONS,
        "WEBHOOKS_UPDATE" => GUILD_WEBHOOKS,
        "CHANNEL_PINS_UPDATE" => by_place(GUILDS, DIRECT_MESSAGES),
        "TYPING_START" => by_place(GUILD_MESSAGE_TYPING, DIRECT_MESSAGE_TYPING),
        name if name.starts_with("MESSAGE_REACTION") => {
            by_place(GUILD_MESSAGE_REACTIONS, DIRECT_MESSAGE_REACTIONS)
        }
        name if name.starts_with("MESSAGE_") => by_place(GUILD_MESSAGES, DIRECT_MESSAGES),
        name if name.starts_with("GUILD_")
            || name.starts_with("CHANNEL_")
            || name.starts_with("THREAD_") =>
        {
            GUILDS
        }
        _ => 0,
    }
}

/// Empties what `MESSAGE_CONTENT` covers, unless the message is the bot's own, mentions it, or is direct.
pub(crate) fn blank_content(message: &mut Value, bot: &str) {
    let own = message["author"]["id"] == bot;
    let mentioned = message["mentions"]
        .as_array()
        .is_some_and(|mentions| mentions.iter().any(|user| user["id"] == bot));
    if !own && !mentioned {
        message["content"] = json!("");
        for list in ["embeds", "attachments", "components"] {
            message[list] = json!([]);
        }
        if let Some(map) = message.as_object_mut() {
            map.remove("poll");
            map.remove("message_snapshots");
        }
    }
    if let Some(other) = message.get_mut("referenced_message").filter(|other| other.is_object()) {
        blank_content(other, bot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_hidden_but_for_own_and_mentioning_messages() {
        let message = |author: &str, mention: &str| json!({"author": {"id": author}, "mentions": [{"id": mention}], "content": "x"});
        for (author, mention, shown) in [("1", "2", ""), ("9", "2", "x"), ("1", "9", "x")] {
            let mut message = message(author, mention);
            blank_content(&mut message, "9");
            assert_eq!(message["content"], shown);
        }
    }
}
