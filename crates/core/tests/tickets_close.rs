//! Claiming, closing and people of tickets, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::UserId;
use domain::permissions::OverwriteTarget;
use domain::tickets::{Refusal, TicketState};
use wardesk_core::ports::DiscordError;
use wardesk_core::testing::{Call, Desk, desks};
use wardesk_core::tickets::{self, StateFilter, TicketError, TicketEvent, TicketFilter};

async fn state(desk: &Desk, ticket: domain::ids::TicketId) -> TicketState {
    storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap().life.state
}

#[tokio::test]
async fn of_two_who_claim_at_once_one_gets_it() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 7).await;
        let (one, two) = (desk.staff(60).await, desk.staff(61).await);
        let (a, b) = tokio::join!(tickets::claim(&one, ticket), tickets::claim(&two, ticket));
        assert_ne!(a.is_ok(), b.is_ok(), "{}", desk.store.engine);
        let holder = if a.is_ok() { one.user() } else { two.user() };
        let refused = if a.is_ok() { b } else { a };
        assert!(
            matches!(refused, Err(TicketError::Refused(Refusal::ClaimedByOther { holder: h })) if h == holder)
        );
        desk.settle().await;
        let messages = desk.discord.messages(channel);
        assert_eq!(messages.len(), 2);
        assert!(messages[1]["content"].as_str().unwrap().contains(&format!("<@{holder}>")));
        let button = &messages[0]["components"][0]["components"][0]["custom_id"];
        assert_eq!(*button, format!("wd:unclaim:{ticket}"));
        // The embed with the answers is still there.
        assert!(messages[0]["embeds"][0]["fields"][0]["value"].is_string());
    }
}

#[tokio::test]
async fn members_cannot_do_what_staff_do() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        let opener = desk.member(7).await;
        let stranger = desk.member(8).await;
        let staff_only = |r: Result<(), TicketError>| {
            assert!(matches!(r, Err(TicketError::Refused(Refusal::StaffOnly))));
        };
        staff_only(tickets::claim(&opener, ticket).await);
        staff_only(tickets::add_member(&opener, ticket, stranger.user()).await);
        staff_only(tickets::remove_member(&opener, ticket, stranger.user()).await);
        let refused = tickets::close(&stranger, ticket, None).await;
        assert!(matches!(refused, Err(TicketError::Refused(Refusal::NotParticipant))));
        assert!(matches!(tickets::get(&stranger, ticket).await, Err(TicketError::NotFound)));
        let all = tickets::list(&stranger, &TicketFilter::default(), None, 10).await;
        assert!(matches!(all, Err(TicketError::Denied)));
    }
}

#[tokio::test]
async fn panels_with_roles_of_their_own_belong_to_them() {
    for desk in desks().await {
        let sales = desk.discord.add_role(3000);
        let mut settings = desk.panel_settings();
        settings.support_roles = vec![sales];
        let panel = tickets::panels::create(&desk.manager().await, settings).await.unwrap();
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        let support = desk.staff(60).await;
        let refused = tickets::claim(&support, ticket).await;
        assert!(matches!(refused, Err(TicketError::Refused(Refusal::StaffOnly))));
        let visible = tickets::list(&support, &TicketFilter::default(), None, 10).await.unwrap();
        assert!(visible.items.is_empty());
        let manager = desk.manager().await;
        let visible = tickets::list(&manager, &TicketFilter::default(), None, 10).await.unwrap();
        assert_eq!(visible.items.len(), 1);
        let seller = desk.acting(70, &[sales], domain::permissions::Permissions::default());
        let seller =
            wardesk_core::guilds::authorize_member(&desk.w, desk.guild, &seller).await.unwrap();
        tickets::claim(&seller, ticket).await.unwrap();
    }
}

