//! Permission bits and how they combine, after Discord's "Permissions" page.

/// A set of permission bits; a decimal string in JSON.
pub type Permissions = u64;

macro_rules! bits {
    ($($name:ident = $bit:literal;)*) => {
        $(#[doc = concat!("`", stringify!($name), "`, bit ", $bit, ".")]
        pub const $name: Permissions = 1 << $bit;)*
        /// Every bit that Discord defines.
        pub const ALL: Permissions = 0 $(| (1 << $bit))*;
        /// Names and bits, lowest first.
        pub const NAMES: &[(&str, Permissions)] = &[$((stringify!($name), 1 << $bit)),*];
    };
}

bits! {
    CREATE_INSTANT_INVITE = 0;
    KICK_MEMBERS = 1;
    BAN_MEMBERS = 2;
    ADMINISTRATOR = 3;
    MANAGE_CHANNELS = 4;
    MANAGE_GUILD = 5;
    ADD_REACTIONS = 6;
    VIEW_AUDIT_LOG = 7;
    PRIORITY_SPEAKER = 8;
    STREAM = 9;
    VIEW_CHANNEL = 10;
    SEND_MESSAGES = 11;
    SEND_TTS_MESSAGES = 12;
    MANAGE_MESSAGES = 13;
    EMBED_LINKS = 14;
    ATTACH_FILES = 15;
    READ_MESSAGE_HISTORY = 16;
    MENTION_EVERYONE = 17;
    USE_EXTERNAL_EMOJIS = 18;
    VIEW_GUILD_INSIGHTS = 19;
    CONNECT = 20;
    SPEAK = 21;
    MUTE_MEMBERS = 22;
    DEAFEN_MEMBERS = 23;
    MOVE_MEMBERS = 24;
    USE_VAD = 25;
    CHANGE_NICKNAME = 26;
    MANAGE_NICKNAMES = 27;
    MANAGE_ROLES = 28;
    MANAGE_WEBHOOKS = 29;
    MANAGE_GUILD_EXPRESSIONS = 30;
    USE_APPLICATION_COMMANDS = 31;
    REQUEST_TO_SPEAK = 32;
    MANAGE_EVENTS = 33;
    MANAGE_THREADS = 34;
    CREATE_PUBLIC_THREADS = 35;
    CREATE_PRIVATE_THREADS = 36;
    USE_EXTERNAL_STICKERS = 37;
    SEND_MESSAGES_IN_THREADS = 38;
    USE_EMBEDDED_ACTIVITIES = 39;
    MODERATE_MEMBERS = 40;
    VIEW_CREATOR_MONETIZATION_ANALYTICS = 41;
    USE_SOUNDBOARD = 42;
    CREATE_GUILD_EXPRESSIONS = 43;
    CREATE_EVENTS = 44;
    USE_EXTERNAL_SOUNDS = 45;
    SEND_VOICE_MESSAGES = 46;
    SEND_POLLS = 49;
    USE_EXTERNAL_APPS = 50;
    PIN_MESSAGES = 51;
    BYPASS_SLOWMODE = 52;
}

/// What `@everyone` may do in a new server.
pub const DEFAULT_EVERYONE: Permissions = CREATE_INSTANT_INVITE
    | ADD_REACTIONS
    | STREAM
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_EXTERNAL_EMOJIS
    | CONNECT
    | SPEAK
    | USE_VAD
    | CHANGE_NICKNAME
    | USE_APPLICATION_COMMANDS
    | REQUEST_TO_SPEAK
    | CREATE_PUBLIC_THREADS
    | CREATE_PRIVATE_THREADS
    | USE_EXTERNAL_STICKERS
    | SEND_MESSAGES_IN_THREADS
    | SEND_VOICE_MESSAGES
    | SEND_POLLS;

/// What a timed-out member keeps.
const TIMED_OUT: Permissions = VIEW_CHANNEL | READ_MESSAGE_HISTORY;

/// What two sides of a direct message may do.
pub const DIRECT_MESSAGE: Permissions = VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | ADD_REACTIONS
    | USE_EXTERNAL_EMOJIS
    | PIN_MESSAGES;

/// One overwrite of a channel as the computation needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Bits given.
    pub allow: Permissions,
    /// Bits taken.
    pub deny: Permissions,
}

/// Combines server-wide bits: `@everyone` or-ed with the member's roles; an administrator has all.
pub fn base(everyone: Permissions, roles: impl IntoIterator<Item = Permissions>) -> Permissions {
    let sum = roles.into_iter().fold(everyone, |sum, role| sum | role);
    if sum & ADMINISTRATOR != 0 { ALL } else { sum }
}

/// Applies a channel's overwrites to server-wide bits: `@everyone`, then all roles together, then the member.
pub fn apply(
    base: Permissions,
    everyone: Option<Rule>,
    roles: impl IntoIterator<Item = Rule>,
    member: Option<Rule>,
) -> Permissions {
    if base & ADMINISTRATOR != 0 {
        return ALL;
    }
    let mut bits = base;
    if let Some(rule) = everyone {
        bits = (bits & !rule.deny) | rule.allow;
    }
    let (allow, deny) =
        roles.into_iter().fold((0, 0), |(a, d), rule| (a | rule.allow, d | rule.deny));
    bits = (bits & !deny) | allow;
    if let Some(rule) = member {
        bits = (bits & !rule.deny) | rule.allow;
    }
    bits
}

/// The implicit rules: no view, no rights at all; no send, no mention, file, embed or speech.
pub fn implicit(bits: Permissions, text_send: Permissions) -> Permissions {
    if bits & VIEW_CHANNEL == 0 {
        return 0;
    }
    if bits & text_send == 0 {
        return bits
            & !(MENTION_EVERYONE | SEND_TTS_MESSAGES | ATTACH_FILES | EMBED_LINKS | SEND_POLLS);
    }
    bits
}

/// What is left to a member in timeout.
pub fn timed_out(bits: Permissions) -> Permissions {
    if bits & ADMINISTRATOR == 0 { bits & TIMED_OUT } else { bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn member_overwrites_beat_roles_and_roles_beat_everyone() {
        let base = VIEW_CHANNEL | SEND_MESSAGES;
        let hidden = Some(Rule { allow: 0, deny: VIEW_CHANNEL });
        assert_eq!(apply(base, hidden, [], None) & VIEW_CHANNEL, 0);
        let role = Rule { allow: VIEW_CHANNEL, deny: 0 };
        assert_ne!(apply(base, hidden, [role], None) & VIEW_CHANNEL, 0);
        assert_eq!(apply(base, hidden, [role], hidden) & VIEW_CHANNEL, 0);
    }

    #[test]
    fn among_roles_allow_wins() {
        let roles =
            [Rule { allow: 0, deny: SEND_MESSAGES }, Rule { allow: SEND_MESSAGES, deny: 0 }];
        assert_ne!(apply(VIEW_CHANNEL, None, roles, None) & SEND_MESSAGES, 0);
    }

    #[test]
    fn administrators_pass_overwrites() {
        assert_eq!(apply(ADMINISTRATOR, Some(Rule { allow: 0, deny: ALL }), [], None), ALL);
    }

    #[test]
    fn without_view_nothing_is_left() {
        assert_eq!(implicit(SEND_MESSAGES, SEND_MESSAGES), 0);
        assert_eq!(implicit(VIEW_CHANNEL | ATTACH_FILES, SEND_MESSAGES), VIEW_CHANNEL);
    }
}
