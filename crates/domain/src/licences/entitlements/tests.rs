use std::collections::BTreeMap;

use super::*;
use crate::ids::UserId;
use crate::licences::{Plan, Seat, SeatProblem, Slot, slot_for};

const NOW: Millis = Millis(1_700_000_000_000);
const DAY: i64 = 86_400_000;

fn guild(id: i64) -> GuildId {
    GuildId::new(id).unwrap()
}

fn plan(key: &str, rank: u32) -> Plan {
    Plan {
        key: key.parse().unwrap(),
        rank,
        name: key.to_owned(),
        limits: Limits { panels: 5 + rank, keep_days: None, storage: 1 << 30 },
        seats: 1,
        prices: BTreeMap::new(),
        trial_days: None,
        granted: false,
    }
}

fn plans(default: &str) -> Plans {
    let all = vec![plan("free", 0), plan("plus", 1), plan("pro", 2), plan("community", 2)];
    Plans::new(&default.parse().unwrap(), all).unwrap()
}

/// An active licence without an end, of which server 1 has the one seat.
fn licence(id: u128, plan: &str) -> Licence {
    Licence {
        id: LicenceId::new(uuid::Uuid::from_u128(id)),
        plan: plan.parse().unwrap(),
        source: Source::Subscription,
        status: Status::Active,
        issued: Millis(NOW.0 - 30 * DAY),
        expires: None,
        grace_until: None,
        contact: UserId::new(7).unwrap(),
        seats: 1,
        seated: vec![seat(1, 1, NOW.0 - 30 * DAY)],
    }
}

fn seat(number: u32, server: i64, since: i64) -> Seat {
    let (guild, since) = (guild(server), Millis(since));
    Seat { number, guild, guild_name: "S".into(), since, moved: None }
}

fn with(mut licence: Licence, change: impl FnOnce(&mut Licence)) -> Licence {
    change(&mut licence);
    licence
}

/// What is held, and what server 1 gets by which licence.
#[test]
fn what_a_server_may_use() {
    let ended = |id, plan, days: i64| {
        with(licence(id, plan), |l| l.expires = Some(Millis(NOW.0 + days * DAY)))
    };
    let of = |status| with(licence(1, "pro"), |l| l.status = status);
    let table: Vec<(&str, Vec<Licence>, &str, Option<u128>)> = vec![
        ("nothing", vec![], "free", None),
        ("one that counts", vec![licence(1, "plus")], "plus", Some(1)),
        ("suspended", vec![of(Status::Suspended)], "free", None),
        ("revoked", vec![of(Status::Revoked)], "free", None),
        ("ended", vec![of(Status::Ended)], "free", None),
        ("before its end", vec![ended(1, "pro", 1)], "pro", Some(1)),
        ("at its end", vec![ended(1, "pro", 0)], "free", None),
        ("after its end", vec![ended(1, "pro", -1)], "free", None),
        ("no seat", vec![with(licence(1, "pro"), |l| l.seated.clear())], "free", None),
        (
            "the seat of another server",
            vec![with(licence(1, "pro"), |l| l.seated[0].guild = guild(2))],
            "free",
            None,
        ),
        ("the higher rank", vec![licence(1, "plus"), licence(2, "pro")], "pro", Some(2)),
        ("in whatever order", vec![licence(2, "pro"), licence(1, "plus")], "pro", Some(2)),
        (
            "a higher one that ends soon",
            vec![licence(1, "plus"), ended(2, "pro", 1)],
            "pro",
            Some(2),
        ),
        (
            "a higher one that has ended",
            vec![licence(1, "plus"), ended(2, "pro", -1)],
            "plus",
            Some(1),
        ),
        (
            "equal ranks: the later end",
            vec![ended(1, "pro", 5), ended(2, "community", 9)],
            "community",
            Some(2),
        ),
        (
            "equal ranks: no end lasts longest",
            vec![ended(1, "pro", 5), licence(2, "community")],
            "community",
            Some(2),
        ),
        ("wholly equal: the older one", vec![licence(4, "pro"), licence(3, "pro")], "pro", Some(3)),
        (
            "in grace",
            vec![with(licence(1, "pro"), |l| l.grace_until = Some(Millis(NOW.0 + DAY)))],
            "pro",
            Some(1),
        ),
        // Only what the provider says ends a licence that is paid for, not the clock.
        (
            "grace is over, nothing was heard",
            vec![with(licence(1, "pro"), |l| l.grace_until = Some(Millis(NOW.0 - DAY)))],
            "pro",
            Some(1),
        ),
        ("a plan that is gone", vec![licence(1, "gold")], "free", None),
    ];
    for (what, licences, expected, by) in table {
        let found = entitlements(&plans("free"), &licences, guild(1), NOW);
        let by = by.map(|id| LicenceId::new(uuid::Uuid::from_u128(id)));
        assert_eq!((found.plan.as_str(), found.licence), (expected, by), "{what}");
        let plans = plans("free");
        assert_eq!(found.limits, plans.get(&found.plan).unwrap().limits, "{what}");
    }
}

