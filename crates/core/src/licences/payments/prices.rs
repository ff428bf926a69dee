//! What plans cost.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use super::{PaymentsError, provider};
use crate::Wardesk;
use crate::ports::Price;

/// How long prices are remembered.
const KNOWN_FOR: Duration = Duration::from_mins(5);
/// Lookup keys that the provider takes at once.
const AT_ONCE: usize = 10;

/// Prices that were asked for of late.
pub(crate) struct PriceCache(Cache<(), Arc<Vec<Price>>>);

impl Default for PriceCache {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(1).time_to_live(KNOWN_FOR).build())
    }
}

/// The prices of all plans, at most five minutes old. Those of the other mode are none.
pub(super) async fn all(w: &Wardesk) -> Result<Arc<Vec<Price>>, PaymentsError> {
    let payments = provider(w)?;
    if let Some(known) = w.prices().0.get(&()).await {
        return Ok(known);
    }
    let keys: Vec<&str> =
        w.plans().all().iter().flat_map(|plan| plan.prices.values()).map(String::as_str).collect();
    let mut prices = Vec::new();
    for some in keys.chunks(AT_ONCE) {
        prices.extend(payments.prices(some).await?);
    }
    prices.retain(|price| price.live == payments.live());
    let prices = Arc::new(prices);
    w.prices().0.insert((), Arc::clone(&prices)).await;
    Ok(prices)
}

/// The price under a lookup key.
pub(super) async fn find(w: &Wardesk, lookup_key: &str) -> Result<Price, PaymentsError> {
    let all = all(w).await?;
    let found = all.iter().find(|price| price.lookup_key.as_deref() == Some(lookup_key));
    found.cloned().ok_or(PaymentsError::NotSold)
}
