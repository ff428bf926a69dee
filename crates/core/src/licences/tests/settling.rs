use domain::ids::{LicenceId, UserId};
use domain::licences::{Source, Status};
use domain::time::Millis;
use storage::licences as rows;

use crate::licences::operator::{self, OperatorAccess};
use crate::licences::{Change, Settled, changed, entitlements, settle};
use crate::testing::{Desk, desks};

const DAY: i64 = 86_400_000;
const HOLDER: i64 = 70;

fn subscription(desk: &Desk) -> Settled {
    Settled {
        licence: LicenceId::new(desk.w.new_uuid()),
        plan: "pro".parse().unwrap(),
        source: Source::Subscription,
        contact: UserId::new(HOLDER).unwrap(),
        seats: 3,
        status: Status::Active,
        expires: None,
        grace_until: None,
        first_seat: Some((desk.guild, "Example".to_owned())),
    }
}

async fn say(desk: &Desk, settled: &Settled) -> Change {
    let mut tx = desk.w.store().begin().await.unwrap();
    let change = settle(tx.conn(), settled, desk.w.now()).await.unwrap();
    tx.commit().await.unwrap();
    changed(&desk.w);
    change
}

async fn plan(desk: &Desk) -> String {
    entitlements(&desk.w, desk.guild).await.unwrap().plan.to_string()
}

async fn noted(desk: &Desk) -> Vec<String> {
    let entries = storage::audit::page(desk.w.store().read(), desk.guild, None, 50).await.unwrap();
    let of_licences = entries.into_iter().rev().filter(|e| e.action.starts_with("licence."));
    of_licences.map(|entry| entry.action).collect()
}

#[tokio::test]
async fn what_is_said_twice_happens_once() {
    for desk in desks().await {
        let mut said = subscription(&desk);
        assert_eq!(plan(&desk).await, "free");
        assert_eq!(say(&desk, &said).await, Change::Granted, "{}", desk.store.engine);
        assert_eq!(plan(&desk).await, "pro");
        // The first server is where it begins: what is said of it later changes nothing.
        said.first_seat = None;
        assert_eq!(say(&desk, &said).await, Change::Nothing);
        said.grace_until = Some(Millis(desk.w.now().0 + 7 * DAY));
        assert_eq!(say(&desk, &said).await, Change::Changed);
        assert_eq!(say(&desk, &said).await, Change::Nothing);
        assert_eq!(plan(&desk).await, "pro");
        said.grace_until = None;
        said.plan = "plus".parse().unwrap();
        assert_eq!(say(&desk, &said).await, Change::Changed);
        assert_eq!(plan(&desk).await, "plus");
        said.status = Status::Suspended;
        assert_eq!(say(&desk, &said).await, Change::Suspended);
        assert_eq!(plan(&desk).await, "free");
        said.status = Status::Active;
        assert_eq!(say(&desk, &said).await, Change::Resumed);
        assert_eq!(plan(&desk).await, "plus");
        said.status = Status::Ended;
        said.expires = Some(desk.w.now());
        assert_eq!(say(&desk, &said).await, Change::Ended);
        assert_eq!(say(&desk, &said).await, Change::Nothing);
        assert_eq!(plan(&desk).await, "free");
        let expected = ["issued", "changed", "changed", "suspended", "resumed", "ended"];
        assert_eq!(noted(&desk).await, expected.map(|verb| format!("licence.{verb}")));
    }
}

#[tokio::test]
async fn it_counts_until_the_end_that_was_said() {
    for desk in desks().await {
        let mut said = subscription(&desk);
        say(&desk, &said).await;
        desk.clock.advance(400 * DAY);
        // Nothing was heard for a year: nothing is taken.
        assert_eq!(plan(&desk).await, "pro", "{}", desk.store.engine);
        said.expires = Some(Millis(desk.w.now().0 + DAY));
        say(&desk, &said).await;
        desk.clock.advance(DAY - 1);
        assert_eq!(plan(&desk).await, "pro");
        desk.clock.advance(1);
        assert_eq!(plan(&desk).await, "free");
        // Renewed after all.
        said.expires = None;
        assert_eq!(say(&desk, &said).await, Change::Changed);
        assert_eq!(plan(&desk).await, "pro");
    }
}

#[tokio::test]
async fn what_is_over_when_it_is_first_heard_of_is_not_made() {
    for desk in desks().await {
        for (status, expires) in [
            (Status::Ended, None),
            (Status::Revoked, None),
            (Status::Active, Some(Millis(desk.w.now().0))),
        ] {
            let said = Settled { status, expires, ..subscription(&desk) };
            assert_eq!(say(&desk, &said).await, Change::Nothing);
            let found = rows::get(desk.w.store().read(), said.licence).await.unwrap();
            assert!(found.is_none(), "{}", desk.store.engine);
        }
        assert!(noted(&desk).await.is_empty());
    }
}

#[tokio::test]
async fn what_an_operator_did_stays() {
    for desk in desks().await {
        let console = OperatorAccess::of_console(&desk.w);
        let mut said = subscription(&desk);
        say(&desk, &said).await;
        operator::suspend(&console, said.licence).await.unwrap();
        assert_eq!(plan(&desk).await, "free");
        // The next payment does not lift it.
        said.source = Source::Trial;
        assert_eq!(say(&desk, &said).await, Change::Changed, "{}", desk.store.engine);
        assert_eq!(plan(&desk).await, "free");
        operator::resume(&console, said.licence).await.unwrap();
        assert_eq!(plan(&desk).await, "pro");
        operator::revoke(&console, said.licence).await.unwrap();
        said.plan = "plus".parse().unwrap();
        assert_eq!(say(&desk, &said).await, Change::Nothing);
        assert_eq!(plan(&desk).await, "free");
    }
}
