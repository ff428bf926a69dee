//! Payment intents, charges, refunds, disputes.

use serde_json::{Value, json};

use super::super::calendar::DAY;
use super::super::cards::Decline;
use super::super::model::{Charge, Dispute, DisputeStatus, Intent, IntentStatus, Refund};
use super::super::provider::Provider;
use super::customers::{billing_details, card_json};

/// Time to answer a dispute.
const EVIDENCE_DAYS: i64 = 9;

impl Provider {
    pub(crate) fn intent_json(&self, it: &Intent) -> Value {
        let succeeded = it.status == IntentStatus::Succeeded;
        json!({
            "id": it.id,
            "object": "payment_intent",
            "amount": it.amount,
            "amount_capturable": 0,
            "amount_received": if succeeded { it.amount } else { 0 },
            "automatic_payment_methods": null,
            "canceled_at": null,
            "cancellation_reason": null,
            "capture_method": "automatic",
            "client_secret": format!("{}_secret_sandbox", it.id),
            "confirmation_method": "automatic",
            "created": it.created,
            "currency": it.currency,
            "customer": it.customer,
            "description": it.description,
            "last_payment_error": it.error.map(|decline| self.error_json(decline, it)),
            "latest_charge": it.latest_charge,
            "livemode": false,
            "metadata": it.metadata,
            "next_action": (it.status == IntentStatus::RequiresAction)
                .then(|| json!({"type": "use_stripe_sdk"})),
            "payment_method": it.method,
            "payment_method_types": ["card"],
            "processing": null,
            "receipt_email": null,
            "setup_future_usage": it.invoice.as_ref().map(|_| "off_session"),
            "shipping": null,
            "statement_descriptor": null,
            "status": it.status.name(),
        })
    }

    fn error_json(&self, decline: Decline, it: &Intent) -> Value {
        let method = it.method.as_deref().and_then(|id| self.methods.get(id));
        json!({
            "charge": it.latest_charge,
            "code": decline.code(),
            "decline_code": decline.decline_code(),
            "message": decline.message(),
            "payment_method": method.map(|method| self.method_json(method)),
            "type": "card_error",
        })
    }

    pub(crate) fn charge_json(&self, it: &Charge) -> Value {
        let method = self.methods.get(&it.method);
        let paid = it.failure.is_none();
        json!({
            "id": it.id,
            "object": "charge",
            "amount": it.amount,
            "amount_captured": if paid { it.amount } else { 0 },
            "amount_refunded": it.refunded,
            "balance_transaction": null,
            "billing_details": billing_details(method),
            "captured": paid,
            "created": it.created,
            "currency": it.currency,
            "customer": it.customer,
            "description": null,
            "disputed": it.disputed,
            "failure_code": it.failure.map(Decline::code),
            "failure_message": it.failure.map(Decline::message),
            "livemode": false,
            "metadata": it.metadata,
            "outcome": {
                "network_status": if paid { "approved_by_network" } else { "declined_by_network" },
                "reason": it.failure.and_then(Decline::decline_code),
                "risk_level": "normal",
                "seller_message": if paid { "Payment complete." } else { "The bank declined." },
                "type": if paid { "authorized" } else { "issuer_declined" },
            },
            "paid": paid,
            "payment_intent": it.intent,
            "payment_method": it.method,
            "payment_method_details": {"card": method.map(card_json), "type": "card"},
            "receipt_email": null,
            "receipt_number": null,
            "receipt_url": null,
            "refunded": it.refunded == it.amount,
            "review": null,
            "status": if paid { "succeeded" } else { "failed" },
        })
    }

    /// The refunds of a charge, newest first; shown when they are asked for.
    pub(crate) fn refunds_of(&self, charge: &str) -> Vec<Value> {
        self.refunds
            .newest()
            .filter(|refund| refund.charge == charge)
            .map(|refund| self.refund_json(refund))
            .collect()
    }

    #[expect(clippy::unused_self, reason = "every object is shown by the provider")]
    pub(crate) fn refund_json(&self, it: &Refund) -> Value {
        json!({
            "id": it.id,
            "object": "refund",
            "amount": it.amount,
            "balance_transaction": null,
            "charge": it.charge,
            "created": it.created,
            "currency": it.currency,
            "destination_details": {"card": {"type": "refund"}, "type": "card"},
            "metadata": it.metadata,
            "payment_intent": it.intent,
            "reason": it.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": "succeeded",
            "transfer_reversal": null,
        })
    }

    #[expect(clippy::unused_self, reason = "every object is shown by the provider")]
    pub(crate) fn dispute_json(&self, it: &Dispute) -> Value {
        json!({
            "id": it.id,
            "object": "dispute",
            "amount": it.amount,
            "balance_transactions": [],
            "charge": it.charge,
            "created": it.created,
            "currency": it.currency,
            "enhanced_eligibility_types": [],
            "evidence": {},
            "evidence_details": {
                "due_by": it.created + EVIDENCE_DAYS * DAY,
                "has_evidence": it.status != DisputeStatus::NeedsResponse,
                "past_due": false,
                "submission_count": i32::from(it.status != DisputeStatus::NeedsResponse),
            },
            "is_charge_refundable": false,
            "livemode": false,
            "metadata": {},
            "payment_intent": it.intent,
            "reason": it.reason,
            "status": it.status.name(),
        })
    }
}
