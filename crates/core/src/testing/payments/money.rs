//! What things cost with the provider in memory, and its rules about currencies.

use domain::time::Millis;

use super::{FakePayments, State};
use crate::ports::{
    CheckoutStatus, Money, NewCheckout, PaymentError, Purchase, Subscription, SubscriptionStatus,
};

/// What each price costs, the main currency first.
const AMOUNTS: [(&str, i64); 3] = [("eur", 499), ("chf", 479), ("usd", 549)];

pub(super) fn amounts() -> Vec<Money> {
    read(&AMOUNTS)
}

fn read(amounts: &[(&str, i64)]) -> Vec<Money> {
    let money =
        |(currency, amount): &(&str, i64)| Money { amount: *amount, currency: (*currency).into() };
    amounts.iter().map(money).collect()
}

fn main() -> Money {
    amounts().remove(0)
}

impl State {
    /// What a period of a subscription costs. One whose price is gone costs what all do.
    pub(super) fn cost(&self, subscription: &Subscription) -> Money {
        let currency = subscription.currency.clone().unwrap_or_else(|| main().currency);
        let price = self.prices.iter().find(|one| one.id == subscription.price);
        let found = price.and_then(|price| price.amount_in(&currency));
        found.cloned().unwrap_or(Money { amount: main().amount, currency })
    }

    /// Refuses a price that is not offered in a currency.
    pub(super) fn need_option(&self, price: &str, currency: &str) -> Result<(), PaymentError> {
        let price = self.prices.iter().find(|one| one.id == price);
        let offered = price.is_some_and(|price| price.amount_in(currency).is_some());
        if offered { Ok(()) } else { Err(PaymentError::Refused { status: 400 }) }
    }

    /// Refuses a page in a currency that the price is not offered in, or that is not the one of what the customer has
    /// already: subscriptions that are not over, and pages that can still be paid on. Source: Stripe API, error message
    /// "You cannot combine currencies on a single customer".
    pub(super) fn need_currency(&self, new: &NewCheckout, now: Millis) -> Result<(), PaymentError> {
        let Purchase::Subscription { price, currency, .. } = &new.purchase else { return Ok(()) };
        let currency = currency.clone().unwrap_or_else(|| main().currency);
        self.need_option(price, &currency)?;
        let open = self.checkouts.values().filter(|(other, checkout)| {
            checkout.status == CheckoutStatus::Open
                && other.expires > now
                && other.customer == new.customer
        });
        let open = open.filter_map(|(other, _)| match &other.purchase {
            Purchase::Subscription { currency, .. } => currency.as_ref(),
            Purchase::Donation { .. } => None,
        });
        let paid = self.subscriptions.values().filter(|one| {
            one.customer == new.customer
                && one.live == self.live
                && one.status != SubscriptionStatus::Canceled
        });
        let paid = paid.filter_map(|one| one.currency.as_ref());
        if open.chain(paid).any(|other| *other != currency) {
            return Err(PaymentError::Refused { status: 400 });
        }
        Ok(())
    }
}

impl FakePayments {
    /// The operator gives a price these amounts, the main one first.
    pub fn offer_in(&self, lookup_key: &str, amounts: &[(&str, i64)]) {
        let mut state = self.state();
        let price = state.prices.iter_mut().find(|p| p.lookup_key.as_deref() == Some(lookup_key));
        price.expect("a price").amounts = read(amounts);
    }
}
