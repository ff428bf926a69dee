//! The provider is away, and comes back.

use wardesk_core::licences::payments::work::Worker;
use wardesk_core::testing::MONTH_MS;

use super::shop::shops;

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[tokio::test]
async fn four_days_without_the_provider_take_nothing_and_all_agrees_after() {
    for mut shop in shops().await {
        let id = shop.subscribed("plus").await;
        shop.desk.clock.advance(14 * DAY - HOUR);
        shop.settle().await;
        // The trial ends an hour from now, and nobody can say whether it was paid.
        shop.provider.set_away(true);
        for hour in (0..4 * 24).step_by(6) {
            shop.desk.clock.advance(6 * HOUR);
            if hour == 48 {
                shop.restart(0);
            }
            assert!(shop.worker.turn(&shop.desk.w).await.is_err(), "{hour}");
            assert_eq!(shop.plan().await, "plus", "{} after {hour} hours", shop.engine());
        }
        // It was paid all the while. What was told in that time is lost.
        shop.provider.renew(&id, true);
        let lost = shop.provider.events();
        assert!(!lost.is_empty());
        shop.provider.set_away(false);
        shop.desk.clock.advance(HOUR);
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        let row = shop.w().store().read();
        let row = storage::payments::subscriptions::get(row, &id).await.unwrap().unwrap();
        let now = shop.provider.look(&id);
        assert_eq!((row.status.as_str(), row.period_end), ("active", now.period_end));
        // What comes late changes nothing.
        for event in &lost {
            shop.deliver(event).await;
        }
        shop.settle().await;
        assert_eq!(shop.logged(shop.desk.guild, "licence.issued").await, 1);
        assert_eq!(shop.logged(shop.desk.guild, "licence.ended").await, 0);
    }
}

#[tokio::test]
async fn what_ended_during_an_outage_is_found_out_by_the_next_sweep() {
    for mut shop in shops().await {
        let id = shop.subscribed("plus").await;
        shop.provider.set_away(true);
        shop.desk.clock.advance(4 * DAY);
        shop.worker.turn(&shop.desk.w).await.unwrap_err();
        shop.provider.end(&id, false);
        shop.provider.events();
        shop.provider.set_away(false);
        assert_eq!(shop.plan().await, "plus", "nobody has said otherwise");
        shop.desk.clock.advance(DAY);
        shop.settle().await;
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
    }
}

#[tokio::test]
async fn a_grace_that_ends_during_an_outage_waits_for_the_providers_word() {
    for mut shop in shops().await {
        let id = shop.subscribed("plus").await;
        shop.desk.clock.advance(14 * DAY);
        shop.provider.renew(&id, false);
        shop.settle().await;
        shop.desk.clock.advance(5 * DAY);
        shop.provider.set_away(true);
        shop.desk.clock.advance(4 * DAY);
        shop.worker.turn(&shop.desk.w).await.unwrap_err();
        assert_eq!(shop.plan().await, "plus", "{}: it may have been paid", shop.engine());
        // It was.
        shop.provider.retry(&id, true);
        shop.provider.events();
        shop.provider.set_away(false);
        shop.desk.clock.advance(HOUR);
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        assert_eq!(shop.logged(shop.desk.guild, "licence.ended").await, 0);
    }
}

#[tokio::test]
async fn everything_is_read_each_night() {
    for mut shop in shops().await {
        let id = shop.subscribed("plus").await;
        shop.provider.end(&id, false);
        shop.provider.events();
        // Nobody tells, and the end of the period is far.
        shop.desk.clock.advance(DAY);
        assert!(shop.provider.look(&id).period_end > shop.w().now());
        shop.settle().await;
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
        // One process does it; another waits for its lease.
        shop.desk.clock.advance(MONTH_MS);
        let id = shop.subscribed("pro").await;
        shop.provider.end(&id, false);
        shop.provider.events();
        let mut other = Worker::new(shop.w());
        other.turn(shop.w()).await.unwrap();
        assert_eq!(shop.plan().await, "pro", "{}: the other has the lease", shop.engine());
    }
}
