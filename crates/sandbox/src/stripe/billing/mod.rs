//! What the provider does: charges, invoices, subscriptions, and everything that time brings.
//!
//! Every method that changes something takes the moment (seconds UTC) at which it happens, and records the
//! events that Stripe documents for it, in Stripe's order.

mod changes;
mod checkout;
mod clock;
mod hosted;
mod invoices;
mod payments;
mod proration;
mod subscriptions;
mod updates;

pub(crate) use changes::{Change, IfUnpaid, Settle};
pub(crate) use checkout::{Form, Outcome};
pub(crate) use subscriptions::End;
