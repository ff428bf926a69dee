//! What becomes of a licence while its subscription lives and ends.

use domain::licences::{Source, Status};
use wardesk_core::guilds::alerts;
use wardesk_core::licences::payments::work::sweep;
use wardesk_core::licences::payments::{PaymentState, subscription_of};
use wardesk_core::licences::{end_customer, operator};
use wardesk_core::ports::{DisputeStatus, SubscriptionStatus};
use wardesk_core::testing::MONTH_MS;
use words::Words;

use super::shop::{BUYER, Shop, shops};

const DAY: i64 = 86_400_000;

/// A subscription whose trial is over and whose first month is paid.
async fn paid(shop: &mut Shop) -> String {
    let id = shop.subscribed("plus").await;
    shop.desk.clock.advance(14 * DAY);
    shop.provider.renew(&id, true);
    shop.settle().await;
    id
}

async fn alerted(shop: &Shop) -> usize {
    let manager = shop.desk.manager().await;
    alerts(&manager, Words::new(domain::locale::Locale::En)).await.unwrap().len()
}

async fn payment(shop: &Shop) -> PaymentState {
    let access = shop.desk.manager().await;
    subscription_of(&access, None).await.unwrap().subscription.unwrap().payment
}

#[tokio::test]
async fn a_trial_becomes_a_subscription() {
    for mut shop in shops().await {
        let id = shop.subscribed("plus").await;
        let source = async |shop: &Shop| {
            let db = shop.w().store().read();
            let rows = storage::licences::of_guild(db, shop.desk.guild).await.unwrap();
            rows[0].licence.source
        };
        assert_eq!(source(&shop).await, Source::Trial);
        shop.desk.clock.advance(14 * DAY);
        shop.provider.renew(&id, true);
        shop.settle().await;
        assert_eq!(source(&shop).await, Source::Subscription, "{}", shop.engine());
        assert_eq!(payment(&shop).await, PaymentState::Paid);
    }
}

#[tokio::test]
async fn a_new_subscription_takes_what_was_said_of_the_old_one_away() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        shop.desk.clock.advance(MONTH_MS);
        shop.provider.renew(&id, false);
        shop.settle().await;
        shop.desk.clock.advance(8 * DAY);
        shop.provider.end(&id, true);
        shop.settle().await;
        assert_eq!((shop.plan().await, alerted(&shop).await), ("free".to_owned(), 1));
        shop.subscribed("plus").await;
        assert_eq!(shop.plan().await, "plus");
        assert_eq!(alerted(&shop).await, 0, "{}", shop.engine());
    }
}

#[tokio::test]
async fn a_failed_payment_has_seven_days_and_is_told_once() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        shop.desk.clock.advance(MONTH_MS);
        shop.provider.renew(&id, false);
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus");
        assert!(matches!(payment(&shop).await, PaymentState::Failed { .. }));
        assert_eq!((shop.told().await, alerted(&shop).await), (1, 1), "{}", shop.engine());
        let staff = shop.desk.staff(60).await;
        let seen = alerts(&staff, Words::new(domain::locale::Locale::En)).await.unwrap();
        assert_eq!(seen.len(), 0, "{}: it is no affair of the team's", shop.engine());
        for _ in 0..2 {
            shop.desk.clock.advance(3 * DAY);
            shop.provider.retry(&id, false);
            shop.settle().await;
            assert_eq!(shop.plan().await, "plus");
        }
        assert_eq!(shop.told().await, 1, "{}: it is the same trouble", shop.engine());
        // The provider says nothing more; the time passes all the same.
        shop.desk.clock.advance(DAY);
        shop.settle().await;
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
        assert_eq!(payment(&shop).await, PaymentState::Unpaid);
        assert_eq!(shop.told().await, 2);
        // Whoever pays late has everything back.
        shop.provider.retry(&id, true);
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        assert_eq!((shop.told().await, alerted(&shop).await), (2, 0));
        // The next trouble is another one.
        shop.desk.clock.advance(MONTH_MS);
        shop.provider.renew(&id, false);
        shop.settle().await;
        assert_eq!((shop.told().await, alerted(&shop).await), (3, 1), "{}", shop.engine());
    }
}

#[tokio::test]
async fn what_is_paid_within_the_grace_is_as_if_nothing_had_been() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        shop.desk.clock.advance(MONTH_MS);
        shop.provider.renew(&id, false);
        shop.settle().await;
        shop.desk.clock.advance(5 * DAY);
        shop.provider.retry(&id, true);
        shop.settle().await;
        shop.desk.clock.advance(10 * DAY);
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        assert_eq!((payment(&shop).await, alerted(&shop).await), (PaymentState::Paid, 0));
        assert_eq!(shop.logged(shop.desk.guild, "licence.ended").await, 0);
    }
}

