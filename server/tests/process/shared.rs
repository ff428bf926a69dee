//! Share links at the edge: what a stranger meets, how often, and that no address is written down.

use std::time::Duration;

use domain::ids::{ShareId, UserId};
use domain::transcripts::sharing::ShareTime;
use sandbox::world::example::{MIA, NOAH};
use wardesk_core::guilds;
use wardesk_core::transcripts::share;

use crate::browser::{Answer, Browser};
use crate::desk::{Desk, engines, user};
use crate::record::as_opener;
use crate::story::{Opened, Story};

/// Makes a link to a ticket; its path.
async fn link(desk: &Desk, ticket: Opened, people: Option<&[UserId]>) -> (ShareId, String) {
    let access = as_opener(desk, ticket).await;
    let id = ShareId::new(desk.w.new_uuid());
    share::create(&access, id, people, ShareTime::Week).await.unwrap();
    let all = share::list(&access).await.unwrap();
    (id, all.into_iter().find(|one| one.id == id).unwrap().path.unwrap())
}

async fn allow(desk: &Desk, links: bool) {
    let owner = desk.owner().await;
    let seen = guilds::settings(&owner).await.unwrap();
    let mut new = seen.settings;
    (new.share_links, new.opener_shares) = (links, links);
    guilds::save_settings(&owner, new, seen.revision).await.unwrap();
}

