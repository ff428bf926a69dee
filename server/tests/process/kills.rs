//! The program is killed at every place of a ticket's life, on every engine, and started again.

use sandbox::world::example::{NOAH, SUPPORT_LOG};
use wardesk_core::failpoints;

use crate::desk::{Desk, Engine, engines};
use crate::lives::all_end_well;
use crate::record::{all_is_well, transcript_is_true};
use crate::story::Story;

/// One life with one death at `point`.
async fn die_once(engine: &Engine, point: &'static str) {
    let desk = Desk::new(engine.store().await).await;
    let engine = desk.store.engine;
    let alerts = point.starts_with("alert.");
    let story = Story::begin(desk, &[("FAILPOINTS", &format!("{point}=panic"))]).await;
    let sent: Vec<u8> = (0..70_000_u32).map(|n| n.wrapping_mul(31).to_le_bytes()[1]).collect();
    let (open, closed) = story.live(&sent).await;
    if alerts {
        story.close(open).await;
        story.settle().await;
        story.be_refused(NOAH).await;
        let world = story.desk.sandbox.world();
        assert_eq!(world.messages(SUPPORT_LOG).len(), 1, "staff are told once");
    }
    assert_eq!(story.deaths(), 1, "{point} was passed on {engine}");
    all_is_well(&story.desk).await;
    for ticket in closed {
        transcript_is_true(&story.desk, ticket, &sent).await;
    }
    story.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_done_twice_wherever_the_program_is_killed() {
    let engines = engines();
    let lives = failpoints::ALL.iter().flat_map(|point| {
        engines
            .iter()
            .map(move |engine| (format!("{point} on {}", engine.name()), die_once(engine, point)))
    });
    all_end_well(lives).await;
}
