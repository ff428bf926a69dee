//! Tickets move from panel to panel, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::{ChannelId, PanelId, RoleId, TicketId, UserId};
use domain::locale::Locale;
use domain::permissions::{OverwriteTarget, Permissions};
use domain::tickets::{Refusal, TicketState};
use storage::tickets::TicketRow;
use wardesk_core::guilds::{self, GuildAccess};
use wardesk_core::ports::DiscordError;
use wardesk_core::testing::{Call, Desk, desks};
use wardesk_core::tickets::{self, Moved, TicketError, TicketEvent, TicketFilter, panels};
use wardesk_core::{audit, licences, outbox};
use words::Words;

/// The role that works on the second panel, and who has it.
const SALES: i64 = 3000;
const SELLER: i64 = 70;

/// A desk with two panels: the server's support works on the first, a role of its own on the second.
struct Two {
    desk: Desk,
    help: PanelId,
    sales: PanelId,
    role: RoleId,
}

impl Two {
    async fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for desk in desks().await {
            let role = desk.discord.add_role(SALES);
            let help = desk.panel().await;
            // The newest panel is the one that a plan switches off.
            desk.clock.advance(1000);
            let mut settings = desk.panel_settings();
            settings.name = "Sales".into();
            settings.title = "Buy something".into();
            settings.support_roles = vec![role];
            let sales = panels::create(&desk.manager().await, settings).await.unwrap();
            desk.discord.add_member(SELLER, &[SALES]);
            all.push(Self { desk, help, sales, role });
        }
        all
    }

    async fn seller(&self) -> GuildAccess {
        let acting = self.desk.acting(SELLER, &[self.role], Permissions::default());
        guilds::authorize_member(&self.desk.w, self.desk.guild, &acting).await.unwrap()
    }

    async fn row(&self, ticket: TicketId) -> TicketRow {
        storage::tickets::get(self.desk.w.store().read(), ticket).await.unwrap().unwrap()
    }

    /// Who sees a channel, besides the bot; everyone is hidden from it.
    fn sees(&self, channel: ChannelId) -> Vec<OverwriteTarget> {
        let all = self.desk.discord.ticket_channels();
        let channel = all.into_iter().find(|known| known.id == channel).unwrap();
        let bot = OverwriteTarget::Member(UserId::new(900).unwrap());
        let seen =
            channel.overwrites.iter().filter(|o| o.allow.contains(Permissions::VIEW_CHANNEL));
        let mut seen: Vec<_> = seen.map(|o| o.target).filter(|target| *target != bot).collect();
        let text = |target: &OverwriteTarget| format!("{target:?}");
        seen.sort_by_key(text);
        let everyone = OverwriteTarget::Role(RoleId::new(self.desk.guild.get()).unwrap());
        let hidden = channel.overwrites.iter().find(|o| o.target == everyone).unwrap();
        assert!(hidden.deny.contains(Permissions::VIEW_CHANNEL), "everyone sees it");
        assert!(channel.overwrites.iter().any(|o| o.target == bot), "the bot is locked out");
        seen
    }

    async fn alerts(&self) -> usize {
        let settled =
            guilds::alerts(&self.desk.manager().await, Words::new(Locale::En)).await.unwrap();
        settled.len()
    }
}

fn member(id: i64) -> OverwriteTarget {
    OverwriteTarget::Member(UserId::new(id).unwrap())
}

fn refusal(result: Result<Moved, TicketError>) -> Refusal {
    match result {
        Err(TicketError::Refused(why)) => why,
        other => panic!("{other:?} is no refusal"),
    }
}

