//! In which currency somebody pays.
//!
//! The provider takes one currency at a time of each customer: as long as a subscription is not over, the next one is
//! in the same. Source: Stripe documentation, "Multi-currency customers".

use domain::ids::UserId;
use storage::payments::subscriptions::{self as rows, SubscriptionRow};

use super::{PaymentsError, provider};
use crate::Wardesk;
use crate::ports::Price;

/// Whether the provider holds its customer to the currency of a subscription. It does so also where the licence is over
/// and the end of the subscription is still asked for.
fn binds(row: &SubscriptionRow, live: bool) -> bool {
    row.live == live && row.status != "canceled" && row.status != "incomplete_expired"
}

/// The currency that somebody is held to by what they pay already, on whichever server.
pub(super) async fn fixed(w: &Wardesk, user: UserId) -> Result<Option<String>, PaymentsError> {
    let live = provider(w)?.live();
    let rows = rows::of_user(w.store().read(), user).await?;
    Ok(rows.into_iter().filter(|row| binds(row, live)).find_map(|row| row.currency))
}

/// The currency in which somebody buys for a price: the wanted one if the price is offered in it, else the one that they
/// pay in already, else the price's own. Never another than the wanted one: that is what they saw.
pub(super) async fn of_purchase(
    w: &Wardesk,
    user: UserId,
    price: &Price,
    wanted: Option<&str>,
) -> Result<String, PaymentsError> {
    let main = price.main().ok_or(PaymentsError::NotSold)?;
    if wanted.is_some_and(|wanted| price.amount_in(wanted).is_none()) {
        return Err(PaymentsError::NotInCurrency);
    }
    match fixed(w, user).await? {
        Some(fixed) if wanted.is_some_and(|wanted| wanted != fixed) => {
            Err(PaymentsError::CurrencyFixed)
        }
        Some(fixed) if price.amount_in(&fixed).is_none() => Err(PaymentsError::CurrencyFixed),
        Some(fixed) => Ok(fixed),
        None => Ok(wanted.unwrap_or(&main.currency).to_owned()),
    }
}
