//! Stripe: the one crate that names it. It implements [`wardesk_core::ports::Payments`].
//!
//! Requests are Stripe's own, answers are read into types of ours that take only what is used: an object that
//! Stripe adds a field to is not lost. What only reads is repeated when Stripe does not answer; what changes
//! something is sent once, under the key that its caller has stored, and repeated by that caller.

mod charges;
mod checkout;
mod customers;
mod form;
mod invoices;
mod portal;
mod prices;
mod subscriptions;

use std::time::Duration;

use async_trait::async_trait;
use domain::ids::UserId;
use domain::locale::Locale;
use secrecy::{ExposeSecret as _, SecretString};
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use url::Url;
use wardesk_core::ports::{
    Charge, Checkout, DisputeStatus, Invoice, NewCheckout, Page, Payable, PaymentError, Payments,
    Preview, Price, PriceChange, Subscription,
};

/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// What async-stripe says of an answer that is an error and is not in Stripe's form. Its status is lost.
const NOT_STRIPES: [&str; 2] = ["error deserializing Stripe error", "Response was not valid UTF-8"];
/// How often a call that only reads is sent at most when Stripe does not answer.
const ATTEMPTS: u32 = 2;

/// The payment settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the payment key or the address of the payment API cannot be used")]
pub struct InvalidSettings;

/// Stripe's API with one account's key.
pub struct Stripe {
    client: Client,
    /// Where the API is.
    api: Url,
    live: bool,
    automatic_tax: bool,
}

impl Stripe {
    /// Makes a client. Calls nothing. `api` is `https://api.stripe.com/`, or a stand-in for it. `automatic_tax`
    /// says whether Stripe is to work out the tax of subscriptions.
    pub fn new(
        key: &SecretString,
        api: &Url,
        automatic_tax: bool,
    ) -> Result<Self, InvalidSettings> {
        let mut base = api.as_str().to_owned();
        if !base.ends_with('/') {
            base.push('/');
        }
        let client = ClientBuilder::new(key.expose_secret())
            .url(base)
            .timeout(TIMEOUT)
            .request_strategy(RequestStrategy::ExponentialBackoff(ATTEMPTS))
            // Its errors may name the key.
            .build()
            .map_err(|_| InvalidSettings)?;
        // Source: Stripe documentation, "API keys".
        let live =
            ["sk_live_", "rk_live_"].iter().any(|live| key.expose_secret().starts_with(live));
        Ok(Self { client, api: api.clone(), live, automatic_tax })
    }

    async fn read<R>(&self, request: &R) -> Result<R::Output, PaymentError>
    where
        R: StripeRequest,
        R::Output: miniserde::Deserialize,
    {
        request.customize().send(&self.client).await.map_err(|error| sorted(&error))
    }

