//! Subscriptions: started, renewed, cancelled, ended.

use super::super::calendar::DAY;
use super::super::id;
use super::super::invoice::{InvoiceStatus, Reason};
use super::super::model::{Metadata, Session, SessionStatus};
use super::super::provider::Provider;
use super::super::subscription::{Discount, Period, Status, Subscription};

/// Before its end a trial is announced.
pub(crate) const TRIAL_NOTICE: i64 = 3 * DAY;

/// Why a subscription ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It was cancelled, now or for the end of the period.
    Requested,
    /// The last attempt to collect failed.
    PaymentFailed,
}

impl Provider {
    /// Starts the subscription that a session sold. The invoice is the caller's.
    pub(crate) fn start(
        &mut self,
        session: &Session,
        customer: &str,
        method: &str,
        at: i64,
    ) -> Option<String> {
        let interval = self.prices.get(&session.price)?.interval?;
        let trial = session.trial_days.map(|days| Period { start: at, end: at + days * DAY });
        let anchor = trial.map_or(at, |trial| trial.end);
        let period =
            trial.unwrap_or_else(|| Period { start: at, end: interval.end_after(anchor, at) });
        let discount = session.discounted.then(|| Discount {
            id: self.ids.next(id::DISCOUNT),
            start: at,
            session: Some(session.id.clone()),
        });
        let id = self.ids.next(id::SUBSCRIPTION);
        let item = self.ids.next(id::ITEM);
        self.subscriptions.insert(Subscription {
            id: id.clone(),
            created: at,
            customer: customer.to_owned(),
            status: if trial.is_some() { Status::Trialing } else { Status::Active },
            currency: session.currency.clone(),
            item,
            price: session.price.clone(),
            quantity: session.quantity,
            interval,
            period,
            anchor,
            trial,
            trial_noticed: false,
            cancel_at_period_end: false,
            canceled_at: None,
            ended_at: None,
            cancel_reason: None,
            method: Some(method.to_owned()),
            latest_invoice: None,
            metadata: session.passed_on.clone(),
            automatic_tax: session.automatic_tax,
            discount,
            pending: Vec::new(),
            update: None,
        });
        if let Some(customer) = self.customers.get_mut(customer) {
            customer.currency = Some(session.currency.clone());
        }
        Some(id)
    }

    /// The currency to which something recurring holds a customer: a subscription that is not over, or a page of
    /// Checkout that can still be paid on.
    pub(crate) fn bound_currency(&self, customer: &str) -> Option<&str> {
        let mut paid =
            self.subscriptions.iter().filter(|it| it.customer == customer && !it.is_over());
        let mut open = self.sessions.iter().filter(|session| {
            session.recurring
                && session.status == SessionStatus::Open
                && session.customer.as_deref() == Some(customer)
        });
        let paid = paid.next().map(|it| it.currency.as_str());
        paid.or_else(|| open.next().map(|session| session.currency.as_str()))
    }

    /// Goes on into the next period: a draft of its invoice, and the status after a trial.
    pub(crate) fn renew(&mut self, subscription: &str, at: i64) {
        let before = self.object(subscription);
        let Some(it) = self.subscriptions.get_mut(subscription) else { return };
        it.period = Period { start: at, end: it.interval.end_after(it.anchor, at) };
        if it.status == Status::Trialing {
            it.status = Status::Active;
        }
        let it = it.clone();
        let mut lines = it.pending.clone();
        lines.insert(0, self.period_line(&it, it.period));
        self.draft(subscription, Reason::Cycle, lines, at);
        self.emit_changed("customer.subscription.updated", before, subscription, at);
    }

    /// Announces the end of a trial.
    pub(crate) fn notice_trial(&mut self, subscription: &str, at: i64) {
        if let Some(it) = self.subscriptions.get_mut(subscription) {
            it.trial_noticed = true;
        }
        self.emit_object("customer.subscription.trial_will_end", subscription, at);
    }

    /// Ends a subscription now. What was not paid is not collected any more.
    pub(crate) fn end(&mut self, subscription: &str, why: End, at: i64) {
        let Some(it) = self.subscriptions.get_mut(subscription) else { return };
        if it.is_over() {
            return;
        }
        self.discard_update(subscription, at);
        let Some(it) = self.subscriptions.get_mut(subscription) else { return };
        it.status = Status::Canceled;
        it.ended_at = Some(at);
        it.canceled_at.get_or_insert(at);
        it.cancel_reason = Some(match why {
            End::Requested => "cancellation_requested",
            End::PaymentFailed => "payment_failed",
        });
        let invoices: Vec<String> = self
            .invoices
            .iter()
            .filter(|row| row.subscription == subscription)
            .map(|row| row.id.clone())
            .collect();
        let mut voided = Vec::new();
        for id in invoices {
            let Some(row) = self.invoices.get_mut(&id) else { continue };
            row.next_attempt = None;
            if row.status == InvoiceStatus::Draft {
                row.status = InvoiceStatus::Void;
                row.finalizes_at = None;
                row.voided_at = Some(at);
                voided.push(id);
            }
        }
        self.emit_object("customer.subscription.deleted", subscription, at);
        for invoice in voided {
            self.emit_object("invoice.voided", &invoice, at);
        }
    }

    /// Cancels for the end of the period, or takes that back.
    pub(crate) fn cancel_at_period_end(&mut self, subscription: &str, cancel: bool, at: i64) {
        self.alter(subscription, at, |it| {
            if it.cancel_at_period_end != cancel {
                it.cancel_at_period_end = cancel;
                it.canceled_at = cancel.then_some(at);
                it.cancel_reason = cancel.then_some("cancellation_requested");
            }
        });
    }

    /// Changes metadata.
    pub(crate) fn set_metadata(&mut self, subscription: &str, metadata: Metadata, at: i64) {
        self.alter(subscription, at, |it| it.metadata = metadata);
    }

    /// Changes a subscription and records it, when there was a change.
    pub(crate) fn alter(
        &mut self,
        subscription: &str,
        at: i64,
        change: impl FnOnce(&mut Subscription),
    ) {
        let before = self.object(subscription);
        if let Some(it) = self.subscriptions.get_mut(subscription) {
            change(it);
        }
        if before != self.object(subscription) {
            self.emit_changed("customer.subscription.updated", before, subscription, at);
        }
    }

    /// Keeps a new card for a customer and their subscriptions.
    pub(crate) fn change_card(&mut self, customer: &str, method: &str, at: i64) {
        let before = self.object(customer);
        if let Some(row) = self.customers.get_mut(customer) {
            row.default_method = Some(method.to_owned());
        }
        self.emit_changed("customer.updated", before, customer, at);
        let theirs: Vec<String> = self
            .subscriptions
            .iter()
            .filter(|it| it.customer == customer && !it.is_over())
            .map(|it| it.id.clone())
            .collect();
        for subscription in theirs {
            self.alter(&subscription, at, |it| it.method = Some(method.to_owned()));
        }
    }
}
