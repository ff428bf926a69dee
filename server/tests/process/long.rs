//! What takes long: `./test --long` runs it, which sets `WARDESK_LONG`.

use std::time::Duration;

use futures::future::join_all;
use sandbox::id::Id;
use sandbox::world::example::HARBOUR_LIGHTS;
use wardesk_core::ports::{Random as _, SystemRandom};

use crate::desk::{Desk, Engine, engines};
use crate::program::Signal;
use crate::record::{all_is_well, transcript_is_true};
use crate::story::{Opened, Story};

/// Kills on each engine.
const KILLS: usize = 100;
/// Members who open, talk and close without pause.
const MEMBERS: usize = 6;

fn random(below: u64) -> u64 {
    let mut bytes = [0; 8];
    SystemRandom.fill(&mut bytes);
    u64::from_le_bytes(bytes) % below
}

/// A desk whose Discord forgets nothing.
async fn desk(engine: &Engine) -> Desk {
    let desk = Desk::new(engine.store().await).await;
    desk.sandbox.world().history_limit = usize::MAX;
    desk
}

fn member(desk: &Desk, number: usize) -> Id {
    let mut world = desk.sandbox.world();
    let id = world.create_user(&format!("member{number}"), &format!("Member {number}"));
    world.join_guild(id, HARBOUR_LIGHTS).unwrap();
    id
}

/// One ticket from beginning to end.
async fn ticket(story: &Story, person: Id, sent: &[u8]) -> Opened {
    let ticket = story.open(person).await;
    let first = story.say(person, ticket, "It does not work", Some(sent));
    story.archived(ticket, first, 1).await;
    story.edit(person, ticket, first, "It works **sometimes**");
    for number in 0..random(4) {
        story.say(person, ticket, &format!("Also {number}"), None);
    }
    let slip = story.say(person, ticket, "Not that", None);
    story.archived(ticket, slip, 1).await;
    story.delete(person, ticket, slip);
    if random(2) == 0 {
        story.claim(ticket).await;
    }
    story.close(ticket).await;
    ticket
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: ./test --long runs it (2026-11-21)"]
async fn a_hundred_random_kills_under_load() {
    for engine in engines() {
        let story = Story::begin(desk(&engine).await, &[]).await;
        let members: Vec<Id> = (0..MEMBERS).map(|number| member(&story.desk, number)).collect();
        let sent = vec![7; 20_000];
        let done = tokio_util::sync::CancellationToken::new();
        let people = join_all(members.into_iter().map(|person| {
            let (story, sent, done) = (&story, &sent, &done);
            async move {
                let mut closed = Vec::new();
                while !done.is_cancelled() {
                    closed.push(ticket(story, person, sent).await);
                }
                closed
            }
        }));
        let kills = async {
            while story.deaths() < KILLS {
                let before = story.deaths();
                tokio::time::sleep(Duration::from_millis(random(2_500))).await;
                story.program().signal(Signal::Kill).await;
                story
                    .until("it runs again", async |_| (story.deaths() > before).then_some(()))
                    .await;
            }
            done.cancel();
        };
        let (closed, ()) = tokio::join!(people, kills);
        story.settle().await;
        all_is_well(&story.desk).await;
        let closed: Vec<Opened> = closed.into_iter().flatten().collect();
        eprintln!("{}: {} deaths, {} tickets", engine.name(), story.deaths(), closed.len());
        for ticket in closed {
            transcript_is_true(&story.desk, ticket, &sent).await;
        }
        story.stop().await;
    }
}

/// Bytes of memory that a program holds now.
fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Open files of a program.
fn files(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: ./test --long runs it (2026-11-21)"]
async fn a_soak_leaves_nothing_growing() {
    let story = Story::begin(desk(&Engine::Sqlite).await, &[]).await;
    let members: Vec<Id> = (0..MEMBERS).map(|number| member(&story.desk, number)).collect();
    let sent = vec![7; 20_000];
    let pid = story.program().pid();
    let round = async || {
        join_all(members.iter().map(|person| ticket(&story, *person, &sent))).await;
        story.settle().await;
    };
    // Pools, caches and arenas fill first.
    for _ in 0..10 {
        round().await;
    }
    let (before, open) = (memory(pid), files(pid));
    let end = tokio::time::Instant::now() + Duration::from_mins(4);
    let mut rounds = 0;
    while tokio::time::Instant::now() < end {
        round().await;
        rounds += 1;
    }
    let (after, still_open) = (memory(pid), files(pid));
    eprintln!(
        "{rounds} rounds of {MEMBERS}: {before} to {after} bytes, {open} to {still_open} files"
    );
    assert!(after < before + 32 * 1024 * 1024, "memory grew from {before} to {after}");
    assert!(still_open <= open + 8, "open files grew from {open} to {still_open}");
    all_is_well(&story.desk).await;
    story.stop().await;
}
