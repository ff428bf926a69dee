//! Payment intents and charges; refunds and disputes.

use serde_json::Value;

use super::super::cards::{Behaviour, Card, Decline};
use super::super::error::StripeError;
use super::super::id;
use super::super::model::{
    Charge, Dispute, DisputeStatus, Intent, IntentStatus, Metadata, Method, Payer, Refund,
};
use super::super::provider::Provider;

/// A payment that is about to be tried.
pub(crate) struct NewIntent {
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) customer: Option<String>,
    pub(crate) invoice: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) metadata: Metadata,
}

impl Provider {
    pub(crate) fn new_intent(&mut self, new: NewIntent, at: i64) -> String {
        let id = self.ids.next(id::INTENT);
        self.intents.insert(Intent {
            id: id.clone(),
            created: at,
            amount: new.amount,
            currency: new.currency,
            customer: new.customer,
            method: None,
            invoice: new.invoice,
            description: new.description,
            status: IntentStatus::RequiresPaymentMethod,
            latest_charge: None,
            error: None,
            metadata: new.metadata,
        });
        self.emit_object("payment_intent.created", &id, at);
        id
    }

    /// Records that something happened to an object, as it is now.
    pub(crate) fn emit_object(&mut self, kind: &str, id: &str, at: i64) {
        if let Some(object) = self.object(id) {
            self.emit(kind, object, at);
        }
    }

    /// Records a change of an object, which was `before`.
    pub(crate) fn emit_changed(&mut self, kind: &str, before: Option<Value>, id: &str, at: i64) {
        if let (Some(before), Some(after)) = (before, self.object(id)) {
            self.emit_change(kind, &before, after, at);
        }
    }

    pub(crate) fn new_method(&mut self, payer: &Payer, customer: Option<&str>, at: i64) -> String {
        let id = self.ids.next(id::METHOD);
        self.methods.insert(Method {
            id: id.clone(),
            created: at,
            customer: customer.map(str::to_owned),
            name: payer.name.clone(),
            email: payer.email.clone(),
            country: payer.country.clone(),
            card: payer.card.clone(),
        });
        if customer.is_some() {
            self.emit_object("payment_method.attached", &id, at);
        }
        id
    }

    /// Changes where an intent stands, and records it under a type of its own.
    pub(crate) fn set_intent_status(
        &mut self,
        intent: &str,
        status: IntentStatus,
        kind: &str,
        at: i64,
    ) {
        if let Some(row) = self.intents.get_mut(intent) {
            row.status = status;
        }
        self.emit_object(kind, intent, at);
    }

    /// Tries to pay an intent with a card that is kept, without the person.
    pub(crate) fn charge(&mut self, intent: &str, method: &str, at: i64) -> Result<(), Decline> {
        let card = self.methods.get(method).map(|method| &method.card);
        match card.map_or(Err(Decline::Generic), charged_alone) {
            Err(Decline::AuthenticationRequired) => {
                self.ask_person(intent, method, at);
                Err(Decline::AuthenticationRequired)
            }
            outcome => self.settle(intent, method, outcome, at),
        }
    }

    /// Has an intent wait until the person confirms it with their bank.
    pub(crate) fn ask_person(&mut self, intent: &str, method: &str, at: i64) {
        if let Some(row) = self.intents.get_mut(intent) {
            row.method = Some(method.to_owned());
            row.error = None;
        }
        let kind = "payment_intent.requires_action";
        self.set_intent_status(intent, IntentStatus::RequiresAction, kind, at);
    }

    /// Makes the charge of an intent with its outcome.
    pub(crate) fn settle(
        &mut self,
        intent: &str,
        method: &str,
        outcome: Result<(), Decline>,
        at: i64,
    ) -> Result<(), Decline> {
        let charge = self.ids.next(id::CHARGE);
        let Some(paid) = self.intents.get_mut(intent) else { return Err(Decline::Generic) };
        paid.method = Some(method.to_owned());
        paid.latest_charge = Some(charge.clone());
        paid.error = outcome.err();
        paid.status = match outcome {
            Ok(()) => IntentStatus::Succeeded,
            Err(_) => IntentStatus::RequiresPaymentMethod,
        };
        let row = Charge {
            id: charge.clone(),
            created: at,
            amount: paid.amount,
            refunded: 0,
            currency: paid.currency.clone(),
            customer: paid.customer.clone(),
            intent: intent.to_owned(),
            method: method.to_owned(),
            failure: outcome.err(),
            disputed: false,
            metadata: paid.metadata.clone(),
        };
        self.charges.insert(row);
        let (of_charge, of_intent) = match outcome {
            Ok(()) => ("charge.succeeded", "payment_intent.succeeded"),
            Err(_) => ("charge.failed", "payment_intent.payment_failed"),
        };
        self.emit_object(of_charge, &charge, at);
        self.emit_object(of_intent, intent, at);
        outcome
    }

