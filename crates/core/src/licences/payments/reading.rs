//! A subscription is read with its invoices, charges and disputes.

use domain::time::Millis;

use super::{Funds, Reading};
use crate::ports::{
    Charge, DisputeStatus, Invoice, InvoiceStatus, PaymentError, Payments, Subscription,
    SubscriptionStatus,
};

/// The first invoice of a period is made with it; this much earlier still belongs to it.
const BEFORE_SECONDS: i64 = 60;
/// Pages of a hundred charges that are read of one customer at most.
const PAGES: usize = 20;

/// Reads what belongs to a subscription.
pub(super) async fn read(
    payments: &dyn Payments,
    subscription: Subscription,
) -> Result<Reading, PaymentError> {
    let invoices = payments.invoices(&subscription.id).await?;
    let charges: Vec<Charge> = charges(payments, &subscription.customer)
        .await?
        .into_iter()
        .filter(|charge| invoices.iter().any(|invoice| pays(charge, invoice)))
        .collect();
    let funds = funds(payments, &subscription, &invoices, &charges).await?;
    let failed_at = failed_at(&subscription, &invoices, &charges);
    Ok(Reading { subscription, funds, failed_at })
}

async fn charges(payments: &dyn Payments, customer: &str) -> Result<Vec<Charge>, PaymentError> {
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..PAGES {
        let page = payments.charges(customer, after.as_deref()).await?;
        all.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    Ok(all)
}

fn pays(charge: &Charge, invoice: &Invoice) -> bool {
    let of = |id: &String| invoice.payments.contains(id);
    of(&charge.id) || charge.payment_intent.as_ref().is_some_and(of)
}

async fn funds(
    payments: &dyn Payments,
    subscription: &Subscription,
    invoices: &[Invoice],
    charges: &[Charge],
) -> Result<Funds, PaymentError> {
    let mut disputed = false;
    for charge in charges.iter().filter(|charge| charge.disputed) {
        for status in payments.disputes(&charge.id).await? {
            match status {
                DisputeStatus::Lost => return Ok(Funds::Lost),
                DisputeStatus::Open => disputed = true,
                DisputeStatus::Won => {}
            }
        }
    }
    if disputed {
        return Ok(Funds::Disputed);
    }
    let begin = subscription.period_start.plus_seconds(-BEFORE_SECONDS);
    let present = |charge: &&Charge| {
        charge.succeeded
            && charge.amount > 0
            && invoices.iter().any(|invoice| {
                invoice.status == InvoiceStatus::Paid
                    && invoice.created >= begin
                    && pays(charge, invoice)
            })
    };
    let mut paid = charges.iter().filter(present).peekable();
    if paid.peek().is_some() && paid.all(|charge| charge.refunded >= charge.amount) {
        return Ok(Funds::Refunded);
    }
    Ok(Funds::Kept)
}

/// When what is outstanding failed for the first time: the first failed charge of the oldest invoice that was not
/// paid since the last one that was.
fn failed_at(
    subscription: &Subscription,
    invoices: &[Invoice],
    charges: &[Charge],
) -> Option<Millis> {
    let ended = subscription.status == SubscriptionStatus::Canceled;
    let outstanding = match subscription.status {
        SubscriptionStatus::PastDue | SubscriptionStatus::Unpaid => true,
        _ => ended && subscription.ended_unpaid,
    };
    if !outstanding {
        return None;
    }
    let mut newest_first: Vec<&Invoice> = invoices.iter().collect();
    newest_first.sort_by_key(|invoice| std::cmp::Reverse(invoice.created));
    let unpaid = newest_first
        .into_iter()
        .take_while(|invoice| invoice.status != InvoiceStatus::Paid)
        // What a change would have cost is owed by nobody.
        .filter(|invoice| !invoice.of_change)
        .filter(|invoice| match invoice.status {
            InvoiceStatus::Open | InvoiceStatus::Uncollectible => invoice.remaining > 0,
            // What was not paid may be taken back with the end.
            InvoiceStatus::Void => ended,
            InvoiceStatus::Draft | InvoiceStatus::Paid => false,
        })
        .last()?;
    let failures = charges.iter().filter(|charge| !charge.succeeded && pays(charge, unpaid));
    Some(failures.map(|charge| charge.created).min().unwrap_or(unpaid.created))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(id: &str, status: InvoiceStatus, created: i64) -> Invoice {
        Invoice {
            id: id.into(),
            status,
            remaining: i64::from(status != InvoiceStatus::Paid) * 499,
            created: Millis(created),
            of_change: false,
            payments: vec![format!("pi_{id}")],
        }
    }

    fn failure(invoice: &str, created: i64) -> Charge {
        Charge {
            id: format!("ch_{created}"),
            payment_intent: Some(format!("pi_{invoice}")),
            created: Millis(created),
            succeeded: false,
            amount: 499,
            refunded: 0,
            disputed: false,
        }
    }

    fn subscription(status: SubscriptionStatus) -> Subscription {
        Subscription {
            id: "sub_1".into(),
            customer: "cus_1".into(),
            status,
            item: "si_1".into(),
            price: "price_1".into(),
            lookup_key: None,
            currency: None,
            period_start: Millis(0),
            period_end: Millis(1),
            cancel_at: None,
            ended_at: None,
            ended_unpaid: false,
            trial_end: None,
            pending: None,
            metadata: std::collections::BTreeMap::new(),
            live: false,
        }
    }

    #[test]
    fn the_grace_begins_once_however_many_invoices_stay_unpaid() {
        let invoices = [
            invoice("c", InvoiceStatus::Open, 3000),
            invoice("b", InvoiceStatus::Open, 2000),
            invoice("a", InvoiceStatus::Paid, 1000),
            invoice("o", InvoiceStatus::Uncollectible, 500),
        ];
        let charges =
            [failure("c", 3100), failure("b", 2300), failure("b", 2100), failure("o", 510)];
        let due = subscription(SubscriptionStatus::PastDue);
        assert_eq!(failed_at(&due, &invoices, &charges), Some(Millis(2100)));
        assert_eq!(failed_at(&due, &invoices, &[]), Some(Millis(2000)));
        let paid = subscription(SubscriptionStatus::Active);
        assert_eq!(failed_at(&paid, &invoices, &charges), None);
    }

    #[test]
    fn a_change_that_was_not_paid_is_no_failure() {
        let mut change = invoice("c", InvoiceStatus::Void, 1500);
        change.of_change = true;
        let open = Invoice { status: InvoiceStatus::Open, ..change.clone() };
        let (failed, paid) =
            (invoice("b", InvoiceStatus::Void, 2000), invoice("a", InvoiceStatus::Paid, 1000));
        let charges = [failure("b", 2100), failure("c", 1510)];
        let mut over = subscription(SubscriptionStatus::Canceled);
        over.ended_unpaid = true;
        let told = failed_at(&over, &[failed.clone(), change, paid.clone()], &charges);
        assert_eq!(told, Some(Millis(2100)));
        let failed = Invoice { status: InvoiceStatus::Open, ..failed };
        let due = subscription(SubscriptionStatus::PastDue);
        assert_eq!(failed_at(&due, &[failed, open, paid], &charges), Some(Millis(2100)));
    }

    #[test]
    fn an_invoice_that_was_taken_back_with_the_end_tells_when_it_failed() {
        let invoices =
            [invoice("b", InvoiceStatus::Void, 2000), invoice("a", InvoiceStatus::Paid, 1000)];
        let mut over = subscription(SubscriptionStatus::Canceled);
        assert_eq!(failed_at(&over, &invoices, &[failure("b", 2100)]), None, "ended by wish");
        over.ended_unpaid = true;
        assert_eq!(failed_at(&over, &invoices, &[failure("b", 2100)]), Some(Millis(2100)));
    }
}
