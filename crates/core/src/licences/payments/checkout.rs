//! Somebody subscribes on the provider's page.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::access::Capability;
use domain::ids::{LicenceId, UserId};
use domain::licences::{Interval, Plan, PlanKey, Standing, standing};
use domain::locale::Locale;
use storage::StorageError;
use storage::payments::subscriptions::{self as rows, SubscriptionRow};
use storage::payments::wishes::{self, Wish};

use super::state::keys;
use super::{PaymentsError, Reconciled, currency, customer, prices, provider, reconcile, wish};
use crate::Wardesk;
#[cfg(feature = "failpoints")]
use crate::failpoints::payments as at;
use crate::guilds::GuildAccess;
use crate::licences::trial_left;
use crate::ports::{
    Checkout, CheckoutStatus, NewCheckout, PaymentError, Payments, Price, Purchase,
};

/// How long the provider keeps a page, and the same wish leads to it: from 30 minutes to a day. Source: Stripe API
/// reference, `expires_at`.
pub(super) const PAGE_SECONDS: i64 = 2 * 3600;
/// Seconds for which a page is asked for under the same key while the provider fails.
const SAME_KEY_SECONDS: i64 = 60;
/// How long a person who leaves waits for their page to be ended.
const PATIENCE: Duration = Duration::from_secs(3);
/// What a wish to subscribe is called.
const KIND: &str = "checkout";

/// Begins a subscription of a plan for a server and answers the address of the provider's page. A server has one page
/// at most on which somebody can pay: whoever asks again for the same gets the same page, another wish ends it. The
/// first subscription of a server begins with the plan's trial. Without a currency it is the one that the person pays in
/// already, else the price's own.
pub async fn start_checkout(
    access: &GuildAccess,
    plan: &PlanKey,
    interval: Interval,
    currency: Option<&str>,
    locale: Locale,
) -> Result<String, PaymentsError> {
    access.require(Capability::Billing)?;
    let w = access.wardesk();
    provider(w)?;
    let plan = w.plans().get(plan).ok_or(PaymentsError::NotSold)?;
    let lookup_key = plan.prices.get(&interval).ok_or(PaymentsError::NotSold)?;
    let price = prices::find(w, lookup_key).await?;
    let mut refused = false;
    // A page that was used, or that is another's, comes to its end first.
    for _ in 0..5 {
        refuse_second(access).await?;
        let currency = currency::of_purchase(w, access.user(), &price, currency).await?;
        match page(access, plan, &price, &currency, locale).await {
            Ok(Some(url)) => return Ok(url),
            Ok(None) => {}
            // The provider may have removed the customer: it is looked for, or made, once more.
            Err(PaymentsError::Provider(PaymentError::Refused { .. })) if !refused => {
                refused = true;
                customer::drop(w, access.user()).await?;
            }
            Err(error) => return Err(error),
        }
    }
    Err(PaymentsError::NotChangeable)
}

/// Whether a subscription still stands.
pub(super) fn stands(row: &SubscriptionRow) -> bool {
    !row.unwanted && row.status != "canceled" && row.status != "incomplete_expired"
}

/// Whether a subscription keeps this person from beginning another one for the server: it stands, and they pay for it,
/// or its licence counts there. What somebody else left unpaid, nobody but them could pay or end.
pub(super) async fn binds(
    access: &GuildAccess,
    row: &SubscriptionRow,
) -> Result<bool, PaymentsError> {
    if !stands(row) || row.user == Some(access.user()) {
        return Ok(stands(row));
    }
    let w = access.wardesk();
    let found = storage::licences::get(w.store().read(), row.licence).await?;
    Ok(found.is_some_and(|found| {
        standing(w.plans(), &found.licence, access.guild(), w.now()) == Standing::Counts
    }))
}

/// Refuses a subscription for a server that has a seat of one.
async fn refuse_second(access: &GuildAccess) -> Result<(), PaymentsError> {
    let db = access.wardesk().store().read();
    for row in storage::licences::of_guild(db, access.guild()).await? {
        if let Some(row) = rows::of_licence(db, row.licence.id).await?
            && binds(access, &row).await?
        {
            return Err(PaymentsError::AlreadySubscribed);
        }
    }
    Ok(())
}

