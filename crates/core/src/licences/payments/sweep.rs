//! All subscriptions are read again, part by part.

use domain::time::Millis;
use storage::payments::subscriptions as rows;

use super::state::keys;
use super::work::{Failures, look};
use super::{PaymentsError, provider};
use crate::Wardesk;
use crate::ports::{PaymentError, Subscription, SubscriptionStatus};

/// Subscriptions that are read in one part.
const PART: usize = 20;
/// How long a sweep that was interrupted is gone on with: after it, what was read first is old.
const FRESH_SECONDS: i64 = 3600;

/// A sweep. Kept in memory alone: whoever starts begins anew.
#[derive(Debug)]
pub(super) struct Sweep {
    /// When it began.
    pub begun: Millis,
    /// How many subscriptions were looked at.
    pub looked: u64,
    /// When it was gone on with last.
    at: Millis,
    /// The last subscription that is done.
    after: Option<String>,
}

impl Sweep {
    pub const fn new(now: Millis) -> Self {
        Self { begun: now, looked: 0, at: now, after: None }
    }

    /// Whether it may be gone on with.
    pub fn is_fresh(&self, now: Millis) -> bool {
        now.since(self.at) <= FRESH_SECONDS * 1000
    }

    /// Reads the next ones. Answers whether there may be more; after an error it goes on where it was.
    pub async fn part(&mut self, w: &Wardesk) -> Result<bool, PaymentsError> {
        let payments = provider(w)?;
        let mut failures = Failures::default();
        self.at = w.now();
        if self.after.is_none() && payments.live() {
            // What was tried out before buys nothing.
            for row in rows::pretended(w.store().read()).await? {
                look(w, &row.id, &mut failures).await?;
            }
        }
        let page = match payments.subscriptions(None, self.after.as_deref()).await {
            // The one after which it was to go on may be gone.
            Err(error @ PaymentError::Refused { .. }) => {
                self.after = None;
                return Err(error.into());
            }
            page => page?,
        };
        let mut left = PART;
        for subscription in page.items {
            if left == 0 {
                failures.over()?;
                return Ok(true);
            }
            if is_to_read(w, &subscription).await? {
                look(w, &subscription.id, &mut failures).await?;
                self.looked += 1;
                left -= 1;
            }
            self.after = Some(subscription.id);
        }
        let more = page.next.is_some();
        self.after = page.next.or(self.after.take());
        failures.over()?;
        Ok(more)
    }
}

async fn is_to_read(w: &Wardesk, subscription: &Subscription) -> Result<bool, PaymentsError> {
    // Others may sell things with the same account.
    if !subscription.metadata.contains_key(keys::LICENCE) {
        return Ok(false);
    }
    // What is over stays so.
    if subscription.status != SubscriptionStatus::Canceled {
        return Ok(true);
    }
    let had = rows::get(w.store().read(), &subscription.id).await?;
    Ok(had.is_none_or(|had| had.status != "canceled"))
}

/// Reads everything again. Answers how many subscriptions were looked at.
pub async fn sweep(w: &Wardesk) -> Result<u64, PaymentsError> {
    let mut sweep = Sweep::new(w.now());
    while sweep.part(w).await? {}
    Ok(sweep.looked)
}
