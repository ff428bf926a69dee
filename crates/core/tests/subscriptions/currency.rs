//! The currency of what is bought: chosen before, kept afterwards.

use domain::ids::GuildId;
use domain::licences::Interval;
use domain::locale::Locale;
use wardesk_core::guilds::{self, GuildAccess};
use wardesk_core::licences::payments::{
    Changed, Confirmed, Currencies, DueWhen, NextInvoice, PaymentsError, change_plan,
    preview_change, start_checkout, subscription_of,
};
use wardesk_core::ports::{Money, PaymentError, Purchase};

use super::shop::{BUYER, Shop, shops};

const DAY: i64 = 86_400_000;
const OTHER_GUILD: i64 = 2000;

fn money(amount: i64, currency: &str) -> Money {
    Money { amount, currency: currency.to_owned() }
}

/// The currencies of the pages that can be paid on, with where each leads back to.
fn open(shop: &Shop) -> Vec<(String, String)> {
    let all = shop.provider.open_checkouts().into_iter();
    let currency = |purchase| match purchase {
        Purchase::Subscription { currency, .. } => currency.unwrap_or_default(),
        Purchase::Donation { money, .. } => money.currency,
    };
    all.map(|(_, new)| (currency(new.purchase), new.cancel_url)).collect()
}

async fn shown(shop: &Shop, wanted: Option<&str>) -> (Vec<Option<Money>>, Currencies) {
    let access = shop.desk.manager().await;
    let page = subscription_of(&access, wanted).await.unwrap();
    (page.offers.into_iter().map(|offer| offer.price).collect(), page.currencies)
}

/// A subscription of Plus in a currency, after its trial.
async fn paid_in(shop: &mut Shop, currency: &str) -> String {
    let url = shop.checkout_in("plus", currency).await.unwrap();
    let id = shop.provider.pay(&url).unwrap();
    shop.settle().await;
    shop.desk.clock.advance(14 * DAY);
    shop.provider.renew(&id, true);
    shop.settle().await;
    id
}

/// The buyer on another server that they manage.
async fn elsewhere(shop: &Shop) -> GuildAccess {
    let guild = GuildId::new(OTHER_GUILD).unwrap();
    guilds::arrived(shop.w(), guild, "Other", None).await.unwrap();
    let permissions = domain::permissions::Permissions::MANAGE_GUILD;
    let buyer = shop.desk.acting(BUYER, &[], permissions);
    guilds::authorize_member(shop.w(), guild, &buyer).await.unwrap()
}

#[tokio::test]
async fn amounts_are_shown_in_the_currency_that_was_chosen() {
    for shop in shops().await {
        shop.provider.offer_in("wardesk_pro_year", &[("eur", 4990)]);
        let choice = ["eur", "chf", "usd"].map(str::to_owned).to_vec();
        for (wanted, code, amount) in [
            (None, "eur", 499),
            (Some("usd"), "usd", 549),
            // What nobody offers is as if nothing had been chosen.
            (Some("jpy"), "eur", 499),
            (Some("USD&x=<y>"), "eur", 499),
        ] {
            let (prices, currencies) = shown(&shop, wanted).await;
            assert_eq!(prices[0], Some(money(amount, code)), "{}: {wanted:?}", shop.engine());
            // One that is not offered in it is shown in its own.
            assert_eq!(prices[3], Some(money(4990, "eur")), "{wanted:?}");
            let wanted =
                Currencies { shown: Some(code.into()), choice: choice.clone(), fixed: false };
            assert_eq!(currencies, wanted);
        }
    }
}

#[tokio::test]
async fn with_one_currency_there_is_nothing_to_choose() {
    for shop in shops().await {
        for key in super::shop::KEYS {
            shop.provider.offer_in(key, &[("gbp", 429)]);
        }
        let (prices, currencies) = shown(&shop, Some("eur")).await;
        assert!(prices.iter().all(|price| *price == Some(money(429, "gbp"))), "{prices:?}");
        let wanted = Currencies { shown: Some("gbp".into()), choice: Vec::new(), fixed: false };
        assert_eq!(currencies, wanted, "{}", shop.engine());
        shop.checkout("plus", Interval::Month).await.unwrap();
        assert_eq!(open(&shop)[0].0, "gbp", "{}", shop.engine());
    }
}

