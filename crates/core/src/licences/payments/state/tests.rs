//! What each state of a subscription means, as a table.

use std::collections::BTreeMap;

use domain::ids::LicenceId;

use super::*;
use crate::licences::{SHIPPED, read_plans};

const DAY: i64 = 86_400_000;
const START: Millis = Millis(1_700_000_000_000);
const END: Millis = Millis(START.0 + 30 * DAY);

fn day(day: i64) -> Millis {
    Millis(START.0 + day * DAY)
}

fn plans() -> Plans {
    read_plans(SHIPPED).unwrap()
}

fn reading(status: SubscriptionStatus) -> Reading {
    let entry = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    let subscription = Subscription {
        id: "sub_1".into(),
        customer: "cus_1".into(),
        status,
        item: "si_1".into(),
        price: "price_1".into(),
        lookup_key: Some("wardesk_plus_month".into()),
        currency: Some("eur".into()),
        period_start: START,
        period_end: END,
        cancel_at: None,
        ended_at: None,
        ended_unpaid: false,
        trial_end: None,
        pending: None,
        metadata: BTreeMap::from([
            entry(keys::LICENCE, "0193b3c4-5d6e-7f80-9123-456789abcdef"),
            entry(keys::ACCOUNT, "50"),
            entry(keys::GUILD, "1000"),
            entry(keys::PLAN, "plus"),
        ]),
        live: false,
    };
    Reading { subscription, funds: Funds::Kept, failed_at: None }
}

/// What a licence is to be: status, source, end, and the end of the grace.
type Row = (Status, Source, Option<Millis>, Option<Millis>);

fn short(state: &State) -> Row {
    (state.status, state.source, state.expires, state.grace_until)
}

const PAID: Source = Source::Subscription;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_table_of_states() {
    use SubscriptionStatus as S;
    type Made = Box<dyn Fn(&mut Reading)>;
    let with = |change: fn(&mut Reading)| -> Made { Box::new(change) };
    let none = || with(|_| {});
    let failed = || with(|r| r.failed_at = Some(day(30)));
    let unpaid = || {
        with(|r| {
            r.failed_at = Some(day(30));
            r.subscription.ended_at = Some(day(32));
            r.subscription.ended_unpaid = true;
        })
    };
    let table: Vec<(&str, S, Made, Millis, Row)> = vec![
        ("paid", S::Active, none(), day(1), (Status::Active, PAID, None, None)),
        ("trial", S::Trialing, none(), day(1), (Status::Active, Source::Trial, None, None)),
        // The provider's silence after the period takes nothing.
        ("long past its period", S::Active, none(), day(400), (Status::Active, PAID, None, None)),
        (
            "cancelled for later",
            S::Active,
            with(|r| r.subscription.cancel_at = Some(END)),
            day(1),
            (Status::Active, PAID, Some(END), None),
        ),
        (
            "cancelled and over",
            S::Canceled,
            with(|r| r.subscription.ended_at = Some(END)),
            day(31),
            (Status::Ended, PAID, Some(END), None),
        ),
        (
            "over, time unknown",
            S::Canceled,
            none(),
            day(31),
            (Status::Ended, PAID, Some(END), None),
        ),
        ("failed", S::PastDue, failed(), day(31), (Status::Active, PAID, None, Some(day(37)))),
        (
            "the last moment of the grace",
            S::PastDue,
            failed(),
            Millis(day(37).0 - 1),
            (Status::Active, PAID, None, Some(day(37))),
        ),
        ("after it", S::PastDue, failed(), day(37), (Status::Ended, PAID, Some(day(37)), None)),
        (
            "given up early",
            S::Unpaid,
            failed(),
            day(31),
            (Status::Active, PAID, None, Some(day(37))),
        ),
        ("given up", S::Unpaid, failed(), day(38), (Status::Ended, PAID, Some(day(37)), None)),
        (
            "ended unpaid within the grace",
            S::Canceled,
            unpaid(),
            day(33),
            (Status::Active, PAID, Some(day(37)), Some(day(37))),
        ),
        (
            "and after it",
            S::Canceled,
            unpaid(),
            day(37),
            (Status::Ended, PAID, Some(day(37)), None),
        ),
        (
            "no card after the trial",
            S::Paused,
            none(),
            day(1),
            (Status::Suspended, PAID, None, None),
        ),
        (
            "given back",
            S::Active,
            with(|r| r.funds = Funds::Refunded),
            day(1),
            (Status::Suspended, PAID, None, None),
        ),
        (
            "disputed",
            S::Active,
            with(|r| r.funds = Funds::Disputed),
            day(1),
            (Status::Suspended, PAID, None, None),
        ),
        (
            "disputed and over",
            S::Canceled,
            with(|r| r.funds = Funds::Disputed),
            day(1),
            (Status::Ended, PAID, Some(END), None),
        ),
        (
            "lost",
            S::Active,
            with(|r| r.funds = Funds::Lost),
            day(1),
            (Status::Ended, PAID, None, None),
        ),
    ];
    for (name, status, change, now, wanted) in table {
        let mut reading = reading(status);
        change(&mut reading);
        let state = state_of(&plans(), &reading, None, now).unwrap();
        assert_eq!(short(&state), wanted, "{name}");
        // Nothing is waited for in vain, and nothing is forgotten.
        assert!(state.look_at.is_none_or(|at| at > now), "{name}");
        let final_ = state.status == Status::Ended && matches!(status, S::Canceled);
        assert_eq!(state.look_at.is_none(), final_ || reading.funds == Funds::Lost, "{name}");
    }
}

