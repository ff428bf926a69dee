//! A change of plan: what it costs, and doing it.

use super::super::calendar::Interval;
use super::super::error::StripeError;
use super::super::invoice::{Invoice, Line, Reason};
use super::super::provider::Provider;
use super::super::subscription::{Period, Status, Subscription};

/// How the difference is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settle {
    /// On the next invoice.
    Later,
    /// On an invoice of its own, at once.
    Now,
    /// Not at all.
    Never,
}

impl Settle {
    /// `proration_behavior`.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, StripeError> {
        match text {
            None | Some("create_prorations") => Ok(Self::Later),
            Some("always_invoice") => Ok(Self::Now),
            Some("none") => Ok(Self::Never),
            Some(other) => Err(StripeError::invalid(format!(
                "Invalid proration_behavior: must be one of \
                    always_invoice, create_prorations, or none, not {other}"
            ))),
        }
    }
}

/// A wish for another price or quantity.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) price: String,
    pub(crate) quantity: i64,
    pub(crate) settle: Settle,
    /// The moment for which the difference is computed.
    pub(crate) date: i64,
    pub(crate) if_unpaid: IfUnpaid,
}

/// What becomes of a change whose payment fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfUnpaid {
    /// It is made, and owed.
    Owed,
    /// It is refused, and nothing has happened.
    Refused,
    /// It waits for its payment.
    Waits,
}

impl IfUnpaid {
    /// `payment_behavior`.
    pub(crate) fn read(text: Option<&str>) -> Result<Self, StripeError> {
        match text {
            None | Some("allow_incomplete") => Ok(Self::Owed),
            Some("error_if_incomplete") => Ok(Self::Refused),
            Some("pending_if_incomplete") => Ok(Self::Waits),
            Some(other) => Err(StripeError::invalid(format!(
                "The sandbox knows payment_behavior allow_incomplete, error_if_incomplete and \
                 pending_if_incomplete, not {other}."
            ))),
        }
    }
}

/// A subscription after a change, and what is to be paid for it.
struct Changed {
    subscription: Subscription,
    lines: Vec<Line>,
    /// Whether an invoice is made at once.
    now: bool,
}

impl Provider {
    fn changed(
        &mut self,
        it: &Subscription,
        change: &Change,
        at: i64,
    ) -> Result<Changed, StripeError> {
        let price = self
            .prices
            .get(&change.price)
            .ok_or_else(|| StripeError::no_such_param("price", &change.price, "items[0][price]"))?;
        let Some(interval) = price.interval else {
            return Err(StripeError::invalid(format!(
                "The price specified is set to `type=one_time` but this field only accepts prices with \
                 `type=recurring`: {}",
                change.price
            )));
        };
        if price.amount_in(&it.currency).is_none() {
            return Err(StripeError::invalid(format!(
                "The price specified only supports `{}`. This doesn't match the expected currency: `{}`.",
                price.currency, it.currency
            )));
        }
        let date = change.date.clamp(it.period.start, it.period.end);
        let in_trial = it.status == Status::Trialing;
        let mut subscription = it.clone();
        subscription.price.clone_from(&change.price);
        subscription.quantity = change.quantity;
        subscription.interval = interval;
        let same = change.price == it.price && change.quantity == it.quantity;
        let mut lines = Vec::new();
        let restarts = interval != it.interval && !in_trial;
        if restarts {
            subscription.anchor = at;
            subscription.period = Period { start: at, end: interval.end_after(at, at) };
        }
        if change.settle != Settle::Never && !same {
            lines.extend(self.credit(it, date));
            if !restarts && !in_trial {
                lines.push(self.remaining(it, (&change.price, change.quantity), date));
            }
        }
        if restarts {
            lines.push(self.period_line(&subscription, subscription.period));
        }
        let now = restarts || (change.settle == Settle::Now && !lines.is_empty());
        Ok(Changed { subscription, lines, now })
    }

    /// The invoice that would come next: after a change, or as things are. Nothing is recorded.
    pub(crate) fn preview(
        &mut self,
        subscription: &str,
        change: Option<&Change>,
        at: i64,
    ) -> Result<Invoice, StripeError> {
        let Some(it) = self.subscriptions.get(subscription).cloned() else {
            return Err(StripeError::no_such_param("subscription", subscription, "subscription"));
        };
        if it.is_over() || (it.cancel_at_period_end && change.is_none()) {
            let mut none = StripeError::coded(
                "invoice_upcoming_none",
                "subscription",
                format!("No upcoming invoices for customer: {}", it.customer),
            );
            none.status = 404;
            return Err(none);
        }
        let changed = change.map(|change| self.changed(&it, change, at)).transpose()?;
        if let Some(Changed { subscription, lines, now: true }) = changed {
            let mut all = it.pending.clone();
            all.extend(lines);
            return Ok(self.compose(&subscription, Reason::Update, all, at));
        }
        let (after, lines) = match changed {
            Some(changed) => (changed.subscription, changed.lines),
            None => (it, Vec::new()),
        };
        let start = after.period.end;
        let next = Period { start, end: next_end(&after, start) };
        let mut all = vec![self.period_line(&after, next)];
        all.extend(after.pending.iter().cloned().chain(lines));
        Ok(self.compose(&after, Reason::Cycle, all, start))
    }

    /// Changes price or quantity. An invoice of its own is paid at once; when that fails the subscription is
    /// past due, or the change waits, or nothing happens at all, as the caller wants it.
    pub(crate) fn change(
        &mut self,
        subscription: &str,
        change: &Change,
        at: i64,
    ) -> Result<(), StripeError> {
        let Some(it) = self.subscriptions.get(subscription).cloned() else {
            return Err(StripeError::no_such("subscription", subscription));
        };
        if it.update.is_some() {
            // One that cannot be made leaves what waits as it is.
            self.changed(&it, change, at)?;
            self.discard_update(subscription, at);
        }
        let Some(it) = self.subscriptions.get(subscription).cloned() else {
            return Err(StripeError::no_such("subscription", subscription));
        };
        let Changed { subscription: after, lines, now } = self.changed(&it, change, at)?;
        if now && change.if_unpaid == IfUnpaid::Waits {
            self.change_once_paid(&it, &after, lines, at);
            return Ok(());
        }
        if now && change.if_unpaid == IfUnpaid::Refused {
            let due = self.compose(&after, Reason::Update, lines.clone(), at).amount_due;
            let method = self.method_for(subscription, &it.customer);
            let card = method.and_then(|id| self.methods.get(&id)).map(|method| &method.card);
            let outcome = card
                .map_or(Err(super::super::cards::Decline::Generic), super::payments::charged_alone);
            if let (true, Err(decline)) = (due > 0, outcome) {
                return Err(StripeError::card(decline));
            }
        }
        let before = self.object(subscription);
        if let Some(row) = self.subscriptions.get_mut(subscription) {
            *row = after;
            if !now {
                row.pending.extend(lines.iter().cloned());
            }
        }
        let mut invoice = None;
        if now {
            let mut all = it.pending;
            all.extend(lines);
            invoice = self.draft(subscription, Reason::Update, all, at);
        }
        self.emit_changed("customer.subscription.updated", before, subscription, at);
        if let Some(invoice) = invoice {
            self.finalize(&invoice, at);
            // A failure shows on the subscription.
            let _ = self.collect(&invoice, at);
        }
        Ok(())
    }
}

fn next_end(it: &Subscription, start: i64) -> i64 {
    let interval: Interval = it.interval;
    interval.end_after(it.anchor, start)
}
