//! A program that lost a part ends, and says which: a service manager starts it anew.

use sandbox::world::example::{GENERAL, MIA};
use wardesk_core::failpoints::parts;

use crate::desk::{Desk, Engine};
use crate::program::Program;
use crate::wait::until;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_program_that_lost_a_part_ends_with_an_error() {
    // What `panic` alone says would end the whole process at once, as in a power cut.
    let losses = [
        (parts::OUTBOX, "return", "outbox"),
        (parts::OUTBOX, "panic(lost)", "outbox"),
        (parts::RETENTION, "return", "retention"),
        (parts::ATTACHMENTS, "panic(lost)", "attachments"),
        // A part of the gateway ends the gateway.
        (parts::ARCHIVE, "panic(lost)", "gateway"),
    ];
    for (point, action, part) in losses {
        let desk = Desk::new(Engine::Sqlite.store().await).await;
        desk.set_up().await;
        let points = format!("{point}={action}");
        let settings = desk.settings(&[("FAILPOINTS", &points)]);
        let program = Program::launch(desk.store.folder.path(), &settings, &["serve"]);
        // There is always something to archive, whenever the gateway begins to listen.
        until("the program ends", async || {
            desk.sandbox.world().say(MIA, GENERAL, "Anybody there?").unwrap();
            program.has_ended().then_some(())
        })
        .await;
        let status = program.end().await;
        assert_eq!(status.code(), Some(1), "{points}: {status}:\n{}", program.log());
        let said = format!("{part} ended unexpectedly");
        assert!(program.log().contains(&said), "{points}:\n{}", program.log());
        assert!(program.log().contains("\"message\":\"stopped\""), "{points} in good order");
    }
}
