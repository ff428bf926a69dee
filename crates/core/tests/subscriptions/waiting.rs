//! A change of plan that waits for the holder's bank: nothing of it counts until the provider says that it was paid.

use domain::licences::{Interval, Status};
use wardesk_core::guilds;
use wardesk_core::licences::payments::work::sweep;
use wardesk_core::licences::payments::{
    Changed, Confirmed, DueWhen, PaymentState, PaymentsError, WaitingChange, change_plan,
    drop_change, pay_change, preview_change, subscription_of,
};
use wardesk_core::licences::{end_customer, operator};
use wardesk_core::ports::{InvoiceStatus, PaymentError, SubscriptionStatus};
use wardesk_core::testing::MONTH_MS;

use super::shop::{BUYER, Shop, shops};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// A subscription of Plus whose first month is paid, of somebody whose bank wants to be asked from now on.
async fn paid(shop: &mut Shop) -> String {
    let id = shop.subscribed("plus").await;
    shop.desk.clock.advance(14 * DAY);
    shop.provider.renew(&id, true);
    shop.settle().await;
    shop.provider.set_asks_bank(true);
    id
}

/// The buyer asks for Pro; the page on which they confirm it, and what they agreed to.
async fn asked(shop: &Shop) -> (String, Confirmed) {
    let agreed = shop.agreed("pro", DueWhen::Now).await;
    let access = shop.desk.manager().await;
    match change_plan(&access, &agreed).await.unwrap() {
        Changed::Confirm(page) => (page, agreed),
        Changed::Done => panic!("{}: nobody has confirmed", shop.engine()),
    }
}

async fn waits(shop: &Shop) -> Option<WaitingChange> {
    let access = shop.desk.manager().await;
    subscription_of(&access, None).await.unwrap().subscription.unwrap().change
}

fn invoice_of(shop: &Shop, id: &str) -> String {
    shop.provider.look(id).pending.unwrap().invoice.unwrap()
}

#[tokio::test]
async fn the_other_plan_comes_when_the_provider_says_that_it_was_paid() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        let (page, agreed) = asked(&shop).await;
        // It shows at once, and gives nothing: neither now nor by whatever is told.
        let seen = waits(&shop).await.unwrap();
        assert_eq!(seen.plan.unwrap().as_str(), "pro", "{}", shop.engine());
        let until = shop.provider.look(&id).pending.unwrap().expires;
        assert_eq!((seen.interval, seen.until), (Some(Interval::Month), until));
        assert_eq!(shop.plan().await, "plus");
        shop.settle().await;
        sweep(shop.w()).await.unwrap();
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
        // What is to be paid is what was agreed to, and the way there stays.
        let invoice = shop.provider.invoice(&invoice_of(&shop, &id));
        assert_eq!((invoice.status, invoice.remaining), (InvoiceStatus::Open, agreed.due.amount));
        let access = shop.desk.manager().await;
        assert_eq!(pay_change(&access).await.unwrap(), page);
        // Sent again it is the same change.
        assert_eq!(change_plan(&access, &agreed).await.unwrap(), Changed::Confirm(page));
        assert_eq!(shop.provider.made("waiting"), 1, "{}", shop.engine());

        shop.provider.confirm(&id, true);
        assert_eq!(shop.plan().await, "plus", "{}: nobody has told", shop.engine());
        shop.settle().await;
        assert_eq!(shop.plan().await, "pro", "{}", shop.engine());
        assert_eq!((waits(&shop).await, shop.provider.made("change")), (None, 1));
        let none = pay_change(&access).await;
        assert!(matches!(none, Err(PaymentsError::NoneWaits)), "{none:?}");
        let none = drop_change(&access).await;
        assert!(matches!(none, Err(PaymentsError::NoneWaits)), "{none:?}");
        assert_eq!(shop.plan().await, "pro");
    }
}

#[tokio::test]
async fn what_is_told_of_it_comes_in_any_order() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        asked(&shop).await;
        shop.provider.confirm(&id, false);
        shop.provider.confirm(&id, true);
        let mut told = shop.provider.events();
        told.reverse();
        for event in told.iter().chain(&told) {
            shop.deliver(event).await;
            shop.desk.clock.advance(60_000);
            shop.worker.turn(&shop.desk.w).await.unwrap();
            assert_eq!(shop.plan().await, "pro", "{}: {}", shop.engine(), event.kind);
        }
        assert_eq!(waits(&shop).await, None);
        assert_eq!(shop.told().await, 0, "a question of the bank is no failed renewal");
    }
}

