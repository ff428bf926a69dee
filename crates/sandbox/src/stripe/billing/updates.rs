//! Changes that wait until they are paid: pending updates. Source: Stripe documentation, "Pending updates".

use super::super::calendar::HOUR;
use super::super::invoice::{InvoiceStatus, Line, Reason};
use super::super::provider::Provider;
use super::super::subscription::{PendingUpdate, Subscription};

/// How long a change waits at most.
const WAITS: i64 = 23 * HOUR;

impl Provider {
    /// Invoices a change, and makes it when the invoice is paid: at once, or whenever that is within its time.
    pub(crate) fn change_once_paid(
        &mut self,
        it: &Subscription,
        after: &Subscription,
        lines: Vec<Line>,
        at: i64,
    ) {
        let mut all = it.pending.clone();
        all.extend(lines);
        let Some(invoice) = self.draft(&it.id, Reason::Update, all, at) else { return };
        // The present period ends a trial as well.
        let expires_at = it.period.end.min(at + WAITS);
        if let Some(row) = self.subscriptions.get_mut(&it.id) {
            row.update = Some(PendingUpdate {
                expires_at,
                waits: false,
                invoice: invoice.clone(),
                price: after.price.clone(),
                quantity: after.quantity,
                interval: after.interval,
                period: after.period,
                anchor: after.anchor,
                used: it.pending.clone(),
                discount: it.discount.clone().filter(|_| row.discount.is_none()),
            });
        }
        self.finalize(&invoice, at);
        if self.invoices.get(&invoice).is_some_and(|row| row.status == InvoiceStatus::Paid) {
            // Credit has paid it.
            self.apply_update(&it.id, at);
        } else {
            // A failure shows on the subscription.
            let _ = self.collect(&invoice, at);
        }
    }

    /// The subscription whose change waits for an invoice.
    pub(crate) fn update_of_invoice(&self, invoice: &str) -> Option<String> {
        let it = self
            .subscriptions
            .iter()
            .find(|it| it.update.as_ref().is_some_and(|update| update.invoice == invoice))?;
        Some(it.id.clone())
    }

    /// Makes a change that was paid.
    pub(crate) fn apply_update(&mut self, subscription: &str, at: i64) {
        let before = self.object(subscription);
        let Some(it) = self.subscriptions.get_mut(subscription) else { return };
        let Some(update) = it.update.take() else { return };
        it.price = update.price;
        it.quantity = update.quantity;
        it.interval = update.interval;
        it.period = update.period;
        it.anchor = update.anchor;
        self.emit_changed("customer.subscription.updated", before, subscription, at);
        if update.waits {
            let kind = "customer.subscription.pending_update_applied";
            self.emit_object(kind, subscription, at);
        }
    }

    /// Has a change wait whose payment failed; one that waits already goes on doing so, for no longer.
    pub(crate) fn keep_update(&mut self, subscription: &str, at: i64) {
        self.alter(subscription, at, |it| {
            if let Some(update) = &mut it.update {
                update.waits = true;
            }
        });
    }

    /// Gives a change up, with its invoice.
    pub(crate) fn discard_update(&mut self, subscription: &str, at: i64) {
        let update = self.subscriptions.get(subscription).and_then(|it| it.update.clone());
        let Some(update) = update else { return };
        self.void(&update.invoice, at);
        self.alter(subscription, at, |it| {
            it.update = None;
            let waited = std::mem::replace(&mut it.pending, update.used);
            it.pending.extend(waited);
            it.discount = it.discount.take().or(update.discount);
        });
    }

    /// The time of a change is over.
    pub(crate) fn expire_update(&mut self, subscription: &str, at: i64) {
        self.discard_update(subscription, at);
        self.emit_object("customer.subscription.pending_update_expired", subscription, at);
    }
}
