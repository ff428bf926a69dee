//! What is asked of the provider, and what only its own word gives.

use domain::licences::Interval;
use domain::locale::Locale;
use wardesk_core::licences::payments::{
    Changed, Confirmed, DueWhen, NextInvoice, PaymentState, PaymentsError, change_plan, donate,
    donation, has_portal, open_own_portal, open_portal, preview_change, start_checkout,
    subscription_of,
};
use wardesk_core::ports::{Money, PaymentError, Purchase, SubscriptionStatus};
use wardesk_core::{guilds, licences};

use super::shop::{BUYER, shops};

const HOUR: i64 = 3_600_000;

#[tokio::test]
async fn a_plan_comes_from_the_providers_word_and_not_from_the_way_back() {
    for mut shop in shops().await {
        let url = shop.checkout("plus", Interval::Month).await.unwrap();
        assert_eq!(shop.plan().await, "free");
        shop.worker.turn(&shop.desk.w).await.unwrap();
        assert_eq!(shop.plan().await, "free", "{}: a page is no payment", shop.engine());
        let id = shop.provider.pay(&url).unwrap();
        assert_eq!(shop.plan().await, "free", "nobody has told yet");
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        assert_eq!(shop.logged(shop.desk.guild, "licence.issued").await, 1);

        let access = shop.desk.manager().await;
        let page = subscription_of(&access, None).await.unwrap();
        let seen = page.subscription.unwrap();
        assert_eq!((seen.plan.as_str(), seen.interval), ("plus", Some(Interval::Month)));
        assert!(seen.is_own && seen.stands && page.has_portal);
        assert_eq!((seen.seats, seen.seats_taken), (1, 1));
        assert_eq!(seen.payment, PaymentState::Trial);
        let end = shop.provider.look(&id).period_end;
        assert_eq!((seen.renews_at, seen.trial_until), (Some(end), Some(end)));
        let NextInvoice::Due { money, at } = seen.next_invoice else { panic!("no invoice") };
        assert_eq!((money.amount, money.currency.as_str(), at), (499, "eur", end));
        assert_eq!(page.offers.len(), 4);
        assert!(page.offers.iter().all(|o| o.price.is_some() && o.trial_days.is_none()));
        // Who subscribed changes the plan; a second subscription is not sold.
        let again = shop.checkout("pro", Interval::Year).await;
        assert!(matches!(again, Err(PaymentsError::AlreadySubscribed)), "{again:?}");
    }
}

#[tokio::test]
async fn a_wish_that_is_repeated_is_the_same_wish() {
    for mut shop in shops().await {
        let unavailable = |lost: Result<String, PaymentsError>| {
            let gone = matches!(lost, Err(PaymentsError::Provider(PaymentError::Unavailable)));
            assert!(gone, "{lost:?}");
        };
        // The provider does what it is asked and does not say so: the customer is made.
        shop.provider.leave_unanswered(1);
        unavailable(shop.checkout("plus", Interval::Month).await);
        shop.restart(1000);
        // Then the page.
        shop.provider.leave_unanswered(1);
        unavailable(shop.checkout("plus", Interval::Month).await);
        shop.restart(1000);
        let url = shop.checkout("plus", Interval::Month).await.unwrap();
        assert_eq!(shop.checkout("plus", Interval::Month).await.unwrap(), url);
        // Then the end of that page, because another plan is wished for.
        let plus = shop.provider.open_checkouts();
        shop.provider.leave_unanswered(1);
        unavailable(shop.checkout("pro", Interval::Month).await);
        shop.restart(1000);
        shop.checkout("pro", Interval::Month).await.unwrap();
        let open = shop.provider.open_checkouts();
        assert_eq!((plus.len(), open.len()), (1, 1), "nobody pays twice");
        assert_ne!(plus[0].0, open[0].0);
        assert_eq!(shop.provider.made("customer"), 1, "{}", shop.engine());
        assert_eq!(shop.provider.made("checkout"), 2, "{}", shop.engine());
    }
}

