//! Opening a ticket, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::permissions::{OverwriteTarget, Permissions};
use domain::tickets::{Refusal, TicketState};
use wardesk_core::outbox::{self, Cause};
use wardesk_core::ports::{ChannelKind, DiscordError};
use wardesk_core::testing::{Call, Desk, desks};
use wardesk_core::tickets::open::{Start, start};
use wardesk_core::tickets::{self, TicketError, TicketEvent};

async fn state(desk: &Desk, ticket: domain::ids::TicketId) -> TicketState {
    storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap().life.state
}

#[tokio::test]
async fn a_ticket_gets_a_private_channel_a_welcome_and_an_answer() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let member = desk.member(7).await;
        let Start::Form { title, questions } = start(&member, panel).await.unwrap() else {
            panic!("a form is asked for");
        };
        assert_eq!((title.as_str(), questions.len()), ("Need help?", 1));

        let ticket = desk.wish(panel, 7, 1).await.unwrap();
        desk.settle().await;

        let channels = desk.discord.ticket_channels();
        assert_eq!(channels.len(), 1, "{}", desk.store.engine);
        let channel = &channels[0];
        assert_eq!(channel.name, "ticket-0001");
        assert_eq!(channel.parent, Some(desk.category));
        assert!(channel.topic.as_deref().unwrap().contains(&format!("wardesk:{ticket}")));
        let of = |target: OverwriteTarget| {
            *channel.overwrites.iter().find(|o| o.target == target).unwrap()
        };
        let everyone = domain::ids::RoleId::new(desk.guild.get()).unwrap();
        assert_eq!(of(OverwriteTarget::Role(everyone)).deny, Permissions::VIEW_CHANNEL);
        let opener = domain::ids::UserId::new(7).unwrap();
        for target in [OverwriteTarget::Member(opener), OverwriteTarget::Role(desk.support)] {
            assert_eq!(of(target).allow, Permissions::TICKET_PARTICIPANT);
        }
        assert_eq!(channel.overwrites.len(), 4);

        let messages = desk.discord.messages(channel.id);
        assert_eq!(messages.len(), 1);
        let fields = &messages[0]["embeds"][0]["fields"];
        assert_eq!(fields[0]["value"], "My <b>login</b> @everyone");
        assert_eq!(messages[0]["allowed_mentions"]["parse"], serde_json::json!([]));
        let buttons = &messages[0]["components"][0]["components"];
        assert_eq!(buttons[0]["custom_id"], format!("wd:claim:{ticket}"));
        assert_eq!(buttons[1]["custom_id"], format!("wd:close:{ticket}"));

        let answers = desk.discord.answers();
        assert_eq!(answers.len(), 1);
        assert_eq!(answers[0].0, "token-1");
        assert!(answers[0].1["content"].as_str().unwrap().contains(&format!("<#{}>", channel.id)));

        assert_eq!(state(&desk, ticket).await, TicketState::Open);
        assert!(tickets::is_ticket_channel(&desk.w, channel.id));
        assert_eq!(tickets::by_channel(&desk.w, channel.id), Some(ticket));
        let detail = tickets::get(&member, ticket).await.unwrap();
        assert_eq!(detail.answers[0].answer, "My <b>login</b> @everyone");
        assert_eq!(detail.summary.opener.name.as_deref(), Some("User 7"));
        let events: Vec<_> = detail.events.iter().map(|e| e.event.clone()).collect();
        assert_eq!(
            events,
            vec![
                TicketEvent::Opened { number: 1 },
                TicketEvent::ChannelMade { channel: channel.id }
            ]
        );
        // The token is not kept longer than it is needed.
        let live =
            storage::tickets::live::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        assert_eq!(live.token, None);
        assert!(live.welcome.is_some());
    }
}