#[tokio::test]
async fn refused_by_the_bank_it_waits_and_can_be_dropped() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        let (page, _) = asked(&shop).await;
        shop.provider.confirm(&id, false);
        shop.settle().await;
        let access = shop.desk.manager().await;
        let seen = subscription_of(&access, None).await.unwrap().subscription.unwrap();
        assert_eq!((seen.plan.as_str(), seen.payment), ("plus", PaymentState::Paid));
        assert!(seen.change.is_some(), "{}: another card may pay", shop.engine());
        assert_eq!(pay_change(&access).await.unwrap(), page);
        let invoice = invoice_of(&shop, &id);
        drop_change(&access).await.unwrap();
        assert_eq!(shop.provider.invoice(&invoice).status, InvoiceStatus::Void);
        assert_eq!((waits(&shop).await, shop.plan().await), (None, "plus".to_owned()));
        assert_eq!(shop.told().await, 0, "{}: nothing is owed", shop.engine());
        // The next wish is another one.
        shop.desk.clock.advance(60_000);
        let (next, _) = asked(&shop).await;
        assert_ne!(next, page);
    }
}

#[tokio::test]
async fn left_alone_it_runs_out_whether_the_provider_tells_or_not() {
    for tells in [true, false] {
        for mut shop in shops().await {
            let id = paid(&mut shop).await;
            let (_, old) = asked(&shop).await;
            shop.desk.clock.advance(23 * HOUR);
            assert_eq!(waits(&shop).await, None, "its time is over");
            shop.provider.expire_change(&id);
            if !tells {
                shop.provider.events();
            }
            shop.desk.clock.advance(2 * 60_000);
            shop.settle().await;
            let db = shop.w().store().read();
            let row = storage::payments::subscriptions::get(db, &id).await.unwrap().unwrap();
            assert_eq!((row.change, row.plan.as_str()), (None, "plus"), "{}", shop.engine());
            assert_eq!(shop.plan().await, "plus");
            // What was agreed to a day ago is no agreement any more.
            let access = shop.desk.manager().await;
            let stale = change_plan(&access, &old).await;
            assert!(matches!(stale, Err(PaymentsError::AmountChanged)), "{stale:?}");
            asked(&shop).await;
        }
    }
}

#[tokio::test]
async fn while_one_waits_there_is_no_other() {
    for mut shop in shops().await {
        paid(&mut shop).await;
        // Agreed to on another page, before.
        let access = shop.desk.manager().await;
        let pro = "pro".parse().unwrap();
        let year = preview_change(&access, &pro, Interval::Year).await.unwrap();
        asked(&shop).await;
        let other = Confirmed { plan: pro, interval: Interval::Year, at: year.at, due: year.due };
        let refused = change_plan(&access, &other).await;
        assert!(matches!(refused, Err(PaymentsError::ChangeWaits)), "{refused:?}");
        for (plan, interval) in [("pro", Interval::Month), ("plus", Interval::Year)] {
            let refused = preview_change(&access, &plan.parse().unwrap(), interval).await;
            assert!(matches!(refused, Err(PaymentsError::ChangeWaits)), "{refused:?}");
        }
        assert_eq!(shop.provider.made("waiting"), 1, "{}", shop.engine());
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_asks_for_nothing_twice() {
    for mut shop in shops().await {
        paid(&mut shop).await;
        let agreed = shop.agreed("pro", DueWhen::Now).await;
        shop.provider.leave_unanswered(1);
        let access = shop.desk.manager().await;
        let lost = change_plan(&access, &agreed).await;
        let gone = matches!(lost, Err(PaymentsError::Provider(PaymentError::Unavailable)));
        assert!(gone, "{lost:?}");
        shop.settle().await;
        assert!(waits(&shop).await.is_some(), "{}: it shows by itself", shop.engine());
        shop.restart(1000);
        let access = shop.desk.manager().await;
        let again = change_plan(&access, &agreed).await.unwrap();
        assert!(matches!(again, Changed::Confirm(_)), "{again:?}");
        assert_eq!(shop.provider.made("waiting"), 1, "{}", shop.engine());
    }
}

#[tokio::test]
async fn nobody_is_asked_to_confirm_more_than_they_agreed_to() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        let agreed = shop.agreed("pro", DueWhen::Now).await;
        // Between the last look and the change the price rises.
        shop.provider.raise_next(100);
        let access = shop.desk.manager().await;
        let refused = change_plan(&access, &agreed).await;
        assert!(matches!(refused, Err(PaymentsError::AmountChanged)), "{refused:?}");
        assert_eq!(shop.provider.look(&id).pending, None, "{}", shop.engine());
        assert_eq!((shop.provider.made("void"), waits(&shop).await), (1, None));
    }
}

