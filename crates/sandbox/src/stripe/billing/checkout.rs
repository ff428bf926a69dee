//! Paying on the checkout page.

use super::super::cards::{self, Behaviour, Card, Decline};
use super::super::error::StripeError;
use super::super::id;
use super::super::invoice::Reason;
use super::super::model::{Customer, IntentStatus, Payer, Session, SessionStatus};
use super::super::provider::Provider;
use super::super::subscription::Status;
use super::super::{calendar, seed};
use super::payments::{NewIntent, charged};

/// What was typed in.
#[derive(Debug, Default)]
pub(crate) struct Form<'a> {
    pub(crate) number: &'a str,
    pub(crate) expiry: &'a str,
    pub(crate) cvc: &'a str,
    pub(crate) name: &'a str,
    pub(crate) email: &'a str,
    pub(crate) country: &'a str,
}

/// What came of an attempt to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Paid: on to the return address.
    Paid,
    /// The bank wants the person to confirm.
    Authenticate,
    /// Refused, in words for the person.
    Refused(String),
}

impl Provider {
    /// A session that can still be paid.
    pub(crate) fn open_session(&self, id: &str) -> Result<&Session, StripeError> {
        let session = self.sessions.get(id);
        let session = session.ok_or_else(|| StripeError::no_such("checkout.session", id))?;
        match session.status {
            SessionStatus::Open => Ok(session),
            SessionStatus::Complete => Err(StripeError::invalid("This payment is complete.")),
            SessionStatus::Expired => Err(StripeError::invalid("This payment page has expired.")),
        }
    }

    /// Ends a session that was not paid.
    pub(crate) fn expire_session(&mut self, id: &str, at: i64) {
        if let Some(session) = self.sessions.get_mut(id) {
            session.status = SessionStatus::Expired;
            session.awaiting = None;
        }
        let intent = self.sessions.get(id).and_then(|session| session.intent.clone());
        if let Some(intent) = intent {
            self.set_intent_status(&intent, IntentStatus::Canceled, "payment_intent.canceled", at);
        }
        self.emit_object("checkout.session.expired", id, at);
    }

    /// Takes a promotion code, or says that there is no such one.
    pub(crate) fn promote(&mut self, id: &str, code: &str) -> Result<(), StripeError> {
        let allowed = self.open_session(id)?.allow_promotion_codes;
        if !allowed || !code.trim().eq_ignore_ascii_case(seed::PROMOTION_CODE) {
            return Err(StripeError::invalid("This code is invalid."));
        }
        if let Some(session) = self.sessions.get_mut(id) {
            session.discounted = true;
        }
        Ok(())
    }

    /// Reads a card typed into a page.
    pub(crate) fn payer(form: &Form<'_>, at: i64) -> Result<Payer, String> {
        let card = cards::read(form.number, form.expiry, form.cvc, calendar::year_month(at))
            .map_err(|wrong| wrong.0.to_owned())?;
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let name = given(form.name).ok_or("Your name is incomplete.")?;
        Ok(Payer { email: given(form.email), name, country: given(form.country), card })
    }

    /// Tries to pay a session with what was typed in.
    pub(crate) fn pay(
        &mut self,
        id: &str,
        form: &Form<'_>,
        at: i64,
    ) -> Result<Outcome, StripeError> {
        let session = self.open_session(id)?;
        let mut payer = match Self::payer(form, at) {
            Ok(payer) => payer,
            Err(words) => return Ok(self.refuse(id, &words)),
        };
        if payer.email.is_none() {
            payer.email.clone_from(&session.customer_email);
        }
        if payer.email.is_none() && session.customer.is_none() {
            return Ok(self.refuse(id, "Your email is incomplete."));
        }
        if payer.card.asks_on_pages() {
            if let Some(session) = self.sessions.get_mut(id) {
                session.awaiting = Some(payer);
                session.problem = None;
            }
            let session = self.open_session(id)?.clone();
            if self.session_sums(&session).1 > 0 {
                let intent = self.session_intent(&session, session.customer.clone(), at);
                let kind = "payment_intent.requires_action";
                self.set_intent_status(&intent, IntentStatus::RequiresAction, kind, at);
            }
            return Ok(Outcome::Authenticate);
        }
        self.complete(id, &payer, at)
    }

    /// The person's answer to 3-D Secure.
    pub(crate) fn authenticated(
        &mut self,
        id: &str,
        confirmed: bool,
        at: i64,
    ) -> Result<Outcome, StripeError> {
        self.open_session(id)?;
        let awaiting = self.sessions.get_mut(id).and_then(|session| session.awaiting.take());
        let Some(payer) = awaiting else {
            return Err(StripeError::invalid("Nothing waits for confirmation."));
        };
        if confirmed {
            return self.complete(id, &payer, at);
        }
        self.fail(id, &payer, Decline::Authentication, at)
    }

    fn refuse(&mut self, id: &str, words: &str) -> Outcome {
        if let Some(session) = self.sessions.get_mut(id) {
            session.problem = Some(words.to_owned());
        }
        Outcome::Refused(words.to_owned())
    }