#[tokio::test]
async fn a_member_has_one_ticket_of_a_panel_however_often_they_ask_at_once() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let wishes = (1..=8).map(|number| desk.wish(panel, 7, number));
        let results = futures::future::join_all(wishes).await;
        let accepted = results.iter().filter(|r| r.is_ok()).count();
        assert_eq!(accepted, 1, "{}", desk.store.engine);
        for refused in results.into_iter().filter_map(Result::err) {
            assert!(
                matches!(refused, TicketError::Refused(Refusal::AlreadyOpen { channel: None })),
                "{refused}"
            );
        }
        desk.settle().await;
        assert_eq!(desk.discord.ticket_channels().len(), 1);
        let member = desk.member(7).await;
        let channel = desk.discord.ticket_channels()[0].id;
        assert_eq!(
            start(&member, panel).await,
            Err(Refusal::AlreadyOpen { channel: Some(channel) })
        );
        // Refused wishes leave no gap in the numbers.
        desk.wish(panel, 8, 20).await.unwrap();
        desk.settle().await;
        assert!(desk.discord.ticket_channels().iter().any(|c| c.name == "ticket-0002"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_accept_one_ticket_of_a_member() {
    for desk in desks().await {
        let desk = std::sync::Arc::new(desk);
        let panel = desk.panel().await;
        let other = desk.beside().await;
        for round in 0..5 {
            let member = 100 + round;
            let wishes = (0..6).map(|press| {
                let (desk, w) = (desk.clone(), if press % 2 == 0 { &desk.w } else { &other });
                let (w, number) = (w.clone(), member * 100 + press);
                tokio::spawn(async move { desk.wish_in(&w, panel, member, number).await })
            });
            let wishes: Vec<_> = wishes.collect();
            let mut accepted = 0;
            for wish in wishes {
                match wish.await.unwrap() {
                    Ok(_) => accepted += 1,
                    Err(TicketError::Refused(Refusal::AlreadyOpen { .. })) => {}
                    Err(error) => panic!("{}: {error}", desk.store.engine),
                }
            }
            assert_eq!(accepted, 1, "{}", desk.store.engine);
        }
        desk.settle().await;
        let mut names: Vec<_> =
            desk.discord.ticket_channels().into_iter().map(|c| c.name).collect();
        names.sort();
        assert_eq!(names, (1..=5).map(|n| format!("ticket-{n:04}")).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_repeated_interaction_has_no_second_effect() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let first = desk.wish(panel, 7, 1).await.unwrap();
        assert_eq!(desk.wish(panel, 7, 1).await.unwrap(), first, "{}", desk.store.engine);
        desk.settle().await;
        assert_eq!(desk.wish(panel, 7, 1).await.unwrap(), first);
        desk.settle().await;
        assert_eq!(desk.discord.ticket_channels().len(), 1);
        assert_eq!(desk.discord.answers().len(), 1);
    }
}

#[tokio::test]
async fn a_full_category_is_told_to_member_and_staff_and_leaves_nothing() {
    for desk in desks().await {
        let panel = desk.panel().await;
        for _ in 0..50 {
            desk.discord.add_channel(ChannelKind::Text, Some(desk.category));
        }
        let ticket = desk.wish(panel, 7, 1).await.unwrap();
        desk.settle().await;
        assert_eq!(state(&desk, ticket).await, TicketState::Failed);
        assert!(desk.discord.ticket_channels().is_empty());
        let answers = desk.discord.answers();
        assert!(answers[0].1["content"].as_str().unwrap().contains("no room"));
        let alerts = desk.discord.messages(desk.log);
        assert_eq!(alerts.len(), 1, "{}", desk.store.engine);
        assert!(alerts[0]["embeds"][0]["description"].as_str().unwrap().contains("50 channels"));
        assert_eq!(storage::tickets::live::get(desk.w.store().read(), ticket).await.unwrap(), None);
        let manager = desk.manager().await;
        let events = tickets::get(&manager, ticket).await.unwrap().events;
        assert_eq!(events[1].event, TicketEvent::OpenFailed { cause: Cause::CategoryFull });
        // The member may try again at once.
        let again = desk.wish(panel, 7, 2).await.unwrap();
        assert_ne!(again, ticket);
    }
}

#[tokio::test]
async fn each_refusal_of_discord_has_its_answer() {
    for (error, words) in [
        (DiscordError::Full { code: 30_013 }, "500 channels"),
        (DiscordError::Forbidden { code: 50_013 }, "lacks a permission"),
        (DiscordError::Gone { code: 10_003 }, "no longer exists"),
        (DiscordError::Refused { status: 400, code: 50_035 }, "refused the channel"),
    ] {
        for desk in desks().await {
            let panel = desk.panel().await;
            desk.discord.fail(Call::CreateChannel, error.clone());
            let ticket = desk.wish(panel, 7, 1).await.unwrap();
            desk.settle().await;
            assert_eq!(state(&desk, ticket).await, TicketState::Failed);
            let alert = desk.discord.messages(desk.log)[0]["embeds"][0]["description"].clone();
            assert!(alert.as_str().unwrap().contains(words), "{alert}");
            assert_eq!(desk.discord.answers().len(), 1);
        }
    }
}

/// Discord would make the channel, only not hidden, or not to be written in.
#[tokio::test]
async fn without_a_permission_that_a_ticket_needs_nothing_is_made() {
    for missing in [
        Permissions::VIEW_CHANNEL,
        Permissions::SEND_MESSAGES,
        Permissions::EMBED_LINKS,
        Permissions::READ_MESSAGE_HISTORY,
        Permissions::MANAGE_CHANNELS,
        Permissions::MANAGE_ROLES,
    ] {
        for desk in desks().await {
            let panel = desk.panel().await;
            desk.discord.take_permission(missing);
            let ticket = desk.wish(panel, 7, 1).await.unwrap();
            desk.settle().await;
            assert_eq!(state(&desk, ticket).await, TicketState::Failed, "{missing:?}");
            assert!(desk.discord.ticket_channels().is_empty(), "{missing:?}");
            assert_eq!(desk.discord.answers().len(), 1);
        }
    }
}

#[tokio::test]
async fn an_outage_only_delays_the_channel() {
    for desk in desks().await {
        let panel = desk.panel().await;
        for _ in 0..3 {
            desk.discord
                .fail(Call::CreateChannel, DiscordError::Unavailable { retry_after_ms: None });
        }
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        assert_eq!(state(&desk, ticket).await, TicketState::Open);
        assert_eq!(desk.discord.ticket_channels().len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_never_arrives_makes_no_second_channel_or_message() {
    for desk in desks().await {
        let panel = desk.panel().await;
        desk.discord.lose_answer(Call::CreateChannel);
        desk.discord.lose_answer(Call::CreateMessage);
        let (_, channel) = desk.open_ticket(panel, 7).await;
        assert_eq!(desk.discord.ticket_channels().len(), 1, "{}", desk.store.engine);
        assert_eq!(desk.discord.messages(channel).len(), 1);
    }
}

#[tokio::test]
async fn wrong_answers_are_refused() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let access = desk.member(7).await;
        for answers in [vec![], vec!["  ".to_owned()], vec!["x".repeat(1025)]] {
            let wish = tickets::open::SubmitOpen {
                panel,
                answers,
                interaction: domain::ids::InteractionId::new(1).unwrap(),
                token: "t".to_owned().into(),
                opener: desk.acting(7, &[], Permissions::default()),
            };
            let refused = tickets::open::submit(&access, wish).await;
            assert!(matches!(refused, Err(TicketError::Refused(Refusal::InvalidAnswer))));
        }
        assert_eq!(outbox::stats(&desk.w).await.unwrap().pending, 0);
    }
}
