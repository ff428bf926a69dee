//! A change of plan waits until its payment was confirmed: on the provider's page, where the bank asks the person.
//!
//! The provider keeps the present plan, an open invoice, and the change with the end of its time. What is paid, what is
//! given up and what runs out is read from it as all else is; nothing here gives a plan.

use super::change::{own, read_again};
use super::{Changed, PaymentsError, provider};
use crate::Wardesk;
use crate::guilds::GuildAccess;
use crate::ports::{InvoiceStatus, Money, Payable, PaymentError, PendingUpdate};

/// The status of what the key may not do.
const FORBIDDEN: u16 = 403;

/// What came of a change that was not paid at once. One whose card was declined is taken back, so that nothing is
/// left of it, as is one that costs something else than was agreed to.
pub(super) async fn unpaid(
    w: &Wardesk,
    pending: &PendingUpdate,
    agreed: &Money,
) -> Result<Changed, PaymentsError> {
    let invoice = pending.invoice.as_deref().ok_or(PaymentError::Unreadable)?;
    let found = provider(w)?.payable(invoice).await?.ok_or(PaymentError::Unreadable)?;
    let refusal = match found.status {
        // The answer came late: somebody has confirmed it, or given it up.
        InvoiceStatus::Paid => return Ok(Changed::Done),
        InvoiceStatus::Void | InvoiceStatus::Uncollectible => return Err(PaymentsError::NoneWaits),
        InvoiceStatus::Draft | InvoiceStatus::Open if found.declined => PaymentsError::Declined,
        InvoiceStatus::Draft | InvoiceStatus::Open if found.due != *agreed => {
            PaymentsError::AmountChanged
        }
        InvoiceStatus::Draft | InvoiceStatus::Open => return page(found).map(Changed::Confirm),
    };
    void(w, invoice).await?;
    Err(refusal)
}

fn page(found: Payable) -> Result<String, PaymentsError> {
    Ok(found.page.ok_or(PaymentError::Unreadable)?)
}

/// Takes an invoice back; one that was taken back stays so. Each time has a key of its own: under one that it knows the
/// provider repeats its first answer, were it a failure.
async fn void(w: &Wardesk, invoice: &str) -> Result<(), PaymentsError> {
    let payments = provider(w)?;
    let refused = match payments.void_invoice(&w.new_uuid().to_string(), invoice).await {
        // What the key may not do says nothing of the invoice.
        Err(error @ PaymentError::Refused { status }) if status != FORBIDDEN => error,
        other => return Ok(other?),
    };
    let found = payments.payable(invoice).await?;
    match found.map(|found| found.status) {
        Some(InvoiceStatus::Void) => Ok(()),
        _ => Err(refused.into()),
    }
}

/// The change that waits at the provider now, with its invoice.
async fn invoice_of(w: &Wardesk, subscription: &str) -> Result<Option<String>, PaymentsError> {
    let found = provider(w)?.subscription(subscription).await?;
    Ok(found.and_then(|found| found.pending?.invoice))
}

/// Answers the address of the provider's page on which the holder pays and confirms the change that waits.
/// [`PaymentsError::NoneWaits`] if none does any more.
pub async fn pay_change(access: &GuildAccess) -> Result<String, PaymentsError> {
    let row = own(access).await?;
    let w = access.wardesk();
    let found = match invoice_of(w, &row.id).await? {
        Some(invoice) => provider(w)?.payable(&invoice).await?,
        None => None,
    };
    if let Some(found) = found.filter(|found| found.status == InvoiceStatus::Open) {
        return page(found);
    }
    read_again(w, &row.id).await;
    Err(PaymentsError::NoneWaits)
}

/// Gives up the change that waits: the plan stays as it is, and nothing is to be paid. [`PaymentsError::NoneWaits`] if
/// none does any more, as when it was confirmed in the same moment.
pub async fn drop_change(access: &GuildAccess) -> Result<(), PaymentsError> {
    let row = own(access).await?;
    let w = access.wardesk();
    let dropped = match invoice_of(w, &row.id).await? {
        None => Err(PaymentsError::NoneWaits),
        Some(invoice) => match void(w, &invoice).await {
            Err(PaymentsError::Provider(PaymentError::Refused { status }))
                if status != FORBIDDEN =>
            {
                Err(PaymentsError::NoneWaits)
            }
            Err(error) => return Err(error),
            Ok(()) => Ok(()),
        },
    };
    read_again(w, &row.id).await;
    dropped
}

/// Takes back the change that waits for a subscription which is to end: nobody is to pay for it afterwards.
pub(super) async fn take_back(w: &Wardesk, subscription: &str) -> Result<(), PaymentsError> {
    let invoice = match invoice_of(w, subscription).await {
        Ok(Some(invoice)) => invoice,
        // One that cannot be read is ended all the same.
        Ok(None)
        | Err(PaymentsError::Provider(PaymentError::Refused { .. } | PaymentError::Unreadable)) => {
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    match void(w, &invoice).await {
        // It was paid, or given up, in the same moment.
        Err(PaymentsError::Provider(PaymentError::Refused { status })) if status != FORBIDDEN => {
            Ok(())
        }
        other => other,
    }
}
