//! Invoices: drafted, finalised, paid, tried again.

use super::super::calendar::{DAY, HOUR};
use super::super::cards::Decline;
use super::super::id;
use super::super::invoice::{Invoice, InvoiceStatus, Line, Reason, Sums, tax_percent};
use super::super::model::IntentStatus;
use super::super::provider::Provider;
use super::super::render::invoice_prefix;
use super::super::subscription::{Period, Status, Subscription};
use super::payments::NewIntent;
use super::subscriptions::End;

/// Days after the first failure on which a payment is tried again. Stripe's Smart Retries choose the moments
/// themselves; the sandbox's are fixed.
pub(crate) const RETRY_DAYS: [i64; 4] = [1, 3, 5, 7];
/// Drafts of renewals wait so long before they are finalised and charged.
pub(crate) const DRAFT_WAITS: i64 = HOUR;

impl Provider {
    /// The line of a whole period of a subscription at its price.
    pub(crate) fn period_line(&mut self, it: &Subscription, period: Period) -> Line {
        let id = self.ids.next(id::LINE);
        let price = self.prices.get(&it.price);
        let trial = it.trial.is_some_and(|trial| trial.end == period.end);
        let amount = price.and_then(|price| price.amount_in(&it.currency)).unwrap_or(0);
        let name = self.product_name(&it.price);
        let description = if trial {
            format!("Trial period for {name}")
        } else {
            format!("{} × {name} (per {})", it.quantity, it.interval.name())
        };
        Line {
            id,
            description,
            amount: if trial { 0 } else { amount * it.quantity },
            price: it.price.clone(),
            quantity: it.quantity,
            period,
            proration: None,
        }
    }

    pub(crate) fn product_name(&self, price: &str) -> String {
        let product = self.prices.get(price).and_then(|price| self.products.get(&price.product));
        product.map_or_else(|| "a product".to_owned(), |product| product.name.clone())
    }

    /// An invoice with these lines and the subscription's discount, not recorded yet.
    pub(crate) fn compose(
        &mut self,
        it: &Subscription,
        reason: Reason,
        lines: Vec<Line>,
        at: i64,
    ) -> Invoice {
        let customer = self.customers.get(&it.customer);
        let country = customer.and_then(|customer| customer.country.as_deref());
        let balance = customer.map_or(0, |customer| customer.balance(&it.currency));
        let subtotal = lines.iter().map(|line| line.amount).sum();
        let discount = it.discount.clone().filter(|_| subtotal > 0);
        let tax = it.automatic_tax.then(|| tax_percent(country));
        let sums = Sums::of(subtotal, discount.is_some(), tax);
        // Credit is used, and what is owed to the customer becomes credit.
        let period =
            if reason == Reason::Cycle { lines.first().map(|line| line.period) } else { None };
        Invoice {
            id: self.ids.next(id::INVOICE),
            created: at,
            number: None,
            customer: it.customer.clone(),
            subscription: it.id.clone(),
            currency: it.currency.clone(),
            status: InvoiceStatus::Draft,
            reason,
            lines,
            sums,
            discount,
            automatic_tax: it.automatic_tax,
            starting_balance: balance,
            ending_balance: None,
            amount_due: (sums.total + balance).max(0),
            amount_paid: 0,
            attempts: 0,
            next_attempt: None,
            failed_at: None,
            finalizes_at: None,
            finalized_at: None,
            paid_at: None,
            voided_at: None,
            period: period.unwrap_or(Period { start: at, end: at }),
            intent: None,
            payment: None,
        }
    }

    /// Records a draft for a subscription, which uses up its discount and pending prorations.
    pub(crate) fn draft(
        &mut self,
        subscription: &str,
        reason: Reason,
        lines: Vec<Line>,
        at: i64,
    ) -> Option<String> {
        let it = self.subscriptions.get(subscription)?.clone();
        let mut invoice = self.compose(&it, reason, lines, at);
        if reason == Reason::Cycle {
            invoice.finalizes_at = Some(at + DRAFT_WAITS);
        }
        let id = invoice.id.clone();
        let it = self.subscriptions.get_mut(subscription)?;
        it.latest_invoice = Some(id.clone());
        it.pending.clear();
        if invoice.discount.is_some() {
            it.discount = None;
        }
        self.invoices.insert(invoice);
        self.emit_object("invoice.created", &id, at);
        Some(id)
    }

    /// Makes a draft final: numbered, credit used. One without anything to pay is paid by that.
    pub(crate) fn finalize(&mut self, invoice: &str, at: i64) {
        let Some(row) = self.invoices.get_mut(invoice) else { return };
        if row.status != InvoiceStatus::Draft {
            return;
        }
        let Some(customer) = self.customers.get_mut(&row.customer) else { return };
        customer.invoices += 1;
        row.number = Some(format!("{}-{:04}", invoice_prefix(&customer.id), customer.invoices));
        let balance = customer.balances.entry(row.currency.clone()).or_default();
        let left = row.sums.total + *balance;
        row.starting_balance = *balance;
        row.amount_due = left.max(0);
        *balance = left.min(0);
        row.ending_balance = Some(*balance);
        row.status = InvoiceStatus::Open;
        row.finalizes_at = None;
        row.finalized_at = Some(at);
        if row.amount_due == 0 {
            row.status = InvoiceStatus::Paid;
            row.paid_at = Some(at);
        }
        let paid = row.status == InvoiceStatus::Paid;
        self.emit_object("invoice.finalized", invoice, at);
        if paid {
            self.emit_object("invoice.paid", invoice, at);
            self.emit_object("invoice.payment_succeeded", invoice, at);
        }
    }

