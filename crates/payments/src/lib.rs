//! Stripe: the one crate that names it. It implements [`wardesk_core::ports::Payments`].
//!
//! Nothing is charged yet: so far a payment key is checked and prices are read, which is what the status
//! page tells. Requests are Stripe's own, answers are read into types of ours that take only what is used:
//! an object that Stripe adds a field to is not lost.

mod prices;

use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret as _, SecretString};
use stripe::{Client, ClientBuilder, RequestStrategy, StripeError, StripeRequest};
use url::Url;
use wardesk_core::ports::{PaymentError, Payments, Price};

/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How often a call that only reads is repeated when Stripe does not answer.
const REPEATS: u32 = 2;

/// The payment settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the payment key or the address of the payment API cannot be used")]
pub struct InvalidSettings;

/// Stripe's API with one account's key.
pub struct Stripe(Client);

impl Stripe {
    /// Makes a client. Calls nothing. `api` is `https://api.stripe.com/`, or a stand-in for it.
    pub fn new(key: &SecretString, api: &Url) -> Result<Self, InvalidSettings> {
        let mut base = api.as_str().to_owned();
        if !base.ends_with('/') {
            base.push('/');
        }
        let client = ClientBuilder::new(key.expose_secret())
            .url(base)
            .timeout(TIMEOUT)
            .request_strategy(RequestStrategy::ExponentialBackoff(REPEATS))
            // Its errors may name the key.
            .build()
            .map_err(|_| InvalidSettings)?;
        Ok(Self(client))
    }

    async fn read<R>(&self, request: &R) -> Result<R::Output, PaymentError>
    where
        R: StripeRequest,
        R::Output: miniserde::Deserialize,
    {
        request.customize().send(&self.0).await.map_err(|error| sorted(&error))
    }
}

#[async_trait]
impl Payments for Stripe {
    async fn prices(&self, lookup_keys: &[&str]) -> Result<Vec<Price>, PaymentError> {
        let found = self.read(&prices::List { lookup_keys }).await?;
        Ok(found.into())
    }
}

/// Sorts an error by what can be done about it.
fn sorted(error: &StripeError) -> PaymentError {
    match error {
        // Source: Stripe API reference, "Errors".
        StripeError::Stripe(_, 401 | 403) => PaymentError::BadKey,
        StripeError::Stripe(_, 429 | 500..)
        | StripeError::ClientError(_)
        | StripeError::Timeout => PaymentError::Unavailable,
        StripeError::Stripe(_, status) => PaymentError::Refused { status: *status },
        StripeError::JSONDeserialize(_) | StripeError::ConfigError(_) => PaymentError::Unreadable,
    }
}

impl std::fmt::Debug for Stripe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stripe")
    }
}