#[tokio::test]
async fn a_trial_is_given_once_for_each_server() {
    let days = |shop: &super::shop::Shop| -> Vec<Option<u32>> {
        let open = shop.provider.open_checkouts();
        open.into_iter()
            .map(|(_, new)| match new.purchase {
                Purchase::Subscription { trial_days, .. } => trial_days,
                Purchase::Donation { .. } => None,
            })
            .collect()
    };
    for mut shop in shops().await {
        shop.checkout("plus", Interval::Month).await.unwrap();
        // Another manager's page ends the first: of two trials at once one would be too many.
        let url = shop.checkout_of_other("plus").await.unwrap();
        assert_eq!(days(&shop), [Some(14)], "{}", shop.engine());
        let id = shop.provider.pay(&url).unwrap();
        shop.settle().await;
        shop.provider.end(&id, false);
        shop.settle().await;
        assert_eq!(shop.plan().await, "free");
        shop.desk.clock.advance(3 * HOUR);
        shop.checkout("pro", Interval::Year).await.unwrap();
        let newest = shop.provider.open_checkouts().pop().unwrap().1;
        let Purchase::Subscription { trial_days, .. } = newest.purchase else { panic!() };
        assert_eq!(trial_days, None, "{}: it had its trial", shop.engine());
    }
}

#[tokio::test]
async fn a_plan_is_changed_for_the_amount_that_was_shown() {
    for mut shop in shops().await {
        let id = shop.subscribed("plus").await;
        shop.desk.clock.advance(14 * 24 * HOUR);
        shop.provider.renew(&id, true);
        shop.settle().await;
        let access = shop.desk.manager().await;
        let pro = "pro".parse().unwrap();
        let shown = preview_change(&access, &pro, Interval::Month).await.unwrap();
        assert_eq!(shown.when, DueWhen::Now);
        assert!(shown.due.amount > 0);
        let agreed = Confirmed {
            plan: pro.clone(),
            interval: Interval::Month,
            at: shown.at,
            due: shown.due.clone(),
        };
        let dearer =
            Confirmed { due: Money { amount: 1, currency: "eur".into() }, ..agreed.clone() };
        let refused = change_plan(&access, &dearer).await;
        assert!(matches!(refused, Err(PaymentsError::AmountChanged)), "{refused:?}");
        shop.provider.set_declines(true);
        let refused = change_plan(&access, &agreed).await;
        assert!(matches!(refused, Err(PaymentsError::Declined)), "{refused:?}");
        assert_eq!(shop.plan().await, "plus");
        // Nothing is left of it, neither to be paid nor to be waited for.
        assert_eq!((shop.provider.made("waiting"), shop.provider.made("void")), (1, 1));
        assert_eq!(shop.provider.look(&id).pending, None, "{}", shop.engine());
        shop.provider.set_declines(false);
        // The answer is lost; the same wish again does it once.
        shop.provider.leave_unanswered(1);
        assert!(change_plan(&access, &agreed).await.is_err());
        // What it did is known by now, or is found out by the next attempt.
        match change_plan(&access, &agreed).await {
            Ok(Changed::Done) | Err(PaymentsError::Unchanged) => {}
            Ok(other) => panic!("{other:?}"),
            Err(error) => panic!("{error}"),
        }
        shop.settle().await;
        assert_eq!(shop.provider.made("change"), 1, "{}", shop.engine());
        assert_eq!(shop.plan().await, "pro");
        let page = subscription_of(&access, None).await.unwrap().subscription.unwrap();
        assert_eq!((page.seats, page.payment), (3, PaymentState::Paid));
        // Down, and up again within the hour: each is a wish of its own.
        shop.change("plus", DueWhen::NextInvoice).await;
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        shop.desk.clock.advance(60_000);
        shop.change("pro", DueWhen::Now).await;
        assert_eq!(shop.plan().await, "pro", "{}", shop.engine());
        assert_eq!(shop.provider.made("change"), 3, "{}", shop.engine());
        let old = Confirmed { plan: "plus".parse().unwrap(), ..agreed };
        shop.desk.clock.advance(2 * HOUR);
        let stale = change_plan(&access, &old).await;
        assert!(matches!(stale, Err(PaymentsError::AmountChanged)), "{stale:?}");
    }
}

