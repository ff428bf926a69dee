//! The chat page's files and its stream of events.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use common::get;
use futures::StreamExt;
use sandbox::world::World;
use sandbox::world::example::{GENERAL, HARBOUR_LIGHTS, MIA, OLIVIA, SAM, TRANSCRIPTS};
use serde_json::{Value, json};
use tower::ServiceExt;

#[tokio::test]
async fn the_page_and_its_files_are_served_under_a_strict_policy() {
    let sandbox = common::start(World::example()).await;
    let router = sandbox::chat::router(sandbox.shared());
    let request =
        Request::get("/?as=mia").header("host", "127.0.0.1:1").body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let script = get(&router, "/assets/js/main.js").await;
    assert_eq!(script.status, StatusCode::OK);
    assert_eq!(get(&router, "/assets/../Cargo.toml").await.status, StatusCode::NOT_FOUND);
}

/// The chat page and what people sent share an origin.
#[tokio::test]
async fn a_page_that_somebody_sent_is_shut_in() {
    let sandbox = common::start(World::example()).await;
    let message =
        sandbox.world().send_file(MIA, GENERAL, "", "page.html", "<script>1</script>").unwrap();
    let address = {
        let world = sandbox.world();
        let shown = world.message_json(world.message(GENERAL, message).unwrap(), None);
        shown["attachments"][0]["url"].as_str().unwrap().replace(world.base_url(), "")
    };
    let request = Request::get(address).body(Body::empty()).unwrap();
    let response = sandbox::cdn::router(sandbox.shared()).oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("sandbox;") && !policy.contains("script"), "{policy}");
}

/// The next event of a stream of server-sent events.
async fn next(stream: &mut BodyDataStream) -> Value {
    loop {
        let read = tokio::time::timeout(Duration::from_secs(5), stream.next());
        let chunk = read.await.expect("an event comes").expect("the stream goes on").unwrap();
        if let Some(data) = std::str::from_utf8(&chunk).unwrap().strip_prefix("data: ") {
            return serde_json::from_str(data.trim()).unwrap();
        }
    }
}

async fn follow(router: &Router, person: &str) -> BodyDataStream {
    let request =
        Request::get(format!("/control/people/{person}/events")).header("host", "127.0.0.1:1");
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    response.into_body().into_data_stream()
}

#[tokio::test]
async fn a_person_is_told_what_they_may_see_and_nothing_else() {
    let sandbox = common::start(World::example()).await;
    let router = sandbox::control::router(sandbox.shared());
    let (mut mia, mut sam) = (follow(&router, "mia").await, follow(&router, "sam").await);
    let told = {
        let mut world = sandbox.world();
        world.say(SAM, TRANSCRIPTS, "for staff").unwrap();
        let told = world.say(OLIVIA, GENERAL, "for all").unwrap();
        world.react(MIA, GENERAL, told, "👍").unwrap();
        told
    };
    // Mia's first event is the second message: the first was not for her.
    let event = next(&mut mia).await;
    assert_eq!(
        (&event["t"], &event["d"]["content"]),
        (&json!("MESSAGE_CREATE"), &json!("for all"))
    );
    let event = next(&mut mia).await;
    assert_eq!((&event["t"], &event["d"]["id"]), (&json!("MESSAGE_UPDATE"), &json!(told)));
    assert_eq!(event["d"]["reactions"][0]["me"], true);
    assert_eq!(next(&mut sam).await["d"]["content"], "for staff");
    assert_eq!(next(&mut sam).await["d"]["content"], "for all");
    assert_eq!(next(&mut sam).await["d"]["reactions"][0]["me"], false);
}

#[tokio::test]
async fn a_channel_that_closes_to_a_person_is_noticed() {
    let sandbox = common::start(World::example()).await;
    let router = sandbox::control::router(sandbox.shared());
    let mut mia = follow(&router, "mia").await;
    let hide = json!({"type": 0, "allow": "0", "deny": "1024"});
    sandbox.world().set_overwrite(OLIVIA, GENERAL, HARBOUR_LIGHTS, &hide).unwrap();
    assert_eq!(next(&mut mia).await["t"], "VIEW");
}
