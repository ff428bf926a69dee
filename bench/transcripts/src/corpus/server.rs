//! The server that the ticket belongs to: people, roles, channels, emoji. The same for every seed.

use serde_json::{Value, json};

/// Members who write; the first is the bot, the next four are staff.
pub const PEOPLE: [(&str, &str); 24] = [
    ("wardesk", "Wardesk"),
    ("lea.support", "Léa"),
    ("jonas_k", "Jonas"),
    ("priya", "Priya (Lead)"),
    ("tomasz", "Tomasz 🛠"),
    ("mira.okafor", "Mira Okafor"),
    ("sam_99", "sam"),
    ("nightowl", "Night Owl"),
    ("kenji", "けんじ"),
    ("ola", "Ola"),
    ("bartek", "Bartek"),
    ("yusuf", "Yusuf"),
    ("anna-lena", "Anna-Lena"),
    ("zoe", "Zoë"),
    ("mikhail", "Михаил"),
    ("quokka", "Quokka"),
    ("fern", "fern 🌿"),
    ("diego", "Diego"),
    ("hana", "Hana"),
    ("wes", "Wes"),
    ("noor", "Noor"),
    ("ibrahim", "Ibrahim"),
    ("cleo", "Cleo"),
    ("rasmus", "Rasmus <3"),
];

/// Roles: name, colour.
pub const ROLES: [(&str, u32); 4] = [
    ("Wardesk", 0x0058_65f2),
    ("Support", 0x002e_cc71),
    ("Lead", 0x00f1_c40f),
    ("Member", 0x0099_aab5),
];

/// Channels that texts name.
pub const CHANNELS: [&str; 4] = ["rules", "announcements", "billing-help", "ankündigungen"];

/// Custom emoji: name, whether it moves.
pub const EMOJIS: [(&str, bool); 6] = [
    ("party", true),
    ("wardesk", false),
    ("thanks", false),
    ("hmm", false),
    ("loading", true),
    ("check", false),
];

/// Pictures at other sites that embeds show.
pub const PICTURES: u64 = 40;

const GUILD: u64 = 900_000_000_000_000_001;
const CHANNEL: u64 = 900_000_000_000_000_100;
const FIRST_PERSON: u64 = 300_000_000_000_000_000;
const FIRST_ROLE: u64 = 900_000_000_000_000_200;
const FIRST_OTHER_CHANNEL: u64 = 900_000_000_000_000_300;
const FIRST_EMOJI: u64 = 900_000_000_000_000_400;

/// The server's id.
pub fn guild() -> String {
    GUILD.to_string()
}

/// The ticket's channel.
pub fn channel() -> String {
    CHANNEL.to_string()
}

/// Somebody's account.
pub fn person_id(person: usize) -> String {
    // Eleven is coprime to six, so that letters in place of pictures have all of their colours.
    (FIRST_PERSON + person as u64 * 11 * 4_194_304).to_string()
}

/// A role's id.
pub fn role_id(role: usize) -> String {
    (FIRST_ROLE + role as u64).to_string()
}

/// The id of one of [`CHANNELS`].
pub fn channel_id(channel: usize) -> String {
    (FIRST_OTHER_CHANNEL + channel as u64).to_string()
}

/// The id of one of [`EMOJIS`].
pub fn emoji_id(emoji: usize) -> String {
    (FIRST_EMOJI + emoji as u64).to_string()
}

/// The address of one of the [`PICTURES`].
pub fn picture(picture: u64) -> String {
    format!("https://pictures.example/articles/{picture}/cover.png")
}

/// Roles of somebody.
pub fn roles_of(person: usize) -> Vec<String> {
    match person {
        0 => vec![role_id(0)],
        3 => vec![role_id(2), role_id(1)],
        1..=4 => vec![role_id(1)],
        _ => vec![role_id(3)],
    }
}

/// A user object. Source: Discord API reference, "User Object".
pub fn user(person: usize) -> Value {
    let (username, global_name) = PEOPLE[person];
    let mut user = json!({
        "id": person_id(person), "username": username, "avatar": format!("{:032x}", person + 1),
        "discriminator": "0", "public_flags": 0, "flags": 0, "banner": null, "accent_color": null, "global_name": global_name,
        "avatar_decoration_data": null, "collectibles": null, "display_name_styles": null, "banner_color": null, "clan": null, "primary_guild": null,
    });
    if person == 0 {
        user["bot"] = true.into();
    }
    user
}

/// What the others need to know the server by, as the gateway would send it.
pub fn description() -> Value {
    let roles = ROLES.iter().enumerate().map(|(index, (name, colour))| {
        json!({
            "id": role_id(index), "name": name, "color": colour,
            "colors": { "primary_color": colour, "secondary_color": null, "tertiary_color": null },
            "hoist": true, "position": index + 1, "permissions": "0", "managed": false, "mentionable": true, "flags": 0, "icon": null, "unicode_emoji": null,
        })
    });
    let everyone = json!({
        "id": guild(), "name": "@everyone", "color": 0, "colors": { "primary_color": 0, "secondary_color": null, "tertiary_color": null },
        "hoist": false, "position": 0, "permissions": "0", "managed": false, "mentionable": false, "flags": 0, "icon": null, "unicode_emoji": null,
    });
    let members = (0..PEOPLE.len()).map(|person| {
        json!({
            "user": user(person), "roles": roles_of(person), "nick": null, "avatar": null, "joined_at": "2025-01-01T00:00:00.000000+00:00",
            "premium_since": null, "deaf": false, "mute": false, "flags": 0, "pending": false, "communication_disabled_until": null,
        })
    });
    let text_channel = |id: String, name: &str, position: usize| {
        json!({
            "id": id, "type": 0, "guild_id": guild(), "name": name, "position": position, "permission_overwrites": [],
            "nsfw": false, "topic": null, "last_message_id": null, "rate_limit_per_user": 0, "parent_id": null, "flags": 0,
        })
    };
    let others = CHANNELS
        .iter()
        .enumerate()
        .map(|(index, name)| text_channel(channel_id(index), name, index + 1));
    let emojis = EMOJIS.iter().enumerate().map(|(index, (name, animated))| {
        json!({ "id": emoji_id(index), "name": name, "animated": animated, "roles": [], "require_colons": true, "managed": false, "available": true })
    });
    json!({
        "id": guild(), "name": "A server", "icon": null, "owner_id": person_id(3), "unavailable": false, "member_count": PEOPLE.len(),
        "roles": std::iter::once(everyone).chain(roles).collect::<Vec<_>>(),
        "members": members.collect::<Vec<_>>(),
        "channels": std::iter::once(text_channel(channel(), "ticket-1042", 0)).chain(others).collect::<Vec<_>>(),
        "emojis": emojis.collect::<Vec<_>>(), "stickers": [], "threads": [], "presences": [], "voice_states": [], "stage_instances": [],
        "guild_scheduled_events": [], "features": [], "large": false, "afk_timeout": 300, "verification_level": 1, "mfa_level": 0,
        "default_message_notifications": 1, "explicit_content_filter": 0, "nsfw_level": 0, "premium_tier": 0, "premium_subscription_count": 0,
        "preferred_locale": "en-GB", "system_channel_id": null, "system_channel_flags": 0, "rules_channel_id": null, "public_updates_channel_id": null,
        "afk_channel_id": null, "application_id": null, "joined_at": "2025-01-01T00:00:00.000000+00:00", "premium_progress_bar_enabled": false,
        "vanity_url_code": null, "description": null, "banner": null, "splash": null, "discovery_splash": null, "safety_alerts_channel_id": null,
    })
}
