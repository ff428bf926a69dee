//! What the policies promise of the running program's edge: what it asks for, what it sets, and what it forgets.

use futures::StreamExt as _;
use sandbox::world::example::{GENERAL, HARBOUR_LIGHTS, MIA, OLIVIA};

use crate::browser::{Browser, OWN, SESSION, TRANSACTION};
use crate::desk::{Desk, Engine, engines};
use crate::silence::{everything_kept, holds};
use crate::story::Story;
use crate::wait::until;

async fn desk() -> Desk {
    Desk::new(Engine::Sqlite.store().await).await
}

#[tokio::test]
async fn the_sign_in_asks_who_somebody_is_and_for_their_servers_and_nothing_else() {
    let desk = desk().await;
    let program = desk.start(&[]).await;
    let there: url::Url = Browser::new(&program).begin_sign_in("/").await.parse().unwrap();
    let asked: Vec<_> = there.query_pairs().filter(|(name, _)| name == "scope").collect();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].1, "identify guilds");
    program.stop().await;
}

/// Every address that can be asked for, from the routes themselves, with things in place of their names.
fn addresses() -> Vec<String> {
    let sources = [
        include_str!("../../src/http/mod.rs"),
        include_str!("../../src/http/webhooks.rs"),
        include_str!("../../src/http/readiness.rs"),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../app/src/forms/mod.rs")),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../app/src/pages/mod.rs")),
    ];
    let quoted = |line: &str, before: &str| {
        let (_, rest) = line.split_once(before)?;
        Some(rest.split('"').next().unwrap_or_default().to_owned())
    };
    let mut all: Vec<String> = sources
        .iter()
        .flat_map(|source| source.lines())
        .filter_map(|line| {
            let path = quoted(line, ".route(\"").or_else(|| quoted(line, ".route_service(\""));
            path.or_else(|| quoted(line, "path!(\"").map(|path| format!("/{path}")))
        })
        .map(|path| {
            let parts = path.split('/').map(|part| match part.trim_matches([':', '{', '}']) {
                "guild" => HARBOUR_LIGHTS.to_string(),
                name if name != part => "0193b3c4-5d6e-7f80-9123-456789abcdef".to_owned(),
                _ => part.to_owned(),
            });
            parts.collect::<Vec<_>>().join("/")
        })
        .collect();
    all.extend(["/pkg/wardesk.css", "/pkg/none.js", "/no/such/page", "//x"].map(str::to_owned));
    all.sort();
    all.dedup();
    assert!(all.len() > 50, "{all:?}");
    all
}