    /// The payment intent of an invoice, made when there is none.
    pub(crate) fn invoice_intent(&mut self, invoice: &str, at: i64) -> Option<String> {
        let row = self.invoices.get(invoice)?;
        if let Some(intent) = &row.intent {
            return Some(intent.clone());
        }
        let new = NewIntent {
            amount: row.amount_due,
            currency: row.currency.clone(),
            customer: Some(row.customer.clone()),
            invoice: Some(row.id.clone()),
            description: Some("Subscription".to_owned()),
            metadata: super::super::model::Metadata::new(),
        };
        let intent = self.new_intent(new, at);
        self.tie(invoice, &intent);
        Some(intent)
    }

    /// Says that an intent pays an invoice.
    pub(crate) fn tie(&mut self, invoice: &str, intent: &str) {
        let payment = self.ids.next(id::INVOICE_PAYMENT);
        if let Some(row) = self.invoices.get_mut(invoice) {
            row.intent = Some(intent.to_owned());
            row.payment = Some(payment);
        }
        if let Some(row) = self.intents.get_mut(intent) {
            row.invoice = Some(invoice.to_owned());
        }
    }

    /// Tries to collect an open invoice with the customer's card.
    pub(crate) fn collect(&mut self, invoice: &str, at: i64) -> Result<(), Decline> {
        let row = self.invoices.get(invoice).filter(|row| row.status == InvoiceStatus::Open);
        let Some(row) = row else { return Ok(()) };
        let method = self.method_for(&row.subscription, &row.customer);
        let Some(intent) = self.invoice_intent(invoice, at) else { return Err(Decline::Generic) };
        let outcome = match method {
            Some(method) => self.charge(&intent, &method, at),
            None => Err(Decline::Generic),
        };
        self.collected(invoice, outcome, at);
        outcome
    }

    /// The card of a subscription, or that of the customer.
    pub(crate) fn method_for(&self, subscription: &str, customer: &str) -> Option<String> {
        let own = self.subscriptions.get(subscription).and_then(|it| it.method.clone());
        own.or_else(|| self.customers.get(customer)?.default_method.clone())
    }

    /// Records the outcome of a payment of an invoice, and what it means for the subscription.
    pub(crate) fn collected(&mut self, invoice: &str, outcome: Result<(), Decline>, at: i64) {
        let Some(row) = self.invoices.get_mut(invoice) else { return };
        let subscription = row.subscription.clone();
        let over = self.subscriptions.get(&subscription).is_none_or(Subscription::is_over);
        row.attempts += 1;
        let waits = self.update_of_invoice(invoice).is_some();
        let Some(row) = self.invoices.get_mut(invoice) else { return };
        if outcome.is_ok() {
            row.status = InvoiceStatus::Paid;
            row.amount_paid = row.amount_due;
            row.paid_at = Some(at);
            row.next_attempt = None;
            self.emit_object("invoice.paid", invoice, at);
            self.emit_object("invoice.payment_succeeded", invoice, at);
            if waits {
                self.apply_update(&subscription, at);
                return;
            }
            let owes = self.open_invoice(&subscription).is_some();
            self.set_status(&subscription, Status::PastDue, Status::Active, !owes, at);
            return;
        }
        if waits {
            self.emit_object("invoice.payment_failed", invoice, at);
            self.emit_asks(invoice, outcome, at);
            self.keep_update(&subscription, at);
            return;
        }
        let first = *row.failed_at.get_or_insert(at);
        let mut retries = RETRY_DAYS.iter().map(|days| first + days * DAY);
        // For a subscription that has ended nothing is collected any more unless somebody asks.
        let retry = retries.find(|retry| *retry > at).filter(|_| !over);
        row.next_attempt = retry;
        self.emit_object("invoice.payment_failed", invoice, at);
        self.emit_asks(invoice, outcome, at);
        self.set_status(&subscription, Status::Active, Status::PastDue, true, at);
        if retry.is_none() {
            self.end(&subscription, End::PaymentFailed, at);
        }
    }

    /// Says that an invoice asks for its person, where that is why it was not paid.
    fn emit_asks(&mut self, invoice: &str, outcome: Result<(), Decline>, at: i64) {
        if outcome == Err(Decline::AuthenticationRequired) {
            self.emit_object("invoice.payment_action_required", invoice, at);
        }
    }

    /// Takes an open invoice back: nobody owes it, credit that it used is there again.
    pub(crate) fn void(&mut self, invoice: &str, at: i64) {
        let Some(row) = self.invoices.get_mut(invoice) else { return };
        if row.status != InvoiceStatus::Open {
            return;
        }
        row.status = InvoiceStatus::Void;
        row.voided_at = Some(at);
        row.next_attempt = None;
        let used = row.ending_balance.unwrap_or(row.starting_balance) - row.starting_balance;
        let (customer, intent) = (row.customer.clone(), row.intent.clone());
        let currency = row.currency.clone();
        if let Some(customer) = self.customers.get_mut(&customer) {
            *customer.balances.entry(currency).or_default() -= used;
        }
        if let Some(intent) = intent {
            self.set_intent_status(&intent, IntentStatus::Canceled, "payment_intent.canceled", at);
        }
        self.emit_object("invoice.voided", invoice, at);
    }

    /// The oldest invoice of a subscription that waits for payment.
    pub(crate) fn open_invoice(&self, subscription: &str) -> Option<&Invoice> {
        self.invoices
            .iter()
            .find(|row| row.subscription == subscription && row.status == InvoiceStatus::Open)
    }

    /// Changes a subscription's status from one to another, when it has the one.
    fn set_status(&mut self, subscription: &str, from: Status, to: Status, when: bool, at: i64) {
        let before = self.object(subscription);
        let Some(it) = self.subscriptions.get_mut(subscription) else { return };
        if it.status == from && when {
            it.status = to;
            self.emit_changed("customer.subscription.updated", before, subscription, at);
        }
    }
}
