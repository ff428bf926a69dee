//! 400 days of the hourly sweep: what is kept for a time goes when that time is over, not a millisecond before and at
//! most 65 minutes after. P22, P24 and the numbers of the policies.
//!
//! Rows are planted for every rule that there is, found by the rules themselves; tickets for every time that a server
//! can choose, for a plan's limit and for a legal hold; servers that were left, came back, or are out of reach.
//! Hours in which nothing ends, and that end no later than an hour before something does, are skipped: their sweep
//! would do nothing but what the one before it did.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod plant;
mod servers;

use domain::time::Millis;
use plant::Planted;
use servers::Server;
use storage::retention::RULES;
use wardesk_core::retention;
use wardesk_core::testing::{Desk, desks};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// How late a sweep may be: the hour, the minute in which a process looks, and some time for the work.
const LATEST: i64 = 65 * MINUTE;

/// The days on which something ends: close together at first, then far apart.
const DAYS: [i64; 24] = [
    1, 2, 3, 5, 7, 8, 13, 14, 20, 29, 30, 31, 45, 60, 89, 90, 91, 120, 180, 250, 300, 364, 365, 399,
];

/// The times at which rows of kind `kind` end, each its own, spread over more than an hour.
fn ends(start: Millis, kind: usize, days: i64) -> Vec<Millis> {
    let spread = i64::try_from(kind).unwrap() * 7 * MINUTE % (80 * MINUTE) + 123;
    let within = DAYS.iter().filter(|day| **day < days);
    within.map(|day| Millis(start.0 + day * DAY + spread)).collect()
}

#[tokio::test]
async fn in_400_days_nothing_goes_early_and_nothing_later_than_65_minutes() {
    for mut desk in desks().await {
        desk.sell_shipped();
        // The other engine runs the same statements: some days are enough to see that it does what they say.
        let days = if desk.store.engine == "sqlite" { 400 } else { 32 };
        run(&desk, days).await;
    }
}

async fn run(desk: &Desk, days: i64) {
    let (start, engine) = (desk.w.now(), desk.store.engine);
    let mut planted = Vec::new();
    for (kind, rule) in RULES.iter().enumerate() {
        planted.push(Planted::plant(desk, rule, kind, &ends(start, kind, days)).await);
    }
    let mut servers = servers::plant(desk, start, days).await;
    let mut all: Vec<Millis> = planted.iter().flat_map(|one| one.ends.iter().copied()).collect();
    all.extend(servers.iter().flat_map(Server::times));
    all.sort_unstable();
    let (end, mut sweeps, mut number) = (start.0 + days * DAY, 0, 0);
    let mut last = start.0;
    while last < end {
        // An hour after the last sweep one is due; up to a minute later somebody looks.
        number = (number * 37 + 11) % 60;
        let due = last + HOUR + 1 + number * 1000;
        let upcoming = all.iter().map(|end| end.0).find(|end| *end > last).unwrap_or(end);
        let next = due.max(upcoming - HOUR + number * 1000).min(end.max(due));
        assert!(next - due.max(upcoming - HOUR) <= MINUTE, "no hour is skipped that matters");
        desk.clock.advance(next - desk.w.now().0);
        last = next;
        for server in &mut servers {
            server.happen(desk).await;
        }
        assert!(retention::sweep_if_due(&desk.w).await.unwrap(), "{engine}: a sweep was due");
        sweeps += 1;
        let now = desk.w.now();
        for one in &mut planted {
            one.check(desk, now, LATEST).await;
        }
        for server in &mut servers {
            server.check(desk, now, LATEST).await;
        }
    }
    assert!(sweeps > 40 || days < 400, "{engine}: {sweeps} sweeps");
    for one in &planted {
        assert_eq!(one.left(), 0, "{engine}: {} has rows left", one.rule.name);
    }
}
