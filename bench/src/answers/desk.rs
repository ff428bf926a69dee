//! Servers with panels, and members who want something.

use std::collections::VecDeque;

use domain::time::Millis;
use sandbox::id::Id;
use sandbox::world::crowd::CrowdServer;
use sandbox::world::{World, example};
use serde_json::json;

use crate::Problem;
use crate::installation::Installation;
use crate::shared::{channel, guild, panel, panel_id, settings};

/// A member of a server who has no ticket there yet.
#[derive(Debug, Clone, Copy)]
pub struct Wish {
    /// Who.
    pub person: Id,
    /// Where the panel is.
    pub channel: Id,
    /// The panel's message.
    pub message: Id,
    /// The panel's number.
    pub panel: u64,
}

/// Servers with panels, and who wishes for a ticket where, in order.
pub struct Desk {
    crowd: Vec<CrowdServer>,
    people: Vec<(Id, usize)>,
}

impl Desk {
    /// A world with these servers and a member for each wish, on one server each and in turn: whoever opened tickets
    /// on fifty servers at once would be written to fifty times, and Discord takes one message a second to an inbox.
    pub fn plan(servers: usize, wishes: usize) -> (Self, World) {
        let mut world = World::example();
        let crowd = world.add_crowd(servers);
        let mut people = Vec::new();
        for number in 0..wishes {
            let person = world.create_user(&format!("member{number}"), &format!("Member {number}"));
            // The servers are new: nobody is banned.
            let _ = world.join_guild(person, crowd[number % servers].guild);
            people.push((person, number % servers));
        }
        (Self { crowd, people }, world)
    }

    /// Sets every server up as its owner would, and posts its panel.
    pub async fn furnish(self, installation: &Installation) -> Result<VecDeque<Wish>, Problem> {
        let store = installation.store().await?;
        let now = Millis(installation.sandbox.world().now());
        let application = example::APPLICATION.to_string().parse()?;
        let mut tx = store.begin().await?;
        let mut panels = Vec::new();
        for (number, server) in (0..).zip(&self.crowd) {
            let guild = guild(server.guild)?;
            let kept = settings(server.support_role, server.tickets, server.transcripts)?;
            storage::guilds::save_settings(tx.conn(), guild, &kept, 0, now).await?;
            let (id, kept) = (panel_id(number), panel("Support", number % 2 == 0));
            storage::panels::insert(tx.conn(), id, application, guild, &kept, now).await?;
            let button = json!({"type": 2, "style": 1, "label": kept.button_label,
                "custom_id": format!("wd:open:{id}")});
            let body = json!({"embeds": [{"title": kept.title, "description": kept.text}],
                "components": [{"type": 1, "components": [button]}]});
            let message = installation.sandbox.world().send_message(
                example::BOT,
                server.general,
                &body,
                Vec::new(),
            )?;
            let posted = message.to_string().parse()?;
            let place = channel(server.general)?;
            storage::panels::published(tx.conn(), id, place, posted, 1, now).await?;
            panels.push((number, server.general, message));
        }
        tx.commit().await?;
        store.close().await;
        let wishes = self.people.iter().map(|&(person, server)| {
            let (panel, channel, message) = panels[server];
            Wish { person, channel, message, panel }
        });
        Ok(wishes.collect())
    }
}
