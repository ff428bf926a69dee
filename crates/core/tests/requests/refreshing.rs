//! Somebody has their names read from Discord again.

use storage::tickets::people::{self, PersonRow};
use wardesk_core::guilds::GuildError;
use wardesk_core::privacy::choose::refresh_names;
use wardesk_core::privacy::requests::of_person;

use super::*;

/// Keeps a name for somebody on the desk's server.
async fn known(desk: &Desk, user: UserId) {
    let person = PersonRow {
        user,
        display_name: "An old name".into(),
        username: "old".into(),
        avatar: None,
    };
    let mut tx = desk.w.store().begin().await.unwrap();
    people::seen(tx.conn(), desk.guild, &person, desk.w.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn name(desk: &Desk, user: UserId) -> String {
    people::get(desk.w.store().read(), desk.guild, user).await.unwrap().unwrap().display_name
}

/// The states of what somebody asked for, newest first.
async fn asked(desk: &Desk, user: UserId) -> Vec<RequestState> {
    let all = of_person(&desk.w, user).await.unwrap();
    all.into_iter().map(|request| request.state).collect()
}

#[tokio::test]
async fn while_discord_does_not_answer_nothing_is_read_and_nothing_is_noted() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let mia = desk.sign_in(MIA, "Firefox").await;
        known(&desk, mia.user).await;
        desk.discord.add_member(MIA, &[]);
        desk.discord.outage(true);
        let down = refresh_names(&desk.w, &mia).await;
        assert!(matches!(down, Err(PrivacyError::Guild(GuildError::Discord(_)))), "{engine}");
        assert!(asked(&desk, mia.user).await.is_empty(), "{engine}: no request is left behind");
        assert_eq!(name(&desk, mia.user).await, "An old name", "{engine}");
        desk.discord.outage(false);
        assert!(refresh_names(&desk.w, &mia).await.unwrap(), "{engine}: they were read");
        assert_eq!(asked(&desk, mia.user).await, [RequestState::Done], "{engine}");
        assert_eq!(name(&desk, mia.user).await, "User 7", "{engine}");
    }
}

#[tokio::test]
async fn names_stay_where_somebody_is_not_any_more() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let somebody = desk.sign_in(SOMEBODY, "Firefox").await;
        known(&desk, somebody.user).await;
        assert!(!refresh_names(&desk.w, &somebody).await.unwrap(), "{engine}: none was read");
        assert_eq!(asked(&desk, somebody.user).await, [RequestState::Declined], "{engine}");
        assert_eq!(name(&desk, somebody.user).await, "An old name", "{engine}");
    }
}
