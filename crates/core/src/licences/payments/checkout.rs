//! Somebody subscribes on the provider's page.

use std::collections::BTreeMap;

use domain::access::Capability;
use domain::ids::LicenceId;
use domain::licences::{Interval, Plan, PlanKey};
use domain::locale::Locale;
use storage::StorageError;
use storage::licences::trials;
use storage::payments::subscriptions::{self as rows, SubscriptionRow};
use storage::payments::wishes::{self, Wish};

use super::state::keys;
use super::{PaymentsError, customer, prices, provider, reconcile, wish};
use crate::Wardesk;
use crate::failpoints::payments as at;
use crate::guilds::GuildAccess;
use crate::ports::{Checkout, CheckoutStatus, NewCheckout, PaymentError, Purchase};

/// How long the same wish leads to the same page.
pub(super) const SAME_SECONDS: i64 = 3600;
/// How long the provider keeps the page: from 30 minutes to a day. Source: Stripe API reference, `expires_at`.
pub(super) const PAGE_SECONDS: i64 = 2 * 3600;
/// What a wish to subscribe is called.
const KIND: &str = "checkout";

/// Begins a subscription of a plan for a server and answers the address of the provider's page. Whoever asks again
/// within an hour gets the same page. The first subscription of a server begins with the plan's trial.
pub async fn start_checkout(
    access: &GuildAccess,
    plan: &PlanKey,
    interval: Interval,
    locale: Locale,
) -> Result<String, PaymentsError> {
    access.require(Capability::Billing)?;
    let w = access.wardesk();
    provider(w)?;
    let plan = w.plans().get(plan).ok_or(PaymentsError::NotSold)?;
    let lookup_key = plan.prices.get(&interval).ok_or(PaymentsError::NotSold)?;
    let price = prices::find(w, lookup_key).await?;
    // A second page after the first one was used needs another wish.
    for _ in 0..3 {
        refuse_second(access).await?;
        if let Some(url) = page(access, plan, interval, &price.id, locale).await? {
            return Ok(url);
        }
    }
    Err(PaymentsError::NotChangeable)
}

/// Whether a subscription still stands.
pub(super) fn stands(row: &SubscriptionRow) -> bool {
    !row.unwanted && row.status != "canceled" && row.status != "incomplete_expired"
}

async fn refuse_second(access: &GuildAccess) -> Result<(), PaymentsError> {
    let db = access.wardesk().store().read();
    if rows::of_guild(db, access.guild()).await?.iter().any(stands) {
        return Err(PaymentsError::AlreadySubscribed);
    }
    Ok(())
}

/// The address of the page; `None` if the wish that was found has come to its end, and another is needed.
async fn page(
    access: &GuildAccess,
    plan: &Plan,
    interval: Interval,
    price: &str,
    locale: Locale,
) -> Result<Option<String>, PaymentsError> {
    let w = access.wardesk();
    let (guild, user) = (access.guild(), access.user());
    let about = format!("{KIND}:{guild}:{user}:{}:{}", plan.key, interval.as_str());
    end_others(w, access, &about).await?;
    let customer = customer::ensure(w, user).await?;
    let trial_days = trial_of(access, plan, &about).await?;
    let licence = LicenceId::new(w.new_uuid());
    let new = wish::New {
        kind: KIND,
        about,
        user,
        guild: Some(guild),
        trial: trial_days.is_some(),
        seconds: SAME_SECONDS,
        id: None,
    };
    let wish = wish::stored(w, &new, || {
        let base = format!("{}/servers/{guild}/subscription", w.public_url());
        let entry = |key: &str, value: String| (key.to_owned(), value);
        let checkout = NewCheckout {
            customer,
            purchase: Purchase::Subscription { price: price.to_owned(), trial_days },
            reference: licence.to_string(),
            metadata: BTreeMap::from([
                entry(keys::LICENCE, licence.to_string()),
                entry(keys::GUILD, guild.to_string()),
                entry(keys::ACCOUNT, user.to_string()),
                entry(keys::PLAN, plan.key.to_string()),
                entry(keys::MODE, "subscription".to_owned()),
            ]),
            success_url: format!("{base}?done=subscribed"),
            cancel_url: base,
            locale,
            expires: w.now().plus_seconds(PAGE_SECONDS),
        };
        serialise(&checkout)
    })
    .await?;
    match open(w, &wish).await? {
        Checkout { status: CheckoutStatus::Open, url: Some(url), .. } => Ok(Some(url)),
        Checkout { status: CheckoutStatus::Complete, .. } => {
            // Paid, and not told of yet.
            if let Ok(new) = request(&wish) {
                reconcile::customer(w, &new.customer).await?;
            }
            wish::over(w, &wish.id).await?;
            Ok(None)
        }
        _ => {
            wish::over(w, &wish.id).await?;
            Ok(None)
        }
    }
}