#[tokio::test]
async fn in_a_trial_another_plan_costs_nothing_until_it_ends() {
    for mut shop in shops().await {
        let id = shop.subscribed("plus").await;
        let end = shop.provider.look(&id).period_end;
        shop.change("pro", DueWhen::TrialEnd).await;
        assert_eq!(shop.plan().await, "pro", "{}", shop.engine());
        let access = shop.desk.manager().await;
        let page = subscription_of(&access, None).await.unwrap().subscription.unwrap();
        assert_eq!((page.payment, page.trial_until), (PaymentState::Trial, Some(end)));
    }
}

#[tokio::test]
async fn what_is_paid_and_not_told_of_is_not_sold_again() {
    for shop in shops().await {
        let url = shop.checkout("plus", Interval::Month).await.unwrap();
        shop.provider.pay(&url).unwrap();
        // No webhook has come yet.
        for again in [
            shop.checkout("pro", Interval::Year).await,
            shop.checkout("plus", Interval::Month).await,
            shop.checkout_of_other("pro").await,
        ] {
            assert!(matches!(again, Err(PaymentsError::AlreadySubscribed)), "{again:?}");
        }
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        assert!(shop.provider.open_checkouts().is_empty());
        assert_eq!(shop.provider.made("checkout"), 1);
    }
}

#[tokio::test]
async fn a_server_has_one_page_to_pay_on() {
    for shop in shops().await {
        let url = shop.checkout("plus", Interval::Month).await.unwrap();
        shop.desk.clock.advance(HOUR + HOUR / 2);
        assert_eq!(shop.checkout("plus", Interval::Month).await.unwrap(), url);
        let year = shop.checkout("plus", Interval::Year).await.unwrap();
        assert_ne!(year, url);
        assert_ne!(shop.checkout_of_other("plus").await.unwrap(), year);
        assert_eq!(shop.provider.open_checkouts().len(), 1, "{}", shop.engine());
        shop.desk.clock.advance(3 * HOUR);
        shop.checkout("pro", Interval::Month).await.unwrap();
        assert_eq!(shop.provider.open_checkouts().len(), 1, "{}", shop.engine());
    }
}

#[tokio::test]
async fn a_failure_that_the_provider_keeps_does_not_stand_in_the_way() {
    for shop in shops().await {
        let failed = |came: Result<String, PaymentsError>| {
            let gone = matches!(came, Err(PaymentsError::Provider(PaymentError::Unavailable)));
            assert!(gone, "{}: {came:?}", shop.engine());
        };
        shop.checkout("plus", Interval::Month).await.unwrap();
        // At the end of a page.
        shop.provider.fail_for_good(1);
        failed(shop.checkout("pro", Interval::Month).await);
        shop.checkout("pro", Interval::Month).await.unwrap();
        // At the page itself: the same wish is asked for under the same key for a while, then under another one.
        shop.desk.clock.advance(3 * HOUR);
        shop.provider.fail_for_good(1);
        failed(shop.checkout("plus", Interval::Month).await);
        failed(shop.checkout("plus", Interval::Month).await);
        shop.desk.clock.advance(60_000);
        failed(shop.checkout("plus", Interval::Month).await);
        shop.checkout("plus", Interval::Month).await.unwrap();
        assert_eq!(shop.provider.open_checkouts().len(), 1, "{}", shop.engine());
        // One whose time is over is not asked for once more.
        shop.desk.clock.advance(3 * HOUR);
        shop.provider.fail_for_good(1);
        failed(shop.checkout("plus", Interval::Month).await);
        shop.desk.clock.advance(3 * HOUR);
        shop.checkout_of_other("pro").await.unwrap();
    }
}

