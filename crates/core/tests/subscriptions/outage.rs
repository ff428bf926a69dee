//! The provider is away, and comes back.

use domain::locale::Locale;
use wardesk_core::licences::payments::donate;
use wardesk_core::licences::payments::work::Worker;
use wardesk_core::ports::Money;
use wardesk_core::testing::MONTH_MS;

use super::shop::{BUYER, Shop, shops};

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

#[tokio::test]
async fn one_thing_that_the_provider_fails_to_show_holds_nothing_up() {
    for mut shop in shops().await {
        let donor = shop.desk.sign_in(51, "Test").await;
        let money = Money { amount: 2500, currency: "eur".into() };
        let url = donate(shop.w(), &donor, &money, Locale::En).await.unwrap();
        let page = shop.provider.open_checkouts().pop().unwrap().0;
        shop.provider.pay(&url);
        // What is told of it comes first.
        shop.provider.set_broken(Some(&page));
        shop.subscribed("plus").await;
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        let waiting = async |shop: &Shop| {
            let db = shop.w().store().read();
            storage::payments::events::waiting(db).await.unwrap().0
        };
        assert_eq!(waiting(&shop).await, 1, "{}", shop.engine());
        // Alone it may be an outage, and the next try comes later each time.
        for seconds in [30, 60] {
            shop.desk.clock.advance(seconds * 1000);
            shop.worker.turn(&shop.desk.w).await.unwrap_err();
        }
        shop.desk.clock.advance(30_000);
        shop.worker.turn(&shop.desk.w).await.unwrap();
        shop.provider.set_broken(None);
        shop.desk.clock.advance(300_000);
        shop.settle().await;
        assert_eq!(waiting(&shop).await, 0, "{}", shop.engine());
    }
}

/// A dozen subscriptions of which nobody has told, the newest first.
fn dozen(shop: &Shop) -> Vec<String> {
    let subscribe = |number: u32| {
        let kept = [
            ("licence", format!("00000000-0000-7000-8000-0000000000{number}")),
            ("guild", (1000 + number).to_string()),
            ("account", BUYER.to_string()),
        ];
        shop.provider.subscribe("wardesk_plus_month", &kept).0
    };
    let mut all: Vec<String> = (10..22).map(subscribe).collect();
    shop.provider.events();
    all.reverse();
    all
}

async fn is_read(shop: &Shop, id: &str) -> bool {
    let db = shop.w().store().read();
    storage::payments::subscriptions::get(db, id).await.unwrap().is_some()
}

#[tokio::test]
async fn a_sweep_goes_on_where_it_was_interrupted() {
    for mut shop in shops().await {
        let all = dozen(&shop);
        shop.provider.set_away_after(30);
        shop.worker.turn(&shop.desk.w).await.unwrap_err();
        let before = shop.provider.made("shown");
        assert!((5..12).contains(&before), "{before}");
        shop.provider.set_away(false);
        shop.desk.clock.advance(600_000);
        shop.settle().await;
        for id in &all {
            assert!(is_read(&shop, id).await, "{}", shop.engine());
        }
        let after = shop.provider.made("shown") - before;
        assert!(after < all.len(), "{}: {after} after {before}", shop.engine());
        // A start begins anew, as does a sweep that was interrupted for long.
        shop.restart(65_000);
        shop.settle().await;
        assert!(shop.provider.made("shown") >= before + after + all.len());
    }
}

#[tokio::test]
async fn a_sweep_passes_over_what_cannot_be_shown() {
    for mut shop in shops().await {
        let all = dozen(&shop);
        shop.provider.set_broken(Some(&all[4]));
        shop.settle().await;
        for (number, id) in all.iter().enumerate() {
            assert_eq!(is_read(&shop, id).await, number != 4, "{} {number}", shop.engine());
        }
        shop.provider.set_broken(None);
        shop.desk.clock.advance(300_000);
        shop.settle().await;
        assert!(is_read(&shop, &all[4]).await, "{}", shop.engine());
    }
}
