//! Injected faults: what a client meets, and what took effect all the same.

use std::time::Duration;

use tokio::time::Instant;

use sandbox::faults::{Fault, FaultKind};
use sandbox::world::example::GENERAL;
use serde_json::json;

use crate::support::{Bed, fast};

const CREATE: &str = "/channels/{channel_id}/messages";

fn path() -> String {
    format!("/channels/{GENERAL}/messages")
}

fn inject(bed: &Bed, kind: FaultKind) {
    bed.sandbox.world().faults.add(Fault::new(kind).on("POST", CREATE).times(1));
}

fn count(bed: &Bed) -> usize {
    bed.sandbox.world().messages(GENERAL).len()
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_effect() {
    let bed = fast().await;
    for (kind, effects) in [(FaultKind::CutBefore, 0), (FaultKind::CutAfter, 1)] {
        inject(&bed, kind);
        assert!(bed.try_call("POST", &path(), json!({"content": "x"})).await.is_err());
        assert_eq!(count(&bed), effects);
    }
    bed.post(&path(), json!({"content": "x"})).await.expect(200);
    let world = bed.sandbox.world();
    assert_eq!(world.journal.effects("POST", CREATE), 2);
    let lost = world.journal.entries().find(|entry| entry.effect && entry.status == 0).unwrap();
    assert!(lost.faulty && lost.result.is_some());
}

#[tokio::test]
async fn limits_errors_and_nonsense() {
    let bed = fast().await;
    let limit = FaultKind::RateLimit {
        retry_after: 2.5,
        global: true,
        shared: false,
        without_retry_after: false,
    };
    inject(&bed, limit);
    let answer = bed.post(&path(), json!({"content": "x"})).await;
    assert_eq!((answer.status, answer.header("retry-after")), (429, "3"));
    let shared = FaultKind::RateLimit {
        retry_after: 1.0,
        global: false,
        shared: true,
        without_retry_after: true,
    };
    inject(&bed, shared);
    let answer = bed.post(&path(), json!({"content": "x"})).await;
    assert_eq!((answer.header("x-ratelimit-scope"), answer.header("retry-after")), ("shared", ""));
    {
        let world = bed.sandbox.world();
        assert_eq!(world.limits.invalid_requests(world.now()), 1, "shared limits do not count");
    }
    inject(&bed, FaultKind::Status { status: 502 });
    bed.post(&path(), json!({"content": "x"})).await.expect(502);
    inject(&bed, FaultKind::Html);
    assert!(bed.post(&path(), json!({"content": "x"})).await.expect(200).is_string());
    assert_eq!(count(&bed), 0);
    inject(&bed, FaultKind::BrokenJson);
    assert!(bed.post(&path(), json!({"content": "x"})).await.expect(200).is_string());
    assert_eq!(count(&bed), 1);
}

#[tokio::test]
async fn a_late_answer_is_late() {
    let bed = fast().await;
    inject(&bed, FaultKind::Delay { ms: 300 });
    let started = Instant::now();
    bed.post(&path(), json!({"content": "x"})).await.expect(200);
    assert!(started.elapsed() >= Duration::from_millis(300));
}