/// The days of a trial, if the server has never had one and no other page offers it one.
async fn trial_of(
    access: &GuildAccess,
    plan: &Plan,
    about: &str,
) -> Result<Option<u32>, PaymentsError> {
    let Some(days) = plan.trial_days else { return Ok(None) };
    let w = access.wardesk();
    let mark = trials::mark(w.store().keys(), access.guild()).await?;
    if trials::used(w.store().read(), mark).await? {
        return Ok(None);
    }
    let others = open_for(w, access).await?;
    let offered = others.iter().any(|other| other.trial && other.about != about);
    Ok((!offered).then_some(days))
}

/// The wishes to subscribe for a server whose pages may still be used.
async fn open_for(w: &Wardesk, access: &GuildAccess) -> Result<Vec<Wish>, StorageError> {
    // The page lives on after its wish.
    let since = w.now().plus_seconds(SAME_SECONDS - PAGE_SECONDS);
    wishes::open_of_guild(w.store().read(), KIND, access.guild(), since).await
}

/// Ends the other pages of this person for this server: nobody pays twice.
async fn end_others(w: &Wardesk, access: &GuildAccess, about: &str) -> Result<(), PaymentsError> {
    for other in open_for(w, access).await? {
        if other.user != access.user() || other.about == about {
            continue;
        }
        if let Some(object) = &other.object {
            let key = format!("expire:{}", other.id);
            match provider(w)?.expire_checkout(&key, object).await {
                // Refused where somebody has paid: what comes of that is told.
                Ok(()) | Err(PaymentError::Refused { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        wish::over(w, &other.id).await?;
    }
    Ok(())
}

/// What is kept of a request.
pub(super) fn serialise<T: serde::Serialize>(request: &T) -> Result<String, PaymentsError> {
    let text = serde_json::to_string(request);
    text.map_err(|_| StorageError::Corrupt("payment_wishes.request").into())
}

/// What a wish for a page sends.
pub(super) fn request(wish: &Wish) -> Result<NewCheckout, StorageError> {
    serde_json::from_str(&wish.request).map_err(|_| StorageError::Corrupt("payment_wishes.request"))
}

/// The page of a wish: made now, or as it is by now.
pub(super) async fn open(w: &Wardesk, wish: &Wish) -> Result<Checkout, PaymentsError> {
    let payments = provider(w)?;
    if let Some(object) = &wish.object
        && let Some(checkout) = payments.checkout(object).await?
    {
        return Ok(checkout);
    }
    let made = payments.create_checkout(&wish.id, &request(wish)?).await;
    fail::fail_point!(at::AFTER_CALL);
    match made {
        Ok(checkout) => {
            let mut tx = w.store().begin().await?;
            wishes::made(tx.conn(), &wish.id, &checkout.id).await?;
            tx.commit().await?;
            Ok(checkout)
        }
        Err(error @ (PaymentError::Unavailable | PaymentError::BadKey)) => Err(error.into()),
        Err(error) => {
            wish::over(w, &wish.id).await?;
            Err(error.into())
        }
    }
}
