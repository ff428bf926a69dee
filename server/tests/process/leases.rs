//! Two programs on one database: one runs the bot, the other serves pages and takes over.

use std::sync::Arc;
use std::time::Duration;

use sandbox::faults::{Fault, FaultKind};
use sandbox::world::example::{APPLICATION, MIA, NOAH, TICKETS};
use tokio::time::Instant;

use crate::desk::{Desk, engines};
use crate::program::Program;
use crate::record::{all_is_well, transcript_is_true};
use crate::story::Story;
use crate::wait::until;

/// The longest that a desk may be without its bot. Source: issue 2, section 5.
const TAKEOVER: Duration = Duration::from_secs(30);
/// The longest that a stop may take. Source: the same.
const STOP: Duration = Duration::from_secs(30);
/// How soon a lease that was given back is taken: the others look every four seconds.
const HANDOVER: Duration = Duration::from_secs(8);

async fn serves_pages(program: &Program) {
    let answer = program.http.get(format!("{}/status", program.web)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let (status, said) = program.readiness().await.unwrap();
    assert_eq!((status, said["ready"].as_bool()), (200, Some(true)), "{said}");
}

fn identifies(desk: &Desk) -> u64 {
    desk.sandbox.world().gateway.identifies
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_first_is_killed_the_second_takes_over() {
    let both = engines().into_iter().map(|engine| async move {
        let desk = Desk::new(engine.store().await).await;
        let story = Story::begin_watched(desk, &[]).await;
        let first = story.program();
        first.bot_is("connected").await;
        let second = Arc::new(story.desk.start(&[]).await);
        second.bot_is("elsewhere").await;
        serves_pages(&second).await;
        assert_eq!(identifies(&story.desk), 1, "both connected");

        let ticket = story.open(MIA).await;
        story.archived(ticket, story.say(MIA, ticket, "Hello", None), 1).await;
        // The channel of a second ticket is being made, and the first program will not hear that it is.
        let slow = Fault::new(FaultKind::Delay { ms: 60_000 });
        let slow = slow.on("POST", "/guilds/{guild_id}/channels").times(1);
        story.desk.sandbox.world().faults.add(slow);
        let opening = story.open(NOAH);
        let killed = async {
            until("the second channel is made", async || {
                (story.desk.sandbox.world().channels_in(TICKETS).len() == 2).then_some(())
            })
            .await;
            first.kill().await;
            let began = Instant::now();
            story.now_runs(Arc::clone(&second));
            // Written while nobody listens.
            let missed = story.say(MIA, ticket, "Anybody there?", Some(b"a file"));
            second.bot_is("connected").await;
            assert!(began.elapsed() < TAKEOVER, "it took {:?}", began.elapsed());
            missed
        };
        let (other, missed) = tokio::join!(opening, killed);
        story.archived(ticket, missed, 1).await;
        story.say(NOAH, other, "Me too", None);
        story.claim(ticket).await;
        story.close(ticket).await;
        story.settle().await;
        assert_eq!(identifies(&story.desk), 2);
        all_is_well(&story.desk).await;
        transcript_is_true(&story.desk, ticket, b"a file").await;
        second.stop().await;
    });
    futures::future::join_all(both).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_stops_hands_over_at_once() {
    let both = engines().into_iter().map(|engine| async move {
        let desk = Desk::new(engine.store().await).await;
        let story = Story::begin_watched(desk, &[]).await;
        let first = story.program();
        first.bot_is("connected").await;
        let second = Arc::new(story.desk.start(&[]).await);
        second.bot_is("elsewhere").await;
        let ticket = story.open(MIA).await;

        // A client that has begun a request and says no more must not hold the program up.
        let address = first.web.strip_prefix("http://").unwrap();
        let mut idle = tokio::net::TcpStream::connect(address).await.unwrap();
        let head = b"POST /auth/login HTTP/1.1\r\nhost: localhost\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut idle, head).await.unwrap();

        let told = Instant::now();
        let stopping = async {
            first.stop().await;
            assert!(told.elapsed() < STOP, "it took {:?}", told.elapsed());
        };
        // The other does not wait for the end of the first's last requests, nor for that of its lease.
        let taking_over = async {
            second.bot_is("connected").await;
            assert!(told.elapsed() < HANDOVER, "it took {:?}", told.elapsed());
        };
        tokio::join!(stopping, taking_over);
        story.now_runs(Arc::clone(&second));

        story.claim(ticket).await;
        story.open(NOAH).await;
        story.settle().await;
        assert_eq!(identifies(&story.desk), 2);
        all_is_well(&story.desk).await;
        let sessions = story.desk.sandbox.world().sessions_of(APPLICATION).count();
        assert!(sessions <= 2);
        second.stop().await;
    });
    futures::future::join_all(both).await;
}
