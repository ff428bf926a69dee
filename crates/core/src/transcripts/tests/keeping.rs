use domain::transcripts::Retention;

use super::files::url;
use super::*;
use crate::retention::sweep;
use crate::testing::FileAnswer;
use crate::transcripts::keeping::{self, Kept};
use crate::transcripts::{Refusal, TranscriptError, hold};

const DAY_MS: i64 = 86_400_000;

pub(super) async fn keep(desk: &Desk, retention: Retention) {
    let manager = desk.manager().await;
    let seen = crate::guilds::settings(&manager).await.unwrap();
    let new = domain::guilds::GuildSettings { retention, ..seen.settings };
    crate::guilds::save_settings(&manager, new, seen.revision).await.unwrap();
}

pub(super) async fn there(desk: &Desk, ticket: TicketId) -> bool {
    storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().is_some()
}

/// How many rows of which tables name a ticket.
async fn rows_of(desk: &Desk, ticket: TicketId) -> Vec<(&'static str, i64)> {
    let mut found = Vec::new();
    for (table, column) in [
        ("tickets", "id"),
        ("ticket_members", "ticket_id"),
        ("ticket_live", "ticket_id"),
        ("domain_events", "ticket_id"),
        ("archive_messages", "ticket_id"),
        ("archive_deletions", "ticket_id"),
        ("transcripts", "ticket_id"),
        ("transcript_chunks", "ticket_id"),
        ("transcript_parts", "ticket_id"),
        ("transcript_terms", "ticket_id"),
        ("transcript_people", "ticket_id"),
        ("transcript_reactions", "ticket_id"),
        ("attachments", "ticket_id"),
        ("legal_holds", "ticket_id"),
    ] {
        let text = format!("SELECT COUNT(*) AS n FROM {table} WHERE {column} = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(text)).bind(ticket.to_string());
        let row = row.fetch_one(desk.w.store().read()).await.unwrap();
        let count: i64 = sqlx::Row::get(&row, "n");
        if count > 0 {
            found.push((table, count));
        }
    }
    found
}

fn objects(desk: &Desk) -> usize {
    fn count(folder: &std::path::Path) -> usize {
        let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
    }
    count(&desk.store.folder.path().join("blobs/objects"))
}

async fn send_file(desk: &Desk, channel: ChannelId, author: i64, file: i64, content: &str) {
    desk.discord.put_file(&url(file), vec![FileAnswer::Bytes(vec![7; 2000])]);
    let file = json!({ "attachments": [
        { "id": file.to_string(), "filename": "a.bin", "url": url(file), "size": 2000 }] });
    say_with(desk, channel, author, content, &file).await;
}

/// A closed ticket of `member` with a picture.
async fn closed_with_file(desk: &Desk, panel: domain::ids::PanelId, member: i64) -> TicketId {
    let (ticket, channel) = desk.open_ticket(panel, member).await;
    send_file(desk, channel, member, 5000 + member, "with a file").await;
    let opener = desk.member(member).await;
    tickets::close(&opener, ticket, None).await.unwrap();
    desk.clock.advance(30_000);
    desk.settle().await;
    ticket
}

#[tokio::test]
async fn what_is_past_its_time_goes_whole_and_the_rest_stays() {
    for retention in Retention::ALL {
        for desk in crate::testing::desks().await {
            let panel = desk.panel().await;
            let old = closed_with_file(&desk, panel, 7).await;
            keep(&desk, retention).await;
            let open = desk.open_ticket(panel, 8).await.0;
            let Some(days) = retention.days() else {
                desk.clock.advance(4000 * DAY_MS);
                sweep(&desk.w).await.unwrap();
                assert!(there(&desk, old).await, "for ever is for ever");
                continue;
            };
            let closed = storage::tickets::get(desk.w.store().read(), old).await.unwrap().unwrap();
            let until = closed.closed_at.unwrap().plus_seconds(days * 86_400);
            assert_eq!(keeping::of(&access(&desk, old).await).await.unwrap(), Kept::Until(until));
            desk.clock.advance(until.0 - desk.w.now().0 - 1);
            sweep(&desk.w).await.unwrap();
            assert!(there(&desk, old).await, "{}: not a millisecond early", desk.store.engine);
            assert_eq!(objects(&desk), 1);
            desk.clock.advance(1);
            sweep(&desk.w).await.unwrap();
            assert_eq!(rows_of(&desk, old).await, [], "{} {days}", desk.store.engine);
            assert_eq!(objects(&desk), 0, "{}", desk.store.engine);
            assert!(there(&desk, open).await, "an open ticket has not begun to age");
            assert_eq!(said(&read_as(&desk, open, 8).await).len(), 0);
            // Names go with the last ticket of someone.
            let name = storage::tickets::people::get(desk.w.store().read(), desk.guild, user(7));
            assert_eq!(name.await.unwrap(), None);
            let name = storage::tickets::people::get(desk.w.store().read(), desk.guild, user(8));
            assert!(name.await.unwrap().is_some());
        }
    }
}

async fn read_as(desk: &Desk, ticket: TicketId, person: i64) -> TranscriptPage {
    let access = authorize_person(&desk.w, user(person), ticket).await.unwrap();
    page(&access, None, 500).await.unwrap()
}

#[tokio::test]
async fn bytes_that_another_ticket_has_too_stay() {
    for desk in crate::testing::desks().await {
        let panel = desk.panel().await;
        let first = closed_with_file(&desk, panel, 7).await;
        desk.clock.advance(2 * DAY_MS);
        // The same person sends the same bytes again.
        let second = desk.wish(panel, 7, 99_001).await.unwrap();
        desk.settle().await;
        let row = storage::tickets::get(desk.w.store().read(), second).await.unwrap().unwrap();
        send_file(&desk, row.life.channel.unwrap(), 7, 6007, "again").await;
        close(&desk, second).await;
        assert_eq!(objects(&desk), 1);
        keep(&desk, Retention::Day).await;
        sweep(&desk.w).await.unwrap();
        assert!(!there(&desk, first).await && there(&desk, second).await);
        assert_eq!(objects(&desk), 1, "{}", desk.store.engine);
        let access = access(&desk, second).await;
        let found = crate::transcripts::attachment(&access, "6007".parse().unwrap()).await;
        assert_eq!(found.unwrap().length, 2000);
        desk.clock.advance(2 * DAY_MS);
        sweep(&desk.w).await.unwrap();
        assert_eq!(objects(&desk), 0, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn a_legal_hold_keeps_what_is_past_its_time_until_it_is_lifted() {
    for desk in crate::testing::desks().await {
        let panel = desk.panel().await;
        let held = closed_with_file(&desk, panel, 7).await;
        let other = closed_with_file(&desk, panel, 8).await;
        desk.staff(60).await;
        // The server's owner.
        desk.discord.add_member(1, &[]);
        let of = async |person| authorize_person(&desk.w, user(person), held).await.unwrap();
        for nobody in [7, 60] {
            let placed = hold::place(&of(nobody).await, "mine").await;
            assert!(matches!(placed, Err(TranscriptError::NotFound)), "{nobody}");
        }
        let manager = of(1).await;
        for bad in [String::new(), "  ".into(), "x".repeat(501)] {
            let refused = hold::place(&manager, &bad).await;
            assert!(matches!(refused, Err(TranscriptError::Refused(Refusal::Reason))));
        }
        hold::place(&manager, " Case 17-secret ").await.unwrap();
        let again = hold::place(&manager, "twice").await;
        assert!(matches!(again, Err(TranscriptError::Refused(Refusal::Held))));
        let seen = hold::of(&manager).await.unwrap().unwrap();
        assert_eq!((seen.by, seen.reason.as_str()), (user(1), "Case 17-secret"));
        assert!(!is_in_clear(&desk, "17-secret").await, "{}", desk.store.engine);
        // The opener sees that there is one, and no more.
        assert_eq!(keeping::of(&of(7).await).await.unwrap(), Kept::Held);
        assert!(hold::of(&of(7).await).await.is_err());

        keep(&desk, Retention::Week).await;
        desk.clock.advance(8 * DAY_MS);
        sweep(&desk.w).await.unwrap();
        assert!(there(&desk, held).await && !there(&desk, other).await, "{}", desk.store.engine);
        assert!(said(&read_as(&desk, held, 7).await).contains(&"with a file"));

        hold::lift(&of(1).await, "settled").await.unwrap();
        let again = hold::lift(&of(1).await, "twice").await;
        assert!(matches!(again, Err(TranscriptError::Refused(Refusal::NotHeld))));
        assert!(there(&desk, held).await);
        sweep(&desk.w).await.unwrap();
        assert_eq!(rows_of(&desk, held).await, [], "{}", desk.store.engine);
        let log = crate::audit::list(&desk.manager().await, None).await.unwrap();
        let deeds: Vec<_> = log.iter().filter(|e| e.target == held.to_string()).collect();
        let deeds: Vec<_> = deeds.iter().map(|e| (e.action.as_str(), e.actor)).collect();
        let by = Some(user(1));
        assert_eq!(deeds[..2], [("transcript.released", by), ("transcript.held", by)]);
    }
}

#[tokio::test]
async fn a_shorter_time_says_how_many_transcripts_it_deletes() {
    for desk in crate::testing::desks().await {
        let panel = desk.panel().await;
        closed_with_file(&desk, panel, 7).await;
        desk.clock.advance(10 * DAY_MS);
        closed_with_file(&desk, panel, 8).await;
        let manager = desk.manager().await;
        for (retention, count) in [
            (Retention::Day, 1),
            (Retention::Week, 1),
            (Retention::Month, 0),
            (Retention::ForEver, 0),
        ] {
            assert_eq!(keeping::would_go(&manager, retention).await.unwrap(), count);
        }
        desk.clock.advance(2 * DAY_MS);
        assert_eq!(keeping::would_go(&manager, Retention::Day).await.unwrap(), 2);
        assert!(keeping::would_go(&desk.staff(60).await, Retention::Day).await.is_err());
    }
}

#[tokio::test]
async fn what_was_found_is_not_found_in_memory_when_it_is_gone() {
    for desk in crate::testing::desks().await {
        let panel = desk.panel().await;
        let ticket = closed_with_file(&desk, panel, 7).await;
        let other = desk.beside().await;
        let acting = desk.acting(50, &[], domain::permissions::Permissions::MANAGE_GUILD);
        let found = async |w: &crate::Wardesk| {
            let access = crate::guilds::authorize_member(w, desk.guild, &acting).await.unwrap();
            let query = super::super::search::Query::parse("with a file", &jiff::tz::TimeZone::UTC);
            let hits = super::super::search::in_guild(&access, &query.unwrap(), None, 10).await;
            hits.unwrap().items.len()
        };
        assert_eq!((found(&desk.w).await, found(&other).await), (1, 1));
        keep(&desk, Retention::Day).await;
        desk.clock.advance(2 * DAY_MS);
        sweep(&desk.w).await.unwrap();
        assert!(!there(&desk, ticket).await);
        assert_eq!((found(&desk.w).await, found(&other).await), (0, 0), "{}", desk.store.engine);
    }
}