#[test]
fn nothing_lowers_what_the_default_plan_gives() {
    let found = entitlements(&plans("pro"), &[licence(1, "plus")], guild(1), NOW);
    assert_eq!((found.plan.as_str(), found.licence), ("pro", None));
    // One that is as high is named: it is what the holder pays for.
    let found = entitlements(&plans("pro"), &[licence(1, "pro")], guild(1), NOW);
    assert!(found.licence.is_some());
}

#[test]
fn fewer_seats_leave_those_who_sat_first() {
    let crowded = with(licence(1, "pro"), |l| {
        l.seated = vec![seat(1, 1, NOW.0 - DAY), seat(2, 2, NOW.0 - 3 * DAY), seat(3, 3, NOW.0)];
        l.seats = 2;
    });
    let of = |server| standing(&plans("free"), &crowded, guild(server), NOW);
    assert_eq!(of(1), Standing::Counts);
    assert_eq!(of(2), Standing::Counts);
    assert_eq!(of(3), Standing::SeatLost);
    assert_eq!(of(4), Standing::NotSeated);
}

fn slot(number: u32, server: i64, moved: Option<i64>, free: bool) -> Slot {
    let freed = free.then_some(Millis(NOW.0 - 1));
    Slot { seat: Seat { moved: moved.map(Millis), ..seat(number, server, NOW.0 - DAY) }, freed }
}

#[test]
fn a_seat_is_given_by_these_rules() {
    let of = |seats: u32, slots: &[Slot]| {
        slot_for(&with(licence(1, "pro"), |l| l.seats = seats), slots, guild(9), NOW)
    };
    let later = |ms: i64| Err(SeatProblem::Cooling { until: Millis(ms) });
    // Never used.
    assert_eq!(of(3, &[]), Ok((1, false)));
    assert_eq!(of(3, &[slot(1, 1, None, false)]), Ok((2, false)));
    // Taken.
    assert_eq!(of(1, &[slot(1, 1, None, false)]), Err(SeatProblem::Full));
    assert_eq!(of(2, &[slot(1, 9, None, false)]), Err(SeatProblem::Seated));
    // Its own seat again is no move, however short ago it was moved.
    assert_eq!(of(1, &[slot(1, 9, Some(NOW.0 - 1), true)]), Ok((1, false)));
    // To free a seat and to give it away is to move it.
    assert_eq!(of(1, &[slot(1, 1, None, true)]), Ok((1, true)));
    assert_eq!(of(1, &[slot(1, 1, Some(NOW.0 - DAY), true)]), Ok((1, true)));
    assert_eq!(of(1, &[slot(1, 1, Some(NOW.0 - DAY + 1), true)]), later(NOW.0 + 1));
    // Of two the one that may go sooner.
    let two = [slot(1, 1, Some(NOW.0 - 5), true), slot(2, 2, Some(NOW.0 - 9), true)];
    assert_eq!(of(2, &two), later(NOW.0 - 9 + DAY));
    // Freed seats beyond those that the licence has do not help.
    assert_eq!(of(1, &[slot(1, 1, None, false), slot(2, 2, None, true)]), Err(SeatProblem::Full));
}

#[test]
fn seats_of_a_larger_plan_are_no_way_around_the_wait() {
    // Three servers had a seat; by now there is one.
    let used = |servers: [(i64, Option<i64>, Option<i64>); 3]| {
        let slots = (1..).zip(servers).map(|(number, (server, moved, freed))| {
            let seat = Seat { moved: moved.map(Millis), ..seat(number, server, NOW.0 - 9 * DAY) };
            Slot { seat, freed: freed.map(Millis) }
        });
        slots.collect::<Vec<Slot>>()
    };
    let of =
        |slots: &[Slot]| slot_for(&with(licence(1, "plus"), |l| l.seats = 1), slots, guild(9), NOW);
    let later = |ms: i64| Err(SeatProblem::Cooling { until: Millis(ms) });
    let (long, short) = (Some(NOW.0 - DAY), Some(NOW.0 - DAY + 5));
    // Another one was left a moment ago, so the seat that this server had is no way around.
    assert_eq!(of(&used([(9, None, long), (2, None, short), (3, None, long)])), later(NOW.0 + 5));
    assert_eq!(of(&used([(1, None, short), (2, None, long), (9, None, long)])), later(NOW.0 + 5));
    assert_eq!(of(&used([(1, short, long), (2, None, long), (9, None, long)])), later(NOW.0 + 5));
    // A day later it has its own again, which is a move; another server the first one.
    assert_eq!(of(&used([(1, None, long), (2, None, long), (9, None, long)])), Ok((3, true)));
    assert_eq!(of(&used([(1, None, long), (2, None, long), (3, None, long)])), Ok((1, true)));
    assert_eq!(
        of(&used([(1, None, None), (2, None, long), (9, None, long)])),
        Err(SeatProblem::Full)
    );
    // With all three seats again, who sat there comes back at once.
    let slots = used([(9, None, long), (2, None, short), (3, None, short)]);
    let pro = with(licence(1, "pro"), |l| l.seats = 3);
    assert_eq!(slot_for(&pro, &slots, guild(9), NOW), Ok((1, false)));
}
