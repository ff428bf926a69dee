//! Paying on the page of an invoice, where the person is there and can confirm.

use super::super::cards::{Behaviour, Decline};
use super::super::error::StripeError;
use super::super::invoice::{Invoice, InvoiceStatus};
use super::super::model::IntentStatus;
use super::super::provider::Provider;
use super::checkout::{Form, Outcome};
use super::payments::charged;

impl Provider {
    /// An invoice that can be paid.
    fn payable(&self, invoice: &str) -> Result<&Invoice, StripeError> {
        let row = self.invoices.get(invoice).filter(|row| row.finalized_at.is_some());
        let row = row.ok_or_else(|| StripeError::no_such("invoice", invoice))?;
        match row.status {
            InvoiceStatus::Open => Ok(row),
            _ => Err(StripeError::invalid("This invoice can no longer be paid.")),
        }
    }

    /// Tries to pay an invoice with a card that was typed in, or without one with the card that is kept.
    pub(crate) fn pay_hosted(
        &mut self,
        invoice: &str,
        form: Option<&Form<'_>>,
        at: i64,
    ) -> Result<Outcome, StripeError> {
        let row = self.payable(invoice)?;
        let (subscription, customer) = (row.subscription.clone(), row.customer.clone());
        let (method, asks) = if let Some(form) = form {
            match Self::payer(form, at) {
                Ok(payer) => (self.new_method(&payer, None, at), payer.card.asks_on_pages()),
                Err(words) => return Ok(Outcome::Refused(words)),
            }
        } else {
            let Some(method) = self.method_for(&subscription, &customer) else {
                return Ok(Outcome::Refused("There is no card yet. Type one in.".to_owned()));
            };
            let card = self.methods.get(&method).map(|row| row.card.behaviour);
            (method, card == Some(Behaviour::AlwaysAuthenticates))
        };
        let intent = self.invoice_intent(invoice, at);
        let intent = intent.ok_or_else(|| StripeError::no_such("invoice", invoice))?;
        if asks {
            self.ask_person(&intent, &method, at);
            return Ok(Outcome::Authenticate);
        }
        let card = self.methods.get(&method).map(|row| &row.card);
        let outcome = card.map_or(Err(Decline::Generic), charged);
        Ok(self.paid_hosted(invoice, &intent, &method, outcome, at))
    }

    /// The intent of an invoice that waits for the person, with its card.
    pub(crate) fn asked(&self, invoice: &str) -> Result<Option<(String, String)>, StripeError> {
        let intent = self.payable(invoice)?.intent.as_deref();
        let intent = intent
            .and_then(|id| self.intents.get(id))
            .filter(|intent| intent.status == IntentStatus::RequiresAction);
        Ok(intent.and_then(|intent| Some((intent.id.clone(), intent.method.clone()?))))
    }

    /// The person's answer to 3-D Secure.
    pub(crate) fn confirmed(
        &mut self,
        invoice: &str,
        confirmed: bool,
        at: i64,
    ) -> Result<Outcome, StripeError> {
        let Some((intent, method)) = self.asked(invoice)? else {
            return Err(StripeError::invalid("Nothing waits for confirmation."));
        };
        let card = self.methods.get(&method).map(|row| &row.card);
        let outcome = match card {
            Some(card) if confirmed => charged(card),
            _ => Err(Decline::Authentication),
        };
        Ok(self.paid_hosted(invoice, &intent, &method, outcome, at))
    }

    fn paid_hosted(
        &mut self,
        invoice: &str,
        intent: &str,
        method: &str,
        outcome: Result<(), Decline>,
        at: i64,
    ) -> Outcome {
        let outcome = self.settle(intent, method, outcome, at);
        self.collected(invoice, outcome, at);
        match outcome {
            Ok(()) => Outcome::Paid,
            Err(decline) => Outcome::Refused(decline.message().to_owned()),
        }
    }
}
