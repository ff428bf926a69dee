//! A payment provider in memory: customers, pages, subscriptions, invoices, charges and disputes, and the events
//! that tell of them. It keeps idempotency keys, can be away, and can take a wish without answering.

mod money;
mod pending;
mod port;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ids::UserId;
use domain::time::Millis;
use serde_json::json;

use crate::licences::payments::signature;
use crate::ports::{
    Charge, Checkout, CheckoutStatus, Clock, DisputeStatus, Invoice, InvoiceStatus, NewCheckout,
    Price, Purchase, Subscription, SubscriptionStatus,
};

/// What the fake signs webhooks with.
pub const WEBHOOK_SECRET: &str = "whsec_test";
/// A month, as the fake counts it.
pub const MONTH_MS: i64 = 30 * 86_400_000;

/// Something that the provider tells of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ToldEvent {
    /// Its id.
    pub id: String,
    /// What happened.
    pub kind: &'static str,
    /// To what.
    pub object: String,
}

impl ToldEvent {
    /// The webhook: the header with the signature, and the body.
    pub fn signed(&self, now: Millis) -> (String, Vec<u8>) {
        let body = json!({
            "id": self.id, "object": "event", "type": self.kind, "livemode": false,
            "created": now.0 / 1000, "data": { "object": { "id": self.object } },
        });
        let body = body.to_string().into_bytes();
        (signature::sign(&body, &[WEBHOOK_SECRET], now), body)
    }
}

struct OfSubscription {
    subscription: String,
    invoice: Invoice,
}

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "switches of a stand-in, each for itself")]
struct State {
    prices: Vec<Price>,
    customers: BTreeMap<UserId, String>,
    checkouts: BTreeMap<String, (NewCheckout, Checkout)>,
    subscriptions: BTreeMap<String, Subscription>,
    invoices: Vec<OfSubscription>,
    charges: Vec<(String, Charge)>,
    disputes: BTreeMap<String, DisputeStatus>,
    /// What was answered under which key, with what was asked.
    answered: HashMap<String, (String, String)>,
    events: Vec<ToldEvent>,
    made: BTreeMap<&'static str, usize>,
    live: bool,
    away: bool,
    /// After so many more readings it is away.
    away_after: Option<usize>,
    /// What it fails to show.
    broken: Option<String>,
    search_lags: bool,
    bad_key: bool,
    declines: bool,
    asks_bank: bool,
    forbids_void: bool,
    raise: i64,
    unanswered: usize,
    failing: usize,
    /// Keys under which a failure was answered.
    failed: HashSet<String>,
    next: u64,
}

impl State {
    fn id(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}_{:06}", self.next)
    }

    fn tell(&mut self, kind: &'static str, object: &str) {
        let id = self.id("evt");
        self.events.push(ToldEvent { id, kind, object: object.to_owned() });
    }

    fn count(&mut self, what: &'static str) {
        *self.made.entry(what).or_default() += 1;
    }

    /// Begins a period of a subscription with an invoice, which is paid or not.
    fn bill(&mut self, id: &str, now: Millis, pays: bool) {
        let invoice = self.id("in");
        let status = if pays { InvoiceStatus::Paid } else { InvoiceStatus::Open };
        let cost = self.cost(&self.subscriptions[id]).amount;
        let payment = self.id("pi");
        self.invoices.push(OfSubscription {
            subscription: id.to_owned(),
            invoice: Invoice {
                id: invoice.clone(),
                status,
                remaining: if pays { 0 } else { cost },
                created: now,
                of_change: false,
                payments: vec![payment.clone()],
            },
        });
        self.charge(id, &payment, now, pays);
        self.tell(if pays { "invoice.paid" } else { "invoice.payment_failed" }, &invoice);
    }

    fn charge(&mut self, subscription: &str, payment: &str, now: Millis, succeeded: bool) {
        let amount = self.cost(&self.subscriptions[subscription]).amount;
        let charge = Charge {
            id: self.id("ch"),
            payment_intent: Some(payment.to_owned()),
            created: now,
            succeeded,
            amount,
            refunded: 0,
            disputed: false,
        };
        let customer = self.subscriptions[subscription].customer.clone();
        self.charges.push((customer, charge));
    }

    fn subscription(&mut self, id: &str) -> &mut Subscription {
        self.subscriptions.get_mut(id).expect("a subscription")
    }

    /// The last charge of a subscription that was paid.
    fn last_paid(&mut self, id: &str) -> &mut Charge {
        let payments: Vec<String> = self
            .invoices
            .iter()
            .filter(|of| of.subscription == id)
            .flat_map(|of| of.invoice.payments.clone())
            .collect();
        let (_, charge) = self
            .charges
            .iter_mut()
            .rev()
            .find(|(_, charge)| {
                charge.succeeded
                    && charge.payment_intent.as_ref().is_some_and(|p| payments.contains(p))
            })
            .expect("a paid charge");
        charge
    }
}

