//! What is written down, counted and kept holds nothing readable that people said, no secret and no address.

use std::fmt::Write as _;

use sandbox::world::example::{BOT_TOKEN, CLIENT_SECRET, HARBOUR_LIGHTS, MIA, NOAH, OLIVIA, SAM};

use crate::browser::{Browser, SESSION};
use crate::desk::{Desk, engines};
use crate::story::{ANSWER, Story};

/// Words that nobody else would say. The last is the answer to the panel's question.
const SAID: [&str; 6] = [
    "canary-message-5d1f",
    "canary-edited-77ab",
    "canary-file-name-c0de",
    "canary-reason-91aa",
    "canary-bytes-of-a-file-3e0c",
    ANSWER,
];
/// Where the clients claim to be, and where one really is.
const ADDRESSES: [&str; 3] = ["203.0.113.77", "2001:db8::77", "127.0.0.2"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_and_metrics_hold_nothing_personal() {
    let both = engines().into_iter().map(|engine| async move {
        let desk = Desk::new(engine.store().await).await;
        // Every module, as loud as it can be.
        let story = Story::begin(desk, &[("RUST_LOG", "trace")]).await;
        let program = story.program();
        let world = || story.desk.sandbox.world();
        let ticket = story.open(MIA).await;
        let message = story.say(MIA, ticket, SAID[0], Some(SAID[4].as_bytes()));
        world()
            .send_file(MIA, ticket.channel, SAID[0], &format!("{}.log", SAID[2]), vec![1, 2, 3])
            .unwrap();
        story.archived(ticket, message, 1).await;
        story.edit(MIA, ticket, message, SAID[1]);
        story.archived(ticket, message, 2).await;
        story.claim(ticket).await;

        let mut secrets: Vec<String> = [BOT_TOKEN, CLIENT_SECRET].map(ToOwned::to_owned).into();
        let mut olivia = Browser::new(&program);
        let there = olivia.begin_sign_in("/").await;
        secrets.extend(olivia.cookies.values().cloned());
        let back =
            crate::browser::consent(&program, &story.desk.sandbox, &there, OLIVIA, "authorize")
                .await;
        let query: url::Url = back.parse().unwrap();
        secrets.extend(query.query_pairs().map(|(_, value)| value.into_owned()));
        olivia.come_back(&back).await;
        secrets.push(olivia.cookies[SESSION].clone());
        let from = [("x-forwarded-for", ADDRESSES[0]), ("forwarded", "for=\"[2001:db8::77]\"")];
        for path in ["/", "/status", "/account", &format!("/servers/{HARBOUR_LIGHTS}"), "/no/such"]
        {
            olivia.ask("GET", path, &from, "").await;
        }
        // From another address of this machine; and refused.
        let elsewhere =
            reqwest::Client::builder().local_address(std::net::IpAddr::from([127, 0, 0, 2]));
        let elsewhere = elsewhere.build().unwrap();
        let answer = elsewhere.get(format!("{}/status", program.web)).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let refused = elsewhere.post(format!("{}/account", program.web)).body(SAID[0]).send();
        assert_eq!(refused.await.unwrap().status(), 403);
        let form = format!("action=close&reason={}", SAID[3]);
        let path = format!("/servers/{HARBOUR_LIGHTS}/tickets/{}", ticket.ticket);
        assert_eq!(olivia.post(&path, &form).await.status, 303);
        story.settle().await;
        olivia.get(&format!("/transcripts/{}", ticket.ticket)).await;
        let bearers = story.desk.sandbox.world().bearer_tokens();
        assert!(!bearers.is_empty());
        secrets.extend(bearers);

        let metrics =
            program.http.get(format!("{}/metrics", program.metrics)).send().await.unwrap();
        assert_eq!(metrics.status(), 200);
        let metrics = metrics.text().await.unwrap();
        for wanted in
            ["http_requests_total", "wardesk_tickets_opened_total 1", "discord_rest_seconds"]
        {
            assert!(metrics.contains(wanted), "{wanted} is not counted");
        }
        // The numbers are not for everyone, and the pages are not beside them.
        assert_eq!(olivia.get("/metrics").await.status, 404);
        let other = program.http.get(format!("{}/status", program.metrics)).send().await.unwrap();
        assert_eq!(other.status(), 404);
        story.stop().await;
        let kept = everything_kept(&story.desk).await;

        let log = program.lines();
        assert!(log.len() > 50, "there is a log");
        assert!(log.iter().any(|line| line.contains("\"correlation\"")), "requests are numbered");
        let people = [MIA, NOAH, OLIVIA, SAM].map(|id| id.to_string());
        let nowhere: Vec<&str> =
            SAID.into_iter().chain(ADDRESSES).chain(secrets.iter().map(String::as_str)).collect();
        let leaks: Vec<String> = log
            .iter()
            .flat_map(|line| {
                let found = nowhere.iter().filter(|word| line.contains(**word));
                found.map(move |word| format!("{word}: {line}"))
            })
            .collect();
        assert!(
            leaks.is_empty(),
            "{} leaks:\n{}",
            leaks.len(),
            leaks[..leaks.len().min(15)].join("\n")
        );
        for word in &nowhere {
            let found: Vec<&String> = kept
                .iter()
                .filter(|(_, bytes)| holds(bytes, word))
                .map(|(place, _)| place)
                .collect();
            assert!(found.is_empty(), "{word} is readable in {found:?}");
        }
        // What is no secret is found there: the search works.
        let title = "Press the button.";
        assert!(kept.iter().any(|(_, bytes)| holds(bytes, title)), "nothing is found at all");
        for word in nowhere.into_iter().chain(people.iter().map(String::as_str)) {
            assert!(!metrics.contains(word), "{word} is counted:\n{metrics}");
        }
        assert!(!metrics.contains(&HARBOUR_LIGHTS.to_string()), "servers are counted by id");
    });
    futures::future::join_all(both).await;
}

/// Whether bytes hold a word, as it is or, as PostgreSQL shows bytes, in hexadecimal.
pub fn holds(bytes: &[u8], word: &str) -> bool {
    let mut hex = String::new();
    for byte in word.bytes() {
        write!(hex, "{byte:02x}").unwrap();
    }
    [word, &hex].iter().any(|form| bytes.windows(form.len()).any(|part| part == form.as_bytes()))
}

/// Every file of the desk, and every row of a database that is elsewhere, with the place.
pub async fn everything_kept(desk: &Desk) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut folders = vec![desk.store.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                all.push((path.display().to_string(), std::fs::read(path).unwrap()));
            }
        }
    }
    if desk.store.engine == "postgres" {
        let query = "SELECT CAST(table_name AS TEXT) FROM information_schema.tables
                     WHERE table_schema = current_schema()";
        let tables: Vec<String> =
            sqlx::query_scalar(query).fetch_all(desk.store.store.read()).await.unwrap();
        assert!(tables.len() > 10, "{tables:?}");
        for table in tables {
            let rows = format!("SELECT CAST(t AS TEXT) FROM {table} t");
            let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(rows))
                .fetch_all(desk.store.store.read())
                .await
                .unwrap();
            all.push((table, rows.join("\n").into_bytes()));
        }
    }
    all
}