#[tokio::test]
async fn a_page_is_handed_out_or_its_wish_given_up_and_never_both() {
    use storage::payments::wishes;
    for shop in shops().await {
        let about = format!("checkout:{}", shop.desk.guild);
        shop.checkout("plus", Interval::Month).await.unwrap();
        shop.desk.clock.advance(3 * HOUR);
        shop.provider.fail_for_good(1);
        shop.checkout("plus", Interval::Month).await.unwrap_err();
        let db = shop.w().store().read();
        let wish = wishes::open(db, &about).await.unwrap().unwrap();
        let mut tx = shop.w().store().begin().await.unwrap();
        assert!(wishes::give_up(tx.conn(), &wish.id).await.unwrap());
        assert!(!wishes::made(tx.conn(), &wish.id, "cs_late").await.unwrap(), "{}", shop.engine());
        tx.commit().await.unwrap();
        shop.checkout("plus", Interval::Month).await.unwrap();
        let wish = wishes::open(db, &about).await.unwrap().unwrap();
        let mut tx = shop.w().store().begin().await.unwrap();
        assert!(!wishes::give_up(tx.conn(), &wish.id).await.unwrap(), "{}", shop.engine());
        let object = wish.object.unwrap();
        assert!(wishes::made(tx.conn(), &wish.id, &object).await.unwrap(), "{}", shop.engine());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn pretended_money_buys_nothing_once_the_service_takes_real_money() {
    for mut shop in shops().await {
        let pretended = shop.subscribed("plus").await;
        shop.provider.go_live();
        // The lease of the program before has run out.
        shop.restart(65_000);
        shop.settle().await;
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
        let db = shop.w().store().read();
        assert_eq!(storage::payments::subscriptions::get(db, &pretended).await.unwrap(), None);
        let access = shop.desk.manager().await;
        let page = subscription_of(&access, None).await.unwrap();
        assert!(page.offers.iter().all(|offer| offer.trial_days == Some(14)), "{page:?}");
        let url = shop.checkout("plus", Interval::Month).await.unwrap();
        let newest = shop.provider.open_checkouts().pop().unwrap().1;
        let Purchase::Subscription { trial_days, .. } = newest.purchase else { panic!() };
        assert_eq!(trial_days, Some(14), "{}: a pretended trial is none", shop.engine());
        shop.provider.pay(&url).unwrap();
        let sweep = wardesk_core::licences::payments::work::sweep(shop.w());
        assert_eq!(sweep.await.unwrap(), 1);
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        assert_eq!(shop.provider.made("customer"), 2, "one for each mode");
    }
}

#[tokio::test]
async fn a_customer_whom_the_provider_removed_is_made_again() {
    for shop in shops().await {
        let user = domain::ids::UserId::new(BUYER).unwrap();
        let mut tx = shop.w().store().begin().await.unwrap();
        let now = shop.w().now();
        storage::payments::keep_customer(tx.conn(), user, false, "cus_gone", now).await.unwrap();
        tx.commit().await.unwrap();
        shop.checkout("plus", Interval::Month).await.unwrap();
        let open = shop.provider.open_checkouts();
        assert_eq!(open.len(), 1, "{}", shop.engine());
        assert_ne!(open[0].1.customer, "cus_gone");
    }
}

#[tokio::test]
async fn who_pays_reaches_their_page_without_a_server() {
    for mut shop in shops().await {
        let holder = shop.desk.sign_in(BUYER, "Test").await;
        assert!(!has_portal(shop.w(), &holder).await.unwrap());
        shop.subscribed("plus").await;
        assert!(has_portal(shop.w(), &holder).await.unwrap());
        open_own_portal(shop.w(), &holder, Locale::En).await.unwrap();
        assert_eq!(shop.provider.made("portal"), 1, "{}", shop.engine());
        let other = shop.desk.sign_in(51, "Test").await;
        assert!(!has_portal(shop.w(), &other).await.unwrap());
        let refused = open_own_portal(shop.w(), &other, Locale::En).await;
        assert!(matches!(refused, Err(PaymentsError::NoCustomer)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_server_whose_seat_was_taken_away_can_subscribe() {
    for mut shop in shops().await {
        shop.subscribed("plus").await;
        let holder = shop.desk.sign_in(BUYER, "Test").await;
        let held = licences::of_holder(shop.w(), &holder).await.unwrap();
        let id = held.licences[0].licence.id;
        let refused = shop.checkout_of_other("plus").await;
        assert!(matches!(refused, Err(PaymentsError::AlreadySubscribed)), "{refused:?}");
        licences::seats::release(shop.w(), &holder, id, shop.desk.guild).await.unwrap();
        let url = shop.checkout_of_other("plus").await.unwrap();
        shop.provider.pay(&url).unwrap();
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
    }
}

#[tokio::test]
async fn what_somebody_else_left_unpaid_stands_in_nobodys_way() {
    for mut shop in shops().await {
        let left = shop.subscribed("plus").await;
        shop.desk.clock.advance(14 * 24 * HOUR);
        shop.provider.renew(&left, false);
        shop.settle().await;
        // While it is waited for, the plan counts.
        let refused = shop.checkout_of_other("pro").await;
        assert!(matches!(refused, Err(PaymentsError::AlreadySubscribed)), "{refused:?}");
        shop.desk.clock.advance(8 * 24 * HOUR);
        shop.settle().await;
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
        // Whoever owes it pays that, and buys nothing else.
        let refused = shop.checkout("pro", Interval::Month).await;
        assert!(matches!(refused, Err(PaymentsError::AlreadySubscribed)), "{refused:?}");
        let permissions = domain::permissions::Permissions::MANAGE_GUILD;
        let other = shop.desk.acting(51, &[], permissions);
        let other = guilds::authorize_member(shop.w(), shop.desk.guild, &other).await.unwrap();
        let seen = subscription_of(&other, None).await.unwrap();
        assert!(!seen.currencies.fixed && !seen.subscription.unwrap().stands);
        let url = shop.checkout_of_other("pro").await.unwrap();
        shop.provider.pay(&url).unwrap();
        shop.settle().await;
        assert_eq!(shop.plan().await, "pro", "{}", shop.engine());
        // Each sees their own.
        let seen = subscription_of(&other, None).await.unwrap().subscription.unwrap();
        assert!(seen.is_own && seen.stands && seen.plan.as_str() == "pro", "{seen:?}");
        let holder = shop.desk.manager().await;
        let seen = subscription_of(&holder, None).await.unwrap().subscription.unwrap();
        assert!(seen.is_own && seen.stands, "{seen:?}");
        assert_eq!(seen.payment, PaymentState::Unpaid, "{}", shop.engine());
        // And nobody buys a third.
        let refused = shop.checkout_of_other("plus").await;
        assert!(matches!(refused, Err(PaymentsError::AlreadySubscribed)), "{refused:?}");
    }
}

#[tokio::test]
async fn who_leaves_while_they_pay_gets_nothing_and_pays_nothing_more() {
    for mut shop in shops().await {
        let holder = shop.desk.sign_in(BUYER, "Test").await;
        let url = shop.checkout("plus", Interval::Month).await.unwrap();
        let id = shop.provider.pay(&url).unwrap();
        assert!(licences::end_customer(shop.w(), &holder, true).await.unwrap().is_empty());
        shop.settle().await;
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
        assert_eq!(shop.provider.look(&id).status, SubscriptionStatus::Canceled);
        let db = shop.w().store().read();
        let row = storage::payments::subscriptions::get(db, &id).await.unwrap().unwrap();
        assert_eq!((row.user, row.customer, row.guild), (None, None, None), "{}", shop.engine());
        // A page on which nobody has paid yet ends with them.
        shop.checkout("pro", Interval::Month).await.unwrap();
        licences::end_customer(shop.w(), &holder, true).await.unwrap();
        assert!(shop.provider.open_checkouts().is_empty(), "{}", shop.engine());
    }
}

#[tokio::test]
async fn only_who_pays_changes_what_is_paid() {
    for mut shop in shops().await {
        shop.subscribed("plus").await;
        let permissions = domain::permissions::Permissions::MANAGE_GUILD;
        let other = shop.desk.acting(51, &[], permissions);
        let other = guilds::authorize_member(shop.w(), shop.desk.guild, &other).await.unwrap();
        let seen = subscription_of(&other, None).await.unwrap();
        assert!(!seen.subscription.unwrap().is_own && !seen.has_portal);
        let pro = "pro".parse().unwrap();
        let refused = preview_change(&other, &pro, Interval::Month).await;
        assert!(matches!(refused, Err(PaymentsError::NotHolder)), "{refused:?}");
        let refused = open_portal(&other, Locale::En).await;
        assert!(matches!(refused, Err(PaymentsError::NoCustomer)), "{refused:?}");
        let staff = shop.desk.staff(60).await;
        let refused = subscription_of(&staff, None).await;
        assert!(matches!(refused, Err(PaymentsError::NotFound)), "{refused:?}");
        let plan = "plus".parse().unwrap();
        let refused = start_checkout(&staff, &plan, Interval::Month, None, Locale::En).await;
        assert!(matches!(refused, Err(PaymentsError::NotFound)), "{refused:?}");
        let access = shop.desk.manager().await;
        open_portal(&access, Locale::En).await.unwrap();
        let community = "community".parse().unwrap();
        let refused = preview_change(&access, &community, Interval::Month).await;
        assert!(matches!(refused, Err(PaymentsError::NotSold)), "{refused:?}");
    }
}

#[tokio::test]
async fn a_donation_is_thanked_for_when_it_has_come() {
    for mut shop in shops().await {
        let donor = shop.desk.sign_in(BUYER, "Test").await;
        let other = shop.desk.sign_in(51, "Test").await;
        let money = Money { amount: 2500, currency: "eur".into() };
        let url = donate(shop.w(), &donor, &money, Locale::En).await.unwrap();
        assert_eq!(donate(shop.w(), &donor, &money, Locale::En).await.unwrap(), url);
        let (_, new) = shop.provider.open_checkouts().pop().unwrap();
        let id = new.success_url.rsplit('/').next().unwrap().to_owned();
        assert!(!donation(shop.w(), &donor, &id).await.unwrap().paid, "it says so itself");
        assert_eq!(shop.provider.pay(&url), None);
        shop.settle().await;
        let given = donation(shop.w(), &donor, &id).await.unwrap();
        assert_eq!((given.money, given.paid), (money.clone(), true));
        let foreign = donation(shop.w(), &other, &id).await;
        assert!(matches!(foreign, Err(PaymentsError::NotFound)), "{foreign:?}");
        assert_eq!(shop.plan().await, "free", "{}: it buys nothing", shop.engine());
        // The same once more is another one.
        assert_ne!(donate(shop.w(), &donor, &money, Locale::En).await.unwrap(), url);
        for (amount, currency) in [(99, "eur"), (100_000_000, "eur"), (500, "jpy"), (-500, "eur")] {
            let money = Money { amount, currency: currency.into() };
            let refused = donate(shop.w(), &donor, &money, Locale::En).await;
            assert!(matches!(refused, Err(PaymentsError::BadAmount)), "{amount} {currency}");
        }
    }
}

#[tokio::test]
async fn nobody_has_pages_made_without_end() {
    for shop in shops().await {
        let donor = shop.desk.sign_in(BUYER, "Test").await;
        let mut refused = 0;
        for amount in 100..200 {
            let money = Money { amount, currency: "eur".into() };
            match donate(shop.w(), &donor, &money, Locale::En).await {
                Ok(_) => {}
                Err(PaymentsError::TooMany) => refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(shop.provider.made("checkout") + refused, 100);
        assert!(refused >= 40, "{}: {refused}", shop.engine());
        shop.desk.clock.advance(HOUR + 1000);
        let money = Money { amount: 777, currency: "eur".into() };
        donate(shop.w(), &donor, &money, Locale::En).await.unwrap();
    }
}
