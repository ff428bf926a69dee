//! What a plan allows of transcripts: how long they are kept, and how much room copies of files have.

use domain::ids::LicenceId;
use domain::time::Millis;
use domain::transcripts::Retention;
use domain::validation::{FieldError, Problem};

use super::files::url;
use super::keeping::{keep, there};
use super::*;
use crate::guilds::GuildError;
use crate::licences::operator::{self, NewLicence, OperatorAccess};
use crate::retention::sweep;
use crate::testing::FileAnswer;
use crate::transcripts::attachments::{attachment, finish};
use crate::transcripts::keeping::{self as keeping, Kept};

const DAY_MS: i64 = 86_400_000;

/// Lets the server use a plan, for so many milliseconds.
async fn give(desk: &Desk, plan: &str, for_ms: Option<i64>) -> LicenceId {
    let new = NewLicence {
        id: LicenceId::new(desk.w.new_uuid()),
        plan: plan.parse().unwrap(),
        gift: false,
        contact: user(50),
        seats: None,
        expires: for_ms.map(|ms| Millis(desk.w.now().0 + ms)),
        server: Some(desk.guild),
        server_name: None,
    };
    operator::issue(&OperatorAccess::of_console(&desk.w), new).await.unwrap()
}

/// A closed ticket, and when it was closed.
async fn closed(desk: &Desk) -> (TicketId, Millis) {
    let (ticket, channel) = open(desk).await;
    say(desk, channel, OPENER, "hello").await;
    close(desk, ticket).await;
    let row = storage::tickets::get(desk.w.store().read(), ticket).await.unwrap().unwrap();
    (ticket, row.closed_at.unwrap())
}

async fn kept(desk: &Desk, ticket: TicketId) -> Kept {
    keeping::of(&access(desk, ticket).await).await.unwrap()
}

#[tokio::test]
async fn tickets_that_end_under_a_limit_are_kept_that_long_at_most() {
    for mut desk in crate::testing::desks().await {
        // The server wants them for ever, and may have that until now.
        let (before, _) = closed(&desk).await;
        desk.sell_shipped();
        let panel = desk.panel().await;
        let open = desk.wish(panel, OPENER, 99_001).await.unwrap();
        desk.settle().await;
        assert_eq!(kept(&desk, open).await, Kept::AfterClosing(365));
        close(&desk, open).await;
        let row = storage::tickets::get(desk.w.store().read(), open).await.unwrap().unwrap();
        let until = row.closed_at.unwrap().plus_seconds(365 * 86_400);
        assert_eq!(kept(&desk, open).await, Kept::Until(until), "{}", desk.store.engine);
        assert_eq!(kept(&desk, before).await, Kept::ForEver, "as chosen when it ended");
        desk.clock.advance(until.0 - desk.w.now().0 - 1);
        sweep(&desk.w).await.unwrap();
        assert!(there(&desk, open).await, "not a millisecond early");
        desk.clock.advance(1);
        sweep(&desk.w).await.unwrap();
        assert!(!there(&desk, open).await, "{}", desk.store.engine);
        assert!(there(&desk, before).await);
    }
}

#[tokio::test]
async fn a_higher_plan_lifts_the_limit_for_good() {
    for mut desk in crate::testing::desks().await {
        desk.sell_shipped();
        let (ticket, at) = closed(&desk).await;
        desk.clock.advance(100 * DAY_MS);
        let licence = give(&desk, "plus", None).await;
        assert_eq!(kept(&desk, ticket).await, Kept::ForEver, "{}", desk.store.engine);
        // The hourly sweep comes by while the plan is there.
        sweep(&desk.w).await.unwrap();
        operator::revoke(&OperatorAccess::of_console(&desk.w), licence).await.unwrap();
        assert_eq!(kept(&desk, ticket).await, Kept::ForEver);
        desk.clock.advance(4000 * DAY_MS);
        sweep(&desk.w).await.unwrap();
        assert!(there(&desk, ticket).await, "{}", desk.store.engine);
        assert!(at < desk.w.now());
    }
}

