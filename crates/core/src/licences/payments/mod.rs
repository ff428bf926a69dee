//! Subscriptions and donations through the payment provider.
//!
//! The provider is where the truth about money is. What it tells ([`webhook`]) is only a reason to read again what
//! it has ([`reconcile`]), so order, repetition and loss of what it tells do not matter: [`work`] does it for what was
//! told, for what falls due, and each night for everything. What a reading means for a licence is one pure
//! function, [`state::state_of`]. Nothing here believes an address that a browser comes back to.

mod change;
mod checkout;
mod currency;
mod customer;
mod donate;
mod error;
mod facts;
mod news;
mod offers;
mod portal;
mod prices;
mod reading;
mod reconcile;
pub mod signature;
mod state;
mod sweep;
mod waiting;
pub mod webhook;
mod wish;
pub mod work;

pub use change::{Changed, Confirmed, DueWhen, PlanChange, change_plan, preview_change};
pub use checkout::start_checkout;
pub use donate::{CURRENCIES, Donation, LARGEST_DONATION, SMALLEST_DONATION, donate, donation};
pub use error::PaymentsError;
pub use facts::{NextInvoice, PaymentState, SubscriptionPage, SubscriptionView, subscription_of};
pub use news::News;
pub(crate) use news::{dm as news_dm, subject as alert_subject, text as news_text};
pub use offers::{Currencies, Offer};
pub use portal::{has_portal, open_own_portal, open_portal};
pub(crate) use prices::PriceCache;
pub use reconcile::{Reconciled, reconcile};
pub use state::{Funds, Reading, State, state_of};
pub use storage::payments::subscriptions::WaitingChange;
pub use waiting::{drop_change, pay_change};

use domain::ids::{LicenceId, UserId};
use storage::StorageError;

use super::current;
use crate::Wardesk;
use crate::ports::Payments;

/// The payment provider, or the refusal where there is none.
fn provider(w: &Wardesk) -> Result<&dyn Payments, PaymentsError> {
    w.payments().ok_or(PaymentsError::Off)
}

/// Has the subscription of a licence ended at the provider, because the licence is over for good. In the transaction
/// that ends the licence.
pub(super) async fn stop(
    conn: &mut sqlx::AnyConnection,
    licence: LicenceId,
) -> Result<(), StorageError> {
    storage::payments::subscriptions::unwant_of(conn, licence).await
}

/// The same in a transaction of its own.
pub(super) async fn stop_now(w: &Wardesk, licence: LicenceId) -> Result<(), StorageError> {
    let mut tx = w.store().begin().await?;
    stop(tx.conn(), licence).await?;
    tx.commit().await?;
    w.wake_payments();
    Ok(())
}

/// Removes what is kept of somebody's payments, and has done what [`stop`] asked for. What the provider keeps of
/// payments that were made, it has to keep. What was paid and is not told of yet buys nothing any more, and is ended.
pub(super) async fn forget(w: &Wardesk, user: UserId) -> Result<(), StorageError> {
    for licence in checkout::leave(w, user).await? {
        current::bury(w, licence).await?;
    }
    let mut tx = w.store().begin().await?;
    storage::payments::forget(tx.conn(), user).await?;
    fail::fail_point!(crate::failpoints::licences::FORGET_BEFORE_COMMIT);
    tx.commit().await?;
    w.wake_payments();
    Ok(())
}
