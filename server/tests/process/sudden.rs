//! Erasures and sweeps are killed at any moment, and go on when the program starts again.

use std::time::Duration;

use domain::guilds::GuildSettings;
use domain::transcripts::Retention;
use futures::future::join_all;
use sandbox::id::Id;
use sandbox::world::example::HARBOUR_LIGHTS;
use tokio::time::Instant;
use wardesk_core::guilds;
use wardesk_core::privacy::erase::{self, Reason};

use crate::backups::{kills, random};
use crate::desk::{Desk, Engine, engines, user};
use crate::program::{Program, Signal};
use crate::record;
use crate::story::{Opened, Story};
use crate::traces::{erased_are, nothing_of, the_chain_is_whole};
use crate::wait::until;

/// Members who come at once.
const AT_ONCE: usize = 8;
const DAY: i64 = 86_400_000;

fn word(number: usize) -> String {
    format!("canary-of-member-{number:03}")
}

/// Somebody new on the server, with a ticket in which they say a word and send a file.
async fn comes(story: &Story, number: usize) -> Opened {
    let person = {
        let mut world = story.desk.sandbox.world();
        let person = world.create_user(&format!("member{number}"), &format!("Member {number}"));
        world.join_guild(person, HARBOUR_LIGHTS).unwrap();
        person
    };
    let ticket = story.open(person).await;
    let mut last = None;
    for _ in 0..3 {
        let word = word(number);
        last = Some(story.say(person, ticket, &word, Some(word.repeat(20).as_bytes())));
    }
    story.archived(ticket, last.unwrap(), 1).await;
    story.close(ticket).await;
    ticket
}

/// A desk with so many closed tickets, each somebody else's; its program is stopped.
async fn desk_with(engine: &Engine, tickets: usize) -> (Story, Vec<Opened>) {
    let story = Story::begin_watched(Desk::new(engine.store().await).await, &[]).await;
    let mut all = Vec::new();
    let numbers: Vec<usize> = (0..tickets).collect();
    for some in numbers.chunks(AT_ONCE) {
        all.extend(join_all(some.iter().map(|number| comes(&story, *number))).await);
    }
    story.settle().await;
    story.program().stop().await;
    (story, all)
}

/// Starts the program and waits until it serves.
async fn start(desk: &Desk) -> Program {
    desk.let_leases_end().await;
    desk.start(&[]).await
}

/// Starts the program and kills it after a time of less than `within`.
async fn kill_within(desk: &Desk, within: Duration) {
    desk.let_leases_end().await;
    let settings = desk.settings(&[]);
    let program = Program::launch(desk.store.folder.path(), &settings, &["serve"]);
    let micros = random(u64::try_from(within.as_micros()).unwrap());
    tokio::time::sleep(Duration::from_micros(micros)).await;
    program.signal(Signal::Kill).await;
    program.end().await;
}

async fn is_erased(desk: &Desk, person: Id, word: &str) -> bool {
    let left = erase::state_of(&desk.w, user(person)).await.unwrap();
    left.is_none() && nothing_of(desk, person, &[word]).await.is_ok()
}

async fn ask(desk: &Desk, person: Id) {
    erase::ask(&desk.w, user(person), Reason::Asked).await.unwrap();
}

/// One kill for each of `kills` people. Answers how many were in time to stop something.
async fn erasures(engine: &Engine, kills: usize) -> usize {
    let (story, tickets) = desk_with(engine, kills + 2).await;
    let desk = &story.desk;
    // The first shows how long it takes; the last stays.
    let (first, rest) = tickets.split_first().unwrap();
    let (stays, killed) = rest.split_last().unwrap();
    ask(desk, first.opener).await;
    let began = Instant::now();
    let program = start(desk).await;
    until("the first is erased", async || {
        let left = erase::state_of(&desk.w, user(first.opener)).await.unwrap();
        left.is_none().then_some(())
    })
    .await;
    // To look for what is left takes longer than the erasure.
    let time = began.elapsed();
    until("nothing of the first is left", async || {
        is_erased(desk, first.opener, &word(0)).await.then_some(())
    })
    .await;
    program.signal(Signal::Kill).await;
    program.end().await;
    let mut stopped = 0;
    for (number, ticket) in (1..).zip(killed) {
        ask(desk, ticket.opener).await;
        kill_within(desk, time).await;
        let left = erase::state_of(&desk.w, user(ticket.opener)).await.unwrap();
        stopped += usize::from(left.is_some());
        let program = start(desk).await;
        until("somebody is erased", async || {
            is_erased(desk, ticket.opener, &word(number)).await.then_some(())
        })
        .await;
        program.signal(Signal::Kill).await;
        program.end().await;
        assert!(is_erased(desk, ticket.opener, &word(number)).await);
        the_chain_is_whole(desk).await;
    }
    erased_are(desk, kills + 1).await;
    let kept = record::transcript(desk, *stays).await;
    let theirs = kept.iter().filter(|entry| entry.message.content == word(kills + 1)).count();
    assert_eq!(theirs, 3, "who did not ask has everything");
    stopped
}