#[tokio::test]
async fn the_chosen_currency_reaches_the_provider() {
    for mut shop in shops().await {
        let url = shop.checkout_in("plus", "usd").await.unwrap();
        let page = &open(&shop)[0];
        assert_eq!(page.0, "usd", "{}", shop.engine());
        assert!(page.1.ends_with("/subscription?currency=usd"), "{}", page.1);
        // The same wish again is the same page.
        assert_eq!(shop.checkout_in("plus", "usd").await.unwrap(), url);
        // Another currency is another wish: its page takes the place of the first, under another key.
        let euro = shop.checkout("plus", Interval::Month).await.unwrap();
        assert_ne!(euro, url);
        let pages = open(&shop);
        assert_eq!((pages.len(), pages[0].0.as_str()), (1, "eur"), "{}", shop.engine());
        assert!(pages[0].1.ends_with("/subscription"), "{}", pages[0].1);
        let url = shop.checkout_in("plus", "usd").await.unwrap();
        assert_eq!(open(&shop).len(), 1, "{}", shop.engine());
        assert_eq!(shop.provider.made("checkout"), 3);
        let id = shop.provider.pay(&url).unwrap();
        shop.settle().await;
        assert_eq!(shop.provider.look(&id).currency.as_deref(), Some("usd"));
        let access = shop.desk.manager().await;
        let seen = subscription_of(&access, None).await.unwrap().subscription.unwrap();
        let NextInvoice::Due { money: due, .. } = seen.next_invoice else { panic!("no invoice") };
        assert_eq!(due, money(549, "usd"), "{}", shop.engine());
    }
}

#[tokio::test]
async fn a_currency_that_a_price_is_not_offered_in_is_refused() {
    for shop in shops().await {
        shop.provider.offer_in("wardesk_pro_month", &[("eur", 1299), ("gbp", 1149)]);
        for (plan, currency) in [("plus", "gbp"), ("pro", "usd"), ("plus", "jpy"), ("plus", "USD")]
        {
            let refused = shop.checkout_in(plan, currency).await;
            let right = matches!(refused, Err(PaymentsError::NotInCurrency));
            assert!(right, "{}: {plan} {currency}: {refused:?}", shop.engine());
        }
        assert_eq!(shop.provider.made("checkout") + shop.provider.made("customer"), 0);
        shop.checkout_in("pro", "gbp").await.unwrap();
    }
}

#[tokio::test]
async fn a_change_stays_in_the_currency_of_the_subscription() {
    for mut shop in shops().await {
        shop.provider.offer_in("wardesk_pro_month", &[("eur", 1299), ("usd", 1399)]);
        shop.provider.offer_in("wardesk_pro_year", &[("eur", 12_990)]);
        let id = paid_in(&mut shop, "usd").await;
        // Whatever was chosen: the page shows what is paid.
        let (prices, currencies) = shown(&shop, Some("chf")).await;
        assert_eq!(prices[0], Some(money(549, "usd")), "{}", shop.engine());
        assert_eq!(prices[2], Some(money(1399, "usd")));
        let fixed = Currencies { shown: Some("usd".into()), choice: Vec::new(), fixed: true };
        assert_eq!(currencies, fixed, "{}", shop.engine());

        let access = shop.desk.manager().await;
        let pro = "pro".parse().unwrap();
        let change = preview_change(&access, &pro, Interval::Month).await.unwrap();
        assert_eq!((change.when, change.due.currency.as_str()), (DueWhen::Now, "usd"));
        assert_eq!(change.price, Some(money(1399, "usd")), "{}", shop.engine());
        // The same amount in another currency is another one.
        let wrong = money(change.due.amount, "eur");
        let agreed =
            Confirmed { plan: pro.clone(), interval: Interval::Month, at: change.at, due: wrong };
        let refused = change_plan(&access, &agreed).await;
        assert!(matches!(refused, Err(PaymentsError::AmountChanged)), "{refused:?}");
        // A price that is not offered in it cannot be changed to.
        let refused = preview_change(&access, &pro, Interval::Year).await;
        assert!(matches!(refused, Err(PaymentsError::CurrencyFixed)), "{refused:?}");
        let agreed = Confirmed { due: change.due, ..agreed };
        assert_eq!(change_plan(&access, &agreed).await.unwrap(), Changed::Done);
        shop.settle().await;
        let now = shop.provider.look(&id);
        assert_eq!(now.lookup_key.as_deref(), Some("wardesk_pro_month"));
        assert_eq!((now.currency.as_deref(), shop.plan().await.as_str()), (Some("usd"), "pro"));
    }
}

