//! The edge as a stranger meets it: what is refused, how it is said, and that it is written down once.

use std::time::Duration;

use sandbox::world::example::{HARBOUR_LIGHTS, MIA, NOAH, OLIVIA, QUIET_CORNER};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::browser::{Browser, OWN, SESSION, TRANSACTION};
use crate::desk::{Desk, Engine, PUBLIC_URL};
use crate::program::Program;
use crate::story::Story;
use crate::wait::until;

async fn desk() -> Desk {
    Desk::new(Engine::Sqlite.store().await).await
}

/// How often a refusal for this reason was written down.
fn refusals(program: &Program, reason: &str) -> usize {
    let wanted = format!("\"reason\":\"{reason}\"");
    let said = |line: &&String| line.contains("a request was refused") && line.contains(&wanted);
    program.lines().iter().filter(said).count()
}

/// Waits until a refusal was written down so often, and not more.
async fn refused(program: &Program, reason: &str, times: usize) {
    until(&format!("{reason} is written down {times} times"), async || {
        (refusals(program, reason) >= times).then_some(())
    })
    .await;
    assert_eq!(refusals(program, reason), times, "{reason}");
}

/// The addresses that forms are sent to, from the routes themselves: none can be forgotten here.
fn form_addresses() -> Vec<String> {
    let sources = [
        include_str!("../../src/http/mod.rs"),
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../app/src/forms/mod.rs")),
    ];
    let found = sources.iter().flat_map(|source| {
        source.lines().filter_map(|line| {
            let rest = line.trim().strip_prefix(".route(\"")?;
            let (path, handler) = rest.split_once('"')?;
            handler.contains("post(").then(|| path.to_owned())
        })
    });
    let all: Vec<String> = found
        .map(|path| {
            path.replace("{guild}", &HARBOUR_LIGHTS.to_string())
                .replace("{panel}", "0193b3c4-5d6e-7f80-9123-456789abcdef")
                .replace("{ticket}", "0193b3c4-5d6e-7f80-9123-456789abcdef")
        })
        .collect();
    assert!(all.len() >= 10, "{all:?}");
    all
}

#[tokio::test]
async fn only_pages_of_this_site_may_change_things() {
    let desk = desk().await;
    desk.set_up().await;
    let program = desk.start(&[]).await;
    let mut owner = Browser::new(&program);
    owner.sign_in(&desk.sandbox, OLIVIA).await;
    let session = owner.cookies.clone();
    let state = "SELECT (SELECT COUNT(*) FROM audit_log) + (SELECT COUNT(*) FROM sessions) +
                        (SELECT COUNT(*) FROM oauth_transactions) + (SELECT COUNT(*) FROM accounts)";
    let before = desk.count(state).await;

    let foreign: [&[(&str, &str)]; 11] = [
        &[],
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("sec-fetch-site", "cross-site"), ("origin", PUBLIC_URL)],
        &[("sec-fetch-site", "nonsense"), ("origin", PUBLIC_URL)],
        &[("origin", "null")],
        &[("origin", "https://evil.example")],
        &[("origin", "http://localhost:8080.evil.example")],
        &[("origin", "http://localhost")],
        &[("origin", "https://localhost:8080")],
    ];
    let mut count = 0;
    for path in form_addresses() {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            for headers in foreign {
                let answer = owner.ask(method, &path, headers, "theme=dark&action=close").await;
                assert_eq!(answer.status, 403, "{method} {path} {headers:?}");
                count += 1;
            }
        }
    }
    assert_eq!(desk.count(state).await, before, "something was changed");
    assert_eq!(owner.cookies, session);
    refused(&program, "foreign_origin", count).await;

    // Either header alone is enough from a page of this site.
    for headers in [OWN, &OWN[..1], &OWN[1..]] {
        let answer = owner.ask("POST", "/account", headers, "theme=dark").await;
        assert_eq!((answer.status, answer.header("location")), (303, "/account?done=saved"));
    }
    refused(&program, "foreign_origin", count).await;
    program.stop().await;
}

/// Sends bytes and reads what comes back until the other side is done.
async fn raw(program: &Program, parts: &[&[u8]]) -> String {
    let mut stream = connect(program).await;
    for part in parts {
        if stream.write_all(part).await.is_err() {
            break;
        }
    }
    read_to_end(&mut stream).await
}

