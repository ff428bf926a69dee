//! A desk that sells plans through a payment provider in memory.

use std::sync::Arc;

use domain::ids::{GuildId, UserId};
use domain::licences::{Interval, Licence, PlanKey};
use domain::locale::Locale;
use wardesk_core::guilds;
use wardesk_core::licences::payments::work::Worker;
use wardesk_core::licences::payments::{
    Changed, Confirmed, DueWhen, PaymentsError, change_plan, preview_change, start_checkout,
    webhook,
};
use wardesk_core::testing::{Desk, FakePayments, ToldEvent, WEBHOOK_SECRET, desks};
use wardesk_core::{Wardesk, licences};

/// Lookup keys of the plans that are sold.
pub const KEYS: [&str; 4] =
    ["wardesk_plus_month", "wardesk_plus_year", "wardesk_pro_month", "wardesk_pro_year"];
/// Who manages the server, and so buys.
pub const BUYER: i64 = 50;

/// A desk that sells.
pub struct Shop {
    pub desk: Desk,
    pub provider: Arc<FakePayments>,
    pub worker: Worker,
}

/// One for each engine.
pub async fn shops() -> Vec<Shop> {
    let mut all = Vec::new();
    for mut desk in desks().await {
        desk.sell_shipped();
        let provider = Arc::new(FakePayments::new(desk.clock.clone(), &KEYS));
        let worker = Worker::new(&desk.w);
        let mut shop = Shop { desk, provider, worker };
        shop.restart(0);
        all.push(shop);
    }
    all
}

impl Shop {
    pub fn engine(&self) -> &'static str {
        self.desk.store.engine
    }

    pub fn w(&self) -> &Wardesk {
        &self.desk.w
    }

    /// The program starts again after some milliseconds: memory is empty.
    pub fn restart(&mut self, after: i64) {
        self.desk.clock.advance(after);
        let secrets = vec![WEBHOOK_SECRET.to_owned().into()];
        self.desk.w = Wardesk::with_payments(self.desk.parts(), self.provider.clone(), secrets);
        self.worker = Worker::new(&self.desk.w);
    }

    /// The address of the page on which the buyer subscribes.
    pub async fn checkout(&self, plan: &str, interval: Interval) -> Result<String, PaymentsError> {
        let access = self.desk.manager().await;
        start_checkout(&access, &plan.parse().unwrap(), interval, None, Locale::En).await
    }

    /// The same in a currency that was chosen.
    pub async fn checkout_in(&self, plan: &str, currency: &str) -> Result<String, PaymentsError> {
        let access = self.desk.manager().await;
        let (plan, month) = (plan.parse().unwrap(), Interval::Month);
        start_checkout(&access, &plan, month, Some(currency), Locale::En).await
    }

    /// The same of somebody else who manages the server.
    pub async fn checkout_of_other(&self, plan: &str) -> Result<String, PaymentsError> {
        let permissions = domain::permissions::Permissions::MANAGE_GUILD;
        let other = self.desk.acting(51, &[], permissions);
        let other = guilds::authorize_member(self.w(), self.desk.guild, &other).await.unwrap();
        start_checkout(&other, &plan.parse().unwrap(), Interval::Month, None, Locale::De).await
    }

    /// The buyer changes the plan, as it was shown.
    pub async fn change(&mut self, plan: &str, when: DueWhen) {
        let agreed = self.agreed(plan, when).await;
        let access = self.desk.manager().await;
        assert_eq!(change_plan(&access, &agreed).await.unwrap(), Changed::Done);
        self.settle().await;
    }

    /// What the buyer agrees to, as it was shown.
    pub async fn agreed(&self, plan: &str, when: DueWhen) -> Confirmed {
        let access = self.desk.manager().await;
        let plan: PlanKey = plan.parse().unwrap();
        let shown = preview_change(&access, &plan, Interval::Month).await.unwrap();
        assert_eq!(shown.when, when);
        Confirmed { plan, interval: Interval::Month, at: shown.at, due: shown.due }
    }

    /// Takes what the provider tells.
    pub async fn deliver(&self, event: &ToldEvent) {
        let (header, body) = event.signed(self.w().now());
        webhook::receive(self.w(), &header, &body).await.unwrap();
    }

    /// Takes everything that the provider has told, and does what follows.
    pub async fn settle(&mut self) {
        for event in self.provider.events() {
            self.deliver(&event).await;
        }
        self.worker.turn(&self.desk.w).await.unwrap();
    }

    /// A subscription of the buyer, paid and known.
    pub async fn subscribed(&mut self, plan: &str) -> String {
        let url = self.checkout(plan, Interval::Month).await.unwrap();
        let id = self.provider.pay(&url).unwrap();
        self.settle().await;
        id
    }

    /// The plan that the server may use now, as if it was asked for the first time.
    pub async fn plan(&self) -> String {
        let rows = storage::licences::of_guild(self.w().store().read(), self.desk.guild).await;
        let all: Vec<Licence> = rows.unwrap().into_iter().map(|row| row.licence).collect();
        let now = self.w().now();
        let found = domain::licences::entitlements(self.w().plans(), &all, self.desk.guild, now);
        let known = licences::entitlements(self.w(), self.desk.guild).await.unwrap();
        assert_eq!(known, found, "what is remembered is what is so");
        found.plan.to_string()
    }

    /// How often something of the licence stands in a server's audit log.
    pub async fn logged(&self, guild: GuildId, action: &str) -> usize {
        let pool = self.w().store().read();
        let page = storage::audit::page(pool, guild, None, 200).await.unwrap();
        page.iter().filter(|entry| entry.action == action).count()
    }

    /// What the buyer was told by DM.
    pub async fn told(&self) -> usize {
        self.desk.settle().await;
        self.desk.discord.direct_messages(UserId::new(BUYER).unwrap()).len()
    }
}
