//! The first look at a server's tickets: counts and people, for those who may see them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use domain::ids::RoleId;
use domain::panels::PanelSettings;
use domain::permissions::Permissions;
use wardesk_core::guilds;
use wardesk_core::testing::desks;
use wardesk_core::tickets::overview::{self, Counts};
use wardesk_core::tickets::{self, StateFilter, TicketFilter, panels};

#[tokio::test]
async fn counts_tell_what_waits_and_what_is_mine() {
    for desk in desks().await {
        let panel = desk.panel().await;
        let staff = desk.staff(71).await;
        assert_eq!(overview::counts(&staff).await.unwrap(), Counts::default());
        let (first, _) = desk.open_ticket(panel, 81).await;
        let (second, _) = desk.open_ticket(panel, 82).await;
        desk.open_ticket(panel, 83).await;
        tickets::claim(&staff, first).await.unwrap();
        let seen = overview::counts(&staff).await.unwrap();
        assert_eq!(seen, Counts { active: 3, unclaimed: 2, own: 1 });
        let colleague = overview::counts(&desk.staff(72).await).await.unwrap();
        assert_eq!(colleague, Counts { active: 3, unclaimed: 2, own: 0 });
        tickets::close(&staff, second, None).await.unwrap();
        desk.settle().await;
        let seen = overview::counts(&staff).await.unwrap();
        assert_eq!(seen, Counts { active: 2, unclaimed: 1, own: 1 });
        let free =
            TicketFilter { state: StateFilter::Active, unclaimed: true, ..Default::default() };
        let free = tickets::list(&staff, &free, None, 10).await.unwrap();
        let free = &free.items;
        assert_eq!(free.iter().map(|t| t.opener.id.get()).collect::<Vec<_>>(), [83]);
    }
}

#[tokio::test]
async fn staff_of_one_panel_see_its_people_alone() {
    for desk in desks().await {
        let own_role = desk.discord.add_role(2100);
        let general = desk.panel().await;
        let special = PanelSettings { support_roles: vec![own_role], ..desk.panel_settings() };
        let special = panels::create(&desk.manager().await, special).await.unwrap();
        desk.open_ticket(general, 81).await;
        let (ticket, _) = desk.open_ticket(special, 82).await;
        let member = desk.acting(73, &[own_role], Permissions::default());
        desk.discord.add_member(73, &[RoleId::get(own_role)]);
        let theirs = guilds::authorize_member(&desk.w, desk.guild, &member).await.unwrap();
        tickets::claim(&theirs, ticket).await.unwrap();
        // The notice about the claim brings the claimer's names along.
        desk.settle().await;

        let ids =
            |people: &[tickets::Person]| people.iter().map(|p| p.id.get()).collect::<Vec<_>>();
        let seen = overview::people(&theirs).await.unwrap();
        assert_eq!((ids(&seen.openers), ids(&seen.holders)), (vec![82], vec![73]));
        let team = overview::people(&desk.staff(71).await).await.unwrap();
        assert_eq!((ids(&team.openers), ids(&team.holders)), (vec![81], vec![]));
        let all = overview::people(&desk.manager().await).await.unwrap();
        assert_eq!((ids(&all.openers), ids(&all.holders)), (vec![81, 82], vec![73]));
        assert_eq!(overview::counts(&theirs).await.unwrap().active, 1);
    }
}

#[tokio::test]
async fn an_ordinary_member_counts_nothing() {
    for desk in desks().await {
        desk.panel().await;
        let member = desk.member(90).await;
        assert!(overview::counts(&member).await.is_err());
        assert!(overview::people(&member).await.is_err());
    }
}
