//! The program is killed at every place of an erasure, of the removal of a server that the bot left, and of the hourly
//! sweep, and is started again: what was to go is gone, and nothing else is.

use domain::guilds::GuildSettings;
use domain::ids::GuildId;
use domain::transcripts::Retention;
use sandbox::world::example::{
    APPLICATION, HARBOUR_LIGHTS, MIA, NOAH, OLIVIA, QUIET_CORNER, QUIET_GENERAL,
};
use wardesk_core::failpoints::{clearing, erasing, keeping, sweeping};
use wardesk_core::privacy::erase;
use wardesk_core::tickets::panels;
use wardesk_core::{guilds, transcripts};

use crate::browser::{Browser, SESSION};
use crate::deaths::{self, Armed};
use crate::desk::{Desk, Engine, engines, guild, panel_in, user};
use crate::lives::all_end_well;
use crate::program::Program;
use crate::record;
use crate::story::{Opened, Story};
use crate::traces::{HIS, Traces, erased_are, lines, the_chain_is_whole};
use crate::wait::until;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A place, and how often it is passed before the death: where it is the only one of the life, and where the program
/// died at those above it already.
type Place = (&'static str, usize, usize);

/// First what the service itself keeps is erased, then what is kept on the server.
const ERASING: &[Place] = &[
    (erasing::ASK_BEFORE_COMMIT, 0, 0),
    (erasing::LIST_BEFORE_COMMIT, 0, 0),
    (erasing::LIST_AFTER_COMMIT, 0, 0),
    (erasing::NOTE_AFTER_KEYS, 0, 0),
    (erasing::BEFORE_DESTROY, 0, 0),
    (erasing::AFTER_DESTROY, 0, 0),
    (erasing::ROWS_BEFORE_COMMIT, 0, 0),
    (erasing::ROWS_AFTER_COMMIT, 0, 0),
    (erasing::CLOSE_BEFORE_COMMIT, 0, 0),
    (erasing::BEFORE_DESTROY, 1, 0),
    (erasing::AFTER_DESTROY, 1, 0),
    (erasing::ROWS_BEFORE_COMMIT, 60, 0),
    (erasing::ROWS_AFTER_COMMIT, 60, 5),
    (erasing::CHAIN_BEFORE_COMMIT, 0, 0),
    (erasing::CHAIN_AFTER_COMMIT, 0, 0),
    (erasing::END_BEFORE_COMMIT, 0, 0),
    (erasing::END_AFTER_COMMIT, 0, 0),
];

const CLEARING: &[Place] = &[
    (clearing::TICKET_BEFORE_COMMIT, 0, 0),
    (clearing::TICKET_AFTER_COMMIT, 0, 0),
    (clearing::ROWS_BEFORE_COMMIT, 3, 3),
    (clearing::ROWS_AFTER_COMMIT, 0, 0),
    (keeping::BLOB_AFTER_DELETE, 0, 0),
    (clearing::KEYS_AFTER_DESTROY, 0, 0),
    (clearing::FINISH_BEFORE_COMMIT, 0, 0),
];

const SWEEPING: &[Place] = &[
    (sweeping::AFTER_LEASE, 0, 0),
    (sweeping::AFTER_RULE, 0, 0),
    (keeping::REMOVE_BEFORE_COMMIT, 0, 0),
    (keeping::REMOVE_AFTER_COMMIT, 0, 0),
    (sweeping::AFTER_EXPIRED, 0, 0),
    (keeping::BLOB_AFTER_DELETE, 0, 0),
    (sweeping::BEFORE_END, 0, 0),
];

/// The deaths of a life at all places, one after the other.
fn all(places: &[Place]) -> Vec<Armed> {
    places.iter().map(|&(point, _, passes)| Armed { point, passes }).collect()
}

/// Lives of one death each, for every place.
fn each(places: &[Place]) -> Vec<Vec<Armed>> {
    places.iter().map(|&(point, passes, _)| vec![Armed { point, passes }]).collect()
}

/// Kills the program, starts it for each death, and does `act` until it dies; at last it lives on. `settings` are those
/// of each start.
async fn die(
    desk: &Desk,
    program: &Program,
    settings: &[(&str, &str)],
    deaths: &[Armed],
    act: impl AsyncFn(&Program),
) -> Program {
    deaths::kill(program).await;
    for armed in deaths {
        let program = deaths::start(desk, settings, Some(*armed)).await;
        let about = format!("{armed:?} on {}", desk.store.engine);
        until(&format!("the program dies at {about}"), async || {
            if !program.has_ended() {
                act(&program).await;
            }
            program.has_ended().then_some(())
        })
        .await;
        armed.was_met(&program, &about).await;
    }
    deaths::start(desk, settings, None).await
}

/// Mia asks to be erased, with the session that she has.
async fn ask_for_erasure(program: &Program, session: &str) {
    let url = format!("{}/account/privacy/erase", program.web);
    let form = "application/x-www-form-urlencoded";
    let mut request = program.http.post(url).header("content-type", form);
    for (name, value) in crate::browser::OWN {
        request = request.header(*name, *value);
    }
    let request = request.header("cookie", format!("{SESSION}={session}"));
    // It may die while it answers.
    let _ = request.body("understood=on").send().await;
}

async fn erase_with(engine: &Engine, deaths: Vec<Armed>) {
    let traces = Traces::left_on(Desk::new(engine.store().await).await).await;
    let desk = traces.desk();
    assert!(traces.are_gone().await.is_err(), "the search finds nothing at all");
    let first = traces.story.program();
    // Once it was noted, nobody has to ask again: her session is gone, and the program goes on by itself.
    let asked = std::cell::Cell::new(false);
    let ask = async |program: &Program| {
        let under_way = erase::state_of(&desk.w, user(MIA)).await.unwrap().is_some();
        asked.set(asked.get() || under_way || lines(desk).await > 0);
        if !asked.get() {
            ask_for_erasure(program, &traces.session).await;
        }
    };
    let program = die(desk, &first, &[], &deaths, &ask).await;
    until("she is erased, and nothing of hers is found", async || {
        ask(&program).await;
        let left = erase::state_of(&desk.w, user(MIA)).await.unwrap();
        (asked.get() && left.is_none() && traces.are_gone().await.is_ok()).then_some(())
    })
    .await;
    // It dies once more, and so does not tidy up.
    deaths::kill(&program).await;
    assert_eq!(traces.are_gone().await, Ok(()));
    traces.leave_others_alone().await;
    the_chain_is_whole(desk).await;
    erased_are(desk, 1).await;
    let noted = "SELECT COUNT(*) FROM audit_log WHERE action = 'privacy.erased'";
    assert_eq!(desk.count(noted).await, 1, "the audit log says it once");
}

/// The objects of files.
fn objects(desk: &Desk) -> usize {
    let mut found = 0;
    let mut folders = vec![desk.store.blobs.clone()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                found += 1;
            }
        }
    }
    found
}