/// The address of the page; `None` if the wish that was found has come to its end, and another is needed.
async fn page(
    access: &GuildAccess,
    plan: &Plan,
    price: &Price,
    currency: &str,
    locale: Locale,
) -> Result<Option<String>, PaymentsError> {
    let w = access.wardesk();
    let (guild, user) = (access.guild(), access.user());
    // One for the server, whoever asks for whichever plan: nobody pays twice.
    let about = format!("{KIND}:{guild}");
    if let Some(open) = wishes::open(w.store().read(), &about).await?
        && (open.until <= w.now() || !is_for(&open, user, &price.id, currency)?)
    {
        end(w, &open).await?;
        return Ok(None);
    }
    if end_foreign(w, user, currency).await? {
        return Ok(None);
    }
    let customer = customer::ensure(w, user).await?;
    let trial_days = trial_of(access, plan).await?;
    let licence = LicenceId::new(w.new_uuid());
    let new =
        wish::New { kind: KIND, about, user, guild: Some(guild), seconds: PAGE_SECONDS, id: None };
    let wish = wish::stored(w, &new, || {
        let base = format!("{}/servers/{guild}/subscription", w.public_url());
        let is_main = price.main().is_some_and(|main| main.currency == currency);
        let cancel_url = if is_main { base.clone() } else { format!("{base}?currency={currency}") };
        let entry = |key: &str, value: String| (key.to_owned(), value);
        let checkout = NewCheckout {
            customer,
            purchase: Purchase::Subscription {
                price: price.id.clone(),
                // Said always: without it the provider may choose another one than was shown.
                currency: Some(currency.to_owned()),
                trial_days,
            },
            reference: licence.to_string(),
            metadata: BTreeMap::from([
                entry(keys::LICENCE, licence.to_string()),
                entry(keys::GUILD, guild.to_string()),
                entry(keys::ACCOUNT, user.to_string()),
                entry(keys::PLAN, plan.key.to_string()),
                entry(keys::MODE, "subscription".to_owned()),
            ]),
            success_url: format!("{base}?done=subscribed"),
            cancel_url,
            locale,
            expires: w.now().plus_seconds(PAGE_SECONDS),
        };
        serialise(&checkout)
    })
    .await?;
    if !is_for(&wish, user, &price.id, currency)? {
        // Somebody else was a moment earlier.
        return Ok(None);
    }
    let checkout = open(w, &wish).await?;
    match (checkout.status, checkout.url) {
        (CheckoutStatus::Open, Some(url)) => return Ok(Some(url)),
        (CheckoutStatus::Complete, _) => bought(w, &wish).await?,
        _ => wish::over(w, &wish.id).await?,
    }
    Ok(None)
}

/// Whether a wish is this person's, for this price in this currency.
fn is_for(wish: &Wish, user: UserId, price: &str, currency: &str) -> Result<bool, StorageError> {
    let same = match request(wish)?.purchase {
        Purchase::Subscription { price: one, currency: in_one, .. } => {
            one == price && in_one.as_deref() == Some(currency)
        }
        Purchase::Donation { .. } => false,
    };
    Ok(same && wish.user == user)
}

/// Ends a person's pages in other currencies, whichever server they are for: as long as one can be paid on, the provider
/// makes none in another currency. Answers whether there were any.
async fn end_foreign(w: &Wardesk, user: UserId, wanted: &str) -> Result<bool, PaymentsError> {
    let mut ended = false;
    for wish in wishes::open_of_user(w.store().read(), KIND, user).await? {
        let Purchase::Subscription { currency, .. } = request(&wish)?.purchase else { continue };
        if currency.as_deref() != Some(wanted) {
            end(w, &wish).await?;
            ended = true;
        }
    }
    Ok(ended)
}

/// The days of a trial, if the server has never had one.
async fn trial_of(access: &GuildAccess, plan: &Plan) -> Result<Option<u32>, PaymentsError> {
    let Some(days) = plan.trial_days else { return Ok(None) };
    let left = trial_left(access.wardesk(), access.guild()).await?;
    Ok(left.then_some(days))
}

