//! The example world that people meet in the chat page and tests start from.
//!
//! Two servers: "Harbour Lights", where the bot lives, and "Quiet Corner", where it does not. Both belong
//! to Olivia. All ids are fixed.

use super::World;
use super::applications::NewApplication;
use super::channels::blank_channel;
use super::model::{Overwrite, channel_type};
use crate::id::Id;
use crate::permissions::{self as p, Permissions, Rule};

/// Olivia, the owner of both servers.
pub const OLIVIA: Id = Id(200_000_000_000_000_001);
/// Sam, a support agent in Harbour Lights.
pub const SAM: Id = Id(200_000_000_000_000_002);
/// Mia, a member of both servers.
pub const MIA: Id = Id(200_000_000_000_000_003);
/// Noah, a member of Harbour Lights.
pub const NOAH: Id = Id(200_000_000_000_000_004);

/// The application under test, also its OAuth client id.
pub const APPLICATION: Id = Id(900_000_000_000_000_001);
/// The user of the application's bot; as for every young application, the same id.
pub const BOT: Id = Id(900_000_000_000_000_001);
/// The bot's token. It opens nothing but this sandbox.
pub const BOT_TOKEN: &str = "sandbox-bot-token";
/// The OAuth client secret. It opens nothing but this sandbox.
pub const CLIENT_SECRET: &str = "sandbox-client-secret";
/// The redirect address that is registered from the start.
pub const REDIRECT_URI: &str = "http://localhost:8080/auth/callback";

/// The server where the bot lives.
pub const HARBOUR_LIGHTS: Id = Id(400_000_000_000_000_001);
/// The server that the bot was not invited to.
pub const QUIET_CORNER: Id = Id(400_000_000_000_000_002);
/// Harbour Lights' role for support staff.
pub const SUPPORT_ROLE: Id = Id(410_000_000_000_000_001);
/// Harbour Lights' role for regular members.
pub const MEMBER_ROLE: Id = Id(410_000_000_000_000_002);
/// The bot's managed role.
pub const BOT_ROLE: Id = Id(410_000_000_000_000_003);
/// A role of Quiet Corner.
pub const QUIET_ROLE: Id = Id(410_000_000_000_000_004);

/// Category "Information".
pub const INFORMATION: Id = Id(420_000_000_000_000_001);
/// `#welcome`
pub const WELCOME: Id = Id(420_000_000_000_000_002);
/// `#general`
pub const GENERAL: Id = Id(420_000_000_000_000_003);
/// Category "Staff".
pub const STAFF: Id = Id(420_000_000_000_000_004);
/// `#transcripts`, for staff.
pub const TRANSCRIPTS: Id = Id(420_000_000_000_000_005);
/// `#support-log`, for staff.
pub const SUPPORT_LOG: Id = Id(420_000_000_000_000_006);
/// Category "Tickets", empty at the start.
pub const TICKETS: Id = Id(420_000_000_000_000_007);
/// `#general` of Quiet Corner.
pub const QUIET_GENERAL: Id = Id(420_000_000_000_000_008);

/// What the product asks for in its invite link, and a little more that servers usually grant.
pub const BOT_PERMISSIONS: Permissions = p::VIEW_CHANNEL
    | p::SEND_MESSAGES
    | p::SEND_MESSAGES_IN_THREADS
    | p::EMBED_LINKS
    | p::ATTACH_FILES
    | p::READ_MESSAGE_HISTORY
    | p::ADD_REACTIONS
    | p::USE_EXTERNAL_EMOJIS
    | p::MANAGE_CHANNELS
    | p::MANAGE_ROLES
    | p::MANAGE_MESSAGES
    | p::MANAGE_THREADS
    | p::MANAGE_WEBHOOKS
    | p::CREATE_PUBLIC_THREADS
    | p::CREATE_PRIVATE_THREADS
    | p::MENTION_EVERYONE;

/// Id, type, category, name and overwrites of a channel.
type Plan<'a> = (Id, u8, Option<Id>, &'a str, &'a [Overwrite]);

