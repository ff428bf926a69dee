use wardesk_core::guilds;
use wardesk_core::testing::desks;

use super::{closed_ticket, count, days_later, leave};

#[tokio::test]
async fn coming_back_later_begins_anew() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let panel = desk.panel().await;
        closed_ticket(&desk, panel, 7).await;
        leave(&desk).await;
        days_later(&desk, 30).await;
        desk.discord.without_bot(desk.guild, false);
        guilds::arrived(&desk.w, desk.guild, "Example", None).await.unwrap();
        let manager = desk.manager().await;
        let seen = guilds::settings(&manager).await.unwrap();
        assert_eq!(seen.revision, 0, "{engine}");
        let mut settings = seen.settings;
        assert!(settings.support_roles.is_empty(), "{engine}");
        settings.support_roles = vec![desk.support];
        guilds::save_settings(&manager, settings, 0).await.unwrap();
        let panel = desk.panel().await;
        // The interaction's number is another one.
        let ticket = desk.wish(panel, 7, 99_001).await.unwrap();
        desk.settle().await;
        let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
        assert_eq!(row.number, 1, "{engine}: numbers begin with 1 again");
        assert_eq!(count(&desk, "tickets").await, 1, "{engine}");
        let broken = storage::audit::first_break(desk.w.store().read(), desk.guild).await.unwrap();
        assert_eq!(broken, None, "{engine}: the log goes on");
    }
}
