use domain::ids::RoleId;
use domain::permissions::Permissions;

use super::*;
use crate::transcripts::TranscriptError;

async fn may(desk: &Desk, person: i64, ticket: TicketId) -> bool {
    match authorize_person(&desk.w, user(person), ticket).await {
        Ok(_) => true,
        Err(TranscriptError::NotFound) => false,
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn opener_staff_and_managers_read_and_nobody_else() {
    for desk in crate::testing::desks().await {
        let (ticket, _) = open(&desk).await;
        desk.staff(60).await;
        desk.member(8).await;
        assert!(may(&desk, OPENER, ticket).await);
        assert!(may(&desk, 60, ticket).await);
        // The server's owner, who has no role.
        desk.discord.add_member(1, &[]);
        assert!(may(&desk, 1, ticket).await);
        for stranger in [8, 900_001] {
            assert!(!may(&desk, stranger, ticket).await, "{stranger}");
        }
        let absent: TicketId = "0193b3c4-5d6e-7f80-9123-456789abcdef".parse().unwrap();
        for anyone in [OPENER, 60, 1, 8, 900_001] {
            assert!(!may(&desk, anyone, absent).await, "{anyone}");
        }
    }
}

#[tokio::test]
async fn the_opener_keeps_access_after_leaving() {
    for desk in crate::testing::desks().await {
        let (ticket, channel) = open(&desk).await;
        say(&desk, channel, OPENER, "mine").await;
        close(&desk, ticket).await;
        desk.discord.remove_member(OPENER);
        assert!(may(&desk, OPENER, ticket).await);
        assert!(said(&read(&desk, ticket).await).contains(&"mine"));
        // Staff who left do not.
        desk.staff(60).await;
        assert!(may(&desk, 60, ticket).await);
        desk.discord.remove_member(60);
        assert!(!may(&desk, 60, ticket).await);
    }
}

#[tokio::test]
async fn a_panels_own_roles_shut_out_other_staff() {
    for desk in crate::testing::desks().await {
        let own: RoleId = desk.discord.add_role(2001);
        let mut settings = desk.panel_settings();
        settings.support_roles = vec![own];
        let panel = tickets::panels::create(&desk.manager().await, settings).await.unwrap();
        let (ticket, _) = desk.open_ticket(panel, OPENER).await;
        desk.staff(60).await;
        desk.discord.add_member(61, &[2001]);
        assert!(!may(&desk, 60, ticket).await);
        assert!(may(&desk, 61, ticket).await);
        assert!(!desk.acting(61, &[own], Permissions::default()).roles.is_empty());
    }
}

async fn session(desk: &Desk, person: i64) -> crate::accounts::Session {
    let id = person.to_be_bytes();
    let profile = crate::ports::Profile {
        id: user(person),
        username: format!("user{person}"),
        global_name: None,
        avatar: None,
        locale: None,
    };
    let token = crate::ports::AccessToken::from("token");
    crate::accounts::sessions::begin(&desk.w, &id, &profile, &token, "Test").await.unwrap();
    crate::accounts::sessions::find(&desk.w, &id).await.unwrap().unwrap()
}

#[tokio::test]
#[allow(clippy::disallowed_methods, reason = "the time that an answer takes is what is tested")]
async fn an_outage_of_discord_does_not_tell_a_stranger_that_there_is_a_ticket() {
    for desk in crate::testing::desks().await {
        let (ticket, _) = open(&desk).await;
        desk.staff(60).await;
        let absent: TicketId = "0193b3c4-5d6e-7f80-9123-456789abcdef".parse().unwrap();
        let strangers = [session(&desk, 8).await, session(&desk, 900_001).await];
        let opener = session(&desk, OPENER).await;
        for outage in [false, true] {
            desk.discord.outage(outage);
            for stranger in &strangers {
                for id in [ticket, absent] {
                    let begun = std::time::Instant::now();
                    let refused = super::super::authorize(&desk.w, stranger, id).await;
                    assert!(matches!(refused, Err(TranscriptError::NotFound)), "{outage}");
                    assert!(begun.elapsed().as_millis() >= 300, "a refusal is not quick");
                }
            }
            // Whose it is needs nobody's word for it.
            super::super::authorize(&desk.w, &opener, ticket).await.unwrap();
            assert_eq!(may(&desk, 60, ticket).await, !outage, "{}", desk.store.engine);
        }
    }
}
