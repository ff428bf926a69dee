//! What the program asks of the provider in memory.

use async_trait::async_trait;
use domain::ids::UserId;
use domain::locale::Locale;

use super::{FakePayments, State};
use crate::ports::{
    Charge, Checkout, CheckoutStatus, DisputeStatus, Invoice, Money, NewCheckout, Page, Payable,
    PaymentError, Payments, Preview, Price, PriceChange, Subscription, SubscriptionStatus,
};

impl FakePayments {
    fn read<T>(&self, find: impl FnOnce(&mut State) -> T) -> Result<T, PaymentError> {
        let mut state = self.state();
        if let Some(left) = state.away_after {
            state.away_after = left.checked_sub(1);
            state.away |= left == 0;
        }
        match (state.away, state.bad_key) {
            (true, _) => Err(PaymentError::Unavailable),
            (_, true) => Err(PaymentError::BadKey),
            _ => Ok(find(&mut state)),
        }
    }

    fn read_one<T>(&self, id: &str, find: impl FnOnce(&mut State) -> T) -> Result<T, PaymentError> {
        if self.state().broken.as_deref() == Some(id) {
            return Err(PaymentError::Unavailable);
        }
        self.read(find)
    }

    /// Carries a wish out once for its key. The answer is an id.
    fn write(
        &self,
        key: &str,
        asked: &str,
        make: impl FnOnce(&mut State) -> Result<String, PaymentError>,
    ) -> Result<String, PaymentError> {
        assert!(!key.is_empty(), "every wish has a key");
        let mut state = self.state();
        if state.away {
            return Err(PaymentError::Unavailable);
        }
        if state.failing > 0 {
            state.failing -= 1;
            state.failed.insert(key.to_owned());
        }
        if state.failed.contains(key) {
            return Err(PaymentError::Unavailable);
        }
        let answer = match state.answered.get(key) {
            // The same key for another wish. Source: Stripe API reference, "Idempotent requests".
            Some((before, _)) if before != asked => {
                return Err(PaymentError::Refused { status: 400 });
            }
            Some((_, answer)) => answer.clone(),
            None => {
                let answer = make(&mut state)?;
                state.answered.insert(key.to_owned(), (asked.to_owned(), answer.clone()));
                answer
            }
        };
        if state.unanswered > 0 {
            state.unanswered -= 1;
            return Err(PaymentError::Unavailable);
        }
        Ok(answer)
    }
}

fn page<T: Clone>(all: Vec<(String, T)>, after: Option<&str>, size: usize) -> Page<T> {
    let rest: Vec<(String, T)> = match after {
        Some(after) => all.into_iter().skip_while(|(id, _)| id != after).skip(1).collect(),
        None => all,
    };
    let next = (rest.len() > size).then(|| rest[size - 1].0.clone());
    Page { items: rest.into_iter().take(size).map(|(_, one)| one).collect(), next }
}

#[async_trait]
impl Payments for FakePayments {
    fn live(&self) -> bool {
        self.state().live
    }

    async fn prices(&self, lookup_keys: &[&str]) -> Result<Vec<Price>, PaymentError> {
        self.read(|state| {
            let wanted = |price: &&Price| {
                lookup_keys.is_empty()
                    || price.lookup_key.as_deref().is_some_and(|key| lookup_keys.contains(&key))
            };
            state.prices.iter().filter(wanted).cloned().collect()
        })
    }

    async fn find_customer(&self, account: UserId) -> Result<Option<String>, PaymentError> {
        self.read(|state| state.customers.get(&account).filter(|_| !state.search_lags).cloned())
    }

    async fn create_customer(&self, key: &str, account: UserId) -> Result<String, PaymentError> {
        self.write(key, &account.to_string(), |state| {
            let id = state.id("cus");
            state.customers.insert(account, id.clone());
            state.count("customer");
            Ok(id)
        })
    }

    async fn create_checkout(
        &self,
        key: &str,
        new: &NewCheckout,
    ) -> Result<Checkout, PaymentError> {
        let asked = serde_json::to_string(new).expect("a request");
        let now = self.clock.now();
        let id = self.write(key, &asked, |state| {
            state.need_currency(new, now)?;
            if !state.customers.values().any(|one| *one == new.customer) {
                return Err(PaymentError::Refused { status: 400 });
            }
            let id = state.id("cs");
            let url = Some(format!("https://pay.example/{id}"));
            let (status, total) = (CheckoutStatus::Open, None);
            let checkout = Checkout { id: id.clone(), url, status, paid: false, total };
            state.checkouts.insert(id.clone(), (new.clone(), checkout));
            state.count("checkout");
            Ok(id)
        })?;
        Ok(self.state().checkouts[&id].1.clone())
    }

    async fn checkout(&self, id: &str) -> Result<Option<Checkout>, PaymentError> {
        let now = self.clock.now();
        self.read(|state| {
            state.checkouts.get_mut(id).map(|(new, checkout)| {
                if checkout.status == CheckoutStatus::Open && new.expires <= now {
                    (checkout.status, checkout.url) = (CheckoutStatus::Expired, None);
                }
                checkout.clone()
            })
        })
    }

    async fn expire_checkout(&self, key: &str, id: &str) -> Result<(), PaymentError> {
        self.write(key, id, |state| {
            let (_, checkout) =
                state.checkouts.get_mut(id).ok_or(PaymentError::Refused { status: 404 })?;
            if checkout.status != CheckoutStatus::Open {
                return Err(PaymentError::Refused { status: 400 });
            }
            (checkout.status, checkout.url) = (CheckoutStatus::Expired, None);
            Ok(String::new())
        })
        .map(|_| ())
    }