    /// Records a payment that failed; the session stays open for another card.
    fn fail(
        &mut self,
        id: &str,
        payer: &Payer,
        decline: Decline,
        at: i64,
    ) -> Result<Outcome, StripeError> {
        let session = self.open_session(id)?.clone();
        if self.session_sums(&session).1 > 0 {
            let intent = self.session_intent(&session, session.customer.clone(), at);
            let method = self.new_method(payer, None, at);
            // It is known to have failed.
            let _ = self.settle(&intent, &method, Err(decline), at);
        }
        Ok(self.refuse(id, decline.message()))
    }

    /// The intent of a session, kept over failed attempts. What it is about may have changed by a code.
    fn session_intent(&mut self, session: &Session, customer: Option<String>, at: i64) -> String {
        let (_, due) = self.session_sums(session);
        let intent = session.intent.clone().unwrap_or_else(|| {
            let new = NewIntent {
                amount: due,
                currency: session.currency.clone(),
                customer: customer.clone(),
                invoice: None,
                description: session.recurring.then(|| "Subscription creation".to_owned()),
                metadata: if session.recurring {
                    super::super::model::Metadata::new()
                } else {
                    session.passed_on.clone()
                },
            };
            self.new_intent(new, at)
        });
        if let Some(row) = self.intents.get_mut(&intent) {
            row.amount = due;
            row.customer = customer;
        }
        if let Some(row) = self.sessions.get_mut(&session.id) {
            row.intent = Some(intent.clone());
        }
        intent
    }

    fn complete(&mut self, id: &str, payer: &Payer, at: i64) -> Result<Outcome, StripeError> {
        if let Err(decline) = accepted(&payer.card, self.session_sums(self.open_session(id)?).1) {
            return self.fail(id, payer, decline, at);
        }
        if let Some(row) = self.sessions.get_mut(id) {
            row.country.clone_from(&payer.country);
        }
        let session = self.open_session(id)?.clone();
        let customer = self.paying_customer(&session, payer, at);
        let method = self.new_method(payer, customer.as_deref(), at);
        if session.recurring {
            let customer = customer.clone().unwrap_or_default();
            self.sell(&session, &customer, &method, at);
        } else {
            let intent = self.session_intent(&session, customer.clone(), at);
            let _ = self.settle(&intent, &method, Ok(()), at);
        }
        if session.discounted {
            self.redemptions += 1;
        }
        if let Some(row) = self.sessions.get_mut(id) {
            row.status = SessionStatus::Complete;
            row.customer = customer;
            row.problem = None;
            row.customer_email = row.customer_email.take().or_else(|| payer.email.clone());
        }
        self.emit_object("checkout.session.completed", id, at);
        Ok(Outcome::Paid)
    }

    /// The subscription that a paid session buys, with its first invoice.
    fn sell(&mut self, session: &Session, customer: &str, method: &str, at: i64) {
        let (_, due) = self.session_sums(session);
        let intent = (due > 0).then(|| self.session_intent(session, Some(customer.to_owned()), at));
        let Some(subscription) = self.start(session, customer, method, at) else { return };
        let Some(it) = self.subscriptions.get(&subscription).cloned() else { return };
        let line = self.period_line(&it, it.period);
        let invoice = self.draft(&subscription, Reason::Create, vec![line], at);
        self.emit_object("customer.subscription.created", &subscription, at);
        if let Some(invoice) = &invoice {
            self.finalize(invoice, at);
            let left = self.invoices.get(invoice).map_or(0, |row| row.amount_due);
            if let Some(intent) = intent {
                if let Some(row) = self.intents.get_mut(&intent) {
                    // Credit of the customer may have paid a part.
                    row.amount = left;
                }
                if left > 0 {
                    self.tie(invoice, &intent);
                    let outcome = self.settle(&intent, method, Ok(()), at);
                    self.collected(invoice, outcome, at);
                }
            }
        }
        if let Some(row) = self.sessions.get_mut(&session.id) {
            row.subscription = Some(subscription.clone());
            row.invoice = invoice;
        }
        if it.status == Status::Trialing {
            // A trial shorter than the notice is announced at once; a longer one when it is time.
            self.run_until(at);
        }
    }

    /// The session's customer, or a new one where the session makes one.
    fn paying_customer(&mut self, session: &Session, payer: &Payer, at: i64) -> Option<String> {
        if let Some(customer) = &session.customer {
            let before = self.object(customer);
            if let Some(row) = self.customers.get_mut(customer) {
                if session.automatic_tax {
                    row.country.clone_from(&payer.country);
                }
                row.name.get_or_insert_with(|| payer.name.clone());
            }
            if before != self.object(customer) {
                self.emit_changed("customer.updated", before, customer, at);
            }
            return Some(customer.clone());
        }
        if !session.recurring && !session.creates_customer {
            return None;
        }
        let id = self.ids.next(id::CUSTOMER);
        self.customers.insert(Customer {
            id: id.clone(),
            created: at,
            email: payer.email.clone(),
            name: Some(payer.name.clone()),
            country: payer.country.clone(),
            ..Customer::default()
        });
        self.emit_object("customer.created", &id, at);
        Some(id)
    }
}

/// Whether a card is taken: charged when something is due, kept otherwise.
fn accepted(card: &Card, due: i64) -> Result<(), Decline> {
    match card.behaviour {
        Behaviour::Declines(decline) => Err(decline),
        _ if due > 0 => charged(card),
        _ => Ok(()),
    }
}
