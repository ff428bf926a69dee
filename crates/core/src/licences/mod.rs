//! Licences: what servers may use, by which right, and whether payments work.

mod current;
mod end;
mod error;
mod holder;
mod note;
pub mod operator;
pub mod payments;
mod plans;
pub mod seats;
mod server;
mod settle;
#[cfg(test)]
mod tests;
mod trial;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::Wardesk;
use crate::ports::PaymentError;

pub(crate) use current::{LicenceCaches, changed, limits_at};
pub use current::{entitlements, limits};
pub use end::{bury_again, end_customer};
pub(crate) use end::{end_customer_of, holds_any};
pub use error::{LicenceError, Refusal};
pub use holder::{HeldLicence, HeldSeat, Holder, SeatChoice, of_holder};
pub use plans::{SHIPPED, read_plans};
pub use server::{PanelOff, ServerLicence, ServerPlan, of_server};
pub(crate) use settle::{Change, Settled, settle};
pub use trial::trial_left;

/// How often payments that work are looked after, and how often others.
const LOOK_WORKING: Duration = Duration::from_hours(1);
const LOOK_BROKEN: Duration = Duration::from_mins(1);

/// Whether payments work, for the status page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentsState {
    /// There is no payment key: nothing is offered for money.
    #[default]
    Off,
    /// Not asked yet.
    Checking,
    /// The provider takes the key.
    Working,
    /// The provider does not take the key. The operator must act.
    BadKey,
    /// The provider cannot be reached, or what it says makes no sense.
    Unavailable,
}

/// Finds out whether payments work, now.
pub async fn check_payments(w: &Wardesk) -> PaymentsState {
    let state = match w.payments() {
        None => PaymentsState::Off,
        Some(payments) => match payments.prices(&[]).await {
            Ok(_) => PaymentsState::Working,
            Err(PaymentError::BadKey | PaymentError::Refused { status: 403 }) => {
                PaymentsState::BadKey
            }
            Err(_) => PaymentsState::Unavailable,
        },
    };
    let before = w.payments_state();
    if before != state {
        tracing::info!(?state, "payments");
    }
    w.set_payments_state(state);
    state
}

/// Looks after payments until `shutdown`; ends at once where they are off.
pub async fn watch_payments(w: Wardesk, shutdown: CancellationToken) {
    while w.payments().is_some() {
        let wait = tokio::select! {
            () = shutdown.cancelled() => return,
            state = check_payments(&w) => match state {
                PaymentsState::Working => LOOK_WORKING,
                _ => LOOK_BROKEN,
            },
        };
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}