/// How many tickets there are, and things that a sweep has to remove yet.
async fn tickets_and_rest(desk: &Desk) -> (i64, i64) {
    let rest = "SELECT (SELECT COUNT(*) FROM blob_removals) +
                       (SELECT COUNT(*) FROM attachments a WHERE NOT EXISTS
                            (SELECT 1 FROM tickets t WHERE t.id = a.ticket_id))";
    (desk.count("SELECT COUNT(*) FROM tickets").await, desk.count(rest).await)
}

/// Makes a ticket one that ended so long ago.
async fn ended(desk: &Desk, ticket: Opened, milliseconds: i64) {
    let mut tx = desk.store.store.begin().await.unwrap();
    sqlx::query("UPDATE tickets SET closed_at = closed_at - $1 WHERE id = $2")
        .bind(milliseconds)
        .bind(ticket.ticket.to_string())
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// One kill for each of `kills` tickets whose time is over. Answers how many were in time to stop something.
async fn sweeps(engine: &Engine, kills: usize) -> usize {
    let (story, tickets) = desk_with(engine, kills + 2).await;
    let desk = &story.desk;
    let owner = desk.owner().await;
    let seen = guilds::settings(&owner).await.unwrap();
    let new = GuildSettings { retention: Retention::Week, ..seen.settings };
    guilds::save_settings(&owner, new, seen.revision).await.unwrap();
    let mut left = i64::try_from(tickets.len()).unwrap();
    let (first, rest) = tickets.split_first().unwrap();
    let (stays, killed) = rest.split_last().unwrap();
    ended(desk, *first, 8 * DAY).await;
    left -= 1;
    let began = Instant::now();
    let program = start(desk).await;
    until("the first is removed", async || {
        (tickets_and_rest(desk).await == (left, 0)).then_some(())
    })
    .await;
    let time = began.elapsed();
    program.signal(Signal::Kill).await;
    program.end().await;
    let mut stopped = 0;
    for ticket in killed {
        ended(desk, *ticket, 8 * DAY).await;
        left -= 1;
        kill_within(desk, time).await;
        stopped += usize::from(tickets_and_rest(desk).await != (left, 0));
        let program = start(desk).await;
        until("a ticket is removed", async || {
            (tickets_and_rest(desk).await == (left, 0)).then_some(())
        })
        .await;
        program.signal(Signal::Kill).await;
        program.end().await;
    }
    let kept = record::transcript(desk, *stays).await;
    assert_eq!(kept.iter().filter(|entry| entry.message.content == word(kills + 1)).count(), 3);
    the_chain_is_whole(desk).await;
    stopped
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasure_that_is_killed_at_any_moment_goes_on() {
    join_all(engines().iter().map(|engine| async move {
        let stopped = erasures(engine, kills()).await;
        eprintln!("erasures on {}: {stopped} of {} stopped", engine.name(), kills());
        assert!(stopped > 0, "no erasure was stopped on {}", engine.name());
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_that_is_killed_at_any_moment_goes_on() {
    join_all(engines().iter().map(|engine| async move {
        let stopped = sweeps(engine, kills()).await;
        eprintln!("sweeps on {}: {stopped} of {} stopped", engine.name(), kills());
        assert!(stopped > 0, "no sweep was stopped on {}", engine.name());
    }))
    .await;
}