async fn connect(program: &Program) -> TcpStream {
    TcpStream::connect(program.web.strip_prefix("http://").unwrap()).await.unwrap()
}

async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // A reset after the answer is an end as well.
    let reading = async {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut buffer).await {
            all.extend_from_slice(&buffer[..read]);
        }
    };
    tokio::time::timeout(Duration::from_secs(40), reading)
        .await
        .expect("the connection stays open");
    String::from_utf8_lossy(&all).into_owned()
}

const HEAD: &str = "POST /account HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\nconnection: close\r\n";

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let desk = desk().await;
    let program = desk.start(&[]).await;

    let body = vec![b'a'; 256 * 1024 + 1];
    let head = format!("{HEAD}content-length: {}\r\n\r\n", body.len());
    let answer = raw(&program, &[head.as_bytes(), &body]).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    // A length that is not told beforehand is counted.
    let head = format!("{HEAD}transfer-encoding: chunked\r\n\r\n");
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    let chunks: Vec<&[u8]> =
        std::iter::once(head.as_bytes()).chain(std::iter::repeat_n(chunk.as_bytes(), 5)).collect();
    let answer = raw(&program, &chunks).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    refused(&program, "large_body", 2).await;

    let head = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "a".repeat(20_000));
    let answer = raw(&program, &[head.as_bytes()]).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    refused(&program, "large_header", 1).await;
    program.stop().await;
}