#[tokio::test]
async fn what_is_cancelled_counts_until_it_ends() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        shop.provider.cancel_later(&id, true);
        shop.settle().await;
        let end = shop.provider.look(&id).period_end;
        let access = shop.desk.manager().await;
        let seen = subscription_of(&access, None).await.unwrap().subscription.unwrap();
        assert_eq!((seen.ends_at, seen.renews_at), (Some(end), None));
        assert_eq!(shop.plan().await, "plus");
        // Taken back, and cancelled again.
        shop.provider.cancel_later(&id, false);
        shop.settle().await;
        let seen = subscription_of(&access, None).await.unwrap().subscription.unwrap();
        assert_eq!((seen.ends_at, seen.renews_at), (None, Some(end)));
        shop.provider.cancel_later(&id, true);
        shop.settle().await;
        shop.desk.clock.advance(end.since(shop.w().now()) - 1);
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus", "{}: to the last moment", shop.engine());
        shop.desk.clock.advance(1);
        shop.provider.end(&id, false);
        shop.settle().await;
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
        assert_eq!(payment(&shop).await, PaymentState::Ended);
        assert_eq!((shop.told().await, alerted(&shop).await), (0, 0), "who cancels knows");
        // Nothing stands: another subscription can be bought.
        shop.checkout("pro", domain::licences::Interval::Year).await.unwrap();
    }
}

#[tokio::test]
async fn refunds_and_disputes_suspend_as_stated() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        shop.provider.refund(&id, false);
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus", "{}: half of it is no refund", shop.engine());
        shop.provider.refund(&id, true);
        shop.settle().await;
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
        assert_eq!(payment(&shop).await, PaymentState::Refunded);
        shop.desk.clock.advance(MONTH_MS);
        shop.provider.renew(&id, true);
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus", "{}: the next period is paid", shop.engine());

        shop.provider.dispute(&id, DisputeStatus::Open);
        shop.settle().await;
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
        assert_eq!(payment(&shop).await, PaymentState::Disputed);
        shop.provider.dispute(&id, DisputeStatus::Won);
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        assert_eq!(alerted(&shop).await, 0);

        shop.provider.dispute(&id, DisputeStatus::Lost);
        shop.settle().await;
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
        // Nobody is to pay for what has ended.
        shop.settle().await;
        assert_eq!(shop.provider.made("cancel"), 1, "{}", shop.engine());
        assert_eq!(shop.provider.look(&id).status, SubscriptionStatus::Canceled);
        assert_eq!(payment(&shop).await, PaymentState::Lost);
        assert_eq!(shop.told().await, 3, "refunded, disputed, lost");
        shop.settle().await;
        assert_eq!(shop.logged(shop.desk.guild, "licence.ended").await, 1);
    }
}

#[tokio::test]
async fn the_end_of_a_customer_ends_what_they_pay() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        let holder = shop.desk.sign_in(BUYER, "Test").await;
        let ended = end_customer(shop.w(), &holder, true).await.unwrap();
        assert_eq!((ended.len(), shop.plan().await), (1, "free".to_owned()));
        shop.settle().await;
        assert_eq!(shop.provider.look(&id).status, SubscriptionStatus::Canceled);
        // What the provider tells afterwards brings nothing back.
        shop.provider.renew(&id, true);
        shop.settle().await;
        sweep(shop.w()).await.unwrap();
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
        let db = shop.w().store().read();
        let row = storage::payments::subscriptions::get(db, &id).await.unwrap().unwrap();
        assert_eq!((row.user, row.customer, row.guild), (None, None, None), "{}", shop.engine());
        assert_eq!(storage::payments::customer(db, holder.user, false).await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_is_not_ours_and_what_is_replaced_is_left_alone() {
    for mut shop in shops().await {
        let foreign = shop.provider.foreign_subscription();
        let id = paid(&mut shop).await;
        shop.provider.replace_price("wardesk_plus_month");
        assert_eq!(sweep(shop.w()).await.unwrap(), 1, "{}", shop.engine());
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        let db = shop.w().store().read();
        assert_eq!(storage::payments::subscriptions::get(db, &foreign).await.unwrap(), None);
        let row = storage::payments::subscriptions::get(db, &id).await.unwrap().unwrap();
        assert_eq!((row.plan.as_str(), row.status.as_str()), ("plus", "active"));
        let licence = storage::licences::get(db, row.licence).await.unwrap().unwrap();
        assert_eq!(licence.licence.status, Status::Active);
    }
}

#[tokio::test]
async fn what_an_operator_takes_back_is_not_paid_for() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        let db = shop.w().store().read();
        let row = storage::payments::subscriptions::get(db, &id).await.unwrap().unwrap();
        let console = operator::OperatorAccess::of_console(shop.w());
        operator::revoke(&console, row.licence).await.unwrap();
        assert_eq!(shop.plan().await, "free");
        shop.settle().await;
        assert_eq!(shop.provider.look(&id).status, SubscriptionStatus::Canceled);
        // Whatever is told afterwards, it does not come back.
        shop.settle().await;
        assert_eq!((shop.plan().await.as_str(), shop.provider.made("cancel")), ("free", 1));
    }
}