    /// Gives money back: `amount`, or all that is left. The charge is named in `param`.
    pub(crate) fn refund(
        &mut self,
        charge: &str,
        amount: Option<i64>,
        reason: Option<&str>,
        metadata: Metadata,
        at: i64,
    ) -> Result<String, StripeError> {
        let before = self.object(charge);
        let Some(row) = self.charges.get_mut(charge) else {
            return Err(StripeError::no_such_param("charge", charge, "charge"));
        };
        let left = row.amount - row.refunded;
        if row.failure.is_some() || row.disputed {
            let why = if row.disputed { "is disputed" } else { "has failed" };
            let code = if row.disputed { "charge_disputed" } else { "charge_not_refundable" };
            return Err(StripeError::coded(code, "charge", format!("Charge {charge} {why}.")));
        }
        if left == 0 {
            let words = format!("Charge {charge} has already been refunded.");
            return Err(StripeError::coded("charge_already_refunded", "charge", words));
        }
        let amount = amount.unwrap_or(left);
        if !(1..=left).contains(&amount) {
            let words = format!("Refund amount ({amount}) is not between 1 and {left}.");
            return Err(StripeError::coded("amount_too_large", "amount", words));
        }
        row.refunded += amount;
        let (intent, currency) = (row.intent.clone(), row.currency.clone());
        let id = self.ids.next(id::REFUND);
        self.refunds.insert(Refund {
            id: id.clone(),
            created: at,
            charge: charge.to_owned(),
            intent,
            amount,
            currency,
            reason: reason.map(str::to_owned),
            metadata,
        });
        self.emit_object("refund.created", &id, at);
        self.emit_changed("charge.refunded", before, charge, at);
        Ok(id)
    }

    /// Opens a dispute about what is left of a charge.
    pub(crate) fn dispute(
        &mut self,
        charge: &str,
        reason: &str,
        at: i64,
    ) -> Result<String, StripeError> {
        let Some(row) = self.charges.get_mut(charge) else {
            return Err(StripeError::no_such_param("charge", charge, "charge"));
        };
        if row.failure.is_some() || row.disputed || row.refunded == row.amount {
            return Err(StripeError::invalid(format!("Charge {charge} cannot be disputed.")));
        }
        row.disputed = true;
        let dispute = Dispute {
            id: self.ids.next(id::DISPUTE),
            created: at,
            charge: charge.to_owned(),
            intent: row.intent.clone(),
            amount: row.amount - row.refunded,
            currency: row.currency.clone(),
            reason: reason.to_owned(),
            status: DisputeStatus::NeedsResponse,
        };
        let id = dispute.id.clone();
        self.disputes.insert(dispute);
        self.emit_object("charge.dispute.created", &id, at);
        self.emit_object("charge.dispute.funds_withdrawn", &id, at);
        Ok(id)
    }

    /// Ends a dispute.
    pub(crate) fn close_dispute(
        &mut self,
        dispute: &str,
        won: bool,
        at: i64,
    ) -> Result<(), StripeError> {
        let before = self.object(dispute);
        let Some(row) = self.disputes.get_mut(dispute) else {
            return Err(StripeError::no_such("dispute", dispute));
        };
        if row.status != DisputeStatus::NeedsResponse {
            return Err(StripeError::invalid(format!("Dispute {dispute} is closed already.")));
        }
        row.status = if won { DisputeStatus::Won } else { DisputeStatus::Lost };
        self.emit_changed("charge.dispute.closed", before, dispute, at);
        if won {
            self.emit_object("charge.dispute.funds_reinstated", dispute, at);
        }
        Ok(())
    }
}

/// What a card does when it is charged, and the person has confirmed it if it asks for that.
pub(crate) fn charged(card: &Card) -> Result<(), Decline> {
    match card.behaviour {
        Behaviour::Succeeds | Behaviour::Authenticates | Behaviour::AlwaysAuthenticates => Ok(()),
        Behaviour::Declines(decline) => Err(decline),
        Behaviour::AttachesThenFails => Err(Decline::Generic),
    }
}

/// What a kept card does when it is charged without the person.
pub(crate) fn charged_alone(card: &Card) -> Result<(), Decline> {
    match card.behaviour {
        Behaviour::AlwaysAuthenticates => Err(Decline::AuthenticationRequired),
        _ => charged(card),
    }
}