#[tokio::test]
async fn closing_tells_everyone_and_removes_the_channel_last() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 7).await;
        let staff = desk.staff(60).await;
        tickets::claim(&staff, ticket).await.unwrap();
        desk.settle().await;
        tickets::close(&staff, ticket, Some(" solved ".into())).await.unwrap();
        let again = tickets::close(&staff, ticket, None).await;
        assert!(matches!(again, Err(TicketError::Refused(Refusal::NotOpen))));
        desk.settle().await;

        assert_eq!(state(&desk, ticket).await, TicketState::Closed, "{}", desk.store.engine);
        assert!(desk.discord.ticket_channels().is_empty());
        assert!(!tickets::is_ticket_channel(&desk.w, channel));
        assert_eq!(*desk.discord.calls().last().unwrap(), Call::DeleteChannel);
        let notice = desk.discord.messages(channel).pop().unwrap();
        let told = notice["content"].as_str().unwrap();
        assert!(told.contains("<@60>") && !told.contains("solved"), "{told}");
        let url = format!("https://desk.example/transcripts/{ticket}");
        let user = UserId::new(7).unwrap();
        for messages in
            [desk.discord.messages(desk.transcripts), desk.discord.direct_messages(user)]
        {
            assert_eq!(messages.len(), 1);
            assert_eq!(messages[0]["components"][0]["components"][0]["url"], url);
            assert!(messages[0]["embeds"].to_string().contains("solved"));
        }
        let detail = tickets::get(&staff, ticket).await.unwrap();
        assert_eq!(detail.reason.as_deref(), Some("solved"));
        assert_eq!(detail.events.last().unwrap().event, TicketEvent::Closed);
        assert_eq!(storage::tickets::live::get(desk.w.store().read(), ticket).await.unwrap(), None);
        let closed = TicketFilter { state: StateFilter::Closed, ..TicketFilter::default() };
        assert_eq!(tickets::list(&staff, &closed, None, 10).await.unwrap().items.len(), 1);
        let active = TicketFilter { state: StateFilter::Active, ..TicketFilter::default() };
        assert!(tickets::list(&staff, &active, None, 10).await.unwrap().items.is_empty());
        // The member may open another.
        desk.open_ticket(panel, 7).await;
    }
}

#[tokio::test]
async fn a_refused_direct_message_stops_nothing() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        tickets::close(&desk.member(7).await, ticket, None).await.unwrap();
        desk.discord.fail(Call::DmChannel, DiscordError::Forbidden { code: 50_007 });
        desk.settle().await;
        assert_eq!(state(&desk, ticket).await, TicketState::Closed);
        assert!(desk.discord.ticket_channels().is_empty());
        assert_eq!(wardesk_core::outbox::stats(&desk.w).await.unwrap().dead, 0);
    }
}

#[tokio::test]
async fn a_channel_deleted_by_hand_closes_its_ticket() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 7).await;
        desk.discord.remove_channel(channel);
        tickets::channel_deleted(&desk.w, channel).await.unwrap();
        tickets::channel_deleted(&desk.w, channel).await.unwrap();
        desk.settle().await;
        assert_eq!(state(&desk, ticket).await, TicketState::Closed);
        assert_eq!(desk.discord.messages(desk.transcripts).len(), 1, "{}", desk.store.engine);
        assert!(!tickets::is_ticket_channel(&desk.w, channel));
    }
}