impl World {
    /// The example world. See the constants of [`crate::world::example`].
    pub fn example() -> Self {
        let mut world = Self::empty();
        for (id, handle, name) in [
            (OLIVIA, "olivia", "Olivia"),
            (SAM, "sam", "Sam"),
            (MIA, "mia", "Mia"),
            (NOAH, "noah", "Noah"),
        ] {
            world.insert_user(id, handle, name);
            world.edit_user(id, |user| user.avatar = Some(format!("{:032x}", id.0)));
        }
        world.register_application(NewApplication {
            id: APPLICATION,
            bot: BOT,
            name: "Wardesk".into(),
            owner: OLIVIA,
            token: BOT_TOKEN.into(),
            client_secret: CLIENT_SECRET.into(),
            redirect_uris: vec![REDIRECT_URI.into()],
        });
        world.harbour_lights();
        world.quiet_corner();
        world
    }

    fn harbour_lights(&mut self) {
        let guild = HARBOUR_LIGHTS;
        self.insert_guild(guild, OLIVIA, "Harbour Lights");
        self.set_guild_icon(guild, Some(format!("{:032x}", guild.0)));
        self.insert_role(guild, MEMBER_ROLE, "Crew", 0, None);
        self.insert_role(
            guild,
            SUPPORT_ROLE,
            "Support",
            p::MANAGE_MESSAGES | p::MODERATE_MEMBERS,
            None,
        );
        self.insert_role(guild, BOT_ROLE, "Wardesk", BOT_PERMISSIONS, Some(BOT));
        for (role, position) in [(MEMBER_ROLE, 1), (SUPPORT_ROLE, 2), (BOT_ROLE, 3)] {
            self.place_role(guild, role, position);
        }
        for person in [SAM, MIA, NOAH, BOT] {
            // The server is new: nobody is banned.
            let _ = self.join_guild(person, guild);
        }
        let roles = [
            (SAM, SUPPORT_ROLE),
            (SAM, MEMBER_ROLE),
            (MIA, MEMBER_ROLE),
            (NOAH, MEMBER_ROLE),
            (BOT, BOT_ROLE),
        ];
        if let Some(guild) = self.guilds.get_mut(&guild) {
            for (person, role) in roles {
                if let Some(member) = guild.members.get_mut(&person) {
                    member.roles.insert(role);
                }
            }
            if let Some(role) = guild.roles.get_mut(&SUPPORT_ROLE) {
                role.color = 0x2E_CC71;
                role.hoist = true;
            }
        }
        let text = channel_type::TEXT;
        let category = channel_type::CATEGORY;
        let staff: &[Overwrite] = &[
            overwrite(guild, 0, 0, p::VIEW_CHANNEL),
            overwrite(SUPPORT_ROLE, 0, p::VIEW_CHANNEL, 0),
            overwrite(BOT_ROLE, 0, p::VIEW_CHANNEL | p::SEND_MESSAGES, 0),
        ];
        let hidden: &[Overwrite] = &[
            overwrite(guild, 0, 0, p::VIEW_CHANNEL),
            overwrite(BOT_ROLE, 0, p::VIEW_CHANNEL | p::SEND_MESSAGES, 0),
        ];
        let channels: [Plan; 7] = [
            (INFORMATION, category, None, "Information", &[]),
            (WELCOME, text, Some(INFORMATION), "welcome", &[]),
            (GENERAL, text, Some(INFORMATION), "general", &[]),
            (STAFF, category, None, "Staff", staff),
            (TRANSCRIPTS, text, Some(STAFF), "transcripts", staff),
            (SUPPORT_LOG, text, Some(STAFF), "support-log", staff),
            (TICKETS, category, None, "Tickets", hidden),
        ];
        for (position, (id, kind, parent, name, overwrites)) in (0..).zip(channels) {
            let mut channel = blank_channel(id, Some(guild), kind, name);
            channel.parent_id = parent;
            channel.position = position;
            channel.overwrites = overwrites.iter().map(|rule| (rule.id, *rule)).collect();
            self.insert_channel(channel);
        }
        if let Some(guild) = self.guilds.get_mut(&guild) {
            guild.system_channel_id = Some(WELCOME);
        }
    }

    fn quiet_corner(&mut self) {
        let guild = QUIET_CORNER;
        self.insert_guild(guild, OLIVIA, "Quiet Corner");
        self.insert_role(guild, QUIET_ROLE, "Readers", 0, None);
        let _ = self.join_guild(MIA, guild);
        self.insert_channel(blank_channel(
            QUIET_GENERAL,
            Some(guild),
            channel_type::TEXT,
            "general",
        ));
    }
}

fn overwrite(id: Id, kind: u8, allow: Permissions, deny: Permissions) -> Overwrite {
    Overwrite { id, kind, rule: Rule { allow, deny } }
}