    async fn create_portal(
        &self,
        key: &str,
        customer: &str,
        return_url: &str,
        _: Locale,
    ) -> Result<String, PaymentError> {
        self.write(key, &format!("{customer} {return_url}"), |state| {
            state.count("portal");
            Ok(format!("https://pay.example/{}", state.id("bps")))
        })
    }

    async fn subscription(&self, id: &str) -> Result<Option<Subscription>, PaymentError> {
        self.read_one(id, |state| {
            let live = state.live;
            state.count("shown");
            state.subscriptions.get(id).filter(|one| one.live == live).cloned()
        })
    }

    async fn subscriptions(
        &self,
        customer: Option<&str>,
        after: Option<&str>,
    ) -> Result<Page<Subscription>, PaymentError> {
        self.read(|state| {
            let live = state.live;
            let of = |one: &&Subscription| {
                one.live == live && customer.is_none_or(|c| one.customer == c)
            };
            let all = state.subscriptions.values().rev().filter(of);
            // Small pages: whoever reads only the first one is found out.
            page(all.map(|one| (one.id.clone(), one.clone())).collect(), after, 2)
        })
    }

    async fn change_price(
        &self,
        key: &str,
        change: &PriceChange,
    ) -> Result<Subscription, PaymentError> {
        let now = self.clock.now();
        let asked = serde_json::to_string(change).expect("a request");
        let id = self.write(key, &asked, |state| {
            let metadata = change.metadata.clone();
            state.subscription(&change.subscription).metadata.extend(metadata);
            if change.invoice_now && (state.declines || state.asks_bank) {
                return state.make_wait(change, now);
            }
            let price = state.prices.iter().find(|one| one.id == change.price).cloned();
            let price = price.ok_or(PaymentError::Refused { status: 400 })?;
            let currency = state.cost(&state.subscriptions[&change.subscription]).currency;
            state.need_option(&price.id, &currency)?;
            let subscription = state.subscription(&change.subscription);
            subscription.price = price.id;
            subscription.lookup_key = price.lookup_key;
            let trial = subscription.status == SubscriptionStatus::Trialing;
            state.count("change");
            if change.invoice_now && !trial {
                state.bill(&change.subscription, now, true);
            }
            state.tell("customer.subscription.updated", &change.subscription);
            Ok(change.subscription.clone())
        })?;
        Ok(self.look(&id))
    }

    async fn cancel(&self, subscription: &str) -> Result<(), PaymentError> {
        let there = self.read(|state| {
            let status = state.subscriptions.get(subscription).map(|one| one.status);
            let lives = status.is_some_and(|status| status != SubscriptionStatus::Canceled);
            if lives {
                state.count("cancel");
            }
            lives
        })?;
        if there {
            self.end(subscription, false);
        }
        Ok(())
    }

    async fn preview(
        &self,
        _: &str,
        subscription: &str,
        change: Option<&PriceChange>,
    ) -> Result<Option<Preview>, PaymentError> {
        self.read(|state| {
            let Some(found) = state.subscriptions.get(subscription) else { return Ok(None) };
            if found.status == SubscriptionStatus::Canceled || found.cancel_at.is_some() {
                return Ok(None);
            }
            let Money { amount, currency } = state.cost(found);
            if let Some(change) = change {
                state.need_option(&change.price, &currency)?;
            }
            // What is left of the period, in days.
            let amount = change.map_or(amount, |change| State::difference(found, change));
            let due = Money { amount, currency };
            let at = change.is_none().then_some(found.period_end);
            Ok(Some(Preview { due, total: amount, at }))
        })?
    }

    async fn invoices(&self, subscription: &str) -> Result<Vec<Invoice>, PaymentError> {
        self.read(|state| {
            let of = state.invoices.iter().rev().filter(|of| of.subscription == subscription);
            of.map(|of| of.invoice.clone()).collect()
        })
    }

    async fn payable(&self, invoice: &str) -> Result<Option<Payable>, PaymentError> {
        self.read(|state| state.payable(invoice))
    }

    async fn void_invoice(&self, key: &str, invoice: &str) -> Result<(), PaymentError> {
        if self.state().forbids_void {
            return Err(PaymentError::Refused { status: 403 });
        }
        self.write(key, invoice, |state| state.void(invoice)).map(|_| ())
    }

    async fn charges(
        &self,
        customer: &str,
        after: Option<&str>,
    ) -> Result<Page<Charge>, PaymentError> {
        self.read(|state| {
            let of = state.charges.iter().rev().filter(|(whose, _)| whose == customer);
            page(of.map(|(_, one)| (one.id.clone(), one.clone())).collect(), after, 2)
        })
    }

    async fn disputes(&self, charge: &str) -> Result<Vec<DisputeStatus>, PaymentError> {
        self.read(|state| state.disputes.get(charge).copied().into_iter().collect())
    }

    async fn customer_of(&self, object: &str) -> Result<Option<String>, PaymentError> {
        self.read_one(object, |state| {
            let of_subscription =
                |id: &str| state.subscriptions.get(id).map(|s| s.customer.clone());
            match object.split('_').next()? {
                "sub" => of_subscription(object),
                "in" => {
                    let of = state.invoices.iter().find(|of| of.invoice.id == object)?;
                    of_subscription(&of.subscription)
                }
                "ch" => state.charges.iter().find(|(_, c)| c.id == object).map(|(w, _)| w.clone()),
                "cs" => state.checkouts.get(object).map(|(new, _)| new.customer.clone()),
                _ => None,
            }
        })
    }
}
