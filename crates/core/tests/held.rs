//! What a server's page says is held, and what it says will go: what then goes, on every engine.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use domain::guilds::GuildSettings;
use domain::ids::GuildId;
use domain::transcripts::Retention;
use sqlx::{AssertSqlSafe, Row as _};
use wardesk_core::guilds::{self, GuildError};
use wardesk_core::privacy::held_of_guild::{Class, Decider, HeldOfGuild, Until, dry_run, held};
use wardesk_core::testing::{Desk, desks};
use wardesk_core::{retention, tickets, transcripts};

const DAY_MS: i64 = 86_400_000;

async fn count(desk: &Desk, from: &str) -> u64 {
    let text = AssertSqlSafe(format!("SELECT COUNT(*) AS n FROM {from}"));
    let row = sqlx::query(text).fetch_one(desk.w.store().read()).await.unwrap();
    u64::try_from(row.get::<i64, _>("n")).unwrap()
}

async fn execute(desk: &Desk, text: &str) {
    let mut tx = desk.w.store().begin().await.unwrap();
    sqlx::query(AssertSqlSafe(text.to_owned())).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn keep(desk: &Desk, retention: Retention) {
    let manager = desk.manager().await;
    let seen = guilds::settings(&manager).await.unwrap();
    let new = GuildSettings { retention, ..seen.settings };
    guilds::save_settings(&manager, new, seen.revision).await.unwrap();
}

async fn closed(desk: &Desk, panel: domain::ids::PanelId, member: i64) -> domain::ids::TicketId {
    let (ticket, _) = desk.open_ticket(panel, member).await;
    tickets::close(&desk.member(member).await, ticket, None).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;
    ticket
}

fn class(held: &HeldOfGuild, class: Class) -> (u64, Until, Decider) {
    let found = held.classes.iter().find(|one| one.class == class).unwrap();
    (found.count.unwrap(), found.until, found.decider)
}

#[tokio::test]
async fn the_page_tells_what_is_held_since_when_until_when_and_who_decides() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let manager = desk.manager().await;
        let seen = held(&manager).await.unwrap();
        assert_eq!(class(&seen, Class::Settings), (1, Until::WhileHere, Decider::Owner));
        assert_eq!(class(&seen, Class::Transcripts), (0, Until::Nothing, Decider::Owner));
        let panel = desk.panel().await;
        let first = closed(&desk, panel, 7).await;
        desk.clock.advance(DAY_MS);
        closed(&desk, panel, 8).await;
        desk.open_ticket(panel, 9).await;
        let seen = held(&manager).await.unwrap();
        assert_eq!(
            class(&seen, Class::Transcripts),
            (2, Until::ForEver, Decider::Owner),
            "{engine}"
        );
        assert_eq!(class(&seen, Class::LiveTickets), (1, Until::TicketOver, Decider::Owner));
        assert!(class(&seen, Class::Names).0 >= 3, "{engine}");
        assert!(seen.keys > 0, "{engine}");
        keep(&desk, Retention::Month).await;
        let ended = storage::tickets::get(desk.w.store().read(), first).await.unwrap().unwrap();
        let ended = ended.closed_at.unwrap();
        let seen = held(&manager).await.unwrap();
        let until = Until::Oldest(ended.plus_seconds(30 * 86_400));
        assert_eq!(class(&seen, Class::Transcripts), (2, until, Decider::Owner), "{engine}");
        let transcripts = seen.classes.iter().find(|one| one.class == Class::Transcripts).unwrap();
        assert_eq!(transcripts.since, Some(ended), "{engine}");
        let log = seen.classes.iter().find(|one| one.class == Class::Audit).unwrap();
        let until = Until::Oldest(log.since.unwrap().plus_seconds(90 * 86_400));
        assert_eq!((log.until, log.decider), (until, Decider::Service), "{engine}");
        let entries = count(&desk, "audit_log").await;
        assert_eq!(log.count, Some(entries), "{engine}");
    }
}

#[tokio::test]
async fn only_those_who_manage_the_server_see_what_is_held() {
    for desk in desks().await {
        for access in [desk.staff(60).await, desk.member(7).await] {
            assert!(matches!(held(&access).await, Err(GuildError::NotFound)));
        }
    }
}

