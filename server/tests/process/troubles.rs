//! Discord refuses the bot, and the rest works on; the bot was away, and nothing is missed.

use domain::locale::Locale;
use sandbox::faults::{Fault, FaultKind};
use sandbox::gateway::session::Session;
use sandbox::world::example::{APPLICATION, HARBOUR_LIGHTS, MIA, OLIVIA, SAM};
use words::Words;

use crate::browser::Browser;
use crate::desk::{Desk, Engine, engines};
use crate::program::Program;
use crate::record::{all_is_well, transcript, transcript_is_true};
use crate::story::Story;
use crate::wait::until;

const WORDS: Words = Words::new(Locale::En);

/// The pages are served, and both `/readyz` and the page about the installation say how the bot is.
async fn serves_and_says(program: &Program, state: &str, words: &str) {
    program.bot_is(state).await;
    let (status, said) = program.readiness().await.unwrap();
    assert_eq!(status, 200, "{said}");
    assert_eq!(said["ready"], true);
    let mut browser = Browser::new(program);
    let page = browser.get("/status").await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains(words), "{state}: {}", page.text);
    assert_eq!(browser.get("/").await.status, 200);
}

/// The owner signs in and reads on the server's page what is wrong.
async fn the_owner_reads(desk: &Desk, program: &Program, status: u16, words: &str) {
    let mut olivia = Browser::new(program);
    olivia.sign_in(&desk.sandbox, OLIVIA).await;
    let page = olivia.get(&format!("/servers/{HARBOUR_LIGHTS}")).await;
    assert_eq!(page.status, status, "{}", page.text);
    assert!(page.text.contains(words), "{}", page.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fatal_closes_stop_the_bot_and_nothing_else() {
    let missing_intents = WORDS.accounts_status_missing_intents();
    let fatal = [
        (4004, 1, "bad_token", WORDS.accounts_status_bad_token()),
        // The bot tries once more without members, and once without the content of messages; without the rest it
        // cannot work.
        (4014, 3, "missing_intent", missing_intents),
        (4013, 1, "refused", WORDS.accounts_status_refused()),
    ];
    for (code, tries, state, words) in fatal {
        let desk = Desk::new(Engine::Sqlite.store().await).await;
        let program = desk.start(&[]).await;
        for attempt in 1..=tries {
            until("the bot is connected", async || {
                let world = desk.sandbox.world();
                let connected = world.sessions_of(APPLICATION).any(Session::is_connected);
                (connected && world.gateway.identifies == attempt).then_some(())
            })
            .await;
            program.bot_is("connected").await;
            if code == 4004 {
                desk.sandbox.world().set_token_revoked(APPLICATION, true);
            } else {
                desk.sandbox.world().close_sessions(APPLICATION, code, |_| true);
            }
        }
        serves_and_says(&program, state, words).await;
        if code != 4004 {
            the_owner_reads(&desk, &program, 200, words).await;
        }
        assert_eq!(desk.sandbox.world().gateway.identifies, tries, "{code} was retried");
        program.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_wrong_token_the_pages_work() {
    let desk = Desk::new(Engine::Sqlite.store().await).await;
    // The bot was here once.
    let program = desk.start(&[]).await;
    program.bot_is("connected").await;
    until("the server is noted", async || {
        (desk.count("SELECT COUNT(*) FROM installations").await == 1).then_some(())
    })
    .await;
    program.stop().await;
    let program = desk.start(&[("DISCORD_TOKEN", "an-old-token")]).await;
    let words = WORDS.accounts_status_bad_token();
    serves_and_says(&program, "bad_token", words).await;
    // Nobody can be known as the owner without Discord; why it cannot be asked is said in place of the page.
    the_owner_reads(&desk, &program, 503, words).await;
    assert!(!program.log().contains("an-old-token"));
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_message_content_tickets_work() {
    let both = engines().into_iter().map(|engine| async move {
        let desk = Desk::new(engine.store().await).await;
        let mut privileged = desk.sandbox.world().application(APPLICATION).unwrap().privileged;
        privileged.message_content = false;
        desk.sandbox.world().set_privileged_intents(APPLICATION, privileged);
        let story = Story::begin(desk, &[]).await;
        let program = story.program();
        serves_and_says(&program, "connected", WORDS.accounts_status_degraded()).await;
        let ticket = story.open(MIA).await;
        let secret = story.say(MIA, ticket, "The bot cannot read this", None);
        story.archived(ticket, secret, 1).await;
        story.claim(ticket).await;
        story.close(ticket).await;
        story.settle().await;
        all_is_well(&story.desk).await;
        let kept = transcript(&story.desk, ticket).await;
        let entry = kept.iter().find(|e| e.message.id.get() == secret.0).expect("it is listed");
        assert_eq!(entry.message.content, "");
        let mut mia = Browser::new(&program);
        mia.sign_in(&story.desk.sandbox, MIA).await;
        let page = mia.get(&format!("/transcripts/{}", ticket.ticket)).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains(WORDS.transcripts_content_unavailable()), "{}", page.text);
        story.stop().await;
    });
    futures::future::join_all(both).await;
}

/// Content taken away while the bot runs: Discord closes with 4014.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn message_content_taken_away_degrades() {
    let desk = Desk::new(Engine::Sqlite.store().await).await;
    let story = Story::begin(desk, &[]).await;
    let program = story.program();
    program.bot_is("connected").await;
    let ticket = story.open(MIA).await;
    let before = story.say(MIA, ticket, "Readable", None);
    story.archived(ticket, before, 1).await;
    {
        let mut world = story.desk.sandbox.world();
        let mut privileged = world.application(APPLICATION).unwrap().privileged;
        privileged.message_content = false;
        world.set_privileged_intents(APPLICATION, privileged);
    }
    until("the bot is back without content", async || {
        let (_, said) = program.readiness().await?;
        (said["bot"] == "connected" && said["content_available"] == false).then_some(())
    })
    .await;
    story.claim(ticket).await;
    story.close(ticket).await;
    story.settle().await;
    all_is_well(&story.desk).await;
    let kept = transcript(&story.desk, ticket).await;
    let entry = kept.iter().find(|e| e.message.id.get() == before.0).expect("it is listed");
    assert_eq!(entry.message.content, "Readable", "what was read before is kept");
    story.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_written_meanwhile_is_read_back() {
    let both = engines().into_iter().map(|engine| async move {
        let desk = Desk::new(engine.store().await).await;
        let story = Story::begin_watched(desk, &[]).await;
        let ticket = story.open(MIA).await;
        let before = story.say(MIA, ticket, "Before", None);
        story.archived(ticket, before, 1).await;
        story.stop().await;
        let missed = story.say(MIA, ticket, "While you were away", Some(b"a file"));
        let answer = story.say(SAM, ticket, "It is not there", None);
        // The bot comes back slowly, and somebody writes before it has read up.
        let slow = Fault::new(FaultKind::Delay { ms: 1_500 });
        let slow = slow.on("PUT", "/applications/{application_id}/commands").times(1);
        story.desk.sandbox.world().faults.add(slow);
        story.now_runs(std::sync::Arc::new(story.desk.start(&[]).await));
        story.program().bot_is("connected").await;
        let after = story.say(MIA, ticket, "There you are", None);
        story.archived(ticket, after, 1).await;
        // While the ticket is open, not only when it closes.
        story.archived(ticket, missed, 1).await;
        story.archived(ticket, answer, 1).await;
        story.claim(ticket).await;
        story.close(ticket).await;
        story.settle().await;
        all_is_well(&story.desk).await;
        transcript_is_true(&story.desk, ticket, b"a file").await;
        story.stop().await;
    });
    futures::future::join_all(both).await;
}
