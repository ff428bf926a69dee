//! Charges, refunds and disputes. Source: Stripe API reference, "Charges" and "Disputes".

use miniserde::Deserialize;
use miniserde::json::Value;
use serde::Serialize;
use stripe::StripeRequest;
use stripe_client_core::{RequestBuilder, StripeMethod};
use wardesk_core::ports::{Charge, DisputeStatus};

use crate::form::{self, LIMIT, id_of, time};

/// The charges of a customer.
pub(crate) struct List<'a> {
    pub customer: &'a str,
    pub after: Option<&'a str>,
}

#[derive(Serialize)]
struct Query<'a> {
    limit: u8,
    customer: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
}

impl StripeRequest for List<'_> {
    type Output = form::List<Object>;

    fn build(&self) -> RequestBuilder {
        let query = Query { limit: LIMIT, customer: self.customer, starting_after: self.after };
        RequestBuilder::new(StripeMethod::Get, "/charges").query(&query)
    }
}

#[derive(Deserialize)]
pub(crate) struct Object {
    pub id: Option<String>,
    payment_intent: Option<Value>,
    created: Option<i64>,
    status: Option<String>,
    amount: Option<i64>,
    amount_refunded: Option<i64>,
    disputed: Option<bool>,
}

impl Object {
    pub fn read(self) -> Option<Charge> {
        Some(Charge {
            id: self.id?,
            payment_intent: id_of(self.payment_intent.as_ref()),
            created: time(self.created?),
            succeeded: self.status.as_deref() == Some("succeeded"),
            amount: self.amount?,
            refunded: self.amount_refunded.unwrap_or(0),
            disputed: self.disputed.unwrap_or(false),
        })
    }
}

/// The disputes about a charge.
pub(crate) struct Disputes<'a> {
    pub charge: &'a str,
}

#[derive(Serialize)]
struct DisputesQuery<'a> {
    limit: u8,
    charge: &'a str,
}

impl StripeRequest for Disputes<'_> {
    type Output = form::List<Dispute>;

    fn build(&self) -> RequestBuilder {
        let query = DisputesQuery { limit: LIMIT, charge: self.charge };
        RequestBuilder::new(StripeMethod::Get, "/disputes").query(&query)
    }
}

#[derive(Deserialize)]
pub(crate) struct Dispute {
    status: Option<String>,
}

impl Dispute {
    #[expect(clippy::unnecessary_wraps, reason = "the form that pages are read in")]
    pub fn read(self) -> Option<DisputeStatus> {
        Some(match self.status.as_deref() {
            // A dispute that was prevented costs nothing, and an inquiry takes no money: only what comes of it does.
            Some(
                "won"
                | "prevented"
                | "warning_closed"
                | "warning_needs_response"
                | "warning_under_review",
            ) => DisputeStatus::Won,
            Some("lost") => DisputeStatus::Lost,
            // Also a state to come: until we know better, somebody disputes.
            _ => DisputeStatus::Open,
        })
    }
}