#[tokio::test]
async fn the_dry_run_is_what_the_sweep_then_removes_row_for_row() {
    for desk in desks().await {
        let engine = desk.store.engine;
        let panel = desk.panel().await;
        let mut all = Vec::new();
        for member in 7..12 {
            all.push(closed(&desk, panel, member).await);
            desk.clock.advance(DAY_MS);
        }
        desk.open_ticket(panel, 20).await;
        keep(&desk, Retention::Week).await;
        desk.discord.add_member(1, &[]);
        let owner = desk.sign_in(1, "Test").await;
        let access = transcripts::authorize(&desk.w, &owner, all[1]).await.unwrap();
        transcripts::hold::place(&access, "a case").await.unwrap();
        let now = desk.w.now().0;
        for text in [
            format!("INSERT INTO guild_alerts VALUES (1000, 'a', '{{}}', 0, {}, 1)", now - 28 * DAY_MS),
            format!("INSERT INTO guild_alerts VALUES (1000, 'b', '{{}}', 0, {now}, 1)"),
            // Another server's goes at the same time.
            format!("INSERT INTO guild_alerts VALUES (2000, 'a', '{{}}', 0, {}, 1)", now - 28 * DAY_MS),
            format!("INSERT INTO inbox VALUES (70001, 1000, NULL, {})", now - 5 * DAY_MS),
            format!(
                "INSERT INTO outbox (id, application_id, guild_id, sequence_key, position, kind, payload, state,
                                     attempts, due_at, created_at)
                 VALUES ('x', 900, 1000, 'k', 1, 'k', '{{}}', 'dead', 1, 1, {})",
                now - 28 * DAY_MS
            ),
        ] {
            execute(&desk, &text).await;
        }
        for days in [0, 2, 2, 3, 90] {
            desk.clock.advance(days * DAY_MS);
            let said = dry_run(&desk.w, desk.guild, desk.w.now()).await.unwrap();
            let tables = [
                ("audit", "audit_log"),
                ("alerts", "guild_alerts"),
                ("outbox_dead", "outbox"),
                ("inbox", "inbox"),
            ];
            let counted = async || {
                let mut counted = BTreeMap::new();
                for (rule, table) in tables {
                    counted.insert(
                        rule,
                        count(&desk, &format!("{table} WHERE guild_id = 1000")).await,
                    );
                }
                counted
            };
            let numbers = async || {
                let text = "SELECT number FROM tickets WHERE guild_id = 1000 ORDER BY closed_at";
                let rows = sqlx::query(text).fetch_all(desk.w.store().read()).await.unwrap();
                rows.iter().map(|row| row.get::<i64, _>("number")).collect::<Vec<_>>()
            };
            let (before, there) = (counted().await, numbers().await);
            retention::sweep(&desk.w).await.unwrap();
            let (after, left) = (counted().await, numbers().await);
            let went: Vec<i64> =
                there.into_iter().filter(|number| !left.contains(number)).collect();
            assert_eq!(said.numbers, went, "{engine} after {days}");
            assert_eq!(said.tickets, went.len() as u64, "{engine} after {days}");
            for (rule, table) in tables {
                let said = said.rules.iter().find(|(name, _)| *name == rule).map_or(0, |(_, n)| *n);
                assert_eq!(said, before[rule] - after[rule], "{engine} after {days}: {table}");
            }
        }
        let left = count(&desk, "tickets WHERE guild_id = 1000").await;
        assert_eq!(left, 2, "{engine}: the held one and the open one");
        let seen = held(&desk.manager().await).await.unwrap();
        assert_eq!(seen.holds.len(), 1, "{engine}");
        assert_eq!((seen.holds[0].ticket, seen.holds[0].reason.as_str()), (all[1], "a case"));
        let other = GuildId::new(2000).unwrap();
        let said = dry_run(&desk.w, other, desk.w.now()).await.unwrap();
        assert!(
            said.rules.is_empty() && said.numbers.is_empty(),
            "{engine}: nothing of it is left"
        );
    }
}

#[tokio::test]
async fn a_plan_with_a_limit_is_in_the_dry_run() {
    for mut desk in desks().await {
        let engine = desk.store.engine;
        desk.sell_shipped();
        let panel = desk.panel().await;
        closed(&desk, panel, 7).await;
        let days = i64::from(desk.plans.default_plan().limits.keep_days.unwrap());
        let row = sqlx::query("SELECT keep_until FROM tickets").fetch_one(desk.w.store().read());
        let until = domain::time::Millis(row.await.unwrap().get("keep_until"));
        assert_eq!(
            class(&held(&desk.manager().await).await.unwrap(), Class::Transcripts).1,
            Until::Oldest(until)
        );
        desk.clock.advance(days * DAY_MS - 3_600_000);
        let soon = dry_run(&desk.w, desk.guild, desk.w.now()).await.unwrap();
        assert_eq!(soon.tickets, 0, "{engine}");
        // What the next sweep will find is asked for its time, not for now.
        let next = dry_run(&desk.w, desk.guild, until).await.unwrap();
        assert_eq!((next.tickets, next.numbers.as_slice()), (1, &[1][..]), "{engine}");
        desk.clock.advance(until.since(desk.w.now()));
        retention::sweep(&desk.w).await.unwrap();
        assert_eq!(count(&desk, "tickets").await, 0, "{engine}");
    }
}

#[tokio::test]
async fn the_next_sweep_is_within_the_hour() {
    for desk in desks().await {
        let now = desk.w.now();
        assert_eq!(retention::next(&desk.w).await.unwrap(), now, "none was ever made");
        assert!(retention::sweep_if_due(&desk.w).await.unwrap());
        assert_eq!(retention::next(&desk.w).await.unwrap(), now.plus_seconds(3600));
        desk.clock.advance(3_600_000 - 5000);
        assert_eq!(retention::next(&desk.w).await.unwrap(), now.plus_seconds(3600));
        desk.clock.advance(60_000);
        assert_eq!(retention::next(&desk.w).await.unwrap(), desk.w.now());
    }
}