#[tokio::test]
async fn who_pays_already_keeps_to_one_currency_on_every_server() {
    for mut shop in shops().await {
        shop.provider.offer_in("wardesk_pro_month", &[("eur", 1299)]);
        let id = paid_in(&mut shop, "usd").await;
        let there = elsewhere(&shop).await;
        let page = subscription_of(&there, Some("chf")).await.unwrap();
        let fixed = Currencies { shown: Some("usd".into()), choice: Vec::new(), fixed: true };
        assert_eq!((page.currencies, page.subscription.is_none()), (fixed, true));
        assert_eq!(page.offers[0].price, Some(money(549, "usd")), "{}", shop.engine());
        let (plus, pro) = ("plus".parse().unwrap(), "pro".parse().unwrap());
        let month = Interval::Month;
        // What was shown in another currency before is refused and not charged in this one.
        for (plan, wanted) in [(&plus, Some("eur")), (&pro, None), (&pro, Some("eur"))] {
            let refused = start_checkout(&there, plan, month, wanted, Locale::En).await;
            let right = matches!(refused, Err(PaymentsError::CurrencyFixed));
            assert!(right, "{}: {wanted:?} {refused:?}", shop.engine());
        }
        start_checkout(&there, &plus, month, None, Locale::En).await.unwrap();
        assert_eq!(open(&shop)[0].0, "usd", "{}", shop.engine());
        // Once it is over every currency can be chosen; what was paid in is suggested here.
        shop.provider.end(&id, false);
        shop.settle().await;
        let (_, currencies) = shown(&shop, None).await;
        assert_eq!((currencies.shown.as_deref(), currencies.fixed), (Some("usd"), false));
        start_checkout(&there, &pro, month, Some("eur"), Locale::En).await.unwrap();
        assert_eq!(open(&shop)[0].0, "eur", "{}", shop.engine());
    }
}

#[tokio::test]
async fn a_page_in_another_currency_on_another_server_ends() {
    for mut shop in shops().await {
        let there = elsewhere(&shop).await;
        let plus = "plus".parse().unwrap();
        let month = Interval::Month;
        let dollars = shop.checkout_in("plus", "usd").await.unwrap();
        // In the same currency both stay.
        start_checkout(&there, &plus, month, Some("usd"), Locale::En).await.unwrap();
        assert_eq!(open(&shop).len(), 2, "{}", shop.engine());
        // The provider would make none in another one beside them.
        start_checkout(&there, &plus, month, Some("chf"), Locale::En).await.unwrap();
        let pages = open(&shop);
        assert_eq!((pages.len(), pages[0].0.as_str()), (1, "chf"), "{}", shop.engine());
        // What was paid on such a page and is not told of yet decides.
        let again = shop.checkout_in("plus", "usd").await.unwrap();
        assert_ne!(again, dollars);
        shop.provider.pay(&again).unwrap();
        let refused = start_checkout(&there, &plus, month, Some("eur"), Locale::En).await;
        assert!(matches!(refused, Err(PaymentsError::CurrencyFixed)), "{refused:?}");
        shop.settle().await;
        assert_eq!(shop.plan().await, "plus", "{}", shop.engine());
    }
}

#[tokio::test]
async fn a_page_from_before_there_was_a_choice_is_replaced() {
    for mut shop in shops().await {
        let url = shop.checkout("plus", Interval::Month).await.unwrap();
        let mut tx = shop.w().store().begin().await.unwrap();
        let text =
            "UPDATE payment_wishes SET request = REPLACE(request, '\"currency\":\"eur\",', '')
                    WHERE kind = 'checkout'";
        assert_eq!(sqlx::query(text).execute(tx.conn()).await.unwrap().rows_affected(), 1);
        tx.commit().await.unwrap();
        shop.restart(1000);
        let next = shop.checkout("plus", Interval::Month).await.unwrap();
        assert_ne!(next, url, "{}", shop.engine());
        assert_eq!(open(&shop).len(), 1, "{}", shop.engine());
    }
}

#[tokio::test]
async fn what_the_provider_refuses_all_the_same_is_said() {
    for shop in shops().await {
        // Between the look at the prices and the call the operator takes a currency away.
        shown(&shop, None).await;
        shop.provider.offer_in("wardesk_plus_month", &[("eur", 499)]);
        let refused = shop.checkout_in("plus", "usd").await;
        let right =
            matches!(refused, Err(PaymentsError::Provider(PaymentError::Refused { status: 400 })));
        assert!(right, "{}: {refused:?}", shop.engine());
    }
}