/// A ticket with a file that is closed.
async fn closed(story: &Story, person: sandbox::id::Id, word: &str) -> Opened {
    let ticket = story.open(person).await;
    let said = story.say(person, ticket, word, Some(word.repeat(50).as_bytes()));
    story.archived(ticket, said, 1).await;
    story.close(ticket).await;
    story.settle().await;
    ticket
}

/// The sandbox's clock as a setting.
fn clock(desk: &Desk) -> String {
    format!("{}/control/clock", desk.sandbox.base_url())
}

async fn clear_with(engine: &Engine, deaths: Vec<Armed>) {
    let desk = Desk::new(engine.store().await).await;
    let clock = clock(&desk);
    let settings = [("WARDESK_SANDBOX_CLOCK", clock.as_str())];
    {
        // A second server, on which the bot stays.
        let mut world = desk.sandbox.world();
        let permissions = sandbox::world::example::BOT_PERMISSIONS;
        world.add_bot(OLIVIA, QUIET_CORNER, APPLICATION, permissions).unwrap();
    }
    let story = Story::begin_watched(desk, &settings).await;
    let desk = &story.desk;
    story.program().bot_is("connected").await;
    let quiet: GuildId = QUIET_CORNER.to_string().parse().unwrap();
    story
        .until("both servers are known", async |desk| {
            (desk.count("SELECT COUNT(*) FROM installations").await == 2).then_some(())
        })
        .await;
    let owner = desk.owner_of(quiet).await;
    panels::create(&owner, panel_in(QUIET_GENERAL)).await.unwrap();
    let scope = storage::KeyScope::server(quiet);
    desk.store.store.keys().seal(&scope, b"test", b"words").await.unwrap();
    closed(&story, MIA, "canary-cleared-4d4d").await;
    assert!(objects(desk) > 0, "there is no file");
    desk.sandbox.world().remove_bot(OLIVIA, HARBOUR_LIGHTS, APPLICATION).unwrap();
    story
        .until("it is noted that the bot is gone", async |desk| {
            let left = "SELECT COUNT(*) FROM installations WHERE left_at IS NOT NULL";
            (desk.count(left).await == 1).then_some(())
        })
        .await;
    let first = story.program();
    deaths::kill(&first).await;
    desk.sandbox.world().advance(30 * DAY + HOUR);
    let program = die(desk, &first, &settings, &deaths, async |_: &Program| {}).await;
    until("the server is forgotten", async || {
        let known = "SELECT COUNT(*) FROM installations";
        (desk.count(known).await == 1).then_some(())
    })
    .await;
    deaths::kill(&program).await;
    for table in
        ["guild_settings", "tickets", "panels", "domain_events", "ticket_people", "guild_counters"]
    {
        let text = format!("SELECT COUNT(*) FROM {table} WHERE guild_id = $1");
        let left: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(text))
            .bind(guild().get())
            .fetch_one(desk.store.store.read())
            .await
            .unwrap();
        assert_eq!(left, 0, "{table}");
    }
    let keys = desk.store.store.keys();
    assert_eq!(keys.count_of_guild(guild()).await.unwrap(), 0, "keys of the server");
    assert_eq!(objects(desk), 0, "files of the server");
    let files = "SELECT (SELECT COUNT(*) FROM attachments) + (SELECT COUNT(*) FROM blob_removals)";
    assert_eq!(desk.count(files).await, 0, "rows of files");
    // The other server has everything.
    assert_eq!(panels::list(&owner).await.unwrap().len(), 1, "the panel of the other server");
    assert_eq!(keys.count_of_guild(quiet).await.unwrap(), 1, "its key");
}

