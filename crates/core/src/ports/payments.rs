//! The payment provider, as the use-cases see it. Implemented by `payments`.
//!
//! It has what is used: prices. Checkout, portal and the state of subscriptions come with licences.

use async_trait::async_trait;

/// Why a call failed, sorted by what the caller can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// The key is not valid, or may not do this. The operator must act.
    #[error("the payment key is not valid")]
    BadKey,
    /// The provider refused what was sent: a defect on our side.
    #[error("the payment provider refused with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// Not now: an outage, a timeout, a limit.
    #[error("the payment provider is not available at the moment")]
    Unavailable,
    /// The answer has not the form that its documentation gives.
    #[error("the payment provider's answer cannot be read")]
    Unreadable,
}

/// What something costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The provider's id.
    pub id: String,
    /// The name under which it is looked up, which stays when the price changes.
    pub lookup_key: Option<String>,
    /// In the smallest unit of the currency; `None` where it depends on the quantity.
    pub amount: Option<i64>,
    /// ISO 4217, in lower case.
    pub currency: String,
    /// Whether real money is meant.
    pub live: bool,
}

/// The payment provider's calls.
#[async_trait]
pub trait Payments: Send + Sync {
    /// The active prices under these lookup keys, at most ten; for no keys, some of those there are.
    async fn prices(&self, lookup_keys: &[&str]) -> Result<Vec<Price>, PaymentError>;
}