    /// Reads what may not be there.
    async fn find<R>(&self, request: &R) -> Result<Option<R::Output>, PaymentError>
    where
        R: StripeRequest,
        R::Output: miniserde::Deserialize,
    {
        match self.read(request).await {
            Ok(found) => Ok(Some(found)),
            Err(PaymentError::Refused { status: 404 }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn write<R>(&self, key: &str, request: &R) -> Result<R::Output, PaymentError>
    where
        R: StripeRequest,
        R::Output: miniserde::Deserialize,
    {
        let key = IdempotencyKey::new(key).map_err(|_| PaymentError::Refused { status: 400 })?;
        let request = request.customize().request_strategy(RequestStrategy::Idempotent(key));
        request.send(&self.client).await.map_err(|error| sorted(&error))
    }
}

#[async_trait]
impl Payments for Stripe {
    fn live(&self) -> bool {
        self.live
    }

    async fn prices(&self, lookup_keys: &[&str]) -> Result<Vec<Price>, PaymentError> {
        let found = self.read(&prices::List { lookup_keys }).await?;
        Ok(found.into())
    }

    async fn find_customer(&self, account: UserId) -> Result<Option<String>, PaymentError> {
        Ok(self.read(&customers::Search { account }).await?.first())
    }

    async fn create_customer(&self, key: &str, account: UserId) -> Result<String, PaymentError> {
        Ok(self.write(key, &customers::Create { account }).await?.id)
    }

    async fn create_checkout(
        &self,
        key: &str,
        new: &NewCheckout,
    ) -> Result<Checkout, PaymentError> {
        let request = checkout::Create { new, automatic_tax: self.automatic_tax };
        self.write(key, &request).await?.read()
    }

    async fn checkout(&self, id: &str) -> Result<Option<Checkout>, PaymentError> {
        self.find(&checkout::Read(id)).await?.map(checkout::Object::read).transpose()
    }

    async fn expire_checkout(&self, key: &str, id: &str) -> Result<(), PaymentError> {
        self.write(key, &checkout::Expire(id)).await.map(|_| ())
    }

    async fn create_portal(
        &self,
        key: &str,
        customer: &str,
        return_url: &str,
        locale: Locale,
    ) -> Result<String, PaymentError> {
        Ok(self.write(key, &portal::Create { customer, return_url, locale }).await?.url)
    }

    async fn subscription(&self, id: &str) -> Result<Option<Subscription>, PaymentError> {
        match self.find(&subscriptions::Read(id)).await? {
            None => Ok(None),
            Some(object) => object.read().map(Some).ok_or(PaymentError::Unreadable),
        }
    }

    async fn subscriptions(
        &self,
        customer: Option<&str>,
        after: Option<&str>,
    ) -> Result<Page<Subscription>, PaymentError> {
        let found = self.read(&subscriptions::List { customer, after }).await?;
        Ok(found.page(|object| object.id.clone(), subscriptions::Object::read))
    }

    async fn change_price(
        &self,
        key: &str,
        change: &PriceChange,
    ) -> Result<Subscription, PaymentError> {
        if change.invoice_now {
            // A change that may wait takes nothing else with it.
            self.write(&format!("{key}:kept"), &subscriptions::Keep(change)).await?;
        }
        let changed = self.write(key, &subscriptions::Change(change)).await?;
        changed.read().ok_or(PaymentError::Unreadable)
    }

    async fn cancel(&self, subscription: &str) -> Result<(), PaymentError> {
        let request = subscriptions::Cancel(subscription).customize();
        match request.send(&self.client).await.map_err(|error| sorted(&error)) {
            Ok(_) | Err(PaymentError::Refused { status: 404 }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn preview(
        &self,
        key: &str,
        subscription: &str,
        change: Option<&PriceChange>,
    ) -> Result<Option<Preview>, PaymentError> {
        let request = invoices::PreviewOf { subscription, change };
        match self.write(key, &request).await {
            Ok(found) => Ok(Some(found.read())),
            // Source: Stripe API reference, error code `invoice_upcoming_none`.
            Err(PaymentError::Refused { status: 404 }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn invoices(&self, subscription: &str) -> Result<Vec<Invoice>, PaymentError> {
        let found = self.read(&invoices::List { subscription }).await?;
        Ok(found.page(|_| None, invoices::Object::read).items)
    }

    async fn payable(&self, invoice: &str) -> Result<Option<Payable>, PaymentError> {
        let Some(found) = self.find(&invoices::Read(invoice)).await? else { return Ok(None) };
        let declined = match found.intent() {
            Some(intent) => {
                let intent = self.find(&invoices::Intent(&intent)).await?;
                intent.is_some_and(|intent| intent.declined())
            }
            None => false,
        };
        found.payable(&self.api, declined).map(Some)
    }

    async fn void_invoice(&self, key: &str, invoice: &str) -> Result<(), PaymentError> {
        self.write(key, &invoices::Void(invoice)).await.map(|_| ())
    }

    async fn charges(
        &self,
        customer: &str,
        after: Option<&str>,
    ) -> Result<Page<Charge>, PaymentError> {
        let found = self.read(&charges::List { customer, after }).await?;
        Ok(found.page(|object| object.id.clone(), charges::Object::read))
    }

    async fn disputes(&self, charge: &str) -> Result<Vec<DisputeStatus>, PaymentError> {
        let found = self.read(&charges::Disputes { charge }).await?;
        Ok(found.page(|_| None, charges::Dispute::read).items)
    }

    async fn customer_of(&self, object: &str) -> Result<Option<String>, PaymentError> {
        customers::of(self, object).await
    }
}

/// Sorts an error by what can be done about it.
fn sorted(error: &StripeError) -> PaymentError {
    match error {
        // Source: Stripe API reference, "Errors".
        StripeError::Stripe(_, 401) => PaymentError::BadKey,
        // 409: the same wish is being carried out for another request.
        StripeError::Stripe(_, 409 | 429 | 500..)
        | StripeError::ClientError(_)
        | StripeError::Timeout => PaymentError::Unavailable,
        // Among them 403: a restricted key may do other things.
        StripeError::Stripe(_, status) => PaymentError::Refused { status: *status },
        // The page of a proxy between Stripe and us, which stands for all of Stripe and not for one object.
        StripeError::JSONDeserialize(why) if NOT_STRIPES.contains(&why.as_str()) => {
            PaymentError::Unavailable
        }
        StripeError::JSONDeserialize(_) | StripeError::ConfigError(_) => PaymentError::Unreadable,
    }
}

impl std::fmt::Debug for Stripe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stripe")
    }
}