/// Asks for every address, signed in and not, by every method; gives each answer to `look`.
async fn everywhere(
    desk: &Desk,
    settings: &[(&str, &str)],
    mut look: impl FnMut(&str, &crate::browser::Answer),
) {
    desk.set_up().await;
    let program = desk.start(settings).await;
    let mut owner = Browser::new(&program);
    look("the way back", &owner.sign_in(&desk.sandbox, OLIVIA).await);
    let mut nobody = Browser::new(&program);
    let live = ["/export/live", "/live"];
    for path in addresses().iter().filter(|path| !live.iter().any(|end| path.ends_with(end))) {
        for method in ["GET", "POST", "PUT"] {
            for headers in [OWN, &[]] {
                let answer = nobody.ask(method, path, headers, "action=none").await;
                look(&format!("{method} {path}"), &answer);
            }
            // Signing out comes last: afterwards nobody is signed in.
            let ends = ["/auth/logout", "/account/sessions", "/account/privacy"];
            if method == "GET" || !ends.iter().any(|end| path.starts_with(end)) {
                let answer = owner.ask(method, path, OWN, "action=none").await;
                look(&format!("{method} {path}, signed in"), &answer);
            }
        }
    }
    look("signing out", &owner.post("/auth/logout", "").await);
    program.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_insists_on_https_and_loads_nothing_from_others() {
    let mut statuses = std::collections::BTreeSet::new();
    everywhere(&desk().await, &[], |place, answer| {
        statuses.insert(answer.status);
        let https = answer.header("strict-transport-security");
        assert_eq!(https, "max-age=63072000; includeSubDomains", "{place}");
        let policy = answer.header("content-security-policy");
        for directive in policy.split(';') {
            for source in directive.split_whitespace().skip(1) {
                let own = matches!(
                    source,
                    "'self'" | "'none'" | "'strict-dynamic'" | "'wasm-unsafe-eval'"
                );
                assert!(own || source.starts_with("'nonce-"), "{place}: {directive}");
            }
        }
        assert!(
            policy.contains("default-src 'none'") || policy.contains("sandbox"),
            "{place}: {policy}"
        );
    })
    .await;
    for status in [200, 303, 403, 404, 405] {
        assert!(statuses.contains(&status), "{status} was not met: {statuses:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_are_two_cookies_and_each_is_locked_down() {
    let mut found = std::collections::BTreeSet::new();
    everywhere(&desk().await, &[], |place, answer| {
        for cookie in answer.cookies() {
            let mut parts = cookie.split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let mut attributes: Vec<&str> = parts.collect();
            attributes
                .retain(|part| !part.starts_with("Max-Age=") && !part.starts_with("Expires="));
            attributes.sort_unstable();
            let same_site = match name {
                SESSION => "SameSite=Strict",
                // Discord sends the browser back, so that it has to come along (C12).
                TRANSACTION => "SameSite=Lax",
                other => panic!("{place} sets {other}"),
            };
            assert_eq!(
                attributes,
                ["HttpOnly", "Path=/", same_site, "Secure"],
                "{place}: {cookie}"
            );
            let seconds = cookie.split("Max-Age=").nth(1).and_then(|rest| rest.split(';').next());
            let seconds: i64 = seconds.expect("it ends").parse().unwrap();
            // Taken back with what it was given with, or a browser keeps it.
            let most = match name {
                _ if value.is_empty() => 0,
                SESSION => 7 * 24 * 3600,
                _ => 600,
            };
            assert!((0..=most).contains(&seconds), "{place}: {cookie}");
            found.insert((name.to_owned(), value.is_empty()));
        }
    })
    .await;
    assert_eq!(found.len(), 4, "both are given and taken back: {found:?}");
}

#[tokio::test]
async fn a_field_that_a_form_does_not_have_is_refused_and_nothing_is_saved() {
    let desk = desk().await;
    let panel = desk.set_up().await;
    let program = desk.start(&[]).await;
    let mut owner = Browser::new(&program);
    owner.sign_in(&desk.sandbox, OLIVIA).await;
    let entries = "SELECT COUNT(*) FROM audit_log";
    let before = desk.count(entries).await;
    let settings = format!("/servers/{HARBOUR_LIGHTS}/settings");
    let panel = format!("/servers/{HARBOUR_LIGHTS}/panels/{panel}");
    // The program serves before Discord has told it of its servers.
    until("the server's page", async || (owner.get(&settings).await.status == 200).then_some(()))
        .await;
    for (path, field) in
        [(&settings, "email"), (&panel, "panel_email"), (&panel, "question_99_label")]
    {
        let answer = owner.post(path, &format!("revision=1&{field}=canary%40example.org")).await;
        assert_eq!(answer.status, 422, "{path} {field}");
    }
    assert_eq!(desk.count(entries).await, before);
    program.stop().await;
}

#[tokio::test]
async fn a_database_elsewhere_is_taken_by_verified_tls_alone() {
    let desk = desk().await;
    for setting in ["WARDESK_DATABASE_URL", "WARDESK_KEYS_URL"] {
        let url = "postgres://wardesk:canary-password@db.invalid/wardesk?sslmode=require";
        let settings = desk.settings(&[(setting, url)]);
        let folder = desk.store.folder.path();
        let program = crate::program::Program::launch(folder, &settings, &["serve"]);
        let code = program.end().await.code();
        assert_eq!(code, Some(2), "{setting}: {}", program.log());
        assert!(program.log().contains("sslmode=verify-full"), "{setting}: {}", program.log());
        assert!(!program.log().contains("canary-password"), "{setting}");
    }
    // Without a setting it is a file on this machine, and so are the keys.
    let mut settings = desk.settings(&[]);
    settings.retain(|(name, _)| !name.ends_with("_URL") || name == "WARDESK_PUBLIC_URL");
    let folder = desk.store.folder.path();
    let program = crate::program::Program::launch(folder, &settings, &["config", "check"]);
    assert_eq!(program.end().await.code(), Some(0), "{}", program.log());
    for (name, file) in [("WARDESK_DATABASE_URL", "wardesk.db"), ("WARDESK_KEYS_URL", "keys.db")] {
        let line = program.lines().into_iter().find(|line| line.contains(name)).unwrap();
        assert!(line.contains("sqlite://") && line.contains(file), "{line}");
    }
}

const CANARY: &str = "canary-elsewhere-40c1";
const NAME: &str = "canary-elsewhere-file-77d2";

/// Says something in a channel that is no ticket; now and then with a file.
fn say_elsewhere(story: &Story, number: u32) {
    let mut world = story.desk.sandbox.world();
    if number.is_multiple_of(50) {
        let name = format!("{NAME}.log");
        world.send_file(MIA, GENERAL, CANARY, &name, CANARY).unwrap();
    } else {
        world.say(MIA, GENERAL, &format!("{CANARY} {number}")).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_elsewhere_is_nowhere() {
    for engine in engines() {
        let story =
            Story::begin(Desk::new(engine.store().await).await, &[("RUST_LOG", "debug")]).await;
        let ticket = story.open(MIA).await;
        let first = story.say(MIA, ticket, "The first word", None);
        story.archived(ticket, first, 1).await;
        let before = rows(&story.desk).await;
        for number in 0..1_000 {
            say_elsewhere(&story, number);
            if number % 100 == 99 {
                // What comes after them in the ticket is kept: they were heard, and passed over.
                let heard = story.say(MIA, ticket, "Heard", None);
                story.archived(ticket, heard, 1).await;
            }
        }
        assert_eq!(rows(&story.desk).await, before + 10, "{}", engine.name());
        let log = story.program().log();
        story.stop().await;
        let kept = everything_kept(&story.desk).await;
        for word in [CANARY, NAME] {
            assert!(!log.contains(word), "{word} is in the log");
            let found: Vec<_> = kept.iter().filter(|(_, bytes)| holds(bytes, word)).collect();
            assert!(found.is_empty(), "{word} is kept in {:?}", found[0].0);
        }
    }
}

/// Rows of messages, files and transcripts.
async fn rows(desk: &Desk) -> i64 {
    desk.count(
        "SELECT (SELECT COUNT(*) FROM archive_messages) + (SELECT COUNT(*) FROM attachments) +
                (SELECT COUNT(*) FROM transcripts)",
    )
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_addresses_leave_no_trace() {
    const REQUESTS: u32 = 10_000;
    const ONE_NETWORKS: u32 = 600;
    let desk = desk().await;
    let settings = [("WARDESK_TRUSTED_PROXIES", "127.0.0.1"), ("RUST_LOG", "debug")];
    let program = desk.start(&settings).await;
    let shared = format!("/shared/{}", "A".repeat(43));
    let asked = futures::stream::iter(0..REQUESTS).map(|number| {
        // Documentation addresses would be too few: these are of a network that nobody else here has.
        let [_, high, middle, low] = number.to_be_bytes();
        let (v4, v6) =
            (format!("11.{high}.{middle}.{low}"), format!("2001:db8:{number:x}:7::{number:x}"));
        let from = match number % 3 {
            // The first are one network's, which is refused soon, however slow this machine is.
            _ if number < ONE_NETWORKS => "11.0.0.9".to_owned(),
            0 => v4,
            1 => v6,
            // What stands before is the client's own word.
            _ => format!("203.0.113.77, {v4}"),
        };
        let path = match number % 10 {
            _ if number < ONE_NETWORKS => "/auth/callback?of=one",
            0 => "/auth/callback",
            1 => shared.as_str(),
            _ => "/livez",
        };
        let request = program.http.get(format!("{}{path}", program.web));
        request.header("x-forwarded-for", from).header("forwarded", "for=203.0.113.77").send()
    });
    let mut statuses = std::collections::BTreeMap::<u16, u32>::new();
    let mut answers = asked.buffer_unordered(32);
    while let Some(answer) = answers.next().await {
        *statuses.entry(answer.unwrap().status().as_u16()).or_default() += 1;
    }
    drop(answers);
    assert_eq!(statuses.values().sum::<u32>(), REQUESTS);
    assert!(statuses.contains_key(&429), "some were refused for being too many: {statuses:?}");
    let log = program.log();
    program.stop().await;
    let kept = everything_kept(&desk).await;
    // The same in one go: an address of each family is enough to find all.
    for mark in ["11.0.", "2001:db8:", "203.0.113.77"] {
        assert!(!log.contains(mark), "{mark} is in the log");
        let found: Vec<_> = kept.iter().filter(|(_, bytes)| holds(bytes, mark)).collect();
        assert!(found.is_empty(), "{mark} is kept in {:?}", found[0].0);
    }
}
