//! Somebody gives something, once.

use std::collections::BTreeMap;

use domain::locale::Locale;
use words::Words;

use super::checkout::{PAGE_SECONDS, open, request, serialise};
use super::state::keys;
use super::{PaymentsError, customer, provider, wish};
use crate::Wardesk;
use crate::accounts::Session;
use crate::ports::{Checkout, CheckoutStatus, Money, NewCheckout, PaymentError, Purchase};

/// Currencies that are taken: each has a hundred of its smallest unit.
pub const CURRENCIES: [&str; 4] = ["eur", "usd", "gbp", "chf"];
/// The smallest donation, in the smallest unit: below it, fees eat it.
pub const SMALLEST_DONATION: i64 = 100;
/// The largest donation, in the smallest unit. Source: Stripe documentation, "Minimum and maximum charge amounts".
pub const LARGEST_DONATION: i64 = 99_999_999;
const KIND: &str = "donation";

/// A donation, for the page that says thank you.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Donation {
    /// How much.
    pub money: Money,
    /// Whether the provider has the money. Only then is there something to thank for.
    pub paid: bool,
}

/// Begins a donation and answers the address of the provider's page. It buys nothing. After it, the person comes to
/// `/donate/thanks/<id>`, and [`donation`] says what became of it.
pub async fn donate(
    w: &Wardesk,
    session: &Session,
    money: &Money,
    locale: Locale,
) -> Result<String, PaymentsError> {
    provider(w)?;
    let bounds = SMALLEST_DONATION..=LARGEST_DONATION;
    if !bounds.contains(&money.amount) || !CURRENCIES.contains(&money.currency.as_str()) {
        return Err(PaymentsError::BadAmount);
    }
    let user = session.user;
    let mut refused = false;
    for _ in 0..3 {
        let customer = customer::ensure(w, user).await?;
        let id = w.new_uuid().to_string();
        let new = wish::New {
            kind: KIND,
            about: format!("{KIND}:{user}:{}:{}", money.amount, money.currency),
            user,
            guild: None,
            seconds: PAGE_SECONDS,
            id: Some(&id),
        };
        let wish = wish::stored(w, &new, || {
            let name = Words::new(locale).payments_donation().to_owned();
            serialise(&NewCheckout {
                customer,
                purchase: Purchase::Donation { money: money.clone(), name },
                reference: id.clone(),
                metadata: BTreeMap::from([(keys::MODE.to_owned(), KIND.to_owned())]),
                success_url: format!("{}/donate/thanks/{id}", w.public_url()),
                cancel_url: format!("{}/donate", w.public_url()),
                locale,
                expires: w.now().plus_seconds(PAGE_SECONDS),
            })
        })
        .await?;
        match open(w, &wish).await {
            Ok(Checkout { status: CheckoutStatus::Open, url: Some(url), .. }) => return Ok(url),
            // Given already: this is another one.
            Ok(_) => wish::over(w, &wish.id).await?,
            // The provider may have removed the customer: it is looked for, or made, once more.
            Err(PaymentsError::Provider(PaymentError::Refused { .. })) if !refused => {
                refused = true;
                customer::drop(w, user).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Err(PaymentsError::NotChangeable)
}

/// A donation of this person, as the provider has it now.
pub async fn donation(w: &Wardesk, session: &Session, id: &str) -> Result<Donation, PaymentsError> {
    let payments = provider(w)?;
    let wish = storage::payments::wishes::get(w.store().read(), id).await?;
    let wish = wish.filter(|wish| wish.user == session.user && wish.kind == KIND);
    let wish = wish.ok_or(PaymentsError::NotFound)?;
    let Purchase::Donation { money, .. } = request(&wish)?.purchase else {
        return Err(PaymentsError::NotFound);
    };
    let paid = match &wish.object {
        Some(object) => match payments.checkout(object).await {
            Ok(found) => found.is_some_and(|checkout| {
                checkout.status == CheckoutStatus::Complete && checkout.paid
            }),
            // Nobody can say yet.
            Err(PaymentError::Unavailable) => false,
            Err(error) => return Err(error.into()),
        },
        None => false,
    };
    Ok(Donation { money, paid })
}