#[tokio::test]
async fn channel_list_and_claim_follow_the_panel() {
    for two in Two::all().await {
        let (desk, engine) = (&two.desk, two.desk.store.engine);
        let (ticket, channel) = desk.open_ticket(two.help, 7).await;
        let support = desk.staff(60).await;
        desk.discord.add_member(8, &[]);
        tickets::add_member(&support, ticket, UserId::new(8).unwrap()).await.unwrap();
        tickets::claim(&support, ticket).await.unwrap();
        desk.settle().await;
        let before = desk.discord.ticket_channels().remove(0);
        assert_eq!(
            two.sees(channel),
            [member(7), member(8), OverwriteTarget::Role(desk.support)],
            "{engine}"
        );
        let Moved { seen } = tickets::move_to(&support, ticket, two.sales).await.unwrap();
        assert!(!seen, "support does not work on the other panel");
        desk.settle().await;

        assert_eq!(
            two.sees(channel),
            [member(7), member(8), OverwriteTarget::Role(two.role)],
            "{engine}"
        );
        let after = desk.discord.ticket_channels().remove(0);
        assert_eq!((before.id, before.parent, before.topic), (after.id, after.parent, after.topic));
        // Web and bot follow as well.
        let none = tickets::list(&support, &TicketFilter::default(), None, 10).await.unwrap();
        assert!(none.items.is_empty(), "{engine}");
        assert!(matches!(tickets::get(&support, ticket).await, Err(TicketError::NotFound)));
        let refused = tickets::close(&support, ticket, None).await;
        assert!(matches!(refused, Err(TicketError::Refused(Refusal::NotParticipant))));
        let seller = two.seller().await;
        let theirs = tickets::list(&seller, &TicketFilter::default(), None, 10).await.unwrap();
        assert_eq!(theirs.items[0].panel, two.sales);
        assert_eq!(theirs.items[0].claimed_by, None, "support does not work there");
        // Everyone is told, once, and the button fits.
        let said = desk.discord.messages(channel);
        let last = said.last().unwrap()["content"].as_str().unwrap();
        assert_eq!(
            last,
            "<@60> has moved this ticket from “Support” to “Sales”.\n<@60> does not work on it any more."
        );
        assert_eq!(said.len(), 4, "welcome, added, claimed, moved: {said:?}");
        let button = &said[0]["components"][0]["components"][0]["custom_id"];
        assert_eq!(*button, format!("wd:claim:{ticket}"));
        let detail = tickets::get(&seller, ticket).await.unwrap();
        let moved = detail.events.iter().find(|e| matches!(e.event, TicketEvent::Moved { .. }));
        let moved = moved.unwrap();
        assert_eq!(moved.event, TicketEvent::Moved { from: two.help, to: two.sales });
        assert_eq!(moved.panels, ("Support".to_owned(), "Sales".to_owned()));
        assert_eq!(moved.actor.as_ref().unwrap().id, support.user());
        let log = audit::list(&desk.manager().await, None).await.unwrap();
        let noted: Vec<_> = log.iter().filter(|e| e.action == "ticket.moved").collect();
        assert_eq!(noted.len(), 1);
        let side = |json: &Option<String>| -> serde_json::Value {
            serde_json::from_str(json.as_deref().unwrap()).unwrap()
        };
        let (before, after) = (side(&noted[0].before), side(&noted[0].after));
        assert_eq!(before["panel_name"], "Support");
        assert_eq!(before["claimed_by"], "60");
        assert_eq!((&after["panel_name"], &after["number"]), (&"Sales".into(), &1.into()));
        assert_eq!(after.get("claimed_by"), None);
        tickets::claim(&seller, ticket).await.unwrap();
        desk.settle().await;
        assert_eq!(outbox::stats(&desk.w).await.unwrap().dead, 0);
    }
}

