//! The REST gate against the sandbox.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use std::time::Duration;

use common::{channel, fast, guild, rest, user};
use discord::Rest;
use discord::rest::RestHealth;
use domain::permissions::{Overwrite, OverwriteTarget, Permissions};
use futures::{StreamExt, future};
use sandbox::faults::{Fault, FaultKind};
use sandbox::world::example;
use sandbox::{Sandbox, SandboxConfig};
use serde_json::json;
use tokio::time::Instant;
use wardesk_core::ports::{Discord, DiscordError, NewChannel, NewMessage};

const MESSAGES: &str = "/channels/{channel_id}/messages";

fn text(content: &str, nonce: Option<&str>) -> NewMessage {
    NewMessage { body: json!({ "content": content }), nonce: nonce.map(str::to_owned) }
}

fn count(sandbox: &Sandbox, status: u16) -> usize {
    sandbox.world().journal.entries().filter(|entry| entry.status == status).count()
}

fn requests(sandbox: &Sandbox) -> usize {
    sandbox.world().journal.entries().count()
}

async fn say(rest: &Rest, content: &str) -> Result<(), DiscordError> {
    rest.create_message(channel(example::GENERAL), &text(content, None)).await.map(|_| ())
}

fn limit(retry_after: f64, global: bool) -> FaultKind {
    FaultKind::RateLimit { retry_after, global, shared: false, without_retry_after: false }
}

