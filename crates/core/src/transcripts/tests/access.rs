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
#[expect(clippy::disallowed_methods, reason = "the time that an answer takes is what is tested")]
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

async fn settings(desk: &Desk, change: impl FnOnce(&mut domain::guilds::GuildSettings)) {
    let manager = desk.manager().await;
    let seen = crate::guilds::settings(&manager).await.unwrap();
    let mut new = seen.settings;
    change(&mut new);
    crate::guilds::save_settings(&manager, new, seen.revision).await.unwrap();
}

#[tokio::test]
async fn people_who_were_added_read_while_the_server_allows_it_and_they_are_there() {
    for desk in crate::testing::desks().await {
        let (ticket, _) = open(&desk).await;
        let staff = desk.staff(60).await;
        desk.member(8).await;
        desk.member(9).await;
        let added = session(&desk, 8).await;
        let listed = async || {
            let page = tickets::mine(&desk.w, &added, None, 50).await.unwrap();
            page.items.iter().any(|t| t.id == ticket)
        };
        assert!(!may(&desk, 8, ticket).await && !listed().await);
        tickets::add_member(&staff, ticket, user(8)).await.unwrap();
        assert!(may(&desk, 8, ticket).await && listed().await, "{}", desk.store.engine);
        assert!(!may(&desk, 9, ticket).await, "nobody else");
        settings(&desk, |s| s.members_read = false).await;
        assert!(!may(&desk, 8, ticket).await && !listed().await);
        settings(&desk, |s| s.members_read = true).await;
        assert!(may(&desk, 8, ticket).await && listed().await);
        // Whoever leaves, or is made to, reads no more; nor does who was shown out.
        desk.discord.remove_member(8);
        assert!(!may(&desk, 8, ticket).await && !listed().await);
        desk.member(8).await;
        tickets::remove_member(&staff, ticket, user(8)).await.unwrap();
        assert!(!may(&desk, 8, ticket).await && !listed().await, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn a_role_that_may_read_reads_every_transcript_and_does_nothing_else() {
    for desk in crate::testing::desks().await {
        let own: RoleId = desk.discord.add_role(2001);
        let reading: RoleId = desk.discord.add_role(2002);
        let mut of_own = desk.panel_settings();
        of_own.support_roles = vec![own];
        let panel = tickets::panels::create(&desk.manager().await, of_own).await.unwrap();
        let (ticket, channel) = desk.open_ticket(panel, OPENER).await;
        say(&desk, channel, OPENER, "lighthouse").await;
        desk.discord.add_member(70, &[2002]);
        assert!(!may(&desk, 70, ticket).await);
        settings(&desk, |s| s.reader_roles = vec![reading]).await;
        assert!(may(&desk, 70, ticket).await, "{}", desk.store.engine);
        // The search of the server follows the same rule.
        let found = async |access: &crate::guilds::GuildAccess| {
            let query = super::super::search::Query::parse("lighthouse", &jiff::tz::TimeZone::UTC);
            let found = super::super::search::in_guild(access, &query.unwrap(), None, 10).await;
            found.map(|hits| hits.items.len())
        };
        let acting = desk.acting(70, &[reading], Permissions::default());
        let reader = crate::guilds::authorize_member(&desk.w, desk.guild, &acting).await.unwrap();
        assert_eq!(found(&reader).await.unwrap(), 1);
        assert_eq!(found(&desk.staff(60).await).await.unwrap(), 0, "not of their panel");
        assert!(found(&desk.member(8).await).await.is_err());
        // Reading is all they may.
        assert!(tickets::claim(&reader, ticket).await.is_err());
        assert!(tickets::list(&reader, &tickets::TicketFilter::default(), None, 10).await.is_err());
        settings(&desk, |s| s.reader_roles.clear()).await;
        assert!(!may(&desk, 70, ticket).await);
    }
}

#[tokio::test]
async fn each_view_by_staff_is_in_the_audit_log_once_an_hour() {
    for desk in crate::testing::desks().await {
        let (ticket, _) = open(&desk).await;
        desk.staff(60).await;
        let (opener, staff) = (session(&desk, OPENER).await, session(&desk, 60).await);
        let views = async || {
            let log = crate::audit::list(&desk.manager().await, None).await.unwrap();
            let views = log.into_iter().filter(|e| e.action == "transcript.viewed");
            views.map(|e| (e.actor, e.target)).collect::<Vec<_>>()
        };
        super::super::authorize(&desk.w, &opener, ticket).await.unwrap();
        assert_eq!(views().await, [], "one's own ticket is no view by staff");
        // Page and pictures come at once, and one after the other.
        let read = || super::super::authorize(&desk.w, &staff, ticket);
        let (one, other) = tokio::join!(read(), read());
        one.and(other).unwrap();
        read().await.unwrap();
        let entry = (Some(user(60)), ticket.to_string());
        assert_eq!(views().await, std::slice::from_ref(&entry), "{}", desk.store.engine);
        desk.clock.advance(super::super::views::ONCE_IN_S * 1000 - 1);
        read().await.unwrap();
        assert_eq!(views().await.len(), 1);
        desk.clock.advance(1);
        read().await.unwrap();
        assert_eq!(views().await, [entry.clone(), entry], "{}", desk.store.engine);
    }
}
