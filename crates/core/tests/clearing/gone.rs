use domain::ids::UserId;
use storage::KeyScope;
use wardesk_core::testing::desks;
use wardesk_core::{guilds, retention};

use super::{
    DAY_MS, closed_ticket, count, days_later, execute, leave, objects, other_server, rows_of,
};

#[tokio::test]
async fn thirty_days_after_the_bot_left_nothing_of_the_server_is_left() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let panel = desk.panel().await;
        closed_ticket(&desk, panel, 7).await;
        // One that is not over: nothing of it can be done in Discord any more.
        desk.open_ticket(panel, 8).await;
        let (user, keys) = (UserId::new(7).unwrap(), desk.w.store().keys().clone());
        let scope = KeyScope::person(desk.guild, user);
        let sealed = keys.seal(&scope, b"x", b"words of a backup").await.unwrap();
        let other = other_server(&desk).await;
        let (theirs, mine) = (rows_of(&desk, other).await, rows_of(&desk, desk.guild).await);
        assert!(mine.len() > 10, "{engine}: {mine:?}");
        let keys_of_other = keys.count_of_guild(other).await.unwrap();

        leave(&desk).await;
        desk.clock.advance(30 * DAY_MS - 1);
        retention::sweep(&desk.w).await.unwrap();
        let still: Vec<_> = rows_of(&desk, desk.guild).await.into_iter().map(|(t, _)| t).collect();
        for table in ["tickets", "panels", "guild_settings", "installations", "ticket_people"] {
            assert!(still.iter().any(|t| t == table), "{engine}: {table} went early");
        }
        assert_eq!(objects(&desk), 1, "{engine}");
        keys.open_sealed(&scope, b"x", &sealed).await.unwrap();

        desk.clock.advance(1);
        retention::sweep(&desk.w).await.unwrap();
        assert_eq!(rows_of(&desk, desk.guild).await, [], "{engine}");
        assert_eq!(objects(&desk), 0, "{engine}");
        assert_eq!(keys.count_of_guild(desk.guild).await.unwrap(), 0, "{engine}");
        // A copy that was made before cannot be read either.
        assert!(keys.open_sealed(&scope, b"x", &sealed).await.is_err(), "{engine}");
        let after = rows_of(&desk, other).await;
        let without_old = |rows: Vec<(String, i64)>| -> Vec<_> {
            rows.into_iter().filter(|(table, _)| table != "inbox").collect()
        };
        assert_eq!(without_old(after), without_old(theirs), "{engine}: another server's");
        assert_eq!(keys.count_of_guild(other).await.unwrap(), keys_of_other, "{engine}");
    }
}

#[tokio::test]
async fn the_head_of_an_audit_log_goes_with_the_last_entry() {
    for desk in desks().await {
        let engine = desk.store.engine;
        desk.panel().await;
        leave(&desk).await;
        days_later(&desk, 31).await;
        let entries = count(&desk, "audit_log").await;
        assert!(entries > 1, "{engine}: the log has its own 90 days");
        assert_eq!(count(&desk, "audit_heads").await, 1, "{engine}");
        let broken = storage::audit::first_break(desk.w.store().read(), desk.guild).await.unwrap();
        assert_eq!(broken, None, "{engine}");
        days_later(&desk, 60).await;
        assert_eq!(count(&desk, "audit_log").await, 0, "{engine}");
        assert_eq!(count(&desk, "audit_heads").await, 0, "{engine}");
    }
}

#[tokio::test]
async fn what_the_service_does_for_itself_is_no_server_that_was_left() {
    for desk in desks().await {
        let engine = desk.store.engine;
        desk.panel().await;
        let bot = desk.w.application();
        execute(
            &desk,
            &format!(
                "INSERT INTO guild_counters (guild_id, purpose, value) VALUES ({bot}, 'test', 7)"
            ),
        )
        .await;
        // As an earlier version noted it.
        execute(
            &desk,
            &format!(
                "INSERT INTO installations (application_id, guild_id, name, icon, state, joined_at, left_at)
                 VALUES ({bot}, {bot}, '', NULL, 'left', 1, 1)"
            ),
        )
        .await;
        let limit = desk.w.now();
        let db = desk.w.store().read();
        let due = storage::privacy::clearing::due(db, bot, limit, None, 10).await.unwrap();
        assert_eq!(due, [], "{engine}");
        execute(&desk, &format!("DELETE FROM installations WHERE guild_id = {bot}")).await;
        days_later(&desk, 0).await;
        days_later(&desk, 31).await;
        let left = count(&desk, &format!("installations WHERE guild_id = {bot}")).await;
        assert_eq!(left, 0, "{engine}: it was never left");
        let counters = count(&desk, "guild_counters WHERE purpose = 'test'").await;
        assert_eq!(counters, 1, "{engine}");
    }
}

#[tokio::test]
async fn what_is_kept_of_a_server_that_nobody_knows_is_cleared_too() {
    for desk in desks().await {
        let engine = desk.store.engine;
        desk.panel().await;
        desk.discord.without_bot(desk.guild, true);
        execute(&desk, "DELETE FROM installations").await;
        days_later(&desk, 0).await;
        let here = guilds::installation(&desk.w, desk.guild).await.unwrap().unwrap();
        assert_eq!(here.left_at, Some(desk.w.now()), "{engine}: left as far as we know");
        days_later(&desk, 29).await;
        assert_eq!(count(&desk, "guild_settings").await, 1, "{engine}");
        days_later(&desk, 1).await;
        assert_eq!(rows_of(&desk, desk.guild).await, [], "{engine}");
    }
}