#[tokio::test]
async fn a_channel_from_its_making_to_its_end() {
    let sandbox = fast().await;
    let rest = rest(&sandbox);
    let facts = rest.guild(guild()).await.unwrap();
    assert_eq!(facts.bot, user(example::BOT));
    assert!(facts.roles.iter().any(|r| r.id.to_string() == example::SUPPORT_ROLE.to_string()));

    let mia = OverwriteTarget::Member(user(example::MIA));
    let overwrite =
        Overwrite { target: mia, allow: Permissions::VIEW_CHANNEL, deny: Permissions::default() };
    let new = NewChannel {
        name: "ticket-1".into(),
        topic: "wardesk:1".into(),
        parent: Some(channel(example::TICKETS)),
        overwrites: vec![overwrite],
        reason: "Ticket 1 für Mia".into(),
    };
    let made = rest.create_channel(guild(), &new).await.unwrap();
    let facts = rest.guild(guild()).await.unwrap();
    let seen = facts.channels.iter().find(|c| c.id == made).expect("what is known is refreshed");
    assert_eq!((seen.topic.as_deref(), seen.parent), (Some("wardesk:1"), new.parent));
    assert_eq!(seen.overwrites, new.overwrites);

    rest.put_overwrite(made, &Overwrite { allow: Permissions::SEND_MESSAGES, ..overwrite })
        .await
        .unwrap();
    rest.delete_overwrite(made, user(example::MIA)).await.unwrap();
    // All at once: who is not named has none any more.
    let noah = Overwrite { target: OverwriteTarget::Member(user(example::NOAH)), ..overwrite };
    rest.set_overwrites(guild(), made, &[overwrite], "Grüße").await.unwrap();
    rest.set_overwrites(guild(), made, &[noah], "Grüße").await.unwrap();
    let facts = rest.guild(guild()).await.unwrap();
    let seen = facts.channels.iter().find(|c| c.id == made).unwrap();
    assert_eq!(seen.overwrites, [noah]);
    assert_eq!((seen.topic.as_deref(), seen.parent), (Some("wardesk:1"), new.parent));
    let first = rest.create_message(made, &text("one", Some("n1"))).await.unwrap();
    let again = rest.create_message(made, &text("one", Some("n1"))).await.unwrap();
    assert_eq!(first["id"], again["id"], "a nonce makes one message");
    let second = rest.create_message(made, &text("two", None)).await.unwrap();
    let message = second["id"].as_str().unwrap().parse().unwrap();
    rest.edit_message(made, message, &text("zwei", None)).await.unwrap();
    let page = rest.messages_after(made, None).await.unwrap();
    let contents: Vec<_> = page.iter().map(|m| m["content"].as_str().unwrap()).collect();
    assert_eq!(contents, ["one", "zwei"]);
    let after = first["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(rest.messages_after(made, Some(after)).await.unwrap().len(), 1);
    rest.delete_message(made, message).await.unwrap();
    rest.delete_channel(made, "done").await.unwrap();
    assert_eq!(rest.delete_channel(made, "done").await, Err(DiscordError::Gone { code: 10003 }));
    assert_eq!(rest.member(guild(), user(example::MIA)).await.unwrap().username, "mia");
    assert!(sandbox.world().violations().is_empty(), "{:?}", sandbox.world().violations());
    sandbox.shutdown().await;
}

#[tokio::test]
async fn discords_limits_are_kept_without_a_single_429() {
    let sandbox = Sandbox::start(SandboxConfig::default()).await.unwrap();
    let rest = rest(&sandbox);
    let sent = future::join_all((0..12).map(|n| {
        let rest = rest.clone();
        async move {
            // As the outbox does: what would wait long is told when to come again.
            loop {
                match say(&rest, &format!("message {n}")).await {
                    Err(DiscordError::Unavailable { retry_after_ms: Some(ms) }) => {
                        tokio::time::sleep(Duration::from_millis(ms)).await;
                    }
                    result => return result,
                }
            }
        }
    }));
    assert!(sent.await.into_iter().all(|r| r.is_ok()));
    assert_eq!(sandbox.world().journal.effects("POST", MESSAGES), 12);
    assert_eq!(count(&sandbox, 429), 0);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_429_holds_up_its_own_bucket_only() {
    let sandbox = fast().await;
    let rest = rest(&sandbox);
    sandbox.world().faults.add(Fault::new(limit(0.8, false)).on("POST", MESSAGES).times(1));
    let start = Instant::now();
    let waiting = tokio::spawn({
        let rest = rest.clone();
        async move { say(&rest, "late").await }
    });
    common::until("the 429 was sent", async || (count(&sandbox, 429) == 1).then_some(())).await;
    rest.member(guild(), user(example::SAM)).await.unwrap();
    assert!(start.elapsed() < Duration::from_millis(700), "another bucket waited too");
    waiting.await.unwrap().unwrap();
    assert!(start.elapsed() >= Duration::from_millis(800));
    assert_eq!(sandbox.world().journal.effects("POST", MESSAGES), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_global_429_holds_up_everything_but_interactions() {
    let sandbox = fast().await;
    let rest = rest(&sandbox);
    sandbox.world().faults.add(Fault::new(limit(0.8, true)).on("POST", MESSAGES).times(1));
    let waiting = tokio::spawn({
        let rest = rest.clone();
        async move { say(&rest, "late").await }
    });
    common::until("the 429 was sent", async || (count(&sandbox, 429) == 1).then_some(())).await;
    let start = Instant::now();
    let interaction = "123456789".parse().unwrap();
    let unknown =
        rest.answer_interaction(interaction, &"token".to_owned().into(), &json!({"type": 5})).await;
    assert!(matches!(unknown, Err(DiscordError::Gone { .. })), "{unknown:?}");
    assert!(
        start.elapsed() < Duration::from_millis(600),
        "an interaction waited for the global limit"
    );
    rest.member(guild(), user(example::SAM)).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(600), "the global limit was not waited for");
    waiting.await.unwrap().unwrap();
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_long_wait_is_handed_back_to_the_caller() {
    let sandbox = fast().await;
    let rest = rest(&sandbox);
    sandbox.world().faults.add(Fault::new(limit(3600.0, false)).on("POST", MESSAGES).times(1));
    let start = Instant::now();
    for _ in 0..2 {
        let Err(DiscordError::Unavailable { retry_after_ms: Some(ms) }) = say(&rest, "x").await
        else {
            panic!("the wait was not handed back")
        };
        assert!((3_590_000..=3_601_000).contains(&ms), "{ms}");
    }
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(requests(&sandbox), 1, "a bucket that is used up was asked again");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn an_outage_is_waited_out_where_repeating_is_safe() {
    let sandbox = fast().await;
    let rest = rest(&sandbox);
    sandbox.world().faults.add(Fault::new(FaultKind::Status { status: 503 }).times(1));
    assert!(rest.member(guild(), user(example::SAM)).await.is_ok());
    // Sent, done, and the answer lost: with a nonce it is asked again, and there is one message.
    sandbox.world().faults.add(Fault::new(FaultKind::CutAfter).on("POST", MESSAGES).times(1));
    let posted = rest.create_message(channel(example::GENERAL), &text("once", Some("abc"))).await;
    assert!(posted.is_ok(), "{posted:?}");
    let page = rest.messages_after(channel(example::GENERAL), None).await.unwrap();
    assert_eq!(page.iter().filter(|m| m["content"] == "once").count(), 1);
    // Without one it is the caller's to look.
    let route = "/guilds/{guild_id}/channels";
    sandbox
        .world()
        .faults
        .add(Fault::new(FaultKind::Status { status: 502 }).on("POST", route).times(1));
    let new = NewChannel {
        name: "x".into(),
        topic: String::new(),
        parent: None,
        overwrites: vec![],
        reason: String::new(),
    };
    let made = rest.create_channel(guild(), &new).await;
    assert_eq!(made, Err(DiscordError::Unavailable { retry_after_ms: None }));
    let sent = sandbox
        .world()
        .journal
        .entries()
        .filter(|e| e.method == "POST" && e.route == route)
        .count();
    assert_eq!(sent, 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_refused_token_stops_every_call() {
    let sandbox = fast().await;
    let rest = rest(&sandbox);
    let mut health = rest.health();
    assert_eq!(*health.borrow_and_update(), RestHealth::Good);
    sandbox.world().set_token_revoked(example::APPLICATION, true);
    assert_eq!(say(&rest, "x").await, Err(DiscordError::BadToken));
    assert_eq!(*health.borrow_and_update(), RestHealth::BadToken);
    for _ in 0..10 {
        assert_eq!(say(&rest, "x").await, Err(DiscordError::BadToken));
    }
    assert_eq!(requests(&sandbox), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_refusal_is_remembered_for_its_channel() {
    let sandbox = fast().await;
    let rest = rest(&sandbox);
    let fault = Fault::new(FaultKind::Status { status: 403 }).on("POST", MESSAGES).times(1);
    sandbox.world().faults.add(fault);
    for _ in 0..5 {
        assert!(matches!(say(&rest, "x").await, Err(DiscordError::Forbidden { .. })));
    }
    assert_eq!(requests(&sandbox), 1);
    let elsewhere = rest.create_message(channel(example::WELCOME), &text("x", None)).await;
    assert!(elsewhere.is_ok(), "{elsewhere:?}");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn people_who_left_and_full_categories_are_told_apart() {
    let sandbox = fast().await;
    let rest = rest(&sandbox);
    let nobody = "1".parse().unwrap();
    assert!(matches!(rest.member(guild(), nobody).await, Err(DiscordError::Gone { .. })));
    for n in 0..50 {
        let body = json!({ "name": format!("t{n}"), "type": 0, "parent_id": example::TICKETS });
        let mut world = sandbox.world();
        if world.channels_in(example::TICKETS).len() < 50 {
            world.create_channel(example::OLIVIA, example::HARBOUR_LIGHTS, &body).unwrap();
        }
    }
    let new = NewChannel {
        name: "one-more".into(),
        topic: String::new(),
        parent: Some(channel(example::TICKETS)),
        overwrites: vec![],
        reason: String::new(),
    };
    let full = rest.create_channel(guild(), &new).await.err();
    assert_eq!(full, Some(DiscordError::Full { code: 50035 }));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn an_attachment_is_read_from_the_cdn() {
    let sandbox = fast().await;
    let rest = rest(&sandbox);
    sandbox
        .world()
        .send_file(example::MIA, example::GENERAL, "look", "a.txt", &b"hello"[..])
        .unwrap();
    let page = rest.messages_after(channel(example::GENERAL), None).await.unwrap();
    let url = page.last().unwrap().pointer("/attachments/0/url").unwrap().as_str().unwrap();
    let source = rest.attachment(url).await.unwrap_or_else(|error| panic!("{error}"));
    let bytes: Vec<_> = source.bytes.map(|piece| piece.unwrap()).collect().await;
    assert_eq!(bytes.concat(), b"hello");
    let elsewhere = rest.attachment("https://example.com/a.txt").await;
    assert!(matches!(elsewhere.map(|_| ()), Err(DiscordError::Refused { .. })));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn people_are_found_by_the_beginning_of_their_name_and_asked_for_once() {
    let sandbox = fast().await;
    let rest = rest(&sandbox);
    let found = rest.search_members(guild(), "MI", 10).await.unwrap();
    assert_eq!(found.iter().map(|m| m.user).collect::<Vec<_>>(), [user(example::MIA)]);
    let before = requests(&sandbox);
    assert_eq!(rest.search_members(guild(), "mi", 10).await.unwrap(), found);
    assert_eq!(requests(&sandbox), before, "a page that refreshes itself asks nothing anew");
    assert_eq!(rest.search_members(guild(), "nobody", 10).await.unwrap(), []);
}

#[tokio::test]
async fn the_channel_to_a_person_is_asked_for_once() {
    let sandbox = fast().await;
    let rest = rest(&sandbox);
    let first = rest.dm_channel(user(example::MIA)).await.unwrap();
    let before = requests(&sandbox);
    assert_eq!(rest.dm_channel(user(example::MIA)).await.unwrap(), first);
    assert_eq!(requests(&sandbox), before);
    assert_ne!(rest.dm_channel(user(example::OLIVIA)).await.unwrap(), first);
    assert_eq!(requests(&sandbox), before + 1);
}