async fn sweep_with(engine: &Engine, deaths: Vec<Armed>) {
    let desk = Desk::new(engine.store().await).await;
    let clock = clock(&desk);
    let settings = [("WARDESK_SANDBOX_CLOCK", clock.as_str())];
    let story = Story::begin_watched(desk, &settings).await;
    let desk = &story.desk;
    let goes = closed(&story, MIA, "canary-swept-aa01").await;
    let files_that_go = objects(desk);
    let held = closed(&story, NOAH, HIS).await;
    let files_that_stay = objects(desk) - files_that_go;
    assert!(files_that_go > 0 && files_that_stay > 0, "there are no files");
    let first = story.program();
    let mut browser = Browser::new(&first);
    browser.sign_in(&desk.sandbox, OLIVIA).await;
    drop(browser);
    let open = story.open(NOAH).await;
    let access = record::as_person(desk, held, OLIVIA).await;
    transcripts::hold::place(&access, "A court asks for it").await.unwrap();
    let owner = desk.owner().await;
    let seen = guilds::settings(&owner).await.unwrap();
    let new = GuildSettings { retention: Retention::Week, ..seen.settings };
    guilds::save_settings(&owner, new, seen.revision).await.unwrap();
    deaths::kill(&first).await;
    desk.sandbox.world().advance(8 * DAY);
    let program = die(desk, &first, &settings, &deaths, async |_: &Program| {}).await;
    until("the ticket is gone, and the sweep is over", async || {
        let left = "SELECT (SELECT COUNT(*) FROM tickets WHERE state = 'closed') +
                           (SELECT COUNT(*) FROM blob_removals) +
                           (SELECT COUNT(*) FROM sessions)";
        (desk.count(left).await == 1).then_some(())
    })
    .await;
    deaths::kill(&program).await;
    assert_eq!(objects(desk), files_that_stay, "the files that are held");
    let tickets: Vec<String> = sqlx::query_scalar("SELECT id FROM tickets ORDER BY number")
        .fetch_all(desk.store.store.read())
        .await
        .unwrap();
    assert_eq!(tickets, [held.ticket.to_string(), open.ticket.to_string()], "{}", goes.ticket);
    let kept = record::transcript(desk, held).await;
    assert!(kept.iter().any(|entry| entry.message.content == HIS), "what is held can be read");
    the_chain_is_whole(desk).await;
}

/// Which of the three.
#[derive(Debug, Clone, Copy)]
enum Job {
    Erasure,
    Clearing,
    Sweep,
}

impl Job {
    const ALL: [Self; 3] = [Self::Erasure, Self::Clearing, Self::Sweep];

    const fn places(self) -> &'static [Place] {
        match self {
            Self::Erasure => ERASING,
            Self::Clearing => CLEARING,
            Self::Sweep => SWEEPING,
        }
    }

    async fn with(self, engine: &Engine, deaths: Vec<Armed>) {
        match self {
            Self::Erasure => erase_with(engine, deaths).await,
            Self::Clearing => clear_with(engine, deaths).await,
            Self::Sweep => sweep_with(engine, deaths).await,
        }
    }
}

#[test]
fn every_place_is_in_a_list() {
    let there = |all: &[&str], places: &[Place]| {
        let missing: Vec<&str> =
            all.iter().copied().filter(|point| places.iter().all(|(at, ..)| at != point)).collect();
        assert_eq!(missing, [] as [&str; 0]);
    };
    there(erasing::ALL, ERASING);
    there(clearing::ALL, CLEARING);
    there(sweeping::ALL, SWEEPING);
    there(
        &[keeping::REMOVE_BEFORE_COMMIT, keeping::REMOVE_AFTER_COMMIT, keeping::BLOB_AFTER_DELETE],
        SWEEPING,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn erasing_clearing_and_sweeping_end_the_same_however_often_the_program_is_killed() {
    let engines = engines();
    let lives = Job::ALL.into_iter().flat_map(|job| {
        engines.iter().map(move |engine| {
            let name = format!("{job:?} on {}", engine.name());
            (name, job.with(engine, all(job.places())))
        })
    });
    all_end_well(lives).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: ./test --long runs it (2026-11-22)"]
async fn erasing_clearing_and_sweeping_end_the_same_wherever_the_program_is_killed() {
    let engines = engines();
    let lives = Job::ALL.into_iter().flat_map(|job| {
        let deaths = each(job.places()).into_iter();
        deaths
            .flat_map(|deaths| {
                let engines: Vec<&Engine> = engines.iter().collect();
                engines.into_iter().map(move |engine| {
                    let name = format!("{job:?} with {deaths:?} on {}", engine.name());
                    (name, job.with(engine, deaths.clone()))
                })
            })
            .collect::<Vec<_>>()
    });
    all_end_well(lives).await;
}