#[tokio::test]
async fn who_works_on_both_panels_keeps_the_ticket() {
    for two in Two::all().await {
        let desk = &two.desk;
        let (ticket, channel) = desk.open_ticket(two.help, 7).await;
        // Somebody with both roles has it; somebody else, who has only one, moves it.
        desk.discord.add_member(61, &[2000, SALES]);
        let both = desk.acting(61, &[desk.support, two.role], Permissions::default());
        let both = guilds::authorize_member(&desk.w, desk.guild, &both).await.unwrap();
        tickets::claim(&both, ticket).await.unwrap();
        let support = desk.staff(60).await;
        assert!(!tickets::move_to(&support, ticket, two.sales).await.unwrap().seen);
        desk.settle().await;
        assert_eq!(two.row(ticket).await.life.claimed_by, Some(both.user()));
        let last = desk.discord.messages(channel).pop().unwrap();
        assert_eq!(last["content"], "<@60> has moved this ticket from “Support” to “Sales”.");
        // Back again, by the one who has it.
        assert!(tickets::move_to(&both, ticket, two.help).await.unwrap().seen);
        desk.settle().await;
        assert_eq!(two.row(ticket).await.life.claimed_by, Some(both.user()));
        // Who left the server keeps nothing.
        desk.discord.remove_member(61);
        tickets::move_to(&support, ticket, two.sales).await.unwrap();
        desk.settle().await;
        assert_eq!(two.row(ticket).await.life.claimed_by, None, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn what_must_not_be_is_refused_and_changes_nothing() {
    for two in Two::all().await {
        let (desk, engine) = (&two.desk, two.desk.store.engine);
        let (ticket, channel) = desk.open_ticket(two.help, 7).await;
        let support = desk.staff(60).await;
        for other in [desk.member(7).await, desk.member(8).await, two.seller().await] {
            let why = refusal(tickets::move_to(&other, ticket, two.sales).await);
            assert_eq!(why, Refusal::StaffOnly);
        }
        let why = refusal(tickets::move_to(&support, ticket, two.help).await);
        assert_eq!(why, Refusal::Unchanged);
        let nowhere = "0193b3c4-5d6e-7f80-9123-456789abcdef".parse().unwrap();
        assert_eq!(refusal(tickets::move_to(&support, ticket, nowhere).await), Refusal::PanelGone);
        // The opener has one there.
        let theirs = desk.wish(two.sales, 7, 7_001).await.unwrap();
        desk.settle().await;
        let other = two.row(theirs).await.life.channel.unwrap();
        let why = refusal(tickets::move_to(&support, ticket, two.sales).await);
        assert_eq!(why, Refusal::OpenerHasOne { channel: Some(other) }, "{engine}");
        tickets::close(&two.seller().await, theirs, None).await.unwrap();
        desk.settle().await;
        // It is closed: then there is room.
        tickets::move_to(&support, ticket, two.sales).await.unwrap();
        desk.settle().await;
        assert_eq!(two.sees(channel), [member(7), OverwriteTarget::Role(two.role)]);
        // A removed panel takes no tickets; one whose tickets are on it can be left.
        panels::remove(&desk.manager().await, two.help).await.unwrap();
        let why = refusal(tickets::move_to(&two.seller().await, ticket, two.help).await);
        assert_eq!(why, Refusal::PanelGone);
        tickets::close(&two.seller().await, ticket, None).await.unwrap();
        let third = panels::create(&desk.manager().await, desk.panel_settings()).await.unwrap();
        let why = refusal(tickets::move_to(&two.seller().await, ticket, third).await);
        assert_eq!(why, Refusal::NotOpen, "{engine}");
        desk.settle().await;
        assert_eq!(two.row(ticket).await.life.state, TicketState::Closed);
        assert_eq!(two.row(ticket).await.panel, two.sales);
    }
}

#[tokio::test]
async fn a_panel_that_the_plan_switches_off_takes_no_tickets() {
    for mut two in Two::all().await {
        let (ticket, _) = two.desk.open_ticket(two.help, 7).await;
        let shipped = licences::read_plans(licences::SHIPPED).unwrap();
        let mut all = shipped.all().to_vec();
        for plan in &mut all {
            plan.limits.panels = 1;
        }
        let plans = domain::licences::Plans::new(&shipped.default_plan().key, all).unwrap();
        two.desk.sell(plans);
        let support = two.desk.staff(60).await;
        let why = refusal(tickets::move_to(&support, ticket, two.sales).await);
        assert_eq!(why, Refusal::PanelOff, "{}", two.desk.store.engine);
        assert!(tickets::get(&support, ticket).await.unwrap().targets.is_empty());
        assert_eq!(two.row(ticket).await.panel, two.help);
    }
}

#[tokio::test]
async fn of_two_who_move_it_at_once_one_does_and_it_is_never_between_panels() {
    for two in Two::all().await {
        let (desk, engine) = (&two.desk, two.desk.store.engine);
        let third = panels::create(&desk.manager().await, desk.panel_settings()).await.unwrap();
        let (ticket, channel) = desk.open_ticket(two.help, 7).await;
        let (one, two_) = (desk.staff(60).await, desk.staff(61).await);
        let (a, b) = tokio::join!(
            tickets::move_to(&one, ticket, third),
            tickets::move_to(&two_, ticket, third)
        );
        assert_ne!(a.is_ok(), b.is_ok(), "{engine}");
        // Until the channel has followed it is not moved on.
        let why = refusal(tickets::move_to(&one, ticket, two.sales).await);
        assert_eq!(why, Refusal::StillMoving, "{engine}");
        desk.settle().await;
        tickets::move_to(&one, ticket, two.sales).await.unwrap();
        desk.settle().await;
        assert_eq!(two.sees(channel), [member(7), OverwriteTarget::Role(two.role)], "{engine}");
        assert_eq!(desk.discord.messages(channel).len(), 3, "welcome and two moves");
    }
}

#[tokio::test]
async fn a_bot_that_may_not_is_noticed_before_anything_changes() {
    for two in Two::all().await {
        let (desk, engine) = (&two.desk, two.desk.store.engine);
        let (ticket, channel) = desk.open_ticket(two.help, 7).await;
        let before = two.sees(channel);
        desk.discord.grant(RoleId::new(900).unwrap(), {
            Permissions::INVITE.without(Permissions::MANAGE_ROLES)
        });
        let support = desk.staff(60).await;
        let why = refusal(tickets::move_to(&support, ticket, two.sales).await);
        assert_eq!(why, Refusal::CannotMove, "{engine}");
        desk.settle().await;
        assert_eq!((two.row(ticket).await.panel, two.sees(channel)), (two.help, before));
        assert_eq!(two.alerts().await, 1, "staff are told on the page");
        let told = desk.discord.messages(desk.log).pop().unwrap();
        let text = told["embeds"][0]["description"].as_str().unwrap();
        assert!(text.contains("Ticket 1") && text.contains("“Sales”"), "{text}");
        assert!(text.contains("manage roles"), "it says how to mend it: {text}");
        // What is mended works, and the alert goes.
        desk.discord.grant(RoleId::new(900).unwrap(), Permissions::INVITE);
        tickets::move_to(&support, ticket, two.sales).await.unwrap();
        desk.settle().await;
        assert_eq!(two.row(ticket).await.panel, two.sales);
        assert_eq!(two.alerts().await, 0, "{engine}");
    }
}

#[tokio::test]
async fn what_discord_refuses_goes_back_to_where_it_was() {
    for two in Two::all().await {
        let (desk, engine) = (&two.desk, two.desk.store.engine);
        let (ticket, channel) = desk.open_ticket(two.help, 7).await;
        let support = desk.staff(60).await;
        tickets::claim(&support, ticket).await.unwrap();
        desk.settle().await;
        let (before, said) = (two.sees(channel), desk.discord.messages(channel).len());
        desk.discord.fail(Call::SetOverwrites, DiscordError::Forbidden { code: 50_013 });
        tickets::move_to(&support, ticket, two.sales).await.unwrap();
        assert_eq!(two.row(ticket).await.panel, two.sales);
        desk.settle().await;
        let row = two.row(ticket).await;
        assert_eq!((row.panel, row.life.claimed_by), (two.help, Some(support.user())), "{engine}");
        assert_eq!(two.sees(channel), before, "{engine}");
        assert_eq!(desk.discord.messages(channel).len(), said, "nobody is told of a move");
        assert_eq!(two.alerts().await, 1);
        let events = tickets::get(&support, ticket).await.unwrap().events;
        let back = events.iter().find(|e| matches!(e.event, TicketEvent::MovedBack { .. }));
        assert_eq!(back.unwrap().panels, ("Sales".to_owned(), "Support".to_owned()));
        let log = audit::list(&desk.manager().await, None).await.unwrap();
        let noted = log.iter().find(|e| e.action == "ticket.moved_back").unwrap();
        assert_eq!(noted.actor, None, "the bot itself");
        assert_eq!(outbox::stats(&desk.w).await.unwrap().dead, 0);
        // An outage is waited out, however long it takes.
        for _ in 0..30 {
            let error = DiscordError::Unavailable { retry_after_ms: Some(120_000) };
            desk.discord.fail(Call::SetOverwrites, error);
        }
        tickets::move_to(&support, ticket, two.sales).await.unwrap();
        for _ in 0..200 {
            outbox::drain(&desk.w).await.unwrap();
            desk.clock.advance(30_000);
        }
        assert_eq!(desk.discord.faults_left(Call::SetOverwrites), 0);
        assert_eq!(two.sees(channel), [member(7), OverwriteTarget::Role(two.role)], "{engine}");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_moves_it_once() {
    for two in Two::all().await {
        let desk = &two.desk;
        let (ticket, channel) = desk.open_ticket(two.help, 7).await;
        desk.discord.lose_answer(Call::SetOverwrites);
        let support = desk.staff(60).await;
        tickets::move_to(&support, ticket, two.sales).await.unwrap();
        desk.settle().await;
        let engine = desk.store.engine;
        assert_eq!(two.sees(channel), [member(7), OverwriteTarget::Role(two.role)], "{engine}");
        assert_eq!(desk.discord.messages(channel).len(), 2, "one notice");
        // A channel that was deleted by hand meanwhile closes its ticket, as ever.
        tickets::move_to(&two.seller().await, ticket, two.help).await.unwrap();
        desk.discord.remove_channel(channel);
        desk.settle().await;
        assert_eq!(two.row(ticket).await.life.state, TicketState::Closed, "{engine}");
    }
}

#[tokio::test]
async fn it_does_not_go_back_over_a_ticket_that_was_opened_meanwhile() {
    for two in Two::all().await {
        let (desk, engine) = (&two.desk, two.desk.store.engine);
        let (ticket, _) = desk.open_ticket(two.help, 7).await;
        desk.discord.fail(Call::SetOverwrites, DiscordError::Forbidden { code: 50_013 });
        tickets::move_to(&desk.staff(60).await, ticket, two.sales).await.unwrap();
        // The opener may open another at once: theirs is not of this panel any more.
        let second = desk.wish(two.help, 7, 77_000).await.unwrap();
        desk.settle().await;
        assert_eq!(two.row(ticket).await.panel, two.sales, "{engine}");
        assert_eq!(two.row(second).await.life.state, TicketState::Open);
        assert_eq!(two.alerts().await, 1, "staff have to see to the channel");
    }
}