#[tokio::test]
async fn cancelled_for_later_it_still_waits_and_an_end_takes_it_back() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        asked(&shop).await;
        let invoice = invoice_of(&shop, &id);
        shop.provider.cancel_later(&id, true);
        shop.settle().await;
        assert!(waits(&shop).await.is_some(), "{}", shop.engine());
        let db = shop.w().store().read();
        let row = storage::payments::subscriptions::get(db, &id).await.unwrap().unwrap();
        let console = operator::OperatorAccess::of_console(shop.w());
        operator::revoke(&console, row.licence).await.unwrap();
        shop.settle().await;
        assert_eq!(shop.provider.look(&id).status, SubscriptionStatus::Canceled);
        let status = shop.provider.invoice(&invoice).status;
        assert_eq!(
            status,
            InvoiceStatus::Void,
            "{}: nobody pays for what has ended",
            shop.engine()
        );
        assert_eq!(shop.provider.made("cancel"), 1);
    }
}

#[tokio::test]
async fn what_the_key_may_not_take_back_is_told_and_tried_again() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        asked(&shop).await;
        let invoice = invoice_of(&shop, &id);
        shop.provider.set_forbids_void(true);
        let access = shop.desk.manager().await;
        let refused = drop_change(&access).await;
        let forbidden = PaymentError::Refused { status: 403 };
        let told = matches!(&refused, Err(PaymentsError::Provider(why)) if *why == forbidden);
        assert!(told, "{}: {refused:?}", shop.engine());
        assert!(waits(&shop).await.is_some(), "{}: it waits as before", shop.engine());
        let db = shop.w().store().read();
        let row = storage::payments::subscriptions::get(db, &id).await.unwrap().unwrap();
        let console = operator::OperatorAccess::of_console(shop.w());
        operator::revoke(&console, row.licence).await.unwrap();
        shop.settle().await;
        assert_eq!(shop.provider.made("cancel"), 0, "{}", shop.engine());
        assert_eq!(shop.provider.invoice(&invoice).status, InvoiceStatus::Open);
        // The operator gives the key what it lacks.
        shop.provider.set_forbids_void(false);
        shop.desk.clock.advance(HOUR);
        shop.settle().await;
        assert_eq!(shop.provider.invoice(&invoice).status, InvoiceStatus::Void);
        assert_eq!(shop.provider.look(&id).status, SubscriptionStatus::Canceled);
    }
}

#[tokio::test]
async fn who_leaves_owes_nothing_for_a_change_that_waits() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        asked(&shop).await;
        let invoice = invoice_of(&shop, &id);
        let holder = shop.desk.sign_in(BUYER, "Test").await;
        end_customer(shop.w(), &holder, true).await.unwrap();
        shop.settle().await;
        assert_eq!(shop.provider.invoice(&invoice).status, InvoiceStatus::Void);
        assert_eq!(shop.provider.look(&id).status, SubscriptionStatus::Canceled);
        assert_eq!(shop.plan().await, "free", "{}", shop.engine());
    }
}

#[tokio::test]
async fn a_change_that_nobody_paid_does_not_shorten_a_grace() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        asked(&shop).await;
        shop.provider.confirm(&id, false);
        shop.provider.expire_change(&id);
        shop.desk.clock.advance(MONTH_MS);
        shop.provider.renew(&id, false);
        let failed = shop.w().now();
        shop.settle().await;
        shop.desk.clock.advance(DAY);
        shop.provider.end(&id, true);
        shop.settle().await;
        let access = shop.desk.manager().await;
        let seen = subscription_of(&access, None).await.unwrap().subscription.unwrap();
        let wanted = PaymentState::Failed { grace_until: failed.plus_seconds(7 * 86_400) };
        assert_eq!((seen.payment, seen.change), (wanted, None), "{}", shop.engine());
        let db = shop.w().store().read();
        let licence = storage::licences::get(db, seen.licence).await.unwrap().unwrap().licence;
        assert_eq!(licence.status, Status::Active, "{}", shop.engine());
    }
}

#[tokio::test]
async fn only_who_pays_confirms_or_drops() {
    for mut shop in shops().await {
        let id = paid(&mut shop).await;
        asked(&shop).await;
        let permissions = domain::permissions::Permissions::MANAGE_GUILD;
        let other = shop.desk.acting(51, &[], permissions);
        let other = guilds::authorize_member(shop.w(), shop.desk.guild, &other).await.unwrap();
        let refused = pay_change(&other).await;
        assert!(matches!(refused, Err(PaymentsError::NotHolder)), "{refused:?}");
        let refused = drop_change(&other).await;
        assert!(matches!(refused, Err(PaymentsError::NotHolder)), "{refused:?}");
        let staff = shop.desk.staff(60).await;
        let refused = pay_change(&staff).await;
        assert!(matches!(refused, Err(PaymentsError::NotFound)), "{refused:?}");
        assert!(shop.provider.look(&id).pending.is_some(), "{}", shop.engine());
    }
}
