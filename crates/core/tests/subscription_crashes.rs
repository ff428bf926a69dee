//! The program dies at every place of a subscription's life, on every engine, and starts again: one customer, one
//! page, one licence, each thing told once, nobody charged for what has ended.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "subscriptions/shop.rs"]
#[allow(dead_code, reason = "shared with the other tests of subscriptions")]
mod shop;

use std::future::Future;

use domain::ids::UserId;
use domain::licences::{Interval, Status};
use domain::locale::Locale;
use shop::{BUYER, Shop, shops};
use wardesk_core::failpoints::payments::{AFTER_CALL, AFTER_WISH, ALL};
use wardesk_core::licences::payments::work::Worker;
use wardesk_core::licences::payments::{start_checkout, webhook};
use wardesk_core::ports::{DisputeStatus, SubscriptionStatus};
use wardesk_core::testing::MONTH_MS;
use wardesk_core::{Wardesk, outbox};

const DAY: i64 = 86_400_000;
/// Long enough for the leases of the dead to run out; and longer than Discord knows a nonce.
const PAUSES: [i64; 2] = [65_000, 10 * 60_000];

struct Story {
    shop: Shop,
    pause: i64,
    crashes: usize,
}

impl Story {
    /// Does something that the armed place may stop; starts again and repeats it then.
    async fn insist<T, F>(&mut self, act: impl Fn(Wardesk) -> F) -> T
    where
        F: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        loop {
            if let Ok(value) = tokio::spawn(act(self.shop.w().clone())).await {
                return value;
            }
            self.crashes += 1;
            assert!(self.crashes < 3, "dies again and again");
            self.shop.restart(self.pause);
        }
    }

    /// Everything that was told is taken, read, and said to whom it concerns.
    async fn settle(&mut self) {
        for event in self.shop.provider.events() {
            self.insist(|w| {
                let event = event.clone();
                async move {
                    let (header, body) = event.signed(w.now());
                    webhook::receive(&w, &header, &body).await.unwrap();
                }
            })
            .await;
        }
        for _ in 0..3 {
            // A worker of its own each time, as after a start; the lease of the last has run out.
            self.shop.desk.clock.advance(61_000);
            self.insist(|w| async move { Worker::new(&w).turn(&w).await.unwrap() }).await;
        }
        for _ in 0..40 {
            self.insist(|w| async move { outbox::drain(&w).await.unwrap() }).await;
            if outbox::stats(self.shop.w()).await.unwrap().pending == 0 {
                return;
            }
            self.shop.desk.clock.advance(30_000);
        }
        panic!("effects do not come to an end");
    }
}

/// Somebody subscribes, fails to pay, pays, and disputes a payment with success.
async fn live(shop: Shop, pause: i64) -> Story {
    let mut story = Story { shop, pause, crashes: 0 };
    // No search helps to find the customer that was made before the program died.
    story.shop.provider.set_search_lags(true);
    let acting = story.shop.desk.acting(BUYER, &[], domain::permissions::Permissions::MANAGE_GUILD);
    let guild = story.shop.desk.guild;
    let url = story
        .insist(|w| {
            let acting = acting.clone();
            async move {
                let access =
                    wardesk_core::guilds::authorize_member(&w, guild, &acting).await.unwrap();
                let plan = "plus".parse().unwrap();
                start_checkout(&access, &plan, Interval::Month, None, Locale::En).await.unwrap()
            }
        })
        .await;
    let id = story.shop.provider.pay(&url).unwrap();
    story.settle().await;
    story.shop.desk.clock.advance(14 * DAY);
    story.shop.provider.renew(&id, true);
    story.settle().await;
    story.shop.desk.clock.advance(MONTH_MS);
    story.shop.provider.renew(&id, false);
    story.settle().await;
    story.shop.provider.retry(&id, true);
    story.settle().await;
    story.shop.provider.dispute(&id, DisputeStatus::Lost);
    story.settle().await;

    let (shop, engine) = (&story.shop, story.shop.engine());
    let provider = &shop.provider;
    assert_eq!((provider.made("customer"), provider.made("checkout")), (1, 1), "{engine}");
    assert_eq!(provider.look(&id).status, SubscriptionStatus::Canceled, "{engine}");
    assert_eq!(provider.made("cancel"), 1, "{engine}");
    let db = shop.w().store().read();
    let user = UserId::new(BUYER).unwrap();
    let licences = storage::licences::of_contact(db, user).await.unwrap();
    assert_eq!(licences.len(), 1, "{engine}");
    assert_eq!(licences[0].licence.status, Status::Ended, "{engine}");
    assert_eq!(shop.logged(shop.desk.guild, "licence.issued").await, 1, "{engine}");
    assert_eq!(shop.logged(shop.desk.guild, "licence.ended").await, 1, "{engine}");
    let told = shop.desk.discord.direct_messages(user);
    assert_eq!(told.len(), 2, "{engine}: failed, lost: {told:?}");
    assert_eq!(storage::payments::events::waiting(db).await.unwrap().0, 0, "{engine}");
    assert!(storage::payments::subscriptions::unwanted(db, 9).await.unwrap().is_empty());
    assert_eq!(shop.plan().await, "free", "{engine}");
    story
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_lives_once_wherever_the_program_dies() {
    // Panics are what this test is about; their traces would only hide the one that matters.
    let scenario = fail::FailScenario::setup();
    for point in ALL {
        // Of what is asked of the provider the customer comes first, and then the page.
        let dies: &[&str] = match *point {
            AFTER_WISH | AFTER_CALL => &["1*panic", "1*off->1*panic"],
            _ => &["1*panic"],
        };
        // Only what has reached Discord can be seen there twice, however late.
        let pauses = if point.ends_with("_dm") { &PAUSES[..] } else { &PAUSES[..1] };
        for (&pause, &dies) in pauses.iter().flat_map(|pause| dies.iter().map(move |d| (pause, d)))
        {
            for shop in shops().await {
                eprintln!("{point} {dies} ({}, {pause} ms)", shop.engine());
                fail::cfg(*point, dies).unwrap();
                let story = live(shop, pause).await;
                fail::remove(*point);
                assert_eq!(story.crashes, 1, "{point} was passed");
            }
        }
    }
    scenario.teardown();
}
