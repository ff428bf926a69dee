//! The provider's customer of an account.

use domain::ids::UserId;

use super::{PaymentsError, provider, wish};
use crate::Wardesk;
#[cfg(feature = "failpoints")]
use crate::failpoints::payments as at;

/// The customer of an account, found or made. A restored backup may not know one that the provider has.
pub(super) async fn ensure(w: &Wardesk, user: UserId) -> Result<String, PaymentsError> {
    let payments = provider(w)?;
    let live = payments.live();
    if let Some(known) = storage::payments::customer(w.store().read(), user, live).await? {
        return Ok(known);
    }
    if let Some(found) = payments.find_customer(user).await? {
        keep(w, user, live, &found, None).await?;
        return Ok(found);
    }
    // The search lags behind by a minute: until then the key keeps a second one from being made. So the wish is over
    // in the moment in which the customer is known, and not before.
    let wish = wish::stored(w, &wish::New::customer(user), || Ok(String::new())).await?;
    match payments.create_customer(&wish.id, user).await {
        Ok(made) => {
            fail::fail_point!(at::AFTER_CALL);
            keep(w, user, live, &made, Some(&wish.id)).await?;
            Ok(made)
        }
        refused => wish::settled(w, &wish, refused).await,
    }
}

/// Notes the customer of an account, and that a wish for one is over.
async fn keep(
    w: &Wardesk,
    user: UserId,
    live: bool,
    customer: &str,
    wish: Option<&str>,
) -> Result<(), PaymentsError> {
    let mut tx = w.store().begin().await?;
    storage::payments::keep_customer(tx.conn(), user, live, customer, w.now()).await?;
    if let Some(wish) = wish {
        storage::payments::wishes::over(tx.conn(), wish).await?;
    }
    fail::fail_point!(at::BEFORE_CUSTOMER);
    tx.commit().await?;
    fail::fail_point!(at::AFTER_CUSTOMER);
    Ok(())
}

/// Forgets the customer of an account, whom the provider may not have any more.
pub(super) async fn drop(w: &Wardesk, user: UserId) -> Result<(), PaymentsError> {
    let live = provider(w)?.live();
    let mut tx = w.store().begin().await?;
    storage::payments::drop_customer(tx.conn(), user, live).await?;
    tx.commit().await?;
    Ok(())
}