/// Waits until a page is answered like this.
async fn answers(browser: &mut Browser<'_>, path: &str, status: u16) {
    for _ in 0..60 {
        if browser.get(path).await.status == status {
            return;
        }
        // No quicker: one network opens links so often and no more.
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("waited in vain for {status}");
}

/// All that an answer says, but for what every answer has of its own.
fn essence(answer: &Answer, path: &str) -> String {
    let mut text = answer.text.replace(path, "PATH");
    for header in ["x-correlation-id", "content-security-policy"] {
        let value = answer.header(header);
        for word in value.split(['\'', ' ', ';']).filter(|word| word.len() > 20) {
            let word = word.strip_prefix("nonce-").unwrap_or(word);
            text = text.replace(word, "");
        }
    }
    format!("{} {}", answer.status, text)
}

/// A file of "three bytes" can be had in parts, as players do.
async fn in_parts(browser: &mut Browser<'_>, file: &str) {
    let own = ("sec-fetch-site", "same-origin");
    let mut ask = async |headers: &[(&str, &str)]| {
        let answer = browser.ask("GET", file, &[&[own][..], headers].concat(), "").await;
        let range = answer.header("content-range").to_owned();
        (answer.status, range, answer.text.clone(), answer)
    };
    let (status, range, text, whole) = ask(&[]).await;
    assert_eq!((status, range.as_str(), text.as_str()), (200, "", "three bytes"));
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let tag = whole.header("etag");
    for (asked, range, text) in [
        ("bytes=0-1", "bytes 0-1/11", "th"),
        ("bytes=6-", "bytes 6-10/11", "bytes"),
        ("bytes=-5", "bytes 6-10/11", "bytes"),
        ("bytes=0-99", "bytes 0-10/11", "three bytes"),
    ] {
        let got = ask(&[("range", asked)]).await;
        assert_eq!((got.0, got.1.as_str(), got.2.as_str()), (206, range, text), "{asked}");
        assert_eq!(got.3.header("content-length"), text.len().to_string());
        for same in ["etag", "cache-control", "content-type", "content-security-policy"] {
            assert_eq!(got.3.header(same), whole.header(same), "{same}");
        }
    }
    for asked in ["bytes=11-", "bytes=-0"] {
        let got = ask(&[("range", asked)]).await;
        assert_eq!((got.0, got.1.as_str()), (416, "bytes */11"), "{asked}");
    }
    for asked in ["bytes=0-1,3-4", "lines=0-1", "bytes=5-2", "bytes=x"] {
        assert_eq!(ask(&[("range", asked)]).await.0, 200, "{asked}");
    }
    // The rest of a file of which the browser has the beginning, and of another one.
    assert_eq!(ask(&[("range", "bytes=6-"), ("if-range", tag)]).await.0, 206);
    let weak = format!("W/{tag}");
    for other in ["\"1\"", weak.as_str()] {
        assert_eq!(ask(&[("range", "bytes=6-"), ("if-range", other)]).await.0, 200, "{other}");
    }
    assert_eq!(ask(&[("range", "bytes=6-"), ("if-none-match", tag)]).await.0, 304);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_opens_one_transcript_and_its_address_is_written_nowhere() {
    for engine in engines() {
        let story = Story::begin(Desk::new(engine.store().await).await, &[]).await;
        let (desk, program) = (&story.desk, story.program());
        allow(desk, true).await;
        let ticket = story.open(MIA).await;
        let message = story.say(MIA, ticket, "a canary sings", Some(b"three bytes"));
        story.archived(ticket, message, 1).await;
        story.settle().await;
        let (id, path) = link(desk, ticket, None).await;
        let (named_id, named) = link(desk, ticket, Some(&[user(NOAH)])).await;

        let mut nobody = Browser::new(&program);
        let page = nobody.get(&path).await;
        assert_eq!(page.status, 200, "{}", engine.name());
        assert!(page.text.contains("a canary sings"));
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("x-robots-tag"), "noindex, nofollow");
        assert!(nobody.cookies.is_empty(), "nobody is given a session");
        let files = format!("{path}/files/");
        // Pictures of people are `src`.
        let link = format!("href=\"{files}");
        let (_, rest) = page.text.split_once(&link).expect("the file's address");
        let file = format!("{files}{}", rest.split('"').next().unwrap());
        let got = nobody.get(&file).await;
        assert_eq!((got.status, got.text.as_str()), (200, "three bytes"));
        assert!(got.header("content-disposition").starts_with("attachment"));
        in_parts(&mut nobody, &file).await;
        let inside = file.replace(&path, &format!("/transcripts/{}", ticket.ticket));
        assert_eq!(nobody.get(&inside).await.status, 303, "elsewhere it asks for a session");
        for more in ["/export", "/redact", "/links", "/files", "/files/1"] {
            assert_eq!(nobody.get(&format!("{path}{more}")).await.status, 404, "{more}");
            assert_eq!(nobody.post(&format!("{path}{more}"), "a=b").await.status / 100, 4);
        }

        // Named people sign in, as for anything that may or may not be there.
        for link in [&named, "/shared/0193b3c4-5d6e-7f80-9123-456789abcdef"] {
            let hop = nobody.get(link).await;
            assert_eq!(hop.status, 303, "{link}");
            assert!(hop.header("location").starts_with("/?return="));
        }
        let mut noah = Browser::new(&program);
        noah.sign_in(&desk.sandbox, NOAH).await;
        assert!(noah.get(&named).await.text.contains("a canary sings"));
        let mut mia = Browser::new(&program);
        mia.sign_in(&desk.sandbox, MIA).await;
        assert_eq!(mia.get(&named).await.status, 404, "not even the opener, by this address");

        // Unknown, revoked, turned off: one answer.
        let unknown = format!("/shared/{}", "A".repeat(43));
        let missing = nobody.get(&unknown).await;
        assert_eq!(missing.status, 404);
        let missing = essence(&missing, &unknown);
        allow(desk, false).await;
        // Another process may remember a server's settings for ten seconds.
        answers(&mut nobody, &path, 404).await;
        assert_eq!(essence(&nobody.get(&path).await, &path), missing, "turned off");
        assert_eq!(nobody.get(&file).await.status, 404);
        assert_eq!(noah.get(&named).await.status, 404);
        allow(desk, true).await;
        answers(&mut nobody, &path, 200).await;
        let access = as_opener(desk, ticket).await;
        share::revoke(&access, id).await.unwrap();
        share::revoke(&access, named_id).await.unwrap();
        assert_eq!(essence(&nobody.get(&path).await, &path), missing, "revoked");
        assert_eq!(nobody.get(&file).await.status, 404);
        assert_eq!(noah.get(&named).await.status, 404);

        story.stop().await;
        let secret = path.trim_start_matches("/shared/");
        let lines = program.lines();
        assert!(lines.iter().any(|line| line.contains("/shared/{link}")), "the route is logged");
        assert!(!lines.iter().any(|line| line.contains(secret)), "the address is not");
    }
}

#[tokio::test]
async fn who_opens_links_again_and_again_is_told_when_to_come_back() {
    let desk = Desk::new(engines()[0].store().await).await;
    let program = desk.start(&[("WARDESK_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let open = async |from: &str, path: &str| {
        let headers = [("x-forwarded-for", from), ("accept", "text/html")];
        Browser::new(&program).ask("GET", path, &headers, "").await
    };
    // None of them is an address of a link: those are refused at once, and count all the same.
    let tries: Vec<_> = (0..90).map(|_| open("203.0.113.7", "/shared/x")).collect();
    let answers = futures::future::join_all(tries).await;
    assert!(answers.iter().filter(|answer| answer.status == 404).count() >= 60);
    let late = answers.into_iter().find(|answer| answer.status == 429).expect("a refusal");
    assert!(late.header("retry-after").parse::<u64>().unwrap() >= 1);
    let words = words::Words::new(domain::locale::Locale::En);
    assert!(late.text.contains(words.errors_too_many_text()), "{}", late.text);
    assert_eq!(open("203.0.113.8", "/shared/x").await.status, 404, "others are not held for it");
    assert_eq!(open("203.0.113.7", "/").await.status, 200, "nor for anything else");
    program.stop().await;
}