#[tokio::test]
async fn what_happened_while_the_bot_was_away_is_found_out() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (gone, channel) = desk.open_ticket(panel, 7).await;
        let (open, _) = desk.open_ticket(panel, 8).await;
        desk.discord.remove_channel(channel);
        tickets::reconcile(&desk.w, desk.guild).await.unwrap();
        desk.settle().await;
        assert_eq!(state(&desk, gone).await, TicketState::Closed);
        assert_eq!(state(&desk, open).await, TicketState::Open);
        let after = desk.restarted();
        assert_eq!(tickets::load_channels(&after).await.unwrap(), 1, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn people_are_let_in_and_shown_out() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, channel) = desk.open_ticket(panel, 7).await;
        let staff = desk.staff(60).await;
        let friend = desk.member(8).await.user();
        let inside = |desk: &Desk| {
            let channels = desk.discord.ticket_channels();
            channels[0].overwrites.iter().any(|o| o.target == OverwriteTarget::Member(friend))
        };
        tickets::add_member(&staff, ticket, friend).await.unwrap();
        let twice = tickets::add_member(&staff, ticket, friend).await;
        assert!(matches!(twice, Err(TicketError::Refused(Refusal::Unchanged))));
        desk.settle().await;
        assert!(inside(&desk), "{}", desk.store.engine);
        let notice = desk.discord.messages(channel).pop().unwrap();
        assert_eq!(notice["allowed_mentions"]["users"][0], "8");
        tickets::remove_member(&staff, ticket, friend).await.unwrap();
        desk.settle().await;
        assert!(!inside(&desk));
        let opener = UserId::new(7).unwrap();
        let refused = tickets::remove_member(&staff, ticket, opener).await;
        assert!(matches!(refused, Err(TicketError::Refused(Refusal::CannotRemove))));
        let stranger = tickets::add_member(&staff, ticket, UserId::new(99).unwrap()).await;
        assert!(matches!(stranger, Err(TicketError::Invalid(_))));
    }
}

#[tokio::test]
async fn staff_find_whom_to_let_in_by_name_or_by_id() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        let staff = desk.staff(60).await;
        let (opener, friend) = (desk.member(7).await.user(), desk.member(8).await.user());
        tickets::add_member(&staff, ticket, friend).await.unwrap();
        for id in 80..95 {
            desk.discord.add_member(id, &[]);
        }
        let found = async |text: &str| tickets::find_members(&staff, ticket, text).await.unwrap();
        let many = found("  user 8").await;
        assert_eq!(many.len(), usize::from(tickets::MOST_FOUND), "{}", desk.store.engine);
        let one = found("@user94").await;
        assert_eq!(one[0].person.name.as_deref(), Some("User 94"));
        assert_eq!((one.len(), one[0].username.as_str(), one[0].inside), (1, "user94", false));
        for inside in [opener, friend] {
            let found = found(&inside.to_string()).await;
            assert_eq!((found.len(), found[0].person.id, found[0].inside), (1, inside, true));
        }
        for nothing in ["", " @ ", "nobody", "12345", "user\u{0}", &"u".repeat(33)] {
            assert_eq!(found(nothing).await, Vec::new(), "{nothing:?}");
        }
    }
}

#[tokio::test]
async fn others_find_nobody_and_an_outage_is_told() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let (ticket, _) = desk.open_ticket(panel, 7).await;
        let (opener, staff) = (desk.member(7).await, desk.staff(60).await);
        let refused = tickets::find_members(&opener, ticket, "user").await;
        assert!(matches!(refused, Err(TicketError::Refused(Refusal::StaffOnly))));
        desk.discord.outage(true);
        let unanswered = tickets::find_members(&staff, ticket, "user").await;
        assert!(matches!(unanswered, Err(TicketError::Discord(_))), "{}", desk.store.engine);
        desk.discord.outage(false);
        tickets::close(&staff, ticket, None).await.unwrap();
        let late = tickets::find_members(&staff, ticket, "user").await;
        assert!(matches!(late, Err(TicketError::Refused(Refusal::NotOpen))));
    }
}

#[tokio::test]
async fn lists_go_on_where_they_ended() {
    for desk in desks().await {
        let panel = desk.panel().await;
        for member in 100..112 {
            // Two at a time have the same millisecond.
            desk.wish(panel, member, member).await.unwrap();
            if member % 2 == 0 {
                desk.clock.advance(1);
            }
        }
        let staff = desk.staff(60).await;
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let page = tickets::list(&staff, &TicketFilter::default(), cursor, 5).await.unwrap();
            seen.extend(page.items.iter().map(|t| (t.created, t.id)));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 12, "{}", desk.store.engine);
        assert!(seen.is_sorted_by(|a, b| a > b));
        let opener = Some(UserId::new(105).unwrap());
        let filter = TicketFilter { opener, panel: Some(panel), ..TicketFilter::default() };
        assert_eq!(tickets::list(&staff, &filter, None, 5).await.unwrap().items.len(), 1);
    }
}
