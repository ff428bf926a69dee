//! Many servers at once, for load tests.

use super::World;
use super::channels::blank_channel;
use super::example;
use super::model::{Overwrite, channel_type};
use crate::id::Id;
use crate::permissions::{self as p, Rule};

/// One server of a crowd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CrowdServer {
    /// The server; Olivia owns it, Sam supports, Mia and Noah are members, the bot is in it.
    pub guild: Id,
    /// Sam's role.
    pub support_role: Id,
    /// An empty category for tickets that only the bot and the owner see.
    pub tickets: Id,
    /// A channel that everybody sees.
    pub general: Id,
    /// A channel for transcripts, which Sam and the bot see.
    pub transcripts: Id,
}

impl World {
    /// Adds `count` servers to the example world. Connected bots are told of each.
    pub fn add_crowd(&mut self, count: usize) -> Vec<CrowdServer> {
        (0..count).map(|number| self.add_crowd_server(number)).collect()
    }

    fn add_crowd_server(&mut self, number: usize) -> CrowdServer {
        let guild = self.create_guild(example::OLIVIA, &format!("Crowd {number}"));
        let support_role = self.new_id();
        self.insert_role(guild, support_role, "Support", 0, None);
        let bot_role = self.new_id();
        self.insert_role(guild, bot_role, "Wardesk", example::BOT_PERMISSIONS, Some(example::BOT));
        self.place_role(guild, support_role, 1);
        self.place_role(guild, bot_role, 2);
        let hidden = |role: Id| {
            let rule = |id, allow, deny| Overwrite { id, kind: 0, rule: Rule { allow, deny } };
            [
                rule(guild, 0, p::VIEW_CHANNEL),
                rule(bot_role, p::VIEW_CHANNEL | p::SEND_MESSAGES, 0),
                rule(role, p::VIEW_CHANNEL, 0),
            ]
        };
        let channel = |world: &mut Self, kind: u8, name: &str, overwrites: &[Overwrite]| {
            let mut channel = blank_channel(world.new_id(), Some(guild), kind, name);
            channel.overwrites = overwrites.iter().map(|rule| (rule.id, *rule)).collect();
            let id = channel.id;
            world.insert_channel(channel);
            id
        };
        let general = channel(self, channel_type::TEXT, "general", &[]);
        let tickets = channel(self, channel_type::CATEGORY, "Tickets", &hidden(bot_role));
        let transcripts = channel(self, channel_type::TEXT, "transcripts", &hidden(support_role));
        for person in [example::SAM, example::MIA, example::NOAH] {
            // The server is new: nobody is banned.
            let _ = self.join_guild(person, guild);
        }
        self.insert_member(guild, example::BOT);
        if let Some(guild) = self.guilds.get_mut(&guild) {
            for (person, role) in [(example::SAM, support_role), (example::BOT, bot_role)] {
                if let Some(member) = guild.members.get_mut(&person) {
                    member.roles.insert(role);
                }
            }
        }
        self.announce_guild(guild, example::BOT);
        CrowdServer { guild, support_role, tickets, general, transcripts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bot_works_in_every_server_of_a_crowd() {
        let mut world = World::example();
        for server in world.add_crowd(3) {
            let body = serde_json::json!({"name": "ticket", "parent_id": server.tickets});
            world.create_channel(example::BOT, server.guild, &body).unwrap();
            world.check_may_send(example::BOT, server.transcripts).unwrap();
            assert!(!world.can_view(server.transcripts, example::MIA));
        }
    }
}