/// A payment provider in memory.
pub struct FakePayments {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

impl FakePayments {
    /// A provider that has a price for each lookup key, in three currencies.
    pub fn new(clock: Arc<dyn Clock>, lookup_keys: &[&str]) -> Self {
        let prices = lookup_keys.iter().map(|key| Price {
            id: format!("price_{key}"),
            lookup_key: Some((*key).to_owned()),
            amounts: money::amounts(),
            live: false,
        });
        let state = State { prices: prices.collect(), ..State::default() };
        Self { clock, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it does not answer at all.
    pub fn set_away(&self, away: bool) {
        self.state().away = away;
    }

    /// Answers so many more times, and is away then.
    pub fn set_away_after(&self, readings: usize) {
        self.state().away_after = Some(readings);
    }

    /// The one subscription, or other thing that it tells of, at which it fails.
    pub fn set_broken(&self, object: Option<&str>) {
        self.state().broken = object.map(str::to_owned);
    }

    /// The service takes real money from now on: what there was before belongs to the other mode.
    pub fn go_live(&self) {
        let mut state = self.state();
        state.live = true;
        state.customers.clear();
        state.checkouts.clear();
        state.answered.clear();
        for price in &mut state.prices {
            price.live = true;
        }
    }

    /// Whether it does not take the key.
    pub fn set_bad_key(&self, bad: bool) {
        self.state().bad_key = bad;
    }

    /// Whether its search does not find what was made a moment ago.
    pub fn set_search_lags(&self, lags: bool) {
        self.state().search_lags = lags;
    }

    /// Whether cards are declined.
    pub fn set_declines(&self, declines: bool) {
        self.state().declines = declines;
    }

    /// Carries out the next `number` wishes and does not say so.
    pub fn leave_unanswered(&self, number: usize) {
        self.state().unanswered = number;
    }

    /// Fails at the next `number` wishes, and from then on whenever it is asked under the same keys. Source: Stripe API
    /// reference, "Idempotent requests".
    pub fn fail_for_good(&self, number: usize) {
        self.state().failing = number;
    }

    /// How many of something were made: `customer`, `checkout`, `portal`, `change`, `cancel`; or how often a
    /// subscription was shown, `shown`.
    pub fn made(&self, what: &'static str) -> usize {
        self.state().made.get(what).copied().unwrap_or(0)
    }

    /// Everything that was told of, in order, since the last call.
    pub fn events(&self) -> Vec<ToldEvent> {
        std::mem::take(&mut self.state().events)
    }

    /// A subscription as it is.
    pub fn look(&self, id: &str) -> Subscription {
        self.state().subscriptions[id].clone()
    }

    /// The pages that may be paid on.
    pub fn open_checkouts(&self) -> Vec<(String, NewCheckout)> {
        let state = self.state();
        let open = state.checkouts.iter().filter(|(_, (_, c))| c.status == CheckoutStatus::Open);
        open.map(|(id, (new, _))| (id.clone(), new.clone())).collect()
    }

    /// Somebody pays on the page that has this address. Answers the subscription, if it is about one.
    pub fn pay(&self, url: &str) -> Option<String> {
        let now = self.clock.now();
        let mut state = self.state();
        let (id, new) = state
            .checkouts
            .iter()
            .find(|(_, (_, checkout))| checkout.url.as_deref() == Some(url))
            .map(|(id, (new, _))| (id.clone(), new.clone()))
            .expect("an open page");
        let (_, checkout) = state.checkouts.get_mut(&id).expect("a page");
        checkout.status = CheckoutStatus::Complete;
        checkout.url = None;
        checkout.paid = true;
        state.tell("checkout.session.completed", &id);
        let Purchase::Subscription { price, currency, trial_days } = &new.purchase else {
            return None;
        };
        let trial_end = trial_days.map(|days| now.plus_seconds(i64::from(days) * 86_400));
        let found = state.prices.iter().find(|one| one.id == *price).expect("a price").clone();
        let currency = currency.as_ref().or(found.main().map(|main| &main.currency)).cloned();
        let subscription = Subscription {
            id: state.id("sub"),
            customer: new.customer.clone(),
            status: if trial_end.is_some() {
                SubscriptionStatus::Trialing
            } else {
                SubscriptionStatus::Active
            },
            item: state.id("si"),
            price: found.id,
            lookup_key: found.lookup_key,
            currency,
            period_start: now,
            period_end: trial_end.unwrap_or(Millis(now.0 + MONTH_MS)),
            cancel_at: None,
            ended_at: None,
            ended_unpaid: false,
            trial_end,
            pending: None,
            metadata: new.metadata.clone(),
            live: state.live,
        };
        let id = subscription.id.clone();
        state.subscriptions.insert(id.clone(), subscription);
        state.tell("customer.subscription.created", &id);
        if trial_end.is_none() {
            state.bill(&id, now, true);
        }
        Some(id)
    }

    /// The next period of a subscription begins, paid or not.
    pub fn renew(&self, id: &str, pays: bool) {
        let mut state = self.state();
        // A period begins after what belongs to the one before.
        let last = state.invoices.iter().filter(|of| of.subscription == id);
        let last = last.map(|of| of.invoice.created.0).max().unwrap_or(0);
        let now = Millis(self.clock.now().0.max(last + 120_000));
        let subscription = state.subscription(id);
        subscription.period_start = now;
        subscription.period_end = Millis(now.0 + MONTH_MS);
        subscription.status =
            if pays { SubscriptionStatus::Active } else { SubscriptionStatus::PastDue };
        state.bill(id, now, pays);
        state.tell("customer.subscription.updated", id);
    }

    /// What is outstanding is tried once more.
    pub fn retry(&self, id: &str, pays: bool) {
        let now = self.clock.now();
        let mut state = self.state();
        let open = state
            .invoices
            .iter_mut()
            .find(|of| of.subscription == id && of.invoice.status == InvoiceStatus::Open);
        let invoice = &mut open.expect("an open invoice").invoice;
        if pays {
            (invoice.status, invoice.remaining) = (InvoiceStatus::Paid, 0);
        }
        let (invoice, payment) = (invoice.id.clone(), invoice.payments[0].clone());
        state.charge(id, &payment, now, pays);
        if pays {
            state.subscription(id).status = SubscriptionStatus::Active;
            state.tell("invoice.paid", &invoice);
            state.tell("customer.subscription.updated", id);
        } else {
            state.tell("invoice.payment_failed", &invoice);
        }
    }

    /// The holder cancels for the end of the period, or takes that back.
    pub fn cancel_later(&self, id: &str, cancel: bool) {
        let mut state = self.state();
        let subscription = state.subscription(id);
        subscription.cancel_at = cancel.then_some(subscription.period_end);
        state.tell("customer.subscription.updated", id);
    }

    /// The subscription ends now; `unpaid` says why.
    pub fn end(&self, id: &str, unpaid: bool) {
        let now = self.clock.now();
        let mut state = self.state();
        let subscription = state.subscription(id);
        subscription.status = SubscriptionStatus::Canceled;
        subscription.ended_at = Some(now);
        subscription.ended_unpaid = unpaid;
        state.tell("customer.subscription.deleted", id);
    }

    /// Gives the last payment back, all of it or half.
    pub fn refund(&self, id: &str, whole: bool) {
        let mut state = self.state();
        let charge = state.last_paid(id);
        charge.refunded = if whole { charge.amount } else { charge.amount / 2 };
        let charge = charge.id.clone();
        state.tell("charge.refunded", &charge);
    }

    /// The last payment is disputed, or the dispute decided.
    pub fn dispute(&self, id: &str, status: DisputeStatus) {
        let mut state = self.state();
        let customer = state.subscription(id).customer.clone();
        let disputed = |charge: &str| state.disputes.get(charge) == Some(&DisputeStatus::Open);
        let open = state.charges.iter().find(|(who, one)| *who == customer && disputed(&one.id));
        let open = open.map(|(_, charge)| charge.id.clone());
        let charge = open.unwrap_or_else(|| {
            let charge = state.last_paid(id);
            charge.disputed = true;
            charge.id.clone()
        });
        state.disputes.insert(charge.clone(), status);
        let kind = match status {
            DisputeStatus::Open => "charge.dispute.created",
            DisputeStatus::Won | DisputeStatus::Lost => "charge.dispute.closed",
        };
        state.tell(kind, &charge);
    }

    /// The operator gives a lookup key to a new price: whoever pays the old one goes on doing so.
    pub fn replace_price(&self, lookup_key: &str) {
        let mut state = self.state();
        let id = state.id("price");
        let price = state.prices.iter_mut().find(|p| p.lookup_key.as_deref() == Some(lookup_key));
        let price = price.expect("a price");
        price.id = id;
        for subscription in state.subscriptions.values_mut() {
            if subscription.lookup_key.as_deref() == Some(lookup_key) {
                subscription.lookup_key = None;
            }
        }
    }

    /// A subscription of a plan with what is kept with it, paid for its first month. Answers its id, and what tells
    /// of it.
    pub fn subscribe(&self, lookup_key: &str, metadata: &[(&str, String)]) -> (String, ToldEvent) {
        let now = self.clock.now();
        let mut state = self.state();
        let (id, customer) = (state.id("sub"), state.id("cus"));
        let entry = |(key, value): &(&str, String)| ((*key).to_owned(), value.clone());
        let subscription = Subscription {
            id: id.clone(),
            customer,
            status: SubscriptionStatus::Active,
            item: state.id("si"),
            price: format!("price_{lookup_key}"),
            lookup_key: Some(lookup_key.to_owned()),
            currency: Some("eur".into()),
            period_start: now,
            period_end: Millis(now.0 + MONTH_MS),
            cancel_at: None,
            ended_at: None,
            ended_unpaid: false,
            trial_end: None,
            pending: None,
            metadata: metadata.iter().map(entry).collect(),
            live: false,
        };
        state.subscriptions.insert(id.clone(), subscription);
        state.bill(&id, now, true);
        state.tell("customer.subscription.created", &id);
        let told = state.events.last().cloned().expect("an event");
        (id, told)
    }

    /// What was told of last.
    pub fn last_event(&self) -> ToldEvent {
        self.state().events.last().cloned().expect("an event")
    }

    /// A subscription that somebody else sells with the same account.
    pub fn foreign_subscription(&self) -> String {
        let now = self.clock.now();
        let mut state = self.state();
        let id = state.id("sub");
        let subscription = Subscription {
            id: id.clone(),
            customer: "cus_foreign".into(),
            status: SubscriptionStatus::Active,
            item: "si_foreign".into(),
            price: "price_foreign".into(),
            lookup_key: None,
            currency: Some("eur".into()),
            period_start: now,
            period_end: Millis(now.0 + MONTH_MS),
            cancel_at: None,
            ended_at: None,
            ended_unpaid: false,
            trial_end: None,
            pending: None,
            metadata: BTreeMap::new(),
            live: false,
        };
        state.subscriptions.insert(id.clone(), subscription);
        state.tell("customer.subscription.created", &id);
        id
    }
}
