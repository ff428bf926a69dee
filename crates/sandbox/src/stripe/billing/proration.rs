//! The difference that a change of plan makes, to the second.

use super::super::invoice::{Line, rounded};
use super::super::provider::Provider;
use super::super::subscription::{Period, Subscription};
use super::super::{calendar, id};

impl Provider {
    /// Credit for what is left of the old price. `None` in a trial, which costs nothing.
    pub(crate) fn credit(&mut self, it: &Subscription, at: i64) -> Option<Line> {
        if it.trial.is_some_and(|trial| at < trial.end) {
            return None;
        }
        let amount = -self.left_over(it, &it.price, it.quantity, at);
        Some(self.proration_line(it, &it.price, it.quantity, ("Unused", amount), at))
    }

    /// What the new price costs for the rest of the period.
    pub(crate) fn remaining(
        &mut self,
        it: &Subscription,
        (price, quantity): (&str, i64),
        at: i64,
    ) -> Line {
        let amount = self.left_over(it, price, quantity, at);
        self.proration_line(it, price, quantity, ("Remaining", amount), at)
    }

    /// The share of a period's price that falls on the rest of it.
    fn left_over(&self, it: &Subscription, price: &str, quantity: i64, at: i64) -> i64 {
        let whole = it.period.end - it.period.start;
        let left = (it.period.end - at).clamp(0, whole);
        let amount = self.prices.get(price).and_then(|price| price.amount_in(&it.currency));
        if whole == 0 { 0 } else { rounded(amount.unwrap_or(0) * quantity * left, whole) }
    }

    fn proration_line(
        &mut self,
        it: &Subscription,
        price: &str,
        quantity: i64,
        (word, amount): (&str, i64),
        at: i64,
    ) -> Line {
        let name = self.product_name(price);
        Line {
            id: self.ids.next(id::LINE),
            description: format!("{word} time on {quantity} × {name} after {}", calendar::day(at)),
            amount,
            price: price.to_owned(),
            quantity,
            period: Period { start: at, end: it.period.end },
            proration: Some(self.ids.next(id::INVOICE_ITEM)),
        }
    }
}