#[tokio::test]
async fn who_is_too_slow_is_cut_off() {
    let desk = desk().await;
    let program = desk.start(&[]).await;
    let began = Instant::now();
    // Nothing at all, as browsers do that connect ahead; something that may become HTTP/2; a head that
    // never ends; a second request that never comes to its end; one line a second; a body that never comes.
    let silent = async { raw(&program, &[]).await };
    let unclear = async { raw(&program, &[b"PR"]).await };
    let head = async { raw(&program, &[b"GET / HTTP/1.1\r\nhost: local"]).await };
    let second = async {
        let mut stream = connect(&program).await;
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let mut answer = [0; 4096];
        let read = stream.read(&mut answer).await.unwrap();
        assert!(answer[..read].starts_with(b"HTTP/1.1 204 "));
        stream.write_all(b"GET /li").await.unwrap();
        read_to_end(&mut stream).await
    };
    let idle = async { raw(&program, &[b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n"]).await };
    let trickle = async {
        let mut stream = connect(&program).await;
        let _ = stream.write_all(b"GET / HTTP/1.1\r\n").await;
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            if stream.write_all(b"x: y\r\n").await.is_err() {
                break;
            }
        }
        read_to_end(&mut stream).await
    };
    let body = async {
        let head = format!("{HEAD}content-length: 10\r\n\r\nthe");
        raw(&program, &[head.as_bytes()]).await
    };
    let (silent, unclear, head, second, idle, trickle, body) =
        tokio::join!(silent, unclear, head, second, idle, trickle, body);
    assert_eq!(silent, "");
    assert!(idle.starts_with("HTTP/1.1 204 ") && !idle.contains("408"), "{idle}");
    for late in [unclear, head, second, body] {
        assert!(late.starts_with("HTTP/1.1 408 "), "{late}");
    }
    // Who goes on talking may lose the answer to their own noise.
    assert!(trickle.is_empty() || trickle.starts_with("HTTP/1.1 408 "), "{trickle}");
    assert!(began.elapsed() < Duration::from_secs(25), "it took {:?}", began.elapsed());
    refused(&program, "slow_body", 1).await;
    refused(&program, "slow_header", 4).await;
    program.stop().await;
}

/// What is left of an answer without what differs from one request to the next.
fn essence(answer: &crate::browser::Answer, own: &[&str]) -> String {
    let mut text = answer.text.clone();
    let policy = answer.header("content-security-policy");
    if let Some((_, rest)) = policy.split_once("'nonce-") {
        text = text.replace(rest.split('\'').next().unwrap(), "NONCE");
    }
    let id = answer.header("x-correlation-id");
    if !id.is_empty() {
        text = text.replace(id, "CORRELATION");
    }
    for word in own {
        text = text.replace(word, "ID");
    }
    let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
    names.sort();
    format!("{} {names:?} {text}", answer.status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_another_servers_is_not_there() {
    let story = Story::begin(desk().await, &[]).await;
    let ticket = story.open(MIA).await;
    let program = story.program();
    let sandbox = &story.desk.sandbox;
    let real_ticket = ticket.ticket.to_string();
    let absent_ticket = "0193b3c4-5d6e-7f80-9123-456789abcdef";
    let absent_guild = "499999999999999999";
    let here = HARBOUR_LIGHTS.to_string();
    let there = QUIET_CORNER.to_string();

    let mut noah = Browser::new(&program);
    noah.sign_in(sandbox, NOAH).await;
    let mut olivia = Browser::new(&program);
    olivia.sign_in(sandbox, OLIVIA).await;
    // A server that exists and one that does not, for a member who may nothing there; and for an owner, one
    // that the bot is not on.
    let areas = ["", "/settings", "/panels", "/tickets", "/audit"];
    let mut asked = 0;
    for (browser, real) in [(&mut noah, &here), (&mut olivia, &there)] {
        for area in areas {
            let [real, absent] = [real.as_str(), absent_guild];
            let found = browser.get(&format!("/servers/{real}{area}")).await;
            let missing = browser.get(&format!("/servers/{absent}{area}")).await;
            assert_eq!(missing.status, 404, "{area}");
            assert_eq!(essence(&found, &[real]), essence(&missing, &[absent]), "{area}");
            asked += 2;
        }
        for form in ["/settings", "/panels", &format!("/tickets/{real_ticket}")] {
            let found = browser.post(&format!("/servers/{real}{form}"), "action=close").await;
            let missing = browser.post(&format!("/servers/{absent_guild}{form}"), "a=b").await;
            assert_eq!((found.status, found.text.as_str()), (404, ""), "{form}");
            assert_eq!((missing.status, missing.text.as_str()), (404, ""), "{form}");
            asked += 2;
        }
    }
    // Another's ticket under a server where one may; and its transcript.
    for path in ["/transcripts/", &format!("/servers/{here}/tickets/")] {
        let found = noah.get(&format!("{path}{real_ticket}")).await;
        let missing = noah.get(&format!("{path}{absent_ticket}")).await;
        assert_eq!(missing.status, 404);
        assert_eq!(essence(&found, &[&real_ticket]), essence(&missing, &[absent_ticket]), "{path}");
        asked += 2;
    }
    for path in [
        format!("/transcripts/{real_ticket}/files/1"),
        format!("/servers/{here}/tickets/{real_ticket}/live"),
    ] {
        assert_eq!(noah.get(&path).await.status, 404, "{path}");
        asked += 1;
    }
    // Olivia's own ticket page does not show under another server's address.
    assert_eq!(olivia.get(&format!("/servers/{here}/tickets/{real_ticket}")).await.status, 200);
    assert_eq!(olivia.get(&format!("/servers/{there}/tickets/{real_ticket}")).await.status, 404);
    assert_eq!(olivia.get(&format!("/transcripts/{real_ticket}")).await.status, 200);
    asked += 1;
    until("each is written down", async || {
        let said = |line: &&String| line.contains("was not granted") && line.contains("404");
        (program.lines().iter().filter(said).count() == asked).then_some(())
    })
    .await;
    // Signed out, everything makes the same hop.
    let mut nobody = Browser::new(&program);
    for path in [format!("/servers/{here}"), format!("/servers/{absent_guild}")] {
        let answer = nobody.get(&path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").starts_with("/?return="), "{path}");
    }
    story.stop().await;
}

#[tokio::test]
async fn sessions_begin_and_end() {
    let desk = desk().await;
    let program = desk.start(&[]).await;
    let mut mia = Browser::new(&program);
    // A session that somebody else has put there is not taken over.
    let planted = "AAAAAAAAAAAAAAAAAAAAAA";
    mia.cookies.insert(SESSION.into(), planted.into());
    let answer = mia.sign_in(&desk.sandbox, MIA).await;
    let first = mia.cookies[SESSION].clone();
    assert_ne!(first, planted);
    assert!(first.len() >= 22, "{first} holds less than 128 bits");
    let line = answer.cookies().into_iter().find(|c| c.starts_with(SESSION)).unwrap();
    let attributes: Vec<String> = line.split(';').map(|p| p.trim().to_lowercase()).collect();
    for wanted in ["secure", "httponly", "path=/", "samesite=strict"] {
        assert!(attributes.iter().any(|a| a == wanted), "{wanted} is missing: {line}");
    }
    assert!(!line.to_lowercase().contains("domain="), "{line}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!mia.cookies.contains_key(TRANSACTION), "the transaction's cookie stays");
    assert_eq!(mia.get("/account").await.status, 200);

    // Signing in again begins a new session and ends the old one.
    mia.sign_in(&desk.sandbox, MIA).await;
    let second = mia.cookies[SESSION].clone();
    assert_ne!(first, second);
    let mut old = Browser::new(&program);
    old.cookies.insert(SESSION.into(), first);
    assert_eq!(old.get("/account").await.status, 303, "the old session still opens");

    // Signed out, the cookie goes, the browser forgets, and the id opens nothing.
    let answer = mia.post("/auth/logout", "").await;
    assert_eq!((answer.status, answer.header("location")), (303, "/?done=signed_out"));
    assert!(answer.header("clear-site-data").contains("\"storage\""));
    // A browser takes a cookie of this name back by a line alone that has what the first one had.
    let lines: Vec<String> =
        answer.cookies().into_iter().filter(|cookie| cookie.starts_with(SESSION)).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with(&format!("{SESSION}=;")), "{lines:?}");
    let line = lines[0].to_lowercase();
    let attributes: Vec<&str> = line.split(';').map(str::trim).collect();
    for wanted in ["secure", "httponly", "path=/", "samesite=strict", "max-age=0"] {
        assert!(attributes.contains(&wanted), "{wanted} is missing: {line}");
    }
    assert!(!mia.cookies.contains_key(SESSION));
    old.cookies.insert(SESSION.into(), second);
    assert_eq!(old.get("/account").await.status, 303, "the session lives on");
    assert_eq!(desk.count("SELECT COUNT(*) FROM sessions").await, 0);

    // A day without use ends a session, and a week does in any case.
    for age in [
        "UPDATE sessions SET last_seen_at = last_seen_at - 86400000",
        "UPDATE sessions SET expires_at = created_at",
    ] {
        mia.sign_in(&desk.sandbox, MIA).await;
        assert_eq!(mia.get("/account").await.status, 200);
        let mut tx = desk.store.store.begin().await.unwrap();
        sqlx::query(age).execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(mia.get("/account").await.status, 303, "{age}");
    }
    program.stop().await;
}

#[tokio::test]
async fn a_sign_in_is_good_once_and_for_its_own_browser() {
    use crate::browser::consent;
    let desk = desk().await;
    let program = desk.start(&[]).await;
    let problem = |answer: &crate::browser::Answer, code: &str| {
        assert_eq!(answer.status, 303, "{}", answer.text);
        assert_eq!(answer.header("location"), format!("/?problem={code}"));
    };
    let mut thief = Browser::new(&program);

    // Denied.
    let mut mia = Browser::new(&program);
    let there = mia.begin_sign_in("/account").await;
    let back = consent(&program, &desk.sandbox, &there, MIA, "cancel").await;
    problem(&mia.come_back(&back).await, "cancelled&return=%2Faccount");
    refused(&program, "sign_in_cancelled", 1).await;

    // Another state, which uses the transaction up.
    let there = mia.begin_sign_in("/account").await;
    let back = consent(&program, &desk.sandbox, &there, MIA, "authorize").await;
    let (head, _) = back.split_once("state=").unwrap();
    let cookies = mia.cookies.clone();
    problem(&mia.come_back(&format!("{head}state=forged")).await, "expired");
    mia.cookies = cookies;
    problem(&mia.come_back(&back).await, "expired");

    // In another browser: without the transaction's cookie, and with one of their own.
    let there = mia.begin_sign_in("/account").await;
    let back = consent(&program, &desk.sandbox, &there, MIA, "authorize").await;
    problem(&thief.come_back(&back).await, "expired");
    thief.begin_sign_in("/").await;
    problem(&thief.come_back(&back).await, "expired");
    // The right one still goes through, once.
    let cookies = mia.cookies.clone();
    assert_eq!(mia.come_back(&back).await.forwards_to(), "/account");
    mia.cookies = cookies;
    problem(&mia.come_back(&back).await, "expired");
    refused(&program, "sign_in_expired", 5).await;

    // A code that was used already, one that is made up, and one that comes twice.
    let used = back.split_once("code=").unwrap().1.split('&').next().unwrap().to_owned();
    for (code, result) in [
        (format!("code={used}"), "refused"),
        ("code=made-up".to_owned(), "refused"),
        (format!("code={used}&code={used}"), "cancelled"),
    ] {
        let there = mia.begin_sign_in("/").await;
        let state = there.split_once("state=").unwrap().1.split('&').next().unwrap().to_owned();
        let back = format!("{PUBLIC_URL}/auth/callback?{code}&state={state}");
        problem(&mia.come_back(&back).await, result);
    }
    refused(&program, "sign_in_refused", 2).await;
    refused(&program, "sign_in_cancelled", 2).await;

    // Out of time.
    let there = mia.begin_sign_in("/").await;
    let back = consent(&program, &desk.sandbox, &there, MIA, "authorize").await;
    let mut tx = desk.store.store.begin().await.unwrap();
    sqlx::query("UPDATE oauth_transactions SET expires_at = 1").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    problem(&mia.come_back(&back).await, "expired");

    // Twice at once: one gets in.
    let there = mia.begin_sign_in("/").await;
    let back = consent(&program, &desk.sandbox, &there, MIA, "authorize").await;
    let sessions = desk.count("SELECT COUNT(*) FROM sessions").await;
    let mut twin = Browser::new(&program);
    twin.cookies = mia.cookies.clone();
    let (one, two) = tokio::join!(mia.come_back(&back), twin.come_back(&back));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 303]);
    assert_eq!(desk.count("SELECT COUNT(*) FROM sessions").await, sessions + 1);

    // An address of another site is no way back.
    let there = mia.begin_sign_in("//evil.example").await;
    let back = consent(&program, &desk.sandbox, &there, MIA, "authorize").await;
    assert_eq!(mia.come_back(&back).await.forwards_to(), "/");
    program.stop().await;
}

#[tokio::test]
async fn who_signs_in_again_and_again_is_told_when_to_come_back() {
    let desk = desk().await;
    let program = desk.start(&[("WARDESK_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let mut browser = Browser::new(&program);
    let mut begin = async |from: &str| {
        // What stands before the proxy's own word is anybody's.
        let forwarded = format!("192.0.2.99, {from}");
        let headers =
            [OWN, &[("x-forwarded-for", forwarded.as_str()), ("accept", "text/html")]].concat();
        browser.ask("POST", "/auth/login", &headers, "return=/").await
    };
    for attempt in 0..30 {
        assert_eq!(begin("203.0.113.7").await.status, 200, "{attempt}");
    }
    let late = begin("203.0.113.7").await;
    assert_eq!(late.status, 429);
    let wait: u64 = late.header("retry-after").parse().unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
    let words = words::Words::new(domain::locale::Locale::En);
    assert!(late.text.contains(words.errors_too_many_text()), "{}", late.text);
    // Neighbours of the same network share it, others do not.
    assert_eq!(begin("203.0.113.8").await.status, 200);
    refused(&program, "own_sign_ins", 1).await;
    let numbers = program.http.get(format!("{}/metrics", program.metrics)).send().await.unwrap();
    let numbers = numbers.text().await.unwrap();
    assert!(numbers.contains("http_refused_total{reason=\"own_sign_ins\"} 1"), "{numbers}");
    let back = "/auth/callback?state=x&code=y";
    let from = [("x-forwarded-for", "203.0.113.7")];
    assert_eq!(browser.ask("GET", back, &from, "").await.status, 429);
    program.stop().await;

    // Without a proxy that the settings name, nobody's word counts, and nobody is held for another.
    let program = desk.start(&[]).await;
    let mut browser = Browser::new(&program);
    let from = [OWN, &[("x-forwarded-for", "203.0.113.7")]].concat();
    for attempt in 0..40 {
        let answer = browser.ask("POST", "/auth/login", &from, "return=/").await;
        assert_eq!(answer.status, 200, "{attempt}");
    }
    program.stop().await;
}