#[test]
fn what_was_not_paid_for_is_nothing() {
    use SubscriptionStatus::{Incomplete, IncompleteExpired};
    for status in [Incomplete, IncompleteExpired] {
        assert_eq!(state_of(&plans(), &reading(status), None, day(1)), None);
    }
}

#[test]
fn what_is_not_ours_is_nothing() {
    for key in [keys::LICENCE, keys::ACCOUNT] {
        for value in [None, Some("no id")] {
            let mut foreign = reading(SubscriptionStatus::Active);
            foreign.subscription.metadata.remove(key);
            if let Some(value) = value {
                foreign.subscription.metadata.insert(key.into(), value.into());
            }
            assert_eq!(state_of(&plans(), &foreign, None, day(1)), None, "{key} {value:?}");
        }
    }
}

fn had() -> SubscriptionRow {
    SubscriptionRow {
        id: "sub_1".into(),
        live: false,
        read_at: START,
        licence: LicenceId::new(uuid::Uuid::nil()),
        customer: None,
        user: None,
        guild: None,
        plan: "pro".parse().unwrap(),
        interval: Some(Interval::Year),
        currency: Some("eur".into()),
        status: "past_due".into(),
        money: "kept".into(),
        period_end: END,
        trial_end: None,
        ends_at: None,
        failed_at: Some(day(29)),
        change: None,
        look_at: None,
        unwanted: false,
    }
}

#[test]
fn a_price_that_was_replaced_goes_on_paying_for_its_plan() {
    let mut old = reading(SubscriptionStatus::Active);
    let of = |reading: &Reading, had: Option<&SubscriptionRow>| {
        let state = state_of(&plans(), reading, had, day(1)).unwrap();
        (state.plan.to_string(), state.interval, state.seats)
    };
    assert_eq!(of(&old, None), ("plus".into(), Some(Interval::Month), 1));
    old.subscription.lookup_key = Some("a_price_of_last_year".into());
    assert_eq!(of(&old, None), ("plus".into(), None, 1));
    assert_eq!(of(&old, Some(&had())), ("plus".into(), Some(Interval::Year), 1));
    old.subscription.metadata.insert("price_1".into(), "pro".into());
    assert_eq!(
        of(&old, None),
        ("pro".into(), None, 3),
        "what was written of this price goes first"
    );
    old.subscription.metadata.remove("price_1");
    old.subscription.metadata.insert("price_2".into(), "pro".into());
    assert_eq!(of(&old, None), ("plus".into(), None, 1), "another price says nothing of this one");
    old.subscription.metadata.remove(keys::PLAN);
    assert_eq!(of(&old, Some(&had())), ("pro".into(), Some(Interval::Year), 3));
    assert_eq!(state_of(&plans(), &old, None, day(1)), None, "nobody knows what it is for");
}

#[test]
fn a_change_that_waits_gives_nothing_and_is_looked_after() {
    let mut waits = reading(SubscriptionStatus::Active);
    let expires = Millis(day(1).0 + 23 * 3_600_000);
    waits.subscription.pending = Some(PendingUpdate {
        price: "price_2".into(),
        lookup_key: Some("wardesk_pro_year".into()),
        expires,
        invoice: Some("in_1".into()),
    });
    let state = state_of(&plans(), &waits, None, day(1)).unwrap();
    let plain = state_of(&plans(), &reading(SubscriptionStatus::Active), None, day(1)).unwrap();
    assert_eq!((state.plan.as_str(), state.seats, state.interval), ("plus", 1, plain.interval));
    let change = state.change.unwrap();
    assert_eq!((change.interval, change.until), (Some(Interval::Year), expires));
    assert_eq!(change.plan.unwrap().as_str(), "pro");
    assert!(state.look_at.is_some_and(|at| at > expires && at < day(3)));
    // Still there after its time: it is looked for again, and not all the time.
    let late = state_of(&plans(), &waits, None, day(3)).unwrap();
    assert!(late.look_at.is_some_and(|at| at > day(3)));
    // A price that is in no plan, or of which only we know.
    let mut unsold = waits.clone();
    unsold.subscription.pending.as_mut().unwrap().lookup_key = None;
    let changes_to =
        |one: &Reading| state_of(&plans(), one, None, day(1)).unwrap().change.unwrap().plan;
    assert_eq!(changes_to(&unsold), None);
    unsold.subscription.metadata.insert("price_2".into(), "pro".into());
    assert_eq!(changes_to(&unsold).unwrap().as_str(), "pro");
    // With the end of the subscription it is gone.
    waits.subscription.status = SubscriptionStatus::Canceled;
    assert_eq!(state_of(&plans(), &waits, None, day(1)).unwrap().change, None);
}

#[test]
fn a_failure_that_cannot_be_seen_any_more_keeps_its_time() {
    let reading = reading(SubscriptionStatus::PastDue);
    let state = state_of(&plans(), &reading, Some(&had()), day(31)).unwrap();
    assert_eq!(state.grace_until, Some(day(36)));
    let state = state_of(&plans(), &reading, None, day(31)).unwrap();
    assert_eq!(state.grace_until, Some(day(38)), "from when it was first heard of");
}
