//! What is asked of the provider, and what only its own word gives.

use domain::licences::Interval;
use domain::locale::Locale;
use wardesk_core::guilds;
use wardesk_core::licences::payments::{
    Confirmed, NextInvoice, PaymentState, PaymentsError, change_plan, donate, donation,
    open_portal, preview_change, start_checkout, subscription_of,
};
use wardesk_core::ports::{Money, PaymentError, Purchase};

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
        let page = subscription_of(&access).await.unwrap();
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
        let url = shop.checkout("plus", Interval::Month).await.unwrap();
        // Another manager has a page of their own, without one.
        let permissions = domain::permissions::Permissions::MANAGE_GUILD;
        let other = shop.desk.acting(51, &[], permissions);
        let other = guilds::authorize_member(shop.w(), shop.desk.guild, &other).await.unwrap();
        let plan = "plus".parse().unwrap();
        start_checkout(&other, &plan, Interval::Month, Locale::De).await.unwrap();
        let mut offered = days(&shop);
        offered.sort_unstable();
        assert_eq!(offered, [None, Some(14)], "{}", shop.engine());
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
        assert!(shown.at_once && shown.due.amount > 0);
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
        shop.provider.set_declines(false);
        // The answer is lost; the same wish again does it once.
        shop.provider.leave_unanswered(1);
        assert!(change_plan(&access, &agreed).await.is_err());
        // What it did is known by now, or is found out by the next attempt.
        match change_plan(&access, &agreed).await {
            Ok(()) | Err(PaymentsError::Unchanged) => {}
            Err(error) => panic!("{error}"),
        }
        shop.settle().await;
        assert_eq!(shop.provider.made("change"), 1, "{}", shop.engine());
        assert_eq!(shop.plan().await, "pro");
        let page = subscription_of(&access).await.unwrap().subscription.unwrap();
        assert_eq!((page.seats, page.payment), (3, PaymentState::Paid));
        let old = Confirmed { plan: "plus".parse().unwrap(), ..agreed };
        shop.desk.clock.advance(2 * HOUR);
        let stale = change_plan(&access, &old).await;
        assert!(matches!(stale, Err(PaymentsError::AmountChanged)), "{stale:?}");
    }
}

#[tokio::test]
async fn only_who_pays_changes_what_is_paid() {
    for mut shop in shops().await {
        shop.subscribed("plus").await;
        let permissions = domain::permissions::Permissions::MANAGE_GUILD;
        let other = shop.desk.acting(51, &[], permissions);
        let other = guilds::authorize_member(shop.w(), shop.desk.guild, &other).await.unwrap();
        let seen = subscription_of(&other).await.unwrap();
        assert!(!seen.subscription.unwrap().is_own && !seen.has_portal);
        let pro = "pro".parse().unwrap();
        let refused = preview_change(&other, &pro, Interval::Month).await;
        assert!(matches!(refused, Err(PaymentsError::NotHolder)), "{refused:?}");
        let refused = open_portal(&other, Locale::En).await;
        assert!(matches!(refused, Err(PaymentsError::NoCustomer)), "{refused:?}");
        let staff = shop.desk.staff(60).await;
        let refused = subscription_of(&staff).await;
        assert!(matches!(refused, Err(PaymentsError::NotFound)), "{refused:?}");
        let plan = "plus".parse().unwrap();
        let refused = start_checkout(&staff, &plan, Interval::Month, Locale::En).await;
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
