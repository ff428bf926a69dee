//! What can be bought for a server, and in which currency.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::licences::{Interval, PlanKey};
use storage::payments::subscriptions::SubscriptionRow;

use super::checkout::binds;
use super::{PaymentsError, currency, prices};
use crate::guilds::GuildAccess;
use crate::licences::trial_left;
use crate::ports::{Money, Price};

/// How long a page waits for what only the provider knows.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// Something that can be bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The plan.
    pub plan: PlanKey,
    /// How often it is paid.
    pub interval: Interval,
    /// What it costs: in the currency that is shown if it is offered in that, else in its own. `None` while the provider
    /// cannot be asked, or has no price of a fixed amount.
    pub price: Option<Money>,
    /// Days before the first payment; `None` where there are none, or the server had its trial.
    pub trial_days: Option<u32>,
}

/// In which currency amounts are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Currencies {
    /// This one, where a price is offered in it; `None` while the provider cannot be asked.
    pub shown: Option<String>,
    /// Those to choose from, the prices' own first; empty where there is nothing to choose.
    pub choice: Vec<String>,
    /// Whether it follows from what is paid already: nothing can be bought in another one.
    pub fixed: bool,
}

/// Every currency that prices are offered in, their own first.
fn offered(prices: &[&Price]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let own = prices.iter().filter_map(|price| price.main()).map(|money| &money.currency);
    let others: BTreeSet<&String> =
        prices.iter().flat_map(|price| &price.amounts).map(|money| &money.currency).collect();
    for code in own.chain(others) {
        if !all.contains(code) {
            all.push(code.clone());
        }
    }
    all
}

async fn currencies(
    access: &GuildAccess,
    row: Option<&SubscriptionRow>,
    prices: &[&Price],
    wanted: Option<&str>,
) -> Result<Currencies, PaymentsError> {
    let offered = offered(prices);
    if let Some(row) = row
        && binds(access, row).await?
    {
        let shown = row.currency.clone().or_else(|| offered.into_iter().next());
        return Ok(Currencies { shown, choice: Vec::new(), fixed: true });
    }
    if let Some(fixed) = currency::fixed(access.wardesk(), access.user()).await? {
        return Ok(Currencies { shown: Some(fixed), choice: Vec::new(), fixed: true });
    }
    // Whoever paid here before sees what they know.
    let before = row.filter(|row| row.user == Some(access.user()));
    let before = before.and_then(|row| row.currency.as_deref());
    let known = |code: &&str| offered.iter().any(|one| one == code);
    let shown = wanted.filter(known).or(before.filter(known)).map(str::to_owned);
    let shown = shown.or_else(|| offered.first().cloned());
    let choice = if offered.len() > 1 { offered } else { Vec::new() };
    Ok(Currencies { shown, choice, fixed: false })
}

/// What can be bought, by rank, and in which currency it is shown; `row` is the subscription of the server, if it has or
/// had one.
pub(super) async fn offers(
    access: &GuildAccess,
    row: Option<&SubscriptionRow>,
    wanted: Option<&str>,
) -> Result<(Vec<Offer>, Currencies), PaymentsError> {
    let w = access.wardesk();
    let known = match tokio::time::timeout(PATIENCE, prices::all(w)).await {
        Ok(Ok(known)) => Some(known),
        Ok(Err(_)) | Err(_) => None,
    };
    let trial_left = trial_left(w, access.guild()).await?;
    let mut sold = Vec::new();
    for plan in w.plans().all() {
        for (interval, key) in &plan.prices {
            let price = known.as_ref().and_then(|known| {
                known.iter().find(|price| price.lookup_key.as_deref() == Some(key))
            });
            // One that the provider does not have is not for sale.
            if known.is_none() || price.is_some() {
                sold.push((plan, *interval, price));
            }
        }
    }
    let prices: Vec<&Price> = sold.iter().filter_map(|(_, _, price)| *price).collect();
    let currencies = currencies(access, row, &prices, wanted).await?;
    let amount = |price: &Price| {
        let shown = currencies.shown.as_deref().and_then(|shown| price.amount_in(shown));
        shown.or(price.main()).cloned()
    };
    let offers = sold
        .iter()
        .map(|(plan, interval, price)| Offer {
            plan: plan.key.clone(),
            interval: *interval,
            price: price.and_then(amount),
            trial_days: plan.trial_days.filter(|_| trial_left),
        })
        .collect();
    Ok((offers, currencies))
}