#[tokio::test]
async fn what_is_due_the_moment_a_higher_plan_comes_stays() {
    for mut desk in crate::testing::desks().await {
        desk.sell_shipped();
        let (ticket, _) = closed(&desk).await;
        desk.clock.advance(500 * DAY_MS);
        give(&desk, "plus", None).await;
        sweep(&desk.w).await.unwrap();
        assert!(there(&desk, ticket).await, "{}", desk.store.engine);
    }
}

#[tokio::test]
async fn a_plan_shortens_nothing_that_ended_under_a_longer_one() {
    for mut desk in crate::testing::desks().await {
        desk.sell_shipped();
        give(&desk, "plus", Some(DAY_MS)).await;
        let (ticket, _) = closed(&desk).await;
        desk.clock.advance(4000 * DAY_MS);
        sweep(&desk.w).await.unwrap();
        assert!(there(&desk, ticket).await, "{}", desk.store.engine);
        assert_eq!(kept(&desk, ticket).await, Kept::ForEver);
        // What the server wants counts as ever.
        keep(&desk, Retention::Day).await;
        sweep(&desk.w).await.unwrap();
        assert!(!there(&desk, ticket).await);
    }
}

#[tokio::test]
async fn a_longer_time_than_the_plan_allows_is_not_saved() {
    for mut desk in crate::testing::desks().await {
        desk.sell_shipped();
        let manager = desk.manager().await;
        let save = async |retention| {
            let seen = crate::guilds::settings(&manager).await.unwrap();
            let new = GuildSettings { retention, members_read: false, ..seen.settings };
            crate::guilds::save_settings(&manager, new, seen.revision).await
        };
        // What was chosen under a higher plan, or never, does not stand in the way of other changes.
        save(Retention::ForEver).await.unwrap();
        save(Retention::Year).await.unwrap();
        match save(Retention::ForEver).await {
            Err(GuildError::Invalid(errors)) => {
                let problem = Problem::PlanKeeps { days: 365 };
                assert_eq!(errors, [FieldError::new("retention", problem)]);
            }
            other => panic!("{}: {other:?}", desk.store.engine),
        }
        save(Retention::Month).await.unwrap();
        give(&desk, "plus", None).await;
        save(Retention::ForEver).await.unwrap();
    }
}

#[tokio::test]
async fn copies_past_the_room_of_a_plan_are_not_made_and_those_there_stay() {
    for mut desk in crate::testing::file_desks().await {
        let send = async |desk: &Desk, channel, author, file: i64| {
            desk.discord.put_file(&url(file), vec![FileAnswer::Bytes(vec![7; 2000])]);
            let file = json!({ "attachments": [{ "id": file.to_string(), "filename": "plan.bin",
                                                 "url": url(file), "size": 2000 }] });
            say_with(desk, channel, author, "a file", &file).await;
        };
        let (first, channel) = open(&desk).await;
        send(&desk, channel, OPENER, 5001).await;
        finish(&desk.w, first).await.unwrap();
        desk.sell_shipped();
        // As if it had filled the whole room of the free plan.
        let room = i64::try_from(desk.plans.default_plan().limits.storage).unwrap();
        let mut tx = desk.w.store().begin().await.unwrap();
        let fill = sqlx::query("UPDATE attachments SET length = $1").bind(room);
        fill.execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        // In another ticket: each has a limit of its own, which no plan raises.
        let panel = desk.panel().await;
        let (second, channel) = desk.open_ticket(panel, 9).await;
        send(&desk, channel, 9, 5002).await;
        finish(&desk.w, second).await.unwrap();
        let states = async |desk: &Desk| -> Vec<String> {
            let rows = sqlx::query(
                "SELECT state FROM attachments WHERE attachment_id IN (5001, 5002, 5003)
                 ORDER BY attachment_id",
            );
            let rows = rows.fetch_all(desk.w.store().read()).await.unwrap();
            rows.iter().map(|row| sqlx::Row::get(row, "state")).collect()
        };
        assert_eq!(states(&desk).await, ["stored", "no_room"], "{}", desk.store.engine);
        give(&desk, "plus", None).await;
        send(&desk, channel, 9, 5003).await;
        finish(&desk.w, second).await.unwrap();
        assert_eq!(states(&desk).await, ["stored", "no_room", "stored"], "{}", desk.store.engine);
        let there = attachment(&access(&desk, first).await, "5001".parse().unwrap()).await;
        assert_eq!(there.unwrap().name, "plan.bin");
    }
}