/// Ends a page, so that nobody can pay on it any more. What was paid on it before is known afterwards.
async fn end(w: &Wardesk, wish: &Wish) -> Result<(), PaymentsError> {
    if wish.object.is_none() && wish.until <= w.now() {
        // Nobody was given its address, and by now it could not be paid on.
        return give_up(w, wish).await;
    }
    // One that was asked for without an answer may be there: its key finds it.
    let checkout = match open(w, wish).await {
        Err(PaymentsError::Provider(PaymentError::Refused { .. })) => return Ok(()),
        found => found?,
    };
    match checkout.status {
        CheckoutStatus::Complete => return bought(w, wish).await,
        CheckoutStatus::Expired => return wish::over(w, &wish.id).await,
        CheckoutStatus::Open => {}
    }
    let payments = provider(w)?;
    match expire(w, payments, &checkout.id).await {
        Ok(()) => wish::over(w, &wish.id).await,
        // Somebody was paying: what came of that says the page.
        Err(error @ PaymentError::Refused { .. }) => {
            let now = payments.checkout(&checkout.id).await?.map(|checkout| checkout.status);
            match now {
                Some(CheckoutStatus::Complete) => bought(w, wish).await,
                Some(CheckoutStatus::Open) => Err(error.into()),
                Some(CheckoutStatus::Expired) | None => wish::over(w, &wish.id).await,
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends a page. Done twice it does nothing, so each time has a key of its own: under one that it knows the provider
/// repeats its first answer, were it a failure.
async fn expire(w: &Wardesk, payments: &dyn Payments, page: &str) -> Result<(), PaymentError> {
    payments.expire_checkout(&w.new_uuid().to_string(), page).await
}

/// Ends a wish of which no page is known: the next one like it is sent under another key.
///
/// There may be a page all the same, whose answer was lost or is on its way. Nobody can pay on it: an address is only
/// handed out by [`open`] once the page stands in its wish, and in the database it either stands there, and this does
/// nothing, or the wish is over, and the address is not handed out.
async fn give_up(w: &Wardesk, wish: &Wish) -> Result<(), PaymentsError> {
    let mut tx = w.store().begin().await?;
    wishes::give_up(tx.conn(), &wish.id).await?;
    tx.commit().await?;
    Ok(())
}

/// Reads what was bought on a page of which nobody has told yet.
async fn bought(w: &Wardesk, wish: &Wish) -> Result<(), PaymentsError> {
    match reconcile::customer(w, &request(wish)?.customer).await? {
        // Another reading will know: the wish stays until it does.
        Reconciled::Superseded => Ok(()),
        _ => wish::over(w, &wish.id).await,
    }
}

/// Ends the pages of a person who leaves as well as it goes, and answers the licences that they would pay for: who
/// pays in the same moment must not get one.
pub(super) async fn leave(w: &Wardesk, user: UserId) -> Result<Vec<LicenceId>, StorageError> {
    let mut licences = Vec::new();
    for wish in wishes::open_of_user(w.store().read(), KIND, user).await? {
        if let Some(licence) = request(&wish)?.metadata.get(keys::LICENCE) {
            licences.extend(licence.parse::<LicenceId>().ok());
        }
        let (Ok(payments), Some(object)) = (provider(w), &wish.object) else { continue };
        let ended = tokio::time::timeout(PATIENCE, expire(w, payments, object)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("a page of somebody who leaves could not be ended");
        }
    }
    Ok(licences)
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

/// The page of a wish: made now, or as it is by now. An expired one if the wish was over before its page was made.
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
            let first = wishes::made(tx.conn(), &wish.id, &checkout.id).await?;
            tx.commit().await?;
            fail::fail_point!(at::AFTER_PAGE);
            if first {
                return Ok(checkout);
            }
            // Another wish may have a page by now. Not ended, this one runs out: nobody has its address.
            if let Err(error) = expire(w, payments, &checkout.id).await {
                tracing::debug!(%error, "a page that nobody may use could not be ended");
            }
            Ok(Checkout { status: CheckoutStatus::Expired, url: None, ..checkout })
        }
        Err(PaymentError::Unavailable) => {
            // Sent again under its key it may be found to be made. Where the provider failed, its answer is kept under
            // the key for a day: then only another key helps. Source: Stripe API reference, "Idempotent requests".
            if wish.object.is_none() && w.now() >= wish.created.plus_seconds(SAME_KEY_SECONDS) {
                give_up(w, wish).await?;
            }
            Err(PaymentError::Unavailable.into())
        }
        Err(PaymentError::BadKey) => Err(PaymentError::BadKey.into()),
        Err(error) => {
            match wish.object {
                None => give_up(w, wish).await?,
                Some(_) => wish::over(w, &wish.id).await?,
            }
            Err(error.into())
        }
    }
}
