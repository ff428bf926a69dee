//! Changes that wait until they are paid, as the provider in memory has them.

use domain::time::Millis;

use super::{FakePayments, OfSubscription, State};
use crate::ports::{
    Invoice, InvoiceStatus, Money, Payable, PaymentError, PendingUpdate, PriceChange, Subscription,
};

/// How long a change waits.
const WAITS_SECONDS: i64 = 23 * 3600;

impl State {
    /// What another price costs for what is left of the period, which is counted in days.
    pub(super) fn difference(found: &Subscription, change: &PriceChange) -> i64 {
        found.period_end.since(change.at) / 86_400_000
    }

    /// Has a change wait with an open invoice, in the place of one that waited.
    pub(super) fn make_wait(
        &mut self,
        change: &PriceChange,
        now: Millis,
    ) -> Result<String, PaymentError> {
        let id = change.subscription.as_str();
        let price = self.prices.iter().find(|one| one.id == change.price).cloned();
        let price = price.ok_or(PaymentError::Refused { status: 400 })?;
        let currency = self.cost(&self.subscriptions[id]).currency;
        self.need_option(&price.id, &currency)?;
        if let Some(before) = self.subscription(id).pending.clone().and_then(|it| it.invoice) {
            self.void(&before)?;
        }
        let (invoice, payment) = (self.id("in"), self.id("pi"));
        let due =
            Self::difference(&self.subscriptions[id], change) + std::mem::take(&mut self.raise);
        self.invoices.push(OfSubscription {
            subscription: id.to_owned(),
            invoice: Invoice {
                id: invoice.clone(),
                status: InvoiceStatus::Open,
                remaining: due,
                created: now,
                of_change: true,
                payments: vec![payment.clone()],
            },
        });
        if self.declines {
            self.charge(id, &payment, now, false);
        }
        let subscription = self.subscription(id);
        let expires = now.plus_seconds(WAITS_SECONDS).min(subscription.period_end);
        subscription.pending = Some(PendingUpdate {
            price: price.id,
            lookup_key: price.lookup_key,
            expires,
            invoice: Some(invoice.clone()),
        });
        self.count("waiting");
        self.tell("invoice.payment_failed", &invoice);
        self.tell("customer.subscription.updated", id);
        Ok(id.to_owned())
    }

    pub(super) fn payable(&self, id: &str) -> Option<Payable> {
        let of = self.invoices.iter().find(|of| of.invoice.id == id)?;
        let invoice = &of.invoice;
        let currency = self.cost(&self.subscriptions[&of.subscription]).currency;
        let declined = self.charges.iter().any(|(_, charge)| {
            !charge.succeeded
                && charge.payment_intent.as_ref().is_some_and(|p| invoice.payments.contains(p))
        });
        Some(Payable {
            status: invoice.status,
            due: Money { amount: invoice.remaining, currency },
            page: Some(format!("https://pay.example/{id}")),
            declined,
        })
    }

    /// Takes an open invoice back, with the change that waits for it.
    pub(super) fn void(&mut self, id: &str) -> Result<String, PaymentError> {
        let of = self.invoices.iter_mut().find(|of| of.invoice.id == id);
        let of = of.ok_or(PaymentError::Refused { status: 404 })?;
        if of.invoice.status != InvoiceStatus::Open {
            return Err(PaymentError::Refused { status: 400 });
        }
        of.invoice.status = InvoiceStatus::Void;
        let subscription = of.subscription.clone();
        self.subscription(&subscription).pending = None;
        self.count("void");
        self.tell("invoice.voided", id);
        self.tell("customer.subscription.updated", &subscription);
        Ok(id.to_owned())
    }
}

impl FakePayments {
    /// Whether the bank wants to be asked about each payment for a change.
    pub fn set_asks_bank(&self, asks: bool) {
        self.state().asks_bank = asks;
    }

    /// Whether the key may not take invoices back.
    pub fn set_forbids_void(&self, forbids: bool) {
        self.state().forbids_void = forbids;
    }

    /// The next change costs so much more than its preview said.
    pub fn raise_next(&self, amount: i64) {
        self.state().raise = amount;
    }

    /// Somebody answers the bank about the change that waits: it is paid and comes, or the payment fails.
    pub fn confirm(&self, id: &str, pays: bool) {
        let now = self.clock.now();
        let mut state = self.state();
        let pending = state.subscription(id).pending.clone().expect("a change that waits");
        let invoice = pending.invoice.expect("an invoice");
        let of = state.invoices.iter_mut().find(|of| of.invoice.id == invoice);
        let of = of.expect("an invoice");
        let payment = of.invoice.payments[0].clone();
        if pays {
            (of.invoice.status, of.invoice.remaining) = (InvoiceStatus::Paid, 0);
        }
        state.charge(id, &payment, now, pays);
        if !pays {
            state.tell("invoice.payment_failed", &invoice);
            return;
        }
        let subscription = state.subscription(id);
        subscription.price = pending.price;
        subscription.lookup_key = pending.lookup_key;
        subscription.pending = None;
        state.count("change");
        state.tell("invoice.paid", &invoice);
        state.tell("customer.subscription.updated", id);
        state.tell("customer.subscription.pending_update_applied", id);
    }

    /// The time of the change that waits is over.
    pub fn expire_change(&self, id: &str) {
        let mut state = self.state();
        let pending = state.subscription(id).pending.clone().expect("a change that waits");
        state.void(&pending.invoice.expect("an invoice")).expect("an open invoice");
        state.tell("customer.subscription.pending_update_expired", id);
    }

    /// How an invoice is, by its id.
    pub fn invoice(&self, id: &str) -> Invoice {
        let state = self.state();
        let of = state.invoices.iter().find(|of| of.invoice.id == id).expect("an invoice");
        of.invoice.clone()
    }
}
